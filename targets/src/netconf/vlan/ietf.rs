//! VLANs as interfaces of their own: `o-ran-interfaces`, and `ietf-if-vlan-encapsulation` (a draft).

use ranform_network::profile::Profile;

use super::{TYPES, found_port, found_vlan};
use crate::Finding;
use crate::netconf::record::{Filler, Identity, Node, filler, record};
use crate::netconf::{Part, Reader};
use crate::view::View;
use crate::xml::{Element, List};

const INTERFACES: &str = "urn:ietf:params:xml:ns:yang:ietf-interfaces";
const O_RAN_INTERFACES: &str = "urn:o-ran:interfaces:1.0";
const EXTENSIONS: &str = "urn:ietf:params:xml:ns:yang:ietf-if-extensions";
const ENCAPSULATION: &str = "urn:ietf:params:xml:ns:yang:ietf-if-vlan-encapsulation";
const TAGS: &str = "urn:ieee:std:802.1Q:yang:ieee802-dot1q-types";

record! {
    /// `interfaces`.
    Interfaces in INTERFACES { all: Vec<Interface> = "interface" }
    /// An interface with the leaves of both styles.
    Interface in INTERFACES {
        name: Option<String> = "name",
        description: Option<String> = "description",
        port_type: Filler<Option<Identity>> = "type",
        vlan_type: Option<Identity> = "type",
        enabled: Filler<Option<bool>> = "enabled",
        state: Option<bool> = "enabled",
        mtu: Option<u32> = "l2-mtu" in O_RAN_INTERFACES,
        tagging: Option<bool> = "vlan-tagging" in O_RAN_INTERFACES,
        base: Option<String> = "base-interface" in O_RAN_INTERFACES,
        vlan: Option<u16> = "vlan-id" in O_RAN_INTERFACES,
        encapsulation: Option<Encapsulation> = "encapsulation",
        parent: Option<String> = "parent-interface" in EXTENSIONS,
    }
    /// `encapsulation`.
    Encapsulation in EXTENSIONS { vlan: Option<TaggedVlan> = "dot1q-vlan" }
    /// `dot1q-vlan`.
    TaggedVlan in ENCAPSULATION { outer: Option<Tag> = "outer-tag" }
    /// `outer-tag`.
    Tag in ENCAPSULATION { kind: Option<Identity> = "tag-type", vlan: Option<u16> = "vlan-id" }
}

const LISTS: &[List] =
    &[List { namespace: INTERFACES, name: "interface", keys: &["name"], ordered: false, mandatory: false }];

/// `o-ran-interfaces`: base interface and VLAN id as leaves.
pub const O_RAN: Separate = Separate { o_ran: true };
/// `ietf-if-vlan-encapsulation`: parent interface and outer tag.
pub const IETF: Separate = Separate { o_ran: false };

/// The style in which a VLAN is an interface of its own.
pub struct Separate {
    o_ran: bool,
}

impl Part for Separate {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn tree(&self, view: &View, _: &Profile, _: &mut Vec<Finding>) -> Vec<Element> {
        let mut all = Vec::new();
        for port in &view.ports {
            let name = port.own.map(|own| own.resource.interface.clone());
            let name = name.or_else(|| port.below.first().map(|entry| entry.resource.interface.clone()));
            let state = port.own.and_then(|own| own.resource.unlocked);
            all.push(Interface {
                name,
                port_type: filler(Identity::new(TYPES, "ethernetCsmacd")),
                enabled: Filler(state.is_none().then_some(true)),
                state,
                mtu: port.own.and_then(|own| own.resource.mtu).filter(|_| self.o_ran),
                // Its module wants tagging switched on below a VLAN.
                tagging: (self.o_ran && !port.below.is_empty()).then_some(true),
                ..Interface::default()
            });
            all.extend(
                port.below.iter().map(|entry| {
                    self.vlan(&entry.resource.interface, entry.resource.vlan, &entry.resource.description)
                }),
            );
        }
        if all.is_empty() { Vec::new() } else { vec![Interfaces { all }.element(INTERFACES, "interfaces")] }
    }

    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String> {
        let mut found = forest.iter().filter(|element| element.name == "interfaces" && element.namespace == INTERFACES);
        found.try_for_each(|element| {
            for read in Interfaces::parse(element)?.all {
                self.interface(read, reader);
            }
            Ok(())
        })
    }

    fn filter(&self, view: &View, _: &Profile) -> Vec<Element> {
        // All interfaces: VLANs of others on our ports are interfaces of their own.
        if view.ports.is_empty() { Vec::new() } else { vec![Element::leaf(INTERFACES, "interfaces", "")] }
    }
}

impl Separate {
    fn vlan(&self, interface: &str, vlan: u16, description: &str) -> Interface {
        let common = Interface {
            name: Some(format!("{interface}.{vlan}")),
            description: (!description.is_empty()).then(|| description.to_owned()),
            vlan_type: Some(Identity::new(TYPES, "l2vlan")),
            enabled: filler(true),
            ..Interface::default()
        };
        if self.o_ran {
            return Interface { base: Some(interface.to_owned()), vlan: Some(vlan), ..common };
        }
        let tag = Tag { kind: Some(Identity::new(TAGS, "c-vlan")), vlan: Some(vlan) };
        let encapsulation = Encapsulation { vlan: Some(TaggedVlan { outer: Some(tag) }) };
        Interface { encapsulation: Some(encapsulation), parent: Some(interface.to_owned()), ..common }
    }

    fn interface(&self, read: Interface, reader: &mut Reader) {
        let Some(name) = read.name else { return };
        let (parent, vlan) = if self.o_ran {
            (read.base, read.vlan)
        } else {
            let tag = read.encapsulation.and_then(|one| one.vlan).and_then(|one| one.outer);
            (read.parent, tag.and_then(|tag| tag.vlan))
        };
        match (parent, vlan) {
            (Some(parent), Some(vlan)) => found_vlan(&parent, vlan, read.description, reader),
            _ => found_port(&name, self.o_ran.then_some(read.mtu), read.state, reader),
        }
    }
}
