//! Which rules are for a method.

use super::mask::{Block, Mask, rules_by_value};
use crate::configuration::Rule;

/// The `AllowedMethod`s of every rule. A provider takes five, so a scan is as good as anything.
#[derive(Clone, Debug)]
pub(super) struct Methods(Vec<(Box<[u8]>, Mask)>);

impl Methods {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let values = rules.iter().enumerate().flat_map(|(n, rule)| {
            let methods = rule.allowed_methods.iter();
            methods.map(move |method| (n, method.as_bytes()))
        });
        let masks = rules_by_value(values).into_iter();
        Self(masks.map(|(method, mask)| (method.into(), mask)).collect())
    }

    pub(super) fn rules_for(&self, method: &[u8], block: usize) -> Block {
        self.0
            .iter()
            .find(|(known, _)| **known == *method)
            .map_or(0, |(_, mask)| mask.block(block))
    }
}
