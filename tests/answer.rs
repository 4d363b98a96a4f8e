//! What is answered (semantics 4 and 5): fields, `Vary`, status, error, and how they are written to a response.

mod common;

use bucket_cors::{
    Configuration, Credentials, Decision, Denial, Outcome, Profile, RequestKind, Rule, RuleSet,
    Vary,
};
use common::{actual, answer, compiled, headers, preflight, request};
use http::{HeaderMap, StatusCode};

const ALL_THREE: &str =
    "Vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
const ORIGIN: &str = "https://a.test";

fn rule() -> Rule {
    Rule::new([ORIGIN], ["GET", "PUT"])
}

/// The answer to a request under one rule, `Vary` left out.
#[track_caller]
fn fields(rule: Rule, profile: Profile, request: &http::Request<()>) -> Vec<String> {
    let rules = compiled([rule], profile);
    let mut lines = answer(&rules.evaluate(request));
    lines.retain(|line| !line.starts_with("Vary"));
    lines
}

#[test]
fn a_preflight_gets_every_field_in_order() {
    let rule = rule()
        .with_allowed_headers(["X-1", "x-2"])
        .with_expose_headers(["ETag", "x-Id"])
        .with_max_age_seconds(0);
    let request = preflight(ORIGIN, "PUT", "X-2,,x-2");
    assert_eq!(
        fields(rule.clone(), Profile::COS, &request),
        [
            "Allow-Origin: https://a.test",
            "Allow-Credentials: true",
            "Allow-Methods: GET,PUT",
            "Allow-Headers: x-1,x-2",
            "Expose-Headers: ETag,x-Id",
            "Max-Age: 0",
        ]
    );
    assert_eq!(
        fields(rule, Profile::S3, &request),
        [
            "Allow-Origin: https://a.test",
            "Allow-Credentials: true",
            "Allow-Methods: GET, PUT",
            "Allow-Headers: x-2, x-2",
            "Expose-Headers: ETag, x-Id",
            "Max-Age: 0",
        ]
    );
}

#[test]
fn an_actual_request_gets_what_the_provider_sends() {
    let rule = rule()
        .with_allowed_headers(["x-1"])
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(5);
    let sharing = [
        "Allow-Origin: https://a.test",
        "Allow-Credentials: true",
        "Expose-Headers: ETag",
    ];
    let plain = actual("GET", ORIGIN);
    let asks = [
        ("origin", ORIGIN),
        ("access-control-request-headers", "X-1"),
    ];
    let asking = request("GET", &asks);
    assert_eq!(fields(rule.clone(), Profile::COS, &plain), sharing);
    assert_eq!(fields(rule.clone(), Profile::COS, &asking), sharing);
    assert_eq!(
        fields(rule.clone(), Profile::S3, &plain),
        [
            sharing[0],
            sharing[1],
            "Allow-Methods: GET, PUT",
            sharing[2],
            "Max-Age: 5"
        ]
    );
    assert_eq!(
        fields(rule, Profile::S3, &asking),
        [
            sharing[0],
            sharing[1],
            "Allow-Methods: GET, PUT",
            "Allow-Headers: x-1",
            sharing[2],
            "Max-Age: 5",
        ]
    );
}

#[test]
fn what_is_not_configured_is_absent() {
    for profile in [Profile::COS, Profile::S3] {
        let lines = fields(rule(), profile, &preflight(ORIGIN, "GET", ""));
        assert_eq!(lines.len(), 3, "{lines:?}");
        let lines = fields(rule(), profile, &preflight(ORIGIN, "GET", " , "));
        assert_eq!(lines.len(), 3, "{lines:?}");
    }
}

#[test]
fn a_rule_that_lists_a_star_answers_a_star() {
    for origins in [&["*"][..], &[ORIGIN, "*"], &["*", "https://*.test"]] {
        for profile in [Profile::COS, Profile::S3] {
            let rule = Rule::new(origins.iter().copied(), ["GET"]);
            let lines = fields(rule, profile, &actual("GET", ORIGIN));
            assert_eq!(lines[0], "Allow-Origin: *");
            assert!(!lines.iter().any(|line| line.contains("Credentials")));
        }
    }
}

