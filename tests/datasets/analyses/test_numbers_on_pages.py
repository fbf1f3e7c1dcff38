"""What pages of correlations and descriptions say: within sites first, in words and units."""

import re
from html import unescape

import pytest

from datasets.analyses import actions as analyses
from datasets.models import Analysis, Column
from portal.jobs.running import claim_and_run
from tests.factories import (
    DatasetFactory,
    ProjectFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

NEW = "/projects/heart/analyses/new/"

SITES = (("Oslo", "NOR"), ("Hue", "VNM"), ("Lima", "PER"))

NOISE = [0.3, -0.8, 0.5, 1.1, -0.4, 0.9, -1.2, 0.1, -0.6, 0.7, -0.2, 0.4, 1.3, -0.9, 0.2, -1.1]


def paradox(project, sites=3):
    """Dose and rate against each other at every site, together over all rows."""
    made = []
    for place, (name, country) in enumerate(SITES[:sites]):
        dose = [10.0 * place + i / 4 for i in range(16)]
        rate = [
            30.0 * place - (d - 10 * place) + noise for d, noise in zip(dose, NOISE, strict=True)
        ]
        made.append(
            table_version(
                {
                    "dose": ("number", dose),
                    "rate": ("number", rate),
                    "sick": ("boolean", [i % 3 == 0 for i in range(15)] + [None]),
                },
                dataset=DatasetFactory(
                    project=project,
                    site=StudySiteFactory(project=project, name=name, country=country),
                ),
            )
        )
    Column.objects.filter(name="dose").update(label="Daily dose", unit="mg")
    Column.objects.filter(name="rate").update(label="Heart rate", unit="/min")
    return made


def finished(project, lead, versions, method, **parameters):
    analysis = analyses.start(
        project=project,
        title="Do they go together?",
        method=method,
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters=parameters,
        by=lead,
    )
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def rows_of(html, kind):
    """The rows of the first table of that class, each cell's text."""
    table = re.search(rf'<table class="[^"]*\b{kind}\b.*?</table>', html, re.S)[0]
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", table, re.S)
    ]


def folds_of(html):
    """What is folded under each heading."""
    return re.findall(r'<details class="folded panel">.*?</details>', html, re.S)


def test_the_answer_is_within_sites_and_a_paradox_stands_above_the_figure(page, api, lead, project):
    analysis = finished(project, lead, paradox(project), "correlation", variables=["dose", "rate"])
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html)
    answered = said.index(
        "Within 3 sites, daily dose and heart rate go in opposite directions (r = −0.8"
    )
    paradox_at = said.index("of the opposite sign: that is Simpson’s paradox")
    assert (
        answered
        < paradox_at
        < said.index("Simpson’s paradox: the correlation of daily dose and heart rate")
    )
    assert html.rindex("Simpson’s paradox") < html.index('<table class="heat">')
    result = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    assert result["across_sites"][0]["r"] < -0.5 < 0.5 < result["pairs"][0]["r"]
    assert (
        f"−{abs(result['across_sites'][0]['r']):.2f}".replace("0.", ".") in rows_of(html, "heat")[1]
    )
    [strongest] = rows_of(html, "table-stacking")[1:]
    assert strongest[0] == "Daily dose and Heart rate opposite over all rows"
    assert strongest[2].startswith("−0.8")
    assert strongest[4] == f"{result['pairs'][0]['r']:.2f}"
    assert "3 sites" in said
    assert "Too few to tell: no pair has more than 3 sites" in said


def test_variables_have_labels_and_units_and_p_is_never_0(page, lead, project):
    analysis = finished(project, lead, paradox(project), "correlation")
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    heads = [row[0] for row in rows_of(html, "heat")[1:]]
    assert sorted(re.sub(r"^\d+ ", "", head) for head in heads) == [
        "Daily dose mg",
        "Heart rate /min",
        "sick",
    ]
    assert sorted(int(head.split()[0]) for head in heads) == [1, 2, 3]
    table = rows_of(html, "table-compact")
    assert len(table) == 1 + 3
    assert "q allows for 3 tests" in text_of(html)
    assert not [cell for row in table[1:] for cell in row[-2:] if cell in ("0", "0.0", "0.000")]
    assert re.search(r'<details class="folded panel">', html), "the table is folded"


