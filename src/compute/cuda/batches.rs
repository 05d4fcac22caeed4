//! Items in batches over two lanes: while one computes, the other's answers come down and its next batch
//! goes up.
//!
//! A batch is as large as two lanes find room for in the budget. Where the device has less, batches are halved; where
//! not even one item finds room, and after a fault that ends the device path, the processor does what has no
//! answer yet. Answers come in the order of the items either way.

use std::{collections::VecDeque, ops::ControlFlow, ops::Range, sync::Arc};

use super::{
    device::Device,
    fault::{Done, Fault},
    launch::{Memory, Pinned, Stream},
};
use crate::compute::Take;

/// Lanes that work side by side.
const LANES: usize = 2;
/// Words that come down at a time: what a lane pins.
const PIECE: usize = 1 << 21;

/// Words that a batch takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// What goes up, and what comes down.
    pub(super) input: usize,
    pub(super) output: usize,
    /// What stays on the device.
    pub(super) desk: usize,
}

/// Where a batch is done.
pub(super) struct Lane {
    pub(super) stream: Arc<Stream>,
    pub(super) input: Memory,
    pub(super) output: Memory,
    pub(super) desk: Memory,
    up: Pinned,
    down: Pinned,
}

/// What is done with items.
pub(super) trait Work {
    /// What an item, or a batch of them, is answered with.
    type Answer;

    /// Words of a batch of so many items.
    fn words(&self, items: usize) -> Words;

    /// Most items of a batch.
    fn most(&self) -> usize;

    /// Writes what goes up.
    fn stage(&self, items: Range<usize>, lane: &Lane, input: &mut [u64]);

    /// Asks the device.
    fn ask(&self, items: Range<usize>, lane: &Lane) -> Done<()>;

    /// Words of the output, from the first on, that come down with every batch.
    fn first(&self, items: usize) -> usize {
        self.words(items).output
    }

    /// Words that come down in all, as the first ones tell.
    fn all(&self, items: usize, _first: &[u64]) -> usize {
        self.first(items)
    }

    /// Reads the answers.
    fn answer(
        &self,
        items: Range<usize>,
        output: &[u64],
        take: Take<'_, Self::Answer>,
    ) -> ControlFlow<()>;

