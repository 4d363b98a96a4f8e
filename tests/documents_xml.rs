//! XML documents: what is read, what is refused and where, what is written (semantics 1).
//!
//! In a refused document `‸` marks the place that the error has to name; it is taken out before
//! the text is read.

#![cfg(feature = "xml")]

use bucket_cors::ParseErrorKind::{DocumentType, Empty, NotUtf8};
use bucket_cors::{Configuration, Element, ParseError, ParseErrorKind, Profile, Rule, RuleSet};

/// What both profiles make of it: they read alike.
#[track_caller]
fn read(document: impl AsRef<[u8]>) -> Result<Configuration, ParseError> {
    let text = document.as_ref();
    let cos = Configuration::from_xml(text, Profile::COS);
    assert_eq!(cos, Configuration::from_xml(text, Profile::S3));
    cos
}

/// The one rule of a document.
#[track_caller]
fn only(document: &str) -> Rule {
    let mut rules = read(document).unwrap().rules;
    assert_eq!(rules.len(), 1);
    rules.remove(0)
}

fn root(inside: &str) -> String {
    format!("<CORSConfiguration>{inside}</CORSConfiguration>")
}

fn rule(inside: &str) -> String {
    root(&format!("<CORSRule>{inside}</CORSRule>"))
}

fn id(inside: &str) -> String {
    rule(&format!("<ID>{inside}</ID>"))
}

fn whole(document: &str) -> String {
    document.to_owned()
}

/// The document without its mark, and the line and column where that stood. A byte order mark
/// takes no column.
#[track_caller]
fn unmark(document: &str) -> (String, (usize, usize)) {
    let (before, after) = document.split_once('‸').expect("a mark");
    let line = before
        .trim_start_matches('\u{FEFF}')
        .rsplit('\n')
        .next()
        .unwrap();
    let place = (before.matches('\n').count() + 1, line.chars().count() + 1);
    (format!("{before}{after}"), place)
}

/// The bytes before the mark, of which a byte order mark is none.
fn offset(document: &str) -> Option<usize> {
    document.trim_start_matches('\u{FEFF}').find('‸')
}

fn place(error: &ParseError) -> Option<(usize, usize)> {
    error.position().map(|at| (at.line(), at.column()))
}

#[track_caller]
fn refused(document: &str, kind: &ParseErrorKind) {
    let offset = offset(document);
    let (document, at) = unmark(document);
    let error = read(&document).expect_err(&document);
    assert_eq!(error.kind(), kind, "{document}");
    assert_eq!(place(&error), Some(at), "{error} in {document}");
    assert_eq!(error.offset(), offset, "{error} in {document}");
}

#[track_caller]
fn ill_formed(document: &str) {
    let offset = offset(document);
    let (document, at) = unmark(document);
    let error = read(&document).expect_err(&document);
    let kind = error.kind();
    assert!(
        matches!(kind, ParseErrorKind::NotWellFormed { .. }),
        "{kind:?} in {document}"
    );
    assert_eq!(place(&error), Some(at), "{error} in {document}");
    assert_eq!(error.offset(), offset, "{error} in {document}");
}

// ---- What is read ----

/// Every one of these says: one rule, whose ID is `a`.
macro_rules! same {
    ($($module:ident { $($name:ident: $document:expr,)* })*) => {
        mod same {
            use super::*;
            $(mod $module {
                use super::*;
                $(#[test]
                fn $name() {
                    assert_eq!(only(&$document), Rule::default().with_id("a"));
                })*
            })*
        }
    };
}

