//! Cuts of stage B: an E2 node within a claimed radius needs the rest of a chain near that E2T.
//!
//! All cuts have one shape. Take an E2 node `i` and a set `F` of places (of all slots but E2T). Some
//! E2Ts could serve `i` with a chain inside `F`; call them good. Then in every placement a good E2T
//! claims to reach `i`, or something outside `F` is open:
//!
//! ```text
//! Σ_(t good) wide[k,t,lat(i,t)] + Σ_((c,m) not in F) open[c,m] >= 1
//! ```
//!
//! Two ways to find `F`: per slot, a smallest cut between E2Ts and places (exact, for fractional
//! solutions); and growing what a whole solution has open as long as `i` stays uncovered.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::loops::{Loops, best_chain};
use super::master::Master;
use super::problem::{E2T, Problem};
use super::random::Random;
use super::reach::Reach;

/// Columns of which at least one (in sum) must be one.
pub type Cut = Vec<usize>;

const TINY: f64 = 1e-7;
/// By how much a fractional solution must break a cut for it to be added.
const VIOLATION: f64 = 1e-3;

/// Finds cuts and remembers which were found.
pub struct Cuts<'a> {
    loops: &'a Loops<'a>,
    reach: &'a Reach,
    slots: Vec<usize>,
    known: BTreeSet<Cut>,
}

impl<'a> Cuts<'a> {
    /// No cuts yet.
    pub fn new(loops: &'a Loops<'a>, reach: &'a Reach) -> Self {
        let slots = loops.looped_slots().into_iter().filter(|slot| *slot != E2T).collect();
        Self { loops, reach, slots, known: BTreeSet::new() }
    }

