//! Checks an answer in whole numbers, from the problem as given and nothing else: no radius, no
//! reduction, no solver. Whatever a strategy claims, this decides whether it is true.
//!
//! The residuals, in the order of the formulation, each with limit 0: `places` (entries that name no
//! compute node), `loops` (largest excess of a round trip over its budget, in latency units),
//! `capacity` (largest excess), `serves` (largest excess of E2 nodes over what an instance serves),
//! `pins`, `exclusions` (how many are broken), `spread` (pairs of instances in one place), `standby` (E2
//! nodes without a second E2 termination that would do), `cost` (distance of the claimed cost from the
//! recomputed one), `moves` (likewise), `moves allowed` (largest excess), `bound` (claimed bound above the cost), `optimal` (distance of
//! bound and cost where optimality is claimed).

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::{AnswerKind, AnswerStatus, Certificate};

use super::problem::{E2T, NIB, Problem, SDL, UNREACHABLE};
use super::{Answer, Placement};

/// Re-checks `answer`. The claim stands iff [`Certificate::holds`].
pub fn verify(problem: &Problem, answer: &Answer) -> Certificate {
    let mut certificate = Certificate::new(AnswerKind::Placement, answer.status, answer.proved_by.clone());
    certificate.steps = answer.steps;
    certificate.bound = answer.bound.map(|bound| bound as f64);
    let claims_answer = matches!(answer.status, AnswerStatus::Optimal | AnswerStatus::Feasible);
    let Some(placement) = &answer.placement else {
        return certificate.residual("places", f64::from(u8::from(claims_answer)), 0.0);
    };
    let misplaced = misplaced(problem, placement) + usize::from(!claims_answer);
    if misplaced > 0 {
        return certificate.residual("places", misplaced as f64, 0.0);
    }
    let cost = cost(problem, placement);
    let bound = answer.bound.unwrap_or(0);
    let distance = if answer.status == AnswerStatus::Optimal { (cost - bound).abs() } else { 0 };
    let moves = placement.moves.map(|claimed| (claimed - moves(problem, placement)).abs());
    certificate
        .bounded(cost as f64, bound as f64)
        .residual("places", 0.0, 0.0)
        .residual("loops", loop_excess(problem, placement) as f64, 0.0)
        .residual("capacity", capacity_excess(problem, placement) as f64, 0.0)
        .residual("serves", serving_excess(problem, placement) as f64, 0.0)
        .residual("pins", broken_pins(problem, placement) as f64, 0.0)
        .residual("exclusions", broken_exclusions(problem, placement) as f64, 0.0)
        .residual("spread", broken_spreads(problem, placement) as f64, 0.0)
        .residual("standby", without_standby(problem, placement) as f64, 0.0)
        .residual("cost", (placement.cost - cost).abs() as f64, 0.0)
        .residual("moves", moves.unwrap_or(0) as f64, 0.0)
        .residual("moves allowed", moves_excess(problem, placement) as f64, 0.0)
        .residual("bound", (bound - cost).max(0) as f64, 0.0)
        .residual("optimal", distance as f64, 0.0)
}

/// Whether a placement obeys everything, whatever its cost.
pub fn is_legal(problem: &Problem, placement: &Placement) -> bool {
    let claim = Placement { cost: cost(problem, placement), moves: None, ..placement.clone() };
    let answer = Answer {
        status: AnswerStatus::Feasible,
        bound: Some(0),
        placement: Some(claim),
        steps: 0,
        proved_by: String::new(),
        conflict: None,
    };
    verify(problem, &answer).holds()
}

/// The instances of a placement: each (slot, compute node) that serves somebody or stands by, once.
pub fn instances(placement: &Placement) -> BTreeSet<(usize, usize)> {
    let of_slot =
        |(slot, places): (usize, &Vec<usize>)| places.iter().map(move |place| (slot, *place)).collect::<Vec<_>>();
    let serving = placement.places.iter().enumerate().flat_map(of_slot);
    serving.chain(placement.standby.iter().enumerate().flat_map(of_slot)).collect()
}

/// The cost of a placement: used compute nodes, instances, and the price of those that start.
pub fn cost(problem: &Problem, placement: &Placement) -> i64 {
    let instances = instances(placement);
    let used: BTreeSet<usize> = instances.iter().map(|(_, node)| *node).collect();
    let running: i64 = instances.iter().map(|(slot, node)| problem.components[*slot].cost[*node]).sum();
    let fixed: i64 = used.iter().map(|node| problem.fixed_cost[*node]).sum();
    running + fixed + moves(problem, placement) * problem.move_cost
}

/// How many instances run where none of their kind runs in the placement in force; 0 without one.
pub fn moves(problem: &Problem, placement: &Placement) -> i64 {
    let Some(current) = &problem.current else { return 0 };
    let mut running: BTreeSet<(usize, usize)> = problem.also_running.iter().copied().collect();
    for (slot, places) in current.iter().enumerate().chain(problem.current_standby.iter().enumerate()) {
        running.extend(places.iter().flatten().map(|place| (slot, *place)));
    }
    instances(placement).difference(&running).count() as i64
}

fn moves_excess(problem: &Problem, placement: &Placement) -> i64 {
    problem.most_moves.map_or(0, |most| (moves(problem, placement) - most).max(0))
}

/// The round trip of `xapp`'s loop for one E2 node, processing included; `None` without a path.
pub fn round_trip(problem: &Problem, placement: &Placement, e2: usize, xapp: usize) -> Option<i64> {
    trip(problem, &placement.places, e2, xapp)
}

