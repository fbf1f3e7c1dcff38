"""The list of a project's analyses."""

import math
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.analyses.listed import draw, picture_of
from datasets.analyses.methods import PAGES
from datasets.choices import JobKind
from datasets.engine.guard.rules import OPEN
from datasets.engine.methods import METHODS
from datasets.models import Analysis, Column
from portal.jobs.models import Job
from portal.jobs.running import claim, claim_and_run
from tests.engine.methods.cases import heart, run
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    ReleaseFactory,
    StudySiteFactory,
    VersionFactory,
    table_version,
)
from tests.factories.analyses import GuardedAnswerFactory, job_of, run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
SICK = [age > 45 if place % 5 else age <= 45 for place, age in enumerate(AGES)]


@pytest.fixture
def asked(project, lead):
    """A regression over two sites that nobody has run yet."""
    versions = [
        table_version(
            {"age": ("integer", AGES), "sick": ("boolean", SICK)},
            dataset=DatasetFactory(
                project=project, site=StudySiteFactory(project=project, name=name)
            ),
        )
        for name in ("Oslo", "Hue")
    ]
    return analyses.start(
        project=project,
        title="Does age matter?",
        method="regression",
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters={"outcome": "sick", "terms": ["age"]},
        by=lead,
    )


def said_with(numbers, sentence=""):
    return {"numbers": numbers, "emphasis": sentence}


def drawn_of(answer, numbers, sentence=""):
    picture = picture_of(answer, said_with(numbers, sentence), None)
    draw([picture])
    return picture


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_an_answer_is_listed_with_its_interval(page, api, lead, project, asked):
    claim_and_run(job_of(asked).pk)
    answer = api(lead).get(f"/api/v1/analyses/{asked.pk}/").data["result"]["answer"]
    html = page(lead).get("/projects/heart/analyses/").text
    low, high = map(math.exp, answer["ci"])
    assert (
        f"Odds ratio per 10 units {math.exp(answer['estimate']):.2f}, 95% interval "
        f"{low:.2f} to {high:.2f}"
    ) in text_of(html)
    assert 'class="interval-figure"' in html
    assert "Odds ratios are drawn from 0.1 to 10" in html


@pytest.mark.parametrize(
    ("scale", "low", "told"),
    [
        ("ratio", -0.1, "r 1, 95% interval 2, which includes “no difference”"),
        ("difference", -0.1, "r 1, 95% interval 2, which includes “no difference”"),
        ("correlation", -0.1, "r 1, 95% interval 2, which includes “no correlation”"),
        ("correlation", 0.1, "r 1, 95% interval 2"),
    ],
)
def test_the_list_says_where_nothing_at_all_fits_as_well(scale, low, told):
    answer = {"scale": scale, "estimate": 0.2, "ci": [low, 0.3]}
    numbers = [{"label": "r", "value": "1"}, {"label": "95%", "value": "2"}]
    assert picture_of(answer, said_with(numbers), None)["numbers"] == told


def test_effects_that_differ_are_drawn_one_below_the_other():
    """Of an interaction, and of several levels, the list drew nothing."""
    by = [{"estimate": 0.1 * k, "ci": [0.1 * k - 0.3, 0.1 * k + 0.3]} for k in (3, 1, 2)]
    answer = {"scale": "ratio", "estimate": 0.2, "ci": [0.1, 0.3], "by": by}
    numbers = [
        {"label": "Lowest", "value": "1.11 at Oslo"},
        {"label": "Highest", "value": "1.35 at Hue"},
        {"label": "People", "value": "40"},
    ]
    test = {"interaction_test": {"p_value": 0.034}}
    drawn = drawn_of(answer | test, numbers)
    assert str(drawn["drawing"]).count("<circle") == 3
    assert drawn["numbers"] == (
        "Lowest: 1.11 at Oslo · Highest: 1.35 at Hue · test of difference: p = 0.034"
    )
    several = {"estimate": None, "ci": None}
    levels = drawn_of(answer | several | {"by": by[:2]}, numbers)
    assert str(levels["drawing"]).count("<circle") == 2
    assert levels["numbers"] == "Lowest: 1.11 at Oslo · Highest: 1.35 at Hue"
    # Levels are drawn in the order in which they are told.
    first, second = re.findall(r'<circle class="interval-point" cx="([\d.]+)"', levels["drawing"])
    assert float(first) > float(second), "0.3 is told before 0.1"
    told = [{"label": f"Level {k}", "value": f"{k}"} for k in range(9)]
    nine = drawn_of(answer | several | {"by": by * 3}, told)
    assert str(nine["drawing"]).count("<circle") == nine["numbers"].count("Level") == 6
    many = drawn_of(answer | test | {"by": by * 3}, numbers)
    assert str(many["drawing"]).count("<circle") == 2, "the lowest and the highest"
    nothing = {"by": [{"estimate": None, "ci": None}]}
    assert picture_of(answer | test | nothing, said_with(numbers), None) is None
    assert picture_of(None, said_with(numbers), None) is None


