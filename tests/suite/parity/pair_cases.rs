//! Tests of all pairs: the same survivors, statistics, lags and bounds.

use std::ops::ControlFlow;

use barline::{
    compute::{
        Backend, Cpu, Cuda, EngleGrangerScreen, JohansenScreen, JohansenTests, PairProblem,
        PairSet, PairTests,
    },
    stats::{JohansenCase, LagRule, Trend},
};

use super::cases::{slices, walks};

const CPU: Cpu = Cpu { workers: 1 };

/// Counts of a screen, and its survivors in order: names, lag, bits.
type Screened = ([usize; 4], Vec<([usize; 3], [u64; 2])>);

fn bits(x: f64) -> u64 {
    (x + 0.0).to_bits()
}

#[derive(Default)]
struct Gathered {
    counts: [usize; 4],
    kept: Vec<([usize; 3], [u64; 2])>,
}

impl Gathered {
    fn add(&mut self, answer: &PairTests) {
        let counts = [answer.tests, answer.pairs, answer.refused, answer.short];
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        self.kept.extend(answer.kept.iter().map(|pair| {
            // Where the kernel cannot tell, its statistic means nothing.
            let told = pair.error.is_finite();
            let numbers = if told { [bits(pair.statistic), bits(pair.error)] } else { [0, 0] };
            let lag = if told { pair.lag } else { 0 };
            ([pair.dependent, pair.regressor, lag], numbers)
        }));
    }

    fn sorted(mut self) -> Screened {
        self.kept.sort_unstable();
        (self.counts, self.kept)
    }
}

fn screened(
    backend: &dyn Backend,
    columns: &[&[f64]],
    screen: &EngleGrangerScreen,
    among: Option<&PairSet>,
) -> Screened {
    let mut gathered = Gathered::default();
    let mut take = |answer: PairTests| {
        gathered.add(&answer);
        ControlFlow::Continue(())
    };
    match among {
        None => backend.engle_granger(columns, screen, &mut take),
        Some(among) => backend.engle_granger_among(columns, screen, among, &mut take),
    }
    .expect("finite");
    gathered.sorted()
}

pub(super) fn all(device: &Cuda, few: bool) {
    engle_granger(device, if few { 1 } else { 6 });
    many_assets(device, if few { 270 } else { 530 });
    many_windows(device, if few { 20 } else { 70 });
    johansen(device, if few { 1 } else { 3 });
}

fn odd(assets: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut values = walks(assets, rows, 71);
    values[1].fill(3.0);
    values[2] = values[3].iter().map(|x| 2.0 * x).collect();
    values[4].iter_mut().for_each(|x| *x *= 1e-9);
    values[5] = values[6].iter().zip(&values[7]).map(|(a, b)| a + 1e-7 * b).collect();
    values
}

fn engle_granger(device: &Cuda, rules: usize) {
    let values = odd(40, 110);
    let columns = slices(&values);
    let mut gaps = values.clone();
    for column in &mut gaps[20..] {
        column.iter_mut().step_by(9).for_each(|x| *x = f64::NAN);
    }
    let with_gaps = slices(&gaps);
    let mut among = PairSet::none(40);
    (0..40).for_each(|i| among.insert(i, (i * 7 + 3) % 40));
    let known = [
        LagRule::Fixed(1),
        LagRule::Aic { max: None },
        LagRule::Fixed(0),
        LagRule::Fixed(4),
        LagRule::Bic { max: Some(3) },
        LagRule::TStat { max: None },
    ];
    for rule in known.into_iter().take(rules) {
        for trend in [Trend::Constant, Trend::None, Trend::Linear] {
            for keep_below in [f64::INFINITY, -3.0] {
                let only_kernel = true;
                let screen =
                    EngleGrangerScreen { trend, rule, min_rows: 30, keep_below, only_kernel };
                let of = |backend: &dyn Backend, columns: &[&[f64]], among| {
                    screened(backend, columns, &screen, among)
                };
                let name = format!("{rule:?} {trend:?} {keep_below}");
                assert_eq!(of(device, &columns, None), of(&CPU, &columns, None), "{name}");
                if trend == Trend::Constant {
                    let (found, known) = (of(device, &with_gaps, None), of(&CPU, &with_gaps, None));
                    assert_eq!(found, known, "{name}, gaps");
                    let set = Some(&among);
                    assert_eq!(of(device, &columns, set), of(&CPU, &columns, set), "{name}, some");
                }
            }
        }
    }
}

