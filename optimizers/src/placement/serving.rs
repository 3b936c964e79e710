//! Who is served by which instance, where instances serve a limited number or need more for each E2 node.
//!
//! Given what is open, E2 nodes are assigned one by one, those with the fewest E2Ts in reach first. Where
//! only the E2 termination of all slots in loops is limited, an E2 node that finds no room moves others
//! along an augmenting path, so that an assignment is found if there is one. Where several are, loops
//! couple their choices and this is a heuristic: [`super::exact`] then reads the choices off its program.

use super::loops::{Chain, Loops, NOWHERE, Open, best_chain};
use super::problem::{E2T, Problem};

/// Nowhere yet.
const UNSERVED: usize = usize::MAX;
/// How often E2 nodes that found no room are tried first, where choices are coupled.
const ROUNDS: usize = 4;

/// How many E2 nodes each instance may serve, by slot and compute node; `None` for any number.
pub type Caps = Vec<Vec<Option<usize>>>;

/// Whether several slots in loops are limited: then E2Ts cannot be chosen without the others.
pub fn is_coupled(loops: &Loops<'_>) -> bool {
    loops.looped_slots().into_iter().filter(|slot| loops.problem.is_limited(*slot)).count()
        > usize::from(loops.problem.is_limited(E2T))
}

/// The places by slot and E2 node, or the E2 nodes that find no room and the instances that are full.
pub fn serve(loops: &Loops<'_>, open: &Open, caps: Option<&Caps>) -> Result<Vec<Vec<usize>>, Unserved> {
    serve_slots(loops, open, caps, Slots::All)
}

/// The same for the slots in loops only; the places of the others say nothing.
pub fn serve_loops(loops: &Loops<'_>, open: &Open) -> Result<Vec<Vec<usize>>, Unserved> {
    serve_slots(loops, open, None, Slots::Looped)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slots {
    All,
    Looped,
}

fn serve_slots(loops: &Loops<'_>, open: &Open, caps: Option<&Caps>, slots: Slots) -> Result<Vec<Vec<usize>>, Unserved> {
    let mut first: Vec<usize> = Vec::new();
    let rounds = if is_coupled(loops) { ROUNDS } else { 1 };
    for round in 1.. {
        let mut serving = Serving::new(loops, open, caps, slots);
        let unserved = serving.run(&first);
        if unserved.is_empty() {
            return Ok(serving.places);
        }
        if round >= rounds || unserved.iter().all(|e2| first.contains(e2)) {
            return Err(Unserved { full: serving.full_instances(), e2_nodes: unserved });
        }
        first.splice(0..0, unserved);
        first.dedup();
    }
    Err(Unserved::default())
}

/// What was left over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unserved {
    /// The E2 nodes, increasing.
    pub e2_nodes: Vec<usize>,
    /// Instances with no room for another E2 node.
    pub full: Vec<(usize, usize)>,
}

struct Serving<'a> {
    loops: &'a Loops<'a>,
    open: &'a Open,
    caps: Option<&'a Caps>,
    slots: Slots,
    coupled: bool,
    places: Vec<Vec<usize>>,
    /// By slot and compute node.
    served: Vec<Vec<usize>>,
    /// What the instances leave, by compute node and resource; empty where unlimited.
    room: Vec<Vec<i64>>,
    /// The best chains of the open E2Ts by class, with what was full when they were found.
    chains: Vec<Vec<Chain>>,
}

impl<'a> Serving<'a> {
    fn new(loops: &'a Loops<'a>, open: &'a Open, caps: Option<&'a Caps>, slots: Slots) -> Self {
        let problem = loops.problem;
        let (count, nodes) = (problem.components.len(), problem.compute_nodes);
        let mut room: Vec<Vec<i64>> = problem.capacity.iter().map(|most| most.clone().unwrap_or_default()).collect();
        for (slot, places) in open.iter().enumerate() {
            for &node in places {
                room[node].iter_mut().zip(&problem.components[slot].demand).for_each(|(room, need)| *room -= need);
            }
        }
        let mut serving = Self {
            loops,
            open,
            caps,
            slots,
            coupled: is_coupled(loops),
            places: vec![vec![UNSERVED; problem.e2_nodes]; count],
            served: vec![vec![0; nodes]; count],
            room,
            chains: Vec::new(),
        };
        serving.find_chains();
        serving
    }

