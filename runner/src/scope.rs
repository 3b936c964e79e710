//! What stands in the network for an address that no device carries: a site is its nodes, an SLA its interfaces, an xApp or
//! a model wherever it may run, a policy what is at its RICs. What is no longer in the network is found in what is recorded.

use std::collections::BTreeMap;

use ranform_network::address::Address;
use ranform_network::deployment::{
    Recorded, Resource, model_instance_address, ric_instance_address, ric_instance_noun,
};
use ranform_network::ids::ChunkId;
use ranform_network::network::{Chunk, Interface, Node, NodeKind};
use ranform_network::{Network, Span};

use crate::moves;

/// What `protect` lines name, as it stands on devices, with the line.
pub struct Protection(BTreeMap<Address, Span>);

impl Protection {
    /// Of all lines of a network, over what is there.
    pub fn new(network: &Network, recorded: &BTreeMap<Address, Recorded>) -> Self {
        let mut lines = BTreeMap::new();
        for line in &network.protected {
            for address in of(network, recorded, &line.value) {
                lines.entry(address).or_insert(line.span);
            }
        }
        Self(lines)
    }

    /// The line that names the address, or something above it.
    pub fn line(&self, address: &Address) -> Option<Span> {
        std::iter::successors(Some(address.clone()), Address::parent).find_map(|one| self.0.get(&one).copied())
    }
}

/// The addresses on devices that `address` stands for: itself, unless it is a site, area, tenant, chunk, service, SLA, xApp,
/// model or policy. It is the one answer for `protect`, `outside change`, `-target` and `-exclude`.
pub fn of(network: &Network, recorded: &BTreeMap<Address, Recorded>, address: &Address) -> Vec<Address> {
    let mut all = in_network(network, address).unwrap_or_default();
    if is_carried(address) {
        let there = recorded.iter().filter(|(at, known)| stands_for(address, at, &known.resource));
        let news: Vec<Address> = there.map(|(at, _)| at.clone()).filter(|at| !all.contains(at)).collect();
        all.extend(news);
    }
    if all.is_empty() { vec![address.clone()] } else { all }
}

/// Whether an address is of something that only others carry, so that what is recorded says where.
fn is_carried(address: &Address) -> bool {
    match address.last().0 {
        "policy" | "model" => address.parent().is_none(),
        noun => noun == "xapp",
    }
}

/// Whether what is recorded at `at` is of the policy, model or xApp that `address` names, be it declared still or not.
pub fn stands_for(address: &Address, at: &Address, resource: &Resource) -> bool {
    match (resource, address.last()) {
        (Resource::Policy(_), ("policy", _)) => moves::policy_of(at).0 == *address,
        (Resource::ModelInstance(instance), ("model", _)) => instance.model == *address,
        (Resource::RicInstance(instance), ("xapp", name)) => {
            let noun = ric_instance_noun(name.trim_matches('"'), true);
            instance.xapp.is_some() && at.parent() == address.parent() && at.last().0 == noun
        }
        _ => false,
    }
}

/// What the network has for an address that no device carries.
fn in_network(network: &Network, address: &Address) -> Option<Vec<Address>> {
    let interfaces = |list: &[Interface]| list.iter().map(|at| network.entity_of(*at).address.clone()).collect();
    match address.last().0 {
        "site" => network.sites.iter().find(|(_, site)| site.entity.address == *address).map(|(id, _)| {
            network
                .nodes
                .iter()
                .filter(|(_, node)| node.site == Some(id))
                .map(|(_, node)| node.entity.address.clone())
                .collect()
        }),
        "area" => network.areas.iter().find(|(_, area)| area.entity.address == *address).map(|(_, area)| {
            let nodes = area.nodes.iter().map(|node| network.nodes[*node].entity.address.clone());
            nodes.chain(interfaces(&area.interfaces)).collect()
        }),
        "sla" => network
            .slas
            .iter()
            .find(|(_, sla)| sla.entity.address == *address)
            .map(|(_, sla)| interfaces(&sla.interfaces)),
        "chunk" | "service" | "tenant" if address.parent().is_none() => of_tenant(network, address),
        "xapp" => of_xapp(network, address),
        "model" if address.parent().is_none() => of_model(network, address),
        "policy" if address.parent().is_none() => of_policy(network, address),
        _ => None,
    }
}

/// Whether an address stands for software wherever it may run.
pub fn is_software(address: &Address) -> bool {
    address.last().0 == "xapp" || address.last().0 == "model" && address.parent().is_none()
}

/// What a tenant has on interfaces: all of it, or that of one chunk or service.
fn of_tenant(network: &Network, address: &Address) -> Option<Vec<Address>> {
    let service = network.services.iter().find(|(_, service)| service.entity.address == *address);
    let tenant = network.tenants.iter().find(|(_, tenant)| tenant.entity.address == *address).map(|(id, _)| id);
    let wanted = |id: ChunkId, chunk: &Chunk| {
        chunk.entity.address == *address
            || service.as_ref().is_some_and(|(_, service)| service.chunk.value == id)
            || tenant == Some(chunk.tenant.value)
    };
    let chunks: Vec<&Chunk> =
        network.chunks.iter().filter(|(id, chunk)| wanted(*id, chunk)).map(|(_, chunk)| chunk).collect();
    let things = chunks.iter().flat_map(|chunk| chunk.interfaces.iter().map(|at| on_interface(network, chunk, *at)));
    let known = tenant.is_some() || !chunks.is_empty();
    known.then(|| things.collect())
}

/// Where the tenant of a chunk stands on an interface.
fn on_interface(network: &Network, chunk: &Chunk, at: Interface) -> Address {
    let tenant = &network.tenants[chunk.tenant.value];
    let interface = &network.entity_of(at).address;
    match (at, tenant.vlan) {
        (Interface::Port(_), Some(vlan)) => interface.child("vlan", &vlan.value.to_string()),
        _ => interface.child("tenant", tenant.entity.address.last().1.trim_matches('"')),
    }
}

/// What a policy is at each of its RICs; of each cell stands below it.
fn of_policy(network: &Network, address: &Address) -> Option<Vec<Address>> {
    let (_, policy) = network.policies.iter().find(|(_, policy)| policy.entity.address == *address)?;
    Some(network.rics_of(policy).into_iter().map(|ric| network.policy_address(ric, policy, None)).collect())
}

/// Wherever an xApp may run.
fn of_xapp(network: &Network, address: &Address) -> Option<Vec<Address>> {
    let mut rics = network.rics.iter().map(|(_, ric)| ric);
    let ric = rics.find(|ric| ric.xapps.iter().any(|xapp| xapp.entity.address == *address))?;
    let noun = ric_instance_noun(address.last().1.trim_matches('"'), true);
    let nodes = network.nodes.iter().filter(|(_, node)| node.kind == NodeKind::Compute);
    Some(nodes.map(|(_, node)| ric_instance_address(&ric.entity.address, &noun, &node.entity.address)).collect())
}

/// Wherever a model may run: on a node for itself, and on the machine that hosts one.
fn of_model(network: &Network, address: &Address) -> Option<Vec<Address>> {
    network.models.iter().find(|(_, model)| model.entity.address == *address)?;
    let instance = |(id, node): (_, &Node)| {
        let (own, host) = (&node.entity.address, &network.nodes[network.host_of(id)].entity.address);
        model_instance_address(host, (host != own).then_some(own), address)
    };
    Some(network.nodes.iter().map(instance).collect())
}
