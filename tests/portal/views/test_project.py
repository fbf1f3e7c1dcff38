"""The page of a project: its answer, what is missing for one, its numbers and its tabs."""

import re

import pytest

from datasets.analyses import actions as analyses
from datasets.models import Analysis
from portal.jobs.running import claim_and_run
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    DatasetFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    ReleaseFactory,
    SharedVariableFactory,
    StudySiteFactory,
    UserFactory,
    VersionFactory,
    table_version,
)
from tests.factories.analyses import job_of
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

URL = "/projects/heart/"
AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
SICK = [age > 45 if place % 5 else age <= 45 for place, age in enumerate(AGES)]


@pytest.fixture
def project(lead):
    return ProjectFactory(lead=lead, slug="heart", visibility="public")


@pytest.fixture
def no_lease_is_extended(monkeypatch):
    monkeypatch.setattr("portal.jobs.running.BEAT_SECONDS", 600)


def brought(project, name, country, access="project"):
    site = StudySiteFactory(project=project, name=name, country=country)
    dataset = DatasetFactory(project=project, site=site, access=access, release_policy="gate")
    # Of sixteen patients a guarded dataset would show nothing.
    times = 6 if access == "controlled" else 1
    columns = {"age": ("integer", AGES * times), "sick": ("boolean", SICK * times)}
    return table_version(columns, dataset=dataset)


def asked(project, lead, versions, title="Does age matter?"):
    return analyses.start(
        project=project,
        title=title,
        method="regression",
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters={"outcome": "sick", "terms": ["age"]},
        by=lead,
    )


def answered(analysis):
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def tabs(text):
    """What each tab counts, by its name."""
    return dict(
        re.findall(r'<a href="[^"]*"[^>]*>(\w+)<span class="count">(\d+\+?)</span></a>', text)
    )


def test_the_newest_answer_stands_first_with_its_effect_by_region(page, lead, project):
    places = (("Oslo", "NOR"), ("Turku", "FIN"), ("Lima", "PER"))
    versions = [brought(project, *place) for place in places]
    found = answered(asked(project, lead, versions))
    again = answered(analyses.rerun(analysis=found, by=lead))
    text = text_of(page(lead).get(URL))
    assert f'href="{found.get_absolute_url()}"' in text
    assert again.get_absolute_url() not in text
    assert "the odds of sick were" in text
    for site in ("Oslo", "Turku"):
        place = rf'<th role="rowheader" scope="row">Northern Europe\s*<span[^>]*>{site}'
        assert re.search(place, text), "two sites are not pooled"
    assert re.search(r'scope="row">Latin America and the Caribbean\s*<span[^>]*>Lima', text)
    assert text.index("Latest answer") < text.index("What it still needs")


def test_that_it_looks_otherwise_checked_another_way_stands_with_it(page, lead, project):
    """The page of the answer said so above its figure, and the project's page did not."""
    few = [age > 45 if place % 3 else age <= 45 for place, age in enumerate(AGES)]
    versions = []
    for name, country, sick in (("Oslo", "NOR", SICK), ("Lima", "PER", few)):
        site = StudySiteFactory(project=project, name=name, country=country)
        columns = {"age": ("integer", AGES * 6), "sick": ("boolean", sick * 6)}
        dataset = DatasetFactory(project=project, site=site, access="project")
        versions.append(table_version(columns, dataset=dataset))
    found = answered(asked(project, lead, versions))
    assert found.result["answer"]["checked_another_way"]["agrees"] is False
    for address in (URL, found.get_absolute_url()):
        text = text_of(page(lead).get(address))
        assert "Checked another way, it looks otherwise: one model over all rows has" in text


def test_a_sum_in_which_some_are_rounded_is_the_one_that_answers_have(page, lead, project):
    """“About 920 rows” stood on the overview, and “about 925” in every answer."""
    member = MembershipFactory(project=project, role="contributor").user
    kept = [("Oslo", "summaries", 23), ("Turku", "summaries", 14), ("Lima", "project", 33)]
    for name, access, rows in kept:
        site = StudySiteFactory(project=project, name=name)
        keeper = member if name == "Turku" else lead
        dataset = DatasetFactory(project=project, site=site, access=access, created_by=keeper)
        VersionFactory(dataset=dataset, ready=True, rows=rows)
    # Turku has exactly 14 for who keeps it; with that the sum would have been about 70.
    said = text_of(page(member).get(URL))
    assert re.search(r"<dt>Rows</dt><dd>about 75", said)
    assert re.search(r"Turku.*?14", said, re.S)


