//! The whole flow as one function: files in, a plan out. Read this first.
//!
//! ```text
//! read, parse, resolve -> check -> (stop on errors) -> solve slicing, placement, orchestration, each verified
//!                      -> assemble -> diff -> render
//! ```
//!
//! Nothing here touches a device or a clock: the same inputs give the same plan. `apply` is separate.

use std::collections::{BTreeMap, BTreeSet};

use ranform_compiler::{CompileOptions, compile};
use ranform_network::address::Address;
use ranform_network::answers::{Decisions, SliceShares};
use ranform_network::bundle::sha256;
use ranform_network::deployment::{Change, Deployment, Recorded, Resource, diff};
use ranform_network::diagnostic::{self, Diagnostic, Severity, codes, has_errors};
use ranform_network::source::{Sources, World};
use ranform_network::{Artifact, Certificate, Control, Network, NoControl, Telemetry};
use ranform_optimizers::slicing;

use crate::cause::{self, Causes};
use crate::drivers::Difference;
use crate::failure;
use crate::guard;
use crate::hold::Hold;
use crate::identity;
use crate::interruption;
use crate::memory::Memory;
use crate::moves;
use crate::outside::{self, KeptLeaf};
use crate::present::Present;
use crate::project::Snapshot;
use crate::reach::Reach;
use crate::render;
use crate::rules::Judged;
use crate::secrets;
use crate::selection::Selection;
use crate::software::report::SoftwareReport;
use crate::software::{self, Software};
use crate::state::StateRecord;
use crate::summary::Summary;
use crate::{doubled, objectives, policies, renames, unreachable};

/// What a plan is made of.
pub struct Inputs<'a> {
    /// The project's files.
    pub world: &'a dyn World,
    /// Parameters and overlay.
    pub compile: &'a CompileOptions,
    /// What state holds.
    pub memory: &'a Memory,
    /// What the devices held when they were last observed, while that is of the present state.
    pub snapshot: Option<&'a Snapshot>,
    /// Observed loads and uses, where there is an observation file.
    pub telemetry: Option<&'a Telemetry>,
    /// SHA-256 of the observation file, empty without one.
    pub observation: &'a str,
    /// Targets and exclusions.
    pub selection: &'a Selection,
    /// The day it is, `YYYY-MM-DD`, for lines that hold until a day; none where no day is known.
    pub today: Option<&'a str>,
    /// When to stop and whom to tell.
    pub control: &'a dyn Control,
}

/// Nothing is left out.
static EVERYTHING: Selection = Selection { targets: Vec::new(), excludes: Vec::new() };

impl<'a> Inputs<'a> {
    /// Files, and what state holds; nothing observed, everything selected, no day, and nobody who stops it.
    pub fn new(world: &'a dyn World, compile: &'a CompileOptions, memory: &'a Memory) -> Self {
        Self {
            world,
            compile,
            memory,
            snapshot: None,
            telemetry: None,
            observation: "",
            selection: &EVERYTHING,
            today: None,
            control: &NoControl,
        }
    }
}

/// Every intermediate result; the later ones are empty where the flow stopped on errors.
#[derive(Default)]
pub struct Planned {
    /// Every text read.
    pub sources: Sources,
    /// SHA-256 over the paths and bytes of every file read.
    pub intents_digest: String,
    /// What was found, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What was meant.
    pub network: Network,
    /// What the optimizers decided.
    pub decisions: Decisions,
    /// The problems of placed software with their answers, for further questions.
    pub software: Software,
    /// What proves it.
    pub certificates: Vec<Certificate>,
    /// Every decision.
    pub deployment: Deployment,
    /// What differs from what is there.
    pub changes: Vec<Change>,
    /// The bytes for devices.
    pub artifacts: Vec<Artifact>,
    /// What it means to people.
    pub summary: Summary,
    /// What was there.
    pub present: Present,
    /// What others changed of things that are held: nothing is settled about it.
    pub put_off: Vec<Difference>,
    /// What is called otherwise now: old, new.
    pub renamed: Vec<(Address, Address)>,
    /// Whether the flow went through to the end.
    pub complete: bool,
}

/// Reads, checks and stops there: the first half of [`plan`].
pub fn check(world: &dyn World, options: &CompileOptions) -> Planned {
    checked(world, options).0
}

/// As [`check`], with the overlays that were not chosen: what is wrong with one of them only is told with its name.
pub fn check_all(world: &dyn World, options: &CompileOptions) -> Planned {
    let (mut planned, overlays) = checked(world, options);
    let mut more: Vec<Diagnostic> = Vec::new();
    for name in overlays.into_iter().filter(|name| options.overlay.as_ref() != Some(name)) {
        let (other, _) = checked(world, &CompileOptions { overlay: Some(name.clone()), ..options.clone() });
        let new = other.diagnostics.into_iter().filter(|finding| !planned.diagnostics.contains(finding));
        more.extend(new.map(|finding| finding.help(format!("this is with `-overlay {name}`"))));
    }
    planned.sources = secrets::covered(planned.sources, &more);
    planned.diagnostics.extend(more);
    diagnostic::sort(&mut planned.diagnostics);
    planned
}

