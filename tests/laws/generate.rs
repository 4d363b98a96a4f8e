//! Where the cases come from. A request is made from the values of one rule,
//! more often than not, since one made from anything is nearly always denied.

pub mod large;

use bucket_cors::{Configuration, Rule};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::law::Case;
use crate::reference::{self, Asked, Terms};

type Bytes = Vec<u8>;

pub fn terms() -> BoxedStrategy<Terms> {
    select(Terms::all()).boxed()
}

pub fn case() -> BoxedStrategy<Case> {
    bucket()
        .prop_flat_map(|configuration| {
            some_rule(configuration.as_ref())
                .prop_flat_map(|rule| asked_about(&rule))
                .prop_map(move |asked| Case {
                    configuration: configuration.clone(),
                    asked,
                })
        })
        .boxed()
}

/// A case whose names stand on one line as they are, and other lines that
/// ask for the same names.
pub fn case_and_its_names_rewritten() -> BoxedStrategy<(Case, Vec<Bytes>)> {
    bucket()
        .prop_flat_map(|configuration| {
            some_rule(configuration.as_ref())
                .prop_flat_map(|rule| (asked_about(&rule), names_and_rewritten(&rule)))
                .prop_map(move |(mut asked, (names, rewritten))| {
                    asked.request_headers = vec![names.join(&b',')];
                    let configuration = configuration.clone();
                    let case = Case {
                        configuration,
                        asked,
                    };
                    (case, rewritten)
                })
        })
        .boxed()
}

// Configurations.

#[rustfmt::skip]
const ORIGINS: &[&str] = &[
    "*", "null", "", "a", "b", "ab", "A", "a*", "*b", "a*a", "ab*ba", "n*", "*l", "null*",
    "https://a.b", "https://*.b", "https://*", "http*://a.b", "https://a.b:*",
    "http://a.b:80", "é*",
];
const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];
const HEADERS: &[&str] = &[
    "*", "x", "X", "y", "X-a", "x-*", "*-A", "x*x", "k", "~", "x-a-b",
];
const EXPOSED: &[&str] = &["ETag", "etag", "x-a", "X-A", "Date"];
const AGES: &[i64] = &[0, 1, 600, 2_147_483_647];
const IDS: &[&str] = &["", "one", "<&\"é"];

fn bucket() -> BoxedStrategy<Option<Configuration>> {
    option::weighted(0.95, configuration()).boxed()
}

/// A few rules that overlap, or many that don't.
pub fn configuration() -> BoxedStrategy<Configuration> {
    prop_oneof![
        20 => configuration_of(vec(rule(), 1..=6).boxed()),
        1 => configuration_of(vec(narrow_rule(), 7..=200).boxed()),
        1 => configuration_of(vec(narrow_rule(), 63..=65).boxed()),
        1 => configuration_of(vec(narrow_rule(), 127..=129).boxed()),
        1 => configuration_of(vec(narrow_rule(), 190..=200).boxed()),
    ]
    .boxed()
}

fn configuration_of(rules: BoxedStrategy<Vec<Rule>>) -> BoxedStrategy<Configuration> {
    (rules, option::of(any::<bool>()))
        .prop_map(|(rules, response_vary)| {
            let mut configuration: Configuration = rules.into_iter().collect();
            configuration.response_vary = response_vary;
            configuration
        })
        .boxed()
}

pub fn rule() -> BoxedStrategy<Rule> {
    let long = (2040..=2050usize).prop_map(|length| "a".repeat(length));
    let origin = prop_oneof![12 => one_of(ORIGINS), 12 => pattern_of(&['a', 'b']), 1 => long];
    let header = prop_oneof![one_of(HEADERS), pattern_of(&['x', 'X', '-'])];
    rule_of(origin.boxed(), header.boxed(), one_of(EXPOSED), one_of(IDS))
}

fn pattern_of(letters: &'static [char]) -> BoxedStrategy<String> {
    let before = text_of(select(letters).boxed(), 1..=2);
    let after = text_of(select(letters).boxed(), 0..=2);
    (before, select(&["", "*"][..]), after)
        .prop_map(|(before, star, after)| before + star + &after)
        .boxed()
}

