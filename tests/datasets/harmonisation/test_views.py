"""The harmonisation pages."""

import re

import pytest

from datasets.models import Mapping, SharedVariable
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    UserFactory,
    VersionFactory,
    table_version,
)
from tests.html import Read
from tests.pages import text_of

pytestmark = pytest.mark.django_db

GRID = "/projects/heart/variables/"
PAGE = f"{GRID}chol/"


@pytest.fixture
def variable(project):
    return SharedVariableFactory(project=project, name="chol", label="Cholesterol")


@pytest.fixture
def version(project):
    return table_version(
        {"Chol": ("integer", [0, *range(150, 250)]), "sex": ("text", ["m"] * 101)},
        dataset=DatasetFactory(project=project, title="Oslo clinic"),
    )


def sent(version, **values):
    prefix = f"mapping-{version.dataset_id}"
    fields = {
        "version": str(version.number),
        "kind": "recode",
        "column": "Chol",
        "recoding": "0 =",
        "otherwise": "keep",
        "status": "complete",
    } | values
    return {f"{prefix}-{name}": value for name, value in fields.items()}


def mapping_url(version, path=""):
    return f"{PAGE}mappings/{version.dataset_id}/{path}"


def test_a_topic_called_like_no_topic_stays_a_topic(page, lead, project):
    """Named apart by nothing but their words, and still two groups of rows."""
    for name, topic in (("first", ""), ("second", "Other variables"), ("third", "")):
        SharedVariableFactory(project=project, name=name, topic=topic)
    html = page(lead).get(GRID).content.decode()
    groups = html.split('class="matrix-topic"')[1:]
    found = [re.findall(r"variables/(\w+)/", group) for group in groups]
    assert found == [["first", "third"], ["second"]]
    assert all(re.match(r"[^>]*>Other variables<", group) for group in groups)


def test_the_grid_groups_by_topic_and_counts(page, lead, project, version):
    dose = SharedVariableFactory(project=project, topic="Treatment")
    SharedVariableFactory(project=project, topic="Person")
    MappingFactory(variable=dose, version=version, status="partial")
    html = page(lead).get(GRID).content.decode()
    assert ("Treatment" in html, "Person" in html) == (True, True)
    assert len(re.findall(r"</svg>Partial", html)) == 1
    assert len(re.findall(r"</svg>Undetermined", html)) == 1


def test_a_variable_is_defined_on_the_page(page, lead, project):
    client = page(lead)
    fields = {"variable-name": "sex", "variable-type": "category", "variable-codes": "m = male\nf"}
    made = client.post(GRID, fields)
    assert made.status_code == 302
    assert SharedVariable.objects.get().codes == {"m": "male", "f": ""}
    again = client.post(GRID, fields)
    assert again.status_code == 422
    assert "This project has a shared variable of that name." in again.content.decode()
    changed = client.post(f"{GRID}sex/change/", fields | {"variable-label": "Sex at birth"})
    assert changed.status_code == 302
    assert SharedVariable.objects.get().label == "Sex at birth"
    assert client.post(f"{GRID}sex/delete/").status_code == 302
    assert not SharedVariable.objects.exists()


def test_a_suggestion_is_taken_a_rule_changed_undone_and_removed(page, lead, variable, version):
    client = page(lead)
    html = client.get(PAGE).content.decode()
    assert "Its name differs only in case and punctuation." in html
    assert client.post(mapping_url(version, "accept/")).status_code == 302
    assert client.post(mapping_url(version), sent(version)).status_code == 302
    mapping = Mapping.objects.get()
    assert mapping.rule == {
        "kind": "recode",
        "column": "Chol",
        "map": {"0": None},
        "otherwise": {"kind": "copy"},
    }
    html = text_of(client.get(PAGE))
    assert "1 value became missing." in html
    assert "Chol: 0 → missing, all else as it is" in html
    client.post(mapping_url(version, "restore/"), {"revision": "1"})
    mapping.refresh_from_db()
    assert (mapping.rule["kind"], mapping.revision) == ("copy", 3)
    client.post(mapping_url(version, "remove/"))
    assert not Mapping.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "expression", "sql": "nowhere + 1"}, "nowhere"),
        ({"kind": "expression", "sql": ""}, "Write the expression."),
        ({"kind": "copy", "column": ""}, "Choose the column."),
        ({"kind": "none"}, "Without a rule it is impossible or undetermined."),
        ({"recoding": "abc = 1"}, "abc"),
        ({"recoding": " "}, "Write at least one line"),
        ({"otherwise": "value"}, "Write the value"),
        ({"status": "impossible"}, "With a rule it is complete or partial."),
    ],
)
def test_a_rule_that_does_not_work_comes_back_as_entered(
    page, lead, variable, version, values, words
):
    answer = page(lead).post(mapping_url(version), sent(version, note="Mine", **values))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert 'value="Mine"' in html
    assert not Mapping.objects.exists()


