//! What providers accept and answer, as data: nothing else in the crate knows one from another.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use http::header::HeaderValue;

use crate::matcher::MOST_METHODS;
use crate::request::RequestKind;
use crate::words::is_same;

/// A provider's behaviour, plus the caller's choices.
///
/// ```
/// use bucket_cors::{Credentials, Profile, Vary};
///
/// const PROFILE: Profile = Profile::S3
///     .with_credentials(Credentials::Never)
///     .with_vary(Vary::AsProvider);
/// assert_ne!(PROFILE, Profile::S3);
/// assert_eq!(Profile::default(), Profile::COS);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    provider: &'static Provider,
    vary: Vary,
    credentials: Credentials,
    /// Half a word, since every rule set has it.
    max_rules: u32,
}

/// When an answer says that it depends on the request's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vary {
    /// On every answer of a configured bucket: allowed, denied or not CORS. No shared cache then
    /// gives one site's answer to another.
    #[default]
    Safe,
    /// Where the provider does. It leaves answers out that caches then confuse; this is for
    /// measuring against the provider, and for servers behind which nothing caches.
    AsProvider,
}

/// Whether an answer that names the origin carries `Access-Control-Allow-Credentials: true`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credentials {
    /// As the provider: both COS and S3 send it wherever the origin is named.
    #[default]
    AsProvider,
    /// Never.
    Never,
}

/// One provider, whole (semantics 5.1 and 5.2).
pub(crate) struct Provider {
    /// For `Debug` and messages, and to tell providers apart.
    pub(crate) name: &'static str,
    /// The methods that a rule may allow and a preflight may ask for.
    pub(crate) methods: &'static [&'static str],
    /// Every selection of them in their order, joined: what most rules answer.
    method_lists: fn() -> &'static [HeaderValue],
    /// Between the elements of a list field.
    pub(crate) separator: &'static str,
    pub(crate) allow_headers: AllowHeaders,
    pub(crate) actual_fields: ActualFields,
    /// `Access-Control-Allow-Credentials` where the origin is named.
    pub(crate) credentials: bool,
    pub(crate) vary: ProviderVary,
    /// Whether `Access-Control-Request-Method` and `-Headers` are looked at on requests that are no
    /// preflight.
    pub(crate) preflight_fields_count_on_actual: bool,
    max_rules: u32,
    #[cfg(any(feature = "xml", feature = "json"))]
    pub(crate) max_document_bytes: usize,
    pub(crate) max_id_chars: usize,
    /// The namespace of the document's root, as written.
    #[cfg(feature = "xml")]
    pub(crate) namespace: Option<&'static str>,
    /// How the names of its own headers begin, in lower case.
    pub(crate) header_prefix: &'static str,
    /// The response header with the request's ID.
    pub(crate) request_id: &'static str,
    /// Whether an `AllowedHeader` with text beside its `*` is known to work.
    pub(crate) confirms_partial_header_wildcards: bool,
    pub(crate) refusals: Refusals,
}

impl Provider {
    pub(crate) fn method_lists(&self) -> &'static [HeaderValue] {
        (self.method_lists)()
    }

    /// The index of a method that a rule can list.
    #[inline]
    pub(crate) fn method(&self, name: &[u8]) -> Option<usize> {
        self.methods
            .iter()
            .position(|method| is_same(method.as_bytes(), name))
    }
}

/// Names are unique.
impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Provider {}

impl Hash for Provider {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What `Access-Control-Allow-Headers` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AllowHeaders {
    /// The names that were requested.
    Requested,
    /// The rule's own, unless one of them has a wildcard: then the names that were requested.
    Rule,
}

/// Which fields an allowed answer to an actual request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ActualFields {
    /// All those of a preflight.
    AsPreflight,
    /// Allow-Origin, Allow-Credentials and Expose-Headers.
    ForSharing,
}

/// What the provider's own allowed answers vary on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProviderVary {
    pub(crate) on: VaryOn,
    /// Only under a configuration whose `ResponseVary` is `true`.
    pub(crate) only_if_response_vary: bool,
}

