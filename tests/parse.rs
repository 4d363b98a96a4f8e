//! `Configuration::parse`, and `RuleSet::parse` on top of it: which form a text is in, and which step
//! refuses it (semantics 1.8).

#![cfg(all(feature = "xml", feature = "json"))]

use bucket_cors::{
    Configuration, Element, Error, FaultKind, Outcome, ParseError, ParseErrorKind, Profile, Rule,
    RuleSet,
};

const XML: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>https://a.test</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
const ROOT: &str =
    r#"{"CORSRules":[{"AllowedOrigins":["https://a.test"],"AllowedMethods":["GET"]}]}"#;
const RULE: &str = r#"{"AllowedOrigin":"https://a.test","AllowedMethod":"GET"}"#;
const LIST: &str = r#"[{"AllowedOrigins":["https://a.test"],"AllowedMethods":["GET"]}]"#;

#[track_caller]
fn refused(text: impl AsRef<[u8]>) -> ParseError {
    let refused = Configuration::parse(text.as_ref(), Profile::COS).unwrap_err();
    match RuleSet::parse(text.as_ref(), Profile::COS) {
        Err(Error::Parse(error)) if error == refused => error,
        other => panic!("{other:?}"),
    }
}

fn allows(rules: &RuleSet, origin: &str) -> bool {
    let request = http::Request::get("/")
        .header("origin", origin)
        .body(())
        .unwrap();
    matches!(
        rules.evaluate(&request).outcome(),
        Outcome::Allowed { rule: 0 }
    )
}

#[test]
fn both_forms_are_told_apart() {
    for document in [XML, ROOT, RULE, LIST] {
        for before in ["", "\u{FEFF}", " ", " \t\r\n", "\u{FEFF}\n\n  "] {
            for profile in [Profile::COS, Profile::S3] {
                let text = format!("{before}{document}\n");
                let configuration = Configuration::parse(text.as_bytes(), profile).expect(&text);
                assert_eq!(
                    configuration.rules,
                    [Rule::new(["https://a.test"], ["GET"])]
                );
                let rules = RuleSet::parse(text.as_bytes(), profile).expect(&text);
                assert_eq!(rules.profile(), profile, "{text}");
                assert!(allows(&rules, "https://a.test"), "{text}");
                assert!(!allows(&rules, "https://b.test"), "{text}");
            }
        }
    }
}

#[test]
fn a_declaration_still_has_to_be_first() {
    let declared = format!("<?xml version=\"1.0\"?>{XML}");
    assert!(RuleSet::parse(declared.as_bytes(), Profile::COS).is_ok());
    let marked = format!("\u{FEFF}{declared}");
    assert!(RuleSet::parse(marked.as_bytes(), Profile::COS).is_ok());
    let kind = refused(format!(" {declared}")).kind().clone();
    assert!(
        matches!(kind, ParseErrorKind::NotWellFormed { .. }),
        "{kind:?}"
    );
}

#[test]
fn other_texts_have_no_form() {
    for (text, at) in [
        ("CORSRules:\n- ID: a\n", (1, 1)),
        (" \n\t\"CORSRules\"", (2, 2)),
        ("\u{FEFF}\r\n(", (2, 1)),
        ("null", (1, 1)),
        ("5", (1, 1)),
        ("]", (1, 1)),
        ("}", (1, 1)),
        (">", (1, 1)),
        ("&lt;", (1, 1)),
        ("\0<", (1, 1)),
        ("\u{A0}<a/>", (1, 1)),
        ("\u{B}[]", (1, 1)),
        ("\u{FEFF}\u{FEFF}<a/>", (1, 1)),
        (" \u{FEFF}[]", (1, 2)),
        ("é<", (1, 1)),
        ("\u{FF1C}a/>", (1, 1)),
    ] {
        let error = refused(text);
        assert_eq!(error.kind(), &ParseErrorKind::UnknownForm, "{text:?}");
        let place = error.position().map(|at| (at.line(), at.column()));
        assert_eq!(place, Some(at), "{text:?}");
    }
}

