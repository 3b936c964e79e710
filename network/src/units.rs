//! Quantities: one type per dimension, in SI base units, so that megabits are never taken for PRBs.
//!
//! Integers wherever equality matters (frequencies, times, bytes); a [`Share`] is a fraction.

use serde::{Deserialize, Serialize};

macro_rules! quantities {
    ($($(#[$meta:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);
    )*};
}

quantities! {
    /// A frequency or bandwidth in hertz.
    Hertz(u64);
    /// A duration in nanoseconds.
    Nanoseconds(u64);
    /// An amount of data in bytes.
    Bytes(u64);
    /// A data rate in bits per second.
    BitsPerSecond(u64);
    /// A fraction, 1 = 100 %.
    Share(f64);
    /// A power level in dBm.
    Dbm(f64);
    /// An angle in degrees.
    Degrees(f64);
    /// A number of physical resource blocks (TS 38.211 4.4.4.1: 12 subcarriers).
    Prb(u32);
}

impl Eq for Hertz {}
impl Eq for Nanoseconds {}
impl Eq for Bytes {}
impl Eq for BitsPerSecond {}
impl Eq for Prb {}

macro_rules! total_order {
    ($($name:ident)*) => {$(
        // The inner value is an integer, so the order is total.
        #[allow(clippy::derive_ord_xor_partial_ord)]
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }
    )*};
}
total_order!(Hertz Nanoseconds Bytes BitsPerSecond Prb);

impl Share {
    /// The share in percent.
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

/// A decimal as people write it: no exponent, no trailing zeros, at most `places` digits after the point.
pub fn decimal(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// How many of something, singular or plural: `1 cell`, `2 cells`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", decimal(self.percent(), 2))
    }
}

impl std::fmt::Display for Hertz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        scaled(f, self.0, &[(1_000_000_000, "GHz"), (1_000_000, "MHz"), (1_000, "kHz"), (1, "Hz")])
    }
}

impl std::fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        scaled(f, self.0, &[(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")])
    }
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        scaled(f, self.0, &[(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"), (1, "B")])
    }
}

impl std::fmt::Display for BitsPerSecond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        scaled(f, self.0, &[(1_000_000_000, "Gbps"), (1_000_000, "Mbps"), (1_000, "kbps"), (1, "bps")])
    }
}

impl std::fmt::Display for Dbm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}dBm", decimal(self.0, 2))
    }
}

impl std::fmt::Display for Degrees {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}deg", decimal(self.0, 2))
    }
}

impl std::fmt::Display for Prb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} PRB", self.0)
    }
}

/// Writes `value` in the largest unit that it reaches, exactly.
fn scaled(f: &mut std::fmt::Formatter<'_>, value: u64, units: &[(u64, &str)]) -> std::fmt::Result {
    let (size, unit) =
        units.iter().copied().find(|(size, _)| value >= *size).unwrap_or(*units.last().unwrap_or(&(1, "")));
    let whole = value / size;
    let rest = value % size;
    if rest == 0 {
        return write!(f, "{whole}{unit}");
    }
    let digits = size.to_string().len() - 1;
    let fraction = format!("{rest:0digits$}");
    write!(f, "{whole}.{}{unit}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_as_people_write_them() {
        assert_eq!(Hertz(4_050_000_000).to_string(), "4.05GHz");
        assert_eq!(Hertz(30_000).to_string(), "30kHz");
        assert_eq!(Nanoseconds(10_000_000).to_string(), "10ms");
        assert_eq!(Bytes(0).to_string(), "0B");
        assert_eq!(Share(0.8067).to_string(), "80.67 %");
        assert_eq!(decimal(-0.001, 2), "0");
        assert_eq!(decimal(60.0, 2), "60");
    }
}
