//! What keeping what is stored would take, where a plan starts a store empty on another node: leaving it where it is, by
//! another solve; copying it, by the links between the two nodes.

use std::collections::BTreeSet;

use ranform_network::address::Address;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::units::{BitsPerSecond, Bytes, Nanoseconds, decimal};
use ranform_network::{AnswerStatus, Control, Network};
use ranform_optimizers::placement::problem::Exclusion;
use ranform_optimizers::placement::{RicProblem, verify};
use serde::{Deserialize, Serialize};

use super::super::{Software, place};
use super::{Fate, StorageLine};

/// The two ways by which what is stored could be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instead {
    /// The lines that would hold it where it is: `pin nib on edge-1`.
    pub pins: Vec<String>,
    /// What these would cost.
    pub pinned: Pinned,
    /// Bits per second of the narrowest link of the widest way between the two nodes, over links that say their rate and
    /// past base stations; none where there is no such way.
    pub rate: Option<u64>,
    /// The least time that a copy of all that is set aside for it takes at that rate, in nanoseconds.
    pub copy_ns: Option<u64>,
}

/// What holding a store where it is would cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pinned {
    /// So much more, and no placement with it there is cheaper.
    Costs(f64),
    /// At most so much more.
    CostsAtMost(f64),
    /// Its node is closed to it: excluded, no candidate any more, or it is pinned elsewhere.
    Closed,
    /// No placement meets everything else with it there.
    Impossible,
    /// That was not found out in the work allowed.
    Unknown,
}

/// Adds to each store that starts empty on another node what the other ways would take.
pub fn price(network: &Network, software: &Software, lines: &mut [StorageLine], control: &dyn Control) {
    let moves = |line: &&mut StorageLine| line.fate == Fate::Rebuild && line.to.as_ref() != Some(&line.from);
    for line in lines.iter_mut().filter(moves) {
        let Some(to) = line.to.clone() else { continue };
        let part = line.store.last().0;
        let (pins, pinned) = holding(network, software, (&line.ric, part), &line.from, control);
        let rate = rate(network, &line.from, &to);
        let copy_ns = rate.map(|rate| copy_time(line.bytes, rate));
        line.instead = Some(Instead { pins, pinned, rate, copy_ns });
    }
}

impl Instead {
    /// Both ways in words, a line each; `bytes` are those that are kept.
    pub fn words(&self, bytes: f64) -> [String; 2] {
        let pins: Vec<String> = self.pins.iter().map(|pin| format!("`{pin}`")).collect();
        let pins = pins.join(" and ");
        let pinned = match self.pinned {
            Pinned::Costs(more) if more <= 0.0 => format!("{pins} costs nothing more"),
            Pinned::Costs(more) => format!("{pins} costs {} more", decimal(more, 3)),
            Pinned::CostsAtMost(more) => format!("{pins} costs at most {} more", decimal(more.max(0.0), 3)),
            Pinned::Closed => "not possible, its node is closed to it".to_owned(),
            Pinned::Impossible => "not possible, nothing meets everything else with it there".to_owned(),
            Pinned::Unknown => format!("what {pins} costs was not found out in the work allowed"),
        };
        let bytes = Bytes(bytes as u64);
        let time = match (self.copy_ns, self.rate) {
            (Some(time), Some(rate)) => {
                format!("a copy of {bytes} takes at least {} at {}", Nanoseconds(time), BitsPerSecond(rate))
            }
            _ => format!("no link says how long a copy of {bytes} takes"),
        };
        let migrate = format!("not done by an apply; {time}, by the software's own means, before it");
        [format!("or pinned: {pinned}"), format!("or migrate: {migrate}")]
    }
}

/// Holding all stores of a RIC where they are: the lines to write, and what they cost.
fn holding(
    network: &Network,
    software: &Software,
    (ric, part): (&Address, &str),
    from: &Address,
    control: &dyn Control,
) -> (Vec<String>, Pinned) {
    let placed = software.rics.iter().find(|placed| network.rics[placed.problem.ric].entity.address == *ric);
    let Some(placed) = placed else { return (Vec::new(), Pinned::Unknown) };
    let id = placed.problem.ric;
    let mut here = there_now(software, id, part);
    here.extend(network.nodes.iter().find(|(_, node)| node.entity.address == *from).map(|(id, _)| id));
    let name = |node: &NodeId| network.nodes[*node].entity.address.last().1.to_owned();
    let pins = here.iter().map(|node| format!("pin {part} on {}", name(node))).collect();
    let Ok(mut problem) = place::problem(network, software, id) else { return (pins, Pinned::Unknown) };
    let now = verify::cost(&problem.problem, &placed.placement);
    (pins, cost_of_holding(&mut problem, &here, part, now, control))
}

/// The nodes that run this part of a RIC before the plan.
fn there_now(software: &Software, ric: RicId, part: &str) -> BTreeSet<NodeId> {
    let before = software.previous.placement.assignments.iter();
    before.filter(|one| one.ric == ric && &*one.component == part).map(|one| one.on).collect()
}

