"""The pair rules of benches/pairs.rs as numba loops, both on the same data in one run.

usage: pairs.py [--pairs 1000] [--bars 26280] [--repeats 3] [--bench COMMAND]

Writes synthetic pairs (a random walk and a mean-reverting spread on it) to a temporary file, runs
the loops below on one thread, then the command on the same file, compares the answers, and prints
pair-bars per second of CPU of each (the best of the repeats of the loops) and the ratio.
Needs numpy and numba (benches/peers/requirements.txt).
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numba as nb
import numpy as np

FORMATION, TRADING, WINDOW = 2160, 1080, 168


def write(path, pairs, bars, seed):
    """Per pair: open and close of y, open and close of x, log close of y and of x."""
    rng = np.random.default_rng(seed)
    with open(path, "wb") as out:
        out.write(np.array([pairs, bars], dtype="<u8").tobytes())
        for _ in range(pairs):
            x = np.cumsum(0.003 * rng.standard_normal(bars))
            u = 0.002 * rng.standard_normal(bars)
            e = np.empty(bars)
            level = 0.0
            for t in range(bars):
                level = 0.98 * level + u[t]
                e[t] = level
            close_y, close_x = 100 * np.exp(x + e), 100 * np.exp(x)
            open_y, open_x = np.roll(close_y, 1), np.roll(close_x, 1)
            open_y[0], open_x[0] = close_y[0], close_x[0]
            for column in (open_y, close_y, open_x, close_x, np.log(close_y), np.log(close_x)):
                out.write(column.astype("<f8").tobytes())


def bare(ly, lx, W, ENTER, EXIT, COST):
    """One pass: rolling sums, state machine, profit and drawdown."""
    n = lx.size
    s1 = s2 = pos = want = eq = peak = mdd = 0.0
    changes = 0
    ps = 0.0
    for t in range(n):
        s = ly[t] - lx[t]
        if t > 0:
            eq += pos * (s - ps)
        if want != pos:
            eq -= 2 * COST * abs(want - pos)
            pos = want
            changes += 1
        if eq > peak:
            peak = eq
        if peak - eq > mdd:
            mdd = peak - eq
        s1 += s
        s2 += s * s
        if t >= W:
            o = ly[t - W] - lx[t - W]
            s1 -= o
            s2 -= o * o
        if t >= W - 1:
            m = s1 / W
            v = s2 / W - m * m
            z = (s - m) / v ** 0.5 if v > 1e-18 else 0.0
            if want == 0.0:
                if z > ENTER:
                    want = -1.0
                elif z < -ENTER:
                    want = 1.0
            elif (want > 0 and z > -EXIT) or (want < 0 and z < EXIT):
                want = 0.0
        ps = s
    return eq, changes, mdd


def pz1(oy, cy, ox, cx, ly, lx, F, W, ENTER, EXIT, STOP, N, FEE, SLIP, CAPITAL, equity):
    """PZ-1: formation fits, z-score rule, next-open fills, fees and slippage, equity per row."""
    n = cy.size
    cash = CAPITAL
    qy = qx = 0.0
    side = 0.0
    armed = True
    trades = 0
    enter = leave = False
    want_y = want_x = 0.0
    alpha = beta = mu = sd = 0.0
    end = F
    for t in range(F, n):
        if t == end:
            sy = sx = 0.0
            for i in range(t - F, t):
                sy += ly[i]
                sx += lx[i]
            my, mx = sy / F, sx / F
            sxy = sxx = 0.0
            for i in range(t - F, t):
                sxy += (ly[i] - my) * (lx[i] - mx)
                sxx += (lx[i] - mx) * (lx[i] - mx)
            beta = sxy / sxx
            alpha = my - beta * mx
            s = 0.0
            for i in range(t - F, t):
                s += ly[i] - alpha - beta * lx[i]
            mu = s / F
            s = 0.0
            for i in range(t - F, t):
                r = ly[i] - alpha - beta * lx[i] - mu
                s += r * r
            sd = (s / (F - 1)) ** 0.5
            end = min(t + W, n)
        if enter or leave:
            for leg in range(2):
                d = (want_y - qy) if leg == 0 else (want_x - qx)
                raw = oy[t] if leg == 0 else ox[t]
                price = raw * (1 + SLIP) if d > 0 else raw * (1 - SLIP)
                cash -= d * price
                cash -= FEE * abs(d) * price
            qy, qx = want_y, want_x
            enter = leave = False
        if t == n - 1 and side != 0.0:
            for leg in range(2):
                d = -qy if leg == 0 else -qx
                raw = cy[t] if leg == 0 else cx[t]
                price = raw * (1 + SLIP) if d > 0 else raw * (1 - SLIP)
                cash -= d * price
                cash -= FEE * abs(d) * price
            qy = qx = side = 0.0
        equity[t - F] = cash + qy * cy[t] + qx * cx[t]
        z = (ly[t] - alpha - beta * lx[t] - mu) / sd
        last = t + 1 == end
        if side == 0.0:
            if not armed and abs(z) <= EXIT:
                armed = True
            if armed and ENTER <= abs(z) < STOP and t <= n - 3 and not last:
                side = -1.0 if z > 0 else 1.0
                want_y = side * N / cy[t]
                want_x = -side * beta * N / cx[t]
                enter = True
                trades += 1
        else:
            out = False
            if side * z <= -STOP:
                armed = False
                out = True
            elif side * z >= -EXIT:
                out = True
            elif last:
                out = True
            if out and t <= n - 2:
                side = 0.0
                want_y = want_x = 0.0
                leave = True
    return equity[n - F - 1] - CAPITAL, trades


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--pairs", type=int, default=1000)
    p.add_argument("--bars", type=int, default=26280)
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--bench", default="cargo bench --quiet --profile release --bench pairs --")
    a = p.parse_args()
    k_bare, k_pz1 = nb.njit(bare), nb.njit(pz1)
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pairs.bin")
        write(path, a.pairs, a.bars, a.seed)
        data = np.memmap(path, dtype="<f8", offset=16, shape=(a.pairs, 6, a.bars))
        equity = np.empty(a.bars - FORMATION)
        for warm in (True, False):
            best = {"bare": float("inf"), "pz1": float("inf")}
            for _ in range(1 if warm else a.repeats):
                spent = {"bare": 0.0, "pz1": 0.0}
                answer = {"bare": [0.0, 0], "pz1": [0.0, 0]}
                for k in range(1 if warm else a.pairs):
                    oy, cy, ox, cx, ly, lx = (np.array(data[k, c]) for c in range(6))
                    start = time.thread_time_ns()
                    profit, changes, _ = k_bare(ly, lx, WINDOW, 2.0, 0.5, 5e-4)
                    middle = time.thread_time_ns()
                    made, trades = k_pz1(oy, cy, ox, cx, ly, lx, FORMATION, TRADING, 2.0, 0.5,
                                         4.0, 5000.0, 1e-3, 5e-4, 10000.0, equity)
                    stop = time.thread_time_ns()
                    spent["bare"] += (middle - start) / 1e9
                    spent["pz1"] += (stop - middle) / 1e9
                    answer["bare"][0] += profit
                    answer["bare"][1] += changes
                    answer["pz1"][0] += made
                    answer["pz1"][1] += trades
                for name in best:
                    best[name] = min(best[name], spent[name])
        for name in best:
            rates[name] = a.pairs * a.bars / best[name]
        printed = subprocess.run(a.bench.split() + [path], check=True, capture_output=True,
                                 text=True).stdout
    ours = json.loads(printed.strip().splitlines()[-1])
    worst = 0
    for name in ("bare", "pz1"):
        profit, count = answer[name]
        off = abs(ours[name]["profit"] - profit) / max(abs(profit), 1e-300)
        same = off < 1e-9 and ours[name]["count"] == count
        worst |= not same
        rate = ours[name]["pair_bars_per_cpu_s"]
        print(f"{name:5} ours {rate / 1e6:8.1f} M  numba {rates[name] / 1e6:8.1f} M pair-bars per"
              f" CPU-second  ratio {rate / rates[name]:5.2f}  answers"
              f" {'agree' if same else 'DIFFER'} ({off:.1e}, {ours[name]['count']} against {count})")
    print(f"our peak {ours['peak_mb']} MB for {a.pairs} pairs")
    sys.exit(int(worst))


if __name__ == "__main__":
    main()
