//! Scheduler configurations: documents that a base station's or access point's software reads itself.
//!
//! Each document is whole. What a format has no place for (a slice service model knows no PLMN) is taken from what is
//! known, so that a reading is a full resource; such leaves are no knobs of the profile.

pub mod flexran;
pub mod flexric;
pub mod hostapd;
pub mod srsran;

use ranform_network::address::slug;
use ranform_network::deployment::*;
use ranform_network::{Address, Artifact, ArtifactKind};

use crate::target::*;
use crate::view::{CellBranch, Entry, View};

/// The documents of a job: those of `after` that are new or differ from `before`'s, and removals of those that are gone.
/// Both are (path, bytes) in any order.
fn documents(job: &Job, before: Vec<(String, Vec<u8>)>, after: Vec<(String, Vec<u8>)>) -> Vec<Artifact> {
    let mut artifacts = Vec::new();
    for (path, bytes) in &after {
        if !before.contains(&(path.clone(), bytes.clone())) {
            artifacts.push(job.artifact(ArtifactKind::Whole, path.clone(), bytes.clone()));
        }
    }
    for (path, _) in &before {
        if !after.iter().any(|(other, _)| other == path) {
            artifacts.push(job.artifact(ArtifactKind::Removal, path.clone(), Vec::new()));
        }
    }
    artifacts.sort();
    artifacts
}

/// A document as text, bounded and UTF-8.
fn text(document: &Document) -> Result<&str, ReadError> {
    if document.bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(ReadError::new(
            &document.path,
            format!("the document is larger than {} MiB", MAX_DOCUMENT_BYTES >> 20),
        ));
    }
    std::str::from_utf8(&document.bytes).map_err(|_| ReadError::new(&document.path, "the document is not UTF-8"))
}

/// The path of a cell's slice document.
fn slices_path(cell: &CellBranch) -> String {
    format!("slices/{}.json", slug(cell.id()))
}

/// What of others a slice document takes away: a file in its place of a cell that is not known, and unknown slices.
fn taken_slices(
    target: &dyn Target,
    artifact: &Artifact,
    documents: &[Document],
    query: &Query,
) -> Result<Vec<String>, ReadError> {
    let things = query.things();
    let cells = View::new(query.device, &things).cells;
    let known = cells.iter().any(|cell| cell.own.is_some() && slices_path(cell) == artifact.path);
    let other = |there: &Document| there.path == artifact.path && there.bytes != artifact.bytes;
    match documents.iter().any(other) {
        true if !known => Ok(vec![artifact.path.clone()]),
        _ => taken(target, artifact, documents, query),
    }
}

/// Notes the known node, as a format that has no place for it leaves it.
fn carry_node(query: &Query, reading: &mut Reading) {
    for (address, thing) in query.things() {
        if matches!(thing.resource, Resource::Node(_)) {
            found(reading, address, thing.device_id, thing.resource.clone());
        }
    }
}

/// Notes a known cell and the tenants that have nothing in a slice document.
fn carry_cell(branch: &CellBranch, reading: &mut Reading) {
    if let Some(own) = branch.own {
        found(reading, own.address, own.id, Resource::Cell(own.resource.clone()));
    }
    for tenant in branch.below.iter().filter(|tenant| tenant.resource.quota.is_none()) {
        found(reading, tenant.address, tenant.id, Resource::CellTenant(tenant.resource.clone()));
    }
}

fn found(reading: &mut Reading, address: &Address, id: &str, resource: Resource) {
    reading.device_ids.insert(address.clone(), id.to_owned());
    reading.resources.insert(address.clone(), resource);
}

/// The known tenant with these quotas.
fn with_quota(entry: &Entry<CellTenantResource>, quota: Option<Quotas>) -> Resource {
    Resource::CellTenant(CellTenantResource { quota, ..entry.resource.clone() })
}

/// A quota whose three ratios are one (a static slice), and the resource blocks it makes.
fn fixed(percent: f64, prbs: u32, dedicated: bool) -> Quota {
    Quota { dedicated: if dedicated { percent } else { 0.0 }, min: percent, max: percent, prbs }
}

/// A JSON document with a line break at its end.
fn json_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    // Plain data serializes.
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