def test_a_rule_for_rows_one_may_not_read_comes_back_with_the_reason(page, lead, variable, version):
    version.dataset.access = "summaries"
    version.dataset.save()
    answer = page(lead).post(mapping_url(version), sent(version, note="Mine"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Only people who may read this dataset’s rows write recodings" in html
    assert 'value="Mine"' in html
    assert not Mapping.objects.exists()


def test_one_rule_is_applied_to_the_others_after_a_look(page, lead, project, variable, version):
    other = table_version(
        {"Chol": ("integer", [0, 0, 180])}, dataset=DatasetFactory(project=project)
    )
    client = page(lead)
    client.post(mapping_url(version), sent(version))
    html = text_of(client.get(mapping_url(version, "apply/")))
    assert "2 values became missing." in html
    applied = client.post(mapping_url(version, "apply/"), {"dataset": str(other.dataset_id)})
    assert applied.status_code == 302
    assert Mapping.objects.get(dataset=other.dataset).rule["map"] == {"0": None}


def test_who_sees_and_who_changes(page, project, variable, version):
    contributor = MembershipFactory(project=project, role="contributor").user
    client = page(contributor)
    html = client.get(PAGE).content.decode()
    assert "Write a rule" not in html
    assert client.post(mapping_url(version), sent(version)).status_code == 403
    assert client.post(mapping_url(version, "accept/")).status_code == 403
    version.dataset.created_by = contributor
    version.dataset.save()
    assert "Write a rule" in client.get(PAGE).content.decode()
    assert client.post(mapping_url(version), sent(version)).status_code == 302
    stranger = page(UserFactory())
    assert stranger.get(PAGE).status_code == 403
    project.visibility = "private"
    project.save()
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(mapping_url(version), sent(version)).status_code == 404


def test_both_pages_cost_the_same_at_any_length(
    page, lead, project, variable, django_assert_max_num_queries
):
    client = page(lead)

    def add(count):
        for _ in range(count):
            version = VersionFactory(ready=True, dataset__project=project)
            MappingFactory(variable=variable, version=version)
            SharedVariableFactory(project=project)

    for url, most in ((GRID, 11), (PAGE, 18)):
        add(1)
        client.get(url)
        with django_assert_max_num_queries(most) as one:
            client.get(url)
        add(9)
        with django_assert_max_num_queries(len(one)):
            client.get(url)


def test_a_code_may_be_called_items(page, lead, project):
    SharedVariableFactory(project=project, name="unit", type="category", codes={"items": "Items"})
    shown = page(lead).get(f"{GRID}unit/")
    assert shown.status_code == 200
    assert "<dt><code>items</code></dt><dd>Items</dd>" in text_of(shown)


def test_a_form_that_is_sent_as_it_came_changes_nothing(page, lead, project):
    """Codes and values may hold what separates them on the page."""
    names = ["a=b", " c ", '"d"', "e\nf", "=1+1", "\u2028"]
    codes = dict.fromkeys(names, "x = y")
    variable = SharedVariableFactory(project=project, name="unit", type="category", codes=codes)
    version = table_version({"u\nv": ("text", names)}, dataset=DatasetFactory(project=project))
    turned = dict(zip(names, [*names[1:], None], strict=True))
    rule = {"kind": "recode", "column": "u\nv", "map": turned, "otherwise": "a=b"}
    MappingFactory(variable=variable, version=version, rule=rule)
    url, client = f"{GRID}unit/", page(lead)
    change = Read(client.get(url).text).form("change/").fill(**{"variable-label": "Unit"})
    assert change.send(client, url).status_code == 302
    variable.refresh_from_db()
    assert (variable.label, variable.codes) == ("Unit", codes)
    save = Read(client.get(url).text).form(f"mappings/{version.dataset_id}/")
    assert save.send(client, url).status_code == 302
    assert Mapping.objects.get().rule == rule
    fields = {f"mapping-{version.dataset_id}-kind": "expression"}
    fields[f"mapping-{version.dataset_id}-sql"] = 'upper("u\nv")'
    assert save.fill(**fields).send(client, url).status_code == 302
    assert Mapping.objects.get().rule == {"kind": "expression", "sql": 'upper("u\nv")'}


def test_only_whoever_may_map_a_dataset_applies_its_rule_elsewhere(
    page, project, variable, version
):
    rule = {"kind": "copy", "column": "Chol"}
    MappingFactory(variable=variable, version=version, rule=rule)
    keeper = MembershipFactory(project=project, role="contributor").user
    own = DatasetFactory(project=project, title="Hue", access="open", created_by=keeper)
    table_version({"Chol": ("integer", [*range(150, 250)])}, dataset=own)
    client, url = page(keeper), mapping_url(version, "apply/")
    assert client.get(url).status_code == 403
    assert client.post(url, {"dataset": str(own.pk)}).status_code == 403
    assert not Mapping.objects.filter(dataset=own).exists()
