//! Near-RT RICs, one after another in address order: what one takes of a compute node is gone for the next.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::answers::{LoopLatency, RicAssignment};
use ranform_network::diagnostic::codes;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::network::Ric;
use ranform_network::units::Nanoseconds;
use ranform_network::{AnswerStatus, Certificate, Control, Diagnostic, Network};
use ranform_optimizers::exchange::DocumentError;
use ranform_optimizers::placement::curve as optimizers_curve;
use ranform_optimizers::placement::exact::{self, Race, Settings};
use ranform_optimizers::placement::problem::{E2T, Exclusion, Pin};
use ranform_optimizers::placement::{Answer, Placement, Point, Problem, RicProblem, verify};

use super::{Software, impossible};

/// Branch-and-bound nodes and cut rounds that a plan spends on one RIC: counted, so that plans repeat.
const WORK: u64 = 4_000;

/// The same for each point of the curve of cost against moves, and for what a pin would cost.
const CURVE_WORK: u64 = 400;
/// The most points of that curve.
const MOST_POINTS: usize = 6;

/// A RIC with its place.
#[derive(Clone, Debug)]
pub struct PlacedRic {
    /// The problem, with what it left to this RIC by those before it.
    pub problem: RicProblem,
    /// What was found and proved.
    pub answer: Answer,
    /// The placement in numbers.
    pub placement: Placement,
    /// The placement in names, sorted as documented.
    pub assignments: Vec<RicAssignment>,
    /// What stands by, likewise.
    pub standby: Vec<RicAssignment>,
    /// What the verifying code measured.
    pub certificate: Certificate,
    /// What stability costs, where `keep placement` prices or bounds it: from the cheapest to the fewest moves.
    pub curve: Vec<Point>,
}

impl PlacedRic {
    /// What each control loop takes for each E2 node.
    pub fn loops(&self) -> Vec<LoopLatency> {
        let RicProblem { problem, e2_nodes, slots, ric, .. } = &self.problem;
        let heads: Vec<usize> =
            problem.xapps().filter(|xapp| problem.components[*xapp].loop_budget.is_some()).collect();
        let unit = problem.latency_unit_us.saturating_mul(1000);
        let mut loops = Vec::new();
        for (e2, node) in e2_nodes.iter().enumerate() {
            for &xapp in &heads {
                let Some(trip) = verify::round_trip(problem, &self.placement, e2, xapp) else { continue };
                let round_trip = Nanoseconds(u64::try_from(trip).unwrap_or(0).saturating_mul(unit));
                loops.push(LoopLatency { ric: *ric, e2_node: *node, xapp: slots[xapp].clone(), round_trip });
            }
        }
        loops
    }
}

/// Places all RICs. One that fits nowhere is a finding; those after it are placed as if it were not there.
pub fn all(network: &Network, software: &mut Software, control: &dyn Control) {
    for (id, _) in network.rics.iter() {
        match one(network, software, id, control) {
            Ok(placed) => software.rics.push(placed),
            Err(finding) => software.findings.push(*finding),
        }
    }
}

/// The problem of a RIC beside those that have their places, with what they take and what `keep placement` says.
///
/// # Errors
/// Numbers that do not fit.
pub fn problem(network: &Network, software: &Software, id: RicId) -> Result<RicProblem, DocumentError> {
    let mut problem = problem_of(network, software, id)?;
    avoid_taken_addresses(network, software, &mut problem);
    Ok(problem)
}

/// The same where its E2 termination may be behind the address of another RIC's.
fn problem_of(network: &Network, software: &Software, id: RicId) -> Result<RicProblem, DocumentError> {
    let taken = software.taken_by_others(network, id);
    let previous = &software.previous.placement;
    let mut problem = RicProblem::new(network, id, Some(previous), move_price(network), &taken)?;
    problem.problem.most_moves = moves_left(network, software, id);
    keep_pins(network, &mut problem);
    hold_untold(network, &mut problem);
    hold_nodes(&software.held, &mut problem);
    problem.without_rules_for_nib();
    Ok(problem)
}

