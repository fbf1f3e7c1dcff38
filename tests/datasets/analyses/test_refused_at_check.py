"""What the types and the sites of a question rule out is said before it is asked, at its field."""

import re
from html import unescape

import pytest

from datasets.analyses import answerable
from datasets.ledger.models import RowSet
from datasets.models import Analysis
from portal.jobs.running import claim_and_run
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)
from tests.factories.analyses import job_of, mapped_sites

pytestmark = pytest.mark.django_db

NEW = "/projects/heart/analyses/new/"
ASK = "/api/v1/projects/heart/analyses/"
N = 40


@pytest.fixture
def versions(project):
    """Two sites that share two measures with units, a count and an answer of yes or no."""
    shared = [
        SharedVariableFactory(
            project=project, name="bmi", label="Body mass", type="number", unit="kg/m2"
        ),
        SharedVariableFactory(project=project, name="age", label="Age", type="integer", unit="a"),
        SharedVariableFactory(project=project, name="died", label="Died", type="integer", unit="1"),
        SharedVariableFactory(project=project, name="sick", label="Disease", type="boolean"),
    ]
    columns = {
        "bmi": ("number", [20 + k % 7 + k / 9 for k in range(N)]),
        "age": ("integer", [30 + k * 7 % 40 for k in range(N)]),
        "died": ("integer", [int(k % 3 == 0) for k in range(N)]),
        "sick": ("boolean", [k % 5 in (0, 3) for k in range(N)]),
    }
    return mapped_sites(project, shared, columns)


def body(versions, **parameters):
    return {
        "title": "What goes with it?",
        "method": "regression",
        "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
        "parameters": parameters,
    }


def filled(versions, **values):
    return {
        "method": "regression",
        "exposure": "age",
        "outcome": "bmi",
        "site_effects": "on",
        "standard_errors": "model",
        "inputs": [f"{one.dataset_id}:{one.number}" for one in versions],
    } | values


def refused(client, question, field):
    """The one message at a field, the same by the check and by the POST; nothing is asked."""
    told = []
    for path in (f"{ASK}check/", ASK):
        answer = client.post(path, question, format="json")
        assert answer.status_code == 400, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        (error,) = answer.json()["errors"]
        assert error["field"] == field
        told.append(error["detail"])
    assert told[0] == told[1]
    assert not Analysis.objects.exists()
    return told[0]


def at_field(client, question, field):
    """What stands at a field of the page that refused, by the check and by the run alike."""
    told = []
    for step in ("check", "run"):
        answer = client.post(NEW, question | {"step": step})
        assert answer.status_code == 422
        found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
        assert found, answer.text
        told.append(" ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()))
    assert told[0] == told[1]
    assert not Analysis.objects.exists()
    return told[0]


@pytest.mark.parametrize("outcome", ["bmi", "age"])
def test_a_logistic_model_of_what_is_measured_is_refused(api, lead, versions, outcome):
    terms = ["age" if outcome == "bmi" else "bmi"]
    question = body(versions, outcome=outcome, terms=terms, family="binomial")
    said = refused(api(lead), question, "parameters.family")
    assert f"'{outcome}'" in said
    assert "linear model" in said
    assert "yes" in said


def test_the_page_says_so_at_the_kind_of_model(page, lead, versions):
    said = at_field(page(lead), filled(versions, family="binomial"), "family")
    assert "body mass" in said
    assert "linear" in said


@pytest.mark.parametrize("outcome", ["sick", "died"])
def test_what_may_be_yes_or_no_is_asked(api, lead, versions, outcome):
    question = body(versions, outcome=outcome, terms=["bmi"], family="binomial")
    assert api(lead).post(f"{ASK}check/", question, format="json").status_code == 200
    assert api(lead).post(ASK, question, format="json").status_code == 202


def test_an_interaction_with_the_outcome_is_refused(api, lead, versions):
    pairs = [["age", "sick"]]
    question = body(versions, outcome="sick", terms=["age", "bmi"], interactions=pairs)
    said = refused(api(lead), question, "parameters.interactions")
    assert "it is the outcome" in said


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [("bmi", "died", "first"), ("died", "bmi", "second")],
)
def test_the_page_says_so_at_the_variable(page, lead, versions, first, second, field):
    question = filled(versions, first=first, second=second, terms=["died"])
    assert "outcome" in at_field(page(lead), question, field)


