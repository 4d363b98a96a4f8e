//! The last step: a decision's fields into a response of the `http` crate's types.

use http::header::{HeaderMap, HeaderValue, VARY};
use smallvec::SmallVec;

use crate::decision::{Decision, REPLACES};
use crate::syntax::list_elements;

impl Decision<'_> {
    /// Writes the decision to a response: removes what it [`replaces`](Self::replaces), sets its
    /// [`fields`](Self::fields), and adds what is missing to `Vary`.
    ///
    /// `Vary` is touched only if a name is missing from it, ASCII case ignored, and never if `*` is
    /// a member; then one line is left, of what was there and what was missing. A map that can't
    /// hold every field and `Vary` gets no CORS field at all: a page that may not read a response
    /// is better than one that reads a stale one.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile, Rule, RuleSet};
    ///
    /// let rule = Rule::new(["https://example.com"], ["GET"]);
    /// let rules = RuleSet::compile(&Configuration::from_iter([rule]), Profile::COS)?;
    /// let request = http::Request::get("/").header("Origin", "https://example.com").body(())?;
    ///
    /// let mut response = http::HeaderMap::new();
    /// response.insert("Vary", http::HeaderValue::from_static("Accept-Encoding"));
    /// rules.evaluate(&request).write_to(&mut response);
    /// assert_eq!(response["Access-Control-Allow-Origin"], "https://example.com");
    /// assert_eq!(response["Vary"], "Accept-Encoding, Origin");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_to(&self, response: &mut HeaderMap) {
        remove_replaced(response);
        let written = self.write_fields(response);
        let varies = add_to_vary(response, self.vary());
        if !(written && varies) {
            remove_replaced(response);
        }
    }

    /// False if the map did not take every field.
    fn write_fields(&self, response: &mut HeaderMap) -> bool {
        let fields = self.answer_fields();
        let vary = usize::from(!self.vary().is_empty() && !response.contains_key(VARY));
        response.try_reserve(fields.len() + vary).is_ok()
            && fields.into_iter().all(|(field, value)| {
                let value = HeaderValue::from_str(&value);
                value.is_ok_and(|value| response.try_insert(field.header_name(), value).is_ok())
            })
    }
}

fn remove_replaced(response: &mut HeaderMap) {
    for name in REPLACES {
        response.remove(*name);
    }
}

/// Adds the names that are missing from `Vary`. False if the map could not take them.
fn add_to_vary(response: &mut HeaderMap, names: &[&str]) -> bool {
    let Some(line) = merged_vary(response, names) else {
        return true;
    };
    let Ok(line) = HeaderValue::from_bytes(&line) else {
        return false; // never: every member has been a part of a value
    };
    let several = response.get_all(VARY).iter().nth(1).is_some();
    match response.get_mut(VARY) {
        // In its place: a full map takes no insertion, not even over what it has.
        Some(only) if !several => {
            *only = line;
            true
        }
        _ => {
            response.remove(VARY);
            response.try_insert(VARY, line).is_ok()
        }
    }
}

/// What was there, then what was missing. None if nothing is to be added.
fn merged_vary(response: &HeaderMap, names: &[&str]) -> Option<Vec<u8>> {
    let lines = response.get_all(VARY).iter();
    let mut members: SmallVec<[&[u8]; 8]> = lines
        .flat_map(|line| list_elements(line.as_bytes()))
        .collect();
    if members.contains(&&b"*"[..]) {
        return None;
    }
    let were = members.len();
    for name in names.iter().map(|name| name.as_bytes()) {
        if !members
            .iter()
            .any(|member| member.eq_ignore_ascii_case(name))
        {
            members.push(name);
        }
    }
    (members.len() > were).then(|| members.join(&b", "[..]))
}