def test_who_may_not_read_the_rows_sees_the_answer_as_its_own_page_shows_it(page, lead, project):
    versions = [
        brought(project, "Oslo", "NOR", access="controlled"),
        brought(project, "Turku", "FIN", access="controlled"),
        brought(project, "Lima", "PER", access="project"),
    ]
    guarded = answered(asked(project, lead, versions[:2], title="Open to know of"))
    hidden = answered(asked(project, lead, versions, title="Canary 7741"))
    stranger = page(UserFactory())
    text = text_of(stranger.get(URL))
    assert "Canary" not in text
    assert hidden.get_absolute_url() not in text
    said = re.search(r'<p class="answer-sentence">.*?</p>', text)
    assert "<strong>" in said[0]
    assert said[0] in text_of(stranger.get(guarded.get_absolute_url()))


def test_tabs_count_what_the_person_may_see(page, lead, project):
    for access in ("project", "controlled", "controlled"):
        dataset = DatasetFactory(project=project, access=access, release_policy="gate")
        version = VersionFactory(dataset=dataset, ready=True)
        one = AnalysisInputFactory(analysis=AnalysisFactory(project=project), version=version)
        if access == "controlled":
            ReleaseFactory(analysis=one.analysis, dataset=dataset, outcome="released")
    SharedVariableFactory(project=project)
    SharedVariableFactory()
    MembershipFactory(project=project)
    every = {"Data": "3", "Variables": "1", "Analyses": "3", "Members": "2", "Sites": "3"}
    assert tabs(text_of(page(lead).get(URL))) == every
    assert tabs(text_of(page(lead).get(f"{URL}members/"))) == every
    seen = tabs(text_of(page(UserFactory()).get(URL)))
    assert seen == every | {"Data": "2", "Analyses": "2"}


def test_tabs_stop_counting(page, lead, project, monkeypatch):
    for module in ("portal.web.templatetags.navigation", "projects.projects.head"):
        monkeypatch.setattr(f"{module}.COUNTED", 2)
    StudySiteFactory.create_batch(4, project=project)
    assert tabs(text_of(page(lead).get(URL)))["Sites"] == "2+"


def test_without_an_answer_the_page_says_what_is_missing_for_the_first(page, lead, project):
    browser = page(lead)
    member = MembershipFactory(project=project, role="reader").user

    def says(missing, leads_to):
        main = text_of(browser.get(URL)).split("<main")[1]
        assert missing in main
        assert f'button-primary" href="{URL}{leads_to}"' in main
        browser.force_login(member)
        for_readers = text_of(browser.get(URL)).split("<main")[1]
        assert missing in for_readers
        assert "button-primary" not in for_readers
        browser.force_login(lead)

    says("The first thing missing for one is a site", "sites/")
    site = StudySiteFactory(project=project)
    says("The first thing missing for one is data", "datasets/new/")
    VersionFactory(dataset=DatasetFactory(project=project, site=site), ready=True)
    says("The first thing missing for one is a variable", "variables/")
    SharedVariableFactory(project=project)
    says("nobody has asked a question of them", "analyses/new/")
    AnalysisFactory(project=project, state="failed")
    assert "none has its answer" in text_of(browser.get(URL))


def test_strangers_are_not_told_that_what_they_may_not_see_is_missing(page, lead, project):
    brought(project, "Oslo", "NOR", access="project")
    text = text_of(page(UserFactory()).get(URL))
    assert "Nothing that you may see answers the question so far." in text
    assert "missing for one" not in text
    assert "no data yet" not in text


def test_a_question_under_way_is_named_until_it_is_answered(page, lead, project):
    analysis = asked(project, lead, [brought(project, "Oslo", "NOR"), brought(project, "A", "PER")])
    text = text_of(page(lead).get(URL))
    assert "The first answer is being computed" in text
    assert f'<a href="{analysis.get_absolute_url()}">Does age matter?</a>' in text
    answered(analysis)
    text = text_of(page(lead).get(URL))
    assert "Latest answer" in text
    assert "Under way" not in text


