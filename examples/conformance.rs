//! Sends the conformance cases to a server over HTTP/1.1, and says where its answers differ.
//!
//! ```sh
//! cargo run --example conformance -- --url http://127.0.0.1:9000 --profile s3
//! cargo run --example conformance -- --help
//! ```
//!
//! It knows nothing of the crate: the cases are data, in `tests/conformance`, and so is what to expect.
//! `run` goes through them; `compare` holds an answer against a case; `Server::ask` is a small HTTP client, which
//! sends bytes that a larger one would not.

#[path = "../tests/conformance/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use cases::{Case, DocumentCase, Form, Group, Provider, Refusal, Text};
use clap::{Parser, ValueEnum};
use http::Uri;

const PASSED: u8 = 0;
const FAILED: u8 = 1;
const NO_RUN: u8 = 2; // clap's code for wrong arguments, too

const AFTER_HELP: &str = "\
Exit codes:
  0  every case that was sent has passed
  1  at least one has failed
  2  no run: the arguments are wrong, the cases can't be read, none is left by the options,
     nobody answers at the address, or the bucket doesn't exist

The bucket has to exist and to take requests that are not signed; PUT and DELETE of
/BUCKET?cors and of /BUCKET/key are sent. tests/conformance/README.md says what is compared.

Examples:
  conformance --url http://127.0.0.1:9000 --profile s3
  conformance --url http://127.0.0.1:9000 --profile s3 --vary as-provider --filter vary";

/// Sends the conformance cases to a server, and compares what it answers.
#[derive(Parser)]
#[command(name = "conformance", after_help = AFTER_HELP)]
struct Arguments {
    /// Where the server is: http, and a path before the bucket if there is one
    #[arg(long)]
    url: Uri,

    /// The bucket to put the documents in
    #[arg(long, default_value = "conformance")]
    bucket: String,

    /// The provider that the server answers like
    #[arg(long, value_enum, default_value_t = ProviderName::Cos)]
    profile: ProviderName,

    /// What its answers vary on; under as-provider, cases for safe are sent as well, without comparing Vary
    #[arg(long, value_enum, default_value_t = VaryName::Safe)]
    vary: VaryName,

    /// Whether it allows credentials
    #[arg(long, value_enum, default_value_t = CredentialsName::AsProvider)]
    credentials: CredentialsName,

    /// Only cases whose file, group or name contains this
    #[arg(long, default_value = "")]
    filter: String,

    /// Compare the whole body of a refusal, not its code alone
    #[arg(long)]
    bodies: bool,

    /// How long an answer may take, in seconds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    /// The folder of the cases
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance"))]
    cases: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProviderName {
    /// Tencent COS
    Cos,
    /// Amazon S3
    S3,
}

#[derive(Clone, Copy, ValueEnum)]
enum VaryName {
    /// Every answer says what it depends on
    Safe,
    /// Those that the provider's do
    AsProvider,
}

#[derive(Clone, Copy, ValueEnum)]
enum CredentialsName {
    /// Where the origin is echoed
    AsProvider,
    /// Nowhere
    Never,
}

impl Arguments {
    fn provider(&self) -> Provider {
        match self.profile {
            ProviderName::Cos => Provider::Cos,
            ProviderName::S3 => Provider::S3,
        }
    }

    fn vary(&self) -> cases::Vary {
        match self.vary {
            VaryName::Safe => cases::Vary::Safe,
            VaryName::AsProvider => cases::Vary::AsProvider,
        }
    }

    fn credentials(&self) -> cases::Credentials {
        match self.credentials {
            CredentialsName::AsProvider => cases::Credentials::AsProvider,
            CredentialsName::Never => cases::Credentials::Never,
        }
    }