    fn problem(&self) -> &'a Problem {
        self.loops.problem
    }

    /// Cuts that a fractional solution breaks: one smallest cut per E2 node and slot.
    pub fn between_slots(&mut self, master: &Master, values: &[f64]) -> Vec<Cut> {
        let this = &*self;
        let found: Vec<Cut> = this
            .reach
            .rows
            .par_iter()
            .flat_map_iter(|row| this.slots.iter().filter_map(|slot| this.smallest_cut(master, values, *row, *slot)))
            .collect();
        self.fresh(found)
    }

    /// Cuts for E2 nodes that a solution leaves uncovered or covers by claims only: `F` grown from what is
    /// open, by decreasing value. Good for whole solutions; tried on fractional ones when others run out.
    pub fn grown(&mut self, master: &Master, values: &[f64], rows: &[usize], seed: u64) -> Vec<Cut> {
        let this = &*self;
        let found: Vec<Cut> = rows
            .par_iter()
            .flat_map_iter(|row| {
                let mut random = Random::new(seed ^ (*row as u64) << 20);
                [0, 1]
                    .into_iter()
                    .filter_map(|blur| this.grow(master, values, *row, blur, &mut random))
                    .collect::<Vec<_>>()
            })
            .collect();
        self.fresh(found)
    }

    /// Allows a cut to be found again after it was thrown away.
    pub fn forget(&mut self, cut: &Cut) {
        self.known.remove(cut);
    }

    fn fresh(&mut self, found: Vec<Cut>) -> Vec<Cut> {
        found.into_iter().filter(|cut| self.known.insert(cut.clone())).collect()
    }

    /// E2T places that can serve a row, with latency and claim.
    fn claims(&self, master: &Master, (class, e2): (usize, usize)) -> Vec<(usize, i32, usize)> {
        let problem = self.problem();
        (0..problem.compute_nodes)
            .filter_map(|e2t| {
                let latency = problem.to_compute(e2, e2t);
                let serves = latency <= self.reach.radii[class].limit[e2t];
                Some((e2t, latency, master.claim(class, e2t, latency).filter(|_| serves)?))
            })
            .collect()
    }

    fn is_near(&self, class: usize, slot: usize, e2t: usize, place: usize, latency: i32) -> bool {
        self.reach.radii[class].with[slot][e2t * self.problem().compute_nodes + place] >= latency
    }

    fn smallest_cut(&self, master: &Master, values: &[f64], row: (usize, usize), slot: usize) -> Option<Cut> {
        let claims = self.claims(master, row);
        let places: Vec<(usize, usize)> =
            master.open[slot].iter().enumerate().filter_map(|(node, column)| Some((node, (*column)?))).collect();
        let left: Vec<usize> = (0..claims.len()).filter(|at| values[claims[*at].2] > TINY).collect();
        let right: Vec<usize> = (0..places.len()).filter(|at| values[places[*at].1] > TINY).collect();
        let near = |claim: usize, place: usize| {
            let (e2t, latency, _) = claims[claim];
            self.is_near(row.0, slot, e2t, places[place].0, latency)
        };
        let supply: Vec<f64> = left.iter().map(|at| values[claims[*at].2]).collect();
        let room: Vec<f64> = right.iter().map(|at| values[places[*at].1]).collect();
        let edges: Vec<Vec<usize>> =
            left.iter().map(|claim| (0..right.len()).filter(|at| near(*claim, right[*at])).collect()).collect();
        let (flow, reached) = max_flow(supply, room, &edges);
        if flow > 1.0 - VIOLATION {
            return None;
        }
        // Claims on the source side pay nothing; the places near any of them do. Claims whose near
        // places all pay anyway join them.
        let mut pays = vec![false; places.len()];
        for (at, _) in left.iter().enumerate().filter(|(at, _)| reached[*at]) {
            for (place, pays) in pays.iter_mut().enumerate() {
                *pays |= near(left[at], place);
            }
        }
        let outside =
            (0..claims.len()).filter(|claim| (0..places.len()).any(|place| !pays[place] && near(*claim, place)));
        let mut cut: Cut = outside.map(|claim| claims[claim].2).collect();
        cut.extend(places.iter().zip(&pays).filter(|(_, pays)| **pays).map(|((_, column), _)| *column));
        cut.sort_unstable();
        Some(cut)
    }

    /// Grows `F` from the most open places on while no E2T with a claim on the row becomes good.
    fn grow(&self, master: &Master, values: &[f64], row: usize, blur: u32, random: &mut Random) -> Option<Cut> {
        let (class, e2) = self.reach.rows[row];
        let claims = self.claims(master, (class, e2));
        let strict: Vec<(usize, i32)> =
            claims.iter().filter(|claim| values[claim.2] > TINY).map(|claim| (claim.0, claim.1)).collect();
        let mut inside = vec![vec![false; self.problem().compute_nodes]; master.open.len()];
        let mut critical: Vec<(u64, usize, usize)> = Vec::new();
        for &slot in &self.slots {
            for (node, column) in master.open[slot].iter().enumerate() {
                let Some(column) = column else { continue };
                if strict.iter().any(|(e2t, latency)| self.is_near(class, slot, *e2t, node, *latency)) {
                    let weight = (values[*column] * 1e6) as u64;
                    let noise = if blur > 0 { random.next() % 1000 } else { 0 };
                    critical.push((u64::MAX - (weight << 10) - noise, slot, node));
                } else {
                    inside[slot][node] = true;
                }
            }
        }
        // With nothing but E2Ts in loops a claim needs no chain, and there is nothing to cut.
        if strict.iter().any(|(e2t, latency)| self.is_good(class, *e2t, *latency, &inside)) {
            return None;
        }
        critical.sort_unstable();
        let mut paid = 0.0;
        for (_, slot, node) in critical {
            inside[slot][node] = true;
            if strict.iter().any(|(e2t, latency)| {
                self.is_near(class, slot, *e2t, node, *latency) && self.is_good(class, *e2t, *latency, &inside)
            }) {
                inside[slot][node] = false;
                paid += master.open[slot][node].map_or(0.0, |column| values[column]);
                if paid > 1.0 - VIOLATION {
                    return None;
                }
            }
        }
        let good = claims.iter().filter(|(e2t, latency, _)| {
            !strict.contains(&(*e2t, *latency)) && self.is_good(class, *e2t, *latency, &inside)
        });
        let mut cut: Cut = good.map(|claim| claim.2).collect();
        for &slot in &self.slots {
            let outside = master.open[slot].iter().zip(&inside[slot]).filter(|(_, inside)| !**inside);
            cut.extend(outside.filter_map(|(column, _)| *column));
        }
        cut.sort_unstable();
        Some(cut)
    }

    /// Whether an E2T reaches `latency` with a chain inside.
    fn is_good(&self, class: usize, e2t: usize, latency: i32, inside: &[Vec<bool>]) -> bool {
        let mut open = vec![Vec::new(); inside.len()];
        for &slot in &self.slots {
            let near = |node: &usize| inside[slot][*node] && self.is_near(class, slot, e2t, *node, latency);
            open[slot] = (0..self.problem().compute_nodes).filter(near).collect();
            if open[slot].is_empty() {
                return false;
            }
        }
        open[E2T] = vec![e2t];
        best_chain(self.loops, class, &open, e2t).is_some_and(|chain| chain.radius >= latency)
    }
}

