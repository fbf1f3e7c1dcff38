"""The values a column has, and how often: what a rule has to account for."""

from pathlib import Path
from typing import Any

from datasets.engine.mapping.harmonise import column_types
from datasets.engine.mapping.problems import RuleError, no_column
from datasets.engine.rows.connection import reading
from datasets.engine.rows.table import Table

LONGEST = 200


def column_values(path: Path, name: str, most: int) -> dict[str, Any]:
    """{"values": [{value, n}] most frequent first, at most `most`; "distinct": of how many}.

    A value is spelled as a recode's map takes it; longer ones than 200 characters are left out.
    Raises RuleError.
    """
    table = Table.open(path)
    with reading([path]) as connection:
        types = column_types(connection, table)
        if name not in types:
            raise RuleError("unknown_column", no_column(name))
        place = table.places[name]
        (distinct,) = connection.execute(
            f"SELECT count(DISTINCT {place}) FROM {table.relation}"
        ).fetchall()[0]
        found = connection.execute(
            f"SELECT {place}::VARCHAR AS v, count(*) AS n FROM {table.relation} "
            f"WHERE {place} IS NOT NULL AND length({place}::VARCHAR) <= {LONGEST} "
            f"GROUP BY v ORDER BY n DESC, v LIMIT {int(most)}"
        ).fetchall()
    is_number = types[name] == "number"
    return {
        "values": [
            {"value": value.removesuffix(".0") if is_number else value, "n": n}
            for value, n in found
        ],
        "distinct": distinct,
    }
