//! Which problem documents are legal: sizes, ranges, indexes, the tree, sums that fit.
//!
//! Everything later relies on these facts and checks none of them again. All independent findings are
//! collected; the message tells the first and how many more there are.

use ranform_network::units;

use super::problem::{Bound, Problem};
use crate::exchange::{DocumentCode, DocumentError};

/// The largest number accepted: every whole number up to it is exact in a double.
pub const MAX_NUMBER: i64 = 1 << 53;

/// Checks `problem`; after it, all indexes exist, the parents form a tree (or several), every number is
/// within `0..=MAX_NUMBER`, every delay fits an i128 and all values together fit [`MAX_NUMBER`].
pub fn validate(problem: &Problem) -> Result<(), DocumentError> {
    let mut findings = Findings::default();
    nodes(problem, &mut findings);
    models(problem, &mut findings);
    requests(problem, &mut findings);
    stability(problem, &mut findings);
    if findings.list.is_empty() {
        tree(problem, &mut findings);
    }
    if findings.list.is_empty() {
        sums(problem, &mut findings);
    }
    findings.into_result()
}

#[derive(Default)]
struct Findings {
    list: Vec<DocumentError>,
    more: usize,
}

impl Findings {
    const KEPT: usize = 20;

    fn push(&mut self, code: DocumentCode, message: String) {
        if self.list.len() < Self::KEPT {
            self.list.push(DocumentError::new(code, message));
        } else {
            self.more += 1;
        }
    }

    fn number(&mut self, value: i64, place: impl Fn() -> String) {
        if value < 0 {
            self.push(DocumentCode::OutOfRange, format!("{} is {value}, a negative number", place()));
        } else if value > MAX_NUMBER {
            self.push(DocumentCode::OutOfRange, format!("{} is {value}, at most {MAX_NUMBER} is allowed", place()));
        }
    }

    fn size(&mut self, found: usize, expected: usize, place: impl Fn() -> String) {
        if found != expected {
            let message = format!("{} has {found} entries, one per resource ({expected}) are needed", place());
            self.push(DocumentCode::WrongSize, message);
        }
    }

    fn index(&mut self, index: usize, count: usize, place: impl Fn() -> String, of: &str) {
        if index >= count {
            self.push(DocumentCode::OutOfRange, format!("{} is {index}, but there are {count} {of}", place()));
        }
    }

    fn into_result(self) -> Result<(), DocumentError> {
        let count = self.list.len() + self.more;
        match self.list.into_iter().next() {
            None => Ok(()),
            Some(first) if count == 1 => Err(first),
            Some(mut first) => {
                first.message = format!("{} (and {})", first.message, units::count(count - 1, "more finding"));
                Err(first)
            }
        }
    }
}

fn nodes(problem: &Problem, findings: &mut Findings) {
    for (at, node) in problem.nodes.iter().enumerate() {
        findings.size(node.capacity.len(), problem.resources.len(), || format!("nodes[{at}].capacity"));
        for (resource, &amount) in node.capacity.iter().enumerate() {
            findings.number(amount, || format!("nodes[{at}].capacity[{resource}]"));
        }
        if let Some(parent) = node.parent {
            findings.index(parent, problem.nodes.len(), || format!("nodes[{at}].parent"), "nodes");
            if node.uplink.is_none() {
                let message = format!("nodes[{at}] has a parent but no uplink");
                findings.push(DocumentCode::Inconsistent, message);
            }
        }
        let above = node.parent.and_then(|parent| problem.nodes.get(parent));
        if node.bin && above.is_none_or(|above| above.bin) {
            let message = format!("nodes[{at}] is a bin, its parent must be a node that is none");
            findings.push(DocumentCode::Inconsistent, message);
        } else if above.is_some_and(|above| above.bin) {
            findings.push(DocumentCode::Inconsistent, format!("the parent of nodes[{at}] is a bin"));
        }
        if let Some(uplink) = node.uplink {
            findings.number(uplink.ps_per_byte, || format!("nodes[{at}].uplink.ps_per_byte"));
            findings.number(uplink.propagation_ns, || format!("nodes[{at}].uplink.propagation_ns"));
        }
    }
}

fn models(problem: &Problem, findings: &mut Findings) {
    for (at, model) in problem.models.iter().enumerate() {
        findings.size(model.demand.len(), problem.resources.len(), || format!("models[{at}].demand"));
        for (resource, &amount) in model.demand.iter().enumerate() {
            findings.number(amount, || format!("models[{at}].demand[{resource}]"));
        }
        findings.number(model.input_bytes, || format!("models[{at}].input_bytes"));
        for (kind, &time) in &model.execution_ns {
            findings.number(time, || format!("models[{at}].execution_ns.{}", kind.name()));
        }
        for (function, &performance) in &model.performance {
            findings.number(performance, || format!("models[{at}].performance.{function}"));
        }
        for (kind, &percent) in &model.suitability_percent {
            findings.number(percent, || format!("models[{at}].suitability_percent.{}", kind.name()));
            if percent > 100 && percent <= MAX_NUMBER {
                let place = format!("models[{at}].suitability_percent.{}", kind.name());
                findings.push(DocumentCode::OutOfRange, format!("{place} is {percent}, more than 100 percent"));
            }
        }
        for function in &model.functions {
            if !model.performance.contains_key(function) {
                let message = format!("models[{at}] offers `{function}` but has no performance for it");
                findings.push(DocumentCode::Inconsistent, message);
            }
        }
    }
}

