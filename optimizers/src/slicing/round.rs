//! From a share to whole units of a device's grid (D7), and to resource blocks by the device's own arithmetic.
//!
//! Largest remainder: everybody gets the whole units of his share, at least the smallest that the device enforces;
//! what is left goes to the largest remainders, ties to the earlier tenant. The sum is kept exactly.

use ranform_network::profile::GridKind;

/// The grid of one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// How the device turns units into resource blocks.
    pub kind: GridKind,
    /// Units in the whole: 100 for whole percent, 1000 for thousandths, the groups for resource block groups.
    pub units: u32,
    /// Resource blocks of the carrier; 0 on Wi-Fi.
    pub prbs: u32,
    /// The smallest number of units that the device enforces.
    pub smallest: u32,
}

/// Why shares do not fit a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotFit {
    /// Units that the smallest shares and guarantees take.
    pub needed: u32,
    /// Units there are.
    pub available: u32,
}

/// What one tenant may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// The exact share, a fraction.
    pub share: f64,
    /// A guaranteed fraction, 0 without.
    pub minimum: f64,
    /// A capped fraction, 1 without.
    pub maximum: f64,
}

/// Slack when a product of fractions is compared with whole units.
const ROUNDING: f64 = 1e-7;

impl Grid {
    /// The grid of a device: its kind, the carrier's resource blocks, the smallest share in percent that its profile or
    /// intent states, and a coarser step than its own as a fraction.
    pub fn new(kind: GridKind, prbs: u32, smallest_percent: f64, step: Option<f64>) -> Self {
        let own = match kind {
            GridKind::PercentFloor | GridKind::Percent => 100,
            GridKind::Permille => 1000,
            GridKind::ResourceBlockGroups => block_groups(prbs).1.max(1),
        };
        let wanted =
            step.filter(|step| step.is_finite() && *step > 0.0).map_or(own, |step| (1.0 / step).round() as u32);
        // A step finer than the device's own cannot be enforced.
        let units = wanted.clamp(1, own);
        let mut grid = Self { kind, units, prbs, smallest: 0 };
        let stated = (smallest_percent / 100.0 * f64::from(units) - ROUNDING).ceil().max(0.0) as u32;
        // Below ceil(units / N_RB) the floor of the device's arithmetic would give no block at all: a lock-out.
        let first = if kind == GridKind::PercentFloor && prbs > 0 {
            (0..=units).find(|&units| grid.blocks(units) > 0).unwrap_or(units)
        } else {
            0
        };
        grid.smallest = stated.max(first).min(units);
        grid
    }

    /// Resource blocks of `units`, by the device's own arithmetic.
    pub fn blocks(&self, units: u32) -> u32 {
        let product = u64::from(self.prbs) * u64::from(units);
        match self.kind {
            // floor(N_RB * ratio / 100), ratio in whole percent.
            GridKind::PercentFloor => (u64::from(self.prbs) * u64::from(self.whole_percent(units)) / 100) as u32,
            GridKind::Percent => 0,
            GridKind::Permille => (product / u64::from(self.units.max(1))) as u32,
            GridKind::ResourceBlockGroups => (u64::from(block_groups(self.prbs).0) * u64::from(units)) as u32,
        }
    }

    /// `units` in percent.
    pub fn percent(&self, units: u32) -> f64 {
        f64::from(units) * 100.0 / f64::from(self.units.max(1))
    }

    /// The smallest enforceable share, a fraction: a larger floor on its node.
    pub fn smallest_share(&self) -> f64 {
        f64::from(self.smallest) / f64::from(self.units.max(1))
    }

    fn whole_percent(&self, units: u32) -> u32 {
        (u64::from(units) * 100 / u64::from(self.units.max(1))) as u32
    }

    /// Whole units for each wish; their sum is that of the shares (rounded down where the shares leave a part unused).
    ///
    /// # Errors
    /// [`DoesNotFit`] where the smallest shares and guarantees together exceed what there is.
    pub fn round(&self, wishes: &[Wish]) -> Result<Vec<u32>, DoesNotFit> {
        let whole = f64::from(self.units);
        let up = |fraction: f64| (fraction * whole - ROUNDING).ceil().max(0.0) as u32;
        let down = |fraction: f64| (fraction * whole + ROUNDING).floor().max(0.0) as u32;
        let available = down(wishes.iter().map(|wish| wish.share).sum::<f64>()).min(self.units);
        let least: Vec<u32> = wishes.iter().map(|wish| self.smallest.max(up(wish.minimum)).min(self.units)).collect();
        let needed = least.iter().fold(0u32, |sum, least| sum.saturating_add(*least));
        if needed > available {
            return Err(DoesNotFit { needed, available });
        }
        let most: Vec<u32> = wishes.iter().zip(&least).map(|(wish, least)| down(wish.maximum).max(*least)).collect();
        let mut units: Vec<u32> =
            wishes.iter().enumerate().map(|(index, wish)| down(wish.share).clamp(least[index], most[index])).collect();
        let rest = |units: &[u32], index: usize| wishes[index].share * whole - f64::from(units[index]);
        loop {
            let sum: u32 = units.iter().fold(0, |sum, units| sum.saturating_add(*units));
            let all = 0..units.len();
            if sum < available {
                // The largest remainder first; `rev` so that the earliest of equals wins.
                let next = all.rev().filter(|&index| units[index] < most[index]);
                let next = next.max_by(|&a, &b| close_order(rest(&units, a), rest(&units, b)));
                // Everybody is at his cap: the rest stays unassigned.
                let Some(next) = next else { return Ok(units) };
                units[next] += 1;
            } else if sum > available {
                // Those lifted to the smallest share are paid for by who is furthest above his share.
                let next = all.filter(|&index| units[index] > least[index]);
                let next = next.min_by(|&a, &b| close_order(rest(&units, a), rest(&units, b)));
                let Some(next) = next else { return Ok(units) };
                units[next] -= 1;
            } else {
                return Ok(units);
            }
        }
    }
}

