//! Where a target can be served: conditions (2) to (5) of the paper, decided in integers.
//!
//! Given one instance per target (1), performance, reach and latency speak of one (target, model, node)
//! at a time, so they are filters here and never rows of a model, where ties would fall to a solver's
//! tolerance. Capacity and sharing are decided later, in [`super::core`].

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Bound, Collect, Exclusion, Problem, Target};
use super::tree::{Tree, narrow};

/// One place for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The host.
    pub(crate) node: u32,
    /// The model.
    pub(crate) model: u32,
}

/// Finds the places of targets.
pub(crate) struct Places<'p> {
    problem: &'p Problem,
    tree: Tree,
    /// Models offering a function, in order.
    offering: BTreeMap<&'p str, Vec<u32>>,
    /// Places that targets are pinned to.
    pins: BTreeMap<(usize, usize), Place>,
    /// What no target may use, and what no target may use that is not pinned there.
    excluded: [Excluded; 2],
}

/// Models and nodes that are excluded altogether, and excluded pairs.
#[derive(Default)]
struct Excluded {
    models: BTreeSet<usize>,
    nodes: BTreeSet<usize>,
    pairs: BTreeSet<Place>,
}

impl Excluded {
    fn add(&mut self, exclusion: &Exclusion, nodes: usize) {
        match (exclusion.model, exclusion.node) {
            (Some(model), Some(node)) => {
                self.pairs.insert(Place { node: narrow(node), model: narrow(model) });
            }
            (Some(model), None) => {
                self.models.insert(model);
            }
            (None, Some(node)) => {
                self.nodes.insert(node);
            }
            (None, None) => self.nodes.extend(0..nodes),
        }
    }

    fn has(&self, model: usize, node: usize) -> bool {
        self.models.contains(&model)
            || self.nodes.contains(&node)
            || (!self.pairs.is_empty() && self.pairs.contains(&Place { node: narrow(node), model: narrow(model) }))
    }
}

impl<'p> Places<'p> {
    /// Prepares a valid problem.
    pub(crate) fn new(problem: &'p Problem) -> Self {
        let mut offering: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (at, model) in problem.models.iter().enumerate() {
            for function in &model.functions {
                let list = offering.entry(function).or_default();
                if list.last() != Some(&narrow(at)) {
                    list.push(narrow(at));
                }
            }
        }
        let pins = problem
            .pinned
            .iter()
            .map(|pin| ((pin.request, pin.target), Place { node: narrow(pin.node), model: narrow(pin.model) }));
        let mut excluded = [Excluded::default(), Excluded::default()];
        for exclusion in &problem.excluded {
            excluded[usize::from(exclusion.except_pinned)].add(exclusion, problem.nodes.len());
        }
        Self { problem, tree: Tree::new(problem), offering, pins: pins.collect(), excluded }
    }

    /// The place a target is pinned to.
    pub(crate) fn pin(&self, request: usize, target: usize) -> Option<Place> {
        self.pins.get(&(request, target)).copied()
    }

    /// Calls `visit` with each place of the target, nodes upwards first, then downwards; stops when
    /// `visit` says so. Pins narrow the places to one.
    pub(crate) fn visit(&self, request: usize, target: usize, mut visit: impl FnMut(Place) -> Go) {
        let wanted = &self.problem.requests[request].targets[target];
        let Some(models) = self.offering.get(wanted.function.as_str()) else { return };
        let pin = self.pin(request, target);
        if let Some(pin) = pin
            && !models.contains(&pin.model)
        {
            return;
        }
        let hosts = self.tree.hosts(wanted.node);
        for node in hosts {
            if !wanted.sources.iter().all(|&source| self.tree.reaches(node, source)) {
                continue;
            }
            for &model in models {
                let place = Place { node: narrow(node), model };
                if pin.is_some_and(|pin| pin != place) || self.verdict(wanted, place, pin.is_some()).is_some() {
                    continue;
                }
                if visit(place) == Go::Stop {
                    return;
                }
            }
        }
    }

    /// Like [`Places::visit`] without stopping, and including places that lack the room.
    pub(crate) fn visit_roomless(&self, request: usize, target: usize, mut visit: impl FnMut(Place)) {
        self.judge_all(request, target, |place, verdict| {
            if verdict.is_none() || verdict == Some(Reason::Capacity) {
                visit(place);
            }
        });
    }

    /// Why no place serves the target: the last obstacle that the best place has. None if one does.
    pub(crate) fn obstacle(&self, request: usize, target: usize) -> Option<Reason> {
        let mut best = Reason::Function;
        let mut is_served = false;
        self.judge_all(request, target, |_, verdict| match verdict {
            None => is_served = true,
            Some(reason) => best = best.max(reason),
        });
        (!is_served).then_some(best)
    }

