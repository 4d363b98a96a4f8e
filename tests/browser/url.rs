//! Where pages and buckets live.

/// The origin of a page: a tuple, in its serialised form, or opaque (a sandboxed frame, `data:`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Tuple(String),
    Opaque,
}

impl Origin {
    /// From `scheme://host[:port]`, or from `null`.
    #[track_caller]
    pub fn of(text: &str) -> Self {
        match text {
            "null" => Self::Opaque,
            _ => Self::Tuple(Url::parse(text).unwrap().origin),
        }
    }

    /// An opaque origin is the same as no other.
    pub fn is_that_of(&self, url: &Url) -> bool {
        matches!(self, Self::Tuple(origin) if *origin == url.origin)
    }

    /// HTML, serialization of an origin.
    pub fn serialised(&self) -> &str {
        match self {
            Self::Tuple(origin) => origin,
            Self::Opaque => "null",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub origin: String,
    pub path: String,
    /// It has a user name or a password in it.
    pub includes_credentials: bool,
}

impl Url {
    /// As much of the URL standard as buckets need: `http` and `https`, absolute.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (user, host),
            None => ("", authority),
        };
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(default_port).unwrap_or(&host);
        (!host.is_empty()).then(|| Self {
            origin: format!("{scheme}://{host}"),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            includes_credentials: !user.is_empty(),
        })
    }
}

macro_rules! serialised {
    ($($name:ident: $text:literal => $serialised:literal,)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(Origin::of($text).serialised(), $serialised);
        }
    )*};
}

serialised! {
    an_origin_has_no_path:        "https://a.test/b"      => "https://a.test",
    an_origin_is_lower_case:      "HTTPS://A.Test"        => "https://a.test",
    an_origin_has_no_user:        "https://u:p@a.test/"   => "https://a.test",
    a_default_port_is_left_out:   "https://a.test:443"    => "https://a.test",
    a_default_port_is_its_own:    "http://a.test:443"     => "http://a.test:443",
    another_port_stays:           "http://a.test:8080/"   => "http://a.test:8080",
    an_opaque_origin_is_null:     "null"                  => "null",
}
