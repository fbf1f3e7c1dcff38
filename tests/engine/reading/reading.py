"""Reads bytes as an upload would be read, for tests."""

from pathlib import Path

import pyarrow.parquet as pq

from datasets.engine.reading.ingest import IngestResult, ingest
from datasets.engine.reading.readers import ReadOptions

CASES = Path(__file__).parents[2] / "data" / "cases"
HEART = Path(__file__).parents[3] / "portal" / "demo" / "heart"


def read(tmp_path: Path, content: bytes | str, filename: str = "data.csv", **options):
    """The result of reading `content`, and the values of each column by name."""
    source, target = tmp_path / "upload", tmp_path / "out.parquet"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    result = ingest(source, target, ReadOptions.from_dict(options), filename, lambda *_: None)
    return result, pq.read_table(target).to_pydict()


def types(result: IngestResult) -> dict[str, str]:
    return {column["name"]: column["type"] for column in result.columns}


def column(result: IngestResult, name: str) -> dict:
    return next(column for column in result.columns if column["name"] == name)
