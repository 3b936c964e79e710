//! Why pins cannot hold: a minimal conflict, and the smallest change of each of its parts.
//!
//! Only pins force anything (a request without a pin may be rejected), so only pinned requests are looked
//! at. Items, with ids for whoever maps them to lines: `pin 0`, `exclusion 1`, `capacity 2` (of a node),
//! `latency 3 0` and `performance 3 0` (of a request's target), `controls 4` (what a model controls).

use ranform_network::Control;

use super::limits::Limits;
use super::problem::{Bound, Problem};
use super::solve::solve_once;
use super::validate::MAX_NUMBER;
use crate::conflict::{Conflict, Relaxation, needed, smallest};

/// The most questions asked of the solver.
const MOST_QUESTIONS: usize = 2_000;

/// A part of a problem that may be to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Pin(usize),
    Exclusion(usize),
    Capacity(usize),
    Latency(usize, usize),
    Performance(usize, usize),
    Controls(usize),
}

impl Item {
    fn id(self) -> String {
        match self {
            Self::Pin(pin) => format!("pin {pin}"),
            Self::Exclusion(rule) => format!("exclusion {rule}"),
            Self::Capacity(node) => format!("capacity {node}"),
            Self::Latency(request, target) => format!("latency {request} {target}"),
            Self::Performance(request, target) => format!("performance {request} {target}"),
            Self::Controls(model) => format!("controls {model}"),
        }
    }
}

/// The conflict of an infeasible problem.
pub fn conflict(problem: &Problem, control: &dyn Control) -> Conflict {
    let mut asking = Asking { problem, control, questions: 0, unanswered: false };
    let items = needed(asking.items(), |items| asking.is_possible(&asking.with_only(items)));
    let minimal = !asking.unanswered;
    let relaxations = items.iter().flat_map(|item| asking.relaxations(*item)).collect();
    Conflict { items: items.into_iter().map(Item::id).collect(), minimal, relaxations }
}

struct Asking<'a> {
    problem: &'a Problem,
    control: &'a dyn Control,
    questions: usize,
    unanswered: bool,
}

