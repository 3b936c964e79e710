//! A `moved` line is a rename and nothing else, of software too: no pod starts anew, nothing is deleted or created, now and
//! with the next real change, and after the line is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use ranform::display::diagnostics;
use ranform::memory::Memory;
use ranform::pipeline::{self, Inputs, Planned};
use ranform::plan::bundle;
use ranform_network::Address;
use ranform_network::deployment::{Action, Resource};
use ranform_network::source::MemoryWorld;
use ranform_targets::Document;
use ranform_targets::kubernetes::values;
use scene::*;
use serde_json::Value;
use tempfile::TempDir;

/// What is renamed: its noun, and what stands above it.
const THINGS: [(&str, Option<usize>); 11] = [
    ("ric", None),
    ("xapp", Some(0)),
    ("xapp", Some(0)),
    ("node", None),
    ("node", None),
    ("node", None),
    ("node", None),
    ("model", None),
    ("model", None),
    ("request", None),
    ("request", None),
];

/// Names to choose from, by noun; those that are no labels are quoted wherever they stand.
fn pool(noun: &str) -> &'static [&'static str] {
    match noun {
        "ric" => &["metro", "city", "5g", "Big RIC"],
        "xapp" => &["steering", "qos", "guide", "an xApp", "zz"],
        "node" => &["gnb-1", "gnb-2", "edge", "cloud", "a-gnb", "middle", "zone", "Rack 7/A"],
        "model" => &["forecast", "storm", "a-model", "Storm V2"],
        _ => &["outlook", "watch", "a-request", "My request"],
    }
}

/// The present names of the things, as indices of their pools.
type Names = [usize; 11];

const FIRST: Names = [0, 0, 1, 0, 1, 2, 3, 0, 1, 0, 1];

fn name(names: &Names, thing: usize) -> &'static str {
    pool(THINGS[thing].0)[names[thing]]
}

fn address(names: &Names, thing: usize) -> Address {
    let (noun, above) = THINGS[thing];
    match above {
        Some(above) => address(names, above).child(noun, name(names, thing)),
        None => Address::new(noun, name(names, thing)),
    }
}

/// As it is written after its noun.
fn word(names: &Names, thing: usize) -> String {
    address(names, thing).last().1.to_owned()
}

/// The project under these names, its images of a version; how a compute node is reached is given.
fn intents(names: &Names, version: &str, manage: impl Fn(&str) -> String) -> String {
    let [ric, first, second, gnb_1, gnb_2, edge, cloud, forecast, storm, outlook, watch] =
        std::array::from_fn(|thing| word(names, thing));
    let (at_edge, at_cloud) = (manage("worker-1"), manage("worker-2"));
    format!(
        r#"node {gnb_1} : gnb {{ gnb-id 411/22  plmn 001-01  manage directory "devices/gnb-1" }}
node {gnb_2} : gnb {{ gnb-id 412/22  plmn 001-01  manage directory "devices/gnb-2" }}
node {edge} : compute {{
  capacity cpu 16, memory 64GB, storage 100GB  cost fixed 10, management 4, e2t 4, sdl 2, nib 2, xapp 1
  e2 "10.0.1.1:36421"  {at_edge}
}}
node {cloud} : compute {{
  capacity cpu 64, memory 256GB, storage 1TB  cost fixed 30, management 16, e2t 16, sdl 8, nib 8, xapp 4
  e2 "10.0.9.1:36421"  {at_cloud}
}}
link {gnb_1} -- {edge} {{ latency 1ms  rate 10Gbps }}
link {gnb_2} -- {edge} {{ latency 1ms  rate 10Gbps }}
link {edge} -- {cloud} {{ latency 4ms  rate 100Gbps }}
ric {ric} {{
  serves e2-nodes
  candidates compute-nodes
  profile osc
  component management {{ demand cpu 2, memory 8GB  image "registry.example/e2mgr:{version}" }}
  component e2t {{ demand cpu 1, memory 2GB  image "registry.example/e2term:{version}" }}
  component sdl {{ demand cpu 0.5, memory 4GB, storage 10GB  image "registry.example/dbaas:{version}" }}
  xapp {second} {{ demand cpu 1, memory 1GB  image "registry.example/b:{version}"  version "{version}" }}
  xapp {first} {{ demand cpu 1, memory 2GB  loop 10ms  chain {second}  image "registry.example/a:{version}"  version "{version}" }}
}}
model {forecast} {{
  offers load-forecast performance 90%  input metrics 100B  demand cpu 1, memory 1GB  runs 1ms on compute
  image "registry.example/forecast:{version}"  version "{version}"  connector none
}}
model {storm} {{
  offers storm-watch performance 90%  input metrics 100B  demand cpu 1, memory 1GB  runs 1ms on compute
  image "registry.example/storm:{version}"  version "{version}"  connector none
}}
request {outlook} {{ want load-forecast on gnb  within 1s  value 5 }}
request {watch} {{ want storm-watch on gnb  within 1s  value 5  sharing no }}
"#
    )
}

