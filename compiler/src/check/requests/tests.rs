use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::ids::*;
use ranform_network::network::{Model, NodeKind, Performance, Request, RequestTarget};
use ranform_network::units::{Bytes, Nanoseconds, Share};

use super::super::testing::*;

const STORM: ModelId = ModelId(0);
const GUARD: RequestId = RequestId(0);

/// A tree of two DUs under a CU, a model and a request, without findings.
fn storm(network: &mut Network) -> [NodeId; 3] {
    let cu = node(network, NodeKind::Cu, "cu-1");
    let dus = ["du-1", "du-2"].map(|name| {
        let du = node(network, NodeKind::Du, name);
        network.nodes[du].parent = Some(at(cu));
        du
    });
    network.models.push(Model {
        entity: entity(Address::new("model", "storm")),
        offers: vec![(at("storm-protection".into()), Share(0.95))],
        controls: Vec::new(),
        input: None,
        input_size: Bytes(100),
        demand: amounts(&[("cpu", 1.0)]),
        execution: vec![(NodeKind::Du, Nanoseconds(1_000_000)), (NodeKind::Cu, Nanoseconds(2_000_000))],
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
    });
    network.requests.push(Request {
        entity: entity(Address::new("request", "guard")),
        targets: vec![RequestTarget {
            function: at("storm-protection".into()),
            node: dus[0],
            sources: vec![dus[1]],
            within: None,
            performance: Some(at(Performance::AtLeast(Share(0.9)))),
            span: span(),
        }],
        value: 1.0,
        sharing: true,
    });
    [cu, dus[0], dus[1]]
}

#[track_caller]
fn only_storm(code: &str, message: &str, change: impl FnOnce(&mut Network)) -> Vec<String> {
    only(code, message, |network| {
        storm(network);
        change(network);
    })
}

#[test]
fn a_sound_request() {
    codes(&[], |network| {
        storm(network);
    });
}

#[test]
fn sources_that_nothing_reaches() {
    let message = "no node can take data from `node.gnb-1` and serve `node.du-1`: nothing is above both";
    only_storm("RF512", message, |network| network.requests[GUARD].targets[0].sources = vec![GNB]);
}

#[test]
fn performance_that_no_model_has() {
    let message = "no model does `storm-protection` with at least 99 %";
    let help = only_storm("RF513", message, |network| {
        network.requests[GUARD].targets[0].performance = Some(at(Performance::AtLeast(Share(0.99))));
    });
    assert_eq!(help, ["`storm` comes nearest with 95 %"]);
}

#[test]
fn models_run_where_containers_run() {
    only_storm("RF514", "model `storm` runs on kind `ap`, which runs no containers", |network| {
        network.models[STORM].execution.push((NodeKind::Ap, Nanoseconds(1)));
    });
    only_storm("RF514", "model `storm` says how it suits kind `ru` but not how long it runs there", |network| {
        network.models[STORM].suitability = vec![(NodeKind::Ru, Share(0.5))];
    });
    only_storm("RF515", "model `storm` says nowhere how long it runs", |network| {
        network.models[STORM].execution.clear();
    });
}

#[test]
fn models_fit_somewhere() {
    let message = "model `storm` needs 1 cpu and fits on none of 5 nodes it runs on";
    only_storm("RF508", message, |network| {
        for index in 0..network.nodes.len() {
            network.nodes[NodeId(index as u32)].capacity = vec![("cpu".into(), at(0.5))];
        }
    });
}
