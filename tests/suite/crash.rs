//! Stopped and killed at random moments, continued to the end: nothing lost, nothing twice.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use barline::domain::{CalendarClass, Interval};
use tempfile::TempDir;

use crate::{
    binary::{Armed, Watched, answer, barline, numbers, said, signal},
    demo_store,
    small_store::{self, HOUR, series, walk},
};

const STORE: &str = "store.duckdb";
/// Longest pause between a commit and a stop: about what a commit takes.
const PAUSE_MICROS: u64 = 60_000;

/// A run of a thousand jobs in few to a commit, so that there are many moments between the first and the
/// last, on [`folder_with_small_store`].
const RUN: [&str; 12] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--horizons",
    "30,90",
    "--sizes",
    "2,3",
    "--batch-jobs",
    "4",
    "--strategies",
    "cointegration,hrp,equal-weight,buy-and-hold",
];

fn folder_with_store() -> TempDir {
    demo_store::copy().0
}

/// A store of ten symbols that wander for 160 days: small, so that a test is kills and little else.
fn folder_with_small_store() -> TempDir {
    const SYMBOLS: [&str; 10] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, built) = BUILT.get_or_init(|| {
        let made = SYMBOLS.iter().zip(1..).map(|(&symbol, seed)| {
            series(symbol, CalendarClass::Continuous, HOUR, &walk(seed, 160 * 24), |_, _| true)
        });
        small_store::store(Interval::HOUR, &made.collect::<Vec<_>>(), true)
    });
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(built, folder.path().join(STORE)).expect("a copy");
    folder
}

fn results(folder: &Path) -> String {
    answer(folder, &["query", "results", "--db", STORE, "--format", "csv"])
}

/// An uninterrupted run in a fresh store.
struct Undisturbed {
    results: String,
    jobs: u64,
    /// How often it committed: as a batch is at hand while the one before is written, more than one
    /// goes into the next commit on a slow disk.
    commits: u64,
}

fn undisturbed() -> Undisturbed {
    let folder = folder_with_small_store();
    let mut watched = Watched::start(folder.path(), &RUN);
    assert!(!watched.until(u32::MAX), "it ends");
    let commits = u64::from(watched.commits);
    assert_eq!(watched.end().code(), 0);
    let jobs = numbers(folder.path(), STORE, "SELECT count(*) FROM job")[0];
    Undisturbed { results: results(folder.path()), jobs, commits }
}

impl Undisturbed {
    /// After how many of the commits that are left, where `before` jobs are stored, the first of
    /// `stops_left` stops is to come.
    fn commits_until(&self, before: u64, stops_left: u64, dice: &mut Dice) -> u32 {
        let left = self.commits * (self.jobs - before) / self.jobs;
        let after = 1 + dice.below((2 * left / (stops_left + 3)).max(1));
        u32::try_from(after).expect("a count")
    }
}

/// Splitmix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// Jobs in the store, jobs stored twice, links of a run stored twice, links to no job.
fn stored(folder: &Path) -> Vec<u64> {
    numbers(
        folder,
        STORE,
        "SELECT (SELECT count(*) FROM job), \
           (SELECT count(*) - count(DISTINCT job_key) FROM job), \
           (SELECT count(*) FROM run_job) - \
             (SELECT count(*) FROM (SELECT DISTINCT run_id, job_id FROM run_job)), \
           (SELECT count(*) FROM run_job WHERE job_id NOT IN (SELECT job_id FROM job))",
    )
}

/// The store as it was left: every row belongs to another, every block is whole, and nothing is
/// missing of what was acknowledged.
pub(crate) fn require_whole(folder: &Path) {
    let found = barline(folder, &["doctor", "--db", STORE, "--format", "csv"]);
    let answer = String::from_utf8_lossy(&found.stdout);
    assert_eq!(found.status.code(), Some(0), "{answer}{}", said(&found));
    assert!(answer.contains("store,read,"), "{answer}");
}

