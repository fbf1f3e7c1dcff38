"""The admin console's part of members: look up people, close accounts, read the audit trail.

Nothing here is edited by hand: what changes goes through the actions, which audit it.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from members.accounts import actions as users
from members.audit_events.models import AuditEvent
from members.users.models import User
from portal.common.exceptions import DomainError
from portal.common.language import Text

# Signing in goes through the portal's own page, with its lockout and its audit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.index_title = gettext_lazy("Portal administration")

# Their forms would change accounts without an audit row.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


def password_change(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The portal's own page, which audits the change."""
    return redirect("account_change_password")


admin.site.password_change = password_change  # type: ignore[method-assign]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to read and search, never to change by form."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People: find one, close or open the account."""

    list_display = ("name", "email", "is_active", "is_staff", "last_login", "created_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("name", "email")
    ordering = ("name", "id")
    fields = ("name", "email", "is_active", "is_staff", "last_login", "created_at")
    actions = ("deactivate", "reactivate")
    show_full_result_count = False

    @admin.action(
        description=gettext_lazy("Deactivate: end sessions and tokens now"), permissions=["view"]
    )
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, users.deactivate, gettext_lazy("Deactivated: %(email)s"))

    @admin.action(
        description=gettext_lazy("Reactivate: a new password is chosen by mailed link"),
        permissions=["view"],
    )
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, users.reactivate, gettext_lazy("Reactivated: %(email)s"))

    def each(self, request: HttpRequest, people: QuerySet[User], act: Any, done: Text) -> None:
        """Do it to each person chosen; one refusal does not stop the rest."""
        for user in people:
            try:
                act(user=user, by=request.user)
            except DomainError as error:
                self.message_user(
                    request,
                    gettext("Not done for %(email)s: %(error)s")
                    % {"email": user.email, "error": error.detail},
                    messages.ERROR,
                )
            else:
                self.message_user(request, str(done) % {"email": user.email}, messages.SUCCESS)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit trail, newest first."""

    list_display = ("at", "actor", "action", "object_type", "object_label")
    search_fields = ("actor", "action", "object_label", "=object_id", "=hash")
    ordering = ("-id",)
    show_full_result_count = False
