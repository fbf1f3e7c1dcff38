"""Tables for spreadsheet programs."""

from datasets.versions.reports import csv_report


def test_a_report_is_a_file_in_which_nothing_runs():
    answer = csv_report("problems.csv", [("row", "value"), (3, "=1+1"), (None, "-5"), (7, "a,b")])
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="problems.csv"'
    assert answer.content.decode() == "row,value\r\n3,'=1+1\r\n,'-5\r\n7,\"a,b\"\r\n"
