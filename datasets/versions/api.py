"""Versions of a dataset: how the reading of a file goes, and what came of it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import JobKind, VersionState
from datasets.datasets.permissions import require
from datasets.versions.models import Version
from datasets.versions.shown import file_for, problems_for, profile_for, rows_read_by
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import AddressField, PersonSerializer, TextOrNull
from portal.common.api.pages import OnePage
from portal.common.api.views import ApiView, reads_data
from portal.jobs.api import JobSerializer
from portal.jobs.models import Job


class ReadOptionsSerializer(BodySerializer):
    """How a file is read; what is left out is proposed from the file."""

    delimiter = serializers.CharField(required=False, allow_null=True, trim_whitespace=False)
    encoding = serializers.CharField(required=False, allow_null=True)
    decimal = serializers.CharField(required=False, allow_null=True)
    missing = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False), required=False, allow_null=True
    )
    types = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        error_messages={
            "not_a_dict": gettext_lazy("Give types as an object, each column with its type.")
        },
    )

    def to_representation(self, options: dict[str, Any]) -> dict[str, Any]:
        """As they are kept: what is absent was left to the proposal."""
        return options


class ProblemSerializer(serializers.Serializer):
    """One thing wrong with a file; `row` counts lines, the header being 1."""

    code = serializers.CharField()
    detail = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)
    value = serializers.CharField(allow_null=True)
    cure = serializers.CharField()
    offer = ReadOptionsSerializer(allow_null=True, help_text="Read the file with these instead.")


class VersionLineSerializer(serializers.Serializer):
    """A version as lists show it.

    Without the right to read its rows `sha256` is another hash, which only tells versions apart,
    `bytes` has one digit, and `rows` is rounded to five: then `approximate` is true.
    """

    number = serializers.IntegerField()
    url = AddressField("api-version", "dataset_id", "number")
    state = serializers.ChoiceField(choices=VersionState.choices)
    filename = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    approximate = serializers.BooleanField(default=False)
    columns = serializers.IntegerField(source="column_count", allow_null=True)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, version: Version) -> dict[str, Any]:
        """With hashes and sizes as the caller may see them."""
        shown = super().to_representation(version)
        reads = self.reads_rows(version)
        file = file_for(version, reads_rows=reads)
        shown |= {name: file[name] for name in shown.keys() & file.keys()}
        if version.rows is None:
            return shown
        rows = version.rows_for(reads=reads)
        return {**shown, "rows": rows.n, "approximate": rows.about}

    @cached_property
    def reads_rows(self) -> Callable[[Version], bool]:
        """Whether the caller may read a version's rows; one serializer writes all lines."""
        request = self.context["request"]
        return rows_read_by(request.user, exact=reads_data(request))


class VersionSerializer(VersionLineSerializer):
    """A version as the caller may see it, with its problems and the job that reads it."""

    id = serializers.IntegerField()
    dataset = serializers.IntegerField(source="dataset_id")
    table_sha256 = TextOrNull(allow_null=True)
    options = ReadOptionsSerializer(help_text="What the uploader fixed.")
    read_options = ReadOptionsSerializer(help_text="How the file was read.")
    problems = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()
    created_by = PersonSerializer()
    updated_at = serializers.DateTimeField()

    @extend_schema_field(ProblemSerializer(many=True))
    def get_problems(self, version: Version) -> Any:
        request = self.context["request"]
        problems = problems_for(request.user, version, exact=reads_data(request))
        return ProblemSerializer(problems, many=True).data

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, version: Version) -> Any:
        seen = Job.objects.visible_to(self.context["request"].user)
        job = seen.latest_of(JobKind.INGEST, version.pk)
        return job and JobSerializer(job, context=self.context).data


class ProfileSerializer(serializers.Serializer):
    """Rows, and what each column holds; `exact` says whether as it is. For whoever may not read
    the rows small counts are withheld and all others rounded to five, and the profile is that of
    an earlier `version` where too few rows came and went since."""

    version = serializers.IntegerField()
    rows = serializers.IntegerField()
    columns = serializers.ListField(child=serializers.DictField())
    exact = serializers.BooleanField()


class VersionView(ApiView):
    """A call about one version of a dataset."""

    version: Version

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Version.objects.visible_to(request.user)
        self.version = get_object_or_404(
            visible.select_related("dataset__project", "dataset__site", "created_by"),
            dataset=kwargs["pk"],
            number=kwargs["number"],
        )

    def judge(self, need: Any) -> None:
        require(self.user, need, self.version.dataset)


class VersionDetail(VersionView):
    """One version."""

    @extend_schema(responses=VersionSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """Look at a version."""
        return self.shown(VersionSerializer, self.version)


class VersionProfile(VersionView):
    """What the columns of one version hold."""

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """Profile of every column; exact with the right to read rows and the scope read:data."""
        profile = profile_for(request.user, self.version, exact=reads_data(request))
        return self.shown(ProfileSerializer, profile)


class VersionProblems(VersionView):
    """What was wrong with the file of one version."""

    pagination_class = OnePage

    @extend_schema(responses=ProblemSerializer(many=True))
    def get(self, request: Request, pk: int, number: int) -> Response:
        """List the problems; values and places only for whoever may read the rows."""
        problems = problems_for(request.user, self.version, exact=reads_data(request))
        return self.page(ProblemSerializer, problems)
