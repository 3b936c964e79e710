//! The tables and texts of `intents/rico-512` and `intents/orchestran`, from a seed.
//!
//! `cargo run -p ranform-optimizers --example paper_intents` writes them; a test holds the committed
//! files against them. The `main.intent` of each is written by hand.

use std::fmt::Write;

use super::placement::{Family, instance};
use super::random::Random;

/// A file: its path below `intents/`, and its text.
pub type File = (String, String);

/// All files that come from a seed.
pub fn files() -> Vec<File> {
    let mut files = rico(512, 12, 1);
    files.extend(orchestran(1));
    files
}

/// Section VII-A of RIC-O: the sites' tables, and a latency for every pair.
fn rico(e2_nodes: usize, edge_nodes: usize, seed: u64) -> Vec<File> {
    let problem = instance(Family::PaperIid, e2_nodes, edge_nodes, 10, seed);
    let e2 = |at: usize| format!("e2-{:03}", at + 1);
    let compute = |at: usize| if at == 0 { "cloud".to_owned() } else { format!("edge-{at:02}") };
    let mut sites = "Name,Tier\n".to_owned();
    for at in 0..e2_nodes {
        let tier = if at < 5 {
            1
        } else if at < 25 {
            2
        } else {
            3
        };
        let _ = writeln!(sites, "{},{tier}", e2(at));
    }
    let mut edges = "Name,Tier,Cores,Memory_GB,Storage_GB,Fixed,Management,E2T,SDL,NIB,xApp\n".to_owned();
    for at in 1..problem.compute_nodes {
        let capacity = problem.capacity[at].clone().unwrap_or_default();
        let costs: Vec<String> = problem.components[..5].iter().map(|one| one.cost[at].to_string()).collect();
        let fixed = problem.fixed_cost[at];
        let amounts: Vec<String> = capacity.iter().map(i64::to_string).collect();
        let _ = writeln!(edges, "{},{},{},{fixed},{}", compute(at), fixed / 10, amounts.join(","), costs.join(","));
    }
    let mut latencies = "From,To,One_way_ms\n".to_owned();
    for row in 0..e2_nodes {
        for column in 0..problem.compute_nodes {
            let latency = problem.latency_e2[row * problem.compute_nodes + column];
            let _ = writeln!(latencies, "{},{},{latency}", e2(row), compute(column));
        }
    }
    for row in 1..problem.compute_nodes {
        for column in 0..row {
            let latency = problem.latency_compute[row * problem.compute_nodes + column];
            let _ = writeln!(latencies, "{},{},{latency}", compute(row), compute(column));
        }
    }
    let file = |name: &str, text: String| (format!("rico-512/{name}"), text);
    vec![file("e2-nodes.csv", sites), file("edge-nodes.csv", edges), file("latencies.csv", latencies)]
}

/// The levels of OrchestRAN's tree: kind, name, how many, cores, rate and delay to the level above.
const LEVELS: [(&str, &str, usize, u32, u32, u32); 5] = [
    ("non-rt-ric", "smo", 1, 128, 0, 0),
    ("near-rt-ric", "ric", 4, 8, 100, 10),
    ("cu", "cu", 10, 4, 50, 10),
    ("du", "du", 30, 2, 25, 10),
    ("ru", "ru", 90, 1, 20, 1),
];

const FUNCTIONS: [&str; 7] = [
    "scheduling",
    "slicing",
    "beamforming",
    "handover-prediction",
    "capacity-forecast",
    "traffic-classification",
    "power-control",
];

/// The execution time everywhere.
const RUNS: &str = "1ms on non-rt-ric, 1ms on near-rt-ric, 1ms on cu, 1ms on du, 1ms on ru";

/// Models of the catalog; the last three read IQ samples.
const MODELS: usize = 13;
/// 1.5 requests per node.
const REQUESTS: usize = 202;

/// A node of the tree.
struct Node {
    level: usize,
    name: String,
    parent: Option<usize>,
}

