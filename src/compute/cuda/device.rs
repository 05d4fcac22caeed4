//! A device that is in use: what it may hold, what it has done, and whether it still can.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use cudarc::driver::CudaContext;

use super::{
    context,
    fault::{Done, Fault},
    kernels::{KernelName, LEAST_CAPABILITY},
    launch::{Driver, Memory, Pinned, Stream, WORD},
};
use crate::compute::{DeviceFacts, DeviceTimes, DeviceUse, NoDevice};

/// Share of the free memory that is used where nobody says how much.
const USUAL_SHARE: (u64, u64) = (85, 100);
/// Least budget that anything can be done with.
const LEAST_BYTES: u64 = 16 << 20;
/// Words of a block of pinned memory through which columns go up.
const STAGED_WORDS: usize = 1 << 19;

/// A device, its driver and the counts of a run.
pub(super) struct Device {
    pub(super) driver: Arc<Driver>,
    facts: DeviceFacts,
    budget: u64,
    lost: OnceLock<String>,
    windows: AtomicU64,
    pairs: AtomicU64,
    planned: AtomicU64,
    halvings: AtomicU64,
    sample: Mutex<Sample>,
    /// What the device's clock says, while somebody asks.
    times: Mutex<Option<DeviceTimes>>,
}

/// What was compared with the processor's answers.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    compared: u64,
    deviation: f64,
}

impl Device {
    /// The first device, with a budget of so many bytes, or of the usual share of what is free.
    pub(super) fn open(budget: Option<u64>) -> Result<Self, NoDevice> {
        let facts = context::probe()?;
        if facts.capability < LEAST_CAPABILITY {
            let ((major, minor), (least, part)) = (facts.capability, LEAST_CAPABILITY);
            return Err(NoDevice::Refused(format!(
                "{} has compute capability {major}.{minor}, and {least}.{part} is needed",
                facts.name
            )));
        }
        let usual = facts.free_bytes / USUAL_SHARE.1 * USUAL_SHARE.0;
        let budget = budget.map_or(usual, |asked| asked.min(facts.free_bytes));
        if budget < LEAST_BYTES {
            return Err(NoDevice::NoMemory { budget, free: facts.free_bytes });
        }
        let opened = context::guarded(|| {
            let context = CudaContext::new(0).map_err(context::refused)?;
            Driver::open(context, budget)
        })?;
        let device = Self {
            driver: Arc::new(opened),
            facts,
            budget,
            lost: OnceLock::new(),
            windows: AtomicU64::new(0),
            pairs: AtomicU64::new(0),
            planned: AtomicU64::new(0),
            halvings: AtomicU64::new(0),
            sample: Mutex::default(),
            times: Mutex::default(),
        };
        match device.computes() {
            Ok(true) => Ok(device),
            Ok(false) => Err(NoDevice::Unusable("its kernels give wrong numbers".into())),
            Err(Fault::Memory) => Err(NoDevice::NoMemory { budget, free: device.facts.free_bytes }),
            Err(Fault::Lost(why)) => Err(NoDevice::Unusable(why)),
        }
    }

    /// True if a kernel does what it should.
    fn computes(&self) -> Done<bool> {
        let levels: [f64; 4] = [1.0, 3.0, 4.5, 4.0];
        let stream = Stream::new(&self.driver)?;
        let (given, found) = (Memory::new(&self.driver, 5)?, Memory::new(&self.driver, 4)?);
        let mut staged = Pinned::new(&stream, 5)?;
        let words = staged.words_mut()?;
        for (word, level) in words.iter_mut().zip(levels) {
            *word = level.to_bits();
        }
        words[4] = 4;
        staged.upload(&given, 0, 5)?;
        stream.clear(&found, 4)?;
        let arguments = [given.at(0), found.at(0), given.at(4), 4, 0, 0];
        stream.launch(KernelName::MovesApart, [1, 1, 1], 128, &arguments)?;
        staged.download(&found, 0, 4)?;
        let found: Vec<u64> = staged.words()?[..4].to_vec();
        Ok(found == [2.0, 1.5, -0.5, 0.0].map(f64::to_bits))
    }

    /// False once it was lost.
    pub(super) fn is_of_use(&self) -> bool {
        self.lost.get().is_none()
    }

    /// Remembers why the device is of no use any more.
    pub(super) fn lose(&self, why: String) {
        tracing::warn!(%why, "the device is given up");
        let _ = self.lost.set(why);
    }

    /// What a fault means for the rest of the run: one of memory nothing.
    pub(super) fn met(&self, fault: Fault) {
        match fault {
            Fault::Memory => tracing::info!("no room on the device: done by the processor"),
            Fault::Lost(why) => self.lose(why),
        }
    }

    /// Words that may still be taken.
    pub(super) fn room(&self) -> usize {
        usize::try_from(self.driver.room() / WORD).unwrap_or(usize::MAX)
    }