fn of_cluster(node: &str) -> String {
    format!("manage kubernetes config env KUBECONFIG context \"metro\" node \"{node}\"")
}

/// The `moved` lines from one step's names to the next one's, the later names first: their order says nothing.
fn moved(from: &Names, to: &Names) -> String {
    let changed = (0..THINGS.len()).rev().filter(|thing| from[*thing] != to[*thing]);
    // What stands above is renamed by its own line.
    let old = |thing: usize| {
        let mut old = *to;
        old[thing] = from[thing];
        address(&old, thing)
    };
    changed.map(|thing| format!("moved {} -> {}\n", old(thing), address(to, thing))).collect()
}

fn plan(memory: &Memory, text: &str) -> (Planned, Memory) {
    let (planned, after) = try_plan(memory, text);
    let told = diagnostics::text(&planned.diagnostics, &planned.sources, diagnostics::Style::Plain);
    assert!(planned.complete, "{text}\n{told}");
    (planned, after)
}

fn try_plan(memory: &Memory, text: &str) -> (Planned, Memory) {
    let world = MemoryWorld::default().with("main.intent", format!("language 1\n{text}"));
    let compile = Default::default();
    let inputs = Inputs::new(&world, &compile, memory);
    let planned = pipeline::plan(&inputs);
    let after = memory.after(&bundle(&planned, &inputs));
    (planned, after)
}

/// Workloads by namespace and name, without the annotation that says an address.
fn workloads(planned: &Planned) -> BTreeMap<String, Value> {
    let texts = planned.artifacts.iter().filter(|artifact| artifact.path.ends_with(".yaml"));
    let mut found = BTreeMap::new();
    for text in texts {
        for mut object in values(&Document { path: text.path.clone(), bytes: text.bytes.clone() }).unwrap() {
            if object["kind"] == "Deployment" || object["kind"] == "StatefulSet" {
                object["metadata"]["annotations"] = Value::Null;
                let name = format!("{}/{}", object["metadata"]["namespace"], object["metadata"]["name"]);
                found.insert(name, object);
            }
        }
    }
    found
}

/// Renames some of the things to names that nothing has.
fn next(names: &Names, choices: &[(bool, usize)]) -> Names {
    let mut next = *names;
    for (thing, (renames, choice)) in choices.iter().enumerate().filter(|(_, (renames, _))| *renames) {
        let noun = THINGS[thing].0;
        let used = |index: &usize| {
            (0..THINGS.len()).any(|other| THINGS[other].0 == noun && (names[other] == *index || next[other] == *index))
        };
        let free: Vec<usize> = (0..pool(noun).len()).filter(|index| !used(index)).collect();
        let _ = renames;
        if let Some(index) = free.get(choice % free.len().max(1)) {
            next[thing] = *index;
        }
    }
    next
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 24, ..ProptestConfig::default() })]

    /// However often and to whatever names things are renamed: nothing changes, what devices were told is understood, and
    /// the next real change makes the same pods of it as if nothing had been renamed.
    #[test]
    fn renames_of_all_kinds_change_no_pod(
        steps in prop::collection::vec(prop::collection::vec((any::<bool>(), 0usize..8), 11), 1..4),
    ) {
        let (first, mut memory) = plan(&Memory::default(), &intents(&FIRST, "1.0.0", of_cluster));
        prop_assert_eq!(first.deployment.placed.len(), 9, "two base stations, five parts of a RIC, two models");
        let (unmoved, _) = plan(&memory, &intents(&FIRST, "2.0.0", of_cluster));
        // What each thing was told, by its id and that of its device, which no rename changes.
        let told: BTreeMap<(String, String), Resource> = told(&memory);
        let mut names = FIRST;
        for step in steps {
            let to = next(&names, &step);
            let text = intents(&to, "1.0.0", of_cluster);
            let (renamed, after) = plan(&memory, &(moved(&names, &to) + &text));
            prop_assert_eq!(&renamed.changes, &[], "{}", moved(&names, &to));
            prop_assert!(renamed.artifacts.is_empty());
            memory = after;
            for record in memory.records.values() {
                let known = &record.recorded;
                let device = told[&(place(&known.resource), known.device_id.clone())].clone();
                prop_assert_eq!(device.today(&known.former, &known.resource), known.resource.clone());
            }
            let (again, _) = plan(&memory, &text);
            prop_assert!(again.changes.is_empty() && again.renamed.is_empty(), "the lines may go");
            names = to;
        }
        let (changed, after) = plan(&memory, &intents(&names, "2.0.0", of_cluster));
        prop_assert!(changed.changes.iter().all(|change| change.action == Action::Update));
        prop_assert_eq!(workloads(&changed), workloads(&unmoved));
        prop_assert!(after.records.values().all(|record| record.recorded.former.is_empty() || record.recorded.resource.cluster().is_none()));
        let addresses: Vec<String> = changed.changes.iter().map(|change| format!("ranform.dev/address: {}", change.address)).collect();
        let texts: Vec<String> = changed.artifacts.iter().map(|one| String::from_utf8(one.bytes.clone()).unwrap()).collect();
        for address in addresses {
            let quoted = address.replace(": ", ": '") + "'";
            prop_assert!(texts.iter().any(|text| text.contains(&address) || text.contains(&quoted)), "{address}");
        }
    }
}

