//! Every text that an error has, for people (`Display`) and for clients (`code`, `message`): exact
//! messages are asserted here and nowhere else.

#[cfg(any(feature = "xml", feature = "json"))]
use bucket_cors::ParseError;
use bucket_cors::{CompileError, Configuration, Element, Error, FaultKind, Profile, Rule, RuleSet};

const NOT_WELL_FORMED: &str =
    "The XML you provided was not well-formed or did not validate against our published schema";

// ---- Documents ----

/// The provider answers the same, whatever is wrong with a document that is not too large.
#[cfg(any(feature = "xml", feature = "json"))]
#[track_caller]
fn says(error: &ParseError, text: &str) {
    assert_eq!(error.to_string(), text);
    assert_eq!(error.code(), "MalformedXML");
    assert_eq!(error.message(), NOT_WELL_FORMED);

    let error = Error::from(error.clone());
    assert_eq!(error.to_string(), text);
    assert_eq!(error.code(), "MalformedXML");
    assert_eq!(error.message(), NOT_WELL_FORMED);
}

#[cfg(feature = "xml")]
#[track_caller]
fn xml(document: impl AsRef<[u8]>) -> ParseError {
    Configuration::from_xml(document.as_ref(), Profile::S3).unwrap_err()
}

#[cfg(feature = "json")]
#[track_caller]
fn json(document: impl AsRef<[u8]>) -> ParseError {
    Configuration::from_json(document.as_ref(), Profile::S3).unwrap_err()
}

#[cfg(any(feature = "xml", feature = "json"))]
macro_rules! documents {
    ($form:ident { $($name:ident: $document:expr => $text:expr,)* }) => {
        mod $form {
            use super::{$form as form, says};
            $(#[test]
            fn $name() {
                says(&form($document), $text);
            })*
        }
    };
}

