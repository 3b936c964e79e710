//! The lock on state, which says who holds it; a holder that died on this host gives way.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{OptionalExtension, TransactionBehavior};
use serde::{Deserialize, Serialize};

use super::{Result, State, StateError, from_json, to_json};

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The host it runs on.
    pub host: String,
    /// The user who started it.
    pub user: String,
    /// Its process id.
    pub process: u32,
    /// When the process started, in the kernel's clock ticks: tells a process from a later one of the same id.
    pub started: u64,
    /// The command, e.g. `apply plan.ranplan`.
    pub command: String,
    /// What it was doing last.
    pub step: String,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, user, process, command, step, .. } = self;
        let age = now().saturating_sub(self.since);
        write!(f, "{user} on {host} runs `{command}` (process {process}) since {age} s, step: {step}")
    }
}

impl Holder {
    /// This process.
    pub fn this(command: &str) -> Self {
        let process = std::process::id();
        let started = start_of(process).unwrap_or(0);
        let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
        Self {
            host: host(),
            user: user.unwrap_or_else(|_| "somebody".to_owned()),
            process,
            started,
            command: command.to_owned(),
            step: "starting".to_owned(),
            since: now(),
        }
    }

    /// Whether it certainly no longer runs. A holder on another host is taken to be alive.
    pub fn is_dead(&self) -> bool {
        self.host == host() && start_of(self.process) != Some(self.started)
    }
}

impl State {
    /// Takes the lock, waiting for at most `patience` while another process holds it. A dead holder gives way:
    /// what it left behind is then [`State::pending`].
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder.
    pub fn lock(&mut self, command: &str, patience: Duration) -> Result<()> {
        let begun = std::time::Instant::now();
        loop {
            match self.try_lock(command)? {
                None => return Ok(()),
                Some(holder) if begun.elapsed() >= patience => return Err(StateError::Locked(Box::new(holder))),
                Some(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Gives the lock back.
    pub fn unlock(&mut self) -> Result<()> {
        if self.holds {
            self.connection.execute("DELETE FROM holder", [])?;
            self.holds = false;
        }
        Ok(())
    }

    /// Who holds the lock, this process included; none when it is free or its holder is dead.
    pub fn holder(&self) -> Result<Option<Holder>> {
        let text: Option<String> =
            self.connection.query_row("SELECT record FROM holder", [], |row| row.get(0)).optional()?;
        let holder = text.map(|text| from_json::<Holder>("the lock", &text)).transpose()?;
        Ok(holder.filter(|holder| !holder.is_dead()))
    }

    /// Takes the lock away from its holder, on the word of a person who knows that it is gone.
    pub fn break_lock(&mut self) -> Result<()> {
        self.connection.execute("DELETE FROM holder", [])?;
        Ok(())
    }

    fn try_lock(&mut self, command: &str) -> Result<Option<Holder>> {
        let mine = Holder::this(command);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let text: Option<String> =
            transaction.query_row("SELECT record FROM holder", [], |row| row.get(0)).optional()?;
        if let Some(holder) = text.map(|text| from_json::<Holder>("the lock", &text)).transpose()?
            && !holder.is_dead()
        {
            return Ok(Some(holder));
        }
        let record = to_json("the lock", &mine)?;
        transaction.execute("INSERT OR REPLACE INTO holder (one, record) VALUES (1, ?1)", [record])?;
        transaction.commit()?;
        self.holds = true;
        Ok(None)
    }

    /// Writes down what the holder is doing, for others to read.
    pub(super) fn note_step(connection: &rusqlite::Connection, step: &str) -> Result<()> {
        connection.execute("UPDATE holder SET record = json_set(record, '$.step', ?1)", [step])?;
        Ok(())
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // A lock that cannot be given back is found dead by the next one.
        let _ = self.unlock();
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs())
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::env::var("HOSTNAME"));
    name.map_or_else(|_| "localhost".to_owned(), |name| name.trim().to_owned())
}

/// When a process that runs started (field 22 of /proc/PID/stat); none if there is no such process, or if it has ended and its
/// parent has not asked for its end yet (a zombie).
pub(super) fn start_of(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything, so count from its end.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let runs = !matches!(fields.next()?, "Z" | "X" | "x");
    fields.nth(18)?.parse().ok().filter(|_| runs)
}
