"""What every model has to keep, read from the models themselves."""

from django.apps import apps
from django.db import models
from django.db.backends.postgresql.psycopg_any import is_psycopg3

OURS = ["portal", "jobs", "members", "projects", "datasets"]


def all_models():
    return [model for app in OURS for model in apps.get_app_config(app).get_models()]


def constraint_conditions(model):
    return " ".join(
        str(constraint.condition)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    )


def test_every_choices_field_has_a_check_constraint():
    unchecked = [
        f"{model._meta.label}.{field.name}"
        for model in all_models()
        for field in model._meta.get_fields()
        if field.concrete
        and (getattr(field, "choices", None) or getattr(field, "base_field", field).choices)
        and f"{field.name}__" not in constraint_conditions(model)
    ]
    assert unchecked == []


def test_at_and_by_are_paired():
    """Both are always there, or a constraint keeps them together."""
    unpaired = []
    for model in all_models():
        fields = {field.name: field for field in model._meta.get_fields() if field.concrete}
        for name, field in fields.items():
            by = fields.get(f"{name.removesuffix('_at')}_by")
            if not name.endswith("_at") or by is None or not (field.null or by.null):
                continue
            paired = {f"{name}__isnull", f"{by.name}__isnull"}
            if not all(part in constraint_conditions(model) for part in paired):
                unpaired.append(f"{model._meta.label}.{name}")
    assert unpaired == []


def test_the_driver_is_psycopg2():
    """Django silently prefers psycopg 3 where it can be imported."""
    assert is_psycopg3 is False
