//! A small network in code for the tests of checks: two tenants on an NR cell, an LTE cell and a radio of one site,
//! with services and an SLA, that has no findings. A test changes one thing and names what must be found.

use std::sync::Arc;

use ranform_network::address::Address;
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::profile::PROFILES;
use ranform_network::radio::{Band, GnbId, Plmn, Snssai};
use ranform_network::source::{Located, Span};
use ranform_network::units::*;
use ranform_network::{Diagnostic, Network};

use crate::radio_tables;

/// A place that nothing else has.
pub(super) fn span() -> Span {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let start = NEXT.fetch_add(2, Ordering::Relaxed);
    Span { start, end: start + 1, ..Span::default() }
}

/// A value at a place of its own.
pub(super) fn at<T>(value: T) -> Located<T> {
    Located::new(value, span())
}

pub(super) fn mhz(value: f64) -> Hertz {
    Hertz((value * 1e6).round() as u64)
}

pub(super) fn entity(address: Address) -> Entity {
    Entity { address, span: span(), ..Entity::default() }
}

/// The ids of the things of [`network`].
pub(super) const NR: CellId = CellId(0);
pub(super) const LTE: CellId = CellId(1);
pub(super) const GNB: NodeId = NodeId(0);
pub(super) const ENB: NodeId = NodeId(1);
pub(super) const AP: NodeId = NodeId(2);
pub(super) const RED: TenantId = TenantId(0);
pub(super) const BLUE: TenantId = TenantId(1);
pub(super) const SLA: SlaId = SlaId(0);

/// A network without findings.
pub(super) fn network() -> Network {
    let mut network = Network { language: 1, ..Network::default() };
    tenant(&mut network, "red", "001-01", "1:000001", 101);
    tenant(&mut network, "blue", "001-02", "1:000002", 102);
    let gnb = node(&mut network, NodeKind::Gnb, "gnb-1");
    network.nodes[gnb].gnb_id = Some(at(GnbId { value: 411, length: 22 }));
    let enb = node(&mut network, NodeKind::Enb, "enb-1");
    network.nodes[enb].enb_id = Some(at(5));
    let ap = node(&mut network, NodeKind::Ap, "ap-1");
    cell(&mut network, gnb, "nr-1", "n77", 4050.0, 50.0, 30_000);
    cell(&mut network, enb, "lte-1", "b7", 2680.0, 20.0, 15_000);
    radio(&mut network, ap, "r1", 149);
    let everything: Vec<Interface> = vec![Interface::Cell(NR), Interface::Cell(LTE), Interface::Radio(RadioId(0))];
    for tenant in [RED, BLUE] {
        chunk(&mut network, tenant, everything.clone());
    }
    let shares = [(RED, 0.6), (BLUE, 0.4)].map(|(tenant, share)| SlaShare { tenant, share: at(Share(share)) });
    network.slas.push(Sla {
        entity: entity(Address::new("sla", "plaza")),
        interfaces: everything,
        over_span: span(),
        shares: shares.to_vec(),
        shares_span: span(),
        window: at(Nanoseconds(100_000_000_000)),
        period: at(Nanoseconds(10_000_000_000)),
        floor: Some(at(Share(0.04))),
        direction: Direction::Both,
        weight: Weighting::Equal,
        guarantees: Vec::new(),
        caps: Vec::new(),
        others: None,
        theta: 0.1,
        best_effort: false,
    });
    network
}

pub(super) fn tenant(network: &mut Network, name: &str, plmn: &str, slice: &str, vlan: u16) -> TenantId {
    network.tenants.push(Tenant {
        entity: entity(Address::new("tenant", name)),
        plmn: Plmn::parse(plmn).map(at),
        snssai: Snssai::parse(slice).map(at),
        ssid: Some(at(name.into())),
        vlan: Some(at(vlan)),
        ..Tenant::default()
    })
}

pub(super) fn node(network: &mut Network, kind: NodeKind, name: &str) -> NodeId {
    let profile = match kind {
        NodeKind::Compute | NodeKind::NearRtRic | NodeKind::NonRtRic => "compute",
        _ => "directory",
    };
    network.nodes.push(Node::new(kind, entity(Address::new("node", name)), PROFILES[profile].clone()))
}

/// Gives a node another profile.
pub(super) fn profile(network: &mut Network, node: NodeId, name: &str) {
    network.nodes[node].profile = PROFILES[name].clone();
    network.nodes[node].profile_span = span();
}

/// Has a node managed as a folder of its own.
pub(super) fn manage(network: &mut Network, node: NodeId, protocol: Protocol, endpoint: &str) {
    network.nodes[node].management = Some(Management {
        protocol,
        endpoint: at(endpoint.into()),
        user: Some("ranform".into()),
        credential: Some(Reference::Environment("KEY".into())),
        host_key: Some(HostKey::File("known_hosts".into())),
        a1: None,
        cluster: None,
    });
}

