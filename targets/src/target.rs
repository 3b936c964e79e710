//! What a format must be able to do ([`Target`]) and the values that go in and out of it.

use std::collections::BTreeMap;

use ranform_network::deployment::{Device, Placed, Recorded, Resources};
use ranform_network::diagnostic::Diagnostic;
use ranform_network::profile::Profile;
use ranform_network::{Address, Artifact, ArtifactKind, Change, Code, Deployment, Resource};
use serde::{Deserialize, Serialize};

/// The largest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 20;
/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 64;

/// A format that devices are configured in. Pure: no file, socket or clock.
pub trait Target: Sync {
    /// Its name in profiles, e.g. `netconf-3gpp`.
    fn name(&self) -> &'static str;

    /// The documents that carry the job's changes to its device, in the order they are to be sent. Whole-document
    /// formats take every resource of the device, edit formats the changes. No change, no artifact.
    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError>;

    /// What a device's documents say, as resources under the addresses of `known`.
    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError>;

    /// The NETCONF subtree filter (RFC 6241 6) of everything that this format owns on the device; none for
    /// formats that are read as files.
    fn filter(&self, query: &Query) -> Option<Vec<u8>> {
        let _ = query;
        None
    }

    /// What of others an artifact would take away: of an edit the leaves found in `documents` below an entry that it
    /// removes whole, of a whole document what the one in its place says and it does not; each unexplained by the
    /// resources of `known`. Empty means safe to send.
    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        taken(self, artifact, documents, query)
    }

    /// The objects of others in files that are ours as a whole; `folder` is what several nodes write there, where the
    /// device's folder is one of several. Formats in which ownership is per leaf have none.
    fn strangers(
        &self,
        documents: &[Document],
        query: &Query,
        folder: Option<&crate::kubernetes::Folder>,
    ) -> Result<Vec<Stranger>, ReadError> {
        let _ = (documents, query, folder);
        Ok(Vec::new())
    }
}

/// An object that somebody else put into a file of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stranger {
    /// The file; below the device's folder, or with that folder before it.
    pub file: String,
    /// Its kind; empty for what is no object.
    pub kind: String,
    /// Its namespace, where it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl Stranger {
    /// What it is, e.g. "Deployment `shop/web`".
    pub fn words(&self) -> String {
        match (self.kind.as_str(), &self.namespace) {
            ("", _) => "what is no object of a cluster".to_owned(),
            (kind, Some(namespace)) => format!("{kind} `{namespace}/{}`", self.name),
            (kind, None) => format!("{kind} `{}`", self.name),
        }
    }
}

/// The leaves of others that a whole document in the place of another one does not keep.
pub(crate) fn taken<T: Target + ?Sized>(
    target: &T,
    artifact: &Artifact,
    documents: &[Document],
    query: &Query,
) -> Result<Vec<String>, ReadError> {
    let Some(present) = documents.iter().find(|document| document.path == artifact.path) else { return Ok(Vec::new()) };
    let leaves = |document: Document| target.read(&[document], query).map(|reading| reading.foreign);
    let kept = match artifact.kind {
        ArtifactKind::Removal => BTreeMap::new(),
        _ => leaves(Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() })?,
    };
    let foreign = leaves(present.clone())?;
    Ok(foreign.into_iter().filter(|(path, value)| kept.get(path) != Some(value)).map(|(path, _)| path).collect())
}

/// What is to be rendered: the changes of one device and all that is decided for it.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Everything decided (after the changes).
    pub deployment: &'a Deployment,
    /// The changes of this device only, in address order.
    pub changes: &'a [Change],
    /// The device.
    pub device: &'a Address,
    /// Its profile.
    pub profile: &'a Profile,
    /// What the device held when it was last read, where that is known: leaves of others in it are kept.
    /// May be empty.
    pub present: &'a [Document],
    /// The folder that its documents are put into together with those of other devices, where it is one.
    pub folder: Option<&'a crate::kubernetes::Folder>,
}

/// A document read from a device or a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its path below the device's folder; a `<data>` or `<rpc-reply>` of a NETCONF device has any.
    pub path: String,
    /// Its bytes, not trusted.
    pub bytes: Vec<u8>,
}

/// What a reading needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The device read.
    pub device: &'a Address,
    /// Its profile.
    pub profile: &'a Profile,
    /// What state (or the plan) holds of this device: gives addresses to ids found, and completes leaves that
    /// follow from carried ones (band and frequency from a channel number). A leaf that the format carries is
    /// always taken from the device.
    pub known: &'a BTreeMap<Address, Recorded>,
}

/// What a device holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Resources, by known address or, for an id nobody knows, by the address derived from it.
    pub resources: Resources,
    /// The id on the device of each resource.
    pub device_ids: BTreeMap<Address, String>,
    /// Leaves in the parts we read that no resource explains: path, value.
    pub foreign: BTreeMap<String, String>,
    /// Who else set leaves of the resources, where the device keeps that, sorted.
    pub set_by: BTreeMap<Address, Vec<SetBy>>,
}

/// Who other than ranform set a leaf, and when, as the device keeps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetBy {
    /// The leaf, e.g. `ric-instance.cluster.replicas`.
    pub leaf: String,
    /// By what name, e.g. `kubectl-edit`.
    pub manager: String,
    /// RFC 3339; none where it is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Something that a format cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its code.
    pub code: &'static Code,
    /// What it concerns.
    pub address: Address,
    /// One line in the user's words.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// A deployment that its format cannot carry: all independent findings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.findings.iter().map(|finding| format!("{}: {}", finding.address, finding.message)).collect::<Vec<_>>().join("; "))]
