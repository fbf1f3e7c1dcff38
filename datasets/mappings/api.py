"""How one dataset's columns become a shared variable."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import MappingStatus
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.mappings import actions as mappings
from datasets.mappings import statuses
from datasets.mappings.caution import of_account
from datasets.mappings.cautions import cautions_for
from datasets.mappings.levels import SeenLevels
from datasets.mappings.models import Mapping
from datasets.mappings.shown import gated_profiles
from datasets.mappings.told import rows_read_among, rule_told
from datasets.variables.api import SharedVariableView
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.views import reads_data


class MappingBodySerializer(BodySerializer):
    """The version the rule is tried on, and the rule.

    Rules: {kind: copy, column} · {kind: recode, column, map, otherwise, if_missing} ·
    {kind: unit, column, from, to, analyte} · {kind: expression, sql}; null for a dataset that
    cannot provide the variable. What is missing stays missing whatever `otherwise` says; where an
    empty cell means something, `if_missing` says what. Of a rule the status is computed (complete:
    every value is accounted for; partial: some are not), whichever of the two is sent; without one
    it is impossible or, where none is sent, undetermined. A rule that loses every value is refused.
    """

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    status = serializers.ChoiceField(choices=MappingStatus.choices, allow_null=True, default=None)
    rule = serializers.JSONField(allow_null=True, default=None)
    note = serializers.CharField(max_length=300, allow_blank=True, default="")


class MappingRevisionSerializer(serializers.Serializer):
    """What the mapping was; send it again to go back to it.

    Whoever may not read the rows is told of a `rule` that speaks of values its kind and column
    alone, with a `sha256` that tells one from another.
    """

    revision = serializers.IntegerField(source="number")
    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField(choices=MappingStatus.choices)
    rule = serializers.JSONField(allow_null=True)
    note = serializers.CharField()
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField(source="changed_by.name")


class MappingSerializer(MappingBodySerializer):
    """A mapping with the distributions before and after, and what it was before."""

    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField(choices=MappingStatus.choices)
    variable = serializers.CharField(source="variable.name")
    dataset = serializers.IntegerField(source="dataset_id")
    preview = serializers.JSONField(allow_null=True)
    suppressed = serializers.JSONField(read_only=True)
    cautions = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What to look at first: another unit, values of an unusual size, or levels that "
        "other sites do not have.",
    )
    revision = serializers.IntegerField()
    waits_for_second_person = serializers.SerializerMethodField()
    changed_by = serializers.CharField(source="changed_by.name")
    approved_by = serializers.CharField(source="approved_by.name", default=None, allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    approved_without_values = serializers.BooleanField(
        help_text="Whoever approved the rule was not shown the values it speaks of."
    )
    revisions = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()

    def get_waits_for_second_person(self, mapping: Mapping) -> bool:
        return mapping.waits(mapping.dataset.project)

    @extend_schema_field(MappingRevisionSerializer(many=True))
    def get_revisions(self, mapping: Mapping) -> Any:
        revisions = mapping.revisions.select_related("version", "changed_by")
        return MappingRevisionSerializer(revisions, many=True).data

    def to_representation(self, mapping: Mapping) -> dict[str, Any]:
        """With what the caller may see of the rule's effect, and what was withheld."""
        request = self.context["request"]
        exact = reads_data(request)
        preview, suppressed = gated_profiles(
            request.user, mapping.dataset, mapping.preview, exact=exact
        )
        shown = super().to_representation(mapping)
        levels = SeenLevels(request.user, [mapping.variable], exact=exact)
        shown["status"] = levels.status(mapping, mapping.variable)
        warned = cautions_for(
            request.user, mapping.version, mapping.variable, mapping.rule, exact=exact
        )
        warned += of_account((preview or {}).get("account"))
        warned += levels.cautions(mapping.variable, mapping.dataset_id)
        reads_rows = exact and bool(rows_read_among(request.user, [mapping]))
        for one in (shown, *shown["revisions"]):
            one["rule"] = rule_told(one["rule"], mapping.dataset_id, reads_rows=reads_rows)
        return {**shown, "preview": preview, "suppressed": suppressed, "cautions": warned}


class MappingPreviewSerializer(serializers.Serializer):
    """What a rule would do: {status, preview, suppressed, cautions}, with nothing kept.

    `status` is null and `refusal` says why where saving it would be refused for what it loses. The
    values that no rule accounts for are `preview.account.missed`, for whoever may read the rows.
    `cautions` say what to look at first: another unit, values of an unusual size, or levels that
    other sites do not have.
    """

    status = serializers.ChoiceField(choices=MappingStatus.choices, allow_null=True)
    refusal = serializers.CharField(allow_blank=True)
    preview = serializers.JSONField(allow_null=True)
    suppressed = serializers.JSONField()
    cautions = serializers.ListField(child=serializers.CharField())


