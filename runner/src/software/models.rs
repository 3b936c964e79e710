//! Models for requests, on what placement leaves: solved, verified, and what more room would bring asked by solving again.

use std::collections::BTreeSet;

use ranform_network::answers::{ModelMapping, RicPlacement};
use ranform_network::diagnostic::codes;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::{AnswerStatus, Control, Diagnostic, Network};
use ranform_optimizers::orchestration::from_network::Host;
use ranform_optimizers::orchestration::{
    self, NetworkProblem, Orchestration, Rejection, Remedy, ShadowPrice, bottlenecks, explain_rejections, shadow_price,
};
use ranform_optimizers::placement::problem::Exclusion;
use ranform_optimizers::placement::verify;

use super::{PlacedRic, Software, place, rejected};

/// Rejected requests that are explained, in a problem of at most [`SMALL`] nodes, and in a larger one.
const EXPLAINED: [usize; 2] = [12, 3];
/// Bottlenecks that are priced, likewise.
const PRICED: [usize; 2] = [4, 1];
/// Placements without one compute node that are tried.
const LEFT: usize = 3;
/// The nodes of a problem that is solved again in a moment.
const SMALL: usize = 600;

/// What was decided for requests, and what would change it.
#[derive(Clone, Debug)]
pub struct ServedModels {
    /// The problem, its answer and its certificate.
    pub solved: Orchestration,
    /// Why requests were rejected, for the first of them.
    pub rejections: Vec<Explained>,
    /// What more room at the narrowest places is worth.
    pub prices: Vec<ShadowPrice>,
    /// A placement that costs more and leaves more to requests, where one was found.
    pub costlier: Option<Costlier>,
    /// Whether anything was in force before.
    pub had_previous: bool,
}

/// Why a request was rejected, and the pins of `keep models` in its way.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What was found by solving again.
    pub rejection: Rejection,
    /// Models that are pinned: without the pins of any one of them, or of all where `together`, it would be served
    /// beside all others.
    pub pinned: Vec<usize>,
    /// Whether it takes leaving out the pins of all of them.
    pub together: bool,
    /// Parameters (of a node) that it and accepted requests would both set, where it would be served if they could.
    pub fought_over: Vec<(usize, String)>,
}

/// A placement without one compute node: what it costs more, and what more it lets be served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costlier {
    /// The RIC that leaves the node.
    pub ric: RicId,
    /// The compute node it leaves to models.
    pub without: NodeId,
    /// What the RIC costs more.
    pub cost: f64,
    /// How many more requests are accepted.
    pub requests: i64,
    /// How much more they are worth.
    pub value: f64,
}

impl ServedModels {
    /// The requests that are not served, by index.
    pub fn rejected(&self) -> Vec<usize> {
        let accepted: BTreeSet<usize> = self.solved.answer.accepted.iter().copied().collect();
        (0..self.solved.problem.problem.requests.len()).filter(|request| !accepted.contains(request)).collect()
    }
}

/// The places of all RICs together.
pub fn placement(software: &Software) -> RicPlacement {
    software.placement()
}

/// Serves the requests of a network whose RICs have their places.
///
/// # Errors
/// The finding that says why there is no answer.
pub fn serve(
    network: &Network,
    software: &Software,
    control: &dyn Control,
) -> Result<(ServedModels, Vec<Diagnostic>), Box<Diagnostic>> {
    let in_force = in_force(software);
    let solved = orchestrate(network, in_force, (&placement(software), &software.held), control)
        .map_err(|reason| unsolved(network, &reason))?;
    let mut served = ServedModels {
        solved,
        rejections: Vec::new(),
        prices: Vec::new(),
        costlier: None,
        had_previous: in_force.is_some(),
    };
    ask(&mut served, control).map_err(|reason| unsolved(network, &reason))?;
    served.costlier = costlier(network, software, &served, control);
    let findings = rejected::findings(network, &served);
    Ok((served, findings))
}

/// Builds, solves and verifies; an answer of the wrong status is an error.
fn orchestrate(
    network: &Network,
    in_force: Option<&ModelMapping>,
    (placement, held): (&RicPlacement, &BTreeSet<NodeId>),
    control: &dyn Control,
) -> Result<Orchestration, String> {
    let solved =
        orchestration::orchestrate(network, in_force, placement, held, control).map_err(|error| error.message)?;
    match solved.answer.status {
        AnswerStatus::Optimal | AnswerStatus::Feasible => Ok(solved),
        AnswerStatus::Infeasible => {
            Err("what is pinned, or runs on a node that is left as it is, cannot be kept".to_owned())
        }
        AnswerStatus::Unknown => Err("the work allowed was spent without an answer".to_owned()),
    }
}

