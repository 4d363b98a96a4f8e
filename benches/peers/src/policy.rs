//! A configuration for frameworks that have one policy for all origins: the union of all rules.

use bucket_cors::{Configuration, Rule};
use http::{HeaderName, Method};

pub struct Policy {
    pub origins: Origins,
    pub methods: Vec<Method>,
    /// None allows every name.
    pub headers: Option<Vec<HeaderName>>,
    pub expose_headers: Vec<HeaderName>,
    pub max_age_seconds: u32,
    pub vary: Vec<HeaderName>,
}

pub enum Origins {
    Any,
    Exact(Vec<String>),
    Patterns(Vec<String>),
}

impl Policy {
    /// `vary` is what ours says for the request at hand.
    pub fn of(configuration: &Configuration, vary: &[&str]) -> Self {
        let rules = &configuration.rules;
        let union = |list: fn(&Rule) -> &Vec<String>| {
            let mut union: Vec<String> = rules.iter().flat_map(list).cloned().collect();
            union.sort();
            union.dedup();
            union
        };
        let headers = union(|rule| &rule.allowed_headers);
        let every_header = headers.iter().any(|header| header == "*");
        let max_age = rules.iter().filter_map(|rule| rule.max_age_seconds).max();
        Self {
            origins: Origins::of(union(|rule| &rule.allowed_origins)),
            methods: parsed(&union(|rule| &rule.allowed_methods)),
            headers: (!every_header).then(|| parsed(&headers)),
            expose_headers: parsed(&union(|rule| &rule.expose_headers)),
            max_age_seconds: u32::try_from(max_age.unwrap_or_default()).unwrap(),
            vary: parsed(vary),
        }
    }

    /// As a bucket's answer does: wherever the origin is echoed.
    pub fn credentials(&self) -> bool {
        !matches!(self.origins, Origins::Any)
    }
}

impl Origins {
    fn of(origins: Vec<String>) -> Self {
        if origins.iter().any(|origin| origin == "*") {
            Self::Any
        } else if origins.iter().any(|origin| origin.contains('*')) {
            Self::Patterns(origins)
        } else {
            Self::Exact(origins)
        }
    }
}

/// For frameworks without patterns: a predicate over all of them.
pub fn any_matches(patterns: &[String]) -> impl Fn(&[u8]) -> bool + Send + Sync + use<> {
    let split = |pattern: &String| {
        let (prefix, suffix) = pattern.split_once('*').expect("only patterns");
        (prefix.to_owned(), suffix.to_owned())
    };
    let ends: Vec<(String, String)> = patterns.iter().map(split).collect();
    move |origin| {
        ends.iter().any(|(prefix, suffix)| {
            origin.len() >= prefix.len() + suffix.len()
                && origin.starts_with(prefix.as_bytes())
                && origin.ends_with(suffix.as_bytes())
        })
    }
}

fn parsed<S: AsRef<str>, T: std::str::FromStr>(texts: &[S]) -> Vec<T> {
    let parse = |text: &S| text.as_ref().parse().ok();
    texts.iter().filter_map(parse).collect()
}
