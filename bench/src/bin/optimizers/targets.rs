//! The targets of both optimizers: time, bound, gap and memory beside what is asked, each solve in a
//! process of its own, with one thread and with two.

use ranform_network::AnswerStatus;
use ranform_optimizers::orchestration::problem::Sharing;
use ranform_optimizers::placement::exact::Race;
use ranform_optimizers::{orchestration, placement};
use serde_json::{Value, json};

use crate::Effort;
use crate::measure::{self, Deadline, seconds};
use crate::orchestran::{CASES, MIXES, setting};
use crate::report::{Figure, Table};
use crate::support::placement::{Family, instance, limited, spread};

/// What is asked of an instance.
#[derive(Clone, Copy)]
enum Goal {
    /// Proven within so many seconds.
    Proven(f64),
    /// Gap 0.05 at most after a minute.
    Near,
    /// Bound within one request in ten seconds.
    WithinOne,
}

impl Goal {
    /// How long a solve may go on; beyond the goal, so that a miss tells by how much.
    fn patience(self, effort: Effort) -> f64 {
        match (self, effort) {
            (Self::Near, Effort::Full) => 60.0,
            (Self::Near, Effort::Quick) => 10.0,
            (Self::Proven(goal), Effort::Full) => (4.0 * goal).clamp(10.0, 120.0),
            (Self::Proven(goal), Effort::Quick) => (2.0 * goal).clamp(2.0, 10.0),
            (Self::WithinOne, Effort::Full) => 45.0,
            (Self::WithinOne, Effort::Quick) => 10.0,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Proven(goal) => format!("proven in {}", seconds(goal)),
            Self::Near => "gap 5 % in 60 s".to_owned(),
            Self::WithinOne => "within 1 in 10 s".to_owned(),
        }
    }

    fn is_met(self, found: &Found) -> bool {
        let distance = found.bound.zip(found.objective).map(|(bound, objective)| (bound - objective).abs());
        match self {
            // On a busy machine the wall tells of others; the processor time does not.
            Self::Proven(goal) => found.status == "optimal" && found.wall.min(found.cpu) <= goal,
            Self::Near => distance.is_some_and(|distance| distance <= 0.05 * found.objective.unwrap_or(1.0).max(1.0)),
            Self::WithinOne => distance.is_some_and(|distance| distance <= 1.0) && found.wall.min(found.cpu) <= 10.0,
        }
    }
}

/// What one solve in a process of its own came to.
#[derive(Clone)]
struct Found {
    status: String,
    objective: Option<f64>,
    bound: Option<f64>,
    wall: f64,
    cpu: f64,
    memory: f64,
}

impl Found {
    fn new(line: &Value) -> Self {
        let number = |name: &str| line[name].as_f64();
        Self {
            status: line["status"].as_str().unwrap_or("unknown").to_owned(),
            objective: number("objective"),
            bound: number("bound"),
            wall: number("wall").unwrap_or(f64::NAN),
            cpu: number("cpu").unwrap_or(f64::NAN),
            memory: number("memory").unwrap_or(f64::NAN),
        }
    }

    fn gap(&self) -> String {
        let gap = self
            .objective
            .zip(self.bound)
            .map(|(objective, bound)| (objective - bound).abs() / objective.abs().max(1.0));
        gap.map_or("-".to_owned(), |gap| format!("{:.2} %", gap * 100.0))
    }

    fn failed(error: &str) -> Self {
        let status = error.lines().next().unwrap_or("failed").to_owned();
        Self { status, objective: None, bound: None, wall: f64::NAN, cpu: f64::NAN, memory: f64::NAN }
    }
}

const HEAD: [&str; 11] =
    ["instance", "threads", "status", "objective", "bound", "gap", "wall", "CPU", "memory", "target", "met"];

fn cells(name: &str, threads: usize, found: &Found, goal: Goal) -> [String; 11] {
    let whole = |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.0}"));
    [
        name.to_owned(),
        threads.to_string(),
        found.status.clone(),
        whole(found.objective),
        whole(found.bound),
        found.gap(),
        seconds(found.wall),
        seconds(found.cpu),
        format!("{:.0} MB", found.memory / 1e6),
        goal.text(),
        if goal.is_met(found) { "yes" } else { "no" }.to_owned(),
    ]
}

