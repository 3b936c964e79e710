//! Spot values of the tables, each with the clause it is read from.

use super::wifi::{WifiBand, bands_of, country, covered};
use super::*;

fn mhz(value: f64) -> Hertz {
    Hertz((value * 1e6).round() as u64)
}

fn khz_of(value: u64) -> Hertz {
    Hertz(value * 1000)
}

fn nr(number: u16) -> &'static BandInfo {
    band(Band::Nr(number)).unwrap()
}

fn lte(number: u16) -> &'static BandInfo {
    band(Band::Lte(number)).unwrap()
}

#[test]
fn tables_are_sorted_and_consistent() {
    for table in [nr::BANDS, lte::BANDS] {
        assert!(table.windows(2).all(|pair| number(pair[0].band) < number(pair[1].band)));
        for info in table {
            assert_eq!(band(info.band).map(|found| found.band), Some(info.band));
            assert_eq!(info.uplink.is_none(), info.duplex == Duplex::Sdl, "{}", info.band);
            assert_eq!(info.downlink.is_none(), info.duplex == Duplex::Sul, "{}", info.band);
            for range in [info.uplink, info.downlink].into_iter().flatten() {
                assert!(range.low < range.high, "{}", info.band);
            }
            if info.duplex == Duplex::Tdd {
                assert_eq!(info.uplink, info.downlink, "{}", info.band);
            }
            assert!(info.widths.windows(2).all(|pair| pair[0] < pair[1]), "{}", info.band);
            for scs in info.spacings {
                assert!(!info.bandwidths(khz_of(u64::from(*scs))).is_empty(), "{} at {scs} kHz", info.band);
            }
        }
    }
    assert!(band(Band::Nr(4)).is_none() && band(Band::Lte(77)).is_none());
}

// TS 38.104 table 5.2-1 and 5.2-2, TS 36.104 table 5.5-1.
#[test]
fn band_edges() {
    assert_eq!(nr(77).carrier_range(), Range { low: 3_300_000, high: 4_200_000 });
    assert_eq!(nr(78).carrier_range().high, 3_800_000);
    assert_eq!(nr(258).carrier_range(), Range { low: 24_250_000, high: 27_500_000 });
    assert_eq!(nr(100).uplink, Some(Range { low: 874_400, high: 880_000 }));
    assert_eq!(lte(7).downlink, Some(Range { low: 2_620_000, high: 2_690_000 }));
    assert_eq!(lte(9).downlink, Some(Range { low: 1_844_900, high: 1_879_900 }));
    assert_eq!((nr(1).duplex, nr(75).duplex, nr(84).duplex), (Duplex::Fdd, Duplex::Sdl, Duplex::Sul));
}

// TS 38.104 tables 5.3.2-1 and 5.3.2-2, TS 36.104 table 5.6-1.
#[test]
fn resource_blocks_of_channels() {
    let n = |number, scs, width| prbs(Band::Nr(number), khz_of(scs), mhz(width)).map(|prb| prb.0);
    assert_eq!(n(77, 30, 50.0), Some(133));
    assert_eq!(n(77, 30, 100.0), Some(273));
    assert_eq!(n(3, 15, 20.0), Some(106));
    assert_eq!(n(3, 15, 35.0), Some(188));
    assert_eq!(n(77, 60, 20.0), Some(24));
    assert_eq!(n(77, 15, 60.0), None);
    assert_eq!(n(258, 120, 100.0), Some(66));
    assert_eq!(n(258, 60, 400.0), None);
    assert_eq!(n(78, 30, 11.0), None);
    let l = |width| prbs(Band::Lte(7), khz_of(15), mhz(width)).map(|prb| prb.0);
    assert_eq!([1.4, 3.0, 5.0, 10.0, 15.0, 20.0].map(l), [6, 15, 25, 50, 75, 100].map(Some));
    assert_eq!(l(40.0), None);
}

