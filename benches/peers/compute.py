"""The kernels of benches/compute.rs beside statsmodels, arch, numpy, scipy, pandas, scikit-learn,
skfolio and PyPortfolioOpt, all on the same arrays in one run.

usage: compute.py [--only ROW,..] [--repeats 3] [--rounds 5] [--threads 1,2] [--bench COMMAND]

Writes seeded arrays to a temporary folder, runs the command on them, then each peer in a process of
its own with 1 and with 2 threads of BLAS, compares the answers, and prints a Markdown table: CPU and
wall time of the round with the least CPU time, ours with one worker, the peer's with the number of
threads that was sooner done. OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE, which hold the peers below
their best, are taken out of their environment. Exit code 1 if an answer differs.
Needs what benches/peers/requirements.txt names.
"""
import argparse
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time

ASSETS, SCREENED, BARS, HRP_BARS, MISSING, SEED = 2000, 1000, 1000, 750, 0.02, 7
# Our figures on the machine the limits were drawn up for (CPU-seconds on one core): floor, aim.
LIMITS = {
    "eg_fixed": (14e6, 25e6),
    "eg_aic": (0.6e6, 2e6),
    "johansen": (4.8e6, 7e6),
    "hrp_1000": (0.010, 0.008),
    "hrp_2000": (0.051, 0.036),
    "covariance": (0.036, 0.032),
    "covariance_gaps": (0.18, 0.1),
    "ledoit_wolf": (0.050, 0.040),
}
TITLES = {
    "eg_fixed": "Engle-Granger, 1 lag, ordered pairs",
    "eg_aic": "Engle-Granger, AIC up to 22 lags, ordered pairs",
    "johansen": "Johansen, 2 series, 1 lag, pairs",
    "hrp_1000": "HRP, 1,000 assets x 750 rows",
    "hrp_2000": "HRP, 2,000 assets x 750 rows",
    "covariance": "covariance, 2,000 assets x 1,000 rows",
    "covariance_gaps": "covariance, 2 % missing",
    "ledoit_wolf": "Ledoit-Wolf, 2,000 assets x 1,000 rows",
}
# Peer, row, units of work of one call, how far the answers may be apart, and of what.
PEERS = [
    ("statsmodels", "eg_fixed", 200, 1e-9),
    ("statsmodels", "eg_aic", 20, 1e-9),
    ("arch", "eg_aic", 60, 1e-9),
    ("statsmodels", "johansen", 200, 1e-8),
    ("skfolio", "hrp_1000", 1, None),
    ("pypfopt", "hrp_1000", 1, 1e-12),
    ("pypfopt", "hrp_2000", 1, 1e-12),
    ("numpy", "covariance", 1, 1e-12),
    ("dsyrk", "covariance", 1, 1e-12),
    ("pandas", "covariance_gaps", 1, 1e-12),
    ("sklearn", "ledoit_wolf", 1, 1e-12),
]


def write_arrays(folder):
    """Columns one after the other, behind two counts: columns and rows."""
    import numpy as np

    r = np.random.default_rng(SEED)

    def write(name, columns, kind="<f8"):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(struct.pack("<QQ", *columns.shape))
            out.write(np.ascontiguousarray(columns, dtype=kind).tobytes())

    factors = np.cumsum(r.standard_normal((BARS, 4)), axis=0)
    loads = r.uniform(-1, 1, (4, SCREENED))
    own = np.cumsum(0.3 * r.standard_normal((BARS, SCREENED)), axis=0) * (r.random(SCREENED) < 0.7)
    walks = 100 + factors @ loads + own + 0.5 * r.standard_normal((BARS, SCREENED))
    write("walks.bin", walks.T)
    pairs = r.permuted(np.tile(np.arange(SCREENED), (200, 1)), axis=1)[:, :2]
    write("pairs.bin", pairs, "<u8")
    common = r.standard_normal((BARS, 10)) @ (r.normal(size=(10, ASSETS)) * (r.random((10, ASSETS)) < 0.4))
    returns = 0.01 * (0.5 * common + r.standard_normal((BARS, ASSETS)))
    write("returns.bin", returns.T)
    gaps = returns.copy()
    gaps[r.random(gaps.shape) < MISSING] = np.nan
    write("gaps.bin", gaps.T)


