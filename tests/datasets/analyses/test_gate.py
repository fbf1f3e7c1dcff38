"""What a guarded dataset keeps back, it keeps back from everybody, before anything is added."""

import json
import random

import pytest

from datasets.analyses import actions as analyses
from datasets.models import Analysis, AnalysisPart
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    StudySiteFactory,
    table_version,
)
from tests.factories.analyses import run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

SENTENCE = (
    "Withheld by Cleveland: some of its figures are left out, because they would be about too few "
    "people, or would tell too much of one."
)


@pytest.fixture
def planted():
    """A level and an age that nobody without row rights may learn of, new at every run."""
    return {
        "level": f"ward-{random.SystemRandom().randrange(10**9)}",
        "age": 1000 + random.SystemRandom().randrange(1, 9000),
    }


def dataset(project, name, ages, wards, **values):
    """A version of a new dataset at a site of this name."""
    site = StudySiteFactory(project=project, name=name, country="USA")
    columns = {"age": ("integer", ages)} | ({"ward": ("category", wards)} if wards else {})
    # What a person does with it afterwards is another matter: see tests/datasets/releases.
    values = {"release_policy": "gate", **values}
    return table_version(columns, dataset=DatasetFactory(project=project, site=site, **values))


def guarded(project, planted, access="controlled"):
    ages = [30 + k % 41 for k in range(122)] + [planted["age"]]
    wards = ["north", "south", "east"] * 40 + [planted["level"]] * 3
    return dataset(project, "Cleveland", ages, wards, access=access, threshold=5)


def finished(project, by, versions, method="describe", parameters=None):
    analysis = analyses.start(
        project=project,
        title="Who are they?",
        method=method,
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters=parameters or {"variables": ["age", "ward"]},
        by=by,
    )
    run_analysis(analysis)
    return Analysis.objects.get(pk=analysis.pk)


@pytest.mark.parametrize("access", ["controlled", "summaries"])
def test_no_value_and_no_rare_level_leaves_a_guarded_site(api, lead, project, planted, access):
    analysis = finished(project, lead, [guarded(project, planted, access)])
    read = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data
    age, ward = read["result"]["variables"]
    # A lead reads the same as others: two answers would explain each other.
    assert (age["overall"]["min"], age["overall"]["max"]) == (None, None)
    counts = {one["value"]: one["n"] for one in ward["overall"]["counts"]}
    assert set(counts) == {"north", "south", "east"}
    assert all(n % 5 == 0 for n in counts.values())
    assert ward["overall"]["n"] + ward["overall"]["missing"] == read["result"]["rows"] == 125
    kept = json.dumps(
        [
            analysis.spec,
            analysis.result,
            analysis.warnings,
            list(AnalysisPart.objects.values_list("statistics", flat=True)),
        ]
    )
    assert planted["level"] not in kept
    assert str(planted["age"]) not in kept
    assert read["provenance"]["disclosure"]["withheld_by"] == ["Cleveland"]
    assert read["provenance"]["disclosure"]["rules"][0]["profile"] == "standard"


def test_quartiles_read_from_bins_say_so(page, lead, project):
    """Of pressures told in tens a quartile came out 8 mmHg off, and the page called it rounded; now
    it is what most of them are read to."""
    pressures = [100 + 10 * (k % 9) + k % 11 * (k % 7 == 0) for k in range(290)]
    version = dataset(project, "Cleveland", pressures, None, access="controlled")
    analysis = finished(project, lead, [version], parameters={"variables": ["age"]})
    upper = analysis.result["variables"][0]["overall"]["quantiles"]["0.75"]
    assert upper == sorted(pressures)[217] == 160
    said = page(lead).get(analysis.get_absolute_url()).text
    assert "quartiles with ≈ are read from bins" in said


@pytest.mark.parametrize("access", ["open", "registered", "project"])
def test_what_everybody_who_asks_may_read_is_exact(api, lead, project, planted, access):
    analysis = finished(project, lead, [guarded(project, planted, access)])
    age = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]["variables"][0]
    assert (age["overall"]["n"], age["overall"]["max"]) == (123, planted["age"])
    assert analysis.provenance["disclosure"]["withheld_by"] == []


def test_all_read_one_sentence_and_who_reads_the_rows_the_rule(api, page, lead, project, planted):
    analysis = finished(project, lead, [guarded(project, planted)])
    contributor = MembershipFactory(project=project, role="contributor").user
    url = f"/api/v1/analyses/{analysis.pk}/"
    told = api(lead).get(url).data
    (of_ward,) = [one for one in told["withheld"] if one.get("variable") == "ward"]
    assert of_ward["site"] == "Cleveland"
    assert of_ward["reason"] == (
        "1 level is rare (rows: 3); at least 5 are asked for: merge levels"
    )
    assert of_ward["risk"] == "LowCount"
    others = api(contributor).get(url).data
    reading = api(lead, scopes=["read"]).get(url).data
    assert others["withheld"] == reading["withheld"] == []
    assert '"risk"' not in json.dumps([others, reading], default=str)
    for one in (told, others, reading):
        assert SENTENCE in [warning["message"] for warning in one["warnings"]]
    html = page(lead).get(analysis.get_absolute_url()).content.decode()
    assert SENTENCE in html
    assert "1 level is rare" in html
    html = page(contributor).get(analysis.get_absolute_url()).content.decode()
    assert SENTENCE in html
    assert "1 level is rare" not in html


