//! Good documents cut, with a bit flipped, and spliced, at every place: they are refused or read
//! whole, never wider (semantics 6.10), and memory stays a multiple of what came in.
#![cfg(all(feature = "xml", feature = "json"))]

mod counting;

use std::collections::BTreeSet;

use bucket_cors::{Configuration, ParseError, Profile, Rule, RuleSet};
use counting::{allocations, peak};
use serde_json::Value;

struct Form {
    read: fn(&[u8], Profile) -> Result<Configuration, ParseError>,
    /// How many values stand in a good text, counted in another way.
    count: fn(&str) -> usize,
    documents: [&'static str; 5],
}

const FORMS: [Form; 2] = [
    Form {
        read: Configuration::from_xml,
        count: values_in_xml,
        documents: XML,
    },
    Form {
        read: Configuration::from_json,
        count: values_in_json,
        documents: JSON,
    },
];

/// As users write them; no value stands in two of them, so that each tells where it is from.
const XML: [&str; 5] = [
    "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
        <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">
  <CORSRule>
    <ID>uploads</ID>
    <AllowedOrigin>https://www.example.com</AllowedOrigin>
    <AllowedOrigin>https://*.example.net</AllowedOrigin>
    <AllowedMethod>PUT</AllowedMethod>
    <AllowedMethod>POST</AllowedMethod>
    <AllowedHeader>x-amz-*</AllowedHeader>
    <AllowedHeader>content-type</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader>
    <MaxAgeSeconds>3000</MaxAgeSeconds>
  </CORSRule>
  <CORSRule>
    <AllowedOrigin>null</AllowedOrigin>
    <AllowedMethod>HEAD</AllowedMethod>
  </CORSRule>
</CORSConfiguration>
",
    "<CORSConfiguration>\r\n<CORSRule>\r\n<MaxAgeSeconds>600</MaxAgeSeconds>\r\n\
        <AllowedHeader>Range</AllowedHeader>\r\n<AllowedMethod>DELETE</AllowedMethod>\r\n\
        <AllowedOrigin>http://cos.test:8080</AllowedOrigin>\r\n</CORSRule>\r\n\
        <ResponseVary>true</ResponseVary></CORSConfiguration>",
    "\u{FEFF}<!-- é --><s:CORSConfiguration xmlns:s='urn:x' a=\"&amp;\"><s:CORSRule>\
        <ID>a&lt;b<![CDATA[<c>&d]]>&#x1F600;</ID><AllowedOrigin> https<!-- - -->://é.test </AllowedOrigin\n>\
        <?pi x?><AllowedOrigin/><AllowedMethod><![CDATA[PATCH]]></AllowedMethod></s:CORSRule>\
        <ResponseVary>false</ResponseVary></s:CORSConfiguration>\n",
    "<CORSConfiguration/>",
];
const JSON: [&str; 5] = [
    r#"[{"AllowedOrigins":["*"],"AllowedMethods":["GET"]}]"#,
    r#"{
  "CORSRules": [
    {
      "ID": "uploads",
      "AllowedOrigins": ["https://www.example.com", "https://*.example.net"],
      "AllowedMethods": ["PUT", "POST"],
      "AllowedHeaders": ["x-amz-*", "content-type"],
      "ExposeHeaders": ["ETag"],
      "MaxAgeSeconds": 3000
    },
    { "AllowedOrigins": ["null"], "AllowedMethods": ["HEAD"] }
  ]
}
"#,
    r#"{"CORSRules":{"AllowedOrigin":"http://cos.test:8080","AllowedMethod":["DELETE"],
    "AllowedHeader":"Range","MaxAgeSeconds":"600"},"ResponseVary":"true"}"#,
    "\u{FEFF}{\"CORSRules\":[{\"ID\":\"a\\u003cb\\\"\\ud83d\\ude00\",\"AllowedOrigins\":[\" https:\\/\\/é.test\",\"\"],\
        \"AllowedMethods\":[\"PATCH\\t\"]}],\"ResponseVary\":false}",
    "{}",
];

