"""Rules of somebody else approved together: on their page and in one call."""

import re

import pytest

from datasets.harmonisation.matrix import Matrix
from datasets.harmonisation.waiting_cells import waiting_cells
from datasets.mappings import actions as mappings
from datasets.models import Dataset, Mapping
from members.models import AuditEvent
from projects.projects.permissions import permissions_of
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    StudySiteFactory,
    VersionFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_person")]

GRID = "/projects/heart/variables/"
PAGE = "/projects/heart/variable-approvals/"
CALL = f"/api/v1{PAGE}"
COPY = {"kind": "copy", "column": "chol"}


@pytest.fixture
def waiting(project, lead):
    """Two variables at two sites, all set by the lead."""
    made = {}
    for site in ("Oslo", "Bergen"):
        dataset = DatasetFactory(
            project=project, site=StudySiteFactory(project=project, name=site), title=f"{site} ward"
        )
        version = table_version({"chol": ("integer", [*range(150, 250)])}, dataset=dataset)
        for name, topic in (("chol", "Blood"), ("dose", "Treatment")):
            found = project.variables.filter(name=name).first()
            variable = found or SharedVariableFactory(
                project=project, name=name, type="number", topic=topic
            )
            made[name, site] = mappings.save(
                variable=variable, dataset=dataset, version=version, rule=COPY, by=lead
            )
    return made


def boxes(answer, name="approve"):
    return re.findall(rf'name="{name}"\s+value="([^"]+)"', answer.text)


def test_what_waits_is_seen_with_its_effect_and_approved_together(page, lead, steward, waiting):
    client = page(steward)
    assert PAGE in client.get(GRID).text
    assert f"{PAGE}?topic=Blood" in client.get(GRID, {"topic": "Blood", "state": "complete"}).text
    shown = client.get(PAGE)
    assert len(boxes(shown)) == 4
    assert shown.text.count("<strong>Before</strong>") == 4
    answer = client.post(PAGE, {"approve": boxes(shown)}, follow=True)
    assert "4 rules are approved." in text_of(answer)
    assert "Nothing waits for you" in text_of(answer)
    assert {one.approved_by for one in Mapping.objects.all()} == {steward}
    told = AuditEvent.objects.filter(action="mapping.approved")
    assert {one.object_id for one in told} == {str(one.pk) for one in waiting.values()}
    assert PAGE not in client.get(GRID).text


def test_a_topic_and_a_site_are_asked_for_and_stay_in_the_address(page, steward, waiting):
    client = page(steward)
    site = waiting["chol", "Oslo"].dataset.site_id
    keys = {place: f"{one.variable_id}.{one.dataset_id}.1" for place, one in waiting.items()}
    assert boxes(client.get(PAGE, {"study_site": site})) == [
        keys["chol", "Oslo"],
        keys["dose", "Oslo"],
    ]
    url = f"{PAGE}?topic=Blood"
    shown = client.get(url)
    assert boxes(shown) == [keys["chol", "Oslo"], keys["chol", "Bergen"]]
    answer = client.post(url, {"approve": boxes(shown)})
    assert answer.url == f"{url}#main", "focus goes on from there"
    assert "Remove filter: Blood" in client.get(url).text
    assert Mapping.objects.filter(approved_at=None).count() == 2


def one_changes_and_one_goes(waiting, lead):
    changed, gone = waiting["chol", "Oslo"], waiting["dose", "Bergen"]
    mappings.save(
        variable=changed.variable,
        dataset=changed.dataset,
        version=changed.version,
        rule={"kind": "expression", "sql": "chol + 1"},
        by=lead,
    )
    mappings.remove(mapping=gone, by=lead)
    return changed


def test_one_that_changed_meanwhile_is_left_out_and_named(page, lead, steward, waiting):
    client = page(steward)
    keys = boxes(client.get(PAGE))
    changed = one_changes_and_one_goes(waiting, lead)
    answer = client.post(PAGE, {"approve": [*keys, "nonsense", "1.1.x"]}, follow=True)
    told = text_of(answer)
    assert "Oslo ward, chol: The mapping changed meanwhile. Look again, then repeat." in told
    assert "Bergen ward, dose: This mapping is removed." in told
    assert "2 rules are approved." in told
    changed.refresh_from_db()
    assert changed.approved_at is None


def test_nobody_approves_their_own_or_what_they_do_not_map(page, api, lead, steward, waiting):
    keys = boxes(page(steward).get(PAGE))
    answer = page(lead).post(PAGE, {"approve": keys}, follow=True)
    assert "You set this rule: somebody else has to approve it." in text_of(answer)
    project = waiting["chol", "Oslo"].variable.project
    contributor = MembershipFactory(project=project, role="contributor").user
    assert "Nothing waits for you" in text_of(page(contributor).get(PAGE))
    client = page(contributor)
    answer = client.post(PAGE, {"approve": keys}, follow=True)
    assert "None of the ticked rules is approved." in text_of(answer)
    nothing = text_of(client.post(PAGE, follow=True))
    assert "Nothing is ticked: tick the rules that are right, then approve them." in nothing
    assert "0 rules" not in nothing
    results = api(lead).post(CALL, {"approve": keys}).json()["results"]
    assert {(one["outcome"], one["code"]) for one in results} == {("refused", "second_person")}
    assert not Mapping.objects.filter(approved_at__isnull=False).exists()


