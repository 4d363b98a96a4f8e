//! Values with one `*`, and the rules that list them.

use std::collections::BTreeMap;

use super::mask::RuleMask;
use super::table::{IN_TURN, Table};

/// Patterns, each with its rules. They are grouped by **shape**, the lengths of their two ends: a
/// text that is to match has one prefix and one suffix of each shape, and the pattern that these
/// two make is looked up as a whole.
#[derive(Clone, Debug)]
pub(super) struct Patterns<M> {
    /// None where there is no pattern, as in most rule sets: then it takes a word and no time.
    grouped: Option<Box<Grouped<M>>>,
}

#[derive(Clone, Debug)]
struct Grouped<M> {
    /// Keys are the patterns as written.
    table: Table<M>,
    /// The shapes that there are. Up to [`IN_TURN`] patterns: the shape of each, in the table's
    /// order.
    shapes: Box<[Shape]>,
    hash: fn(&[u8]) -> u64,
    equal: fn(&[u8], &[u8]) -> bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    prefix: usize,
    suffix: usize,
}

impl Shape {
    /// None if there is no `*`.
    fn of(pattern: &[u8]) -> Option<Self> {
        let prefix = pattern.iter().position(|&b| b == b'*')?;
        let suffix = pattern.len() - prefix - 1;
        Some(Self { prefix, suffix })
    }

    /// The two ends of `text`.
    #[inline]
    fn ends(self, text: &[u8]) -> Option<(&[u8], &[u8])> {
        // The star takes whatever the two ends leave over, so the ends may
        // not overlap: `a*a` matches "aa" but not "a".
        let (prefix, rest) = text.split_at_checked(self.prefix)?;
        let star = rest.len().checked_sub(self.suffix)?;
        let (_, suffix) = rest.split_at_checked(star)?;
        Some((prefix, suffix))
    }
}

impl<M: RuleMask> Patterns<M> {
    /// How two texts are the same is given by `hash` and `equal`: to the byte, or ASCII case
    /// ignored.
    pub(super) fn new(
        rules: &BTreeMap<&[u8], M>,
        hash: fn(&[u8]) -> u64,
        equal: fn(&[u8], &[u8]) -> bool,
    ) -> Self {
        let of_pattern = |pattern: &[u8]| {
            let shape = Shape::of(pattern)?;
            let (prefix, suffix) = shape.ends(pattern)?;
            Some(both(hash(prefix), hash(suffix)))
        };
        let mut shapes: Vec<Shape> = rules
            .keys()
            .filter_map(|pattern| Shape::of(pattern))
            .collect();
        if rules.len() > IN_TURN {
            shapes.sort_unstable();
            shapes.dedup();
        }
        let grouped = (!rules.is_empty()).then(|| {
            Box::new(Grouped {
                table: Table::new(rules, |pattern| of_pattern(pattern).unwrap_or(0)),
                shapes: shapes.into(),
                hash,
                equal,
            })
        });
        Self { grouped }
    }

    /// The rules of every pattern that matches.
    #[inline]
    pub(super) fn rules_for(&self, text: &[u8]) -> M {
        match &self.grouped {
            None => M::default(),
            Some(grouped) => grouped.rules_for(text),
        }
    }
}

impl<M: RuleMask> Grouped<M> {
    fn rules_for(&self, text: &[u8]) -> M {
        let is = |pattern: &[u8], (prefix, suffix): (&[u8], &[u8])| {
            let (start, rest) = pattern.split_at_checked(prefix.len()).unwrap_or_default();
            rest.split_first().is_some_and(|(star, end)| {
                *star == b'*' && (self.equal)(end, suffix) && (self.equal)(start, prefix)
            })
        };
        let mut rules = M::default();
        if self.table.len() <= IN_TURN {
            for (shape, (pattern, its)) in self.shapes.iter().zip(self.table.iter()) {
                if shape.ends(text).is_some_and(|ends| is(pattern, ends)) {
                    rules = rules | its;
                }
            }
            return rules;
        }
        for shape in &self.shapes {
            if let Some((prefix, suffix)) = shape.ends(text) {
                let hash = || both((self.hash)(prefix), (self.hash)(suffix));
                let its = self
                    .table
                    .get(hash, |pattern| is(pattern, (prefix, suffix)));
                rules = rules | its.unwrap_or_default();
            }
        }
        rules
    }
}

