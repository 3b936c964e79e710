//! Which addresses plans may decide, before any is made: what people name by hand is checked against it.

use crate::address::Address;
use crate::network::{ComponentKind, Network, Ric};

use super::ric_instance_noun;

/// Whether a plan of this network may decide such a thing: a tenant or a VLAN on an interface, an instance of a model, a part
/// of a RIC on a node, a policy. Whether one does is known when it is made.
pub fn may_be_decided(network: &Network, address: &Address) -> bool {
    let ((noun, name), Some(above)) = (address.last(), address.parent()) else { return false };
    let is_node = |at: &Address| network.nodes.as_slice().iter().any(|node| node.entity.address == *at);
    let ric = || network.rics.as_slice().iter().find(|ric| ric.entity.address == above);
    match (above.last().0, noun) {
        ("cell" | "radio", "tenant") => is_interface(network, &above) && any(network, "tenant", name),
        ("port", "tenant" | "vlan") => is_interface(network, &above) && is_on_ports(network, noun, name),
        ("node", "model") => is_node(&above) && any(network, "model", name),
        ("node", "hosted") => is_node(&above) && any(network, "node", name),
        ("hosted", "model") => any(network, "model", name) && may_be_decided(network, &above),
        ("model", "instance") => name.parse::<u32>().is_ok() && may_be_decided(network, &above),
        ("node", "policy") => is_node(&above) && any(network, "policy", name),
        ("ric", "policy") => ric().is_some() && any(network, "policy", name),
        ("ric", _) => any(network, "node", name) && ric().is_some_and(|ric| has_part(ric, noun)),
        _ => false,
    }
}

/// Whether one of this noun is called so, in whatever module.
fn any(network: &Network, noun: &str, name: &str) -> bool {
    macro_rules! called {
        ($column:ident) => {
            network.$column.as_slice().iter().any(|one| one.entity.address.last().1 == name)
        };
    }
    match noun {
        "tenant" => called!(tenants),
        "node" => called!(nodes),
        "model" => called!(models),
        _ => called!(policies),
    }
}

fn is_interface(network: &Network, address: &Address) -> bool {
    macro_rules! at {
        ($column:ident) => {
            network.$column.as_slice().iter().any(|one| one.entity.address == *address)
        };
    }
    at!(cells) || at!(radios) || at!(ports)
}

/// On a port a tenant is its VLAN where it has one.
fn is_on_ports(network: &Network, noun: &str, name: &str) -> bool {
    let mut tenants = network.tenants.as_slice().iter();
    match noun {
        "vlan" => tenants.any(|tenant| tenant.vlan.is_some_and(|vlan| name == vlan.value.to_string())),
        _ => tenants.any(|tenant| tenant.vlan.is_none() && tenant.entity.address.last().1 == name),
    }
}

/// Whether instances of a RIC have such a noun: that of a component or of one of its xApps.
fn has_part(ric: &Ric, noun: &str) -> bool {
    let of_xapp = |address: &Address| ric_instance_noun(address.last().1.trim_matches('"'), true) == noun;
    ComponentKind::ALL.iter().any(|(_, word)| *word == noun) || ric.xapps.iter().any(|one| of_xapp(&one.entity.address))
}
