//! Why an SLA's shares cannot be reached, in the lines that stand in the way.
//!
//! Reachability is a question about the intent: load 1 for every member, passive use as stated, before rounding. The
//! removable lines are [`Item`]s; ids are their positions. A target is missed where the nearest shares that the kept
//! items allow are more than half a point away for some tenant. The nearest shares in the sense of least squares also
//! have the least largest distance, because what the nodes allow together is a base polytope inside a box. Fewer items
//! never allow less, so that deleting items one by one ends at a minimal conflict.

use ranform_network::NoControl;

use crate::slicing::matrix::Matrix;
use crate::slicing::round::{Grid, Wish};
use crate::slicing::{Decision, Options, Problem, ProblemParts, Sla, solve};

/// How far a share may be from its target and still count as reached: half a point.
pub const TOLERANCE: f64 = 0.005;
/// Slack of comparisons with [`TOLERANCE`].
const SLACK: f64 = 1e-6;
/// Weight of evenness, so small that the nearest shares are exact to about 1e-7.
const THETA: f64 = 1e-7;

/// How near to the agreed shares a way out leads before they are rounded, where it can.
const EXACT: f64 = 1e-5;
/// The steps of the numbers that a way out names: hundredths of a percent.
const STEPS: f64 = 1e4;

/// How many items outside the conflict are tried for what they cost.
const MOST_LOWERING: usize = 64;

/// A line that can be removed or relaxed.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A passive node, with the use of each tenant that is taken for granted.
    Pin {
        /// The node.
        node: usize,
        /// S uses.
        used: Vec<f64>,
    },
    /// The smallest share of every member of these nodes: a floor, or what a device's grid enforces at least.
    Floor {
        /// The nodes.
        nodes: Vec<usize>,
        /// The share.
        share: f64,
    },
    /// A tenant's guarantee on each of these nodes; over the whole area without any.
    Guarantee {
        /// The tenant.
        tenant: usize,
        /// The nodes.
        nodes: Option<Vec<usize>>,
        /// The share.
        share: f64,
    },
    /// A tenant's cap on each of these nodes; over the whole area without any.
    Cap {
        /// The tenant.
        tenant: usize,
        /// The nodes.
        nodes: Option<Vec<usize>>,
        /// The share.
        share: f64,
    },
}

/// Can these shares be reached on these nodes with these items?
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// S: the agreed shares.
    pub target: Vec<f64>,
    /// A: what each node counts.
    pub weight: Vec<f64>,
    /// A: what each node can give.
    pub capacity: Vec<f64>,
    /// A x S: who is on the node.
    pub member: Matrix<bool>,
    /// A: the grid that each node rounds to, none for exact shares; empty where all are exact.
    pub grids: Vec<Option<Grid>>,
    /// The removable lines.
    pub items: Vec<Item>,
}

/// The answer where a target is missed.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// S: the nearest shares that can be reached; none where the items contradict each other.
    pub best: Option<Vec<f64>>,
    /// The items that, with the SLA, cannot all hold: none of them can be left out of the explanation.
    pub conflict: Vec<usize>,
    /// Whether that was proved: with the conflict alone the target is missed, without any one of it it is reached.
    pub minimal: bool,
    /// Ways out, cheapest first.
    pub relaxations: Vec<Relaxation>,
    /// Items that are not in the conflict but keep the best share down: the item, and the best without it.
    pub lowering: Vec<(usize, Vec<f64>)>,
}

/// One line changed so that the target is reached, on the nodes' grids too.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// The item; none is the SLA itself, whose shares become `shares`.
    pub item: Option<usize>,
    /// The number in the line now: of a pin, the use of the tenant that moves most.
    pub from: f64,
    /// The number that is enough.
    pub to: f64,
    /// The tenant whose number moves, where the line has one per tenant.
    pub tenant: Option<usize>,
    /// What it costs: the distance moved.
    pub moved: f64,
}

