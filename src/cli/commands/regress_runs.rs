//! The runs of cases: each a process of its own, some side by side.
//!
//! A run that breaks, or takes more memory than it may, takes no other with it, and its peak is its own.
//! Asked to stop, those that run are ended and waited for.

use std::{
    collections::BTreeMap,
    env,
    io::Read,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    cli::{printer::Printer, regress_case::ReadCase, threads},
    error::{Error, ErrorKind, Result},
    regress::{self, CaseResult, Found},
    run::{self, Stop},
};

/// How long the end of a run may go unnoticed.
const POLL: Duration = Duration::from_millis(5);
/// Settings of the caller's that would decide something in a case.
const DECIDING: [&str; 3] = ["BARLINE_DB", "BARLINE_MEMORY_BUDGET", "BARLINE_LOG"];

/// Runs every case with each of its numbers of workers and judges it.
///
/// # Errors
/// Interrupted, if asked to stop; Io, if no process can be started.
pub(super) fn results(
    cases: &[ReadCase],
    side_by_side: usize,
    printer: Printer,
    stop: &Stop,
) -> Result<Vec<CaseResult>> {
    let runs: Vec<(&ReadCase, usize)> =
        cases.iter().flat_map(|read| read.case.workers.iter().map(move |&n| (read, n))).collect();
    let program = env::current_exe()
        .map_err(|error| Error::io("find", Path::new("the program itself"), &error))?;
    let done = run::side_by_side(side_by_side, runs.len(), |at| {
        let (read, workers) = runs[at];
        let left = ran(&program, &read.case.path, workers, stop)?;
        tracing::debug!(case = read.case.name, workers, "ran");
        if let Err(line) = &left {
            printer.note(&format!("{} with {workers} workers: {line}", read.case.name));
        }
        Ok(left)
    })?;
    let mut left = runs.iter().zip(done);
    let judged = cases.iter().map(|read| {
        let (mut found, mut error) = (BTreeMap::new(), None);
        for ((_, workers), one) in left.by_ref().take(read.case.workers.len()) {
            match one {
                Ok(one) => drop(found.insert(*workers, one)),
                Err(line) => {
                    error.get_or_insert(format!("with {workers} workers: {line}"));
                }
            }
        }
        let differences =
            if error.is_none() { regress::judge(&read.case, &found) } else { Vec::new() };
        let (name, is_new) = (read.case.name.clone(), read.case.held.is_none());
        CaseResult { name, found, error, is_new, differences }
    });
    Ok(judged.collect())
}

/// What one run left, or why it left nothing.
fn ran(
    program: &Path,
    case: &Path,
    workers: usize,
    stop: &Stop,
) -> Result<std::result::Result<Found, String>> {
    require_going(stop)?;
    let mut command = threads::confined(program, workers);
    for variable in DECIDING {
        command.env_remove(variable);
    }
    command.args(["--quiet", "regress", "one"]).arg(case);
    command.args(["--workers", &workers.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| Error::io("start", program, &error))?;
    let [told, said] = thread::scope(|scope| {
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let readers = [scope.spawn(|| read(out)), scope.spawn(|| read(err))];
        wait(&mut child, stop);
        readers.map(|reader| reader.join().unwrap_or_default())
    });
    require_going(stop)?;
    let status = child.wait().map_err(|error| Error::io("wait for", program, &error))?;
    Ok(match serde_json::from_str::<Found>(&told) {
        Ok(found) => Ok(found),
        Err(_) => Err(why(&told, &said).unwrap_or_else(|| format!("it ended with {status}"))),
    })
}

fn read(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    // What cannot be read to its end is no answer, and is told as that.
    let _ = from.map(|mut from| from.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits for the end of `child`, and makes it end if asked to stop.
fn wait(child: &mut Child, stop: &Stop) {
    while matches!(child.try_wait(), Ok(None)) {
        if stop.requested() {
            // Gone already, if it cannot be ended.
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        thread::sleep(POLL);
    }
}

/// Why a run left nothing: its error and its remedy, in one line.
fn why(told: &str, said: &str) -> Option<String> {
    let fields = serde_json::from_str::<Value>(told).ok();
    let field = |name: &str| fields.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let line = field("error").or_else(|| said.lines().last().map(str::to_owned))?;
    Some(match field("hint") {
        Some(hint) => format!("{line} ({hint})"),
        None => line,
    })
}

fn require_going(stop: &Stop) -> Result<()> {
    if stop.requested() {
        return Err(Error::new(ErrorKind::Interrupted, "stopped: not every case was run"));
    }
    Ok(())
}
