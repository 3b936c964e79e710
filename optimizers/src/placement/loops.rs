//! Control loops without E2 nodes: given where things are open, how far may an E2 node be from an E2T?
//!
//! Only activations cost, so an E2T on node `t` may use its best chain for all E2 nodes it serves, and
//! an E2 node is served by it iff its latency to `t` is at most the *radius* of `t`: the smallest slack
//! that the loops leave on that chain. [`best_chain`] is exact for any open sets, chains of xApps walked
//! in order and members with loops of their own included. It is the oracle of cuts and heuristics;
//! [`super::verify`] does not use it.

use super::problem::{E2T, NIB, Problem, SDL, UNREACHABLE};

/// The E2 nodes that may be served from the same places: without pins of single E2 nodes there is one class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// Per slot, the compute nodes that are allowed.
    pub allowed: Vec<Vec<bool>>,
}

/// One control loop, headed by an xApp with a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The largest one-way sum allowed.
    pub half_budget: i32,
    /// The xApps visited, in order, and whether each goes through SDL and NIB.
    pub visits: Vec<(usize, bool)>,
    /// Visits after the first that have a loop of their own: index into `visits`.
    pub own: Vec<(usize, i32)>,
}

impl Loop {
    /// How often the loop goes through SDL and NIB.
    pub fn database_visits(&self) -> i32 {
        i32::try_from(self.visits.iter().filter(|(_, uses)| *uses).count()).unwrap_or(0)
    }
}

/// The loops of a problem and the classes of its E2 nodes.
#[derive(Clone, Debug)]
pub struct Loops<'a> {
    /// The problem.
    pub problem: &'a Problem,
    /// Every loop, by head. A member's own loop is also noted in the loop that passes through it.
    pub all: Vec<Loop>,
    /// Distinct sets of allowed places.
    pub classes: Vec<Class>,
    /// The class of each E2 node.
    pub class_of: Vec<usize>,
    /// The class of every standby, where there are standbys: pins bind what serves, not what stands by.
    pub standby: Option<usize>,
}

/// Open places per slot, in increasing order of compute node.
pub type Open = Vec<Vec<usize>>;

/// The best chain for one E2T: its radius and one place per slot ([`usize::MAX`] for slots in no loop).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The largest latency from an E2 node that the loops still allow; negative when none is.
    pub radius: i32,
    /// The place of each slot in a loop.
    pub places: Vec<usize>,
}

/// No place: the slot is in no loop.
pub const NOWHERE: usize = usize::MAX;

impl<'a> Loops<'a> {
    /// The loops and classes of `problem`.
    pub fn new(problem: &'a Problem) -> Self {
        let all = problem.xapps().filter_map(|head| one_loop(problem, head)).collect();
        let (mut classes, class_of) = classes(problem);
        let standby = problem.needs_standby().then(|| {
            let free = Class { allowed: without_exclusions(problem) };
            classes.iter().position(|class| *class == free).unwrap_or_else(|| {
                classes.push(free);
                classes.len() - 1
            })
        });
        Self { problem, all, classes, class_of, standby }
    }

    /// Whether `slot` is part of any loop; if not, any allowed place will do.
    pub fn is_looped(&self, slot: usize) -> bool {
        match slot {
            E2T => true,
            SDL | NIB => self.all.iter().any(|one| one.database_visits() > 0),
            _ => self.all.iter().any(|one| one.visits.iter().any(|(visited, _)| *visited == slot)),
        }
    }

    /// Whether some slot in a loop serves a limited number: then E2 nodes are assigned to E2Ts one by one.
    pub fn is_assigned(&self) -> bool {
        self.looped_slots().into_iter().any(|slot| self.problem.is_limited(slot))
    }

    /// The slots that are in a loop, E2T first.
    pub fn looped_slots(&self) -> Vec<usize> {
        (E2T..self.problem.components.len()).filter(|slot| self.is_looped(*slot)).collect()
    }
}

fn one_loop(problem: &Problem, head: usize) -> Option<Loop> {
    let half_budget = problem.half_budget(head)?;
    let visits: Vec<_> = problem.visits(head).map(|slot| (slot, problem.components[slot].uses_sdl)).collect();
    let own = (1..visits.len()).filter_map(|at| Some((at, problem.half_budget(visits[at].0)?))).collect();
    Some(Loop { half_budget, visits, own })
}

