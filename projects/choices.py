"""Closed lists of projects: roles, stages, states and what may follow them."""

from django.db import models

from portal.common.transitions import Table


class JoinRequestState(models.TextChoices):
    """Where a request stands; nothing is ever approved by a time-out."""

    OPEN = "open", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


JOIN_REQUEST_TRANSITIONS: Table = {
    JoinRequestState.OPEN: frozenset(
        {JoinRequestState.APPROVED, JoinRequestState.DECLINED, JoinRequestState.WITHDRAWN}
    ),
}


class Role(models.TextChoices):
    """What a member is; `projects.permissions` says what each may do."""

    LEAD = "lead", "Lead"
    STEWARD = "steward", "Data steward"
    CONTRIBUTOR = "contributor", "Contributor"
    READER = "reader", "Reader"


class OpeningKind(models.TextChoices):
    """The kinds of gap people can fill."""

    DISCIPLINE = "discipline", "Discipline"
    METHOD = "method", "Methods and statistics"
    REGION = "region", "Sites in a region"
    DATA = "data", "Data"
    RESOURCE = "resource", "Equipment or funding"
    REVIEW = "review", "Peer or ethics review"


class Stage(models.TextChoices):
    """How far a project has come."""

    PLANNING = "planning", "Planning"
    RECRUITING = "recruiting", "Recruiting"
    HARMONISING = "harmonising", "Harmonising"
    ANALYSING = "analysing", "Analysing"
    REPORTING = "reporting", "Reporting"


class Visibility(models.TextChoices):
    """Who sees a project from outside."""

    PUBLIC = "public", "Public: everyone sees the project, its people and sites"
    LISTED = "listed", "Listed: everyone finds it; people, sites and data are for members"
    PRIVATE = "private", "Private: only members know of it"


class JoinPolicy(models.TextChoices):
    """How a person becomes a member."""

    MANUAL = "manual", "By request, a lead decides"
    VERIFIED = "verified", "Open to verified accounts"
    CLOSED = "closed", "By invitation"
