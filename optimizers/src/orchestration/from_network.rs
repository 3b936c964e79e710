//! The problem of a network: its tree, its catalog and its requests, after the near-RT RICs are placed.
//!
//! The tree follows the placement: a RIC is one node of it, without room of its own; below it hang the
//! E2 nodes that its E2 terminations serve, beside it stand its *bins*: the compute nodes where it may run
//! xApps, with what placement leaves on them. A bin's link is the longest from one of the RIC's E2
//! terminations. A compute node that several RICs may use is a bin of the first. Where no link leads
//! from a node to the one above, no data flow: the node is a root of its own.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::answers::{ModelAssignment, ModelMapping, RicPlacement};
use ranform_network::ids::{Id, ModelId, NodeId, RequestId, RicId};
use ranform_network::network::{self, Name, Network, Performance};
use ranform_network::source::Located;

use super::answer::Answer;
use super::paths::Paths;
use super::problem::{
    Assignment, Bound, Collect, Exclusion, Model, Node, NodeKind, PROBLEM_FORMAT, Pin, Problem, Request, Sharing,
    Target, Uplink,
};
use super::validate::MAX_NUMBER;
use crate::placement::Taken;

/// A problem made of a network, and what its nodes stand for.
#[derive(Clone, Debug)]
pub struct NetworkProblem {
    /// The plain numbers. Models and requests have the numbers of their ids.
    pub problem: Problem,
    /// What each node of the problem is.
    pub nodes: Vec<Host>,
    /// Values and prices of the problem are the network's times this.
    pub value_scale: i64,
    /// The exclusions from here on come from the pins of `keep models`.
    pins_from: usize,
}

/// What a node of the problem is in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// A node of its own.
    Node(NodeId),
    /// A near-RT RIC that was placed; hosts nothing itself.
    Ric(RicId),
    /// A compute node where the RIC may run xApps.
    Bin(RicId, NodeId),
}

impl NetworkProblem {
    /// The problem of `network` after `placement`; `previous` is the mapping in force, if any. What is in force on the
    /// `held` nodes stays, and nothing comes to them.
    pub fn new(
        network: &Network,
        previous: Option<&ModelMapping>,
        placement: &RicPlacement,
        held: &BTreeSet<NodeId>,
    ) -> Self {
        let resources = resources(network);
        let mut builder = Builder {
            network,
            placement,
            paths: Paths::new(network),
            resources,
            hosts: Vec::new(),
            nodes: Vec::new(),
            position: BTreeMap::new(),
        };
        builder.add_nodes();
        builder.connect();
        let value_scale = value_scale(network);
        let (problem, pins_from) = builder.problem(value_scale);
        let mut made = Self { problem, nodes: builder.hosts, value_scale, pins_from };
        made.problem.current = previous.map(|mapping| made.current(mapping)).unwrap_or_default();
        made.hold(held);
        made
    }

    /// Pins what is in force on these nodes, and closes them to everything else.
    fn hold(&mut self, held: &BTreeSet<NodeId>) {
        let is_held = |host: &Host| matches!(host, Host::Node(node) | Host::Bin(_, node) if held.contains(node));
        let closed: BTreeSet<usize> = (0..self.nodes.len()).filter(|&at| is_held(&self.nodes[at])).collect();
        let there = self.problem.current.iter().filter(|entry| closed.contains(&entry.node));
        let pins = there.map(|entry| Pin {
            request: entry.request,
            target: entry.target,
            model: entry.model,
            node: entry.node,
        });
        self.problem.pinned.extend(pins);
        let closed = closed.into_iter().map(|node| Exclusion { model: None, node: Some(node), except_pinned: true });
        // Before those of `keep models`.
        let count = closed.len();
        self.problem.excluded.splice(self.pins_from..self.pins_from, closed);
        self.pins_from += count;
    }

    /// Whether a pin of `keep models` keeps this model from running elsewhere.
    pub fn is_pinned(&self, model: usize) -> bool {
        self.problem.excluded[self.pins_from..].iter().any(|rule| rule.model == Some(model))
    }

    /// The problem without the pins of these models.
    pub fn without_pins(&self, models: &[usize]) -> Problem {
        let mut problem = self.problem.clone();
        let pins = problem.excluded.split_off(self.pins_from).into_iter();
        let others = pins.filter(|rule| rule.model.is_none_or(|model| !models.contains(&model)));
        problem.excluded.extend(others);
        problem
    }

