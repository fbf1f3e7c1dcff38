"""A person's inbox."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.notifications import actions as notifications
from members.notifications.models import Notification
from portal.common.api.views import ApiView


class NotificationSerializer(serializers.Serializer):
    """One line of the inbox; it waits on the person when `action_label` is not empty."""

    id = serializers.IntegerField()
    event = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField()
    because = serializers.CharField()
    group = serializers.CharField()
    url = serializers.CharField()
    action_label = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class NotificationPageSerializer(serializers.Serializer):
    """One page of the inbox."""

    results = NotificationSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class FilterSerializer(serializers.Serializer):
    """What the list can be narrowed to."""

    open = serializers.BooleanField(allow_null=True, default=None)
    kind = serializers.CharField(required=False)
    group = serializers.CharField(required=False)
    search = serializers.CharField(required=False)
    updated_since = serializers.DateTimeField(required=False)


def serialize(notification: Notification) -> dict[str, Any]:
    return dict(NotificationSerializer(notification).data)


class Notifications(ApiView):
    """The caller's inbox."""

    ordering_fields = ("created_at", "updated_at")

    @extend_schema(
        operation_id="notifications_list",
        parameters=[
            FilterSerializer,
            OpenApiParameter(
                "ordering", enum=["created_at", "-created_at", "updated_at", "-updated_at"]
            ),
        ],
        responses=NotificationPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """List one's notifications, newest first."""
        filters = FilterSerializer(data=request.query_params)
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        lines = Notification.objects.visible_to(self.user)
        if asked["open"] is not None:
            lines = lines.filter(done_at__isnull=asked["open"])
        if "kind" in asked:
            lines = lines.filter(kind=asked["kind"])
        if "group" in asked:
            lines = lines.filter(group=asked["group"])
        if "search" in asked:
            lines = lines.filter(text__icontains=asked["search"])
        if "updated_since" in asked:
            lines = lines.filter(updated_at__gte=asked["updated_since"])
        return self.page(lines, serialize)


class NotificationDone(ApiView):
    """One line of the caller's inbox."""

    notification: Notification

    def find(self, request: Request, **kwargs: Any) -> None:
        lines = Notification.objects.visible_to(request.user)
        self.notification = get_object_or_404(lines, pk=kwargs["notification_id"])

    @extend_schema(request=None, responses=NotificationSerializer)
    def post(self, request: Request, notification_id: int) -> Response:
        """Tick the line off; doing it twice changes nothing."""
        return Response(serialize(notifications.done(notification=self.notification, by=self.user)))
