//! Findings and errors at their place in the document, as compilers show them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use bucket_cors::{
    Configuration, Document, Edit, Fault, Finding, Fix, ParseError, Place, Severity,
};

/// The document that is looked at.
pub struct Page {
    name: String,
    /// None if it is no text.
    text: Option<String>,
}

impl Page {
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        let text = str::from_utf8(bytes).ok();
        Self {
            name: printable(name),
            text: text.map(|text| plain(text.strip_prefix('\u{FEFF}').unwrap_or(text))),
        }
    }

    pub fn is_xml(&self) -> bool {
        self.text
            .as_ref()
            .is_some_and(|text| text.trim_start().starts_with('<'))
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub fn line_and_column(&self, offset: usize) -> Option<(usize, usize)> {
        let before = self.text.as_deref()?.get(..offset)?;
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Some((line, before.get(start..)?.chars().count() + 1))
    }

    pub fn draw_error(&self, error: &ParseError) -> String {
        let at = error.offset().map(|at| at..at);
        let title = error.kind().to_string();
        self.draw(&Level::ERROR, None, &title, at, &[])
    }

    pub fn draw_fault(&self, document: &Document<'_>, fault: &Fault) -> String {
        let span = document.span(fault.place());
        let note = format!("the provider answers {}: {}", fault.code(), fault.message());
        let notes = [Level::NOTE.message(note).into()];
        self.draw(&Level::ERROR, None, &fault.to_string(), Some(span), &notes)
    }

    pub fn draw_finding(&self, document: &Document<'_>, finding: &Finding) -> String {
        let level = match finding.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            _ => Level::INFO.with_name("hint"),
        };
        let span = document.span(finding.place());
        let mut notes = vec![Level::NOTE.message(finding.why()).into()];
        if let Some(fix) = finding.fix() {
            notes.push(
                Level::HELP
                    .message(in_words(fix, document.configuration()))
                    .into(),
            );
        }
        self.draw(
            &level,
            Some(finding.code()),
            finding.message(),
            Some(span),
            &notes,
        )
    }

    fn draw(
        &self,
        level: &Level<'_>,
        code: Option<&str>,
        title: &str,
        span: Option<Range<usize>>,
        notes: &[Element<'_>],
    ) -> String {
        let mut title = level.clone().primary_title(title);
        if let Some(code) = code {
            title = title.id(code);
        }
        let mut group = Group::with_title(title);
        if let (Some(text), Some(span)) = (self.text.as_deref(), span)
            && let Some((line, column)) = self.line_and_column(span.start)
        {
            let shown = around(text, &span);
            let mark = AnnotationKind::Primary;
            let mark = mark.span(span.start - shown.start..span.end.min(shown.end) - shown.start);
            let snippet = Snippet::source(&text[shown.clone()]).line_start(line);
            let snippet = snippet.annotation(mark);
            let is_whole = shown.start == 0 || text[..shown.start].ends_with('\n');
            group = if is_whole {
                group.element(snippet.path(&self.name))
            } else {
                let origin = Origin::path(&self.name).line(line).char_column(column);
                group.element(origin).element(snippet)
            };
        }
        let group = group.elements(notes.iter().cloned());
        let drawn = Renderer::styled().render(&[group]);
        format!("{drawn}\n\n")
    }
}

/// The lines of a place, or what of them can be seen: each is drawn in a time that grows with what it
/// is drawn of.
fn around(text: &str, span: &Range<usize>) -> Range<usize> {
    const SEEN: usize = 400; // bytes to each side; terminals are narrower
    let from = boundary(text, span.start.saturating_sub(SEEN));
    let to = boundary(
        text,
        (span.end.min(span.start + SEEN) + SEEN).min(text.len()),
    );
    let behind = span.end.min(to);
    let start = text[from..span.start].rfind('\n').map(|end| from + end + 1);
    let end = text[behind..to].find('\n').map(|end| behind + end);
    start.unwrap_or(from)..end.unwrap_or(to)
}

/// The last one up to there.
fn boundary(text: &str, at: usize) -> usize {
    let mut before = (0..=at).rev();
    before
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default()
}

/// The text with every line end as a line feed and without what terminals obey or don't show. Every
/// byte stays in its place.
fn plain(text: &str) -> String {
    let ends = text.replace("\r\n", " \n").replace('\r', "\n");
    let seen = |c: char| match c {
        _ if c.is_ascii() || is_shown(c) => c, // the drawing shows what is ASCII
        _ => match c.len_utf8() {
            2 => '\u{B7}',
            3 => '\u{FFFD}',
            _ => '\u{1FBC4}',
        },
    };
    ends.chars().map(seen).collect()
}

/// Whether it is more than a command or a hint to who shows it.
fn is_shown(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E01EF}'
    );
    !c.is_control() && !is_format
}

/// A file's name, which anybody can have chosen.
pub fn printable(name: &str) -> String {
    let escaped = |c: char| {
        if is_shown(c) {
            vec![c]
        } else {
            c.escape_default().collect()
        }
    };
    name.chars().flat_map(escaped).collect()
}

/// What a fix does, in a line.
fn in_words(fix: &Fix, configuration: &Configuration) -> String {
    const MOST: usize = 4;
    let edits = fix.edits().iter().take(MOST);
    let edits = edits.map(|edit| edit_in_words(edit, configuration));
    let mut edits: Vec<String> = edits.collect();
    if let more @ 1.. = fix.edits().len().saturating_sub(MOST) {
        edits.push(format!("and {more} more"));
    }
    let edits = edits.join(", ");
    if fix.is_safe() {
        edits
    } else {
        format!("perhaps {edits}")
    }
}

fn edit_in_words(edit: &Edit, configuration: &Configuration) -> String {
    let element = edit.place.element;
    match (&edit.value, edit.place.value) {
        (Some(value), Some(_)) => format!("write {}", quoted(value)),
        (Some(value), None) => format!("add {element} {}", quoted(value)),
        (None, Some(_)) => match value(edit.place, configuration) {
            Some(value) => format!("leave out {}", quoted(value)),
            None => "leave it out".to_owned(),
        },
        (None, None) => match edit.place.rule {
            Some(rule) if element == bucket_cors::Element::Rule => {
                format!("leave out rule {}", rule + 1)
            }
            _ => format!("leave out {element}"),
        },
    }
}

/// In quotes, and cut where nobody would read on.
fn quoted(value: &str) -> String {
    const MOST: usize = 128;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}...", &value[..end]),
        None => format!("{value:?}"),
    }
}

fn value(place: Place, configuration: &Configuration) -> Option<&str> {
    let rule = configuration.rules.get(place.rule?)?;
    let list = match place.element {
        bucket_cors::Element::AllowedOrigin => &rule.allowed_origins,
        bucket_cors::Element::AllowedMethod => &rule.allowed_methods,
        bucket_cors::Element::AllowedHeader => &rule.allowed_headers,
        bucket_cors::Element::ExposeHeader => &rule.expose_headers,
        _ => return None,
    };
    list.get(place.value?).map(String::as_str)
}
