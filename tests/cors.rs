//! The example that looks after a document: the first line for the most common mistakes, what programs get, what is
//! mended, and the exit codes.
#![cfg(all(feature = "xml", feature = "json"))]

mod built;
mod ran;

use std::path::PathBuf;
use std::sync::LazyLock;

use bucket_cors::{Configuration, Profile};
use ran::Run;
use serde_json::Value;

static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| built::example("cors", ""));

/// A command line, split at spaces, with the document on standard input.
fn ask(line: &str, document: &str) -> Run {
    ran::run(&EXAMPLE, document, line.split_whitespace())
}

#[track_caller]
fn ends_with(run: &Run, code: i32) {
    assert_eq!(run.code, Some(code), "{}{}", run.out, run.err);
}

/// A rule that is as it should be, but for what a case changes.
fn rule(from: &str, to: &str) -> String {
    let rule = r#"{"AllowedOrigins": ["https://app.example.com"],
        "AllowedMethods": ["GET", "HEAD", "PUT", "POST", "DELETE"], "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "x-cos-request-id"], "MaxAgeSeconds": 600}"#;
    assert!(rule.contains(from), "{from}");
    rule.replacen(from, to, 1)
}

fn document(rules: &[String], vary: bool) -> String {
    let rules = rules.join(", ");
    format!("{{\"CORSRules\": [{rules}], \"ResponseVary\": {vary}}}")
}

/// The first line of `lint` on the rule with a change, and the exit code.
#[track_caller]
fn lints(from: &str, to: &str, first: &str, code: i32) {
    let run = ask("lint -", &document(&[rule(from, to)], true));
    assert_eq!(run.out.lines().next(), Some(first));
    ends_with(&run, code);
}

/// The first line of `explain` for the app's upload, under the rule with a change.
#[track_caller]
fn explains(from: &str, to: &str, more: &str, first: &str) {
    let line = format!(
        "explain - --origin https://app.example.com --method PUT --header content-type {more}"
    );
    let run = ask(&line, &document(&[rule(from, to)], true));
    assert_eq!(run.out.lines().next(), Some(first), "{}", run.out);
}

const ORIGIN: &str = "https://app.example.com";

#[test]
fn a_document_that_is_as_it_should_be() {
    let run = ask("lint -", &document(&[rule("", "")], true));
    assert_eq!(run.out, "nothing found\n");
    ends_with(&run, 0);
}

#[test]
fn trailing_slash() {
    let with = "https://app.example.com/";
    let first = r#"error[O01]: "https://app.example.com/" ends in `/`: no browser sends that"#;
    lints(ORIGIN, with, first, 1);
    let first = r#"denied: no rule is for the origin "https://app.example.com"; rule 1 has "https://app.example.com/": it ends in "/", which no browser sends; write "https://app.example.com""#;
    explains(ORIGIN, with, "", first);
}

#[test]
fn missing_scheme() {
    let first = r#"warning[O03]: "app.example.com" has no scheme: no browser sends that"#;
    lints(ORIGIN, "app.example.com", first, 1);
    let first = r#"denied: no rule is for the origin "https://app.example.com"; rule 1 has "app.example.com": it lacks the scheme; write "https://app.example.com""#;
    explains(ORIGIN, "app.example.com", "", first);
}

#[test]
fn options_listed() {
    let first = r#"error: rule 1: AllowedMethod: "OPTIONS" is not a method that a rule can allow; leave it out, browsers ask with it for the methods that are listed"#;
    lints("\"HEAD\"", "\"OPTIONS\"", first, 2);
}

#[test]
fn http_for_https() {
    let http = "http://app.example.com";
    let first = r#"denied: no rule is for the origin "https://app.example.com"; rule 1 has "http://app.example.com": they differ in the scheme; add "https://app.example.com""#;
    explains(ORIGIN, http, "", first);
}

#[test]
fn port_missing() {
    let run = ask(
        "explain - --origin http://localhost:3000",
        &document(&[rule(ORIGIN, "http://localhost")], true),
    );
    let first = r#"denied: no rule is for the origin "http://localhost:3000"; rule 1 has "http://localhost": they differ in the port; add "http://localhost:3000""#;
    assert_eq!(run.out.lines().next(), Some(first));
    ends_with(&run, 1);
}

