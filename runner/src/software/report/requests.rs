//! What a plan shows of requests: who is served by which models, who is not, what comes over E2, what more room is worth.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::Deployment;
use ranform_network::ids::{Id, NodeId, RequestId};
use ranform_optimizers::orchestration::NetworkProblem;
use ranform_optimizers::orchestration::from_network::Host;
use ranform_optimizers::orchestration::problem::NodeKind as Level;

use super::super::models::{self, ServedModels};
use super::super::rejected;
use super::{AcceptedLine, CostlierLine, E2Traffic, ModelLine, RejectedLine, RequestsReport, ShadowLine};

/// The report of what was decided for requests.
pub(super) fn requests_report(network: &Network, served: &ServedModels, deployment: &Deployment) -> RequestsReport {
    let answer = &served.solved.answer;
    let scale = served.solved.problem.value_scale as f64;
    let value = |value: i64| value as f64 / scale;
    let request = |index: usize| &network.requests[RequestId::from_index(index)];
    let accepted = answer.accepted.iter().map(|&index| AcceptedLine {
        request: request(index).entity.address.clone(),
        value: request(index).value,
        targets: request(index).targets.len(),
    });
    let rejected = served.rejected().into_iter().map(|index| {
        let rejection = served.rejections.iter().find(|one| one.rejection.request == index);
        let words = rejection.map(|rejection| rejected::words(network, served, rejection)).unwrap_or_default();
        let entry = request(index);
        RejectedLine {
            request: entry.entity.address.clone(),
            value: entry.value,
            reasons: words.reasons,
            remedies: words.remedies,
        }
    });
    RequestsReport {
        status: answer.status,
        proved_by: served.solved.certificate.proved_by.clone(),
        value: value(answer.value.unwrap_or(0)),
        bound: value(answer.bound.unwrap_or(0)),
        of: value(served.solved.problem.problem.total_value()),
        accepted: accepted.collect(),
        rejected: rejected.collect(),
        instances: model_lines(deployment),
        moves: served.had_previous.then(|| moved_targets(served)),
        e2_traffic: e2_traffic(network, served),
        shadow_prices: shadow_lines(network, served),
        costlier: served.costlier.map(|one| CostlierLine {
            ric: network.rics[one.ric].entity.address.clone(),
            without: network.nodes[one.without].entity.address.clone(),
            cost: one.cost,
            requests: one.requests,
            value: one.value,
        }),
    }
}

/// Targets that were served and are served by another model or elsewhere.
fn moved_targets(served: &ServedModels) -> usize {
    let current = &served.solved.problem.problem.current;
    let moved = |one: &&ranform_optimizers::orchestration::problem::Assignment| {
        let before = current.iter().find(|before| (before.request, before.target) == (one.request, one.target));
        before.is_some_and(|before| (before.model, before.node) != (one.model, one.node))
    };
    served.solved.answer.assignment.iter().filter(moved).count()
}

fn model_lines(deployment: &Deployment) -> Vec<ModelLine> {
    let undeployed = deployment.undeployed.values().map(|thing| &thing.placed);
    let mut lines: BTreeMap<(&Address, &Address), (ModelLine, BTreeSet<&Address>)> = BTreeMap::new();
    for placed in deployment.placed.values().chain(undeployed) {
        let ranform_network::Resource::ModelInstance(instance) = &placed.resource else { continue };
        let node = instance.hosted.as_ref().unwrap_or(&placed.device);
        let (line, requests) = lines.entry((node, &instance.model)).or_insert_with(|| {
            let line = ModelLine {
                model: instance.model.clone(),
                node: node.clone(),
                application: instance.application,
                instances: 0,
                requests: 0,
                targets: 0,
            };
            (line, BTreeSet::new())
        });
        line.instances += 1;
        line.targets += instance.consumers.len();
        requests.extend(instance.consumers.iter().map(|consumer| &consumer.request));
    }
    let counted = lines.into_values().map(|(line, requests)| ModelLine { requests: requests.len(), ..line });
    counted.collect()
}

/// What the xApps of each near-RT RIC take over E2; targets without a limit have no period and are left out.
fn e2_traffic(network: &Network, served: &ServedModels) -> Vec<E2Traffic> {
    let NetworkProblem { problem, nodes, .. } = &served.solved.problem;
    let mut periods: BTreeMap<(usize, usize, usize, NodeId), u64> = BTreeMap::new();
    for one in served.solved.answer.assignment.iter().filter(|one| problem.nodes[one.node].kind == Level::NearRtRic) {
        let target = network.requests[RequestId::from_index(one.request)].targets.get(one.target);
        let Some((target, within)) = target.and_then(|target| Some((target, target.within?.value.0))) else { continue };
        for source in &target.sources {
            let period = periods.entry((one.node, one.model, one.instance, *source)).or_insert(u64::MAX);
            *period = (*period).min(within.max(1));
        }
    }
    let mut traffic: BTreeMap<&Address, f64> = BTreeMap::new();
    for ((node, model, _, _), period) in periods {
        let ric = match nodes[node] {
            Host::Bin(ric, _) | Host::Ric(ric) => &network.rics[ric].entity.address,
            Host::Node(node) => &network.nodes[node].entity.address,
        };
        *traffic.entry(ric).or_insert(0.0) += problem.models[model].input_bytes as f64 * 1e9 / period as f64;
    }
    traffic.into_iter().map(|(ric, bytes_per_second)| E2Traffic { ric: ric.clone(), bytes_per_second }).collect()
}

fn shadow_lines(network: &Network, served: &ServedModels) -> Vec<ShadowLine> {
    let problem = &served.solved.problem;
    let line = |price: &ranform_optimizers::orchestration::ShadowPrice| {
        let (resource, more) = models::amount(problem, price.resource, price.more);
        ShadowLine {
            node: Address::from_text(problem.label(network, price.node)),
            resource,
            more,
            requests: price.requests,
            value: price.value.map(|value| value as f64 / problem.value_scale as f64),
        }
    };
    served.prices.iter().map(line).collect()
}
