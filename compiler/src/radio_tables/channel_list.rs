//! Bands whose carriers are a list of channels and no raster: n46, n96, n102 (TS 38.104 table 5.4.2.3-1, notes) and n263
//! (table 5.4.2.3-2, notes).
//!
//! Below 7.125 GHz the channels are those of Wi-Fi's grid, each at the NR channel number nearest to its centre that is a
//! multiple of 60 kHz; so a row here is a centre in MHz. Of n263 the notes give the first channel number, a step and how many.

use ranform_network::radio::Band;
use ranform_network::units::Hertz;

use super::channel_number;

/// Centres in MHz: first, step, last.
type Run = (u32, u32, u32);

/// Channels of n46 by bandwidth in MHz.
const N46: [(u32, &[Run]); 6] = [
    (10, &[(5730, 100, 5830)]),
    (20, &[(5160, 20, 5340), (5480, 20, 5720), (5745, 20, 5905)]),
    (
        40,
        &[
            (5170, 20, 5190),
            (5230, 40, 5310),
            (5330, 1, 5330),
            (5490, 20, 5510),
            (5550, 40, 5710),
            (5755, 40, 5795),
            (5815, 40, 5895),
        ],
    ),
    (
        60,
        &[
            (5180, 20, 5220),
            (5280, 20, 5320),
            (5500, 20, 5540),
            (5600, 20, 5620),
            (5680, 20, 5700),
            (5765, 20, 5785),
            (5865, 20, 5885),
        ],
    ),
    (80, &[(5190, 20, 5210), (5290, 20, 5310), (5510, 20, 5530), (5610, 80, 5690), (5775, 100, 5875)]),
    (100, &[(5200, 100, 5300), (5520, 1, 5520), (5865, 1, 5865)]),
];

/// Channels of n96 by bandwidth in MHz; those of n102 are the ones below 6425 MHz.
const N96: [(u32, &[Run]); 5] = [
    (20, &[(5955, 20, 7115)]),
    (40, &[(5965, 40, 7085)]),
    (60, &[(5975, 80, 7095), (5995, 80, 7035)]),
    (80, &[(5985, 80, 7025)]),
    (100, &[(5995, 160, 6955), (6055, 160, 7015), (7035, 20, 7075)]),
];

/// Channels of n263: bandwidth in MHz, first channel number, step, how many.
const N263: [(u32, u32, u32, u32); 5] = [
    (100, 2_564_083, 1_680, 138),
    (400, 2_566_603, 6_720, 34),
    (800, 2_569_963, 6_720, 33),
    (1_600, 2_576_683, 6_720, 31),
    (2_000, 2_580_043, 6_720, 30),
];

/// The legal carriers of channels of this bandwidth, ascending; none where the band has a raster.
pub fn carriers(band: Band, bandwidth: Hertz) -> Option<Vec<Hertz>> {
    let mut all = match band {
        Band::Nr(46) => listed(&N46, bandwidth, 5925),
        Band::Nr(96) => listed(&N96, bandwidth, 7125),
        Band::Nr(102) => listed(&N96, bandwidth, 6425),
        Band::Nr(263) => numbered(band, bandwidth),
        _ => return None,
    };
    all.sort_unstable();
    Some(all)
}

/// Carriers of the runs of this bandwidth whose channels end at `last` MHz at most.
fn listed(table: &[(u32, &[Run])], bandwidth: Hertz, last: u32) -> Vec<Hertz> {
    let of_width = table.iter().filter(|(width, _)| megahertz(*width) == bandwidth);
    let runs = of_width.flat_map(|(width, runs)| runs.iter().map(move |run| (width / 2, *run)));
    let centres = runs.flat_map(|(half, (first, step, end))| {
        (first..=end).step_by(step as usize).filter(move |centre| centre + half <= last)
    });
    centres.map(on_60_khz).collect()
}

