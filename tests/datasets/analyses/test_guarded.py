"""Open data answered once more for whoever reads none of their rows: when that is made, and that
nothing else tells them of the rows."""

import re
from html import unescape

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses import answerable, guarded_work, inputs
from datasets.analyses.answers import guarded_answers
from datasets.analyses.closed import NOT_MADE, NOT_TOLD, STOPPED, UNREAD
from datasets.analyses.permissions import require_told
from datasets.choices import JobKind
from datasets.datasets import actions as datasets
from datasets.models import Analysis, GuardedAnswer
from members.models import Notification
from portal.common.exceptions import NotAllowed
from portal.jobs import actions as jobs
from portal.jobs.models import Job
from portal.jobs.running import Context, claim, claim_and_run, succeed
from projects.memberships import actions as memberships
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

N = 60
AGES = [30 + 7 * k % 41 for k in range(N)]


@pytest.fixture
def keeper(project):
    return MembershipFactory(project=project, role="contributor").user


@pytest.fixture
def reader(project):
    """Somebody who sees the project and reads no rows."""
    return MembershipFactory(project=project, role="reader").user


@pytest.fixture
def cleveland(project, keeper):
    return hospital(project, keeper, "Cleveland")


def hospital(project, keeper, name, sick=20, access="project"):
    """A version in which so many are sick."""
    site = StudySiteFactory(project=project, name=name)
    kept = DatasetFactory(
        project=project, site=site, access=access, created_by=keeper, release_policy="gate"
    )
    columns = {
        "age": ("integer", AGES),
        "sick": ("boolean", [k < sick for k in range(N)]),
    }
    return table_version(columns, dataset=kept)


def asked(by, *versions, method="describe", **parameters):
    analysis = analyses.start(
        project=versions[0].dataset.project,
        title="How are they?",
        method=method,
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters=parameters or {"variables": ["age"]},
        by=by,
    )
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def preparing(analysis):
    """The newest work on what of it is told to whoever reads no rows."""
    return Job.objects.latest_of(JobKind.GUARD, analysis.pk)


def read(api, user, analysis, **more):
    return api(user, **more).get(f"/api/v1/analyses/{analysis.pk}/").data


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def says(api, page, person, analysis, closed):
    """On its page, in lists and calls this is told in place of an answer, and nothing else."""
    told = read(api, person, analysis)
    assert told["result"] == {"refused": closed.why}
    assert told["warnings"] == told["suppressed"] == []
    assert told["result_sha256"] != analysis.result_sha256
    for table in ("coefficients", "variables"):
        answered = api(person).get(f"/api/v1/analyses/{analysis.pk}/tables/{table}/")
        assert answered.status_code == 404
    # Whether its checks fail is told no more than the rest.
    with pytest.raises(NotAllowed, match=closed.why):
        require_told(person, analysis)
    html = text_of(page(person).get(analysis.get_absolute_url()))
    assert f"{closed.title} {closed.why}" in html
    listed = text_of(page(person).get(f"/projects/{analysis.project.slug}/analyses/"))
    for seen in (listed, html):
        assert str(closed.word) in seen
        assert "Done" not in seen, "nothing came of it"
    return html


@pytest.mark.parametrize("beside", [False, True])
def test_whether_there_is_an_answer_is_told_by_nothing(api, page, beside, monkeypatch):
    """Of a model that nobody, or somebody, lets there be: what a reader is told is the same."""
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    lead, reader = UserFactory(name="Lea Lead"), UserFactory()
    told, pages = [], []
    for sick in (0, 2):
        project = ProjectFactory(title="Hearts")
        for user, role in ((lead, "lead"), (reader, "reader")):
            MembershipFactory(project=project, user=user, role=role)
        versions = [hospital(project, lead, "Cleveland", sick)]
        if beside:
            versions.append(hospital(project, lead, "Oslo", 0, access="summaries"))
        analysis = asked(lead, *versions, method="regression", outcome="sick", terms=["age"])
        assert ("coefficients" in analysis.result) is (sick == 2)
        assert claim_and_run(preparing(analysis).pk)
        found = read(api, reader, analysis)
        job = {name: found["job"][name] for name in ("state", "error", "message", "progress")}
        names = ("state", "sentence", "result", "warnings", "tests_run", "differences", "agrees")
        line = api(reader).get(f"/api/v1/projects/{project.slug}/analyses/").data["results"][0]
        notice = Notification.objects.filter(recipient=lead).latest("id")
        listed = page(reader).get(f"/projects/{project.slug}/analyses/")
        told.append([job, *(found[name] for name in names), line["state"], notice.kind])
        pages.append((text_of(page(reader).get(analysis.get_absolute_url())), text_of(listed)))
    assert told[0] == told[1]
    assert told[0][1] == "succeeded"
    # Hashes are of their dataset; pages write their ends.
    numbers = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{8}…[0-9a-f]{4}\b|\d+")
    assert [numbers.sub("", one) for one in pages[0]] == [numbers.sub("", one) for one in pages[1]]


