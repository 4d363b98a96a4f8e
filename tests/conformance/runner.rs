//! The runner, sent against a small server that is built on this crate, and against ones that are broken in one way.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use bucket_cors::{
    Configuration, Credentials, Error, Profile, RequestFields, RequestKind, RuleSet, Vary,
};

use crate::built;

static RUNNER: LazyLock<PathBuf> = LazyLock::new(|| built::example("conformance", ""));

/// The lines of an answer and its body, before they are sent.
struct Answer {
    status: u16,
    lines: Vec<(String, String)>,
    body: String,
}

/// What a server does to its own answers: nothing, or one thing that is wrong.
type Broken = fn(&mut Answer);

fn right(_: &mut Answer) {}

/// What a server makes of a document before it reads it: the same, or one thing that is wrong.
type Misread = fn(&[u8]) -> Vec<u8>;

#[derive(Clone, Copy)]
struct Server {
    profile: Profile,
    misread: Misread,
    /// That a refused document leaves the bucket without any.
    forgets: bool,
    broken: Broken,
}

impl Server {
    fn new(profile: Profile, broken: Broken) -> Self {
        Self {
            profile,
            misread: <[u8]>::to_vec,
            forgets: false,
            broken,
        }
    }
}

/// A server of one bucket on a port of its own, until the tests end.
fn serve(server: Server) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let rules = Arc::new(Mutex::new(RuleSet::not_configured(server.profile)));
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let rules = Arc::clone(&rules);
            // A client that goes away is no matter of the server's.
            let _ = stream.and_then(|stream| serve_one(stream, number, &server, &rules));
        }
    });
    address
}

fn serve_one(
    mut stream: TcpStream,
    number: usize,
    server: &Server,
    rules: &Mutex<RuleSet>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer)?;
        bytes.extend(&buffer[..read]);
        let mut lines = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut lines);
        let parsed = request.parse(&bytes).map_err(io::Error::other)?;
        let httparse::Status::Complete(start) = parsed else {
            if read == 0 {
                return Ok(());
            }
            continue;
        };
        let length = request
            .headers
            .iter()
            .find(|line| line.name == "Content-Length");
        let length = length.and_then(|line| str::from_utf8(line.value).ok()?.parse().ok());
        let Some(body) = bytes.get(start..start + length.unwrap_or(0)) else {
            continue;
        };
        let mut answer = answer(&request, body, server, &mut rules.lock().unwrap());
        (server.broken)(&mut answer);
        return stream.write_all(&wire(&answer, request.method == Some("HEAD"), number));
    }
}

fn answer(
    request: &httparse::Request<'_, '_>,
    body: &[u8],
    server: &Server,
    rules: &mut RuleSet,
) -> Answer {
    let profile = server.profile;
    let method = request.method.unwrap();
    let mut answer = Answer {
        status: 200,
        lines: Vec::new(),
        body: String::new(),
    };
    match (method, request.path.unwrap()) {
        ("PUT", "/bucket?cors") => match put(&(server.misread)(body), profile) {
            Ok(new) => *rules = new,
            Err(error) => {
                if server.forgets {
                    *rules = RuleSet::not_configured(profile);
                }
                let (code, message) = (error.code(), error.message());
                let message = message.replace('&', "&amp;").replace('<', "&lt;");
                answer.status = 400;
                answer.body =
                    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            }
        },
        ("DELETE", "/bucket?cors") => {
            *rules = RuleSet::not_configured(profile);
            answer.status = 204;
        }
        (_, "/bucket/key") => {
            let lines = request.headers.iter().map(|line| (line.name, line.value));
            let fields = RequestFields::new(method.as_bytes(), lines);
            let decision = rules.evaluate(&fields);
            let is_options = matches!(
                decision.kind(),
                RequestKind::Preflight | RequestKind::Options
            );
            if !is_options {
                answer.status = 404;
                answer.body = "no such key".into();
            }
            if let Some(status) = decision.preflight_status() {
                answer.status = status.as_u16();
            }
            if let Some(error) = decision.preflight_error() {
                answer.body = error.to_xml(&[("Resource", "/bucket/key")]);
            }
            let lines = decision.fields();
            let lines = lines.map(|(name, value)| (name.to_owned(), value.into_owned()));
            answer.lines.extend(lines);
            // Lines of its own, as a server with more to say of it has.
            answer.lines.push(("vary".into(), "Accept-Encoding".into()));
            let vary = decision.vary().iter();
            let vary = vary.map(|name| ("Vary".to_owned(), (*name).to_owned()));
            answer.lines.extend(vary);
        }
        _ => answer.status = 405,
    }
    answer
}

