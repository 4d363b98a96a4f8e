//! Shows what a server must answer under a bucket's CORS document.
//!
//! Without arguments: a document, five requests, and what each is answered. With arguments: a document of your own,
//! XML or JSON, and one request; the exit code says how it came out.
//!
//! ```sh
//! cargo run --example evaluate
//! cargo run --example evaluate -- --help
//! cargo run --example evaluate -- cors.xml --origin https://app.example.com --method PUT --header content-type
//! ```
//!
//! The crate's part in it is short. `demo` and `evaluate` go from a document to decisions; `show` asks a decision for
//! all that it has to say; `findings` takes a refusal apart.

use std::borrow::Cow;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bucket_cors::{
    Configuration, Decision, Denial, Error, Fault, Outcome, ParseError, Position, Profile,
    RequestFields, Rule, RuleSet,
};
use clap::{Parser, ValueEnum};
use serde::{Serialize, Serializer};

const DOCUMENT: &str = "\
<CORSConfiguration>
  <CORSRule>
    <AllowedOrigin>*</AllowedOrigin>
    <AllowedMethod>GET</AllowedMethod>
    <AllowedMethod>HEAD</AllowedMethod>
  </CORSRule>
  <CORSRule>
    <ID>app</ID>
    <AllowedOrigin>https://app.example.com</AllowedOrigin>
    <AllowedOrigin>http://localhost:3000</AllowedOrigin>
    <AllowedMethod>PUT</AllowedMethod>
    <AllowedMethod>POST</AllowedMethod>
    <AllowedMethod>DELETE</AllowedMethod>
    <AllowedHeader>*</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader>
    <ExposeHeader>x-cos-request-id</ExposeHeader>
    <MaxAgeSeconds>600</MaxAgeSeconds>
  </CORSRule>
</CORSConfiguration>
";

const ALLOWED: u8 = 0; // or not CORS
const DENIED: u8 = 1;
const NO_DECISION: u8 = 2; // clap's code for wrong arguments, too

const AFTER_HELP: &str = "\
Exit codes:
  0  allowed, or not a CORS request
  1  denied
  2  no decision: the document is refused or can't be read, or the arguments are wrong

Examples:
  evaluate cors.xml --origin https://app.example.com --method PUT --header content-type
  evaluate cors.xml --origin https://app.example.com --actual --profile s3
  evaluate - --origin https://app.example.com --json < cors.json | jq .fields";

/// Evaluates a bucket's CORS document for one request, and shows what the server must answer.
///
/// Without any argument: shows a document, five requests, and what each is answered.
#[derive(Parser)]
#[command(name = "evaluate", after_help = AFTER_HELP)]
struct Arguments {
    /// The document, XML or JSON; `-` reads standard input
    document: PathBuf,

    /// The provider to answer like
    #[arg(long, value_enum, default_value_t = Provider::Cos)]
    profile: Provider,

    /// The request's Origin; without it the request has none
    #[arg(long)]
    origin: Option<OsString>,

    /// The method that the preflight asks for; with --actual, the request's own
    #[arg(long, default_value = "GET")]
    method: OsString,

    /// A header that the preflight asks for; may be given several times
    #[arg(long = "header", value_name = "NAME", conflicts_with = "actual")]
    headers: Vec<OsString>,

    /// Ask about the request itself, not about its preflight
    #[arg(long)]
    actual: bool,

