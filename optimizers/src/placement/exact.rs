//! The exact strategy: reductions, then the relaxation of stage A, then stage B with cuts.
//!
//! At any time there is a proven lower bound and, as soon as one is found, a placement; both are
//! reported. It ends when they meet (or are within the gap asked for), when the control says stop, or
//! when the counted work is spent. [`Race::Off`] uses one thread and no clock: same input, same answer.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ranform_network::control::Progress;
use ranform_network::{AnswerStatus, Control};

use super::cover::{Layout, assign};
use super::heuristic::Search;
use super::loops::Loops;
use super::problem::Problem;
use super::reach::{Reach, reach};
use super::relax::{self, is_loose};
use super::{Answer, Placement, verify};
use crate::highs_model::{Event, Flow, Options, Outcome, Session, SolverError};

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
pub(super) const INTERIOR_COLUMNS: usize = 2000;

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
        let proof = state.prove();
        return state.settled(proof);
    }
    let proof = std::thread::scope(|scope| {
        let beside = scope.spawn(|| state.build(u64::MAX));
        let proof = state.prove();
        state.done.store(true, Ordering::Relaxed);
        // A panic beside would be a bug; the exact answer stands without it.
        let _ = beside.join();
        proof
    });
    state.settled(proof)
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
pub(super) struct State<'a> {
    pub(super) loops: &'a Loops<'a>,
    pub(super) reach: &'a Reach,
    pub(super) settings: &'a Settings,
    control: &'a dyn Control,
    search: Search<'a>,
    known: Mutex<Known>,
    done: AtomicBool,
}

#[derive(Default)]
pub(super) struct Known {
    pub(super) best: Option<(Layout, Placement)>,
    pub(super) bound: i64,
    pub(super) steps: u64,
}

impl Control for State<'_> {
    fn should_stop(&self) -> bool {
        self.done.load(Ordering::Relaxed) || self.control.should_stop()
    }
}

/// How a stage ended.
pub(super) enum Stage {
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

    /// The answer; where the solver gave up, what was found and proven before is one.
    fn settled(&self, proof: Result<Option<&'static str>, SolverError>) -> Result<Answer, SolverError> {
        match proof {
            Err(error) if self.known().best.is_none() => Err(error),
            proof => Ok(self.answer(proof.ok().flatten())),
        }
    }

    pub(super) fn problem(&self) -> &'a Problem {
        self.loops.problem
    }

    pub(super) fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes note of a layout if it is complete and cheaper than the best.
    fn offer(&self, layout: &Layout) {
        if layout.is_legal(self.problem())
            && let Some(placement) = assign(self.loops, &layout.open)
        {
            self.offer_placement(placement);
        }
    }

    /// Takes note of a placement that obeys everything if it is cheaper than the best.
    pub(super) fn offer_placement(&self, placement: Placement) {
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
        if let Some(placement) = self.in_force(current) {
            self.offer_placement(placement);
        }
        let mut instances = Vec::new();
        for (slot, places) in current.iter().enumerate().chain(self.problem().current_standby.iter().enumerate()) {
            instances.extend(places.iter().flatten().map(|node| (slot, *node)));
        }
        self.offer(&Layout::of(self.problem(), instances));
    }

    /// The placement in force, if it says everything and obeys everything still.
    fn in_force(&self, current: &[Vec<Option<usize>>]) -> Option<Placement> {
        let problem = self.problem();
        let all = |places: &[Vec<Option<usize>>]| -> Option<Vec<Vec<usize>>> {
            places.iter().map(|places| places.iter().copied().collect()).collect()
        };
        let places = all(current)?;
        // A standby that nobody asks for any more is no longer part of it.
        let standby = if problem.needs_standby() { all(&problem.current_standby)? } else { Vec::new() };
        let mut placement = Placement { places, standby, cost: 0, moves: None };
        placement.cost = verify::cost(problem, &placement);
        placement.moves = Some(verify::moves(problem, &placement));
        verify::is_legal(problem, &placement).then_some(placement)
    }

    pub(super) fn raise_bound(&self, bound: f64, unit: i64) {
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
    pub(super) fn is_closed(&self) -> bool {
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
        } else if !relax::is_plain(self.problem()) && self.limited_bound()? {
            return Ok(Some("relaxation"));
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

    pub(super) fn options(&self, gap: f64, unit: i64) -> Options {
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
    pub(super) fn branch(
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

    /// Completes a layout where it does not cover everything yet, and offers it.
    pub(super) fn offer_repaired(&self, mut layout: Layout) {
        let mut random = super::random::Random::new(self.settings.seed);
        if self.known().best.as_ref().is_some_and(|(_, best)| best.cost <= layout.cost(self.problem())) {
            return;
        }
        if layout.is_legal(self.problem()) && self.search.complete(&mut layout, &mut random, 0, self) {
            self.offer(&layout);
            if !self.is_closed() {
                self.offer(&self.search.pruned(layout));
            }
        }
    }
}
