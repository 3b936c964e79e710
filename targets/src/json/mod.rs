//! The embedded default: a folder plays the device, one JSON document per resource.
//!
//! The document is the resource as `network::Resource` serializes it, without absent values. Keys of others in it
//! are kept: only leaves that we had and no longer want go, and a document goes only when nothing else is left in it.
//! Paths are made of ids on the device, so that a rename writes nothing.

use std::collections::BTreeMap;

use ranform_network::address::slug;
use ranform_network::{Address, Artifact, ArtifactKind, Resource};
use serde_json::{Map, Value};

use crate::target::*;

/// The format `json`.
pub struct Json;

impl Target for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let before = job.before();
        let after = job.after();
        let mut artifacts = Vec::new();
        for change in job.changes {
            let path = path_of(&change.address, if change.after.is_some() { &after } else { &before });
            let mut document = job
                .present
                .iter()
                .find(|document| document.path == path)
                .and_then(|document| serde_json::from_slice::<Map<String, Value>>(&document.bytes).ok())
                .unwrap_or_default();
            if let Some(resource) = &change.before {
                remove_leaves(&mut document, &object(resource));
            }
            let artifact = match &change.after {
                Some(resource) => {
                    set_leaves(&mut document, object(resource));
                    job.artifact(ArtifactKind::Whole, path, to_bytes(&document))
                }
                None if document.is_empty() => job.artifact(ArtifactKind::Removal, path, Vec::new()),
                None => job.artifact(ArtifactKind::Whole, path, to_bytes(&document)),
            };
            artifacts.push(artifact);
        }
        Ok(artifacts)
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        let things = query.things();
        let addresses: BTreeMap<String, &Address> =
            things.keys().map(|address| (path_of(address, &things), *address)).collect();
        let mut reading = Reading::default();
        for document in documents {
            let known = addresses.get(&document.path).map(|address| (*address).clone());
            let Some(address) =
                known.or_else(|| derived(&document.path, query.device)).or_else(|| own(document, query))
            else {
                continue;
            };
            let object = parse(document)?;
            if !object.contains_key("kind") {
                // What is left of a resource that was removed: keys of others.
                foreign_leaves(&document.path, &Value::Object(object), &mut reading.foreign);
                continue;
            }
            let resource: Resource = serde_json::from_value(Value::Object(object.clone()))
                .map_err(|error| ReadError::new(&document.path, error.to_string()))?;
            let mut rest = object;
            remove_leaves(&mut rest, &crate::json::object(&resource));
            foreign_leaves(&document.path, &Value::Object(rest), &mut reading.foreign);
            let id = document.path.trim_end_matches(".json").rsplit('/').next().unwrap_or_default();
            let id = things.get(&address).map_or(id, |thing| thing.device_id);
            reading.device_ids.insert(address.clone(), id.to_owned());
            reading.resources.insert(address, resource);
        }
        Ok(reading)
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], _: &Query) -> Result<Vec<String>, ReadError> {
        let Some(present) = documents.iter().find(|document| document.path == artifact.path) else {
            return Ok(Vec::new());
        };
        let found = parse(present)?;
        let resource = serde_json::from_value::<Resource>(Value::Object(found.clone()));
        if resource.is_ok() || artifact.kind == ArtifactKind::Removal {
            // The leaves of a resource are compared one by one, and what is beside them is kept.
            return Ok(Vec::new());
        }
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        let written = parse(&Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() })?;
        foreign_leaves(&artifact.path, &Value::Object(found), &mut before);
        foreign_leaves(&artifact.path, &Value::Object(written), &mut after);
        Ok(before.into_iter().filter(|(path, value)| after.get(path) != Some(value)).map(|(path, _)| path).collect())
    }
}