fn put(document: &[u8], profile: Profile) -> Result<RuleSet, Error> {
    let configuration = Configuration::from_xml(document, profile)?;
    Ok(RuleSet::compile(&configuration, profile)?)
}

/// By turns in each of the three ways that HTTP/1.1 has to end a body.
fn wire(answer: &Answer, to_head: bool, number: usize) -> Vec<u8> {
    let Answer {
        status,
        lines,
        body,
    } = answer;
    let interim = if number.is_multiple_of(4) {
        "HTTP/1.1 100 Continue\r\n\r\n"
    } else {
        ""
    };
    let lines = lines.iter();
    let lines = lines.map(|(name, value)| format!("{name}: {value}\r\n"));
    let (how, body) = match number % 3 {
        0 => (format!("Content-Length: {}\r\n", body.len()), body.clone()),
        1 => {
            let (first, rest) = body.split_at(body.len() / 2);
            let chunks = [first, rest].into_iter().filter(|chunk| !chunk.is_empty());
            let chunks = chunks.map(|chunk| format!("{:x};a=b\r\n{chunk}\r\n", chunk.len()));
            let body = format!("{}0\r\n\r\n", chunks.collect::<String>());
            ("Transfer-Encoding: chunked\r\n".to_owned(), body)
        }
        _ => (String::new(), body.clone()),
    };
    let body = if to_head || *status == 204 { "" } else { &body };
    let lines: String = lines.collect();
    format!("{interim}HTTP/1.1 {status} Any\r\n{lines}{how}\r\n{body}").into_bytes()
}

