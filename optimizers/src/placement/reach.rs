//! Which places can serve which E2 nodes at all: the reductions before any solver runs.
//!
//! For every E2T place `t` and every other place `m` of a slot, the *radius with* `m`: how far an E2
//! node may be when everything else is chosen best. It never understates (chains are treated one SDL
//! at a time, members with own loops as if these were separate), so what is left out cannot serve.
//! E2 nodes whose needs another E2 node implies are dropped (most of them are).

use rayon::prelude::*;

use super::bits::Bits;
use super::loops::{Loop, Loops, add};
use super::problem::{E2T, NIB, Problem, SDL, UNREACHABLE};

/// What remains to be covered, and how.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Per class: radii.
    pub radii: Vec<Radii>,
    /// The E2 nodes left, those with the fewest E2T places first.
    pub rows: Vec<Row>,
    /// E2 nodes that no E2T can serve even if everything is open everywhere.
    pub hopeless: Vec<usize>,
}

/// Something to be covered by open E2Ts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The class whose places count.
    pub class: usize,
    /// The E2 node.
    pub e2: usize,
    /// By how many, and how.
    pub need: Need,
}

/// How an E2 node is to be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Some E2T can serve it.
    Once,
    /// Two E2Ts can serve it: one serves, one stands by.
    Twice,
    /// It is assigned to instances that serve a limited number.
    Assigned,
}

impl Need {
    /// How many E2Ts it takes.
    pub fn count(self) -> usize {
        if self == Self::Twice { 2 } else { 1 }
    }
}

/// Radii when everything allowed is open.
#[derive(Clone, Debug)]
pub struct Radii {
    /// Per E2T place: the largest radius; negative where it serves nobody.
    pub limit: Vec<i32>,
    /// Per slot: radius by E2T place (row) and place of the slot (column); empty for slots in no loop.
    pub with: Vec<Vec<i32>>,
}

/// Computes radii and drops implied E2 nodes.
pub fn reach(loops: &Loops<'_>) -> Reach {
    let radii: Vec<Radii> = (0..loops.classes.len()).map(|class| radii(loops, class)).collect();
    let problem = loops.problem;
    let mut candidates = Vec::new();
    let mut hopeless = Vec::new();
    for row in wanted(loops) {
        let limit = &radii[row.class].limit;
        let able = (0..problem.compute_nodes).map(|node| problem.to_compute(row.e2, node) <= limit[node]);
        let candidate = Candidate::new(problem, row, Bits::from_flags(able));
        if !candidate.is_possible(problem) {
            hopeless.push(row.e2);
        }
        candidates.push(candidate);
    }
    Reach { rows: undominated(problem, candidates), radii, hopeless }
}

/// What every E2 node needs. A row that asks for two E2Ts of a class asks for one as well.
fn wanted(loops: &Loops<'_>) -> Vec<Row> {
    let assigned = loops.is_assigned();
    let mut rows = Vec::new();
    for (e2, &class) in loops.class_of.iter().enumerate() {
        if assigned {
            rows.push(Row { class, e2, need: Need::Assigned });
        } else if loops.standby != Some(class) {
            rows.push(Row { class, e2, need: Need::Once });
        }
        rows.extend(loops.standby.map(|class| Row { class, e2, need: Need::Twice }));
    }
    rows
}

struct Candidate {
    row: Row,
    /// E2T places that may serve it.
    terminations: Bits,
    /// The latencies to them, summed up.
    sum: i64,
}

impl Candidate {
    fn new(problem: &Problem, row: Row, terminations: Bits) -> Self {
        let sum = terminations.iter().map(|node| i64::from(problem.to_compute(row.e2, node))).sum();
        Self { row, terminations, sum }
    }

    fn is_possible(&self, problem: &Problem) -> bool {
        let apart = |a: usize, b: usize| a != b && !problem.is_too_close(E2T, a, b);
        let another = |a: usize| self.terminations.iter().any(|b| apart(a, b));
        !self.terminations.is_empty() && (self.row.need != Need::Twice || self.terminations.iter().any(another))
    }

