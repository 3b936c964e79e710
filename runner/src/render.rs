//! Artifacts of a plan: each device's changes in the format of its profile.

use std::collections::BTreeMap;

use rayon::prelude::*;

use ranform_network::address::Address;
use ranform_network::deployment::{Change, Deployment, Device};
use ranform_network::{Artifact, Diagnostic};
use ranform_targets::Job;

use crate::folders;

/// The artifacts of all devices that change, in address order (a device that left the intents is known from `former`); every finding of every device otherwise.
///
/// # Errors
/// A format cannot say something that is decided.
pub fn artifacts(
    deployment: &Deployment,
    changes: &[Change],
    former: &BTreeMap<Address, Device>,
) -> Result<Vec<Artifact>, Vec<Diagnostic>> {
    let mut by_device: BTreeMap<&Address, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_device.entry(&change.device).or_default().push(change.clone());
    }
    let folders = folders::of_plan(deployment, changes, former);
    let rendered: Vec<Result<Vec<Artifact>, Vec<Diagnostic>>> = by_device
        .par_iter()
        .map(|(device, changes)| {
            // A device that left the intents has nothing placed on it any more; its own entry is what state knows.
            let gone = former.get(*device).filter(|_| !deployment.devices.contains_key(*device)).map(|entry| {
                Deployment { devices: BTreeMap::from([((*device).clone(), entry.clone())]), ..Deployment::default() }
            });
            let deployment = gone.as_ref().unwrap_or(deployment);
            let Some(entry) = deployment.devices.get(*device) else { return Ok(Vec::new()) };
            let folder = folders.get(*device).map(|folder| &folder.files);
            let job = Job { deployment, changes, device, profile: &entry.profile, present: &[], folder };
            ranform_targets::render(&job).map_err(|error| error.diagnostics(deployment))
        })
        .collect();
    let mut artifacts = Vec::new();
    let mut findings = Vec::new();
    for result in rendered {
        match result {
            Ok(list) => artifacts.extend(list),
            Err(list) => findings.extend(list),
        }
    }
    if findings.is_empty() { Ok(artifacts) } else { Err(findings) }
}
