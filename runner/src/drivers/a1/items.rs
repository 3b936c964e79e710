//! The policies of a task, and where they are at their RIC.

use std::collections::BTreeSet;

use ranform_network::Resource;
use ranform_network::deployment::{PolicyResource, policy_id};
use ranform_targets::a1 as format;

use crate::a1::Policy;
use crate::drivers::Task;
use crate::drivers::task::Side;

/// What a policy is known by at its peer: the id of its type there, and its own. (A type whose number changes is another
/// one there, though its name, and with it the id of the policy, stays.)
pub(super) type Key = (String, String);

/// Where a policy is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub key: Key,
    /// Its document.
    pub path: String,
}

/// A policy of a change, on one side of it.
pub(super) struct Item<'a> {
    pub policy: Policy,
    pub resource: &'a PolicyResource,
    pub place: Place,
}

fn as_policy(resource: &Resource) -> Option<&PolicyResource> {
    match resource {
        Resource::Policy(policy) => Some(policy),
        _ => None,
    }
}

/// Where a policy is.
pub(super) fn place(resource: &Resource, device_id: &str) -> Option<Place> {
    let policy = as_policy(resource)?;
    let type_id = policy.type_number.map_or_else(|| policy.policy_type.to_string(), |number| number.to_string());
    let id = policy_id(device_id, policy.policy_type);
    let path = format::path(policy.policy_type, &id);
    Some(Place { key: (type_id, id), path })
}

/// A policy as it is ordered; none for anything else.
pub(super) fn item<'a>(resource: &'a Resource, device_id: &str) -> Option<Item<'a>> {
    let (place, policy) = (place(resource, device_id)?, as_policy(resource)?);
    let (type_id, id) = place.key.clone();
    let body = format::body::to_body(policy);
    let order = Policy { type_id, id, body, transient: policy.transient, service: policy.service.clone() };
    Some(Item { policy: order, resource: policy, place })
}

/// The policies of a task's changes, as they are before or after, in address order.
pub(super) fn items(task: &Task, side: Side) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for change in &task.changes {
        let resource = match side {
            Side::Before => change.before.as_ref(),
            Side::After => change.after.as_ref(),
        };
        let Some(resource) = resource else { continue };
        items.extend(item(resource, &change.device_id));
    }
    items
}

pub(super) fn keys(items: &[Item<'_>]) -> BTreeSet<Key> {
    items.iter().map(|item| item.place.key.clone()).collect()
}

pub(super) fn places(items: &[Item<'_>]) -> Vec<Place> {
    items.iter().map(|item| item.place.clone()).collect()
}

/// The policies that have another `transient` before than after.
pub(super) fn turned(task: &Task) -> BTreeSet<Key> {
    let transient = |resource: &Option<Resource>| resource.as_ref().and_then(as_policy).map(|policy| policy.transient);
    let turned = task.changes.iter().filter(|change| transient(&change.before) != transient(&change.after));
    turned
        .filter_map(|change| Some(place(change.before.as_ref().or(change.after.as_ref())?, &change.device_id)?.key))
        .collect()
}
