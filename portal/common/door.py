"""The door of pages and calls: what one needs for each method, and where a form stands.

A page or a class of the API says once what it `needs`; the opener of its thing (a project, a
dataset) answers 404 first, then 403, before anything else is looked at. Actions ask again. Where
a page, or a call that only reads, answers nothing before its action, the action's question is the
door; a call that writes has its own, since keys and versions in its headers come before any action.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

Needs = StrEnum | Mapping[str, StrEnum] | None
"""One permission for every method, or one by method: those left out are open."""

Page = Callable[..., HttpResponse]
Decorator = Callable[[Page], Page]


def needed(needs: Needs, method: str | None) -> StrEnum | None:
    """What this method needs; looking without a body is what GET is."""
    if not isinstance(needs, Mapping):
        return needs
    return needs.get("GET" if method in ("HEAD", "OPTIONS") else method or "")


def form_on(page: str, *names: str, at: str = "", signed_in: bool = True) -> Decorator:
    """The address of a form that stands on another page: it takes nothing but a POST.

    Who opens the address itself, from the history or after signing in, is led to `page`, whose
    own address takes `names` from this one, and there to the element `at` ({pk} and the like are
    filled in).
    """

    def decorate(view: Page) -> Page:
        @wraps(view)
        def answer(request: HttpRequest, **named: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **named)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["POST"])
            return led_to(page, at=at.format(**named), **{name: named[name] for name in names})

        guarded = login_required(answer) if signed_in else answer
        guarded.form_on = page  # type: ignore[attr-defined]
        return guarded

    return decorate


def led_to(page: str, *, at: str = "", query: str = "", **named: Any) -> HttpResponseRedirect:
    """A redirect to a page, and there to one of its elements: focus stays where one was."""
    asked, place = query and f"?{query}", at and f"#{quote(at)}"
    return HttpResponseRedirect(f"{reverse(page, kwargs=named)}{asked}{place}")
