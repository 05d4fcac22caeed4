//! The verbs of this floor on a device.

use std::ops::{ControlFlow, Range};

use super::{
    device::Device,
    fading::{Fading, Form},
    moments,
    pair_kinds::{EngleGranger, Johansen},
    stepped::{Gaps, Stepping},
    windows::{Alone, Finish, Windows},
};
use crate::{
    compute::{
        Backend, BasketTests, Baskets, Cpu, CrossMoments, DeviceUse, EngleGrangerScreen,
        JohansenScreen, JohansenTests, NoDevice, PairProblem, PairSet, PairTests,
        PairwiseTriangles, ShrunkTriangle, Steps, Take, Triangle,
        cpu::{covariance, engle_granger, hrp, johansen, pairwise::Moment, shrinkage},
    },
    stats::{Decay, EwmaRules, Hrp, OldestRow, Result},
};

/// Problems that are prepared at a time.
const PREPARED: usize = 64;

/// A CUDA device, with the processor beside it for what the device is not asked for or cannot do.
///
/// Covariances, correlations, cross-moments and tests of pairs have the bits of [`Cpu`]'s; where cuBLAS
/// multiplies, and of stepped, masked and fading covariances, they are within 1e-10 of both deviations.
/// `related` and baskets are the processor's.
pub struct Cuda {
    pub(super) device: Device,
    pub(super) cpu: Cpu,
    pub(super) fast: bool,
}

impl std::fmt::Debug for Cuda {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cuda").field("used", &self.used()).finish_non_exhaustive()
    }
}

impl Cuda {
    /// Bytes of the machine's memory that a run with a device takes beside its own: pinned memory and answers on
    /// their way, and the driver's context, which is an estimate.
    pub const HOST_BYTES: u64 = 320 << 20;

    /// The first device, with at most `budget` bytes of its memory, or 85 % of what is free.
    ///
    /// # Errors
    /// Why there is none that can be used.
    pub fn open(budget: Option<u64>, workers: usize) -> std::result::Result<Self, NoDevice> {
        Ok(Self { device: Device::open(budget)?, cpu: Cpu { workers }, fast: false })
    }

    /// The same device; with `fast`, covariances are multiplied by cuBLAS where it is here, and have its bits.
    #[must_use]
    pub fn with_fast_products(mut self, fast: bool) -> Self {
        self.fast = fast;
        self
    }

    /// What it has done so far.
    pub fn used(&self) -> DeviceUse {
        self.device.used()
    }

    /// Covariances of windows in some form, finished on the machine by `finish`, or made by `alone`.
    fn windows<T>(
        &self,
        (columns, spans, ddof): (&[&[f64]], &[Range<usize>], usize),
        form: Form,
        finish: Finish<'_, T>,
        alone: Alone<'_, T>,
        take: Take<'_, Result<T>>,
    ) {
        let (device, fast, fading) = (&self.device, self.fast, None);
        Windows { device, columns, spans, ddof, form, fading, fast, finish, alone }.run(take);
    }
}

/// A triangle as the device has it.
#[allow(clippy::unnecessary_wraps, reason = "one of several that finish a window")]
fn whole(triangle: Triangle, _: f64, _: usize) -> Result<Triangle> {
    Ok(triangle)
}

impl engle_granger::Tester for Cuda {
    fn workers(&self) -> usize {
        self.cpu.workers
    }

    fn test(
        &self,
        sides: &engle_granger::Sides<'_>,
        _: &[(usize, usize)],
        take: Take<'_, PairTests>,
    ) -> ControlFlow<()> {
        let tests = EngleGranger { problems: &[sides], workers: self.cpu.workers };
        tests.run(&self.device, &mut |(_, answer)| take(answer))
    }
}

impl johansen::Tester for Cuda {
    fn test(
        &self,
        sides: &johansen::Sides<'_>,
        tiles: &[(usize, usize)],
        take: Take<'_, JohansenTests>,
    ) -> ControlFlow<()> {
        Johansen { sides, workers: self.cpu.workers }.run(&self.device, tiles, take)
    }
}

