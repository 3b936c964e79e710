use ranform_network::Network;
use ranform_network::network::Duplex;
use ranform_network::units::{Hertz, Nanoseconds, Prb};

use super::super::testing::*;

/// Moves the LTE cell, its uplink with it.
fn lte_at(carrier: f64) -> impl FnOnce(&mut Network) {
    move |network| {
        network.cells[LTE].carrier.value = mhz(carrier);
        network.cells[LTE].uplink_carrier.as_mut().unwrap().value = mhz(carrier - 120.0);
    }
}

#[test]
fn the_carrier_printed_for_cosmo_leaves_the_band() {
    let message =
        "a 20MHz channel at 2.685GHz reaches from 2.675GHz to 2.695GHz, outside band `b7` (2.62GHz to 2.69GHz)";
    let help = only("RF321", message, lte_at(2685.0));
    assert_eq!(help, ["2.68GHz is the last legal carrier for 20MHz"]);
}

#[test]
fn below_the_band_the_first_legal_carrier_is_named() {
    let found = findings(lte_at(2625.0));
    assert_eq!(found[0].help, ["2.63GHz is the first legal carrier for 20MHz"]);
}

#[test]
fn an_fr2_carrier_leaves_its_band() {
    codes(&["RF321"], |network| {
        let gnb = GNB;
        cell(network, gnb, "mm", "n261", 28_340.16, 100.0, 120_000);
    });
    codes(&[], |network| {
        cell(network, GNB, "mm", "n261", 28_000.08, 100.0, 120_000);
    });
}

#[test]
fn a_carrier_between_raster_points() {
    let help = only("RF322", "the carrier 4.050005GHz is not on the 30kHz raster of band `n77` at 30kHz", |network| {
        network.cells[NR].carrier.value = Hertz(4_050_005_000);
        network.cells[NR].uplink_carrier.as_mut().unwrap().value = Hertz(4_050_005_000);
    });
    assert_eq!(help, ["the nearest legal carrier is 4050MHz (channel number 670000)"]);
}

#[test]
fn a_carrier_of_no_channel_of_an_unlicensed_band() {
    let message = "the carrier 5.18001GHz is that of none of the 32 channels of 20MHz in band `n46`";
    let help = only("RF322", message, |network| {
        cell(network, GNB, "free", "n46", 5_180.01, 20.0, 30_000);
    });
    assert_eq!(help, ["the nearest legal carrier is 5179.98MHz (channel number 745332)"]);
    codes(&[], |network| {
        cell(network, GNB, "free", "n102", 6_415.02, 20.0, 30_000);
    });
}

#[test]
fn an_uplink_at_another_distance() {
    let message =
        "the uplink carrier 2.55GHz is 130MHz below the downlink carrier 2.68GHz; band `b7` wants 120MHz below";
    let help = only("RF323", message, |network| {
        network.cells[LTE].uplink_carrier.as_mut().unwrap().value = mhz(2550.0);
    });
    assert_eq!(help, ["write `uplink carrier 2.56GHz`, or leave it out"]);
}

#[test]
fn a_bandwidth_that_the_band_does_not_have() {
    let help = only("RF324", "band `b7` has no 3MHz channel", |network| {
        network.cells[LTE].bandwidth.value = mhz(3.0);
        network.cells[LTE].prbs = Prb(15);
        network.slas[SLA].floor = None;
    });
    assert_eq!(help, ["it has 5MHz, 10MHz, 15MHz, 20MHz"]);
    let help = only("RF324", "band `n77` has no subcarrier spacing of 120kHz", |network| {
        network.cells[NR].scs.value = Hertz(120_000);
        network.cells[NR].carrier.value = mhz(4050.0);
    });
    assert_eq!(help, ["band `n77` has 15kHz, 30kHz, 60kHz"]);
}

#[test]
fn resource_blocks_of_another_channel() {
    let help = only("RF325", "50MHz at 30kHz is 133 PRB, not 106 PRB", |network| network.cells[NR].prbs = Prb(106));
    assert_eq!(help, ["write `prbs 133`, or leave it out"]);
}

#[test]
fn a_band_that_does_not_exist_or_is_of_the_other_technology() {
    let help = only("RF320", "there is no LTE band `b77`", |network| {
        network.cells[LTE].band.value = ranform_network::radio::Band::Lte(77);
        network.cells[LTE].carrier.value = mhz(4050.0);
    });
    assert_eq!(help, ["did you mean `n77`?"]);
}

#[test]
fn duplex_is_the_bands() {
    let help = only("RF326", "band `n77` is tdd, not fdd", |network| network.cells[NR].duplex.value = Duplex::Fdd);
    assert_eq!(help, ["write `duplex tdd`, or leave it out"]);
}

#[test]
fn tdd_patterns() {
    let with =
        |pattern: &'static str| move |network: &mut Network| network.cells[NR].tdd_pattern = Some(at(pattern.into()));
    codes(&[], with("DDDSU"));
    codes(&[], with("DDDSUDDSUU"));
    codes(&["RF327"], with("DDSUUD"));
    codes(&["RF327"], with("DDDSUXX"));
    only("RF327", "7 slots at 30kHz last 3500us, which is no TDD period", with("DDDDDSU"));
    only("RF327", "a TDD pattern on a cell that is not tdd", |network| {
        network.cells[LTE].tdd_pattern = Some(at("DSUUU".into()));
    });
}

#[test]
fn a_synchronization_block_outside_or_off_its_raster() {
    codes(&[], |network| network.cells[NR].ssb = Some(at(mhz(4049.76))));
    codes(&["RF328"], |network| network.cells[NR].ssb = Some(at(mhz(3000.0 + 1.44 * 747.0))));
    let help =
        only("RF329", "no phone searches for a cell at 4.0499GHz: it is off the synchronization raster", |network| {
            network.cells[NR].ssb = Some(at(mhz(4049.9)))
        });
    assert_eq!(help, ["the nearest raster point is 4049.76MHz (GSCN 8228)"]);
    codes(&[], |network| {
        network.cells[NR].ssb = Some(at(mhz(4049.9)));
        network.cells[NR].anchor = Some(at(LTE));
    });
}

#[test]
fn anchors_and_aggregation() {
    codes(&["RF330"], |network| network.cells[LTE].anchor = Some(at(NR)));
    codes(&["RF331"], |network| network.cells[LTE].aggregates_with = vec![at(NR)]);
    codes(&["RF331"], |network| network.cells[LTE].aggregates_with = vec![at(LTE)]);
}

#[test]
fn offsets_of_frames_do_not_matter_alone() {
    codes(&[], |network| network.cells[NR].tdd_offset = Nanoseconds(1_000_000));
}

#[test]
fn a_carrier_whose_uplink_would_leave_the_band() {
    codes(&["RF323"], |network| {
        cell(network, ENB, "high", "b66", 2190.0, 20.0, 15_000);
    });
    codes(&[], |network| {
        cell(network, ENB, "high", "b66", 2170.0, 20.0, 15_000);
    });
    // The downlink is wider than the uplink: a carrier without a partner at the distance may have another one.
    codes(&[], |network| {
        let high = cell(network, ENB, "high", "b66", 2190.0, 20.0, 15_000);
        network.cells[high].uplink_carrier.as_mut().unwrap().value = mhz(1770.0);
    });
}

#[test]
fn a_band_of_one_direction_is_no_cell() {
    codes(&["RF332"], |network| {
        cell(network, GNB, "down", "n75", 1474.0, 20.0, 15_000);
    });
    codes(&["RF332"], |network| {
        cell(network, GNB, "up", "n80", 1750.0, 20.0, 15_000);
    });
}
