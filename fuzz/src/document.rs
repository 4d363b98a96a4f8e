//! A text that may be a document, read as one form or the other.

use bucket_cors::{
    Configuration, Document, Error, ParseError, ParseErrorKind, Place, Profile, RequestFields,
    RuleSet,
};

use crate::counting;
use crate::is_printable;
use crate::law;
use crate::reference::is_xml_char;
use crate::second;

/// 1.2.1
const MOST_BYTES: usize = 65_536;

/// One way to write a configuration down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Xml,
    Json,
}

impl Form {
    fn read(self, text: &[u8], profile: Profile) -> Result<Configuration, ParseError> {
        match self {
            Form::Xml => Configuration::from_xml(text, profile),
            Form::Json => Configuration::from_json(text, profile),
        }
    }

    fn write(self, configuration: &Configuration, profile: Profile) -> String {
        match self {
            Form::Xml => configuration.to_xml(profile),
            Form::Json => configuration.to_json(),
        }
    }

    /// The most memory in use to read a text, in bytes for each byte of it. The shortest rules,
    /// `<CORSRule/>` and `{}`, cost the most by far, where the list has just doubled
    /// (`tests/damage.rs` has figures).
    fn bytes_to_read(self) -> usize {
        match self {
            Form::Xml => 40,
            Form::Json => 144,
        }
    }

    /// And to say what is wrong with each.
    fn bytes_to_parse(self) -> usize {
        2 * self.bytes_to_read()
    }
}

/// Whatever a text must hold that is read in this form.
pub fn read(text: &[u8], form: Form) {
    for profile in [Profile::COS, Profile::S3] {
        let (read, peak) = counting::peak(|| form.read(text, profile));
        assert!(
            peak <= 4096 + form.bytes_to_read() * text.len(),
            "{peak} bytes for {}",
            text.len()
        );
        assert_eq!(read, form.read(text, profile), "read twice");
        match &read {
            Ok(configuration) => {
                read_again(configuration, text, form);
                good(configuration, form, profile);
            }
            Err(error) => refused(error, text, form),
        }
        judged(text, form, profile, &read);
        if text.len().is_multiple_of(16) {
            at_the_size(text, form, profile, &read);
        }
        told_apart(text, form, profile, read);
    }
}

/// 1.2.1: a text that white space brings to the greatest size is read as it is, and refused one byte
/// later. Few texts that a fuzzer finds are that long.
fn at_the_size(
    text: &[u8],
    form: Form,
    profile: Profile,
    read: &Result<Configuration, ParseError>,
) {
    if let (Some(room), Ok(read)) = (MOST_BYTES.checked_sub(text.len()), read) {
        let mut text = [text, &b" ".repeat(room)].concat();
        assert_eq!(form.read(&text, profile).as_ref(), Ok(read));
        text.push(b' ');
        let refusal = form.read(&text, profile);
        let kind = refusal.as_ref().map_err(ParseError::kind);
        let limit = MOST_BYTES;
        assert_eq!(kind, Err(&ParseErrorKind::TooLarge { limit }));
    }
}

/// 1.3 to 1.5: nothing is accepted that other parsers refuse, or taken for something else.
fn read_again(configuration: &Configuration, text: &[u8], form: Form) {
    let text = str::from_utf8(text).expect("UTF-8, as it was read");
    let again = match form {
        Form::Xml => second::xml(text),
        Form::Json => Some(second::json(text)),
    };
    if let Some(again) = again {
        assert_eq!(configuration, &again);
    }
}

/// 1.7.3, of more than it promises: what was read in a form can be written in it, even if it
/// doesn't compile; but not all that JSON can carry is for XML.
fn good(configuration: &Configuration, form: Form, profile: Profile) {
    law::compiles_unless_faulty(configuration);
    for other in [Form::Xml, Form::Json] {
        if other == Form::Xml && form == Form::Json && !is_for_xml(configuration) {
            assert!(RuleSet::compile(configuration, profile).is_err());
            continue;
        }
        let written = other.write(configuration, profile);
        let again = other.read(written.as_bytes(), profile);
        if written.len() <= MOST_BYTES {
            assert_eq!(again.as_ref(), Ok(configuration), "{written}");
        } else {
            let limit = MOST_BYTES;
            let kind = again.as_ref().map_err(ParseError::kind);
            assert_eq!(kind, Err(&ParseErrorKind::TooLarge { limit }));
        }
    }
}

fn is_for_xml(configuration: &Configuration) -> bool {
    let mut rules = configuration.rules.iter();
    rules.all(|rule| {
        let lists = [
            &rule.allowed_origins,
            &rule.allowed_methods,
            &rule.allowed_headers,
            &rule.expose_headers,
        ];
        let mut values = lists.into_iter().flatten().chain(&rule.id);
        values.all(|value| value.chars().all(is_xml_char))
    })
}

/// What is said of a document is said of places in it, and what can be mended comes to an end.
fn judged(text: &[u8], form: Form, profile: Profile, read: &Result<Configuration, ParseError>) {
    let document = match form {
        Form::Xml => Document::from_xml(text, profile),
        Form::Json => Document::from_json(text, profile),
    };
    let configuration = document.as_ref().map(Document::configuration);
    assert_eq!(configuration, read.as_ref());
    let Ok(document) = document else {
        return;
    };
    let stands = |place: Place| {
        let span = document.span(place);
        assert!(document.text().get(span.clone()).is_some(), "{span:?}");
        assert!(document.position(place).line() > 0);
    };
    let configuration = document.configuration();
    for finding in configuration.lint(profile) {
        stands(finding.place());
        assert!(is_printable(&finding.to_string()), "{finding}");
        if let Some(fix) = finding.fix() {
            assert_ne!(&fix.apply(configuration), configuration, "{finding}");
        }
    }
    match RuleSet::compile(configuration, profile) {
        Ok(rules) => {
            if text.len() < 1024 {
                mended(configuration, profile);
            }
            explained(&rules);
        }
        Err(error) => {
            for fault in error.faults() {
                stands(fault.place());
            }
        }
    }
}