/// A row of the placement table: family, E2 nodes, compute nodes besides the cloud, budget, seed.
type Row = (Family, usize, usize, i64, u64, Goal);

const ROWS: [Row; 21] = [
    (Family::PaperIid, 512, 12, 10, 1, Goal::Proven(1.0)),
    (Family::PaperIid, 512, 64, 10, 1, Goal::Proven(1.0)),
    (Family::PaperIid, 512, 512, 10, 1, Goal::Proven(1.0)),
    (Family::Tree, 512, 96, 10, 1, Goal::Proven(1.0)),
    (Family::Tree, 512, 512, 10, 1, Goal::Proven(1.0)),
    (Family::Geographic, 512, 512, 40, 1, Goal::Proven(3.0)),
    (Family::Geographic, 512, 512, 28, 1, Goal::Proven(3.0)),
    (Family::Geographic, 2000, 500, 40, 1, Goal::Proven(5.0)),
    (Family::Geographic, 2000, 500, 32, 1, Goal::Proven(5.0)),
    (Family::Heterogeneous, 2000, 500, 40, 1, Goal::Proven(10.0)),
    (Family::Heterogeneous, 2000, 500, 32, 1, Goal::Proven(10.0)),
    (Family::Independent, 2000, 500, 40, 1, Goal::Proven(10.0)),
    (Family::Geographic, 10_000, 1000, 40, 1, Goal::Proven(60.0)),
    (Family::Capacity, 512, 12, 110, 1, Goal::Proven(5.0)),
    (Family::Capacity, 512, 12, 104, 2, Goal::Proven(5.0)),
    (Family::Chains, 512, 12, 100, 1, Goal::Proven(5.0)),
    (Family::All, 512, 12, 116, 1, Goal::Proven(5.0)),
    (Family::Capacity, 512, 64, 66, 1, Goal::Near),
    (Family::Capacity, 512, 64, 66, 3, Goal::Near),
    (Family::Chains, 512, 64, 66, 1, Goal::Near),
    (Family::All, 512, 64, 80, 1, Goal::Near),
];

/// The targets of placement.
pub fn placement(effort: Effort) -> Vec<Figure> {
    let mut table = Table::new(&HEAD);
    for (family, e2_nodes, edges, budget, seed, goal) in ROWS {
        if effort == Effort::Quick && (e2_nodes > 2000 || matches!(family, Family::Heterogeneous | Family::Independent))
        {
            continue;
        }
        let size = [e2_nodes.to_string(), edges.to_string(), budget.to_string(), seed.to_string()];
        let name = format!("{family:?} {e2_nodes} x {edges}, budget {budget}, seed {seed}");
        add_rows(&mut table, (&name, &format!("{family:?}")), &size, goal, effort);
    }
    for (change, edges) in CHANGED {
        let size = ["512".to_owned(), edges.to_string(), "90".to_owned(), "1".to_owned()];
        let name = format!("Geographic 512 x {edges}, budget 90, seed 1, {}", told(change));
        add_rows(&mut table, (&name, &format!("Geographic+{change}")), &size, Goal::Near, effort);
    }
    vec![Figure {
        id: "targets-placement",
        title: "Placement: what is asked and what is reached".to_owned(),
        text: vec![
            "Instances by family (latencies drawn anew per pair as the authors of RIC-O do, along their tree, or by distance; \
             costs drawn per node, or independently per node and component; small nodes; chains of xApps; all together), solved to gap 0. One thread is \
             what `plan` runs; with two the heuristic runs beside the exact solve. Building the instance is not counted, \
             verification is. CPU adds the threads; memory is the peak of the process. A time target is met by wall time or, where \
             the machine was busy, by processor time."
                .to_owned(),
        ],
        tables: vec![table],
        charts: Vec::new(),
    }]
}

/// Instances with what operators need beyond the paper: at most so many E2 nodes per E2 termination, or spread
/// over sites of so many compute nodes with a standby for everybody; each with its compute nodes.
const CHANGED: [(&str, usize); 3] = [("limit:128", 12), ("limit:64", 64), ("spread:4", 64)];

