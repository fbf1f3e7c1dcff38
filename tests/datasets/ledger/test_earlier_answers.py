"""Answers from when a dataset was open stand in its ledger once a question is asked after that."""

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses import behind
from datasets.analyses.work import analyse
from datasets.datasets import actions as datasets
from datasets.models import RowSet
from portal.jobs.running import Context, Stopped, claim, claim_and_run
from tests.datasets.ledger.test_ledger import MODEL, asked, begun, version_of
from tests.factories import DatasetFactory, StudySiteFactory, table_version
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]


@pytest.fixture
def cleveland(project, lead):
    site = StudySiteFactory(project=project, name="Cleveland", country="USA")
    return DatasetFactory(
        project=project,
        site=site,
        access="project",
        threshold=5,
        release_policy="gate",
        created_by=lead,
    )


@pytest.fixture
def opened(monkeypatch):
    """The analyses whose earlier rows were opened for the ledger; `then` is called at each."""
    numbers, then = [], []
    real = behind.open_rows

    def counted(one, *others):
        numbers.append(one.analysis_id)
        for step in then:
            step()
        return real(one, *others)

    monkeypatch.setattr(behind, "open_rows", counted)
    return numbers, then


def close(dataset, by):
    datasets.change(dataset=dataset, access="controlled", by=by)


def test_each_earlier_answer_is_read_once_whatever_stood_behind_it(
    project, lead, cleveland, opened
):
    whole = version_of(cleveland, range(100))
    nobody = table_version(
        {"age": ("number", [None] * 60), "income": ("number", [1.0] * 60)},
        dataset=cleveland,
        number=2,
    )
    first = asked(project, lead, [whole])
    empty = asked(project, lead, [nobody], "describe", {"variables": ["age"]})
    assert (first.state, empty.state) == ("succeeded", "succeeded")
    close(cleveland, lead)
    later = [version_of(cleveland, range(100 + 5 * k), 3 + k) for k in (1, 2)]
    assert asked(project, lead, [later[0]]).state == "succeeded"
    assert asked(project, lead, [later[1]]).state == "succeeded"
    numbers, _ = opened
    assert numbers == [first.pk, empty.pk]
    assert RowSet.objects.filter(analysis=first.pk).count() == 1
    assert not RowSet.objects.filter(analysis=empty.pk).exists()


def test_reading_earlier_answers_stops_with_the_question(project, lead, cleveland, opened):
    version = version_of(cleveland, range(100))
    for terms in (["age"], ["weight"], ["age", "weight"]):
        asked(project, lead, [version], parameters=MODEL | {"terms": terms})
    close(cleveland, lead)
    question = begun(project, lead, [version_of(cleveland, range(120), 2)])
    job = claim(job_of(question).pk)
    context = Context(job)
    numbers, then = opened
    # As the keeper of the lease notes it, once somebody cancelled the job.
    then.append(lambda: setattr(context._keeper, "cancelled", True))
    with pytest.raises(Stopped):
        analyse(job, context)
    assert len(numbers) == 1, "the other two are not read any more"


def test_a_run_after_they_closed_tells_nobody_which_numbers_were_round_before(
    api, page, project, lead, contributor, cleveland
):
    """Of a number that agrees the exact one would be known: it is as it was rounded."""
    first = asked(project, contributor, [version_of(cleveland, range(100))])
    close(cleveland, lead)
    again = analyses.rerun(analysis=first, by=contributor)
    assert claim_and_run(job_of(again).pk)
    again.refresh_from_db()
    assert again.differences
    assert "n" not in again.differences
    told = api(contributor).get(f"/api/v1/analyses/{again.pk}/").data
    assert told["result"]["n"] == 100
    assert (told["agrees"], told["differences"]) == (None, None)
    for one in (first, again):
        assert "10⁻⁸" not in page(contributor).get(one.get_absolute_url()).text
    assert api(lead).get(f"/api/v1/analyses/{again.pk}/").data["differences"] == again.differences
