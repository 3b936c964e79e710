//! Nodes that are hosted on compute nodes: who may be, where, and how much of the machine they set aside.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Located;
use ranform_network::address::is_label_value;
use ranform_network::deployment::node_of;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::NodeId;
use ranform_network::network::{Name, Node, NodeKind, Protocol};

use super::requests::runs_models;
use super::rics::amount;
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[host_kind, set_aside, cluster_names];

/// The nodes that are hosted, each with its host.
fn hosted<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (&'a Node, Located<NodeId>)> {
    let nodes = context.network.nodes.iter();
    nodes.filter_map(|(_, node)| Some((node, node.hosted_on?)))
}

/// Whether nodes of this kind run models, and are no machines themselves.
fn may_be_hosted(kind: NodeKind) -> bool {
    kind != NodeKind::Compute && runs_models(kind)
}

/// A node that runs models is hosted on one that is a machine.
fn host_kind(context: &Context<'_>, findings: &mut Findings) {
    for (node, host) in hosted(context) {
        let on = &context.network.nodes[host.value];
        let of_a_cluster = node.management.as_ref().filter(|way| way.protocol == Protocol::Kubernetes);
        let finding = if !may_be_hosted(node.kind) {
            let message = format!("a `{}` runs no models for which it could be hosted", node.kind.word());
            let finding = Diagnostic::error(&codes::WRONG_HOST, host.span, message);
            finding.help("take the line out; RICs, CUs, DUs and RUs may be hosted on compute nodes")
        } else if on.kind != NodeKind::Compute {
            let message = format!("`{}` of kind `{}` hosts no other node", on.entity.address, on.kind.word());
            let finding = Diagnostic::error(&codes::WRONG_HOST, host.span, message);
            finding
                .and(on.entity.span, "declared here")
                .help("name a node of kind `compute`, the machine that runs its software")
        } else if let Some(way) = of_a_cluster {
            let message = format!("`{}` is a node of a cluster itself, and hosted on another", node.entity.address);
            let finding = Diagnostic::error(&codes::WRONG_HOST, host.span, message);
            finding
                .and(way.endpoint.span, "its cluster")
                .help("keep one of the two: `manage` says how the node itself is configured")
        } else {
            continue;
        };
        findings.push(finding);
    }
}

/// What hosted nodes set aside is there; those of which nothing can be hosted are another finding.
fn set_aside(context: &Context<'_>, findings: &mut Findings) {
    let mut hosts: BTreeMap<NodeId, Vec<&Node>> = BTreeMap::new();
    for (node, host) in hosted(context).filter(|(node, _)| may_be_hosted(node.kind)) {
        hosts.entry(host.value).or_default().push(node);
    }
    for (host, guests) in hosts {
        let on = &context.network.nodes[host];
        let resources: BTreeSet<&Name> =
            guests.iter().flat_map(|node| &node.capacity).map(|(resource, _)| resource).collect();
        // A machine without `capacity` is not decided for; one that states it has none of what it does not name.
        for resource in resources.into_iter().filter(|_| on.kind == NodeKind::Compute && !on.capacity.is_empty()) {
            let has = on.capacity.iter().find(|(name, _)| name == resource).map(|(_, has)| *has);
            let stated = || guests.iter().flat_map(|node| node.capacity.iter().filter(|(name, _)| name == resource));
            let sum: f64 = stated().map(|(_, amount)| amount.value).sum();
            let there = has.map_or(0.0, |has| has.value);
            if sum <= there * (1.0 + 1e-9) {
                continue;
            }
            let own = amount(resource, sum);
            let message = match has {
                Some(_) => format!(
                    "what is hosted on `{}` has {own} of its own, and the machine has {}",
                    on.entity.address,
                    amount(resource, there)
                ),
                None => format!(
                    "what is hosted on `{}` has {own} of its own, and the machine states no `{resource}`",
                    on.entity.address
                ),
            };
            let place = has.map_or(on.entity.span, |has| has.span);
            let mut finding = Diagnostic::error(&codes::HOST_TOO_SMALL, place, message);
            for (_, stated) in stated().take(MARKED) {
                finding = finding.and(stated.span, format!("{} here", amount(resource, stated.value)));
            }
            let help = match has {
                Some(_) => "lower the `capacity` of what is hosted there, or host some of it elsewhere".to_owned(),
                None => format!("add `{resource}` to the machine's `capacity`, or host that elsewhere"),
            };
            findings.push(finding.help(help));
        }
    }
}

/// Pods find the node of their cluster by its name, which is a label there.
fn cluster_names(context: &Context<'_>, findings: &mut Findings) {
    for (_, node) in context.network.nodes.iter().filter(|(_, node)| node.kind == NodeKind::Compute) {
        let Some(name) = node_of(node).filter(|name| name.is_empty() || !is_label_value(name)) else { continue };
        let access = node.management.as_ref().and_then(|way| way.cluster.as_ref());
        let written = access.and_then(|access| access.node.as_ref());
        let message = format!("`{name}` can be the name of no node of a cluster");
        let place = written.map_or(node.entity.span, |name| name.span);
        let rule = "letters, digits and inner `-`, `_` and `.` make one, at most 63";
        let finding = Diagnostic::error(&codes::WRONG_VALUE, place, message).help(rule);
        findings.push(
            finding.help("write the name that `kubectl get nodes` prints: `manage kubernetes .. node \"edge-3\"`"),
        );
    }
}

/// How many nodes are marked that share a machine.
const MARKED: usize = 8;
