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
    /// Warnings in one line each, equal ones counted
    #[arg(long, global = true)]
    pub compact_warnings: bool,
    /// Errors of one code as one, which says where the others are
    #[arg(long, global = true)]
    pub consolidate_errors: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find every error in the intents; needs no network and no secret
    #[command(visible_alias = "validate")]
    Check(CheckArgs),
    /// Rewrite intent files in the one canonical format
    Fmt(FmtArgs),
    /// Write a small network to start from into an empty folder
    Init(InitArgs),
    /// Print the topology
    Graph(GraphArgs),
    /// Solve one problem document and print one answer document
    Solve(SolveArgs),
    /// Solve, prove and show what would change
    Plan(PlanArgs),
    /// Show a bundle
    Show(ShowArgs),
    /// Write what clusters are to run as a package for another tool
    Render(RenderArgs),
    /// Show what a bundle changes, rendered artifacts too
    Diff(DiffArgs),
    /// Apply a bundle: all of it or nothing
    Apply(ApplyArgs),
    /// Say what others changed on the devices; cannot write
    Drift(DriftArgs),
    /// Put back what was before the last apply, or at a serial
    Rollback(RollbackArgs),
    /// List what was applied and taken back, or show one of them
    History(HistoryArgs),
    /// Read the devices' present configuration into a snapshot; cannot write
    Observe(ObserveArgs),
    /// Explain a diagnostic code, or why something at an address is as it is
    Explain(ExplainArgs),
    /// Write the intents as custom resources of a cluster, or the definitions of those
    Export(ExportArgs),
    /// Write custom resources as intents
    Import(ImportArgs),
    /// Print a completion script for a shell
    Completion(CompletionArgs),
    /// Print the version
    Version(VersionArgs),
}