/// What is read of a text, and what must hold whatever it is.
#[track_caller]
fn read(form: &Form, text: &[u8]) -> Option<Configuration> {
    let (read, bytes) = peak(|| (form.read)(text, Profile::COS).ok());
    // However short the text, there is room for four rules, or a refusal has its words.
    assert!(
        bytes <= 2 * text.len() + 1024,
        "{bytes} bytes for {}",
        text.escape_ascii()
    );

    let (_, bytes) = peak(|| RuleSet::parse(text, Profile::COS).ok());
    assert!(
        bytes <= 4 * text.len() + 4096,
        "{bytes} bytes for {}",
        text.escape_ascii()
    );

    let compiles = |read| RuleSet::compile(read, Profile::COS).is_ok();
    assert_eq!(
        RuleSet::parse(text, Profile::COS).is_ok(),
        read.as_ref().is_some_and(compiles),
        "{}",
        text.escape_ascii()
    );
    if let Some(read) = &read {
        let (values, rules) = (values(read).len(), read.rules.len());
        let text = str::from_utf8(text).unwrap();
        assert_eq!(values - rules, (form.count)(text), "{text}");
    }
    read
}

fn values_in_xml(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        if let Some((start, end)) = skipped.iter().find(|(start, _)| rest.starts_with(start)) {
            rest = rest[start.len()..].split_once(end).unwrap().1;
            continue;
        }
        let tag;
        (tag, rest) = rest[1..].split_once('>').unwrap();
        let closes = tag.starts_with('/') || tag.ends_with('/');
        let of_no_value = ["CORSRule", "CORSConfiguration"];
        count += usize::from(closes && !of_no_value.iter().any(|name| tag.contains(name)));
    }
    count
}

fn values_in_json(text: &str) -> usize {
    fn count(value: &Value) -> usize {
        match value {
            Value::Object(members) => members.values().map(count).sum(),
            Value::Array(items) => items.iter().map(count).sum(),
            _ => 1,
        }
    }
    count(&serde_json::from_str(text.trim_start_matches('\u{FEFF}')).unwrap())
}

/// Each value in its order, with the name of its element.
fn values(configuration: &Configuration) -> Vec<String> {
    let mut values = Vec::new();
    for rule in &configuration.rules {
        let Rule {
            id,
            allowed_origins,
            allowed_methods,
            allowed_headers,
            expose_headers,
            max_age_seconds,
            ..
        } = rule;
        values.extend(id.iter().map(|id| format!("ID {id}")));
        for (name, list) in [
            ("AllowedOrigin", allowed_origins),
            ("AllowedMethod", allowed_methods),
            ("AllowedHeader", allowed_headers),
            ("ExposeHeader", expose_headers),
        ] {
            values.extend(list.iter().map(|value| format!("{name} {value}")));
        }
        values.extend(max_age_seconds.map(|age| format!("MaxAgeSeconds {age}")));
        values.push("CORSRule".to_owned());
    }
    values.extend(
        configuration
            .response_vary
            .map(|vary| format!("ResponseVary {vary}")),
    );
    values
}

#[test]
fn a_document_cut_anywhere_is_refused() {
    for form in &FORMS {
        for document in form.documents {
            let root = document.trim_end().len();
            for end in 0..=document.len() {
                let cut = &document.as_bytes()[..end];
                assert_eq!(
                    read(form, cut).is_some(),
                    end >= root,
                    "{}",
                    cut.escape_ascii()
                );
            }
        }
    }
}

