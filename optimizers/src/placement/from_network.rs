//! A RIC of the network as a placement problem, and its answer back in the network's names.
//!
//! Units: latencies in microseconds, legs rounded up and budgets down, so that rounding never hides a
//! late loop. Costs and demands that are not whole become thousandths, demands rounded up and
//! capacities down. A compute node has as much as is asked of every resource it does not state. A pinned
//! component runs on the nodes it is pinned to and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Located;
use ranform_network::answers::{RicAssignment, RicPlacement};
use ranform_network::ids::{NodeId, RicId, SiteId};
use ranform_network::network::{ComponentKind, Name, Network, Ric, SpreadAcross};
use ranform_network::units::Nanoseconds;

use super::problem::{
    Component, E2T, Exclusion, FIRST_XAPP, LARGEST_LATENCY, LARGEST_TOTAL, NAMES, NIB, Problem, SDL, Spread,
    UNREACHABLE,
};
use super::taken::Taken;
use super::{Answer, Placement};
use crate::exchange::DocumentError;
use crate::ways::Ways;

/// A placement problem with the names of its numbers.
#[derive(Clone, Debug)]
pub struct RicProblem {
    /// The RIC.
    pub ric: RicId,
    /// The numbers.
    pub problem: Problem,
    /// The E2 nodes by index.
    pub e2_nodes: Vec<NodeId>,
    /// The compute nodes by index.
    pub compute_nodes: Vec<NodeId>,
    /// The components and xApps by slot.
    pub slots: Vec<Name>,
    /// What a cost of 1 in the network is in `problem`: 1 or 1000.
    pub cost_scale: i64,
    /// The same of an amount of each resource.
    pub resource_scales: Vec<i64>,
    /// Whether SDL and NIB are one store, which is placed as SDL: NIB costs and needs nothing, is free to start
    /// anywhere, and is told nobody.
    pub one_store: bool,
}

impl RicProblem {
    /// The problem of one RIC. `previous` is the placement in force; `move_price` what a started instance
    /// costs; `taken` what RICs placed before it use of the same compute nodes: that room is gone, and
    /// the fixed cost of these nodes is paid.
    pub fn new(
        network: &Network,
        id: RicId,
        previous: Option<&RicPlacement>,
        move_price: f64,
        taken: &Taken,
    ) -> Result<Self, DocumentError> {
        let ric = &network.rics[id];
        let slots: Vec<Name> = ComponentKind::ALL
            .iter()
            .map(|(_, word)| Name::from(*word))
            .chain(ric.xapps.iter().map(|xapp| Name::from(xapp.entity.address.last().1)))
            .collect();
        let resources = resources(ric);
        let compute_nodes = ric.candidates.clone();
        let costs = Costs::new(network, ric, move_price);
        let (latency_e2, latency_compute) = latencies(network, &ric.e2_nodes, &compute_nodes);
        let mut problem = Problem {
            latency_unit_us: 1,
            resources: resources.iter().map(|(name, _)| name.to_string()).collect(),
            e2_nodes: ric.e2_nodes.len(),
            compute_nodes: compute_nodes.len(),
            latency_e2,
            latency_compute,
            fixed_cost: compute_nodes.iter().map(|node| costs.scaled(fixed_cost(network, *node, taken))).collect(),
            capacity: compute_nodes.iter().map(|node| capacity(network, *node, &resources, taken)).collect(),
            components: components(network, ric, &resources, &costs),
            current: None,
            current_standby: Vec::new(),
            also_running: Vec::new(),
            pins: Vec::new(),
            exclusions: exclusions(network, ric, &slots, &compute_nodes),
            move_cost: costs.scaled(move_price),
            most_moves: None,
            spreads: spreads(network, ric, &slots, &compute_nodes),
        };
        let mut this = Self {
            ric: id,
            problem: problem.clone(),
            e2_nodes: ric.e2_nodes.clone(),
            compute_nodes,
            slots,
            cost_scale: costs.scale,
            resource_scales: resources.iter().map(|(_, scale)| *scale).collect(),
            one_store: ric.profile.has_one_store(),
        };
        problem.current = previous.and_then(|previous| this.places_of(&previous.assignments));
        problem.current_standby = previous.and_then(|previous| this.places_of(&previous.standby)).unwrap_or_default();
        problem.also_running = previous.map(|previous| this.running(previous)).unwrap_or_default();
        if this.one_store {
            follow(&mut problem);
        }
        problem.check()?;
        this.problem = problem;
        Ok(this)
    }

