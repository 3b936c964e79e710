//! Near-RT RICs to place: something to serve, somewhere to run, chains that a placement can walk (placement.md).

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{ComponentKind, Name, Protocol, Ric, RicProfile, Xapp, replicas};
use ranform_network::source::Span;
use ranform_network::units::decimal;

use super::context::{list, name};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    candidates,
    e2_nodes,
    shared_e2_nodes,
    pins,
    demand,
    images,
    stores,
    mediator,
    chain_cycle,
    chain_shared,
    chain_head_budget,
];

/// A RIC has somewhere to run.
fn candidates(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter() {
        let left = usable(ric).count();
        if left > 0 {
            continue;
        }
        let (message, help) = match ric.candidates.is_empty() {
            true => (
                format!("RIC `{}` has no compute node to run on", name(&ric.entity)),
                "write `candidates compute-nodes`, with a condition that some `compute` node meets",
            ),
            false => (
                format!("every candidate of RIC `{}` is excluded", name(&ric.entity)),
                "take a node off `exclude`, or widen `candidates`",
            ),
        };
        findings.push(Diagnostic::error(&codes::RIC_WITHOUT_CANDIDATES, ric.candidates_span, message).help(help));
    }
}

/// The candidates that are not excluded.
fn usable(ric: &Ric) -> impl Iterator<Item = NodeId> + '_ {
    ric.candidates.iter().copied().filter(|node| ric.exclusions.iter().all(|excluded| excluded.value != *node))
}

/// A RIC has something to serve.
fn e2_nodes(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter().filter(|(_, ric)| ric.e2_nodes.is_empty()) {
        let message = format!("RIC `{}` serves no E2 node", name(&ric.entity));
        findings.push(
            Diagnostic::error(&codes::RIC_WITHOUT_E2_NODES, ric.e2_nodes_span, message)
                .help("write `serves e2-nodes`, with a condition that some gnb, cu-cp, cu-up, du or enb meets"),
        );
    }
}

/// An E2 node is served by one RIC.
fn shared_e2_nodes(context: &Context<'_>, findings: &mut Findings) {
    let mut served: BTreeMap<NodeId, RicId> = BTreeMap::new();
    let mut both: BTreeMap<(RicId, RicId), Vec<NodeId>> = BTreeMap::new();
    for (id, ric) in context.network.rics.iter() {
        for node in &ric.e2_nodes {
            let first = *served.entry(*node).or_insert(id);
            if first != id {
                both.entry((first, id)).or_default().push(*node);
            }
        }
    }
    for ((first, second), nodes) in both {
        let (first, second) = (&context.network.rics[first], &context.network.rics[second]);
        let message = format!(
            "RICs `{}` and `{}` both serve {}",
            name(&first.entity),
            name(&second.entity),
            list(nodes.iter().map(|node| context.node(*node)))
        );
        findings.push(
            Diagnostic::error(&codes::E2_NODE_OF_TWO_RICS, second.e2_nodes_span, message)
                .and(first.e2_nodes_span, "the other RIC")
                .help("an E2 node connects to one near-RT RIC: narrow one of the selections"),
        );
    }
}

/// Pinned instances may run where they are pinned.
fn pins(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter() {
        for (what, node) in &ric.pins {
            let place = context.node(node.value);
            let known = ComponentKind::ALL.iter().any(|(_, word)| **word == *what.value)
                || ric.xapps.iter().any(|xapp| name(&xapp.entity) == &*what.value);
            let (span, message, help) = if !known {
                let names: Vec<&str> = ComponentKind::ALL
                    .iter()
                    .map(|(_, word)| *word)
                    .chain(ric.xapps.iter().map(|xapp| name(&xapp.entity)))
                    .collect();
                let message = format!("RIC `{}` has no component or xApp `{}` to pin", name(&ric.entity), what.value);
                (what.span, message, format!("it has {}", list(names)))
            } else if ric.candidates.binary_search(&node.value).is_err() {
                let message = format!("`{}` is pinned on `{place}`, which is no candidate", what.value);
                (node.span, message, "pin it on a candidate, or select this node among the `candidates`".to_owned())
            } else if ric.exclusions.iter().any(|excluded| excluded.value == node.value) {
                let message = format!("`{}` is pinned on `{place}`, which is excluded", what.value);
                (node.span, message, "take out the pin or the exclusion".to_owned())
            } else {
                continue;
            };
            findings.push(Diagnostic::error(&codes::PIN_NOT_CANDIDATE, span, message).help(help));
        }
    }
}

