//! For one E2T place and a wanted radius: the cheapest way to open the rest of a chain.
//!
//! The building block of the constructive heuristic and of repair. Only a handful of hosts near the
//! E2T (and what is open already) are tried, so it may miss the cheapest chain; it never breaks a budget.

use super::cover::Layout;
use super::loops::{Loop, Loops, add};
use super::problem::{E2T, NIB, Problem, SDL};

/// Hosts tried per E2T, besides places that are open already.
const NEAR_HOSTS: usize = 10;
/// Open places tried per slot.
const OPEN_HOSTS: usize = 6;

/// Instances to open, and what that costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Cost added to the layout.
    pub price: i64,
    /// The places to open (some may be open already).
    pub instances: Vec<(usize, usize)>,
}

/// Compute nodes by latency from each compute node, nearest first; computed once per problem.
#[derive(Clone, Debug)]
pub struct Near(Vec<Vec<usize>>);

impl Near {
    /// Sorts the neighbours of every node.
    pub fn new(problem: &Problem) -> Self {
        let kept = 4 * NEAR_HOSTS;
        let of = |node: usize| {
            let mut others: Vec<usize> = (0..problem.compute_nodes).collect();
            let key = |other: &usize| (*other != node, problem.between(node, *other), *other);
            if others.len() > kept {
                others.select_nth_unstable_by_key(kept, key);
                others.truncate(kept);
            }
            others.sort_by_key(key);
            others
        };
        Self((0..problem.compute_nodes).map(of).collect())
    }
}

/// The cheapest extension of `layout` found that gives an E2T on `e2t` at least `radius`, through instances
/// that are not `full`.
pub fn cheapest(
    loops: &Loops<'_>,
    near: &Near,
    (layout, full): (&Layout, &[(usize, usize)]),
    class: usize,
    e2t: usize,
    radius: i32,
) -> Option<Extension> {
    let start = Draft { loops, class, e2t, radius, layout, full, extra: Vec::new(), price: 0 };
    if !loops.classes[class].allowed[E2T][e2t] || !start.fits(&[], E2T, e2t) {
        return None;
    }
    let start = start.with(E2T, e2t);
    if !loops.is_looped(SDL) {
        return start.finish(near, None);
    }
    let problem = loops.problem;
    let mut best: Option<Extension> = None;
    for sdl in start.hosts(near, SDL, e2t) {
        let with_sdl = start.clone().with(SDL, sdl);
        if best.as_ref().is_some_and(|best| best.price <= with_sdl.price) {
            continue;
        }
        // The cheapest database, and the nearest one where that differs.
        let nibs = with_sdl.hosts(near, NIB, sdl);
        let price = |nib: &usize| (with_sdl.price_of(&[], NIB, *nib), problem.between(sdl, *nib), *nib);
        let cheapest = nibs.iter().copied().min_by_key(price);
        let nearest = nibs.iter().copied().min_by_key(|nib| (problem.between(sdl, *nib), *nib));
        for nib in cheapest.into_iter().chain(nearest.filter(|nearest| Some(*nearest) != cheapest)) {
            let found = with_sdl.clone().with(NIB, nib).finish(near, Some((sdl, nib)));
            if let Some(found) = found.filter(|found| best.as_ref().is_none_or(|best| found.price < best.price)) {
                best = Some(found);
            }
        }
    }
    best
}

/// A layout with a few more instances, not written down in it.
#[derive(Clone)]
struct Draft<'a> {
    loops: &'a Loops<'a>,
    class: usize,
    e2t: usize,
    radius: i32,
    layout: &'a Layout,
    full: &'a [(usize, usize)],
    extra: Vec<(usize, usize)>,
    price: i64,
}

