//! Why nothing fits: a minimal conflict, and the smallest relaxation of each of its parts.
//!
//! A conflict is a set of items (budgets, E2 nodes, capacities, pins, exclusions) that cannot hold
//! together. The deletion filter drops what is not needed, in halves and then one by one; what is left
//! is minimal if every question was answered, and the conflict says so. Items have plain ids
//! (`budget xapp 0`, `e2 3`, `capacity 2`, `pin 0`, `exclusion 1`), which the runner maps to intent lines.

use super::exact::{self, Settings};
use super::problem::{FIRST_XAPP, LARGEST_TOTAL, Problem};
use crate::conflict::{needed, smallest};
use ranform_network::{AnswerStatus, Control};

pub use crate::conflict::{Conflict, Relaxation};

/// The most questions asked of the solver, each a placement problem of its own.
const MOST_QUESTIONS: usize = 400;

/// A part of a problem that may be to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The loop budget of the xApp with this index.
    Budget(usize),
    /// That this E2 node is served.
    E2(usize),
    /// The capacity of this compute node.
    Capacity(usize),
    /// The pin with this index.
    Pin(usize),
    /// The exclusion with this index.
    Exclusion(usize),
    /// How many E2 nodes an instance of this slot serves.
    Limit(usize),
    /// The spread with this index.
    Spread(usize),
    /// The moves allowed from the placement in force.
    Moves,
}

impl Item {
    /// The plain id, e.g. `budget xapp 0` or `limit e2t`.
    pub fn id(self, problem: &Problem) -> String {
        match self {
            Self::Budget(xapp) => format!("budget xapp {xapp}"),
            Self::E2(e2) => format!("e2 {e2}"),
            Self::Capacity(node) => format!("capacity {node}"),
            Self::Pin(pin) => format!("pin {pin}"),
            Self::Exclusion(exclusion) => format!("exclusion {exclusion}"),
            Self::Limit(slot) => format!("limit {}", problem.name(slot)),
            Self::Spread(spread) => format!("spread {spread}"),
            Self::Moves => "most_moves".to_owned(),
        }
    }
}

/// The conflict of an infeasible problem.
pub fn explain(problem: &Problem, control: &dyn Control) -> Conflict {
    let mut asking = Asking { problem, control, questions: 0, unanswered: false };
    // Halves first: most of hundreds of E2 nodes are not to blame.
    let items = needed(asking.all_items(), |items| asking.is_possible(&asking.with_only(items)));
    let minimal = !asking.unanswered;
    let relaxations = items.iter().flat_map(|item| asking.relaxations(*item)).collect();
    Conflict { items: items.into_iter().map(|item| item.id(problem)).collect(), minimal, relaxations }
}

struct Asking<'a> {
    problem: &'a Problem,
    control: &'a dyn Control,
    questions: usize,
    unanswered: bool,
}

