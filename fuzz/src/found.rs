//! A case made of a fuzzer's bytes. Alphabets are small, so that values collide; a request is made
//! of the values of a rule, more often than not; and a few bytes are enough for many rules.
//!
//! Where the bytes end, each choice is its first.

use arbitrary::{Arbitrary, Result, Unstructured};
use bucket_cors::{Configuration, Rule};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::law::Case;
use crate::reference::{Asked, Terms, requested_names};

type Bytes = Vec<u8>;

#[derive(Debug)]
pub struct Found {
    pub case: Case,
    pub terms: Terms,
    /// A rule to add.
    pub last: Rule,
    /// The request with its names written another way, within the limits of 3.3.6.
    pub rewritten: Option<Asked>,
    /// What an upstream may have left in a response.
    pub before: HeaderMap,
}

impl<'a> Arbitrary<'a> for Found {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let terms = *u.choose(&Terms::all())?;
        // What stands at the end is often empty.
        let before = before(u)?;
        let configuration = configuration(u)?;
        let asked = asked_of_some_rule(u, &configuration)?;
        let rewritten = rewritten(u, &asked)?;
        let last = rule(u)?;
        let configuration = (!once_in(u, 32)?).then_some(configuration);
        Ok(Self {
            case: Case {
                configuration,
                asked,
            },
            terms,
            last,
            rewritten,
            before,
        })
    }
}

#[rustfmt::skip]
const ORIGINS: &[&str] = &[
    "*", "null", "", "a", "b", "ab", "A", "a*", "*b", "a*a", "ab*ba", "n*", "*l", "null*",
    "https://a.b", "https://*.b", "https://*", "http*://a.b", "https://a.b:*", "http://a.b:80",
    "é*",
];
const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];
#[rustfmt::skip]
const HEADERS: &[&str] = &[
    "x", "*", "X", "y", "X-a", "x-*", "*-A", "x*x", "k", "~", "^", "x-a-b",
];
const EXPOSED: &[&str] = &["ETag", "etag", "x-a", "X-A", "Date"];
const AGES: &[i64] = &[0, 1, 600, 2_147_483_647];
const IDS: &[&str] = &["", "one", "<&\"é"];

/// The letters of made values: those of names are tokens, and two of them differ in the bit that
/// letters of two cases differ in.
const ORIGIN_LETTERS: &[u8] = b"abA:/.";
const NAME_LETTERS: &[u8] = b"aA^~-x";

fn configuration(u: &mut Unstructured<'_>) -> Result<Configuration> {
    let count = u.int_in_range(1..=6)?;
    let mut rules = Vec::new();
    for _ in 0..count {
        rules.push(rule(u)?);
    }
    if once_in(u, 4)? {
        insert_narrow_rules(u, &mut rules)?;
    }
    if once_in(u, 4)? {
        add_many_values(u, &mut rules)?;
    }
    let mut configuration = Configuration::from_iter(rules);
    configuration.response_vary = *u.choose(&[None, Some(false), Some(true)])?;
    Ok(configuration)
}

fn rule(u: &mut Unstructured<'_>) -> Result<Rule> {
    let mut rule = Rule::new(list(u, 1, origin)?, list(u, 1, |u| one_of(u, METHODS))?);
    rule.allowed_headers = list(u, 0, header)?;
    rule.expose_headers = list(u, 0, |u| one_of(u, EXPOSED))?;
    if once_in(u, 2)? {
        rule.max_age_seconds = Some(*u.choose(AGES)?);
    }
    if once_in(u, 4)? {
        rule.id = Some(one_of(u, IDS)?);
    }
    Ok(rule)
}

/// Not where the bytes end.
fn once_in(u: &mut Unstructured<'_>, times: usize) -> Result<bool> {
    Ok(u.int_in_range(1..=times)? == times)
}

