//! A hundred symbols whose names are attacks: the page is that of a hundred harmless ones.

use std::path::PathBuf;

use barline::{
    domain::{CalendarClass, Interval, Keep},
    run::Request,
    sim::Costs,
};
use tempfile::TempDir;

use super::page::Page;
use crate::{
    demo_store,
    small_store::{self, DAY, Series},
};

/// Breaks out of where a name may stand.
const PREFIXES: [&str; 9] =
    ["", "\">", "'>", "</td>", "</title></svg>", "</script>", "</style>", "-->", "]]>"];
/// What would then run, or load; `{at}` is an address that nobody may ask.
const ACTS: [&str; 10] = [
    "<script>own()</script>",
    "<img src=x onerror=own()>",
    "<svg onload=own()>",
    "<iframe src=http://{at}/frame>",
    "<link rel=stylesheet href=http://{at}/style>",
    "<meta http-equiv=refresh content=0;url=http://{at}/refresh>",
    "<img src=http://{at}/image>",
    "<style>@import url(http://{at}/import)</style>",
    "<details open ontoggle=own()>",
    "<animate onbegin=own() attributeName=x dur=1s>",
];
/// Those that are no markup.
const OTHERS: [&str; 10] = [
    "javascript:own()",
    "&lt;script&gt;own()&lt;/script&gt;",
    "&#60;script&#62;own()",
    "\u{2028}own()\u{2029}",
    "\u{202e}cilbup\u{202c}",
    "<!--",
    "\" onfocus=own() autofocus tabindex=1 x=\"",
    "` onmouseover=own() `",
    "{{ 7*7 }}{% raw %}",
    "<base href=http://{at}/><form action=http://{at}/><input autofocus onfocus=own()>",
];
/// What `own()` would do.
const OWN: &str = "document.documentElement.setAttribute('owned'+1)";

/// A hundred names, each with a number in front that keeps their order.
pub(super) fn names(at: &str) -> Vec<&'static str> {
    let markup = PREFIXES.iter().flat_map(|prefix| ACTS.map(|act| format!("{prefix}{act}")));
    let all = markup.chain(OTHERS.map(str::to_owned)).enumerate();
    let named = all.map(|(number, name)| {
        let name = name.replace("own()", OWN).replace("{at}", at);
        // Names of series live as long as the test.
        &*Box::leak(format!("{number:03}{name}").into_boxed_str())
    });
    named.collect()
}

/// A store of a hundred walks of daily bars under these names, and a run on it.
pub(super) fn store(names: &[&'static str]) -> (TempDir, PathBuf) {
    let one = |(seed, &symbol): (usize, &&'static str)| -> Series {
        let logs = small_store::walk(seed as u64 + 1, 420);
        small_store::series(symbol, CalendarClass::Continuous, DAY, &logs, |_, _| true)
    };
    let series: Vec<Series> = names.iter().enumerate().map(one).collect();
    let (folder, path) = small_store::store(Interval::DAY, &series, true);
    let request = Request {
        symbols: None,
        horizons: vec!["180".parse().expect("days")],
        strategies: ["cointegration", "hrp", "sma-crossover"].map(str::to_owned).to_vec(),
        sizes: "2,all".parse().expect("sizes"),
        max_combinations: Some(300),
        costs: Costs::default(),
        keep: Keep::Trades,
        ..demo_store::request()
    };
    demo_store::execute(&path, &request);
    (folder, path)
}

/// What a machine measures of a run, and the plan, which counts the letters of names; the page has as many elements as
/// there are samples and ticks.
const MEASURED: &str = "UPDATE run SET planned_peak_bytes = 30000000, wall_secs = 1, initial_bytes = 10000000, measured_peak_bytes = 20000000, \
     final_bytes = 10000000, kernel_peak_bytes = 20000000, cgroup_peak_bytes = NULL, \
     allocated_peak_bytes = 1000000, admission_waits = 0; \
     DELETE FROM memory_sample; \
     INSERT INTO memory_sample VALUES (1, 0, 'reading', 10000000), (1, 1000, 'computing', 20000000);";

/// The page of the run on these names, as if every machine measured alike.
pub(super) fn page(names: &[&'static str]) -> Page {
    let (_folder, path) = store(names);
    let past = duckdb::Connection::open_with_flags(&path, duckdb::Config::default());
    past.and_then(|past| past.execute_batch(MEASURED)).expect("measured alike");
    super::page(&path, "last", None)
}

#[test]
fn a_hundred_hostile_names_change_no_element() {
    let hostile = names("127.0.0.1:9");
    assert_eq!(hostile.len(), 100);
    let tame: Vec<&'static str> =
        (0..100).map(|number| &*Box::leak(format!("{number:03}TAME").into_boxed_str())).collect();
    let (hostile, tame) = (page(&hostile), page(&tame));
    assert_eq!(hostile.skeleton(), tame.skeleton());
    let Page(text) = &hostile;
    for chart in ["dendrogram", "spread", "pairs", "equity", "outcomes"] {
        assert!(hostile.charts(chart) > 0, "{chart}");
    }
    assert!(text.contains("&lt;img src=x onerror="), "the names are there");
    for none in
        ["<script", "<img", "<iframe", "<link", "onerror=\"", "javascript:", "\u{202e}", "\u{2028}"]
    {
        let count = text.matches(none).count();
        let shown = text.matches("javascript:").count();
        assert!(
            count == 0 || none == "javascript:" && shown == text.matches("090javascript:").count(),
            "{none}"
        );
    }
    assert_eq!(text.matches("<meta ").count(), 6);
    assert!(text.contains("default-src 'none'"));
    assert!(!text.contains("href=\"http") && !text.contains("src=\""));
}
