"""Upload, harmonise, analyse, read the answer, with everything that can go wrong on the way: in
the made-up language no word escapes, and in French no English sentence of ours is left."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils.http import urlencode
from playwright.sync_api import Browser, Page, expect

from datasets.analyses.answers import answer_for
from datasets.mappings import actions as mapping_actions
from datasets.models import Analysis, Dataset, SharedVariable, Version
from members.models import User
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from projects.models import Project
from tests.browser_checks import new_page
from tests.factories import MembershipFactory, ProjectFactory, StudySiteFactory, UserFactory
from tests.language import pseudo
from tests.language.escapes import Data, English, unmarked

pytestmark = pytest.mark.django_db(transaction=True)

SITES = (("Aarhus", "DNK"), ("Brest", "FRA"), ("Coimbra", "PRT"))
# Names that read like templates, or like words of ours, stay as they are.
QUESTION = "Quo vadis"
OUTCOME, RARE, SCORE = "outcome", "%(n)d {rows}", "Rows"


def csv_of(seed: int, *, rare: int, collected: bool = True) -> str:
    """A hospital's patients; a score that piles up at 999, and few with something rare."""
    chance = random.Random(seed)
    lines = [f'{OUTCOME},age,"{RARE}",{SCORE},sure,kept']
    for row in range(60):
        age = chance.randint(30, 80)
        ill = int(chance.random() < age / 100)
        score = 999 if row % 9 == 0 else chance.randint(1, 20)
        kept = chance.randint(1, 9) if collected else ""
        lines.append(f"{ill},{age},{int(row < rare)},{score},{ill},{kept}")
    return "\n".join(lines) + "\n"


class Words:
    """What pages say that they must not: words no catalogue knows, English among the French."""

    def __init__(self) -> None:
        self.english = English("fr")
        self.faults: dict[str, str] = {}
        self.data: Data | None = None

    def look(self, page: Page) -> None:
        """At a page in the made-up language."""
        pieces = unmarked(page, self.data) if self.data else ["of what is not known yet"]
        if pieces:
            self.data = Data()
            self.data.take(QUESTION)
            for piece in unmarked(page, self.data):
                self.faults.setdefault(piece, page.url)

    def look_at_french(self, client: Client, address: str) -> None:
        """At a page as it is sent: its layout is looked at in the made-up language."""
        html = client.get(address, follow=True).text
        assert 'lang="fr"' in html.partition("<head>")[0]
        for phrase in self.english.left(html):
            self.faults.setdefault(phrase, address)


