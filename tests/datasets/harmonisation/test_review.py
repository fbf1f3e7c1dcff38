"""Suggestions accepted on their page: one step, taken back there."""

import re

import pytest

from datasets.models import Mapping
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_what_speaks_against_a_suggestion_stands_beside_it_and_all_others_are_ticked_at_once(
    page, lead, project
):
    version = table_version(
        {"hba1c": ("number", [31.0, 42.0, 60.0]), "age": ("integer", [40, 50, 60])},
        dataset=DatasetFactory(project=project),
    )
    version.columns.filter(name="hba1c").update(profile={"quantiles": {"0.5": 42}})
    SharedVariableFactory(project=project, name="hba1c", type="number", unit="%")
    SharedVariableFactory(project=project, name="age", type="integer", unit="a")
    shown = page(lead).get("/projects/heart/variable-suggestions/")
    assert "unusual in % and usual in mmol/mol: find out its unit" in text_of(shown)
    assert shown.text.count("data-doubtful") == 1


def test_several_suggestions_are_taken_back_in_one_step(page, lead, project):
    dataset = DatasetFactory(project=project, title="Oslo clinic")
    columns = {"Age": ("integer", [40, 50]), "tot_chol": ("number", [5.1, 6.2])}
    table_version(columns, dataset=dataset)
    for name, kind in (("age", "integer"), ("chol", "number")):
        SharedVariableFactory(project=project, name=name, type=kind)
    client, url = page(lead), "/projects/heart/variable-suggestions/"
    keys = re.findall(r'name="suggestion"\s+value="([^"]+)"', client.get(url).text)
    answer = client.post(url, {"suggestion": keys}, follow=True)
    assert answer.redirect_chain[0][0].endswith("#main"), "focus goes on from there"
    assert "What you accepted is one step." in text_of(answer)
    assert Mapping.objects.count() == 2
    [undo] = re.findall(r'action="(/projects/heart/mapping-steps/[^"]+/undo/)"', answer.text)
    reader = page(MembershipFactory(project=project, role="reader").user)
    assert reader.post(undo).status_code == 403
    client = page(lead)
    assert "2 mappings are as they were." in text_of(client.post(undo, follow=True))
    assert not Mapping.objects.exists()
    again = client.post(undo, follow=True)
    assert "Nothing of this step is left to take back" in text_of(again)
    # Nothing of a step that is taken back, or of none at all, is offered again.
    for accepted in (undo.split("/")[4], "nothing", "'", ""):
        assert "is one step" not in client.get(f"{url}?accepted={accepted}").text
