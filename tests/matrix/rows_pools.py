"""Who may do what with pooled tables: they exist for whoever may read every row in them."""

from tests.matrix.projects import named
from tests.matrix.roles import CONTRIBUTORS, MEMBERS, SIGNED_IN, STEWARDS
from tests.matrix.row import Rule, row

SEEN = {
    "of": "pooled",
    # The public project's data are open, so all its members read them.
    "at": {"public": Rule(MEMBERS, strangers=404)},
}
SEEN_BY_CALL = {"of": "pooled", "at": {"public": Rule(MEMBERS)}, "scope": "read:data"}
ROWS = [
    row("GET pooled-tables", MEMBERS, visible=SIGNED_IN, at={"public": Rule(SIGNED_IN)}),
    row(
        "POST pooled-tables",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        body=lambda t: {"versions": [t.version.pk]},
        to="pooled-table",
    ),
    row("GET pooled-table", CONTRIBUTORS, strangers=404, **SEEN),
    row("GET pooled-table-recipe", CONTRIBUTORS, strangers=404, **SEEN),
    row("GET pooled-table-download", CONTRIBUTORS, strangers=404, **SEEN),
    row(
        "POST pooled-table-remove",
        STEWARDS,
        visible=CONTRIBUTORS,
        of="pooled",
        to="pooled-tables",
        at={"public": Rule(STEWARDS, visible=MEMBERS)},
    ),
    row(
        "GET api-pooled-tables",
        MEMBERS,
        visible=SIGNED_IN,
        scope="read:data",
        at={"public": Rule(SIGNED_IN)},
    ),
    row(
        "POST api-pooled-tables",
        CONTRIBUTORS,
        visible=SIGNED_IN,
        scope="write:data",
        with_rows=True,
        body=lambda t: {"inputs": [named(t.version)]},
        ok=202,
    ),
    row("GET api-pooled-table", CONTRIBUTORS, **SEEN_BY_CALL),
    row("GET api-pooled-table-download", CONTRIBUTORS, **SEEN_BY_CALL),
    row(
        "DELETE api-pooled-table",
        STEWARDS,
        visible=CONTRIBUTORS,
        of="pooled",
        scope="write:data",
        at={"public": Rule(STEWARDS, visible=MEMBERS)},
    ),
]