impl Draft<'_> {
    fn with(mut self, slot: usize, node: usize) -> Self {
        self.price += self.price_of(&[], slot, node);
        self.extra.push((slot, node));
        self
    }

    fn more<'b>(&'b self, walk: &'b [(usize, usize)]) -> impl Iterator<Item = (usize, usize)> + 'b {
        self.extra.iter().chain(walk).copied()
    }

    fn is_open(&self, walk: &[(usize, usize)], slot: usize, node: usize) -> bool {
        self.layout.is_open(slot, node) || self.more(walk).any(|one| one == (slot, node))
    }

    fn price_of(&self, walk: &[(usize, usize)], slot: usize, node: usize) -> i64 {
        let problem = self.loops.problem;
        if self.is_open(walk, slot, node) {
            return 0;
        }
        let used = self.layout.is_used(node) || self.more(walk).any(|(_, other)| other == node);
        problem.instance_cost(slot, node) + if used { 0 } else { problem.fixed_cost[node] }
    }

    fn fits(&self, walk: &[(usize, usize)], slot: usize, node: usize) -> bool {
        let problem = self.loops.problem;
        if self.is_open(walk, slot, node) {
            return !self.full.contains(&(slot, node));
        }
        let is_more = |one: &(usize, usize)| !self.layout.is_open(one.0, one.1) && problem.is_move(one.0, one.1);
        let more = self.more(walk).filter(is_more).count();
        if !self.layout.may_move(problem, slot, node, i64::try_from(more).unwrap_or(i64::MAX)) {
            return false;
        }
        let others = self.layout.open[slot].iter().copied();
        let mut others = others.chain(self.more(walk).filter(|one| one.0 == slot).map(|one| one.1));
        if others.any(|other| problem.is_too_close(slot, other, node)) {
            return false;
        }
        let Some(capacity) = &problem.capacity[node] else { return true };
        capacity.iter().enumerate().all(|(resource, most)| {
            let needed =
                |slot: usize| problem.components[slot].demand[resource] + problem.demand_per_e2(slot, resource);
            let here = self.more(walk).filter(|(other, at)| *at == node && !self.layout.is_open(*other, node));
            self.layout.load(node, resource) + here.map(|(other, _)| needed(other)).sum::<i64>() + needed(slot) <= *most
        })
    }

    /// Hosts for `slot`: open places first, then near ones with room.
    fn hosts(&self, near: &Near, slot: usize, around: usize) -> Vec<usize> {
        let (problem, allowed) = (self.loops.problem, &self.loops.classes[self.class].allowed[slot]);
        let open =
            self.layout.open[slot].iter().copied().chain(self.more(&[]).filter(|one| one.0 == slot).map(|one| one.1));
        let mut hosts: Vec<usize> = open.filter(|node| allowed[*node] && !self.full.contains(&(slot, *node))).collect();
        hosts.sort_by_key(|node| (problem.between(around, *node), *node));
        hosts.dedup();
        hosts.truncate(OPEN_HOSTS);
        let rooms = near.0[around].iter().copied();
        let rooms = rooms.filter(|node| allowed[*node] && self.fits(&[], slot, *node)).take(NEAR_HOSTS);
        let rooms: Vec<usize> = rooms.filter(|node| !hosts.contains(node)).collect();
        hosts.extend(rooms);
        hosts
    }

    /// Opens the xApps of every loop, loop by loop.
    fn finish(mut self, near: &Near, database: Option<(usize, usize)>) -> Option<Extension> {
        for one in &self.loops.all {
            let most = one.half_budget.checked_sub(self.radius)?;
            for (slot, node) in self.cheapest_walk(near, one, database, most)? {
                self = self.with(slot, node);
            }
        }
        Some(Extension { price: self.price, instances: self.extra })
    }

    /// The cheapest walk of a loop within `most`, by labels (price, sum) per visit and host.
    /// xApps that an earlier loop of this chain has placed stay where they are.
    fn cheapest_walk(
        &self,
        near: &Near,
        one: &Loop,
        database: Option<(usize, usize)>,
        most: i32,
    ) -> Option<Vec<(usize, usize)>> {
        let problem = self.loops.problem;
        let mut labels = vec![Label { price: 0, sum: 0, at: self.e2t, walk: Vec::new() }];
        for &(slot, uses_database) in &one.visits {
            let placed = self.extra.iter().find(|(opened, _)| *opened == slot).map(|(_, node)| *node);
            let hosts = placed.map_or_else(|| self.hosts(near, slot, self.e2t), |node| vec![node]);
            let mut next: Vec<Label> = Vec::new();
            for host in hosts {
                let trip = match database {
                    Some((sdl, nib)) if uses_database => add(problem.between(host, sdl), problem.between(sdl, nib)),
                    _ => 0,
                };
                for label in &labels {
                    let sum = add(add(label.sum, problem.between(label.at, host)), trip);
                    if sum <= most && self.fits(&label.walk, slot, host) {
                        let price = label.price + self.price_of(&label.walk, slot, host);
                        let mut walk = label.walk.clone();
                        walk.push((slot, host));
                        next.push(Label { price, sum, at: host, walk });
                    }
                }
            }
            labels = undominated(next);
        }
        labels.into_iter().min_by_key(|label| (label.price, label.sum)).map(|label| label.walk)
    }
}

#[derive(Clone)]
struct Label {
    price: i64,
    sum: i32,
    at: usize,
    walk: Vec<(usize, usize)>,
}

/// Keeps labels that no other of the same host beats in price and sum; at most a few dozen in all.
fn undominated(mut labels: Vec<Label>) -> Vec<Label> {
    labels.sort_by_key(|label| (label.price, label.sum, label.at));
    let mut kept: Vec<Label> = Vec::new();
    for label in labels {
        if !kept.iter().any(|other| other.at == label.at && other.sum <= label.sum) {
            kept.push(label);
        }
        if kept.len() >= 48 {
            break;
        }
    }
    kept
}
