//! A device that speaks NETCONF, in the order that real servers survive.
//!
//! Lock running and candidate, read and compare, one edit into candidate, confirmed commit with persist, read back,
//! confirming commit, running to startup. A device without confirmed commit takes the edit for good and an abort
//! sends the inverse edit; without candidate the edit goes to running directly. `validate` is never sent: yuma123
//! then loses the commit. An `ok` is not proof, the read-back is.
//!
//! A change that restarts cells in service is several commits: lock, change, read back, unlock. With confirmed commit
//! they follow each other under one persist-id, so that one cancel-commit takes all of them back.

use std::collections::BTreeMap;

use std::time::Duration;

use ranform_network::Artifact;
use ranform_network::network::Protocol;
use ranform_targets::netconf::commits::{Commit, Purpose, commits};
use ranform_targets::{Document, Query};

use super::{Difference, Driver, DriverError, Observation, Prepare, Side, Task, Verb};
use crate::netconf::ssh::{Endpoint, SshStream, connect};
use crate::netconf::xml::Element;
use crate::netconf::{BASE, Capabilities, Confirmed, Datastore, Error, Session, differing};
use crate::patience::Patience;

/// How long a device on whose candidate somebody else works is left alone before it is tried again.
const LEFT_ALONE: Duration = Duration::from_secs(2);

/// What a device lets us take back, from what its hello offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Confirmed commit: it goes back by itself when we disappear.
    Confirmed,
    /// A candidate, but a commit is for good: `no auto-revert`, an abort sends the inverse edit.
    Candidate,
    /// Edits take effect at once: `no auto-revert`, an abort sends the inverse edit.
    Running,
}

impl Safety {
    /// What these capabilities allow.
    pub fn of(capabilities: &Capabilities) -> Self {
        match (capabilities.candidate, capabilities.confirmed_commit) {
            (true, true) => Self::Confirmed,
            (true, false) => Self::Candidate,
            (false, _) => Self::Running,
        }
    }
}

/// A device reached over NETCONF.
#[derive(Debug)]
pub struct Netconf {
    endpoint: Endpoint,
    session: Option<Session<SshStream>>,
    /// Whether the session holds the lock of candidate, so that what is there is ours.
    locked: bool,
    /// The documents to send: the reviewed ones, or made at the check from what the device holds.
    edits: Option<Vec<Artifact>>,
    /// Operations of sessions that have ended.
    operations: BTreeMap<&'static str, u64>,
}

