use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::ids::*;
use ranform_network::network::{ComponentKind, NodeKind, Ric, RicComponent, Xapp};
use ranform_network::units::Nanoseconds;

use super::super::testing::*;

const RIC: RicId = RicId(0);

fn xapp(name: &str) -> Xapp {
    Xapp {
        entity: entity(Address::new("ric", "metro").child("xapp", name)),
        demand: amounts(&[("cpu", 1.0)]),
        demand_per_e2_node: Vec::new(),
        serves_at_most: None,
        cost: None,
        loop_budget: Some(at(Nanoseconds(10_000_000))),
        uses_sdl: false,
        chain: Vec::new(),
        processing: Nanoseconds(0),
        image: None,
        version: None,
        pull_secrets: Vec::new(),
        secrets: Vec::new(),
        settings: Default::default(),
        replicas: None,
        pod_security: None,
    }
}

/// A RIC of two xApps on two compute nodes, without findings.
fn ric(network: &mut Network) -> [NodeId; 2] {
    let nodes = ["edge-1", "edge-2"].map(|name| {
        let node = node(network, NodeKind::Compute, name);
        network.nodes[node].capacity =
            [("cpu", 8.0), ("memory", 16e9)].map(|(name, amount)| (name.into(), at(amount))).to_vec();
        node
    });
    let component = RicComponent {
        kind: ComponentKind::E2t,
        span: span(),
        demand: amounts(&[("cpu", 2.0), ("memory", 4e9)]),
        demand_per_e2_node: Vec::new(),
        serves_at_most: None,
        cost: None,
        processing: Nanoseconds(0),
        image: None,
        pull_secrets: Vec::new(),
        secrets: Vec::new(),
        settings: Default::default(),
        pod_security: None,
    };
    network.rics.push(Ric {
        entity: entity(Address::new("ric", "metro")),
        e2_nodes: vec![GNB, ENB],
        e2_nodes_span: span(),
        candidates: nodes.to_vec(),
        candidates_span: span(),
        components: vec![component],
        xapps: vec![xapp("a"), xapp("b"), xapp("c")],
        pins: Vec::new(),
        exclusions: Vec::new(),
        serves_at_most: None,
        spread: Vec::new(),
        peer: None,
        profile: Default::default(),
    });
    nodes
}

/// The only finding after changing the RIC.
#[track_caller]
fn only_ric(code: &str, message: &str, change: impl FnOnce(&mut Ric)) -> Vec<String> {
    only(code, message, |network| {
        ric(network);
        change(&mut network.rics[RIC]);
    })
}

#[test]
fn a_sound_ric() {
    codes(&[], |network| {
        ric(network);
    });
}

#[test]
fn candidates_that_are_left() {
    only_ric("RF502", "RIC `metro` has no compute node to run on", |ric| ric.candidates.clear());
    only_ric("RF502", "every candidate of RIC `metro` is excluded", |ric| {
        ric.exclusions = ric.candidates.iter().map(|node| at(*node)).collect();
    });
}

#[test]
fn e2_nodes_to_serve() {
    only_ric("RF503", "RIC `metro` serves no E2 node", |ric| ric.e2_nodes.clear());
    codes(&["RF505"], |network| {
        ric(network);
        let mut second = network.rics[RIC].clone();
        second.e2_nodes = vec![ENB];
        network.rics.push(second);
    });
}

#[test]
fn pins_name_what_is_there() {
    let pin = |what: &'static str, node: NodeId| move |ric: &mut Ric| ric.pins = vec![(at(what.into()), at(node))];
    only_ric("RF507", "`e2t` is pinned on `node.gnb-1`, which is no candidate", pin("e2t", GNB));
    only_ric("RF507", "RIC `metro` has no component or xApp `nothing` to pin", pin("nothing", NodeId(3)));
    codes(&[], |network| {
        ric(network);
        pin("e2t", NodeId(3))(&mut network.rics[RIC]);
    });
}

#[test]
fn demand_fits_somewhere() {
    let message = "`e2t` of RIC `metro` needs 32GB memory and fits on no candidate";
    let help = only_ric("RF508", message, |ric| ric.components[0].demand = amounts(&[("memory", 32e9)]));
    assert_eq!(help, ["`node.edge-1` comes nearest with 16GB memory"]);
    codes(&[], |network| {
        ric(network);
        network.rics[RIC].components[0].demand = amounts(&[("gpu", 1.0)]);
        network.nodes[NodeId(4)].capacity.clear();
    });
}

#[test]
fn chains() {
    codes(&[], |network| {
        ric(network);
        network.rics[RIC].xapps[0].chain = vec![at(1), at(2)];
    });
    only_ric("RF509", "the chain of xApp `a` comes back to `a`", |ric| ric.xapps[0].chain = vec![at(0)]);
    only_ric("RF509", "xApp `b` is in the chain of `a` and heads a chain itself", |ric| {
        ric.xapps[0].chain = vec![at(1)];
        ric.xapps[1].chain = vec![at(2)];
    });
    only_ric("RF510", "xApp `c` is in the chains of both `a` and `b`", |ric| {
        ric.xapps[0].chain = vec![at(2)];
        ric.xapps[1].chain = vec![at(2)];
    });
    only_ric("RF511", "xApp `a` heads a chain but has no loop budget", |ric| {
        ric.xapps[0].chain = vec![at(1)];
        ric.xapps[0].loop_budget = None;
    });
}
