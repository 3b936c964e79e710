//! Writes a network of 100,000 entities as intents and one of 1,000,000 cells as a table, compiles both from memory,
//! and prints the time of each part and the largest memory.
//!
//! `cargo run -p ranform-compiler --example scale [dsl|csv] [entities]`

use std::error::Error;
use std::fmt::Write;
use std::time::Instant;

use ranform_compiler::{CompileOptions, compile};
use ranform_network::diagnostic::Severity;
use ranform_network::source::MemoryWorld;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let which = arguments.first().map_or("both", String::as_str);
    let number = arguments.get(1).and_then(|number| number.parse().ok());
    if which != "csv" {
        run("dsl", &MemoryWorld::default().with("main.intent", dsl(number.unwrap_or(100_000))?))?;
    }
    if which != "dsl" {
        let cells = number.unwrap_or(1_000_000);
        let world = MemoryWorld::default().with("main.intent", table_dsl(cells)?).with("cells.csv", csv(cells)?);
        run("csv", &world)?;
    }
    Ok(())
}

fn run(name: &str, world: &MemoryWorld) -> Result<(), Box<dyn Error>> {
    use ranform_network::World;
    let begin = Instant::now();
    let mut blocks = 0;
    for path in world.intents("")? {
        let text = ranform_grammar::decode(&path, &world.read(&path)?).map_err(|finding| finding.message)?;
        blocks += ranform_grammar::parse(Default::default(), &text).file.blocks.len();
    }
    let parse = begin.elapsed();
    let begin = Instant::now();
    let compiled = compile(world, &CompileOptions::default());
    let all = begin.elapsed();
    let network = &compiled.network;
    let begin = Instant::now();
    let judged = ranform_compiler::check::run(network);
    println!("{name}: checks {:.3} s, {} findings", begin.elapsed().as_secs_f64(), judged.len());
    for finding in judged.iter().take(5) {
        println!("  {} {}", finding.code.id, finding.message);
    }
    println!(
        "{name}: {blocks} blocks, {} nodes, {} cells, {} chunks, {} slas; parse {:.3} s, parse and resolve {:.3} s, peak {} MB, {} errors, {} warnings",
        network.nodes.len(),
        network.cells.len(),
        network.chunks.len(),
        network.slas.len(),
        parse.as_secs_f64(),
        all.as_secs_f64(),
        peak_megabytes(),
        compiled.diagnostics.iter().filter(|one| one.severity == Severity::Error).count(),
        compiled.diagnostics.iter().filter(|one| one.severity == Severity::Warning).count(),
    );
    for finding in compiled.diagnostics.iter().take(5) {
        println!("  {} {}", finding.code.id, finding.message);
    }
    Ok(())
}

/// The largest resident memory so far, where the system tells.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) / 1024
}

const TENANTS: &str = "tenant red { plmn 001-01  slice 1:000001 }\ntenant blue { plmn 001-02  slice 1:000002 }\n";

/// Sites of 10 nodes of 3 cells each, two chunks and an SLA per site.
fn dsl(entities: usize) -> Result<String, std::fmt::Error> {
    let mut text = format!("language 1\n{TENANTS}");
    for site in 0..entities / 44 {
        writeln!(text, "site s{site} {{ region \"r{}\"  tier 1 }}", site % 50)?;
        for node in 0..10 {
            writeln!(
                text,
                "node g{site}-{node} : gnb {{\n  site s{site}  profile 3gpp-r18  gnb-id {}/22",
                site * 10 + node
            )?;
            for cell in 0..3 {
                writeln!(
                    text,
                    "  cell c{cell} {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  local-id {cell}  pci {}  tac 7  power 30dBm  neighbours g{site}-{}/c0 }}",
                    (site * 30 + node * 3 + cell) % 1008,
                    (node + 1) % 10
                )?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "chunk red-{site} for red {{ cells in site s{site} }}")?;
        writeln!(text, "chunk blue-{site} for blue {{ cells in site s{site} where band = n77 }}")?;
        writeln!(text, "sla s{site} {{ over site s{site}  share red 60%, blue 40%  window 100s every 10s }}")?;
    }
    Ok(text)
}

fn table_dsl(cells: usize) -> Result<String, std::fmt::Error> {
    let mut text = format!("language 1\n{TENANTS}");
    for site in 0..cells.div_ceil(30) {
        writeln!(text, "site s{site} {{ region \"r{}\" }}", site % 50)?;
        for node in 0..10 {
            writeln!(text, "node g{site}-{node} : gnb {{ site s{site} }}")?;
        }
    }
    text.push_str(
        "table cells from \"cells.csv\" {
  as cell on node  key \"Cell\"
  column node \"gNB\"  column band \"Band\"  column carrier \"Freq_MHz\" MHz  column bandwidth \"BW_MHz\" MHz
  column pci \"PCI\"  column tac \"TAC\"  column power \"Power\" dBm  column label.vendor \"Vendor\"
  set scs 30kHz
}
area metro { cells where site.region = \"r7\" and label.vendor = \"acme\" }
chunk red-metro for red { cells in area metro }
",
    );
    Ok(text)
}

fn csv(cells: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::from("Cell,gNB,Band,Freq_MHz,BW_MHz,PCI,TAC,Power,Vendor,Remark\n");
    for cell in 0..cells {
        let (site, node) = (cell / 30, cell / 3 % 10);
        writeln!(
            text,
            "c{cell},g{site}-{node},n77,4050,50,{},7,30.5,{},\"roof, north\"",
            cell % 1008,
            ["acme", "zeta"][cell % 2]
        )?;
    }
    Ok(text)
}
