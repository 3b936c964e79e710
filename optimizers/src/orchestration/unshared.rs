//! The exact strategy where instances are not shared: classes, flow, relaxation, rounding, proof.

use std::collections::BTreeMap;

use ranform_network::AnswerStatus;

use super::answer::Answer;
use super::assemble::number_instances;
use super::classes::{Classes, Way};
use super::component::whole_bound;
use super::flow::{self, Flow};
use super::limits::Limits;
use super::model::exact;
use super::options::{Go, Place, Places};
use super::problem::Sharing;
use super::progress::{Board, Watch};
use super::shelf::Shelf;
use super::solve::infeasible;
use super::tree::narrow;
use crate::highs_model::{Event, Flow as Pace, Options, Session, SolverError, Status};

/// Relaxations solved while diving, at most.
const DIVE_ROUNDS: usize = 60;

/// An answer in terms of classes: requests with their way, and where bundles run.
#[derive(Clone, Default)]
struct Found {
    /// Request, index of its way; ascending.
    accepted: Vec<(u32, usize)>,
    /// Per class, places and how many bundles run there.
    running: BTreeMap<u32, Vec<(Place, u32)>>,
    value: i64,
    /// Whether every pinned request is in.
    complete: bool,
}

/// The best answer with its bound; `optimal` unless the limits ended it before.
pub(crate) fn solve_unshared(classes: &Classes<'_>, limits: Limits<'_>) -> Result<(Answer, u64), SolverError> {
    let possible = |request: &usize| !classes.ways[*request].is_empty();
    let forced = (0..classes.ways.len()).filter(|&request| classes.forced[request]);
    if !forced.into_iter().all(|request| possible(&request)) {
        return Ok((infeasible(), 0));
    }
    let values = &classes.problem.requests;
    let most: i64 = (0..values.len()).filter(possible).map(|request| values[request].value).sum();
    let board = Board::new(limits, vec![(0, most)]);
    let watch = board.watch(0);
    let program = flow::build(classes);
    let first = in_order(classes, &first_order(classes));
    let mut state = State { best: first, bound: Some(most), steps: 0 };
    watch.raise_value(state.best.value);
    relax(classes, &program, &mut state, &watch)?;
    if !state.is_proven() && !watch.should_stop() {
        branch(classes, &program, &mut state, &watch)?;
    }
    Ok((answer(classes, &state), state.steps))
}

struct State {
    best: Found,
    /// None if there is no answer.
    bound: Option<i64>,
    steps: u64,
}

impl State {
    fn is_proven(&self) -> bool {
        self.bound.is_none_or(|bound| self.best.complete && self.best.value == bound)
    }

    fn offer(&mut self, found: Found, watch: &Watch<'_>) {
        if (found.complete, found.value) > (self.best.complete, self.best.value) {
            watch.raise_value(found.value);
            self.best = found;
        }
    }
}

/// Pinned requests first, then those worth most per bundle.
fn first_order(classes: &Classes<'_>) -> Vec<(u32, usize)> {
    let size = |request: u32, way: usize| classes.ways[request as usize][way].len().max(1);
    let mut order: Vec<(u32, usize)> = Vec::new();
    for (request, ways) in (0u32..).zip(&classes.ways) {
        order.extend((0..ways.len()).map(|way| (request, way)));
    }
    order.sort_by_key(|&(request, way)| {
        let value = classes.problem.requests[request as usize].value;
        let per_bundle = i128::from(value) * 1000 / size(request, way) as i128;
        (!classes.forced[request as usize], -per_bundle, request, way)
    });
    order
}

/// Accepts what fits, in this order.
fn in_order(classes: &Classes<'_>, order: &[(u32, usize)]) -> Found {
    let mut shelf = Shelf::new(classes);
    let mut chosen: Vec<Option<usize>> = vec![None; classes.ways.len()];
    for &(request, way) in order {
        let bundles = classes.ways[request as usize][way].iter().map(|bundle| bundle.0);
        if chosen[request as usize].is_none() && shelf.add_all(bundles) {
            chosen[request as usize] = Some(way);
        }
    }
    let accepted: Vec<(u32, usize)> = (0u32..).zip(chosen).filter_map(|(request, way)| Some((request, way?))).collect();
    let running = (0..narrow(classes.classes.len())).map(|class| (class, shelf.held(class).collect())).collect();
    found(classes, accepted, running)
}

