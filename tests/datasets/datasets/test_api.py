"""Datasets over the API."""

import uuid

import pytest
from django.utils import timezone

from datasets.models import Dataset
from projects.models import Membership, Project
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)
from tests.factories.files import PATIENTS, ready_version

pytestmark = pytest.mark.django_db
URL = "/api/v1/datasets/"


def test_make_look_and_change(api, site):
    by = MembershipFactory(project=site.project).user
    client = api(by)
    body = {"project": site.project.slug, "site": site.pk, "title": "Hungary"}
    made = client.post(URL, body)
    assert made.status_code == 201
    assert made.data["site"] == {
        "id": site.pk,
        "name": site.name,
        "country": "HUN",
        "region": "Eastern Europe",
    }
    assert (made.data["access"], made.data["latest_version"]) == ("project", None)
    found = client.get(made.data["url"])
    assert found.data == made.data
    changed = client.patch(made.data["url"], {"access": "summaries", "threshold": 11})
    assert changed.data["disclosure_rules"] == "standard"
    stricter = client.patch(made.data["url"], {"disclosure_rules": "strict"})
    assert stricter.data["disclosure_rules"] == "strict"
    assert (changed.data["access"], changed.data["threshold"]) == ("summaries", 11)
    assert changed.data["title"] == "Hungary"


def test_what_was_not_asked_for_is_not_assigned(api, site):
    by = MembershipFactory(project=site.project).user
    other = UserFactory()
    body = {
        "project": site.project.slug,
        "site": site.pk,
        "title": "x",
        "id": 999,
        "created_by": other.pk,
        "created_at": "2001-01-01T00:00:00Z",
    }
    made = Dataset.objects.get(pk=api(by).post(URL, body).data["id"])
    assert (made.created_by, made.created_at.year > 2001, made.pk != 999) == (by, True, True)
    api(by).patch(f"{URL}{made.pk}/", {"project": "other", "created_by": other.pk})
    made.refresh_from_db()
    assert (made.project, made.created_by) == (site.project, by)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"site": 10**30}, "site"),
        ({"site": "x"}, "site"),
        ({"access": "secret"}, "access"),
        ({"threshold": 4}, "threshold"),
        ({"disclosure_rules": "open"}, "disclosure_rules"),
        ({"project": "no-such"}, "project"),
    ],
)
def test_what_does_not_fit_is_named(api, site, body, field):
    by = MembershipFactory(project=site.project).user
    body = {"project": site.project.slug, "site": site.pk, "title": "x", **body}
    answer = api(by).post(URL, body)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    assert field in [error["field"] for error in answer.data["errors"]]


def test_a_private_project_is_named_like_one_that_is_not_there(api, site):
    private = StudySiteFactory(project=ProjectFactory(visibility="private"))
    client = api(UserFactory())
    answers = [
        client.post(URL, {"project": slug, "site": private.pk, "title": "x"}).content
        for slug in (private.project.slug, "no-such-project")
    ]
    assert answers[0] == answers[1]


def test_not_visible_is_404_with_the_bytes_of_a_random_id(api):
    hidden = DatasetFactory(project=ProjectFactory(visibility="private"))
    client = api(UserFactory())
    for path in ("", "versions/", "audit/"):
        for method in (client.get, client.post, client.patch, client.delete):
            own, random = method(f"{URL}{hidden.pk}/{path}"), method(f"{URL}987654/{path}")
            assert (own.status_code, own.content) == (404, random.content)


def test_unknown_callers_get_401_before_anything_else(api):
    for path in (URL, f"{URL}1/", f"{URL}1/versions/1/rows/"):
        assert api().get(path).status_code == 401
        assert api().post(path).status_code == 401


@pytest.mark.parametrize("scopes", [["read"], ["write"], ["read:data"], ["manage:members"]])
def test_a_token_makes_datasets_only_with_write_data(api, site, scopes):
    by = MembershipFactory(project=site.project).user
    body = {"project": site.project.slug, "site": site.pk, "title": "x"}
    answer = api(by, scopes).post(URL, body)
    assert (answer.status_code, answer.data["code"]) == (403, "insufficient_scope")
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    "change", [{"threshold": 11}, {"disclosure_rules": "strict"}, {"access": "project"}]
)
def test_a_token_without_rows_changes_no_rules_of_theirs(api, site, change):
    """A level that is told with ten and not with eleven asked for has ten: in 24 worlds of 24."""
    keeper = MembershipFactory(project=site.project, role="contributor").user
    kept = DatasetFactory(
        project=site.project, site=site, access="summaries", threshold=10, created_by=keeper
    )
    call = api(keeper, ["read", "write:data"])
    answer = call.patch(f"{URL}{kept.pk}/", change)
    assert (answer.status_code, answer.data["code"]) == (403, "insufficient_scope")
    same = {name: getattr(kept, name) for name in change}
    assert call.patch(f"{URL}{kept.pk}/", {"title": "Ward", **same}).data["title"] == "Ward"
    whole = api(keeper, ["read:data", "write:data"])
    assert whole.patch(f"{URL}{kept.pk}/", change).status_code == 200


