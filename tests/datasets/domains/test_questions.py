"""What of it enters a question: levels, ranges and edges as they were declared, not as data are."""

import pytest

from datasets.analyses import actions as analyses
from datasets.domains import actions as domains
from datasets.ledger.work import let_pass
from datasets.mappings import actions as mappings
from datasets.models import Analysis
from portal.common.exceptions import Invalid
from portal.jobs.running import claim_and_run
from tests.datasets.domains.conftest import WARDS, table
from tests.factories import SharedVariableFactory
from tests.factories.analyses import job_of
from tests.factories.files import ready_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

LEVELS = {"column": "ward", "levels": [("north", ""), ("south", ""), ("attic", "")]}


def ask(ward, by, method="describe", **parameters):
    version = ward.versions.latest("number")
    analysis = analyses.start(
        project=ward.project,
        title="Which wards?",
        method=method,
        inputs=[{"dataset": ward.pk, "version": version.number}],
        parameters=parameters or {"variables": ["ward"]},
        by=by,
    )
    return run(analysis)


def run(analysis):
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def described(analysis, place=0):
    return analysis.result["variables"][place]["overall"]


def counts(analysis):
    return {one["value"]: one["n"] for one in described(analysis)["counts"]}


def test_levels_are_those_declared_whatever_the_data(ward, keeper, asker):
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    found = ask(ward, asker)
    assert counts(found) == {"north": 65, "south": 50, "attic": 0}
    assert "asylum" not in str(vars(found))
    # The same answer whether those three are elsewhere or nowhere: both are missing.
    ready_version(ward, table([one.replace("asylum", "moon") for one in WARDS]))
    held = ask(ward, asker)
    assert held.result is None, "few changed, or none"
    question = held.inputs.get().question_sha256
    let_pass(dataset=ward, question_sha256=question, by=keeper)
    assert described(ask(ward, asker)) == described(found)


def test_one_of_few_is_as_one_that_nobody_has(ward, keeper, asker):
    levels = [("north", ""), ("south", ""), ("attic", ""), ("asylum", "")]
    domains.declare(dataset=ward, domains=[{"column": "ward", "levels": levels}], by=keeper)
    assert counts(ask(ward, asker)) == {"north": 65, "south": 50, "attic": 0, "asylum": 0}
    model = {"outcome": "age", "terms": ["ward"], "family": "gaussian"}
    found = ask(ward, asker, "regression", **model)
    terms = [one["term"] for one in found.result["coefficients"]]
    assert terms == ["(Intercept)", "ward[south]"]


def test_a_new_level_in_a_new_version_is_missing_until_it_is_declared(ward, keeper, asker):
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    ready_version(ward, table([*WARDS, *["garden"] * 40]))
    assert "garden" not in counts(ask(ward, asker))
    more = [*LEVELS["levels"], ("garden", "")]
    domains.declare(dataset=ward, domains=[{"column": "ward", "levels": more}], by=keeper)
    assert counts(ask(ward, asker))["garden"] == 40


def test_a_mapping_that_declares_codes_goes_before(ward, keeper, asker, lead):
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    variable = SharedVariableFactory(
        project=ward.project, name="place", type="category", codes={"far": "", "near": ""}
    )
    recode = {"north": "far", "south": "near", "asylum": "near"}
    rule = {"kind": "recode", "column": "ward", "map": recode, "otherwise": None}
    version = ward.versions.latest("number")
    mappings.save(variable=variable, dataset=ward, version=version, rule=rule, by=keeper)
    assert counts(ask(ward, asker, variables=["place"])) == {"far": 60, "near": 55}


def test_a_recode_without_codes_gives_what_it_says_and_what_was_declared(ward, keeper, asker):
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    variable = SharedVariableFactory(project=ward.project, name="place", type="category", codes={})
    rule = {
        "kind": "recode",
        "column": "ward",
        "map": {"north": "far"},
        "otherwise": {"kind": "copy"},
    }
    version = ward.versions.latest("number")
    mappings.save(variable=variable, dataset=ward, version=version, rule=rule, by=keeper)
    found = counts(ask(ward, asker, variables=["place"]))
    assert found == {"far": 65, "north": 0, "south": 50, "attic": 0}


def test_levels_may_be_called_anything(ward, keeper, asker):
    wild = [
        'say "yes"',
        "a,b",
        "'; DROP TABLE t; --",
        "{{ x }} %(n)d",
        "العمر",
        "NULL!",
    ]
    ready_version(ward, table([level for level in wild for _ in range(20)]))
    levels = [(level, "") for level in [*wild, "nobody's \\"]]
    domains.declare(dataset=ward, domains=[{"column": "ward", "levels": levels}], by=keeper)
    assert counts(ask(ward, asker)) == {**dict.fromkeys(wild, 20), "nobody's \\": 0}


@pytest.mark.parametrize(
    ("declared", "n"),
    [
        ({"low": 50}, 60),
        ({"high": 49}, 55),
        ({"low": 0, "high": 200}, 115),
    ],
)
def test_values_outside_the_range_are_missing(ward, keeper, asker, declared, n):
    domains.declare(dataset=ward, domains=[{"column": "age", **declared}], by=keeper)
    assert described(ask(ward, asker, variables=["age"]))["n"] == n


