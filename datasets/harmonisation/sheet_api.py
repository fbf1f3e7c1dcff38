"""The spreadsheet of mappings, for scripts."""

import uuid
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import parsers, renderers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import MappingStatus
from datasets.datasets.permissions import DatasetPermission, require
from datasets.harmonisation import sheet_changes
from datasets.harmonisation.sheet import SEPARATORS
from datasets.variables.api import InsideProjectView
from datasets.versions import storage
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.fields import OneOf
from portal.common.api.pages import FilterSerializer
from portal.common.api.renderers import CsvRenderer, csv_answer
from portal.common.api.views import reads_data
from projects.roles import Permission


class SheetFilterSerializer(FilterSerializer):
    """One dataset or all, and what stands between columns."""

    dataset = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    separator = OneOf(choices=list(SEPARATORS), default="comma")


class SheetBodySerializer(BodySerializer):
    """A file as it was fetched, filled in.

    With `dry_run` nothing is kept; with `partial` lines that do not fit are left out, else one of
    them refuses all.
    """

    file = serializers.FileField(allow_empty_file=True)
    dry_run = serializers.BooleanField(default=False)
    # Any: `partial` of a serializer is something else.
    partial: Any = serializers.BooleanField(default=False)


class SheetLineSerializer(serializers.Serializer):
    """What became of a line that says something else than what is in force."""

    row = serializers.IntegerField(source="line")
    dataset = serializers.IntegerField(source="dataset.pk", default=None, allow_null=True)
    variable = serializers.CharField(source="variable.name", default=None, allow_null=True)
    outcome = serializers.ChoiceField(choices=["new", "changed", "refused"])
    status = serializers.ChoiceField(choices=MappingStatus.choices, allow_null=True)
    rule = serializers.JSONField(allow_null=True)
    account = serializers.JSONField(allow_null=True)
    cautions = serializers.ListField(
        child=serializers.CharField(), help_text="What to look at before the rule is trusted."
    )
    code = serializers.CharField(source="error.code", default="")
    detail = serializers.CharField(source="error.detail", default="")


class SheetAnswerSerializer(serializers.Serializer):
    """What was changed; `step` takes it back at `/mapping-steps/{step}/undo/`."""

    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    step = serializers.UUIDField(allow_null=True)
    rows = SheetLineSerializer(many=True)


class StepSerializer(serializers.Serializer):
    """What a step taken back came to, in words."""

    detail = serializers.CharField()


class MappingSheet(InsideProjectView):
    """All mappings of a project, or of one dataset, as a spreadsheet."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"GET": Permission.SEE_INSIDE, "POST": Permission.ADD_DATA}
    parser_classes = [parsers.MultiPartParser]
    renderer_classes = [CsvRenderer, renderers.JSONRenderer]

    def get_renderers(self) -> list[renderers.BaseRenderer]:
        """What became of a file that was sent is told as JSON."""
        if self.request.method == "POST":
            return [renderers.JSONRenderer()]
        return super().get_renderers()

    @extend_schema(
        parameters=[SheetFilterSerializer], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, slug: str) -> Response:
        """Download the mappings as CSV, a line per dataset and variable."""
        asked = self.asked(SheetFilterSerializer)
        text = sheet_changes.write_sheet(
            project=self.project,
            user=self.user,
            dataset=asked.get("dataset"),
            separator=asked["separator"],
            exact=reads_data(request),
        )
        return csv_answer(f"mappings-{self.project.slug}.csv", text)

    @extend_schema(
        request={"multipart/form-data": SheetBodySerializer}, responses=SheetAnswerSerializer
    )
    def post(self, request: Request, slug: str) -> Response:
        """Map by a file: try it first with `dry_run`; lines without a rule change nothing."""
        sent = self.sent(SheetBodySerializer)
        plan = sheet_changes.plan(
            project=self.project,
            content=storage.quarantine(sent["file"]).path.read_bytes(),
            by=self.user,
            reads_data=reads_data(request),
        )
        step: uuid.UUID | None = None
        accepted = 0
        if not sent["dry_run"] and plan.fitting and (sent["partial"] or not plan.refused):
            step, accepted = sheet_changes.apply(plan=plan, by=self.user)
        answer: dict[str, Any] = {
            "accepted": len(plan.fitting) if sent["dry_run"] else accepted,
            "refused": len(plan.refused),
            "unchanged": plan.unchanged,
            "step": step,
            "rows": plan.changes,
        }
        return self.shown(SheetAnswerSerializer, answer)


class MappingStepUndo(InsideProjectView):
    """The way back from a step."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.ADD_DATA}

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        self.changed = sheet_changes.changed_by(
            project=self.project, batch=kwargs["batch"], user=self.user
        )
        if not self.changed:
            raise Http404

    def judge(self, need: Any) -> None:
        super().judge(need)
        for mapping in self.changed:
            require(self.user, DatasetPermission.MAP, mapping.dataset)

    @extend_schema(
        parameters=[OpenApiParameter("batch", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        request=None,
        responses=StepSerializer,
    )
    def post(self, request: Request, slug: str, batch: uuid.UUID) -> Response:
        """Make every mapping what it was before the step; those changed since are left alone."""
        said = sheet_changes.take_back(
            found=self.changed, batch=batch, by=self.user, reads_data=reads_data(request)
        )
        return self.shown(StepSerializer, {"detail": said})
