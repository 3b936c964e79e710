//! What stability costs: the least cost for every number of moves.
//!
//! A move is an instance that starts where none of its kind runs in the placement in force. The curve is
//! the whole Pareto front, not its hull: each point is solved to proof with at most one move fewer than the
//! point before it, and of equal costs the one with fewer moves counts.

use ranform_network::{AnswerStatus, Control};

use super::exact::{self, Settings};
use super::problem::{LARGEST_TOTAL, Problem};
use super::{Placement, verify};
use crate::exchange::{DocumentCode, DocumentError};

/// A point of the curve: nothing cheaper exists with so few moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// How many instances start.
    pub moves: i64,
    /// The cost, without a price on moves.
    pub cost: i64,
    /// Whether both are proven least; not so where the control or the work allowed ended a solve.
    pub proven: bool,
    /// The placement; its cost and moves are those of the point.
    pub placement: Placement,
}

/// The curve from the cheapest placement (most moves) to the one with the fewest, at most `points` of it, each
/// solved as `settings` say. The price on moves in `problem` is left out, its limit on moves holds. Empty
/// without a placement in force or where nothing fits.
///
/// # Errors
/// A solver that gave up, or an answer that did not pass the verification.
pub fn curve(
    problem: &Problem,
    points: usize,
    settings: &Settings,
    control: &dyn Control,
) -> Result<Vec<Point>, DocumentError> {
    let mut curve = Vec::new();
    if problem.current.is_none() {
        return Ok(curve);
    }
    let scale = scale(problem);
    let mut priced = scaled(problem, scale);
    while curve.len() < points && !control.should_stop() {
        let failed = |message: String| DocumentError::new(DocumentCode::NotSolved, message);
        let answer = exact::solve(&priced, settings, control).map_err(|error| failed(error.to_string()))?;
        if !verify::verify(&priced, &answer).holds() {
            return Err(failed("the answer found did not pass the verification".to_owned()));
        }
        let Some(found) = answer.placement else { break };
        let moves = found.moves.unwrap_or(0);
        let cost = (found.cost - moves * priced.move_cost) / scale;
        let proven = answer.status == AnswerStatus::Optimal && (scale > 1 || moves == 0);
        curve.push(Point { moves, cost, proven, placement: Placement { cost, ..found } });
        if moves == 0 {
            break;
        }
        priced.most_moves = Some(moves - 1);
    }
    Ok(curve)
}

/// A factor that makes one unit of cost worth more than all moves together; 1 where that would overflow.
fn scale(problem: &Problem) -> i64 {
    let instances = i64::try_from(problem.components.len() * problem.compute_nodes).unwrap_or(LARGEST_TOTAL);
    let costs = problem.components.iter().flat_map(|component| &component.cost).chain(&problem.fixed_cost);
    let total: i64 = costs.sum();
    let most = total.max(1).saturating_mul(instances + 1).saturating_add(instances);
    if most <= LARGEST_TOTAL { instances + 1 } else { 1 }
}

fn scaled(problem: &Problem, scale: i64) -> Problem {
    let mut priced = problem.clone();
    let costs = priced.components.iter_mut().flat_map(|component| &mut component.cost).chain(&mut priced.fixed_cost);
    costs.for_each(|cost| *cost *= scale);
    priced.move_cost = i64::from(scale > 1);
    priced
}