@pytest.mark.parametrize("who", ["lead", "stranger"])
def test_the_page_takes_the_same_queries_however_much_there_is(
    who, page, lead, project, django_assert_max_num_queries
):
    client, counts = page(lead if who == "lead" else UserFactory()), []
    answered(asked(project, lead, [brought(project, "Oslo", "NOR", access="controlled")]))
    for more in (1, 9):
        for _ in range(more):
            site = StudySiteFactory(project=project)
            OpeningFactory(project=project)
            SharedVariableFactory(project=project)
            MembershipFactory(project=project, site=site)
            version = VersionFactory(
                dataset=DatasetFactory(
                    project=project, site=site, access="controlled", release_policy="gate"
                ),
                ready=True,
            )
            waiting = AnalysisFactory(project=project)
            AnalysisInputFactory(analysis=waiting, version=version)
        with django_assert_max_num_queries(27) as asking:
            text_of(client.get(URL))
        counts.append(len(asking))
    assert len(set(counts)) == 1, counts


def test_a_lead_chooses_which_answer_stands_there(page, lead, project, api):
    versions = [brought(project, "Oslo", "NOR"), brought(project, "Turku", "FIN")]
    first = answered(asked(project, lead, versions, title="What matters"))
    second = answered(asked(project, lead, versions, title="A side question"))
    again = answered(analyses.rerun(analysis=first, by=lead))
    assert second.get_absolute_url() in text_of(page(lead).get(URL))
    address = first.get_absolute_url()
    assert "Put on the project’s page" in text_of(page(lead).get(address))
    steward = MembershipFactory(project=project, role="steward").user
    assert "Put on the project’s page" not in text_of(page(steward).get(address))
    assert page(steward).post(f"{address}first/", {"first": "1"}).status_code == 403
    assert "stands on the project’s page now" in text_of(
        page(lead).post(f"{address}first/", {"first": "1"}, follow=True)
    )
    text = text_of(page(lead).get(URL))
    assert f'href="{address}"' in text
    assert "Answer put first" in text
    assert second.get_absolute_url() not in text
    call = f"/api/v1/analyses/{second.pk}/first/"
    ended = api(lead).get(f"/api/v1{second.get_absolute_url()}").data["updated_at"]
    assert api(lead).put(call).data["stands_first"] is True
    changed = api(lead).get(f"/api/v1{second.get_absolute_url()}").data["updated_at"]
    assert changed >= ended, "whoever asks for what changed since finds it"
    assert api(lead).get(f"/api/v1{address}").data["stands_first"] is False
    assert api(lead).put(f"/api/v1/analyses/{again.pk}/first/").status_code == 409
    assert api(lead).delete(call).status_code == 204
    assert "Latest answer" in text_of(page(lead).get(URL))


def test_an_effect_over_most_sites_stands_before_what_was_asked_later(page, lead, project):
    versions = [brought(project, "Oslo", "NOR"), brought(project, "Turku", "FIN")]
    main = answered(asked(project, lead, versions, title="What matters"))
    answered(asked(project, lead, versions[:1], title="At one site"))
    described = analyses.start(
        project=project,
        title="Who they are",
        method="describe",
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters={"variables": ["sick"]},
        by=lead,
    )
    answered(described)
    text = text_of(page(lead).get(URL))
    assert f'href="{main.get_absolute_url()}"' in text
    assert "Latest answer over the most sites" in text


def test_what_a_reader_may_not_see_does_not_stand_first_for_them(page, lead, project):
    seen = answered(asked(project, lead, [brought(project, "Oslo", "NOR", access="open")]))
    guarded = brought(project, "Turku", "FIN", access="project")
    hidden = answered(asked(project, lead, [guarded], title="Canary 7742"))
    analyses.put_first(analysis=hidden, by=lead)
    assert "Canary" in text_of(page(lead).get(hidden.get_absolute_url()))
    text = text_of(page(UserFactory()).get(URL))
    assert hidden.get_absolute_url() not in text
    assert seen.pk
