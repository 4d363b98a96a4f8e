//! A browser in miniature, written from the Fetch standard (clauses are named by the headings
//! there), and what it makes of the crate's answers.

mod answer;
mod browser;
mod cache;
#[path = "../common/mod.rs"]
mod common;
mod explained;
mod generate;
mod laws;
mod request;
mod url;
