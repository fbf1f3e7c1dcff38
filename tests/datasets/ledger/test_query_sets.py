"""Two columns that were told over many selections of rows wait for the data's keeper over another.

Of one version, whoever asks; the same rows count once, and so does the same question.
"""

import itertools

import pytest

from datasets.analyses import actions as analyses
from datasets.engine.guard.rules import PROFILES
from datasets.ledger.work import let_pass
from datasets.models import Analysis, AnalysisPart, RowSet
from portal.jobs.running import claim_and_run
from tests.factories import table_version
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

MOST = PROFILES["standard"].query_sets
LABS = [f"lab{k}" for k in range(MOST + 2)]
ALL_HELD = (
    "Nothing of this question leaves before people of the sites have decided on it: it is held."
)


def version_of(dataset, lacked=LABS, number=1, patients=300):
    """Patients with a pressure and a drug; each of these labs is lacked by twenty others."""
    places = range(patients)
    columns = {
        "pressure": ("number", [100.0 + (137 * k) % 61 + k / 1000 for k in places]),
        "drug": ("boolean", [k % 3 == 0 for k in places]),
        "age": ("number", [30.0 + (7 * k) % 41 for k in places]),
    }
    for j, name in enumerate(lacked):
        gap = range(20 * j, 20 * j + 20)
        columns[name] = (
            "number",
            [None if k in gap else float((11 + 6 * j) * k % 97) for k in places],
        )
    return table_version(columns, dataset=dataset, number=number)


def asked(person, version, terms=("drug",), method="regression", **more):
    model = {"outcome": "pressure", "terms": [*terms], "family": "gaussian"}
    analysis = analyses.start(
        project=version.dataset.project,
        title="Does the drug lower the pressure?",
        method=method,
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters=more or model,
        by=person,
    )
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def used_up(version, *people):
    """All that two columns are told over without a look, whoever asks."""
    for person, lab in zip(itertools.cycle(people), LABS[:MOST], strict=False):
        assert asked(person, version, ["drug", lab]).state == "succeeded"


def reasons(analysis):
    held = AnalysisPart.objects.filter(input__analysis=analysis).exclude(held=[])
    return [one for part in held for one in part.held]


def test_one_selection_more_is_held_whoever_asks(api, lead, contributor, cleveland):
    version = version_of(cleveland)
    used_up(version, lead, contributor)
    held = asked(contributor, version, ["drug", LABS[MOST]])
    assert held.state == "failed"
    for person in (lead, contributor):
        error = api(person).get(f"/api/v1/analyses/{held.pk}/").data["job"]["error"]
        assert (error["code"], error["detail"]) == ("held", ALL_HELD)
    (why,) = reasons(held)
    assert why["rule"] == "query_sets"
    assert why["text"] == (
        f"“drug” and “pressure” were told together over {MOST} different selections of this "
        "version’s rows, and this question is about another one: what rounding hides of the two is "
        f"told by the average of many. At most {MOST} pass without a person’s look."
    )
    release = held.releases.get()
    assert [
        one["rule"] for one in api(lead).get(f"/api/v1/releases/{release.pk}/").data["held"]
    ] == ["query_sets"]


def test_the_same_rows_never_run_out(lead, contributor, cleveland):
    version = version_of(cleveland)
    used_up(version, lead)
    assert asked(contributor, version, ["drug", LABS[0]]).state == "succeeded", "the same question"
    more = asked(contributor, version, ["drug", LABS[0], "age"])
    assert more.state == "succeeded", "others about the same people"
    assert asked(contributor, version, [LABS[MOST]]).state == "succeeded", "others without the two"


def test_a_table_is_about_a_selection_of_its_own(lead, cleveland):
    """Of all who have both; a description of each by itself is about no two."""
    version = version_of(cleveland)
    used_up(version, lead)
    each = asked(lead, version, method="describe", variables=["pressure", "age"])
    assert each.state == "succeeded"
    table = asked(lead, version, method="describe", variables=["pressure"], by="drug")
    assert [one["rule"] for one in reasons(table)] == ["query_sets"]


def test_what_a_keeper_lets_pass_counts_and_what_is_held_does_not(lead, contributor, cleveland):
    version = version_of(cleveland)
    used_up(version, lead)
    *_, first, second = LABS
    held = asked(contributor, version, ["drug", first])
    assert held.state == "failed"
    assert RowSet.objects.filter(dataset=cleveland).count() == MOST
    assert asked(contributor, version, ["drug", first, "age"]).state == "failed", "the same rows"
    let_pass(dataset=cleveland, question_sha256=held.inputs.get().question_sha256, by=lead)
    assert asked(contributor, version, ["drug", first]).state == "succeeded"
    assert asked(contributor, version, ["drug", first, "age"]).state == "succeeded"
    (why,) = reasons(asked(contributor, version, ["drug", second]))
    assert f"over {MOST + 1} different selections" in why["text"]


def test_each_version_has_selections_of_its_own(lead, contributor, cleveland):
    used_up(version_of(cleveland), lead)
    later = version_of(cleveland, number=2, patients=340)
    assert asked(contributor, later, ["drug", LABS[MOST]]).state == "succeeded"


def test_stricter_rules_ask_for_fewer(lead, cleveland):
    cleveland.disclosure_rules = "strict"
    cleveland.save()
    version = version_of(cleveland)
    states = [asked(lead, version, ["drug", lab]).state for lab in LABS]
    strict = PROFILES["strict"].query_sets
    assert states == ["succeeded"] * strict + ["failed"] * (len(LABS) - strict)


def test_a_usual_programme_over_columns_with_missing_values_passes(lead, cleveland):
    """A table, a matrix over complete rows and a dozen models of one exposure and outcome, with
    four covariates of which others lack each."""
    version = version_of(cleveland, LABS[:4])
    first, second, third, fourth = labs = LABS[:4]
    table = asked(lead, version, method="describe", variables=["pressure", "age"], by="drug")
    matrix = asked(
        lead,
        version,
        method="correlation",
        variables=["pressure", "age", *labs],
        missing="listwise",
    )
    models = [
        [],
        ["age"],
        *([one] for one in labs),
        *(["age", one] for one in labs[:2]),
        ["age", first, second],
        ["age", first, second, third],
        ["age", *labs],
        labs,
    ]
    answered = [table, matrix, *(asked(lead, version, ["drug", *terms]) for terms in models)]
    assert [one.state for one in answered] == ["succeeded"] * 14
    for terms in ([first, third], [second, fourth]):
        more = asked(lead, version, ["drug", *terms])
        assert [one["rule"] for one in reasons(more)] == ["query_sets"], "a ninth selection"