#[cfg(feature = "xml")]
documents! {
    xml {
        nothing:             "" => "line 1, column 1: the document is empty",
        nothing_on_lines:    "<!--a-->\n " => "line 2, column 2: the document is empty",
        not_utf_8:           b"<\xFF" => "line 1, column 2: the document is not UTF-8",
        an_encoding:         "<?xml version=\"1.0\" encoding=\"UTF-16\"?><CORSConfiguration/>"
            => "line 1, column 1: the document declares the encoding \"UTF-16\"; only UTF-8 is read",
        a_document_type:     "\n <!DOCTYPE a><CORSConfiguration/>" => "line 2, column 2: a document type is not allowed",
        a_wrong_root:        "<Tagging/>" => "line 1, column 1: the root is <Tagging>, not <CORSConfiguration>",

        unknown:             "<CORSConfiguration><AllowedOrigin/></CORSConfiguration>"
            => "line 1, column 20: unknown element <AllowedOrigin>",
        unknown_but_near:    "<CORSConfiguration>\n  <CORSRule>\n    <ExposedHeader/></CORSRule></CORSConfiguration>"
            => "line 3, column 5: unknown element <ExposedHeader>; did you mean <ExposeHeader>?",
        text:                "<CORSConfiguration><CORSRule>a</CORSRule></CORSConfiguration>"
            => "line 1, column 30: text in <CORSRule>, where only elements may stand",
        an_element:          "<CORSConfiguration><CORSRule><ID><b/></ID></CORSRule></CORSConfiguration>"
            => "line 1, column 34: element <b> in <ID>, where only text may stand",
        a_second_one:        "<CORSConfiguration><ResponseVary>true</ResponseVary><ResponseVary/></CORSConfiguration>"
            => "line 1, column 53: a second <ResponseVary>",
        no_number:           "<CORSConfiguration><CORSRule><MaxAgeSeconds> 1e3 </MaxAgeSeconds></CORSRule></CORSConfiguration>"
            => "line 1, column 30: MaxAgeSeconds: \"1e3\" is not a whole number",
        no_number_at_all:    "<CORSConfiguration><CORSRule><MaxAgeSeconds/></CORSRule></CORSConfiguration>"
            => "line 1, column 30: MaxAgeSeconds: \"\" is not a whole number",
        too_large_a_number:  "<CORSConfiguration><CORSRule><MaxAgeSeconds>9223372036854775808</MaxAgeSeconds></CORSRule></CORSConfiguration>"
            => "line 1, column 30: MaxAgeSeconds: \"9223372036854775808\" does not fit in 64 bits",
        no_boolean:          "<CORSConfiguration><ResponseVary>yes</ResponseVary></CORSConfiguration>"
            => "line 1, column 20: ResponseVary: \"yes\" is neither `true` nor `false`",
        a_value_is_escaped:  "<CORSConfiguration><ResponseVary>\"\n\u{202E}</ResponseVary></CORSConfiguration>"
            => r#"line 1, column 20: ResponseVary: "\"\n\u{202e}" is neither `true` nor `false`"#,

        a_second_root:       "<CORSConfiguration/><a/>" => "line 1, column 21: not well-formed: a second root",
        text_outside:        "<CORSConfiguration/>a" => "line 1, column 21: not well-formed: text outside the root",
        a_late_declaration:  " <?xml version=\"1.0\"?><CORSConfiguration/>"
            => "line 1, column 2: not well-formed: an XML declaration that is not at the start",
        a_bad_declaration:   "<?xml encoding=\"UTF-8\"?><CORSConfiguration/>" => "line 1, column 1: not well-formed: not an XML declaration",
        a_bad_instruction:   "<?XML?><CORSConfiguration/>" => "line 1, column 1: not well-formed: \"XML\" is not a target of an instruction",
        an_open_element:     "<CORSConfiguration>\n" => "line 2, column 1: not well-formed: an element is not closed",
        a_bad_name:          "<1/>" => "line 1, column 1: not well-formed: \"1\" is not a name",
        a_bad_character:     "<CORSConfiguration>\0" => "line 1, column 20: not well-formed: the character '\\0' is not allowed",
        a_bad_reference:     "<CORSConfiguration>&nbsp;" => "line 1, column 20: not well-formed: a reference that names no character",
        end_of_a_section:    "<CORSConfiguration>]]>" => "line 1, column 20: not well-formed: `]]>` in text",
        a_second_attribute:  "<a b='' b=''/>" => "line 1, column 1: not well-formed: a second attribute \"b\"",
        an_open_attribute:   "<a b/>" => "line 1, column 1: not well-formed: an attribute without a value",
        a_nameless_one:      "<a ='1'/>" => "line 1, column 1: not well-formed: an attribute without a name",
        an_unquoted_one:     "<a b=1/>" => "line 1, column 1: not well-formed: an attribute without a quoted value",
        attributes_in_one:   "<a b=''c=''/>" => "line 1, column 1: not well-formed: no white space before an attribute",
        an_angle:            "<a b='<'/>" => "line 1, column 1: not well-formed: a `<` in an attribute",
        a_bad_attribute:     "<a b='&c;'/>" => "line 1, column 1: not well-formed: a reference that names no character",
    }
}

