//! The names of the document: one table, read by every form.

use std::fmt;

/// An element of the document, whatever the form it was written in.
///
/// `Display` and [`as_str`](Self::as_str) give the XML name; JSON's keys are the same names, in the
/// plural where the element may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Element {
    /// The root, `CORSConfiguration`.
    Configuration,
    /// One rule: `CORSRule`, in JSON an object of the list `CORSRules`.
    Rule,
    /// `ID`.
    Id,
    /// `AllowedOrigin`, in JSON `AllowedOrigins`.
    AllowedOrigin,
    /// `AllowedMethod`, in JSON `AllowedMethods`.
    AllowedMethod,
    /// `AllowedHeader`, in JSON `AllowedHeaders`.
    AllowedHeader,
    /// `ExposeHeader`, in JSON `ExposeHeaders`.
    ExposeHeader,
    /// `MaxAgeSeconds`.
    MaxAgeSeconds,
    /// `ResponseVary`.
    ResponseVary,
}

impl Element {
    /// What a rule may hold, in the order of [`Rule`](crate::Rule)'s fields.
    #[cfg(any(feature = "xml", feature = "json"))]
    pub(crate) const OF_A_RULE: [Self; 6] = [
        Self::Id,
        Self::AllowedOrigin,
        Self::AllowedMethod,
        Self::AllowedHeader,
        Self::ExposeHeader,
        Self::MaxAgeSeconds,
    ];

    /// The element's XML name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "CORSConfiguration",
            Self::Rule => "CORSRule",
            Self::Id => "ID",
            Self::AllowedOrigin => "AllowedOrigin",
            Self::AllowedMethod => "AllowedMethod",
            Self::AllowedHeader => "AllowedHeader",
            Self::ExposeHeader => "ExposeHeader",
            Self::MaxAgeSeconds => "MaxAgeSeconds",
            Self::ResponseVary => "ResponseVary",
        }
    }

    /// The key that stands for a list of this element, where it may be repeated.
    #[cfg(feature = "json")]
    pub(crate) const fn plural(self) -> Option<&'static str> {
        match self {
            Self::Rule => Some("CORSRules"),
            Self::AllowedOrigin => Some("AllowedOrigins"),
            Self::AllowedMethod => Some("AllowedMethods"),
            Self::AllowedHeader => Some("AllowedHeaders"),
            Self::ExposeHeader => Some("ExposeHeaders"),
            Self::Configuration | Self::Id | Self::MaxAgeSeconds | Self::ResponseVary => None,
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Element {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The known name that `name` was probably meant to be: the fewest edits away, case aside, and no
/// more than a third of its letters.
#[cfg(any(feature = "xml", feature = "json"))]
pub(crate) fn nearest(
    name: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    const LONGEST: usize = 32; // twice the longest known name: nothing longer is near one
    if name.len() > LONGEST {
        return None;
    }
    known
        .into_iter()
        .map(|known| (edits(name.as_bytes(), known.as_bytes()), known))
        .filter(|(edits, known)| *edits <= known.len() / 3)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

/// Levenshtein's distance, ASCII case ignored.
#[cfg(any(feature = "xml", feature = "json"))]
fn edits(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (y, &above) in b.iter().zip(row.iter().skip(1)) {
            let replace = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            left = replace.min(left + 1).min(above + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(all(test, any(feature = "xml", feature = "json")))]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn edits_are_insertions_deletions_and_replacements() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ExposedHeaders", "ExposeHeaders", 1),
            ("ALLOWEDORIGIN", "AllowedOrigin", 0),
        ] {
            assert_eq!(edits(a.as_bytes(), b.as_bytes()), distance, "{a} {b}");
        }
    }

    #[test]
    fn only_near_names_are_hinted() {
        let known = ["ID", "AllowedOrigin", "ExposeHeader"];
        assert_eq!(nearest("ExposedHeader", known), Some("ExposeHeader"));
        assert_eq!(nearest("Id", known), Some("ID"));
        assert_eq!(nearest("Xy", known), None);
        assert_eq!(nearest("AllowCredentials", known), None);
        assert_eq!(nearest(&"A".repeat(100_000), known), None);
    }
}
