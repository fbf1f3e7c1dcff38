"""The page where a keeper declares, and the pages that say it has not been done."""

import pytest

from datasets.domains import actions as domains
from datasets.domains.forms import field_of
from datasets.domains.models import Domain
from datasets.domains.proposals import Line
from datasets.mappings import actions as mappings
from tests.datasets.domains.conftest import WARDS, table
from tests.engine.hostile_names import ANY_NAMES
from tests.factories import DatasetFactory, ReleaseFactory, SharedVariableFactory
from tests.factories.files import ready_version

pytestmark = pytest.mark.django_db

HOSTILE = [
    *('say "yes"', "a,b", "a\nb", " c d", "'; DROP TABLE t; --", "<script>alert(1)</script>"),
    *("{{ x }}", "%(n)d", "=1+1", "\u202egnal", "x" * 150, "العمر", "a=b"),
]


def url(ward):
    return f"/datasets/{ward.pk}/domains/"


def fields(answer):
    """What the form on a page would send as it stands."""
    form = answer.context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    return typed | {"version": answer.context["version"]}


def named(field, column):
    """What a field of a column is called."""
    return field_of(field, Line(Domain(column=column), False))


def wide(ward, columns):
    """A dataset of many columns, numbered from 0."""
    made = DatasetFactory(
        project=ward.project, site=ward.site, access="summaries", created_by=ward.created_by
    )
    names = ",".join(f"c{k}" for k in range(columns))
    lines = [",".join(str((k * n) % 50) for k in range(columns)) for n in range(100)]
    ready_version(made, "\n".join([names, *lines]).encode())
    return made


def test_any_number_of_columns_is_declared_page_by_page(page, ward, keeper):
    dataset, client = wide(ward, 300), page(keeper)
    address, pages = url(dataset), 0
    while "domains" in address:
        shown = client.get(address)
        sent = fields(shown) | {field_of("low", line): "-1" for line in shown.context["form"].lines}
        answer = client.post(address, sent)
        assert answer.status_code == 302
        address, pages = answer["Location"], pages + 1
    assert address == dataset.get_absolute_url()
    assert pages == 3
    assert dataset.domains.filter(low=-1).count() == 300
    again = fields(client.get(f"{url(dataset)}?page=2"))
    answer = client.post(f"{url(dataset)}?page=2", again | {named("low", "c150"): ""})
    assert answer.status_code == 302
    assert dataset.domains.filter(low=-1).count() == 299


def test_a_version_that_came_meanwhile_moves_nothing_that_was_typed(page, ward, keeper):
    typed = fields(page(keeper).get(url(ward))) | {named("low", "age"): "18"}
    ready_version(ward, b"height,weight,age\n" + b"170,60,40\n" * 50)
    refused = page(keeper).post(url(ward), typed)
    assert refused.status_code == 422
    assert "Version 2 was published while you filled this in." in refused.content.decode()
    assert not ward.domains.exists()
    shown = fields(refused)
    assert shown[named("low", "age")] == "18"
    assert page(keeper).post(url(ward), shown).status_code == 302
    assert ward.domains.get(column="age").low == 18
    assert ward.domains.get(column="age").edges == [30.0, 40.0, 50.0, 60.0, 70.0]


def test_one_press_confirms_every_column(page, ward, keeper):
    shown = page(keeper).get(url(ward))
    assert shown.status_code == 200
    assert "3 rows have another level" in shown.content.decode()
    answer = page(keeper).post(url(ward), fields(shown))
    assert answer.status_code == 302
    assert list(ward.domains.values_list("column", flat=True)) == ["ward", "age", "weight"]
    assert fields(page(keeper).get(url(ward))) == fields(shown)


def test_what_is_wrong_stands_beside_its_column(page, ward, keeper):
    sent = fields(page(keeper).get(url(ward)))
    for wrong, why in [
        ({named("levels", "ward"): '"north'}, "A quotation mark is not closed."),
        ({named("levels", "ward"): "a,b,c"}, "stands in quotation marks"),
        ({named("edges", "age"): "1 two"}, "Write numbers with spaces between them."),
        (
            {named("low", "age"): "9", named("high", "age"): "1"},
            "The lowest value is above the highest.",
        ),
    ]:
        answer = page(keeper).post(url(ward), sent | wrong)
        assert answer.status_code == 422
        assert why in answer.content.decode()
    assert not ward.domains.exists()