#[cfg(feature = "json")]
documents! {
    json {
        nothing:             " " => "line 1, column 2: the document is empty",
        not_utf_8:           b"[\n\xFF" => "line 2, column 1: the document is not UTF-8",
        unknown:             r#"[{"AllowCredentials":true}]"# => "line 1, column 20: unknown key \"AllowCredentials\"",
        unknown_but_near:    "{\n  \"CORSRules\": [{\n    \"ExposedHeaders\": []}]}"
            => "line 3, column 20: unknown key \"ExposedHeaders\"; did you mean \"ExposeHeaders\"?",
        a_key_is_escaped:    r#"[{"\n\u202e":1}]"# => r#"line 1, column 12: unknown key "\n\u{202e}""#,
        a_second_key:        r#"[{"ID":"a","ID":"b"}]"# => "line 1, column 15: a second key \"ID\"",
        both_spellings:      r#"[{"AllowedOrigin":"a","AllowedOrigins":[]}]"#
            => "line 1, column 38: both spellings of one key: \"AllowedOrigin\" and \"AllowedOrigins\"",
        a_string_for_a_list: r#"[{"AllowedOrigins":"*"}]"#
            => "line 1, column 22: \"AllowedOrigins\" takes a list, not a string; did you mean \"AllowedOrigin\"?",
        null_for_a_list:     r#"[{"AllowedOrigins":null}]"# => "line 1, column 23: AllowedOrigin: invalid type: null, expected a list of strings",
        null_for_a_string:   r#"[{"ID":null}]"# => "line 1, column 11: ID: invalid type: null, expected a string",
        null_for_a_rule:     "[null]" => "line 1, column 5: CORSRule: invalid type: null, expected a rule, an object",
        null_for_all:        "null" => "line 1, column 4: CORSConfiguration: invalid type: null, expected a CORS configuration, an object or a list of rules",
        null_for_the_rules:  r#"{"CORSRules":null}"# => "line 1, column 17: CORSRule: invalid type: null, expected a list of rules",
        null_for_a_number:   r#"[{"MaxAgeSeconds":null,"ID":"a"}]"# => "line 1, column 22: MaxAgeSeconds: invalid type: null, expected a whole number",
        null_for_a_boolean:  r#"{"ResponseVary":null,"CORSRules":[]}"# => "line 1, column 20: ResponseVary: invalid type: null, expected `true` or `false`",
        no_number:           r#"[{"MaxAgeSeconds":1.5,"ID":"a"}]"# => "line 1, column 21: MaxAgeSeconds: \"1.5\" is not a whole number",
        too_large_a_number:  r#"[{"MaxAgeSeconds":9223372036854775808,"ID":"a"}]"#
            => "line 1, column 37: MaxAgeSeconds: \"9223372036854775808\" does not fit in 64 bits",
        no_boolean:          r#"{"ResponseVary":"yes","CORSRules":[]}"# => "line 1, column 21: ResponseVary: \"yes\" is neither `true` nor `false`",
    }
}

/// In the words of `serde_json`, with one place.
#[cfg(feature = "json")]
#[test]
fn not_well_formed_json() {
    for text in [
        "[",
        "[{}",
        "[{\"ID\":\"a\n\"}]",
        "{} x",
        r#"[{"ID":"\ud800"}]"#,
    ] {
        let words = serde_json::from_str::<serde_json::Value>(text)
            .unwrap_err()
            .to_string();
        let (words, _) = words.rsplit_once(" at line ").unwrap();
        let error = json(text);
        let place = error.position().unwrap();
        says(&error, &format!("{place}: not well-formed: {words}"));
    }
}

/// In the words of `quick-xml`, but in one line, whatever stands in the text.
#[cfg(feature = "xml")]
#[test]
fn not_well_formed_xml_is_told_in_one_line() {
    let text = xml("<CORSConfiguration></a\nline 9, column 9: \u{202E}>").to_string();
    assert!(
        text.starts_with("line 1, column 20: not well-formed: "),
        "{text:?}"
    );
    let bad = |c: char| c.is_control() || c == '\u{202E}';
    assert!(!text.contains(bad), "{text:?}");
}

#[cfg(all(feature = "xml", feature = "json"))]
#[test]
fn neither_form() {
    let Err(Error::Parse(error)) = RuleSet::parse(b"\n cors", Profile::COS) else {
        panic!("a form");
    };
    says(
        &error,
        "line 2, column 2: neither XML, which starts with `<`, nor JSON, which starts with `{` or `[`",
    );
}

/// The one that has its own message, and no place.
#[cfg(any(feature = "xml", feature = "json"))]
#[test]
fn too_large() {
    let text = " ".repeat(65_537);
    #[cfg(feature = "xml")]
    let error = xml(text);
    #[cfg(not(feature = "xml"))]
    let error = json(text);
    assert_eq!(error.to_string(), "the document is larger than 65536 bytes");
    assert_eq!(error.code(), "MalformedXML");
    assert_eq!(
        error.message(),
        "The CORS XML document is limited to 64 KB in size."
    );
    let error = Error::from(error);
    assert_eq!(error.to_string(), "the document is larger than 65536 bytes");
    assert_eq!(error.code(), "MalformedXML");
    assert_eq!(
        error.message(),
        "The CORS XML document is limited to 64 KB in size."
    );
}

