"""The list of datasets, a project's data, and bringing new data."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.datasets import views as views
from datasets.models import Dataset
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)
from tests.factories.files import PATIENTS, ready_version
from tests.html import Read

pytestmark = pytest.mark.django_db
CANARY = "CANARY-51ce"


@pytest.fixture
def project():
    return ProjectFactory(visibility="public")


def text(response):
    return " ".join(response.content.decode().split())


def test_the_list_shows_what_the_person_may_see(page, client, project):
    DatasetFactory(title="Shown to all", project=project, access="open")
    DatasetFactory(title=CANARY, project=project, access="project")
    DatasetFactory(title=CANARY, project=ProjectFactory(visibility="private"), access="open")
    assert CANARY not in text(client.get("/datasets/"))
    assert "1 dataset" in text(client.get("/datasets/"))
    stranger = page(UserFactory())
    assert CANARY not in text(stranger.get("/datasets/"))
    assert CANARY not in text(stranger.get("/datasets/?access=open"))
    assert stranger.get(f"/datasets/?q={CANARY}").context["rows"] == []
    assert "0 datasets" in text(stranger.get(f"/datasets/?q={CANARY}"))
    member = page(MembershipFactory(project=project, role="reader").user)
    assert "2 datasets" in text(member.get("/datasets/"))


def test_filters_stand_in_the_address_and_can_be_dropped(client, project):
    DatasetFactory(title="Heart of Hungary", project=project, access="open")
    DatasetFactory(title="Lungs", project=project, access="open")
    found = client.get("/datasets/?q=hungary&access=open")
    assert [row.title for row in found.context["rows"]] == ["Heart of Hungary"]
    assert [chip["url"] for chip in found.context["chips"]] == ["?access=open", "?q=hungary"]
    none = text(client.get("/datasets/?q=nothing-like-it"))
    assert "No dataset matches" in none
    assert client.get("/datasets/?access=secret&project=!!&after=x").status_code == 200


def test_pages_go_to_the_end_and_back(client, project, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)
    made = [DatasetFactory(project=project, access="open").pk for _ in range(5)][::-1]
    pages, url = [], "/datasets/"
    while url:
        found = client.get(url)
        pages.append([row.pk for row in found.context["rows"]])
        url = found.context["next"] and "/datasets/" + found.context["next"]
    assert pages == [made[:2], made[2:4], made[4:]]
    back = client.get("/datasets/" + found.context["previous"])
    assert [row.pk for row in back.context["rows"]] == made[2:4]
    first = client.get("/datasets/" + back.context["previous"])
    assert [row.pk for row in first.context["rows"]] == made[:2]
    assert first.context["previous"] == ""


def test_the_list_costs_the_same_at_any_length(page, project, django_assert_num_queries):
    lead = MembershipFactory(project=project, role="lead").user
    client = page(lead)
    ready_version(DatasetFactory(project=project, created_by=lead))
    client.get("/datasets/")
    for path in ("/datasets/", f"/projects/{project.slug}/datasets/"):
        with django_assert_num_queries(20, exact=False) as few:
            client.get(path)
        for more in (9, 90):
            for _ in range(more):
                DatasetFactory(project=project, created_by=lead)
            with django_assert_num_queries(len(few)):
                client.get(path)


def test_a_projects_data_by_site(page, project):
    site, empty = (StudySiteFactory(project=project, name=name) for name in ("Budapest", "Basel"))
    lead = MembershipFactory(project=project, role="lead").user
    ready_version(DatasetFactory(project=project, site=site, title="Hungary", created_by=lead))
    shown = text(page(lead).get(f"/projects/{project.slug}/datasets/"))
    for part in ("Budapest", "Hungary", "Ready", "0 of 0", "Nothing yet from: Basel.", "Add data"):
        assert part in shown
    assert empty.name in shown
    reader = MembershipFactory(project=project, role="reader").user
    assert "Add data" not in text(page(reader).get(f"/projects/{project.slug}/datasets/"))


def test_a_projects_data_comes_in_pages_by_site(client, project):
    first, second, idle = (StudySiteFactory(project=project) for _ in range(3))
    titles = [f"Wave {number}" for number in range(27)]
    for number, title in enumerate(titles):
        site = second if number % 3 else first
        DatasetFactory(title=title, project=project, site=site, access="open")
    answer = client.get(f"/projects/{project.slug}/datasets/")
    rest = client.get(f"/projects/{project.slug}/datasets/?page=2")
    shown = [[row["dataset"].title for row in each.context["rows"]] for each in (answer, rest)]
    newest = titles[::-1]
    by_site = [t for t in newest if not int(t[5:]) % 3] + [t for t in newest if int(t[5:]) % 3]
    assert shown == [by_site[:25], by_site[25:]]
    assert 'rel="next" href="?page=2"' in text(answer)
    assert 'rel="prev" href="?page=1"' in text(rest)
    assert list(rest.context["sites_without"]) == [idle], "a site of another page has data"


def test_the_data_of_a_listed_project_is_for_members(page):
    project = ProjectFactory(visibility="listed")
    assert page(UserFactory()).get(f"/projects/{project.slug}/datasets/").status_code == 403
    private = ProjectFactory(visibility="private")
    assert page(UserFactory()).get(f"/projects/{private.slug}/datasets/").status_code == 404


def test_description_and_file_in_one_step(page, project):
    site = StudySiteFactory(project=project)
    person = MembershipFactory(project=project, site=site).user
    url = f"/projects/{project.slug}/datasets/new/"
    client = page(person)
    assert "Choose the site" not in client.get(url).text, "there is but one"
    StudySiteFactory(project=project)
    form = Read(client.get(url).text).form(having="title")
    assert form.values["site"] == [""], "a member of one site may bring another's data"
    fields = {"site": site.pk, "title": "Hungary", "access": "controlled", "threshold": "10"}
    answer = client.post(url, {**fields, "file": SimpleUploadedFile("p.csv", PATIENTS)})
    dataset = Dataset.objects.get()
    assert answer["Location"] == f"/datasets/{dataset.pk}/"
    assert (dataset.title, dataset.access, dataset.threshold) == ("Hungary", "controlled", 10)
    assert dataset.versions.get().bytes == len(PATIENTS)


def test_the_button_that_sends_a_file_says_what_it_does_in_french(page, project):
    client = page(MembershipFactory(project=project).user)
    StudySiteFactory(project=project)
    html = client.get(
        f"/projects/{project.slug}/datasets/new/", headers={"accept-language": "fr"}
    ).text
    assert "Déposer le fichier" in html


def test_a_refused_file_keeps_what_was_entered(page, project):
    site = StudySiteFactory(project=project)
    client = page(MembershipFactory(project=project).user)
    fields = {"site": site.pk, "title": "Hungary", "access": "project", "threshold": "5"}
    html = SimpleUploadedFile("p.csv", b"<html></html>")
    answer = client.post(f"/projects/{project.slug}/datasets/new/", {**fields, "file": html})
    assert answer.status_code == 422
    assert "not a CSV" in text(answer)
    assert 'value="Hungary"' in text(answer)
    assert not Dataset.objects.exists()
    foreign = StudySiteFactory()
    file = SimpleUploadedFile("p.csv", PATIENTS)
    answer = client.post(
        f"/projects/{project.slug}/datasets/new/", {**fields, "site": foreign.pk, "file": file}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("role", ["reader", None])
def test_others_may_not_bring_data(page, project, role):
    person = MembershipFactory(project=project, role=role).user if role else UserFactory()
    assert page(person).get(f"/projects/{project.slug}/datasets/new/").status_code == 403


def test_what_is_said_of_a_dataset_is_changed_on_a_form(page, project):
    dataset = DatasetFactory(project=project)
    lead = MembershipFactory(project=project, role="lead").user
    url = f"/datasets/{dataset.pk}/edit/"
    fields = {"site": dataset.site_id, "title": "New", "access": "open", "threshold": "3"}
    assert page(lead).post(url, fields)["Location"] == f"/datasets/{dataset.pk}/"
    dataset.refresh_from_db()
    assert (dataset.title, dataset.access) == ("New", "open")
    page(lead).post(url, {**fields, "disclosure_rules": "sums_only"})
    # A form sent without the rules leaves them as they are.
    page(lead).post(url, fields)
    dataset.refresh_from_db()
    assert dataset.disclosure_rules == "sums_only"
    assert page(lead).post(url, {**fields, "title": ""}).status_code == 422
    assert page(UserFactory()).get(url).status_code == 403


def test_the_audit_trail_shows_downloads(page, project):
    dataset = DatasetFactory(project=project)
    lead = MembershipFactory(project=project, role="lead").user
    ready_version(dataset, by=lead)
    client = page(lead)
    b"".join(client.get(f"/datasets/{dataset.pk}/versions/1/download/csv/").streaming_content)
    shown = text(client.get(f"/datasets/{dataset.pk}/audit/"))
    assert f"<strong>{lead.name}</strong> downloaded {dataset.title}" in shown
    assert page(UserFactory()).get(f"/datasets/{dataset.pk}/audit/").status_code == 404