#[test]
fn an_origin_is_echoed_byte_for_byte() {
    for origin in ["HTTP://A.Test:0", "HTTP://*", "HTTP://a\\\"<&,"] {
        let rule = Rule::new(["HTTP://*"], ["GET"]);
        let lines = fields(rule, Profile::S3, &actual("GET", origin));
        assert_eq!(lines[0], format!("Allow-Origin: {origin}"));
    }
}

#[test]
fn credentials_can_be_left_out() {
    for profile in [Profile::COS, Profile::S3] {
        let profile = profile.with_credentials(Credentials::Never);
        let lines = fields(rule(), profile, &actual("GET", ORIGIN));
        assert_eq!(lines[0], "Allow-Origin: https://a.test");
        assert!(!lines.iter().any(|line| line.contains("Credentials")));
    }
}

#[test]
fn lists_hold_a_value_once_at_its_first_place() {
    let rule = Rule::new([ORIGIN], ["PUT", "GET", "PUT"])
        .with_allowed_headers(["X-b", "x-A", "X-B"])
        .with_expose_headers(["ETag", "x-id", "etag", "X-ID"]);
    assert_eq!(
        fields(rule, Profile::COS, &preflight(ORIGIN, "PUT", "x-a"))[2..],
        [
            "Allow-Methods: PUT,GET",
            "Allow-Headers: x-b,x-a",
            "Expose-Headers: ETag,x-id",
        ]
    );
}

#[test]
fn a_wildcard_is_never_sent() {
    for headers in [&["*"][..], &["x-1", "X-*"], &["*-1", "x-1"]] {
        let rule = rule().with_allowed_headers(headers.iter().copied());
        let lines = fields(rule, Profile::COS, &preflight(ORIGIN, "PUT", "X-1,\tx-1"));
        assert_eq!(lines[3], "Allow-Headers: x-1,x-1", "{headers:?}");
    }
}

mod vary {
    use super::*;

    const KINDS: [RequestKind; 4] = [
        RequestKind::NotCors,
        RequestKind::Preflight,
        RequestKind::Options,
        RequestKind::Actual,
    ];

    fn requests() -> Vec<(&'static str, http::Request<()>)> {
        vec![
            ("no origin", request("GET", &[])),
            ("actual", actual("GET", ORIGIN)),
            ("actual, denied", actual("GET", "https://b.test")),
            ("preflight", preflight(ORIGIN, "PUT", "")),
            ("preflight, denied", preflight("https://b.test", "PUT", "")),
            ("preflight, refused", preflight(ORIGIN, "PATCH", "")),
            ("options", request("OPTIONS", &[])),
            ("options, origin", request("OPTIONS", &[("origin", ORIGIN)])),
        ]
    }

    /// How many names each answer varies on, in the order of [`requests`].
    #[track_caller]
    fn counts(rules: &RuleSet) -> Vec<usize> {
        let count = |(_, request): (_, http::Request<()>)| {
            let decision = rules.evaluate(&request);
            assert!(
                [
                    &[][..],
                    &["Origin"],
                    &ALL_THREE["Vary: ".len()..].split(", ").collect::<Vec<_>>()
                ]
                .contains(&decision.vary())
            );
            decision.vary().len()
        };
        requests().into_iter().map(count).collect()
    }

    fn with_response_vary(response_vary: Option<bool>, profile: Profile) -> RuleSet {
        let mut configuration = Configuration::from_iter([rule()]);
        configuration.response_vary = response_vary;
        RuleSet::compile(&configuration, profile).unwrap()
    }

    #[test]
    fn safe_is_on_every_answer() {
        for response_vary in [None, Some(false), Some(true)] {
            let cos = with_response_vary(response_vary, Profile::COS);
            assert_eq!(counts(&cos), [1, 1, 1, 3, 3, 3, 3, 3]);
            let s3 = with_response_vary(response_vary, Profile::S3);
            assert_eq!(counts(&s3), [3; 8]);
        }
    }