    /// The best chains through instances that have room. Full E2Ts keep theirs: they may be made room in.
    fn find_chains(&mut self) {
        let mut open = self.open.clone();
        for (slot, places) in open.iter_mut().enumerate().filter(|(slot, _)| *slot != E2T) {
            places.retain(|node| !self.is_full(slot, *node));
        }
        let chains =
            |class| self.open[E2T].iter().filter_map(|e2t| best_chain(self.loops, class, &open, *e2t)).collect();
        self.chains = (0..self.loops.classes.len()).map(chains).collect();
    }

    fn is_full(&self, slot: usize, node: usize) -> bool {
        let problem = self.loops.problem;
        let served = self.served[slot][node];
        problem.components[slot].serves_at_most.is_some_and(|most| served >= most)
            || self.caps.is_some_and(|caps| caps[slot][node].is_some_and(|most| served >= most))
            || self.room[node].iter().enumerate().any(|(at, room)| {
                let more = problem.demand_per_e2(slot, at);
                more > 0 && more > *room
            })
    }

    fn full_instances(&self) -> Vec<(usize, usize)> {
        let limited = (0..self.open.len()).filter(|slot| self.loops.problem.is_limited(*slot));
        let instances = limited.flat_map(|slot| self.open[slot].iter().map(move |node| (slot, *node)));
        instances.filter(|(slot, node)| self.is_full(*slot, *node)).collect()
    }

    /// Serves everybody it can, `first` before the others; says who is left.
    fn run(&mut self, first: &[usize]) -> Vec<usize> {
        let problem = self.loops.problem;
        let mut order: Vec<(bool, usize, usize)> = Vec::with_capacity(problem.e2_nodes);
        order.extend((0..problem.e2_nodes).map(|e2| (!first.contains(&e2), self.covering(e2).count(), e2)));
        order.sort_unstable();
        let mut unserved = Vec::new();
        for (.., e2) in order {
            if !(self.serve_one(e2) || self.can_augment() && self.augment(e2)) {
                unserved.push(e2);
            }
        }
        unserved.sort_unstable();
        unserved
    }

    fn can_augment(&self) -> bool {
        !self.coupled && self.loops.problem.is_limited(E2T)
    }

    /// Chains that reach an E2 node.
    fn covering(&self, e2: usize) -> impl Iterator<Item = &Chain> {
        let chains = self.chains[self.loops.class_of[e2]].iter();
        chains.filter(move |chain| self.loops.problem.to_compute(e2, chain.places[E2T]) <= chain.radius)
    }

    /// Serves an E2 node where it is served now, else from the nearest E2T with room.
    fn serve_one(&mut self, e2: usize) -> bool {
        let problem = self.loops.problem;
        let now = problem.current.as_ref().and_then(|current| current[E2T][e2]);
        let with_room = self.covering(e2).filter(|chain| !self.is_full(E2T, chain.places[E2T]));
        let best = with_room.min_by_key(|chain| {
            let e2t = chain.places[E2T];
            (now != Some(e2t), problem.to_compute(e2, e2t), e2t)
        });
        let Some(chain) = best.cloned() else { return false };
        self.take(e2, &chain)
    }

    /// Puts an E2 node on a chain, and on some instance of every slot that is in no loop.
    fn take(&mut self, e2: usize, chain: &Chain) -> bool {
        let mut taken: Vec<(usize, usize)> = Vec::with_capacity(chain.places.len());
        // One after the other: each takes of the room that those on the same node have left.
        let looped = chain.places.iter().copied().enumerate().filter(|(_, node)| *node != NOWHERE);
        let mut fits = looped.into_iter().all(|(slot, node)| self.put(slot, node, &mut taken));
        let all = self.slots == Slots::All;
        for slot in (0..chain.places.len()).filter(|slot| all && chain.places[*slot] == NOWHERE) {
            fits = fits && self.free_place(slot, e2).is_some_and(|node| self.put(slot, node, &mut taken));
        }
        if !fits {
            taken.into_iter().for_each(|(slot, node)| self.count(slot, node, -1));
            return false;
        }
        taken.into_iter().for_each(|(slot, node)| self.places[slot][e2] = node);
        let is_full = |slot: &usize| *slot != E2T && self.is_full(*slot, self.places[*slot][e2]);
        if self.coupled && self.loops.looped_slots().iter().any(is_full) {
            self.find_chains();
        }
        true
    }

