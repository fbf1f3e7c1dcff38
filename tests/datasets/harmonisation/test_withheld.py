"""The harmonisation pages for whoever reads no rows."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.mappings import actions as mappings
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("missing", [1, 0])
def test_the_pages_of_a_column_that_few_people_lack(page, lead, project, missing):
    version = table_version(
        {"Chol": ("integer", [*range(150, 250), *[None] * missing])},
        dataset=DatasetFactory(project=project, access="controlled", threshold=5),
    )
    variable = SharedVariableFactory(project=project, name="chol", type="number")
    rule = {"kind": "copy", "column": "Chol"}
    mappings.save(variable=variable, dataset=version.dataset, version=version, rule=rule, by=lead)
    reader = MembershipFactory(project=project, role="reader").user
    url = f"/projects/{project.slug}/variables/chol/"
    for address in (url, f"{url}mappings/{version.dataset_id}/"):
        shown = page(reader).get(address)
        assert shown.status_code == 200
        assert ("how many is withheld" in text_of(shown)) == bool(missing)


def test_what_a_rule_says_of_values_is_for_whoever_reads_the_rows(api, page, lead, project):
    """A rule that names a patient's number was there for everybody in the project to read."""
    keeper = MembershipFactory(project=project, role="contributor").user
    reader = MembershipFactory(project=project, role="reader").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    version = table_version(
        {"Code": ("category", ["Hapax", *["common"] * 60]), "Chol": ("integer", range(61))},
        dataset=dataset,
    )
    rules = {
        "coded": {"kind": "recode", "column": "Code", "map": {"Hapax": "a"}, "otherwise": "b"},
        "computed": {"kind": "expression", "sql": "CASE WHEN Code = 'Hapax' THEN 'a' END"},
        "copied": {"kind": "copy", "column": "Chol"},
    }
    for name, rule in rules.items():
        kind = "integer" if name == "copied" else "category"
        variable = SharedVariableFactory(project=project, name=name, type=kind)
        values = {"variable": variable, "dataset": dataset, "version": version, "by": keeper}
        for note in ("first", "second"):
            mappings.save(**values, rule=rule, note=note)
        url = f"/projects/{project.slug}/variables/{name}/"
        one = f"{url}mappings/{dataset.pk}/"
        sheet = f"/projects/{project.slug}/mapping-file/fetch/"
        for address in (url, one, f"{one}apply/", sheet):
            for person in (reader, lead):
                assert "Hapax" not in page(person).get(address).content.decode(), address
            if name == "coded":
                assert "Hapax" in page(keeper).get(address).content.decode(), address
        call = f"/api/v1{one}"
        assert api(keeper).get(call).data["rule"] == rule
        by_script = api(keeper, scopes=["read"]).get(call).data
        for shown in (api(reader).get(call).data, api(lead).get(call).data, by_script):
            told = {"kind": rule["kind"]} | {k: v for k, v in rule.items() if k == "column"}
            for part in (shown["rule"], shown["revisions"][0]["rule"]):
                assert part | {"sha256": ""} == told | {"sha256": ""}
                assert ("sha256" in part) is (name != "copied")
    trail = api(lead).get(f"/api/v1/projects/{project.slug}/audit/")
    assert trail.status_code == 200
    assert "mapping." in trail.content.decode()
    assert "Hapax" not in trail.content.decode()
    # Who sends a guess of it is not told that it is in force already.
    line = (
        f"dataset,variable,rule,column,values,otherwise\n{dataset.pk},coded,recode,Code,Hapax = a,"
    )
    sheet = SimpleUploadedFile("rules.csv", f'{line}"""b"""\n'.encode())
    sent = api(lead).post(
        f"/api/v1/projects/{project.slug}/mapping-file/",
        {"file": sheet, "dry_run": "true"},
        format="multipart",
    )
    assert (sent.data["unchanged"], sent.data["refused"]) == (0, 1)


def test_a_rule_nobody_may_read_is_suggested_to_nobody(api, lead, project):
    keeper = MembershipFactory(project=project, role="contributor").user
    variable = SharedVariableFactory(project=project, name="coded", type="category")
    kept, own = (
        table_version(
            {"Code": ("category", ["Hapax", *["common"] * 60])},
            dataset=DatasetFactory(project=project, access=access, created_by=keeper),
        )
        for access in ("summaries", "project")
    )
    rule = {"kind": "recode", "column": "Code", "map": {"Hapax": "a"}, "otherwise": "b"}
    values = {"variable": variable, "dataset": kept.dataset, "version": kept, "by": keeper}
    mappings.save(**values, rule=rule)
    calls = [
        f"/api/v1/projects/{project.slug}/variables/coded/mappings/{own.dataset_id}/suggestion/",
        f"/api/v1/projects/{project.slug}/variable-suggestions/",
    ]
    for call in calls:
        for person, knows in ((lead, False), (keeper, True)):
            answer = api(person).get(call)
            assert answer.status_code == 200
            assert ("Hapax" in answer.content.decode()) is knows, call
