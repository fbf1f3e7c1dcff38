"""The portal's addresses, and an empty view to compare them with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import *  # noqa: F403  # the handlers of errors too
from portal.urls import urlpatterns as portal_urlpatterns


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing, through every middleware."""
    return HttpResponse()


urlpatterns = [path("bench/empty/", empty), *portal_urlpatterns]