    /// Counts one more E2 node on an instance; whether it had room.
    fn put(&mut self, slot: usize, node: usize, taken: &mut Vec<(usize, usize)>) -> bool {
        let room = !self.is_full(slot, node);
        if room {
            self.count(slot, node, 1);
            taken.push((slot, node));
        }
        room
    }

    fn free_place(&self, slot: usize, e2: usize) -> Option<usize> {
        let problem = self.loops.problem;
        let now = problem.current.as_ref().and_then(|current| current[slot][e2]);
        let allowed = &self.loops.classes[self.loops.class_of[e2]].allowed[slot];
        let places = self.open[slot].iter().copied().filter(|node| allowed[*node] && !self.is_full(slot, *node));
        places.min_by_key(|node| (now != Some(*node), problem.instance_cost(slot, *node), *node))
    }

    fn count(&mut self, slot: usize, node: usize, sign: i64) {
        self.served[slot][node] = self.served[slot][node].saturating_add_signed(sign as isize);
        for (resource, room) in self.room[node].iter_mut().enumerate() {
            *room -= sign * self.loops.problem.demand_per_e2(slot, resource);
        }
    }

    /// Makes room for `start` by moving others from E2T to E2T, along a shortest way.
    fn augment(&mut self, start: usize) -> bool {
        let mut queue = vec![start];
        // How each E2T was reached: by which E2 node of the queue.
        let mut reached: Vec<Option<usize>> = vec![None; self.loops.problem.compute_nodes];
        let mut next = 0;
        while next < queue.len() {
            let e2 = queue[next];
            next += 1;
            let within: Vec<usize> = self.covering(e2).map(|chain| chain.places[E2T]).collect();
            for e2t in within {
                if reached[e2t].is_some() {
                    continue;
                }
                reached[e2t] = Some(e2);
                if !self.is_full(E2T, e2t) {
                    return self.shift(start, e2t, &reached);
                }
                let here = self.places[E2T].iter().enumerate().filter(|(_, place)| **place == e2t);
                queue.extend(here.map(|(other, _)| other));
            }
        }
        false
    }

    /// Moves everybody on the way to `e2t` one step on; `start` comes in where the way begins.
    fn shift(&mut self, start: usize, mut e2t: usize, reached: &[Option<usize>]) -> bool {
        while let Some(e2) = reached[e2t] {
            let Some(chain) = self.covering(e2).find(|chain| chain.places[E2T] == e2t).cloned() else { return false };
            if e2 == start {
                return self.take(e2, &chain);
            }
            let left = self.places[E2T][e2];
            for (slot, place) in chain.places.iter().enumerate().filter(|(_, place)| **place != NOWHERE) {
                self.count(slot, self.places[slot][e2], -1);
                self.places[slot][e2] = *place;
                self.count(slot, *place, 1);
            }
            e2t = left;
        }
        false
    }
}

/// The standby of every E2 node, by slot: another E2T in another place, with its best chain. `None` if one
/// has none. Slots in no loop are those that serve.
pub fn stand_by(loops: &Loops<'_>, chains: &[Chain], serving: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
    let problem: &Problem = loops.problem;
    let mut standby = serving.to_vec();
    for e2 in 0..problem.e2_nodes {
        let first = serving[E2T][e2];
        let now = problem.current_standby.get(E2T).and_then(|places| places[e2]);
        let able = chains.iter().filter(|chain| {
            let e2t = chain.places[E2T];
            let apart = e2t != first && !problem.is_too_close(E2T, first, e2t);
            apart && problem.to_compute(e2, e2t) <= chain.radius
        });
        let chain = able.min_by_key(|chain| {
            let e2t = chain.places[E2T];
            (now != Some(e2t), problem.to_compute(e2, e2t), e2t)
        })?;
        for (slot, place) in chain.places.iter().enumerate().filter(|(_, place)| **place != NOWHERE) {
            standby[slot][e2] = *place;
        }
    }
    Some(standby)
}