    /// Answers without a device.
    fn alone(&self, items: Range<usize>, take: Take<'_, Self::Answer>) -> ControlFlow<()>;
}

/// Does all of `items` items.
pub(super) fn in_batches<W: Work>(
    device: &Device,
    items: usize,
    work: &W,
    take: Take<'_, W::Answer>,
) -> ControlFlow<()> {
    let mut done = 0;
    let met =
        if device.is_of_use() { attempt(device, items, work, &mut done, take) } else { Ok(None) };
    match met {
        Ok(Some(over)) => over,
        Ok(None) => work.alone(done..items, take),
        Err(fault) => {
            device.met(fault);
            work.alone(done..items, take)
        }
    }
}

/// Answers what it can; `None` where the device was lost on the way.
fn attempt<W: Work>(
    device: &Device,
    items: usize,
    work: &W,
    done: &mut usize,
    take: Take<'_, W::Answer>,
) -> Done<Option<ControlFlow<()>>> {
    let mut batch = fitting(device, items, work).ok_or(Fault::Memory)?;
    loop {
        let fault = match lanes(device, work, batch, items - *done) {
            Ok(mut lanes) => match drive(device, &mut lanes, batch, items, work, done, take) {
                Ok(over) => return Ok(over),
                Err(fault) => fault,
            },
            Err(fault) => fault,
        };
        if fault != Fault::Memory || batch == 1 {
            return Err(fault);
        }
        device.halved();
        batch = batch.div_ceil(2);
    }
}

fn total(words: Words) -> usize {
    words.input.saturating_add(words.output).saturating_add(words.desk)
}

/// The largest batch that finds room; `None` if an item does not.
fn fitting<W: Work>(device: &Device, items: usize, work: &W) -> Option<usize> {
    let room = device.room();
    let fits = |batch: usize| {
        let lanes = LANES.min(items.div_ceil(batch));
        let small = batch == 1 || work.first(batch) <= PIECE;
        small && total(work.words(batch)).saturating_mul(lanes) <= room
    };
    let most = items.min(work.most()).max(1);
    if !fits(1) {
        return (total(work.words(1)) <= room).then_some(1);
    }
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    Some(low)
}

/// As many lanes as are needed and find room, one at least.
fn lanes<W: Work>(device: &Device, work: &W, batch: usize, items: usize) -> Done<Vec<Lane>> {
    let words = work.words(batch);
    let mut lanes = Vec::new();
    for number in 0..LANES.min(items.div_ceil(batch)) {
        if number > 0 && total(words) > device.room() {
            break;
        }
        device.plans(total(words));
        let stream = Stream::new(&device.driver)?;
        let room = |words: usize| Memory::new(&device.driver, words);
        lanes.push(Lane {
            input: room(words.input)?,
            output: room(words.output)?,
            desk: room(words.desk)?,
            up: Pinned::new(&stream, words.input)?,
            down: Pinned::new(&stream, words.output.min(PIECE))?,
            stream,
        });
    }
    Ok(lanes)
}

fn drive<W: Work>(
    device: &Device,
    lanes: &mut [Lane],
    batch: usize,
    items: usize,
    work: &W,
    done: &mut usize,
    take: Take<'_, W::Answer>,
) -> Done<Option<ControlFlow<()>>> {
    let mut free: Vec<usize> = (0..lanes.len()).collect();
    let mut asked: VecDeque<(usize, Range<usize>)> = VecDeque::new();
    let mut next = *done;
    while *done < items {
        while next < items {
            let Some(number) = free.pop() else { break };
            let range = next..items.min(next + batch);
            ask(device, &mut lanes[number], range.clone(), work)?;
            next = range.end;
            asked.push_back((number, range));
        }
        let Some((number, range)) = asked.pop_front() else { break };
        let output = come_down(device, &mut lanes[number], range.len(), work)?;
        let over = work.answer(range.clone(), &output, take);
        *done = range.end;
        if over.is_break() {
            return Ok(Some(over));
        }
        // A comparison may have ended it.
        if !device.is_of_use() {
            return Ok(None);
        }
        free.push(number);
    }
    Ok(Some(ControlFlow::Continue(())))
}

fn ask<W: Work>(device: &Device, lane: &mut Lane, items: Range<usize>, work: &W) -> Done<()> {
    let words = work.words(items.len());
    let mut staged = vec![0; words.input];
    work.stage(items.clone(), lane, &mut staged);
    if words.input > 0 {
        lane.up.words_mut()?[..words.input].copy_from_slice(&staged);
        let stream = Arc::clone(&lane.stream);
        device.on(
            &stream,
            |times| &mut times.up,
            || lane.up.upload(&lane.input, 0, words.input),
        )?;
    }
    device.on(&lane.stream, |times| &mut times.kernels, || work.ask(items.clone(), lane))?;
    let first = work.first(items.len()).min(PIECE);
    let Lane { stream, down, output, .. } = lane;
    device.on(stream, |times| &mut times.down, || down.download(output, 0, first))
}

/// The answers of a batch, as far as there are any.
fn come_down<W: Work>(device: &Device, lane: &mut Lane, items: usize, work: &W) -> Done<Vec<u64>> {
    let first = work.first(items);
    let Lane { stream, down, output: from, .. } = lane;
    let mut output = down.words()?[..first.min(PIECE)].to_vec();
    let all = work.all(items, &output);
    while output.len() < all {
        let next = (all - output.len()).min(PIECE);
        let at = output.len();
        device.on(stream, |times| &mut times.down, || down.download(from, at, next))?;
        output.extend_from_slice(&down.words()?[..next]);
    }
    Ok(output)
}
