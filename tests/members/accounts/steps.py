"""What a person does on the account pages, in one line each."""

import re

from django.conf import settings

from tests.factories.members import PASSWORD

NEW_PASSWORD = "seven quiet otters"


def link_in(text):
    return re.search(r"^(https?://\S+)$", text, re.M).group(1)


def path_of(link):
    assert link.startswith(settings.SITE_URL + "/")
    return link.removeprefix(settings.SITE_URL)


def sign_up(client, email="ada@example.org", name="Ada Lovelace", password=PASSWORD, **headers):
    fields = {"email": email, "name": name, "password1": password}
    return client.post("/accounts/signup/", fields, **headers)


def sign_in(client, email, password=PASSWORD, **headers):
    return client.post("/accounts/login/", {"login": email, "password": password}, **headers)


def signed_in(client):
    return client.get("/account/").status_code == 200
