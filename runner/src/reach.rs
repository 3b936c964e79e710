//! Devices that are reached otherwise than when they were applied, or that stand under another name: what state holds of
//! them says nothing of what is there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Deployment, Device};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::Management;
use ranform_network::source::Span;

use crate::project::Snapshot;
use crate::software::words::some;
use crate::{left, moves};

/// The devices of state and of the intents, under today's names.
pub struct Reach<'a> {
    network: &'a Network,
    /// What was applied.
    known: BTreeMap<Address, Cow<'a, Device>>,
    /// What the intents say.
    wanted: BTreeMap<Address, Device>,
}

impl<'a> Reach<'a> {
    /// Compares what state knows with the intents.
    pub fn new(network: &'a Network, known: &'a BTreeMap<Address, Device>) -> Self {
        let forgotten = |address: &Address| network.forgotten.iter().any(|path| address.is_within(&path.value));
        let known = known.iter().filter(|(address, _)| !forgotten(address));
        let now = |(address, device): (&Address, &'a Device)| match moves::renamed(network, address) {
            same if same == *address => (same, Cow::Borrowed(device)),
            other => (other, Cow::Owned(device.leaving(address))),
        };
        let known: BTreeMap<Address, Cow<'a, Device>> = known.map(now).collect();
        // Before the first apply there is nothing to compare.
        let wanted = if known.is_empty() { BTreeMap::new() } else { Deployment::devices_of(network) };
        Self { network, known, wanted }
    }

    /// The nodes that are another device, or speak another format, than when they were applied.
    pub fn elsewhere(&self) -> BTreeSet<Address> {
        let both = self.known.iter().filter_map(|(address, known)| Some((address, known, self.wanted.get(address)?)));
        let differ = both.filter(|(address, known, wanted)| {
            wanted.management.is_some() && known.management.is_some() && known.reach(address) != wanted.reach(address)
        });
        differ.map(|(address, ..)| address.clone()).collect()
    }

    /// A device as state knows it.
    pub fn known(&self, address: &Address) -> Option<&Device> {
        self.known.get(address).map(AsRef::as_ref)
    }

    /// The devices of the intents, where state knows any.
    pub fn wanted(&self) -> impl Iterator<Item = (&Address, &Device)> {
        self.wanted.iter()
    }

    /// Errors where one device has two names, or another one has not been read; warnings of what stays on an old one.
    pub fn findings(&self, snapshot: Option<&Snapshot>) -> Vec<Diagnostic> {
        let mut findings: Vec<Diagnostic> = self.two_names();
        findings.extend(self.elsewhere().iter().filter_map(|address| self.moved(address, snapshot)));
        findings
    }

    fn two_names(&self) -> Vec<Diagnostic> {
        let places = self.wanted.iter().filter_map(|(address, device)| Some((device.place(address)?, address)));
        let places: BTreeMap<String, &Address> = places.collect();
        let gone = self.known.iter().filter(|(address, _)| !self.wanted.contains_key(*address));
        let twice = gone.filter_map(|(old, device)| Some((old, *places.get(&device.place(old)?)?, device.place(old)?)));
        twice
            .map(|(old, new, place)| {
                let message = format!("`{new}` is at `{place}`, which was applied as `{old}`");
                Diagnostic::error(&codes::ONE_DEVICE_TWO_NAMES, self.span(new), message)
                    .help(format!("if it was renamed, write `moved {old} -> {new}`"))
                    .help(format!("if the device shall serve another network, apply without `{new}` first; `forget {old}` leaves what is there"))
            })
            .collect()
    }

    fn moved(&self, address: &Address, snapshot: Option<&Snapshot>) -> Option<Diagnostic> {
        let then = self.known.get(address)?.reach(address)?;
        let now = self.wanted.get(address)?.reach(address)?;
        let read = snapshot.filter(|snapshot| snapshot.reached.get(address) == Some(&now));
        Some(match read {
            Some(snapshot) => {
                let message = format!("what was put on `{then}` stays there: `{address}` is at `{now}` now");
                let warning = Diagnostic::warning(&codes::REACHED_ELSEWHERE, self.span(address), message);
                warning.help(match left::folder_of(address, self.known(address)?) {
                    // A folder that was moved has nothing left where it was.
                    Some(_) => files_left(snapshot.left.get(address)?),
                    None => "if that is another device, empty it by its own means, or take the node down there first"
                        .to_owned(),
                })
            }
            None => {
                let message =
                    format!("`{address}` is at `{now}` now, and was applied at `{then}`: what is there is not known");
                let goes_on = self.goes_on_as(address);
                let name =
                    |name: &str| format!("if the node of the cluster is the same, write its name: `node \"{name}\"`");
                Diagnostic::error(&codes::REACHED_ELSEWHERE, self.span(address), message)
                    .maybe_help(goes_on.map(name))
                    .help("read it first: `ranform plan -refresh` compares with what the device holds")
            }
        })
    }

    /// The name of a node in its cluster, which a rename in the intents does not change.
    fn goes_on_as(&self, address: &Address) -> Option<&str> {
        let (known, wanted) =
            (self.known.get(address)?.management.as_ref()?, self.wanted.get(address)?.management.as_ref()?);
        let named = |way: &'_ Management| way.cluster.as_ref().is_some_and(|access| access.node.is_some());
        let same = known.protocol == wanted.protocol && known.cluster_words() == wanted.cluster_words();
        let name = known.cluster.as_ref()?.node.as_ref()?;
        (same && !named(wanted)).then_some(&*name.value)
    }

    fn span(&self, address: &Address) -> Span {
        let nodes = self.network.nodes.iter().map(|(_, node)| (&node.entity, node.management.as_ref()));
        let rics =
            self.network.rics.iter().map(|(_, ric)| (&ric.entity, ric.peer.as_ref().map(|peer| &peer.management)));
        let found = nodes.chain(rics).find(|(entity, _)| entity.address == *address);
        found.map(|(entity, way)| way.map_or(entity.span, |way| way.endpoint.span)).unwrap_or_default()
    }
}

/// How to remove what is left in a folder.
fn files_left(files: &[String]) -> String {
    const NAMED: usize = 20;
    let names = some(files, NAMED);
    format!(
        "when this is applied, remove its files there, or whoever applies that folder goes on applying them: {names}"
    )
}