    /// Whether what covers `strict`, whose E2T places and latencies are given, covers this as well: it
    /// needs no more, from no fewer E2T places, and is no farther from any of them.
    fn is_implied_by(&self, strict: &Self, places: &[(usize, i32)], problem: &Problem) -> bool {
        strict.row.class == self.row.class
            && strict.row.need != Need::Assigned
            && strict.row.need >= self.row.need
            && strict.terminations.is_subset(&self.terminations)
            && places.iter().all(|(node, latency)| problem.to_compute(self.row.e2, *node) <= *latency)
    }
}

/// Drops rows that another one implies; rows that are assigned all stay.
fn undominated(problem: &Problem, mut rows: Vec<Candidate>) -> Vec<Row> {
    // A row can only be implied by one that comes earlier in this order.
    rows.sort_by_key(|one| {
        (one.terminations.count(), std::cmp::Reverse(one.sum), std::cmp::Reverse(one.row.need), one.row.e2)
    });
    let mut kept: Vec<(Candidate, Vec<(usize, i32)>)> = Vec::new();
    for one in rows {
        let assigned = one.row.need == Need::Assigned;
        if assigned || !kept.iter().any(|(strict, places)| one.is_implied_by(strict, places, problem)) {
            // Nothing is implied by an assigned row.
            let nodes = one.terminations.iter().filter(|_| !assigned);
            let places = nodes.map(|node| (node, problem.to_compute(one.row.e2, node))).collect();
            kept.push((one, places));
        }
    }
    kept.into_iter().map(|(one, _)| one.row).collect()
}

impl Reach {
    /// Per row, the places of `slot` that can serve it in some way.
    pub fn of_slot(&self, loops: &Loops<'_>, slot: usize) -> Vec<Bits> {
        let problem = loops.problem;
        let nodes = problem.compute_nodes;
        let widest: Vec<Vec<i32>> = self.radii.iter().map(|radii| radii.widest(slot, nodes)).collect();
        self.rows
            .par_iter()
            .map(|row| {
                let radii = &self.radii[row.class];
                let latency = |node: usize| problem.to_compute(row.e2, node);
                let mut e2ts: Vec<usize> = (0..nodes).filter(|node| latency(*node) <= radii.limit[*node]).collect();
                if slot == E2T {
                    return Bits::from_flags((0..nodes).map(|node| e2ts.binary_search(&node).is_ok()));
                }
                // Near E2Ts leave most slack: with them first, all that can be reached soon is.
                e2ts.sort_by_key(|node| latency(*node));
                let nearest = e2ts.first().map_or(UNREACHABLE, |node| latency(*node));
                let mut slack = vec![i32::MIN; nodes];
                for (at, node) in e2ts.into_iter().enumerate() {
                    let latency = latency(node);
                    let with = &radii.with[slot][node * nodes..(node + 1) * nodes];
                    for (slack, radius) in slack.iter_mut().zip(with) {
                        *slack = (*slack).max(*radius - latency);
                    }
                    let is_settled =
                        || slack.iter().zip(&widest[row.class]).all(|(slack, widest)| *slack >= 0 || *widest < nearest);
                    if at % ROUND == ROUND - 1 && is_settled() {
                        break;
                    }
                }
                Bits::from_flags(slack.into_iter().map(|slack| slack >= 0))
            })
            .collect()
    }
}

/// So many E2Ts or walks are looked at before it is asked whether more could change anything.
const ROUND: usize = 8;

impl Radii {
    /// The largest radius of any E2T with each place of a slot.
    fn widest(&self, slot: usize, nodes: usize) -> Vec<i32> {
        let mut widest = vec![i32::MIN; nodes];
        for row in self.with[slot].chunks(nodes.max(1)) {
            for (widest, radius) in widest.iter_mut().zip(row) {
                *widest = (*widest).max(*radius);
            }
        }
        widest
    }
}

