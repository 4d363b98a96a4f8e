//! The parts of a well-formed XML 1.0 text, in order.
//!
//! `quick-xml` finds where a part ends, and that every tag is closed by its own name. What else
//! makes a text well-formed is checked here (semantics 1.3).

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::errors::IllFormedError::{MismatchedEndTag, UnclosedReference, UnmatchedEndTag};
use quick_xml::events::Event;
use quick_xml::{Error, Reader};

use crate::error::{ParseError, ParseErrorKind};
use crate::syntax::{is_xml_char, is_xml_name, is_xml_space};

/// A part that a document's meaning can depend on; comments and processing instructions are passed
/// over.
pub(super) enum Part<'t> {
    /// A start tag, by its local name. An empty element is one too, and closed at once.
    Open(&'t str),
    Close,
    /// Decoded text. A value may come in several pieces.
    Text(Cow<'t, str>),
}

pub(super) struct WellFormed<'t> {
    text: &'t str,
    /// No CR and no `]]>` stands anywhere in it: text is as it is written, and has no fault.
    text_is_plain: bool,
    reader: Reader<&'t [u8]>,
    /// Where the last part starts, white space included.
    start: usize,
    /// How many elements are open.
    depth: usize,
}

type At<T> = (usize, T);

impl<'t> WellFormed<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, ParseError> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let new = Self {
            text,
            text_is_plain: !text.contains('\r') && !text.contains("]]>"),
            reader,
            start: 0,
            depth: 0,
        };
        if let Some((at, c)) = find_bad_char(text) {
            return Err(new.ill_formed(at, format!("the character {c:?} is not allowed")));
        }
        if text.starts_with('\u{FEFF}') {
            // The reader would take it for the mark that is off already.
            return Err(new.ill_formed(0, "text outside the root"));
        }
        Ok(new)
    }

    /// The start of the root.
    pub(super) fn root(&mut self) -> Result<At<&'t str>, ParseError> {
        match self.advance()? {
            Some((at, Part::Open(name))) => Ok((at, name)),
            // Outside the root nothing else is let through.
            _ => Err(self.error(self.text.len(), ParseErrorKind::Empty)),
        }
    }

    /// The next part inside the root, its end included.
    pub(super) fn next(&mut self) -> Result<At<Part<'t>>, ParseError> {
        let part = self.advance()?;
        part.ok_or_else(|| self.ill_formed(self.text.len(), "an element is not closed"))
    }

    /// After the root's end: nothing may follow.
    pub(super) fn finish(&mut self) -> Result<(), ParseError> {
        match self.advance()? {
            None => Ok(()),
            Some((at, _)) => Err(self.ill_formed(at, "a second root")),
        }
    }

    /// Where the last part stands, and what it is in the text; the end of an empty element is no
    /// text.
    pub(super) fn last(&self) -> (usize, &'t str) {
        let raw = self.text.get(self.start..self.end()).unwrap_or_default();
        (self.start, raw)
    }

    /// Where the last part ends.
    pub(super) fn end(&self) -> usize {
        offset(self.reader.buffer_position())
    }

    pub(super) fn error(&self, at: usize, kind: ParseErrorKind) -> ParseError {
        ParseError::at(kind, self.text, at)
    }

    fn ill_formed(&self, at: usize, detail: impl Into<String>) -> ParseError {
        let detail = detail.into();
        self.error(at, ParseErrorKind::NotWellFormed { detail })
    }

    /// The next part, and the byte that it starts at; None at the end of the text.
    fn advance(&mut self) -> Result<Option<At<Part<'t>>>, ParseError> {
        loop {
            let at = self.end();
            let event = self.event(at)?;
            let raw = self.text.get(at..self.end()).unwrap_or_default();
            let part = match event {
                Event::Eof => return Ok(None),
                Event::Start(_) | Event::Empty(_) => Some(self.open(at, raw)?),
                Event::End(_) => Some(self.close()),
                Event::Text(_) if self.depth == 0 => self.check_blank(at, raw)?,
                Event::Text(_) => Some(self.characters(at, raw)?),
                Event::CData(section) => Some(self.section(at, section.into_inner())?),
                Event::GeneralRef(_) => Some(self.reference(at, raw)?),
                Event::Decl(_) => self.check_declaration(at, raw)?,
                Event::PI(instruction) => self.check_target(at, instruction.target())?,
                Event::Comment(_) => self.check_comment(at, raw)?,
                Event::DocType(_) => return Err(self.error(at, ParseErrorKind::DocumentType)),
            };
            if let Some(part) = part {
                self.start = at;
                return Ok(Some((part_start(at, raw, &part), part)));
            }
        }
    }

    fn event(&mut self, at: usize) -> Result<Event<'t>, ParseError> {
        // Before the reader looks into it.
        let rest = self.text.get(at..).unwrap_or_default();
        let start = rest.get(.."<!DOCTYPE".len()).unwrap_or_default();
        if start.starts_with("<!") && start.eq_ignore_ascii_case("<!DOCTYPE") {
            return Err(self.error(at, ParseErrorKind::DocumentType));
        }
        self.reader.read_event().map_err(|error| {
            let detail = match error {
                Error::Syntax(error) => error.to_string(),
                Error::IllFormed(MismatchedEndTag { expected, found }) => {
                    format!("<{expected}> is closed by {found:?}")
                }
                Error::IllFormed(UnmatchedEndTag(name)) => format!("{name:?} closes no element"),
                Error::IllFormed(UnclosedReference) => "a `&` that no `;` closes".to_owned(),
                Error::IllFormed(error) => error.to_string(),
                error => error.to_string(),
            };
            self.ill_formed(offset(self.reader.error_position()), detail)
        })
    }

    fn open(&mut self, at: usize, raw: &'t str) -> Result<Part<'t>, ParseError> {
        let inside = raw.strip_prefix('<').unwrap_or_default();
        let inside = inside.strip_suffix('>').unwrap_or_default();
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let (name, attributes) = split_at_space(inside);
        if !is_xml_name(name) {
            return Err(self.ill_formed(at, format!("{name:?} is not a name")));
        }
        if !attributes.is_empty() {
            self.check_attributes(at, attributes)?;
        }
        self.depth += 1;
        Ok(Part::Open(local_name(name)))
    }

    fn check_attributes(&self, at: usize, attributes: &str) -> Result<(), ParseError> {
        let mut seen = HashSet::new();
        for attribute in (Attributes { rest: attributes }) {
            let (name, value) = attribute.map_err(|detail| self.ill_formed(at, detail))?;
            if !seen.insert(name) {
                return Err(self.ill_formed(at, format!("a second attribute {name:?}")));
            }
            self.check_attribute_value(at, value)?;
        }
        Ok(())
    }

    fn close(&mut self) -> Part<'t> {
        self.depth = self.depth.saturating_sub(1); // the reader refuses an end without a start
        Part::Close
    }

    fn check_attribute_value(&self, at: usize, value: &str) -> Result<(), ParseError> {
        if value.contains('<') {
            return Err(self.ill_formed(at, "a `<` in an attribute"));
        }
        for after in value.split('&').skip(1) {
            let reference = after.split_once(';').map(|(name, _)| name);
            if reference.and_then(decode_reference).is_none() {
                return Err(self.ill_formed(at, "a reference that names no character"));
            }
        }
        Ok(())
    }

    /// Outside the root.
    fn check_blank(&self, at: usize, raw: &'t str) -> Result<Option<Part<'t>>, ParseError> {
        match raw.find(|c| !is_xml_space(c)) {
            None => Ok(None),
            Some(stray) => Err(self.ill_formed(at + stray, "text outside the root")),
        }
    }

    fn check_inside_the_root(&self, at: usize) -> Result<(), ParseError> {
        match self.depth {
            0 => Err(self.ill_formed(at, "text outside the root")),
            _ => Ok(()),
        }
    }

    fn characters(&self, at: usize, raw: &'t str) -> Result<Part<'t>, ParseError> {
        if self.text_is_plain {
            return Ok(Part::Text(Cow::Borrowed(raw)));
        }
        match raw.find("]]>") {
            None => Ok(Part::Text(with_line_feeds(Cow::Borrowed(raw)))),
            Some(stray) => Err(self.ill_formed(at + stray, "`]]>` in text")),
        }
    }

    fn section(&self, at: usize, text: Cow<'t, str>) -> Result<Part<'t>, ParseError> {
        self.check_inside_the_root(at)?;
        Ok(Part::Text(with_line_feeds(text)))
    }

    fn reference(&self, at: usize, raw: &'t str) -> Result<Part<'t>, ParseError> {
        self.check_inside_the_root(at)?;
        let name = raw
            .strip_prefix('&')
            .and_then(|name| name.strip_suffix(';'));
        match name.and_then(decode_reference) {
            Some(c) => Ok(Part::Text(Cow::Owned(c.into()))),
            None => Err(self.ill_formed(at, "a reference that names no character")),
        }
    }

    /// XML 1.0, production 23: the version, then the encoding, then whether the text stands alone.
    fn check_declaration(&self, at: usize, raw: &str) -> Result<Option<Part<'t>>, ParseError> {
        if at != 0 {
            return Err(self.ill_formed(at, "an XML declaration that is not at the start"));
        }
        let inside = raw.strip_prefix("<?xml").unwrap_or_default();
        let rest = inside.strip_suffix("?>").unwrap_or_default();
        let mut said = Vec::new();
        for attribute in (Attributes { rest }) {
            said.push(attribute.map_err(|detail| self.ill_formed(at, detail))?);
        }
        let mut said = said.as_slice();
        let version = take(&mut said, "version");
        let encoding = take(&mut said, "encoding");
        let standalone = take(&mut said, "standalone");
        let sound = version.is_some_and(is_version_1)
            && matches!(standalone, None | Some("yes" | "no"))
            && said.is_empty();
        if !sound {
            return Err(self.ill_formed(at, "not an XML declaration"));
        }
        match encoding {
            Some(name) if !name.eq_ignore_ascii_case("UTF-8") => {
                let name = name.to_owned();
                Err(self.error(at, ParseErrorKind::Encoding { name }))
            }
            _ => Ok(None),
        }
    }

    /// XML 1.0, production 15: no `--`, and no `-` at the end.
    fn check_comment(&self, at: usize, raw: &str) -> Result<Option<Part<'t>>, ParseError> {
        const OPEN: &str = "<!--";
        let inside = raw.strip_prefix(OPEN).unwrap_or_default();
        let inside = inside.strip_suffix("->").unwrap_or_default();
        match inside.find("--") {
            None => Ok(None),
            Some(stray) => Err(self.ill_formed(at + OPEN.len() + stray, "`--` in a comment")),
        }
    }

    /// XML 1.0, production 17: any name but `xml`.
    fn check_target(&self, at: usize, target: &str) -> Result<Option<Part<'t>>, ParseError> {
        if is_xml_name(target) && !target.eq_ignore_ascii_case("xml") {
            return Ok(None);
        }
        Err(self.ill_formed(at, format!("{target:?} is not a target of an instruction")))
    }
}

