//! The life of a transaction as it is written down: begun, steps, one decision, an end.

use std::collections::BTreeMap;

use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::Device;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::lock::now;
use super::rows::{Rows, after, devices_after};
use super::{Result, State, StateError, StateRecord, from_json, to_json};

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Applies a reviewed bundle.
    Apply,
    /// Takes an applied one back.
    Rollback,
}

impl Kind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Rollback => "rollback",
        }
    }

    fn parse(word: &str) -> Self {
        if word == "rollback" { Self::Rollback } else { Self::Apply }
    }
}

/// A step of a transaction, written down before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Locks and the stale check; nothing is written.
    Check,
    /// The edit is handed over; nothing takes effect.
    Stage,
    /// It takes effect and is read back; it can be taken back.
    Commit,
    /// All devices have read back: from here on only forward.
    Decide,
    /// It is made permanent.
    Confirm,
    /// It is taken back.
    Abort,
    /// It is written into state.
    Record,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Step; 7] =
        [Self::Check, Self::Stage, Self::Commit, Self::Decide, Self::Confirm, Self::Abort, Self::Record];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Stage => "stage",
            Self::Commit => "commit",
            Self::Decide => "decide",
            Self::Confirm => "confirm",
            Self::Abort => "abort",
            Self::Record => "record",
        }
    }
}

/// A transaction that has not come to an end.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The bundle's digest.
    pub digest: String,
    /// What it does.
    pub kind: Kind,
    /// The bundle.
    pub bundle: Bundle,
    /// The name of its commits on the devices.
    pub persist: String,
    /// Whether the decision was written: then it goes forward, else back.
    pub decided: bool,
    /// The last step written.
    pub step: Option<Step>,
    /// When it began, in seconds since 1970.
    pub since: u64,
}

impl std::fmt::Display for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = self.digest.get(..12).unwrap_or(&self.digest);
        let direction = if self.decided { "carried forward" } else { "taken back" };
        let step = self.step.map_or("nothing yet", Step::word);
        let age = now().saturating_sub(self.since);
        write!(f, "{} of {short} was interrupted {age} s ago at step {step} and will be {direction}", self.kind.word())
    }
}

/// A transaction that came to its end and changed something.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The serial it made.
    pub serial: u64,
    /// The bundle's digest.
    pub digest: String,
    /// What it did.
    pub kind: Kind,
    /// The bundle.
    pub bundle: Bundle,
    /// The rows it replaced.
    pub previous: BTreeMap<Address, Option<StateRecord>>,
    /// When, in seconds since 1970.
    pub at: u64,
}

impl State {
    /// Writes down that a transaction begins.
    pub fn begin(&mut self, kind: Kind, bundle: &Bundle, persist: &str) -> Result<()> {
        let (bytes, digest) = bundle.encode();
        self.connection.execute(
            "INSERT INTO pending (one, digest, kind, bundle, persist, decided, at) VALUES (1, ?1, ?2, ?3, ?4, 0, ?5)",
            params![digest, kind.word(), bytes, persist, seconds()],
        )?;
        Ok(())
    }