class MappingView(SharedVariableView):
    """A call on what one variable comes from in one dataset."""

    dataset: Dataset
    mapping: Mapping | None

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        seen = Dataset.objects.visible_to(request.user).filter(project=self.project)
        self.dataset = get_object_or_404(seen.select_related("project"), pk=kwargs["dataset_id"])
        self.mapping = self.variable.mappings.filter(dataset=self.dataset).first()

    def judge(self, need: Any) -> None:
        require(self.user, need, self.dataset)

    def asked_for(self) -> dict[str, Any]:
        """The body of a mapping, with the version it names."""
        asked = self.sent(
            MappingBodySerializer, shown=(MappingSerializer, MappingRevisionSerializer)
        )
        number = asked["version"]
        version = self.dataset.versions.visible_to(self.user).filter(number=number).first()
        if version is None:
            raise serializers.ValidationError(
                {"version": gettext("This dataset has no version %(number)s.") % {"number": number}}
            )
        return {**asked, "version": version, "variable": self.variable, "dataset": self.dataset}

    def answer(self, mapping: Mapping, status: int = 200) -> Response:
        """The mapping of the variable and the dataset at hand."""
        mapping.variable, mapping.dataset = self.variable, self.dataset
        return self.shown(MappingSerializer, mapping, status=status)


class MappingDetail(MappingView):
    """The mapping of one variable and one dataset."""

    scopes = {"PUT": Scope.WRITE_DATA, "DELETE": Scope.WRITE_DATA}
    needs = {"PUT": DatasetPermission.MAP, "DELETE": DatasetPermission.MAP}

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        if self.mapping is None and request.method != "PUT":
            raise Http404

    def judge(self, need: Any) -> None:
        super().judge(need)
        if self.mapping is not None and self.request.method == "DELETE":
            self.mapping.dataset = self.dataset
            exact = reads_data(self.request)
            mappings.require_removable(mapping=self.mapping, by=self.user, reads_data=exact)

    @extend_schema(responses=MappingSerializer)
    def get(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Read a mapping."""
        if self.mapping is None:
            raise Http404
        return self.answer(self.mapping)

    @extend_schema(
        request=MappingBodySerializer, responses={200: MappingSerializer, 201: MappingSerializer}
    )
    def put(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Map the dataset to the variable; the rule is tried on the version's rows first."""
        mapping = mappings.save(**self.asked_for(), by=self.user, reads_data=reads_data(request))
        return self.answer(mapping, status=200 if self.mapping else 201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Forget how the dataset is mapped.

        Refused where a rule of it, an earlier one too, speaks of values that you are not shown:
        nobody could bring it back. A PUT without a rule keeps the revisions.
        """
        if self.mapping is None:
            raise Http404
        mappings.remove(mapping=self.mapping, by=self.user, reads_data=reads_data(request))
        return Response(status=204)


class MappingPreview(MappingView):
    """A dry run of a mapping."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": DatasetPermission.MAP}

    @extend_schema(request=MappingBodySerializer, responses=MappingPreviewSerializer)
    def post(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Try a mapping on the version's rows, with nothing kept of it."""
        asked = self.asked_for()
        del asked["note"]
        exact = reads_data(request)
        found = mappings.draft(**asked, by=self.user, reads_data=exact)
        shown, suppressed = gated_profiles(self.user, self.dataset, found, exact=exact)
        warned = cautions_for(
            self.user, asked["version"], self.variable, asked["rule"], exact=exact
        )
        warned += of_account((shown or {}).get("account"))
        answer = {"refusal": "", "preview": shown, "suppressed": suppressed, "cautions": warned}
        status = asked["status"] or MappingStatus.UNDETERMINED
        if found is not None:
            status, differing = SeenLevels(self.user, [self.variable], exact=exact).drafted(
                statuses.of_rule(found["account"]),
                self.variable,
                self.dataset,
                asked["rule"],
                shown,
            )
            warned += differing
            if statuses.keeps_nothing(found["account"]):
                answer["refusal"] = statuses.what_was_missed(
                    found["account"], asked["rule"], self.variable
                )
        refused = bool(answer["refusal"])
        return self.shown(
            MappingPreviewSerializer, {"status": None if refused else status, **answer}
        )


class MappingApprovalSerializer(BodySerializer):
    """The revision that was looked at, and whether it may be so without the rule's values."""

    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    without_values = serializers.BooleanField(
        default=False,
        help_text="Needed where you are not shown the values that the rule speaks of: you approve "
        "its columns and what it makes of them, which stays with your name.",
    )


class MappingApprove(MappingView):
    """A second person's word."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": DatasetPermission.MAP}

    def judge(self, need: Any) -> None:
        super().judge(need)
        if self.mapping is None:
            raise Http404
        self.mapping.dataset = self.dataset
        mappings.require_another(mapping=self.mapping, by=self.user)

    @extend_schema(request=MappingApprovalSerializer, responses=MappingSerializer)
    def post(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Approve the rule; whoever set it cannot."""
        if self.mapping is None:
            raise Http404
        asked = self.sent(MappingApprovalSerializer)
        self.mapping.variable, self.mapping.dataset = self.variable, self.dataset
        exact = reads_data(request)
        return self.answer(
            mappings.approve(mapping=self.mapping, **asked, by=self.user, reads_data=exact)
        )


class MappingUndo(MappingView):
    """Take the last change of a mapping back."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": DatasetPermission.MAP}

    @extend_schema(request=None, responses=MappingSerializer)
    def post(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Make the mapping what it was before its last change; that is a new revision."""
        if self.mapping is None:
            raise Http404
        self.mapping.variable, self.mapping.dataset = self.variable, self.dataset
        exact = reads_data(request)
        return self.answer(mappings.undo(mapping=self.mapping, by=self.user, reads_data=exact))
