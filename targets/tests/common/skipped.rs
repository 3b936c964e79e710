//! How a test says that it, or a part of it, did not run.
#![allow(dead_code)]

use std::io::Write;

/// Says what did not run, and why. Written past the test harness, which keeps `println!` of tests that pass to itself;
/// `scripts/test` counts these lines and lists them at its end.
pub fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}