    fn is_for(&self, group: &Group) -> bool {
        let varies_so = group.vary == self.vary() || group.vary == cases::Vary::Safe;
        group.providers.contains(&self.provider())
            && varies_so
            && group.credentials == self.credentials()
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(tally) => {
            say(&tally);
            if tally.failed > 0 { FAILED } else { PASSED }.into()
        }
        Err(error) => {
            eprintln!("{error}");
            NO_RUN.into()
        }
    }
}

fn say(text: impl Display) {
    // A reader that has seen enough, such as `head`, changes nothing.
    let _ = writeln!(io::stdout(), "{text}");
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Of these: where the other choice of `Vary` is expected.
    without_vary: usize,
    skipped: BTreeMap<&'static str, usize>,
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (why, number) in &self.skipped {
            writeln!(f, "skipped {number}: {why}")?;
        }
        if self.without_vary > 0 {
            let number = self.without_vary;
            writeln!(f, "Vary not compared in {number}: written for --vary safe")?;
        }
        let skipped: usize = self.skipped.values().sum();
        let Self { passed, failed, .. } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// What became of a case.
enum Verdict {
    Compared(Vec<String>),
    Skipped(&'static str),
}

impl Tally {
    fn count(&mut self, name: &str, why: &str, verdict: Verdict) {
        match verdict {
            Verdict::Skipped(why) => *self.skipped.entry(why).or_default() += 1,
            Verdict::Compared(wrong) if wrong.is_empty() => self.passed += 1,
            Verdict::Compared(wrong) => {
                self.failed += 1;
                say(format_args!("FAIL {name}: {why}"));
                for wrong in wrong {
                    say(format_args!("     {wrong}"));
                }
            }
        }
    }
}

fn run(arguments: &Arguments) -> Result<Tally, String> {
    let topics = cases::load(&arguments.cases)?;
    let server = Server::new(arguments)?;
    server
        .connect()
        .map_err(|error| format!("{}: {error}", arguments.url))?;

    let mut bucket = Bucket {
        name: &arguments.bucket,
        server: &server,
        exists: false,
        has_kept: false,
    };
    let mut tally = Tally::default();
    for (file, topic) in &topics {
        for group in topic.groups.iter().filter(|group| arguments.is_for(group)) {
            let name = |case: &Case| format!("{file}/{}/{}", group.name, case.name);
            let chosen = |case: &&Case| name(case).contains(&arguments.filter);
            let chosen: Vec<&Case> = group.cases.iter().filter(chosen).collect();
            if chosen.is_empty() {
                continue;
            }
            bucket.exists()?;
            let prepared = bucket.prepare(group);
            let vary = group.vary == arguments.vary();
            for case in chosen {
                let verdict = match &prepared {
                    Ok(None) => ask(&server, case, arguments, vary),
                    Ok(Some(why)) => Verdict::Skipped(why),
                    Err(wrong) => Verdict::Compared(wrong.clone()),
                };
                if !vary && matches!(verdict, Verdict::Compared(_)) {
                    tally.without_vary += 1;
                }
                tally.count(&name(case), &case.why, verdict);
            }
        }
        for case in &topic.documents {
            let name = format!("{file}/{}", case.name);
            if case.providers.contains(&arguments.provider()) && name.contains(&arguments.filter) {
                let verdict = if let Some(why) = not_sent(case) {
                    Verdict::Skipped(why)
                } else {
                    bucket.exists()?;
                    Verdict::Compared(bucket.put(case, arguments.bodies))
                };
                tally.count(&name, &case.why, verdict);
            }
        }
    }
    if tally.passed + tally.failed == 0 {
        return Err(format!("no case was sent\n{tally}"));
    }
    Ok(tally)
}

const OTHER_LIMIT: &str = "another number of rules than the provider's";

fn not_sent(case: &DocumentCase) -> Option<&'static str> {
    if case.form != Form::Xml {
        return Some("PUT takes XML alone");
    }
    case.max_rules.is_some().then_some(OTHER_LIMIT)
}

/// A good document, and an origin that no case has: what is in force still once another document is refused.
const KEPT: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>https://kept.test</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
const KEPT_ORIGIN: &[u8] = b"https://kept.test";

struct Bucket<'a> {
    name: &'a str,
    server: &'a Server,
    /// As far as is known.
    exists: bool,
    /// That `KEPT` is its document.
    has_kept: bool,
}

impl Bucket<'_> {
    /// Puts the first document. Without the bucket every case would fail, so that is said once.
    fn exists(&mut self) -> Result<(), String> {
        if self.exists {
            return Ok(());
        }
        match self.server.put_document(KEPT.as_bytes()) {
            Ok(answer) if answer.status == 404 => {
                let (name, said) = (self.name, answer.said());
                return Err(format!(
                    "the bucket {name:?} doesn't exist: PUT ?cors: {said}"
                ));
            }
            Ok(answer) => self.has_kept = answer.is_success(),
            Err(_) => {} // as each case will say
        }
        self.exists = true;
        Ok(())
    }

