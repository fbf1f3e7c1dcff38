"""Addresses of the app's pages and API calls.

Of allauth's pages only those are served that the portal offers and has templates for.
"""

from allauth.account import views as accounts
from django.urls import URLPattern, URLResolver, path, re_path

from members.api import api_tokens as api_tokens_api
from members.api import notifications as notifications_api
from members.views import api_tokens, notifications, profiles

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", accounts.login, name="account_login"),
    path("accounts/logout/", accounts.logout, name="account_logout"),
    path("accounts/signup/", accounts.signup, name="account_signup"),
    path("accounts/inactive/", accounts.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", accounts.reauthenticate, name="account_reauthenticate"),
    path("accounts/email/", accounts.email, name="account_email"),
    path(
        "accounts/confirm-email/",
        accounts.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$",
        accounts.confirm_email,
        name="account_confirm_email",
    ),
    path("accounts/password/change/", accounts.password_change, name="account_change_password"),
    path("accounts/password/reset/", accounts.password_reset, name="account_reset_password"),
    path(
        "accounts/password/reset/done/",
        accounts.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        accounts.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        accounts.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/", profiles.account, name="account"),
    path("account/tokens/", api_tokens.tokens, name="api-tokens"),
    path("account/tokens/<int:token_id>/revoke/", api_tokens.revoke, name="api-token-revoke"),
    path("inbox/", notifications.inbox, name="inbox"),
    path("inbox/done/", notifications.done_all, name="inbox-done-all"),
    path("inbox/<int:notification_id>/done/", notifications.done, name="inbox-done"),
]

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("tokens/", api_tokens_api.ApiTokens.as_view(), name="api-tokens-list"),
    path(
        "tokens/<int:token_id>/", api_tokens_api.ApiTokenDetail.as_view(), name="api-tokens-detail"
    ),
    path(
        "notifications/",
        notifications_api.Notifications.as_view(),
        name="api-notifications-list",
    ),
    path(
        "notifications/<int:notification_id>/done/",
        notifications_api.NotificationDone.as_view(),
        name="api-notifications-done",
    ),
]
