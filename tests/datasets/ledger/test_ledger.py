"""A question whose rows differ from an earlier one's by few people waits for the data's keeper."""

import json

import numpy as np
import pytest
from django.db import transaction

from datasets.analyses import actions as analyses
from datasets.analyses import inputs
from datasets.analyses.titles import title_kept
from datasets.engine.guard.row_sets import RowSet as EngineRowSet
from datasets.engine.guard.rules import rules_of
from datasets.ledger.work import Entry, let_pass
from datasets.models import Allowance, Analysis, AnalysisPart, RowSet
from members.models import AuditEvent
from portal.jobs import actions as jobs
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from tests.factories import DatasetFactory, StudySiteFactory, table_version
from tests.factories.analyses import AnalysisFactory, job_of
from tests.meanwhile import Meanwhile
from tests.workers import killed_in_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

MODEL = {"outcome": "income", "terms": ["age"], "family": "gaussian"}
HELD = "Held for Cleveland’s decision: what it would add is not in this answer."
ALL_HELD = (
    "Nothing of this question leaves before people of the sites have decided on it: it is held."
)


@pytest.fixture
def oslo(project, contributor):
    site = StudySiteFactory(project=project, name="Oslo", country="NOR")
    own = DatasetFactory(project=project, site=site, access="project", created_by=contributor)
    return version_of(own, range(500, 560))


def version_of(dataset, patients, number=1, missing=()):
    """Patients by number, each with an age, a weight and an income of their own."""
    ages = [30 + (7 * k) % 41 for k in patients]
    columns = {
        "age": ("number", ages),
        "weight": ("number", [None if k in missing else 50 + (11 * k) % 37 for k in patients]),
        "income": ("number", [1000.0 + (137 * k) % 911 + k / 1000 for k in patients]),
    }
    return table_version(columns, dataset=dataset, number=number)


def begun(project, by, versions, method="regression", parameters=MODEL):
    return analyses.start(
        project=project,
        title="Do they differ?",
        method=method,
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters=parameters,
        by=by,
    )


def asked(*question, **more):
    """The analysis once its workers are done, whatever came of it."""
    analysis = begun(*question, **more)
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def held_in(analysis):
    parts = AnalysisPart.objects.filter(input__analysis=analysis).exclude(held=[])
    return [one.held for one in parts.order_by("round")]


def test_a_version_with_one_more_patient_is_held(api, project, lead, contributor, cleveland):
    first = asked(project, lead, [version_of(cleveland, range(100))])
    assert first.state == "succeeded"
    assert held_in(first) == []
    second = asked(project, contributor, [version_of(cleveland, range(101), 2)])
    assert second.state == "failed"
    for person in (lead, contributor):
        error = api(person).get(f"/api/v1/analyses/{second.pk}/").data["job"]["error"]
        assert (error["code"], error["detail"]) == ("held", ALL_HELD)
    ((why,),) = held_in(second)
    assert why["rule"] == "row_sets"
    assert (why["people"], why["analysis"], why["version"]) == (1, first.pk, 1)
    assert why["asked_by"] == lead.pk
    assert why["text"] == (
        f"It differs by 1 row from an earlier question: “{first.title}” of version 1, asked by "
        f"{lead.name}. At least 5 are asked for."
    )
    kept = AnalysisPart.objects.get(input__analysis=second).statistics
    assert (kept["whole"], kept["held"]) == (True, True)
    assert RowSet.objects.filter(dataset=cleveland).count() == 1


def test_enough_new_patients_pass(project, lead, cleveland):
    asked(project, lead, [version_of(cleveland, range(100))])
    second = asked(project, lead, [version_of(cleveland, range(105), 2)])
    assert second.state == "succeeded"
    third = asked(project, lead, [version_of(cleveland, range(101), 3)])
    assert third.state == "failed", "it differs from the first by one, and from the second by four"
    ((near, far),) = held_in(third)
    assert (near["people"], far["people"]) == (1, 4)


def test_a_version_in_which_nobody_changed_is_held_like_one_in_which_few_did(
    project, lead, contributor, cleveland
):
    """Else an answer would say that nobody's outcome was corrected."""
    first = asked(project, lead, [version_of(cleveland, range(100))])
    second = asked(project, contributor, [version_of(cleveland, range(100), 2)])
    assert second.state == "failed"
    ((why,),) = held_in(second)
    assert (why["people"], why["analysis"]) == (0, first.pk)


