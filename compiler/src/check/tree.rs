//! The node tree, links, and which node may carry which interface.

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{NodeKind, Technology};

use super::context::list;
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[cycle, parent_kind, link_to_self, carrier_of_cells, carrier_of_radios, long_names];

/// The node above `node`.
fn parent(context: &Context<'_>, node: NodeId) -> Option<NodeId> {
    context.network.nodes[node].parent.map(|parent| parent.value)
}

/// No node is above itself. Each cycle is told once, at its node of the lowest number.
fn cycle(context: &Context<'_>, findings: &mut Findings) {
    // 0: not seen; n: seen on the walk of node n-1. A walk that meets its own mark has found a cycle.
    let mut mark = vec![0u32; context.network.nodes.len()];
    for start in context.network.nodes.ids() {
        let walk = start.0 + 1;
        let mut at = start;
        while mark[at.index()] == 0 {
            mark[at.index()] = walk;
            match parent(context, at) {
                Some(above) => at = above,
                None => break,
            }
        }
        if mark[at.index()] != walk || parent(context, at).is_none() {
            continue;
        }
        // `at` is on a cycle unless the walk ended at a root marked on this very walk.
        let mut members = vec![at];
        let mut next = parent(context, at);
        while let Some(node) = next.filter(|node| *node != at && members.len() <= mark.len()) {
            members.push(node);
            next = parent(context, node);
        }
        if next != Some(at) {
            continue;
        }
        let span = context.network.nodes[at].parent.map_or(context.network.nodes[at].entity.span, |parent| parent.span);
        let message = match members.len() {
            1 => format!("`{}` is its own parent", context.node(at)),
            _ => format!(
                "nodes are above each other in a circle: {}",
                list(members.iter().map(|node| context.node(*node)))
            ),
        };
        findings.push(
            Diagnostic::error(&codes::TREE_CYCLE, span, message)
                .help("take one `parent` out; the tree begins at the non-RT RIC or at nodes without parent"),
        );
    }
}

/// The kinds that may stand above a node of this kind; empty where it stands at the top.
fn parents_of(kind: NodeKind) -> &'static [NodeKind] {
    use NodeKind::*;
    match kind {
        NonRtRic => &[],
        NearRtRic => &[NonRtRic, Compute],
        Gnb | Enb => &[NearRtRic, NonRtRic],
        Cu | CuCp => &[NearRtRic, NonRtRic, Gnb],
        CuUp => &[NearRtRic, NonRtRic, Gnb, Cu, CuCp],
        Du => &[Cu, CuCp, NearRtRic, NonRtRic, Gnb],
        Ru => &[Du, Gnb, Enb],
        Ap | Switch => &[NonRtRic, Switch, Compute],
        Compute => &[NonRtRic, Compute, Switch],
    }
}

/// Whether a node is above itself by a few steps: that is another finding, and no kind of parent would mend it.
fn in_small_circle(context: &Context<'_>, node: NodeId) -> bool {
    const STEPS: usize = 64;
    std::iter::successors(parent(context, node), |above| parent(context, *above)).take(STEPS).any(|above| above == node)
}

/// A parent is of a kind that stands above (O-RAN.WG1 architecture, TS 38.401).
fn parent_kind(context: &Context<'_>, findings: &mut Findings) {
    for (id, node) in context.network.nodes.iter() {
        let Some(parent) = node.parent else { continue };
        let above = &context.network.nodes[parent.value];
        let allowed = parents_of(node.kind);
        if allowed.contains(&above.kind) || in_small_circle(context, id) {
            continue;
        }
        let message = format!(
            "`{}` of kind `{}` cannot stand above `{}` of kind `{}`",
            above.entity.address,
            above.kind.word(),
            node.entity.address,
            node.kind.word(),
        );
        let help = match allowed.is_empty() {
            true => format!("a `{}` is the root of its tree: take `parent` out", node.kind.word()),
            false => format!(
                "above a `{}` may stand {}",
                node.kind.word(),
                list(allowed.iter().map(|kind| kind.word())).replace(" and ", " or ")
            ),
        };
        findings.push(Diagnostic::error(&codes::WRONG_PARENT, parent.span, message).help(help));
    }
}

/// A link has two ends.
fn link_to_self(context: &Context<'_>, findings: &mut Findings) {
    for (_, link) in context.network.links.iter().filter(|(_, link)| link.from.value == link.to.value) {
        let message = format!("a link from `{}` to itself", context.node(link.from.value));
        findings.push(
            Diagnostic::error(&codes::LINK_TO_SELF, link.to.span, message).help("name the node at the other end"),
        );
    }
}

/// NR cells stand on gNBs and their parts, LTE cells on eNBs.
fn carrier_of_cells(context: &Context<'_>, findings: &mut Findings) {
    use NodeKind::*;
    for (_, cell) in context.network.cells.iter() {
        let node = &context.network.nodes[cell.node];
        let (fits, technology) = match cell.technology() {
            Technology::Nr => (matches!(node.kind, Gnb | Du | Cu | CuCp), "NR"),
            _ => (node.kind == Enb, "LTE"),
        };
        if fits {
            continue;
        }
        let message =
            format!("the {technology} cell `{}` stands on a node of kind `{}`", cell.entity.address, node.kind.word());
        let help = match cell.technology() {
            Technology::Nr => format!("NR cells (band `{}`) stand on a `gnb` or `du`", cell.band.value),
            _ => format!("LTE cells (band `{}`) stand on an `enb`", cell.band.value),
        };
        findings.push(
            Diagnostic::error(&codes::WRONG_CARRIER_NODE, cell.band.span, message)
                .and(node.entity.span, "the node")
                .help(help),
        );
    }
}

/// Wi-Fi radios stand on access points.
fn carrier_of_radios(context: &Context<'_>, findings: &mut Findings) {
    for (_, radio) in context.network.radios.iter() {
        let node = &context.network.nodes[radio.node];
        if node.kind == NodeKind::Ap {
            continue;
        }
        let message =
            format!("the Wi-Fi radio `{}` stands on a node of kind `{}`", radio.entity.address, node.kind.word());
        findings.push(
            Diagnostic::error(&codes::WRONG_CARRIER_NODE, radio.entity.span, message)
                .and(node.entity.span, "the node")
                .help("radios stand on an `ap`; on base stations write `cell`"),
        );
    }
}

/// The longest name in octets: leaves room for what targets add within the 255 of file and host names.
const LONGEST_NAME: usize = 200;

/// Imported names stay below what devices and files can hold.
fn long_names(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    let nodes = network.nodes.as_slice().iter().map(|node| &node.entity);
    let cells = network.cells.as_slice().iter().map(|cell| &cell.entity);
    let radios = network.radios.as_slice().iter().map(|radio| &radio.entity);
    let ports = network.ports.as_slice().iter().map(|port| &port.entity);
    let tenants = network.tenants.as_slice().iter().map(|tenant| &tenant.entity);
    for entity in nodes.chain(cells).chain(radios).chain(ports).chain(tenants) {
        let name = entity.address.last().1.trim_matches('"');
        if name.len() <= LONGEST_NAME {
            continue;
        }
        let start: String = name.chars().take(20).collect();
        let message = format!("the name `{start}...` has {} octets, more than {LONGEST_NAME}", name.len());
        findings.push(
            Diagnostic::error(&codes::NAME_TOO_LONG, entity.span, message)
                .help("choose a shorter name; a long description can be a `label`"),
        );
    }
}

#[cfg(test)]
mod tests;
