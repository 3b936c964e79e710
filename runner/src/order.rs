//! What a transaction makes of placed RICs, and the order in which its devices take each step: decided from its changes
//! and what is recorded, so that whoever shows the order shows the one that [`crate::apply`] goes by.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{Change, Device, Recorded, Resource, RicInstanceResource, RicPart};
use ranform_network::network::Protocol;

use crate::drivers::way;
use crate::software::rollout::replaced;
use crate::state::Step;

/// What becomes of a RIC whose instances the same transaction places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// Nothing, or it is none that is placed.
    #[default]
    Stays,
    /// Its first instances start: before the commit there is nobody to take policies.
    Starts,
    /// Its management, or what keeps its policies, is made anew elsewhere or in its place: what starts may hold none.
    Renews,
    /// Its last instances go, and its policies with them.
    Ends,
}

impl Turn {
    /// Whether something new takes the policies once the software is committed.
    pub fn is_new(self) -> bool {
        matches!(self, Self::Starts | Self::Renews)
    }
}

/// What a device is in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A base station, an access point, a switch.
    Network,
    /// It runs software.
    Software,
    /// It takes the policies of a RIC.
    Policies(Turn),
}

/// What of each RIC runs before and after.
#[derive(Default)]
struct Instances<'a> {
    before: BTreeSet<&'a Address>,
    after: BTreeSet<&'a Address>,
    renewed: bool,
}

/// What becomes of each RIC of which anything is placed.
pub fn turns(changes: &[Change], recorded: &BTreeMap<Address, Recorded>) -> BTreeMap<Address, Turn> {
    let mut rics: BTreeMap<&Address, Instances<'_>> = BTreeMap::new();
    for (address, known) in recorded {
        if let Some(instance) = instance(&known.resource) {
            let there = rics.entry(&instance.ric).or_default();
            there.before.insert(address);
            there.after.insert(address);
        }
    }
    for change in changes {
        let (before, after) = (change.before.as_ref().and_then(instance), change.after.as_ref().and_then(instance));
        let Some(either) = after.or(before) else { continue };
        let there = rics.entry(&either.ric).or_default();
        if before.is_some() {
            there.before.insert(&change.address);
        }
        match after {
            Some(_) => there.after.insert(&change.address),
            None => there.after.remove(&change.address),
        };
        there.renewed |= keeps_policies(either) && is_anew(change);
    }
    let turn = |there: &Instances<'_>| match (there.before.is_empty(), there.after.is_empty()) {
        (true, false) => Turn::Starts,
        (false, true) => Turn::Ends,
        (false, false) if there.renewed => Turn::Renews,
        _ => Turn::Stays,
    };
    rics.into_iter().map(|(ric, there)| (ric.clone(), turn(&there))).collect()
}

/// Policies are taken by the management and kept in a store.
fn keeps_policies(instance: &RicInstanceResource) -> bool {
    matches!(instance.component, RicPart::Management | RicPart::Sdl | RicPart::Nib)
}

/// Whether other pods run after a change than before it.
fn is_anew(change: &Change) -> bool {
    let replicas = |resource: &Option<Resource>| resource.as_ref().and_then(Resource::cluster).map(|one| one.replicas);
    change.before.is_none()
        || change.after.is_none()
        || replaced(change).is_some()
        || replicas(&change.before) != replicas(&change.after)
}

fn instance(resource: &Resource) -> Option<&RicInstanceResource> {
    match resource {
        Resource::RicInstance(instance) => Some(instance),
        _ => None,
    }
}

/// The policies that nothing changes and that a RIC which is made anew may have lost: they are put back where they are
/// missing. In address order.
pub fn kept<'a>(
    turn: Turn,
    ric: &Address,
    changes: &[Change],
    recorded: &'a BTreeMap<Address, Recorded>,
) -> Vec<(&'a Address, &'a Recorded)> {
    if !turn.is_new() {
        return Vec::new();
    }
    let changed: BTreeSet<&Address> = changes.iter().map(|change| &change.address).collect();
    let policies = recorded.iter().filter(|(_, known)| known.device == *ric);
    let policies = policies.filter(|(_, known)| matches!(known.resource, Resource::Policy(_)));
    policies.filter(|(address, _)| !changed.contains(address)).collect()
}

/// The policies that an apply of these changes puts back where they are missing, in address order.
pub fn put_back(
    changes: &[Change],
    recorded: &BTreeMap<Address, Recorded>,
    devices: &BTreeMap<Address, Device>,
) -> Vec<Address> {
    let turns = turns(changes, recorded);
    let asked = turns.iter().filter(|(ric, _)| devices.get(ric).is_some_and(is_a1));
    let kept = asked.flat_map(|(ric, turn)| kept(*turn, ric, changes, recorded));
    let kept: BTreeSet<Address> = kept.map(|(address, _)| address.clone()).collect();
    kept.into_iter().collect()
}

/// Whether a device takes policies over A1: a folder that plays one loses none.
pub fn is_a1(device: &Device) -> bool {
    matches!(way(device), Some((Protocol::A1, _)))
}

/// What a device is in a transaction that makes these changes of it.
pub fn part(device: &Device, changes: &[Change], turn: Turn) -> Part {
    let any = |is: fn(&Resource) -> bool| {
        changes.iter().any(|change| change.after.as_ref().or(change.before.as_ref()).is_some_and(is))
    };
    let software = |resource: &Resource| matches!(resource, Resource::RicInstance(_) | Resource::ModelInstance(_));
    match way(device) {
        Some((Protocol::A1, _)) => Part::Policies(turn),
        Some((Protocol::Kubernetes, _)) => Part::Software,
        _ if any(software) => Part::Software,
        _ if any(|resource| matches!(resource, Resource::Policy(_))) => Part::Policies(turn),
        _ => Part::Network,
    }
}

/// When a device takes a step: those of one rank side by side, the lowest first. What others depend on is committed
/// before, and taken back after, them; what is no longer wanted goes when nobody needs it any more; a RIC that is made
/// anew is given its policies when the old one is gone, or is back.
pub fn rank(step: Step, part: Part) -> u8 {
    match (step, part) {
        (Step::Commit, Part::Software) => 0,
        (Step::Commit, _) => 1,
        (Step::Confirm | Step::Abort, Part::Policies(Turn::Renews)) => 3,
        (Step::Confirm | Step::Abort, Part::Software) => 2,
        (Step::Confirm, Part::Policies(_)) => 1,
        _ => 0,
    }
}