/// Where a thing is on its device, whatever the intents call that.
fn place(resource: &Resource) -> String {
    resource.cluster().map_or_else(|| format!("{:?}", resource.leaves().get("node.id")), |place| place.node.clone())
}

fn told(memory: &Memory) -> BTreeMap<(String, String), Resource> {
    let of = |known: &ranform_network::deployment::Recorded| {
        ((place(&known.resource), known.device_id.clone()), known.resource.clone())
    };
    memory.records.values().map(|record| of(&record.recorded)).collect()
}

#[test]
fn a_node_whose_models_another_machine_runs_is_renamed_with_them() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/kubernetes-hosted/main.intent");
    let text = std::fs::read_to_string(case).unwrap().replace("\nlanguage 1\n", "\n");
    let (first, memory) = plan(&Memory::default(), &text);
    assert!(first.deployment.placed.keys().any(|address| address.as_str().contains("/hosted.du-1/")));
    let names = [("du-1", "a-du"), ("site-host", "plant"), ("mcs-choice", "choice"), ("tilt-choice", "a-tilt")];
    let renamed = names.iter().fold(text, |text, (from, to)| text.replace(from, to));
    let renamed = renamed.replace("devices/a-du", "devices/du-1");
    let lines = "moved node.du-1 -> node.a-du\nmoved node.site-host -> node.plant\n\
                 moved model.mcs-choice -> model.choice\nmoved model.tilt-choice -> model.a-tilt\n";
    let (moved, memory) = plan(&memory, &(lines.to_owned() + &renamed));
    assert_eq!(moved.changes, []);
    let (again, _) = plan(&memory, &renamed);
    assert!(again.changes.is_empty() && again.renamed.is_empty());
    let (changed, _) = plan(&memory, &renamed.replace("tilt:1.0", "tilt:1.1"));
    assert!(changed.changes.iter().all(|change| change.action == Action::Update) && !changed.changes.is_empty());
}

#[test]
fn a_node_that_the_cluster_calls_as_the_intents_do_is_renamed_by_naming_it() {
    let unnamed = |node: &str| match node {
        "worker-2" => "manage kubernetes config env KUBECONFIG context \"metro\"".to_owned(),
        node => of_cluster(node),
    };
    let named = |node: &str| match node {
        "worker-2" => unnamed(node) + " node \"cloud\"",
        node => of_cluster(node),
    };
    let (_, memory) = plan(&Memory::default(), &intents(&FIRST, "1.0.0", unnamed));
    // Without a name of its own it has to be called as a node of a cluster can be.
    let plain = |text: String| text.replace("\"Rack 7/A\"", "rack-7");
    let lines = plain(moved(&FIRST, &OTHERS));
    let (refused, _) = try_plan(&memory, &(lines.clone() + &plain(intents(&OTHERS, "1.0.0", unnamed))));
    let told = diagnostics::text(&refused.diagnostics, &refused.sources, diagnostics::Style::Plain);
    assert!(told.contains("RF719") && told.contains("write its name: `node \"cloud\"`"), "{told}");
    let text = plain(intents(&OTHERS, "1.0.0", named));
    let (renamed, memory) = plan(&memory, &(lines + &text));
    assert!(renamed.changes.is_empty() && !renamed.renamed.is_empty());
    let (again, _) = plan(&memory, &text);
    assert!(again.changes.is_empty() && again.renamed.is_empty());
}

