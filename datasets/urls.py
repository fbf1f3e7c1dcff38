"""Addresses of the app: those of its nouns."""

from django.urls import URLPattern, URLResolver

from datasets.analyses import urls as analyses
from datasets.columns import urls as columns
from datasets.datasets import urls as datasets
from datasets.domains import urls as domains
from datasets.harmonisation import urls as harmonisation
from datasets.mappings import urls as mappings
from datasets.overview import urls as overview
from datasets.pools import urls as pools
from datasets.releases import urls as releases
from datasets.rows import urls as rows
from datasets.uploads import urls as uploads
from datasets.versions import urls as versions

urlpatterns: list[URLPattern | URLResolver] = [
    *datasets.urlpatterns,
    *overview.urlpatterns,
    *uploads.urlpatterns,
    *versions.urlpatterns,
    *columns.urlpatterns,
    *domains.urlpatterns,
    *rows.urlpatterns,
    *harmonisation.urlpatterns,
    *pools.urlpatterns,
    *analyses.urlpatterns,
    *releases.urlpatterns,
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    *datasets.api_urlpatterns,
    *uploads.api_urlpatterns,
    *versions.api_urlpatterns,
    *columns.api_urlpatterns,
    *domains.api_urlpatterns,
    *rows.api_urlpatterns,
    *harmonisation.api_urlpatterns,
    *mappings.api_urlpatterns,
    *pools.api_urlpatterns,
    *analyses.api_urlpatterns,
    *releases.api_urlpatterns,
]