/// The errors of refused preflights, a code and a text each.
pub(crate) struct Refusals {
    pub(crate) missing_origin: (&'static str, &'static str),
    pub(crate) not_configured: (&'static str, &'static str),
    /// The requested method, or `null`, stands at the end.
    pub(crate) request_method: (&'static str, &'static str),
    /// The bad element stands between the two texts.
    pub(crate) request_headers: (&'static str, [&'static str; 2]),
    pub(crate) request_headers_too_long: (&'static str, &'static str),
    pub(crate) forbidden: (&'static str, &'static str),
    /// Whether the body carries `Method` and `ResourceType`.
    pub(crate) names_the_request: bool,
}

/// The request fields that an answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum VaryOn {
    Nothing,
    Origin,
    AllThree,
}

impl VaryOn {
    pub(crate) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Origin => &["Origin"],
            Self::AllThree => &[
                "Origin",
                "Access-Control-Request-Headers",
                "Access-Control-Request-Method",
            ],
        }
    }

    /// The names as one line. None for no name.
    pub(crate) fn line(self) -> Option<&'static HeaderValue> {
        static ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
        static ALL_THREE: HeaderValue = HeaderValue::from_static(
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        );
        match self {
            Self::Nothing => None,
            Self::Origin => Some(&ORIGIN),
            Self::AllThree => Some(&ALL_THREE),
        }
    }
}

const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];
const COMMA: &str = ",";
const COMMA_SPACE: &str = ", ";

static COMMA_LISTS: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| method_lists(COMMA));
static COMMA_SPACE_LISTS: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| method_lists(COMMA_SPACE));

fn method_lists(separator: &str) -> Vec<HeaderValue> {
    let selected = |selection: u32| {
        let methods = METHODS.iter().zip(0..);
        let methods = methods.filter(|(_, bit)| selection >> bit & 1 == 1);
        let list: Vec<&str> = methods.map(|(method, _)| *method).collect();
        // Made once and never freed, so that a copy of the value counts no reference.
        HeaderValue::from_static(list.join(separator).leak())
    };
    (1..1 << METHODS.len()).map(selected).collect()
}

const COS: Provider = Provider {
    name: "COS",
    methods: METHODS,
    method_lists: || &COMMA_LISTS,
    separator: COMMA,
    allow_headers: AllowHeaders::Rule,
    actual_fields: ActualFields::ForSharing,
    credentials: true,
    vary: ProviderVary {
        on: VaryOn::Origin,
        only_if_response_vary: true,
    },
    preflight_fields_count_on_actual: false,
    max_rules: 100,
    #[cfg(any(feature = "xml", feature = "json"))]
    max_document_bytes: 65_536,
    max_id_chars: 255,
    #[cfg(feature = "xml")]
    namespace: None,
    header_prefix: "x-cos-",
    request_id: "x-cos-request-id",
    // Its documentation has `*` alone.
    confirms_partial_header_wildcards: false,
    // `Requet` and the missing full stop are COS's.
    refusals: Refusals {
        not_configured: ("AccessForbidden", COS_FORBIDDEN),
        forbidden: ("AccessForbidden", COS_FORBIDDEN),
        names_the_request: false,
        ..S3_REFUSALS
    },
};

const COS_FORBIDDEN: &str = "CORSResponse: This CORS request is not allowed. This is usually \
    because the evalution of Origin, request method / Access-Control-Request-Method or \
    Access-Control-Requet-Headers are not whitelisted by the resource's CORS spec";

const S3: Provider = Provider {
    name: "S3",
    methods: METHODS,
    method_lists: || &COMMA_SPACE_LISTS,
    separator: COMMA_SPACE,
    allow_headers: AllowHeaders::Requested,
    actual_fields: ActualFields::AsPreflight,
    credentials: true,
    vary: ProviderVary {
        on: VaryOn::AllThree,
        only_if_response_vary: false,
    },
    preflight_fields_count_on_actual: true,
    max_rules: 100,
    #[cfg(any(feature = "xml", feature = "json"))]
    max_document_bytes: 65_536,
    max_id_chars: 255,
    #[cfg(feature = "xml")]
    namespace: Some("http://s3.amazonaws.com/doc/2006-03-01/"),
    header_prefix: "x-amz-",
    request_id: "x-amz-request-id",
    confirms_partial_header_wildcards: true,
    refusals: S3_REFUSALS,
};