fn one(network: &Network, software: &Software, id: RicId, control: &dyn Control) -> Result<PlacedRic, Box<Diagnostic>> {
    let ric = &network.rics[id];
    let mut problem = problem(network, software, id).map_err(|error| unsolved(ric, &error.message))?;
    let mut answer = solve(&problem, control).map_err(|error| unsolved(ric, &error))?;
    if answer.status == AnswerStatus::Infeasible {
        // Where it fits behind the address of another RIC's E2 termination only, the plan says just that (RF722).
        let shared = problem_of(network, software, id).map_err(|error| unsolved(ric, &error.message))?;
        if shared.problem != problem.problem {
            answer = solve(&shared, control).map_err(|error| unsolved(ric, &error))?;
            problem = shared;
        }
    }
    let certificate = verify::verify(&problem.problem, &answer);
    match (&answer.placement, answer.status) {
        (_, AnswerStatus::Infeasible) => {
            let taken = software.taken_by_others(network, id);
            Err(Box::new(impossible::finding(network, &problem, &taken, control)))
        }
        (None, _) => Err(unsolved(ric, "the work allowed was spent without finding a place")),
        (Some(_), _) if !certificate.holds() => Err(unsolved(ric, "the answer found failed its verification")),
        (Some(placement), _) => {
            let placement = placement.clone();
            let (assignments, standby) = (problem.assignments(&placement), problem.standby(&placement));
            let curve = curve(&problem.problem, &placement, control);
            Ok(PlacedRic { assignments, standby, problem, answer, placement, certificate, curve })
        }
    }
}

/// Solves with counted work, from a constructive answer: same input, same answer.
///
/// # Errors
/// What the solver says.
pub fn solve(problem: &RicProblem, control: &dyn Control) -> Result<Answer, String> {
    solve_within(WORK, problem, control)
}

/// The same with the work of a point of the curve: what something else would cost.
///
/// # Errors
/// What the solver says.
pub fn price(problem: &RicProblem, control: &dyn Control) -> Result<Answer, String> {
    solve_within(CURVE_WORK, problem, control)
}

fn solve_within(work: u64, problem: &RicProblem, control: &dyn Control) -> Result<Answer, String> {
    let settings = Settings { nodes: Some(work), race: Race::Off, ..Settings::default() };
    let answer = exact::solve(&problem.problem, &settings, control).map_err(|error| error.to_string())?;
    Ok(problem.with_one_store(answer))
}

/// The least cost for each number of moves, where a price or a budget acts and a choice is left; beyond the budget
/// too, to show what more moves would bring.
fn curve(problem: &Problem, placement: &Placement, control: &dyn Control) -> Vec<Point> {
    let acts = problem.move_cost > 0 || problem.most_moves.is_some();
    if problem.current.is_none() || !acts {
        return Vec::new();
    }
    let settings = Settings { nodes: Some(CURVE_WORK), race: Race::Off, ..Settings::default() };
    let free = Problem { most_moves: None, ..problem.clone() };
    let curve = optimizers_curve(&free, MOST_POINTS, &settings, control).unwrap_or_default();
    let has_choice = curve.len() > 1 || curve.first().is_some_and(|point| Some(point.moves) != placement.moves);
    if has_choice { curve } else { Vec::new() }
}

fn unsolved(ric: &Ric, why: &str) -> Box<Diagnostic> {
    let message = format!("`{}` could not be placed: {why}", ric.entity.address);
    Box::new(Diagnostic::error(&codes::PLACEMENT_UNSOLVED, ric.entity.span, message))
}

/// What `keep placement` asks for each instance that starts; the highest where several say so.
pub fn move_price(network: &Network) -> f64 {
    let keeps = network.keeps.iter().filter(|keep| keep.address.last().1 == "placement");
    keeps.filter_map(|keep| keep.churn_price).fold(0.0, f64::max)
}

/// The moves that `keep placement` still allows: its budget, the lowest where several say one, less what other RICs use.
fn moves_left(network: &Network, software: &Software, id: RicId) -> Option<i64> {
    let keeps = network.keeps.iter().filter(|keep| keep.address.last().1 == "placement");
    let budget = i64::try_from(keeps.filter_map(|keep| keep.churn_budget).min()?).unwrap_or(i64::MAX);
    let others = software.rics.iter().filter(|other| other.problem.ric != id);
    let used: i64 = others.map(|other| verify::moves(&other.problem.problem, &other.placement)).sum();
    Some((budget - used).max(0))
}

