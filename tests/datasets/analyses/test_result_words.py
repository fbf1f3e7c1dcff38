"""What a regression's page says of its tests, and of estimates that differ from one another."""

import re

import pytest

from tests.datasets.analyses.test_result_page import AGES, answered, shifted, study, text_of
from tests.factories import DatasetFactory, StudySiteFactory, table_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


def test_a_site_whose_model_is_not_the_one_in_the_figure_says_why(page, project, lead):
    made = []
    for name, sick in (("Oslo", [1, 1, 1, 1]), ("Hue", [1, 0, 1, 0]), ("Lima", [0, 1, 1, 1])):
        treated = [k % 4 == 0 for k in range(48)]
        ill = [bool(sick[k // 4 % 4]) if k % 4 == 0 else k % 3 == 0 for k in range(48)]
        made.append(
            table_version(
                {"treated": ("boolean", treated), "sick": ("boolean", ill)},
                dataset=DatasetFactory(
                    project=project, site=StudySiteFactory(project=project, name=name)
                ),
            )
        )
    analysis = answered(project, lead, made, outcome="sick", terms=["treated"])
    result = analysis.result
    assert {one["site"]: one["method"] for one in result["by_site"]} == {
        "Oslo": "firth",
        "Hue": "firth",
        "Lima": "firth",
    }
    assert {one["method"] for one in result["two_stage"][0]["studies"]} == {"firth"}
    said = text_of(page(lead).get(analysis.get_absolute_url()).text)
    assert said.count("Firth’s penalised estimate ") == 3, "each line of the figure says so"
    assert "are Firth’s at every site, because at Oslo" in said.replace("'", "’")


def test_the_test_says_among_which_it_is_counted(page, project, lead):
    study(project, lead, shifted(0, 5))
    analysis = study(project, lead, {"North": AGES, "South": AGES[3:] + AGES[:3]})
    said = text_of(page(lead).get(analysis.get_absolute_url()).text)
    assert "It is test 2 of the 2 tests run in this project so far." in said
    assert re.search(r" p 0\.\d+ People 32 Sites \S.{0,20} Tests in this project 2 ", said)


def test_nothing_is_called_registered_that_no_protocol_holds(page, project, lead):
    study(project, lead, shifted(0, 5))
    said = text_of(page(lead).get("/projects/heart/analyses/new/").text)
    assert "Run Check the question" in said
    assert "egister" not in said