impl Netconf {
    /// The device at this endpoint; nothing is opened yet.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, session: None, locked: false, edits: None, operations: BTreeMap::new() }
    }

    /// The open session, or a new one where there is none that can be used.
    async fn session(&mut self, patience: &Patience) -> Result<&mut Session<SshStream>, DriverError> {
        if self.session.as_ref().is_none_or(|session| !session.is_usable()) {
            self.drop_session();
            self.session = Some(connect(&self.endpoint, patience).await?);
        }
        self.session.as_mut().ok_or_else(|| DriverError::Unreachable("no session".to_owned()))
    }

    fn drop_session(&mut self) {
        self.locked = false;
        if let Some(session) = self.session.take() {
            for (operation, count) in session.sent() {
                *self.operations.entry(operation).or_default() += count;
            }
        }
    }

    /// Ends the session in good manners; whether the device answers does not matter.
    async fn close(&mut self, patience: &Patience) {
        if let Some(session) = self.session.as_mut().filter(|session| session.is_usable()) {
            let _ = session.close_session(patience).await;
        }
        self.drop_session();
    }

    async fn observe(&mut self, query: &Query<'_>, patience: &Patience) -> Result<Observation, DriverError> {
        let target = ranform_targets::find(&query.profile.target);
        let target = target.ok_or_else(|| DriverError::Failed(format!("no format `{}`", query.profile.target)))?;
        let filter = target.filter(query).unwrap_or_default();
        let filter = String::from_utf8(filter).map_err(|_| DriverError::Failed("a filter is not UTF-8".to_owned()))?;
        let data = self.session(patience).await?.get_config(Datastore::Running, &filter, patience).await?;
        let documents = vec![Document { path: String::new(), bytes: data.to_text().into_bytes() }];
        let reading = query.ask(target, &documents).map_err(|error| DriverError::Failed(error.to_string()))?;
        let mut operations = self.operations.clone();
        for (operation, count) in self.session.iter().flat_map(Session::sent) {
            *operations.entry(operation).or_default() += count;
        }
        let safety = self.session.as_ref().map(|session| Safety::of(&session.capabilities));
        let no_auto_revert = safety.is_some_and(|safety| safety != Safety::Confirmed);
        Ok(Observation { documents, reading, operations, no_auto_revert, ..Observation::default() })
    }

    async fn check(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        self.take_locks(patience).await?;
        self.refuse_dirty_candidate(patience).await?;
        let known = task.known(Side::Before);
        let seen = self.observe(&task.query(&known), patience).await?;
        let differences = task.differences(Side::Before, &seen.reading);
        if !differences.is_empty() {
            return Err(DriverError::Stale(differences));
        }
        if task.artifacts.is_empty() {
            self.edits = Some(task.render(&seen.documents)?);
            return Ok(());
        }
        task.refuse_endangering(&task.artifacts, &seen.documents)?;
        self.edits = Some(task.artifacts.clone());
        Ok(())
    }

    /// The documents to send; after a crash they are made as the check made them.
    async fn edits(&mut self, task: &Task, patience: &Patience) -> Result<Vec<Artifact>, DriverError> {
        if let Some(edits) = &self.edits {
            return Ok(edits.clone());
        }
        if !task.artifacts.is_empty() {
            return Ok(task.artifacts.clone());
        }
        let known = task.known(Side::Before);
        let seen = self.observe(&task.query(&known), patience).await?;
        task.render(&seen.documents)
    }

    async fn take_locks(&mut self, patience: &Patience) -> Result<(), DriverError> {
        let session = self.session(patience).await?;
        session.lock(Datastore::Running, patience).await?;
        if session.capabilities.candidate {
            session.lock(Datastore::Candidate, patience).await?;
            self.locked = true;
        }
        Ok(())
    }

    /// Makes sure that a commit takes nothing of others with it: a session that does not hold the lock of candidate yet
    /// (after a crash) finds it as running is, takes the lock, and finds it so again. The lock of a candidate that holds
    /// edits is never kept: with it they would be discarded (RFC 6241 section 8.3.5.2). Servers that give no lock while
    /// a confirmed commit is pending (yuma123) are looked at twice all the same.
    async fn own_candidate(&mut self, patience: &Patience) -> Result<(), DriverError> {
        if self.locked || !self.session(patience).await?.capabilities.candidate {
            return Ok(());
        }
        self.refuse_dirty_candidate(patience).await?;
        let locked = match self.session(patience).await?.lock(Datastore::Candidate, patience).await {
            Ok(()) => true,
            Err(Error::Rpc { errors, .. }) if errors.iter().all(|error| error.session.is_none()) => false,
            Err(error) => return Err(error.into()),
        };
        if let Err(error) = self.refuse_dirty_candidate(patience).await {
            if locked {
                self.session(patience).await?.unlock(Datastore::Candidate, patience).await?;
            }
            return Err(error);
        }
        self.locked = locked;
        Ok(())
    }

    /// Edits that somebody left in candidate would go out with ours.
    async fn refuse_dirty_candidate(&mut self, patience: &Patience) -> Result<(), DriverError> {
        let session = self.session(patience).await?;
        if !session.capabilities.candidate {
            return Ok(());
        }
        let running = session.get_config(Datastore::Running, "", patience).await?;
        let candidate = session.get_config(Datastore::Candidate, "", patience).await?;
        if running.children == candidate.children {
            return Ok(());
        }
        let strange = differing(&running, &candidate).join(", ");
        let text =
            format!("its candidate holds edits of somebody else ({strange}); commit or discard them there first");
        Err(DriverError::Locked(text))
    }

    /// Sends the edit to where it lies without effect; a device without candidate gets it at commit. Of several
    /// commits all are tried there, so that what the device refuses is known before anything takes effect.
    async fn stage(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let commits = commits(&self.edits(task, patience).await?);
        if Safety::of(&self.session(patience).await?.capabilities) == Safety::Running {
            return Ok(());
        }
        if commits.len() > 1 {
            for commit in &commits {
                self.send(&commit.edits, Datastore::Candidate, patience).await?;
            }
            self.session(patience).await?.discard_changes(patience).await?;
        }
        match commits.first() {
            Some(first) => self.send(&first.edits, Datastore::Candidate, patience).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, artifacts: &[Artifact], store: Datastore, patience: &Patience) -> Result<(), DriverError> {
        for artifact in artifacts {
            let config = config_of(artifact)?;
            self.session(patience).await?.edit_config(store, &config, patience).await?;
        }
        Ok(())
    }

    async fn put(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let commits = commits(&self.edits.clone().unwrap_or_default());
        let mut staged = true;
        for (index, commit) in commits.iter().enumerate() {
            let last = index + 1 == commits.len();
            if self.session.as_ref().is_none_or(|session| !session.is_usable()) {
                // A new session would have no locks, and would commit a candidate that lost the edit.
                return Err(DriverError::Failed("the session was lost before the commit".to_owned()));
            }
            self.take(task, commit, index > 0, std::mem::take(&mut staged), patience).await?;
            self.after(task, commit, last, patience).await?;
        }
        self.prove(task, Side::After, patience).await
    }

    /// Lets one commit take effect; `staged` where its edits are in candidate already.
    async fn take(
        &mut self,
        task: &Task,
        commit: &Commit,
        extends: bool,
        staged: bool,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let safety = Safety::of(&self.session(patience).await?.capabilities);
        match safety {
            Safety::Running => return self.send(&commit.edits, Datastore::Running, patience).await,
            _ if staged => {}
            _ => self.send(&commit.edits, Datastore::Candidate, patience).await?,
        }
        let session = self.session(patience).await?;
        if safety == Safety::Candidate {
            return Ok(session.commit(patience).await?);
        }
        let (timeout_seconds, persist) = (task.confirm_timeout, task.persist.clone());
        Ok(session.commit_confirmed(&Confirmed { timeout_seconds, persist, extends }, patience).await?)
    }

    /// What is due between one commit and the next: users leave a cell that shuts down, and no cell goes back into
    /// service before what was changed has been read back.
    async fn after(
        &mut self,
        task: &Task,
        commit: &Commit,
        last: bool,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        match commit.purpose {
            Purpose::ShutDown => {
                let seconds = task.device.profile.lock.as_ref().map_or(0, |lock| lock.drain_seconds);
                let drained = patience.wait(tokio::time::sleep(Duration::from_secs(seconds.into()))).await;
                drained.map_err(|_| DriverError::Failed("the time was up while users left its cells".to_owned()))
            }
            Purpose::Change if !last => {
                let known = task.known(Side::After);
                let seen = self.observe(&task.query(&known), patience).await?;
                let mut differences = task.differences(Side::After, &seen.reading);
                differences.retain(|difference| !difference.is_lock());
                if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
            }
            _ => Ok(()),
        }
    }

    async fn prove(&mut self, task: &Task, side: Side, patience: &Patience) -> Result<(), DriverError> {
        let known = task.known(side);
        let seen = self.observe(&task.query(&known), patience).await?;
        match (task.differences(side, &seen.reading), side) {
            (differences, _) if differences.is_empty() => Ok(()),
            (differences, Side::After) => Err(DriverError::NotTaken(differences)),
            (differences, Side::Before) => Err(DriverError::NotRestored(differences)),
        }
    }

    async fn settle(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        if Safety::of(&self.session(patience).await?.capabilities) == Safety::Confirmed {
            // A confirming commit commits all of candidate. Whoever works there is left alone for a while.
            if let Err(error) = self.own_candidate(patience).await {
                self.close(patience).await;
                let _ = patience.wait(tokio::time::sleep(LEFT_ALONE)).await;
                return Err(error);
            }
            let session = self.session(patience).await?;
            match session.confirm(&task.persist, patience).await {
                Ok(()) => {}
                // Nothing of this name is pending: it is permanent already, or the device went back by itself.
                Err(Error::Rpc { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Err(DriverError::NotTaken(differences)) = self.prove(task, Side::After, patience).await {
            self.repeat(task, differences, patience).await?;
        }
        let session = self.session(patience).await?;
        if session.capabilities.startup {
            session.copy_config(Datastore::Running, Datastore::Startup, patience).await?;
        }
        self.close(patience).await;
        Ok(())
    }

    /// The same edit anew, for good, on a device that went back by itself after the decision.
    async fn repeat(
        &mut self,
        task: &Task,
        differences: Vec<Difference>,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        if self.prove(task, Side::Before, patience).await.is_err() {
            return Err(DriverError::NotTaken(differences));
        }
        let commits = commits(&self.edits(task, patience).await?);
        self.overwrite(task, &commits, patience).await?;
        self.prove(task, Side::After, patience).await
    }

    /// Carries documents out for good, in a session with its own locks.
    async fn overwrite(&mut self, task: &Task, commits: &[Commit], patience: &Patience) -> Result<(), DriverError> {
        self.close(patience).await;
        self.take_locks(patience).await?;
        self.refuse_dirty_candidate(patience).await?;
        for (index, commit) in commits.iter().enumerate() {
            if self.session(patience).await?.capabilities.candidate {
                self.send(&commit.edits, Datastore::Candidate, patience).await?;
                self.session(patience).await?.commit(patience).await?;
            } else {
                self.send(&commit.edits, Datastore::Running, patience).await?;
            }
            self.after(task, commit, index + 1 == commits.len(), patience).await?;
        }
        let session = self.session(patience).await?;
        session.unlock(Datastore::Running, patience).await?;
        if session.capabilities.candidate {
            session.unlock(Datastore::Candidate, patience).await?;
            self.locked = false;
        }
        Ok(())
    }

    async fn restore(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let session = self.session(patience).await?;
        let safety = Safety::of(&session.capabilities);
        if safety == Safety::Confirmed {
            match session.cancel_commit(&task.persist, patience).await {
                // Refused: nothing of this name is pending. The read-back tells what is there.
                Ok(()) | Err(Error::Rpc { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if self.locked {
            self.clear_candidate(patience).await?;
        }
        if self.prove(task, Side::Before, patience).await.is_err() {
            let known = task.known_ever();
            let seen = self.observe(&task.query(&known), patience).await?;
            // Only what shows our edits, all or some of them, is ours to take back; anything else needs a person.
            if task.is_ours(&seen.reading) {
                let edits = task.render_back(&seen.reading, &seen.documents)?;
                self.overwrite(task, &commits(&edits), patience).await?;
            }
            self.prove(task, Side::Before, patience).await?;
        }
        self.close(patience).await;
        Ok(())
    }

    /// Takes a staged edit out of candidate, in the session that staged it. When that session is gone, the server has
    /// cleared it (RFC 6241 section 8.3.5.2), and what is there is somebody else's.
    async fn clear_candidate(&mut self, patience: &Patience) -> Result<(), DriverError> {
        match self.session(patience).await?.discard_changes(patience).await {
            Ok(()) | Err(Error::Rpc { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Driver for Netconf {
    fn read<'a>(&'a mut self, query: Query<'a>, patience: &'a Patience) -> Verb<'a, Observation> {
        Box::pin(async move {
            let seen = self.observe(&query, patience).await;
            self.close(patience).await;
            seen
        })
    }

    fn prepare<'a>(&'a mut self, task: &'a Task, step: Prepare, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move {
            match step {
                Prepare::Check => self.check(task, patience).await,
                Prepare::Stage => self.stage(task, patience).await,
            }
        })
    }

    fn commit<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.put(task, patience).await })
    }

    fn confirm<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.settle(task, patience).await })
    }

    fn abort<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.restore(task, patience).await })
    }

    fn release<'a>(&'a mut self, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move {
            self.close(patience).await;
            Ok(())
        })
    }
}

