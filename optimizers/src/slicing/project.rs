//! The exact projection of one node: consumption that adds up to what the node has, inside its boxes.
//!
//! `u_s = clip(target_s - give_s * mu, lower_s, upper_s)` with the one `mu` (the price of the node's capacity) that
//! makes the sum right. The sum falls with mu in straight pieces, so Newton's method from the last price ends exactly
//! after one or two rounds; where it circles, the breakpoints are sorted and walked.

/// One node's data, S numbers each.
#[derive(Clone, Copy, Debug)]
pub struct Boxes<'a> {
    /// Least consumption.
    pub lower: &'a [f64],
    /// Greatest consumption.
    pub upper: &'a [f64],
    /// How far a pair gives way per unit of price; 0 where it is fixed.
    pub give: &'a [f64],
    /// What the consumption adds up to.
    pub total: f64,
}

/// Scratch space and result of projections, reused from node to node.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// Where each pair would go without the sum; set by the caller.
    pub target: Vec<f64>,
    /// Result: consumption.
    pub used: Vec<f64>,
    /// Result: `give` of the pairs strictly inside their box, 0 of the others.
    pub free: Vec<f64>,
    breakpoints: Vec<f64>,
}

/// Rounds of Newton's method before the breakpoints are sorted.
const NEWTON_ROUNDS: usize = 10;
/// Pairs taken at a time: what the processor adds in one instruction on every 64-bit machine.
pub const LANES: usize = 2;

impl Projection {
    /// Scratch space for nodes of `tenants` pairs.
    pub fn new(tenants: usize) -> Self {
        Self {
            target: vec![0.0; tenants],
            used: vec![0.0; tenants],
            free: vec![0.0; tenants],
            breakpoints: Vec::with_capacity(2 * tenants),
        }
    }

    /// Projects `self.target` from the price `start`; returns the price and the sum of `free`.
    #[inline]
    pub fn project(&mut self, boxes: Boxes, start: f64) -> (f64, f64) {
        let tolerance = 2e-16 * (2.0 + self.target.len() as f64);
        let mut price = start;
        let mut last = f64::INFINITY;
        for _ in 0..NEWTON_ROUNDS {
            let (sum, slope) = self.apply(boxes, price);
            let excess = sum - boxes.total;
            // The second condition: on the right piece, where only rounding is left.
            if excess.abs() <= tolerance || (excess.abs() < 1e-13 && excess.abs() >= 0.5 * last) {
                return (price, slope);
            }
            if slope <= 0.0 {
                break;
            }
            last = excess.abs();
            let next = price + excess / slope;
            if next == price {
                return (price, slope);
            }
            price = next;
        }
        self.project_sorted(boxes)
    }

    /// Gives what rounding left of the total to the pairs that are free, the one that gives way most first.
    pub fn settle(&mut self, boxes: Boxes) {
        let most = self.free.iter().copied().fold(0.0, f64::max);
        let Some(tenant) = self.free.iter().position(|&free| free > 0.0 && free == most) else { return };
        let rest = boxes.total - self.used.iter().sum::<f64>();
        self.used[tenant] = (self.used[tenant] + rest).max(boxes.lower[tenant]).min(boxes.upper[tenant]);
    }

    /// The consumption at `price`, its sum, and the sum of `free`.
    ///
    /// Pairs are taken [`LANES`] at a time, each lane with its own sums, so that the processor need not wait for one
    /// addition to begin the next.
    #[inline(always)]
    fn apply(&mut self, boxes: Boxes, price: f64) -> (f64, f64) {
        let count = self.target.len();
        let (target, target_rest) = self.target.as_chunks::<LANES>();
        let (lower, lower_rest) = boxes.lower[..count].as_chunks::<LANES>();
        let (upper, upper_rest) = boxes.upper[..count].as_chunks::<LANES>();
        let (give, give_rest) = boxes.give[..count].as_chunks::<LANES>();
        let (used, used_rest) = self.used[..count].as_chunks_mut::<LANES>();
        let (free, free_rest) = self.free[..count].as_chunks_mut::<LANES>();
        let (mut sums, mut slopes) = ([0.0; LANES], [0.0; LANES]);
        for chunk in 0..target.len() {
            let (target, give) = (&target[chunk], &give[chunk]);
            let (lower, upper) = (&lower[chunk], &upper[chunk]);
            let (used, free) = (&mut used[chunk], &mut free[chunk]);
            for lane in 0..LANES {
                let wanted = target[lane] - give[lane] * price;
                let (value, inside) = clip(wanted, lower[lane], upper[lane], give[lane]);
                used[lane] = value;
                free[lane] = inside;
                sums[lane] += value;
                slopes[lane] += inside;
            }
        }
        let (mut sum, mut slope) = (sums.iter().sum::<f64>(), slopes.iter().sum::<f64>());
        for lane in 0..target_rest.len() {
            let wanted = target_rest[lane] - give_rest[lane] * price;
            let (value, inside) = clip(wanted, lower_rest[lane], upper_rest[lane], give_rest[lane]);
            used_rest[lane] = value;
            free_rest[lane] = inside;
            sum += value;
            slope += inside;
        }
        (sum, slope)
    }

