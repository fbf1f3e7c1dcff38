"""From bytes to typed Parquet: types hold for every row, and nothing is lost on the way."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.engine.reading import structure
from datasets.engine.reading.ingest import IngestResult, ingest
from datasets.engine.reading.problems import IngestError
from datasets.engine.reading.readers import ReadOptions
from datasets.engine.rows.table import file_sha256
from tests.engine.reading.reading import HEART, column, read, types

MANY = 30_000


def numbers_then(value: str) -> str:
    """A column of many whole numbers with one other value near the end."""
    rows = [str(i % 90) for i in range(MANY)]
    rows[-500] = value
    return "a,b\n" + "".join(f"{row},x{i % 3}\n" for i, row in enumerate(rows))


@pytest.mark.parametrize(
    ("value", "type_", "physical"),
    [
        ("unscheduled", "text", str),
        ("1.5", "number", float),
        ("007", "text", str),
        ("1_000", "text", str),
        ("-01", "text", str),
        ("0x1F", "text", str),
        ("1e400", "text", str),
        ("nan ", "text", str),
        ("9007199254740993", "text", str),
        ("1e20", "number", float),
        ("2020-01-01", "text", str),
    ],
)
def test_one_late_value_changes_the_type_and_never_the_values(tmp_path, value, type_, physical):
    result, values = read(tmp_path, numbers_then(value))
    assert column(result, "a")["type"] == ("category" if type_ == "text" else type_)
    assert isinstance(values["a"][-500], physical)
    expected = float(value) if physical is float else value
    assert values["a"][-500] == expected
    assert values["a"][3] == physical(3)
    assert result.rows == MANY


def test_several_late_values_are_settled_together(tmp_path):
    rows = [[str(i), str(i), str(i), str(i)] for i in range(MANY)]
    rows[-900][0], rows[-800][1], rows[-700][2], rows[-600][3] = "x", "1.5", "NA", "2020-01-01"
    content = "a,b,c,d\n" + "\n".join(map(",".join, rows)) + "\n"
    result, values = read(tmp_path, content)
    assert [values[name][5] for name in "abcd"] == ["5", 5.0, 5, "5"]
    assert values["c"][-700] is None
    assert column(result, "c")["type"] == "integer"


def test_a_column_that_is_text_for_a_few_values_is_told(tmp_path):
    result, _ = read(tmp_path, numbers_then("unscheduled"))
    (warning,) = result.problems
    assert (warning.code, warning.row, warning.column, warning.value) == (
        "type_mismatch",
        MANY - 500 + 2,
        "a",
        "unscheduled",
    )
    assert column(result, "a")["suspicious"][0]["value"] == "unscheduled"


def test_types(tmp_path):
    content = (
        "whole,number,truth,day,moment,german,us,swapped,group,zip,flag,empty\n"
        "1,1.5,TRUE,2020-01-31,2020-01-31 10:00:00,31.01.2020,01/31/2020,01/02/2020,a,01234,0,\n"
        "-2,2,false,2020-02-29,2020-02-29 23:59:59,29.02.2020,02/28/2020,03/04/2020,b,99999,1,\n"
        "3,.5,true,1999-12-01,1999-12-01 00:00:00,01.12.1999,12/01/1999,05/06/2020,a,00001,1,\n"
    )
    result, values = read(tmp_path, content)
    found = types(result)
    assert found["whole"] == found["flag"] == "integer"
    assert found["number"] == "number"
    assert found["truth"] == "boolean"
    assert found["day"] == found["german"] == found["us"] == "date"
    assert found["moment"] == "datetime"
    assert found["swapped"] == "category"
    assert found["zip"] == "category"
    assert values["zip"] == ["01234", "99999", "00001"]
    assert values["truth"] == [True, False, True]
    assert str(values["german"][1]) == str(values["day"][1]) == "2020-02-29"
    assert str(values["us"][0]) == "2020-01-31"
    assert values["empty"] == [None, None, None]
    assert column(result, "empty")["n"] == 0


def test_identifiers(tmp_path):
    rows = "".join(f"{i},K{i:04d},{i % 5},{i * 7}\n" for i in range(200))
    result, values = read(tmp_path, "patient_id,code,site_id,count\n" + rows)
    assert types(result) == {
        "patient_id": "identifier",
        "code": "identifier",
        "site_id": "category",
        "count": "integer",
    }
    assert values["patient_id"][3] == "3"
    assert column(result, "patient_id")["top"] == []


def test_types_a_person_chose_are_kept(tmp_path):
    result, values = read(
        tmp_path, "a,b,c\n007,1,3\n008,0,4\n", types={"a": "text", "b": "boolean", "c": "number"}
    )
    assert types(result) == {"a": "text", "b": "boolean", "c": "number"}
    assert values == {"a": ["007", "008"], "b": [True, False], "c": [3.0, 4.0]}
    _, values = read(tmp_path, "a\n007\n012\n", types={"a": "integer"})
    assert values == {"a": [7, 12]}


@pytest.mark.parametrize(
    ("site", "rows"),
    [("cleveland", 303), ("hungary", 294), ("switzerland", 123), ("va-long-beach", 200)],
)
def test_the_heart_files(tmp_path, site, rows):
    result, values = read(tmp_path, (HEART / f"{site}.csv").read_bytes())
    with (HEART / f"{site}.csv").open() as file:
        raw = list(csv.DictReader(file))
    assert result.rows == rows == len(raw)
    assert result.options.missing == (("?",) if "?" in str(raw) else ())
    assert result.sha256 == file_sha256(HEART / f"{site}.csv")
    assert result.parquet_sha256 == file_sha256(tmp_path / "out.parquet")
    for name, got in values.items():
        wanted = [None if row[name] == "?" else float(row[name]) for row in raw]
        assert got == wanted, name
        assert column(result, name)["missing"] == wanted.count(None)
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False)) == result.to_dict()
    assert IngestResult.from_dict(result.to_dict()) == result


def test_reading_again_with_the_options_told_gives_the_same(tmp_path):
    content = (HEART / "hungary.csv").read_bytes()
    first, _ = read(tmp_path, content)
    again, _ = read(tmp_path, content, **first.options.to_dict())
    assert again == first


def test_progress_rises_through_the_stages(tmp_path):
    source = tmp_path / "upload"
    source.write_text("a,b\n1,2\n")
    told = []
    ingest(source, tmp_path / "t", ReadOptions(), "a.csv", lambda *one: told.append(one))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "scanning",
        "parsing",
        "profiling",
    ]
    fractions = [fraction for _, fraction, _ in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] == pytest.approx(1)


def test_as_many_columns_as_are_allowed(tmp_path):
    names = ",".join(f"g{i}" for i in range(5000))
    row = ",".join(str(i % 7) for i in range(5000))
    result, values = read(tmp_path, f"{names}\n{row}\n{row}\n")
    assert len(result.columns) == 5000
    assert values["g4999"] == [4999 % 7] * 2


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_parts_of_a_large_file_with_quotes_are_joined_in_order(tmp_path, monkeypatch, newline):
    """Every kind of awkward value, at every place of the small parts and chunks."""
    monkeypatch.setattr(structure, "CHUNK", 997)
    monkeypatch.setattr(structure, "PART", 4001)
    rows = [[str(i), f"plain {i}", str(i / 4)] for i in range(3000)]
    for i in range(500, 3000, 3):
        rows[i][1] = ['say ""', 'a, "b"', f"two{newline}lines", "", "çé漢,", '"', " "][i % 7] + str(
            i
        )
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline).writerows([["n", "text", "x"], *rows])
    result, values = read(tmp_path, out.getvalue())
    assert result.rows == 3000
    assert values["n"] == [int(row[0]) for row in rows]
    assert values["text"] == [row[1] for row in rows]
    assert values["x"] == [float(row[2]) for row in rows]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("ingest")] == []


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cf"), exclude_characters="\0\r"),
    max_size=12,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30))
def test_what_csv_writes_is_read_as_it_was(tmp_path, rows):
    """Against Python's own writer: every text comes back as itself, the empty one as missing."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    fixed = {"a": "text", "b": "text", "c": "text"}
    _, values = read(tmp_path, out.getvalue(), types=fixed, missing=[], delimiter=",")
    for index, name in enumerate("abc"):
        assert values[name] == [row[index] or None for row in rows]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text('ab1",;\n\r\t|.?é\0', max_size=120).map(str.encode),
        st.text('1",\n', max_size=60).map(lambda text: b"a,b\n" + text.encode()),
    )
)
def test_any_bytes_are_read_or_refused_and_never_crash(tmp_path, content):
    try:
        result, values = read(tmp_path, content)
    except IngestError:
        return
    assert all(len(column) == result.rows for column in values.values())