/// The `config` element of an edit, after making sure that it is one whole element: a bundle is not trusted.
fn config_of(artifact: &Artifact) -> Result<String, DriverError> {
    let broken = |reason: String| DriverError::Failed(format!("`{}` is no edit: {reason}", artifact.path));
    let text = std::str::from_utf8(&artifact.bytes).map_err(|error| broken(error.to_string()))?;
    let element = Element::parse(text).map_err(broken)?;
    if element.name != "config" || element.namespace != BASE {
        return Err(broken("not a `config` in the base namespace".to_owned()));
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(text, |(_, rest)| rest);
    Ok(text.trim_start().to_owned())
}

impl From<Error> for DriverError {
    fn from(error: Error) -> Self {
        match error {
            Error::Connect { .. } => return Self::Unreachable(error.to_string()),
            Error::HostKey { .. } => return Self::HostKey(error.to_string()),
            Error::Credential { .. } => {
                return Self::Credential { protocol: Protocol::Netconf, why: error.to_string() };
            }
            Error::Refused { .. } => return Self::Login(error.to_string()),
            _ => {}
        }
        // Servers differ in how they refuse a lock; a candidate with edits of others is one way.
        if matches!(error, Error::Rpc { during: "lock", .. }) || error.has_tag("in-use") {
            return Self::Locked(error.to_string());
        }
        Self::Failed(error.to_string())
    }
}
