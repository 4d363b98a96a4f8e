//! An allocator that counts, for whoever has to see what is allocated.

#![allow(dead_code, reason = "not all of it is used everywhere")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

struct Counting;

thread_local! {
    /// Of this thread, since tests run beside each other.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Freed bytes are taken off, wherever they were allocated: only differences mean anything.
    static BYTES: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(allocated: usize, freed: usize) {
    ALLOCATIONS.with(|count| count.set(count.get() + usize::from(allocated > 0)));
    BYTES.with(|bytes| {
        let now = bytes.get().wrapping_add_unsigned(allocated);
        bytes.set(now.wrapping_sub_unsigned(freed));
        PEAK.with(|peak| peak.set(peak.get().max(bytes.get())));
    });
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Where it moves, both are there for a moment.
        count(size, 0);
        count(0, layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often memory was asked for.
pub fn allocations<T>(run: impl FnOnce() -> T) -> usize {
    let before = ALLOCATIONS.get();
    let result = run();
    let after = ALLOCATIONS.get();
    drop(black_box(result));
    after - before
}

/// The bytes that the result holds on to.
pub fn kept<T>(run: impl FnOnce() -> T) -> usize {
    let before = BYTES.get();
    let result = run();
    let after = BYTES.get();
    drop(black_box(result));
    after.saturating_sub(before).cast_unsigned()
}

/// The result, and the most bytes that were in use at one time to come by it.
pub fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.get();
    PEAK.set(before);
    let result = run();
    (result, (PEAK.get() - before).cast_unsigned())
}
