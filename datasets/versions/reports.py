"""Reports on a version for spreadsheet programs."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from datasets.engine.results.tables import harmless
from portal.web.downloads import csv_file


def csv_report(filename: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Rows for people to open in a spreadsheet program, which must not run them as formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow("" if cell is None else harmless(str(cell)) for cell in row)
    return csv_file(filename, text.getvalue())