/// Per slot, the compute nodes that no exclusion forbids.
fn without_exclusions(problem: &Problem) -> Vec<Vec<bool>> {
    let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
    let mut everyone = vec![vec![true; nodes]; slots];
    for rule in &problem.exclusions {
        for allowed in everyone.iter_mut().enumerate().filter(|(slot, _)| rule.component.is_none_or(|one| one == *slot))
        {
            allowed.1[rule.compute] = false;
        }
    }
    everyone
}

fn classes(problem: &Problem) -> (Vec<Class>, Vec<usize>) {
    let mut everyone = without_exclusions(problem);
    for pin in problem.pins.iter().filter(|pin| pin.e2.is_none()) {
        keep_only(&mut everyone[pin.component], pin.compute);
    }
    let mut pins_of: Vec<Vec<(usize, usize)>> = vec![Vec::new(); problem.e2_nodes];
    for pin in &problem.pins {
        for &e2 in pin.e2.iter().flatten() {
            pins_of[e2].push((pin.component, pin.compute));
        }
    }
    let mut kinds = pins_of.clone();
    for kind in kinds.iter_mut().chain(pins_of.iter_mut()) {
        kind.sort_unstable();
        kind.dedup();
    }
    kinds.sort_unstable();
    kinds.dedup();
    let of_kind = |pins: &Vec<(usize, usize)>| {
        let mut allowed = everyone.clone();
        for &(slot, node) in pins {
            keep_only(&mut allowed[slot], node);
        }
        Class { allowed }
    };
    let class_of = pins_of.iter().map(|pins| kinds.binary_search(pins).unwrap_or(0)).collect();
    (kinds.iter().map(of_kind).collect(), class_of)
}

fn keep_only(allowed: &mut [bool], node: usize) {
    for (at, flag) in allowed.iter_mut().enumerate() {
        *flag &= at == node;
    }
}

/// The best chain for an E2T on `e2t`, given what is open and allowed.
/// Ties go to the SDL place that comes first. `None` if some looped slot has no place at all.
pub fn best_chain(loops: &Loops<'_>, class: usize, open: &Open, e2t: usize) -> Option<Chain> {
    let problem = loops.problem;
    let class = &loops.classes[class];
    if !class.allowed[E2T][e2t] {
        return None;
    }
    let places = |slot: usize| open[slot].iter().copied().filter(move |node| class.allowed[slot][*node]);
    let mut best: Option<Chain> = None;
    if !loops.is_looped(SDL) {
        return chain_through(loops, class, open, e2t, None, i32::MIN);
    }
    for sdl in places(SDL) {
        let nib = places(NIB).min_by_key(|nib| (problem.between(sdl, *nib), *nib))?;
        let floor = best.as_ref().map_or(i32::MIN, |best| best.radius);
        if let Some(chain) = chain_through(loops, class, open, e2t, Some((sdl, nib)), floor) {
            best = Some(chain);
        }
    }
    best
}

/// The chain for an E2T with the SDL and NIB given, if its radius exceeds `floor`.
fn chain_through(
    loops: &Loops<'_>,
    class: &Class,
    open: &Open,
    e2t: usize,
    database: Option<(usize, usize)>,
    floor: i32,
) -> Option<Chain> {
    let mut chain = Chain { radius: UNREACHABLE, places: vec![NOWHERE; open.len()] };
    chain.places[E2T] = e2t;
    if let Some((sdl, nib)) = database {
        chain.places[SDL] = sdl;
        chain.places[NIB] = nib;
    }
    // Loops that pass through others' heads come after them in no particular order; the places of a
    // shared member must come from the longer loop, so the short ones only bound the radius there.
    for one in loops.all.iter().filter(|one| one.visits.len() > 1 || !passed_through(loops, one.visits[0].0)) {
        let walk = Walk { problem: loops.problem, class, open, e2t, database, one };
        let (radius, places) = walk.best(chain.radius)?;
        chain.radius = chain.radius.min(radius);
        if chain.radius <= floor {
            return None;
        }
        for ((slot, _), place) in one.visits.iter().zip(places) {
            chain.places[*slot] = place;
        }
    }
    Some(chain)
}

