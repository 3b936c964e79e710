//! Among answers that accept the same requests and move the same targets, one that starts the fewest instances, and of
//! those one whose instances need least.
//!
//! What stays where it is, what has instances of its own and what controllers compete for is settled and holds its
//! room. The other targets find what covers them: a column per place, 1 where that is to be started and 0 where it is
//! in force, and below that what it needs. What runs for a settled target costs nothing more. Parts that share neither
//! a target nor a scarce node are solved one by one, each with a proof of how few there can be.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Answer, Started};
use super::assemble::{number_instances, owner_of};
use super::conflicts::contested_targets;
use super::dominance::Catalog;
use super::limits::Limits;
use super::options::{Go, Place, Places};
use super::problem::{Assignment, Problem, Sharing};
use super::tree::narrow;
use crate::highs_model::SolverError;

mod cover;

/// The answer with as few instances to start as can be found, and how few there must be.
pub(crate) fn start_fewest(problem: &Problem, best: Answer, limits: Limits<'_>) -> Result<Answer, SolverError> {
    if best.value.is_none() {
        return Ok(best);
    }
    let mut rest = Rest::new(problem, &best);
    let mut at_least = rest.settled_starts();
    for part in cover::parts(&rest) {
        let solved = cover::solve(&rest, &part, limits)?;
        at_least += solved.at_least;
        for (free, place) in solved.serving {
            rest.free[free].place = place;
        }
    }
    let served = rest.free.iter().map(|free| (free.request, free.target, free.place, 0));
    let assignment = number_instances(rest.settled.iter().copied().chain(served).collect());
    let started = Started { instances: count(problem, &assignment), at_least };
    Ok(Answer { assignment, started: Some(started), ..best })
}

/// How many instances that requests share an assignment starts: those of a place that is not in force.
fn count(problem: &Problem, assignment: &[Assignment]) -> usize {
    let running: BTreeSet<(usize, usize)> = problem.current.iter().map(|now| (now.model, now.node)).collect();
    let shared = assignment.iter().filter(|entry| problem.sharing_of(entry.request) == Sharing::On);
    let places: BTreeSet<(usize, usize)> = shared.map(|entry| (entry.model, entry.node)).collect();
    places.difference(&running).count()
}

/// A target that may be served from another place as well.
struct Free {
    request: u32,
    target: u32,
    /// Where it is served.
    place: Place,
    /// Where it can be, the nearest first.
    options: Vec<Place>,
}

/// What is settled, and what is left to choose.
struct Rest<'p> {
    problem: &'p Problem,
    /// Places in force.
    running: BTreeSet<Place>,
    /// Request, target, place and owner.
    settled: Vec<(u32, u32, Place, u64)>,
    free: Vec<Free>,
    /// What the settled leave, by node and resource.
    room: Vec<i64>,
}

impl<'p> Rest<'p> {
    fn new(problem: &'p Problem, best: &Answer) -> Self {
        let mut rest = Self {
            problem,
            running: problem.current.iter().map(place_of).collect(),
            settled: Vec::new(),
            free: Vec::new(),
            room: problem.nodes.iter().flat_map(|node| node.capacity.iter().copied()).collect(),
        };
        let choice = Choice::new(problem);
        for entry in &best.assignment {
            if choice.is_free(entry) {
                rest.free.push(choice.free(entry));
            } else {
                let owner = owner_of(problem, narrow(entry.request), narrow(entry.target));
                rest.settled.push((narrow(entry.request), narrow(entry.target), place_of(entry), owner));
            }
        }
        rest.take_room();
        rest.join_settled();
        rest
    }

    fn take_room(&mut self) {
        let instances: BTreeSet<(Place, u64)> = self.settled.iter().map(|entry| (entry.2, entry.3)).collect();
        for (place, _) in instances {
            let first = place.node as usize * self.problem.resources.len();
            let demand = self.demand(place);
            let room = &mut self.room[first..];
            room.iter_mut().zip(demand).for_each(|(room, demand)| *room -= demand);
        }
    }

    /// What a shared instance that runs in any case can serve is served by it.
    fn join_settled(&mut self) {
        let there: BTreeSet<Place> = self.settled.iter().filter(|entry| entry.3 == 0).map(|entry| entry.2).collect();
        for free in std::mem::take(&mut self.free) {
            match free.options.iter().find(|place| there.contains(place)) {
                Some(&place) => self.settled.push((free.request, free.target, place, 0)),
                None => self.free.push(free),
            }
        }
    }

    /// Shared instances that are started whatever is chosen.
    fn settled_starts(&self) -> usize {
        let there: BTreeSet<Place> = self.settled.iter().filter(|entry| entry.3 == 0).map(|entry| entry.2).collect();
        there.difference(&self.running).count()
    }

    fn demand(&self, place: Place) -> &'p [i64] {
        &self.problem.models[place.model as usize].demand
    }

    /// What is left for an instance of this place.
    fn room(&self, node: u32) -> &[i64] {
        let resources = self.problem.resources.len();
        &self.room[node as usize * resources..(node as usize + 1) * resources]
    }
}

/// Which targets may be served from elsewhere, and from where.
struct Choice<'p> {
    problem: &'p Problem,
    places: Places<'p>,
    catalog: Catalog,
    contested: Vec<Vec<bool>>,
    current: BTreeMap<(usize, usize), Place>,
}

impl<'p> Choice<'p> {
    fn new(problem: &'p Problem) -> Self {
        Self {
            problem,
            places: Places::new(problem),
            catalog: Catalog::new(problem),
            contested: contested_targets(problem),
            current: problem.current.iter().map(|now| ((now.request, now.target), place_of(now))).collect(),
        }
    }

    fn is_free(&self, entry: &Assignment) -> bool {
        let stays = self.current.get(&(entry.request, entry.target)) == Some(&place_of(entry));
        let competes = self.is_contested(entry) && !self.catalog.controls_nothing(narrow(entry.model));
        self.problem.sharing_of(entry.request) == Sharing::On && !stays && !competes
    }

    fn is_contested(&self, entry: &Assignment) -> bool {
        self.contested.get(entry.request).is_some_and(|list| list[entry.target])
    }

    /// The places of a target, but not the one that it leaves: that it goes is decided. No controller comes to where
    /// controllers compete.
    fn free(&self, entry: &Assignment) -> Free {
        let (place, now) = (place_of(entry), self.current.get(&(entry.request, entry.target)));
        let mut options = Vec::new();
        let contested = self.is_contested(entry);
        let may =
            |model: u32| !self.catalog.is_dominated(model) && (!contested || self.catalog.controls_nothing(model));
        self.places.visit(entry.request, entry.target, |option| {
            if option == place || (Some(&option) != now && may(option.model)) {
                options.push(option);
            }
            Go::On
        });
        Free { request: narrow(entry.request), target: narrow(entry.target), place, options }
    }
}

fn place_of(entry: &Assignment) -> Place {
    Place { node: narrow(entry.node), model: narrow(entry.model) }
}
