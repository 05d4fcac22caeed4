//! `barline fetch`: archives from a server on this machine that has the exchange's layout, and its faults.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::{
    binary::{answer, barline, numbers, said},
    import::layouts::packed::zip,
};

const DAY: i64 = 86_400;

/// What is under an address.
#[derive(Clone, Default)]
struct Page {
    bytes: Vec<u8>,
    /// Answers 500 so often before it answers.
    faults: usize,
    /// Cuts the connection after so many bytes, so often.
    cuts: (usize, usize),
}

/// A server of pages, and what it was asked: method line, and the first byte that was wanted.
#[derive(Clone, Default)]
struct Exchange {
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Exchange {
    /// Starts it; returns its address.
    fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("an address");
        let server = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.serve(stream));
            }
        });
        format!("http://{at}")
    }

    fn serve(&self, stream: TcpStream) {
        let mut out = stream.try_clone().expect("a stream");
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(line)) = lines.next() {
            let path = line.split(' ').nth(1).expect("a path").to_owned();
            let mut from = 0;
            for header in lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()) {
                if let Some(range) = header.to_lowercase().strip_prefix("range: bytes=") {
                    from = range.trim_end_matches('-').parse().expect("a range");
                }
            }
            self.asked.lock().expect("asked").push((path.clone(), from));
            if !self.answer(&mut out, &path, from) {
                return;
            }
        }
    }

    /// False where the connection is cut.
    fn answer(&self, out: &mut TcpStream, path: &str, from: usize) -> bool {
        let mut pages = self.pages.lock().expect("pages");
        let Some(page) = pages.get_mut(path) else {
            let _ = out.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            return true;
        };
        if page.faults > 0 {
            page.faults -= 1;
            let _ = out.write_all(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
            return true;
        }
        let whole = page.bytes.len();
        if from > 0 && from >= whole {
            let _ = out.write_all(b"HTTP/1.1 416 Range\r\nContent-Length: 0\r\n\r\n");
            return true;
        }
        let status = if from > 0 {
            format!("206 Partial\r\nContent-Range: bytes {from}-{}/{whole}", whole - 1)
        } else {
            "200 OK".to_owned()
        };
        let rest = &page.bytes[from..];
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", rest.len());
        let _ = out.write_all(head.as_bytes());
        if page.cuts.1 > 0 && rest.len() > page.cuts.0 {
            page.cuts.1 -= 1;
            let _ = out.write_all(&rest[..page.cuts.0]);
            let _ = out.flush();
            return false;
        }
        out.write_all(rest).is_ok()
    }

    /// Publishes an archive and its checksum.
    fn publish(&self, folder: &str, name: &str, bytes: Vec<u8>) {
        let mut sum = String::new();
        for byte in Sha256::digest(&bytes) {
            write!(sum, "{byte:02x}").expect("text");
        }
        let mut pages = self.pages.lock().expect("pages");
        let sum = format!("{sum}  {name}\n").into_bytes();
        pages.insert(format!("{folder}/{name}.CHECKSUM"), Page { bytes: sum, ..Page::default() });
        pages.insert(format!("{folder}/{name}"), Page { bytes, ..Page::default() });
    }

    fn change(&self, path: &str, change: impl FnOnce(&mut Page)) {
        change(self.pages.lock().expect("pages").get_mut(path).expect(path));
    }

    fn asked(&self, ending: &str) -> Vec<usize> {
        let asked = self.asked.lock().expect("asked");
        asked.iter().filter(|(path, _)| path.ends_with(ending)).map(|(_, from)| *from).collect()
    }
}

/// Hours from a day of 2024 on, as klines: milliseconds, no header.
fn klines(name: &str, first_day: i64, days: i64, plus: f64) -> Vec<u8> {
    let start = 1_704_067_200 + first_day * DAY;
    let rows = (0..24 * days).map(|hour| {
        let (open, close) = (1_000 * (start + 3_600 * hour), 100.0 + plus + (hour % 7) as f64);
        let end = open + 3_599_999;
        format!("{open},{close},{},{},{close},5,{end},500,10,2,200,0\n", close + 1.0, close - 1.0)
    });
    zip(&[(name, &rows.collect::<String>())])
}