    /// Brings the bucket into a group's state, or says why not: by choice, or what went wrong.
    fn prepare(&mut self, group: &Group) -> Result<Option<&'static str>, Vec<String>> {
        if group.max_rules.is_some() {
            return Ok(Some(OTHER_LIMIT));
        }
        self.has_kept = false;
        let Some(document) = &group.document else {
            let answer = self.server.ask(b"DELETE", "?cors", &[], b"");
            let said = match answer {
                // Where no document is, there is none to delete.
                Ok(answer) if answer.is_success() || answer.status == 404 => return Ok(None),
                Ok(answer) => answer.said(),
                Err(error) => format!("no answer: {error}"),
            };
            return Err(vec![format!("DELETE ?cors: {said}")]);
        };
        let said = match self.server.put_document(&document.0) {
            Ok(answer) if answer.is_success() => return Ok(None),
            Ok(answer) => answer.said(),
            Err(error) => format!("no answer: {error}"),
        };
        Err(vec![
            format!("PUT ?cors: {said}"),
            sent_document(&document.0),
        ])
    }

    /// What is wrong with what becomes of a document.
    fn put(&mut self, case: &DocumentCase, bodies: bool) -> Vec<String> {
        let mut wrong = match &case.expect.refused {
            Some(refused) => self.put_refused(&case.document, refused, bodies),
            None => self.put_accepted(&case.document),
        };
        if !wrong.is_empty() {
            wrong.push(sent_document(&case.document.0));
        }
        wrong
    }

    fn put_accepted(&mut self, document: &Text) -> Vec<String> {
        self.has_kept = false;
        match self.server.put_document(&document.0) {
            Ok(answer) if answer.is_success() => Vec::new(),
            Ok(answer) => vec![differs("status", "2xx", &answer.status.to_string())],
            Err(error) => vec![format!("no answer: {error}")],
        }
    }

    fn put_refused(&mut self, document: &Text, refused: &Refusal, bodies: bool) -> Vec<String> {
        if !self.has_kept {
            let said = match self.server.put_document(KEPT.as_bytes()) {
                Ok(answer) if answer.is_success() => None,
                Ok(answer) => Some(answer.said()),
                Err(error) => Some(format!("no answer: {error}")),
            };
            if let Some(said) = said {
                return vec![format!("PUT ?cors of a good document before: {said}")];
            }
        }
        self.has_kept = false;
        let answer = match self.server.put_document(&document.0) {
            Ok(answer) => answer,
            Err(error) => return vec![format!("no answer: {error}")],
        };
        let mut wrong = Vec::new();
        // Semantics 2.6.
        if answer.status != 400 {
            wrong.push(differs("status", "400", &answer.status.to_string()));
        }
        wrong.extend(answer.wrong_element("Code", Some(refused.code.as_bytes())));
        if let (true, Some(message)) = (bodies, &refused.message) {
            wrong.extend(answer.wrong_element("Message", Some(&message.0)));
        }
        if !answer.is_success() {
            let lost = self.wrong_in_kept();
            self.has_kept = lost.is_none();
            wrong.extend(lost.map(|lost| format!("by the document before: {lost}")));
        }
        wrong
    }

    /// Semantics 6.10: a refused document changes nothing.
    fn wrong_in_kept(&self) -> Option<String> {
        const FIELD: &str = "Access-Control-Allow-Origin";
        let lines = [
            ("Origin", KEPT_ORIGIN),
            ("Access-Control-Request-Method", b"GET"),
        ];
        match self.server.ask(b"OPTIONS", "/key", &lines, b"") {
            Ok(answer) => {
                let (expected, got) = (vec![KEPT_ORIGIN], answer.lines(FIELD));
                (expected != got).then(|| differs(FIELD, &shown(&expected), &shown(&got)))
            }
            Err(error) => Some(format!("no answer: {error}")),
        }
    }
}

fn sent_document(document: &[u8]) -> String {
    format!("sent PUT ?cors, {}", shortened(&shown(&[document]), ENOUGH))
}

fn sent_request(method: &[u8], lines: &[(&str, &[u8])]) -> String {
    let lines = lines.iter().map(|(name, value)| {
        let value = shortened(&shown(&[value]), ENOUGH / 3);
        format!(", {name}: {value}")
    });
    format!(
        "sent {}{}",
        method.escape_ascii(),
        lines.collect::<String>()
    )
}