fn told(change: &str) -> String {
    match change.split_once(':') {
        Some(("limit", most)) => format!("an E2T serves at most {most}"),
        Some((_, size)) => format!("E2T and SDL spread over sites of {size}, with standbys"),
        None => change.to_owned(),
    }
}

/// One instance with one thread and with two.
fn add_rows(table: &mut Table, (name, family): (&str, &str), size: &[String; 4], goal: Goal, effort: Effort) {
    for threads in [1, 2] {
        let first = ["placement".to_owned(), family.to_owned()];
        let last = [threads.to_string(), goal.patience(effort).to_string()];
        let arguments = first.into_iter().chain(size.iter().cloned()).chain(last);
        let found = alone(arguments.collect(), threads);
        table.row(cells(name, threads, &found, goal));
    }
}

fn alone(arguments: Vec<String>, threads: usize) -> Found {
    match measure::alone(&arguments, threads) {
        Ok(line) => Found::new(&line),
        Err(error) => Found::failed(&error),
    }
}

/// A row of the orchestration table: sharing, mix by place in [`MIXES`], nodes, goal.
type Block = (Sharing, usize, usize, Goal);

const BLOCKS: [Block; 14] = [
    (Sharing::On, 0, 200, Goal::Proven(0.005)),
    (Sharing::On, 0, 500, Goal::Proven(0.010)),
    (Sharing::On, 0, 2000, Goal::Proven(0.030)),
    (Sharing::On, 0, 10_000, Goal::Proven(0.5)),
    (Sharing::On, 2, 200, Goal::Proven(0.1)),
    (Sharing::On, 2, 500, Goal::Proven(0.25)),
    (Sharing::On, 2, 2000, Goal::Proven(2.0)),
    (Sharing::On, 2, 10_000, Goal::Proven(8.0)),
    (Sharing::PerRequest, 0, 200, Goal::Proven(1.0)),
    (Sharing::PerRequest, 2, 200, Goal::Proven(1.0)),
    (Sharing::PerRequest, 0, 500, Goal::Proven(6.0)),
    (Sharing::PerRequest, 2, 500, Goal::Proven(6.0)),
    (Sharing::PerRequest, 0, 2000, Goal::WithinOne),
    (Sharing::PerRequest, 2, 2000, Goal::WithinOne),
];

/// The targets of orchestration: the worst of the three node cases and of the seeds.
pub fn orchestration(effort: Effort) -> Vec<Figure> {
    let mut table = Table::new(&HEAD);
    let seeds: u64 = if effort == Effort::Quick { 1 } else { 3 };
    for (sharing, mix, nodes, goal) in BLOCKS {
        if effort == Effort::Quick && nodes > 500 {
            continue;
        }
        for threads in [1, 2] {
            let mut worst: Option<(String, Found)> = None;
            for (case, (case_name, _)) in CASES.iter().enumerate() {
                for seed in 1..=if nodes > 500 { 1 } else { seeds } {
                    let arguments = [
                        "orchestration".to_owned(),
                        format!("{sharing:?}"),
                        mix.to_string(),
                        case.to_string(),
                        nodes.to_string(),
                        seed.to_string(),
                        goal.patience(effort).to_string(),
                    ];
                    let found = alone(arguments.to_vec(), threads);
                    let badness = |found: &Found| (!goal.is_met(found), found.wall);
                    if worst.as_ref().is_none_or(|(_, known)| badness(&found) > badness(known)) {
                        worst = Some((format!("{case_name} seed {seed}"), found));
                    }
                }
            }
            if let Some((which, found)) = worst {
                let sharing = if sharing == Sharing::On { "shared" } else { "not shared" };
                let name = format!("{nodes} nodes, {}, {sharing}: {which}", MIXES[mix].0);
                table.row(cells(&name, threads, &found, goal));
            }
        }
    }
    vec![Figure {
        id: "targets-orchestration",
        title: "Orchestration: what is asked and what is reached".to_owned(),
        text: vec![
            "OrchestRAN's setting (1.5 requests per node), each row the slowest of the three node cases and of the seeds. The \
             first solve of a fresh process, so caches and memory are cold; building the instance is not counted, presolve \
             and verification are."
                .to_owned(),
        ],
        tables: vec![table],
        charts: Vec::new(),
    }]
}