fn trip(problem: &Problem, places: &[Vec<usize>], e2: usize, xapp: usize) -> Option<i64> {
    let at = |slot: usize| places[slot][e2];
    let mut legs = vec![problem.to_compute(e2, at(E2T))];
    let mut processing = problem.components[E2T].processing;
    let mut here = at(E2T);
    for visited in std::iter::once(xapp).chain(problem.components[xapp].chain.iter().copied()) {
        legs.push(problem.between(here, at(visited)));
        here = at(visited);
        processing += problem.components[visited].processing;
        if problem.components[visited].uses_sdl {
            legs.push(problem.between(here, at(SDL)));
            legs.push(problem.between(at(SDL), at(NIB)));
            processing += problem.components[SDL].processing + problem.components[NIB].processing;
        }
    }
    if legs.iter().any(|leg| *leg >= UNREACHABLE) {
        return None;
    }
    Some(2 * legs.iter().map(|leg| i64::from(*leg)).sum::<i64>() + processing)
}

fn misplaced(problem: &Problem, placement: &Placement) -> usize {
    let slots = problem.components.len();
    let sized = |places: &[Vec<usize>]| places.len() == slots && places.iter().all(|row| row.len() == problem.e2_nodes);
    if !sized(&placement.places) || !(placement.standby.is_empty() || sized(&placement.standby)) {
        return slots.max(1) * problem.e2_nodes.max(1);
    }
    let places = placement.places.iter().chain(&placement.standby).flatten();
    places.filter(|place| **place >= problem.compute_nodes).count()
}

fn loop_excess(problem: &Problem, placement: &Placement) -> i64 {
    (0..problem.e2_nodes).map(|e2| excess_of(problem, &placement.places, e2)).max().unwrap_or(0)
}

/// By how much the loops of one E2 node exceed their budgets at most.
fn excess_of(problem: &Problem, places: &[Vec<usize>], e2: usize) -> i64 {
    let looped = problem.xapps().filter_map(|xapp| Some((xapp, problem.components[xapp].loop_budget?)));
    let excess = |(xapp, budget): (usize, i64)| {
        trip(problem, places, e2, xapp).map_or(i64::MAX / 2, |trip| (trip - budget).max(0))
    };
    looped.map(excess).max().unwrap_or(0)
}

fn capacity_excess(problem: &Problem, placement: &Placement) -> i64 {
    let mut needed = vec![vec![0_i64; problem.resources.len()]; problem.compute_nodes];
    let served = served(placement);
    for (slot, node) in instances(placement) {
        let served = served.get(&(slot, node)).copied().unwrap_or(0);
        for (sum, demand) in needed[node].iter_mut().zip(&problem.components[slot].demand) {
            *sum += demand;
        }
        for (sum, more) in needed[node].iter_mut().zip(&problem.components[slot].demand_per_e2) {
            *sum += more * served;
        }
    }
    let mut worst = 0;
    for (needed, capacity) in needed.iter().zip(&problem.capacity) {
        for (needed, capacity) in needed.iter().zip(capacity.iter().flatten()) {
            worst = worst.max(needed - capacity);
        }
    }
    worst
}

/// How many E2 nodes each instance serves.
fn served(placement: &Placement) -> BTreeMap<(usize, usize), i64> {
    let mut served = BTreeMap::new();
    for (slot, places) in placement.places.iter().enumerate() {
        for place in places {
            *served.entry((slot, *place)).or_insert(0) += 1;
        }
    }
    served
}

fn serving_excess(problem: &Problem, placement: &Placement) -> i64 {
    let excess = |((slot, _), served): ((usize, usize), i64)| {
        let most = problem.components[slot].serves_at_most.and_then(|most| i64::try_from(most).ok());
        most.map_or(0, |most| (served - most).max(0))
    };
    served(placement).into_iter().map(excess).max().unwrap_or(0)
}

fn broken_spreads(problem: &Problem, placement: &Placement) -> usize {
    let mut broken = 0;
    for spread in &problem.spreads {
        let nodes = instances(placement).into_iter().filter(|(slot, _)| *slot == spread.component);
        let places: Vec<usize> = nodes.filter_map(|(_, node)| spread.places[node]).collect();
        broken += places.len() - places.iter().collect::<BTreeSet<_>>().len();
    }
    broken
}

/// E2 nodes whose standby is missing: it must have another E2 termination than the serving one, in
/// another place, and keep all loops. Its instances count as instances of the placement.
fn without_standby(problem: &Problem, placement: &Placement) -> usize {
    if !problem.spreads.iter().any(|spread| spread.standby) {
        return placement.standby.len();
    }
    let standby = &placement.standby;
    if standby.is_empty() {
        return problem.e2_nodes;
    }
    let does = |e2: &usize| {
        let (first, second) = (placement.places[E2T][*e2], standby[E2T][*e2]);
        let apart = problem
            .spreads
            .iter()
            .filter(|spread| spread.component == E2T)
            .all(|spread| spread.places[first].is_none() || spread.places[first] != spread.places[second]);
        first != second && apart && excess_of(problem, standby, *e2) == 0
    };
    (0..problem.e2_nodes).filter(|e2| !does(e2)).count()
}

fn broken_pins(problem: &Problem, placement: &Placement) -> usize {
    let broken = |pin: &super::problem::Pin| {
        let places = &placement.places[pin.component];
        match &pin.e2 {
            Some(e2) => e2.iter().any(|e2| places[*e2] != pin.compute),
            None => places.iter().any(|place| *place != pin.compute),
        }
    };
    problem.pins.iter().filter(|pin| broken(pin)).count()
}

fn broken_exclusions(problem: &Problem, placement: &Placement) -> usize {
    let instances = instances(placement);
    let broken = |rule: &super::problem::Exclusion| {
        instances.iter().any(|(slot, node)| *node == rule.compute && rule.component.is_none_or(|one| one == *slot))
    };
    problem.exclusions.iter().filter(|rule| broken(rule)).count()
}