def test_what_an_effect_may_differ_by_is_adjusted_for_without_a_tick(page, lead, versions):
    question = filled(versions, first="age", second="died", outcome="bmi", exposure="age")
    kept = page(lead).post(NEW, question | {"step": "run"})
    assert kept.status_code == 302
    asked = Analysis.objects.get().parameters
    assert (asked["terms"], asked["interactions"]) == (["age", "died"], [["age", "died"]])
    assert asked["interaction_with"] == "died", "as a script would have it"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"interactions": [["age", "site"]]}, "parameters.interactions"),
        ({"interaction_with": "site"}, "parameters.interaction_with"),
    ],
)
def test_by_site_needs_two_sites(api, lead, versions, asked, field):
    question = body(versions[:1], outcome="bmi", terms=["age"], **asked)
    said = refused(api(lead), question, field)
    assert "Oslo" in said
    assert "another site" in said


def test_the_page_says_so_at_the_choice(page, lead, versions):
    said = at_field(page(lead), filled(versions[:1], differs="site"), "differs")
    assert "Oslo" in said


def test_two_datasets_of_one_site_are_one_site(api, lead, project, versions):
    again = table_version(
        {"bmi": ("number", [20.5, 21.5]), "age": ("integer", [40, 50])},
        dataset=DatasetFactory(project=project, site=versions[0].dataset.site),
    )
    question = body([versions[0], again], outcome="bmi", terms=["age"])
    question["parameters"]["interactions"] = [["age", "site"]]
    refused(api(lead), question, "parameters.interactions")


def test_a_variable_that_these_versions_lack_is_no_code_on_the_page(
    page, api, project, lead, versions
):
    """The page said “chol is not one of the available choices”: a name for scripts."""
    SharedVariableFactory(
        project=project, name="chol", label="Serum cholesterol", type="number", unit="1"
    )
    said = at_field(page(lead), filled(versions, exposure="chol"), "exposure")
    assert "is not in the chosen data" in said
    assert "chol" not in said
    question = body(versions, outcome="bmi", terms=["chol"])
    assert "'chol'" in refused(api(lead), question, "parameters.terms")


@pytest.fixture
def doubled(project):
    """Two sites where one measure is ten times another; makes them again with other rights."""

    def made(**rights):
        columns = {
            "dose": ("number", [k % 17 for k in range(N)]),
            "tens": ("number", [k % 17 / 10 for k in range(N)]),
            "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
        }
        datasets = [
            DatasetFactory(
                project=project, site=StudySiteFactory(project=project, name=name), **rights
            )
            for name in ("Oslo", "Hue")
        ]
        return [table_version(columns, dataset=one) for one in datasets]

    return made


TWICE = {"outcome": "sick", "exposure": "dose", "terms": ["dose", "tens"]}
NONE = (
    "This question would have no answer: the rows cannot tell dose and tens apart: take one of "
    "them out."
)


def test_a_question_without_an_answer_is_refused_before_it_runs(api, page, lead, doubled):
    """It ran, counted as a test of the project, and showed a heading with nothing below."""
    versions = doubled()
    answer = api(lead).post(ASK, body(versions, **TWICE), format="json")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["detail"]) == ("parameters.exposure", NONE)
    question = filled(versions, outcome="sick", exposure="dose", terms=["tens"], step="run")
    answer = page(lead).post(NEW, question)
    assert answer.status_code == 422
    assert NONE in unescape(answer.text)
    assert not Analysis.objects.exists()


