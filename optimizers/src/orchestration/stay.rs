//! Among equally good answers the one in force wins: a second plan changes nothing without a reason.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::AnswerStatus;

use super::answer::Answer;
use super::limits::Limits;
use super::problem::{Assignment, Pin, Problem};
use super::solve::solve_once;
use super::validate::MAX_NUMBER;
use crate::exchange::DocumentError;

/// An answer worth at least as much as `best` that keeps what is in force as far as that can be found: all of
/// it where nothing has to move; with shared instances, else, as many targets as possible.
pub(crate) fn keep_current(
    problem: &Problem,
    best: Answer,
    limits: Limits<'_>,
) -> Result<(Answer, u64), DocumentError> {
    let mut best = best;
    let mut steps = 0;
    // A request that is only partly in force may not be served in full: first with its targets, then without them.
    let partly = [Parts::All, Parts::Whole].into_iter().filter(|parts| *parts == Parts::Whole || has_parts(problem));
    for parts in partly {
        let (unmoved, more) = solve_once(&all_pinned(problem, parts), limits)?;
        steps += more;
        let as_good = unmoved.value.is_some() && unmoved.value >= best.value;
        if as_good {
            best = bounded(unmoved, best.bound);
        }
        if as_good && moves(problem, &best) == 0 {
            return Ok((best, steps));
        }
    }
    let Some(scale) = scale(problem).filter(|_| problem.is_shared_by_all()) else { return Ok((best, steps)) };
    let mut priced = Problem { move_cost: 1, ..problem.clone() };
    priced.requests.iter_mut().for_each(|request| request.value *= scale);
    let (fewest, more) = solve_once(&priced, limits)?;
    let gained: i64 = fewest.accepted.iter().map(|&request| problem.requests[request].value).sum();
    if fewest.status == AnswerStatus::Optimal && Some(gained) >= best.value {
        let bound = best.bound;
        return Ok((bounded(Answer { value: Some(gained), ..fewest }, bound), steps + more));
    }
    Ok((best, steps + more))
}

/// The answer to a narrower problem as one to the whole, whose bound is known.
fn bounded(answer: Answer, bound: Option<i64>) -> Answer {
    let status = if answer.value == bound { AnswerStatus::Optimal } else { AnswerStatus::Feasible };
    Answer { status, bound, ..answer }
}

/// How many targets are served from elsewhere than they are now.
fn moves(problem: &Problem, answer: &Answer) -> usize {
    let now: BTreeMap<(usize, usize), (usize, usize)> =
        problem.current.iter().map(|now| ((now.request, now.target), (now.model, now.node))).collect();
    let moved = |entry: &&Assignment| {
        now.get(&(entry.request, entry.target)).is_some_and(|place| *place != (entry.model, entry.node))
    };
    answer.assignment.iter().filter(moved).count()
}

/// Which requests stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parts {
    /// Those too that are in force for some of their targets only.
    All,
    /// Those that are in force as a whole.
    Whole,
}

/// Whether requests are in force for some of their targets only.
fn has_parts(problem: &Problem) -> bool {
    let mut there: BTreeMap<usize, usize> = BTreeMap::new();
    problem.current.iter().for_each(|now| *there.entry(now.request).or_default() += 1);
    there.into_iter().any(|(request, count)| count < problem.requests[request].targets.len())
}

/// The problem in which every request that is in force must stay as it is, except where it may not run any longer.
fn all_pinned(problem: &Problem, parts: Parts) -> Problem {
    let places: BTreeSet<(usize, usize)> = problem.current.iter().map(|now| (now.request, now.target)).collect();
    let stays = |now: &&Assignment| {
        parts == Parts::All
            || (0..problem.requests[now.request].targets.len()).all(|target| places.contains(&(now.request, target)))
    };
    // A pin of ours is no pin of the problem's: it opens nothing.
    let closed =
        |now: &&Assignment| problem.excluded.iter().any(|rule| rule.except_pinned && rule.forbids(now.model, now.node));
    let pinned: BTreeSet<(usize, usize)> = problem.pinned.iter().map(|pin| (pin.request, pin.target)).collect();
    let mut unmoved = problem.clone();
    for now in problem.current.iter().filter(stays).filter(|now| !closed(now)) {
        if !pinned.contains(&(now.request, now.target)) {
            let Assignment { request, target, model, node, .. } = *now;
            unmoved.pinned.push(Pin { request, target, model, node });
        }
    }
    unmoved
}

/// A factor that makes one unit of value worth more than all moves together; none if that overflows.
fn scale(problem: &Problem) -> Option<i64> {
    let scale = i64::try_from(problem.current.len()).ok()?.checked_add(1)?;
    problem.total_value().checked_mul(scale).filter(|total| *total <= MAX_NUMBER)?;
    Some(scale)
}
