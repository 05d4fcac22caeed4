"""Cuts the committed reference set out of a full `golden/1` folder: python3 cut.py FOLDER

Takes the cases named below with their tolerances, unchanged, copies the CSV files they read, and
writes the manifest that the runner holds the set against.
Columns whose source forbids copying (names ending in ".L") are refused.
"""

import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).parent
CASES = {
    "01_adf": [
        "adf.sm.sim_coint_hl60.level:Y.c.aic",
        "adf.sm.sim_coint_hl60.diff:Y.n.bic",
        "adf.sm.sim_coint_hl60.spread_ols_c.n.t-stat",
        "adf.sm.sim_coint_hl60.level:Y.ctt.aic",
    ],
    "01_edge_inputs": [
        "edge.constant_y.c",
        "edge.collinear_exact.c",
        "edge.short20.c.aic",
        "edge.short30.ct.aic",
        "edge.short8.c.fixed1",
        "edge.missing_dates.inner_drop_nan.c",
        "edge.missing_dates.forward_fill_then_drop.ct",
        "edge.missing_dates.unaligned_nan",
    ],
    "01_engle_granger_arch": [
        "eg.arch.sim_coint_hl60.n.aic",
        "eg.arch.sim_coint_hl60.c.t-stat",
        "eg.arch.sim_coint_hl60.ct.bic",
        "eg.arch.sim_coint_hl60.ctt.lags3",
    ],
    "01_engle_granger_multi": [
        "eg.multi.N3.c",
        "eg.multi.N6.ct",
        "eg.multi.N8.c",
        "eg.multi.N12.ct",
        "eg.multi.N13.c",
    ],
    "01_engle_granger_statsmodels": [
        "eg.sm.sim_coint_hl60.n.aic",
        "eg.sm.sim_coint_hl60.c.aic",
        "eg.sm.sim_coint_hl60.c.aic.reversed",
        "eg.sm.sim_coint_hl60.ct.bic",
        "eg.sm.sim_coint_hl60.ctt.t-stat",
        "eg.sm.sim_nocoint_ar1root.c.aic",
    ],
    "01_kpss": [
        "kpss.sm.sim_coint_hl60.level:Y.c.auto",
        "kpss.sm.sim_coint_hl60.level:Y.ct.legacy",
        "kpss.sm.sim_coint_hl60.diff:Y.c.4",
        "kpss.arch.sim_coint_hl60.spread_ols_c.c",
        "kpss.arch.sim_coint_hl60.diff:Y.ct",
    ],
    "01_mackinnon_coefficients": [
        "mackinnon.coefficients",
    ],
    "01_mackinnon_surfaces": [
        "eg_pval.arch",
        "eg_cv.arch",
    ],
    "01_phillips_ouliaris_arch": [
        "po.arch.sim_coint_hl60.n.Pz.5",
        "po.arch.sim_coint_hl60.c.Zt.auto",
        "po.arch.sim_coint_hl60.c.Pz.auto",
        "po.arch.sim_coint_hl60.ct.Za.5",
        "po.arch.sim_coint_hl60.ct.Pu.auto",
    ],
    "02_johansen": [
        "joh.sim3r1.det-1.k1",
        "joh.sim3r1.det0.k0",
        "joh.sim3r1.det0.k1",
        "joh.sim3r1.det1.k2",
    ],
    "02_johansen_critical_values": [
        "joh.crit",
    ],
    "03_half_life_hurst": [
        "hl.sim2",
        "hl.negative_phi",
        "hl.pair.sim_coint_hl60",
    ],
    "03_kalman_hedge": [
        "kalman.ko_pep.d0.0001.R0.001.chan_P0_zero_predict_first",
        "kalman.ko_pep.d0.0001.R0.001.pykalman_P0_ones",
    ],
    "03_rolling_ols": [
        "rols.ko_pep.w20",
        "rols.gaps.drop.minNone",
        "rols.gaps.skip.minNone",
    ],
    "04_herc_nco": [
        "herc.sp5.ward.k3",
        "herc2.sp5.single.k2",
        "nco.sp5.ward.k2",
        "herc.skfolio.sp5",
    ],
    "04_hrp": [
        "hrp.sim64_T40.single.d.plain",
        "hrp.sim64_T40.single.d_tilde.plain",
        "hrp.sim64_T40.average.d.plain",
        "hrp.sim64_T40.ward.d.plain",
        "hrp.sim64_T40.single.d.optimal",
        "hrp.sim64_T40.ward.d_tilde.optimal",
        "hrp.sp5.complete.d.optimal",
    ],
    "04_hrp_edges": [
        "hrp.edge.zero_variance",
        "hrp.edge.duplicate_column",
    ],
    "04_hrp_ties": [
        "tie.identity6.single.d",
        "tie.duplicate5.average.d",
        "tie.ring8.complete.d",
        "tie.two_blocks6_permuted.single.d",
    ],
    "05_covariance": [
        "lw.TltN",
        "corr.kendall",
        "ewma.pandas.halflife20.adjust0.bias1",
        "ewma.pypfopt.span180",
        "lw.pypfopt.single_factor",
        "lw.pypfopt.constant_correlation",
        "missing.pairwise.min_periods400",
        "missing.ewm",
        "missing.rolling.w60.min30",
        "psd.pairwise_nonpsd",
    ],
    "06_metrics": [
        "metrics.shape.first_day_loss",
        "metrics.shape.all_positive",
        "metrics.shape.with_zeros",
        "metrics.shape.flat",
        "metrics.shape.total_loss",
        "metrics.shape.two_obs",
        "metrics.shape.one_obs",
        "metrics.shape.fat_tail",
    ],
    "06_pbo": [
        "pbo.S16.S16",
    ],
    "06_psr_dsr": [
        "psr.grid",
        "emax.grid",
    ],
    "06_turnover": [
        "turnover.every5.bps10",
    ],
    "07_pairs_backtest": [
        "pz1.missing_bars.wf60",
        "pz1.nasdaq_sp500.next_open.wf126",
        "pz1.nasdaq_sp500.next_open.rolling60",
    ],
    "08_published": [
        "pub.ldp2016.hrp10",
        "pub.dsr2014",
        "pub.psr2012",
        "pub.minbtl2014",
        "pub.bacon",
        "pub.adf.stata",
    ],
}


