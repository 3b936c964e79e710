//! A RIC of a network becomes a problem, and its answer comes back in the network's names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use ranform_network::NoControl;
use ranform_network::answers::{RicAssignment, RicPlacement};
use ranform_network::ids::{NodeId, RicId, SiteId};
use ranform_network::network::{
    ComponentKind, Entity, Link, Network, Node, NodeKind, Ric, RicComponent, RicProfile, Site, Spread, SpreadAcross,
    Xapp,
};
use ranform_network::source::{Located, Span};
use ranform_network::units::Nanoseconds;
use ranform_optimizers::placement::exact::Race;
use ranform_optimizers::placement::problem::{E2T, NIB, SDL};
use ranform_optimizers::placement::verify::verify;
use ranform_optimizers::placement::{Answer, RicProblem, Strategy, Taken, solve};

fn here<T>(value: T) -> Located<T> {
    Located::new(value, Span::default())
}

fn node(kind: NodeKind, site: Option<SiteId>, cores: Option<f64>) -> Node {
    Node {
        site,
        capacity: cores.map(|cores| (Arc::from("cpu"), here(cores))).into_iter().collect(),
        fixed_cost: Some(10.0),
        ..Node::new(kind, Entity::default(), Arc::default())
    }
}

fn component(kind: ComponentKind, cores: f64) -> RicComponent {
    RicComponent {
        kind,
        span: Span::default(),
        demand: vec![(Arc::from("cpu"), cores)],
        demand_per_e2_node: Vec::new(),
        serves_at_most: None,
        cost: Some(1.0),
        processing: Nanoseconds(0),
        image: None,
        pull_secrets: Vec::new(),
        secrets: Vec::new(),
        settings: Default::default(),
        pod_security: None,
    }
}

/// Four DUs, three compute nodes of 4 cores: two at one site, one at another; everything 1 ms from everything.
fn network() -> (Network, RicId) {
    let mut network = Network::default();
    let sites: Vec<SiteId> = ["west", "east"].map(|region| site(&mut network, region)).to_vec();
    let dus: Vec<NodeId> = (0..4).map(|_| network.nodes.push(node(NodeKind::Du, None, None))).collect();
    let on = [sites[0], sites[0], sites[1]];
    let computes = on.map(|site| network.nodes.push(node(NodeKind::Compute, Some(site), Some(4.0)))).to_vec();
    for (from, to) in dus.iter().chain(&computes).flat_map(|from| computes.iter().map(move |to| (*from, *to))) {
        let (latency, rate) = (Nanoseconds(1_000_000), None);
        network.links.push(Link { entity: Entity::default(), from: here(from), to: here(to), latency, rate });
    }
    let ric = network.rics.push(Ric {
        entity: Entity::default(),
        e2_nodes: dus,
        e2_nodes_span: Span::default(),
        candidates: computes,
        candidates_span: Span::default(),
        components: vec![component(ComponentKind::E2t, 1.0)],
        xapps: Vec::new(),
        pins: Vec::new(),
        exclusions: Vec::new(),
        serves_at_most: None,
        spread: Vec::new(),
        peer: None,
        profile: Default::default(),
    });
    (network, ric)
}

fn site(network: &mut Network, region: &str) -> SiteId {
    network.sites.push(Site { region: Some(Arc::from(region)), ..Site::default() })
}

fn placed(network: &Network, ric: RicId, taken: &Taken) -> (RicProblem, Answer) {
    let problem = RicProblem::new(network, ric, None, 0.0, taken).unwrap();
    let answer = solve(&problem.problem, Strategy::Exact, 0, Race::Off, &NoControl).unwrap();
    (problem, answer)
}

fn named(problem: &RicProblem, answer: &Answer) -> RicPlacement {
    let placement = answer.placement.as_ref().unwrap();
    RicPlacement { assignments: problem.assignments(placement), standby: problem.standby(placement) }
}

fn terminations(of: &[RicAssignment]) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = of.iter().filter(|one| &*one.component == "e2t").map(|one| one.on).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

