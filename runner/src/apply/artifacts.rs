//! Rendered documents to bundle entries and back: `<device folder>/<path>`.

use std::collections::BTreeMap;

use ranform_network::address::slug;
use ranform_network::bundle::Bundle;
use ranform_network::network::Protocol;
use ranform_network::{Address, Artifact, ArtifactKind};

use crate::drivers::way;

/// The entries of a bundle for these documents. A removal is an empty entry.
pub fn pack(artifacts: &[Artifact]) -> BTreeMap<String, Vec<u8>> {
    artifacts
        .iter()
        .map(|artifact| (format!("{}/{}", folder(&artifact.device), artifact.path), artifact.bytes.clone()))
        .collect()
}

/// The documents of a device in a bundle, in path order.
pub fn unpack(bundle: &Bundle, device: &Address) -> Vec<Artifact> {
    let Some(entry) = bundle.devices.get(device) else { return Vec::new() };
    let edited = way(entry).is_some_and(|(protocol, _)| protocol == Protocol::Netconf);
    let kind = |bytes: &[u8]| match (edited, bytes.is_empty()) {
        (true, _) => ArtifactKind::Edit,
        (false, true) => ArtifactKind::Removal,
        (false, false) => ArtifactKind::Whole,
    };
    let prefix = format!("{}/", folder(device));
    let ours = bundle.artifacts.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
    ours.map(|(path, bytes)| Artifact {
        target: entry.profile.target.clone(),
        device: device.clone(),
        path: path[prefix.len()..].to_owned(),
        kind: kind(bytes),
        bytes: bytes.clone(),
    })
    .collect()
}

/// The folder of a device: its name, or a digest of its address where it has one of several modules' names.
fn folder(device: &Address) -> String {
    match device.as_str().strip_prefix("node.") {
        Some(name) if !name.contains('/') => slug(name.trim_matches('"')),
        _ => slug(device.as_str()),
    }
}
