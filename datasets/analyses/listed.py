"""Analyses as lists show them: the answer with its interval, or how far the work is."""

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.answer import Answer
from datasets.analyses.answers import answers_for
from datasets.analyses.closed import NOT_TOLD, UNREAD, Closed
from datasets.analyses.methods import PAGES
from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.analyses.result import doubts_of, said_of
from datasets.analyses.runs import fuller_runs
from datasets.analyses.standing import has_estimate, is_doubted, looked_at, statuses_of
from datasets.analyses.titles import titles_of
from datasets.choices import AnalysisState, JobKind, ReleaseOutcome
from datasets.datasets.models import Dataset
from portal.common.text import retold
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.web.figures.interval import REACH, Estimate, intervals, reach_of
from portal.web.figures.svg import finite
from portal.web.templatetags.text import pvalue

UNDER_WAY = (AnalysisState.QUEUED, AnalysisState.RUNNING)

STATE_LOOK = {
    AnalysisState.QUEUED: ("clock", ""),
    AnalysisState.RUNNING: ("hourglass", "info"),
    AnalysisState.SUCCEEDED: ("circle-check", "ok"),
    AnalysisState.FAILED: ("circle-alert", "warning"),
    AnalysisState.CANCELLED: ("ban", ""),
}

RELEASE_LOOK = {ReleaseOutcome.HELD: ("clock", "warning"), ReleaseOutcome.REFUSED: ("eye-off", "")}


def looks_of(analyses: Sequence[Analysis]) -> dict[int, dict[str, str]]:
    """The one state of each as an icon, a word and a colour.

    What is computed, or cannot be before somebody decides, stands where its release stands.
    """
    ended = (AnalysisState.SUCCEEDED, AnalysisState.FAILED)
    statuses = statuses_of([one for one in analyses if one.state in ended])
    return {one.pk: _look(AnalysisState(one.state), statuses.get(one.pk)) for one in analyses}


def _look(state: AnalysisState, status: ReleaseOutcome | None) -> dict[str, str]:
    if status in RELEASE_LOOK:
        (icon, tag), word = RELEASE_LOOK[status], status.label
    else:
        (icon, tag), word = STATE_LOOK[state], state.label
    return {"icon": icon, "tag": tag, "word": str(word)}


def look_read(look: dict[str, str], answer: Answer | None) -> dict[str, str]:
    """The same for whoever reads this answer: a question of which nothing came to them is not
    done."""
    if answer is None or look["tag"] != "ok":
        return look
    closed = nothing_in(answer)
    return {"icon": closed.icon, "tag": "", "word": str(closed.word)} if closed else look


def nothing_in(answer: Answer) -> Closed | None:
    """Why an answer holds none, or none that may be told; None where it does."""
    if answer.closed:
        return answer.closed
    if answer.result.get("refused"):
        return NOT_TOLD
    is_test = (answer.result.get("answer") or {}).get("interaction_test")
    return None if is_test or has_estimate(answer.result) else UNREAD


