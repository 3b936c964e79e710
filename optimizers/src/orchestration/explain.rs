//! Why requests were rejected, to whom they lost, and what would admit them; what more capacity is worth.
//!
//! Nothing here is estimated: every sentence is the result of solving a changed problem again. A remedy
//! admits the request beside all that are accepted now, with the smallest change of its kind.

use std::collections::BTreeSet;

use ranform_network::{AnswerStatus, Control};

use super::answer::Answer;
use super::limits::Limits;
use super::options::{Places, Reason};
use super::problem::{Assignment, Problem, Request};
use super::solve::solve_kept;
use super::validate::MAX_NUMBER;
use crate::exchange::DocumentError;

/// Why one request was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The request.
    pub request: usize,
    /// Targets that can be served nowhere, whoever else is accepted, and why not.
    pub hopeless: Vec<(usize, Reason)>,
    /// Accepted requests that the best answer with this one would give up.
    pub lost_to: Vec<usize>,
    /// The least value with which it would be accepted in every best answer; none if no value helps.
    pub value_needed: Option<i64>,
    /// Single changes that admit it beside all that are accepted now.
    pub remedies: Vec<Remedy>,
}

/// A change that admits a rejected request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// More room on one node: (resource, how much more).
    Capacity {
        /// The node.
        node: usize,
        /// What it needs more, by resource index; each amount is the least with the others as given.
        more: Vec<(usize, i64)>,
    },
    /// A longer limit for one target.
    Latency {
        /// The target.
        target: usize,
        /// How much longer, nanoseconds: the least that does.
        more_ns: i64,
    },
    /// A limit for all targets that have a shorter one, where no single one does.
    Latencies {
        /// The limit, nanoseconds: the least that does.
        limit_ns: i64,
    },
}

/// What more of a resource on a node is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShadowPrice {
    /// The node.
    pub node: usize,
    /// The resource.
    pub resource: usize,
    /// How much more.
    pub more: i64,
    /// How much the best value rises; none where one of the two solves was cut short.
    pub value: Option<i64>,
    /// How many more requests the best answer accepts.
    pub requests: i64,
}

/// At most so many nodes are tried per request, nearest to its targets first.
const NODES_TRIED: usize = 6;

/// Explains the first `limit` rejected requests of a proven answer.
pub fn explain_rejections(
    problem: &Problem,
    answer: &Answer,
    limit: usize,
    control: &dyn Control,
) -> Result<Vec<Rejection>, DocumentError> {
    let accepted: BTreeSet<usize> = answer.accepted.iter().copied().collect();
    let rejected = (0..problem.requests.len()).filter(|request| !accepted.contains(request));
    let mut rejections = Vec::new();
    for request in rejected.take(limit) {
        if control.should_stop() {
            break;
        }
        rejections.push(explain_rejection(problem, answer, request, control)?);
    }
    Ok(rejections)
}

/// Explains one rejected request of a proven answer.
pub fn explain_rejection(
    problem: &Problem,
    answer: &Answer,
    request: usize,
    control: &dyn Control,
) -> Result<Rejection, DocumentError> {
    Explainer { problem, answer, request, control }.explain()
}

/// Whether `problem`, changed since `answer` was found, lets the request be served beside all that are accepted.
///
/// # Errors
/// A solver that gave up.
pub fn admits(
    problem: &Problem,
    answer: &Answer,
    request: usize,
    control: &dyn Control,
) -> Result<bool, DocumentError> {
    let explainer = Explainer { problem, answer, request, control };
    let (beside, count) = explainer.beside();
    explainer.all_fit(&beside, count)
}

/// Solves again with `more` of one resource on one node.
pub fn shadow_price(
    problem: &Problem,
    answer: &Answer,
    (node, resource, more): (usize, usize, i64),
    control: &dyn Control,
) -> Result<ShadowPrice, DocumentError> {
    let mut richer = problem.clone();
    if let Some(capacity) = richer.nodes.get_mut(node).and_then(|node| node.capacity.get_mut(resource)) {
        *capacity = capacity.saturating_add(more).clamp(0, MAX_NUMBER);
    }
    let (again, _) = solve_kept(&richer, Limits::counted(control))?;
    let proven = again.status == AnswerStatus::Optimal && answer.status == AnswerStatus::Optimal;
    let value = again.value.zip(answer.value).filter(|_| proven).map(|(after, before)| after - before);
    let count = |answer: &Answer| i64::try_from(answer.accepted.len()).unwrap_or(i64::MAX);
    Ok(ShadowPrice { node, resource, more, value, requests: count(&again) - count(answer) })
}

