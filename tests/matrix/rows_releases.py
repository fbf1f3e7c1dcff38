"""Who may look at outputs that wait, and decide on them: who keeps the dataset and reads its rows.

Stewards and leads do not read summaries, so they decide on none of theirs.
"""

from tests.matrix.roles import KEEPER, KEEPERS, LEAD, SIGNED_IN, STEWARDS
from tests.matrix.row import Rule, row

DECIDED = {
    "controlled": Rule(KEEPERS),
    "summaries": Rule(KEEPER),
    "left": Rule(STEWARDS),
    "public": Rule(KEEPERS),
    "public_controlled": Rule(KEEPERS),
    "public_left": Rule(STEWARDS),
}
ANSWERED = dict.fromkeys(("own", *DECIDED), Rule(LEAD))
"""By whoever asked, wherever the data are: here that is the lead."""
TEXT = {"text": "Which ward?"}
RELEASE = {"decision": "release", "reason": "Whole wards."}

PAGES = [
    row("GET releases", SIGNED_IN),
    row("GET release", KEEPERS, of="release", at=DECIDED),
    row("POST release", KEEPERS, of="release", at=DECIDED, body=RELEASE, to="releases"),
    row("POST analysis-answer", LEAD, of="asked", at=ANSWERED, body=TEXT, to="analysis"),
]
CALLS = [
    row("GET api-releases", SIGNED_IN, scope="read:data"),
    row("GET api-release", KEEPERS, of="release", at=DECIDED, scope="read:data"),
    row(
        "POST api-release-ask",
        KEEPERS,
        of="release",
        at=DECIDED,
        body=TEXT,
        scope="write:data",
    ),
    row(
        "POST api-release-answer",
        LEAD,
        of="release",
        at=ANSWERED,
        body=TEXT,
        scope="write:data",
    ),
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
