"""Answer a question of an output's keepers: a form on the page of an answer that waits for them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext

from datasets.releases import messages
from datasets.releases.models import SHOWN, Release
from portal.common.door import form_on
from portal.common.pages import Request, say


@form_on("analysis", "pk")
def answer(request: Request, pk: int, release: int) -> HttpResponse:
    """Tell people of the data what they asked before they decide."""
    share = find(request, pk, release)
    messages.answer(release=share, text=request.POST.get("text", ""), by=request.user)
    say(request, gettext("Sent. The answer stays held until they decide."))
    return redirect(share.analysis)


def find(request: Request, pk: int, release: int) -> Release:
    """One dataset's share of an answer that the person asked for, or 404."""
    asked = Release.objects.asked_by(request.user).filter(analysis=pk)
    return get_object_or_404(asked.select_related(*SHOWN), pk=release)
