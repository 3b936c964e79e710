//! Stage A: a relaxation that is a set cover, and often the answer.
//!
//! Per slot in a loop, each E2 node left needs one open instance among those that can serve it in some
//! way; that the instances must also be near each other is dropped. Slots with the same reach and
//! proportional costs open together without loss, so they become one group. Compute nodes that
//! another one beats everywhere are dropped. It is used where all looped slots fit on every node
//! together; then capacity can be left out, and co-location often makes the answer feasible.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::loops::Loops;
use super::master::{add_moves, add_spreads, free_places};
use super::problem::{E2T, Problem};
use super::reach::Reach;
use crate::highs_model::Model;

/// The relaxation with what its columns mean.
pub struct Relaxation {
    /// The program, costs in units of `unit`.
    pub model: Model,
    /// The greatest common divisor of all costs.
    pub unit: i64,
    /// Per column that opens something: slots and compute node.
    opens: Vec<(usize, Vec<usize>, usize)>,
    /// Per kept compute node, its `used` column.
    used: Vec<(usize, usize)>,
}

struct Group {
    slots: Vec<usize>,
    /// Compute nodes that can serve, per row.
    needs: Vec<Bits>,
    cost: Vec<i64>,
}

/// Whether nothing limits whom instances serve, which of them run together, or how many start.
pub fn is_plain(problem: &Problem) -> bool {
    !problem.is_assigned() && problem.spreads.is_empty() && problem.moves_allowed().is_none()
}

/// Whether all looped slots fit together on every compute node where any of them may be.
pub fn is_loose(loops: &Loops<'_>) -> bool {
    let problem = loops.problem;
    if !is_plain(problem) {
        return false;
    }
    let looped = loops.looped_slots();
    problem.capacity.iter().flatten().all(|capacity| {
        let demand =
            |resource: usize| looped.iter().map(|slot| problem.components[*slot].demand[resource]).sum::<i64>();
        capacity.iter().enumerate().all(|(resource, most)| demand(resource) <= *most)
    })
}

/// Builds the relaxation. It bounds the cost from below in any case, since all that it leaves out are
/// conditions; its answer is often feasible only where [`is_loose`] holds.
pub fn relax(loops: &Loops<'_>, reach: &Reach) -> Relaxation {
    let problem = loops.problem;
    let groups = groups(loops, reach);
    let kept = undominated(problem, &groups);
    let unit = cost_unit(problem);
    let mut model = Model::default();
    let column_cost = |cost: i64| (cost / unit) as f64;
    let used: Vec<(usize, usize)> =
        kept.iter().map(|node| (*node, model.binary(column_cost(problem.fixed_cost[*node])))).collect();
    let mut opens = Vec::new();
    for group in &groups {
        let mut columns = vec![usize::MAX; problem.compute_nodes];
        for &(node, used) in &used {
            if !group.needs.iter().any(|need| need.contains(node)) {
                continue;
            }
            let column = model.binary(column_cost(group.cost[node]));
            columns[node] = column;
            opens.push((column, group.slots.clone(), node));
            model.row(0.0, f64::INFINITY, [(used, 1.0), (column, -1.0)]);
        }
        for need in minimal(&group.needs, &kept) {
            let terms = need.into_iter().filter(|node| columns[*node] != usize::MAX).map(|node| (columns[node], 1.0));
            model.row(1.0, f64::INFINITY, terms);
        }
    }
    Relaxation { model, unit, opens, used }
}

