"""Who reads an answer now: rights are looked at whenever it is read, wherever that is."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.analyses.result import newest_answer
from datasets.analyses.standing import standing_of
from datasets.datasets import actions as datasets
from datasets.models import Analysis
from datasets.releases import actions as releases
from members.models import Notification
from projects.memberships import actions as memberships
from projects.models import Membership, Project
from tests.datasets.releases.conftest import REGRESSION
from tests.factories import DatasetFactory, MembershipFactory, UserFactory
from tests.factories.analyses import AnalysisFactory, ReleaseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(hospitals):
    """An answer over a hospital that keeps its rows and one of the project."""
    hospitals.bring("Cleveland")
    hospitals.bring("Oslo", "project")
    return hospitals.ask()


def decide(hospitals, analysis, decision, name="Cleveland"):
    return releases.decide(
        release=analysis.releases.get(dataset=hospitals.dataset(name)),
        decision=decision,
        reason="Because.",
        by=hospitals.keepers[name],
    )


def reads(client_of, page_of, user, analysis):
    """Whether the person gets numbers: over the API, as a page, as a table."""
    called = client_of(user).get(f"/api/v1/analyses/{analysis.pk}/")
    shown = page_of(user).get(analysis.get_absolute_url())
    table = page_of(user).get(f"{analysis.get_absolute_url()}tables/variables.csv")
    csv = client_of(user).get(f"/api/v1/analyses/{analysis.pk}/tables/variables.csv")
    seen = (
        called.status_code == 200 and called.data["result"] is not None,
        shown.status_code == 200 and b"answer-sentence" in shown.content,
        table.status_code == 200,
        csv.status_code == 200,
    )
    assert len(set(seen)) == 1, seen
    return seen[0]


def test_a_held_answer_is_for_who_reads_the_rows(api, page, hospitals, held, lead):
    for person in (hospitals.asker, hospitals.reader, lead, hospitals.keepers["Oslo"]):
        assert not reads(api, page, person, held)
    assert reads(api, page, hospitals.keepers["Cleveland"], held)
    decide(hospitals, held, "release")
    for person in (hospitals.asker, hospitals.reader, lead):
        assert reads(api, page, person, held)


@pytest.mark.parametrize("policy", ["gate", "person"])
def test_an_answer_of_guarded_data_without_a_share_to_decide_on_is_closed(
    api, page, hospitals, policy
):
    hospitals.bring("Cleveland", policy=policy)
    analysis = hospitals.ask()
    analysis.releases.all().delete()
    assert not reads(api, page, hospitals.reader, analysis)
    assert reads(api, page, hospitals.keepers["Cleveland"], analysis)


def test_the_page_says_who_decides_since_when(page, hospitals, held):
    html = page(hospitals.asker).get(held.get_absolute_url()).content.decode()
    assert "Waits for its keeper: this answer is not released yet." in html
    html = " ".join(html.split())
    assert re.search(r"Cleveland: waiting since .{5,80}? for Cleveland Keeper\.", html)
    html = page(hospitals.keepers["Cleveland"]).get(held.get_absolute_url()).content.decode()
    assert f'href="/releases/{held.releases.get().pk}/"' in html


def test_of_several_who_may_decide_one_is_enough(page, hospitals, held, monkeypatch):
    both = [hospitals.keepers["Cleveland"], hospitals.keepers["Oslo"]]
    monkeypatch.setattr(
        "datasets.analyses.standing.people_who_each",
        lambda _, shares: {one.pk: both for one in shares},
    )
    html = " ".join(page(hospitals.asker).get(held.get_absolute_url()).content.decode().split())
    assert re.search(r"waiting since .{5,80}? for Cleveland Keeper or Oslo Keeper\.", html)


def test_the_api_says_who_decides_since_when(api, hospitals, held):
    url = f"/api/v1/analyses/{held.pk}/"
    told = api(hospitals.asker).get(url).data
    assert told["state"] == "succeeded"
    release = held.releases.get()
    assert told["release"] == {
        "status": "held",
        "since": told["release"]["since"],
        "waiting_for": [
            {
                "release": release.pk,
                "dataset": release.dataset_id,
                "site": "Cleveland",
                "people": ["Cleveland Keeper"],
                "messages": [],
            }
        ],
        "withheld": [],
        "in_part": [],
    }
    assert (told["warnings"], told["provenance"], told["result_sha256"]) == ([], None, "")
    decide(hospitals, held, "withhold")
    told = api(hospitals.asker).get(url).data["release"]
    assert (told["status"], told["waiting_for"]) == ("refused", [])
    assert told["withheld"] == [
        {"dataset": release.dataset_id, "site": "Cleveland", "reason": "Because."}
    ]


def test_an_answer_nobody_decides_on_says_nothing_of_it(api, hospitals):
    hospitals.bring("Oslo", "project")
    analysis = hospitals.ask()
    assert api(hospitals.asker).get(f"/api/v1/analyses/{analysis.pk}/").data["release"] is None


def test_a_token_without_the_scope_for_rows_reads_as_others_do(api, hospitals, held):
    url = f"/api/v1/analyses/{held.pk}/"
    keeper = hospitals.keepers["Cleveland"]
    assert api(keeper, scopes=["read"]).get(url).data["result"] is None
    assert api(keeper, scopes=["read", "read:data"]).get(url).data["result"]


def test_a_withheld_answer_offers_the_question_without_those_data(page, hospitals, held):
    decide(hospitals, held, "withhold")
    html = page(hospitals.asker).get(held.get_absolute_url()).content.decode()
    assert "Withheld: this answer is closed." in html
    assert "Cleveland: Because." in " ".join(html.split())
    sent = page(hospitals.asker).post(f"{held.get_absolute_url()}without/")
    again = Analysis.objects.latest("pk")
    assert sent["Location"] == again.get_absolute_url()
    assert [one.site for one in again.inputs.all()] == ["Oslo"]
    html = page(hospitals.reader).get(held.get_absolute_url()).content.decode()
    assert "without these data" not in html


def test_where_an_answer_stands_is_asked_as_often_for_many_keepers(
    hospitals, django_assert_num_queries
):
    analysis = AnalysisFactory(project=hospitals.project, succeeded=True)
    decided = {"decision": "withhold", "reason": "No.", "decided_at": timezone.now()}

    def withheld(count):
        for _ in range(count):
            dataset = DatasetFactory(project=hospitals.project, access="summaries")
            ReleaseFactory(
                analysis=analysis,
                dataset=dataset,
                outcome="refused",
                decided_by=hospitals.asker,
                **decided,
            )

    withheld(1)
    with CaptureQueriesContext(connection) as asked:
        standing_of(hospitals.reader, analysis)
    withheld(9)
    with django_assert_num_queries(len(asked)):
        assert len(standing_of(hospitals.reader, analysis).withheld) == 10


def test_who_decides_is_asked_as_often_for_many_shares(hospitals):
    """Each of a dataset with a keeper of its own, every other one for a second person."""
    analysis = AnalysisFactory(project=hospitals.project, succeeded=True)
    decided = {"decision": "release", "decided_at": timezone.now(), "decided_by": hospitals.asker}
    numbers = []
    for count in (1, 10, 40):
        for k in range(analysis.releases.count(), count):
            keeper = MembershipFactory(project=hospitals.project, role="contributor").user
            dataset = DatasetFactory(
                project=hospitals.project, access="summaries", created_by=keeper
            )
            ReleaseFactory(analysis=analysis, dataset=dataset, **decided if k % 2 else {})
        with CaptureQueriesContext(connection) as asked:
            waiting = standing_of(keeper, analysis).waiting_for
        assert len(waiting) == count
        assert [one.yours for one in waiting].count(True) == 1
        numbers.append(len(asked))
    assert numbers[1] == numbers[2], numbers
    assert numbers[0] <= numbers[1] <= 10, numbers


def test_strangers_see_released_answers_alone(api, page, client, hospitals, held):
    Project.objects.filter(pk=hospitals.project.pk).update(visibility="public")
    hospitals.project.datasets.filter(access="project").update(access="open")
    stranger = UserFactory()
    url = held.get_absolute_url()
    assert client.get(url).status_code == 404
    assert page(stranger).get(url).status_code == 404
    assert api(stranger).get(f"/api/v1{url}").status_code == 404
    page_url = f"/projects/{hospitals.project.slug}/analyses/"
    assert "How old are they?" not in page(stranger).get(page_url).content.decode()
    decide(hospitals, held, "release")
    client.logout()
    html = client.get(url).content.decode()
    assert "answer-sentence" in html
    assert "Cleveland patients" not in html
    assert "Cleveland Keeper" not in html
    assert api(stranger).get(f"/api/v1{url}").data["result"]


def test_the_newest_answer_is_the_newest_released_one(hospitals):
    hospitals.bring("Oslo", "project")
    first = hospitals.ask("Oslo")
    hospitals.bring("Cleveland")
    second = hospitals.ask()
    newest = newest_answer(hospitals.asker, hospitals.project)
    assert newest["analysis"] == first
    decide(hospitals, second, "release")
    assert newest_answer(hospitals.asker, hospitals.project)["analysis"] == second


def test_a_release_taken_back_closes_every_way_at_once(api, page, hospitals, held):
    decide(hospitals, held, "release")
    assert reads(api, page, hospitals.asker, held)
    decide(hospitals, held, "withhold")
    assert not reads(api, page, hospitals.asker, held)
    assert newest_answer(hospitals.asker, hospitals.project) == {}


def test_changed_access_acts_at_once(api, page, hospitals, held):
    keeper = hospitals.keepers["Cleveland"]
    dataset = hospitals.dataset("Cleveland")
    datasets.change(dataset=dataset, access="project", by=keeper)
    assert reads(api, page, hospitals.asker, held)
    datasets.change(dataset=dataset, access="controlled", by=keeper)
    assert not reads(api, page, hospitals.asker, held)


def test_an_ended_membership_acts_at_once(api, page, hospitals, held, lead):
    keeper = hospitals.keepers["Cleveland"]
    assert reads(api, page, keeper, held)
    memberships.end(membership=Membership.objects.get(user=keeper), by=lead)
    release = held.releases.get()
    assert not reads(api, page, keeper, held)
    assert page(keeper).get(f"/releases/{release.pk}/").status_code == 404
    assert api(keeper).get(f"/api/v1/releases/{release.pk}/").status_code == 404
    (line,) = Notification.objects.filter(recipient=keeper, kind="release.held")
    assert line.done_at
    assert page(keeper).get(line.url).status_code == 404
    html = page(hospitals.asker).get(held.get_absolute_url()).content.decode()
    assert "nobody who may decide belongs to the project now" in " ".join(html.split())


def test_a_tightened_role_acts_at_once(page, hospitals, lead):
    hospitals.bring("Cleveland", "controlled")
    release = hospitals.ask().releases.get()
    membership = Membership.objects.get(user=hospitals.keepers["Cleveland"])
    assert page(membership.user).get(f"/releases/{release.pk}/").status_code == 200
    memberships.change_role(membership=membership, role="reader", by=lead)
    assert page(membership.user).get(f"/releases/{release.pk}/").status_code == 404
    lines = Notification.objects.filter(kind="release.held", done_at=None)
    assert [line.recipient for line in lines] == [lead]


def test_a_closed_run_does_not_tell_whether_its_numbers_agree(api, page, hospitals, held):
    again = hospitals.run(analyses.rerun(analysis=held, by=hospitals.asker))
    assert again.differences == []
    told = api(hospitals.asker).get(f"/api/v1/analyses/{again.pk}/").data
    assert (told["agrees"], told["differences"]) == (None, None)
    for one in (held, again):
        html = page(hospitals.asker).get(one.get_absolute_url()).content.decode()
        assert "Every number agrees" not in html
        # It was promised before, and for ever.
        assert "every number is compared" not in html
    assert "told to whoever reads both answers" in " ".join(html.split())


def test_no_notification_carries_what_is_in_an_answer(hospitals, held):
    decide(hospitals, held, "release")
    lines = Notification.objects.values_list("text", flat=True)
    assert lines
    assert not [text for text in lines if "49" in text or "120" in text]


@pytest.fixture
def pooled(hospitals):
    for name in ("Cleveland", "Oslo", "Rome"):
        hospitals.bring(name)
    return hospitals.ask(method="regression", parameters=REGRESSION)


def test_in_part_only_what_is_pooled_is_read(api, page, hospitals, pooled):
    decide(hospitals, pooled, "in_part", "Cleveland")
    for name in ("Oslo", "Rome"):
        decide(hospitals, pooled, "release", name)
    told = api(hospitals.asker).get(f"/api/v1/analyses/{pooled.pk}/").data
    result = told["result"]
    assert result["answer"]["k"] == 3
    assert result["answer"]["estimate"] is not None
    assert result["by_site"] == result["coefficients"] == result["answer"]["by"] == []
    assert [one["studies"] for one in result["two_stage"]] == [[]] * len(result["two_stage"])
    assert told["release"]["in_part"] == ["Cleveland"]
    assert [one["message"] for one in told["warnings"]] == [
        "Cleveland released what is pooled, and nothing of single sites."
    ]
    assert told["result_sha256"] != pooled.result_sha256
    html = page(hospitals.asker).get(pooled.get_absolute_url()).content.decode()
    assert "nothing of single sites" in html
    assert "Pooled over 3 sites" in html
    keeper = api(hospitals.keepers["Cleveland"]).get(f"/api/v1/analyses/{pooled.pk}/").data
    assert len(keeper["result"]["by_site"]) == 3
    assert newest_answer(hospitals.asker, hospitals.project)["said"]


def test_in_part_a_description_has_no_groups_by_site(api, page, hospitals):
    for name in ("Cleveland", "Oslo", "Rome"):
        hospitals.bring(name)
    analysis = hospitals.ask()
    decide(hospitals, analysis, "in_part", "Cleveland")
    for name in ("Oslo", "Rome"):
        decide(hospitals, analysis, "release", name)
    result = api(hospitals.asker).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    assert (result["rows"], result["by"], result["groups"]) == (360, None, [])
    assert result["variables"][0]["groups"] == []
    assert page(hospitals.asker).get(analysis.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("decided", [None, "release", "withhold"])
def test_one_state_has_one_word_everywhere(page, hospitals, held, decided):
    if decided:
        decide(hospitals, held, decided)
    word = {None: "Waits for its keeper", "release": "Done", "withhold": "Withheld"}[decided]
    client = page(hospitals.asker)
    listed = client.get(f"/projects/{hospitals.project.slug}/analyses/").text
    shown = client.get(held.get_absolute_url()).text
    for html in (listed, shown):
        chips = re.findall(
            r'<span class="tag[^"]*">(?:\s*<svg.*?</svg>)?\s*([^<]+?)\s*<', html, re.S
        )
        states = {"Waits for its keeper", "Done", "Withheld", "Held", "Failed"}
        assert [one for one in chips if one in states] == [word]


def test_whoever_decides_reads_in_their_language_what_was_asked(page, hospitals):
    hospitals.bring("Cleveland")
    asked = hospitals.ask(method="regression", parameters=REGRESSION)
    made = "How does age go with weight? (Cleveland)"
    Analysis.objects.update(title="")
    keeper, french = page(hospitals.keepers["Cleveland"]), {"accept-language": "fr"}
    for url in ("/releases/", asked.releases.get().get_absolute_url()):
        assert made in keeper.get(url).text
        told = keeper.get(url, headers=french).text
        assert "Comment «\xa0age\xa0» va\u2011t\u2011il" in told
        assert made not in told
