"""The front page: a mission for strangers, what waits for members."""

import pytest
from django.utils import timezone

from members.notifications import actions as notifications
from portal.demo.plan import HEART
from portal.jobs.models import Job
from tests.factories import MembershipFactory, ProfileFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

LINE = {"kind": "join_request", "text": "Somebody asks to join", "url": "/projects/x/"}


def job_of(user, project, **fields):
    fields = {"kind": "ingest", "target_id": 1, "message": "parsing", **fields}
    return Job.objects.create(project_id=project.pk, created_by=user, **fields)


def test_strangers_read_what_it_is_for(client):
    shown = client.get("/").text
    assert "No single mind conquers human health alone" in shown
    assert HEART.slug not in shown


def test_the_sample_is_named_once_it_is_there_for_everyone(client):
    sample = ProjectFactory(is_sample=True, visibility="private")
    assert sample.title not in client.get("/").text
    sample.visibility = "public"
    sample.save()
    assert sample.get_absolute_url() in client.get("/").text


def test_a_project_of_the_samples_name_is_nobodys_sample(client, page, user):
    squatter = ProjectFactory(
        slug=HEART.slug, title=HEART.project["title"], question="canary-4410", visibility="public"
    )
    for shown in (client.get("/").text, page(user).get("/").text):
        assert squatter.get_absolute_url() not in shown
        assert "canary-4410" not in shown


def test_members_see_what_waits_their_projects_and_their_work(page, user):
    mine = MembershipFactory(user=user, project=ProjectFactory(title="Hips")).project
    ProjectFactory(title="Not mine")
    notifications.notify([user], event="e", action_label="Decide", **LINE)
    notifications.notify([UserFactory()], event="f", **{**LINE, "text": "canary-7731"})
    job_of(user, mine)
    job_of(user, mine, target_id=2, state="succeeded", finished_at=timezone.now(), message="over")
    job_of(UserFactory(), mine, target_id=3, message="somebody else’s")
    shown = page(user).get("/").text
    for text in ("Somebody asks to join", "Decide", "Hips", "parsing"):
        assert text in shown
    for text in ("Not mine", "canary", "over", "somebody else’s"):
        assert text not in shown.split("<main")[1].split("</main")[0]


def test_newcomers_are_shown_where_to_begin(page, user):
    shown = page(user).get("/").text
    assert "You belong to no project yet" in shown
    assert "Fill in your profile" in shown
    filled = ProfileFactory().user
    assert "Fill in your profile" not in page(filled).get("/").text


@pytest.mark.parametrize("rows", [1, 5])
def test_it_asks_the_same_number_of_queries(page, user, rows, django_assert_num_queries):
    for number in range(rows):
        project = MembershipFactory(user=user).project
        job_of(user, project, target_id=number)
        notifications.notify([user], event=f"e{number}", **LINE)
    browser = page(user)
    with django_assert_num_queries(10):
        browser.get("/")
