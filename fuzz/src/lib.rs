//! What the targets share. The laws, the reference and the counting allocator are those of the
//! crate's tests.

#[path = "../../tests/counting/mod.rs"]
pub mod counting;
pub mod document;
pub mod found;
#[path = "../../tests/laws/law.rs"]
pub mod law;
#[path = "../../tests/laws/reference.rs"]
pub mod reference;
pub mod second;
pub mod wire;

/// No byte below 0x20 or above 0x7E (semantics 6.5).
pub fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..=0x7E).contains(&byte))
}
