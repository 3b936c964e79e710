//! Leaves that a device lacks. What a tenant was promised and the device cannot carry is an error; what else it lacks is a
//! named degradation: a warning that lists the leaves, once per profile. Leaves have the names of
//! `ranform_network::deployment::resource`, which are the names of profile knobs.

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::NodeId;
use ranform_network::network::{Cell, Duplex, Entity, Interface, Node, NodeKind, Port, Radio, SharingMode, Technology};
use ranform_network::profile::{PowerRange, Profile};
use ranform_network::source::{Located, Span};
use ranform_network::units::Dbm;

use super::context::{count, list};
use super::presence::{Identity, identities};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[left_as_it_is, powers, broken_promise];

/// A leaf that the intents state, and the line that states it where that is known.
type Stated = (&'static str, Option<Span>);

/// What lacks a leaf: how many things, the first of them, its place and the line that states the leaf.
struct Lack {
    things: usize,
    address: String,
    span: Span,
    stated: Option<Span>,
}

/// Lacking leaves by profile and leaf.
type Lacking<'a> = BTreeMap<(&'a str, &'static str), Lack>;

fn note<'a>(lacking: &mut Lacking<'a>, profile: &'a Profile, leaves: &[Stated], address: &str, span: Span) {
    for &(leaf, stated) in leaves {
        if profile.knobs.contains_key(leaf) {
            continue;
        }
        let lack = lacking.entry((&profile.name, leaf)).or_insert_with(|| Lack {
            things: 0,
            address: address.to_owned(),
            span,
            stated,
        });
        lack.things += 1;
    }
}

/// Where an optional value stands; outer none: it is not stated.
fn at<T>(value: &Option<Located<T>>) -> Option<Option<Span>> {
    value.as_ref().map(|value| Some(value.span))
}

/// Of something stated without a place of its own.
fn if_so(stated: bool) -> Option<Option<Span>> {
    stated.then_some(None)
}

/// Whether anything is sent to this node's device at all.
fn rendered(node: &Node) -> bool {
    node.management.is_some()
}

