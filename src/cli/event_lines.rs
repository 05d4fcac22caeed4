//! What is said of stored events that do not go with the bars.

use super::printer::Printer;
use crate::store::EventFinding;

/// Most findings that are told one by one.
const MOST_LINES: usize = 6;

/// Warns of `findings`, splits that the bars do not show first; `db` is the flag that names the
/// store to ask about the rest.
pub(super) fn warn(findings: &[EventFinding], db: &str, printer: Printer) {
    for line in lines(findings, db) {
        printer.warn(&line);
    }
}

fn lines(findings: &[EventFinding], db: &str) -> Vec<String> {
    let (faults, rest): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.is_fault());
    let mut lines: Vec<String> =
        faults.iter().chain(&rest).take(MOST_LINES).map(ToString::to_string).collect();
    let more = findings.len() - lines.len();
    if more > 0 {
        lines.push(format!("{more} more like these: barline query event-health{db}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, lines};
    use crate::{
        domain::{EventKind, Interval, Timestamp},
        store::{Astray, EventFinding},
    };

    #[test]
    fn faults_come_first_and_what_is_left_out_is_counted() {
        let of = |symbol: usize, what: Astray| EventFinding {
            market: "m".into(),
            symbol: format!("S{symbol}"),
            kind: EventKind::Split,
            what,
            events: 1,
            first: Timestamp(0),
            last: Timestamp(0),
        };
        let mut findings: Vec<_> =
            (0..MOST_LINES + 2).map(|symbol| of(symbol, Astray::AfterBars)).collect();
        let unseen = Astray::NotInBars {
            interval: Interval::DAY,
            ratio: 2.0,
            close_before: 1.5,
            open_after: 1.25,
        };
        findings.push(of(99, unseen));
        let told = lines(&findings, " --db x");
        assert_eq!(told.len(), MOST_LINES + 1);
        assert_eq!(
            told[0],
            "S99: the 1d bars do not show the split of 2 at 1970-01-01T00:00:00Z: close before 1.5, \
             open after 1.25; the ratio or the time is wrong, or the bars are adjusted already"
        );
        assert_eq!(told[MOST_LINES], "3 more like these: barline query event-health --db x");
        assert!(lines(&[], "").is_empty());
    }
}
