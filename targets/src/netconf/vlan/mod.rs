//! VLAN sub-interfaces of Ethernet ports, in the three styles that devices have.
//!
//! `o-ran` and `ietf` are an interface `eth1.101` beside its parent ([`ietf`]); `openconfig` is a sub-interface inside
//! it ([`openconfig`]). The smallest part: the one to imitate for a new format.

mod ietf;
mod openconfig;

pub use ietf::{IETF, O_RAN};
pub use openconfig::OPENCONFIG;

use ranform_network::Address;
use ranform_network::deployment::*;

use super::Reader;

/// `iana-if-type`, whose identities are the types of interfaces.
const TYPES: &str = "urn:ietf:params:xml:ns:yang:iana-if-type";

/// Notes a port that is known; others are none of ours. `enabled` is what the device says, if anything.
fn found_port(name: &str, mtu: Option<Option<u32>>, enabled: Option<bool>, reader: &mut Reader) {
    let known = reader.known.ports.iter().filter_map(|branch| branch.own).find(|own| own.resource.interface == name);
    let Some(own) = known else { return };
    // A style without a leaf for the MTU leaves it to what is known.
    let mtu = mtu.unwrap_or(own.resource.mtu);
    let (address, id) = (own.address.clone(), own.id.to_owned());
    // A state that no intent gives is none of ours; without a word an interface is in service (RFC 8343).
    let unlocked = own.resource.unlocked.and(enabled.or(Some(true)));
    reader.found(address, id, Resource::Port(PortResource { interface: name.to_owned(), mtu, unlocked }));
}

/// Notes a VLAN of a known port: known by interface and number, else under the address derived from them.
fn found_vlan(interface: &str, vlan: u16, description: Option<String>, reader: &mut Reader) {
    let port = reader.known.ports.iter().find(|branch| {
        branch.own.map(|own| own.resource.interface.as_str()) == Some(interface)
            || branch.below.iter().any(|entry| entry.resource.interface == interface)
    });
    let Some(port) = port else { return };
    let known = port.below.iter().find(|entry| entry.resource.interface == interface && entry.resource.vlan == vlan);
    let address: Address =
        known.map_or_else(|| port.address.child("vlan", &vlan.to_string()), |entry| entry.address.clone());
    let id = known.map_or_else(|| format!("{interface}.{vlan}"), |entry| entry.id.to_owned());
    let description = description.unwrap_or_default();
    reader.found(
        address,
        id,
        Resource::PortVlan(PortVlanResource { interface: interface.to_owned(), vlan, description }),
    );
}
