//! Tiny random problems: every strategy against enumeration, monotonicity, pins, rejected mutations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "orchestration_support/fewest.rs"]
mod fewest;
mod orchestration_support;

use fewest::fewest_starts;
use orchestration_support::{Extras, brute_force, tiny};
use proptest::prelude::*;
use ranform_network::{AnswerStatus, NoControl};
use ranform_optimizers::orchestration::problem::Sharing;
use ranform_optimizers::orchestration::validate::validate;
use ranform_optimizers::orchestration::{
    Answer, Limits, Problem, Started, Strategy as How, solve, solve_within, verify,
};

fn exact(problem: &Problem) -> Answer {
    validate(problem).unwrap();
    solve(problem, How::Exact, 0, &NoControl).unwrap_or_else(|error| panic!("{error}\n{problem:?}")).0
}

/// As a plan solves it: of equal answers the one that starts fewest, with nothing in force too.
fn planned(problem: &Problem) -> Answer {
    solve_within(problem, How::Exact, 0, Limits::counted(&NoControl)).unwrap().0
}

fn is_optimal(problem: &Problem) {
    let answer = exact(problem);
    let best = brute_force(problem);
    assert_eq!(answer.value, best, "{}", serde_json::to_string(problem).unwrap());
    let expected = if best.is_some() { AnswerStatus::Optimal } else { AnswerStatus::Infeasible };
    assert_eq!(answer.status, expected);
}