/// The provider takes a mended document too, and nothing is left to mend.
fn mended(configuration: &Configuration, profile: Profile) {
    let fixed = configuration.fixed(profile);
    assert!(RuleSet::compile(&fixed, profile).is_ok(), "{fixed:?}");
    assert_eq!(fixed, fixed.fixed(profile));
}

/// An explanation decides as `evaluate` does, in printable words.
fn explained(rules: &RuleSet) {
    let origin = ("origin", &b"https://example.com"[..]);
    let method = ("access-control-request-method", &b"PUT"[..]);
    let names = (
        "access-control-request-headers",
        &b"content-type, x-a\n"[..],
    );
    let actual = RequestFields::new(b"GET", [origin]);
    for request in [
        actual,
        RequestFields::new(b"OPTIONS", [origin, method, names]),
        RequestFields::new(b"OPTIONS", [("origin", &b"null"[..]), method]),
    ] {
        let explanation = rules.explain(&request);
        assert_eq!(explanation.outcome(), rules.evaluate(&request).outcome());
        let mut lines = explanation.to_string();
        lines.retain(|c| c != '\n');
        assert!(is_printable(&lines), "{lines}");
    }
}

/// 1.6, 2.6: the place is one in the text, and no text of it is repeated at length.
fn refused(error: &ParseError, text: &[u8], form: Form) {
    assert_eq!(error.code(), "MalformedXML");
    assert!(is_printable(&error.message()), "{}", error.message());
    assert!(error.to_string().len() <= 1024, "{error}");
    let too_large = matches!(error.kind(), ParseErrorKind::TooLarge { .. });
    assert_eq!(too_large, text.len() > MOST_BYTES);
    assert_eq!(error.position().is_none(), too_large);
    if let Some(at) = error.position() {
        let text = String::from_utf8_lossy(text);
        // JSON's places are those of serde_json, to which CR ends no line; but it isn't asked
        // about a text that is not UTF-8, or is empty.
        let text = if form == Form::Json && !is_of_bytes(error.kind()) {
            text.into_owned()
        } else {
            text.replace("\r\n", "\n").replace('\r', "\n")
        };
        let lines: Vec<&str> = text.split('\n').collect();
        assert!((1..=lines.len()).contains(&at.line()), "{error}");
        // Characters in XML, bytes in JSON; one behind the last is where something is missing.
        let line = lines[at.line() - 1];
        assert!((1..=line.len() + 1).contains(&at.column()), "{error}");
    }
}

/// What is refused before there is a form: 1.6.1 to 1.6.3.
fn is_of_bytes(kind: &ParseErrorKind) -> bool {
    use ParseErrorKind as E;
    matches!(kind, E::TooLarge { .. } | E::Empty | E::NotUtf8)
}

/// 1.8, 6.10: `parse` is one of the two readers and then `compile`, and adds no answer of its own.
fn told_apart(text: &[u8], form: Form, profile: Profile, read: Result<Configuration, ParseError>) {
    let (parsed, peak) = counting::peak(|| RuleSet::parse(text, profile));
    assert!(
        peak <= 4096 + form.bytes_to_parse() * text.len(),
        "{peak} bytes for {}",
        text.len()
    );
    let told = match first_byte(text) {
        Some(b'<') => Some(Form::Xml),
        Some(b'{' | b'[') => Some(Form::Json),
        _ => None,
    };
    if told != Some(form) {
        assert!(read.is_err());
        if told.is_none() {
            // 1.6.17
            let of_no_form =
                |kind: &ParseErrorKind| is_of_bytes(kind) || kind == &ParseErrorKind::UnknownForm;
            assert!(
                matches!(&parsed, Err(Error::Parse(error)) if of_no_form(error.kind())),
                "{parsed:?}"
            );
        }
        return;
    }
    let compiled = read
        .map_err(Error::Parse)
        .and_then(|read| RuleSet::compile(&read, profile).map_err(Error::Compile));
    match (&parsed, &compiled) {
        // The profile and the number of rules.
        (Ok(parsed), Ok(compiled)) => assert_eq!(format!("{parsed:?}"), format!("{compiled:?}")),
        (Err(parsed), Err(compiled)) => {
            assert_eq!(parsed, compiled);
            assert!(is_printable(&parsed.message()), "{}", parsed.message());
            assert!(!parsed.to_string().is_empty());
        }
        _ => panic!("{parsed:?}, but {compiled:?}"),
    }
    if let Err(Error::Compile(error)) = &parsed {
        let faults = error.faults();
        assert!(faults.is_sorted_by_key(bucket_cors::Fault::rule));
        for fault in faults {
            assert!(is_printable(&fault.message()), "{}", fault.message());
            assert!(fault.message().len() <= 1024, "{}", fault.message());
            assert!(fault.to_string().len() <= 1024, "{fault}");
        }
    }
}

fn first_byte(text: &[u8]) -> Option<u8> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    text.iter().copied().find(|byte| !b" \t\r\n".contains(byte))
}
