//! Pins that cannot hold: the conflict told is one, is minimal, and every way out opens the whole problem; by enumeration.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "each user needs another part")]
mod orchestration_support;

use orchestration_support::{Extras, brute_force, tiny};
use proptest::prelude::*;
use ranform_network::{AnswerKind, NoControl};
use ranform_optimizers::exchange::{Exit, SolveOptions, solve_document};
use ranform_optimizers::orchestration::Problem;
use ranform_optimizers::orchestration::conflict;
use ranform_optimizers::orchestration::problem::{Bound, Pin};

/// Tiny problems with two pins more, anywhere.
fn pinned(seed: u64) -> Problem {
    let extras = if seed.is_multiple_of(2) { Extras::Stability } else { Extras::Controls };
    let mut problem = tiny(seed, extras);
    for at in 0..2_usize {
        let draw = (seed >> (8 * at)) as usize;
        let request = draw % problem.requests.len();
        let target = (draw / 7) % problem.requests[request].targets.len();
        if !problem.pinned.iter().any(|pin| (pin.request, pin.target) == (request, target)) {
            let (model, node) = ((draw / 3) % problem.models.len(), (draw / 5) % problem.nodes.len());
            problem.pinned.push(Pin { request, target, model, node });
        }
    }
    problem
}

/// Whether the pins of a problem can hold: requests without one are nobody's concern.
fn holds(problem: &Problem) -> bool {
    let mut pinned = Problem { current: Vec::new(), move_cost: 0, ..problem.clone() };
    for (request, entry) in pinned.requests.iter_mut().enumerate() {
        entry.value = 1;
        if !problem.pinned.iter().any(|pin| pin.request == request) {
            entry.targets.clear();
        }
    }
    brute_force(&pinned).is_some()
}

/// The problem with only these items in force, written from the ids alone.
fn only(problem: &Problem, items: &[String]) -> Problem {
    let has = |item: String| items.contains(&item);
    let mut rest = problem.clone();
    rest.pinned =
        (0..problem.pinned.len()).filter(|at| has(format!("pin {at}"))).map(|at| problem.pinned[at]).collect();
    rest.excluded = (0..problem.excluded.len())
        .filter(|at| has(format!("exclusion {at}")))
        .map(|at| problem.excluded[at])
        .collect();
    for (_, node) in rest.nodes.iter_mut().enumerate().filter(|(at, _)| !has(format!("capacity {at}"))) {
        node.capacity.fill(1000);
    }
    for (at, model) in rest.models.iter_mut().enumerate() {
        if !has(format!("controls {at}")) {
            model.controls.clear();
        }
    }
    for (request, entry) in rest.requests.iter_mut().enumerate() {
        for (target, wanted) in entry.targets.iter_mut().enumerate() {
            if !has(format!("latency {request} {target}")) {
                wanted.latency_ns = 1 << 40;
            }
            if !has(format!("performance {request} {target}")) {
                wanted.performance = Bound::AtLeast(0);
            }
        }
    }
    rest
}

/// The problem with one change made, as a relaxation words it.
fn changed(problem: &Problem, item: &str, change: &str) -> Problem {
    let mut problem = problem.clone();
    let words: Vec<&str> = item.split(' ').collect();
    let number = |word: &str| word.parse::<usize>().unwrap();
    let value = |at: usize| change.split(' ').nth(at).unwrap().parse::<i64>().unwrap();
    match words[0] {
        "pin" => drop(problem.pinned.remove(number(words[1]))),
        "exclusion" => drop(problem.excluded.remove(number(words[1]))),
        "controls" => problem.models[number(words[1])].controls.clear(),
        "capacity" => {
            let resource = problem.resources.iter().position(|name| change.ends_with(name.as_str())).unwrap();
            problem.nodes[number(words[1])].capacity[resource] += value(0);
        }
        "latency" => problem.requests[number(words[1])].targets[number(words[2])].latency_ns = value(1),
        "performance" => {
            let bound = if change.starts_with("at_most") { Bound::AtMost(value(1)) } else { Bound::AtLeast(value(1)) };
            problem.requests[number(words[1])].targets[number(words[2])].performance = bound;
        }
        other => panic!("unknown item {other}"),
    }
    problem
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn conflicts_are_minimal_and_ways_out_open(seed: u64) {
        let problem = pinned(seed);
        if holds(&problem) {
            return Ok(());
        }
        let told = conflict(&problem, &NoControl);
        prop_assert!(told.minimal);
        prop_assert!(!holds(&only(&problem, &told.items)), "{:?} holds\n{problem:?}", told.items);
        for at in 0..told.items.len() {
            let mut rest = told.items.clone();
            let left_out = rest.remove(at);
            prop_assert!(holds(&only(&problem, &rest)), "{left_out} of {:?}\n{problem:?}", told.items);
        }
        for way in &told.relaxations {
            prop_assert!(holds(&changed(&problem, &way.item, &way.change)), "{way:?}\n{problem:?}");
        }
    }
}

#[test]
fn an_infeasible_document_tells_its_conflict() {
    let found = (0..500).map(pinned).find(|problem| !holds(problem)).unwrap();
    let document = serde_json::to_vec(&found).unwrap();
    let outcome = solve_document(AnswerKind::Orchestration, &document, &SolveOptions::default(), &NoControl);
    assert_eq!(outcome.exit, Exit::Infeasible);
    assert_eq!(outcome.json["status"], "infeasible");
    assert_eq!(outcome.json["conflict"]["minimal"], true);
    assert!(outcome.json["conflict"]["items"].as_array().is_some_and(|items| !items.is_empty()));
}
