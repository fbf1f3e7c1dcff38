"""Refusals that Django makes itself wear the portal's clothes."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_stale_form_is_refused_on_a_page_of_ours():
    answer = Client(enforce_csrf_checks=True).post("/theme/")
    assert answer.status_code == 403
    assert "the form had been open for too long" in answer.text
    assert 'href="/projects/"' in answer.text