/// `check`
#[derive(Debug, Default, Args)]
pub struct CheckArgs {
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `fmt`
#[derive(Debug, Default, Args)]
pub struct FmtArgs {
    /// Files or folders [default: the project]; `-` formats stdin to stdout
    pub paths: Vec<PathBuf>,
    /// Change nothing; exit 2 if a file would change
    #[arg(long)]
    pub check: bool,
    /// Show the differences; the files are written all the same, unless with --check or --write=false
    #[arg(long)]
    pub diff: bool,
    /// Whether to write the files
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub write: bool,
    /// Whether to list the files that change
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub list: bool,
    /// Accepted for habit; folders are always searched
    #[arg(long, hide = true)]
    pub recursive: bool,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `init`
#[derive(Debug, Default, Args)]
pub struct InitArgs {
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `graph`
#[derive(Debug, Default, Args)]
pub struct GraphArgs {
    /// JSON instead of DOT
    #[arg(long)]
    pub json: bool,
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

/// What a plan is made of and how it is told.
#[derive(Debug, Default, Args)]
pub struct PlanArgs {
    /// Write the bundle here (conventionally NAME.ranplan)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Read the devices first (as `observe`), then plan against what they have
    #[arg(long)]
    pub refresh: bool,
    /// Events as JSON lines
    #[arg(long)]
    pub json: bool,
    /// The same events into a file, beside what people read
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Exit 2 when there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// An observation file (loads and uses) of the project
    #[arg(long, value_name = "FILE")]
    pub observation: Option<PathBuf>,
    /// Only this address, what is below it and what it needs
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Leave this address and what is below it as it is
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
    /// The summary only
    #[arg(long)]
    pub concise: bool,
}

/// `show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The bundle
    pub file: PathBuf,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// The packages that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Package {
    /// A kustomize base, and an overlay per environment
    Kustomize,
    /// A Helm chart
    Helm,
}

/// `render`
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The folder to write into
    pub folder: PathBuf,
    /// As what
    #[arg(long = "as", value_name = "PACKAGE")]
    pub form: Package,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The bundle [default: plan now]
    pub file: Option<PathBuf>,
    /// Exit 2 when there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `apply`
#[derive(Debug, Default, Args)]
pub struct ApplyArgs {
    /// The reviewed bundle; without one, `-auto-approve` plans and applies
    pub file: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// An owner who approved that others' lines change what is theirs; the plan names who must
    #[arg(long, value_name = "OWNER")]
    pub approved_by: Vec<String>,
    /// Events as JSON lines
    #[arg(long)]
    pub json: bool,
    /// The same events into a file, beside what people read
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// How many devices at a time
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub parallelism: usize,
    /// How long to wait for the lock, e.g. 30s
    #[arg(long, value_name = "DURATION", value_parser = crate::commands::solve::duration)]
    pub lock_timeout: Option<std::time::Duration>,
    /// What another project's state runs is ours from now on: that state is lost, or gave it up (its id is in RF934)
    #[arg(long, value_name = "STATE", value_parser = state_id)]
    pub take_over: Option<String>,
    /// The longest that a step may take on one device [default: 60s, and 5m where software has to be ready]
    #[arg(long, value_name = "DURATION", value_parser = crate::commands::solve::duration)]
    pub device_timeout: Option<std::time::Duration>,
    /// How a plan is made when no bundle is given
    #[command(flatten)]
    pub plan: ApplyPlanArgs,
}

/// How `apply -auto-approve` plans.
#[derive(Debug, Default, Args)]
pub struct ApplyPlanArgs {
    /// An observation file (loads and uses) of the project
    #[arg(long, value_name = "FILE")]
    pub observation: Option<PathBuf>,
    /// Only this address, what is below it and what it needs
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Leave this address and what is below it as it is
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
}

/// `drift`
#[derive(Debug, Default, Args)]
pub struct DriftArgs {
    /// How many devices at a time [default: 32]
    #[arg(long, value_name = "N")]
    pub parallelism: Option<usize>,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `history`
#[derive(Debug, Default, Args)]
pub struct HistoryArgs {
    /// Show the bundle that made this serial
    #[arg(value_name = "SERIAL")]
    pub serial: Option<u64>,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `rollback`
#[derive(Debug, Default, Args)]
pub struct RollbackArgs {
    /// Go to what was there at this serial (`ranform history` lists them; 0 is before the first)
    #[arg(long, value_name = "SERIAL")]
    pub to: Option<u64>,
    /// End the interrupted transaction without this device, which will not come back (repeatable)
    #[arg(long, value_name = "ADDRESS", conflicts_with = "to")]
    pub without: Vec<String>,
    /// How many devices at a time
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub parallelism: usize,
    /// How long to wait for the lock, e.g. 30s
    #[arg(long, value_name = "DURATION", value_parser = crate::commands::solve::duration)]
    pub lock_timeout: Option<std::time::Duration>,
    /// What another project's state runs is ours from now on: that state is lost, or gave it up (its id is in RF934)
    #[arg(long, value_name = "STATE", value_parser = state_id)]
    pub take_over: Option<String>,
    /// The longest that a step may take on one device [default: 60s, and 5m where software has to be ready]
    #[arg(long, value_name = "DURATION", value_parser = crate::commands::solve::duration)]
    pub device_timeout: Option<std::time::Duration>,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// Events as JSON lines
    #[arg(long)]
    pub json: bool,
    /// The same events into a file, beside what people read
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
}

/// `observe`
#[derive(Debug, Default, Args)]
pub struct ObserveArgs {
    /// How many devices at a time [default: 32]
    #[arg(long, value_name = "N")]
    pub parallelism: Option<usize>,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A diagnostic code such as RF102, or an address
    pub subject: String,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Export {
    /// The objects of the project (ranform.dev/v1alpha1)
    CustomResources,
    /// The definitions that a cluster needs before it takes them
    Crds,
    /// The status of the objects: what is applied, what drifted (reads the devices; writes to none)
    Status,
}

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to export
    pub what: Export,
    /// The namespace of the objects [default: none, that of the context counts]
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Write here instead of stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// One JSON document (a list of objects)
    #[arg(long)]
    pub json: bool,
    /// Apply them to the cluster instead (server-side, field manager `ranform`)
    #[arg(long)]
    pub apply: bool,
    /// The kubeconfig [default: found as kubectl finds it]
    #[arg(long, value_name = "FILE", requires = "apply")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME", requires = "apply")]
    pub context: Option<String>,
    /// Say what would be created, changed and removed, and write nothing
    #[arg(long, requires = "apply")]
    pub dry_run: bool,
    /// The ConfigMap that lists what was applied, by which it is removed [default: ranform-resources]
    #[arg(long, value_name = "NAME", requires = "apply")]
    pub inventory: Option<String>,
    /// How many devices are read at a time, for the status [default: 32]
    #[arg(long, value_name = "N")]
    pub parallelism: Option<usize>,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Import {
    /// Objects of ranform.dev/v1alpha1, as YAML or JSON
    CustomResources,
}

/// `import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What to import
    pub what: Import,
    /// The files; `-` for stdin (`kubectl get ranform -o yaml | ranform import custom-resources -`)
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Write the intent files into this folder instead of stdout
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// One JSON document: files and findings
    #[arg(long)]
    pub json: bool,
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

/// The id of a state, or as much of it as is told.
fn state_id(text: &str) -> Result<String, String> {
    const LENGTHS: std::ops::RangeInclusive<usize> = 12..=32;
    if LENGTHS.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(text.to_owned());
    }
    Err("the id of a state has 12 to 32 digits of 0-9 and a-f; RF934 tells it".to_owned())
}
