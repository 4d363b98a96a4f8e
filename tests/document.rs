//! `Document`: where in its text each part of a configuration stands (semantics 1.9).

#![cfg(all(feature = "xml", feature = "json"))]

mod common;
mod counting;

use std::ops::Range;

use bucket_cors::{Configuration, Document, Element, Place, Profile, Rule, RuleSet};
use counting::{allocations, peak};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const LISTS: [Element; 4] = [
    Element::AllowedOrigin,
    Element::AllowedMethod,
    Element::AllowedHeader,
    Element::ExposeHeader,
];

/// Any place: one that a fault gave, led elsewhere.
fn place(rule: impl Into<Option<usize>>, element: Element, value: Option<usize>) -> Place {
    let faulty = RuleSet::compile(&Configuration::default(), Profile::S3).unwrap_err();
    let mut place = faulty.faults()[0].place();
    (place.rule, place.element, place.value) = (rule.into(), element, value);
    place
}

fn list(rule: &Rule, element: Element) -> &[String] {
    match element {
        Element::AllowedOrigin => &rule.allowed_origins,
        Element::AllowedMethod => &rule.allowed_methods,
        Element::AllowedHeader => &rule.allowed_headers,
        _ => &rule.expose_headers,
    }
}

/// Every value that there is, by its place.
fn values(configuration: &Configuration) -> Vec<(Place, String)> {
    let mut values = Vec::new();
    for (n, rule) in configuration.rules.iter().enumerate() {
        let id = rule.id.iter().cloned();
        values.extend(id.map(|id| (place(n, Element::Id, None), id)));
        for element in LISTS {
            let list = list(rule, element).iter().cloned().enumerate();
            values.extend(list.map(|(i, value)| (place(n, element, Some(i)), value)));
        }
        let age = rule.max_age_seconds;
        values.extend(age.map(|age| (place(n, Element::MaxAgeSeconds, None), age.to_string())));
    }
    let vary = configuration.response_vary;
    values.extend(vary.map(|vary| (place(None, Element::ResponseVary, None), vary.to_string())));
    values
}

#[track_caller]
fn read(text: &str) -> Document<'_> {
    Document::read(text.as_bytes(), Profile::S3).expect(text)
}

/// What is pointed at for each of the values in their order.
fn marked<'t>(document: &Document<'t>) -> Vec<&'t str> {
    let places = values(document.configuration()).into_iter();
    places
        .map(|(place, _)| &document.text()[document.span(place)])
        .collect()
}

/// The texts that are pointed at, between `‹` and `›` in the document, which are taken out.
#[track_caller]
fn points(document: &str) {
    let mut text = String::new();
    let mut spans: Vec<Range<usize>> = Vec::new();
    for piece in document.split_inclusive(['‹', '›']) {
        text += piece.trim_end_matches(['‹', '›']);
        match piece.chars().next_back() {
            Some('‹') => spans.push(text.len()..0),
            Some('›') => spans.last_mut().expect("a start").end = text.len(),
            _ => {}
        }
    }
    let document = read(&text);
    let mark = text.len() - document.text().len();
    let mut found: Vec<_> = values(document.configuration())
        .into_iter()
        .map(|(place, _)| document.span(place))
        .map(|span| span.start + mark..span.end + mark)
        .collect();
    found.sort_by_key(|span| span.start);
    let shown = |spans: &[Range<usize>]| -> Vec<String> {
        spans
            .iter()
            .map(|at| format!("{at:?} {}", &text[at.clone()]))
            .collect()
    };
    assert_eq!(shown(&found), shown(&spans), "{text}");
}

macro_rules! points {
    ($($module:ident { $($name:ident: $document:expr,)* })*) => {
        $(mod $module {
            use super::*;
            $(#[test]
            fn $name() {
                points(&$document);
            })*
        })*
    };
}

fn rule(inside: &str) -> String {
    format!("<CORSConfiguration><CORSRule>{inside}</CORSRule></CORSConfiguration>")
}

fn origin(inside: &str) -> String {
    rule(&format!("<AllowedOrigin>{inside}</AllowedOrigin>"))
}

