//! The structured solver: semismooth Newton on the dual in S·J prices, with an exact line search.
//!
//! The dual is concave, once differentiable and piecewise quadratic, so that a full step inside the right piece ends
//! the search exactly; one to six steps are usual. A step that leaves its piece is shortened to the maximum along it.

use ranform_network::Control;

use crate::slicing::component::Component;
use crate::slicing::dense::{dot, solve_symmetric};
use crate::slicing::evaluation::Evaluation;
use crate::slicing::separate::separate;

/// Steps before the search is called stalled.
const MOST_STEPS: u64 = 60;

/// How far a node's sum may be from its total at right prices, in share units: a tenth of what the verification accepts.
const MOST_MISSED: f64 = 1e-10;

/// How a search for prices ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The prices are right.
    Converged,
    /// No progress; another method may do better.
    Stalled,
    /// The prices prove that no consumption obeys the area rows.
    Infeasible,
    /// The caller asked to stop.
    Stopped,
}

/// Prices, how the search for them ended, and the steps it took.
#[derive(Clone, Debug)]
pub struct Search {
    /// J x S prices; where the rows are infeasible, the direction that proves it.
    pub prices: Vec<f64>,
    /// How it ended.
    pub ending: Ending,
    /// Newton steps.
    pub steps: u64,
}

/// From how many nodes on a sample of them is searched first.
const SAMPLED_NODES: usize = 512;
/// One node in this many is in a sample.
const SAMPLE_STRIDE: usize = 16;

/// Prices to start from: none, or those of a sample where there are many nodes (each pass over all of them costs more
/// than the whole search over a sixteenth).
pub fn first_prices(component: &Component, control: &dyn Control) -> Vec<f64> {
    let none = vec![0.0; component.size()];
    if component.nodes.len() < SAMPLED_NODES || component.is_bounded() {
        return none;
    }
    let sample = component.sample(SAMPLE_STRIDE);
    let first = first_prices(&sample, control);
    let search = climb(&sample, first, &mut Evaluation::new(&sample), control);
    if search.ending == Ending::Converged { search.prices } else { none }
}

/// Climbs from `prices`; `state` keeps the node prices for the next search.
pub fn climb(component: &Component, prices: Vec<f64>, state: &mut Evaluation, control: &dyn Control) -> Search {
    let mut search = Search { prices, ending: Ending::Stalled, steps: 0 };
    let mut climber = Climber::new(component);
    component.evaluate(&search.prices, state);
    let mut error = climber.measure(&search.prices, state);
    while search.steps < MOST_STEPS {
        if error <= climber.rounding {
            return climber.conclude(search, state);
        }
        if control.should_stop() {
            search.ending = Ending::Stopped;
            return search;
        }
        search.steps += 1;
        climber.choose_direction(&search.prices, state);
        if let Some(proof) = climber.proof_of_infeasibility() {
            search.prices = proof;
            search.ending = Ending::Infeasible;
            return search;
        }
        let before = search.prices.clone();
        climber.step(&mut search.prices, state);
        let next = climber.measure(&search.prices, state);
        if next.min(error) <= climber.accepted && next > 0.1 * error {
            // Only rounding is left, and the better of the two is as good as it gets.
            if error < next {
                search.prices = before;
            }
            return climber.conclude(search, state);
        }
        error = next;
    }
    climber.disprove(search)
}

/// Scratch of one search.
struct Climber<'a> {
    component: &'a Component,
    /// value - wanted: the gradient.
    gradient: Vec<f64>,
    direction: Vec<f64>,
    matrix: Vec<f64>,
    trial: Vec<f64>,
    bounded: bool,
    /// The relative error that rounding explains.
    rounding: f64,
    /// The relative error that is accepted once no step lowers it.
    accepted: f64,
}

impl<'a> Climber<'a> {
    fn new(component: &'a Component) -> Self {
        let size = component.size();
        Self {
            component,
            gradient: vec![0.0; size],
            direction: vec![0.0; size],
            matrix: vec![0.0; size * size],
            trial: vec![0.0; size],
            bounded: component.is_bounded(),
            rounding: 1e-16 * (10.0 + (component.nodes.len() as f64).sqrt()),
            accepted: 2e-10,
        }
    }

