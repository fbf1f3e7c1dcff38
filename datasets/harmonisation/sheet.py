"""Mappings as a spreadsheet: one line per dataset and variable, to be filled in offline.

What people fill in stands as they write it in the form: a recode's pairs as `value = new value`,
one a line. A cell that a spreadsheet program would run as a formula begins with an apostrophe,
which is taken away again when the sheet is read.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from datasets.choices import MappingStatus
from datasets.columns.models import Column
from datasets.engine.mapping import units
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import KEEP, map_rule
from datasets.engine.results.tables import FORMULA_STARTS
from datasets.harmonisation.matrix import Matrix
from datasets.harmonisation.sources import rule_in_words
from datasets.mappings.forms import typed
from datasets.mappings.models import Mapping
from datasets.mappings.told import is_told_whole, rule_told
from datasets.variables.models import SharedVariable
from datasets.variables.pairs import read_pairs, read_text, write_pair, write_text
from portal.common.exceptions import Invalid
from portal.common.text import listed

NEEDED = ("dataset", "variable", "rule")
HEADER = (
    *("dataset", "site", "title", "variable", "variable_label", "variable_type", "variable_unit"),
    *("variable_codes", "status", "in_words", "look_at", "rule", "column", "column_label"),
    *("column_unit", "values", "otherwise", "if_missing", "from_unit", "analyte", "expression"),
    *("note", "revision"),
)
"""Sites, variables, columns' labels, status, rule in words and what to look at first are told; the
rest is read again."""

WITHOUT_RULE = (MappingStatus.IMPOSSIBLE.value, MappingStatus.UNDETERMINED.value)
KINDS = ("copy", "recode", "unit", "expression", *WITHOUT_RULE)
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
MOST_BYTES = 2 * 1024**2
MOST_LINES = 20_000

Cells = dict[str, str]


@dataclass(frozen=True)
class Line:
    """A line of a sheet as it was sent: its number in the file, and its cells."""

    number: int
    cells: Cells

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


def written(matrix: Matrix, columns: dict[int, list[Column]], *, separator: str) -> str:
    """The sheet of a matrix: for each dataset a line per variable, then one per column that no rule
    reads.

    Rules stand in full, to be changed, for datasets whose rows the person reads and, where they
    speak of no value, for those they map. Of others there are the words that pages have for them.
    """
    out = io.StringIO()
    # Without the mark Excel takes the file for one in an old encoding.
    out.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(HEADER)
    known = sorted(matrix.variables, key=lambda one: one.pk)
    for dataset in matrix.datasets:
        place = {
            "dataset": str(dataset.pk),
            "site": dataset.site.name,
            "title": dataset.title,
        }
        own = {column.name: column for column in columns.get(dataset.pk, ())}
        read = set()
        for variable in known:
            mapping = matrix.mappings.get((variable.pk, dataset.pk))
            cells = place | of_variable(variable)
            reads_rows = dataset.pk in matrix.readable
            in_full = reads_rows or dataset.pk in matrix.mine
            cells |= (of_mapping if in_full else told_of)(mapping, reads_rows=reads_rows)
            if mapping:
                cells["status"] = matrix.status(variable, dataset)
                cells["look_at"] = " ".join(matrix.cautions(variable, dataset))
            read |= columns_read(mapping, variable, own)
            writer.writerow(line_of(cells | of_column(own.get(cells.get("column", "")))))
        for name, column in own.items():
            if name not in read:
                writer.writerow(line_of(place | {"column": name} | of_column(column)))
    return out.getvalue()


def columns_read(
    mapping: Mapping | None, variable: SharedVariable, own: dict[str, Column]
) -> set[str]:
    """Which of the dataset's columns a rule reads."""
    if mapping is None or mapping.rule is None:
        return set()
    types = {name: column.type for name, column in own.items()}
    try:
        return set(map_rule(mapping.rule, types, variable.info).columns)
    except RuleError:
        return set()


def line_of(cells: Cells) -> list[str]:
    """The cells in the header's order."""
    return [harmless(cells.get(name, "")) for name in HEADER]


def harmless(text: str) -> str:
    """A cell that no program runs, and that `meant` reads as what it was."""
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "'")) else text


def meant(cell: str) -> str:
    """What `harmless` wrote; a cell that somebody typed is as they typed it."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith((*FORMULA_STARTS, "'")) else cell


def of_variable(variable: SharedVariable) -> Cells:
    """What the sheet tells of a variable."""
    return {
        "variable": variable.name,
        "variable_label": variable.label,
        "variable_type": variable.type,
        "variable_unit": variable.unit,
        "variable_codes": "\n".join(write_pair(*pair) for pair in variable.codes.items()),
    }


def of_column(column: Column | None) -> Cells:
    """What the dataset's dictionary says of a column."""
    return {"column_label": column.label, "column_unit": column.unit} if column else {}


