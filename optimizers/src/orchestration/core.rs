//! The projected problem: which instances to run, so that accepted requests find every target covered.
//!
//! Sets: columns c (one possible instance each), targets t with options S(t), requests i, nodes n.
//! Variables: y[c] run the instance, z[i] accept the request. Source: eqs. 1-14 of OrchestRAN.
//!
//! ```text
//! maximize   Σ value[i]·z[i] - move_cost·(targets that leave their place)
//! subject to z[i] <= Σ_{c in S(t)} y[c]                 for each target t of i            (1)
//!            Σ_{c on n} demand[c][q]·y[c] <= capacity[n][q]   for each node, resource     (6)-(9)
//! ```
//!
//! A column is (model, node) where instances are shared, (model, node, request) or (model, node, target)
//! otherwise (14): its owner. Conditions (2)-(5) made the options; the variables k and x are gone, for
//! one instance serves any number of targets of its owner. [`super::presolve`] shrinks this exactly.

use std::collections::BTreeMap;

use super::dominance::Catalog;
use super::options::{Go, Place, Places};
use super::problem::{Problem, Sharing};
use super::tree::narrow;
use crate::exchange::{DocumentCode, DocumentError};

/// One possible instance.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Where it runs and what.
    pub(crate) place: Place,
    /// The targets it can serve, as indexes into [`Core::targets`].
    pub(crate) targets: Vec<u32>,
}

/// A target that is not yet settled.
#[derive(Clone, Debug)]
pub(crate) struct CoreTarget {
    /// Index of its request.
    pub(crate) request: u32,
    /// Index within the request.
    pub(crate) target: u32,
    /// Columns able to serve it, sorted.
    pub(crate) options: Vec<u32>,
    /// The column that serves it now, where leaving it has a price.
    pub(crate) current: Option<u32>,
    /// Whether two controllers could meet on its node, see [`super::conflicts`].
    pub(crate) contested: bool,
}

impl CoreTarget {
    /// Whether it matters which column serves it, not only that one does.
    pub(crate) fn is_protected(&self) -> bool {
        self.contested || self.current.is_some()
    }
}

/// A request of the projected problem.
#[derive(Clone, Debug)]
pub(crate) struct CoreRequest {
    /// Value, less the price of the targets that have to move in any case.
    pub(crate) value: i64,
    /// Its unsettled targets, as indexes into [`Core::targets`].
    pub(crate) targets: Vec<u32>,
    /// Whether a pin demands its acceptance.
    pub(crate) forced: bool,
}

/// The projected problem.
pub(crate) struct Core<'p> {
    /// The problem as given.
    pub(crate) problem: &'p Problem,
    /// Possible instances.
    pub(crate) columns: Vec<Column>,
    /// Targets not settled while building.
    pub(crate) targets: Vec<CoreTarget>,
    /// One per request of the problem.
    pub(crate) requests: Vec<CoreRequest>,
    /// Targets settled on nodes that run every model at once.
    pub(crate) settled: Vec<(u32, u32, Place)>,
}

/// More options than this are refused: they would not fit the memory of one machine.
const MAX_OPTIONS: usize = 200_000_000;

impl<'p> Core<'p> {
    /// Projects a valid problem.
    pub(crate) fn new(problem: &'p Problem) -> Result<Self, DocumentError> {
        let places = Places::new(problem);
        let mut builder = Builder {
            catalog: Catalog::new(problem),
            contested: super::conflicts::contested_targets(problem),
            current: problem.current.iter().map(|now| ((now.request, now.target), now)).collect(),
            shared: BTreeMap::new(),
            core: Self { problem, columns: Vec::new(), targets: Vec::new(), requests: Vec::new(), settled: Vec::new() },
            places,
            options: 0,
        };
        for request in 0..problem.requests.len() {
            builder.request(request)?;
        }
        Ok(builder.core)
    }

    /// The node of a column.
    pub(crate) fn node(&self, column: u32) -> usize {
        self.columns[column as usize].place.node as usize
    }

    /// What a column needs, per resource.
    pub(crate) fn demand(&self, column: u32) -> &'p [i64] {
        &self.problem.models[self.columns[column as usize].place.model as usize].demand
    }

    /// The parameters that a column controls.
    pub(crate) fn controls(&self, column: u32) -> &'p [String] {
        &self.problem.models[self.columns[column as usize].place.model as usize].controls
    }

    /// The node that a target is for.
    pub(crate) fn target_node(&self, target: u32) -> usize {
        let target = &self.targets[target as usize];
        self.problem.requests[target.request as usize].targets[target.target as usize].node
    }
}

