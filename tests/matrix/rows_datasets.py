"""Who may do what with datasets, their versions, their bytes and the jobs that read them.

At `own` the rows are for the project's contributors; `controlled` ones for stewards and leads,
`summaries` for their keeper alone, what is `left` was brought by the former member.
"""

from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.domains.forms import field_of
from datasets.domains.models import Domain
from datasets.domains.proposals import Line
from tests.matrix.projects import table
from tests.matrix.roles import (
    CONTRIBUTORS,
    EVERYBODY,
    KEEPER,
    KEEPERS,
    MEMBERS,
    READER,
    SIGNED_IN,
    STEWARDS,
)
from tests.matrix.row import Rule, row

HIDDEN = 404
"""A page that people who are not signed in may ask for, of a thing they do not see."""

SEEN = {
    "public": Rule(EVERYBODY),
    "public_registered": Rule(SIGNED_IN, strangers=HIDDEN),
    "public_controlled": Rule(SIGNED_IN, strangers=HIDDEN),
    "public_project": Rule(MEMBERS, strangers=HIDDEN),
}
SEEN_BY_CALL = {
    "public": Rule(SIGNED_IN),
    "public_controlled": Rule(SIGNED_IN),
    "public_project": Rule(MEMBERS),
    "left": Rule(MEMBERS),
}
BYTES = {
    "controlled": Rule(KEEPERS, visible=MEMBERS, strangers=HIDDEN),
    "summaries": Rule(KEEPER, visible=MEMBERS, strangers=HIDDEN),
    "left": Rule(CONTRIBUTORS, visible=MEMBERS, strangers=HIDDEN),
    "public": Rule(EVERYBODY),
    "public_registered": Rule(SIGNED_IN, strangers=HIDDEN),
    "public_project": Rule(CONTRIBUTORS, visible=MEMBERS, strangers=HIDDEN),
    "public_controlled": Rule(KEEPERS, visible=SIGNED_IN, strangers=HIDDEN),
    "public_left": Rule(STEWARDS, visible=SIGNED_IN, strangers=HIDDEN),
}
CHANGED = {
    "left": Rule(STEWARDS, visible=MEMBERS),
    "public": Rule(KEEPERS, visible=SIGNED_IN),
    "public_left": Rule(STEWARDS, visible=SIGNED_IN),
}
DECLARED = CHANGED | {"summaries": Rule(KEEPER, visible=MEMBERS)}
"""Who declares what columns may hold, brings a file or has it read again, keeps or manages the
dataset, and reads its rows."""

BYTES_BY_CALL = {
    place: Rule(rule.allowed & SIGNED_IN, visible=rule.visible) for place, rule in BYTES.items()
}


def described(t):
    """What is said of a dataset, as form and as JSON."""
    return {"site": t.site.pk, "title": "Ward 3", "access": "project", "threshold": 5}


def file(t):
    """A file that the dataset does not have yet."""
    return {"file": SimpleUploadedFile("new.csv", table(rows=43), "text/csv")}


