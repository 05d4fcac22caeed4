//! The kernels of `compute` on arrays that `benches/peers/compute.py` wrote into a folder.
//!
//! `cargo bench --profile release --bench compute -- FOLDER [ROUNDS [ROW,..]]` reads `walks.bin`, `returns.bin`, `gaps.bin`
//! and `pairs.bin`, runs each row of the table, writes its answers to `ours.ROW.bin` and prints a JSON line
//! per row; that script times the peers on the same arrays and compares the answers first. Screens are
//! timed with the threshold of 5 %, as `barline screen` runs them; their answers are taken from a run
//! that keeps every pair, whose count below the threshold must be the timed one's.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Instant,
};

use barline::{
    compute::{
        Backend, Cpu, EngleGrangerScreen, JohansenPair, JohansenScreen, PairStatistic, Take,
        Triangle,
    },
    stats::{Hrp, JohansenCase, LagRule, Trend, critical_values, johansen_critical_values},
};

/// Rows of the windows that portfolios are made of.
const HRP_ROWS: usize = 750;
/// Assets of the two portfolios.
const HRP_ASSETS: [usize; 2] = [1_000, 2_000];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let Some(folder) = arguments.first().map(PathBuf::from).filter(|path| path.is_dir()) else {
        println!("a folder of arrays is needed: benches/peers/compute.py writes one");
        return;
    };
    let rounds = arguments.get(1).map_or(5, |text| text.parse().unwrap());
    let rows = arguments.get(2).map(|text| text.split(',').map(str::to_owned).collect());
    let bench = Bench { folder, rounds, rows };
    bench.screens();
    bench.covariances();
    bench.portfolios();
}

/// Columns of equal length.
struct Table {
    rows: usize,
    values: Vec<f64>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let number = |at: usize| u64::from_le_bytes(bytes[8 * at..8 * at + 8].try_into().unwrap());
        let values = bytes[16..].chunks_exact(8);
        let values = values.map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect();
        Self { rows: usize::try_from(number(1)).unwrap(), values }
    }

    fn columns(&self) -> Vec<&[f64]> {
        self.values.chunks_exact(self.rows).collect()
    }
}

