"""The project's page and its forms."""

import pytest

from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.models import Project, StudySite
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProfileFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)
from tests.pages import text_at

pytestmark = pytest.mark.django_db


CANARY = "Xanthippe"


class TestWhatStrangersSee:
    @pytest.fixture
    def make(self):
        def make(visibility):
            lead = ProfileFactory(user__name=f"{CANARY} Lead", disciplines=[]).user
            project = ProjectFactory(
                slug="canary",
                title=f"{CANARY} title",
                question=f"{CANARY} question?",
                summary=f"{CANARY} summary",
                conditions=[f"{CANARY} condition"],
                disciplines=["urology"],
                regions=["Polynesia"],
                visibility=visibility,
                stage="reporting",
                lead=lead,
            )
            StudySiteFactory(
                project=project,
                name=f"{CANARY} site",
                institution__name=f"{CANARY} hospital",
                country="WSM",
            )
            OpeningFactory(project=project, kind="resource", detail=f"{CANARY} need")
            JoinRequestFactory(project=project, message=f"{CANARY} message")
            return project

        return make

    @pytest.mark.parametrize("signed_in", [False, True])
    def test_nothing_of_a_private_project_anywhere(self, client, page, api, make, signed_in):
        make("private")
        ProjectFactory(title="Known project")
        user = UserFactory()
        browser = page(user) if signed_in else client
        for params in (
            {},
            {"q": CANARY},
            {"q": "Xantippe"},
            {"view": "table", "sort": "sites"},
            {"field": "urology"},
            {"region": "Polynesia"},
            {"country": "WSM"},
            {"need": "resource"},
            {"stage": "reporting"},
        ):
            text = text_at(browser, "/projects/", **params)
            shown = text.replace(f'value="{CANARY}"', "").replace(params.get("q", "\0"), "")
            assert CANARY not in shown
            assert "Samoa" not in text or params.get("country")
            if params and "view" not in params:
                assert "<strong>0</strong> projects" in text
            else:
                assert "<strong>1</strong> project" in text
                assert "Urology" not in text
                assert "Polynesia" not in text
        unknown = browser.get("/projects/nothing-here/")
        for path in ("", "join/", "members/", "sites/", "edit/"):
            answer = browser.get(f"/projects/canary/{path}")
            assert answer.status_code in (404, 302)
            assert CANARY not in answer.content.decode()
        assert browser.get("/projects/canary/").status_code == unknown.status_code == 404
        if signed_in:
            listed = api(user).get("/api/v1/projects/", {"search": CANARY})
            assert listed.json()["results"] == []

    def test_a_listed_project_shows_what_it_asks_and_needs(self, client, make):
        make("listed")
        text = text_at(client, "/projects/canary/")
        for shown in ("title", "question?", "summary", "condition", "need"):
            assert f"{CANARY} {shown}" in text
        for hidden in ("Lead", "site", "hospital", "message"):
            assert f"{CANARY} {hidden}" not in text
            assert f"{CANARY} {hidden}" not in text_at(client, "/projects/")
        assert "1 site, 1 country" in text
        for path in ("members/", "sites/"):
            assert client.get(f"/projects/canary/{path}").status_code == 403

    def test_a_public_project_shows_its_people_and_sites(self, client, make):
        make("public")
        text = text_at(client, "/projects/canary/")
        for shown in ("Lead", "site", "hospital"):
            assert f"{CANARY} {shown}" in text
        assert f"{CANARY} message" not in text
        for path in ("members/", "sites/"):
            assert f"{CANARY} message" not in text_at(client, f"/projects/canary/{path}")

    def test_activity_is_for_members(self, page, user):
        page(user).post("/projects/new/", {**FORM, "visibility": "public"})
        assert "started the project" in text_at(page(user), "/projects/a-new-question/")
        stranger = page(UserFactory())
        assert "started the project" not in text_at(stranger, "/projects/a-new-question/")

    @pytest.mark.parametrize("name", ["Sophia in Veld", "Ada to Nhlapo", "in to in"])
    def test_activity_names_people_whole(self, name, page, lead):
        project = ProjectFactory(lead=lead, title="Eyes in to view", slug="eyes")
        asking, added = UserFactory(name=name), UserFactory(name=f"{name} II")
        asked = JoinRequestFactory(project=project, user=asking)
        join_requests.approve(join_request=asked, role="reader", by=lead)
        memberships.add(project=project, user=added, role="reader", by=lead)
        text = text_at(page(lead), "/projects/eyes/")
        assert f"</strong> let {name} in</p>" in text
        assert f"</strong> added {name} II</p>" in text


