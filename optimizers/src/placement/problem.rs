//! The numbers of a placement problem, checked once, so that no solver has to doubt them.
//!
//! [`Problem`] is what every strategy, [`super::verify`] and [`super::explain`] read. It comes from the
//! exchange format (`super::format`) or from the network; both go through [`Problem::check`].
//! Latencies are whole numbers of `latency_unit_us`, one way; [`UNREACHABLE`] stands for no path.

use crate::exchange::{DocumentCode, DocumentError};

/// No path: added to anything it stays above every budget.
pub const UNREACHABLE: i32 = 1 << 29;

/// The largest latency of one leg. With chains of at most [`LONGEST_CHAIN`] no sum reaches [`UNREACHABLE`].
pub const LARGEST_LATENCY: i32 = 1 << 24;

/// The most xApps a chain may pass through after its head.
pub const LONGEST_CHAIN: usize = 8;

/// The largest total of all costs, and of all demands of a resource: exact in a double.
pub const LARGEST_TOTAL: i64 = 1 << 50;

/// The slot of the management component; it is in no loop.
pub const MANAGEMENT: usize = 0;
/// The slot of the E2 termination.
pub const E2T: usize = 1;
/// The slot of the shared data layer.
pub const SDL: usize = 2;
/// The slot of the database behind the shared data layer.
pub const NIB: usize = 3;
/// The slot of the first xApp.
pub const FIRST_XAPP: usize = 4;
/// The names of the slots before the xApps, as the exchange format spells them.
pub const NAMES: [&str; 4] = ["management", "e2t", "sdl", "nib"];

/// A placement problem. Matrices are stored row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Microseconds per unit of latency and budget.
    pub latency_unit_us: u64,
    /// Names of the resources that nodes have and components need.
    pub resources: Vec<String>,
    /// Number of E2 nodes.
    pub e2_nodes: usize,
    /// Number of compute nodes.
    pub compute_nodes: usize,
    /// One-way latency, E2 node by compute node.
    pub latency_e2: Vec<i32>,
    /// One-way latency, compute node by compute node, from row to column.
    pub latency_compute: Vec<i32>,
    /// Cost of using a compute node at all.
    pub fixed_cost: Vec<i64>,
    /// Capacity per resource, or unlimited.
    pub capacity: Vec<Option<Vec<i64>>>,
    /// What is placed, by slot: [`MANAGEMENT`], [`E2T`], [`SDL`], [`NIB`], then the xApps.
    pub components: Vec<Component>,
    /// The placement in force, by slot and E2 node; entries may be absent.
    pub current: Option<Vec<Vec<Option<usize>>>>,
    /// The standbys in force, likewise; empty where there are none.
    pub current_standby: Vec<Vec<Option<usize>>>,
    /// Instances (slot, compute node) that run as well and serve none of these E2 nodes.
    pub also_running: Vec<(usize, usize)>,
    /// Components that must be where they are told.
    pub pins: Vec<Pin>,
    /// Where components must not be.
    pub exclusions: Vec<Exclusion>,
    /// Price of every instance that runs where it does not run in `current`.
    pub move_cost: i64,
    /// The most instances that may run where they do not run in `current`; without one it says nothing.
    pub most_moves: Option<i64>,
    /// Components whose instances stay apart.
    pub spreads: Vec<Spread>,
}

/// A component: an instance of it on a compute node costs once, however many E2 nodes it serves, and
/// demands once, and a little more for each E2 node where that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Cost of an instance, by compute node.
    pub cost: Vec<i64>,
    /// What an instance needs, by resource.
    pub demand: Vec<i64>,
    /// Time added to a round trip per visit.
    pub processing: i64,
    /// The round-trip budget of its control loop; xApps only, and none for an xApp without a loop of its own.
    pub loop_budget: Option<i64>,
    /// Whether a visit to this xApp includes the trip to the shared data layer and the database.
    pub uses_sdl: bool,
    /// The slots of the xApps the loop passes through afterwards, in order.
    pub chain: Vec<usize>,
    /// What an instance needs more for each E2 node it serves, by resource; empty for nothing.
    pub demand_per_e2: Vec<i64>,
    /// The most E2 nodes that one instance serves; none for any number.
    pub serves_at_most: Option<usize>,
}

/// No two instances of a component in one place (a site, a region).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The slot.
    pub component: usize,
    /// The place of each compute node; `None` for one that shares its place with no other.
    pub places: Vec<Option<usize>>,
    /// Whether each E2 node also needs a second E2 termination, in another place, with open instances
    /// of everything else that keep its loops within budget (E2 termination only). Its load is not reserved.
    pub standby: bool,
}

/// A component must be on this compute node, for some E2 nodes or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The slot.
    pub component: usize,
    /// The compute node.
    pub compute: usize,
    /// The E2 nodes served from there; `None` for all of them.
    pub e2: Option<Vec<usize>>,
}

