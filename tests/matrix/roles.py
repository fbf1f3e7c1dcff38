"""Who asks: the roles of the matrix, and the sets its rows are written in.

`keeper` is a contributor who brought the datasets, `contributor` one who did not; `former` led the
project once; `other_lead` leads another project; `admin` runs the portal. `deactivated` still has
a session, a token and a lead's membership, and `registered` never confirmed the address.
"""

STRANGERS = frozenset({"anonymous", "deactivated"})
OUTSIDE = frozenset({"registered", "verified", "applicant", "former", "other_lead", "admin"})
MEMBERS = frozenset({"reader", "contributor", "keeper", "steward", "lead"})

SIGNED_IN = OUTSIDE | MEMBERS
EVERYBODY = SIGNED_IN | STRANGERS
NOBODY: frozenset[str] = frozenset()

CONTRIBUTORS = MEMBERS - {"reader"}
KEEPERS = frozenset({"keeper", "steward", "lead"})
STEWARDS = frozenset({"steward", "lead"})
LEAD = frozenset({"lead"})
KEEPER = frozenset({"keeper"})
APPLICANT = frozenset({"applicant"})
FORMER = frozenset({"former"})
READER = frozenset({"reader"})

AT_OTHER_PLACES = EVERYBODY - {"registered", "other_lead"}
"""At the project's other datasets and in the public project these two are as anybody verified."""

AS_FOREIGNERS = STRANGERS | {"registered", "verified", "reader", "lead", "admin"}
"""In the private project of others, members of this one and leads of another are as its reader or
its lead, and whoever is no member is as anybody verified."""

WITH_TOKENS = frozenset({"registered", "verified", "admin", "reader", "keeper", "lead"})
"""A token is of a person, whose roles a session asks for: these are of every kind."""
