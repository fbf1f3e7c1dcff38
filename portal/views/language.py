"""The language of the pages, chosen in the footer: for signed-in people also of their mails."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from members.profiles import actions as profiles
from portal.common.door import form_on
from portal.common.pages import Request, remember_language, way_back


@form_on("home", signed_in=False)
def switch(request: Request) -> HttpResponse:
    """Take the chosen language and go back to the page the person was on."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise BadRequest(gettext("The portal does not speak this language."))
    if request.user.is_authenticated:
        profiles.choose_language(language=chosen, by=request.user)
    response = HttpResponseRedirect(way_back(request))
    remember_language(response, chosen)
    return response
