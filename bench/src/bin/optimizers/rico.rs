//! RIC-O, section VII-A: time and cost against the number of compute nodes (figure 7), instances (figure 8).

use ranform_optimizers::placement::exact::Race;
use ranform_optimizers::placement::problem::{E2T, FIRST_XAPP};
use ranform_optimizers::placement::{Strategy, solve, verify};

use crate::Effort;
use crate::measure::{self, Deadline, Measured, seconds};
use crate::plot::{Axis, Chart, Line, Marks, Numbers};
use crate::report::{Figure, Table};
use crate::support::placement::{Family, instance};

/// The E2 nodes of section VII-A.
const E2_NODES: usize = 512;
/// E2 nodes for which the paper's full model can still be built.
const FEW_E2_NODES: usize = 4;
/// The loop budget, round trip, milliseconds.
const BUDGET: i64 = 10;
/// Seconds that one solve may take.
const PATIENCE: f64 = 30.0;

/// A name, a strategy, and what it is given.
type Method = (&'static str, Strategy, usize, Family);

const METHODS: [Method; 5] = [
    ("exact", Strategy::Exact, E2_NODES, Family::PaperIid),
    ("our heuristic", Strategy::Heuristic, E2_NODES, Family::PaperIid),
    ("Algorithm 1", Strategy::Paper, E2_NODES, Family::PaperIid),
    ("textbook, 4 E2 nodes", Strategy::Textbook, FEW_E2_NODES, Family::PaperIid),
    ("exact, along the tree", Strategy::Exact, E2_NODES, Family::Tree),
];

/// What a method found.
#[derive(Clone, Copy)]
struct Found {
    cost: i64,
    proven: bool,
    e2t: usize,
    xapps: usize,
}

/// Per number of compute nodes, what each method found, if anything.
type Sweep = Vec<(usize, Vec<Option<Measured<Found>>>)>;

/// Figures 7 and 8.
pub fn figures(effort: Effort) -> Vec<Figure> {
    let counts: &[usize] = match effort {
        Effort::Quick => &[2, 4, 12, 64, 512],
        Effort::Full => &[2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 512],
    };
    let sweep: Sweep =
        counts.iter().map(|&count| (count, METHODS.iter().map(|method| run(method, count)).collect())).collect();
    vec![time_and_cost(&sweep), instances(&sweep)]
}

fn run(&(_, strategy, e2_nodes, family): &Method, compute_nodes: usize) -> Option<Measured<Found>> {
    let problem = instance(family, e2_nodes, compute_nodes, BUDGET, 1);
    let measured = measure::once(|| solve(&problem, strategy, 0, Race::Off, &Deadline::after(PATIENCE)));
    let answer = measured.value.ok()?;
    let placement = answer.placement.as_ref()?;
    let instances = verify::instances(placement);
    let count = |wanted: &dyn Fn(usize) -> bool| instances.iter().filter(|(slot, _)| wanted(*slot)).count();
    let found = Found {
        cost: placement.cost,
        proven: answer.status == ranform_network::AnswerStatus::Optimal,
        e2t: count(&|slot| slot == E2T),
        xapps: count(&|slot| slot >= FIRST_XAPP),
    };
    Some(Measured { value: found, wall: measured.wall, cpu: measured.cpu })
}

fn axis_of_counts(sweep: &Sweep) -> Axis {
    let counts: Vec<f64> = sweep.iter().map(|(count, _)| *count as f64).collect();
    Axis::log("edge compute nodes, besides the cloud", Numbers::Plain).at(&counts)
}

/// A line per method through what `value` says of its answers.
fn lines(sweep: &Sweep, methods: &[usize], value: impl Fn(&Measured<Found>) -> f64) -> Vec<Line> {
    let of = |&method: &usize| Line {
        name: METHODS[method].0.to_owned(),
        points: sweep
            .iter()
            .filter_map(|(count, found)| Some((*count as f64, value(found[method].as_ref()?))))
            .collect(),
        from_paper: false,
    };
    methods.iter().map(of).filter(|line| !line.points.is_empty()).collect()
}

fn time_and_cost(sweep: &Sweep) -> Figure {
    let mut table = Table::new(&[
        "compute nodes",
        "exact: cost",
        "time (CPU)",
        "our heuristic: cost",
        "time (CPU)",
        "Algorithm 1: cost",
        "time (CPU)",
        "textbook, 4 E2 nodes: cost",
        "time (CPU)",
        "exact, along the tree: cost",
        "time (CPU)",
        "paper, exact",
        "paper, heuristic",
    ]);
    for (count, found) in sweep {
        let cells = found.iter().flat_map(|found| match found {
            Some(found) => [
                format!("{}{}", found.value.cost, if found.value.proven { ", proven" } else { "" }),
                seconds(found.cpu),
            ],
            None => ["none".to_owned(), "-".to_owned()],
        });
        let exact = if *count < 12 { "found" } else { "nothing in a day" };
        let heuristic = if *count == 512 { "< 10 s" } else { "" };
        table.row(std::iter::once(count.to_string()).chain(cells).chain([exact.to_owned(), heuristic.to_owned()]));
    }
    let mut times = lines(sweep, &[0, 1, 2, 3, 4], |found| found.cpu);
    let largest = sweep.iter().any(|(count, _)| *count == 512);
    if largest {
        times.push(Line {
            name: "paper, heuristic: below this".to_owned(),
            points: vec![(512.0, 10.0)],
            from_paper: true,
        });
    }
    Figure {
        id: "rico-7",
        title: "RIC-O, figure 7: time and cost against compute nodes".to_owned(),
        text: vec![
            "512 E2 nodes, two xApps that read the database, loop budget 10 ms there and back. The paper reports that its exact \
             model (CPLEX) finds nothing for 12 compute nodes in a day, that its heuristic takes less than 10 s for 512, and \
             that the cost falls once nodes of tier 1 are there; it prints no other number of this figure."
                .to_owned(),
            "Filled in by us: latencies are drawn anew for every pair of nodes, as the authors' code does. Drawn along the tree \
             of tiers that the text describes, small sizes have no placement at all (`none`), and larger ones need one E2T per \
             region: that reading is the last line. The k nodes are edge nodes, the cloud comes on top; seed 1. The textbook model has (k+1)⁵ products per E2 node and xApp, so it is built for 4 E2 nodes only \
             and stops after 30 s; `none` means no answer by then or a model beyond its limit. One thread."
                .to_owned(),
        ],
        tables: vec![table],
        charts: vec![
            Chart {
                title: "Computing time, 512 E2 nodes".to_owned(),
                x: axis_of_counts(sweep),
                y: Axis::log("processor time", Numbers::Seconds),
                marks: Marks::Lines(times),
            },
            Chart {
                title: "Total cost, 512 E2 nodes".to_owned(),
                x: axis_of_counts(sweep),
                y: Axis::log("cost (units of Table I)", Numbers::Plain),
                marks: Marks::Lines(lines(sweep, &[0, 1, 2, 4], |found| found.value.cost as f64)),
            },
        ],
    }
}

fn instances(sweep: &Sweep) -> Figure {
    let mut table = Table::new(&[
        "compute nodes",
        "exact: E2T",
        "xApps",
        "our heuristic: E2T",
        "xApps",
        "Algorithm 1: E2T",
        "xApps",
        "paper: E2T",
    ]);
    for (count, found) in sweep {
        let cells = found[..3].iter().flat_map(|found| match found {
            Some(found) => [found.value.e2t.to_string(), found.value.xapps.to_string()],
            None => ["-".to_owned(), "-".to_owned()],
        });
        table.row(std::iter::once(count.to_string()).chain(cells).chain(["1".to_owned()]));
    }
    let mut drawn = Vec::new();
    for (method, name) in [(0, "exact"), (2, "Algorithm 1")] {
        let mut e2t = lines(sweep, &[method], |found| found.value.e2t as f64);
        let mut xapps = lines(sweep, &[method], |found| found.value.xapps as f64);
        e2t.iter_mut().for_each(|line| line.name = format!("{name}: E2T"));
        xapps.iter_mut().for_each(|line| line.name = format!("{name}: xApps"));
        drawn.extend(e2t.into_iter().chain(xapps));
    }
    Figure {
        id: "rico-8",
        title: "RIC-O, figure 8: instances of E2T and xApps".to_owned(),
        text: vec![
            "The paper's heuristic has one E2T throughout, as its exact model where that ends, and two xApp instances (one per \
             xApp) but for some sizes, 4 and 6 compute nodes among them, where it has more. Algorithm 1 as it is printed, which is \
             what our `paper` strategy does, spreads far more than that: it re-places per E2 node and never looks back, so the \
             authors' program must do more than the page says."
                .to_owned(),
        ],
        tables: vec![table],
        charts: vec![Chart {
            title: "Instances in loops, 512 E2 nodes".to_owned(),
            x: axis_of_counts(sweep),
            y: Axis::linear("instances", Numbers::Plain),
            marks: Marks::Lines(drawn),
        }],
    }
}
