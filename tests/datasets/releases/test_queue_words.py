"""What the keeper's page says of a decision that stands, and of the rules."""

import re
from html import unescape

import pytest
from django.utils.translation import override

from datasets.analyses.titles import title_of
from datasets.choices import Overlap
from datasets.models import Analysis, Dataset
from datasets.releases import actions as releases
from members.models import AuditEvent
from projects.overview.activity import activity_of
from tests.datasets.releases.conftest import REGRESSION
from tests.datasets.releases.test_views import main_text, text_of
from tests.factories import table_version

pytestmark = pytest.mark.django_db


def test_what_is_released_is_said_to_close_again(page, hospitals):
    hospitals.bring("Cleveland")
    release = hospitals.ask().releases.get()
    keeper = hospitals.keepers["Cleveland"]
    reader, url = page(keeper), f"/releases/{release.pk}/"
    assert "the answer stays closed" in text_of(reader.get(url))
    releases.decide(release=release, decision="release", by=keeper)
    html = text_of(reader.get(url))
    assert "from now on the answer is closed again" in html
    assert "the answer stays closed" not in html
    assert f"Decided by {keeper.name}, " in html, "a name alone does not say what of it"


def test_rules_are_counted_as_those_that_bear_on_the_output(page, hospitals):
    hospitals.bring("Cleveland")
    keeper = page(hospitals.keepers["Cleveland"])
    told = []
    for asked in ({}, {"method": "regression", "parameters": REGRESSION}):
        html = text_of(keeper.get(f"/releases/{hospitals.ask(**asked).releases.get().pk}/"))
        told.append(re.search(r"(All \d+ rules [\w ]+? passed)(?!:)\b", html).group(1))
    assert len(set(told)) == 2, "the data have one list of rules, of which a model meets more"
    assert all(one.endswith("rules that bear on it are passed") for one in told), told


def test_who_may_count_twice_is_said_before_it_is_decided(page, hospitals):
    """It stood on the answer's page alone, which others read."""
    for name in ("Cleveland", "Oslo"):
        hospitals.bring(name)
    release = hospitals.ask().releases.get(dataset=hospitals.dataset("Cleveland"))
    reader, url = page(hospitals.keepers["Cleveland"]), f"/releases/{release.pk}/"
    assert "counts twice" not in text_of(reader.get(url))
    Dataset.objects.filter(pk=release.dataset_id).update(overlap=Overlap.POSSIBLE)
    html = text_of(reader.get(url))
    assert "some people may be in another dataset, too" in html
    assert "counts twice" in html


def test_what_several_earlier_questions_hold_has_its_risk_once(page, hospitals):
    hospitals.bring("Cleveland")
    hospitals.ask(parameters={"variables": ["age"]})
    hospitals.ask(parameters={"variables": ["age", "weight"]})
    hospitals.one_more("Cleveland")
    held = hospitals.ask(parameters={"variables": ["age"]}).releases.get()
    html = text_of(page(hospitals.keepers["Cleveland"]).get(f"/releases/{held.pk}/"))
    assert html.count("It differs by 1 row from an earlier question") == 2
    assert html.count("Risk: the difference of two answers is about few people.") == 1


def test_an_earlier_question_is_called_by_its_title_in_its_reader_s_language(page, hospitals):
    """It was “analysis 3 of version 1”, which nothing else calls it."""
    hospitals.bring("Cleveland")
    first = hospitals.ask(parameters={"variables": ["age"]})
    Analysis.objects.filter(pk=first.pk).update(title="")
    first.refresh_from_db()
    hospitals.one_more("Cleveland")
    held = hospitals.ask(parameters={"variables": ["age"]}).releases.get()
    for language in ("en", "fr"):
        with override(language):
            title = title_of(first)
            html = unescape(
                text_of(in_language(page(hospitals.keepers["Cleveland"]), held, language))
            )
        marks = {"en": "“%s” of version", "fr": "«\u00a0%s\u00a0» de la version"}[language]
        assert " ".join((marks % title).split()) in html
        assert not re.search(r"analy\w+ \d", html.split('aria-labelledby="output-h"')[1])


def in_language(client, release, language):
    return client.get(f"/releases/{release.pk}/", headers={"Accept-Language": language})


def test_the_trail_names_the_output_in_no_language(hospitals):
    hospitals.bring("Cleveland")
    release = hospitals.ask().releases.get()
    releases.decide(release=release, decision="release", by=hospitals.keepers["Cleveland"])
    label = AuditEvent.objects.get(action="release.decided").object_label
    assert label == f"{release.analysis} ({release.dataset})"


def test_what_was_decided_is_called_in_its_reader_s_language(hospitals):
    """The line of the question was, and that of its output was not."""
    hospitals.bring("Cleveland")
    analysis = hospitals.ask(parameters={"variables": ["age"]})
    Analysis.objects.filter(pk=analysis.pk).update(title="")
    keeper, release = hospitals.keepers["Cleveland"], analysis.releases.get()
    releases.decide(release=release, decision="release", by=keeper)
    with override("fr"):
        said = str(activity_of(hospitals.project)[0]["said"])
    assert "Comment se répartissent" in said
    assert f"({release.dataset})" in said


def test_what_the_rules_refuse_is_nobody_s_to_decide(page, hospitals):
    """It was called withheld, and the turn of its keeper."""
    hospitals.bring("Cleveland", rows=4)
    hospitals.bring("Oslo", "project")
    share = hospitals.ask(method="regression", parameters=REGRESSION).releases.get()
    reader = page(hospitals.keepers["Cleveland"])
    html = main_text(reader.get(share.get_absolute_url()))
    assert "Nothing to decide" in html
    assert "let nothing of this question leave, so there is nothing to decide." in html
    assert "may ask with other variables or wider groups, or without these data." in html
    for other in ("It is the turn of", "Withheld </span>", 'name="decision"', "#decide"):
        assert other not in html
    assert "Nothing waits for you." in text_of(reader.get("/releases/"))


def test_a_mean_has_no_more_digits_than_the_step_in_which_its_site_told_it(page, hospitals):
    """It was “2.00” where one row far off has it told in ones."""
    hospitals.bring("Cleveland")
    first = hospitals.versions["Cleveland"]
    visits = [1.9, 2.0, 2.1] * 39 + [2.0, 2.0, 150.0]
    hospitals.versions["Cleveland"] = table_version(
        {"visits": ("number", visits)}, dataset=first.dataset, number=first.number + 1
    )
    analysis = hospitals.ask(parameters={"variables": ["visits"]})
    (variable,) = analysis.result["variables"]
    mean = variable["overall"]["mean"]
    assert mean == round(mean) != sum(visits) / 120
    html = main_text(
        page(hospitals.keepers["Cleveland"]).get(f"/releases/{analysis.releases.get().pk}/")
    )
    glance = html.split("as-seen")[1].split("</table>")[0]
    (told,) = re.findall(r"([\d.]+) \([\d.]+\)", glance)
    assert told == f"{mean:.0f}"
