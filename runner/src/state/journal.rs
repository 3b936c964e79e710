//! The life of a transaction as it is written down: begun, steps, one decision, an end.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::Device;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::history::Details;
use super::lock::now;
use super::rows::{Rows, after, back, came_back, devices_after, difference, emptied};
use super::{Result, State, StateError, from_json, to_json};

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Applies a reviewed bundle.
    Apply,
    /// Goes back to what was there at an earlier serial.
    Rollback {
        /// The serial of an apply, 0 for before the first.
        to: u64,
    },
}

impl Kind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Rollback { .. } => "rollback",
        }
    }

    /// The serial that a rollback goes back to.
    pub(super) fn back_to(self) -> Option<i64> {
        match self {
            Self::Apply => None,
            Self::Rollback { to } => Some(to_integer(to)),
        }
    }

    pub(super) fn parse(word: &str, back_to: Option<i64>) -> Self {
        match word {
            "rollback" => Self::Rollback { to: back_to.and_then(|to| u64::try_from(to).ok()).unwrap_or(0) },
            _ => Self::Apply,
        }
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

    /// What undoes it once it is taken.
    pub fn undone_by(self) -> &'static str {
        match self {
            Self::Check => "the locks are let go; nothing was written",
            Self::Stage => "the edits that were handed over are dropped; nothing took effect",
            Self::Commit => {
                "every device gets its former configuration back, in reverse order, and is read to prove it"
            }
            Self::Decide | Self::Confirm => "nothing before it is finished; `ranform rollback` after that",
            Self::Abort => "nothing: it is repeated until every device shows its former configuration",
            Self::Record => "`ranform rollback`",
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
    /// What undoes that step, as the journal says; empty before the first.
    pub undone_by: String,
    /// When it began, in seconds since 1970.
    pub since: u64,
    /// Who began it, and what of it goes into history.
    pub details: Details,
}

impl std::fmt::Display for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = self.digest.get(..12).unwrap_or(&self.digest);
        let direction = if self.decided { "carried forward" } else { "taken back" };
        let step = self.step.map_or("nothing yet", Step::word);
        let age = now().saturating_sub(self.since);
        write!(
            f,
            "{} of {short} was interrupted {age} s ago at step {step} and will be {direction}",
            self.kind.word()
        )?;
        if self.undone_by.is_empty() || self.decided { Ok(()) } else { write!(f, " ({})", self.undone_by) }
    }
}