/// Starts the run, of which `before` jobs are stored, stops it by `name` at a random moment, and looks
/// at what is stored then: the jobs, or `None` if the run was over before.
fn stop(
    folder: &Path,
    name: &str,
    (before, whole): (u64, &Undisturbed),
    stops_left: u64,
    dice: &mut Dice,
) -> Option<u64> {
    let mut watched = Watched::start(folder, &RUN);
    let armed = Armed::new(&watched.child, name);
    if watched.until(whole.commits_until(before, stops_left, dice)) {
        thread::sleep(Duration::from_micros(dice.below(PAUSE_MICROS)));
        armed.send();
    }
    let told = watched.jobs;
    let ended = watched.end();
    require_whole(folder);
    let [jobs, twice, linked_twice, lost] = stored(folder)[..] else { panic!("four counts") };
    assert_eq!((twice, linked_twice, lost), (0, 0, 0), "{}", ended.said);
    let planned = whole.jobs;
    assert!((told.max(ended.jobs)..=planned).contains(&jobs), "{told}, {jobs}: {}", ended.said);
    match ended.code() {
        0 => return None,
        130 => {
            let standing = format!("stopped at {} of {planned} jobs, all of them ", ended.jobs);
            assert!(ended.said.contains(&standing), "{standing} not in {}", ended.said);
        }
        137 => {}
        other => panic!("exit {other}: {}", ended.said),
    }
    Some(jobs)
}

/// Up to `stops` stops in one store, then the rest of the run; returns how many stops there were, and
/// how many came between the first commit and the last.
fn stop_and_go(names: &[&str], stops: u64, seed: u64, whole: &Undisturbed) -> (u64, u64) {
    let folder = folder_with_small_store();
    let mut dice = Dice(seed);
    let (mut made, mut inside, mut before) = (0, 0, 0);
    for at in 0..stops {
        let name = names[usize::try_from(dice.below(names.len() as u64)).expect("few")];
        let stopped = stop(folder.path(), name, (before, whole), stops - at, &mut dice);
        let Some(jobs) = stopped else { break };
        made += 1;
        inside += u64::from(jobs > 0 && jobs < whole.jobs);
        before = jobs;
    }
    answer(folder.path(), &RUN);
    assert_eq!(results(folder.path()), whole.results, "seed {seed}");
    assert_eq!(stored(folder.path()), [whole.jobs, 0, 0, 0], "seed {seed}");
    let statuses = "SELECT count(*) FROM run WHERE status NOT IN ('finished', 'interrupted')";
    assert_eq!(numbers(folder.path(), STORE, statuses), [0]);
    (made, inside)
}

#[test]
fn a_run_stopped_six_times_ends_as_one_that_was_not() {
    let whole = undisturbed();
    // Where the machine is busy, a run is over before its commits are read: then another store.
    let (mut made, mut inside, mut stores) = (0, 0, 0);
    while inside < 6 && stores < 12 {
        stores += 1;
        let (stops, between) = stop_and_go(&["INT", "KILL"], 6 - inside, stores, &whole);
        (made, inside) = (made + stops, inside + between);
    }
    assert!(inside >= 3, "{inside} of {made} stops came between the first and the last commit");
}

/// `BARLINE_KILLS` kills (200), ten in a store; says what it saw.
#[test]
#[ignore = "the long form of the test above: minutes"]
#[allow(clippy::print_stderr, reason = "the figures are the point")]
fn a_run_killed_two_hundred_times_ends_as_one_that_was_not() {
    let (wanted, whole) = (long_form(200), undisturbed());
    let (mut kills, mut inside, mut stores) = (0, 0, 0);
    while kills < wanted {
        let (made, between) = stop_and_go(&["KILL"], 10, 100 + stores, &whole);
        (kills, inside, stores) = (kills + made, inside + between, stores + 1);
    }
    eprintln!(
        "backtest: {kills} kills in {stores} stores, {inside} between the first and the last \
         commit; 0 acknowledged jobs lost, 0 twice, 0 partial, results equal"
    );
    assert!(inside * 10 >= kills * 8, "{inside} of {kills} kills");
}

/// How many kills or full disks the long form of a test makes: `BARLINE_KILLS`.
pub(crate) fn long_form(default: u64) -> u64 {
    let given = std::env::var("BARLINE_KILLS").ok().and_then(|text| text.parse().ok());
    given.unwrap_or(default)
}

