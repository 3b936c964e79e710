//! Storage that is bound to a node does not move by rescheduling: what a plan does to what is stored, in words, its price
//! in bytes, and what the other ways would take ([`instead`]).

pub mod instead;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::deployment::{Action, Change, Deployment, Resource, RicInstanceResource, stored_bytes};
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Network, Span};
use serde::{Deserialize, Serialize};

use instead::Instead;

use super::rollout::is_moved;
use super::words;

/// A store that a plan touches, or that a pin holds while other parts of its RIC move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorageLine {
    /// The store that is there after; the one that was there, where none comes after it.
    pub store: Address,
    /// The RIC.
    pub ric: Address,
    /// What becomes of it.
    pub fate: Fate,
    /// The node that it was on.
    pub from: Address,
    /// The node that it is on after; none where it goes.
    pub to: Option<Address>,
    /// Bytes that were set aside for it, which is what is lost or, where it is pinned, kept.
    pub bytes: f64,
    /// Bytes that are set aside for it after.
    pub bytes_after: f64,
    /// What it would take to keep what is stored, where it starts empty on another node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
}

/// What becomes of what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// A store starts empty, on another node or in another size, and is filled anew.
    Rebuild,
    /// It goes and nothing comes after it.
    Remove,
    /// It stays where a pin holds it.
    Pinned,
}

/// The stores concerned, in address order.
pub fn lines(network: &Network, deployment: &Deployment, changes: &[Change]) -> Vec<StorageLine> {
    let mut lines = Vec::new();
    let mut gone: BTreeMap<&Address, Vec<(&Change, f64)>> = BTreeMap::new();
    let mut new: BTreeMap<&Address, Vec<(&Change, f64)>> = BTreeMap::new();
    let mut moving: BTreeSet<&Address> = BTreeSet::new();
    for change in changes {
        let (before, after) = (change.before.as_ref().and_then(part), change.after.as_ref().and_then(part));
        let Some(ric) = after.or(before).map(|part| &part.ric) else { continue };
        if change.action != Action::Update {
            moving.insert(ric);
        }
        match (change.before.as_ref().and_then(stored_bytes), change.after.as_ref().and_then(stored_bytes)) {
            (Some(bytes), Some(after)) if bytes != after || is_moved(change) => {
                lines.push(line(change, ric, Fate::Rebuild, &change.device, Some(&change.device), (bytes, after)));
            }
            (Some(bytes), None) => gone.entry(ric).or_default().push((change, bytes)),
            (None, Some(bytes)) => new.entry(ric).or_default().push((change, bytes)),
            _ => {}
        }
    }
    for (ric, stores) in gone {
        let mut replacements = new.remove(ric).unwrap_or_default().into_iter();
        for (old, bytes) in stores {
            lines.push(match replacements.next() {
                Some((new, after)) => line(new, ric, Fate::Rebuild, &old.device, Some(&new.device), (bytes, after)),
                None => line(old, ric, Fate::Remove, &old.device, None, (bytes, 0.0)),
            });
        }
    }
    let told: BTreeSet<Address> = lines.iter().map(|line| line.store.clone()).collect();
    lines.extend(pinned(network, deployment, &told, &moving));
    lines.sort_by(|a, b| a.store.cmp(&b.store));
    lines
}

/// A warning for each RIC some of whose stores start empty.
pub fn findings(network: &Network, lines: &[StorageLine]) -> Vec<Diagnostic> {
    let mut by_ric: BTreeMap<&Address, Vec<&StorageLine>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.fate == Fate::Rebuild) {
        by_ric.entry(&line.ric).or_default().push(line);
    }
    let warn = |(ric, lines): (&Address, Vec<&StorageLine>)| {
        let stores: Vec<String> = lines.iter().map(|line| line.store.to_string()).collect();
        let bytes = words::amount("storage", lines.iter().map(|line| line.bytes).sum());
        let verb = if lines.len() == 1 { "starts" } else { "start" };
        let message = format!("{} {verb} empty: {bytes} do not move and are rebuilt", words::some(&stores, 3));
        let (part, from) = (lines[0].store.last().0, lines[0].from.last().1);
        let help = format!(
            "where it must not start empty, hold it (`pin {part} on {from}` in the `ric`) or copy it by the software's own means \
             before the change"
        );
        Diagnostic::warning(&codes::STORAGE_DOES_NOT_MOVE, span(network, ric), message).help(help)
    };
    by_ric.into_iter().map(warn).collect()
}

