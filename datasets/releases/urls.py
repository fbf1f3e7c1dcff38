"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.releases import answer_views, api, views, without_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("releases/", views.queue, name="releases"),
    path("releases/<int:pk>/", views.detail, name="release"),
    path("analyses/<int:pk>/answer/<int:release>/", answer_views.answer, name="analysis-answer"),
    path("analyses/<int:pk>/without/", without_views.without, name="analysis-without"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("releases/", api.Releases.as_view(), name="api-releases"),
    path("releases/<int:pk>/", api.ReleaseDetail.as_view(), name="api-release"),
    path("releases/<int:pk>/decide/", api.ReleaseDecide.as_view(), name="api-release-decide"),
    path("releases/<int:pk>/ask/", api.ReleaseAsk.as_view(), name="api-release-ask"),
    path("releases/<int:pk>/answer/", api.ReleaseAnswer.as_view(), name="api-release-answer"),
]
