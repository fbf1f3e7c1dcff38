"""String foreign keys escape the import linter, so the models themselves are asked."""

from django.apps import apps

ORDER = ["portal", "jobs", "members", "projects", "datasets"]
# Whose account it is: Django keeps the model behind a setting, so that lower apps may name it.
PEOPLE = "members.User"


def test_every_foreign_key_points_to_the_same_or_a_lower_app():
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for app in ORDER
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if field.related_model._meta.app_label in ORDER
        and field.related_model._meta.label != PEOPLE
        if ORDER.index(field.related_model._meta.app_label) > ORDER.index(app)
    ]
    assert wrong == []
