"""Versions of a dataset: upload a file, see how its reading goes and what came of it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from datasets.choices import VersionState
from datasets.datasets.api import PersonSerializer
from datasets.versions.models import Version
from datasets.versions.shown import problems_for, profile_for
from members.choices import Scope
from members.models import ApiToken
from portal.common.api.views import ApiView
from portal.jobs.api import JobSerializer
from portal.jobs.api import serialize as serialize_job


class ReadOptionsSerializer(serializers.Serializer):
    """How a file is read; what is left out is proposed from the file."""

    delimiter = serializers.CharField(required=False, allow_null=True, trim_whitespace=False)
    encoding = serializers.CharField(required=False, allow_null=True)
    decimal = serializers.CharField(required=False, allow_null=True)
    missing = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False), required=False, allow_null=True
    )
    types = serializers.DictField(child=serializers.CharField(), required=False)


class ProblemSerializer(serializers.Serializer):
    """One thing wrong with a file; `row` counts lines, the header being 1."""

    code = serializers.CharField()
    detail = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)
    value = serializers.CharField(allow_null=True)
    cure = serializers.CharField()


class ProblemListSerializer(serializers.Serializer):
    """The first problems of a file, 100 at most."""

    results = ProblemSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class VersionSerializer(serializers.Serializer):
    """A version as the caller may see it."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    dataset = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    filename = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    columns = serializers.IntegerField(allow_null=True)
    table_sha256 = serializers.CharField(allow_null=True)
    options = ReadOptionsSerializer(help_text="What the uploader fixed.")
    read_options = ReadOptionsSerializer(help_text="How the file was read.")
    problems = ProblemSerializer(many=True)
    job = JobSerializer(allow_null=True)
    created_by = PersonSerializer()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)


class VersionListedSerializer(serializers.Serializer):
    """A version as lists show it."""

    number = serializers.IntegerField()
    url = serializers.URLField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    filename = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    columns = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)


class VersionPageSerializer(serializers.Serializer):
    """One page of versions."""

    results = VersionListedSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ProfileSerializer(serializers.Serializer):
    """Rows, and what each column holds; small counts are withheld from whoever may not read
    the rows, and `exact` says which it is."""

    rows = serializers.IntegerField()
    columns = serializers.ListField(child=serializers.DictField())
    exact = serializers.BooleanField()


def serialize_listed(version: Version, request: Request) -> dict[str, Any]:
    """What a list says of a version."""
    return {
        "number": version.number,
        "url": reverse("api-version", args=[version.dataset_id, version.number], request=request),
        "state": version.state,
        "filename": version.filename,
        "bytes": version.bytes,
        "sha256": version.sha256,
        "rows": version.rows,
        "columns": version.column_count,
        "created_at": version.created_at,
        "published_at": version.published_at,
    }


def serialize(version: Version, request: Request) -> dict[str, Any]:
    """A version with its problems and the job that reads it."""
    job = version.latest_job()
    return {
        "id": version.pk,
        "dataset": version.dataset_id,
        **serialize_listed(version, request),
        "table_sha256": version.table_sha256 or None,
        "options": version.options,
        "read_options": version.read_options,
        "problems": problems_for(request.user, version, exact=reads_data(request)),
        "job": job and serialize_job(job, request),
        "created_by": {"id": version.created_by_id, "name": version.created_by.name},
        "updated_at": version.updated_at,
    }


def reads_data(request: Request) -> bool:
    """Whether the call may carry row-level data: a token needs a scope of its own for that."""
    return not isinstance(request.auth, ApiToken) or Scope.READ_DATA in request.auth.scopes


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


class VersionDetail(VersionView):
    """One version."""

    @extend_schema(responses=VersionSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """Look at a version."""
        return Response(serialize(self.version, request))


class VersionProfile(VersionView):
    """What the columns of one version hold."""

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """Profile of every column; exact with the right to read rows and the scope read:data."""
        return Response(profile_for(request.user, self.version, exact=reads_data(request)))


class VersionProblems(VersionView):
    """What was wrong with the file of one version."""

    @extend_schema(responses=ProblemListSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """List the problems; values and places only for whoever may read the rows."""
        problems = problems_for(request.user, self.version, exact=reads_data(request))
        return Response({"results": problems, "next": None, "previous": None})
