"""Effects by site and region as a forest."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.methods.agreement import is_rounded, sites_in
from datasets.analyses.methods.events import Events
from datasets.analyses.methods.intervals import predicted, wider
from datasets.engine.methods.regression.reservations import LEAST_WEIGHT, MOST_LOST
from portal.common.countries import country_beside, region_name
from portal.common.text import RowCount
from portal.web.figures.forest import Forest, Group, Row
from portal.web.templatetags.text import percent

FIGURE_CAPTION = gettext_lazy("%(measure)s by site and region: %(term)s and %(outcome)s.")


def forest_of(
    entry: dict[str, Any],
    term: str,
    answer: dict[str, Any],
    measure: str,
    outcome: str,
    lost: dict[str, float] | None = None,
    *,
    sides: tuple[str, str] | tuple[()] = (),
    events: Events | None = None,
) -> Forest | None:
    """Sites below their regions; regions of three sites and more are pooled too.

    Where the question is whether the effect differs there is no line for all sites; elsewhere the
    only region has none, since that of all sites is about the same. A site says in its line that
    it hardly counts, or what share of its rows it has `lost` where that is much. `sides` are the
    heads left and right of no effect. `events` stand before the rows where every site tells them.
    """
    if not entry["studies"]:
        return None
    step, groups = answer["step"], []
    if events and any(study["site"] not in events.at for study in entry["studies"]):
        events = None
    pooled = None if answer["interaction_test"] is not None else _overall(entry, answer)
    regions = {region["region"]: region for region in entry["regions"]}
    if pooled and len({study["region"] for study in entry["studies"]}) == 1:
        regions = {}
    for name in dict.fromkeys(study["region"] for study in entry["studies"]):
        studies = [study for study in entry["studies"] if study["region"] == name]
        rows = [
            Row(
                study["label"],
                estimate=study["estimate"] * step,
                lower=_times(study["ci"][0], step),
                upper=_times(study["ci"][1], step),
                weight=study["weight"],
                note=_note(study, lost or {}),
                marks=_marks(study),
                cells=(_people([study], events),),
            )
            for study in studies
        ]
        people = _people(studies, events)
        groups.append(Group(region_name(name), rows, _region(regions.get(name), step, people)))
    return Forest(
        measure,
        groups,
        about=_about(entry, events),
        overall=_row(gettext("All sites"), *pooled[:2], _people(entry["studies"], events))
        if pooled
        else None,
        prediction=pooled[2] if pooled else None,
        ratio=answer["scale"] == "ratio",
        level=_level(answer),
        heads=(gettext("Events / rows") if events else gettext("Rows"),),
        favours=sides,
        caption=FIGURE_CAPTION % {"measure": measure, "outcome": outcome, "term": term},
    )


def _about(entry: dict[str, Any], events: Events | None) -> str:
    """What its columns count, and what rounding did to them."""
    said = [events.about] if events else []
    if is_rounded(entry["studies"]):
        said.append(
            gettext(
                "Estimates marked as rounded left their site rounded, no finer than their errors; "
                "their intervals allow for it. Numbers of rows with ≈ are in fives, and need not "
                "add up to their total."
            )
        )
    return " ".join(said)


def _times(end: float | None, step: float) -> float | None:
    """An end of an interval in steps of the exposure; of Firth's one may be open."""
    return None if end is None else end * step


def _note(study: dict[str, Any], lost: dict[str, float]) -> str:
    place, share = country_beside(study["country"], study["label"]), lost.get(study["site"], 0.0)
    if share > MOST_LOST:
        said = (
            gettext("%(place)s, without %(share)s of its rows")
            if place
            else gettext("without %(share)s of its rows")
        )
        return said % {"place": place, "share": percent(share, 0)}
    if study["weight"] < LEAST_WEIGHT:
        return (
            gettext("%(place)s, hardly counts") % {"place": place}
            if place
            else gettext("hardly counts")
        )
    return place


def _marks(study: dict[str, Any]) -> list[str]:
    """How an estimate came about, where that is not as of most."""
    marks = []
    if study.get("method") == "firth":
        marks.append(gettext("Firth’s penalised estimate"))
    if study.get("approximate", False):
        marks.append(gettext("estimate rounded"))
    return marks


