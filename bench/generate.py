#!/usr/bin/env python3
"""Makes benchmark inputs: the same arguments give the same bytes.

    generate.py clinical OUT.csv --mb 100 [--seed 1] [--late-text]
    generate.py wide     OUT.csv --rows 5000 --columns 5000 [--seed 1]

`clinical` is visits at twelve hospitals, 42 columns: identifiers, categories, dates, measurements
with missing codes, free text with quotes and line breaks. `--late-text` puts one text into a column
of integers at 97 % of the file. A megabyte is a million bytes.
"""

import argparse
from pathlib import Path

import numpy as np

BLOCK = 20_000
HOSPITALS = [
    ("Hôpital Saint-Étienne", "Western Europe", "FRA", "NA"),
    ("Universitätsklinikum Köln", "Western Europe", "DEU", ""),
    ("Hospital São João", "Southern Europe", "PRT", "-9"),
    ("京都大学病院", "Eastern Asia", "JPN", ""),
    ("Royal Infirmary, Edinburgh", "Northern Europe", "GBR", "NA"),
    ("Skåne University Hospital", "Northern Europe", "SWE", "-9"),
    ("Hospital Clínic", "Southern Europe", "ESP", ""),
    ('The "North" Hospital', "Southern Asia", "IND", "NA"),
    ("Groote Schuur", "Southern Africa", "ZAF", "-9"),
    ("General Hospital", "Northern America", "USA", "NA"),
    ("Karolinska", "Northern Europe", "SWE", ""),
    ("Szpital Uniwersytecki Kraków", "Eastern Europe", "POL", "-9"),
]
MEDICATIONS = [
    *("Metformin, 500 mg", "Atorvastatin 20 mg", "Aspirin", "Insulin glargine, 100 U/mL"),
    *("Bisoprolol 2.5 mg", "Ramipril", "Paracétamol 1 g", 'Salbutamol "PRN"', "Omeprazole"),
]
WORDS = [
    "patient",
    "reports",
    "mild",
    "chest",
    "pain",
    "on",
    "exertion",
    "denies",
    "dyspnoea",
    "follow-up",
    "in",
    "weeks",
    "Müller",
    "naïve",
    "stable",
    "reviewed",
    "allergic",
    "to",
    "penicillin",
    "labs",
    "pending",
    "β-blocker",
    "µg/L",
    "≥",
    "38°C",
    "discharged",
    "home",
    "family",
    "history",
    "smoker",
    "ex",
    "痛みなし",
    "sin",
    "cambios",
    "no",
    "changes",
    "wound",
    "healing",
    "well",
    "advised",
    "diet",
]
ETHNICITIES = ["White", "Black", "Asian", "Mixed", "Hispanic/Latino", "Other", "Roma", "Unknown"]

SPREAD = {
    # name: mean, standard deviation, lowest, highest, decimals, share missing
    "birth_year": (1957, 17, 1905, 2005, 0, 0.0),
    "age": (58, 17, 18, 100, 0, 0.01),
    "height_cm": (168, 9, 130, 215, 1, 0.06),
    "weight_kg": (76, 14, 30, 200, 1, 0.05),
    "bmi": (27, 5, 12, 70, 2, 0.07),
    "sbp": (121, 17, 60, 260, 0, 0.03),
    "dbp": (77, 11, 30, 150, 0, 0.03),
    "heart_rate": (76, 13, 30, 220, 0, 0.04),
    "temp_c": (36.9, 0.6, 33, 43, 1, 0.1),
    "hba1c": (6.1, 1.1, 3.5, 15, 1, 0.25),
    "glucose_mmol": (6.3, 1.7, 2, 40, 2, 0.12),
    "chol_total": (5.1, 1.1, 2, 12, 2, 0.15),
    "ldl": (3.0, 1.0, 0.5, 9, 2, 0.18),
    "hdl": (1.4, 0.4, 0.3, 4, 2, 0.15),
    "triglycerides": (1.6, 0.9, 0.2, 10, 2, 0.15),
    "creatinine": (83, 21, 20, 900, 1, 0.08),
    "egfr": (105, 34, 5, 180, 6, 0.05),
    "wbc": (7.4, 2.1, 0.5, 60, 2, 0.1),
    "hb": (13.4, 1.7, 3, 22, 1, 0.1),
    "platelets": (250, 70, 10, 1200, 0, 0.1),
    "followup_days": (2000, 900, 0, 4000, 0, 0.05),
}

Strings = np.ndarray
"""An object array of the fields of one column, already quoted where CSV needs it."""


def strings(values: list[str]) -> Strings:
    out = np.empty(len(values), dtype=object)
    out[:] = [quoted(value) for value in values]
    return out


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(c in value for c in ',"\n') else value


def decimals(values: np.ndarray, places: int) -> Strings:
    return np.char.mod(f"%.{places}f", values).astype(object)


