"""A mapping rule may name a patient: its words are for whoever may read the rows."""

import json
import secrets

import pytest

from datasets.analyses import actions as analyses
from datasets.models import Analysis
from members.choices import Scope
from portal.jobs.running import claim_and_run
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


@pytest.fixture
def patient():
    """An id that a rule sets right, new at every run."""
    return f"patient-{secrets.token_hex(6)}"


@pytest.fixture
def version(project, lead, patient):
    """Ages of a controlled dataset; one patient's was typed wrong."""
    version = table_version(
        {
            "id": ("text", [f"p{k}" for k in range(99)] + [patient]),
            "age": ("number", [30.0 + k % 41 for k in range(100)]),
        },
        dataset=DatasetFactory(project=project, access="controlled", release_policy="gate"),
    )
    MappingFactory(
        variable=SharedVariableFactory(project=project, name="years", type="number"),
        dataset=version.dataset,
        version=version,
        rule={
            "kind": "expression",
            "sql": f"CASE WHEN id = '{patient}' THEN 44 ELSE age END",
        },
        changed_by=lead,
    )
    return version


@pytest.fixture
def analysis(project, version, lead):
    analysis = analyses.start(
        project=project,
        title="How old are they?",
        method="describe",
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters={"variables": ["years"]},
        by=lead,
    )
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def told(client, analysis):
    answer = client.get(f"/api/v1/analyses/{analysis.pk}/").data
    assert answer["result"] is not None
    return answer


def test_who_reads_the_rows_reads_the_rules(api, lead, analysis, patient):
    answer = told(api(lead), analysis)
    (of_input,), (of_provenance,) = answer["inputs"], answer["provenance"]["inputs"]
    for one in (of_input, of_provenance):
        assert patient in one["rules"]["years"]["sql"]
    assert answer["provenance"]["mapping_set_sha256"] == analysis.provenance["mapping_set_sha256"]


def test_others_are_told_its_kind_and_a_hash_of_nobodys_making(
    api, page, project, lead, analysis, patient
):
    reader = MembershipFactory(project=project, role="reader").user
    without_scope = [scope for scope in Scope.values if scope != Scope.READ_DATA]
    kept = analysis.provenance
    hashes = {kept["mapping_set_sha256"], kept["inputs"][0]["rules_sha256"]}
    for client in (api(reader), api(lead, scopes=without_scope)):
        answer = told(client, analysis)
        text = json.dumps(answer, default=str)
        assert patient not in text
        assert not [one for one in hashes if one in text]
        (of_input,), (of_provenance,) = answer["inputs"], answer["provenance"]["inputs"]
        assert of_input["rules"] == of_provenance["rules"]
        rule = of_input["rules"]["years"]
        assert (set(rule), rule["kind"], len(rule["sha256"])) == (
            {"kind", "sha256"},
            "expression",
            64,
        )
    html = page(reader).get(analysis.get_absolute_url()).text
    assert kept["environment"]["duckdb"] in html, "where the number comes from is shown"
    assert patient not in html
    assert not [one for one in hashes if one[:8] in html]
    assert f"Hashes of {kept['inputs'][0]['site']} are keyed" in html
    assert "Mapping set, keyed" in html


def test_equal_rules_are_told_alike_and_others_not(api, project, lead, version, analysis):
    reader = api(MembershipFactory(project=project, role="reader").user)
    again = analyses.rerun(analysis=analysis, by=lead)
    assert claim_and_run(job_of(again).pk)
    first, second = (told(reader, one)["provenance"] for one in (analysis, again))
    assert first["mapping_set_sha256"] == second["mapping_set_sha256"]
    assert first["inputs"][0]["rules"] == second["inputs"][0]["rules"]
