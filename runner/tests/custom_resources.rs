//! Intents to custom resources and back: nothing is lost, and no object says more than its fields.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod generated;
mod scene;

use std::path::{Path, PathBuf};

use ranform::custom_resources::{FILE, intents};
use ranform::display::diagnostics::{self, Style, text};
use ranform::memory::Memory;
use ranform::pipeline::{self, Inputs};
use ranform_compiler::{CompileOptions, Compiled, compile, network_json};
use ranform_grammar::ast::{Block, File, Noun};
use ranform_grammar::{parse, print};
use ranform_network::SourceId;
use ranform_network::diagnostic::has_errors;
use ranform_network::source::{MemoryWorld, Sources, World};
use ranform_targets::custom_resources::{Resource, objects, read, yaml};
use scene::*;
use serde_json::{Value, json};

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

/// An overlay without what it changes of things that custom resources say: they say it as it was changed.
fn without_covered_sets(block: &mut Block) {
    let covered = |set: &Block| match set.header.first().map(|value| &value.value) {
        Some(ranform_grammar::ast::Value::Address(address)) => {
            let noun = address.segments.first().and_then(|segment| segment.noun.clone());
            noun.is_some_and(|noun| ["chunk", "service", "sla", "ric", "request"].contains(&noun.as_str()))
        }
        _ => false,
    };
    if let (Noun::Overlay, Some(body)) = (block.noun.value, &mut block.body) {
        body.items.retain(|item| !item.block().is_some_and(covered));
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
                file.blocks.iter_mut().for_each(without_covered_sets);
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
fn comes_back(name: &str, was_world: &MemoryWorld, compiled: &Compiled, rest: MemoryWorld, options: &CompileOptions) {
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
    // Solving hundreds of nodes twice shows nothing that tens of them do not.
    if compiled.network.nodes.len() <= 100 {
        assert_eq!(planned(&world, options), planned(was_world, options), "{name}: its plan");
    }
}

/// What a plan from nothing does, device by device, and what proves it.
fn planned(world: &MemoryWorld, options: &CompileOptions) -> Value {
    let memory = Memory::default();
    let inputs = Inputs::new(world, options, &memory);
    let planned = pipeline::plan(&inputs);
    let artifacts = planned.artifacts.iter().map(|one| (&one.device, &one.path, String::from_utf8_lossy(&one.bytes)));
    let changes =
        planned.changes.iter().map(|change| (&change.address, &change.after, &change.device_id, &change.owner));
    json!({
        "complete": planned.complete,
        "artifacts": artifacts.collect::<Vec<_>>(),
        "changes": changes.collect::<Vec<_>>(),
        "decisions": planned.decisions,
        "certificates": planned.certificates,
    })
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
        let refused = || has_errors(&ranform_compiler::check::run(&compiled.network));
        if has_errors(&compiled.diagnostics) || of_modules || refused() {
            continue;
        }
        // What selects nothing has no words but its selection; the server refuses such an object.
        let network = &compiled.network;
        let empty = network.chunks.as_slice().iter().any(|chunk| chunk.interfaces.is_empty())
            || network.slas.as_slice().iter().any(|sla| sla.interfaces.is_empty())
            || network.rics.as_slice().iter().any(|ric| ric.e2_nodes.is_empty() || ric.candidates.is_empty());
        if empty {
            continue;
        }
        comes_back(name, &world, &compiled, rest(&folder), &options);
        done += 1;
    }
    assert!(done > 60, "golden networks are gone: {done}");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_network_comes_back_from_its_custom_resources(seed in 0u64..u64::MAX) {
        let text = generated::network(seed);
        let world = MemoryWorld::default().with("main.intent", &text);
        let compiled = compile(&world, &CompileOptions::default());
        let told = diagnostics::text(&compiled.diagnostics, &compiled.sources, Style::Plain);
        assert!(!has_errors(&compiled.diagnostics), "seed {seed}: {told}");
        let mut file: File = parse(SourceId(0), &text).file;
        file.blocks.retain(|block| !is_covered(block));
        let rest = MemoryWorld::default().with("main.intent", print(&file));
        comes_back(&format!("seed {seed}"), &world, &compiled, rest, &CompileOptions::default());
    }
}

#[test]
fn things_of_modules_come_back_in_a_file_of_their_module() {
    let main = "language 1\ntenant red { plmn 001-01  slice 1 }\nmodule north from \"city\"\nmodule south from \"city\"\n\
                chunk all for red { cells }\nric r { serves e2-nodes  candidates compute-nodes }\nnode c : compute\n";
    let city = "node gnb-1 : gnb { plmn 001-01  gnb-id 411/22  cell nr-1 { band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz } }\n\
                chunk own for red { cells on node gnb-1 }\nservice data on own { vlan 5 }\n\
                sla fair { over cells on node gnb-1  share red 100%  guarantee red 5% on gnb-1/nr-1 }\n";
    let world = MemoryWorld::default().with("main.intent", main).with("city/city.intent", city);
    let compiled = compile(&world, &CompileOptions::default());
    assert!(!has_errors(&compiled.diagnostics), "{:?}", compiled.diagnostics);
    let rest = MemoryWorld::default()
        .with("main.intent", "language 1\ntenant red { plmn 001-01  slice 1 }\nnode c : compute\n");
    comes_back("modules", &world, &compiled, rest, &CompileOptions::default());
    let files = intents(&resources(&yaml(&objects(&compiled.network, "")))).unwrap();
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(paths, [FILE, "modules/north/custom-resources.intent", "modules/south/custom-resources.intent"]);
}

#[test]
fn the_commands_export_and_import_and_say_what_they_leave_out() {
    let folder = project("cosmo-testbed");
    let (code, out, err) = run(folder.path(), "export custom-resources -namespace=radio");
    assert_eq!(code, 0, "{err}");
    assert!(
        err.ends_with("note: 2 tenants, 1 site have no kind of custom resource and stay in the intents\n"),
        "{err}"
    );
    std::fs::write(folder.path().join("objects.yaml"), &out).unwrap();
    let text = ok(folder.path(), "import custom-resources objects.yaml");
    insta::assert_snapshot!("cosmo_testbed_objects", out);
    insta::assert_snapshot!("cosmo_testbed_intents", text);
    // As files, and once more without a word; a file that says something else is left alone.
    let taken = tempfile::TempDir::new().unwrap();
    let into = format!("import custom-resources objects.yaml -out={}", taken.path().display());
    ok(folder.path(), &into);
    ok(folder.path(), &into);
    assert_eq!(std::fs::read_to_string(taken.path().join(FILE)).unwrap(), text);
    append(taken.path(), FILE, "# mine");
    let said = fails(folder.path(), 1, &into);
    assert!(said.contains("RF903") && said.contains("says something else"), "{said}");
    // One JSON list says the same.
    let list: Value = serde_json::from_str(&ok(folder.path(), "export custom-resources -json")).unwrap();
    std::fs::write(folder.path().join("objects.json"), list.to_string()).unwrap();
    assert_eq!(ok(folder.path(), "import custom-resources objects.json"), text);
    let document: Value =
        serde_json::from_str(&ok(folder.path(), "import custom-resources objects.json -json")).unwrap();
    assert_eq!(document["files"][FILE], text);
    // What is wrong has a place, a code and help; two files with one thing are one too many.
    edit(folder.path(), "objects.yaml", "vlan: 101", "vlan: one");
    let said = fails(folder.path(), 1, "import custom-resources objects.yaml");
    assert!(said.contains("error[RF242]") && said.contains("objects.yaml:"), "{said}");
    let said = fails(folder.path(), 1, "import custom-resources objects.json objects.json");
    assert!(said.contains("error[RF243]"), "{said}");
    fails(folder.path(), 1, "import custom-resources absent.yaml");
    // The definitions are those of the repository.
    let shipped = std::fs::read_to_string(root().join("targets/kubernetes/crds.yaml")).unwrap();
    assert_eq!(ok(folder.path(), "export crds"), shipped);
}

/// A golden case of one file in a fresh folder.
fn golden(case: &str) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::copy(root().join("golden").join(case).join("main.intent"), folder.path().join("main.intent")).unwrap();
    folder
}