    /// Of an answer, NIB where SDL is, where they are one store. That costs nothing, needs nothing and shortens every
    /// loop, so that what was proved holds.
    pub fn with_one_store(&self, mut answer: Answer) -> Answer {
        if let Some(placement) = answer.placement.as_mut().filter(|_| self.one_store) {
            for places in [&mut placement.places, &mut placement.standby] {
                if places.len() > NIB {
                    places[NIB] = places[SDL].clone();
                }
            }
        }
        answer
    }

    /// Whether the instances of a slot are told: those of a store that is a part of another one are not.
    pub fn tells(&self, slot: usize) -> bool {
        !(self.one_store && slot == NIB)
    }

    /// Rules for NIB are rules for SDL, where they are one store.
    pub fn without_rules_for_nib(&mut self) {
        if self.one_store {
            self.problem.exclusions.retain(|rule| rule.component != Some(NIB));
            self.problem.pins.retain(|rule| rule.component != NIB);
        }
    }

    /// An answer in the network's names, sorted as documented.
    pub fn assignments(&self, placement: &Placement) -> Vec<RicAssignment> {
        self.named(&placement.places)
    }

    /// The standbys of an answer, likewise.
    pub fn standby(&self, placement: &Placement) -> Vec<RicAssignment> {
        self.named(&placement.standby)
    }

    fn named(&self, places: &[Vec<usize>]) -> Vec<RicAssignment> {
        let mut assignments = Vec::new();
        for (slot, places) in places.iter().enumerate().filter(|(slot, _)| self.tells(*slot)) {
            assignments.extend(places.iter().zip(&self.e2_nodes).map(|(place, e2_node)| RicAssignment {
                ric: self.ric,
                component: self.slots[slot].clone(),
                e2_node: *e2_node,
                on: self.compute_nodes[*place],
            }));
        }
        assignments.sort_by(|a, b| (a.ric, a.e2_node, &a.component).cmp(&(b.ric, b.e2_node, &b.component)));
        assignments
    }

    /// The instances in force, those included whose E2 nodes are gone.
    fn running(&self, previous: &RicPlacement) -> Vec<(usize, usize)> {
        let all = previous.assignments.iter().chain(&previous.standby).filter(|one| one.ric == self.ric);
        let instance = |one: &RicAssignment| {
            let slot = self.slots.iter().position(|name| *name == one.component)?;
            Some((slot, self.compute_nodes.binary_search(&one.on).ok()?))
        };
        let instances: BTreeSet<(usize, usize)> = all.filter_map(instance).collect();
        instances.into_iter().collect()
    }

    /// The placement in force by slot and E2 node; `None` if it does not know this RIC.
    fn places_of(&self, previous: &[RicAssignment]) -> Option<Vec<Vec<Option<usize>>>> {
        let mut places = vec![vec![None; self.e2_nodes.len()]; self.slots.len()];
        let mut known = false;
        for one in previous.iter().filter(|one| one.ric == self.ric) {
            known = true;
            let slot = self.slots.iter().position(|name| *name == one.component);
            let at = (slot, self.e2_nodes.binary_search(&one.e2_node), self.compute_nodes.binary_search(&one.on));
            if let (Some(slot), Ok(e2), Ok(node)) = at {
                places[slot][e2] = Some(node);
            }
        }
        known.then_some(places)
    }
}

/// NIB is where SDL is and may start anywhere for nothing.
fn follow(problem: &mut Problem) {
    for places in problem.current.iter_mut().chain([&mut problem.current_standby]).filter(|places| places.len() > NIB) {
        places[NIB] = places[SDL].clone();
    }
    problem.also_running.retain(|(slot, _)| *slot != NIB);
    problem.also_running.extend((0..problem.compute_nodes).map(|compute| (NIB, compute)));
    problem.also_running.sort_unstable();
}

/// Costs as whole numbers: thousandths if any is not whole.
struct Costs {
    scale: i64,
}

impl Costs {
    fn new(network: &Network, ric: &Ric, move_price: f64) -> Self {
        let of_nodes = ric.candidates.iter().flat_map(|node| {
            let node = &network.nodes[*node];
            node.fixed_cost.into_iter().chain(node.component_cost.iter().map(|(_, cost)| *cost))
        });
        let of_components = ric.components.iter().filter_map(|component| component.cost);
        let of_xapps = ric.xapps.iter().filter_map(|xapp| xapp.cost);
        let all = of_nodes.chain(of_components).chain(of_xapps).chain([move_price]);
        Self { scale: scale_of(all) }
    }