/// The same slot by slot and on every compute node, with capacity, spread and moves: for problems that are not
/// plain, where an instance beside another is not for nothing and no compute node stands for another.
pub fn by_slot(loops: &Loops<'_>, reach: &Reach) -> Relaxation {
    let problem = loops.problem;
    let unit = cost_unit(problem);
    let mut model = Model::default();
    let column_cost = |cost: i64| (cost / unit) as f64;
    let used: Vec<(usize, usize)> =
        problem.fixed_cost.iter().enumerate().map(|(node, cost)| (node, model.binary(column_cost(*cost)))).collect();
    let (mut opens, mut open) = (Vec::new(), Vec::new());
    for slot in 0..problem.components.len() {
        let needs = needs_of(loops, reach, slot);
        let mut columns = vec![None; problem.compute_nodes];
        for &(node, used) in used.iter().filter(|(node, _)| needs.iter().any(|need| need.contains(*node))) {
            let column = model.binary(column_cost(problem.instance_cost(slot, node)));
            columns[node] = Some(column);
            opens.push((column, vec![slot], node));
            model.row(0.0, f64::INFINITY, [(used, 1.0), (column, -1.0)]);
        }
        let count = |at: usize| if slot == E2T { reach.rows[at].need.count() } else { 1 };
        let mut rows: BTreeMap<Bits, usize> = BTreeMap::new();
        for (at, need) in needs.into_iter().enumerate() {
            let least = rows.entry(need).or_default();
            *least = (*least).max(count(at));
        }
        for (need, least) in rows {
            let terms = need.iter().filter_map(|node| Some((columns[node]?, 1.0)));
            model.row(least as f64, f64::INFINITY, terms.collect::<Vec<_>>());
        }
        open.push(columns);
    }
    add_capacities(&mut model, &open, &used, problem);
    add_spreads(&mut model, &open, problem);
    add_moves(&mut model, &open, problem);
    Relaxation { model, unit, opens, used }
}

/// What is open on a compute node fits there; what instances need for each E2 node is left out.
fn add_capacities(model: &mut Model, open: &[Vec<Option<usize>>], used: &[(usize, usize)], problem: &Problem) {
    for &(node, used) in used {
        for (resource, most) in problem.capacity[node].iter().flatten().enumerate() {
            let scale = (*most).max(1) as f64;
            let demand = |slot: usize| problem.components[slot].demand[resource] as f64 / scale;
            let terms = open.iter().enumerate().filter_map(|(slot, columns)| Some((columns[node]?, demand(slot))));
            let terms: Vec<(usize, f64)> = terms.filter(|(_, demand)| *demand > 0.0).collect();
            model.row(f64::NEG_INFINITY, 0.0, terms.into_iter().chain([(used, -(*most as f64) / scale)]));
        }
    }
}

impl Relaxation {
    /// The columns that open this slot, by compute node.
    pub fn columns_of(&self, slot: usize, nodes: usize) -> Vec<Option<usize>> {
        let mut columns = vec![None; nodes];
        for (column, slots, node) in &self.opens {
            if slots.contains(&slot) {
                columns[*node] = Some(*column);
            }
        }
        columns
    }

    /// The instances that a solution opens.
    pub fn instances(&self, columns: &[f64]) -> Vec<(usize, usize)> {
        let chosen = self.opens.iter().filter(|(column, ..)| columns[*column] > 0.5);
        chosen.flat_map(|(_, slots, node)| slots.iter().map(|slot| (*slot, *node))).collect()
    }

    /// Column values for given instances, if the relaxation can express them.
    pub fn start(&self, is_open: impl Fn(usize, usize) -> bool) -> Vec<f64> {
        let mut columns = vec![0.0; self.model.columns()];
        for (column, slots, node) in &self.opens {
            if slots.iter().any(|slot| is_open(*slot, *node)) {
                columns[*column] = 1.0;
                for (_, used) in self.used.iter().filter(|(kept, _)| kept == node) {
                    columns[*used] = 1.0;
                }
            }
        }
        columns
    }
}

fn groups(loops: &Loops<'_>, reach: &Reach) -> Vec<Group> {
    let problem = loops.problem;
    let mut groups: Vec<Group> = Vec::new();
    for slot in 0..problem.components.len() {
        let cost: Vec<i64> = (0..problem.compute_nodes).map(|node| problem.instance_cost(slot, node)).collect();
        // Slots with the same radii have the same needs: as good as always all xApps that read the database.
        let has_same_radii = |group: &&Group| {
            let other = group.slots[0];
            loops.is_looped(slot)
                && loops.is_looped(other)
                && reach.radii.iter().all(|radii| radii.with[slot] == radii.with[other])
        };
        let known = groups.iter().find(has_same_radii).map(|group| group.needs.clone());
        let needs = known.unwrap_or_else(|| needs_of(loops, reach, slot));
        if !loops.is_looped(slot) {
            groups.push(Group { slots: vec![slot], needs, cost });
            continue;
        }
        let alike = groups.iter_mut().find(|group| {
            loops.is_looped(group.slots[0]) && group.needs == needs && are_proportional(&group.cost, &cost, &needs)
        });
        match alike {
            Some(group) => {
                group.slots.push(slot);
                for (sum, more) in group.cost.iter_mut().zip(&cost) {
                    *sum += more;
                }
            }
            None => groups.push(Group { slots: vec![slot], needs, cost }),
        }
    }
    groups
}

