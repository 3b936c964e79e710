//! The `.ranplan` file: what was reviewed is what is applied, byte for byte.
//!
//! One uncompressed ustar: sorted entries, no times, owners or modes that vary; `manifest.json` first, canonical
//! JSON (RFC 8785: sorted members, no blanks) with the SHA-256 of every other entry. The digest of the bundle is
//! the SHA-256 of the manifest. Reading is bounded and checks every digest.

use std::collections::BTreeMap;
use std::io::Read;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::address::Address;
use crate::certificate::Certificate;
use crate::deployment::{Change, Device, Recorded};

/// The version of the format that this code writes and reads.
pub const FORMAT_VERSION: &str = "1.0";

/// The largest bundle read, in bytes.
pub const LARGEST: usize = 1 << 30;

/// The most entries read.
pub const MOST_ENTRIES: usize = 1_000_000;

/// A plan as a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bundle {
    /// What it was made from.
    pub origin: Origin,
    /// What the optimizers decided, for people (`decisions.json`).
    pub decisions: Value,
    /// What proves it (`certificates.json`).
    pub certificates: Vec<Certificate>,
    /// What changes, in address order (`changes.json`).
    pub changes: Vec<Change>,
    /// What takes it back, in address order (`inverse.json`).
    pub inverse: Vec<Change>,
    /// The touched devices (`devices.json`): how each is reached and its profile.
    pub devices: BTreeMap<Address, Device>,
    /// What state learns beside the changes (`state.json`).
    pub state: StateUpdate,
    /// Rendered bytes by path below `artifacts/`: `<device slug>/<path>`.
    pub artifacts: BTreeMap<String, Vec<u8>>,
}

/// What state learns from a plan beside its changes: none of it touches a device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateUpdate {
    /// Addresses that are called otherwise now: old, new.
    pub renamed: Vec<(Address, Address)>,
    /// Addresses that are no longer managed.
    pub forgotten: Vec<Address>,
    /// Addresses that are protected from now on; protection outlives its line until `moved` or `forget`.
    pub protected: Vec<Address>,
    /// The digest of the intent text that each decided address comes from.
    pub lines: BTreeMap<Address, String>,
    /// How many entities each table and selection yielded, by address.
    pub populations: BTreeMap<Address, u64>,
    /// What is on the devices as it is decided, or as `outside change` lets it be, and that state takes without a change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub adopted: BTreeMap<Address, Recorded>,
    /// Addresses that are neither decided nor on the devices any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Address>,
    /// Leaves that others changed and that stay so, by address: all that there are after this plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outside: BTreeMap<Address, BTreeMap<String, Outside>>,
    /// Owners who must approve before it is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crossings: Vec<Crossing>,
}

/// Things of one owner that change because of another's line: the owner must approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossing {
    /// Whose things change.
    pub owner: String,
    /// How many of them.
    pub changes: usize,
    /// The first, in address order.
    pub first: Address,
    /// The thing whose line causes it, e.g. an SLA.
    pub because_of: Address,
    /// Whose line that is; none where nobody owns it.
    pub of: Option<String>,
    /// The field, as `NOUN.ATTRIBUTE`, where that is what the owner owns, not the things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// A leaf that others changed: what we applied, and what is there. None is for not there; the leaf with the empty name is
/// the whole thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// What was applied.
    pub ours: Option<Value>,
    /// What is there instead.
    pub theirs: Option<Value>,
}

/// What a bundle was made from; no time, host, age or absolute path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The program's version.
    pub ranform_version: String,
    /// SHA-256 over all intent files and tables.
    pub intents: String,
    /// SHA-256 of the observation, empty without one.
    pub observation: String,
    /// SHA-256 of the snapshot diffed against, empty where recorded state was used.
    pub snapshot: String,
    /// The serial of the state it was made from; apply refuses another.
    pub state_serial: u64,
    /// Addresses left out by `-exclude` or not named by `-target`, as given.
    pub selection: Vec<String>,
    /// The first day that ends among the lines that the plan counts on (`until DATE`); apply refuses after it. It follows
    /// from the intents; the day on which the plan was made does not enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// Why bytes are no bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Larger than [`LARGEST`] or more than [`MOST_ENTRIES`] entries.
    #[error("the bundle is larger than is read")]
    TooLarge,
    /// Not an archive of the right shape.
    #[error("this is no bundle: {0}")]
    Malformed(String),
    /// Made by a program whose format this one does not know.
    #[error("the bundle has format {0}; this program reads 1.x")]
    Version(String),
    /// An entry is not what the manifest says.
    #[error("the bundle was altered: `{0}` is not what its manifest says")]
    Altered(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format_version: String,
    origin: Origin,
    entries: BTreeMap<String, String>,
}

