//! Why software is where it is: what it serves there, and what the next best place would cost or break, found by solving
//! again without the place.

use std::collections::BTreeSet;

use ranform_network::address::Address;
use ranform_network::deployment::{ModelInstanceResource, Placed, Resource, RicInstanceResource, component_of};
use ranform_network::ids::{Id, RequestId};
use ranform_network::units::{Nanoseconds, decimal};
use ranform_network::{AnswerStatus, Control};
use ranform_optimizers::orchestration::{self, Limits, Strategy, problem as model_problem};
use ranform_optimizers::placement::problem::Exclusion;
use ranform_optimizers::placement::{Placement, verify};

use super::models::{self, ServedModels};
use super::report::RicReport;
use super::{PlacedRic, impossible, place, rejected, words};
use crate::display::diagnostics::place as line_of;
use crate::display::software;
use crate::pipeline::Planned;

/// The most names shown of a list.
const MOST_NAMES: usize = 8;

/// The explanation of software or of a request at this address; none where there is neither.
pub fn lines(planned: &Planned, address: &Address, control: &dyn Control) -> Option<Vec<String>> {
    let deployment = &planned.deployment;
    let undeployed = || deployment.undeployed.get(address).map(|thing| &thing.placed);
    if let Some(placed) = deployment.placed.get(address).or_else(undeployed) {
        let mut lines = vec![heading(planned, address, placed, deployment.placed.contains_key(address))];
        match &placed.resource {
            Resource::RicInstance(instance) => lines.extend(ric_instance(planned, address, instance, placed, control)),
            Resource::ModelInstance(instance) => lines.extend(model_instance(planned, instance, placed, control)),
            _ => return None,
        }
        return Some(lines);
    }
    if let Some(ric) = planned.summary.software.rics.iter().find(|ric| ric.ric == *address) {
        return Some(ric_lines(planned, ric));
    }
    let request = planned.network.requests.iter().find(|(_, request)| request.entity.address == *address);
    request.map(|(id, _)| request_lines(planned, id, control))
}

/// A RIC as a whole: what it costs, and what stability costs.
fn ric_lines(planned: &Planned, ric: &RicReport) -> Vec<String> {
    let span = planned.network.rics.iter().find(|(_, one)| one.entity.address == ric.ric);
    let line = span.map_or(String::new(), |(_, one)| format!(" ({})", line_of(one.entity.span, &planned.sources)));
    let lines = software::ric_lines(ric, 1).into_iter().enumerate();
    let mut lines: Vec<String> =
        lines.map(|(at, text)| if at == 0 { text.replacen(':', &format!("{line}:"), 1) } else { text }).collect();
    lines.extend(stability(ric));
    lines
}

fn stability(ric: &RicReport) -> Vec<String> {
    let rows = software::curve(ric);
    let title = (!rows.is_empty()).then(|| "what stability costs:".to_owned());
    title.into_iter().chain(rows.into_iter().map(|row| format!("  {row}"))).collect()
}

fn heading(planned: &Planned, address: &Address, placed: &Placed, deployed: bool) -> String {
    let line = line_of(placed.span, &planned.sources);
    let deployed = if deployed { "" } else { ", decided and not deployed" };
    format!("{address} on {}{deployed} ({line})", placed.device)
}

fn names(addresses: &[Address]) -> String {
    let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    words::some(&names, MOST_NAMES).replace('`', "")
}

fn ric_instance(
    planned: &Planned,
    address: &Address,
    instance: &RicInstanceResource,
    placed: &Placed,
    control: &dyn Control,
) -> Vec<String> {
    let mut lines = Vec::new();
    if !instance.e2_nodes.is_empty() {
        let count = words::count(instance.e2_nodes.len(), "E2 node");
        lines.push(format!("serves {count}: {}", names(&instance.e2_nodes)));
    }
    if !instance.stands_by_for.is_empty() {
        let count = words::count(instance.stands_by_for.len(), "E2 node");
        lines.push(format!("stands by for {count}: {}", names(&instance.stands_by_for)));
    }
    if let Some(one) = &instance.tightest_loop {
        let (worst, budget) = (Nanoseconds(one.worst_ns), Nanoseconds(one.budget_ns));
        let slack = Nanoseconds(one.budget_ns.saturating_sub(one.worst_ns));
        lines.push(format!(
            "the tightest loop through it is that of {}: at most {worst} of {budget}, {slack} to spare",
            one.xapp
        ));
    }
    let pods = placed.resource.replicas();
    if !instance.demand.is_empty() {
        let demand: Vec<String> = instance.demand.iter().map(|(name, amount)| words::amount(name, *amount)).collect();
        let each = if pods > 1 { format!(" for each of {pods} replicas") } else { String::new() };
        lines.push(format!("needs {}{each}", demand.join(", ")));
    }
    let of_ric = |ric: &&PlacedRic| planned.network.rics[ric.problem.ric].entity.address == instance.ric;
    if let Some(ric) = planned.software.rics.iter().find(of_ric) {
        let component = component_of(&planned.network.rics[ric.problem.ric], address, instance);
        lines.extend(elsewhere(planned, ric, component, &placed.device, control));
    }
    let report = planned.summary.software.rics.iter().find(|ric| ric.ric == instance.ric);
    lines.extend(report.map(stability).unwrap_or_default());
    lines
}

