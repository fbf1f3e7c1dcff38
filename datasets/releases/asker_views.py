"""What whoever asked does on the page of an answer that waits or is closed: answer a question of
its keepers, ask once more without what was withheld."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext

from datasets.analyses.views import find
from datasets.releases import actions as releases
from datasets.releases import messages
from datasets.releases.models import Release
from datasets.releases.work import SHOWN
from portal.common.door import form_on
from portal.common.pages import Request, say


@form_on("analysis", "pk")
def answer(request: Request, pk: int, release: int) -> HttpResponse:
    """Tell people of the data what they asked before they decide."""
    asked = Release.objects.asked_by(request.user).filter(analysis=pk).select_related(*SHOWN)
    share = get_object_or_404(asked, pk=release)
    messages.answer(release=share, text=request.POST.get("text", ""), by=request.user)
    say(request, gettext("Sent. The answer stays held until they decide."))
    return redirect(share.analysis)


@form_on("analysis", "pk")
def without(request: Request, pk: int) -> HttpResponse:
    """Ask the same of the datasets that withheld nothing."""
    analysis = find(request, pk)
    again = releases.ask_without(analysis=analysis, by=request.user)
    say(request, gettext("The question runs. The answer appears here."))
    return redirect(again)