/// The first character that XML does not allow.
fn find_bad_char(text: &str) -> Option<(usize, char)> {
    // Most documents are plain ASCII, which is looked at many bytes at a time.
    let is_plain = |b: u8| matches!(b, b' '..=0x7F | b'\t' | b'\n' | b'\r');
    if text.bytes().fold(true, |plain, b| plain & is_plain(b)) {
        return None;
    }
    text.char_indices().find(|(_, c)| !is_xml_char(*c))
}

/// Where a part starts; for text, its first character that is no white space.
fn part_start(at: usize, raw: &str, part: &Part<'_>) -> usize {
    match part {
        Part::Text(_) => {
            let text = raw.bytes().position(|b| !is_xml_space(b.into()));
            at + text.unwrap_or(0)
        }
        Part::Open(_) | Part::Close => at,
    }
}

/// The reader counts in `u64`; the text is in memory, so every offset fits.
fn offset(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The attributes of a tag, or what stands in their place in a declaration: name and quoted value.
struct Attributes<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Attributes<'t> {
    type Item = Result<(&'t str, &'t str), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let attribute = self.rest.trim_start_matches(is_xml_space);
        if attribute.is_empty() {
            return None;
        }
        if attribute.len() == self.rest.len() {
            return Some(Err("no white space before an attribute"));
        }
        let Some((name, value)) = attribute.split_once('=') else {
            return Some(Err("an attribute without a value"));
        };
        let name = name.trim_end_matches(is_xml_space);
        if !is_xml_name(name) {
            return Some(Err("an attribute without a name"));
        }
        let value = value.trim_start_matches(is_xml_space);
        let quoted = match value.split_at_checked(1) {
            Some((quote @ ("\"" | "'"), value)) => value.split_once(quote),
            _ => None,
        };
        let Some((value, rest)) = quoted else {
            return Some(Err("an attribute without a quoted value"));
        };
        self.rest = rest;
        Some(Ok((name, value)))
    }
}

