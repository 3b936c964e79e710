//! What a plan shows of placed software: plain numbers and addresses, part of the bundle, so that `show` needs no project.
//! Costs and values are in the units of the intents, times in nanoseconds.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::deployment::{Application, Deployment, NotDeployed};
use ranform_network::{AnswerStatus, Network};
use ranform_optimizers::placement::problem::E2T;
use ranform_optimizers::placement::{RicProblem, verify};
use serde::{Deserialize, Serialize};

use super::{PlacedRic, Software};

mod requests;

use requests::requests_report;

/// All of it; empty where nothing is placed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SoftwareReport {
    /// One per RIC, in address order.
    pub rics: Vec<RicReport>,
    /// What is decided for requests, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<RequestsReport>,
    /// Instances that are decided and not deployed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undeployed: Vec<UndeployedLine>,
}

/// A placed RIC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RicReport {
    /// The RIC.
    pub ric: Address,
    /// What is claimed of the placement.
    pub status: AnswerStatus,
    /// What proves it.
    pub proved_by: String,
    /// Its cost, moves included.
    pub cost: f64,
    /// No placement costs less.
    pub bound: f64,
    /// Instances that start; none where nothing was in force.
    pub moves: Option<i64>,
    /// What a started instance costs.
    pub move_price: f64,
    /// The compute nodes used, in address order.
    pub nodes: Vec<UsedNode>,
    /// One per control loop.
    pub loops: Vec<LoopLine>,
    /// What each loop takes for each E2 node, in address order.
    pub round_trips: Vec<RoundTrip>,
    /// Components that start or stop somewhere, against the placement in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<MovedComponent>,
    /// What stability costs, where `keep placement` prices or bounds it: from the cheapest placement to the one
    /// with the fewest moves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<CurvePoint>,
}

/// The least cost with so many moves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// How many instances start.
    pub moves: i64,
    /// The cost, the price of moves left out.
    pub cost: f64,
    /// Whether nothing cheaper exists with so few moves.
    pub proven: bool,
}

/// A compute node with the instances on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsedNode {
    /// The compute node.
    pub node: Address,
    /// What using it costs.
    pub cost: f64,
    /// What runs there, in the order management, E2T, SDL, NIB, xApps.
    pub instances: Vec<InstanceLine>,
}

/// An instance of a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceLine {
    /// `management`, `e2t`, `sdl`, `nib` or an xApp's name.
    pub component: String,
    /// What it costs, the price of a move left out.
    pub cost: f64,
    /// How many E2 nodes it serves.
    pub e2_nodes: usize,
    /// How many E2 nodes it stands by for (E2 terminations).
    #[serde(default, skip_serializing_if = "is_none")]
    pub stands_by_for: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// A control loop over all E2 nodes of a RIC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoopLine {
    /// The xApp that heads it.
    pub xapp: String,
    /// What it may take.
    pub budget_ns: u64,
    /// The most it takes.
    pub worst_ns: u64,
    /// Where it takes that; the first in address order.
    pub worst_at: Address,
    /// The median over the E2 nodes (the lower of the two in the middle).
    pub median_ns: u64,
    /// Budget less worst.
    pub slack_ns: u64,
}

/// A control loop of one E2 node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundTrip {
    /// The E2 node.
    pub e2_node: Address,
    /// The xApp.
    pub xapp: String,
    /// There and back, processing included.
    pub ns: u64,
}

/// Where a component starts and stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MovedComponent {
    /// The component or xApp.
    pub component: String,
    /// Where an instance starts.
    pub starts: Vec<Address>,
    /// Where one stops.
    pub stops: Vec<Address>,
    /// How many E2 nodes are served from elsewhere than before.
    pub e2_nodes: usize,
}

/// What is decided for requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestsReport {
    /// What is claimed.
    pub status: AnswerStatus,
    /// What proves it.
    pub proved_by: String,
    /// Values of the accepted requests, less the price of moves.
    pub value: f64,
    /// No answer is worth more.
    pub bound: f64,
    /// The values of all requests together.
    pub of: f64,
    /// Accepted requests, in address order.
    pub accepted: Vec<AcceptedLine>,
    /// Rejected ones.
    pub rejected: Vec<RejectedLine>,
    /// The model instances, by host and model.
    pub instances: Vec<ModelLine>,
    /// Targets served otherwise than before; none where nothing was in force.
    pub moves: Option<usize>,
    /// What comes over E2 to the xApps of each near-RT RIC.
    pub e2_traffic: Vec<E2Traffic>,
    /// What more room is worth.
    pub shadow_prices: Vec<ShadowLine>,
    /// A placement that costs more and lets more be served, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costlier: Option<CostlierLine>,
}