/// What the RIC would cost without this place of this component, the other RICs as they are.
fn elsewhere(
    planned: &Planned,
    ric: &PlacedRic,
    component: &str,
    node: &Address,
    control: &dyn Control,
) -> Vec<String> {
    let network = &planned.network;
    let slot = ric.problem.slots.iter().position(|slot| slot.trim_matches('"') == component);
    let compute = ric.problem.compute_nodes.iter().position(|at| network.nodes[*at].entity.address == *node);
    let (Some(slot), Some(compute)) = (slot, compute) else { return Vec::new() };
    let scale = ric.problem.cost_scale as f64;
    let Ok(mut without) = place::problem(network, &planned.software, ric.problem.ric) else {
        return Vec::new();
    };
    let here = ric.problem.problem.components[slot].cost[compute];
    let mut lines = vec![format!(
        "costs {} here; all of {} costs {}",
        decimal(here as f64 / scale, 3),
        network.rics[ric.problem.ric].entity.address,
        decimal(ric.placement.cost as f64 / scale, 3)
    )];
    let now = verify::cost(&without.problem, &ric.placement);
    without.problem.exclusions.push(Exclusion { component: Some(slot), compute });
    match place::solve(&without, control) {
        Ok(answer) if answer.status == AnswerStatus::Infeasible => {
            let finding = impossible::finding(
                network,
                &without,
                &planned.software.taken_by_others(network, ric.problem.ric),
                control,
            );
            lines.push(format!("without this place nothing fits: {}", finding.message.replace('`', "")));
            lines.extend(finding.labels.iter().map(|label| {
                format!("  {} ({})", label.message.replace('`', ""), line_of(label.span, &planned.sources))
            }));
        }
        Ok(answer) => match &answer.placement {
            Some(next) => lines.push(next_best(planned, ric, slot, (next, next.cost - now), answer.status)),
            None => lines.push("whether anything else would do was not found out in the work allowed".to_owned()),
        },
        Err(error) => lines.push(format!("what else would do could not be found out: {error}")),
    }
    lines
}

fn next_best(
    planned: &Planned,
    ric: &PlacedRic,
    slot: usize,
    (next, more): (&Placement, i64),
    status: AnswerStatus,
) -> String {
    let now: BTreeSet<usize> = ric.placement.places[slot].iter().copied().collect();
    let other: BTreeSet<usize> = next.places[slot].iter().copied().collect();
    let nodes: Vec<Address> = other
        .difference(&now)
        .map(|compute| planned.network.nodes[ric.problem.compute_nodes[*compute]].entity.address.clone())
        .collect();
    let more = more as f64 / ric.problem.cost_scale as f64;
    let place = match nodes.as_slice() {
        [] => format!("the other places of it ({})", other.len()),
        nodes => names(nodes),
    };
    let least = if status == AnswerStatus::Optimal { "" } else { " at most" };
    if more > 0.0 {
        format!("the next best is {place}: it would cost{least} {} more", decimal(more, 3))
    } else if more < 0.0 {
        // Only where the placement in force is not proven optimal.
        format!("{place} would cost {} less: this placement is not proven optimal", decimal(-more, 3))
    } else {
        format!("{place} would cost the same; among equals the placement in force stays, then the first found")
    }
}

