"""The harmonisation pages."""

import re

import pytest

from datasets.models import Mapping, SharedVariable
from projects.models import StudySite
from tests.factories import (
    ColumnFactory,
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
    assert html.count("<table") == 1


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
    client, url = page(lead), mapping_url(version)
    assert "probably Chol" in text_of(client.get(GRID))
    html = client.get(url).content.decode()
    assert "Its name differs only in case and punctuation." in html
    cell = f"{GRID}#cell-chol-{version.dataset_id}"
    assert client.post(mapping_url(version, "accept/")).url == cell
    assert client.post(url, sent(version)).url == cell
    mapping = Mapping.objects.get()
    assert mapping.rule == {
        "kind": "recode",
        "column": "Chol",
        "map": {"0": None},
        "otherwise": {"kind": "copy"},
    }
    html = text_of(client.get(url))
    assert "1 value became missing." in html
    assert "Chol: 0 → missing, all else as it is" in html
    assert client.post(mapping_url(version, "undo/")).url == cell
    mapping.refresh_from_db()
    assert (mapping.rule["kind"], mapping.revision) == ("copy", 3)
    client.post(mapping_url(version, "restore/"), {"revision": "2"})
    mapping.refresh_from_db()
    assert (mapping.rule["kind"], mapping.revision) == ("recode", 4)
    client.post(mapping_url(version, "remove/"))
    assert not Mapping.objects.exists()


def test_each_value_stands_with_its_count_beside_what_it_becomes(page, lead, project):
    SharedVariableFactory(
        project=project, name="sex", type="category", codes={"1": "male", "2": "female"}
    )
    version = table_version(
        {"geschl": ("category", ["m"] * 112 + ["w"] * 10 + ["k.A."])},
        dataset=DatasetFactory(project=project),
    )
    client, url = page(lead), f"{GRID}sex/mappings/{version.dataset_id}/"
    prefix = f"mapping-{version.dataset_id}"
    top = [{"value": value, "n": 1} for value in ("m", "w", "k.A.")]
    version.columns.update(profile={"top": top, "distinct": 3})
    shown = client.get(url)
    assert '<td class="numeric">112</td>' in text_of(shown)
    form = Read(shown.text).form(f"mappings/{version.dataset_id}/")
    assert form.values[f"{prefix}-value"] == ["m", "w", "k.A."]
    becomes = [form.values[f"{prefix}-target-{row}"] for row in range(3)]
    assert becomes == [["=1"], ["=2"], ["?"]]
    tried = form.fill(**{f"{prefix}-target-2": ""}).send(client, url, step="preview")
    assert tried.status_code == 200
    assert "122 with a value, 0 missing on purpose, 1 not accounted for." in text_of(tried)
    assert not Mapping.objects.exists()
    assert form.send(client, url, step="save").status_code == 302
    mapping = Mapping.objects.get()
    assert (mapping.status, mapping.rule["map"]) == ("partial", {"m": "1", "w": "2"})
    assert "1 of 123 lost" in text_of(client.get(GRID))


def test_a_rule_that_loses_every_value_comes_back_with_what_it_missed(page, lead, project):
    SharedVariableFactory(project=project, name="sex", type="number")
    version = table_version(
        {"sex": ("category", ["m", "w", "w"])}, dataset=DatasetFactory(project=project)
    )
    client, url = page(lead), f"{GRID}sex/mappings/{version.dataset_id}/"
    fields = sent(version, column="sex", recoding="M = 1\nW = 0", otherwise="missing")
    answer = client.post(url, fields)
    assert answer.status_code == 422
    assert "None of your rules has a value for w and m: did you mean w and m?" in text_of(answer)
    tried = client.post(url, fields | {"step": "preview"})
    assert tried.status_code == 200
    assert "did you mean w and m?" in text_of(tried)
    assert not Mapping.objects.exists()


def test_values_and_rules_for_them_are_there_for_whoever_reads_the_rows(page, lead, project):
    SharedVariableFactory(project=project, name="sex", type="category", codes={"Hapax": ""})
    version = table_version(
        {"sex": ("category", ["Hapax", "Legomenon"])},
        dataset=DatasetFactory(project=project, access="summaries"),
    )
    url = f"{GRID}sex/mappings/{version.dataset_id}/"
    client, fields = page(lead), sent(version, column="sex")
    step = {"step": "preview", f"mapping-{version.dataset_id}-kind": "copy"}
    drawn = client.post(url, fields | step, headers={"HX-Request": "true", "HX-Target": "effect"})
    assert drawn["HX-Retarget"] == "#cell"
    for answer in (client.get(url), drawn):
        html = answer.content.decode()
        assert "Legomenon" not in html
        assert 'value="recode"' not in html
        assert "here are its dictionary’s words" in html
    assert client.post(url, fields).status_code == 422
    copied = client.post(url, sent(version, kind="copy", column="sex"))
    assert copied.status_code == 422
    assert "Only people who may read this dataset’s rows" in text_of(copied)
    assert not Mapping.objects.exists()


def test_a_unit_is_converted_with_its_factor_shown(page, lead, project):
    SharedVariableFactory(project=project, name="chol", type="number", unit="mg/dL")
    version = table_version(
        {"chol": ("number", [-9.0, *(4 + k / 50 for k in range(60))])},
        dataset=DatasetFactory(project=project),
    )
    version.columns.update(unit="mmol/l")
    client, url = page(lead), f"{GRID}chol/mappings/{version.dataset_id}/"
    prefix = f"mapping-{version.dataset_id}"
    form = Read(client.get(url).content.decode()).form(f"mappings/{version.dataset_id}/")
    assert form.values[f"{prefix}-kind"] == ["unit"]
    assert form.values[f"{prefix}-from_unit"] == ["mmol/L"]
    assert form.values[f"{prefix}-analyte"] == ["cholesterol"]
    assert "× 38.665" in text_of(form.send(client, url, step="preview"))
    assert form.send(client, url, step="save").status_code == 302
    assert Mapping.objects.get().rule["analyte"] == "cholesterol"
    assert "chol, from mmol/L to mg/dL (× 38.665)" in text_of(client.get(url))
    copied = form.fill(**{f"{prefix}-kind": "copy"})
    said = "this rule takes the values as they are: choose “Convert a column’s unit”, from mmol/l."
    assert said in text_of(copied.send(client, url, step="preview"))


def test_suggestions_are_read_ticked_and_accepted_in_one_go(page, lead, project):
    dataset = DatasetFactory(project=project, title="Oslo clinic")
    version = table_version(
        {
            "Age": ("integer", [40, 50]),
            "tot_chol": ("number", [5.1, 6.2]),
            "when": ("category", ["a", "b"]),
        },
        dataset=dataset,
    )
    for name, kind in (("age", "integer"), ("chol", "number"), ("when", "date")):
        SharedVariableFactory(project=project, name=name, type=kind)
    client, url = page(lead), "/projects/heart/variable-suggestions/"
    assert "Review the suggestions" in client.get(GRID).content.decode()
    html = client.get(url).content.decode()
    assert "The table of abbreviations has both for the same thing." in html
    keys = re.findall(r'name="suggestion"\s+value="([^"]+)"', html)
    assert len(keys) == 3
    assert not Mapping.objects.exists()
    contributor = page(MembershipFactory(project=project, role="contributor").user)
    assert "Nothing is suggested" in contributor.get(url).content.decode()
    contributor.post(url, {"suggestion": keys})
    assert not Mapping.objects.exists()
    outdated = f"{keys[1][:-4]}0000"
    client = page(lead)
    answer = client.post(url, {"suggestion": [keys[0], outdated, keys[2]]}, follow=True)
    said = text_of(answer)
    assert "1 suggestion is accepted." in said
    assert "1 suggestion is another one meanwhile" in said
    assert "Oslo clinic, when: a and b cannot be read as the type “date”" in said
    mapping = Mapping.objects.get()
    assert (mapping.variable.name, mapping.version) == ("age", version)
    nothing = text_of(client.post(url, follow=True))
    assert "Nothing is ticked: tick the suggestions that are right, then accept them." in nothing
    assert "0 suggestions" not in nothing
    stranger = page(MembershipFactory(project=project, role="reader").user)
    assert stranger.get(url).status_code == 403


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "expression", "sql": "nowhere + 1"}, "nowhere"),
        ({"kind": "expression", "sql": ""}, "Write the expression."),
        ({"kind": "copy", "column": ""}, "Choose the column."),
        ({"recoding": "abc = 1"}, "abc"),
        ({"recoding": " "}, "Say of at least one value"),
        ({"kind": "unit"}, "Select a valid choice"),
        ({"otherwise": "value"}, "Write the value"),
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
    assert "Select a valid choice" in html
    assert 'value="Mine"' in html
    assert not Mapping.objects.exists()