/// Nodes and resources where accepted models leave the least room and rejected requests could run:
/// where [`shadow_price`] is worth asking.
pub fn bottlenecks(problem: &Problem, answer: &Answer, limit: usize) -> Vec<(usize, usize)> {
    let accepted: BTreeSet<usize> = answer.accepted.iter().copied().collect();
    let mut left: Vec<Vec<i64>> = problem.nodes.iter().map(|node| node.capacity.clone()).collect();
    let instances: BTreeSet<_> =
        answer.assignment.iter().map(|entry| (entry.model, entry.node, entry.instance)).collect();
    for (model, node, _) in instances {
        left[node].iter_mut().zip(&problem.models[model].demand).for_each(|(left, demand)| *left -= demand);
    }
    let places = Places::new(problem);
    let mut wanted: std::collections::BTreeMap<(usize, usize), usize> = Default::default();
    for request in (0..problem.requests.len()).filter(|request| !accepted.contains(request)) {
        let mut tight = BTreeSet::new();
        for target in 0..problem.requests[request].targets.len() {
            places.visit_roomless(request, target, |place| {
                let (model, node) = (place.model as usize, place.node as usize);
                for (resource, demand) in problem.models[model].demand.iter().enumerate() {
                    if *demand > left[node][resource] {
                        tight.insert((node, resource));
                    }
                }
            });
        }
        tight.into_iter().for_each(|place| *wanted.entry(place).or_default() += 1);
    }
    let mut order: Vec<((usize, usize), usize)> = wanted.into_iter().collect();
    order.sort_by_key(|&(place, count)| (std::cmp::Reverse(count), place));
    order.into_iter().take(limit).map(|(place, _)| place).collect()
}

struct Explainer<'a> {
    problem: &'a Problem,
    answer: &'a Answer,
    request: usize,
    control: &'a dyn Control,
}

