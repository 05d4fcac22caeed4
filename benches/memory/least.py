#!/usr/bin/env python3
"""Runs under the least budgets that plans name: small runs on stores of many bars, where a plan has no slack.

    python3 benches/memory/least.py --barline target/release/barline [--runs 2] [--seed 1] [BARS ...]

A store each is made of 64 series of 6,000 daily closes, of 20 with all prices, and of each file of bars that is
named. Each command of `COMMANDS` runs under the least budget that its refusal names, and under 1.15, 1.4, 2 and 10
times as much. No run may take more than its plan or its budget; exit code 1 if one did. How far below its plan a
run stays is shown and not judged: a pair that is not cointegrated, or has too little history, leaves nothing of
what its job might have, and no plan knows which these are. Standard library only.
"""

import argparse
import math
import re
import shutil
import sys
import tempfile
from pathlib import Path

from curve import DAY, Bench, Ran

FACTORS = (1, 1.15, 1.4, 2, 10)
DAYS = {"1d": 365, "1h": 90, "5m": 30}
COMMANDS = [
    "backtest --multi-pair --horizons {days} --sizes 2 --strategies cointegration,hrp",
    "backtest --multi-pair --horizons {days} --sizes 2 --strategies copula",
    "backtest --multi-pair --horizons {days} --sizes 3 --strategies hrp",
    "backtest --multi-pair --horizons {days} --sizes 2 --strategies equal-weight",
    "backtest --multi-pair --horizons {days} --sizes 2 --strategies cointegration,hrp --keep all",
    "backtest --multi-pair --horizons {days} --quick",
    "backtest --multi-pair --horizons {days},{twice} --sizes 2..3 --max-combinations 3000",
    "backtest --horizons {days} --strategies buy-and-hold",
    "screen --formation-days {days}",
    "screen --formation-days {days} --top 100",
    "screen --formation-days {days} --lag aic --all",
    "screen --formation-days {days} --test johansen",
]


def closes_only(folder):
    """The bars of a folder of CSV without anything but their closes."""
    for path in folder.glob("*.csv"):
        lines = path.read_text(encoding="ascii").splitlines()
        kept = [line.split(",") for line in lines]
        path.write_text("".join(f"{f[0]},{f[1]},{f[5]}\n" for f in kept), encoding="ascii")


def real(bench, path):
    """A store of the bars of a file."""
    store = bench.folder / f"{path.stem}.duckdb"
    ran = Ran(bench.barline, bench.folder, ["import", str(path.resolve()), "--db", store.name])
    if ran.code != 0:
        sys.exit(f"import of {path}: {ran.err}")
    return store


def interval(bench, store):
    asked = Ran(bench.barline, bench.folder, ["sql", "SELECT min(interval_us) AS us FROM bar", "--db", store.name, "--format", "csv"])
    seconds = int(asked.out.split()[-1]) // 1_000_000
    return "1d" if seconds >= DAY else "1h" if seconds >= 3_600 else "5m"


def least(bench, store, arguments):
    """The least budget that a refusal names, in MB rounded up; `None` where the command has nothing to do."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        shutil.copy(store, Path(folder) / "s.duckdb")
        refused = Ran(bench.barline, folder, [*arguments, "--db", "s.duckdb", "-q", "--dry-run"], 1)
    found = re.search(r"--memory-budget (\d+)MiB", refused.err)
    return int(found[1]) * 1.048576 if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--barline", required=True)
    parser.add_argument("--runs", type=int, default=2, help="runs of each command under each budget")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("bars", nargs="*", type=Path, help="files of bars, each a store of its own")
    options = parser.parse_args()
    options.scale, options.out = "small", None
    bench = Bench(options)
    broken = []
    try:
        stores = {
            "64 x 6,000 closes": bench.store("closes", 64, 6_000, DAY, change=closes_only),
            "20 x 8,000 days": bench.store("whole", 20, 8_000, DAY),
        }
        stores |= {path.stem: real(bench, path) for path in options.bars}
        print("| store | command | least budget MB | peak / predicted | peak MB |\n|---|---|---|---|---|")
        for name, store in stores.items():
            days = DAYS[interval(bench, store)]
            for command in COMMANDS:
                arguments = command.format(days=days, twice=2 * days).split()
                budget = least(bench, store, arguments)
                if budget is None:
                    continue
                rows = [
                    bench.run("least", f"{name}: {command}", store, arguments, math.ceil(budget * factor))
                    for factor in FACTORS
                    for _ in range(options.runs)
                ]
                over = [row for row in rows if row["code"] not in (0, 1) or row["ratio"] > 1]
                over += [row for row in rows if row.get("measured_mb", 0) > row.get("allowed_mb", 0)]
                broken += over
                ran = [row for row in rows if "ratio" in row]
                ratios = [row["ratio"] for row in ran]
                peaks = [row["measured_mb"] for row in ran]
                shown = f"{min(ratios):.2f} to {max(ratios):.2f} | {min(peaks):.1f} to {max(peaks):.1f}"
                print(f"| {name} | {' '.join(arguments)} | {budget:.1f} | {shown} |", flush=True)
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)
    for row in broken:
        peak, plan = row.get("measured_mb", 0), row.get("predicted_mb", 0)
        print(f"broke its plan: {row['case']}: {peak:.1f} of {plan:.1f} MB, exit code {row['code']}", file=sys.stderr)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
