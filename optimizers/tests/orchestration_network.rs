//! From a network to a mapping: the tree follows the placement, bins are what placement leaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use ranform_network::answers::{RicAssignment, RicPlacement};
use ranform_network::ids::{ModelId, NodeId, RicId};
use ranform_network::network::{
    ComponentKind, Entity, Link, Model, Network, Node, NodeKind, Request, RequestTarget, Ric, RicComponent,
};
use ranform_network::source::{Located, Span};
use ranform_network::units::{BitsPerSecond, Bytes, Nanoseconds, Share};
use ranform_network::{AnswerStatus, NoControl};
use ranform_optimizers::orchestration::from_network::Host;
use ranform_optimizers::orchestration::{orchestrate, verify};

fn here<T>(value: T) -> Located<T> {
    Located::new(value, Span::default())
}

fn node(kind: NodeKind, parent: Option<NodeId>, cores: f64) -> Node {
    Node {
        parent: parent.map(here),
        capacity: vec![(Arc::from("cpu"), here(cores))],
        ..Node::new(kind, Entity::default(), Arc::default())
    }
}

fn model(function: &str, kind: NodeKind) -> Model {
    Model {
        entity: Entity::default(),
        offers: vec![(here(Arc::from(function)), Share(0.9))],
        controls: Vec::new(),
        input: None,
        input_size: Bytes(1000),
        demand: vec![(Arc::from("cpu"), 1.5)],
        execution: vec![(kind, Nanoseconds(1_000_000))],
        suitability: Vec::new(),
        image: None,
        version: None,
        connectors: Vec::new(),
        connects_itself: false,
        login: None,
        replicas: None,
        pull_secrets: Vec::new(),
        secrets: Vec::new(),
        settings: Default::default(),
        pod_security: None,
    }
}

fn request(function: &str, node: NodeId, within: u64) -> Request {
    let target = RequestTarget {
        function: here(Arc::from(function)),
        node,
        sources: vec![node],
        within: Some(here(Nanoseconds(within))),
        performance: None,
        span: Span::default(),
    };
    Request { entity: Entity::default(), targets: vec![target], value: 1.0, sharing: true }
}

