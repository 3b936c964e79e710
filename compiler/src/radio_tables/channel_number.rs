//! Frequencies as channel numbers: NR-ARFCN (TS 38.104 5.4.2.1), EARFCN (TS 36.104 5.7.3), GSCN (TS 38.104 5.4.3).

use ranform_network::radio::Band;
use ranform_network::units::Hertz;

use super::{BandInfo, band};

/// Rows of the NR global frequency raster (TS 38.104 table 5.4.2.1-1): step, offset and first number.
const GLOBAL_RASTER: [(u64, u64, u64); 3] =
    [(5_000, 0, 0), (15_000, 3_000_000_000, 600_000), (60_000, 24_250_080_000, 2_016_667)];

/// The largest NR-ARFCN.
const LAST_ARFCN: u64 = 3_279_165;

/// The channel number of a downlink (or TDD) frequency in this band: NR-ARFCN or EARFCN.
/// None where the frequency is not on the raster of the numbers, not in the band (LTE) or the band is unknown.
pub fn arfcn(of: Band, carrier: Hertz) -> Option<u32> {
    match of {
        Band::Nr(_) => nr_arfcn(carrier),
        Band::Lte(_) => {
            let info = band(of)?;
            earfcn(info.downlink?.lowest(), info.downlink?.highest(), info.earfcn.0, carrier)
        }
    }
}

/// The channel number of an uplink frequency in this band.
pub fn uplink_arfcn(of: Band, carrier: Hertz) -> Option<u32> {
    match of {
        Band::Nr(_) => nr_arfcn(carrier),
        Band::Lte(_) => {
            let info = band(of)?;
            earfcn(info.uplink?.lowest(), info.uplink?.highest(), info.earfcn.1, carrier)
        }
    }
}

/// The downlink frequency with this channel number in this band.
pub fn frequency(of: Band, number: u32) -> Option<Hertz> {
    match of {
        Band::Nr(_) if u64::from(number) > LAST_ARFCN => None,
        Band::Nr(_) => {
            let row = GLOBAL_RASTER.iter().rev().find(|(_, _, first)| u64::from(number) >= *first)?;
            Some(Hertz(row.1 + (u64::from(number) - row.2) * row.0))
        }
        Band::Lte(_) => {
            let info: &BandInfo = band(of)?;
            let steps = u64::from(number.checked_sub(info.earfcn.0)?);
            let carrier = Hertz(info.downlink?.lowest().0 + steps * 100_000);
            (carrier <= info.downlink?.highest()).then_some(carrier)
        }
    }
}

fn nr_arfcn(carrier: Hertz) -> Option<u32> {
    // Between 24.25 and 24.25008 GHz no number exists; the row of 15 kHz ends at 24.25 GHz.
    let (step, offset, first) = match carrier.0 {
        0..3_000_000_000 => GLOBAL_RASTER[0],
        3_000_000_000..24_250_080_000 => GLOBAL_RASTER[1],
        _ => GLOBAL_RASTER[2],
    };
    let distance = carrier.0 - offset;
    let number = first + distance / step;
    let last = if first == 600_000 { 2_016_666 } else { LAST_ARFCN };
    (distance.is_multiple_of(step) && number <= last).then(|| u32::try_from(number).ok()).flatten()
}

fn earfcn(low: Hertz, high: Hertz, first: u32, carrier: Hertz) -> Option<u32> {
    let distance = carrier.0.checked_sub(low.0)?;
    if carrier > high || !distance.is_multiple_of(100_000) {
        return None;
    }
    first.checked_add(u32::try_from(distance / 100_000).ok()?)
}

/// The global synchronization channel number of an SSB frequency (TS 38.104 table 5.4.3.1-1); none off the raster.
pub fn gscn(ssb: Hertz) -> Option<u32> {
    let number = match ssb.0 {
        0..3_000_000_000 => {
            // N * 1200 kHz + M * 50 kHz with M in {1, 3, 5}.
            let rest = ssb.0 % 1_200_000;
            let m = [1u64, 3, 5].into_iter().find(|m| rest == m * 50_000)?;
            let n = ssb.0 / 1_200_000;
            (1..=2499).contains(&n).then(|| (3 * n + (m - 1) / 2).checked_sub(1)).flatten()?
        }
        3_000_000_000..24_250_000_000 => {
            let distance = ssb.0 - 3_000_000_000;
            distance.is_multiple_of(1_440_000).then_some(7499 + distance / 1_440_000)?
        }
        _ => {
            let distance = ssb.0.checked_sub(24_250_080_000)?;
            let n = distance / 17_280_000;
            (distance.is_multiple_of(17_280_000) && n <= 4383).then_some(22_256 + n)?
        }
    };
    u32::try_from(number).ok()
}

/// The SSB frequency on the synchronization raster that is nearest to `ssb`; at most 1.2, 1.44 or 17.28 MHz away.
pub fn nearest_ssb(ssb: Hertz) -> Hertz {
    let nearest = |offset: u64, step: u64| {
        let distance = ssb.0.saturating_sub(offset);
        Hertz(offset + (distance + step / 2) / step * step)
    };
    match ssb.0 {
        0..3_000_000_000 => {
            let n = (ssb.0 / 1_200_000).max(1);
            let candidates = [n - 1, n, n + 1].into_iter().filter(|n| (1..=2499).contains(n));
            let all = candidates.flat_map(|n| [1, 3, 5].map(|m| n * 1_200_000 + m * 50_000));
            Hertz(all.min_by_key(|candidate| candidate.abs_diff(ssb.0)).unwrap_or(1_250_000))
        }
        3_000_000_000..24_250_000_000 => nearest(3_000_000_000, 1_440_000),
        _ => nearest(24_250_080_000, 17_280_000),
    }
}