    /// Sets the gradient; returns its largest entry relative to the scale of v.
    fn measure(&mut self, prices: &[f64], state: &Evaluation) -> f64 {
        let mut largest = 0.0f64;
        for (index, gradient) in self.gradient.iter_mut().enumerate() {
            *gradient = state.value()[index] - self.component.wanted(index, prices[index]).0;
            let relative = gradient.abs() / self.component.scale[index];
            largest = if relative > largest || relative.is_nan() { relative } else { largest };
        }
        largest
    }

    /// The Newton direction at the evaluated prices.
    fn choose_direction(&mut self, prices: &[f64], state: &Evaluation) {
        let size = prices.len();
        self.matrix.copy_from_slice(state.slope());
        let mut largest = 0.5f64;
        for (index, &price) in prices.iter().enumerate() {
            let entry = &mut self.matrix[index * size + index];
            *entry += self.component.wanted(index, price).1;
            largest = largest.max(*entry);
        }
        self.direction.copy_from_slice(&self.gradient);
        solve_symmetric(&mut self.matrix, &mut self.direction, 1e-13 * largest);
    }

    /// Moves along the direction to the maximum: the full step where the slope there is small or still upward.
    fn step(&mut self, prices: &mut [f64], state: &mut Evaluation) {
        let first = dot(&self.gradient, &self.direction);
        let (mut low, mut low_slope) = (0.0, first);
        let (mut high, mut high_slope) = (f64::INFINITY, 0.0);
        let mut part = 1.0;
        for _ in 0..40 {
            let slope = self.slope_at(part, prices, state);
            if slope.abs() <= 0.1 * first {
                break;
            }
            if slope > 0.0 {
                (low, low_slope) = (part, slope);
            } else {
                (high, high_slope) = (part, slope);
            }
            if high.is_finite() {
                // Straight pieces: the secant ends in the right one; the middle keeps it from creeping.
                let secant = low + (high - low) * low_slope / (low_slope - high_slope);
                let width = high - low;
                part = secant.clamp(low + 0.05 * width, high - 0.05 * width);
            } else if self.bounded && part < 1e9 {
                part *= 4.0;
            } else {
                break;
            }
        }
        prices.copy_from_slice(&self.trial);
    }

    /// Evaluates at `prices + part * direction`; the derivative of the dual along the direction there.
    fn slope_at(&mut self, part: f64, prices: &[f64], state: &mut Evaluation) -> f64 {
        for ((trial, price), direction) in self.trial.iter_mut().zip(prices).zip(&self.direction) {
            *trial = price + part * direction;
        }
        self.component.evaluate(&self.trial, state);
        let wanted = |index: usize| self.component.wanted(index, self.trial[index]).0;
        (0..self.trial.len()).map(|index| (state.value()[index] - wanted(index)) * self.direction[index]).sum()
    }

    /// Ends a search whose value is the wanted one. Where no consumption obeys the area rows, prices grow until bounds
    /// vanish beside them, and a node's consumption at such prices can look right while it exceeds what the node has.
    fn conclude(&self, mut search: Search, state: &mut Evaluation) -> Search {
        let missed = if self.bounded { self.component.largest_miss(&search.prices, state) } else { 0.0 };
        if missed > MOST_MISSED || missed.is_nan() {
            return self.disprove(search);
        }
        search.ending = Ending::Converged;
        search
    }

    /// Ends a search that found no right prices: infeasible where the prices themselves prove it, or else stalled.
    fn disprove(&self, mut search: Search) -> Search {
        search.ending = Ending::Stalled;
        let proof = if self.bounded { separate(self.component, &search.prices) } else { None };
        if let Some(proof) = proof {
            search.prices = proof;
            search.ending = Ending::Infeasible;
        }
        search
    }

    /// The direction, where it separates what the nodes can give from what the area rows ask.
    fn proof_of_infeasibility(&self) -> Option<Vec<f64>> {
        if self.bounded { separate(self.component, &self.direction) } else { None }
    }
}
