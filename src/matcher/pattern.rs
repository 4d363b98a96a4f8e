//! A value with one `*`.

use super::same::Same;

/// A pattern's two ends. What a pattern is, is settled once; then there is only comparing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern<'p> {
    pub(super) prefix: &'p [u8],
    pub(super) suffix: &'p [u8],
}

impl<'p> Pattern<'p> {
    /// None if there is no `*`.
    pub(super) fn of(value: &'p [u8]) -> Option<Self> {
        let star = value.iter().position(|&b| b == b'*')?;
        let (prefix, rest) = value.split_at_checked(star)?;
        let suffix = rest.get(1..)?;
        Some(Self { prefix, suffix })
    }

    /// Whether some text in place of the `*` makes this one.
    #[inline]
    pub(super) fn matches<S: Same>(self, text: &[u8]) -> bool {
        // The star takes whatever the two ends leave over, so the ends may
        // not overlap: `a*a` matches "aa" but not "a".
        let Some((start, rest)) = text.split_at_checked(self.prefix.len()) else {
            return false;
        };
        let star = rest.len().checked_sub(self.suffix.len());
        let end = star.and_then(|star| rest.get(star..));
        // Ends differ more often than beginnings, which most patterns share.
        end.is_some_and(|end| S::is_same(self.suffix, end)) && S::is_same(self.prefix, start)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::Pattern;
    use crate::matcher::same::{IgnoringCase, ToTheByte};

    /// The definition: some split of the text leaves the pattern's two halves on the outside.
    pub(in crate::matcher) fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.iter().position(|&b| b == b'*') {
            None => pattern == text,
            Some(star) => (0..=text.len()).any(|i| {
                (i..=text.len())
                    .any(|j| text[..i] == pattern[..star] && text[j..] == pattern[star + 1..])
            }),
        }
    }

    /// Every string over `alphabet` of up to `longest` bytes.
    pub(in crate::matcher) fn strings(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
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

    /// Every pattern with ends of up to `longest` bytes.
    pub(in crate::matcher) fn patterns(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
        let ends = strings(alphabet, longest);
        let of_prefix = |prefix: &Vec<u8>| {
            let prefix = prefix.clone();
            let pattern = move |suffix: &Vec<u8>| [&prefix[..], b"*", suffix].concat();
            ends.iter().map(pattern).collect::<Vec<_>>()
        };
        ends.iter().flat_map(of_prefix).collect()
    }

    #[test]
    fn matches_what_the_definition_matches() {
        let texts = strings(b"ab*", 5);
        for pattern in patterns(b"ab", 2) {
            for text in &texts {
                assert_eq!(
                    Pattern::of(&pattern).is_some_and(|p| p.matches::<ToTheByte>(text)),
                    naive(&pattern, text),
                    "{} {}",
                    pattern.escape_ascii(),
                    text.escape_ascii()
                );
            }
        }
        assert!(Pattern::of(b"a").is_none());
    }

    #[test]
    fn case_is_ignored_where_that_is_asked_for() {
        let pattern = Pattern::of(b"x-a*-z").unwrap();
        assert!(pattern.matches::<IgnoringCase>(b"X-Ab-Z"));
        assert!(!pattern.matches::<ToTheByte>(b"X-Ab-Z"));
        assert!(!pattern.matches::<IgnoringCase>(b"X-AZ"));
    }
}
