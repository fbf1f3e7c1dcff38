"""Options, and what is proposed where people leave them open."""

import pytest

from datasets.engine.reading.readers import ReadOptions
from tests.engine.reading.reading import column, read, types

TABLE = [["id", "weight", "note"], ["1", "70.5", "a"], ["2", "71", "b"], ["3", "68.25", "c"]]


def table(delimiter: str, newline: str = "\n", decimal: str = ".") -> str:
    rows = [[value.replace(".", decimal) for value in row] for row in TABLE]
    return newline.join(delimiter.join(row) for row in rows) + newline


def test_options_survive_json():
    options = ReadOptions(";", "cp1252", ",", ("?", "NA"), {"a": "integer"})
    assert ReadOptions.from_dict(options.to_dict()) == options
    assert ReadOptions.from_dict({}) == ReadOptions()


@pytest.mark.parametrize(
    "wrong",
    [
        {"delimiter": "::"},
        {"encoding": "klingon"},
        {"decimal": "'"},
        {"missing": "NA"},
        {"missing": ["x" * 51]},
        {"missing": [1]},
        {"types": {"a": "blob"}},
        {"types": ["a"]},
        {"colour": "red"},
    ],
)
def test_wrong_options_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)) if "colour" not in wrong else "option"):
        ReadOptions.from_dict(wrong)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_found(tmp_path, delimiter, newline):
    result, values = read(tmp_path, table(delimiter, newline))
    assert result.options.delimiter == delimiter
    assert values == {"id": ["1", "2", "3"], "weight": [70.5, 71.0, 68.25], "note": ["a", "b", "c"]}


def test_one_column_needs_no_delimiter(tmp_path):
    result, values = read(tmp_path, "age\n1\n\n3\n")
    assert result.rows == 3
    assert values == {"age": [1, None, 3]}


def test_decimal_comma_is_proposed_and_can_be_overruled(tmp_path):
    result, values = read(tmp_path, table(";", decimal=","))
    assert (result.options.decimal, values["weight"]) == (",", [70.5, 71.0, 68.25])
    result, values = read(tmp_path, table(";", decimal=","), decimal=".")
    assert values["weight"] == ["70,5", "71", "68,25"]
    result, values = read(tmp_path, 'a,b\n"1,5",x\n"2,5",y\n')
    assert (result.options.decimal, values["a"]) == (",", [1.5, 2.5])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_encodings(tmp_path, encoding):
    content = "näme,ok\nÉva,1\nJürgen,2\n".encode(encoding)
    marked = encoding in ("utf-8-sig", "utf-16")
    result, values = read(tmp_path, content, **({} if marked else {"encoding": encoding}))
    assert values == {"näme": ["Éva", "Jürgen"], "ok": [1, 2]}
    assert result.options.encoding == encoding
    assert result.bytes == len(content)


def test_missing_codes_are_proposed_only_where_they_occur_among_numbers(tmp_path):
    result, values = read(tmp_path, "a,b,c\n1,?,x\n?,NA,.\n3,2.5,y\n")
    assert result.options.missing == ("?", "NA")
    assert values == {"a": [1, None, 3], "b": [None, None, 2.5], "c": ["x", ".", "y"]}


def test_a_code_that_is_a_word_of_its_column_is_kept(tmp_path):
    result, values = read(tmp_path, "country,n\nDE,1\nNA,2\nFR,3\n")
    assert result.options.missing == ()
    assert values["country"] == ["DE", "NA", "FR"]


def test_missing_codes_of_the_user_overrule(tmp_path):
    result, values = read(tmp_path, "a,b\n1,-9\n-9,x\n?,y\n", missing=["-9"])
    assert result.options.missing == ("-9",)
    assert values == {"a": ["1", None, "?"], "b": [None, "x", "y"]}


def test_a_code_far_down_is_found_too(tmp_path):
    rows = "".join(f"{i},{i}\n" for i in range(30_000))
    result, values = read(tmp_path, "a,b\n" + rows + "?,1\n" + rows)
    assert result.options.missing == ("?",)
    assert types(result) == {"a": "integer", "b": "integer"}
    assert column(result, "a")["missing"] == 1
    assert result.rows == 60_001
    assert values["a"][30_000] is None


HOSTILE = [
    'x"; DROP TABLE t; --',
    "a'b",
    "{}",
    "c0",
    "%s",
    "naïve 日本",
    "a\tb",
    "\\",
    "n" * 200,
    "1) OR (1=1",
    "=cmd()",
    "$1",
    "two\nlines",
]


def test_hostile_names_of_columns_are_only_names(tmp_path):
    header = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    values_line = ",".join(str(i) for i in range(len(HOSTILE)))
    result, values = read(tmp_path, f"{header}\n{values_line}\n{values_line}\n")
    assert list(values) == HOSTILE
    assert [column["name"] for column in result.columns] == HOSTILE
    assert [value[0] for value in values.values()] == list(range(len(HOSTILE)))


def test_years_as_names_are_a_header(tmp_path):
    _, values = read(tmp_path, "country,2000,2001\nDE,1,2\nFR,3,4\n")
    assert list(values) == ["country", "2000", "2001"]