def one_of(project, access="project", keeper=None, **columns):
    """Two sites of the same columns, and what a model of them asks."""
    mine = {} if keeper is None else {"created_by": keeper}
    return [
        table_version(
            {name: ("number", values) for name, values in columns.items()},
            dataset=DatasetFactory(
                project=project,
                site=StudySiteFactory(project=project, name=name),
                access=access,
                **mine,
            ),
        )
        for name in ("Oslo", "Hue")
    ]


YEARS = [30.0 + k * 7 % 17 for k in range(N)]
EXACTLY = (
    "This question would have no answer: the terms fit every row exactly, which leaves no error to "
    "estimate."
)


@pytest.mark.parametrize("terms", [["tens"], ["weight", "tens"]])
def test_an_outcome_that_the_terms_give_is_refused(api, lead, project, terms):
    """It ran, counted as a test of the project, and the check had nothing to say."""
    tens, weight = [one / 10 for one in YEARS], [60.0 + k * 11 % 19 for k in range(N)]
    question = body(
        one_of(project, years=YEARS, tens=tens, weight=weight),
        outcome="years",
        terms=terms,
        family="gaussian",
    )
    checked = api(lead).post(f"{ASK}check/", question, format="json").data
    assert checked["problem"] == EXACTLY
    (error,) = api(lead).post(ASK, question, format="json").json()["errors"]
    assert (error["field"], error["detail"]) == ("parameters.outcome", EXACTLY)
    assert not Analysis.objects.exists()


def test_an_outcome_that_the_terms_give_but_for_a_digit_is_asked(api, lead, project):
    nearly = [one / 10 + k % 3 * 1e-9 for k, one in enumerate(YEARS)]
    question = body(
        one_of(project, years=YEARS, tens=nearly),
        outcome="years",
        terms=["tens"],
        family="gaussian",
    )
    assert api(lead).post(f"{ASK}check/", question, format="json").data["problem"] == ""
    assert api(lead).post(ASK, question, format="json").status_code == 202


@pytest.mark.parametrize("exposure", ["tens", "same"])
def test_of_guarded_rows_it_is_refused_to_whoever_reads_all_of_them(api, lead, project, exposure):
    """A refusal that others are told of stands in the ledger, or a version with one patient more
    would tell of them by its answer."""
    asker = MembershipFactory(project=project, role="contributor").user
    columns = {"years": YEARS, "tens": [one / 10 for one in YEARS], "same": [1.0] * N}
    versions = one_of(project, "summaries", lead, **columns)
    question = body(versions, outcome="years", terms=[exposure], family="gaussian")
    nothing = "The rules of every dataset in it let nothing of this question leave."
    checked = api(lead).post(f"{ASK}check/", question, format="json").data
    assert checked["problem"] == nothing, "it said that every row lacks both variables"
    (error,) = api(lead).post(ASK, question, format="json").json()["errors"]
    assert (error["field"], error["detail"]) == ("inputs", nothing)
    assert not Analysis.objects.exists()
    assert not RowSet.objects.exists()
    asked = api(asker).post(ASK, question, format="json")
    assert asked.status_code == 202
    assert claim_and_run(job_of(Analysis.objects.get()).pk)
    assert Analysis.objects.get().state == "failed"
    assert RowSet.objects.exists()


@pytest.mark.parametrize("access", ["project", "summaries"])
def test_a_test_counts_whether_there_is_a_p_value_or_not(api, lead, doubled, access, monkeypatch):
    """How many tests a project made is told to whoever reads none of the rows."""
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    versions = doubled(access=access, release_policy="gate")
    answer = api(lead).post(ASK, body(versions, **TWICE), format="json")
    assert answer.data["tests_run"] == 1
    analysis = Analysis.objects.get(pk=answer.data["id"])
    assert claim_and_run(job_of(analysis).pk)
    told = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data
    assert told["tests_run"] == 1
    if access == "project":
        assert told["result"]["answer"]["reason"].startswith("the rows cannot tell")
        assert told["sentence"].startswith("There is no answer to what dose has to do with sick: ")