def test_rows_of_ones_own_beside_a_guarded_dataset_hide_nothing(api, lead, project, planted):
    contributor = MembershipFactory(project=project, role="contributor").user
    own = dataset(project, "Oslo", [50] * 40, [planted["level"]] * 40, created_by=contributor)
    analysis = finished(
        project,
        contributor,
        [guarded(project, planted), own],
        parameters={"variables": ["age"], "by": "ward"},
    )
    shown = api(contributor).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    sizes = {one["level"]: one["n"] for one in shown["groups"]}
    assert sizes[planted["level"]] == 40


def test_a_site_that_withholds_a_model_is_left_out_of_it(api, lead, project, planted):
    contributor = MembershipFactory(project=project, role="contributor").user
    own = dataset(
        project,
        "Oslo",
        [30 + (7 * k) % 41 for k in range(80)],
        [("north", "south", planted["level"])[k % 3] for k in range(80)],
        created_by=contributor,
    )
    asked = {"outcome": "age", "terms": ["ward"], "family": "gaussian"}
    analysis = finished(project, contributor, [guarded(project, planted), own], "regression", asked)
    read = api(contributor).get(f"/api/v1/analyses/{analysis.pk}/").data
    assert read["result"]["n"] == 80
    assert read["result"]["excluded_sites"] == [
        {"site": "Cleveland", "reason": "withheld by its rules"}
    ]
    assert [one["message"] for one in read["warnings"] if "Cleveland" in one["message"]] == [
        SENTENCE
    ]


def test_a_guarded_answer_is_found_again(api, lead, project, planted):
    analysis = finished(project, lead, [guarded(project, planted)])
    again = analyses.rerun(analysis=analysis, by=lead)
    run_analysis(again)
    again.refresh_from_db()
    assert again.agrees


def test_a_tightened_policy_counts_from_the_next_part_on(lead, project, planted):
    version = guarded(project, planted, "open")
    analysis = analyses.start(
        project=project,
        title="Who are they?",
        method="describe",
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters={"variables": ["age", "ward"]},
        by=lead,
    )
    project.datasets.update(access="summaries")
    run_analysis(analysis)
    analysis.refresh_from_db()
    assert planted["level"] not in json.dumps(analysis.result)


@pytest.mark.parametrize(
    ("rules", "threshold", "bins"),
    [("standard", 5, True), ("strict", 10, True), ("sums_only", 10, False)],
)
def test_the_owner_chooses_the_rules(lead, project, planted, rules, threshold, bins):
    version = guarded(project, planted | {"age": 70})
    project.datasets.update(disclosure_rules=rules)
    analysis = finished(project, lead, [version])
    (used,) = analysis.provenance["disclosure"]["rules"]
    assert (used["profile"], used["threshold"]) == (rules, threshold)
    age = analysis.result["variables"][0]["overall"]
    assert age["mean"] == pytest.approx(49, abs=3)
    assert bool(age["histogram"]) is bins


def test_the_limits_are_told_before_it_runs(page, lead, project, planted):
    version = guarded(project, planted)
    sent = {
        "method": "describe",
        "title": "Who are they?",
        "variables": ["age"],
        "by": "",
        "inputs": [f"{version.dataset_id}:{version.number}"],
        "step": "check",
    }
    url = f"/projects/{project.slug}/analyses/new/"
    html = page(lead).post(url, sent, follow=True).content.decode()
    assert "Groups, levels and counts of at least 5 people." in " ".join(html.split())


def test_counts_of_open_sites_are_not_hidden_from_who_reads_their_rows(api, project):
    """At one open site 2 people have no age; a guarded site beside it has rounded its own."""
    sites = [
        dataset(project, name, [None] * lost + [30 + k % 41 for k in range(100)], None, **rules)
        for name, lost, rules in (
            ("Cleveland", 1, {"access": "summaries", "threshold": 5}),
            ("Oslo", 2, {"access": "project"}),
            ("Turku", 30, {"access": "project"}),
        )
    ]
    member = MembershipFactory(project=project, role="contributor").user
    asked = {"variables": ["age"], "by": "site"}
    analysis = finished(project, member, sites, parameters=asked)
    result = api(member).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    age = {one["level"]: one for one in result["variables"][0]["groups"]}
    told = {site: (one["n"], one["missing"], one["approximate"]) for site, one in age.items()}
    assert told == {
        "Cleveland": (100, 0, True),
        "Oslo": (100, 2, False),
        "Turku": (100, 30, False),
    }
    # To whoever reads none of the rows the open sites are rounded like the guarded one.
    reader = MembershipFactory(project=project, role="reader").user
    result = api(reader).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    groups = result["variables"][0]["groups"]
    assert [(one["missing"], one["approximate"]) for one in groups] == [
        (0, True),
        (0, True),
        (30, True),
    ]


def test_what_is_rounded_begins_with_a_capital_and_how_is_told_below_the_answer(
    page, api, lead, project, planted
):
    analysis = finished(project, lead, [guarded(project, planted)])
    said = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["sentence"]
    assert said.startswith("About 125 rows hold 2 variables.")
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    flags, notes = html.index('class="answer-flags"'), html.index('id="notes-h"')
    assert flags < notes < html.index("Figures of Cleveland are rounded")
    assert html.count("Figures of Cleveland are rounded") == 1