    /// Print one JSON object; `rule` then counts from 0
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Provider {
    /// Tencent COS
    Cos,
    /// Amazon S3
    S3,
}

impl Provider {
    fn profile(self) -> Profile {
        match self {
            Self::Cos => Profile::COS,
            Self::S3 => Profile::S3,
        }
    }
}

fn main() -> ExitCode {
    if env::args_os().len() > 1 {
        evaluate(&Arguments::parse())
    } else {
        demo()
    }
}

/// The way of a server: it keeps the configuration, compiles it once, and asks for every request.
fn demo() -> ExitCode {
    match compiled() {
        Ok((document, rules)) => end(show_requests(&document, &rules), ALLOWED),
        Err(error) => refuse("the example's document", &error, false),
    }
}

fn compiled() -> Result<(Configuration, RuleSet), Error> {
    let document = Configuration::from_xml(DOCUMENT.as_bytes(), Profile::COS)?;
    let rules = RuleSet::compile(&document, Profile::COS)?;
    Ok((document, rules))
}

fn show_requests(document: &Configuration, rules: &RuleSet) -> io::Result<()> {
    let app = Some(&b"https://app.example.com"[..]);
    let blog = Some(&b"https://blog.example.org"[..]);
    let requests = [
        (
            "The app asks before it uploads.",
            Asked::preflight(app, b"PUT", b"content-type,x-cos-acl"),
        ),
        (
            "A blog asks before it reads with a header: rule 1 takes none.",
            Asked::preflight(blog, b"GET", b"x-cos-traffic-limit"),
        ),
        (
            "The blog reads without it, and need not ask.",
            Asked::actual(blog, b"GET"),
        ),
        (
            "The blog posts a form: it is served, but the page can't read the answer.",
            Asked::actual(blog, b"POST"),
        ),
        (
            "A program that is no browser reads.",
            Asked::actual(None, b"GET"),
        ),
    ];

    let out = &mut io::stdout().lock();
    block(
        out,
        "document",
        document.rules.iter().zip(1..).flat_map(in_short),
    )?;
    for ((title, asked), number) in requests.iter().zip(1..) {
        writeln!(out, "\n{number}. {title}")?;
        show(out, asked, &rules.evaluate(&asked.fields()))?;
    }
    Ok(())
}

/// The way of a configuration file: XML or JSON, in one step.
fn evaluate(arguments: &Arguments) -> ExitCode {
    let name = name(&arguments.document);
    let text = match read(&arguments.document) {
        Ok(text) => text,
        Err(error) => {
            complain(format_args!("{name}: {error}"));
            return NO_DECISION.into();
        }
    };
    match RuleSet::parse(&text, arguments.profile.profile()) {
        Ok(rules) => answer(arguments, &rules),
        Err(error) => refuse(&name, &error, arguments.json),
    }
}

fn answer(arguments: &Arguments, rules: &RuleSet) -> ExitCode {
    let origin = arguments.origin.as_deref().map(OsStr::as_encoded_bytes);
    let method = arguments.method.as_encoded_bytes();
    let names: Vec<_> = arguments
        .headers
        .iter()
        .map(|name| name.as_encoded_bytes())
        .collect();
    let names = names.join(&b","[..]);
    let asked = if arguments.actual {
        Asked::actual(origin, method)
    } else {
        Asked::preflight(origin, method, &names)
    };

    let fields = asked.fields();
    let decision = rules.evaluate(&fields);
    let out = &mut io::stdout().lock();
    let written = if arguments.json {
        write_json(out, &Answer::new(&asked, &decision))
    } else {
        show(out, &asked, &decision)
    };
    let code = match decision.outcome() {
        Outcome::NotCors | Outcome::Allowed { .. } => ALLOWED,
        Outcome::Denied(_) => DENIED,
    };
    end(written, code)
}

fn name(document: &Path) -> Cow<'_, str> {
    if is_stdin(document) {
        "stdin".into()
    } else {
        document.to_string_lossy()
    }
}

fn read(document: &Path) -> io::Result<Vec<u8>> {
    if !is_stdin(document) {
        return fs::read(document);
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    Ok(text)
}

fn is_stdin(document: &Path) -> bool {
    document.as_os_str() == "-"
}

/// A request as it stands on the wire. In bytes: a client sends what it likes, and gets a decision.
struct Asked<'a> {
    method: &'a [u8],
    fields: Vec<(&'static str, &'a [u8])>,
}

impl<'a> Asked<'a> {
    fn actual(origin: Option<&'a [u8]>, method: &'a [u8]) -> Self {
        Self {
            method,
            fields: origin
                .map(|origin| ("Origin", origin))
                .into_iter()
                .collect(),
        }
    }

    /// `names` as browsers write them: one line, with commas.
    fn preflight(origin: Option<&'a [u8]>, method: &'a [u8], names: &'a [u8]) -> Self {
        let mut asked = Self::actual(origin, b"OPTIONS");
        asked.fields.push(("Access-Control-Request-Method", method));
        if !names.is_empty() {
            asked.fields.push(("Access-Control-Request-Headers", names));
        }
        asked
    }

