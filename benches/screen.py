#!/usr/bin/env python3
"""CPU time, wall time and peak memory of `barline screen` over all pairs of seeded random walks.

    python3 benches/screen.py --barline target/release/barline [--assets 500,1000,2000,5000]
        [--bars 1000] [--lag 1] [--budget 512MiB] [--repeats 3] [--seed 1]

For each number of assets: writes their daily closes as CSV, imports them into a store of its own, and
screens all pairs in a new process, from the store to the committed rows: Engle-Granger, both
directions, Benjamini and Hochberg's rate at 5 %. The peak is RssAnon + RssShmem of the process,
sampled every 5 ms. Of the repeats the one with the least CPU time is shown. Prints a Markdown table;
CPU time over assets squared times bars is the law of the cost. Standard library only; exit code 1 if
a peak was above the budget.
"""
import argparse
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

START = datetime.date(2021, 1, 1)
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def write_walks(path, assets, bars, seed):
    """Log prices are walks of steps of 1 %; an asset is the same in every universe."""
    days = [(START + datetime.timedelta(days=k)).isoformat() for k in range(bars)]
    with open(path, "w") as out:
        out.write("ts,symbol,close\n")
        for asset in range(assets):
            step = random.Random(f"{seed}:{asset}").gauss
            price, lines = 100.0, []
            for day in days:
                price *= 1.0 + step(0.0, 0.01)
                lines.append(f"{day},W{asset:05d},{price:.6f}\n")
            out.write("".join(lines))


def watched(command):
    """Answer, CPU seconds, wall seconds and the peak of a command."""
    start, peak = time.perf_counter(), 0
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    printed = []
    reader = threading.Thread(target=lambda: printed.append(child.stdout.read()))
    reader.start()
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        try:
            lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        except OSError:
            lines = []
        held = sum(int(x.split()[1]) for x in lines if x.startswith(("RssAnon", "RssShmem")))
        peak = max(peak, held * 1024)
        time.sleep(0.005)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    if child.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {child.returncode}")
    return printed[0], usage.ru_utime + usage.ru_stime, wall, peak


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--barline", required=True)
    p.add_argument("--assets", default="500,1000,2000,5000")
    p.add_argument("--bars", type=int, default=1000)
    p.add_argument("--lag", default="1")
    p.add_argument("--budget", default="512MiB")
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    budget = int(a.budget[:-3]) * UNITS[a.budget[-3:]]
    above = False
    print("| assets | ordered pairs | CPU s | wall s | peak MB | CPU ns per ordered pair | of these listed |\n"
          "|---|---|---|---|---|---|---|")
    for assets in map(int, a.assets.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            bars, store = os.path.join(folder, "walks.csv"), os.path.join(folder, "walks.duckdb")
            write_walks(bars, assets, a.bars, a.seed)
            subprocess.run([a.barline, "import", bars, "--db", store], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.remove(bars)
            command = [a.barline, "screen", "--db", store, "--lag", a.lag, "--formation-days",
                       str(a.bars), "--memory-budget", a.budget, "--format", "json"]
            runs = [watched(command) for _ in range(a.repeats)]
        printed, cpu, wall, peak = min(runs, key=lambda run: run[1])
        peak = max(run[3] for run in runs)
        above |= peak > budget
        pairs = assets * (assets - 1)
        print(f"| {assets:,} | {pairs:,} | {cpu:.2f} | {wall:.2f} | {peak / 1e6:.0f} |"
              f" {cpu / pairs * 1e9:.0f} | {len(json.loads(printed))} |", flush=True)
    return int(above)


if __name__ == "__main__":
    sys.exit(main())
