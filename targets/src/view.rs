//! The things of one device in the order of its tree: node, cells with tenants, radios with tenants, ports with VLANs.

use ranform_network::Address;
use ranform_network::deployment::*;

use crate::target::Things;

/// A thing with its address and its id on the device.
#[derive(Debug)]
pub struct Entry<'a, T> {
    /// Its address.
    pub address: &'a Address,
    /// Its id on the device.
    pub id: &'a str,
    /// What it is.
    pub resource: &'a T,
}

// Entries are references, so they are copied whatever they refer to; a derive would ask that of `T`.
impl<T> Clone for Entry<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Entry<'_, T> {}

/// An interface and the tenants or VLANs on it; one whose own resource is not decided has none.
#[derive(Clone, Debug)]
pub struct Branch<'a, I, T> {
    /// The interface's address.
    pub address: Address,
    /// The interface.
    pub own: Option<Entry<'a, I>>,
    /// What is on it, in address order.
    pub below: Vec<Entry<'a, T>>,
}

/// A cell and its tenants.
pub type CellBranch<'a> = Branch<'a, CellResource, CellTenantResource>;
/// A radio and its tenants.
pub type RadioBranch<'a> = Branch<'a, RadioResource, RadioTenantResource>;
/// A port and its VLANs.
pub type PortBranch<'a> = Branch<'a, PortResource, PortVlanResource>;

/// The things of one device.
#[derive(Clone, Debug, Default)]
pub struct View<'a> {
    /// The device's own address.
    pub device: Address,
    /// The node itself.
    pub node: Option<Entry<'a, NodeResource>>,
    /// Its cells, in address order.
    pub cells: Vec<CellBranch<'a>>,
    /// Its radios.
    pub radios: Vec<RadioBranch<'a>>,
    /// Its ports.
    pub ports: Vec<PortBranch<'a>>,
}

impl<'a> View<'a> {
    /// `things` of `device`, as a tree.
    pub fn new(device: &Address, things: &Things<'a>) -> Self {
        let mut view = Self { device: device.clone(), ..Self::default() };
        for (&address, thing) in things {
            let id = thing.device_id;
            let above = || address.parent().unwrap_or_default();
            match thing.resource {
                Resource::Node(resource) => view.node = Some(Entry { address, id, resource }),
                Resource::Cell(resource) => {
                    branch(&mut view.cells, address.clone()).own = Some(Entry { address, id, resource });
                }
                Resource::CellTenant(resource) => {
                    branch(&mut view.cells, above()).below.push(Entry { address, id, resource });
                }
                Resource::Radio(resource) => {
                    branch(&mut view.radios, address.clone()).own = Some(Entry { address, id, resource });
                }
                Resource::RadioTenant(resource) => {
                    branch(&mut view.radios, above()).below.push(Entry { address, id, resource });
                }
                Resource::Port(resource) => {
                    branch(&mut view.ports, address.clone()).own = Some(Entry { address, id, resource });
                }
                Resource::PortVlan(resource) => {
                    branch(&mut view.ports, above()).below.push(Entry { address, id, resource });
                }
                // Software is no part of the radio tree.
                Resource::RicInstance(_) | Resource::ModelInstance(_) => {}
                // Policies have a format of their own, which is no tree.
                Resource::Policy(_) => {}
            }
        }
        view
    }

    /// The node's id on the device, from its name where the node itself is not decided (a switch).
    pub fn device_id(&self) -> &str {
        self.node.map_or_else(|| self.device.last().1.trim_matches('"'), |node| node.id)
    }
}

impl<I, T> Branch<'_, I, T> {
    /// The interface's id on the device.
    pub fn id(&self) -> &str {
        self.own.as_ref().map_or_else(|| self.address.last().1.trim_matches('"'), |own| own.id)
    }
}

impl<'a> CellBranch<'a> {
    /// Its tenants in the order of its PLMN list.
    pub fn in_order(&self) -> Vec<Entry<'a, CellTenantResource>> {
        let mut tenants = self.below.clone();
        tenants.sort_by_key(|tenant| (tenant.resource.order, tenant.address));
        tenants
    }
}

fn branch<'v, 'a, I, T>(branches: &'v mut Vec<Branch<'a, I, T>>, address: Address) -> &'v mut Branch<'a, I, T> {
    // Things come in address order, and what is below an address follows it, but not always at once.
    let at = branches.iter().rposition(|branch| branch.address == address).unwrap_or_else(|| {
        branches.push(Branch { address, own: None, below: Vec::new() });
        branches.len() - 1
    });
    &mut branches[at]
}