    #[test]
    fn as_provider_is_on_allowed_answers() {
        let cos = Profile::COS.with_vary(Vary::AsProvider);
        for silent in [None, Some(false)] {
            assert_eq!(counts(&with_response_vary(silent, cos)), [0; 8]);
        }
        assert_eq!(
            counts(&with_response_vary(Some(true), cos)),
            [0, 1, 0, 1, 0, 0, 0, 0]
        );
        let s3 = Profile::S3.with_vary(Vary::AsProvider);
        for any in [None, Some(false), Some(true)] {
            assert_eq!(
                counts(&with_response_vary(any, s3)),
                [0, 3, 0, 3, 0, 0, 0, 0]
            );
        }
    }

    #[test]
    fn without_a_document_no_answer_depends_on_anything() {
        for profile in [Profile::COS, Profile::S3] {
            assert_eq!(counts(&RuleSet::not_configured(profile)), [0; 8]);
        }
    }

    #[test]
    fn a_profile_knows_the_most_that_its_answers_vary_on() {
        let most = |profile: Profile| KINDS.map(|kind| profile.vary(kind).len());
        assert_eq!(most(Profile::COS), [1, 3, 3, 1]);
        assert_eq!(most(Profile::S3), [3, 3, 3, 3]);
        assert_eq!(most(Profile::COS.with_vary(Vary::AsProvider)), [0, 1, 0, 1]);
        assert_eq!(most(Profile::S3.with_vary(Vary::AsProvider)), [0, 3, 0, 3]);
    }
}

mod refused {
    use super::*;

    const FORBIDDEN: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution \
        of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not \
        whitelisted by the resource's CORS spec.";

