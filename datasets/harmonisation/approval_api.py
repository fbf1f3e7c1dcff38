"""Rules that wait for the caller, and several approved in one call."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import MappingStatus
from datasets.harmonisation.matrix import Matrix
from datasets.harmonisation.places import matrix_datasets
from datasets.harmonisation.waiting_cells import MOST, approve_all, waiting_cells
from datasets.variables.api import InsideProjectView
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.views import reads_data
from projects.projects.permissions import permissions_of
from projects.roles import Permission


class WaitingRuleSerializer(serializers.Serializer):
    """A rule that somebody else set, as far as the caller is told it, and what it does.

    `key` approves this revision of it.
    """

    key = serializers.CharField()
    variable = serializers.CharField(source="variable.name")
    dataset = serializers.IntegerField(source="dataset.pk")
    revision = serializers.IntegerField(source="mapping.revision")
    changed_by = serializers.CharField(source="mapping.changed_by.name")
    status = serializers.ChoiceField(choices=MappingStatus.choices, source="look.status")
    rule = serializers.JSONField(source="rule_told")
    is_told_whole = serializers.BooleanField(
        source="is_told",
        help_text="False where the rule speaks of values that you are not shown: it is approved "
        "with `without_values` alone.",
    )
    preview = serializers.JSONField(allow_null=True)
    suppressed = serializers.JSONField()
    cautions = serializers.ListField(child=serializers.CharField())


class WaitingRulesSerializer(serializers.Serializer):
    """The first that wait; `more` tells that others follow once these are approved."""

    waiting = WaitingRuleSerializer(many=True)
    more = serializers.BooleanField()


class ApproveRulesSerializer(BodySerializer):
    """Keys of rules, as they were read."""

    approve = serializers.ListField(
        child=serializers.CharField(max_length=80), min_length=1, max_length=MOST
    )
    without_values = serializers.BooleanField(
        default=False,
        help_text="Needed for those whose values you are not shown: you approve their columns and "
        "what they make of them, which stays with your name.",
    )


class ApprovedRuleSerializer(serializers.Serializer):
    """What became of one: approved, refused (and why), or changed since it was read."""

    key = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["approved", "refused", "changed"])
    variable = serializers.CharField(source="variable.name", default=None, allow_null=True)
    dataset = serializers.IntegerField(source="dataset.pk", default=None, allow_null=True)
    code = serializers.CharField(source="error.code", default="")
    detail = serializers.CharField(source="error.detail", default="")


class ApprovedRulesSerializer(serializers.Serializer):
    """How many were approved, and what became of each."""

    approved = serializers.IntegerField()
    results = ApprovedRuleSerializer(many=True)


class MappingApprovals(InsideProjectView):
    """Rules that wait for the caller as a second person."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = Permission.ADD_DATA

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        self.granted = permissions_of(self.user, self.project)

    def matrix(self) -> Matrix:
        """All cells of the project, as the caller and the token may see them."""
        datasets = matrix_datasets(self.user, self.project)
        exact = reads_data(self.request)
        return Matrix(self.user, self.project, datasets, self.granted, exact=exact)

    @extend_schema(responses=WaitingRulesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Which rules wait for you, and what each does."""
        matrix = self.matrix()
        found, more = waiting_cells(matrix, matrix.variables, matrix.datasets)
        return self.shown(WaitingRulesSerializer, {"waiting": found, "more": more})

    @extend_schema(request=ApproveRulesSerializer, responses=ApprovedRulesSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Approve several rules; one that changed meanwhile, or is refused, is left out."""
        asked = self.sent(ApproveRulesSerializer)
        keys = asked["approve"]
        results = approve_all(
            self.matrix(),
            keys,
            without_values=keys if asked["without_values"] else (),
            by=self.user,
            reads_data=reads_data(request),
        )
        approved = sum(one.outcome == "approved" for one in results)
        return self.shown(ApprovedRulesSerializer, {"approved": approved, "results": results})
