"""Who may read rows changes after an answer was made: nobody is told an exact count by that."""

import json
import re

import pytest

from datasets.analyses import actions as analyses
from datasets.datasets import actions as datasets
from datasets.models import Analysis, Release
from datasets.releases import actions as releases
from projects.memberships import actions as memberships
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    StudySiteFactory,
    table_version,
)
from tests.factories.analyses import run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

ROWS, WITHOUT_AGE, MEN, NORTH = 303, 37, 119, 144
AGES = [None if k < WITHOUT_AGE else 30 + 7 * k % 41 for k in range(ROWS)]
WARDS = ["north" if k < NORTH else "south" for k in range(ROWS)]
EXACT = {ROWS, WITHOUT_AGE, ROWS - WITHOUT_AGE, MEN, ROWS - MEN, NORTH, ROWS - NORTH}
QUESTIONS = {
    "describe": {"variables": ["age", "sex", "ward"], "by": "site"},
    "regression": {"outcome": "age", "terms": ["sex", "ward"], "family": "gaussian"},
    "correlation": {"variables": ["age", "sex"]},
}
IN_ANSWER = {
    "describe": EXACT,
    "regression": {WITHOUT_AGE, ROWS - WITHOUT_AGE},
    "correlation": {ROWS, ROWS - WITHOUT_AGE},
}
every_method = pytest.mark.parametrize("method", QUESTIONS)


@pytest.fixture
def keeper(project):
    return MembershipFactory(project=project, role="contributor").user


@pytest.fixture
def colleague(project):
    return MembershipFactory(project=project, role="contributor")


def hospital(project, keeper, name, access, wards=WARDS):
    columns = {
        "age": ("integer", AGES),
        "sex": ("integer", [int(k < MEN) for k in range(ROWS)]),
        "ward": ("category", wards),
    }
    site = StudySiteFactory(project=project, name=name, country="USA")
    kept = DatasetFactory(
        project=project,
        site=site,
        access=access,
        threshold=5,
        created_by=keeper,
        release_policy="gate",
    )
    return table_version(columns, dataset=kept)


def answered(project, by, *versions, method="describe"):
    found = analyses.start(
        project=project,
        title="Who are they?",
        method=method,
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters=QUESTIONS[method],
        by=by,
    )
    run_analysis(found)
    return Analysis.objects.get(pk=found.pk)


def read(api, user, analysis):
    return api(user).get(f"/api/v1/analyses/{analysis.pk}/").data


def close(dataset, keeper):
    """Keep the rows from now on, and release the earlier answers that wait since."""
    datasets.change(dataset=dataset, access="summaries", by=keeper)
    for release in Release.objects.filter(dataset=dataset, outcome="held"):
        releases.decide(release=release, decision="release", by=keeper)


def exact_counts(told):
    """Exact counts in an answer, and numbers that give one: a share of rows, a mean of whole
    numbers, a step of a quantile."""
    found = {one for one in numbers(told["result"]) if one in EXACT}
    found |= {one for one in numbers(told["provenance"]["steps"]) if one in EXACT}
    found |= {one["rows"] for one in told["provenance"]["inputs"] if one["rows"] in EXACT}
    ages = [age for age in AGES if age is not None]
    means = {round(MEN / ROWS, 9), round(sum(ages) / len(ages), 9)}
    return found | {one for one in numbers(told["result"]) if round(one, 9) in means}


def shared_figures(told, exact):
    """Numbers with decimals that are in both: in a rounded answer none is as it was."""
    known, found = (
        {f"{one:.9g}" for one in numbers(part["result"]) if not float(one).is_integer()}
        for part in (exact, told)
    )
    return known & found - {f"{2 / 3:.9g}"}  # A check's threshold.


def numbers(part):
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        return [found for one in part for found in numbers(one)]
    return [part] if isinstance(part, (int, float)) and not isinstance(part, bool) else []


@every_method
def test_an_answer_of_open_data_is_rounded_once_they_are_kept(
    api, page, project, lead, keeper, colleague, method
):
    version = hospital(project, keeper, "Cleveland", "project")
    analysis = answered(project, colleague.user, version, method=method)
    whole = read(api, colleague.user, analysis)
    assert exact_counts(whole) >= IN_ANSWER[method]
    close(version.dataset, keeper)
    for person in (colleague.user, lead):
        told = read(api, person, analysis)
        assert exact_counts(told) == set()
        assert told["result"]["approximate"] is True
        if method != "describe":  # Ages are whole numbers, and so are their quantiles.
            assert shared_figures(told, whole) == set()
        html = " ".join(page(person).get(analysis.get_absolute_url()).content.decode().split())
        rows = {"describe": 305, "regression": 270, "correlation": 270}[method]
        assert re.search(f"(about |≈){rows}", html)
        assert not re.search(r">\s*(303|266|119|184|144|159)\s*<", html)
    # Whoever reads the rows has them all the same.
    assert read(api, keeper, analysis)["result"] == whole["result"]


