//! Looks after a bucket's CORS document: what is wrong with it, why a request is decided as it is, and what can be mended
//! without asking.
//!
//! ```sh
//! cargo run --example cors -- lint cors.xml
//! cargo run --example cors -- explain cors.xml --origin https://app.example.com --method PUT --header content-type
//! cargo run --example cors -- fix cors.xml > fixed.xml
//! cargo run --example cors -- --help
//! ```
//!
//! The crate's part in it is short: `Document::read`, `Configuration::lint` and `fixed`, `RuleSet::explain`. `draw` shows
//! a finding or an error at its place, `lines` gives the same to programs.

mod draw;
mod lines;

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bucket_cors::{
    Configuration, Document, Finding, Outcome, Profile, RequestFields, RuleSet, Severity, Vary,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use quick_xml::events::Event;

use draw::Page;

const CLEAN: u8 = 0;
const FOUND: u8 = 1;
const REFUSED: u8 = 2; // clap's code for wrong arguments, too

const AFTER_HELP: &str = "\
Exit codes:
  lint     0  nothing, or hints only
           1  warnings or errors
           2  the document is refused or can't be read
  explain  0  the page gets its answer
           1  it doesn't
           2  the document is refused or can't be read
  fix      0  the document is on standard output: as it was if there is nothing to mend, else written
              anew, without its comments
           2  the document is refused or can't be read

What each code of a finding means is in docs/lints.md, and what the browser's console says in
docs/troubleshooting.md.

Examples:
  cors lint cors.xml
  cors lint --json - < cors.json | jq .code
  cors explain cors.xml --origin https://app.example.com --method PUT --header content-type
  cors fix --profile s3 cors.json > fixed.json";

/// Looks after a bucket's CORS document.
#[derive(Parser)]
#[command(name = "cors", after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is wrong with a document, or what its owner probably doesn't mean
    Lint {
        #[command(flatten)]
        of: Of,

        /// Print one JSON object a line, with `code`, `severity`, `rule` (from 1), `line`, `message`;
        /// places in its `fix` count from 0
        #[arg(long)]
        json: bool,
    },
    /// Say why a page's request is decided as it is, and what a browser makes of it
    Explain {
        #[command(flatten)]
        of: Of,

        #[command(flatten)]
        asked: Asked,

        /// Print one JSON object, with `preflight` and `request`; rules count from 0 in it
        #[arg(long)]
        json: bool,
    },
    /// Print the document with what can be mended without asking
    Fix {
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Args)]
struct Of {
    /// The document, XML or JSON; `-` reads standard input
    document: PathBuf,

    /// The provider that is to take it
    #[arg(long, value_enum, default_value_t = Provider::Cos)]
    profile: Provider,
}

/// A request as a page makes it.
#[derive(Args)]
struct Asked {
    /// The page's origin; without it no browser asks
    #[arg(long)]
    origin: Option<OsString>,

    /// The method
    #[arg(long, default_value = "GET")]
    method: OsString,

    /// A header that needs leave; may be given several times
    #[arg(long = "header", value_name = "NAME")]
    headers: Vec<OsString>,

    /// Take it that the browser asks first, even where it needn't
    #[arg(long)]
    preflight: bool,
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
    let ended = match Arguments::parse().command {
        Command::Lint { of, json } => lint(&of, json),
        Command::Explain { of, asked, json } => explain(&of, &asked, json),
        Command::Fix { of } => fix(&of),
    };
    // What was found does not depend on whether somebody reads to the end.
    let quiet = |written: io::Result<()>| match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    };
    let err = anstream::stderr().lock().write_all(ended.err.as_bytes());
    let out = anstream::stdout().lock().write_all(ended.out.as_bytes());
    match quiet(err).and(quiet(out)) {
        Ok(()) => ended.code.into(),
        Err(error) => {
            // There is nowhere left to say that this fails.
            let _ = writeln!(io::stderr(), "{error}");
            REFUSED.into()
        }
    }
}

/// What a command came to.
#[derive(Default)]
struct Ended {
    out: String,
    err: String,
    code: u8,
}

impl Ended {
    fn refused(err: String) -> Self {
        Self {
            err,
            code: REFUSED,
            ..Self::default()
        }
    }
}

/// What is wrong with a document and where, for people or for programs.
struct Report {
    page: Page,
    json: bool,
    text: String,
}

impl Report {
    fn new(of: &Of, text: &[u8], json: bool) -> Self {
        Self {
            page: Page::new(&of.name(), text),
            json,
            text: String::new(),
        }
    }

