//! Orchestration instances in the setting of OrchestRAN's section VII and beyond, from a seed.
//!
//! What the text of the paper lost is filled in as docs/src/optimizers/orchestration.md says: 1.5
//! requests per node of 1 to 4 targets each, 7 functions, execution 1 ms everywhere, half of the data
//! from radio units below the target. Equal parameters give equal instances on every machine.

use std::collections::BTreeMap;

use ranform_optimizers::orchestration::problem::{
    Bound, Collect, Model, Node, NodeKind, PROBLEM_FORMAT, Problem, Request, Sharing, Target, Uplink,
};

use super::random::Random;

/// Which kinds of nodes requests name (Table II).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeCase {
    /// All nodes.
    All,
    /// Edge and RAN: all but the non-RT RIC.
    EdgeAndRan,
    /// RAN only: CU, DU and RU.
    RanOnly,
}

/// Shares of TTI level (10 ms), sub-second (1 s) and long (10 s) limits (Table II).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatencyMix {
    /// 0.2, 0.2, 0.6.
    DelayTolerant,
    /// 0.2, 0.6, 0.2.
    LowLatency,
    /// 0.6, 0.4, 0.
    UltraLowLatency,
}

/// The parameters of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Number of nodes, at least 5; the paper's proportions.
    pub nodes: usize,
    /// Requests per 10 nodes: 15 in the paper's setting.
    pub requests_per_ten_nodes: usize,
    /// Which kinds of nodes requests name.
    pub case: NodeCase,
    /// How strict the limits are.
    pub mix: LatencyMix,
    /// Who may share an instance.
    pub sharing: Sharing,
    /// Values drawn from 1 to 20 instead of 1.
    pub weighted: bool,
    /// Number of resources; with more than one, demands and capacities are drawn.
    pub resources: usize,
    /// Models of several functions, with different performance, and bounds on it.
    pub overlap: bool,
    /// The seed.
    pub seed: u64,
}

impl Default for Setting {
    /// The paper's: 135 nodes, all kinds, delay tolerant, instances shared.
    fn default() -> Self {
        Self {
            nodes: 135,
            requests_per_ten_nodes: 15,
            case: NodeCase::All,
            mix: LatencyMix::DelayTolerant,
            sharing: Sharing::On,
            weighted: false,
            resources: 1,
            overlap: false,
            seed: 1,
        }
    }
}

/// Functions in the catalog.
const FUNCTIONS: usize = 7;
/// Models in the catalog; the last three take IQ samples.
const MODELS: usize = 13;

/// Draws the instance of `setting`.
pub fn generate(setting: &Setting) -> Problem {
    let mut random = Random::new(setting.seed);
    let kinds = kinds(setting.nodes.max(5));
    let nodes = nodes(&kinds, setting, &mut random);
    let models = models(setting, &mut random);
    let below = radio_units_below(&nodes);
    let count = setting.nodes * setting.requests_per_ten_nodes / 10;
    let requests = (0..count).map(|_| request(setting, &kinds, &below, &mut random)).collect();
    Problem {
        format: PROBLEM_FORMAT.to_owned(),
        resources: (0..setting.resources.max(1)).map(|at| format!("resource-{at}")).collect(),
        sharing: setting.sharing,
        collect: Collect::Sum,
        nodes,
        models,
        requests,
        current: Vec::new(),
        pinned: Vec::new(),
        excluded: Vec::new(),
        move_cost: 0,
    }
}

/// The level of each node: 1, 4, 10, 30, 90 in 135.
fn kinds(nodes: usize) -> Vec<NodeKind> {
    let share = |of: usize| ((nodes * of * 2 + 135) / 270).max(1);
    let (near, central, distributed) = (share(4), share(10), share(30));
    let above = 1 + near + central + distributed;
    let counts = [1, near, central, distributed, nodes.saturating_sub(above).max(1)];
    NodeKind::ALL.iter().zip(counts).flat_map(|(&kind, count)| std::iter::repeat_n(kind, count)).collect()
}