/// 128 bytes of foreign text, and no more: whole characters, and a sign that there was more.
#[cfg(feature = "xml")]
#[test]
fn foreign_text_is_cut_for_people() {
    let said = |name: &str| xml(format!("<{name}/>")).to_string();
    let root =
        |name: &str| format!("line 1, column 1: the root is <{name}>, not <CORSConfiguration>");
    let [x128, x129] = [128, 129].map(|n| "x".repeat(n));
    assert_eq!(said(&x128), root(&x128));
    assert_eq!(said(&x129), root(&format!("{x128}…")));
    let (letters, cut) = ("é".repeat(64), "é".repeat(63));
    assert_eq!(said(&letters), root(&letters));
    assert_eq!(said(&format!("x{letters}")), root(&format!("x{cut}…")));

    let near = format!("<?xml version='1.0' encoding='{x129}'?><a/>");
    assert_eq!(
        xml(near).to_string(),
        format!(
            "line 1, column 1: the document declares the encoding \"{x128}…\"; only UTF-8 is read"
        )
    );
    let number = format!(
        "<CORSConfiguration><CORSRule><MaxAgeSeconds>{}</MaxAgeSeconds></CORSRule></CORSConfiguration>",
        "9".repeat(129)
    );
    assert_eq!(
        xml(number).to_string(),
        format!(
            "line 1, column 30: MaxAgeSeconds: \"{}…\" does not fit in 64 bits",
            "9".repeat(128)
        )
    );
    // The details of a text that is not well-formed are cut as well.
    let long = xml(format!("<CORSConfiguration></{}>", "x".repeat(10_000))).to_string();
    assert!(long.len() < 200, "{long}");
}

#[cfg(feature = "json")]
#[test]
fn foreign_text_is_cut_for_people_in_json() {
    let [x128, x129] = [128, 129].map(|n| "x".repeat(n));
    assert_eq!(
        json(format!("[{{\"{x129}\":1}}]")).to_string(),
        format!("line 1, column 133: unknown key \"{x128}…\"")
    );
    let long = json(format!("\"{}\"", "x".repeat(10_000))).to_string();
    assert!(long.len() < 200, "{long}");
}

// ---- Configurations ----

#[track_caller]
fn refused(rules: impl IntoIterator<Item = Rule>) -> CompileError {
    RuleSet::compile(&Configuration::from_iter(rules), Profile::S3).unwrap_err()
}

fn rule() -> Rule {
    Rule::new(["*"], ["GET"])
}

/// A configuration with one fault: what it says to people, and the code and message for clients.
#[track_caller]
fn fault(rules: impl IntoIterator<Item = Rule>, text: &str, code: &str, message: &str) {
    let error = refused(rules);
    let line = format!("invalid CORS configuration: {text}");
    assert_eq!(error.to_string(), line);
    assert_eq!((error.code(), error.message().as_str()), (code, message));

    let [fault] = error.faults() else {
        panic!("{error}");
    };
    assert_eq!(fault.to_string(), text);
    assert_eq!((fault.code(), fault.message().as_str()), (code, message));

    let error = Error::from(error);
    assert_eq!(error.to_string(), line);
    assert_eq!((error.code(), error.message().as_str()), (code, message));
}

macro_rules! faults {
    ($($name:ident: $rules:expr => $text:expr, $code:literal $message:expr;)*) => {
        mod faults {
            use super::*;
            $(#[test]
            fn $name() {
                fault($rules, &$text.to_string(), $code, &$message.to_string());
            })*
        }
    };
}

