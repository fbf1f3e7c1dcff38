"""The keeper's queue, as pages and over the API."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.domains import actions as domains
from datasets.models import AnalysisPart, Release
from datasets.releases import actions as releases
from tests.datasets.releases.conftest import REGRESSION
from tests.factories import DatasetFactory, MembershipFactory, ReleaseFactory

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_queue_is_empty_in_words(page, hospitals):
    html = text_of(page(hospitals.asker).get("/releases/"))
    assert "Nothing waits for you." in html
    assert "oldest first" not in html, "of none there is no order"


def test_the_queue_shows_the_output_the_reason_and_what_stays(page, hospitals):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask(purpose="For the ward’s report.")
    release = analysis.releases.get()
    reader = page(hospitals.keepers["Cleveland"])
    assert f'href="/releases/{release.pk}/"' in text_of(reader.get("/releases/"))
    html = text_of(reader.get(f"/releases/{release.pk}/"))
    for said in (
        "How old are they?",
        "Ada Asker",
        "For the ward’s report.",
        "120 rows hold 1 variable",
        "Kinds of statistics in it: counts and shares · sums and means · medians and other "
        "quantiles · spreads",
        "A person releases each output of these data.",
        "Groups, levels and counts of at least 5 people.",
        "What stays here",
        "The rules held nothing of this output back.",
        "at least three organisations",
    ):
        assert said in html, said
    assert 'value="in_part"' not in html


METHODS = [
    ("describe", {"variables": ["age"], "by": "site"}, "Variables by site"),
    ("regression", REGRESSION, "effect by region and site"),
    ("correlation", {"variables": ["age", "weight"]}, "Strongest pairs"),
]


def main_text(response):
    """A page's own part, without what frames it and without what tells elements apart."""
    html = text_of(response).split("<main")[1].split("</main>")[0]
    return re.sub(r' (id|aria-labelledby)="[^"]*"', "", html)


@pytest.mark.parametrize(("method", "parameters", "figure"), METHODS)
def test_the_keeper_sees_what_the_page_of_the_answer_will_show(
    page, hospitals, method, parameters, figure
):
    for name in ("Cleveland", "Oslo"):
        hospitals.bring(name, policy="person" if name == "Cleveland" else "gate")
    analysis = hospitals.ask(method=method, parameters=parameters)
    (release,) = analysis.releases.filter(outcome="held")
    keeper = hospitals.keepers["Cleveland"]
    looked = main_text(page(keeper).get(f"/releases/{release.pk}/"))
    releases.decide(release=release, decision="release", by=keeper)
    answered = main_text(page(hospitals.reader).get(analysis.get_absolute_url()))
    assert figure in looked
    start = answered.index('<p class="answer-sentence">')
    assert answered[start : answered.index("</section>", start)] in looked, "sentence and numbers"
    tables = re.findall(r"<table.*?</table>", answered.split("Where this number comes from")[0])
    assert len(tables) >= 1
    for table in tables:
        assert table in looked
    assert "<code>coefficients</code>" not in looked, "no table under its internal name"
    parts = (
        *('href="#decide"', "What they write", "What the project would see", figure),
        *("Why it is here", "on this output", "What stays here", 'name="decision"'),
    )
    order = [looked.index(part) for part in parts]
    assert order == sorted(order), "what would leave, then why it waits, then the decision"
    before = looked.split("What the project would see")[1].split(figure)[0]
    assert before.count("<details") == before.count("</details>"), "the figures are open"
    assert "<h3>Look closer</h3>" in looked, "folded, as no section of a page is"