    /// The limits at which one more place would be in time, ascending.
    pub(crate) fn limits(&self, request: usize, target: usize) -> Vec<i64> {
        let wanted = &self.problem.requests[request].targets[target];
        let mut limits = Vec::new();
        self.judge_all(request, target, |place, verdict| {
            if verdict == Some(Reason::Latency) {
                limits.extend(self.time_needed(wanted, place));
            }
        });
        limits.sort_unstable();
        limits.dedup();
        limits
    }

    /// Nanoseconds, rounded up, that the target takes there.
    fn time_needed(&self, wanted: &Target, place: Place) -> Option<i64> {
        let model = &self.problem.models[place.model as usize];
        let execution = *model.execution_ns.get(&self.problem.nodes[place.node as usize].kind)?;
        let lacking = -self.collection_slack(wanted, place.node as usize, model.input_bytes, execution);
        let unit = match self.problem.collect {
            Collect::Mean => 1000 * i128::from(narrow(wanted.sources.len())),
            Collect::Sum | Collect::Max => 1000,
        };
        let more = (lacking + unit - 1).div_euclid(unit);
        i64::try_from(i128::from(wanted.latency_ns) + more).ok()
    }

    /// Every (host, model offering the function) with the first condition it fails, if any.
    fn judge_all(&self, request: usize, target: usize, mut visit: impl FnMut(Place, Option<Reason>)) {
        let wanted = &self.problem.requests[request].targets[target];
        let Some(models) = self.offering.get(wanted.function.as_str()) else { return };
        let pin = self.pin(request, target);
        for node in self.tree.hosts(wanted.node) {
            let reached = wanted.sources.iter().all(|&source| self.tree.reaches(node, source));
            for &model in models {
                let place = Place { node: narrow(node), model };
                let verdict = match pin {
                    Some(pin) if pin != place => Some(Reason::Pinned),
                    _ if !reached => Some(Reason::Reach),
                    _ => self.verdict(wanted, place, pin.is_some()),
                };
                visit(place, verdict);
            }
        }
    }

    fn verdict(&self, wanted: &Target, place: Place, is_pinned: bool) -> Option<Reason> {
        let (node, model) = (place.node as usize, place.model as usize);
        let entry = &self.problem.models[model];
        let host = &self.problem.nodes[node];
        let suitability = entry.suitability_percent.get(&host.kind).copied().unwrap_or(0);
        let (Some(&execution), Some(&performance)) =
            (entry.execution_ns.get(&host.kind), entry.performance.get(&wanted.function))
        else {
            return Some(Reason::Suitability);
        };
        if suitability == 0 {
            Some(Reason::Suitability)
        } else if self.is_excluded(model, node, is_pinned) {
            Some(Reason::Excluded)
        } else if !performs(wanted.performance, performance, suitability) {
            Some(Reason::Performance)
        } else if self.collection_slack(wanted, node, entry.input_bytes, execution) < 0 {
            Some(Reason::Latency)
        } else if entry.demand.iter().zip(&host.capacity).any(|(demand, capacity)| demand > capacity) {
            Some(Reason::Capacity)
        } else {
            None
        }
    }

    fn is_excluded(&self, model: usize, node: usize, is_pinned: bool) -> bool {
        let [always, unless_pinned] = &self.excluded;
        always.has(model, node) || (!is_pinned && unless_pinned.has(model, node))
    }

    /// Limit minus collection and execution, in picoseconds (times the number of sources for `mean`).
    fn collection_slack(&self, wanted: &Target, node: usize, bytes: i64, execution: i64) -> i128 {
        let delays = wanted.sources.iter().map(|&source| self.tree.delay_ps(source, node, bytes));
        let rest = (i128::from(wanted.latency_ns) - i128::from(execution)) * 1000;
        match self.problem.collect {
            Collect::Sum => rest - delays.sum::<i128>(),
            Collect::Max => rest - delays.max().unwrap_or(0),
            Collect::Mean => rest * i128::from(narrow(wanted.sources.len())) - delays.sum::<i128>(),
        }
    }
}

/// Why a place does not serve a target, from the farthest to the nearest miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No model offers the function.
    Function,
    /// It is pinned elsewhere.
    Pinned,
    /// No host reaches the target and all of its sources.
    Reach,
    /// The models do not run on the kinds of node in reach.
    Suitability,
    /// The places are excluded.
    Excluded,
    /// The models in reach perform too badly.
    Performance,
    /// Collection and execution take too long.
    Latency,
    /// No node has room for even one instance.
    Capacity,
}

/// Whether [`Places::visit`] goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    /// Visit the next place.
    On,
    /// Enough.
    Stop,
}

/// Condition (2): performance weighted by suitability, without a division.
fn performs(bound: Bound, performance: i64, suitability: i64) -> bool {
    let (performance, suitability) = (i128::from(performance), i128::from(suitability));
    match bound {
        Bound::AtLeast(bound) => performance * suitability >= 100 * i128::from(bound),
        Bound::AtMost(bound) => performance * 100 <= i128::from(bound) * suitability,
    }
}