def test_somebody_says_why_there_is_no_rule(page, lead, variable, version):
    client, url = page(lead), mapping_url(version)
    assert client.post(url, sent(version, kind="none", status="impossible")).status_code == 302
    assert Mapping.objects.get().status == "impossible"
    assert "Accept the suggestion" not in client.get(url).text, "somebody said that there is none"
    assert client.post(url, sent(version, kind="none")).status_code == 302
    assert Mapping.objects.get().status == "undetermined"
    assert "Accept the suggestion" in client.get(url).text


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


def test_a_site_called_by_its_country_is_named_once(page, lead, variable, version):
    StudySite.objects.filter(pk=version.dataset.site_id).update(name="Hungary", country="HUN")
    html = page(lead).get(PAGE).text
    assert '<p class="detail">Hungary</p>' in html
    new = page(lead).get("/projects/heart/analyses/new/").text
    assert re.findall(r"version \d+, ([^<]*); 101 rows", new) == ["Hungary"]


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
    SharedVariableFactory(project=project, name="dose")

    def add(count):
        for _ in range(count):
            version = VersionFactory(ready=True, dataset__project=project)
            ColumnFactory(version=version, name="dose", type="number")
            MappingFactory(variable=variable, version=version)
            SharedVariableFactory(project=project)

    review = "/projects/heart/variable-suggestions/"
    for url, most in ((GRID, 16), (PAGE, 16), (review, 16)):
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
    rule["if_missing"] = " c "
    MappingFactory(variable=variable, version=version, rule=rule)
    url, client = f"{GRID}unit/", page(lead)
    change = Read(client.get(url).text).form("change/").fill(**{"variable-label": "Unit"})
    assert change.send(client, url).status_code == 302
    variable.refresh_from_db()
    assert (variable.label, variable.codes) == ("Unit", codes)
    url = f"{url}mappings/{version.dataset_id}/"
    save = Read(client.get(url).text).form(f"mappings/{version.dataset_id}/")
    assert save.send(client, url).status_code == 302
    assert Mapping.objects.get().rule == rule
    fields = {f"mapping-{version.dataset_id}-kind": "expression"}
    fields[f"mapping-{version.dataset_id}-sql"] = 'upper("u\nv")'
    assert save.fill(**fields).send(client, url).status_code == 302
    assert Mapping.objects.get().rule == {"kind": "expression", "sql": 'upper("u\nv")'}


def test_a_variable_is_headed_by_its_label(page, lead, variable, version):
    """Its name stood there, which scripts use and people need not know."""
    client = page(lead)
    assert "<h1>Cholesterol</h1>" in client.get(PAGE).text
    SharedVariable.objects.update(label="<b>")
    assert "<h1>&lt;b&gt;</h1>" in client.get(PAGE).text