def test_what_the_sentence_tells_is_not_told_again_beside_the_drawing():
    """Each level of a category stood there twice with its interval."""
    by = [{"estimate": 0.1 * k, "ci": [-0.3, 0.3]} for k in (1, 2)]
    answer = {"scale": "ratio", "estimate": None, "ci": None, "by": by}
    numbers = [{"label": f"pain {k}", "value": f"{k}.50 (95% CI 1 to 2)"} for k in (1, 2)]
    sentence = " and ".join(f"{one['value']} for {one['label']}" for one in numbers)
    assert drawn_of(answer, numbers, sentence)["numbers"] == "pain 1 · pain 2"
    test = answer | {"interaction_test": {"p_value": 0.034}}
    assert drawn_of(test, numbers, sentence)["numbers"] == "test of difference: p = 0.034"


def test_answers_of_one_kind_are_drawn_on_one_scale():
    """Each filled its own drawing: 1.1 to 1.3 looked like 2 to 60."""

    def right_end(one):
        return float(re.search(r"H([\d.]+)", str(one["drawing"]))[1])

    def pictures(scale, *intervals, outcome="weight"):
        numbers = said_with([{"label": "r", "value": "1"}] * 2)
        ends = [{"scale": scale, "estimate": low, "ci": [low, high]} for low, high in intervals]
        return [picture_of(one, numbers, outcome) for one in ends]

    ratios = pictures("ratio", (math.log(1.1), math.log(1.3)), (math.log(2), math.log(60)))
    correlations = pictures("correlation", (0.2, 0.5))
    weights = pictures("difference", (0.0, 5.0), (0.0, -10.0))
    heights = pictures("difference", (0.0, 5.0), outcome="height")
    draw([*ratios, *correlations, *weights, *heights])
    narrow, wide = ratios
    assert (round(right_end(narrow)), right_end(wide)) == (66, 116)
    assert str(wide["drawing"]).count("interval-line") == 2, "an arrow where it goes on"
    assert str(narrow["drawing"]).count("interval-line") == 1
    assert right_end(correlations[0]) == 60 + 56 / 2
    assert [right_end(one) for one in (*weights, *heights)] == [60 + 56 / 2, 4, 116]


def test_of_several_correlations_that_of_the_sentence_is_drawn():
    page, method = PAGES["correlation"], METHODS["correlation"]
    asked = {"variables": ["age", "trestbps", "thalach"]}
    result = run("correlation", heart(), **asked).result
    drawn = page.answer_of(result)
    said = method.say(None, method.result.from_json(result), {})
    assert f"r = {drawn['estimate']:.2f}" in said.sentence
    assert drawn["ci"][1] < 0
    assert picture_of(drawn, said_with([{"label": "r", "value": "1"}] * 2), None)


def test_a_correlation_is_no_difference_and_a_difference_has_its_unit(page, lead, project, asked):
    inputs = [
        {"dataset": one.version.dataset_id, "version": one.version.number}
        for one in asked.inputs.all()
    ]
    Column.objects.filter(name="age").update(unit="a")
    for method, parameters in (
        ("correlation", {"variables": ["age", "sick"]}),
        ("regression", {"outcome": "age", "terms": ["sick"]}),
    ):
        analysis = analyses.start(
            project=project,
            title=method,
            method=method,
            inputs=inputs,
            parameters=parameters,
            by=lead,
        )
        claim_and_run(job_of(analysis).pk)
        page_says = text_of(page(lead).get(analysis.get_absolute_url()).text)
        listed = text_of(page(lead).get("/projects/heart/analyses/").text)
        kind = "r within sites" if method == "correlation" else "Difference"
        [told] = re.findall(rf"{kind} ([^ ]+(?: years)?), 95% interval (\S+ to [^\s,]+)", listed)
        assert f"{kind} {told[0]} 95% confidence {told[1]}" in page_says, "the digits of its page"
        assert ("years" in told[0]) is (method == "regression")


