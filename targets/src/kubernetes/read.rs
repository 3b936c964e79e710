//! From objects of a cluster back to resources. What can be read from the workload itself is; the rest is in the
//! ConfigMap; what others changed of anything else is named.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{Amounts, ClusterPlace, Resource, UpdateStrategy, is_huge_pages};
use ranform_network::profile::Profile;
use serde_json::{Map, Value, json};

use super::compare::altered;
use super::managers::{Holder, holders};
use super::names::{ADDRESS, INSTANCE, MANAGED_BY, MANAGER, PART_OF, amount};
use super::objects::{CONFIG, HOSTNAME, Instance, lends, namespaces, priority_class, thousandths};
use super::pod::{CONNECTOR, CONTAINER, tolerated};
use super::{Shown, object_name, values};
use crate::target::*;

/// The objects of a cluster that concern a device.
pub struct Objects {
    all: Vec<Value>,
}

impl Objects {
    pub fn new(documents: &[Document]) -> Result<Self, ReadError> {
        let mut all = Vec::new();
        for document in documents {
            all.extend(values(document)?);
        }
        Ok(Self { all })
    }

    /// The object of this kind and name, in this namespace where it is in one.
    fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&Value> {
        self.all.iter().find(|object| {
            let shown = Shown::of(object);
            shown.kind == kind && shown.name == name && (namespace.is_none() || shown.namespace == namespace)
        })
    }

    /// The workloads and ConfigMaps of instances, by namespace and name.
    fn instances(&self) -> BTreeMap<(String, String), Found<'_>> {
        let mut found: BTreeMap<(String, String), Found<'_>> = BTreeMap::new();
        for object in &self.all {
            let shown = Shown::of(object);
            let ours = shown.label(MANAGED_BY) == Some(MANAGER) && shown.label(INSTANCE) == Some(shown.name);
            let Some(namespace) = shown.namespace.filter(|_| ours) else { continue };
            let entry = || (namespace.to_owned(), shown.name.to_owned());
            match shown.kind {
                "Deployment" | "StatefulSet" => found.entry(entry()).or_default().workload = Some(object),
                "ConfigMap" => found.entry(entry()).or_default().config = Some(object),
                _ => {}
            }
        }
        found
    }
}

/// The two objects that tell an instance.
#[derive(Clone, Copy, Debug, Default)]
struct Found<'a> {
    workload: Option<&'a Value>,
    config: Option<&'a Value>,
}

