//! Random instances: a third of the loads full, the others uneven; one node in ten passive; θ = 0.1, floor 4 % or less.

use ranform_optimizers::slicing::matrix::Matrix;
use ranform_optimizers::slicing::{Problem, ProblemParts, Sla};

/// The instance of this size and seed.
pub fn instance(nodes: usize, tenants: usize, seed: u64) -> Problem {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
    let load =
        (0..nodes * tenants).map(|_| if random.next() < 0.33 { 1.0 } else { 0.05 + 0.95 * random.next() }).collect();
    let mut rows = |count: usize| -> Vec<f64> { (0..count).flat_map(|_| random.shares(tenants)).collect() };
    let (previous, observed, sla_share) = (rows(nodes), rows(nodes), rows(1));
    let ewma = sla_share.iter().zip(rows(1)).map(|(share, other)| 0.9 * share + 0.1 * other).collect();
    let epsilon = 0.1;
    Problem::new(ProblemParts {
        nodes: (0..nodes).map(|node| format!("node-{node}")).collect(),
        tenants: (0..tenants).map(|tenant| format!("tenant-{tenant}")).collect(),
        load: Matrix::new(tenants, load),
        previous_share: Matrix::new(tenants, previous),
        floor: vec![0.04; nodes],
        capacity: vec![1.0; nodes],
        passive: (0..nodes).map(|node| node % 10 == 9).collect(),
        observed: Matrix::new(tenants, observed),
        weight: vec![1.0; nodes],
        slas: vec![Sla {
            nodes: (0..nodes).collect(),
            sla_share,
            ewma,
            epsilon,
            gamma: 0.1 * epsilon * epsilon / nodes as f64,
            ..Sla::default()
        }],
        ..ProblemParts::default()
    })
    .expect("the instance is valid")
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn shares(&mut self, count: usize) -> Vec<f64> {
        let raw: Vec<f64> = (0..count).map(|_| 0.05 + self.next()).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|value| value / sum).collect()
    }
}
