"""Addresses of the app: those of its nouns."""

from django.urls import URLPattern, URLResolver

from projects.grants import urls as grants
from projects.join_requests import urls as join_requests
from projects.memberships import urls as memberships
from projects.openings import urls as openings
from projects.people import urls as people
from projects.projects import urls as projects
from projects.search import urls as search
from projects.study_sites import urls as study_sites

urlpatterns: list[URLPattern | URLResolver] = [
    *search.urlpatterns,
    *projects.urlpatterns,
    *people.urlpatterns,
    *join_requests.urlpatterns,
    *memberships.urlpatterns,
    *study_sites.urlpatterns,
    *openings.urlpatterns,
    *grants.urlpatterns,
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    *search.api_urlpatterns,
    *projects.api_urlpatterns,
    *join_requests.api_urlpatterns,
    *memberships.api_urlpatterns,
    *study_sites.api_urlpatterns,
    *openings.api_urlpatterns,
    *grants.api_urlpatterns,
]
