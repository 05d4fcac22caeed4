//! The HTML report: what its charts say is what SQL says, names do nothing, a browser agrees.

mod browser;
mod command_line;
mod hostile;
mod page;
mod screens;
mod size;
mod values;

use std::path::Path;

use barline::{
    report,
    run::{self, Account, AccountRequest},
    store::Store,
};

use self::page::Page;
use crate::demo_store;

/// The account of a run of the store at `path`.
fn account(path: &Path, run: &str, job: Option<&str>) -> Account {
    let store = Store::open_to_read(path, &demo_store::options()).expect("the store");
    let request =
        AccountRequest { run: run.to_owned(), job: job.map(str::to_owned), budget_bytes: 1 << 30 };
    let account = run::account(&store, &request).expect("an account");
    store.close().expect("closed");
    account
}

/// Its page.
fn page(path: &Path, run: &str, job: Option<&str>) -> Page {
    Page(report::html(&account(path, run, job)).expect("a page"))
}