/// So narrow that in a long list the late rules, too, get to decide.
fn narrow_rule() -> BoxedStrategy<Rule> {
    let numbers = (0..100u8, 0..METHODS.len(), 0..10u8);
    (numbers, any::<[bool; 3]>())
        .prop_map(|((host, method, name), [any_port, header, any_suffix])| {
            let port = if any_port { ":*" } else { "" };
            let suffix = if any_suffix { "*" } else { "" };
            let mut rule = Rule::new([format!("https://{host}{port}")], [METHODS[method]]);
            if header {
                rule.allowed_headers.push(format!("x-{name}{suffix}"));
            }
            rule
        })
        .boxed()
}

fn rule_of(
    origin: BoxedStrategy<String>,
    header: BoxedStrategy<String>,
    exposed: BoxedStrategy<String>,
    id: BoxedStrategy<String>,
) -> BoxedStrategy<Rule> {
    (
        (list_of(origin, 1), vec(one_of(METHODS), 1..=3)),
        (list_of(header, 0), list_of(exposed, 0)),
        option::of(select(AGES)),
        option::of(id),
    )
        .prop_map(|((origins, methods), (headers, exposed), age, id)| {
            let mut rule = Rule::new(origins, methods);
            rule.allowed_headers = headers;
            rule.expose_headers = exposed;
            rule.max_age_seconds = age;
            rule.id = id;
            rule
        })
        .boxed()
}

/// A few values, and now and then more than a matcher would search in turn.
fn list_of(value: BoxedStrategy<String>, least: usize) -> BoxedStrategy<Vec<String>> {
    prop_oneof![24 => vec(value.clone(), least..=3), 1 => vec(value, 16..=70)].boxed()
}

fn one_of(values: &'static [&'static str]) -> BoxedStrategy<String> {
    select(values).prop_map(str::to_owned).boxed()
}

// Configurations that are hard to write down, or to accept.

#[rustfmt::skip]
const MARKUP: &[char] = &[
    '<', '>', '&', '"', '\'', ']', '-', '\\', '/', '{', '}', ';', '#', '\u{85}', '\u{A0}',
    'é', '\u{2028}', '\u{3000}', '\u{FEFF}', '\u{FFFD}', '\u{10FFFF}', '\t', '\n', '\r',
    ' ',
];
#[rustfmt::skip]
const TOKEN: &[char] = &[
    '!', '#', '$', '%', '&', '\'', '+', '-', '.', '^', '_', '`', '|', '~', '0', 'A', 'z',
];

/// It compiles, and has in it whatever markup and trimming could spoil.
pub fn odd_configuration() -> BoxedStrategy<Configuration> {
    configuration_of(vec(odd_rule(), 1..=4).boxed())
}

fn odd_rule() -> BoxedStrategy<Rule> {
    let in_origins = xml_char().prop_map(|c| match c {
        '\0'..=' ' | '\x7F' | '*' => 'o',
        other => other,
    });
    let origin = text_of(in_origins.boxed(), 0..=5);
    let token = text_of(select(TOKEN).boxed(), 1..=4);
    let id = text_of(xml_char(), 0..=8);
    let long_id = text_of(xml_char(), 255..=255);
    rule_of(
        starred(origin),
        starred(token.clone()),
        token,
        prop_oneof![8 => id, 1 => long_id].boxed(),
    )
}

/// Mapped, not filtered: a long run would exhaust proptest's rejections.
fn xml_char() -> BoxedStrategy<char> {
    let any_of_xml = any::<char>().prop_map(|c| if reference::is_xml_char(c) { c } else { 'x' });
    prop_oneof![select(MARKUP), any_of_xml].boxed()
}

fn text_of(
    character: BoxedStrategy<char>,
    length: std::ops::RangeInclusive<usize>,
) -> BoxedStrategy<String> {
    vec(character, length).prop_map(String::from_iter).boxed()
}

fn starred(text: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (text, any::<bool>())
        .prop_map(|(text, star)| if star { text + "*" } else { text })
        .boxed()
}

type Edit = fn(&mut Rule);

