//! The latest decisions, for the page: what was asked, what was decided and why, what was answered.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, header};
use bucket_cors::{Decision, Denial, Outcome, RuleSet};
use serde_json::{Map, Value, json};

/// How many decisions are kept, how much of a value that a client sent, of an explanation, and of all
/// lines of a kind.
const KEPT: usize = 200;
const SHOWN: usize = 2048;
const EXPLAINED: usize = 8 * 1024;
const LINES: usize = 16 * 1024;

#[derive(Clone, Default)]
pub struct Journal {
    entries: Arc<Mutex<VecDeque<Entry>>>,
    count: Arc<AtomicU64>,
}

struct Entry {
    id: u64,
    bucket: String,
    what: Map<String, Value>,
}

/// A request's number, so that its answer finds the decision. It goes with the request, as an
/// extension.
#[derive(Clone, Copy)]
pub struct Number(u64);

impl Number {
    pub fn in_hex(self) -> String {
        format!("{:016X}", self.0)
    }
}

impl Journal {
    pub fn number(&self) -> Number {
        Number(self.count.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Logs a decision, and keeps it with why the bucket's rules make it. Everything that a client
    /// sent is written escaped: a log is read line by line.
    pub fn record(&self, bucket: &str, request: &Parts, decision: &Decision<'_>, rules: &RuleSet) {
        let denial = match decision.outcome() {
            Outcome::Denied(denial) => Some(denial),
            Outcome::NotCors | Outcome::Allowed { .. } => None,
        };
        tracing::info!(
            method = request.method.as_str(),
            path = ?request.uri.path(),
            origin = request.headers.get(header::ORIGIN).map(tracing::field::debug),
            kind = decision.kind().as_str(),
            outcome = decision.outcome().as_str(),
            rule = decision.rule(),
            rule_id = decision.rule_id().map(tracing::field::debug),
            reason = denial.map(Denial::as_str),
            "decision"
        );

        let Some(&Number(id)) = request.extensions.get() else {
            return;
        };
        let error = decision.preflight_error();
        let bucket = cut(bucket);
        let fields: Vec<_> = decision.fields().collect();
        let fields = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        let what = json!({
            "id": id,
            "bucket": bucket,
            "method": cut(request.method.as_str()),
            "path": cut(request.uri.path()),
            "request": fields_of_cors(&request.headers),
            "kind": decision.kind().as_str(),
            "outcome": decision.outcome().as_str(),
            "rule": decision.rule(),
            "rule_id": decision.rule_id(),
            "denial": denial.map(Denial::as_str),
            "reason": in_words(decision),
            "explanation": explained(request, decision, rules),
            "fields": lines(fields),
            "vary": decision.vary(),
            "error": error.map(|error| json!({"code": error.code(), "message": error.message()})),
        });
        let Value::Object(what) = what else { return };
        let mut entries = self.lock();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(Entry { id, bucket, what });
    }

    /// Adds to a decision what was answered in the end.
    pub fn answered<T>(&self, Number(id): Number, response: &Response<T>) {
        let fields = response.headers().iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
        // An object's own must not take the place of what the page is for.
        let (of_cors, others): (Vec<_>, Vec<_>) =
            fields.partition(|(name, _)| name.starts_with("access-control-") || *name == "vary");
        let fields = lines(of_cors.into_iter().chain(others));
        let mut entries = self.lock();
        if let Some(entry) = entries.iter_mut().rev().find(|entry| entry.id == id) {
            let status = response.status().as_u16().into();
            entry.what.insert("status".into(), status);
            entry.what.insert("answered".into(), fields.into());
        }
    }

    /// The decisions about a bucket's requests behind a number, oldest first.
    pub fn since(&self, bucket: &str, number: u64) -> Vec<Value> {
        let entries = self.lock();
        let entries = entries
            .iter()
            .filter(|entry| entry.id > number && entry.bucket == bucket);
        entries.map(|entry| entry.what.clone().into()).collect()
    }

    /// The number of the latest request.
    pub fn latest(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fields_of_cors(headers: &HeaderMap) -> Vec<Value> {
    let names = [
        ("Origin", header::ORIGIN),
        (
            "Access-Control-Request-Method",
            header::ACCESS_CONTROL_REQUEST_METHOD,
        ),
        (
            "Access-Control-Request-Headers",
            header::ACCESS_CONTROL_REQUEST_HEADERS,
        ),
    ];
    lines(names.into_iter().flat_map(|(shown, name)| {
        let values = headers.get_all(name).iter();
        values.map(move |value| (shown, value.as_bytes()))
    }))
}

/// As many as fit.
fn lines<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<Value> {
    let mut left = LINES;
    let lines = fields.map_while(|(name, value)| {
        let value = text(value);
        left = left.checked_sub(name.len() + value.len())?;
        Some(json!([name, value]))
    });
    lines.collect()
}

/// As it is, where it is printable ASCII.
fn text(bytes: &[u8]) -> String {
    let escaped = bytes.iter().take(SHOWN).map(|byte| match byte {
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => byte.escape_ascii().to_string(),
    });
    escaped.collect()
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// None if the rules were changed meanwhile. All of it is printable ASCII.
fn explained(request: &Parts, decision: &Decision<'_>, rules: &RuleSet) -> Option<String> {
    let explanation = rules.explain(request);
    let mut text = explanation.to_string();
    if text.len() > EXPLAINED {
        text.truncate(EXPLAINED);
        text.push_str("...");
    }
    (explanation.outcome() == decision.outcome()).then_some(text)
}

/// Rules count from 1 for people.
fn in_words(decision: &Decision<'_>) -> String {
    match decision.outcome() {
        Outcome::NotCors => "The request has no Origin: CORS has nothing to say.".into(),
        Outcome::Allowed { rule } => format!("Rule {} is the first that matches.", rule + 1),
        Outcome::Denied(denial) => reason(denial).into(),
    }
}

fn reason(denial: Denial) -> &'static str {
    match denial {
        Denial::MissingOrigin => "A preflight has an Origin, this request has none.",
        Denial::MalformedOrigin => "The Origin is too long, or has a byte that no origin has.",
        Denial::NotConfigured => "The bucket has no CORS configuration.",
        Denial::MissingRequestMethod => "A preflight asks for one method; this one asks for none.",
        Denial::InvalidRequestMethod => "No rule can allow the method.",
        Denial::MalformedRequestHeaders => {
            "The requested headers are too many, or one is no header name."
        }
        Denial::Origin => "No rule is for the origin.",
        Denial::Method => "A rule is for the origin, but none is for the method too.",
        Denial::Headers => {
            "A rule is for the origin and the method, but none allows every requested header."
        }
        _ => "For a reason that this page does not know.",
    }
}
