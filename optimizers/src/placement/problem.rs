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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Components that must be where they are told.
    pub pins: Vec<Pin>,
    /// Where components must not be.
    pub exclusions: Vec<Exclusion>,
    /// Price of every instance that runs where it does not run in `current`.
    pub move_cost: i64,
}

/// A component: an instance of it on a compute node costs and demands once, however many E2 nodes it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        self.current.as_ref().is_some_and(|current| current[slot].contains(&Some(node)))
    }

    /// Cost of an instance, with the price of starting it where there is a placement in force.
    pub fn instance_cost(&self, slot: usize, node: usize) -> i64 {
        let moved = self.current.is_some() && !self.runs_now(slot, node);
        self.components[slot].cost[node] + if moved { self.move_cost } else { 0 }
    }

    /// Whether an exclusion forbids `slot` on `node`.
    pub fn is_excluded(&self, slot: usize, node: usize) -> bool {
        self.exclusions.iter().any(|rule| rule.compute == node && rule.component.is_none_or(|one| one == slot))
    }

    /// Checks everything a solver relies on. The first contradiction found is told.
    pub fn check(&self) -> Result<(), DocumentError> {
        self.check_sizes()?;
        self.check_numbers()?;
        self.check_totals()?;
        self.check_chains()?;
        self.check_rules()
    }

    fn check_sizes(&self) -> Result<(), DocumentError> {
        let (nodes, resources) = (self.compute_nodes, self.resources.len());
        size("latency_e2_compute", self.latency_e2.len(), self.e2_nodes.saturating_mul(nodes))?;
        size("latency_compute", self.latency_compute.len(), nodes.saturating_mul(nodes))?;
        size("fixed_cost", self.fixed_cost.len(), nodes)?;
        size("capacity", self.capacity.len(), nodes)?;
        for (node, capacity) in self.capacity.iter().enumerate() {
            if let Some(capacity) = capacity {
                size(&format!("capacity of compute node {node}"), capacity.len(), resources)?;
            }
        }
        for (slot, component) in self.components.iter().enumerate() {
            size(&format!("cost of {}", self.name(slot)), component.cost.len(), nodes)?;
            size(&format!("demand of {}", self.name(slot)), component.demand.len(), resources)?;
        }
        if self.components.len() < FIRST_XAPP {
            return Err(DocumentError::new(DocumentCode::WrongSize, "management, e2t, sdl and nib are all needed"));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), DocumentError> {
        let legal = |latency: &i32| (0..=LARGEST_LATENCY).contains(latency) || *latency == UNREACHABLE;
        for (name, matrix) in [("latency_e2_compute", &self.latency_e2), ("latency_compute", &self.latency_compute)] {
            if let Some(at) = matrix.iter().position(|latency| !legal(latency)) {
                let place = format!("{name}[{}][{}]", at / self.compute_nodes, at % self.compute_nodes);
                return Err(out_of_range(format!(
                    "`{place}` must be from 0 to {LARGEST_LATENCY}, or null for no path"
                )));
            }
        }
        if self.latency_unit_us == 0 {
            return Err(out_of_range("`latency_unit_us` must be at least 1"));
        }
        not_negative("fixed_cost", &self.fixed_cost)?;
        not_negative("move_cost", &[self.move_cost])?;
        for (node, capacity) in self.capacity.iter().enumerate() {
            not_negative(&format!("capacity of compute node {node}"), capacity.as_deref().unwrap_or_default())?;
        }
        for (slot, component) in self.components.iter().enumerate() {
            let name = self.name(slot);
            not_negative(&format!("cost of {name}"), &component.cost)?;
            not_negative(&format!("demand of {name}"), &component.demand)?;
            not_negative(&format!("processing of {name}"), &[component.processing])?;
            not_negative(&format!("loop_budget of {name}"), &[component.loop_budget.unwrap_or(0)])?;
        }
        Ok(())
    }

    fn check_totals(&self) -> Result<(), DocumentError> {
        let costs = self.components.iter().flat_map(|component| &component.cost).chain(&self.fixed_cost);
        let moves = (0..self.components.len() * self.compute_nodes).map(|_| &self.move_cost);
        total("costs", costs.chain(moves))?;
        total("processing times", self.components.iter().map(|component| &component.processing))?;
        for (resource, name) in self.resources.iter().enumerate() {
            let demands = self.components.iter().map(|component| &component.demand[resource]);
            total(&format!("demands of `{}`", shown(name)), demands)?;
        }
        Ok(())
    }

    fn check_chains(&self) -> Result<(), DocumentError> {
        let mut chained_by: Vec<Option<usize>> = vec![None; self.components.len()];
        for head in self.xapps() {
            let chain = &self.components[head].chain;
            let name = self.name(head);
            if chain.len() > LONGEST_CHAIN {
                return Err(out_of_range(format!("the chain of {name} has more than {LONGEST_CHAIN} members")));
            }
            for &member in chain {
                if !self.xapps().contains(&member) {
                    return Err(inconsistent(format!("the chain of {name} names an xapp that does not exist")));
                }
                let member_name = self.name(member);
                if member == head || !self.components[member].chain.is_empty() {
                    let help = "a member of a chain heads no chain";
                    return Err(inconsistent(format!("the chain of {name} passes through {member_name}: {help}")));
                }
                if let Some(other) = chained_by[member].replace(head) {
                    let other = self.name(other);
                    return Err(inconsistent(format!("{member_name} is twice in chains ({other} and {name})")));
                }
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), DocumentError> {
        let (slots, nodes) = (self.components.len(), self.compute_nodes);
        for pin in &self.pins {
            below("component", pin.component, slots, "pinned")?;
            below("compute", pin.compute, nodes, "pinned")?;
            for &e2 in pin.e2.iter().flatten() {
                below("e2", e2, self.e2_nodes, "pinned")?;
            }
        }
        for exclusion in &self.exclusions {
            below("component", exclusion.component.unwrap_or(0), slots, "excluded")?;
            below("compute", exclusion.compute, nodes, "excluded")?;
        }
        let Some(current) = &self.current else { return Ok(()) };
        size("current", current.len(), slots)?;
        for (slot, places) in current.iter().enumerate() {
            size(&format!("current places of {}", self.name(slot)), places.len(), self.e2_nodes)?;
            for &place in places.iter().flatten() {
                below("place", place, nodes, "current")?;
            }
        }
        Ok(())
    }
}

fn size(what: &str, found: usize, expected: usize) -> Result<(), DocumentError> {
    if found == expected {
        return Ok(());
    }
    Err(DocumentError::new(DocumentCode::WrongSize, format!("`{what}` has {found} entries, expected {expected}")))
}

fn not_negative(what: &str, numbers: &[i64]) -> Result<(), DocumentError> {
    match numbers.iter().find(|number| **number < 0) {
        Some(number) => Err(out_of_range(format!("`{what}` contains {number}, which is negative"))),
        None => Ok(()),
    }
}

fn total<'a>(what: &str, numbers: impl Iterator<Item = &'a i64>) -> Result<(), DocumentError> {
    let sum = numbers.fold(0_i64, |sum, number| sum.saturating_add(*number));
    if sum > LARGEST_TOTAL {
        return Err(out_of_range(format!("the {what} add up to more than {LARGEST_TOTAL}")));
    }
    Ok(())
}

fn below(what: &str, found: usize, limit: usize, place: &str) -> Result<(), DocumentError> {
    if found < limit {
        return Ok(());
    }
    Err(out_of_range(format!("`{place}` names {what} {found}, but there are {limit}")))
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
