//! Any bytes: the reader of intents ends, never panics, and every finding has a place in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform_network::SourceId;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = ranform_grammar::decode("fuzz.intent", bytes) else { return };
    for finding in ranform_grammar::parse(SourceId(0), &text).diagnostics {
        let span = finding.span.expect("a finding about a text has a place");
        assert!(text.get(span.start as usize..span.end as usize).is_some());
    }
});