points! {
    xml {
        every_element:     "<CORSConfiguration><CORSRule><ID>‹i›</ID><AllowedOrigin>‹o›</AllowedOrigin><AllowedMethod>‹m›</AllowedMethod><AllowedHeader>‹h›</AllowedHeader><ExposeHeader>‹e›</ExposeHeader><MaxAgeSeconds>‹+5›</MaxAgeSeconds></CORSRule><ResponseVary>‹true›</ResponseVary></CORSConfiguration>",
        two_rules:         "<CORSConfiguration><CORSRule><ID>‹i›</ID></CORSRule><ResponseVary> ‹true› </ResponseVary><CORSRule><ID>‹j›</ID></CORSRule></CORSConfiguration>",
        interleaved:       rule("<AllowedOrigin>‹a›</AllowedOrigin><ID>‹i›</ID><AllowedHeader>‹h›</AllowedHeader><AllowedOrigin>‹b›</AllowedOrigin><AllowedHeader>‹h›</AllowedHeader>"),
        prefixes:          "<s:CORSConfiguration xmlns:s='urn:x'><s:CORSRule a='>'><s:ID b=\"<!\"\n>‹i›</s:ID></s:CORSRule></s:CORSConfiguration>".replace("<!", "!"),
        a_mark:            format!("\u{FEFF}{}", origin("‹é›")),
        a_declaration:     format!("<?xml version='1.0'?>\r\n<!-- é -->{}", origin("‹a›")),
        white_space:       origin(" \r\n\t‹a b›\r \n"),
        line_ends_inside:  origin("\r\n‹a\r\nb\rc›\r"),
        other_white_space: origin(" ‹\u{A0}a\u{2003}› "),
        a_reference:       origin(" ‹&amp;› "),
        references:        origin("‹a&lt;b&#x1F600;›"),
        one_that_is_space: origin("&#32; ‹a&#32;b›&#10;&#x9;"),
        a_section:         origin(" ‹<![CDATA[a]]>› "),
        sections:          origin("‹<![CDATA[ <a ]]>b<![CDATA[]]]]><![CDATA[>]]>›"),
        blank_sections:    origin("<![CDATA[]]> ‹a› <![CDATA[ \n]]>"),
        a_comment_inside:  origin(" ‹a<!-- - -->b› "),
        comments_around:   origin("<!-- a --> ‹a› <!-- b --><?c?>"),
        an_instruction:    origin("‹<![CDATA[a]]> <?b?> &gt;›"),
        empty:             rule("‹<AllowedOrigin></AllowedOrigin>›"),
        closed_at_once:    rule("<AllowedOrigin>‹a›</AllowedOrigin> ‹<AllowedOrigin a=''/>› ‹<ID/>›<ExposeHeader> ‹b›</ExposeHeader>"),
        blank:             rule("‹<AllowedOrigin>\n <!-- a --> &#32;<![CDATA[ ]]></AllowedOrigin\n>›"),
        comment_alone:     rule("‹<ID><!-- a --></ID >›"),
        an_id:             rule("<ID>‹ a\r\n›</ID>"),
        an_id_of_space:    rule("<ID><!-- a -->‹ ›<!-- a --></ID>"),
        an_id_of_parts:    rule("<ID><?a?>‹ <!-- a -->b&#32;›<![CDATA[]]></ID>"),
        a_number:          rule("<MaxAgeSeconds>\n ‹-0<!-- -->12› <!-- 5 --></MaxAgeSeconds>"),
        a_boolean:         "<CORSConfiguration><ResponseVary>\n ‹<![CDATA[false]]>›</ResponseVary></CORSConfiguration>",
    }

    json {
        every_key:         r#"{"CORSRules":[{"ID":‹"i"›,"AllowedOrigins":[‹"o"›,‹"p"›],"AllowedMethods":[‹"m"›],"AllowedHeaders":[‹"h"›],"ExposeHeaders":[‹"e"›],"MaxAgeSeconds":‹5›}],"ResponseVary":‹true›}"#,
        in_another_order:  r#"{"ResponseVary":‹false›,"CORSRules":[{"MaxAgeSeconds":‹-12›,"ExposeHeaders":[‹"e"›],"ID":‹"i"›},{},{"ID":‹"j"›}]}"#,
        singular_keys:     r#"{"CORSRules":[{"AllowedOrigin":‹"o"›,"AllowedMethod":[‹"m"›,‹"n"›],"AllowedHeader":‹""›,"ExposeHeader":[]}]}"#,
        strings:           r#"{"CORSRules":[{"MaxAgeSeconds": ‹" +5 "›}],"ResponseVary" :‹"true"›}"#,
        a_bare_array:      r#" [{"AllowedOrigin":‹"o"›},{"AllowedMethods":[‹"m"›]}]"#,
        a_rule_alone:      r#"{"AllowedMethod":‹"m"›,"AllowedOrigins":[‹"o"›]}"#,
        rule_for_array:    r#"{"CORSRules":{"AllowedMethod":‹"m"›,"MaxAgeSeconds":‹0›},"ResponseVary":‹true›}"#,
        nested_space:      "\n{ \"CORSRules\"\t:\r\n[ { \"AllowedOrigins\" : [ ‹\" a \"› ,\n ‹\"b\"›\r] , \"MaxAgeSeconds\" : ‹5› } ] }\n",
        escapes:           r#"[{"\u0041llowedOrigins":[‹"\u0061\"],["›,‹"\\"›],"ID":‹"}\/\ud83d\ude00"›}]"#,
        escaped_root:      r#"{"\u0043ORSRules":[{"I\u0044":‹"i"›}]}"#,
        beyond_ascii:      r#"[{"ID":‹"é😀"›,"AllowedOrigins":[‹"é"›,‹"a"›]}]"#,
        a_mark:            "\u{FEFF}[{\"ID\":‹\"é\"›,\"AllowedHeaders\":[‹\"a\"›]}]",
        twice_the_same:    r#"[{"AllowedOrigins":[‹"a"›,‹"a"›],"AllowedHeaders":[‹"a"›]},{"AllowedOrigins":[‹"a"›]}]"#,
    }
}

