"""Analyses over the API: who may ask, who sees how much, and what comes back."""

import csv
import io
from unittest.mock import patch

import pytest

from datasets.analyses import actions as analyses
from datasets.choices import AnalysisState
from datasets.models import Analysis
from datasets.pools.pool import pool
from portal.jobs.running import claim_and_run
from projects.models import Membership
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    DatasetFactory,
    MembershipFactory,
    StudySiteFactory,
    UserFactory,
    VersionFactory,
    table_version,
)
from tests.factories.analyses import run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

NUL = [{"title": "a\x00"}, {"parameters": {"variables": ["age\x00"]}}, {"method": "\x00"}]
AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
WARDS = ["north"] * 9 + ["south"] * 5 + ["west"] * 2


@pytest.fixture
def versions(project):
    made = []
    for name, country in (("Oslo", "NOR"), ("Lima", "PER")):
        site = StudySiteFactory(project=project, name=name, country=country)
        dataset = DatasetFactory(project=project, site=site, access="project", threshold=3)
        columns = {"age": ("integer", AGES), "ward": ("category", WARDS)}
        made.append(table_version(columns, dataset=dataset))
    return made


def question(versions, **values):
    inputs = [{"dataset": one.dataset_id, "version": one.number} for one in versions]
    parameters = {"variables": ["age", "ward"], "by": "site"}
    return {
        "title": "Who are they?",
        "method": "describe",
        "inputs": inputs,
        "parameters": parameters,
    } | values


def finished(lead, project, versions, **values):
    analysis = analyses.start(project=project, **question(versions, **values), by=lead)
    run_analysis(analysis)
    return Analysis.objects.get(pk=analysis.pk)


def test_ask_and_read(api, lead, project, versions):
    call = api(lead)
    asked = call.post("/api/v1/projects/heart/analyses/", question(versions))
    assert asked.status_code == 202
    assert (asked.data["state"], asked.data["result"]) == ("queued", None)
    assert call.get(asked.data["job"]["url"]).data["kind"] == "analyse"
    assert claim_and_run(asked.data["job"]["id"])
    read = call.get(f"/api/v1/analyses/{asked.data['id']}/").data
    assert read["state"] == "succeeded"
    assert read["parameters"] == {"variables": ["age", "ward"], "by": "site"}
    assert [one["version"] for one in read["inputs"]] == [one.number for one in versions]
    age = read["result"]["variables"][0]
    assert (age["overall"]["n"], age["overall"]["min"]) == (32, 30.0)
    assert read["result_sha256"] == read["provenance"]["result_sha256"]
    again = call.post(f"/api/v1/analyses/{read['id']}/rerun/")
    assert (again.status_code, again.data["rerun_of"]) == (202, read["id"])
    assert claim_and_run(again.data["job"]["id"])
    assert call.get(f"/api/v1/analyses/{again.data['id']}/").data["agrees"] is True
    assert call.get(f"/api/v1/analyses/{read['id']}/").data["reruns"] == [again.data["id"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "method"),
        ({"title": "x" * 161}, "title"),
        ({"method": "survival"}, "method"),
        ({"inputs": "all"}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [{"dataset": "x", "version": 1}]}, "inputs.0.dataset"),
        ({"inputs": [{"dataset": 10**40, "version": 1}]}, "inputs"),
        ({"parameters": []}, "parameters"),
        ({"parameters": {"variables": {"a": [[[[]]]]}}}, "parameters.variables"),
        ({"parameters": {"by": 5}}, "parameters.by"),
        ({"parameters": {"surprise": 1}}, "parameters.surprise"),
    ],
)
def test_what_does_not_fit_is_told_by_field(api, lead, versions, body, field):
    sent = question(versions) | body if body else {}
    refused = api(lead).post("/api/v1/projects/heart/analyses/", sent)
    assert refused.status_code == 400
    assert any(error["field"].startswith(field) for error in refused.data["errors"])
    assert not Analysis.objects.exists()


