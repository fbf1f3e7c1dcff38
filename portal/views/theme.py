"""Light or dark, remembered in a cookie, also without JavaScript."""

from django.http import HttpResponse, HttpResponseRedirect

from portal.common.door import form_on
from portal.common.pages import Request, way_back


@form_on("home", signed_in=False)
def switch(request: Request) -> HttpResponse:
    """Set the other theme and go back to the page the person was on."""
    response = HttpResponseRedirect(way_back(request))
    chosen = "light" if request.COOKIES.get("theme") == "dark" else "dark"
    response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax")
    return response