// ---- What has no text of its own ----

/// What is pointed at for a place; the document's only `‸` stands where the span starts.
#[track_caller]
fn leads_to(
    document: &str,
    (rule, element, value): (Option<usize>, Element, Option<usize>),
    text: &str,
) {
    let start = document.find('‸').expect("a mark");
    let document = document.replace('‸', "");
    let span = read(&document).span(place(rule, element, value));
    assert_eq!((span.start, &document[span]), (start, text), "{document}");
}

#[test]
fn what_is_not_in_xml_leads_to_what_encloses_it() {
    use Element::{AllowedMethod, AllowedOrigin, Configuration, Id, ResponseVary, Rule};
    for (document, place, text) in [
        (
            "‸<CORSConfiguration  a=''><CORSRule/></CORSConfiguration>",
            (None, Configuration, None),
            "<CORSConfiguration  a=''>",
        ),
        (
            " <!-- a -->‸<s:CORSConfiguration/>",
            (None, Configuration, None),
            "<s:CORSConfiguration/>",
        ),
        (
            "‸<CORSConfiguration><CORSRule/></CORSConfiguration>",
            (None, Rule, None),
            "<CORSConfiguration>",
        ),
        (
            "‸<CORSConfiguration><CORSRule/></CORSConfiguration>",
            (None, ResponseVary, None),
            "<CORSConfiguration>",
        ),
        (
            "‸<CORSConfiguration><CORSRule/></CORSConfiguration>",
            (Some(1), Rule, None),
            "<CORSConfiguration>",
        ),
        (
            "‸<CORSConfiguration><CORSRule/></CORSConfiguration>",
            (Some(1), AllowedOrigin, Some(0)),
            "<CORSConfiguration>",
        ),
        (
            "<CORSConfiguration>‸<CORSRule/></CORSConfiguration>",
            (Some(0), Rule, None),
            "<CORSRule/>",
        ),
        (
            "<CORSConfiguration><CORSRule/>‸<CORSRule b='c'>\n</CORSRule></CORSConfiguration>",
            (Some(1), AllowedMethod, None),
            "<CORSRule b='c'>",
        ),
        (
            "<CORSConfiguration>‸<CORSRule><ID/></CORSRule></CORSConfiguration>",
            (Some(0), AllowedMethod, Some(3)),
            "<CORSRule>",
        ),
        (
            "<CORSConfiguration>‸<CORSRule><AllowedOrigin/></CORSRule></CORSConfiguration>",
            (Some(0), Id, None),
            "<CORSRule>",
        ),
        (
            "<CORSConfiguration><CORSRule><ID/><AllowedOrigin>‸a</AllowedOrigin><AllowedOrigin>b</AllowedOrigin></CORSRule></CORSConfiguration>",
            (Some(0), AllowedOrigin, None),
            "a",
        ),
        (
            "<CORSConfiguration><CORSRule><ID/><AllowedOrigin>‸a</AllowedOrigin><AllowedOrigin>b</AllowedOrigin></CORSRule></CORSConfiguration>",
            (Some(0), AllowedOrigin, Some(2)),
            "a",
        ),
        (
            "<CORSConfiguration><CORSRule><ID>‸a</ID></CORSRule></CORSConfiguration>",
            (Some(0), Id, Some(0)),
            "a",
        ),
    ] {
        leads_to(document, place, text);
    }
}

