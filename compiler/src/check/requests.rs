//! Models and requests: nodes that can host, sources whose data arrives, bounds that some model meets
//! (orchestration.md).

use std::collections::BTreeMap;

use ranform_network::deployment::Connector;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{Model, NodeKind, Performance, RequestTarget, replicas};
use ranform_network::units::Share;

use super::context::{count, name};
use super::rics::{amount, for_all, lacks};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] =
    &[unreachable_source, performance, model_kinds, model_offers, model_capacity, model_connectors];

/// The models by function.
fn offers<'a>(context: &'a Context<'_>) -> BTreeMap<&'a str, Vec<(&'a Model, Share)>> {
    let mut by_function: BTreeMap<&str, Vec<(&Model, Share)>> = BTreeMap::new();
    for model in context.network.models.as_slice() {
        for (function, performance) in &model.offers {
            by_function.entry(&function.value).or_default().push((model, *performance));
        }
    }
    by_function
}

/// Calls `check` once per function, condition and place in the text of a request, not once per node it selects.
fn each_wish(context: &Context<'_>, mut check: impl FnMut(&RequestTarget)) {
    for (_, request) in context.network.requests.iter() {
        let mut last: Option<&RequestTarget> = None;
        for target in &request.targets {
            let same = last.is_some_and(|last| {
                last.function.value == target.function.value
                    && last.span == target.span
                    && last.performance == target.performance
            });
            if !same {
                check(target);
            }
            last = Some(target);
        }
    }
}

/// Whether one of two nodes is above the other.
fn reach(context: &Context<'_>, a: NodeId, b: NodeId) -> bool {
    is_above(context, a, b) || is_above(context, b, a)
}

fn is_above(context: &Context<'_>, above: NodeId, below: NodeId) -> bool {
    let mut at = Some(below);
    // Bounded: a cycle in the tree is reported elsewhere and must not hang this walk.
    for _ in 0..64 {
        match at {
            Some(node) if node == above => return true,
            Some(node) => at = context.network.nodes[node].parent.map(|parent| parent.value),
            None => return false,
        }
    }
    false
}

/// Data travels up and down the tree only: a host must be able to reach the target and every source.
fn unreachable_source(context: &Context<'_>, findings: &mut Findings) {
    for (_, request) in context.network.requests.iter() {
        let mut unreachable: BTreeMap<_, (usize, NodeId, NodeId)> = BTreeMap::new();
        for target in &request.targets {
            // Host candidates: the target and all above it. One of them must be above, or below, each source.
            let reaches = |source: &&NodeId| {
                let mut host = Some(target.node);
                for _ in 0..64 {
                    match host {
                        Some(node) if reach(context, node, **source) => return true,
                        Some(node) => host = context.network.nodes[node].parent.map(|parent| parent.value),
                        None => return false,
                    }
                }
                false
            };
            if let Some(source) = target.sources.iter().find(|source| !reaches(source)) {
                unreachable.entry(target.span).or_insert((0, target.node, *source)).0 += 1;
            }
        }
        for (span, (places, node, source)) in unreachable {
            let more =
                if places > 1 { format!(" (and for {})", count(places - 1, "more target")) } else { String::new() };
            let message = format!(
                "no node can take data from `{}` and serve `{}`{more}: nothing is above both",
                context.node(source),
                context.node(node)
            );
            findings.push(
                Diagnostic::error(&codes::UNREACHABLE_SOURCE, span, message)
                    .help("data goes up and down the tree: give both a common `parent`, or take data `from target`"),
            );
        }
    }
}

/// Some model reaches the performance that is asked for.
fn performance(context: &Context<'_>, findings: &mut Findings) {
    let by_function = offers(context);
    each_wish(context, |target| {
        let (Some(bound), Some(models)) = (target.performance, by_function.get(&*target.function.value)) else {
            return;
        };
        let best = |better: fn(f64, f64) -> bool| {
            models.iter().copied().reduce(|a, b| if better(b.1.0, a.1.0) { b } else { a })
        };
        let (best, missed, word, limit) = match bound.value {
            Performance::AtLeast(limit) => {
                let best = best(|a, b| a > b);
                (best, best.is_some_and(|best| best.1.0 < limit.0), "at least", limit)
            }
            Performance::AtMost(limit) => {
                let best = best(|a, b| a < b);
                (best, best.is_some_and(|best| best.1.0 > limit.0), "at most", limit)
            }
        };
        let Some((model, reached)) = best.filter(|_| missed) else { return };
        let message = format!("no model does `{}` with {word} {limit}", target.function.value);
        let help = format!("`{}` comes nearest with {reached}", name(&model.entity));
        findings.push(
            Diagnostic::error(&codes::PERFORMANCE_OUT_OF_REACH, bound.span, message)
                .and(model.entity.span, "the nearest model")
                .help(help),
        );
    });
}

/// The kinds that can run a model (an RU does where it declares capacity).
pub(super) fn runs_models(kind: NodeKind) -> bool {
    !matches!(kind, NodeKind::Ap | NodeKind::Switch)
}