impl Bundle {
    /// The bytes of the file and its digest. Equal bundles give equal bytes.
    pub fn encode(&self) -> (Vec<u8>, String) {
        let mut entries = BTreeMap::from([
            ("certificates.json".to_owned(), canonical(&self.certificates)),
            ("changes.json".to_owned(), canonical(&self.changes)),
            ("decisions.json".to_owned(), canonical(&self.decisions)),
            ("devices.json".to_owned(), canonical(&self.devices)),
            ("inverse.json".to_owned(), canonical(&self.inverse)),
            ("state.json".to_owned(), canonical(&self.state)),
        ]);
        for (path, bytes) in &self.artifacts {
            entries.insert(format!("artifacts/{path}"), bytes.clone());
        }
        let manifest = canonical(&Manifest {
            format_version: FORMAT_VERSION.to_owned(),
            origin: self.origin.clone(),
            entries: entries.iter().map(|(path, bytes)| (path.clone(), sha256(bytes))).collect(),
        });
        let digest = sha256(&manifest);
        let mut archive = tar::Builder::new(Vec::new());
        append(&mut archive, "manifest.json", &manifest);
        for (path, bytes) in &entries {
            append(&mut archive, path, bytes);
        }
        // Writing to memory does not fail.
        (archive.into_inner().unwrap_or_default(), digest)
    }

    /// The bundle in these bytes and its digest.
    ///
    /// # Errors
    /// The bytes are no bundle, too many, of another version, or not what the manifest says.
    pub fn decode(bytes: &[u8]) -> Result<(Self, String), BundleError> {
        if bytes.len() > LARGEST {
            return Err(BundleError::TooLarge);
        }
        let (manifest_bytes, mut entries) = unpack(bytes)?;
        let digest = sha256(&manifest_bytes);
        let manifest: Manifest = checked_manifest(&manifest_bytes)?;
        for (path, digest) in &manifest.entries {
            if entries.get(path).map(|bytes| sha256(bytes)).as_deref() != Some(digest) {
                return Err(BundleError::Altered(path.clone()));
            }
        }
        if let Some(extra) = entries.keys().find(|path| !manifest.entries.contains_key(*path)) {
            return Err(BundleError::Altered(extra.clone()));
        }
        let mut bundle = Self {
            origin: manifest.origin,
            decisions: parse(&mut entries, "decisions.json")?,
            certificates: parse(&mut entries, "certificates.json")?,
            changes: parse(&mut entries, "changes.json")?,
            inverse: parse(&mut entries, "inverse.json")?,
            devices: parse(&mut entries, "devices.json")?,
            state: parse(&mut entries, "state.json")?,
            artifacts: BTreeMap::new(),
        };
        for (path, bytes) in entries {
            let Some(path) = path.strip_prefix("artifacts/") else { return Err(BundleError::Altered(path)) };
            bundle.artifacts.insert(path.to_owned(), bytes);
        }
        Ok((bundle, digest))
    }
}

/// The SHA-256 of `bytes` in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON with sorted members and no blanks; serde_json's maps are sorted and its numbers the shortest that read back.
pub fn canonical(value: &impl Serialize) -> Vec<u8> {
    // Plain data serializes; going through a value sorts the members of structs.
    serde_json::to_value(value).and_then(|value| serde_json::to_vec(&value)).unwrap_or_default()
}

fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(tar::EntryType::Regular);
    // Artifact paths are slugs of bounded length; a longer one is cut off by the reader's digest check.
    let _ = archive.append_data(&mut header, path, bytes);
}

