//! Tiny random problems and the answer by enumeration.

use std::collections::{BTreeMap, BTreeSet};

use ranform_optimizers::orchestration::Problem;
use ranform_optimizers::orchestration::problem::{
    Assignment, Bound, Collect, Exclusion, Model, Node, NodeKind, PROBLEM_FORMAT, Pin, Request, Sharing, Target, Uplink,
};

#[path = "../support/random.rs"]
mod random;
use random::Random;

/// What a tiny problem may contain beside the paper's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extras {
    None,
    Controls,
    Stability,
    Additions,
}

pub fn tiny(seed: u64, extras: Extras) -> Problem {
    let mut random = Random::new(seed);
    let r = &mut random;
    let resources = 1 + r.below(2);
    let nodes = nodes(r, resources);
    let models: Vec<Model> = (0..2 + r.below(3)).map(|_| model(r, resources, extras)).collect();
    let requests = (0..2 + r.below(3)).map(|_| request(r, &nodes)).collect();
    let mut problem = Problem {
        format: PROBLEM_FORMAT.to_owned(),
        resources: (0..resources).map(|at| format!("r{at}")).collect(),
        sharing: [Sharing::On, Sharing::PerRequest, Sharing::PerTarget][r.below(3)],
        collect: [Collect::Sum, Collect::Max, Collect::Mean][r.below(3)],
        nodes,
        models,
        requests,
        current: Vec::new(),
        pinned: Vec::new(),
        excluded: Vec::new(),
        move_cost: 0,
    };
    if extras == Extras::Additions {
        add_bins_and_own_rules(&mut problem, r);
    }
    if extras == Extras::Stability {
        stabilize(&mut problem, r);
    }
    problem
}

fn nodes(r: &mut Random, resources: usize) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for at in 0..3 + r.below(5) {
        let parent = (at > 0).then(|| r.below(at));
        let depth = std::iter::successors(parent, |&at: &usize| nodes[at].parent).count();
        nodes.push(Node {
            kind: NodeKind::ALL[depth.min(4)],
            parent,
            capacity: (0..resources).map(|_| r.number(0, 5)).collect(),
            uplink: parent.map(|_| Uplink { ps_per_byte: r.number(1, 3) * 1000, propagation_ns: r.number(1, 3) * 10 }),
            bin: false,
        });
    }
    nodes
}

fn model(r: &mut Random, resources: usize, extras: Extras) -> Model {
    let mut functions: Vec<String> = (0..1 + r.below(2)).map(|_| format!("f{}", r.below(3))).collect();
    functions.sort();
    functions.dedup();
    let performance = functions.iter().map(|f| (f.clone(), [50, 80, 100][r.below(3)])).collect();
    let controls = if extras == Extras::Controls {
        (0..r.below(3)).map(|_| format!("p{}", r.below(2))).collect()
    } else {
        Vec::new()
    };
    Model {
        functions,
        performance,
        controls,
        demand: (0..resources).map(|_| r.number(0, 3)).collect(),
        input_bytes: r.number(1, 2) * 10,
        execution_ns: NodeKind::ALL.iter().map(|&kind| (kind, r.number(1, 2) * 10)).collect(),
        suitability_percent: NodeKind::ALL.iter().map(|&kind| (kind, [0, 50, 100, 100][r.below(4)])).collect(),
    }
}

fn request(r: &mut Random, nodes: &[Node]) -> Request {
    let target = |r: &mut Random| Target {
        function: format!("f{}", r.below(3)),
        node: r.below(nodes.len()),
        sources: (0..1 + r.below(2)).map(|_| r.below(nodes.len())).collect(),
        latency_ns: r.number(1, 15) * 10,
        performance: match r.below(3) {
            0 => Bound::AtLeast([0, 40, 80][r.below(3)]),
            1 => Bound::AtMost([50, 100, 160][r.below(3)]),
            _ => Bound::AtLeast(0),
        },
    };
    Request { value: r.number(0, 6), targets: (0..1 + r.below(3)).map(|_| target(r)).collect(), sharing: None }
}

