//! Any bytes: the reader of intents ends, never panics, every finding has a place in the text, and what is read without
//! the rules of the grammar is what they give.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform_network::SourceId;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = ranform_grammar::decode("fuzz.intent", bytes) else { return };
    let parsed = ranform_grammar::parse(SourceId(0), &text);
    assert_eq!(parsed, ranform_grammar::parse_by_rules(SourceId(0), &text));
    for finding in parsed.diagnostics {
        let span = finding.span.expect("a finding about a text has a place");
        assert!(text.get(span.start as usize..span.end as usize).is_some());
    }
});