/// Explains why the target is missed; none where it is reached.
pub fn explain(question: &Question) -> Option<Explanation> {
    let all = vec![true; question.items.len()];
    let best = question.nearest(&all);
    if best.as_ref().is_some_and(|best| question.reaches(best)) {
        return None;
    }
    let conflict = minimal_conflict(question);
    let minimal = is_minimal_conflict(question, &conflict);
    let lowering = best.as_ref().map_or(Vec::new(), |best| lowering_items(question, best, &conflict));
    let mut relaxations = Vec::new();
    if let Some(best) = &best {
        relaxations.extend(conflict.iter().filter_map(|&item| relax_item(question, best, item)));
        relaxations.extend(relax_target(question, best));
    }
    relaxations.sort_by(|a, b| a.moved.total_cmp(&b.moved));
    Some(Explanation { best, conflict, minimal, relaxations, lowering })
}

impl Question {
    /// The shares nearest to the target that the kept items allow; none where they contradict each other.
    pub fn nearest(&self, keep: &[bool]) -> Option<Vec<f64>> {
        let kept: Vec<&Item> = self.items.iter().zip(keep).filter(|(_, keep)| **keep).map(|(item, _)| item).collect();
        self.nearest_with(&kept)
    }

    /// Whether these shares are the target, give or take half a point.
    pub fn reaches(&self, shares: &[f64]) -> bool {
        self.target.iter().zip(shares).all(|(target, share)| (target - share).abs() <= TOLERANCE + SLACK)
    }

    /// How far the nearest shares are from the target for the tenant that is furthest away.
    fn misses_by(&self, items: &[&Item]) -> f64 {
        let miss = |shares: Vec<f64>| {
            self.target.iter().zip(shares).map(|(target, share)| (target - share).abs()).fold(0.0, f64::max)
        };
        self.nearest_with(items).map_or(f64::INFINITY, miss)
    }

    /// Every item, one of them changed.
    fn with<'i>(&'i self, item: usize, changed: &'i Item) -> Vec<&'i Item> {
        self.items.iter().enumerate().map(|(other, kept)| if other == item { changed } else { kept }).collect()
    }

    fn nearest_with(&self, items: &[&Item]) -> Option<Vec<f64>> {
        let (_, decision) = self.solved(items)?;
        Some(self.mean(decision.consumption.rows()))
    }

    fn solved(&self, items: &[&Item]) -> Option<(Problem, Decision)> {
        let problem = Problem::new(self.parts(items)).ok()?;
        let decision = solve(&problem, &Options::default(), &NoControl).ok()?.decision?;
        Some((problem, decision))
    }

    /// The weighted mean of a row per node.
    fn mean<'r>(&self, rows: impl Iterator<Item = &'r [f64]>) -> Vec<f64> {
        let sum: f64 = self.weight.iter().sum();
        let mut shares = vec![0.0; self.target.len()];
        for (row, weight) in rows.zip(&self.weight) {
            shares.iter_mut().zip(row).for_each(|(share, used)| *share += weight / sum * used);
        }
        shares
    }

    /// Whether the shares that the nodes enforce in whole units of their grids are the target, give or take half a
    /// point, or half a unit where units are larger.
    fn holds_on_grid(&self, items: &[&Item]) -> bool {
        let Some((problem, decision)) = self.solved(items) else { return false };
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(self.weight.len());
        let mut coarsest = TOLERANCE;
        for node in 0..self.weight.len() {
            let grid = self.grids.get(node).copied().flatten().filter(|_| !problem.parts().passive[node]);
            let Some(grid) = grid else {
                rows.push(decision.consumption.row(node).to_vec());
                continue;
            };
            let Some(row) = on_grid(&problem, node, &grid, decision.share.row(node)) else { return false };
            coarsest = coarsest.max(0.5 / f64::from(grid.units.max(1)));
            rows.push(row);
        }
        let shares = self.mean(rows.iter().map(Vec::as_slice));
        self.target.iter().zip(&shares).all(|(target, share)| (target - share).abs() <= coarsest + SLACK)
    }

    /// The slicing problem whose answer is the nearest shares: ε = 1, so that nothing but this area counts.
    pub(crate) fn parts(&self, items: &[&Item]) -> ProblemParts {
        let (nodes, tenants) = (self.weight.len(), self.target.len());
        let mut parts = ProblemParts {
            nodes: vec![String::new(); nodes],
            tenants: vec![String::new(); tenants],
            load: Matrix::filled(nodes, tenants, 1.0),
            previous_share: Matrix::filled(nodes, tenants, 0.0),
            floor: vec![0.0; nodes],
            capacity: self.capacity.clone(),
            passive: vec![false; nodes],
            observed: Matrix::filled(nodes, tenants, 0.0),
            member: Some(self.member.clone()),
            minimum: None,
            maximum: None,
            weight: self.weight.clone(),
            slas: vec![Sla {
                nodes: (0..nodes).collect(),
                sla_share: self.target.clone(),
                ewma: vec![0.0; tenants],
                epsilon: 1.0,
                gamma: THETA / nodes.max(1) as f64,
                area_minimum: None,
                area_maximum: None,
            }],
        };
        (0..nodes).for_each(|node| parts.previous_share.row_mut(node).copy_from_slice(&self.target));
        items.iter().for_each(|item| apply(item, &mut parts));
        self.items.iter().for_each(|item| admit_pin(item, &mut parts));
        parts
    }
}

