//! A plain scan of the configuration on every request, as one writes it first: both sides of a
//! comparison of names are lower-cased, and each value is a new string.

use bucket_cors::{Configuration, Rule};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, VARY,
};
use http::{Method, Request};

use crate::provider::Provider;

/// The fields that ours writes.
pub fn answer(
    configuration: &Configuration,
    provider: Provider,
    request: &Request<()>,
) -> HeaderMap {
    let mut response = HeaderMap::new();
    let preflight = request.method() == Method::OPTIONS;
    let all_fields = preflight || provider == Provider::S3;
    let vary = if all_fields {
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
    } else {
        "Origin"
    };
    response.insert(VARY, HeaderValue::from_static(vary));

    let Some(origin) = text(request, &ORIGIN) else {
        return response;
    };
    let method = match text(request, &ACCESS_CONTROL_REQUEST_METHOD) {
        Some(method) if all_fields => method,
        _ => request.method().as_str(),
    };
    let names: Vec<String> = text(request, &ACCESS_CONTROL_REQUEST_HEADERS)
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();

    let allowing = configuration.rules.iter().find(|rule| {
        let headers = &rule.allowed_headers;
        let listed = |name: &String| headers.iter().any(|h| matches(&h.to_lowercase(), name));
        rule.allowed_origins.iter().any(|o| matches(o, origin))
            && rule.allowed_methods.iter().any(|m| m == method)
            && names.iter().all(listed)
    });
    if let Some(rule) = allowing {
        write(rule, provider, all_fields, origin, &names, &mut response);
    }
    response
}

fn text<'a>(request: &'a Request<()>, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((prefix, suffix)) => {
            text.len() >= prefix.len() + suffix.len()
                && text.starts_with(prefix)
                && text.ends_with(suffix)
        }
    }
}

fn write(
    rule: &Rule,
    provider: Provider,
    all_fields: bool,
    origin: &str,
    names: &[String],
    response: &mut HeaderMap,
) {
    let mut set = |name, value: String| {
        response.insert(name, value.try_into().expect("printable"));
    };
    let separator = match provider {
        Provider::S3 => ", ",
        Provider::Cos => ",",
    };
    if rule.allowed_origins.iter().any(|origin| origin == "*") {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned());
    } else {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, origin.to_owned());
        set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true".to_owned());
    }
    if !rule.expose_headers.is_empty() {
        let list = rule.expose_headers.join(separator);
        set(ACCESS_CONTROL_EXPOSE_HEADERS, list);
    }
    if !all_fields {
        return;
    }
    let list = rule.allowed_methods.join(separator);
    set(ACCESS_CONTROL_ALLOW_METHODS, list);
    if !names.is_empty() {
        let headers = &rule.allowed_headers;
        let requested = provider == Provider::S3 || headers.iter().any(|h| h.contains('*'));
        let list = if requested { names } else { headers };
        let list = list.join(separator).to_lowercase();
        set(ACCESS_CONTROL_ALLOW_HEADERS, list);
    }
    if let Some(seconds) = rule.max_age_seconds {
        set(ACCESS_CONTROL_MAX_AGE, seconds.to_string());
    }
}