#[test]
fn what_is_not_in_json_leads_to_what_encloses_it() {
    use Element::{AllowedMethod, AllowedOrigin, Configuration, Id, ResponseVary, Rule};
    for (document, place, text) in [
        ("\n‸{}", (None, Configuration, None), "{"),
        ("‸{}", (None, Rule, None), "{"),
        ("‸{\"ResponseVary\":true}", (None, Rule, None), "{"),
        (
            "{\"CORSRules\":‸[],\"ResponseVary\":true}",
            (None, Rule, None),
            "[",
        ),
        ("{\"CORSRules\":‸{}}", (None, Rule, None), "{"),
        ("{\"CORSRules\":‸{}}", (Some(0), Rule, None), "{"),
        (" ‸[]", (None, Configuration, None), "["),
        ("‸[{}]", (None, Rule, None), "["),
        ("‸[{}]", (Some(1), Rule, None), "["),
        ("‸[{}]", (None, ResponseVary, None), "["),
        ("[‸{}]", (Some(0), Rule, None), "{"),
        ("[{}, ‸{\"ID\":\"a\"}]", (Some(1), AllowedMethod, None), "{"),
        ("‸{\"ID\":\"a\"}", (None, Configuration, None), "{"),
        ("‸{\"ID\":\"a\"}", (Some(0), AllowedMethod, Some(0)), "{"),
        (
            "{\"AllowedOrigins\":‸[ ]}",
            (Some(0), AllowedOrigin, None),
            "[ ]",
        ),
        (
            "{\"AllowedOrigins\": ‸[\"a\"] }",
            (Some(0), AllowedOrigin, None),
            "[\"a\"]",
        ),
        (
            "{\"AllowedOrigins\": ‸[\"a\"] }",
            (Some(0), AllowedOrigin, Some(1)),
            "[\"a\"]",
        ),
        (
            "{\"AllowedOrigin\": ‸\"a\" }",
            (Some(0), AllowedOrigin, None),
            "\"a\"",
        ),
        (
            "{\"AllowedOrigin\": ‸\"a\" }",
            (Some(0), AllowedOrigin, Some(1)),
            "\"a\"",
        ),
        ("{\"ID\": ‸\"a\" }", (Some(0), Id, Some(0)), "\"a\""),
    ] {
        leads_to(document, place, text);
    }
}

// ---- Faults, lines ----

const BROKEN_XML: &str = "\u{FEFF}<CORSConfiguration>\r\n  <CORSRule>\r\n    <ID>é</ID>\r\n    <AllowedOrigin>*</AllowedOrigin>\r\n    \
    <AllowedMethod>GET</AllowedMethod><AllowedOrigin> a &amp; b </AllowedOrigin>\r\n    <!-- é --><AllowedMethod>put</AllowedMethod>\r\n    \
    <AllowedHeader/><ExposeHeader>x-*</ExposeHeader><MaxAgeSeconds>-1</MaxAgeSeconds>\r\n  </CORSRule>\r\n  <CORSRule/>\r\n</CORSConfiguration>";
