//! The allocator of the binary: the system's, with a count of what is held.
//!
//! Everything that Rust allocates passes here (Polars and Arrow too); DuckDB's C++ does not: its
//! share is its `memory_limit`. A process that does not install it counts nothing.
#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Counts what passes through, and passes it on to the system's allocator.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: barline::run::CountingAllocator = barline::run::CountingAllocator;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CountingAllocator;

/// Bytes held now, and the most that was seen.
static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// The peak is looked at when at least so much is asked for at once, and whenever it is read: small
/// steps between two looks are not worth a second write.
const LOOKED_AT: usize = 16 * 1024;

/// Bytes that Rust holds now; 0 where the allocator is not installed.
pub fn allocated_bytes() -> u64 {
    HELD.load(Ordering::Relaxed) as u64
}

/// The most that was held; `None` where the allocator is not installed.
pub(super) fn allocated_peak_bytes() -> Option<u64> {
    let peak = PEAK.fetch_max(HELD.load(Ordering::Relaxed), Ordering::Relaxed);
    let peak = peak.max(HELD.load(Ordering::Relaxed)) as u64;
    (peak > 0).then_some(peak)
}

/// Gives what the system's allocator keeps of blocks that were given back to the kernel, so that it does
/// not stand beside what comes next. Does nothing where that allocator has no such call.
pub(super) fn let_go() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: glibc's own declaration: `int malloc_trim(size_t pad)`.
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> i32;
        }
        // SAFETY: glibc guarantees that it may be called at any time, from any thread.
        unsafe {
            malloc_trim(0);
        }
    }
}

fn taken(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    if bytes >= LOOKED_AT {
        PEAK.fetch_max(held, Ordering::Relaxed);
    }
}

fn given_back(bytes: usize) {
    HELD.fetch_sub(bytes, Ordering::Relaxed);
}

// SAFETY: every call goes to `System` with the arguments it came with and returns what it returns;
// counting neither allocates nor panics (no arithmetic here is checked: atomics wrap).
unsafe impl GlobalAlloc for CountingAllocator {
    // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`, which is `System`'s.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            taken(layout.size());
        }
        block
    }

    // SAFETY: as for `alloc`.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            taken(layout.size());
        }
        block
    }

    // SAFETY: the caller gives a block of this allocator, which is one of `System`, and its layout.
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) };
        given_back(layout.size());
    }

    // SAFETY: as for `dealloc`, and `size` is not zero.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        let moved = unsafe { System.realloc(block, layout, size) };
        if !moved.is_null() {
            taken(size);
            given_back(layout.size());
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::{GlobalAlloc, Layout};

    use super::{CountingAllocator, allocated_bytes, allocated_peak_bytes};

    #[test]
    fn what_is_taken_is_counted_and_what_is_given_back_is_not() {
        let (small, large) = (1 << 20, 3 << 20);
        let layout = Layout::from_size_align(small, 8).expect("a layout");
        let before = allocated_bytes();
        // SAFETY: the layout is not empty, and every block is given back with the size it has.
        unsafe {
            let block = CountingAllocator.alloc_zeroed(layout);
            assert!(!block.is_null());
            assert_eq!(allocated_bytes() - before, small as u64);
            let block = CountingAllocator.realloc(block, layout, large);
            assert!(!block.is_null());
            assert_eq!(allocated_bytes() - before, large as u64);
            assert_eq!(*block, 0);
            CountingAllocator.dealloc(block, Layout::from_size_align(large, 8).expect("a layout"));
        }
        assert_eq!(allocated_bytes(), before);
        assert!(allocated_peak_bytes() >= Some(before + large as u64));
    }
}
