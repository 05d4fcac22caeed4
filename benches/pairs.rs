//! Pair-bars per second of CPU: the bare z-score rule, and PZ-1 with two legs, costs and equity.
//!
//! `cargo bench --profile release --bench pairs -- FILE` reads pairs from a file that
//! `benches/peers/pairs.py` wrote, and prints one JSON line; that script runs this and its own
//! loops side by side and compares the answers first. One pair is in memory at a time, so that the
//! peak does not depend on their number. Prices are read and their logarithms taken outside the
//! timed part, here and there.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

use std::{
    fs::{self, File},
    io::{BufReader, Read},
    sync::Arc,
};

use barline::{
    compute::zscore_rules,
    domain::{Field, Instrument, Panel, Universe},
    sim::{
        Costs, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions, Simulation,
        simulate,
    },
    stats::ZScoreTerms,
    strategy::pairs::{
        HedgeSizing, LegNotional, Lots, PairLegs, PairScript, PairSizing, PairsDecider,
        SpreadModel, TradingWindow, WindowFit, ZRule, signals,
    },
};

/// Formation and trading rows of PZ-1; 90 and 45 days of hourly bars.
const FORMATION: usize = 2_160;
const TRADING: usize = 1_080;
const BARE: ZScoreTerms = ZScoreTerms { window: 168, entry: 2.0, exit: 0.5, cost: 5e-4 };
/// Pairs that are read together: a group of the bare rule.
const GROUP: usize = 8;

fn main() {
    let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("a file of pairs is needed: benches/peers/pairs.py writes one");
        return;
    };
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).unwrap());
    let (pairs, bars) = (integer(&mut file), integer(&mut file));
    let mut bench = Bench::new(bars);
    let mut left = pairs;
    while left > 0 {
        let group = left.min(GROUP);
        bench.group(&mut file, group);
        left -= group;
    }
    bench.print(pairs);
}

fn integer(file: &mut impl Read) -> usize {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes).unwrap();
    usize::try_from(u64::from_le_bytes(bytes)).unwrap()
}

