"""What a question can use is told before it runs: no more than the person may know."""

import pytest

from datasets.analyses import readiness
from datasets.models import Analysis
from tests.factories import DatasetFactory, MembershipFactory, StudySiteFactory, table_version

pytestmark = pytest.mark.django_db

CHECK = "/api/v1/projects/heart/analyses/check/"
N = 123


def version_at(project, name, missing=0, rare=30, **values):
    """A version with N rows: `missing` of them without a dose, `rare` of them exposed."""
    columns = {
        "dose": ("number", [None] * missing + [k % 17 for k in range(N - missing)]),
        "kept": ("boolean", [k >= N - rare for k in range(N)]),
        "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
    }
    site = StudySiteFactory(project=project, name=name)
    return table_version(columns, dataset=DatasetFactory(project=project, site=site, **values))


def asked(client, versions, **parameters):
    answer = client.post(
        CHECK,
        {
            "title": "Does it go with it?",
            "method": "regression",
            "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
            "parameters": {"outcome": "sick", "terms": ["dose"]} | parameters,
        },
        format="json",
    )
    assert answer.status_code == 200, answer.data
    assert not Analysis.objects.exists()
    return answer.data


def test_rows_are_exact_for_whoever_reads_them(api, lead, project):
    versions = [version_at(project, "Oslo", missing=1), version_at(project, "Hue", missing=N)]
    found = asked(api(lead), versions)
    oslo, hue = found["sites"]
    assert (oslo["complete"], oslo["rarer_outcome"], oslo["approximate"]) == (122, 40, False)
    assert (hue["complete"], hue["absent"]) == (0, ["dose"])
    assert (found["rows"], found["complete"], found["parameters_per_site"]) == (246, 122, 1)


def test_very_many_rows_are_not_counted_while_somebody_waits(api, lead, project, monkeypatch):
    monkeypatch.setattr(readiness, "MOST_VALUES", 100)
    found = asked(api(lead), [version_at(project, "Oslo")])
    assert found["problem"] == "So many rows are counted when the question runs, not before."
    assert found["sites"][0]["complete"] is None


@pytest.mark.parametrize(("access", "threshold"), [("controlled", 5), ("summaries", 10)])
def test_counts_of_a_guarded_dataset_are_rounded_for_everybody(
    api, lead, project, access, threshold
):
    version = version_at(project, "Oslo", missing=1, access=access, threshold=threshold)
    keeper = version.dataset.created_by
    MembershipFactory(project=project, user=keeper, role="contributor")
    for user in (lead, keeper):
        (oslo,) = asked(api(user), [version])["sites"]
        assert (oslo["complete"], oslo["rows"], oslo["rarer_outcome"]) == (120, 125, 40)
        assert oslo["approximate"] is True


def test_a_token_that_reads_no_data_reads_rounded_counts(api, lead, project):
    version = version_at(project, "Oslo", missing=1)
    (oslo,) = asked(api(lead, scopes=["write:data"]), [version])["sites"]
    assert (oslo["complete"], oslo["approximate"]) == (120, True)
    (oslo,) = asked(api(lead, scopes=["write:data", "read:data"]), [version])["sites"]
    assert (oslo["complete"], oslo["approximate"]) == (122, False)


def test_a_question_that_singles_somebody_out_is_not_counted(api, lead, project):
    version = version_at(project, "Oslo", rare=1, access="controlled", threshold=5)
    other = version_at(project, "Hue")
    found = asked(api(lead), [version, other], terms=["kept"])
    oslo, hue = found["sites"]
    assert (oslo["complete"], oslo["rarer_outcome"], oslo["withheld"]) == (None, None, True)
    assert "kept" in oslo["reason"]
    assert hue["complete"] == found["complete"] == N
    contributor = MembershipFactory(project=project, role="contributor").user
    (oslo, _) = asked(api(contributor), [version, other], terms=["kept"])["sites"]
    assert oslo["withheld"] is True
    assert oslo["reason"] == ""


def test_what_no_model_can_be_fitted_to_is_told_without_values(api, lead, project):
    version = version_at(project, "Oslo", missing=N)
    found = asked(api(lead), [version])
    assert found["problem"] == "No row has a value in every variable: every row lacks dose."
    project.datasets.update(access="summaries")
    found = asked(api(lead), [version])
    assert found["problem"] == "No model can be fitted to these rows as they are."


def test_the_rules_of_every_dataset_are_named(api, lead, project):
    guarded = version_at(project, "Oslo", access="controlled", disclosure_rules="strict")
    found = asked(api(lead), [guarded, version_at(project, "Hue")])
    assert [(one["profile"], one["threshold"]) for one in found["limits"]] == [
        ("strict", 10),
        ("open", 0),
    ]


def test_two_files_of_one_site_are_counted_together(api, lead, project):
    first = version_at(project, "Oslo")
    columns = {"dose": ("number", [1.0, None, 3.0]), "sick": ("boolean", [True, False, True])}
    dataset = DatasetFactory(project=project, site=first.dataset.site)
    (oslo,) = asked(api(lead), [first, table_version(columns, dataset=dataset)])["sites"]
    assert (oslo["complete"], oslo["rows"]) == (N + 2, N + 3)


def test_a_wrong_question_has_a_message_per_field(api, lead, project):
    version = version_at(project, "Oslo")
    answer = api(lead).post(
        CHECK,
        {
            "title": "",
            "method": "regression",
            "inputs": [{"dataset": version.dataset_id, "version": 1}],
            "parameters": {"outcome": "sick", "terms": ["nothing"]},
        },
        format="json",
    )
    assert answer.status_code == 400