def read_array(folder, name, kind="<f8"):
    import numpy as np

    path = os.path.join(folder, name)
    shape = struct.unpack("<QQ", open(path, "rb").read(16))
    return np.fromfile(path, dtype=kind, offset=16).reshape(shape)


def work_of(peer, row, units, folder):
    """What the peer is to be timed at; answers what is compared with ours."""
    import numpy as np

    if row in ("eg_fixed", "eg_aic", "johansen"):
        walks = read_array(folder, "walks.bin")
        pairs = [tuple(map(int, pair)) for pair in read_array(folder, "pairs.bin", "<u8")[:units]]
        if row == "johansen":
            from statsmodels.tsa.vector_ar.vecm import coint_johansen

            both = [np.column_stack([walks[min(p)], walks[max(p)]]) for p in pairs]
            return lambda: np.array([coint_johansen(x, 0, 1).lr1 for x in both])
        if peer == "arch":
            from arch.unitroot.cointegration import engle_granger

            def searched():
                tests = [engle_granger(walks[y], walks[x], trend="c", method="aic") for y, x in pairs]
                return np.array([(test.stat, test.lags) for test in tests])

            return searched
        from statsmodels.tsa.stattools import coint

        terms = dict(maxlag=1, autolag=None) if row == "eg_fixed" else dict(autolag="aic")
        return lambda: np.array([coint(walks[y], walks[x], trend="c", **terms)[0] for y, x in pairs])
    if row.startswith("hrp"):
        import pandas as pd

        assets = int(row.split("_")[1])
        values = read_array(folder, "returns.bin")[:assets, :HRP_BARS].T
        # Names in the order of the columns, for peers that sort them.
        frame = pd.DataFrame(values, columns=[f"{k:05d}" for k in range(assets)])
        if peer == "pypfopt":
            from pypfopt import HRPOpt

            return lambda: np.array([w for _, w in sorted(HRPOpt(frame).optimize().items())])
        from skfolio.cluster import HierarchicalClustering, LinkageMethod
        from skfolio.optimization import HierarchicalRiskParity

        def weigh():
            linkage = HierarchicalClustering(linkage_method=LinkageMethod.SINGLE)
            model = HierarchicalRiskParity(hierarchical_clustering_estimator=linkage)
            return model.fit(frame).weights_

        return weigh
    if row == "covariance_gaps":
        import pandas as pd

        frame = pd.DataFrame(read_array(folder, "gaps.bin").T)
        return lambda: frame.cov().to_numpy()
    values = np.ascontiguousarray(read_array(folder, "returns.bin").T)
    if peer == "numpy":
        return lambda: np.cov(values, rowvar=False)
    if peer == "dsyrk":
        from scipy.linalg.blas import dsyrk

        def product():
            centred = values.T - values.T.mean(axis=1, keepdims=True)
            return dsyrk(1.0 / (len(values) - 1), centred, trans=0)

        return product
    from sklearn.covariance import LedoitWolf

    return lambda: LedoitWolf(store_precision=False).fit(values).covariance_


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run_peer(a):
    """The child: one peer, one row, one number of threads."""
    import warnings

    import numpy as np

    warnings.filterwarnings("ignore")
    peer, row = a.peer.split(":")
    units = next(p[2] for p in PEERS if p[:2] == (peer, row))
    work = work_of(peer, row, units, a.folder)
    best = None
    for _ in range(a.repeats):
        cpu, wall = spent(), time.perf_counter()
        answer = work()
        took = (spent() - cpu, time.perf_counter() - wall)
        best = min(best or took, took)
        if took[1] > 10:
            break
    if row.startswith("cov") or row == "ledoit_wolf":
        answer = answer[np.triu_indices(len(answer))]
    np.save(os.path.join(a.folder, f"peer.{peer}.{row}.npy"), answer)
    print(json.dumps({"cpu_s": best[0], "wall_s": best[1]}))


