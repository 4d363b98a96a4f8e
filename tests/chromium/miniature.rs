//! The browser in miniature of `tests/browser` and the HTTP cache of `tests/cache`, as they stand there.

#![allow(unused, reason = "their own tests run where they are at home")]

#[path = "../browser/answer.rs"]
pub mod answer;
#[path = "../browser/browser.rs"]
pub mod browser;
#[path = "../browser/cache.rs"]
pub mod cache;
#[path = "../common/mod.rs"]
pub mod common;
#[path = "../cache/model.rs"]
pub mod model;
#[path = "../browser/request.rs"]
pub mod request;
#[path = "../browser/url.rs"]
pub mod url;
