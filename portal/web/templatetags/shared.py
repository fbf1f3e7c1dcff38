"""`{% shared %} … {% endshared %}`: what all readers of a language get to see alike."""

from typing import cast

from django import template
from django.template.base import NodeList, Parser, Template, Token
from django.template.context import Context
from django.utils.translation import get_language

register = template.Library()


class SharedNode(template.Node):
    """Draws its body once in each language.

    It is drawn in an empty context: what depends on who asks, or on the page, cannot get into it.
    """

    def __init__(self, body: NodeList) -> None:
        self.nodelist = body
        self.drawn: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Takes what was drawn before, if it was."""
        language = get_language()
        if language not in self.drawn:
            empty = Context()
            with empty.bind_template(cast(Template, context.template)):
                self.drawn[language] = self.nodelist.render(empty)
        return self.drawn[language]


@register.tag
def shared(parser: Parser, token: Token) -> SharedNode:
    """Reads up to endshared."""
    body = parser.parse(("endshared",))
    parser.delete_first_token()
    return SharedNode(body)
