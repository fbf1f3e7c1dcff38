"""Variables taken over from another project, and repeated for another wave."""

import pytest

from datasets.engine.methods.shared.words import measure_of
from datasets.harmonisation import copying
from datasets.models import Mapping, SharedVariable
from datasets.variables.kept import variables_from, variables_json
from portal.common.exceptions import Invalid, NotAllowed
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    ProjectFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE = "/projects/heart/variable-copies/"
CALL = "/api/v1/projects/heart/variable-copies/"
REVIEW = "/api/v1/projects/heart/variable-suggestions/"
CODES = {"1": "male", "2": "female"}
RECODE = {"kind": "recode", "column": "q17", "map": {"m": "1", "w": "2"}, "otherwise": None}


@pytest.fixture
def other(lead):
    return ProjectFactory(lead=lead, slug="lungs", title="Lungs", visibility="private")


@pytest.fixture
def original(other):
    site = StudySiteFactory(project=other, name="Basel")
    version = table_version(
        {"q17": ("category", ["m", "w"])}, dataset=DatasetFactory(project=other, site=site)
    )
    variable = SharedVariableFactory(
        project=other, name="sex", label="Sex", type="category", codes=CODES, topic="Person"
    )
    MappingFactory(variable=variable, version=version, rule=RECODE)
    return variable


def here(project, values=("m", "w", "w"), **more):
    return table_version(
        {"q17": ("category", list(values))}, dataset=DatasetFactory(project=project, **more)
    )


def test_variables_come_with_labels_and_codes_and_their_rules_as_suggestions(
    page, api, lead, project, original
):
    version = here(project)
    SharedVariableFactory(project=original.project, name="age")
    SharedVariableFactory(project=project, name="age")
    client = page(lead)
    html = text_of(client.get(PAGE, {"from": "lungs"}))
    assert "is here already" in html
    done = client.post(PAGE, {"from": "lungs", "name": ["sex"]}, follow=True)
    assert "1 variable is copied. Its rules are among the suggestions." in text_of(done)
    made = project.variables.get(name="sex")
    assert (made.label, made.codes, made.topic) == ("Sex", CODES, "Person")
    assert made.copied_from == original
    assert not made.mappings.exists()
    (suggestion,) = api(lead).get(REVIEW).data["suggestions"]
    assert suggestion["rule"] == RECODE
    assert suggestion["reasons"] == [
        "Basel in “Lungs” has it from a column of this name.",
        "The same rule is in use at Basel in “Lungs”.",
    ]
    cell = text_of(client.get(f"/projects/heart/variables/sex/mappings/{version.dataset_id}/"))
    assert "Basel in “Lungs” has it from a column of this name." in cell
    assert not Mapping.objects.filter(variable=made).exists()


def test_whoever_does_not_see_the_other_project_is_suggested_nothing_of_it(
    page, api, project, lead, original
):
    here(project)
    copying.copy(project=project, source=original.project, names=["sex"], by=lead)
    steward = MembershipFactory(project=project, role="steward").user
    assert api(steward).get(REVIEW).data["suggestions"] == []
    assert page(steward).get(PAGE, {"from": "lungs"}).status_code == 404
    assert "Lungs" not in page(steward).get(PAGE).text
    answer = api(steward).post(CALL, {"project": "lungs", "names": ["sex"]})
    assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, "project")


def test_a_rule_over_values_is_suggested_to_whoever_reads_them(api, project, lead, original):
    here(project, access="summaries")
    copying.copy(project=project, source=original.project, names=["sex"], by=lead)
    assert api(lead).get(REVIEW).data["suggestions"] == []


def test_the_call_copies_all_or_nothing(api, project, lead, original):
    call = api(lead)
    offered = call.get(CALL, {"project": "lungs"}).data["variables"]
    assert [(one["name"], one["is_there"]) for one in offered] == [("sex", False)]
    refused = call.post(CALL, {"project": "lungs", "names": ["sex", "nowhere"]})
    assert (refused.status_code, "nowhere" in refused.data["detail"]) == (400, True)
    assert not project.variables.exists()
    made = call.post(CALL, {"project": "lungs", "names": ["sex"]})
    assert (made.status_code, made.data["variables"][0]["codes"]) == (201, CODES)
    again = call.post(CALL, {"project": "lungs", "names": ["sex"]})
    assert (again.status_code, again.data["errors"][0]["code"]) == (400, "taken")
    contributor = MembershipFactory(project=project, role="contributor").user
    assert api(contributor).get(CALL, {"project": "lungs"}).status_code == 403
    with pytest.raises(NotAllowed):
        copying.copy(project=project, source=original.project, names=["sex"], by=contributor)


