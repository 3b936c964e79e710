//! What a device may answer: the first line of the input names a profile and a path, the rest is the document there.
//! The reader of that profile ends, never panics, and rendering over what was read does not either.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ranform_compiler::{CompileOptions, compile};
use ranform_network::answers::Decisions;
use ranform_network::deployment::{Cause, Recorded, diff};
use ranform_network::network::NodeKind;
use ranform_network::profile::{PROFILES, Profile};
use ranform_network::source::MemoryWorld;
use ranform_network::{Address, Change, Deployment};
use ranform_targets::{Document, Job, Query, find, render};

/// The testbed, with a switch and a near-RT RIC.
static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(|| {
    let testbed = include_str!("../../intents/cosmo-testbed/main.intent");
    let switch = "node sw-1 : switch { site plaza  manage directory \"devices/sw-1\"  port p1 { rate 1Gbps  interface \"eth1\" } }\n";
    let ric = "node ric-1 : near-rt-ric { profile a1-2  manage directory \"devices/ric-1\" }\npolicy gold { for tenant red  at most 64 ues }\n";
    let world = MemoryWorld::default().with("main.intent", format!("{testbed}{switch}{ric}"));
    Deployment::new(&compile(&world, &CompileOptions::default()).network, &Decisions::default(), &BTreeMap::new())
});

/// The node that can have this profile.
fn device(profile: &Profile) -> Address {
    let nodes =
        [(NodeKind::Gnb, "gnb-1"), (NodeKind::Enb, "enb-1"), (NodeKind::Ap, "ap-1"), (NodeKind::NearRtRic, "ric-1")];
    let name = nodes.iter().find(|(kind, _)| profile.kinds.contains(kind)).map_or("sw-1", |(_, name)| *name);
    Address::new("node", name)
}

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(first) = std::str::from_utf8(&data[..end]) else { return };
    let Some((name, path)) = first.split_once(' ') else { return };
    let Some(profile) = PROFILES.get(name) else { return };
    let Some(target) = find(&profile.target) else { return };
    let deployment = &*DEPLOYMENT;
    let device = device(profile);
    let known: BTreeMap<Address, Recorded> =
        deployment.placed.iter().map(|(address, placed)| (address.clone(), placed.recorded())).collect();
    let documents = [Document { path: path.to_owned(), bytes: data[end + 1..].to_vec() }];
    let query = Query { device: &device, profile, known: &known };
    if target.read(&documents, &query).is_err() {
        return;
    }
    let changes: Vec<Change> = diff(&BTreeMap::new(), deployment, |_, _| Cause::Observation)
        .into_iter()
        .filter(|change| deployment.placed.get(&change.address).is_some_and(|placed| placed.device == device))
        .collect();
    let job = Job { deployment, changes: &changes, device: &device, profile, present: &documents, folder: None };
    let _ = render(&job);
});