/// Whether a pin of `keep placement` means this slot of this RIC: by its bare name, or below the RIC's address.
pub fn is_meant(pin: &ranform_network::Address, ric: &Ric, slot: &str) -> bool {
    let (noun, name) = pin.last();
    if pin.as_str() == slot {
        return true;
    }
    // `ric.metro/e2t.edge-3` speaks of the component, `ric.metro/xapp.steering` of the xApp.
    pin.is_within(&ric.entity.address)
        && pin != &ric.entity.address
        && (noun == slot || (noun == "xapp" && name == slot))
}

/// A pinned component runs on the nodes it is pinned to and nowhere else, as with the pins of the RIC itself.
fn keep_pins(network: &Network, problem: &mut RicProblem) {
    let ric = &network.rics[problem.ric];
    let keeps = network.keeps.iter().filter(|keep| keep.address.last().1 == "placement");
    let pins: Vec<_> = keeps.flat_map(|keep| &keep.pins).collect();
    for (slot, name) in problem.slots.iter().enumerate() {
        let nodes: Vec<NodeId> =
            pins.iter().filter(|(what, _)| is_meant(&what.value, ric, name)).map(|(_, node)| node.value).collect();
        if nodes.is_empty() {
            continue;
        }
        for (compute, node) in problem.compute_nodes.iter().enumerate() {
            let rule = Exclusion { component: Some(slot), compute };
            if !nodes.contains(node) && !problem.problem.exclusions.contains(&rule) {
                problem.problem.exclusions.push(rule);
            }
        }
    }
}

/// An E2 termination does not come to a node with one address for E2 nodes where another RIC has its own: only one of them
/// can listen there. One that has no place yet is taken to keep the one in force.
fn avoid_taken_addresses(network: &Network, software: &Software, problem: &mut RicProblem) {
    let (now, before) = (software.placement(), &software.previous.placement);
    let placed: BTreeSet<RicId> = software.rics.iter().map(|placed| placed.problem.ric).collect();
    let may_stay = |one: &&RicAssignment| {
        let ric = &network.rics[one.ric];
        let excluded = ric.exclusions.iter().any(|node| node.value == one.on);
        !placed.contains(&one.ric) && ric.candidates.contains(&one.on) && !excluded
    };
    let in_force = before.assignments.iter().chain(&before.standby).filter(may_stay);
    let others = now.assignments.iter().chain(&now.standby).chain(in_force).filter(|one| one.ric != problem.ric);
    let taken: BTreeSet<NodeId> = others.filter(|one| &*one.component == "e2t").map(|one| one.on).collect();
    for (compute, node) in problem.compute_nodes.iter().enumerate() {
        let rule = Exclusion { component: Some(E2T), compute };
        let contended = taken.contains(node) && network.nodes[*node].e2_endpoint.is_some();
        if contended && !problem.problem.exclusions.contains(&rule) {
            problem.problem.exclusions.push(rule);
        }
    }
}

/// Whether a node's device is configured by us and cannot be told where its E2 termination is.
pub fn is_untold(network: &Network, node: NodeId) -> bool {
    let node = &network.nodes[node];
    node.management.is_some() && !node.profile.knobs.contains_key("node.e2_endpoint")
}

/// On a node that is left as it is stays what is there, and nothing comes to it.
fn hold_nodes(held: &BTreeSet<NodeId>, problem: &mut RicProblem) {
    let RicProblem { problem, compute_nodes, .. } = problem;
    for compute in (0..compute_nodes.len()).filter(|&compute| held.contains(&compute_nodes[compute])) {
        for component in 0..problem.components.len() {
            let served = problem.current.as_ref().map_or(&[][..], |current| &current[component]);
            let there: Vec<usize> = (0..served.len()).filter(|&e2| served[e2] == Some(compute)).collect();
            if there.is_empty() {
                problem.exclusions.push(Exclusion { component: Some(component), compute });
            } else {
                problem.pins.push(Pin { component, compute, e2: Some(there) });
            }
        }
    }
}

/// An E2 node that cannot be told of another E2 termination stays at its present one.
fn hold_untold(network: &Network, problem: &mut RicProblem) {
    let Some(current) = &problem.problem.current else { return };
    let mut held: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (e2, node) in problem.e2_nodes.iter().enumerate() {
        if let Some(compute) = current[E2T][e2].filter(|_| is_untold(network, *node)) {
            held.entry(compute).or_default().push(e2);
        }
    }
    let pins = held.into_iter().map(|(compute, e2)| Pin { component: E2T, compute, e2: Some(e2) });
    problem.problem.pins.extend(pins);
}