fn radii(loops: &Loops<'_>, class: usize) -> Radii {
    let setting = Setting::new(loops, class);
    let (nodes, allowed) = (loops.problem.compute_nodes, setting.allowed);
    // One walk per SDL place (or one without any), each with its NIB nearest by.
    let databases: Vec<Option<(usize, i32)>> = if loops.is_looped(SDL) {
        let sdls = (0..nodes).filter(|sdl| allowed[SDL][*sdl]);
        sdls.map(|sdl| Some((sdl, setting.nearest_nib(sdl))))
            .filter(|at| at.is_some_and(|at| at.1 < UNREACHABLE))
            .collect()
    } else {
        vec![None]
    };
    let walks: Vec<Walks> = databases.into_par_iter().map(|database| Walks::new(&setting, database)).collect();
    let mut limit = vec![-1; nodes];
    for walk in &walks {
        for (limit, radius) in limit.iter_mut().zip(&walk.radius) {
            *limit = (*limit).max(*radius);
        }
    }
    // `most` bounds what any walk can raise a place to; where all places are there, the other walks change nothing.
    let best = |fill: &(dyn Fn(&Walks, usize, &mut [i32]) + Sync), most: &(dyn Fn(usize, usize) -> i32 + Sync)| {
        let mut matrix = vec![-1; nodes * nodes];
        matrix.par_chunks_mut(nodes.max(1)).enumerate().filter(|(e2t, _)| limit[*e2t] >= 0).for_each(|(e2t, row)| {
            let mut order: Vec<&Walks> = walks.iter().filter(|walk| walk.radius[e2t] >= 0).collect();
            order.sort_by_key(|walk| std::cmp::Reverse(walk.radius[e2t]));
            for (at, walk) in order.into_iter().enumerate() {
                fill(walk, e2t, row);
                let is_settled = || row.iter().enumerate().all(|(node, best)| *best >= most(e2t, node).min(limit[e2t]));
                if at % ROUND == ROUND - 1 && is_settled() {
                    break;
                }
            }
        });
        matrix
    };
    let mut with = vec![Vec::new(); loops.problem.components.len()];
    if loops.is_looped(SDL) {
        with[SDL] = best(&|walk, e2t, row| walk.raise_sdl(e2t, row), &|_, _| UNREACHABLE);
        with[NIB] = best(&|walk, e2t, row| walk.raise_nib(&setting, e2t, row), &|_, _| UNREACHABLE);
    }
    for (index, (slot, visited)) in setting.visited.iter().enumerate() {
        let same = setting.visited[..index].iter().find(|(_, earlier)| earlier == visited).map(|(slot, _)| *slot);
        with[*slot] = match same {
            Some(same) => with[same].clone(),
            None => {
                let shortest = shortest_tails(&walks, visited, nodes);
                let most = |e2t: usize, node: usize| {
                    let bounds = visited.iter().zip(&shortest).map(|(&(one, at), tail)| {
                        setting.distinct[one].half_budget - setting.legs[at][e2t * nodes + node] - tail[node]
                    });
                    bounds.min().unwrap_or(UNREACHABLE)
                };
                best(&|walk, e2t, row| walk.raise(&setting, e2t, visited, row), &most)
            }
        };
    }
    Radii { limit, with }
}

/// Per visit, the smallest cost to the end from each place over all walks.
fn shortest_tails(walks: &[Walks], visited: &[(usize, usize)], nodes: usize) -> Vec<Vec<i32>> {
    let of = |&(one, at): &(usize, usize)| {
        let mut shortest = vec![UNREACHABLE; nodes];
        for walk in walks {
            for (shortest, tail) in shortest.iter_mut().zip(&walk.tails[one][at]) {
                *shortest = (*shortest).min(*tail);
            }
        }
        shortest
    };
    visited.iter().map(of).collect()
}

