//! Semantics 6.6.
