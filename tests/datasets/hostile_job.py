"""The main job, from upload to exports, under the names of one `Spelling`; everything seen is kept.

Two spellings of the same data must see the same numbers and, names aside, the same pages.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Analysis, Dataset, Draft
from members.models import User
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from projects.models import Project
from tests.html import Read

ROWS, LEVELS_OF_ONE = 90, 3
COUNTRIES = ("USA", "HUN", "CHE")
KINDS = ("number", "integer", "category", "boolean")


@dataclass(frozen=True)
class Spelling:
    """What columns, levels, sites and shared variables are called."""

    columns: Sequence[str]
    levels: Sequence[str]
    sites: Sequence[str]
    variables: Sequence[str]
    unwritable: frozenset[int] = frozenset()
    """Places of columns that no expression can name: they have an invisible character."""

    def kind(self, place: int) -> str:
        return KINDS[place % len(KINDS)]

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for k, name in enumerate(self.columns) if self.kind(k) in kinds]

    def levels_of(self, place: int) -> list[str]:
        """The levels of the category in this place."""
        first = place // len(KINDS) * LEVELS_OF_ONE
        return [self.levels[(first + k) % len(self.levels)] for k in range(LEVELS_OF_ONE)]

    def values(self, place: int, site: int) -> list[str]:
        """A column's values at a site, as a file has them; alike under every spelling."""
        draw = np.random.default_rng([place, site])
        kind = self.kind(place)
        if kind == "number":
            found = [f"{value:.2f}" for value in draw.normal(50 + site, 9, ROWS)]
        elif kind == "integer":
            found = [str(value) for value in draw.integers(1, 60, ROWS)]
        elif kind == "boolean":
            found = [("false", "true")[value] for value in draw.integers(0, 2, ROWS)]
        else:
            levels = self.levels_of(place)
            found = [levels[min(value, 2)] for value in draw.geometric(0.5, ROWS) - 1]
        found[place % ROWS] = ""
        return found

    def file(self, site: int) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows(
            zip(*(self.values(k, site) for k in range(len(self.columns))), strict=True)
        )
        return out.getvalue().encode()


@dataclass
class MainJob:
    """One project from its first file to its last export; `seen` by what was asked."""

    names: Spelling
    api: APIClient
    outsider: APIClient
    client: Client
    project: Project
    lead: User
    seen: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def keep(self, what: str, answer: Any) -> Any:
        """What an address answered; never an error of ours."""
        body = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code < 500, (what, answer.status_code)
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if "json" in kind:
            found: Any = answer.json()
        elif kind == "text/html":
            found = Read(body.decode())
        elif kind == "text/csv":
            found = list(csv.reader(io.StringIO(body.decode(), newline="")))
        elif kind.endswith("parquet"):
            table = pq.read_table(io.BytesIO(body))
            found = [table.column_names, [column.to_pylist() for column in table.columns]]
        else:
            found = body
        self.number += 1
        self.seen[f"{self.number:03d} {what}"] = (answer.status_code, found)
        return found

    def get(self, url: str, what: str = "", **query: str) -> Any:
        """A page as the lead's browser asks for it."""
        headers = {"HX-Request": "true", "HX-Target": "preview"} if what == "preview" else {}
        return self.keep(what or url, self.client.get(url, query or None, headers=headers))

    def ask(self, url: str, who: APIClient | None = None, **query: str) -> Any:
        """The API's answer."""
        return self.keep(f"API {url}", (who or self.api).get(f"/api/v1{url}", query))

    def send(self, method: str, url: str, body: Any, status: int) -> Any:
        answer = getattr(self.api, method)(f"/api/v1{url}", body)
        assert answer.status_code == status, (url, body, answer.content[:900])
        return self.keep(f"{method} {url}", answer)

    def submit(self, url: str, form: Any, status: int = 302, **button: str) -> Any:
        """Send a form that the page at `url` holds."""
        answer = form.send(self.client, url, **button)
        assert answer.status_code == status, (url, form.values, text_of_errors(answer))
        return self.keep(f"form {form.action or url}", answer)

    def run_jobs(self) -> None:
        """Do what a worker would, until nothing waits."""
        while job := Job.objects.filter(state=JobState.QUEUED).order_by("id").first():
            assert claim_and_run(job.pk)
        broken = Job.objects.exclude(state=JobState.SUCCEEDED)
        assert not list(broken.values("kind", "state", "error"))

    @property
    def datasets(self) -> list[int]:
        return list(Dataset.objects.order_by("pk").values_list("pk", flat=True))


