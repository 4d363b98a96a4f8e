//! An explanation in words. Everything foreign in it is shown already.

use std::fmt;

use crate::explain::browser::{Browser, PreflightNeed, Verdicts};
use crate::explain::cause::Cause;
use crate::explain::near::{NearOrigin, is_sent};
use crate::explain::{Explanation, Step, Trial};
use crate::lint::is_never_set;
use crate::outcome::Outcome;
use crate::request::RequestKind;
use crate::shown::in_a_sentence;

/// More rules than this are not listed, but for the one that counts.
const MOST_RULES: usize = 20;
/// Nor more values that are near.
const MOST_NEAR: usize = 4;

/// For how many seconds browsers keep a preflight's answer at most.
const MOST_KEPT: [(&str, u64); 3] = [("Firefox", 86_400), ("Chromium", 7_200), ("Safari", 600)];

/// The verdict, the cause, the remedy.
pub(super) fn summary(explanation: &Explanation) -> String {
    let verdict = match explanation.outcome {
        Outcome::NotCors => "not CORS",
        Outcome::Allowed { .. } => "allowed",
        Outcome::Denied(_) => "denied",
    };
    format!("{verdict}: {}", because(explanation))
}

fn because(explanation: &Explanation) -> String {
    let origin = explanation.origin().unwrap_or_default();
    let method = explanation.method().unwrap_or_default();
    let decided = explanation.rule().unwrap_or_default() + 1;
    match explanation.cause() {
        Cause::NoOrigin => "the request has no Origin; a browser sends one with every request \
             that CORS is about"
            .to_owned(),

        Cause::Matched => format!("rule {decided} is the first that matches"),
        Cause::AnyOrigin if origin == "null" => format!(
            "rule {decided} has the origin \"*\": a page that sends credentials can't read the \
             answer, and \"null\" is not to be listed, since any page can send it"
        ),
        Cause::AnyOrigin => format!(
            "rule {decided} has the origin \"*\": a page that sends credentials can't read the \
             answer; for such pages list their origins in place of \"*\""
        ),
        Cause::Shadowed { rule, origin } => format!(
            "rule {decided} has the origin \"*\" and comes before rule {later}, which has \
             \"{origin}\": a page that sends credentials can't read the answer; put rule {later} \
             first",
            later = rule + 1,
        ),

        Cause::Overtaken {
            rule,
            any_origin,
            hidden,
        } => overtaken(decided, rule + 1, *any_origin, hidden),
        Cause::Narrower { rule, hidden } => format!(
            "rule {decided} is the first that matches, and its pages can't read {names}, which rule \
             {later} exposes; expose {them} in rule {decided} too",
            them = it_or_them(hidden),
            later = rule + 1,
            names = in_a_sentence(hidden),
        ),
        Cause::NoVary => format!(
            "rule {decided} is the first that matches, but the answer names the origin and has no \
             Vary: a cache may give it to pages of other origins; set ResponseVary to true"
        ),

        Cause::MissingOrigin => "the OPTIONS request has no Origin; a preflight has one".to_owned(),
        Cause::SeveralOrigins => "there is more than one Origin line".to_owned(),
        Cause::LongOrigin => "the Origin has more than 2048 bytes".to_owned(),
        Cause::UnprintableOrigin => format!(
            "the Origin \"{origin}\" has a space, a control character or one that is not ASCII"
        ),
        Cause::NotConfigured => not_configured(origin, method),
        Cause::MissingRequestMethod => "the OPTIONS request has no Access-Control-Request-Method; \
             a preflight names the method that is to follow"
            .to_owned(),
        Cause::SeveralRequestMethods => {
            "there is more than one Access-Control-Request-Method line".to_owned()
        }
        Cause::UnknownRequestMethod { hint, methods } => unknown_method(method, *hint, methods),
        Cause::TooManyRequestHeaders => "Access-Control-Request-Headers has more than 8 lines, \
             8192 bytes or 128 names"
            .to_owned(),
        Cause::InvalidRequestHeader { name } => {
            format!("Access-Control-Request-Headers has \"{name}\", which is no header name")
        }

        Cause::NullOrigin => {
            "no rule is for the origin \"null\", which browsers send for sandboxed \
             frames, for files, and after a redirect between other origins; only \"*\" and \
             \"null\" match it, and any page can send it"
                .to_owned()
        }
        Cause::Origin { near, known } => {
            let remedy = match near {
                Some(near) if !near.has_remedy() => near.to_string(),
                Some(near) => format!("{near}{}", lacks_too(explanation, near.rule(), *known)),
                None => add_origin(explanation, origin, *known),
            };
            format!("no rule is for the origin \"{origin}\"; {remedy}")
        }
        Cause::Method {
            rule,
            listed,
            missing,
            known,
            near,
        } => {
            let what = format!("no rule for the origin \"{origin}\" lists the method \"{method}\"");
            let only = in_a_sentence(listed);
            match near {
                _ if !known => format!("{what}; no rule can"),
                Some(near) => format!("{what}; {near}"),
                None => format!(
                    "{what}; {}",
                    to_list(method, *rule, &only, missing, explanation)
                ),
            }
        }
        Cause::Headers {
            rule,
            listed,
            missing,
            near,
        } => missing_headers(*rule, listed, missing, near.as_ref()),
    }
}

