"""Which columns are called like identifiers."""

import re

_IDENTIFIER_NAME = re.compile(
    r"(?:.*[^a-z])?(?:patient|subject|record|participant|case|person|sample|study)?[^a-z]*"
    r"(?:id|ids|pid|mrn|uuid|guid|identifier)"
)


def names_identifier(name: str) -> bool:
    """Whether a column is called like an identifier: `id`, `Patient ID`, `record_id`, `mrn`."""
    return _IDENTIFIER_NAME.fullmatch(name.lower()) is not None