/// `BARLINE_KILLS` signals (100), INT and TERM in turn, ten in a store: how long until the end.
#[test]
#[ignore = "minutes, and a time, which is asserted where the machine is quiet"]
#[allow(clippy::print_stderr, reason = "the figures are the point")]
fn a_hundred_signals_end_a_run_within_seconds() {
    let whole = undisturbed();
    let signals = usize::try_from(long_form(100)).expect("a count");
    let mut dice = Dice(9);
    let mut times = Vec::new();
    while times.len() < signals {
        let folder = folder_with_small_store();
        let mut before = 0;
        for at in 0..10 {
            let (name, code) = [("INT", 130), ("TERM", 143)][usize::from(at % 2 == 1)];
            let mut watched = Watched::start(folder.path(), &RUN);
            let armed = Armed::new(&watched.child, name);
            if !watched.until(whole.commits_until(before, 10 - at, &mut dice)) {
                break;
            }
            thread::sleep(Duration::from_micros(dice.below(PAUSE_MICROS)));
            let sent = Instant::now();
            armed.send();
            let ended = watched.end();
            let took = sent.elapsed();
            let [jobs, twice, linked_twice, lost] = stored(folder.path())[..] else {
                panic!("four counts")
            };
            assert_eq!((twice, linked_twice, lost), (0, 0, 0), "{}", ended.said);
            assert!(jobs >= ended.jobs, "{jobs} of {}: {}", ended.jobs, ended.said);
            let names = fs::read_dir(folder.path()).expect("a folder").count();
            assert_eq!(names, 1, "something is left beside the store");
            if ended.code() == 0 {
                break;
            }
            assert_eq!(ended.code(), code, "{}", ended.said);
            times.push(took);
            before = jobs;
        }
        answer(folder.path(), &RUN);
        assert_eq!(results(folder.path()), whole.results);
    }
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_millis();
    eprintln!(
        "{} signals before the last commit: ended after p50 {} ms, p99 {} ms, at most {} \
         ms; 0 acknowledged jobs lost, 0 files left, results equal",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
    assert!(at(99) <= 5_000);
}

#[test]
fn a_second_signal_ends_at_once() {
    let folder = folder_with_store();
    let mut watched = Watched::start(folder.path(), &["backtest", "--multi-pair", "--db", STORE]);
    assert!(watched.until(1), "{}", watched.said);
    signal(&mut watched.child, &["INT", "TERM"]);
    let ended = watched.end();
    // Both are pending at once now and then, and come in either order.
    assert!([130, 143].contains(&ended.code()), "{}: {}", ended.code(), ended.said);
    assert!(!ended.said.contains("stopped at"), "{}", ended.said);
    assert!(stored(folder.path())[0] >= ended.jobs);
}

#[test]
fn sigterm_stores_what_is_finished_and_exits_143() {
    let folder = folder_with_store();
    let mut watched = Watched::start(folder.path(), &["backtest", "--multi-pair", "--db", STORE]);
    assert!(watched.until(1), "{}", watched.said);
    signal(&mut watched.child, &["TERM"]);
    let ended = watched.end();
    assert_eq!(ended.code(), 143, "{}", ended.said);
    assert!(ended.said.contains("and the same command does them"), "{}", ended.said);
    let status = "SELECT count(*) FROM run WHERE status = 'interrupted' AND computed > 0";
    assert_eq!(numbers(folder.path(), STORE, status), [1]);
    assert!(!folder.path().join("store.duckdb.wal").exists(), "closed without a log");
}

#[test]
fn a_demo_that_is_stopped_leaves_nothing_under_its_name() {
    for name in ["INT", "TERM", "KILL", "INT", "KILL"] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watched = Watched::start(folder.path(), &["demo", "--db", STORE]);
        while !folder.path().join("store.duckdb.new").exists() {
            thread::sleep(Duration::from_millis(1));
        }
        signal(&mut watched.child, &[name]);
        let ended = watched.end();
        let expected = match name {
            "INT" => 130,
            "TERM" => 143,
            _ => 137,
        };
        assert_eq!(ended.code(), expected, "{}", ended.said);
        assert!(!folder.path().join(STORE).exists());
        if name != "KILL" {
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
            assert!(ended.said.contains("stopped: store.duckdb was not made"), "{}", ended.said);
        }
        let made = barline(folder.path(), &["demo", "--db", STORE]);
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
