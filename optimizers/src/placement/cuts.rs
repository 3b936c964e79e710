//! Cuts of stage B: an E2 node within a claimed radius needs the rest of a chain near that E2T.
//!
//! All cuts have one shape. Take an E2 node `i` and a set `F` of places (of all slots but E2T). Some
//! E2Ts could serve `i` with a chain inside `F`; call them good. Then in every placement a good E2T
//! claims to reach `i`, or something outside `F` is open:
//!
//! ```text
//! Σ_(t good) wide[k,t,lat(i,t)] + need·Σ_((c,m) not in F) open[c,m] >= need
//! ```
//!
//! where `need` is how many E2Ts `i` needs. Where E2 nodes are assigned to instances, the claim is that
//! `i` is assigned to `t`, and the places of a limited slot are those that `i` is assigned to.
//!
//! Two ways to find `F`: per slot, a smallest cut between E2Ts and places (exact, for fractional
//! solutions); and growing what a whole solution has open as long as `i` stays uncovered.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::loops::{Loops, best_chain};
use super::master::Master;
use super::problem::{E2T, Problem};
use super::random::Random;
use super::reach::{Need, Reach, Row};

/// `Σ claims + need·Σ places >= need`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    claims: Vec<usize>,
    places: Vec<usize>,
    need: u8,
}

impl Cut {
    fn new(mut claims: Vec<usize>, mut places: Vec<usize>, need: Need) -> Self {
        claims.sort_unstable();
        places.sort_unstable();
        Self { claims, places, need: if need == Need::Twice { 2 } else { 1 } }
    }

    /// The left side: columns and coefficients.
    pub fn terms(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let need = self.need();
        self.claims.iter().map(|column| (*column, 1.0)).chain(self.places.iter().map(move |column| (*column, need)))
    }

    /// The right side.
    pub fn need(&self) -> f64 {
        f64::from(self.need)
    }
}

