"""A download that runs ends when the right to it does, in whichever way that happens."""

import pytest
from django.db import OperationalError
from django.test import Client

from datasets.rows import actions as files
from members.accounts import actions as users
from members.api_tokens import actions as api_tokens
from members.models import ApiToken, User
from portal.web import downloads
from projects.memberships import actions as memberships
from tests.factories import DatasetFactory, MembershipFactory, ProjectFactory, UserFactory
from tests.factories.files import PATIENTS, ready_version
from tests.factories.members import PASSWORD

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "seven quiet otters"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Every piece is asked for anew, and pieces are small."""
    monkeypatch.setattr(downloads, "ASK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(downloads, "PIECE", 100)


@pytest.fixture
def reader():
    return UserFactory()


@pytest.fixture
def version(reader):
    project = ProjectFactory(visibility="public", lead=UserFactory())
    dataset = DatasetFactory(project=project, access="project")
    MembershipFactory(project=project, user=dataset.created_by)
    MembershipFactory(project=project, user=reader)
    return ready_version(dataset)


@pytest.fixture
def visitor(client, reader):
    client.post("/accounts/login/", {"login": reader.email, "password": PASSWORD})
    return client


def page_address(version, format="original"):
    return f"/datasets/{version.dataset_id}/versions/{version.number}/download/{format}/"


def api_address(version):
    return f"/api/v1/datasets/{version.dataset_id}/versions/{version.number}/download/"


def leave(version, reader, visitor):
    memberships.leave(project=version.dataset.project, by=reader)


def close_access(version, reader, visitor):
    version.dataset.access = "controlled"
    version.dataset.save()


def take_back(version, reader, visitor):
    version.delete()


def deactivate(version, reader, visitor):
    users.deactivate(user=reader, by=UserFactory(is_staff=True))


def sign_out(version, reader, visitor):
    visitor.post("/accounts/logout/")


def change_password(version, reader, visitor):
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": reader.email, "password": PASSWORD})
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert elsewhere.post("/accounts/password/change/", fields).status_code == 302


@pytest.mark.parametrize("format", files.FORMATS)
def test_a_download_comes_whole_while_the_right_lasts(version, visitor, format):
    answer = visitor.get(page_address(version, format))
    content = b"".join(answer)
    assert len(content) == int(answer["Content-Length"])
    assert format != "original" or content == PATIENTS


@pytest.mark.parametrize(
    "end", [leave, close_access, take_back, deactivate, sign_out, change_password]
)
def test_a_page_s_download_ends_with_the_right(version, reader, visitor, end):
    pieces = iter(visitor.get(page_address(version)))
    assert next(pieces) == PATIENTS[:100]
    end(version, reader, visitor)
    with pytest.raises(downloads.RightEnded):
        list(pieces)


@pytest.mark.parametrize("end", [leave, close_access, deactivate, change_password])
def test_a_script_s_download_ends_with_the_right(version, reader, visitor, api, end):
    pieces = iter(api(reader).get(api_address(version)))
    assert next(pieces) == PATIENTS[:100]
    end(version, reader, visitor)
    with pytest.raises(downloads.RightEnded):
        list(pieces)


def test_a_revoked_token_ends_its_download_and_no_other(version, reader, api):
    running, other = (iter(api(reader).get(api_address(version))) for _ in range(2))
    next(running), next(other)
    first = ApiToken.objects.visible_to(reader).order_by("id").first()
    api_tokens.revoke(token=first, by=reader)
    with pytest.raises(downloads.RightEnded):
        list(running)
    assert b"".join(other) == PATIENTS[100:]


def test_a_stranger_s_download_ends_when_open_data_is_closed(version, client):
    version.dataset.access = "open"
    version.dataset.save()
    pieces = iter(client.get(page_address(version)))
    next(pieces)
    close_access(version, None, None)
    with pytest.raises(downloads.RightEnded):
        list(pieces)


def test_a_database_that_restarts_ends_it_only_after_a_while(version, visitor, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    pieces = iter(visitor.get(page_address(version)))
    next(pieces)
    with monkeypatch.context() as patch:
        patch.setattr(User.objects, "filter", away)
        next(pieces)
    next(pieces)
    monkeypatch.setattr(downloads, "TRUST_SECONDS", 0.0)
    monkeypatch.setattr(User.objects, "filter", away)
    with pytest.raises(downloads.RightEnded):
        list(pieces)
