"""The main job as people do it: four hospitals, a browser, real workers, R's numbers."""

import json
import re
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from members.models import User
from portal.demo.plan import HOSPITAL_FILES
from projects.models import Membership
from tests.browser_checks import new_page
from tests.factories.members import PASSWORD
from tests.workers import running_worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

DATA = Path(__file__).parents[1] / "data"
R = json.loads((DATA / "cases/heart_four_sites/expected.json").read_text())
SITES = [
    ("Cleveland", "Cleveland Clinic Foundation", "United States", "cleveland.csv"),
    ("Hungary", "Hungarian Institute of Cardiology", "Hungary", "hungary.csv"),
    ("Switzerland", "University Hospitals", "Switzerland", "switzerland.csv"),
    ("VA Long Beach", "V.A. Medical Center", "United States", "va-long-beach.csv"),
]
EXPRESSIONS = {"disease": "num > 0", "age10": "age / 10.0"}
COPIES = ("sex", "exang")


def test_four_hospitals_one_project_one_answer(live_server, browser):
    with running_worker():
        lead = sign_up(browser, live_server.url, "Ilona Farkas")
        start_project(lead)
        # Marcus has switched scripts off: joining and uploading work without them.
        others = [
            sign_up(browser, live_server.url, name, javascript=name != "Marcus Bell")
            for name in ("Dana Whitlock", "Walter Brandt", "Marcus Bell")
        ]
        for person in others:
            ask_to_join(person)
            approve(lead)
        assert Membership.objects.count() == 4
        cleveland, switzerland, va = others
        for person, site in zip([cleveland, lead, switzerland, va], SITES, strict=True):
            upload(person, site, javascript=person is not va)
        map_variables(lead)
        analyse(cleveland, "age10", "sex", "exang")
        check_result(cleveland, R["two_stage"]["age10"]["REML_knha"])
        run_again(cleveland)
        analyse(cleveland, "sex", "age10", "exang")
        check_result(cleveland, R["two_stage_firth_sex"]["REML"])
        check_separated_site(cleveland)


def sign_up(browser: Browser, url: str, name: str, javascript: bool = True) -> Page:
    """A new account, its address verified by the link in the mail, a short profile."""
    email = f"{name.split()[0].lower()}@hospital.example"
    page = new_page(browser, url, javascript=javascript)
    page.goto(f"{url}/accounts/signup/")
    main(page).get_by_label("Name").fill(name)
    main(page).get_by_label("E-mail").fill(email)
    main(page).get_by_label("Password", exact=True).fill(PASSWORD)
    main(page).get_by_role("button", name=re.compile("account|sign up", re.I)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("mail", re.I))
    page.goto(link_in_mail(email, "confirm-email", url))
    main(page).get_by_role("button").first.click()
    if "/login/" in page.url:
        main(page).get_by_label("E-mail").fill(email)
        main(page).get_by_label("Password", exact=True).fill(PASSWORD)
        main(page).get_by_role("button", name="Sign in").click()
    page.goto(f"{url}/account/")
    main(page).get_by_label("Institution").fill("A hospital")
    main(page).get_by_label("Country").select_option(label="Hungary")
    main(page).get_by_label("Cardiology").check()
    main(page).get_by_role("button", name="Save").click()
    assert User.objects.get(email=email).profile.disciplines == ["cardiology"]
    return page


def link_in_mail(email: str, part: str, url: str) -> str:
    """The link of the newest mail to the address, on the server of this test."""
    newest = [message.body for message in mail.outbox if email in message.to][-1]
    path = re.search(rf"https?://[^/\s]+(/\S*{part}\S*)", newest)
    assert path, newest
    return url + path[1]


def main(page: Page):
    return page.locator("main")


def go(page: Page, path: str) -> None:
    page.goto(re.match(r"https?://[^/]+", page.url)[0] + path)