def ask_peer(peer, row, folder, a):
    """The better of the numbers of threads."""
    best = None
    for threads in a.threads:
        env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
        for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR"):
            env[f"{name}_NUM_THREADS"] = str(threads)
        command = [sys.executable, __file__, "--peer", f"{peer}:{row}", "--folder", folder,
                   "--repeats", str(a.repeats)]
        printed = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
        found = json.loads(printed.strip().splitlines()[-1]) | {"threads": threads}
        best = min(best or found, found, key=lambda run: run["wall_s"])
    return best


def apart(peer, row, folder):
    """How far the answers are apart, relative to the statistic, the deviations or the portfolio."""
    import numpy as np

    ours = np.fromfile(os.path.join(folder, f"ours.{row}.bin"))
    theirs = np.load(os.path.join(folder, f"peer.{peer}.{row}.npy"))
    if row in ("eg_fixed", "eg_aic"):
        ours = ours.reshape(-1, 3)[:len(theirs)]
        if peer == "arch":
            same = theirs[:, 1] == ours[:, 1]
            note = f"{same.sum()} of {len(same)} lags equal"
            off = np.abs(ours[same, 0] / theirs[same, 0] - 1)
            return off.max(), note
        return np.abs(ours[:, 0] / theirs - 1).max(), ""
    if row == "johansen":
        return np.abs(ours.reshape(-1, 3)[:len(theirs), :2] / theirs - 1).max(), ""
    if row.startswith("hrp"):
        return np.abs(ours - theirs).max(), ""
    order = int((2 * len(ours)) ** 0.5)
    rows, columns = np.triu_indices(order)
    scale = np.sqrt(theirs[rows == columns])
    return (np.abs(ours - theirs) / (scale[rows] * scale[columns])).max(), ""


def shown(row, seconds, work):
    if LIMITS[row][0] < 1:
        return f"{seconds * 1e3:,.1f} ms"
    rate = work / seconds
    return f"{rate / 1e6:,.2f} M/s" if rate >= 1e5 else f"{rate:,.0f} /s"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--only", default=",".join(TITLES))
    p.add_argument("--repeats", type=int, default=3, help="of each peer")
    p.add_argument("--rounds", type=int, default=5, help="of ours")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--bench", default="cargo bench --quiet --profile release --bench compute --")
    p.add_argument("--peer", help=argparse.SUPPRESS)
    p.add_argument("--folder", help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.peer:
        return run_peer(a)
    a.threads = [int(k) for k in a.threads.split(",")]
    wanted, worst = a.only.split(","), 0
    with tempfile.TemporaryDirectory() as folder:
        write_arrays(folder)
        printed = subprocess.run(a.bench.split() + [folder, str(a.rounds), a.only], check=True,
                                 capture_output=True, text=True).stdout
        ours = {line["row"]: line for line in map(json.loads, printed.strip().splitlines())}
        print("| work | ours: CPU, wall, wall with 2 workers | peer: CPU, wall (threads) | ratio of CPU |"
              " answers apart | floor, aim |\n|---|---|---|---|---|---|")
        for peer, row, units, bound in PEERS:
            if row not in wanted or row not in ours:
                continue
            own, other = ours[row], ask_peer(peer, row, folder, a)
            off, note = apart(peer, row, folder)
            worst |= bound is not None and not off <= bound
            said = f"{off:.0e}" + (f" of {bound:.0e}" if bound else ", another definition")
            of_ours = [shown(row, own[k], own["work"]) for k in ("cpu_s", "wall_s", "wall_2_s")]
            of_peer = [shown(row, other[k], units) for k in ("cpu_s", "wall_s")]
            ratio = other["cpu_s"] / units / (own["cpu_s"] / own["work"])
            limits = [shown(row, *((k, 1) if k < 1 else (1, k))) for k in LIMITS[row]]
            print(f"| {TITLES[row]} | {', '.join(of_ours)} | {peer} {', '.join(of_peer)}"
                  f" ({other['threads']}) | {ratio:,.1f} | {said}{', ' + note if note else ''} |"
                  f" {', '.join(limits)} |", flush=True)
    return int(worst)


if __name__ == "__main__":
    sys.exit(main())