@pytest.mark.parametrize("level", [*HOSTILE, *ANY_NAMES[::12]])
def test_any_level_passes_through_the_form_unchanged(page, ward, keeper, level):
    levels = [(level, f"{level[:50]},"), ("north", "")]
    domains.declare(dataset=ward, domains=[{"column": "ward", "levels": levels}], by=keeper)
    sent = fields(page(keeper).get(url(ward)))
    # As browsers send it.
    sent[named("levels", "ward")] = sent[named("levels", "ward")].replace("\n", "\r\n")
    assert page(keeper).post(url(ward), sent).status_code == 302
    (domain,) = ward.domains.filter(column="ward")
    assert domain.codes == (level, "north")


def test_a_level_of_the_data_is_proposed_as_it_is(page, ward, keeper):
    level = '\'; DROP <b>{{ x }}</b>, "n"'
    ready_version(ward, table([one.replace("south", level) for one in WARDS]))
    shown = page(keeper).get(url(ward))
    assert "<b>{{" not in shown.content.decode()
    page(keeper).post(url(ward), fields(shown))
    assert ward.domains.get(column="ward").codes == (level, "north")


def test_a_keeper_is_told_until_it_is_done(page, ward, keeper, lead):
    said = "Domains not declared: Ward."
    assert said in page(keeper).get(ward.get_absolute_url()).content.decode()
    assert said not in page(lead).get(ward.get_absolute_url()).content.decode()
    ReleaseFactory(dataset=ward, analysis__project=ward.project)
    assert said in page(keeper).get("/releases/").content.decode()
    domains.declare(dataset=ward, domains=[{"column": "age", "low": 0}], by=keeper)
    # A category whose levels still come from the data.
    assert said in page(keeper).get(ward.get_absolute_url()).content.decode()
    domains.declare(
        dataset=ward, domains=[{"column": "ward", "levels": [("north", "")]}], by=keeper
    )
    assert said not in page(keeper).get(ward.get_absolute_url()).content.decode()
    assert said not in page(keeper).get("/releases/").content.decode()


def test_others_see_declared_levels_alone(page, ward, keeper, lead):
    levels = [("attic", ""), ("north", ""), ("asylum", "")]
    domains.declare(dataset=ward, domains=[{"column": "ward", "levels": levels}], by=keeper)
    answer = page(lead).get(ward.get_absolute_url())
    (line,) = [one for one in answer.context["lines"] if one["column"]["name"] == "ward"]
    shown = {one["value"]: one["n"] for one in line["column"]["top"]}
    assert shown == {"north": 60, "attic": None, "asylum": None}
    assert line["column"]["distinct"] == 3
    assert "south" not in answer.content.decode()


def test_it_costs_the_same_for_many_columns(page, ward, keeper, django_assert_num_queries):
    for dataset in (ward, wide(ward, 60)):
        sent = fields(page(keeper).get(url(dataset)))
        with django_assert_num_queries(20, exact=False):
            page(keeper).get(url(dataset))
        with django_assert_num_queries(30, exact=False):
            assert page(keeper).post(url(dataset), sent).status_code == 302


def test_the_builder_and_the_matrix_name_no_other_level(api, page, ward, keeper, asker):
    levels = [("attic", ""), ("north", "")]
    domains.declare(dataset=ward, domains=[{"column": "ward", "levels": levels}], by=keeper)
    new = f"/projects/{ward.project.slug}/analyses/new/"
    html = page(asker).get(new, {"method": "describe"}).content.decode()
    assert "south" not in html
    version = ward.versions.latest("number")
    variable = SharedVariableFactory(project=ward.project, name="place", type="category", codes={})
    rule = {"kind": "copy", "column": "ward"}
    mappings.save(variable=variable, dataset=ward, version=version, rule=rule, by=keeper)
    url = f"/api/v1/projects/{ward.project.slug}/variables/place/mappings/{ward.pk}/"
    assert "south" in str(api(keeper).get(url).data["preview"])
    shown = api(asker).get(url).data["preview"]
    assert "south" not in str(shown)
    assert {one["value"] for one in shown["after"]["top"]} == {"north"}
