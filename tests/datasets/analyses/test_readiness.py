"""What a question can use is told before it runs: no more than the person may know."""

import pytest
from django.template.loader import render_to_string

from datasets.analyses import readiness
from datasets.analyses.methods.checks import checks_of
from datasets.analyses.ready import Readiness, SiteReady
from datasets.engine.methods.shared.diagnostics import held_against
from datasets.engine.methods.shared.ready import LEAST_EVENTS
from datasets.models import Analysis, Dataset
from tests.factories import DatasetFactory, MembershipFactory, StudySiteFactory, table_version

pytestmark = pytest.mark.django_db

CHECK = "/api/v1/projects/heart/analyses/check/"
N = 123


def version_at(project, name, missing=0, rare=30, **values):
    """A version with N rows: `missing` of them without a dose, `rare` of them exposed."""
    columns = {
        "dose": ("number", [None] * missing + [k % 17 for k in range(N - missing)]),
        "kept": ("boolean", [k >= N - rare for k in range(N)]),
        "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
    }
    site = StudySiteFactory(project=project, name=name)
    return table_version(columns, dataset=DatasetFactory(project=project, site=site, **values))


def asked(client, versions, **parameters):
    answer = client.post(
        CHECK,
        {
            "title": "Does it go with it?",
            "method": "regression",
            "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
            "parameters": {"outcome": "sick", "terms": ["dose"]} | parameters,
        },
        format="json",
    )
    assert answer.status_code == 200, answer.data
    assert not Analysis.objects.exists()
    return answer.data


def test_rows_are_exact_for_whoever_reads_them(api, lead, project):
    versions = [version_at(project, "Oslo", missing=1), version_at(project, "Hue", missing=N)]
    found = asked(api(lead), versions)
    oslo, hue = found["sites"]
    assert (oslo["complete"], oslo["rarer_outcome"], oslo["approximate"]) == (122, 40, False)
    assert (hue["complete"], hue["absent"]) == (0, ["dose"])
    assert (found["rows"], found["complete"], found["parameters_per_site"]) == (246, 122, 1)


@pytest.mark.parametrize(("rarer", "is_few"), [(9, True), (10, False)])
def test_few_events_are_as_few_in_the_builder_as_in_the_answer(rarer, is_few):
    """The builder warned below ten for each parameter, the answer below five."""
    site = SiteReady("Oslo", 40, 40, False, rarer=rarer)
    ready = Readiness([site], [], counted=True, parameters=2)
    [told] = ready.events
    assert told["is_few"] is is_few
    found = held_against("events_per_parameter", rarer / 2, LEAST_EVENTS, least=True)
    assert (found.outcome == "fail") is is_few
    html = render_to_string("datasets/analyses/builder_panel.html", {"ready": ready})
    assert "With fewer than 5 each, " in html
    [row] = checks_of([found.to_json()])["rows"]
    assert row["asked"] == "at least 5"
    assert str(row["source"]) in html


@pytest.mark.parametrize("title", [{}, {"title": ""}, {"title": "Does it go with it?"}])
def test_neither_a_check_nor_a_question_needs_a_title(api, lead, project, title):
    version = version_at(project, "Oslo")
    question = {
        "method": "regression",
        "inputs": [{"dataset": version.dataset_id, "version": version.number}],
        "parameters": {"outcome": "sick", "terms": ["dose"]},
    } | title
    assert api(lead).post(CHECK, question, format="json").status_code == 200
    asked = api(lead).post(CHECK.removesuffix("check/"), question, format="json")
    assert asked.status_code == 202
    assert asked.data["title"] == (title.get("title") or "How does dose go with sick? (Oslo)")


def test_very_many_rows_are_not_counted_while_somebody_waits(api, lead, project, monkeypatch):
    monkeypatch.setattr(readiness, "MOST_VALUES", 100)
    found = asked(api(lead), [version_at(project, "Oslo")])
    assert found["problem"] == "So many rows are counted when the question runs, not before."
    assert found["sites"][0]["complete"] is None


@pytest.mark.parametrize(("access", "threshold"), [("controlled", 5), ("summaries", 10)])
def test_counts_of_a_guarded_dataset_are_rounded_for_everybody(
    api, lead, project, access, threshold
):
    version = version_at(project, "Oslo", missing=1, access=access, threshold=threshold)
    keeper = version.dataset.created_by
    MembershipFactory(project=project, user=keeper, role="contributor")
    for user in (lead, keeper):
        (oslo,) = asked(api(user), [version])["sites"]
        assert (oslo["complete"], oslo["rows"], oslo["rarer_outcome"]) == (125, 125, 40)
        assert oslo["approximate"] is True