/// Remainders that differ by rounding only are equal.
fn close_order(a: f64, b: f64) -> std::cmp::Ordering {
    if (a - b).abs() < ROUNDING { std::cmp::Ordering::Equal } else { a.total_cmp(&b) }
}

/// Resource blocks per group of an LTE carrier (TS 36.213 table 7.1.6.1-1), and the groups inside the edges that
/// OpenAirInterface keeps for the control channel (1, 2 and 3 blocks at 25, 50 and 100).
pub fn block_groups(prbs: u32) -> (u32, u32) {
    let size = match prbs {
        0..=10 => 1,
        11..=26 => 2,
        27..=63 => 3,
        _ => 4,
    };
    let edge = match prbs {
        0..=25 => 1,
        26..=50 => 2,
        _ => 3,
    };
    (size, prbs.saturating_sub(2 * edge) / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wishes(shares: &[f64]) -> Vec<Wish> {
        shares.iter().map(|&share| Wish { share, minimum: 0.0, maximum: 1.0 }).collect()
    }

    #[test]
    fn the_device_s_own_arithmetic_loses_a_block() {
        let grid = Grid::new(GridKind::PercentFloor, 51, 0.0, None);
        let units = grid.round(&wishes(&[0.6, 0.4])).unwrap();
        assert_eq!(units, [60, 40]);
        assert_eq!(units.iter().map(|&units| grid.blocks(units)).collect::<Vec<_>>(), [30, 20]);
    }

    #[test]
    fn the_smallest_enforceable_share_is_one_block() {
        // 4 % of 11 blocks is 0: a lock-out. 10 % is the first that gives one.
        let grid = Grid::new(GridKind::PercentFloor, 11, 0.0, None);
        assert_eq!((grid.blocks(4), grid.smallest, grid.blocks(10)), (0, 10, 1));
        assert_eq!(grid.round(&wishes(&[0.98, 0.02])).unwrap(), [90, 10]);
    }

    #[test]
    fn ties_go_to_the_earlier_tenant() {
        let grid = Grid::new(GridKind::Percent, 0, 0.0, None);
        assert_eq!(grid.round(&wishes(&[1.0 / 3.0; 3])).unwrap(), [34, 33, 33]);
        assert_eq!(grid.round(&wishes(&[0.125; 8])).unwrap(), [13, 13, 13, 13, 12, 12, 12, 12]);
    }

    #[test]
    fn a_coarser_step_is_kept_and_a_finer_one_is_not() {
        assert_eq!(Grid::new(GridKind::Percent, 0, 0.0, Some(0.05)).round(&wishes(&[0.58, 0.42])).unwrap(), [12, 8]);
        assert_eq!(Grid::new(GridKind::Percent, 0, 0.0, Some(0.001)).units, 100);
    }

    #[test]
    fn lte_groups_leave_the_edges_out() {
        assert_eq!([25, 50, 100].map(block_groups), [(2, 11), (3, 15), (4, 23)]);
    }

    #[test]
    fn too_many_smallest_shares_do_not_fit() {
        let grid = Grid::new(GridKind::PercentFloor, 6, 0.0, None);
        assert_eq!(grid.smallest, 17);
        assert_eq!(grid.round(&wishes(&[0.125; 8])), Err(DoesNotFit { needed: 136, available: 100 }));
    }

    proptest! {
        #[test]
        fn sums_are_exact_and_nobody_is_a_unit_away(raw in prop::collection::vec(0.06..1.0f64, 1..8), prbs in 25u32..275) {
            let sum: f64 = raw.iter().sum();
            let shares: Vec<f64> = raw.iter().map(|share| share / sum).collect();
            let grid = Grid::new(GridKind::PercentFloor, prbs, 0.0, None);
            if let Ok(units) = grid.round(&wishes(&shares)) {
                prop_assert_eq!(units.iter().sum::<u32>(), 100);
                let lifted = shares.iter().any(|share| share * 100.0 < f64::from(grid.smallest));
                for (units, share) in units.iter().zip(&shares) {
                    prop_assert!(*units >= grid.smallest);
                    prop_assert!(lifted || (f64::from(*units) - share * 100.0).abs() < 1.0);
                }
            }
        }

        #[test]
        fn guarantees_and_caps_hold_in_units(
            raw in prop::collection::vec((0.1..1.0f64, 0.0..0.9f64, 0.0..1.0f64), 2..6),
        ) {
            let sum: f64 = raw.iter().map(|wish| wish.0).sum();
            let wish = |&(share, low, high): &(f64, f64, f64)| {
                let share = share / sum;
                Wish { share, minimum: share * low, maximum: share + (1.0 - share) * high }
            };
            let wishes: Vec<Wish> = raw.iter().map(wish).collect();
            let grid = Grid::new(GridKind::Percent, 0, 0.0, None);
            if let Ok(units) = grid.round(&wishes) {
                for (units, wish) in units.iter().zip(&wishes) {
                    prop_assert!(f64::from(*units) >= wish.minimum * 100.0 - 1e-4);
                    // A cap may be between two units below the guarantee's next one; the guarantee wins.
                    prop_assert!(f64::from(*units) <= (wish.maximum * 100.0).max((wish.minimum * 100.0).ceil()) + 1e-4);
                }
            }
        }
    }
}
