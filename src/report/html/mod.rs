//! A run as one HTML file: nothing in it runs, nothing is loaded, nothing depends on when it is made.
//!
//! [`html`] turns an [`Account`](crate::run::Account) into the text of a page. `section` holds one file per
//! section, in the order of the page; `chart` the drawings, `grid` the tables, `glossary` what the numbers
//! mean; `page.html` and `style.css` are the page around them. Text becomes markup in one place, `escape`:
//! `markup` and the template end there, so that a symbol may be called what it likes. The page carries a
//! policy that forbids scripts and requests, should that ever fail.
//!
//! The same account gives the same bytes: rows come in the total orders of the named queries, series in
//! those of their bars; there is no clock but stored times.

mod chart;
mod escape;
mod glossary;
mod grid;
mod markup;
mod page;
mod section;

pub use page::html;
