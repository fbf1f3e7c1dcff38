"""Asking, following and deciding on pages, as a browser without JavaScript sends it."""

from datetime import timedelta
from itertools import chain

import pytest
from django.utils import timezone

from projects.choices import Role
from projects.join_requests import actions as join_requests
from projects.models import JoinRequest, Membership
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    ProfileFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(lead):
    return ProjectFactory(
        lead=lead, slug="hearts", title="Hearts", join_questions=["Which device?"]
    )


def test_who_is_not_signed_in_is_asked_to_and_comes_back(client, project):
    answer = client.get("/projects/hearts/join/")
    assert answer.status_code == 302
    assert answer.url.endswith("?next=/projects/hearts/join/")


def test_ask_follow_withdraw(page, project):
    user = ProfileFactory(
        user__name="Uma User", orcid="0000-0002-1825-0097", institution__name="Heart Centre"
    ).user
    client = page(user)
    form = client.get("/projects/hearts/join/").content.decode()
    for shown in ("0000-0002-1825-0097", "Heart Centre", "Which device?", "What joining means"):
        assert shown in form
    sent = client.post(
        "/projects/hearts/join/", {"message": "300 patients", "answer_0": "A cuff"}, follow=True
    )
    tracker = sent.content.decode()
    assert sent.redirect_chain[-1][0] == "/projects/hearts/join/#track-h"
    assert "No lead has opened it yet." in tracker
    assert "A cuff" in tracker
    for path in ("/projects/hearts/", "/projects/"):
        assert "Requested" in client.get(path).content.decode()
    gone = client.post("/projects/hearts/join/withdraw/", follow=True).content.decode()
    assert "Taken back" in gone
    assert "Ask again" in gone
    assert client.post("/projects/hearts/join/withdraw/").status_code == 409


def test_an_incomplete_request_comes_back_with_what_was_written(page, project, user):
    answer = page(user).post("/projects/hearts/join/", {"message": "300 patients", "answer_0": ""})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "300 patients" in text
    assert "The project asks everybody this" in text
    assert not JoinRequest.objects.exists()


def test_a_second_request_is_refused_in_words(page, project, user):
    JoinRequestFactory(project=project, user=user)
    answer = page(user).post("/projects/hearts/join/", {"message": "Me", "answer_0": "x"})
    assert answer.status_code == 409
    assert "You have asked already" in answer.content.decode()


def test_members_are_sent_to_the_project(page, project, lead):
    assert page(lead).get("/projects/hearts/join/").url == "/projects/hearts/"


def test_a_closed_project_says_so(page, user):
    ProjectFactory(slug="closed", join_policy="closed")
    assert "by invitation only" in page(user).get("/projects/closed/join/").content.decode()
    assert page(user).post("/projects/closed/join/", {"message": "x"}).status_code == 403


def test_an_open_project_says_that_one_is_in_at_once(page, user):
    ProjectFactory(slug="open", join_policy="verified")
    assert "You are in at once." in page(user).get("/projects/open/join/").content.decode()
    page(user).post("/projects/open/join/", {"message": "300 patients"})
    assert Membership.objects.active().filter(user=user, role="contributor").exists()


def test_what_people_write_stays_as_it_is_beside_forms_that_are_drawn_once(page, project, lead):
    """Neither what stands for a request's number nor its number is put into anybody's words."""
    words = "See request-0- and id_request-0-role"
    made = [
        JoinRequestFactory(
            project=project, message=words, answers=[{"question": words, "answer": words}]
        )
        for _ in range(2)
    ]
    answer = page(lead).get("/projects/hearts/members/")
    html = answer.content.decode()
    assert html.count(words) == 3 * len(made)
    assert "\0" not in html
    assert "request-0-" not in html.replace(words, "")
    for one in made:
        for name in ("role", "reason"):
            assert f'id="id_request-{one.pk}-{name}"' in html
            assert f'for="id_request-{one.pk}-{name}"' in html
        assert f'name="request-{one.pk}-reason"' in html


def test_the_queue_is_ordered_by_age_and_marks_as_seen(page, project, lead):
    names = ["Ann First", "Ben Second"]
    for name in names:
        JoinRequestFactory(project=project, user__name=name)
    text = page(lead).get("/projects/hearts/members/").content.decode()
    assert text.index(names[0]) < text.index(names[1])
    assert not JoinRequest.objects.filter(seen_at=None).exists()
    first = JoinRequest.objects.get(user__name=names[0])
    seen = page(first.user).get("/projects/hearts/join/").content.decode()
    assert "by a lead of the project" in seen
    assert "It is the leads’ turn" in seen


def test_approve_and_decline_from_the_queue(page, project, lead):
    ann, ben = (JoinRequestFactory(project=project, user__name=name) for name in ("Ann", "Ben"))
    queue = "/projects/hearts/members/requests"
    client = page(lead)
    answer = client.post(f"{queue}/{ann.pk}/approve/", {"role": "reader"}, follow=True)
    assert "Ann is now a member." in answer.content.decode()
    assert Membership.objects.get(user=ann.user).role == "reader"

    empty = client.post(f"{queue}/{ben.pk}/decline/", {f"request-{ben.pk}-reason": ""})
    assert empty.status_code == 422
    assert "Give a reason" in empty.content.decode()
    client.post(f"{queue}/{ben.pk}/decline/", {f"request-{ben.pk}-reason": "No beds left"})
    shown = page(ben.user).get("/projects/hearts/join/").content.decode()
    assert "Declined" in shown
    assert "No beds left" in shown
    late = page(lead).post(f"{queue}/{ben.pk}/approve/", {"role": "reader"})
    assert late.status_code == 409
    assert "Lea Lead declined" in late.content.decode()