/// The path of a resource's document: `node.json`, `cell/ID.json`, `cell/ID/tenant/ID.json`, ...
fn path_of(address: &Address, things: &Things) -> String {
    let mut segments = Vec::new();
    let mut at = Some(address.clone());
    while let Some(address) = at {
        let parent = address.parent();
        let (noun, name) = address.last();
        if parent.is_none() {
            break;
        }
        let thing = things.get(&address);
        let id = thing.map_or_else(|| slug(name.trim_matches('"')), |thing| slug(thing.device_id));
        match thing.map(|thing| thing.resource) {
            Some(Resource::RicInstance(instance)) => segments.push(format!("{}/{id}", instance.noun())),
            // The node that it is hosted for is in its id.
            Some(Resource::ModelInstance(model)) if model.shared && model.hosted.is_some() => {
                segments.push(format!("{noun}/{id}"));
                break;
            }
            Some(Resource::ModelInstance(model)) if !model.shared => {
                let name = parent.as_ref().map_or("", |parent| parent.last().1.trim_matches('"'));
                let name = model.called.as_deref().unwrap_or(name);
                segments.extend([format!("{noun}/{id}"), format!("model/{}", slug(name))]);
                break;
            }
            _ => segments.push(format!("{noun}/{id}")),
        }
        at = parent;
    }
    segments.reverse();
    if segments.is_empty() { "node.json".to_owned() } else { format!("{}.json", segments.join("/")) }
}

/// The address that a path of an unknown document stands for; none for a file that is none of ours.
fn derived(path: &str, device: &Address) -> Option<Address> {
    let stem = path.strip_suffix(".json")?;
    if stem == "node" {
        return Some(device.clone());
    }
    let parts: Vec<&str> = stem.split('/').collect();
    let nouns: &[&str] = match parts.len() {
        2 => &["cell", "radio", "port", "model"],
        4 => &["tenant", "vlan", "instance"],
        _ => return None,
    };
    let pairs = parts.chunks_exact(2);
    let known = pairs.clone().next_back().is_some_and(|pair| nouns.contains(&pair[0]));
    known.then(|| pairs.fold(device.clone(), |address, pair| address.child(pair[0], pair[1])))
}

/// The address that the document of a part of a RIC says of itself; none for any other.
fn own(document: &Document, query: &Query) -> Option<Address> {
    let object = parse(document).ok().filter(|object| object.contains_key("kind"))?;
    match serde_json::from_value(Value::Object(object)).ok()? {
        Resource::RicInstance(instance) => Some(instance.address(query.device)),
        _ => None,
    }
}

fn parse(document: &Document) -> Result<Map<String, Value>, ReadError> {
    if document.bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(ReadError::new(&document.path, "the document is larger than 64 MiB"));
    }
    serde_json::from_slice(&document.bytes).map_err(|error| ReadError::new(&document.path, error.to_string()))
}

/// The resource as a JSON object without absent values.
fn object(resource: &Resource) -> Map<String, Value> {
    // A resource is plain data; serialization of plain data does not fail.
    match serde_json::to_value(resource) {
        Ok(Value::Object(mut object)) => {
            strip_nulls(&mut object);
            object
        }
        _ => Map::new(),
    }
}

fn strip_nulls(object: &mut Map<String, Value>) {
    object.retain(|_, value| !value.is_null());
    for value in object.values_mut() {
        if let Value::Object(inner) = value {
            strip_nulls(inner);
        }
    }
}

/// Takes the leaves of `ours` out of `document`, and objects that become empty by it.
fn remove_leaves(document: &mut Map<String, Value>, ours: &Map<String, Value>) {
    for (key, value) in ours {
        let gone = match (document.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(ours)) => {
                remove_leaves(inner, ours);
                inner.is_empty()
            }
            _ => true,
        };
        if gone {
            document.remove(key);
        }
    }
}

fn set_leaves(document: &mut Map<String, Value>, ours: Map<String, Value>) {
    for (key, value) in ours {
        match (document.get_mut(&key), value) {
            (Some(Value::Object(inner)), Value::Object(ours)) => set_leaves(inner, ours),
            (_, value) => {
                document.insert(key, value);
            }
        }
    }
}

/// Notes each leaf as `FILE#key.key`.
fn foreign_leaves(path: &str, value: &Value, foreign: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            let separator = if path.contains('#') { '.' } else { '#' };
            for (key, value) in object {
                foreign_leaves(&format!("{path}{separator}{key}"), value, foreign);
            }
        }
        value => {
            foreign.insert(path.to_owned(), value.to_string());
        }
    }
}

fn to_bytes(document: &Map<String, Value>) -> Vec<u8> {
    // Maps of plain values serialize; the keys are sorted, so equal documents have equal bytes.
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
