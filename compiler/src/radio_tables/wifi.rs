//! Wi-Fi channels: numbers, widths, standards (IEEE 802.11-2020 annex E, 802.11ax-2021, 802.11be) and where they may be used.
//!
//! The country rows are the basics that a planner needs (which channel numbers exist there), not a
//! regulatory database: no power limits, no radar rules. An unlisted country has every channel.

pub use ranform_network::radio::WifiBand;

/// A standard with the widest channel in MHz that it has in each band; 0 where it does not use the band.
#[derive(Clone, Copy, Debug)]
pub struct Standard {
    /// Its name, e.g. `802.11ac`.
    pub name: &'static str,
    /// Widest channel in MHz at 2.4, 5 and 6 GHz.
    pub widest: [u32; 3],
}

/// All standards known.
pub static STANDARDS: [Standard; 7] = [
    Standard { name: "802.11a", widest: [0, 20, 0] },
    Standard { name: "802.11b", widest: [20, 0, 0] },
    Standard { name: "802.11g", widest: [20, 0, 0] },
    Standard { name: "802.11n", widest: [40, 40, 0] },
    Standard { name: "802.11ac", widest: [0, 160, 0] },
    Standard { name: "802.11ax", widest: [40, 160, 160] },
    Standard { name: "802.11be", widest: [40, 160, 320] },
];

/// The standard with this name.
pub fn standard(name: &str) -> Option<&'static Standard> {
    STANDARDS.iter().find(|standard| standard.name == name)
}

impl Standard {
    /// The widest channel in MHz in this band; 0 where it does not use it.
    pub fn widest_in(&self, band: WifiBand) -> u32 {
        self.widest[band as usize]
    }
}

/// The 20 MHz channel numbers of a band as first, last and step.
fn groups(band: WifiBand) -> &'static [(u32, u32, u32)] {
    match band {
        WifiBand::Low => &[(1, 14, 1)],
        WifiBand::Middle => &[(36, 64, 4), (100, 144, 4), (149, 177, 4)],
        WifiBand::High => &[(1, 233, 4), (2, 2, 1)],
    }
}

/// The bands that have a channel of this number. Numbers repeat between bands (1, 5, 149 ...), the first is the usual reading.
pub fn bands_of(channel: u32) -> Vec<WifiBand> {
    let has = |band: &WifiBand| {
        groups(*band)
            .iter()
            .any(|(first, last, step)| (*first..=*last).contains(&channel) && (channel - first).is_multiple_of(*step))
    };
    [WifiBand::Low, WifiBand::Middle, WifiBand::High].into_iter().filter(has).collect()
}

/// The 20 MHz channels that a channel of `width` MHz with this primary channel covers; none where the band has no such
/// channel (annex E: wide channels begin only at certain numbers).
pub fn covered(band: WifiBand, primary: u32, width: u32) -> Option<Vec<u32>> {
    if !bands_of(primary).contains(&band) || !matches!(width, 20 | 40 | 80 | 160 | 320) {
        return None;
    }
    if width == 20 {
        return Some(vec![primary]);
    }
    if band == WifiBand::Low {
        // A 40 MHz channel takes the secondary four numbers above or below.
        let secondary = if primary <= 9 { primary + 4 } else { primary - 4 };
        return (width == 40 && primary <= 13).then(|| vec![primary.min(secondary), primary.max(secondary)]);
    }
    let count = width / 20;
    let (first, last, step) =
        *groups(band).iter().find(|(first, last, step)| *step == 4 && (*first..=*last).contains(&primary))?;
    let start = first + (primary - first) / (count * step) * (count * step);
    let end = start + (count - 1) * step;
    (end <= last).then(|| (start..=end).step_by(step as usize).collect())
}

/// Channel numbers usable in a country, as inclusive ranges at 2.4, 5 and 6 GHz.
#[derive(Clone, Copy, Debug)]
pub struct Country {
    /// ISO 3166-1 codes that share these rules.
    pub codes: &'static [&'static str],
    /// Ranges at 2.4 GHz.
    pub low: &'static [(u32, u32)],
    /// Ranges at 5 GHz.
    pub middle: &'static [(u32, u32)],
    /// Ranges at 6 GHz.
    pub high: &'static [(u32, u32)],
}

/// The countries known; the European ones follow ETSI EN 300 328, EN 301 893, EN 300 440 (short range devices from 149), EN 303 687.
pub static COUNTRIES: &[Country] = &[
    Country {
        codes: &[
            "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
            "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
        ],
        low: &[(1, 13)],
        middle: &[(36, 64), (100, 140), (149, 173)],
        high: &[(1, 93)],
    },
    Country { codes: &["GB"], low: &[(1, 13)], middle: &[(36, 64), (100, 140), (149, 173)], high: &[(1, 93)] },
    Country { codes: &["US"], low: &[(1, 11)], middle: &[(36, 64), (100, 144), (149, 177)], high: &[(1, 233)] },
    Country { codes: &["CA"], low: &[(1, 11)], middle: &[(36, 64), (100, 144), (149, 177)], high: &[(1, 233)] },
    Country { codes: &["JP"], low: &[(1, 14)], middle: &[(36, 64), (100, 144)], high: &[(1, 93)] },
    Country { codes: &["CN"], low: &[(1, 13)], middle: &[(36, 64), (149, 165)], high: &[] },
    Country { codes: &["KR"], low: &[(1, 13)], middle: &[(36, 64), (100, 144), (149, 165)], high: &[(1, 233)] },
];

/// The rules of a country, where they are known.
pub fn country(code: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.codes.contains(&code))
}

impl Country {
    /// Whether this 20 MHz channel may be used.
    pub fn allows(&self, band: WifiBand, channel: u32) -> bool {
        self.ranges(band).iter().any(|(first, last)| (*first..=*last).contains(&channel))
    }

    /// The ranges of channel numbers in a band.
    pub fn ranges(&self, band: WifiBand) -> &'static [(u32, u32)] {
        match band {
            WifiBand::Low => self.low,
            WifiBand::Middle => self.middle,
            WifiBand::High => self.high,
        }
    }
}
