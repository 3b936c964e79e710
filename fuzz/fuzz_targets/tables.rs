//! Tables of any bytes compile without a panic: the first byte chooses CSV, JSON or YAML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform_compiler::{CompileOptions, compile};
use ranform_network::source::MemoryWorld;

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let file = ["t.csv", "t.json", "t.yaml"][usize::from(*first) % 3];
    let main = format!("table sites from \"{file}\" {{ key \"a\"  column region \"b\"  column tier \"c\" }}");
    let world = MemoryWorld::default().with("main.intent", main).with(file, bytes);
    compile(&world, &CompileOptions::default());
});
