"""The rules of a dataset on one output: which it passed, which held something back, by how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.analyses.models import AnalysisPart
from datasets.datasets.rules import rules_for
from datasets.datasets.shown import by_risk
from datasets.engine.guard.claims import CLOSEST
from datasets.engine.guard.gate import counts_in
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.vocabulary import Risk, Statbarn
from datasets.engine.methods import METHODS
from datasets.ledger.models import RowSet
from datasets.releases.models import Release
from datasets.releases.same import rules_of
from portal.common.text import counted, number_told


@dataclass(frozen=True)
class RuleOutcome:
    """One rule and what it found; `passed` is None while nothing of the dataset was looked at."""

    risk: Risk
    asked: str
    found: str
    passed: bool | None


def rules_kept(
    release: Release,
    kept_back: Sequence[Mapping[str, Any]],
    held: Sequence[Mapping[str, Any]],
    result: Mapping[str, Any],
) -> list[RuleOutcome]:
    """Every rule that this output had to pass, those that it did not first, for whoever may read
    the rows behind it.

    `kept_back` and `held` are what the dataset's rules and its ledger say of it, each with its
    risk; `result` is the answer as it would leave.
    """
    kept_to = rules_of(release)
    rules = Rules.from_json(kept_to) if kept_to else rules_for(release.dataset)
    asked = by_risk(rules) | {
        Risk.DIFFERENCING: gettext(
            "Not the people of an earlier answer but for 1 to %(few)s, and two columns together "
            "over at most %(most)s different selections of people."
        )
        % {"few": rules.threshold - 1, "most": rules.query_sets},
        Risk.IMPLICIT_TABLES: gettext("No small count that means and spreads would give."),
        Risk.CLASS_DISCLOSURE: gettext("Nothing that everybody of a group shares."),
        Risk.AUXILIARY_INFORMATION: gettext("No value that another one gives (r at most %(most)s).")
        % {"most": number_told(str(CLOSEST))},
    }
    # Why it is held stands above all rules.
    failed: dict[str, list[str]] = {one["risk"]: [] for one in held}
    said = {one["text"] for one in held}
    for one in kept_back:
        reasons = failed.setdefault(one["risk"] or "", [])
        if one["reason"] not in (*reasons, *said):
            reasons.append(one["reason"])
    figures = _figures(release, result) if not held else {}
    kept = [
        RuleOutcome(
            risk,
            text,
            found=_failure(failed[risk]) if risk in failed else figures.get(risk, ""),
            passed=False if risk in failed else None if held else True,
        )
        for risk, text in asked.items()
        if risk in failed or _applies(risk, release)
    ]
    return sorted(kept, key=lambda one: one.passed is not False)


def _applies(risk: Risk, release: Release) -> bool:
    """Whether a method has anything that the rule is about."""
    method = METHODS[release.analysis.method]
    if risk == Risk.LOW_DOF:
        return method.complete
    if risk == Risk.AUXILIARY_INFORMATION:
        return Statbarn.CORRELATION_COEFFICIENTS in method.statbarns.values()
    return True


def _failure(reasons: Sequence[str]) -> str:
    """The first reason, and how many there are besides; all stand in the table of what stays."""
    others = len(reasons) - 1
    if others < 1:
        return "".join(reasons)
    more = ngettext("%(reason)s; and %(count)s more", "%(reason)s; and %(count)s more", others)
    return more % {"reason": reasons[0], "count": counted(others)}


def _figures(release: Release, result: Mapping[str, Any]) -> dict[Risk, str]:
    """What was found where a rule was passed, as far as it is a number that was kept."""
    found: dict[Risk, str] = {}
    method = METHODS[release.analysis.method]
    parts = AnalysisPart.objects.filter(
        input__analysis=release.analysis_id, input__version__dataset=release.dataset_id
    ).exclude(statistics=None)
    released = [method.read_released(part.statistics).statistics for part in parts]
    counts = [n for one in released for _, n in counts_in(one, method.reveals) if n]
    if counts:
        found[Risk.LOW_COUNT] = gettext("The smallest count that leaves: %(count)s") % {
            "count": counted(min(counts))
        }
    own = [one for one in result.get("by_site", ()) if one["site"] == release.dataset.site.name]
    if own and own[0].get("n") and own[0].get("coefficients"):
        said = gettext("%(coefficients)s coefficients for about %(people)s people")
        found[Risk.LOW_DOF] = said % {
            "coefficients": counted(len(own[0]["coefficients"])),
            "people": counted(own[0]["n"]),
        }
    # When it was made is kept to the next full minute, within which others may have been asked.
    earlier = RowSet.objects.filter(
        dataset=release.dataset_id,
        analysis__lt=release.analysis_id,
        created_at__lt=release.created_at,
    )
    count = earlier.values("analysis").distinct().count()
    said = ngettext(
        "Compared with %(count)s earlier question",
        "Compared with %(count)s earlier questions",
        count,
    )
    found[Risk.DIFFERENCING] = said % {"count": counted(count)}
    return found