def test_the_parquet_is_compressed_and_typed(tmp_path):
    read(tmp_path, "a,b,c\n1,1.5,x\n2,2.5,y\n")
    metadata = pq.ParquetFile(tmp_path / "out.parquet").metadata
    group = metadata.row_group(0)
    assert [group.column(i).physical_type for i in range(3)] == ["INT64", "DOUBLE", "BYTE_ARRAY"]
    assert {group.column(i).compression for i in range(3)} == {"ZSTD"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("inside", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("others", [[], ["c"]])
def test_a_line_end_inside_a_name_is_not_taken_for_the_file_s(tmp_path, newline, inside, others):
    """A spreadsheet writes LF inside a cell and CR LF after each line."""
    header = ",".join([f'"age{inside}(years)"', *others])
    rows = [",".join([str(n), *(f'"x{inside}y"' for _ in others)]) for n in range(20)]
    result, values = read(tmp_path, newline.join([header, *rows, ""]))
    assert [one["name"] for one in result.columns] == [f"age{inside}(years)", *others]
    assert list(values.values()) == [list(range(20)), *([f"x{inside}y"] * 20 for _ in others)]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("inside", ["\n", "\r\n", "\r"])
def test_parts_may_begin_with_a_value_of_several_lines(tmp_path, monkeypatch, newline, inside):
    monkeypatch.setattr(structure, "PART", 200)
    rows = [f'"x{inside}y",{n}' for n in range(100)]
    _, values = read(tmp_path, newline.join(["a,b", *rows, ""]))
    assert values == {"a": [f"x{inside}y"] * 100, "b": list(range(100))}
