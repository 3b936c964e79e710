//! Figure 11: what of the prototype's models runs on the near-RT RIC, and what that sends over E2.

use std::collections::{BTreeMap, BTreeSet};

use ranform_optimizers::orchestration::problem::{
    Bound, Collect, Model, Node, NodeKind, PROBLEM_FORMAT, Problem, Request, Sharing, Target, Uplink,
};
use ranform_optimizers::orchestration::{Answer, Strategy};

use super::{mean, percent, run};
use crate::Effort;
use crate::plot::{Axis, Bars, Chart, Line, Marks, Numbers};
use crate::report::{Figure, Table};
use crate::support::random::Random;

/// The base stations on Colosseum.
const DUS: usize = 7;
/// Cores of the near-RT RIC.
const RIC_CORES: i64 = 50;
/// Bytes of one report.
const REPORT_BYTES: f64 = 100.0;
/// Reports per second: every 250 ms.
const REPORTS: f64 = 4.0;

/// Section VIII's configurations: the cores of a DU.
const CONFIGURATIONS: [(&str, i64); 3] = [("RIC only", 0), ("RIC, DU with 2 cores", 2), ("RIC, DU with 8 cores", 8)];

/// What the models M1 to M4 do and set (Table III).
const FUNCTIONS: [(&str, &[&str]); 4] = [
    ("throughput-forecast", &[]),
    ("buffer-forecast", &[]),
    ("scheduling", &["scheduling-policy"]),
    ("scheduling-and-slicing", &["scheduling-policy", "slice-prbs"]),
];

/// Means over seeds.
#[derive(Clone, Copy, Default)]
struct Found {
    accepted: f64,
    on_ric: f64,
    bytes_per_second: f64,
}

/// Figure 11.
pub fn figures(effort: Effort) -> Vec<Figure> {
    let (counts, seeds): (&[usize], u64) = match effort {
        Effort::Quick => (&[4, 12, 20], 10),
        Effort::Full => (&[4, 8, 12, 16, 20], 50),
    };
    let found: Vec<(usize, Vec<Found>)> = counts
        .iter()
        .map(|&count| (count, CONFIGURATIONS.iter().map(|&(_, cores)| average(count, cores, seeds)).collect()))
        .collect();
    vec![figure(&found)]
}

fn average(requests: usize, cores: i64, seeds: u64) -> Found {
    let all: Vec<Found> = (1..=seeds)
        .filter_map(|seed| {
            let problem = problem(requests, cores, seed);
            Some(count(&problem, &run(&problem, Strategy::Exact)?.value))
        })
        .collect();
    let of = |part: fn(&Found) -> f64| mean(all.iter().map(part)).unwrap_or(0.0);
    Found {
        accepted: of(|found| found.accepted),
        on_ric: of(|found| found.on_ric),
        bytes_per_second: of(|found| found.bytes_per_second),
    }
}

/// Random requests for one function on one DU each. Where DUs can host, three quarters are at TTI level.
fn problem(requests: usize, cores: i64, seed: u64) -> Problem {
    let mut random = Random::new(seed);
    let ric = Node { kind: NodeKind::NearRtRic, parent: None, capacity: vec![RIC_CORES], uplink: None, bin: false };
    let uplink = Some(Uplink { ps_per_byte: 160, propagation_ns: 10_000_000 });
    let du = Node { kind: NodeKind::Du, parent: Some(0), capacity: vec![cores], uplink, bin: false };
    let request = |random: &mut Random| {
        let (function, node, is_long) = (random.below(FUNCTIONS.len()), 1 + random.below(DUS), random.below(4) == 0);
        let latency_ns = if cores == 0 || is_long { 1_000_000_000 } else { 10_000_000 };
        let performance = Bound::AtLeast(0);
        let target =
            Target { function: FUNCTIONS[function].0.to_owned(), node, sources: vec![node], latency_ns, performance };
        Request { value: 1, targets: vec![target], sharing: None }
    };
    Problem {
        format: PROBLEM_FORMAT.to_owned(),
        resources: vec!["cpu".to_owned()],
        sharing: Sharing::On,
        collect: Collect::Sum,
        nodes: std::iter::once(ric).chain(std::iter::repeat_n(du, DUS)).collect(),
        models: FUNCTIONS.iter().map(|(function, controls)| model(function, controls)).collect(),
        requests: (0..requests).map(|_| request(&mut random)).collect(),
        current: Vec::new(),
        pinned: Vec::new(),
        excluded: Vec::new(),
        move_cost: 0,
    }
}

