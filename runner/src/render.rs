//! Artifacts of a plan: each device's changes in the format of its profile.

use std::collections::BTreeMap;

use rayon::prelude::*;

use ranform_network::address::Address;
use ranform_network::deployment::{Change, Deployment, Device, Recorded};
use ranform_network::profile::PROFILES;
use ranform_network::{Artifact, Diagnostic};
use ranform_targets::Job;

/// The artifacts of all devices that change, in address order; every finding of every device otherwise.
///
/// # Errors
/// A format cannot say something that is decided.
pub fn artifacts(
    deployment: &Deployment,
    changes: &[Change],
    recorded: &BTreeMap<Address, Recorded>,
) -> Result<Vec<Artifact>, Vec<Diagnostic>> {
    let _ = recorded;
    let mut by_device: BTreeMap<&Address, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_device.entry(&change.device).or_default().push(change.clone());
    }
    let rendered: Vec<Result<Vec<Artifact>, Vec<Diagnostic>>> = by_device
        .par_iter()
        .map(|(device, changes)| {
            let Some(entry) = device_entry(deployment, device) else { return Ok(Vec::new()) };
            let job = Job { deployment, changes, device, profile: &entry.profile, present: &[] };
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

/// The device's entry; one that is no longer in the intents is rendered as the embedded default.
fn device_entry(deployment: &Deployment, device: &Address) -> Option<Device> {
    let gone = || {
        let profile = PROFILES.get("directory")?.clone();
        Some(Device { profile, management: None, name: device.last().1.to_owned() })
    };
    deployment.devices.get(device).cloned().or_else(gone)
}