/// The words of the archive's reader would quote the file, which may be anything, a secret included.
fn no_archive(_: std::io::Error) -> BundleError {
    malformed("it is no archive, or a damaged one")
}

fn malformed(reason: impl std::fmt::Display) -> BundleError {
    BundleError::Malformed(reason.to_string())
}

type Entries = BTreeMap<String, Vec<u8>>;

fn unpack(bytes: &[u8]) -> Result<(Vec<u8>, Entries), BundleError> {
    let mut archive = tar::Archive::new(bytes);
    let mut entries = Entries::new();
    let mut manifest = None;
    for (index, entry) in archive.entries().map_err(no_archive)?.enumerate() {
        if index >= MOST_ENTRIES {
            return Err(BundleError::TooLarge);
        }
        let mut entry = entry.map_err(no_archive)?;
        let path = entry.path().map_err(no_archive)?.to_str().map(str::to_owned);
        let path = path.ok_or_else(|| malformed("a path is not UTF-8"))?;
        if entry.size() > bytes.len() as u64 {
            return Err(malformed(format!("`{path}` is cut off")));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(no_archive)?;
        if index == 0 {
            if path != "manifest.json" {
                return Err(malformed("the manifest is not first"));
            }
            manifest = Some(content);
        } else if entries.insert(path.clone(), content).is_some() {
            return Err(malformed(format!("`{path}` stands twice")));
        }
    }
    Ok((manifest.ok_or_else(|| malformed("it is empty"))?, entries))
}

fn checked_manifest(bytes: &[u8]) -> Result<Manifest, BundleError> {
    let value: Value = serde_json::from_slice(bytes).map_err(malformed)?;
    let version = value.get("format_version").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    if version.split('.').next() != Some("1") {
        return Err(BundleError::Version(version));
    }
    serde_json::from_value(value).map_err(malformed)
}

fn parse<T: DeserializeOwned>(entries: &mut Entries, path: &str) -> Result<T, BundleError> {
    let bytes = entries.remove(path).ok_or_else(|| malformed(format!("`{path}` is missing")))?;
    serde_json::from_slice(&bytes).map_err(|error| malformed(format!("`{path}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Bundle {
        Bundle {
            origin: Origin { ranform_version: "0.1.0".into(), state_serial: 3, ..Origin::default() },
            decisions: serde_json::json!({ "b": 1.5, "a": [1, 2] }),
            artifacts: BTreeMap::from([("gnb-1/edit.xml".to_owned(), b"<config/>".to_vec())]),
            ..Bundle::default()
        }
    }

    #[test]
    fn a_bundle_reads_back_and_repeats() {
        let (bytes, digest) = example().encode();
        assert_eq!(Bundle::decode(&bytes), Ok((example(), digest)));
        assert_eq!(example().encode().0, bytes);
    }

    #[test]
    fn an_altered_entry_is_refused() {
        let (mut bytes, _) = example().encode();
        let at = bytes.windows(9).position(|window| window == b"<config/>").unwrap();
        bytes[at + 1] = b'C';
        assert_eq!(Bundle::decode(&bytes), Err(BundleError::Altered("artifacts/gnb-1/edit.xml".into())));
    }

    #[test]
    fn no_mutation_of_a_bundle_panics_or_passes_as_another() {
        let (bytes, digest) = example().encode();
        let mut seed = 0x5EED_u64;
        let mut next = move |bound: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % bound
        };
        for _ in 0..20_000 {
            let mut mutated = bytes.clone();
            for _ in 0..=next(3) {
                match next(3) {
                    0 => {
                        let at = next(mutated.len());
                        mutated[at] ^= 1 << next(8);
                    }
                    1 => mutated.truncate(next(mutated.len()).max(1)),
                    _ => {
                        let at = next(mutated.len());
                        mutated.insert(at, next(256) as u8);
                    }
                }
            }
            if let Ok((bundle, found)) = Bundle::decode(&mutated) {
                // Padding and header bytes that no field uses may differ; content may not, unless the digest tells.
                assert!(found != digest || bundle == example());
            }
        }
    }
}