#[test]
fn the_status_of_requests_and_rics_says_what_the_plan_decides() {
    let folder = golden("warning-request-rejected");
    let statuses = || -> Value { serde_json::from_str(&ok(folder.path(), "export status -json")).unwrap() };
    let of = |all: &Value, kind: &str, name: &str| {
        let mut items = all["items"].as_array().unwrap().iter();
        items.find(|one| one["kind"] == kind && one["metadata"]["name"] == name).unwrap()["status"].clone()
    };
    let condition = |status: &Value, kind: &str| {
        status["conditions"].as_array().unwrap().iter().find(|one| one["type"] == kind).unwrap().clone()
    };
    ok(folder.path(), "apply -auto-approve");
    let all = statuses();
    for (name, why) in [("fast", "cannot be served in time"), ("tilting", "it lost to `request.storm-guard`")] {
        let status = of(&all, "ModelRequest", name);
        for kind in ["Applied", "Ready"] {
            let told = condition(&status, kind);
            assert_eq!((&told["status"], &told["reason"]), (&"False".into(), &"Rejected".into()), "{name}");
            assert!(told["message"].as_str().unwrap().contains(why), "{told}");
        }
        assert_eq!(status["decision"], "Rejected");
        assert!(status.get("hosts").is_none() && status.get("runsOn").is_none(), "{status}");
    }
    let served = of(&all, "ModelRequest", "storm-guard");
    assert_eq!(condition(&served, "Ready")["reason"], "AsIntended");
    assert_eq!(served["decision"], "Accepted");
    let hosts = served["hosts"].as_array().unwrap();
    let nodes: Vec<&Value> = hosts.iter().map(|host| &host["node"]).collect();
    assert_eq!(nodes, ["gnb-1", "gnb-2"]);
    for host in hosts {
        assert_eq!((&host["function"], &host["model"]), (&"storm-protection".into(), &"storm-v2".into()));
        assert!(served["runsOn"].as_str().unwrap().contains(host["host"].as_str().unwrap()), "{served}");
    }
    let ric = of(&all, "RicDeployment", "metro");
    let placement = ric["placement"].as_array().unwrap();
    let served = |component: &str| {
        let of = placement.iter().filter(|place| place["component"] == component);
        of.map(|place| place["e2Nodes"].as_u64().unwrap()).sum::<u64>()
    };
    for component in ["management", "e2t", "sdl", "nib", "steering", "guard", "log"] {
        assert_eq!(served(component), 3, "{component}: {placement:?}");
    }
    let line = ric["runsOn"].as_str().unwrap();
    assert!(placement.iter().all(|place| line.contains(place["node"].as_str().unwrap())), "{line}");
    // Without a plan nothing is said about places.
    append(folder.path(), "main.intent", "request broken { want nothing-known on gnb }");
    let all = statuses();
    let status = of(&all, "ModelRequest", "storm-guard");
    assert_eq!(condition(&status, "Ready")["reason"], "NoPlan");
    assert!(status.get("hosts").is_none() && status.get("decision").is_none(), "{status}");
    assert!(of(&all, "RicDeployment", "metro").get("placement").is_none());
}