fn column(file: &mut impl Read, bars: usize) -> Vec<f64> {
    let mut bytes = vec![0; bars * 8];
    file.read_exact(&mut bytes).unwrap();
    bytes.chunks_exact(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect()
}

/// CPU time of this thread so far, nanoseconds. The kernel brings the figure up to date when the
/// thread offers to yield.
fn cpu_nanos() -> u64 {
    std::thread::yield_now();
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// The least CPU time of three rounds.
fn best(mut round: impl FnMut()) -> u64 {
    let mut timed = || {
        let start = cpu_nanos();
        round();
        cpu_nanos() - start
    };
    timed().min(timed()).min(timed())
}

struct Bench {
    panel: Panel,
    rows: Vec<u32>,
    bars: usize,
    scratch: Scratch,
    bare: Tally,
    ledger: Tally,
}

#[derive(Default)]
struct Tally {
    nanos: u64,
    profit: f64,
    count: u64,
}

impl Bench {
    fn new(bars: usize) -> Self {
        let instrument =
            |id: u32| Instrument { market: String::new(), symbol: format!("{id}"), id };
        let universe = Universe::new(vec![instrument(0), instrument(1)]).unwrap();
        let ts = (0..i64::try_from(bars).unwrap()).map(|row| row * 3_600_000_000).collect();
        let rows = (FORMATION..bars).map(|row| u32::try_from(row).unwrap()).collect();
        let panel = Panel::empty(universe, ts);
        let (bare, ledger) = (Tally::default(), Tally::default());
        Self { panel, rows, bars, scratch: Scratch::default(), bare, ledger }
    }

    fn group(&mut self, file: &mut impl Read, pairs: usize) {
        let mut logs = Vec::new();
        for _ in 0..pairs {
            for (asset, field) in
                [(0, Field::Open), (0, Field::Close), (1, Field::Open), (1, Field::Close)]
            {
                let values = column(file, self.bars);
                self.panel.column_mut(asset, field).copy_from_slice(&values);
            }
            logs.push([column(file, self.bars), column(file, self.bars)]);
            self.simulate(logs.last().unwrap());
        }
        let columns: Vec<(&[f64], &[f64])> =
            logs.iter().map(|[y, x]| (y.as_slice(), x.as_slice())).collect();
        let mut runs = Vec::new();
        self.bare.nanos += best(|| runs = zscore_rules(&columns, &BARE));
        self.bare.profit += runs.iter().map(|run| run.profit).sum::<f64>();
        self.bare.count += runs.iter().map(|run| run.changes).sum::<u64>();
    }

    /// PZ-1 on one pair, from log prices to equity and trades.
    fn simulate(&mut self, [log_y, log_x]: &[Vec<f64>; 2]) {
        let mut run = Simulation::default();
        self.ledger.nanos += best(|| {
            self.scratch.recycle(std::mem::take(&mut run));
            run = pz1(&self.panel, &self.rows, [log_y, log_x], &mut self.scratch);
        });
        self.ledger.profit += run.equity.last().copied().unwrap_or(f64::NAN) - 10_000.0;
        self.ledger.count += run.trades.len() as u64 / 2;
        self.scratch.recycle(run);
    }

    fn print(&self, pairs: usize) {
        let bars = (pairs * self.bars) as f64;
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
        let peak: f64 = peak.split_whitespace().nth(1).map_or(0.0, |kib| kib.parse().unwrap());
        let line = |tally: &Tally| {
            format!(
                "{{\"pair_bars_per_cpu_s\":{:.0},\"profit\":{:?},\"count\":{}}}",
                bars / (tally.nanos as f64 / 1e9),
                tally.profit,
                tally.count
            )
        };
        println!(
            "{{\"pairs\":{pairs},\"bars\":{},\"bare\":{},\"pz1\":{},\"peak_mb\":{:.1}}}",
            self.bars,
            line(&self.bare),
            line(&self.ledger),
            peak * 1024.0 / 1e6
        );
    }
}

/// PZ-1: formation fits, signals, next-open fills with costs, equity at every row.
fn pz1(
    panel: &Panel,
    rows: &[u32],
    [log_y, log_x]: [&Vec<f64>; 2],
    scratch: &mut Scratch,
) -> Simulation {
    let bars = log_y.len();
    let mut windows = Vec::new();
    let mut row = FORMATION;
    while row < bars {
        let end = (row + TRADING).min(bars);
        let formation = row - FORMATION..row;
        let model = SpreadModel::fit(&log_y[formation.clone()], &log_x[formation]);
        windows.push(TradingWindow { rows: row..end, model });
        row = end;
    }
    let found = signals(log_y, log_x, &windows, &ZRule::default(), &|row| bars - 1 - row);
    let fit =
        |window: &TradingWindow| window.model.map(|model| WindowFit { model, flipped: false });
    let fits = windows.iter().map(fit).collect();
    let script = PairScript { signals: found, refits: Vec::new(), fits, tau: None };
    let legs = PairLegs { first: 0, second: 1, script: Arc::new(script) };
    let sizing = PairSizing {
        notional: LegNotional::Fixed(5_000.0),
        hedge: HedgeSizing::Beta,
        lots: Lots::Fractional,
    };
    let mut decider = PairsDecider::new(vec![legs], sizing);
    let market = Market { panel, assets: &[0, 1], rows, stale_rows: &[], particulars: &[] };
    let options = SimOptions {
        capital: 10_000.0,
        costs: Costs { commission_bps: 10.0, slippage_bps: 5.0, ..Costs::NONE },
        limits: Limits::default(),
        rules: Rules::default(),
        fill: FillRule::NextOpen,
        max_stale_bars: 24,
        keep: KeepDetail::default(),
    };
    simulate(&market, &mut decider, &options, scratch)
}
