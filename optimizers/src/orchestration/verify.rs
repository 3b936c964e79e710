//! The independent check of an answer, in integers, from the problem alone.
//!
//! It shares no code with the solver: paths are walked hop by hop, capacities are added up from the
//! instances that the assignment names, the value is recomputed. Each family of conditions becomes one
//! residual of the certificate: how often it is broken, 0 allowed. A bound cannot be proven without
//! solving, but a false one is often exposed: a rejected request that still fits would beat it.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::{AnswerKind, AnswerStatus, Certificate};

use super::answer::{ANSWER_FORMAT, Answer};
use super::problem::{Assignment, Bound, Collect, Problem, Sharing, Target};

/// Checks `answer` against a valid `problem`. The answer stands iff the certificate holds.
///
/// `proved_by` says what the solver offers as proof of the bound, `steps` its counted work.
pub fn verify(problem: &Problem, answer: &Answer, proved_by: &str, steps: u64) -> Certificate {
    let mut certificate = Certificate::new(AnswerKind::Orchestration, answer.status, proved_by);
    certificate.steps = steps;
    if let (Some(value), Some(bound)) = (answer.value, answer.bound) {
        certificate = certificate.bounded(value as f64, bound as f64);
    }
    let check = Check { problem, answer };
    let mut counts = vec![("indexes", check.bad_indexes())];
    if counts[0].1 == 0 {
        counts.extend([
            ("whole requests", check.broken_requests()),
            ("functions", check.count(|entry| !check.offers(entry))),
            ("reach", check.count(|entry| !check.reaches_all(entry))),
            ("latency", check.count(|entry| !check.is_in_time(entry))),
            ("performance", check.count(|entry| !check.performs(entry))),
            ("exclusions", check.count(|entry| check.is_excluded(entry))),
            ("pins", check.broken_pins()),
            ("sharing", check.illegal_sharing()),
            ("capacity", check.overloads()),
            ("controllers", check.conflicts()),
            ("value", u64::from(answer.value.is_some_and(|value| i128::from(value) != check.value()))),
            ("bound", u64::from(!check.bound_stands())),
            ("started instances", check.needless_starts()),
        ]);
    }
    for (name, count) in counts {
        certificate = certificate.residual(name, count as f64, 0.0);
    }
    certificate
}

/// Model, node and number of an instance.
type Instance = (usize, usize, usize);

struct Check<'a> {
    problem: &'a Problem,
    answer: &'a Answer,
}

