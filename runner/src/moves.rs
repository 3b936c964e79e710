//! `moved` lines: what is recorded, under today's names.
//!
//! An address names the things that it stands on, not only above the slash: `ric.metro/e2t.edge-3` is of a RIC and on a
//! node, `node.edge-3/model.storm` of a model. Each of them may be renamed.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{
    Recorded, Resource, RicInstanceResource, model_instance_address, ric_instance_address, ric_instance_noun,
};
use ranform_network::network::policy_address;

use crate::forgets;
use crate::memory::Memory;

/// What is recorded by address under today's names: `moved` renames, `forget` takes away.
pub fn after<T>(
    network: &Network,
    all: BTreeMap<Address, T>,
    recorded: impl Fn(&mut T) -> &mut Recorded,
) -> BTreeMap<Address, T> {
    if network.moved.is_empty() && network.forgotten.is_empty() {
        return all;
    }
    let now = |(address, mut thing): (Address, T)| {
        let known = recorded(&mut thing);
        if network.forgotten.iter().any(|path| forgets::lets_go(network, &path.value, &address, known)) {
            return None;
        }
        let now = of(network, &address, known);
        known.rename(&now, |name| renamed(network, name));
        Some((now, thing))
    };
    all.into_iter().filter_map(now).collect()
}

/// An address that intents declare after all `moved` lines, in whatever order they stand: a whole prefix, or a tenant's
/// name wherever it stands below an interface.
pub fn renamed(network: &Network, address: &Address) -> Address {
    let mut address = address.clone();
    // Names do not move in a circle: each round takes one line of a chain at least.
    for _ in 0..network.moved.len() {
        let before = address.clone();
        for moved in &network.moved {
            let (from, to) = (&moved.from.value, &moved.to.value);
            if let Some(rest) = address.as_str().strip_prefix(from.as_str()).filter(|_| address.is_within(from)) {
                address = Address::from_text(format!("{to}{rest}"));
            } else if let (Some(parent), ("tenant", _)) = (address.parent(), from.last())
                && address.last() == from.last()
            {
                address = Address::from_text(format!("{parent}/tenant.{}", to.last().1));
            }
        }
        if address == before {
            break;
        }
    }
    address
}

/// The address of a recorded thing after all `moved` lines.
pub fn of(network: &Network, address: &Address, known: &Recorded) -> Address {
    if network.moved.is_empty() {
        return address.clone();
    }
    let device = renamed(network, &known.device);
    match &known.resource {
        Resource::RicInstance(instance) => ric_instance(network, address, instance, &device),
        Resource::ModelInstance(instance) => {
            let hosted = instance.hosted.as_ref().map(|node| renamed(network, node));
            let of_model = model_instance_address(&device, hosted.as_ref(), &renamed(network, &instance.model));
            match address.last() {
                ("instance", number) => of_model.child("instance", number),
                _ => of_model,
            }
        }
        Resource::Policy(_) => policy(network, address, &device),
        _ => renamed(network, address),
    }
}

/// The same of an address that state may hold.
pub fn now(network: &Network, memory: &Memory, address: &Address) -> Address {
    let known = memory.records.get(address);
    known.map_or_else(|| renamed(network, address), |record| of(network, address, &record.recorded))
}

/// `RIC/COMPONENT.NODE`, `RIC/XAPP.NODE`.
fn ric_instance(network: &Network, address: &Address, instance: &RicInstanceResource, node: &Address) -> Address {
    let ric = address.parent().map(|ric| renamed(network, &ric)).unwrap_or_default();
    let mut noun = address.last().0.to_owned();
    let xapps = |moved: &Address| {
        let of_ric = moved.parent().is_some_and(|parent| renamed(network, &parent) == ric);
        (of_ric && moved.last().0 == "xapp").then(|| ric_instance_noun(moved.last().1.trim_matches('"'), true))
    };
    for _ in network.moved.iter().filter(|_| instance.xapp.is_some()) {
        let mut lines = network.moved.iter().map(|moved| (xapps(&moved.from.value), xapps(&moved.to.value)));
        match lines.find(|(from, _)| *from == Some(noun.clone())) {
            Some((_, Some(to))) if to != noun => noun = to,
            _ => break,
        }
    }
    ric_instance_address(&ric, &noun, node)
}

/// `RIC/policy.NAME`, and `RIC/policy.NAME/cell.ADDRESS` of its part for one cell.
fn policy(network: &Network, address: &Address, ric: &Address) -> Address {
    let (declared, cell) = policy_of(address);
    let cell = cell.map(|cell| renamed(network, &cell));
    policy_address(ric, &renamed(network, &declared), cell.as_ref())
}

/// The policy that something at a RIC is of, as intents declare it, and the cell of a part for one.
pub(crate) fn policy_of(address: &Address) -> (Address, Option<Address>) {
    let unquoted = |at: &Address| at.last().1.trim_matches('"').to_owned();
    let (of_ric, cell) = match (address.last().0, address.parent()) {
        // In a quoted name quotation marks are apostrophes.
        ("cell", Some(parent)) => (parent, Some(Address::from_text(unquoted(address).replace('\'', "\"")))),
        _ => (address.clone(), None),
    };
    let name = unquoted(&of_ric);
    let declared = match name.split_once("policy.") {
        Some((above, _)) if above.is_empty() || above.starts_with("module.") => Address::from_text(name),
        _ => Address::new("policy", &name),
    };
    (declared, cell)
}

/// What is recorded under another name than today's, be it a thing, its device, or what it is told of others: old, new.
pub fn renames(network: &Network, memory: &Memory) -> Vec<(Address, Address)> {
    if network.moved.is_empty() {
        return Vec::new();
    }
    let mut pairs: BTreeSet<(Address, Address)> = BTreeSet::new();
    let mut declared: BTreeSet<Address> = memory.devices.keys().cloned().collect();
    for (address, record) in &memory.records {
        let known = &record.recorded;
        pairs.insert((address.clone(), of(network, address, known)));
        declared.extend(known.resource.names());
        declared.extend(known.tenant.as_ref().map(|name| Address::new("tenant", name)));
    }
    pairs.extend(declared.into_iter().map(|address| (address.clone(), renamed(network, &address))));
    pairs.into_iter().filter(|(old, new)| old != new).collect()
}