/// Runs the runner on a command line, split at spaces. A busy machine must not make an answer late.
fn run(address: SocketAddr, line: &str) -> (Option<i32>, String, String) {
    let patience: &[&str] = if line.contains("--timeout") {
        &[]
    } else {
        &["--timeout", "60"]
    };
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(&*RUNNER)
        .args(["--url", &format!("http://{address}"), "--bucket", "bucket"])
        .args(line.split_whitespace())
        .args(patience)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// The three numbers of the closing line.
#[track_caller]
fn closing(out: &str) -> [usize; 3] {
    let last = out.lines().last().unwrap();
    let numbers: Vec<usize> = last
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    let [passed, failed, skipped] = numbers[..] else {
        panic!("{out}")
    };
    assert_eq!(
        last,
        format!("{passed} passed, {failed} failed, {skipped} skipped")
    );
    [passed, failed, skipped]
}

#[track_caller]
fn passes(profile: Profile, line: &str, least: usize) {
    passes_at(serve(Server::new(profile, right)), line, least);
}

#[track_caller]
fn passes_at(address: SocketAddr, line: &str, least: usize) {
    let (code, out, err) = run(address, line);
    assert_eq!((code, &*err), (Some(0), ""), "{out}");
    let [passed, failed, skipped] = closing(&out);
    assert_eq!(failed, 0);
    assert!(passed >= least, "{out}");
    let reasons = out.lines().filter(|line| line.starts_with("skipped "));
    let reasons = reasons.map(|line| line.split([' ', ':']).nth(1).unwrap());
    assert_eq!(
        reasons.map(|n| n.parse::<usize>().unwrap()).sum::<usize>(),
        skipped
    );
}

#[test]
fn a_server_that_answers_as_cos_passes() {
    passes(Profile::COS, "--bodies", 500);
}

#[test]
fn a_server_that_answers_as_s3_passes() {
    passes(Profile::S3, "--profile s3 --bodies", 500);
}

#[test]
fn the_choices_of_a_profile_pass() {
    let as_provider = Profile::S3.with_vary(Vary::AsProvider);
    passes(as_provider, "--profile s3 --vary as-provider", 500);
    let as_provider = Profile::COS.with_vary(Vary::AsProvider);
    passes(as_provider, "--vary as-provider --filter vary/", 20);
    let never = Profile::COS.with_credentials(Credentials::Never);
    passes(never, "--credentials never --filter answers/", 3);
}

/// The object store of examples/bucket, over the layer.
#[cfg(feature = "tower")]
#[test]
fn the_example_passes() {
    let example = built::example("bucket", "tower");
    for (provider, vary) in [
        ("cos", "safe"),
        ("cos", "as-provider"),
        ("s3", "safe"),
        ("s3", "as-provider"),
    ] {
        let example = crate::running::Running::start(&example, provider, vary);
        make_bucket(example.address).unwrap();
        let line = format!("--profile {provider} --vary {vary} --bodies");
        passes_at(example.address, &line, 500);
    }
}

#[cfg(feature = "tower")]
fn make_bucket(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    let line = "PUT /bucket HTTP/1.1";
    write!(
        stream,
        "{line}\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    stream.read_to_end(&mut Vec::new()).map(drop)
}

/// The case that is named first fails, and says so in these words.
#[track_caller]
fn fails(broken: Broken, line: &str, case: &str, words: &str) {
    fails_there(Server::new(Profile::S3, broken), line, case, words);
}

#[track_caller]
fn fails_there(server: Server, line: &str, case: &str, words: &str) {
    let (code, out, err) = run(serve(server), &format!("--profile s3 {line}"));
    assert_eq!((code, &*err), (Some(1), ""), "{out}");
    assert!(closing(&out)[1] > 0, "{out}");
    let mut lines = out.lines();
    let found = lines.find(|line| line.starts_with(&format!("FAIL {case}: ")));
    assert!(found.is_some(), "{case} in\n{out}");
    let of_it = lines.take_while(|line| line.starts_with("     "));
    assert!(
        of_it.collect::<String>().contains(words),
        "{words} in\n{out}"
    );
}

const SHARED: &str = "kinds/kinds/get-with-origin";
const REFUSED: &str = "kinds/kinds/preflight-has-origin-and-method";

#[test]
fn a_server_without_vary_fails() {
    let no_vary: Broken = |answer| answer.lines.retain(|(name, _)| name != "Vary");
    fails(
        no_vary,
        "--filter kinds/",
        SHARED,
        "Vary: expected Origin, Access-Control-Request-Headers",
    );
}

#[test]
fn a_server_that_varies_as_the_provider_is_asked_the_rest_too() {
    let line = "--vary as-provider --filter kinds/kinds/";
    let server = || Server::new(Profile::COS.with_vary(Vary::AsProvider), right);
    let (_, out, _) = run(serve(server()), line);
    let [passed, failed, skipped] = closing(&out);
    assert_eq!((failed, skipped), (0, 0), "{out}");
    let words = format!("Vary not compared in {passed}: written for --vary safe");
    assert!(out.contains(&words), "{out}");

    // What is not about Vary still counts.
    let no_origin: Broken = |answer| {
        let field = "Access-Control-Allow-Origin";
        answer.lines.retain(|(name, _)| name != field);
    };
    let server = Server {
        broken: no_origin,
        ..server()
    };
    let (code, out, _) = run(serve(server), line);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains(&format!("FAIL {SHARED}: ")), "{out}");
}

#[test]
fn a_server_that_varies_where_nothing_is_configured_fails() {
    let vary: Broken = |answer| answer.lines.push(("Vary".into(), "origin".into()));
    let case = "kinds/kinds-in-a-bucket-without-document/actual-where-nothing-is-configured";
    fails(
        vary,
        "--filter kinds/",
        case,
        "Vary: expected nothing, got Accept-Encoding, origin",
    );
}

#[test]
fn a_server_that_answers_its_fields_twice_fails() {
    let twice: Broken = |answer| answer.lines.extend_from_within(..);
    let words = r#"Origin: expected "https://a.test", got "https://a.test" and "https://a.test""#;
    fails(twice, "--filter kinds/", SHARED, words);
}

#[test]
fn a_server_that_answers_a_field_to_all_fails() {
    let field = "Access-Control-Allow-Private-Network";
    let private: Broken = |answer| {
        let field = "Access-Control-Allow-Private-Network";
        answer.lines.push((field.into(), "true".into()));
    };
    fails(
        private,
        "--filter kinds/",
        SHARED,
        &format!(r#"{field}: expected nothing, got "true""#),
    );
}

#[test]
fn a_server_with_another_status_fails() {
    let status: Broken = |answer| {
        if answer.status == 200 {
            answer.status = 204;
        }
    };
    fails(
        status,
        "--filter kinds/",
        REFUSED,
        "status: expected 200, got 204",
    );
}

#[test]
fn a_server_with_another_code_fails() {
    let code: Broken = |answer| answer.body = answer.body.replace("BadRequest", "Bad");
    let case = "kinds/kinds/options-alone";
    let words = r#"<Code>: expected "BadRequest", got "Bad""#;
    fails(code, "--filter kinds/", case, words);
}

#[test]
fn a_body_is_compared_when_asked_for() {
    let method: Broken = |answer| answer.body = answer.body.replace("Method>", "Verb>");
    let line = "--filter errors/error-of-each-denial";
    let (code, out, _) = run(
        serve(Server::new(Profile::S3, method)),
        &format!("--profile s3 {line}"),
    );
    assert_eq!(code, Some(0), "{out}");
    let case = "errors/error-of-each-denial/error-origin";
    let words = r#"<Method>: expected "GET", got nothing"#;
    fails(method, &format!("{line} --bodies"), case, words);
}

#[test]
fn a_server_that_takes_any_document_fails() {
    let any: Broken = |answer| {
        if answer.status == 400 {
            answer.status = 200;
        }
    };
    let case = "documents-compile/no-rule";
    let words = "status: expected 400, got 200";
    fails(any, "--filter documents-compile/", case, words);
}

#[test]
fn a_server_that_refuses_documents_otherwise_fails() {
    let otherwise: Broken = |answer| {
        if answer.status == 400 {
            answer.status = 422;
        }
    };
    let case = "documents-compile/no-rule";
    let words = "status: expected 400, got 422";
    fails(otherwise, "--filter documents-compile/no-rule", case, words);
}

#[test]
fn a_server_that_loses_its_document_to_a_refused_one_fails() {
    let server = Server {
        forgets: true,
        ..Server::new(Profile::S3, right)
    };
    let words = "by the document before: Access-Control-Allow-Origin: \
        expected \"https://kept.test\", got nothing";
    for case in [
        "documents-compile/no-rule",
        "documents-xml/xml-of-65537-bytes",
    ] {
        fails_there(server, "--filter documents-", case, words);
    }
}

#[test]
fn a_bucket_that_does_not_exist_is_said_once() {
    let none: Broken = |answer| {
        answer.status = 404;
        answer.body = "<Error><Code>NoSuchBucket</Code></Error>".into();
    };
    for line in ["", "--filter documents-xml/"] {
        let (code, out, err) = run(serve(Server::new(Profile::COS, none)), line);
        assert_eq!((code, &*out), (Some(2), ""), "{err}");
        let words =
            r#"the bucket "bucket" doesn't exist: PUT ?cors: answered 404, <Code> NoSuchBucket"#;
        assert_eq!(err.trim_end(), words);
    }
}

#[test]
fn what_fails_says_what_was_sent() {
    let other: Broken = |answer| {
        answer.status = if answer.lines.is_empty() { 200 } else { 500 };
    };
    let sent = r#"sent OPTIONS, Origin: "https://a.test", Access-Control-Request-Method: "GET""#;
    fails(other, "--filter kinds/", REFUSED, sent);
    let case = "requested-headers/limits-of-the-list/name-of-8192-bytes";
    let line = "--filter name-of-8192-bytes";
    fails(
        other,
        line,
        case,
        r#"Access-Control-Request-Headers: "x-aaa"#,
    );
    fails(other, line, case, "aaa ...");
    let document = "documents-compile/no-rule";
    let sent = r#"sent PUT ?cors, "<CORSConfiguration"#;
    fails(other, "--filter documents-compile/", document, sent);
}

/// Each takes the documents, and makes something else of them.
#[test]
fn a_server_that_misreads_documents_fails() {
    fn replaced(document: &[u8], from: &str, to: &str) -> Vec<u8> {
        match str::from_utf8(document) {
            Ok(text) => text.replace(from, to).into_bytes(),
            Err(_) => document.to_vec(),
        }
    }
    let not_decoded: Misread = |document| replaced(document, "&amp;", "&amp;amp;");
    let decoded_again: Misread = |document| replaced(document, "<![CDATA[a&amp;b", "<![CDATA[a&b");
    let up_to_the_comment: Misread = |document| replaced(document, "<!--.b-->.te<?c d?>st", "");
    let no_late_ones: Misread = |document| {
        replaced(document, "<ID>i</ID>", "</CORSRule><!--")
            .strip_suffix(b"</CORSRule></CORSConfiguration>")
            .map_or(document.to_vec(), |head| {
                [head, b"--></CORSConfiguration>"].concat()
            })
    };
    let no_second_rule: Misread = |document| match document.get(..60_000) {
        Some(head) => [head, b"</CORSConfiguration>"].concat(),
        None => document.to_vec(),
    };
    for (misread, case) in [
        (not_decoded, "read-references/read-references-are-decoded"),
        (decoded_again, "read-cdata/read-cdata-is-text"),
        (up_to_the_comment, "read-comments/read-comments-are-skipped"),
        (no_late_ones, "read-interleaved/read-interleaved-last-ones"),
        (
            no_second_rule,
            "read-65536-bytes/read-65536-bytes-to-the-end",
        ),
    ] {
        let server = Server {
            misread,
            ..Server::new(Profile::S3, right)
        };
        let case = format!("documents-read/{case}");
        fails_there(
            server,
            "--filter documents-read/",
            &case,
            "status: expected 200",
        );
    }
}

#[test]
fn a_server_that_takes_no_document_fails_each_case_of_it() {
    let none: Broken = |answer| answer.status = 501;
    let words = "PUT ?cors: answered 501";
    fails(
        none,
        "--filter origins/star-alone",
        "origins/star-alone/star-takes-a-site",
        words,
    );
}

#[test]
fn a_server_that_reads_no_long_fields_is_skipped_there() {
    let short: Broken = |answer| {
        if answer.body.contains("too long") {
            answer.status = 431;
        }
    };
    let short_like_nginx: Broken = |answer| {
        if answer.body.contains("too long") {
            answer.body = "<title>400 Request Header Or Cookie Too Large</title>".into();
        }
    };
    for short in [short, short_like_nginx] {
        let server = serve(Server::new(Profile::COS, short));
        let (code, out, _) = run(server, "--filter limits-of-the-list/name-of-819");
        assert_eq!((code, closing(&out)), (Some(0), [1, 0, 1]), "{out}");
        let words = "skipped 1: the server reads no fields of that length";
        assert!(out.contains(words), "{out}");
    }
}

#[test]
fn a_server_that_reads_no_fields_fails() {
    let none: Broken = |answer| {
        let asked_of_the_key = !answer.lines.is_empty();
        if asked_of_the_key {
            answer.status = 431;
        }
    };
    let words = "status: expected 200, got 431";
    fails(none, "--filter kinds/", REFUSED, words);
    let case = "requested-headers/limits-of-the-list/128-names";
    fails(none, "--filter limits-of-the-list/", case, words);
}

#[test]
fn without_a_run_it_ends_with_2() {
    let address = serve(Server::new(Profile::COS, right));
    for (line, words) in [
        ("--filter no-such-case", "no case was sent"),
        ("--filter writing/written/", "no case was sent"),
        ("--cases /no/such/folder", "/no/such/folder: "),
        ("--profile gcs", "invalid value 'gcs'"),
        ("--timeout 0", "invalid value '0'"),
    ] {
        let (code, _, err) = run(address, line);
        assert_eq!(code, Some(2), "{line}");
        assert!(err.contains(words), "{line}: {err}");
    }

    // A port of one's own that is free again may be the next test's.
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let (code, _, err) = run(nobody, "");
    assert_eq!(code, Some(2));
    assert!(err.starts_with(&format!("http://{nobody}/: ")), "{err}");
}

#[test]
fn a_server_that_hangs_up_fails() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().for_each(drop));
    let (code, out, _) = run(address, "--filter kinds/kinds/get-with-origin");
    assert_eq!(code, Some(1));
    assert!(out.contains("no answer: "), "{out}");
}

#[test]
fn a_server_that_never_answers_fails() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (code, out, _) = run(address, "--filter kinds/kinds/get-with-origin --timeout 1");
    assert_eq!(code, Some(1));
    assert!(out.contains("PUT ?cors: no answer: timed out"), "{out}");
}
