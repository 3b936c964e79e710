//! Leaves that a device lacks. What a tenant was promised and the device cannot carry is an error; what else it lacks is a
//! named degradation: a warning that lists the leaves, once per profile. Leaves have the names of
//! `ranform_network::deployment::resource`, which are the names of profile knobs.

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Cell, Duplex, Interface, Node, NodeKind, Radio, SharingMode, Technology};
use ranform_network::profile::{PowerRange, Profile};
use ranform_network::source::{Located, Span};
use ranform_network::units::Dbm;

use super::context::{count, list};
use super::presence::{Identity, identities};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[left_as_it_is, powers, broken_promise];

/// What lacks a leaf: how many things, the first of them and its place.
struct Lack {
    things: usize,
    address: String,
    span: Span,
}

/// Lacking leaves by profile and leaf.
type Lacking<'a> = BTreeMap<(&'a str, &'static str), Lack>;

fn note<'a>(lacking: &mut Lacking<'a>, profile: &'a Profile, leaves: &[&'static str], address: &str, span: Span) {
    for leaf in leaves {
        if profile.knobs.contains_key(*leaf) {
            continue;
        }
        let lack = lacking.entry((&profile.name, leaf)).or_insert_with(|| Lack {
            things: 0,
            address: address.to_owned(),
            span,
        });
        lack.things += 1;
    }
}

/// Whether anything is sent to this node's device at all.
fn rendered(node: &Node) -> bool {
    node.management.is_some()
}

/// The leaves that a cell states.
fn cell_leaves(cell: &Cell, node: &Node) -> Vec<&'static str> {
    let stated = [
        (true, "cell.band"),
        (true, "cell.carrier_hz"),
        (true, "cell.bandwidth_hz"),
        (cell.technology() == Technology::Nr, "cell.scs_hz"),
        (true, "cell.duplex"),
        (cell.duplex.value == Duplex::Fdd, "cell.uplink_carrier_hz"),
        (cell.local_id.is_some(), "cell.local_id"),
        (cell.pci.is_some(), "cell.pci"),
        (cell.tac.is_some(), "cell.tac"),
        (cell.power.is_some(), "cell.power_dbm"),
        (cell.ssb.is_some(), "cell.ssb_arfcn"),
        (cell.tdd_pattern.is_some(), "cell.tdd_pattern"),
        (cell.azimuth.is_some(), "cell.azimuth_deg"),
        (cell.tilt.is_some(), "cell.tilt_deg"),
        (!cell.unlocked, "cell.unlocked"),
        (node.host_plmn.is_some(), "cell.host_plmn"),
    ];
    stated.into_iter().filter(|(stated, _)| *stated).map(|(_, leaf)| leaf).collect()
}

/// The leaves that a radio states.
fn radio_leaves(radio: &Radio) -> Vec<&'static str> {
    let stated = [
        (true, "radio.channel"),
        (true, "radio.width_hz"),
        (true, "radio.standard"),
        (radio.power.is_some(), "radio.power_dbm"),
        (radio.country.is_some(), "radio.country"),
        (radio.interface.is_some(), "radio.interface"),
        (radio.unlocked.is_some(), "radio.unlocked"),
    ];
    stated.into_iter().filter(|(stated, _)| *stated).map(|(_, leaf)| leaf).collect()
}

