//! What 3GPP and IEEE say about bands, channels and channel numbers, as tables.
//!
//! Facts only, each with its clause; nothing here looks at a network. The checks that use them are in
//! [`crate::check::carrier`] and [`crate::check::wifi`], the resolver takes [`prbs`] and [`uplink_carrier`].
//! Bands: [`nr`] (TS 38.104 release 17, with bands of release 18 where they add no new rule) and [`lte`]
//! (TS 36.104); carriers of unlicensed bands: [`channel_list`]. Not here: the enhanced 10 kHz raster.

pub mod channel_list;
pub mod channel_number;
pub mod countries;
pub mod lte;
pub mod nr;
pub mod resource_blocks;
pub mod wifi;

#[cfg(test)]
mod tests;

use ranform_network::network::Duplex;
use ranform_network::radio::Band;
use ranform_network::units::{Hertz, Prb};

pub use channel_number::{arfcn, frequency, gscn, uplink_arfcn};
pub use resource_blocks::prbs;

/// A closed range of frequencies in kHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lowest frequency, kHz.
    pub low: u32,
    /// The highest frequency, kHz.
    pub high: u32,
}

impl Range {
    /// The lowest frequency.
    pub fn lowest(self) -> Hertz {
        Hertz(u64::from(self.low) * 1000)
    }

    /// The highest frequency.
    pub fn highest(self) -> Hertz {
        Hertz(u64::from(self.high) * 1000)
    }

    /// Whether a channel of this centre and bandwidth lies inside.
    pub fn holds(self, carrier: Hertz, bandwidth: Hertz) -> bool {
        let half = bandwidth.0 / 2;
        carrier.0 >= self.lowest().0.saturating_add(half) && carrier.0.saturating_add(half) <= self.highest().0
    }
}

/// An operating band (TS 38.104 tables 5.2-1, 5.2-2, 5.3.5-1, 5.3.5-2, 5.4.2.3; TS 36.104 tables 5.5-1, 5.7.3-1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandInfo {
    /// Its name.
    pub band: Band,
    /// Its duplex mode.
    pub duplex: Duplex,
    /// Where base stations receive; none for a supplementary downlink.
    pub uplink: Option<Range>,
    /// Where base stations transmit; none for a supplementary uplink.
    pub downlink: Option<Range>,
    /// Channel rasters in kHz, the one of the smallest subcarrier spacing first.
    pub rasters: &'static [u32],
    /// Subcarrier spacings in kHz.
    pub spacings: &'static [u32],
    /// Channel bandwidths in kHz, ascending; which of them a spacing has: [`BandInfo::bandwidths`].
    pub widths: &'static [u32],
    /// First EARFCN of the downlink and of the uplink (LTE only).
    pub earfcn: (u32, u32),
}

impl BandInfo {
    /// Where the carrier of a cell of this band lies: the downlink, or the uplink of a supplementary uplink.
    pub fn carrier_range(&self) -> Range {
        self.downlink.or(self.uplink).unwrap_or(Range { low: 0, high: 0 })
    }

    /// The channel bandwidths in kHz that this band has with this subcarrier spacing, ascending.
    pub fn bandwidths(&self, scs: Hertz) -> Vec<u32> {
        let has = |width: &u32| self.has(scs, Hertz(u64::from(*width) * 1000));
        self.widths.iter().copied().filter(has).collect()
    }

    /// Whether the band has this combination (TS 38.104 5.3.5; TS 36.101 5.6.1 for LTE).
    pub fn has(&self, scs: Hertz, bandwidth: Hertz) -> bool {
        let scs_khz = scs.0 / 1000;
        let spacing = scs.0.is_multiple_of(1000) && self.spacings.iter().any(|known| u64::from(*known) == scs_khz);
        let width =
            bandwidth.0.is_multiple_of(1000) && self.widths.iter().any(|known| u64::from(*known) == bandwidth.0 / 1000);
        // No band combines 30 kHz with 5 MHz, although table 5.3.2-1 has a number for it.
        let excluded = scs_khz == 30 && bandwidth.0 < 10_000_000;
        spacing && width && !excluded && prbs(self.band, scs, bandwidth).is_some()
    }

    /// The channel raster in Hz for carriers of this subcarrier spacing (TS 38.104 5.4.2.3: with two rasters the
    /// larger one where the spacing is at least as large). Bands n41 and n90 also have synchronization
    /// blocks of 15 kHz, which keep the smaller raster legal, so theirs is always the smallest.
    pub fn raster(&self, scs: Hertz) -> u64 {
        let smallest = self.rasters.first().copied().unwrap_or(100);
        if matches!(self.band, Band::Nr(41 | 90)) {
            return u64::from(smallest) * 1000;
        }
        let fits = |raster: &&u32| u64::from(**raster) * 1000 <= scs.0;
        u64::from(self.rasters.iter().rev().find(fits).copied().unwrap_or(smallest)) * 1000
    }

