"""What the demo consists of, read from the files in data/: people, projects, hospitals, answers."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
HOSPITAL_FILES = FOLDER / "heart"


@dataclass(frozen=True)
class Person:
    """One account: the key is the part of the e-mail address before the @."""

    key: str
    name: str
    institution: str
    country: str
    disciplines: list[str]
    about: str = ""


@dataclass(frozen=True)
class Opening:
    """One thing a project looks for."""

    kind: str
    detail: str
    discipline: str = ""


@dataclass(frozen=True)
class Site:
    """One study site; the institution is the site's own name where not given."""

    name: str
    country: str
    institution: str = ""


@dataclass(frozen=True)
class Member:
    """A person's role in a project."""

    person: str
    role: str


@dataclass(frozen=True)
class ProjectPlan:
    """One project with its lead, members, sites and what it looks for."""

    title: str
    question: str
    disciplines: list[str]
    conditions: list[str]
    stage: str
    visibility: str
    join_policy: str
    lead: str
    members: list[Member]
    sites: list[Site]
    openings: list[Opening]
    days_ago: int
    summary: str = ""


@dataclass(frozen=True)
class Declared:
    """What a hospital's keeper says a column may hold; codes with their meanings."""

    column: str
    low: float | None = None
    high: float | None = None
    codes: dict[str, str] = field(default_factory=dict)
    edges: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Hospital:
    """One hospital: its file, its place, who keeps its data and what may leave it."""

    name: str
    file: str
    institution: str
    country: str
    keeper: str
    role: str
    access: str = "open"
    release_policy: str = "gate"


@dataclass(frozen=True)
class Meaning:
    """What a column holds, and its unit."""

    label: str
    unit: str = ""


@dataclass(frozen=True)
class Shared:
    """One shared variable and the rule that makes it of a hospital's columns."""

    name: str
    label: str
    type: str
    topic: str
    rule: dict[str, Any]
    unit: str = ""
    codes: dict[str, str] | None = None


@dataclass(frozen=True)
class Question:
    """One analysis over all hospitals; one that `waits` is left in its keeper's queue."""

    method: str
    parameters: dict[str, Any]
    purpose: str = ""
    waits: bool = False


@dataclass(frozen=True)
class HeartPlan:
    """The four-hospital project; `project` is what `projects.create` takes."""

    slug: str
    lead: str
    waiting: str
    asks: str
    openings: list[Opening]
    project: dict[str, Any]
    sites: list[Hospital]
    labels: dict[str, Meaning]
    domains: list[Declared]
    variables: list[Shared]
    analyses: list[Question]
    not_measured: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class TriageSite:
    """One synthetic dataset: whose it is, who may read it, how many rows it has."""

    name: str
    keeper: str
    access: str
    rows: int


@dataclass(frozen=True)
class TriagePlan:
    """Synthetic datasets of one of the projects."""

    title: str
    seed: int
    sites: list[TriageSite]
    labels: dict[str, Meaning]


def read(name: str) -> dict[str, Any]:
    """One of the files in data/."""
    return tomllib.loads((FOLDER / "data" / f"{name}.toml").read_text())


def project_of(row: dict[str, Any]) -> ProjectPlan:
    """One of the invented projects."""
    parts = {
        "members": [Member(**each) for each in row["members"]],
        "sites": [Site(**each) for each in row["sites"]],
        "openings": [Opening(**each) for each in row["openings"]],
    }
    return ProjectPlan(**row | parts)


def meanings(labels: dict[str, Any]) -> dict[str, Meaning]:
    """The columns' meanings by their names."""
    return {name: Meaning(**row) for name, row in labels.items()}


def heart() -> HeartPlan:
    """The four-hospital project."""
    plan = read("heart")
    parts = {
        "openings": [Opening(**each) for each in plan["openings"]],
        "sites": [Hospital(**each) for each in plan["sites"]],
        "labels": meanings(plan["labels"]),
        "domains": [Declared(**each) for each in plan["domains"]],
        "variables": [Shared(**each) for each in plan["variables"]],
        "analyses": [Question(**each) for each in plan["analyses"]],
        "not_measured": {
            (each["variable"], each["site"]): each["why"] for each in plan["not_measured"]
        },
    }
    return HeartPlan(**plan | parts)


def triage() -> TriagePlan:
    """The synthetic datasets."""
    plan = read("triage")
    sites = [TriageSite(**each) for each in plan["sites"]]
    return TriagePlan(**plan | {"sites": sites, "labels": meanings(plan["labels"])})


_people = read("people")
PEOPLE = [Person(**row) for row in _people["people"]]
EMAIL = {person.key: f"{person.key}@{_people['domain']}" for person in PEOPLE}
PASSWORD: str = _people["password"]
PROJECTS = [project_of(row) for row in read("projects")["projects"]]
HEART = heart()
TRIAGE = triage()
