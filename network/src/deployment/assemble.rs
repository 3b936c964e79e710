//! From a network and the optimizers' answers to a [`Deployment`]: the last place where anything is derived.
//!
//! One function per kind of thing, in the order in which devices hold them. Ids and list places that state
//! already knows are kept, so that a rename or a new tenant never disturbs what is there.

use std::collections::BTreeMap;

use super::kept::Kept;
use super::*;
use crate::address::slug;
use crate::answers::{Decisions, SliceShare, SliceShares};
use crate::ids::*;
use crate::network::*;
use crate::radio::{Band, Plmn, Snssai, WifiBand};
use crate::source::Located;

impl Deployment {
    /// Everything decided for `network`: nodes that are managed, their cells, radios and ports, what each service
    /// puts on them with its shares, and the software that RICs and requests need. `recorded` keeps ids, numbers
    /// and list places stable.
    pub fn new(network: &Network, decisions: &Decisions, recorded: &BTreeMap<Address, Recorded>) -> Self {
        let mut assembly = Assembly {
            network,
            recorded,
            kept: Kept::new(recorded),
            shares: by_place(&decisions.shares),
            cores: core_endpoints(network),
            terminations: place_software::terminations(network, &decisions.placement),
            deployment: Self { devices: Self::devices_of(network), ..Self::default() },
        };
        for (id, node) in network.nodes.iter() {
            if is_managed(node) {
                assembly.node(id, node);
            }
        }
        for (_, service) in network.services.iter() {
            assembly.service(service);
        }
        assembly.policies();
        assembly.order_tenants();
        assembly.ric_instances(decisions);
        assembly.model_instances(&decisions.models);
        assembly.tell_apart();
        assembly.data_stores();
        assembly.peers();
        let mut deployment = assembly.deployment;
        deployment.decide_updates(recorded);
        deployment
    }

    /// The devices of a network, by address: managed nodes, and placed RICs that take policies, since what their
    /// components run on are others.
    pub fn devices_of(network: &Network) -> BTreeMap<Address, Device> {
        let name = |address: &Address| address.last().1.trim_matches('"').to_owned();
        let nodes = network.nodes.iter().map(|(_, node)| node).filter(|node| is_managed(node));
        let capacity =
            |node: &Node| node.capacity.iter().map(|(name, amount)| (name.to_string(), amount.value)).collect();
        let nodes =
            nodes.map(|node| (&node.entity.address, node.profile.clone(), node.management.clone(), capacity(node)));
        let rics = network.policy_rics().filter(|ric| matches!(ric, PolicyRic::Placed(_)));
        let rics = rics.filter_map(|ric| network.policy_peer(ric));
        let rics =
            rics.map(|peer| (&peer.entity.address, peer.profile.clone(), peer.management.cloned(), Amounts::new()));
        nodes
            .chain(rics)
            .map(|(address, profile, management, capacity)| {
                (address.clone(), Device { profile, management, name: name(address), capacity })
            })
            .collect()
    }
}

/// Whether a node is managed; there is a driver for every protocol.
fn is_managed(node: &Node) -> bool {
    node.management.is_some()
}

/// The shares of one tenant on one interface: downlink and uplink.
type Shares = BTreeMap<(Interface, TenantId), [Option<SliceShare>; 2]>;

fn by_place(shares: &SliceShares) -> Shares {
    let mut places = Shares::new();
    for share in &shares.shares {
        let slot = usize::from(share.direction == Direction::Ul);
        places.entry((share.interface, share.tenant)).or_default()[slot] = Some(*share);
    }
    places
}

/// The core endpoints that each node needs for the services on its cells, in service order.
fn core_endpoints(network: &Network) -> BTreeMap<NodeId, Vec<CoreEndpoint>> {
    let mut cores: BTreeMap<NodeId, Vec<CoreEndpoint>> = BTreeMap::new();
    for (_, service) in network.services.iter() {
        let chunk = &network.chunks[service.chunk.value];
        let tenant = &network.tenants[chunk.tenant.value];
        let Some(plmn) = service.plmn.or(tenant.plmn) else { continue };
        let cells = chunk.interfaces.iter().filter(|interface| matches!(interface, Interface::Cell(_)));
        let nodes: std::collections::BTreeSet<NodeId> = cells.map(|cell| network.node_of(*cell)).collect();
        for node in nodes {
            let role = if network.nodes[node].kind == NodeKind::Enb { "mme" } else { "amf" };
            let endpoints = cores.entry(node).or_default();
            for (_, address) in tenant.cores.iter().filter(|(wanted, _)| wanted.is_empty() || &**wanted == role) {
                let endpoint =
                    CoreEndpoint { plmn: plmn.value, role: role.to_owned(), address: address.value.to_string() };
                if !endpoints.contains(&endpoint) {
                    endpoints.push(endpoint);
                }
            }
        }
    }
    cores
}

