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
use ranform_network::answers::Decisions;
use ranform_network::bundle::sha256;
use ranform_network::deployment::{Change, Deployment, Device, Placed, Recorded, diff};
use ranform_network::diagnostic::{self, Diagnostic, has_errors};
use ranform_network::source::{Sources, World};
use ranform_network::{Artifact, Certificate, Control, Network, Telemetry};
use ranform_optimizers::slicing;

use crate::cause::Causes;
use crate::guard;
use crate::identity;
use crate::interruption;
use crate::render;
use crate::rules::Judged;
use crate::selection::Selection;
use crate::software::report::SoftwareReport;
use crate::software::{self, Software};
use crate::summary::Summary;
use crate::{doubled, objectives, unreachable};

/// What a plan is made of.
pub struct Inputs<'a> {
    /// The project's files.
    pub world: &'a dyn World,
    /// Parameters and overlay.
    pub compile: &'a CompileOptions,
    /// What is there: recorded state, or a snapshot of the devices.
    pub recorded: &'a BTreeMap<Address, Recorded>,
    /// The devices of state: how those that left the intents are reached and written to.
    pub devices: &'a BTreeMap<Address, Device>,
    /// Observed loads and uses, where there is an observation file.
    pub telemetry: Option<&'a Telemetry>,
    /// Targets and exclusions.
    pub selection: &'a Selection,
    /// What the last apply knew of intent lines and observation, for causes.
    pub causes: &'a Causes,
    /// Addresses whose deletion state refuses; protection outlives its line.
    pub protected: &'a BTreeSet<Address>,
    /// Devices that the snapshot marks unreachable: held as they are, or a reason to stop.
    pub unreachable: &'a BTreeSet<Address>,
    /// When to stop and whom to tell.
    pub control: &'a dyn Control,
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
    /// What is called otherwise now: old, new.
    pub renamed: Vec<(Address, Address)>,
    /// Whether the flow went through to the end.
    pub complete: bool,
}

/// Reads, checks and stops there: what `check` does, and the first half of [`plan`].
pub fn check(world: &dyn World, options: &CompileOptions) -> Planned {
    let compiled = compile(world, options);
    let mut diagnostics = compiled.diagnostics;
    // The rules need a network whose references are bound.
    let judge = || match has_errors(&diagnostics) {
        true => Vec::new(),
        false => ranform_compiler::check::run(&compiled.network),
    };
    let (intents_digest, findings) = rayon::join(|| digest(&compiled.files), judge);
    diagnostics.extend(findings);
    diagnostic::sort(&mut diagnostics);
    Planned { intents_digest, sources: compiled.sources, network: compiled.network, diagnostics, ..Planned::default() }
}

/// The whole flow. Where it stops (errors, an infeasible SLA, a denied guard) `complete` is false and the
/// findings say why.
pub fn plan(inputs: &Inputs<'_>) -> Planned {
    let mut planned = check(inputs.world, inputs.compile);
    if has_errors(&planned.diagnostics) {
        return planned;
    }
    let slicing = slicing::network::solve(&planned.network, inputs.telemetry, inputs.control);
    let recorded = guard::after_moves(&planned.network, inputs.recorded);
    let software = software::solve(&planned.network, &recorded, inputs.control);
    planned.diagnostics.extend(slicing.findings.into_iter().chain(software.findings.iter().cloned()));
    planned.diagnostics.extend(objectives::findings(&planned.network, &slicing.shares));
    planned.certificates = slicing.certificates;
    planned.certificates.extend(software.certificates().cloned());
    planned.decisions = software.decisions(slicing.shares);
    planned.software = software;
    if !has_errors(&planned.diagnostics) {
        assemble(&mut planned, inputs, &recorded);
    }
    doubled::drop_repeats(&mut planned.diagnostics);
    diagnostic::sort(&mut planned.diagnostics);
    planned.complete = !has_errors(&planned.diagnostics);
    planned
}

/// Deployment, changes, guards and limits, artifacts.
fn assemble(planned: &mut Planned, inputs: &Inputs<'_>, recorded: &BTreeMap<Address, Recorded>) {
    let placement = &planned.decisions.placement;
    planned.renamed = guard::renames(&planned.network, inputs.recorded);
    planned.deployment = Deployment::new(&planned.network, &planned.decisions, recorded);
    let mut cause = inputs.causes.over(&planned.network, &planned.sources, &planned.deployment);
    let mut changes = diff(recorded, &planned.deployment, |address, action| cause(address, action));
    software::causes::settle(&planned.network, placement, recorded, &mut changes);
    planned.changes = inputs.selection.keep(changes);
    planned.diagnostics.extend(unreachable::hold(&planned.network, inputs.unreachable, &mut planned.changes));
    planned.diagnostics.extend(software::notes::findings(&planned.network, &planned.deployment, placement));
    let judged = Judged {
        network: &planned.network,
        shares: &planned.decisions.shares,
        changes: &planned.changes,
        deployment: &planned.deployment,
    };
    planned.diagnostics.extend(guard::findings(&judged, recorded, inputs.protected));
    match render::artifacts(&planned.deployment, &planned.changes, inputs.devices) {
        Ok(artifacts) => planned.artifacts = artifacts,
        Err(findings) => planned.diagnostics.extend(findings),
    }
    let report = SoftwareReport::new(&planned.network, &planned.software, &planned.deployment);
    planned.summary = Summary::new(&planned.network, &planned.decisions, report, recorded);
    let identity_changes = identity::changes(recorded, &planned.changes);
    planned.diagnostics.extend(identity::findings(&planned.network, &identity_changes));
    planned.summary.identity_changes = identity_changes;
    let mut devices = inputs.devices.clone();
    devices.extend(planned.deployment.devices.clone());
    planned.summary.interruptions = interruption::of(&planned.changes, &devices);
}

/// The devices that a network manages.
pub fn devices(network: &Network) -> BTreeMap<Address, Device> {
    Deployment::new(network, &Decisions::default(), &BTreeMap::new()).devices
}

/// What is recorded, and what the intents would add to it: gives addresses to what is found on devices.
pub fn known(network: &Network, recorded: &BTreeMap<Address, Recorded>) -> BTreeMap<Address, Recorded> {
    let decided =
        Deployment::new(network, &Decisions::default(), recorded).placed.into_iter().map(|(address, placed)| {
            let Placed { resource, device, device_id, tenant, owner, .. } = placed;
            (address, Recorded { resource, device, device_id, tenant, owner })
        });
    let mut known: BTreeMap<Address, Recorded> = decided.collect();
    known.extend(recorded.iter().map(|(address, thing)| (address.clone(), thing.clone())));
    known
}

fn digest(files: &[(String, std::sync::Arc<[u8]>)]) -> String {
    let lines: Vec<String> = files.iter().map(|(path, bytes)| format!("{} {path}\n", sha256(bytes))).collect();
    sha256(lines.concat().as_bytes())
}