def start_project(page: Page) -> None:
    go(page, "/projects/new/")
    main(page).get_by_label("Title").fill("Heart disease")
    main(page).get_by_label("Question", exact=False).first.fill(
        "Which signs foretell it, and where?"
    )
    main(page).get_by_role("button", name=re.compile("project|save", re.I)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Heart disease")
    for name, institution, country, _ in SITES:
        go(page, "/projects/heart-disease/sites/")
        main(page).get_by_label("Name").last.fill(name)
        main(page).get_by_label("Institution").last.fill(institution)
        main(page).get_by_label("Country").last.select_option(label=country)
        main(page).get_by_role("button", name=re.compile("add", re.I)).last.click()
        expect(main(page)).to_contain_text(name)


def ask_to_join(page: Page) -> None:
    go(page, "/projects/heart-disease/")
    page.get_by_role("link", name="Ask to join").first.click()
    main(page).locator("textarea").first.fill("We bring our patients.")
    main(page).get_by_role("button", name="Ask to join").click()
    go(page, "/projects/heart-disease/")
    expect(main(page)).to_contain_text(re.compile("Requested|asked", re.I))


def approve(lead: Page) -> None:
    go(lead, "/inbox/")
    lead.get_by_role("link", name=re.compile("Decide")).first.click()
    lead.get_by_role("button", name=re.compile("Approve")).first.click()
    expect(lead.get_by_role("status").or_(lead.locator(".messages")).first).to_be_attached()


def upload(page: Page, site: tuple[str, str, str, str], javascript: bool) -> None:
    name, _, _, file = site
    go(page, "/projects/heart-disease/datasets/new/")
    main(page).get_by_label("Site").select_option(label=site_option(page, name))
    main(page).get_by_label("Title").fill(f"{name} patients")
    main(page).locator("input[type=file]").set_input_files(HOSPITAL_FILES / file)
    main(page).get_by_role("button", name="Upload").click()
    # While one page gives way to the next there is none to be loaded anew.
    page.wait_for_url(re.compile(r"/datasets/\d+/"))
    if javascript:
        expect(main(page)).to_contain_text("trestbps", timeout=60_000)
    else:
        wait_for(lambda: page.reload() and "trestbps" in main(page).inner_text())
    expect(main(page).get_by_role("heading", name="Columns")).to_be_visible()


def site_option(page: Page, name: str) -> str:
    options = main(page).get_by_label("Site").locator("option").all_inner_texts()
    return next(text for text in options if text.startswith(name))


def map_variables(page: Page) -> None:
    """Each variable is written for one hospital and applied to the three others."""
    for name in [*EXPRESSIONS, *COPIES]:
        go(page, "/projects/heart-disease/variables/#add-h")
        main(page).get_by_label("Name").fill(name)
        main(page).get_by_label("Type").select_option("number" if name == "age10" else "boolean")
        page.get_by_role("button", name="Define the variable").click()
        go(page, f"/projects/heart-disease/variables/{name}/")
        page.get_by_role("link", name="Write a rule").first.click()
        source = page.locator("article.cell")
        if name in COPIES:
            source.get_by_role("button", name="Accept the suggestion").click()
        else:
            source.locator("[name$=kind][value=expression]").check()
            expect(source.locator("[name$=column]")).to_be_hidden()
            source.locator("[name$=sql]").fill(EXPRESSIONS[name])
            source.get_by_role("button", name="Save the rule").click()
        page.locator(".matrix-cell:focus").click()
        page.get_by_role("link", name="Apply to other datasets").first.click()
        expect(page.locator("input[name=dataset]:checked")).to_have_count(3)
        page.get_by_role("button", name="Apply to the ticked datasets").click()
    go(page, "/projects/heart-disease/variables/")
    expect(page.locator(".status-link", has_text="Complete")).to_have_count(16)


def analyse(page: Page, exposure: str, *others: str) -> None:
    go(page, "/projects/heart-disease/analyses/new/")
    main(page).get_by_label("Title").fill("Age, sex and angina")
    page.locator("[name=exposure]").select_option(exposure)
    page.locator("[name=outcome]").select_option("disease")
    for term in others:
        page.locator(f"[name=terms][value={term}]").check()
    page.get_by_role("button", name="Check the question").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("effect by region"))).to_be_visible(
        timeout=90_000
    )


def check_result(page: Page, reference: dict[str, float]) -> None:
    """The page prints R's number in its sentence and in its figure."""
    odds = round_odds(reference["estimate"])
    expect(page.locator(".answer-sentence")).to_contain_text(odds)
    expect(page.locator("table.forest tr.forest-total")).to_contain_text(odds)
    expect(main(page)).to_contain_text("Switzerland")


def check_separated_site(page: Page) -> None:
    """No Swiss woman is without disease: every site's estimate for sex is Firth's."""
    expect(main(page)).to_contain_text("Firth")
    hungary = page.locator("table.forest tr", has_text="Hungary").first
    expect(hungary).to_contain_text(round_odds(R["sitewise_firth"]["Hungary"]["coef"][2]))


def round_odds(log_odds: float) -> str:
    return f"{2.718281828459045**log_odds:.2f}"


def run_again(page: Page) -> None:
    main(page).get_by_role("button", name="Run again").click()
    expect(main(page)).to_contain_text(re.compile("every number|agrees|same", re.I), timeout=90_000)
