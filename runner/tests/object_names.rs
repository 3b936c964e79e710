//! Names of the objects of a cluster over drawn RICs and models: no two things of one cluster have one, and names that
//! state knows stay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use ranform::display::diagnostics;
use ranform::memory::Memory;
use ranform::pipeline::{self, Inputs, Planned};
use ranform::plan::bundle;
use ranform_network::deployment::object_name;
use ranform_network::source::MemoryWorld;
use ranform_network::{Address, ArtifactKind};
use ranform_targets::Document;
use ranform_targets::kubernetes::{Shown, values};

const NODES: [&str; 4] = ["c", "b-c", "rmr-c", "all"];
const XAPPS: [&str; 6] = ["a", "a-b", "e2term", "e2term-rmr", "steering", "b"];
const MODELS: [&str; 6] = ["a", "a-b", "steering", "deny", "metro-a", "metro-e2t"];

/// The node of each xApp and whether each model is asked for, the way of the cluster, and whether the RIC is an O-RAN SC one.
#[derive(Clone, Debug)]
struct Drawn {
    xapps: [Option<usize>; 6],
    models: [bool; 6],
    alone: bool,
    component: usize,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let xapps = prop::array::uniform6(prop::option::weighted(0.8, 0..NODES.len()));
    let all = (xapps, prop::array::uniform6(any::<bool>()), any::<bool>(), 0..NODES.len());
    all.prop_map(|(xapps, models, alone, component)| Drawn { xapps, models, alone, component })
}

impl Drawn {
    fn intents(&self, osc: bool, folders: bool) -> String {
        let mut text = "language 1\nlimit { deletions 100 }\nnode gnb-1 : gnb { gnb-id 411/22  plmn 001-01  manage directory \"devices/gnb-1\" }\n".to_owned();
        for node in NODES {
            let manage = match folders {
                true => format!("profile kubernetes  manage directory \"deploy/{node}\""),
                false => "manage kubernetes context \"metro\"".to_owned(),
            };
            text += &format!(
                "node {node} : compute {{ capacity cpu 20  {manage} }}\nlink gnb-1 -- {node} {{ latency 1ms  rate 10Gbps }}\n"
            );
        }
        let image = |name: &str| format!("image \"registry.example/{name}:1.0\"");
        text += "ric metro {\n serves e2-nodes\n candidates compute-nodes\n";
        text += if osc { " profile osc\n" } else { "" };
        for component in ["management", "e2t", "sdl", "nib"].into_iter().filter(|one| !osc || *one != "nib") {
            let node = NODES[self.component];
            text += &format!(
                " component {component} {{ demand cpu 0.1  {} }}\n pin {component} on {node}\n",
                image(component)
            );
        }
        for (name, node) in XAPPS.iter().zip(self.xapps).filter_map(|(name, node)| Some((name, node?))) {
            let node = NODES[node];
            text += &format!(
                " xapp {name} {{ demand cpu 0.1  version \"1.0\"  {} }}\n pin {name} on {node}\n",
                image(name)
            );
        }
        text += "}\n";
        let sharing = if self.alone { "no" } else { "yes" };
        for (name, _) in MODELS.iter().zip(self.models).filter(|(_, asked)| *asked) {
            text += &format!(
                "model {name} {{ offers f-{name} performance 90%  input metrics 100B  demand cpu 0.1  runs 1ms on compute  connector none  version \"1.0\"  {} }}\nrequest {name} {{ want f-{name} on gnb  within 1s  value 5  sharing {sharing} }}\n",
                image(name)
            );
        }
        text
    }
}

fn plan(memory: &Memory, text: &str) -> (Planned, Memory) {
    let world = MemoryWorld::default().with("main.intent", text);
    let compile = Default::default();
    let inputs = Inputs::new(&world, &compile, memory);
    let planned = pipeline::plan(&inputs);
    let told = diagnostics::text(&planned.diagnostics, &planned.sources, diagnostics::Style::Plain);
    assert!(planned.complete, "{text}\n{told}");
    let after = memory.after(&bundle(&planned, &inputs));
    (planned, after)
}

/// The files of all devices.
type Files = BTreeMap<(Address, String), Vec<u8>>;

fn apply(files: &mut Files, planned: &Planned) {
    for artifact in &planned.artifacts {
        let at = (artifact.device.clone(), artifact.path.clone());
        match artifact.kind {
            ArtifactKind::Removal => drop(files.remove(&at)),
            _ => drop(files.insert(at, artifact.bytes.clone())),
        }
    }
}

/// Every object of an instance, by kind, namespace and name; those that instances share have files of their own.
fn assert_distinct(files: &Files, text: &str) {
    let mut names = BTreeSet::new();
    for ((_, path), bytes) in files.iter().filter(|((_, path), _)| path.contains('/') && path.ends_with(".yaml")) {
        for object in values(&Document { path: path.clone(), bytes: bytes.clone() }).unwrap() {
            let shown = Shown::of(&object);
            assert_ne!((shown.kind, shown.name), ("NetworkPolicy", "deny-all"), "{text}");
            let name = (shown.kind.to_owned(), shown.namespace.map(str::to_owned), shown.name.to_owned());
            assert!(names.insert(name.clone()), "{name:?} is there twice\n{text}");
        }
    }
}

fn names(planned: &Planned) -> BTreeMap<Address, String> {
    let placed = planned.deployment.placed.iter();
    placed.filter_map(|(at, one)| Some((at.clone(), object_name(&one.resource, &one.device_id)?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_is_used_twice_and_what_is_known_keeps_its_own(
        first in drawn(), second in drawn(), osc in any::<bool>(), folders in any::<bool>(),
    ) {
        let mut files = Files::new();
        let text = first.intents(osc, folders);
        let (before, memory) = plan(&Memory::default(), &text);
        apply(&mut files, &before);
        assert_distinct(&files, &text);
        let again = plan(&memory, &text).0;
        prop_assert!(again.changes.is_empty(), "a second plan of\n{text}");

        let text = second.intents(osc, folders);
        let (after, memory) = plan(&memory, &text);
        apply(&mut files, &after);
        assert_distinct(&files, &text);
        let (old, new) = (names(&before), names(&after));
        for (address, name) in &new {
            prop_assert!(old.get(address).is_none_or(|old| old == name), "{address} is {name} now\n{text}");
        }
        prop_assert!(plan(&memory, &text).0.changes.is_empty(), "a second plan of\n{text}");
    }
}
