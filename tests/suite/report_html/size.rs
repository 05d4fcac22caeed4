//! A report is small, and the same every time.

use std::fs;

use barline::{domain::Keep, run::Request};

use super::page::{Page, count, elements};
use crate::demo_store;

#[test]
fn a_thousand_jobs_are_under_two_megabytes_and_the_same_bytes_twice() {
    let (_folder, path) = demo_store::copy();
    let request = Request {
        symbols: None,
        horizons: ["30", "90", "365"].map(|days| days.parse().expect("days")).to_vec(),
        strategies: ["cointegration", "equal-weight", "hrp", "min-variance"]
            .map(str::to_owned)
            .to_vec(),
        sizes: "2,all".parse().expect("sizes"),
        keep: Keep::Measures,
        ..demo_store::request()
    };
    let summary = demo_store::execute(&path, &request);
    assert!(summary.planned >= 1_000, "{}", summary.planned);
    let Page(text) = super::page(&path, "last", None);
    assert!(text.len() < 2_000_000, "{} bytes", text.len());
    let Page(again) = super::page(&path, "last", None);
    assert!(text == again, "the same store gives another page");
    // A copy of the store elsewhere too: nothing of a path or a clock is in it.
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("other.duckdb");
    fs::copy(&path, &copy).expect("a copy");
    assert!(super::page(&copy, "last", None).0 == text);
}

#[test]
fn a_long_line_is_thinned() {
    let (_folder, path) = demo_store::copy();
    let request = Request {
        horizons: vec!["730".parse().expect("days")],
        strategies: vec!["buy-and-hold".to_owned()],
        multi_pair: false,
        ..demo_store::request()
    };
    demo_store::execute(&path, &request);
    let page = super::page(&path, "last", None);
    let line = &elements(page.chart("equity"), "data-series")[0];
    assert!(count(line, "data-points") > 15_000, "{:?}", line["data-points"]);
    assert!(line["d"].len() < 40_000, "{} letters", line["d"].len());
}