/// How much of `resource` a node has for itself; none where it states no capacity at all (unlimited).
pub(super) fn capacity(context: &Context<'_>, node: NodeId, resource: &str) -> Option<f64> {
    let capacity = &context.network.nodes[node].capacity;
    if capacity.is_empty() {
        return None;
    }
    let stated = capacity.iter().find(|(name, _)| &**name == resource).map_or(0.0, |(_, amount)| amount.value);
    Some(stated - context.set_aside(node, resource))
}

/// The first resource of `demand` that `node` lacks.
pub(super) fn lacks<'a>(context: &Context<'_>, node: NodeId, demand: &'a [(Name, f64)]) -> Option<(&'a str, f64, f64)> {
    demand.iter().find_map(|(resource, amount)| {
        let has = capacity(context, node, resource)?;
        (*amount > has).then_some((&**resource, *amount, has))
    })
}

/// An amount of a resource as people say it: bytes in GB.
pub(super) fn amount(resource: &str, value: f64) -> String {
    match resource {
        "memory" | "storage" => format!("{}GB {resource}", decimal(value / 1e9, 3)),
        _ => format!("{} {resource}", decimal(value, 3)),
    }
}

/// For how many pods an amount is, where they are several.
pub(super) fn for_all(pods: u32) -> String {
    if pods > 1 { format!(" for its {pods} replicas") } else { String::new() }
}

/// What runs in clusters whatever candidate is chosen is a container of some image; every RIC has all components.
fn images(context: &Context<'_>, findings: &mut Findings) {
    let is_of_a_cluster = |node: NodeId| {
        let management = context.network.nodes[node].management.as_ref();
        management.is_some_and(|way| way.protocol == Protocol::Kubernetes)
    };
    let in_clusters = |ric: &Ric| usable(ric).next().is_some() && usable(ric).all(is_of_a_cluster);
    for (_, ric) in context.network.rics.iter().filter(|(_, ric)| in_clusters(ric)) {
        let mut undeclared = Vec::new();
        for (kind, word) in ComponentKind::ALL {
            let declared = ric.components.iter().find(|component| component.kind == kind);
            let is_needed = !(kind == ComponentKind::Nib && ric.profile.has_one_store());
            match declared {
                Some(component) if is_needed && component.image.is_none() => {
                    findings.push(no_image(ric, &format!("component {word}"), component.span));
                }
                None if is_needed => undeclared.push(word),
                _ => {}
            }
        }
        if let Some(word) = undeclared.first() {
            let message = format!(
                "RIC `{}` runs in clusters and says nothing of its {}: a container needs an image",
                name(&ric.entity),
                undeclared.join(", ")
            );
            let each = if undeclared.len() > 1 { "each of them" } else { "it" };
            let help =
                format!("declare {each}: `component {word} {{ demand ..  image \"registry.example/{word}:1.2\" }}`");
            findings.push(Diagnostic::error(&codes::MANDATORY_MISSING, ric.entity.span, message).help(help));
        }
        for xapp in ric.xapps.iter().filter(|xapp| xapp.image.is_none()) {
            findings.push(no_image(ric, &format!("xapp {}", name(&xapp.entity)), xapp.entity.span));
        }
    }
}

fn no_image(ric: &Ric, what: &str, span: Span) -> Diagnostic {
    let message = format!("`{what}` of RIC `{}` runs in clusters: a container needs an image", name(&ric.entity));
    let help = "write e.g. `image \"registry.example/app:1.2\"` on it";
    Diagnostic::error(&codes::MANDATORY_MISSING, span, message).help(help)
}

/// Each component and xApp fits on some candidate, with all its replicas.
fn demand(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter().filter(|(_, ric)| usable(ric).next().is_some()) {
        let word_of = |kind: ComponentKind| {
            ComponentKind::ALL.iter().find(|(known, _)| *known == kind).map_or("", |(_, word)| *word)
        };
        let components = ric
            .components
            .iter()
            .map(|component| (word_of(component.kind), component.span, component.demand.clone(), 1));
        let xapps = ric
            .xapps
            .iter()
            .map(|xapp| (name(&xapp.entity), xapp.entity.span, xapp.demand_of_all(), replicas(xapp.replicas)));
        for (what, span, demand, pods) in components.chain(xapps) {
            if usable(ric).any(|node| lacks(context, node, &demand).is_none()) {
                continue;
            }
            // The candidate that comes nearest.
            let nearest = usable(ric)
                .filter_map(|node| lacks(context, node, &demand).map(|lack| (node, lack)))
                .min_by(|a, b| (a.1.1 / a.1.2.max(1e-9)).total_cmp(&(b.1.1 / b.1.2.max(1e-9))));
            let Some((node, (resource, wanted, has))) = nearest else { continue };
            let message = format!(
                "`{what}` of RIC `{}` needs {}{} and fits on no candidate",
                name(&ric.entity),
                amount(resource, wanted),
                for_all(pods),
            );
            let help = super::kinds::meant(context, resource)
                .unwrap_or_else(|| format!("`{}` comes nearest with {}", context.node(node), amount(resource, has)));
            findings.push(Diagnostic::error(&codes::DEMAND_WITHOUT_CAPACITY, span, message).help(help));
        }
    }
}

