//! The last step: a decision's fields into a response of the `http` crate's types.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap,
    HeaderName, HeaderValue, VARY,
};
use smallvec::SmallVec;

#[cfg(feature = "tower")]
use crate::decision::AnswerField;
use crate::decision::Decision;
use crate::profile::VaryOn;
use crate::syntax::list_elements;

impl Decision<'_> {
    /// Writes the decision to a response: removes what it [`replaces`](Self::replaces), sets its
    /// [`fields`](Self::fields), and adds what is missing to `Vary`.
    ///
    /// `Vary` is touched only if a name is missing from it, ASCII case ignored, and never if `*` is
    /// a member; then one line is left, of what was there and what was missing. A map that can't
    /// hold every field and `Vary` gets no CORS field at all: a page that may not read a response
    /// is better than one that reads a stale one. A value that repeats one of the request shares its
    /// bytes with it.
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
        write(response, self.vary_on(), |response, more| {
            self.write_fields(response, more)
        });
    }

    /// What [`write_to`](Self::write_to) will write, borrowing nothing.
    #[cfg(feature = "tower")]
    pub(crate) fn to_written(&self) -> Written {
        let mut fields = Vec::new();
        let mut complete = true;
        self.each_field(self.names(), |field, value| match value.into_header() {
            Ok(value) => fields.push((field, value)),
            Err(_) => complete = false,
        });
        Written {
            vary: self.vary_on(),
            fields: complete.then_some(fields),
        }
    }

    /// False if the map did not take every field. Room is made once, for `more` too.
    fn write_fields(&self, response: &mut HeaderMap, more: usize) -> bool {
        let names = self.names();
        let mut count = more;
        self.each_field(names, |_, _| count += 1);
        let mut written = response.try_reserve(count).is_ok();
        self.each_field(names, |field, value| {
            let value = value.into_header();
            written = written
                && value.is_ok_and(|value| response.try_insert(field.header_name(), value).is_ok());
        });
        written
    }
}

/// A decision that has nothing left to do but to be written, once.
#[cfg(feature = "tower")]
pub(crate) struct Written {
    vary: VaryOn,
    /// None if one can't be a header value.
    fields: Option<Vec<(AnswerField, HeaderValue)>>,
}

#[cfg(feature = "tower")]
impl Written {
    pub(crate) fn write_to(self, response: &mut HeaderMap) {
        write(response, self.vary, |response, more| {
            let Some(fields) = self.fields else {
                return false;
            };
            response.try_reserve(fields.len() + more).is_ok()
                && fields
                    .into_iter()
                    .all(|(field, value)| response.try_insert(field.header_name(), value).is_ok())
        });
    }
}

/// Semantics 4.4. `write_fields` makes room for more fields too, and is false if the map did not
/// take all.
#[inline]
fn write(
    response: &mut HeaderMap,
    vary: VaryOn,
    write_fields: impl FnOnce(&mut HeaderMap, usize) -> bool,
) {
    remove_replaced(response);
    let new_vary = vary.line().filter(|_| !response.contains_key(VARY));
    let written = write_fields(response, usize::from(new_vary.is_some()));
    let varies = match new_vary {
        Some(line) => response.try_insert(VARY, line.clone()).is_ok(),
        None => add_to_vary(response, vary.names()),
    };
    if !(written && varies) {
        remove_replaced(response);
    }
}

/// [`REPLACES`](crate::decision::REPLACES), as the map has them.
static REPLACED: [HeaderName; 7] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
    HeaderName::from_static("access-control-allow-private-network"),
];

fn remove_replaced(response: &mut HeaderMap) {
    if response.is_empty() {
        return;
    }
    for name in &REPLACED {
        response.remove(name);
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

#[cfg(test)]
mod tests {
    use super::REPLACED;
    use crate::decision::REPLACES;

    #[test]
    fn the_two_lists_are_one() {
        let names = REPLACES.iter().map(|name| name.to_ascii_lowercase());
        assert!(names.eq(REPLACED.iter().map(|name| name.as_str().to_owned())));
    }
}