def test_a_question_that_singles_somebody_out_is_not_counted(api, lead, project):
    version = version_at(project, "Oslo", rare=1, access="controlled", threshold=5)
    other = version_at(project, "Hue")
    found = asked(api(lead), [version, other], terms=["kept"])
    oslo, hue = found["sites"]
    assert (oslo["complete"], oslo["rarer_outcome"], oslo["withheld"]) == (None, None, True)
    assert "kept" in oslo["reason"]
    assert hue["complete"] == found["complete"] == N
    contributor = MembershipFactory(project=project, role="contributor").user
    (oslo, _) = asked(api(contributor), [version, other], terms=["kept"])["sites"]
    assert oslo["withheld"] is True
    assert oslo["reason"] == ""


def test_what_no_model_can_be_fitted_to_is_told_without_values(api, lead, project):
    version = version_at(project, "Oslo", missing=N)
    found = asked(api(lead), [version])
    assert found["problem"] == "No row has a value in every variable: every row lacks dose."
    project.datasets.update(access="summaries")
    found = asked(api(lead), [version])
    assert found["problem"] == "No model can be fitted to these rows as they are."


def test_the_rules_of_every_dataset_are_named(api, lead, project):
    guarded = version_at(project, "Oslo", access="controlled", disclosure_rules="strict")
    found = asked(api(lead), [guarded, version_at(project, "Hue")])
    assert [(one["profile"], one["threshold"]) for one in found["limits"]] == [
        ("strict", 10),
        ("open", 0),
    ]


def test_two_files_of_one_site_are_counted_together(api, lead, project):
    first = version_at(project, "Oslo")
    columns = {"dose": ("number", [1.0, None, 3.0]), "sick": ("boolean", [True, False, True])}
    dataset = DatasetFactory(project=project, site=first.dataset.site)
    (oslo,) = asked(api(lead), [first, table_version(columns, dataset=dataset)])["sites"]
    assert (oslo["complete"], oslo["rows"]) == (N + 2, N + 3)


def test_a_wrong_question_has_a_message_per_field(api, lead, project):
    version = version_at(project, "Oslo")
    answer = api(lead).post(
        CHECK,
        {
            "title": "",
            "method": "regression",
            "inputs": [{"dataset": version.dataset_id, "version": 1}],
            "parameters": {"outcome": "sick", "terms": ["nothing"]},
        },
        format="json",
    )
    assert answer.status_code == 400


def with_gaps(project, name, gaps, **values):
    """A version with N rows and a column for each gap, which lacks so many of its first values."""
    columns = {"dose": ("number", [k % 17 for k in range(N)])}
    columns["sick"] = ("boolean", [k % 3 == 0 for k in range(N)])
    for gap in gaps:
        column = [None] * gap + [(k * 7) % 31 for k in range(N - gap)]
        columns[f"gap{gap}"] = ("number", column)
    site = StudySiteFactory(project=project, name=name)
    return table_version(columns, dataset=DatasetFactory(project=project, site=site, **values))


@pytest.mark.parametrize("threshold", [3, 10])
@pytest.mark.parametrize("method", ["regression", "correlation", "describe"])
def test_what_a_check_counts_is_in_fives_and_never_under_the_threshold(
    api, lead, project, threshold, method
):
    """So is what one variable costs, and the rarer outcome: as a profile tells each variable."""
    gaps = [*range(1, 14), 40, N - 2, N - 12]
    version = with_gaps(project, "Oslo", gaps, access="controlled", threshold=threshold)
    counts = set()
    for added in ([], *([f"gap{gap}"] for gap in gaps)):
        names = ["dose", *added]
        chosen = {"terms": names} if method == "regression" else {"variables": [*names, "sick"]}
        if method == "regression":
            found = asked(api(lead), [version], **chosen)
        else:
            found = checked(api(lead), [version], method, chosen)
        (oslo,) = found["sites"]
        told = [oslo["complete"], oslo["rows"], oslo["rarer_outcome"]]
        if found["costliest"]:
            told.append(found["costliest"]["complete"])
        counts |= {one for one in told if one is not None}
    assert len(counts) > 2
    assert not [one for one in counts if one % 5 or 0 < one < threshold]


