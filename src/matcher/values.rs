//! The values of one field of all rules, and which rules list one that matches.

use std::marker::PhantomData;

use super::mask::RuleMask;
use super::pattern::Pattern;
use super::same::Same;
use super::table::{Table, offset};
use super::tree::Tree;

/// Origins or header names, literal or with a `*`, each with its rules; `*` alone is not among
/// them.
#[derive(Clone, Debug)]
pub(super) struct Values<M, S> {
    held: Held<M>,
    same: PhantomData<S>,
}

/// As small as what is held.
#[derive(Clone, Debug)]
enum Held<M> {
    Nothing,
    Few(Box<Few<M>>),
    Many(Box<Many<M>>),
}

/// As many are as quick to compare in turn as to look up.
const FEW: usize = 3;

#[derive(Clone, Debug)]
struct Few<M> {
    /// All values, one behind the other.
    text: Box<[u8]>,
    /// The first `count` mean something.
    values: [Value<M>; FEW],
    count: u8,
}

#[derive(Clone, Copy, Debug, Default)]
struct Value<M> {
    /// Where its `*` stands in the text; `end` in a literal.
    star: u32,
    /// Where it ends. It starts where the one before ends.
    end: u32,
    rules: M,
}

#[derive(Clone, Debug)]
struct Many<M> {
    literals: Option<Table<M>>,
    patterns: Option<Tree<M>>,
}

impl<M: RuleMask, S: Same> Values<M, S> {
    /// `values` are as [`Same::fold`] leaves them, none twice.
    pub(super) fn new(values: &[(&[u8], M)]) -> Self {
        let held = match values.len() {
            0 => Held::Nothing,
            1..=FEW => Held::Few(Box::new(Few::new(values))),
            _ => Held::Many(Box::new(Many::new::<S>(values))),
        };
        Self {
            held,
            same: PhantomData,
        }
    }

    /// The rules that list the text itself; none if no rule does.
    #[inline]
    pub(super) fn listing(&self, text: &[u8]) -> Option<M> {
        match &self.held {
            Held::Nothing => None,
            Held::Few(few) => few.listing::<S>(text),
            Held::Many(many) => {
                let literals = many.literals.as_ref()?;
                let hash = S::hash(text, literals.seed());
                literals.get(hash, |known| S::is_same(known, text))
            }
        }
    }

    /// The rules of every pattern that matches the text. Those that are not `wanted` may be left
    /// out.
    #[inline]
    pub(super) fn matching(&self, text: &[u8], wanted: M) -> M {
        match &self.held {
            Held::Nothing => M::default(),
            Held::Few(few) => few.matching::<S>(text),
            Held::Many(many) => match &many.patterns {
                None => M::default(),
                Some(tree) => tree.matching::<S>(text, wanted),
            },
        }
    }

    /// Gives every value with its rules: literals in the order in which they were put in, patterns
    /// in any.
    pub(super) fn each(&self, mut give: impl FnMut(&[u8], M)) {
        match &self.held {
            Held::Nothing => {}
            Held::Few(few) => {
                for (start, value) in few.values() {
                    give(few.slice(start, value.end), value.rules);
                }
            }
            Held::Many(many) => {
                if let Some(literals) = &many.literals {
                    literals.each(&mut give);
                }
                if let Some(patterns) = &many.patterns {
                    patterns.each(&mut give);
                }
            }
        }
    }
}

impl<M: RuleMask> Few<M> {
    fn new(values: &[(&[u8], M)]) -> Self {
        let mut text = Vec::new();
        let mut few = [Value::default(); FEW];
        for (value, (its_text, rules)) in few.iter_mut().zip(values) {
            let start = text.len();
            text.extend_from_slice(its_text);
            let star = Pattern::of(its_text).map(|pattern| start + pattern.prefix.len());
            *value = Value {
                star: offset(star.unwrap_or(text.len())),
                end: offset(text.len()),
                rules: *rules,
            };
        }
        Self {
            text: text.into(),
            values: few,
            count: u8::try_from(values.len()).unwrap_or_default(),
        }
    }