class Walk:
    """One person who goes through the portal in the made-up language and reads it in French too;
    the words of every page are looked at."""

    def __init__(self, browser: Browser, url: str, user: User, words: Words):
        self.french = Client()
        self.french.force_login(user)
        name = django_settings.LANGUAGE_COOKIE_NAME
        self.page = new_page(browser, url, self.french.cookies["sessionid"].value)
        self.page.context.add_cookies([{"name": name, "value": pseudo.CODE, "url": url}])
        self.french.cookies[name] = "fr"
        self.url, self.words = url, words

    def see(self, address: str = "") -> Page:
        """Open a page, or stay, and look at its words."""
        if address:
            self.page.goto(self.url + address, wait_until="load")
            self.words.look_at_french(self.french, address)
        self.words.look(self.page)
        return self.page

    def press(self, selector: str) -> Page:
        """Press a button that leads to a page."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(selector).first.click()
        return self.see()

    def wait(self) -> None:
        """Have the work done; a page that waits for it would load itself again."""
        self.page.goto("about:blank")
        run_jobs()

    def upload(self, folder: Path, site: str, name: str, content: str) -> Version:
        """Upload a file; look at the page before and after it is read."""
        (folder / name).write_text(content)
        page = self.see("/projects/heart/datasets/new/")
        option = page.locator("[name=site] option", has_text=site)
        page.locator("[name=site]").select_option(option.get_attribute("value"))
        page.locator("[name=title]").fill(f"{site}: {name}")
        page.locator("input[type=file]").set_input_files(folder / name)
        self.press("main form:has(input[type=file]) button[type=submit]")
        self.wait()
        version = Version.objects.latest("id")
        self.see(version.get_absolute_url())
        return version

    def define(self, name: str, type_: str) -> None:
        page = self.see("/projects/heart/variables/")
        page.evaluate("location.hash = 'add-h'")
        page.locator("[name=variable-name]").fill(name)
        page.locator("[name=variable-type]").select_option(type_)
        self.press("main form:has([name=variable-type]) button[type=submit]")

    def map(self, name: str, place: int, sql: str) -> Page:
        page = self.page
        page.goto(f"{self.url}/projects/heart/variables/{urlencode({'': name})[1:]}/")
        with page.expect_navigation(wait_until="load"):
            page.locator("article.mapping").nth(place).locator(".form-actions a").click()
        self.see()
        form = page.locator("form.rule-form")
        form.locator("[name$=kind][value=expression]").check()
        form.locator("[name$=sql]").fill(sql)
        with page.expect_navigation(wait_until="load"):
            form.locator("button[value=save]").click()
        return self.see()

    def fill(self, method: str, fill: Callable[[Page], object]) -> None:
        """Fill in a question and have it checked; look at both."""
        page = self.see(f"/projects/heart/analyses/new/?method={method}")
        page.locator("[name=title]").fill(QUESTION)
        fill(page)
        # What is filled in is kept meanwhile, under an address of its own: only a load is a page.
        with page.expect_event("load"):
            page.locator("button[name=step][value=check]").click()
        self.see()

    def ask(self, method: str, fill: Callable[[Page], object]) -> Analysis:
        """Ask a question; look at the form, the check, the job and the answer."""
        self.fill(method, fill)
        invalid = self.page.locator(".invalid")
        assert not invalid.count(), invalid.all_inner_texts()
        self.press("button[name=step][value=run]")
        analysis = Analysis.objects.latest("id")
        job = Job.objects.filter(target_id=analysis.pk, kind="analyse").latest("id")
        self.wait()
        self.see(f"/jobs/{job.pk}/")
        self.see(analysis.get_absolute_url())
        return Analysis.objects.get(pk=analysis.pk)


def run_jobs() -> None:
    """Do what a worker would, until nothing waits."""
    while job := Job.objects.filter(state=JobState.QUEUED).order_by("id").first():
        assert claim_and_run(job.pk)


@pytest.fixture
def project() -> Project:
    # What is written to her stays in her language, whatever pages are read in.
    lead = UserFactory(name="Ines", language="fr")
    project = ProjectFactory(lead=lead, slug="heart", visibility="public")
    for name, country in SITES:
        StudySiteFactory(project=project, name=name, country=country)
    return project


@pytest.fixture
def pseudo_language(settings, tmp_path) -> None:
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, pseudo.write(tmp_path / "locale")]
    settings.LANGUAGES = [*settings.LANGUAGES, (pseudo.CODE, "⟦⟧")]


def test_no_word_is_left_in_english(live_server, browser, project, tmp_path, pseudo_language):
    words = Words()
    walk = Walk(browser, live_server.url, project.memberships.get(role="lead").user, words)
    uploads(walk, tmp_path)
    mappings(walk)
    answers(walk)
    reader = MembershipFactory(project=project, role="reader").user
    refusals(Walk(browser, live_server.url, reader, words), reader)
    faults = words.faults.items()
    assert not faults, "\n".join(f"{fault}  ({address})" for fault, address in faults)


def uploads(walk: Walk, folder: Path) -> None:
    """Three good files, and some that cannot be read."""
    for seed, (site, _) in enumerate(SITES):
        content = csv_of(seed, rare=2 * (seed == 0), collected=seed != 2)
        walk.upload(folder, site, f"{site}.csv", content)
    broken = 'a,b\n1,2\n3\n4,5,6\n7,"8\n'
    version = walk.upload(folder, "Aarhus", "ragged.csv", broken)
    assert version.state == "failed"
    assert version.problems[0]["said"]["values"]
    walk.see(f"/jobs/{version.latest_job().pk}/")
    walk.see("/inbox/")


def mappings(walk: Walk) -> None:
    """A rule that cannot be understood, rules that do not fit, and one that does."""
    walk.define("age10", "number")
    for sql in ("age +* 2", "nowhere > 1", "age || 'x'", "sqrt(age, 2)", "cast(age as blob)"):
        walk.map("age10", 0, sql)
        expect(walk.page.locator("form.rule-form .field.invalid").first).to_be_visible()
    rules = {
        "age10": "age / 10",
        OUTCOME: f"{OUTCOME} > 0",
        "sure": "sure > 0",
        "kept": "kept",
        "rare": f'"{RARE}" = 1',
        "never": "age > 1000",
    }
    for name, sql in rules.items():
        if name != "age10":
            walk.define(name, "number" if name == "kept" else "boolean")
        # The forms of other sites say nothing new, but where nothing was collected to be kept.
        shown = {0, 2} if name == "kept" else {0}
        variable = SharedVariable.objects.get(name=name)
        for place, version in enumerate(Version.objects.filter(state="ready").order_by("id")):
            if place in shown:
                walk.map(name, place, sql)
                continue
            mapping_actions.save(
                variable=variable,
                dataset=version.dataset,
                version=version,
                rule={"kind": "expression", "sql": sql},
                by=variable.created_by,
            )
    walk.see("/projects/heart/variables/")


def answers(walk: Walk) -> None:
    """Every method, with cautions; a separated outcome; a question that cannot be answered."""

    def regression(*terms: str, outcome: str = OUTCOME) -> Callable[[Page], None]:
        def fill(page: Page) -> None:
            page.locator("[name=outcome]").select_option(outcome)
            page.locator("[name=exposure]").select_option(terms[0])
            for term in terms[1:]:
                page.locator(f"[name=terms][value='{term}']").check()

        return fill

    walk.fill("regression", regression("age10", outcome="never"))
    walk.press("button[name=step][value=run]")
    expect(walk.page.locator(".invalid").first).to_be_visible()
    # Of data that somebody else keeps it is told once it ran, beside open ones as an answer.
    asker = MembershipFactory(project=Project.objects.get(slug="heart")).user
    other = Walk(walk.page.context.browser, walk.url, asker, walk.words)
    Dataset.objects.filter(site__name=SITES[0][0]).update(access="summaries")
    assert other.ask("regression", regression("age10", outcome="never")).found_nothing
    Dataset.objects.update(access="summaries")
    assert other.ask("regression", regression("age10", outcome="never")).state == "failed"
    Dataset.objects.update(access="project")
    for terms in (["rare", "age10"], ["age10", "kept"], ["sure", "age10"]):
        analysis = walk.ask("regression", regression(*terms))
        assert analysis.state == "succeeded", analysis.spec
    assert {one["code"] for one in analysis.warnings} >= {"separation"}
    walk.ask("describe", lambda page: None)

    def correlation(page: Page) -> None:
        for name in ("age10", "kept"):
            page.locator(f"[name=variables][value={name}]").check()

    walk.ask("correlation", correlation)


def refusals(walk: Walk, reader: User) -> None:
    """What somebody reads who may not read the rows."""
    answers = []
    # Thresholds that grew since ask for more than gates let go.
    Dataset.objects.update(threshold=11)
    for analysis in Analysis.objects.filter(state="succeeded").order_by("id"):
        walk.see(analysis.get_absolute_url())
        answers.append(answer_for(reader, analysis))
    assert any(one.result.get("refused") for one in answers)
    assert any(one.suppressed and not one.result.get("refused") for one in answers)
