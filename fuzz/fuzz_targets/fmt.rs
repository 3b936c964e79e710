//! Any text that is read without a finding: what is printed says the same, and printing it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform_network::SourceId;

fuzz_target!(|text: &str| {
    let parsed = ranform_grammar::parse(SourceId(0), text);
    if !parsed.diagnostics.is_empty() {
        return;
    }
    let printed = ranform_grammar::print(&parsed.file);
    let again = ranform_grammar::parse(SourceId(0), &printed);
    assert!(again.diagnostics.is_empty(), "{printed}");
    assert_eq!(ranform_grammar::print(&again.file), printed);
    assert_eq!(again.file.plain(), parsed.file.plain());
});