fn passed_through(loops: &Loops<'_>, slot: usize) -> bool {
    loops.all.iter().any(|one| one.visits.iter().skip(1).any(|(visited, _)| *visited == slot))
}

/// One loop, with E2T, SDL and NIB fixed: a shortest walk through the open places of its xApps.
struct Walk<'a> {
    problem: &'a Problem,
    class: &'a Class,
    open: &'a Open,
    e2t: usize,
    database: Option<(usize, usize)>,
    one: &'a Loop,
}

impl Walk<'_> {
    /// The radius and the places of the visits. With members that have own loops the radius is searched
    /// for below `ceiling`; otherwise it is what the shortest walk leaves.
    fn best(&self, ceiling: i32) -> Option<(i32, Vec<usize>)> {
        let radius_at = |least: i32| {
            let (sum, places) = self.shortest(least)?;
            Some((self.one.half_budget - sum, places))
        };
        let (free, places) = radius_at(i32::MIN)?;
        if self.one.own.is_empty() {
            return Some((free, places));
        }
        // INVARIANT: `low` is feasible (with `found`), `high` is not.
        let (mut low, mut high) = (-UNREACHABLE, free.min(ceiling).saturating_add(1));
        let mut found = (self.worst(&places).min(free), places);
        low = low.max(found.0);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            match radius_at(middle).filter(|(radius, _)| *radius >= middle) {
                Some((_, places)) => {
                    low = middle;
                    found = (middle, places);
                }
                None => high = middle,
            }
        }
        Some(found)
    }

    /// The smallest slack that the own loops of members leave at these places.
    fn worst(&self, places: &[usize]) -> i32 {
        self.one.own.iter().map(|(at, half)| self.own_slack(*at, *half, places[*at])).min().unwrap_or(UNREACHABLE)
    }

    fn own_slack(&self, at: usize, half: i32, node: usize) -> i32 {
        half - add(self.problem.between(self.e2t, node), self.at_node(at, node))
    }

    /// What a visit costs at a node beyond getting there: the trip to SDL and NIB where it is made.
    fn at_node(&self, at: usize, node: usize) -> i32 {
        match (self.one.visits[at].1, self.database) {
            (true, Some((sdl, nib))) => add(self.problem.between(node, sdl), self.problem.between(sdl, nib)),
            _ => 0,
        }
    }

    /// The shortest walk whose members leave their own loops at least the slack `least`.
    fn shortest(&self, least: i32) -> Option<(i32, Vec<usize>)> {
        let mut layers: Vec<Vec<(i32, usize, usize)>> = Vec::with_capacity(self.one.visits.len());
        for (at, &(slot, _)) in self.one.visits.iter().enumerate() {
            let own = self.one.own.iter().find(|(member, _)| *member == at);
            let mut layer = Vec::new();
            for (&node, _) in self.open[slot].iter().zip(0..).filter(|(node, _)| self.class.allowed[slot][**node]) {
                if own.is_some_and(|(_, half)| self.own_slack(at, *half, node) < least) {
                    continue;
                }
                let arrive = match layers.last() {
                    None => Some((self.problem.between(self.e2t, node), 0)),
                    Some(before) => before
                        .iter()
                        .enumerate()
                        .map(|(from, (sum, place, _))| (add(*sum, self.problem.between(*place, node)), from))
                        .min(),
                };
                if let Some((sum, from)) = arrive {
                    layer.push((add(sum, self.at_node(at, node)), node, from));
                }
            }
            layers.push(layer);
        }
        let (mut index, sum) =
            layers.last()?.iter().enumerate().map(|(index, (sum, ..))| (index, *sum)).min_by_key(|(_, sum)| *sum)?;
        let mut places = vec![0; layers.len()];
        for (at, layer) in layers.iter().enumerate().rev() {
            places[at] = layer[index].1;
            index = layer[index].2;
        }
        Some((sum, places))
    }
}

/// A sum of latencies that stays at [`UNREACHABLE`].
pub fn add(a: i32, b: i32) -> i32 {
    (a + b).min(UNREACHABLE)
}
