"""Profiles of columns: one GROUP BY per column, everything else from (value, count) in numpy."""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

from datasets.engine.profiling.edges import binned, grid_edges, histogram_edges
from datasets.engine.profiling.identifiers import names_identifier
from datasets.engine.profiling.moments import (
    PROBABILITIES,
    back,
    exponent_of,
    in_reach,
    in_reach_sql,
    mean_of,
    spread_back,
    spread_of,
    weighted_quantiles,
)
from datasets.engine.profiling.suspicion import not_numbers, suspicious_numbers, suspicious_texts
from datasets.engine.rows.connection import THREADS
from datasets.engine.rows.table import Table

EXACT_DISTINCT = 200_000
"""Above, distinct counts are estimated (HyperLogLog) and quantiles come from a sketch."""
EXACT_ROWS = 4_000_000
"""Up to here a column of numbers is read whole, so that its quantiles are exact all the same."""
TOP = 20
BATCH = 100
ECHO = 200
EPOCH = datetime(1970, 1, 1)
Profile = dict[str, Any]


@dataclass(frozen=True)
class Placed:
    """A column to describe: its name and type, what SQL calls it, and whether it may have more
    than EXACT_DISTINCT values."""

    name: str
    type: str
    place: str
    many: bool


def profile_relation(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Placed],
    rows: int,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Profile]:
    """A profile per column of `columns` in the SQL `relation` of `rows` rows.

    The relation knows its columns by place (rows/table.py), so that no name of a user's can meet
    the aliases v, n and bin of the queries here. The type text stands for every text: it is told
    apart here into category, identifier and text.
    """
    profiles: list[Profile] = []
    for begin in range(0, len(columns), BATCH):
        batch = columns[begin : begin + BATCH]
        with (
            _narrowed(connection, relation, batch, len(columns)) as source,
            ThreadPoolExecutor(THREADS) as pool,
        ):
            tasks = [
                pool.submit(_Column(connection, source, column, rows).profile, column.many)
                for column in batch
            ]
            for task in tasks:
                profiles.append(task.result())
                progress(len(profiles) / len(columns))
    return profiles


@contextlib.contextmanager
def _narrowed(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    batch: Sequence[Placed],
    columns: int,
) -> Iterator[str]:
    """The relation to query: of a wide one a copy of some columns, since the time to plan any query
    over a Parquet file grows with all of its columns."""
    if columns <= BATCH:
        yield relation
        return
    places = ", ".join(column.place for column in batch)
    connection.execute(f"CREATE TABLE batch AS SELECT {places} FROM {relation}")
    try:
        yield "batch"
    finally:
        connection.execute("DROP TABLE batch")


def high_cardinality(path: Path) -> frozenset[int]:
    """The positions of the columns the Parquet writer gave no dictionary: they may have many
    values. A column with a dictionary is never worth a sketch."""
    metadata = pq.read_metadata(path)
    if metadata.num_rows <= EXACT_DISTINCT:
        return frozenset()
    group = metadata.row_group(0)
    return frozenset(
        i for i in range(metadata.num_columns) if not group.column(i).has_dictionary_page
    )