    fn fields(&self) -> RequestFields<'a> {
        RequestFields::new(self.method, self.fields.iter().copied())
    }
}

/// A rule in a line or two.
fn in_short((rule, number): (&Rule, usize)) -> Vec<String> {
    let id = rule.id.as_ref().map(|id| format!(" {id:?}"));
    let for_whom = format!(
        "rule {number}{}: {} from {}",
        id.unwrap_or_default(),
        rule.allowed_methods.join(" "),
        rule.allowed_origins.join(" "),
    );

    let list =
        |what, names: &[String]| (!names.is_empty()).then(|| format!("{what} {}", names.join(" ")));
    let age = rule
        .max_age_seconds
        .map(|seconds| format!("kept {seconds} s"));
    let more = [
        list("takes", &rule.allowed_headers),
        list("exposes", &rule.expose_headers),
        age,
    ];
    let more: Vec<String> = more.into_iter().flatten().collect();
    let more = (!more.is_empty()).then(|| format!("        {}", more.join(", ")));
    [Some(for_whom), more].into_iter().flatten().collect()
}

/// A request, and all that its decision says.
fn show(out: &mut impl Write, asked: &Asked<'_>, decision: &Decision<'_>) -> io::Result<()> {
    let line = format!("{} ({})", asked.method.escape_ascii(), decision.kind());
    let fields = asked.fields.iter();
    let fields = fields.map(|(name, value)| format!("{name}: {}", value.escape_ascii()));
    block(out, "request", iter::once(line).chain(fields))?;
    block(out, "outcome", [in_words(decision)])?;
    block(out, "status", [status(decision)])?;

    let fields = decision
        .fields()
        .map(|(name, value)| format!("{name}: {value}"));
    let vary = decision.vary();
    let vary = (!vary.is_empty()).then(|| format!("Vary: {}", vary.join(", ")));
    block(out, "answer", fields.chain(vary))
}

/// Lines beside one label.
fn block(
    out: &mut impl Write,
    label: &str,
    lines: impl IntoIterator<Item = String>,
) -> io::Result<()> {
    let labels = iter::once(label).chain(iter::repeat(""));
    for (label, line) in labels.zip(lines) {
        writeln!(out, "{label:<10}{line}")?;
    }
    Ok(())
}

/// Rules count from 1 for people.
fn in_words(decision: &Decision<'_>) -> String {
    match decision.outcome() {
        Outcome::NotCors => "not CORS: the request has no Origin".into(),
        Outcome::Allowed { rule } => {
            let id = decision.rule_id().map(|id| format!(" {id:?}"));
            format!("allowed by rule {}{}", rule + 1, id.unwrap_or_default())
        }
        Outcome::Denied(denial) => format!("denied ({denial}): {}", reason(denial)),
    }
}

fn reason(denial: Denial) -> &'static str {
    match denial {
        Denial::MissingOrigin => "a preflight has an Origin, this request has none",
        Denial::MalformedOrigin => "the Origin is too long, or has a byte that no origin has",
        Denial::NotConfigured => "the bucket has no CORS document",
        Denial::MissingRequestMethod => "a preflight asks for one method",
        Denial::InvalidRequestMethod => "no rule can allow the method",
        Denial::MalformedRequestHeaders => {
            "the requested headers are too many, or one is no header name"
        }
        Denial::Origin => "no rule is for the origin",
        Denial::Method => "no rule is for both origin and method",
        Denial::Headers => "no rule for origin and method allows every requested header",
        _ => "for a reason that this example does not know",
    }
}

/// Only `OPTIONS` is answered by CORS. Whatever else is asked for is served, denied or not.
fn status(decision: &Decision<'_>) -> String {
    let code = decision.preflight_error().map(|error| error.code());
    match (decision.preflight_status(), code) {
        (None, _) => "none: the server serves the request".into(),
        (Some(status), None) => status.as_str().into(),
        (Some(status), Some(code)) => format!("{} {code}", status.as_str()),
    }
}

/// What `--json` prints of a decision.
#[derive(Serialize)]
struct Answer<'a> {
    request: AskedInWords<'a>,
    kind: &'static str,
    outcome: &'static str,
    rule: Option<usize>,
    rule_id: Option<&'a str>,
    denial: Option<&'static str>,
    status: Option<u16>,
    #[serde(serialize_with = "as_object")]
    fields: Vec<(&'static str, Cow<'a, str>)>,
    vary: &'static [&'static str],
    replaces: &'static [&'static str],
    error: Option<Refusal>,
}

