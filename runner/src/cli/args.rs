//! The verbs and their flags, as clap reads them. A verb appears here when it works.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Intents in, proven radio access network configuration out.
#[derive(Debug, Parser)]
#[command(name = "ranform", version, disable_help_subcommand = true, propagate_version = true)]
pub struct CommandLine {
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every verb.
#[derive(Debug, Default, Args)]
pub struct Global {
    /// The project folder [default: where you are]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub chdir: Option<PathBuf>,
    /// Plain text, also on a terminal (as NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Whether questions may be asked
    #[arg(long, global = true, value_name = "BOOL")]
    pub input: Option<bool>,
    /// A value for a parameter
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub var: Vec<String>,
    /// A file with a value for a parameter on each line
    #[arg(long, global = true, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,
    /// The overlay (environment) to use
    #[arg(long, global = true, value_name = "NAME")]
    pub overlay: Option<String>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Solve one problem document and print one answer document
    Solve(SolveArgs),
    /// Print a completion script for a shell
    Completion(CompletionArgs),
    /// Print the version
    Version(VersionArgs),
}

/// The kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Problem {
    /// Shares of tenants on nodes
    Slicing,
    /// Places of a near-RT RIC's components
    Placement,
    /// Models for requests
    Orchestration,
}

/// `solve`
#[derive(Debug, Args)]
pub struct SolveArgs {
    /// What kind of problem
    pub kind: Problem,
    /// The problem document, `-` for stdin
    pub file: PathBuf,
    /// Stop with the best answer after this long, e.g. 60s, 500ms, 2min
    #[arg(long, value_name = "DURATION", value_parser = crate::commands::solve::duration)]
    pub time_limit: Option<std::time::Duration>,
    /// The strategy by name
    #[arg(long)]
    pub strategy: Option<String>,
    /// The seed of strategies that draw random numbers
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// `completion`
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `version`
#[derive(Debug, Default, Args)]
pub struct VersionArgs {
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}