def test_a_pair_that_no_site_tells_of_stands_last_with_its_r_over_all_rows(page, lead, project):
    """Twice the dose is the dose: Fisher's z of 1 has no end."""
    versions = []
    for version in paradox(project):
        dose = [float(i) for i in range(16)]
        columns = {"dose": ("number", dose), "twice": ("number", [2 * d for d in dose])}
        columns["noise"] = ("number", NOISE)
        versions.append(table_version(columns, dataset=version.dataset))
    html = page(lead).get(f"/analyses/{finished(project, lead, versions, 'correlation').pk}/").text
    assert len(rows_of(html, "table-stacking")) == 1 + 2
    last = rows_of(html, "table-compact")[-1]
    assert last == ["dose and twice", "–", "–", "–", "1.00", "–", "–", "–", "–", "–"]
    assert "dose gives twice without error at Oslo, Hue and Lima" in text_of(html)


def test_a_variable_that_no_pair_tells_of_is_named(page, lead, project):
    """Six pairs were asked for and three told, without a word on the fourth variable."""
    columns = {
        "dose": ("number", [i / 4 for i in range(16)]),
        "rate": ("number", NOISE),
        "room": ("number", [7.0] * 16),
    }
    version = table_version(columns, dataset=DatasetFactory(project=project))
    analysis = finished(project, lead, [version], "correlation", variables=["dose", "rate", "room"])
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "No pair is told with room: it is the same in every row, too few rows have it" in said


def test_one_site_is_named_and_answers_over_all_its_rows(page, lead, project):
    analysis = finished(project, lead, paradox(project, sites=1), "correlation")
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert re.search(
        r"At \S.*, daily dose and heart rate go in opposite directions , the clearest of \d+ pairs",
        said,
    )
    assert "within sites" not in said
    assert "Do the sites agree?" not in said


@pytest.mark.parametrize("within_site", [False, True])
def test_what_is_checked_runs_with_the_same_rows(page, lead, project, within_site):
    versions = paradox(project)
    sent = {
        "method": "correlation",
        "title": "Do they go together?",
        "variables": ["dose", "rate"],
        "missing": "pairwise",
        "inputs": [f"{one.dataset_id}:{one.number}" for one in versions],
    } | ({"within_site": "on"} if within_site else {})
    client = page(lead)
    checked = client.post(NEW, sent | {"step": "check"}, follow=True)
    assert checked.status_code == 200
    said = text_of(checked.text)
    assert "within each site, pooled over the sites" in said
    assert ("each site’s means taken off" in said) is within_site
    rows = int(re.search(r"Rows (\d+) Each variable uses the rows that have it", said)[1])
    assert client.post(NEW, sent | {"step": "run"}).status_code == 302
    analysis = Analysis.objects.get()
    assert claim_and_run(job_of(analysis).pk)
    analysis.refresh_from_db()
    assert analysis.state == "succeeded"
    assert analysis.result["rows"] == rows == 48
    assert analysis.result["within_site"] is within_site


@pytest.mark.parametrize("method", ["correlation", "describe"])
def test_a_check_refuses_what_the_run_would_refuse(page, api, lead, project, method):
    empty = table_version(
        {"dose": ("number", []), "rate": ("number", [])},
        dataset=DatasetFactory(project=project, site=StudySiteFactory(project=project)),
    )
    sent = {
        "method": method,
        "title": "Do they go together?",
        "variables": ["dose", "rate"],
        "missing": "pairwise",
        "inputs": [f"{empty.dataset_id}:{empty.number}"],
        "step": "check",
    }
    refused = page(lead).post(NEW, sent)
    assert refused.status_code == 422
    assert "These versions hold no rows." in refused.text
    question = {
        "title": "Do they go together?",
        "method": method,
        "inputs": [{"dataset": empty.dataset_id, "version": empty.number}],
        "parameters": {"variables": ["dose", "rate"]},
    }
    answer = api(lead).post("/api/v1/projects/heart/analyses/", question, format="json")
    assert answer.status_code == 400
    assert not Analysis.objects.exists()


