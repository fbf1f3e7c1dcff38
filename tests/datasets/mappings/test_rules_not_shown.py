"""What a person may do to a rule whose values stay with those who read the rows."""

import pytest

from datasets.harmonisation import sheet_changes
from datasets.mappings import actions as mappings
from datasets.models import Mapping
from members.models import AuditEvent
from portal.common.exceptions import NotAllowed
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

COPY = {"kind": "copy", "column": "Code"}
RECODE = {"kind": "recode", "column": "Code", "map": {"Hapax": "a"}, "otherwise": "b"}


@pytest.fixture
def keeper(project):
    return MembershipFactory(project=project, role="contributor").user


@pytest.fixture
def version(project, keeper):
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    return table_version({"Code": ("category", ["Hapax", *["common"] * 60])}, dataset=dataset)


@pytest.fixture
def hidden(project, version, keeper):
    """The keeper's rule, which speaks of one patient's value."""
    variable = SharedVariableFactory(project=project, name="coded", type="category")
    return saved(variable, version, RECODE, keeper)


def saved(variable, version, rule, by, **more):
    values = {"variable": variable, "dataset": version.dataset, "version": version}
    return mappings.save(**values, rule=rule, by=by, **more)


def urls(mapping):
    page = f"/projects/heart/variables/coded/mappings/{mapping.dataset_id}/"
    return page, f"/api/v1{page}"


@pytest.mark.parametrize("covered", [False, True], ids=["in force", "an earlier revision"])
def test_who_is_not_shown_a_rule_does_not_remove_it(
    api, page, lead, keeper, version, hidden, covered
):
    """With it went its revisions: nobody could have brought it back."""
    if covered:
        saved(hidden.variable, version, COPY, lead)
    url, call = urls(hidden)
    shown = page(lead).get(url)
    assert f"{url}remove/" not in shown.text
    assert "You cannot remove this mapping, since a rule of it" in text_of(shown)
    refused = page(lead).post(f"{url}remove/")
    assert refused.status_code == 403
    assert "Only people who may read this dataset’s rows remove it" in text_of(refused)
    by_script = api(lead).delete(call)
    assert (by_script.status_code, by_script.data["code"]) == (403, "rule_not_shown")
    own = api(keeper, scopes=["read", "write:data"]).delete(call)
    assert (own.status_code, own.data["code"]) == (403, "insufficient_scope")
    shown = page(keeper).get(url).text
    assert f"{url}remove/" in shown
    assert "You cannot remove" not in shown
    assert api(keeper).delete(call).status_code == 204
    assert not Mapping.objects.exists()


def test_a_step_with_such_a_rule_is_not_taken_back_either(
    api, project, lead, keeper, version, hidden
):
    mappings.remove(mapping=hidden, by=keeper)
    line = f"dataset,variable,rule,column,values,otherwise\n{version.dataset_id},coded,recode,Code,"
    content = f'{line}Hapax = a,"""b"""\n'.encode()
    plan = sheet_changes.plan(project=project, content=content, by=keeper)
    batch, count = sheet_changes.apply(plan=plan, by=keeper)
    assert count == 1
    found = sheet_changes.changed_by(project=project, batch=batch, user=lead)
    with pytest.raises(NotAllowed) as refused:
        sheet_changes.take_back(found=found, batch=batch, by=lead)
    assert refused.value.code == "rule_not_shown"
    call = f"/api/v1/projects/heart/mapping-steps/{batch}/undo/"
    own = api(keeper, scopes=["read", "write:data"]).post(call)
    assert (own.status_code, own.data["code"]) == (403, "insufficient_scope")
    assert Mapping.objects.exists()


def test_it_is_approved_without_its_values_by_who_says_so(api, page, project, lead, keeper, hidden):
    project.second_person = True
    project.save()
    url, call = urls(hidden)
    shown = text_of(page(lead).get(url))
    assert "You are not shown the values of this rule" in shown
    assert "Approve without its values" in shown
    for sent in ({"revision": 1}, {"revision": 1, "without_values": False}):
        refused = api(lead).post(f"{call}approve/", sent)
        assert (refused.status_code, refused.data["code"]) == (403, "values_not_shown")
    assert page(lead).post(f"{url}approve/", {"revision": "1"}).status_code == 403
    sent = {"revision": "1", "without_values": "1"}
    assert page(lead).post(f"{url}approve/", sent).status_code == 302
    for place in (url, "/projects/heart/variables/coded/"):
        assert f"Approved by {lead.name}, who was not shown its values" in text_of(
            page(keeper).get(place)
        )
    told = api(keeper).get(call).data
    assert (told["approved_by"], told["approved_without_values"]) == (lead.name, True)
    assert AuditEvent.objects.get(action="mapping.approved").after["approved_without_values"]
    again = saved(hidden.variable, hidden.version, RECODE, keeper)
    assert (again.approved_at, again.approved_without_values) == (None, False)


def test_a_token_that_reads_no_data_says_so_too(api, project, lead, keeper, version, hidden):
    """Whoever is shown the values approves the rule with them, whatever they say."""
    project.second_person = True
    project.save()
    project.datasets.update(access="controlled")
    call = f"{urls(hidden)[1]}approve/"
    refused = api(lead, scopes=["read", "write:data"]).post(call, {"revision": 1})
    assert (refused.status_code, refused.data["code"]) == (403, "values_not_shown")
    done = api(lead).post(call, {"revision": 1, "without_values": True})
    assert (done.status_code, done.data["approved_without_values"]) == (200, False)


def test_a_made_up_rule_of_ones_own_data_has_not_the_hash_of_a_hidden_one(api, project, hidden):
    """Whoever keeps data here tried guesses on them, and read their hashes by a token."""
    guesser = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, created_by=guesser)
    codes = {"Code": ("category", ["Hapax", *["common"] * 60])}
    own = saved(hidden.variable, table_version(codes, dataset=dataset), RECODE, guesser)
    script = api(guesser, scopes=["read"])
    told, guessed = (script.get(urls(one)[1]).data["rule"]["sha256"] for one in (hidden, own))
    assert told != guessed