    fn scaled(&self, cost: f64) -> i64 {
        bounded(cost * self.scale as f64, f64::round)
    }
}

/// 1 if all are whole, else 1000.
fn scale_of(mut numbers: impl Iterator<Item = f64>) -> i64 {
    if numbers.all(|number| number.fract() == 0.0) { 1 } else { 1000 }
}

/// A number of the network as a whole number; what is absurdly large is refused by the check later.
fn bounded(number: f64, round: impl Fn(f64) -> f64) -> i64 {
    round(number).clamp(-1.0, LARGEST_TOTAL as f64 * 2.0) as i64
}

/// The resources that components ask for, each with its scale.
fn resources(ric: &Ric) -> Vec<(Name, i64)> {
    let of_components = ric.components.iter().flat_map(|one| one.demand.iter().chain(&one.demand_per_e2_node));
    let of_xapps = ric.xapps.iter().flat_map(|one| [one.demand_of_all(), one.demand_of_all_per_e2_node()].concat());
    let demands = of_components.cloned().chain(of_xapps);
    let mut asked: BTreeMap<Name, Vec<f64>> = BTreeMap::new();
    for (name, amount) in demands {
        asked.entry(name).or_default().push(amount);
    }
    asked.into_iter().map(|(name, amounts)| (name, scale_of(amounts.into_iter()))).collect()
}

/// What using a node at all costs; nothing where another RIC uses it already.
fn fixed_cost(network: &Network, node: NodeId, taken: &Taken) -> f64 {
    if taken.is_used(node) { 0.0 } else { network.nodes[node].fixed_cost.unwrap_or(0.0) }
}

fn capacity(network: &Network, node: NodeId, resources: &[(Name, i64)], taken: &Taken) -> Option<Vec<i64>> {
    let stated = &network.nodes[node].capacity;
    let amount = |(name, scale): &(Name, i64)| {
        let found = stated.iter().find(|(known, _)| known == name);
        found.map(|(_, amount)| {
            // Sums such as 0.1 + 0.2 are not exact; a millionth of a thousandth is not a difference.
            let left = (amount.value - taken.amount(node, name)) * *scale as f64;
            bounded(left + 1e-6, f64::floor).max(0)
        })
    };
    let amounts: Vec<Option<i64>> = resources.iter().map(amount).collect();
    let limited = amounts.iter().any(Option::is_some);
    limited.then(|| amounts.into_iter().map(|amount| amount.unwrap_or(LARGEST_TOTAL)).collect())
}

fn components(network: &Network, ric: &Ric, resources: &[(Name, i64)], costs: &Costs) -> Vec<Component> {
    // What a node says of an xApp by its name goes before what it says of all.
    let cost = |words: &[&str], default: Option<f64>| {
        let part_of_another = ric.profile.has_one_store() && words == [NAMES[NIB]];
        let of = |node: &NodeId| {
            if part_of_another {
                return 0;
            }
            let stated = &network.nodes[*node].component_cost;
            let node = words.iter().find_map(|word| stated.iter().find(|(known, _)| &**known == *word));
            costs.scaled(node.map(|(_, cost)| *cost).or(default).unwrap_or(0.0))
        };
        ric.candidates.iter().map(of).collect()
    };
    let demand = |asked: &[(Name, f64)]| -> Vec<i64> {
        let amount = |(name, scale): &(Name, i64)| {
            asked.iter().find(|(known, _)| known == name).map_or(0, |one| bounded(one.1 * *scale as f64, f64::ceil))
        };
        resources.iter().map(amount).collect()
    };
    let at_most = |most: Option<Located<u32>>| most.map(|most| most.value as usize);
    let mut components = Vec::new();
    for (kind, word) in ComponentKind::ALL {
        let one = ric.components.iter().find(|one| one.kind == kind);
        let own = one.and_then(|one| one.serves_at_most);
        let serves_at_most = if kind == ComponentKind::E2t { ric.serves_at_most.or(own) } else { own };
        components.push(Component {
            cost: cost(&[word], one.and_then(|one| one.cost)),
            demand: demand(one.map_or(&[], |one| &one.demand)),
            processing: one.map_or(0, |one| microseconds_up(one.processing)),
            demand_per_e2: demand(one.map_or(&[], |one| &one.demand_per_e2_node)),
            serves_at_most: at_most(serves_at_most),
            ..Component::default()
        });
    }
    for xapp in &ric.xapps {
        components.push(Component {
            cost: cost(&[xapp.entity.address.last().1.trim_matches('"'), "xapp"], xapp.cost),
            demand: demand(&xapp.demand_of_all()),
            processing: microseconds_up(xapp.processing),
            loop_budget: xapp
                .loop_budget
                .as_ref()
                .map(|budget| (budget.value.0 / 1000).min(LARGEST_TOTAL as u64) as i64),
            uses_sdl: xapp.uses_sdl,
            chain: xapp.chain.iter().map(|member| member.value + FIRST_XAPP).collect(),
            demand_per_e2: demand(&xapp.demand_of_all_per_e2_node()),
            serves_at_most: at_most(xapp.serves_at_most),
        });
    }
    components
}

