//! Large policies and large requests: sizes on both sides of whatever number
//! of rules, values or names may send an engine another way. The values are
//! alike in all but a byte or an end, and a request is made from one of them,
//! so that every outcome is a near one.

use bucket_cors::{Configuration, Rule};
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Bytes, CASES, Damage, HEADERS, METHODS, ORIGINS, one_of};
use crate::law::Case;
use crate::reference::Asked;

const MOST_RULES: usize = 200;
const MOST_VALUES: usize = 300;
/// 3.3.6
const MOST_NAMES: usize = 128;
const MOST_LINES: usize = 8;

/// Where an index, a mask or a limit may change, and what lies beside.
#[rustfmt::skip]
const EDGES: &[usize] = &[
    1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200, 255, 256, 257,
    300,
];

/// Of texts: on both sides of words of 4, 8 and 16 bytes.
#[rustfmt::skip]
const LENGTHS: &[usize] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 20, 23, 24, 25, 31, 32, 33, 40,
];

/// A policy, and a request to it.
pub fn case() -> BoxedStrategy<Case> {
    case_and_its_names_rewritten()
        .prop_map(|(case, _)| case)
        .boxed()
}

/// A case, and lines as many and as long that ask for the same names.
pub fn case_and_its_names_rewritten() -> BoxedStrategy<(Case, Vec<Bytes>)> {
    configuration()
        .prop_flat_map(|configuration| {
            let asked = asked_of_some_rule(&configuration.rules);
            let rivals = (vec(rival(), 0..=2), vec(rival(), 0..=3));
            (Just(configuration), asked, rivals)
        })
        .prop_map(|(mut configuration, asked, (for_origin, for_names))| {
            let (asked, names, rewritten) = asked;
            for rival in for_origin {
                rival.list(&mut configuration, &asked.origin, |rule| {
                    &mut rule.allowed_origins
                });
            }
            for rival in for_names {
                rival.list(&mut configuration, &names, |rule| &mut rule.allowed_headers);
            }
            let configuration = Some(configuration);
            (
                Case {
                    configuration,
                    asked,
                },
                rewritten,
            )
        })
        .boxed()
}

fn size(most: usize) -> BoxedStrategy<usize> {
    let edges: Vec<usize> = EDGES.iter().copied().filter(|&n| n <= most).collect();
    prop_oneof![3 => select(edges), 1 => 1..=most].boxed()
}

fn length() -> BoxedStrategy<usize> {
    prop_oneof![2 => select(LENGTHS), 1 => 0..=40usize].boxed()
}

// Values.

/// What the values of a field are made of.
struct Words {
    /// A value begins and ends as one of these, repeated, does: its ends are
    /// the ends of others, and may overlap in a text.
    stems: &'static [&'static str],
    /// A few bytes are then replaced by these.
    letters: &'static [u8],
    /// Values of another kind, which are rare.
    others: &'static [&'static str],
}

static ORIGIN: Words = Words {
    stems: &["ab", "https://a.ab.abc"],
    letters: b"abcdefghABC012:/.-",
    others: ORIGINS,
};
/// `^` and `~` differ in the bit that letters of two cases differ in.
static NAME: Words = Words {
    stems: &["ab", "a~", "X-Amz-Meta-"],
    letters: b"abcABC01.-^~",
    others: HEADERS,
};

impl Words {
    fn value(&'static self, stars: f64) -> BoxedStrategy<String> {
        let ends = (select(self.stems), length(), length());
        let letters = vec((any::<Index>(), select(self.letters)), 0..=3);
        let made = (ends, weighted(stars), letters);
        let made = made.prop_map(|((stem, before, after), star, letters)| {
            let mut text = if star {
                [start(stem, before), end(stem, after)].concat()
            } else {
                start(stem, before.max(1)) // an empty header name is a fault
            };
            for (at, letter) in letters {
                Damage::Replace(at, letter).apply(&mut text);
            }
            if star {
                text.insert(before, b'*');
            }
            String::from_utf8(text).expect("ASCII, as are stems and letters")
        });
        prop_oneof![60 => made, 1 => one_of(self.others)].boxed()
    }
}

fn start(stem: &str, length: usize) -> Bytes {
    stem.bytes().cycle().take(length).collect()
}

fn end(stem: &str, length: usize) -> Bytes {
    let mut end: Bytes = stem.bytes().rev().cycle().take(length).collect();
    end.reverse();
    end
}

// Configurations.