#[test]
fn what_selects_nothing_is_left_out_and_named() {
    let folder = project("quickstart");
    append(folder.path(), "main.intent", "chunk nowhere for red { cells where pci = 900 }");
    let (code, out, err) = run(folder.path(), "export custom-resources");
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("left out `chunk.nowhere`: what selects nothing has no object"), "{err}");
    assert!(!out.contains("nowhere"), "{out}");
    let mut sources = Sources::new();
    let id = sources.add("objects.yaml", out);
    assert!(read(sources.get(id).unwrap()).1.is_empty());
}

/// What an object holds can never say more than its field.
#[test]
fn no_value_of_an_object_becomes_more_than_a_value() {
    let nasty = [
        "\" } node evil : gnb { plmn 001-01 } chunk x for \"y",
        "a\n}\nnode evil : gnb\n",
        "# gone",
        "\\\" }",
        "$parameter",
        "red 60%, blue",
    ];
    for text in nasty {
        let chunk = serde_json::json!({"apiVersion": "ranform.dev/v1alpha1", "kind": "Chunk", "metadata": {"name": text.replace('\n', " ")},
            "spec": {"tenant": text, "interfaces": [format!("node.{}/cell.c", serde_json::to_string(&text.replace(['"', '\\', '\n'], "")).unwrap())],
            "owner": text, "labels": {text: text}}});
        let resources = resources(&yaml(&[chunk]));
        let Ok(files) = intents(&resources) else { continue };
        let parsed = parse(SourceId(0), &files[FILE]);
        assert_eq!(parsed.file.blocks.len(), 1, "{}", files[FILE]);
        assert_eq!(
            parsed.file.blocks[0].after("for").and_then(|name| name.value.name()).map(|name| name.as_str()),
            Some(text)
        );
    }
}