fn ask(server: &Server, case: &Case, arguments: &Arguments, vary: bool) -> Verdict {
    if case.response.is_some() {
        return Verdict::Skipped("about a response before it is sent");
    }
    let request = &case.request;
    let lines = request.fields.iter();
    let lines: Vec<_> = lines.map(|(name, value)| (&**name, &*value.0)).collect();
    if !is_token(&request.method.0) || !lines.iter().all(|line| is_carried(*line)) {
        return Verdict::Skipped("bytes that HTTP/1.1 does not carry");
    }
    let mut wrong = match server.ask(&request.method.0, "/key", &lines, b"") {
        Ok(answer) if is_long(&lines) && answer.is_of_length() => {
            return Verdict::Skipped("the server reads no fields of that length");
        }
        Ok(answer) => compare(&answer, case, arguments, vary),
        Err(error) => vec![format!("no answer: {error}")],
    };
    if !wrong.is_empty() {
        wrong.push(sent_request(&request.method.0, &lines));
    }
    Verdict::Compared(wrong)
}

/// Whether a server may say that the fields are too long for it. The common ones read 8 KiB and more: who reads less
/// than half of that has no such excuse.
fn is_long(lines: &[(&str, &[u8])]) -> bool {
    const EVERY_SERVER_READS: usize = 4096;
    let bytes: usize = lines.iter().map(|(_, value)| value.len()).sum();
    bytes > EVERY_SERVER_READS
}

/// RFC 9110, 5.6.2.
fn is_token(text: &[u8]) -> bool {
    let mark = |byte: &u8| b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || mark(b))
}

/// RFC 9110, 5.5: a recipient drops the blanks at the ends. They mean nothing in a list, but all in another value.
fn is_carried((name, value): (&str, &[u8])) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let at_an_end = blank(value.first()) || blank(value.last());
    let is_list = name.eq_ignore_ascii_case("Access-Control-Request-Headers");
    let control = |&byte: &u8| byte != b'\t' && byte.is_ascii_control();
    !value.iter().any(control) && (is_list || !at_an_end)
}

/// Semantics 4.4.3.
const FIELDS: [&str; 7] = [
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Allow-Private-Network",
];

/// What an answer may vary on for the sake of CORS.
const VARY: [&str; 3] = [
    "Origin",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
];

fn compare(answer: &Answer, case: &Case, arguments: &Arguments, vary: bool) -> Vec<String> {
    let provider = arguments.provider();
    let expected = &case.expect;
    let mut wrong = Vec::new();
    // Any other request is served: how, is not for CORS to say.
    if let Some(status) = expected.status
        && status != answer.status
    {
        wrong.push(differs(
            "status",
            &status.to_string(),
            &answer.status.to_string(),
        ));
    }

    for name in FIELDS {
        let value = expected.fields.get(name).and_then(|each| each.of(provider));
        let value: Vec<&[u8]> = value.into_iter().flatten().map(|text| &*text.0).collect();
        let lines = answer.lines(name);
        if value != lines {
            wrong.push(differs(name, &shown(&value), &shown(&lines)));
        }
    }

    if vary {
        wrong.extend(wrong_vary(answer, case, provider));
    }

    if let Some(error) = &expected.error {
        wrong.extend(answer.wrong_element("Code", Some(error.code.as_bytes())));
        if arguments.bodies {
            let message = error.message.as_ref().and_then(|each| each.of(provider));
            if let Some(message) = message {
                wrong.extend(answer.wrong_element("Message", Some(&message.0)));
            }
            let bytes = |text: &'_ Option<Text>| text.as_ref().map(|text| text.0.clone());
            if let Some(method) = error.method.as_ref().and_then(|each| each.of(provider)) {
                wrong.extend(answer.wrong_element("Method", bytes(method).as_deref()));
            }
            // Where CORS says nothing of it, the server may.
            let resource = error
                .resource_type
                .as_ref()
                .and_then(|each| each.of(provider));
            if let Some(Some(resource)) = resource {
                wrong.extend(answer.wrong_element("ResourceType", Some(&resource.0)));
            }
        }
    }
    wrong
}

fn wrong_vary(answer: &Answer, case: &Case, provider: Provider) -> Option<String> {
    let members = answer.members("Vary");
    let names = case.expect.vary.of(provider).into_iter().flatten();
    let names: Vec<&str> = names.map(|name| &**name).collect();
    let varies = |name: &str| {
        members
            .iter()
            .any(|member| member.eq_ignore_ascii_case(name))
    };
    let right = |name: &&str| varies(name) == names.contains(name);
    let covered = varies("*") && !names.is_empty(); // RFC 9110, 12.5.5
    let wrong = !covered && !VARY.iter().all(right);
    wrong.then(|| differs("Vary", &names.join(", "), &members.join(", ")))
}

