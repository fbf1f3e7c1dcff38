"""Which language a page, a mail and a message are in."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from members.accounts.adapter import AccountAdapter
from members.audit_events.models import AuditEvent
from members.notifications import actions as notifications
from members.notifications.models import Notification
from members.profiles import actions as profiles
from portal.common.exceptions import Invalid
from portal.common.text import counted, day, filled, listed
from portal.web.templatetags import text
from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.memberships.forms import MembershipForm
from projects.study_sites import actions as study_sites
from tests.factories import (
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)

FRENCH = {"HTTP_ACCEPT_LANGUAGE": "fr-CA,fr;q=0.9,en;q=0.5"}


def html_language(page) -> str:
    return page.content.decode().split("<html", 1)[1].split('lang="', 1)[1].split('"', 1)[0]


@pytest.mark.django_db
class TestPages:
    def test_speak_the_browsers_language(self, client):
        assert html_language(client.get("/projects/", **FRENCH)) == "fr"
        assert html_language(client.get("/projects/", HTTP_ACCEPT_LANGUAGE="de")) == "en"
        assert "Projets" in client.get("/projects/", **FRENCH).content.decode()

    def test_keep_the_language_that_a_stranger_chose(self, client):
        chosen = client.post("/language/", {"language": "fr"}, HTTP_REFERER="/projects/")
        assert chosen.status_code == 302
        assert html_language(client.get("/projects/", HTTP_ACCEPT_LANGUAGE="en")) == "fr"

    def test_refuse_a_language_the_portal_does_not_speak(self, client):
        assert client.post("/language/", {"language": "xx"}).status_code == 400

    def test_come_back_only_to_the_portal(self, client):
        chosen = client.post(
            "/language/", {"language": "fr"}, HTTP_REFERER="https://elsewhere.example/"
        )
        assert chosen.headers["Location"] == "/"

    def test_call_regions_by_their_names(self, page):
        project = ProjectFactory(visibility="public", regions=["Latin America and the Caribbean"])
        StudySiteFactory(project=project, country="DNK")
        OpeningFactory(project=project, kind="region", detail="", region="Eastern Asia")
        client = page(MembershipFactory(project=project, role="lead").user)
        for address, name, english in (
            ("sites/", "Europe du Nord", "Northern Europe"),
            ("", "Amérique latine et Caraïbes", "Latin America"),
            ("", "Centres dans la région Asie de l’Est", "Eastern Asia"),
        ):
            content = client.get(
                f"{project.get_absolute_url()}{address}", **FRENCH
            ).content.decode()
            assert name in content
            assert english not in content

    def test_give_a_reason_as_it_was_written(self, page, user):
        notifications.notify(
            [user], event="e", kind="k", text="Done.", because="ada added you.", url="/"
        )
        assert "ada added you." in page(user).get("/inbox/").content.decode()
        content = page(user).get("/inbox/", **FRENCH).content.decode()
        assert "ada added you." in content

    def test_remember_what_a_person_chose(self, page, user):
        page(user).post("/language/", {"language": "fr"})
        user.refresh_from_db()
        assert user.language == "fr"
        event = AuditEvent.objects.get(action="profile.changed")
        assert event.after == {"language": "fr"}

    def test_speak_a_persons_language_from_the_moment_they_sign_in(self, client):
        user = UserFactory(password="a few unrelated words", language="fr")
        client.post(
            reverse("account_login"),
            {"login": user.email, "password": "a few unrelated words"},
            HTTP_ACCEPT_LANGUAGE="en",
        )
        assert html_language(client.get("/", HTTP_ACCEPT_LANGUAGE="en")) == "fr"

    def test_ask_no_more_queries_for_it(self, page, user):
        client = page(user)
        with CaptureQueriesContext(connection) as before:
            client.get("/account/tokens/")
        client.post("/language/", {"language": "fr"})
        with CaptureQueriesContext(connection) as after:
            client.get("/account/tokens/")
        assert len(after) == len(before)

    def test_the_account_page_changes_it(self, page, user):
        client = page(user)
        sent = {"name": user.name, "orcid": "", "institution": "", "country": "", "about": ""}
        assert client.post("/account/", sent | {"language": "fr"}).status_code == 302
        assert html_language(client.get("/account/")) == "fr"
        assert client.post("/account/", sent | {"language": ""}).status_code == 302
        assert html_language(client.get("/account/", HTTP_ACCEPT_LANGUAGE="en")) == "en"


@pytest.mark.django_db
class TestMessages:
    def test_are_in_the_language_of_whoever_gets_them(self):
        project, reader = ProjectFactory(), UserFactory(language="fr")
        lead = MembershipFactory(project=project, role="lead").user
        memberships.add(project=project, user=reader, role="reader", by=lead)
        line = Notification.objects.get(recipient=reader)
        assert line.text == f"Vous êtes désormais lecteur de {project.title}."
        assert line.because == f"{lead.name} vous a ajouté."

    def test_whoever_says_it(self):
        project = ProjectFactory()
        site = StudySiteFactory(project=project, country="DEU")
        steward = MembershipFactory(project=project, role="steward", user__language="fr").user
        lead = MembershipFactory(project=project, role="lead").user
        study_sites.change(site=site, country="DNK", by=lead)
        line = Notification.objects.get(recipient=steward)
        assert "Allemagne" in line.text
        assert "Danemark" in line.text
        assert "données" in line.because

    def test_several_people_hear_of_one_event_each_in_their_own(self):
        project = ProjectFactory()
        french = MembershipFactory(project=project, role="lead", user__language="fr").user
        english = MembershipFactory(project=project, role="lead").user
        asker = UserFactory()
        with translation.override("fr"):
            join_requests.ask(project=project, message="I bring beds.", by=asker)
        told = dict(Notification.objects.values_list("recipient", "action_label"))
        assert told == {french.pk: "Décider", english.pk: "Decide"}

    def test_mails_too(self, client, monkeypatch):
        spoken = []
        render = AccountAdapter.render_mail

        def listen(*args, **kwargs):
            spoken.append(translation.get_language())
            return render(*args, **kwargs)

        monkeypatch.setattr(AccountAdapter, "render_mail", listen)
        user = UserFactory(language="fr")
        client.post(
            reverse("account_reset_password"), {"email": user.email}, HTTP_ACCEPT_LANGUAGE="en"
        )
        assert spoken == ["fr"]


@pytest.mark.django_db
class TestApi:
    def test_refuses_in_the_language_asked_for_with_the_same_codes(self, api):
        english = api().get("/api/v1/me/", HTTP_AUTHORIZATION="Bearer none")
        french = api().get("/api/v1/me/", HTTP_AUTHORIZATION="Bearer none", **FRENCH)
        assert english.json()["code"] == french.json()["code"]
        assert french.json()["detail"] == "Ce jeton est inconnu, expiré ou révoqué."

    def test_answers_with_the_same_values(self, api, user):
        project = ProjectFactory()
        address = f"/api/v1/projects/{project.slug}/"
        assert api(user).get(address).json() == api(user).get(address, **FRENCH).json()


@pytest.mark.django_db
def test_a_language_must_be_one_of_the_portals(user):
    with pytest.raises(Invalid):
        profiles.choose_language(language="xx", by=user)
    profiles.choose_language(language="", by=user)
    assert not AuditEvent.objects.filter(action="profile.changed").exists()


class TestNumbers:
    def test_are_written_as_the_reader_writes_them(self):
        with translation.override("fr"):
            assert text.number(21846) == "21\N{NO-BREAK SPACE}846"
            assert text.fixed(-0.7) == "\N{MINUS SIGN}0,70"
            assert text.percent(0.312) == "31,2\N{NARROW NO-BREAK SPACE}%"
            assert text.p(0.0312) == "0,031"
            assert text.interval([-0.5, 0.5]) == "\N{MINUS SIGN}0,50 à 0,50"
            assert str(counted(1234)) == "1\N{NO-BREAK SPACE}234"
        assert text.number(21846) == "21,846"
        assert text.percent(0.312) == "31.2%"

    def test_days_and_lists_too(self):
        with translation.override("fr"):
            assert str(day(datetime.date(2026, 11, 24))) == "24 novembre 2026"
            assert listed(["a", "b", "c"]) == "a, b et c"
        assert listed(["a"]) == "a"

    def test_what_machines_read_stays(self, db):
        membership = MembershipFactory(ends_at="2030-11-24T12:00:00Z")
        membership.refresh_from_db()
        with translation.override("fr"):
            form = MembershipForm(membership=membership, roles=("reader",))
            assert 'value="2030-11-24"' in str(form["ends"])


def test_a_sentence_is_put_together_when_it_is_read():
    sentence = filled(translation.gettext_lazy("%(name)s added you."), name="Ada")
    with translation.override("fr"):
        assert str(sentence) == "Ada vous a ajouté."
    assert str(sentence) == "Ada added you."


def test_notify_is_what_tells(user):
    notifications.notify(
        [user], event="e", kind="k", text=translation.gettext_lazy("Done."), url="/"
    )
    assert Notification.objects.get().text == "Done."