    /// The document, if it can be read.
    fn read<'t>(&mut self, text: &'t [u8], profile: Profile) -> Option<Document<'t>> {
        let read = Document::read(text, profile);
        let error = match read {
            Ok(document) => return Some(document),
            Err(error) => error,
        };
        self.text += &if self.json {
            lines::of_error(&self.page, &error).to_line()
        } else {
            self.page.draw_error(&error)
        };
        None
    }

    /// Its rules, if the provider would take it.
    fn compile(&mut self, document: &Document<'_>, profile: Profile) -> Option<RuleSet> {
        let error = match RuleSet::compile(document.configuration(), profile) {
            Ok(rules) => return Some(rules),
            Err(error) => error,
        };
        for fault in error.faults() {
            self.text += &if self.json {
                lines::of_fault(document, fault).to_line()
            } else {
                self.page.draw_fault(document, fault)
            };
        }
        None
    }

    fn find(&mut self, document: &Document<'_>, findings: &[Finding]) {
        let is_refused = !self.text.is_empty();
        for finding in findings {
            self.text += &if self.json {
                lines::of_finding(document, finding).to_line()
            } else {
                self.page.draw_finding(document, finding)
            };
        }
        let is_silent = self.json || is_refused && findings.is_empty();
        if !is_silent {
            self.text += &summary(findings);
        }
    }
}

fn lint(of: &Of, json: bool) -> Ended {
    let profile = of.profile.profile();
    let text = match of.text() {
        Ok(text) => text,
        Err(complaint) => return Ended::refused(complaint),
    };
    let mut report = Report::new(of, &text, json);
    let Some(document) = report.read(&text, profile) else {
        return Ended {
            out: report.text,
            code: REFUSED,
            ..Ended::default()
        };
    };
    let taken = report.compile(&document, profile).is_some();
    let mut findings = document.configuration().lint(profile);
    // What is worst is read first, and what has a place in the document before what has none.
    let is_of_all = |finding: &Finding| finding.place().rule.is_none();
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity()), is_of_all(finding)));
    report.find(&document, &findings);
    let worse = |finding: &Finding| finding.severity() > Severity::Hint;
    Ended {
        out: report.text,
        code: match findings.iter().any(worse) {
            _ if !taken => REFUSED,
            true => FOUND,
            false => CLEAN,
        },
        ..Ended::default()
    }
}

fn summary(findings: &[Finding]) -> String {
    let number = |severity| {
        let number = findings
            .iter()
            .filter(|it| it.severity() == severity)
            .count();
        let plural = if number == 1 { "" } else { "s" };
        (number > 0).then(|| format!("{number} {severity}{plural}"))
    };
    let numbers = [Severity::Error, Severity::Warning, Severity::Hint].map(number);
    let numbers: Vec<String> = numbers.into_iter().flatten().collect();
    if numbers.is_empty() {
        return "nothing found\n".to_owned();
    }
    let fixable = |finding: &&Finding| finding.fix().is_some_and(bucket_cors::Fix::is_safe);
    let fixes = match findings.iter().filter(fixable).count() {
        0 => String::new(),
        number => format!("; `fix` mends {number} of them"),
    };
    format!("{}{fixes}\n", numbers.join(", "))
}

/// The document in the form that it came in.
fn fix(of: &Of) -> Ended {
    let profile = of.profile.profile();
    let text = match of.text() {
        Ok(text) => text,
        Err(complaint) => return Ended::refused(complaint),
    };
    let mut report = Report::new(of, &text, false);
    let document = report.read(&text, profile);
    let document = document.filter(|document| report.compile(document, profile).is_some());
    let Some(document) = document else {
        return Ended::refused(report.text);
    };
    let fixed = document.configuration().fixed(profile);
    if fixed == *document.configuration() {
        return Ended {
            out: document.text().to_owned(),
            err: "nothing to mend\n".to_owned(),
            code: CLEAN,
        };
    }
    let written = if report.page.is_xml() {
        xml_in_lines(&fixed, profile)
    } else {
        json_in_lines(&fixed, document.text())
    };
    // Indented it may be more than the provider takes.
    let written = match Configuration::parse(written.as_bytes(), profile) {
        Err(_) if report.page.is_xml() => fixed.to_xml(profile),
        Err(_) => fixed.to_json(),
        Ok(_) => written,
    };
    Ended {
        out: written + "\n",
        ..Ended::default()
    }
}

