//! One connection at a time, and what can become of an answer.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
    time::Duration,
};

use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_RANGE, RANGE, RETRY_AFTER},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    error::{Error, ErrorKind, Result},
    run::Stop,
};

/// How long a connection may take, and a silence within an answer.
const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(30);
/// Largest file that publishes a checksum, and largest archive.
const MOST_TEXT: usize = 4 << 10;
const MOST_BYTES: u64 = 8 << 30;
/// Longest pause that a server may ask for.
const LONGEST_PAUSE: u64 = 120;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// There is nothing under this address.
    Absent,
    /// It may be there the next time, and not before so long where the server says how long.
    Passing(String, Option<Duration>),
    /// It will not be there the next time either.
    Lasting(Error),
    /// Somebody wished to stop.
    Stopped,
}

/// A client of one thread.
pub(super) struct Connection {
    client: Client,
    runtime: Runtime,
    stop: Stop,
}

impl Connection {
    pub(super) fn new(stop: &Stop) -> Result<Self> {
        let failed = |cause: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Io, format!("cannot prepare to connect: {cause}"))
        };
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|cause| failed(&cause))?;
        let client = Client::builder()
            .user_agent(concat!("barline/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .map_err(|cause| failed(&cause))?;
        Ok(Self { client, runtime, stop: stop.clone() })
    }

    /// A short text.
    pub(super) fn text(&self, url: &str) -> Result<String, Fault> {
        self.runtime.block_on(async {
            let mut response = answered(self.client.get(url).send().await, url)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|cause| broken(url, &cause))? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > MOST_TEXT {
                    let line = format!("{url}: more than {MOST_TEXT} bytes for a checksum");
                    return Err(Fault::Lasting(Error::data(line)));
                }
            }
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        })
    }

    /// Writes what is under `url` behind what `path` holds of it; returns how many bytes came.
    pub(super) fn go_on(&self, url: &str, path: &Path) -> Result<u64, Fault> {
        let held = fs::metadata(path).map_or(0, |file| file.len());
        self.runtime.block_on(async {
            let mut request = self.client.get(url);
            if held > 0 {
                request = request.header(RANGE, format!("bytes={held}-"));
            }
            let response = request.send().await;
            if response.as_ref().is_ok_and(|r| r.status() == StatusCode::RANGE_NOT_SATISFIABLE) {
                // What is held is not the beginning of what is there now.
                remove(path)?;
                return Err(Fault::Passing(format!("{url}: it is shorter than before"), None));
            }
            let mut response = answered(response, url)?;
            let goes_on = response.status() == StatusCode::PARTIAL_CONTENT
                && begins_at(&response) == Some(held);
            let mut file = opened(path, goes_on)?;
            let mut came = 0;
            while let Some(chunk) = response.chunk().await.map_err(|cause| broken(url, &cause))? {
                if self.stop.requested() {
                    return Err(Fault::Stopped);
                }
                came += chunk.len() as u64;
                if came > MOST_BYTES {
                    let line = format!("{url}: more than {MOST_BYTES} bytes");
                    return Err(Fault::Lasting(Error::data(line)));
                }
                file.write_all(&chunk).map_err(|cause| unwritten(path, &cause))?;
            }
            file.sync_all().map_err(|cause| unwritten(path, &cause))?;
            Ok(came)
        })
    }
}

fn opened(path: &Path, goes_on: bool) -> Result<File, Fault> {
    let mut options = OpenOptions::new();
    options.create(true);
    if goes_on {
        options.append(true)
    } else {
        options.write(true).truncate(true)
    };
    options.open(path).map_err(|cause| unwritten(path, &cause))
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> Result<(), Fault> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(unwritten(path, &cause)),
        _ => Ok(()),
    }
}

pub(super) fn unwritten(path: &Path, cause: &std::io::Error) -> Fault {
    Fault::Lasting(Error::io("write", path, cause))
}

/// An answer that holds what was asked for.
fn answered(response: reqwest::Result<Response>, url: &str) -> Result<Response, Fault> {
    let response = response.map_err(|cause| broken(url, &cause))?;
    let status = response.status();
    match status.as_u16() {
        200 | 206 => Ok(response),
        404 | 410 => Err(Fault::Absent),
        408 | 425 | 429 | 500..=599 => {
            let pause = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok());
            let pause =
                pause.and_then(|text| text.parse().ok()).map(|secs: u64| secs.min(LONGEST_PAUSE));
            Err(Fault::Passing(format!("{url}: {status}"), pause.map(Duration::from_secs)))
        }
        _ => {
            let line = format!("{url}: the server answers {status}");
            Err(Fault::Lasting(Error::new(ErrorKind::Io, line)))
        }
    }
}

/// The first byte of a part, as its header says.
fn begins_at(response: &Response) -> Option<u64> {
    let text = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    text.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

/// A fault of the line, with its innermost cause.
fn broken(url: &str, cause: &reqwest::Error) -> Fault {
    let mut inner: &dyn std::error::Error = cause;
    while let Some(deeper) = inner.source() {
        inner = deeper;
    }
    Fault::Passing(format!("{url}: {inner}"), None)
}
