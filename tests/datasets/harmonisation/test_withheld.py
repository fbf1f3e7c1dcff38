"""The harmonisation pages for whoever reads no rows."""

import re

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


def test_a_column_that_few_people_lack_reads_as_one_that_nobody_lacks(page, lead, project):
    """How many was withheld exactly where 1 to 4 were missing."""
    reader, asker = (
        MembershipFactory(project=project, role=role).user for role in ("reader", "contributor")
    )
    shown = []
    for missing in (0, 1):
        version = table_version(
            {"Chol": ("integer", [*range(150, 250), *[None] * missing])},
            dataset=DatasetFactory(project=project, access="controlled", threshold=5),
        )
        name = f"chol{missing}"
        variable = SharedVariableFactory(project=project, name=name, type="number")
        rule = {"kind": "copy", "column": "Chol"}
        mappings.save(
            variable=variable, dataset=version.dataset, version=version, rule=rule, by=lead
        )
        url = f"/projects/{project.slug}/variables/{name}/"
        for address in (url, f"{url}mappings/{version.dataset_id}/"):
            told = text_of(page(reader).get(address))
            assert "about 100 values" in told
            assert "Few values became missing." in told or address == url
            assert "withheld" not in told.split("After", 1)[1].split(".", 1)[0]
        picked = page(asker).get(f"/projects/{project.slug}/analyses/new/").text
        site = re.escape(version.dataset.site.name)
        cells = re.findall(rf'data-label="{site}"[^>]*>(.*?)</td>', picked, re.DOTALL)
        shown.append([" ".join(one.split()) for one in cells if "not there" not in one])
    assert shown == [["few"]] * 2


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


@pytest.mark.parametrize("kind", ["recode", "copy"])
def test_a_rule_that_one_is_not_told_is_applied_to_no_rows_that_one_reads(
    page, lead, project, kind
):
    """There it stood in full: a lead read the values of a hospital that keeps its rows."""
    keeper = MembershipFactory(project=project, role="contributor").user
    kept = DatasetFactory(project=project, access="summaries", created_by=keeper)
    version = table_version({"Code": ("category", ["Hapax", *["common"] * 60])}, dataset=kept)
    own = DatasetFactory(project=project, access="project", created_by=lead)
    table_version({"Code": ("category", ["common"] * 60)}, dataset=own)
    variable = SharedVariableFactory(project=project, name="coded", type="category")
    rule = {"kind": "copy", "column": "Code"}
    if kind == "recode":
        rule |= {"kind": "recode", "map": {"Hapax": "a"}, "otherwise": "b"}
    mappings.save(variable=variable, dataset=kept, version=version, rule=rule, by=keeper)
    url = f"/projects/{project.slug}/variables/coded/mappings/{kept.pk}/"
    is_told = kind == "copy"
    assert (f"{url}apply/" in page(lead).get(url).content.decode()) is is_told
    assert page(lead).get(f"{url}apply/").status_code == (200 if is_told else 403)
    sent = page(lead).post(f"{url}apply/", {"dataset": [own.pk]})
    assert sent.status_code == (302 if is_told else 403)
    assert own.mappings.exists() is is_told


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "unit", "column": "chol", "from": "mg/dL", "to": "mmol/L", "missing": ["999"]},
        {"kind": "recode", "column": "chol", "map": {"999": "0"}, "otherwise": None},
    ],
    ids=lambda rule: rule["kind"],
)
def test_a_note_takes_nothing_from_a_rule_that_one_is_not_told(page, lead, project, rule):
    """The form had the rest of it: a conversion lost what its keeper calls missing."""
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    values = [999.0, *map(float, range(150, 210))]
    version = table_version({"chol": ("number", values)}, dataset=dataset)
    version.columns.update(label="Cholesterol", unit="mg/dL")
    unit = "mmol/L" if rule["kind"] == "unit" else "mg/dL"
    variable = SharedVariableFactory(project=project, name="chol", type="number", unit=unit)
    if rule["kind"] == "unit":
        rule = rule | {"analyte": "cholesterol"}
    mapped = mappings.save(
        variable=variable, dataset=dataset, version=version, rule=rule, by=keeper
    )
    url = f"/projects/{project.slug}/variables/chol/mappings/{dataset.pk}/"
    form = page(lead).get(url).context["source"]["form"]
    filled = {field.name: field.value() for field in form}
    if filled["kind"] not in dict(form.fields["kind"].choices):
        # As a browser does.
        filled["kind"] = form.fields["kind"].choices[0][0]
    sent = {f"{form.prefix}-{name}": value or "" for name, value in filled.items()}
    sent |= {f"{form.prefix}-version": str(version.number), f"{form.prefix}-status": ""}
    sent |= {f"{form.prefix}-note": "Asked in May.", "step": "save"}
    assert page(lead).post(url, sent).status_code == 422
    mapped.refresh_from_db()
    assert mapped.rule == rule


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
