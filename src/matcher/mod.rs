//! The hot path: which rule is the first to match.
//!
//! The configuration is turned inside out. Each origin, method and header name knows the **set of
//! rules** that list it, so a request is answered by a few look-ups and intersections, whatever the
//! number of origins and names, and of rules up to the 128 that a set can hold; the lowest rule left
//! is the first in document order.
//!
//! A [`Block`] asks the [`Values`] of a field, which hold few in turn, or many: literals in a
//! `Table`, patterns in a `Tree`.

mod conditions;
mod mask;
mod pattern;
mod same;
mod table;
mod tree;
mod values;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use unicase::Ascii;

use crate::configuration::Rule;
use crate::names::{RequestedNames, Unreadable};
use crate::syntax::is_token;
use crate::words::AtRandom;
pub(crate) use conditions::Conditions;
use mask::RuleMask;
use same::{IgnoringCase, ToTheByte};
use values::Values;

/// The conditions of every rule of one configuration.
#[derive(Clone, Debug)]
pub(crate) enum Matcher {
    /// Up to 8 rules: a set of them is a byte.
    Few(Block<u8>),
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
            return Self::Few(Block::new(rules, methods));
        }
        let blocks = rules.chunks(u128::MOST);
        Self::Many(blocks.map(|rules| Block::new(rules, methods)).collect())
    }

    /// The first rule, in document order, that is for the origin and the method and allows every
    /// name (semantics 3.3.7).
    ///
    /// The names are read to their end even if no rule is left: that they are malformed counts for
    /// more.
    #[inline]
    pub(crate) fn first_match(
        &self,
        origin: &[u8],
        method: Option<usize>,
        names: Option<RequestedNames<'_>>,
    ) -> Result<usize, Miss> {
        match self {
            Self::Few(block) => block.first_match(origin, method, names),
            Self::Many(blocks) => match &blocks[..] {
                [only] => only.first_match(origin, method, names),
                blocks => first_of_all(blocks, origin, method, names),
            },
        }
    }
}

fn first_of_all<M: RuleMask>(
    blocks: &[Block<M>],
    origin: &[u8],
    method: Option<usize>,
    names: Option<RequestedNames<'_>>,
) -> Result<usize, Miss> {
    // Once for all: then a block without a rule for the request need not look at them.
    if let Some(names) = names {
        names.check_tokens().map_err(|Unreadable| Miss::Malformed)?;
    }
    let mut closest = Miss::Origin;
    for (block, first) in blocks.iter().zip((0..).step_by(M::MOST)) {
        let candidates = block.candidates(origin, method);
        let names = names.filter(|_| !candidates.for_both.is_empty());
        match block.first_allowing(candidates, names) {
            Ok(rule) => return Ok(first + rule),
            Err(miss) => closest = closest.max(miss),
        }
    }
    Err(closest)
}

/// At least as many methods as any provider lets a rule list: `Profile::of` asserts it.
pub(crate) const MOST_METHODS: usize = 8;

/// As many rules as a set can tell apart.
#[derive(Clone, Debug)]
pub(crate) struct Block<M> {
    origins: Values<M, ToTheByte>,
    headers: Values<M, IgnoringCase>,
    /// Rules that list the origin `*`.
    any_origin: M,
    /// Rules that list the header `*`.
    any_header: M,
    /// By the method's index.
    methods: [M; MOST_METHODS],
}

/// The rules that a request may be decided by, its names aside.
#[derive(Clone, Copy)]
struct Candidates<M> {
    for_origin: M,
    /// For the origin and the method.
    for_both: M,
}

impl<M: RuleMask> Block<M> {
    fn new(rules: &[Rule], methods: &[&str]) -> Self {
        let mut origins = by_value(rules, |rule| &rule.allowed_origins, str::as_bytes);
        let headers = by_value(rules, |rule| &rule.allowed_headers, Ascii::new);
        let headers: Vec<(String, M)> = headers
            .into_iter()
            .map(|(name, rules)| (name.to_ascii_lowercase(), rules))
            .collect();
        let mut headers = headers
            .iter()
            .map(|(name, rules)| (name.as_bytes(), *rules))
            .collect();
        let listing = |method: &&str| {
            let lists = |rule: &Rule| rule.allowed_methods.iter().any(|listed| listed == method);
            let listing = rules.iter().enumerate().filter(|(_, rule)| lists(rule));
            listing.fold(M::default(), |all, (n, _)| all | M::only(n))
        };
        Self {
            any_origin: take_star(&mut origins),
            any_header: take_star(&mut headers),
            origins: Values::new(&origins),
            headers: Values::new(&headers),
            methods: std::array::from_fn(|n| methods.get(n).map(listing).unwrap_or_default()),
        }
    }