def test_a_list_tells_no_more_of_an_answer_than_its_page(page, lead, project, asked):
    run_analysis(asked)
    project.datasets.update(access="summaries", threshold=11, release_policy="gate")
    for dataset in project.datasets.all():
        ReleaseFactory(analysis=asked, dataset=dataset, policy="gate", outcome="released")
    reader = MembershipFactory(project=project, role="reader").user
    for user in (reader, lead):
        assert "withheld from you" in page(user).get(asked.get_absolute_url()).text
        html = page(user).get("/projects/heart/analyses/").text
        assert "Withheld from you" in html
        assert "interval-figure" not in html
        assert "Odds ratio" not in html


def test_a_run_shows_which_sites_have_answered(page, lead, project, asked):
    client, url = page(lead), asked.get_absolute_url()
    waiting = client.get(url).text
    assert f'hx-get="{url}"' in waiting
    assert "Hue waits" in text_of(waiting)
    hue, oslo = asked.inputs.order_by("-index")
    asked.inputs.first().parts.create(round=1, statistics={})
    part = hue.parts.create(round=1)
    job = Job.objects.create(
        kind=JobKind.SUMMARISE, target_id=part.pk, project_id=project.pk, created_by=lead
    )
    assert claim(job.pk)
    fragment = client.get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert f"{oslo.site} has answered" in text_of(fragment)
    assert f"{hue.site} is computing" in text_of(fragment)


def test_a_run_that_is_over_shows_its_page(page, lead, project, asked):
    claim_and_run(job_of(asked).pk)
    answer = page(lead).get(asked.get_absolute_url(), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


def test_the_list_costs_the_same_at_any_length(page, lead, project, django_assert_num_queries):
    client = page(lead)
    AnalysisFactory(project=project)
    AnalysisFactory(project=project, succeeded=True)
    url = "/projects/heart/analyses/"
    client.get(url)
    with django_assert_num_queries(15) as one:
        client.get(url)
    for more in (9, 90):
        for _ in range(more):
            AnalysisFactory(project=project, succeeded=True)
            AnalysisFactory(project=project)
        with django_assert_num_queries(len(one)):
            assert client.get(url).content.decode().count("<td>") >= 10


def test_so_it_does_for_whoever_reads_no_rows_of_what_was_open(
    page, project, django_assert_num_queries
):
    reader = MembershipFactory(project=project, role="reader").user
    dataset = DatasetFactory(project=project, access="project")

    def ask(count):
        for _ in range(count):
            GuardedAnswerFactory(analysis=of_open(dataset))

    ask(1)
    client, url = page(reader), "/projects/heart/analyses/"
    client.get(url)
    with django_assert_num_queries(15) as one:
        assert "Withheld from you" not in client.get(url).text
    assert any("guardedanswer" in query["sql"] for query in one)
    for more in (9, 90):
        ask(more)
        with django_assert_num_queries(len(one)):
            assert "Withheld from you" not in client.get(url).text


def of_open(dataset):
    """An answer of a version of it, which was open when it was made."""
    version = VersionFactory(dataset=dataset, ready=True)
    analysis = AnalysisFactory(project=dataset.project, succeeded=True, guarded=None)
    AnalysisInputFactory(analysis=analysis, version=version)
    analysis.provenance["inputs"] = [{"dataset": dataset.pk}]
    analysis.provenance["disclosure"]["rules"] = [OPEN.to_json()]
    analysis.save()
    return analysis


def test_the_list_turns_its_pages_from_the_newest_down(page, lead, project):
    client, titles = page(lead), [f"Question {number:02}" for number in range(60)]
    moment = timezone.now()
    for number, title in enumerate(titles):
        analysis = AnalysisFactory(project=project, title=title)
        # Some were asked at once.
        Analysis.objects.filter(pk=analysis.pk).update(
            created_at=moment + timedelta(minutes=number // 4)
        )
    AnalysisFactory(project=ProjectFactory(), title="Question canary")
    url, seen = "/projects/heart/analyses/", []
    while url:
        answer = client.get(url)
        seen += re.findall(r"Question \w+", answer.text)
        url = answer.context["next"] and f"/projects/heart/analyses/{answer.context['next']}"
    assert seen == titles[::-1]
    back = client.get(f"/projects/heart/analyses/{answer.context['previous']}")
    assert re.findall(r"Question \w+", back.text) == titles[34:9:-1]


@pytest.mark.parametrize(("drafts", "folded"), [(3, False), (4, True)])
def test_many_drafts_are_folded(page, project, lead, drafts, folded):
    for number in range(drafts):
        analyses.keep(
            project=project,
            draft=None,
            method="describe",
            answers={"title": ["a"]},
            title=f"No {number}",
            by=lead,
        )
    html = page(lead).get("/projects/heart/analyses/").text
    assert all(f"No {number}" in html for number in range(drafts))
    assert bool(re.search(rf"<summary>\s*{drafts} drafts\s*</summary>", html)) is folded