#[test]
fn a_flipped_bit_changes_one_value_at_the_most() {
    for form in &FORMS {
        let mut accepted = 0;
        for document in form.documents {
            let good = values(&read(form, document.as_bytes()).unwrap());
            for bit in 0..document.len() * 8 {
                let mut flipped = document.as_bytes().to_vec();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let Some(configuration) = read(form, &flipped) else {
                    continue;
                };
                let values = values(&configuration);
                let changed = values
                    .iter()
                    .zip(&good)
                    .filter(|(value, good)| value != good);
                assert_eq!(values.len(), good.len(), "{}", flipped.escape_ascii());
                assert!(changed.count() <= 1, "{}", flipped.escape_ascii());
                accepted += 1;
            }
        }
        assert!(accepted > 100, "{accepted}");
    }
}

/// The start of one document and the end of another, or of itself: bytes are lost, or come twice.
#[test]
fn a_splice_makes_one_new_value_at_the_most() {
    const ONE_IN: usize = 127; // of all pairs of places, enough for a test of seconds
    for form in &FORMS {
        let pairs = form
            .documents
            .iter()
            .flat_map(|head| form.documents.iter().map(move |tail| (head, tail)));
        let mut accepted = 0;
        for (head, tail) in pairs {
            let good = [head, tail].map(|text| values(&read(form, text.as_bytes()).unwrap()));
            // A key that is lost gives its list to the key before it.
            let known: BTreeSet<&str> = good.iter().flatten().map(|value| text_of(value)).collect();
            for end in 0..=head.len() {
                for start in (end * 7 % ONE_IN..=tail.len()).step_by(ONE_IN) {
                    let spliced = [&head.as_bytes()[..end], &tail.as_bytes()[start..]].concat();
                    let Some(configuration) = read(form, &spliced) else {
                        continue;
                    };
                    let values = values(&configuration);
                    let new = values
                        .iter()
                        .filter(|value| !known.contains(text_of(value)));
                    assert!(new.count() <= 1, "{}", spliced.escape_ascii());
                    accepted += 1;
                }
            }
        }
        assert!(accepted > 50, "{accepted}");
    }
}

fn text_of(value: &str) -> &str {
    value.split_once(' ').map_or(value, |(_, text)| text)
}

