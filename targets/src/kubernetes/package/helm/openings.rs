//! What the environments of one chart have otherwise beyond what an operator may change: versions that follow images, and
//! amounts that each plan decided.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Environment;
use super::roles::in_words;
use crate::kubernetes::names::{INSTANCE, VERSION, image_version, tag};
use crate::kubernetes::objects::{CONFIG, CONFIG_DIGEST};
use crate::kubernetes::osc::{self, DESCRIPTOR};
use crate::kubernetes::{Shown, pod};

/// The replicas of a workload, as a leaf.
pub(super) const REPLICAS: &str = "replicas";
/// The address by which E2 nodes find an E2 termination, as a leaf of its configuration.
pub(super) const ENDPOINT: &str = "endpoint";

/// A decided leaf: what it is called, where it stands, what it says.
pub(super) type Leaf = (String, Vec<String>, Value);

/// What is opened in the templates of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Openings {
    /// The instances whose version is that of their image everywhere.
    pub versions: BTreeSet<String>,
    /// The leaves that are not the same everywhere, by instance and name, with all that they are.
    pub decided: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
}

/// What the environments take.
pub(super) fn openings(environments: &[&Environment]) -> Openings {
    let mut openings = Openings::default();
    let all: BTreeMap<&str, Vec<&Value>> = by_instance(environments);
    for (instance, objects) in &all {
        if objects.iter().all(|object| version_follows(object, objects)) {
            openings.versions.insert((*instance).to_owned());
        }
    }
    let mut known: BTreeMap<(&str, String), Vec<Value>> = BTreeMap::new();
    for (instance, objects) in &all {
        for (leaf, _, value) in objects.iter().flat_map(|object| leaves(object)) {
            let values = known.entry((*instance, leaf)).or_default();
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    let names = environments.first().map_or(&[][..], |first| &first.names);
    for ((instance, leaf), values) in known.into_iter().filter(|(_, values)| values.len() > 1) {
        openings.decided.entry(in_words(instance, names)).or_default().insert(leaf, values);
    }
    openings
}

/// The objects of each instance in all environments.
fn by_instance<'a>(environments: &[&'a Environment]) -> BTreeMap<&'a str, Vec<&'a Value>> {
    let mut all: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for (instance, object) in environments.iter().flat_map(|one| one.instances()) {
        all.entry(instance).or_default().push(object);
    }
    all
}

/// The image of the function of the environment that an object is of: that of the workload that follows it.
fn image_of<'a>(object: &Value, objects: &[&'a Value]) -> Option<&'a str> {
    let at = objects.iter().position(|one| std::ptr::eq(*one, object))?;
    objects[at..].iter().find_map(|one| main_image(one))
}

/// The image of the function of a workload.
pub(super) fn main_image(object: &Value) -> Option<&str> {
    let containers = object.pointer("/spec/template/spec/containers")?.as_array()?;
    containers.iter().find(|one| one["name"] == pod::CONTAINER)?.get("image")?.as_str()
}

/// Whether what an object says of its version is what the image says.
fn version_follows(object: &Value, objects: &[&Value]) -> bool {
    let Some(image) = image_of(object, objects) else { return true };
    let label = Shown::of(object).label(VERSION);
    let file = |name: &str| file(object, name).and_then(|file| file.get("version")?.as_str().map(str::to_owned));
    label == image_version(image)
        && file(CONFIG).is_none_or(|version| Some(version.as_str()) == tag(image))
        && file(DESCRIPTOR).is_none_or(|version| version == osc::release(image))
}

/// A file of a ConfigMap that is JSON.
pub(super) fn file(object: &Value, name: &str) -> Option<Value> {
    serde_json::from_str(object.get("data")?.get(name)?.as_str()?).ok()
}

/// The leaves of an object that plans decide and no structure depends on.
pub(super) fn leaves(object: &Value) -> Vec<Leaf> {
    let shown = Shown::of(object);
    match shown.kind {
        "Deployment" | "StatefulSet" => of_workload(object),
        "ConfigMap" => file(object, CONFIG)
            .and_then(|file| Some((ENDPOINT.to_owned(), Vec::new(), file.get(ENDPOINT)?.clone())))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn of_workload(object: &Value) -> Vec<Leaf> {
    let single = [
        (REPLICAS, "/spec/replicas".to_owned()),
        ("strategy", "/spec/strategy".to_owned()),
        ("storage", "/spec/volumeClaimTemplates/0/spec/resources/requests/storage".to_owned()),
        ("configDigest", format!("/spec/template/metadata/annotations/{}", CONFIG_DIGEST.replace('/', "~1"))),
    ];
    let found = single.into_iter().filter_map(|(name, at)| {
        let value = object.pointer(&at)?.clone();
        Some((name.to_owned(), vec![at], value))
    });
    let mut leaves: Vec<Leaf> = found.collect();
    let containers = object.pointer("/spec/template/spec/containers").and_then(Value::as_array);
    for (at, container) in containers.into_iter().flatten().enumerate() {
        let resources = |of: &str| container.pointer(&format!("/resources/{of}")).and_then(Value::as_object);
        let (requests, limits) = (resources("requests"), resources("limits"));
        // What is asked for and what is allowed are one amount.
        for (resource, amount) in requests.into_iter().flatten().filter(|_| requests == limits) {
            let own = container["name"] == pod::CONTAINER;
            let name = container["name"].as_str().unwrap_or_default();
            let name = if own { resource.clone() } else { format!("{name}.{resource}") };
            let place = |of: &str| {
                format!("/spec/template/spec/containers/{at}/resources/{of}/{}", resource.replace('/', "~1"))
            };
            leaves.push((name, vec![place("requests"), place("limits")], amount.clone()));
        }
    }
    leaves
}

/// The instance that an object is of.
pub(super) fn instance(object: &Value) -> Option<&str> {
    Shown::of(object).label(INSTANCE)
}
