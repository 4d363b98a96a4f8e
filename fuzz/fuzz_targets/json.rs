//! Any bytes, read as JSON.

#![no_main]

use bucket_cors_fuzz::document::{self, Form};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| document::read(text, Form::Json));
