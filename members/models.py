"""Every model of the app."""

from members.api_tokens.models import ApiToken
from members.audit_events.models import AuditEvent, AuditScope
from members.institutions.models import Institution
from members.notifications.models import Notification
from members.profiles.models import Profile
from members.users.models import PersonFacet, User

__all__ = [
    "ApiToken",
    "AuditEvent",
    "AuditScope",
    "Institution",
    "Notification",
    "PersonFacet",
    "Profile",
    "User",
]
