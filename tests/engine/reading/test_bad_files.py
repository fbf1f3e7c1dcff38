"""Every bad file is refused with its code, its line and a cure, and leaves nothing behind."""

import pytest

from datasets.engine.reading import ingest as ingest_module
from datasets.engine.reading.ingest import ingest
from datasets.engine.reading.problems import CURES, MAX_PROBLEMS, IngestError
from datasets.engine.reading.readers import ReadOptions, check_upload
from datasets.engine.rows.echo import ECHO_LENGTH
from tests.engine.reading.bad_files import BAD_FILES, BadFile


def refusal(tmp_path, content: bytes, filename: str = "data.csv", **options):
    """The problems `content` is refused with."""
    folder = tmp_path / "work"
    folder.mkdir()
    source = tmp_path / "upload"
    source.write_bytes(content)
    with pytest.raises(IngestError) as caught:
        ingest(
            source,
            folder / "out.parquet",
            ReadOptions.from_dict(options),
            filename,
            lambda *_: None,
        )
    assert list(folder.iterdir()) == []
    assert source.read_bytes() == content
    return caught.value.problems


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.name)
def test_refused_with_its_code(tmp_path, bad: BadFile):
    problems = refusal(tmp_path, bad.content, bad.filename, **bad.options)
    first = problems[0]
    assert (first.code, first.row) == (bad.code, bad.row)
    for problem in problems:
        assert problem.detail.endswith(".")
        assert problem.cure == CURES[problem.code]
        assert len(problem.value or "") <= ECHO_LENGTH
        assert (problem.value or "").isprintable()
        assert "Traceback" not in problem.detail
        assert "DuckDB" not in problem.detail


def test_the_corpus_is_large_and_its_names_differ():
    assert len({bad.name for bad in BAD_FILES}) == len(BAD_FILES) >= 60


def test_what_the_first_bytes_tell_is_refused_at_once(tmp_path):
    source = tmp_path / "upload"
    source.write_bytes(b"PK\x03\x04 rest of an archive")
    assert [one.code for one in check_upload(source, "x.csv")] == ["archive_not_supported"]
    source.write_bytes(b"a,b\n1,2\n")
    assert check_upload(source, "x.csv") == []


def test_all_faults_are_told_in_one_go(tmp_path):
    lines = [b"a,b,c", b"1,2,3", b"1,2", b'1,"x"y,3', b"1,2,3,4", b"1,\x00,3", b"1,2,3"]
    problems = refusal(tmp_path, b"\n".join(lines) + b"\n")
    assert [(one.code, one.row) for one in problems] == [
        ("ragged_row", 3),
        ("bad_quote", 4),
        ("ragged_row", 5),
        ("nul_byte", 6),
    ]


def test_at_most_a_hundred_faults_are_told(tmp_path):
    problems = refusal(tmp_path, b"a,b\n" + b"1\n" * 5000)
    assert len(problems) == MAX_PROBLEMS
    assert [one.row for one in problems] == list(range(2, 102))


def test_mismatches_of_several_chosen_types_with_lines_after_multiline_values(tmp_path):
    content = b'a,b,note\n1,2,"two\nlines"\nx,3,\n\n4,y,z\n'
    problems = refusal(tmp_path, content, types={"a": "integer", "b": "number"})
    assert [(one.row, one.column, one.value) for one in problems] == [
        (4, "a", "x"),
        (6, "b", "y"),
    ]


def test_not_utf8_offers_the_encoding(tmp_path):
    problems = refusal(tmp_path, "a,b\n1,“é”\n".encode("cp1252"))
    assert "cp1252" in problems[0].detail
    assert problems[0].offer == {"encoding": "cp1252"}


def test_a_file_that_is_not_what_was_asked_for_either_is_offered_the_next(tmp_path):
    problems = refusal(tmp_path, b"a,b\n1,\x81\n", encoding="cp1252")
    assert "latin-1" in problems[0].detail
    assert problems[0].offer == {"encoding": "latin-1"}


@pytest.mark.parametrize("text", ["“Ana”, Zürich, Ána", "Ána Zürich", "a" * (1 << 21) + "Á"])
@pytest.mark.parametrize("asked", ["cp1252", "utf-16"])
def test_a_file_in_utf8_that_was_asked_for_as_another_is_offered_utf8(tmp_path, text, asked):
    content = f"a\n{text}\n"
    content += "" if len(content.encode()) % 2 else "b"
    problems = refusal(tmp_path, content.encode(), encoding=asked)
    assert "utf-8" in problems[0].detail
    assert problems[0].offer == {"encoding": "utf-8"}


def test_a_file_cut_inside_a_character_is_not_offered_utf8(tmp_path):
    problems = refusal(tmp_path, "a\nZürich Á".encode()[:-1] + b"\x81\xc3", encoding="cp1252")
    assert problems[0].offer == {"encoding": "latin-1"}


def test_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(ingest_module, "MAX_ROWS", 3)
    problems = refusal(tmp_path, b"a,b\n" + b"1,2\n" * 4)
    assert problems[0].code == "too_many_rows"
