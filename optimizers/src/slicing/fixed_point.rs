//! The fixed point: the shares that a loop would settle at if every round started from the last one's shares.
//!
//! The rounds are alternating minimization of `J1 + γ Σ_M (u/λ - mean_M(u/λ))²`, so their limit minimizes that. The
//! only thing one round hands to the next is the means m, S·J numbers; where plain rounds are slow, the recent ones
//! are combined linearly so that their remaining change is least (Anderson's method), which solves for the means
//! directly once the active pieces have settled.

use ranform_network::{AnswerStatus, Control};

use crate::exchange::DocumentError;
use crate::slicing::dense::solve_symmetric;
use crate::slicing::normal::{NodeKind, NormalForm};
use crate::slicing::share::enforced_shares;
use crate::slicing::{Answer, Options, Problem, Unverified, decide, solve};

/// Plain rounds before the means are solved for directly.
pub const PLAIN_ROUNDS: u32 = 50;
/// Rounds in all.
const MOST_ROUNDS: u32 = 400;
/// Largest accepted change of a share in one more round.
pub const CHANGE_LIMIT: f64 = 1e-9;
/// How many rounds are combined.
const MEMORY: usize = 6;

/// The limit and how it was reached.
#[derive(Clone, Debug)]
pub struct FixedPoint {
    /// The verified answer of the last round; its certificate carries the residual `fixed point`.
    pub answer: Answer,
    /// The problem of the last round: its previous shares are the limit.
    pub problem: Problem,
    /// Rounds taken.
    pub rounds: u32,
}

/// Iterates `problem` from its previous shares to the limit.
///
/// # Errors
/// As [`solve`].
pub fn fixed_point(problem: Problem, options: &Options, control: &dyn Control) -> Result<FixedPoint, DocumentError> {
    let settled = match NormalForm::new(&problem) {
        Ok(form) => settle(form, options, control)?,
        Err(_) => None,
    };
    let Some((share, rounds)) = settled else {
        return Ok(FixedPoint { answer: solve(&problem, options, control)?, problem, rounds: 0 });
    };
    let problem = problem.with_previous_share(&share);
    let mut answer = solve(&problem, options, control)?;
    if let (Some(decision), AnswerStatus::Optimal) = (&answer.decision, answer.certificate.status) {
        let change = largest_change(decision.share.values(), share.values());
        answer.certificate = answer.certificate.residual("fixed point", change, CHANGE_LIMIT);
    }
    Ok(FixedPoint { answer, problem, rounds })
}

/// Shares whose next round changes them by at most the limit; none where nothing obeys every limit.
fn settle(
    mut form: NormalForm,
    options: &Options,
    control: &dyn Control,
) -> Result<Option<(crate::slicing::matrix::Matrix, u32)>, DocumentError> {
    let mut history = History::default();
    let mut last: Option<Vec<f64>> = None;
    for round in 1..=MOST_ROUNDS {
        let consumption = match decide(&form, options.strategy, control)? {
            Unverified::Found { consumption, .. } => consumption,
            Unverified::Infeasible { .. } => return Ok(None),
        };
        let means = mean_ratios(&form, &consumption);
        let old: Vec<f64> = form.slas.iter().flat_map(|sla| sla.mean.iter().copied()).collect();
        // Consumption follows the means, so both must rest: a combined round may repeat shares by chance.
        let still = largest_change(&means, &old) <= 0.01 * CHANGE_LIMIT;
        let same = last.as_ref().is_some_and(|last| largest_change(last, &consumption) <= 0.1 * CHANGE_LIMIT);
        if (still && same) || round == MOST_ROUNDS {
            return Ok(Some((enforced_shares(&form, &consumption), round)));
        }
        let next = if round <= PLAIN_ROUNDS { means } else { history.combine(&old, &means) };
        let tenants = form.tenants();
        form.slas.iter_mut().zip(next.chunks_exact(tenants)).for_each(|(sla, next)| sla.mean.copy_from_slice(next));
        last = Some(consumption);
    }
    Ok(None)
}

/// J x S means of u/λ over the pairs that are decided (D5, D6: inside its box a pair's ratio is at most 1).
fn mean_ratios(form: &NormalForm, consumption: &[f64]) -> Vec<f64> {
    let tenants = form.tenants();
    let mut sums = vec![0.0; form.slas.len() * tenants];
    for (node, _) in form.kind.iter().enumerate().filter(|(_, kind)| **kind == NodeKind::Contended) {
        let load = form.problem.parts().load.row(node);
        for tenant in 0..tenants {
            let index = node * tenants + tenant;
            if form.lower[index] < form.upper[index] {
                let ratio = (consumption[index] / load[tenant]).min(1.0);
                form.cover.of(node).iter().for_each(|(sla, _)| sums[*sla as usize * tenants + tenant] += ratio);
            }
        }
    }
    let counts = form.slas.iter().flat_map(|sla| sla.pairs.iter());
    sums.iter().zip(counts).map(|(sum, count)| sum / count.max(1.0)).collect()
}

fn largest_change(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The last rounds: where they started and how far they moved.
#[derive(Default)]
struct History {
    starts: Vec<Vec<f64>>,
    moves: Vec<Vec<f64>>,
}

impl History {
    /// The start of the next round: the combination of the remembered ones whose moves cancel best.
    fn combine(&mut self, start: &[f64], end: &[f64]) -> Vec<f64> {
        let movement: Vec<f64> = end.iter().zip(start).map(|(end, start)| end - start).collect();
        // A round that moved much further than the one before left its piece: forget what was remembered.
        let length = |movement: &[f64]| movement.iter().fold(0.0f64, |most, step| most.max(step.abs()));
        if self.moves.last().is_some_and(|last| length(&movement) > 2.0 * length(last)) {
            self.starts.clear();
            self.moves.clear();
        }
        self.starts.push(start.to_vec());
        self.moves.push(movement);
        if self.starts.len() > MEMORY {
            self.starts.remove(0);
            self.moves.remove(0);
        }
        let known = self.starts.len() - 1;
        let difference = |rows: &[Vec<f64>], index: usize| -> Vec<f64> {
            rows[known].iter().zip(&rows[index]).map(|(last, row)| last - row).collect()
        };
        let steps: Vec<Vec<f64>> = (0..known).map(|index| difference(&self.moves, index)).collect();
        let inner = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut matrix: Vec<f64> = steps.iter().flat_map(|a| steps.iter().map(move |b| inner(a, b))).collect();
        let mut weights: Vec<f64> = steps.iter().map(|step| inner(step, &self.moves[known])).collect();
        let largest = (0..known).map(|index| matrix[index * known + index]).fold(0.0, f64::max);
        solve_symmetric(&mut matrix, &mut weights, 1e-14 * largest + f64::MIN_POSITIVE);
        let mut next = end.to_vec();
        for (index, weight) in weights.iter().enumerate() {
            let (start, step) = (difference(&self.starts, index), &steps[index]);
            next.iter_mut().zip(start).zip(step).for_each(|((next, start), step)| *next -= weight * (start + step));
        }
        next.iter().map(|mean| mean.clamp(0.0, 1.0)).collect()
    }
}