FORM = {
    "title": "A new question",
    "question": "Does it help?",
    "stage": "planning",
    "visibility": "listed",
    "join_policy": "manual",
}


class TestForms:
    def test_start_and_edit(self, page, user):
        client = page(user)
        answer = client.post(
            "/projects/new/",
            {**FORM, "disciplines": ["cardiology"], "conditions": "asthma\n\n  COPD "},
        )
        assert answer.url == "/projects/a-new-question/"
        project = Project.objects.get()
        assert project.conditions == ["asthma", "COPD"]
        edit = client.get("/projects/a-new-question/edit/").text
        assert "asthma\nCOPD" in edit
        client.post("/projects/a-new-question/edit/", {**FORM, "title": "Renamed"})
        project.refresh_from_db()
        assert project.title == "Renamed"
        assert project.disciplines == []

    def test_what_does_not_fit_comes_back(self, page, user):
        answer = page(user).post("/projects/new/", {**FORM, "title": "", "summary": "Kept"})
        assert answer.status_code == 422
        assert "Kept" in answer.content.decode()

    def test_sites_and_openings(self, page, user):
        ProjectFactory(slug="hearts", lead=user)
        client = page(user)
        site = {"name": "Budapest", "institution": "Heart Centre", "country": "HUN"}
        assert client.post("/projects/hearts/sites/", site).status_code == 302
        assert client.post("/projects/hearts/sites/", site).status_code == 422
        pk = StudySite.objects.get().pk
        client.post(f"/projects/hearts/sites/{pk}/", {**site, "country": "CHE"})
        assert StudySite.objects.get().country == "CHE"
        client.post("/projects/hearts/openings/", {"kind": "data", "detail": "Registries"})
        assert "Registries" in text_at(client, "/projects/hearts/")
        opening = Project.objects.get().openings.get()
        client.post(f"/projects/hearts/openings/{opening.pk}/filled/")
        assert "Registries</strong>" not in text_at(client, "/projects/hearts/")
        assert client.post("/projects/hearts/openings/", {"kind": "data"}).status_code == 422

    @pytest.mark.parametrize("role", [None, "reader", "contributor", "steward"])
    def test_only_leads_change_things(self, page, user, role):
        project = ProjectFactory(slug="hearts", visibility="public")
        site, opening = StudySiteFactory(project=project), OpeningFactory(project=project)
        if role:
            MembershipFactory(project=project, user=user, role=role)
        client = page(user)
        for path in (
            "edit/",
            "sites/",
            f"sites/{site.pk}/",
            "openings/",
            f"openings/{opening.pk}/filled/",
        ):
            assert client.post(f"/projects/hearts/{path}", FORM).status_code == 403, path
        text = text_at(client, "/projects/hearts/")
        assert "/projects/hearts/edit/" not in text

    def test_the_page_takes_the_same_queries_however_many(
        self, page, user, django_assert_max_num_queries
    ):
        project = ProjectFactory(slug="hearts", lead=user, visibility="public")
        client, counts = page(user), []
        for more in (1, 9, 90):
            for _ in range(more):
                site = StudySiteFactory(project=project)
                OpeningFactory(project=project)
                MembershipFactory(project=project, user=ProfileFactory().user, site=site)
            with django_assert_max_num_queries(25) as asked:
                text_at(client, "/projects/hearts/")
            counts.append(len(asked))
        assert len(set(counts)) == 1, counts