/// Execution times are given for kinds that run software, and suit what they run on.
fn model_kinds(context: &Context<'_>, findings: &mut Findings) {
    for (_, model) in context.network.models.iter() {
        for (kind, _) in model.execution.iter().filter(|(kind, _)| !runs_models(*kind)) {
            let message =
                format!("model `{}` runs on kind `{}`, which runs no containers", name(&model.entity), kind.word());
            findings.push(
                Diagnostic::error(&codes::MODEL_KIND, model.entity.span, message)
                    .help("give execution times for non-rt-ric, near-rt-ric, cu, du, ru or compute"),
            );
        }
        for (kind, _) in &model.suitability {
            if model.execution.iter().any(|(runs, _)| runs == kind) {
                continue;
            }
            let message = format!(
                "model `{}` says how it suits kind `{}` but not how long it runs there",
                name(&model.entity),
                kind.word()
            );
            findings.push(
                Diagnostic::error(&codes::MODEL_KIND, model.entity.span, message)
                    .help(format!("write e.g. `runs 1ms on {}`", kind.word())),
            );
        }
    }
}

/// A model offers something and runs somewhere.
fn model_offers(context: &Context<'_>, findings: &mut Findings) {
    for (_, model) in context.network.models.iter() {
        let (message, help) = if model.offers.is_empty() {
            (
                format!("model `{}` offers no function", name(&model.entity)),
                "write e.g. `offers traffic-forecast performance 95%`",
            )
        } else if model.execution.is_empty() {
            (
                format!("model `{}` says nowhere how long it runs", name(&model.entity)),
                "write e.g. `runs 1ms on du, 2ms on cu`",
            )
        } else {
            continue;
        };
        findings.push(Diagnostic::error(&codes::MODEL_OFFERS_NOTHING, model.entity.span, message).help(help));
    }
}

/// Connectors are a part of what their model is given, and leave it something.
fn model_connectors(context: &Context<'_>, findings: &mut Findings) {
    // The ways by which the inputs of one instance come.
    let together = [&[Connector::O1][..], &[Connector::E2], &[Connector::Dapp, Connector::Fronthaul]];
    for model in context.network.models.as_slice().iter().filter(|model| !model.connectors.is_empty()) {
        for ways in together {
            let used = model.connectors.iter().filter(|connector| ways.contains(&connector.way.value));
            let mut sums: BTreeMap<&str, (f64, _)> = BTreeMap::new();
            for (connector, (resource, amount)) in used.flat_map(|one| one.demand.iter().map(move |part| (one, part))) {
                let sum = sums.entry(resource).or_insert((0.0, connector.way.span));
                *sum = (sum.0 + amount, connector.way.span);
            }
            for (resource, (wanted, place)) in sums {
                let given =
                    model.demand.iter().find(|(name, _)| &**name == resource).map_or(0.0, |(_, amount)| *amount);
                if wanted < given {
                    continue;
                }
                let message = format!(
                    "the connectors of model `{}` need {} of the {} that it is given, which leaves nothing for the model",
                    name(&model.entity),
                    amount(resource, wanted),
                    amount(resource, given)
                );
                findings.push(Diagnostic::error(&codes::CONNECTOR_ABOVE_MODEL, place, message).help(
                    "the `demand` of a model is that of its whole pod: raise it, or lower that of its connectors",
                ));
            }
        }
    }
}

/// A model fits on some node of a kind it runs on, with all its replicas.
fn model_capacity(context: &Context<'_>, findings: &mut Findings) {
    for (_, model) in context.network.models.iter().filter(|(_, model)| !model.demand.is_empty()) {
        let runs_on = |kind: NodeKind| model.execution.iter().any(|(runs, _)| *runs == kind || same_place(*runs, kind));
        let nodes: Vec<NodeId> =
            context.network.nodes.iter().filter(|(_, node)| runs_on(node.kind)).map(|(id, _)| id).collect();
        let demand = model.demand_of_all();
        if nodes.is_empty() || nodes.iter().any(|node| lacks(context, *node, &demand).is_none()) {
            continue;
        }
        let Some((resource, wanted, _)) = nodes.first().and_then(|node| lacks(context, *node, &demand)) else {
            continue;
        };
        let message = format!(
            "model `{}` needs {}{} and fits on none of {} it runs on",
            name(&model.entity),
            amount(resource, wanted),
            for_all(replicas(model.replicas)),
            count(nodes.len(), "node"),
        );
        let help = super::kinds::meant(context, resource)
            .unwrap_or_else(|| "lower its demand, or give a node more capacity".to_owned());
        findings.push(Diagnostic::error(&codes::DEMAND_WITHOUT_CAPACITY, model.entity.span, message).help(help));
    }
}

/// A monolithic gNB or eNB is a CU of the tree; so are the parts of a CU (orchestration.md, node kinds).
fn same_place(runs: NodeKind, node: NodeKind) -> bool {
    use NodeKind::*;
    runs == Cu && matches!(node, Gnb | Enb | CuCp | CuUp)
}

#[cfg(test)]
mod tests;
