//! Many patterns: a tree of prefixes, and for each prefix a tree of its suffixes. A look-up follows
//! the text from its start for as long as some prefix does, and from its end for each prefix that it
//! has. That is one suffix tree, or a few, unless many prefixes are prefixes of each other.

use super::mask::RuleMask;
use super::pattern::Pattern;
use super::same::Same;
use super::table::offset;

/// Patterns, each with its rules.
#[derive(Clone, Debug)]
pub(super) struct Tree<M> {
    prefixes: Radix<Radix<M, BACKWARDS>, FORWARDS>,
    /// Those that list any of the patterns.
    all_rules: M,
}

impl<M: RuleMask> Tree<M> {
    pub(super) fn new(rules: &[(&[u8], M)]) -> Self {
        let mut patterns: Vec<(Pattern<'_>, M)> = rules
            .iter()
            .filter_map(|(pattern, rules)| Some((Pattern::of(pattern)?, *rules)))
            .collect();
        patterns.sort_unstable_by_key(|(pattern, _)| pattern.prefix);
        let by_prefix = patterns.chunk_by(|(a, _), (b, _)| a.prefix == b.prefix);
        let by_prefix = by_prefix.filter_map(|of_prefix| {
            let (first, _) = of_prefix.first()?;
            let suffixes = of_prefix.iter();
            let suffixes = suffixes.map(|(pattern, rules)| (pattern.suffix, *rules));
            Some((first.prefix, Radix::new(suffixes.collect())))
        });
        Self {
            prefixes: Radix::new(by_prefix.collect()),
            all_rules: rules
                .iter()
                .fold(M::default(), |all, (_, rules)| all | *rules),
        }
    }

    /// The rules of every pattern that matches; those that are not `wanted` may be left out.
    pub(super) fn matching<S: Same>(&self, text: &[u8], wanted: M) -> M {
        let mut missing = wanted & self.all_rules;
        let mut found = M::default();
        if missing.is_empty() {
            return found;
        }
        // What the prefix leaves over is what a suffix may be of: the ends don't overlap.
        self.prefixes.each_start_of::<S>(text, |suffixes, rest| {
            suffixes.each_start_of::<S>(rest, |rules, _| {
                found = found | *rules;
                missing = missing & !*rules;
                !missing.is_empty()
            });
            !missing.is_empty()
        });
        found
    }

    /// Gives every pattern with its rules.
    pub(super) fn each(&self, mut give: impl FnMut(&[u8], M)) {
        self.prefixes.each_key(|prefix, suffixes| {
            suffixes.each_key(|suffix, rules| give(&[prefix, b"*", suffix].concat(), *rules));
        });
    }
}

const FORWARDS: bool = true;
const BACKWARDS: bool = false;

/// A map from texts to values, which finds every key that a text starts with. A tree that is read
/// backwards starts from the ends of texts and keys.
#[derive(Clone, Debug)]
struct Radix<V, const FORWARDS: bool> {
    /// The labels, one behind the other.
    text: Box<[u8]>,
    /// The root is the first.
    nodes: Box<[Node<V>]>,
    /// The byte by which each node is entered, in the nodes' order; of the root none.
    entries: Box<[u8]>,
}

/// A node stands for the entries and labels on the way to it, joined.
#[derive(Clone, Debug)]
struct Node<V> {
    /// Its label's place in the text. The byte by which it is entered is not in it.
    label: [u32; 2],
    /// Its children's places among the nodes. They stand together, and no two are entered by the
    /// same byte.
    children: [u32; 2],
    /// Of the key that ends here.
    value: Option<V>,
}

impl<V, const FORWARDS: bool> Radix<V, FORWARDS> {
    /// No key may stand there twice.
    fn new(mut keys: Vec<(&[u8], V)>) -> Self {
        let mut text = Vec::new();
        let mut entries = vec![0];
        let root = keys.iter().position(|(key, _)| key.is_empty());
        let mut nodes = vec![Node {
            label: [0; 2],
            children: [0; 2],
            value: root.map(|root| keys.swap_remove(root).1),
        }];
        // Nodes whose children are still to be made, each with what its keys have left.
        let mut parents = vec![(0, keys)];
        while let Some((parent, mut keys)) = parents.pop() {
            let start = nodes.len();
            keys.sort_unstable_by_key(|(key, _)| std::cmp::Reverse(Self::entry(key)));
            while let Some(entry) = keys.last().and_then(|(key, _)| Self::entry(key)) {
                let others = keys.partition_point(|(key, _)| Self::entry(key) != Some(entry));
                let mut inside = keys.split_off(others);
                let length = Self::common(&inside);
                let label = text.len();
                let (common, _) = Self::split(inside.first().map_or(&[], |(key, _)| key), length);
                let its_label = Self::split_entry(common).map(|(_, behind)| behind);
                text.extend_from_slice(its_label.unwrap_or_default());
                for (key, _) in &mut inside {
                    *key = Self::split(key, length).1;
                }
                let end = inside.iter().position(|(key, _)| key.is_empty());
                nodes.push(Node {
                    label: [offset(label), offset(text.len())],
                    children: [0; 2],
                    value: end.map(|end| inside.swap_remove(end).1),
                });
                entries.push(entry);
                parents.push((nodes.len() - 1, inside));
            }
            let children = [offset(start), offset(nodes.len())];
            if let Some(parent) = nodes.get_mut(parent) {
                parent.children = children;
            }
        }
        Self {
            text: text.into(),
            nodes: nodes.into(),
            entries: entries.into(),
        }
    }

