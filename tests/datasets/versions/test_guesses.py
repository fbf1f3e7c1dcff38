"""Whoever knows a file but for one value cannot try that value out by its hash or its size."""

import hashlib
import json
import secrets

import pytest

from datasets.analyses import actions as analyses
from portal.jobs.running import claim_and_run
from tests.factories import DatasetFactory, MembershipFactory
from tests.factories.analyses import job_of
from tests.factories.files import uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


@pytest.fixture
def kept(project):
    keeper = MembershipFactory(project=project, role="contributor").user
    return DatasetFactory(project=project, access="summaries", created_by=keeper, threshold=5)


def patients(income, ward="north"):
    rows = [f"{30 + k % 41},{1000 + 37 * k % 911},{'mf'[k % 2]},south" for k in range(100)]
    return "\n".join(["age,income,sex,ward", *rows, f"44,{income},f,{ward}", ""]).encode()


def version_of(dataset, content):
    version = uploaded(dataset, content)
    assert claim_and_run(version.latest_job().pk)
    version.refresh_from_db()
    return version


def everything_of(api, page, user, version):
    """All that a person reads of a version, an analysis of it, and who did what."""
    dataset = version.dataset
    analysis = analyses.start(
        project=dataset.project,
        title="How old?",
        method="describe",
        inputs=[{"dataset": dataset.pk, "version": version.number}],
        parameters={"variables": ["age"]},
        by=user,
    )
    assert claim_and_run(job_of(analysis).pk)
    of_version = f"/api/v1/datasets/{dataset.pk}/versions/{version.number}/"
    calls = [
        of_version,
        f"/api/v1/datasets/{dataset.pk}/versions/",
        f"/api/v1/datasets/{dataset.pk}/audit/",
        f"/api/v1/projects/{dataset.project.slug}/audit/",
        f"/api/v1/analyses/{analysis.pk}/",
    ]
    told = [json.dumps(api(user).get(path).json()) for path in calls]
    pages = [
        version.get_absolute_url(),
        f"/datasets/{dataset.pk}/audit/",
        analysis.get_absolute_url(),
    ]
    return " ".join([*told, *(page(user).get(path).content.decode() for path in pages)])


def test_an_income_is_not_found_by_trying_hashes(api, page, lead, kept):
    income = 10_000 + secrets.randbelow(3_000)
    version = version_of(kept, patients(income))
    tried = {hashlib.sha256(patients(guess)).hexdigest(): guess for guess in range(10_000, 13_000)}
    read = everything_of(api, page, lead, version)
    assert [guess for found, guess in tried.items() if found in read or found[:16] in read] == []
    assert version.table_sha256 not in read
    # Whoever keeps the data tells by it whether the file is the one they sent.
    own = api(kept.created_by).get(f"/api/v1/datasets/{kept.pk}/versions/1/").data
    assert tried[own["sha256"]] == income
    assert own["table_sha256"] == version.table_sha256
    assert own["bytes"] == len(patients(income))


def test_equal_files_of_one_dataset_have_one_name_and_all_others_have_others(api, lead, kept):
    """Whoever keeps data here made files for their own, and read whether one is the hidden one."""
    own = DatasetFactory(project=kept.project, access="summaries", created_by=kept.created_by)
    named = []
    for dataset, income in ((kept, 11_111), (kept, 11_112), (kept, 11_111), (own, 11_111)):
        number = version_of(dataset, patients(income)).number
        told = api(lead).get(f"/api/v1/datasets/{dataset.pk}/versions/{number}/").data
        assert len(told["sha256"]) == 64
        named.append((told["sha256"], told["table_sha256"]))
    first, other, again, elsewhere = named
    assert first == again
    assert set(first).isdisjoint(other)
    assert set(first).isdisjoint(elsewhere)


def test_a_ward_is_not_told_by_the_length_of_its_name(api, page, lead, kept):
    wards = ("east", "north", "oncology", "psychiatry")
    version_of(kept, patients(11_111, "west"))
    version = version_of(kept, patients(11_111, secrets.choice(wards)))
    told = api(lead).get(f"/api/v1/datasets/{kept.pk}/versions/{version.number}/").data
    exact = len(patients(11_111))
    assert told["bytes"] == round(exact, -len(str(exact)) + 1)
    assert f'"bytes": {version.bytes}' not in everything_of(api, page, lead, version)
