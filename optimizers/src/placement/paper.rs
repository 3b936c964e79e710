//! The `paper` strategy: Algorithm 1 of RIC-O as written, greedy and without looking back.
//!
//! First every component of every E2 node goes to the closest compute node with room (lines 1-3); then,
//! E2 node by E2 node, management, E2T, xApps, SDL and NIB move to the cheapest compute node that has room and
//! keeps the loops of this E2 node (lines 6-9). Where the first step leaves a loop late or finds no
//! room, nothing is found. Ties go to the compute node that comes first. No bound.

use ranform_network::{AnswerStatus, Control};

use super::cover::complete;
use super::loops::Loops;
use super::problem::{E2T, FIRST_XAPP, MANAGEMENT, NIB, Problem, SDL};
use super::{Answer, Placement, verify};

/// Runs Algorithm 1.
pub fn solve(problem: &Problem, control: &dyn Control) -> Answer {
    let placement = Greedy::new(problem).run(control);
    Answer {
        status: if placement.is_some() { AnswerStatus::Feasible } else { AnswerStatus::Unknown },
        bound: placement.as_ref().map(|_| 0),
        placement,
        steps: problem.e2_nodes as u64,
        proved_by: "nothing: greedy".to_owned(),
        conflict: None,
    }
}

struct Greedy<'a> {
    problem: &'a Problem,
    placement: Placement,
    /// How many E2 nodes each (slot, compute node) serves.
    served: Vec<Vec<usize>>,
    load: Vec<Vec<i64>>,
}

impl<'a> Greedy<'a> {
    fn new(problem: &'a Problem) -> Self {
        let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
        let places = vec![vec![usize::MAX; problem.e2_nodes]; slots];
        Self {
            problem,
            placement: Placement { places, ..Placement::default() },
            served: vec![vec![0; nodes]; slots],
            load: vec![vec![0; problem.resources.len()]; nodes],
        }
    }

    fn run(mut self, control: &dyn Control) -> Option<Placement> {
        let problem = self.problem;
        let order: Vec<usize> = [MANAGEMENT, E2T].into_iter().chain(problem.xapps()).chain([SDL, NIB]).collect();
        for e2 in 0..problem.e2_nodes {
            let mut closest: Vec<usize> = (0..problem.compute_nodes).collect();
            closest.sort_by_key(|node| (problem.to_compute(e2, *node), *node));
            for &slot in &order {
                let node = closest.iter().copied().find(|node| self.may(slot, e2, *node))?;
                self.put(slot, e2, node);
            }
        }
        for &slot in &order {
            self.cheapest_first(slot, control)?;
        }
        // The algorithm knows no standbys; where they are asked for, what it opened may do.
        let open = (0..problem.components.len()).map(|slot| {
            let served = self.served[slot].iter().enumerate().filter(|(_, served)| **served > 0);
            served.map(|(node, _)| node).collect()
        });
        let placement = complete(&Loops::new(problem), &open.collect(), self.placement.places)?;
        verify::is_legal(problem, &placement).then_some(placement)
    }

    /// Re-places one component of every E2 node at the cheapest compute node that will do.
    fn cheapest_first(&mut self, slot: usize, control: &dyn Control) -> Option<()> {
        let problem = self.problem;
        let mut cheapest: Vec<usize> = (0..problem.compute_nodes).collect();
        cheapest.sort_by_key(|node| (problem.fixed_cost[*node] + problem.instance_cost(slot, *node), *node));
        for e2 in 0..problem.e2_nodes {
            if control.should_stop() {
                return None;
            }
            let before = self.placement.places[slot][e2];
            for &node in &cheapest {
                if node == before {
                    break;
                }
                if !self.may(slot, e2, node) {
                    continue;
                }
                self.put(slot, e2, node);
                if slot == MANAGEMENT || self.keeps_loops(e2) {
                    break;
                }
                self.put(slot, e2, before);
            }
        }
        Some(())
    }

    fn keeps_loops(&self, e2: usize) -> bool {
        (FIRST_XAPP..self.problem.components.len()).all(|xapp| {
            let Some(budget) = self.problem.components[xapp].loop_budget else { return true };
            verify::round_trip(self.problem, &self.placement, e2, xapp).is_some_and(|trip| trip <= budget)
        })
    }

    /// Whether a component of an E2 node may be on a compute node: pins, exclusions and room.
    fn may(&self, slot: usize, e2: usize, node: usize) -> bool {
        let problem = self.problem;
        let concerns =
            |pin: &&super::problem::Pin| pin.component == slot && pin.e2.as_ref().is_none_or(|list| list.contains(&e2));
        if problem.is_excluded(slot, node) || problem.pins.iter().filter(concerns).any(|pin| pin.compute != node) {
            return false;
        }
        let component = &problem.components[slot];
        let is_new = self.served[slot][node] == 0;
        let too_close = |other: usize| other != node && problem.is_too_close(slot, other, node);
        if component.serves_at_most.is_some_and(|most| self.served[slot][node] >= most)
            || is_new && (0..problem.compute_nodes).any(|other| self.served[slot][other] > 0 && too_close(other))
        {
            return false;
        }
        problem.capacity[node].iter().flatten().enumerate().all(|(resource, most)| {
            let base = if is_new { component.demand[resource] } else { 0 };
            self.load[node][resource] + base + problem.demand_per_e2(slot, resource) <= *most
        })
    }

    fn put(&mut self, slot: usize, e2: usize, node: usize) {
        let before = std::mem::replace(&mut self.placement.places[slot][e2], node);
        if before != usize::MAX {
            self.served[slot][before] -= 1;
            self.add_load(before, slot, -1);
        }
        self.served[slot][node] += 1;
        self.add_load(node, slot, 1);
    }

    /// One E2 node more or less; an instance starts with the first and ends with the last.
    fn add_load(&mut self, node: usize, slot: usize, sign: i64) {
        let is_edge = self.served[slot][node] == usize::from(sign > 0);
        for (resource, load) in self.load[node].iter_mut().enumerate() {
            let base = if is_edge { self.problem.components[slot].demand[resource] } else { 0 };
            *load += sign * (base + self.problem.demand_per_e2(slot, resource));
        }
    }
}