    /// An answer in the network's terms.
    pub fn mapping(&self, answer: &Answer) -> ModelMapping {
        let on = |node: usize| match self.nodes[node] {
            Host::Node(node) | Host::Bin(_, node) => Some(node),
            Host::Ric(_) => None,
        };
        let assignments = answer.assignment.iter().filter_map(|entry| {
            Some(ModelAssignment {
                request: RequestId::from_index(entry.request),
                target: super::tree::narrow(entry.target),
                model: ModelId::from_index(entry.model),
                on: on(entry.node)?,
                instance: super::tree::narrow(entry.instance),
            })
        });
        ModelMapping {
            accepted: answer.accepted.iter().map(|&request| RequestId::from_index(request)).collect(),
            assignments: assignments.collect(),
        }
    }

    /// The address of a node of the problem, for people.
    pub fn label(&self, network: &Network, node: usize) -> String {
        match self.nodes[node] {
            Host::Node(node) | Host::Bin(_, node) => network.nodes[node].entity.address.to_string(),
            Host::Ric(ric) => network.rics[ric].entity.address.to_string(),
        }
    }

    /// The mapping in force as far as it still makes sense here.
    fn current(&self, mapping: &ModelMapping) -> Vec<Assignment> {
        let mut position = BTreeMap::new();
        for (at, host) in self.nodes.iter().enumerate() {
            if let Host::Node(node) | Host::Bin(_, node) = host {
                position.insert(*node, at);
            }
        }
        let mut current: Vec<Assignment> = Vec::new();
        for entry in &mapping.assignments {
            let (request, target) = (entry.request.index(), entry.target as usize);
            let exists = self.problem.requests.get(request).is_some_and(|request| target < request.targets.len());
            let known = entry.model.index() < self.problem.models.len();
            let (Some(&node), true, true) = (position.get(&entry.on), exists, known) else { continue };
            let instance = entry.instance as usize;
            current.push(Assignment { request, target, model: entry.model.index(), node, instance });
        }
        current.sort_unstable();
        current.dedup_by_key(|entry| (entry.request, entry.target));
        current
    }
}

struct Builder<'n> {
    network: &'n Network,
    placement: &'n RicPlacement,
    paths: Paths,
    resources: Vec<Name>,
    hosts: Vec<Host>,
    nodes: Vec<Node>,
    position: BTreeMap<Host, usize>,
}

