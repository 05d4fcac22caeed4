//! Building the demo store: the synthetic universe imported like any other source.

use std::path::Path;

use super::{
    allocator,
    import_stages::demo_stages,
    progress::{Event, Progress},
    stage,
    stop::Stop,
};
use crate::{
    demo::{DEFAULT_SEED, Demo, MARKET, Planted},
    error::{Error, ErrorKind, Result},
    store::{ImportSource, Store, StoreOptions, TruthRow, import::room_bytes},
};

/// The predicted peak of the making of a demo store, in bytes, where DuckDB may take `duckdb_limit`.
pub fn demo_bytes(duckdb_limit: u64) -> u64 {
    let demo = Demo::new(DEFAULT_SEED);
    let (rows, symbols) = (demo.most_bars() as u64, demo.symbols().len() as u64);
    stage::peak(&demo_stages(rows, rows / symbols.max(1), duckdb_limit))
}

/// Creates the store at `path` and imports the demo universe of `seed`, with what was planted in
/// it. Nothing is left under that name unless it is whole.
///
/// # Errors
/// Store, if the path exists already or cannot be written; disk full, with the bytes that would be
/// enough; interrupted, if asked to stop.
pub fn build_demo(
    path: &Path,
    seed: u64,
    options: &StoreOptions,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<()> {
    let demo = Demo::new(seed);
    let store = Store::create_with(path, options, |store| {
        let mut import = store.begin_import(ImportSource {
            name: format!("demo seed {seed}"),
            market: MARKET.to_owned(),
            interval: demo.interval(),
            calendar: demo.calendar(),
            detail: "synthetic universe; bars stamped at their open, UTC".to_owned(),
            content: String::new(),
        })?;
        for (index, symbol) in demo.symbols().iter().enumerate() {
            if stop.requested() {
                return Err(interrupted(path));
            }
            let id = import.instrument(MARKET, symbol)?;
            import.append(id, &demo.bars(index))?;
        }
        let summary = import.finish()?;
        store.write_truth(&demo.truth().into_iter().map(truth_row).collect::<Vec<_>>())?;
        let note = format!("demo universe of seed {seed}: {} bars stored", summary.stored);
        progress.event(&Event::Note(note));
        Ok(())
    });
    let room =
        |error: Error| if error.is_disk_full() { with_room(error, path, &demo) } else { error };
    let closed = store.and_then(Store::close).map_err(room);
    // A run may follow in this process.
    allocator::let_go();
    closed
}

/// The error of a full disk with the room that the store needs.
fn with_room(error: Error, path: &Path, demo: &Demo) -> Error {
    let needed = room_bytes(demo.most_bars() as u64);
    error.with_hint(format!(
        "{} was not made; {needed} bytes ({:.1} MB) free beside it are enough: free them, or name \
         another place with --db",
        path.display(),
        needed as f64 / 1e6
    ))
}

fn interrupted(path: &Path) -> Error {
    Error::new(ErrorKind::Interrupted, format!("stopped: {} was not made", path.display()))
}

fn truth_row(planted: Planted) -> TruthRow {
    TruthRow {
        kind: planted.kind.to_owned(),
        symbols: planted.symbols,
        half_life_hours: planted.half_life_hours,
        hedge_ratio: planted.hedge_ratio,
        promised_from_days: planted.promised_from_days,
        note: planted.note,
    }
}