/// The shares of a node in whole units of its grid; none where they do not fit it.
fn on_grid(problem: &Problem, node: usize, grid: &Grid, shares: &[f64]) -> Option<Vec<f64>> {
    let parts = problem.parts();
    let members: Vec<usize> = (0..shares.len()).filter(|&tenant| problem.is_member(node, tenant)).collect();
    let wish = |&tenant: &usize| Wish {
        share: shares[tenant],
        minimum: parts.minimum.as_ref().map_or(0.0, |minimum| minimum.row(node)[tenant]),
        maximum: parts.maximum.as_ref().map_or(1.0, |maximum| maximum.row(node)[tenant]),
    };
    let units = grid.round(&members.iter().map(wish).collect::<Vec<_>>()).ok()?;
    let mut row = vec![0.0; shares.len()];
    members.iter().zip(units).for_each(|(&tenant, units)| row[tenant] = grid.percent(units) / 100.0);
    Some(row)
}

/// Bounds on a passive node reach as far as its use, with its pin or without: nothing can be asked of the node while it
/// is passive, and a bound that woke up when the pin is taken out would make fewer lines allow less.
fn admit_pin(item: &Item, parts: &mut ProblemParts) {
    let Item::Pin { node, used } = item else { return };
    let member = |tenant: usize| parts.member.as_ref().is_none_or(|member| member.row(*node)[tenant]);
    let least = (0..used.len()).filter(|&tenant| member(tenant)).map(|tenant| used[tenant]).fold(1.0, f64::min);
    parts.floor[*node] = parts.floor[*node].min(least);
    if let Some(minimum) = &mut parts.minimum {
        minimum.row_mut(*node).iter_mut().zip(used).for_each(|(minimum, used)| *minimum = minimum.min(*used));
    }
    if let Some(maximum) = &mut parts.maximum {
        maximum.row_mut(*node).iter_mut().zip(used).for_each(|(maximum, used)| *maximum = maximum.max(*used));
    }
}

/// Writes one item into the numbers.
fn apply(item: &Item, parts: &mut ProblemParts) {
    let (nodes, tenants) = (parts.nodes.len(), parts.tenants.len());
    match item {
        Item::Pin { node, used } => {
            parts.passive[*node] = true;
            parts.observed.row_mut(*node).copy_from_slice(used);
        }
        Item::Floor { nodes, share } => {
            nodes.iter().for_each(|&node| parts.floor[node] = parts.floor[node].max(*share))
        }
        Item::Guarantee { tenant, nodes: Some(on), share } => {
            let minimum = parts.minimum.get_or_insert_with(|| Matrix::filled(nodes, tenants, 0.0));
            let member = |node: usize| parts.member.as_ref().is_none_or(|member| member.row(node)[*tenant]);
            for &node in on.iter().filter(|&&node| member(node)) {
                let value = &mut minimum.row_mut(node)[*tenant];
                *value = value.max(*share);
            }
        }
        Item::Cap { tenant, nodes: Some(on), share } => {
            let maximum = parts.maximum.get_or_insert_with(|| Matrix::filled(nodes, tenants, 1.0));
            for &node in on {
                let value = &mut maximum.row_mut(node)[*tenant];
                *value = value.min(*share);
            }
        }
        Item::Guarantee { tenant, nodes: None, share } => {
            let minimum = parts.slas[0].area_minimum.get_or_insert_with(|| vec![0.0; tenants]);
            minimum[*tenant] = minimum[*tenant].max(*share);
        }
        Item::Cap { tenant, nodes: None, share } => {
            let maximum = parts.slas[0].area_maximum.get_or_insert_with(|| vec![1.0; tenants]);
            maximum[*tenant] = maximum[*tenant].min(*share);
        }
    }
}

