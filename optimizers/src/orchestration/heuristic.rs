//! The `heuristic` strategy: construct, then improve by re-ordering, without any solver.
//!
//! Requests are accepted one by one ([`super::construct`]); then, a fixed number of times, a rejected
//! request is put first and a few accepted ones last, and the answer is built anew; what is no worse
//! stays. The bound is what presolve leaves possible. Equal seeds give equal answers.

use ranform_network::Control;
use rayon::prelude::*;

use super::answer::Answer;
use super::component::Part;
use super::construct::Construction;
use super::core::Core;
use super::presolve::{Component, Reduced, components, presolve};
use super::problem::Problem;
use super::solve::{conclude, first_answer, infeasible, settled_value};
use crate::exchange::DocumentError;
use crate::placement::random::Random;

/// Requests looked at per component, over all rounds.
const WORK: usize = 400_000;

/// A good answer of a valid problem in a fixed amount of work.
pub fn solve_heuristic(problem: &Problem, seed: u64, control: &dyn Control) -> Result<Answer, DocumentError> {
    let core = Core::new(problem)?;
    let reduced = presolve(&core);
    if reduced.impossible {
        return Ok(infeasible());
    }
    let parts = components(&core, &reduced);
    let solved: Vec<Part> = parts
        .par_iter()
        .map(|component| {
            let first = first_answer(&core, &reduced, component);
            improve(&core, &reduced, component, first, seed, control)
        })
        .collect();
    Ok(conclude(&core, &reduced, &solved, settled_value(&core, &reduced)))
}

/// Re-orders and rebuilds a fixed number of times.
pub(crate) fn improve(
    core: &Core<'_>,
    reduced: &Reduced,
    component: &Component,
    first: Part,
    seed: u64,
    control: &dyn Control,
) -> Part {
    let mut random = Random::new(seed);
    let mut best = first;
    let rounds = WORK / component.requests.len().max(1);
    for _ in 0..rounds.min(2000) {
        if best.is_proven() || control.should_stop() || control.seconds_left().is_some_and(|left| left <= 0.0) {
            break;
        }
        let order = shaken(core, component, &best, &mut random);
        let rebuilt = Construction::in_order(core, reduced, component, &order, &best.running);
        if rebuilt.value >= best.value {
            best = Part { bound: best.bound, ..rebuilt };
        }
    }
    best
}

/// Forced requests first, then one that was rejected, the accepted without a few, the rest.
fn shaken(core: &Core<'_>, component: &Component, best: &Part, random: &mut Random) -> Vec<u32> {
    let is_forced = |request: &u32| core.requests[*request as usize].forced;
    let is_accepted = |request: &u32| best.accepted.binary_search(request).is_ok();
    let rejected: Vec<u32> = component.requests.iter().copied().filter(|request| !is_accepted(request)).collect();
    let wished = rejected.get(random.below(rejected.len())).copied();
    let mut early: Vec<u32> = component.requests.iter().copied().filter(is_forced).collect();
    early.extend(wished.filter(|request| !is_forced(request)));
    let mut late = Vec::new();
    for &request in best.accepted.iter().filter(|request| !is_forced(request)) {
        if random.below(10) == 0 { late.push(request) } else { early.push(request) }
    }
    let mut rest: Vec<u32> =
        rejected.into_iter().filter(|request| Some(*request) != wished && !is_forced(request)).collect();
    for at in (1..rest.len()).rev() {
        rest.swap(at, random.below(at + 1));
    }
    early.into_iter().chain(late).chain(rest).collect()
}
