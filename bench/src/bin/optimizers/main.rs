//! The placement and orchestration optimizers: the figures of their papers, and their targets.
//!
//! `optimizers [NAME..]` prints what the names begin with (`rico`, `orchestran-6`, `targets`; all without a
//! name) as Markdown, with a picture of each figure in `figures/` of the target folder.
//! RANFORM_BENCH=quick takes small sizes and few seeds. `optimizers book` makes the book's page of the last run.

mod book;
mod measure;
mod orchestran;
mod plot;
mod report;
mod rico;
mod targets;

#[path = "../../../../optimizers/tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;

use report::Figure;

/// How much to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A taste, in about two minutes.
    Quick,
    /// What the book shows.
    Full,
}

/// Figures that come from one run: the names they begin with, and the run.
type Run = (&'static str, fn(Effort) -> Vec<Figure>);

const RUNS: [Run; 6] = [
    ("rico-7", rico::figures),
    ("orchestran-5", orchestran::size::figures),
    ("orchestran-6", orchestran::acceptance::figures),
    ("orchestran-11", orchestran::prototype::figures),
    ("targets-placement", targets::placement),
    ("targets-orchestration", targets::orchestration),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((first, rest)) if first == "one" => targets::one(rest),
        Some((first, [])) if first == "book" => book::write(&folder()),
        _ => publish(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn publish(names: &[String]) -> Result<(), String> {
    let effort = match std::env::var("RANFORM_BENCH").as_deref() {
        Ok("quick") => Effort::Quick,
        _ => Effort::Full,
    };
    let chosen = |id: &str| names.is_empty() || names.iter().any(|name| id.starts_with(name.as_str()));
    let runs: Vec<&Run> = RUNS.iter().filter(|(id, _)| chosen(id)).collect();
    if runs.is_empty() {
        let known: Vec<&str> = RUNS.iter().map(|(id, _)| *id).collect();
        return Err(format!("there is nothing called so; there are {}", known.join(", ")));
    }
    for (_, run) in runs {
        for figure in run(effort) {
            figure.publish(&folder()).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// `figures` in the folder that cargo builds into.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from("target")).join("figures")
}