const BROKEN_JSON: &str = "\u{FEFF}[{\"ID\": \"é\", \"AllowedOrigins\": [\"*\", \"a \\u0026 b\"],\r\n  \"AllowedMethods\": [\"GET\", \"put\"], \
    \"AllowedHeader\": \"\",\r \"ExposeHeaders\": [\"x-*\"], \"MaxAgeSeconds\": \"-1\"\n}, {\"AllowedOrigins\": []}]";

/// The fault's value, what is pointed at, and at which line and column.
#[track_caller]
fn faults(text: &str, rows: &[(Option<&str>, &str, usize, usize)]) {
    let document = read(text);
    let error = RuleSet::compile(document.configuration(), Profile::S3).unwrap_err();
    let found: Vec<_> = error
        .faults()
        .iter()
        .map(|fault| {
            let at = document.position(fault.place());
            let marked = &document.text()[document.span(fault.place())];
            (fault.value(), marked, at.line(), at.column())
        })
        .collect();
    assert_eq!(found, rows);
}

#[test]
fn every_fault_points_at_its_value() {
    faults(
        BROKEN_XML,
        &[
            (Some("a & b"), "a &amp; b", 5, 55),
            (Some("put"), "put", 6, 30),
            (Some(""), "<AllowedHeader/>", 7, 5),
            (Some("x-*"), "x-*", 7, 35),
            (Some("-1"), "-1", 7, 68),
            (None, "<CORSRule/>", 9, 3),
            (None, "<CORSRule/>", 9, 3),
        ],
    );
    faults(
        BROKEN_JSON,
        &[
            (Some("a & b"), "\"a \\u0026 b\"", 1, 38),
            (Some("put"), "\"put\"", 2, 29),
            (Some(""), "\"\"", 2, 54),
            (Some("x-*"), "\"x-*\"", 3, 20),
            (Some("-1"), "\"-1\"", 3, 45),
            (None, "[]", 4, 23),
            (None, "{", 4, 4),
        ],
    );
    faults(
        "<CORSConfiguration/>",
        &[(None, "<CORSConfiguration/>", 1, 1)],
    );
    faults("{\"CORSRules\":\n []}", &[(None, "[", 2, 2)]);
}

#[test]
fn it_reads_what_a_configuration_reads() {
    for text in [
        BROKEN_XML,
        BROKEN_JSON,
        "{",
        "<a/>",
        "a",
        "",
        "[{\"ID\":5}]",
        "<CORSConfiguration>",
    ] {
        let bytes = text.as_bytes();
        for profile in [Profile::COS, Profile::S3] {
            let read =
                |document: Result<Document<'_>, _>| document.map(Document::into_configuration);
            assert_eq!(
                read(Document::read(bytes, profile)),
                Configuration::parse(bytes, profile)
            );
            assert_eq!(
                read(Document::from_xml(bytes, profile)),
                Configuration::from_xml(bytes, profile)
            );
            assert_eq!(
                read(Document::from_json(bytes, profile)),
                Configuration::from_json(bytes, profile)
            );
        }
    }
    for text in [BROKEN_XML, BROKEN_JSON] {
        assert_eq!(read(text).text(), text.trim_start_matches('\u{FEFF}'));
    }
    let too_long = " ".repeat(70_000);
    assert!(Document::read(too_long.as_bytes(), Profile::S3).is_err());
}

// ---- What it costs ----

/// Who wants the configuration alone pays nothing for spans: each value is one allocation, and the
/// others are few.
#[test]
fn spans_that_no_one_asks_for_are_not_kept() {
    let text = rule(&"<ExposeHeader>a</ExposeHeader>".repeat(1000));
    let plain = allocations(|| Configuration::parse(text.as_bytes(), Profile::S3).unwrap());
    let kept = allocations(|| read(&text));
    assert!(plain < 1050, "{plain}");
    assert!(kept > plain + 100, "{kept}"); // so the count can see it
}

