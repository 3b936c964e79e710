//! Identifiers of base stations and cells: lengths, ranges, reserved values, uniqueness
//! (TS 38.413 9.3.1, TS 36.413 9.2.1.37, TS 23.003 19.6, TS 38.211 7.4.2.1, TS 36.211 6.11).

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::{CellId, Id, NodeId};
use ranform_network::network::{Cell, Interface, Node, NodeKind, Technology};
use ranform_network::radio::{GnbId, Plmn};

use super::context::{count, list};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] =
    &[identity_of_kind, local_id, unique_cells, unique_nodes, unique_dus, pci_range, tac, plmns_per_cell];

/// Identities stand on nodes that have them: gNB ids on gNBs and their parts, eNB ids on eNBs.
fn identity_of_kind(context: &Context<'_>, findings: &mut Findings) {
    use NodeKind::*;
    for (_, node) in context.network.nodes.iter() {
        let word = node.kind.word();
        if let Some(id) = node.gnb_id.filter(|_| !matches!(node.kind, Gnb | Cu | CuCp | CuUp | Du)) {
            let message = format!("a node of kind `{word}` has no gNB id");
            let help = if node.kind == Enb { "write `enb-id`" } else { "leave `gnb-id` out" };
            findings.push(Diagnostic::error(&codes::IDENTITY_OF_OTHER_KIND, id.span, message).help(help));
        }
        let du = node.gnb_du_id.map(|id| (id.span, "gNB-DU id"));
        let du = du.or_else(|| node.gnb_du_name.as_ref().map(|name| (name.span, "gNB-DU name")));
        if let Some((span, what)) = du.filter(|_| !matches!(node.kind, Gnb | Du)) {
            let message = format!("a node of kind `{word}` has no {what}");
            findings.push(
                Diagnostic::error(&codes::IDENTITY_OF_OTHER_KIND, span, message)
                    .help("write it on the node of kind `du`, or on a `gnb` that is all in one"),
            );
        }
        if let Some(id) = node.enb_id.filter(|_| node.kind != Enb) {
            let message = format!("a node of kind `{word}` has no eNB id");
            let help = if node.kind == Gnb { "write `gnb-id`, e.g. `gnb-id 411/22`" } else { "leave `enb-id` out" };
            findings.push(Diagnostic::error(&codes::IDENTITY_OF_OTHER_KIND, id.span, message).help(help));
        }
    }
}

/// A cell's local id fits what the base station's id leaves: 36 - length bits with NR, 8 with LTE, 0 with a home eNB.
fn local_id(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell) in context.network.cells.iter() {
        let Some(local) = cell.local_id else { continue };
        let Some((bits, why)) = local_bits(context, cell) else { continue };
        if u64::from(local.value) < 1 << bits {
            continue;
        }
        let message = format!("the local id {} does not fit {}", local.value, count(bits as usize, "bit"));
        let help = format!("{why} leaves 0 to {}", (1u64 << bits) - 1);
        let mut finding = Diagnostic::error(&codes::LOCAL_ID_TOO_LARGE, local.span, message).help(help);
        if let Some(id) = context.network.gnb_id_of(cell.node) {
            finding = finding.and(id.span, "the gNB id");
        }
        findings.push(finding);
    }
}

fn local_bits(context: &Context<'_>, cell: &Cell) -> Option<(u32, String)> {
    let node = &context.network.nodes[cell.node];
    match cell.technology() {
        Technology::Nr => {
            let length = identity_of(context, cell.node)?.1.filter(|length| (22..=32).contains(length))?;
            Some((36 - u32::from(length), format!("a gNB id of {length} bits")))
        }
        Technology::Lte if node.home => Some((0, "a home eNB has one cell, which".to_owned())),
        _ => Some((8, "an eNB id of 20 bits".to_owned())),
    }
}

/// The identity of a base station, or of the gNB that a DU is a part of, and, for a gNB, its length.
fn identity_of(context: &Context<'_>, id: NodeId) -> Option<(u32, Option<u8>)> {
    let node = &context.network.nodes[id];
    let gnb = context.network.gnb_id_of(id).map(|id| (id.value.value, Some(id.value.length)));
    gnb.or(node.enb_id.map(|id| (id.value, None)))
}

