//! The committed files of the papers' settings are what their generator gives.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

mod support;

#[test]
fn the_papers_settings_are_as_generated() {
    let intents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents");
    for (path, text) in support::intents::files() {
        let committed = std::fs::read_to_string(intents.join(&path)).unwrap();
        assert!(
            committed == text,
            "{path} differs: `cargo run -p ranform-optimizers --example paper_intents` writes it"
        );
    }
}