    /// Writes down a step before it is taken on these devices.
    pub fn journal(&mut self, persist: &str, step: Step, devices: &[Address]) -> Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_step(&transaction, persist, step, devices)?;
        transaction.commit()?;
        Ok(())
    }

    /// Writes the one decision: every device has committed and read back.
    pub fn decide(&mut self, persist: &str) -> Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_step(&transaction, persist, Step::Decide, &[])?;
        transaction.execute("UPDATE pending SET decided = 1 WHERE persist = ?1", [persist])?;
        transaction.commit()?;
        Ok(())
    }

    /// Ends a transaction that changed nothing or was taken back.
    pub fn end_unchanged(&mut self) -> Result<()> {
        self.connection.execute("DELETE FROM pending", [])?;
        Ok(())
    }

    /// Ends a transaction that was carried out: rows, devices, serial and history in one go. Gives the new serial.
    /// A rollback writes the rows that its bundle's apply replaced.
    pub fn end_applied(&mut self, pending: &Pending) -> Result<u64> {
        let serial = self.serial()?.saturating_add(1);
        let rows = match pending.kind {
            Kind::Apply => after(&self.records()?, &pending.bundle),
            Kind::Rollback => self.last_applied()?.map(|applied| applied.previous).unwrap_or_default(),
        };
        let devices = devices_after(&self.devices()?, &pending.bundle);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_step(&transaction, &pending.persist, Step::Record, &[])?;
        let previous = write_rows(&transaction, &rows)?;
        write_devices(&transaction, &devices)?;
        write_populations(&transaction, &pending.bundle.state.populations)?;
        let previous = to_json("the previous rows", &previous)?;
        let (bytes, _) = pending.bundle.encode();
        transaction.execute(
            "INSERT INTO applied (serial, digest, kind, bundle, previous, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![to_integer(serial), pending.digest, pending.kind.word(), bytes, previous, seconds()],
        )?;
        let value = serial.to_string();
        transaction.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('serial', ?1)", [value])?;
        transaction.execute("DELETE FROM pending", [])?;
        transaction.commit()?;
        Ok(serial)
    }

    /// The transaction that has not come to an end, if there is one.
    pub fn pending(&self) -> Result<Option<Pending>> {
        let query = "SELECT digest, kind, bundle, persist, decided, at FROM pending";
        let row = self.connection.query_row(query, [], |row| {
            let fields: (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((fields, row.get::<_, String>(3)?, row.get::<_, i64>(4)?, row.get::<_, i64>(5)?))
        });
        let Some(((digest, kind, bytes), persist, decided, at)) = row.optional()? else { return Ok(None) };
        let bundle = decode(&digest, &bytes)?;
        let step = self.last_step(&persist)?;
        let since = u64::try_from(at).unwrap_or(0);
        Ok(Some(Pending { digest, kind: Kind::parse(&kind), bundle, persist, decided: decided != 0, step, since }))
    }

    /// Whether a bundle of this digest was applied and not taken back since.
    pub fn was_applied(&self, digest: &str) -> Result<Option<u64>> {
        let query = "SELECT serial FROM applied WHERE digest = ?1 AND kind = 'apply' ORDER BY serial DESC LIMIT 1";
        let serial: Option<i64> = self.connection.query_row(query, [digest], |row| row.get(0)).optional()?;
        Ok(serial.and_then(|serial| u64::try_from(serial).ok()))
    }

    /// The transaction that made the present serial: what a rollback takes back.
    pub fn last_applied(&self) -> Result<Option<Applied>> {
        let query = "SELECT serial, digest, kind, bundle, previous, at FROM applied ORDER BY serial DESC LIMIT 1";
        let row = self.connection.query_row(query, [], |row| {
            let head: (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((head, row.get::<_, Vec<u8>>(3)?, row.get::<_, String>(4)?, row.get::<_, i64>(5)?))
        });
        let Some(((serial, digest, kind), bytes, previous, at)) = row.optional()? else { return Ok(None) };
        Ok(Some(Applied {
            serial: u64::try_from(serial).unwrap_or(0),
            bundle: decode(&digest, &bytes)?,
            previous: from_json("the previous rows", &previous)?,
            digest,
            kind: Kind::parse(&kind),
            at: u64::try_from(at).unwrap_or(0),
        }))
    }

    /// Every transaction that changed something, the last first: serial, digest, kind, seconds since 1970.
    pub fn history(&self) -> Result<Vec<(u64, String, Kind, u64)>> {
        let mut statement =
            self.connection.prepare("SELECT serial, digest, kind, at FROM applied ORDER BY serial DESC")?;
        let rows = statement.query_map([], |row| {
            let (serial, at): (i64, i64) = (row.get(0)?, row.get(3)?);
            let (digest, kind): (String, String) = (row.get(1)?, row.get(2)?);
            Ok((u64::try_from(serial).unwrap_or(0), digest, Kind::parse(&kind), u64::try_from(at).unwrap_or(0)))
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    fn last_step(&self, persist: &str) -> Result<Option<Step>> {
        let query = "SELECT step FROM journal WHERE persist = ?1 ORDER BY sequence DESC LIMIT 1";
        let word: Option<String> = self.connection.query_row(query, [persist], |row| row.get(0)).optional()?;
        Ok(word.and_then(|word| Step::ALL.into_iter().find(|step| step.word() == word)))
    }
}

fn write_step(transaction: &Transaction<'_>, persist: &str, step: Step, devices: &[Address]) -> Result<()> {
    let devices = to_json("the journal", &devices)?;
    transaction.execute(
        "INSERT INTO journal (persist, step, devices, at) VALUES (?1, ?2, ?3, ?4)",
        params![persist, step.word(), devices, seconds()],
    )?;
    State::note_step(transaction, step.word())
}

/// Writes the devices that still hold something recorded; forgets the others.
fn write_devices(transaction: &Transaction<'_>, devices: &BTreeMap<Address, Device>) -> Result<()> {
    transaction.execute("DELETE FROM device", [])?;
    for (address, device) in devices {
        let row = params![address.as_str(), to_json(address.as_str(), device)?];
        transaction.execute("INSERT INTO device (address, record) VALUES (?1, ?2)", row)?;
    }
    let used = "SELECT json_extract(record, '$.device') FROM resource";
    transaction.execute(&format!("DELETE FROM device WHERE address NOT IN ({used})"), [])?;
    Ok(())
}

fn write_populations(transaction: &Transaction<'_>, populations: &BTreeMap<Address, u64>) -> Result<()> {
    transaction.execute("DELETE FROM population", [])?;
    for (address, count) in populations {
        let row = params![address.as_str(), count.to_string()];
        transaction.execute("INSERT INTO population (address, count) VALUES (?1, ?2)", row)?;
    }
    Ok(())
}

/// Writes rows and gives those they replace.
fn write_rows(transaction: &Transaction<'_>, rows: &Rows) -> Result<Rows> {
    let mut previous = Rows::new();
    for (address, row) in rows {
        let query = "SELECT record FROM resource WHERE address = ?1";
        let old: Option<String> = transaction.query_row(query, [address.as_str()], |row| row.get(0)).optional()?;
        let old = old.map(|text| from_json(address.as_str(), &text)).transpose()?;
        previous.insert(address.clone(), old);
        match row {
            Some(row) => {
                let values = params![address.as_str(), to_json(address.as_str(), row)?];
                transaction.execute("INSERT OR REPLACE INTO resource (address, record) VALUES (?1, ?2)", values)?;
            }
            None => {
                transaction.execute("DELETE FROM resource WHERE address = ?1", [address.as_str()])?;
            }
        }
    }
    Ok(previous)
}

fn decode(digest: &str, bytes: &[u8]) -> Result<Bundle> {
    let row = |reason: String| StateError::Row { what: format!("bundle {digest}"), reason };
    Bundle::decode(bytes).map(|(bundle, _)| bundle).map_err(|error| row(error.to_string()))
}

fn seconds() -> i64 {
    to_integer(now())
}

fn to_integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
