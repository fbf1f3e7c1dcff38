"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.releases import api, views, without_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("releases/", views.queue, name="releases"),
    path("releases/<int:pk>/", views.detail, name="release"),
    path("analyses/<int:pk>/without/", without_views.without, name="analysis-without"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("releases/", api.Releases.as_view(), name="api-releases"),
    path("releases/<int:pk>/", api.ReleaseDetail.as_view(), name="api-release"),
    path("releases/<int:pk>/decide/", api.ReleaseDecide.as_view(), name="api-release-decide"),
]