def test_what_is_not_offered_is_refused_before_it_is_registered(api, lead, project):
    versions = paradox(project)
    question = {
        "title": "Ranks",
        "method": "correlation",
        "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
        "parameters": {"variables": ["dose", "rate"], "coefficient": "kendall"},
    }
    answer = api(lead).post("/api/v1/projects/heart/analyses/", question, format="json")
    assert answer.status_code == 400
    assert not Analysis.objects.exists()


def test_a_yes_or_no_is_counted_and_has_no_mean(page, lead, project):
    analysis = finished(
        project, lead, paradox(project), "describe", variables=["sick", "dose"], by="site"
    )
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    sick, dose = folds_of(html)[:2]
    head, whole, oslo, *_ = rows_of(sick, "table-stacking")
    assert head == ["Site", "n", "Missing", "yes", "no", "Shares"]
    assert whole[:5] == ["All rows", "45", "3 (6%)", "15 (33%)", "30 (67%)"]
    assert oslo[:5] == ["Oslo", "15", "1 (6%)", "5 (33%)", "10 (67%)"]
    assert rows_of(dose, "table-stacking")[0][3:5] == ["Mean, mg", "SD"]
    assert "Daily dose" in dose


def test_a_description_is_read_at_a_glance_and_its_tables_are_folded(page, lead, project):
    analysis = finished(
        project, lead, paradox(project), "describe", variables=["sick", "dose"], by="site"
    )
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    head, sick, dose = rows_of(html, "table-glance")
    assert head[:3] == ["Variable by site", "All rows n 48", "Oslo n 16"]
    assert sick[:3] == ["sick yes, n (%)", "15 (33%) 6% missing", "5 (33%) 6% missing"]
    assert dose[0] == "Daily dose mg, mean (SD)"
    whole = rows_of(folds_of(html)[1], "table-stacking")[1]
    assert dose[1] == f"{whole[3]} ({whole[4]})"
    tables = html[html.index("table-glance") :].split("</table>", 1)[1]
    assert "<table" not in re.sub(r"<details.*?</details>", "", tables, flags=re.S)


def test_codes_are_shown_by_what_they_mean(page, lead):
    project = ProjectFactory(lead=lead)
    SharedVariableFactory(
        project=project, name="pain", type="category", codes={"1": "Typical", "2": "None"}
    )
    version = table_version(
        {"pain": ("category", ["1", "2"] * 8), "sex": ("integer", [1, 2] * 8)},
        dataset=DatasetFactory(project=project, site=StudySiteFactory(project=project)),
    )
    Column.objects.filter(name="sex").update(label="Sex")
    analysis = finished(project, lead, [version], "describe", variables=["pain"], by="pain")
    Analysis.objects.filter(pk=analysis.pk).update(
        variables=[
            one | {"meanings": [["1", "Typical"], ["2", "None"]]} for one in analysis.variables
        ]
    )
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    rows = rows_of(html, "table-stacking")
    assert rows[0][3:5] == ["Typical", "None"]
    assert [row[0] for row in rows[1:]] == ["All rows", "Typical", "None"]


def test_two_codes_have_no_mean_and_means_have_the_digits_their_spread_bears(page, lead, project):
    version = table_version(
        {
            "sex": ("integer", [1, 2] * 8),
            "weight": ("number", [1e9 + i / 10 for i in range(16)]),
            "age": ("integer", list(range(40, 56))),
        },
        dataset=DatasetFactory(project=project, site=StudySiteFactory(project=project)),
    )
    analysis = finished(project, lead, [version], "describe", variables=["sex", "weight", "age"])
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    sex, weight, age = folds_of(html)[:3]
    assert rows_of(sex, "table-stacking")[0][3:5] == ["1", "2"]
    assert rows_of(weight, "table-stacking")[1][3:6] == [
        "1,000,000,000.750",
        "0.476",
        "1,000,000,000.375 · 1,000,000,000.750 · 1,000,000,001.125",
    ]
    assert rows_of(age, "table-stacking")[1][3:6] == ["47.50", "4.76", "43.75 · 47.50 · 51.25"]