pub(super) fn cell(
    network: &mut Network,
    node: NodeId,
    name: &str,
    band: &str,
    carrier_mhz: f64,
    bandwidth_mhz: f64,
    scs: u64,
) -> CellId {
    let entity = entity(network.nodes[node].entity.address.child("cell", name));
    let span = entity.span;
    let band = Band::parse(band).unwrap();
    let (carrier, bandwidth, scs) = (mhz(carrier_mhz), mhz(bandwidth_mhz), Hertz(scs));
    let index = network.cells.len() as u32;
    let id = network.cells.push(Cell {
        entity,
        node,
        band: at(band),
        carrier: at(carrier),
        uplink_carrier: radio_tables::uplink_carrier(band, carrier).map(at),
        bandwidth: at(bandwidth),
        scs: at(scs),
        duplex: at(radio_tables::band(band).map_or(Duplex::Fdd, |info| info.duplex)),
        tdd_pattern: None,
        tdd_offset: Nanoseconds(0),
        prbs: radio_tables::prbs(band, scs, bandwidth).unwrap_or(Prb(0)),
        prbs_span: None,
        local_id: Some(at(index + 1)),
        pci: Some(at(index + 1)),
        tac: Some(at(7)),
        power: None,
        ssb: None,
        arfcn_dl: radio_tables::arfcn(band, carrier).unwrap_or(0),
        arfcn_ul: 0,
        ssb_arfcn: None,
        azimuth: None,
        tilt: None,
        layers: None,
        modulation: None,
        efficiency: None,
        neighbours: Vec::new(),
        aggregates_with: Vec::new(),
        anchor: None,
        network_sharing: None,
        unlocked: true,
        sharing: sharing(SharingMode::Prb, span),
    });
    network.nodes[node].cells.push(id);
    id
}

pub(super) fn radio(network: &mut Network, node: NodeId, name: &str, channel: u32) -> RadioId {
    let entity = entity(network.nodes[node].entity.address.child("radio", name));
    let span = entity.span;
    let id = network.radios.push(Radio {
        entity,
        node,
        channel: at(channel),
        width: at(mhz(20.0)),
        standard: at("802.11n".into()),
        power: None,
        country: Some(at("ES".into())),
        band: None,
        interface: None,
        unlocked: None,
        efficiency: None,
        sharing: sharing(SharingMode::Airtime, span),
    });
    network.nodes[node].radios.push(id);
    id
}

pub(super) fn port(network: &mut Network, node: NodeId, name: &str) -> PortId {
    let entity = entity(network.nodes[node].entity.address.child("port", name));
    let id =
        network.ports.push(Port { entity, node, interface: at(name.into()), rate: None, mtu: None, unlocked: None });
    network.nodes[node].ports.push(id);
    id
}

fn sharing(mode: SharingMode, span: Span) -> Sharing {
    Sharing { mode, span, direction: Direction::Both, grid: None, smallest: None, expect: Vec::new() }
}

/// A chunk of a tenant with a service on it.
pub(super) fn chunk(network: &mut Network, tenant: TenantId, interfaces: Vec<Interface>) -> ChunkId {
    let name = format!("c{}", network.chunks.len());
    let chunk = network.chunks.push(Chunk {
        entity: entity(Address::new("chunk", &name)),
        tenant: at(tenant),
        interfaces,
        interfaces_span: span(),
        ratio: None,
    });
    service(network, chunk);
    chunk
}

pub(super) fn service(network: &mut Network, chunk: ChunkId) -> ServiceId {
    let name = format!("s{}", network.services.len());
    network.services.push(Service {
        entity: entity(Address::new("service", &name)),
        chunk: at(chunk),
        plmn: None,
        snssai: None,
        ssid: None,
        vlan: None,
        ratios: Vec::new(),
        throughput_dl: None,
        throughput_ul: None,
        latency: None,
        ues: None,
    })
}

/// A guarantee or cap.
pub(super) fn bound(tenant: TenantId, share: f64, on: Option<Vec<Interface>>) -> Bound {
    Bound { tenant: at(tenant), share: at(Share(share)), on }
}

/// Capacity or demand.
pub(super) fn amounts(amounts: &[(&str, f64)]) -> Vec<(Name, f64)> {
    amounts.iter().map(|(name, amount)| (Arc::from(*name), *amount)).collect()
}

/// Runs all checks on [`network`] after `change`.
pub(super) fn findings(change: impl FnOnce(&mut Network)) -> Vec<Diagnostic> {
    let mut network = network();
    change(&mut network);
    super::run(&network)
}

/// Asserts that the one finding after `change` has this code and message; returns its help.
#[track_caller]
pub(super) fn only(code: &str, message: &str, change: impl FnOnce(&mut Network)) -> Vec<String> {
    let found = findings(change);
    let codes: Vec<&str> = found.iter().map(|finding| finding.code.id).collect();
    assert_eq!(codes, [code], "{found:#?}");
    assert_eq!(found[0].message, message);
    found[0].help.clone()
}

/// Asserts that the findings after `change` have these codes, by place.
#[track_caller]
pub(super) fn codes(expected: &[&str], change: impl FnOnce(&mut Network)) {
    let found = findings(change);
    let mut codes: Vec<&str> = found.iter().map(|finding| finding.code.id).collect();
    codes.sort_unstable();
    assert_eq!(codes, expected, "{found:#?}");
}

#[test]
fn the_test_network_has_no_findings() {
    codes(&[], |_| {});
}