    /// `status code: message | method | resource type`.
    #[track_caller]
    fn error(rules: &RuleSet, request: &http::Request<()>) -> String {
        let decision = rules.evaluate(request);
        let status = decision.preflight_status().unwrap().as_u16();
        let error = decision.preflight_error().unwrap();
        let text = |decision: &Decision<'_>| {
            let error = decision.preflight_error().unwrap();
            format!(
                "{status} {}: {} | {} | {}",
                error.code(),
                error.message(),
                error.method().unwrap_or("-"),
                error.resource_type().unwrap_or("-"),
            )
        };
        let for_logs = format!("{}: {}", error.code(), error.message());
        assert_eq!(error.to_string(), for_logs);
        let owned = decision.clone().into_owned();
        assert_eq!(owned.preflight_error().unwrap(), error);
        assert_eq!(text(&owned), text(&decision));
        text(&decision)
    }

    fn malformed_names(names: &str) -> http::Request<()> {
        preflight(ORIGIN, "PUT", names)
    }

    #[test]
    fn s3_words() {
        let rules = compiled([rule()], Profile::S3);
        let error = |request| error(&rules, &request);
        assert_eq!(
            error(request("OPTIONS", &[])),
            "400 BadRequest: Insufficient information. Origin request header needed. | OPTIONS | -"
        );
        assert_eq!(
            error(request("OPTIONS", &[("origin", ORIGIN)])),
            "400 BadRequest: Invalid Access-Control-Request-Method: null | OPTIONS | -"
        );
        assert_eq!(
            error(preflight(ORIGIN, "PATCH", "")),
            "400 BadRequest: Invalid Access-Control-Request-Method: PATCH | PATCH | -"
        );
        assert_eq!(
            error(preflight(ORIGIN, "", "")),
            "400 BadRequest: Invalid Access-Control-Request-Method:  | OPTIONS | -"
        );
        assert_eq!(
            error(malformed_names("a, b c\t,d e")),
            "400 BadRequest: Access-Control-Request-Headers \"b c\" contains invalid character. | PUT | -"
        );
        assert_eq!(
            error(malformed_names(&"x,".repeat(129))),
            "400 BadRequest: Access-Control-Request-Headers is too long. | PUT | -"
        );
        // A limit is looked at before any element.
        assert_eq!(
            error(malformed_names(&format!("b c{}", ",".repeat(8_190)))),
            "400 BadRequest: Access-Control-Request-Headers is too long. | PUT | -"
        );
        let forbidden = format!("403 AccessForbidden: {FORBIDDEN} | PUT | -");
        assert_eq!(error(preflight("a b", "PUT", "")), forbidden);
        assert_eq!(error(preflight("https://b.test", "PUT", "")), forbidden);
        assert_eq!(error(preflight(ORIGIN, "PUT", "x")), forbidden);
        let fields = [
            ("origin", ORIGIN),
            ("access-control-request-method", "PUT"),
            ("access-control-request-method", "GET"),
        ];
        assert_eq!(
            error(request("OPTIONS", &fields)),
            "400 BadRequest: Invalid Access-Control-Request-Method: null | OPTIONS | -"
        );
    }

    #[test]
    fn cos_words() {
        let rules = compiled([rule()], Profile::COS);
        let error = |request| error(&rules, &request);
        assert_eq!(
            error(request("OPTIONS", &[])),
            "400 BadRequest: Insufficient information. Origin request header needed. | - | -"
        );
        assert_eq!(
            error(preflight(ORIGIN, "PATCH", "")),
            "400 BadRequest: Invalid Access-Control-Request-Method: PATCH | - | -"
        );
        assert_eq!(
            error(malformed_names("a b")),
            "400 BadRequest: Access-Control-Request-Headers \"a b\" contains invalid character. | - | -"
        );
        let forbidden = FORBIDDEN.replace("Request-Headers", "Requet-Headers");
        let forbidden = forbidden.strip_suffix('.').unwrap();
        assert_eq!(
            error(preflight(ORIGIN, "DELETE", "")),
            format!("403 AccessForbidden: {forbidden} | - | -")
        );
    }

    #[test]
    fn a_bucket_without_a_document() {
        let request = preflight(ORIGIN, "PUT", "");
        assert_eq!(
            error(&RuleSet::not_configured(Profile::S3), &request),
            "403 AccessForbidden: CORSResponse: CORS is not enabled for this bucket. | PUT | BUCKET"
        );
        assert!(
            error(&RuleSet::not_configured(Profile::COS), &request).starts_with(
                "403 AccessForbidden: CORSResponse: This CORS request is not allowed."
            )
        );
    }

    #[test]
    fn foreign_text_is_cut_and_escaped() {
        let rules = compiled([rule()], Profile::S3);
        let method = format!("\u{e9}\"<&\\{}", "x".repeat(200));
        let shown = format!("\\xc3\\xa9\"<&\\{}", "x".repeat(128 - 6));
        assert_eq!(
            error(&rules, &preflight(ORIGIN, &method, "")),
            format!("400 BadRequest: Invalid Access-Control-Request-Method: {shown} | {shown} | -")
        );
    }

    #[test]
    fn the_body_is_well_formed_whatever_is_put_in() {
        let rules = compiled([rule()], Profile::S3);
        let request = preflight(ORIGIN, "<&>\"'", "");
        let decision = rules.evaluate(&request);
        let more = [
            ("ResourceType", "OBJECT"),
            ("Resource", "/b/<k>&\u{0}\r\n"),
            ("Code", "Twice"),
            ("no name", "x"),
            ("<x>", "x"),
            ("", "x"),
        ];
        assert_eq!(
            decision.preflight_error().unwrap().to_xml(&more),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>BadRequest</Code>\
             <Message>Invalid Access-Control-Request-Method: &lt;&amp;&gt;\"'</Message>\
             <Method>&lt;&amp;&gt;\"'</Method><ResourceType>OBJECT</ResourceType>\
             <Resource>/b/&lt;k&gt;&amp;\u{FFFD}&#13;\n</Resource></Error>"
        );
    }
}

mod write_to {
    use super::*;