fn differs(what: &str, expected: &str, got: &str) -> String {
    let or_nothing = |text: &str| {
        if text.is_empty() {
            "nothing".into()
        } else {
            shortened(text, ENOUGH)
        }
    };
    format!(
        "{what}: expected {}, got {}",
        or_nothing(expected),
        or_nothing(got)
    )
}

/// The lines of a field, quoted.
fn shown(lines: &[&[u8]]) -> String {
    let lines = lines
        .iter()
        .map(|line| format!("\"{}\"", line.escape_ascii()));
    lines.collect::<Vec<_>>().join(" and ")
}

/// In characters.
const ENOUGH: usize = 300;

/// Some values are long on purpose.
fn shortened(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push_str(" ...");
    }
    short
}

/// What came back.
struct Answer {
    status: u16,
    fields: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Answer {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// For a person.
    fn said(&self) -> String {
        let status = self.status;
        match element(&String::from_utf8_lossy(&self.body), "Code") {
            Some(code) => format!("answered {status}, <Code> {}", shortened(&code, ENOUGH)),
            None => format!("answered {status}"),
        }
    }

    /// 431, or a 400 from before the store is reached: nginx has no other for this, and knows no `<Code>`.
    fn is_of_length(&self) -> bool {
        let body = String::from_utf8_lossy(&self.body);
        self.status == 431 || (self.status == 400 && element(&body, "Code").is_none())
    }

    fn lines(&self, name: &str) -> Vec<&[u8]> {
        let lines = self.fields.iter();
        let lines = lines.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| &**value).collect()
    }

    fn members(&self, name: &str) -> Vec<String> {
        let lines = self.lines(name).join(&b","[..]);
        let list = String::from_utf8_lossy(&lines).into_owned();
        let members = list.split(',').map(str::trim);
        let members = members.filter(|member| !member.is_empty());
        members.map(str::to_owned).collect()
    }

    fn wrong_element(&self, name: &str, expected: Option<&[u8]>) -> Option<String> {
        let body = String::from_utf8_lossy(&self.body);
        let got = element(&body, name);
        let expected = expected.map(String::from_utf8_lossy);
        (expected.as_deref() != got.as_deref()).then(|| {
            let quoted = |text: Option<&str>| text.map(|text| format!("{text:?}"));
            let [expected, got] = [expected.as_deref(), got.as_deref()].map(quoted);
            differs(
                &format!("<{name}>"),
                &expected.unwrap_or_default(),
                &got.unwrap_or_default(),
            )
        })
    }
}

/// The text of an element that has text alone. An error's body needs no more of XML.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let mut parts = text.split('&');
    let mut decoded = parts.next()?.to_owned();
    for part in parts {
        let (reference, rest) = part.split_once(';')?;
        decoded.push(match reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#')?;
                let hex = number.strip_prefix('x');
                let code = match hex {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        });
        decoded.push_str(rest);
    }
    Some(decoded)
}

struct Server {
    authority: String,
    host: String,
    port: u16,
    /// Before what a request is about: the bucket.
    path: String,
    timeout: Duration,
}

/// More than any case is answered with.
const MOST_BYTES: usize = 1 << 20;

