//! What is written to a device: bytes with a path, made by `targets`, carried by the bundle, sent by a driver.

use serde::{Deserialize, Serialize};

use crate::address::Address;

/// One document for one device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Artifact {
    /// The format, a name of `targets::TARGETS`.
    pub target: String,
    /// The device it is for.
    pub device: Address,
    /// Where it belongs below the device's own folder, e.g. `cell/nr-1.json`; forward slashes, never absolute.
    pub path: String,
    /// What is done with it.
    pub kind: ArtifactKind,
    /// The document; empty for a removal.
    pub bytes: Vec<u8>,
}

/// What a driver does with an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// The whole document takes the place of the one at its path.
    Whole,
    /// The document is an edit of what the device holds (a NETCONF `<config>`, a command).
    Edit,
    /// The document at its path goes away.
    Removal,
}