def text_of_errors(answer: Any) -> list[str]:
    return re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)<', answer.content.decode(), re.DOTALL)


def bring_files(job: MainJob) -> None:
    """The first site's file by the browser's form, the others' by the API."""
    home = f"/projects/{job.project.slug}"
    for site, (name, country) in enumerate(zip(job.names.sites, COUNTRIES, strict=True)):
        body = {"name": name, "institution": "A hospital", "country": country}
        made = job.send("post", f"{home}/sites/", body, 201)
        file = SimpleUploadedFile("patients.csv", job.names.file(site), "text/csv")
        if site == 0:
            form = job.get(f"{home}/datasets/new/").form(having="title")
            form.fill(site=str(made["id"]), title="By form")
            fields = {name: values[0] for name, values in form.values.items() if values}
            sent = job.client.post(f"{home}/datasets/new/", fields | {"file": file})
            assert sent.status_code == 302, text_of_errors(sent)
            continue
        body = {"project": job.project.slug, "site": made["id"], "title": f"Site {site}"}
        dataset = job.send("post", "/datasets/", body, 201)
        url = f"/api/v1/datasets/{dataset['id']}/versions/"
        assert job.api.post(url, {"file": file}, format="multipart").status_code == 202
    job.run_jobs()
    job.get(f"{home}/datasets/")
    job.get("/datasets/")
    job.get(f"{home}/sites/")


def look_at_rows(job: MainJob, on_pages: Sequence[int]) -> None:
    """Every column sorts and filters by the API; some of them on the page too."""
    names, dataset = job.names, job.datasets[0]
    url = f"/datasets/{dataset}/versions/1"
    for place, name in list(enumerate(names.columns))[::6]:
        value = next(value for value in names.values(place, 0) if value)
        asked = {"order_by": name, "descending": "true", f"filter[{name}]": f"eq:{value}"}
        page = job.ask(f"{url}/rows/", **asked, limit="2")
        assert page["matching"] >= 1, page
    for place in on_pages:
        form = job.get(f"{url}/", "preview").form("#preview")
        value = next(value for value in names.values(place, 0) if value)
        form.fill(column=names.columns[place], op="ne", value=value)
        filtered = job.keep("filtered", form.send(job.client, f"{url}/"))
        heads = [attrs for tag, attrs in filtered.events if tag == "a"]
        links = [dict(attrs)["href"] for attrs in heads if "order_by" in dict(attrs)["href"]]
        for _ in range(2):
            turned = job.get(f"{url}/{links[place].partition('#')[0]}", "preview")
            heads = [dict(attrs)["href"] for tag, attrs in turned.events if tag == "a"]
            links = [href for href in heads if "order_by" in href]


def look_at_profiles(job: MainJob) -> None:
    dataset = job.datasets[0]
    job.get(f"/datasets/{dataset}/")
    for who in (job.api, job.outsider):
        job.ask(f"/datasets/{dataset}/versions/1/profile/", who)
    job.ask(f"/datasets/{dataset}/versions/1/columns/")
    job.ask(f"/datasets/{dataset}/versions/1/problems/")
    job.get(f"/datasets/{dataset}/versions/1/problems.csv")
    page = f"/datasets/{dataset}/versions/1/columns/"
    form = job.get(page).form(having="label-0")
    for place, name in enumerate(job.names.columns):
        form.fill(**{f"label-{place}": f"“{name}”"})
    job.submit(page, form)
    changes = [{"name": name, "unit": "mm"} for name in job.names.columns[::7]]
    job.send("patch", page, {"columns": changes}, 200)
    job.get(f"/datasets/{dataset}/versions/1/columns.csv")
    job.get(f"/datasets/{dataset}/versions/1/read-options/")


