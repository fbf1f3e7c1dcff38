"""Every page of the app in the operator's console."""

from projects.join_requests.admin import JoinRequestAdmin
from projects.memberships.admin import MembershipAdmin
from projects.openings.admin import OpeningAdmin
from projects.projects.admin import ProjectAdmin
from projects.study_sites.admin import StudySiteAdmin

__all__ = [
    "JoinRequestAdmin",
    "MembershipAdmin",
    "OpeningAdmin",
    "ProjectAdmin",
    "StudySiteAdmin",
]
