//! A server without the `http` crate's types and without features: everything here works with none.

use bucket_cors::{
    Configuration, Denial, Outcome, Profile, Request, RequestFields, RequestKind, Rule, RuleSet,
};

fn rules() -> RuleSet {
    let rule = Rule::new(["https://a.test"], ["GET", "PUT"]).with_allowed_headers(["x-1", "x-2"]);
    RuleSet::compile(&Configuration::from_iter([rule]), Profile::COS).unwrap()
}

#[track_caller]
fn ask(method: &str, fields: &[(&str, &[u8])]) -> (RequestKind, Outcome) {
    let request = RequestFields::new(method.as_bytes(), fields.iter().copied());
    let rules = rules();
    let decision = rules.evaluate(&request);
    (decision.kind(), decision.outcome())
}

const ALLOWED: Outcome = Outcome::Allowed { rule: 0 };

#[test]
fn a_whole_answer() {
    let request = RequestFields::new(
        b"OPTIONS",
        [
            ("Host", &b"bucket.test"[..]),
            ("ORIGIN", b"https://a.test"),
            ("access-control-REQUEST-method", b"PUT"),
            ("Access-Control-Request-Headers", b"X-1"),
            ("Access-Control-Request-Headers", b"x-2"),
        ],
    );
    let rules = rules();
    let decision = rules.evaluate(&request);
    assert_eq!(decision.outcome(), ALLOWED);
    assert_eq!(
        decision.preflight_status().map(|status| status.as_u16()),
        Some(200)
    );
    let fields: Vec<(&str, String)> = decision
        .fields()
        .map(|(name, value)| (name, value.into_owned()))
        .collect();
    assert_eq!(
        fields,
        [
            ("Access-Control-Allow-Origin", "https://a.test".to_owned()),
            ("Access-Control-Allow-Credentials", "true".to_owned()),
            ("Access-Control-Allow-Methods", "GET,PUT".to_owned()),
            ("Access-Control-Allow-Headers", "x-1,x-2".to_owned()),
        ]
    );
    assert_eq!(
        decision.vary(),
        [
            "Origin",
            "Access-Control-Request-Headers",
            "Access-Control-Request-Method"
        ]
    );
}

#[test]
fn bytes_that_no_header_value_can_hold() {
    for origin in [
        &b"https://a.test\r\n"[..],
        b"\0",
        b"\xff",
        b"https://a.test\n",
    ] {
        assert_eq!(
            ask("GET", &[("origin", origin)]),
            (
                RequestKind::Actual,
                Outcome::Denied(Denial::MalformedOrigin)
            )
        );
    }
    for names in [&b"x-1\r\nx-2"[..], b"x-1\0", b"\xff", b"x-1,\n"] {
        let fields = [
            ("origin", &b"https://a.test"[..]),
            ("access-control-request-method", b"PUT"),
            ("access-control-request-headers", names),
        ];
        assert_eq!(
            ask("OPTIONS", &fields),
            (
                RequestKind::Preflight,
                Outcome::Denied(Denial::MalformedRequestHeaders)
            )
        );
    }
}

#[test]
fn lines_beyond_the_limit_are_counted_not_kept() {
    let with = |lines: usize| {
        let mut fields = vec![
            ("origin", &b"https://a.test"[..]),
            ("access-control-request-method", b"PUT"),
        ];
        fields.extend(vec![("access-control-request-headers", &b"x-1"[..]); lines]);
        ask("OPTIONS", &fields).1
    };
    assert_eq!(with(8), ALLOWED);
    for lines in [9, 10, 1000] {
        assert_eq!(
            with(lines),
            Outcome::Denied(Denial::MalformedRequestHeaders)
        );
    }
}

#[test]
fn repeated_fields_are_several() {
    let origin = ("origin", &b"https://a.test"[..]);
    let malformed = Outcome::Denied(Denial::MalformedOrigin);
    assert_eq!(ask("GET", &[origin]).1, ALLOWED);
    assert_eq!(ask("GET", &[origin, origin]).1, malformed);
    assert_eq!(ask("GET", &[origin, origin, origin]).1, malformed);
    let method = ("access-control-request-method", &b"PUT"[..]);
    assert_eq!(
        ask("OPTIONS", &[origin, method, method]),
        (
            RequestKind::Preflight,
            Outcome::Denied(Denial::MissingRequestMethod)
        )
    );
}

#[test]
fn other_fields_are_ignored() {
    let fields = [
        ("origin ", &b"https://a.test"[..]),
        ("x-origin", b"https://a.test"),
        ("", b"https://a.test"),
        ("or\u{131}gin", b"https://a.test"), // a dotless i, which upper-cases to I
    ];
    assert_eq!(
        ask("GET", &fields),
        (RequestKind::NotCors, Outcome::NotCors)
    );
}

#[test]
fn a_method_is_any_bytes() {
    let origin = ("origin", &b"https://a.test"[..]);
    for method in ["", "options", "OPTIONS ", "G\0T", "get"] {
        let denied = Outcome::Denied(Denial::Method);
        assert_eq!(
            ask(method, &[origin]),
            (RequestKind::Actual, denied),
            "{method:?}"
        );
    }
}

#[test]
fn everything_that_is_a_request_turns_into_one() {
    let request = http::Request::get("/")
        .header("origin", "https://a.test")
        .body("body")
        .unwrap();
    let rules = rules();
    assert_eq!(rules.evaluate(&request).outcome(), ALLOWED);
    let as_request = Request::from(&request);
    assert_eq!(rules.evaluate(as_request).outcome(), ALLOWED);
    let borrowed: &Request<'_> = &as_request;
    assert_eq!(rules.evaluate(borrowed).outcome(), ALLOWED);
    assert_eq!(
        rules
            .evaluate(Request::new(request.method(), request.headers()))
            .outcome(),
        ALLOWED
    );
    let (parts, _) = request.into_parts();
    assert_eq!(rules.evaluate(&parts).outcome(), ALLOWED);
}

#[test]
fn types_are_free_to_move() {
    fn free<T: Send + Sync + 'static>() {}
    free::<RuleSet>();
    free::<Configuration>();
    free::<Profile>();
    free::<Request<'static>>();
    free::<RequestFields<'static>>();
    free::<bucket_cors::Decision<'static>>();
    free::<bucket_cors::ProviderError<'static>>();
    free::<bucket_cors::Error>();
}
