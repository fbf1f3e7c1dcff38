"""A new version's profile is shown to others once enough rows came and went."""

from types import SimpleNamespace

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses.picker import pictures_of
from datasets.choices import ColumnType
from datasets.datasets import actions as datasets
from datasets.engine.rows.frame import VariableInfo
from datasets.ledger.work import Judged, judge_profile
from datasets.models import AnalysisPart
from portal.jobs.running import claim_and_run
from tests.factories import DatasetFactory, MembershipFactory
from tests.factories.analyses import job_of
from tests.factories.files import uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

SAID = "This is the profile of version 1: too few rows came and went since."


@pytest.fixture
def kept(project):
    keeper = MembershipFactory(project=project, role="contributor").user
    return DatasetFactory(project=project, access="summaries", created_by=keeper, threshold=5)


def patients(numbers):
    rows = [
        f"{30 + (7 * k) % 41},{1000 + (137 * k) % 911 + k / 1000},{'mf'[k % 2]}" for k in numbers
    ]
    return "\n".join(["age,income,sex", *rows, ""]).encode()


def version_of(dataset, content):
    version = uploaded(dataset, content)
    assert claim_and_run(version.latest_job().pk)
    version.refresh_from_db()
    assert version.is_ready
    return version


def profile(api, user, version):
    return (
        api(user)
        .get(f"/api/v1/datasets/{version.dataset_id}/versions/{version.number}/profile/")
        .data
    )


def test_one_new_patient_is_in_no_strangers_profile(api, page, project, lead, kept):
    version_of(kept, patients(range(100)))
    second = version_of(kept, patients(range(101)))
    assert second.profile_of.number == 1
    told = profile(api, lead, second)
    assert (told["version"], told["rows"], told["exact"]) == (1, 100, False)
    assert told["columns"] == profile(api, lead, kept.versions.get(number=1))["columns"]
    own = profile(api, kept.created_by, second)
    assert (own["version"], own["rows"], own["exact"]) == (2, 101, True)
    html = " ".join(page(lead).get(second.get_absolute_url()).content.decode().split())
    assert SAID in html
    html = page(kept.created_by).get(second.get_absolute_url()).content.decode()
    assert "too few rows came" not in html


@pytest.mark.parametrize(("came", "code"), [(1, "held"), (5, None)])
def test_a_question_is_compared_with_the_profile_that_people_see(project, kept, came, code):
    """What a profile leaves out and an answer tells would tell of who came between them."""
    version_of(kept, patients(range(100)))
    second = version_of(kept, patients(range(100 + came)))
    assert second.profile_of.number == 1
    analysis = analyses.start(
        project=project,
        title="How old are they?",
        method="describe",
        inputs=[{"dataset": kept.pk, "version": 2}],
        parameters={"variables": ["age"], "by": "sex"},
        by=kept.created_by,
    )
    assert claim_and_run(job_of(analysis).pk)
    assert (job_of(analysis).error or {}).get("code") == code
    held = [one for part in AnalysisPart.objects.all() for one in part.held]
    assert [(one["people"], one["version"], one["analysis"]) for one in held] == (
        [(1, 1, None)] if code else []
    )


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        (range(4, 104), 1),  # four came and four went
        (range(5, 105), 2),  # five and five
        (range(120), 1),  # twenty came and nobody went
        (range(99, -1, -1), 2),  # the same in another order
    ],
)
def test_as_many_have_to_come_and_to_go_as_the_threshold_says(api, lead, kept, numbers, shown):
    version_of(kept, patients(range(100)))
    second = version_of(kept, patients(numbers))
    assert profile(api, lead, second)["version"] == shown


def test_versions_are_compared_with_the_last_one_that_was_shown(api, lead, kept):
    version_of(kept, patients(range(100)))
    for first in (3, 6):
        newest = version_of(kept, patients(range(first, 100 + first)))
    assert profile(api, lead, newest)["version"] == 3
    assert newest.profile_of is None


def test_a_column_that_changed_for_all_hides_nobody(api, lead, kept):
    """Ages were written anew for everybody; incomes tell of one patient."""
    version_of(kept, patients(range(100)))
    text = patients(range(101)).decode().split("\n")
    moved = [line.split(",") for line in text[1:-1]]
    again = "\n".join([text[0], *(",".join([f"{age}.5", *rest]) for age, *rest in moved), ""])
    newest = version_of(kept, again.encode())
    assert profile(api, lead, newest)["version"] == 1


def test_means_of_a_profile_are_no_finer_than_their_errors(api, lead, kept):
    version = version_of(kept, patients(range(100)))
    exact = version.columns.get(name="income").profile
    told = next(one for one in profile(api, lead, version)["columns"] if one["name"] == "income")
    assert told["mean"] != exact["mean"]
    assert told["mean"] == pytest.approx(exact["mean"], abs=exact["sd"] / 10)
    assert told["sd"] == pytest.approx(exact["sd"], rel=0.08)


def test_a_first_version_shows_its_own(kept):
    first = version_of(kept, patients(range(100)))
    assert first.profile_of is None
    assert judge_profile(first, first.table_key, first.rows) == Judged()


def test_a_raised_threshold_hides_the_profile_that_tells_too_much_now(api, lead, kept):
    """Seven came and seven went: enough for five, and too few for ten."""
    version_of(kept, patients(range(100)))
    second = version_of(kept, patients(range(7, 107)))
    third = version_of(kept, patients(range(27, 127)))
    assert [profile(api, lead, one)["version"] for one in (second, third)] == [2, 3]
    datasets.change(dataset=kept, threshold=10, by=kept.created_by)
    assert [profile(api, lead, one)["version"] for one in (second, third)] == [1, 1]
    assert profile(api, kept.created_by, third)["version"] == 3, "its keeper reads the rows"
    fourth = version_of(kept, patients(range(40, 140)))
    assert profile(api, lead, fourth)["version"] == 4, "compared with what is shown now"
    datasets.change(dataset=kept, threshold=5, by=kept.created_by)
    assert profile(api, lead, second)["version"] == 1, "nothing hidden comes back by itself"


def test_a_version_that_comes_while_the_threshold_is_raised_is_judged_by_the_new_one(
    api, lead, kept, monkeypatch
):
    version_of(kept, patients(range(100)))

    def raised(version, key, rows):
        judged = judge_profile(version, key, rows)
        datasets.change(dataset=kept, threshold=10, by=kept.created_by)
        return judged

    monkeypatch.setattr("datasets.uploads.work.judge_profile", raised)
    second = version_of(kept, patients(range(7, 107)))
    assert profile(api, lead, second)["version"] == 1


def test_the_builder_draws_no_other_profile(lead, kept):
    """Its pictures are of the columns of the newest version."""
    pictures = []
    for numbers in (range(100), range(101)):
        version = version_of(kept, patients(numbers))
        names = ("age", "income", "sex")
        offers = [SimpleNamespace(info=VariableInfo(name, ColumnType.NUMBER)) for name in names]
        form = SimpleNamespace(offers=offers)
        pictures.append(pictures_of(lead, kept.project, form, [version]))
    assert pictures[0]["income"].profile["n"] == 100
    assert pictures[0] == pictures[1]