fn missing_headers(
    rule: usize,
    listed: &[String],
    missing: &[String],
    near: Option<&NearOrigin>,
) -> String {
    let headers = the_headers(missing);
    let what = format!("no rule for this origin and method allows {headers}");
    if let Some(near) = near {
        return format!("{what}; {near}");
    }
    let only = if listed.is_empty() {
        "no AllowedHeader".to_owned()
    } else {
        in_a_sentence(listed)
    };
    match &to_allow(missing)[..] {
        [] => format!("{what}; no page can set such headers, and no browser asks for them"),
        names => format!(
            "{what}; rule {} has {only}: add {}",
            rule + 1,
            in_a_sentence(names)
        ),
    }
}

/// Both rules count from 1.
fn overtaken(decided: usize, earlier: usize, any_origin: bool, hidden: &[String]) -> String {
    let names = in_a_sentence(hidden);
    let fails = match (any_origin, hidden) {
        (true, []) => "a page that sends credentials can't read the answer".to_owned(),
        (true, _) => format!(
            "a page that sends credentials can't read the answer, and none can read {names} in it"
        ),
        (false, _) => format!("no page can read {names} in the answer"),
    };
    let remedy = if any_origin {
        format!("put rule {decided} first")
    } else {
        format!("expose {} in rule {earlier} too", it_or_them(hidden))
    };
    format!(
        "rule {decided} decides the preflight, but rule {earlier} the request that follows, which \
         names no headers: {fails}; {remedy}"
    )
}

fn it_or_them(names: &[String]) -> &'static str {
    if names.len() == 1 { "it" } else { "them" }
}

fn not_configured(origin: &str, method: &str) -> String {
    if !is_sent(origin) {
        return format!(
            "the bucket has no CORS document; no browser sends the origin \"{origin}\""
        );
    }
    let method = match method {
        "" => String::new(),
        method => format!(" and the method \"{method}\""),
    };
    format!(
        "the bucket has no CORS document; give it one with a rule for the origin \
         \"{origin}\"{method}"
    )
}

fn unknown_method(method: &str, hint: Option<&str>, methods: &[&str]) -> String {
    let asks = format!("Access-Control-Request-Method is \"{method}\"");
    match hint {
        Some(hint) => format!("{asks}; case counts: send \"{hint}\""),
        None => format!(
            "{asks}, which no rule can list; it is to be the method of the request that follows, \
             one of {}",
            methods.join(", ")
        ),
    }
}

