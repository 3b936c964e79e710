//! What the numbers of a placement problem must obey: sizes, ranges, totals, chains, rules.

use super::problem::{
    E2T, FIRST_XAPP, LARGEST_LATENCY, LARGEST_TOTAL, LONGEST_CHAIN, Problem, UNREACHABLE, inconsistent, out_of_range,
    shown,
};
use crate::exchange::{DocumentCode, DocumentError};

impl Problem {
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
            if !component.demand_per_e2.is_empty() {
                size(&format!("demand_per_e2 of {}", self.name(slot)), component.demand_per_e2.len(), resources)?;
            }
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
        not_negative("most_moves", &[self.most_moves.unwrap_or(0)])?;
        for (node, capacity) in self.capacity.iter().enumerate() {
            not_negative(&format!("capacity of compute node {node}"), capacity.as_deref().unwrap_or_default())?;
        }
        for (slot, component) in self.components.iter().enumerate() {
            let name = self.name(slot);
            not_negative(&format!("cost of {name}"), &component.cost)?;
            not_negative(&format!("demand of {name}"), &component.demand)?;
            not_negative(&format!("demand_per_e2 of {name}"), &component.demand_per_e2)?;
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
            let more = (0..self.components.len()).map(|slot| self.demand_per_e2(slot, resource));
            let more: Vec<i64> = more.map(|more| more.saturating_mul(as_count(self.e2_nodes))).collect();
            total(&format!("demands of `{}`", shown(name)), demands.chain(&more))?;
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
        self.check_spreads()?;
        for &(slot, node) in &self.also_running {
            below("component", slot, slots, "running")?;
            below("compute", node, nodes, "running")?;
        }
        let standby = Some(&self.current_standby).filter(|standby| !standby.is_empty());
        for current in self.current.iter().chain(standby) {
            size("current", current.len(), slots)?;
            for (slot, places) in current.iter().enumerate() {
                size(&format!("current places of {}", self.name(slot)), places.len(), self.e2_nodes)?;
                for &place in places.iter().flatten() {
                    below("place", place, nodes, "current")?;
                }
            }
        }
        Ok(())
    }

    fn check_spreads(&self) -> Result<(), DocumentError> {
        for spread in &self.spreads {
            below("component", spread.component, self.components.len(), "spread")?;
            size("places of spread", spread.places.len(), self.compute_nodes)?;
            if spread.standby && spread.component != E2T {
                return Err(inconsistent("`spread` asks for a `standby`, which only e2t can have"));
            }
        }
        for slot in 0..self.components.len() {
            if self.components[slot].serves_at_most == Some(0) {
                return Err(out_of_range(format!("`serves_at_most` of {} must be at least 1", self.name(slot))));
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

fn as_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
