"""A version's table as other people's programs read it."""

from pathlib import Path

import pyarrow.csv
import pyarrow.parquet

BATCH_ROWS = 20_000


def write_csv(path: Path, csv: Path) -> None:
    """Writes the table as CSV in UTF-8 with a header; missing values are empty fields.

    Values are written as they are, also those that a spreadsheet program would take for a formula.
    """
    with (
        pyarrow.parquet.ParquetFile(path) as table,
        pyarrow.csv.CSVWriter(csv, table.schema_arrow) as writer,
    ):
        for batch in table.iter_batches(batch_size=BATCH_ROWS):
            writer.write_batch(batch)