#[test]
fn what_one_ric_takes_is_gone_for_the_next() {
    let (mut network, ric) = network();
    network.rics[ric].components[0].demand[0].1 = 3.5;
    let (first, answer) = placed(&network, ric, &Taken::default());
    let placement = named(&first, &answer);
    let taken = Taken::of(&network, &placement);
    let on = terminations(&placement.assignments)[0];
    assert_eq!((taken.is_used(on), taken.amount(on, "cpu")), (true, 3.5));
    let (second, answer) = placed(&network, ric, &taken);
    assert_ne!(terminations(&named(&second, &answer).assignments), [on], "half a core is left there");
    // Where both fit, the second pays no fixed cost: the compute node is in use already.
    network.rics[ric].components[0].demand[0].1 = 2.0;
    let (third, answer) = placed(&network, ric, &Taken::of(&network, &placement_of(ric, on)));
    assert_eq!(terminations(&named(&third, &answer).assignments), [on]);
    assert_eq!(answer.placement.unwrap().cost, 1);
}

#[test]
fn all_replicas_of_an_xapp_are_counted_and_the_checker_counts_them_itself() {
    let (mut network, ric) = network();
    network.rics[ric].xapps = vec![Xapp {
        entity: Entity { address: ranform_network::Address::new("xapp", "steering"), ..Entity::default() },
        demand: vec![(Arc::from("cpu"), 0.5)],
        demand_per_e2_node: vec![(Arc::from("cpu"), 0.05)],
        serves_at_most: None,
        cost: Some(1.0),
        loop_budget: Some(here(Nanoseconds(100_000_000))),
        uses_sdl: false,
        chain: Vec::new(),
        processing: Nanoseconds(0),
        image: None,
        pull_secrets: Vec::new(),
        secrets: Vec::new(),
        settings: Default::default(),
        replicas: None,
        version: None,
        pod_security: None,
    }];
    let (one, alone) = placed(&network, ric, &Taken::default());
    assert!(verify(&one.problem, &alone).holds());
    let on = terminations(&named(&one, &alone).assignments)[0];
    // With its E2 termination 1 + 3 * (0.5 + 4 * 0.05) of 4 cores.
    network.rics[ric].xapps[0].replicas = Some(here(3));
    let (three, answer) = placed(&network, ric, &Taken::default());
    let taken = Taken::of(&network, &named(&three, &answer));
    assert!((taken.amount(on, "cpu") - 3.1).abs() < 1e-9, "{}", taken.amount(on, "cpu"));
    assert_eq!(answer.placement.as_ref().unwrap().cost, alone.placement.as_ref().unwrap().cost);
    // 1 + 5 * 0.7 are too many: they are apart from the E2 termination, and an answer that has them together does not hold.
    network.rics[ric].xapps[0].replicas = Some(here(5));
    let (five, apart) = placed(&network, ric, &Taken::default());
    assert!(verify(&five.problem, &apart).holds());
    assert!(apart.placement.unwrap().cost > answer.placement.as_ref().unwrap().cost);
    assert!(!verify(&five.problem, &answer).holds());
    // 6 * 0.7 fit on no node for all E2 nodes, and 7 * (0.5 + 0.05) on none for any.
    network.rics[ric].xapps[0].replicas = Some(here(8));
    let (_, nowhere) = placed(&network, ric, &Taken::default());
    assert!(nowhere.placement.is_none());
}

#[test]
fn what_hosted_nodes_set_aside_is_gone_for_rics() {
    let (mut network, ric) = network();
    let computes = network.rics[ric].candidates.clone();
    let hosts: Vec<NodeId> = network.rics[ric].e2_nodes.clone();
    // 3.5 of 4 cores of the first two machines belong to DUs.
    for (du, host) in hosts.iter().zip(&computes[..2]) {
        network.nodes[*du].hosted_on = Some(here(*host));
        network.nodes[*du].capacity = vec![(Arc::from("cpu"), here(3.5))];
    }
    let nothing = Taken::of(&network, &RicPlacement::default());
    assert_eq!(computes.iter().map(|on| nothing.amount(*on, "cpu")).collect::<Vec<_>>(), [3.5, 3.5, 0.0]);
    let (problem, answer) = placed(&network, ric, &nothing);
    assert_eq!(terminations(&named(&problem, &answer).assignments), [computes[2]]);
    network.rics[ric].components[0].demand[0].1 = 0.5;
    let (problem, answer) = placed(&network, ric, &nothing);
    assert_ne!(
        terminations(&named(&problem, &answer).assignments),
        [computes[2]],
        "half a core is enough, and the machine is in use"
    );
}

fn placement_of(ric: RicId, on: NodeId) -> RicPlacement {
    let one = RicAssignment { ric, component: Arc::from("e2t"), e2_node: NodeId(0), on };
    RicPlacement { assignments: vec![one], standby: Vec::new() }
}