pub(super) struct Assembly<'a> {
    pub(super) network: &'a Network,
    pub(super) recorded: &'a BTreeMap<Address, Recorded>,
    pub(super) kept: Kept<'a>,
    shares: Shares,
    cores: BTreeMap<NodeId, Vec<CoreEndpoint>>,
    /// Where each E2 node finds its E2 termination, as far as that is known.
    terminations: BTreeMap<NodeId, Name>,
    pub(super) deployment: Deployment,
}

impl Assembly<'_> {
    fn node(&mut self, id: NodeId, node: &Node) {
        let name = node.entity.address.last().1.trim_matches('"').to_owned();
        if node.profile.only_runs_software() {
            return;
        }
        // On these nothing but what they carry or run is configured.
        let carries_only =
            [NodeKind::Switch, NodeKind::Compute, NodeKind::NearRtRic, NodeKind::NonRtRic].contains(&node.kind);
        if !carries_only {
            let resource = Resource::Node(self.node_resource(id, node));
            self.place(node.entity.address.clone(), resource, id, &node.entity, None, &name);
        }
        for &cell in &node.cells {
            let cell = &self.network.cells[cell];
            let resource = Resource::Cell(cell_resource(cell, self.network.host_plmn_of(id)));
            self.place(cell.entity.address.clone(), resource, id, &cell.entity, None, cell.entity.address.last().1);
        }
        for &radio in &node.radios {
            let radio = &self.network.radios[radio];
            let resource = Resource::Radio(radio_resource(radio));
            self.place(radio.entity.address.clone(), resource, id, &radio.entity, None, radio.entity.address.last().1);
        }
        for &port in &node.ports {
            let port = &self.network.ports[port];
            let resource = Resource::Port(PortResource {
                interface: port.interface.value.to_string(),
                mtu: port.mtu.map(|mtu| mtu.value),
                unlocked: port.unlocked,
            });
            self.place(port.entity.address.clone(), resource, id, &port.entity, None, &port.interface.value);
        }
    }

    fn node_resource(&mut self, id: NodeId, node: &Node) -> NodeResource {
        let country = node.radios.iter().find_map(|&radio| self.network.radios[radio].country.as_ref());
        let gnb_id = self.network.gnb_id_of(id);
        NodeResource {
            id: gnb_id.map(|id| id.value.value).or(node.enb_id.map(|id| id.value)),
            id_length: gnb_id.map(|id| id.value.length),
            du_id: node.gnb_du_id.map(|id| id.value),
            du_name: node.gnb_du_name.as_ref().map(|name| name.value.to_string()),
            cores: self.cores.remove(&id).unwrap_or_default(),
            country: country.map(|country| country.value.to_string()),
            e2_endpoint: self.termination(id, node).map(|endpoint| endpoint.to_string()),
        }
    }

    /// Where the node finds its E2 termination: at the one that serves it, where the device can be told; else as stated.
    fn termination(&self, id: NodeId, node: &Node) -> Option<Name> {
        let placed = self.terminations.get(&id).filter(|_| node.profile.knobs.contains_key("node.e2_endpoint"));
        placed.or(node.e2_endpoint.as_ref()).cloned()
    }

    fn service(&mut self, service: &Service) {
        let network = self.network;
        let chunk = &network.chunks[service.chunk.value];
        let tenant = &network.tenants[chunk.tenant.value];
        let name = tenant.entity.address.last().1.trim_matches('"').to_owned();
        for &interface in &chunk.interfaces {
            let node = network.node_of(interface);
            if !is_managed(&network.nodes[node]) || network.nodes[node].profile.only_runs_software() {
                continue;
            }
            let at = &network.entity_of(interface).address;
            let (address, resource, device_id) = match interface {
                Interface::Cell(cell) => {
                    let Some(plmn) = service.plmn.or(tenant.plmn) else { continue };
                    let cell_data = &network.cells[cell];
                    let snssai = service.snssai.or(tenant.snssai).filter(|_| cell_data.technology() == Technology::Nr);
                    let resource = Resource::CellTenant(CellTenantResource {
                        plmn: plmn.value,
                        snssai: snssai.map(|snssai| snssai.value),
                        quota: self.quotas(interface, chunk.tenant.value),
                        order: 0,
                        priority: None,
                    });
                    (at.child("tenant", &name), resource, slug(&name))
                }
                Interface::Radio(radio) => {
                    let Some(ssid) = service.ssid.as_ref().or(tenant.ssid.as_ref()) else { continue };
                    let weight = self.share(interface, chunk.tenant.value).filter(|share| share.enforced);
                    let passive = network.radios[radio].sharing.mode == SharingMode::Passive;
                    let resource = Resource::RadioTenant(RadioTenantResource {
                        ssid: ssid.value.to_string(),
                        vlan: service.vlan.or(tenant.vlan).map(|vlan| vlan.value),
                        weight: weight.filter(|_| !passive).map(|share| share.percent),
                        limit: weight.is_some_and(|share| share.max_percent < 100.0),
                    });
                    (at.child("tenant", &name), resource, ssid.value.to_string())
                }
                Interface::Port(port) => {
                    let Some(vlan) = service.vlan.or(tenant.vlan) else { continue };
                    let interface = network.ports[port].interface.value.to_string();
                    let resource = Resource::PortVlan(PortVlanResource {
                        vlan: vlan.value,
                        description: PortVlanResource::describes(&name),
                        interface: interface.clone(),
                    });
                    (at.child("vlan", &vlan.value.to_string()), resource, format!("{interface}.{}", vlan.value))
                }
            };
            self.place(address, resource, node, &service.entity, Some(&name), &device_id);
        }
    }

    fn policies(&mut self) {
        for (address, mut placed) in super::place_policies::policies(self.network) {
            if let Some(known) = self.recorded.get(&address) {
                placed.device_id.clone_from(&known.device_id);
                keep_service(&mut placed, &known.resource);
            }
            self.deployment.placed.entry(address).or_insert(placed);
        }
    }

    fn share(&self, interface: Interface, tenant: TenantId) -> Option<SliceShare> {
        let [dl, ul] = self.shares.get(&(interface, tenant)).copied().unwrap_or_default();
        dl.or(ul)
    }

    /// Quotas from shares (slicing.md, "From a share to a device's knobs"); none on a passive cell.
    fn quotas(&self, interface: Interface, tenant: TenantId) -> Option<Quotas> {
        let sharing = self.network.sharing_of(interface)?;
        let capability = self.network.nodes[self.network.node_of(interface)].profile.sharing.as_ref()?;
        let quota = |share: SliceShare| match sharing.mode {
            SharingMode::Prb => Quota {
                dedicated: if capability.dedicated { share.percent } else { 0.0 },
                min: share.percent,
                max: share.percent,
                prbs: share.prbs,
            },
            _ => Quota { dedicated: 0.0, min: share.percent, max: share.max_percent, prbs: share.prbs },
        };
        let [dl, ul] = self.shares.get(&(interface, tenant)).copied().unwrap_or_default();
        let [dl, ul] = [dl, ul].map(|share| share.filter(|share| share.enforced).map(quota));
        match (dl, ul) {
            (None, None) => None,
            (Some(dl), Some(ul)) if dl == ul => Some(Quotas::Both { both: dl }),
            (Some(both), None) | (None, Some(both)) if !capability.directions => Some(Quotas::Both { both }),
            (dl, ul) => Some(Quotas::Each { dl, ul }),
        }
    }

    fn place(
        &mut self,
        address: Address,
        resource: Resource,
        node: NodeId,
        entity: &Entity,
        tenant: Option<&str>,
        device_id: &str,
    ) {
        let placed = self.placed(&address, resource, node, entity, tenant, device_id);
        // Two services of one tenant on one interface are refused by a check; the first stands here.
        self.deployment.placed.entry(address).or_insert(placed);
    }

    /// A thing on a node, with the id that state knows or this one.
    pub(super) fn placed(
        &self,
        address: &Address,
        resource: Resource,
        node: NodeId,
        entity: &Entity,
        tenant: Option<&str>,
        device_id: &str,
    ) -> Placed {
        let recorded = self.recorded.get(address);
        Placed {
            resource,
            device: self.network.nodes[node].entity.address.clone(),
            device_id: recorded.map_or_else(|| device_id.trim_matches('"').to_owned(), |known| known.device_id.clone()),
            span: entity.span,
            tenant: tenant.map(str::to_owned),
            owner: entity.owner.as_ref().map(|owner| owner.to_string()),
        }
    }

    /// Gives each tenant its place in its cell's ordered PLMN list: places that state knows stay, new tenants
    /// are appended in address order (target-formats.md 14: the first PLMN builds the cell's identity).
    fn order_tenants(&mut self) {
        let mut used: BTreeMap<Address, u32> = BTreeMap::new();
        let known = |address: &Address| match self.recorded.get(address).map(|recorded| &recorded.resource) {
            Some(Resource::CellTenant(tenant)) => Some(tenant.order),
            _ => None,
        };
        for address in self.deployment.placed.keys() {
            if let (Some(order), Some(cell)) = (known(address), address.parent()) {
                let highest = used.entry(cell).or_default();
                *highest = (*highest).max(order);
            }
        }
        let hosts: BTreeMap<Address, Plmn> = self.deployment.placed.iter().filter_map(host_of).collect();
        for (address, placed) in &mut self.deployment.placed {
            let Resource::CellTenant(tenant) = &mut placed.resource else { continue };
            let Some(cell) = address.parent() else { continue };
            let known = known(address);
            // The tenant whose entry is the host's shares the host's place; a first place of its own is kept.
            let is_whole = tenant.snssai.is_none_or(|snssai| snssai == Snssai::WHOLE);
            if is_whole && hosts.get(&cell) == Some(&tenant.plmn) {
                tenant.order = known.filter(|order| *order == 1 && tenant.snssai.is_some()).unwrap_or(0);
                continue;
            }
            tenant.order = known.filter(|order| *order > 0).unwrap_or_else(|| {
                let highest = used.entry(cell).or_default();
                *highest += 1;
                *highest
            });
        }
    }
}

