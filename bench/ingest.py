#!/usr/bin/env python3
"""Reading a CSV: ours against its floor and its peers, interleaved, in one run.

    ingest.py [--mb 100] [--runs 5] [--short]

Each contender runs in a process of its own, in turn, on the same file. Printed are medians of wall
time and processor time, the ratio to the floor (DuckDB's typed parse that keeps nothing, the types
known beforehand), and the highest memory. `ours, late text` reads the same file with one text near
the end of a column of integers. Last comes how long a file of two rows takes in a child of its own,
as uploads are read: the first, for which the nursery starts, and the median of those that follow.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MISSING = ["", "NA", "-9"]
LATE = "ours, late text"


def sniffed_types(csv: Path) -> dict[str, str]:
    """The types of the columns, found before any clock starts."""
    import duckdb

    rows = duckdb.execute(
        f"DESCRIBE SELECT * FROM read_csv('{csv}', sample_size = -1, nullstr = {MISSING})"
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def typed_table(csv: Path, types: dict[str, str]) -> str:
    columns = ", ".join(f"'{name}': '{type_}'" for name, type_ in types.items())
    return (
        f"read_csv('{csv}', columns = {{{columns}}}, header = true, auto_detect = false, "
        f"strict_mode = true, delim = ',', quote = '\"', escape = '\"', nullstr = {MISSING})"
    )


def duckdb_runs(query: str) -> None:
    import duckdb

    connection = duckdb.connect(config={"threads": "2"})
    connection.execute(query).fetchall()


def floor(csv: Path, types: dict[str, str], folder: Path) -> None:
    counts = ", ".join(f'count("{name}")' for name in types)
    duckdb_runs(f"SELECT {counts} FROM {typed_table(csv, types)}")


def copy(csv: Path, types: dict[str, str], folder: Path) -> None:
    duckdb_runs(
        f"COPY (SELECT * FROM {typed_table(csv, types)}) TO '{folder / 'copy.parquet'}' "
        "(FORMAT parquet, COMPRESSION zstd)"
    )


def copy_and_summarize(csv: Path, types: dict[str, str], folder: Path) -> None:
    copy(csv, types, folder)
    duckdb_runs(f"SUMMARIZE SELECT * FROM '{folder / 'copy.parquet'}'")


def ours(csv: Path, types: dict[str, str], folder: Path) -> None:
    from datasets.engine.reading.ingest import ingest
    from datasets.engine.reading.readers import ReadOptions

    target = folder / "ours.parquet"
    ingest(csv, target, ReadOptions(), "data.csv", lambda stage, done, message: None)


def pandas_describe(csv: Path, types: dict[str, str], folder: Path) -> None:
    import pandas as pd

    frame = pd.read_csv(csv, na_values=MISSING)
    frame.describe(include="all")
    frame.to_parquet(folder / "pandas.parquet", compression="zstd")


def polars_describe(csv: Path, types: dict[str, str], folder: Path) -> None:
    import polars as pl

    frame = pl.read_csv(csv, null_values=MISSING, infer_schema_length=None)
    frame.describe()
    frame.select(pl.all().n_unique())
    frame.write_parquet(folder / "polars.parquet", compression="zstd")


CONTENDERS: dict[str, Callable[[Path, dict[str, str], Path], None]] = {
    "floor: DuckDB typed parse": floor,
    "DuckDB to Parquet, no profile": copy,
    "DuckDB to Parquet + SUMMARIZE": copy_and_summarize,
    "ours: Parquet, checks, profile": ours,
    LATE: ours,
    "Polars, describe, Parquet": polars_describe,
    "pandas, describe, Parquet": pandas_describe,
}


def measure(name: str, folder: Path) -> dict[str, float]:
    """One run in a process of its own; imports are not counted."""
    command = [sys.executable, __file__, "--child", name, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def child(name: str, folder: Path) -> None:

    csv = folder / ("late.csv" if name == LATE else "clean.csv")
    types = json.loads((folder / "types.json").read_text())
    warm_up(name, folder)
    wall, processor = time.perf_counter(), time.process_time()
    CONTENDERS[name](csv, types, folder)
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - wall,
                "processor": time.process_time() - processor,
                "memory": peak_megabytes(),
            }
        )
    )


def peak_megabytes() -> float:
    """The most memory this process had. Not ru_maxrss, which begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def warm_up(name: str, folder: Path) -> None:
    """Imports what the contender needs by running it on a few rows."""
    CONTENDERS[name](folder / "tiny.csv", {"a": "BIGINT", "b": "VARCHAR"}, folder)


def tiny_files(folder: Path, times: int = 20) -> list[float]:
    """Seconds that each of some tiny files takes through a child."""
    from datasets.engine.reading.readers import ReadOptions
    from datasets.engine.reading.sandbox import ingest_in_child

    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ingest_in_child(
            folder / "tiny.csv",
            folder / "tiny.parquet",
            ReadOptions(),
            "data.csv",
            lambda stage, done, message: None,
            lambda: False,
        )
        taken.append(time.perf_counter() - began)
    return taken


def prepare(folder: Path, megabytes: float) -> None:
    generate = Path(__file__).with_name("generate.py")
    for name, extra in (("clean.csv", []), ("late.csv", ["--late-text"])):
        command = [sys.executable, str(generate), "clinical", str(folder / name)]
        subprocess.run([*command, "--mb", str(megabytes), *extra], check=True)
    (folder / "types.json").write_text(json.dumps(sniffed_types(folder / "clean.csv")))
    (folder / "tiny.csv").write_text("a,b\n1,x\n2,y\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading a CSV against its floor and peers.")
    parser.add_argument("--mb", type=float, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="10 MB, one run")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child, args.folder)
        return
    megabytes, runs = (10, 1) if args.short else (args.mb, args.runs)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        prepare(folder, megabytes)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
        for _ in range(runs):
            for contender in CONTENDERS:
                found[contender].append(measure(contender, folder))
        first, *rest = tiny_files(folder)
    report(found)
    print(f"tiny file in a child: first {first:.3f} s, then {statistics.median(rest):.3f} s")


def report(found: dict[str, list[dict[str, float]]]) -> None:
    def median(name: str, key: str) -> float:
        return statistics.median(run[key] for run in found[name])

    base, *_ = CONTENDERS
    print(f"{'':32}{'wall s':>8}{'ratio':>7}{'cpu s':>8}{'ratio':>7}{'peak MB':>9}")
    for name in CONTENDERS:
        wall, processor = median(name, "wall"), median(name, "processor")
        print(
            f"{name:32}{wall:8.2f}{wall / median(base, 'wall'):7.1f}"
            f"{processor:8.2f}{processor / median(base, 'processor'):7.1f}"
            f"{max(run['memory'] for run in found[name]):9.0f}"
        )
    clean = "ours: Parquet, checks, profile"
    late = median(LATE, "wall") / median(clean, "wall")
    late_cpu = median(LATE, "processor") / median(clean, "processor")
    print(f"one late text value costs {late:.2f} x the clean time (processor {late_cpu:.2f} x)")


if __name__ == "__main__":
    main()