    /// The lines of a map, sorted by name.
    fn lines(map: &HeaderMap) -> Vec<String> {
        let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            format!("{name}: {}", value.as_bytes().escape_ascii())
        };
        let mut lines: Vec<String> = map.iter().map(line).collect();
        lines.sort();
        lines
    }

    const STALE: [(&str, &str); 9] = [
        ("access-control-allow-origin", "https://old.test"),
        ("access-control-allow-origin", "https://older.test"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-headers", "x"),
        ("access-control-expose-headers", "x"),
        ("access-control-max-age", "1"),
        ("access-control-allow-private-network", "true"),
        ("etag", "\"1\""),
    ];

    #[test]
    fn an_allowed_answer_replaces_what_was_there() {
        let rules = compiled([rule()], Profile::COS);
        let mut response = headers(&STALE);
        rules
            .evaluate(&actual("GET", ORIGIN))
            .write_to(&mut response);
        assert_eq!(
            lines(&response),
            [
                "access-control-allow-credentials: true",
                "access-control-allow-origin: https://a.test",
                "etag: \\\"1\\\"",
                "vary: Origin",
            ]
        );
    }

    #[test]
    fn nothing_that_was_there_outlives_another_answer() {
        let configured = compiled([rule()], Profile::COS);
        let not_configured = RuleSet::not_configured(Profile::COS);
        for (rules, request, left) in [
            (
                &configured,
                actual("GET", "https://b.test"),
                &["etag: \\\"1\\\"", "vary: Origin"][..],
            ),
            (
                &configured,
                request("GET", &[]),
                &["etag: \\\"1\\\"", "vary: Origin"],
            ),
            (&not_configured, actual("GET", ORIGIN), &["etag: \\\"1\\\""]),
            (&not_configured, request("GET", &[]), &["etag: \\\"1\\\""]),
        ] {
            let mut response = headers(&STALE);
            let decision = rules.evaluate(&request);
            decision.write_to(&mut response);
            assert_eq!(lines(&response), left);
            assert_eq!(decision.replaces().len(), 7);
        }
    }

    #[test]
    fn vary_is_merged_into_one_line() {
        let rules = compiled([rule()], Profile::S3);
        let request = actual("GET", ORIGIN);
        let names = "Access-Control-Request-Headers, Access-Control-Request-Method";
        for (before, after) in [
            (&[][..], vec![format!("Origin, {names}")]),
            (&[""], vec![format!("Origin, {names}")]),
            (&[" , ,"], vec![format!("Origin, {names}")]),
            (
                &["Accept-Encoding"],
                vec![format!("Accept-Encoding, Origin, {names}")],
            ),
            (&["origin"], vec![format!("origin, {names}")]),
            (
                &["a,b", "", "ORIGIN , c"],
                vec![format!("a, b, ORIGIN, c, {names}")],
            ),
            (&["a,a"], vec![format!("a, a, Origin, {names}")]),
            (
                &["\u{e9}, x y"],
                vec![format!("\u{e9}, x y, Origin, {names}")],
            ),
            // Nothing is missing: not touched, two lines or one.
            (
                &[
                    "origin,access-control-request-method",
                    "ACCESS-CONTROL-REQUEST-HEADERS",
                ],
                vec![
                    "origin,access-control-request-method".to_owned(),
                    "ACCESS-CONTROL-REQUEST-HEADERS".to_owned(),
                ],
            ),
            // `*` says it all.
            (&["*"], vec!["*".to_owned()]),
            (&["a", "b, *"], vec!["a".to_owned(), "b, *".to_owned()]),
            // `**` and a quoted star do not.
            (&["**"], vec![format!("**, Origin, {names}")]),
            (&["\"*\""], vec![format!("\"*\", Origin, {names}")]),
        ] {
            let fields: Vec<_> = before.iter().map(|line| ("vary", *line)).collect();
            let mut response = headers(&fields);
            rules.evaluate(&request).write_to(&mut response);
            let left = response.get_all("vary").iter();
            let left: Vec<_> = left
                .map(|line| String::from_utf8_lossy(line.as_bytes()))
                .collect();
            assert_eq!(left, after, "{before:?}");
        }
    }

    /// What a request says of `Vary` is no concern of the response.
    #[test]
    fn the_requests_own_vary_has_no_effect() {
        let rules = compiled([rule()], Profile::COS);
        let request = request("GET", &[("origin", ORIGIN), ("vary", "*")]);
        let mut response = HeaderMap::new();
        rules.evaluate(&request).write_to(&mut response);
        assert_eq!(response["vary"], "Origin");
    }

    /// As many fields as a map can hold.
    const MOST: usize = 24_576;

    fn filled(with: usize, vary: bool) -> HeaderMap {
        let mut map = HeaderMap::new();
        if vary {
            map.insert("vary", "accept".parse().unwrap());
        }
        for n in 0..with - usize::from(vary) {
            let name: http::HeaderName = format!("x-{n}").parse().unwrap();
            map.try_insert(name, "1".parse().unwrap()).unwrap();
        }
        map
    }

    #[test]
    fn a_full_map_gets_all_or_nothing() {
        let rules = compiled([rule()], Profile::COS);
        let request = actual("GET", ORIGIN);
        for (with, vary_before, written, vary_after) in [
            (MOST, false, false, None),
            (MOST - 1, false, false, Some("Origin")),
            (MOST - 2, false, false, Some("Origin")),
            (MOST - 3, false, true, Some("Origin")),
            (MOST, true, false, Some("accept, Origin")),
            (MOST - 1, true, false, Some("accept, Origin")),
            (MOST - 2, true, true, Some("accept, Origin")),
        ] {
            let mut map = filled(with, vary_before);
            rules.evaluate(&request).write_to(&mut map);
            let fields = [
                "access-control-allow-origin",
                "access-control-allow-credentials",
            ];
            for field in fields {
                assert_eq!(
                    map.contains_key(field),
                    written,
                    "{with} {vary_before} {field}"
                );
            }
            let vary = map.get("vary").map(|line| line.to_str().unwrap());
            assert_eq!(vary, vary_after, "{with} {vary_before}");
        }
    }

    #[test]
    fn a_full_map_of_cors_fields_has_room_for_ours() {
        let rules = compiled([rule()], Profile::COS);
        let mut map = filled(MOST - 3, false);
        for (name, value) in &STALE[2..5] {
            map.try_insert(*name, value.parse().unwrap()).unwrap();
        }
        rules.evaluate(&actual("GET", ORIGIN)).write_to(&mut map);
        assert_eq!(map["access-control-allow-origin"], ORIGIN);
        assert_eq!(map["vary"], "Origin");
        assert_eq!(map.len(), MOST);
    }
}

