"""The builder: drafts that nothing loses, and a question that is registered once."""

import re
from html import unescape

import pytest

from datasets.analyses.actions import keep
from datasets.analyses.picker import combined
from datasets.models import Analysis, Column, Draft
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)
from tests.html import Read

pytestmark = pytest.mark.django_db

AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
SICK = [age > 45 if place % 5 else age <= 45 for place, age in enumerate(AGES)]
NEW = "/projects/heart/analyses/new/"
LIST = "/projects/heart/analyses/"


@pytest.fixture
def versions(project):
    made = []
    for name in ("Oslo", "Hue"):
        columns = {
            "age": ("integer", AGES),
            "sick": ("boolean", SICK),
            "dose": ("number", [None, *range(15)] if name == "Oslo" else [None] * 16),
        }
        site = StudySiteFactory(project=project, name=name)
        made.append(table_version(columns, dataset=DatasetFactory(project=project, site=site)))
    return made


@pytest.fixture
def sent(versions):
    """What the form would send, with some of it changed."""

    def filled(**values):
        return {
            "method": "regression",
            "exposure": "age",
            "outcome": "sick",
            "site_effects": "on",
            "standard_errors": "model",
            "inputs": [f"{one.dataset_id}:{one.number}" for one in versions],
            "step": "draft",
        } | values

    return filled


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def form_at(client, url):
    return Read(client.get(url).text).form(having="title")


def test_a_draft_is_there_again_on_another_device(page, lead, project, sent):
    half = sent(exposure="", terms=["age"], differs="site", first="dose", title="My line")
    kept = page(lead).post(NEW, half)
    draft = Draft.objects.get()
    assert kept.status_code == 302
    assert kept["Location"] == f"{NEW}?draft={draft.pk}"
    form = form_at(page(lead), kept["Location"])
    assert form.values["terms"] == ["age"]
    assert form.values["differs"] == ["site"]
    assert form.values["outcome"] == ["sick"]
    assert form.values["first"] == ["dose"]
    assert form.values["title"] == ["My line"]
    assert form.values["draft"] == [str(draft.pk)]
    listed = page(lead).get(LIST).text
    assert f'href="{NEW}?draft={draft.pk}"' in listed
    assert "My line" in listed


def test_what_scripts_send_while_one_fills_in_is_kept_and_answered(page, lead, project, sent):
    client = page(lead)
    first = client.post(NEW, sent(), headers={"HX-Request": "true"})
    draft = Draft.objects.get()
    assert first["HX-Replace-Url"] == f"{NEW}?draft={draft.pk}"
    assert 'id="panel"' in first.text
    assert "<html" not in first.text
    assert "32 of 32 rows are complete." in first.text
    again = sent(draft=draft.pk, terms=["dose"])
    second = client.post(NEW, again, headers={"HX-Request": "true"})
    assert Draft.objects.get().answers["terms"] == ["dose"]
    assert "15 of 32 rows are complete." in second.text
    assert "Hue drops out." in text_of(second.text)
    assert 'name="leave_out" value="dose"' in second.text


def test_every_test_that_a_question_makes_is_counted(page, lead, project, sent):
    asked = sent(method="correlation", variables=["age", "sick", "dose"], missing="pairwise")
    shown = page(lead).post(NEW, asked, headers={"HX-Request": "true"})
    assert "It will be tests 1 to 3 of all tests asked for in this project." in text_of(shown.text)


def test_what_a_site_lacks_is_left_out_with_one_press(page, lead, project, sent):
    client = page(lead)
    client.post(NEW, sent(terms=["dose"]))
    draft = Draft.objects.get()
    left = client.post(NEW, sent(draft=draft.pk, terms=["dose"], step="", leave_out="dose"))
    assert left.status_code == 302
    assert "32 of 32 rows are complete." in client.get(left["Location"]).text


def test_going_back_asks_nothing_twice(page, lead, project, sent):
    client = page(lead)
    client.post(NEW, sent(title="Once"))
    address = Draft.objects.get().get_absolute_url()
    form = form_at(client, address)
    first = form.send(client, NEW, step="run")
    analysis = Analysis.objects.get()
    assert first["Location"] == analysis.get_absolute_url()
    back = client.get(address)
    assert f'This question was run: <a href="{analysis.get_absolute_url()}"' in " ".join(
        back.text.split()
    )
    assert Read(back.text).form(having="title").values["title"] == ["Once"]
    for sheet in (form, form_at(client, address)):
        assert sheet.send(client, NEW, step="run")["Location"] == analysis.get_absolute_url()
    assert Analysis.objects.count() == 1
    assert "Go on with" not in client.get(LIST).text