def read_differently(job: MainJob) -> None:
    """Every category is fixed to be text and, by the API, back again."""
    dataset = job.datasets[1]
    page = f"/datasets/{dataset}/versions/1/read-options/"
    form = job.get(page).form(having="type-0")
    for place in range(len(job.names.columns)):
        if job.names.kind(place) == "category":
            form.fill(**{f"type-{place}": "text"})
    job.submit(page, form)
    job.run_jobs()
    job.ask(f"/datasets/{dataset}/versions/2/columns/")
    types = dict.fromkeys(job.names.of_kind("category"), "category")
    job.send("post", f"/datasets/{dataset}/versions/1/read-options/", {"types": types}, 202)
    job.run_jobs()
    job.ask(f"/datasets/{dataset}/versions/3/columns/")


def download(job: MainJob) -> None:
    """Table and original come back as they were sent."""
    dataset = job.datasets[0]
    for format in ("csv", "parquet"):
        page = job.get(f"/datasets/{dataset}/versions/1/download/{format}/")
        header = page[0]
        assert header == list(job.names.columns), format
    original = job.client.get(f"/datasets/{dataset}/versions/1/download/original/")
    assert b"".join(original) == job.names.file(0)
    job.ask(f"/datasets/{dataset}/versions/1/download/", format="parquet")


def define_variables(job: MainJob) -> None:
    """Half by form, half by API; categories have hostile codes."""
    url = f"/projects/{job.project.slug}/variables/"
    for place, name in enumerate(job.names.variables):
        kind = KINDS[place % len(KINDS)]
        codes = dict.fromkeys(job.names.levels_of(place), name) if kind == "category" else {}
        if place % 2:
            body = {"name": name, "type": kind, "codes": codes, "label": f"“{name}”"}
            job.send("post", url, body, 201)
            continue
        form = job.get(url).form(having="variable-name")
        form.fill(**{"variable-name": name, "variable-type": kind, "variable-topic": name})
        job.submit(url, form)
        if codes:
            job.send("patch", f"{url}{name}/", {"codes": codes}, 200)


def rule_of(job: MainJob, place: int) -> dict[str, Any]:
    """Copy, recode or expression, over hostile columns of the variable's kind."""
    kind = KINDS[place % len(KINDS)]
    column = job.names.columns[place]
    if kind == "category":
        levels = job.names.levels_of(place)
        turned = dict(zip(levels, [*levels[1:], levels[0]], strict=True))
        return {"kind": "recode", "column": column, "map": turned, "otherwise": levels[0]}
    if kind == "boolean":
        return {"kind": "copy", "column": column}
    numbers = [
        one
        for k, one in enumerate(job.names.columns)
        if job.names.kind(k) == kind and k not in job.names.unwritable
    ]
    quoted = ['"' + one.replace('"', '""') + '"' for one in numbers[place % 3 :: 3]]
    return {"kind": "expression", "sql": " + ".join(["0", *quoted])}


def map_variables(job: MainJob, on_pages: int) -> None:
    """The first so many on their pages, as one goes there; all others by the API."""
    for place, name in enumerate(job.names.variables):
        url = f"/projects/{job.project.slug}/variables/{name}/"
        rule = rule_of(job, place)
        if place < on_pages:
            map_on_page(job, url, rule)
            continue
        for dataset in job.datasets:
            body = {"version": 1, "status": "complete", "rule": rule}
            job.send("put", f"{url}mappings/{dataset}/", body, 201)
    job.get(f"/projects/{job.project.slug}/variables/")
    job.ask(f"/projects/{job.project.slug}/variables/")
    job.get(f"/datasets/{job.datasets[0]}/versions/1/", "dataset with mappings")