/// Places that decide whether a claim is true, as (slot, node, column).
type Critical = Vec<(usize, usize, usize)>;

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
            .flat_map_iter(|row| this.slots.iter().filter_map(|slot| this.smallest_cut(master, values, row, *slot)))
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
                let mut random = Random::new(seed ^ ((*row as u64) << 20));
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
    fn claims(&self, master: &Master, row: &Row) -> Vec<(usize, i32, usize)> {
        let problem = self.problem();
        (0..problem.compute_nodes)
            .filter_map(|e2t| {
                let latency = problem.to_compute(row.e2, e2t);
                let serves = latency <= self.reach.radii[row.class].limit[e2t];
                Some((e2t, latency, master.claim(row, e2t, latency).filter(|_| serves)?))
            })
            .collect()
    }

    fn is_near(&self, class: usize, slot: usize, e2t: usize, place: usize, latency: i32) -> bool {
        self.reach.radii[class].with[slot][e2t * self.problem().compute_nodes + place] >= latency
    }

    fn smallest_cut(&self, master: &Master, values: &[f64], row: &Row, slot: usize) -> Option<Cut> {
        let claims = self.claims(master, row);
        let nodes = 0..self.problem().compute_nodes;
        let places: Vec<(usize, usize)> =
            nodes.filter_map(|node| Some((node, master.place(row, slot, node)?))).collect();
        let need = row.need.count() as f64;
        let left: Vec<usize> = (0..claims.len()).filter(|at| values[claims[*at].2] > TINY).collect();
        let right: Vec<usize> = (0..places.len()).filter(|at| values[places[*at].1] > TINY).collect();
        let near = |claim: usize, place: usize| {
            let (e2t, latency, _) = claims[claim];
            self.is_near(row.class, slot, e2t, places[place].0, latency)
        };
        let supply: Vec<f64> = left.iter().map(|at| values[claims[*at].2]).collect();
        let room: Vec<f64> = right.iter().map(|at| need * values[places[*at].1]).collect();
        let edges: Vec<Vec<usize>> =
            left.iter().map(|claim| (0..right.len()).filter(|at| near(*claim, right[*at])).collect()).collect();
        let (flow, reached) = max_flow(supply, room, &edges);
        if flow > need * (1.0 - VIOLATION) {
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
        let outside = outside.map(|claim| claims[claim].2).collect();
        let paying = places.iter().zip(&pays).filter(|(_, pays)| **pays).map(|((_, column), _)| *column);
        Some(Cut::new(outside, paying.collect(), row.need))
    }

    /// Grows `F` from the most open places on while no E2T with a claim on the row becomes good. Where
    /// true and false claims stand side by side, those that are good with what is rather open are let be.
    fn grow(&self, master: &Master, values: &[f64], row: usize, blur: u32, random: &mut Random) -> Option<Cut> {
        let row = &self.reach.rows[row];
        let claims = self.claims(master, row);
        let mut strict: Vec<(usize, i32)> =
            claims.iter().filter(|claim| values[claim.2] > TINY).map(|claim| (claim.0, claim.1)).collect();
        let (mut inside, critical) = self.split(master, row, &strict);
        let good = |strict: &(usize, i32), inside: &[Vec<bool>]| self.is_good(row.class, strict.0, strict.1, inside);
        if row.need != Need::Once && blur == 0 {
            let rather_open = with_rather_open(&inside, values, &critical);
            strict.retain(|claim| !good(claim, &rather_open));
        }
        // With nothing but E2Ts in loops a claim needs no chain, and there is nothing to cut.
        if strict.is_empty() || strict.iter().any(|claim| good(claim, &inside)) {
            return None;
        }
        let mut ordered: Vec<(u64, usize, usize, usize)> = Vec::with_capacity(critical.len());
        for (slot, node, column) in critical {
            let noise = if blur > 0 { random.next() % 1000 } else { 0 };
            ordered.push((u64::MAX - (((values[column] * 1e6) as u64) << 10) - noise, slot, node, column));
        }
        ordered.sort_unstable();
        let need = row.need.count() as f64;
        let mut paid = 0.0;
        for (_, slot, node, column) in ordered {
            inside[slot][node] = true;
            let is_near = |claim: &(usize, i32)| self.is_near(row.class, slot, claim.0, node, claim.1);
            if strict.iter().any(|claim| is_near(claim) && good(claim, &inside)) {
                inside[slot][node] = false;
                paid += need * values[column];
                if paid > need * (1.0 - VIOLATION) {
                    return None;
                }
            }
        }
        let is_left = |claim: &&(usize, i32, usize)| {
            let claim = (claim.0, claim.1);
            !strict.contains(&claim) && good(&claim, &inside)
        };
        let left: Vec<usize> = claims.iter().filter(is_left).map(|claim| claim.2).collect();
        paid += left.iter().map(|column| values[*column]).sum::<f64>();
        let outside = self.slots.iter().flat_map(|&slot| {
            let nodes = inside[slot].iter().enumerate().filter(|(_, inside)| !**inside);
            nodes.filter_map(move |(node, _)| master.place(row, slot, node))
        });
        (paid <= need * (1.0 - VIOLATION)).then(|| Cut::new(left, outside.collect(), row.need))
    }

    /// Places that no claim could use are inside from the start; the others as (slot, node, column).
    fn split(&self, master: &Master, row: &Row, strict: &[(usize, i32)]) -> (Vec<Vec<bool>>, Critical) {
        let nodes = self.problem().compute_nodes;
        let mut inside = vec![vec![false; nodes]; master.open.len()];
        let mut critical = Vec::new();
        for &slot in &self.slots {
            for (node, inside) in inside[slot].iter_mut().enumerate() {
                let Some(column) = master.place(row, slot, node) else { continue };
                if strict.iter().any(|(e2t, latency)| self.is_near(row.class, slot, *e2t, node, *latency)) {
                    critical.push((slot, node, column));
                } else {
                    *inside = true;
                }
            }
        }
        (inside, critical)
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

/// `inside` with the critical (slot, node, column) that are rather open than not.
fn with_rather_open(inside: &[Vec<bool>], values: &[f64], critical: &[(usize, usize, usize)]) -> Vec<Vec<bool>> {
    let mut inside = inside.to_vec();
    for (slot, node, _) in critical.iter().filter(|(.., column)| values[*column] > 0.5) {
        inside[*slot][*node] = true;
    }
    inside
}

/// The largest flow from left (supplies) to right (rooms) along edges, and which left vertices can
/// still send: the source side of a smallest cut.
pub(super) fn max_flow(mut supply: Vec<f64>, mut room: Vec<f64>, edges: &[Vec<usize>]) -> (f64, Vec<bool>) {
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