fn model_instance(
    planned: &Planned,
    instance: &ModelInstanceResource,
    placed: &Placed,
    control: &dyn Control,
) -> Vec<String> {
    let requests: BTreeSet<Address> = instance.consumers.iter().map(|consumer| consumer.request.clone()).collect();
    let requests: Vec<Address> = requests.into_iter().collect();
    let mut lines = vec![format!(
        "{} of {} {}: {} for {}",
        instance.application.word(),
        instance.model,
        if instance.shared { "shared by those it serves" } else { "that serves one request only" },
        words::count(instance.consumers.len(), "target"),
        names(&requests)
    )];
    let pods = placed.resource.replicas();
    if !instance.demand.is_empty() {
        let demand: Vec<String> = instance.demand.iter().map(|(name, amount)| words::amount(name, *amount)).collect();
        let each = if pods > 1 { format!(" for each of {pods} replicas") } else { String::new() };
        lines.push(format!("needs {}{each}", demand.join(", ")));
    }
    if let Some(served) = &planned.software.models {
        lines.extend(not_here(planned, served, instance, &placed.device, control));
    }
    lines
}

/// What the requests would be worth if the model could not run on this node.
fn not_here(
    planned: &Planned,
    served: &ServedModels,
    instance: &ModelInstanceResource,
    node: &Address,
    control: &dyn Control,
) -> Vec<String> {
    let network = &planned.network;
    let problem = &served.solved.problem;
    let model = network.models.iter().position(|(_, model)| model.entity.address == instance.model);
    let host = problem.nodes.iter().position(|host| match host {
        orchestration::from_network::Host::Node(at) | orchestration::from_network::Host::Bin(_, at) => {
            network.nodes[*at].entity.address == *node
        }
        orchestration::from_network::Host::Ric(_) => false,
    });
    let (Some(model), Some(host)) = (model, host) else { return Vec::new() };
    let mut without = problem.problem.clone();
    without.excluded.push(model_problem::Exclusion::new(Some(model), Some(host)));
    let limits = Limits::counted(control);
    let Ok((answer, _)) = orchestration::solve_within(&without, Strategy::Exact, 0, limits) else {
        return vec!["what else would do could not be found out".to_owned()];
    };
    let (Some(before), Some(after)) = (served.solved.answer.value, answer.value) else {
        return vec!["without this place nothing that is pinned could be kept".to_owned()];
    };
    let name = |index: usize| network.requests[RequestId::from_index(index)].entity.address.clone();
    let lost = served.solved.answer.accepted.iter().filter(|request| !answer.accepted.contains(request));
    let lost: Vec<Address> = lost.map(|request| name(*request)).collect();
    let less = decimal((before - after) as f64 / problem.value_scale as f64, 3);
    vec![match lost.as_slice() {
        [] if before == after => "elsewhere it would serve them as well".to_owned(),
        [] => format!("elsewhere all would be served, at {less} less for moves"),
        lost => format!("without this place {} would not be served: {less} less of value", names(lost)),
    }]
}

fn request_lines(planned: &Planned, id: RequestId, control: &dyn Control) -> Vec<String> {
    let request = &planned.network.requests[id];
    let mut lines = vec![format!("{} ({})", request.entity.address, line_of(request.entity.span, &planned.sources))];
    let Some(served) = &planned.software.models else { return lines };
    let index = id.index();
    if served.solved.answer.accepted.contains(&index) {
        lines.push(format!("served, worth {}", decimal(request.value, 3)));
        for one in planned.decisions.models.assignments.iter().filter(|one| one.request == id).take(MOST_NAMES) {
            let Some(target) = request.targets.get(one.target as usize) else { continue };
            lines.push(format!(
                "{} for {}: {} on {}",
                target.function.value,
                words::node(&planned.network, target.node),
                planned.network.models[one.model].entity.address,
                words::node(&planned.network, one.on)
            ));
        }
        return lines;
    }
    lines.push(format!("not served, worth {}", decimal(request.value, 3)));
    let known = served.rejections.iter().find(|one| one.rejection.request == index).cloned();
    let rejection = known.or_else(|| {
        let solved = &served.solved;
        let found = orchestration::explain_rejection(&solved.problem.problem, &solved.answer, index, control).ok()?;
        Some(models::explained(solved, found, control))
    });
    if let Some(rejection) = rejection {
        let told = rejected::words(&planned.network, served, &rejection);
        lines.extend(told.reasons.iter().map(|reason| reason.replace('`', "")));
        lines.extend(told.remedies.iter().map(|remedy| remedy.replace('`', "")));
    }
    lines
}
