"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from portal.jobs import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/<int:pk>/", views.progress, name="job"),
    path("jobs/<int:pk>/cancel/", views.cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", views.retry, name="job-retry"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/<int:pk>/", api.JobDetail.as_view(), name="api-job"),
    path("jobs/<int:pk>/cancel/", api.JobCancel.as_view(), name="api-job-cancel"),
    path("jobs/<int:pk>/retry/", api.JobRetry.as_view(), name="api-job-retry"),
]
