"""`{% component "panel" title=… %} … {% slot "actions" %} … {% endslot %} {% endcomponent %}`.

A component is a template of templates/components/. It sees its parameters, its slots by their
names, what stands between its tags as `slot`, and nothing else of the page.
"""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Template, Token, token_kwargs
from django.template.context import Context
from django.template.engine import Engine
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.web.figures.svg import Markup
from portal.web.templatetags.icons import icon as draw

register = template.Library()

# What forms and addresses inside a component need of the page.
KEPT = ("csrf_token", "request")
SLOTS = "slots of the component"
TAG_CLASSES = {
    "": "tag",
    "ok": "tag tag-ok",
    "warning": "tag tag-warning",
    "info": "tag tag-info",
}


class ComponentNode(template.Node):
    """Draws the body on the page's terms, then the component around it on its own."""

    def __init__(self, name: str, parameters: dict[str, FilterExpression], body: NodeList) -> None:
        self.name, self.parameters, self.body = name, parameters, body
        self.nodelist = body

    @cached_property
    def component(self) -> Template:
        """The component's template, looked up once: it is forgotten when this one is."""
        return Engine.get_default().get_template(f"components/{self.name}.html")

    def render(self, context: Context) -> SafeString:
        """Resolves parameters and slots, and renders templates/components/<name>.html with them."""
        values: dict[str, Any] = {name: context.get(name) for name in KEPT}
        for name, value in self.parameters.items():
            values[name] = value.resolve(context)
        with context.push(**{SLOTS: values}):
            values["slot"] = stripped(self.body.render(context))
        # As `context.new(values)` would, which copies more than a small component costs.
        page = context.dicts
        context.dicts = [page[0], values]
        try:
            return self.component.render(context)
        finally:
            context.dicts = page


class SlotNode(template.Node):
    """Keeps what it holds for the component around it."""

    def __init__(self, name: str, body: NodeList) -> None:
        self.name, self.body = name, body
        self.nodelist = body

    def render(self, context: Context) -> str:
        """Draws nothing where it stands."""
        context[SLOTS][self.name] = stripped(self.body.render(context))
        return ""


def stripped(html: str) -> Markup:
    """What a body drew, empty when that was only space, so that `{% if slot %}` holds."""
    return Markup(html.strip())


def quoted_name(token: Token) -> tuple[str, list[str]]:
    """The tag's first argument, a name in quotes, and the others."""
    tag, *bits = token.split_contents()
    if not bits or bits[0][0] not in "\"'":
        raise template.TemplateSyntaxError(f"{{% {tag} %}} takes a name in quotes first")
    return bits[0].strip("\"'"), bits[1:]


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """Reads up to endcomponent."""
    name, bits = quoted_name(token)
    parameters = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f'"{name}": parameters are name=value, not {bits[0]}')
    body = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(name, parameters, body)


@register.tag
def slot(parser: Parser, token: Token) -> SlotNode:
    """Reads up to endslot."""
    name, _ = quoted_name(token)
    body = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(name, body)


@register.simple_tag
def tag(label: str, icon: str = "", kind: str = "") -> SafeString:
    """A state or a property in a word or two, with its colour: ok, warning, info or none."""
    return format_html(
        '<span class="{}">{}{}</span>', TAG_CLASSES[kind], draw(icon) if icon else "", label
    )