/// The value of the first attribute, if it has this name.
fn take<'t>(attributes: &mut &[(&str, &'t str)], name: &str) -> Option<&'t str> {
    let (&(first, value), rest) = attributes.split_first()?;
    (first == name).then(|| {
        *attributes = rest;
        value
    })
}

/// XML 1.0, production 26.
fn is_version_1(version: &str) -> bool {
    let minor = version.strip_prefix("1.").unwrap_or_default();
    !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
}

/// What follows the first colon.
fn local_name(name: &str) -> &str {
    let colon = name.bytes().position(|b| b == b':');
    colon
        .and_then(|colon| name.get(colon + 1..))
        .unwrap_or(name)
}

fn split_at_space(text: &str) -> (&str, &str) {
    let space = text.bytes().position(|b| is_xml_space(b.into()));
    text.split_at_checked(space.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

/// The character that `&name;` stands for: one of the five, or a reference to a character that XML
/// allows.
fn decode_reference(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        };
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` takes a sign, XML does not.
    let unsigned = digits.chars().all(|c| c.is_digit(radix));
    let code = u32::from_str_radix(digits, radix)
        .ok()
        .filter(|_| unsigned)?;
    char::from_u32(code).filter(|c| is_xml_char(*c))
}

/// XML 1.0, section 2.11: CR LF and CR are read as LF.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}
