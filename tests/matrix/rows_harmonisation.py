"""Who may do what with shared variables, mappings and analyses."""

from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.analyses.forms import input_value
from tests.matrix.projects import named
from tests.matrix.roles import (
    CONTRIBUTORS,
    EVERYBODY,
    KEEPER,
    KEEPERS,
    LEAD,
    MEMBERS,
    NOBODY,
    SIGNED_IN,
    STEWARDS,
)
from tests.matrix.row import Rule, row

CLOSED = 403
"""A page of the project that people who are not signed in may know of, and not look into."""

HIDDEN = 404
NEW = {"name": "bmi", "type": "number", "label": "Body mass index"}
NEW_FORM = {f"variable-{name}": value for name, value in NEW.items()}
CHANGE_FORM = {"variable-name": "spare", "variable-type": "number", "variable-label": "Changed"}
COPY = {"kind": "copy", "column": "age"}
PUBLIC = {"public": Rule(EVERYBODY)}
PUBLIC_CALL = {"public": Rule(SIGNED_IN)}
"""The public project, for whoever is signed in."""


def rule_form(t):
    """The form of a mapping."""
    values = {"version": 1, "note": "Third try", **COPY}
    return {f"mapping-{t.dataset.pk}-{name}": value for name, value in values.items()}


def question(t):
    """A question about the mapped variable, over the API."""
    return {
        "title": "How old are they?",
        "method": "describe",
        "inputs": [named(t.version)],
        "parameters": {"variables": [t.variable.name], "by": None},
    }


def question_form(t):
    """The same question, as the form puts it."""
    return {
        "method": "describe",
        "step": "run",
        "title": "How old are they?",
        "variables": [t.variable.name],
        "inputs": [input_value(t.version)],
    }


def copies(t):
    """The public project's own variable, over the API."""
    return {"project": "public", "names": ["only_public"]}


def copies_form(t):
    """The same, as the page puts it."""
    return {"from": "public", "name": ["only_public"]}


WAVE = {"name": "spare_6m", "wave": "6 months", "old": "_0", "new": "_6"}
OTHERS = KEEPERS - {"lead"}
"""The lead set the rule that waits for a second person."""

