"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from members.notifications import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/done/", views.done_all, name="inbox-done-all"),
    path("inbox/<int:notification_id>/done/", views.done, name="inbox-done"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "notifications/",
        api.Notifications.as_view(),
        name="api-notifications-list",
    ),
    path(
        "notifications/<int:notification_id>/done/",
        api.NotificationDone.as_view(),
        name="api-notifications-done",
    ),
]