/// What comes before the form: the size, the encoding, whether there is anything.
#[test]
fn some_texts_are_refused_in_any_form() {
    let limit = 65_536;
    let too_large = ParseErrorKind::TooLarge { limit };
    assert_eq!(refused(" ".repeat(limit + 1)).kind(), &too_large);
    assert_eq!(refused("x".repeat(limit + 1)).kind(), &too_large);
    for text in ["", " \t\r\n", "\u{FEFF}", "\u{FEFF} "] {
        assert_eq!(refused(text).kind(), &ParseErrorKind::Empty, "{text:?}");
    }
    for text in [&b"\xFF"[..], b"\xFF\xFE<\0", b"<\xFF", b"{\xFF", b"x\xFF"] {
        assert_eq!(
            refused(text).kind(),
            &ParseErrorKind::NotUtf8,
            "{}",
            text.escape_ascii()
        );
    }
}

/// The first character decides, and nothing is tried twice.
#[test]
fn a_form_is_read_by_its_own_rules() {
    for text in [
        "<a/>",
        "<{}",
        "<!-- {} -->",
        "<!DOCTYPE a>",
        "\u{FEFF}\n<CORSConfiguration><ID/>",
        "<CORSConfiguration/>[]",
    ] {
        let error = Configuration::from_xml(text.as_bytes(), Profile::S3).unwrap_err();
        assert_eq!(
            RuleSet::parse(text.as_bytes(), Profile::S3).unwrap_err(),
            Error::Parse(error)
        );
    }
    for text in [
        "{",
        "[<a/>]",
        "{<a/>",
        "\u{FEFF}\n[{\"Id\":\"a\"}]",
        "{} <CORSConfiguration/>",
        "[] x",
    ] {
        let error = Configuration::from_json(text.as_bytes(), Profile::S3).unwrap_err();
        assert_eq!(
            RuleSet::parse(text.as_bytes(), Profile::S3).unwrap_err(),
            Error::Parse(error)
        );
    }
}

#[test]
fn what_can_be_read_may_not_compile() {
    for text in [
        "<CORSConfiguration/>",
        "{}",
        "[]",
        r#"{"CORSRules":[]}"#,
        r#"{"ResponseVary":true}"#,
    ] {
        let Err(Error::Compile(error)) = RuleSet::parse(text.as_bytes(), Profile::COS) else {
            panic!("{text}");
        };
        assert_eq!(error.faults().len(), 1, "{text}");
        assert_eq!(error.faults()[0].kind(), &FaultKind::NoRule, "{text}");
    }

    let configuration = Configuration::from_iter([Rule::new(["a b"], ["get"])]);
    let want = Error::Compile(RuleSet::compile(&configuration, Profile::S3).unwrap_err());
    for text in [configuration.to_xml(Profile::S3), configuration.to_json()] {
        assert_eq!(
            RuleSet::parse(text.as_bytes(), Profile::S3).unwrap_err(),
            want,
            "{text}"
        );
    }
}

#[test]
fn the_profile_is_the_callers() {
    let two = "[{\"AllowedOrigin\":\"*\",\"AllowedMethod\":\"GET\"},{\"AllowedOrigin\":\"*\",\"AllowedMethod\":\"GET\"}]";
    let profile = Profile::S3.with_max_rules(1);
    let Err(Error::Compile(error)) = RuleSet::parse(two.as_bytes(), profile) else {
        panic!("two rules, and one is the most");
    };
    assert_eq!(
        error.faults()[0].kind(),
        &FaultKind::TooManyRules { limit: 1 }
    );
    assert_eq!(error.faults()[0].element(), Element::Rule);
    assert!(RuleSet::parse(two.as_bytes(), Profile::S3).is_ok());
}