faults! {
    no_rule:            [] => "no rule", "MalformedXML" NOT_WELL_FORMED;
    too_many_rules:     vec![rule(); 101] => "more than 100 rules",
        "InvalidRequest" "The number of CORS rules should not exceed allowed limit of 100 rules.";
    no_origin:          [Rule::new([""; 0], ["GET"])] => "rule 1: AllowedOrigin: missing", "MalformedXML" NOT_WELL_FORMED;
    no_method:          [rule(), Rule::new(["*"], [""; 0])] => "rule 2: AllowedMethod: missing", "MalformedXML" NOT_WELL_FORMED;
    a_method:           [Rule::new(["*"], ["PATCH"])] => "rule 1: AllowedMethod: \"PATCH\" is not a method that a rule can allow",
        "InvalidRequest" "Found unsupported HTTP method in CORS config. Unsupported method is PATCH";
    no_text:            [Rule::new(["*"], [""])] => "rule 1: AllowedMethod: \"\" is not a method that a rule can allow",
        "InvalidRequest" "Found unsupported HTTP method in CORS config. Unsupported method is ";
    an_origin_of_stars: [Rule::new(["http://*.*"], ["GET"])] => "rule 1: AllowedOrigin: \"http://*.*\" has more than one `*`",
        "InvalidRequest" "AllowedOrigin \"http://*.*\" can not have more than one wildcard.";
    a_header_of_stars:  [rule().with_allowed_headers(["*-*"])] => "rule 1: AllowedHeader: \"*-*\" has more than one `*`",
        "InvalidRequest" "AllowedHeader \"*-*\" can not have more than one wildcard.";
    an_exposed_star:    [rule().with_expose_headers(["x-*"])] => "rule 1: ExposeHeader: \"x-*\" has a `*`, which is no wildcard here",
        "InvalidRequest" "ExposeHeader \"x-*\" contains wildcard. We currently do not support wildcard for ExposeHeader.";
    a_header:           [rule().with_allowed_headers(["x a"])] => "rule 1: AllowedHeader: \"x a\" is not a header name",
        "InvalidRequest" "AllowedHeader \"x a\" contains invalid character.";
    an_exposed_header:  [rule().with_expose_headers([""])] => "rule 1: ExposeHeader: \"\" is not a header name",
        "InvalidRequest" "ExposeHeader \"\" contains invalid character.";
    max_age:            [rule().with_max_age_seconds(-1)] => "rule 1: MaxAgeSeconds: \"-1\" is not between 0 and 2147483647",
        "MalformedXML" NOT_WELL_FORMED;
    a_long_id:          [rule().with_id("i".repeat(256))]
        => format!("rule 1: ID: \"{}…\" is longer than 255 characters", "i".repeat(128)),
        "InvalidRequest" format!("ID \"{}\" is longer than 255 characters.", "i".repeat(128));
    a_bad_id:           [rule().with_id("a\0\"")] => "rule 1: ID: \"a\\0\\\"\" has a character that is not allowed",
        "InvalidRequest" "ID \"a\\x00\"\" contains invalid character.";
    a_bad_origin:       [Rule::new(["a\tb"], ["GET"])] => "rule 1: AllowedOrigin: \"a\\tb\" has a character that is not allowed",
        "InvalidRequest" "AllowedOrigin \"a\\x09b\" contains invalid character.";
}

/// All faults in one line; the answer is that of the schema.
#[test]
fn several_faults() {
    let error = refused([Rule::new(["**"], ["get"]), Rule::new([""; 0], ["GET"])]);
    assert_eq!(
        error.to_string(),
        "invalid CORS configuration: rule 1: AllowedOrigin: \"**\" has more than one `*`; \
         rule 1: AllowedMethod: \"get\" is not a method that a rule can allow; did you mean `GET`?; \
         rule 2: AllowedOrigin: missing"
    );
    assert_eq!(
        (error.code(), error.message().as_str()),
        ("MalformedXML", NOT_WELL_FORMED)
    );
}

