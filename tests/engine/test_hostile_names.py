"""A name is data: the numbers are the same whatever the columns are called."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.engine.mapping.accounting import preview
from datasets.engine.mapping.harmonise import content_sha256, harmonise
from datasets.engine.profiling import profile as profile_module
from datasets.engine.reading.headers import check_names
from datasets.engine.reading.ingest import IngestResult
from datasets.engine.reading.problems import IngestError
from datasets.engine.rows.export import write_csv
from datasets.engine.rows.frame import RESERVED_COLUMNS, InputInfo, VariableInfo
from datasets.engine.rows.pool import open_rows
from datasets.engine.rows.preview import Filter, rows
from tests.engine.hostile_names import HOSTILE_NAMES, REFUSED_HEADERS, TWINS
from tests.engine.reading.reading import read

PLAIN = ("first", "second", "third", "fourth", "fifth")
"""A text, a whole number, a number, a date and a text with one value that keeps it from numbers."""
ROWS = [
    ["x", "y", "x", "z", "", "x"],
    ["3", "1", "2", "3", "", "9"],
    ["1.5", "2", "", "-4", "0.25", "7"],
    ["2020-01-31", "2020-02-29", "", "2021-01-01", "1999-12-01", "2020-01-31"],
    ["1", "2", "<3", "4", "5", "6"],
]
INFO = InputInfo(0, "Hungary", "HUN", "Eastern Europe")
WITHIN_A_TEST = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
names = st.lists(
    st.sampled_from(HOSTILE_NAMES), min_size=5, max_size=5, unique_by=str.casefold
).filter(lambda chosen: not check_names(chosen))


def told(tmp_path: Path, chosen: tuple[str, ...] | list[str]) -> IngestResult:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    columns = ROWS * (len(chosen) // len(ROWS))
    writer.writerows([chosen, *zip(*columns, strict=True)])
    return read(tmp_path, out.getvalue(), delimiter=",")[0]


def plainly(found, chosen):
    """A JSON shape with every hostile name as a whole value turned into its plain one."""
    back = dict(zip(chosen, PLAIN, strict=True))
    if isinstance(found, dict):
        return {
            key: back.get(value, value) if key in ("name", "column") else plainly(value, chosen)
            for key, value in found.items()
        }
    if isinstance(found, list):
        return [plainly(one, chosen) for one in found]
    return found


def numbers_of(result: IngestResult, chosen) -> list[dict]:
    return plainly(result.columns, chosen)


@pytest.fixture(scope="module")
def plain_result(tmp_path_factory) -> IngestResult:
    """What is read under plain names."""
    return told(tmp_path_factory.mktemp("plain"), PLAIN)


@pytest.fixture(scope="module")
def plain_pages(tmp_path_factory) -> list:
    """What previews show under plain names."""
    return list(pages(tmp_path_factory.mktemp("plain"), PLAIN))


@pytest.fixture(scope="module")
def plain_pool(tmp_path_factory) -> tuple:
    """What rules give under plain names."""
    return pooled(tmp_path_factory.mktemp("plain"), PLAIN, ("s1", "s2", "s3"))


def test_every_hostile_name_is_one_a_file_may_have():
    for name in HOSTILE_NAMES:
        assert check_names([name]) == [], name


@pytest.mark.parametrize("begin", range(0, len(HOSTILE_NAMES), 25))
def test_each_name_on_a_column_of_each_type(tmp_path, plain_result, begin):
    """Many columns at a time: one of each type, then again."""
    chosen = [name for name in HOSTILE_NAMES[begin : begin + 25] if name not in PLAIN]
    chosen = [*chosen, *PLAIN][: 5 * (-(-len(chosen) // 5))]
    assert check_names(chosen) == []
    expected = plain_result.columns
    for turn in range(5):
        turned = chosen[turn:] + chosen[:turn]
        found = told(tmp_path, turned).columns
        for begin in range(0, len(turned), 5):
            five = turned[begin : begin + 5]
            assert plainly(found[begin : begin + 5], five) == expected
        assert list(pq.read_schema(tmp_path / "out.parquet").names) == turned


@WITHIN_A_TEST
@given(chosen=names)
def test_profiles_and_warnings(tmp_path, plain_result, chosen):
    found = told(tmp_path, chosen)
    assert numbers_of(found, chosen) == plain_result.columns
    (warning,) = found.problems
    lines = plain_result.problems[0].row + "".join(chosen).count("\n")
    assert (warning.row, warning.value) == (lines, "<3")
    assert IngestResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@WITHIN_A_TEST
@given(chosen=names)
def test_profiles_of_what_is_too_much_to_count(tmp_path, chosen):
    """The sketches ask other questions than the exact profiles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile_module, "EXACT_DISTINCT", 1)
        patch.setattr(profile_module, "EXACT_ROWS", 1)
        patch.setattr(profile_module, "BATCH", 2)
        patch.setattr(profile_module, "high_cardinality", lambda _: frozenset(range(5)))
        expected = told(tmp_path, PLAIN)
        assert numbers_of(told(tmp_path, chosen), chosen) == expected.columns