fn cost_of_holding(
    problem: &mut RicProblem,
    here: &BTreeSet<NodeId>,
    part: &str,
    now: i64,
    control: &dyn Control,
) -> Pinned {
    let Some(slot) = problem.slots.iter().position(|slot| &**slot == part) else { return Pinned::Unknown };
    let RicProblem { problem: numbers, compute_nodes, .. } = problem;
    let (open, closed): (Vec<usize>, Vec<usize>) =
        (0..compute_nodes.len()).partition(|&compute| here.contains(&compute_nodes[compute]));
    if here.is_empty() || open.len() < here.len() || open.iter().any(|&compute| numbers.is_excluded(slot, compute)) {
        return Pinned::Closed;
    }
    numbers.exclusions.extend(closed.into_iter().map(|compute| Exclusion { component: Some(slot), compute }));
    let Ok(answer) = place::price(problem, control) else { return Pinned::Unknown };
    if answer.status == AnswerStatus::Infeasible {
        return Pinned::Impossible;
    }
    let holds = verify::verify(&problem.problem, &answer).holds();
    let Some(placement) = answer.placement.as_ref().filter(|_| holds) else { return Pinned::Unknown };
    let more = (placement.cost - now) as f64 / problem.cost_scale as f64;
    if answer.status == AnswerStatus::Optimal { Pinned::Costs(more) } else { Pinned::CostsAtMost(more) }
}

/// The most bits per second that any way between two nodes carries, over links that say their rate: a copy is at most as
/// fast. Base stations carry nothing on.
fn rate(network: &Network, from: &Address, to: &Address) -> Option<u64> {
    let number = |address: &Address| {
        let found = network.nodes.iter().find(|(_, node)| node.entity.address == *address);
        found.map(|(id, _)| id.0 as usize)
    };
    let (from, to) = (number(from)?, number(to)?);
    let carries = |node: NodeId| network.nodes.get(node).is_some_and(|node| !node.kind.is_e2_node());
    let usable = network.links.iter().filter(|(_, link)| carries(link.from.value) && carries(link.to.value));
    let mut links: Vec<(u64, usize, usize)> = usable
        .filter_map(|(_, link)| Some((link.rate?.0, link.from.value.0 as usize, link.to.value.0 as usize)))
        .filter(|(rate, ..)| *rate > 0)
        .collect();
    links.sort_unstable_by(|a, b| b.cmp(a));
    // The widest links first: the one that joins the two parts is the narrowest of the widest way.
    let mut parts: Vec<usize> = (0..network.nodes.len()).collect();
    for (rate, a, b) in links {
        let (a, b) = (head(&mut parts, a), head(&mut parts, b));
        parts[b] = a;
        if head(&mut parts, from) == head(&mut parts, to) {
            return Some(rate);
        }
    }
    None
}

/// The node that stands for the part that a node is in; ways to it are shortened on the way.
fn head(parts: &mut [usize], mut node: usize) -> usize {
    while parts[node] != node {
        parts[node] = parts[parts[node]];
        node = parts[node];
    }
    node
}

/// Nanoseconds, in whole seconds where it takes any.
fn copy_time(bytes: f64, rate: u64) -> u64 {
    const SECOND: f64 = 1e9;
    let time = bytes * 8.0 / rate as f64 * SECOND;
    let step = if time >= SECOND { SECOND } else { 1.0 };
    // The cast saturates.
    ((time / step).ceil() * step) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ranform_compiler::{CompileOptions, compile};
    use ranform_network::source::MemoryWorld;

    #[test]
    fn a_copy_is_as_fast_as_the_narrowest_link_of_the_widest_way() {
        let text = "language 1\nnode a : compute {}\nnode b : compute {}\nnode c : compute {}\nnode d : compute {}\nnode e : compute {}\n\
            link a -- b { latency 1ms  rate 1Gbps }\nlink a -- c { latency 9ms  rate 40Gbps }\nlink c -- b { latency 9ms  rate 10Gbps }\n\
            link b -- d { latency 1ms }\n\
            node g : gnb { plmn 001-01  gnb-id 411/22 }\nlink a -- g { latency 1ms  rate 90Gbps }\nlink g -- b { latency 1ms  rate 90Gbps }\n";
        let network = compile(&MemoryWorld::default().with("main.intent", text), &CompileOptions::default()).network;
        let rate = |from: &str, to: &str| rate(&network, &Address::new("node", from), &Address::new("node", to));
        assert_eq!(rate("a", "b"), Some(10_000_000_000), "no base station carries it on");
        assert_eq!(rate("b", "a"), Some(10_000_000_000));
        assert_eq!(rate("b", "d"), None, "the link says no rate");
        assert_eq!(rate("a", "e"), None, "there is no way");
        assert_eq!(copy_time(50e9, 10_000_000_000), 40_000_000_000);
        assert_eq!(copy_time(50e9 + 1.0, 10_000_000_000), 41_000_000_000);
        assert_eq!(copy_time(1.0, 8_000_000_000), 1);
    }

    #[test]
    fn each_way_is_said_with_its_price() {
        let said = |pinned: Pinned| {
            let pins = vec!["pin nib on edge-1".to_owned()];
            Instead { pins, pinned, rate: None, copy_ns: None }.words(50e9)
        };
        assert_eq!(said(Pinned::Costs(7.0))[0], "or pinned: `pin nib on edge-1` costs 7 more");
        assert_eq!(said(Pinned::Costs(0.0))[0], "or pinned: `pin nib on edge-1` costs nothing more");
        assert_eq!(said(Pinned::CostsAtMost(2.5))[0], "or pinned: `pin nib on edge-1` costs at most 2.5 more");
        assert_eq!(said(Pinned::Closed)[0], "or pinned: not possible, its node is closed to it");
        let slow = "or migrate: not done by an apply; no link says how long a copy of 50GB takes, by the software's own means, before it";
        assert_eq!(said(Pinned::Impossible)[1], slow);
    }
}