/// Few values in each rule, and then many more: in one rule, or one by one in
/// the next and the next.
fn configuration() -> BoxedStrategy<Configuration> {
    let few = (1..=3usize, 0..=9usize, 0..=9usize);
    let rules = prop_oneof![3 => size(MOST_RULES), 1 => 129..=MOST_RULES];
    let more = || prop_oneof![1 => Just(0), 2 => size(MOST_VALUES)];
    let many = (rules, more(), more());
    let stars = select(&[0.1, 0.5, 0.95][..]);
    (prop_oneof![1 => few, 3 => many], stars)
        .prop_flat_map(|((rules, origins, names), stars)| {
            let deal = (any::<Index>(), any::<bool>());
            (
                vec(rule(stars), rules),
                (vec(ORIGIN.value(stars), origins), deal.clone()),
                (vec(NAME.value(stars), names), deal),
            )
        })
        .prop_map(|(mut rules, (origins, to), (names, and_to))| {
            let count = rules.len();
            let place = |(first, spread): (Index, bool), n| {
                (first.index(count) + if spread { n } else { 0 }) % count
            };
            for (n, origin) in origins.into_iter().enumerate() {
                rules[place(to, n)].allowed_origins.push(origin);
            }
            for (n, name) in names.into_iter().enumerate() {
                rules[place(and_to, n)].allowed_headers.push(name);
            }
            rules.into_iter().collect()
        })
        .boxed()
}

pub fn rule(stars: f64) -> BoxedStrategy<Rule> {
    (
        vec(ORIGIN.value(stars), 1..=2),
        vec(one_of(METHODS), 1..=2),
        vec(NAME.value(stars), 0..=2),
    )
        .prop_map(|(origins, methods, names)| {
            Rule::new(origins, methods).with_allowed_headers(names)
        })
        .boxed()
}

/// Another rule that lists a text of the request, as it is or with a star in
/// the place of some of it.
#[derive(Clone, Debug)]
struct Rival {
    rule: Index,
    text: Index,
    star: Option<[Index; 2]>,
}

fn rival() -> BoxedStrategy<Rival> {
    (any::<Index>(), any::<Index>(), any::<Option<[Index; 2]>>())
        .prop_map(|(rule, text, star)| Rival { rule, text, star })
        .boxed()
}

impl Rival {
    fn list(
        &self,
        configuration: &mut Configuration,
        texts: &[Bytes],
        field: fn(&mut Rule) -> &mut Vec<String>,
    ) {
        if texts.is_empty() {
            return;
        }
        // Else it would be a fault. (A requested name is always a token here.)
        let plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'*';
        let mut text = texts[self.text.index(texts.len())].clone();
        if text.is_empty() || !text.iter().all(plain) {
            return;
        }
        if let Some(ends) = self.star {
            let [one, other] = ends.map(|end| end.index(text.len() + 1));
            text.splice(one.min(other)..one.max(other), *b"*");
        }
        let count = configuration.rules.len();
        let rule = &mut configuration.rules[self.rule.index(count)];
        field(rule).push(String::from_utf8(text).expect("ASCII, as looked at"));
    }
}

// Requests.

/// One of the last rules gets to decide only if the request is made for it.
fn asked_of_some_rule(rules: &[Rule]) -> BoxedStrategy<(Asked, Vec<Bytes>, Vec<Bytes>)> {
    let values = |n: &usize| rules[*n].allowed_origins.len() + rules[*n].allowed_headers.len();
    let largest = (0..rules.len()).max_by_key(values).unwrap_or(0);
    let rules = rules.to_vec();
    prop_oneof![Just(rules.len() - 1), Just(largest), 0..rules.len()]
        .prop_flat_map(move |n| asked_about(&rules[n]))
        .boxed()
}

fn asked_about(rule: &Rule) -> BoxedStrategy<(Asked, Vec<Bytes>, Vec<Bytes>)> {
    let own = select(rule.allowed_methods.clone()).boxed();
    let method = prop_oneof![8 => own, 1 => one_of(METHODS)].prop_map(String::into_bytes);
    let lines = prop_oneof![20 => 1..=MOST_LINES, 1 => Just(MOST_LINES + 1)];
    let names = names(rule).prop_flat_map(|names| {
        let swapped: Vec<Bytes> = names.iter().map(|name| case_swapped(name)).collect();
        (Just(names), Just(swapped).prop_shuffle())
    });
    (origin(rule), method, weighted(0.8), names, lines)
        .prop_map(|(origin, method, preflight, (names, rewritten), lines)| {
            let (method, request_method) = if preflight {
                (b"OPTIONS".to_vec(), vec![method])
            } else {
                (method, Vec::new())
            };
            let asked = Asked {
                method,
                origin: vec![origin],
                request_method,
                request_headers: on_lines(&names, lines),
            };
            (asked, names, on_lines(&rewritten, lines))
        })
        .boxed()
}