impl Backend for Cuda {
    fn covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        ddof: usize,
        take: Take<'_, Result<Triangle>>,
    ) {
        let alone = |windows: &[Range<usize>], take: Take<'_, Result<Triangle>>| {
            self.cpu.covariances(columns, windows, ddof, take);
        };
        self.windows((columns, windows, ddof), Form::Covariance, &whole, &alone, take);
    }

    fn stepped_covariances(
        &self,
        columns: &[&[f64]],
        steps: Steps,
        windows: Range<usize>,
        ddof: usize,
        take: Take<'_, Result<Triangle>>,
    ) {
        let (device, workers) = (&self.device, self.cpu.workers);
        Stepping { device, workers, columns, steps, windows, ddof }.run(take);
    }

    fn correlations(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<Triangle>>,
    ) {
        let alone = |windows: &[Range<usize>], take: Take<'_, Result<Triangle>>| {
            self.cpu.correlations(columns, windows, take);
        };
        let few = columns.len() <= Windows::<Triangle>::FEW;
        let form = if few { Form::Correlation } else { Form::Covariance };
        let finish = |triangle, _: f64, _: usize| match form {
            Form::Covariance => covariance::correlate(triangle),
            _ => Ok(triangle),
        };
        self.windows((columns, windows, 1), form, &finish, &alone, take);
    }

    fn correlation_distances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<Triangle>>,
    ) {
        let alone = |windows: &[Range<usize>], take: Take<'_, Result<Triangle>>| {
            self.cpu.correlation_distances(columns, windows, take);
        };
        let few = columns.len() <= Windows::<Triangle>::FEW;
        let form = if few { Form::Distance } else { Form::Covariance };
        let finish = |triangle, _: f64, _: usize| match form {
            Form::Covariance => covariance::correlate(triangle).map(covariance::distances),
            _ => Ok(triangle),
        };
        self.windows((columns, windows, 1), form, &finish, &alone, take);
    }

    fn ewma_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        decay: Decay,
        rules: EwmaRules,
        take: Take<'_, Result<Triangle>>,
    ) {
        let alone = |windows: &[Range<usize>], take: Take<'_, Result<Triangle>>| {
            self.cpu.ewma_covariances(columns, windows, decay, rules, take);
        };
        let longest = windows.iter().map(Range::len).max().unwrap_or(0);
        if columns.len() > Windows::<Triangle>::FEW || longest == 0 {
            return alone(windows, take);
        }
        let fading =
            Fading::new(decay, rules.biased, rules.oldest == OldestRow::Recursive, longest);
        let device = &self.device;
        let (form, fading, finish) = (Form::Covariance, Some(&fading), &whole);
        // An unbiased moment takes two rows, a biased one one.
        let ddof = usize::from(!rules.biased);
        let fast = false;
        let alone = &alone;
        Windows { device, columns, spans: windows, ddof, form, fading, fast, finish, alone }
            .run(take);
    }

    fn shrunk_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        take: Take<'_, Result<ShrunkTriangle>>,
    ) {
        let alone = |windows: &[Range<usize>], take: Take<'_, Result<ShrunkTriangle>>| {
            self.cpu.shrunk_covariances(columns, windows, take);
        };
        let finish = |triangle, fourth: f64, rows: usize| {
            shrinkage::shrink(self.cpu.workers, triangle, fourth, rows)
        };
        self.windows((columns, windows, 0), Form::Covariance, &finish, &alone, take);
    }

    fn pairwise_covariances(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        min_periods: usize,
        take: Take<'_, Result<PairwiseTriangles>>,
    ) {
        let (device, workers, moment) = (&self.device, self.cpu.workers, Moment::Covariance);
        Gaps { device, workers, columns, windows, moment, min_periods }.run(take);
    }

    fn pairwise_correlations(
        &self,
        columns: &[&[f64]],
        windows: &[Range<usize>],
        min_periods: usize,
        take: Take<'_, Result<PairwiseTriangles>>,
    ) {
        let (device, workers, moment) = (&self.device, self.cpu.workers, Moment::Correlation);
        Gaps { device, workers, columns, windows, moment, min_periods }.run(take);
    }

    fn cross_moments(
        &self,
        columns: &[&[f64]],
        window: Range<usize>,
        lags: usize,
        take: Take<'_, CrossMoments>,
    ) -> Result<()> {
        moments::cross_moments((&self.device, self.cpu.workers), columns, &window, lags, take)
    }

    fn engle_granger(
        &self,
        columns: &[&[f64]],
        screen: &EngleGrangerScreen,
        take: Take<'_, PairTests>,
    ) -> Result<()> {
        engle_granger::all_pairs(self, columns, screen, None, take)
    }

    fn engle_granger_among(
        &self,
        columns: &[&[f64]],
        screen: &EngleGrangerScreen,
        among: &PairSet,
        take: Take<'_, PairTests>,
    ) -> Result<()> {
        engle_granger::all_pairs(self, columns, screen, Some(among), take)
    }

    fn engle_granger_across(
        &self,
        columns: &[&[f64]],
        split: usize,
        screen: &EngleGrangerScreen,
        take: Take<'_, PairTests>,
    ) -> Result<()> {
        engle_granger::across(self, columns, split, screen, take)
    }

    fn engle_granger_problems(
        &self,
        problems: &[PairProblem],
        screen: &EngleGrangerScreen,
        take: Take<'_, (usize, PairTests)>,
    ) -> Result<()> {
        for (part, problems) in problems.chunks(PREPARED).enumerate() {
            let first = part * PREPARED;
            let mut sides = Vec::new();
            for (at, problem) in problems.iter().enumerate() {
                let columns: Vec<&[f64]> = problem.columns.iter().map(Vec::as_slice).collect();
                match engle_granger::prepared(&columns, problem.split, screen)? {
                    Err(refused) => {
                        if take((first + at, refused)).is_break() {
                            return Ok(());
                        }
                    }
                    Ok(prepared) => {
                        let refused = prepared.refused();
                        if refused.refused > 0 && take((first + at, refused)).is_break() {
                            return Ok(());
                        }
                        sides.push((first + at, prepared));
                    }
                }
            }
            // Problems with equal lags are tested together.
            sides.sort_by_key(|(_, sides)| sides.lags);
            for alike in sides.chunk_by(|a, b| a.1.lags == b.1.lags) {
                let problems: Vec<_> = alike.iter().map(|(_, sides)| sides).collect();
                let tests = EngleGranger { problems: &problems, workers: self.cpu.workers };
                let over = tests.run(&self.device, &mut |(at, answer)| take((alike[at].0, answer)));
                if over.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn johansen(
        &self,
        columns: &[&[f64]],
        screen: &JohansenScreen,
        take: Take<'_, JohansenTests>,
    ) -> Result<()> {
        johansen::all_pairs(self, columns, screen, None, take)
    }

    fn johansen_among(
        &self,
        columns: &[&[f64]],
        screen: &JohansenScreen,
        among: &PairSet,
        take: Take<'_, JohansenTests>,
    ) -> Result<()> {
        johansen::all_pairs(self, columns, screen, Some(among), take)
    }

    fn related(&self, columns: &[&[f64]], least: f64) -> Result<PairSet> {
        self.cpu.related(columns, least)
    }

    fn johansen_baskets(
        &self,
        columns: &[&[f64]],
        baskets: Baskets<'_>,
        screen: &JohansenScreen,
        take: Take<'_, BasketTests>,
    ) -> Result<()> {
        self.cpu.johansen_baskets(columns, baskets, screen, take)
    }

    fn hrp(&self, columns: &[&[f64]], windows: &[Range<usize>], take: Take<'_, Result<Hrp>>) {
        let alone = |windows: &[Range<usize>], take: Take<'_, Result<Hrp>>| {
            self.cpu.hrp(columns, windows, take);
        };
        let finish = |triangle, _: f64, _: usize| hrp::portfolio(triangle);
        self.windows((columns, windows, 1), Form::Covariance, &finish, &alone, take);
    }
}