impl Explainer<'_> {
    fn explain(&self) -> Result<Rejection, DocumentError> {
        let places = Places::new(self.problem);
        let targets = 0..self.problem.requests[self.request].targets.len();
        let hopeless = targets.filter_map(|target| Some((target, places.obstacle(self.request, target)?))).collect();
        let (lost_to, value_needed) = self.rivals()?;
        let mut remedies = Vec::new();
        for node in self.nodes_to_try(&places) {
            remedies.extend(self.more_capacity(node)?);
        }
        let before = remedies.len();
        let targets = self.problem.requests[self.request].targets.len();
        for target in 0..targets {
            remedies.extend(self.more_time(&places, target)?);
        }
        if targets > 1 && remedies.len() == before {
            remedies.extend(self.more_time_for_all(&places)?);
        }
        Ok(Rejection { request: self.request, hopeless, lost_to, value_needed, remedies })
    }

    /// The best answer that must have this request: what it gives up, and what that is worth.
    fn rivals(&self) -> Result<(Vec<usize>, Option<i64>), DocumentError> {
        let total = self.problem.total_value();
        let Some(decisive) = total.checked_add(1).filter(|value| *value <= MAX_NUMBER - total) else {
            return Ok((Vec::new(), None));
        };
        let mut wanted = self.problem.clone();
        wanted.requests[self.request].value = decisive;
        let (with, _) = solve_kept(&wanted, Limits::counted(self.control))?;
        let (Some(value), Some(before)) = (with.value, self.answer.value) else { return Ok((Vec::new(), None)) };
        if with.status != AnswerStatus::Optimal || !with.accepted.contains(&self.request) {
            return Ok((Vec::new(), None));
        }
        let kept: BTreeSet<usize> = with.accepted.iter().copied().collect();
        let lost = self.answer.accepted.iter().copied().filter(|request| !kept.contains(request)).collect();
        let rest = value - decisive;
        Ok((lost, Some(before - rest + 1)))
    }

    /// Nodes that could serve one of the targets, those above or at the target first.
    fn nodes_to_try(&self, places: &Places<'_>) -> Vec<usize> {
        let mut nodes = Vec::new();
        for target in 0..self.problem.requests[self.request].targets.len() {
            places.visit_roomless(self.request, target, |place| {
                if !nodes.contains(&(place.node as usize)) {
                    nodes.push(place.node as usize);
                }
            });
        }
        nodes.truncate(NODES_TRIED);
        nodes
    }

    /// The accepted requests and this one, each worth 1: all of them fit iff the value is their number.
    fn beside(&self) -> (Problem, i64) {
        let mut kept: Vec<usize> = self.answer.accepted.clone();
        kept.push(self.request);
        kept.sort_unstable();
        let position = |request: usize| kept.binary_search(&request).ok();
        let requests = kept.iter().map(|&request| Request { value: 1, ..self.problem.requests[request].clone() });
        let pins = self.problem.pinned.iter();
        let pinned = pins.filter_map(|pin| Some(super::problem::Pin { request: position(pin.request)?, ..*pin }));
        let problem = Problem {
            requests: requests.collect(),
            pinned: pinned.collect(),
            current: Vec::<Assignment>::new(),
            move_cost: 0,
            ..self.problem.clone()
        };
        (problem, i64::try_from(kept.len()).unwrap_or(i64::MAX))
    }

    fn all_fit(&self, problem: &Problem, count: i64) -> Result<bool, DocumentError> {
        Ok(solve_kept(problem, Limits::counted(self.control))?.0.value == Some(count))
    }

    /// The least extra room on `node` that admits the request, if any does.
    fn more_capacity(&self, node: usize) -> Result<Option<Remedy>, DocumentError> {
        let (mut problem, count) = self.beside();
        let before = self.problem.nodes[node].capacity.clone();
        let mut most: Vec<i64> = vec![0; before.len()];
        for model in &self.problem.models {
            most.iter_mut().zip(&model.demand).for_each(|(most, demand)| *most = (*most).max(*demand));
        }
        let targets = i64::try_from(self.problem.requests[self.request].targets.len()).unwrap_or(i64::MAX);
        let mut more: Vec<i64> = most.iter().map(|most| most.saturating_mul(targets).min(MAX_NUMBER / 4)).collect();
        let apply = |problem: &mut Problem, more: &[i64]| {
            let amounts = before.iter().zip(more).map(|(before, more)| before.saturating_add(*more).min(MAX_NUMBER));
            problem.nodes[node].capacity = amounts.collect();
        };
        apply(&mut problem, &more);
        if !self.all_fit(&problem, count)? {
            return Ok(None);
        }
        for resource in 0..more.len() {
            let (mut fails, mut does) = (-1, more[resource]);
            while does - fails > 1 {
                let middle = fails + (does - fails) / 2;
                more[resource] = middle;
                apply(&mut problem, &more);
                if self.all_fit(&problem, count)? { does = middle } else { fails = middle }
            }
            more[resource] = does;
            apply(&mut problem, &more);
        }
        let more: Vec<(usize, i64)> = more.into_iter().enumerate().filter(|(_, more)| *more > 0).collect();
        // Nothing needed: it fits beside the others, so only its value stands against it.
        Ok((!more.is_empty()).then_some(Remedy::Capacity { node, more }))
    }

    /// The least extra time for `target` that admits the request, if any does.
    fn more_time(&self, places: &Places<'_>, target: usize) -> Result<Option<Remedy>, DocumentError> {
        let (mut problem, count) = self.beside();
        // As with capacity: where it fits beside the others as it is, only its value stands against it.
        if self.all_fit(&problem, count)? {
            return Ok(None);
        }
        let at = self.answer.accepted.iter().filter(|&&accepted| accepted < self.request).count();
        let before = self.problem.requests[self.request].targets[target].latency_ns;
        let limits: Vec<i64> =
            places.limits(self.request, target).into_iter().filter(|&limit| limit > before).collect();
        let (mut low, mut high) = (0, limits.len());
        while low < high {
            let middle = low + (high - low) / 2;
            problem.requests[at].targets[target].latency_ns = limits[middle];
            if self.all_fit(&problem, count)? { high = middle } else { low = middle + 1 }
        }
        Ok(limits.get(low).map(|limit| Remedy::Latency { target, more_ns: limit - before }))
    }

    /// The least limit for all targets together that admits the request, if any does.
    fn more_time_for_all(&self, places: &Places<'_>) -> Result<Option<Remedy>, DocumentError> {
        let (problem, count) = self.beside();
        if self.all_fit(&problem, count)? {
            return Ok(None);
        }
        let at = self.answer.accepted.iter().filter(|&&accepted| accepted < self.request).count();
        let targets = 0..self.problem.requests[self.request].targets.len();
        let mut limits: Vec<i64> = targets.flat_map(|target| places.limits(self.request, target)).collect();
        limits.sort_unstable();
        limits.dedup();
        let (mut low, mut high) = (0, limits.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let mut longer = problem.clone();
            for target in &mut longer.requests[at].targets {
                target.latency_ns = target.latency_ns.max(limits[middle]);
            }
            if self.all_fit(&longer, count)? { high = middle } else { low = middle + 1 }
        }
        Ok(limits.get(low).map(|limit| Remedy::Latencies { limit_ns: *limit }))
    }
}
