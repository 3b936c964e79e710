//! Intents to custom resources and back: nothing is lost, and no object says more than its fields.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use std::path::{Path, PathBuf};

use ranform::custom_resources::{FILE, intents};
use ranform::display::diagnostics::{Style, text};
use ranform_compiler::{CompileOptions, Compiled, compile, network_json};
use ranform_grammar::ast::{Block, File, Noun};
use ranform_grammar::{parse, print};
use ranform_network::SourceId;
use ranform_network::diagnostic::has_errors;
use ranform_network::source::{MemoryWorld, Sources, World};
use ranform_targets::custom_resources::{Resource, objects, read, yaml};
use scene::*;
use serde_json::Value;

/// The kinds of nodes that have a kind of custom resource.
const NODES: [&str; 8] = ["gnb", "cu", "cu-cp", "cu-up", "du", "ru", "enb", "ap"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The objects of a text, which must be right.
#[track_caller]
fn resources(yaml: &str) -> Vec<Resource> {
    let mut sources = Sources::new();
    let id = sources.add("objects.yaml", yaml);
    let (resources, findings) = read(sources.get(id).unwrap());
    assert!(findings.is_empty(), "{}", text(&findings[..findings.len().min(5)], &sources, Style::Plain));
    resources
}

/// Whether the block is said by custom resources.
fn is_covered(block: &Block) -> bool {
    let says = |word: &str| block.header.iter().any(|value| value.is_word(word));
    match block.noun.value {
        Noun::Chunk | Noun::Service | Noun::Sla | Noun::Ric | Noun::Request => true,
        Noun::Node => NODES.iter().any(|kind| says(kind)),
        Noun::Table => block.statement("as").is_some_and(|line| {
            let of = |word: &str| line.values.iter().any(|value| value.is_word(word));
            of("cell") || of("radio") || of("port") || NODES.iter().any(|kind| of(kind))
        }),
        _ => false,
    }
}

/// A table of nodes of all kinds: the rows of those that have no kind of custom resource.
fn other_rows(table: &str) -> String {
    let at = table.lines().next().unwrap().split(',').position(|name| name == "Kind").unwrap();
    let keeps = |line: &&str| !NODES.contains(&line.split(',').nth(at).unwrap_or_default());
    table.lines().filter(keeps).map(|line| format!("{line}\n")).collect()
}

/// A project without what custom resources say of it.
fn rest(folder: &Path) -> MemoryWorld {
    let mut world = MemoryWorld::default();
    for (path, bytes) in files(folder) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        if name.starts_with("before/") || name.starts_with("artifacts/") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let kept = match path.extension().and_then(|extension| extension.to_str()) {
            Some("intent") => {
                let mut file: File = parse(SourceId(0), &text).file;
                file.blocks.retain(|block| !is_covered(block));
                print(&file)
            }
            Some("csv") if text.lines().next().is_some_and(|line| line.split(',').any(|name| name == "Kind")) => {
                other_rows(&text)
            }
            _ => text,
        };
        world = world.with(name, kept);
    }
    world
}

/// What a compiled network is, without the size of tables that are gone.
fn shown(compiled: &Compiled) -> Value {
    let mut network = network_json(&compiled.network);
    if let Some(Value::Object(populations)) = network.get_mut("populations") {
        populations.retain(|address, _| !address.starts_with("table."));
    }
    network
}

/// A compiled project comes back from its custom resources as it was.
fn comes_back(name: &str, compiled: &Compiled, rest: MemoryWorld, options: &CompileOptions) {
    let exported = objects(&compiled.network, "radio");
    if exported.is_empty() {
        return;
    }
    let resources = resources(&yaml(&exported));
    assert_eq!(resources.len(), exported.len(), "{name}");
    let files = intents(&resources).unwrap_or_else(|findings| panic!("{name}: {findings:?}"));
    let world = files.iter().fold(rest, |world, (path, text)| world.with(path, text));
    let back = compile(&world, options);
    let told = text(&back.diagnostics, &back.sources, Style::Plain);
    assert!(!has_errors(&back.diagnostics), "{name}: {told}\n{}", files[FILE]);
    let (was, is) = (shown(compiled), shown(&back));
    if was != is {
        let (was, is) = (format!("{was:#}"), format!("{is:#}"));
        let difference = similar::TextDiff::from_lines(was.as_str(), is.as_str());
        panic!("{name}:\n{}\n{}", difference.unified_diff().context_radius(4), files[FILE]);
    }
    assert_eq!(objects(&back.network, "radio"), exported, "{name}: exported again");
}

#[test]
fn every_golden_network_comes_back_from_its_custom_resources() {
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(root().join("golden")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut done = 0;
    for case in cases.iter().filter(|case| case.is_dir()) {
        let name = case.file_name().unwrap().to_str().unwrap();
        let folder = match std::fs::read_to_string(case.join("project")) {
            Ok(path) => case.join(path.trim()),
            Err(_) => case.clone(),
        };
        let said = |file: &str| std::fs::read_to_string(case.join(file)).ok();
        let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = CompileOptions {
            overlay: said("overlay").map(|name| name.trim().to_owned()),
            variables: said("parameters").unwrap_or_default().lines().filter_map(pair).collect(),
            ..CompileOptions::default()
        };
        let mut world = MemoryWorld::default();
        for (path, bytes) in files(&folder) {
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            if !name.starts_with("before/") && !name.starts_with("artifacts/") {
                world = world.with(name, bytes);
            }
        }
        let of_modules = world.intents("").unwrap().iter().any(|path| {
            let text = world.read(path).unwrap();
            text.windows(8).any(|window| window == b"\nmodule ")
        });
        let compiled = compile(&world, &options);
        if has_errors(&compiled.diagnostics) || of_modules {
            continue;
        }
        // Cases about text that is no text have no rest to speak of.
        comes_back(name, &compiled, rest(&folder), &options);
        done += 1;
    }
    assert!(done > 100, "golden networks are gone: {done}");
}