const S3_REFUSALS: Refusals = Refusals {
    missing_origin: (
        "BadRequest",
        "Insufficient information. Origin request header needed.",
    ),
    not_configured: (
        "AccessForbidden",
        "CORSResponse: CORS is not enabled for this bucket.",
    ),
    request_method: ("BadRequest", "Invalid Access-Control-Request-Method: "),
    request_headers: (
        "BadRequest",
        [
            "Access-Control-Request-Headers \"",
            "\" contains invalid character.",
        ],
    ),
    request_headers_too_long: ("BadRequest", "Access-Control-Request-Headers is too long."),
    // `evalution` is S3's.
    forbidden: (
        "AccessForbidden",
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution \
         of Origin, request method / Access-Control-Request-Method or \
         Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    ),
    names_the_request: true,
};

impl Profile {
    /// Tencent Cloud Object Storage.
    pub const COS: Self = Self::of(&COS);

    /// Amazon S3.
    pub const S3: Self = Self::of(&S3);

    const fn of(provider: &'static Provider) -> Self {
        assert!(provider.methods.len() <= MOST_METHODS);
        Self {
            provider,
            vary: Vary::Safe,
            credentials: Credentials::AsProvider,
            max_rules: provider.max_rules,
        }
    }

    /// The same provider with this choice of `Vary`; [`Vary::Safe`] if not called.
    #[must_use]
    pub const fn with_vary(self, vary: Vary) -> Self {
        Self { vary, ..self }
    }

    /// The same provider with this choice of credentials; [`Credentials::AsProvider`] if not
    /// called.
    #[must_use]
    pub const fn with_credentials(self, credentials: Credentials) -> Self {
        Self {
            credentials,
            ..self
        }
    }

    /// The same provider with room for this many rules, for stores of your own; 100 for COS and S3.
    /// Any number is handled.
    #[must_use]
    pub const fn with_max_rules(self, rules: usize) -> Self {
        // 4 billion are as good as any number.
        #[expect(clippy::cast_possible_truncation, reason = "only where it fits")]
        let max_rules = if rules < u32::MAX as usize {
            rules as u32
        } else {
            u32::MAX
        };
        Self { max_rules, ..self }
    }

    /// The request fields that an answer of this kind may vary on, at the most, in a configured
    /// bucket: what a cache in front must take into its key.
    /// [`Decision::vary`](crate::Decision::vary) is what one answer does vary on.
    ///
    /// ```
    /// use bucket_cors::{Profile, RequestKind};
    ///
    /// assert_eq!(Profile::COS.vary(RequestKind::Actual), ["Origin"]);
    /// assert_eq!(
    ///     Profile::COS.vary(RequestKind::Preflight),
    ///     ["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"],
    /// );
    /// ```
    #[must_use]
    pub const fn vary(self, kind: RequestKind) -> &'static [&'static str] {
        self.most_vary(kind).names()
    }

    const fn most_vary(self, kind: RequestKind) -> VaryOn {
        match (self.vary, kind) {
            (Vary::Safe, RequestKind::Preflight | RequestKind::Options) => VaryOn::AllThree,
            (Vary::Safe, RequestKind::Actual | RequestKind::NotCors) => {
                if self.provider.preflight_fields_count_on_actual {
                    VaryOn::AllThree
                } else {
                    VaryOn::Origin
                }
            }
            (Vary::AsProvider, RequestKind::Preflight | RequestKind::Actual) => {
                self.provider.vary.on
            }
            // Such a request is never allowed, and providers add `Vary` to allowed answers only.
            (Vary::AsProvider, RequestKind::Options | RequestKind::NotCors) => VaryOn::Nothing,
        }
    }

    /// What one answer in a configured bucket varies on (semantics 4.2).
    pub(crate) const fn vary_of(
        self,
        kind: RequestKind,
        allowed: bool,
        response_vary: bool,
    ) -> VaryOn {
        let silent = match self.vary {
            Vary::Safe => false,
            Vary::AsProvider => {
                !allowed || (self.provider.vary.only_if_response_vary && !response_vary)
            }
        };
        if silent {
            VaryOn::Nothing
        } else {
            self.most_vary(kind)
        }
    }

    pub(crate) const fn provider(self) -> &'static Provider {
        self.provider
    }

    pub(crate) const fn max_rules(self) -> usize {
        self.max_rules as usize
    }

    pub(crate) const fn sends_credentials(self) -> bool {
        match self.credentials {
            Credentials::AsProvider => self.provider.credentials,
            Credentials::Never => false,
        }
    }
}

impl Default for Profile {
    /// [`Profile::COS`].
    fn default() -> Self {
        Self::COS
    }
}