/// The texts that have the most places for their size.
#[test]
fn memory_is_a_multiple_of_the_text() {
    for (head, unit, tail) in [
        ("[", "{},", "{}]"),
        ("[{\"AllowedOrigins\":[", "\"\",", "\"\"]}]"),
        ("<CORSConfiguration>", "<CORSRule/>", "</CORSConfiguration>"),
        (
            "<CORSConfiguration><CORSRule>",
            "<ExposeHeader/>",
            "</CORSRule></CORSConfiguration>",
        ),
    ] {
        let text = format!("{head}{}{tail}", unit.repeat((65_536 - 70) / unit.len()));
        let (_, plain) = peak(|| Configuration::parse(text.as_bytes(), Profile::S3).unwrap());
        let (_, kept) = peak(|| read(&text));
        let more = kept.saturating_sub(plain) / text.len();
        assert!(more <= 48, "{more} times {unit}");
    }
}

// ---- Laws ----

fn value() -> impl Strategy<Value = String> {
    let character = select(vec![
        'a', '*', ' ', '&', '<', '>', ']', '"', '\\', '/', 'é', '😀', '\n', '-', '[', '{', ',',
    ]);
    vec(character, 0..6).prop_map(|text| {
        let text: String = text.into_iter().collect();
        text.trim_matches([' ', '\n']).to_owned()
    })
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let lists = || vec(value(), 0..4);
    let rule = (
        (lists(), lists(), lists(), lists()),
        option::of(value()),
        option::of(any::<i64>()),
    );
    let rule = rule.prop_map(|((origins, methods, headers, exposed), id, age)| {
        let mut rule = Rule::new(origins, methods)
            .with_allowed_headers(headers)
            .with_expose_headers(exposed);
        (rule.id, rule.max_age_seconds) = (id, age);
        rule
    });
    (vec(rule, 0..4), option::of(any::<bool>())).prop_map(|(rules, vary)| {
        let mut configuration = Configuration::from_iter(rules);
        configuration.response_vary = vary;
        configuration
    })
}

