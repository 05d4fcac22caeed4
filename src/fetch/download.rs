//! One archive: asked for until it is whole and has its checksum, or is known not to be had.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    FetchEvent, FetchRequest, Fetched, Told,
    archive::Archive,
    checksum,
    client::{Connection, Fault, remove, unwritten},
};
use crate::{
    error::{Error, ErrorKind, Result},
    run::Stop,
};

/// The pause before the first time that something is asked for again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Time between two looks at the wish to stop.
const POLL: Duration = Duration::from_millis(20);

/// Loads archives, one after the other.
pub(super) struct Downloader<'a> {
    request: &'a FetchRequest,
    stop: &'a Stop,
    told: &'a Told<'a>,
    connection: Connection,
}

impl<'a> Downloader<'a> {
    pub(super) fn new(
        request: &'a FetchRequest,
        stop: &'a Stop,
        told: &'a Told<'a>,
    ) -> Result<Self> {
        Ok(Self { request, stop, told, connection: Connection::new(stop)? })
    }

    /// What becomes of `archive`.
    pub(super) fn fetched(&self, archive: &Archive) -> Fetched {
        let mut pause = FIRST_PAUSE;
        let mut bytes = 0;
        for left in (0..=self.request.retries).rev() {
            match self.once(archive, &mut bytes) {
                Ok(fetched) => return fetched,
                Err(Fault::Absent) => return Fetched::Absent,
                Err(Fault::Lasting(error)) => return Fetched::Failed(error),
                Err(Fault::Stopped) => return Fetched::Stopped,
                Err(Fault::Passing(told, _)) if left == 0 => {
                    let times = self.request.retries + 1;
                    let line = format!("cannot fetch {told} (asked {times} times)");
                    return Fetched::Failed(Error::new(ErrorKind::Io, line).with_hint(
                        "the same command goes on where this one ended; --retries N asks more often",
                    ));
                }
                Err(Fault::Passing(told, wanted)) => {
                    (self.told)(FetchEvent::Again(&told));
                    if !self.waited(wanted.unwrap_or(pause)) {
                        return Fetched::Stopped;
                    }
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
            }
        }
        Fetched::Stopped
    }

    /// False if somebody wished to stop meanwhile.
    fn waited(&self, pause: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < pause {
            if self.stop.requested() {
                return false;
            }
            thread::sleep(POLL.min(pause));
        }
        !self.stop.requested()
    }

    fn once(&self, archive: &Archive, bytes: &mut u64) -> Result<Fetched, Fault> {
        if self.stop.requested() {
            return Err(Fault::Stopped);
        }
        let (url, name) = (archive.url(self.request), archive.file(self.request));
        let sum_url = format!("{url}.CHECKSUM");
        let text = self.connection.text(&sum_url)?;
        let sum = checksum::published(&text, &name)
            .ok_or_else(|| Fault::Passing(format!("{sum_url}: no checksum of {name}"), None))?;
        let path = archive.path(self.request);
        if has(&path, &sum)? {
            return Ok(Fetched::There(path));
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| unwritten(folder, &cause))?;
        }
        // Of what was issued again the old beginning is of no use.
        let part = PathBuf::from(format!("{}.{}.part", path.display(), &sum[..12]));
        if !has(&part, &sum)? {
            *bytes += self.connection.go_on(&url, &part)?;
            if !has(&part, &sum)? {
                remove(&part)?;
                let line = format!("{url}: its SHA-256 is not the published one");
                return Err(Fault::Passing(line, None));
            }
        }
        fs::rename(&part, &path).map_err(|cause| unwritten(&path, &cause))?;
        Ok(Fetched::Loaded(path, *bytes))
    }
}

/// True if there is a file at `path` with this checksum.
fn has(path: &Path, sum: &str) -> Result<bool, Fault> {
    match checksum::of_file(path) {
        Ok(found) => Ok(found == sum),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(Fault::Lasting(Error::io("read", path, &cause))),
    }
}
