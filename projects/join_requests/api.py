"""Join requests over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import ChoiceOrNull, OneOf, PersonSerializer, TextOrNull
from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.views import ApiView
from projects.choices import JoinRequestState, Role
from projects.join_requests import actions as join_requests
from projects.join_requests.models import JoinRequest
from projects.join_requests.permissions import JoinRequestPermission, require_own
from projects.projects.api import ProjectApiView
from projects.projects.permissions import require
from projects.projects.words import disciplines_of
from projects.roles import Permission

SHOWN = ("project", "user__profile__institution", "decided_by")


class AnswerSerializer(serializers.Serializer):
    """One of the project's questions as it read then, and its answer."""

    question = serializers.CharField()
    answer = serializers.CharField()


class JoinRequestSerializer(serializers.Serializer):
    """A request as it stands."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="project.slug", help_text="The project's slug")
    user = PersonSerializer()
    institution = serializers.CharField(source="user.profile.institution.name", allow_null=True)
    orcid = serializers.CharField(source="user.profile.orcid", allow_null=True)
    disciplines = serializers.SerializerMethodField()
    message = serializers.CharField()
    answers = AnswerSerializer(many=True)
    state = serializers.ChoiceField(JoinRequestState.choices)
    role = ChoiceOrNull(Role.choices, allow_null=True)
    reason = TextOrNull(allow_null=True)
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonSerializer(allow_null=True)

    def get_disciplines(self, join_request: JoinRequest) -> list[str]:
        return list(disciplines_of(join_request.user))


class AskSerializer(BodySerializer):
    """What one brings, and an answer to each of the project's questions, in their order."""

    message = serializers.CharField(max_length=2000)
    answers = serializers.ListField(
        child=serializers.CharField(max_length=2000), max_length=5, required=False
    )


class ApproveSerializer(BodySerializer):
    """In which role the person comes in."""

    role = serializers.ChoiceField(Role.choices, default=Role.CONTRIBUTOR)


class DeclineSerializer(BodySerializer):
    """Why not; the person reads it."""

    reason = serializers.CharField(max_length=2000)


class JoinRequestFilterSerializer(FilterSerializer):
    """What the list can be narrowed to."""

    state = OneOf(JoinRequestState.choices, required=False)


class JoinRequests(ProjectApiView):
    """Requests to join one project: all of them for its leads, one's own for others."""

    ordering_fields = ("created_at",)
    default_ordering = ("created_at", "id")

    @extend_schema(
        operation_id="join_requests_list",
        parameters=[JoinRequestFilterSerializer, ordering(*ordering_fields)],
        responses=JoinRequestSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Requests, the oldest first."""
        rows = JoinRequest.objects.visible_to(self.user).filter(project=self.project)
        rows = narrowed(rows, self.asked(JoinRequestFilterSerializer), state="state")
        return self.page(JoinRequestSerializer, rows.select_related(*SHOWN))

    def read_by_caller(self, rows: list[JoinRequest]) -> None:
        join_requests.see(join_requests=rows, by=self.user)

    @extend_schema(
        operation_id="join_requests_ask",
        request=AskSerializer,
        responses={201: JoinRequestSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Ask to join."""
        values = self.sent(AskSerializer, shown=[JoinRequestSerializer])
        asked = join_requests.ask(project=self.project, by=self.user, **values)
        return self.shown(JoinRequestSerializer, fresh(asked), status=201)


class JoinRequestStep(ApiView):
    """One step of a request the caller may see."""

    join_request: JoinRequest

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = JoinRequest.objects.visible_to(request.user).select_related(*SHOWN)
        self.join_request = get_object_or_404(visible, pk=kwargs["pk"])

    def judge(self, need: Any) -> None:
        require(self.user, need, self.join_request.project)


class JoinRequestDetail(JoinRequestStep):
    """One request."""

    @extend_schema(operation_id="join_requests_read", responses=JoinRequestSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The request as it stands, for the person who waits."""
        join_requests.see(join_requests=[self.join_request], by=self.user)
        return self.shown(JoinRequestSerializer, self.join_request)


class Approve(JoinRequestStep):
    """Let the person in."""

    scopes = {"POST": Scope.MANAGE_MEMBERS}
    needs = Permission.MANAGE_MEMBERS

    @extend_schema(
        operation_id="join_requests_approve",
        request=ApproveSerializer,
        responses=JoinRequestSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Approve, in a role up to one's own."""
        values = self.sent(ApproveSerializer, shown=[JoinRequestSerializer])
        decided = join_requests.approve(join_request=self.join_request, by=self.user, **values)
        return self.shown(JoinRequestSerializer, fresh(decided))


class Decline(JoinRequestStep):
    """Say no."""

    scopes = {"POST": Scope.MANAGE_MEMBERS}
    needs = Permission.MANAGE_MEMBERS

    @extend_schema(
        operation_id="join_requests_decline",
        request=DeclineSerializer,
        responses=JoinRequestSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Decline, with the reason."""
        values = self.sent(DeclineSerializer, shown=[JoinRequestSerializer])
        decided = join_requests.decline(join_request=self.join_request, by=self.user, **values)
        return self.shown(JoinRequestSerializer, fresh(decided))


class Withdraw(JoinRequestStep):
    """Take one's own request back."""

    needs = JoinRequestPermission.WITHDRAW

    def judge(self, need: Any) -> None:
        require_own(self.user, self.join_request)

    @extend_schema(
        operation_id="join_requests_withdraw", request=None, responses=JoinRequestSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        """Withdraw."""
        taken_back = join_requests.withdraw(join_request=self.join_request, by=self.user)
        return self.shown(JoinRequestSerializer, fresh(taken_back))


def fresh(join_request: JoinRequest) -> JoinRequest:
    """The request with everything its rendering shows."""
    return JoinRequest.objects.select_related(*SHOWN).get(pk=join_request.pk)