impl Builder<'_> {
    fn add(&mut self, host: Host, kind: NodeKind, capacity: Vec<i64>) {
        self.position.insert(host, self.nodes.len());
        self.hosts.push(host);
        self.nodes.push(Node { kind, parent: None, capacity, uplink: None, bin: false });
    }

    /// All RAN nodes and RICs, then the placed RICs, then their bins.
    fn add_nodes(&mut self) {
        for (id, node) in self.network.nodes.iter() {
            if let Some(kind) = level(node.kind) {
                let capacity = self.amounts(&node.capacity, |amount| amount.value, Rounding::Down);
                self.add(Host::Node(id), kind, capacity);
            }
        }
        let placed: Vec<RicId> = self.network.rics.ids().filter(|&ric| !self.terminations(ric).is_empty()).collect();
        for &ric in &placed {
            self.add(Host::Ric(ric), NodeKind::NearRtRic, vec![0; self.resources.len()]);
        }
        let left = self.left_by_placement();
        let mut taken = BTreeSet::new();
        for ric in placed {
            let entry = &self.network.rics[ric];
            for &node in &entry.candidates {
                let is_excluded = entry.exclusions.iter().any(|excluded| excluded.value == node);
                if !is_excluded && self.network.nodes[node].runs_xapps && taken.insert(node) {
                    let capacity = left.get(&node).cloned().unwrap_or_else(|| vec![0; self.resources.len()]);
                    self.add(Host::Bin(ric, node), NodeKind::NearRtRic, capacity);
                }
            }
        }
    }

    /// Compute nodes with an E2 termination of this RIC.
    fn terminations(&self, ric: RicId) -> BTreeSet<NodeId> {
        let entries = self.placement.assignments.iter();
        let own = entries.filter(|entry| entry.ric == ric && entry.component.as_ref() == "e2t");
        own.map(|entry| entry.on).collect()
    }

    /// The RIC and compute node whose E2 termination serves a node.
    fn serving(&self) -> BTreeMap<NodeId, (RicId, NodeId)> {
        let entries = self.placement.assignments.iter().filter(|entry| entry.component.as_ref() == "e2t");
        entries.map(|entry| (entry.e2_node, (entry.ric, entry.on))).collect()
    }

    /// Per compute node, its capacity less what the placed instances need.
    fn left_by_placement(&self) -> BTreeMap<NodeId, Vec<i64>> {
        let mut left: BTreeMap<NodeId, Vec<i64>> = BTreeMap::new();
        let taken = Taken::of(self.network, self.placement);
        for (id, node) in self.network.nodes.iter().filter(|(_, node)| node.kind == network::NodeKind::Compute) {
            let rest = |(name, amount): &(Name, Located<f64>)| (name.clone(), amount.value - taken.amount(id, name));
            let rest: Vec<(Name, f64)> = node.capacity.iter().map(rest).collect();
            left.insert(id, self.amounts(&rest, |amount| *amount, Rounding::Down));
        }
        left
    }

    fn amounts<T>(&self, list: &[(Name, T)], value: impl Fn(&T) -> f64, rounding: Rounding) -> Vec<i64> {
        amounts(&self.resources, list, value, rounding)
    }

    /// Parents and links.
    fn connect(&mut self) {
        let serving = self.serving();
        let root = self.network.nodes.iter().find(|(_, node)| node.kind == network::NodeKind::NonRtRic);
        let root = root.map(|(id, _)| id);
        for at in 0..self.hosts.len() {
            let (above, uplink, bin) = match self.hosts[at] {
                Host::Node(node) => {
                    let (above, uplink) = self.above_node(node, &serving, root);
                    (above, uplink, false)
                }
                Host::Ric(ric) => {
                    let uplink = root.and_then(|root| self.longest(&self.terminations(ric), root));
                    (root.map(Host::Node), uplink, false)
                }
                Host::Bin(ric, node) => (Some(Host::Ric(ric)), self.longest(&self.terminations(ric), node), true),
            };
            let parent = above.and_then(|above| self.position.get(&above).copied());
            if let (Some(parent), Some(uplink)) = (parent, uplink) {
                self.nodes[at].parent = Some(parent);
                self.nodes[at].uplink = Some(uplink);
                self.nodes[at].bin = bin;
            } else if matches!(self.hosts[at], Host::Bin(..)) {
                // No link to an E2 termination: nothing can run there.
                self.nodes[at].capacity.fill(0);
            }
        }
    }

    /// A node hangs below the node it is declared under; the topmost of those that one RIC serves hangs
    /// below that RIC, any other topmost one below the non-RT RIC.
    fn above_node(
        &self,
        node: NodeId,
        serving: &BTreeMap<NodeId, (RicId, NodeId)>,
        root: Option<NodeId>,
    ) -> (Option<Host>, Option<Uplink>) {
        let declared = self.network.nodes[node].parent.as_ref().map(|parent| parent.value);
        let declared = declared.filter(|&parent| level(self.network.nodes[parent].kind).is_some());
        let of = |node: NodeId| serving.get(&node).map(|(ric, _)| *ric);
        if let Some(&(ric, on)) = serving.get(&node)
            && declared.is_none_or(|parent| of(parent) != Some(ric))
        {
            return (Some(Host::Ric(ric)), self.paths.uplink(node, on));
        }
        let above = declared.or(root.filter(|&root| root != node));
        (above.map(Host::Node), above.and_then(|above| self.paths.uplink(node, above)))
    }

    /// The slowest way from one of `ends` to `node`; none if one of them has no way.
    fn longest(&self, ends: &BTreeSet<NodeId>, node: NodeId) -> Option<Uplink> {
        let mut longest: Option<Uplink> = None;
        for &end in ends {
            let way = self.paths.uplink(end, node)?;
            longest = Some(longest.map_or(way, |known| Uplink {
                ps_per_byte: known.ps_per_byte.max(way.ps_per_byte),
                propagation_ns: known.propagation_ns.max(way.propagation_ns),
            }));
        }
        longest
    }

    /// The numbers, and where the exclusions begin that come from pins.
    fn problem(&mut self, value_scale: i64) -> (Problem, usize) {
        let models = self.network.models.as_slice().iter().map(|model| self.model(model)).collect();
        let requests = self.network.requests.as_slice().iter().map(|request| self.request(request, value_scale));
        let requests = requests.collect();
        let mut excluded = self.excluded();
        let pins_from = excluded.len();
        excluded.extend(self.pinned_elsewhere());
        let keeps = self.network.keeps.iter().filter(|keep| keep.address.last().1 == "models");
        let price = keeps.filter_map(|keep| keep.churn_price).fold(0.0, f64::max);
        let problem = Problem {
            format: PROBLEM_FORMAT.to_owned(),
            resources: self.resources.iter().map(|name| name.to_string()).collect(),
            sharing: Sharing::On,
            collect: Collect::Sum,
            nodes: std::mem::take(&mut self.nodes),
            models,
            requests,
            current: Vec::new(),
            pinned: Vec::new(),
            excluded,
            move_cost: whole(price, value_scale as f64, Rounding::Up),
        };
        (problem, pins_from)
    }

    fn model(&self, model: &network::Model) -> Model {
        let mut execution_ns: BTreeMap<NodeKind, i64> = BTreeMap::new();
        let mut suitability_percent: BTreeMap<NodeKind, i64> = BTreeMap::new();
        for &(kind, time) in &model.execution {
            let Some(level) = host_level(kind) else { continue };
            let slowest = execution_ns.entry(level).or_insert(0);
            *slowest = (*slowest).max(i64::try_from(time.0).unwrap_or(MAX_NUMBER).min(MAX_NUMBER));
            let said = model.suitability.iter().find(|(said, _)| *said == kind).map_or(1.0, |(_, share)| share.0);
            let worst = suitability_percent.entry(level).or_insert(100);
            *worst = (*worst).min(whole(said, 100.0, Rounding::Down));
        }
        let offers = model.offers.iter();
        Model {
            functions: model.offers.iter().map(|(function, _)| function.value.to_string()).collect(),
            performance: offers
                .map(|(function, share)| (function.value.to_string(), whole(share.0, PERFORMANCE, Rounding::Near)))
                .collect(),
            demand: self.amounts(&model.demand_of_all(), |amount| *amount, Rounding::Up),
            input_bytes: i64::try_from(model.input_size.0).unwrap_or(MAX_NUMBER).min(MAX_NUMBER),
            execution_ns,
            suitability_percent,
            controls: model.controls.iter().map(|parameter| parameter.value.to_string()).collect(),
        }
    }

    fn request(&self, request: &network::Request, value_scale: i64) -> Request {
        let position = |node: NodeId| self.position.get(&Host::Node(node)).copied();
        let mut targets = Vec::with_capacity(request.targets.len());
        for target in &request.targets {
            let sources: Vec<usize> = target.sources.iter().filter_map(|&source| position(source)).collect();
            let in_tree = position(target.node);
            let complete = in_tree.is_some() && sources.len() == target.sources.len() && !sources.is_empty();
            let latency = target
                .within
                .as_ref()
                .map_or(MAX_NUMBER, |within| i64::try_from(within.value.0).unwrap_or(MAX_NUMBER).min(MAX_NUMBER));
            let performance = target.performance.as_ref().map_or(Bound::AtLeast(0), |bound| match bound.value {
                Performance::AtLeast(share) => Bound::AtLeast(whole(share.0, PERFORMANCE, Rounding::Near)),
                Performance::AtMost(share) => Bound::AtMost(whole(share.0, PERFORMANCE, Rounding::Near)),
            });
            // A target outside the tree of RAN nodes has no function that anybody offers there.
            let function = if complete { target.function.value.to_string() } else { String::new() };
            let node = in_tree.unwrap_or(0);
            let sources = if sources.is_empty() { vec![node] } else { sources };
            targets.push(Target { function, node, sources, latency_ns: latency, performance });
        }
        let value = whole(request.value, value_scale as f64, Rounding::Near);
        Request { value, targets, sharing: (!request.sharing).then_some(Sharing::PerRequest) }
    }

    /// A model runs only on the kinds it names; kinds of one level are told apart here.
    fn excluded(&self) -> Vec<Exclusion> {
        let mut excluded = Vec::new();
        for (model, entry) in self.network.models.as_slice().iter().enumerate() {
            for (node, host) in self.hosts.iter().enumerate() {
                let Host::Node(id) = host else { continue };
                let kind = self.network.nodes[*id].kind;
                let is_named = |named: network::NodeKind| entry.execution.iter().any(|(known, _)| *known == named);
                let is_alike = entry.execution.iter().any(|(known, _)| host_level(*known) == level(kind));
                // `cu` is said of all base stations and parts that stand at the level of a CU.
                let is_said = is_named(kind) || (level(kind) == Some(NodeKind::Cu) && is_named(network::NodeKind::Cu));
                if is_alike && !is_said {
                    excluded.push(Exclusion::new(Some(model), Some(node)));
                }
            }
        }
        excluded
    }

    /// A model that `keep models` pins runs on the nodes it is pinned to and nowhere else.
    fn pinned_elsewhere(&self) -> Vec<Exclusion> {
        let keeps = self.network.keeps.iter().filter(|keep| keep.address.last().1 == "models");
        let pins: Vec<_> = keeps.flat_map(|keep| &keep.pins).collect();
        let mut excluded = Vec::new();
        for (model, entry) in self.network.models.as_slice().iter().enumerate() {
            let meant = pins.iter().filter(|(what, _)| is_meant(what.value.as_str(), entry));
            let nodes: BTreeSet<NodeId> = meant.map(|(_, node)| node.value).collect();
            for (node, host) in self.hosts.iter().enumerate().filter(|_| !nodes.is_empty()) {
                let is_pinned = matches!(host, Host::Node(at) | Host::Bin(_, at) if nodes.contains(at));
                if !is_pinned {
                    excluded.push(Exclusion::new(Some(model), Some(node)));
                }
            }
        }
        excluded
    }
}

