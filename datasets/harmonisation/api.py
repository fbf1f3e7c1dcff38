"""A project's shared variables."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets.choices import ColumnType, MappingStatus
from datasets.datasets.permissions import DatasetPermission
from datasets.harmonisation import actions as shared_variables
from datasets.harmonisation.matrix import Matrix, columns_of, newest_versions
from datasets.harmonisation.open_cells import MOST, Open, open_cells, take
from datasets.harmonisation.places import matrix_datasets
from datasets.harmonisation.sources import suggested
from datasets.mappings.api import MappingView
from datasets.mappings.levels import with_status_seen
from datasets.mappings.models import Mapping
from datasets.variables.api import (
    InsideProjectView,
    SharedVariableBodySerializer,
    SharedVariableView,
)
from datasets.variables.models import SharedVariable
from members.choices import Scope
from portal.common.api.bodies import BodySerializer
from portal.common.api.pages import FilterSerializer, narrowed, ordering
from portal.common.api.views import reads_data
from projects.projects.permissions import permissions_of
from projects.roles import Permission


class MappingStatusSerializer(serializers.Serializer):
    """How well one dataset provides the variable."""

    dataset = serializers.IntegerField(source="dataset_id")
    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField(choices=MappingStatus.choices, source="status_seen")
    revision = serializers.IntegerField()
    waits_for_second_person = serializers.SerializerMethodField()

    def get_waits_for_second_person(self, mapping: Mapping) -> bool:
        return mapping.waits(self.context["project"])


class SharedVariableSerializer(SharedVariableBodySerializer):
    """A shared variable, and which of the datasets one may see provide it."""

    id = serializers.IntegerField()
    repeat_of = serializers.CharField(source="repeat_of.name", default=None, allow_null=True)
    mappings = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field(MappingStatusSerializer(many=True))
    def get_mappings(self, variable: SharedVariable) -> Any:
        seen = self.context["mappings"].get(variable.pk, [])
        context = {"project": variable.project}
        return MappingStatusSerializer(seen, many=True, context=context).data


class SharedVariableFilterSerializer(FilterSerializer):
    """What the list can be narrowed to."""

    type = serializers.ChoiceField(choices=ColumnType.choices, required=False)
    topic = serializers.CharField(required=False)
    search = serializers.CharField(default="")


def seen_mappings(request: Request, **which: Any) -> dict[int, list[Mapping]]:
    """The mappings that the caller may see, by variable, each with its status."""
    seen = Mapping.objects.visible_to(request.user).filter(**which)
    mappings = list(seen.select_related("version", "variable").defer("preview"))
    with_status_seen(request.user, mappings, exact=reads_data(request))
    found: dict[int, list[Mapping]] = {}
    for one in mappings:
        found.setdefault(one.variable_id, []).append(one)
    return found


def defined(call: InsideProjectView, variable: SharedVariable | None = None) -> dict[str, Any]:
    """What a body says of a variable, an existing one's changes perhaps; a mistake in one field
    hides none in another."""
    shown = [SharedVariableSerializer]
    try:
        return call.sent(SharedVariableBodySerializer, partial=variable is not None, shown=shown)
    except serializers.ValidationError as error:
        sent, told = call.request.data, error.detail
        if not isinstance(sent, dict) or not isinstance(told, dict):
            raise
        name, type, codes = (
            sent.get(field, getattr(variable, field, default))
            for field, default in (("name", None), ("type", None), ("codes", {}))
        )
        mistakes = shared_variables.mistakes_in(
            call.project,
            name=None if variable and name == variable.name else name,
            type=type,
            codes=codes,
        )
        raise serializers.ValidationError({**mistakes, **told}) from error


class SharedVariables(InsideProjectView):
    """The variables a project defines."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = {"POST": Permission.HARMONISE}
    ordering_fields = ("name", "topic", "created_at", "updated_at")
    default_ordering = ("id",)

    @extend_schema(
        parameters=[SharedVariableFilterSerializer, ordering(*ordering_fields)],
        responses=SharedVariableSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the shared variables, and how well each dataset provides them."""
        asked = self.asked(SharedVariableFilterSerializer)
        found = narrowed(
            self.project.variables.select_related("repeat_of"), asked, type="type", topic="topic"
        )
        if words := asked["search"]:
            found = found.filter(Q(name__icontains=words) | Q(label__icontains=words))
        mappings = seen_mappings(request, variable__project=self.project)
        return self.page(SharedVariableSerializer, found, mappings=mappings)

    @extend_schema(request=SharedVariableBodySerializer, responses={201: SharedVariableSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Define a shared variable."""
        variable = shared_variables.create(project=self.project, **defined(self), by=self.user)
        return self.shown(SharedVariableSerializer, variable, status=201, mappings={})


class SharedVariableDetail(SharedVariableView):
    """One shared variable."""

    scopes = {"PATCH": Scope.WRITE_DATA, "DELETE": Scope.WRITE_DATA}
    needs = {"PATCH": Permission.HARMONISE, "DELETE": Permission.HARMONISE}

    @extend_schema(responses=SharedVariableSerializer)
    def get(self, request: Request, slug: str, name: str) -> Response:
        """Read a shared variable."""
        return self.answer(self.variable)

    @extend_schema(
        request=SharedVariableBodySerializer(partial=True), responses=SharedVariableSerializer
    )
    def patch(self, request: Request, slug: str, name: str) -> Response:
        """Change a shared variable; with another type or codes its mappings are checked again."""
        changes = defined(self, self.variable)
        return self.answer(
            shared_variables.change(
                variable=self.variable,
                changes=changes,
                by=self.user,
                reads_data=reads_data(request),
            )
        )

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, name: str) -> Response:
        """Remove a shared variable that nothing uses."""
        shared_variables.delete(variable=self.variable, by=self.user)
        return Response(status=204)

    def answer(self, variable: SharedVariable) -> Response:
        mappings = seen_mappings(self.request, variable=variable)
        return self.shown(SharedVariableSerializer, variable, mappings=mappings)


