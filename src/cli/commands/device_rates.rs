//! `barline doctor --rates`: what the CUDA device does a second, beside cuBLAS and the processor, and whether
//! its answers are the processor's. Kernels and copies by the device's own clock, the processor by the wall.

use std::{
    fmt::Write,
    ops::{ControlFlow, Range},
    time::Instant,
};

use crate::{
    cli::ending::Ending,
    compute::{
        Backend, Cpu, Cuda, DeviceRates, DeviceTimes, EngleGrangerScreen, PairTests, Triangle,
    },
    run,
    stats::{LagRule, Result, Trend},
};

/// Rows of covariances and pairs, and of a window.
const ROWS: usize = 1_000;
const WINDOW: usize = 250;
/// Threads of the processor.
const WORKERS: usize = 2;

/// Takes an item and what is found of it.
type Put<'a> = &'a mut dyn FnMut(&str, String);

/// Times everything; exit code 1 without a device, or where an answer is off.
pub(super) fn put(quick: bool, put: Put<'_>) -> Ending {
    let device = match run::open_device(WORKERS) {
        Ok(device) => device,
        Err(cause) => {
            put("device", cause.to_string());
            return Ending::Findings;
        }
    };
    put("device", device.used().name);
    let cpu = Cpu { workers: WORKERS };
    let scale = if quick { 16 } else { 1 };
    for order in [500, 2_000, 5_000, 20_000].map(|order| order / scale) {
        products(&device, order, put);
    }
    for order in [500, 2_000, 5_000].map(|order| order / scale) {
        covariances(&device, cpu, (order, 0..1), put);
    }
    covariances(&device, cpu, (20, 0..100_000 / (scale * scale)), put);
    for (assets, compared) in [(2_000 / scale, true), (20_000 / scale, false)] {
        pairs(&device, compared.then_some(cpu), assets, put);
    }
    let used = device.used();
    put("compared", format!("{} answers, the furthest {:e} off", used.compared, used.deviation));
    put("memory", format!("{} bytes planned, {} held", used.planned_bytes, used.measured_bytes));
    match used.lost {
        Some(why) => {
            put("given up", why);
            Ending::Findings
        }
        None => Ending::Well,
    }
}

/// GFLOP/s of the squares of `order` columns.
fn giga(order: usize, millis: f64) -> f64 {
    (order * (order + 1)) as f64 * ROWS as f64 / millis / 1e6
}

/// The product alone: our kernel and dsyrk of cuBLAS.
fn products(device: &Cuda, order: usize, put: Put<'_>) {
    let mut told = Vec::new();
    for (name, by) in [("ours", DeviceRates::Ours), ("cuBLAS dsyrk", DeviceRates::CuBlas)] {
        told.push(match device.square_millis(order, ROWS, by) {
            Some(millis) => format!("{name} {millis:.3} ms, {:.0} GFLOP/s", giga(order, millis)),
            None => format!("{name} none"),
        });
    }
    put(&format!("product N={order} T={ROWS}"), told.join("; "));
}

/// Numbers of the size of one.
fn columns(count: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    (0..count).map(|_| (0..rows).map(|_| draw()).collect()).collect()
}

fn of_device(times: DeviceTimes, wall: f64) -> String {
    let DeviceTimes { kernels, up, down } = times;
    format!("device {kernels:.2} ms (up {up:.2}, down {down:.2}, wall {:.2})", wall * 1e3)
}

/// Covariances with everything around them, of one window or of many.
fn covariances(device: &Cuda, cpu: Cpu, (order, windows): (usize, Range<usize>), put: Put<'_>) {
    let many = windows.len() > 1;
    let rows = if many { WINDOW } else { ROWS };
    let values = columns(order, if many { 20 * WINDOW } else { ROWS });
    let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    let spans: Vec<Range<usize>> = windows
        .map(|window| {
            let from = if many { window % (19 * WINDOW) } else { 0 };
            from..from + rows
        })
        .collect();
    let count = spans.len();
    // The processor has a tenth of many windows, times ten.
    let of_cpu = if many { &spans[..count.div_ceil(10)] } else { &spans[..] };
    let mut known: Option<Triangle> = None;
    let wall =
        timed(|| cpu.covariances(&slices, of_cpu, 1, &mut |answer| keep(&mut known, answer)));
    let processor = wall * count as f64 / of_cpu.len() as f64 * 1e3;
    let mut found: Option<Triangle> = None;
    let begun = Instant::now();
    let ((), times) = device.timed(|device| {
        device.covariances(&slices, &spans, 1, &mut |answer| keep(&mut found, answer));
    });
    let told = of_device(times, begun.elapsed().as_secs_f64());
    let same = match (&known, &found) {
        (Some(known), Some(found)) => (0..order).all(|i| known.upper(i) == found.upper(i)),
        _ => false,
    };
    let gained = processor / times.kernels;
    put(
        &format!("covariance N={order} T={rows} windows={count}"),
        format!(
            "{told}; processor {processor:.2} ms, {gained:.0} times the kernels; equal: {same}"
        ),
    );
}

/// The first answer.
fn keep(kept: &mut Option<Triangle>, answer: Result<Triangle>) -> ControlFlow<()> {
    if kept.is_none() {
        *kept = answer.ok();
    }
    ControlFlow::Continue(())
}

fn timed(act: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    act();
    begun.elapsed().as_secs_f64()
}

/// All ordered pairs by Engle and Granger, one lag.
fn pairs(device: &Cuda, cpu: Option<Cpu>, assets: usize, put: Put<'_>) {
    let mut values = columns(assets, ROWS);
    for column in &mut values {
        let mut level = 0.0;
        for step in column {
            level += *step;
            *step = level;
        }
    }
    let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    let screen = EngleGrangerScreen {
        trend: Trend::Constant,
        rule: LagRule::Fixed(1),
        min_rows: 30,
        keep_below: -5.0,
        only_kernel: false,
    };
    let survivors = |backend: &dyn Backend| {
        let mut kept = 0;
        let tested = backend.engle_granger(&slices, &screen, &mut |answer: PairTests| {
            kept += answer.kept.len();
            ControlFlow::Continue(())
        });
        tested.map_or(0, |()| kept)
    };
    let begun = Instant::now();
    let (found, times) = device.timed(|device| survivors(device));
    let mut told = of_device(times, begun.elapsed().as_secs_f64());
    let ordered = (assets * (assets - 1)) as f64;
    let rate = ordered / times.kernels / 1e3;
    let _ = write!(told, ", {rate:.0} M a second; {found} survivors");
    if let Some(cpu) = cpu {
        let mut known = 0;
        let wall = timed(|| known = survivors(&cpu));
        let gained = wall * 1e3 / times.kernels;
        let millis = wall * 1e3;
        let _ = write!(told, "; processor {millis:.2} ms, {gained:.0} times, {known} survivors");
    }
    put(&format!("pairs N={assets} T={ROWS} lag=1"), told);
}
