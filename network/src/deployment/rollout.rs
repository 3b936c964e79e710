//! How new versions take the place of old ones on the nodes of clusters: which of them start first, by the room that a node
//! has while old and new are there at once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::cluster::is_termination;
use super::*;

/// A thing that runs on a node, before and after a plan.
#[derive(Clone, Copy, Debug, Default)]
struct Run<'a> {
    before: Option<&'a Resource>,
    after: Option<&'a Resource>,
}

/// What runs on each node of a cluster, by its device.
type Runs<'a> = BTreeMap<&'a Address, BTreeMap<&'a Address, Run<'a>>>;

impl Deployment {
    /// New versions start before the old ones stop where a node has room for both beside all that is there meanwhile: what
    /// goes, and of what changes its demand the larger one. E2 terminations first, then those whose loops have the least
    /// time, then in the order of their ids, as long as all who do can do so at once. What is not made anew keeps the way
    /// that it has and takes no room: its next new version is asked again. So a second plan finds nothing to change.
    pub fn decide_updates(&mut self, recorded: &BTreeMap<Address, Recorded>) {
        let mut decided: Vec<(Address, UpdateStrategy)> = Vec::new();
        for (device, runs) in self.runs(recorded) {
            let room = self.room_beside(device, &runs);
            decided.extend(self.updates(&runs, room));
        }
        for (address, update) in decided {
            if let Some(place) = self.placed.get_mut(&address).and_then(|placed| placed.resource.cluster_mut()) {
                place.update = update;
            }
        }
    }

    /// Instances whose node has room for another of them beside all that is there meanwhile: where the old version stops
    /// first all the same, that room is kept for others.
    pub fn room_for_another(&self, recorded: &BTreeMap<Address, Recorded>) -> BTreeSet<Address> {
        let mut roomy = BTreeSet::new();
        for (device, runs) in self.runs(recorded) {
            let room = self.room_beside(device, &runs);
            let has_room = |(_, run): &(&Address, Run<'_>)| room.as_ref().is_some_and(|room| fits(room, &run.beside()));
            roomy.extend(runs.into_iter().filter(has_room).map(|(address, _)| address.clone()));
        }
        roomy
    }

    /// The ways of what runs on a node afterwards. Where nobody knows how much a node has, what needs more or less than
    /// before stops first, and all else keeps its way.
    fn updates(&self, runs: &BTreeMap<&Address, Run<'_>>, mut room: Option<Amounts>) -> Vec<(Address, UpdateStrategy)> {
        let mut here: Vec<(&Address, Run<'_>, &Placed)> = Vec::new();
        for (address, run) in runs {
            here.extend(self.placed.get(*address).map(|placed| (*address, *run, placed)));
        }
        here.sort_by_key(|one| {
            let (address, _, placed) = *one;
            let budget = loop_budget_ns(&placed.resource).unwrap_or(u64::MAX);
            (Reverse(is_termination(&placed.resource)), budget, &placed.device_id, address)
        });
        let update = |(address, run, placed): (&Address, Run<'_>, &Placed)| {
            (address.clone(), run.update(&placed.resource, room.as_mut()))
        };
        here.into_iter().map(update).collect()
    }

    fn runs<'a>(&'a self, recorded: &'a BTreeMap<Address, Recorded>) -> Runs<'a> {
        let mut runs = Runs::new();
        for (address, known) in recorded.iter().filter(|(_, known)| known.resource.cluster().is_some()) {
            runs.entry(&known.device).or_default().entry(address).or_default().before = Some(&known.resource);
        }
        for (address, placed) in self.placed.iter().filter(|(_, placed)| placed.resource.cluster().is_some()) {
            runs.entry(&placed.device).or_default().entry(address).or_default().after = Some(&placed.resource);
        }
        runs
    }

    /// What a node has left beside what it runs; none where nobody knows what it has.
    fn room_beside(&self, device: &Address, runs: &BTreeMap<&Address, Run<'_>>) -> Option<Amounts> {
        let mut room = self.devices.get(device)?.capacity.clone();
        runs.values().for_each(|run| take(&mut room, &run.most()));
        (!room.is_empty()).then_some(room)
    }
}

impl Run<'_> {
    fn before(&self) -> Amounts {
        self.before.map(|before| pods_of(before, before.replicas())).unwrap_or_default()
    }

    fn after(&self) -> Amounts {
        self.after.map(|after| pods_of(after, after.replicas())).unwrap_or_default()
    }

    /// The most that it takes where the old version stops first. In another namespace all of the new one is there beside all
    /// of the old one.
    fn most(&self) -> Amounts {
        let mut both = self.before();
        match (self.before, self.after) {
            (Some(before), Some(after)) if moves(before, after) => add_amounts(&mut both, &self.after()),
            _ => both = larger(both, &self.after()),
        }
        both
    }

    /// What it takes beside that where the new version starts first.
    fn beside(&self) -> Amounts {
        let Some(after) = self.after else { return Amounts::new() };
        let before = self.before.filter(|before| !moves(before, after)).unwrap_or(after);
        let mut beside = beside_old(before, after);
        take(&mut beside, &larger(pods_of(before, before.replicas()), &self.after()));
        beside.into_iter().map(|(name, amount)| (name, amount.max(0.0))).collect()
    }

    /// How its new version starts; takes the room that this needs.
    fn update(&self, after: &Resource, room: Option<&mut Amounts>) -> UpdateStrategy {
        if has_state(after) {
            return UpdateStrategy::Recreate;
        }
        let kept = self.before.filter(|before| !is_made_anew(before, after) && !moves(before, after));
        if let Some(place) = kept.and_then(Resource::cluster) {
            return place.update;
        }
        let beside = self.beside();
        match room {
            Some(room) if fits(room, &beside) => take(room, &beside),
            // Nothing is asked of its node.
            None if beside.is_empty() => {}
            None if self.before() == self.after() => return after.cluster().map(|own| own.update).unwrap_or_default(),
            _ => return UpdateStrategy::Recreate,
        }
        UpdateStrategy::Surge
    }
}

/// Whether a change of an instance leads to a namespace where nothing of it is: its objects are made there, and those of before go
/// when all is confirmed.
pub fn moves(before: &Resource, after: &Resource) -> bool {
    let namespace = |resource: &Resource| resource.cluster().map(|place| place.namespace.clone());
    namespace(before).is_some_and(|old| namespace(after).is_some_and(|new| new != old))
}

/// Whether a change of an instance makes its pods anew: what stands in their template, and what they are told when they start.
pub fn is_made_anew(before: &Resource, after: &Resource) -> bool {
    if before == after {
        return false;
    }
    let (before, after) = (before.leaves(), after.leaves());
    let differs = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path));
    let in_template = |path: &String| {
        let leaf = path.split_once('.').map_or(path.as_str(), |(_, leaf)| leaf);
        ["cluster.node", "cluster.tolerations"].contains(&leaf) || !(leaf.starts_with("cluster.") || is_told_live(leaf))
    };
    differs.into_iter().any(in_template)
}

