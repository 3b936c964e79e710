//! Where a target can be served: conditions (2) to (5) of the paper, decided in integers.
//!
//! Given one instance per target (1), performance, reach and latency speak of one (target, model, node)
//! at a time, so they are filters here and never rows of a model, where ties would fall to a solver's
//! tolerance. Capacity and sharing are decided later, in [`super::core`].

use std::collections::BTreeMap;

use super::problem::{Bound, Collect, Problem, Target};
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
        Self { problem, tree: Tree::new(problem), offering, pins: pins.collect() }
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
        let hosts = self.tree.ancestors(wanted.node).chain(self.tree.descendants(wanted.node));
        for node in hosts {
            if !wanted.sources.iter().all(|&source| self.tree.reaches(node, source)) {
                continue;
            }
            for &model in models {
                let place = Place { node: narrow(node), model };
                if pin.is_some_and(|pin| pin != place) || !self.allows(wanted, node, model as usize) {
                    continue;
                }
                if visit(place) == Go::Stop {
                    return;
                }
            }
        }
    }

    /// Everything but reach: suitability, performance, exclusion, one instance's demand, latency.
    fn allows(&self, wanted: &Target, node: usize, model: usize) -> bool {
        let entry = &self.problem.models[model];
        let host = &self.problem.nodes[node];
        let suitability = entry.suitability_percent.get(&host.kind).copied().unwrap_or(0);
        let (Some(&execution), Some(&performance)) =
            (entry.execution_ns.get(&host.kind), entry.performance.get(&wanted.function))
        else {
            return false;
        };
        suitability > 0
            && performs(wanted.performance, performance, suitability)
            && entry.demand.iter().zip(&host.capacity).all(|(demand, capacity)| demand <= capacity)
            && !self.problem.excluded.iter().any(|exclusion| exclusion.forbids(model, node))
            && self.collection_slack(wanted, node, entry.input_bytes, execution) >= 0
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