def test_what_one_page_sends_is_one_draft_and_one_question(page, lead, project, sent):
    """Its script keeps it while the button is pressed, and who goes back presses it again."""
    client = page(lead)
    fresh = form_at(client, NEW).fill(exposure="age", outcome="sick")
    client.post(NEW, fresh.values, headers={"HX-Request": "true"})
    first = fresh.send(client, NEW, step="run")
    assert fresh.send(client, NEW, step="run")["Location"] == first["Location"]
    client.post(NEW, fresh.values, headers={"HX-Request": "true"})
    assert (Draft.objects.count(), Analysis.objects.count()) == (1, 1)
    changed = fresh.fill(outcome="dose")
    for _ in range(2):
        second = changed.send(client, NEW, step="run")
    assert second["Location"] != first["Location"]
    assert Analysis.objects.count() == 2
    assert Draft.objects.filter(analysis=None).count() == 0


def test_what_is_changed_after_it_was_registered_is_another_question(page, lead, project, sent):
    client = page(lead)
    client.post(NEW, sent())
    address = Draft.objects.get().get_absolute_url()
    form_at(client, address).send(client, NEW, step="run")
    changed = form_at(client, address).fill(outcome="dose")
    changed.send(client, NEW, step="run")
    first, second = Analysis.objects.order_by("id")
    assert (first.parameters["outcome"], second.parameters["outcome"]) == ("sick", "dose")
    assert Draft.objects.get(analysis=second).like == first


def test_a_copy_remembers_what_it_is_of(page, lead, project, sent):
    client = page(lead)
    client.post(NEW, sent(step="run"))
    analysis = Analysis.objects.get()
    form = form_at(client, f"{NEW}?like={analysis.pk}")
    kept = form.send(client, NEW, step="draft")
    shown = client.get(kept["Location"])
    assert Draft.objects.get(analysis=None).like == analysis
    assert "Copied from" in shown.text
    assert Read(shown.text).form(having="title").values["exposure"] == ["age"]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ({}, "How does age go with sick? (Oslo and Hue)"),
        ({"differs": "site"}, "How does age go with sick? Does it differ by site? (Oslo and Hue)"),
    ],
)
def test_a_question_without_a_title_is_its_own_title(page, lead, project, sent, asked, title):
    client = page(lead)
    client.post(NEW, sent(step="run", **asked))
    analysis = Analysis.objects.get()
    copied = form_at(client, f"{NEW}?like={analysis.pk}")
    assert copied.values["title"] == [""], "a changed question has another title of its own"
    french = {"accept-language": "fr"}
    [told] = re.findall("<h1>(.*?)</h1>", client.get(analysis.get_absolute_url()).text)
    assert told == title
    [told] = re.findall(
        "<h1>(.*?)</h1>", client.get(analysis.get_absolute_url(), headers=french).text
    )
    assert told.startswith("Comment «\xa0age\xa0» va\u2011t\u2011il"), (
        "in its reader's language, not in that of whoever asked"
    )
    assert told in client.get("/projects/heart/analyses/", headers=french).text


def test_another_method_keeps_what_both_ask_and_the_rest_for_later(page, lead, project, sent):
    client = page(lead)
    # The pressed button comes after the hidden field.
    there = client.post(NEW, sent(title="Who?", method=["regression", "describe"], step=""))
    draft = Draft.objects.get()
    assert draft.method == "describe"
    form = form_at(client, there["Location"])
    assert form.values["title"] == ["Who?"]
    form.values["method"] = ["describe", "regression"]
    back = form_at(client, form.send(client, NEW)["Location"])
    assert back.values["exposure"] == ["age"]


@pytest.mark.parametrize(
    ("began", "other"),
    [("describe", "regression"), ("regression", "correlation"), ("correlation", "describe")],
)
def test_what_only_another_method_asks_begins_as_on_its_own_page(
    page, lead, project, versions, began, other
):
    """Site effects were unticked without a word, and a correlation did not say what of gaps."""
    client = page(lead)
    form = form_at(client, f"{NEW}?method={began}")
    form.values["method"] = [began, other]
    turned = form_at(client, form.send(client, NEW)["Location"]).values
    fresh = form_at(client, f"{NEW}?method={other}").values
    asked_by_both = {"csrfmiddlewaretoken", "draft", "sheet", "variables"}
    for name in fresh.keys() - asked_by_both:
        assert turned[name] == fresh[name], name