def test_an_originals_end_leaves_the_copy(project, lead, original):
    copying.copy(project=project, source=original.project, names=["sex"], by=lead)
    original.mappings.all().delete()
    original.delete()
    assert SharedVariable.objects.get(name="sex").copied_from is None


@pytest.fixture
def sbp(project, lead):
    return SharedVariableFactory(
        project=project, name="sbp", label="Blood pressure", type="number", unit="mm[Hg]"
    )


def waves(project, title, columns=("sbp_0", "sbp_6"), **values):
    return table_version(
        {name: ("integer", [0, 120, 140]) for name in columns},
        dataset=DatasetFactory(project=project, title=title, **values),
    )


EXPRESSION = {"kind": "expression", "sql": "NULLIF(sbp_0, 0)"}


def test_a_variable_is_repeated_for_a_wave_with_its_rules_and_taken_back(page, project, lead, sbp):
    both, lacking, fixed = (
        waves(project, "Both"),
        waves(project, "Lacking", ["sbp_0"]),
        waves(project, "Fixed", ["rr"]),
    )
    recode = {"kind": "recode", "column": "sbp_0", "map": {"0": None}}
    recode["otherwise"] = {"kind": "copy"}
    MappingFactory(variable=sbp, version=both, rule=EXPRESSION)
    MappingFactory(variable=sbp, version=lacking, rule=recode)
    MappingFactory(variable=sbp, version=fixed, rule={"kind": "copy", "column": "rr"})
    client = page(lead)
    fields = {"wave-wave": "6 months", "wave-name": "sbp_6m", "wave-old": "_0", "wave-new": "_6"}
    done = client.post("/projects/heart/variables/sbp/repeat/", fields)
    again = project.variables.get(name="sbp_6m")
    assert (again.wave, again.unit, again.label, again.repeat_of) == (
        "6 months",
        "mm[Hg]",
        "Blood pressure",
        sbp,
    )
    mapping = again.mappings.get()
    assert mapping.rule == {"kind": "expression", "sql": 'NULLIF("sbp_6", 0)'}
    assert (mapping.dataset, mapping.status) == (both.dataset, "complete")
    html = text_of(client.get(done.url))
    assert "Lacking: its rule is left out. There is no column called “sbp_6”." in html
    assert "Fixed: its rule is left out. No column of its rule ends in _0." in html
    shown = client.get("/projects/heart/variables/sbp/").text
    assert 'href="/projects/heart/variables/sbp_6m/"' in shown
    client.post(f"{done.url}undo/")
    assert not again.mappings.exists()


def test_waves_stand_together_on_the_matrix(page, project, lead, sbp):
    SharedVariableFactory(project=project, name="chol")
    found = copying.repeat(
        variable=sbp, name="sbp_6m", wave="6 months", old="_0", new="_6", by=lead
    )
    third = copying.repeat(
        variable=found.variable, name="sbp_12m", wave="12 months", old="_6", new="_12", by=lead
    )
    assert third.variable.repeat_of == sbp
    html = page(lead).get("/projects/heart/variables/").text
    places = [html.index(f'variables/{name}/"') for name in ("sbp", "sbp_6m", "sbp_12m", "chol")]
    assert places == sorted(places)
    assert "12 months" in html


def test_waves_are_told_apart_in_a_question(project, lead, sbp):
    """“How does blood pressure go with blood pressure?” named neither."""
    asked = {"variable": sbp, "name": "sbp_6m", "wave": "6 months", "old": "_0", "new": "_6"}
    second = copying.repeat(**asked, by=lead).variable
    assert (sbp.info.label, second.info.label) == ("Blood pressure", "Blood pressure (6 months)")
    week = SharedVariable(name="sbp_week", label="Blood pressure", type="number", wave="week").info
    assert variables_from(variables_json([week, sbp.info])) == [week, sbp.info]
    assert measure_of("sbp", {"sbp": week}) == ("blood pressure (week)", ""), "no pressure is in it"
    second.label = "Blood pressure after 6 months"
    asked |= {"variable": second, "name": "sbp_12m", "wave": "12 months"}
    third = copying.repeat(**asked, by=lead).variable
    assert third.info.label == third.label == "Blood pressure after 12 months"


