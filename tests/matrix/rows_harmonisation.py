"""Who may do what with shared variables, mappings and analyses."""

from datasets.analyses.forms import input_value
from tests.matrix.projects import named
from tests.matrix.roles import (
    CONTRIBUTORS,
    EVERYBODY,
    KEEPERS,
    MEMBERS,
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


INSIDE = {"visible": SIGNED_IN, "strangers": CLOSED}
MAPPING = {"visible": SIGNED_IN, "of": "variable", "to": "project-variables"}
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
    row("GET mapping", MEMBERS, **INSIDE, of="variable", at=PUBLIC),
    row("POST mapping", KEEPERS, **INSIDE | MAPPING, body=rule_form),
    row("POST mapping-undo", KEEPERS, **MAPPING),
    row("POST mapping-accept", KEEPERS, **MAPPING | {"of": "unmapped"}),
    row("POST mapping-remove", KEEPERS, **MAPPING),
    row("POST mapping-restore", KEEPERS, **MAPPING, body={"revision": "1"}),
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
        "POST analysis-rerun",
        CONTRIBUTORS,
        visible=MEMBERS,
        of="analysis",
        to="analysis",
        at={"public": Rule(CONTRIBUTORS, visible=SIGNED_IN)},
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
    row("DELETE api-mapping", KEEPERS, **WRITE, of="variable"),
    row("POST api-mapping-undo", KEEPERS, **WRITE, of="variable", ok=200),
    row("GET api-mapping-suggestion", KEEPERS, visible=SIGNED_IN, scope="read", of="variable"),
    row("GET api-analyses", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row("POST api-analyses", CONTRIBUTORS, **WRITE, body=question, ok=202),
    row("GET api-analysis", MEMBERS, scope="read", of="analysis", at=PUBLIC_CALL),
    row(
        "POST api-analysis-rerun",
        CONTRIBUTORS,
        visible=MEMBERS,
        scope="write:data",
        of="analysis",
        ok=202,
        at={"public": Rule(CONTRIBUTORS, visible=SIGNED_IN)},
    ),
    row("GET api-analysis-table", MEMBERS, scope="read", of="analysis", at=PUBLIC_CALL),
]

ROWS = [*PAGES, *CALLS]