/// An accepted request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AcceptedLine {
    /// The request.
    pub request: Address,
    /// Its value.
    pub value: f64,
    /// How many targets are served for it.
    pub targets: usize,
}

/// A rejected request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedLine {
    /// The request.
    pub request: Address,
    /// Its value.
    pub value: f64,
    /// Why; empty where that was not looked into.
    pub reasons: Vec<String>,
    /// What would admit it.
    pub remedies: Vec<String>,
}

/// A model on a node, its instances together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelLine {
    /// The model.
    pub model: Address,
    /// The host.
    pub node: Address,
    /// rApp, xApp or dApp.
    pub application: Application,
    /// How many instances.
    pub instances: usize,
    /// How many requests are served.
    pub requests: usize,
    /// How many of their targets.
    pub targets: usize,
}

/// What more of a resource on a node would bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShadowLine {
    /// The node.
    pub node: Address,
    /// The resource.
    pub resource: String,
    /// How much more, in the resource's unit.
    pub more: f64,
    /// How many more requests are accepted.
    pub requests: i64,
    /// How much more value; none where that is not proven.
    pub value: Option<f64>,
}

/// Model inputs that come over E2: each source of each xApp instance once per shortest limit of those it serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct E2Traffic {
    /// The near-RT RIC.
    pub ric: Address,
    /// Bytes per second.
    pub bytes_per_second: f64,
}

/// A RIC without one compute node, its other places chosen anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostlierLine {
    /// The RIC.
    pub ric: Address,
    /// The compute node it would leave to models.
    pub without: Address,
    /// What it would cost more.
    pub cost: f64,
    /// How many more requests would be accepted.
    pub requests: i64,
    /// How much more they are worth.
    pub value: f64,
}

/// An instance that is decided and not deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndeployedLine {
    /// Its address.
    pub address: Address,
    /// The node it is for.
    pub node: Address,
    /// Why.
    pub because: String,
}

