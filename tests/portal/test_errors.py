"""Refusals that Django makes itself wear the portal's clothes."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_stale_form_is_refused_on_a_page_of_ours():
    answer = Client(enforce_csrf_checks=True).post("/theme/")
    assert answer.status_code == 403
    assert "the form had been open for too long" in answer.text
    assert 'href="/projects/"' in answer.text


def test_a_part_asked_for_after_signing_out_loads_the_page_anew(client):
    whole = client.get("/jobs/1/")
    assert (whole.status_code, whole["Location"]) == (302, "/accounts/login/?next=/jobs/1/")
    part = client.get("/jobs/1/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Refresh"], part.content) == (200, "true", b"")
