//! The page: what it is called, and its sections in order.

use askama::Template;

use super::section::{self, Section};
use crate::{
    error::{Error, Result},
    run::Account,
};

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    title: String,
    lead: String,
    version: &'static str,
    style: &'static str,
    sections: Vec<Section>,
}

/// The account as the text of a page that stands alone.
///
/// # Errors
/// Internal, if the template cannot be filled.
pub fn html(account: &Account) -> Result<String> {
    let kind = if account.is_screen() { "Screen" } else { "Backtest" };
    let page = Page {
        title: format!("{kind}, run {}", account.run_id()),
        lead: section::lead(account),
        version: env!("CARGO_PKG_VERSION"),
        style: include_str!("style.css"),
        sections: section::all(account),
    };
    page.render().map_err(|error| Error::internal(format!("the report's template: {error}")))
}
