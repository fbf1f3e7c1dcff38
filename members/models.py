"""Every model of the app."""

from members.api_tokens.models import ApiToken
from members.audit_events.models import AuditEvent
from members.institutions.models import Institution
from members.notifications.models import Notification
from members.profiles.models import Profile
from members.users.models import User

__all__ = ["ApiToken", "AuditEvent", "Institution", "Notification", "Profile", "User"]