def test_ones_own_rows_beside_a_guarded_file_of_the_site_tell_no_finer_count(api, lead, project):
    """Each file is rounded by itself: else one's own would move the sum over a rounding's edge."""
    guarded = with_gaps(project, "Oslo", [4], access="controlled", threshold=10)
    told = set()
    for own in range(10, 30):
        columns = {"dose": ("number", [k % 5 for k in range(own)])}
        columns |= {"gap4": columns["dose"], "sick": ("boolean", [k % 2 == 0 for k in range(own)])}
        dataset = DatasetFactory(
            project=project, site=guarded.dataset.site, created_by=lead, access="project"
        )
        mine = table_version(columns, dataset=dataset)
        (oslo,) = asked(api(lead), [guarded, mine], terms=["dose", "gap4"])["sites"]
        told.add(oslo["complete"] - own)
    assert told == {125}


@pytest.mark.parametrize("method", ["regression", "correlation"])
def test_of_rows_one_does_not_read_each_variable_is_counted_alone(api, lead, project, method):
    """Whose rows lack two of them together is told by no pair of questions."""
    columns = {
        "dose": ("number", [None] * 20 + [k % 17 for k in range(N - 20)]),
        "age": ("number", [30 + 7 * k % 41 for k in range(N - 30)] + [None] * 30),
        "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
    }
    kept = version_at(project, "Oslo", access="summaries").dataset
    version = table_version(columns, dataset=kept)
    chosen = {"variables": ["dose", "age"]}
    if method == "regression":
        chosen = {"outcome": "sick", "terms": ["dose", "age"]}
    MembershipFactory(project=project, user=kept.created_by, role="contributor")
    told = []
    for user in (lead, kept.created_by):
        found = checked(api(user), [version], method, chosen)
        (oslo,) = found["sites"]
        told.append((oslo["complete"], found["complete"], oslo["at_most"], found["at_most"]))
    assert told == [(95, 95, True, True), (75, 75, False, False)]


def test_what_one_variable_costs_is_told(api, lead, project):
    oslo, hue = with_gaps(project, "Oslo", [30, 50]), with_gaps(project, "Hue", [30, 50])
    found = asked(api(lead), [oslo, hue], terms=["dose", "gap30", "gap50"])
    assert found["complete"] == 2 * (N - 50)
    assert found["costliest"] == {"variable": "gap50", "complete": 2 * (N - 30)}
    assert asked(api(lead), [oslo, hue])["costliest"] is None
    # The exposure is what the question is about: there is none without it.
    assert asked(api(lead), [oslo], terms=["gap50", "dose"])["costliest"] is None


def test_what_a_variable_costs_is_what_the_question_has_without_it(api, lead, project):
    oslo, hue = with_gaps(project, "Oslo", [3]), with_gaps(project, "Hue", [3, N - 40])
    found = asked(api(lead), [hue, oslo], terms=["dose", "gap3"])
    assert found["costliest"] == {"variable": "gap3", "complete": 2 * N}
    found = asked(api(lead), [hue], terms=["dose", "gap3", f"gap{N - 40}"])
    less = asked(api(lead), [hue], terms=["dose", "gap3"])
    assert found["costliest"] == {"variable": f"gap{N - 40}", "complete": less["complete"]}
    Dataset.objects.filter(pk=hue.dataset_id).update(access="summaries")
    found = asked(api(lead), [hue, oslo], terms=["dose", "gap3"])
    without = asked(api(lead), [hue, oslo], terms=["dose"])
    assert found["costliest"]["complete"] == without["complete"] == 250, "in fives, as every sum"


def test_of_many_rows_no_second_question_is_tried(api, lead, project, monkeypatch):
    version = with_gaps(project, "Oslo", [30])
    assert asked(api(lead), [version], terms=["dose", "gap30"])["costliest"] is not None
    monkeypatch.setattr(readiness, "MOST_TWICE", 100)
    found = asked(api(lead), [version], terms=["dose", "gap30"])
    assert (found["complete"], found["costliest"]) == (N - 30, None)


@pytest.mark.parametrize("method", ["describe", "correlation"])
def test_complete_rows_are_told_of_every_method(api, lead, project, method):
    version = with_gaps(project, "Oslo", [30])
    chosen = {"variables": ["dose", "gap30"]}
    found = checked(api(lead), [version], method, chosen)
    (oslo,) = found["sites"]
    assert (oslo["complete"], found["complete"], found["rows"]) == (N - 30, N - 30, N)


def checked(client, versions, method, parameters):
    answer = client.post(
        CHECK,
        {
            "title": "How is it spread?",
            "method": method,
            "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
            "parameters": parameters,
        },
        format="json",
    )
    assert answer.status_code == 200, answer.data
    return answer.data