class SuggestionSerializer(serializers.Serializer):
    """A rule that is probably right, and what speaks for and against it."""

    column = serializers.CharField()
    rule = serializers.JSONField()
    reasons = serializers.ListField(child=serializers.CharField())
    against = serializers.ListField(child=serializers.CharField())


class OpenCellSerializer(SuggestionSerializer):
    """A suggestion for a variable that a dataset says nothing of yet; `key` accepts it."""

    key = serializers.CharField()
    variable = serializers.CharField(source="variable.name")
    dataset = serializers.IntegerField(source="dataset.pk")
    column = serializers.CharField(source="suggestion.column")
    rule = serializers.JSONField(source="suggestion.rule")
    reasons = serializers.ListField(child=serializers.CharField(), source="suggestion.reasons")
    against = serializers.ListField(child=serializers.CharField(), source="suggestion.against")


class OpenCellsSerializer(serializers.Serializer):
    """The first suggestions; `more` tells that others follow once these are accepted."""

    suggestions = OpenCellSerializer(many=True)
    more = serializers.BooleanField()


class AcceptSerializer(BodySerializer):
    """Keys of suggestions, as they were read."""

    accept = serializers.ListField(
        child=serializers.CharField(max_length=80), min_length=1, max_length=MOST
    )


class TakenSerializer(serializers.Serializer):
    """What became of one: accepted, refused (and why), or changed since it was read."""

    key = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["accepted", "refused", "changed"])
    variable = serializers.CharField(source="cell.variable.name", default=None, allow_null=True)
    dataset = serializers.IntegerField(source="cell.dataset.pk", default=None, allow_null=True)
    status = serializers.ChoiceField(
        choices=MappingStatus.choices, source="mapping.status_seen", default=None, allow_null=True
    )
    code = serializers.CharField(source="error.code", default="")
    detail = serializers.CharField(source="error.detail", default="")


class AcceptedSerializer(serializers.Serializer):
    """How many were accepted, and what became of each; `step` takes all of it back."""

    accepted = serializers.IntegerField()
    step = serializers.UUIDField(allow_null=True)
    results = TakenSerializer(many=True)


class Suggestions(InsideProjectView):
    """Suggestions for whatever the caller may map and nothing is said of yet."""

    scopes = {"POST": Scope.WRITE_DATA}
    needs = Permission.ADD_DATA

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        self.granted = permissions_of(self.user, self.project)

    def found(self) -> tuple[list[Open], bool]:
        datasets = matrix_datasets(self.user, self.project)
        exact = reads_data(self.request)
        return open_cells(Matrix(self.user, self.project, datasets, self.granted, exact=exact))

    @extend_schema(responses=OpenCellsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Which columns probably are which variables, by which rule, and why."""
        found, more = self.found()
        return self.shown(OpenCellsSerializer, {"suggestions": found, "more": more})

    @extend_schema(request=AcceptSerializer, responses=AcceptedSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Accept suggestions; one that is another one meanwhile, or does not fit, is left out."""
        keys = self.sent(AcceptSerializer)["accept"]
        results = take(self.found()[0], keys, by=self.user, reads_data=reads_data(request))
        made = [one.mapping for one in results if one.mapping]
        with_status_seen(self.user, made, exact=reads_data(request))
        steps = [one.batch for one in results if one.batch]
        answer = {
            "accepted": len(steps),
            "step": steps[0] if steps else None,
            "results": results,
        }
        return self.shown(AcceptedSerializer, answer)


class SuggestionAnswerSerializer(serializers.Serializer):
    """The suggestion, or null."""

    suggestion = SuggestionSerializer(allow_null=True)


class MappingSuggestion(MappingView):
    """What a variable probably comes from in a dataset."""

    needs = {"GET": DatasetPermission.MAP}

    @extend_schema(responses=SuggestionAnswerSerializer)
    def get(self, request: Request, slug: str, name: str, dataset_id: int) -> Response:
        """Which column it probably is, by which rule, and why."""
        version = newest_versions([self.dataset]).get(self.dataset.pk)
        found = None
        if version is not None:
            columns = columns_of({self.dataset.pk: version})[self.dataset.pk]
            found = suggested(
                self.user, self.variable, self.dataset, columns, exact=reads_data(request)
            )
        return self.shown(SuggestionAnswerSerializer, {"suggestion": found})