def test_nobody_else_sees_or_changes_a_draft(page, lead, project, sent):
    page(lead).post(NEW, sent(title="Canary"))
    draft = Draft.objects.get()
    other = MembershipFactory(project=project, role="lead").user
    assert page(other).get(draft.get_absolute_url()).status_code == 404
    assert "Canary" not in page(other).get(LIST).text
    page(other).post(NEW, sent(title="Mine", draft=draft.pk))
    page(other).post(NEW, sent(draft=draft.pk, step="discard"))
    draft.refresh_from_db()
    assert (draft.title, draft.created_by) == ("Canary", lead)
    assert page(UserFactory()).get(draft.get_absolute_url()).status_code == 403


def test_a_draft_of_another_project_is_not_found_here(page, lead, project, sent):
    page(lead).post(NEW, sent())
    draft = Draft.objects.get()
    ProjectFactory(lead=lead, slug="other")
    assert page(lead).get(f"/projects/other/analyses/new/?draft={draft.pk}").status_code == 404
    for number in ("x", "0", "9" * 5000, ""):
        assert page(lead).get(f"{NEW}?draft={number}").status_code == 404


def test_a_draft_is_thrown_away(page, lead, project, sent):
    page(lead).post(NEW, sent())
    draft = Draft.objects.get()
    gone = page(lead).post(NEW, sent(draft=draft.pk, step="discard"))
    assert gone["Location"] == LIST
    assert not Draft.objects.exists()


def test_a_draft_holds_what_no_database_would(page, lead, project, sent):
    client = page(lead)
    kept = client.post(NEW, sent(title="a\0b", exposure="x" * 500))
    assert client.get(kept["Location"]).status_code == 200
    huge = client.post(NEW, sent(title="x" * 200_000))
    assert huge.status_code == 422
    assert "This is more than a draft can hold." in huge.text


def test_the_page_costs_the_same_at_any_number_of_datasets(
    page, lead, project, sent, django_assert_max_num_queries
):
    client = page(lead)
    client.get(NEW)
    with django_assert_max_num_queries(20) as few:
        client.get(NEW)
    for name in range(8):
        site = StudySiteFactory(project=project, name=f"Site {name}")
        columns = {"age": ("integer", AGES), "sick": ("boolean", SICK)}
        table_version(columns, dataset=DatasetFactory(project=project, site=site))
    with django_assert_max_num_queries(len(few)):
        client.get(NEW)


def test_equal_shares_stand_in_one_order_whichever_dataset_is_first():
    def profile(*values):
        return {"type": "category", "n": 4, "top": [{"value": value, "n": 2} for value in values]}

    both = [profile("b", "a"), profile("a", "b")]
    orders = [[one["value"] for one in combined(part)["top"]] for part in (both, both[::-1])]
    assert orders == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize("label", ["Age at entry", ""])
def test_a_pair_of_one_variable_is_refused_by_what_people_call_it(page, lead, sent, label):
    Column.objects.filter(name="age").update(label=label)
    page(lead).post(NEW, sent(first="age", second="age", title="A pair"))
    draft = Draft.objects.get()
    said = text_of(page(lead).get(f"{NEW}?draft={draft.pk}").text)
    assert f"Pair {label.lower() or 'age'} with another variable than itself." in said


def test_a_draft_saved_while_it_is_run_stays_registered(page, lead, project, sent):
    """What was typed last is saved by the page at the moment Run is pressed."""
    page(lead).post(NEW, sent())
    stale = Draft.objects.get()
    page(lead).post(NEW, sent(draft=stale.pk, step="run"))
    keep(
        project=project,
        draft=stale,
        method=stale.method,
        answers=stale.answers,
        by=lead,
    )
    assert Draft.objects.get().analysis == Analysis.objects.get()
    assert "Go on with" not in page(lead).get(LIST).text


def test_a_draft_saved_while_it_is_thrown_away_is_not_put_back(page, lead, project, sent):
    page(lead).post(NEW, sent(title="Before"))
    stale = Draft.objects.get()
    thrown_away = stale.pk
    Draft.objects.all().delete()
    kept = keep(
        project=project, draft=stale, method="regression", answers={"title": ["After"]}, by=lead
    )
    assert kept.pk != thrown_away


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1 of 3 variables is chosen"), ("fr", "1 variable sur 3 est choisie")],
)
def test_one_variable_is_chosen_in_the_singular(page, lead, project, sent, language, said):
    client = page(lead)
    client.cookies["django_language"] = language
    kept = client.post(NEW, sent(terms=["dose"]))
    assert said in text_of(client.get(kept["Location"]).text)