/// Where SDL and NIB are one store, one of them is declared.
fn stores(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter().filter(|(_, ric)| ric.profile.has_one_store()) {
        let Some(nib) = ric.components.iter().find(|component| component.kind == ComponentKind::Nib) else { continue };
        let message =
            format!("SDL and NIB of RIC `{}` are one Redis, and `component nib` is declared", name(&ric.entity));
        findings.push(
            Diagnostic::error(&codes::TWO_STORES, nib.span, message)
                .help("write the demand, the storage and the image of the one store on `component sdl`"),
        );
    }
}

/// Where the platform takes policies by a mediator that is no component, that is told.
fn mediator(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter().filter(|(_, ric)| ric.profile == RicProfile::Osc) {
        let Some(peer) = &ric.peer else { continue };
        let message = format!(
            "RIC `{}` with `profile osc` takes policies by its A1 mediator, which is none of the components that are placed",
            name(&ric.entity)
        );
        findings.push(
            Diagnostic::warning(&codes::NO_POLICY_MEDIATOR, peer.management.endpoint.span, message).help(
                "run the mediator (O-RAN SC `ric-plt-a1`) beside the components and let this address lead to it; ranform neither deploys it nor admits traffic to it",
            ),
        );
    }
}

/// A chain does not come back to an xApp it has passed.
fn chain_cycle(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter() {
        for (index, xapp) in ric.xapps.iter().enumerate() {
            for (position, link) in xapp.chain.iter().enumerate() {
                let returns =
                    link.value == index || xapp.chain[..position].iter().any(|earlier| earlier.value == link.value);
                let heads = ric.xapps.get(link.value).is_some_and(|member| !member.chain.is_empty());
                let member = ric.xapps.get(link.value).map_or("", |member| name(&member.entity));
                let message = if returns {
                    format!("the chain of xApp `{}` comes back to `{member}`", name(&xapp.entity))
                } else if heads {
                    format!("xApp `{member}` is in the chain of `{}` and heads a chain itself", name(&xapp.entity))
                } else {
                    continue;
                };
                findings.push(
                    Diagnostic::error(&codes::CHAIN_CYCLE, link.span, message)
                        .help("a chain is walked once, in order: write all its members at its head"),
                );
            }
        }
    }
}

/// An xApp is in at most one chain.
fn chain_shared(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter() {
        let mut head_of: BTreeMap<usize, (&Xapp, Span)> = BTreeMap::new();
        for xapp in &ric.xapps {
            for link in &xapp.chain {
                let Some(member) = ric.xapps.get(link.value) else { continue };
                let (first, span) = *head_of.entry(link.value).or_insert((xapp, link.span));
                if std::ptr::eq(first, xapp) {
                    continue;
                }
                let message = format!(
                    "xApp `{}` is in the chains of both `{}` and `{}`",
                    name(&member.entity),
                    name(&first.entity),
                    name(&xapp.entity)
                );
                findings.push(
                    Diagnostic::error(&codes::XAPP_IN_TWO_CHAINS, link.span, message)
                        .and(span, "the other chain")
                        .help("declare it twice under two names, or take it out of one chain"),
                );
            }
        }
    }
}

/// The head of a chain has the budget for the walk.
fn chain_head_budget(context: &Context<'_>, findings: &mut Findings) {
    for (_, ric) in context.network.rics.iter() {
        for xapp in ric.xapps.iter().filter(|xapp| !xapp.chain.is_empty() && xapp.loop_budget.is_none()) {
            let message = format!("xApp `{}` heads a chain but has no loop budget", name(&xapp.entity));
            findings.push(
                Diagnostic::error(&codes::CHAIN_WITHOUT_BUDGET, xapp.entity.span, message)
                    .help("write the round trip that the whole chain may take, e.g. `loop 10ms`"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
