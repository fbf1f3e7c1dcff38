"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

import datasets.urls
import members.urls
import portal.jobs.urls
import projects.urls
from portal.views import health, home, language, me, people, project, theme
from portal.views.schema import ApiSchema

urlpatterns = [
    path("", home.home, name="home"),
    path("theme/", theme.switch, name="theme"),
    path("language/", language.switch, name="language"),
    path("health/", health.health, name="health"),
    path("admin/", admin.site.urls),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", people.person, name="person"),
    *members.urls.urlpatterns,
    *projects.urls.urlpatterns,
    path("projects/<slug:slug>/", project.project, name="project"),
    *datasets.urls.urlpatterns,
    *portal.jobs.urls.urlpatterns,
    path("api/v1/schema/", ApiSchema.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/me/", me.Me.as_view(), name="api-me"),
    path("api/v1/", include(members.urls.api_urlpatterns)),
    path("api/v1/", include(projects.urls.api_urlpatterns)),
    path("api/v1/", include(datasets.urls.api_urlpatterns)),
    path("api/v1/", include(portal.jobs.urls.api_urlpatterns)),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler429 = "portal.views.errors.too_many"
handler500 = "portal.views.errors.server_error"
