"""The pages of pooled tables, and the same over the API."""

import pytest

from datasets.models import Dataset, PooledInput, PooledTable
from datasets.pools import actions as pools
from datasets.pools import views
from portal.jobs.running import claim_and_run
from tests.factories import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]
LIST = "/projects/heart/pooled-tables/"


def test_from_the_form_to_the_bytes(page, versions, member):
    versions[0].dataset.overlap_note = "About 20 were moved to Lima."
    versions[0].dataset.overlap = "known"
    versions[0].dataset.save()
    client = page(member)
    assert "Oslo" in client.get(LIST).content.decode()
    sent = client.post(LIST, {"versions": [one.pk for one in versions]})
    table = PooledTable.objects.get()
    assert sent["Location"] == table.get_absolute_url()
    assert "Make a pooled table" in client.get(table.get_absolute_url()).content.decode()
    claim_and_run(table.latest_job().pk)
    table.refresh_from_db()
    shown = client.get(table.get_absolute_url()).content.decode()
    assert "About 20 were moved to Lima." in shown
    assert table.table_sha256 in shown
    assert "was not stated for" in shown
    assert client.get(f"{table.get_absolute_url()}recipe.json").json() == table.recipe
    csv = client.get(f"{table.get_absolute_url()}download/csv/")
    assert b"".join(csv.streaming_content).count(b"\n") == 6
    assert client.get(f"{table.get_absolute_url()}download/xlsx/").status_code == 400
    gone = client.post(f"{table.get_absolute_url()}remove/", follow=True)
    assert "It can be made again" in gone.content.decode()


def test_what_ends_while_its_page_is_made_is_not_left_at_finished(
    page, versions, member, monkeypatch
):
    """The page said “Finished.”, offered no bytes, and never asked again."""
    client = page(member)
    client.post(LIST, {"versions": [one.pk for one in versions]})
    find = views.find

    def found_just_before_its_end(request, pk):
        table = find(request, pk)
        claim_and_run(table.latest_job().pk)
        return table

    monkeypatch.setattr(views, "find", found_just_before_its_end)
    shown = client.get(PooledTable.objects.get().get_absolute_url()).text
    assert 'hx-trigger="every 1s"' in shown or "/download/csv/" in shown


def test_what_one_may_not_read_is_not_offered(page, versions, member):
    Dataset.objects.filter(pk=versions[0].dataset_id).update(access="summaries")
    shown = page(member).get(LIST).content.decode()
    assert f'value="{versions[0].pk}"' not in shown
    assert f'value="{versions[1].pk}"' in shown
    assert "You may not read the rows of" in shown
    refused = page(member).post(LIST, {"versions": [versions[0].pk]})
    assert refused.status_code == 422
    assert not PooledTable.objects.exists()


def test_nothing_chosen_is_said(page, versions, member):
    assert "Choose at least one dataset." in page(member).post(LIST, {}).content.decode()


def test_a_token_without_rows_is_told_no_recipe(api, named, member):
    """Exact counts, hashes that guesses can be tried on, and rules that name values."""
    call = api(member, ["read", "write:data"])
    answer = call.post("/api/v1/projects/heart/pooled-tables/", {"inputs": named}, format="json")
    assert (answer.status_code, answer.data["code"]) == (403, "insufficient_scope")
    assert not PooledTable.objects.exists()


def test_over_the_api(api, named, versions, member, project):
    client = api(member)
    made = client.post("/api/v1/projects/heart/pooled-tables/", {"inputs": named}, format="json")
    assert (made.status_code, made.data["job"]["state"], made.data["rows"]) == (202, "queued", None)
    claim_and_run(PooledTable.objects.get().latest_job().pk)
    url = made.data["url"]
    found = client.get(url).data
    assert (found["rows"], found["recipe"]["inputs"][1]["site"]) == (5, "Lima")
    (line,) = client.get("/api/v1/projects/heart/pooled-tables/").data["results"]
    assert (line["sha256"], "recipe" in line) == (found["sha256"], False)
    parquet = client.get(f"{url}download/")
    assert b"".join(parquet.streaming_content)[:4] == b"PAR1"
    assert parquet["ETag"] == f'"{found["sha256"]}"'
    refused = client.post(
        "/api/v1/projects/heart/pooled-tables/",
        {"inputs": named, "variables": ["weight"]},
        format="json",
    )
    assert refused.status_code == 400
    assert [one["field"] for one in refused.data["errors"]] == ["variables"]
    reader = MembershipFactory(project=project, role="reader").user
    assert api(reader).get(url).status_code == 404
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("count", [1, 10, 100])
def test_queries_do_not_grow(page, member, project, versions, django_assert_max_num_queries, count):
    table = pools.build(
        project=project,
        inputs=[{"dataset": versions[1].dataset_id, "version": versions[1].number}],
        by=member,
    )
    more = PooledTable.objects.bulk_create(
        PooledTable(
            project=project,
            recipe=table.recipe,
            recipe_sha256=table.recipe_sha256,
            created_by=member,
        )
        for _ in range(count - 1)
    )
    PooledInput.objects.bulk_create(
        PooledInput(table=one, index=0, version=versions[1]) for one in more
    )
    client = page(member)
    client.get(LIST)
    with django_assert_max_num_queries(14):
        client.get(LIST)
