use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::network::*;
use ranform_network::units::Share;

use super::super::testing::*;
use super::is_date;

fn address(text: &str) -> Address {
    Address::from_text(text)
}

fn moved(from: &str, to: &str) -> Moved {
    Moved { from: at(address(from)), to: at(address(to)) }
}

#[test]
fn days() {
    assert!(is_date("2026-12-31") && is_date("2028-02-29"));
    for wrong in ["2026-02-29", "2026-13-01", "2026-1-01", "tomorrow", "2026-00-10", "+026-01-01", "2026-04-31"] {
        assert!(!is_date(wrong), "{wrong}");
    }
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
    only("RF608", "`2026-02-30` is no day", exception("node.gnb-1", "2026-02-30"));
    only("RF608", "`guard.g` excepts `node.gnb-7`, which does not exist", exception("node.gnb-7", "2026-12-31"));
}

#[test]
fn limits_limit() {
    let limit = |share: f64| {
        move |network: &mut Network| {
            network.limits.push(Limit {
                span: span(),
                deletions: Some(10),
                deletions_share: None,
                cells: None,
                share_moved: vec![(Some(RED), Share(share))],
                acknowledged: Vec::new(),
            });
        }
    };
    codes(&[], limit(0.1));
    only("RF609", "a limit of 150 % moved for tenant `red`", limit(1.5));
}

#[test]
fn keep() {
    only("RF610", "a move costs -1: that would pay for moving", |network| {
        network.keeps.push(Keep {
            address: address("keep.placement"),
            span: span(),
            pins: Vec::new(),
            churn_price: Some(-1.0),
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
    let rule = |path: &str, action: OutsideAction| OutsideChange { path: at(path.into()), action };
    codes(&[], |network| network.outside_changes = vec![rule("node.gnb-1/**", OutsideAction::Accept)]);
    only("RF612", "there is nothing at `node.gnb-7/**`", |network| {
        network.outside_changes = vec![rule("node.gnb-7/**", OutsideAction::Accept)];
    });
    only("RF612", "`soon` is no day", |network| {
        network.outside_changes = vec![rule("node.gnb-1", OutsideAction::Ignore("soon".into()))];
    });
    only("RF612", "two rules for outside changes at `node.gnb-1`", |network| {
        network.outside_changes =
            vec![rule("node.gnb-1", OutsideAction::Accept), rule("node.gnb-1", OutsideAction::Stop)];
    });
}
