"""Outputs to release: what waits for the person, each as the project would read it."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from datasets.analyses.methods import PAGES
from datasets.analyses.titles import title_of, titles_of
from datasets.choices import ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.releases import actions as releases
from datasets.releases import messages
from datasets.releases.forms import DecisionForm
from datasets.releases.models import SHOWN, Release, ReleaseMessage
from datasets.releases.permissions import ReleasePermission, require_decision
from datasets.releases.shown import decisions_for, item_of, question_on
from portal.common.door import Needs, led_to, needed
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page, sent
from portal.common.pages import Request, bounded, count_up_to, in_order, number_in, say

PAGE = 25
DECIDED = 5

LIST_NEEDS = ("analysis__created_by", "dataset__site", "decided_by")
OF_LIST = (
    *("outcome", "decision", "created_at", "decided_at", "analysis__title", "analysis__method"),
    *("analysis__created_by__name", "dataset__title", "dataset__site__name", "decided_by__name"),
)
"""What a line of the queue shows; an answer is large."""


@login_required
@require_safe
def queue(request: Request) -> HttpResponse:
    """What waits, the oldest first, and what was decided last."""
    return form_page(request, "datasets/releases/list.html", queue_of(request))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: Request, pk: int) -> HttpResponse:
    """One output, and the decision on it."""
    release = find(request, pk, needs={"POST": ReleasePermission.DECIDE})
    form = DecisionForm(sent(request)[0], offered=decisions_for(request.user, release))
    if request.method == "POST" and form.is_valid():
        try:
            if form.asks:
                messages.ask(release=release, text=form.cleaned_data["reason"], by=request.user)
                say(request, gettext("Asked. The output stays held; you are told of the answer."))
                return led_to("release", at="output-h", pk=pk)
            releases.decide(release=release, by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            say(request, gettext("Decided. Whoever asked is told once nobody else has to."))
            return led_to("releases", at="main")
    # Computed for who looks, not for who decided.
    item = item_of(request.user, release, request.GET.get("term", ""))
    form.tell_effect(item["closed_by"], has_answer=item["has_answer"])
    title = title_of(release.analysis)
    context = {**queue_of(request), **item, "release": release, "title": title, "form": form}
    if output := item["output"]:
        # Rendered by itself: the page of a method has words of its own for its figures.
        page = f"datasets/analyses/{output['template']}.html"
        seen = output | {"layout": "datasets/releases/output.html"}
        context["seen"] = render_to_string(page, seen, request)
    return form_page(request, "datasets/releases/detail.html", context)


def find(request: Request, pk: int, *, needs: Needs = None) -> Release:
    """An output that the person keeps, or 404; and may decide on, or 403."""
    visible = Release.objects.visible_to(request.user).prefetch_related("messages__by")
    release = get_object_or_404(visible.select_related(*SHOWN, "decided_by", "confirmed_by"), pk=pk)
    if needed(needs, request.method) is not None:
        require_decision(request.user, release)
    return release


def queue_of(request: Request) -> dict[str, Any]:
    """The lines of the queue, of one dataset where the address names one."""
    said = ReleaseMessage.objects.only("release", "by", "created_at")
    visible = Release.objects.visible_to(request.user).select_related(*LIST_NEEDS).only(*OF_LIST)
    visible = visible.prefetch_related(Prefetch("messages", said))
    number = number_in(request, "dataset")
    dataset = None
    if number is not None:
        seen = Dataset.objects.visible_to(request.user)
        dataset = seen.filter(pk=number).first()
        visible = visible.filter(dataset=number)
    waiting = visible.waiting()
    rows, previous, following = in_order(request, waiting, size=PAGE, key="created_at")
    decided = visible.exclude(decided_at=None).exclude(outcome=ReleaseOutcome.HELD)
    waits, ended = list(rows), list(decided.order_by("-decided_at", "-id")[:DECIDED])
    titles = titles_of([one.analysis for one in (*waits, *ended)])
    return {
        "dataset": dataset,
        "lacking": lacking(request, waiting),
        "waiting": bounded(count_up_to(waiting)),
        "rows": [line(one, titles) for one in waits],
        "decided": [line(one, titles) for one in ended],
        "previous": previous,
        "next": following,
    }


def lacking(request: Request, waiting: QuerySet[Release]) -> list[Dataset]:
    """Datasets with outputs that wait, of whose columns the person could declare something."""
    readable = Dataset.objects.rows_readable_by(request.user).filter(domains=None)
    found = readable.filter(pk__in=waiting.values("dataset")).order_by("pk")
    return list(found.only("title")[:DECIDED])


def line(release: Release, titles: Mapping[int, str]) -> dict[str, Any]:
    """One line of the queue; `titles` are those of its analyses."""
    is_held = release.outcome == ReleaseOutcome.HELD
    return {
        "release": release,
        "title": titles[release.analysis_id],
        "method": PAGES[release.analysis.method].label,
        "question": question_on(release) if is_held else None,
    }
