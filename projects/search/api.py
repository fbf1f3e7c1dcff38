"""The list of projects over the API."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from portal.common.api.pages import updated_since
from portal.common.api.views import ApiView
from projects.projects import actions as projects
from projects.projects.api import ProjectSerializer, counted, render
from projects.projects.models import Project
from projects.search.forms import LABELS, filter_from, unknown_in
from projects.search.matches import ProjectMatches

FILTERS = [
    OpenApiParameter("search", str, description="Words, beginnings of words, or near them"),
    *(
        OpenApiParameter(group, str, many=True, enum=list(labels) if len(labels) < 100 else None)
        for group, labels in LABELS.items()
    ),
    OpenApiParameter(
        "ordering",
        str,
        enum=["-active_at", "active_at", "-created_at", "created_at", "title", "-title"],
    ),
    OpenApiParameter("updated_since", str, description="ISO 8601 with offset"),
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int),
]


class Projects(ApiView):
    """All projects the caller may know of."""

    ordering_fields = ("active_at", "created_at", "updated_at", "title")
    default_ordering = ("-active_at", "-id")

    @extend_schema(
        operation_id="projects_list",
        parameters=FILTERS,
        responses=ProjectSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Projects, filtered as on the page."""
        params = request.query_params.copy()
        params["q"] = params.get("search", "")
        unknown = unknown_in(params)
        if unknown:
            raise ValidationError(unknown)
        visible = Project.objects.visible_to(request.user)
        wanted = filter_from(params)
        found = ProjectMatches(wanted, visible).found() if wanted else visible
        return self.page(counted(updated_since(found, request)), render)

    @extend_schema(
        operation_id="projects_create",
        request=ProjectSerializer,
        responses={201: ProjectSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a project; the caller leads it."""
        body = ProjectSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        project = projects.create(by=self.user, **body.validated_data)
        answer = render(counted(Project.objects.filter(pk=project.pk)).get())
        location = f"/api/v1/projects/{project.slug}/"
        return Response(answer, status=201, headers={"Location": location})