impl Asking<'_> {
    /// In the order of preference to keep: what comes first is dropped first.
    fn items(&self) -> Vec<Item> {
        let problem = self.problem;
        let mut pinned: Vec<usize> = problem.pinned.iter().map(|pin| pin.request).collect();
        pinned.sort_unstable();
        pinned.dedup();
        let targets = |of: fn(usize, usize) -> Item| -> Vec<Item> {
            let targets = |request: usize| (0..problem.requests[request].targets.len()).map(move |at| of(request, at));
            pinned.iter().flat_map(|request| targets(*request)).collect()
        };
        let mut items: Vec<Item> = (0..problem.nodes.len()).map(Item::Capacity).collect();
        items.extend((0..problem.models.len()).map(Item::Controls));
        items.extend(targets(Item::Performance));
        items.extend(targets(Item::Latency));
        items.extend((0..problem.excluded.len()).map(Item::Exclusion));
        items.extend((0..problem.pinned.len()).map(Item::Pin));
        items
    }

    /// The pinned requests with only these items in force.
    fn with_only(&self, items: &[Item]) -> Problem {
        let mut problem = Problem { current: Vec::new(), move_cost: 0, ..self.problem.clone() };
        let has = |item: Item| items.contains(&item);
        for (at, request) in problem.requests.iter_mut().enumerate() {
            for (index, target) in request.targets.iter_mut().enumerate() {
                if !has(Item::Latency(at, index)) {
                    target.latency_ns = MAX_NUMBER;
                }
                if !has(Item::Performance(at, index)) {
                    target.performance = Bound::AtLeast(0);
                }
            }
            if !self.problem.pinned.iter().any(|pin| pin.request == at) {
                request.targets.clear();
            }
        }
        for (node, entry) in problem.nodes.iter_mut().enumerate().filter(|(node, _)| !has(Item::Capacity(*node))) {
            // A RIC whose room is in its bins has none of its own, whatever is left out.
            let is_shell = self.problem.nodes.iter().any(|other| other.bin && other.parent == Some(node));
            if !is_shell {
                entry.capacity.fill(MAX_NUMBER);
            }
        }
        for (model, entry) in problem.models.iter_mut().enumerate() {
            if !has(Item::Controls(model)) {
                entry.controls.clear();
            }
        }
        let kept = |at: &usize, of: fn(usize) -> Item| items.contains(&of(*at));
        let pins = self.problem.pinned.iter().enumerate().filter(|(at, _)| kept(at, Item::Pin));
        problem.pinned = pins.map(|(_, pin)| *pin).collect();
        let rules = self.problem.excluded.iter().enumerate().filter(|(at, _)| kept(at, Item::Exclusion));
        problem.excluded = rules.map(|(_, rule)| *rule).collect();
        problem
    }

    /// Whether the pins of a problem can hold; `None` if that was not found out.
    fn is_possible(&mut self, problem: &Problem) -> Option<bool> {
        self.questions += 1;
        let answer = if self.questions > MOST_QUESTIONS || self.control.should_stop() {
            None
        } else {
            solve_once(problem, Limits::counted(self.control)).ok()
        };
        let possible = answer.and_then(|(answer, _)| match (answer.value, answer.bound) {
            (Some(_), _) => Some(true),
            (None, None) => Some(false),
            (None, Some(_)) => None,
        });
        self.unanswered |= possible.is_none();
        possible
    }

    /// The smallest changes of one item that make the whole problem possible.
    fn relaxations(&mut self, item: Item) -> Vec<Relaxation> {
        let told = |change: String| Relaxation { item: item.id(), change };
        let whole = self.with_only(&self.items());
        match item {
            Item::Capacity(node) => {
                let mut changes = Vec::new();
                for (resource, name) in self.problem.resources.iter().enumerate() {
                    let now = whole.nodes[node].capacity[resource];
                    let found = smallest(now, MAX_NUMBER, |amount| {
                        let mut problem = whole.clone();
                        problem.nodes[node].capacity[resource] = amount;
                        self.is_possible(&problem)
                    });
                    changes.extend(found.map(|amount| told(format!("{} more {name}", amount - now))));
                }
                changes
            }
            Item::Latency(request, target) => {
                let now = whole.requests[request].targets[target].latency_ns;
                let found = smallest(now, MAX_NUMBER, |limit| {
                    let mut problem = whole.clone();
                    problem.requests[request].targets[target].latency_ns = limit;
                    self.is_possible(&problem)
                });
                found.map(|limit| told(format!("latency_ns {limit}"))).into_iter().collect()
            }
            Item::Performance(request, target) => {
                let bound = whole.requests[request].targets[target].performance;
                let mut with = |performance: Bound| {
                    let mut problem = whole.clone();
                    problem.requests[request].targets[target].performance = performance;
                    self.is_possible(&problem)
                };
                let found = match bound {
                    Bound::AtMost(now) => {
                        let found = smallest(now, MAX_NUMBER, |bound| with(Bound::AtMost(bound)));
                        found.map(|bound| format!("at_most {bound}"))
                    }
                    // Looser is less: searched downwards.
                    Bound::AtLeast(now) => {
                        let found = smallest(-now, 0, |bound| with(Bound::AtLeast(-bound)));
                        found.map(|bound| format!("at_least {}", -bound))
                    }
                };
                found.map(told).into_iter().collect()
            }
            Item::Pin(_) | Item::Exclusion(_) | Item::Controls(_) => {
                let rest: Vec<Item> = self.items().into_iter().filter(|other| *other != item).collect();
                let possible = self.is_possible(&self.with_only(&rest)) == Some(true);
                possible.then(|| told("leave it out".to_owned())).into_iter().collect()
            }
        }
    }
}