/// What makes a cell unique: technology, the operator's PLMN, and its NR or E-UTRA cell identity.
type CellIdentity = (Technology, Option<Plmn>, u64);

/// No two cells of one operator have one cell identity (TS 23.003 19.6, 19.6A).
fn unique_cells(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<CellIdentity, CellId> = BTreeMap::new();
    for (id, cell) in context.network.cells.iter() {
        let node = &context.network.nodes[cell.node];
        let (Some(local), Some((value, length))) = (cell.local_id, identity_of(context, cell.node)) else { continue };
        let identity = match length {
            Some(length) => GnbId { value, length }.nci(local.value),
            None if node.home => Some(u64::from(value)),
            None => Some((u64::from(value) << 8) + u64::from(local.value)),
        };
        let Some(identity) = identity else { continue };
        let host = context.network.host_plmn_of(cell.node).map(|plmn| plmn.value);
        let key = (cell.technology(), host, identity);
        let Some(first) = seen.get(&key).map(|first| &context.network.cells[*first]) else {
            seen.insert(key, id);
            continue;
        };
        let name = if cell.technology() == Technology::Nr { "NR cell identity" } else { "E-UTRAN cell identity" };
        let message = format!(
            "`{}` and `{}` have one {name}, {identity} (base station {value}, local id {})",
            first.entity.address, cell.entity.address, local.value
        );
        let help = match free_local_id(context, cell) {
            Some(free) if first.node == cell.node => format!("`local-id {free}` is free on this base station"),
            _ => "give one of the two base stations another id".to_owned(),
        };
        findings.push(
            Diagnostic::error(&codes::DUPLICATE_CELL_IDENTITY, local.span, message)
                .and(first.local_id.map_or(first.entity.span, |local| local.span), "the first is here")
                .help(help),
        );
    }
}

fn free_local_id(context: &Context<'_>, cell: &Cell) -> Option<u32> {
    let node = &context.network.nodes[cell.node];
    let mut used: Vec<u32> =
        node.cells.iter().filter_map(|id| context.network.cells[*id].local_id).map(|local| local.value).collect();
    used.sort_unstable();
    let (bits, _) = local_bits(context, cell)?;
    (1..1u32 << bits).find(|candidate| used.binary_search(candidate).is_err())
}

/// No two base stations of one operator have one id, except the parts of one gNB (CU and DU share theirs).
fn unique_nodes(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<(Option<Plmn>, u32, Option<u8>), &Node> = BTreeMap::new();
    for (id, node) in context.network.nodes.iter() {
        if !matches!(node.kind, NodeKind::Gnb | NodeKind::Enb) {
            continue;
        }
        let Some((value, length)) = identity_of(context, id) else { continue };
        let key = (node.host_plmn.map(|plmn| plmn.value), value, length);
        let Some(first) = seen.get(&key) else {
            seen.insert(key, node);
            continue;
        };
        let span_of =
            |node: &Node| node.gnb_id.map(|id| id.span).or(node.enb_id.map(|id| id.span)).unwrap_or(node.entity.span);
        let what = if length.is_some() { "gNB" } else { "eNB" };
        let message = format!("`{}` and `{}` have one {what} id, {value}", first.entity.address, node.entity.address);
        findings.push(
            Diagnostic::error(&codes::DUPLICATE_NODE_IDENTITY, span_of(node), message)
                .and(span_of(first), "the first is here")
                .help(format!("give one of them another {what} id")),
        );
    }
}

/// No two DUs of one gNB have one id (TS 38.473 9.3.1.9); one that writes none has 1.
fn unique_dus(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<(Option<Plmn>, GnbId, u64), &Node> = BTreeMap::new();
    for (id, node) in context.network.nodes.iter().filter(|(_, node)| node.kind == NodeKind::Du) {
        let Some(gnb) = context.network.gnb_id_of(id) else { continue };
        let du = node.gnb_du_id.map_or(1, |id| id.value);
        let host = context.network.host_plmn_of(id).map(|plmn| plmn.value);
        let Some(first) = seen.get(&(host, gnb.value, du)) else {
            seen.insert((host, gnb.value, du), node);
            continue;
        };
        let span_of = |node: &Node| node.gnb_du_id.map_or(node.entity.span, |id| id.span);
        let message = format!(
            "`{}` and `{}` are DUs of gNB {} with one id, {du}",
            first.entity.address, node.entity.address, gnb.value
        );
        findings.push(
            Diagnostic::error(&codes::DUPLICATE_NODE_IDENTITY, span_of(node), message)
                .and(span_of(first), "the first is here")
                .help("write `gnb-du-id`, another number for each DU of the gNB"),
        );
    }
}