/// Each makes a rule that the provider would refuse.
const SPOILING: &[Edit] = &[
    |rule| rule.id = Some("é".repeat(256)),
    |rule| rule.id = Some("\0".to_owned()),
    |rule| rule.id = Some("\u{FFFF}".to_owned()),
    |rule| rule.allowed_origins.clear(),
    |rule| rule.allowed_origins.push("**".to_owned()),
    |rule| rule.allowed_origins.push("https://*.*".to_owned()),
    |rule| rule.allowed_origins.push("a b".to_owned()),
    |rule| rule.allowed_origins.push("a\x7F".to_owned()),
    |rule| rule.allowed_origins.push("a\u{FFFE}".to_owned()),
    |rule| rule.allowed_methods.clear(),
    |rule| rule.allowed_methods.push("get".to_owned()),
    |rule| rule.allowed_methods.push("OPTIONS".to_owned()),
    |rule| rule.allowed_methods.push("*".to_owned()),
    |rule| rule.allowed_methods.push(String::new()),
    |rule| rule.allowed_headers.push("x**".to_owned()),
    |rule| rule.allowed_headers.push("x y".to_owned()),
    |rule| rule.allowed_headers.push("é".to_owned()),
    |rule| rule.allowed_headers.push(String::new()),
    |rule| rule.expose_headers.push("*".to_owned()),
    |rule| rule.expose_headers.push("x,y".to_owned()),
    |rule| rule.expose_headers.push(String::new()),
    |rule| rule.max_age_seconds = Some(-1),
    |rule| rule.max_age_seconds = Some(2_147_483_648),
    |rule| rule.max_age_seconds = Some(i64::MIN),
];

/// Each comes close, and is accepted.
const HARMLESS: &[Edit] = &[
    |rule| rule.id = Some("é".repeat(255)),
    |rule| rule.id = Some("\t\r\n".to_owned()),
    |rule| rule.allowed_origins.push(String::new()),
    |rule| rule.allowed_origins.push("\u{85}\u{FFFD}".to_owned()),
    |rule| rule.allowed_headers.push("*".to_owned()),
    |rule| rule.allowed_headers.push("!#$%&'*+-.^_`|~".to_owned()),
    |rule| rule.expose_headers.clear(),
    |rule| rule.max_age_seconds = Some(2_147_483_647),
];

pub fn bad_rule() -> BoxedStrategy<Rule> {
    edited(vec(select(SPOILING), 1).boxed())
}

pub fn doubtful_configuration() -> BoxedStrategy<Configuration> {
    let edit = prop_oneof![select(SPOILING), select(HARMLESS)];
    let rule = edited(vec(edit, 0..=2).boxed());
    configuration_of(vec(rule, 0..=3).boxed())
}

fn edited(edits: BoxedStrategy<Vec<Edit>>) -> BoxedStrategy<Rule> {
    (rule(), edits)
        .prop_map(|(mut rule, edits)| {
            for edit in edits {
                edit(&mut rule);
            }
            rule
        })
        .boxed()
}

/// What happens to a text on its way.
#[derive(Clone, Debug)]
pub enum Damage {
    Flip(Index, u8),
    Replace(Index, u8),
    Delete(Index),
    Insert(Index, u8),
    Truncate(Index),
}

pub fn damage() -> BoxedStrategy<Vec<Damage>> {
    let byte = prop_oneof![
        select(&b"<>/&;#\"'=!?-[]{}:,CDATA \n*\0\xFF"[..]),
        any::<u8>()
    ];
    let flipped = (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, 1 << bit));
    let inserted = (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Insert(at, byte));
    let one = prop_oneof![
        4 => flipped,
        4 => any::<Index>().prop_map(Damage::Delete),
        4 => inserted,
        1 => any::<Index>().prop_map(Damage::Truncate),
    ];
    vec(one, 1..=3).boxed()
}