/// What all walks of a class share.
struct Setting<'a> {
    problem: &'a Problem,
    allowed: &'a [Vec<bool>],
    /// The loops that differ; loops that are alike in budget, database trips and places are one.
    distinct: Vec<&'a Loop>,
    /// Per slot in loops: where it is visited, as (index into `distinct`, visit).
    visited: Vec<(usize, Vec<(usize, usize)>)>,
    /// Sums of `k + 1` legs from row to column, for `k` up to the longest chain.
    legs: Vec<Vec<i32>>,
}

impl<'a> Setting<'a> {
    fn new(loops: &'a Loops<'a>, class: usize) -> Self {
        let (problem, allowed) = (loops.problem, &loops.classes[class].allowed[..]);
        let alike = |a: &Loop, b: &Loop| {
            a.half_budget == b.half_budget
                && a.visits.len() == b.visits.len()
                && a.visits.iter().zip(&b.visits).all(|(a, b)| a.1 == b.1 && allowed[a.0] == allowed[b.0])
        };
        let mut distinct: Vec<&Loop> = Vec::new();
        let mut visited: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
        for one in &loops.all {
            let index = distinct.iter().position(|known| alike(known, one)).unwrap_or(distinct.len());
            if index == distinct.len() {
                distinct.push(one);
            }
            for (at, (slot, _)) in one.visits.iter().enumerate() {
                match visited.iter_mut().find(|(known, _)| known == slot) {
                    Some((_, places)) => places.push((index, at)),
                    None => visited.push((*slot, vec![(index, at)])),
                }
            }
        }
        let longest = distinct.iter().map(|one| one.visits.len()).max().unwrap_or(1);
        let mut legs = vec![problem.latency_compute.clone()];
        while legs.len() < longest {
            legs.push(one_more_leg(problem, &legs[legs.len() - 1]));
        }
        Self { problem, allowed, distinct, visited, legs }
    }

    fn nearest_nib(&self, sdl: usize) -> i32 {
        let legs = row(self.problem, sdl).iter().zip(&self.allowed[NIB]).filter(|(_, allowed)| **allowed);
        legs.map(|(leg, _)| *leg).min().unwrap_or(UNREACHABLE)
    }
}

fn one_more_leg(problem: &Problem, before: &[i32]) -> Vec<i32> {
    let nodes = problem.compute_nodes;
    let mut sums = vec![UNREACHABLE; nodes * nodes];
    sums.par_chunks_mut(nodes.max(1)).zip(before.par_chunks(nodes.max(1))).for_each(|(sums, before)| {
        for (from, way) in before.iter().enumerate() {
            for (sum, leg) in sums.iter_mut().zip(row(problem, from)) {
                *sum = (*sum).min(way + leg);
            }
        }
    });
    sums
}

/// Shortest walks to the end of every loop, for one SDL place with its nearest NIB.
struct Walks {
    database: Option<(usize, i32)>,
    /// Per distinct loop, per visit: the cost from being at a place (its own trip to the database included) to the end.
    tails: Vec<Vec<Vec<i32>>>,
    /// Per distinct loop: the slack left, by E2T place.
    slack: Vec<Vec<i32>>,
    /// The radius by E2T place: the smallest slack.
    radius: Vec<i32>,
}

impl Walks {
    fn new(setting: &Setting<'_>, database: Option<(usize, i32)>) -> Self {
        let nodes = setting.problem.compute_nodes;
        let tails: Vec<_> = setting.distinct.iter().map(|one| tails(setting, one, database)).collect();
        let mut radius: Vec<i32> =
            setting.allowed[E2T].iter().map(|allowed| if *allowed { UNREACHABLE } else { -1 }).collect();
        let mut slack = Vec::new();
        for (one, tails) in setting.distinct.iter().zip(&tails) {
            let sum = |e2t: usize| nearest_sum(row(setting.problem, e2t), &tails[0]);
            let slacks: Vec<i32> = (0..nodes).map(|e2t| one.half_budget - sum(e2t)).collect();
            for (radius, slack) in radius.iter_mut().zip(&slacks) {
                *radius = (*radius).min(*slack);
            }
            slack.push(slacks);
        }
        Self { database, tails, slack, radius }
    }