pub struct RenderError {
    /// Why, at least one.
    pub findings: Vec<Finding>,
}

impl RenderError {
    /// The findings as diagnostics at the intent lines of `deployment`.
    pub fn diagnostics(&self, deployment: &Deployment) -> Vec<Diagnostic> {
        let diagnostic = |finding: &Finding| {
            let message = format!("`{}`: {}", finding.address, finding.message);
            let diagnostic = match deployment.placed.get(&finding.address) {
                Some(placed) => Diagnostic::error(finding.code, placed.span, message),
                None => Diagnostic::error_nowhere(finding.code, message),
            };
            diagnostic.maybe_help((!finding.help.is_empty()).then(|| finding.help.clone()))
        };
        self.findings.iter().map(diagnostic).collect()
    }
}

/// A document that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct ReadError {
    /// The document.
    pub path: String,
    /// What is wrong, with the place where it is known.
    pub message: String,
}

impl ReadError {
    /// An error in the document at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

/// A job with its changes taken back: its artifacts undo the artifacts of the job.
#[derive(Clone, Debug)]
pub struct Inverse {
    deployment: Deployment,
    changes: Vec<Change>,
}

impl Inverse {
    /// The inverse of `job`.
    pub fn new(job: &Job) -> Self {
        let mut deployment = Deployment { devices: job.deployment.devices.clone(), ..Deployment::default() };
        for (address, thing) in job.before() {
            let placed = job.deployment.placed.get(address);
            deployment.placed.insert(
                address.clone(),
                Placed {
                    resource: thing.resource.clone(),
                    device: job.device.clone(),
                    device_id: thing.device_id.to_owned(),
                    span: placed.map(|placed| placed.span).unwrap_or_default(),
                    tenant: placed.and_then(|placed| placed.tenant.clone()),
                    owner: placed.and_then(|placed| placed.owner.clone()),
                },
            );
        }
        Self { deployment, changes: job.changes.iter().map(Change::inverse).collect() }
    }

    /// It as a job, to be rendered; `present` is what the device holds once `job` is applied.
    pub fn job<'a>(&'a self, job: &Job<'a>, present: &'a [Document]) -> Job<'a> {
        Job { deployment: &self.deployment, changes: &self.changes, present, ..*job }
    }
}

/// A resource with its id on the device.
#[derive(Clone, Copy, Debug)]
pub struct Thing<'a> {
    /// What it is.
    pub resource: &'a Resource,
    /// Its id on the device.
    pub device_id: &'a str,
}

/// Things of one device by address.
pub type Things<'a> = BTreeMap<&'a Address, Thing<'a>>;

impl<'a> Job<'a> {
    /// The device's entry in the deployment; none for a device that is no longer in it.
    pub fn entry(&self) -> Option<&'a Device> {
        self.deployment.devices.get(self.device)
    }

    /// All things of the device after the changes.
    pub fn after(&self) -> Things<'a> {
        let placed = self.deployment.placed.iter().filter(|(_, placed)| placed.device == *self.device);
        placed
            .map(|(address, placed)| (address, Thing { resource: &placed.resource, device_id: &placed.device_id }))
            .collect()
    }

    /// All things of the device before the changes.
    pub fn before(&self) -> Things<'a> {
        let mut things = self.after();
        for change in self.changes {
            match &change.before {
                Some(resource) => {
                    things.insert(&change.address, Thing { resource, device_id: &change.device_id });
                }
                None => {
                    things.remove(&change.address);
                }
            }
        }
        things
    }

    /// An artifact of this job.
    pub fn artifact(&self, kind: ranform_network::ArtifactKind, path: impl Into<String>, bytes: Vec<u8>) -> Artifact {
        Artifact { target: self.profile.target.clone(), device: self.device.clone(), path: path.into(), kind, bytes }
    }
}

impl<'a> Query<'a> {
    /// What the documents of a device say in a format, under today's names of what they name.
    ///
    /// # Errors
    /// Documents that do not read.
    pub fn ask(&self, target: &dyn Target, documents: &[Document]) -> Result<Reading, ReadError> {
        let mut reading = target.read(documents, self)?;
        for (address, resource) in &mut reading.resources {
            if let Some(known) = self.known.get(address).filter(|known| !known.former.is_empty()) {
                *resource = resource.clone().today(&known.former, &known.resource);
            }
        }
        Ok(reading)
    }

    /// The known things of the device.
    pub fn things(&self) -> Things<'a> {
        let ours = self.known.iter().filter(|(_, recorded)| recorded.device == *self.device);
        ours.map(|(address, recorded)| {
            (address, Thing { resource: &recorded.resource, device_id: &recorded.device_id })
        })
        .collect()
    }
}

/// A ratio in whole percent; a finer one is a finding.
pub(crate) fn percent(value: f64, what: &str, address: &Address, findings: &mut Vec<Finding>) -> u8 {
    let whole = value.round();
    if (value - whole).abs() > 1e-9 || !(0.0..=100.0).contains(&whole) {
        findings.push(Finding {
            code: &ranform_network::diagnostic::codes::NOT_ON_GRID,
            address: address.clone(),
            message: format!("its {what} of {value} % is no whole percent between 0 and 100"),
            help: "give the interface a `grid` of 1 % or use a profile with a finer one".to_owned(),
        });
    }
    // The cast saturates; what is out of range has its finding.
    whole as u8
}
