"""Pages of rows: order, filters and cursors, and no way to say SQL."""

import pytest

from datasets.engine.rows.preview import Filter, PreviewError, rows
from tests.engine.reading.reading import read

CSV = (
    "n,weight,sex,seen,ok,pid,note\n"
    "3,70.5,F,2020-01-03,true,7001,Alpha beta\n"
    "1,,M,2020-01-01,false,7002,100% sure\n"
    "2,81.25,F,,true,7003,\n"
    "3,60,M,2020-01-02,,7004,a_b\n"
    ",70.5,F,2020-01-05,true,7005,ALPHA\n"
)
COLUMNS = [
    ("n", "integer"),
    ("weight", "number"),
    ("sex", "category"),
    ("seen", "date"),
    ("ok", "boolean"),
    ("pid", "identifier"),
    ("note", "text"),
]


@pytest.fixture
def parquet(tmp_path):
    read(tmp_path, CSV)
    return tmp_path / "out.parquet"


def numbers(page):
    return [row["row"] for row in page.rows]


def test_a_page_in_file_order(parquet):
    page = rows(parquet, COLUMNS)
    assert page.columns == [name for name, _ in COLUMNS]
    assert page.rows[0] == {
        "row": 1,
        "values": [3, 70.5, "F", "2020-01-03", True, "7001", "Alpha beta"],
    }
    assert numbers(page) == [1, 2, 3, 4, 5]
    assert (page.next, page.previous, page.matching) == (None, None, 5)


def test_only_the_columns_given_are_shown(parquet):
    assert rows(parquet, COLUMNS[2:4]).rows[2] == {"row": 3, "values": ["F", None]}


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("n", [2, 3, 1, 4, 5]),
        ("-n", [1, 4, 3, 2, 5]),
        ("weight", [4, 1, 5, 3, 2]),
        ("seen", [2, 4, 1, 5, 3]),
        ("-sex", [2, 4, 1, 3, 5]),
    ],
)
def test_sorted_with_ties_in_file_order_and_missing_last(parquet, order_by, expected):
    assert numbers(rows(parquet, COLUMNS, order_by=order_by)) == expected


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("n", "3", [1, 4]),
        ("n", "eq:3", [1, 4]),
        ("n", "ne:3", [2, 3]),
        ("n", "lt:3", [2, 3]),
        ("weight", "lte:70.5", [1, 4, 5]),
        ("weight", "gt:70.5", [3]),
        ("n", "gte:2.5", [1, 4]),
        ("seen", "gte:2020-01-03", [1, 5]),
        ("ok", "eq:true", [1, 3, 5]),
        ("ok", "isnull:true", [4]),
        ("n", "isnull:false", [1, 2, 3, 4]),
        ("note", "contains:alpha", [1, 5]),
        ("note", "contains:%", [2]),
        ("note", "contains:_", [4]),
        ("pid", "gt:7003", [4, 5]),
        ("sex", "F", [1, 3, 5]),
        ("sex", "' OR 1=1 --", []),
        ("note", "eq:100% sure", [2]),
    ],
)
def test_filters(parquet, column, text, expected):
    page = rows(parquet, COLUMNS, filters=[Filter.parse(column, text)])
    assert numbers(page) == expected
    assert page.matching == len(expected)


def test_filters_sorting_and_cursors_together(parquet):
    filters = [Filter("sex", "eq", "F")]
    seen, cursor = [], None
    while True:
        page = rows(parquet, COLUMNS, 2, cursor, "-weight", filters)
        seen.append(numbers(page))
        if not page.next:
            break
        cursor = page.next
    assert seen == [[3, 1], [5]]
    assert numbers(rows(parquet, COLUMNS, 2, page.previous, "-weight", filters)) == [3, 1]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"order_by": "secret"}, "order_by"),
        ({"order_by": "n; DROP TABLE x"}, "order_by"),
        ({"order_by": "file_row_number"}, "order_by"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "WzEsMl0"}, "cursor"),
        ({"cursor": "Wy01XQ"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"filters": [Filter("secret", "eq", "1")]}, "filter[secret]"),
        ({"filters": [Filter("n", "eq", "x")]}, "filter[n]"),
        ({"filters": [Filter("n", "eq", "nan")]}, "filter[n]"),
        ({"filters": [Filter("n", "contains", "1")]}, "filter[n]"),
        ({"filters": [Filter("n", "like", "1")]}, "filter[n]"),
        ({"filters": [Filter("seen", "lt", "soon")]}, "filter[seen]"),
        ({"filters": [Filter("ok", "eq", "perhaps")]}, "filter[ok]"),
        ({"filters": [Filter("ok", "isnull", "perhaps")]}, "filter[ok]"),
        ({"filters": [Filter("note", "eq", "a\0b")]}, "filter[note]"),
        ({"filters": [Filter("note", "eq", "a" * 201)]}, "filter[note]"),
        ({"filters": [Filter("n", "eq", "1")] * 11}, "filter"),
    ],
)
def test_what_makes_no_sense_is_named(parquet, arguments, field):
    with pytest.raises(PreviewError) as caught:
        rows(parquet, COLUMNS, **arguments)
    assert list(caught.value.errors) == [field]


def test_columns_not_given_cannot_be_filtered_or_sorted_by(parquet):
    with pytest.raises(PreviewError):
        rows(parquet, COLUMNS[:1], order_by="note")
    with pytest.raises(PreviewError):
        rows(parquet, COLUMNS[:1], filters=[Filter("note", "contains", "a")])