/// What is marked in an XML text: the value, written out by hand.
fn decoded_xml(marked: &str) -> String {
    let mut text = String::new();
    let mut rest = marked;
    while let Some(c) = rest.chars().next() {
        let skipped = [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")];
        if let Some((start, end)) = skipped.iter().find(|(start, _)| rest.starts_with(start)) {
            let (inside, after) = rest[start.len()..].split_once(end).unwrap();
            if *start == "<![CDATA[" {
                text += inside;
            }
            rest = after;
        } else if c == '<' {
            return String::new(); // the tags of an empty value
        } else if c == '&' {
            let (name, after) = rest[1..].split_once(';').unwrap();
            text.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                _ => char::from_u32(name.trim_start_matches('#').parse().unwrap()).unwrap(),
            });
            rest = after;
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text
}

fn decoded_json(marked: &str) -> String {
    match serde_json::from_str(marked).unwrap() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Around each tag of a text that `to_xml` wrote, something that means nothing there. White space
/// would mean something in an `ID`.
fn noisy_xml(text: &str, noise: &[&str]) -> String {
    let mut noise = noise.iter().cycle();
    let mut out = String::new();
    let mut of_an_id = false;
    for piece in text.split_inclusive('>') {
        let (value, tag) = piece.split_at(piece.find('<').unwrap());
        out += value;
        // Nothing may stand before a declaration.
        if !out.is_empty() {
            let more = noise.next().copied().unwrap_or_default();
            out += if of_an_id { more.trim() } else { more };
        }
        out += tag;
        of_an_id = tag == "<ID>";
        if !of_an_id {
            out += noise.next().copied().unwrap_or_default();
        }
    }
    out
}

/// White space after each sign of a text that `to_json` wrote, outside strings.
fn noisy_json(text: &str, noise: &[&str]) -> String {
    let mut noise = noise.iter().cycle();
    let mut out = String::new();
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        out.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
        if !inside && !c.is_ascii_alphanumeric() && c != '-' {
            out += noise.next().copied().unwrap_or_default();
        }
    }
    out
}

/// The start of a document and the end of the same, so that bytes are lost or come twice: where it is
/// still one, each value stands where it is said to.
#[test]
fn a_spliced_document_is_pointed_into() {
    let xml = "<CORSConfiguration><CORSRule><ID> é </ID><AllowedOrigin> a&amp;<!-- é -->b </AllowedOrigin>\
        <AllowedOrigin/><AllowedMethod><![CDATA[é]]> </AllowedMethod></CORSRule></CORSConfiguration>";
    let json = "{\"CORSRules\":[{\"ID\":\" é\",\"AllowedOrigin\":[\" \\u0061\",\"\\\"\"],\n\
        \"AllowedMethod\": \"é\",\"MaxAgeSeconds\":\"12\"}], \"ResponseVary\":false}";
    for (text, decoded) in [
        (xml, decoded_xml as fn(&str) -> String),
        (json, decoded_json),
    ] {
        let mut accepted = 0;
        for end in 0..=text.len() {
            for start in (end % 4..=text.len()).step_by(4) {
                let spliced = [&text.as_bytes()[..end], &text.as_bytes()[start..]].concat();
                let Ok(document) = Document::read(&spliced, Profile::S3) else {
                    continue;
                };
                for (place, value) in values(document.configuration()) {
                    let span = document.span(place);
                    let marked = document.text().get(span).expect("a piece of the text");
                    let mut found = decoded(marked);
                    if place.element != Element::Id {
                        found = found.trim().to_owned();
                    }
                    assert_eq!(found, value, "{marked} in {}", document.text());
                }
                accepted += 1;
            }
        }
        assert!(accepted > text.len() / 2, "{accepted}");
    }
}

proptest! {
    #![proptest_config(common::cases(256))]

    #[test]
    fn every_span_is_its_value_in_xml(
        configuration in configuration(),
        noise in vec(select(vec!["", " ", "\n", "\t\n ", "<!-- a -->", "<?b?>", " <!--<a>\n-->\n"]), 1..8),
    ) {
        let text = noisy_xml(&configuration.to_xml(Profile::S3), &noise);
        let document = Document::read(text.as_bytes(), Profile::S3);
        let document = document.map_err(|error| TestCaseError::fail(format!("{error} in {text}")))?;
        prop_assert_eq!(document.configuration(), &configuration, "{}", text);
        let decoded = marked(&document).into_iter().map(decoded_xml);
        let values = values(&configuration).into_iter().map(|(_, value)| value);
        prop_assert_eq!(decoded.collect::<Vec<_>>(), values.collect::<Vec<_>>(), "{}", text);
    }

    #[test]
    fn every_span_is_its_value_in_json(
        configuration in configuration(),
        noise in vec(select(vec!["", " ", "\n", "\t\r "]), 1..8),
    ) {
        let text = noisy_json(&configuration.to_json(), &noise);
        let document = Document::read(text.as_bytes(), Profile::S3);
        let document = document.map_err(|error| TestCaseError::fail(format!("{error} in {text}")))?;
        prop_assert_eq!(document.configuration(), &configuration, "{}", text);
        let decoded = marked(&document).into_iter().map(decoded_json);
        let values = values(&configuration).into_iter().map(|(_, value)| value);
        prop_assert_eq!(decoded.collect::<Vec<_>>(), values.collect::<Vec<_>>(), "{}", text);
    }

    /// Whatever is read of pieces put together: each place is somewhere in the text.
    #[test]
    fn every_span_is_in_the_text(
        pieces in vec(select(vec![
            "<AllowedOrigin>", "</AllowedOrigin>", "<AllowedOrigin/>", "<ID>", "</ID>", "<ID>a</ID>",
            "</CORSRule><CORSRule>", "a", "é", " ", "\r", "\n", "&amp;", "&#32;", "<![CDATA[", "]]>", "<!--", "-->",
            "<AllowedOrigin>é</AllowedOrigin>",
        ]), 0..10),
        rule in select(vec![None, Some(0), Some(1), Some(2), Some(usize::MAX)]),
        element in select(vec![
            Element::Configuration, Element::Rule, Element::Id, Element::AllowedOrigin, Element::ResponseVary,
        ]),
        value in select(vec![None, Some(0), Some(1), Some(usize::MAX)]),
    ) {
        let text = self::rule(&pieces.concat());
        if let Ok(document) = Document::from_xml(text.as_bytes(), Profile::S3) {
            let span = document.span(place(rule, element, value));
            let text = document.text().get(span);
            prop_assert!(text.is_some_and(|text| !text.is_empty()), "{:?}", text);
        }
    }
}
