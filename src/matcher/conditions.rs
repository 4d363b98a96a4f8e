//! The conditions of each rule, read back from what they were compiled to. Nothing here is on the
//! way to a decision.

use super::mask::RuleMask;
use super::same::Same;
use super::values::Values;
use super::{Block, Matcher};

/// What one rule lists, each value once.
///
/// `*` comes first, then what has no `*`, in the order in which the document first names it, then
/// the patterns by their bytes. Where that order was lost in compiling, another that is always the
/// same has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    pub(crate) origins: Vec<Vec<u8>>,
    /// By their indices in the profile's list, in its order.
    pub(crate) methods: Vec<usize>,
    /// In lower case.
    pub(crate) headers: Vec<Vec<u8>>,
}

impl Matcher {
    /// Those of the first `rules` rules, in document order. A set of rules does not know how many
    /// it could have.
    pub(crate) fn conditions(&self, rules: usize) -> Vec<Conditions> {
        let mut all = vec![Conditions::default(); rules];
        match self {
            Self::Few(block) => block.read_back(&mut all),
            Self::Many(blocks) => {
                for (block, all) in blocks.iter().zip(all.chunks_mut(u128::MOST)) {
                    block.read_back(all);
                }
            }
        }
        all
    }
}

impl<M: RuleMask> Block<M> {
    fn read_back(&self, all: &mut [Conditions]) {
        for (value, rules) in in_order(self.any_origin, &self.origins) {
            each_of(rules, all, |rule| rule.origins.push(value.clone()));
        }
        for (method, rules) in self.methods.iter().enumerate() {
            each_of(*rules, all, |rule| rule.methods.push(method));
        }
        for (value, rules) in in_order(self.any_header, &self.headers) {
            each_of(rules, all, |rule| rule.headers.push(value.clone()));
        }
    }
}

fn in_order<M: RuleMask, S: Same>(any: M, values: &Values<M, S>) -> Vec<(Vec<u8>, M)> {
    let mut literals = vec![(b"*".to_vec(), any)];
    let mut patterns = Vec::new();
    values.each(|value, rules| {
        let list = if value.contains(&b'*') {
            &mut patterns
        } else {
            &mut literals
        };
        list.push((value.to_vec(), rules));
    });
    patterns.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    literals.append(&mut patterns);
    literals
}

fn each_of<M: RuleMask>(rules: M, all: &mut [Conditions], mut take: impl FnMut(&mut Conditions)) {
    let mut left = rules;
    while let Some(rule) = left.first() {
        if let Some(conditions) = all.get_mut(rule) {
            take(conditions);
        }
        left = left & !left.only_first();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::Conditions;
    use crate::configuration::Rule;
    use crate::matcher::Matcher;

    const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

    /// The definition: what the rules list, as sets.
    fn expected(rule: &Rule) -> [BTreeSet<Vec<u8>>; 3] {
        let bytes = |text: &String| text.clone().into_bytes();
        let lower = |name: &String| name.to_ascii_lowercase().into_bytes();
        [
            rule.allowed_origins.iter().map(bytes).collect(),
            rule.allowed_methods.iter().map(bytes).collect(),
            rule.allowed_headers.iter().map(lower).collect(),
        ]
    }

    /// No value comes twice, so that a list is as good as a set.
    fn found(rule: Conditions) -> [BTreeSet<Vec<u8>>; 3] {
        let method = |method: usize| METHODS[method].as_bytes().to_vec();
        let lists = [
            rule.origins,
            rule.methods.into_iter().map(method).collect(),
            rule.headers,
        ];
        lists.map(|list| {
            let count = list.len();
            let set: BTreeSet<Vec<u8>> = list.into_iter().collect();
            assert_eq!(set.len(), count);
            set
        })
    }

    #[track_caller]
    fn reads_back(rules: &[Rule]) {
        let conditions = Matcher::new(rules, &METHODS).conditions(rules.len());
        assert_eq!(conditions.len(), rules.len());
        for (conditions, rule) in conditions.into_iter().zip(rules) {
            assert_eq!(found(conditions), expected(rule));
        }
    }

    fn values(letters: &'static str, most: usize) -> impl Strategy<Value = Vec<String>> {
        let letter = || select(letters.chars().collect::<Vec<char>>());
        let end = || vec(letter(), 0..=4).prop_map(String::from_iter);
        let star = select(&["", "*"][..]);
        let value = (end(), star, end());
        let value = value.prop_map(|(before, star, after)| before + star + &after);
        vec(value, 0..=most)
    }

    fn rule(most: usize) -> impl Strategy<Value = Rule> {
        let methods = subsequence(METHODS.to_vec(), 0..=METHODS.len());
        (values("ab:é", most), methods, values("xX-", most)).prop_map(
            |(origins, methods, headers)| Rule::new(origins, methods).with_allowed_headers(headers),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        // From one value to many, where few are compared in turn and many are looked up.
        #[test]
        fn few_rules_read_back_as_they_were(rules in vec(rule(4), 1..=10)) {
            reads_back(&rules);
        }

        #[test]
        fn long_lists_read_back_as_they_were(rules in vec(rule(60), 1..=3)) {
            reads_back(&rules);
        }

        // Where a set of rules outgrows a byte, and where one block does not hold them all.
        #[test]
        fn many_rules_read_back_as_they_were(
            rules in select(&[7, 8, 9, 127, 128, 129, 255, 256, 257, 300][..])
                .prop_flat_map(|count| vec(rule(2), count)),
        ) {
            reads_back(&rules);
        }
    }

    fn in_order(values: &[&str]) -> Vec<String> {
        let rule = Rule::new(values.to_vec(), ["PUT", "GET"]).with_allowed_headers(values.to_vec());
        let conditions = Matcher::new(&[rule], &METHODS).conditions(1).remove(0);
        assert_eq!(conditions.methods, [0, 1]);
        assert_eq!(conditions.headers, conditions.origins);
        let text = |value| String::from_utf8(value).unwrap();
        conditions.origins.into_iter().map(text).collect()
    }

    #[test]
    fn literals_keep_their_order_and_patterns_are_sorted() {
        assert_eq!(in_order(&["b", "*", "a"]), ["*", "b", "a"]);
        assert_eq!(in_order(&["d*", "b", "c*"]), ["b", "c*", "d*"]);
        let many = ["z*y", "d", "*", "z*", "c", "a*b", "b", "zz*", "a"];
        let ordered = ["*", "d", "c", "b", "a", "a*b", "z*", "z*y", "zz*"];
        assert_eq!(in_order(&many), ordered);
    }
}
