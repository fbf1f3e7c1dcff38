"""Pooled tables: build, read the recipe, download, remove."""

from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.pools import actions as pools
from datasets.pools.models import PooledTable
from datasets.pools.permissions import PooledPermission, require_removal
from datasets.variables.api import InsideProjectView
from members.accounts.sessions import Entry
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import AddressField
from portal.common.api.views import ApiView, SendsFile, reads_data
from portal.jobs.api import JobSerializer
from portal.jobs.models import Job
from portal.web.downloads import attachment
from projects.roles import Permission


class PooledInputSerializer(BodySerializer):
    """A version of one of the project's datasets."""

    dataset = serializers.IntegerField()
    version = serializers.IntegerField()


class PooledBodySerializer(BodySerializer):
    """What shall be pooled; all variables on offer where none are named."""

    inputs = PooledInputSerializer(many=True)
    variables = serializers.ListField(
        child=serializers.CharField(), allow_null=True, required=False, default=None
    )


class PooledLineSerializer(serializers.Serializer):
    """A pooled table as lists show it."""

    id = serializers.IntegerField()
    url = AddressField("api-pooled-table", "pk")
    project = serializers.CharField(source="project.slug")
    rows = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField(source="table_bytes", allow_null=True)
    sha256 = serializers.CharField(source="table_sha256")
    recipe_sha256 = serializers.CharField()
    created_by = serializers.CharField(source="created_by.name")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PooledTableSerializer(PooledLineSerializer):
    """A pooled table with the recipe that makes it again."""

    recipe = serializers.DictField()
    job = serializers.SerializerMethodField()

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, table: PooledTable) -> Any:
        job = Job.objects.visible_to(self.context["request"].user).latest_of("pool", table.pk)
        return job and JobSerializer(job, context=self.context).data


class PooledTables(InsideProjectView):
    """The pooled tables of a project."""

    scopes = {"GET": Scope.READ_DATA, "POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.ANALYSE}

    @extend_schema(responses=PooledLineSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the pooled tables of which you may read every row, newest first."""
        seen = PooledTable.objects.visible_to(self.user).filter(project=self.project)
        found = seen.select_related("project", "created_by").defer("recipe")
        return self.page(PooledLineSerializer, found)

    @extend_schema(request=PooledBodySerializer, responses={202: PooledTableSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Pool the rows of these versions; the bytes come by polling the job.

        By tokens of `read:data` beside `write:data`: the recipe tells as much as the rows.
        """
        sent = self.sent(PooledBodySerializer, shown=[PooledTableSerializer])
        reads = reads_data(request)
        table = pools.build(project=self.project, **sent, by=self.user, reads_data=reads)
        return self.shown(PooledTableSerializer, table, status=202)


class PooledTableView(ApiView):
    """A call on one pooled table."""

    table: PooledTable

    def find(self, request: Request, **kwargs: Any) -> None:
        seen = PooledTable.objects.visible_to(request.user)
        self.table = get_object_or_404(
            seen.select_related("project", "created_by"), pk=kwargs["pk"]
        )

    def judge(self, need: Any) -> None:
        require_removal(self.user, self.table)


class PooledTableDetail(PooledTableView):
    """One pooled table."""

    scopes = {"GET": Scope.READ_DATA, "DELETE": Scope.WRITE_DATA}
    needs = {"DELETE": PooledPermission.REMOVE}

    @extend_schema(responses=PooledTableSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Read a pooled table's recipe and hashes."""
        return self.shown(PooledTableSerializer, self.table)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a pooled table; its recipe can be asked for again."""
        pools.remove(table=self.table, by=self.user)
        return Response(status=204)


class PooledTableDownload(SendsFile, PooledTableView):
    """The bytes of one pooled table."""

    scopes = {"GET": Scope.READ_DATA}

    @extend_schema(
        parameters=[OpenApiParameter("format", enum=pools.FORMATS, default="parquet")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Download the table as Parquet or CSV; takes Range."""
        opened = pools.open_file(
            table=self.table, format=request.query_params.get("format", "parquet"), by=self.user
        )
        return attachment(
            request,
            opened.file,
            filename=opened.filename,
            content_type=opened.content_type,
            sha256=opened.sha256,
            may_go_on=partial(pools.may_go_on, table=self.table, entry=Entry.of(request)),
        )