/// Section VII of OrchestRAN: tree, catalog, requests, and the overlays of the other node cases.
fn orchestran(seed: u64) -> Vec<File> {
    let mut random = Random::new(seed);
    let nodes = tree(&mut random);
    let catalog = catalog(&mut random);
    let requests: Vec<Vec<Wish>> = (0..REQUESTS).map(|_| wishes(&nodes, &mut random)).collect();
    let file = |name: &str, text: String| (format!("orchestran/{name}"), text);
    vec![
        file("nodes.csv", nodes_table(&nodes)),
        file("links.csv", links_table(&nodes)),
        file("models.intent", catalog),
        file("requests.intent", requests_text(&nodes, &requests)),
        file("edge-and-ran.intent", overlay(&nodes, &requests, "edge-and-ran", 1)),
        file("ran-only.intent", overlay(&nodes, &requests, "ran-only", 2)),
    ]
}

fn tree(random: &mut Random) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for (level, (_, word, count, ..)) in LEVELS.iter().enumerate() {
        let above: Vec<usize> = (0..nodes.len()).filter(|&at| nodes[at].level + 1 == level).collect();
        for number in 1..=*count {
            let name = if *count == 1 {
                (*word).to_owned()
            } else {
                format!("{word}-{number:0width$}", width = count.to_string().len())
            };
            let parent = above.get(random.below(above.len())).copied();
            nodes.push(Node { level, name, parent });
        }
    }
    nodes
}

fn nodes_table(nodes: &[Node]) -> String {
    let mut text = "Name,Kind,Parent,Cores\n".to_owned();
    for node in nodes {
        let (kind, _, _, cores, ..) = LEVELS[node.level];
        let parent = node.parent.map_or("", |parent| nodes[parent].name.as_str());
        let _ = writeln!(text, "{},{kind},{parent},{cores}", node.name);
    }
    text
}

fn links_table(nodes: &[Node]) -> String {
    let mut text = "Lower,Upper,Rate_Gbps,One_way_ms\n".to_owned();
    for node in nodes {
        let Some(parent) = node.parent else { continue };
        let (.., rate, delay) = LEVELS[node.level];
        let _ = writeln!(text, "{},{},{rate},{delay}", node.name, nodes[parent].name);
    }
    text
}

fn catalog(random: &mut Random) -> String {
    let mut text =
        "# The catalog of section VII: one core and 1 ms each; ten read metrics, three IQ samples.\n".to_owned();
    for at in 0..MODELS {
        let function = FUNCTIONS[if at < FUNCTIONS.len() { at } else { random.below(FUNCTIONS.len()) }];
        let input = if at < 10 { "metrics 100B" } else { "iq-samples 1000B" };
        let _ = writeln!(
            text,
            "\nmodel m{:02}-{function} {{\n  offers {function} performance 100%\n  input {input}\n  demand cpu 1\n  runs {RUNS}\n}}",
            at + 1
        );
    }
    text
}

/// A target: what is wanted, how fast, and per node case where, with data from where.
struct Wish {
    function: usize,
    /// One of ten equal parts: which limit it has in which mix.
    decile: usize,
    /// The node in the cases ALL, edge and RAN, RAN only.
    node: [usize; 3],
    /// Sources, in the same cases.
    sources: [Vec<usize>; 3],
}

/// One to four targets that differ in function or node, whatever the case.
fn wishes(nodes: &[Node], random: &mut Random) -> Vec<Wish> {
    let count = 1 + random.below(4);
    let mut wishes: Vec<Wish> = Vec::new();
    while wishes.len() < count {
        let wish = wish(nodes, random);
        let clashes = |other: &Wish| {
            other.function == wish.function && other.node.iter().zip(&wish.node).any(|(one, other)| one == other)
        };
        if !wishes.iter().any(clashes) {
            wishes.push(wish);
        }
    }
    wishes
}

