//! The compiler at scale: 100,000 entities as intents, and 1,000,000 cells as a table beside intents. Prints the time
//! of each part and the largest memory, each network in a process of its own.
//!
//! Usage: `compiler` for both; `compiler intents|table [COUNT]` for one; `compiler write intents|table COUNT FOLDER`
//! writes the project, to run commands on it.

mod generate;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use ranform_compiler::{CompileOptions, check, compile};
use ranform_network::World;
use ranform_network::diagnostic::Severity;
use ranform_network::source::MemoryWorld;

/// What the command runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KINDS: [(&str, usize); 2] = [("intents", 100_000), ("table", 1_000_000)];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => both(),
        ["write", kind, count, folder] => write(&files(kind, count.parse()?)?, Path::new(folder)),
        [kind] => run(kind, KINDS.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| *count)),
        [kind, count] => run(kind, count.parse()?),
        _ => Err("usage: compiler [intents|table [COUNT] | write intents|table COUNT FOLDER]".into()),
    }
}

fn files(kind: &str, count: usize) -> Result<Vec<generate::File>, Box<dyn Error>> {
    match kind {
        "intents" => Ok(generate::intents(count)?),
        "table" => Ok(generate::table(count)?),
        other => Err(format!("`{other}` is neither `intents` nor `table`").into()),
    }
}

/// Each in a process of its own, so that the largest memory is its own.
fn both() -> Result<(), Box<dyn Error>> {
    let quick = std::env::var("RANFORM_BENCH").is_ok_and(|value| value == "quick");
    println!("| network | blocks | entities | MB of text | parse | resolve | check | CPU | peak memory | findings |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (kind, count) in KINDS {
        let count = if quick { count / 10 } else { count };
        let status = std::process::Command::new(std::env::current_exe()?).args([kind, &count.to_string()]).status()?;
        if !status.success() {
            return Err(format!("{kind} {count} ended with {status}").into());
        }
    }
    Ok(())
}

fn write(files: &[generate::File], folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    for (path, text) in files {
        std::fs::write(folder.join(path), text)?;
    }
    Ok(())
}

/// Compiles from memory and prints one row. Parsing is timed apart and again within resolving, so it is taken off there.
fn run(kind: &str, count: usize) -> Result<(), Box<dyn Error>> {
    let files = files(kind, count)?;
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let world = files.into_iter().fold(MemoryWorld::default(), |world, (path, text)| world.with(path, text));
    let start = Instant::now();
    let mut blocks = 0;
    for path in world.intents("")? {
        let text = ranform_grammar::decode(&path, &world.read(&path)?).map_err(|finding| finding.message)?;
        blocks += ranform_grammar::parse(Default::default(), &text).file.blocks.len();
    }
    let parse = start.elapsed().as_secs_f64();
    let before = cpu_seconds();
    let start = Instant::now();
    let compiled = compile(&world, &CompileOptions::default());
    let all = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let judged = check::run(&compiled.network);
    let checks = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - before;
    let network = &compiled.network;
    let counts = [network.sites.len(), network.tenants.len(), network.nodes.len(), network.cells.len()];
    let entities: usize = counts.iter().sum::<usize>() + network.chunks.len() + network.slas.len();
    println!(
        "| {count} as {kind} | {blocks} | {entities} | {} | {parse:.2} s | {:.2} s | {checks:.2} s | {cpu:.2} s | {} MB | {} |",
        bytes >> 20,
        all - parse,
        peak_megabytes(),
        compiled.diagnostics.len() + judged.len(),
    );
    let errors = compiled.diagnostics.iter().chain(&judged).filter(|finding| finding.severity == Severity::Error);
    match errors.map(|finding| format!("{} {}", finding.code.id, finding.message)).next() {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// The largest resident memory so far, where the system tells.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Processor seconds of this process in user mode so far (ticks of 10 ms), where the system tells.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    fields.split_whitespace().nth(11).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0) / 100.0
}
