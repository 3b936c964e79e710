//! Shared by the tests: problems from files and from random numbers.

use proptest::prelude::{Strategy as Strategy_, any};
use ranform_network::NoControl;

use crate::slicing::document::ProblemDocument;
use crate::slicing::matrix::Matrix;
use crate::slicing::{Answer, Decision, Options, Problem, ProblemParts, Sla, Strategy, solve};

/// The cases of tests/cases/slicing: name, problem, optimum.
pub fn cases() -> Vec<(String, Problem, serde_json::Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/slicing");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: std::path::PathBuf| {
        let mut case: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let document: ProblemDocument = serde_json::from_value(case["problem"].take()).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), document.problem().unwrap(), case["optimum"].take())
    };
    paths.into_iter().map(read).collect()
}

/// Solves and verifies with one strategy.
pub fn answer(problem: &Problem, strategy: Strategy) -> Answer {
    solve(problem, &Options { strategy }, &NoControl).unwrap_or_else(|error| panic!("{strategy:?}: {error}"))
}

/// The decision of a problem that has one.
pub fn decision(problem: &Problem, strategy: Strategy) -> Decision {
    answer(problem, strategy).decision.unwrap()
}

/// The largest difference of two equally long lists.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Rows of a JSON table, flat.
pub fn flat(rows: &serde_json::Value) -> Vec<f64> {
    rows.as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|value| value.as_f64().unwrap())
        .collect()
}

/// A random problem in three numbers: nodes, tenants, seed.
#[derive(Clone, Copy, Debug)]
pub struct Recipe(pub usize, pub usize, pub u64);

impl Recipe {
    /// The problem.
    pub fn problem(self) -> Problem {
        random_problem(self.0, self.1, self.2)
    }
}

/// Random problems with every option: members, guarantees, caps, weights, passive nodes, overlapping SLAs.
pub fn recipes() -> impl Strategy_<Value = Recipe> {
    (1..7usize, 1..5usize, any::<u64>()).prop_map(|(nodes, tenants, seed)| Recipe(nodes, tenants, seed))
}

/// A small generator of random numbers, so that a problem is one seed.
pub struct Random(u64);

impl Random {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// The next number in 0..1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether an event of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.next() < probability
    }

    /// `count` numbers that add up to 1.
    pub fn shares(&mut self, count: usize) -> Vec<f64> {
        let raw: Vec<f64> = (0..count).map(|_| 0.05 + self.next()).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|value| value / sum).collect()
    }
}

/// A random problem that has an answer (guarantees and caps leave room on every node; no area rows).
pub fn random_problem(nodes: usize, tenants: usize, seed: u64) -> Problem {
    let random = &mut Random::new(seed);
    let matrix = |value: &mut dyn FnMut() -> f64| Matrix::new(tenants, (0..nodes * tenants).map(|_| value()).collect());
    let load = matrix(&mut || match (random.next() * 6.0) as u8 {
        0 => 0.0,
        1 | 2 => 1.0,
        _ => random.next(),
    });
    let previous_share = Matrix::from_rows(&(0..nodes).map(|_| random.shares(tenants)).collect::<Vec<_>>());
    let observed = Matrix::from_rows(&(0..nodes).map(|_| random.shares(tenants)).collect::<Vec<_>>());
    let member =
        random.chance(0.4).then(|| Matrix::new(tenants, (0..nodes * tenants).map(|_| random.chance(0.7)).collect()));
    let minimum = random
        .chance(0.4)
        .then(|| matrix(&mut || if random.chance(0.3) { random.next() * 0.3 / tenants as f64 } else { 0.0 }));
    let maximum =
        random.chance(0.4).then(|| matrix(&mut || if random.chance(0.3) { 0.5 + 0.5 * random.next() } else { 1.0 }));
    let weight = if random.chance(0.4) { (0..nodes).map(|_| 0.1 + random.next()).collect() } else { vec![1.0; nodes] };
    Problem::new(ProblemParts {
        nodes: (0..nodes).map(|node| format!("node-{node}")).collect(),
        tenants: (0..tenants).map(|tenant| format!("tenant-{tenant}")).collect(),
        load,
        previous_share,
        floor: (0..nodes).map(|_| 0.1 * random.next()).collect(),
        capacity: (0..nodes).map(|_| if random.chance(0.7) { 1.0 } else { 0.5 + 0.5 * random.next() }).collect(),
        passive: (0..nodes).map(|_| random.chance(0.2)).collect(),
        observed,
        member,
        minimum,
        maximum,
        weight,
        slas: random_slas(nodes, tenants, random),
    })
    .unwrap()
}

fn random_slas(nodes: usize, tenants: usize, random: &mut Random) -> Vec<Sla> {
    let count = if nodes > 1 && random.chance(0.4) { 2 } else { 1 };
    (0..count)
        .map(|index| {
            // Two areas that overlap in the middle, or do not.
            let overlap = usize::from(random.chance(0.7));
            let area: Vec<usize> = match (count, index) {
                (1, _) => (0..nodes).collect(),
                (_, 0) => (0..(nodes / 2 + overlap).min(nodes)).collect(),
                _ => (nodes / 2..nodes).collect(),
            };
            let epsilon = if random.chance(0.5) { 0.1 } else { 0.05 + 0.95 * random.next() };
            let theta = 10f64.powf(-4.0 * random.next());
            Sla {
                gamma: theta * epsilon * epsilon / area.len() as f64,
                nodes: area,
                sla_share: random.shares(tenants),
                ewma: random.shares(tenants),
                epsilon,
                area_minimum: None,
                area_maximum: None,
            }
        })
        .collect()
}