impl Asking<'_> {
    fn all_items(&self) -> Vec<Item> {
        let problem = self.problem;
        let budgets = problem.xapps().filter(|xapp| problem.components[*xapp].loop_budget.is_some());
        let limited = (0..problem.compute_nodes).filter(|node| problem.capacity[*node].is_some());
        // The order is that of preference to keep: what comes last is dropped last.
        let items = limited.map(Item::Capacity).chain((0..problem.e2_nodes).map(Item::E2));
        let rules = (0..problem.exclusions.len()).map(Item::Exclusion).chain((0..problem.pins.len()).map(Item::Pin));
        let limited = (0..problem.components.len()).filter(|slot| problem.components[*slot].serves_at_most.is_some());
        let rules = rules.chain((0..problem.spreads.len()).map(Item::Spread)).chain(limited.map(Item::Limit));
        let rules = rules.chain(problem.moves_allowed().map(|_| Item::Moves));
        items.chain(rules).chain(budgets.map(|slot| Item::Budget(slot - FIRST_XAPP))).collect()
    }

    /// The problem with only these items in force.
    fn with_only(&self, items: &[Item]) -> Problem {
        let mut problem = self.problem.clone();
        problem.move_cost = 0;
        if !items.contains(&Item::Moves) {
            problem.current = None;
            problem.current_standby = Vec::new();
            problem.most_moves = None;
        }
        let kept: Vec<usize> = (0..problem.e2_nodes).filter(|e2| items.contains(&Item::E2(*e2))).collect();
        // What runs still runs when the E2 nodes it serves are left out.
        let places = problem.current.iter().flatten().chain(&problem.current_standby).enumerate();
        let slots = problem.components.len();
        let running = places.flat_map(|(row, places)| places.iter().flatten().map(move |node| (row % slots, *node)));
        problem.also_running.extend(running.collect::<std::collections::BTreeSet<_>>());
        for places in problem.current.iter_mut().flatten().chain(&mut problem.current_standby) {
            *places = kept.iter().map(|e2| places[*e2]).collect();
        }
        for xapp in FIRST_XAPP..problem.components.len() {
            if !items.contains(&Item::Budget(xapp - FIRST_XAPP)) {
                problem.components[xapp].loop_budget = None;
            }
        }
        for (node, capacity) in problem.capacity.iter_mut().enumerate() {
            if !items.contains(&Item::Capacity(node)) {
                *capacity = None;
            }
        }
        let nodes = problem.compute_nodes;
        problem.latency_e2 =
            kept.iter().flat_map(|e2| self.problem.latency_e2[e2 * nodes..(e2 + 1) * nodes].to_vec()).collect();
        problem.e2_nodes = kept.len();
        let pins = problem.pins.iter().enumerate().filter(|(at, _)| items.contains(&Item::Pin(*at)));
        problem.pins = pins
            .map(|(_, pin)| {
                let mut pin = pin.clone();
                pin.e2 = pin.e2.map(|list| list.iter().filter_map(|e2| kept.binary_search(e2).ok()).collect());
                pin
            })
            .collect();
        let rules = problem.exclusions.iter().enumerate().filter(|(at, _)| items.contains(&Item::Exclusion(*at)));
        problem.exclusions = rules.map(|(_, rule)| rule.clone()).collect();
        let spreads = problem.spreads.iter().enumerate().filter(|(at, _)| items.contains(&Item::Spread(*at)));
        problem.spreads = spreads.map(|(_, spread)| spread.clone()).collect();
        for slot in 0..problem.components.len() {
            if !items.contains(&Item::Limit(slot)) {
                problem.components[slot].serves_at_most = None;
            }
        }
        problem
    }

    /// Whether a problem has any placement; `None` if that was not found out.
    fn is_possible(&mut self, problem: &Problem) -> Option<bool> {
        self.questions += 1;
        let answer = if self.questions > MOST_QUESTIONS || self.control.should_stop() {
            None
        } else {
            // Any placement will do, so the first one ends the search.
            exact::solve(problem, &Settings { gap: 1.0, ..Settings::default() }, self.control).ok()
        };
        let possible = answer.and_then(|answer| match answer.status {
            AnswerStatus::Optimal | AnswerStatus::Feasible => Some(true),
            AnswerStatus::Infeasible => Some(false),
            AnswerStatus::Unknown => None,
        });
        self.unanswered |= possible.is_none();
        possible
    }

    /// The smallest changes of one item that make the whole problem possible.
    fn relaxations(&mut self, item: Item) -> Vec<Relaxation> {
        let whole = self.problem.clone();
        let id = item.id(&whole);
        let told = |change: String| Relaxation { item: id.clone(), change };
        match item {
            Item::Budget(xapp) => {
                let slot = xapp + FIRST_XAPP;
                let now = whole.components[slot].loop_budget.unwrap_or(0);
                let found = self.smallest(now, |budget| {
                    let mut problem = whole.clone();
                    problem.components[slot].loop_budget = Some(budget);
                    problem
                });
                found.map(|budget| told(format!("loop_budget {budget}"))).into_iter().collect()
            }
            Item::Capacity(node) => {
                let mut changes = Vec::new();
                for (resource, name) in whole.resources.iter().enumerate() {
                    let now = whole.capacity[node].as_ref().map_or(0, |most| most[resource]);
                    let found = self.smallest(now, |amount| {
                        let mut problem = whole.clone();
                        if let Some(most) = &mut problem.capacity[node] {
                            most[resource] = amount;
                        }
                        problem
                    });
                    changes.extend(found.map(|amount| told(format!("{} more {name}", amount - now))));
                }
                changes
            }
            Item::Limit(slot) => {
                let now = whole.components[slot].serves_at_most.unwrap_or(0);
                let found = self.smallest(i64::try_from(now).unwrap_or(i64::MAX), |most| {
                    let mut problem = whole.clone();
                    problem.components[slot].serves_at_most = usize::try_from(most).ok();
                    problem
                });
                found.map(|most| told(format!("serves_at_most {most}"))).into_iter().collect()
            }
            Item::Moves => {
                let now = whole.most_moves.unwrap_or(0);
                let found = self.smallest(now, |most| Problem { most_moves: Some(most), ..whole.clone() });
                found.map(|most| told(format!("most_moves {most}"))).into_iter().collect()
            }
            Item::E2(_) | Item::Pin(_) | Item::Exclusion(_) | Item::Spread(_) => {
                let rest: Vec<Item> = self.all_items().into_iter().filter(|other| *other != item).collect();
                let possible = self.is_possible(&self.with_only(&rest)) == Some(true);
                possible.then(|| told("leave it out".to_owned())).into_iter().collect()
            }
        }
    }

    /// The smallest number above `now` for which `with` makes a possible problem.
    fn smallest(&mut self, now: i64, with: impl Fn(i64) -> Problem) -> Option<i64> {
        smallest(now, LARGEST_TOTAL, |number| self.is_possible(&with(number)))
    }
}