/// What a rule lacks beside the origin.
fn lacks_too(explanation: &Explanation, rule: usize, known: bool) -> String {
    let Some(rule) = explanation.rules().get(rule) else {
        return String::new();
    };
    let method = explanation.method().unwrap_or_default();
    if !known {
        return no_rule_can_list(method);
    }
    let method = (!rule.lists_method()).then_some(method);
    if method.is_some_and(is_writing) && rule.is_for_strangers() {
        let only = in_a_sentence(rule.allowed_methods());
        return format!("; it lists {only}{OF_ITS_OWN}");
    }
    it_lacks(method, &explanation.missing_in(rule))
}

fn no_rule_can_list(method: &str) -> String {
    format!("; and no rule can list the method \"{method}\"")
}

const OF_ITS_OWN: &str =
    ", for strangers' sites too: if the page is yours, make a rule of its own for it";

fn is_writing(method: &str) -> bool {
    matches!(method, "PUT" | "POST" | "DELETE")
}

/// What to do for a method that the rule doesn't list, but not to let strangers write.
fn to_list(
    method: &str,
    rule: usize,
    only: &str,
    missing: &[String],
    explanation: &Explanation,
) -> String {
    let number = rule + 1;
    let rule = explanation.rules().get(rule);
    if is_writing(method) && rule.is_some_and(Trial::is_for_strangers) {
        return format!("rule {number} lists {only}{OF_ITS_OWN}");
    }
    let more = it_lacks(None, missing);
    format!("rule {number} lists {only}: add \"{method}\"{more}")
}

/// The names that a rule should allow: not those that only other programs than browsers ask for.
fn to_allow<T: AsRef<str>>(missing: &[T]) -> Vec<&str> {
    let missing = missing.iter().map(AsRef::as_ref);
    missing.filter(|name| !is_never_set(name)).collect()
}

fn it_lacks<T: AsRef<str>>(method: Option<&str>, headers: &[T]) -> String {
    match the_method_and_headers(method, headers) {
        lacks if lacks.is_empty() => lacks,
        lacks => format!("; it lacks {lacks} too"),
    }
}

fn the_method_and_headers<T: AsRef<str>>(method: Option<&str>, headers: &[T]) -> String {
    let method = method.map(|method| format!("the method \"{method}\""));
    let headers = to_allow(headers);
    let headers = (!headers.is_empty()).then(|| the_headers(&headers));
    let both: Vec<String> = method.into_iter().chain(headers).collect();
    both.join(" and ")
}

fn the_headers<T: AsRef<str>>(names: &[T]) -> String {
    let headers = if names.len() == 1 {
        "header"
    } else {
        "headers"
    };
    format!("the {headers} {}", in_a_sentence(names))
}

/// Where nothing is near.
fn add_origin(explanation: &Explanation, origin: &str, known: bool) -> String {
    if !is_sent(origin) {
        return "no browser sends such an origin".to_owned();
    }
    let rules = match explanation.rules() {
        [only] => {
            let listed = in_a_sentence(only.allowed_origins());
            let lacks = lacks_too(explanation, 0, known);
            return format!("rule 1 has {listed}: if the page is yours, add \"{origin}\"{lacks}");
        }
        rules => rules,
    };
    let add = format!(
        "none of the {} rules has one like it: if the page is yours, add \"{origin}\" to ",
        rules.len()
    );
    let has_the_rest =
        |rule: &&Trial| rule.lists_method() && explanation.missing_in(rule).is_empty();
    let method = explanation.method().unwrap_or_default();
    match rules.iter().find(has_the_rest) {
        _ if !known => format!("{add}one{}", no_rule_can_list(method)),
        Some(_) if rules.iter().all(|rule| has_the_rest(&rule)) => format!("{add}one"),
        Some(rule) => format!("{add}rule {}", rule.rule() + 1),
        None => {
            let both = the_method_and_headers(Some(method), explanation.headers());
            format!("{add}one, with what it lacks of {both}")
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.summary())?;
        self.write_request(f)?;
        if !self.steps.is_empty() {
            write!(f, "\n  steps")?;
        }
        for step in &self.steps {
            write_step(f, *step)?;
        }
        self.write_rules(f)?;
        self.write_near(f)?;
        self.write_answer(f)?;
        if let Some(browser) = &self.browser {
            self.write_browser(f, browser)?;
        }
        Ok(())
    }
}