impl Check<'_> {
    fn entries(&self) -> impl Iterator<Item = &Assignment> {
        self.answer.assignment.iter().chain(&self.answer.partly)
    }

    fn sharing(&self, request: usize) -> Sharing {
        self.problem.requests[request].sharing.unwrap_or(self.problem.sharing)
    }

    fn count(&self, broken: impl Fn(&Assignment) -> bool) -> u64 {
        self.entries().filter(|entry| broken(entry)).count() as u64
    }

    fn target(&self, entry: &Assignment) -> &Target {
        &self.problem.requests[entry.request].targets[entry.target]
    }

    fn bad_indexes(&self) -> u64 {
        let requests = &self.problem.requests;
        let out_of_range = |entry: &Assignment| {
            entry.model >= self.problem.models.len()
                || entry.node >= self.problem.nodes.len()
                || requests.get(entry.request).is_none_or(|request| entry.target >= request.targets.len())
        };
        let accepted = &self.answer.accepted;
        let unsorted = accepted.windows(2).filter(|pair| pair[0] >= pair[1]).count();
        let unknown = accepted.iter().filter(|&&request| request >= requests.len()).count();
        let format = usize::from(self.answer.format != ANSWER_FORMAT);
        self.count(out_of_range) + (unsorted + unknown + format) as u64
    }

    /// (1): every target of an accepted request exactly once, nothing of the others; partly served
    /// requests are not accepted and lack a target.
    fn broken_requests(&self) -> u64 {
        let accepted: BTreeSet<usize> = self.answer.accepted.iter().copied().collect();
        let mut served: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        let mut broken = 0;
        for entry in &self.answer.assignment {
            *served.entry((entry.request, entry.target)).or_default() += 1;
            broken += u64::from(!accepted.contains(&entry.request));
        }
        for &request in &accepted {
            let targets = 0..self.problem.requests[request].targets.len();
            broken += targets.filter(|&target| served.get(&(request, target)) != Some(&1)).count() as u64;
        }
        let mut parts: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for entry in &self.answer.partly {
            let is_new = parts.entry(entry.request).or_default().insert(entry.target);
            broken += u64::from(!is_new || accepted.contains(&entry.request));
        }
        let whole = |part: &(&usize, &BTreeSet<usize>)| part.1.len() >= self.problem.requests[*part.0].targets.len();
        broken + parts.iter().filter(whole).count() as u64
    }

    fn offers(&self, entry: &Assignment) -> bool {
        self.problem.models[entry.model].functions.contains(&self.target(entry).function)
    }

    fn reaches_all(&self, entry: &Assignment) -> bool {
        let target = self.target(entry);
        std::iter::once(&target.node).chain(&target.sources).all(|&other| self.path(entry.node, other, 0).is_some())
    }

    /// Picoseconds between two nodes, walking up from either; none where neither is above the other.
    /// A bin stands with its parent, its own link away.
    fn path(&self, one: usize, other: usize, bytes: i64) -> Option<i128> {
        if one == other {
            return Some(0);
        }
        let (mut ends, mut own) = ([one, other], 0);
        for end in &mut ends {
            let node = &self.problem.nodes[*end];
            if let (true, Some(above), Some(link)) = (node.bin, node.parent, node.uplink) {
                own += i128::from(link.propagation_ns) * 1000 + i128::from(link.ps_per_byte) * i128::from(bytes);
                *end = above;
            }
        }
        let between = self.climb(ends[0], ends[1], bytes).or_else(|| self.climb(ends[1], ends[0], bytes))?;
        Some(between + own)
    }

    fn climb(&self, from: usize, to: usize, bytes: i64) -> Option<i128> {
        let (mut at, mut delay) = (from, 0i128);
        while at != to {
            let node = &self.problem.nodes[at];
            let link = node.uplink?;
            delay += i128::from(link.propagation_ns) * 1000 + i128::from(link.ps_per_byte) * i128::from(bytes);
            at = node.parent?;
        }
        Some(delay)
    }

    /// (3)-(5).
    fn is_in_time(&self, entry: &Assignment) -> bool {
        self.takes_at_most_limit(self.target(entry), entry.model, entry.node)
    }

    fn takes_at_most_limit(&self, target: &Target, model: usize, node: usize) -> bool {
        let entry = &self.problem.models[model];
        let Some(&execution) = entry.execution_ns.get(&self.problem.nodes[node].kind) else { return false };
        let mut delays = Vec::with_capacity(target.sources.len());
        for &source in &target.sources {
            let Some(delay) = self.path(node, source, entry.input_bytes) else { return false };
            delays.push(delay);
        }
        let left = (i128::from(target.latency_ns) - i128::from(execution)) * 1000;
        match self.problem.collect {
            Collect::Sum => delays.iter().sum::<i128>() <= left,
            Collect::Max => delays.iter().all(|&delay| delay <= left),
            Collect::Mean => delays.iter().sum::<i128>() <= left * delays.len() as i128,
        }
    }

    /// (2).
    fn performs(&self, entry: &Assignment) -> bool {
        self.performs_well(self.target(entry), entry.model, entry.node)
    }

    fn performs_well(&self, target: &Target, model: usize, node: usize) -> bool {
        let entry = &self.problem.models[model];
        let suits = entry.suitability_percent.get(&self.problem.nodes[node].kind).copied().unwrap_or(0);
        let Some(&performance) = entry.performance.get(&target.function) else { return false };
        let (suits, performance) = (i128::from(suits), i128::from(performance));
        suits > 0
            && match target.performance {
                Bound::AtLeast(bound) => performance * suits >= i128::from(bound) * 100,
                Bound::AtMost(bound) => performance * 100 <= i128::from(bound) * suits,
            }
    }

    fn is_excluded(&self, entry: &Assignment) -> bool {
        let is_pinned = || {
            let there = (entry.request, entry.target, entry.model, entry.node);
            self.problem.pinned.iter().any(|pin| (pin.request, pin.target, pin.model, pin.node) == there)
        };
        let mut forbidding = self.problem.excluded.iter().filter(|one| one.forbids(entry.model, entry.node));
        forbidding.any(|exclusion| !exclusion.except_pinned || !is_pinned())
    }

    fn broken_pins(&self) -> u64 {
        if self.answer.value.is_none() {
            return 0;
        }
        let kept = |pin: &&super::problem::Pin| {
            self.answer.assignment.iter().any(|entry| {
                (entry.request, entry.target, entry.model, entry.node) == (pin.request, pin.target, pin.model, pin.node)
            })
        };
        self.problem.pinned.iter().filter(|pin| !kept(pin)).count() as u64
    }

    /// (14): an instance with two owners; and instances must be counted from 0 without gaps.
    fn illegal_sharing(&self) -> u64 {
        let mut owners: BTreeMap<Instance, BTreeSet<(usize, usize)>> = BTreeMap::new();
        for entry in self.entries() {
            let owner = match self.sharing(entry.request) {
                Sharing::On => (usize::MAX, 0),
                Sharing::PerRequest => (entry.request, 0),
                Sharing::PerTarget => (entry.request, entry.target),
            };
            owners.entry((entry.model, entry.node, entry.instance)).or_default().insert(owner);
        }
        let shared = owners.values().filter(|owners| owners.len() > 1).count();
        let mut next = BTreeMap::new();
        let mut gaps = 0;
        for &(model, node, instance) in owners.keys() {
            let expected = next.entry((model, node)).or_insert(0);
            gaps += usize::from(instance != *expected);
            *expected += 1;
        }
        (shared + gaps) as u64
    }

    /// What the instances named use, per node and resource.
    fn used(&self) -> BTreeMap<(usize, usize), i128> {
        let instances: BTreeSet<_> = self.entries().map(|entry| (entry.node, entry.model, entry.instance)).collect();
        let mut used = BTreeMap::new();
        for (node, model, _) in instances {
            for (resource, &demand) in self.problem.models[model].demand.iter().enumerate() {
                *used.entry((node, resource)).or_insert(0) += i128::from(demand);
            }
        }
        used
    }

    /// (6)-(9).
    fn overloads(&self) -> u64 {
        let over = |&(&(node, resource), &used): &(&(usize, usize), &i128)| {
            used > i128::from(self.problem.nodes[node].capacity[resource])
        };
        self.used().iter().filter(over).count() as u64
    }

    /// Parameters of a node that more than one instance controls.
    fn conflicts(&self) -> u64 {
        let mut controllers: BTreeMap<(usize, &str), BTreeSet<Instance>> = BTreeMap::new();
        for entry in self.entries() {
            for parameter in &self.problem.models[entry.model].controls {
                let place = (self.target(entry).node, parameter.as_str());
                controllers.entry(place).or_default().insert((entry.model, entry.node, entry.instance));
            }
        }
        controllers.values().filter(|controllers| controllers.len() > 1).count() as u64
    }

    /// (10), less the price of moves.
    fn value(&self) -> i128 {
        let accepted = self.answer.accepted.iter();
        let gained: i128 = accepted.map(|&request| i128::from(self.problem.requests[request].value)).sum();
        gained - i128::from(self.problem.move_cost) * i128::from(self.moves())
    }

    /// Targets of accepted requests that left their current model or node.
    fn moves(&self) -> u32 {
        let now: BTreeMap<(usize, usize), (usize, usize)> =
            self.problem.current.iter().map(|now| ((now.request, now.target), (now.model, now.node))).collect();
        let moved = |entry: &&Assignment| {
            now.get(&(entry.request, entry.target)).is_some_and(|place| *place != (entry.model, entry.node))
        };
        u32::try_from(self.answer.assignment.iter().filter(moved).count()).unwrap_or(u32::MAX)
    }

    /// Where the answer claims to start few: a wrong count, a proof of more than there are, and instances started of
    /// which each target could have been served by another shared one that runs anyway.
    fn needless_starts(&self) -> u64 {
        let Some(claimed) = self.answer.started else { return 0 };
        let running: BTreeSet<(usize, usize)> = self.problem.current.iter().map(|now| (now.model, now.node)).collect();
        let mut used: BTreeMap<(usize, usize), Vec<&Assignment>> = BTreeMap::new();
        for entry in self.entries().filter(|entry| self.sharing(entry.request) == Sharing::On) {
            used.entry((entry.model, entry.node)).or_default().push(entry);
        }
        let started: Vec<_> = used.keys().filter(|place| !running.contains(place)).collect();
        let wrong = usize::from(started.len() != claimed.instances || claimed.at_least > claimed.instances);
        let needless = started.iter().filter(|place| {
            let others = || used.keys().filter(|other| other != *place);
            used[*place].iter().all(|entry| others().any(|&(model, node)| self.could_move(entry, model, node)))
        });
        (wrong + needless.count()) as u64
    }

    /// Whether a target could as well be served there, with no controller in play and no move more or less.
    fn could_move(&self, entry: &Assignment, model: usize, node: usize) -> bool {
        let other = Assignment { model, node, ..*entry };
        let controls = |model: usize| !self.problem.models[model].controls.is_empty();
        let is_now = |now: &Assignment, at: &Assignment| (now.model, now.node) == (at.model, at.node);
        let mut now =
            self.problem.current.iter().filter(|now| (now.request, now.target) == (entry.request, entry.target));
        let mut pins = self.problem.pinned.iter();
        self.offers(&other)
            && !(controls(entry.model) || controls(model))
            && self.reaches_all(&other)
            && self.is_in_time(&other)
            && self.performs(&other)
            && !self.is_excluded(&other)
            && !pins.any(|pin| (pin.request, pin.target) == (entry.request, entry.target))
            && !now.any(|now| is_now(now, entry) || is_now(now, &other))
    }

    fn bound_stands(&self) -> bool {
        match (self.answer.status, self.answer.value, self.answer.bound) {
            (AnswerStatus::Infeasible, None, _) | (AnswerStatus::Unknown, None, _) => true,
            (AnswerStatus::Optimal, Some(value), Some(bound)) => value == bound && !self.is_beaten(bound),
            (AnswerStatus::Feasible, Some(value), Some(bound)) => value <= bound && !self.is_beaten(bound),
            _ => false,
        }
    }

    /// Whether a rejected request that fits beside the accepted ones would exceed the bound.
    fn is_beaten(&self, bound: i64) -> bool {
        let accepted: BTreeSet<usize> = self.answer.accepted.iter().copied().collect();
        let settled: BTreeSet<usize> = self.problem.current.iter().map(|now| now.request).collect();
        let spare = i128::from(bound) - self.value();
        let mut used = vec![0; self.problem.nodes.len() * self.problem.resources.len()];
        for ((node, resource), amount) in self.used() {
            used[node * self.problem.resources.len() + resource] = amount;
        }
        let shared = |entry: &&Assignment| self.sharing(entry.request) == Sharing::On;
        let instances = self.entries().filter(shared).map(|entry| (entry.node, entry.model));
        let mut room = Room { used, usable: instances.collect() };
        (0..self.problem.requests.len()).any(|request| {
            let value = i128::from(self.problem.requests[request].value);
            let is_candidate = value > spare && !accepted.contains(&request) && !settled.contains(&request);
            is_candidate && self.fits_beside(request, &mut room)
        })
    }

    /// Serves each target where an instance may be shared or one more fits, on the target's node or
    /// above it, with models that control nothing. What fails here may still fit in another way.
    fn fits_beside(&self, request: usize, room: &mut Room) -> bool {
        let mut started = Vec::new();
        let mut fits = true;
        let shared = if self.sharing(request) == Sharing::On { None } else { Some(std::mem::take(&mut room.usable)) };
        for target in &self.problem.requests[request].targets {
            let Some((node, model)) = self.free_place(target, room) else {
                fits = false;
                break;
            };
            if room.usable.contains(&(node, model)) {
                continue;
            }
            self.start(room, node, model, 1);
            started.push((node, model));
            if self.sharing(request) != Sharing::PerTarget {
                room.usable.insert((node, model));
            }
        }
        for (node, model) in started {
            room.usable.remove(&(node, model));
            self.start(room, node, model, -1);
        }
        if let Some(shared) = shared {
            room.usable = shared;
        }
        fits
    }

    fn start(&self, room: &mut Room, node: usize, model: usize, sign: i128) {
        let demands = self.problem.models[model].demand.iter().enumerate();
        demands
            .for_each(|(at, &demand)| room.used[node * self.problem.resources.len() + at] += sign * i128::from(demand));
    }

    fn free_place(&self, target: &Target, room: &Room) -> Option<(usize, usize)> {
        let resources = self.problem.resources.len();
        let above = std::iter::successors(Some(target.node), |&at| self.problem.nodes[at].parent);
        for node in above {
            for (model, entry) in self.problem.models.iter().enumerate() {
                let has_room = || {
                    entry.demand.iter().zip(&self.problem.nodes[node].capacity).enumerate().all(
                        |(at, (&demand, &capacity))| {
                            room.used[node * resources + at] + i128::from(demand) <= i128::from(capacity)
                        },
                    )
                };
                if entry.functions.contains(&target.function)
                    && entry.controls.is_empty()
                    && (room.usable.contains(&(node, model)) || has_room())
                    && !self.problem.excluded.iter().any(|exclusion| exclusion.forbids(model, node))
                    && self.performs_well(target, model, node)
                    && self.takes_at_most_limit(target, model, node)
                {
                    return Some((node, model));
                }
            }
        }
        None
    }
}

/// What the accepted requests leave.
struct Room {
    /// By node and resource.
    used: Vec<i128>,
    /// Instances (node, model) that one more request may use.
    usable: BTreeSet<(usize, usize)>,
}
