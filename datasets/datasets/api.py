"""Datasets: list, make, look at and change them; their audit trail."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from datasets.choices import Access, VersionState
from datasets.datasets import actions as datasets
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import require_audit
from members.audit_events.api import AuditEventPageSerializer
from members.audit_events.api import serialize as serialize_audit_event
from members.choices import Scope
from members.models import AuditEvent
from portal.common.api.views import ApiView
from portal.common.exceptions import Invalid
from projects.models import Project, StudySite
from projects.projects.permissions import require
from projects.roles import Permission

THRESHOLDS = (3, 5, 10, 11)


class DatasetChangeSerializer(serializers.Serializer):
    """What is said of a dataset, and who may read its rows."""

    site = serializers.IntegerField()
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    access = serializers.ChoiceField(choices=Access.choices, required=False)
    threshold = serializers.ChoiceField(choices=THRESHOLDS, required=False)


class DatasetBodySerializer(DatasetChangeSerializer):
    """A new dataset of a project's site."""

    project = serializers.SlugField()


class SiteSerializer(serializers.Serializer):
    """Where the data was collected."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    country = serializers.CharField()
    region = serializers.CharField()


class PersonSerializer(serializers.Serializer):
    """A person, by name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class LatestVersionSerializer(serializers.Serializer):
    """The newest version one may see."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    rows = serializers.IntegerField(allow_null=True)
    columns = serializers.IntegerField(allow_null=True)
    url = serializers.URLField()


class DatasetSerializer(serializers.Serializer):
    """A dataset as the caller may see it."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    project = serializers.CharField()
    site = SiteSerializer()
    title = serializers.CharField()
    description = serializers.CharField()
    access = serializers.ChoiceField(choices=Access.choices)
    threshold = serializers.IntegerField()
    rows_readable = serializers.BooleanField()
    latest_version = LatestVersionSerializer(allow_null=True)
    created_by = PersonSerializer()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DatasetPageSerializer(serializers.Serializer):
    """One page of datasets."""

    results = DatasetSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class DatasetFilterSerializer(serializers.Serializer):
    """What the list can be narrowed to."""

    project = serializers.SlugField(required=False)
    site = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    access = serializers.ChoiceField(choices=Access.choices, required=False)
    search = serializers.CharField(required=False)
    updated_since = serializers.DateTimeField(required=False)


def listed(user: Any) -> QuerySet[Dataset]:
    """The datasets the person may see, with all that showing them needs."""
    return (
        Dataset.objects.visible_to(user)
        .select_related("project", "site", "created_by")
        .with_row_right(user)
        .with_latest_version(user)
    )


def serialize(dataset: Any, request: Request) -> dict[str, Any]:
    """A dataset from `listed` as JSON."""
    latest = dataset.latest[0] if dataset.latest else None
    return {
        "id": dataset.pk,
        "url": reverse("api-dataset", args=[dataset.pk], request=request),
        "project": dataset.project.slug,
        "site": {
            "id": dataset.site_id,
            "name": dataset.site.name,
            "country": dataset.site.country,
            "region": dataset.site.region,
        },
        "title": dataset.title,
        "description": dataset.description,
        "access": dataset.access,
        "threshold": dataset.threshold,
        "rows_readable": dataset.rows_readable,
        "latest_version": latest
        and {
            "number": latest.number,
            "state": latest.state,
            "rows": latest.rows,
            "columns": latest.column_count,
            "url": reverse("api-version", args=[dataset.pk, latest.number], request=request),
        },
        "created_by": {"id": dataset.created_by_id, "name": dataset.created_by.name},
        "created_at": dataset.created_at,
        "updated_at": dataset.updated_at,
    }


class DatasetView(ApiView):
    """A call about one dataset."""

    dataset: Any

    def find(self, request: Request, **kwargs: Any) -> None:
        self.dataset = get_object_or_404(listed(request.user), pk=kwargs["pk"])


class Datasets(ApiView):
    """The datasets one may see."""

    scopes = {"POST": Scope.WRITE_DATA}
    ordering_fields = ("title", "created_at", "updated_at")

    @extend_schema(
        parameters=[
            DatasetFilterSerializer,
            OpenApiParameter("ordering", enum=[s + f for f in ordering_fields for s in ("", "-")]),
        ],
        responses=DatasetPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """List datasets, newest first."""
        filters = DatasetFilterSerializer(data=request.query_params)
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        found = listed(request.user)
        for name, field in (("project", "project__slug"), ("site", "site"), ("access", "access")):
            if name in asked:
                found = found.filter(**{field: asked[name]})
        found = found.matching(asked.get("search", ""))
        if "updated_since" in asked:
            found = found.filter(updated_at__gte=asked["updated_since"])
        return self.page(found, lambda dataset: serialize(dataset, request))

    @extend_schema(request=DatasetBodySerializer, responses={201: DatasetSerializer})
    def post(self, request: Request) -> Response:
        """Make a dataset; its first version is uploaded afterwards."""
        body = DatasetBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        slug = values.pop("project")
        project = Project.objects.visible_to(request.user).filter(slug=slug).first()
        if project is None:
            raise Invalid(errors={"project": gettext("There is no such project that you can see.")})
        require(self.user, Permission.ADD_DATA, project)
        site = find_site(project, values.pop("site"))
        made = datasets.create(project=project, site=site, **values, by=self.user)
        return Response(serialize(listed(request.user).get(pk=made.pk), request), status=201)


class DatasetDetail(DatasetView):
    """One dataset."""

    scopes = {"PATCH": Scope.WRITE_DATA}

    @extend_schema(responses=DatasetSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Look at a dataset."""
        return Response(serialize(self.dataset, request))

    @extend_schema(request=DatasetChangeSerializer(partial=True), responses=DatasetSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is said of the dataset, or who may read it."""
        body = DatasetChangeSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        if "site" in values:
            values["site"] = find_site(self.dataset.project, values["site"])
        datasets.change(dataset=self.dataset, by=self.user, **values)
        return Response(serialize(listed(request.user).get(pk=pk), request))


class DatasetAudit(DatasetView):
    """Who did what to one dataset."""

    default_ordering = ("-id",)

    @extend_schema(responses=AuditEventPageSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """List the dataset's audit trail, newest first: uploads, changes, downloads."""
        require_audit(request.user, self.dataset)
        return self.page(AuditEvent.objects.filter(dataset_id=pk), serialize_audit_event)


def find_site(project: Project, site_id: int) -> StudySite:
    """A site of the project, for whoever names one in a body."""
    site = project.sites.filter(pk=site_id).first() if 0 < site_id < 2**63 else None
    if site is None:
        raise Invalid(errors={"site": gettext("This project has no such site.")})
    return site
