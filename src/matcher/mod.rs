//! The hot path: which rule is the first to match.
//!
//! The configuration is turned inside out. Each origin, method and header name knows the **set of
//! rules** that list it, so a request is answered by a few look-ups and intersections, whatever the
//! number of rules, origins and names; the lowest rule left is the first in document order. Values
//! with a `*` take a look-up for each shape that they have (see `patterns`).

mod headers;
mod mask;
mod origins;
mod patterns;
mod table;

use std::collections::BTreeMap;

use crate::configuration::Rule;
use headers::{Headers, NotAToken};
use mask::RuleMask;
use origins::Origins;

/// The conditions of every rule of one configuration.
#[derive(Clone, Debug)]
pub(crate) enum Matcher {
    /// Up to 8 rules: a set of them is a byte.
    Few(Box<Block<u8>>),
    /// Any number: 128 rules at a time, which is more than any provider takes.
    Many(Box<[Block<u128>]>),
}

/// Why no rule matches. The last three are ordered: how far the closest rule got (semantics 3.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Miss {
    /// The requested names can't be read.
    Malformed,
    /// No rule is for the origin.
    Origin,
    /// A rule is, but not for the method.
    Method,
    /// A rule is for both, but does not allow every name.
    Headers,
}

impl Matcher {
    /// `methods` are those that a rule can list; a request's is given by its index there.
    pub(crate) fn new(rules: &[Rule], methods: &[&str]) -> Self {
        if rules.len() <= u8::MOST {
            return Self::Few(Box::new(Block::new(rules, methods)));
        }
        let blocks = rules.chunks(u128::MOST);
        Self::Many(blocks.map(|rules| Block::new(rules, methods)).collect())
    }

    /// The first rule, in document order, that is for the origin and the method and allows every
    /// name (semantics 3.3.7).
    ///
    /// `names` gives the requested ones, or none in place of the first that is beyond a limit. They
    /// are read to their end even if no rule is left: that they are malformed counts for more.
    pub(crate) fn first_match<'n, N>(
        &self,
        origin: &[u8],
        method: Option<usize>,
        names: impl Fn() -> N,
    ) -> Result<usize, Miss>
    where
        N: Iterator<Item = Option<&'n [u8]>>,
    {
        match self {
            Self::Few(block) => block.first_match(origin, method, names()),
            Self::Many(blocks) => {
                let mut closest = Miss::Origin;
                for (block, first) in blocks.iter().zip((0..).step_by(u128::MOST)) {
                    match block.first_match(origin, method, names()) {
                        Ok(rule) => return Ok(first + rule),
                        Err(Miss::Malformed) => return Err(Miss::Malformed),
                        Err(miss) => closest = closest.max(miss),
                    }
                }
                Err(closest)
            }
        }
    }
}

/// More methods than any provider lets a rule list: `profile.rs` asserts it.
pub(crate) const MOST_METHODS: usize = 8;

/// As many rules as a set can tell apart.
#[derive(Clone, Debug)]
pub(crate) struct Block<M> {
    origins: Origins<M>,
    /// By the method's index.
    methods: [M; MOST_METHODS],
    headers: Headers<M>,
}

impl<M: RuleMask> Block<M> {
    fn new(rules: &[Rule], methods: &[&str]) -> Self {
        let by_method = by_value(rules, |rule| &rule.allowed_methods);
        let listed = |method: &&str| by_method.get(method.as_bytes()).copied();
        Self {
            origins: Origins::new(rules),
            methods: std::array::from_fn(|n| methods.get(n).and_then(listed).unwrap_or_default()),
            headers: Headers::new(rules),
        }
    }

    #[inline]
    fn first_match<'n>(
        &self,
        origin: &[u8],
        method: Option<usize>,
        names: impl Iterator<Item = Option<&'n [u8]>>,
    ) -> Result<usize, Miss> {
        let for_origin = self.origins.rules_for(origin);
        let listing = method.and_then(|method| self.methods.get(method));
        let for_method = for_origin & listing.copied().unwrap_or_default();
        let mut left = for_method;
        for name in names {
            let name = name.ok_or(Miss::Malformed)?;
            left = self
                .headers
                .narrow(left, name)
                .map_err(|NotAToken| Miss::Malformed)?;
        }
        left.first().ok_or(if for_origin.is_empty() {
            Miss::Origin
        } else if for_method.is_empty() {
            Miss::Method
        } else {
            Miss::Headers
        })
    }
}

/// Takes out the values that have a `*`.
fn take_patterns<'r, M: RuleMask>(values: &mut BTreeMap<&'r [u8], M>) -> BTreeMap<&'r [u8], M> {
    let mut patterns = BTreeMap::new();
    values.retain(|value, rules| {
        let literal = !value.contains(&b'*');
        if !literal {
            patterns.insert(*value, *rules);
        }
        literal
    });
    patterns
}

/// Every value of a field, with the rules that list it.
fn by_value<M: RuleMask>(
    rules: &[Rule],
    field: impl Fn(&Rule) -> &Vec<String>,
) -> BTreeMap<&[u8], M> {
    let mut by_value: BTreeMap<&[u8], M> = BTreeMap::new();
    for (n, rule) in rules.iter().enumerate() {
        for value in field(rule) {
            let rules = by_value.entry(value.as_bytes()).or_default();
            *rules = *rules | M::only(n);
        }
    }
    by_value
}
