"""Who may look at outputs that wait, and decide on them: who keeps the dataset and reads its rows.

Stewards and leads do not read summaries, so they decide on none of theirs.
"""

from tests.matrix.roles import KEEPER, KEEPERS, SIGNED_IN, STEWARDS
from tests.matrix.row import Rule, row

DECIDED = {
    "controlled": Rule(KEEPERS),
    "summaries": Rule(KEEPER),
    "left": Rule(STEWARDS),
    "public": Rule(KEEPERS),
    "public_controlled": Rule(KEEPERS),
    "public_left": Rule(STEWARDS),
}
RELEASE = {"decision": "release", "reason": "Whole wards."}

PAGES = [
    row("GET releases", SIGNED_IN),
    row("GET release", KEEPERS, of="release", at=DECIDED),
    row("POST release", KEEPERS, of="release", at=DECIDED, body=RELEASE, to="releases"),
]
CALLS = [
    row("GET api-releases", SIGNED_IN, scope="read:data"),
    row("GET api-release", KEEPERS, of="release", at=DECIDED, scope="read:data"),
    row(
        "POST api-release-decide",
        KEEPERS,
        of="release",
        at=DECIDED,
        body=RELEASE,
        scope="write:data",
        with_rows=True,
        ok=200,
    ),
]

ROWS = [*PAGES, *CALLS]
