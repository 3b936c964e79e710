//! A project as the commands meet it: its files, its recorded state, its snapshot of the devices.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ranform_network::address::Address;
use ranform_network::bundle::sha256;
use ranform_network::deployment::Recorded;
use ranform_targets::{SetBy, Stranger};
use serde::{Deserialize, Serialize};

use crate::cli::{Session, fail, fail_state, fail_with};
use crate::exit::Exit;
use crate::memory::Memory;
use crate::observation::Observed;
use crate::state::State;
use crate::world::DiskWorld;
use crate::{failure, observation};

/// The name of the snapshot in the data folder.
pub const SNAPSHOT: &str = "snapshot.json";

/// What the devices held when they were last observed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Always `ranform.snapshot/1`.
    pub format: String,
    /// The serial of state it was taken at; it is used only while that is the serial.
    pub state_serial: u64,
    /// What is there, of what is ours.
    pub resources: BTreeMap<Address, Recorded>,
    /// Devices that could not be reached, and why.
    pub unreachable: BTreeMap<Address, String>,
    /// The devices that were read, with how each was reached ([`ranform_network::deployment::Device::reach`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reached: BTreeMap<Address, String>,
    /// The ids of the A1 policy types that near-RT RICs list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policy_types: BTreeMap<Address, Vec<String>>,
    /// Who else set leaves of what is there, where devices keep that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_by: BTreeMap<Address, Vec<SetBy>>,
    /// The files that nodes leave in the folders where they were applied, by node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<Address, Vec<String>>,
    /// Objects of others in files of ours.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub strangers: BTreeSet<Stranger>,
    /// What is there as ordered and yet not in effect, and why. Told when it is seen; no plan depends on it.
    #[serde(skip)]
    pub degraded: BTreeMap<Address, String>,
    /// SHA-256 of the file it was read from, empty for one that was not.
    #[serde(skip)]
    pub digest: String,
}

/// Everything that a plan reads.
pub struct Project {
    /// Its files.
    pub world: DiskWorld,
    /// What state holds.
    pub memory: Memory,
    /// What the devices held, where that was observed at the present serial.
    pub snapshot: Option<Snapshot>,
    /// Loads and uses.
    pub observed: Option<Observed>,
    /// Digest of the observation file, empty without one.
    pub observation: String,
}

impl Project {
    /// Opens the project of a session for reading. Makes no file. A pending transaction ends with its exit code.
    ///
    /// # Errors
    /// The exit code; why was said on stderr.
    pub fn open(session: &Session, observation: Option<&PathBuf>) -> Result<Self, Exit> {
        let world = DiskWorld::new(&session.folder).map_err(|error| fail(failure::file(&session.folder, &error)))?;
        let state = State::open_existing(&session.data_folder()).map_err(|error| fail_state(&error))?;
        let memory = match &state {
            Some(state) => {
                refuse_pending(state)?;
                state.memory().map_err(|error| fail_state(&error))?
            }
            None => Memory::default(),
        };
        let (observed, observation) = read_observation(observation)?;
        let snapshot = current_snapshot(session, memory.serial)?;
        Ok(Self { world, memory, snapshot, observed, observation })
    }
}

/// The snapshot, where it was taken at this serial.
fn current_snapshot(session: &Session, serial: u64) -> Result<Option<Snapshot>, Exit> {
    let path = session.data_folder().join(SNAPSHOT);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(failure::file(&path, &error))),
    };
    let mut snapshot: Snapshot =
        serde_json::from_slice(&bytes).map_err(|error| fail(failure::damaged(&path, error)))?;
    snapshot.digest = sha256(&bytes);
    Ok((snapshot.state_serial == serial).then_some(snapshot))
}

/// Names a transaction that was interrupted; nothing else may happen before it is dealt with.
///
/// # Errors
/// There is one (8), or state cannot be read (1).
pub fn refuse_pending(state: &State) -> Result<(), Exit> {
    match state.pending() {
        Ok(None) => Ok(()),
        Ok(Some(pending)) => Err(fail_with(failure::pending(&pending), Exit::Locked)),
        Err(error) => Err(fail_state(&error)),
    }
}

fn read_observation(path: Option<&PathBuf>) -> Result<(Option<Observed>, String), Exit> {
    let Some(path) = path else { return Ok((None, String::new())) };
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| fail(failure::file(path, &error)))?;
    let observed = observation::read(&name, &bytes).map_err(|message| fail(failure::observation(message)))?;
    Ok((Some(observed), sha256(&bytes)))
}