def pages(tmp_path: Path, called) -> Iterator[list]:
    """Pages of a preview, sorted and filtered."""
    told(tmp_path, called)
    kinds = ["category", "integer", "number", "date", "category"]
    types = list(zip(called, kinds, strict=True))
    path = tmp_path / "out.parquet"
    asked = ["x", "gte:2", "lt:3", "gt:2020-01-01", "contains:<"]
    for index, (name, text) in enumerate(zip(called, asked, strict=True)):
        filters = [Filter.parse(name, text)]
        yield rows(path, types, order_by=name, filters=filters).rows
        yield rows(path, types[: index + 1], 2, order_by=f"-{called[0]}").rows


# What begins like a wish to sort the other way round.
sortable = names.filter(lambda chosen: f"-{chosen[0]}" not in chosen)


@WITHIN_A_TEST
@given(chosen=sortable)
def test_previews(tmp_path, plain_pages, chosen):
    assert list(pages(tmp_path, chosen)) == plain_pages


def pooled(tmp_path: Path, sources, shared_names) -> tuple:
    """What comes of three rules: the counts, the previews and the arrays."""
    told(tmp_path, sources)
    quoted = ['"' + name.replace('"', '""') + '"' for name in sources]
    rules = [
        {"kind": "recode", "column": sources[0], "map": {"x": "ex", "y": "why"}},
        {"kind": "copy", "column": sources[1]},
        {"kind": "expression", "sql": f"CASE WHEN {quoted[1]} > 1 THEN {quoted[2]} END"},
    ]
    variables = [
        VariableInfo(shared_names[0], "category", levels=("ex", "why")),
        VariableInfo(shared_names[1], "integer"),
        VariableInfo(shared_names[2], "number"),
    ]
    source, target = tmp_path / "out.parquet", tmp_path / "shared.parquet"
    by_name = dict(zip(shared_names, rules, strict=True))
    result = harmonise(source, by_name, variables, target)
    assert pq.read_schema(target).names == list(shared_names)
    previews = [preview(source, rule, one) for rule, one in zip(rules, variables, strict=True)]
    (frame,) = open_rows(target, variables, INFO)
    arrays = [frame.columns[name].tolist() for name in shared_names]
    assert [frame.columns[name][0] for name in RESERVED_COLUMNS] == [
        INFO.site,
        INFO.country,
        INFO.region,
    ]
    counts = [{**one, "name": ""} for one in result.variables]
    for drawn in previews:
        for one in (*drawn["before"], drawn["after"]):
            one["name"] = ""
    hashes = [content_sha256(target, [one]) for one in variables]
    assert len(set(hashes)) == 3
    return counts, previews, arrays


def same(found: tuple, expected: tuple) -> None:
    assert found[:2] == expected[:2]
    assert found[2][0] == expected[2][0]
    np.testing.assert_array_equal(found[2][1:], expected[2][1:])


# What cannot be written in an expression: a column whose name has an invisible character.
writable = names.filter(
    lambda chosen: all(c.isprintable() or c in "\n\t" for name in chosen[1:3] for c in name)
)


@WITHIN_A_TEST
@given(chosen=writable, shared=names)
def test_mapping_and_pooled_rows(tmp_path, plain_pool, chosen, shared):
    shared_names = [name for name in shared if name not in RESERVED_COLUMNS][:3]
    shared_names += ["one", "two", "three"][len(shared_names) :]
    same(pooled(tmp_path, chosen, shared_names), plain_pool)


@pytest.mark.parametrize("pair", TWINS)
def test_shared_variables_may_be_twins(tmp_path, plain_pool, pair):
    same(pooled(tmp_path, PLAIN, (*pair, "other")), plain_pool)


def test_a_shared_variable_called_like_the_beginning_of_another(tmp_path, plain_pool):
    same(pooled(tmp_path, PLAIN, ("a.b", "a", "a.b.c")), plain_pool)


@pytest.mark.parametrize("pair", TWINS)
def test_headers_may_not_be_twins(tmp_path, pair):
    with pytest.raises(IngestError) as caught:
        told(tmp_path, [*pair, "c", "d", "e"])
    assert {one.code for one in caught.value.problems} == {"duplicate_header"}


@pytest.mark.parametrize(("name", "code"), REFUSED_HEADERS.items())
def test_headers_that_are_refused(tmp_path, name, code):
    with pytest.raises(IngestError) as caught:
        told(tmp_path, ["a1", name, "c", "d", "e"])
    assert [one.code for one in caught.value.problems] == [code]


@pytest.mark.parametrize("name", RESERVED_COLUMNS)
def test_reserved_names_hide_nothing(tmp_path, plain_result, name):
    """A file may have such a column; a variable may not, since the engine adds its own."""
    chosen = [name, *PLAIN[1:]]
    assert numbers_of(told(tmp_path, chosen), chosen) == plain_result.columns
    with pytest.raises(ValueError, match=name):
        open_rows(tmp_path / "out.parquet", [VariableInfo(name, "category")], INFO)


@WITHIN_A_TEST
@given(chosen=names)
def test_exports(tmp_path, chosen):
    told(tmp_path, chosen)
    target = tmp_path / "table.csv"
    write_csv(tmp_path / "out.parquet", target)
    with target.open(newline="") as file:
        header, *records = csv.reader(file)
    assert header == chosen
    assert [record[0] for record in records] == ROWS[0]
