//! What a task means as objects: what is applied, what is taken away, and what would put everything back.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::{Action, Cause, Recorded};
use ranform_network::profile::Effect;
use ranform_network::{Address, Artifact, ArtifactKind, Change};
use ranform_targets::Document;
use ranform_targets::kubernetes::{ADDRESS, INSTANCE, NODE, Shown, amount, say_nothing_there, values};
use serde_json::Value;

use crate::drivers::compare::unlike;
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::{How, kind};

/// What tells an object from all others: its wave, its namespace, its kind and name.
type Key = (usize, String, String, String);

/// The objects of a task.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// Those after, in the order of applying.
    pub apply: Vec<Value>,
    /// Those after that have to wait until those of before are gone, when everything is confirmed: workloads whose claims
    /// have another size are made anew, empty; Services take over the address of another.
    pub rebuild: Vec<Value>,
    /// Those that are no longer there after, last first.
    pub remove: Vec<Value>,
    /// Those before, in the order of applying: what an abort applies.
    pub restore: Vec<Value>,
    /// Those that were not there before, last first: what an abort removes.
    pub created: Vec<Value>,
    /// Addresses whose fields are taken from others, because the operator said so.
    taken: BTreeSet<String>,
    /// What was told of shared objects at those addresses: `NetworkPolicy `deny-all` spec.podSelector`.
    told: Vec<String>,
}

impl Orders {
    /// The objects of a task, from its documents and those that take them back.
    ///
    /// # Errors
    /// Documents that are not what the changes say.
    pub fn new(task: &Task) -> Result<Self, DriverError> {
        let forth = task.render(&[])?;
        agree_with_review(task, &forth)?;
        let (after, before) = (objects(&forth)?, objects(&task.render_inverse()?)?);
        let without = |these: &BTreeMap<Key, Value>, those: &BTreeMap<Key, Value>| {
            let kept = these.iter().filter(|(key, _)| !those.contains_key(*key));
            kept.rev().map(|(_, object)| object.clone()).collect::<Vec<_>>()
        };
        // What is taken over was reviewed as such.
        let taken = || task.changes.iter().filter(|change| change.forced || !change.taken_over.is_empty());
        let places = taken().filter_map(|change| change.before.as_ref()?.cluster());
        let told: Vec<String> = places.flat_map(|place| place.altered.iter().cloned()).collect();
        let (remove, created) = (without(&before, &after), without(&after, &before));
        let resized = |key: &Key, object: &Value| before.get(key).is_some_and(|old| claimed(old) != claimed(object));
        // Two at once that ask for one address are in each other's way; which of them has it is not ours to say.
        let takes_over =
            |key: &Key, object: &Value| !before.contains_key(key) && remove.iter().any(|old| gives_way(old, object));
        let (rebuild, after): (BTreeMap<Key, Value>, BTreeMap<Key, Value>) =
            after.into_iter().partition(|(key, object)| resized(key, object) || takes_over(key, object));
        let mut apply: Vec<Value> = after.into_values().collect();
        apply.iter_mut().for_each(|object| say_nothing_there(object, &told));
        Ok(Self {
            rebuild: rebuild.into_values().collect(),
            remove,
            created,
            taken: taken().map(|change| change.address.to_string()).collect(),
            told,
            apply,
            restore: before.into_values().collect(),
        })
    }

    /// How an object is applied. What several addresses share is taken from others only where a plan showed what they
    /// made of it, at an address that it restores.
    pub fn how(&self, object: &Value) -> How {
        let address = object.pointer("/metadata/annotations").and_then(|all| all.get(ADDRESS)).and_then(Value::as_str);
        let taken = match address {
            Some(address) => self.taken.contains(address),
            None => {
                let shown = Shown::of(object);
                let words = format!("{} `{}` ", shown.kind, shown.name);
                self.told.iter().any(|told| told.starts_with(&words))
            }
        };
        if taken { How::Force } else { How::Normal }
    }

    /// Every object that it touches.
    pub fn all(&self) -> impl Iterator<Item = &Value> {
        self.apply.iter().chain(&self.rebuild).chain(&self.remove).chain(&self.restore).chain(&self.created)
    }

    /// The namespaces that any of it is in, in order.
    pub fn namespaces(&self) -> BTreeSet<String> {
        let all = self.all();
        all.filter_map(|object| match Shown::of(object) {
            shown if shown.kind == "Namespace" => Some(shown.name.to_owned()),
            shown => shown.namespace.map(str::to_owned),
        })
        .collect()
    }
}

/// All objects of the device at that time, in the order of applying.
///
/// # Errors
/// What is known cannot be rendered.
pub fn everything(task: &Task, side: Side) -> Result<Vec<Value>, DriverError> {
    let made = |(address, known): (Address, Recorded)| Change {
        address,
        action: Action::Create,
        before: None,
        after: Some(known.resource),
        device: known.device,
        device_id: known.device_id,
        cause: Cause::Drift,
        effect: Effect::Hitless,
        tenant: known.tenant,
        owner: known.owner,
        taken_over: Vec::new(),
        altered: false,
        forced: false,
    };
    let changes = task.known(side).into_iter().map(made).collect();
    let whole = Task { known: BTreeMap::new(), changes, artifacts: Vec::new(), ..task.clone() };
    Ok(objects(&whole.render(&[])?)?.into_values().collect())
}

/// The bytes that an object claims for each of its pods.
pub fn claimed(object: &Value) -> Option<f64> {
    amount(object.pointer("/spec/volumeClaimTemplates/0/spec/resources/requests/storage")?.as_str()?)
}

/// Whether a Service that goes has the address that another one asks of the load balancer.
pub fn gives_way(old: &Value, new: &Value) -> bool {
    let address = |object: &Value| Some(object.pointer("/spec/loadBalancerIP")?.as_str()?.to_owned());
    address(new).is_some_and(|wanted| address(old) == Some(wanted))
}

/// Whether an object is for all instances of its namespace or cluster, of other devices too.
pub fn is_shared(object: &Value) -> bool {
    Shown::of(object).label(NODE).is_none()
}

/// The name of the instance that an object belongs to.
pub fn instance(object: &Value) -> Option<&str> {
    Shown::of(object).label(INSTANCE)
}

/// The documents that were reviewed say what the changes say.
fn agree_with_review(task: &Task, rendered: &[Artifact]) -> Result<(), DriverError> {
    let bytes = |list: &[Artifact]| -> BTreeMap<String, Vec<u8>> {
        list.iter().map(|artifact| (artifact.path.clone(), artifact.bytes.clone())).collect()
    };
    if task.artifacts.is_empty() || bytes(&task.artifacts) == bytes(rendered) {
        return Ok(());
    }
    Err(unlike(&task.artifacts, &[], false))
}

fn objects(artifacts: &[Artifact]) -> Result<BTreeMap<Key, Value>, DriverError> {
    let mut objects = BTreeMap::new();
    for artifact in artifacts.iter().filter(|artifact| artifact.kind != ArtifactKind::Removal) {
        let document = Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() };
        for object in values(&document).map_err(|error| DriverError::Failed(error.to_string()))? {
            let shown = Shown::of(&object);
            let unknown = || DriverError::Failed(format!("no kind `{}`", shown.kind));
            let wave = kind(shown.kind).ok_or_else(unknown)?.wave();
            let namespace = shown.namespace.unwrap_or_default().to_owned();
            let key = (wave, namespace, shown.kind.to_owned(), shown.name.to_owned());
            objects.insert(key, object);
        }
    }
    Ok(objects)
}