#[test]
fn more_for_each_e2_node_and_at_most_so_many() {
    let (mut network, ric) = network();
    network.rics[ric].components[0].demand_per_e2_node = vec![(Arc::from("cpu"), 1.0)];
    let (problem, answer) = placed(&network, ric, &Taken::default());
    // One core and one for each of four E2 nodes are five; a compute node has four.
    let placement = named(&problem, &answer);
    let nodes = terminations(&placement.assignments);
    assert_eq!(nodes.len(), 2);
    let taken = Taken::of(&network, &placement);
    assert_eq!(nodes.iter().map(|node| taken.amount(*node, "cpu")).sum::<f64>(), 6.0);
    network.rics[ric].components[0].demand_per_e2_node.clear();
    network.rics[ric].serves_at_most = Some(here(2));
    let (problem, answer) = placed(&network, ric, &Taken::default());
    let e2t = &problem.problem.components[E2T];
    assert_eq!(e2t.serves_at_most, Some(2));
    assert_eq!(terminations(&named(&problem, &answer).assignments).len(), 2);
}

#[test]
fn spread_keeps_apart_and_gives_everybody_a_second_e2_termination() {
    let (mut network, ric) = network();
    for (across, places) in [
        (SpreadAcross::Site, vec![Some(0), Some(0), Some(1)]),
        (SpreadAcross::Region, vec![Some(0), Some(0), Some(1)]),
        (SpreadAcross::Node, vec![None, None, None]),
    ] {
        network.rics[ric].spread = vec![Spread { component: here(Arc::from("e2t")), across }];
        let (problem, answer) = placed(&network, ric, &Taken::default());
        assert_eq!(problem.problem.spreads[0].places, places);
        let placement = named(&problem, &answer);
        let mut nodes = terminations(&placement.assignments);
        nodes.extend(terminations(&placement.standby));
        nodes.sort_unstable();
        nodes.dedup();
        assert_eq!(nodes.len(), 2, "{across:?}");
        for (first, second) in placement.assignments.iter().zip(&placement.standby) {
            assert_eq!((first.e2_node, &first.component), (second.e2_node, &second.component));
            assert!(&*first.component != "e2t" || first.on != second.on);
        }
        // What is in force stays, its standbys included, also when moves are dear.
        let again = RicProblem::new(&network, ric, Some(&placement), 100.0, &Taken::default()).unwrap();
        let answer = solve(&again.problem, Strategy::Exact, 0, Race::Off, &NoControl).unwrap();
        assert_eq!(answer.placement.as_ref().unwrap().moves, Some(0));
        assert_eq!(named(&again, &answer), placement);
    }
}

#[test]
fn where_sdl_and_nib_are_one_store_they_are_placed_as_sdl_and_the_proof_holds() {
    let (mut network, ric) = network();
    let computes = network.rics[ric].candidates.clone();
    network.rics[ric].components = vec![component(ComponentKind::E2t, 1.0), component(ComponentKind::Sdl, 3.0)];
    // What a node would ask for a NIB of its own is asked by nobody.
    for (at, compute) in computes.iter().enumerate() {
        network.nodes[*compute].component_cost = vec![(Arc::from("nib"), [5.0, 0.0, 0.0][at])];
    }
    network.rics[ric].pins = vec![(here(Arc::from("sdl")), here(computes[0]))];
    network.rics[ric].profile = RicProfile::Osc;
    let (problem, answer) = placed(&network, ric, &Taken::default());
    let answer = problem.with_one_store(answer);
    let placement = answer.placement.clone().unwrap();
    assert_eq!(placement.places[NIB], placement.places[SDL]);
    assert_eq!(placement.cost, 12, "one node and two components");
    assert!(verify(&problem.problem, &answer).holds());
    let before = named(&problem, &answer);
    assert!(before.assignments.iter().all(|one| &*one.component != "nib"));
    // Moved with the store, it is no move of its own.
    network.rics[ric].pins = vec![(here(Arc::from("sdl")), here(computes[1]))];
    let mut problem = RicProblem::new(&network, ric, Some(&before), 1.0, &Taken::default()).unwrap();
    problem.without_rules_for_nib();
    let answer = solve(&problem.problem, Strategy::Exact, 0, Race::Off, &NoControl).unwrap();
    let answer = problem.with_one_store(answer);
    assert!(verify(&problem.problem, &answer).holds());
    let placement = answer.placement.unwrap();
    assert_eq!(placement.places[NIB], placement.places[SDL]);
    assert_eq!(placement.moves, Some(3), "management, E2 termination and the store");
}
