"""Light or dark, remembered in a cookie, also without JavaScript."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from portal.common.door import form_on


@form_on("home", signed_in=False)
def switch(request: HttpRequest) -> HttpResponse:
    """Set the other theme and go back to the page the person was on."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    response = HttpResponseRedirect(back if safe else "/")
    chosen = "light" if request.COOKIES.get("theme") == "dark" else "dark"
    response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax")
    return response