    /// Gives the value of every key that the text starts with, shortest first, and what is left of
    /// the text, for as long as `give` says so.
    #[inline]
    fn each_start_of<'t, S: Same>(
        &self,
        text: &'t [u8],
        mut give: impl FnMut(&V, &'t [u8]) -> bool,
    ) {
        let mut rest = text;
        let mut node = self.nodes.first();
        while let Some(Node {
            children: [first, last],
            value,
            ..
        }) = node
        {
            if value.as_ref().is_some_and(|value| !give(value, rest)) {
                return;
            }
            let Some((byte, behind)) = Self::split_entry(rest) else {
                return;
            };
            let entries = self.entries.get(*first as usize..*last as usize);
            let byte = S::fold(byte);
            let child = entries.and_then(|entries| entries.iter().position(|b| *b == byte));
            let Some(child) = child.and_then(|child| self.nodes.get(*first as usize + child))
            else {
                return;
            };
            rest = behind;
            let [start, end] = child.label;
            if start == u32::MAX {
                return; // beyond what can be told: it matches nothing
            }
            if start < end {
                let label = self.text.get(start as usize..end as usize);
                let label = label.unwrap_or_default();
                let (its, behind) = Self::split(rest, label.len());
                if !S::is_same(label, its) {
                    return;
                }
                rest = behind;
            }
            node = Some(child);
        }
    }

    /// Gives every key with its value.
    fn each_key(&self, mut give: impl FnMut(&[u8], &V)) {
        // The key so far, in the order in which it is read, and the nodes that are still to come,
        // each with how much of it is its parent's.
        let mut key = Vec::new();
        let mut nodes: Vec<(usize, usize)> = vec![(0, 0)];
        while let Some((at, parents)) = nodes.pop() {
            key.truncate(parents);
            let Some(node) = self.nodes.get(at) else {
                continue;
            };
            if at > 0 {
                let [start, end] = node.label;
                let label = self.text.get(start as usize..end as usize);
                let label = label.unwrap_or_default();
                key.extend(self.entries.get(at));
                if FORWARDS {
                    key.extend_from_slice(label);
                } else {
                    key.extend(label.iter().rev());
                }
            }
            if let Some(value) = &node.value {
                if FORWARDS {
                    give(&key, value);
                } else {
                    let key: Vec<u8> = key.iter().rev().copied().collect();
                    give(&key, value);
                }
            }
            let [first, last] = node.children;
            nodes.extend((first as usize..last as usize).map(|child| (child, key.len())));
        }
    }

    /// How much all the keys have in common.
    fn common(keys: &[(&[u8], V)]) -> usize {
        let Some(((first, _), others)) = keys.split_first() else {
            return 0;
        };
        let shared = |(key, _): &(&[u8], V)| {
            let same = |(a, b): &(&u8, &u8)| a == b;
            if FORWARDS {
                first.iter().zip(*key).take_while(same).count()
            } else {
                let pairs = first.iter().rev().zip(key.iter().rev());
                pairs.take_while(same).count()
            }
        };
        others.iter().map(shared).min().unwrap_or(first.len())
    }

    /// The byte that comes first, and the others.
    #[inline]
    fn split_entry(text: &[u8]) -> Option<(u8, &[u8])> {
        let split = if FORWARDS {
            text.split_first()
        } else {
            text.split_last()
        };
        split.map(|(entry, behind)| (*entry, behind))
    }

    fn entry(text: &[u8]) -> Option<u8> {
        Self::split_entry(text).map(|(entry, _)| entry)
    }

    /// As many bytes as come first, and the others; none if there are not so many.
    #[inline]
    fn split(text: &[u8], length: usize) -> (&[u8], &[u8]) {
        if FORWARDS {
            text.split_at_checked(length).unwrap_or_default()
        } else {
            let rest = text.len().checked_sub(length);
            let split = rest.and_then(|rest| text.split_at_checked(rest));
            let (rest, first) = split.unwrap_or_default();
            (first, rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::matcher::pattern::tests::{naive, patterns, strings};
    use crate::matcher::same::{IgnoringCase, ToTheByte};

    /// Each set of patterns gives the rules of all that match by the definition, with patterns that
    /// share an end and texts that have a star of their own.
    #[test]
    fn matches_what_the_definition_matches() {
        let texts = strings(b"ab*", 5);
        let mut all = patterns(b"ab", 2);
        for order in 0..2 {
            all.reverse();
            for size in [1, 2, 9, 30, 49] {
                for chosen in all.chunks(size) {
                    let rules: Vec<(&[u8], u128)> = chosen
                        .iter()
                        .zip(0..)
                        .map(|(pattern, n)| (&pattern[..], 1 << n))
                        .collect();
                    let set = Tree::new(&rules);
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
        for more in [0, 16] {
            let more: Vec<String> = (0..more).map(|n| format!("{}*", "q".repeat(n))).collect();
            let mut rules: Vec<(&[u8], u8)> = more.iter().map(|p| (p.as_bytes(), 1)).collect();
            rules.retain(|(pattern, _)| *pattern != b"*");
            rules.push((b"x-a*-z", 2));
            let set = Tree::new(&rules);
            assert_eq!(set.matching::<IgnoringCase>(b"X-Ab-Z", 3), 2);
            assert_eq!(set.matching::<IgnoringCase>(b"X-A-Z", 3), 2);
            assert_eq!(set.matching::<IgnoringCase>(b"X-AZ", 3), 0);
            assert_eq!(set.matching::<ToTheByte>(b"X-Ab-Z", 3), 0);
            assert_eq!(set.matching::<ToTheByte>(b"x-ab-z", 3), 2);
        }
    }
}
