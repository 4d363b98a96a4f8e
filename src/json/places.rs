//! Where each value of a JSON text stands.
//!
//! `serde_json` says that of errors only, but it hands out values as they are written, which are
//! pieces of the text. So a text that has been read is gone through once more, if someone asks.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::rule_key;
use crate::place::Place;
use crate::spans::Spans;

/// Of a text that [`read`](super::read) takes.
pub(crate) fn spans(text: &str) -> Spans {
    let mut finder = Finder {
        text,
        spans: Spans::default(),
    };
    // No error: the text has been read.
    let _ = finder.root();
    finder.spans
}

struct Finder<'t> {
    text: &'t str,
    spans: Spans,
}

type Members<'t> = BTreeMap<String, &'t RawValue>;

impl<'t> Finder<'t> {
    fn root(&mut self) -> serde_json::Result<()> {
        let root: &RawValue = serde_json::from_str(self.text)?;
        self.keep_start(Place::CONFIGURATION, root);
        if is_list(root) {
            return self.rules(root);
        }
        let members: Members<'_> = parts(root)?;
        if members.keys().any(|key| rule_key(key).is_some()) {
            return self.rules(root);
        }
        for (key, value) in members {
            match key.as_str() {
                "CORSRules" => self.rules(value)?,
                _ => self.keep(Place::RESPONSE_VARY, value),
            }
        }
        Ok(())
    }

    /// A list of rules, or one rule in its place.
    fn rules(&mut self, rules: &'t RawValue) -> serde_json::Result<()> {
        self.keep_start(Place::RULES, rules);
        for (n, rule) in items(rules)?.into_iter().enumerate() {
            self.keep_start(Place::rule(n), rule);
            self.rule(n, parts(rule)?)?;
        }
        Ok(())
    }

    fn rule(&mut self, n: usize, members: Members<'t>) -> serde_json::Result<()> {
        for (key, value) in members {
            let Some((element, _)) = rule_key(&key) else {
                continue;
            };
            self.keep(Place::element(n, element), value);
            for (i, item) in items(value)?.into_iter().enumerate() {
                self.keep(Place::value(n, element, i), item);
            }
        }
        Ok(())
    }

    fn keep(&mut self, place: Place, value: &RawValue) {
        self.spans.keep(place, self.span(value));
    }

    /// Of something long, its bracket is enough.
    fn keep_start(&mut self, place: Place, value: &RawValue) {
        let start = self.span(value).start;
        self.spans.keep(place, start..start + 1);
    }

    /// A value is a piece of the text, so the distance of their starts is its offset.
    fn span(&self, value: &RawValue) -> Range<usize> {
        let text = self.text.as_ptr().addr();
        let start = value.get().as_ptr().addr().saturating_sub(text);
        start..start + value.get().len()
    }
}

fn parts<'t, T: Deserialize<'t>>(value: &'t RawValue) -> serde_json::Result<T> {
    serde_json::from_str(value.get())
}

/// What stands in a list; anything else stands for a list of itself.
fn items(value: &RawValue) -> serde_json::Result<Vec<&RawValue>> {
    if is_list(value) {
        return parts(value);
    }
    Ok(vec![value])
}

fn is_list(value: &RawValue) -> bool {
    value.get().starts_with('[')
}
