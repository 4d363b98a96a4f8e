//! Findings and errors for programs: one JSON object a line.

use bucket_cors::{Document, Element, Fault, Finding, Fix, ParseError, Place, Position};
use serde::Serialize;

use crate::draw::Page;

/// Rules count from 1, as for people, and so do lines and columns.
#[derive(Serialize)]
pub struct Record<'a> {
    /// Of a finding its own, of an error the provider's.
    code: &'a str,
    severity: &'a str,
    rule: Option<usize>,
    element: Option<Element>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    why: Option<&'a str>,
    fix: Option<&'a Fix>,
}

impl Record<'_> {
    pub fn to_line(&self) -> String {
        // Strings, numbers and lists of them: nothing that can't be written.
        ascii(&serde_json::to_string(self).unwrap_or_default()) + "\n"
    }
}

/// JSON that says the same and is safe to print: what is not ASCII stands in strings alone.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            out.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

/// Its place is where the page shows it, in whichever way its form counts.
pub fn of_error<'a>(page: &Page, error: &'a ParseError) -> Record<'a> {
    let at = error.offset().and_then(|at| page.line_and_column(at));
    Record::new(error.code(), "error", None, at, error.kind().to_string())
}

pub fn of_fault<'a>(document: &Document<'_>, fault: &'a Fault) -> Record<'a> {
    let place = fault.place();
    let at = line_and_column(document.position(place));
    Record::new(
        fault.code(),
        "error",
        Some(place),
        Some(at),
        fault.to_string(),
    )
}

pub fn of_finding<'a>(document: &Document<'_>, finding: &'a Finding) -> Record<'a> {
    let place = finding.place();
    let at = line_and_column(document.position(place));
    let message = finding.message().to_owned();
    Record {
        why: Some(finding.why()),
        fix: finding.fix(),
        ..Record::new(
            finding.code(),
            finding.severity().as_str(),
            Some(place),
            Some(at),
            message,
        )
    }
}

impl<'a> Record<'a> {
    fn new(
        code: &'a str,
        severity: &'a str,
        place: Option<Place>,
        at: Option<(usize, usize)>,
        message: String,
    ) -> Self {
        Self {
            code,
            severity,
            rule: place.and_then(|place| place.rule).map(|rule| rule + 1),
            element: place.map(|place| place.element),
            line: at.map(|(line, _)| line),
            column: at.map(|(_, column)| column),
            message,
            why: None,
            fix: None,
        }
    }
}

fn line_and_column(position: Position) -> (usize, usize) {
    (position.line(), position.column())
}