impl State {
    /// Writes down that a transaction begins.
    pub fn begin(&mut self, kind: Kind, bundle: &Bundle, persist: &str, approvals: &[String]) -> Result<()> {
        let (bytes, digest) = bundle.encode();
        let details = to_json("the details", &Details::of(bundle, approvals))?;
        self.connection.execute(
            "INSERT INTO pending (one, digest, kind, bundle, persist, decided, at, back_to, details) \
             VALUES (1, ?1, ?2, ?3, ?4, 0, ?5, ?6, ?7)",
            params![digest, kind.word(), bytes, persist, seconds(), kind.back_to(), details],
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
    /// A rollback writes the rows and populations that there were. What devices that were given up should have lost they
    /// may still hold: its rows stay.
    pub fn end_applied(&mut self, pending: &Pending, given_up: &BTreeSet<Address>) -> Result<u64> {
        let serial = self.serial()?.saturating_add(1);
        let records = self.records()?;
        let (mut rows, populations) = match pending.kind {
            Kind::Apply => (after(&records, &pending.bundle), pending.bundle.state.populations.clone()),
            Kind::Rollback { to } => {
                let rows = back(&records, self.records_at(to)?, &pending.bundle);
                (difference(&records, rows), self.populations_at(to)?)
            }
        };
        let lost = |address: &Address| records.get(address).is_some_and(|row| given_up.contains(&row.recorded.device));
        rows.retain(|address, row| row.is_some() || !lost(address));
        let mut devices = devices_after(&self.devices()?, &pending.bundle);
        if let Kind::Rollback { to } = pending.kind {
            let emptied = emptied(&records, &pending.bundle);
            if !emptied.is_empty() {
                came_back(&mut devices, self.devices_at(to)?, &emptied);
            }
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_step(&transaction, &pending.persist, Step::Record, &[])?;
        let previous = write_rows(&transaction, &rows)?;
        write_devices(&transaction, &devices)?;
        write_populations(&transaction, &populations)?;
        let previous = to_json("the previous rows", &previous)?;
        let (bytes, _) = pending.bundle.encode();
        transaction.execute(
            "INSERT INTO applied (serial, digest, kind, bundle, previous, at, back_to, details) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                to_integer(serial),
                pending.digest,
                pending.kind.word(),
                bytes,
                previous,
                seconds(),
                pending.kind.back_to(),
                to_json("the details", &pending.details)?
            ],
        )?;
        let value = serial.to_string();
        transaction.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('serial', ?1)", [value])?;
        transaction.execute("DELETE FROM pending", [])?;
        transaction.commit()?;
        Ok(serial)
    }

    /// The transaction that has not come to an end, if there is one.
    pub fn pending(&self) -> Result<Option<Pending>> {
        let query = "SELECT digest, kind, bundle, persist, decided, at, back_to, details FROM pending";
        let row = self.connection.query_row(query, [], |row| {
            let fields: (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let way: (String, i64, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
            Ok((fields, way, row.get::<_, Option<i64>>(6)?, row.get::<_, String>(7)?))
        });
        let Some((fields, way, back_to, details)) = row.optional()? else { return Ok(None) };
        let ((digest, kind, bytes), (persist, decided, at)) = (fields, way);
        let bundle = decode(&digest, &bytes)?;
        let (step, undone_by) = self.last_step(&persist)?;
        let since = u64::try_from(at).unwrap_or(0);
        let kind = Kind::parse(&kind, back_to);
        let details = from_json("the details", &details)?;
        Ok(Some(Pending { digest, kind, bundle, persist, decided: decided != 0, step, undone_by, since, details }))
    }

    /// The serial that a bundle of this digest made when it was applied, taken back since or not.
    pub fn was_applied(&self, digest: &str) -> Result<Option<u64>> {
        let query = "SELECT serial FROM applied WHERE digest = ?1 AND kind = 'apply' ORDER BY serial DESC LIMIT 1";
        let serial: Option<i64> = self.connection.query_row(query, [digest], |row| row.get(0)).optional()?;
        Ok(serial.and_then(|serial| u64::try_from(serial).ok()))
    }

    /// The last step written, and what undoes it.
    fn last_step(&self, persist: &str) -> Result<(Option<Step>, String)> {
        let query = "SELECT step, undone_by FROM journal WHERE persist = ?1 ORDER BY sequence DESC LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let row: Option<(String, String)> = self.connection.query_row(query, [persist], read).optional()?;
        let Some((word, undone_by)) = row else { return Ok((None, String::new())) };
        Ok((Step::ALL.into_iter().find(|step| step.word() == word), undone_by))
    }
}

fn write_step(transaction: &Transaction<'_>, persist: &str, step: Step, devices: &[Address]) -> Result<()> {
    let devices = to_json("the journal", &devices)?;
    transaction.execute(
        "INSERT INTO journal (persist, step, devices, undone_by, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![persist, step.word(), devices, step.undone_by(), seconds()],
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

pub(super) fn decode(digest: &str, bytes: &[u8]) -> Result<Bundle> {
    let row = |reason: String| StateError::Row { what: format!("bundle {digest}"), reason };
    Bundle::decode(bytes).map(|(bundle, _)| bundle).map_err(|error| row(error.to_string()))
}

fn seconds() -> i64 {
    to_integer(now())
}

pub(super) fn to_integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