/// Deletion filter: what can go while the target stays missed is no part of the explanation. Whole blocks are tried
/// first, so that a few lines among thousands are found in a few dozen answers.
fn minimal_conflict(question: &Question) -> Vec<usize> {
    let mut keep = vec![true; question.items.len()];
    if !keep.is_empty() {
        delete_block(question, &mut keep, 0, question.items.len());
    }
    (0..keep.len()).filter(|&item| keep[item]).collect()
}

fn delete_block(question: &Question, keep: &mut [bool], start: usize, end: usize) {
    keep[start..end].fill(false);
    if !question.nearest(keep).is_some_and(|shares| question.reaches(&shares)) {
        return;
    }
    keep[start..end].fill(true);
    if end - start > 1 {
        let middle = start + (end - start) / 2;
        delete_block(question, keep, start, middle);
        delete_block(question, keep, middle, end);
    }
}

/// Whether the target is missed with `conflict` alone, and reached without any one of it.
pub fn is_minimal_conflict(question: &Question, conflict: &[usize]) -> bool {
    let keep_all_but = |left_out: Option<usize>| -> Vec<bool> {
        (0..question.items.len()).map(|item| conflict.contains(&item) && Some(item) != left_out).collect()
    };
    let reached = |keep: Vec<bool>| question.nearest(&keep).is_some_and(|shares| question.reaches(&shares));
    !reached(keep_all_but(None)) && conflict.iter().all(|&item| reached(keep_all_but(Some(item))))
}

/// Items outside the conflict whose removal brings the nearest shares nearer.
fn lowering_items(question: &Question, best: &[f64], conflict: &[usize]) -> Vec<(usize, Vec<f64>)> {
    let miss = |shares: &[f64]| -> f64 {
        question.target.iter().zip(shares).map(|(target, share)| (target - share).abs()).fold(0.0, f64::max)
    };
    (0..question.items.len())
        .filter(|item| !conflict.contains(item))
        .take(MOST_LOWERING)
        .filter_map(|item| {
            let keep: Vec<bool> = (0..question.items.len()).map(|other| other != item).collect();
            let without = question.nearest(&keep)?;
            (miss(&without) < miss(best) - 1e-5).then_some((item, without))
        })
        .collect()
}

