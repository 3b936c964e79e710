//! Placement instances by family, from a seed: section VII-A of RIC-O and beyond.
//!
//! Every family has a cloud (compute node 0,
//! unlimited) and compute nodes of three tiers with the costs, capacities and demands of Table I.

use ranform_optimizers::placement::Problem;
use ranform_optimizers::placement::problem::{Component, E2T, FIRST_XAPP, SDL, Spread};

use super::random::Random;

/// A family of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Latencies drawn anew for every pair, as the authors' code reads section VII-A.
    PaperIid,
    /// Latencies along the tree of tiers, cloud at the root.
    Tree,
    /// Points in a square, latency by distance; the budget decides how many clusters are needed.
    Geographic,
    /// The same with costs drawn per compute node and component.
    Heterogeneous,
    /// Geographic with every cost drawn on its own, by compute node and component.
    Independent,
    /// Geographic, small compute nodes: a chain does not fit on one.
    Capacity,
    /// Geographic, four xApps, one of them heading a chain, one without SDL.
    Chains,
    /// Heterogeneous, capacity and chains together.
    All,
}

fn point(random: &mut Random) -> (i64, i64) {
    (random.below(10_000) as i64, random.below(10_000) as i64)
}

/// An instance of `family`: `budget` is the round trip in units of 0.1 ms (geographic kinds) or 1 ms.
pub fn instance(family: Family, e2_nodes: usize, edge_nodes: usize, budget: i64, seed: u64) -> Problem {
    let mut random = Random::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x5DEE_CE66);
    let nodes = edge_nodes + 1;
    let tiers: Vec<usize> =
        (0..nodes).map(|node| if node == 0 { 0 } else { tier(family, node, &mut random) }).collect();
    let (latency_e2, latency_compute) = match family {
        Family::PaperIid => iid(e2_nodes, nodes, &mut random),
        Family::Tree => tree(e2_nodes, nodes, &mut random),
        _ => geographic(e2_nodes, nodes, &mut random),
    };
    let independent = family == Family::Independent;
    let varied = independent || matches!(family, Family::Heterogeneous | Family::All);
    // Varied costs: dear and cheap nodes (50 to 220 % of tier 3), 15 % of noise per component.
    let dearness: Vec<i64> = tiers.iter().map(|_| 50 + random.below(170) as i64).collect();
    let mut price = |by_tier: [i64; 4]| -> Vec<i64> {
        let of = |node: usize, random: &mut Random| match (tiers[node], varied) {
            (0, _) | (_, false) => by_tier[tiers[node]],
            _ if independent => (by_tier[3] * (50 + random.below(171) as i64) / 100).max(1),
            _ => (by_tier[3] * dearness[node] * (85 + random.below(31) as i64) / 10_000).max(1),
        };
        (0..nodes).map(|node| of(node, &mut random)).collect()
    };
    let fixed_cost = price([0, 10, 20, 30]);
    let chained = matches!(family, Family::Chains | Family::All);
    let component =
        |cost: Vec<i64>, demand: [i64; 3]| Component { cost, demand: demand.to_vec(), ..Component::default() };
    let mut components = vec![
        component(price([2, 4, 8, 16]), [4, 8, 4]),
        component(price([2, 4, 8, 16]), [2, 4, 2]),
        component(price([1, 2, 4, 8]), [2, 4, 1]),
        component(price([1, 2, 4, 8]), [1, 2, 50]),
    ];
    let loops: &[(Option<i64>, bool, &[usize])] = if chained {
        &[
            (Some(budget), false, &[]),
            (Some(budget * 5 / 3), true, &[]),
            (Some(budget * 5 / 2), true, &[3]),
            (None, false, &[]),
        ]
    } else {
        &[(Some(budget), true, &[]), (Some(budget), true, &[])]
    };
    for (loop_budget, uses_sdl, chain) in loops {
        let chain = chain.iter().map(|xapp| xapp + FIRST_XAPP).collect();
        let xapp = component(price([1, 1, 2, 4]), [1, 2, 1]);
        components.push(Component { loop_budget: *loop_budget, uses_sdl: *uses_sdl, chain, ..xapp });
    }
    let small = matches!(family, Family::Capacity | Family::Chains | Family::All);
    let cores = if small { [0, 16, 8, 4] } else { [0, 32, 16, 8] };
    let capacity = tiers.iter().map(|tier| (*tier > 0).then(|| vec![cores[*tier], 2 * cores[*tier], 256])).collect();
    let problem = Problem {
        latency_unit_us: if matches!(family, Family::PaperIid | Family::Tree) { 1000 } else { 100 },
        resources: ["cpu", "memory", "storage"].map(str::to_owned).to_vec(),
        e2_nodes,
        compute_nodes: nodes,
        latency_e2,
        latency_compute,
        fixed_cost,
        capacity,
        components,
        ..Problem::default()
    };
    problem.check().expect("generated instances are well formed");
    problem
}