/// The multiple of 60 kHz that is nearest to so many MHz.
fn on_60_khz(centre: u32) -> Hertz {
    Hertz((megahertz(centre).0 + 30_000) / 60_000 * 60_000)
}

fn numbered(band: Band, bandwidth: Hertz) -> Vec<Hertz> {
    let of_width = N263.iter().filter(|(width, ..)| megahertz(*width) == bandwidth);
    let numbers = of_width.flat_map(|(_, first, step, count)| (0..*count).map(move |index| first + index * step));
    numbers.filter_map(|number| channel_number::frequency(band, number)).collect()
}

fn megahertz(megahertz: u32) -> Hertz {
    Hertz(u64::from(megahertz) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radio_tables::{self, arfcn};

    fn numbers(band: u16, width: u32) -> Vec<u32> {
        let band = Band::Nr(band);
        carriers(band, megahertz(width)).unwrap().into_iter().map(|carrier| arfcn(band, carrier).unwrap()).collect()
    }

    // The notes of the tables give channel numbers.
    #[test]
    fn channels_have_the_numbers_of_the_notes() {
        assert_eq!(numbers(46, 10), [782_000, 788_668]);
        assert_eq!(numbers(46, 20).len(), 32);
        let forty = [
            744_668, 746_000, 748_668, 751_332, 754_000, 755_332, 766_000, 767_332, 770_000, 772_668, 775_332, 778_000,
            780_668, 783_668, 786_332, 787_668, 790_332, 793_000,
        ];
        assert_eq!(numbers(46, 40), forty);
        assert_eq!(numbers(46, 60).len(), 17);
        let eighty = [746_000, 747_332, 752_668, 754_000, 767_332, 768_668, 774_000, 779_332, 785_000, 791_668];
        assert_eq!(numbers(46, 80), eighty);
        assert_eq!(numbers(46, 100), [746_668, 753_332, 768_000, 791_000]);
        assert_eq!((numbers(96, 20)[0], numbers(96, 20)[58], numbers(96, 20).len()), (797_000, 874_332, 59));
        assert_eq!((numbers(96, 40)[28], numbers(96, 60).len(), numbers(96, 80).len()), (872_332, 29, 14));
        let hundred = [
            799_668, 803_668, 810_332, 814_332, 821_000, 825_000, 831_668, 835_668, 842_332, 846_332, 853_000, 857_000,
            863_668, 867_668, 869_000, 870_332, 871_668,
        ];
        assert_eq!(numbers(96, 100), hundred);
        let of_n102: Vec<usize> = [20, 40, 60, 80, 100].iter().map(|width| numbers(102, *width).len()).collect();
        assert_eq!(of_n102, [24, 12, 12, 6, 6]);
        assert_eq!((numbers(102, 20)[23], numbers(102, 60)[11]), (827_668, 826_332));
        assert_eq!((numbers(263, 100)[137], numbers(263, 2000)[29]), (2_794_243, 2_774_923));
    }

    #[test]
    fn every_channel_of_n263_is_the_last_that_fits() {
        let range = radio_tables::band(Band::Nr(263)).unwrap().carrier_range();
        for (width, _, step, _) in N263 {
            let bandwidth = megahertz(width);
            let all = carriers(Band::Nr(263), bandwidth).unwrap();
            let next =
                |carrier: Hertz, sign: i64| Hertz(carrier.0.saturating_add_signed(sign * i64::from(step) * 60_000));
            assert!(all.iter().all(|carrier| range.holds(*carrier, bandwidth)), "{width}");
            assert!(!range.holds(next(all[0], -1), bandwidth) && !range.holds(next(all[all.len() - 1], 1), bandwidth));
        }
    }

    #[test]
    fn other_bands_have_a_raster() {
        assert_eq!(carriers(Band::Nr(77), megahertz(50)), None);
        assert_eq!(carriers(Band::Nr(46), megahertz(50)), Some(vec![]));
    }
}