impl Damage {
    pub fn apply(&self, text: &mut Bytes) {
        if text.is_empty() {
            return;
        }
        let length = text.len();
        match self {
            Damage::Flip(at, bit) => text[at.index(length)] ^= bit,
            Damage::Replace(at, byte) => text[at.index(length)] = *byte,
            Damage::Delete(at) => drop(text.remove(at.index(length))),
            Damage::Insert(at, byte) => text.insert(at.index(length + 1), *byte),
            Damage::Truncate(at) => text.truncate(at.index(length)),
        }
    }
}

// Requests.

#[rustfmt::skip]
const OTHER_ORIGINS: &[&[u8]] = &[
    b"a", b"aba", b"aa", b"bab", b"abba", b"c", b"null", b"NULL", b"*", b"https://*", b"https://a.b",
    b"https://A.B", b"https://a.b/", b"https://a.b:8", b"https://1:2", b"!", b"~",
    b"http://a.b", b"https://a.b:443",
];
#[rustfmt::skip]
const ODD_ORIGINS: &[&[u8]] = &[
    b"", b"a", b" a", b"a ", b"a b", b"a\t", b"a\x1F", b"a\x7F", b"a\0", b"\xC3\xA9",
];
#[rustfmt::skip]
const OTHER_METHODS: &[&[u8]] = &[
    b"GET", b"GET", b"HEAD", b"PUT", b"DELETE", b"POST", b"PATCH", b"get", b"options", b"",
    b" GET", b"GET,PUT", b"G\xC3\x89T",
];
#[rustfmt::skip]
const ODD_LINES: &[&[u8]] = &[
    b"", b" ", b"\t", b",", b", ,\t,", b"x", b" X ,y,", b"*", b"x y", b"x(", b"\"x\"",
    b"x;y", b"x\0", b"x\x7F", b"\xC3\xA9", b"x,\xE2\x84\xAA",
];
#[rustfmt::skip]
const ODD_NAMES: &[&[u8]] = &[
    b"x", b"y", b"X-A-B", b"xx", b"z", b"*", b"~", b"x(", b"\xE2\x84\xAA",
];

/// What a star may stand for.
const FILLINGS: &[&str] = &["", "a", "b", "x-a", "null", ".a.b", "!~", "*"];

fn some_rule(configuration: Option<&Configuration>) -> BoxedStrategy<Rule> {
    match configuration {
        Some(configuration) => select(configuration.rules.clone()).boxed(),
        None => rule(),
    }
}

fn asked_about(rule: &Rule) -> BoxedStrategy<Asked> {
    let options = (
        Just(b"OPTIONS".to_vec()),
        method_lines(rule),
        header_lines(rule),
    );
    let actual = (
        method(rule),
        perhaps(method_lines(rule)),
        perhaps(header_lines(rule)),
    );
    (origin_lines(rule), prop_oneof![2 => options, 1 => actual])
        .prop_map(
            |(origin, (method, request_method, request_headers))| Asked {
                method,
                origin,
                request_method,
                request_headers,
            },
        )
        .boxed()
}

fn origin_lines(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
    let long = (2046..=2050usize).prop_map(|length| vec![b"a".repeat(length)]);
    prop_oneof![
        28 => vec(matching(&rule.allowed_origins), 1),
        6 => lines_of(OTHER_ORIGINS, 1..=1),
        4 => lines_of(ODD_ORIGINS, 0..=2),
        1 => long,
    ]
    .boxed()
}

fn method_lines(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
    prop_oneof![12 => vec(method(rule), 1), 1 => vec(method(rule), 0..=3)].boxed()
}

fn method(rule: &Rule) -> BoxedStrategy<Bytes> {
    let own = select(rule.allowed_methods.clone()).prop_map(String::into_bytes);
    let other = select(OTHER_METHODS).prop_map(<[u8]>::to_vec);
    prop_oneof![3 => own, 1 => other].boxed()
}

fn header_lines(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
    prop_oneof![
        2 => Just(Vec::new()),
        12 => names(rule).prop_flat_map(|names| written(&names)),
        1 => lines_of(ODD_LINES, 0..=3),
        1 => lines_of(ODD_LINES, 8..=10),
        1 => at_the_limits(),
    ]
    .boxed()
}