    /// Counts windows done here.
    pub(super) fn did_windows(&self, windows: usize) {
        self.windows.fetch_add(windows as u64, Ordering::Relaxed);
    }

    /// Counts pairs tested here, whatever their directions.
    pub(super) fn did_pairs(&self, pairs: usize) {
        self.pairs.fetch_add(pairs as u64, Ordering::Relaxed);
    }

    /// Counts a batch that was made smaller.
    pub(super) fn halved(&self) {
        self.halvings.fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers how many words a verb plans to hold together, beside what is held.
    pub(super) fn plans(&self, words: usize) {
        let held = self.budget - self.driver.room().min(self.budget);
        self.planned.fetch_max(held + words as u64 * WORD, Ordering::Relaxed);
    }

    /// Counts answers that were compared with the processor's, and how far the furthest was off. What is
    /// further off than `bound` ends the device path: answers of a broken device are of no use.
    pub(super) fn compared(&self, count: usize, deviation: f64, bound: f64) {
        let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        sample.compared += count as u64;
        sample.deviation = sample.deviation.max(deviation);
        // False for a NaN too.
        if deviation <= bound {
            return;
        }
        self.lose(format!("its answers are {deviation:e} off, where {bound:e} is the bound"));
    }

    /// What it has done.
    pub(super) fn used(&self) -> DeviceUse {
        let sample = *self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        DeviceUse {
            name: self.facts.name.clone(),
            windows: self.windows.load(Ordering::Relaxed),
            pairs: self.pairs.load(Ordering::Relaxed),
            budget_bytes: self.budget,
            planned_bytes: self.planned.load(Ordering::Relaxed),
            measured_bytes: self.driver.peak(),
            halvings: self.halvings.load(Ordering::Relaxed),
            compared: sample.compared,
            deviation: sample.deviation,
            lost: self.lost.get().cloned(),
            blas: self.driver.blas.is_some(),
        }
    }

    /// Times from now on, or no more; answers what was timed up to now.
    pub(super) fn time(&self, on: bool) -> DeviceTimes {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let before = times.take().unwrap_or_default();
        *times = on.then(DeviceTimes::default);
        before
    }

    /// Does something on a stream; while times are asked for, alone, by the device's clock.
    pub(super) fn on(
        &self,
        stream: &Stream,
        part: fn(&mut DeviceTimes) -> &mut f64,
        act: impl FnOnce() -> Done<()>,
    ) -> Done<()> {
        let is_timed = self.times.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if !is_timed {
            return act();
        }
        let millis = stream.timed(act)?;
        if let Some(times) = &mut *self.times.lock().unwrap_or_else(PoisonError::into_inner) {
            *part(times) += millis;
        }
        Ok(())
    }

    /// Memory of `words` words, written by `fill` a piece at a time: while one piece goes up the next is made.
    pub(super) fn filled(
        &self,
        words: usize,
        fill: impl Fn(Range<usize>, &mut [u64]),
    ) -> Done<Memory> {
        self.plans(words);
        let memory = Memory::new(&self.driver, words)?;
        self.fill(&memory, words, fill)?;
        Ok(memory)
    }

    /// Writes the first `words` words of some memory by `fill`, piece by piece.
    pub(super) fn fill(
        &self,
        memory: &Memory,
        words: usize,
        fill: impl Fn(Range<usize>, &mut [u64]),
    ) -> Done<()> {
        let piece = STAGED_WORDS.min(words.max(1));
        let streams = [Stream::new(&self.driver)?, Stream::new(&self.driver)?];
        let mut staged = [Pinned::new(&streams[0], piece)?, Pinned::new(&streams[1], piece)?];
        for (number, from) in (0..words).step_by(piece).enumerate() {
            let to = words.min(from + piece);
            let pinned = &mut staged[number % 2];
            fill(from..to, &mut pinned.words_mut()?[..to - from]);
            self.on(
                &streams[number % 2],
                |times| &mut times.up,
                || pinned.upload(memory, from, to - from),
            )?;
        }
        for pinned in &staged {
            pinned.words()?;
        }
        Ok(())
    }

    /// Columns of equal length in the memory of the device, one after the other, `stride` words each, with zeros
    /// after the last row.
    pub(super) fn columns(&self, columns: &[&[f64]], stride: usize) -> Done<Memory> {
        self.filled(columns.len() * stride, |words, target| {
            for (word, cell) in words.zip(target) {
                let value = columns[word / stride].get(word % stride);
                *cell = value.copied().unwrap_or(0.0).to_bits();
            }
        })
    }

    /// The same columns row by row: those of a row side by side.
    pub(super) fn rows(&self, columns: &[&[f64]]) -> Done<Memory> {
        let rows = columns.first().map_or(0, |column| column.len());
        self.filled(columns.len() * rows, |words, target| {
            for (word, cell) in words.zip(target) {
                *cell = columns[word % columns.len()][word / columns.len()].to_bits();
            }
        })
    }
}
