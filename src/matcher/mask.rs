//! A set of rules, one bit a rule.

use std::collections::BTreeMap;

use smallvec::SmallVec;

/// 128 rules at a time: as many as two registers hold, and more than any provider takes.
pub(super) const RULES_A_BLOCK: usize = 128;

/// The rules of one block: bit n is the block's rule n.
pub(super) type Block = u128;

/// A set of rules of any size; up to 128 rules it stands in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mask {
    /// As long as the last block that has a rule.
    blocks: SmallVec<[Block; 1]>,
}

impl Mask {
    pub(super) fn insert(&mut self, rule: usize) {
        let block = rule / RULES_A_BLOCK;
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, 0);
        }
        if let Some(bits) = self.blocks.get_mut(block) {
            *bits |= 1 << (rule % RULES_A_BLOCK);
        }
    }

    /// The set's rules in this block.
    pub(super) fn block(&self, block: usize) -> Block {
        self.blocks.get(block).copied().unwrap_or(0)
    }
}

/// The lowest rule of a block.
pub(super) fn first_rule(bits: Block, block: usize) -> Option<usize> {
    (bits != 0).then(|| block * RULES_A_BLOCK + bits.trailing_zeros() as usize)
}

/// Gathers, for each value, the rules that list it.
pub(super) fn rules_by_value<K: Ord>(
    values: impl Iterator<Item = (usize, K)>,
) -> BTreeMap<K, Mask> {
    let mut rules: BTreeMap<K, Mask> = BTreeMap::new();
    for (rule, value) in values {
        rules.entry(value).or_default().insert(rule);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{Mask, first_rule};

    #[test]
    fn the_lowest_rule_comes_out_of_the_block_it_went_into() {
        for rule in [0, 1, 63, 64, 127, 128, 129, 255, 256, 1000] {
            let mut mask = Mask::default();
            mask.insert(rule);
            mask.insert(rule + 1);
            let found = (0..10).find_map(|block| first_rule(mask.block(block), block));
            assert_eq!(found, Some(rule));
        }
        assert_eq!(first_rule(Mask::default().block(0), 0), None);
    }
}