def of_mapping(mapping: Mapping | None, *, reads_rows: bool) -> Cells:
    """A mapping as somebody would fill it in, where they are told all of its rule."""
    told = told_of(mapping, reads_rows=reads_rows)
    if mapping is None:
        return told
    rule = rule_told(mapping.rule, mapping.dataset_id, reads_rows=reads_rows) or {}
    if not is_told_whole(rule):
        return told
    other, empty = rule.get("otherwise"), rule.get("if_missing")
    pairs = [
        *rule.get("map", {}).items(),
        *((str(value), None) for value in rule.get("missing") or []),
    ]
    return told | {
        "rule": rule.get("kind") or mapping.status,
        "column": rule.get("column", ""),
        "values": "\n".join(
            write_pair(value, None if new is None else typed(new)) for value, new in pairs
        ),
        "otherwise": "keep" if other == KEEP else "" if other is None else quoted(typed(other)),
        "if_missing": "" if empty is None else write_text(typed(empty)),
        "from_unit": rule.get("from") or "",
        "analyte": rule.get("analyte") or "",
        "expression": rule.get("sql", ""),
    }


def told_of(mapping: Mapping | None, *, reads_rows: bool) -> Cells:
    """What everybody who sees a mapping is told of it."""
    if mapping is None:
        return {}
    return {
        "in_words": rule_in_words(mapping, reads_rows=reads_rows),
        "note": mapping.note,
        "revision": str(mapping.revision),
    }


def quoted(text: str) -> str:
    """Another value for all others; one called keep is no sign to keep them."""
    return '"keep"' if text == "keep" else write_text(text)


def rule_in(line: Line, variable: SharedVariable) -> dict[str, Any] | None:
    """The rule that a line says, of text alone; None where it says that there is none."""
    kind = line["rule"].strip().lower()
    if kind not in KINDS:
        text = gettext("“%(rule)s” is no rule. Write one of: %(kinds)s; or leave the cell empty.")
        raise Invalid(text % {"rule": kind[:40], "kinds": listed(KINDS)}, code="unknown_rule")
    if kind in WITHOUT_RULE:
        return None
    if kind == "expression":
        return {"kind": kind, "sql": line["expression"].replace("\r\n", "\n")}
    rule: dict[str, Any] = {"kind": kind, "column": line["column"].replace("\r\n", "\n")}
    pairs = read_pairs(line["values"])
    if kind == "recode":
        if len(dict(pairs)) < len(pairs):
            raise Invalid(gettext("A value stands twice under values: keep one of them."))
        other, empty = line["otherwise"].strip(), line["if_missing"].strip()
        rule["map"] = dict(pairs)
        rule["otherwise"] = KEEP if other == "keep" else read_text(other) if other else None
        return rule | ({"if_missing": read_text(empty)} if empty else {})
    if kind == "unit":
        if any(new is not None for _, new in pairs):
            text = gettext("Of a unit’s rule values say what means missing, with nothing after =.")
            raise Invalid(text, code="bad_rule")
        rule["from"] = line["from_unit"].strip()
        rule["to"] = units.ucum(variable.unit) or variable.unit
        if analyte := line["analyte"].strip():
            rule["analyte"] = analyte
        if pairs:
            rule["missing"] = [value for value, _ in pairs]
    return rule


def read(content: bytes) -> list[Line]:
    """The lines of a sheet that say something, whichever program wrote it. Raises Invalid."""
    if len(content) > MOST_BYTES:
        text = gettext("The file is larger than 2 MB: send it site by site.")
        raise Invalid(errors={"file": text}, code="too_large")
    text = decoded(content)
    if "\x00" in text:
        raise Invalid(errors={"file": gettext("The file is no text: save it as CSV.")})
    head = text.partition("\n")[0]
    separator = max(SEPARATORS.values(), key=head.count)
    try:
        # Strictly: a quote that is never closed would else swallow all lines after it.
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        text = gettext("The file cannot be read as CSV: save it as CSV with quotes.")
        raise Invalid(errors={"file": text}) from error
    names = [name.strip().lower() for name in rows[0]] if rows else []
    lacking = [name for name in NEEDED if name not in names]
    if lacking:
        text = gettext("The first line lacks %(names)s: start from a file of this project.")
        raise Invalid(errors={"file": text % {"names": listed(lacking)}}, code="no_header")
    twice = [name for name in HEADER if names.count(name) > 1]
    if twice:
        text = gettext("The first line has %(names)s twice: keep one of them.")
        raise Invalid(errors={"file": text % {"names": listed(twice)}}, code="no_header")
    if len(rows) > MOST_LINES:
        text = gettext("The file has more than 20,000 lines: send it site by site.")
        raise Invalid(errors={"file": text}, code="too_large")
    lines = (
        Line(number, {name: meant(cell) for name, cell in zip(names, row, strict=False)})
        for number, row in enumerate(rows[1:], start=2)
    )
    return [line for line in lines if line["rule"].strip()]


def decoded(content: bytes) -> str:
    """The text, be it from Excel's “CSV UTF-8”, its “Unicode text” or its plain CSV."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
