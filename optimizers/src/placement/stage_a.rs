//! Stage A of the exact strategy: the relaxation per component, solved on its cheap columns, and repair.

use ranform_network::Control;

use super::cover::Layout;
use super::exact::{INTERIOR_COLUMNS, Stage, State};
use super::relax::relax;
use crate::highs_model::{Flow, LinearMethod, Options, Outcome, Session, SolverError, Status};

impl State<'_> {
    /// Stage A, solved on the columns that are cheap by their reduced cost, then on more if that does not
    /// prove optimality: what uses another column costs at least the bound plus its reduced cost.
    pub(super) fn stage_a(&self) -> Result<Stage, SolverError> {
        let relaxation = relax(self.loops, self.reach);
        let (model, unit) = (&relaxation.model, relaxation.unit);
        let linear = self.linear(&mut Session::new(&model.relaxed())?, model.columns())?;
        if linear.status == Status::Infeasible {
            return Ok(Stage::Infeasible("relaxation"));
        }
        let (bound, reduced) = model.dual_bound(&linear.row_duals);
        self.raise_bound(bound, unit);
        let mut slack = (bound * 0.004).max(2.0);
        loop {
            let dropped: Vec<bool> = reduced.iter().map(|cost| *cost > slack).collect();
            let cheapest =
                reduced.iter().filter(|cost| **cost > slack).fold(f64::INFINITY, |least, cost| least.min(*cost));
            let ceiling = bound + cheapest;
            let mut session = Session::new(&model.without(&dropped))?;
            let outcome = self.branch(&mut session, unit, (0.0, ceiling), &mut |_| {})?;
            if outcome.status == Status::Infeasible && ceiling.is_infinite() {
                return Ok(Stage::Infeasible("relaxation"));
            }
            if let Some(columns) = &outcome.columns {
                self.offer_repaired(Layout::of(self.problem(), relaxation.instances(columns)));
            }
            let proved = outcome.status == Status::Optimal && outcome.objective <= (ceiling - 1e-4).ceil() + 1e-4;
            if self.is_closed() {
                return Ok(Stage::Proved("relaxation and repair"));
            }
            if proved || outcome.status == Status::Stopped || self.should_stop() {
                return Ok(Stage::Open);
            }
            slack = if outcome.columns.is_some() { outcome.objective - bound } else { slack * 4.0 };
        }
    }

    /// Linear relaxation, interior point for large ones: bound, reduced costs and values.
    fn linear(&self, session: &mut Session, columns: usize) -> Result<Outcome, SolverError> {
        let large = columns > INTERIOR_COLUMNS;
        let linear_method = if large { LinearMethod::InteriorPoint } else { LinearMethod::Choose };
        let options = Options { linear_method, crossover: !large, ..self.options(0.0, 0) };
        self.known().steps += 1;
        session.run(&options, &mut |_| Flow::Continue)
    }
}