fn all_stated<const N: usize>(leaves: [(&'static str, Option<Option<Span>>); N]) -> Vec<Stated> {
    leaves.into_iter().filter_map(|(leaf, stated)| stated.map(|span| (leaf, span))).collect()
}

/// The leaves that a node states.
fn node_leaves(context: &Context<'_>, id: NodeId, node: &Node) -> Vec<Stated> {
    // On a compute node it says where an E2 termination placed there is found: nothing is set on the node.
    let e2_endpoint = node.e2_endpoint.is_some() && node.kind != NodeKind::Compute;
    all_stated([
        ("node.id", at(&node.gnb_id).or(at(&node.enb_id))),
        ("node.du_id", at(&node.gnb_du_id)),
        ("node.du_name", at(&node.gnb_du_name)),
        ("node.e2_endpoint", if_so(e2_endpoint)),
        ("node.cores", core_needed(context, id).map(Some)),
    ])
}

/// The leaves that a cell states.
fn cell_leaves(cell: &Cell, node: &Node) -> Vec<Stated> {
    all_stated([
        ("cell.band", Some(Some(cell.band.span))),
        ("cell.carrier_hz", Some(Some(cell.carrier.span))),
        ("cell.bandwidth_hz", Some(Some(cell.bandwidth.span))),
        ("cell.scs_hz", (cell.technology() == Technology::Nr).then_some(Some(cell.scs.span))),
        ("cell.duplex", Some(Some(cell.duplex.span))),
        ("cell.uplink_carrier_hz", if_so(cell.duplex.value == Duplex::Fdd)),
        ("cell.local_id", at(&cell.local_id)),
        ("cell.pci", at(&cell.pci)),
        ("cell.tac", at(&cell.tac)),
        ("cell.power_dbm", at(&cell.power)),
        ("cell.ssb_arfcn", at(&cell.ssb)),
        ("cell.tdd_pattern", at(&cell.tdd_pattern)),
        ("cell.azimuth_deg", if_so(cell.azimuth.is_some())),
        ("cell.tilt_deg", if_so(cell.tilt.is_some())),
        ("cell.unlocked", if_so(!cell.unlocked)),
        ("cell.host_plmn", at(&node.host_plmn)),
    ])
}

/// The leaves that a radio states.
fn radio_leaves(radio: &Radio) -> Vec<Stated> {
    all_stated([
        ("radio.channel", Some(Some(radio.channel.span))),
        ("radio.width_hz", Some(Some(radio.width.span))),
        ("radio.standard", Some(Some(radio.standard.span))),
        ("radio.power_dbm", at(&radio.power)),
        ("radio.country", at(&radio.country)),
        ("radio.interface", at(&radio.interface)),
        ("radio.unlocked", if_so(radio.unlocked.is_some())),
    ])
}

/// The leaves that a port states.
fn port_leaves(port: &Port) -> Vec<Stated> {
    all_stated([("port.mtu", at(&port.mtu)), ("port.unlocked", if_so(port.unlocked.is_some()))])
}

/// Leaves of nodes, cells, radios and ports that the device keeps as they are.
fn left_as_it_is(context: &Context<'_>, findings: &mut Findings) {
    let mut lacking = Lacking::new();
    let network = context.network;
    for (id, node) in network.nodes.iter().filter(|(_, node)| rendered(node)) {
        let profile = &*node.profile;
        let mut of = |leaves: &[Stated], entity: &Entity| {
            note(&mut lacking, profile, leaves, entity.address.as_str(), entity.span);
        };
        of(&node_leaves(context, id, node), &node.entity);
        for cell in node.cells.iter().map(|cell| &network.cells[*cell]) {
            of(&cell_leaves(cell, node), &cell.entity);
        }
        for radio in node.radios.iter().map(|radio| &network.radios[*radio]) {
            of(&radio_leaves(radio), &radio.entity);
        }
        for port in node.ports.iter().map(|port| &network.ports[*port]) {
            of(&port_leaves(port), &port.entity);
        }
    }
    report_degradations(&lacking, findings);
}

/// Transmit powers that the format of the device holds.
fn powers(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, node) in network.nodes.iter().filter(|(_, node)| rendered(node)) {
        let Some(range) = node.profile.power else { continue };
        let cells = node.cells.iter().filter_map(|cell| network.cells[*cell].power);
        let radios = node.radios.iter().filter_map(|radio| network.radios[*radio].power);
        for power in cells.chain(radios) {
            findings.extend(power_not_held(power, range, &node.profile.name));
        }
    }
}

fn power_not_held(power: Located<Dbm>, range: PowerRange, profile: &str) -> Option<Diagnostic> {
    let (lowest, highest) = (Dbm(range.lowest), Dbm(range.highest));
    let within = (range.lowest..=range.highest).contains(&power.value.0);
    let message = match (within, range.whole && power.value.0.fract() != 0.0) {
        (true, false) => return None,
        (true, true) => format!("profile `{profile}` holds whole dBm only, not {}", power.value),
        (false, _) => format!("profile `{profile}` holds powers from {lowest} to {highest}, not {}", power.value),
    };
    let nearest = power.value.0.clamp(range.lowest, range.highest);
    let nearest = if range.whole { nearest.floor() } else { nearest };
    Some(Diagnostic::error(&codes::POWER_NOT_HELD, power.span, message).help(format!("write `power {}`", Dbm(nearest))))
}

/// The core endpoint that a cell of this node needs: the first one of a tenant with a service there.
fn core_needed(context: &Context<'_>, node: NodeId) -> Option<Span> {
    let network = context.network;
    let presences = network.nodes[node].cells.iter().flat_map(|cell| context.at(Interface::Cell(*cell)));
    let serving = presences.filter(|presence| context.services_of(presence.chunk).next().is_some());
    serving.filter_map(|presence| network.tenants[presence.tenant].cores.first()).map(|(_, core)| core.span).next()
}

/// The first of the things that lack leaves, the leaves, and the line that states the first of them.
type Degraded<'a> = (&'a str, Vec<&'a str>, Option<Span>);

/// One warning per profile and set of things, listing the leaves: at the line that states it where it is one leaf,
/// else at the first of the things.
fn report_degradations(lacking: &Lacking<'_>, findings: &mut Findings) {
    let mut by_thing: BTreeMap<(&str, Span, usize), Degraded<'_>> = BTreeMap::new();
    for ((profile, leaf), lack) in lacking {
        let new = (lack.address.as_str(), Vec::new(), lack.stated);
        let entry = by_thing.entry((profile, lack.span, lack.things)).or_insert(new);
        entry.1.push(leaf);
    }
    for ((profile, thing, things), (address, leaves, stated)) in by_thing {
        let span = stated.filter(|_| leaves.len() == 1).unwrap_or(thing);
        let where_to = match things {
            1 => format!("of `{address}`"),
            _ => format!("of `{address}` and {} more", things - 1),
        };
        let names: Vec<String> = leaves.iter().map(|leaf| format!("`{leaf}`")).collect();
        let message =
            format!("profile `{profile}` cannot set {} {where_to}; the device keeps its own", names.join(", "));
        findings.push(Diagnostic::warning(&codes::LEFT_AS_IT_IS, span, message).help(format!(
            "set {} on the device by other means, or choose a profile that has it",
            count(leaves.len(), "leaf").replace("leafs", "leaves")
        )));
    }
}

/// The leaves that a service on an interface promises its tenant.
fn promised(context: &Context<'_>, interface: Interface, identity: &Identity<'_>) -> Vec<Stated> {
    let shared = context.slas_of(interface).next().is_some() || !identity.service.ratios.is_empty();
    let controlled = shared && context.mode(interface).is_some_and(|mode| mode != SharingMode::Passive);
    match interface {
        Interface::Cell(cell) => {
            let nr = context.network.cells[cell].technology() == Technology::Nr;
            let quota = controlled && identity.plmn.is_some();
            all_stated([
                ("cell-tenant.plmn", if_so(identity.plmn.is_some())),
                ("cell-tenant.snssai", if_so(nr && identity.snssai.is_some())),
                ("cell-tenant.quota.both.min", if_so(quota)),
                ("cell-tenant.quota.both.max", if_so(quota)),
            ])
        }
        Interface::Radio(_) => all_stated([
            ("radio-tenant.ssid", if_so(identity.ssid.is_some())),
            ("radio-tenant.vlan", if_so(identity.vlan.is_some())),
            ("radio-tenant.weight", if_so(controlled)),
        ]),
        Interface::Port(_) => vec![("port-vlan.vlan", None)],
    }
}

/// Who a tenant is to the air interface.
const IDENTITIES: [&str; 2] = ["cell-tenant.plmn", "cell-tenant.snssai"];

/// Leaves that a tenant was promised and the device does not have. What a scheduler's device knows by other means, it
/// keeps as it is.
fn broken_promise(context: &Context<'_>, findings: &mut Findings) {
    let (mut lacking, mut kept) = (Lacking::new(), Lacking::new());
    for (interface, _) in context.by_interface() {
        let node = &context.network.nodes[context.network.node_of(interface)];
        if !rendered(node) {
            continue;
        }
        for identity in identities(context, interface) {
            let elsewhere = |(leaf, _): &Stated| node.profile.identities_elsewhere && IDENTITIES.contains(leaf);
            let (own, promised): (Vec<_>, Vec<_>) =
                promised(context, interface, &identity).into_iter().partition(elsewhere);
            let (address, span) = (context.interface(interface), identity.service.entity.span);
            note(&mut kept, &node.profile, &own, address, span);
            note(&mut lacking, &node.profile, &promised, address, span);
        }
    }
    report_degradations(&kept, findings);
    for ((profile, leaf), lack) in &lacking {
        let more = if lack.things > 1 { format!(" and on {} more", lack.things - 1) } else { String::new() };
        let message =
            format!("profile `{profile}` cannot carry `{leaf}`, which this service needs on `{}`{more}", lack.address);
        findings.push(
            Diagnostic::error(&codes::MISSING_KNOB, lack.span, message)
                .help(format!("profiles that can: {}", list(able(leaf).iter().map(String::as_str)))),
        );
    }
}

/// The shipped profiles that have a leaf.
fn able(leaf: &str) -> Vec<String> {
    let profiles = ranform_network::profile::PROFILES.values();
    profiles.filter(|profile| profile.knobs.contains_key(leaf)).map(|profile| profile.name.clone()).collect()
}

#[cfg(test)]
mod tests;