fn found(classes: &Classes<'_>, accepted: Vec<(u32, usize)>, running: BTreeMap<u32, Vec<(Place, u32)>>) -> Found {
    let value = accepted.iter().map(|&(request, _)| classes.problem.requests[request as usize].value).sum();
    let is_accepted = |request: usize| accepted.binary_search_by_key(&narrow(request), |entry| entry.0).is_ok();
    let complete = (0..classes.forced.len()).all(|request| !classes.forced[request] || is_accepted(request));
    Found { accepted, running, value, complete }
}

/// The linear relaxation, and its rounding.
fn relax(classes: &Classes<'_>, program: &Flow, state: &mut State, watch: &Watch<'_>) -> Result<(), SolverError> {
    if state.is_proven() || watch.should_stop() {
        return Ok(());
    }
    let mut session = Session::new(&program.model.relaxed())?;
    let options = Options { seconds: watch.seconds_left(), ..Options::default() };
    let outcome = session.run(&options, &mut |_| Pace::Continue)?;
    if outcome.status == Status::Infeasible {
        state.bound = None;
        return Ok(());
    }
    let (Status::Optimal, Some(values)) = (outcome.status, outcome.columns) else { return Ok(()) };
    let bound = whole_bound(outcome.bound, program.unit);
    state.bound = state.bound.map(|known| known.min(bound));
    watch.lower_bound(bound);
    state.offer(in_order(classes, &wished_order(classes, program, &values)), watch);
    dive(classes, program, &mut session, values, state, watch)
}

/// Counts that the relaxation leaves between whole numbers are rounded up a few at a time, the rest
/// solved anew each time, until all are whole or the value in sight is no better than what is known.
fn dive(
    classes: &Classes<'_>,
    program: &Flow,
    session: &mut Session,
    mut values: Vec<f64>,
    state: &mut State,
    watch: &Watch<'_>,
) -> Result<(), SolverError> {
    let mut upper: Vec<f64> = vec![f64::INFINITY; program.counts];
    for group in &program.groups {
        group.ways.iter().for_each(|&way| upper[way] = exact(i64::from(narrow(group.requests.len()))));
    }
    for _ in 0..DIVE_ROUNDS {
        let mut open: Vec<(f64, usize)> = Vec::new();
        for (count, &value) in values.iter().enumerate().take(program.counts) {
            let part = value - (value + 1e-6).floor();
            if part > 1e-6 {
                open.push((part, count));
            }
        }
        if open.is_empty() || state.is_proven() || watch.should_stop() {
            break;
        }
        open.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let at_once = open.len().div_ceil(8);
        for &(_, count) in &open[..at_once] {
            session.set_bounds(count, values[count].ceil(), upper[count])?;
        }
        let options = Options { seconds: watch.seconds_left(), presolve: false, ..Options::default() };
        let mut outcome = session.run(&options, &mut |_| Pace::Continue)?;
        if outcome.status == Status::Infeasible {
            for &(_, count) in &open[..at_once] {
                upper[count] = values[count].floor();
                session.set_bounds(count, 0.0, upper[count])?;
            }
            outcome = session.run(&options, &mut |_| Pace::Continue)?;
        }
        let (Status::Optimal, Some(next)) = (outcome.status, outcome.columns) else { break };
        values = next;
        state.offer(in_order(classes, &wished_order(classes, program, &values)), watch);
        if whole_bound(outcome.bound, program.unit) <= state.best.value {
            break;
        }
    }
    Ok(())
}

/// Whole parts of what the relaxation accepts first, then the rest by its fractions.
fn wished_order(classes: &Classes<'_>, program: &Flow, values: &[f64]) -> Vec<(u32, usize)> {
    let mut order: Vec<(bool, f64, i64, u32, usize)> = Vec::new();
    for group in &program.groups {
        let mut start = 0;
        for (way, &variable) in group.ways.iter().enumerate() {
            let mut left = values[variable];
            for (at, &request) in group.requests.iter().enumerate() {
                let forced = classes.forced[request as usize];
                let size = classes.ways[request as usize][way].len().max(1) as i64;
                let density = classes.problem.requests[request as usize].value * 100 / size;
                let part = if at < start { 0.0 } else { left.clamp(0.0, 1.0) };
                if at >= start {
                    left -= 1.0;
                }
                order.push((forced, part, density, request, way));
            }
            start += values[variable].floor().max(0.0) as usize;
        }
    }
    order.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(b.2.cmp(&a.2)).then((a.3, a.4).cmp(&(b.3, b.4))));
    order.into_iter().map(|entry| (entry.3, entry.4)).collect()
}

