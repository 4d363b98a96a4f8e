//! The example that the README starts with: what it prints, and its exit codes.
#![cfg(all(feature = "xml", feature = "json"))]

mod built;
mod ran;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use ran::Run;
use serde_json::{Value, json};

const DOCUMENT: &str = "\
<CORSConfiguration>
  <CORSRule>
    <ID>app</ID>
    <AllowedOrigin>https://app.test</AllowedOrigin>
    <AllowedMethod>PUT</AllowedMethod>
    <AllowedHeader>x-*</AllowedHeader>
    <MaxAgeSeconds>600</MaxAgeSeconds>
  </CORSRule>
</CORSConfiguration>
";

static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| built::example("evaluate", ""));

/// Runs the example on `stdin`.
fn run(stdin: &str, arguments: impl IntoIterator<Item: AsRef<OsStr>>) -> Run {
    ran::run(&EXAMPLE, stdin, arguments)
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap()
}

/// A command line, split at spaces, about `DOCUMENT`.
fn ask(line: &str) -> Run {
    run(DOCUMENT, ["-"].into_iter().chain(line.split_whitespace()))
}

/// Every line of `lines` is one of `text`'s, in this order.
#[track_caller]
fn has_lines(text: &str, lines: &[&str]) {
    let mut rest = text.lines().map(str::trim_end);
    for line in lines {
        assert!(rest.any(|other| other == *line), "{line:?} in\n{text}");
    }
}

#[test]
fn without_arguments_it_shows_five_requests() {
    let run = run("", [""; 0]);
    assert_eq!((run.code, &*run.err), (Some(0), ""));
    has_lines(
        &run.out,
        &[
            "document  rule 1: GET HEAD from *",
            r#"outcome   allowed by rule 2 "app""#,
            "status    200",
            "answer    Access-Control-Allow-Origin: https://app.example.com",
            "          Access-Control-Max-Age: 600",
            "          Vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
            "outcome   denied (headers): no rule for origin and method allows every requested header",
            "status    403 AccessForbidden",
            "outcome   allowed by rule 1",
            "answer    Access-Control-Allow-Origin: *",
            "          Vary: Origin",
            "outcome   denied (method): no rule is for both origin and method",
            "status    none: the server serves the request",
            "outcome   not CORS: the request has no Origin",
            "answer    Vary: Origin",
        ],
    );
    assert_eq!(run.out.matches("request   ").count(), 5);
    assert!(run.out.is_ascii());
    assert!(run.out.lines().count() < 60);
    assert!(run.out.lines().all(|line| line.len() < 100));
}

#[test]
fn an_allowed_preflight_ends_with_0() {
    let run = ask("--origin https://app.test --method PUT --header X-A --header x-b");
    assert_eq!(run.code, Some(0), "{}", run.err);
    has_lines(
        &run.out,
        &[
            "request   OPTIONS (preflight)",
            "          Access-Control-Request-Headers: X-A,x-b",
            r#"outcome   allowed by rule 1 "app""#,
            "          Access-Control-Allow-Headers: x-a,x-b",
        ],
    );
}

#[test]
fn a_denied_request_ends_with_1() {
    for (line, outcome) in [
        ("--origin https://b.test", "denied (origin)"),
        ("--origin https://app.test", "denied (method)"),
        (
            "--origin https://app.test --method PUT --header a",
            "denied (headers)",
        ),
        (
            "--origin https://app.test --method PUT --header a@b",
            "denied (malformed_request_headers)",
        ),
        (
            "--origin https://app.test --method put",
            "denied (invalid_request_method)",
        ),
        (
            "--origin https://app.test --actual --method OPTIONS",
            "denied (missing_request_method)",
        ),
        ("--method PUT", "denied (missing_origin)"),
        ("--origin https://b.test --actual", "denied (origin)"),
    ] {
        let run = ask(line);
        assert_eq!(run.code, Some(1), "{line}: {}{}", run.out, run.err);
        assert!(run.out.contains(outcome), "{line}: {}", run.out);
    }
}

#[test]
fn a_request_that_is_not_cors_ends_with_0() {
    let run = ask("--actual");
    assert_eq!(run.code, Some(0), "{}", run.err);
    has_lines(
        &run.out,
        &[
            "request   GET (not_cors)",
            "outcome   not CORS: the request has no Origin",
            "status    none: the server serves the request",
        ],
    );
}

#[test]
fn the_profile_counts() {
    let line = "--origin https://app.test --method PUT --header x-a --header x-b --profile s3";
    has_lines(
        &ask(line).out,
        &["          Access-Control-Allow-Headers: x-a, x-b"],
    );
}

#[test]
fn json_says_what_the_text_says() {
    let run = ask("--origin https://app.test --method PUT --header X-A --json");
    assert_eq!(run.code, Some(0), "{}", run.err);
    let replaces = json(&run)["replaces"].clone();
    assert_eq!(replaces.as_array().map(Vec::len), Some(7));
    assert_eq!(
        json(&run),
        json!({
            "request": {
                "method": "OPTIONS",
                "fields": {
                    "Origin": "https://app.test",
                    "Access-Control-Request-Method": "PUT",
                    "Access-Control-Request-Headers": "X-A",
                },
            },
            "kind": "preflight",
            "outcome": "allowed",
            "rule": 0,
            "rule_id": "app",
            "denial": null,
            "status": 200,
            "fields": {
                "Access-Control-Allow-Origin": "https://app.test",
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Allow-Methods": "PUT",
                "Access-Control-Allow-Headers": "x-a",
                "Access-Control-Max-Age": "600",
            },
            "vary": ["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"],
            "replaces": replaces,
            "error": null,
        })
    );
    assert_eq!(run.out.lines().count(), 1);
    let origin = run.out.find("Access-Control-Allow-Origin");
    let max_age = run.out.find("Access-Control-Max-Age");
    assert!(origin < max_age, "fields keep their order: {}", run.out);
}

