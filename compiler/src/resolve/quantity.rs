//! Numbers with units, to base units, exactly.

use ranform_grammar::ast::{Number, Unit};

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    Frequency,
    Duration,
    Size,
    Rate,
    Share,
    Power,
    Gain,
    Angle,
    Energy,
    Cores,
    Blocks,
}

impl Dimension {
    /// What a unit measures, and its size in the base unit (Hz, ns, B, bit/s; 1 where there is no scale).
    pub fn of(unit: Unit) -> (Dimension, i64) {
        use Dimension::*;
        match unit {
            Unit::Nanoseconds => (Duration, 1),
            Unit::Microseconds => (Duration, 1_000),
            Unit::Milliseconds => (Duration, 1_000_000),
            Unit::Seconds => (Duration, 1_000_000_000),
            Unit::Minutes => (Duration, 60_000_000_000),
            Unit::Hours => (Duration, 3_600_000_000_000),
            Unit::Days => (Duration, 86_400_000_000_000),
            Unit::Hertz => (Frequency, 1),
            Unit::Kilohertz => (Frequency, 1_000),
            Unit::Megahertz => (Frequency, 1_000_000),
            Unit::Gigahertz => (Frequency, 1_000_000_000),
            Unit::Percent => (Share, 1),
            Unit::Bytes => (Size, 1),
            Unit::Kilobytes => (Size, 1_000),
            Unit::Megabytes => (Size, 1_000_000),
            Unit::Gigabytes => (Size, 1_000_000_000),
            Unit::Terabytes => (Size, 1_000_000_000_000),
            Unit::Kibibytes => (Size, 1 << 10),
            Unit::Mebibytes => (Size, 1 << 20),
            Unit::Gibibytes => (Size, 1 << 30),
            Unit::Tebibytes => (Size, 1 << 40),
            Unit::BitsPerSecond => (Rate, 1),
            Unit::KilobitsPerSecond => (Rate, 1_000),
            Unit::MegabitsPerSecond => (Rate, 1_000_000),
            Unit::GigabitsPerSecond => (Rate, 1_000_000_000),
            Unit::TerabitsPerSecond => (Rate, 1_000_000_000_000),
            Unit::DecibelMilliwatts => (Power, 1),
            Unit::Decibels => (Gain, 1),
            Unit::Degrees => (Angle, 1),
            Unit::KilowattHours => (Energy, 1),
            Unit::Cores => (Cores, 1),
            Unit::Prbs => (Blocks, 1),
        }
    }

    /// In words, with examples of how it is written.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Frequency => ("a frequency", "`30kHz`, `50MHz` or `4.05GHz`"),
            Self::Duration => ("a duration", "`100us`, `10ms` or `1.5s`"),
            Self::Size => ("an amount of data", "`100B`, `8GB` or `16GiB`"),
            Self::Rate => ("a data rate", "`20Mbps` or `100Gbps`"),
            Self::Share => ("a share in percent", "`75%`"),
            Self::Power => ("a power level", "`23dBm`"),
            Self::Gain => ("a gain", "`3dB`"),
            Self::Angle => ("an angle", "`120deg`"),
            Self::Energy => ("an amount of energy", "`120kWh`"),
            Self::Cores => ("a number of cores", "`4` or `4cores`"),
            Self::Blocks => ("a number of resource blocks", "`133`"),
        }
    }

    /// The value in the base unit as a floating-point number; shares as fractions.
    pub fn scaled(number: &Number, unit: Unit) -> f64 {
        let (dimension, factor) = Self::of(unit);
        match dimension {
            Self::Share => percent(number),
            _ => number.times(factor).map_or_else(|| number.to_f64() * factor as f64, |whole| whole as f64),
        }
    }

    /// The name of the dimension in a compiled expression, as `network::Literal::Number` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frequency => "frequency",
            Self::Duration => "duration",
            Self::Size => "size",
            Self::Rate => "rate",
            Self::Share => "share",
            Self::Power => "power",
            Self::Gain => "gain",
            Self::Angle => "angle",
            Self::Energy => "energy",
            Self::Cores | Self::Blocks => "",
        }
    }
}

/// A percentage as the nearest fraction: `33.3` is the number nearest to 0.333.
pub(crate) fn percent(number: &Number) -> f64 {
    format!("{}e-2", number.as_str()).parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(text: &str, unit: Unit) -> f64 {
        Dimension::scaled(&Number::new(text).unwrap(), unit)
    }

    #[test]
    fn quantities_become_base_units_exactly() {
        assert_eq!(scaled("4.05", Unit::Gigahertz), 4_050_000_000.0);
        assert_eq!(scaled("1.5", Unit::Seconds), 1_500_000_000.0);
        assert_eq!(scaled("16", Unit::Gibibytes), 17_179_869_184.0);
        assert_eq!(scaled("33.3", Unit::Percent), 0.333);
        assert_eq!(scaled("0.1", Unit::Kilohertz), 100.0);
    }
}