def map_on_page(job: MainJob, url: str, rule: dict[str, Any]) -> None:
    """Map the first dataset, save what the page then holds once more, apply it to the others."""
    first, *others = job.datasets
    prefix, cell = f"mapping-{first}-", f"{url}mappings/{first}/"
    if rule["kind"] == "recode":
        body = {"version": 1, "status": "complete", "rule": rule}
        job.send("put", f"{url}mappings/{first}/", body, 201)
    else:
        form = job.get(cell).form(f"mappings/{first}/")
        form.fill(**{f"{prefix}{name}": value for name, value in rule.items()})
        job.submit(cell, form)
    job.submit(cell, job.get(cell).form(f"mappings/{first}/"))
    mapped = job.ask(f"{url}mappings/{first}/")
    assert mapped["rule"] == rule, (mapped["rule"], rule)
    job.submit(url, job.get(url).form("change/").fill(**{"variable-unit": "mm"}))
    apply = f"{url}mappings/{first}/apply/"
    form = job.get(apply).form(having="dataset").fill(dataset=[str(one) for one in others])
    job.submit(apply, form)
    job.ask(url)


def send_rules_round(job: MainJob) -> None:
    """All rules as a sheet, which comes back as it went out and then changes nothing."""
    project = f"/projects/{job.project.slug}"
    job.get(f"{project}/variable-suggestions/")
    sheet = job.client.get(f"{project}/mapping-file/fetch/", {"separator": "semicolon"})
    file = SimpleUploadedFile("rules.csv", sheet.content, "text/csv")
    url = f"/api/v1{project}/mapping-file/"
    answer = job.keep("rules", job.api.post(url, {"file": file}, format="multipart"))
    every = len(job.names.variables) * len(job.datasets)
    assert (answer["unchanged"], answer["refused"], answer["rows"]) == (every, 0, [])


def pool_rows(job: MainJob) -> None:
    """One table of all datasets, and its exports."""
    inputs = [{"dataset": pk, "version": 1} for pk in job.datasets]
    made = job.send("post", f"/projects/{job.project.slug}/pooled-tables/", {"inputs": inputs}, 202)
    job.run_jobs()
    url = f"/pooled-tables/{made['id']}/"
    job.ask(url)
    for export in ("", "recipe.json", "download/csv/", "download/parquet/"):
        job.get(f"{url}{export}")


def answer(job: MainJob, method: str, pages: bool = True, **parameters: Any) -> None:
    """Ask by the API; read the result by API, page and exports."""
    inputs = [{"dataset": pk, "version": 1} for pk in job.datasets]
    body = {"title": "Why?", "method": method, "inputs": inputs, "parameters": parameters}
    made = job.send("post", f"/projects/{job.project.slug}/analyses/", body, 202)
    job.run_jobs()
    read_answer(job, made["id"], pages)


def ask_by_form(job: MainJob, method: str, **fields: Any) -> None:
    """Ask on the page: fill in, check, register; then run it again."""
    url = f"/projects/{job.project.slug}/analyses/new/?method={method}"
    form = job.get(url).form(having="title").fill(title="Why?", **fields)
    job.submit(url, form, step="check")
    draft = Draft.objects.latest("pk").get_absolute_url()
    job.submit(draft, job.get(draft).form(having="title"), step="run")
    job.run_jobs()
    analysis = Analysis.objects.latest("id")
    read_answer(job, analysis.pk)
    if method != "regression":
        return
    job.send("post", f"/analyses/{analysis.pk}/rerun/", None, 202)
    job.run_jobs()
    assert job.ask(f"/analyses/{Analysis.objects.latest('id').pk}/")["agrees"] is True


def read_answer(job: MainJob, pk: int, pages: bool = True) -> None:
    found = job.ask(f"/analyses/{pk}/")
    assert found["state"] == "succeeded", found["job"]
    job.ask(f"/analyses/{pk}/", job.outsider)
    if not pages:
        return
    page = job.get(f"/analyses/{pk}/")
    links = [dict(attrs).get("href", "") for tag, attrs in page.events if tag == "a"]
    exports = [link for link in links if "/tables/" in link or link.endswith(".json")]
    terms = [f"/analyses/{pk}/{link}" for link in links if link.startswith("?term=")]
    for link in [*exports, *terms[1:3]]:
        job.get(link)


def look_at_the_trail(job: MainJob) -> None:
    for dataset in job.datasets[:2]:
        job.get(f"/datasets/{dataset}/audit/")
        job.ask(f"/datasets/{dataset}/audit/")
    job.get(f"/projects/{job.project.slug}/analyses/")
    job.ask(f"/projects/{job.project.slug}/analyses/")
