//! What was applied and taken back, and the way from what is there to what was there at any serial.
//!
//! An apply changes what is there; a rollback makes it again what an earlier apply had made of it. So what is there at a
//! serial is known by the apply that made it (0 for nothing yet), and those form a tree.

use std::collections::BTreeMap;

use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Action, Device};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use super::journal::{decode, to_integer};
use super::lock::Holder;
use super::rows::devices_after;
use super::{Kind, Result, State, StateRecord, from_json};

/// What history tells of a transaction beside its bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Who ran it, as `user on host`.
    pub who: String,
    /// The owners whose approval was stated.
    pub approvals: Vec<String>,
    /// Things created.
    pub add: usize,
    /// Things changed.
    pub change: usize,
    /// Things deleted.
    pub remove: usize,
}

impl Details {
    /// The details of a bundle that this process applies.
    pub fn of(bundle: &Bundle, approvals: &[String]) -> Self {
        let count = |action| bundle.changes.iter().filter(|change| change.action == action).count();
        let holder = Holder::this("");
        Self {
            who: format!("{} on {}", holder.user, holder.host),
            approvals: approvals.to_vec(),
            add: count(Action::Create),
            change: count(Action::Update),
            remove: count(Action::Delete),
        }
    }
}

/// A transaction that came to its end and changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The serial it made.
    pub serial: u64,
    /// The bundle's digest.
    pub digest: String,
    /// What it did.
    pub kind: Kind,
    /// When, in seconds since 1970.
    pub at: u64,
    /// Who, how much.
    pub details: Details,
}

/// Everything that was applied or taken back, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The entries, the first first.
    pub entries: Vec<Entry>,
}

/// The way between two serials: applies to take back, in order, then applies to carry out again, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Serials of applies to take back.
    pub back: Vec<u64>,
    /// Serials of applies to carry out again.
    pub again: Vec<u64>,
}

impl History {
    /// The present serial, 0 before the first apply.
    pub fn serial(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.serial)
    }

    /// The apply that made what is there at a serial; 0 where nothing was applied.
    pub fn content(&self, mut serial: u64) -> u64 {
        // Each step leads to an earlier serial, so this ends.
        while let Some(entry) = self.entries.iter().find(|entry| entry.serial == serial) {
            match entry.kind {
                Kind::Rollback { to } if to < serial => serial = to,
                _ => return serial,
            }
        }
        0
    }

    /// The apply that made what was there before an apply.
    pub fn before(&self, apply: u64) -> u64 {
        self.content(apply.saturating_sub(1))
    }

    /// The way from what is there to what was there at a serial.
    pub fn way(&self, to: u64) -> Way {
        let (here, goal) = (self.lineage(self.content(self.serial())), self.lineage(self.content(to)));
        let back = here.iter().copied().filter(|apply| !goal.contains(apply)).collect();
        let again = goal.iter().copied().filter(|apply| !here.contains(apply)).rev().collect();
        Way { back, again }
    }

    /// An apply and those it was made on top of, the last first, without 0.
    fn lineage(&self, mut apply: u64) -> Vec<u64> {
        let mut lineage = Vec::new();
        while apply > 0 {
            lineage.push(apply);
            apply = self.before(apply);
        }
        lineage
    }
}

impl State {
    /// Every transaction that changed something.
    pub fn history(&self) -> Result<History> {
        let query = "SELECT serial, digest, kind, at, back_to, details FROM applied ORDER BY serial";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([])?;
        let mut history = History::default();
        while let Some(row) = rows.next()? {
            let (serial, at): (i64, i64) = (row.get(0)?, row.get(3)?);
            let (digest, kind, details): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(5)?);
            history.entries.push(Entry {
                serial: u64::try_from(serial).unwrap_or(0),
                digest,
                kind: Kind::parse(&kind, row.get(4)?),
                at: u64::try_from(at).unwrap_or(0),
                details: from_json("the details", &details)?,
            });
        }
        Ok(history)
    }

    /// The bundle that made a serial.
    pub fn bundle_of(&self, serial: u64) -> Result<Option<Bundle>> {
        let query = "SELECT digest, bundle FROM applied WHERE serial = ?1";
        let row = self
            .connection
            .query_row(query, [to_integer(serial)], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)));
        row.optional()?.map(|(digest, bytes)| decode(&digest, &bytes)).transpose()
    }

    /// The rows that there were at a serial: those there are, and back over what each transaction since replaced.
    pub fn records_at(&self, serial: u64) -> Result<BTreeMap<Address, StateRecord>> {
        let mut records = self.records()?;
        let query = "SELECT previous FROM applied WHERE serial > ?1 ORDER BY serial DESC";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([to_integer(serial)])?;
        while let Some(row) = rows.next()? {
            let previous: super::rows::Rows = from_json("the previous rows", &row.get::<_, String>(0)?)?;
            for (address, record) in previous {
                match record {
                    Some(record) => drop(records.insert(address, record)),
                    None => drop(records.remove(&address)),
                }
            }
        }
        Ok(records)
    }

    /// The devices as they were reached at a serial, of those that had changed anything by then.
    pub(super) fn devices_at(&self, serial: u64) -> Result<BTreeMap<Address, Device>> {
        let history = self.history()?;
        let mut devices = BTreeMap::new();
        for apply in history.lineage(history.content(serial)).into_iter().rev() {
            let Some(bundle) = self.bundle_of(apply)? else { continue };
            devices = devices_after(&devices, &bundle);
        }
        Ok(devices)
    }

    /// How many things each set yielded at the apply that made a serial.
    pub(super) fn populations_at(&self, serial: u64) -> Result<BTreeMap<Address, u64>> {
        Ok(self.bundle_of(serial)?.map(|bundle| bundle.state.populations).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of applies (0) and rollbacks to a serial.
    fn history(kinds: &[Option<u64>]) -> History {
        let entry = |(serial, kind): (u64, &Option<u64>)| Entry {
            serial,
            digest: String::new(),
            kind: kind.map_or(Kind::Apply, |to| Kind::Rollback { to }),
            at: 0,
            details: Details::default(),
        };
        History { entries: (1..).zip(kinds).map(entry).collect() }
    }

    #[test]
    fn rollback_after_rollback_goes_further_back() {
        let two = history(&[None, None]);
        assert_eq!((two.content(2), two.before(2), two.before(1)), (2, 1, 0));
        let back_once = history(&[None, None, Some(1)]);
        assert_eq!((back_once.content(3), back_once.before(back_once.content(3))), (1, 0));
        let back_twice = history(&[None, None, Some(1), Some(0)]);
        assert_eq!(back_twice.content(4), 0);
    }

    #[test]
    fn the_way_leads_over_the_last_common_apply() {
        let way = |history: &History, to| (history.way(to).back, history.way(to).again);
        let line = history(&[None, None, None]);
        assert_eq!(way(&line, 1), (vec![3, 2], vec![]));
        assert_eq!(way(&line, 0), (vec![3, 2, 1], vec![]));
        assert_eq!(way(&line, 3), (vec![], vec![]));
        // 1, 2, back to 1, 4 on top of 1: serial 2 is on another branch.
        let branch = history(&[None, None, Some(1), None]);
        assert_eq!(way(&branch, 2), (vec![4], vec![2]));
        assert_eq!(way(&branch, 3), (vec![4], vec![]));
        // Everything taken back, then done again.
        let back = history(&[None, None, Some(0)]);
        assert_eq!(way(&back, 2), (vec![], vec![1, 2]));
    }
}