def test_variables_that_cannot_be_told_apart_are_said_before_it_runs(api, lead, project):
    columns = {
        "dose": ("number", [k % 17 for k in range(N)]),
        "tens": ("number", [k % 17 / 10 for k in range(N)]),
        "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
    }
    doubled = [
        table_version(columns, dataset=version_at(project, name).dataset)
        for name in ("Oslo", "Hue")
    ]
    found = asked(api(lead), doubled, terms=["dose", "tens"], exposure="dose")
    assert found["problem"] == (
        "This question would have no answer: the rows cannot tell dose and tens apart: take one "
        "of them out."
    )
    assert asked(api(lead), doubled, terms=["dose"])["problem"] == ""
    columns["age"] = ("number", [30 + 7 * k % 41 for k in range(N)])
    more = [table_version(columns, dataset=one.dataset) for one in doubled]
    found = asked(api(lead), more, terms=["dose", "tens", "age"], exposure="age")
    assert found["problem"] == (
        "The rows cannot tell dose and tens apart: one of them will be left out."
    )
    assert found["detectable"] is not None


@pytest.mark.parametrize("access", ["open", "summaries"])
def test_where_open_rows_have_no_answer_no_effect_could_be_seen(api, lead, project, access):
    columns = {
        "dose": ("number", [k % 17 for k in range(N)]),
        "tens": ("number", [k % 17 / 10 for k in range(N)]),
    }
    versions = [
        table_version(columns, dataset=version_at(project, name, access=of).dataset)
        for name, of in (("Oslo", "open"), ("Hue", access))
    ]
    asks = {"outcome": "dose", "terms": ["tens"], "exposure": "tens", "family": "gaussian"}
    found = asked(api(lead), versions, **asks)
    assert "no answer: the terms fit every row exactly" in found["problem"]
    assert found["detectable"] is None


def test_whether_rows_of_ones_own_outweigh_guarded_ones_is_not_told(api, lead, project):
    """Moved little by little, they would give the guarded sums away: no ledger sees a check."""
    columns = {
        "dose": ("number", [k % 17 for k in range(N)]),
        "age": ("number", [30 + 7 * k % 41 for k in range(N)]),
        "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
    }
    kept = version_at(project, "Oslo", access="summaries").dataset
    guarded = table_version(columns, dataset=kept)
    found = []
    for scale in (1, 10.0**9):
        columns = {
            "dose": ("number", [scale * (k % 17) for k in range(N)]),
            "age": ("number", [scale * (k % 17) + 55 for k in range(N)]),
            "sick": ("boolean", [k % 3 == 0 for k in range(N)]),
        }
        own = table_version(columns, dataset=version_at(project, f"Own {scale}").dataset)
        question = {"terms": ["dose", "age"], "exposure": "dose"}
        found.append(asked(api(lead), [guarded, own], **question)["problem"])
    said = "At sites whose rows are open there would be no answer: the rows cannot tell dose and "
    assert found == [f"{said}age apart: take one of them out."] * 2, "it rests on one’s own alone"


@pytest.fixture
def flagged(project):
    """A guarded version in which four have a mark; makes one with one person more."""
    site = StudySiteFactory(project=project, name="Oslo")
    dataset = DatasetFactory(project=project, site=site, access="summaries", threshold=5)

    def made(number, marks, shown=None, **more):
        columns = {
            "dose": ("number", [k % 17 for k in range(N)]),
            "mark": ("boolean", [k < marks for k in range(N)]),
        }
        return table_version(columns | more, dataset=dataset, number=number, profile_of=shown)

    return made


def test_a_version_few_people_away_is_counted_as_the_one_that_is_shown(api, lead, flagged):
    """What is withheld of one and counted in the other told in two checks what who came has."""
    first = flagged(1, 4)
    later = [flagged(2, 4, first), flagged(3, 5, first)]
    found = [asked(api(lead), [one], outcome="dose", terms=["mark"]) for one in (first, *later)]
    assert [one["sites"][0]["withheld"] for one in found] == [True] * 3
    assert found[1] == found[2]
    first.dataset.access = "project"
    first.dataset.save()
    (oslo,) = asked(api(lead), later[1:], outcome="dose", terms=["mark"])["sites"]
    assert oslo["complete"] == N


def test_a_column_that_the_version_shown_lacks_is_not_counted(api, lead, flagged):
    later = flagged(2, 30, flagged(1, 30), age=("number", [30 + 7 * k % 41 for k in range(N)]))
    found = asked(api(lead), [later], outcome="dose", terms=["age"])
    said = "What few people differ in is counted when the question runs, not before."
    assert (found["problem"], found["sites"][0]["complete"]) == (said, None)
