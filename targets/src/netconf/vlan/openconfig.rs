//! VLANs as sub-interfaces: `openconfig-interfaces` with `openconfig-vlan`.

use ranform_network::profile::Profile;

use super::{TYPES, found_port, found_vlan};
use crate::Finding;
use crate::netconf::record::{Filler, Identity, Node, filler, record};
use crate::netconf::{Part, Reader};
use crate::view::{PortBranch, View};
use crate::xml::{Element, List};

const INTERFACES: &str = "http://openconfig.net/yang/interfaces";
const VLAN: &str = "http://openconfig.net/yang/vlan";

record! {
    /// `interfaces`.
    Interfaces in INTERFACES { all: Vec<Interface> = "interface" }
    /// An interface.
    Interface in INTERFACES {
        name: Option<String> = "name",
        config: Option<InterfaceConfig> = "config",
        below: Option<Subinterfaces> = "subinterfaces",
    }
    /// Its configuration; its name is the key, which refers to it, so it stays as long as the entry.
    InterfaceConfig in INTERFACES {
        name: Filler<Option<String>> = "name",
        kind: Filler<Option<Identity>> = "type",
        mtu: Option<u32> = "mtu",
        enabled: Filler<Option<bool>> = "enabled",
        state: Option<bool> = "enabled",
    }
    /// `subinterfaces`.
    Subinterfaces in INTERFACES { all: Vec<Subinterface> = "subinterface" }
    /// A sub-interface, its index the VLAN.
    Subinterface in INTERFACES {
        index: Option<u32> = "index",
        config: Option<SubinterfaceConfig> = "config",
        vlan: Option<Vlan> = "vlan",
    }
    /// Its configuration.
    SubinterfaceConfig in INTERFACES {
        index: Filler<Option<u32>> = "index",
        description: Option<String> = "description",
        enabled: Filler<Option<bool>> = "enabled",
    }
    /// `vlan`.
    Vlan in VLAN { matches: Option<Match> = "match" }
    /// `match`.
    Match in VLAN { single: Option<Single> = "single-tagged" }
    /// `single-tagged`.
    Single in VLAN { config: Option<SingleConfig> = "config" }
    /// Its configuration.
    SingleConfig in VLAN { vlan: Option<u16> = "vlan-id" }
}

const LISTS: &[List] = &[
    List { namespace: INTERFACES, name: "interface", keys: &["name"], ordered: false, mandatory: false },
    List { namespace: INTERFACES, name: "subinterface", keys: &["index"], ordered: false, mandatory: false },
];

/// The OpenConfig style.
pub const OPENCONFIG: Inside = Inside;

/// The style in which a VLAN is inside its interface.
pub struct Inside;

impl Part for Inside {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn tree(&self, view: &View, _: &Profile, _: &mut Vec<Finding>) -> Vec<Element> {
        let all: Vec<Interface> = view.ports.iter().map(interface).collect();
        if all.is_empty() { Vec::new() } else { vec![Interfaces { all }.element(INTERFACES, "interfaces")] }
    }

    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String> {
        let found = forest.iter().filter(|element| element.name == "interfaces" && element.namespace == INTERFACES);
        for element in found {
            for read in Interfaces::parse(element)?.all {
                let Some(name) = read.name else { continue };
                let config = read.config.unwrap_or_default();
                found_port(&name, Some(config.mtu), config.state, reader);
                for below in read.below.map(|below| below.all).unwrap_or_default() {
                    let tag = below.vlan.and_then(|vlan| vlan.matches).and_then(|one| one.single);
                    let vlan = tag.and_then(|tag| tag.config).and_then(|config| config.vlan);
                    if let Some(vlan) = vlan {
                        found_vlan(&name, vlan, below.config.and_then(|config| config.description), reader);
                    }
                }
            }
        }
        Ok(())
    }

    fn filter(&self, view: &View, _: &Profile) -> Vec<Element> {
        let own = |port: &PortBranch| {
            let name = port.own.map(|own| own.resource.interface.clone()).unwrap_or_default();
            Element::container(INTERFACES, "interface", vec![Element::leaf(INTERFACES, "name", name)])
        };
        let all: Vec<Element> = view.ports.iter().map(own).collect();
        if all.is_empty() { Vec::new() } else { vec![Element::container(INTERFACES, "interfaces", all)] }
    }
}

fn interface(port: &PortBranch) -> Interface {
    let name = port.own.map(|own| own.resource.interface.clone());
    let name = name.or_else(|| port.below.first().map(|entry| entry.resource.interface.clone()));
    let state = port.own.and_then(|own| own.resource.unlocked);
    let below = port.below.iter().map(|entry| {
        let (index, description) = (u32::from(entry.resource.vlan), &entry.resource.description);
        let config = SubinterfaceConfig {
            index: filler(index),
            description: (!description.is_empty()).then(|| description.clone()),
            enabled: filler(true),
        };
        let single = Single { config: Some(SingleConfig { vlan: Some(entry.resource.vlan) }) };
        let vlan = Vlan { matches: Some(Match { single: Some(single) }) };
        Subinterface { index: Some(index), config: Some(config), vlan: Some(vlan) }
    });
    Interface {
        config: Some(InterfaceConfig {
            name: Filler(name.clone()),
            kind: filler(Identity::new(TYPES, "ethernetCsmacd")),
            mtu: port.own.and_then(|own| own.resource.mtu),
            enabled: Filler(state.is_none().then_some(true)),
            state,
        }),
        name,
        below: Some(Subinterfaces { all: below.collect() }),
    }
}