def test_variables_that_one_patient_lacks_are_held(project, lead, contributor, cleveland):
    version = version_of(cleveland, range(100), missing={50})
    assert asked(project, lead, [version]).state == "succeeded"
    more = MODEL | {"terms": ["age", "weight"]}
    assert asked(project, contributor, [version], parameters=more).state == "failed"
    ((why,),) = held_in(Analysis.objects.latest("pk"))
    assert (why["people"], why["version"]) == (1, 1)


def test_the_same_question_has_the_same_answer(project, lead, contributor, cleveland):
    version = version_of(cleveland, range(100), missing={50})
    first = asked(project, lead, [version])
    second = asked(project, contributor, [version])
    assert second.result == first.result
    assert RowSet.objects.filter(dataset=cleveland).count() == 1
    again = analyses.rerun(analysis=first, by=lead)
    claim_and_run(job_of(again).pk)
    again.refresh_from_db()
    assert again.agrees


def test_what_was_refused_is_answered_of_no_version_with_one_more(
    project, lead, contributor, cleveland
):
    """That some count passed the threshold would tell of who came; as would that none does."""
    few = MODEL | {"terms": ["weight"]}
    first, second = (version_of(cleveland, range(96 + k), 1 + k, range(4, 96)) for k in (0, 1))
    codes = [
        job_of(asked(project, by, [version], parameters=few)).error["code"]
        for by, version in ((contributor, first), (contributor, first), (contributor, second))
    ]
    assert codes == ["not_estimable", "not_estimable", "held"]
    kept = RowSet.objects.get(dataset=cleveland)
    assert (kept.version, kept.count) == (first, 4)
    weight = {"variables": ["age", "weight"]}
    assert asked(project, lead, [second], "correlation", weight).state == "failed"
    assert held_in(Analysis.objects.latest("pk"))


def test_two_earlier_answers_and_a_third_are_held(project, lead, contributor, cleveland):
    """All, those with a weight, and a model of nearly those who lack one: far from each other."""
    lacking = range(60, 100)
    first = version_of(cleveland, range(100), missing=lacking)
    whole = asked(project, contributor, [first])
    part = asked(project, lead, [first], parameters=MODEL | {"terms": ["age", "weight"]})
    assert (whole.state, part.state) == ("succeeded", "succeeded")
    second = version_of(cleveland, lacking[1:], 2)
    held = asked(project, contributor, [second])
    assert held.state == "failed"
    ((why,),) = held_in(held)
    assert (why["people"], why["analysis"], why["beside"]) == (1, whole.pk, part.pk)
    assert why["text"] == (
        "Two earlier questions added up, or one less the other, differ from it by 1 row: "
        f"“{whole.title}” and “{part.title}”. At least 5 are asked for."
    )


@pytest.mark.parametrize("patients", [105, 101], ids=["released", "held"])
def test_whoever_takes_over_finds_what_the_ledger_said(
    project, lead, contributor, cleveland, oslo, monkeypatch, patients
):
    """The round in which it spoke was kept, and it speaks of the same rows again."""
    asked(project, lead, [version_of(cleveland, range(100))])
    sets = RowSet.objects.filter(dataset=cleveland)
    assert sets.count() == 1
    analysis = begun(project, contributor, [version_of(cleveland, range(patients), 2), oslo])
    killed_in_round(3, job_of(analysis), monkeypatch)
    analysis.refresh_from_db()
    assert (analysis.state, analysis.spec["round"]) == ("running", 1)
    is_held = patients == 101
    assert len(held_in(analysis)) == is_held
    entered = sets.count()
    Job.objects.filter(pk=job_of(analysis).pk).update(lease_until="2001-01-01T00:00Z")
    assert claim_and_run(job_of(analysis).pk)
    analysis.refresh_from_db()
    assert analysis.state == "succeeded"
    assert len(held_in(analysis)) == 2 * is_held
    assert sets.count() == entered == (1 if is_held else 2)