/// 3.3.6: on both sides of each limit.
fn at_the_limits() -> BoxedStrategy<Vec<Bytes>> {
    let lines = (7..=10usize).prop_map(|count| vec![b"x".to_vec(); count]);
    let names = (62..=66usize).prop_map(|more| vec![b"x, ,".repeat(64), b",x".repeat(more)]);
    let bytes = (8190..=8194usize, any::<Index>()).prop_map(|(length, cut)| {
        let cut = cut.index(length + 1);
        vec![b"x".repeat(cut), b"x".repeat(length - cut)]
    });
    let commas = (8190..=8194usize).prop_map(|length| vec![b",".repeat(length)]);
    prop_oneof![lines, names, bytes, commas].boxed()
}

fn lines_of(
    lines: &'static [&'static [u8]],
    count: std::ops::RangeInclusive<usize>,
) -> BoxedStrategy<Vec<Bytes>> {
    vec(select(lines).prop_map(<[u8]>::to_vec), count).boxed()
}

fn perhaps(lines: BoxedStrategy<Vec<Bytes>>) -> BoxedStrategy<Vec<Bytes>> {
    prop_oneof![Just(Vec::new()), lines].boxed()
}

fn matching(patterns: &[String]) -> BoxedStrategy<Bytes> {
    (select(patterns.to_vec()), select(FILLINGS))
        .prop_map(|(pattern, filling)| pattern.replace('*', filling).into_bytes())
        .boxed()
}

fn names(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
    let odd = select(ODD_NAMES).prop_map(<[u8]>::to_vec);
    if rule.allowed_headers.is_empty() {
        return vec(odd, 0..=1).boxed();
    }
    vec(
        prop_oneof![8 => matching(&rule.allowed_headers), 1 => odd],
        0..=5,
    )
    .boxed()
}

fn names_and_rewritten(rule: &Rule) -> BoxedStrategy<(Vec<Bytes>, Vec<Bytes>)> {
    names(rule)
        .prop_flat_map(|names| {
            let repeats = subsequence(names.clone(), 0..=names.len());
            let all = names.clone();
            repeats
                .prop_map(move |repeats| [all.clone(), repeats].concat())
                .prop_shuffle()
                .prop_flat_map(|names| written(&names))
                .prop_map(move |rewritten| (names.clone(), rewritten))
        })
        .boxed()
}

const CASES: &[fn(&[u8]) -> Bytes] = &[
    <[u8]>::to_vec,
    <[u8]>::to_ascii_lowercase,
    <[u8]>::to_ascii_uppercase,
];
const GAPS: &[&[u8]] = &[b",", b", ", b"\t,\t", b" ,, \t,", b"\n", b",\n", b"\n\n"];

/// Lines that ask for the names in their order, within the limits of 3.3.6.
fn written(names: &[Bytes]) -> BoxedStrategy<Vec<Bytes>> {
    let names = names.to_vec();
    vec((select(CASES), select(GAPS)), names.len())
        .prop_map(move |styles| {
            let styled = names.iter().zip(styles);
            let text: Vec<Bytes> = styled
                .map(|(name, (case, gap))| [&case(name), gap].concat())
                .collect();
            text.concat()
                .splitn(8, |&byte| byte == b'\n')
                .map(|line| {
                    line.iter()
                        .map(|&byte| if byte == b'\n' { b',' } else { byte })
                        .collect()
                })
                .collect()
        })
        .boxed()
}

// Responses.

#[rustfmt::skip]
const RESPONSE_NAMES: &[&str] = &[
    "vary", "vary", "access-control-allow-origin", "access-control-allow-private-network",
    "access-control-max-age", "access-control-other", "etag",
];
#[rustfmt::skip]
const RESPONSE_VALUES: &[&str] = &[
    "*", "origin", "ORIGIN , a", "Accept-Encoding", "a,*", "", " , ",
    "Access-Control-Request-Method, access-control-request-headers",
];

/// What an upstream may have left, `Vary` of every sort included.
pub fn response_headers() -> BoxedStrategy<HeaderMap> {
    vec((select(RESPONSE_NAMES), select(RESPONSE_VALUES)), 0..=4)
        .prop_map(|lines| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                );
            }
            headers
        })
        .boxed()
}