const MONTHLY: &str = "/data/spot/monthly/klines/BTCUSDT/1h";
const DAILY: &str = "/data/spot/daily/klines/BTCUSDT/1h";

/// January as a month, three days of February by themselves; the month of February is not over.
fn exchange() -> Exchange {
    let exchange = Exchange::default();
    let csv = |period: &str| format!("BTCUSDT-1h-{period}.csv");
    let zipped = |period: &str| format!("BTCUSDT-1h-{period}.zip");
    let month = klines(&csv("2024-01"), 0, 31, 0.0);
    exchange.publish(MONTHLY, &zipped("2024-01"), month);
    for day in 1..=3 {
        let period = format!("2024-02-0{day}");
        exchange.publish(DAILY, &zipped(&period), klines(&csv(&period), 30 + day, 1, 0.0));
    }
    exchange
}

/// A fetch of bitcoin's hours from 2024 on; `more` are pairs of flags and values, which replace earlier ones.
fn fetch<'a>(base: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut line = vec!["fetch", "binance", "--base-url", base, "--symbols", "BTCUSDT"];
    line.extend(["--interval", "1h", "--from", "2024-01-01", "--db", "s.duckdb", "--retries", "3"]);
    for pair in more.chunks(2) {
        match line.iter().position(|word| *word == pair[0]) {
            Some(at) => line[at + 1] = pair[1],
            None => line.extend(pair),
        }
    }
    line
}

fn bars(folder: &Path) -> u64 {
    numbers(folder, "s.duckdb", "SELECT count(*) FROM bar")[0]
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn months_and_days_are_loaded_verified_and_imported_once() {
    let (folder, exchange) = (folder(), exchange());
    let base = exchange.start();
    let line = fetch(&base, &["--to", "2024-03-01", "--format", "csv"]);
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("4 archives loaded"), "{}", said(&output));
    // 26 days of February are not there.
    assert!(
        said(&output).contains("no archive of 26 days: BTCUSDT 2024-02-04"),
        "{}",
        said(&output)
    );
    assert_eq!(bars(folder.path()), 34 * 24);
    let market = "SELECT count(*) FROM instrument WHERE market = 'binance-spot'";
    assert_eq!(numbers(folder.path(), "s.duckdb", market), [1]);
    // Again: nothing is loaded, and nothing changes.
    let before = exchange.asked(".zip").len();
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("0 archives loaded (0.0 MB"), "{}", said(&output));
    assert!(said(&output).contains("4 there already"), "{}", said(&output));
    assert_eq!((exchange.asked(".zip").len(), bars(folder.path())), (before, 34 * 24));
    let left = fs::read_dir(folder.path().join("s.duckdb.archives/spot/BTCUSDT/1h")).expect("kept");
    assert_eq!(left.count(), 4, "no part is left");
}