PAGES = [
    row("GET datasets", EVERYBODY),
    row(
        "GET project-datasets",
        MEMBERS,
        visible=SIGNED_IN,
        strangers=403,
        at={"public": Rule(EVERYBODY)},
    ),
    row("GET dataset-new", CONTRIBUTORS, visible=SIGNED_IN),
    row(
        "POST dataset-new",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        body=lambda t: described(t) | file(t),
        to="dataset",
    ),
    row("GET dataset", MEMBERS, strangers=HIDDEN, of="dataset", at=SEEN),
    row("GET dataset-edit", KEEPERS, visible=MEMBERS, of="dataset", at=CHANGED),
    row(
        "POST dataset-edit",
        KEEPERS,
        visible=MEMBERS,
        of="dataset",
        at=CHANGED,
        body=described,
        to="dataset",
    ),
    row("GET dataset-audit", KEEPERS, visible=MEMBERS, of="dataset", at=CHANGED),
    row("GET version-new", KEEPERS, visible=MEMBERS, of="dataset", at=DECLARED),
    row(
        "POST version-new",
        KEEPERS,
        visible=MEMBERS,
        of="dataset",
        at=DECLARED,
        body=file,
        to="version",
    ),
    row("GET version", MEMBERS, strangers=HIDDEN, of="version", at=SEEN),
    row("GET version-read-options", KEEPERS, visible=MEMBERS, of="version", at=DECLARED),
    row(
        "POST version-read-options",
        KEEPERS,
        visible=MEMBERS,
        of="version",
        at=DECLARED,
        body={"delimiter": ","},
        to="version",
    ),
    row("GET version-columns", KEEPERS, visible=MEMBERS, of="version", at=CHANGED),
    row(
        "POST version-columns",
        KEEPERS,
        visible=MEMBERS,
        of="version",
        at=DECLARED,
        body={"label-0": "Age at entry"},
        to="version",
    ),
    row("GET dataset-domains", KEEPERS, visible=MEMBERS, of="dataset", at=DECLARED),
    row(
        "POST dataset-domains",
        KEEPERS,
        visible=MEMBERS,
        of="dataset",
        at=DECLARED,
        body={field_of("low", Line(Domain(column="age"), False)): "0"},
        to="dataset",
    ),
    row("GET version-dictionary", MEMBERS, strangers=HIDDEN, of="version", at=SEEN),
    row("GET version-problems", MEMBERS, strangers=HIDDEN, of="version", at=SEEN),
    row(
        "GET version-download",
        CONTRIBUTORS,
        visible=READER,
        strangers=HIDDEN,
        of="version",
        at=BYTES,
    ),
    row("GET job", MEMBERS, of="job", at={"left": Rule(MEMBERS)}),
    row(
        "POST job-cancel",
        KEEPERS,
        visible=MEMBERS,
        of="job",
        to="version",
        at={"left": Rule(STEWARDS, visible=MEMBERS)},
    ),
    row("POST job-retry", KEEPERS, visible=MEMBERS, of="failed_job", to="version"),
]

CALLS = [
    row("GET api-datasets", SIGNED_IN, scope="read"),
    row(
        "POST api-datasets",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        scope="write:data",
        body=lambda t: described(t) | {"project": t.project.slug},
    ),
    row("GET api-dataset", MEMBERS, scope="read", of="dataset", at=SEEN_BY_CALL),
    row(
        "PATCH api-dataset",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="dataset",
        at=CHANGED,
        body=described,
    ),
    row("GET api-dataset-audit", KEEPERS, visible=MEMBERS, scope="read", of="dataset", at=CHANGED),
    row("GET api-versions", MEMBERS, scope="read", of="dataset", at=SEEN_BY_CALL),
    row(
        "POST api-versions",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="dataset",
        at=DECLARED,
        body=file,
        files=True,
        ok=202,
    ),
    row("GET api-version", MEMBERS, scope="read", of="version", at=SEEN_BY_CALL),
    row(
        "POST api-version-read-options",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="version",
        at=DECLARED,
        body={"delimiter": ","},
        ok=202,
    ),
    row("GET api-version-profile", MEMBERS, scope="read", of="version", at=SEEN_BY_CALL),
    row("GET api-version-columns", MEMBERS, scope="read", of="version", at=SEEN_BY_CALL),
    row(
        "PATCH api-version-columns",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="version",
        at=DECLARED,
        body={"columns": [{"name": "age", "label": "Age at entry"}]},
    ),
    row("GET api-dataset-domains", MEMBERS, scope="read", of="dataset", at=SEEN_BY_CALL),
    row(
        "PUT api-dataset-domains",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="dataset",
        at=DECLARED,
        body={"columns": [{"column": "age", "low": 0}]},
    ),
    row(
        "GET api-version-rows",
        CONTRIBUTORS,
        visible=READER,
        scope="read:data",
        of="version",
        at=BYTES_BY_CALL,
    ),
    row(
        "GET api-version-download",
        CONTRIBUTORS,
        visible=READER,
        scope="read:data",
        of="version",
        at=BYTES_BY_CALL,
    ),
    row("GET api-version-problems", MEMBERS, scope="read", of="version", at=SEEN_BY_CALL),
    row("GET api-job", MEMBERS, scope="read", of="job", at={"left": Rule(MEMBERS)}),
    row(
        "POST api-job-cancel",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="job",
        ok=202,
        at={"left": Rule(STEWARDS, visible=MEMBERS)},
    ),
    row(
        "POST api-job-retry",
        KEEPERS,
        visible=MEMBERS,
        scope="write:data",
        of="failed_job",
        ok=202,
    ),
]

ROWS = [*PAGES, *CALLS]
