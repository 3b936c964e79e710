//! Explanations: the two cases of the testbed, and minimality against all subsets.

use proptest::prelude::*;

use ranform_network::profile::GridKind;

use super::support::{Random, distance};
use crate::slicing::explain::{Item, Question, explain, is_minimal_conflict};
use crate::slicing::matrix::Matrix;
use crate::slicing::round::Grid;

/// Items of the testbed, as the tests name them.
const PIN: usize = 0;
const FLOOR: usize = 1;

/// COSMO's testbed: the first of three nodes pinned at 50/50, floor 4 % on the other two.
fn testbed(red: f64) -> Question {
    Question {
        target: vec![red, 1.0 - red],
        weight: vec![1.0; 3],
        capacity: vec![1.0; 3],
        member: Matrix::filled(3, 2, true),
        grids: Vec::new(),
        items: vec![Item::Pin { node: 0, used: vec![0.5, 0.5] }, Item::Floor { nodes: vec![0, 1, 2], share: 0.04 }],
    }
}

#[test]
fn what_can_be_reached_is_not_explained() {
    for red in [0.5, 0.6, 0.75, 0.8, 0.81] {
        assert_eq!(explain(&testbed(red)), None, "{red}");
    }
}

#[test]
fn eighty_two_to_eighteen_conflicts_with_pin_and_floor() {
    let question = testbed(0.82);
    let explanation = explain(&question).unwrap();
    assert!(distance(explanation.best.as_ref().unwrap(), &[0.8066666667, 0.1933333333]) < 1e-6);
    assert_eq!(explanation.conflict, [PIN, FLOOR]);
    assert!(explanation.minimal && explanation.lowering.is_empty());
    // Each single removal makes it reachable: 83.33 % without the floor, 96 % without the pin.
    let without_floor = question.nearest(&[true, false]).unwrap();
    let without_pin = question.nearest(&[false, true]).unwrap();
    assert!(question.reaches(&without_floor) && question.reaches(&without_pin));
    // The way out: 1.33 points of the SLA, 2 of the floor, 4 of the pin.
    let ways: Vec<(Option<usize>, f64)> = explanation.relaxations.iter().map(|way| (way.item, way.moved)).collect();
    assert_eq!(ways.iter().map(|way| way.0).collect::<Vec<_>>(), [None, Some(FLOOR), Some(PIN)]);
    assert!(distance(&ways.iter().map(|way| way.1).collect::<Vec<_>>(), &[0.013333, 0.02, 0.04]) < 1e-4, "{ways:?}");
}

#[test]
fn a_way_out_holds_on_the_grids_of_the_devices() {
    let mut question = testbed(0.82);
    let whole = Grid::new(GridKind::PercentFloor, 100, 0.0, None);
    question.grids = vec![None, Some(whole), Some(whole)];
    for way in explain(&question).unwrap().relaxations {
        let mut changed = question.clone();
        match way.item {
            Some(FLOOR) => changed.items[FLOOR] = Item::Floor { nodes: vec![0, 1, 2], share: way.to },
            Some(_) => changed.items[PIN] = Item::Pin { node: 0, used: vec![way.to, 1.0 - way.to] },
            None => changed.target = vec![way.to, 1.0 - way.to],
        }
        assert_eq!(explain(&changed), None, "{way:?}");
    }
    // With devices that give nobody less than 4 %, a lower floor is no way out.
    question.items.push(Item::Floor { nodes: vec![1, 2], share: 0.04 });
    let ways = explain(&question).unwrap().relaxations;
    assert_eq!(ways.iter().map(|way| way.item).collect::<Vec<_>>(), [None, Some(PIN)]);
}

