//! Orchestration: time, bound and gap against the number of nodes, in the setting of OrchestRAN's
//! section VII and in harder families. Usage: `orchestration [NODES[,NODES..] [SEEDS [SECONDS [FILTER]]]]`;
//! FILTER is a part of family, sharing, mix and case in a row, e.g. `weightedOnUltra`. Prints a Markdown table.

use std::time::{Duration, Instant};

use ranform_network::Control;
use ranform_optimizers::orchestration::problem::Sharing;
use ranform_optimizers::orchestration::section_vii::{LatencyMix, NodeCase, Setting, generate};
use ranform_optimizers::orchestration::{Strategy, solve};

/// Stops at a deadline.
struct Deadline(Instant);

impl Control for Deadline {
    fn seconds_left(&self) -> Option<f64> {
        Some(self.0.saturating_duration_since(Instant::now()).as_secs_f64())
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let sizes = arguments.next().unwrap_or_else(|| "200,500".to_owned());
    let seeds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(3);
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let only = arguments.next().unwrap_or_default();
    println!("| family | nodes | requests | case | mix | sharing | seed | value | bound | status | steps | seconds |");
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for nodes in sizes.split(',').filter_map(|size| size.parse().ok()) {
        for sharing in [Sharing::On, Sharing::PerRequest, Sharing::PerTarget] {
            for mix in [LatencyMix::DelayTolerant, LatencyMix::LowLatency, LatencyMix::UltraLowLatency] {
                for case in [NodeCase::All, NodeCase::EdgeAndRan, NodeCase::RanOnly] {
                    for (family, form) in families() {
                        if !format!("{family}{sharing:?}{mix:?}{case:?}").contains(&only) {
                            continue;
                        }
                        for seed in 1..=seeds {
                            run(family, &Setting { nodes, case, mix, sharing, seed, ..form }, seconds);
                        }
                    }
                }
            }
        }
    }
}

/// The paper's setting, and what operators have beyond it.
fn families() -> [(&'static str, Setting); 4] {
    let plain = Setting::default();
    [
        ("paper", plain),
        ("weighted", Setting { weighted: true, requests_per_ten_nodes: 30, ..plain }),
        ("overlap", Setting { weighted: true, overlap: true, ..plain }),
        ("resources", Setting { weighted: true, overlap: true, resources: 3, requests_per_ten_nodes: 30, ..plain }),
    ]
}

fn run(family: &str, setting: &Setting, seconds: u64) {
    let problem = generate(setting);
    let start = Instant::now();
    let control = Deadline(start + Duration::from_secs(seconds));
    let Setting { nodes, case, mix, sharing, seed, .. } = setting;
    let result = solve(&problem, Strategy::Exact, 0, &control);
    let took = start.elapsed().as_secs_f64();
    match result {
        Ok((answer, certificate)) => println!(
            "| {family} | {nodes} | {} | {case:?} | {mix:?} | {sharing:?} | {seed} | {} | {} | {:?} | {} | {took:.4} |",
            problem.requests.len(),
            answer.value.unwrap_or(-1),
            answer.bound.unwrap_or(-1),
            answer.status,
            certificate.steps
        ),
        Err(error) => {
            println!("| {family} | {nodes} | | {case:?} | {mix:?} | {sharing:?} | {seed} | {error} | | | | {took:.4} |")
        }
    }
}
