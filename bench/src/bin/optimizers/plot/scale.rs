//! From values to places on the page, and where the ticks go.

use super::{Axis, Numbers};

/// Maps the values of an axis to pixels.
pub struct Scale<'a> {
    axis: &'a Axis,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl<'a> Scale<'a> {
    /// The scale of an axis whose data lie between two values, drawn between two pixels.
    pub fn new(axis: &'a Axis, data: (f64, f64), from: f64, to: f64) -> Self {
        let (low, high) = match (axis.range, axis.log) {
            (Some(range), _) => range,
            (None, true) => decades(data, axis),
            (None, false) => rounded(data),
        };
        Self { axis, low, high, from, to }
    }

    /// The pixel of a value.
    pub fn at(&self, value: f64) -> f64 {
        let place = |value: f64| if self.axis.log { value.max(f64::MIN_POSITIVE).log10() } else { value };
        let share = (place(value) - place(self.low)) / (place(self.high) - place(self.low));
        self.from + share.clamp(-0.02, 1.02) * (self.to - self.from)
    }

    /// The least value shown.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Ticks and what stands beside them.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let values = match (self.axis.ticks.is_empty(), self.axis.log) {
            (false, _) => self.axis.ticks.clone(),
            (true, true) => powers(self.low, self.high),
            (true, false) => steps(self.low, self.high),
        };
        values.into_iter().map(|value| (value, self.axis.write(value))).collect()
    }
}

impl Axis {
    fn write(&self, value: f64) -> String {
        match self.numbers {
            Numbers::Percent => format!("{} %", short(value * 100.0)),
            Numbers::Seconds if value == 0.0 => "0".to_owned(),
            Numbers::Seconds if value < 0.999e-3 => format!("{} µs", short(value * 1e6)),
            Numbers::Seconds if value < 0.999 => format!("{} ms", short(value * 1e3)),
            Numbers::Seconds => format!("{} s", short(value)),
            Numbers::Powers if self.log && (value >= 1e4 || value < 1e-3) => {
                format!("10{}", superscript(value.log10().round() as i32))
            }
            Numbers::Plain | Numbers::Powers => short(value),
        }
    }
}

/// A number with the digits that matter.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |letter: char| letter.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    number.to_string().chars().map(digit).collect()
}

/// Whole decades around the data; with ticks of its own the axis ends at them.
fn decades((low, high): (f64, f64), axis: &Axis) -> (f64, f64) {
    if let (Some(first), Some(last)) = (axis.ticks.first(), axis.ticks.last()) {
        return (first / 1.1, last * 1.1);
    }
    let low = 10_f64.powf(low.max(1e-12).log10().floor());
    let high = 10_f64.powf(high.max(low * 1.01).log10().ceil());
    (low, high)
}

/// From zero to a round number above the data.
fn rounded((low, high): (f64, f64)) -> (f64, f64) {
    let low = low.min(0.0);
    let high = if high > low { high } else { low + 1.0 };
    let step = step(high - low);
    (low, (high / step).ceil() * step)
}

fn powers(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().round() as i32, high.log10().round() as i32);
    let every = ((last - first) / 8 + 1).max(1);
    (first..=last).filter(|power| (power - first) % every == 0).map(|power| 10_f64.powi(power)).collect()
}

fn steps(low: f64, high: f64) -> Vec<f64> {
    let step = step(high - low);
    let count = ((high - low) / step).round() as usize;
    (0..=count).map(|at| low + step * at as f64).collect()
}

/// A step of 1, 2 or 5 times a power of ten that gives four to ten ticks.
fn step(span: f64) -> f64 {
    let power = 10_f64.powf((span / 5.0).log10().floor());
    let fits = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| span / step <= 7.0);
    fits.unwrap_or(power * 10.0)
}
