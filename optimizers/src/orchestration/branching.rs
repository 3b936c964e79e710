//! The `paper` strategy: one problem per near-RT RIC (section VI-B), requests cut in pieces.
//!
//! The tree is split below its root; each cluster sees the root, its own nodes, and of each request the
//! targets on them (targets on the root go with the first cluster). The clusters are
//! solved one after the other, each with what the others left of the root, so that the sum is legal. A
//! request whose pieces were not all accepted is served partly: it is reported as such, and worth nothing.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::AnswerStatus;

use super::answer::Answer;
use super::limits::Limits;
use super::problem::{Assignment, Problem, Request};
use super::solve::{infeasible, solve_kept};
use super::textbook::renumber;
use crate::exchange::DocumentError;

/// Solves cluster by cluster.
pub fn solve_branched(problem: &Problem, limits: Limits<'_>) -> Result<(Answer, u64), DocumentError> {
    let cluster_of = clusters(problem);
    let count = cluster_of.iter().flatten().max().map_or(1, |last| last + 1);
    let pieces = pieces(problem, &cluster_of);
    let mut left: Vec<Vec<i64>> = problem.nodes.iter().map(|node| node.capacity.clone()).collect();
    let mut served: Vec<Assignment> = Vec::new();
    let mut steps = 0;
    for cluster in 0..count {
        let part = Piece::new(problem, &cluster_of, &pieces, cluster, &left);
        let (answer, work) = solve_kept(&part.problem, limits)?;
        steps += work;
        if answer.status == AnswerStatus::Infeasible {
            // Pins of this cluster may have lost the root to others: that proves nothing of the whole.
            let bound = Some(problem.total_value());
            return Ok((Answer { status: AnswerStatus::Unknown, bound, ..infeasible() }, steps));
        }
        part.merge(&answer, &mut served, &mut left);
    }
    Ok((conclude(problem, served), steps))
}

/// Per node, its cluster; none for roots. A cluster is what hangs below one child of a root.
fn clusters(problem: &Problem) -> Vec<Option<usize>> {
    let mut numbers = BTreeMap::new();
    let mut cluster_of = Vec::with_capacity(problem.nodes.len());
    for node in 0..problem.nodes.len() {
        let upwards = std::iter::successors(Some(node), |&at| problem.nodes[at].parent);
        let head = upwards.filter(|&at| problem.nodes[at].parent.is_some()).last();
        cluster_of.push(head.map(|head| {
            let next = numbers.len();
            *numbers.entry(head).or_insert(next)
        }));
    }
    cluster_of
}

/// Per request and target, the cluster it goes with.
fn pieces(problem: &Problem, cluster_of: &[Option<usize>]) -> Vec<Vec<usize>> {
    let of_request = |request: &Request| {
        let own = |node: usize| cluster_of.get(node).copied().flatten();
        request.targets.iter().map(|target| own(target.node).unwrap_or(0)).collect()
    };
    problem.requests.iter().map(of_request).collect()
}

/// What one cluster sees, and how its numbering maps back.
struct Piece {
    problem: Problem,
    /// Per request of the piece: the request, and the target that each of its targets is.
    origin: Vec<(usize, Vec<usize>)>,
}

impl Piece {
    fn new(
        whole: &Problem,
        cluster_of: &[Option<usize>],
        pieces: &[Vec<usize>],
        cluster: usize,
        left: &[Vec<i64>],
    ) -> Self {
        let mut problem = Problem { requests: Vec::new(), current: Vec::new(), pinned: Vec::new(), ..whole.clone() };
        for (at, node) in problem.nodes.iter_mut().enumerate() {
            let is_seen = cluster_of[at].is_none_or(|other| other == cluster);
            node.capacity = if is_seen { left[at].clone() } else { vec![0; node.capacity.len()] };
        }
        // Models that need nothing would run beyond the cluster; no matter, they are legal there.
        let mut origin = Vec::new();
        let mut number = BTreeMap::new();
        for (request, of_target) in pieces.iter().enumerate() {
            let targets: Vec<usize> = (0..of_target.len()).filter(|&target| of_target[target] == cluster).collect();
            if targets.is_empty() {
                continue;
            }
            for (at, &target) in targets.iter().enumerate() {
                number.insert((request, target), (origin.len(), at));
            }
            let wanted = &whole.requests[request];
            let kept = targets.iter().map(|&target| wanted.targets[target].clone()).collect();
            problem.requests.push(Request { value: wanted.value, targets: kept, sharing: wanted.sharing });
            origin.push((request, targets));
        }
        for pin in &whole.pinned {
            if let Some(&(request, target)) = number.get(&(pin.request, pin.target)) {
                problem.pinned.push(super::problem::Pin { request, target, ..*pin });
            }
        }
        for now in &whole.current {
            if let Some(&(request, target)) = number.get(&(now.request, now.target)) {
                problem.current.push(Assignment { request, target, ..*now });
            }
        }
        Self { problem, origin }
    }

    /// Adds what the cluster serves, its instances counted after those already there, and takes what
    /// they need.
    fn merge(&self, answer: &Answer, served: &mut Vec<Assignment>, left: &mut [Vec<i64>]) {
        let mut offset: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for entry in served.iter() {
            let next = offset.entry((entry.model, entry.node)).or_default();
            *next = (*next).max(entry.instance + 1);
        }
        let instances: BTreeSet<_> =
            answer.assignment.iter().map(|entry| (entry.model, entry.node, entry.instance)).collect();
        for (model, node, _) in instances {
            let demand = &self.problem.models[model].demand;
            left[node].iter_mut().zip(demand).for_each(|(left, demand)| *left -= demand);
        }
        for entry in &answer.assignment {
            let (request, targets) = &self.origin[entry.request];
            let first = offset.get(&(entry.model, entry.node)).copied().unwrap_or(0);
            let instance = first + entry.instance;
            served.push(Assignment { request: *request, target: targets[entry.target], instance, ..*entry });
        }
    }
}

fn conclude(problem: &Problem, mut served: Vec<Assignment>) -> Answer {
    served.sort_unstable();
    renumber(&mut served);
    let mut count = vec![0; problem.requests.len()];
    served.iter().for_each(|entry| count[entry.request] += 1);
    let is_whole = |request: usize| count[request] == problem.requests[request].targets.len();
    let accepted: Vec<usize> = (0..problem.requests.len()).filter(|&request| is_whole(request)).collect();
    let (assignment, partly): (Vec<Assignment>, Vec<Assignment>) =
        served.into_iter().partition(|entry| is_whole(entry.request));
    let now: BTreeMap<_, _> =
        problem.current.iter().map(|now| ((now.request, now.target), (now.model, now.node))).collect();
    let moved = |entry: &&Assignment| {
        now.get(&(entry.request, entry.target)).is_some_and(|place| *place != (entry.model, entry.node))
    };
    let moves = i64::try_from(assignment.iter().filter(moved).count()).unwrap_or(i64::MAX);
    let gained: i64 = accepted.iter().map(|&request| problem.requests[request].value).sum();
    let value = gained - moves.saturating_mul(problem.move_cost);
    let bound = problem.total_value();
    let pins_kept = problem.pinned.iter().all(|pin| is_whole(pin.request));
    if !pins_kept {
        return Answer { status: AnswerStatus::Unknown, bound: Some(bound), ..infeasible() };
    }
    let status = if value == bound { AnswerStatus::Optimal } else { AnswerStatus::Feasible };
    Answer { status, value: Some(value), bound: Some(bound), accepted, assignment, partly, ..infeasible() }
}