// TS 38.104 table 5.3.5-1.
#[test]
fn combinations_of_a_band() {
    assert!(nr(77).has(khz_of(30), mhz(50.0)));
    assert!(!nr(77).has(khz_of(30), mhz(5.0)), "n77 has no 5 MHz");
    assert!(!nr(41).has(khz_of(30), mhz(5.0)), "5 MHz is for 15 kHz only");
    assert!(nr(41).has(khz_of(15), mhz(5.0)));
    assert!(!nr(5).has(khz_of(60), mhz(10.0)), "n5 has no 60 kHz");
    assert!(!nr(79).has(khz_of(30), mhz(15.0)));
    assert!(!nr(77).has(khz_of(120), mhz(100.0)));
    assert!(nr(260).has(khz_of(120), mhz(400.0)) && !nr(260).has(khz_of(60), mhz(400.0)));
    assert_eq!(nr(12).bandwidths(khz_of(30)), [10_000, 15_000]);
    assert!(!lte(7).has(khz_of(15), mhz(1.4)) && lte(3).has(khz_of(15), mhz(1.4)));
}

// TS 38.104 5.4.2.1 and table 5.4.2.3-1; TS 36.104 table 5.7.3-1.
#[test]
fn channel_numbers() {
    let nr_number = |value| arfcn(Band::Nr(77), mhz(value));
    assert_eq!(nr_number(4050.0), Some(670_000));
    assert_eq!(nr_number(3300.0), Some(620_000));
    assert_eq!(arfcn(Band::Nr(1), mhz(2110.0)), Some(422_000));
    assert_eq!(arfcn(Band::Nr(257), mhz(26_500.02)), Some(2_054_166));
    assert_eq!(arfcn(Band::Nr(258), mhz(24_250.08)), Some(2_016_667));
    assert_eq!(nr_number(4050.001), None);
    assert_eq!(arfcn(Band::Lte(7), mhz(2680.0)), Some(3350));
    assert_eq!(uplink_arfcn(Band::Lte(7), mhz(2560.0)), Some(21_350));
    assert_eq!(arfcn(Band::Lte(3), mhz(1842.5)), Some(1575));
    assert_eq!(arfcn(Band::Lte(66), mhz(2110.0)), Some(66_436));
    assert_eq!(arfcn(Band::Lte(7), mhz(2691.0)), None);
}

#[test]
fn channel_numbers_round_trip() {
    for number in [0, 1, 599_999, 600_000, 2_016_666, 2_016_667, 3_279_165] {
        let carrier = frequency(Band::Nr(1), number).unwrap();
        assert_eq!(arfcn(Band::Nr(1), carrier), Some(number));
    }
    assert_eq!(frequency(Band::Nr(1), 3_279_166), None);
    for number in 2750..=3449 {
        assert_eq!(arfcn(Band::Lte(7), frequency(Band::Lte(7), number).unwrap()), Some(number));
    }
}

// TS 38.104 table 5.4.2.3-1: first, step, last of each raster are the multiples inside the band.
#[test]
fn rasters() {
    let on = |band: u16, carrier: f64, width: f64, scs: u64| nr(band).on_raster(mhz(carrier), mhz(width), khz_of(scs));
    assert!(on(77, 4050.0, 50.0, 30));
    assert!(!on(77, 4050.015, 50.0, 30), "an odd number is only on the 15 kHz raster");
    assert!(on(77, 4050.015, 50.0, 15));
    assert!(on(41, 2496.015, 20.0, 30));
    assert!(on(1, 2140.1, 20.0, 15) && !on(1, 2140.15, 20.0, 15));
    assert!(on(90, 2500.1, 20.0, 30));
    assert!(on(28, 778.04, 40.0, 15) && !on(28, 778.04, 20.0, 15));
    for (number, first) in [(257u16, 26_500.08), (258, 24_250.08), (259, 39_500.04), (260, 37_000.08)] {
        assert!(on(number, first, 100.0, 120), "n{number}");
    }
    assert!(on(46, 5179.98, 20.0, 30) && !on(46, 5180.01, 20.0, 30), "a list of channels");
    assert!(on(102, 6415.02, 20.0, 30) && nr(102).holds(mhz(6415.02), mhz(20.0)), "which may end beside the band");
}

