use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::network::*;
use ranform_network::units::Share;

use super::super::testing::*;

fn address(text: &str) -> Address {
    Address::from_text(text)
}

fn moved(from: &str, to: &str) -> Moved {
    Moved { from: at(address(from)), to: at(address(to)) }
}

#[test]
fn renames() {
    codes(&[], |network| network.moved = vec![moved("tenant.rouge", "tenant.red")]);
    codes(&[], |network| network.moved = vec![moved("tenant.a", "tenant.b"), moved("tenant.b", "tenant.red")]);
    let help = only("RF602", "`tenant.rouge` is moved to `tenant.redd`, which is not declared", |network| {
        network.moved = vec![moved("tenant.rouge", "tenant.redd")];
    });
    assert_eq!(help, ["did you mean `tenant.red`?"]);
    only("RF603", "`tenant.blue` is moved away but still declared", |network| {
        network.moved = vec![moved("tenant.blue", "tenant.red")];
    });
    only("RF604", "two things are moved to `tenant.red`", |network| {
        network.moved = vec![moved("tenant.a", "tenant.red"), moved("tenant.b", "tenant.red")];
    });
}

#[test]
fn protect_and_forget() {
    codes(&[], |network| network.protected = vec![at(address("node.gnb-1/cell.nr-1"))]);
    let help = only("RF605", "`node.gnb-11` is protected but not declared", |network| {
        network.protected = vec![at(address("node.gnb-11"))];
    });
    assert_eq!(help, ["did you mean `node.gnb-1`?"]);
    // What plans decide below what is declared.
    codes(&[], |network| network.protected = vec![at(address("node.gnb-1/cell.nr-1/tenant.red"))]);
    only("RF605", "`node.gnb-1/cell.nr-1/tenant.redd` is protected but not declared", |network| {
        network.protected = vec![at(address("node.gnb-1/cell.nr-1/tenant.redd"))];
    });
    only("RF605", "`node.gnb-1/e2t.gnb-1` is protected but not declared", |network| {
        network.protected = vec![at(address("node.gnb-1/e2t.gnb-1"))];
    });
    codes(&[], |network| network.forgotten = vec![at(address("node.gnb-9"))]);
    only("RF606", "`node.gnb-1` is to be forgotten but still declared", |network| {
        network.forgotten = vec![at(address("node.gnb-1"))];
    });
}

fn guard(network: &mut Network, over: &str) -> Guard {
    let guard = Guard {
        address: address("guard.g"),
        span: span(),
        deny: true,
        message: None,
        rule: Rule { over: over.into(), filter: None, require: Expression::Literal(Literal::Bool(true)) },
        exceptions: Vec::new(),
    };
    network.guards.push(guard.clone());
    guard
}

#[test]
fn guards_range_over_something() {
    codes(&[], |network| {
        guard(network, "cells");
        guard(network, "changes");
    });
    only("RF607", "`guard.g` guards ports, and there are none", |network| {
        guard(network, "ports");
    });
}

#[test]
fn exceptions_of_guards() {
    let exception = |place: &'static str, until: &'static str| {
        move |network: &mut Network| {
            guard(network, "cells");
            network.guards[0].exceptions =
                vec![Exception { address: at(address(place)), until: at(until.into()), because: "migration".into() }];
        }
    };
    codes(&[], exception("node.gnb-1/cell.nr-1/tenant.red", "2026-12-31"));
    only("RF608", "`guard.g` excepts `node.gnb-7`, which does not exist", exception("node.gnb-7", "2026-12-31"));
}

#[test]
fn one_limit_per_tenant() {
    let limit = |tenants: Vec<ranform_network::ids::TenantId>| {
        move |network: &mut Network| {
            network.limits.push(Limit {
                span: span(),
                deletions: Some(10),
                deletions_share: None,
                identities: None,
                cells: None,
                share_moved: tenants.into_iter().map(|tenant| (Some(tenant), Share(0.1))).collect(),
                acknowledged: Vec::new(),
            });
        }
    };
    codes(&[], limit(vec![RED, BLUE]));
    only("RF609", "two limits of the share moved of tenant `red`", limit(vec![RED, RED]));
}

#[test]
fn keep() {
    only("RF610", "`e2t` is pinned, but no RIC places it", |network| {
        network.keeps.push(Keep {
            address: address("keep.placement"),
            span: span(),
            pins: vec![(at(address("e2t")), at(AP))],
            churn_price: None,
            churn_budget: None,
        });
    });
}

#[test]
fn a_thing_has_one_owner() {
    let owner = |name: &str, owns: &str| Owner {
        name: name.into(),
        span: span(),
        contacts: Vec::new(),
        owns: vec![at(owns.into())],
    };
    only("RF611", "`tenant red` has two owners, `team-a` and `team-b`", |network| {
        network.owners = vec![owner("team-a", "tenant red"), owner("team-b", "tenant red")];
    });
}

#[test]
fn outside_changes() {
    let rule = |path: &str, action: OutsideAction| OutsideChange { path: at(path.into()), fields: Vec::new(), action };
    codes(&[], |network| network.outside_changes = vec![rule("node.gnb-1/**", OutsideAction::Accept)]);
    only("RF612", "there is nothing at `node.gnb-7/**`", |network| {
        network.outside_changes = vec![rule("node.gnb-7/**", OutsideAction::Accept)];
    });
    only("RF612", "two rules for outside changes at `node.gnb-1`", |network| {
        network.outside_changes =
            vec![rule("node.gnb-1", OutsideAction::Accept), rule("node.gnb-1", OutsideAction::Stop)];
    });
    // Lines for different leaves of one thing are no two rules for one.
    let of = |field: &str| OutsideChange { fields: vec![field.into()], ..rule("node.gnb-1/**", OutsideAction::Accept) };
    codes(&[], |network| network.outside_changes = vec![of("cell.pci"), of("cell.power")]);
    only("RF612", "two rules for outside changes at `node.gnb-1/**`", |network| {
        network.outside_changes = vec![of("cell.pci"), of("cell.pci")];
    });
}