def rows_of(user: Any, analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """A line for each, at the same cost for one and for a page full."""
    answers = answers_for(user, [one for one in analyses if one.state == AnalysisState.SUCCEEDED])
    doubted = [one for one in analyses if one.pk in answers and is_doubted(answers[one.pk].result)]
    looked = looked_at(doubted)
    looks, titles, fuller = looks_of(analyses), titles_of(analyses), fuller_runs(user, analyses)
    messages = _messages(user, [one for one in analyses if one.state in UNDER_WAY])
    rows = [
        {
            "analysis": one,
            "title": titles[one.pk],
            "method": PAGES[one.method].label,
            "message": messages.get(one.pk, ""),
            "fuller": fuller.get(one.pk),
            **look_read(looks[one.pk], answers.get(one.pk)),
            **_answered(one, answers.get(one.pk), looked=one.pk in looked),
        }
        for one in analyses
    ]
    draw([row["picture"] for row in rows if row.get("picture")])
    return rows


def _answered(analysis: Analysis, answer: Answer | None, *, looked: bool) -> dict[str, Any]:
    """The answer's sentence and its picture; nothing while there is none."""
    if answer is None:
        return {}
    answer = answer.in_words()
    result = answer.result
    if is_doubted(result) and not looked:
        return {"doubted": doubts_of(analysis, answer)}
    if answer.closed or result.get("refused"):
        return {"refused": (answer.closed or NOT_TOLD).word}
    said = said_of(analysis, result)
    drawn = PAGES[analysis.method].answer_of(result)
    return {"said": said, "picture": picture_of(drawn, said, analysis.parameters.get("outcome"))}


def draw(pictures: Sequence[dict[str, Any]]) -> None:
    """Draw them on one scale for each kind of effect: differences in one outcome are of one
    kind."""
    kinds: dict[str, list[Estimate]] = {}
    for one in pictures:
        kinds.setdefault(one["kind"], []).extend(one["effects"])
    for one in pictures:
        reach = REACH.get(one["kind"]) or reach_of(kinds[one["kind"]])
        one["drawing"] = intervals(one["effects"], reach)


OPEN_TO_NONE = {
    "difference": gettext_lazy(
        "%(measure)s %(estimate)s, 95%% interval %(ends)s, which includes “no difference”"
    ),
    "correlation": gettext_lazy(
        "%(measure)s %(estimate)s, 95%% interval %(ends)s, which includes “no correlation”"
    ),
}
"""What is said of an interval on either side of none, by the answer's scale."""


MOST_DRAWN = 6
"""Effects drawn below one another; of more that a test compares, those that lie farthest apart,
of more levels the first ones."""


def picture_of(
    answer: dict[str, Any] | None, said: dict[str, Any], outcome: str | None
) -> dict[str, Any] | None:
    """The interval of an answer, or of each of its effects, to be drawn with those of its kind, and
    in its page's own numbers."""
    if not answer:
        return None
    numbers = said["numbers"]
    kind = answer["scale"] if answer["scale"] in REACH else f"{answer['scale']} in {outcome}"
    if answer.get("interaction_test") or answer["estimate"] is None:
        several = _of_several(answer, numbers, said["emphasis"])
        return several and {"kind": kind, **several}
    one = _drawable(answer)
    if one is None:
        return None
    # The first two numbers beside a sentence are the estimate and its interval.
    effect, ends = numbers[:2]
    text: Any = gettext("%(measure)s %(estimate)s, 95%% interval %(ends)s")
    if one[1] * one[2] <= 0:
        text = OPEN_TO_NONE.get(answer["scale"], OPEN_TO_NONE["difference"])
    name = text % {"measure": effect["label"], "estimate": effect["value"], "ends": ends["value"]}
    return {"kind": kind, "effects": [one], "numbers": name}


def _of_several(
    answer: dict[str, Any], numbers: Sequence[dict[str, str]], sentence: str
) -> dict[str, Any] | None:
    """Effects that a test compares, the lowest first, and the test; or one for each level, in the
    order in which they are told. What the sentence tells already is not told again."""
    found = [one for by in answer.get("by", ()) if (one := _drawable(by)) is not None]
    if not found:
        return None
    test = answer.get("interaction_test")
    if test:
        # The lowest and the highest stand first beside the sentence.
        found, told = sorted(found), numbers[:2]
        if len(found) > MOST_DRAWN:
            found = [found[0], found[-1]]
    else:
        found, told = found[:MOST_DRAWN], numbers[: len(answer["by"])][:MOST_DRAWN]
    if all(one["value"] in sentence for one in told):
        effects = [] if test else [one["label"] for one in told]
    else:
        effects = [gettext("%(label)s: %(value)s") % one for one in told]
    if test:
        effects.append(gettext("test of difference: %(p)s") % {"p": pvalue(test["p_value"])})
    return {"effects": found, "numbers": " · ".join(effects)}


def _drawable(one: dict[str, Any]) -> Estimate | None:
    """An estimate with both ends of its interval, where all are known."""
    low, high = one["ci"] or (None, None)
    known = [end for end in (one["estimate"], low, high) if finite(end)]
    return (known[0], known[1], known[2]) if len(known) == 3 else None


def _messages(user: Any, analyses: Sequence[Analysis]) -> dict[int, str]:
    """How far each is, for whoever sees its job."""
    if not analyses:
        return {}
    seen = Job.objects.visible_to(user).filter(
        kind=JobKind.ANALYSE, target_id__in=[one.pk for one in analyses]
    )
    return {job.target_id: retold(job.message, job.said) for job in seen.order_by("id")}


def sites_of(
    user: Any, analysis: Analysis, inputs: Sequence[AnalysisInput]
) -> list[dict[str, Any]]:
    """Which sites of these inputs have answered the present round, and which are computing.

    Once it is over, whether a site let anything go is told to whoever reads its rows.
    """
    parts = AnalysisPart.objects.filter(input__in=inputs, round=analysis.spec["round"])
    known = {
        part.input_id: part
        for part in parts.annotate(
            answered=ExpressionWrapper(Q(statistics__isnull=False), BooleanField()),
            let_go=ExpressionWrapper(Q(statistics__whole=False), BooleanField()),
        ).defer("statistics")
    }
    running = set(
        Job.objects.filter(
            kind=JobKind.SUMMARISE,
            state=JobState.RUNNING,
            target_id__in=[part.pk for part in known.values()],
        ).values_list("target_id", flat=True)
    )
    is_over = analysis.state not in UNDER_WAY
    asked = Dataset.objects.filter(pk__in=[one.version.dataset_id for one in inputs])
    read = set(asked.rows_readable_by(user).values_list("pk", flat=True)) if is_over else set()
    found: dict[str, dict[str, Any]] = {}
    for one in inputs:
        part: Any = known.get(one.pk)
        line = found.setdefault(
            one.site,
            {"site": one.site, "done": True, "running": False, "let_go": not is_over, "told": True},
        )
        line["done"] &= part is not None and part.answered
        line["running"] |= part is not None and part.pk in running
        if is_over and part is not None:
            line["let_go"] |= bool(part.let_go)
            # What is held has let nothing go yet.
            line["told"] &= one.version.dataset_id in read and not part.held
    return list(found.values())
