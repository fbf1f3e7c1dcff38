"""A person's inbox."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.notifications import actions as notifications
from members.notifications.models import Notification
from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.views import ApiView


class NotificationSerializer(serializers.Serializer):
    """One line of the inbox; it waits on the person when `action_label` is not empty."""

    id = serializers.IntegerField()
    event = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField(source="words.text")
    because = serializers.CharField(source="words.because")
    group = serializers.CharField()
    project_id = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()
    action_label = serializers.CharField(source="words.action_label")
    due_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class NotificationFilterSerializer(FilterSerializer):
    """What the list can be narrowed to."""

    open = serializers.BooleanField(allow_null=True, default=None)
    kind = serializers.CharField(required=False)
    group = serializers.CharField(required=False)
    search = serializers.CharField(required=False)


class Notifications(ApiView):
    """The caller's inbox."""

    ordering_fields = ("created_at", "updated_at")

    @extend_schema(
        operation_id="notifications_list",
        parameters=[
            NotificationFilterSerializer,
            ordering(*ordering_fields),
        ],
        responses=NotificationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List one's notifications, newest first."""
        asked = self.asked(NotificationFilterSerializer)
        lines = Notification.objects.visible_to(self.user)
        if asked["open"] is not None:
            lines = lines.filter(done_at__isnull=asked["open"])
        if "search" in asked:
            lines = lines.saying(asked["search"])
        lines = narrowed(lines, asked, kind="kind", group="group")
        return self.page(NotificationSerializer, lines)


class NotificationDone(ApiView):
    """One line of the caller's inbox."""

    notification: Notification

    def find(self, request: Request, **kwargs: Any) -> None:
        lines = Notification.objects.visible_to(request.user)
        self.notification = get_object_or_404(lines, pk=kwargs["notification_id"])

    @extend_schema(request=None, responses=NotificationSerializer)
    def post(self, request: Request, notification_id: int) -> Response:
        """Tick the line off; doing it twice changes nothing."""
        line = notifications.done(notification=self.notification, by=self.user)
        return self.shown(NotificationSerializer, line)
