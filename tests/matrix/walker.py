"""Every operation the portal serves, read from the URL resolver and the views themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic.edit import ProcessFormView

View = Callable[..., Any]
ADMIN = "admin/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Hands any request on to one of allauth's views; the one we use only shows a page.
MEANT = {"account_email_verification_sent": ["GET"]}


@dataclass(frozen=True)
class Operation:
    """One method of one named address."""

    name: str
    method: str
    parameters: frozenset[str]

    @property
    def key(self) -> str:
        return f"{self.method} {self.name}"


def operations() -> list[Operation]:
    """All of them but the admin console's."""
    return [
        Operation(pattern.name or route, method, parameters_of(pattern))
        for route, pattern in patterns()
        if not route.startswith(ADMIN)
        for method in MEANT.get(pattern.name or "") or methods_of(pattern.callback)
    ]


def patterns(
    within: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every pattern with its whole route."""
    for pattern in get_resolver().url_patterns if within is None else within:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, route)
        else:
            yield route, pattern


def parameters_of(pattern: URLPattern) -> frozenset[str]:
    """The names in its address."""
    return frozenset(pattern.pattern.converters) | frozenset(pattern.pattern.regex.groupindex)


def methods_of(view: View) -> list[str]:
    """The methods a view answers, HEAD and OPTIONS aside; a page that declares none takes all."""
    view_class = class_of(view)
    if view_class is None:
        declared = declared_methods(view)
        return [method for method in METHODS if declared is None or method in declared]
    return [
        method
        for method in METHODS
        if hasattr(view_class, method.lower())
        # Django's form views take PUT for another name of POST.
        and getattr(view_class, method.lower()) is not ProcessFormView.put
    ]


def class_of(view: View) -> type | None:
    """The class behind a class-based view."""
    return getattr(view, "view_class", None) or getattr(view, "cls", None)


def declared_methods(view: View) -> list[str] | None:
    """What `require_http_methods` and its kin let through; `form_on` leads a GET elsewhere."""
    if hasattr(view, "form_on"):
        return ["POST"]
    while view is not None:
        names = view.__code__.co_freevars
        if "request_method_list" in names:
            return list(view.__closure__[names.index("request_method_list")].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return None
