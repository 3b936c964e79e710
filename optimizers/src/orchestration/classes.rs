//! Instances that are not shared: targets with the same places are one class, and flow as one.
//!
//! A *bundle* is what one instance serves: one target, or several of one request where an instance may
//! serve its whole request. Bundles that can run on the same nodes at the same demand form a class; only
//! their number matters. A request is accepted in one of its *ways*: a partition of its targets into
//! bundles. [`super::flow`] turns classes and ways into a program far smaller than columns would be.

use std::collections::BTreeMap;

use super::dominance::Catalog;
use super::options::{Go, Place, Places};
use super::problem::{Problem, Sharing};
use super::tree::narrow;

/// Nodes where one instance can run, with the demand it has there (a model that has it).
pub(crate) type Class = Vec<Place>;

/// A request's way: its bundles (class, targets).
pub(crate) type Way = Vec<(u32, Vec<u32>)>;

/// All classes, and the ways of each request.
pub(crate) struct Classes<'p> {
    /// The problem.
    pub(crate) problem: &'p Problem,
    /// The distinct classes. The model of a place stands for its demand; equal demands are equal models.
    pub(crate) classes: Vec<Class>,
    /// Per request: none means that it can never be accepted.
    pub(crate) ways: Vec<Vec<Way>>,
    /// Per request: whether a pin demands it.
    pub(crate) forced: Vec<bool>,
    /// Whether all instances need the same: then flows are whole by themselves.
    pub(crate) is_unit: bool,
}

/// More ways of one request than this are left to the column program.
const MAX_WAYS: usize = 60;

impl<'p> Classes<'p> {
    /// Groups the targets of a valid problem; none where columns have to be told apart: shared instances,
    /// priced moves, controllers, demands that cannot be compared, requests of too many ways.
    pub(crate) fn new(problem: &'p Problem) -> Option<Self> {
        let controlled = problem.models.iter().any(|model| !model.controls.is_empty());
        let priced = problem.move_cost > 0 && !problem.current.is_empty();
        let shared = (0..problem.requests.len()).any(|request| problem.sharing_of(request) == Sharing::On);
        if shared || controlled || priced {
            return None;
        }
        let mut builder = Builder {
            problem,
            places: Places::new(problem),
            catalog: Catalog::new(problem),
            alike: alike(problem),
            known: BTreeMap::new(),
            classes: Vec::new(),
        };
        let mut ways = Vec::with_capacity(problem.requests.len());
        for request in 0..problem.requests.len() {
            ways.push(builder.ways(request)?);
        }
        let forced = (0..problem.requests.len())
            .map(|request| problem.pinned.iter().any(|pin| pin.request == request))
            .collect();
        let classes = builder.classes;
        let mut demands = classes.iter().flatten().map(|place| place.model);
        let first = demands.next();
        let is_unit = demands.all(|model| Some(model) == first);
        Some(Self { problem, classes, ways, forced, is_unit })
    }
}

struct Builder<'p> {
    problem: &'p Problem,
    places: Places<'p>,
    catalog: Catalog,
    /// Per model, the first with the same demand.
    alike: Vec<u32>,
    known: BTreeMap<Class, u32>,
    classes: Vec<Class>,
}

/// The first model of the same demand.
fn alike(problem: &Problem) -> Vec<u32> {
    let mut first: BTreeMap<&[i64], u32> = BTreeMap::new();
    let models = problem.models.iter().enumerate();
    models.map(|(at, model)| *first.entry(&model.demand).or_insert(narrow(at))).collect()
}

impl Builder<'_> {
    /// The ways of a request; none if they are too many or demands cannot be compared.
    fn ways(&mut self, request: usize) -> Option<Vec<Way>> {
        let count = self.problem.requests[request].targets.len();
        let lists: Vec<Vec<Place>> = (0..count).map(|target| self.list(request, target)).collect();
        if lists.iter().any(Vec::is_empty) {
            return Some(Vec::new());
        }
        let mut partitions: Vec<Vec<(Vec<Place>, Vec<u32>)>> = vec![Vec::new()];
        for (target, list) in lists.into_iter().enumerate() {
            let mut extended = Vec::new();
            for partition in partitions {
                if self.problem.sharing_of(request) == Sharing::PerRequest {
                    for at in 0..partition.len() {
                        let common = intersection(&partition[at].0, &list);
                        if !common.is_empty() {
                            let mut joined = partition.clone();
                            joined[at].0 = common;
                            joined[at].1.push(narrow(target));
                            extended.push(joined);
                        }
                    }
                }
                let mut apart = partition;
                apart.push((list.clone(), vec![narrow(target)]));
                extended.push(apart);
            }
            if extended.len() > MAX_WAYS {
                return None;
            }
            partitions = extended;
        }
        partitions.into_iter().map(|partition| self.way(partition)).collect::<Option<Vec<_>>>().map(without_waste)
    }

    fn list(&self, request: usize, target: usize) -> Vec<Place> {
        let mut list = Vec::new();
        self.places.visit(request, target, |place| {
            if !self.catalog.is_dominated(place.model) {
                list.push(place);
            }
            Go::On
        });
        list.sort_unstable();
        list
    }

    fn way(&mut self, partition: Vec<(Vec<Place>, Vec<u32>)>) -> Option<Way> {
        let mut way = Vec::with_capacity(partition.len());
        for (list, targets) in partition {
            let class = self.cheapest(&list)?;
            let next = narrow(self.classes.len());
            let number = *self.known.entry(class).or_insert_with_key(|class| {
                self.classes.push(class.clone());
                next
            });
            way.push((number, targets));
        }
        way.sort_unstable();
        Some(way)
    }

    /// Per node the model that needs least; none where two needs cannot be compared.
    fn cheapest(&self, list: &[Place]) -> Option<Class> {
        let mut class: Class = Vec::new();
        for place in list {
            let place = Place { node: place.node, model: self.alike[place.model as usize] };
            match class.last_mut() {
                Some(last) if last.node == place.node => {
                    if self.needs_no_more(place.model, last.model) {
                        last.model = place.model;
                    } else if !self.needs_no_more(last.model, place.model) {
                        return None;
                    }
                }
                _ => class.push(place),
            }
        }
        Some(class)
    }

    fn needs_no_more(&self, one: u32, other: u32) -> bool {
        let demand = |model: u32| self.problem.models[model as usize].demand.iter();
        demand(one).zip(demand(other)).all(|(one, other)| one <= other)
    }
}

fn intersection(one: &[Place], other: &[Place]) -> Vec<Place> {
    one.iter().copied().filter(|place| other.binary_search(place).is_ok()).collect()
}

/// A way is wasteful when another needs only some of its bundles' classes.
fn without_waste(ways: Vec<Way>) -> Vec<Way> {
    let classes = |way: &Way| way.iter().map(|bundle| bundle.0).collect::<Vec<u32>>();
    let all: Vec<Vec<u32>> = ways.iter().map(classes).collect();
    let is_waste = |at: usize| {
        all.iter()
            .enumerate()
            .any(|(other, less)| other != at && is_part(less, &all[at]) && (less.len() < all[at].len() || other < at))
    };
    let kept: Vec<bool> = (0..ways.len()).map(|at| !is_waste(at)).collect();
    ways.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(way, _)| way).collect()
}

/// Whether sorted `small` is a part of sorted `large`, counting repeats.
fn is_part(small: &[u32], large: &[u32]) -> bool {
    let mut rest = large.iter();
    small.iter().all(|item| rest.any(|other| other == item))
}
