//! What was applied, who is applying, and how far they got: one SQLite file in `.ranform/`.
//!
//! Each method is one transaction; a crash between any two leaves a state that [`State::pending`] explains.
//! The file is readable by its owner only. What is decided about a pending transaction is in [`crate::apply`].

mod history;
mod journal;
mod lock;
pub(crate) mod rows;
mod schema;

pub use history::{Details, Entry, History, Way};
pub use journal::{Kind, Pending, Step};
pub use lock::Holder;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ranform_network::Address;
use ranform_network::bundle::{Bundle, Outside};
use ranform_network::deployment::{Device, Recorded, Resource};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::memory::Memory;

/// The result of an operation on state.
pub type Result<T> = std::result::Result<T, StateError>;

/// The name of the file in the data folder.
pub const FILE: &str = "state.db";

/// Why state cannot be had or changed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file or its folder cannot be used.
    #[error("`{path}`: {reason}")]
    File {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// The data base refuses an operation.
    #[error("the state file cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// A row is not what this program writes.
    #[error("the state of `{what}` does not read: {reason}")]
    Row {
        /// Whose row.
        what: String,
        /// Why.
        reason: String,
    },
    /// Made by a later program.
    #[error("the state file has version {found}; this program knows {known}")]
    Version {
        /// The version found.
        found: i64,
        /// The version known.
        known: i64,
    },
    /// Somebody else is at work.
    #[error("the state is locked: {0}")]
    Locked(Box<Holder>),
}

impl StateError {
    /// A file or folder that cannot be used.
    fn unusable(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), reason: reason.to_string() }
    }
}

/// An open state file.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    folder: PathBuf,
    /// Whether this process holds the lock.
    holds: bool,
}

impl State {
    /// Opens the state in `folder` (usually `.ranform`), making both where they are missing.
    pub fn open(folder: &Path) -> Result<Self> {
        schema::prepare_file(folder)?;
        let state = Self { connection: schema::connect(folder)?, folder: folder.to_owned(), holds: false };
        schema::migrate(&state.connection)?;
        schema::name(&state.connection)?;
        Ok(state)
    }

    /// Opens the state in `folder` if there is one; makes none. For commands that promise to write nothing: where the file or
    /// its folder may not be written, it is opened for reading.
    pub fn open_existing(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        match std::fs::metadata(&path) {
            Ok(there) if there.is_file() => {}
            Ok(_) => return Err(StateError::unusable(&path, "it is no file")),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // What cannot be looked at is not taken for nothing: a plan would create all of it again.
            Err(error) => return Err(StateError::unusable(&path, error)),
        }
        let connection = match schema::connect(folder).and_then(|found| schema::migrate(&found).map(|()| found)) {
            Err(StateError::Database(error)) if schema::is_write_protected(&error) => schema::connect_to_read(folder)?,
            found => found?,
        };
        Ok(Some(Self { connection, folder: folder.to_owned(), holds: false }))
    }

    /// The folder it is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What tells this state from all others, whatever they are about: 32 hexadecimal digits, drawn when it is made.
    pub fn id(&self) -> Result<String> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = 'id'", [], |row| row.get(0))?)
    }

    /// Counts the changes of state; 0 for a new one.
    pub fn serial(&self) -> Result<u64> {
        let text: Option<String> = self
            .connection
            .query_row("SELECT value FROM meta WHERE key = 'serial'", [], |row| row.get(0))
            .optional()?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Every row, by address.
    pub fn records(&self) -> Result<BTreeMap<Address, StateRecord>> {
        self.rows("SELECT address, record FROM resource ORDER BY address")
    }

    /// What is recorded of each address, as [`ranform_network::deployment::diff`] takes it.
    pub fn recorded(&self) -> Result<BTreeMap<Address, Recorded>> {
        Ok(self.memory()?.recorded())
    }

    /// The devices that hold anything recorded, by address of their node.
    pub fn devices(&self) -> Result<BTreeMap<Address, Device>> {
        self.rows("SELECT address, record FROM device ORDER BY address")
    }

    /// What is known beside the changes of `bundle`: what is recorded, under the names that it gives (a rename comes first and
    /// touches no device), and what it found on the devices as it is decided or gone.
    pub fn recorded_under(&self, kind: Kind, bundle: &Bundle) -> Result<BTreeMap<Address, Recorded>> {
        let recorded = self.recorded()?;
        if kind != Kind::Apply {
            return Ok(recorded);
        }
        let mut known = rows::renamed_all(recorded, bundle);
        known.extend(bundle.state.adopted.clone());
        bundle.state.gone.iter().for_each(|address| drop(known.remove(address)));
        Ok(known)
    }

    /// The devices known to state and to `bundle`, under the names that it gives.
    pub fn devices_under(&self, kind: Kind, bundle: &Bundle) -> Result<BTreeMap<Address, Device>> {
        let mut devices = self.devices()?;
        if kind == Kind::Apply {
            return Ok(rows::devices_after(&devices, bundle));
        }
        devices.extend(bundle.devices.clone());
        Ok(devices)
    }

    /// How many entities each table and selection yielded at the last apply, by address.
    pub fn populations(&self) -> Result<BTreeMap<Address, u64>> {
        self.rows("SELECT address, count FROM population ORDER BY address")
    }

    /// Everything that a plan reads of it.
    pub fn memory(&self) -> Result<Memory> {
        Ok(Memory {
            serial: self.serial()?,
            records: self.records()?,
            devices: self.devices()?,
            populations: self.populations()?,
        })
    }

    fn rows<T: serde::de::DeserializeOwned>(&self, query: &str) -> Result<BTreeMap<Address, T>> {
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([])?;
        let mut records = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (address, text): (String, String) = (row.get(0)?, row.get(1)?);
            records.insert(Address::from_text(address.clone()), from_json(&address, &text)?);
        }
        Ok(records)
    }
}

/// What state holds of one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateRecord {
    /// The resource, where it is and whose it is.
    #[serde(flatten)]
    pub recorded: Recorded,
    /// The leaves we own: those an intent produced. Nothing else is ever deleted.
    pub owned: Vec<String>,
    /// Digest of the intent text it came from; a change of it gives the cause of a change here.
    pub lines: String,
    /// SHA-256 of the observation it was decided with, empty without one.
    pub observation: String,
    /// Whether its deletion is refused; outlives the line that said so.
    pub protected: bool,
    /// Leaves that others changed and that `outside change` lets be; the resource has theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outside: BTreeMap<String, Outside>,
}

impl StateRecord {
    /// A thing as it is recorded when it is first applied or adopted.
    pub fn new(recorded: Recorded, observation: &str) -> Self {
        Self {
            owned: recorded.resource.leaves().into_keys().collect(),
            recorded,
            lines: String::new(),
            observation: observation.to_owned(),
            protected: false,
            outside: BTreeMap::new(),
        }
    }

    /// What we applied: the resource without what others made of it since.
    pub fn ours(&self) -> Resource {
        let leaves = self.outside.iter().filter(|(leaf, _)| !leaf.is_empty());
        leaves.fold(self.recorded.resource.clone(), |resource, (leaf, outside)| {
            resource.with_leaf(leaf, outside.ours.as_ref()).unwrap_or(resource)
        })
    }

    /// Whether others took the whole thing away, and that is let be.
    pub fn is_absent(&self) -> bool {
        self.outside.contains_key("")
    }
}

fn from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StateError::Row { what: what.to_owned(), reason: error.to_string() })
}

fn to_json<T: serde::Serialize>(what: &str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StateError::Row { what: what.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests;