fn exclusions(network: &Network, ric: &Ric, slots: &[Name], compute_nodes: &[NodeId]) -> Vec<Exclusion> {
    let mut exclusions = Vec::new();
    let excluded: BTreeSet<NodeId> = ric.exclusions.iter().map(|node| node.value).collect();
    for (compute, node) in compute_nodes.iter().enumerate() {
        if excluded.contains(node) {
            exclusions.push(Exclusion { component: None, compute });
        }
        for (slot, name) in slots.iter().enumerate() {
            let mut pins = ric.pins.iter().filter(|(component, _)| component.value == *name).peekable();
            let pinned_elsewhere = pins.peek().is_some() && !pins.any(|(_, pinned)| pinned.value == *node);
            let takes_no_xapps = slot >= FIRST_XAPP && !network.nodes[*node].runs_xapps;
            if pinned_elsewhere || takes_no_xapps {
                exclusions.push(Exclusion { component: Some(slot), compute });
            }
        }
    }
    exclusions
}

/// What is spread over sites or regions, by slot; a compute node without one is a place of its own. Each E2
/// node has a second E2 termination where that is spread.
fn spreads(network: &Network, ric: &Ric, slots: &[Name], compute_nodes: &[NodeId]) -> Vec<Spread> {
    let mut spreads = Vec::new();
    for spread in &ric.spread {
        let Some(component) = slots.iter().position(|name| *name == spread.component.value) else { continue };
        let mut known: BTreeMap<(Option<SiteId>, Option<&str>), usize> = BTreeMap::new();
        let place = |node: &NodeId| {
            let site = network.nodes[*node].site?;
            let key = match spread.across {
                SpreadAcross::Site => (Some(site), None),
                SpreadAcross::Region => (None, Some(network.sites[site].region.as_deref()?)),
                SpreadAcross::Node => return None,
            };
            let next = known.len();
            Some(*known.entry(key).or_insert(next))
        };
        let places = compute_nodes.iter().map(place).collect();
        spreads.push(Spread { component, places, standby: component == E2T });
    }
    spreads
}

fn microseconds_up(time: Nanoseconds) -> i64 {
    i64::try_from(time.0.div_ceil(1000)).unwrap_or(i64::MAX).min(LARGEST_TOTAL)
}

/// Latencies from E2 nodes and from compute nodes to compute nodes: the table where it says (either
/// way round), else the shortest path over links.
fn latencies(network: &Network, e2_nodes: &[NodeId], compute_nodes: &[NodeId]) -> (Vec<i32>, Vec<i32>) {
    let mut table: BTreeMap<(NodeId, NodeId), Nanoseconds> = BTreeMap::new();
    for one in network.latencies.iter() {
        table.insert((one.from, one.to), one.latency);
    }
    let ways = Ways::new(network);
    let mut e2 = vec![UNREACHABLE; e2_nodes.len() * compute_nodes.len()];
    let mut compute = vec![UNREACHABLE; compute_nodes.len() * compute_nodes.len()];
    for (column, to) in compute_nodes.iter().enumerate() {
        let ways = ways.to(*to);
        let leg = |from: NodeId| {
            let told = table.get(&(from, *to)).or_else(|| table.get(&(*to, from)));
            let time = if from == *to {
                Some(0)
            } else {
                told.map(|time| time.0).or(ways[from.0 as usize].map(|way| way.latency))
            };
            let microseconds = time.and_then(|time| i32::try_from(time.div_ceil(1000)).ok());
            microseconds.filter(|time| *time <= LARGEST_LATENCY).unwrap_or(UNREACHABLE)
        };
        for (row, from) in e2_nodes.iter().enumerate() {
            e2[row * compute_nodes.len() + column] = leg(*from);
        }
        for (row, from) in compute_nodes.iter().enumerate() {
            compute[row * compute_nodes.len() + column] = leg(*from);
        }
    }
    (e2, compute)
}