    /// Walks the sorted prices at which a pair enters or leaves its box to the piece that holds the answer.
    fn project_sorted(&mut self, boxes: Boxes) -> (f64, f64) {
        self.breakpoints.clear();
        for (tenant, &give) in boxes.give.iter().enumerate().filter(|(_, give)| **give > 0.0) {
            for bound in [boxes.upper[tenant], boxes.lower[tenant]] {
                let price = (self.target[tenant] - bound) / give;
                if price.is_finite() {
                    self.breakpoints.push(price);
                }
            }
        }
        self.breakpoints.sort_unstable_by(f64::total_cmp);
        if self.breakpoints.is_empty() {
            return (0.0, self.apply(boxes, 0.0).1);
        }
        // INVARIANT: the sum at `low` is not below the total (or low is the first breakpoint), that at `high` is not above.
        let (mut low, mut high) = (0, self.breakpoints.len() - 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.apply(boxes, self.breakpoints[middle]).0 >= boxes.total { low = middle } else { high = middle }
        }
        let (first, last) = (self.breakpoints[low], self.breakpoints[high]);
        let (above, below) = (self.apply(boxes, first).0, self.apply(boxes, last).0);
        let piece = above - below;
        let part = if piece > 0.0 { ((above - boxes.total) / piece).clamp(0.0, 1.0) } else { 0.0 };
        let price = first + (last - first) * part;
        (price, self.apply(boxes, price).1)
    }
}

/// `wanted` within its bounds, and `give` where they changed nothing: exactly there the pair is free.
#[inline(always)]
fn clip(wanted: f64, lower: f64, upper: f64, give: f64) -> (f64, f64) {
    let low = if wanted > lower { wanted } else { lower };
    let value = if low < upper { low } else { upper };
    (value, if (lower < wanted) & (wanted < upper) { give } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn project(target: &[f64], lower: &[f64], upper: &[f64], give: &[f64], total: f64, start: f64) -> Projection {
        let mut projection = Projection::new(target.len());
        projection.target.copy_from_slice(target);
        projection.project(Boxes { lower, upper, give, total }, start);
        projection
    }

    #[test]
    fn the_sum_is_met_inside_the_boxes() {
        let result = project(&[0.9, 0.9], &[0.04, 0.04], &[1.0, 1.0], &[1.0, 1.0], 1.0, 0.0);
        assert_eq!(result.used, [0.5, 0.5]);
        let result = project(&[5.0, 0.0], &[0.04, 0.04], &[1.0, 1.0], &[1.0, 1.0], 1.0, 0.0);
        assert!((result.used[0] - 0.96).abs() < 1e-15 && (result.used[1] - 0.04).abs() < 1e-15);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn newton_and_sorting_agree(
            pairs in prop::collection::vec((-2.0..2.0f64, 0.0..0.5f64, 0.0..0.5f64, 0.01..10.0f64), 1..12),
            part in 0.0..1.0f64, start in -5.0..5.0f64,
        ) {
            let target: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
            let lower: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
            let upper: Vec<f64> = pairs.iter().map(|pair| pair.1 + pair.2).collect();
            let give: Vec<f64> = pairs.iter().map(|pair| pair.3).collect();
            let total = lower.iter().sum::<f64>() * (1.0 - part) + upper.iter().sum::<f64>() * part;
            let newton = project(&target, &lower, &upper, &give, total, start);
            prop_assert!((newton.used.iter().sum::<f64>() - total).abs() < 1e-13);
            let mut sorted = Projection::new(target.len());
            sorted.target.copy_from_slice(&target);
            sorted.project_sorted(Boxes { lower: &lower, upper: &upper, give: &give, total });
            for (a, b) in newton.used.iter().zip(&sorted.used) {
                prop_assert!((a - b).abs() < 1e-12, "{a} {b}");
            }
        }
    }
}
