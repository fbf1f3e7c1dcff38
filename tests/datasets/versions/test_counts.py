"""How many people a dataset has and how many have what is told in fives to whoever reads no rows,
on every page and in every call, as analyses tell it."""

import json
import re

import pytest
from django.utils.html import strip_tags

from datasets.analyses import actions as analyses
from datasets.mappings import actions as mappings
from portal.jobs.running import claim_and_run
from tests.factories import DatasetFactory, MembershipFactory, SharedVariableFactory
from tests.factories.analyses import job_of
from tests.factories.files import uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

PATIENTS, MEN, WITH_INCOME = 1237, 508, 1103


@pytest.fixture
def kept(project):
    keeper = MembershipFactory(project=project, role="contributor").user
    return DatasetFactory(
        project=project,
        access="summaries",
        created_by=keeper,
        threshold=5,
        release_policy="gate",
    )


@pytest.fixture
def version(kept):
    rows = [
        f"{30 + 7 * k % 41},{1000 + 137 * k % 911 if k < WITH_INCOME else ''},{int(k < MEN)},p{k}"
        for k in range(PATIENTS)
    ]
    version = uploaded(kept, "\n".join(["age,income,sex,patient", *rows, ""]).encode())
    assert claim_and_run(version.latest_job().pk)
    version.refresh_from_db()
    variable = SharedVariableFactory(project=kept.project, name="sex", type="boolean")
    mappings.save(
        version=version,
        variable=variable,
        dataset=kept,
        rule={"kind": "copy", "column": "sex"},
        status="complete",
        note="",
        by=kept.created_by,
        names_values=True,
    )
    return version


@pytest.fixture
def analysis(version, lead):
    found = analyses.start(
        project=version.dataset.project,
        title="How old?",
        method="describe",
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters={"variables": ["sex"]},
        by=lead,
    )
    assert claim_and_run(job_of(found).pk)
    return found


def read_by(api, page, user, analysis, version):
    """Everything with a count that a person reads, by its address."""
    dataset, slug = version.dataset_id, version.dataset.project.slug
    calls = [
        "/api/v1/datasets/",
        f"/api/v1/datasets/{dataset}/",
        f"/api/v1/datasets/{dataset}/versions/",
        f"/api/v1/datasets/{dataset}/versions/1/",
        f"/api/v1/datasets/{dataset}/versions/1/profile/",
        f"/api/v1/datasets/{dataset}/audit/",
        f"/api/v1/projects/{slug}/variables/sex/mappings/{dataset}/",
        f"/api/v1/projects/{slug}/audit/",
        f"/api/v1/analyses/{analysis.pk}/",
    ]
    pages = [
        "/datasets/",
        f"/datasets/{dataset}/",
        f"/datasets/{dataset}/audit/",
        f"/projects/{slug}/",
        f"/projects/{slug}/datasets/",
        f"/projects/{slug}/variables/sex/mappings/{dataset}/",
        f"/projects/{slug}/analyses/new/?method=describe",
        f"/analyses/{analysis.pk}/",
    ]
    found = {path: json.dumps(api(user).get(path).json()) for path in calls}
    for path in pages:
        answer = page(user).get(path, follow=True)
        assert answer.status_code == 200, path
        found[path] = strip_tags(answer.content.decode())
    return found


def exact_counts(text):
    told = re.findall(r"(?<![\w.,:-])\d{1,3}(?:,?\d{3})*(?![\w.:-]|,\d)", text)
    exact = {PATIENTS, MEN, PATIENTS - MEN, WITH_INCOME, PATIENTS - WITH_INCOME}
    return [one for one in told if int(one.replace(",", "")) in exact]


def test_whoever_reads_no_rows_finds_no_exact_count(api, page, lead, version, analysis):
    read = read_by(api, page, lead, analysis, version)
    assert {path: found for path, text in read.items() if (found := exact_counts(text))} == {}
    dataset = version.dataset
    assert "about 1,235" in read[f"/datasets/{dataset.pk}/"]
    assert "about 1,235" in read["/datasets/"]
    assert "about 1,235 rows" in read["/projects/heart/"]
    line = json.loads(read[f"/api/v1/datasets/{dataset.pk}/versions/1/"])
    assert (line["rows"], line["approximate"]) == (1235, True)
    profile = json.loads(read[f"/api/v1/datasets/{dataset.pk}/versions/1/profile/"])
    sex = next(one for one in profile["columns"] if one["name"] == "sex")
    assert profile["rows"] == 1235
    assert sorted(one["n"] for one in sex["top"]) == [510, 725]
    assert sex["mean"] == 510 / 1235
    mapping = json.loads(read[f"/api/v1/projects/heart/variables/sex/mappings/{dataset.pk}/"])
    assert mapping["preview"]["rows"] == 1235
    provenance = json.loads(read[f"/api/v1/analyses/{analysis.pk}/"])["provenance"]
    assert provenance["inputs"][0]["rows"] == 1235
    assert provenance["steps"][0]["n"] == 1235
    result = json.loads(read[f"/api/v1/analyses/{analysis.pk}/"])["result"]
    assert (result["rows"], result["approximate"]) == (1235, True)
    assert "about 1,235 rows" in read[f"/analyses/{analysis.pk}/"]


def test_whoever_reads_the_rows_sees_them_all(api, page, version, analysis):
    keeper = version.dataset.created_by
    read = read_by(api, page, keeper, analysis, version)
    assert "1,237" in read[f"/datasets/{version.dataset_id}/"]
    assert "1,237" in read["/datasets/"]
    line = json.loads(read[f"/api/v1/datasets/{version.dataset_id}/versions/1/"])
    assert (line["rows"], line["approximate"]) == (1237, False)
    profile = json.loads(read[f"/api/v1/datasets/{version.dataset_id}/versions/1/profile/"])
    assert (profile["rows"], profile["exact"]) == (1237, True)
