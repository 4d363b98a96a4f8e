//! A map from texts to the rules that list them.

use super::mask::RuleMask;

/// Texts, each with its rules, found by their hash: open addressing, walked slot by slot.
#[derive(Clone, Debug)]
pub(super) struct Table<M> {
    /// What the hashes are to be made with.
    seed: u64,
    /// All texts, one behind the other.
    text: Box<[u8]>,
    /// At most half full; a power of two.
    slots: Box<[Slot<M>]>,
}

/// Free if no rule is in it.
#[derive(Clone, Copy, Debug, Default)]
struct Slot<M> {
    /// The upper half of the hash: a wrong text is hardly ever looked at.
    tag: u32,
    /// Where its text stands.
    start: u32,
    end: u32,
    rules: M,
}

/// How far a look-up may walk. In an honest set the farthest is less; the texts of one that was
/// made to collide do so under one seed, not under the next.
const LONGEST_WALK: usize = 32;

/// How many seeds are tried.
const SEEDS: u64 = 16;

impl<M: RuleMask> Table<M> {
    /// No text may stand there twice, and each has a rule; `hash` is of a text and a seed.
    pub(super) fn new(rules: &[(&[u8], M)], hash: impl Fn(&[u8], u64) -> u64) -> Self {
        let mut text = Vec::with_capacity(rules.iter().map(|(text, _)| text.len()).sum());
        let entries: Vec<Slot<M>> = rules
            .iter()
            .map(|(its_text, rules)| {
                let start = offset(text.len());
                text.extend_from_slice(its_text);
                Slot {
                    tag: 0,
                    start,
                    end: offset(text.len()),
                    rules: *rules,
                }
            })
            .collect();
        let mut seed = 0;
        let slots = loop {
            let hashes = rules.iter().map(|(text, _)| hash(text, seed));
            let (slots, longest_walk) = scatter(&entries, hashes);
            if longest_walk <= LONGEST_WALK || seed == SEEDS {
                break slots;
            }
            seed += 1;
        };
        Self {
            seed,
            text: text.into(),
            slots,
        }
    }

    #[inline]
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The rules of the text that has this hash and `is`, if there is one.
    #[inline]
    pub(super) fn get(&self, hash: u64, is: impl Fn(&[u8]) -> bool) -> Option<M> {
        let mut at = hash;
        loop {
            let slot = self.slots.get(within(at, self.slots.len()))?;
            if slot.rules.is_empty() {
                return None;
            }
            if slot.tag == tag(hash) {
                let text = self.text.get(slot.start as usize..slot.end as usize);
                if text.is_some_and(&is) {
                    return Some(slot.rules);
                }
            }
            at = at.wrapping_add(1);
        }
    }
}

/// A text of 4 GiB is beyond any document and any memory that matters.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Puts each entry into the first free slot from its hash's own on, and says how far the farthest
/// had to walk.
fn scatter<M: RuleMask>(
    entries: &[Slot<M>],
    hashes: impl Iterator<Item = u64>,
) -> (Box<[Slot<M>]>, usize) {
    let size = (entries.len() * 2).next_power_of_two();
    let mut slots = vec![Slot::<M>::default(); size];
    let mut longest_walk = 0;
    for (entry, hash) in entries.iter().zip(hashes) {
        for walked in 0..size {
            // Half of them are free.
            let slot = slots.get_mut(within(hash.wrapping_add(walked as u64), size));
            if let Some(slot) = slot.filter(|slot| slot.rules.is_empty()) {
                *slot = Slot {
                    tag: tag(hash),
                    ..*entry
                };
                longest_walk = longest_walk.max(walked);
                break;
            }
        }
    }
    (slots.into(), longest_walk)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower bits are what is wanted"
)]
fn within(slot: u64, slots: usize) -> usize {
    slot as usize & (slots - 1)
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_WALK, Table, within};
    use crate::matcher::same::{Same, ToTheByte};

    fn get(table: &Table<u128>, text: &[u8]) -> Option<u128> {
        table.get(ToTheByte::hash(text, table.seed()), |key| key == text)
    }

    /// Texts of every length around a word.
    #[test]
    fn gives_what_was_put_in_and_nothing_else() {
        for size in (1..40).chain([100, 1_000]) {
            let texts: Vec<String> = (0..size)
                .map(|n| format!("{n}{}", "a".repeat(n % 23)))
                .collect();
            let rules: Vec<(&[u8], u128)> = texts.iter().map(String::as_bytes).zip(1..).collect();
            let table = Table::new(&rules, ToTheByte::hash);
            for (text, its) in &rules {
                assert_eq!(get(&table, text), Some(*its));
                for near in [&text[1..], &[*text, b"a"].concat()] {
                    let near_its = rules.iter().find(|(text, _)| *text == near);
                    assert_eq!(get(&table, near), near_its.map(|(_, its)| *its));
                }
            }
            assert_eq!(get(&table, b"no"), None);
        }
    }

    /// The keys of one slot would be walked one by one: another seed scatters them.
    #[test]
    fn keys_that_were_made_to_collide_do_not() {
        let texts = (0_u32..).map(|n| n.to_string());
        let in_one_slot = |text: &String| within(ToTheByte::hash(text.as_bytes(), 0), 256) == 0;
        let texts: Vec<String> = texts.filter(in_one_slot).take(128).collect();
        let rules: Vec<(&[u8], u128)> = texts.iter().map(String::as_bytes).zip(1..).collect();
        let table = Table::new(&rules, ToTheByte::hash);
        for (text, its) in &rules {
            assert_eq!(get(&table, text), Some(*its));
        }
        let runs = table.slots.split(|slot| slot.rules == 0);
        let longest_run = runs.map(<[_]>::len).max();
        assert!(
            longest_run.is_some_and(|run| run <= LONGEST_WALK),
            "{longest_run:?}"
        );
    }
}