/// The address and host PLMN of a cell.
fn host_of((address, placed): (&Address, &Placed)) -> Option<(Address, Plmn)> {
    match &placed.resource {
        Resource::Cell(cell) => Some((address.clone(), cell.host_plmn?)),
        _ => None,
    }
}

/// State from before services were recorded: what was written under the owner's present name stays as it is.
fn keep_service(placed: &mut Placed, known: &Resource) {
    let (Resource::Policy(policy), Resource::Policy(known)) = (&mut placed.resource, known) else { return };
    let begins_with = |owner: &str| placed.device_id.starts_with(&format!("{}-", policy_prefix(owner)));
    if known.service.is_none() && policy.service.as_deref().is_some_and(begins_with) {
        policy.service = None;
    }
}

fn cell_resource(cell: &Cell, host: Option<Located<Plmn>>) -> CellResource {
    let (Band::Nr(band) | Band::Lte(band)) = cell.band.value;
    CellResource {
        technology: cell.technology(),
        local_id: cell.local_id.map(|id| id.value),
        band,
        carrier_hz: cell.carrier.value.0,
        uplink_carrier_hz: cell.uplink_carrier.map_or(cell.carrier.value.0, |carrier| carrier.value.0),
        arfcn_dl: cell.arfcn_dl,
        arfcn_ul: cell.arfcn_ul,
        bandwidth_hz: cell.bandwidth.value.0,
        scs_hz: cell.scs.value.0,
        prbs: cell.prbs.0,
        duplex: cell.duplex.value,
        tdd_pattern: cell.tdd_pattern.as_ref().map(|pattern| pattern.value.to_string()),
        pci: cell.pci.map(|pci| pci.value),
        tac: cell.tac.map(|tac| tac.value),
        ssb_arfcn: cell.ssb_arfcn,
        power_dbm: cell.power.map(|power| power.value.0),
        azimuth_deg: cell.azimuth.map(|azimuth| azimuth.0),
        tilt_deg: cell.tilt.map(|tilt| tilt.0),
        unlocked: cell.unlocked,
        host_plmn: host.map(|plmn| plmn.value),
        sharing: cell.sharing.mode,
    }
}

fn radio_resource(radio: &Radio) -> RadioResource {
    RadioResource {
        band: radio.band.map_or_else(|| WifiBand::of_channel(radio.channel.value), |band| band.value),
        channel: radio.channel.value,
        width_hz: radio.width.value.0,
        standard: radio.standard.value.to_string(),
        power_dbm: radio.power.map(|power| power.value.0),
        country: radio.country.as_ref().map(|country| country.value.to_string()),
        interface: radio.interface.as_ref().map(|interface| interface.value.to_string()),
        unlocked: radio.unlocked,
        sharing: radio.sharing.mode,
    }
}
