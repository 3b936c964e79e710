//! What is said of rejected requests holds when the changed problem is solved again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod orchestration_support;

use orchestration_support::{Extras, brute_force, tiny};
use proptest::prelude::*;
use ranform_network::NoControl;
use ranform_optimizers::orchestration::{
    Answer, Problem, Remedy, Strategy as How, bottlenecks, explain_rejections, shadow_price, solve,
};

fn exact(problem: &Problem) -> Answer {
    solve(problem, How::Exact, 0, &NoControl).unwrap().0
}

/// Whether an answer has all of `requests`: by enumeration, each worth 1 and all others nothing.
fn admits(problem: &Problem, requests: &[usize]) -> bool {
    let mut only = problem.clone();
    for (at, request) in only.requests.iter_mut().enumerate() {
        request.value = i64::from(requests.contains(&at));
    }
    brute_force(&only) == Some(requests.len() as i64)
}

fn changed(problem: &Problem, request: usize, remedy: &Remedy, less: i64) -> Problem {
    let mut changed = problem.clone();
    match remedy {
        Remedy::Capacity { node, more } => {
            for (at, &(resource, amount)) in more.iter().enumerate() {
                changed.nodes[*node].capacity[resource] += amount - if at == 0 { less } else { 0 };
            }
        }
        Remedy::Latency { target, more_ns } => changed.requests[request].targets[*target].latency_ns += more_ns - less,
        Remedy::Latencies { limit_ns } => {
            for target in &mut changed.requests[request].targets {
                target.latency_ns = target.latency_ns.max(limit_ns - less);
            }
        }
    }
    changed
}

/// A request that fits beside the others and is rejected for its value alone was once told to wait longer.
#[test]
fn a_request_without_value_needs_no_remedy() {
    let problem = tiny(8_123_414_692_305_731_747, Extras::None);
    let answer = exact(&problem);
    for rejection in explain_rejections(&problem, &answer, 9, &NoControl).unwrap() {
        let mut all = answer.accepted.clone();
        all.push(rejection.request);
        assert!(rejection.remedies.is_empty() || !admits(&problem, &all), "{rejection:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn remedies_admit_and_are_the_least(seed: u64) {
        for extras in [Extras::None, Extras::Controls] {
            let problem = tiny(seed, extras);
            let answer = exact(&problem);
            for rejection in explain_rejections(&problem, &answer, 9, &NoControl).unwrap() {
                let mut all = answer.accepted.clone();
                all.push(rejection.request);
                for remedy in &rejection.remedies {
                    prop_assert!(admits(&changed(&problem, rejection.request, remedy, 0), &all), "{remedy:?}");
                    prop_assert!(!admits(&changed(&problem, rejection.request, remedy, 1), &all), "{remedy:?}");
                }
            }
        }
    }

    #[test]
    fn the_value_needed_wins_and_one_less_does_not(seed: u64) {
        let problem = tiny(seed, Extras::Controls);
        let answer = exact(&problem);
        for rejection in explain_rejections(&problem, &answer, 9, &NoControl).unwrap() {
            let Some(needed) = rejection.value_needed else {
                prop_assert!(!admits(&problem, &[rejection.request]));
                continue;
            };
            let mut dearer = problem.clone();
            dearer.requests[rejection.request].value = needed;
            prop_assert!(exact(&dearer).accepted.contains(&rejection.request));
            dearer.requests[rejection.request].value = needed - 1;
            prop_assert_eq!(exact(&dearer).value, answer.value);
        }
    }

    #[test]
    fn shadow_prices_are_finite_differences(seed: u64) {
        let problem = tiny(seed, Extras::None);
        let answer = exact(&problem);
        for (node, resource) in bottlenecks(&problem, &answer, 3) {
            let price = shadow_price(&problem, &answer, (node, resource, 2), &NoControl).unwrap();
            let mut richer = problem.clone();
            richer.nodes[node].capacity[resource] += 2;
            prop_assert_eq!(price.value, Some(brute_force(&richer).unwrap() - brute_force(&problem).unwrap()));
        }
    }
}
