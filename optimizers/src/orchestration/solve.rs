//! The exact strategy: project, reduce, split, solve each part with a proof, put the answer together.

use ranform_network::AnswerStatus;
use rayon::prelude::*;

use super::answer::{ANSWER_FORMAT, Answer};
use super::assemble::assemble;
use super::classes::Classes;
use super::component::{Part, branch_and_bound, whole_bound};
use super::construct::Construction;
use super::core::Core;
use super::fewest::start_fewest;
use super::limits::Limits;
use super::model::{self, Program};
use super::presolve::{Component, Fate, Reduced, components, presolve};
use super::problem::Problem;
use super::progress::{Board, Watch};
use super::stay::keep_current;
use super::unshared::solve_unshared;
use crate::exchange::{DocumentCode, DocumentError};
use crate::highs_model::{Flow, LinearMethod, Options, Session, SolverError, Status};

/// The best answer of a valid problem with its bound; `optimal` unless the limits ended it before.
/// Components are solved by as many threads as there are; each alone is deterministic, so is the whole.
pub fn solve_exact(problem: &Problem, limits: Limits<'_>) -> Result<(Answer, u64), DocumentError> {
    let (best, steps) = solve_kept(problem, limits)?;
    // Where nothing runs yet, and no plan is made of it, the value alone is asked for, and as soon as can be.
    if problem.current.is_empty() && limits.nodes.is_none() {
        return Ok((best, steps));
    }
    // What the last choice counts proves nothing about the value: it is not the certificate's work.
    Ok((start_fewest(problem, best, limits).map_err(failed)?, steps))
}

/// The best answer that moves least, whatever it starts: all that a question of worth needs.
pub(crate) fn solve_kept(problem: &Problem, limits: Limits<'_>) -> Result<(Answer, u64), DocumentError> {
    let (best, steps) = solve_once(problem, limits)?;
    let is_tie_possible = best.value.is_some() && problem.move_cost == 0;
    if problem.current.is_empty() || !is_tie_possible {
        return Ok((best, steps));
    }
    let (kept, more) = keep_current(problem, best, limits)?;
    Ok((kept, steps + more))
}

/// The best answer, whichever it is among equals.
pub(crate) fn solve_once(problem: &Problem, limits: Limits<'_>) -> Result<(Answer, u64), DocumentError> {
    if let Some(classes) = Classes::new(problem) {
        return solve_unshared(&classes, limits).map_err(failed);
    }
    solve_columns(problem, limits)
}

fn failed(error: SolverError) -> DocumentError {
    DocumentError::new(DocumentCode::NotSolved, error.to_string())
}

/// The program of columns: shared instances, controllers, priced moves, everything.
fn solve_columns(problem: &Problem, limits: Limits<'_>) -> Result<(Answer, u64), DocumentError> {
    let core = Core::new(problem)?;
    let reduced = presolve(&core);
    if reduced.impossible {
        return Ok((infeasible(), 0));
    }
    let parts = components(&core, &reduced);
    let first: Vec<Part> = parts.iter().map(|part| first_answer(&core, &reduced, part)).collect();
    let settled = settled_value(&core, &reduced);
    let mut state: Vec<(i64, i64)> =
        first.iter().map(|part| (part.value.unwrap_or(0), part.bound.unwrap_or(0))).collect();
    state.push((settled, settled));
    let board = Board::new(limits, state);
    let solved: Result<Vec<Part>, SolverError> = parts
        .par_iter()
        .zip(first)
        .enumerate()
        .map(|(at, (component, known))| solve_component(&core, &reduced, component, known, &board.watch(at)))
        .collect();
    let solved = solved.map_err(failed)?;
    let steps = solved.iter().map(|part| part.steps).sum();
    Ok((conclude(&core, &reduced, &solved, settled), steps))
}

/// What presolve has accepted is worth.
pub(crate) fn settled_value(core: &Core<'_>, reduced: &Reduced) -> i64 {
    let accepted = core.requests.iter().zip(&reduced.fate).filter(|(_, fate)| **fate == Fate::Accepted);
    accepted.map(|(request, _)| request.value).sum()
}

/// A constructive answer, and the sum of all values as its bound.
pub(crate) fn first_answer(core: &Core<'_>, reduced: &Reduced, component: &Component) -> Part {
    let mut part = Construction::greedy(core, reduced, component);
    let values = component.requests.iter().map(|&request| core.requests[request as usize].value);
    part.bound = Some(values.sum());
    part
}

fn solve_component(
    core: &Core<'_>,
    reduced: &Reduced,
    component: &Component,
    known: Part,
    watch: &Watch<'_>,
) -> Result<Part, SolverError> {
    if known.is_proven() || watch.should_stop() {
        return Ok(known);
    }
    let program = model::build(core, reduced, component);
    let known = relax_and_round(core, reduced, component, &program, known, watch)?;
    if known.is_proven() || watch.should_stop() {
        return Ok(known);
    }
    branch_and_bound(core, reduced, component, &program, known, watch)
}

/// The linear relaxation: its value rounded down is a bound, its solution rounded an answer.
fn relax_and_round(
    core: &Core<'_>,
    reduced: &Reduced,
    component: &Component,
    program: &Program,
    known: Part,
    watch: &Watch<'_>,
) -> Result<Part, SolverError> {
    let mut session = Session::new(&program.model.relaxed())?;
    let options = Options { seconds: watch.seconds_left(), linear_method: LinearMethod::Choose, ..Options::default() };
    let outcome = session.run(&options, &mut |_| Flow::Continue)?;
    let (Status::Optimal, Some(values)) = (outcome.status, outcome.columns) else { return Ok(known) };
    let bound = whole_bound(outcome.bound, program.unit);
    watch.lower_bound(bound);
    let rounded = Construction::from_values(core, reduced, component, program, &values);
    let mut best = if rounded.value > known.value { Part { steps: known.steps, ..rounded } } else { known };
    best.bound = Some(bound);
    if let Some(value) = best.value {
        watch.raise_value(value);
    }
    Ok(best)
}

/// The answer when pins cannot be kept.
pub(crate) fn infeasible() -> Answer {
    Answer {
        format: ANSWER_FORMAT.to_owned(),
        status: AnswerStatus::Infeasible,
        value: None,
        bound: None,
        accepted: Vec::new(),
        assignment: Vec::new(),
        partly: Vec::new(),
        started: None,
    }
}

/// Sums up: values and bounds of the parts and of what presolve settled.
pub(crate) fn conclude(core: &Core<'_>, reduced: &Reduced, parts: &[Part], settled: i64) -> Answer {
    if parts.iter().any(|part| part.bound.is_none()) {
        return infeasible();
    }
    let bound = settled + parts.iter().filter_map(|part| part.bound).sum::<i64>();
    if parts.iter().any(|part| part.value.is_none()) {
        return Answer { status: AnswerStatus::Unknown, bound: Some(bound), ..infeasible() };
    }
    let value = settled + parts.iter().filter_map(|part| part.value).sum::<i64>();
    let (accepted, assignment) = assemble(core, reduced, parts);
    let status = if value == bound { AnswerStatus::Optimal } else { AnswerStatus::Feasible };
    Answer { status, value: Some(value), bound: Some(bound), accepted, assignment, ..infeasible() }
}