#[test]
fn json_of_a_refused_preflight_has_the_providers_error() {
    let run = ask("--origin https://app.test --method PATCH --json");
    assert_eq!(run.code, Some(1), "{}", run.err);
    let answer = json(&run);
    assert_eq!(answer["outcome"], "denied");
    assert_eq!(answer["denial"], "invalid_request_method");
    assert_eq!(answer["rule"], Value::Null);
    assert_eq!(answer["status"], 400);
    assert_eq!(answer["fields"], json!({}));
    assert_eq!(
        answer["error"],
        json!({
            "code": "BadRequest",
            "message": "Invalid Access-Control-Request-Method: PATCH",
        })
    );
}

#[test]
fn json_of_a_denied_request_has_neither_status_nor_error() {
    let run = ask("--origin https://b.test --actual --json");
    assert_eq!(run.code, Some(1), "{}", run.err);
    let answer = json(&run);
    assert_eq!(answer["kind"], "actual");
    assert_eq!(answer["denial"], "origin");
    assert_eq!(answer["status"], Value::Null);
    assert_eq!(answer["error"], Value::Null);
}

const MISSPELT: &str = "\
<CORSConfiguration>
  <CORSRule>
    <ExposedHeader>ETag</ExposedHeader>
  </CORSRule>
</CORSConfiguration>
";

const PROVIDERS_ANSWER: &str = "the provider would answer MalformedXML: The XML you provided was not well-formed \
                                or did not validate against our published schema";

#[test]
fn a_text_that_is_no_document_ends_with_2_and_says_where() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("misspelt.xml");
    fs::write(&path, MISSPELT).unwrap();
    let run = run("", [&path]);
    assert_eq!((run.code, &*run.out), (Some(2), ""));
    let fault = format!(
        "{}: line 3, column 5: unknown element <ExposedHeader>; did you mean <ExposeHeader>?",
        path.display(),
    );
    assert_eq!(run.err, format!("{fault}\n{PROVIDERS_ANSWER}\n"));
}

#[test]
fn a_text_that_is_no_document_has_its_place_in_json() {
    let run = run(MISSPELT, ["-", "--json"]);
    assert_eq!(run.code, Some(2));
    let refusal = json(&run);
    assert_eq!(refusal["document"], "stdin");
    assert_eq!(refusal["error"]["code"], "MalformedXML");
    let [fault] = refusal["faults"].as_array().unwrap().as_slice() else {
        panic!("one fault: {refusal}");
    };
    assert_eq!((&fault["line"], &fault["column"]), (&json!(3), &json!(5)));
    assert!(run.err.starts_with("stdin: line 3, column 5: "));
}

#[test]
fn a_refused_configuration_ends_with_2_and_says_every_fault() {
    let document = r#"[{"AllowedOrigins": ["http://*.*"], "AllowedMethods": ["PATCH"]}, {"AllowedOrigins": ["*"]}]"#;
    let run = run(document, ["-", "--json"]);
    assert_eq!(run.code, Some(2));
    let faults = [
        r#"rule 1: AllowedOrigin: "http://*.*" has more than one `*`"#,
        r#"rule 1: AllowedMethod: "PATCH" is not a method that a rule can allow"#,
        "rule 2: AllowedMethod: missing",
    ];
    let [first, second, third] = faults;
    assert_eq!(
        run.err,
        format!("stdin: {first}\nstdin: {second}\nstdin: {third}\n{PROVIDERS_ANSWER}\n"),
    );

    let refusal = json(&run);
    let listed = refusal["faults"].as_array().unwrap().iter();
    assert!(listed.map(|fault| &fault["text"]).eq(faults), "{refusal}");
    assert_eq!(refusal["faults"][2]["rule"], 1);
    assert_eq!(refusal["faults"][2]["element"], "AllowedMethod");
}

#[test]
fn a_file_that_cannot_be_read_ends_with_2() {
    let run = run("", ["no-such-file.xml"]);
    assert_eq!((run.code, &*run.out), (Some(2), ""));
    assert!(run.err.starts_with("no-such-file.xml: "), "{}", run.err);
}

#[test]
fn wrong_arguments_end_with_2() {
    for line in ["--profile oss", "--actual --header a", "--nothing"] {
        assert_eq!(ask(line).code, Some(2), "{line}");
    }
    assert_eq!(run("", ["--json"]).code, Some(2));
}

#[test]
fn help_names_the_exit_codes() {
    let run = run("", ["--help"]);
    assert_eq!(run.code, Some(0));
    has_lines(&run.out, &["Exit codes:", "  1  denied"]);
}

#[test]
fn any_bytes_get_a_decision() {
    let arguments = ["-", "--method", "P\nT", "--header", "é", "--origin"].map(OsString::from);
    for origin in odd_origins() {
        let run = run(DOCUMENT, arguments.iter().chain([&origin]));
        assert_eq!(run.code, Some(1), "{origin:?}: {}", run.err);
        assert!(run.out.contains("denied (malformed_origin)"), "{}", run.out);
        assert!(run.out.is_ascii(), "{}", run.out);
    }
}

fn odd_origins() -> Vec<OsString> {
    let mut origins = vec!["https://app.test\nX: y".into(), "https://é.test".into()];
    #[cfg(unix)]
    origins.push(std::os::unix::ffi::OsStringExt::from_vec(b"\xff".into()));
    origins
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let mut child = Command::new(&*EXAMPLE)
        .args(["-", "--actual"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    // Only now is there something to print.
    child
        .stdin
        .take()
        .unwrap()
        .write_all(DOCUMENT.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}