/// `one placement FAMILY E2 EDGES BUDGET SEED THREADS SECONDS`, `one orchestration SHARING MIX CASE NODES SEED SECONDS`:
/// one solve, its result as a JSON line.
pub fn one(arguments: &[String]) -> Result<(), String> {
    let line = match arguments.split_first() {
        Some((kind, rest)) if kind == "placement" => one_placement(rest)?,
        Some((kind, rest)) if kind == "orchestration" => one_orchestration(rest)?,
        _ => return Err("say `placement` or `orchestration`".to_owned()),
    };
    println!("{line}");
    Ok(())
}

fn number<T: std::str::FromStr>(arguments: &[String], at: usize) -> Result<T, String> {
    let text = arguments.get(at).ok_or_else(|| format!("argument {} is missing", at + 1))?;
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn one_placement(arguments: &[String]) -> Result<Value, String> {
    let word = arguments.first().map_or("", String::as_str);
    let families = [
        Family::PaperIid,
        Family::Tree,
        Family::Geographic,
        Family::Heterogeneous,
        Family::Independent,
        Family::Capacity,
        Family::Chains,
        Family::All,
    ];
    let (word, change) = word.split_once('+').unwrap_or((word, ""));
    let family = families.into_iter().find(|family| format!("{family:?}") == word);
    let family = family.ok_or_else(|| format!("there is no family `{word}`"))?;
    let problem =
        instance(family, number(arguments, 1)?, number(arguments, 2)?, number(arguments, 3)?, number(arguments, 4)?);
    let problem = match change.split_once(':') {
        Some(("limit", most)) => limited(problem, most.parse().map_err(|_| "a limit is a number")?),
        Some((_, size)) => spread(problem, size.parse().map_err(|_| "a size is a number")?),
        None => problem,
    };
    let race = if number::<usize>(arguments, 5)? > 1 { Race::On } else { Race::Off };
    let patience = number(arguments, 6)?;
    let measured =
        measure::once(|| placement::solve(&problem, placement::Strategy::Exact, 0, race, &Deadline::after(patience)));
    let answer = measured.value.map_err(|error| error.to_string())?;
    Ok(result(answer.status, answer.placement.map(|found| found.cost), answer.bound, measured.wall, measured.cpu))
}

fn one_orchestration(arguments: &[String]) -> Result<Value, String> {
    let sharing = match arguments.first().map(String::as_str) {
        Some("On") => Sharing::On,
        Some("PerTarget") => Sharing::PerTarget,
        _ => Sharing::PerRequest,
    };
    let (mix, case): (usize, usize) = (number(arguments, 1)?, number(arguments, 2)?);
    let (mix, case) = (MIXES.get(mix).ok_or("there is no such mix")?, CASES.get(case).ok_or("there is no such case")?);
    let problem = setting(number(arguments, 3)?, case.1, mix.1, sharing, number(arguments, 4)?);
    let patience = number(arguments, 5)?;
    let strategy = orchestration::Strategy::Exact;
    let measured = measure::once(|| orchestration::solve(&problem, strategy, 0, &Deadline::after(patience)));
    let (answer, _) = measured.value.map_err(|error| error.to_string())?;
    Ok(result(answer.status, answer.value, answer.bound, measured.wall, measured.cpu))
}

fn result(status: AnswerStatus, objective: Option<i64>, bound: Option<i64>, wall: f64, cpu: f64) -> Value {
    let status = match status {
        AnswerStatus::Optimal => "optimal",
        AnswerStatus::Feasible => "feasible",
        AnswerStatus::Infeasible => "infeasible",
        AnswerStatus::Unknown => "unknown",
    };
    json!({
        "status": status, "objective": objective, "bound": bound, "wall": wall, "cpu": cpu,
        "memory": measure::peak_memory(),
    })
}