fn branch(classes: &Classes<'_>, program: &Flow, state: &mut State, watch: &Watch<'_>) -> Result<(), SolverError> {
    let mut session = Session::new(&program.model)?;
    if state.best.complete && classes.is_unit {
        session.set_start(&start_values(program, &state.best))?;
    }
    let options =
        Options { seconds: watch.seconds_left(), nodes: watch.nodes(), absolute_gap: 0.99, ..Options::default() };
    let outcome = session.run(&options, &mut |event| {
        if let Event::Progress { bound, .. } = event {
            watch.lower_bound(whole_bound(bound, program.unit));
        }
        if watch.should_stop() { Pace::Stop } else { Pace::Continue }
    })?;
    state.steps += outcome.nodes;
    if outcome.status == Status::Infeasible {
        state.bound = None;
        return Ok(());
    }
    let bound = whole_bound(outcome.bound, program.unit);
    state.bound = state.bound.map(|known| known.min(bound));
    if let Some(values) = outcome.columns {
        let found = decoded(classes, program, &values)
            .unwrap_or_else(|| in_order(classes, &wished_order(classes, program, &values)));
        state.offer(found, watch);
    }
    Ok(())
}

fn start_values(program: &Flow, best: &Found) -> Vec<f64> {
    let mut values = vec![0.0; program.model.columns()];
    for group in &program.groups {
        for request in &group.requests {
            if let Ok(at) = best.accepted.binary_search_by_key(request, |entry| entry.0) {
                values[group.ways[best.accepted[at].1]] += 1.0;
            }
        }
    }
    values
}

/// The solver's own flow as an answer, where it is whole.
fn decoded(classes: &Classes<'_>, program: &Flow, values: &[f64]) -> Option<Found> {
    let running = flow::decode(program, values)?;
    let mut accepted = Vec::new();
    for group in &program.groups {
        let mut requests = group.requests.iter();
        for (way, &variable) in group.ways.iter().enumerate() {
            // Whole and at most the number of requests.
            let count = values[variable].round().max(0.0) as usize;
            accepted.extend(requests.by_ref().take(count).map(|&request| (request, way)));
        }
    }
    accepted.sort_unstable();
    Some(found(classes, accepted, running))
}

fn answer(classes: &Classes<'_>, state: &State) -> Answer {
    let Some(bound) = state.bound else { return infeasible() };
    if !state.best.complete {
        return Answer { status: AnswerStatus::Unknown, bound: Some(bound), ..infeasible() };
    }
    let mut running = state.best.running.clone();
    let places = Places::new(classes.problem);
    let mut served = Vec::new();
    for &(request, way) in &state.best.accepted {
        let way: &Way = &classes.ways[request as usize][way];
        for (class, targets) in way {
            let Some(place) = running.get_mut(class).and_then(next_place) else { continue };
            let place = fitting_model(classes, &places, request, targets, place);
            for &target in targets {
                served.push((request, target, place, owner(classes, request, target)));
            }
        }
    }
    let status = if state.best.value == bound { AnswerStatus::Optimal } else { AnswerStatus::Feasible };
    Answer {
        status,
        value: Some(state.best.value),
        bound: Some(bound),
        accepted: state.best.accepted.iter().map(|entry| entry.0 as usize).collect(),
        assignment: number_instances(served),
        ..infeasible()
    }
}

fn next_place(places: &mut Vec<(Place, u32)>) -> Option<Place> {
    let (place, count) = places.last_mut()?;
    let place = *place;
    *count -= 1;
    if *count == 0 {
        places.pop();
    }
    Some(place)
}

/// The first model that serves all these targets there and needs no more than the class says.
fn fitting_model(classes: &Classes<'_>, places: &Places<'_>, request: u32, targets: &[u32], at: Place) -> Place {
    let demand = |model: u32| &classes.problem.models[model as usize].demand;
    let mut models: Option<Vec<u32>> = None;
    for &target in targets {
        let mut able = Vec::new();
        places.visit(request as usize, target as usize, |place| {
            if place.node == at.node && demand(place.model).iter().zip(demand(at.model)).all(|(one, all)| one <= all) {
                able.push(place.model);
            }
            Go::On
        });
        models = Some(match models {
            None => able,
            Some(models) => models.into_iter().filter(|model| able.contains(model)).collect(),
        });
    }
    let model = models.and_then(|models| models.into_iter().min());
    Place { node: at.node, model: model.unwrap_or(at.model) }
}

fn owner(classes: &Classes<'_>, request: u32, target: u32) -> u64 {
    let within = if classes.problem.sharing_of(request as usize) == Sharing::PerTarget { target } else { 0 };
    (u64::from(request) << 32) | u64::from(within)
}