def test_how_many_rounds_there_were_is_in_no_list_of_jobs(api, project, lead, reader, monkeypatch):
    """By their number a reader knew in 12 worlds of 12 whether a term settles an outcome: 29 rounds
    where it did, 10 where one person spoke against it."""
    monkeypatch.setattr(inputs, "FEW_VALUES", 0)
    asked(lead, hospital(project, lead, "Oslo"), method="regression", outcome="sick", terms=["age"])
    parts = Job.objects.filter(kind=JobKind.SUMMARISE)
    assert parts.count() > 2
    for person in (reader, lead):
        seen = [api(person).get(f"/api/v1/jobs/{one.pk}/").status_code for one in parts]
        assert set(seen) == {404}


def test_who_reads_all_rows_is_told_why_there_is_no_answer(
    api, page, project, lead, keeper, monkeypatch
):
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    versions = [
        hospital(project, keeper, "Cleveland", sick=0),
        hospital(project, keeper, "Oslo", sick=0, access="summaries"),
    ]
    alone = asked(lead, versions[0], method="regression", outcome="sick", terms=["age"])
    reason = "The outcome is the same in every complete row: there is nothing to explain."
    assert read(api, lead, alone)["result"] == {"refused": reason}
    answer = page(lead).get(alone.get_absolute_url())
    assert f"This question has no answer. {reason}" in text_of(answer)
    assert "Where this number comes from" not in text_of(answer), "there is none"
    assert answer.text.index("<h2") < answer.text.index("<h3"), "no level of headings is left out"
    assert "No answer" in page(lead).get("/projects/heart/analyses/").text
    # Beside rows that one does not read it may tell of these.
    both = asked(lead, *versions, method="regression", outcome="sick", terms=["age"])
    share = both.releases.get()
    assert str(UNREAD.why) in page(keeper).get(f"/releases/{share.pk}/").text
    both.releases.update(outcome="released")
    says(api, page, lead, both, UNREAD)
    assert read(api, keeper, both)["result"] == {"refused": reason}


def test_a_token_that_reads_no_rows_asks_nothing(api, project, lead, keeper, cleveland):
    """It would be told both of two answers that a ledger would hold; of guarded data it may bring
    versions, and a hold told how close its made-up rows came."""
    guarded = hospital(project, keeper, "Oslo", access="summaries")
    first, kept = asked(lead, cleveland), asked(lead, guarded)
    asks = api(lead, scopes=["read", "write:data"]), api(lead)
    questions = [f"/api/v1/projects/{project.slug}/analyses/{path}" for path in ("", "check/")]
    for versions in ((cleveland,), (cleveland, guarded), (guarded,)):
        question = {
            "method": "describe",
            "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
            "parameters": {"variables": ["age"]},
        }
        refused, told = [
            [call.post(url, question, format="json") for url in questions] for call in asks
        ]
        assert {one.data["code"] for one in refused} == {"insufficient_scope"}
        assert [one.status_code for one in told] == [202, 200]
    for analysis in (first, kept):
        refused, told = [call.post(f"/api/v1/analyses/{analysis.pk}/rerun/") for call in asks]
        assert (refused.data["code"], told.status_code) == ("insufficient_scope", 202)


def test_a_token_that_reads_no_rows_is_given_no_answer_that_another_was(
    api, project, lead, cleveland
):
    """The kept answer of an Idempotency-Key was told to any token of the same person."""
    question = {
        "method": "describe",
        "inputs": [{"dataset": cleveland.dataset_id, "version": cleveland.number}],
        "parameters": {"variables": ["age"]},
    }
    url, key = f"/api/v1/projects/{project.slug}/analyses/", {"Idempotency-Key": "once"}
    for reads, status in ((True, 202), (True, 202), (False, 409)):
        call = api(lead, scopes=["read", "write:data", *(["read:data"] if reads else [])])
        answer = call.post(url, question, format="json", headers=key)
        assert answer.status_code == status
    assert answer.data["code"] == "idempotency_key_reused"