same! {
    // 1.1, 1.3.11
    namespaces {
        none:              id("a"),
        of_s3:             r#"<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule><ID>a</ID></CORSRule></CORSConfiguration>"#,
        another:           r#"<CORSConfiguration xmlns="urn:x"><CORSRule xmlns="urn:y"><ID xmlns="">a</ID></CORSRule></CORSConfiguration>"#,
        a_bound_prefix:    r#"<s:CORSConfiguration xmlns:s="urn:x"><s:CORSRule><s:ID>a</s:ID></s:CORSRule></s:CORSConfiguration>"#,
        an_unbound_prefix: "<s:CORSConfiguration><s:CORSRule><s:ID>a</s:ID></s:CORSRule></s:CORSConfiguration>",
        several_prefixes:  "<s:CORSConfiguration><t:CORSRule><ID>a</ID></t:CORSRule></s:CORSConfiguration>",
        an_empty_prefix:   "<:CORSConfiguration><:CORSRule><:ID>a</:ID></:CORSRule></:CORSConfiguration>",
        a_letter_prefix:   "<é:CORSConfiguration><CORSRule><ID>a</ID></CORSRule></é:CORSConfiguration>",
    }

    // 1.3.4, 1.3.6, 1.3.11: attributes are checked, then ignored.
    attributes {
        on_every_element:  r#"<CORSConfiguration a="1"><CORSRule b="2"><ID c="3">a</ID></CORSRule></CORSConfiguration>"#,
        in_single_quotes:  rule("<ID c='3'>a</ID>"),
        with_other_quotes: rule(r#"<ID c="it's" d='"'>a</ID>"#),
        empty:             rule(r#"<ID c="">a</ID>"#),
        spaced_out:        rule("<ID\n\tc = '3'\r\n d\t=\n\"4\" >a</ID>"),
        with_references:   rule(r#"<ID c="&amp;&lt;&gt;&apos;&quot;&#65;&#x41;&#x10FFFF;">a</ID>"#),
        with_angles:       rule(r#"<ID c="a>b/>" d=']]>'>a</ID>"#),
        of_unbound_prefix: rule(r#"<ID xsi:nil="true" xml:space="default">a</ID>"#),
        apart_by_case:     rule(r#"<ID c="3" C="4">a</ID>"#),
        apart_by_prefix:   rule(r#"<ID c="3" x:c="4">a</ID>"#),
        of_every_letter:   rule("<ID _='' :='' é='' a-b.c0·='' ℵ='' \u{10000}=''>a</ID>"),
        that_name_a_child: rule(r#"<ID ID="b">a</ID>"#),
    }

    // 1.3.5
    tags {
        spaced_at_the_end: "<CORSConfiguration ><CORSRule\n><ID\t>a</ID ></CORSRule\r\n></CORSConfiguration\t>",
        on_many_lines:     "<CORSConfiguration>\n  <CORSRule>\r\n\t<ID>a</ID>\r  </CORSRule>\n</CORSConfiguration>\n",
    }

    // 1.2.2, 1.2.3, 1.3.2
    declarations {
        only_a_mark:       format!("\u{FEFF}{}", id("a")),
        after_a_mark:      format!("\u{FEFF}<?xml version=\"1.0\"?>{}", id("a")),
        plain:             format!("<?xml version=\"1.0\"?>{}", id("a")),
        single_quotes:     format!("<?xml version='1.0' encoding='UTF-8'?>\n{}", id("a")),
        spaced_out:        format!("<?xml\n version = \"1.0\"\tencoding\r\n=\n'UTF-8' ?>{}", id("a")),
        lower_case:        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", id("a")),
        mixed_case:        format!("<?xml version=\"1.0\" encoding=\"Utf-8\"?>{}", id("a")),
        standalone:        format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{}", id("a")),
        not_standalone:    format!("<?xml version=\"1.0\" standalone='no'?>{}", id("a")),
        version_1_1:       format!("<?xml version=\"1.1\"?>{}", id("a")),
    }

    // 1.3.1, 1.4.3, 1.4.4
    between {
        white_space:       format!(" \t\r\n{}\n \t\r", id("a")),
        comments_around:   format!("<!-- b -->{}<!-- c --><!-- d -->", id("a")),
        comments_inside:   "<CORSConfiguration><!--b--><CORSRule><!--c--><ID>a</ID><!--d--></CORSRule><!--e--></CORSConfiguration>",
        markup_in_comment: format!("<!--<ID>b</ID> &no; <!DOCTYPE a> ]]> - -> <?b -->{}", id("a")),
        an_empty_comment:  format!("<!---->{}", id("a")),
        an_angle_comment:  format!("<!-->-->{}", id("a")),
        an_arrow_comment:  format!("<!--->-->{}", id("a")),
        instructions:      format!("<?b?>{}<?c d?>", id("a")),
        in_instructions:   format!("<?b <ID>&no;--]]> ? > c??>{}", id("a")),
        a_style_sheet:     format!("<?xml version='1.0'?><?xml-stylesheet href='b'?>{}", id("a")),
        instruction_inside: "<CORSConfiguration><?b?><CORSRule><?c?><ID>a</ID><?d?></CORSRule><?e?></CORSConfiguration>",
    }
}

/// The text of an `ID`, which nothing but decoding changes.
#[track_caller]
fn id_of(inside: &str) -> String {
    only(&id(inside)).id.unwrap()
}

macro_rules! decoded {
    ($($name:ident: $inside:expr => $value:expr,)*) => {
        mod decoded {
            use super::*;
            $(#[test]
            fn $name() {
                assert_eq!(id_of($inside), $value);
            })*
        }
    };
}

// 1.3.6 to 1.3.9, 1.4.2, 1.4.3
decoded! {
    as_it_is:              "https://*.example.com:*" => "https://*.example.com:*",
    white_space_stays:     " \t a \n "               => " \t a \n ",
    the_five_entities:     "&amp;&lt;&gt;&apos;&quot;" => "&<>'\"",
    once_only:             "&amp;lt;&#38;amp;"       => "&lt;&amp;",
    decimal_references:    "&#65;&#00066;&#233;&#128512;" => "ABé😀",
    hex_references:        "&#x41;&#x0042;&#xe9;&#xE9;&#x1F600;" => "ABéé😀",
    edges_of_char:         "&#9;&#10;&#13;&#32;&#xD7FF;&#xE000;&#xFFFD;&#x10000;&#x10FFFF;"
                           => "\t\n\r \u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}",
    edges_written_out:     "\t\n \u{7F}\u{85}\u{2028}\u{D7FF}\u{E000}\u{FEFF}\u{FFFD}\u{10000}\u{10FFFF}"
                           => "\t\n \u{7F}\u{85}\u{2028}\u{D7FF}\u{E000}\u{FEFF}\u{FFFD}\u{10000}\u{10FFFF}",
    a_section:             "<![CDATA[<&>&lt;<!--a--><?b?>]]>" => "<&>&lt;<!--a--><?b?>",
    an_empty_section:      "<![CDATA[]]>"            => "",
    sections_and_text:     "a<![CDATA[ b ]]> c <![CDATA[d]]>" => "a b  c d",
    a_split_section:       "<![CDATA[a]]]]><![CDATA[>b]]>" => "a]]>b",
    brackets_in_section:   "<![CDATA[[]]]]>"         => "[]]",
    a_comment:             "a<!-- b -->c"            => "ac",
    an_instruction:        "a<?b c?>d"               => "ad",
    nothing_but_comments:  "<!-- b --><?c?>"         => "",
    a_line_end:            "a\nb\r\nc\rd"            => "a\nb\nc\nd",
    line_ends_in_a_row:    "\r\r\n\n\r"              => "\n\n\n\n",
    a_line_end_in_section: "<![CDATA[a\r\nb\rc]]>"   => "a\nb\nc",
    a_comment_in_a_line_end: "a\r<!---->\nb"         => "a\n\nb",
    a_named_return:        "a&#13;b&#xD;\nc"         => "a\rb\r\nc",
    brackets:              "]]a]>]&gt;]]&gt;"        => "]]a]>]>]]>",
    brackets_in_pieces:    "&#93;]>]<!---->]>"       => "]]>]]>",
    a_greater_sign:        "a>b"                     => "a>b",
    quotes:                "'\""                     => "'\"",
}

/// What the same text says in each of the four lists.
#[track_caller]
fn listed(inside: &str) -> String {
    let names = [
        "AllowedOrigin",
        "AllowedMethod",
        "AllowedHeader",
        "ExposeHeader",
    ];
    let elements = names.map(|name| format!("<{name}>{inside}</{name}>"));
    let rule = only(&rule(&elements.concat()));
    let value = rule.allowed_origins.concat();
    for list in [
        rule.allowed_origins,
        rule.allowed_methods,
        rule.allowed_headers,
        rule.expose_headers,
    ] {
        assert_eq!(list, [value.as_str()]);
    }
    value
}

#[test]
fn values_are_trimmed_once_decoded() {
    for (inside, value) in [
        ("a", "a"),
        (" \t\r\n a b \n\t ", "a b"),
        ("&#32;&#9;&#10;&#13;a&#x20;", "a"),
        ("<![CDATA[ a ]]>", "a"),
        (" <!-- b --> a <?c?> ", "a"),
        (
            "\u{A0}a\u{2003}\u{85}\u{FEFF}",
            "\u{A0}a\u{2003}\u{85}\u{FEFF}",
        ),
        ("", ""),
        (" \n ", ""),
        ("<![CDATA[]]>", ""),
    ] {
        assert_eq!(listed(inside), value, "{inside:?}");
    }
}

#[test]
fn an_id_is_not_trimmed() {
    for text in ["", " ", " a ", "\t\n", "a\n"] {
        assert_eq!(id_of(text), text, "{text:?}");
    }
    assert_eq!(only(&rule("<ID/>")).id.as_deref(), Some(""));
    assert_eq!(only(&rule("<ID />")).id.as_deref(), Some(""));
}

#[test]
fn an_empty_list_element_is_an_empty_value() {
    let text = "<AllowedOrigin/><AllowedOrigin></AllowedOrigin><ExposeHeader a='1' />";
    let want = Rule::new(["", ""], [""; 0]).with_expose_headers([""]);
    assert_eq!(only(&rule(text)), want);
}

#[test]
fn every_element_has_its_field() {
    let want = Rule::new(["o1", "o2"], ["m1", "m2"])
        .with_id("i")
        .with_allowed_headers(["h1", "h2"])
        .with_expose_headers(["e1", "e2"])
        .with_max_age_seconds(5);
    for text in [
        "<ID>i</ID>\
         <AllowedOrigin>o1</AllowedOrigin><AllowedOrigin>o2</AllowedOrigin>\
         <AllowedMethod>m1</AllowedMethod><AllowedMethod>m2</AllowedMethod>\
         <AllowedHeader>h1</AllowedHeader><AllowedHeader>h2</AllowedHeader>\
         <ExposeHeader>e1</ExposeHeader><ExposeHeader>e2</ExposeHeader>\
         <MaxAgeSeconds>5</MaxAgeSeconds>",
        // 1.1.1: any order, and names may alternate.
        "<ExposeHeader>e1</ExposeHeader><AllowedMethod>m1</AllowedMethod>\
         <MaxAgeSeconds>5</MaxAgeSeconds><AllowedOrigin>o1</AllowedOrigin>\
         <AllowedHeader>h1</AllowedHeader><ExposeHeader>e2</ExposeHeader>\
         <AllowedHeader>h2</AllowedHeader><AllowedMethod>m2</AllowedMethod>\
         <AllowedOrigin>o2</AllowedOrigin><ID>i</ID>",
    ] {
        assert_eq!(only(&rule(text)), want, "{text}");
    }
}

#[test]
fn every_element_may_be_missing() {
    assert_eq!(read("<CORSConfiguration/>"), Ok(Configuration::default()));
    assert_eq!(read(root(" <!-- none --> ")), Ok(Configuration::default()));
    assert_eq!(only(&root("<CORSRule/>")), Rule::default());
    assert_eq!(only(&rule("")), Rule::default());
    assert_eq!(
        only(&rule("<AllowedOrigin>a</AllowedOrigin>")),
        Rule::new(["a"], [""; 0])
    );
}

#[test]
fn rules_keep_their_order() {
    let text = "<CORSRule><ID>b</ID></CORSRule><CORSRule/><CORSRule><ID>a</ID></CORSRule>";
    let want = [
        Rule::default().with_id("b"),
        Rule::default(),
        Rule::default().with_id("a"),
    ];
    assert_eq!(read(root(text)).unwrap().rules, want);
}

#[test]
fn response_vary_stands_anywhere_in_the_root() {
    for (text, rules, vary) in [
        ("<ResponseVary>true</ResponseVary><CORSRule/>", 1, true),
        ("<CORSRule/><ResponseVary>false</ResponseVary>", 1, false),
        (
            "<CORSRule/><ResponseVary>true</ResponseVary><CORSRule/>",
            2,
            true,
        ),
        ("<ResponseVary> \n true\t</ResponseVary>", 0, true),
        ("<ResponseVary>t<!---->rue</ResponseVary>", 0, true),
        (
            "<ResponseVary>&#102;<![CDATA[alse]]></ResponseVary>",
            0,
            false,
        ),
    ] {
        let configuration = read(root(text)).unwrap();
        assert_eq!(configuration.response_vary, Some(vary), "{text}");
        assert_eq!(configuration.rules.len(), rules, "{text}");
    }
    assert_eq!(read(root("<CORSRule/>")).unwrap().response_vary, None);
}

// ---- What is not well-formed ----

macro_rules! ill_formed {
    ($($module:ident, $context:ident { $($name:ident: $text:expr,)* })*) => {
        mod not_well_formed {
            use super::*;
            $(mod $module {
                use super::*;
                $(#[test]
                fn $name() {
                    ill_formed(&$context($text));
                })*
            })*
        }
    };
}

ill_formed! {
    // 1.3.1
    around_the_root, whole {
        two_roots:                "<CORSConfiguration/>‸<CORSConfiguration/>",
        another_root:             "<CORSConfiguration></CORSConfiguration>\n <!--b-->‸<a>",
        text_before:              "  ‸a<CORSConfiguration/>",
        text_after:               "<CORSConfiguration/>\n\n‸a",
        a_second_mark:            "\u{FEFF}‸\u{FEFF}<CORSConfiguration/>",
        a_mark_after:             "<CORSConfiguration/>‸\u{FEFF}",
        a_mark_after_a_comment:   "<!--a-->‸\u{FEFF}<CORSConfiguration/>",
        foreign_white_space:      "<CORSConfiguration/>‸\u{A0}",
        a_reference_before:       "‸&#32;<CORSConfiguration/>",
        a_reference_after:        "<CORSConfiguration/> ‸&#32;",
        a_section_before:         "‸<![CDATA[ ]]><CORSConfiguration/>",
        a_section_after:          "<CORSConfiguration/>‸<![CDATA[]]>",
        an_end_tag_before:        "‸</CORSConfiguration><CORSConfiguration/>",
        an_end_tag_after:         "<CORSConfiguration/>‸</CORSConfiguration>",
        end_of_section_after:     "<CORSConfiguration/>‸]]>",
        json:                     "‸{\"CORSRules\":[]}",
    }

    // 1.3.2
    declarations, whole {
        after_a_space:            " ‸<?xml version=\"1.0\"?><CORSConfiguration/>",
        after_a_line:             "\n‸<?xml version=\"1.0\"?><CORSConfiguration/>",
        after_a_comment:          "<!--a-->‸<?xml version=\"1.0\"?><CORSConfiguration/>",
        twice:                    "<?xml version=\"1.0\"?>‸<?xml version=\"1.0\"?><CORSConfiguration/>",
        in_the_root:              "<CORSConfiguration>‸<?xml version=\"1.0\"?></CORSConfiguration>",
        after_the_root:           "<CORSConfiguration/>‸<?xml version=\"1.0\"?>",
        empty:                    "‸<?xml?><CORSConfiguration/>",
        blank:                    "‸<?xml ?><CORSConfiguration/>",
        in_upper_case:            "‸<?XML version=\"1.0\"?><CORSConfiguration/>",
        in_mixed_case:            "‸<?Xml version=\"1.0\"?><CORSConfiguration/>",
        without_a_version:        "‸<?xml encoding=\"UTF-8\"?><CORSConfiguration/>",
        of_version_2:             "‸<?xml version=\"2.0\"?><CORSConfiguration/>",
        of_half_a_version:        "‸<?xml version=\"1.\"?><CORSConfiguration/>",
        of_another_version:       "‸<?xml version=\"1.0a\"?><CORSConfiguration/>",
        of_an_empty_version:      "‸<?xml version=\"\"?><CORSConfiguration/>",
        with_two_versions:        "‸<?xml version=\"1.0\" version=\"1.0\"?><CORSConfiguration/>",
        the_encoding_first:       "‸<?xml encoding=\"UTF-8\" version=\"1.0\"?><CORSConfiguration/>",
        the_encoding_last:        "‸<?xml version=\"1.0\" standalone=\"no\" encoding=\"UTF-8\"?><CORSConfiguration/>",
        the_version_in_capitals:  "‸<?xml VERSION=\"1.0\"?><CORSConfiguration/>",
        perhaps_standalone:       "‸<?xml version=\"1.0\" standalone=\"maybe\"?><CORSConfiguration/>",
        saying_more:              "‸<?xml version=\"1.0\" a=\"b\"?><CORSConfiguration/>",
        without_quotes:           "‸<?xml version=1.0?><CORSConfiguration/>",
        of_unlike_quotes:         "‸<?xml version=\"1.0'?><CORSConfiguration/>",
        without_a_space:          "‸<?xml version=\"1.0\"encoding=\"UTF-8\"?><CORSConfiguration/>",
        not_closed:               "‸<?xml version=\"1.0\"><CORSConfiguration/>",
    }

    // 1.3.3
    names, root {
        a_digit:                  "‸<1a/>",
        a_hyphen:                 "‸<-a/>",
        a_full_stop:              "‸<.a/>",
        a_combining_dot:          "‸<·a/>",
        a_space:                  "‸< ID/>",
        a_dollar:                 "‸<a$/>",
        a_multiplication_sign:    "‸<a×/>",
        an_angle:                 "‸<a<b/>",
        a_quote:                  "‸<a\"b\"/>",
        an_ampersand:             "‸<a&amp;/>",
        an_equals_sign:           "‸<a=\"b\"/>",
        a_slash:                  "‸<a/b>",
        nothing:                  "‸<>",
        nothing_closed:           "‸</>",
        only_a_slash:             "‸</ >",
        of_an_attribute:          "‸<CORSRule 1a=\"b\"/>",
        of_an_attribute_a_dot:    "‸<CORSRule ·=\"b\"/>",
        of_an_attribute_an_and:   "‸<CORSRule a&amp;=\"b\"/>",
        of_an_instruction:        "‸<?1?>",
        of_no_instruction:        "‸<??>",
        of_a_spaced_instruction:  "‸<? a?>",
        of_an_odd_instruction:    "‸<?a<b?>",
    }

    // 1.3.4, 1.3.6
    attributes, root {
        no_value:                 "‸<CORSRule a/>",
        no_value_but_a_sign:      "‸<CORSRule a=/>",
        no_quotes:                "‸<CORSRule a=1/>",
        no_name:                  "‸<CORSRule =\"1\"/>",
        only_a_value:             "‸<CORSRule \"1\"/>",
        half_quoted:              "‸<CORSRule a=1\"/></CORSRule>\"",
        a_second_one:             "‸<CORSRule a=\"1\" a=\"2\"/>",
        a_second_one_later:       "‸<CORSRule a=\"1\" b=\"2\" a='1'/>",
        a_second_namespace:       "‸<CORSRule xmlns=\"a\" xmlns=\"a\"/>",
        two_in_one:               "‸<CORSRule a=\"1\"b=\"2\"/>",
        next_to_the_name:         "‸<CORSRule\"1\"/>",
        a_second_value:           "‸<CORSRule a=\"1\" \"2\"/>",
        a_comma:                  "‸<CORSRule a=\"1\", b=\"2\"/>",
        an_angle:                 "‸<CORSRule a=\"<\"/>",
        a_whole_tag:              "‸<CORSRule a='<ID/>'/>",
        an_ampersand:             "‸<CORSRule a=\"&\"/>",
        an_open_reference:        "‸<CORSRule a=\"&amp\"/>",
        a_late_end:               "‸<CORSRule a=\"& amp;\"/>",
        an_unknown_entity:        "‸<CORSRule a=\"b&nbsp;\"/>",
        an_entity_after_another:  "‸<CORSRule a=\"&lt;&GT;\"/>",
        a_nameless_entity:        "‸<CORSRule a=\"&;\"/>",
        a_forbidden_character:    "‸<CORSRule a=\"&#0;\"/>",
        a_surrogate:              "‸<CORSRule a=\"&#xD800;\"/>",
        a_slash_before:           "‸<CORSRule/ a=\"1\"></CORSRule>",
        a_slash_after:            "‸<CORSRule a=\"1\" / >",
        on_an_end_tag:            "<CORSRule>‸</CORSRule a=\"1\">",
    }

    // 1.3.5
    tags, whole {
        the_root_is_open:         "<CORSConfiguration>‸",
        a_rule_is_open:           "<CORSConfiguration><CORSRule>‸</CORSConfiguration>",
        a_value_is_open:          "<CORSConfiguration><CORSRule><ID>a‸</CORSRule></CORSConfiguration>",
        a_value_stays_open:       "<CORSConfiguration><CORSRule><ID>a\nb‸",
        they_overlap:             "<CORSConfiguration><CORSRule><ID>‸</CORSRule></ID></CORSConfiguration>",
        of_another_case:          "<CORSConfiguration>‸</corsconfiguration>",
        of_another_prefix:        "<a:CORSConfiguration>‸</b:CORSConfiguration>",
        of_no_prefix:             "<a:CORSConfiguration>‸</CORSConfiguration>",
        of_a_longer_name:         "<CORSConfiguration>‸</CORSConfigurations>",
        spaced_at_the_start:      "<CORSConfiguration>‸</ CORSConfiguration>",
        a_slash_at_both_ends:     "<CORSConfiguration>‸</CORSConfiguration/>",
        of_foreign_white_space:   "<CORSConfiguration>‸</CORSConfiguration\u{A0}>",
        an_open_start_tag:        "‸<CORSConfiguration",
        an_open_attribute:        "‸<CORSConfiguration a=\"></CORSConfiguration>",
        an_open_end_tag:          "<CORSConfiguration>‸</CORSConfiguration",
        only_an_angle:            "‸<",
    }

    // 1.3.6
    references, id {
        an_unknown_entity:        "a‸&nbsp;b",
        another_case:             "‸&AMP;",
        no_semicolon:             "a ‸&amp b",
        no_semicolon_at_the_end:  "a‸&amp",
        no_name:                  "‸&;",
        nothing:                  "a ‸& b",
        a_space_first:            "‸& amp;",
        a_space_last:             "‸&amp ;",
        after_a_good_one:         "&amp;\n&lt;‸&copy;",
        no_digits:                "‸&#;",
        no_hex_digits:            "‸&#x;",
        a_hex_digit_too_many:     "‸&#4f;",
        an_upper_case_x:          "‸&#X41;",
        a_plus:                   "‸&#+65;",
        a_hex_plus:               "‸&#x+41;",
        a_minus:                  "‸&#-65;",
        a_space:                  "‸&# 65;",
        a_foreign_digit:          "‸&#٣;",
        nul:                      "‸&#0;",
        unit_separator:           "‸&#x1F;",
        a_surrogate:              "‸&#xD800;",
        the_last_surrogate:       "‸&#57343;",
        fffe:                     "‸&#xFFFE;",
        ffff:                     "‸&#65535;",
        beyond_unicode:           "‸&#x110000;",
        beyond_32_bits:           "‸&#4294967361;",
        beyond_64_bits:           "‸&#18446744073709551681;",
    }

    // 1.3.7
    characters, whole {
        in_text:                  "<CORSConfiguration><CORSRule><ID>a‸\0</ID></CORSRule></CORSConfiguration>",
        between_elements:         "<CORSConfiguration>\n‸\u{B}<CORSRule/></CORSConfiguration>",
        in_a_name:                "<CORSConfiguration‸\u{1}/>",
        in_an_attribute:          "<CORSConfiguration a=\"‸\u{8}\"/>",
        in_a_comment:             "<!-- é‸\u{1F} --><CORSConfiguration/>",
        in_an_instruction:        "<?a ‸\u{E}?><CORSConfiguration/>",
        in_a_section:             "<CORSConfiguration><![CDATA[‸\u{FFFE}]]></CORSConfiguration>",
        before_the_root:          "‸\u{C}<CORSConfiguration/>",
        after_the_root:           "<CORSConfiguration/>\n‸\u{FFFF}",
        little_endian_utf_16:     "<‸\0C\0O\0R\0S\0",
        big_endian_utf_16:        "‸\0<\0C\0O\0R\0S",
    }

    // 1.3.8
    text, id {
        end_of_a_section:         "a‸]]>b",
        end_after_a_section:      "<![CDATA[a]]>b‸]]>",
        end_after_a_line:         "a\n]‸]]>",
        an_open_section:          "a‸<![CDATA[b",
        an_open_comment:          "a‸<!-- b",
        an_open_instruction:      "a‸<?b ",
        a_section_in_lower_case:  "‸<![cdata[a]]>",
        half_a_section:           "‸<![CDATA a]]>",
        a_declared_element:       "‸<!ELEMENT a>",
        a_bang:                   "‸<!>",
    }

    between_elements, root {
        end_of_a_section:         "<CORSRule/>\n‸]]>",
        an_unknown_entity:        "<CORSRule/> ‸&b;",
        a_bang:                   "‸<!a>",
    }
}

/// A comment, wherever it stands.
#[track_caller]
fn bad_comment(comment: &str) {
    ill_formed(&format!("{comment}<CORSConfiguration/>"));
    ill_formed(&format!("<CORSConfiguration/>\n{comment}"));
    ill_formed(&root(&format!("<CORSRule/>{comment}")));
    ill_formed(&id(&format!("a{comment}b")));
}

/// 1.3.8
#[test]
fn comments_hold_no_double_hyphen() {
    for comment in [
        "<!-- a ‸-- b -->",
        "<!--‸--a-->",
        "<!--a‸--->",
        "<!--‸--->",
        "<!--é ‸-- é -- -->",
    ] {
        bad_comment(comment);
    }
}

#[test]
fn a_double_hyphen_is_found_behind_single_ones() {
    for comment in [
        "<!-- - ‸-- -->",
        "<!-- a - b - c ‸-- d -->",
        "<!--\n-\n-\n‸-- -->",
    ] {
        bad_comment(comment);
    }
}

#[test]
fn comments_are_closed() {
    for open in [
        "‸<!-",
        "‸<!--",
        "‸<!-->",
        "‸<!--->",
        "‸<!-- a --",
        "‸<!-- a ->",
    ] {
        ill_formed(open);
        ill_formed(&format!("<CORSConfiguration/>\n{open}"));
    }
}

#[test]
fn columns_are_characters_and_every_line_end_counts() {
    for (before, at) in [
        ("", (1, 1)),
        ("<!--é😀-->", (1, 10)),
        ("\n\n", (3, 1)),
        ("\r\n  ", (2, 3)),
        ("\r\r\n\n ", (4, 2)),
    ] {
        let error = read(format!("{before}<a/>")).unwrap_err();
        assert_eq!(place(&error), Some(at), "{before:?}");
    }
}

// ---- What else is refused ----

fn encoding(name: &str) -> ParseErrorKind {
    let name = name.to_owned();
    ParseErrorKind::Encoding { name }
}

fn root_is(name: &str) -> ParseErrorKind {
    let name = name.to_owned();
    ParseErrorKind::WrongRoot { name }
}

fn unknown(name: &str, hint: impl Into<Option<&'static str>>) -> ParseErrorKind {
    let (name, hint) = (name.to_owned(), hint.into());
    ParseErrorKind::UnknownElement { name, hint }
}

fn text_in(within: Element) -> ParseErrorKind {
    ParseErrorKind::UnexpectedText { within }
}

fn element_in(within: Element, name: &str) -> ParseErrorKind {
    let name = name.to_owned();
    ParseErrorKind::UnexpectedElement { name, within }
}

fn second(element: Element) -> ParseErrorKind {
    ParseErrorKind::RepeatedElement { element }
}

fn no_number(value: &str) -> ParseErrorKind {
    let (element, value) = (Element::MaxAgeSeconds, value.to_owned());
    ParseErrorKind::InvalidNumber { element, value }
}

fn large_number(value: &str) -> ParseErrorKind {
    let (element, value) = (Element::MaxAgeSeconds, value.to_owned());
    ParseErrorKind::NumberTooLarge { element, value }
}

fn no_boolean(value: &str) -> ParseErrorKind {
    let (element, value) = (Element::ResponseVary, value.to_owned());
    ParseErrorKind::InvalidBoolean { element, value }
}

macro_rules! refused {
    ($($module:ident, $context:ident { $($name:ident: $text:expr => $kind:expr,)* })*) => {
        mod refused {
            use super::*;
            $(mod $module {
                use super::*;
                $(#[test]
                fn $name() {
                    refused(&$context($text), &$kind);
                })*
            })*
        }
    };
}

const BILLION_LAUGHS: &str = "<?xml version=\"1.0\"?>
‸<!DOCTYPE lolz [
  <!ENTITY lol \"lol\">
  <!ENTITY lol1 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">
  <!ENTITY lol2 \"&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;\">
  <!ENTITY lol3 \"&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;\">
]>
<CORSConfiguration><CORSRule><ID>&lol3;</ID></CORSRule></CORSConfiguration>";

refused! {
    // 1.6.2
    nothing, whole {
        at_all:                   "‸" => Empty,
        but_a_mark:               "\u{FEFF}‸" => Empty,
        but_white_space:          " \t\r\n  ‸" => Empty,
        but_a_mark_and_a_line:    "\u{FEFF}\n‸" => Empty,
        but_a_declaration:        "<?xml version=\"1.0\"?>\n‸" => Empty,
        but_a_comment:            "<!-- <CORSConfiguration/> -->‸" => Empty,
        but_an_instruction:       "<?a?> ‸" => Empty,
    }

    // 1.6.3
    encodings, whole {
        latin_1:                  "‸<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><CORSConfiguration/>" => encoding("ISO-8859-1"),
        utf_16:                   "‸<?xml version='1.0' encoding='UTF-16'?><CORSConfiguration/>" => encoding("UTF-16"),
        ascii:                    "‸<?xml version=\"1.0\" encoding=\"us-ascii\"?><CORSConfiguration/>" => encoding("us-ascii"),
        gbk:                      "‸<?xml version=\"1.0\" encoding = \"GBK\" standalone='no'?><CORSConfiguration/>" => encoding("GBK"),
        without_a_hyphen:         "‸<?xml version=\"1.0\" encoding=\"UTF8\"?><CORSConfiguration/>" => encoding("UTF8"),
        spaced:                   "‸<?xml version=\"1.0\" encoding=\" UTF-8\"?><CORSConfiguration/>" => encoding(" UTF-8"),
        none:                     "‸<?xml version=\"1.0\" encoding=\"\"?><CORSConfiguration/>" => encoding(""),
        after_a_mark:             "\u{FEFF}‸<?xml version=\"1.0\" encoding=\"UTF-16\"?><CORSConfiguration/>" => encoding("UTF-16"),
    }

    // 1.3.10, 1.6.5
    document_types, whole {
        plain:                    "‸<!DOCTYPE CORSConfiguration><CORSConfiguration/>" => DocumentType,
        external:                 "‸<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><CORSConfiguration/>" => DocumentType,
        billion_laughs:           BILLION_LAUGHS => DocumentType,
        in_lower_case:            "‸<!doctype CORSConfiguration><CORSConfiguration/>" => DocumentType,
        without_a_name:           "‸<!DOCTYPE><CORSConfiguration/>" => DocumentType,
        cut_in_the_name:          "‸<!DOCTYPE CORS" => DocumentType,
        cut_in_the_subset:        "‸<!DOCTYPE a [ <!ENTITY b" => DocumentType,
        cut_in_lower_case:        "‸<!doctype" => DocumentType,
        after_a_comment:          "<!-- a -->\n ‸<!DOCTYPE a><CORSConfiguration/>" => DocumentType,
        in_the_root:              "<CORSConfiguration>‸<!DOCTYPE a></CORSConfiguration>" => DocumentType,
        in_a_value:               "<CORSConfiguration><CORSRule><ID>a‸<!DOCTYPE a></ID></CORSRule></CORSConfiguration>" => DocumentType,
        after_the_root:           "<CORSConfiguration/>‸<!DOCTYPE a>" => DocumentType,
    }

    // 1.6.6
    roots, whole {
        a_rule:                   "‸<CORSRule/>" => root_is("CORSRule"),
        of_another_case:          "‸<corsconfiguration/>" => root_is("corsconfiguration"),
        of_another_feature:       "<?xml version=\"1.0\"?>\n‸<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>" => root_is("LifecycleConfiguration"),
        with_a_prefix:            "‸<a:b/>" => root_is("b"),
        with_two_colons:          "‸<a:b:CORSConfiguration/>" => root_is("b:CORSConfiguration"),
        html:                     "‸<html><body>404</body></html>" => root_is("html"),
        never_closed:             "‸<a><b>" => root_is("a"),
    }

    // 1.6.7
    unknown_in_the_root, root {
        a_rules_element:          "‸<AllowedOrigin>*</AllowedOrigin>" => unknown("AllowedOrigin", None),
        the_root_again:           "‸<CORSConfiguration/>" => unknown("CORSConfiguration", None),
        a_plural:                 "\n  ‸<CORSRules/>" => unknown("CORSRules", "CORSRule"),
        another_case:             "‸<CorsRule/>" => unknown("CorsRule", "CORSRule"),
        a_short_name:             "‸<Rule/>" => unknown("Rule", None),
        a_near_name:              "‸<ResponseVery>true</ResponseVery>" => unknown("ResponseVery", "ResponseVary"),
        with_a_prefix:            "‸<a:CORSRules/>" => unknown("CORSRules", "CORSRule"),
        with_two_colons:          "‸<a:b:CORSRule/>" => unknown("b:CORSRule", "CORSRule"),
        with_only_a_prefix:       "‸<CORSRule:/>" => unknown("", None),
    }
    unknown_in_a_rule, rule {
        past_tense:               "‸<ExposedHeader>ETag</ExposedHeader>" => unknown("ExposedHeader", "ExposeHeader"),
        plural:                   "<ID>a</ID>\n\t‸<AllowedOrigins/>" => unknown("AllowedOrigins", "AllowedOrigin"),
        present_tense:            "‸<AllowMethod/>" => unknown("AllowMethod", "AllowedMethod"),
        lower_case:               "‸<allowedheader/>" => unknown("allowedheader", "AllowedHeader"),
        an_id_in_mixed_case:      "‸<Id/>" => unknown("Id", "ID"),
        one_second:               "‸<MaxAgeSecond>5</MaxAgeSecond>" => unknown("MaxAgeSecond", "MaxAgeSeconds"),
        far_from_all:             "‸<AllowCredentials>true</AllowCredentials>" => unknown("AllowCredentials", None),
        a_rule:                   "‸<CORSRule/>" => unknown("CORSRule", None),
        the_roots_element:        "‸<ResponseVary>true</ResponseVary>" => unknown("ResponseVary", None),
    }

    // 1.6.8
    text, whole {
        in_the_root:              "<CORSConfiguration> \n ‸a </CORSConfiguration>" => text_in(Element::Configuration),
        in_a_rule:                "<CORSConfiguration><CORSRule><ID/>‸a</CORSRule></CORSConfiguration>" => text_in(Element::Rule),
        after_a_rule:             "<CORSConfiguration><CORSRule/>‸,<CORSRule/></CORSConfiguration>" => text_in(Element::Configuration),
        in_a_section:             "<CORSConfiguration>‸<![CDATA[a]]></CORSConfiguration>" => text_in(Element::Configuration),
        in_a_reference:           "<CORSConfiguration>\n‸&#65;</CORSConfiguration>" => text_in(Element::Configuration),
        of_foreign_white_space:   "<CORSConfiguration>‸\u{A0}<CORSRule/></CORSConfiguration>" => text_in(Element::Configuration),
    }

    // 1.6.9
    elements_in_values, rule {
        unknown:                  "<ID>a‸<b/></ID>" => element_in(Element::Id, "b"),
        known:                    "<AllowedOrigin>\n‸<AllowedOrigin>*</AllowedOrigin></AllowedOrigin>" => element_in(Element::AllowedOrigin, "AllowedOrigin"),
        in_a_method:              "<AllowedMethod>‸<c:b>GET</c:b></AllowedMethod>" => element_in(Element::AllowedMethod, "b"),
        in_a_header:              "<AllowedHeader>‸<b/></AllowedHeader>" => element_in(Element::AllowedHeader, "b"),
        in_an_exposed_header:     "<ExposeHeader>‸<b/></ExposeHeader>" => element_in(Element::ExposeHeader, "b"),
        in_a_number:              "<MaxAgeSeconds>5‸<b/></MaxAgeSeconds>" => element_in(Element::MaxAgeSeconds, "b"),
        never_closed:             "<ID>‸<b></ID>" => element_in(Element::Id, "b"),
    }

    // 1.6.10
    second_ones, rule {
        id:                       "<ID>a</ID>‸<ID>a</ID>" => second(Element::Id),
        empty_id:                 "<ID/><AllowedOrigin/>‸<ID/>" => second(Element::Id),
        prefixed_id:              "<ID>a</ID>\n‸<b:ID>a</b:ID>" => second(Element::Id),
        max_age:                  "<MaxAgeSeconds>5</MaxAgeSeconds>‸<MaxAgeSeconds>5</MaxAgeSeconds>" => second(Element::MaxAgeSeconds),
        bad_max_age:              "<MaxAgeSeconds>5</MaxAgeSeconds>‸<MaxAgeSeconds/>" => second(Element::MaxAgeSeconds),
    }
    second_in_the_root, root {
        response_vary:            "<ResponseVary>true</ResponseVary>‸<ResponseVary>true</ResponseVary>" => second(Element::ResponseVary),
        after_a_rule:             "<ResponseVary>false</ResponseVary><CORSRule/>\n‸<ResponseVary/>" => second(Element::ResponseVary),
    }

    // 1.4.6, 1.6.11
    numbers, rule {
        empty:                    "‸<MaxAgeSeconds/>" => no_number(""),
        blank:                    "‸<MaxAgeSeconds> \n </MaxAgeSeconds>" => no_number(""),
        after_other_elements:     "<ID>a</ID>\n ‸<MaxAgeSeconds>a</MaxAgeSeconds>" => no_number("a"),
        in_a_section:             "‸<MaxAgeSeconds><![CDATA[ 5 5 ]]></MaxAgeSeconds>" => no_number("5 5"),
    }

    // 1.4.7, 1.6.12
    booleans, root {
        upper_case:               "‸<ResponseVary>TRUE</ResponseVary>" => no_boolean("TRUE"),
        mixed_case:               "‸<ResponseVary>False</ResponseVary>" => no_boolean("False"),
        a_digit:                  "‸<ResponseVary>1</ResponseVary>" => no_boolean("1"),
        a_header:                 "<CORSRule/>\n‸<ResponseVary> Origin </ResponseVary>" => no_boolean("Origin"),
        two:                      "‸<ResponseVary>true true</ResponseVary>" => no_boolean("true true"),
        empty:                    "‸<ResponseVary/>" => no_boolean(""),
    }
    elements_in_a_boolean, root {
        one:                      "<ResponseVary>‸<true/></ResponseVary>" => element_in(Element::ResponseVary, "true"),
    }
}

#[test]
fn numbers() {
    let max_age = |text: &str| {
        let document = rule(&format!("<MaxAgeSeconds>{text}</MaxAgeSeconds>"));
        match read(document) {
            Ok(configuration) => Ok(configuration.rules[0].max_age_seconds.unwrap()),
            Err(error) => Err(error.kind().clone()),
        }
    };
    for (text, number) in [
        ("0", 0),
        ("5", 5),
        ("+5", 5),
        ("-1", -1),
        ("-0", 0),
        ("0005", 5),
        (" \t\r\n5 ", 5),
        ("&#53;<!-- -->5<![CDATA[5]]>", 555),
        ("2147483648", 2_147_483_648),
        ("9223372036854775807", i64::MAX),
        ("+9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        (&"0".repeat(1_000), 0),
    ] {
        assert_eq!(max_age(text), Ok(number), "{text}");
    }
    for text in [
        "1e3", "0x10", "5 5", "5.0", "5.", "1_000", "1,000", "+", "-", "--5", "+-5", "- 5", "5s",
        "٣", "५", "\u{A0}5", "NaN", "null", "true",
    ] {
        assert_eq!(max_age(text), Err(no_number(text)), "{text}");
    }
    let digits = "9".repeat(1_000);
    for text in [
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        &digits,
    ] {
        assert_eq!(max_age(text), Err(large_number(text)), "{text}");
    }
}

// ---- Bytes ----

/// 1.2.2: the place is that of the first bad byte.
#[test]
fn what_is_not_utf_8_is_refused() {
    for (text, at) in [
        (&b"\xFF\xFE<\0C\0O\0R\0S\0"[..], (1, 1)),
        (b"\xFE\xFF\0<\0C\0O\0R\0S", (1, 1)),
        (b"\xEF\xBB<CORSConfiguration/>", (1, 1)),
        (b"\xEF\xBB\xBF\xFF<CORSConfiguration/>", (1, 1)),
        (b"<!--\xC3\xA9\n\xC3\xA9 \xE9-->", (2, 3)),
        (b"<CORSConfiguration/>\r\n\xC3", (2, 1)),
        (b"<CORSConfiguration a='\xC0\x80'/>", (1, 23)),
        (b"<CORSConfiguration a='\xED\xA0\x80'/>", (1, 23)),
        (b"<CORSConfiguration a='\xF4\x90\x80\x80'/>", (1, 23)),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.kind(), &NotUtf8, "{}", text.escape_ascii());
        assert_eq!(place(&error), Some(at), "{}", text.escape_ascii());
    }
}

/// 1.2.1, and before all else: whatever the bytes are.
#[test]
fn documents_have_a_largest_size() {
    const LIMIT: usize = 65_536;
    let padded = |bytes: usize| {
        let good = id("a");
        format!("{good}{}", "\n".repeat(bytes - good.len()))
    };
    assert_eq!(only(&padded(LIMIT)), Rule::default().with_id("a"));
    let marked = format!("\u{FEFF}{}", padded(LIMIT - 3));
    assert_eq!(only(&marked), Rule::default().with_id("a"));

    let (too_large, no_text) = (padded(LIMIT + 1), vec![0xFF; LIMIT + 1]);
    let marked = format!("\u{FEFF}{}", padded(LIMIT - 2));
    let nested = "<CORSConfiguration>".repeat(10_000);
    for text in [
        too_large.as_bytes(),
        &no_text,
        marked.as_bytes(),
        nested.as_bytes(),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.kind(), &ParseErrorKind::TooLarge { limit: LIMIT });
        assert_eq!((error.position(), error.offset()), (None, None));
    }
}

/// As deep, or as wide, as the size lets a text go.
#[test]
fn nothing_is_too_deep() {
    let most = |piece: &str| piece.repeat(65_000 / piece.len());
    refused(&format!("‸{}", most("<a>")), &root_is("a"));
    let document = format!("<CORSConfiguration>‸{}", most("<a>"));
    refused(&document, &unknown("a", None));
    let document = format!("<CORSConfiguration><CORSRule><ID>‸{}", most("<a>"));
    refused(&document, &element_in(Element::Id, "a"));
    assert_eq!(id_of(&most("<![CDATA[]]>")), "");
    assert_eq!(id_of(&most("&lt;")), most("&lt;").replace("&lt;", "<"));
    assert_eq!(read(root(&most("<CORSRule/>"))).unwrap().rules.len(), 5_909);
    ill_formed(&format!("‸{}", most("<")));
    ill_formed(&format!("‸{}", most("&")));
}

/// A document with everything in it that a document may have.
const EVERYTHING: &str = "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>
<!-- é - --><?a b?>
<s:CORSConfiguration xmlns:s='urn:x' é=\"&amp;&#233;\">\r
  <CORSRule>
    <ID> é&lt;<![CDATA[<&]]]]><![CDATA[>]]>&#x1F600; </ID>
    <AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedOrigin/>
    <AllowedMethod > GET<!-- or --></AllowedMethod
    ><AllowedHeader>x-<?c?>*</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>+600</MaxAgeSeconds>
  </CORSRule>
  <s:ResponseVary>true</s:ResponseVary>
</s:CORSConfiguration>";

#[test]
fn a_cut_document_is_refused_wherever_it_is_cut() {
    let want = Rule::new(["https://*.example.com", ""], ["GET"])
        .with_id(" é<<&]]>😀 ")
        .with_allowed_headers(["x-*"])
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(600);
    assert_eq!(only(EVERYTHING), want);
    for end in 0..EVERYTHING.len() {
        let cut = &EVERYTHING.as_bytes()[..end];
        assert!(read(cut).is_err(), "{}", cut.escape_ascii());
    }
}

/// 1.6, 6.10: of two things that are wrong, the first is named.
#[test]
fn the_first_refusal_counts() {
    refused("<CORSConfiguration>‸<a/>&no;", &unknown("a", None));
    ill_formed("<CORSConfiguration>‸&no;<a/>");
    refused("‸<a/>b", &root_is("a"));
}

// ---- What is written ----

fn full() -> Configuration {
    let first = Rule::new(["https://*.example.com", "null"], ["GET", "PUT"])
        .with_id("a<b>&\"c\"")
        .with_allowed_headers(["x-amz-*", "content-md5"])
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(600);
    let mut configuration =
        Configuration::from_iter([first, Rule::new([""], ["HEAD"]).with_id("")]);
    configuration.response_vary = Some(true);
    configuration
}

const FULL: &str = "<CORSRule><ID>a&lt;b&gt;&amp;\"c\"</ID>\
    <AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedOrigin>null</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
    <AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>content-md5</AllowedHeader>\
    <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>\
    <CORSRule><ID></ID><AllowedOrigin></AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>\
    <ResponseVary>true</ResponseVary></CORSConfiguration>";

/// 1.7.1
#[test]
fn s3_has_a_namespace_and_cos_has_none() {
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    assert_eq!(
        full().to_xml(Profile::COS),
        format!("{declaration}<CORSConfiguration>{FULL}")
    );
    let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    assert_eq!(
        full().to_xml(Profile::S3),
        format!("{declaration}<CORSConfiguration {namespace}>{FULL}")
    );
    assert_eq!(
        Configuration::default().to_xml(Profile::COS),
        format!("{declaration}<CORSConfiguration></CORSConfiguration>")
    );
}

/// 1.7.3: each of these compiles, so each reads back equal.
#[test]
fn what_is_written_reads_back_equal() {
    let plain = || Rule::new(["*"], ["GET"]);
    let mut rules = full().rules;
    rules.extend(
        [
            "",
            " ",
            " a ",
            "\ta\t",
            "\r",
            "\n",
            "a\r\nb\rc\n",
            "<&>]]>'\"",
            "<![CDATA[a]]>",
            "<!-- a -->",
            "&amp;&#13;&no;",
            "é😀\u{85}\u{2028}\u{FEFF}\u{FFFD}",
        ]
        .map(|id| plain().with_id(id)),
    );
    rules.push(Rule::new(
        ["]]>", "&lt;", "<a>", "\u{A0}é\u{2003}"],
        ["GET"],
    ));
    rules.push(
        plain()
            .with_allowed_headers(["&'*"])
            .with_expose_headers(["&'"]),
    );
    rules.extend([0, 2_147_483_647].map(|seconds| plain().with_max_age_seconds(seconds)));

    for profile in [Profile::COS, Profile::S3] {
        for vary in [None, Some(true), Some(false)] {
            let mut written = Configuration::from_iter(rules.clone());
            written.response_vary = vary;
            RuleSet::compile(&written, profile).unwrap();
            assert_eq!(read(written.to_xml(profile)), Ok(written));
        }
    }
}
