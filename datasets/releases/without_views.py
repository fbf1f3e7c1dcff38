"""Ask once more without what was withheld: a button on the page of a closed answer."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from datasets.analyses.views import find
from datasets.releases import actions as releases
from portal.common.door import form_on
from portal.common.pages import Request, say


@form_on("analysis", "pk")
def without(request: Request, pk: int) -> HttpResponse:
    """Ask the same of the datasets that withheld nothing."""
    analysis = find(request, pk)
    again = releases.ask_without(analysis=analysis, by=request.user)
    say(request, gettext("The question runs. The answer appears here."))
    return redirect(again)