#[test]
fn an_empty_id_is_one() {
    let rule_id = |rule: Rule| {
        let rules = compiled([rule], Profile::S3);
        let request = actual("GET", ORIGIN);
        let decision = rules.evaluate(&request);
        let owned = decision.clone().into_owned();
        assert_eq!(owned.rule_id(), decision.rule_id());
        decision.rule_id().map(str::to_owned)
    };
    assert_eq!(rule_id(rule().with_id("")), Some(String::new()));
    assert_eq!(rule_id(rule()), None);
}

/// However a list is written, its names are answered: in lower case, with one comma between.
#[test]
fn requested_names_are_answered_as_a_list() {
    let rules = compiled([rule().with_allowed_headers(["*"])], Profile::COS);
    for (names, answered) in [
        ("x-a", "x-a"),
        ("x-a,x-b", "x-a,x-b"),
        ("x-a,", "x-a"),
        (",x-a", "x-a"),
        ("x-a,,x-b", "x-a,x-b"),
        ("x-a, x-b", "x-a,x-b"),
        ("x-a\t,x-b", "x-a,x-b"),
        ("X-A,x_b", "x-a,x_b"),
    ] {
        let request = preflight(ORIGIN, "PUT", names);
        let mut response = HeaderMap::new();
        rules.evaluate(&request).write_to(&mut response);
        assert_eq!(
            response["access-control-allow-headers"], answered,
            "{names:?}"
        );
    }
}