INSIDE = {"visible": SIGNED_IN, "strangers": CLOSED}
MAPPING = {"visible": SIGNED_IN, "of": "variable", "to": "project-variables"}
# There the keeper set rules whose values nobody else is shown: who is not does not remove them, and
# does not approve them as if they were.
KEPT = {"summaries": Rule(KEEPER, visible=SIGNED_IN)}
UNSEEN = {"summaries": Rule(NOBODY, visible=SIGNED_IN)}
PAGES = [
    row("GET project-variables", MEMBERS, **INSIDE, at=PUBLIC),
    row(
        "POST project-variables",
        STEWARDS,
        **INSIDE,
        body=NEW_FORM,
        to="project-variable",
        at={"public": Rule(STEWARDS, **INSIDE)},
    ),
    row("GET project-variable", MEMBERS, **INSIDE, of="variable", at=PUBLIC),
    row(
        "POST project-variable-change",
        STEWARDS,
        visible=SIGNED_IN,
        of="spare",
        body=CHANGE_FORM,
        to="project-variable",
    ),
    row(
        "POST project-variable-delete",
        STEWARDS,
        visible=SIGNED_IN,
        of="spare",
        to="project-variables",
    ),
    row("GET mapping-review", CONTRIBUTORS, visible=SIGNED_IN),
    # Nothing is ticked: what somebody may map is asked for each of those that are.
    row("POST mapping-review", CONTRIBUTORS, visible=SIGNED_IN, to="mapping-review", writes=False),
    row("GET mapping-approvals", CONTRIBUTORS, visible=SIGNED_IN),
    # Nothing is ticked here either.
    row(
        "POST mapping-approvals",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        to="mapping-approvals",
        writes=False,
    ),
    row("GET mapping", MEMBERS, **INSIDE, of="variable", at=PUBLIC),
    row("POST mapping", KEEPERS, **INSIDE | MAPPING, body=rule_form),
    row("POST mapping-undo", KEEPERS, **MAPPING),
    row("POST mapping-accept", KEEPERS, **MAPPING | {"of": "unmapped"}),
    row("POST mapping-remove", KEEPERS, **MAPPING, at=KEPT),
    row("POST mapping-restore", KEEPERS, **MAPPING, body={"revision": "1"}),
    row(
        "POST mapping-approve",
        OTHERS,
        **MAPPING | {"of": "awaited"},
        body={"revision": "1"},
        at=UNSEEN,
    ),
    row("GET mapping-sheet", CONTRIBUTORS, visible=SIGNED_IN),
    # The file says nothing: what somebody may map is asked for each of its lines.
    row(
        "POST mapping-sheet",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        body={"content": "dataset,variable,rule"},
        ok=200,
        writes=False,
    ),
    row("GET mapping-sheet-fetch", MEMBERS, **INSIDE, at=PUBLIC),
    row("GET mapping-step", CONTRIBUTORS, visible=SIGNED_IN, of="step"),
    row("POST mapping-step-undo", KEEPERS, **MAPPING | {"of": "step"}),
    row("GET project-variable-copies", STEWARDS, visible=SIGNED_IN),
    row(
        "POST project-variable-copies",
        STEWARDS,
        visible=SIGNED_IN,
        body=copies_form,
        to="project-variables",
    ),
    row(
        "POST project-variable-repeat",
        STEWARDS,
        visible=SIGNED_IN,
        of="spare",
        body={f"wave-{name}": value for name, value in WAVE.items()},
        to="project-variable",
    ),
    row(
        "GET mapping-apply",
        KEEPERS,
        visible=SIGNED_IN,
        of="variable",
        at={"public": Rule(KEEPERS, visible=SIGNED_IN)},
    ),
    row("POST mapping-apply", KEEPERS, **MAPPING, body=lambda t: {"dataset": [t.other.pk]}),
    row("GET project-analyses", MEMBERS, **INSIDE, at=PUBLIC),
    row("GET project-analysis-new", CONTRIBUTORS, visible=SIGNED_IN),
    row(
        "POST project-analysis-new",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        body=question_form,
        to="analysis",
    ),
    row("GET analysis", MEMBERS, strangers=HIDDEN, of="analysis", at=PUBLIC),
    row(
        "POST analysis-look",
        CONTRIBUTORS,
        visible=MEMBERS,
        of="doubted",
        body={"reason": "To plan the next study."},
        to="analysis",
        at={"public": Rule(CONTRIBUTORS, visible=SIGNED_IN)},
    ),
    row(
        "POST analysis-rerun",
        CONTRIBUTORS,
        visible=MEMBERS,
        of="analysis",
        to="analysis",
        at={"public": Rule(CONTRIBUTORS, visible=SIGNED_IN)},
    ),
    row(
        "POST analysis-first",
        LEAD,
        visible=MEMBERS,
        of="analysis",
        body={"first": "1"},
        to="analysis",
        at={"public": Rule(LEAD, visible=SIGNED_IN)},
    ),
    row("POST analysis-without", CONTRIBUTORS, visible=MEMBERS, of="analysis", to="analysis"),
    row("GET analysis-specification", MEMBERS, strangers=HIDDEN, of="analysis", at=PUBLIC),
    row("GET analysis-table", MEMBERS, strangers=HIDDEN, of="analysis", at=PUBLIC),
]

