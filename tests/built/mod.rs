//! An example, built for a test that runs it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Cargo says where it stands, and builds it if need be: `cargo test --test NAME` alone does not.
pub fn example(name: &str, features: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name])
        .args(["--features", features])
        .args(["--message-format", "json", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let messages = String::from_utf8(output.stdout).unwrap();
    let executable = |line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    };
    let built = messages.lines().find_map(executable);
    built.expect("cargo builds the example")
}
