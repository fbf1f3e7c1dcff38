"""A small world of projects, made by the actions as people would make it."""

from types import SimpleNamespace

from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.models import Membership
from projects.openings import actions as openings
from projects.projects import actions as projects
from projects.study_sites import actions as study_sites
from tests.factories import InstitutionFactory, ProfileFactory

PLACES = [
    ("Budapest", "HUN"),
    ("Zürich", "CHE"),
    ("Long Beach", "USA"),
    ("Kisumu", "KEN"),
    ("La Paz", "BOL"),
    ("Huế", "VNM"),
]
FIELDS = [["cardiology"], ["nephrology", "genetics"], ["paediatrics"], ["infectious-disease"]]


def person(name: str, *disciplines: str, country: str = "HUN"):
    institution = InstitutionFactory(name=f"Hospital of {name.split()[-1]}", country=country)
    return ProfileFactory(
        user__name=name,
        disciplines=list(disciplines),
        institution=institution,
        country=country,
        orcid=None,
    ).user


def build() -> SimpleNamespace:
    """A public project with everything, and eleven others of every kind."""
    lead = person("Ilona Farkas", "cardiology")
    steward = person("Max Odermatt", "biostatistics", country="CHE")
    reader = person("Joy Wanjiru", "public-health", country="KEN")
    stranger = person("Emily Carver", "biostatistics", country="USA")
    heart = projects.create(
        title="Heart disease in four hospitals",
        question="Which findings at admission go with coronary heart disease, and everywhere?",
        summary="## Why\n\nFour hospitals, **one** question.\n\n- 920 patients\n- three countries",
        disciplines=["cardiology", "epidemiology"],
        conditions=["coronary heart disease"],
        regions=["Southern Asia"],
        stage="harmonising",
        visibility="public",
        join_questions=["Which device measures blood pressure at your site?"],
        by=lead,
    )
    sites = [
        study_sites.add(
            project=heart, name=name, institution=f"Hospital of {name}", country=country, by=lead
        )
        for name, country in PLACES[:3]
    ]
    memberships.add(project=heart, user=steward, role="steward", site=sites[1], by=lead)
    memberships.add(project=heart, user=reader, role="reader", by=lead)
    gone = person("Tom Left")
    memberships.add(project=heart, user=gone, role="contributor", by=lead)
    memberships.end(membership=Membership.objects.get(project=heart, user=gone), by=lead)
    openings.add(
        project=heart, kind="method", detail="Mixed models", discipline="biostatistics", by=lead
    )
    openings.add(project=heart, kind="region", region="Southern Asia", by=lead)
    asked = join_requests.ask(
        project=heart,
        message="We bring 310 angiographies with complete risk factors.",
        answers=["An oscillometric cuff, calibrated each year."],
        by=stranger,
    )
    declined = person("Dan Declined")
    no = join_requests.ask(project=heart, message="Let me in", answers=["?"], by=declined)
    join_requests.decline(join_request=no, reason="Please tell us what you bring.", by=lead)
    others = []
    for number in range(11):
        project = projects.create(
            title=f"Question {number} about care after discharge",
            question="Does an early visit at home keep people from coming back to hospital?",
            disciplines=FIELDS[number % 4],
            stage=["planning", "recruiting", "analysing", "reporting"][number % 4],
            visibility=["listed", "public"][number % 2],
            join_policy=["manual", "verified", "closed"][number % 3],
            by=steward if number % 2 else reader,
        )
        by = project.created_by
        name, country = PLACES[number % 6]
        study_sites.add(project=project, name=name, institution=name, country=country, by=by)
        openings.add(project=project, kind="data", detail="Registries", by=by)
        others.append(project)
    return SimpleNamespace(
        lead=lead,
        steward=steward,
        reader=reader,
        stranger=stranger,
        declined=declined,
        gone=gone,
        heart=heart,
        sites=sites,
        asked=asked,
        others=others,
        listed=others[0],
        verified=others[1],
        closed=others[2],
    )
