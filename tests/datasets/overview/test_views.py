"""The dataset's page: what each kind of visitor sees, in every state of a version."""

import re

import pytest

from datasets.columns import actions as columns
from datasets.mappings import actions as mappings
from datasets.models import Version
from portal.jobs import running
from portal.jobs.choices import JobState
from tests.factories import DatasetFactory, MembershipFactory, ProjectFactory, UserFactory
from tests.factories.analyses import SharedVariableFactory
from tests.factories.files import PATIENTS, ready_version, uploaded
from tests.html import Read
from tests.pages import text_of

pytestmark = pytest.mark.django_db
CANARY = "CANARY-93bd"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
# A value that stands once in the file, and nowhere else on the page.
CONTENT = PATIENTS.replace(b"\n41,f,", b"\n41," + CANARY.encode() + b",", 1)


def fail(version, value="63"):
    job = running.claim(version.latest_job().pk)
    running.end(job, JobState.FAILED, {"code": "type_mismatch", "detail": "Not a number."})
    problem = {
        "code": "type_mismatch",
        "detail": f"“{value}” is no number.",
        "row": 7,
        "column": "age",
        "value": value,
        "cure": "Choose the type text.",
    }
    Version.objects.filter(pk=version.pk).update(problems=[problem])


def test_the_keeper_sees_columns_rows_and_downloads(page, dataset):
    ready_version(dataset, CONTENT)
    shown = text_of(page(dataset.created_by).get(f"/datasets/{dataset.pk}/"))
    for part in (dataset.title, "Rows and summaries", "The table as Parquet", "Missing cells"):
        assert part in shown
    assert '<table class="table table-preview">' in shown
    assert shown.count('role="rowheader"') == 4
    assert CANARY in text_of(page(dataset.created_by).get(f"/datasets/{dataset.pk}/?order_by=-sex"))


@pytest.mark.parametrize("role", ["reader", "contributor", "outsider"])
def test_without_row_rights_there_are_summaries_and_the_reason(page, dataset, role):
    ready_version(dataset, CONTENT)
    person = (
        UserFactory()
        if role == "outsider"
        else MembershipFactory(project=dataset.project, role=role).user
    )
    client = page(person)
    shown = text_of(client.get(f"/datasets/{dataset.pk}/?order_by=sex"))
    assert "Summaries only" in shown
    assert "You see summaries, not rows." in shown
    assert "Stewards and leads of the project read the rows." in shown
    assert "table-preview" not in shown
    assert "Download" not in shown
    assert CANARY not in shown
    preview = client.get(
        f"/datasets/{dataset.pk}/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="preview"
    )
    assert CANARY not in text_of(preview)
    for format in ("original", "csv", "parquet"):
        answer = client.get(f"/datasets/{dataset.pk}/versions/1/download/{format}/")
        assert answer.status_code == 403


def test_a_column_is_harmonised_as_what_any_rule_makes_of_it(page, dataset):
    version = ready_version(dataset)
    steward = MembershipFactory(project=dataset.project, role="steward").user
    for name, rule in (
        ("years", {"kind": "copy", "column": "age"}),
        ("decades", {"kind": "expression", "sql": "age / 10"}),
    ):
        mappings.save(
            variable=SharedVariableFactory(project=dataset.project, name=name),
            dataset=dataset,
            version=version,
            status="complete",
            rule=rule,
            by=steward,
        )
    lines = page(steward).get(f"/datasets/{dataset.pk}/").context["lines"]
    assert {line["column"]["name"]: line["variables"] for line in lines}["age"] == [
        "years",
        "decades",
    ]


def test_strangers_see_nothing_of_hidden_datasets(client):
    hidden = DatasetFactory(project=ProjectFactory(visibility="private"))
    for path in (
        "",
        "edit/",
        "audit/",
        "upload/",
        "versions/1/",
        "versions/1/download/csv/",
        "versions/1/problems.csv",
        "versions/1/columns.csv",
        "versions/1/columns/",
        "versions/1/read-options/",
    ):
        client.force_login(UserFactory())
        own = client.get(f"/datasets/{hidden.pk}/{path}")
        assert own.status_code == 404
        random = client.get(f"/datasets/987654/{path}")
        assert TOKEN.sub("", own.text) == TOKEN.sub("", random.text)


def test_an_open_dataset_is_read_without_an_account(client):
    dataset = DatasetFactory(project=ProjectFactory(visibility="public"), access="open")
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    ready_version(dataset)
    shown = client.get(f"/datasets/{dataset.pk}/")
    assert shown.status_code == 200
    assert "table-preview" in text_of(shown)
    answer = client.get(f"/datasets/{dataset.pk}/versions/1/download/original/")
    assert b"".join(answer.streaming_content) == PATIENTS


def test_the_preview_sorts_filters_and_turns_pages_without_scripts(page, dataset):
    ready_version(dataset)
    client, url = page(dataset.created_by), f"/datasets/{dataset.pk}/"

    def ask(**query):
        return client.get(url, query).context["preview"]

    first = ask()
    assert [row["row"] for row in first["rows"]] == list(range(1, 21))
    assert first["previous"] == ""
    second = client.get(url + first["next"]).context["preview"]
    assert [row["row"] for row in second["rows"]] == list(range(21, 41))
    assert client.get(url + second["previous"]).context["preview"]["rows"] == first["rows"]
    oldest = ask(order_by="-age")["rows"][0]
    assert oldest["cells"][0][0] == 69
    found = ask(column="age", op="gte", value="60")
    assert found["page"].matching == 40
    assert ask(column="chol", op="isnull", value="")["page"].matching == 14
    refused = ask(column="age", op="lt", value="abc")
    assert refused["error"]
    assert "age" in text_of(client.get(url, {"column": "age", "op": "lt", "value": "abc"}))
    assert ask(order_by="password")["error"]