def test_until_gates_have_let_it_go_an_answer_of_open_data_says_so(
    api, page, lead, reader, cleveland
):
    analysis = asked(lead, cleveland)
    html = says(api, page, reader, analysis, NOT_MADE)
    assert "Prepare an answer for whoever reads no rows Waiting" in html
    assert read(api, reader, analysis)["guarded_job"]["state"] == "queued"
    assert not GuardedAnswer.objects.exists(), "to read it is not to make it"
    assert claim_and_run(preparing(analysis).pk)
    told = read(api, reader, analysis)
    assert (told["guarded_job"], told["result"]["approximate"]) == (None, True)
    GuardedAnswer.objects.update(result=None)
    says(api, page, reader, analysis, NOT_TOLD)
    assert read(api, lead, analysis)["result"] == analysis.result


def test_what_was_not_made_says_so_and_is_tried_again(api, page, lead, reader, cleveland):
    analysis = asked(lead, cleveland)
    jobs.cancel(job=preparing(analysis), by=lead)
    assert "Try again" not in says(api, page, reader, analysis, STOPPED)
    assert read(api, reader, analysis)["guarded_job"]["state"] == "cancelled"
    token = api(lead, scopes=["read"])
    assert token.get(f"/api/v1/analyses/{analysis.pk}/").data["result"] == {"refused": STOPPED.why}
    jobs.retry(job=preparing(analysis), by=lead)
    says(api, page, reader, analysis, NOT_MADE)
    assert claim_and_run(preparing(analysis).pk)
    assert read(api, reader, analysis)["result"]["approximate"] is True


def test_what_is_made_while_somebody_looks_was_not_stopped(lead, cleveland):
    analysis = asked(lead, cleveland)
    assert claim_and_run(preparing(analysis).pk)
    GuardedAnswer.objects.all().delete()
    assert guarded_answers([analysis.pk]) == {analysis.pk: NOT_MADE}


def test_who_asked_tries_again_where_they_read_no_rows_any_more(
    page, project, lead, keeper, cleveland
):
    member = MembershipFactory(project=project, role="steward")
    analysis = asked(member.user, cleveland)
    jobs.cancel(job=preparing(analysis), by=lead)
    datasets.change(dataset=cleveland.dataset, access="summaries", by=keeper)
    analysis.releases.update(outcome="released")
    html = page(member.user).get(analysis.get_absolute_url()).text
    assert f'action="/jobs/{preparing(analysis).pk}/retry/"' in html
    memberships.change_role(membership=member, role="reader", by=lead)
    assert "/retry/" not in page(member.user).get(analysis.get_absolute_url()).text


def test_rules_that_change_hold_for_answers_of_open_data_as_well(
    api, page, lead, keeper, reader, cleveland
):
    analysis = asked(lead, cleveland)
    assert claim_and_run(preparing(analysis).pk)
    before = read(api, reader, analysis)["result"]["variables"][0]["overall"]
    assert before["quantiles"] is not None
    datasets.change(dataset=cleveland.dataset, disclosure_rules="sums_only", by=keeper)
    says(api, page, reader, analysis, NOT_MADE)
    assert claim_and_run(preparing(analysis).pk)
    after = read(api, reader, analysis)["result"]["variables"][0]["overall"]
    assert after["quantiles"] is None


def test_a_threshold_that_changes_is_a_rule_that_changes(lead, keeper, cleveland):
    analysis = asked(lead, cleveland)
    assert claim_and_run(preparing(analysis).pk)
    datasets.change(dataset=cleveland.dataset, title="Cleveland again", by=keeper)
    assert GuardedAnswer.objects.exists()
    datasets.change(dataset=cleveland.dataset, threshold=10, by=keeper)
    assert not GuardedAnswer.objects.exists()
    assert preparing(analysis).state == "queued"


def test_rules_that_change_while_gates_are_asked_are_asked_again(lead, keeper, cleveland):
    analysis = asked(lead, cleveland)
    claimed = claim(preparing(analysis).pk)
    effects = guarded_work.guard(claimed, Context(claimed))
    datasets.change(dataset=cleveland.dataset, threshold=11, by=keeper)
    assert succeed(claimed, effects)
    assert not GuardedAnswer.objects.exists()
    assert claim_and_run(Job.objects.get(kind=JobKind.GUARD, state="queued").pk)
    rules = analysis.guarded_answer.provenance["disclosure"]["rules"]
    assert [one["threshold"] for one in rules] == [11]
