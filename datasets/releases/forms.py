"""What a person decides on an output."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from datasets.choices import ReleaseDecision
from portal.common.text import listed

ASK = "ask"
"""The step of the form that leaves the output held."""


class DecisionForm(forms.Form):
    """The decision, with words for whoever asked."""

    decision = forms.ChoiceField(
        choices=[
            (
                ReleaseDecision.RELEASE.value,
                gettext_lazy("Release: the project reads it as shown above"),
            ),
            (
                ReleaseDecision.IN_PART.value,
                gettext_lazy("Release in part: only what is pooled, nothing of single sites"),
            ),
            (
                ReleaseDecision.WITHHOLD.value,
                gettext_lazy("Withhold: the answer stays closed, and your words say why"),
            ),
        ],
        label=gettext_lazy("Your decision"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what becomes of this output.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Words to whoever asked"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "Needed to withhold and to ask. They read these words, and nothing of the values "
            "behind it."
        ),
    )

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["decision"]
        field.choices = [choice for choice in field.choices if choice[0] in offered]
        if offered == [ReleaseDecision.WITHHOLD]:
            # Nothing else is offered of what is out already, which people may have read.
            closes = gettext_lazy(
                "Withhold: from now on the answer is closed again, and your words say why"
            )
            field.choices = [(ReleaseDecision.WITHHOLD.value, closes)]
        if self.asks:
            # Whoever asks first decides nothing yet.
            field.required = False
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = gettext_lazy(
                "Write what you want to know before you decide."
            )

    def tell_effect(self, sites: Sequence[str], *, has_answer: bool) -> None:
        """Say what a release does where it shows nothing: while these sites withhold the answer, or
        where none comes."""
        field: Any = self.fields["decision"]
        words = dict(field.choices)
        if ReleaseDecision.RELEASE not in words:
            return
        if sites:
            words[ReleaseDecision.RELEASE.value] = gettext(
                "Release: for now the answer stays closed, since %(sites)s withheld it"
            ) % {"sites": listed(sites)}
        elif not has_answer:
            words[ReleaseDecision.RELEASE.value] = gettext(
                "Release: whoever asked is told that no answer comes"
            )
        field.choices = list(words.items())

    @property
    def asks(self) -> bool:
        """Whether the words are a question, to be answered before anything is decided."""
        return self.data.get("step") == ASK
