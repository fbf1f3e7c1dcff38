"""Every model of the app."""

from projects.grants.models import Grant, GrantAim
from projects.join_requests.models import JoinRequest
from projects.memberships.models import Membership
from projects.openings.models import Opening
from projects.projects.models import Project
from projects.search.models import SearchWord
from projects.study_sites.models import StudySite

__all__ = [
    "Grant",
    "GrantAim",
    "JoinRequest",
    "Membership",
    "Opening",
    "Project",
    "SearchWord",
    "StudySite",
]
