"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.harmonisation import api, mapping_views, review_views, views
from datasets.mappings.urls import MAPPING, VARIABLE, VARIABLES

REVIEW = "projects/<slug:slug>/variable-suggestions/"
"""Beside the variables, of which one may be called anything."""

urlpatterns: list[URLPattern | URLResolver] = [
    path(VARIABLES, views.variables, name="project-variables"),
    path(REVIEW, review_views.review, name="mapping-review"),
    path(VARIABLE, views.variable, name="project-variable"),
    path(f"{VARIABLE}change/", views.change, name="project-variable-change"),
    path(f"{VARIABLE}delete/", views.delete, name="project-variable-delete"),
    path(MAPPING, mapping_views.mapping, name="mapping"),
    path(f"{MAPPING}accept/", mapping_views.accept, name="mapping-accept"),
    path(f"{MAPPING}apply/", mapping_views.apply, name="mapping-apply"),
    path(f"{MAPPING}remove/", mapping_views.remove, name="mapping-remove"),
    path(f"{MAPPING}undo/", mapping_views.undo, name="mapping-undo"),
    path(f"{MAPPING}restore/", mapping_views.restore, name="mapping-restore"),
]


api_urlpatterns: list[URLPattern | URLResolver] = [
    path(VARIABLES, api.SharedVariables.as_view(), name="api-variables"),
    path(VARIABLE, api.SharedVariableDetail.as_view(), name="api-variable"),
    path(f"{MAPPING}suggestion/", api.MappingSuggestion.as_view(), name="api-mapping-suggestion"),
]