/// What is found of a project with the overlay that is chosen, and the overlays there are.
fn checked(world: &dyn World, options: &CompileOptions) -> (Planned, Vec<String>) {
    let (mut planned, overlays) = check_knowing(world, options, &BTreeMap::new());
    // What a RIC lists is known to who has asked it: a plan judges with that.
    let unsure = planned.diagnostics.iter_mut().filter(|found| *found.code == codes::POLICY_TYPE_NOT_LISTED);
    unsure.for_each(|found| found.severity = Severity::Warning);
    (planned, overlays)
}

/// As [`checked`], knowing which policy types near-RT RICs list.
fn check_knowing(world: &dyn World, options: &CompileOptions, listed: &policies::Listed) -> (Planned, Vec<String>) {
    let mut compiled = compile(world, options);
    policies::as_listed(&mut compiled.network, listed);
    let mut diagnostics = compiled.diagnostics;
    let none = !compiled.files.iter().any(|(path, _)| path.ends_with(".intent"));
    if none && !has_errors(&diagnostics) {
        let message = "the folder has no `*.intent` file";
        diagnostics.push(Diagnostic::error_nowhere(&codes::NO_INTENTS, message).help(
            "-chdir=FOLDER names the folder of the project, `ranform init` writes a network to start from; to take everything down keep a file with `language 1`",
        ));
    }
    // The rules are judged of what is sound, beside what is not.
    let judge = || ranform_compiler::check::run_beside(&compiled.network, &compiled.damage);
    let (intents_digest, findings) = rayon::join(|| digest(&compiled.files), judge);
    diagnostics.extend(findings);
    diagnostic::sort(&mut diagnostics);
    let sources = secrets::covered(compiled.sources, &diagnostics);
    let planned = Planned { intents_digest, sources, network: compiled.network, diagnostics, ..Planned::default() };
    (planned, compiled.overlays)
}

/// The whole flow. Where it stops (errors, an infeasible SLA, a denied guard) `complete` is false and the
/// findings say why.
pub fn plan(inputs: &Inputs<'_>) -> Planned {
    let listed = policies::listed(inputs.memory, inputs.snapshot);
    let (mut planned, _) = check_knowing(inputs.world, inputs.compile, &listed);
    if has_errors(&planned.diagnostics) {
        return planned;
    }
    planned.present = Present::new(&planned.network, inputs);
    let strangers = inputs.snapshot.iter().flat_map(|snapshot| &snapshot.strangers);
    planned.diagnostics.extend(strangers.map(failure::stranger));
    let (hold, findings) = Hold::new(&planned.network, &planned.present, inputs);
    planned.diagnostics.extend(findings);
    let held = hold.shares(&planned.network, &planned.present.recorded);
    let slicing = slicing::network::solve(&planned.network, inputs.telemetry, &held, inputs.control);
    let software =
        software::solve(&planned.network, &planned.present.recorded, hold.nodes(&planned.network), inputs.control);
    planned.diagnostics.extend(slicing.findings.into_iter().chain(software.findings.iter().cloned()));
    planned.diagnostics.extend(objectives::findings(&planned.network, &slicing.shares));
    planned.diagnostics.extend(policies::findings(&planned.network, &slicing.shares));
    planned.certificates = slicing.certificates;
    planned.certificates.extend(software.certificates().cloned());
    planned.decisions = software.decisions(slicing.shares);
    planned.software = software;
    if !has_errors(&planned.diagnostics) {
        assemble(&mut planned, inputs, &hold);
    }
    doubled::drop_repeats(&mut planned.diagnostics);
    diagnostic::sort(&mut planned.diagnostics);
    planned.complete = !has_errors(&planned.diagnostics);
    planned
}