fn nodes(kinds: &[NodeKind], setting: &Setting, random: &mut Random) -> Vec<Node> {
    let level = |kind: NodeKind| kinds.iter().position(|&other| other == kind).unwrap_or(0);
    let mut nodes = Vec::with_capacity(kinds.len());
    for &kind in kinds {
        // Rates of 100, 50, 25 and 20 Gbps; propagation of 10, 10, 10 and 1 ms, downwards.
        let (above, ps_per_byte, propagation_ns, cores) = match kind {
            NodeKind::NonRtRic => (None, 0, 0, 128),
            NodeKind::NearRtRic => (Some(NodeKind::NonRtRic), 80, 10_000_000, 8),
            NodeKind::Cu => (Some(NodeKind::NearRtRic), 160, 10_000_000, 4),
            NodeKind::Du => (Some(NodeKind::Cu), 320, 10_000_000, 2),
            NodeKind::Ru => (Some(NodeKind::Du), 400, 1_000_000, 1),
        };
        let parent = above.map(|above| {
            let first = level(above);
            first + random.below(level(kind) - first)
        });
        let scale = if setting.resources > 1 { 4 } else { 1 };
        let mut capacity = vec![cores * scale];
        capacity.extend((1..setting.resources).map(|_| cores + random.number(0, cores)));
        nodes.push(Node {
            kind,
            parent,
            capacity,
            uplink: parent.map(|_| Uplink { ps_per_byte, propagation_ns }),
            bin: false,
        });
    }
    nodes
}

fn models(setting: &Setting, random: &mut Random) -> Vec<Model> {
    let everywhere = |value: i64| NodeKind::ALL.iter().map(|&kind| (kind, value)).collect::<BTreeMap<_, _>>();
    (0..MODELS)
        .map(|at| {
            let mut offered = vec![if at < FUNCTIONS { at } else { random.below(FUNCTIONS) }];
            if setting.overlap {
                offered.extend((0..random.below(3)).map(|_| random.below(FUNCTIONS)));
            }
            offered.sort_unstable();
            offered.dedup();
            let functions: Vec<String> = offered.into_iter().map(name).collect();
            let mut performance = BTreeMap::new();
            for function in &functions {
                let drawn = if setting.overlap { random.number(60, 99) } else { 100 };
                performance.insert(function.clone(), drawn);
            }
            let demand = match (setting.resources, setting.overlap) {
                (0 | 1, false) => vec![1],
                (0 | 1, true) => vec![random.number(1, 2)],
                (count, _) => {
                    let mut demand = vec![random.number(4, 8)];
                    demand.extend((1..count).map(|_| random.number(0, 2)));
                    demand
                }
            };
            Model {
                performance,
                functions,
                demand,
                input_bytes: if at < 10 { 100 } else { 1000 },
                execution_ns: everywhere(1_000_000),
                suitability_percent: everywhere(100),
                controls: Vec::new(),
            }
        })
        .collect()
}

fn name(function: usize) -> String {
    format!("function-{function}")
}

/// Per node, the radio units that are it or below it.
fn radio_units_below(nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut below = vec![Vec::new(); nodes.len()];
    for (at, _) in nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Ru) {
        let upwards = std::iter::successors(Some(at), |&at| nodes[at].parent);
        upwards.for_each(|above| below[above].push(at));
    }
    below
}

fn request(setting: &Setting, kinds: &[NodeKind], below: &[Vec<usize>], random: &mut Random) -> Request {
    let value = if setting.weighted { random.number(1, 20) } else { 1 };
    let mut targets: Vec<Target> = Vec::new();
    let count = 1 + random.below(4);
    while targets.len() < count {
        let target = target(setting, kinds, below, random);
        let same = |other: &Target| other.function == target.function && other.node == target.node;
        if !targets.iter().any(same) {
            targets.push(target);
        }
    }
    Request { value, targets, sharing: None }
}

fn target(setting: &Setting, kinds: &[NodeKind], below: &[Vec<usize>], random: &mut Random) -> Target {
    let allowed = match setting.case {
        NodeCase::All => &NodeKind::ALL[..],
        NodeCase::EdgeAndRan => &NodeKind::ALL[1..],
        NodeCase::RanOnly => &NodeKind::ALL[2..],
    };
    let kind = allowed[random.below(allowed.len())];
    let first = kinds.iter().position(|&other| other == kind).unwrap_or(0);
    let node = first + random.below(kinds.iter().filter(|&&other| other == kind).count());
    let mut sources = vec![node];
    if random.below(2) == 1 && !below[node].is_empty() {
        sources = Vec::new();
        for _ in 0..=random.below(3) {
            sources.push(below[node][random.below(below[node].len())]);
        }
        sources.sort_unstable();
        sources.dedup();
    }
    let (tti, sub_second) = match setting.mix {
        LatencyMix::DelayTolerant => (2, 4),
        LatencyMix::LowLatency => (2, 8),
        LatencyMix::UltraLowLatency => (6, 10),
    };
    let drawn = random.below(10);
    let latency_ns = if drawn < tti {
        10_000_000
    } else if drawn < sub_second {
        1_000_000_000
    } else {
        10_000_000_000
    };
    let bound = if setting.overlap { [0, 60, 70, 80, 85][random.below(5)] } else { 0 };
    Target { function: name(random.below(FUNCTIONS)), node, sources, latency_ns, performance: Bound::AtLeast(bound) }
}