fn unsolved(network: &Network, reason: &str) -> Box<Diagnostic> {
    let message = format!("the requests could not be served: {reason}");
    Box::new(match network.requests.as_slice().first() {
        Some(first) => Diagnostic::error(&codes::ORCHESTRATION_UNSOLVED, first.entity.span, message),
        None => Diagnostic::error_nowhere(&codes::ORCHESTRATION_UNSOLVED, message),
    })
}

/// Why requests were rejected, and what more room would bring. Only a proven answer can be asked.
fn ask(served: &mut ServedModels, control: &dyn Control) -> Result<(), String> {
    let Orchestration { problem: made, answer, .. } = &served.solved;
    if answer.status != AnswerStatus::Optimal || served.rejected().is_empty() {
        return Ok(());
    }
    let problem = &made.problem;
    let size = usize::from(problem.nodes.len() > SMALL);
    let rejections = explain_rejections(problem, answer, EXPLAINED[size], control).map_err(|error| error.message)?;
    let mut prices = Vec::new();
    // A RIC that is placed has no room of its own: its compute nodes are asked.
    let narrow = bottlenecks(problem, answer, 4 * PRICED[size]);
    let narrow = narrow.into_iter().filter(|(node, _)| !matches!(made.nodes[*node], Host::Ric(_)));
    for (node, resource) in narrow.take(PRICED[size]) {
        let more = least(&rejections, node, resource).unwrap_or_else(|| step(problem, resource));
        let price = shadow_price(problem, answer, (node, resource, more), control).map_err(|error| error.message)?;
        if price.requests > 0 || price.value.is_some_and(|value| value > 0) {
            prices.push(price);
        }
    }
    served.rejections = rejections.into_iter().map(|one| explained(&served.solved, one, control)).collect();
    served.prices = prices;
    Ok(())
}

/// A rejection with the pins in its way, each found by solving again without it.
pub fn explained(solved: &Orchestration, rejection: Rejection, control: &dyn Control) -> Explained {
    let (made, request) = (&solved.problem, rejection.request);
    let problem = &made.problem;
    let wanted: BTreeSet<&str> =
        problem.requests[request].targets.iter().map(|target| target.function.as_str()).collect();
    let offers = |model: usize| problem.models[model].functions.iter().any(|function| wanted.contains(&**function));
    let able: Vec<usize> = (0..problem.models.len()).filter(|model| made.is_pinned(*model) && offers(*model)).collect();
    let admits = |models: &[usize]| {
        !models.is_empty()
            && orchestration::admits(&made.without_pins(models), &solved.answer, request, control).unwrap_or(false)
    };
    // Where it fits beside all others as it is, no pin is in the way.
    let mut explained = Explained { rejection, pinned: Vec::new(), together: false, fought_over: Vec::new() };
    let contested = contested(problem, &solved.answer, request);
    let is_plain = able.is_empty() && contested.is_empty();
    if is_plain || orchestration::admits(problem, &solved.answer, request, control).unwrap_or(true) {
        return explained;
    }
    if !contested.is_empty() && peacefully(problem, &solved.answer, request, control) {
        explained.fought_over = contested;
    }
    let single: Vec<usize> = able.iter().copied().filter(|model| admits(&[*model])).collect();
    let together = single.is_empty() && admits(&able);
    explained.pinned = if together { able } else { single };
    explained.together = together;
    explained
}

/// Whether the request would be served beside all others if any number of models could set one parameter.
fn peacefully(
    problem: &orchestration::Problem,
    answer: &orchestration::Answer,
    request: usize,
    control: &dyn Control,
) -> bool {
    let mut peaceful = problem.clone();
    peaceful.models.iter_mut().for_each(|model| model.controls.clear());
    orchestration::admits(&peaceful, answer, request, control).unwrap_or(false)
}

