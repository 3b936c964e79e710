//! One component from first guess to proof: a constructive answer, the linear relaxation, a dive, and
//! branch and bound for what is left.

use super::construct::Construction;
use super::core::Core;
use super::model::{Program, exact};
use super::presolve::{Component, Reduced};
use super::progress::Watch;
use crate::highs_model::{Event, Flow, Options, Session, SolverError, Status};

/// What is known of one component.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// Columns to run.
    pub(crate) running: Vec<u32>,
    /// Accepted requests.
    pub(crate) accepted: Vec<u32>,
    /// Which column serves a contested target.
    pub(crate) serving: Vec<(u32, u32)>,
    /// What it is worth; none if no answer was found.
    pub(crate) value: Option<i64>,
    /// No answer is worth more; none if there is no answer.
    pub(crate) bound: Option<i64>,
    /// Branch-and-bound nodes.
    pub(crate) steps: u64,
}

impl Part {
    /// Whether the answer is proven best (or proven not to exist).
    pub(crate) fn is_proven(&self) -> bool {
        self.value == self.bound
    }
}

/// Solves the program of one component by branch and bound, starting from what is known.
pub(crate) fn branch_and_bound(
    core: &Core<'_>,
    reduced: &Reduced,
    component: &Component,
    program: &Program,
    known: Part,
    watch: &Watch<'_>,
) -> Result<Part, SolverError> {
    let mut session = Session::new(&program.model)?;
    if let Some(start) = start_values(core, program, &known) {
        session.set_start(&start)?;
    }
    let options =
        Options { seconds: watch.seconds_left(), nodes: watch.nodes(), absolute_gap: 0.99, ..Options::default() };
    let unit = program.unit;
    let outcome = session.run(&options, &mut |event| {
        if let Event::Progress { bound, .. } = event {
            watch.lower_bound(whole_bound(bound, unit));
        }
        if watch.should_stop() { Flow::Stop } else { Flow::Continue }
    })?;
    let mut part = Part { steps: known.steps + outcome.nodes, ..known };
    if outcome.status == Status::Infeasible {
        return Ok(Part { value: None, bound: None, ..part });
    }
    let bound = whole_bound(outcome.bound, unit);
    part.bound = Some(part.bound.map_or(bound, |known| known.min(bound)));
    if let Some(values) = outcome.columns {
        let found = Construction::from_values(core, reduced, component, program, &values);
        if found.value > part.value {
            part = Part { bound: part.bound, steps: part.steps, ..found };
        }
    }
    Ok(part)
}

/// The solver minimizes the negated value in units; the true optimum is a whole number of units.
pub(crate) fn whole_bound(minimum: f64, unit: i64) -> i64 {
    let largest = -minimum;
    let slack = 1e-6 + largest.abs() * 1e-9;
    let units = (largest + slack).floor();
    // Casting saturates; a value within 2^53 is exact.
    (units as i64).saturating_mul(unit)
}

fn start_values(core: &Core<'_>, program: &Program, known: &Part) -> Option<Vec<f64>> {
    known.value?;
    let mut values = vec![0.0; program.model.columns()];
    for &(column, variable) in &program.run {
        values[variable] = exact(i64::from(known.running.binary_search(&column).is_ok()));
    }
    for (requests, variable) in &program.accept {
        let is_accepted = requests.iter().all(|request| known.accepted.binary_search(request).is_ok());
        values[*variable] = exact(i64::from(is_accepted));
    }
    // Only plain programs have nothing but these variables.
    let plain = program.run.len() + program.accept.len() == program.model.columns();
    (plain && core.problem.move_cost == 0).then_some(values)
}