/// Leaves become bins, requests have rules of their own.
fn add_bins_and_own_rules(problem: &mut Problem, r: &mut Random) {
    for at in 1..problem.nodes.len() {
        let is_leaf = problem.nodes.iter().all(|node| node.parent != Some(at));
        problem.nodes[at].bin = is_leaf && r.below(2) == 0;
    }
    for request in &mut problem.requests {
        request.sharing = [None, Some(Sharing::On), Some(Sharing::PerRequest), Some(Sharing::PerTarget)][r.below(4)];
    }
}

fn stabilize(problem: &mut Problem, r: &mut Random) {
    problem.move_cost = r.number(0, 3);
    for request in 0..problem.requests.len() {
        for target in 0..problem.requests[request].targets.len() {
            let (model, node) = (r.below(problem.models.len()), r.below(problem.nodes.len()));
            if r.below(2) == 0 {
                problem.current.push(Assignment { request, target, model, node, instance: 0 });
            }
            let legal = places(problem, request, target);
            if r.below(8) == 0 && !legal.is_empty() {
                let (model, node) = legal[r.below(legal.len())];
                problem.pinned.push(Pin { request, target, model, node });
            }
        }
    }
    if r.below(3) == 0 {
        let model = (r.below(2) == 0).then(|| r.below(problem.models.len()));
        let rule = Exclusion::new(model, Some(r.below(problem.nodes.len())));
        problem.excluded.push(Exclusion { except_pinned: r.below(2) == 0, ..rule });
    }
}

fn path(problem: &Problem, one: usize, other: usize, bytes: i64) -> Option<i64> {
    let climb = |from: usize, to: usize| {
        let (mut at, mut delay) = (from, 0);
        while at != to {
            let link = problem.nodes[at].uplink?;
            delay += link.propagation_ns * 1000 + link.ps_per_byte * bytes;
            at = problem.nodes[at].parent?;
        }
        Some(delay)
    };
    let stand = |node: usize| if problem.nodes[node].bin { problem.nodes[node].parent.unwrap_or(node) } else { node };
    if one == other {
        return Some(0);
    }
    let (at, to) = (stand(one), stand(other));
    Some(climb(at, to).or_else(|| climb(to, at))? + climb(one, at)? + climb(other, to)?)
}

/// (model, node) that conditions (2)-(5) allow.
pub fn places(problem: &Problem, request: usize, target: usize) -> Vec<(usize, usize)> {
    let wanted = &problem.requests[request].targets[target];
    let mut list = Vec::new();
    for (m, model) in problem.models.iter().enumerate() {
        for (n, node) in problem.nodes.iter().enumerate() {
            let delays: Option<Vec<i64>> =
                wanted.sources.iter().map(|&source| path(problem, n, source, model.input_bytes)).collect();
            let Some(delays) = delays else { continue };
            let (count, sum, max) = (delays.len() as i64, delays.iter().sum::<i64>(), delays.iter().max().copied());
            let run = model.execution_ns[&node.kind] * 1000;
            let limit = wanted.latency_ns * 1000;
            let in_time = match problem.collect {
                Collect::Sum => sum + run <= limit,
                Collect::Max => max.unwrap_or(0) + run <= limit,
                Collect::Mean => sum + run * count <= limit * count,
            };
            let suits = model.suitability_percent[&node.kind];
            let performs = model.performance.get(&wanted.function).is_some_and(|&p| match wanted.performance {
                Bound::AtLeast(bound) => p * suits >= bound * 100,
                Bound::AtMost(bound) => p * 100 <= bound * suits,
            });
            let pinned =
                problem.pinned.iter().any(|p| (p.request, p.target, p.model, p.node) == (request, target, m, n));
            let excluded = problem.excluded.iter().any(|e| {
                e.model.is_none_or(|x| x == m) && e.node.is_none_or(|x| x == n) && !(e.except_pinned && pinned)
            });
            if in_time && suits > 0 && performs && !excluded && path(problem, n, wanted.node, 0).is_some() {
                list.push((m, n));
            }
        }
    }
    list
}

