"""An output as its queue shows it: what would leave, what held it, what stays with its keeper."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from datasets.analyses.answer import Answer
from datasets.analyses.answers import as_seen, only_pooled, whole_of
from datasets.analyses.behind import held_parts
from datasets.analyses.doubles import counts_rows, with_doubles
from datasets.analyses.listed import UNDER_WAY
from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis, AnalysisPart
from datasets.analyses.result import context_of, said_of
from datasets.analyses.rights import rights_on_open
from datasets.analyses.shown import tests_run
from datasets.analyses.standing import released_in_part
from datasets.analyses.titles import titles_by_number
from datasets.choices import (
    AnalysisState,
    JobKind,
    ReleaseDecision,
    ReleaseOutcome,
)
from datasets.datasets.models import Dataset
from datasets.datasets.shown import limits_of
from datasets.engine.guard.vocabulary import HELD_FOR, Risk, Statbarn
from datasets.engine.methods import METHODS
from datasets.releases.actions import no_part_of
from datasets.releases.behind import values_of, with_what_is_held
from datasets.releases.models import Release
from datasets.releases.permissions import may_decide, people_to_ask
from datasets.releases.rules import rules_kept
from datasets.releases.same import withheld_beside
from portal.common.text import told
from portal.jobs.models import Job


def called_by_number(numbers: Collection[int]) -> dict[int, str]:
    """What outputs of these numbers are called, in their reader's language: the trail has it in
    one."""
    found = (
        Release.objects.filter(pk__in=numbers).select_related("dataset").only("analysis", "dataset")
    )
    titles = titles_by_number({one.analysis_id for one in found})
    return {one.pk: f"{titles[one.analysis_id]} ({one.dataset})" for one in found}


def answer_of(user: Any, release: Release) -> Answer | None:
    """The answer as people who read no rows would have it: for them somebody decides.

    Whatever the keeper or whoever asked may read of the other datasets is not in it. None while
    there is none, and where another keeper withheld it from the person who looks.
    """
    if withheld_by(user, release):
        return None
    analysis = release.analysis
    if release.held and release.outcome == ReleaseOutcome.HELD:
        answer = with_what_is_held(release, user)
    else:
        whole = whole_of(analysis)
        answer = whole and as_seen(analysis, whole, rights_on_open(user, analysis))
    sites = released_in_part(AnonymousUser(), [analysis], exact=False).get(analysis.pk)
    return only_pooled(answer, analysis, sites) if answer and sites else answer


def withheld_by(user: Any, release: Release) -> list[str]:
    """Sites whose keeper withheld the answer from whoever does not read their rows."""
    readable = Dataset.objects.rows_readable_by(user).values("pk")
    return _sites_of(withheld_beside(release).exclude(dataset__in=readable))


def closed_by(release: Release) -> list[str]:
    """Sites whose keeper withheld the answer, which the project then does not read, whatever is
    decided on this share."""
    return _sites_of(withheld_beside(release))


def _sites_of(shares: QuerySet[Release]) -> list[str]:
    names = shares.order_by("pk").values_list("dataset__site__name", flat=True)
    return list(dict.fromkeys(names))


def output_of(user: Any, release: Release, term: str = "") -> dict[str, Any]:
    """What the page of its method would show of it, and by which template; empty without one."""
    analysis = release.analysis
    answer = answer_of(user, release)
    if answer is None:
        return {}
    answer = with_doubles(user, answer, analysis).in_words()
    refused = answer.result.get("refused", "")
    shown = {
        "analysis": analysis,
        "answer": answer,
        "result": answer.result,
        "refused": refused,
        "cautions": answer.warnings,
        "tests": tests_run(analysis),
        "template": "pooled" if answer.in_part else analysis.method,
    }
    if answer.in_part:
        return shown | {"said": said_of(analysis, answer.result, by_rows=counts_rows(answer))}
    return shown if refused else shown | context_of(analysis, answer, term)


def what_followed(release: Release) -> dict[str, Any]:
    """What came of releasing something that was held: the `run` with it, if any, and how that ended
    (`is`); empty for anything else.
    """
    if not release.held or release.outcome != ReleaseOutcome.RELEASED:
        return {}
    run = run_since(release)
    if run is None:
        return {"is": "nowhere"}
    if run.state in UNDER_WAY:
        return {"is": "under_way", "run": run}
    if run.state == AnalysisState.SUCCEEDED:
        lacks = run.releases.filter(dataset=release.dataset_id, contributes=False).exists()
        return {"is": "without" if lacks else "answered", "run": run}
    job = Job.objects.latest_of(JobKind.ANALYSE, run.pk)
    if ((job and job.error) or {}).get("code") not in ("held", "not_estimable"):
        return {"is": "failed", "run": run}
    return {"is": "waits" if held_parts(run).exists() else "refused", "run": run}


def run_since(release: Release) -> Analysis | None:
    """The run that took what was released: a later one, with an answer if any has it, or the same
    again, where it began after the last word on it."""
    analysis = release.analysis
    later = Analysis.objects.filter(
        rerun_of=analysis.rerun_of_id or analysis.pk, pk__gt=analysis.pk
    )
    runs = list(later.only("pk", "state").order_by("pk"))
    if runs:
        answered = (one for one in runs if one.state == AnalysisState.SUCCEEDED)
        return next(answered, runs[-1])
    if analysis.state in UNDER_WAY:
        return analysis
    job = Job.objects.latest_of(JobKind.ANALYSE, analysis.pk)
    begun, decided = job and job.started_at, release.confirmed_at or release.decided_at
    return analysis if begun and decided and begun >= decided else None


def question_on(release: Release) -> dict[str, datetime | None] | None:
    """When whoever asked was asked something last, and when they answered that; None where nobody
    wanted to know anything."""
    said = list(release.messages.all())
    if not said:
        return None
    asker = release.analysis.created_by_id
    # Who keeps the data and asked as well writes down what a second person should know.
    asked = next((one for one in reversed(said) if one.by_id != asker), said[0])
    is_answered = said[-1].by_id == asker and said[-1] != asked
    return {
        "asked_at": asked.created_at,
        "answered_at": said[-1].created_at if is_answered else None,
    }


def part_of(release: Release, answer: Answer) -> dict[str, Any] | None:
    """In sentences, what stays of the answer where this dataset is released in part."""
    pooled = only_pooled(answer, release.analysis, [release.dataset.site.name])
    if pooled is None or pooled.in_words().result.get("refused"):
        return None
    return said_of(release.analysis, pooled.in_words().result, by_rows=counts_rows(answer))


def held_for(release: Release) -> list[dict[str, str]]:
    """Why its dataset's ledger held it, by which rule and for which risk."""
    return [
        {"rule": one["rule"], "text": told(one["said"]), "risk": HELD_FOR.value}
        for one in release.held
    ]


