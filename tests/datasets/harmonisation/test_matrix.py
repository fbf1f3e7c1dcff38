"""The matrix at a hundred sites: a part at a time, and every part has an address."""

import re

import pytest

from datasets.harmonisation import narrowing
from datasets.models import Mapping, SharedVariable
from tests.factories import (
    ColumnFactory,
    DatasetFactory,
    MappingFactory,
    SharedVariableFactory,
    StudySiteFactory,
    VersionFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

GRID = "/projects/heart/variables/"
SMOKERS = {"distinct": 2, "top": [{"value": "ja", "n": 20}, {"value": "nein", "n": 30}]}


def sites_of(response):
    return re.findall(r'<th scope="col">([^<]+)<span', text_of(response))


def rows_of(response):
    return re.findall(r'<a class="row-link" href="/projects/heart/variables/(\w+)/"', response.text)


@pytest.fixture
def variables(project):
    topics = {"chol": "Blood", "hdl": "Blood", "age": "Person", "rest": ""}
    return {
        name: SharedVariableFactory(project=project, name=name, topic=topic)
        for name, topic in topics.items()
    }


@pytest.fixture
def datasets(project):
    return [
        VersionFactory(
            ready=True,
            dataset=DatasetFactory(
                project=project,
                site=StudySiteFactory(project=project, name=f"Site {number}"),
                title=f"Ward-{number}-east",
            ),
        )
        for number in range(1, 31)
    ]


def test_a_dataset_whose_only_file_cannot_be_read_is_no_column(page, lead, project, variables):
    failed = VersionFactory(state="failed", dataset__project=project)
    again = VersionFactory(ready=True, dataset__project=project)
    VersionFactory(state="failed", dataset=again.dataset)
    for url in (GRID, f"{GRID}chol/"):
        shown = text_of(page(lead).get(url))
        assert (failed.dataset.title in shown, again.dataset.title in shown) == (False, True)


def test_sites_stand_25_to_a_page_and_a_cell_is_found_again(
    page, project, lead, variables, datasets
):
    client = page(lead)
    # A second dataset of a site stands beside its first.
    VersionFactory(ready=True, dataset__project=project, dataset__site=datasets[0].dataset.site)
    first, second = client.get(GRID), client.get(GRID, {"page": "2"})
    assert sites_of(first) == ["Site 1", *(f"Site {number}" for number in range(1, 25))]
    assert sites_of(second) == [f"Site {number}" for number in range(25, 31)]
    assert "Sites 26–31 of 31" in text_of(second)
    last = datasets[-1].dataset
    cell = client.get(f"{GRID}chol/mappings/{last.pk}/").text
    place = f"{GRID}?page=2#cell-chol-{last.pk}"
    assert f'href="{place}"' in cell
    prefix = f"mapping-{last.pk}-"
    fields = {
        f"{prefix}version": str(datasets[-1].number),
        f"{prefix}kind": "none",
        f"{prefix}status": "impossible",
    }
    assert client.post(f"{GRID}chol/mappings/{last.pk}/", fields).url == place
    assert f'id="cell-chol-{last.pk}"' in second.text
    over = datasets[24].dataset
    assert f'href="{GRID}?page=2#cell-chol-{over.pk}"' in (
        client.get(f"{GRID}chol/mappings/{over.pk}/").text
    )


def test_a_cell_is_called_by_its_variables_label(page, lead, variables, datasets):
    """Whoever hears the page instead of seeing it was told column names."""
    SharedVariable.objects.filter(name="chol").update(label="Serum cholesterol")
    said = text_of(page(lead).get(GRID))
    assert "Serum cholesterol at Site 1" in said
    assert "hdl at Site 1" in said, "without a label it is the name"


def test_a_state_a_topic_and_a_site_are_asked_for_in_the_address(page, lead, variables, datasets):
    MappingFactory(variable=variables["hdl"], version=datasets[28], status="partial")
    client = page(lead)
    shown = client.get(GRID, {"state": "partial"})
    assert (rows_of(shown), sites_of(shown)) == (["hdl"], ["Site 29"])
    shown = client.get(GRID, {"topic": "Blood"})
    assert rows_of(shown) == ["chol", "hdl"]
    assert len(sites_of(shown)) == 25
    assert rows_of(client.get(GRID, {"topic": ""})) == ["rest"]
    shown = client.get(GRID, {"site": "ward-29-east"})
    assert (len(rows_of(shown)), sites_of(shown)) == (4, ["Site 29"])
    shown = client.get(GRID, {"state": "partial", "topic": "Person"})
    assert (rows_of(shown), sites_of(shown)) == ([], [])
    assert "Nothing here is like this" in text_of(shown)
    assert "Remove filter: Partial" in shown.text
    assert "Remove filter: Person" in shown.text
    assert rows_of(client.get(GRID, {"state": "nonsense", "page": "x"})) == list(variables)


def test_counts_are_of_everything_and_lead_to_what_they_count(page, lead, variables, datasets):
    MappingFactory(variable=variables["hdl"], version=datasets[28], status="partial")
    html = page(lead).get(GRID, {"topic": "Blood"}).text
    chips = re.findall(r'<a\s+class="chip"\s+href="([^"]+)"[^>]*>(.*?)</a>', html, re.DOTALL)
    counts = {" ".join(re.sub(r"<svg.*?</svg>", "", text).split()): url for url, text in chips}
    assert counts == {
        "All 60": "?topic=Blood",
        "Partial 1": "?topic=Blood&amp;state=partial",
        "Undetermined 59": "?topic=Blood&amp;state=undetermined",
        "Blood": "?",
    }


def test_one_site_alone_is_a_link_away(page, lead, project, variables, datasets):
    """Found by its words “Site 3” would bring “Site 30” along."""
    client = page(lead)
    number = datasets[2].dataset.site_id
    link = f'href="?topic=Blood&amp;study_site={number}"'
    assert link in client.get(GRID, {"topic": "Blood"}).text
    shown = client.get(GRID, {"topic": "Blood", "study_site": number})
    assert (sites_of(shown), rows_of(shown)) == (["Site 3"], ["chol", "hdl"])
    assert "Remove filter: Site 3" in shown.text
    assert sites_of(client.get(GRID, {"study_site": "nonsense"})) == []


def test_the_page_stays_small_however_many_sites_there_are(
    page, lead, project, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(narrowing, "SITES", 5)
    variables = [SharedVariableFactory(project=project) for _ in range(3)]
    SharedVariableFactory(project=project, name="smoker", type="boolean")
    client = page(lead)

    def add(count):
        for _ in range(count):
            version = VersionFactory(ready=True, dataset__project=project)
            ColumnFactory(version=version, name="dose", type="number")
            ColumnFactory(version=version, name="smoker", type="category", profile=SMOKERS)
            MappingFactory(variable=variables[0], version=version)

    add(6)
    client.get(GRID)
    with django_assert_max_num_queries(16) as few:
        small = len(client.get(GRID).content)
    add(24)
    with django_assert_max_num_queries(len(few)):
        large = len(client.get(GRID).content)
    assert large < small * 1.05


def test_suggestions_of_sites_on_other_pages_are_offered(page, lead, project):
    SharedVariableFactory(project=project, name="age", type="integer")
    dataset = DatasetFactory(project=project)
    assert "Review the suggestions" not in page(lead).get(GRID).text
    table_version({"age": ("integer", [40, 50])}, dataset=dataset)
    assert not Mapping.objects.exists()
    assert "Review the suggestions" in page(lead).get(GRID, {"site": "nowhere"}).text


@pytest.mark.parametrize(("code", "told"), [("mm[Hg]", "mmHg"), ("10*9/L", "10⁹/L")])
def test_units_stand_as_people_write_them(page, lead, project, datasets, code, told):
    SharedVariableFactory(project=project, name="lab", type="number", unit=code)
    client = page(lead)
    for path in (GRID, f"{GRID}lab/"):
        html = client.get(path).text
        assert f'title="{code}"' in html
        assert told in text_of(client.get(path))
        assert not re.search(rf">\s*{re.escape(code)}\s*<", html)
        assert f", {code}" not in html
