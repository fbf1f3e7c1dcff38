"""The queue of requests and the members, on the page of people."""

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
def join_questions():
    return ["Which device?"]


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


def test_declining_without_a_reason_what_somebody_else_decided_says_so(page, project, lead):
    asked = JoinRequestFactory(project=project)
    join_requests.approve(join_request=asked, role="reader", by=lead)
    answer = page(lead).post(f"/projects/{project.slug}/members/requests/{asked.pk}/decline/", {})
    assert answer.status_code == 409
    assert f"{lead.name} approved this request" in answer.text


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


def test_a_request_is_found_under_its_own_project_only(page, project, lead):
    asked = JoinRequestFactory(project=project)
    ProjectFactory(slug="other", lead=lead)
    path = f"/projects/other/members/requests/{asked.pk}/approve/"
    assert page(lead).post(path, {"role": "reader"}).status_code == 404


def test_the_page_takes_the_same_queries_however_many(
    page, project, lead, django_assert_max_num_queries
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


def test_members_come_in_pages_from_the_first_on(page, project, lead):
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