fn requests(problem: &Problem, findings: &mut Findings) {
    let nodes = problem.nodes.len();
    for (at, request) in problem.requests.iter().enumerate() {
        findings.number(request.value, || format!("requests[{at}].value"));
        for (index, target) in request.targets.iter().enumerate() {
            let place = || format!("requests[{at}].targets[{index}]");
            findings.index(target.node, nodes, || format!("{}.node", place()), "nodes");
            findings.number(target.latency_ns, || format!("{}.latency_ns", place()));
            if target.sources.is_empty() {
                findings.push(DocumentCode::WrongSize, format!("{}.sources is empty, one is needed", place()));
            }
            for &source in &target.sources {
                findings.index(source, nodes, || format!("{}.sources", place()), "nodes");
            }
            let (Bound::AtLeast(bound) | Bound::AtMost(bound)) = target.performance;
            findings.number(bound, || format!("{}.performance", place()));
        }
    }
}

fn stability(problem: &Problem, findings: &mut Findings) {
    findings.number(problem.move_cost, || "move_cost".to_owned());
    let pins = problem.pinned.iter().map(|pin| ("pinned", pin.request, pin.target, pin.model, pin.node));
    let current = problem.current.iter().map(|now| ("current", now.request, now.target, now.model, now.node));
    for (field, request, target, model, node) in pins.chain(current) {
        findings.index(request, problem.requests.len(), || format!("{field}.request"), "requests");
        if let Some(found) = problem.requests.get(request) {
            findings.index(target, found.targets.len(), || format!("{field}.target"), "targets of that request");
        }
        findings.index(model, problem.models.len(), || format!("{field}.model"), "models");
        findings.index(node, problem.nodes.len(), || format!("{field}.node"), "nodes");
    }
    for exclusion in &problem.excluded {
        if let Some(model) = exclusion.model {
            findings.index(model, problem.models.len(), || "excluded.model".to_owned(), "models");
        }
        if let Some(node) = exclusion.node {
            findings.index(node, problem.nodes.len(), || "excluded.node".to_owned(), "nodes");
        }
    }
    let mut places: Vec<(usize, usize)> = problem.pinned.iter().map(|pin| (pin.request, pin.target)).collect();
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        findings.push(DocumentCode::Inconsistent, "one target is pinned twice".to_owned());
    }
    let mut places: Vec<(usize, usize)> = problem.current.iter().map(|now| (now.request, now.target)).collect();
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        findings.push(DocumentCode::Inconsistent, "one target is in `current` twice".to_owned());
    }
}

/// Every walk upwards must end at a root; marks keep it linear.
fn tree(problem: &Problem, findings: &mut Findings) {
    let mut walk_of = vec![usize::MAX; problem.nodes.len()];
    for start in 0..problem.nodes.len() {
        let mut at = start;
        while walk_of[at] == usize::MAX {
            walk_of[at] = start;
            match problem.nodes[at].parent {
                Some(parent) if walk_of[parent] == start => {
                    findings.push(DocumentCode::Inconsistent, format!("the parents of nodes[{parent}] form a cycle"));
                    break;
                }
                Some(parent) => at = parent,
                None => break,
            }
        }
    }
}

/// The longest delay and the sum of values must fit, so that no later sum needs a check.
fn sums(problem: &Problem, findings: &mut Findings) {
    let total = problem.requests.iter().try_fold(0i64, |sum, request| sum.checked_add(request.value));
    if total.is_none_or(|total| total > MAX_NUMBER) {
        let message = format!("the values of all requests add up to more than {MAX_NUMBER}");
        findings.push(DocumentCode::OutOfRange, message);
    }
    let moves = i64::try_from(problem.current.len()).ok().and_then(|count| count.checked_mul(problem.move_cost));
    if moves.is_none_or(|moves| moves > MAX_NUMBER) {
        findings.push(DocumentCode::OutOfRange, format!("the move costs add up to more than {MAX_NUMBER}"));
    }
    let uplinks = || problem.nodes.iter().filter_map(|node| node.uplink);
    let rate: i128 = uplinks().map(|uplink| i128::from(uplink.ps_per_byte)).sum();
    let propagation: i128 = uplinks().map(|uplink| i128::from(uplink.propagation_ns)).sum();
    let bytes = problem.models.iter().map(|model| i128::from(model.input_bytes)).max().unwrap_or(0);
    let sources = problem.requests.iter().flat_map(|request| &request.targets).map(|target| target.sources.len());
    let sources = i128::try_from(sources.max().unwrap_or(0)).unwrap_or(i128::MAX);
    let longest = rate
        .checked_mul(bytes)
        .and_then(|sending| propagation.checked_mul(1000)?.checked_add(sending))
        .and_then(|path| path.checked_mul(sources.max(1)))
        .and_then(|paths| paths.checked_add(i128::from(MAX_NUMBER) * 1000 * sources.max(1)));
    if longest.is_none() {
        findings.push(DocumentCode::OutOfRange, "the delays along the tree overflow".to_owned());
    }
}