#[derive(Serialize)]
struct AskedInWords<'a> {
    method: Cow<'a, str>,
    #[serde(serialize_with = "as_object")]
    fields: Vec<(&'static str, Cow<'a, str>)>,
}

/// What the provider tells the client.
#[derive(Serialize)]
struct Refusal {
    code: &'static str,
    message: String,
}

impl<'a> Answer<'a> {
    fn new(asked: &Asked<'a>, decision: &'a Decision<'_>) -> Self {
        let denial = match decision.outcome() {
            Outcome::Denied(denial) => Some(denial.as_str()),
            Outcome::NotCors | Outcome::Allowed { .. } => None,
        };
        Self {
            request: AskedInWords::new(asked),
            kind: decision.kind().as_str(),
            outcome: decision.outcome().as_str(),
            rule: decision.rule(),
            rule_id: decision.rule_id(),
            denial,
            status: decision.preflight_status().map(|status| status.as_u16()),
            fields: decision.fields().collect(),
            vary: decision.vary(),
            replaces: decision.replaces(),
            error: decision.preflight_error().map(|error| Refusal {
                code: error.code(),
                message: error.message().into_owned(),
            }),
        }
    }
}

impl<'a> AskedInWords<'a> {
    fn new(asked: &Asked<'a>) -> Self {
        let fields = asked.fields.iter();
        Self {
            method: String::from_utf8_lossy(asked.method),
            fields: fields
                .map(|(name, value)| (*name, String::from_utf8_lossy(value)))
                .collect(),
        }
    }
}

/// Each name stands once, so that `.fields.Origin` finds it; the order is kept.
fn as_object<S: Serializer>(
    fields: &[(&str, Cow<'_, str>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
}

/// A document that gives no rule set: every fault, then what the provider would answer to it.
fn refuse(name: &str, error: &Error, json: bool) -> ExitCode {
    let refusal = RefusedDocument {
        document: name,
        faults: findings(error),
        error: Refusal {
            code: error.code(),
            message: error.message(),
        },
    };
    for fault in &refusal.faults {
        complain(format_args!("{name}: {}", fault.text));
    }
    let Refusal { code, message } = &refusal.error;
    complain(format_args!("the provider would answer {code}: {message}"));

    let written = if json {
        write_json(&mut io::stdout().lock(), &refusal)
    } else {
        Ok(())
    };
    end(written, NO_DECISION)
}

/// What `--json` prints of a document that is refused.
#[derive(Serialize)]
struct RefusedDocument<'a> {
    document: &'a str,
    faults: Vec<Finding<'a>>,
    error: Refusal,
}

/// One fault, and where it is as far as it is known.
#[derive(Default, Serialize)]
struct Finding<'a> {
    line: Option<usize>,
    column: Option<usize>,
    rule: Option<usize>,
    element: Option<&'static str>,
    value: Option<&'a str>,
    text: String,
}

/// A text that can't be read has one fault; what it says may have many.
fn findings(error: &Error) -> Vec<Finding<'_>> {
    match error {
        Error::Parse(error) => vec![Finding::from(error)],
        Error::Compile(error) => error.faults().iter().map(Finding::from).collect(),
    }
}

impl<'a> From<&'a ParseError> for Finding<'a> {
    fn from(error: &'a ParseError) -> Self {
        let position = error.position();
        Self {
            line: position.map(Position::line),
            column: position.map(Position::column),
            text: error.to_string(),
            ..Self::default()
        }
    }
}

impl<'a> From<&'a Fault> for Finding<'a> {
    fn from(fault: &'a Fault) -> Self {
        Self {
            rule: fault.rule(),
            element: Some(fault.element().as_str()),
            value: fault.value(),
            text: fault.to_string(),
            ..Self::default()
        }
    }
}

fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

fn complain(text: impl Display) {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr(), "{text}");
}

/// A reader that has seen enough, such as `head`, changes nothing; a disk that is full does.
fn end(written: io::Result<()>, code: u8) -> ExitCode {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(format_args!("standard output: {error}"));
            NO_DECISION.into()
        }
        _ => code.into(),
    }
}
