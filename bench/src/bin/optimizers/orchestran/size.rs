//! Figure 5: variables and computing time against the number of nodes.

use ranform_optimizers::orchestration::problem::Sharing;
use ranform_optimizers::orchestration::{Sizes, Strategy, sizes};

use super::{mean, run, setting};
use crate::Effort;
use crate::measure::seconds;
use crate::plot::{Axis, Chart, Line, Marks, Numbers};
use crate::report::{Figure, Table};
use crate::support::orchestration::{LatencyMix, NodeCase};

/// Sizes above this are not given to the full model, which would be refused or take hours.
const LARGEST_FULL_MODEL: usize = 200;

/// A name and what is counted by it.
type Step = (&'static str, fn(&Sizes) -> f64);

const STEPS: [Step; 6] = [
    ("full model", |sizes| sizes.full as f64),
    ("function-aware pruning (FP)", |sizes| sizes.function_pruned as f64),
    ("FP and architecture-aware (AP)", |sizes| sizes.architecture_pruned as f64),
    ("conditions as filters", |sizes| sizes.filtered as f64),
    ("projected", |sizes| sizes.projected as f64),
    ("after presolve", |sizes| sizes.reduced as f64),
];

const METHODS: [(&str, Strategy, LatencyMix); 4] = [
    ("exact, DT", Strategy::Exact, LatencyMix::DelayTolerant),
    ("exact, ULL", Strategy::Exact, LatencyMix::UltraLowLatency),
    ("branching, ULL", Strategy::Paper, LatencyMix::UltraLowLatency),
    ("FP+AP model (HiGHS), ULL", Strategy::Textbook, LatencyMix::UltraLowLatency),
];

/// What one number of nodes gives.
struct Row {
    nodes: usize,
    /// Means over seeds, by step.
    variables: Vec<f64>,
    /// Mean processor seconds by method.
    times: Vec<Option<f64>>,
}

/// Figure 5.
pub fn figures(effort: Effort) -> Vec<Figure> {
    let (counts, seeds): (&[usize], u64) = match effort {
        Effort::Quick => (&[50, 200, 500, 2000], 1),
        Effort::Full => (&[50, 100, 135, 200, 500, 1000, 2000, 5000, 10_000], 3),
    };
    let rows: Vec<Row> = counts.iter().map(|&nodes| row(nodes, seeds)).collect();
    vec![figure(&rows, seeds)]
}

fn row(nodes: usize, seeds: u64) -> Row {
    let all: Vec<Sizes> = (1..=seeds)
        .filter_map(|seed| sizes(&setting(nodes, NodeCase::All, LatencyMix::UltraLowLatency, Sharing::On, seed)).ok())
        .collect();
    let variables = STEPS.iter().map(|(_, count)| mean(all.iter().map(count)).unwrap_or(0.0)).collect();
    let time = |&(_, strategy, mix): &(&str, Strategy, LatencyMix)| {
        if strategy == Strategy::Textbook && nodes > LARGEST_FULL_MODEL {
            return None;
        }
        let times = (1..=seeds).map(|seed| run(&setting(nodes, NodeCase::All, mix, Sharing::On, seed), strategy));
        mean(times.flatten().map(|found| found.cpu))
    };
    Row { nodes, variables, times: METHODS.iter().map(time).collect() }
}

fn with_nodes<'a>(of: &[&'a str]) -> Vec<&'a str> {
    [&["nodes"], of].concat()
}

fn figure(rows: &[Row], seeds: u64) -> Figure {
    let steps: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    let mut variables = Table::new(&with_nodes(&steps));
    let methods: Vec<&str> = METHODS.iter().map(|(name, ..)| *name).collect();
    let mut times = Table::new(&[with_nodes(&methods), vec!["paper, FP+AP", "paper, branching"]].concat());
    for row in rows {
        let cells = row.variables.iter().map(|count| format!("{}", count.round()));
        variables.row(std::iter::once(row.nodes.to_string()).chain(cells));
        let paper = match row.nodes {
            200 => "0.1 s",
            500 => "2 s",
            _ => "",
        };
        let branching = if row.nodes <= 2000 { "< 0.1 s" } else { "" };
        let cells = row.times.iter().map(|time| time.map_or("-".to_owned(), seconds));
        times.row(std::iter::once(row.nodes.to_string()).chain(cells).chain([paper.to_owned(), branching.to_owned()]));
    }
    Figure {
        id: "orchestran-5",
        title: "OrchestRAN, figure 5: variables and time against nodes".to_owned(),
        text: vec![
            format!(
                "Case ALL, sharing on, 1.5 requests per node; means of {seeds} seeds, processor time of one solve with \
                 verification. The paper prints three numbers of this figure: FP and AP bring the optimum within 0.1 s at 200 \
                 and 2 s at 500 nodes (CPLEX), branching stays below 0.1 s up to 2000 nodes."
            ),
            "Filled in by us: how many requests there are for a size (1.5 per node), 7 functions in 13 models, 1 to 4 targets \
             per request, execution 1 ms. Branching solves its clusters one after the other here, in parallel there. The \
             model after FP and AP is given to HiGHS up to 200 nodes. Variables are counted on the ultra-low latency mix."
                .to_owned(),
        ],
        tables: vec![variables, times],
        charts: vec![
            Chart {
                title: "Yes-or-no variables".to_owned(),
                x: axis_of_nodes(rows),
                y: Axis::log("variables", Numbers::Powers),
                marks: Marks::Lines(lines(rows, &steps, |row, at| Some(row.variables[at]))),
            },
            Chart {
                title: "Computing time".to_owned(),
                x: axis_of_nodes(rows),
                y: Axis::log("processor time", Numbers::Seconds),
                marks: Marks::Lines(with_paper(lines(rows, &methods, |row, at| row.times[at]))),
            },
        ],
    }
}

fn axis_of_nodes(rows: &[Row]) -> Axis {
    let counts: Vec<f64> = rows.iter().map(|row| row.nodes as f64).filter(|count| *count != 135.0).collect();
    Axis::log("nodes", Numbers::Plain).at(&counts)
}

fn lines(rows: &[Row], names: &[&str], value: impl Fn(&Row, usize) -> Option<f64>) -> Vec<Line> {
    let of = |(at, name): (usize, &&str)| Line {
        name: (*name).to_owned(),
        points: rows.iter().filter_map(|row| Some((row.nodes as f64, value(row, at)?))).collect(),
        from_paper: false,
    };
    names.iter().enumerate().map(of).collect()
}

fn with_paper(mut lines: Vec<Line>) -> Vec<Line> {
    lines.push(Line {
        name: "paper, FP+AP (CPLEX)".to_owned(),
        points: vec![(200.0, 0.1), (500.0, 2.0)],
        from_paper: true,
    });
    lines
}
