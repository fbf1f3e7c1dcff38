"""What pages with a form share."""

import re
from collections.abc import Iterable
from typing import Any, cast

from django.forms import BaseForm, ChoiceField, MultipleChoiceField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.datastructures import MultiValueDict

from portal.common.exceptions import DomainError, Invalid
from portal.common.text import cut_in


def sent(request: HttpRequest) -> tuple[QueryDict, MultiValueDict] | tuple[None, None]:
    """What a form was sent with: fields and files, or neither when it is only shown."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def add_errors(form: BaseForm, error: DomainError, *, at: str | None = None) -> None:
    """Put a domain error's messages beside the form's fields.

    What names no field stands beside the field `at`, or above them all.
    """
    named = error.errors if isinstance(error, Invalid) else {}
    if not named:
        form.add_error(at, error.detail)
    for field, texts in named.items():
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


def form_page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A page with a form: 422 when it came back with errors, so htmx and scripts can tell."""
    invalid = [
        value for value in context.values() if getattr(value, "is_bound", False) and value.errors
    ]
    for several in invalid:
        for form in getattr(several, "forms", (several,)):
            cut_errors(form)
    return TemplateResponse(request, template, context, status=422 if invalid else 200)


def cut_errors(form: BaseForm) -> None:
    """Say no more of what was sent again than that one knows it by."""
    data = form.data
    lists = (data.getlist(name) for name in data) if isinstance(data, MultiValueDict) else ()
    sent = [text for texts in lists for text in texts]
    for errors in form.errors.as_data().values():
        for error in errors:
            [message] = error.messages
            error.message, error.params = cut_in(message, sent), None


def as_sent(text: str) -> str:
    """A text as forms send it, where every line end is CR LF."""
    return re.sub(r"\r\n?|\n", "\r\n", text)


class NameField(ChoiceField):
    """One of the names that people gave to something, which may hold line ends."""

    def to_python(self, value: Any) -> str:
        name = super().to_python(value)
        return _offered(self).get(as_sent(name), name)


class NamesField(MultipleChoiceField):
    """Some of the names that people gave to something, which may hold line ends."""

    def to_python(self, value: Any) -> list[str]:
        offered = _offered(self)
        return [offered.get(as_sent(name), name) for name in super().to_python(value)]


def _offered(field: ChoiceField) -> dict[str, str]:
    choices = cast(Iterable[tuple[str, str]], field.choices)
    return {as_sent(str(value)): str(value) for value, _ in choices}
