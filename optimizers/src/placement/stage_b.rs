//! Stage B of the exact strategy: the program of open places and claims, with cuts that make claims honest.

use ranform_network::Control;

use super::cover::{Layout, uncovered};
use super::cuts::{Cut, Cuts};
use super::exact::{INTERIOR_COLUMNS, Stage, State};
use super::master::Master;
use super::reach::{Need, Row};
use super::seats::{is_seated, seated};
use super::verify;
use crate::highs_model::{Flow, LinearMethod, Model, Options, Rows, Session, SolverError, Status};

/// Most rounds of cuts at the root.
const ROOT_ROUNDS: u64 = 60;

impl State<'_> {
    pub(super) fn stage_b(&self) -> Result<Stage, SolverError> {
        let master = Master::new(self.loops, self.reach);
        let mut cuts = Cuts::new(self.loops, self.reach);
        let mut pool = Vec::new();
        let mut dropped = vec![false; master.model.columns()];
        if let Some(end) = self.root(&master, &mut cuts, &mut pool, &mut dropped)? {
            return Ok(end);
        }
        let mut gap = 0.02;
        for round in 0_u64.. {
            if self.should_stop() || self.settings.nodes.is_some_and(|nodes| self.known().steps >= nodes) {
                return Ok(Stage::Open);
            }
            let mut session = Session::new(&with_cuts(&master.model, &pool).without(&dropped))?;
            if let Some((layout, placement)) = &self.known().best {
                session.set_start(&master.start(self.loops, layout, placement))?;
            }
            let mut found: Vec<Vec<f64>> = Vec::new();
            let limits = (gap, self.ceiling(&dropped, master.unit));
            let outcome =
                self.branch(&mut session, master.unit, limits, &mut |columns| found.push(columns.to_vec()))?;
            if outcome.status == Status::Infeasible {
                return Ok(self.exhausted("branch and bound with cuts", &dropped));
            }
            found.extend(outcome.columns);
            let before = pool.len();
            for columns in found.iter().rev().take(8) {
                if self.is_closed() {
                    return Ok(Stage::Proved("branch and bound with cuts"));
                }
                self.offer_solution(&master, columns);
                pool.extend(self.cuts_of(&master, &mut cuts, columns, round));
            }
            if self.is_closed() {
                return Ok(Stage::Proved("branch and bound with cuts"));
            }
            if pool.len() == before && gap == 0.0 && outcome.status == Status::Optimal {
                // Nothing cuts the best solution off and it is no better than what is known.
                return Ok(Stage::Open);
            }
            gap = if gap > 0.003 { gap / 4.0 } else { 0.0 };
        }
        Ok(Stage::Open)
    }

    /// Where columns were dropped, a bound above the best placement is worth no more than that placement.
    fn ceiling(&self, dropped: &[bool], unit: i64) -> f64 {
        match &self.known().best {
            Some((_, best)) if dropped.contains(&true) => (best.cost / unit) as f64,
            _ => f64::INFINITY,
        }
    }

    /// No solution is left: none at all, or none better than the best where columns were dropped.
    fn exhausted(&self, by: &'static str, dropped: &[bool]) -> Stage {
        let mut known = self.known();
        match &known.best {
            Some((_, best)) if dropped.contains(&true) => {
                known.bound = best.cost;
                Stage::Proved(by)
            }
            _ => Stage::Infeasible(by),
        }
    }

    /// Drops columns whose use would cost at least as much as the best placement.
    fn drop_dear(&self, bound: f64, reduced: &[f64], unit: i64, dropped: &mut [bool]) -> Vec<usize> {
        let Some(best) = self.known().best.as_ref().map(|(_, best)| best.cost / unit) else { return Vec::new() };
        let limit = best as f64 - 1.0 - bound + 1e-4;
        let dear = (0..dropped.len()).filter(|column| !dropped[*column] && reduced[*column] > limit);
        let dear: Vec<usize> = dear.collect();
        for column in &dear {
            dropped[*column] = true;
        }
        dear
    }

    /// Offers what a whole solution of the program stands for: the assignment it makes where it makes one,
    /// else what its instances allow, repaired where that is not everything.
    fn offer_solution(&self, master: &Master, columns: &[f64]) {
        let layout = Layout::of(self.problem(), master.instances(columns));
        if self.problem().is_assigned()
            && layout.is_legal(self.problem())
            && let Some(placement) = seated(self.loops, master, columns, &layout)
            && verify::is_legal(self.problem(), &placement)
        {
            self.offer_placement(placement);
        }
        self.offer_repaired(layout);
    }

    /// The rows that a solution does not cover, or covers by false claims.
    fn open_rows(&self, master: &Master, columns: &[f64], layout: &Layout) -> Vec<usize> {
        if !self.loops.is_assigned() {
            return uncovered(self.loops, self.reach, &layout.open).0;
        }
        let rows = self.reach.rows.iter().enumerate();
        let open = |row: &Row| match row.need {
            Need::Assigned => !is_seated(self.loops, master, columns, layout, row),
            Need::Once | Need::Twice => true,
        };
        rows.filter(|(_, row)| open(row)).map(|(at, _)| at).collect()
    }

    /// Cuts that a whole solution breaks.
    fn cuts_of(&self, master: &Master, cuts: &mut Cuts<'_>, columns: &[f64], seed: u64) -> Vec<Cut> {
        let layout = Layout::of(self.problem(), master.instances(columns));
        let rows = self.open_rows(master, columns, &layout);
        let mut found = cuts.between_slots(master, columns);
        found.extend(cuts.grown(master, columns, &rows, seed));
        found
    }

    /// Rounds of cuts on the linear relaxation. Keeps in `pool` those that matter at the end; says how
    /// the stage ended if it did.
    fn root(
        &self,
        master: &Master,
        cuts: &mut Cuts<'_>,
        pool: &mut Vec<Cut>,
        dropped: &mut [bool],
    ) -> Result<Option<Stage>, SolverError> {
        let mut session = Session::new(&master.model.relaxed())?;
        let mut last = f64::NEG_INFINITY;
        let mut stalled = 0;
        let mut values = Vec::new();
        for round in 0..ROOT_ROUNDS {
            let linear_method = if round == 0 && master.model.columns() > INTERIOR_COLUMNS {
                LinearMethod::InteriorPoint
            } else {
                LinearMethod::Choose
            };
            let options = Options { linear_method, ..self.options(0.0, 0) };
            let outcome = session.run(&options, &mut |_| Flow::Continue)?;
            self.known().steps += 1;
            match (outcome.status, outcome.columns) {
                (Status::Infeasible, _) => return Ok(Some(self.exhausted("cuts", dropped))),
                (Status::Optimal, Some(columns)) => values = columns,
                _ => break,
            }
            self.raise_bound(outcome.objective.min(self.ceiling(dropped, master.unit)), master.unit);
            if self.is_closed() {
                return Ok(Some(Stage::Proved("cuts")));
            }
            for column in self.drop_dear(outcome.objective, &outcome.reduced_costs, master.unit, dropped) {
                session.set_bounds(column, 0.0, 0.0)?;
            }
            let mut found = cuts.between_slots(master, &values);
            if found.is_empty() {
                let rows: Vec<usize> = (0..self.reach.rows.len()).collect();
                found = cuts.grown(master, &values, &rows, round);
            }
            stalled = if outcome.objective > last + 1e-4 * last.abs() { 0 } else { stalled + 1 };
            last = last.max(outcome.objective);
            if found.is_empty() || stalled > 4 || self.should_stop() {
                break;
            }
            session.add_rows(&rows_of(&found))?;
            pool.extend(found);
        }
        let value = |(column, factor): (usize, f64)| factor * values.get(column).copied().unwrap_or(0.0);
        let sum = |cut: &Cut| cut.terms().map(value).sum::<f64>();
        let slack = pool.extract_if(.., |cut| sum(cut) >= 1.05 * cut.need());
        slack.for_each(|cut| cuts.forget(&cut));
        Ok(None)
    }
}

fn rows_of(cuts: &[Cut]) -> Rows {
    let mut rows = Rows::default();
    for cut in cuts {
        rows.push(cut.need(), f64::INFINITY, cut.terms());
    }
    rows
}

fn with_cuts(model: &Model, cuts: &[Cut]) -> Model {
    let mut model = model.clone();
    for cut in cuts {
        model.row(cut.need(), f64::INFINITY, cut.terms());
    }
    model
}