/// CPU time of this thread so far, nanoseconds. The kernel brings the figure up to date when the
/// thread offers to yield.
fn cpu_nanos() -> u64 {
    std::thread::yield_now();
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

struct Bench {
    folder: PathBuf,
    rounds: usize,
    /// Those that are run; all where none are named.
    rows: Option<Vec<String>>,
}

impl Bench {
    fn table(&self, name: &str) -> Table {
        Table::read(&self.folder.join(name))
    }

    fn wants(&self, row: &str) -> bool {
        self.rows.as_ref().is_none_or(|rows| rows.iter().any(|wanted| wanted == row))
    }

    fn answer(&self, row: &str, values: &[f64]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(self.folder.join(format!("ours.{row}.bin")), bytes).unwrap();
    }

    /// Prints the least CPU time of the rounds with one worker, its wall time, and the least wall
    /// time with two.
    fn time<T>(&self, row: &str, work: usize, run: impl Fn(Cpu) -> T) -> T {
        let (mut cpu, mut wall, mut both) = (u64::MAX, 0.0, f64::INFINITY);
        for _ in 0..self.rounds {
            let (start, before) = (Instant::now(), cpu_nanos());
            drop(run(Cpu { workers: 1 }));
            let spent = cpu_nanos() - before;
            if spent < cpu {
                (cpu, wall) = (spent, start.elapsed().as_secs_f64());
            }
            let start = Instant::now();
            drop(run(Cpu { workers: 2 }));
            both = both.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{{\"row\":\"{row}\",\"work\":{work},\"cpu_s\":{:.6},\"wall_s\":{wall:.6},\"wall_2_s\":{both:.6}}}",
            cpu as f64 / 1e9
        );
        run(Cpu { workers: 1 })
    }

    fn screens(&self) {
        let (walks, sample) = (self.table("walks.bin"), self.table("pairs.bin"));
        // Pairs stand in the file as whole numbers, the dependent one first.
        let whole = |value: f64| usize::try_from(value.to_bits()).unwrap();
        let sample: Vec<(usize, usize)> =
            sample.columns().iter().map(|pair| (whole(pair[0]), whole(pair[1]))).collect();
        for (row, rule) in [("eg_fixed", LagRule::Fixed(1)), ("eg_aic", LagRule::Aic { max: None })]
        {
            if self.wants(row) {
                self.engle_granger(row, rule, &walks.columns(), &sample);
            }
        }
        if self.wants("johansen") {
            self.johansen(&walks.columns(), &sample);
        }
    }

    fn engle_granger(
        &self,
        row: &str,
        rule: LagRule,
        columns: &[&[f64]],
        sample: &[(usize, usize)],
    ) {
        let every = EngleGrangerScreen {
            trend: Trend::Constant,
            rule,
            min_rows: 0,
            keep_below: f64::INFINITY,
            only_kernel: true,
        };
        let keep_below = critical_values(Trend::Constant, 2, columns[0].len()).unwrap()[1];
        let ordered = columns.len() * (columns.len() - 1);
        let timed = self.time(row, ordered, |cpu| {
            engle_granger(cpu, columns, &EngleGrangerScreen { keep_below, ..every }).len()
        });
        let all = engle_granger(Cpu { workers: 1 }, columns, &every);
        let below = |pair: &&PairStatistic| {
            pair.statistic - pair.error <= keep_below || !pair.error.is_finite()
        };
        assert_eq!(all.iter().filter(below).count(), timed);
        let found = |(dependent, regressor): &(usize, usize)| {
            let is = |p: &&PairStatistic| (p.dependent, p.regressor) == (*dependent, *regressor);
            let pair = all.iter().find(is).unwrap();
            [pair.statistic, pair.lag as f64, pair.error]
        };
        self.answer(row, &sample.iter().flat_map(found).collect::<Vec<f64>>());
    }

    fn johansen(&self, columns: &[&[f64]], sample: &[(usize, usize)]) {
        let every = JohansenScreen {
            case: JohansenCase::Constant,
            lags: 1,
            min_rows: 0,
            keep_above: f64::NEG_INFINITY,
        };
        let keep_above = johansen_critical_values(every.case, 2).unwrap().trace[1];
        let pairs = columns.len() * (columns.len() - 1) / 2;
        let timed = self.time("johansen", pairs, |cpu| {
            johansen(cpu, columns, &JohansenScreen { keep_above, ..every }).len()
        });
        let all = johansen(Cpu { workers: 1 }, columns, &every);
        let above = |pair: &&JohansenPair| {
            pair.trace[0] + pair.error >= keep_above || !pair.error.is_finite()
        };
        assert_eq!(all.iter().filter(above).count(), timed);
        let found = |(a, b): &(usize, usize)| {
            let is = |pair: &&JohansenPair| (pair.first, pair.second) == (*a.min(b), *a.max(b));
            let pair = all.iter().find(is).unwrap();
            [pair.trace[0], pair.trace[1], pair.error]
        };
        self.answer("johansen", &sample.iter().flat_map(found).collect::<Vec<f64>>());
    }

    fn covariances(&self) {
        let (returns, gaps) = (self.table("returns.bin"), self.table("gaps.bin"));
        let (columns, gapped) = (returns.columns(), gaps.columns());
        let rows = 0..returns.rows;
        let window = std::slice::from_ref(&rows);
        self.matrix("covariance", |cpu, take| {
            cpu.covariances(&columns, window, 1, &mut |found| take(found.unwrap()));
        });
        self.matrix("ledoit_wolf", |cpu, take| {
            cpu.shrunk_covariances(&columns, window, &mut |found| take(found.unwrap().covariance));
        });
        self.matrix("covariance_gaps", |cpu, take| {
            cpu.pairwise_covariances(&gapped, window, 2, &mut |found| take(found.unwrap().matrix));
        });
    }

    fn matrix(&self, row: &str, run: impl Fn(Cpu, Take<'_, Triangle>)) {
        if self.wants(row) {
            let found = self.time(row, 1, |cpu| first(|take| run(cpu, take)));
            // One triangle, row by row.
            let cells = (0..found.order()).flat_map(|row| found.upper(row).to_vec());
            self.answer(row, &cells.collect::<Vec<f64>>());
        }
    }

    fn portfolios(&self) {
        let returns = self.table("returns.bin");
        let rows = 0..HRP_ROWS.min(returns.rows);
        let window = std::slice::from_ref(&rows);
        for assets in HRP_ASSETS {
            let columns = &returns.columns()[..assets];
            let row = format!("hrp_{assets}");
            if self.wants(&row) {
                let weigh = |cpu: Cpu, take: Take<'_, Hrp>| {
                    cpu.hrp(columns, window, &mut |found| take(found.unwrap()));
                };
                let found = self.time(&row, 1, |cpu| first(|take| weigh(cpu, take)));
                self.answer(&row, &found.weights);
            }
        }
    }
}

/// The answer of a question that has one.
fn first<T: Send>(run: impl FnOnce(Take<'_, T>)) -> T {
    let mut found = None;
    run(&mut |answer| {
        found = Some(answer);
        ControlFlow::Continue(())
    });
    found.unwrap()
}

fn engle_granger(cpu: Cpu, columns: &[&[f64]], screen: &EngleGrangerScreen) -> Vec<PairStatistic> {
    let mut kept = Vec::new();
    let mut take = |answer: barline::compute::PairTests| {
        kept.extend(answer.kept);
        ControlFlow::Continue(())
    };
    cpu.engle_granger(columns, screen, &mut take).unwrap();
    kept
}

fn johansen(cpu: Cpu, columns: &[&[f64]], screen: &JohansenScreen) -> Vec<JohansenPair> {
    let mut kept = Vec::new();
    let mut take = |answer: barline::compute::JohansenTests| {
        kept.extend(answer.kept);
        ControlFlow::Continue(())
    };
    cpu.johansen(columns, screen, &mut take).unwrap();
    kept
}