type Owner = (usize, usize, usize, usize);

struct Search<'p> {
    problem: &'p Problem,
    places: Vec<Vec<Vec<(usize, usize)>>>,
    room: Vec<Vec<i64>>,
    running: BTreeSet<Owner>,
    controller: BTreeMap<(usize, String), Owner>,
    best: Option<i64>,
}

/// The best value by enumeration; none if the pins cannot be kept.
pub fn brute_force(problem: &Problem) -> Option<i64> {
    let places = (0..problem.requests.len())
        .map(|i| (0..problem.requests[i].targets.len()).map(|t| places(problem, i, t)).collect())
        .collect();
    let room = problem.nodes.iter().map(|node| node.capacity.clone()).collect();
    let mut search =
        Search { problem, places, room, running: BTreeSet::new(), controller: BTreeMap::new(), best: None };
    search.request(0, 0);
    search.best
}

impl Search<'_> {
    fn request(&mut self, request: usize, value: i64) {
        // Nothing is worth more than everything.
        if self.best == Some(self.problem.total_value()) {
            return;
        }
        if request == self.problem.requests.len() {
            self.best = self.best.max(Some(value));
            return;
        }
        self.target(request, 0, value + self.problem.requests[request].value);
        if !self.problem.pinned.iter().any(|pin| pin.request == request) {
            self.request(request + 1, value);
        }
    }

    fn target(&mut self, request: usize, target: usize, value: i64) {
        if target == self.problem.requests[request].targets.len() {
            self.request(request + 1, value);
            return;
        }
        for (model, node) in self.places[request][target].clone() {
            let pin = self.problem.pinned.iter().find(|pin| (pin.request, pin.target) == (request, target));
            if pin.is_some_and(|pin| (pin.model, pin.node) != (model, node)) {
                continue;
            }
            let now = self.problem.current.iter().find(|now| (now.request, now.target) == (request, target));
            let moved = now.is_some_and(|now| (now.model, now.node) != (model, node));
            let price = if moved { self.problem.move_cost } else { 0 };
            self.place(request, target, model, node, value - price);
        }
    }

    fn place(&mut self, request: usize, target: usize, model: usize, node: usize, value: i64) {
        let own = self.problem.requests[request].sharing.unwrap_or(self.problem.sharing);
        let owner = match own {
            Sharing::On => (model, node, 0, 0),
            Sharing::PerRequest => (model, node, request + 1, 0),
            Sharing::PerTarget => (model, node, request + 1, target + 1),
        };
        let demand = self.problem.models[model].demand.clone();
        let starts = !self.running.contains(&owner);
        if starts && demand.iter().zip(&self.room[node]).any(|(need, left)| need > left) {
            return;
        }
        let acted_on = self.problem.requests[request].targets[target].node;
        let keys: Vec<(usize, String)> =
            self.problem.models[model].controls.iter().map(|p| (acted_on, p.clone())).collect();
        if keys.iter().any(|key| self.controller.get(key).is_some_and(|other| *other != owner)) {
            return;
        }
        let before = self.controller.clone();
        keys.into_iter().for_each(|key| {
            self.controller.insert(key, owner);
        });
        if starts {
            self.running.insert(owner);
            self.room[node].iter_mut().zip(&demand).for_each(|(left, need)| *left -= need);
        }
        self.target(request, target + 1, value);
        if starts {
            self.running.remove(&owner);
            self.room[node].iter_mut().zip(&demand).for_each(|(left, need)| *left += need);
        }
        self.controller = before;
    }
}
