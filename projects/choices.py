"""Closed lists of projects: roles, stages, states and what may follow them."""

from django.db import models
from django.utils.translation import gettext_lazy

from portal.common.transitions import Table


class JoinRequestState(models.TextChoices):
    """Where a request stands; nothing is ever approved by a time-out."""

    OPEN = "open", gettext_lazy("Waiting for a decision")
    APPROVED = "approved", gettext_lazy("Approved")
    DECLINED = "declined", gettext_lazy("Declined")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")


JOIN_REQUEST_TRANSITIONS: Table = {
    JoinRequestState.OPEN: frozenset(
        {JoinRequestState.APPROVED, JoinRequestState.DECLINED, JoinRequestState.WITHDRAWN}
    ),
}


class Role(models.TextChoices):
    """What a member is; `projects.roles` says what each may do."""

    LEAD = "lead", gettext_lazy("Lead")
    STEWARD = "steward", gettext_lazy("Data steward")
    CONTRIBUTOR = "contributor", gettext_lazy("Contributor")
    READER = "reader", gettext_lazy("Reader")


class OpeningKind(models.TextChoices):
    """The kinds of gap people can fill."""

    DISCIPLINE = "discipline", gettext_lazy("Discipline")
    METHOD = "method", gettext_lazy("Methods and statistics")
    REGION = "region", gettext_lazy("Sites in a region")
    DATA = "data", gettext_lazy("Data")
    RESOURCE = "resource", gettext_lazy("Equipment or funding")
    REVIEW = "review", gettext_lazy("Peer or ethics review")


SEEKS_SITES = (OpeningKind.REGION, OpeningKind.DATA)
"""A project that lacks one of these looks for sites."""


class Stage(models.TextChoices):
    """How far a project has come."""

    PLANNING = "planning", gettext_lazy("Planning")
    RECRUITING = "recruiting", gettext_lazy("Recruiting")
    HARMONISING = "harmonising", gettext_lazy("Harmonising")
    ANALYSING = "analysing", gettext_lazy("Analysing")
    REPORTING = "reporting", gettext_lazy("Reporting")


class Visibility(models.TextChoices):
    """Who sees a project from outside."""

    PUBLIC = "public", gettext_lazy("Public: everyone sees the project, its people and sites")
    LISTED = (
        "listed",
        gettext_lazy("Listed: everyone finds it; people, sites and data are for members"),
    )
    PRIVATE = "private", gettext_lazy("Private: only members know of it")


class JoinPolicy(models.TextChoices):
    """How a person becomes a member."""

    MANUAL = "manual", gettext_lazy("By request, a lead decides")
    VERIFIED = "verified", gettext_lazy("Open to verified accounts")
    CLOSED = "closed", gettext_lazy("By invitation")
