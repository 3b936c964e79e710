//! OrchestRAN, section VII and the prototype: its figures 5 to 11.

pub mod acceptance;
pub mod prototype;
pub mod size;

use std::collections::BTreeSet;

use ranform_optimizers::orchestration::problem::{NodeKind, Problem, Sharing};
use ranform_optimizers::orchestration::{Answer, Strategy, solve};

use crate::measure::{self, Deadline, Measured};
use crate::support::orchestration::{LatencyMix, NodeCase, Setting, generate};

/// Table II, left: which kinds of nodes requests name.
pub const CASES: [(&str, NodeCase); 3] =
    [("ALL", NodeCase::All), ("ER", NodeCase::EdgeAndRan), ("RO", NodeCase::RanOnly)];

/// Table II, right: how strict the limits are.
pub const MIXES: [(&str, LatencyMix); 3] =
    [("DT", LatencyMix::DelayTolerant), ("LL", LatencyMix::LowLatency), ("ULL", LatencyMix::UltraLowLatency)];

/// Seconds that one solve may take.
const PATIENCE: f64 = 60.0;

/// What an answer comes to.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    /// Requests.
    pub requests: usize,
    /// Accepted ones.
    pub accepted: usize,
    /// Requests of which at least one target is served.
    pub touched: usize,
    /// Cores that its instances take.
    pub cores: i64,
    /// Cores of all nodes.
    pub capacity: i64,
    /// Instances by kind of node, root first.
    pub by_kind: [usize; 5],
}

/// Solves with a strategy; none without an answer in time.
pub fn run(problem: &Problem, strategy: Strategy) -> Option<Measured<Answer>> {
    let measured = measure::once(|| solve(problem, strategy, 0, &Deadline::after(PATIENCE)));
    let (answer, _) = measured.value.ok()?;
    answer.value?;
    Some(Measured { value: answer, wall: measured.wall, cpu: measured.cpu })
}

/// Counts an answer.
pub fn outcome(problem: &Problem, answer: &Answer) -> Outcome {
    let served = || answer.assignment.iter().chain(&answer.partly);
    let instances: BTreeSet<_> = served().map(|entry| (entry.model, entry.node, entry.instance)).collect();
    let touched: BTreeSet<_> = served().map(|entry| entry.request).collect();
    let mut outcome = Outcome {
        requests: problem.requests.len(),
        accepted: answer.accepted.len(),
        touched: touched.len(),
        cores: instances.iter().map(|(model, ..)| problem.models[*model].demand[0]).sum(),
        capacity: problem.nodes.iter().map(|node| node.capacity[0]).sum(),
        by_kind: [0; 5],
    };
    for (_, node, _) in instances {
        let kind = NodeKind::ALL.iter().position(|kind| *kind == problem.nodes[node].kind);
        outcome.by_kind[kind.unwrap_or(0)] += 1;
    }
    outcome
}

/// The paper's setting with these choices.
pub fn setting(nodes: usize, case: NodeCase, mix: LatencyMix, sharing: Sharing, seed: u64) -> Problem {
    generate(&Setting { nodes, case, mix, sharing, seed, ..Setting::default() })
}

/// The mean of some numbers; none of none.
pub fn mean(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.into_iter().fold((0.0, 0), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// A fraction as percent, or a dash.
pub fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