@pytest.mark.parametrize("few", [0, 250_000])
def test_others_answer_without_the_site_and_say_so(
    api, project, lead, contributor, cleveland, oslo, monkeypatch, few
):
    """Where each input is a job of its own, and where there are few rows."""
    monkeypatch.setattr(inputs, "FEW_VALUES", few)
    asked(project, lead, [version_of(cleveland, range(100))])
    second = asked(project, contributor, [version_of(cleveland, range(101), 2), oslo])
    assert second.state == "succeeded"
    rounds = second.spec["round"]
    assert rounds > 2
    assert len(held_in(second)) == (2 if few else rounds), "held in every round that is kept"
    url = f"/api/v1/analyses/{second.pk}/"
    for person in (lead, contributor):
        told = api(person).get(url).data
        assert told["result"]["n"] == 60
        assert HELD in [one["message"] for one in told["warnings"]]
        assert told["provenance"]["disclosure"]["held_by"] == ["Cleveland"]
    assert [one["site"] for one in api(lead).get(url).data["withheld"]] == ["Cleveland"]
    assert api(contributor).get(url).data["withheld"] == []
    assert "earlier question" not in json.dumps(api(contributor).get(url).data)


def test_what_the_keeper_allows_passes_when_asked_again(project, lead, contributor, cleveland):
    asked(project, lead, [version_of(cleveland, range(100))])
    later = version_of(cleveland, range(101), 2)
    held = asked(project, contributor, [later])
    question = held.inputs.get().question_sha256
    let_pass(dataset=cleveland, question_sha256=question, by=lead)
    let_pass(dataset=cleveland, question_sha256=question, by=lead)
    assert (
        Allowance.objects.count()
        == AuditEvent.objects.filter(action="question.allowed").count()
        == 1
    )
    other = MODEL | {"terms": ["weight"]}
    assert asked(project, contributor, [later], parameters=other).state == "failed"
    assert asked(project, contributor, [later]).state == "succeeded"
    assert RowSet.objects.filter(dataset=cleveland).count() == 2


def test_a_held_analysis_is_tried_again_once_it_is_allowed(project, lead, contributor, cleveland):
    asked(project, lead, [version_of(cleveland, range(100))])
    held = asked(project, contributor, [version_of(cleveland, range(101), 2)])
    question = held.inputs.get().question_sha256
    let_pass(dataset=cleveland, question_sha256=question, by=lead)
    jobs.retry(job=job_of(held), by=contributor)
    assert claim_and_run(job_of(held).pk)
    held.refresh_from_db()
    assert (held.state, held.result["n"]) == ("succeeded", 100), "101 rows, by fives"


@pytest.mark.parametrize("method", ["describe", "correlation"])
def test_rounded_figures_of_one_version_are_compared_with_the_same_alone(
    project, lead, cleveland, method
):
    first = version_of(cleveland, range(100), missing={50})
    figures = {"variables": ["age", "weight"]}
    assert asked(project, lead, [first], method, figures).state == "succeeded"
    assert asked(project, lead, [first]).state == "succeeded"
    later = version_of(cleveland, range(101), 2, missing={50})
    assert asked(project, lead, [later], method, figures).state == "failed"
    income = {"variables": ["income"]}
    assert asked(project, lead, [later], "describe", income).state == "failed", "it was in a model"


def test_open_data_keep_no_ledger(project, lead, contributor, oslo):
    assert asked(project, lead, [oslo]).state == "succeeded"
    assert not RowSet.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_questions_at_once_the_later_waits_for_the_ledger(project, lead, cleveland):
    """Both are summarised before either is kept: the second looks when the first is entered."""
    first, second = (version_of(cleveland, range(100 + k), 1 + k) for k in (0, 1))
    entry = Entry(
        version=first,
        question_sha256="0" * 64,
        analysis=AnalysisFactory(project=project).pk,
        asked_by=lead,
        rules=rules_of("standard", 5),
        sets=[EngineRowSet(first.pk, (("income", ("income",)),), True, np.ones(100, dtype=bool))],
        titles=title_kept,
    )
    with transaction.atomic():
        assert entry.enter() == []
        other = Meanwhile(lambda: asked(project, lead, [second]))
        assert other.waits(), "it has to wait for what is not kept yet"
    answered = other.ended()
    assert answered.state == "failed"
    assert [one["people"] for one in held_in(answered)[0]] == [1]