struct Builder<'p> {
    core: Core<'p>,
    places: Places<'p>,
    catalog: Catalog,
    contested: Vec<Vec<bool>>,
    current: BTreeMap<(usize, usize), &'p super::problem::Assignment>,
    /// Column of a place, where instances are shared.
    shared: BTreeMap<Place, u32>,
    options: usize,
}

impl Builder<'_> {
    fn request(&mut self, request: usize) -> Result<(), DocumentError> {
        let problem = self.core.problem;
        let wanted = &problem.requests[request];
        let first = self.core.targets.len();
        let mut own: BTreeMap<Place, u32> = BTreeMap::new();
        let mut forced = false;
        let mut value = wanted.value;
        for target in 0..wanted.targets.len() {
            forced |= self.places.pin(request, target).is_some();
            let now = self.priced_place(request, target);
            let contested = self.contested.get(request).is_some_and(|list| list[target]);
            match self.collect(request, target, now, contested) {
                Found::Settled(place) => self.core.settled.push((narrow(request), narrow(target), place)),
                Found::Options(list) => {
                    self.options = self.options.saturating_add(list.len());
                    if now.is_some_and(|now| !list.contains(&now)) {
                        value -= problem.move_cost;
                    }
                    self.target(request, target, &list, now, contested, &mut own);
                }
            }
        }
        if self.options > MAX_OPTIONS {
            let message = format!("the targets have more than {MAX_OPTIONS} possible places together");
            return Err(DocumentError::new(DocumentCode::TooLarge, message));
        }
        let targets = (first..self.core.targets.len()).map(narrow).collect();
        self.core.requests.push(super::core::CoreRequest { value, targets, forced });
        Ok(())
    }

    /// The place a target has now, where leaving it has a price.
    fn priced_place(&self, request: usize, target: usize) -> Option<Place> {
        if self.core.problem.move_cost == 0 {
            return None;
        }
        let now = self.current.get(&(request, target))?;
        Some(Place { node: narrow(now.node), model: narrow(now.model) })
    }

    fn collect(&self, request: usize, target: usize, now: Option<Place>, contested: bool) -> Found {
        let mut list = Vec::new();
        let mut settled = None;
        self.places.visit(request, target, |place| {
            if self.catalog.is_dominated(place.model) {
                return Go::On;
            }
            let free = !contested || self.catalog.controls_nothing(place.model);
            if now.is_none() && free && self.catalog.is_ample(place.node) {
                settled = Some(place);
                return Go::Stop;
            }
            list.push(place);
            Go::On
        });
        if let Some(place) = settled {
            return Found::Settled(place);
        }
        list.sort_unstable();
        if self.core.problem.sharing_of(request) == Sharing::PerTarget {
            self.cheapest(&mut list, now);
        }
        Found::Options(list)
    }

    /// An instance for this target alone: per node, models that need more of everything are not worth
    /// considering. `list` is sorted by node.
    fn cheapest(&self, list: &mut Vec<Place>, now: Option<Place>) {
        let all = list.clone();
        list.retain(|&place| {
            let rivals = all.iter().filter(|rival| rival.node == place.node && **rival != place);
            now == Some(place) || !rivals.into_iter().any(|&rival| self.catalog.is_cheaper(rival.model, place.model))
        });
    }

    fn target(
        &mut self,
        request: usize,
        target: usize,
        list: &[Place],
        now: Option<Place>,
        contested: bool,
        own: &mut BTreeMap<Place, u32>,
    ) {
        let id = narrow(self.core.targets.len());
        let sharing = self.core.problem.sharing_of(request);
        let mut options = Vec::with_capacity(list.len());
        for &place in list {
            let known = match sharing {
                Sharing::On => Some(&mut self.shared),
                Sharing::PerRequest => Some(&mut *own),
                Sharing::PerTarget => None,
            };
            let next = narrow(self.core.columns.len());
            let column = known.map_or(next, |known| *known.entry(place).or_insert(next));
            if column == next {
                self.core.columns.push(Column { place, targets: Vec::new() });
            }
            self.core.columns[column as usize].targets.push(id);
            options.push(column);
        }
        options.sort_unstable();
        let current =
            now.and_then(|now| options.iter().copied().find(|&column| self.core.columns[column as usize].place == now));
        self.core.targets.push(CoreTarget {
            request: narrow(request),
            target: narrow(target),
            options,
            current,
            contested,
        });
    }
}

enum Found {
    Settled(Place),
    Options(Vec<Place>),
}
