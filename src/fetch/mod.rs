//! Archives of bars from an exchange, downloaded and verified; what they hold is for the import to read.
//!
//! Binance publishes a zip per symbol, bar length and month or day, and beside it a file with its SHA-256.
//! A month is taken whole where its archive is there, else by its days. Archives are kept in a folder, so
//! that the next command loads only what is new or was issued again; what was cut goes on where it was cut.
//! The exchange is asked only by [`fetch`]; nothing else in Barline opens a connection.

mod archive;
mod checksum;
mod client;
mod download;
mod request;

use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use self::{archive::Archive, download::Downloader};
pub use self::{archive::Market, request::FetchRequest};
use crate::{
    error::{Error, Result},
    run::Stop,
};

/// What became of one archive.
#[derive(Debug)]
pub enum Fetched {
    /// It was loaded, has the published checksum and lies here; so many bytes came over the line.
    Loaded(PathBuf, u64),
    /// It lies here already, with the published checksum.
    There(PathBuf),
    /// The exchange has no such archive; a day of a month that has none either.
    Absent,
    /// It could not be had.
    Failed(Error),
    /// It was not asked for any more: somebody wished to stop.
    Stopped,
}

/// One line of a fetch: an archive, or the day of one, in the order of symbols and time.
#[derive(Debug)]
pub struct FetchLine {
    /// Symbol it is of.
    pub symbol: String,
    /// Month or day, as it stands in the name of the archive: `2024-01`, `2024-01-31`.
    pub period: String,
    /// What became of it.
    pub fetched: Fetched,
}

/// What happens while archives are loaded.
#[derive(Debug, Clone, Copy)]
pub enum FetchEvent<'a> {
    /// An archive is through, of so many that are planned so far.
    Through(&'a FetchLine, usize),
    /// An archive is asked for again, for this reason.
    Again(&'a str),
}

/// Hears of it, from any thread.
pub type Told<'a> = dyn Fn(FetchEvent<'_>) + Sync + 'a;

/// Loads what `request` asks for, with so many connections at once as it allows; `told` hears of every
/// archive that is through, and why one is asked for again.
///
/// # Errors
/// Usage, for a request that cannot be meant; io, if no client can be made. What is wrong with one archive
/// is in its line.
pub fn fetch(request: &FetchRequest, stop: &Stop, told: &Told<'_>) -> Result<Vec<FetchLine>> {
    let months = request.archives()?;
    let (mut lines, missing) = divided(loaded(request, &months, stop, told)?);
    // A month that is not over has no archive yet: its days have.
    let days: Vec<Archive> = missing.iter().flat_map(|month| month.days(request)).collect();
    let (of_days, _) = divided(loaded(request, &days, stop, told)?);
    lines.extend(of_days);
    lines.sort_by_key(|(archive, _)| archive.order());
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

type Through = (Archive, FetchLine);

/// Those that stand, and the months that are not there.
fn divided(through: Vec<Through>) -> (Vec<Through>, Vec<Archive>) {
    let is_missing = |one: &Through| matches!(one.1.fetched, Fetched::Absent) && one.0.is_month();
    let (missing, stands): (Vec<_>, Vec<_>) = through.into_iter().partition(is_missing);
    (stands, missing.into_iter().map(|(archive, _)| archive).collect())
}

fn loaded(
    request: &FetchRequest,
    archives: &[Archive],
    stop: &Stop,
    told: &Told<'_>,
) -> Result<Vec<Through>> {
    let (next, planned) = (AtomicUsize::new(0), archives.len());
    let through = Mutex::new(Vec::with_capacity(planned));
    let connections = request.connections.min(planned.max(1));
    thread::scope(|scope| {
        let work = || -> Result<()> {
            let downloader = Downloader::new(request, stop, told)?;
            while let Some(archive) = archives.get(next.fetch_add(1, Ordering::Relaxed)) {
                let fetched = downloader.fetched(archive);
                let (symbol, period) = (archive.symbol.clone(), archive.period());
                let line = FetchLine { symbol, period, fetched };
                // A month without an archive is not through: its days are asked for.
                if !(archive.is_month() && matches!(line.fetched, Fetched::Absent)) {
                    told(FetchEvent::Through(&line, planned));
                }
                let all = &mut *through.lock().unwrap_or_else(PoisonError::into_inner);
                all.push((archive.clone(), line));
            }
            Ok(())
        };
        let workers: Vec<_> = (0..connections).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .map_err(|_| Error::internal("a download panicked; this is a fault of ours"))?
        })
    })?;
    Ok(through.into_inner().unwrap_or_else(PoisonError::into_inner))
}
