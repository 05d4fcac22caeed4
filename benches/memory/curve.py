#!/usr/bin/env python3
"""Peak memory and rate of Barline: over jobs, workers and budgets, and for cases known to hurt.

    python3 benches/memory/curve.py --barline target/release/barline [--scale small|full]
        [--only jobs,workers,budgets,cases,contract] [--runs 100] [--seed 1] [--out FILE.jsonl]

`small` takes a few minutes and shows that everything works; `full` makes the table of the README.
Every run is a fresh copy of a store. The peak is RssAnon + RssShmem of the process tree, sampled
here every 5 ms, beside what the run itself measured and what its plan predicted. `contract` draws
budgets from 192 MB to 2 GB and imports, backtests, asks or screens under each; every second backtest has
one between the least that its plan names and what it takes with all its workers and its panel in memory.
A run ends within its budget, or with exit code 2 before any work; where a memory control group can be
made, it is held to 1.1 times the budget in it. In some of these runs a worker must have waited for memory,
and the panel must have been mapped because the budget left no room for it. Measured over predicted lies
between 0.7 and 1 in every run that has a plan. Standard library only; exit code 1 if a run broke the
contract.
"""

import argparse
import contextlib
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MB = 1_000_000
DAY, HOUR = 86_400, 3_600
START = 1_609_459_200  # 2021-01-01 UTC
SCALES = {
    "small": {
        "jobs": [1_000, 10_000],
        "at": 2_000,
        "stocks": 300,
        "sample": 500,
        "days": 300,
        "drawn": 300,
        "wide": 600,
    },
    "full": {
        "jobs": [1_000, 10_000, 100_000, 1_000_000],
        "at": 10_000,
        "stocks": 5_000,
        "sample": 20_000,
        "days": 1_095,
        "drawn": 1_000,
        "wide": 1_000,
    },
}
BUDGETS = [192, 256, 512, 1_000, 2_000]
PARTS = ("jobs", "workers", "budgets", "cases", "contract")
KINDS = ("import", "backtest", "query", "screen")
# Questions that sort, that join, that ask for more than DuckDB can spill, and for many rows.
QUESTIONS = [
    "SELECT max(place), max(high) FROM (SELECT *, row_number() OVER "
    "(ORDER BY close, ts, volume) AS place FROM bar)",
    "SELECT * FROM bar ORDER BY close, ts, volume LIMIT 5 OFFSET 200000",
    "SELECT count(*) FROM (SELECT DISTINCT close, volume, high FROM bar)",
    "SELECT count(*) FROM bar a JOIN bar b USING (ts, close)",
    "SELECT length(list(close ORDER BY close)) AS closes FROM bar",
    "SELECT * FROM bar LIMIT 900000",
]


def write_bars(path, symbols, rows, step, seed, zones=1):
    """Prices that wander, two symbols each with a partner they come back to, in so many time zones."""
    dice = random.Random(f"{seed}:{symbols.start}")
    with open(path, "w", encoding="ascii") as out:
        out.write("ts,symbol,open,high,low,close,volume\n")
        for symbol in symbols:
            level, gap = 100.0, 0.0
            pace = random.Random(f"{seed}:{symbol // 2}")  # two symbols share one walk
            for row in range(rows):
                level *= 1.0 + 0.004 * (pace.random() - 0.5)
                gap = 0.97 * gap + 0.004 * (dice.random() - 0.5)
                close = level * (1.0 + gap)
                when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + row * step + symbol % zones * HOUR))
                out.write(
                    f"{when},S{symbol:04},{close * 0.9995:.5f},{close * 1.002:.5f},"
                    f"{close * 0.998:.5f},{close:.5f},{100 + row % 50}\n"
                )


def tree(pid):
    """The process and all below it."""
    found, asked = [], [str(pid)]
    while asked:
        one = asked.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children", encoding="ascii") as children:
                    asked += children.read().split()
    return found