@pytest.mark.parametrize(
    ("label", "wave", "said"),
    [
        ("Salt intake, wave 1", "wave 2", "Salt intake, wave 2"),
        ("Salt intake, Wave 10", "wave 2", "Salt intake, wave 2"),
        ("Salt intake", "wave 2", "Salt intake (wave 2)"),
        ("Pain over 3 months", "6 months", "Pain over 3 months (6 months)"),
        ("Vitamin B 12", "2", "Vitamin B 12 (2)"),
    ],
)
def test_a_label_that_names_a_wave_nobody_filled_in_names_the_new_one(
    project, lead, label, wave, said
):
    """It was “Salt intake, wave 1 (wave 2)”."""
    first = SharedVariableFactory(project=project, name="salt", label=label)
    asked = {"name": "again", "wave": wave, "old": "_1", "new": "_2"}
    assert copying.repeat(variable=first, **asked, by=lead).variable.info.label == said


def test_a_wave_is_named_by_a_word_and_not_by_a_part_of_one(project, lead, sbp):
    """The 1 of “HbA1c” is no first wave; “Baseline” at the head of a label is the baseline."""
    first = SharedVariableFactory(project=project, name="a1", label="HbA1c", wave="1")
    assert first.info.label == "HbA1c (1)"
    before = SharedVariableFactory(project=project, name="b0", label="Baseline BP", wave="baseline")
    assert before.info.label == "Baseline BP"
    asked = {"name": "b_6m", "wave": "6-month", "old": "_0", "new": "_6"}
    again = copying.repeat(variable=before, **asked, by=lead).variable
    assert again.info.label == "6-month BP"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"wave": " "}, "wave"), ({"new": "_0"}, "new"), ({"name": "sbp"}, "name")],
)
def test_a_wave_that_does_not_fit_says_why(page, project, lead, sbp, values, field):
    asked = {"name": "sbp_6m", "wave": "6 months", "old": "_0", "new": "_6"} | values
    with pytest.raises(Invalid) as refused:
        copying.repeat(variable=sbp, **asked, by=lead)
    assert list(refused.value.errors) == [field]
    fields = {f"wave-{name}": value for name, value in asked.items()}
    answer = page(lead).post("/projects/heart/variables/sbp/repeat/", fields)
    assert answer.status_code == 422
    assert project.variables.count() == 1


def test_the_call_repeats_too(api, project, lead, sbp):
    MappingFactory(variable=sbp, version=waves(project, "Both"), rule=EXPRESSION)
    guarded = waves(project, "Guarded", access="summaries")
    MappingFactory(variable=sbp, version=guarded, rule=EXPRESSION)
    url = "/api/v1/projects/heart/variables/sbp/repeat/"
    sent = {"name": "sbp_6m", "wave": "6 months", "old": "_0", "new": "_6"}
    made = api(lead).post(url, sent)
    assert made.status_code == 201
    assert (made.data["variable"]["wave"], made.data["variable"]["repeat_of"]) == (
        "6 months",
        "sbp",
    )
    assert [one["dataset"] for one in made.data["left_out"]] == [guarded.dataset_id]
    assert len(made.data["variable"]["mappings"]) == 1
    undo = f"/api/v1/projects/heart/mapping-steps/{made.data['step']}/undo/"
    assert api(lead).post(undo).status_code == 200
    assert not Mapping.objects.filter(variable__name="sbp_6m").exists()
    contributor = MembershipFactory(project=project, role="contributor").user
    assert api(contributor).post(url, sent | {"name": "x"}).status_code == 403


def test_a_repeated_rule_names_no_value_to_a_token_that_reads_no_data(api, project, lead, sbp):
    rule = {"kind": "recode", "column": "sbp_0", "map": {"7": 1}, "otherwise": None}
    MappingFactory(variable=sbp, version=waves(project, "Both"), rule=rule)
    url = "/api/v1/projects/heart/variables/sbp/repeat/"
    sent = {"wave": "6 months", "old": "_0", "new": "_6"}
    told = {
        name: api(lead, scopes).post(url, sent | {"name": name}).data["left_out"][0]["detail"]
        for name, scopes in (
            ("writing", ["write:data"]),
            ("reading", ["write:data", "read:data"]),
        )
    }
    assert told["writing"] == "This token lacks the scope “read:data”."
    assert "140" in told["reading"]
