//! A1 policies (O-RAN.WG2.A1TD): one JSON object per policy, in the shape of the type that the RIC lists.
//!
//! The document of a policy is `policies/TYPE/ID.json`; its bytes are the bare policy object that goes over the wire.
//! What the interface carries beside it (`transient`) or the RIC never sees (`require enforced`) follows from what is
//! known. [`body`] and [`read`] hold the shapes, [`schema`] checks an object against the RIC's own schema.

pub mod body;
pub mod read;
pub mod schema;
mod tables;
mod ue;

use std::collections::BTreeMap;

use ranform_network::a1::PolicyType;
use ranform_network::deployment::{PolicyResource, policy_id};
use ranform_network::{Address, Artifact, ArtifactKind, Resource};
use serde_json::Value;

use crate::target::*;

/// The format `a1`.
pub struct A1;

/// The folder of the documents.
const FOLDER: &str = "policies";

/// The path of a policy's document.
pub fn path(policy_type: PolicyType, id: &str) -> String {
    format!("{FOLDER}/{policy_type}/{id}.json")
}

/// The type and id of the policy in the document at this path.
pub fn from_path(path: &str) -> Option<(PolicyType, &str)> {
    let (kind, file) = path.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
    Some((PolicyType::parse(kind)?, file.strip_suffix(".json").filter(|id| !id.contains('/'))?))
}

/// The document of a policy object: sorted members, so that equal policies are equal bytes.
pub fn to_bytes(body: &Value) -> Vec<u8> {
    // A JSON value serializes.
    let mut bytes = serde_json::to_vec_pretty(body).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Whether two JSON values say the same: the order of members does not matter, nor does `1` or `1.0`.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// The policy that a thing is.
fn policy_of(resource: &Resource) -> Option<&PolicyResource> {
    match resource {
        Resource::Policy(policy) => Some(policy),
        _ => None,
    }
}

fn place(resource: Option<&Resource>, device_id: &str) -> Option<String> {
    let policy = policy_of(resource?)?;
    Some(path(policy.policy_type, &policy_id(device_id, policy.policy_type)))
}

impl Target for A1 {
    fn name(&self) -> &'static str {
        "a1"
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let mut artifacts = BTreeMap::new();
        for change in job.changes {
            let (before, after) =
                (place(change.before.as_ref(), &change.device_id), place(change.after.as_ref(), &change.device_id));
            // A policy of another type is another policy at the RIC: its id never comes back under the new type.
            if let Some(path) = before.filter(|before| Some(before) != after.as_ref()) {
                artifacts.insert(path.clone(), job.artifact(ArtifactKind::Removal, path, Vec::new()));
            }
            if let (Some(path), Some(policy)) = (after, change.after.as_ref().and_then(policy_of)) {
                let bytes = to_bytes(&body::to_body(policy));
                artifacts.insert(path.clone(), job.artifact(ArtifactKind::Whole, path, bytes));
            }
        }
        Ok(artifacts.into_values().collect())
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        let things = query.things();
        let known: BTreeMap<String, (&Address, &Thing<'_>)> = things
            .iter()
            .filter_map(|(address, thing)| Some((place(Some(thing.resource), thing.device_id)?, (*address, thing))))
            .collect();
        let mut reading = Reading::default();
        for document in documents {
            let Some((policy_type, id)) = from_path(&document.path) else { continue };
            let Some((address, thing)) = known.get(&document.path) else {
                // Of somebody else, or of a plan that state does not know: seen, never touched.
                reading.foreign.insert(document.path.clone(), id.to_owned());
                continue;
            };
            if document.bytes.len() > MAX_DOCUMENT_BYTES {
                return Err(ReadError::new(&document.path, "the policy is larger than 64 MiB"));
            }
            let body: Value = serde_json::from_slice(&document.bytes)
                .map_err(|error| ReadError::new(&document.path, error.to_string()))?;
            let recorded = policy_of(thing.resource);
            let mut policy = read::from_body(policy_type, recorded.and_then(|policy| policy.type_number), &body)
                .map_err(|message| ReadError::new(&document.path, message))?;
            if let Some(recorded) = recorded {
                // These are not in the object.
                policy.transient = recorded.transient;
                policy.service.clone_from(&recorded.service);
                policy.require_enforced = recorded.require_enforced;
            }
            reading.device_ids.insert((*address).clone(), thing.device_id.to_owned());
            reading.resources.insert((*address).clone(), Resource::Policy(Box::new(policy)));
        }
        Ok(reading)
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        let known = |path: &str| {
            query.things().values().any(|thing| place(Some(thing.resource), thing.device_id).as_deref() == Some(path))
        };
        let there = documents.iter().find(|document| document.path == artifact.path);
        let Some(there) = there.filter(|there| !known(&there.path)) else { return Ok(Vec::new()) };
        let body = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let equal = body(&there.bytes).zip(body(&artifact.bytes)).is_some_and(|(one, other)| same(&one, &other));
        Ok(if equal { Vec::new() } else { vec![artifact.path.clone()] })
    }
}