    #[inline]
    fn listing<S: Same>(&self, text: &[u8]) -> Option<M> {
        self.values().find_map(|(start, value)| {
            let is_literal = value.star == value.end;
            let listed = is_literal && S::is_same(self.slice(start, value.end), text);
            listed.then_some(value.rules)
        })
    }

    #[inline]
    fn matching<S: Same>(&self, text: &[u8]) -> M {
        let mut rules = M::default();
        for (start, value) in self.values() {
            if value.star < value.end {
                let prefix = self.slice(start, value.star);
                let suffix = self.slice(value.star + 1, value.end);
                if (Pattern { prefix, suffix }).matches::<S>(text) {
                    rules = rules | value.rules;
                }
            }
        }
        rules
    }

    /// Each with its start.
    #[inline]
    fn values(&self) -> impl Iterator<Item = (u32, &Value<M>)> {
        let values = self.values.iter().take(self.count.into());
        values.scan(0, |start, value| {
            Some((std::mem::replace(start, value.end), value))
        })
    }

    #[inline]
    fn slice(&self, start: u32, end: u32) -> &[u8] {
        let slice = self.text.get(start as usize..end as usize);
        slice.unwrap_or_default()
    }
}

impl<M: RuleMask> Many<M> {
    fn new<S: Same>(values: &[(&[u8], M)]) -> Self {
        let (patterns, literals): (Vec<_>, Vec<_>) =
            values.iter().partition(|(value, _)| value.contains(&b'*'));
        Self {
            literals: (!literals.is_empty()).then(|| Table::new(&literals, S::hash)),
            patterns: (!patterns.is_empty()).then(|| Tree::new(&patterns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, Values};
    use crate::matcher::pattern::tests::{naive, patterns, strings};
    use crate::matcher::same::{IgnoringCase, ToTheByte};

    /// Literals and patterns together, from none to more than are compared in turn.
    #[test]
    fn gives_the_rules_of_all_that_match() {
        let texts = strings(b"ab*", 4);
        let mut values = patterns(b"ab", 1);
        values.retain(|value| value != b"*");
        values.extend(strings(b"ab", 2));
        values.sort_by_key(|value| value.iter().rev().copied().collect::<Vec<u8>>());
        for size in [1, 2, FEW, FEW + 1, values.len()] {
            for chosen in values.chunks(size) {
                let rules: Vec<(&[u8], u128)> = chosen
                    .iter()
                    .zip(0..)
                    .map(|(value, n)| (&value[..], 1 << n))
                    .collect();
                let set = Values::<_, ToTheByte>::new(&rules);
                for text in &texts {
                    let of_star = |star: bool| {
                        rules
                            .iter()
                            .filter(move |(value, _)| value.contains(&b'*') == star)
                            .filter(|(value, _)| naive(value, text))
                            .fold(0, |all, (_, rule)| all | rule)
                    };
                    assert_eq!(set.listing(text).unwrap_or(0), of_star(false));
                    assert_eq!(set.matching(text, u128::MAX), of_star(true));
                }
            }
        }
        let nothing = Values::<u8, ToTheByte>::new(&[]);
        assert_eq!(
            (nothing.listing(b""), nothing.matching(b"", 255)),
            (None, 0)
        );
    }

    #[test]
    fn names_are_found_in_any_case() {
        let names: [&[u8]; 5] = [b"a", b"x-amz-date", b"content-*", b"etag", b"range"];
        for count in [2, 5] {
            let rules: Vec<(&[u8], u8)> = names.into_iter().zip(1..).take(count).collect();
            let set = Values::<_, IgnoringCase>::new(&rules);
            assert_eq!(set.listing(b"X-Amz-Date"), Some(2));
            assert_eq!(set.listing(b"X-Amz-Dates"), None);
            let by_pattern = if count == 5 { 3 } else { 0 };
            assert_eq!(set.matching(b"Content-Type", 255), by_pattern);
        }
    }
}