    #[inline]
    fn first_match(
        &self,
        origin: &[u8],
        method: Option<usize>,
        names: Option<RequestedNames<'_>>,
    ) -> Result<usize, Miss> {
        self.first_allowing(self.candidates(origin, method), names)
    }

    #[inline]
    fn candidates(&self, origin: &[u8], method: Option<usize>) -> Candidates<M> {
        let for_origin = self.for_origin(origin);
        let listing = method.and_then(|method| self.methods.get(method));
        Candidates {
            for_origin,
            for_both: for_origin & listing.copied().unwrap_or_default(),
        }
    }

    /// The first of the candidates that allows every name.
    #[inline]
    fn first_allowing(
        &self,
        candidates: Candidates<M>,
        names: Option<RequestedNames<'_>>,
    ) -> Result<usize, Miss> {
        let left = match names {
            None => candidates.for_both,
            Some(names) => self
                .allowing_all(candidates.for_both, names)
                .map_err(|Unreadable| Miss::Malformed)?,
        };
        left.first().ok_or(if candidates.for_origin.is_empty() {
            Miss::Origin
        } else if candidates.for_both.is_empty() {
            Miss::Method
        } else {
            Miss::Headers
        })
    }

    /// The rules that list an origin or match it.
    #[inline]
    fn for_origin(&self, origin: &[u8]) -> M {
        let listing = self.origins.listing(origin);
        let known = self.any_origin | listing.unwrap_or_default();
        // Anyone can produce the origin `null`: only `*` and the word itself cover it.
        if origin == b"null" {
            return known;
        }
        known | self.origins.matching(origin, !known)
    }

    /// Those of the rules that allow every name.
    #[inline(never)] // most requests have no names, and are spared the registers
    fn allowing_all(&self, rules: M, names: RequestedNames<'_>) -> Result<M, Unreadable> {
        // Where no rule is left, or the first allows every name, none changes which is the first.
        if (rules.only_first() & !self.any_header).is_empty() {
            names.check_tokens()?;
            return Ok(rules);
        }
        let mut left = rules;
        names.each(|name| {
            left = left & self.allowing(left, name)?;
            Ok(())
        })?;
        Ok(left)
    }

    /// The rules that allow a name. Those that are not `left` may stand among them.
    #[inline]
    fn allowing(&self, left: M, name: &[u8]) -> Result<M, Unreadable> {
        let listing = self.headers.listing(name);
        // A name that a rule lists is a token, and need not be looked at.
        if listing.is_none() && !is_token(name) {
            return Err(Unreadable);
        }
        let known = self.any_header | listing.unwrap_or_default();
        let wanted = left & !known;
        if wanted.is_empty() {
            return Ok(known);
        }
        Ok(known | self.headers.matching(name, wanted))
    }
}

/// Every value of a field once, with the rules that list it.
fn by_value<'r, V: Copy + Eq + Hash, M: RuleMask>(
    rules: &'r [Rule],
    field: impl Fn(&Rule) -> &Vec<String>,
    value: impl Fn(&'r str) -> V,
) -> Vec<(V, M)> {
    let mut all: Vec<(V, M)> = Vec::new();
    let count = rules.iter().map(|rule| field(rule).len()).sum();
    let mut places = HashMap::with_capacity_and_hasher(count, AtRandom::new());
    for (n, rule) in rules.iter().enumerate() {
        for text in field(rule) {
            let value = value(text);
            match places.entry(value) {
                Entry::Vacant(place) => {
                    place.insert(all.len());
                    all.push((value, M::only(n)));
                }
                Entry::Occupied(place) => {
                    if let Some((_, rules)) = all.get_mut(*place.get()) {
                        *rules = *rules | M::only(n);
                    }
                }
            }
        }
    }
    all
}

/// Takes out the value that is `*` alone.
fn take_star<M: RuleMask>(values: &mut Vec<(&[u8], M)>) -> M {
    let star = values.iter().position(|(value, _)| *value == b"*");
    star.map(|star| values.remove(star).1).unwrap_or_default()
}