def copy(full, file):
    header = (full / file).read_text().split("\n", 1)[0]
    assert ".L" not in header, f"{file} may not be copied"
    (HERE / file).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(full / file, HERE / file)


def main(full):
    for folder in ("cases", "data", "expected"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    (HERE / "cases").mkdir()
    for family, names in CASES.items():
        content = json.loads((full / f"cases/{family}.json").read_text())
        by_id = {case["id"]: case for case in content["cases"]}
        content["cases"] = [by_id[name] for name in names]
        target = HERE / f"cases/{family}.json"
        target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        for case in content["cases"]:
            if "file" in case.get("input", {}):
                copy(full, case["input"]["file"])
            if "equity_file" in case["expected"]:
                copy(full, case["expected"]["equity_file"])
    copy(full, "cases/SPEC_PZ1.md")
    manifest()


def manifest():
    """Lists what there must be: files, numbers of cases, ids."""
    families = [
        {"file": f"cases/{family}.json", "n_cases": len(names), "ids": names}
        for family, names in sorted(CASES.items())
    ]
    tables = [path for folder in ("data", "expected") for path in (HERE / folder).iterdir()]
    data = [{"file": name} for name in sorted(str(path.relative_to(HERE)) for path in tables)]
    content = {
        "set": "committed",
        "n_cases": sum(family["n_cases"] for family in families),
        "case_files": families,
        "data_files": data,
    }
    (HERE / "manifest.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