fn case_swapped(name: &[u8]) -> Bytes {
    let swapped = |byte: &u8| match byte {
        b'a'..=b'z' => byte.to_ascii_uppercase(),
        _ => byte.to_ascii_lowercase(),
    };
    name.iter().map(swapped).collect()
}

fn origin(rule: &Rule) -> BoxedStrategy<Bytes> {
    let hit = hit(&rule.allowed_origins, &ORIGIN);
    let miss = (hit.clone(), miss(&ORIGIN)).prop_map(|(hit, miss)| miss.of(hit));
    prop_oneof![30 => hit, 10 => miss, 1 => Just(b"null".to_vec())].boxed()
}

/// All of them allowed, or all but one.
fn names(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
    if rule.allowed_headers.is_empty() {
        return Just(Vec::new()).boxed();
    }
    let name =
        (hit(&rule.allowed_headers, &NAME), select(CASES)).prop_map(|(name, case)| case(&name));
    let name = name.boxed();
    let count = prop_oneof![
        2 => 0..=3usize,
        3 => size(MOST_NAMES + 1),
        1 => size(MOST_VALUES),
    ];
    let names = count.prop_flat_map(move |count| vec(name.clone(), count));
    let miss = option::weighted(0.3, (any::<Index>(), miss(&NAME)));
    (names, miss)
        .prop_map(|(mut names, miss)| {
            if let (false, Some((at, miss))) = (names.is_empty(), miss) {
                let at = at.index(names.len());
                names[at] = miss.of(names[at].clone());
            }
            names
        })
        .boxed()
}

fn on_lines(names: &[Bytes], lines: usize) -> Vec<Bytes> {
    let on_one = names.len().div_ceil(lines).max(1);
    let lines = names.chunks(on_one);
    lines.map(|names| names.join(&b", "[..])).collect()
}

/// What a star may stand for, or how many bytes its two ends share.
#[derive(Clone, Debug)]
enum Filling {
    Text(Bytes),
    Overlap(usize),
}

/// A text that a value matches, or would if its ends could overlap.
fn hit(values: &[String], words: &'static Words) -> BoxedStrategy<Bytes> {
    let text = (select(words.stems), length()).prop_map(|(stem, length)| end(stem, length));
    let filling = prop_oneof![
        12 => text.prop_map(Filling::Text),
        1 => Just(Filling::Text(b"*".to_vec())),
        1 => (1..=3usize).prop_map(Filling::Overlap),
    ];
    (select(values.to_vec()), filling)
        .prop_map(|(value, filling)| match (value.split_once('*'), filling) {
            (None, _) => value.into_bytes(),
            (Some((before, after)), Filling::Text(text)) => {
                [before.as_bytes(), &text, after.as_bytes()].concat()
            }
            (Some((before, after)), Filling::Overlap(shared)) => {
                let after = after.get(shared..).unwrap_or_default();
                [before, after].concat().into_bytes()
            }
        })
        .boxed()
}

/// What makes a text another one.
#[derive(Clone, Debug)]
enum Miss {
    Damage(Damage),
    Last(u8),
    /// In one byte, the bit that is all of the way from `a` to `A`, and from
    /// `^` to `~`.
    CaseBit(Index),
}

fn miss(words: &'static Words) -> BoxedStrategy<Miss> {
    let letter = || (any::<Index>(), select(words.letters));
    let damage = prop_oneof![
        2 => letter().prop_map(|(at, letter)| Damage::Replace(at, letter)),
        1 => letter().prop_map(|(at, letter)| Damage::Insert(at, letter)),
        1 => any::<Index>().prop_map(Damage::Delete),
        1 => any::<Index>().prop_map(Damage::Truncate),
    ];
    prop_oneof![
        4 => damage.prop_map(Miss::Damage),
        1 => select(words.letters).prop_map(Miss::Last),
        3 => any::<Index>().prop_map(Miss::CaseBit),
    ]
    .boxed()
}

impl Miss {
    fn of(&self, mut text: Bytes) -> Bytes {
        match self {
            Miss::Damage(damage) => damage.apply(&mut text),
            Miss::Last(letter) => {
                text.pop();
                text.push(*letter);
            }
            Miss::CaseBit(at) => {
                let places = |of: fn(&u8) -> bool| -> Vec<usize> {
                    (0..text.len()).filter(|&at| of(&text[at])).collect()
                };
                // Symbols first: where letters do not matter, they do.
                let mut bytes = places(|byte| b"^~".contains(byte));
                if bytes.is_empty() {
                    bytes = places(u8::is_ascii_alphabetic);
                }
                if !bytes.is_empty() {
                    text[bytes[at.index(bytes.len())]] ^= 0x20;
                }
            }
        }
        text
    }
}
