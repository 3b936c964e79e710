//! Writes the tables and texts of `intents/rico-512` and `intents/orchestran` that come from a seed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for developers")]

use std::path::Path;

#[path = "../tests/support/mod.rs"]
mod support;

fn main() {
    let intents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents");
    for (path, text) in support::intents::files() {
        std::fs::write(intents.join(&path), text).unwrap();
        println!("intents/{path}");
    }
}
