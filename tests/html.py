"""Pages as a browser reads them: elements, visible text, and forms that are filled in and sent."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client


def collapsed(text: str) -> str:
    """Runs of HTML's white space as one space; others, such as a no-break space, stay."""
    return re.sub(r"[ \t\n\r\f]+", " ", text).strip(" ")


@dataclass
class Form:
    """What a form would send; each field keeps to what its controls offer."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)

    def fill(self, **fields: str | list[str]) -> "Form":
        """Choose or type; a choice must be on offer."""
        for name, wanted in fields.items():
            values = [wanted] if isinstance(wanted, str) else wanted
            if name in self.offered:
                unknown = set(values) - set(self.offered[name])
                assert not unknown, f"{name} does not offer {unknown}"
            else:
                assert name in self.values, f"there is no field {name} in {list(self.values)}"
            self.values[name] = values
        return self

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values on the wire, where every line end is CR LF."""
        return [
            (name, re.sub(r"\r\n?|\n", "\r\n", value))
            for name, values in self.values.items()
            for value in values
        ]

    def send(self, client: Client, url: str, **more: str) -> HttpResponse:
        """Send it from the page at `url`; `more` is what the pressed button adds."""
        target = self.action.partition("#")[0] or url.partition("?")[0]
        pairs = [*self.pairs(), *more.items()]
        if self.method == "get":
            return client.get(f"{target}?{urlencode(pairs)}")
        body = urlencode(pairs)
        return client.post(target, body, content_type="application/x-www-form-urlencoded")


class Read(HTMLParser):
    """The events of a page, white space collapsed, and its forms in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[tuple] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._area = ""
        self._option: tuple[str | None, bool] | None = None
        self._text = ""
        self.feed(html)
        self.close()
        self._flush()

    def form(self, action: str = "", having: str = "") -> Form:
        """The one form with this end of its address and a field of that name."""
        found = [
            form
            for form in self.forms
            if form.action.endswith(action) and (not having or having in form.values)
        ]
        assert len(found) == 1, [(form.action, list(form.values)) for form in self.forms]
        return found[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        self.events.append((tag, tuple((name, value or "") for name, value in attrs)))
        self._control(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag == "option":
            self._take_option()
        elif tag == "textarea" and self._form and self._area:
            # HTML leaves out the line end right after the tag.
            text = re.sub(r"\r\n?", "\n", self._text).removeprefix("\n")
            self._form.values[self._area] = [text]
        elif tag == "form":
            self._form = None
        self._flush()
        if tag in ("select", "textarea"):
            self._select = self._area = ""
        self.events.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self._text += data

    def _flush(self) -> None:
        text = collapsed(self._text)
        if text:
            self.events.append(("", text))
        self._text = ""

    def _take_option(self) -> None:
        if self._form is None or self._option is None or not self._select:
            return
        given, selected = self._option
        value = collapsed(self._text) if given is None else given
        offered = self._form.offered.setdefault(self._select, [])
        offered.append(value)
        if selected or len(offered) == 1:
            self._form.values[self._select] = [value]
        self._option = None

    def _control(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == "form":
            self._form = Form(attrs.get("action", ""), attrs.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name, kind = attrs.get("name", ""), attrs.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option":
            self._option = (attrs.get("value"), "selected" in attrs)
        elif tag == "textarea":
            self._area = name
            self._form.values[name] = [""]
        elif tag == "input" and name and kind in ("checkbox", "radio"):
            value = attrs.get("value", "on")
            self._form.offered.setdefault(name, []).append(value)
            chosen = self._form.values.setdefault(name, [])
            if "checked" in attrs:
                chosen.append(value)
        elif tag == "input" and name and kind not in ("submit", "file"):
            self._form.values.setdefault(name, []).append(attrs.get("value", ""))