def resident(pid):
    total = 0
    for one in tree(pid):
        with contextlib.suppress(OSError), open(f"/proc/{one}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * 1024
    return total


class ControlGroup:
    """A memory control group with a limit, version 1 or 2; `None` where none can be made."""

    def __init__(self, folder, limit_file, limit):
        self.folder = folder
        (folder / limit_file).write_text(str(limit), encoding="ascii")

    @classmethod
    def make(cls, limit):
        name = f"barline-{os.getpid()}-{random.getrandbits(32):08x}"
        for base, limit_file in [
            (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
            (Path("/sys/fs/cgroup"), "memory.max"),
        ]:
            folder = base / name
            try:
                folder.mkdir()
                if (folder / limit_file).exists():
                    return cls(folder, limit_file, limit)
                folder.rmdir()
            except OSError:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        return None

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    def remove(self):
        for _ in range(50):
            try:
                self.folder.rmdir()
                return
            except OSError:
                time.sleep(0.02)


class Ran:
    """One command run to its end, its peak sampled."""

    def __init__(self, barline, folder, arguments, budget_mb=None, confine=False):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BARLINE_")}
        group = None
        if budget_mb:
            environment["BARLINE_MEMORY_BUDGET"] = f"{budget_mb}MB"
            group = ControlGroup.make(int(budget_mb * MB * 1.1)) if confine else None
        self.peak, started = 0, time.monotonic()
        child = subprocess.Popen(
            [barline, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=group.enter if group else None,
        )
        sampler = threading.Thread(target=self.sample, args=(child,))
        sampler.start()
        self.out, self.err = child.communicate()
        sampler.join()
        if group:
            group.remove()
        self.confined = group is not None
        self.killed = self.confined and child.returncode == -9
        self.code, self.seconds = child.returncode, time.monotonic() - started

    def sample(self, child):
        while child.poll() is None:
            self.peak = max(self.peak, resident(child.pid))
            time.sleep(0.005)


class Bench:
    def __init__(self, options):
        self.barline = str(Path(options.barline).resolve())
        self.scale = SCALES[options.scale]
        self.seed, self.lines, self.broken = options.seed, [], []
        self.out = open(options.out, "a", encoding="utf-8") if options.out else None
        self.folder = Path(tempfile.mkdtemp(prefix="barline-memory-"))
        self.stores = {}

    def store(self, name, symbols, rows, step, zones=1, change=None):
        """A store of so many bars, made once; `change` may edit the folder of their files before."""
        if name not in self.stores:
            files, store = self.folder / name, self.folder / f"{name}.duckdb"
            files.mkdir()
            group = max(1, 1_000_000 // rows)
            for first in range(0, symbols, group):
                some = range(first, min(symbols, first + group))
                write_bars(files / f"{first:05}.csv", some, rows, step, self.seed, zones)
            if change:
                change(files)
            ran = Ran(self.barline, self.folder, ["import", name, "--db", store.name])
            if ran.code != 0:
                sys.exit(f"import of {name}: {ran.err}")
            self.stores[name] = store
        return self.stores[name]

    def backtest(self, group, label, store, arguments, budget_mb=None, confine=False):
        """A backtest on a copy of `store`; what it took, as a row."""
        keep = [] if "--keep" in arguments else ["--keep", "measures"]
        return self.run(group, label, store, ["backtest", *arguments, *keep], budget_mb, confine)

    def run(self, group, label, store, arguments, budget_mb=None, confine=False):
        """A run that is stored, on a copy of `store`; what it took, as a row."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(store, Path(folder) / "s.duckdb")
            command = [*arguments, "--db", "s.duckdb", "-q"]
            ran = Ran(self.barline, folder, command, budget_mb, confine)
            row = {"group": group, "case": label, "kind": arguments[0], "code": ran.code}
            row |= {"peak_mb": ran.peak / MB}
            row |= {"budget_mb": budget_mb, "seconds": ran.seconds}
            row |= {"confined": ran.confined, "killed": ran.killed}
            if ran.code in (0, 1):
                sql = (
                    "SELECT planned_jobs, computed, planned_peak_bytes, measured_peak_bytes, "
                    "budget_bytes, workers, panel, admission_waits, wall_secs FROM run"
                )
                asked = Ran(self.barline, folder, ["sql", sql, "--db", "s.duckdb", "--format", "json"])
                (told,) = json.loads(asked.out)
                row |= {
                    "jobs": told["computed"],
                    "per_second": told["computed"] / told["wall_secs"],
                    "workers": told["workers"],
                    "panel": told["panel"],
                    "waits": told["admission_waits"],
                    "measured_mb": told["measured_peak_bytes"] / MB,
                    "predicted_mb": told["planned_peak_bytes"] / MB,
                    "allowed_mb": told["budget_bytes"] / MB,
                }
            elif ran.code == 2:
                sql = "SELECT count(*) AS runs FROM run"
                asked = Ran(self.barline, folder, ["sql", sql, "--db", "s.duckdb", "--format", "json"])
                row["runs_after_refusal"] = json.loads(asked.out)[0]["runs"]
                row["said"] = ran.err.strip().splitlines()[-1]
            else:
                row["said"] = ran.err[-500:]
            self.note(row)
            return row

    def note(self, row):
        if row.get("predicted_mb"):
            row["ratio"] = row["measured_mb"] / row["predicted_mb"]
        self.lines.append(row)
        if self.out:
            self.out.write(json.dumps(row) + "\n")
            self.out.flush()
        shown = {k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}
        print(json.dumps(shown), file=sys.stderr, flush=True)
        allowed = row.get("allowed_mb") or row.get("budget_mb")
        peak = max(row.get("peak_mb", 0), row.get("measured_mb", 0))
        broken = row["code"] not in (0, 1, 2) or row.get("runs_after_refusal", 0) > 0
        over = allowed and row["code"] != 2 and peak > allowed
        wrong = "ratio" in row and not 0.7 <= row["ratio"] <= 1
        if broken or over or wrong:
            self.broken.append(row)

    def sweep(self, jobs):
        """Flags for so many jobs of cointegration and hrp over 730 daily bars, on sets of five."""
        return [
            *["--multi-pair", "--horizons", "730", "--strategies", "cointegration,hrp"],
            *["--sizes", "5", "--max-combinations", str(jobs // 2)],
        ]

    def daily(self):
        return self.store("daily", 40, 1_100, DAY)

    def jobs(self):
        for jobs in self.scale["jobs"]:
            self.backtest("jobs", f"{jobs:,} jobs", self.daily(), self.sweep(jobs))

    def workers(self):
        for workers in (1, 2, 4):
            flags = ["--workers", str(workers), "--max-workers", str(workers)]
            arguments = [*self.sweep(self.scale["at"]), *flags]
            self.backtest("workers", f"{workers} workers", self.daily(), arguments)

    def budgets(self):
        for budget in BUDGETS:
            arguments = self.sweep(self.scale["at"])
            self.backtest("budgets", f"{budget} MB", self.daily(), arguments, budget)

    def cases(self):
        days, stocks = self.scale["days"], self.scale["stocks"]
        hourly = self.store("hourly", 6, days * 24, HOUR)
        self.backtest("cases", f"6 assets x {days} days hourly, quick", hourly, ["--multi-pair", "--quick"])
        self.backtest("cases", f"6 assets x {days} days hourly, full", hourly, ["--multi-pair"])
        stock = self.store("stocks", stocks, 400, DAY)
        sampled = ["--sizes", "2", "--max-combinations", str(self.scale["sample"])]
        for budget in (192, 1_000):
            arguments = ["--horizons", "180", "--strategies", "sma-crossover,buy-and-hold"]
            self.backtest("cases", f"{stocks:,} stocks x 400 days, single", stock, arguments, budget)
            arguments = ["--multi-pair", "--horizons", "180", *sampled]
            arguments += ["--strategies", "cointegration,equal-weight"]
            self.backtest("cases", f"{stocks:,} stocks x 400 days, pairs", stock, arguments, budget)

    def contract(self, runs):
        """Runs under budgets that are drawn; every fourth imports, backtests, asks or screens."""
        dice = random.Random(self.seed)
        stores = {
            "daily": self.daily(),
            "stocks": self.store("drawn", self.scale["drawn"], 400, DAY),
            # Bars that open in four time zones: a panel has four rows a day.
            "wide": self.store("wide", self.scale["wide"], 1_500, DAY, 4),
        }
        for at in range(runs):
            budget = int(192 * (2_000 / 192) ** dice.random())
            name = sorted(stores)[at // len(KINDS) % len(stores)]
            kind = KINDS[at % len(KINDS)]
            label = f"run {at}: {kind} {name}"
            if kind == "backtest":
                turn = at // (len(KINDS) * len(stores))
                arguments = self.drawn(turn, name, at)
                if turn % 2 == 0:
                    budget = self.tight(dice, stores[name], arguments)
                self.backtest("contract", label, stores[name], arguments, budget, True)
            elif kind == "screen":
                arguments = ["screen", *self.screened(dice, name)]
                self.run("contract", label, stores[name], arguments, budget, True)
            elif kind == "import":
                files = str(self.folder / stores[name].stem)
                self.other(label, ["import", files, "--format", "json"], budget)
            else:
                command = ["sql", dice.choice(QUESTIONS), "--format", "csv"]
                self.other(label, command, budget, stores[name])

    def other(self, label, arguments, budget, store=None):
        """An import into a new store, or a question to a copy of one."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            if store:
                shutil.copy(store, Path(folder) / "s.duckdb")
            ran = Ran(self.barline, folder, [*arguments, "--db", "s.duckdb", "-q"], budget, True)
        row = {"group": "contract", "case": label, "kind": arguments[0], "code": ran.code}
        row |= {"peak_mb": ran.peak / MB, "budget_mb": budget, "seconds": ran.seconds}
        row |= {"confined": ran.confined, "killed": ran.killed}
        if arguments[0] == "import" and ran.code == 0:
            files = json.loads(ran.out)
            row["measured_mb"] = max(file["peak_bytes"] for file in files) / MB
            row["predicted_mb"] = max(file["planned_bytes"] for file in files) / MB
        row["said"] = " ".join(ran.err.strip().splitlines())[-200:]
        self.note(row)

    def screened(self, dice, name):
        """Flags of a screen on the store of that name."""
        days = {"daily": "700", "stocks": "250", "wide": "1000"}[name]
        lag = dice.choice(["0", "1", "aic"])
        listed = dice.choice([["--max-p", "0.05"], ["--top", "500"], ["--fdr", "none"]])
        return ["--formation-days", days, "--lag", lag, *listed]

    def tight(self, dice, store, arguments):
        """A budget in MB, drawn between the least for a backtest and what it takes where nothing is short."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(store, Path(folder) / "s.duckdb")
            command = ["backtest", *arguments, "--db", "s.duckdb", "-q", "--dry-run", "--format", "json"]
            refused = Ran(self.barline, folder, command, 1)
            (plan,) = json.loads(Ran(self.barline, folder, command, 2_000).out)
        least = int(re.search(r"--memory-budget (\d+)MiB", refused.err)[1]) * 1.048576
        return math.ceil(least + dice.random() * max(0, plan["predicted_peak_bytes"] / MB - least))

    def drawn(self, turn, name, at):
        """Flags of a backtest on the store of that name: one of its kinds after the other."""
        if name == "daily":
            detailed = ["--multi-pair", "--horizons", "730", "--sizes", "2", "--keep", "all"]
            detailed += ["--strategies", "equal-weight", "--workers", "4", "--max-workers", "4"]
            traded = [*self.sweep(2_000), "--seed", str(at), "--keep", "trades"]
            return [detailed, traded, [*self.sweep(2_000), "--seed", str(at)]][turn % 3]
        if name == "wide":
            # All fields of a bar are read: a panel for which a small budget has no room.
            return ["--horizons", "1000", "--strategies", "vwap-reversion,buy-and-hold"]
        pairs = ["--multi-pair", "--horizons", "180", "--sizes", "2", "--max-combinations", "2000"]
        pairs += ["--strategies", "cointegration,min-variance"]
        single = ["--horizons", "180", "--strategies", "sma-crossover,buy-and-hold"]
        return [pairs, single][turn // 2 % 2]

    def table(self):
        """The rows as Markdown, for the README."""
        head = ["case", "jobs", "workers", "panel", "budget MB", "predicted MB", "peak MB"]
        print("| " + " | ".join([*head, "peak / predicted", "jobs a second"]) + " |")
        print("|" + "---|" * (len(head) + 2))
        for row in self.lines:
            if row["group"] == "contract":
                continue
            if row["code"] == 2:
                print(f"| {row['case']} | refused: {row['said']} |" + " |" * (len(head)))
                continue
            ratio = row["measured_mb"] / row["predicted_mb"]
            cells = [row["case"], f"{row['jobs']:,}", row["workers"], row["panel"]]
            cells += [f"{row['allowed_mb']:.0f}", f"{row['predicted_mb']:.0f}"]
            cells += [f"{row['measured_mb']:.0f}", f"{ratio:.2f}", f"{row['per_second']:,.0f}"]
            print("| " + " | ".join(str(cell) for cell in cells) + " |")
        held = [row for row in self.lines if row["group"] == "contract"]
        if held:
            refused = sum(row["code"] == 2 for row in held)
            confined = sum(row["confined"] for row in held)
            waits = sum((row.get("waits") or 0) > 0 for row in held)
            mapped = sum(row.get("panel") == "mapped" for row in held)
            killed = sum(bool(row.get("killed")) for row in held)
            broken = sum(row["group"] == "contract" for row in self.broken)
            print(
                f"\n{len(held)} runs under budgets up to 2 GB: {broken} broke the "
                f"contract, {refused} refused, {confined} in a control group, {killed} killed, "
                f"{waits} in which a worker waited, {mapped} with a panel that the budget had mapped"
            )
            for kind in KINDS:
                ratios = [row["ratio"] for row in held if row["kind"] == kind and "ratio" in row]
                if ratios:
                    low, high = min(ratios), max(ratios)
                    print(f"{kind}: peak / predicted from {low:.2f} to {high:.2f} in {len(ratios)} runs")
            if len(held) >= 100 and not (waits and mapped):
                self.broken.append({"group": "contract", "case": "nothing waited, or was mapped"})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--barline", required=True)
    parser.add_argument("--scale", choices=sorted(SCALES), default="small")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--runs", type=int, default=100, help="runs of the contract")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="append a JSON line per run")
    options = parser.parse_args()
    parts = options.only.split(",")
    for part in parts:
        if part not in PARTS:
            sys.exit(f"--only {options.only}: there is no part '{part}'; parts: {', '.join(PARTS)}")
    bench = Bench(options)
    try:
        for part in parts:
            if part == "contract":
                bench.contract(options.runs)
            else:
                getattr(bench, part)()
        bench.table()
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)
    for row in bench.broken:
        print(f"broke the contract: {json.dumps(row)}", file=sys.stderr)
    sys.exit(1 if bench.broken else 0)


if __name__ == "__main__":
    main()