fn both(prefix: u64, suffix: u64) -> u64 {
    prefix.rotate_left(32) ^ suffix
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Patterns;
    use crate::matcher::table::{hash, hash_ignoring_case};

    /// The definition: some split of the text leaves the pattern's two halves on the outside.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.iter().position(|&b| b == b'*') {
            None => pattern == text,
            Some(star) => (0..=text.len()).any(|i| {
                (i..=text.len())
                    .any(|j| text[..i] == pattern[..star] && text[j..] == pattern[star + 1..])
            }),
        }
    }

    /// Every string over `alphabet` of up to `longest` bytes.
    fn strings(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
        let mut all = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..longest {
            let to = all.len();
            for at in from..to {
                for &byte in alphabet {
                    let mut longer = all[at].clone();
                    longer.push(byte);
                    all.push(longer);
                }
            }
            from = to;
        }
        all
    }

    fn exactly(a: &[u8], b: &[u8]) -> bool {
        a == b
    }

    /// Each set of patterns gives the rules of all that match by the definition: in turn and by
    /// shape, with shapes that share an end and texts that have a star of their own.
    #[test]
    fn matches_what_the_definition_matches() {
        let ends = strings(b"ab", 2);
        let mut patterns = Vec::new();
        for prefix in &ends {
            for suffix in &ends {
                patterns.push([prefix, &b"*"[..], suffix].concat());
            }
        }
        let texts = strings(b"ab*", 5);
        for size in [1, 2, 3, 4, 5, 8, 49] {
            for chosen in patterns.chunks(size) {
                let rules: BTreeMap<&[u8], u128> = chosen
                    .iter()
                    .zip(0..)
                    .map(|(pattern, n)| (&pattern[..], 1 << n))
                    .collect();
                let set = Patterns::new(&rules, hash, exactly);
                for text in &texts {
                    let expected = rules.iter().filter(|(pattern, _)| naive(pattern, text));
                    let expected = expected.fold(0, |all, (_, rule)| all | rule);
                    assert_eq!(set.rules_for(text), expected, "{}", text.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn case_is_ignored_where_that_is_asked_for() {
        for more in [0, 10] {
            let more: Vec<String> = (0..more).map(|n| format!("{n}-*")).collect();
            let mut rules: BTreeMap<&[u8], u8> = more.iter().map(|p| (p.as_bytes(), 1)).collect();
            rules.insert(b"x-a*-z", 2);
            let set = Patterns::new(&rules, hash_ignoring_case, <[u8]>::eq_ignore_ascii_case);
            assert_eq!(set.rules_for(b"X-Ab-Z"), 2);
            assert_eq!(set.rules_for(b"X-A-Z"), 2);
            assert_eq!(set.rules_for(b"X-AZ"), 0);
            let set = Patterns::new(&rules, hash, exactly);
            assert_eq!(set.rules_for(b"X-Ab-Z"), 0);
            assert_eq!(set.rules_for(b"x-ab-z"), 2);
        }
        // U+212A KELVIN SIGN folds to `k` in Unicode only.
        let rules: BTreeMap<&[u8], u8> = [(&b"k*"[..], 1)].into();
        let set = Patterns::new(&rules, hash_ignoring_case, <[u8]>::eq_ignore_ascii_case);
        assert_eq!(set.rules_for("\u{212A}".as_bytes()), 0);
        assert_eq!(set.rules_for(b"K"), 1);
    }
}
