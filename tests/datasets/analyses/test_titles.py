"""What a question is called that nobody gave a title: what it asks, in its reader's language."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from datasets.analyses import actions as analyses
from datasets.analyses.models import LONGEST_TITLE
from datasets.analyses.titles import made_title, made_titles, refresh_titles, titles_of
from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import VariableInfo
from datasets.models import Analysis, Version
from members.models import AuditEvent, Notification
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    DatasetFactory,
    StudySiteFactory,
    UserFactory,
    VersionFactory,
    table_version,
)
from tests.factories.analyses import run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

LIST = "/api/v1/projects/heart/analyses/"
FRENCH = {"accept-language": "fr"}
ASKED = "How are the values of age spread? (Oslo and Hue)"
IN_FRENCH = "Comment se répartissent les valeurs de ces variables\xa0: age\xa0? (Oslo et Hue)"


@pytest.fixture
def ask(project, lead):
    """Ask a description of both sites."""
    made = []
    for name in ("Oslo", "Hue"):
        site = StudySiteFactory(project=project, name=name)
        dataset = DatasetFactory(project=project, site=site, access="project")
        made.append(table_version({"age": ("integer", [*range(30, 60)])}, dataset=dataset))
    inputs = [{"dataset": one.dataset_id, "version": one.number} for one in made]

    def asked(**values):
        question = {"method": "describe", "parameters": {"variables": ["age"]}, "inputs": inputs}
        return analyses.start(project=project, by=lead, **question | values)

    return asked


def test_whoever_asked_is_told_in_their_language_whatever_the_worker_s(ask, lead):
    lead.language = "fr"
    lead.save()
    run_analysis(ask())
    assert IN_FRENCH in Notification.objects.get(recipient=lead).text


def test_every_page_calls_it_in_its_reader_s_language(page, ask, lead):
    analysis, client = ask(), page(lead)
    for url in (
        f"/analyses/{analysis.pk}/",
        "/projects/heart/analyses/",
        f"/projects/heart/analyses/new/?like={analysis.pk}",
        "/projects/heart/",
    ):
        text = client.get(url, headers=FRENCH).text
        assert IN_FRENCH in text, url
        assert ASKED not in text, url
    run_analysis(analysis)
    assert ASKED in client.get("/projects/heart/").text
    read = client.get(f"/analyses/{analysis.pk}/").text
    assert f'<li aria-current="page">{ASKED}</li>' in read, "whole, however long it is"


def test_what_asks_it_once_more_gives_it_no_title(page, ask, lead):
    specification = page(lead).get(f"/analyses/{ask().pk}/specification.json").json()
    assert specification["title"] == ""


def test_the_trail_calls_it_the_same_whoever_asks(page, ask, lead):
    page(lead).get("/projects/heart/", headers=FRENCH)
    ask()
    assert AuditEvent.objects.get(action="analysis.started").object_label == ASKED


def test_a_title_that_was_given_stays_though_it_says_the_same(api, page, ask, lead):
    analysis = ask(title=ASKED)
    assert api(lead).get(f"/api/v1/analyses/{analysis.pk}/", headers=FRENCH).data["title"] == ASKED
    assert ASKED in page(lead).get(f"/analyses/{analysis.pk}/", headers=FRENCH).text
    assert analyses.rerun(analysis=run(analysis), by=lead).title == ASKED


def run(analysis):
    run_analysis(analysis)
    return Analysis.objects.get(pk=analysis.pk)


def test_a_run_of_the_same_is_called_the_same(api, ask, lead):
    again = analyses.rerun(analysis=run(ask()), by=lead)
    assert api(lead).get(f"/api/v1/analyses/{again.pk}/").data["title"] == ASKED


def test_the_api_finds_and_sorts_by_what_it_tells(api, ask, lead):
    ask()
    for title in ("Brave", "How", "how old?", "Zone"):
        ask(title=title)
    call = api(lead)
    found = {
        words: [one["title"] for one in call.get(LIST, {"search": words}).data["results"]]
        for words in ("values of AGE", "Oslo and", "répartissent", "rave", "fr", "nothing")
    }
    assert [words for words, titles in found.items() if titles == [ASKED]] == [
        *("values of AGE", "Oslo and", "répartissent")
    ]
    assert (found["rave"], found["fr"], found["nothing"]) == (["Brave"], [], [])
    for language, told in ((None, ASKED), ("fr", IN_FRENCH)):
        headers = {"accept-language": language} if language else {}
        for ordering in ("title", "-title"):
            seen, url = [], f"{LIST}?ordering={ordering}&limit=2"
            while url:
                read = call.get(url, headers=headers).data
                seen += [one["title"] for one in read["results"]]
                url = read["next"]
            assert told in seen
            assert seen == sorted(seen, reverse=ordering.startswith("-"))
            assert len(seen) == 5


def test_its_list_finds_it_by_words_of_its_title_in_any_language(page, ask, lead):
    ask()
    ask(title="Brave")
    client, url = page(lead), "/projects/heart/analyses/"
    for words, found in (
        ("values of AGE", [ASKED]),
        ("répartissent", [ASKED]),
        ("rave", ["Brave"]),
        ("", ["Brave", ASKED]),
        ("nothing", []),
    ):
        html = client.get(url, {"q": words}).text
        assert re.findall(r'class="row-link"[^>]*>([^<]*)<', html) == found, words
        assert ("No question is called so" in html) == (not found)
    assert 'value="nothing"' in html


def test_its_list_finds_none_that_the_person_may_not_see(page, ask):
    ask()
    for person in (UserFactory(), None):
        client = page(person) if person else Client()
        assert ASKED not in client.get("/projects/heart/analyses/", {"q": "age"}).text


def test_what_it_is_found_by_follows_its_sentences(api, ask, lead, django_assert_max_num_queries):
    analysis, given = ask(), ask(title="Brave")
    old = dict.fromkeys(analysis.made_titles, "As an earlier release called it")
    Analysis.objects.filter(pk=analysis.pk).update(made_titles=old)
    changed = Analysis.objects.get(pk=analysis.pk).updated_at
    call = api(lead)
    assert call.get(LIST, {"search": "values of age"}).data["results"] == []
    call_command("prepare")
    [found] = call.get(LIST, {"search": "values of age"}).data["results"]
    assert (found["id"], found["title"]) == (analysis.pk, ASKED)
    assert call.get(LIST, {"search": "earlier"}).data["results"] == []
    assert Analysis.objects.get(pk=given.pk).made_titles == {}
    assert Analysis.objects.get(pk=analysis.pk).updated_at == changed, "nobody did anything to it"
    with django_assert_max_num_queries(3):
        refresh_titles()


def test_one_that_is_too_long_ends_with_a_whole_word():
    labels = [f"Variable {'n' * n}" for n in range(5, 25)]
    infos = [VariableInfo(f"v{n}", "number", label) for n, label in enumerate(labels)]
    asked = {"variables": [one.name for one in infos]}
    title = made_title("describe", asked, infos, ["Oslo", "Hue", "Lyon"])
    assert len(title) <= LONGEST_TITLE
    assert title.endswith("… (asked of 3 sites)")
    last = title.removesuffix("… (asked of 3 sites)").split()[-1].rstrip(",")
    assert last in " ".join(labels).lower().split()


def test_many_cost_as_much_as_one(api, page, lead, project):
    version = VersionFactory(ready=True, dataset__project=project)

    def add(count):
        for _ in range(count):
            asked = AnalysisFactory(project=project, title="")
            AnalysisInputFactory(analysis=asked, version=version, site="Oslo")

    client, call = page(lead), api(lead)
    add(1)
    client.get("/projects/heart/analyses/"), call.get(LIST)
    costs = []
    for more in (9, 90, 0):
        for read in (
            lambda: titles_of(Analysis.objects.only("title")),
            lambda: call.get(LIST, {"limit": 100}),
            lambda: client.get("/projects/heart/analyses/"),
            lambda: client.get("/projects/heart/analyses/", {"q": "age"}),
        ):
            with CaptureQueriesContext(connection) as made:
                read()
            costs.append(len(made))
        add(more)
    assert costs[:4] == costs[4:8] == costs[8:]
    assert costs[0] == 2


def test_a_name_turns_no_word_beside_it():
    infos = [
        VariableInfo("age", "integer", label="גיל"),
        VariableInfo("sick", "boolean", label="\u202eIll\u2066"),
    ]
    question = {"outcome": "sick", "terms": ["age"]}
    filled = METHODS["regression"].fill(question, {one.name: one for one in infos})
    asked = filled.to_json()
    title = made_title("regression", asked, infos, ["Oslo"])
    assert title == "How does \u2068גיל\u2069 go with ill? (Oslo)"
    with translation.override("fr"):
        title = made_title("regression", asked, infos, ["Oslo"])
    assert title.startswith(
        "Comment «\xa0\u2068גיל\u2069\xa0» va\u2011t\u2011il de pair avec «\xa0ill\xa0»"
    )


def test_a_title_has_one_line_whatever_labels_have():
    age = VariableInfo("age", "integer", label="Age\r\nin years\u2028at birth")
    titles = made_titles("describe", {"variables": ["age"]}, [age], ["Oslo"])
    assert titles["en"] == "How are the values of age in years at birth spread? (Oslo)"
    assert all(len(one.splitlines()) == 1 for one in titles.values())


def test_a_draft_without_a_title_is_called_in_the_language_it_is_read_in(page, ask, lead):
    """It kept the one in which it was saved."""
    ask()
    [first, second] = Version.objects.order_by("pk")
    sent = {
        "method": "describe",
        "variables": ["age"],
        "inputs": [f"{one.dataset_id}:{one.number}" for one in (first, second)],
        "step": "draft",
    }
    client = page(lead)
    client.post("/projects/heart/analyses/new/", sent, headers=FRENCH)
    Analysis.objects.all().delete()
    for headers, told, other in ((FRENCH, IN_FRENCH, ASKED), ({}, ASKED, IN_FRENCH)):
        html = client.get("/projects/heart/analyses/", headers=headers).text
        assert told in html
        assert other not in html