/// The least change of one item with which the shares agreed are reached while every other line stays: exactly where
/// that can be, else within the tolerance. None where the nodes' grids do not let it hold.
fn relax_item(question: &Question, best: &[f64], item: usize) -> Option<Relaxation> {
    let lacking: Vec<f64> = question.target.iter().zip(best).map(|(target, best)| target - best).collect();
    let changed = |part: f64| towards_nothing(question, &question.items[item], &lacking, part);
    [EXACT, TOLERANCE + SLACK].into_iter().find_map(|limit| {
        let reached = |part: f64| question.misses_by(&question.with(item, &changed(part))) <= limit;
        if !reached(1.0) {
            return None;
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..20 {
            let middle = 0.5 * (low + high);
            if reached(middle) { high = middle } else { low = middle }
        }
        let written = as_written(&changed(high));
        if !question.holds_on_grid(&question.with(item, &written)) {
            return None;
        }
        let (from, to, tenant) = difference(&question.items[item], &written);
        Some(Relaxation { item: Some(item), from, to, tenant, moved: (to - from).abs() })
    })
}

/// The item with a number that a person writes, on the safe side of it.
fn as_written(item: &Item) -> Item {
    let near = |share: f64, otherwise: fn(f64) -> f64| {
        let steps = share * STEPS;
        let whole = if (steps - steps.round()).abs() < 0.1 { steps.round() } else { otherwise(steps) };
        (whole / STEPS).clamp(0.0, 1.0)
    };
    let mut item = item.clone();
    match &mut item {
        Item::Pin { .. } => {}
        Item::Floor { share, .. } | Item::Guarantee { share, .. } => *share = near(*share, f64::floor),
        Item::Cap { share, .. } => *share = near(*share, f64::ceil),
    }
    item
}

/// `item`, moved by `part` (0..=1) of the way to saying nothing: floors and guarantees to 0, caps to 1, a pin to where
/// its node alone makes up for what the area lacks.
fn towards_nothing(question: &Question, item: &Item, lacking: &[f64], part: f64) -> Item {
    let blend = |from: f64, to: f64| from + (to - from) * part;
    match item {
        Item::Pin { node, used } => {
            let scale = question.weight.iter().sum::<f64>() / question.weight[*node].max(f64::MIN_POSITIVE);
            let wanted: Vec<f64> =
                used.iter().zip(lacking).map(|(used, lacking)| (used + scale * lacking).clamp(0.0, 1.0)).collect();
            let (before, after) = (used.iter().sum::<f64>(), wanted.iter().sum::<f64>());
            let keep_sum = if after > 0.0 { before / after } else { 0.0 };
            let moved = used.iter().zip(&wanted).map(|(used, wanted)| blend(*used, (wanted * keep_sum).min(1.0)));
            Item::Pin { node: *node, used: moved.collect() }
        }
        Item::Floor { nodes, share } => Item::Floor { nodes: nodes.clone(), share: blend(*share, 0.0) },
        Item::Guarantee { tenant, nodes, share } => {
            Item::Guarantee { tenant: *tenant, nodes: nodes.clone(), share: blend(*share, 0.0) }
        }
        Item::Cap { tenant, nodes, share } => {
            Item::Cap { tenant: *tenant, nodes: nodes.clone(), share: blend(*share, 1.0) }
        }
    }
}

/// The number that changed, and whose it is.
fn difference(before: &Item, after: &Item) -> (f64, f64, Option<usize>) {
    match (before, after) {
        (Item::Pin { used: before, .. }, Item::Pin { used: after, .. }) => {
            let changes = before.iter().zip(after).enumerate();
            let most = changes.max_by(|(_, (a, b)), (_, (c, d))| (*b - *a).total_cmp(&(*d - *c)));
            most.map_or((0.0, 0.0, None), |(tenant, (before, after))| (*before, *after, Some(tenant)))
        }
        (Item::Floor { share: before, .. }, Item::Floor { share: after, .. })
        | (Item::Guarantee { share: before, .. }, Item::Guarantee { share: after, .. })
        | (Item::Cap { share: before, .. }, Item::Cap { share: after, .. }) => (*before, *after, None),
        _ => (0.0, 0.0, None),
    }
}

/// The SLA asks for what can be had, where the nodes' grids let that hold.
fn relax_target(question: &Question, best: &[f64]) -> Option<Relaxation> {
    let asked = Question { target: best.to_vec(), ..question.clone() };
    if !asked.holds_on_grid(&asked.items.iter().collect::<Vec<_>>()) {
        return None;
    }
    let mut worst = (0, 0.0f64);
    for (tenant, (target, share)) in question.target.iter().zip(best).enumerate() {
        if (target - share).abs() > worst.1 + SLACK {
            worst = (tenant, (target - share).abs());
        }
    }
    let (from, to) = (question.target.get(worst.0).copied().unwrap_or(0.0), best.get(worst.0).copied().unwrap_or(0.0));
    Some(Relaxation { item: None, from, to, tenant: Some(worst.0), moved: worst.1 })
}
