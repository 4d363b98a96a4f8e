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