def test_the_preview_knows_each_column_by_the_name_it_has(page, dataset):
    """A browser sends what is on the page: spaces as they are, a line end as CR LF."""
    ready_version(dataset, b'a,-a,"b\nc",d  e\n1,9,x,x\n3,8,y,x\n2,7,y,y\n')
    client, url = page(dataset.created_by), f"/datasets/{dataset.pk}/"

    def numbers(answer):
        return [row["row"] for row in answer.context["preview"]["rows"]]

    for name, matching in (("b\nc", [2, 3]), ("d  e", [3])):
        form = Read(client.get(url).text).form("#preview")
        answer = form.fill(column=name, op="eq", value="y").send(client, url)
        assert numbers(answer) == matching
        assert Read(answer.text).form("#preview").values["column"] == [name]
    heads = {head["name"]: head["url"] for head in client.get(url).context["preview"]["heads"]}
    assert numbers(client.get(url + heads["-a"])) == [3, 2, 1]
    turned = client.get(url + heads["a"])
    assert numbers(turned) == [1, 3, 2]
    head = turned.context["preview"]["heads"][0]
    assert (head["sort"], numbers(client.get(url + head["url"]))) == ("ascending", [2, 3, 1])


def test_a_column_called_format_is_no_format_in_the_trail(page, dataset):
    version = ready_version(dataset, b"format,range\n1,2\n")
    changes = [{"name": name, "label": f"A {name}"} for name in ("format", "range")]
    columns.describe(version=version, changes=changes, by=dataset.created_by)
    shown = text_of(page(dataset.created_by).get(f"/datasets/{dataset.pk}/audit/"))
    assert "described the columns of" in shown
    assert "A format" not in shown


def test_htmx_gets_only_the_preview(page, dataset):
    ready_version(dataset)
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "preview"}
    shown = text_of(
        page(dataset.created_by).get(f"/datasets/{dataset.pk}/?order_by=age", **headers)
    )
    assert shown.lstrip().startswith('<section id="preview"')
    assert "<html" not in shown


def test_while_it_is_read_the_page_asks_again_and_a_job_can_be_cancelled(page, dataset):
    version = uploaded(dataset)
    client = page(dataset.created_by)
    shown = text_of(client.get(f"/datasets/{dataset.pk}/"))
    job = version.latest_job()
    assert f'hx-get="/jobs/{job.pk}/"' in shown
    assert "You may close this page" in shown
    part = client.get(f"/jobs/{job.pk}/", HTTP_HX_REQUEST="true")
    assert "<html" not in text_of(part)
    assert "HX-Refresh" not in part
    answer = client.post(f"/jobs/{job.pk}/cancel/")
    assert answer["Location"] == f"{version.get_absolute_url()}#job-{job.pk}"
    assert client.get(f"/jobs/{job.pk}/", HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert "The reading was cancelled." in text_of(client.get(f"/datasets/{dataset.pk}/"))
    client.post(f"/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_failure_shows_place_value_and_cure_and_the_file_stays(page, dataset):
    fail(uploaded(dataset), CANARY)
    shown = text_of(page(dataset.created_by).get(f"/datasets/{dataset.pk}/"))
    assert "Your file is safe, we could not read it." in shown
    assert CANARY in shown
    assert "Choose the type text." in shown
    assert "The file as it came" in shown
    reader = page(MembershipFactory(project=dataset.project, role="reader").user)
    shown = text_of(reader.get(f"/datasets/{dataset.pk}/"))
    assert CANARY not in shown
    assert "type_mismatch" in shown


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_the_problems_file_runs_no_formula(page, dataset, value):
    fail(uploaded(dataset), value)
    url = f"/datasets/{dataset.pk}/versions/1/problems.csv"
    answer = page(dataset.created_by).get(url)
    assert answer["Content-Disposition"].startswith("attachment")
    assert f"'{value.strip()}" in answer.text or f"'{value}" in answer.text
    reader = page(MembershipFactory(project=dataset.project, role="reader").user)
    assert "=1" not in reader.get(url).text


def test_an_older_version_says_so(page, dataset):
    ready_version(dataset)
    ready_version(dataset, PATIENTS + b"50,m,200,1\n")
    client = page(dataset.created_by)
    assert client.get(f"/datasets/{dataset.pk}/").context["version"].number == 2
    old = text_of(client.get(f"/datasets/{dataset.pk}/versions/1/"))
    assert "This is not the latest version." in old
    assert client.get(f"/datasets/{dataset.pk}/versions/3/").status_code == 404


def test_a_failed_newer_version_leaves_the_good_one_on_the_page(page, dataset):
    ready_version(dataset)
    fail(uploaded(dataset, PATIENTS + b"50,m,200,1\n"))
    shown = page(dataset.created_by).get(f"/datasets/{dataset.pk}/")
    assert shown.context["version"].number == 1
    assert "Version 2 could not be read." in text_of(shown)


def test_the_page_costs_the_same_for_few_and_many_columns(
    page, dataset, django_assert_num_queries, django_assert_max_num_queries
):
    ready_version(dataset, b"a,b\n1,2\n3,4\n")
    names = ",".join(f"c{n}" for n in range(40)).encode()
    ready_version(dataset, names + b"\n" + b",".join(b"%d" % n for n in range(40)) + b"\n")
    client = page(dataset.created_by)
    with django_assert_max_num_queries(20) as small:
        client.get(f"/datasets/{dataset.pk}/versions/1/")
    with django_assert_num_queries(len(small)):
        client.get(f"/datasets/{dataset.pk}/versions/2/")