    /// Whether a channel of this bandwidth at `carrier` lies inside the band.
    pub fn holds(&self, carrier: Hertz, bandwidth: Hertz) -> bool {
        // Channels of a list stand next to the grid of their band: its last one may end 20 kHz outside (n102).
        let listed = || channel_list::carriers(self.band, bandwidth).is_some_and(|all| all.contains(&carrier));
        self.carrier_range().holds(carrier, bandwidth) || listed()
    }

    /// Whether a channel of this bandwidth may stand at `carrier`. Every raster of both technologies is the set of
    /// multiples of its step (table 5.4.2.3-1 gives first, step and last as channel numbers; they coincide).
    pub fn on_raster(&self, carrier: Hertz, bandwidth: Hertz, scs: Hertz) -> bool {
        if let Some(all) = channel_list::carriers(self.band, bandwidth) {
            return all.contains(&carrier);
        }
        let on_smallest_of_n90 = self.band == Band::Nr(90) && carrier.0.is_multiple_of(100_000);
        // Band n28 has one more carrier, for 40 MHz channels (table 5.4.2.3-1, note).
        let extra_of_n28 =
            self.band == Band::Nr(28) && bandwidth.0 == 40_000_000 && matches!(carrier.0, 778_040_000 | 723_040_000);
        carrier.0.is_multiple_of(self.raster(scs)) || on_smallest_of_n90 || extra_of_n28
    }

    /// The legal carrier nearest to `carrier` for a channel of this bandwidth in `range`; none where the band is
    /// too narrow for it.
    pub fn nearest(&self, range: Range, carrier: Hertz, bandwidth: Hertz, scs: Hertz) -> Option<Hertz> {
        if let Some(all) = channel_list::carriers(self.band, bandwidth) {
            return all.into_iter().min_by_key(|legal| legal.0.abs_diff(carrier.0));
        }
        let raster = self.raster(scs);
        let half = bandwidth.0.div_ceil(2);
        let first = range.lowest().0.checked_add(half)?.div_ceil(raster) * raster;
        let last = range.highest().0.checked_sub(half)? / raster * raster;
        if first > last {
            return None;
        }
        let rounded = carrier.0.saturating_add(raster / 2) / raster * raster;
        Some(Hertz(rounded.clamp(first, last)))
    }

    /// The duplex distance downlink minus uplink in kHz, where both are as wide (TS 38.101-1 5.4.4, TS 36.101 5.7.4);
    /// zero with TDD, none where the band fixes none.
    pub fn duplex_distance(&self) -> Option<i64> {
        // Bands whose uplink and downlink are paired variably.
        if matches!(self.band, Band::Nr(24 | 91..=94 | 109)) {
            return None;
        }
        let (uplink, downlink) = (self.uplink?, self.downlink?);
        Some(match self.band {
            // Variable pairings with a default.
            Band::Nr(70) | Band::Lte(70) => 300_000,
            _ => i64::from(downlink.low) - i64::from(uplink.low),
        })
    }
}

/// The band with this name; none where there is no such band.
pub fn band(band: Band) -> Option<&'static BandInfo> {
    let table = match band {
        Band::Nr(_) => nr::BANDS,
        Band::Lte(_) => lte::BANDS,
    };
    table.binary_search_by_key(&number(band), |info| number(info.band)).ok().and_then(|index| table.get(index))
}

/// The uplink carrier that belongs to a downlink carrier: at the duplex distance with FDD, the carrier itself
/// with TDD. None for an unknown band, a band without uplink and one without a fixed duplex distance.
pub fn uplink_carrier(of: Band, carrier: Hertz) -> Option<Hertz> {
    let info = band(of)?;
    match info.duplex {
        Duplex::Tdd | Duplex::Sul => Some(carrier),
        Duplex::Sdl => None,
        Duplex::Fdd => {
            let carrier_hz = i64::try_from(carrier.0).ok()?;
            let uplink = carrier_hz.checked_sub(info.duplex_distance()? * 1000)?;
            u64::try_from(uplink).ok().map(Hertz)
        }
    }
}

/// All bands of the technology of `like`, ascending.
pub fn bands(like: Band) -> &'static [BandInfo] {
    match like {
        Band::Nr(_) => nr::BANDS,
        Band::Lte(_) => lte::BANDS,
    }
}

/// Frequency range 2 begins at 24.25 GHz (TS 38.104 table 5.1-1).
pub fn is_fr2(carrier: Hertz) -> bool {
    carrier.0 >= 24_250_000_000
}

/// The number in a band's name.
pub fn number(band: Band) -> u16 {
    match band {
        Band::Nr(number) | Band::Lte(number) => number,
    }
}

/// The largest number of resource blocks of any band at this spacing, for bounds.
pub const MOST_PRBS: Prb = Prb(275);

/// kHz of MHz, exact for the multiples of 0.1 MHz in the tables.
const fn khz(mhz: f64) -> u32 {
    (mhz * 1000.0 + 0.5) as u32
}

/// A range from MHz; none where both are zero.
const fn range(mhz: (f64, f64)) -> Option<Range> {
    if mhz.1 == 0.0 {
        return None;
    }
    Some(Range { low: khz(mhz.0), high: khz(mhz.1) })
}
