"""An analysis’ result as one person is told it, and in their language."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.closed import Closed
from datasets.engine.methods.shared.labels import labelled
from datasets.engine.rows.frame import VariableInfo
from datasets.engine.sentences import Kept, Sentence
from portal.common.text import told

SENTENCES = ("message", "reason", "refused", "why", "text", "contrast")
"""Keys of a result and of its warnings under which the engine says something."""

PARTS = {
    "two_stage": gettext_lazy("the sites pooled"),
    "n_excluded": gettext_lazy("rows left out"),
}
"""Parts of a result of which something can be withheld."""


@dataclass(frozen=True)
class Answer:
    """An analysis' result as one person may see it, its hash, and where it came from.

    `suppressed` was taken out for this reader; `withheld` never left its site, and is told in
    detail to whoever may read the rows there. `in_part` names sites of which only what is pooled
    is in it. One that is `closed` to the reader says why in its place. What no run computed has no
    provenance.
    """

    result: dict[str, Any]
    warnings: list[dict[str, str]]
    words: dict[str, Kept]
    suppressed: list[dict[str, Any]] = field(default_factory=list)
    sha256: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    withheld: list[dict[str, Any]] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    variables: dict[str, VariableInfo] = field(default_factory=dict)
    closed: Closed | None = None

    def in_words(self) -> "Answer":
        """The same for a page: what the engine says of it, in the reader's language.

        Variables are called by their labels, those of what is withheld too.
        """
        return replace(
            self,
            result=self._told(self.result),
            warnings=[self._told(one) for one in self.warnings],
            suppressed=[
                one
                | site_in(one["where"])
                | {"where": self._place(one), "reason": self._labelled(one["reason"])}
                for one in self.suppressed
            ],
            withheld=[
                one | {"where": self._at_site(one), "reason": self._said(one["reason"])}
                for one in self.withheld
            ],
        )

    def _at_site(self, withheld: dict[str, Any]) -> str:
        kept = self.words.get(withheld["where"])
        where = self._place(withheld | ({"where": Sentence.from_kept(kept)} if kept else {}))
        return gettext("%(site)s, %(where)s") % {"site": withheld["site"], "where": where}

    def _told(self, part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: self._said(item)
                if key in SENTENCES and isinstance(item, str)
                else self._told(item)
                for key, item in part.items()
            }
        return [self._told(item) for item in part] if isinstance(part, list) else part

    def _said(self, text: str) -> str:
        kept = self.words.get(text)
        return self._labelled(Sentence.from_kept(kept) if kept else text)

    def _labelled(self, text: str) -> str:
        if not isinstance(text, Sentence):
            return text
        return told(labelled(text, self.variables).kept)

    def _place(self, withheld: dict[str, Any]) -> str:
        """Where something was withheld: a part of the result, a sentence, or variables."""
        if "part" in withheld:
            return str(PARTS[withheld["part"]])
        names = withheld.get("pair") or [withheld.get("variable", "")]
        if names[0]:
            known = [name for name in names if name in self.variables]
            labels = [self.variables[name].label or name for name in known]
            return ", ".join(labels) if len(known) == len(names) else withheld["where"]
        where: str = withheld["where"]
        return self._labelled(where)


def site_in(where: str) -> dict[str, str]:
    """The site that the place of something withheld names, if it does."""
    site = where.values.get("site") if isinstance(where, Sentence) else None
    return {"site": str(site)} if site else {}