def test_values_that_are_not_shown_are_not_approved_by_the_way(page, api, lead, steward, waiting):
    rule = {"kind": "recode", "column": "chol", "map": {"150": None}, "otherwise": {"kind": "copy"}}
    one = waiting["chol", "Oslo"]
    mappings.save(
        variable=one.variable, dataset=one.dataset, version=one.version, rule=rule, by=lead
    )
    Dataset.objects.filter(pk=one.dataset_id).update(access="summaries")
    client = page(steward)
    shown = client.get(PAGE)
    [unseen] = boxes(shown, "approve_without_values")
    assert unseen not in boxes(shown)
    assert "You are not shown the values of this rule" in text_of(shown)
    client.post(PAGE, {"approve": [unseen]})
    one.refresh_from_db()
    assert one.approved_at is None
    found = api(steward).get(CALL).json()["waiting"]
    [told] = [each for each in found if each["key"] == unseen]
    assert (told["is_told_whole"], "map" in told["rule"]) == (False, False)
    client.post(PAGE, {"approve_without_values": [unseen]})
    one.refresh_from_db()
    assert (one.approved_by, one.approved_without_values) == (steward, True)


def test_a_script_reads_what_waits_and_approves_it(api, steward, waiting):
    answer = api(steward).get(CALL).json()
    assert answer["more"] is False
    first = answer["waiting"][0]
    assert (first["variable"], first["revision"], first["rule"]) == ("chol", 1, COPY)
    assert (first["status"], first["preview"]["rows"]) == ("complete", 100)
    keys = [one["key"] for one in answer["waiting"]]
    done = api(steward).post(CALL, {"approve": [*keys[:2], "0.0.0"]}).json()
    assert done["approved"] == 2
    assert [one["outcome"] for one in done["results"]] == ["approved", "approved", "changed"]
    again = api(steward).post(CALL, {"approve": keys}).json()
    assert [one["outcome"] for one in again["results"]] == ["changed"] * 2 + ["approved"] * 2
    assert api(steward).post(CALL, {"approve": keys, "all": True}).status_code == 400


def test_the_matrix_shows_only_what_waits_for_one(page, project, lead, steward, waiting):
    states = re.compile(r"Waits for (you|a second person) (\d+)")
    mappings.save(
        variable=SharedVariableFactory(project=project, name="hdl", type="number"),
        dataset=waiting["chol", "Oslo"].dataset,
        version=waiting["chol", "Oslo"].version,
        rule=COPY,
        by=steward,
    )
    mine, leads = (text_of(page(one).get(GRID)) for one in (steward, lead))
    assert states.findall(mine) == [("a second person", "5"), ("you", "4")]
    assert states.findall(leads) == [("a second person", "5"), ("you", "1")]
    mappings.approve(mapping=waiting["chol", "Oslo"], revision=1, by=steward)
    shown = page(steward).get(GRID, {"state": "waiting_for_me", "topic": "Blood"})
    assert re.findall(r'id="cell-(\w+)-\d+"', shown.text) == ["chol"]


def test_a_rule_that_changes_while_it_is_read_is_not_shown_as_the_one_before(
    project, lead, steward, waiting
):
    """Its key would approve the new rule, and what is told beside it is the old one."""
    datasets = list(Dataset.objects.filter(project=project).select_related("site", "project"))
    matrix = Matrix(steward, project, datasets, permissions_of(steward, project))
    assert len(matrix.mappings) == 4
    one_changes_and_one_goes(waiting, lead)
    found, _ = waiting_cells(matrix, matrix.variables, matrix.datasets)
    assert {one.mapping.pk for one in found} == {
        waiting["chol", "Bergen"].pk,
        waiting["dose", "Oslo"].pk,
    }


def test_the_page_asks_as_much_for_many_as_for_one(
    page, project, steward, django_assert_max_num_queries
):
    client = page(steward)

    def add(count):
        for _ in range(count):
            MappingFactory(
                variable=SharedVariableFactory(project=project),
                version=VersionFactory(ready=True, dataset__project=project),
            )

    add(1)
    client.get(PAGE)
    with django_assert_max_num_queries(20) as one:
        client.get(PAGE)
    add(9)
    with django_assert_max_num_queries(len(one)):
        assert len(boxes(client.get(PAGE))) == 10


def test_what_waits_is_not_counted_as_harmonised_and_where_one_asks_it_is_said(
    page, project, waiting, lead, steward
):
    def told():
        overview = text_of(page(lead).get("/projects/heart/"))
        [count] = re.findall(r"Harmonised</dt> ?<dd[^>]*>([^<]+)</dd>", overview)
        asking = text_of(page(lead).get("/projects/heart/analyses/new/"))
        none = "No variable can be asked about yet." in asking
        return count.strip(), none, '<details class="more-options" open>' in asking

    assert told() == ("0 of 2", True, True)
    for site in ("Oslo", "Bergen"):
        mappings.approve(mapping=waiting["chol", site], revision=1, by=steward)
    assert told() == ("1 of 2", False, False)


def test_pages_calls_and_the_file_name_datasets_in_one_order(page, api, lead, steward, waiting):
    """Pages stood site by site, and calls by age: of many that wait they told other ones."""
    first = waiting["chol", "Oslo"].dataset
    third = DatasetFactory(project=first.project, site=first.site, title="Oslo clinic")
    version = table_version({"chol": ("integer", [*range(150, 250)])}, dataset=third)
    for variable in first.project.variables.all():
        mappings.save(variable=variable, dataset=third, version=version, rule=COPY, by=lead)
    told = [one["key"] for one in api(steward).get(CALL).json()["waiting"]]
    assert told == boxes(page(steward).get(PAGE))
    Mapping.objects.all().delete()
    suggested = "/projects/heart/variable-suggestions/"
    told = [one["key"] for one in api(lead).get(f"/api/v1{suggested}").json()["suggestions"]]
    assert len(told) == 3
    assert told == boxes(page(lead).get(suggested), "suggestion")
    written = api(lead).get("/api/v1/projects/heart/mapping-file/").content.decode()
    assert written.index("Oslo clinic") < written.index("Bergen ward")