/// The most that old and new pods take at once where the new ones start first: never more than one above their number.
/// Replicas are changed before.
pub fn beside_old(before: &Resource, after: &Resource) -> Amounts {
    let both = |old: u32, new: u32| {
        let mut sum = pods_of(before, old);
        add_amounts(&mut sum, &pods_of(after, new));
        sum
    };
    let number = after.replicas();
    let ends = larger(both(number, 1), &both(1, number));
    larger(ends, &pods_of(before, before.replicas()))
}

/// What so many pods of a thing need.
pub fn pods_of(resource: &Resource, pods: u32) -> Amounts {
    let demand = resource.demand().into_iter().flatten();
    demand.map(|(name, amount)| (name.clone(), amount * f64::from(pods))).collect()
}

/// Adds amounts to others.
pub fn add_amounts(sums: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        *sums.entry(name.clone()).or_insert(0.0) += amount;
    }
}

fn larger(mut one: Amounts, other: &Amounts) -> Amounts {
    for (name, amount) in other {
        let entry = one.entry(name.clone()).or_insert(0.0);
        *entry = entry.max(*amount);
    }
    one
}

/// Takes amounts from others; what those do not name is not counted.
fn take(room: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        if let Some(left) = room.get_mut(name) {
            *left -= amount;
        }
    }
}

fn fits(room: &Amounts, amounts: &Amounts) -> bool {
    // Sums of decimals are not exact.
    let fits = |left: &f64, amount: &f64| *left >= amount - 1e-9 * amount.max(1.0);
    amounts.iter().all(|(name, amount)| room.get(name).is_none_or(|left| fits(left, amount)))
}