/// Parameters of nodes that models for the request could set, and models that serve accepted requests there do.
fn contested(problem: &orchestration::Problem, answer: &orchestration::Answer, request: usize) -> Vec<(usize, String)> {
    let mut set: BTreeSet<(usize, &str)> = BTreeSet::new();
    for one in &answer.assignment {
        let node = problem.requests[one.request].targets[one.target].node;
        set.extend(problem.models[one.model].controls.iter().map(|parameter| (node, parameter.as_str())));
    }
    let mut contested: BTreeSet<(usize, String)> = BTreeSet::new();
    for target in &problem.requests[request].targets {
        let able = problem.models.iter().filter(|model| model.functions.contains(&target.function));
        let controls = able.flat_map(|model| &model.controls);
        let taken = controls.filter(|parameter| set.contains(&(target.node, parameter.as_str())));
        contested.extend(taken.map(|parameter| (target.node, parameter.clone())));
    }
    contested.into_iter().collect()
}

fn in_force(software: &Software) -> Option<&ModelMapping> {
    Some(&software.previous.models).filter(|models| !models.assignments.is_empty())
}

/// Asks whether a RIC that leaves a narrow compute node to models, at some cost, lets more requests be served: the best found.
fn costlier(network: &Network, software: &Software, served: &ServedModels, control: &dyn Control) -> Option<Costlier> {
    let Orchestration { problem, answer, .. } = &served.solved;
    if answer.status != AnswerStatus::Optimal || served.rejected().is_empty() {
        return None;
    }
    let narrow = bottlenecks(&problem.problem, answer, 4 * LEFT);
    let mut nodes: Vec<NodeId> = Vec::new();
    for (at, _) in narrow {
        if let Host::Bin(_, node) = problem.nodes[at]
            && !nodes.contains(&node)
        {
            nodes.push(node);
        }
    }
    let using = |node: NodeId| software.rics.iter().filter(move |ric| ric.assignments.iter().any(|one| one.on == node));
    let asked = nodes.into_iter().flat_map(|node| using(node).map(move |ric| (ric, node)).collect::<Vec<_>>());
    let found = asked.take(LEFT).filter_map(|(ric, node)| left(network, software, served, (ric, node), control));
    found.filter(|one| one.value > 0.0).max_by(|a, b| a.value.total_cmp(&b.value).then(b.cost.total_cmp(&a.cost)))
}

/// The placement of a RIC without one compute node, and what it lets be served.
fn left(
    network: &Network,
    software: &Software,
    served: &ServedModels,
    (ric, node): (&PlacedRic, NodeId),
    control: &dyn Control,
) -> Option<Costlier> {
    let id = ric.problem.ric;
    let mut problem = place::problem(network, software, id).ok()?;
    let now = verify::cost(&problem.problem, &ric.placement);
    let compute = problem.compute_nodes.binary_search(&node).ok()?;
    problem.problem.exclusions.push(Exclusion { component: None, compute });
    let next = place::solve(&problem, control).ok()?.placement?;
    let mut placement = placement(software);
    placement.assignments.retain(|one| one.ric != id);
    placement.standby.retain(|one| one.ric != id);
    placement.assignments.extend(problem.assignments(&next));
    placement.standby.extend(problem.standby(&next));
    let again = orchestrate(network, in_force(software), (&placement, &software.held), control).ok()?;
    let scale = served.solved.problem.value_scale as f64;
    let before = &served.solved.answer;
    Some(Costlier {
        ric: id,
        without: node,
        cost: (next.cost - now) as f64 / problem.cost_scale as f64,
        requests: again.answer.accepted.len() as i64 - before.accepted.len() as i64,
        value: (again.answer.value? - before.value?) as f64 / scale,
    })
}

/// The least more of a resource on a node that admits one of the rejected requests by itself.
fn least(rejections: &[Rejection], node: usize, resource: usize) -> Option<i64> {
    let remedies = rejections.iter().flat_map(|rejection| &rejection.remedies);
    let amounts = remedies.filter_map(|remedy| match remedy {
        Remedy::Capacity { node: at, more } if *at == node => match more.as_slice() {
            [(only, amount)] if *only == resource => Some(*amount),
            _ => None,
        },
        _ => None,
    });
    amounts.min()
}

/// How much more of a resource is asked about where no remedy says: what two instances of the hungriest model need.
fn step(problem: &orchestration::Problem, resource: usize) -> i64 {
    let most = problem.models.iter().filter_map(|model| model.demand.get(resource)).max().copied().unwrap_or(1);
    most.max(1).saturating_mul(2)
}

/// An amount of a resource of the problem in the network's unit.
pub fn amount(problem: &NetworkProblem, resource: usize, amount: i64) -> (String, f64) {
    let name = problem.problem.resources.get(resource).cloned().unwrap_or_default();
    let scale = if matches!(name.as_str(), "memory" | "storage") { 1.0 } else { 1000.0 };
    (name, amount as f64 / scale)
}
