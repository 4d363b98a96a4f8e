//! Which rules are for an origin.

use std::collections::HashMap;

use super::mask::{Block, Mask, rules_by_value};
use super::pattern::Pattern;
use crate::configuration::Rule;

/// The `AllowedOrigin`s of every rule (semantics 3.5).
#[derive(Clone, Debug)]
pub(super) struct Origins {
    /// Rules that list `*` alone.
    any: Mask,
    exact: HashMap<Box<[u8]>, Mask>,
    /// Values with text and a `*`.
    patterns: Vec<(Pattern, Mask)>,
}

impl Origins {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut any = Mask::default();
        let mut exact = HashMap::new();
        let mut patterns = Vec::new();
        for (value, mask) in rules_by_value(values(rules)) {
            match Pattern::new(value) {
                _ if value == "*" => any = mask,
                Some(pattern) => patterns.push((pattern, mask)),
                None => {
                    exact.insert(value.as_bytes().into(), mask);
                }
            }
        }
        Self {
            any,
            exact,
            patterns,
        }
    }

    pub(super) fn rules_for(&self, origin: &[u8], block: usize) -> Block {
        let named = self.exact.get(origin).map_or(0, |mask| mask.block(block));
        self.any.block(block) | named | self.rules_by_pattern(origin, block)
    }

    fn rules_by_pattern(&self, origin: &[u8], block: usize) -> Block {
        // Anyone can produce the origin `null`: only `*` and the word itself cover it.
        if origin == b"null" {
            return 0;
        }
        self.patterns
            .iter()
            .filter(|(pattern, _)| pattern.matches(origin))
            .fold(0, |rules, (_, mask)| rules | mask.block(block))
    }
}

fn values(rules: &[Rule]) -> impl Iterator<Item = (usize, &str)> {
    rules.iter().enumerate().flat_map(|(n, rule)| {
        let origins = rule.allowed_origins.iter();
        origins.map(move |origin| (n, origin.as_str()))
    })
}
