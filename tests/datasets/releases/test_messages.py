"""A keeper asks something first, and whoever put the question answers; the output stays held."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import ReleaseMessage
from datasets.releases import actions as releases
from datasets.releases import messages
from members.models import AuditEvent, Notification
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from projects.memberships import actions as memberships
from tests.datasets.releases.conftest import decide, inbox
from tests.pages import text_of

pytestmark = pytest.mark.django_db

WHY = "Which ward are these for?"


@pytest.fixture
def held(hospitals):
    hospitals.bring("Cleveland")
    return hospitals.ask().releases.get()


def test_a_question_leaves_the_output_held_and_is_answered(page, hospitals, held):
    keeper = page(hospitals.keepers["Cleveland"])
    url, answer = held.get_absolute_url(), held.analysis.get_absolute_url()
    assert "Ask a question first" in text_of(keeper.get(url))
    missing = keeper.post(url, {"step": "ask", "reason": " "})
    assert (missing.status_code, "Write what you want to know" in missing.text) == (422, True)
    assert keeper.post(url, {"step": "ask", "reason": WHY}).url == f"{url}#output-h"
    held.refresh_from_db()
    assert (held.outcome, held.decision, held.decided_at) == ("held", "", None)
    (told,) = inbox(hospitals.asker, kind="release.asked")
    assert told == "Cleveland has a question on “How old are they?”."
    assert "Your answer to Cleveland" in text_of(page(hospitals.asker).get(answer))
    for reader in (hospitals.asker, hospitals.keepers["Cleveland"]):
        assert WHY in text_of(page(reader).get(answer))
    # Nobody else reads what they say to each other.
    assert WHY not in text_of(page(hospitals.reader).get(answer))
    sent = page(hospitals.asker).post(f"{answer}answer/{held.pk}/", {"text": "The fourth."})
    assert sent.url == answer
    assert "Your answer to Cleveland" not in text_of(page(hospitals.asker).get(answer))
    assert inbox(hospitals.asker, kind="release.asked") == []
    (told,) = inbox(hospitals.keepers["Cleveland"], kind="release.answered")
    assert told == "Ada Asker answers on “How old are they?”."
    keeper = page(hospitals.keepers["Cleveland"])
    assert "The fourth." in text_of(keeper.get(url))
    events = AuditEvent.objects.filter(action__in=("release.asked", "release.answered"))
    # The trail, which stewards and leads read, says that they spoke, and which message has it.
    told = [(one.after["analysis"], one.after["message"]) for one in events.order_by("pk")]
    assert told == [(held.analysis_id, one.pk) for one in held.messages.all()]
    assert not any(word in str(one.after) for one in events for word in (WHY, "The fourth."))
    decide(hospitals, held.analysis)
    assert inbox(hospitals.keepers["Cleveland"]) == []
    assert "Ask a question first" not in text_of(keeper.get(url)), "it is decided"


def test_both_over_the_api(api, hospitals, held):
    keeper, asker = hospitals.keepers["Cleveland"], hospitals.asker
    url, analysis = f"/api/v1/releases/{held.pk}/", f"/api/v1/analyses/{held.analysis_id}/"
    asked = api(keeper).post(f"{url}ask/", {"text": WHY}, format="json")
    assert (asked.status_code, asked.data["text"]) == (201, WHY)
    (waiting,) = api(asker).get(analysis).data["release"]["waiting_for"]
    assert [(one["text"], one["by"]["name"]) for one in waiting["messages"]] == [
        (WHY, "Cleveland Keeper")
    ]
    for reader in (
        api(hospitals.reader),
        api(asker, scopes=["read"]),
        api(keeper, scopes=["read"]),
    ):
        (waiting,) = reader.get(analysis).data["release"]["waiting_for"]
        assert waiting["messages"] == []
    said = api(asker).post(f"{url}answer/", {"text": "The fourth."}, format="json")
    assert said.status_code == 201
    read = api(keeper).get(url).data
    assert ([one["text"] for one in read["messages"]], read["outcome"]) == (
        [WHY, "The fourth."],
        "held",
    )
    assert api(hospitals.reader).post(f"{url}answer/", {"text": "x"}).status_code == 404
    assert api(keeper).post(f"{url}answer/", {"text": "x"}).status_code == 404
    assert api(asker).post(f"{url}ask/", {"text": "x"}).status_code == 404


def test_the_queue_says_which_outputs_were_asked_about(page, api, hospitals, held):
    keeper, asker = hospitals.keepers["Cleveland"], hospitals.asker
    places = ("/releases/", held.get_absolute_url())

    def told():
        (line,) = api(keeper).get("/api/v1/releases/").data["results"]
        return line["question"], [text_of(page(keeper).get(one)) for one in places]

    question, htmls = told()
    assert question is None
    assert not any("Question of" in html for html in htmls)
    messages.ask(release=held, text=WHY, by=keeper)
    question, htmls = told()
    assert question["asked_at"]
    assert question["answered_at"] is None
    assert all("not answered yet" in html for html in htmls)
    messages.answer(release=held, text="The fourth.", by=asker)
    question, htmls = told()
    assert question["answered_at"] > question["asked_at"]
    assert all(", answered " in html for html in htmls)
    messages.ask(release=held, text="And why?", by=keeper)
    question, htmls = told()
    assert question["answered_at"] is None, "there is another one"
    assert all("not answered yet" in html for html in htmls)
    decide(hospitals, held.analysis)
    assert "Question of" not in text_of(page(keeper).get("/releases/")), "it is over"


def test_who_says_what_and_until_when(hospitals, held):
    keeper, asker = hospitals.keepers["Cleveland"], hospitals.asker
    with pytest.raises(Conflict, match="Nobody asked you"):
        messages.answer(release=held, text="Well?", by=asker)
    for by in (asker, hospitals.reader):
        with pytest.raises(NotAllowed):
            messages.ask(release=held, text=WHY, by=by)
    for text in ("  ", "x" * 2001):
        with pytest.raises(Invalid):
            messages.ask(release=held, text=text, by=keeper)
    messages.ask(release=held, text=WHY, by=keeper)
    with pytest.raises(NotAllowed):
        messages.answer(release=held, text="Me.", by=hospitals.reader)
    decide(hospitals, held.analysis)
    with pytest.raises(Conflict):
        messages.ask(release=held, text="And why?", by=keeper)
    with pytest.raises(Conflict):
        messages.answer(release=held, text="The fourth.", by=asker)
    assert inbox(asker, kind="release.asked") == [], "nobody waits for it any more"
    assert ReleaseMessage.objects.count() == 1


def test_nobody_is_told_what_they_asked_themselves(hospitals):
    """A keeper who put the question writes down what the second person should know."""
    hospitals.bring("Cleveland")
    keeper = hospitals.keepers["Cleveland"]
    share = hospitals.ask(by=keeper).releases.get()
    messages.ask(release=share, text=WHY, by=keeper)
    assert inbox(keeper, kind="release.asked") == []


def test_many_messages_cost_no_more_queries_than_one(page, api, hospitals, held):
    keeper, asker = hospitals.keepers["Cleveland"], hospitals.asker
    urls = [(page(keeper), held.get_absolute_url()), (api(keeper), f"/api/v1/releases/{held.pk}/")]
    found = []
    for _ in range(2):
        messages.ask(release=held, text=WHY, by=keeper)
        messages.answer(release=held, text="The fourth.", by=asker)
        for client, url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
    assert found[:2] == found[2:]


def test_nobody_else_reads_what_they_say_in_the_audit_trail(api, page, lead, hospitals, held):
    """Who leads the project reads no rows of these data, and read the words about them."""
    keeper = hospitals.keepers["Cleveland"]
    messages.ask(release=held, text=WHY, by=keeper)
    messages.answer(release=held, text="The fourth.", by=hospitals.asker)
    releases.decide(release=held, decision="withhold", reason="One woman of 97.", by=keeper)
    (event,) = AuditEvent.objects.filter(action="release.decided")
    assert event.after["has_reason"] is True
    for trail in ("/api/v1/projects/heart/audit/", f"/api/v1/datasets/{held.dataset_id}/audit/"):
        said = api(lead).get(trail).content.decode()
        assert "release.asked" in said
        assert WHY not in said
        assert "The fourth." not in said
        assert "One woman" not in said
    told = text_of(page(lead).get(f"/datasets/{held.dataset_id}/audit/"))
    assert "asked something about an output" in told
    assert "did “" not in told, "each event has words"
    assert not Notification.objects.filter(text__contains="One woman").exists()
    analysis = held.analysis.get_absolute_url()
    reads = {hospitals.asker: True, keeper: True, hospitals.reader: False, lead: False}
    for person, does in reads.items():
        assert ("One woman" in text_of(page(person).get(analysis))) is does
        (withheld,) = api(person).get(f"/api/v1{analysis}").data["release"]["withheld"]
        assert withheld["reason"] == ("One woman of 97." if does else "")
        bare = api(person, scopes=["read"]).get(f"/api/v1{analysis}").data["release"]
        assert bare["withheld"][0]["reason"] == ""


@pytest.mark.parametrize("is_gone", [True, False])
def test_whoever_may_ask_no_more_is_asked_nothing(page, api, hospitals, held, is_gone):
    """The words came into the inbox of somebody who had left, and a form that answered 404."""
    keeper, asker = hospitals.keepers["Cleveland"], hospitals.asker
    messages.ask(release=held, text=WHY, by=keeper)
    membership = asker.memberships.get()
    if is_gone:
        membership.delete()
    else:
        membership.role = "reader"
        membership.save()
        shown = page(asker).get(held.analysis.get_absolute_url())
        assert WHY not in text_of(shown)
        assert f"/answer/{held.pk}/" not in shown.text
        (waiting,) = (
            api(asker).get(f"/api/v1/analyses/{held.analysis_id}/").data["release"]["waiting_for"]
        )
        assert waiting["messages"] == []
    with pytest.raises(Conflict, match="answer any more"):
        messages.ask(release=held, text="And of which year?", by=keeper)
    assert ReleaseMessage.objects.count() == 1


def test_whoever_may_ask_still_is_asked_still(hospitals, held, lead):
    """The line was taken off the inbox of every asker whose role changed."""
    messages.ask(release=held, text=WHY, by=hospitals.keepers["Cleveland"])
    membership = hospitals.asker.memberships.get()
    memberships.change_role(membership=membership, role="steward", by=lead)
    assert inbox(hospitals.asker, kind="release.asked")
    memberships.change_role(membership=membership, role="reader", by=lead)
    assert inbox(hospitals.asker, kind="release.asked") == []


def test_a_character_that_no_text_holds_is_left_out(page, hospitals, held):
    """It was an error of the server."""
    messages.ask(release=held, text=WHY, by=hospitals.keepers["Cleveland"])
    answer = held.analysis.get_absolute_url()
    sent = page(hospitals.asker).post(f"{answer}answer/{held.pk}/", {"text": "The\0 fourth."})
    assert sent.url == answer
    assert ReleaseMessage.objects.last().text == "The fourth."