/// 2.2.6: cut at 128 bytes, then escaped; nothing else is changed.
#[test]
fn values_are_cut_and_escaped_for_clients() {
    let answered = |method: &str| {
        let message = refused([Rule::new(["*"], [method])]).message();
        let start = "Found unsupported HTTP method in CORS config. Unsupported method is ";
        message.strip_prefix(start).unwrap().to_owned()
    };
    for (method, text) in [
        ("a b", "a b"),
        ("<&>\"'\\~", "<&>\"'\\~"),
        ("\0\t\r\n\u{1F}\u{7F}", "\\x00\\x09\\x0d\\x0a\\x1f\\x7f"),
        ("é😀", "\\xc3\\xa9\\xf0\\x9f\\x98\\x80"),
        ("\\x00", "\\x00"),
    ] {
        assert_eq!(answered(method), text);
    }
    let [x127, x128] = [127, 128].map(|n| "x".repeat(n));
    assert_eq!(answered(&x128), x128);
    assert_eq!(answered(&format!("{x128}y")), x128);
    assert_eq!(answered(&format!("{x127}\n\n")), format!("{x127}\\x0a"));
    assert_eq!(answered(&format!("{x127}éy")), format!("{x127}\\xc3"));
    assert_eq!(answered(&"\0".repeat(200)), "\\x00".repeat(128));
}

#[test]
fn values_are_cut_and_escaped_for_people() {
    let said = |method: &str| refused([Rule::new(["*"], [method])]).faults()[0].to_string();
    let method = |quoted: &str| {
        format!("rule 1: AllowedMethod: {quoted} is not a method that a rule can allow")
    };
    assert_eq!(said("\0é\n\"\u{202E}"), method(r#""\0é\n\"\u{202e}""#));
    let [x128, x129] = [128, 129].map(|n| "x".repeat(n));
    assert_eq!(said(&x128), method(&format!("\"{x128}\"")));
    assert_eq!(said(&x129), method(&format!("\"{x128}…\"")));
    assert_eq!(
        said(&"é".repeat(65)),
        method(&format!("\"{}…\"", "é".repeat(64)))
    );

    // The fault itself keeps the value whole.
    let error = refused([Rule::new(["*"], [x129.as_str()])]);
    assert_eq!(error.faults()[0].value(), Some(x129.as_str()));
}

// ---- The rest ----

#[test]
fn kinds_of_faults_speak_for_themselves() {
    assert_eq!(
        FaultKind::TooManyRules { limit: 5 }.to_string(),
        "more than 5 rules"
    );
    assert_eq!(
        FaultKind::TooLong { limit: 5 }.to_string(),
        "is longer than 5 characters"
    );
}

#[test]
fn elements_have_their_xml_names() {
    for (element, name) in [
        (Element::Configuration, "CORSConfiguration"),
        (Element::Rule, "CORSRule"),
        (Element::Id, "ID"),
        (Element::AllowedOrigin, "AllowedOrigin"),
        (Element::AllowedMethod, "AllowedMethod"),
        (Element::AllowedHeader, "AllowedHeader"),
        (Element::ExposeHeader, "ExposeHeader"),
        (Element::MaxAgeSeconds, "MaxAgeSeconds"),
        (Element::ResponseVary, "ResponseVary"),
    ] {
        assert_eq!(element.as_str(), name);
        assert_eq!(element.to_string(), name);
    }
}

/// The error of a step is shown as it is, so it must not be its own source as well.
#[test]
fn errors_have_no_source() {
    use std::error::Error as _;
    let error = refused([]);
    assert!(error.source().is_none());
    assert!(Error::from(error).source().is_none());
}

/// What is not to be listed is said where it is: nobody else would see why.
#[test]
fn a_fault_about_options_says_what_to_do() {
    let rule = Rule::new(["OPTIONS"], ["OPTIONS", "PATCH"]).with_allowed_headers(["OPTIONS*O*"]);
    let error = RuleSet::compile(&Configuration::from_iter([rule]), Profile::S3).unwrap_err();
    let faults: Vec<String> = error.faults().iter().map(ToString::to_string).collect();
    let says: Vec<bool> = faults
        .iter()
        .map(|fault| fault.contains("leave it out"))
        .collect();
    assert_eq!(says, [true, false, false], "{faults:#?}");
}