/// One DU; its E2 termination on compute 1 (4 cores, 3 of them taken); compute 2 is 2 ms further on.
fn network() -> (Network, RicPlacement, [NodeId; 3]) {
    let mut network = Network::default();
    let du = network.nodes.push(node(NodeKind::Du, None, 2.0));
    let near = network.nodes.push(node(NodeKind::Compute, None, 4.0));
    let far = network.nodes.push(node(NodeKind::Compute, None, 4.0));
    for (from, to, latency) in [(du, near, 1_000_000), (near, far, 2_000_000)] {
        let rate = Some(BitsPerSecond(8_000_000_000));
        let entity = Entity::default();
        network.links.push(Link { entity, from: here(from), to: here(to), latency: Nanoseconds(latency), rate });
    }
    let component = RicComponent {
        kind: ComponentKind::E2t,
        span: Span::default(),
        demand: vec![(Arc::from("cpu"), 3.0)],
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
    let ric = network.rics.push(Ric {
        entity: Entity::default(),
        e2_nodes: vec![du],
        e2_nodes_span: Span::default(),
        candidates: vec![near, far],
        candidates_span: Span::default(),
        components: vec![component],
        xapps: Vec::new(),
        pins: Vec::new(),
        exclusions: Vec::new(),
        serves_at_most: None,
        spread: Vec::new(),
        peer: None,
        profile: Default::default(),
    });
    let placed = RicAssignment { ric, component: Arc::from("e2t"), e2_node: du, on: near };
    (network, RicPlacement { assignments: vec![placed], standby: Vec::new() }, [du, near, far])
}

#[test]
fn an_xapp_goes_to_the_bin_with_room_and_its_link_counts() {
    let (mut network, placement, [du, _, far]) = network();
    network.models.push(model("steering", NodeKind::NearRtRic));
    // To the far bin: 1 ms + 2 ms, 1000 bytes at 1 ns each on two links, 1 ms of execution.
    for within in [4_001_999, 4_002_000] {
        network.requests = [request("steering", du, within)].into_iter().collect();
        let made = orchestrate(&network, None, &placement, &BTreeSet::new(), &NoControl).unwrap();
        assert_eq!(made.answer.status, AnswerStatus::Optimal);
        if within == 4_002_000 {
            assert_eq!(made.mapping.assignments[0].on, far, "1 core left on the near one, 1.5 are needed");
        } else {
            assert!(made.mapping.accepted.is_empty());
        }
    }
}

#[test]
fn all_replicas_of_a_model_are_counted_and_the_checker_counts_them_itself() {
    let (mut network, placement, [du, near, far]) = network();
    network.models.push(model("steering", NodeKind::NearRtRic));
    network.models[ModelId(0)].demand = vec![(Arc::from("cpu"), 0.4)];
    network.requests.push(request("steering", du, 10_000_000));
    let solved = |network: &Network| orchestrate(network, None, &placement, &BTreeSet::new(), &NoControl).unwrap();
    let alone = solved(&network);
    assert_eq!(alone.mapping.assignments[0].on, near, "1 core is left on the near one");
    assert!(verify(&alone.problem.problem, &alone.answer, "", 0).holds());
    // Together they need 1.2 cores: a claim that they are on the near one is found to be wrong.
    network.models[ModelId(0)].replicas = Some(here(3));
    let three = solved(&network);
    assert_eq!(three.mapping.assignments[0].on, far);
    assert!(verify(&three.problem.problem, &three.answer, "", 0).holds());
    assert!(!verify(&three.problem.problem, &alone.answer, "", 0).holds());
    network.models[ModelId(0)].replicas = Some(here(30));
    assert!(solved(&network).mapping.accepted.is_empty());
}

#[test]
fn the_tree_follows_the_placement() {
    let (network, placement, [du, near, far]) = network();
    let made = orchestrate(&network, None, &placement, &BTreeSet::new(), &NoControl).unwrap();
    let ric = RicId(0);
    assert_eq!(made.problem.nodes, [Host::Node(du), Host::Ric(ric), Host::Bin(ric, near), Host::Bin(ric, far)]);
    assert_eq!(made.problem.problem.nodes[0].parent, Some(1));
    assert!(made.problem.problem.nodes[2].bin && made.problem.problem.nodes[3].bin);
    let nowhere = orchestrate(&network, None, &RicPlacement::default(), &BTreeSet::new(), &NoControl).unwrap();
    assert_eq!(nowhere.problem.nodes, [Host::Node(du)]);
}

#[test]
fn a_dapp_runs_on_the_du_and_stays_there() {
    let (mut network, placement, [du, ..]) = network();
    network.models.push(model("scheduling", NodeKind::Du));
    network.requests.push(request("scheduling", du, 1_000_000));
    let first = orchestrate(&network, None, &placement, &BTreeSet::new(), &NoControl).unwrap();
    assert_eq!(first.mapping.assignments[0].on, du);
    let again = orchestrate(&network, Some(&first.mapping), &placement, &BTreeSet::new(), &NoControl).unwrap();
    assert_eq!(again.mapping, first.mapping);
    assert_eq!(again.problem.problem.current.len(), 1);
}

#[test]
fn on_a_held_node_stays_what_is_there_and_nothing_comes() {
    let (mut network, placement, [du, near, far]) = network();
    network.models.push(model("steering", NodeKind::NearRtRic));
    network.requests.push(request("steering", du, 9_000_000));
    let held: BTreeSet<NodeId> = [far].into();
    let closed = orchestrate(&network, None, &placement, &held, &NoControl).unwrap();
    assert!(closed.mapping.accepted.is_empty(), "the only node with room takes nothing");
    let open = orchestrate(&network, None, &placement, &BTreeSet::new(), &NoControl).unwrap();
    assert_eq!(open.mapping.assignments[0].on, far);

    // A second request would share the instance, and the first would go where it costs nothing to go.
    network.requests.push(request("steering", du, 9_000_000));
    network.nodes[near].capacity[0].1.value += 10.0;
    let kept = orchestrate(&network, Some(&open.mapping), &placement, &held, &NoControl).unwrap();
    let on: Vec<NodeId> = kept.mapping.assignments.iter().map(|one| one.on).collect();
    assert_eq!(on, [far, near]);
}
