//! Many patterns, and the rules that list them.

use super::mask::RuleMask;
use super::pattern::{Pattern, Shape};
use super::same::Same;
use super::table::Table;
use super::tree::Tree;

/// Patterns, each with its rules.
#[derive(Clone, Debug)]
pub(super) enum Patterns<M> {
    None,
    ByShape(ByShape<M>),
    InTree(Tree<M>),
}

/// With more shapes than this, a tree is quicker than a look-up for each.
const MOST_SHAPES: usize = 8;

impl<M: RuleMask> Patterns<M> {
    pub(super) fn new<S: Same>(rules: &[(&[u8], M)]) -> Self {
        if rules.is_empty() {
            return Self::None;
        }
        let patterns = rules.iter();
        let mut shapes: Vec<Shape> = patterns
            .filter_map(|(pattern, _)| Some(Pattern::of(pattern)?.shape()))
            .collect();
        shapes.sort_unstable();
        shapes.dedup();
        if shapes.len() > MOST_SHAPES {
            return Self::InTree(Tree::new(rules));
        }
        Self::ByShape(ByShape {
            table: Table::new(rules, |pattern, seed| {
                Pattern::of(pattern).map_or(0, |pattern| hash::<S>(pattern, seed))
            }),
            shapes: shapes.into(),
        })
    }

    /// The rules of every pattern that matches; those that are not `wanted` may be left out.
    #[inline]
    pub(super) fn matching<S: Same>(&self, text: &[u8], wanted: M) -> M {
        match self {
            Self::None => M::default(),
            Self::ByShape(by_shape) => by_shape.matching::<S>(text),
            Self::InTree(tree) => tree.matching::<S>(text, wanted),
        }
    }
}

/// Patterns of few shapes: the two ends that a text has of a shape make a pattern, which is looked
/// up as a whole.
#[derive(Clone, Debug)]
pub(super) struct ByShape<M> {
    /// Keys are the patterns as written.
    table: Table<M>,
    shapes: Box<[Shape]>,
}

impl<M: RuleMask> ByShape<M> {
    fn matching<S: Same>(&self, text: &[u8]) -> M {
        let ends = self.shapes.iter().filter_map(|shape| shape.ends(text));
        let rules = ends.filter_map(|ends| {
            let is = |pattern: &[u8]| Pattern::of(pattern).is_some_and(|p| p.has_ends::<S>(ends));
            self.table.get(hash::<S>(ends, self.table.seed()), is)
        });
        rules.fold(M::default(), |all, its| all | its)
    }
}

fn hash<S: Same>(pattern: Pattern<'_>, seed: u64) -> u64 {
    let prefix = S::hash(pattern.prefix, seed);
    prefix.rotate_left(32) ^ S::hash(pattern.suffix, seed)
}

#[cfg(test)]
mod tests {
    use super::{MOST_SHAPES, Patterns};
    use crate::matcher::pattern::tests::{naive, patterns, strings};
    use crate::matcher::same::{IgnoringCase, ToTheByte};

    /// Each set of patterns gives the rules of all that match by the definition: by shape and in a
    /// tree, with patterns that share an end and texts that have a star of their own.
    #[test]
    fn matches_what_the_definition_matches() {
        let texts = strings(b"ab*", 5);
        let mut all = patterns(b"ab", 2);
        for order in 0..2 {
            all.reverse();
            for size in [1, 2, MOST_SHAPES, MOST_SHAPES + 1, 30, 49] {
                for chosen in all.chunks(size) {
                    let rules: Vec<(&[u8], u128)> = chosen
                        .iter()
                        .zip(0..)
                        .map(|(pattern, n)| (&pattern[..], 1 << n))
                        .collect();
                    let set = Patterns::new::<ToTheByte>(&rules);
                    for text in &texts {
                        let expected = rules.iter().filter(|(pattern, _)| naive(pattern, text));
                        let expected = expected.fold(0, |all, (_, rule)| all | rule);
                        let found = set.matching::<ToTheByte>(text, u128::MAX);
                        assert_eq!(found, expected, "{order} {}", text.escape_ascii());
                        let wanted = expected & 0x5555;
                        let found = set.matching::<ToTheByte>(text, wanted);
                        assert_eq!(found & wanted, wanted);
                        assert_eq!(found & !expected, 0);
                    }
                }
            }
        }
    }

    #[test]
    fn case_is_ignored_where_that_is_asked_for() {
        for more in [0, 2 * MOST_SHAPES] {
            let more: Vec<String> = (0..more).map(|n| format!("{}*", "q".repeat(n))).collect();
            let mut rules: Vec<(&[u8], u8)> = more.iter().map(|p| (p.as_bytes(), 1)).collect();
            rules.retain(|(pattern, _)| *pattern != b"*");
            rules.push((b"x-a*-z", 2));
            let set = Patterns::new::<IgnoringCase>(&rules);
            assert_eq!(set.matching::<IgnoringCase>(b"X-Ab-Z", 3), 2);
            assert_eq!(set.matching::<IgnoringCase>(b"X-A-Z", 3), 2);
            assert_eq!(set.matching::<IgnoringCase>(b"X-AZ", 3), 0);
            let set = Patterns::new::<ToTheByte>(&rules);
            assert_eq!(set.matching::<ToTheByte>(b"X-Ab-Z", 3), 0);
            assert_eq!(set.matching::<ToTheByte>(b"x-ab-z", 3), 2);
        }
    }
}
