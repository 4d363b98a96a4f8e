//! Which rules allow every requested name.

use unicase::Ascii;

use super::mask::{Block, Mask, rules_by_value};
use super::pattern::Pattern;
use crate::configuration::Rule;

/// The `AllowedHeader`s of every rule. Names are compared with ASCII case ignored.
#[derive(Clone, Debug)]
pub(super) struct Headers {
    /// In the order of their lower-case bytes.
    exact: Vec<(Box<[u8]>, Mask)>,
    /// Values with a `*`, the bare one among them.
    patterns: Vec<(Pattern, Mask)>,
}

impl Headers {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let values = rules.iter().enumerate().flat_map(|(n, rule)| {
            let headers = rule.allowed_headers.iter();
            headers.map(move |header| (n, Ascii::new(header.as_str())))
        });
        let mut exact = Vec::new();
        let mut patterns = Vec::new();
        for (value, mask) in rules_by_value(values) {
            match Pattern::new(&value) {
                Some(pattern) => patterns.push((pattern, mask)),
                None => exact.push((value.as_bytes().into(), mask)),
            }
        }
        Self { exact, patterns }
    }

    /// Those of the `candidates` that allow every name: all of them if there is none.
    pub(super) fn rules_for<'n>(
        &self,
        candidates: Block,
        names: impl Iterator<Item = &'n [u8]>,
        block: usize,
    ) -> Block {
        let mut left = candidates;
        for name in names {
            if left == 0 {
                break;
            }
            left &= self.rules_allowing(name, block);
        }
        left
    }

    fn rules_allowing(&self, name: &[u8], block: usize) -> Block {
        let exact = self
            .exact
            .binary_search_by(|(known, _)| lower_case(known).cmp(lower_case(name)))
            .ok()
            .and_then(|found| self.exact.get(found))
            .map_or(0, |(_, mask)| mask.block(block));
        self.patterns
            .iter()
            .filter(|(pattern, _)| pattern.matches_ignoring_case(name))
            .fold(exact, |rules, (_, mask)| rules | mask.block(block))
    }
}

fn lower_case(name: &[u8]) -> impl Iterator<Item = u8> {
    name.iter().map(u8::to_ascii_lowercase)
}