/// The JSON form with the root that the document had: an object, a list of rules, or one rule.
fn json_in_lines(configuration: &Configuration, text: &str) -> String {
    let root: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let has = |key| root.as_ref().is_some_and(|root| root.get(key).is_some());
    let is_list = root.as_ref().is_some_and(serde_json::Value::is_array);
    let written = match configuration.rules.as_slice() {
        rules if is_list => serde_json::to_string_pretty(rules),
        [rule] if !has("CORSRules") && !has("ResponseVary") => serde_json::to_string_pretty(rule),
        _ => serde_json::to_string_pretty(configuration),
    };
    written.unwrap_or_else(|_| configuration.to_json())
}

/// The XML form as a person writes it, or as one line where that would say something else.
fn xml_in_lines(configuration: &Configuration, profile: Profile) -> String {
    let line = configuration.to_xml(profile);
    let indented = indented(&line).filter(|text| {
        let read = Configuration::from_xml(text.as_bytes(), profile);
        read.is_ok_and(|read| read == *configuration)
    });
    indented.unwrap_or(line)
}

fn indented(xml: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut writer = quick_xml::Writer::new_with_indent(Vec::new(), b' ', 2);
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return String::from_utf8(writer.into_inner()).ok(),
            // What stands between elements is made anew.
            Event::Text(text) if text.trim_ascii().is_empty() => {}
            event => writer.write_event(event).ok()?,
        }
    }
}

fn explain(of: &Of, asked: &Asked, json: bool) -> Ended {
    // As the provider answers, not as a server should that has the choice.
    let profile = of.profile.profile().with_vary(Vary::AsProvider);
    let text = match of.text() {
        Ok(text) => text,
        Err(complaint) => return Ended::refused(complaint),
    };
    let mut report = Report::new(of, &text, json);
    let document = report.read(&text, profile);
    let Some(rules) = document.and_then(|document| report.compile(&document, profile)) else {
        let (out, err) = if json {
            (report.text, String::new())
        } else {
            (String::new(), report.text)
        };
        return Ended {
            out,
            err,
            code: REFUSED,
        };
    };

    let origin = asked.origin.as_deref().map(OsStr::as_encoded_bytes);
    // As fetch does it, to these and no other.
    let method = asked.method.as_encoded_bytes();
    let normalized = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    let mut normalized = normalized.iter().map(|name| name.as_bytes());
    let method = normalized
        .find(|name| name.eq_ignore_ascii_case(method))
        .unwrap_or(method);
    let names = asked.headers.iter().map(|name| name.as_encoded_bytes());
    let names: Vec<&[u8]> = names.collect();
    let names = names.join(&b","[..]);
    let origin = origin.map(|origin| ("Origin", origin));
    let lines = [
        Some(("Access-Control-Request-Method", method)),
        (!names.is_empty()).then_some(("Access-Control-Request-Headers", &names[..])),
    ];
    let preflight = origin.into_iter().chain(lines.into_iter().flatten());
    let preflight = RequestFields::new(b"OPTIONS", preflight);
    let request = RequestFields::new(method, origin);

    let is_safelisted = matches!(method, b"GET" | b"HEAD" | b"POST");
    let asks_first = asked.preflight || !is_safelisted || !names.is_empty();
    let preflight = (asks_first && origin.is_some()).then(|| rules.explain(&preflight));
    let request = rules.explain(&request);

    let denied = |outcome| matches!(outcome, Outcome::Denied(_));
    let code = if preflight
        .iter()
        .chain([&request])
        .any(|it| denied(it.outcome()))
    {
        FOUND
    } else {
        CLEAN
    };
    let out = if json {
        let both = serde_json::json!({ "preflight": preflight, "request": request });
        format!("{both}\n")
    } else {
        let preflight = preflight.map(|preflight| format!("{preflight}\n\n"));
        format!("{}{request}\n", preflight.unwrap_or_default())
    };
    Ended {
        out,
        code,
        ..Ended::default()
    }
}

impl Of {
    fn is_stdin(&self) -> bool {
        self.document.as_os_str() == "-"
    }

    fn name(&self) -> Cow<'_, str> {
        if self.is_stdin() {
            "stdin".into()
        } else {
            self.document.to_string_lossy()
        }
    }

    /// Or why it can't be read.
    fn text(&self) -> Result<Vec<u8>, String> {
        let read = if self.is_stdin() {
            let mut text = Vec::new();
            io::stdin().read_to_end(&mut text).map(|_| text)
        } else {
            fs::read(&self.document)
        };
        read.map_err(|error| format!("{}: {error}\n", draw::printable(&self.name())))
    }
}