#[test]
fn header_missing() {
    let first = "warning[H01]: ";
    let run = ask(
        "lint -",
        &document(&[rule(r#""AllowedHeaders": ["*"],"#, "")], true),
    );
    assert!(run.out.starts_with(first), "{}", run.out);
    let first = r#"denied: no rule for this origin and method allows the header "content-type"; rule 1 has "x-cos-acl": add "content-type""#;
    explains(r#""*""#, r#""x-cos-acl""#, "", first);
}

#[test]
fn etag_not_exposed() {
    let first =
        "warning[H09]: allows PUT and does not expose ETag: a multipart upload can't be completed";
    lints(r#""ETag", "#, "", first, 1);
}

#[test]
fn star_with_credentials() {
    let first = "hint[C01]: browsers refuse the answer `*` where a page sends credentials";
    let run = ask(
        "lint -",
        &document(
            &[r#"{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"]}"#.to_owned()],
            false,
        ),
    );
    assert_eq!(run.out.lines().next(), Some(first));
    ends_with(&run, 0);
    let refused = "must not be the wildcard '*' when the request's credentials mode is 'include'";
    let run = ask(
        "explain - --origin https://app.example.com --method PUT",
        &document(&[rule(ORIGIN, "*")], true),
    );
    assert!(run.out.contains(refused), "{}", run.out);
    ends_with(&run, 0);
}

#[test]
fn no_vary() {
    let run = ask("lint -", &document(&[rule("", "")], false));
    let first = "warning[V01]: ResponseVary is not true: a cache may keep an answer without the origin that the page needs";
    assert_eq!(run.out.lines().next(), Some(first));
    ends_with(&run, 1);
}

#[test]
fn rule_shadowed() {
    let shorter = document(&[rule("", ""), rule("600", "60")], true);
    let first = "warning[R01]: never decides: rule 1 takes all its requests; put it before rule 1";
    let run = ask("lint -", &shorter);
    assert_eq!(run.out.lines().next(), Some(first));
    assert_eq!(ask("fix -", &shorter).err, "nothing to mend\n");

    let same = document(&[rule("", ""), rule("", "")], true);
    let first = "warning[R01]: never decides: rule 1 takes all its requests";
    assert_eq!(ask("lint -", &same).out.lines().next(), Some(first));
    let fixed = ask("fix -", &same).out;
    let fixed = Configuration::from_json(fixed.as_bytes(), Profile::COS).unwrap();
    assert_eq!(fixed.rules.len(), 1);
}

/// As the provider answers: COS says `Vary` only where it is told to.
#[test]
fn an_explanation_has_the_providers_vary() {
    let line = "explain - --origin https://app.example.com";
    let vary = |vary| {
        ask(line, &document(&[rule("", "")], vary))
            .out
            .contains("Vary: Origin")
    };
    assert_eq!([true, false].map(vary), [true, false]);
}

const BROKEN: &str = "<CORSConfiguration>
  <CORSRule>
    <AllowedOrigin>https://a.example.com/</AllowedOrigin>
    <AllowedMethod>GET</AllowedMethod>
    <AllowedMethod>HEAD</AllowedMethod>
  </CORSRule>
  <ResponseVary>true</ResponseVary>
</CORSConfiguration>
";

/// Whatever it counts in: lines end with CR too, and no byte is a command to the terminal.
#[test]
fn a_place_is_shown_where_it_is_said_to_be() {
    let odd = "<CORSConfiguration>\r<CORSRule>\r\u{e9}</CORSRule></CORSConfiguration>";
    let place = "\n --> stdin:3:1\n";
    assert!(ask("lint -", odd).out.contains(place));
    let line: Value = serde_json::from_str(&ask("lint - --json", odd).out).unwrap();
    assert_eq!((&line["line"], &line["column"]), (&3.into(), &1.into()));
    let json = "{\"AllowedOrigin\": \"\u{e9}\u{e9}\",, }";
    let shown = ask("lint -", json).out;
    let line: Value = serde_json::from_str(&ask("lint - --json", json).out).unwrap();
    let place = format!(" --> stdin:{}:{}\n", line["line"], line["column"]);
    assert!(shown.contains(&place), "{shown}{place}");

    let commands = r#"{"AllowedOrigin": "https://a.test/@31m", "AllowedMethod": "GET"}"#;
    let shown = ask("lint -", &commands.replace('@', "\u{9b}")).out;
    assert!(
        !shown.contains('\u{9b}') && shown.contains("\u{b7}31m"),
        "{shown}"
    );

    // Nor is anything there that can't be seen.
    let unseen = commands.replace('@', "\u{200b}\u{e0041}\u{202e}");
    let shown = ask("lint -", &unseen).out;
    assert!(
        shown.contains("a.test/\u{fffd}\u{1fbc4}\u{fffd}31m"),
        "{shown}"
    );
    assert!(
        !shown.contains(['\u{200b}', '\u{202e}', '\u{e0041}']),
        "{shown}"
    );
    let lines = ask("lint - --json", &commands.replace('@', "\u{e9}\u{1f600}")).out;
    assert!(lines.is_ascii());
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["code"], "O02");
    let complaint = ask("lint no\u{1b}[31m", "").err;
    assert!(complaint.starts_with("no\\u{1b}[31m: "), "{complaint}");
}

/// Nobody reads on.
#[test]
fn a_long_fix_is_cut() {
    let long = format!("https://{}.test/", "a".repeat(5_000));
    let origins = [long.as_str(); 10].join("\", \"");
    let document = format!(r#"{{"AllowedOrigin": ["{origins}"], "AllowedMethod": "HEAD"}}"#);
    let run = ask("lint -", &document);
    let longest = run.out.lines().filter(|line| line.contains("help"));
    assert!(longest.map(str::len).max().unwrap() < 700, "{}", run.out);
    let list = ["https://a.test"; 40].join(",");
    let document = format!(r#"{{"AllowedOrigin": "{list}", "AllowedMethod": "HEAD"}}"#);
    assert!(ask("lint -", &document).out.contains(", and 36 more\n"));
}

/// As compilers do, and without colours where nobody looks.
#[test]
fn a_finding_is_shown_at_its_place() {
    let run = ask("lint -", BROKEN);
    let shown = r#"error[O01]: "https://a.example.com/" ends in `/`: no browser sends that
 --> stdin:3:20
  |
3 |     <AllowedOrigin>https://a.example.com/</AllowedOrigin>
  |                    ^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: A browser's Origin has no path, so the value is never equal to one.
  = help: write "https://a.example.com"

1 error; `fix` mends 1 of them
"#;
    assert_eq!(run.out, shown);
}

/// However long its line: only what can be seen of it is drawn, and not the whole document each time.
#[test]
fn a_finding_in_a_long_line_is_shown_at_its_place() {
    let origins = (0..1_500).map(|n| format!("\"https://é{n}.example.com/\""));
    let origins: Vec<String> = origins.collect();
    let document = format!(
        "[\n{{\"AllowedOrigin\": [{}], \"AllowedMethod\": \"HEAD\"}}]",
        origins.join(",")
    );
    let before = document.split_once("\"https://é1234.").unwrap().0;
    let column = before.lines().last().unwrap().chars().count() + 1;
    let run = ask("lint -", &document);
    let mut findings = run.out.split("\n\n");
    let shown = findings.find(|shown| shown.contains("[O01]") && shown.contains("a91234.ex"));
    let shown = shown.expect("a finding about it");
    assert!(
        shown.contains(&format!(" --> stdin:2:{column}\n")),
        "{shown}"
    );
    let line = shown.lines().find(|line| line.starts_with("2 | ")).unwrap();
    let marks = shown.lines().find(|line| line.contains("^^^")).unwrap();
    let at = marks.find('^').unwrap();
    let marked: String = line
        .chars()
        .skip(at)
        .take(marks.matches('^').count())
        .collect();
    assert_eq!(marked, "\"https://é1234.example.com/\"");
}

#[test]
fn what_is_mended_is_written_in_the_form_it_came_in() {
    let run = ask("fix -", BROKEN);
    let fixed = BROKEN.replace(".com/", ".com");
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    assert_eq!(run.out, format!("{declaration}{fixed}"));
    ends_with(&run, 0);
    // With the root that it had.
    let rule = r#"{"AllowedOrigin": "https://a.test:443", "AllowedMethod": "GET"}"#;
    let list = format!("[{rule}]");
    let object = format!(r#"{{"CORSRules": [{rule}]}}"#);
    let roots = [
        (rule, "{\n  \"Al"),
        (&list, "[\n  {\n"),
        (&object, "{\n  \"CORSR"),
    ];
    for (document, start) in roots {
        let run = ask("fix -", document);
        assert!(run.out.starts_with(start), "{}", run.out);
        assert!(run.out.contains("\"https://a.test\""), "{}", run.out);
    }
    let run = ask("fix -", &list);
    let run = ask("fix -", &run.out);
    assert_eq!(run.err, "nothing to mend\n");
    // Then it is as it was.
    let commented = BROKEN
        .replace(".com/", ".com")
        .replace("<CORSRule>", "<CORSRule><!-- app -->");
    assert_eq!(ask("fix -", &commented).out, commented);
}

/// A page may write `put`.
#[test]
fn methods_are_sent_as_fetch_sends_them() {
    let document = document(&[rule("", "")], true);
    let ask = |method| {
        ask(
            &format!("explain - --origin {ORIGIN} --method {method}"),
            &document,
        )
    };
    ends_with(&ask("put"), 0);
    ends_with(&ask("patch"), 1);
}

#[test]
fn programs_get_a_line_for_each() {
    let run = ask("lint - --json", BROKEN);
    ends_with(&run, 1);
    let line: Value = serde_json::from_str(&run.out).unwrap();
    for (key, value) in [
        ("code", Value::from("O01")),
        ("severity", "error".into()),
        ("rule", 1.into()),
        ("line", 3.into()),
        ("column", 20.into()),
        ("element", "AllowedOrigin".into()),
    ] {
        assert_eq!(line[key], value, "{key}");
    }
    assert!(line["message"].as_str().unwrap().contains("ends in `/`"));
    let fix = &line["fix"];
    assert_eq!(fix["safe"], true);
    assert_eq!(fix["edits"][0]["value"], "https://a.example.com");
    assert_eq!(
        ask("lint - --json", &document(&[rule("", "")], true)).out,
        ""
    );
}

#[test]
fn a_document_that_is_refused() {
    let unknown = "<CORSConfiguration>\n<CORSRule><AllowOrigin/></CORSRule></CORSConfiguration>";
    let run = ask("lint -", unknown);
    let shown =
        "error: unknown element <AllowOrigin>; did you mean <AllowedOrigin>?\n --> stdin:2:11\n";
    assert!(run.out.starts_with(shown), "{}", run.out);
    ends_with(&run, 2);
    let run = ask("lint - --json", unknown);
    let line: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&line["line"], &line["column"]), (&2.into(), &11.into()));
    assert_eq!(line["code"], "MalformedXML");
    ends_with(&run, 2);

    let two = r#"{"AllowedOrigin": "a b", "AllowedMethod": "get"}"#;
    let run = ask("lint - --json", two);
    let refused = run
        .out
        .lines()
        .filter(|line| line.contains("InvalidRequest"));
    assert_eq!(refused.count(), 2);
    ends_with(&run, 2);
    for line in ["explain - --origin https://a.test", "fix -"] {
        let run = ask(line, two);
        assert_eq!(run.out, "");
        assert!(run.err.contains("did you mean `GET`?"), "{}", run.err);
        assert!(run.err.contains("\n --> stdin:1:19\n"), "{}", run.err);
        ends_with(&run, 2);
    }
    // What is wrong elsewhere is said too.
    let slash = r#"{"AllowedOrigin": "https://a.test/", "AllowedMethod": "get"}"#;
    assert!(ask("lint -", slash).out.contains("error[O01]"));

    // Nothing else is.
    let empty = ask("lint -", "<CORSConfiguration/>");
    assert!(!empty.out.contains("nothing found"), "{}", empty.out);
    ends_with(&empty, 2);

    let run = ask("lint no-such-file", "");
    assert!(run.err.starts_with("no-such-file: "));
    ends_with(&run, 2);
}

#[test]
fn explanations_for_programs() {
    let line = "explain - --json --origin https://app.example.com --method PUT";
    let run = ask(line, &document(&[rule("", "")], true));
    ends_with(&run, 0);
    let both: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(both["preflight"]["kind"], "preflight");
    assert_eq!(both["request"]["kind"], "actual");
    // A browser needn't ask for these.
    let line = "explain - --json --origin https://app.example.com --method HEAD";
    let run = ask(line, &document(&[rule("", "")], true));
    let both: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(both["preflight"], Value::Null);
}
