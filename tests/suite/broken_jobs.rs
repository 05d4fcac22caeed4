//! Jobs that break: each is a typed outcome with its reason, is never taken for a result, and keeps
//! no other job from its own.

use std::time::Duration;

use barline::{
    domain::{HorizonWindow, Outcome, PanelView, Size, deadline},
    run::{self, Keep, Request, Stop, Summary, WorkerRequest, progress::Silent},
    sim::{Account, Decider, Tickets, Wake},
    store::Store,
    strategy::{Alignment, Declined, HorizonBars, Session, Strategy, by_name},
};

use crate::{
    demo_store::{copy, options, request},
    small_store::lines,
};

/// Breaks on three of the instruments and holds the others; well-behaved if `mended`.
#[derive(Clone, Copy)]
struct Breaking {
    mended: bool,
}

impl Strategy for Breaking {
    fn name(&self) -> &'static str {
        "breaking"
    }

    fn parameters(&self) -> String {
        "{}".to_owned()
    }

    fn accepts(&self, size: Size, _members: usize) -> bool {
        size == Size::Of(1)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, _window: &HorizonWindow) -> i64 {
        0
    }

    fn session<'a>(&'a self, _bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        Box::new(*self)
    }
}

impl Session for Breaking {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let way = if self.mended { u16::MAX } else { assets[0] };
        Ok(Box::new(Broken { way }))
    }
}

struct Broken {
    way: u16,
}

impl Decider for Broken {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        _view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        let quantity = account.capital / account.marks[0];
        match self.way {
            0 => panic!("it broke on purpose"),
            // Finite, and too much for any account: the equity is no number.
            1 => tickets.each(0, f64::MAX, 0, "broken"),
            2 => loop {
                deadline::look();
            },
            _ => tickets.each(0, quantity, 0, "whole"),
        }
        Wake::Never
    }
}

pub(crate) fn executed(store: &Store, mended: bool) -> Summary {
    let request = Request {
        strategies: vec!["breaking".into(), "buy-and-hold".into()],
        sizes: "2".parse().expect("sizes"),
        horizons: vec!["90".parse().expect("days")],
        keep: Keep::Measures,
        job_timeout: Some(Duration::from_millis(200)),
        workers: WorkerRequest { asked: Some(2), cap: Some(2), sequential: false },
        ..request()
    };
    let hold = by_name("buy-and-hold", &request.parameters).expect("a strategy");
    let strategies: Vec<Box<dyn Strategy>> = vec![Box::new(Breaking { mended }), hold];
    run::execute_with(store, &request, strategies, &Silent, &Stop::new()).expect("a run")
}

#[test]
fn a_job_that_breaks_is_an_outcome_and_the_others_go_on() {
    let (_folder, path) = copy();
    let store = Store::open(&path, &options()).expect("the store");
    let summary = executed(&store, false);
    let of = |name: &str| {
        let found = summary.outcomes.iter().find(|(strategy, _)| strategy == name);
        found.map_or_else(Vec::new, |(_, outcomes)| outcomes.clone())
    };
    assert_eq!(
        of("breaking"),
        [(Outcome::Done, 3), (Outcome::Failed, 1), (Outcome::Panicked, 1), (Outcome::TimedOut, 1)]
    );
    assert_eq!(of("buy-and-hold"), [(Outcome::Done, 6)]);
    assert_eq!((summary.failures(), summary.pending), (3, 0));
    // None of the three is taken for an answer: the next run does them again, and only them.
    let again = executed(&store, true);
    assert_eq!((again.computed, again.cached), (3, 9));
    assert_eq!(again.failures(), 0);
    store.close().expect("closed");
    let reasons = "SELECT outcome, reason FROM job WHERE failure ORDER BY outcome";
    assert_eq!(
        lines(&path, reasons),
        [
            "failed equity became NaN",
            "panicked it broke on purpose",
            "timed_out it passed its time limit of 0.2 s",
        ]
    );
}
