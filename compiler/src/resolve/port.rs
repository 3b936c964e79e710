//! `port p1 { rate 1Gbps  interface "eth1"  mtu 9000 }`

use ranform_network::ids::NodeId;
use ranform_network::network::Port;
use ranform_network::{Address, Located};

use super::body::Body;
use super::cell::STATES;
use super::names::Lookup;

/// What a port block or row says. The name of a port is its interface's where no other is given.
pub(crate) fn port(body: &Body<'_>, node: Option<NodeId>, lookup: Lookup<'_>) -> Option<Port> {
    let on = node.and_then(|node| lookup.network.nodes.get(node));
    let parent = on.map(|node| node.entity.address.clone()).unwrap_or_else(|| Address::new("node", ""));
    let interface = match body.one("interface") {
        Some(interface) => interface.text(),
        None => Some(Located::new(body.name.as_str().into(), body.span)),
    };
    let rate = body.one("rate").and_then(|rate| rate.bits_per_second()).map(|rate| rate.value);
    let mtu = body.one("mtu").and_then(|mtu| mtu.whole(68, 65_535));
    let unlocked = body.one("state").and_then(|state| state.choice(STATES)).map(|state| state.value);
    let entity = body.entity(parent.child("port", &body.name));
    Some(Port { entity, node: node?, interface: interface?, rate, mtu, unlocked })
}
