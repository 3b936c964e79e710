//! Charts as data, and as SVG. A chart knows nothing of what it shows; [`svg`] alone knows how it looks.

mod scale;
mod svg;

/// A picture: lines over a numeric axis, or bars over named groups.
pub struct Chart {
    /// What it shows, in a line.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn.
    pub marks: Marks,
}

/// What is drawn in a chart.
pub enum Marks {
    /// One line with markers per series.
    Lines(Vec<Line>),
    /// Per group, one bar per series, side by side.
    Bars(Bars),
}

/// A series of points, joined in their order.
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
    /// Whether it is what a paper reports, drawn dashed.
    pub from_paper: bool,
}

/// Bars by group and series.
pub struct Bars {
    /// The names under the axis.
    pub groups: Vec<String>,
    /// Name, value per group (none where there is none), and whether the series is a paper's, drawn hollow.
    pub series: Vec<(String, Vec<Option<f64>>, bool)>,
    /// Whether the bars of a group stand on each other.
    pub stacked: bool,
}

/// An axis.
#[derive(Clone)]
pub struct Axis {
    /// What it measures, with the unit.
    pub label: String,
    /// Whether equal steps are equal factors.
    pub log: bool,
    /// How its numbers are written.
    pub numbers: Numbers,
    /// Where its ticks are; chosen where there are none.
    pub ticks: Vec<f64>,
    /// The least and the largest value, where the data shall not decide.
    pub range: Option<(f64, f64)>,
}

/// How numbers are written on an axis.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// As they are.
    Plain,
    /// As powers of ten on logarithmic axes.
    Powers,
    /// Seconds as µs, ms or s.
    Seconds,
    /// Fractions as percent.
    Percent,
}

impl Axis {
    /// An axis of equal steps.
    pub fn linear(label: &str, numbers: Numbers) -> Self {
        Self { label: label.to_owned(), log: false, numbers, ticks: Vec::new(), range: None }
    }

    /// An axis of equal factors.
    pub fn log(label: &str, numbers: Numbers) -> Self {
        Self { log: true, ..Self::linear(label, numbers) }
    }

    /// With ticks at these values.
    pub fn at(self, ticks: &[f64]) -> Self {
        Self { ticks: ticks.to_vec(), ..self }
    }

    /// From one value to another whatever the data.
    pub fn between(self, low: f64, high: f64) -> Self {
        Self { range: Some((low, high)), ..self }
    }
}

impl Chart {
    /// The picture.
    pub fn svg(&self) -> String {
        svg::draw(self)
    }
}
