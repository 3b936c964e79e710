//! Counted work, as a plan spends it: a search that ends before its proof says so and repeats, with one thread or many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use ranform_network::{AnswerStatus, NoControl};
use ranform_optimizers::orchestration::problem::Sharing;
use ranform_optimizers::orchestration::{Answer, Limits, Problem, Strategy, solve_within};
use support::orchestration::{LatencyMix, Setting, generate};

fn counted(problem: &Problem, nodes: u64, threads: usize) -> Answer {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let limits = Limits { control: &NoControl, nodes: Some(nodes) };
    pool.install(|| solve_within(problem, Strategy::Exact, 0, limits)).unwrap().0
}

/// Several resources, weights, own instances: not proven by relaxation and rounding.
fn hard(sharing: Sharing) -> Problem {
    generate(&Setting {
        nodes: 135,
        requests_per_ten_nodes: 30,
        mix: LatencyMix::UltraLowLatency,
        sharing,
        weighted: true,
        resources: 3,
        ..Setting::default()
    })
}

#[test]
fn counted_work_ends_a_search_and_repeats() {
    let mut ended = 0;
    for sharing in [Sharing::On, Sharing::PerRequest, Sharing::PerTarget] {
        let problem = hard(sharing);
        let short = counted(&problem, 0, 1);
        assert_eq!(short, counted(&problem, 0, 4), "one thread or many");
        let long = counted(&problem, 200, 4);
        assert!(short.bound >= long.value && long.value >= short.value, "{sharing:?}: bounds hold");
        ended += usize::from(short.status == AnswerStatus::Feasible);
    }
    assert!(ended > 0, "the work is spent before the proof of some");
}

#[test]
fn what_is_in_force_stays_though_nothing_is_proven() {
    let mut problem = hard(Sharing::On);
    let first = counted(&problem, 0, 2);
    problem.current = first.assignment.clone();
    let again = counted(&problem, 0, 2);
    assert!(again.value >= first.value);
    let place = |answer: &Answer| -> Vec<_> {
        answer.assignment.iter().map(|one| (one.request, one.target, one.model, one.node)).collect()
    };
    if again.value == first.value {
        assert_eq!(place(&again), place(&first));
    }
}