impl Explanation {
    fn write_request(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n  request: {}", self.kind)?;
        if let Some(origin) = self.origin() {
            write!(f, ", origin \"{origin}\"")?;
        }
        if let Some(method) = self.method() {
            write!(f, ", method \"{method}\"")?;
        }
        if !self.headers.is_empty() {
            write!(f, ", headers {}", in_a_sentence(&self.headers))?;
        }
        Ok(())
    }

    fn write_rules(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rules.is_empty() {
            return Ok(());
        }
        f.write_str("\n  rules")?;
        let counts = |rule: &&Trial| rule.rule() < MOST_RULES || Some(rule.rule()) == self.closest;
        for rule in self.rules.iter().filter(counts) {
            self.write_rule(f, rule)?;
        }
        let listed = self.rules.iter().filter(counts).count();
        match self.rules.len() - listed {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }

    fn write_rule(&self, f: &mut fmt::Formatter<'_>, rule: &Trial) -> fmt::Result {
        write!(f, "\n    rule {}", rule.rule() + 1)?;
        if let Some(id) = rule.id() {
            write!(f, " \"{id}\"")?;
        }
        match rule.origin() {
            Some(origin) => write!(f, ": origin by \"{origin}\"")?,
            None => write!(
                f,
                ": origin not in {}",
                in_a_sentence(rule.allowed_origins())
            )?,
        }
        if rule.lists_method() {
            f.write_str("; method listed")?;
        } else {
            let listed = in_a_sentence(rule.allowed_methods());
            write!(f, "; method not in {listed}")?;
        }
        self.write_headers(f, rule)?;
        match (rule.misses(), self.rule()) {
            (None, Some(decided)) if decided == rule.rule() => f.write_str("; it decides"),
            (None, Some(decided)) => {
                write!(f, "; it would decide, but rule {} is first", decided + 1)
            }
            _ => Ok(()),
        }
    }

    fn write_headers(&self, f: &mut fmt::Formatter<'_>, rule: &Trial) -> fmt::Result {
        if self.headers.is_empty() {
            return Ok(());
        }
        let missing = self.missing_in(rule);
        if missing.is_empty() {
            let mut by: Vec<&str> = Vec::new();
            for value in rule.headers().flatten() {
                if !by.contains(&value) {
                    by.push(value);
                }
            }
            return write!(f, "; headers by {}", in_a_sentence(&by));
        }
        write!(f, "; headers without {}", in_a_sentence(&missing))
    }

    fn missing_in(&self, rule: &Trial) -> Vec<&String> {
        let each = self.headers.iter().zip(rule.headers());
        let missing = each.filter(|(_, by)| by.is_none());
        missing.map(|(name, _)| name).collect()
    }

    fn write_near(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first line has one of them already, and an allowed request has no need of any.
        let said = self.cause.near();
        let others = self.near_origins.iter().filter(|near| Some(*near) != said);
        let others: Vec<&NearOrigin> = others.collect();
        if self.rule().is_some() || others.is_empty() {
            return Ok(());
        }
        f.write_str("\n  near")?;
        for near in others.iter().take(MOST_NEAR) {
            write!(f, "\n    {near}")?;
        }
        match others.len().saturating_sub(MOST_NEAR) {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }

    fn write_answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\n  answer")?;
        match (self.status, self.outcome) {
            (Some(status), _) => write!(f, "\n    status {}", status.as_u16())?,
            (None, Outcome::Denied(_)) => {
                f.write_str("\n    the request is served all the same")?;
            }
            (None, _) => f.write_str("\n    the request is served")?,
        }
        if self.fields.is_empty() {
            f.write_str("\n    no Access-Control field")?;
        }
        for (name, value) in self.fields() {
            write!(f, "\n    {name}: {value}")?;
        }
        match self.vary {
            [] if self.lacks_vary => f.write_str(
                "\n    no Vary: a cache may give this to pages of other origins; set ResponseVary \
                 to true",
            ),
            [] => Ok(()),
            names => write!(f, "\n    Vary: {}", names.join(", ")),
        }
    }

    fn write_browser(&self, f: &mut fmt::Formatter<'_>, browser: &Browser) -> fmt::Result {
        f.write_str("\n  browser")?;
        f.write_str(match browser.preflight_need() {
            PreflightNeed::Method => {
                "\n    sends a preflight first: the method is not GET, HEAD or POST"
            }
            PreflightNeed::Headers => {
                "\n    sends a preflight first: there are headers that are not safelisted"
            }
            PreflightNeed::NotNeeded => {
                "\n    sends no preflight for such a request, unless the page listens to its upload"
            }
            PreflightNeed::DependsOnHeaders => {
                "\n    sends a preflight first only if the page adds a header that is not safelisted"
            }
        })?;
        if let Some(verdicts) = browser.preflight() {
            write_verdicts(f, "the preflight", verdicts)?;
        }
        if let Some(seconds) = browser.preflight_kept_seconds() {
            let says = self
                .fields()
                .any(|(name, _)| name == "Access-Control-Max-Age");
            write_kept(f, seconds, says)?;
        }
        if let Some(verdicts) = browser.request() {
            let which = match self.kind {
                RequestKind::Preflight => "the request that follows",
                _ => "the answer",
            };
            write_verdicts(f, which, verdicts)?;
        }
        if !browser.readable().is_empty() {
            write!(
                f,
                "\n    lets the page read {}",
                browser.readable().join(", ")
            )?;
            if !browser.can_read("ETag") {
                f.write_str("; not ETag or any other")?;
            }
        }
        Ok(())
    }
}

/// For how long an answer is kept, which says so or does not.
fn write_kept(f: &mut fmt::Formatter<'_>, seconds: u64, says: bool) -> fmt::Result {
    if seconds == 0 {
        return f.write_str("\n    does not keep its answer");
    }
    write!(f, "\n    keeps its answer for {seconds} seconds")?;
    if !says {
        f.write_str(", for want of MaxAgeSeconds")?;
    }
    let less = MOST_KEPT.iter().filter(|(_, most)| *most < seconds);
    for (n, (browser, most)) in less.enumerate() {
        let before = if n == 0 { ";" } else { "," };
        write!(f, "{before} {browser} for {most}")?;
    }
    Ok(())
}

fn write_step(f: &mut fmt::Formatter<'_>, step: Step) -> fmt::Result {
    write!(f, "\n    {} {}: ", step.clause(), step.check())?;
    match step.failed() {
        None => f.write_str("ok"),
        Some(denial) => write!(f, "fails, {denial}"),
    }
}

fn write_verdicts(f: &mut fmt::Formatter<'_>, which: &str, verdicts: &Verdicts) -> fmt::Result {
    match (verdicts.without_credentials(), verdicts.with_credentials()) {
        (Ok(()), Ok(())) => write!(f, "\n    accepts {which}, with credentials too"),
        (Err(one), Err(other)) if one == other => {
            write!(f, "\n    refuses {which}, with credentials or not: {one}")
        }
        (without, with) => {
            for (how, verdict) in [("without", without), ("with", with)] {
                match verdict {
                    Ok(()) => write!(f, "\n    accepts {which} {how} credentials")?,
                    Err(block) => {
                        write!(f, "\n    refuses {which} {how} credentials: {block}")?;
                    }
                }
            }
            Ok(())
        }
    }
}
