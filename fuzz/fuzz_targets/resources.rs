//! Custom resources of any text are read, and what is accepted becomes intents that parse: one block for each object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform::custom_resources::intents;
use ranform_network::source::Sources;
use ranform_targets::custom_resources::read;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::new();
    let id = sources.add("x.yaml", text);
    let Some(source) = sources.get(id) else { return };
    let (resources, _) = read(source);
    let Ok(files) = intents(&resources) else { return };
    let blocks = files.values().map(|text| {
        let parsed = ranform_grammar::parse(Default::default(), text);
        assert!(parsed.diagnostics.is_empty(), "{text}");
        parsed.file.blocks.iter().filter(|block| block.noun.value.as_str() != "module").count()
    });
    assert_eq!(blocks.sum::<usize>(), resources.len());
});