fn stands(problem: &Problem, answer: &Answer) -> bool {
    verify(problem, answer, "test", 0).holds()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exact_equals_enumeration(seed: u64) {
        is_optimal(&tiny(seed, Extras::None));
    }

    #[test]
    fn exact_equals_enumeration_with_controllers(seed: u64) {
        is_optimal(&tiny(seed, Extras::Controls));
    }

    #[test]
    fn exact_equals_enumeration_with_bins_and_own_rules(seed: u64) {
        is_optimal(&tiny(seed, Extras::Additions));
    }

    #[test]
    fn exact_equals_enumeration_with_pins_exclusions_and_moves(seed: u64) {
        is_optimal(&tiny(seed, Extras::Stability));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn textbook_equals_exact(seed: u64) {
        for extras in [Extras::None, Extras::Controls, Extras::Stability, Extras::Additions] {
            let problem = tiny(seed, extras);
            let textbook = solve(&problem, How::Textbook, 0, &NoControl).unwrap().0;
            prop_assert_eq!(textbook.value, exact(&problem).value);
        }
    }

    #[test]
    fn other_strategies_are_legal_and_no_better(seed: u64) {
        for extras in [Extras::None, Extras::Controls, Extras::Stability, Extras::Additions] {
            let problem = tiny(seed, extras);
            let best = exact(&problem);
            for strategy in [How::Heuristic, How::Paper] {
                let answer = solve(&problem, strategy, seed, &NoControl).unwrap_or_else(|e| panic!("{strategy:?} {e} {problem:?}")).0;
                prop_assert!(answer.value <= best.value);
                prop_assert!(answer.bound >= best.value);
            }
        }
    }

    #[test]
    fn more_capacity_is_never_worse(seed: u64, node: prop::sample::Index, resource: prop::sample::Index) {
        let problem = tiny(seed, Extras::Controls);
        let mut larger = problem.clone();
        let capacity = &mut larger.nodes[node.index(problem.nodes.len())].capacity;
        capacity[resource.index(problem.resources.len())] += 1;
        prop_assert!(exact(&larger).value >= exact(&problem).value);
    }

    #[test]
    fn among_equals_what_is_in_force_stays(seed: u64) {
        for extras in [Extras::None, Extras::Controls, Extras::Additions] {
            let mut problem = tiny(seed, extras);
            // Any best answer may be in force, the textbook's as well as our own.
            let in_force = solve(&problem, How::Textbook, 0, &NoControl).unwrap().0;
            problem.current = in_force.assignment.clone();
            let place = |answer: &Answer| -> Vec<_> {
                answer.assignment.iter().map(|entry| (entry.request, entry.target, entry.model, entry.node)).collect()
            };
            let again = exact(&problem);
            prop_assert_eq!(again.value, in_force.value);
            let kept = place(&again);
            prop_assert!(place(&in_force).iter().all(|entry| kept.contains(entry)));
        }
    }

    #[test]
    fn shared_instances_move_as_little_as_the_best_value_allows(seed: u64) {
        let mut problem = tiny(seed, Extras::Stability);
        problem.sharing = Sharing::On;
        problem.move_cost = 0;
        let best = brute_force(&problem);
        let answer = exact(&problem);
        prop_assert_eq!(answer.value, best);
        let moves = answer.assignment.iter().filter(|entry| problem.current.iter().any(|now| {
            (now.request, now.target) == (entry.request, entry.target) && (now.model, now.node) != (entry.model, entry.node)
        }));
        let moves = moves.count() as i64;
        let scale = problem.current.len() as i64 + 1;
        problem.requests.iter_mut().for_each(|request| request.value *= scale);
        problem.move_cost = 1;
        prop_assert_eq!(best.map(|best| best * scale - moves), brute_force(&problem));
    }

    #[test]
    fn of_equal_answers_the_one_that_starts_fewest(seed: u64, move_cost in 0..2i64) {
        for extras in [Extras::None, Extras::Stability] {
            let mut problem = tiny(seed, extras);
            problem.sharing = Sharing::On;
            problem.move_cost = move_cost;
            let answer = planned(&problem);
            prop_assert!(problem.current.is_empty() == exact(&problem).started.is_none() || answer.value.is_none());
            let Some(started) = answer.started else { continue };
            prop_assert_eq!(started.instances, fewest_starts(&problem, &answer));
            prop_assert_eq!(started.instances, started.at_least);
            let more = Started { instances: started.instances + 1, ..started };
            let surer = Started { at_least: started.at_least + 1, ..started };
            for lie in [more, surer] {
                let lied = Answer { started: Some(lie), ..answer.clone() };
                prop_assert!(!stands(&problem, &lied));
            }
        }
    }

    #[test]
    fn pins_never_move(seed: u64) {
        let problem = tiny(seed, Extras::Stability);
        let answer = exact(&problem);
        for pin in problem.pinned.iter().filter(|_| answer.value.is_some()) {
            let kept = answer.assignment.iter().any(|entry| (entry.request, entry.target, entry.model, entry.node)
                == (pin.request, pin.target, pin.model, pin.node));
            prop_assert!(kept);
        }
    }

    #[test]
    fn mutated_answers_are_rejected(seed: u64, at: prop::sample::Index) {
        let problem = tiny(seed, Extras::Controls);
        let answer = exact(&problem);
        prop_assert!(stands(&problem, &answer));
        reject_false_claims(&problem, &answer);
        if !answer.assignment.is_empty() {
            reject_false_assignments(&problem, &answer, at.index(answer.assignment.len()));
        }
    }
}

fn reject_false_claims(problem: &Problem, answer: &Answer) {
    let (value, bound) = (answer.value.unwrap(), answer.bound.unwrap());
    assert!(!stands(problem, &Answer { bound: Some(bound - 1), ..answer.clone() }));
    assert!(!stands(problem, &Answer { bound: Some(bound + 1), ..answer.clone() }));
    assert!(!stands(problem, &Answer { value: Some(value + 1), bound: Some(bound + 1), ..answer.clone() }));
    assert!(!stands(problem, &Answer { status: AnswerStatus::Infeasible, ..answer.clone() }));
    if let Some((&first, rest)) = answer.accepted.split_first()
        && problem.requests[first].value > 0
    {
        // Leaving a request out and claiming that nothing better exists.
        let mut less = Answer { accepted: rest.to_vec(), ..answer.clone() };
        less.assignment.retain(|entry| entry.request != first);
        less.value = Some(value - problem.requests[first].value);
        less.bound = less.value;
        let controls = problem.models.iter().any(|model| !model.controls.is_empty());
        let above_only = answer.assignment.iter().filter(|entry| entry.request == first).all(|entry| {
            let target = problem.requests[first].targets[entry.target].node;
            std::iter::successors(Some(target), |&up| problem.nodes[up].parent).any(|up| up == entry.node)
        });
        // Instances are renumbered by no one here, so gaps alone may expose it; that is as good.
        if !controls && above_only && problem.requests[first].targets.len() == 1 {
            assert!(!stands(problem, &less));
        }
    }
}

fn reject_false_assignments(problem: &Problem, answer: &Answer, at: usize) {
    let entry = answer.assignment[at];
    let mut dropped = answer.clone();
    dropped.assignment.remove(at);
    assert!(!stands(problem, &dropped), "a target left out");
    let mut doubled = answer.clone();
    doubled.assignment.push(entry);
    assert!(!stands(problem, &doubled), "a target served twice");
    // Over capacity: the node has less than the model needs.
    for (resource, &demand) in problem.models[entry.model].demand.iter().enumerate() {
        if demand > 0 {
            let mut small = problem.clone();
            small.nodes[entry.node].capacity[resource] = demand - 1;
            assert!(!stands(&small, answer), "over capacity");
        }
    }
    // Late: the limit is below the execution time.
    let mut strict = problem.clone();
    strict.requests[entry.request].targets[entry.target].latency_ns = 0;
    assert!(!stands(&strict, answer), "late");
    // Wrong node: one that the target does not reach.
    let target = problem.requests[entry.request].targets[entry.target].node;
    let above =
        |from: usize, to: usize| std::iter::successors(Some(from), |&up| problem.nodes[up].parent).any(|up| up == to);
    for node in (0..problem.nodes.len()).filter(|&node| !above(node, target) && !above(target, node)) {
        let mut moved = answer.clone();
        moved.assignment[at].node = node;
        assert!(!stands(problem, &moved), "wrong node");
    }
    // Illegal sharing: two owners on one instance of a model that needs something.
    if problem.sharing != Sharing::On {
        for other in 0..answer.assignment.len() {
            let rival = answer.assignment[other];
            let same_place = (rival.model, rival.node) == (entry.model, entry.node) && rival.instance != entry.instance;
            if same_place {
                let mut shared = answer.clone();
                shared.assignment[other].instance = entry.instance;
                assert!(!stands(problem, &shared), "illegal sharing");
            }
        }
    }
}

/// Seeds that once went wrong.
#[test]
fn known_seeds() {
    is_optimal(&tiny(10_582_067_119_338_935_844, Extras::Stability));
}

/// A non-RT RIC above two RICs, a base station below each; two models, the second smaller.
fn two_regions(current: &str) -> Problem {
    let document = format!(
        r#"{{"format": "ranform.orchestration/1", "resources": ["cpu"],
        "nodes": [{{"kind": "non-rt-ric", "parent": null, "capacity": [4]}},
            {{"kind": "near-rt-ric", "parent": 0, "capacity": [4], "uplink": {{"ps_per_byte": 1, "propagation_ns": 1}}}},
            {{"kind": "near-rt-ric", "parent": 0, "capacity": [4], "uplink": {{"ps_per_byte": 1, "propagation_ns": 1}}}},
            {{"kind": "cu", "parent": 1, "capacity": [0], "uplink": {{"ps_per_byte": 1, "propagation_ns": 1}}}},
            {{"kind": "cu", "parent": 2, "capacity": [0], "uplink": {{"ps_per_byte": 1, "propagation_ns": 1}}}}],
        "models": [{model2}, {model1}],
        "requests": [{request3}, {request4}], "current": {current}}}"#,
        model2 = two_regions_model(2, 90),
        model1 = two_regions_model(1, 80),
        request3 = two_regions_request(3),
        request4 = two_regions_request(4),
    );
    serde_json::from_str(&document).unwrap()
}