/// The largest flow from left (supplies) to right (rooms) along edges, and which left vertices can
/// still send: the source side of a smallest cut.
fn max_flow(mut supply: Vec<f64>, mut room: Vec<f64>, edges: &[Vec<usize>]) -> (f64, Vec<bool>) {
    let mut sent: Vec<Vec<f64>> = edges.iter().map(|edges| vec![0.0; edges.len()]).collect();
    let mut flow = 0.0;
    loop {
        // Breadth-first over left vertices; `via` is how a right vertex was reached.
        let mut reached: Vec<bool> = supply.iter().map(|supply| *supply > TINY).collect();
        let mut queue: Vec<usize> = (0..edges.len()).filter(|left| reached[*left]).collect();
        let mut via: Vec<Option<(usize, usize)>> = vec![None; room.len()];
        let mut back: Vec<Option<(usize, usize)>> = vec![None; edges.len()];
        let mut end = None;
        let mut next = 0;
        'search: while next < queue.len() {
            let left = queue[next];
            next += 1;
            for (edge, &right) in edges[left].iter().enumerate() {
                if via[right].is_some() {
                    continue;
                }
                via[right] = Some((left, edge));
                if room[right] > TINY {
                    end = Some(right);
                    break 'search;
                }
                for (other, others) in edges.iter().enumerate() {
                    let sent = others.iter().position(|to| *to == right).filter(|at| sent[other][*at] > TINY);
                    if let (Some(at), false) = (sent, reached[other]) {
                        reached[other] = true;
                        back[other] = Some((right, at));
                        queue.push(other);
                    }
                }
            }
        }
        let Some(end) = end else { return (flow, reached) };
        let path = path(end, &via, &back);
        let start = path.last().map_or(0, |(left, ..)| *left);
        let mut amount = supply[start].min(room[end]);
        for (left, edge, undo) in &path {
            if *undo {
                amount = amount.min(sent[*left][*edge]);
            }
        }
        for (left, edge, undo) in &path {
            sent[*left][*edge] += if *undo { -amount } else { amount };
        }
        supply[start] -= amount;
        room[end] -= amount;
        flow += amount;
    }
}

/// The augmenting path from its end back to a supply, as (left, edge, undo).
fn path(end: usize, via: &[Option<(usize, usize)>], back: &[Option<(usize, usize)>]) -> Vec<(usize, usize, bool)> {
    let mut steps = Vec::new();
    let mut right = end;
    while let Some((left, edge)) = via[right] {
        steps.push((left, edge, false));
        match back[left] {
            Some((before, undone)) => {
                steps.push((left, undone, true));
                right = before;
            }
            None => break,
        }
    }
    steps
}
