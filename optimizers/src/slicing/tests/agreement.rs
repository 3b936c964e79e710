//! Properties over random problems: the strategies agree, brute force agrees, the verification refuses what is wrong.

use proptest::prelude::*;
use ranform_network::NoControl;

use super::support::{decision, distance, random_problem, recipes};
use crate::slicing::normal::{NodeKind, NormalForm};
use crate::slicing::share::enforced_shares;
use crate::slicing::verify::{Claim, verify};
use crate::slicing::{Options, Problem, Strategy, matrix::Matrix, solve};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_strategies_agree(recipe in recipes()) {
        let problem = recipe.problem();
        let structured = decision(&problem, Strategy::Structured);
        let interior = decision(&problem, Strategy::InteriorPoint);
        prop_assert!(distance(structured.consumption.values(), interior.consumption.values()) < 1e-9);
        if let Ok(reference) = solve(&problem, &Options { strategy: Strategy::Reference }, &NoControl) {
            let reference = reference.decision.unwrap();
            prop_assert!(structured.objective <= reference.objective * (1.0 + 1e-9) + 1e-15);
            prop_assert!(distance(structured.consumption.values(), reference.consumption.values()) < 2e-5);
        }
    }

    #[test]
    fn the_objective_is_close_to_its_bound(recipe in recipes()) {
        let problem = recipe.problem();
        let answer = solve(&problem, &Options::default(), &NoControl).unwrap();
        let certificate = answer.certificate;
        prop_assert!(certificate.holds());
        prop_assert!((certificate.objective.unwrap() - certificate.bound.unwrap()).abs() < 1e-11);
    }

    #[test]
    fn shares_of_an_active_node_add_up_to_its_capacity(recipe in recipes()) {
        let problem = recipe.problem();
        let parts = problem.parts();
        let share = decision(&problem, Strategy::Structured).share;
        for (node, row) in share.rows().enumerate().filter(|(node, _)| !parts.passive[*node]) {
            let (sum, whole) = (row.iter().sum::<f64>(), parts.capacity[node]);
            prop_assert!(sum <= whole + 1e-12, "{row:?} {whole}");
            // What a cap cuts off stays unassigned.
            let all_assigned = parts.maximum.is_none() && (0..row.len()).any(|tenant| problem.is_member(node, tenant));
            prop_assert!(!all_assigned || (sum - whole).abs() < 1e-12, "{row:?} {whole}");
        }
    }

    #[test]
    fn small_problems_equal_brute_force(nodes in 1..3usize, tenants in 1..4usize, seed in any::<u64>()) {
        let problem = random_problem(nodes, tenants, seed);
        let form = NormalForm::new(&problem).unwrap();
        let best = brute_force(&form);
        let found = decision(&problem, Strategy::Structured);
        prop_assert!(distance(found.consumption.values(), &best) < 1e-7, "{:?} {best:?}", found.consumption);
    }

    #[test]
    fn the_order_of_nodes_and_tenants_changes_nothing(recipe in recipes()) {
        let problem = recipe.problem();
        let reversed = reverse(&problem);
        let straight = decision(&problem, Strategy::Structured).consumption;
        let mut back = decision(&reversed, Strategy::Structured).consumption.values().to_vec();
        back.reverse();
        prop_assert!(distance(straight.values(), &back) < 1e-9);
    }

    #[test]
    fn the_verification_refuses_what_is_wrong(recipe in recipes(), pick in any::<prop::sample::Index>(), amount in 1e-6..0.1f64) {
        let problem = recipe.problem();
        let form = NormalForm::new(&problem).unwrap();
        let found = decision(&problem, Strategy::Structured);
        let check = |consumption: &Matrix, share: &Matrix| {
            verify(&problem, Claim { consumption, share, area_multiplier: &[], residual_limit: 1e-9 }).holds()
        };
        prop_assert!(check(&found.consumption, &found.share));
        // One pair more: a node's sum is wrong.
        let mut consumption = found.consumption.clone();
        let index = pick.index(consumption.values().len());
        consumption.values_mut()[index] += amount;
        prop_assert!(!check(&consumption, &enforced_shares(&form, consumption.values())));
        // One share more than follows from the consumption.
        let mut share = found.share.clone();
        share.values_mut()[index] += amount;
        prop_assert!(!check(&found.consumption, &share));
        // Moved between two tenants of a contended node: every sum holds, but it is not the best.
        let contended = (0..form.kind.len()).find(|&node| form.kind[node] == NodeKind::Contended);
        if let (Some(node), true) = (contended, problem.tenant_count() > 1) {
            let mut consumption = found.consumption.clone();
            let row = consumption.row_mut(node);
            row[0] += amount;
            row[1] -= amount;
            prop_assert!(!check(&consumption, &enforced_shares(&form, consumption.values())));
        }
    }
}

#[test]
fn many_nodes_give_the_same_with_one_thread_or_many() {
    for (nodes, seed) in [(600, 1), (1500, 2), (5000, 3)] {
        let problem = random_problem(nodes, 4, seed);
        let found = decision(&problem, Strategy::Structured);
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let three = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(alone.install(|| decision(&problem, Strategy::Structured)), found);
        assert_eq!(three.install(|| decision(&problem, Strategy::Structured)), found);
        let interior = decision(&problem, Strategy::InteriorPoint);
        assert!(distance(found.consumption.values(), interior.consumption.values()) < 1e-9);
    }
}