#[test]
fn the_carrier_printed_for_cosmo_leaves_band_7() {
    let (carrier, bandwidth, scs) = (mhz(2685.0), mhz(20.0), khz_of(15));
    let range = lte(7).carrier_range();
    assert!(!range.holds(carrier, bandwidth));
    assert_eq!(lte(7).nearest(range, carrier, bandwidth, scs), Some(mhz(2680.0)));
    assert!(range.holds(mhz(2680.0), bandwidth));
    assert_eq!(nr(51).nearest(nr(51).carrier_range(), mhz(1430.0), mhz(10.0), scs), None);
}

// TS 38.101-1 table 5.4.4-1, TS 36.101 table 5.7.4-1.
#[test]
fn duplex_distances() {
    assert_eq!(uplink_carrier(Band::Lte(7), mhz(2680.0)), Some(mhz(2560.0)));
    assert_eq!(uplink_carrier(Band::Nr(1), mhz(2140.0)), Some(mhz(1950.0)));
    assert_eq!(uplink_carrier(Band::Nr(20), mhz(801.0)), Some(mhz(842.0)));
    assert_eq!(uplink_carrier(Band::Nr(66), mhz(2160.0)), Some(mhz(1760.0)));
    assert_eq!(uplink_carrier(Band::Nr(77), mhz(4050.0)), Some(mhz(4050.0)));
    assert_eq!(uplink_carrier(Band::Nr(75), mhz(1450.0)), None);
    assert_eq!(nr(3).duplex_distance(), Some(95_000));
    assert_eq!(nr(71).duplex_distance(), Some(-46_000));
}

// TS 38.104 table 5.4.3.1-1.
#[test]
fn synchronization_raster() {
    assert_eq!(gscn(mhz(3000.0)), Some(7499));
    assert_eq!(gscn(mhz(3000.0 + 1.44 * 212.0)), Some(7711));
    assert_eq!(gscn(mhz(24_250.08)), Some(22_256));
    assert_eq!(gscn(mhz(2112.05)), Some(3 * 1760 - 1));
    assert_eq!(gscn(mhz(2112.15)), Some(3 * 1760));
    assert_eq!(gscn(mhz(4050.0)), None);
    assert_eq!(gscn(channel_number::nearest_ssb(mhz(4050.0))), Some(8228));
    for value in [700.0, 2140.0, 3500.0, 4050.0, 26_000.0] {
        assert!(gscn(channel_number::nearest_ssb(mhz(value))).is_some(), "{value}");
    }
}

// IEEE 802.11-2020 annex E.
#[test]
fn wifi_channels() {
    assert_eq!(bands_of(6), [WifiBand::Low]);
    assert_eq!(bands_of(149), [WifiBand::Middle, WifiBand::High]);
    assert_eq!(bands_of(38), []);
    assert_eq!(covered(WifiBand::Middle, 40, 80), Some(vec![36, 40, 44, 48]));
    assert_eq!(covered(WifiBand::Middle, 64, 160), Some(vec![36, 40, 44, 48, 52, 56, 60, 64]));
    assert_eq!(covered(WifiBand::Middle, 140, 160), None);
    assert_eq!(covered(WifiBand::Middle, 165, 40), Some(vec![165, 169]));
    assert_eq!(covered(WifiBand::Low, 6, 40), Some(vec![6, 10]));
    assert_eq!(covered(WifiBand::Low, 6, 80), None);
    assert_eq!(covered(WifiBand::High, 1, 320).map(|channels| channels.len()), Some(16));
    let spain = country("ES").unwrap();
    assert!(spain.allows(WifiBand::Middle, 149) && !spain.allows(WifiBand::Middle, 144));
    assert!(!country("US").unwrap().allows(WifiBand::Low, 13));
}
