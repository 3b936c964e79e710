//! What differs between the resources that are and the resources that should be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Deployment, Former, Placed, Resource};
use crate::address::Address;
use crate::profile::{Effect, Profile};
use crate::source::Span;

/// The resources that are there, by address: recorded state or an observation.
pub type Resources = BTreeMap<Address, Resource>;

/// What is done to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `before` is none.
    Create,
    /// Both are there and differ.
    Update,
    /// `after` is none.
    Delete,
}

/// Why something changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Cause {
    /// An intent line was added, edited or removed; the place as `file:line`.
    Intent {
        /// Where, empty for a line that is gone.
        at: String,
    },
    /// The observation changed the optimum.
    Observation,
    /// The device differs from what was applied.
    Drift,
    /// A consequence of the change at this address.
    Consequence {
        /// The address that caused it.
        of: Address,
    },
}

/// One address that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The address.
    pub address: Address,
    /// What is done.
    pub action: Action,
    /// What is there now.
    pub before: Option<Resource>,
    /// What will be there.
    pub after: Option<Resource>,
    /// The device that carries it.
    pub device: Address,
    /// The id it has on the device.
    pub device_id: String,
    /// Why.
    pub cause: Cause,
    /// What users notice: the worst over the leaves that differ.
    pub effect: Effect,
    /// The tenant it is for.
    pub tenant: Option<String>,
    /// The team that owns it.
    pub owner: Option<String>,
    /// Leaves that others hold today and this change takes over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_over: Vec<String>,
    /// Whether others had changed it before, so that what was there is not what was applied.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub altered: bool,
    /// Whether fields that other managers hold are taken from them: the intents say `restore` for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
}

impl Change {
    /// The leaves that differ: path, before, after.
    pub fn leaves(&self) -> Vec<(String, Option<serde_json::Value>, Option<serde_json::Value>)> {
        let before = self.before.as_ref().map(Resource::leaves).unwrap_or_default();
        let after = self.after.as_ref().map(Resource::leaves).unwrap_or_default();
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        paths
            .into_iter()
            .filter(|path| before.get(*path) != after.get(*path))
            .map(|path| (path.clone(), before.get(path).cloned(), after.get(path).cloned()))
            .collect()
    }

    /// The change that takes this one back.
    pub fn inverse(&self) -> Change {
        Change {
            action: match self.action {
                Action::Create => Action::Delete,
                Action::Update => Action::Update,
                Action::Delete => Action::Create,
            },
            before: self.after.clone(),
            after: self.before.clone(),
            ..self.clone()
        }
    }

    /// What is there afterwards; none where nothing is.
    pub fn placed(&self) -> Option<Placed> {
        let known = Recorded {
            resource: self.after.clone()?,
            device: self.device.clone(),
            device_id: self.device_id.clone(),
            tenant: self.tenant.clone(),
            owner: self.owner.clone(),
            former: Former::new(),
        };
        Some(known.placed())
    }
}

/// What users notice of a change, on a device of this profile.
pub fn effect_on(change: &Change, profile: &Profile) -> Effect {
    let leaves = change.leaves();
    effect_of(leaves.iter().map(|(path, _, _)| path.as_str()), profile).max(at_least(change))
}

/// The worst effect of changing these leaves on a device of this profile.
pub fn effect_of<'a>(leaves: impl IntoIterator<Item = &'a str>, profile: &Profile) -> Effect {
    leaves.into_iter().filter_map(|leaf| profile.knobs.get(leaf).copied()).max().unwrap_or_default()
}

/// What users notice in any case, also of a device that is in no intent any more: with a cell or radio goes all service.
fn at_least(change: &Change) -> Effect {
    match (&change.before, change.action) {
        (Some(Resource::Cell(_) | Resource::Radio(_)), Action::Delete) => Effect::CellRestart,
        (Some(Resource::CellTenant(_) | Resource::RadioTenant(_)), Action::Delete) => Effect::UeRelease,
        _ => Effect::Hitless,
    }
}