impl Server {
    fn new(arguments: &Arguments) -> Result<Self, String> {
        let url = &arguments.url;
        let authority = url.authority().filter(|_| url.scheme_str() == Some("http"));
        let authority = authority.ok_or_else(|| format!("{url}: not an http URL"))?;
        Ok(Self {
            authority: authority.as_str().to_owned(),
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            path: format!("{}/{}", url.path().trim_end_matches('/'), arguments.bucket),
            timeout: Duration::from_secs(arguments.timeout),
        })
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
        for address in (&*self.host, self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, self.timeout) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_write_timeout(Some(self.timeout))?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn put_document(&self, document: &[u8]) -> io::Result<Answer> {
        let md5 = BASE64.encode(*md5::compute(document));
        let lines = [
            ("Content-Type", &b"application/xml"[..]),
            ("Content-MD5", md5.as_bytes()),
        ];
        self.ask(b"PUT", "?cors", &lines, document)
    }

    /// One request, over a connection of its own, so that no answer is taken for another's.
    fn ask(
        &self,
        method: &[u8],
        target: &str,
        lines: &[(&str, &[u8])],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut request = method.to_vec();
        let Self {
            path, authority, ..
        } = self;
        request.extend(format!(" {path}{target} HTTP/1.1\r\nHost: {authority}\r\n").bytes());
        for (name, value) in lines {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !body.is_empty() || !matches!(method, b"GET" | b"HEAD" | b"OPTIONS") {
            request.extend(format!("Content-Length: {}\r\n", body.len()).bytes());
        }
        request.extend(b"Connection: close\r\n\r\n");
        request.extend(body);

        let mut stream = self.connect()?;
        // A server may answer before it has read all, and stop reading: its answer counts.
        let sent = stream.write_all(&request);
        let mut reader = Reader {
            stream,
            deadline: Instant::now() + self.timeout,
            bytes: Vec::new(),
        };
        match (reader.answer(method == b"HEAD"), sent) {
            (Err(_), Err(error)) => Err(error),
            (answer, _) => answer,
        }
    }
}

/// An answer as it arrives.
struct Reader {
    stream: TcpStream,
    /// For the whole of it: a server that sends a byte now and then must not hold the run.
    deadline: Instant,
    bytes: Vec<u8>,
}

impl Reader {
    /// Reads on, and says whether there was more.
    fn more(&mut self) -> io::Result<bool> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        if self.bytes.len() > MOST_BYTES {
            return Err(broken("an answer of more than 1 MiB"));
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).map_err(|error| {
            // What a timeout is called differs between systems.
            if error.kind() == ErrorKind::WouldBlock {
                ErrorKind::TimedOut.into()
            } else {
                error
            }
        })?;
        self.bytes.extend(&buffer[..read]);
        Ok(read > 0)
    }

    fn some_more(&mut self) -> io::Result<()> {
        if self.more()? {
            Ok(())
        } else {
            Err(broken("the connection was closed in an answer"))
        }
    }

    /// RFC 9112, 6.3.
    fn answer(&mut self, to_head: bool) -> io::Result<Answer> {
        let mut answer = loop {
            let answer = self.head()?;
            // 100 and the like come before the answer.
            if answer.status >= 200 {
                break answer;
            }
        };
        if to_head || matches!(answer.status, 204 | 304) {
            return Ok(answer);
        }
        let chunked = answer.members("Transfer-Encoding");
        answer.body = if chunked
            .iter()
            .any(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            self.chunks()?
        } else if let Some(length) = answer.members("Content-Length").first() {
            let length = length.parse().map_err(|_| broken("a Content-Length"))?;
            self.take(length)?
        } else {
            while self.more()? {}
            std::mem::take(&mut self.bytes)
        };
        Ok(answer)
    }

    fn head(&mut self) -> io::Result<Answer> {
        loop {
            let mut lines = [httparse::EMPTY_HEADER; 128];
            let mut head = httparse::Response::new(&mut lines);
            let parsed = head.parse(&self.bytes).map_err(broken)?;
            if let httparse::Status::Complete(length) = parsed {
                let line =
                    |line: &httparse::Header<'_>| (line.name.to_owned(), line.value.to_vec());
                let answer = Answer {
                    status: head.code.unwrap_or_default(),
                    fields: head.headers.iter().map(line).collect(),
                    body: Vec::new(),
                };
                self.bytes.drain(..length);
                return Ok(answer);
            }
            self.some_more()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.bytes.len() < length {
            self.some_more()?;
        }
        Ok(self.bytes.drain(..length).collect())
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let parsed = httparse::parse_chunk_size(&self.bytes);
            let parsed = parsed.map_err(|_| broken("the size of a chunk"))?;
            let httparse::Status::Complete((start, size)) = parsed else {
                self.some_more()?;
                continue;
            };
            self.bytes.drain(..start);
            // What follows the last chunk is not looked at.
            if size == 0 {
                return Ok(body);
            }
            let size = usize::try_from(size)
                .ok()
                .filter(|size| *size <= MOST_BYTES);
            let size = size.ok_or_else(|| broken("a chunk of more than 1 MiB"))?;
            body.extend(self.take(size)?);
            if self.take(2)? != b"\r\n" || body.len() > MOST_BYTES {
                return Err(broken("a chunk"));
            }
        }
    }
}

fn broken(what: impl Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("not understood: {what}"))
}