fn span(network: &Network, ric: &Address) -> Span {
    let found = network.rics.iter().find(|(_, one)| one.entity.address == *ric);
    found.map(|(_, one)| one.entity.span).unwrap_or_default()
}

fn part(resource: &Resource) -> Option<&RicInstanceResource> {
    match resource {
        Resource::RicInstance(instance) => Some(instance),
        _ => None,
    }
}

fn line(
    change: &Change,
    ric: &Address,
    fate: Fate,
    from: &Address,
    to: Option<&Address>,
    (bytes, bytes_after): (f64, f64),
) -> StorageLine {
    let (store, ric) = (change.address.clone(), ric.clone());
    StorageLine { store, ric, fate, from: from.clone(), to: to.cloned(), bytes, bytes_after, instead: None }
}

/// Stores that a pin holds while something else of their RIC comes or goes.
fn pinned(
    network: &Network,
    deployment: &Deployment,
    told: &BTreeSet<Address>,
    moving: &BTreeSet<&Address>,
) -> Vec<StorageLine> {
    let mut lines = Vec::new();
    for (address, placed) in deployment.placed.iter().filter(|(address, _)| !told.contains(*address)) {
        let (Some(part), Some(bytes)) = (part(&placed.resource), stored_bytes(&placed.resource)) else { continue };
        if !moving.contains(&part.ric) || !is_pinned(network, part, &placed.device) {
            continue;
        }
        let (ric, from) = (part.ric.clone(), placed.device.clone());
        let (store, to) = (address.clone(), Some(from.clone()));
        lines.push(StorageLine { store, ric, fate: Fate::Pinned, from, to, bytes, bytes_after: bytes, instead: None });
    }
    lines
}

fn is_pinned(network: &Network, part: &RicInstanceResource, on: &Address) -> bool {
    let at = |node| network.nodes[node].entity.address == *on;
    let own = network.rics.iter().filter(|(_, ric)| ric.entity.address == part.ric).flat_map(|(_, ric)| &ric.pins);
    let mut own = own.filter(|(name, node)| *name.value == *part.name() && at(node.value));
    let placements = network.keeps.iter().filter(|keep| keep.address.last().1 == "placement");
    let kept = placements.flat_map(|keep| &keep.pins);
    let mut kept = kept.filter(|(what, node)| what.value.as_str() == part.name() && at(node.value));
    own.next().is_some() || kept.next().is_some()
}

impl StorageLine {
    /// What becomes of it, in words, and what could become of it instead, a line each.
    pub fn lines(&self) -> Vec<String> {
        let instead = self.instead.iter().flat_map(|instead| instead.words(self.bytes));
        std::iter::once(self.words()).chain(instead).collect()
    }

    fn words(&self) -> String {
        let (bytes, after) = (words::amount("storage", self.bytes), words::amount("storage", self.bytes_after));
        match (self.fate, &self.to) {
            (Fate::Pinned, _) => format!("pinned: stays on {} with its {bytes}", self.from),
            (Fate::Remove, _) | (_, None) => format!("goes with its {bytes} on {}", self.from),
            (Fate::Rebuild, Some(to)) if *to == self.from && self.bytes == self.bytes_after => {
                format!("rebuild: starts empty in another namespace on {to}; its {bytes} go when all else is confirmed")
            }
            (Fate::Rebuild, Some(to)) if *to == self.from => {
                format!("rebuild: {bytes} on {to} become {after}, empty; a claim keeps its size")
            }
            (Fate::Rebuild, Some(to)) => {
                format!("rebuild: starts empty on {to}; its {bytes} on {} go when all else is confirmed", self.from)
            }
        }
    }
}