/// Whether a pin of `keep models` means this model: by its address or its bare name.
pub fn is_meant(pin: &str, model: &network::Model) -> bool {
    let address = &model.entity.address;
    pin == address.as_str() || pin == address.last().1.trim_matches('"')
}

/// Performances are kept to a ten-thousandth.
const PERFORMANCE: f64 = 10_000.0;

#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Near,
    Up,
}

/// `value * scale` as a whole number within the range of a problem; rounding never hides a shortage.
fn whole(value: f64, scale: f64, rounding: Rounding) -> i64 {
    let scaled = value * scale;
    // Products such as 0.1 * 1000 are not exact; a billionth is not a difference.
    let slack = scaled.abs() * 1e-9;
    let whole = match rounding {
        Rounding::Down => (scaled + slack).floor(),
        Rounding::Near => scaled.round(),
        Rounding::Up => (scaled - slack).ceil(),
    };
    // Casts saturate, and NaN becomes 0.
    (whole as i64).clamp(0, MAX_NUMBER)
}

fn amounts<T>(resources: &[Name], list: &[(Name, T)], value: impl Fn(&T) -> f64, rounding: Rounding) -> Vec<i64> {
    let amount = |name: &Name| {
        // Bytes are whole already; cores and the rest are counted in thousandths.
        let scale = if matches!(name.as_ref(), "memory" | "storage") { 1.0 } else { 1000.0 };
        list.iter().find(|(known, _)| known == name).map_or(0, |(_, amount)| whole(value(amount), scale, rounding))
    };
    resources.iter().map(amount).collect()
}

