//! Any bytes for a request: what it costs is bounded, in steps, allocations and bytes.

#![no_main]

use bucket_cors_fuzz::wire;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|request: &[u8]| wire::decide(request));