/// The same instance, each E2 termination serving at most `most` E2 nodes and needing a little more for each.
pub fn limited(mut problem: Problem, most: usize) -> Problem {
    problem.components[E2T].serves_at_most = Some(most);
    // Thousandths of a core and of a gigabyte.
    for amount in problem.capacity.iter_mut().flatten().flatten() {
        *amount *= 1000;
    }
    for amount in problem.components.iter_mut().flat_map(|component| &mut component.demand) {
        *amount *= 1000;
    }
    problem.components[E2T].demand_per_e2 = vec![20, 30, 0];
    problem.check().expect("generated instances are well formed");
    problem
}

/// The same instance on sites of `size` compute nodes each: E2 terminations and SDLs spread over them, with
/// a second E2 termination for every E2 node.
pub fn spread(mut problem: Problem, size: usize) -> Problem {
    let places: Vec<Option<usize>> = (0..problem.compute_nodes).map(|node| (node > 0).then(|| node / size)).collect();
    problem.spreads.push(Spread { component: E2T, places: places.clone(), standby: true });
    problem.spreads.push(Spread { component: SDL, places, standby: false });
    problem.check().expect("generated instances are well formed");
    problem
}

/// From bottom to top in the paper's families; drawn in the others.
fn tier(family: Family, node: usize, random: &mut Random) -> usize {
    match family {
        Family::PaperIid | Family::Tree if node > 507 => 1,
        Family::PaperIid | Family::Tree if node > 487 => 2,
        Family::PaperIid | Family::Tree => 3,
        _ => [1, 2, 2, 2, 3, 3, 3, 3][random.below(8)],
    }
}

fn hop(random: &mut Random) -> i32 {
    [1, 2, 2, 3, 3][random.below(5)]
}

fn iid(e2_nodes: usize, nodes: usize, random: &mut Random) -> (Vec<i32>, Vec<i32>) {
    let mut edge = |to_cloud: bool| if to_cloud { 4 + hop(random) } else { hop(random) };
    let mut e2 = Vec::new();
    for _ in 0..e2_nodes {
        e2.extend((0..nodes).map(|node| edge(node == 0)));
    }
    let mut compute = vec![0; nodes * nodes];
    for a in 0..nodes {
        for b in 0..a {
            let latency = edge(b == 0);
            compute[a * nodes + b] = latency;
            compute[b * nodes + a] = latency;
        }
    }
    (e2, compute)
}

/// 5 tier-1, 20 tier-2 and the rest tier-3 RAN sites; compute node `m` stands at site `m - 1` from the bottom.
fn tree(e2_nodes: usize, nodes: usize, random: &mut Random) -> (Vec<i32>, Vec<i32>) {
    let sites = e2_nodes.max(26);
    // Site 0..5 tier 1, ..25 tier 2, the rest tier 3; each with its parent and the hop to it.
    let up: Vec<(Option<usize>, i32)> = (0..sites)
        .map(|site| match site {
            0..5 => (None, 4),
            5..25 => (Some(random.below(5)), hop(random)),
            _ => (Some(5 + random.below(20)), hop(random)),
        })
        .collect();
    let way = |mut site: usize| {
        let mut steps = vec![(site, 0)];
        let mut sum = 0;
        while let (Some(parent), hop) = up[site] {
            sum += hop;
            steps.push((parent, sum));
            site = parent;
        }
        (steps, sum + up[site].1)
    };
    let between = |a: usize, b: usize| {
        let ((from, from_root), (to, to_root)) = (way(a), way(b));
        let meets =
            from.iter().flat_map(|(x, up)| to.iter().filter(move |(y, _)| x == y).map(move |(_, down)| up + down));
        meets.min().unwrap_or(from_root + to_root)
    };
    let site = |node: usize| sites - node.min(sites);
    let to = |from: usize, node: usize| if node == 0 { way(from).1 } else { between(from, site(node)) };
    let e2 =
        (0..e2_nodes).flat_map(|e2| (0..nodes).map(move |node| (e2, node))).map(|(e2, node)| to(e2, node)).collect();
    let mut compute = vec![0; nodes * nodes];
    for a in 1..nodes {
        for b in 0..nodes {
            compute[a * nodes + b] = to(site(a), b);
            compute[b * nodes + a] = compute[a * nodes + b];
        }
    }
    (e2, compute)
}

fn geographic(e2_nodes: usize, nodes: usize, random: &mut Random) -> (Vec<i32>, Vec<i32>) {
    let computes: Vec<(i64, i64)> =
        (0..nodes).map(|node| if node == 0 { (5_000, 5_000) } else { point(random) }).collect();
    let distance = |a: (i64, i64), b: (i64, i64)| ((a.0 - b.0).pow(2) + (a.1 - b.1).pow(2)).isqrt() as i32 / 100;
    let far = |node: usize| if node == 0 { 42 } else { 2 };
    let mut e2 = Vec::new();
    for _ in 0..e2_nodes {
        let point = point(random);
        e2.extend(computes.iter().enumerate().map(|(node, at)| far(node) + distance(point, *at)));
    }
    let mut compute = vec![0; nodes * nodes];
    for a in 0..nodes {
        for b in (0..nodes).filter(|b| *b != a) {
            compute[a * nodes + b] = far(a.min(b)) + distance(computes[a], computes[b]);
        }
    }
    (e2, compute)
}
