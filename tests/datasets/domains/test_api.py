"""Reading and declaring over the API."""

import pytest

from datasets.domains import actions as domains

pytestmark = pytest.mark.django_db


def url(ward):
    return f"/api/v1/datasets/{ward.pk}/domains/"


def test_a_keeper_confirms_what_is_proposed_in_one_call(api, ward, keeper):
    proposed = api(keeper).get(url(ward)).data["results"]
    assert [(one["column"], one["declared"]) for one in proposed] == [
        *(("ward", False), ("age", False), ("weight", False), ("visits", False)),
    ]
    answer = api(keeper).put(url(ward), {"columns": proposed}, format="json")
    assert answer.status_code == 200, answer.data
    confirmed = answer.data["results"]
    declared = [one for one in confirmed if one["declared"]]
    assert [one["column"] for one in declared] == ["ward", "age", "weight"]
    assert declared[0]["levels"] == [
        {"code": "north", "meaning": ""},
        {"code": "south", "meaning": ""},
    ]


def test_others_read_what_is_declared_and_no_proposal(api, ward, keeper, asker, lead):
    assert api(asker).get(url(ward)).data["results"] == []
    domains.declare(dataset=ward, domains=[{"column": "age", "low": 18}], by=keeper)
    for client in (api(asker), api(lead), api(keeper, scopes=["read"])):
        (one,) = client.get(url(ward)).data["results"]
        assert (one["column"], one["low"], one["declared"]) == ("age", 18, True)


def test_a_token_that_reads_no_rows_declares_nothing_of_guarded_data(api, ward, keeper):
    """An upper end, moved until a question is no longer held, is the highest value there is."""
    sent = {"columns": [{"column": "age", "high": 80}]}
    refused = api(keeper, scopes=["read", "write:data"]).put(url(ward), sent, format="json")
    assert (refused.status_code, refused.data["code"]) == (403, "insufficient_scope")
    assert not ward.domains.exists()
    scopes = ["read:data", "write:data"]
    assert api(keeper, scopes=scopes).put(url(ward), sent, format="json").status_code == 200


def test_what_is_refused_names_its_place(api, ward, keeper):
    sent = {"columns": [{"column": "age", "low": 2, "high": 1}]}
    answer = api(keeper).put(url(ward), sent, format="json")
    assert answer.status_code == 400
    assert [one["field"] for one in answer.data["errors"]] == ["columns.0"]