/// A project whose clusters are folders, applied under its first names.
fn played() -> TempDir {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &FIRST, "1.0.0", "");
    ok(folder.path(), "apply -auto-approve");
    folder
}

fn write(folder: &Path, names: &Names, version: &str, moved: &str) {
    let by_folder = |node: &str| {
        let profile = if node == "worker-1" { "profile kubernetes  " } else { "" };
        format!("{profile}manage directory \"devices/{node}\"")
    };
    let text = format!("language 1\n{moved}{}", intents(names, version, by_folder));
    std::fs::write(folder.join("main.intent"), text).unwrap();
}

/// Other names of everything.
const OTHERS: Names = [1, 2, 3, 4, 5, 6, 7, 2, 3, 2, 3];

#[test]
fn what_devices_were_told_is_no_drift_and_what_others_change_of_it_is() {
    let folder = played();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    write(folder, &OTHERS, "1.0.0", &moved(&FIRST, &OTHERS));
    // Read before the rename is applied, and after.
    for _ in 0..2 {
        assert!(ok(folder, "plan -refresh").contains("No changes."));
        ok(folder, "apply -auto-approve");
        assert_eq!(files(&folder.join("devices")), before, "a rename writes nothing");
        assert!(ok(folder, "drift").contains("No drift."));
    }
    write(folder, &OTHERS, "1.0.0", "");
    assert!(ok(folder, "plan -refresh -detailed-exitcode").contains("No changes."));
    let config = std::fs::read_dir(folder.join("devices/worker-1/ric-metro")).unwrap();
    let config = config.map(|entry| entry.unwrap().path()).find(|path| path.to_string_lossy().contains("steering"));
    let config = config.unwrap();
    let name = config.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    edit(folder, &name, "\"budget_ns\": 10000000", "\"budget_ns\": 20000000");
    let (code, told, _) = run(folder, "drift");
    assert_eq!(code, 6, "{told}");
    assert!(told.contains("ric.city/guide.") && told.contains("budget_ns"), "{told}");
    assert!(!told.contains("e2_nodes"), "only what was changed: {told}");
}

#[test]
fn a_change_after_a_rename_tells_todays_names_and_rollback_gives_back_what_there_was() {
    let folder = played();
    let folder = folder.path();
    write(folder, &OTHERS, "1.0.0", &moved(&FIRST, &OTHERS));
    ok(folder, "apply -auto-approve");
    write(folder, &OTHERS, "2.0.0", "");
    let plan = ok(folder, "plan");
    assert!(plan.contains("0 to add") && plan.contains("0 to destroy"), "{plan}");
    ok(folder, "apply -auto-approve");
    let all = |folder: &Path| {
        let texts = files(&folder.join("devices")).into_iter();
        texts.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect::<Vec<_>>().concat()
    };
    let text = all(folder);
    for (old, new) in [("ric.metro", "ric.city"), ("node.gnb-1", "node.a-gnb"), ("model.forecast", "model.a-model")] {
        assert!(text.contains(new) && !text.contains(old), "{old}");
    }
    assert!(ok(folder, "drift").contains("No drift."));
    // To after the rename, and to before it: what state holds and what devices say agree at each serial.
    for (serial, names) in [(2, OTHERS), (1, FIRST)] {
        ok(folder, &format!("rollback -to {serial} -auto-approve"));
        assert!(ok(folder, "drift").contains("No drift."), "{serial}");
        write(folder, &names, "1.0.0", "");
        let plan = ok(folder, "plan -refresh");
        assert!(plan.contains("No changes."), "{serial}: {plan}");
    }
    // And again from there.
    write(folder, &OTHERS, "2.0.0", &moved(&FIRST, &OTHERS));
    let plan = ok(folder, "plan");
    assert!(plan.contains("0 to add") && plan.contains("0 to destroy"), "{plan}");
    ok(folder, "apply -auto-approve");
    assert!(ok(folder, "drift").contains("No drift."));
    std::fs::write(folder.join("main.intent"), "language 1\nlimit { deletions 100% }\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(files(&folder.join("devices")).is_empty(), "nothing is left behind");
}
