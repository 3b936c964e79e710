//! The exact strategy: reductions, then the relaxation of stage A, then stage B with cuts.
//!
//! At any time there is a proven lower bound and, as soon as one is found, a placement; both are
//! reported. It ends when they meet (or are within the gap asked for), when the control says stop, or
//! when the counted work is spent. [`Race::Off`] uses one thread and no clock: same input, same answer.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ranform_network::control::Progress;
use ranform_network::{AnswerStatus, Control};

use super::cover::{Layout, assign, chains, uncovered};
use super::cuts::{Cut, Cuts};
use super::heuristic::Search;
use super::loops::Loops;
use super::master::Master;
use super::problem::Problem;
use super::reach::{Reach, reach};
use super::relax::{is_loose, relax};
use super::{Answer, Placement, verify};
use crate::highs_model::{Event, Flow, LinearMethod, Model, Options, Outcome, Rows, Session, SolverError, Status};

/// Whether the heuristic runs beside the exact solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Race {
    /// Two threads; which answer among equals is found may vary, and so may what is found in the time allowed.
    On,
    /// One thread, counted work: same input, same answer.
    Off,
}

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Stop at `(cost - bound) / max(1, cost)` of at most this.
    pub gap: f64,
    /// Branch-and-bound nodes allowed in all, if limited.
    pub nodes: Option<u64>,
    /// Whether the heuristic runs beside.
    pub race: Race,
    /// Seed of random choices.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { gap: 0.0, nodes: None, race: Race::Off, seed: 0 }
    }
}

/// Rounds of ruin and rebuild before stage B, where nothing races.
const FIXED_ROUNDS: u64 = 60;
/// Linear programs with more columns start with interior point.
const INTERIOR_COLUMNS: usize = 2000;
/// Most rounds of cuts at the root of stage B.
const ROOT_ROUNDS: u64 = 60;

/// Solves to proven optimality, or as far as allowed.
pub fn solve(problem: &Problem, settings: &Settings, control: &dyn Control) -> Result<Answer, SolverError> {
    let loops = Loops::new(problem);
    let reach = reach(&loops);
    let state = State::new(&loops, &reach, settings, control);
    if !reach.hopeless.is_empty() {
        return Ok(state.answer(Some("reach of compute nodes")));
    }
    state.offer_current();
    if settings.race == Race::Off {
        let proof = state.prove()?;
        return Ok(state.answer(proof));
    }
    let proof = std::thread::scope(|scope| {
        let beside = scope.spawn(|| state.build(u64::MAX));
        let proof = state.prove();
        state.done.store(true, Ordering::Relaxed);
        // A panic beside would be a bug; the exact answer stands without it.
        let _ = beside.join();
        proof
    })?;
    Ok(state.answer(proof))
}

/// Our heuristic alone, with its fixed work: no bound, no proof.
pub fn heuristic(problem: &Problem, settings: &Settings, control: &dyn Control) -> Answer {
    let loops = Loops::new(problem);
    let reach = reach(&loops);
    let state = State::new(&loops, &reach, settings, control);
    if reach.hopeless.is_empty() {
        state.offer_current();
        state.build(10 * FIXED_ROUNDS);
    }
    state.answer((!reach.hopeless.is_empty()).then_some("reach of compute nodes"))
}

/// What is known so far, shared by the two threads.
struct State<'a> {
    loops: &'a Loops<'a>,
    reach: &'a Reach,
    settings: &'a Settings,
    control: &'a dyn Control,
    search: Search<'a>,
    known: Mutex<Known>,
    done: AtomicBool,
}

#[derive(Default)]
struct Known {
    best: Option<(Layout, Placement)>,
    bound: i64,
    steps: u64,
}

impl Control for State<'_> {
    fn should_stop(&self) -> bool {
        self.done.load(Ordering::Relaxed) || self.control.should_stop()
    }
}