WRITE = {"visible": SIGNED_IN, "scope": "write:data"}
CALLS = [
    row("GET api-variables", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row("POST api-variables", STEWARDS, **WRITE, body=NEW),
    row(
        "GET api-variable",
        MEMBERS,
        visible=SIGNED_IN,
        scope="read",
        of="variable",
        at=PUBLIC_CALL,
    ),
    row("PATCH api-variable", STEWARDS, **WRITE, of="spare", body={"label": "Changed"}),
    row("DELETE api-variable", STEWARDS, **WRITE, of="spare"),
    row("GET api-mapping", MEMBERS, visible=SIGNED_IN, scope="read", of="variable", at=PUBLIC_CALL),
    row(
        "PUT api-mapping",
        KEEPERS,
        **WRITE,
        of="variable",
        body={"version": 1, "status": "partial", "rule": COPY},
    ),
    row("DELETE api-mapping", KEEPERS, **WRITE, of="variable", at=KEPT),
    row(
        "POST api-mapping-preview",
        KEEPERS,
        **WRITE,
        of="variable",
        body={"version": 1, "rule": COPY},
        ok=200,
        writes=False,
    ),
    row("GET api-mapping-suggestions", CONTRIBUTORS, visible=SIGNED_IN, scope="read"),
    # The key is of none: what somebody may map is asked for each that is.
    row(
        "POST api-mapping-suggestions",
        CONTRIBUTORS,
        **WRITE,
        body={"accept": ["1.1.0"]},
        ok=200,
        writes=False,
    ),
    row("GET api-mapping-approvals", CONTRIBUTORS, visible=SIGNED_IN, scope="read"),
    row(
        "POST api-mapping-approvals",
        CONTRIBUTORS,
        **WRITE,
        body={"approve": ["1.1.0"]},
        ok=200,
        writes=False,
    ),
    row("POST api-mapping-approve", OTHERS, **WRITE, of="awaited", body={"revision": 1}, ok=200),
    row("GET api-mapping-sheet", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row(
        "POST api-mapping-sheet",
        CONTRIBUTORS,
        **WRITE,
        body=lambda t: {"file": SimpleUploadedFile("m.csv", b"dataset,variable,rule")},
        files=True,
        ok=200,
        writes=False,
    ),
    row("POST api-mapping-step-undo", KEEPERS, **WRITE, of="step", ok=200),
    row("GET api-variable-copies", STEWARDS, visible=SIGNED_IN, scope="read"),
    row("POST api-variable-copies", STEWARDS, **WRITE, body=copies),
    row("POST api-variable-repeat", STEWARDS, **WRITE, of="spare", body=WAVE),
    row("POST api-mapping-undo", KEEPERS, **WRITE, of="variable", ok=200),
    row("GET api-mapping-suggestion", KEEPERS, visible=SIGNED_IN, scope="read", of="variable"),
    row("GET api-analyses", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row("POST api-analyses", CONTRIBUTORS, **WRITE, with_rows=True, body=question, ok=202),
    row(
        "POST api-analysis-check",
        CONTRIBUTORS,
        **WRITE,
        with_rows=True,
        body=question,
        ok=200,
        writes=False,
    ),
    row("GET api-analysis", MEMBERS, scope="read", of="analysis", at=PUBLIC_CALL),
    row(
        "POST api-analysis-rerun",
        CONTRIBUTORS,
        visible=MEMBERS,
        scope="write:data",
        with_rows=True,
        of="analysis",
        ok=202,
        at={"public": Rule(CONTRIBUTORS, visible=SIGNED_IN)},
    ),
    row(
        "POST api-analysis-look",
        CONTRIBUTORS,
        visible=MEMBERS,
        scope="write:data",
        of="doubted",
        body={"reason": "To plan the next study."},
        at={"public": Rule(CONTRIBUTORS, visible=SIGNED_IN)},
    ),
    row(
        "PUT api-analysis-first",
        LEAD,
        visible=MEMBERS,
        scope="write",
        of="analysis",
        ok=200,
        at={"public": Rule(LEAD, visible=SIGNED_IN)},
    ),
    row(
        "DELETE api-analysis-first",
        LEAD,
        visible=MEMBERS,
        scope="write",
        of="doubted",
        ok=204,
        at={"public": Rule(LEAD, visible=SIGNED_IN)},
    ),
    row("GET api-analysis-table", MEMBERS, scope="read", of="analysis", at=PUBLIC_CALL),
]

ROWS = [*PAGES, *CALLS]
