//! A map from texts to the rules that list them.

use super::mask::RuleMask;
use crate::words::random_seed;

/// Texts, each with its rules, found by their hash: open addressing, walked slot by slot.
#[derive(Clone, Debug)]
pub(super) struct Table<M> {
    /// What the hashes are made with. It is random, so that no document can be written whose texts
    /// collide.
    seed: u64,
    /// All texts, one behind the other.
    text: Box<[u8]>,
    /// At most half full; a power of two.
    slots: Box<[Slot<M>]>,
}

/// Free if no rule is in it: no text is without one.
#[derive(Clone, Copy, Debug, Default)]
struct Slot<M> {
    /// The upper half of the hash: a wrong text is hardly ever looked at.
    tag: u32,
    /// Where its text stands.
    start: u32,
    end: u32,
    rules: M,
}

impl<M: RuleMask> Table<M> {
    /// No text may stand there twice, and each has a rule; `hash` is of a text and a seed.
    pub(super) fn new(rules: &[(&[u8], M)], hash: impl Fn(&[u8], u64) -> u64) -> Self {
        Self::with_seed(random_seed(), rules, hash)
    }

    fn with_seed(seed: u64, rules: &[(&[u8], M)], hash: impl Fn(&[u8], u64) -> u64) -> Self {
        let size = (rules.len() * 2).next_power_of_two();
        let mut text = Vec::with_capacity(rules.iter().map(|(text, _)| text.len()).sum());
        let mut slots = vec![Slot::<M>::default(); size];
        for (its_text, rules) in rules {
            let start = offset(text.len());
            text.extend_from_slice(its_text);
            let hash = hash(its_text, seed);
            let mut at = hash;
            // Half of them are free, so the walk ends.
            while let Some(slot) = slots.get_mut(within(at, size)) {
                if slot.rules.is_empty() {
                    *slot = Slot {
                        tag: tag(hash),
                        start,
                        end: offset(text.len()),
                        rules: *rules,
                    };
                    break;
                }
                at = at.wrapping_add(1);
            }
        }
        Self {
            seed,
            text: text.into(),
            slots: slots.into(),
        }
    }

    #[inline]
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The rules of the text that has this hash, made with [`seed`](Self::seed), and `is`, if there is
    /// one.
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

    /// Gives every text with its rules, in the order in which they were put in.
    pub(super) fn each(&self, mut give: impl FnMut(&[u8], M)) {
        let taken = self.slots.iter().filter(|slot| !slot.rules.is_empty());
        let mut taken: Vec<&Slot<M>> = taken.collect();
        // The empty text starts where the next one does.
        taken.sort_unstable_by_key(|slot| (slot.start, slot.end));
        for slot in taken {
            if let Some(text) = self.text.get(slot.start as usize..slot.end as usize) {
                give(text, slot.rules);
            }
        }
    }
}

/// A text of 4 GiB is beyond any document and any memory that matters.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
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
    use super::{Table, within};
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
            assert!(table.slots.len() >= 2 * size, "more than half full");
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

    /// Texts that share a slot under one seed are scattered under every other, whichever of their
    /// bytes tell them apart.
    #[test]
    fn texts_that_were_made_to_collide_do_so_under_one_seed() {
        for (prefix, suffix) in [("", ""), ("x-abc", ""), ("x-", "-longer-than-a-word")] {
            let texts = (0_u32..).map(|n| format!("{prefix}{n:03}{suffix}"));
            let in_one_slot = |text: &String| within(ToTheByte::hash(text.as_bytes(), 0), 256) == 0;
            let mut texts: Vec<String> = texts.filter(in_one_slot).take(129).collect();
            let absent = texts.pop().unwrap();
            let rules: Vec<(&[u8], u128)> = texts.iter().map(String::as_bytes).zip(1..).collect();
            let table = Table::with_seed(0, &rules, ToTheByte::hash);
            assert_eq!(longest_run(&table), 128);
            let is = |_: &[u8]| panic!("their tags tell them apart");
            let hash = ToTheByte::hash(absent.as_bytes(), 0);
            assert_eq!(table.get(hash, is), None);
            let runs = (0..100).map(|_| {
                let table = Table::new(&rules, ToTheByte::hash);
                for (text, its) in &rules {
                    assert_eq!(get(&table, text), Some(*its));
                }
                longest_run(&table)
            });
            assert!(runs.sum::<usize>() < 100 * 64);
        }
    }

    fn longest_run(table: &Table<u128>) -> usize {
        let runs = table.slots.split(|slot| slot.rules == 0);
        runs.map(<[_]>::len).max().unwrap_or_default()
    }
}