/// How a stage ended.
enum Stage {
    /// Nothing more to prove; the words say what proved it, or that no placement exists.
    Proved(&'static str),
    /// No placement exists.
    Infeasible(&'static str),
    /// Not decided.
    Open,
}

impl<'a> State<'a> {
    fn new(loops: &'a Loops<'a>, reach: &'a Reach, settings: &'a Settings, control: &'a dyn Control) -> Self {
        let search = Search::new(loops, reach);
        Self { loops, reach, settings, control, search, known: Mutex::default(), done: AtomicBool::new(false) }
    }

    fn problem(&self) -> &'a Problem {
        self.loops.problem
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes note of a layout if it is complete and cheaper than the best.
    fn offer(&self, layout: &Layout) {
        if !layout.is_within_capacity(self.problem()) {
            return;
        }
        let Some(placement) = assign(self.loops, &layout.open) else { return };
        let layout = Layout::of(self.problem(), verify::instances(&placement));
        let mut known = self.known();
        if known.best.as_ref().is_none_or(|(_, best)| placement.cost < best.cost) {
            known.best = Some((layout, placement));
            drop(known);
            self.report();
        }
    }

    /// The placement in force wins among equals: it is offered first.
    fn offer_current(&self) {
        if self.problem().e2_nodes == 0 {
            self.offer(&Layout::new(self.problem()));
        }
        let Some(current) = &self.problem().current else { return };
        let mut instances = Vec::new();
        for (slot, places) in current.iter().enumerate() {
            instances.extend(places.iter().flatten().map(|node| (slot, *node)));
        }
        self.offer(&Layout::of(self.problem(), instances));
    }

    fn raise_bound(&self, bound: f64, unit: i64) {
        if !bound.is_finite() {
            return;
        }
        // What the solver proves is true up to its tolerances; costs are multiples of `unit`.
        let tolerance = 1e-4_f64.max(bound.abs() * 1e-9);
        let whole = (bound - tolerance).ceil() as i64;
        let mut known = self.known();
        if whole.saturating_mul(unit) > known.bound {
            known.bound = whole.saturating_mul(unit);
            drop(known);
            self.report();
        }
    }

    fn report(&self) {
        let known = self.known();
        let cost = known.best.as_ref().map(|(_, placement)| placement.cost);
        let best = cost.map_or("none".to_owned(), |cost| cost.to_string());
        let progress = Progress {
            stage: "placement",
            message: format!("bound {}, best {best}", known.bound),
            objective: cost.map(|cost| cost as f64),
            bound: Some(known.bound as f64),
        };
        drop(known);
        self.control.report(progress);
    }

    /// Whether bound and best are close enough.
    fn is_closed(&self) -> bool {
        let known = self.known();
        known
            .best
            .as_ref()
            .is_some_and(|(_, best)| (best.cost - known.bound) as f64 <= self.settings.gap * best.cost.max(1) as f64)
    }

    fn answer(&self, proof: Option<&'static str>) -> Answer {
        let known = self.known();
        let placement = known.best.as_ref().map(|(_, placement)| placement.clone());
        let closed = placement.as_ref().is_some_and(|placement| placement.cost <= known.bound);
        let status = match (&placement, proof) {
            (None, Some(_)) => AnswerStatus::Infeasible,
            (None, None) => AnswerStatus::Unknown,
            (Some(_), _) if closed => AnswerStatus::Optimal,
            (Some(_), _) => AnswerStatus::Feasible,
        };
        let bound = placement.as_ref().map_or(known.bound, |placement| known.bound.min(placement.cost));
        Answer {
            status,
            bound: (status != AnswerStatus::Infeasible).then_some(bound),
            placement,
            steps: known.steps,
            proved_by: proof.unwrap_or("stopped early").to_owned(),
            conflict: None,
        }
    }

    /// The heuristic: construction, then rounds of ruin and rebuild.
    fn build(&self, rounds: u64) {
        if let Some(layout) = self.search.construct(self) {
            self.offer(&layout);
            self.search.improve(layout, rounds, self.settings.seed, self, &mut |better| self.offer(better));
        }
    }

    /// Both stages. The words say what proved the result, if anything did.
    fn prove(&self) -> Result<Option<&'static str>, SolverError> {
        if self.is_closed() {
            return Ok(Some("zero cost"));
        }
        if is_loose(self.loops) {
            match self.stage_a()? {
                Stage::Proved(by) | Stage::Infeasible(by) => return Ok(Some(by)),
                Stage::Open => {}
            }
        }
        if self.should_stop() {
            return Ok(None);
        }
        if self.settings.race == Race::Off {
            self.build(FIXED_ROUNDS);
        }
        match self.stage_b()? {
            Stage::Proved(by) | Stage::Infeasible(by) => Ok(Some(by)),
            Stage::Open => Ok(None),
        }
    }

    fn options(&self, gap: f64, unit: i64) -> Options {
        let spent = self.known().steps;
        Options {
            seconds: self.control.seconds_left().map(|seconds| seconds.max(0.0)),
            nodes: self.settings.nodes.map(|nodes| nodes.saturating_sub(spent)),
            seed: u32::try_from(self.settings.seed % 1_000_000).unwrap_or(0),
            relative_gap: gap.max(self.settings.gap),
            // All costs are multiples of the unit, so anything closer than one unit is closed.
            absolute_gap: if unit > 0 { 0.999 } else { 0.0 },
            ..Options::default()
        }
    }

    /// Runs a mixed integer program, keeping bound and work up to date: the bound is worth at most
    /// `ceiling`, because columns whose use would cost that much were dropped. Solutions go to `take`.
    fn branch(
        &self,
        session: &mut Session,
        unit: i64,
        (gap, ceiling): (f64, f64),
        take: &mut dyn FnMut(&[f64]),
    ) -> Result<Outcome, SolverError> {
        let options = self.options(gap, unit);
        let outcome = session.run(&options, &mut |event| {
            match event {
                Event::Solution { columns, .. } => take(columns),
                Event::Progress { bound, .. } => self.raise_bound(bound.min(ceiling), unit),
            }
            if self.should_stop() || self.is_closed() { Flow::Stop } else { Flow::Continue }
        })?;
        self.known().steps += outcome.nodes.max(1);
        if outcome.bound.min(ceiling).is_finite() {
            self.raise_bound(outcome.bound.min(ceiling), unit);
        }
        Ok(outcome)
    }

    /// Linear relaxation, interior point for large ones: bound, reduced costs and values.
    fn linear(&self, session: &mut Session, columns: usize) -> Result<Outcome, SolverError> {
        let large = columns > INTERIOR_COLUMNS;
        let linear_method = if large { LinearMethod::InteriorPoint } else { LinearMethod::Choose };
        let options = Options { linear_method, crossover: !large, ..self.options(0.0, 0) };
        self.known().steps += 1;
        session.run(&options, &mut |_| Flow::Continue)
    }

    /// Stage A, solved on the columns that are cheap by their reduced cost, then on more if that does not
    /// prove optimality: what uses another column costs at least the bound plus its reduced cost.
    fn stage_a(&self) -> Result<Stage, SolverError> {
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

    /// Completes a layout where it does not cover everything yet, and offers it.
    fn offer_repaired(&self, mut layout: Layout) {
        let mut random = super::random::Random::new(self.settings.seed);
        if self.known().best.as_ref().is_some_and(|(_, best)| best.cost <= layout.cost(self.problem())) {
            return;
        }
        if layout.is_within_capacity(self.problem()) && self.search.complete(&mut layout, &mut random, 0, self) {
            self.offer(&layout);
            if !self.is_closed() {
                self.offer(&self.search.pruned(layout));
            }
        }
    }

    fn stage_b(&self) -> Result<Stage, SolverError> {
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
            if let Some((layout, _)) = &self.known().best {
                session.set_start(&master.start(self.loops, layout))?;
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
                self.offer_repaired(Layout::of(self.problem(), master.instances(columns)));
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

    /// Cuts that a whole solution breaks.
    fn cuts_of(&self, master: &Master, cuts: &mut Cuts<'_>, columns: &[f64], seed: u64) -> Vec<Cut> {
        let layout = Layout::of(self.problem(), master.instances(columns));
        let rows = uncovered(self.loops, self.reach, &chains(self.loops, &layout.open));
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
        let sum = |cut: &Cut| cut.iter().map(|column| values.get(*column).copied().unwrap_or(0.0)).sum::<f64>();
        let slack = pool.extract_if(.., |cut| sum(cut) >= 1.05);
        slack.for_each(|cut| cuts.forget(&cut));
        Ok(None)
    }
}

fn rows_of(cuts: &[Cut]) -> Rows {
    let mut rows = Rows::default();
    for cut in cuts {
        rows.push(1.0, f64::INFINITY, cut.iter().map(|column| (*column, 1.0)));
    }
    rows
}

fn with_cuts(model: &Model, cuts: &[Cut]) -> Model {
    let mut model = model.clone();
    for cut in cuts {
        model.row(1.0, f64::INFINITY, cut.iter().map(|column| (*column, 1.0)));
    }
    model
}
