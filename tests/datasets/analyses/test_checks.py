"""What was checked before an estimate, in words."""

import re

import pytest
from django.template.loader import render_to_string

from datasets.analyses.methods.checks import checks_of
from tests.datasets.analyses.test_result_page import fold_of, shifted, study, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


def test_checks_say_in_words_which_do_not_pass_and_where(page, lead, project):
    analysis = study(project, lead, shifted(0, 5, 9) | {"Bern": [50] * 16})
    said, _ = fold_of(page(lead).get(f"/analyses/{analysis.pk}/").text, "chk-h")
    passed = r"\d of 7 pass, 3 do not apply or can’t be told; not, or in part: "
    assert re.search(passed + "[^;]*Sites that can answer", said), "the table has ten"
    assert "Sites that can answer 3 at least 2 Passes in part not at Bern" in said
    assert re.search(r"I² between sites \d+% at most 50% It can’t be told", said)


def test_where_a_check_does_not_pass_is_said_even_where_it_is_withheld():
    one = {"name": "largest_weight", "value": None, "threshold": 60.0}
    partly = one | {"outcome": "pass_with_rows_failing"}
    assert checks_of([partly | {"outcome": "not_applicable"}])["passed"] == "none applies here"
    [row] = checks_of([partly])["rows"]
    assert row["where"] == "at which sites it does not is withheld"
    [row] = checks_of([partly | {"failing": ["Oslo"]}])["rows"]
    assert row["where"] == "not at Oslo"


def test_a_failing_check_says_what_it_should_be_also_where_what_it_is_is_withheld():
    """It was “1 where at least 2 is asked for”, and of a withheld number “ where at least 10”."""
    known = {"name": "sites", "value": 1.0, "threshold": 2.0, "outcome": "fail"}
    withheld = known | {"name": "events_per_parameter", "value": None, "threshold": 10.0}
    shown = {"checks": checks_of([known, withheld]), "result": {}}
    said = text_of(render_to_string("datasets/analyses/answer.html", shown))
    assert "A check fails: Sites that can answer, 1 instead of at least 2." in said
    assert "A check fails: Rarer outcome per coefficient, which should be at least 10." in said