/// Physical cell identities are 0 to 1007 with NR (TS 38.211 7.4.2.1), 0 to 503 with LTE (TS 36.211 6.11).
fn pci_range(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell) in context.network.cells.iter() {
        let Some(pci) = cell.pci else { continue };
        let (last, name) = match cell.technology() {
            Technology::Nr => (1007, "an NR"),
            _ => (503, "an LTE"),
        };
        if pci.value > last {
            let message = format!("the physical cell identity {} of {name} cell is above {last}", pci.value);
            let help = format!("choose 0 to {last}");
            findings.push(Diagnostic::error(&codes::PCI_OUT_OF_RANGE, pci.span, message).help(help));
        }
    }
}

/// Tracking area codes have 24 bits with NR, 16 with LTE; 0 and the last but one are reserved (TS 23.003 19.4.2.3).
fn tac(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell) in context.network.cells.iter() {
        let Some(tac) = cell.tac else { continue };
        let (last, name) = match cell.technology() {
            Technology::Nr => (0xFF_FFFF, "an NR"),
            _ => (0xFFFF, "an LTE"),
        };
        let message = if tac.value > last {
            format!("the tracking area code {} of {name} cell is above {last}", tac.value)
        } else if tac.value == 0 || tac.value == last - 1 {
            format!("the tracking area code {} is reserved for phones without a valid one", tac.value)
        } else {
            continue;
        };
        let help = format!("choose 1 to {}", last - 2);
        findings.push(Diagnostic::error(&codes::WRONG_TAC, tac.span, message).help(help));
    }
}

/// A cell broadcasts at most 12 PLMNs with NR (TS 38.331 maxPLMN), 6 with LTE (TS 36.331 maxPLMN-r11), the host's included.
fn plmns_per_cell(context: &Context<'_>, findings: &mut Findings) {
    for (interface, _) in context.by_interface() {
        let Interface::Cell(id) = interface else { continue };
        let cell = &context.network.cells[id];
        let most = if cell.technology() == Technology::Nr { 12 } else { 6 };
        let mut plmns: Vec<Plmn> = super::presence::identities(context, interface)
            .filter_map(|identity| identity.plmn)
            .map(|plmn| plmn.value)
            .chain(context.network.nodes[cell.node].host_plmn.map(|plmn| plmn.value))
            .collect();
        plmns.sort_unstable();
        plmns.dedup();
        if plmns.len() <= most {
            continue;
        }
        let tenants = context.tenants_at(interface);
        let message =
            format!("`{}` would broadcast {} PLMNs; a cell has at most {most}", cell.entity.address, plmns.len());
        let help = format!(
            "take {} off this cell: it carries {}",
            count(plmns.len() - most, "tenant"),
            list(tenants.iter().map(|tenant| context.tenant(*tenant)))
        );
        findings.push(Diagnostic::error(&codes::TOO_MANY_PLMNS, cell.entity.span, message).help(help));
    }
}

/// The smallest physical cell identity that no cell in `used` (sorted) has, below 1008 or 504.
pub(super) fn free_pci(technology: Technology, used: &[u32]) -> Option<u32> {
    let end = if technology == Technology::Nr { 1008 } else { 504 };
    (0..end).find(|candidate| used.binary_search(candidate).is_err())
}

/// The physical cell identity of the cell numbered `id`.
pub(super) fn pci_of(context: &Context<'_>, id: CellId) -> Option<u32> {
    debug_assert!(id.index() < context.network.cells.len());
    context.network.cells[id].pci.map(|pci| pci.value)
}

#[cfg(test)]
mod tests;