/// What the objects say, under the addresses of what is known.
pub fn read(objects: &Objects, query: &Query) -> Reading {
    let mut known: BTreeMap<(String, String), (&Address, Thing<'_>)> = BTreeMap::new();
    for (address, thing) in query.things() {
        let Some(name) = object_name(thing.resource, thing.device_id) else { continue };
        let Some(place) = thing.resource.cluster() else { continue };
        known.insert((place.namespace.clone(), name), (address, thing));
    }
    let mut reading = Reading::default();
    let mut firsts: BTreeMap<String, Address> = BTreeMap::new();
    let instances = objects.instances();
    // Where others copy an object of ours, the copy says our address as well.
    let there: BTreeSet<Address> = known
        .iter()
        .filter(|(at, _)| instances.contains_key(*at))
        .map(|(_, (address, _))| (*address).clone())
        .collect();
    for ((space, name), found) in instances {
        let recorded = known.get(&(space.clone(), name.clone())).copied();
        let Some(mut resource) = resource(found, recorded.map(|(_, thing)| thing.resource), query.profile, &space)
        else {
            continue;
        };
        let annotated = || {
            let object = found.workload.or(found.config)?;
            let said = object.pointer("/metadata/annotations")?.get(ADDRESS)?.as_str().map(Address::from_text);
            said.filter(|address| !there.contains(address))
        };
        let Some(address) = recorded.map(|(address, _)| address.clone()).or_else(annotated) else { continue };
        let deviations =
            deviations(objects, &address, query, (&resource, recorded.map(|(_, thing)| thing.resource)), &name);
        let hands = hands(found, &resource, recorded.map(|(_, thing)| thing.resource), &deviations);
        if !hands.is_empty() {
            reading.set_by.insert(address.clone(), hands);
        }
        if let Some(place) = resource.cluster_mut() {
            place.altered = deviations.into_iter().map(|deviation| deviation.words).collect();
        }
        let id = recorded.map_or(name.as_str(), |(_, thing)| thing.device_id);
        reading.device_ids.insert(address.clone(), id.to_owned());
        for space in resource.cluster().into_iter().flat_map(ClusterPlace::namespaces) {
            firsts.entry(space.to_owned()).or_insert_with(|| address.clone());
        }
        reading.resources.insert(address, resource);
    }
    // What all instances of a namespace share is told at the first of them.
    for (space, first) in firsts {
        let Some(resource) = reading.resources.get(&first) else { continue };
        let files = resource.cluster().map(|place| namespaces(resource, place)).unwrap_or_default();
        let shared = files.iter().filter(|(name, _)| *name == space).flat_map(|(_, file)| missing(objects, file));
        let shared: Vec<Deviation> = shared.collect();
        let hands = altered_by(resource, &shared);
        if !hands.is_empty() {
            let all = reading.set_by.entry(first.clone()).or_default();
            all.extend(hands);
            all.sort();
            all.dedup();
        }
        if let Some(place) = reading.resources.get_mut(&first).and_then(Resource::cluster_mut) {
            place.altered.extend(shared.into_iter().map(|deviation| deviation.words));
        }
    }
    reading
}

/// Something that is not as it follows from the resource.
#[derive(Clone, Debug, PartialEq)]
struct Deviation {
    words: String,
    /// Who else holds it.
    holders: BTreeSet<Holder>,
}

/// Who else set leaves of an instance: those that its workload tells, those that its ConfigMap tells, and what is altered.
fn hands(found: Found<'_>, resource: &Resource, known: Option<&Resource>, deviations: &[Deviation]) -> Vec<SetBy> {
    let mut hands = altered_by(resource, deviations);
    let leaves: BTreeSet<String> =
        [Some(resource), known].into_iter().flatten().flat_map(|one| one.leaves().into_keys()).collect();
    let main = format!("spec.template.spec.containers[{CONTAINER}]");
    for leaf in leaves {
        let name = leaf.split_once('.').map_or(leaf.as_str(), |(_, name)| name);
        let (object, path) = match name {
            "cluster.replicas" => (found.workload, "spec.replicas".to_owned()),
            "cluster.update" => (found.workload, "spec.strategy".to_owned()),
            "cluster.node" => (found.workload, "spec.template.spec.affinity".to_owned()),
            "cluster.tolerations" => (found.workload, "spec.template.spec.tolerations".to_owned()),
            "image" => (found.workload, format!("{main}.image")),
            "demand.storage" => (found.workload, "spec.volumeClaimTemplates".to_owned()),
            name if name.starts_with("demand.") => (found.workload, format!("{main}.resources.requests")),
            name if name.starts_with("cluster.") => continue,
            _ => (found.config, format!("data.{CONFIG}")),
        };
        let holders = object.map(|object| holders(object, &path)).unwrap_or_default();
        hands.extend(holders.into_iter().map(|holder| set_by(leaf.clone(), holder)));
    }
    hands.sort();
    hands
}

/// Who altered an instance beside its leaves.
fn altered_by(resource: &Resource, deviations: &[Deviation]) -> Vec<SetBy> {
    let holders: BTreeSet<Holder> = deviations.iter().flat_map(|deviation| deviation.holders.clone()).collect();
    holders.into_iter().map(|holder| set_by(format!("{}.cluster.altered", resource.kind()), holder)).collect()
}

fn set_by(leaf: String, holder: Holder) -> SetBy {
    SetBy { leaf, manager: holder.manager, at: holder.at }
}

/// What is not as it follows from the resource that was read. An image that others set is told as such: what else says it,
/// in labels and descriptors, is expected as known. A disruption budget is that of the pods that are there, or of those that
/// are known: one who scales leaves it as it is.
fn deviations(
    objects: &Objects,
    address: &Address,
    query: &Query,
    (resource, known): (&Resource, Option<&Resource>),
    name: &str,
) -> Vec<Deviation> {
    let Some(place) = resource.cluster() else { return Vec::new() };
    let pods = known.and_then(Resource::cluster).map_or(place.replicas, |place| place.replicas);
    let with = |image: Option<&str>| {
        let said = with_image(resource, image);
        let instance = Instance { address, profile: query.profile, resource: &said, place, name };
        let budget = |replicas: u32| {
            let place = ClusterPlace { replicas, ..place.clone() };
            [Instance { place: &place, ..instance }.budget()]
        };
        let mut expected = instance.objects();
        expected.retain(|object| Shown::of(object).kind != "PodDisruptionBudget");
        if let Some(image) = super::objects::image(resource) {
            expected.iter_mut().filter_map(container_mut).for_each(|container| container["image"] = image.into());
        }
        expected.push(priority_class(resource));
        let mut deviations = missing(objects, &expected);
        // That of one pod stops no drain, however many there are.
        if [place.replicas, pods, 1].iter().all(|pods| !missing(objects, &budget(*pods)).is_empty()) {
            deviations.extend(missing(objects, &budget(pods)));
        }
        deviations
    };
    let deviations = with(known.and_then(super::objects::image));
    // Where more of it is as the image that is there has it, another plan was applied.
    let other = if deviations.is_empty() { Vec::new() } else { with(None) };
    if other.len() < deviations.len() { other } else { deviations }
}

/// The same with another image, where it has one.
fn with_image(resource: &Resource, image: Option<&str>) -> Resource {
    let mut resource = resource.clone();
    let place = match &mut resource {
        Resource::RicInstance(one) => Some(&mut one.image),
        Resource::ModelInstance(one) => Some(&mut one.image),
        _ => None,
    };
    if let (Some(place), Some(image)) = (place, image) {
        *place = Some(image.to_owned());
    }
    resource
}

/// How what is said of an object ends that is not there.
const GONE: &str = " is gone";

/// Whether what is said of an object that others altered is that it is not there.
pub fn is_gone(words: &str) -> bool {
    words.ends_with(GONE)
}

/// Which of the expected objects are not there or say something else.
fn missing(objects: &Objects, expected: &[Value]) -> Vec<Deviation> {
    let mut deviations = Vec::new();
    for ours in expected {
        let shown = Shown::of(ours);
        match objects.find(shown.kind, shown.namespace, shown.name) {
            // What others made and lend is used as it is.
            Some(live) if lends(ours, live) => {}
            None => deviations
                .push(Deviation { words: format!("{} `{}`{GONE}", shown.kind, shown.name), holders: BTreeSet::new() }),
            Some(live) => deviations.extend(altered(ours, live).into_iter().map(|path| Deviation {
                words: format!("{} `{}` {path}", shown.kind, shown.name),
                holders: holders(live, &path),
            })),
        }
    }
    deviations
}

/// The resource that an instance's objects tell; what is known fills in for one of the two that is gone, and for a
/// configuration that says no such thing.
fn resource(found: Found<'_>, known: Option<&Resource>, profile: &Profile, namespace: &str) -> Option<Resource> {
    let of_known = || match known.map(super::objects::config)? {
        Value::Object(members) => Some(members),
        _ => None,
    };
    let told = config(found).and_then(|members| told(members, found, known, profile, namespace));
    let told = told.filter(|told| known.is_none_or(|known| known.kind() == told.kind()));
    told.or_else(|| self::told(of_known()?, found, known, profile, namespace))
}

/// The resource with these members of its configuration.
fn told(
    mut members: Map<String, Value>,
    found: Found<'_>,
    known: Option<&Resource>,
    profile: &Profile,
    namespace: &str,
) -> Option<Resource> {
    members.remove("image");
    let place = match found.workload {
        Some(workload) => {
            if let Some(image) = container(workload).and_then(|container| container.get("image")) {
                members.insert("image".to_owned(), image.clone());
            }
            members.insert("demand".to_owned(), json!(demand(workload, profile)));
            let called = known.and_then(Resource::cluster).and_then(|place| place.called.clone());
            ClusterPlace { called, ..place(workload, namespace) }
        }
        None => {
            let known = known?;
            members.insert("demand".to_owned(), json!(known.demand()));
            if let Some(image) = super::objects::image(known) {
                members.insert("image".to_owned(), image.into());
            }
            known.cluster()?.clone()
        }
    };
    members.insert("cluster".to_owned(), json!(place));
    serde_json::from_value(Value::Object(members)).ok()
}

fn config(found: Found<'_>) -> Option<Map<String, Value>> {
    let text = found.config?.get("data")?.get(CONFIG)?.as_str()?;
    match serde_json::from_str(text).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn containers(workload: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let containers = workload.pointer("/spec/template/spec/containers").and_then(Value::as_array);
    containers.into_iter().flatten().filter_map(|container| Some((container.get("name")?.as_str()?, container)))
}

fn container(workload: &Value) -> Option<&Value> {
    containers(workload).find(|(name, _)| *name == CONTAINER).map(|(_, container)| container)
}

/// The same, to be set.
fn container_mut(workload: &mut Value) -> Option<&mut Value> {
    let containers = workload.pointer_mut("/spec/template/spec/containers")?.as_array_mut()?;
    containers.iter_mut().find(|container| container["name"] == CONTAINER)
}

/// Requests of the function and its connectors together, and what is claimed, by the names of the language.
fn demand(workload: &Value, profile: &Profile) -> Amounts {
    let mut sums: BTreeMap<String, u128> = BTreeMap::new();
    let ours = containers(workload).filter(|(name, _)| *name == CONTAINER || name.starts_with(CONNECTOR));
    let requests = ours.filter_map(|(_, container)| container.pointer("/resources/requests")?.as_object());
    for (name, quantity) in requests.flatten() {
        if let Some(amount) = quantity.as_str().and_then(amount) {
            *sums.entry(name_of(profile, name)).or_default() += thousandths(amount);
        }
    }
    let mut demand: Amounts = sums.into_iter().map(|(name, sum)| (name, sum as f64 / 1000.0)).collect();
    let claimed = workload.pointer("/spec/volumeClaimTemplates/0/spec/resources/requests/storage");
    if let Some(amount) = claimed.and_then(Value::as_str).and_then(amount) {
        demand.insert("storage".to_owned(), amount);
    }
    demand
}

/// The name in the language of a resource of the cluster.
fn name_of(profile: &Profile, name: &str) -> String {
    if name == "ephemeral-storage" {
        return "storage".to_owned();
    }
    if is_huge_pages(name) {
        return name.to_lowercase();
    }
    let own = profile.options.iter().find(|(key, value)| key.starts_with("resource.") && *value == name);
    own.map_or(name, |(key, _)| key.trim_start_matches("resource.")).to_owned()
}

fn place(workload: &Value, namespace: &str) -> ClusterPlace {
    let terms = "/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions";
    let rules = workload.pointer(terms).and_then(Value::as_array).into_iter().flatten();
    let node = rules
        .filter(|rule| rule.get("key").and_then(Value::as_str) == Some(HOSTNAME))
        .find_map(|rule| rule.pointer("/values/0")?.as_str());
    let tolerations = workload.pointer("/spec/template/spec/tolerations").and_then(Value::as_array);
    let replicas = workload.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
    let surge = workload.pointer("/spec/strategy/type").and_then(Value::as_str) == Some("RollingUpdate");
    ClusterPlace {
        node: node.unwrap_or_default().to_owned(),
        namespace: namespace.to_owned(),
        beside: Shown::of(workload).label(PART_OF).filter(|system| *system != namespace).map(str::to_owned),
        tolerations: tolerations.into_iter().flatten().filter_map(tolerated).collect(),
        replicas: u32::try_from(replicas).unwrap_or(u32::MAX),
        update: if surge { UpdateStrategy::Surge } else { UpdateStrategy::Recreate },
        altered: Vec::new(),
        called: None,
    }
}
