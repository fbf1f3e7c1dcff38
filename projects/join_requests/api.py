"""Join requests over the API."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from members.choices import Scope
from portal.common.api.pages import updated_since
from portal.common.api.views import ApiView
from projects.choices import JoinRequestState, Role
from projects.join_requests import actions as join_requests
from projects.join_requests.models import JoinRequest
from projects.projects.api import AccountSerializer, ProjectApiView
from projects.projects.permissions import require
from projects.roles import Permission

SHOWN = ("project", "user__profile__institution", "decided_by")


class AnswerSerializer(serializers.Serializer):
    """One of the project's questions as it read then, and its answer."""

    question = serializers.CharField()
    answer = serializers.CharField()


class JoinRequestSerializer(serializers.Serializer):
    """A request as it stands."""

    id = serializers.IntegerField()
    project = serializers.CharField(help_text="The project's slug")
    user = AccountSerializer()
    institution = serializers.CharField(allow_null=True)
    orcid = serializers.CharField(allow_null=True)
    disciplines = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()
    answers = AnswerSerializer(many=True)
    state = serializers.ChoiceField(JoinRequestState.choices)
    role = serializers.ChoiceField(Role.choices, allow_null=True)
    reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = AccountSerializer(allow_null=True)


class AskSerializer(serializers.Serializer):
    """What one brings, and an answer to each of the project's questions, in their order."""

    message = serializers.CharField(max_length=2000)
    answers = serializers.ListField(
        child=serializers.CharField(max_length=2000), max_length=5, required=False
    )


class ApproveSerializer(serializers.Serializer):
    """In which role the person comes in."""

    role = serializers.ChoiceField(Role.choices, default=Role.CONTRIBUTOR)


class DeclineSerializer(serializers.Serializer):
    """Why not; the person reads it."""

    reason = serializers.CharField(max_length=2000)


def render(join_request: JoinRequest) -> dict[str, Any]:
    """A request as scripts read it."""
    user, by = join_request.user, join_request.decided_by
    profile = getattr(user, "profile", None)
    institution = profile.institution if profile else None
    return {
        "id": join_request.pk,
        "project": join_request.project.slug,
        "user": {"id": user.pk, "name": user.name},
        "institution": institution.name if institution else None,
        "orcid": profile.orcid if profile else None,
        "disciplines": profile.disciplines if profile else [],
        "message": join_request.message,
        "answers": join_request.answers,
        "state": join_request.state,
        "role": join_request.role or None,
        "reason": join_request.reason or None,
        "created_at": join_request.created_at,
        "seen_at": join_request.seen_at,
        "decided_at": join_request.decided_at,
        "decided_by": {"id": by.pk, "name": by.name} if by else None,
    }


class JoinRequests(ProjectApiView):
    """Requests to join one project: all of them for its leads, one's own for others."""

    ordering_fields = ("created_at",)
    default_ordering = ("created_at", "id")

    @extend_schema(
        operation_id="join_requests_list",
        parameters=[
            OpenApiParameter("state", str, enum=JoinRequestState.values),
            OpenApiParameter("ordering", str, enum=["created_at", "-created_at"]),
            OpenApiParameter("updated_since", str),
            OpenApiParameter("cursor", str),
            OpenApiParameter("limit", int),
        ],
        responses=JoinRequestSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Requests, the oldest first."""
        visible = JoinRequest.objects.visible_to(self.user).filter(project=self.project)
        state = request.query_params.get("state")
        if state is not None:
            if state not in JoinRequestState.values:
                raise ValidationError(
                    {
                        "state": gettext("Choose one of: %(values)s.")
                        % {"values": ", ".join(JoinRequestState)}
                    }
                )
            visible = visible.filter(state=state)
        rows: list[JoinRequest] = []
        response = self.page(
            updated_since(visible, request).select_related(*SHOWN),
            lambda row: rows.append(row) or row,
        )
        join_requests.see(join_requests=rows, by=self.user)
        response.data["results"] = [render(row) for row in rows]
        return response

    @extend_schema(
        operation_id="join_requests_ask",
        request=AskSerializer,
        responses={201: JoinRequestSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Ask to join."""
        body = AskSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = join_requests.ask(project=self.project, by=self.user, **body.validated_data)
        return Response(render(fresh(asked)), status=201)


class JoinRequestStep(ApiView):
    """One step of a request the caller may see."""

    join_request: JoinRequest

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = JoinRequest.objects.visible_to(request.user).select_related(*SHOWN)
        self.join_request = get_object_or_404(visible, pk=kwargs["pk"])


class JoinRequestDetail(JoinRequestStep):
    """One request."""

    @extend_schema(operation_id="join_requests_read", responses=JoinRequestSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The request as it stands, for the person who waits."""
        join_requests.see(join_requests=[self.join_request], by=self.user)
        return Response(render(self.join_request))


class Approve(JoinRequestStep):
    """Let the person in."""

    scopes = {"POST": Scope.MANAGE_MEMBERS}

    @extend_schema(
        operation_id="join_requests_approve",
        request=ApproveSerializer,
        responses=JoinRequestSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Approve, in a role up to one's own."""
        require(self.user, Permission.MANAGE_MEMBERS, self.join_request.project)
        body = ApproveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        decided = join_requests.approve(
            join_request=self.join_request, by=self.user, **body.validated_data
        )
        return Response(render(fresh(decided)))


class Decline(JoinRequestStep):
    """Say no."""

    scopes = {"POST": Scope.MANAGE_MEMBERS}

    @extend_schema(
        operation_id="join_requests_decline",
        request=DeclineSerializer,
        responses=JoinRequestSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Decline, with the reason."""
        require(self.user, Permission.MANAGE_MEMBERS, self.join_request.project)
        body = DeclineSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        decided = join_requests.decline(
            join_request=self.join_request, by=self.user, **body.validated_data
        )
        return Response(render(fresh(decided)))


class Withdraw(JoinRequestStep):
    """Take one's own request back."""

    @extend_schema(
        operation_id="join_requests_withdraw", request=None, responses=JoinRequestSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        """Withdraw."""
        taken_back = join_requests.withdraw(join_request=self.join_request, by=self.user)
        return Response(render(fresh(taken_back)))


def fresh(join_request: JoinRequest) -> JoinRequest:
    """The request with everything its rendering shows."""
    return JoinRequest.objects.select_related(*SHOWN).get(pk=join_request.pk)
