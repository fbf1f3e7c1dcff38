"""People whose derived value changed are gone and come, whether a file or a rule changed it."""

import pytest

from datasets.analyses import actions as analyses
from datasets.datasets import actions as datasets
from datasets.mappings import actions as mappings
from datasets.models import Analysis, AnalysisPart, RowSet, SharedVariable
from portal.jobs.running import claim_and_run
from tests.factories import (
    SharedVariableFactory,
    table_version,
)
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

MODEL = {"outcome": "income", "terms": ["treated"], "family": "gaussian"}


@pytest.fixture
def treated(project):
    return SharedVariableFactory(project=project, name="treated", type="number")


def version_of(dataset, patients=range(100), number=1, **more):
    """Patients by number, each with a dose, a score and an income of their own."""
    columns = {
        "id": ("number", [float(k) for k in patients]),
        "dose": ("number", [float(k % 4) for k in patients]),
        "income": ("number", [1000.0 + (137 * k) % 911 + k / 1000 for k in patients]),
    }
    return table_version(columns | more, dataset=dataset, number=number)


def mapped(variable, version, sql, by):
    """The variable as this expression of the version's columns, beside its incomes as they are."""
    income, is_new = SharedVariable.objects.get_or_create(
        project=version.dataset.project, name="income", type="number", defaults={"created_by": by}
    )
    rules = {variable: {"kind": "expression", "sql": sql}}
    if is_new:
        rules[income] = {"kind": "copy", "column": "income"}
    for each, rule in rules.items():
        mappings.save(
            variable=each,
            dataset=version.dataset,
            version=version,
            status="complete",
            rule=rule,
            by=by,
        )


def asked(project, by, version, method="regression", parameters=MODEL):
    analysis = analyses.start(
        project=project,
        title="Do they differ?",
        method=method,
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters=parameters,
        by=by,
    )
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def people(analysis):
    part = AnalysisPart.objects.filter(input__analysis=analysis).order_by("round").first()
    return [one["people"] for one in part.held]


BEFORE = "CASE WHEN dose >= 2 THEN 1 ELSE 0 END"


@pytest.mark.parametrize(
    ("after", "held"),
    [
        ("CASE WHEN dose >= 2 OR id = 40 THEN 1 ELSE 0 END", [1]),
        ("CASE WHEN dose >= 2 AND id > 15 THEN 1 ELSE 0 END", []),  # eight of them changed
        ("CASE WHEN dose > 1 THEN 1 ELSE 0 END", []),  # other words, same values
        # Everybody's code changed, and for two that was not all.
        ("CASE WHEN dose >= 2 OR id < 6 THEN 5 ELSE 4 END", [4]),
    ],
)
def test_a_rule_that_changed_for_few_is_held(
    project, lead, contributor, cleveland, treated, after, held
):
    version = version_of(cleveland)
    mapped(treated, version, BEFORE, lead)
    assert asked(project, contributor, version).state == "succeeded"
    mapped(treated, version, after, lead)
    second = asked(project, contributor, version)
    assert people(second) == held
    assert second.state == ("failed" if held else "succeeded")


@pytest.mark.parametrize("method", ["describe", "correlation"])
def test_rounded_figures_of_a_changed_rule_are_held_too(
    project, lead, contributor, cleveland, treated, method
):
    version = version_of(cleveland)
    mapped(treated, version, BEFORE, lead)
    figures = {"variables": ["income", "treated"]}
    assert asked(project, contributor, version, method, figures).state == "succeeded"
    mapped(treated, version, "CASE WHEN dose >= 2 OR id = 40 THEN 1 ELSE 0 END", lead)
    assert people(asked(project, contributor, version, method, figures)) == [1]


def test_a_second_variable_of_the_same_column_is_the_same_change(
    project, lead, contributor, cleveland, treated
):
    version = version_of(cleveland)
    mapped(treated, version, BEFORE, lead)
    assert asked(project, contributor, version).state == "succeeded"
    other = SharedVariableFactory(project=project, name="treated_too", type="boolean")
    mapped(other, version, "dose >= 2 OR id = 40", lead)
    parameters = MODEL | {"terms": ["treated_too"]}
    assert people(asked(project, contributor, version, parameters=parameters)) == [1]


def test_a_new_version_hides_no_changed_rule(project, lead, contributor, cleveland, treated):
    """The file is the same in what both answers read; the rule moved one patient."""
    first = version_of(cleveland)
    mapped(treated, first, BEFORE, lead)
    assert asked(project, contributor, first).state == "succeeded"
    second = version_of(cleveland, number=2, note=("number", [float(k) for k in range(100)]))
    mapped(treated, second, "CASE WHEN dose >= 2 OR id = 40 THEN 1 ELSE 0 END", lead)
    assert people(asked(project, contributor, second)) == [1]


def test_answers_of_open_data_stand_in_the_ledger_once_they_close(
    project, lead, contributor, cleveland
):
    """Exact means told while everybody might read the rows, less those of one patient more."""
    datasets.change(dataset=cleveland, access="project", by=lead)
    first = version_of(cleveland)
    told = asked(project, lead, first, "describe", {"variables": ["income"]})
    asked(project, lead, first, parameters=MODEL | {"terms": ["dose"]})
    assert not RowSet.objects.exists()
    datasets.change(dataset=cleveland, access="controlled", by=lead)
    second = version_of(cleveland, range(101), 2)
    later = asked(project, contributor, second, parameters=MODEL | {"terms": ["dose"]})
    (part,) = AnalysisPart.objects.filter(input__analysis=later)
    assert {one["analysis"] for one in part.held} >= {told.pk}
    assert [one["people"] for one in part.held] == [1, 1]
    sets = RowSet.objects.filter(dataset=cleveland)
    assert list(sets.values_list("subtractable", flat=True)) == [True, True], (
        "nothing was rounded then"
    )
    third = version_of(cleveland, range(110), 3)
    assert asked(project, contributor, third, parameters=MODEL | {"terms": ["dose"]}).result
    assert sets.count() == 3, "each stands there once"


def test_a_closed_ledger_forgets_what_no_gate_let_through(project, lead, contributor, cleveland):
    """What was held or refused while the data were guarded left nothing to subtract."""
    asked(project, contributor, version_of(cleveland), parameters=MODEL | {"terms": ["dose"]})
    second = version_of(cleveland, range(101), 2)
    assert asked(project, contributor, second, parameters=MODEL | {"terms": ["dose"]}).state == (
        "failed"
    )
    assert RowSet.objects.filter(dataset=cleveland).count() == 1