class _Column:
    """One column of a table, and the queries its profile needs."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: str,
        column: Placed,
        rows: int,
    ) -> None:
        self.connection = connection.cursor()
        self.relation = relation
        self.name = column.name
        self.type = column.type
        self.rows = rows
        self.place = column.place

    def profile(self, many: bool) -> Profile:
        if self.type in ("integer", "number", "boolean", "date", "datetime"):
            return self._ordered(many)
        return self._texts(many)

    def _ask(self, query: str) -> dict[str, np.ndarray]:
        return self.connection.execute(query).fetchnumpy()

    def _number(self) -> str:
        """SQL for the value as a number: days or microseconds since 1970 for dates."""
        if self.type == "date":
            return f"({self.place} - DATE '1970-01-01')"
        if self.type == "datetime":
            return f"epoch_us({self.place})"
        return f"{self.place}::{'DOUBLE' if self.type == 'number' else 'BIGINT'}"

    def _ordered(self, many: bool) -> Profile:
        where = f"FROM {self.relation} WHERE {self.place} IS NOT NULL"
        if not many:
            found = self._ask(f"SELECT {self._number()} AS v, count(*) AS n {where} GROUP BY v")
            values, counts = np.asarray(found["v"]), np.asarray(found["n"])
            order = np.argsort(values)
            return self._of_values(values[order], counts[order])
        if self.rows <= EXACT_ROWS:
            values, counts = np.unique(
                np.asarray(self._ask(f"SELECT {self._number()} AS v {where}")["v"]),
                return_counts=True,
            )
            return self._of_values(values, counts)
        return self._sketched(where)

    def _of_values(self, values: np.ndarray, counts: np.ndarray) -> Profile:
        """From the sorted distinct values and their counts."""
        n = int(counts.sum())
        base = self._base(n, len(values))
        if not n:
            return base
        base["top"] = [
            {"value": self._shown(values[i]), "n": int(counts[i])} for i in _most(counts)
        ]
        if self.type == "boolean":
            base["mean"] = float(values @ counts) / n
            return base
        base |= {"min": self._shown(values[0]), "max": self._shown(values[-1])}
        exponent = exponent_of(values[0], values[-1])
        reached = in_reach(values, exponent)
        mean = mean_of(reached, counts)
        base["mean"] = self._shown_float(back(mean, exponent))
        if self.type in ("integer", "number") and n > 1:
            base["sd"] = spread_back(spread_of(reached, counts, mean), exponent)
        quantiles = [back(one, exponent) for one in weighted_quantiles(reached, counts)]
        base["quantiles"] = {
            str(p): self._shown_float(q) for p, q in zip(PROBABILITIES, quantiles, strict=True)
        }
        base["histogram"] = self._histogram(reached, counts, exponent)
        _, low, _, high, _ = quantiles
        if grid := grid_edges(low, high, whole=self.type != "number"):
            base["grid"] = self._as_histogram(grid, binned(values, counts, grid))
        if self.type in ("integer", "number"):
            base["suspicious"] = suspicious_numbers(values, counts)
        return base

    def _sketched(self, where: str) -> Profile:
        """Beyond what fits in memory: exact moments and histogram, sketched quantiles."""
        v = self._number()
        least, most = self.connection.execute(
            f"SELECT min(v), max(v) FROM (SELECT {v} AS v {where})"
        ).fetchall()[0]
        if least is None:
            return self._base(0, 0)
        exponent = exponent_of(least, most)
        reached = in_reach_sql(v, exponent)
        n, distinct, low, high, mean, sd, quantiles = self.connection.execute(
            f"SELECT count(*), approx_count_distinct(v), min(v), max(v), avg(v), stddev_samp(v), "
            f"approx_quantile(v, {list(PROBABILITIES)}) FROM (SELECT {reached} AS v {where})"
        ).fetchall()[0]
        base = self._base(n, distinct)
        edges = histogram_edges(low, high, distinct, whole=self.type != "number")
        counts = self._binned(reached, edges, where)
        quantiles = [back(float(one), exponent) for one in quantiles]
        base |= {
            "min": self._shown(least),
            "max": self._shown(most),
            "mean": self._shown_float(back(mean, exponent)),
            "sd": spread_back(sd, exponent) if self.type in ("integer", "number") else None,
            "quantiles": {
                str(p): self._shown_float(q) for p, q in zip(PROBABILITIES, quantiles, strict=True)
            },
            "histogram": self._as_histogram([back(one, exponent) for one in edges], counts),
        }
        grid = grid_edges(quantiles[1], quantiles[3], whole=self.type != "number")
        if grid:
            base["grid"] = self._as_histogram(grid, self._binned(v, grid, where))
        base["top"] = self._top(v)
        return base

    def _binned(self, v: str, edges: list[float], where: str) -> np.ndarray:
        """Rows in each of equal bins; the ends take what lies outside."""
        found = self._ask(
            f"SELECT greatest(0, least({len(edges) - 2}, floor(({v} - {edges[0]!r}) / "
            f"{edges[1] - edges[0]!r})))::BIGINT AS bin, count(*) AS n {where} GROUP BY bin"
        )
        counts = np.zeros(len(edges) - 1, dtype=np.int64)
        counts[np.asarray(found["bin"])] = np.asarray(found["n"])
        return counts

    def _top(self, value: str) -> list[dict[str, Any]]:
        found = self._ask(
            f"SELECT {value} AS v, count(*) AS n FROM {self.relation} "
            f"WHERE {self.place} IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT {TOP}"
        )
        return [
            {"value": self._shown(v), "n": int(n)}
            for v, n in zip(found["v"], found["n"], strict=True)
        ]

    def _texts(self, many: bool) -> Profile:
        where = f"FROM {self.relation} WHERE {self.place} IS NOT NULL"
        if many and self._estimate() > EXACT_DISTINCT:
            return self._many_texts(where)
        found = self._ask(
            f"SELECT left(v, {ECHO}) AS v, n, count(*) OVER () AS distinct_values, "
            f"sum(n) OVER () AS total, max(length(v)) OVER () AS longest, "
            f"bool_or(contains(v, ' ')) OVER () AS spaced, "
            f"sum(n) FILTER (TRY_CAST(v AS DOUBLE) IS NOT NULL) OVER () AS numbers FROM "
            f"(SELECT {self.place} AS v, count(*) AS n {where} GROUP BY v) "
            f"ORDER BY n DESC, v LIMIT 1000"
        )
        if not len(found["n"]):
            return self._base(0, 0)
        n, distinct = int(found["total"][0]), int(found["distinct_values"][0])
        base = self._base(n, distinct)
        base["type"] = self._text_type(
            distinct, n, int(found["longest"][0]), bool(found["spaced"][0])
        )
        pairs = [(str(v), int(c)) for v, c in zip(found["v"], found["n"], strict=True)]
        if base["type"] != "identifier":
            base["top"] = [{"value": value, "n": count} for value, count in pairs[:TOP]]
            base["suspicious"] = suspicious_texts(pairs)
            numbers = int(
                found["numbers"].filled(0)[0]
                if np.ma.isMA(found["numbers"])
                else found["numbers"][0]
            )
            if n / 2 < numbers < n:
                base["suspicious"] = not_numbers(self._not_numbers())
        return base

    def _not_numbers(self) -> list[tuple[str, int]]:
        return [
            (str(value), int(count))
            for value, count in self.connection.execute(
                f"SELECT left({self.place}, {ECHO}) AS v, count(*) AS n FROM {self.relation} "
                f"WHERE {self.place} IS NOT NULL AND TRY_CAST({self.place} AS DOUBLE) IS NULL "
                f"GROUP BY v ORDER BY n DESC, v LIMIT {TOP}"
            ).fetchall()
        ]

    def _many_texts(self, where: str) -> Profile:
        """Of more texts than are worth counting one by one: whether they tell rows apart."""
        n, longest, spaced, distinct = self.connection.execute(
            f"SELECT count(*), max(length({self.place})), bool_or(contains({self.place}, ' ')), "
            f"approx_count_distinct({self.place}) {where}"
        ).fetchall()[0]
        if distinct > 0.9 * n and n == self.rows and not spaced and self._all_differ():
            distinct = n
        base = self._base(n, min(distinct, n))
        base["type"] = self._text_type(base["distinct"], n, longest, spaced)
        return base

    def _estimate(self) -> int:
        row = self.connection.execute(
            f"SELECT approx_count_distinct({self.place}) FROM {self.relation}"
        ).fetchone()
        return int(row[0]) if row else 0

    def _all_differ(self) -> bool:
        row = self.connection.execute(
            f"SELECT count(DISTINCT hash({self.place})) FROM {self.relation}"
        ).fetchone()
        return bool(row and row[0] == self.rows)

    def _text_type(self, distinct: int, n: int, longest: int, spaced: bool) -> str:
        """Told apart for people; a type somebody chose is kept."""
        if self.type != "text":
            return self.type
        if not spaced and longest <= 64 and self._is_identifier(distinct, n):
            return "identifier"
        few = distinct <= 20 or (distinct <= 1000 and distinct * 5 <= n)
        return "category" if few and longest <= ECHO and n else "text"

    def _is_identifier(self, distinct: int, n: int) -> bool:
        """Different in every row, or called an identifier and seldom the same."""
        unique = distinct == n == self.rows
        if names_identifier(self.name):
            return (unique and n > 1) or distinct > max(20, n / 20)
        return unique and n >= 20

    def _base(self, n: int, distinct: int) -> Profile:
        return {
            "name": self.name,
            "type": self.type,
            "n": n,
            "missing": self.rows - n,
            "distinct": distinct,
            "min": None,
            "max": None,
            "mean": None,
            "sd": None,
            "quantiles": None,
            "histogram": None,
            "grid": None,
            "top": [],
            "suspicious": [],
        }

    def _histogram(self, values: np.ndarray, counts: np.ndarray, exponent: int) -> dict[str, Any]:
        """Of values that are divided by 2 to the power of `exponent`."""
        edges = histogram_edges(values[0], values[-1], len(values), whole=self.type != "number")
        found, _ = np.histogram(values.astype(float), bins=np.array(edges), weights=counts)
        edges = [back(edge, exponent) for edge in edges]
        return self._as_histogram(edges, np.rint(found).astype(np.int64))

    def _as_histogram(self, edges: list[float], counts: np.ndarray) -> dict[str, Any]:
        return {
            "edges": [self._shown_float(edge) for edge in edges],
            "counts": [int(count) for count in counts],
        }

    def _shown(self, value: Any) -> Any:
        """A value as JSON shows it."""
        if self.type == "boolean":
            return bool(value)
        if self.type in ("date", "datetime"):
            return self._shown_float(float(value))
        return int(value) if self.type == "integer" else float(value)

    def _shown_float(self, value: float) -> Any:
        """A mean, quantile or edge as JSON shows it: dates as ISO 8601."""
        if self.type == "date":
            return (EPOCH + timedelta(days=math.floor(value))).date().isoformat()
        if self.type == "datetime":
            return (EPOCH + timedelta(microseconds=round(value))).isoformat(timespec="seconds")
        return float(value)


def _most(counts: np.ndarray) -> np.ndarray:
    """Indexes of the highest counts; ties in the order of the values."""
    if len(counts) > 10 * TOP:
        border = np.partition(counts, -TOP)[-TOP]
        some = np.flatnonzero(counts >= border)
        return some[np.argsort(-counts[some], kind="stable")][:TOP]
    return np.argsort(-counts, kind="stable")[:TOP]


def profile_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Sequence[tuple[str, str]],
    rows: int,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Profile]:
    """A profile per (name, type) of `columns` of a table. Raises KeyError for an unknown name."""
    many = {table.names[index] for index in high_cardinality(table.path)}
    chosen = [Placed(name, type_, table.places[name], name in many) for name, type_ in columns]
    return profile_relation(connection, table.relation, chosen, rows, progress)