/// A threshold below which the plain path decides: cuBLAS may multiply.
fn many_assets(device: &Cuda, assets: usize) {
    let values = walks(assets, 60, 5);
    let columns = slices(&values);
    let screen = EngleGrangerScreen {
        trend: Trend::Constant,
        rule: LagRule::Fixed(1),
        min_rows: 30,
        keep_below: -4.0,
        only_kernel: false,
    };
    let of = |backend: &dyn Backend| screened(backend, &columns, &screen, None);
    let (found, known) = (of(device), of(&CPU));
    assert_eq!(found.0, known.0);
    if !device.used().blas {
        assert_eq!(found.1, known.1);
    }
    // What is so near the threshold that an order of sums decides is any side's.
    let clear = |kept: &[([usize; 3], [u64; 2])]| -> Vec<([usize; 3], f64)> {
        let all = kept.iter().map(|(names, [statistic, _])| (*names, f64::from_bits(*statistic)));
        all.filter(|(_, statistic)| *statistic < -4.0 - 1e-6).collect()
    };
    let (found, known) = (clear(&found.1), clear(&known.1));
    assert!(found.len() > 30 && found.len() == known.len(), "{} survivors", found.len());
    for (one, other) in found.iter().zip(&known) {
        assert!(one.0 == other.0 && (one.1 - other.1).abs() <= 1e-10 * other.1.abs());
    }
}

fn many_windows(device: &Cuda, windows: usize) {
    let values = odd(30, 200);
    let problems: Vec<PairProblem> = (0..windows)
        .map(|k| {
            let rows = k..k + 80 + k % 3;
            let columns = values.iter().map(|x| x[rows.clone()].to_vec()).collect();
            PairProblem { columns, split: (k % 2 == 0).then_some(12) }
        })
        .collect();
    for rule in [LagRule::Fixed(1), LagRule::Aic { max: None }] {
        let screen = EngleGrangerScreen {
            trend: Trend::Constant,
            rule,
            min_rows: 0,
            keep_below: -3.3,
            only_kernel: true,
        };
        let of = |backend: &dyn Backend| {
            let mut found: Vec<Gathered> = problems.iter().map(|_| Gathered::default()).collect();
            let mut take = |(problem, answer): (usize, PairTests)| {
                found[problem].add(&answer);
                ControlFlow::Continue(())
            };
            backend.engle_granger_problems(&problems, &screen, &mut take).expect("complete");
            found.into_iter().map(Gathered::sorted).collect::<Vec<_>>()
        };
        assert_eq!(of(device), of(&CPU), "{rule:?}");
    }
}

fn johansen(device: &Cuda, cases: usize) {
    let mut values = odd(40, 120);
    for column in &mut values[30..] {
        column.iter_mut().step_by(10).for_each(|x| *x = f64::NAN);
    }
    let columns = slices(&values);
    let known = [JohansenCase::Constant, JohansenCase::None, JohansenCase::Linear];
    for case in known.into_iter().take(cases) {
        for lags in [0, 1, 3] {
            for keep_above in [f64::NEG_INFINITY, 15.0] {
                let screen = JohansenScreen { case, lags, min_rows: 30, keep_above };
                let of = |backend: &dyn Backend| {
                    let (mut counts, mut kept) = ([0; 3], Vec::new());
                    let mut take = |answer: JohansenTests| {
                        let told = [answer.tests, answer.refused, answer.short];
                        counts.iter_mut().zip(told).for_each(|(sum, count)| *sum += count);
                        kept.extend(answer.kept.iter().map(|pair| {
                            let told = pair.error.is_finite();
                            let numbers = [pair.trace[0], pair.trace[1], pair.error].map(bits);
                            (pair.first, pair.second, if told { numbers } else { [0; 3] })
                        }));
                        ControlFlow::Continue(())
                    };
                    backend.johansen(&columns, &screen, &mut take).expect("finite");
                    kept.sort_unstable();
                    (counts, kept)
                };
                let (found, known) = (of(device), of(&CPU));
                if device.used().blas && keep_above.is_finite() {
                    near(&found, &known);
                } else {
                    assert_eq!(found, known, "{case:?} {lags} {keep_above}");
                }
            }
        }
    }
}

/// Counts and survivors of Johansen's tests: names, and the bits of trace statistics and error.
type Traced = ([usize; 3], Vec<(usize, usize, [u64; 3])>);

/// The same tests, and no statistic further off than both errors, which are its bound in practice.
fn near(found: &Traced, known: &Traced) {
    assert_eq!((found.0, found.1.len()), (known.0, known.1.len()));
    for (one, other) in found.1.iter().zip(&known.1) {
        assert_eq!((one.0, one.1), (other.0, other.1));
        let [a, b] = [one, other].map(|pair| pair.2.map(f64::from_bits));
        assert!((a[0] - b[0]).abs() <= a[2] + b[2], "{a:?} for {b:?}");
    }
}
