"""Projects and how people belong to them."""

from projects.models.join_request import (
    JOIN_REQUEST_TRANSITIONS,
    JoinRequest,
    JoinRequestState,
)
from projects.models.membership import Membership, Role
from projects.models.opening import Opening, OpeningKind
from projects.models.project import JoinPolicy, Project, Stage, Visibility
from projects.models.project_filter import ProjectFilter
from projects.models.project_matches import ProjectMatches
from projects.models.search_word import SearchWord, search_query
from projects.models.study_site import StudySite

__all__ = [
    "JOIN_REQUEST_TRANSITIONS",
    "JoinPolicy",
    "JoinRequest",
    "JoinRequestState",
    "Membership",
    "Opening",
    "OpeningKind",
    "Project",
    "ProjectFilter",
    "ProjectMatches",
    "Role",
    "SearchWord",
    "Stage",
    "StudySite",
    "Visibility",
    "search_query",
]
