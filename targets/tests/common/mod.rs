//! Deployments at random, and a folder that plays a device.
#![allow(dead_code)]

pub mod ap;
pub mod example;
pub mod gnb;
pub mod software;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use ranform_network::deployment::*;
use ranform_network::network::{Management, Protocol};
use ranform_network::profile::{PROFILES, Profile};
use ranform_network::{Address, Artifact, ArtifactKind, Located};
use ranform_targets::*;

/// A deployment of one device named `node.device`.
pub fn deployment(profile: &str, protocol: Protocol, things: Vec<(Address, String, Resource)>) -> Deployment {
    let mut deployment = Deployment::default();
    let management = Management {
        protocol,
        endpoint: Located::new("device".into(), Default::default()),
        user: None,
        credential: None,
        host_key: None,
        a1: None,
        cluster: None,
    };
    let device = Device {
        profile: self::profile(profile),
        management: Some(management),
        name: "device".into(),
        capacity: Default::default(),
    };
    deployment.devices.insert(device_address(), device);
    for (address, device_id, resource) in things {
        let placed = Placed {
            resource,
            device: device_address(),
            device_id,
            span: Default::default(),
            tenant: None,
            owner: None,
        };
        deployment.placed.insert(address, placed);
    }
    deployment
}

pub fn profile(name: &str) -> Arc<Profile> {
    PROFILES[name].clone()
}

pub fn device_address() -> Address {
    Address::new("node", "device")
}

pub fn recorded(deployment: &Deployment) -> BTreeMap<Address, Recorded> {
    deployment.placed.iter().map(|(address, placed)| (address.clone(), placed.recorded())).collect()
}

pub fn resources(deployment: &Deployment) -> Resources {
    deployment.placed.iter().map(|(address, placed)| (address.clone(), placed.resource.clone())).collect()
}

/// The changes from one deployment to another.
pub fn changes(before: &Deployment, after: &Deployment) -> Vec<ranform_network::Change> {
    diff(&recorded(before), after, |_, _| Cause::Observation)
}

pub fn with_protocol(deployment: &Deployment, protocol: Protocol) -> Deployment {
    let mut deployment = deployment.clone();
    for device in deployment.devices.values_mut() {
        device.management.as_mut().unwrap().protocol = protocol;
    }
    deployment
}

/// A folder that plays the device.
pub type Folder = BTreeMap<String, Vec<u8>>;

pub fn documents(folder: &Folder) -> Vec<Document> {
    folder.iter().map(|(path, bytes)| Document { path: path.clone(), bytes: bytes.clone() }).collect()
}

pub fn play(folder: &mut Folder, artifacts: &[Artifact]) {
    for artifact in artifacts {
        match artifact.kind {
            ArtifactKind::Whole => {
                folder.insert(artifact.path.clone(), artifact.bytes.clone());
            }
            ArtifactKind::Removal => {
                folder.remove(&artifact.path);
            }
            // Commands at run time repeat what the whole documents say.
            ArtifactKind::Edit => {}
        }
    }
}

/// Renders the way from `before` to `after` onto `folder`; returns what undoes it.
pub fn apply(folder: &mut Folder, before: &Deployment, after: &Deployment) -> Vec<Artifact> {
    let changes = changes(before, after);
    let device = device_address();
    let mut both = after.clone();
    both.devices.extend(before.devices.clone());
    let profile = both.devices[&device].profile.clone();
    let present = documents(folder);
    let job = Job {
        deployment: &both,
        changes: &changes,
        device: &device,
        profile: &profile,
        present: &present,
        folder: None,
    };
    let artifacts = render(&job).unwrap_or_else(|error| panic!("{error}"));
    play(folder, &artifacts);
    let inverse = Inverse::new(&job);
    let now = documents(folder);
    render(&inverse.job(&job, &now)).unwrap_or_else(|error| panic!("{error}"))
}

pub fn read(folder: &Folder, profile: &Profile, known: &BTreeMap<Address, Recorded>) -> Reading {
    let query = Query { device: &device_address(), profile, known };
    find(&profile.target).unwrap().read(&documents(folder), &query).unwrap_or_else(|error| panic!("{error}"))
}

/// `read(render(x)) = x`, from knowledge in which every leaf that the device carries is wrong; then the way to `y`, and back.
pub fn round_trip(x: &Deployment, y: &Deployment, scramble: fn(&mut Resource)) {
    let empty = Deployment { devices: x.devices.clone(), ..Deployment::default() };
    let profile = x.devices[&device_address()].profile.clone();
    let mut folder = Folder::new();
    let undo_creation = apply(&mut folder, &empty, x);
    let mut known = recorded(x);
    for recorded in known.values_mut() {
        scramble(&mut recorded.resource);
    }
    let reading = read(&folder, &profile, &known);
    assert_eq!(reading.resources, resources(x), "{}", show(&folder));
    assert_eq!(reading.foreign, BTreeMap::new(), "{}", show(&folder));
    let first = folder.clone();
    let undo = apply(&mut folder, x, y);
    let reading = read(&folder, &profile, &recorded(y));
    assert_eq!(reading.resources, resources(y), "{}", show(&folder));
    assert_eq!(reading.foreign, BTreeMap::new(), "{}", show(&folder));
    play(&mut folder, &undo);
    assert_eq!(read(&folder, &profile, &recorded(x)).resources, resources(x));
    folder = first;
    play(&mut folder, &undo_creation);
    assert_eq!(read(&folder, &profile, &recorded(x)).resources, Resources::new(), "{}", show(&folder));
}

pub fn show(folder: &Folder) -> String {
    folder.iter().map(|(path, bytes)| format!("--- {path}\n{}", String::from_utf8_lossy(bytes))).collect()
}

/// A name of a tenant, each once.
pub fn names(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["blue", "green", "red", "zinc"], 0..=most)
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}