def test_without_a_title_it_is_called_by_the_question(api, lead, versions):
    for title in ({"title": ""}, {"title": "  "}):
        asked = api(lead).post("/api/v1/projects/heart/analyses/", question(versions) | title)
        assert asked.data["title"] == "How are the values of age and ward spread? (Oslo and Lima)"
    left_out = question(versions)
    del left_out["title"]
    with patch("datasets.analyses.actions.pool", wraps=pool) as offered:
        asked = api(lead).post("/api/v1/projects/heart/analyses/", left_out)
    assert asked.data["title"].startswith("How are the values")
    assert offered.call_count == 1, "the question is checked once"


@pytest.mark.parametrize("body", NUL)
def test_a_nul_anywhere_is_refused(api, lead, versions, body):
    refused = api(lead).post("/api/v1/projects/heart/analyses/", question(versions) | body)
    assert refused.status_code == 400
    assert not Analysis.objects.exists()


@pytest.mark.parametrize(
    ("role", "ask", "read"),
    [
        ("lead", 202, 200),
        ("steward", 202, 200),
        ("contributor", 202, 200),
        ("reader", 403, 200),
        ("", 403, 404),
    ],
)
def test_who_may_ask_and_read(api, lead, project, versions, role, ask, read):
    analysis = finished(lead, project, versions)
    user = MembershipFactory(project=project, role=role).user if role else UserFactory()
    call = api(user)
    count = Analysis.objects.count()
    assert call.post("/api/v1/projects/heart/analyses/", question(versions)).status_code == ask
    assert call.get(f"/api/v1/analyses/{analysis.pk}/").status_code == read
    rerun = call.post(f"/api/v1/analyses/{analysis.pk}/rerun/").status_code
    assert rerun == (404 if read == 404 else ask)
    assert Analysis.objects.count() == (count + 2 if ask == 202 else count)
    listed = call.get("/api/v1/projects/heart/analyses/").status_code
    assert listed == (200 if role else 403)


def test_scopes(api, lead, project, versions):
    analysis = AnalysisFactory(project=project, succeeded=True)
    reading = api(lead, scopes=["read"])
    assert reading.get(f"/api/v1/analyses/{analysis.pk}/").status_code == 200
    asked = reading.post("/api/v1/projects/heart/analyses/", question(versions))
    assert asked.status_code == 403
    assert reading.post(f"/api/v1/analyses/{analysis.pk}/rerun/").status_code == 403
    assert api().get(f"/api/v1/analyses/{analysis.pk}/").status_code == 401


def test_whoever_may_not_read_the_rows_gets_the_result_through_the_gate(
    api, lead, project, versions
):
    analysis = finished(lead, project, versions)
    reader = api(MembershipFactory(project=project, role="reader").user)
    whole = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data
    gated = reader.get(f"/api/v1/analyses/{analysis.pk}/").data
    assert whole["suppressed"] == []
    assert {one["code"] for one in gated["warnings"]} == {
        "guarded_answer",
        "rounded_by_site",
        "withheld_by_site",
    }
    age, ward = gated["result"]["variables"]
    assert age["overall"]["min"] is None
    assert {one["value"] for one in ward["groups"][0]["counts"]} == {"north", "south"}
    assert gated["result_sha256"] not in ("", whole["result_sha256"])
    assert gated["provenance"]["result_sha256"] == gated["result_sha256"]
    # The stored result stays whole, and the table and the page hide the same.
    analysis.refresh_from_db()
    assert analysis.result == whole["result"]
    url = f"/api/v1/analyses/{analysis.pk}/tables/variables_groups_counts.csv"
    lines = list(csv.DictReader(io.StringIO(reader.get(url).content.decode())))
    assert {row["value"] for row in lines} == {"north", "south"}


def test_a_token_that_reads_no_data_gets_the_result_through_the_gate(api, lead, project, versions):
    analysis = finished(lead, project, versions)
    url = f"/api/v1/analyses/{analysis.pk}/"
    whole, reading = api(lead), api(lead, scopes=["read", "write:data"])
    assert whole.get(url).data["result"]["variables"][0]["overall"]["min"] == 30.0
    gated = reading.get(url).data
    assert gated["result"]["variables"][0]["overall"]["min"] is None
    assert gated["result_sha256"] != analysis.result_sha256
    assert gated["provenance"]["result_sha256"] == gated["result_sha256"]
    table = f"{url}tables/variables_groups_counts.csv"
    of_west = [
        {
            row["n"]
            for row in csv.DictReader(io.StringIO(call.get(table).content.decode()))
            if row["value"] == "west"
        }
        for call in (whole, reading)
    ]
    assert of_west == [{"2"}, set()]