def kept_back(user: Any, release: Release) -> list[dict[str, Any]] | None:
    """What the dataset's own rules held back of this output, by how much and for which risk; None
    for whoever does not read its rows."""
    if not Dataset.objects.rows_readable_by(user).filter(pk=release.dataset_id).exists():
        return None
    parts = AnalysisPart.objects.filter(
        input__analysis=release.analysis_id,
        input__version__dataset=release.dataset_id,
        round=release.analysis.spec["round"],
    )
    said = []
    for kept in (part.statistics or {} for part in parts):
        words = kept.get("words", {})
        for one in kept.get("withheld", []):
            where, reason = (
                told(words[text]) if text in words else text
                for text in (one["where"], one["reason"])
            )
            # Parts that an earlier version of ours stored name no risk.
            said.append({"where": where, "reason": reason, "risk": one.get("risk")})
    return said


def in_words(risk: str | None) -> str:
    """A risk of the vocabulary in the reader's language; empty for none."""
    return told(Risk(risk).words.kept) if risk else ""


def is_seen(release: Release) -> bool:
    """Whether the project has the answer now: nobody's share of it waits or is withheld."""
    closing = release.analysis.releases.exclude(outcome=ReleaseOutcome.RELEASED)
    if release.analysis.state == AnalysisState.SUCCEEDED:
        closing = closing.filter(contributes=True)
    return not closing.exists()


def statbarns_of(answer: Answer | None, release: Release) -> list[Statbarn]:
    """The kinds of statistics in an answer."""
    if answer is None or answer.closed:
        return []
    return METHODS[release.analysis.method].kinds_in(answer.result)


def decisions_for(user: Any, release: Release) -> list[str]:
    """What the person may decide on it now."""
    if release.outcome == ReleaseOutcome.REFUSED or not may_decide(user, release):
        return []
    withhold = ReleaseDecision.WITHHOLD.value
    if release.outcome == ReleaseOutcome.RELEASED:
        return [withhold]
    if release.waits_for_second:
        return [release.decision, withhold]
    release_all, in_part = ReleaseDecision.RELEASE.value, ReleaseDecision.IN_PART.value
    return [release_all, withhold] if no_part_of(release) else [release_all, in_part, withhold]


def rules_of_page(
    release: Release,
    behind: list[dict[str, Any]],
    held: list[dict[str, str]],
    output: dict[str, Any],
) -> dict[str, Any]:
    """The rules that the output had to pass, how many it passed, and how many are still to come."""
    kept = rules_kept(release, behind, held, output["result"] if output else {})
    passed = sum(one.passed is True for one in kept)
    return {
        "lines": [{"risk": in_words(one.risk), "rule": one} for one in kept],
        "passed": passed,
        "are_all": passed == len(kept),
        "failed": sum(one.passed is False for one in kept),
        "are_later": any(one.passed is None for one in kept),
    }


def item_of(user: Any, release: Release, term: str = "") -> dict[str, Any]:
    """Everything the page of one output shows."""
    offered = decisions_for(user, release)
    is_held = release.outcome == ReleaseOutcome.HELD
    whole = is_held and offered and not release.waits_for_second
    output = output_of(user, release, term)
    closed = output["answer"].closed if output else None
    behind, held = kept_back(user, release), held_for(release)
    said = {one["text"] for one in held}
    return {
        "output": output,
        "has_answer": not (closed and closed.is_none),
        "statbarns": [told(one.words.kept) for one in statbarns_of(output.get("answer"), release)],
        "held": [one["text"] for one in held],
        "risk": in_words(HELD_FOR),
        "is_seen": is_seen(release),
        "withheld_by": withheld_by(user, release),
        "closed_by": closed_by(release),
        "followed": what_followed(release),
        "question": question_on(release) if is_held else None,
        "in_part": part_of(release, output["answer"])
        if output and ReleaseDecision.IN_PART in offered
        else None,
        "method": PAGES[release.analysis.method].label,
        "limits": limits_of([release.dataset]) if behind is None else [],
        "rules": behind is not None and rules_of_page(release, behind, held, output),
        "kept_back": behind
        and [one | {"risk": in_words(one["risk"])} for one in behind if one["reason"] not in said],
        "values": None if behind is None else values_of(release),
        "offered": offered,
        "no_part": no_part_of(release) if whole else "",
        "others": [one.name for one in people_to_ask(release)] if is_held and not offered else [],
    }