#[test]
fn faults_that_pass_are_outlived_and_a_cut_archive_goes_on_where_it_was_cut() {
    let (folder, exchange) = (folder(), exchange());
    let january = format!("{MONTHLY}/BTCUSDT-1h-2024-01.zip");
    exchange.change(&january, |page| (page.faults, page.cuts) = (1, (1_000, 2)));
    exchange.change(&format!("{january}.CHECKSUM"), |page| page.faults = 1);
    let base = exchange.start();
    let output = barline(folder.path(), &fetch(&base, &["--to", "2024-02-01", "--retries", "9"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(bars(folder.path()), 31 * 24);
    let begins = exchange.asked("2024-01.zip");
    assert_eq!(begins.len(), 4, "{begins:?}");
    assert!(begins[1] == 0 && begins[2] > 0 && begins[3] > begins[2], "{begins:?}");
}

#[test]
fn a_wrong_checksum_is_refused_and_the_rest_is_imported() {
    let (folder, exchange) = (folder(), exchange());
    let second = format!("{DAILY}/BTCUSDT-1h-2024-02-02.zip");
    exchange.change(&second, |page| page.bytes[40] ^= 1);
    let base = exchange.start();
    let line = fetch(&base, &["--to", "2024-02-04", "--retries", "1"]);
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = "BTCUSDT-1h-2024-02-02.zip: its SHA-256 is not the published one (asked 2 times)";
    assert!(said(&output).contains(told), "{}", said(&output));
    assert_eq!(bars(folder.path()), 33 * 24);
    // Mended, the same command loads that day alone.
    exchange.change(&second, |page| page.bytes[40] ^= 1);
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("1 archives loaded"), "{}", said(&output));
    assert_eq!(bars(folder.path()), 34 * 24);
}

#[test]
fn a_day_that_is_issued_again_replaces_its_bars_and_what_changed_is_counted() {
    let (folder, exchange) = (folder(), exchange());
    let base = exchange.start();
    let line = fetch(&base, &["--to", "2024-02-04", "--format", "csv"]);
    answer(folder.path(), &line);
    let again = klines("BTCUSDT-1h-2024-02-03.csv", 33, 1, 0.5);
    exchange.publish(DAILY, "BTCUSDT-1h-2024-02-03.zip", again);
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("1 archives loaded"), "{}", said(&output));
    let replaced = "SELECT count(*) FROM bar WHERE close > floor(close)";
    assert_eq!(numbers(folder.path(), "s.duckdb", replaced), [24]);
    assert_eq!(bars(folder.path()), 34 * 24);
}

#[test]
fn what_cannot_be_fetched_is_one_line_and_leaves_nothing() {
    let (folder, exchange) = (folder(), exchange());
    let base = exchange.start();
    for (more, told) in [
        (&["--symbols", "btcusdt"][..], "--symbols btcusdt: no symbol of Binance"),
        (&["--symbols", "../x"], "--symbols ../x: no symbol of Binance"),
        (&["--interval", "7m"], "--interval 7m: Binance has no daily archives of it"),
        (&["--from", "yesterday"], "--from yesterday: not a day"),
        (&["--to", "2024-01-01"], "no day lies between"),
        (&["--market", "options"], "--market options: no market of Binance"),
        (&["--base-url", "ftp://x"], "--base-url ftp://x: not an address"),
        (&["--base-url", "nowhere"], "--base-url nowhere: "),
        (&["--connections", "0"], "--connections 0: not a whole number from 1 to 32"),
        (&["--on-conflict", "maybe"], "--on-conflict maybe"),
        (&["--symbols", "ETHUSDT", "--to", "2024-01-03"], "Binance has no 1h archives of ETHUSDT"),
    ] {
        let line = fetch(&base, more);
        let output = barline(folder.path(), &line);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", said(&output));
        assert!(said(&output).contains(told), "{told}: {}", said(&output));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "{more:?}");
    }
    // Nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let silent = format!("http://{free}");
    let output = barline(folder.path(), &fetch(&silent, &["--to", "2024-02-01", "--retries", "0"]));
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("cannot fetch http://127.0.0.1"), "{}", said(&output));
    assert!(said(&output).contains("(asked 1 times)"), "{}", said(&output));
}

#[test]
fn ctrl_c_keeps_what_is_loaded() {
    let (folder, exchange) = (folder(), exchange());
    // It answers 500 for a long time: the command waits between its questions.
    exchange
        .change(&format!("{DAILY}/BTCUSDT-1h-2024-02-02.zip.CHECKSUM"), |page| page.faults = 99);
    let base = exchange.start();
    let line = fetch(&base, &["--to", "2024-02-04", "--retries", "50", "--connections", "1"]);
    let mut watched = crate::binary::Watched::start(folder.path(), &line);
    let begun = Instant::now();
    while exchange.asked("02-02.zip.CHECKSUM").len() < 2 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it never asked");
        thread::sleep(Duration::from_millis(5));
    }
    crate::binary::signal(&mut watched.child, &["INT"]);
    let ended = watched.end();
    assert_eq!(ended.code(), 130, "{}", ended.said);
    assert!(ended.said.contains("and the same command goes on"), "{}", ended.said);
    exchange.change(&format!("{DAILY}/BTCUSDT-1h-2024-02-02.zip.CHECKSUM"), |page| page.faults = 0);
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("2 archives loaded"), "{}", said(&output));
    assert!(said(&output).contains("2 there already"), "{}", said(&output));
    assert_eq!(bars(folder.path()), 34 * 24);
}