impl SoftwareReport {
    /// The report of what was solved.
    pub fn new(network: &Network, software: &Software, deployment: &Deployment) -> Self {
        let undeployed = deployment.undeployed.iter().map(|(address, thing)| UndeployedLine {
            address: address.clone(),
            node: thing.placed.device.clone(),
            because: match thing.because {
                NotDeployed::NoManagement => "no-management",
                NotDeployed::NoKnob => "no-knob",
            }
            .to_owned(),
        });
        Self {
            rics: software.rics.iter().map(|ric| ric_report(network, ric)).collect(),
            requests: software.models.as_ref().map(|served| requests_report(network, served, deployment)),
            undeployed: undeployed.collect(),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rics.is_empty() && self.requests.is_none()
    }
}

fn plain(name: &str) -> String {
    name.trim_matches('"').to_owned()
}

fn ric_report(network: &Network, placed: &PlacedRic) -> RicReport {
    let cost = |cost: i64| cost as f64 / placed.problem.cost_scale as f64;
    RicReport {
        ric: network.rics[placed.problem.ric].entity.address.clone(),
        status: placed.answer.status,
        proved_by: placed.answer.proved_by.clone(),
        cost: cost(placed.placement.cost),
        bound: cost(placed.answer.bound.unwrap_or(0)),
        moves: placed
            .problem
            .problem
            .current
            .as_ref()
            .map(|_| verify::moves(&placed.problem.problem, &placed.placement)),
        move_price: cost(placed.problem.problem.move_cost),
        nodes: used_nodes(network, placed),
        loops: loops(network, placed),
        round_trips: round_trips(network, placed),
        moved: moved(network, placed),
        curve: curve(placed),
    }
}

fn curve(placed: &PlacedRic) -> Vec<CurvePoint> {
    let scale = placed.problem.cost_scale as f64;
    let points = placed.curve.iter();
    points
        .map(|point| CurvePoint { moves: point.moves, cost: point.cost as f64 / scale, proven: point.proven })
        .collect()
}

fn used_nodes(network: &Network, placed: &PlacedRic) -> Vec<UsedNode> {
    let RicProblem { problem, compute_nodes, slots, cost_scale, .. } = &placed.problem;
    let scaled = |cost: i64| cost as f64 / *cost_scale as f64;
    // By compute node and slot: how many are served, and how many it stands by for.
    let mut served: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    for (slot, places) in placed.placement.places.iter().enumerate().filter(|(slot, _)| placed.problem.tells(*slot)) {
        for place in places {
            served.entry((*place, slot)).or_default().0 += 1;
        }
    }
    for (slot, places) in placed.placement.standby.iter().enumerate().filter(|(slot, _)| placed.problem.tells(*slot)) {
        for place in places {
            served.entry((*place, slot)).or_default().1 += usize::from(slot == E2T);
        }
    }
    let mut nodes: Vec<UsedNode> = Vec::new();
    let mut last = None;
    for ((compute, slot), (e2_nodes, stands_by_for)) in served {
        if last != Some(compute) {
            let node = network.nodes[compute_nodes[compute]].entity.address.clone();
            nodes.push(UsedNode { node, cost: scaled(problem.fixed_cost[compute]), instances: Vec::new() });
            last = Some(compute);
        }
        let component = plain(&slots[slot]);
        let cost = scaled(problem.components[slot].cost[compute]);
        if let Some(node) = nodes.last_mut() {
            node.instances.push(InstanceLine { component, cost, e2_nodes, stands_by_for });
        }
    }
    nodes.sort_by(|a, b| a.node.cmp(&b.node));
    nodes
}

fn round_trips(network: &Network, placed: &PlacedRic) -> Vec<RoundTrip> {
    let trip = |one: ranform_network::answers::LoopLatency| RoundTrip {
        e2_node: network.nodes[one.e2_node].entity.address.clone(),
        xapp: plain(&one.xapp),
        ns: one.round_trip.0,
    };
    let mut trips: Vec<RoundTrip> = placed.loops().into_iter().map(trip).collect();
    trips.sort_by(|a, b| (&a.e2_node, &a.xapp).cmp(&(&b.e2_node, &b.xapp)));
    trips
}

fn loops(network: &Network, placed: &PlacedRic) -> Vec<LoopLine> {
    let mut by_xapp: BTreeMap<String, Vec<(u64, Address)>> = BTreeMap::new();
    for trip in round_trips(network, placed) {
        by_xapp.entry(trip.xapp).or_default().push((trip.ns, trip.e2_node));
    }
    let budgets = network.rics[placed.problem.ric].xapps.iter();
    let lines = budgets.filter_map(|xapp| {
        let budget_ns = xapp.loop_budget?.value.0;
        let name = plain(xapp.entity.address.last().1);
        let mut trips = by_xapp.remove(&name)?;
        trips.sort();
        let worst_ns = trips.last()?.0;
        let worst_at = trips.iter().find(|(ns, _)| *ns == worst_ns)?.1.clone();
        let median_ns = trips[(trips.len() - 1) / 2].0;
        let slack_ns = budget_ns.saturating_sub(worst_ns);
        Some(LoopLine { xapp: name, budget_ns, worst_ns, worst_at, median_ns, slack_ns })
    });
    lines.collect()
}

/// Components whose instances differ from those in force.
fn moved(network: &Network, placed: &PlacedRic) -> Vec<MovedComponent> {
    let RicProblem { problem, compute_nodes, slots, .. } = &placed.problem;
    let Some(current) = &problem.current else { return Vec::new() };
    let addresses = |places: BTreeSet<usize>| -> Vec<Address> {
        places.into_iter().map(|place| network.nodes[compute_nodes[place]].entity.address.clone()).collect()
    };
    let mut moved = Vec::new();
    for (slot, name) in slots.iter().enumerate().filter(|(slot, _)| placed.problem.tells(*slot)) {
        let before: BTreeSet<usize> = current[slot].iter().flatten().copied().collect();
        let after: BTreeSet<usize> = placed.placement.places[slot].iter().copied().collect();
        let pairs = current[slot].iter().zip(&placed.placement.places[slot]);
        let e2_nodes = pairs.filter(|(before, after)| before.is_some_and(|before| before != **after)).count();
        if before != after || e2_nodes > 0 {
            moved.push(MovedComponent {
                component: plain(name),
                starts: addresses(after.difference(&before).copied().collect()),
                stops: addresses(before.difference(&after).copied().collect()),
                e2_nodes,
            });
        }
    }
    moved
}
