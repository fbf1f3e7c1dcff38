"""The operator's console: how one signs in, and every page of the app in it.

Nothing here is edited by hand: what changes goes through the actions, which audit it.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from members.accounts.admin import UserAdmin
from members.audit_events.admin import AuditEventAdmin

__all__ = ["AuditEventAdmin", "UserAdmin"]

# Signing in goes through the portal's own page, with its lockout and its audit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.index_title = gettext_lazy("Portal administration")

# Their forms would change accounts without an audit row.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


def password_change(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The portal's own page, which audits the change."""
    return redirect("account_change_password")


admin.site.password_change = password_change  # type: ignore[method-assign, assignment]