/// A component, or everything, must not be on this compute node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The slot, or `None` for all.
    pub component: Option<usize>,
    /// The compute node.
    pub compute: usize,
}

impl Problem {
    /// Latency from E2 node `e2` to compute node `node`.
    pub fn to_compute(&self, e2: usize, node: usize) -> i32 {
        self.latency_e2[e2 * self.compute_nodes + node]
    }

    /// Latency from compute node `from` to compute node `to`.
    pub fn between(&self, from: usize, to: usize) -> i32 {
        self.latency_compute[from * self.compute_nodes + to]
    }

    /// The name of a slot in messages and in the exchange format, e.g. `e2t` or `xapp 0`.
    pub fn name(&self, slot: usize) -> String {
        match NAMES.get(slot) {
            Some(name) => (*name).to_owned(),
            None => format!("xapp {}", slot - FIRST_XAPP),
        }
    }

    /// The slots of the xApps.
    pub fn xapps(&self) -> std::ops::Range<usize> {
        FIRST_XAPP..self.components.len()
    }

    /// The slots that a loop headed by `xapp` visits, in order: itself, then its chain.
    pub fn visits(&self, xapp: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::once(xapp).chain(self.components[xapp].chain.iter().copied())
    }

    /// The largest one-way sum that the loop of `xapp` allows: `floor((budget - processing) / 2)`.
    /// Negative when processing alone exceeds the budget; `None` for an xApp without a loop.
    pub fn half_budget(&self, xapp: usize) -> Option<i32> {
        let budget = self.components[xapp].loop_budget?;
        let mut processing = self.components[E2T].processing;
        for visited in self.visits(xapp) {
            processing += self.components[visited].processing;
            if self.components[visited].uses_sdl {
                processing += self.components[SDL].processing + self.components[NIB].processing;
            }
        }
        let half = (budget - processing).div_euclid(2).clamp(-1, i64::from(UNREACHABLE) - 1);
        i32::try_from(half).ok()
    }

    /// Whether some instance of `slot` runs on `node` in the placement in force.
    pub fn runs_now(&self, slot: usize, node: usize) -> bool {
        let serves =
            |current: &Vec<Vec<Option<usize>>>| current.get(slot).is_some_and(|places| places.contains(&Some(node)));
        self.also_running.contains(&(slot, node))
            || self.current.as_ref().is_some_and(serves)
            || serves(&self.current_standby)
    }

    /// Whether an instance of `slot` on `node` would be a move away from the placement in force.
    pub fn is_move(&self, slot: usize, node: usize) -> bool {
        self.current.is_some() && !self.runs_now(slot, node)
    }

    /// The most moves allowed, where they are limited.
    pub fn moves_allowed(&self) -> Option<i64> {
        self.most_moves.filter(|_| self.current.is_some())
    }

    /// Cost of an instance, with the price of starting it where there is a placement in force.
    pub fn instance_cost(&self, slot: usize, node: usize) -> i64 {
        self.components[slot].cost[node] + if self.is_move(slot, node) { self.move_cost } else { 0 }
    }

    /// Whether an exclusion forbids `slot` on `node`.
    pub fn is_excluded(&self, slot: usize, node: usize) -> bool {
        self.exclusions.iter().any(|rule| rule.compute == node && rule.component.is_none_or(|one| one == slot))
    }

    /// What an instance of `slot` needs of a resource more for each E2 node it serves.
    pub fn demand_per_e2(&self, slot: usize, resource: usize) -> i64 {
        self.components[slot].demand_per_e2.get(resource).copied().unwrap_or(0)
    }

    /// Whether it matters how many E2 nodes an instance of `slot` serves.
    pub fn is_limited(&self, slot: usize) -> bool {
        let component = &self.components[slot];
        component.serves_at_most.is_some_and(|most| most < self.e2_nodes)
            || component.demand_per_e2.iter().any(|more| *more > 0)
    }

    /// Whether that matters for any slot: then E2 nodes are assigned one by one.
    pub fn is_assigned(&self) -> bool {
        (0..self.components.len()).any(|slot| self.is_limited(slot))
    }

    /// Whether each E2 node needs a second E2 termination.
    pub fn needs_standby(&self) -> bool {
        self.spreads.iter().any(|spread| spread.standby)
    }

    /// Whether instances of `slot` on these two compute nodes (different ones) would be in one place.
    pub fn is_too_close(&self, slot: usize, a: usize, b: usize) -> bool {
        let of_slot = self.spreads.iter().filter(|spread| spread.component == slot);
        of_slot.into_iter().any(|spread| spread.places[a].is_some() && spread.places[a] == spread.places[b])
    }
}

pub(super) fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

pub(super) fn out_of_range(message: impl Into<String>) -> DocumentError {
    DocumentError::new(DocumentCode::OutOfRange, message)
}

pub(super) fn inconsistent(message: impl Into<String>) -> DocumentError {
    DocumentError::new(DocumentCode::Inconsistent, message)
}
