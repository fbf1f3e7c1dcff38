"""Upload a file as a version of a dataset, and have one read again."""

import json
from typing import Any, cast

from django.http import QueryDict
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import parsers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.datasets.api import DatasetView
from datasets.datasets.permissions import DatasetPermission
from datasets.uploads import actions as versions
from datasets.versions.api import (
    ReadOptionsSerializer,
    VersionLineSerializer,
    VersionSerializer,
    VersionView,
)
from datasets.versions.models import Version
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.views import reads_data
from portal.common.exceptions import Invalid
from portal.common.models import storable


class UploadSerializer(BodySerializer):
    """A file, its SHA-256 if known, and reading options as a JSON text."""

    file = serializers.FileField()
    sha256 = serializers.CharField(required=False)
    options = serializers.CharField(required=False, help_text="JSON: see ReadOptions.")


class Versions(DatasetView):
    """The versions of one dataset."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": DatasetPermission.BRING}
    parser_classes = [parsers.MultiPartParser]
    ordering_fields = ("number", "created_at")
    default_ordering = ("-number",)

    @extend_schema(responses=VersionLineSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List the versions, newest first."""
        visible = Version.objects.visible_to(request.user).filter(dataset=pk)
        return self.page(VersionLineSerializer, visible)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={202: VersionSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Upload a file as the next version; workers read it, `job` tells how far they are."""
        file = request.FILES.get("file")
        if file is None:
            raise Invalid(
                errors={"file": gettext("Send the whole file in the multipart field “file”.")},
                code="file_missing",
            )
        # Either may wrongly come as a file: it stands for its name then, which is refused.
        fields = cast(QueryDict, request.data)
        if unknown := UploadSerializer().unknown_in(fields):
            raise Invalid(errors=unknown)
        version = versions.upload(
            dataset=self.dataset,
            file=file,
            sha256=str(fields.get("sha256", "")),
            options=parsed(str(fields.get("options", ""))),
            by=self.user,
        )
        return self.shown(VersionSerializer, version, status=202)


class VersionReadOptions(VersionView):
    """How the file of one version is read."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": DatasetPermission.CHANGE}

    def judge(self, need: Any) -> None:
        super().judge(need)
        exact = reads_data(self.request)
        versions.require_reading_again(self.user, self.version, reads_data=exact)

    @extend_schema(request=ReadOptionsSerializer, responses={202: VersionSerializer})
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Read the same file with other options: in place if it failed, else as a new version."""
        options = self.sent(ReadOptionsSerializer)
        again = versions.read_again(version=self.version, options=options, by=self.user)
        return self.shown(VersionSerializer, again, status=202)


def parsed(text: str) -> dict[str, Any]:
    """The options field of a multipart body."""
    if not text:
        return {}
    try:
        options = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            errors={"options": gettext("This is not JSON.")}, code="bad_option"
        ) from error
    if not isinstance(options, dict) or not storable(options):
        raise Invalid(
            errors={"options": gettext("Send a JSON object of plain text.")}, code="bad_option"
        )
    return options