def test_each_input_keeps_to_its_own_threshold(api, lead, project, versions):
    versions[1].dataset.threshold = 11
    versions[1].dataset.save()
    analysis = finished(lead, project, versions)
    reader = api(MembershipFactory(project=project, role="reader").user)
    ward = reader.get(f"/api/v1/analyses/{analysis.pk}/").data["result"]["variables"][1]
    told = [[each["n"] for each in one["counts"]] for one in ward["groups"]]
    assert told == [[10, 5], [None, None]]


def test_tables_as_csv(api, lead, project, versions):
    analysis = finished(lead, project, versions)
    call = api(lead)
    url = f"/api/v1/analyses/{analysis.pk}/tables/variables.csv"
    answer = call.get(url, HTTP_ACCEPT="text/csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert rows[0]["name"] == "age"
    assert float(rows[0]["overall_n"]) == 32
    missing = call.get(f"/api/v1/analyses/{analysis.pk}/tables/nothing.csv")
    assert missing.status_code == 404


def test_the_list_filters_and_costs_the_same_at_any_length(
    api, lead, project, django_assert_num_queries
):
    call = api(lead)
    url = "/api/v1/projects/heart/analyses/"
    AnalysisFactory(project=project, title="First", method="correlation")
    AnalysisFactory(project=project, succeeded=True)
    call.get(url)
    with django_assert_num_queries(5) as one:
        assert len(call.get(url).data["results"]) == 2
    for _ in range(9):
        AnalysisFactory(project=project, succeeded=True)
    with django_assert_num_queries(len(one)):
        assert len(call.get(url).data["results"]) == 11
    assert len(call.get(url, {"state": AnalysisState.SUCCEEDED}).data["results"]) == 10
    assert len(call.get(url, {"search": "fir"}).data["results"]) == 1
    assert len(call.get(url, {"method": "correlation"}).data["results"]) == 1
    assert call.get(url, {"state": "nope"}).status_code == 400
    assert call.get(url, {"ordering": "result"}).status_code == 400


def test_one_analysis_costs_the_same_at_any_number_of_inputs(
    api, lead, project, django_assert_num_queries
):
    call = api(lead)
    analysis = AnalysisFactory(project=project, succeeded=True)
    url = f"/api/v1/analyses/{analysis.pk}/"

    def add(count):
        for _ in range(count):
            version = VersionFactory(ready=True, dataset__project=project)
            AnalysisInputFactory(analysis=analysis, version=version)

    add(1)
    call.get(url)
    with django_assert_num_queries(12) as one:
        call.get(url)
    add(9)
    with django_assert_num_queries(len(one)):
        assert len(call.get(url).data["inputs"]) == 10


def test_a_kept_answer_is_not_given_to_who_may_not_ask_any_more(api, project):
    analysis = AnalysisFactory(project=project, succeeded=True)
    member = MembershipFactory(project=project, role="contributor")
    call = api(member.user)
    url = f"/api/v1/analyses/{analysis.pk}/rerun/"
    key = {"Idempotency-Key": "once"}
    first = call.post(url, headers=key)
    assert first.status_code == 202
    again = call.post(url, headers=key)
    assert (again.data["id"], again["Idempotent-Replayed"]) == (first.data["id"], "true")
    Membership.objects.filter(pk=member.pk).update(role="reader")
    refused = call.post(url, headers=key)
    assert (refused.status_code, "id" in refused.data) == (403, False)


def test_every_test_of_the_project_is_counted(api, lead, project):
    """One asked again counts once, a cancelled one not at all; a description tests nothing."""
    first = AnalysisFactory(project=project, tests=1)
    AnalysisFactory(project=project, tests=4, state="cancelled")
    AnalysisFactory(project=project, tests=2, state="failed")
    AnalysisFactory(project=project, tests=10)
    AnalysisFactory(project=project, tests=0)
    AnalysisFactory(tests=5)
    AnalysisFactory(project=project, tests=1, rerun_of=first)
    assert api(lead).get(f"/api/v1/analyses/{first.pk}/").data["tests_run"] == 13
