//! A real browser opens the page: nothing on its console, nobody asked, the names did nothing.
//!
//! The browser is `BARLINE_CHROMIUM`, or the first of the usual names on the path; without one these
//! tests say so and pass.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    hostile,
    page::{Page, element, elements, number},
};
use crate::demo_store;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The browser of this machine; says so where there is none.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn browser() -> Option<PathBuf> {
    let named = env::var_os("BARLINE_CHROMIUM").map(PathBuf::from);
    let folders: Vec<PathBuf> =
        env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let on_path =
        || NAMES.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|p| p.is_file()));
    let found = named.filter(|path| path.is_file()).or_else(on_path);
    if found.is_none() {
        eprintln!("skipped: no browser; BARLINE_CHROMIUM or one of {NAMES:?} on the path");
    }
    found
}

/// What a browser made of a page: its document, and what it said on its console.
struct Opened {
    document: Page,
    console: Vec<String>,
}

fn opened(browser: &Path, page: &Path) -> Opened {
    let profile = tempfile::tempdir().expect("a folder");
    let mut data = std::ffi::OsString::from("--user-data-dir=");
    data.push(profile.path());
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--disable-background-networking", "--disable-component-update", "--no-first-run"])
        .args([
            "--enable-logging=stderr",
            "--virtual-time-budget=3000",
            "--timeout=60000",
            "--dump-dom",
        ])
        .arg(data)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .output()
        .expect("the browser runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    Opened {
        document: Page(String::from_utf8(output.stdout).expect("text")),
        console: said.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect(),
    }
}

#[test]
fn a_browser_shows_charts_with_their_values_and_says_nothing() {
    let Some(browser) = browser() else { return };
    let (folder, path) = demo_store::copy();
    demo_store::execute(&path, &demo_store::request());
    let written = super::page(&path, "last", None);
    let file = folder.path().join("report.html");
    fs::write(&file, &written.0).expect("written");
    let Opened { document, console } = opened(&browser, &file);
    assert!(console.is_empty(), "{console:?}");
    let account = super::account(&path, "last", None);
    let drawn = account.details[0].drawn.as_ref().expect("drawn");
    let line = element(document.chart("equity"), "data-series", "equity");
    let last = *drawn.curves.equity.last().expect("bars");
    assert_eq!(number(&line, "data-last").to_bits(), last.to_bits());
    let stored = account.details[0].job.number(0, "final_equity").expect("measured");
    assert_eq!(last.to_bits(), stored.to_bits());
    for chart in
        ["equity", "drawdown", "rolling-sharpe", "months", "pairs", "costs", "memory", "outcomes"]
    {
        assert!(document.charts(chart) == 1, "{chart}");
    }
    assert!(!elements(document.chart("pairs"), "data-cell").is_empty());
}

#[test]
fn a_browser_asks_nobody_and_runs_nothing_for_a_hundred_hostile_names() {
    let Some(browser) = browser() else { return };
    let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
    trap.set_nonblocking(true).expect("it does not wait");
    let names = hostile::names(&trap.local_addr().expect("an address").to_string());
    let written = hostile::page(&names);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    fs::write(&file, &written.0).expect("written");
    let Opened { document, console } = opened(&browser, &file);
    assert!(console.is_empty(), "{console:?}");
    assert!(trap.accept().is_err(), "somebody was asked");
    let Page(text) = &document;
    assert!(text.contains("<html lang=\"en\"><head>"), "a script has changed the document");
    for none in ["<script", "<img", "<iframe", "<link", "<form", "<input", "<base"] {
        assert!(!text.contains(none), "{none}");
    }
    // The browser read the elements that were written, and no others.
    let written = written.skeleton();
    for (name, count) in document.skeleton() {
        let counted = written.get(name).copied().unwrap_or(0);
        let may_be_implied = ["/path", "/rect", "/line"].contains(&name);
        assert!(counted == count || may_be_implied, "{name}: {counted} written, {count} read");
    }
}