    fn raise_sdl(&self, e2t: usize, best: &mut [i32]) {
        if let Some((sdl, _)) = self.database {
            best[sdl] = best[sdl].max(self.radius[e2t]);
        }
    }

    /// Raises `best` to the radii with a slot that is visited at `visited` on each node.
    fn raise(&self, setting: &Setting<'_>, e2t: usize, visited: &[(usize, usize)], best: &mut [i32]) {
        let nodes = best.len();
        let limit = self.radius[e2t];
        let bounds = visited.iter().map(|&(one, at)| {
            let ways = &setting.legs[at][e2t * nodes..(e2t + 1) * nodes];
            (setting.distinct[one].half_budget, ways, &self.tails[one][at])
        });
        let bounds: Vec<_> = bounds.collect();
        if let [(half, ways, tail)] = bounds[..] {
            for ((best, way), tail) in best.iter_mut().zip(ways).zip(tail) {
                *best = (*best).max((half - way - tail).min(limit));
            }
            return;
        }
        for (node, best) in best.iter_mut().enumerate() {
            let radius = bounds.iter().map(|(half, ways, tail)| half - ways[node] - tail[node]).min();
            *best = (*best).max(radius.unwrap_or(limit).min(limit));
        }
    }

    /// Raises `best` to the radii with the NIB on each node.
    fn raise_nib(&self, setting: &Setting<'_>, e2t: usize, best: &mut [i32]) {
        let Some((sdl, nearest)) = self.database else { return };
        let limit = self.radius[e2t];
        let using = setting.distinct.iter().zip(&self.slack).filter(|(one, _)| one.database_visits() > 0);
        let slacks: Vec<(i32, i32)> = using.map(|(one, slack)| (slack[e2t], one.database_visits())).collect();
        let legs = row(setting.problem, sdl).iter().zip(&setting.allowed[NIB]);
        for (best, (leg, _)) in best.iter_mut().zip(legs).filter(|(_, (leg, allowed))| **allowed && **leg < UNREACHABLE)
        {
            let radius = slacks.iter().map(|(slack, visits)| slack - visits * (leg - nearest)).min();
            *best = (*best).max(radius.unwrap_or(limit).min(limit));
        }
    }
}

fn tails(setting: &Setting<'_>, one: &Loop, database: Option<(usize, i32)>) -> Vec<Vec<i32>> {
    let nodes = setting.problem.compute_nodes;
    let mut tails: Vec<Vec<i32>> = vec![Vec::new(); one.visits.len()];
    for (at, &(slot, uses_database)) in one.visits.iter().enumerate().rev() {
        let after = tails.get(at + 1).cloned();
        tails[at] = (0..nodes)
            .map(|node| {
                if !setting.allowed[slot][node] {
                    return UNREACHABLE;
                }
                let here = match database {
                    Some((sdl, leg)) if uses_database => add(setting.problem.between(node, sdl), leg),
                    _ => 0,
                };
                add(here, after.as_ref().map_or(0, |after| nearest_sum(row(setting.problem, node), after)))
            })
            .collect();
    }
    tails
}

fn row(problem: &Problem, node: usize) -> &[i32] {
    &problem.latency_compute[node * problem.compute_nodes..(node + 1) * problem.compute_nodes]
}

/// The smallest `legs[m] + tail[m]`: the inner loop of everything here, so kept free of checks.
fn nearest_sum(legs: &[i32], tail: &[i32]) -> i32 {
    legs.iter().zip(tail).fold(UNREACHABLE, |best, (leg, tail)| best.min(leg.wrapping_add(*tail)))
}
