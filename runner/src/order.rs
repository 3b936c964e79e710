//! What a transaction makes of placed RICs, and the order in which its devices take each step: decided from its changes
//! and what is recorded, so that whoever shows the order shows the one that [`crate::apply`] goes by.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{Change, Device, Recorded, Resource, RicInstanceResource, RicPart};
use ranform_network::network::Protocol;
use serde::{Deserialize, Serialize};

use crate::drivers::way;
use crate::software::rollout::{is_moved, replaced};
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

/// A step of a transaction as it will be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The step; `check` stands for all of getting ready, `abort` for taking back whatever was taken.
    pub step: Step,
    /// Who takes it one after the other, and in each turn side by side.
    pub turns: Vec<Vec<Group>>,
}

/// Devices that are the same in a transaction and take a step together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What they are.
    pub what: What,
    /// How many.
    pub devices: usize,
    /// The first of them, in address order.
    pub first: Vec<Address>,
}

/// What devices are in a transaction, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// They run software.
    Software,
    /// Base stations, access points, switches.
    Network,
    /// They take the policies of RICs.
    Policies,
}

/// The devices of a group that are named.
const NAMED: usize = 3;

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

/// The changes of each device; none of a RIC that is made anew and may have lost policies that nothing changes.
pub fn by_device(changes: &[Change], recorded: &BTreeMap<Address, Recorded>) -> BTreeMap<Address, Vec<Change>> {
    let mut by_device: BTreeMap<Address, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_device.entry(change.device.clone()).or_default().push(change.clone());
    }
    for (ric, turn) in turns(changes, recorded) {
        if !kept(turn, &ric, changes, recorded).is_empty() {
            by_device.entry(ric).or_default();
        }
    }
    by_device
}

/// The order in which an apply of these changes takes its steps; empty where fewer than two devices take part.
pub fn lines(
    changes: &[Change],
    recorded: &BTreeMap<Address, Recorded>,
    devices: &BTreeMap<Address, Device>,
) -> Vec<OrderLine> {
    let turns = turns(changes, recorded);
    let part_of = |(address, changes): (Address, Vec<Change>)| {
        let device = devices.get(&address).filter(|device| takes_part(device, &changes))?;
        let part = part(device, &changes, turns.get(&address).copied().unwrap_or_default());
        Some((address, part))
    };
    let parts: Vec<(Address, Part)> = by_device(changes, recorded).into_iter().filter_map(part_of).collect();
    if parts.len() < 2 {
        return Vec::new();
    }
    [Step::Check, Step::Commit, Step::Confirm, Step::Abort].map(|step| line(step, &parts)).into()
}

fn line(step: Step, parts: &[(Address, Part)]) -> OrderLine {
    let mut ranks: BTreeMap<u8, BTreeMap<What, Group>> = BTreeMap::new();
    for (address, part) in parts {
        let what = match part {
            Part::Software => What::Software,
            Part::Network => What::Network,
            Part::Policies(_) => What::Policies,
        };
        let of_rank = ranks.entry(rank(step, *part)).or_default();
        let group = of_rank.entry(what).or_insert_with(|| Group { what, devices: 0, first: Vec::new() });
        group.devices += 1;
        if group.first.len() < NAMED {
            group.first.push(address.clone());
        }
    }
    OrderLine { step, turns: ranks.into_values().map(|groups| groups.into_values().collect()).collect() }
}

/// Whether anything is done on a device. One that is only modelled is recorded; a folder that plays a RIC loses nothing.
pub fn takes_part(device: &Device, changes: &[Change]) -> bool {
    way(device).is_some() && (!changes.is_empty() || is_a1(device))
}

impl OrderLine {
    /// In words, e.g. `commit: software on node.edge; then 5 network devices and policies of ric.plaza`.
    pub fn words(&self) -> String {
        let turns: Vec<String> = self.turns.iter().map(|groups| together(groups)).collect();
        let turns = turns.join("; then ");
        match self.step {
            Step::Check | Step::Stage => format!("prepare: {turns}; nothing takes effect"),
            Step::Confirm => format!("confirm, once all have committed: {turns}"),
            Step::Abort => format!("take back, if anything fails before that: {turns}"),
            step => format!("{}: {turns}", step.word()),
        }
    }
}

fn together(groups: &[Group]) -> String {
    groups.iter().map(Group::words).collect::<Vec<_>>().join(" and ")
}

impl Group {
    fn words(&self) -> String {
        let names = || self.first.iter().map(Address::to_string).collect::<Vec<_>>().join(", ");
        let few = self.devices <= self.first.len();
        match self.what {
            What::Software if few => format!("software on {}", names()),
            What::Software => format!("software on {} nodes", self.devices),
            What::Policies if few => format!("policies of {}", names()),
            What::Policies => format!("policies of {} RICs", self.devices),
            What::Network if few => names(),
            What::Network => format!("{} network devices", self.devices),
        }
    }
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
        || is_moved(change)
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