#[test]
fn eighty_five_to_fifteen_conflicts_with_the_pin_alone() {
    let question = testbed(0.85);
    let explanation = explain(&question).unwrap();
    assert_eq!(explanation.conflict, [PIN]);
    assert!(explanation.minimal);
    // The floor is told as what lowers 83.33 to 80.67 %.
    assert!((explanation.best.unwrap()[0] - 0.8066666667).abs() < 1e-6);
    let (item, without) = &explanation.lowering[0];
    assert_eq!((*item, explanation.lowering.len()), (FLOOR, 1));
    assert!((without[0] - 0.8333333333).abs() < 1e-6);
}

#[test]
fn the_best_shares_of_the_testbed_are_those_of_the_page() {
    let question = testbed(0.999);
    let best = |keep: &[bool]| question.nearest(keep).unwrap()[0];
    assert!((best(&[true, true]) - (0.5 + 0.96 + 0.96) / 3.0).abs() < 1e-6);
    assert!((best(&[true, false]) - 2.5 / 3.0).abs() < 1e-6);
    assert!((best(&[false, true]) - 0.96).abs() < 1e-6);
}

#[test]
fn guarantees_that_contradict_each_other_are_the_conflict() {
    let mut question = testbed(0.6);
    question.items = vec![
        Item::Floor { nodes: vec![0, 1, 2], share: 0.01 },
        Item::Guarantee { tenant: 0, nodes: Some(vec![1]), share: 0.7 },
        Item::Guarantee { tenant: 1, nodes: Some(vec![1]), share: 0.7 },
    ];
    let explanation = explain(&question).unwrap();
    assert_eq!((explanation.best, explanation.conflict, explanation.minimal), (None, vec![1, 2], true));
}

fn random_question(nodes: usize, tenants: usize, seed: u64) -> Question {
    let random = &mut Random::new(seed);
    let mut items = Vec::new();
    for node in 0..nodes {
        if random.chance(0.4) {
            items.push(Item::Pin { node, used: random.shares(tenants) });
        }
    }
    for _ in 0..(random.next() * 5.0) as usize {
        let tenant = (random.next() * tenants as f64) as usize;
        let on: Vec<usize> = (0..nodes).filter(|_| random.chance(0.6)).collect();
        let nodes = random.chance(0.6).then_some(on.clone());
        items.push(match (random.next() * 3.0) as u8 {
            0 => Item::Floor { nodes: on, share: 0.02 + 0.15 * random.next() },
            1 => Item::Guarantee { tenant, nodes, share: 0.1 + 0.5 * random.next() },
            _ => Item::Cap { tenant, nodes, share: 0.2 + 0.6 * random.next() },
        });
    }
    Question {
        target: random.shares(tenants),
        weight: (0..nodes).map(|_| 0.2 + random.next()).collect(),
        capacity: vec![1.0; nodes],
        member: Matrix::filled(nodes, tenants, true),
        grids: Vec::new(),
        items,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn conflicts_are_minimal_by_brute_force(nodes in 1..4usize, tenants in 2..4usize, seed in any::<u64>()) {
        let question = random_question(nodes, tenants, seed);
        let reached = |set: usize| {
            let keep: Vec<bool> = (0..question.items.len()).map(|item| set >> item & 1 == 1).collect();
            question.nearest(&keep).is_some_and(|shares| question.reaches(&shares))
        };
        let Some(explanation) = explain(&question) else {
            prop_assert!(reached((1 << question.items.len()) - 1));
            return Ok(());
        };
        prop_assert!(explanation.minimal && is_minimal_conflict(&question, &explanation.conflict));
        let conflict = explanation.conflict.iter().fold(0, |set, item| set | 1 << item);
        prop_assert!(!reached(conflict));
        // No proper subset of the conflict misses the target.
        let mut subset = conflict;
        while subset > 0 {
            subset = (subset - 1) & conflict;
            prop_assert!(reached(subset), "{conflict:b} {subset:b}");
        }
        for way in &explanation.relaxations {
            prop_assert!(way.moved >= 0.0 && way.moved <= 1.0);
        }
    }
}
