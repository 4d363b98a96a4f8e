//! The document as written.

/// What a bucket's CORS document says, as it says it: nothing is checked and nothing is normalised.
///
/// Read one with [`from_xml`](Self::from_xml) or [`from_json`](Self::from_json), or build one from
/// [`Rule`]s; [`RuleSet::compile`](crate::RuleSet::compile) then says whether a provider would take
/// it.
///
/// With the feature `serde` it is `Serialize` and `Deserialize` in the canonical JSON form only: no
/// spelling but the one that [`to_json`](Self::to_json) writes, and
/// nothing trimmed. (As ever with serde's derives, a struct is also read from a list of its fields.)
///
/// ```
/// use bucket_cors::{Configuration, Rule};
///
/// let configuration: Configuration = [Rule::new(["https://example.com"], ["GET", "HEAD"])
///     .with_expose_headers(["ETag"])
///     .with_max_age_seconds(600)]
/// .into_iter()
/// .collect();
/// assert_eq!(configuration.rules[0].allowed_methods, ["GET", "HEAD"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Configuration {
    /// The rules, in document order: the first that matches decides.
    #[cfg_attr(feature = "serde", serde(rename = "CORSRules"))]
    pub rules: Vec<Rule>,

    /// Whether allowed answers carry `Vary: Origin` under
    /// [`Vary::AsProvider`](crate::Vary::AsProvider); absent is `false`. Tencent COS knows it; a
    /// provider that doesn't ignores it.
    #[cfg_attr(
        feature = "serde",
        serde(
            rename = "ResponseVary",
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )
    )]
    pub response_vary: Option<bool>,
}

impl FromIterator<Rule> for Configuration {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self {
            rules: rules.into_iter().collect(),
            response_vary: None,
        }
    }
}

/// One rule of a [`Configuration`], as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(default, deny_unknown_fields, rename_all = "PascalCase")
)]
#[non_exhaustive]
pub struct Rule {
    /// The owner's name for the rule: up to 255 characters, for people and logs only.
    #[cfg_attr(
        feature = "serde",
        serde(
            rename = "ID",
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )
    )]
    pub id: Option<String>,

    /// Origins that the rule is for. At most one `*` in each, for zero or more bytes.
    pub allowed_origins: Vec<String>,

    /// Methods that the rule is for: `GET`, `PUT`, `POST`, `DELETE`, `HEAD`.
    pub allowed_methods: Vec<String>,

    /// Request headers that a preflight may ask for. At most one `*` in each. With none, a
    /// preflight that asks for any is not this rule's.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub allowed_headers: Vec<String>,

    /// Response headers that the page may read beyond the seven that it always may. No `*`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub expose_headers: Vec<String>,

    /// How long a browser may keep a preflight's answer, in seconds: 0 to 2147483647. Absent leaves
    /// it to the browser (5 seconds in the Fetch standard); 0 is sent.
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")
    )]
    pub max_age_seconds: Option<i64>,
}

impl Rule {
    /// A rule for these origins and methods, and nothing else.
    #[must_use]
    pub fn new<O, M>(allowed_origins: O, allowed_methods: M) -> Self
    where
        O: IntoIterator,
        O::Item: Into<String>,
        M: IntoIterator,
        M::Item: Into<String>,
    {
        Self {
            allowed_origins: strings(allowed_origins),
            allowed_methods: strings(allowed_methods),
            ..Self::default()
        }
    }

    /// The same rule with this `ID`.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    /// The same rule with these `AllowedHeader`s in place of its own.
    #[must_use]
    pub fn with_allowed_headers<H>(self, headers: H) -> Self
    where
        H: IntoIterator,
        H::Item: Into<String>,
    {
        Self {
            allowed_headers: strings(headers),
            ..self
        }
    }

    /// The same rule with these `ExposeHeader`s in place of its own.
    #[must_use]
    pub fn with_expose_headers<H>(self, headers: H) -> Self
    where
        H: IntoIterator,
        H::Item: Into<String>,
    {
        Self {
            expose_headers: strings(headers),
            ..self
        }
    }

    /// The same rule with this `MaxAgeSeconds`.
    #[must_use]
    pub fn with_max_age_seconds(self, seconds: i64) -> Self {
        Self {
            max_age_seconds: Some(seconds),
            ..self
        }
    }
}

fn strings<I>(items: I) -> Vec<String>
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    items.into_iter().map(Into::into).collect()
}

/// A key that stands in the document has a value: `null` is none.
#[cfg(feature = "serde")]
fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