def levels_of(
    answer: dict[str, Any],
    measure: str,
    sides: tuple[str, str],
    level: Callable[[str], str],
    caption: str,
) -> Forest:
    """One line for each level of the other variable, with the number of sites that tell of it;
    nothing is pooled over them."""
    counted = answer["k"] > 1 and all("k" in one or one["ci"] is None for one in answer["by"])
    rows = [
        Row(
            level(one.get("at", one["level"])),
            estimate=one["estimate"],
            lower=one["ci"][0] if one["ci"] else None,
            upper=one["ci"][1] if one["ci"] else None,
            marks=_marks(one),
            cells=(str(one.get("k", 0)),) if counted else (),
        )
        for one in answer["by"]
    ]
    return Forest(
        measure,
        [Group("", rows)],
        ratio=answer["scale"] == "ratio",
        level=_level(answer),
        heads=(gettext("Sites"),) if counted else (),
        favours=sides,
        lines=gettext("Level"),
        caption=caption,
    )


def _overall(
    entry: dict[str, Any], answer: dict[str, Any]
) -> tuple[float, list[float], list[float] | None] | None:
    """What all sites say together: the answer, or of one level of several its own pool."""
    if answer["estimate"] is not None:
        return answer["estimate"], answer["ci"], answer["prediction_interval"]
    pooled = entry["overall"]
    if pooled is None:
        return None
    step = answer["step"]
    ends = predicted(pooled, entry["heterogeneity"]["tau2"], sites_in(entry))
    return (
        pooled["estimate"] * step,
        [end * step for end in wider(pooled)],
        ends and [end * step for end in ends],
    )


def _level(answer: dict[str, Any]) -> str:
    """What an estimate is of, and its interval."""
    if not answer["contrast"]:
        return gettext("95% CI")
    return gettext("%(contrast)s, 95%% CI") % {"contrast": answer["contrast"]}


def sides_of_odds() -> tuple[str, str]:
    """The same of a ratio: “more disease” would read odds as if they were risks."""
    return gettext("Lower odds"), gettext("Higher odds")


COMPARES = frozenset(
    (
        *("lowest", "lower", "highest", "higher", "least", "less", "most", "more", "fewer", "best"),
        *("better", "worst", "worse", "largest", "larger", "smallest", "smaller", "longest"),
        *("longer", "shortest", "shorter", "greatest", "greater", "earliest", "latest", "maximum"),
        *("minimum", "peak", "plus", "moins", "meilleur", "meilleure", "pire"),
    )
)
"""With what a label begins that compares already: nobody reads “Lower highest heart rate”."""


def sides_of(outcome: str, *, counted: bool) -> tuple[str, str]:
    """What lies left and right of no effect: of a measured outcome lower and higher values."""
    if outcome.partition(" ")[0].casefold() in COMPARES:
        said = outcome[:1].upper() + outcome[1:]
        if counted:
            return (
                gettext("%(outcome)s: less often") % {"outcome": said},
                gettext("%(outcome)s: more often") % {"outcome": said},
            )
        return (
            gettext("%(outcome)s: lower") % {"outcome": said},
            gettext("%(outcome)s: higher") % {"outcome": said},
        )
    if not counted:
        return (
            gettext("Lower %(outcome)s") % {"outcome": outcome},
            gettext("Higher %(outcome)s") % {"outcome": outcome},
        )
    return (
        gettext("Less %(outcome)s") % {"outcome": outcome},
        gettext("More %(outcome)s") % {"outcome": outcome},
    )


def _region(region: dict[str, Any] | None, step: float, people: str) -> Row | None:
    if region is None or region["k"] < 2:
        return None
    if region["overall"] is None:
        # They are in the line of all sites: here it is only that two say nothing of their region.
        label = gettext("Two sites: no regional estimate")
        return Row(label, cells=(people,), told=False)
    i2, overall = region["heterogeneity"]["i2"], region["overall"]
    ci = [end * step for end in wider(overall)]
    row = _row(gettext("Region pooled"), overall["estimate"] * step, ci, people)
    note = gettext("I² %(share)s") % {"share": percent(i2 / 100, 0)} if i2 is not None else ""
    return replace(row, weight=region["weight"], note=note)


def _row(label: str, estimate: float, ci: list[float], people: str) -> Row:
    return Row(label, estimate=estimate, lower=ci[0], upper=ci[1], cells=(people,))


def _people(studies: Sequence[dict[str, Any]], events: Events | None) -> str:
    """How many rows these have together, and how many of them the outcome; results from before some
    were rounded do not say so."""
    abouts = [(one, one.get("approximate", False)) for one in studies]
    rows = sum((RowCount(one["n"], about) for one, about in abouts), RowCount(0))
    if events is None:
        return rows.short
    with_it = (RowCount(events.at[one["site"]], about) for one, about in abouts)
    return f"{sum(with_it, RowCount(0)).short} / {rows.short}"
