//! The hot path: which rule is the first to match.
//!
//! The configuration is turned inside out. Each origin, method and header name knows the **set of
//! rules** that list it, so a request is answered by a few look-ups and an intersection, whatever
//! the number of rules; the lowest rule left is the first in document order. Sets are asked a block
//! of 128 rules at a time, so that nothing is allocated however many rules there are.

mod headers;
mod mask;
mod methods;
mod origins;
mod pattern;

use crate::configuration::Rule;
use headers::Headers;
use mask::{RULES_A_BLOCK, first_rule};
use methods::Methods;
use origins::Origins;

/// The conditions of every rule of one configuration.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    blocks: usize,
    origins: Origins,
    methods: Methods,
    headers: Headers,
}

/// How far the closest rule got when none matched (semantics 3.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closest {
    /// No rule is for the origin.
    Origin,
    /// A rule is, but not for the method.
    Method,
    /// A rule is for both, but does not allow every name.
    Headers,
}

impl Matcher {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        Self {
            blocks: rules.len().div_ceil(RULES_A_BLOCK),
            origins: Origins::new(rules),
            methods: Methods::new(rules),
            headers: Headers::new(rules),
        }
    }

    /// The first rule, in document order, that is for the origin and the method and allows every
    /// name (semantics 3.3.7), or how far the closest got.
    pub(crate) fn first_match<'n, N>(
        &self,
        origin: &[u8],
        method: &[u8],
        names: impl Fn() -> N,
    ) -> Result<usize, Closest>
    where
        N: Iterator<Item = &'n [u8]>,
    {
        let mut closest = Closest::Origin;
        for block in 0..self.blocks {
            let for_origin = self.origins.rules_for(origin, block);
            let for_method = for_origin & self.methods.rules_for(method, block);
            let left = self.headers.rules_for(for_method, names(), block);
            if let Some(rule) = first_rule(left, block) {
                return Ok(rule);
            }
            closest = closest.max(match (for_origin, for_method) {
                (0, _) => Closest::Origin,
                (_, 0) => Closest::Method,
                _ => Closest::Headers,
            });
        }
        Err(closest)
    }
}
