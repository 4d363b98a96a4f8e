//! A shared cache in miniature.

#[path = "../common/mod.rs"]
mod common;
mod model;
