//! SLAs that each could be had and together cannot.

use ranform_network::diagnostic::{Severity, codes};
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::source::Located;
use ranform_network::units::Share;
use ranform_network::{Network, NoControl};

use super::networks::{span, testbed};
use crate::slicing::network::{Held, Slicing, solve};

/// Where the second SLA agrees its shares, and its limits.
const OTHER: usize = 50;
const LIMIT: usize = 61;
const CAP: usize = 60;

/// The testbed with a second SLA over some of its interfaces.
fn two(red: f64, other: f64, over: &[Interface]) -> Network {
    let mut network = testbed(red);
    let mut sla = network.slas[SlaId(0)].clone();
    sla.entity.address = ranform_network::Address::new("sla", "other");
    sla.interfaces = over.to_vec();
    sla.shares_span = span(OTHER);
    sla.shares = [other, 1.0 - other]
        .into_iter()
        .enumerate()
        .map(|(tenant, share)| SlaShare {
            tenant: TenantId(tenant as u32),
            share: Located::new(Share(share), span(OTHER)),
        })
        .collect();
    sla.floor = None;
    network.slas.push(sla);
    network
}

fn everything() -> Vec<Interface> {
    vec![Interface::Cell(CellId(0)), Interface::Cell(CellId(1)), Interface::Radio(RadioId(0))]
}

fn solved(network: &Network) -> Slicing {
    solve(network, None, Held::NONE, &NoControl)
}

fn unreachable(slicing: &Slicing) -> Vec<Severity> {
    let found = slicing.findings.iter().filter(|finding| finding.code.id == codes::SLA_UNREACHABLE.id);
    found.map(|finding| finding.severity).collect()
}

#[test]
fn shares_that_contradict_each_other_are_told_with_both_lines_and_the_best() {
    let slicing = solved(&two(0.6, 0.4, &everything()));
    let finding = slicing.findings.iter().find(|found| found.code.id == codes::SLA_UNREACHABLE.id).unwrap();
    assert_eq!(finding.severity, Severity::Error);
    let places: Vec<_> = finding.span.into_iter().chain(finding.labels.iter().map(|label| label.span)).collect();
    assert_eq!(places.len(), 2, "{finding:?}");
    assert!(places.contains(&span(OTHER)), "{places:?}");
    for part in ["`sla.plaza` gets 50 % (agrees 60 %)", "`sla.other` gets 50 % (agrees 40 %)"] {
        assert!(finding.message.contains(part), "{}", finding.message);
    }
    assert!(finding.help.iter().any(|help| help.contains("agree red 60 %, blue 40 % in `sla.other`")), "{finding:?}");
}

#[test]
fn a_part_that_agrees_otherwise_than_the_whole_is_no_contradiction_where_the_rest_makes_up_for_it() {
    // The radio 50/50, the cell beside it 80/20: 60/40 over all.
    let slicing = solved(&two(0.6, 0.5, &[Interface::Radio(RadioId(0))]));
    assert_eq!(unreachable(&slicing), []);
    // The radio 30/70 leaves 50/50 + 96/4 + 30/70: 58.67 % are not within half a point of 60 %.
    let slicing = solved(&two(0.6, 0.3, &[Interface::Radio(RadioId(0))]));
    assert!(!unreachable(&slicing).is_empty());
    // And 31/69 are.
    let slicing = solved(&two(0.6, 0.33, &[Interface::Radio(RadioId(0))]));
    assert_eq!(unreachable(&slicing), []);
}

#[test]
fn best_effort_stands_back() {
    let mut network = two(0.6, 0.4, &everything());
    network.slas[SlaId(1)].best_effort = true;
    let slicing = solved(&network);
    assert!(!unreachable(&slicing).is_empty());
    assert!(unreachable(&slicing).iter().all(|severity| *severity == Severity::Warning), "{:?}", slicing.findings);
}

#[test]
fn limits_that_contradict_each_other_are_told_line_by_line() {
    let mut network = two(0.6, 0.4, &everything());
    let bound = |share: f64| Bound {
        tenant: Located::new(TenantId(0), span(LIMIT)),
        share: Located::new(Share(share), span(LIMIT)),
        on: None,
    };
    network.slas[SlaId(0)].guarantees.push(bound(0.6));
    let cap = Bound { share: Located::new(Share(0.5), span(CAP)), ..bound(0.5) };
    network.slas[SlaId(1)].caps.push(cap);
    let slicing = solved(&network);
    // The limits, and without them the shares; in each direction.
    let all: Vec<_> = slicing.findings.iter().filter(|found| found.code.id == codes::SLA_UNREACHABLE.id).collect();
    let limits: Vec<_> = all.iter().filter(|found| found.message.contains("cannot all hold")).collect();
    assert!(!limits.is_empty() && limits.len() < all.len(), "{all:?}");
    for finding in limits {
        let mut places: Vec<_> =
            finding.span.into_iter().chain(finding.labels.iter().map(|label| label.span)).collect();
        places.sort();
        assert_eq!(places, [span(CAP), span(LIMIT)], "{finding:?}");
    }
}