/// Leaves of nodes, cells, radios and ports that the device keeps as they are.
fn left_as_it_is(context: &Context<'_>, findings: &mut Findings) {
    let mut lacking = Lacking::new();
    let network = context.network;
    for (id, node) in network.nodes.iter().filter(|(_, node)| rendered(node)) {
        let profile = &*node.profile;
        let entity = &node.entity;
        if node.gnb_id.is_some() || node.enb_id.is_some() {
            note(&mut lacking, profile, &["node.id"], entity.address.as_str(), entity.span);
        }
        if node.gnb_du_id.is_some() {
            note(&mut lacking, profile, &["node.du_id"], entity.address.as_str(), entity.span);
        }
        if node.gnb_du_name.is_some() {
            note(&mut lacking, profile, &["node.du_name"], entity.address.as_str(), entity.span);
        }
        // On a compute node it says where an E2 termination placed there is found: nothing is set on the node.
        if node.e2_endpoint.is_some() && node.kind != NodeKind::Compute {
            note(&mut lacking, profile, &["node.e2_endpoint"], entity.address.as_str(), entity.span);
        }
        if needs_cores(context, id) {
            note(&mut lacking, profile, &["node.cores"], entity.address.as_str(), entity.span);
        }
        for &cell in &node.cells {
            let cell = &network.cells[cell];
            note(&mut lacking, profile, &cell_leaves(cell, node), cell.entity.address.as_str(), cell.entity.span);
        }
        for &radio in &node.radios {
            let radio = &network.radios[radio];
            note(&mut lacking, profile, &radio_leaves(radio), radio.entity.address.as_str(), radio.entity.span);
        }
        for &port in &node.ports {
            let port = &network.ports[port];
            let stated = [(port.mtu.is_some(), "port.mtu"), (port.unlocked.is_some(), "port.unlocked")];
            for (_, leaf) in stated.into_iter().filter(|(stated, _)| *stated) {
                note(&mut lacking, profile, &[leaf], port.entity.address.as_str(), port.entity.span);
            }
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

/// Whether a tenant with core endpoints has a service on a cell of this node.
fn needs_cores(context: &Context<'_>, node: ranform_network::ids::NodeId) -> bool {
    context.network.nodes[node].cells.iter().any(|cell| {
        context.at(Interface::Cell(*cell)).iter().any(|presence| {
            !context.network.tenants[presence.tenant].cores.is_empty()
                && context.services_of(presence.chunk).next().is_some()
        })
    })
}

/// One warning per profile and set of things, listing the leaves.
fn report_degradations(lacking: &Lacking<'_>, findings: &mut Findings) {
    let mut by_thing: BTreeMap<(&str, Span, usize), (&str, Vec<&str>)> = BTreeMap::new();
    for ((profile, leaf), lack) in lacking {
        let entry = by_thing.entry((profile, lack.span, lack.things)).or_insert((&lack.address, Vec::new()));
        entry.1.push(leaf);
    }
    for ((profile, span, things), (address, leaves)) in by_thing {
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
fn promised(context: &Context<'_>, interface: Interface, identity: &Identity<'_>) -> Vec<&'static str> {
    let shared = context.slas_of(interface).next().is_some() || !identity.service.ratios.is_empty();
    let controlled = shared && context.mode(interface).is_some_and(|mode| mode != SharingMode::Passive);
    match interface {
        Interface::Cell(cell) => {
            let nr = context.network.cells[cell].technology() == Technology::Nr;
            let quota = controlled && identity.plmn.is_some();
            let stated = [
                (identity.plmn.is_some(), "cell-tenant.plmn"),
                (nr && identity.snssai.is_some(), "cell-tenant.snssai"),
                (quota, "cell-tenant.quota.both.min"),
                (quota, "cell-tenant.quota.both.max"),
            ];
            stated.into_iter().filter(|(stated, _)| *stated).map(|(_, leaf)| leaf).collect()
        }
        Interface::Radio(_) => {
            let stated = [
                (identity.ssid.is_some(), "radio-tenant.ssid"),
                (identity.vlan.is_some(), "radio-tenant.vlan"),
                (controlled, "radio-tenant.weight"),
            ];
            stated.into_iter().filter(|(stated, _)| *stated).map(|(_, leaf)| leaf).collect()
        }
        Interface::Port(_) => vec!["port-vlan.vlan"],
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
            let elsewhere = |leaf: &&str| node.profile.identities_elsewhere && IDENTITIES.contains(leaf);
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
