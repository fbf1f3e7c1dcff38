"""People and what the portal keeps about them."""

from members.models.api_token import ApiToken, Scope
from members.models.audit_event import AuditEvent
from members.models.idempotency_key import IdempotencyKey
from members.models.institution import Institution
from members.models.notification import Notification
from members.models.profile import Discipline, Profile, validate_orcid
from members.models.user import User

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Discipline",
    "IdempotencyKey",
    "Institution",
    "Notification",
    "Profile",
    "Scope",
    "User",
    "validate_orcid",
]
