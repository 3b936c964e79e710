//! A project as the commands meet it: its files, its recorded state, its snapshot of the devices.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ranform_network::Telemetry;
use ranform_network::address::Address;
use ranform_network::bundle::sha256;
use ranform_network::deployment::{Device, Recorded};
use serde::{Deserialize, Serialize};

use crate::cause::Causes;
use crate::cli::{Session, fail, fail_state};
use crate::exit::Exit;
use crate::state::{State, StateRecord};
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
}

/// Everything that a plan reads.
pub struct Project {
    /// Its files.
    pub world: DiskWorld,
    /// Serial of state, 0 without state.
    pub serial: u64,
    /// Rows of state.
    pub records: BTreeMap<Address, StateRecord>,
    /// Devices of state, by address of their node.
    pub devices: BTreeMap<Address, Device>,
    /// What is there: the snapshot while it is current, else recorded state.
    pub recorded: BTreeMap<Address, Recorded>,
    /// Digest of the snapshot, empty where recorded state is used.
    pub snapshot: String,
    /// Devices that the snapshot marks unreachable.
    pub unreachable: BTreeSet<Address>,
    /// Loads and uses.
    pub telemetry: Option<Telemetry>,
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
        let (serial, records, devices) = match &state {
            Some(state) => {
                refuse_pending(state)?;
                let problem = |error: crate::state::StateError| fail_state(&error);
                let serial = state.serial().map_err(problem)?;
                (serial, state.records().map_err(problem)?, state.devices().map_err(problem)?)
            }
            None => (0, BTreeMap::new(), BTreeMap::new()),
        };
        let (telemetry, observation) = read_observation(observation)?;
        let recorded: BTreeMap<Address, Recorded> =
            records.iter().map(|(address, record)| (address.clone(), record.recorded.clone())).collect();
        let mut project = Self {
            world,
            serial,
            records,
            devices,
            recorded,
            snapshot: String::new(),
            unreachable: BTreeSet::new(),
            telemetry,
            observation,
        };
        project.use_snapshot(session)?;
        Ok(project)
    }

    /// Takes the snapshot in place of recorded state, where it was taken at this serial.
    fn use_snapshot(&mut self, session: &Session) -> Result<(), Exit> {
        let path = session.data_folder().join(SNAPSHOT);
        let Ok(bytes) = std::fs::read(&path) else { return Ok(()) };
        let snapshot: Snapshot =
            serde_json::from_slice(&bytes).map_err(|error| fail(failure::damaged(&path, error)))?;
        if snapshot.state_serial == self.serial {
            self.snapshot = sha256(&bytes);
            self.recorded = snapshot.resources;
            self.unreachable = snapshot.unreachable.into_keys().collect();
        }
        Ok(())
    }

    /// What the last apply knew, for the causes of changes.
    pub fn causes(&self) -> Causes {
        let drifted = |(address, record): (&Address, &StateRecord)| {
            (self.recorded.get(address) != Some(&record.recorded)).then(|| address.clone())
        };
        Causes {
            observation_changed: self.records.values().any(|record| record.observation != self.observation),
            drifted: self.records.iter().filter_map(drifted).collect(),
        }
    }

    /// Addresses whose deletion state refuses.
    pub fn protected(&self) -> BTreeSet<Address> {
        self.records.iter().filter(|(_, record)| record.protected).map(|(address, _)| address.clone()).collect()
    }
}

/// Names a transaction that was interrupted; nothing else may happen before it is dealt with.
///
/// # Errors
/// There is one (8), or state cannot be read (1).
pub fn refuse_pending(state: &State) -> Result<(), Exit> {
    match state.pending() {
        Ok(None) => Ok(()),
        Ok(Some(pending)) => {
            fail(failure::pending(&pending));
            Err(Exit::Locked)
        }
        Err(error) => Err(fail_state(&error)),
    }
}

fn read_observation(path: Option<&PathBuf>) -> Result<(Option<Telemetry>, String), Exit> {
    let Some(path) = path else { return Ok((None, String::new())) };
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| fail(failure::file(path, &error)))?;
    let telemetry = observation::read(&name, &bytes).map_err(|message| fail(failure::observation(message)))?;
    Ok((Some(telemetry), sha256(&bytes)))
}
