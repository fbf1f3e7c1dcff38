"""People in the operator's console: find one, close or open the account."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from members.accounts import actions as users
from members.users.models import User
from portal.common.exceptions import DomainError
from portal.common.text import Text
from portal.web.admin import ReadOnly


@admin.register(User)
class UserAdmin(ReadOnly):
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
