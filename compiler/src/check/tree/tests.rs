use ranform_network::address::Address;
use ranform_network::network::{Link, NodeKind};
use ranform_network::units::Nanoseconds;

use super::super::testing::*;

#[test]
fn nodes_in_a_circle() {
    let message = "nodes are above each other in a circle: `node.a` and `node.b`";
    only("RF520", message, |network| {
        let a = node(network, NodeKind::Compute, "a");
        let b = node(network, NodeKind::Compute, "b");
        network.nodes[a].parent = Some(at(b));
        network.nodes[b].parent = Some(at(a));
        let below = node(network, NodeKind::Compute, "c");
        network.nodes[below].parent = Some(at(a));
    });
    only("RF520", "`node.a` is its own parent", |network| {
        let a = node(network, NodeKind::Compute, "a");
        network.nodes[a].parent = Some(at(a));
    });
}

#[test]
fn a_tree_has_no_circle() {
    codes(&[], |network| {
        let root = node(network, NodeKind::NonRtRic, "root");
        let ric = node(network, NodeKind::NearRtRic, "ric");
        network.nodes[ric].parent = Some(at(root));
        for node in [GNB, ENB] {
            network.nodes[node].parent = Some(at(ric));
        }
    });
}

#[test]
fn kinds_of_parents() {
    let message = "`node.ap-1` of kind `ap` cannot stand above `node.gnb-1` of kind `gnb`";
    let help = only("RF521", message, |network| network.nodes[GNB].parent = Some(at(AP)));
    assert_eq!(help, ["above a `gnb` may stand `near-rt-ric` or `non-rt-ric`"]);
}

#[test]
fn links_have_two_ends() {
    only("RF522", "a link from `node.gnb-1` to itself", |network| {
        network.links.push(Link {
            entity: entity(Address::new("link", "l")),
            from: at(GNB),
            to: at(GNB),
            latency: Nanoseconds(1),
            rate: None,
        });
    });
}

#[test]
fn cells_stand_on_their_technology() {
    let message = "the LTE cell `node.gnb-1/cell.lte-2` stands on a node of kind `gnb`";
    let help = only("RF523", message, |network| {
        cell(network, GNB, "lte-2", "b3", 1842.5, 10.0, 15_000);
    });
    assert_eq!(help, ["LTE cells (band `b3`) stand on an `enb`"]);
    codes(&["RF523"], |network| {
        radio(network, GNB, "r1", 36);
    });
}

#[test]
fn names_have_an_end() {
    let found = findings(|network| {
        let long = tenant(network, &"x".repeat(201), "001-03", "1:000003", 103);
        network.tenants[long].ssid = None;
    });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "the name `xxxxxxxxxxxxxxxxxxxx...` has 201 octets, more than 200");
}