def test_beside_a_site_that_always_kept_its_rows_too(api, project, lead, keeper, colleague):
    versions = [
        hospital(project, keeper, "Cleveland", "summaries"),
        hospital(project, keeper, "Oslo", "project"),
    ]
    analysis = answered(project, colleague.user, *versions)
    oslo = read(api, colleague.user, analysis)["result"]["groups"][1]
    assert (oslo["n"], oslo["approximate"]) == (ROWS, False)
    close(versions[1].dataset, keeper)
    assert exact_counts(read(api, colleague.user, analysis)) == set()
    assert exact_counts(read(api, lead, analysis)) == set()


@every_method
def test_who_reads_only_some_of_the_rows_is_told_what_gates_let_go(
    api, page, project, lead, keeper, colleague, method
):
    """Each site's share is rounded by itself, so rows of one's own beside it give nothing back."""
    other = MembershipFactory(project=project, role="contributor").user
    versions = [
        hospital(project, keeper, "Cleveland", "project"),
        hospital(project, other, "Oslo", "project"),
    ]
    analysis = answered(project, colleague.user, *versions, method=method)
    whole = read(api, keeper, analysis)
    for version, person in zip(versions, (keeper, other), strict=True):
        datasets.change(dataset=version.dataset, access="summaries", by=person)
    held = Release.objects.get(dataset=versions[0].dataset)
    seen = api(keeper).get(f"/api/v1/releases/{held.pk}/").data["result"]
    for version, person in zip(versions, (keeper, other), strict=True):
        close(version.dataset, person)
    for person, scopes in ((keeper, None), (keeper, ["read"]), (other, None), (lead, None)):
        asks = api(person, scopes=scopes) if scopes else api(person)
        told = asks.get(f"/api/v1/analyses/{analysis.pk}/").data
        assert told["result"] == seen
        assert told["result_sha256"] != whole["result_sha256"]
        assert {one for one in numbers(told["result"]) if one in EXACT} == set()
        html = " ".join(page(person).get(analysis.get_absolute_url()).content.decode().split())
        assert not re.search(r">\s*(about )?(606|532|265|530)\s*<", html)
    # Whoever reads all of them has the answer.
    datasets.change(dataset=versions[1].dataset, access="project", by=other)
    assert read(api, keeper, analysis)["result"] == whole["result"]


@every_method
def test_open_data_are_told_to_who_reads_none_of_their_rows_as_guarded_ones_are(
    api, project, lead, keeper, colleague, method
):
    told = []
    for access in ("project", "summaries"):
        version = hospital(project, keeper, f"{access} hospital", access)
        analysis = answered(project, colleague.user, version, method=method)
        if access == "project":
            close(version.dataset, keeper)
        result = read(api, lead, analysis)["result"]
        told.append(json.loads(json.dumps(result).replace(f"{access} hospital", "Cleveland")))
    assert told[0] == told[1]


def test_a_pool_of_which_a_part_is_rounded_says_about_everywhere(page, project, keeper, colleague):
    versions = [
        hospital(project, keeper, "Cleveland", "summaries"),
        hospital(project, keeper, "Oslo", "project"),
    ]
    analysis = answered(project, colleague.user, *versions)
    html = " ".join(page(colleague.user).get(analysis.get_absolute_url()).content.decode().split())
    whole, guarded, opened = [
        re.sub(r"<[^>]+>", " ", row).split()
        for row in re.findall(r"<tr>(.*?)</tr>", html.split("<h3> sex")[1])[1:4]
    ]
    assert ("≈240" in whole, "≈370" in whole) == (True, True)
    assert "≈120" in guarded
    assert "119" in opened
    missing = re.findall(r'data-label="Missing"> *(\S+)', html)
    assert missing[:3] == ["≈70", "≈35", "37"]


@every_method
def test_who_lost_the_right_to_the_rows_is_told_in_fives(
    api, project, lead, keeper, colleague, method
):
    version = hospital(project, keeper, "Cleveland", "project")
    analysis = answered(project, colleague.user, version, method=method)
    assert exact_counts(read(api, colleague.user, analysis))
    memberships.change_role(membership=colleague, role="reader", by=lead)
    assert exact_counts(read(api, colleague.user, analysis)) == set()


def test_an_answer_of_kept_data_stays_in_fives_once_they_are_open(
    api, project, lead, keeper, colleague
):
    """Their gate rounded before anything was added: nothing exact is in the answer at all."""
    version = hospital(project, keeper, "Cleveland", "summaries")
    analysis = answered(project, colleague.user, version)
    before = read(api, colleague.user, analysis)
    reader = MembershipFactory(project=project, role="reader").user
    datasets.change(dataset=version.dataset, access="project", by=keeper)
    for person in (keeper, colleague.user, lead, reader):
        told = read(api, person, analysis)
        assert told["result"] == before["result"]
        assert exact_counts({**told, "provenance": before["provenance"]}) == set()
    assert exact_counts(read(api, reader, analysis)) == set()


def test_a_stricter_threshold_holds_for_earlier_answers(api, project, lead, keeper, colleague):
    wards = [*["attic"] * 7, *WARDS[7:]]
    version = hospital(project, keeper, "Cleveland", "summaries", wards)
    analysis = answered(project, colleague.user, version)

    def in_attic():
        ward = read(api, colleague.user, analysis)["result"]["variables"][2]["overall"]
        return {one["value"]: one["n"] for one in ward["counts"]}["attic"]

    assert in_attic() == 5
    datasets.change(dataset=version.dataset, threshold=10, by=keeper)
    assert in_attic() is None