def test_a_code_that_was_not_declared_is_missing_whatever_the_rule(ward, keeper, asker):
    codes = [("0", "none"), ("1", "one")]
    domains.declare(dataset=ward, domains=[{"column": "visits", "levels": codes}], by=keeper)
    variable = SharedVariableFactory(project=ward.project, name="more", type="number")
    version = ward.versions.latest("number")
    rule = {"kind": "expression", "sql": "visits + 1"}
    mappings.save(variable=variable, dataset=ward, version=version, rule=rule, by=keeper)
    found = described(ask(ward, asker, variables=["more"]))
    assert {one["value"] for one in found["counts"]} == {1.0, 2.0}
    assert found["missing"] == 35


def test_bins_are_those_declared(ward, keeper, asker):
    """What is outside is in the last bin: where it stands tells nothing of how far out that is."""
    ready_version(ward, table(extreme=150))
    edges = [0, 45, 60, 120]
    domains.declare(dataset=ward, domains=[{"column": "age", "edges": edges}], by=keeper)
    found = described(ask(ward, asker, variables=["age"]))
    low, middle, high = (found["quantiles"][p] for p in ("0.05", "0.5", "0.95"))
    assert 0 < low < 45 < middle < 60 < high < 120
    # A bin's rows are spread evenly over it, whose whole numbers begin half a year before its edge.
    assert {(one + 0.5) % 7.5 for one in (low, high)} == {0}
    assert (found["n"], found["missing"]) == (115, 0)


def test_edges_are_told_in_the_variables_unit(ward, keeper, asker):
    edges = [0, 70, 80, 90, 200]
    domains.declare(dataset=ward, domains=[{"column": "weight", "edges": edges}], by=keeper)
    variable = SharedVariableFactory(
        project=ward.project, name="grams", type="number", unit="g", codes={}
    )
    rule = {"kind": "unit", "column": "weight", "from": "kg", "to": "g"}
    version = ward.versions.latest("number")
    mappings.save(variable=variable, dataset=ward, version=version, rule=rule, by=keeper)
    found = ask(ward, asker, variables=["grams"])
    told = sorted(described(found)["quantiles"].values())
    assert 0 < told[0] < 70_000
    assert 90_000 < told[-1] < 200_000


def test_whoever_reads_the_rows_of_an_open_dataset_is_told_all(ward, keeper, asker):
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    ward.access = "project"
    ward.save(update_fields=["access"])
    assert counts(ask(ward, asker)) == {"north": 60, "south": 50, "asylum": 3}


def test_answers_say_what_they_kept_to(ward, keeper, asker):
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    first = ask(ward, asker)
    (kept,) = first.provenance["inputs"]
    assert kept["domains"]["variables"][0]["levels"] == ["north", "south", "attic"]
    again = run(analyses.rerun(analysis=first, by=asker))
    assert again.differences == []
    fewer = {"column": "ward", "levels": [("north", ""), ("south", "")]}
    domains.declare(dataset=ward, domains=[fewer], by=keeper)
    assert run(analyses.rerun(analysis=first, by=asker)).differences


def test_another_domain_is_another_question_for_the_ledger(ward, keeper, asker):
    """Three people more or less: the second answer is held, as it is of another version."""
    model = {"outcome": "age", "terms": ["weight"], "family": "gaussian"}
    codes = [("0", ""), ("1", ""), ("2", "")]
    model["terms"] = ["weight", "visits"]
    domains.declare(dataset=ward, domains=[{"column": "visits", "levels": codes}], by=keeper)
    assert ask(ward, asker, "regression", **model).state == "succeeded"
    domains.declare(
        dataset=ward,
        domains=[{"column": "visits", "levels": codes}, {"column": "age", "high": 79}],
        by=keeper,
    )
    version = ward.versions.latest("number")
    analysis = analyses.start(
        project=ward.project,
        title="Once more",
        method="regression",
        inputs=[{"dataset": ward.pk, "version": version.number}],
        parameters=model,
        by=asker,
    )
    claim_and_run(job_of(analysis).pk)
    assert Analysis.objects.get(pk=analysis.pk).state == "failed"
    assert job_of(analysis).error["code"] == "held"


@pytest.mark.parametrize("rules", ["strict", "sums_only"])
def test_strict_rules_take_no_levels_from_the_data(ward, keeper, asker, rules):
    ward.disclosure_rules = rules
    ward.save(update_fields=["disclosure_rules"])
    with pytest.raises(Invalid) as refused:
        ask(ward, asker)
    assert refused.value.errors["inputs"] == [
        "The levels of ward are not declared in “Ward”, whose rules ask for it. "
        "Carla Keeper may declare them."
    ]
    read = ask(ward, keeper)
    assert set(counts(read)) == {"north", "south"}
    with pytest.raises(Invalid, match="not declared"):
        analyses.rerun(analysis=read, by=asker)


def test_strict_rules_take_declared_levels(ward, keeper, asker):
    ward.disclosure_rules = "strict"
    ward.save(update_fields=["disclosure_rules"])
    domains.declare(dataset=ward, domains=[LEVELS], by=keeper)
    assert counts(ask(ward, asker)) == {"north": 65, "south": 50, "attic": 0}
