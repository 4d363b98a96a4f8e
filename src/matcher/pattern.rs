//! A value with one `*`, split there once.

/// The text before the `*` and the text after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    prefix: Box<[u8]>,
    suffix: Box<[u8]>,
}

impl Pattern {
    /// None if there is no `*`.
    pub(super) fn new(text: &str) -> Option<Self> {
        let (prefix, suffix) = text.split_once('*')?;
        Some(Self {
            prefix: prefix.as_bytes().into(),
            suffix: suffix.as_bytes().into(),
        })
    }

    /// Whether the `*` can stand for what is left of `text` between the two ends (semantics 3.5).
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.ends(text)
            .is_some_and(|(start, end)| start == &*self.prefix && end == &*self.suffix)
    }

    /// The same, ASCII case ignored.
    pub(super) fn matches_ignoring_case(&self, text: &[u8]) -> bool {
        self.ends(text).is_some_and(|(start, end)| {
            start.eq_ignore_ascii_case(&self.prefix) && end.eq_ignore_ascii_case(&self.suffix)
        })
    }

    /// The two ends of `text`, as long as the pattern's.
    fn ends<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
        // The star takes whatever the two ends leave over, so the ends may
        // not overlap: `a*a` matches "aa" but not "a".
        let (start, rest) = text.split_at_checked(self.prefix.len())?;
        let star = rest.len().checked_sub(self.suffix.len())?;
        let (_, end) = rest.split_at_checked(star)?;
        Some((start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

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

    #[test]
    fn matches_what_the_definition_matches() {
        let ends = strings(b"ab", 2);
        let texts = strings(b"ab*", 5);
        for prefix in &ends {
            for suffix in &ends {
                let text = [prefix, &b"*"[..], suffix].concat();
                let pattern = Pattern::new(str::from_utf8(&text).unwrap()).unwrap();
                for asked in &texts {
                    assert_eq!(
                        pattern.matches(asked),
                        naive(&text, asked),
                        "{} {}",
                        text.escape_ascii(),
                        asked.escape_ascii()
                    );
                }
            }
        }
    }

    #[test]
    fn case_is_ignored_in_ascii_only() {
        let pattern = Pattern::new("X-É*-z").unwrap();
        assert!(pattern.matches_ignoring_case("x-É-Z".as_bytes()));
        assert!(!pattern.matches_ignoring_case("x-é-Z".as_bytes()));
        // U+212A KELVIN SIGN folds to `k` in Unicode only.
        assert!(
            !Pattern::new("k*")
                .unwrap()
                .matches_ignoring_case("\u{212A}".as_bytes())
        );
        assert!(!Pattern::new("X*").unwrap().matches(b"x"));
    }

    #[test]
    fn a_text_without_a_star_is_no_pattern() {
        assert_eq!(Pattern::new("abc"), None);
    }
}
