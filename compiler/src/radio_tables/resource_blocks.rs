//! How many resource blocks a channel has: TS 38.104 tables 5.3.2-1 (FR1), 5.3.2-2 and 5.3.2-3 (FR2), TS 36.104 table 5.6-1.

use ranform_network::radio::Band;
use ranform_network::units::{Hertz, Prb};

/// Bandwidth in kHz and resource blocks, ascending.
type Row = &'static [(u32, u32)];

/// TS 38.104 table 5.3.2-1, 15 kHz.
const FR1_15: Row = &[
    (3_000, 15),
    (5_000, 25),
    (10_000, 52),
    (15_000, 79),
    (20_000, 106),
    (25_000, 133),
    (30_000, 160),
    (35_000, 188),
    (40_000, 216),
    (45_000, 242),
    (50_000, 270),
];

/// TS 38.104 table 5.3.2-1, 30 kHz.
const FR1_30: Row = &[
    (5_000, 11),
    (10_000, 24),
    (15_000, 38),
    (20_000, 51),
    (25_000, 65),
    (30_000, 78),
    (35_000, 92),
    (40_000, 106),
    (45_000, 119),
    (50_000, 133),
    (60_000, 162),
    (70_000, 189),
    (80_000, 217),
    (90_000, 245),
    (100_000, 273),
];

/// TS 38.104 table 5.3.2-1, 60 kHz.
const FR1_60: Row = &[
    (10_000, 11),
    (15_000, 18),
    (20_000, 24),
    (25_000, 31),
    (30_000, 38),
    (35_000, 44),
    (40_000, 51),
    (45_000, 58),
    (50_000, 65),
    (60_000, 79),
    (70_000, 93),
    (80_000, 107),
    (90_000, 121),
    (100_000, 135),
];

/// TS 38.104 table 5.3.2-2, 60 kHz.
const FR2_60: Row = &[(50_000, 66), (100_000, 132), (200_000, 264)];

/// TS 38.104 table 5.3.2-2, 120 kHz.
const FR2_120: Row = &[(50_000, 32), (100_000, 66), (200_000, 132), (400_000, 264)];

/// TS 38.104 table 5.3.2-3 (FR2-2), 480 kHz.
const FR2_480: Row = &[(400_000, 66), (800_000, 124), (1_600_000, 248)];

/// TS 38.104 table 5.3.2-3 (FR2-2), 960 kHz.
const FR2_960: Row = &[(400_000, 33), (800_000, 62), (1_600_000, 124), (2_000_000, 148)];

/// TS 36.104 table 5.6-1.
const LTE: Row = &[(1_400, 6), (3_000, 15), (5_000, 25), (10_000, 50), (15_000, 75), (20_000, 100)];

/// The transmission bandwidth configuration N_RB of a channel; none where the tables have no such combination.
/// Whether the band itself has it is [`super::BandInfo::has`].
pub fn prbs(band: Band, scs: Hertz, bandwidth: Hertz) -> Option<Prb> {
    let row = match (band, scs.0) {
        (Band::Lte(_), 15_000) => LTE,
        (Band::Nr(..=256), 15_000) => FR1_15,
        (Band::Nr(..=256), 30_000) => FR1_30,
        (Band::Nr(..=256), 60_000) => FR1_60,
        (Band::Nr(257..), 60_000) => FR2_60,
        (Band::Nr(257..), 120_000) => FR2_120,
        (Band::Nr(257..), 480_000) => FR2_480,
        (Band::Nr(257..), 960_000) => FR2_960,
        _ => return None,
    };
    let found = row.iter().find(|(width, _)| u64::from(*width) * 1000 == bandwidth.0);
    found.map(|(_, blocks)| Prb(*blocks))
}