fn wish(nodes: &[Node], random: &mut Random) -> Wish {
    let (function, decile) = (random.below(FUNCTIONS.len()), random.below(10));
    // A level that a case does not allow is drawn anew among those it allows: each case is uniform.
    let drawn = random.below(5);
    let (edge, ran) = (1 + random.below(4), 2 + random.below(3));
    let level = [drawn, if drawn >= 1 { drawn } else { edge }, if drawn >= 2 { drawn } else { ran }];
    let (place, from_units) = (random.below(1 << 20), random.below(2) == 1);
    let picks: Vec<usize> = (0..=random.below(3)).map(|_| random.below(1 << 20)).collect();
    let node = level.map(|level| {
        let of_level: Vec<usize> = (0..nodes.len()).filter(|&at| nodes[at].level == level).collect();
        of_level[place % of_level.len()]
    });
    let sources = node.map(|node| {
        let units: Vec<usize> =
            (0..nodes.len()).filter(|&at| nodes[at].level == 4 && is_below(nodes, at, node)).collect();
        if !from_units || units.is_empty() {
            return Vec::new();
        }
        let mut chosen: Vec<usize> = picks.iter().map(|pick| units[pick % units.len()]).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    });
    Wish { function, decile, node, sources }
}

fn is_below(nodes: &[Node], node: usize, above: usize) -> bool {
    std::iter::successors(Some(node), |&at| nodes[at].parent).any(|at| at == above)
}

/// The parameter that says how fast a target must be: the mixes differ in these five.
fn limit(decile: usize) -> &'static str {
    ["$fastest", "$fast", "$medium", "$slow", "$slowest"][decile / 2]
}

const LETTERS: [&str; 4] = ["a", "b", "c", "d"];

/// What is wanted where; `data from target` need not be said where nothing else was.
fn place(nodes: &[Node], wish: &Wish, case: usize) -> String {
    let mut text = format!("want {} on node {}", FUNCTIONS[wish.function], nodes[wish.node[case]].name);
    let sources: Vec<&str> = wish.sources[case].iter().map(|&at| nodes[at].name.as_str()).collect();
    if !sources.is_empty() {
        let _ = write!(text, "  data from nodes {}", sources.join(", "));
    } else if !wish.sources[0].is_empty() {
        text.push_str("  data from target");
    }
    text
}

/// A block in a block, as `ranform fmt` writes it: on one line where that is not too long.
fn inner_block(head: &str, body: &str) -> String {
    let line = format!("  {head} {{ {body} }}\n");
    if line.trim_end().chars().count() <= 100 { line } else { format!("  {head} {{\n    {body}\n  }}\n") }
}

fn requests_text(nodes: &[Node], requests: &[Vec<Wish>]) -> String {
    let mut text =
        "# 202 requests of section VII, node case ALL; the overlays move targets, parameters make limits strict.\n"
            .to_owned();
    for (at, wishes) in requests.iter().enumerate() {
        let _ = writeln!(text, "\nrequest r-{:03} {{", at + 1);
        for (wish, letter) in wishes.iter().zip(LETTERS) {
            let body = format!("{}  within {}", place(nodes, wish, 0), limit(wish.decile));
            text += &inner_block(&format!("target {letter}"), &body);
        }
        text.push_str("}\n");
    }
    text
}

fn overlay(nodes: &[Node], requests: &[Vec<Wish>], name: &str, case: usize) -> String {
    let mut text = format!(
        "# The node case `{name}` of Table II: targets on nodes it does not name stand elsewhere.\n\noverlay {name} {{\n"
    );
    for (at, wishes) in requests.iter().enumerate() {
        for (wish, letter) in wishes.iter().zip(LETTERS) {
            if wish.node[case] != wish.node[0] {
                let head = format!("set request.r-{:03}/target.{letter}", at + 1);
                text += &inner_block(&head, &place(nodes, wish, case));
            }
        }
    }
    text + "}\n"
}
