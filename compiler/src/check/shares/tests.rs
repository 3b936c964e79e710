use ranform_network::Network;
use ranform_network::ids::*;
use ranform_network::network::{Interface, SharingMode, Technology};
use ranform_network::units::{Nanoseconds, Prb, Share};

use super::super::testing::*;

#[test]
fn shares_sum_to_the_whole() {
    let help = only("RF401", "the shares of SLA `plaza` sum to 110 %, not 100 %", |network| {
        network.slas[SLA].shares[1].share.value = Share(0.5);
    });
    assert_eq!(help, ["take away 10 %, e.g. `blue 40%`"]);
    let help = only("RF401", "the shares of SLA `plaza` sum to 100.001 %, not 100 %", |network| {
        network.slas[SLA].shares[1].share.value = Share(0.40001);
    });
    assert_eq!(help, ["take away 0.001 %, e.g. `blue 40%`"]);
    codes(&[], |network| {
        network.slas[SLA].shares[1].share.value = Share(0.3);
        network.slas[SLA].others = Some(at(Share(0.1)));
    });
}

#[test]
fn floor_times_tenants() {
    let message = "a floor of 60 % for 2 tenants is 120 % of `node.gnb-1/cell.nr-1`, more than 100 %";
    let help = only("RF402", message, |network| network.slas[SLA].floor = Some(at(Share(0.6))));
    assert_eq!(help, ["a floor of at most 50% fits 2 tenants"]);
}

#[test]
fn tenants_that_an_sla_does_not_name() {
    let green = |network: &mut Network| {
        let green = tenant(network, "green", "001-03", "1:000003", 103);
        chunk(network, green, vec![Interface::Cell(NR), Interface::Cell(LTE)]);
    };
    let message = "tenant `green` is on `node.gnb-1/cell.nr-1` and 1 more, but SLA `plaza` does not name it";
    let help = only("RF403", message, green);
    assert_eq!(help, ["give `green` a share, or say what the rest get: `others 0%`"]);
    codes(&[], |network| {
        green(network);
        network.slas[SLA].others = Some(at(Share(0.0)));
    });
}

#[test]
fn tenants_that_are_nowhere() {
    let message = "SLA `plaza` promises 40 % to tenant `green`, which is on no interface of its area";
    let found = findings(|network| {
        let green = tenant(network, "green", "001-03", "1:000003", 103);
        network.slas[SLA].shares[1].tenant = green;
    });
    assert!(found.iter().any(|finding| finding.code.id == "RF417" && finding.message == message), "{found:#?}");
}

#[test]
fn an_sla_covers_something() {
    only("RF418", "SLA `plaza` covers no cell and no radio", |network| {
        network.slas[SLA].interfaces.clear();
        for chunk in [ChunkId(0), ChunkId(1)] {
            network.chunks[chunk].ratio = Some(at(Share(0.5)));
        }
    });
}

#[test]
fn windows_and_periods() {
    let help = only("RF412", "the control period 200s is longer than the window 100s", |network| {
        network.slas[SLA].period.value = Nanoseconds(200_000_000_000);
    });
    assert_eq!(help, ["choose a period of at most 100s"]);
}

#[test]
fn a_floor_that_a_device_cannot_enforce_is_raised() {
    let message =
        "a floor of 4 % is below what 1 interface can enforce; it is raised there, to 10 % on `node.gnb-1/cell.nr-1`";
    let help = only("RF413", message, |network| {
        let cell = &mut network.cells[NR];
        cell.bandwidth.value = mhz(10.0);
        cell.scs.value = ranform_network::units::Hertz(60_000);
        cell.prbs = Prb(11);
    });
    assert_eq!(help, ["write `floor 10%` to have one floor everywhere"]);
}

#[test]
fn passive_interfaces_say_what_they_do() {
    let passive = |network: &mut Network| network.cells[NR].sharing.mode = SharingMode::Passive;
    let help = only(
        "RF416",
        "SLA `plaza` counts on 1 passive interface whose use is not stated, so without observations no reachability is claimed: `node.gnb-1/cell.nr-1`",
        passive,
    );
    assert!(help[0].contains("`sharing passive expect red 50%, blue 50%`"), "{help:?}");
    codes(&[], |network| {
        passive(network);
        network.cells[NR].sharing.expect = vec![(RED, at(Share(0.5))), (BLUE, at(Share(0.5)))];
    });
}

#[test]
fn a_ratio_under_an_sla() {
    let message = "a ratio of 40 % on `node.gnb-1/cell.nr-1`, whose shares SLA `plaza` decides";
    let help = only("RF405", message, |network| network.chunks[ChunkId(0)].ratio = Some(at(Share(0.4))));
    assert_eq!(help, ["in the SLA write `guarantee red 40%` for at least, `cap red 40%` for at most"]);
}

/// Without the SLA, with ratios on the chunks.
fn ratios(first: Option<f64>, second: Option<f64>) -> impl Fn(&mut Network) {
    move |network| {
        network.slas = Default::default();
        network.chunks[ChunkId(0)].ratio = first.map(|ratio| at(Share(ratio)));
        network.chunks[ChunkId(1)].ratio = second.map(|ratio| at(Share(ratio)));
    }
}

#[test]
fn ratios_where_no_sla_decides() {
    codes(&[], ratios(Some(0.6), Some(0.4)));
    let message = "chunk `c1` shares 3 interfaces with other tenants (`node.gnb-1/cell.nr-1` first) but has no ratio, and no SLA covers them";
    only("RF406", message, ratios(Some(0.6), None));
    let message = "the ratios on `node.gnb-1/cell.nr-1` sum to 110 %: `red` 60%, `blue` 50%";
    let help = only("RF407", message, ratios(Some(0.6), Some(0.5)));
    assert_eq!(help, ["take 10 % away"]);
}

#[test]
fn a_ratio_asked_of_a_passive_cell() {
    let message = "a ratio of 40 % asked of `node.gnb-1/cell.nr-1`, which is passive";
    only("RF404", message, |network| {
        ratios(Some(0.6), Some(0.4))(network);
        network.cells[NR].sharing.mode = SharingMode::Passive;
        network.services[ServiceId(0)].ratios = vec![(Technology::Nr, at(Share(0.4)))];
    });
    codes(&[], |network| {
        ratios(Some(0.6), Some(0.4))(network);
        network.cells[NR].sharing.mode = SharingMode::Passive;
    });
}
