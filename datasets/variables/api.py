"""A project's shared variables."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from datasets.choices import ColumnType
from datasets.variables.models import SharedVariable
from portal.common.api.bodies import BodySerializer
from projects.projects.api import ProjectApiView
from projects.projects.head import open_project
from projects.roles import Permission


class SharedVariableBodySerializer(BodySerializer):
    """What defines a shared variable; `codes` is code to meaning."""

    meant = {
        **dict.fromkeys(("levels", "values", "categories", "labels", "value_labels"), "codes"),
        **dict.fromkeys(("title", "description"), "label"),
        "kind": "type",
    }

    name = serializers.CharField(max_length=63)
    type = serializers.ChoiceField(choices=ColumnType.choices)
    # Any: DRF gives its own fields a label of another type.
    label: Any = serializers.CharField(max_length=200, allow_blank=True, required=False)
    unit = serializers.CharField(max_length=40, allow_blank=True, required=False)
    codes = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        error_messages={
            "not_a_dict": gettext_lazy("Give the codes as an object: code to meaning.")
        },
    )
    topic = serializers.CharField(max_length=80, allow_blank=True, required=False)
    wave = serializers.CharField(max_length=60, allow_blank=True, required=False)


class InsideProjectView(ProjectApiView):
    """A call below a project, for whoever sees inside it; others look for nothing in there."""

    def find(self, request: Request, **kwargs: Any) -> None:
        self.project = open_project(request, kwargs["slug"], needs=Permission.SEE_INSIDE)


class SharedVariableView(InsideProjectView):
    """A call on one shared variable, or below it."""

    variable: SharedVariable

    def find(self, request: Request, **kwargs: Any) -> None:
        super().find(request, **kwargs)
        self.variable = get_object_or_404(self.project.variables, name=kwargs["name"])