/// The resources that models need.
fn resources(network: &Network) -> Vec<Name> {
    let demands = network.models.as_slice().iter().flat_map(|model| &model.demand);
    demands.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whole values are kept, others counted in thousandths.
fn value_scale(network: &Network) -> i64 {
    let values = network.requests.as_slice().iter().map(|request| request.value);
    let prices = network.keeps.iter().filter_map(|keep| keep.churn_price);
    if values.chain(prices).all(|value| value.fract() == 0.0) { 1 } else { 1000 }
}

/// The hierarchy level of a RAN node; none for what has no place in the tree. CU, DU and RU in one box
/// are one node at the highest level, so a monolithic base station is a CU.
fn level(kind: network::NodeKind) -> Option<NodeKind> {
    use network::NodeKind as Kind;
    match kind {
        Kind::NonRtRic => Some(NodeKind::NonRtRic),
        Kind::NearRtRic => Some(NodeKind::NearRtRic),
        Kind::Gnb | Kind::Enb | Kind::Cu | Kind::CuCp | Kind::CuUp => Some(NodeKind::Cu),
        Kind::Du => Some(NodeKind::Du),
        Kind::Ru | Kind::Ap => Some(NodeKind::Ru),
        Kind::Compute | Kind::Switch => None,
    }
}

/// The level at which a model that runs on this kind is hosted: xApps on compute nodes are a RIC's.
fn host_level(kind: network::NodeKind) -> Option<NodeKind> {
    if kind == network::NodeKind::Compute { Some(NodeKind::NearRtRic) } else { level(kind) }
}