/// The places that can serve, row by row: rows of `reach` for slots in loops, classes of E2 nodes for others.
fn needs_of(loops: &Loops<'_>, reach: &Reach, slot: usize) -> Vec<Bits> {
    let problem = loops.problem;
    if loops.is_looped(slot) {
        return reach.of_slot(loops, slot);
    }
    let fits = |node: usize| {
        let demand = &problem.components[slot].demand;
        problem.capacity[node].as_ref().is_none_or(|most| most.iter().zip(demand).all(|(most, need)| need <= most))
    };
    let useful = free_places(loops, slot);
    let needs = loops.classes.iter().map(|class| {
        let place = |node: usize| class.allowed[slot][node] && useful[node] && fits(node);
        Bits::from_flags((0..problem.compute_nodes).map(place))
    });
    needs.collect()
}

fn are_proportional(a: &[i64], b: &[i64], needs: &[Bits]) -> bool {
    let relevant: Vec<usize> = (0..a.len()).filter(|node| needs.iter().any(|need| need.contains(*node))).collect();
    let Some(&first) = relevant.iter().find(|node| a[**node] != 0 || b[**node] != 0) else { return true };
    relevant
        .iter()
        .all(|node| i128::from(a[*node]) * i128::from(b[first]) == i128::from(b[*node]) * i128::from(a[first]))
}

/// Compute nodes that no other beats: serving as much in every group, at no more cost.
fn undominated(problem: &Problem, groups: &[Group]) -> Vec<usize> {
    let nodes = problem.compute_nodes;
    // Per node, per group: the rows it can serve.
    let serves: Vec<Vec<Bits>> = (0..nodes)
        .map(|node| {
            groups.iter().map(|group| Bits::from_flags(group.needs.iter().map(|need| need.contains(node)))).collect()
        })
        .collect();
    let beats = |strong: usize, weak: usize| {
        problem.fixed_cost[strong] <= problem.fixed_cost[weak]
            && groups.iter().zip(&serves[weak]).zip(&serves[strong]).all(|((group, weak_rows), strong_rows)| {
                weak_rows.is_empty() || group.cost[strong] <= group.cost[weak] && weak_rows.is_subset(strong_rows)
            })
    };
    let useful = (0..nodes).filter(|node| serves[*node].iter().any(|rows| !rows.is_empty()));
    useful
        .filter(|weak| {
            !(0..nodes)
                .any(|strong| strong != *weak && beats(strong, *weak) && (strong < *weak || !beats(*weak, strong)))
        })
        .collect()
}

/// The rows that no other row of the group implies, as lists of kept nodes.
fn minimal(needs: &[Bits], kept: &[usize]) -> Vec<Vec<usize>> {
    let mut rows: Vec<(usize, Bits, Vec<usize>)> = needs
        .iter()
        .map(|need| {
            let bits = Bits::from_flags(kept.iter().map(|node| need.contains(*node)));
            let nodes: Vec<usize> = kept.iter().copied().filter(|node| need.contains(*node)).collect();
            (nodes.len(), bits, nodes)
        })
        .collect();
    rows.sort();
    let mut minimal: Vec<(Bits, Vec<usize>)> = Vec::new();
    for (_, bits, nodes) in rows {
        if !minimal.iter().any(|(strict, _)| strict.is_subset(&bits)) {
            minimal.push((bits, nodes));
        }
    }
    minimal.into_iter().map(|(_, nodes)| nodes).collect()
}

/// The greatest common divisor of all costs, at least 1: bounds round up to its multiples.
pub fn cost_unit(problem: &Problem) -> i64 {
    let instances = problem.components.iter().flat_map(|component| component.cost.iter().copied());
    let all = instances.chain(problem.fixed_cost.iter().copied()).chain([problem.move_cost]);
    all.fold(0, gcd).max(1)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
