//! `port p1 { rate 1Gbps  interface "eth1"  mtu 9000 }`

use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{Name, Port};
use ranform_network::{Address, Diagnostic, Located};

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
    let interface = interface.filter(|interface| is_interface(body, interface));
    let rate = body.one("rate").and_then(|rate| rate.bits_per_second()).map(|rate| rate.value);
    let mtu = body.one("mtu").and_then(|mtu| mtu.whole(68, 65_535));
    let unlocked = body.one("state").and_then(|state| state.choice(STATES)).map(|state| state.value);
    let entity = body.entity(parent.child("port", &body.name));
    Some(Port { entity, node: node?, interface: interface?, rate, mtu, unlocked })
}

/// Whether a device can have an interface of this name: 1 to 64 characters that are seen, no blank; reported if not.
fn is_interface(body: &Body<'_>, name: &Located<Name>) -> bool {
    let legal = (1..=64).contains(&name.value.len()) && name.value.bytes().all(|byte| byte.is_ascii_graphic());
    if !legal {
        let message = format!("`{}` is no name of an interface", name.value);
        body.report(
            Diagnostic::error(&codes::WRONG_VALUE, name.span, message).help(
                "write the device's own name of it, 1 to 64 ASCII characters without a blank: `interface \"eth1\"`",
            ),
        );
    }
    legal
}