/// The problem with nodes and tenants in the opposite order.
fn reverse(problem: &Problem) -> Problem {
    fn flip<T: Copy>(matrix: &Matrix<T>) -> Matrix<T> {
        Matrix::new(matrix.width(), matrix.values().iter().rev().copied().collect())
    }
    let mut parts = problem.parts().clone();
    let last = parts.nodes.len() - 1;
    parts.nodes.reverse();
    parts.tenants.reverse();
    parts.load = flip(&parts.load);
    parts.previous_share = flip(&parts.previous_share);
    parts.observed = flip(&parts.observed);
    parts.member = parts.member.as_ref().map(flip);
    parts.minimum = parts.minimum.as_ref().map(flip);
    parts.maximum = parts.maximum.as_ref().map(flip);
    parts.floor.reverse();
    parts.capacity.reverse();
    parts.passive.reverse();
    parts.weight.reverse();
    for sla in &mut parts.slas {
        sla.sla_share.reverse();
        sla.ewma.reverse();
        sla.nodes.iter_mut().for_each(|node| *node = last - *node);
    }
    Problem::new(parts).unwrap()
}

/// Enumerates every choice of lower bound, upper bound or free for every pair; solves the linear conditions of the
/// free ones densely; keeps the best that obeys the bounds. At most 3^6 choices.
fn brute_force(form: &NormalForm) -> Vec<f64> {
    let tenants = form.tenants();
    let count = form.lower.len();
    let (hessian, linear) = dense_objective(form);
    let value = |u: &[f64]| -> f64 {
        (0..count).map(|i| u[i] * (linear[i] + 0.5 * (0..count).map(|j| hessian[i][j] * u[j]).sum::<f64>())).sum()
    };
    let mut best: Option<(f64, Vec<f64>)> = None;
    for mut choice in 0..3usize.pow(count as u32) {
        let mut free = Vec::new();
        let mut u = form.lower.clone();
        for (index, value) in u.iter_mut().enumerate() {
            match choice % 3 {
                0 => {}
                1 => *value = form.upper[index],
                _ => free.push(index),
            }
            choice /= 3;
        }
        // Unknowns: the free pairs, then a price per node that has any.
        let nodes: Vec<usize> =
            (0..count / tenants).filter(|node| free.iter().any(|index| index / tenants == *node)).collect();
        let size = free.len() + nodes.len();
        let mut system = vec![vec![0.0; size + 1]; size];
        for (row, &i) in free.iter().enumerate() {
            for (column, &j) in free.iter().enumerate() {
                system[row][column] = hessian[i][j];
            }
            let fixed: f64 = (0..count).filter(|j| !free.contains(j)).map(|j| hessian[i][j] * u[j]).sum();
            system[row][size] = -linear[i] - fixed;
            let node = nodes.iter().position(|node| *node == i / tenants).unwrap();
            system[row][free.len() + node] = 1.0;
            system[free.len() + node][row] = 1.0;
        }
        for (row, &node) in nodes.iter().enumerate() {
            let fixed: f64 = (node * tenants..(node + 1) * tenants).filter(|j| !free.contains(j)).map(|j| u[j]).sum();
            system[free.len() + row][size] = form.total[node] - fixed;
        }
        let Some(solution) = eliminate(system) else { continue };
        free.iter().zip(&solution).for_each(|(&index, &value)| u[index] = value);
        let inside = (0..count).all(|i| u[i] >= form.lower[i] - 1e-9 && u[i] <= form.upper[i] + 1e-9);
        let sums =
            u.chunks_exact(tenants).zip(&form.total).all(|(row, total)| (row.iter().sum::<f64>() - total).abs() < 1e-9);
        if inside && sums && best.as_ref().is_none_or(|(known, _)| value(&u) < *known) {
            best = Some((value(&u), u));
        }
    }
    best.unwrap().1
}

/// Hessian and linear part of the objective, scaled to the order of 1.
fn dense_objective(form: &NormalForm) -> (Vec<Vec<f64>>, Vec<f64>) {
    let tenants = form.tenants();
    let count = form.lower.len();
    let scale = 1.0 / form.slas[0].epsilon.powi(2);
    let (mut hessian, mut linear) = (vec![vec![0.0; count]; count], vec![0.0; count]);
    for i in 0..count {
        let (node, tenant) = (i / tenants, i % tenants);
        for &(sla, k) in form.cover.of(node) {
            let data = &form.slas[sla as usize];
            linear[i] -= scale * 2.0 * k * data.goal[tenant];
            for other in 0..count / tenants {
                for &(_, k_other) in form.cover.of(other).iter().filter(|(covering, _)| *covering == sla) {
                    hessian[i][other * tenants + tenant] += scale * 2.0 * k * k_other;
                }
            }
            let load = form.problem.parts().load.row(node)[tenant];
            if form.lower[i] < form.upper[i] {
                hessian[i][i] += scale * 2.0 * data.gamma / (load * load);
                linear[i] -= scale * 2.0 * data.gamma * data.mean[tenant] / load;
            }
        }
    }
    (hessian, linear)
}

/// Gaussian elimination with row exchange; none where the system is singular.
fn eliminate(mut system: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let size = system.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|&a, &b| system[a][column].abs().total_cmp(&system[b][column].abs()))?;
        if system[pivot][column].abs() < 1e-13 {
            return None;
        }
        system.swap(column, pivot);
        for row in (0..size).filter(|&row| row != column) {
            let factor = system[row][column] / system[column][column];
            let pivot_row = system[column].clone();
            system[row].iter_mut().zip(&pivot_row).for_each(|(entry, pivot)| *entry -= factor * pivot);
        }
    }
    Some((0..size).map(|row| system[row][size] / system[row][row]).collect())
}
