"""The page of a project's funding."""

import pytest

from projects.models import Grant, GrantAim
from tests.factories import GrantFactory, MembershipFactory
from tests.html import Read

pytestmark = pytest.mark.django_db
TYPED = {
    "source": "Medical Research Council",
    "grant_number": "MR/X1/9",
    "amount": "250000",
    "currency": "GBP",
    "starts": "2026-01-01",
    "ends": "2028-12-31",
}


def test_a_lead_says_who_pays_what_for_and_what_was_spent(page, lead, project):
    client, url = page(lead), f"/projects/{project.slug}/grants/"
    assert "No funding yet" in client.get(url).text
    form = Read(client.get(url).text).form(having="source")
    aims = {"form-0-aim": "Staff", "form-0-pledged": "200000"}
    assert form.fill(**TYPED, **aims).send(client, url).status_code == 302
    shown = client.get(url).text
    assert "250,000 GBP" in shown
    assert "200,000 GBP pledged, 0 GBP spent" in shown
    assert "Medical Research Council" in client.get(f"/projects/{project.slug}/").text
    one = f"{url}{Grant.objects.get().pk}/"
    form = Read(client.get(one).text).form(having="source")
    assert (form.values["amount"], form.values["form-0-aim"]) == (["250000.00"], ["Staff"])
    form.fill(**{"form-0-spent": "50", "form-1-aim": "Travel", "form-1-pledged": "10"})
    form.send(client, one)
    assert list(GrantAim.objects.values_list("aim", "spent")) == [("Staff", 50), ("Travel", 0)]
    form = Read(client.get(one).text).form(having="source")
    form.fill(**{"form-1-aim": "", "form-1-pledged": "", "form-1-spent": ""}).send(client, one)
    assert GrantAim.objects.get().aim == "Staff"
    Read(client.get(one).text).form("remove/").send(client, one)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "much"}, "Enter a number"),
        ({"ends": "2025-01-01"}, "A grant cannot end before it starts."),
        ({"form-0-pledged": "5"}, "Say what this money is for."),
        ({"form-0-aim": "Staff", "form-0-pledged": "250001"}, "which is more than the grant"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(page, lead, project, wrong, said):
    client, url = page(lead), f"/projects/{project.slug}/grants/"
    form = Read(client.get(url).text).form(having="source").fill(**TYPED | wrong)
    answer = form.send(client, url)
    assert answer.status_code == 422
    assert said in answer.text
    again = Read(answer.text).form(having="source")
    assert again.values["source"] == ["Medical Research Council"]
    assert {name: again.values[name] for name in wrong} == {n: [v] for n, v in wrong.items()}


def test_a_grant_there_already_is_said_beside_its_number(page, lead, project):
    GrantFactory(project=project, source=TYPED["source"], grant_number=TYPED["grant_number"])
    client, url = page(lead), f"/projects/{project.slug}/grants/"
    answer = Read(client.get(url).text).form(having="source").fill(**TYPED).send(client, url)
    assert "This project has the grant MR/X1/9 of Medical Research Council already." in answer.text


def test_members_read_it_and_change_nothing(page, project):
    GrantFactory(project=project)
    shown = page(MembershipFactory(project=project).user).get(f"/projects/{project.slug}/grants/")
    assert "Heart Foundation" in shown.text
    assert "Add the grant" not in shown.text


def test_in_french_a_grant_begins_on_its_first_day(page, lead, project):
    """“From” is the word of what a rule reads, too, which French calls a source."""
    client = page(lead)
    client.cookies["django_language"] = "fr"
    shown = client.get(f"/projects/{project.slug}/grants/").text
    assert "Premier jour" in shown
    assert "Dernier jour" in shown