#[test]
fn an_owned_decision_answers_the_same() {
    let rules = compiled(
        [rule().with_id("mine").with_expose_headers(["ETag"])],
        Profile::S3,
    );
    let requests = [
        preflight(ORIGIN, "PUT", ""),
        preflight(ORIGIN, "PATCH", ""),
        preflight(ORIGIN, "PUT", "a b"),
        actual("GET", ORIGIN),
        actual("GET", "https://b.test"),
        request("GET", &[]),
    ];
    for request in requests {
        let decision = rules.evaluate(&request);
        for owned in [
            decision.clone().into_owned(),
            decision.clone().into_owned().into_owned(),
        ] {
            assert_eq!(answer(&owned), answer(&decision));
            assert_eq!(owned.kind(), decision.kind());
            assert_eq!(owned.outcome(), decision.outcome());
            assert_eq!(owned.rule(), decision.rule());
            assert_eq!(owned.rule_id(), decision.rule_id());
            assert_eq!(owned.preflight_status(), decision.preflight_status());
            assert_eq!(owned.preflight_error(), decision.preflight_error());
            assert_eq!(owned.replaces(), decision.replaces());
        }
    }
}

#[test]
fn an_owned_decision_outlives_rules_and_request() {
    fn decide() -> Decision<'static> {
        let rules = compiled([rule().with_id("mine")], Profile::COS);
        rules.evaluate(&actual("GET", ORIGIN)).into_owned()
    }
    fn is_free<T: Send + Sync + 'static>(value: T) -> T {
        value
    }
    let decision = is_free(decide());
    assert_eq!(decision.rule_id(), Some("mine"));
    assert_eq!(answer(&decision)[0], "Allow-Origin: https://a.test");
}

#[test]
fn every_denial_has_its_status_and_label() {
    for (denial, status, label) in [
        (Denial::MissingOrigin, 400, "missing_origin"),
        (Denial::MalformedOrigin, 403, "malformed_origin"),
        (Denial::NotConfigured, 403, "not_configured"),
        (Denial::MissingRequestMethod, 400, "missing_request_method"),
        (Denial::InvalidRequestMethod, 400, "invalid_request_method"),
        (
            Denial::MalformedRequestHeaders,
            400,
            "malformed_request_headers",
        ),
        (Denial::Origin, 403, "origin"),
        (Denial::Method, 403, "method"),
        (Denial::Headers, 403, "headers"),
    ] {
        assert_eq!(
            (denial.as_str(), denial.to_string().as_str()),
            (label, label)
        );
        let rules = match denial {
            Denial::NotConfigured => RuleSet::not_configured(Profile::COS),
            _ => compiled([rule()], Profile::COS),
        };
        let request = match denial {
            Denial::MissingOrigin => request("OPTIONS", &[]),
            Denial::MalformedOrigin => preflight("a b", "PUT", ""),
            Denial::MissingRequestMethod => request("OPTIONS", &[("origin", ORIGIN)]),
            Denial::InvalidRequestMethod => preflight(ORIGIN, "x", ""),
            Denial::MalformedRequestHeaders => preflight(ORIGIN, "PUT", "a b"),
            Denial::Origin => preflight("https://b.test", "PUT", ""),
            Denial::Method => preflight(ORIGIN, "POST", ""),
            _ => preflight(ORIGIN, "PUT", "x"),
        };
        let decision = rules.evaluate(&request);
        assert_eq!(decision.outcome(), Outcome::Denied(denial));
        assert_eq!(
            decision.preflight_status(),
            StatusCode::from_u16(status).ok()
        );
    }
    assert!(Denial::Origin < Denial::Method && Denial::Method < Denial::Headers);
}

#[test]
fn outcomes_and_kinds_have_labels() {
    assert_eq!(Outcome::NotCors.to_string(), "not_cors");
    assert_eq!(Outcome::Allowed { rule: 7 }.to_string(), "allowed");
    assert_eq!(Outcome::Denied(Denial::Origin).to_string(), "denied");
    for (kind, label) in [
        (RequestKind::NotCors, "not_cors"),
        (RequestKind::Preflight, "preflight"),
        (RequestKind::Options, "options"),
        (RequestKind::Actual, "actual"),
    ] {
        assert_eq!(kind.to_string(), label);
        assert_eq!(kind.as_str(), label);
    }
}