/// Deployment, changes, guards and limits, artifacts.
fn assemble(planned: &mut Planned, inputs: &Inputs<'_>, hold: &Hold) {
    planned.renamed = moves::renames(&planned.network, inputs.memory);
    planned.deployment = Deployment::new(&planned.network, &planned.decisions, &planned.present.held());
    let reached = Reach::new(&planned.network, &inputs.memory.devices).findings(inputs.snapshot);
    let kept = compare(planned, inputs, hold);
    let (network, present) = (&planned.network, &planned.present);
    planned.diagnostics.extend(unreachable::findings(network, inputs.snapshot, &planned.changes));
    let placement = &planned.decisions.placement;
    planned.diagnostics.extend(software::notes::findings(network, &planned.deployment, placement));
    let judged = Judged {
        network,
        shares: &planned.decisions.shares,
        changes: &planned.changes,
        deployment: &planned.deployment,
    };
    planned.diagnostics.extend(guard::findings(&judged, &present.recorded, inputs.memory, inputs.today));
    if !has_errors(&reached) {
        planned.diagnostics.extend(renames::looks_renamed(network, &planned.changes));
    }
    planned.diagnostics.extend(reached);
    let mut storage = software::storage::lines(network, &planned.deployment, &planned.changes);
    software::storage::instead::price(network, &planned.software, &mut storage, inputs.control);
    planned.diagnostics.extend(software::storage::findings(network, &storage));
    planned.diagnostics.extend(software::rollout::findings(network, &planned.deployment, &planned.changes));
    match render::artifacts(&planned.deployment, &planned.changes, &inputs.memory.devices) {
        Ok(artifacts) => planned.artifacts = artifacts,
        Err(findings) => planned.diagnostics.extend(findings),
    }
    let report = SoftwareReport::new(network, &planned.software, &planned.deployment);
    planned.summary = Summary::new(network, &planned.decisions, report, &present.recorded);
    planned.summary.held = hold.things();
    planned.summary.kept = kept;
    planned.summary.storage = storage;
    planned.summary.replacements = software::replacement::of(&planned.changes);
    planned.summary.unread = inputs.snapshot.iter().flat_map(|found| found.unreachable.keys().cloned()).collect();
    let identity_changes = identity::changes(&present.recorded, &planned.changes);
    planned.diagnostics.extend(identity::findings(network, &identity_changes));
    planned.summary.identity_changes = identity_changes;
    let mut devices = inputs.memory.devices.clone();
    devices.extend(planned.deployment.devices.clone());
    let roomy = planned.deployment.room_for_another(&present.recorded);
    planned.summary.interruptions = interruption::of(&planned.changes, &devices, &roomy);
}

/// What is held and what others changed go into the deployment; what differs then are the changes. Gives what stays as
/// others made it.
fn compare(planned: &mut Planned, inputs: &Inputs<'_>, hold: &Hold) -> Vec<KeptLeaf> {
    let (network, deployment, present) = (&planned.network, &mut planned.deployment, &mut planned.present);
    hold.keep(deployment, present);
    outside::without_foreign(&mut present.recorded, &present.records, deployment);
    deployment.keep_untold(&present.recorded);
    let held = |address: &Address| hold.holds(address, &present.recorded);
    let rules = outside::Rules::new(network, &present.recorded, inputs.today);
    let ours = |address: &Address| present.records.get(address).map(StateRecord::ours);
    let mut settled = outside::settle(network, &rules, &present.outside, deployment, (held, ours));
    let causes = Causes::new(present, inputs.observation);
    let mut cause = causes.over(network, &planned.sources, deployment);
    let mut changes = diff(&present.recorded, deployment, |address, action| cause(address, action));
    drop(cause);
    cause::mark_outside(&mut changes, &present.outside, &rules);
    software::causes::settle(network, &planned.decisions.placement, &present.recorded, &mut changes);
    changes.retain(|change| !held(&change.address));
    outside::come_back(&mut changes, deployment, &mut settled.kept);
    present.mark_taken_over(&mut changes);
    planned.changes = changes;
    planned.put_off = settled.put_off;
    planned.diagnostics.extend(settled.findings);
    settled.kept
}

/// What is recorded, and what the intents would add to it: gives addresses to what is found on devices. Where software is
/// declared and none is recorded (before the first apply, or state is lost) it is looked for where it would be placed.
pub fn known(
    network: &Network,
    recorded: &BTreeMap<Address, Recorded>,
    control: &dyn Control,
) -> BTreeMap<Address, Recorded> {
    let runs = |known: &Recorded| matches!(known.resource, Resource::RicInstance(_) | Resource::ModelInstance(_));
    let decisions = match recorded.values().any(runs) {
        true => Decisions::default(),
        false => software::solve(network, recorded, BTreeSet::new(), control).decisions(SliceShares::default()),
    };
    let decided = Deployment::new(network, &decisions, recorded).placed.into_iter();
    let decided = decided.map(|(address, placed)| (address, placed.recorded()));
    let mut known: BTreeMap<Address, Recorded> = decided.collect();
    known.extend(recorded.iter().map(|(address, thing)| (address.clone(), thing.clone())));
    known
}

fn digest(files: &[(String, std::sync::Arc<[u8]>)]) -> String {
    let lines: Vec<String> = files.iter().map(|(path, bytes)| format!("{} {path}\n", sha256(bytes))).collect();
    sha256(lines.concat().as_bytes())
}