fn two_regions_model(demand: i64, performance: i64) -> String {
    let kinds = |number: i64| format!(r#"{{"non-rt-ric": {number}, "near-rt-ric": {number}}}"#);
    format!(
        r#"{{"functions": ["f"], "demand": [{demand}], "input_bytes": 1, "execution_ns": {}, "performance": {{"f": {performance}}}, "suitability_percent": {}}}"#,
        kinds(1),
        kinds(100)
    )
}

fn two_regions_request(node: usize) -> String {
    format!(
        r#"{{"value": 1, "targets": [{{"function": "f", "node": {node}, "sources": [{node}], "latency_ns": 1000000, "performance": {{"at_least": 50}}}}]}}"#
    )
}

#[test]
fn one_instance_above_both_serves_both_and_the_smaller_one() {
    let answer = planned(&two_regions("[]"));
    assert_eq!(answer.started, Some(Started { instances: 1, at_least: 1 }));
    assert!(answer.assignment.iter().all(|entry| (entry.model, entry.node) == (1, 0)), "{:?}", answer.assignment);
}

#[test]
fn what_runs_takes_what_it_can_serve() {
    let problem = two_regions(r#"[{"request": 0, "target": 0, "model": 0, "node": 0, "instance": 0}]"#);
    let answer = exact(&problem);
    assert_eq!(answer.started, Some(Started { instances: 0, at_least: 0 }));
    assert!(answer.assignment.iter().all(|entry| (entry.model, entry.node) == (0, 0)), "{:?}", answer.assignment);
    // A second copy beside it is found out by the check, whatever is claimed of it.
    let mut doubled = answer.clone();
    doubled.assignment[1].node = 2;
    doubled.started = Some(Started { instances: 1, at_least: 1 });
    assert!(!stands(&problem, &doubled));
    doubled.started = None;
    assert!(stands(&problem, &doubled), "an answer that claims nothing is legal");
}
