"""A version's table as other people's programs read it."""

from pathlib import Path

import pyarrow.csv
import pyarrow.parquet

BATCH_ROWS = 20_000


def write_csv(table: Path, target: Path) -> None:
    """Writes the table as CSV in UTF-8 with a header; missing values are empty fields.

    Values are written as they are, also those that a spreadsheet program would take for a formula.
    """
    with (
        pyarrow.parquet.ParquetFile(table) as source,
        pyarrow.csv.CSVWriter(target, source.schema_arrow) as writer,
    ):
        for batch in source.iter_batches(batch_size=BATCH_ROWS):
            writer.write_batch(batch)