fn list(
    u: &mut Unstructured<'_>,
    least: usize,
    value: fn(&mut Unstructured<'_>) -> Result<String>,
) -> Result<Vec<String>> {
    let count = u.int_in_range(least..=3)?;
    (0..count).map(|_| value(u)).collect()
}

fn one_of(u: &mut Unstructured<'_>, values: &[&str]) -> Result<String> {
    Ok((*u.choose(values)?).to_owned())
}

fn origin(u: &mut Unstructured<'_>) -> Result<String> {
    if once_in(u, 2)? {
        one_of(u, ORIGINS)
    } else {
        pattern(u, ORIGIN_LETTERS)
    }
}

fn header(u: &mut Unstructured<'_>) -> Result<String> {
    let name = if once_in(u, 2)? {
        one_of(u, HEADERS)?
    } else {
        pattern(u, NAME_LETTERS)?
    };
    // An empty one would be a fault.
    Ok(if name.is_empty() { "x".into() } else { name })
}

fn pattern(u: &mut Unstructured<'_>, letters: &[u8]) -> Result<String> {
    let mut text = word(u, letters)?;
    if once_in(u, 2)? {
        text.push(b'*');
        text.extend(word(u, letters)?);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A few letters, or more of the same, past the sizes of machine words.
fn word(u: &mut Unstructured<'_>, letters: &[u8]) -> Result<Bytes> {
    let few = u.int_in_range(0..=4)?;
    let mut word = Vec::new();
    for _ in 0..few {
        word.push(*u.choose(letters)?);
    }
    if once_in(u, 8)? {
        let length = u.int_in_range(0..=40)?;
        word = word.iter().copied().cycle().take(length).collect();
    }
    Ok(word)
}

/// So many, and so narrow, that late rules get to decide.
fn insert_narrow_rules(u: &mut Unstructured<'_>, rules: &mut Vec<Rule>) -> Result<()> {
    let place = u.int_in_range(0..=rules.len())?;
    let count = size(u, 200)?;
    let hosts = u.int_in_range(1..=100)?;
    let [every_port, every_name] = [u.int_in_range(2..=9)?, u.int_in_range(2..=9)?];
    let narrow = (0..count).map(|n| {
        let port = if n.is_multiple_of(every_port) {
            ":*"
        } else {
            ""
        };
        let suffix = if n.is_multiple_of(every_name) {
            "*"
        } else {
            ""
        };
        Rule::new(
            [format!("https://{}{port}", n % hosts)],
            [METHODS[n / hosts % METHODS.len()]],
        )
        .with_allowed_headers([format!("x-{}{suffix}", n % every_name)])
    });
    rules.splice(place..place, narrow);
    Ok(())
}

/// To one rule, or to one after the other.
fn add_many_values(u: &mut Unstructured<'_>, rules: &mut [Rule]) -> Result<()> {
    let first = u.choose_index(rules.len())?;
    let step = u.int_in_range(0..=1)?;
    let [origins, names] = [size(u, 300)?, size(u, 300)?];
    let every = u.int_in_range(1..=9)?;
    let value = |n: usize, before, after| {
        let star = if n.is_multiple_of(every) { "*" } else { "" };
        format!("{before}{star}{}{after}", n / 2)
    };
    let place = |n: usize| (first + n * step) % rules.len();
    let places: Vec<usize> = (0..300).map(place).collect();
    for n in 0..origins {
        let origin = value(n, "https://", ".test");
        rules[places[n]].allowed_origins.push(origin);
    }
    for n in 0..names {
        let name = value(n, "X-", "");
        rules[places[n]].allowed_headers.push(name);
    }
    Ok(())
}

/// On both sides of where an index, a mask or a limit may change.
fn size(u: &mut Unstructured<'_>, most: usize) -> Result<usize> {
    #[rustfmt::skip]
    const EDGES: &[usize] = &[
        0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 255, 256, 257, 300,
    ];
    let size = if once_in(u, 4)? {
        u.int_in_range(0..=most)?
    } else {
        *u.choose(EDGES)?
    };
    Ok(size.min(most))
}

// Requests.

#[rustfmt::skip]
const OTHER_METHODS: &[&str] = &[
    "GET", "PUT", "PATCH", "OPTIONS", "get", "options", "", " GET", "GET,PUT", "GÉT",
];
const FILLINGS: &[&str] = &["", "a", "b", "x-a", "null", ".a.b", "!~", "*"];

fn asked_of_some_rule(u: &mut Unstructured<'_>, configuration: &Configuration) -> Result<Asked> {
    let rule = u.choose(&configuration.rules)?;
    let requested = some_method(u, rule)?;
    let method = if once_in(u, 3)? {
        some_method(u, rule)?
    } else {
        b"OPTIONS".to_vec()
    };
    Ok(Asked {
        method,
        origin: lines(u, |u| origin_line(u, rule))?,
        request_method: if once_in(u, 16)? {
            lines(u, |u| some_method(u, rule))?
        } else {
            vec![requested]
        },
        request_headers: header_lines(u, rule)?,
    })
}

/// One line, and seldom none or two.
fn lines(
    u: &mut Unstructured<'_>,
    line: impl Fn(&mut Unstructured<'_>) -> Result<Bytes>,
) -> Result<Vec<Bytes>> {
    let count = *u.choose(&[1, 1, 1, 1, 1, 1, 0, 2])?;
    (0..count).map(|_| line(u)).collect()
}

fn origin_line(u: &mut Unstructured<'_>, rule: &Rule) -> Result<Bytes> {
    match u.int_in_range(0..=7)? {
        0..=4 => filled(u, &rule.allowed_origins),
        5 => word(u, ORIGIN_LETTERS),
        6 => any_bytes(u),
        _ => Ok(b"a".repeat(u.int_in_range(2046..=2050)?)),
    }
}

fn some_method(u: &mut Unstructured<'_>, rule: &Rule) -> Result<Bytes> {
    let method = if once_in(u, 4)? {
        one_of(u, OTHER_METHODS)?
    } else {
        u.choose(&rule.allowed_methods)?.clone()
    };
    Ok(method.into_bytes())
}

/// A text that one of the values matches, or nearly.
fn filled(u: &mut Unstructured<'_>, values: &[String]) -> Result<Bytes> {
    let value = u.choose(values)?;
    let mut text = match (value.split_once('*'), u.int_in_range(0..=7)?) {
        // As if the two ends could overlap.
        (Some((before, after)), 0) if !after.is_empty() => {
            [before, after.get(1..).unwrap_or_default()].concat()
        }
        _ => value.replace('*', u.choose(FILLINGS)?),
    }
    .into_bytes();
    if once_in(u, 8)? && !text.is_empty() {
        let at = u.choose_index(text.len())?;
        match u.int_in_range(0..=3)? {
            0 => text[at] ^= 0x20, // the bit of upper case, of letters and of others
            1 => text.truncate(at),
            2 => drop(text.remove(at)),
            _ => text.insert(at, *u.choose(ORIGIN_LETTERS)?),
        }
    }
    Ok(text)
}

fn any_bytes(u: &mut Unstructured<'_>) -> Result<Bytes> {
    let length = u.int_in_range(0..=8)?.min(u.len());
    Ok(u.bytes(length)?.to_vec())
}

fn header_lines(u: &mut Unstructured<'_>, rule: &Rule) -> Result<Vec<Bytes>> {
    if once_in(u, 16)? {
        return at_the_limits(u);
    }
    let count = if once_in(u, 8)? {
        size(u, 130)?
    } else {
        u.int_in_range(0..=4)?
    };
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(name(u, rule)?);
    }
    written(u, &names)
}

fn name(u: &mut Unstructured<'_>, rule: &Rule) -> Result<Bytes> {
    if rule.allowed_headers.is_empty() {
        return word(u, NAME_LETTERS);
    }
    match u.int_in_range(0..=15)? {
        0..=12 => filled(u, &rule.allowed_headers),
        13..=14 => word(u, NAME_LETTERS),
        _ => any_bytes(u),
    }
}

/// 3.3.6: on both sides of each limit.
fn at_the_limits(u: &mut Unstructured<'_>) -> Result<Vec<Bytes>> {
    Ok(match u.int_in_range(0..=3)? {
        0 => vec![b"x".to_vec(); u.int_in_range(7..=10)?],
        1 => vec![b"x, ,".repeat(64), b",x".repeat(u.int_in_range(62..=66)?)],
        2 => vec![b",".repeat(u.int_in_range(8190..=8194)?)],
        _ => {
            let length = u.int_in_range(8190..=8194)?;
            let cut = u.int_in_range(0..=length)?;
            vec![b"x".repeat(cut), b"x".repeat(length - cut)]
        }
    })
}

/// A gap that has a line feed ends the line.
const GAPS: &[&[u8]] = &[b",", b", ", b"\t,\t", b" ,, \t,", b"\n", b",\n", b"\n\n"];

fn written(u: &mut Unstructured<'_>, names: &[Bytes]) -> Result<Vec<Bytes>> {
    let mut lines = vec![Vec::new()];
    for name in names {
        let name = match u.int_in_range(0..=2)? {
            0 => name.clone(),
            1 => name.to_ascii_lowercase(),
            _ => name.to_ascii_uppercase(),
        };
        let line = lines.last_mut().expect("there is one from the start");
        line.extend(name);
        for &byte in *u.choose(GAPS)? {
            match byte {
                b'\n' => lines.push(Vec::new()),
                byte => lines.last_mut().expect("as above").push(byte),
            }
        }
    }
    Ok(lines)
}

/// 6.3: in another order, some of them twice.
fn rewritten(u: &mut Unstructured<'_>, asked: &Asked) -> Result<Option<Asked>> {
    let Ok(names) = requested_names(asked) else {
        return Ok(None);
    };
    let mut placed = Vec::new();
    for name in names {
        placed.push((u.arbitrary::<u8>()?, name.to_vec()));
        if once_in(u, 8)? {
            placed.push((u.arbitrary::<u8>()?, name.to_vec()));
        }
    }
    placed.sort_by_key(|(place, _)| *place);
    let names: Vec<Bytes> = placed.into_iter().map(|(_, name)| name).collect();
    let other = Asked {
        request_headers: written(u, &names)?,
        ..asked.clone()
    };
    Ok(requested_names(&other).is_ok().then_some(other))
}

// Responses.

#[rustfmt::skip]
const RESPONSE_NAMES: &[&str] = &[
    "vary", "access-control-allow-origin", "access-control-allow-private-network",
    "access-control-max-age", "access-control-other", "etag",
];
#[rustfmt::skip]
const RESPONSE_VALUES: &[&str] = &[
    "*", "origin", "ORIGIN , a", "Accept-Encoding", "a,*", "", " , ",
    "Access-Control-Request-Method, access-control-request-headers",
];

fn before(u: &mut Unstructured<'_>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for _ in 0..u.int_in_range(0..=4)? {
        headers.append(
            HeaderName::from_static(u.choose(RESPONSE_NAMES)?),
            HeaderValue::from_static(u.choose(RESPONSE_VALUES)?),
        );
    }
    Ok(headers)
}