fn model(function: &str, controls: &[&str]) -> Model {
    let everywhere = |value: i64| BTreeMap::from([(NodeKind::NearRtRic, value), (NodeKind::Du, value)]);
    Model {
        functions: vec![function.to_owned()],
        demand: vec![1],
        input_bytes: REPORT_BYTES as i64,
        execution_ns: everywhere(1_000_000),
        performance: BTreeMap::from([(function.to_owned(), 100)]),
        suitability_percent: everywhere(100),
        controls: controls.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn count(problem: &Problem, answer: &Answer) -> Found {
    // A model that serves several base stations from the RIC is counted once per base station.
    let running: BTreeSet<_> = answer
        .assignment
        .iter()
        .map(|entry| (entry.model, entry.node, problem.requests[entry.request].targets[entry.target].node))
        .collect();
    let on_ric = running.iter().filter(|(_, node, _)| *node == 0).count() as f64;
    Found {
        accepted: answer.accepted.len() as f64 / problem.requests.len() as f64,
        on_ric: on_ric / running.len().max(1) as f64,
        bytes_per_second: on_ric * REPORT_BYTES * REPORTS,
    }
}

fn figure(found: &[(usize, Vec<Found>)]) -> Figure {
    let mut table = Table::new(&[
        "requests",
        "configuration",
        "accepted",
        "models at the RIC",
        "paper",
        "E2 reports",
        "RIC only, times as much",
    ]);
    for (requests, row) in found {
        for ((name, cores), one) in CONFIGURATIONS.iter().zip(row) {
            let ratio = row[0].bytes_per_second / one.bytes_per_second;
            let ratio = if ratio.is_finite() { format!("{ratio:.1}") } else { "-".to_owned() };
            table.row([
                requests.to_string(),
                (*name).to_owned(),
                percent(Some(one.accepted)),
                percent(Some(one.on_ric)),
                if *cores == 0 { "100 %" } else { "25 %" }.to_owned(),
                format!("{:.0} B/s", one.bytes_per_second),
                ratio,
            ]);
        }
    }
    let series = |(at, (name, _)): (usize, &(&str, i64))| {
        ((*name).to_owned(), found.iter().map(|(_, row)| Some(row[at].on_ric)).collect(), false)
    };
    let line = |(at, (name, _)): (usize, &(&str, i64))| Line {
        name: (*name).to_owned(),
        points: found.iter().map(|(requests, row)| (*requests as f64, row[at].bytes_per_second)).collect(),
        from_paper: false,
    };
    Figure {
        id: "orchestran-11",
        title: "OrchestRAN, figure 11: the prototype, and what goes over E2".to_owned(),
        text: vec![
            "7 base stations, 4 models of one core, 50 cores at the near-RT RIC; the paper finds 25 % of the models at the RIC \
             where DUs can host, and up to 2.6 times less E2 traffic, set-up and overhead (60 %) included."
                .to_owned(),
            "Filled in by us: a quarter of the requests within 1 s, the others at TTI level (10 ms) where DUs can host, and all \
             within 1 s where only the RIC can, which is 10 ms away; a report is 100 bytes every 250 ms. M3 and M4 set one \
             parameter, so one base station gets one of them. Counted is the payload of reports alone: set-up and overhead, \
             which all configurations share, are why the paper's ratio is smaller. With 8 cores the DUs have room for the slow quarter as \
             well, and nothing in the objective keeps it at the RIC."
                .to_owned(),
        ],
        tables: vec![table],
        charts: vec![
            Chart {
                title: "Models at the near-RT RIC".to_owned(),
                x: Axis::linear("requests", Numbers::Plain),
                y: Axis::linear("share of the running models", Numbers::Percent).between(0.0, 1.0),
                marks: Marks::Bars(Bars {
                    groups: found.iter().map(|(requests, _)| requests.to_string()).collect(),
                    series: CONFIGURATIONS.iter().enumerate().map(series).collect(),
                    stacked: false,
                }),
            },
            Chart {
                title: "Reports over E2".to_owned(),
                x: Axis::linear("requests", Numbers::Plain),
                y: Axis::linear("bytes per second", Numbers::Plain),
                marks: Marks::Lines(CONFIGURATIONS.iter().enumerate().map(line).collect()),
            },
        ],
    }
}