/// Documents of the greatest size, each made to cost memory in another way: the most bytes in use to
/// read it, and then to compile it, for each byte of the text.
#[test]
fn memory_is_a_multiple_of_the_text() {
    let root = |unit| ("<CORSConfiguration>", unit, "</CORSConfiguration>");
    let rule = |unit| {
        (
            "<CORSConfiguration><CORSRule>",
            unit,
            "</CORSRule></CORSConfiguration>",
        )
    };
    let id = |unit| {
        (
            "<CORSConfiguration><CORSRule><ID>",
            unit,
            "</ID></CORSRule></CORSConfiguration>",
        )
    };
    let json_list = |unit| ("[{\"AllowedOrigins\":[", unit, "\"\"]}]");
    let json_origins = |unit| {
        let tail = "\"null\"],\"AllowedMethods\":[\"GET\"]}]";
        ("[{\"AllowedOrigins\":[", unit, tail)
    };
    let json_names = |unit| {
        let tail = "\"x\"],\"AllowedOrigins\":[\"*\"],\"AllowedMethods\":[\"GET\"]}]";
        ("[{\"AllowedHeaders\":[", unit, tail)
    };
    let json_exposed = |unit| {
        let tail = "\"x\"],\"AllowedOrigins\":[\"*\"],\"AllowedMethods\":[\"GET\"]}]";
        ("[{\"ExposeHeaders\":[", unit, tail)
    };
    let json_id = |unit| ("[{\"ID\":\"", unit, "\"}]");
    for ((head, unit, tail), to_read, to_compile) in [
        // Rules of nothing: each is a `Rule`, and two faults.
        (("[", "{},", "{}]"), 102.1, 120.1),
        (("[", "{\"ID\":\"\"},", "{}]"), 25.6, 30.1),
        (root("<CORSRule/>"), 25.6, 30.1),
        // Values of nothing, or of little.
        (json_list("\"\","), 18.1, 0.1),
        (json_list("\"a\","), 9.2, 0.1),
        (rule("<AllowedOrigin/>"), 2.3, 0.1),
        (rule("<ExposeHeader/>"), 4.6, 15.1),
        (rule("<ExposeHeader>a</ExposeHeader>"), 2.3, 0.1),
        // What compiles.
        (json_origins("\"a#\","), 9.7, 20.7),
        (json_origins("\"a#*\","), 4.9, 28.8),
        (json_origins("\"*a#\","), 4.9, 19.0),
        (json_origins("\"a#*a#\","), 5.2, 27.3),
        (json_names("\"a#\","), 9.7, 22.4),
        (json_names("\"a#*\","), 4.9, 32.8),
        (json_exposed("\"a#\","), 9.7, 10.3),
        // One value.
        (json_id("a"), 1.1, 1.1),
        (json_id("\\u00e9"), 0.9, 0.4),
        (id("a"), 1.1, 1.1),
        (id("\r"), 2.0, 1.1),
        (id("&lt;"), 0.4, 0.3),
        (id("<![CDATA[a]]>"), 0.2, 0.1),
        // What is left out.
        (id("<!---->"), 0.1, 0.1),
        (("<CORSConfiguration", " a#=''", "/>"), 6.4, 0.1),
        // What is refused.
        (("", "[", ""), 0.1, 0.0),
        (("[{\"ID\":", "[", ""), 0.1, 0.0),
        (("", "<a>", ""), 0.1, 0.0),
        (root("<CORSRule>"), 0.1, 0.0),
        (("<!DOCTYPE", "a", ">"), 0.1, 0.0),
    ] {
        let text = filled(head, unit, tail);
        let form = if text.starts_with('<') {
            Configuration::from_xml
        } else {
            Configuration::from_json
        };
        let (read, reading) = peak(|| form(text.as_bytes(), Profile::COS));
        let compiling = read.as_ref().map_or(0, |read| {
            peak(|| RuleSet::compile(read, Profile::COS).is_ok()).1
        });
        for (step, bytes, limit) in [
            ("read", reading, to_read),
            ("compile", compiling, to_compile),
        ] {
            let times = f64::from(u32::try_from(bytes).unwrap()) / 65_536.0;
            assert!(
                times <= limit,
                "{unit} takes {times:.2} times itself to {step}"
            );
        }
    }
}

/// The worst of all: rules of nothing, as many as make their list double, and their faults' too.
#[test]
fn memory_is_a_multiple_where_lists_have_just_doubled() {
    let rules = (1 << 14) + 1;
    for (text, limit) in [
        (format!("[{}{{}}]", "{},".repeat(rules - 1)), 255),
        (
            format!(
                "<CORSConfiguration>{}</CORSConfiguration>",
                "<CORSRule/>".repeat(rules / 4 + 1)
            ),
            69,
        ),
    ] {
        let (parsed, bytes) = peak(|| RuleSet::parse(text.as_bytes(), Profile::COS));
        assert!(parsed.is_err());
        let times = bytes / text.len();
        assert!(times < limit, "{times} times {} bytes", text.len());
    }
}

/// A text of the greatest size; `#` in the unit is its number.
fn filled(head: &str, unit: &str, tail: &str) -> String {
    let mut text = head.to_owned();
    for number in 0.. {
        let unit = unit.replace('#', &number.to_string());
        if text.len() + unit.len() + tail.len() > 65_536 {
            break;
        }
        text += &unit;
    }
    text + tail
}

/// A hint compares names letter by letter, but none that is too long to be near one. Comparing
/// takes a row of numbers a letter, which is what can be counted.
#[test]
fn a_long_name_is_not_compared() {
    let long = "A".repeat(60_000);
    for (form, text) in [
        (
            &FORMS[0],
            format!("<CORSConfiguration><{long}/></CORSConfiguration>"),
        ),
        (&FORMS[1], format!("{{\"{long}\":1}}")),
    ] {
        let count = allocations(|| (form.read)(text.as_bytes(), Profile::COS));
        assert!(count < 100, "{count}");
    }
}