def test_only_those_who_decide_see_the_queue(page, project, user):
    asked = JoinRequestFactory(project=project, user__name="Ann", message="CANARY-42")
    steward = MembershipFactory(project=project, role=Role.STEWARD).user
    text = page(steward).get("/projects/hearts/members/").content.decode()
    assert "CANARY-42" not in text
    for somebody in (user, steward):
        path = f"/projects/hearts/members/requests/{asked.pk}/approve/"
        assert page(somebody).post(path, {"role": "lead"}).status_code == 404
    assert page(asked.user).post(path, {"role": "lead"}).status_code == 403
    assert JoinRequest.objects.open().exists()


def test_a_request_is_found_under_its_own_project_only(page, project, lead):
    asked = JoinRequestFactory(project=project)
    ProjectFactory(slug="other", lead=lead)
    path = f"/projects/other/members/requests/{asked.pk}/approve/"
    assert page(lead).post(path, {"role": "reader"}).status_code == 404


class TestMembers:
    def test_change_end_leave(self, page, project, lead, user):
        row = MembershipFactory(project=project, user=user, role=Role.READER)
        client = page(lead)
        path = f"/projects/hearts/members/{row.pk}/"
        assert client.get(path).status_code == 200
        client.post(path, {"role": "steward", "site": "", "ends": "2999-01-01"})
        row.refresh_from_db()
        assert row.role == "steward"
        assert row.ends_at.year == 2999
        assert client.post(path, {"role": "steward", "ends": "2001-01-01"}).status_code == 422
        client.post(f"{path}end/")
        row.refresh_from_db()
        assert not row.is_active
        assert "no access any more" in client.get("/projects/hearts/members/").content.decode()
        assert page(user).get("/projects/hearts/members/").status_code == 403

    def test_the_last_lead_stays(self, page, project, lead):
        own = Membership.objects.get(user=lead)
        client = page(lead)
        assert client.post("/projects/hearts/leave/").status_code == 409
        answer = client.post(f"/projects/hearts/members/{own.pk}/", {"role": "reader"})
        assert answer.status_code == 422
        assert "A project needs a lead" in answer.content.decode()

    def test_members_may_leave_and_say_their_site_only(self, page, project, user):
        row = MembershipFactory(project=project, user=user, role=Role.READER)
        path = f"/projects/hearts/members/{row.pk}/"
        page(user).post(path, {"role": "lead", "ends": "2999-01-01"})
        row.refresh_from_db()
        assert (row.role, row.ends_at) == ("reader", None)
        other = MembershipFactory(project=project)
        assert page(user).get(f"/projects/hearts/members/{other.pk}/").status_code == 403
        assert page(user).post("/projects/hearts/leave/").url == "/projects/"

    def test_the_page_takes_the_same_queries_however_many(
        self, page, project, lead, django_assert_max_num_queries
    ):
        client, counts = page(lead), []
        client.get("/projects/hearts/members/")
        for more in (1, 9, 90):
            for _ in range(more):
                JoinRequestFactory(project=project, user=ProfileFactory().user)
                MembershipFactory(project=project, user=ProfileFactory().user)
            client.get("/projects/hearts/members/")
            with django_assert_max_num_queries(20) as asked:
                client.get("/projects/hearts/members/")
            counts.append(len(asked))
        assert len(set(counts)) == 1, counts

    def test_members_come_in_pages_from_the_first_on(self, page, project, lead):
        for number in range(120):
            # Eight at a time joined at once, and the last one to be written down was the first.
            MembershipFactory(
                project=project,
                user__name=f"Member {number:03}",
                starts_at=timezone.now() - timedelta(days=100 + number // 8),
            )
        MembershipFactory(project=ProjectFactory(), user__name="Member canary")
        client, url, shown = page(lead), "/projects/hearts/members/", []
        while url:
            answer = client.get(url)
            shown.append([member.user.name for member in answer.context["people"]])
            url = answer.context["next"] and f"/projects/hearts/members/{answer.context['next']}"
        assert [len(names) for names in shown] == [25, 25, 25, 25, 21]
        first_to_come = sorted(range(120), key=lambda number: (-(number // 8), number))
        names = [f"Member {number:03}" for number in first_to_come]
        assert list(chain(*shown)) == [*names, lead.name]
        assert answer.context["count"] == "121"
        back = client.get(f"/projects/hearts/members/{answer.context['previous']}")
        assert [member.user.name for member in back.context["people"]] == shown[-2]


def test_declining_without_a_reason_what_somebody_else_decided_says_so(page, project, lead):
    asked = JoinRequestFactory(project=project)
    join_requests.approve(join_request=asked, role="reader", by=lead)
    answer = page(lead).post(f"/projects/{project.slug}/members/requests/{asked.pk}/decline/", {})
    assert answer.status_code == 409
    assert f"{lead.name} approved this request" in answer.text