/// A resource that is there and was ours, with what state knows of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The resource.
    pub resource: Resource,
    /// The device that carries it.
    pub device: Address,
    /// The id it has on the device.
    pub device_id: String,
    /// The tenant it is for.
    pub tenant: Option<String>,
    /// The team that owns it.
    pub owner: Option<String>,
    /// Names of other things that the device was told and that are others now.
    #[serde(default, skip_serializing_if = "Former::is_empty")]
    pub former: Former,
}

impl Recorded {
    /// As it is placed, by no line of the intents.
    pub fn placed(&self) -> Placed {
        Placed {
            resource: self.resource.clone(),
            device: self.device.clone(),
            device_id: self.device_id.clone(),
            span: Span::default(),
            tenant: self.tenant.clone(),
            owner: self.owner.clone(),
        }
    }
}

/// Leaves from which nothing else that a device is told follows.
const BY_THEMSELVES: [&str; 9] = [
    "node.cores",
    "cell.tdd_pattern",
    "cell.pci",
    "cell.tac",
    "cell.power_dbm",
    "cell.azimuth_deg",
    "cell.tilt_deg",
    "radio.power_dbm",
    "port.mtu",
];

impl Deployment {
    /// Leaves that a device cannot be told stay as they are recorded: they are no change of it. That it keeps its own is
    /// a warning of the check.
    pub fn keep_untold(&mut self, recorded: &BTreeMap<Address, Recorded>) {
        for (address, placed) in &mut self.placed {
            let Some(before) = recorded.get(address).map(|known| &known.resource) else { continue };
            let Some(device) = self.devices.get(&placed.device).filter(|_| *before != placed.resource) else {
                continue;
            };
            placed.resource = as_told(before, &placed.resource, &device.profile);
        }
    }
}

/// What is decided, with what cannot be told as it was.
fn as_told(before: &Resource, after: &Resource, profile: &Profile) -> Resource {
    let (was, mut told) = (before.leaves(), after.clone());
    let untold = BY_THEMSELVES.iter().filter(|leaf| leaf.starts_with(after.kind()) && !profile.has(leaf));
    for leaf in untold {
        told = told.with_leaf(leaf, was.get(*leaf)).unwrap_or(told);
    }
    told
}

/// Compares what is recorded with what is decided, in address order; equal things are left out.
/// `cause` tells why an address changes.
pub fn diff(
    recorded: &BTreeMap<Address, Recorded>,
    deployment: &Deployment,
    mut cause: impl FnMut(&Address, Action) -> Cause,
) -> Vec<Change> {
    let addresses: BTreeSet<&Address> = recorded.keys().chain(deployment.placed.keys()).collect();
    let mut changes = Vec::new();
    for address in addresses {
        let before = recorded.get(address);
        let after = deployment.placed.get(address);
        let action = match (before, after) {
            (None, Some(_)) => Action::Create,
            (Some(_), None) => Action::Delete,
            (Some(before), Some(after)) if before.resource != after.resource => Action::Update,
            _ => continue,
        };
        let (device, device_id, tenant, owner) = match (before, after) {
            // A recorded id stays; it was derived once, at creation. Whose it is says the line that asks for it.
            (Some(before), after) => {
                let owner = after.map_or(&before.owner, |after| &after.owner);
                (before.device.clone(), before.device_id.clone(), before.tenant.clone(), owner.clone())
            }
            (None, Some(after)) => {
                (after.device.clone(), after.device_id.clone(), after.tenant.clone(), after.owner.clone())
            }
            (None, None) => continue,
        };
        let mut change = Change {
            address: address.clone(),
            action,
            before: before.map(|recorded| recorded.resource.clone()),
            after: after.map(|placed| placed.resource.clone()),
            cause: cause(address, action),
            effect: Effect::Hitless,
            tenant,
            owner,
            taken_over: Vec::new(),
            altered: false,
            forced: false,
            device_id,
            device,
        };
        change.effect = match deployment.devices.get(&change.device) {
            Some(device) => effect_on(&change, &device.profile),
            None => at_least(&change),
        };
        changes.push(change);
    }
    changes
}
