"""Datasets: list, make, look at and change them; their audit trail."""

from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import (
    THRESHOLDS,
    Access,
    DisclosureRules,
    Overlap,
    ReleasePolicy,
    VersionState,
)
from datasets.datasets import actions as datasets
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from members.audit_events.api import AuditEventSerializer
from members.choices import Scope
from members.models import AuditScope
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import AddressField, PersonSerializer
from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.views import ApiView, reads_data
from portal.common.exceptions import Invalid
from projects.models import Project, StudySite
from projects.projects.head import open_project
from projects.projects.permissions import require as require_in_project
from projects.roles import Permission


class DatasetChangeSerializer(BodySerializer):
    """What is said of a dataset, and who may read its rows."""

    site = serializers.IntegerField()
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    access = serializers.ChoiceField(choices=Access.choices, required=False)
    threshold = serializers.ChoiceField(choices=THRESHOLDS, required=False)
    disclosure_rules = serializers.ChoiceField(choices=DisclosureRules.choices, required=False)
    overlap = serializers.ChoiceField(choices=Overlap.choices, required=False)
    overlap_note = serializers.CharField(max_length=300, allow_blank=True, required=False)
    release_policy = serializers.ChoiceField(choices=ReleasePolicy.choices, required=False)


class ProjectNameSerializer(serializers.Serializer):
    """The project that a new dataset goes to."""

    project = serializers.SlugField()


class DatasetBodySerializer(DatasetChangeSerializer):
    """A new dataset of a project's site."""

    project = serializers.SlugField()


class SiteSerializer(serializers.Serializer):
    """Where the data was collected."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    country = serializers.CharField()
    region = serializers.CharField()


class LatestVersionSerializer(serializers.Serializer):
    """The newest version one may see; `rows` are rounded for whoever may not read them."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    rows = serializers.IntegerField(allow_null=True)
    approximate = serializers.BooleanField(default=False)
    columns = serializers.IntegerField(source="column_count", allow_null=True)
    url = AddressField("api-version", "dataset_id", "number")

    def to_representation(self, version: Any) -> dict[str, Any]:
        """With rows as the caller may know them."""
        shown = super().to_representation(version)
        if version.rows is None:
            return shown
        reads = reads_data(self.context["request"]) and version.dataset.rows_readable
        rows = version.rows_for(reads=reads)
        return {**shown, "rows": rows.n, "approximate": rows.about}


class DatasetSerializer(serializers.Serializer):
    """A dataset from `listed` as the caller may see it."""

    id = serializers.IntegerField()
    url = AddressField("api-dataset", "pk")
    project = serializers.CharField(source="project.slug")
    site = SiteSerializer()
    title = serializers.CharField()
    description = serializers.CharField()
    access = serializers.ChoiceField(choices=Access.choices)
    threshold = serializers.IntegerField()
    disclosure_rules = serializers.ChoiceField(choices=DisclosureRules.choices)
    overlap = serializers.ChoiceField(choices=Overlap.choices)
    overlap_note = serializers.CharField()
    release_policy = serializers.ChoiceField(choices=ReleasePolicy.choices)
    rows_readable = serializers.BooleanField()
    latest_version = LatestVersionSerializer(allow_null=True, read_only=True)
    created_by = PersonSerializer()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DatasetFilterSerializer(FilterSerializer):
    """What the list can be narrowed to."""

    project = serializers.SlugField(required=False)
    site = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    access = serializers.ChoiceField(choices=Access.choices, required=False)
    search = serializers.CharField(default="")


def listed(user: Any) -> QuerySet[Dataset]:
    """The datasets the person may see, with all that showing them needs."""
    return (
        Dataset.objects.visible_to(user)
        .select_related("project", "site", "created_by")
        .with_row_right(user)
        .with_latest_version(user)
    )


class DatasetView(ApiView):
    """A call about one dataset."""

    dataset: Any

    def find(self, request: Request, **kwargs: Any) -> None:
        self.dataset = get_object_or_404(listed(request.user), pk=kwargs["pk"])

    def judge(self, need: Any) -> None:
        require(self.user, need, self.dataset)


class Datasets(ApiView):
    """The datasets one may see."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.ADD_DATA}
    ordering_fields = ("title", "created_at", "updated_at")

    def judge(self, need: Any) -> None:
        named = ProjectNameSerializer(data=self.request.data)
        # A body that names none makes nothing, and hears so from `post`.
        if named.is_valid():
            require_in_project(self.user, need, self.project(named.validated_data["project"]))

    def project(self, slug: str) -> Project:
        """The project that a body names."""
        try:
            return open_project(self.request, slug)
        except Http404 as error:
            text = gettext("There is no such project that you can see.")
            raise Invalid(errors={"project": text}) from error

    @extend_schema(
        parameters=[DatasetFilterSerializer, ordering(*ordering_fields)],
        responses=DatasetSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List datasets, newest first."""
        asked = self.asked(DatasetFilterSerializer)
        found = narrowed(listed(request.user), asked, project="project__slug", site="site")
        if "access" in asked:
            found = found.at(asked["access"], request.user)
        return self.page(DatasetSerializer, found.matching(asked["search"]))

    @extend_schema(request=DatasetBodySerializer, responses={201: DatasetSerializer})
    def post(self, request: Request) -> Response:
        """Make a dataset; its first version is uploaded afterwards."""
        values = self.sent(DatasetBodySerializer, shown=[DatasetSerializer])
        project = self.project(values.pop("project"))
        site = find_site(project, values.pop("site"))
        made = datasets.create(project=project, site=site, **values, by=self.user)
        return self.shown(DatasetSerializer, listed(request.user).get(pk=made.pk), status=201)


class DatasetDetail(DatasetView):
    """One dataset."""

    scopes = {"PATCH": Scope.WRITE_DATA}
    needs = {"PATCH": DatasetPermission.CHANGE}

    @extend_schema(responses=DatasetSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Look at a dataset."""
        return self.shown(DatasetSerializer, self.dataset)

    @extend_schema(request=DatasetChangeSerializer(partial=True), responses=DatasetSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is said of the dataset, or who may read it.

        What shows anybody more, or guarded data by other rules, takes `read:data` as well.
        """
        values = self.sent(DatasetChangeSerializer, partial=True, shown=[DatasetSerializer])
        if "site" in values:
            values["site"] = find_site(self.dataset.project, values["site"])
        exact = reads_data(request)
        datasets.change(dataset=self.dataset, by=self.user, reads_data=exact, **values)
        return self.shown(DatasetSerializer, listed(request.user).get(pk=pk))


class DatasetAudit(DatasetView):
    """Who did what to one dataset."""

    needs = DatasetPermission.READ_AUDIT
    default_ordering = ("-event_id",)

    @extend_schema(
        operation_id="datasets_audit_retrieve", responses=AuditEventSerializer(many=True)
    )
    def get(self, request: Request, pk: int) -> Response:
        """List the dataset's audit trail, newest first: uploads, changes, downloads."""
        trail = AuditScope.objects.of("dataset", pk)
        return self.page(AuditEventSerializer, trail, each=attrgetter("event"))


def find_site(project: Project, site_id: int) -> StudySite:
    """A site of the project, for whoever names one in a body."""
    site = project.sites.filter(pk=site_id).first() if 0 < site_id < 2**63 else None
    if site is None:
        raise Invalid(errors={"site": gettext("This project has no such site.")})
    return site