def test_filters_search_and_order(api, site):
    lead = UserFactory()
    MembershipFactory(project=site.project, user=lead, role="lead")
    first = DatasetFactory(project=site.project, site=site, title="Ízületi gyulladás")
    second = DatasetFactory(project=site.project, title="Heart", description="coronary angiography")
    DatasetFactory(title="Heart elsewhere", project=ProjectFactory(visibility="private"))
    client = api(lead)

    def ids(query):
        return [row["id"] for row in client.get(URL + query).data["results"]]

    assert ids("") == [second.pk, first.pk]
    assert ids("?ordering=title") == [second.pk, first.pk]
    assert ids("?ordering=created_at") == [first.pk, second.pk]
    assert ids("?search=heart") == [second.pk]
    assert ids("?search=ANGIO+heart") == [second.pk]
    assert ids("?search=ízületi") == [first.pk]
    assert ids(f"?site={site.pk}") == [first.pk]
    assert ids(f"?project={site.project.slug}") == [second.pk, first.pk]
    assert ids("?access=open") == []
    assert ids("?updated_since=2000-01-01T00:00:00Z") == [second.pk, first.pk]
    assert ids("?updated_since=2999-01-01T00:00:00Z") == []
    for wrong in ("?ordering=password", "?access=x", "?site=x", "?updated_since=soon"):
        assert client.get(URL + wrong).status_code == 400
    assert client.get(URL + "?search=%00").status_code == 400


def test_pages_go_on_where_the_last_one_ended(api, site):
    lead = UserFactory()
    MembershipFactory(project=site.project, user=lead, role="lead")
    made = [DatasetFactory(project=site.project).pk for _ in range(5)]
    client, seen, url = api(lead), [], f"{URL}?limit=2"
    while url:
        page = client.get(url).data
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == made[::-1]


def test_a_list_costs_the_same_at_any_length(api, site, django_assert_num_queries):
    lead = UserFactory()
    MembershipFactory(project=site.project, user=lead, role="lead")
    client = api(lead)
    ready_version(DatasetFactory(project=site.project, created_by=lead))
    client.get(URL)
    with django_assert_num_queries(3):
        assert len(client.get(URL).data["results"]) == 1
    for number in range(9):
        dataset = DatasetFactory(project=site.project, created_by=lead)
        ready_version(dataset, PATIENTS + b"%d,m,1,1\n" % number)
    with django_assert_num_queries(3):
        assert len(client.get(URL).data["results"]) == 10
    DatasetFactory.create_batch(90, project=site.project, created_by=lead)
    with django_assert_num_queries(3):
        assert len(client.get(f"{URL}?limit=200").data["results"]) == 100


def test_the_audit_trail_is_for_keeper_steward_and_lead(api, site):
    dataset = DatasetFactory(project=site.project)
    MembershipFactory(project=site.project, user=dataset.created_by)
    ready_version(dataset)
    url = f"{URL}{dataset.pk}/audit/"
    for role in ("steward", "lead"):
        actions = [
            row["action"]
            for row in api(MembershipFactory(project=site.project, role=role).user)
            .get(url)
            .data["results"]
        ]
        assert actions == ["version.ready", "version.uploaded"]
    assert api(dataset.created_by).get(url).status_code == 200
    for role in ("contributor", "reader"):
        other = MembershipFactory(project=site.project, role=role).user
        assert api(other).get(url).status_code == 403


def test_a_repeated_call_with_its_key_makes_one_dataset(api, site):
    client = api(MembershipFactory(project=site.project).user)
    body = {"project": site.project.slug, "site": site.pk, "title": "x"}
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
    first, second = (client.post(URL, body, **key) for _ in range(2))
    assert (first.data["id"], second.status_code) == (second.data["id"], 201)
    assert Dataset.objects.count() == 1


@pytest.mark.parametrize(("change", "status"), [("reader", 403), (None, 400)])
def test_a_kept_answer_is_not_given_to_who_may_not_bring_data_any_more(api, site, change, status):
    """Made a reader, or gone from a project that only its members know of."""
    Project.objects.filter(pk=site.project_id).update(visibility="private")
    member = MembershipFactory(project=site.project)
    client = api(member.user)
    body = {"project": site.project.slug, "site": site.pk, "title": "Hungary"}
    key = {"Idempotency-Key": "once"}
    assert client.post(URL, body, headers=key).status_code == 201
    assert client.post(URL, body, headers=key)["Idempotent-Replayed"] == "true"
    if change:
        Membership.objects.filter(pk=member.pk).update(role=change)
    else:
        Membership.objects.filter(pk=member.pk).update(ends_at=timezone.now())
    refused = client.post(URL, body, headers=key)
    assert (refused.status_code, "id" in refused.data) == (status, False)