def test_the_keeper_sees_exact_values_and_nobody_else_does(page, hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons", rows=123)
    release = hospitals.ask().releases.get()
    url = f"/releases/{release.pk}/"
    said = "nothing rounded and nothing left out"
    keeper = page(hospitals.keepers["Cleveland"])
    kept = text_of(keeper.get(url)).split("What stays here")[1]
    assert said in kept
    assert ">123<" in kept.replace(" ", "")
    assert keeper.post(url, {"decision": "release"}).status_code == 302
    html = text_of(page(lead).get(url))
    assert said not in html
    assert ">123<" not in html.replace(" ", "")


def test_the_keeper_sees_values_that_questions_leave_out(page, hospitals):
    """What a question leaves out, as its dataset declares, is among what stays."""
    hospitals.bring("Cleveland", rows=123)
    keeper = hospitals.keepers["Cleveland"]
    declared = [{"column": "age", "low": 45, "high": 55}]
    domains.declare(dataset=hospitals.dataset("Cleveland"), domains=declared, by=keeper)
    release = hospitals.ask().releases.get()
    shown = page(keeper).get(f"/releases/{release.pk}/")
    (variable,) = shown.context["values"]["described"]
    assert {(line["n"], line["missing"]) for line in variable["lines"]} == {(123, 0)}
    assert "nothing rounded and nothing left out" in text_of(shown)
    assert "What the project would see" in text_of(shown)
    regions = re.findall('role="region" aria-label="([^"]*)"', shown.text)
    assert len(regions) == len({*regions}), "two regions of one name"
    releases.decide(release=release, decision="release", by=keeper)
    left = text_of(page(keeper).get(f"/releases/{release.pk}/"))
    assert "What the project sees" in left
    assert "would see" not in left


def rules_told(page, hospitals, release):
    """By what each asks for, whether it is passed and what was found."""
    shown = page(hospitals.keepers["Cleveland"]).get(f"/releases/{release.pk}/")
    lines = [one["rule"] for one in shown.context["rules"]["lines"]]
    assert all(one.asked in text_of(shown) for one in lines)
    went_on = [one.passed is not False for one in lines]
    assert went_on == sorted(went_on), "what held it back stands first"
    return {one.risk.value: (one.passed, one.found) for one in lines}


def test_the_keeper_sees_the_rules_that_were_passed_and_by_how_much(page, api, hospitals):
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo", "project")
    release = hospitals.ask(method="regression", parameters=REGRESSION).releases.get()
    told = rules_told(page, hospitals, release)
    assert told["LowCount"] == (True, "The smallest count that leaves: 120")
    assert told["LowDOF"] == (True, "2 coefficients for about 120 people")
    assert told["Differencing"] == (True, "Compared with 0 earlier questions")
    assert {"Dominance", "ClassDisclosure", "AuxiliaryInformation", "ImplicitTables"} <= set(told)
    client = api(hospitals.keepers["Cleveland"])
    read = client.get(f"/api/v1/releases/{release.pk}/").data["rules"]
    assert {one["risk"]: (one["passed"], one["found"]) for one in read} == told
    described = hospitals.ask().releases.get()
    told = rules_told(page, hospitals, described)
    assert told["Differencing"] == (True, "Compared with 1 earlier question")
    assert "LowDOF" not in told, "no coefficients are asked for"
    told = rules_told(page, hospitals, release)
    assert told["Differencing"] == (True, "Compared with 0 earlier questions"), "this one is later"


def test_the_keeper_sees_which_rule_held_what_back(page, hospitals):
    hospitals.bring("Cleveland", rows=4)
    hospitals.bring("Oslo", "project")
    told = rules_told(page, hospitals, hospitals.ask().releases.get())
    assert told["LowCount"] == (False, "4 rows; at least 5 are asked for")
    assert told["Dominance"][0] is True
    hospitals.one_more("Cleveland")
    told = rules_told(page, hospitals, hospitals.ask().releases.get())
    assert told["Differencing"] == (False, ""), "why it is held stands above the rules"
    assert told["LowCount"] == (None, ""), "nothing of it is added yet"


def test_a_decision_computes_no_output(page, hospitals):
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo")
    analysis = hospitals.ask(method="regression", parameters=REGRESSION)
    release = analysis.releases.get(dataset=hospitals.dataset("Cleveland"))
    keeper = page(hospitals.keepers["Cleveland"])
    url = f"/releases/{release.pk}/"
    assert keeper.get(url).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert keeper.post(url, {"decision": "release"}).status_code == 302
    assert not [one["sql"] for one in asked if '"statistics"' in one["sql"]]
    assert len(asked) <= 29


def test_a_keeper_reads_nothing_of_other_rows_by_looking(api, page, hospitals, lead):
    """Whoever asked reads every row; the keeper of one site reads no row of the other's."""
    hospitals.bring("Cleveland", "controlled")
    hospitals.bring("Oslo", "controlled", rows=4)
    analysis = hospitals.ask(by=lead)
    release = analysis.releases.get(dataset=hospitals.dataset("Cleveland"))
    keeper = hospitals.keepers["Cleveland"]
    assert "Withheld by sites whose rows you may read" in text_of(
        page(lead).get(analysis.get_absolute_url())
    )
    html = text_of(page(keeper).get(f"/releases/{release.pk}/"))
    assert "Withheld by sites whose rows you may read" not in html
    assert "The rules held nothing" not in html, "beside what another site withheld"
    assert "of their own figures back. What is withheld above is so for other sites" in html
    assert api(keeper).get(f"/api/v1/releases/{release.pk}/").data["kept_back"] == []
    theirs = analysis.releases.get(dataset=hospitals.dataset("Oslo"))
    other = hospitals.keepers["Oslo"]
    output = api(other).get(f"/api/v1/releases/{theirs.pk}/").data
    assert [one["risk"] for one in output["withheld"]] == ["LowCount"]
    html = text_of(page(other).get(f"/releases/{theirs.pk}/"))
    said = "4 rows; at least 5 are asked for"
    row = html.rpartition(f"{said}</td>")[2].partition("</tr>")[0]
    assert "few people stand behind a figure" in row
    assert output["kept_back"] == [f"all groups: {said}"]
    assert "1 part of it stays here by these rules: what, and for which risk" in html
    # Parts that a version stored before risks were named.
    for part in AnalysisPart.objects.filter(input__version__dataset=theirs.dataset):
        for one in part.statistics["withheld"]:
            del one["risk"]
        part.save()
    html = text_of(page(other).get(f"/releases/{theirs.pk}/"))
    assert said in html
    assert "Risk:" not in html
    output = api(other).get(f"/api/v1/releases/{theirs.pk}/").data
    assert [one["risk"] for one in output["withheld"]] == [None]


def test_what_another_keeper_withheld_is_not_seen_in_the_queue(api, page, hospitals):
    for name in ("Cleveland", "Oslo"):
        hospitals.bring(name)
    analysis = hospitals.ask()
    ours, theirs = (
        analysis.releases.get(dataset=hospitals.dataset(name)) for name in ("Cleveland", "Oslo")
    )
    keeper = hospitals.keepers["Cleveland"]
    releases.decide(release=theirs, decision="withhold", reason="No.", by=hospitals.keepers["Oslo"])
    html = text_of(page(keeper).get(f"/releases/{ours.pk}/"))
    assert "The answer is closed: Oslo withheld it" in html
    assert "answer-sentence" not in html
    assert api(keeper).get(f"/api/v1/releases/{ours.pk}/").data["result"] is None


def test_in_part_is_shown_before_it_is_chosen(page, hospitals):
    for name in ("Cleveland", "Oslo", "Rome"):
        hospitals.bring(name)
    analysis = hospitals.ask(method="regression", parameters=REGRESSION)
    release = analysis.releases.get(dataset=hospitals.dataset("Cleveland"))
    html = text_of(page(hospitals.keepers["Cleveland"]).get(f"/releases/{release.pk}/"))
    assert "Released in part, they would see this alone" in html


def test_the_page_of_the_dataset_and_home_lead_to_the_queue(page, project, lead):
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    ReleaseFactory(dataset=dataset, analysis__project=project, analysis__title="How old?")
    url = dataset.get_absolute_url()
    queue = f"/releases/?dataset={dataset.pk}"
    html = text_of(page(keeper).get(url))
    assert queue in html
    assert "1 output waits for you" in html
    assert 'href="/releases/"' in text_of(page(keeper).get("/"))
    assert "How old?" in text_of(page(keeper).get(queue))
    assert queue not in text_of(page(lead).get(url))
    assert 'href="/releases/"' not in text_of(page(lead).get("/"))


def test_the_page_decides(page, hospitals):
    hospitals.bring("Cleveland")
    release = hospitals.ask().releases.get()
    reader = page(hospitals.keepers["Cleveland"])
    url = f"/releases/{release.pk}/"
    refused = reader.post(url, {"decision": "withhold", "reason": ""})
    assert refused.status_code == 422
    assert "Say why: whoever asked reads it." in text_of(refused)
    assert reader.post(url, {"decision": "in_part"}).status_code == 422
    assert reader.post(url, {}).status_code == 422
    done = reader.post(url, {"decision": "withhold", "reason": "Too few women."})
    assert done["Location"] == "/releases/#main", "focus goes on from there"
    release.refresh_from_db()
    assert (release.outcome, release.reason) == ("refused", "Too few women.")
    html = text_of(reader.get(url))
    assert "Too few women." in html
    assert 'name="decision"' not in html


def test_somebody_else_decided_meanwhile(page, hospitals, lead):
    hospitals.bring("Cleveland", "controlled")
    release = hospitals.ask().releases.get()
    url = f"/releases/{release.pk}/"
    assert page(lead).post(url, {"decision": "release"}).status_code == 302
    keeper = page(hospitals.keepers["Cleveland"])
    assert keeper.post(url, {"decision": "release"}).status_code == 422
    assert "Lea Lead" in text_of(keeper.get(url))
    release.refresh_from_db()
    assert release.decided_by == lead


def test_a_second_person_sees_the_output_and_not_what_stays(api, page, hospitals, lead):
    hospitals.bring("Cleveland", policy="two_persons")
    release = hospitals.ask().releases.get()
    url = f"/releases/{release.pk}/"
    assert page(lead).get(url).status_code == 404
    keeper = page(hospitals.keepers["Cleveland"])
    assert keeper.post(url, {"decision": "release"}).status_code == 302
    assert "It is the turn of Lea Lead." in text_of(page(hospitals.keepers["Cleveland"]).get(url))
    html = text_of(page(lead).get(url))
    assert "120 rows hold 1 variable" in html
    assert "What stays here" not in html
    seen = api(lead).get(f"/api/v1{url}").data
    assert seen["kept_back"] is seen["withheld"] is None
    assert page(lead).post(url, {"decision": "release"}).status_code == 302
    release.refresh_from_db()
    assert release.outcome == "released"


def test_the_call_lists_shows_and_decides(api, hospitals, lead):
    hospitals.bring("Cleveland")
    analysis = hospitals.ask(purpose="For a talk.")
    call = api(hospitals.keepers["Cleveland"])
    (line,) = call.get("/api/v1/releases/?outcome=held").data["results"]
    assert (line["analysis"], line["site"], line["purpose"]) == (
        analysis.pk,
        "Cleveland",
        "For a talk.",
    )
    assert call.get("/api/v1/releases/?outcome=released").data["results"] == []
    assert api(lead).get("/api/v1/releases/").data["results"] == []
    url = f"/api/v1/releases/{line['id']}/"
    shown = call.get(url).data
    assert shown["decisions"] == ["release", "withhold"]
    assert shown["result"]["rows"] == 120
    assert shown["kept_back"] == shown["withheld"] == shown["held"] == []
    assert shown["statbarns"] == ["Frequencies", "LinearAggregations", "Position", "Shape"]
    refused = call.post(f"{url}decide/", {"decision": "withhold"}, format="json")
    assert refused.status_code == 400
    assert [one["field"] for one in refused.data["errors"]] == ["reason"]
    done = call.post(f"{url}decide/", {"decision": "release"}, format="json")
    assert (done.status_code, done.data["outcome"]) == (200, "released")
    again = call.post(f"{url}decide/", {"decision": "release"}, format="json")
    assert (again.status_code, again.data["code"]) == (409, "already_decided")


def test_a_token_without_rows_decides_on_nothing(api, hospitals):
    """It would let its own question pass that is held beside another one, and read both: whether
    somebody came with a rare level, in 24 worlds of 24."""
    hospitals.bring("Cleveland")
    hospitals.ask()
    release = Release.objects.get()
    call = api(hospitals.keepers["Cleveland"], ["read", "write:data"])
    url = f"/api/v1/releases/{release.pk}/decide/"
    answer = call.post(url, {"decision": "release"}, format="json")
    assert (answer.status_code, answer.data["code"]) == (403, "insufficient_scope")
    release.refresh_from_db()
    assert release.outcome == "held"


def many(hospitals, count):
    dataset = hospitals.dataset("Cleveland")
    ReleaseFactory.create_batch(
        count, dataset=dataset, analysis__project=hospitals.project, outcome="held"
    )


@pytest.mark.parametrize("address", ["/releases/", "/api/v1/releases/"])
def test_the_queue_asks_the_database_as_often_for_a_hundred(api, page, hospitals, address):
    hospitals.bring("Cleveland")
    keeper = hospitals.keepers["Cleveland"]
    client = (api if address.startswith("/api") else page)(keeper)
    numbers = []
    for more in (1, 9, 90):
        many(hospitals, more)
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        numbers.append(len(asked))
    assert Release.objects.count() == 100
    assert len(set(numbers)) == 1, numbers
    assert numbers[0] <= 12


@pytest.mark.parametrize("rules", ["standard", "strict", "sums_only"])
def test_where_rules_are_chosen_they_are_read(page, hospitals, rules):
    hospitals.bring("Cleveland")
    keeper = page(hospitals.keepers["Cleveland"])
    dataset = hospitals.dataset("Cleveland")
    html = text_of(keeper.get(f"{dataset.get_absolute_url()}edit/"))
    assert "The rules of each profile" in html
    assert "Rules alone keep the curious away." in html
    assert "Fewest people behind any number" in html
    sent = {
        "site": dataset.site.pk,
        "title": dataset.title,
        "access": "summaries",
        "threshold": 5,
        "disclosure_rules": rules,
    }
    assert keeper.post(f"{dataset.get_absolute_url()}edit/", sent).status_code == 302
    dataset.refresh_from_db()
    # A form sent without it changes nothing of who releases.
    assert (dataset.disclosure_rules, dataset.release_policy) == (rules, "person")
