use ranform_network::Network;
use ranform_network::ids::*;
use ranform_network::network::{Direction, Interface, SharingMode};
use ranform_network::units::Share;

use super::super::testing::*;

const ON_NR: Interface = Interface::Cell(NR);

#[test]
fn minimum_at_most_maximum() {
    let help = only("RF409", "tenant `red` is guaranteed 50 % but capped at 40 %", |network| {
        network.slas[SLA].guarantees = vec![bound(RED, 0.5, None)];
        network.slas[SLA].caps = vec![bound(RED, 0.4, None)];
    });
    assert_eq!(help, ["guarantee at most 40%, or raise the cap"]);
    only("RF409", "tenant `red` is capped at 3 %, below the floor of 4 %", |network| {
        network.slas[SLA].caps = vec![bound(RED, 0.03, Some(vec![ON_NR]))];
    });
    codes(&[], |network| {
        network.slas[SLA].guarantees = vec![bound(RED, 0.5, Some(vec![Interface::Cell(LTE)]))];
        network.slas[SLA].caps = vec![bound(RED, 0.4, Some(vec![ON_NR]))];
    });
}

#[test]
fn guarantees_sum_to_at_most_the_whole() {
    let message = "the guarantees on `node.gnb-1/cell.nr-1` sum to 120 %: `red` 60%, `blue` 60%";
    only("RF408", message, |network| {
        network.slas[SLA].guarantees = vec![bound(RED, 0.6, Some(vec![ON_NR])), bound(BLUE, 0.6, Some(vec![ON_NR]))];
    });
    only("RF408", "the guarantees over SLA `plaza` sum to 120 %: `red` 60%, `blue` 60%", |network| {
        network.slas[SLA].guarantees = vec![bound(RED, 0.6, None), bound(BLUE, 0.6, None)];
    });
}

#[test]
fn caps_that_leave_a_part_to_nobody() {
    let message = "the caps on `node.gnb-1/cell.nr-1` sum to 90 %: 10 % of it is given to nobody";
    only("RF421", message, |network| {
        network.slas[SLA].caps = vec![bound(RED, 0.5, Some(vec![ON_NR])), bound(BLUE, 0.4, Some(vec![ON_NR]))];
    });
    codes(&[], |network| network.slas[SLA].caps = vec![bound(RED, 0.5, Some(vec![ON_NR]))]);
}

#[test]
fn bounds_are_where_their_tenant_and_sla_are() {
    only("RF420", "a guarantee for tenant `green`, which is nowhere in SLA `plaza`", |network| {
        let green = tenant(network, "green", "001-03", "1:000003", 103);
        network.slas[SLA].guarantees = vec![bound(green, 0.1, None)];
    });
    only("RF420", "a cap on `node.gnb-1/cell.nr-2`, which SLA `plaza` does not cover", |network| {
        let second = cell(network, GNB, "nr-2", "n77", 3900.0, 50.0, 30_000);
        network.slas[SLA].caps = vec![bound(RED, 0.5, Some(vec![Interface::Cell(second)]))];
    });
}

#[test]
fn a_guarantee_asked_of_a_passive_cell() {
    let message = "a guarantee of 20 % asked of `node.gnb-1/cell.nr-1`, which is passive";
    only("RF404", message, |network| {
        network.cells[NR].sharing.mode = SharingMode::Passive;
        network.cells[NR].sharing.expect = vec![(RED, at(Share(1.0)))];
        network.slas[SLA].guarantees = vec![bound(RED, 0.2, Some(vec![ON_NR]))];
    });
}

/// A second cell of the gNB, under the SLA with the first.
fn second_cell(network: &mut Network) -> CellId {
    let second = cell(network, GNB, "nr-2", "n77", 3900.0, 50.0, 30_000);
    let interface = Interface::Cell(second);
    network.slas[SLA].interfaces.push(interface);
    network.slas[SLA].interfaces.sort_unstable();
    for chunk in [ChunkId(0), ChunkId(1)] {
        network.chunks[chunk].interfaces.push(interface);
    }
    second
}

#[test]
fn one_policy_set_for_all_cells() {
    let with = |all: bool| {
        move |network: &mut Network| {
            let second = second_cell(network);
            profile(network, GNB, "3gpp-r16");
            let mut on = vec![ON_NR];
            on.extend(all.then_some(Interface::Cell(second)));
            network.slas[SLA].guarantees = vec![bound(RED, 0.2, Some(on))];
        }
    };
    codes(&[], with(true));
    let message = "profile `3gpp-r16` has one policy set for all cells, but the guarantee of tenant `red` differs between `node.gnb-1/cell.nr-1` and `node.gnb-1/cell.nr-2`";
    let help = only("RF414", message, with(false));
    assert_eq!(help, ["write the guarantee `on node.gnb-1`, so that it holds on all its cells"]);
}

#[test]
fn one_value_for_both_directions() {
    let message = "profile `srsran` has one share for both directions, but SLAs `plaza` and `plaza` want different ones on `node.gnb-1/cell.nr-1`";
    let with = |red: f64| {
        move |network: &mut Network| {
            profile(network, GNB, "srsran");
            let mut second = network.slas[SLA].clone();
            network.slas[SLA].direction = Direction::Dl;
            second.direction = Direction::Ul;
            second.shares_span = span();
            second.shares[0].share.value = Share(red);
            second.shares[1].share.value = Share(1.0 - red);
            network.slas.push(second);
        }
    };
    codes(&[], with(0.6));
    only("RF415", message, with(0.7));
}

#[test]
fn expectations_of_passive_cells() {
    let expect = |red: f64, blue: f64| {
        move |network: &mut Network| {
            network.cells[NR].sharing.mode = SharingMode::Passive;
            network.cells[NR].sharing.expect = vec![(RED, at(Share(red))), (BLUE, at(Share(blue)))];
        }
    };
    codes(&[], expect(0.5, 0.5));
    only("RF410", "`node.gnb-1/cell.nr-1` is expected to give 110 % in all", expect(0.5, 0.6));
    only("RF411", "`node.gnb-1/cell.nr-1` is expected to serve tenant `green`, which is not on it", |network| {
        expect(0.5, 0.3)(network);
        let green = tenant(network, "green", "001-03", "1:000003", 103);
        network.cells[NR].sharing.expect.push((green, at(Share(0.2))));
    });
}