class Clinical:
    """Blocks of visits, picked from tables of ready strings."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.hospitals = [strings(list(column)) for column in zip(*HOSPITALS, strict=True)]
        self.medications = strings(MEDICATIONS)
        self.icd = strings(
            [f"{c}{i:02d}.{j}" for c in "IEJKNC" for i in range(0, 60, 2) for j in range(5)]
        )
        self.days = strings([str(d) for d in np.arange("2005-01-01", "2025-01-01", dtype="M8[D]")])
        self.clock = strings([f" {h:02d}:{m:02d}:00" for h in range(24) for m in range(60)])
        self.hexadecimal = strings([f"{i:04x}" for i in range(65_536)])
        self.notes = strings([self.note(i) for i in range(20_000)])
        self.lists = strings(
            [";".join(self.pick(self.icd, int(self.rng.integers(1, 6)))) for _ in range(5_000)]
        )

    def pick(self, table: Strings, n: int) -> Strings:
        return table[self.rng.integers(0, len(table), n)]

    def note(self, i: int) -> str:
        text = " ".join(self.pick(np.array(WORDS, dtype=object), int(self.rng.integers(4, 24))))
        if i % 20 == 0:
            return text[: len(text) // 2] + "\n" + text[len(text) // 2 :]
        return f'Pt said "{text}"' if i % 20 == 1 else text

    def sometimes(self, values: Strings, share: float, other: Strings | str) -> Strings:
        """`values`, of which a share is replaced."""
        return np.where(self.rng.random(len(values)) < share, other, values)

    def measured(self, name: str, n: int, missing: Strings) -> Strings:
        mean, spread, low, high, places, share = SPREAD[name]
        values = np.clip(self.rng.normal(mean, spread, n), low, high)
        return self.sometimes(decimals(values, places), share, missing)

    def block(self, first: int, n: int) -> dict[str, Strings]:
        """The columns of `n` visits, the first of which has the number `first`."""
        hospital = self.rng.integers(0, len(HOSPITALS), n)
        site, region, country, missing = (table[hospital] for table in self.hospitals)
        day = self.rng.integers(1_500, len(self.days) - 400, n)
        later = day + self.rng.integers(0, 40, n)
        crp = decimals(np.clip(self.rng.exponential(6, n), 0.01, None), 2)
        troponin = np.char.mod("%.2e", self.rng.lognormal(-4, 1.5, n)).astype(object)
        binary = strings(["0", "1"])
        return {
            "record_id": np.char.mod("R%09d", np.arange(first, first + n)).astype(object),
            "site": site,
            "region": region,
            "country": country,
            "patient_pid": sum((self.pick(self.hexadecimal, n) for _ in range(2)), strings([""])),
            "visit_no": self.pick(strings([str(i) for i in range(1, 9)]), n),
            "visit_date": self.days[day],
            "sex": self.sometimes(self.pick(strings(["F", "M"]), n), 0.01, missing),
            "ethnicity": self.sometimes(self.pick(strings(ETHNICITIES), n), 0.08, missing),
            **{name: self.measured(name, n, missing) for name in SPREAD},
            "crp_mg_l": self.sometimes(self.sometimes(crp, 0.1, "<0.5"), 0.3, missing),
            "troponin": self.sometimes(troponin, 0.6, missing),
            "smoking": self.pick(strings(["never", "former", "current"]), n),
            "diabetes": self.sometimes(self.pick(binary, n), 0.02, missing),
            "hypertension": self.sometimes(self.pick(binary, n), 0.02, missing),
            "icd10_primary": self.pick(self.icd, n),
            "icd10_list": self.pick(self.lists, n),
            "medication": self.pick(self.medications, n),
            "admission": self.days[day] + self.pick(self.clock, n),
            "discharge": self.sometimes(self.days[later] + self.pick(self.clock, n), 0.2, ""),
            "outcome_death": self.pick(binary, n),
            "notes": self.sometimes(self.pick(self.notes, n), 0.7, ""),
        }


def write_clinical(out: Path, megabytes: float, seed: int, late_text: bool) -> int:
    """Writes about `megabytes` million bytes and returns the number of rows."""
    made, target, rows = Clinical(seed), megabytes * 1e6, 0
    n = int(min(BLOCK, max(500, target / 3_000)))
    with out.open("wb") as file:
        while file.tell() < target:
            columns = made.block(rows, n)
            if not rows:
                file.write((",".join(columns) + "\n").encode())
            if late_text and file.tell() > 0.97 * target - 300 * n:
                columns["visit_no"][n // 2] = "unscheduled"
                late_text = False
            lines = map(
                ",".join, zip(*(column.tolist() for column in columns.values()), strict=True)
            )
            file.write(("\n".join(lines) + "\n").encode())
            rows += n
    return rows


def write_wide(out: Path, rows: int, columns: int, seed: int) -> int:
    """Writes a matrix of correlated measurements, as from an omics platform."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(0, 1, (10, columns))
    with out.open("w", encoding="utf-8") as file:
        file.write("sample_id," + ",".join(f"g{j:05d}" for j in range(columns)) + "\n")
        for i in range(rows):
            values = 0.2 * rng.normal(0, 1, 10) @ loadings + rng.normal(0, 0.8, columns)
            file.write(f"P{i:06d}," + ",".join(np.char.mod("%.4f", values)) + "\n")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes benchmark inputs.")
    parser.add_argument("kind", choices=["clinical", "wide"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--mb", type=float, default=10)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--columns", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late-text", action="store_true")
    args = parser.parse_args()
    if args.kind == "wide":
        rows = write_wide(args.out, args.rows, args.columns, args.seed)
    else:
        rows = write_clinical(args.out, args.mb, args.seed, args.late_text)
    print(f"{args.out}: {rows:,} rows, {args.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
