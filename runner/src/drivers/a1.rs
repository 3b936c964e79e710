//! Policies at a near-RT RIC, straight or through its management service.
//!
//! A1 has no candidate and no confirmed commit: `commit` writes what is new or different and takes nothing away,
//! `confirm` removes, `abort` writes back what was there. Everything is read before it is written; a policy that is
//! there already is not sent again; policies of others are seen and never touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ranform_network::Resource;
use ranform_network::deployment::{Device, PolicyResource, policy_id};
use ranform_network::network::{A1Access, Dialect};
use ranform_targets::{Document, Query, a1 as format};
use serde_json::Value;

use super::task::Side;
use super::{Difference, Driver, DriverError, Observation, Prepare, Task, Verb};
use crate::a1::{Change, Error, Peer, Policy, Verdict, access, http::Http};
use crate::patience::Patience;

/// How long a RIC may take to say that it enforces a policy where the intent does not require it.
const STATUS_LIMIT: Duration = Duration::from_secs(10);
/// What is kept of a verb's time to take back what it did.
const RESERVE: Duration = Duration::from_secs(5);
/// The pause between two looks at statuses.
const PAUSE: Duration = Duration::from_millis(300);

/// A near-RT RIC that takes policies.
#[derive(Debug)]
pub struct A1 {
    peer: Peer,
    /// The objects that were there before, as they were: what an abort puts back.
    former: BTreeMap<String, Value>,
    notes: Vec<String>,
}

/// A policy of a change, on one side of it.
struct Item<'a> {
    policy: Policy,
    resource: &'a PolicyResource,
    /// Its document.
    path: String,
}

/// What the RIC holds of the types that concern us: documents of known ids, and all ids by type.
struct Seen {
    documents: Vec<Document>,
    ids: BTreeMap<String, BTreeSet<String>>,
    /// The types that it lists; none where it has none.
    listed: Option<BTreeSet<String>>,
}

impl A1 {
    /// The RIC behind a device's `manage` line; nothing is opened yet. `root` is the project's folder.
    ///
    /// # Errors
    /// A credential or a URL that cannot be used.
    pub fn new(device: &Device, root: &Path) -> Result<Self, DriverError> {
        let missing = || DriverError::Unreachable("no way to it is written; write `manage a1 ...`".to_owned());
        let management = device.management.as_ref().ok_or_else(missing)?;
        let endpoint = access::endpoint(management, root)?;
        let service = management.user.as_deref().unwrap_or("ranform").to_owned();
        let access: A1Access = management.a1.clone().unwrap_or_default();
        let peer = Peer::new(Http::new(endpoint), access, service);
        Ok(Self { peer, former: BTreeMap::new(), notes: Vec::new() })
    }

    /// Reads the policies of every type that one of `known` is of.
    async fn look(&mut self, known: &[(String, String, String)], patience: &Patience) -> Result<Seen, DriverError> {
        self.peer.ready(patience).await?;
        let listed = self.peer.types(patience).await?;
        let mut seen = Seen { documents: Vec::new(), ids: BTreeMap::new(), listed };
        for (type_id, id, path) in known {
            if !seen.ids.contains_key(type_id) {
                // Of a type that the RIC does not list there are no policies; some peers answer 503 to the question.
                let ids = match seen.listed.as_ref().is_none_or(|listed| listed.contains(type_id)) {
                    true => self.peer.ids(type_id, patience).await?,
                    false => BTreeSet::new(),
                };
                seen.ids.insert(type_id.clone(), ids);
            }
            if !seen.ids.get(type_id).is_some_and(|ids| ids.contains(id)) {
                continue;
            }
            if let Some(held) = self.peer.held(type_id, id, patience).await? {
                seen.documents.push(Document { path: path.clone(), bytes: format::to_bytes(&held.body) });
            }
        }
        seen.documents.sort_by(|a, b| a.path.cmp(&b.path));
        seen.documents.dedup();
        Ok(seen)
    }

    async fn observe(&mut self, query: &Query<'_>, patience: &Patience) -> Result<Observation, DriverError> {
        let things = query.things();
        let known: Vec<_> = things.values().filter_map(|thing| place(thing.resource, thing.device_id)).collect();
        let seen = self.look(&known, patience).await?;
        let target = ranform_targets::find(&query.profile.target);
        let target = target.ok_or_else(|| DriverError::Failed(format!("no format `{}`", query.profile.target)))?;
        let mut reading =
            target.read(&seen.documents, query).map_err(|error| DriverError::Failed(error.to_string()))?;
        let ours: BTreeSet<_> = known.iter().map(|(type_id, id, _)| (type_id, id)).collect();
        for (type_id, ids) in &seen.ids {
            for id in ids.iter().filter(|id| !ours.contains(&(type_id, *id))) {
                reading.foreign.insert(format!("policies/{type_id}/{id}"), id.clone());
            }
        }
        let operations = self.peer.operations();
        let policy_types = seen.listed.into_iter().flatten().collect();
        Ok(Observation { documents: seen.documents, reading, operations, no_auto_revert: true, policy_types })
    }

    /// What differs on a side of the task; a policy that should not be there is looked for under its id too.
    async fn differences(
        &mut self,
        task: &Task,
        side: Side,
        patience: &Patience,
    ) -> Result<Vec<Difference>, DriverError> {
        let known = task.known(side);
        let seen = self.observe(&task.query(&known), patience).await?;
        let mut differences = task.differences(side, &seen.reading);
        let other = if side == Side::Before { Side::After } else { Side::Before };
        let here: BTreeSet<String> = items(task, side).into_iter().map(|item| item.path).collect();
        let absent: Vec<_> = items(task, other).into_iter().filter(|item| !here.contains(&item.path)).collect();
        let places: Vec<_> = absent
            .iter()
            .map(|item| (item.policy.type_id.clone(), item.policy.id.clone(), item.path.clone()))
            .collect();
        let found = self.look(&places, patience).await?;
        for (type_id, id, _) in &places {
            if found.ids.get(type_id).is_some_and(|ids| ids.contains(id)) {
                let leaf = format!("policy {id}");
                let (expected, found) = (None, Some(Value::from("there")));
                differences.push(Difference { address: task.address.clone(), leaf, expected, found });
            }
        }
        Ok(differences)
    }

    async fn check(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        self.agree_with_review(task)?;
        if let Some(trap) = self.peer.keep_alive_trap(patience).await? {
            return Err(DriverError::Failed(trap));
        }
        let differences = self.differences(task, Side::Before, patience).await?;
        if !differences.is_empty() {
            return Err(DriverError::Stale(differences));
        }
        let before = items(task, Side::Before);
        for item in &before {
            let Some(held) = self.peer.held(&item.policy.type_id, &item.policy.id, patience).await? else { continue };
            if let Some(other) = held.service.filter(|service| service != self.peer.service()) {
                let text = format!("policy `{}` was taken over by service `{other}`", item.policy.id);
                return Err(DriverError::Failed(text));
            }
            self.former.insert(item.path.clone(), held.body);
        }
        self.check_types(task, patience).await
    }

    /// The documents that were reviewed say what the changes say.
    fn agree_with_review(&self, task: &Task) -> Result<(), DriverError> {
        if task.artifacts.is_empty() {
            return Ok(());
        }
        let bytes = |list: &[ranform_network::Artifact]| -> BTreeMap<String, Vec<u8>> {
            list.iter().map(|artifact| (artifact.path.clone(), artifact.bytes.clone())).collect()
        };
        if bytes(&task.artifacts) == bytes(&task.render(&[])?) {
            return Ok(());
        }
        let text = "the bundle's documents do not say what its changes say; plan again";
        Err(DriverError::Failed(text.to_owned()))
    }

    /// The RIC lists each type, and its own schema accepts each policy, before anything is written.
    async fn check_types(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let wanted = items(task, Side::After);
        if wanted.is_empty() {
            return Ok(());
        }
        let listed = self.peer.types(patience).await?;
        let mut schemas: BTreeMap<String, Option<Value>> = BTreeMap::new();
        for item in &wanted {
            let type_id = &item.policy.type_id;
            if let Some(listed) = listed.as_ref().filter(|listed| !listed.contains(type_id)) {
                let lists: Vec<&str> = listed.iter().take(20).map(String::as_str).collect();
                let lists = if lists.is_empty() { "none".to_owned() } else { lists.join(", ") };
                let text = format!(
                    "the RIC does not list policy type `{type_id}`; it lists {lists}: say so with `types \"..\"` in its `manage` line, or choose the profile of its generation"
                );
                return Err(DriverError::Failed(text));
            }
            if !schemas.contains_key(type_id) {
                let schema = self.peer.schema(type_id, patience).await?;
                schemas.insert(type_id.clone(), schema);
            }
            let Some(Some(schema)) = schemas.get(type_id) else { continue };
            format::schema::check(schema, &item.policy.body).map_err(|error| {
                DriverError::Failed(format!("policy `{}` of type `{type_id}`: {error}", item.policy.id))
            })?;
        }
        Ok(())
    }

    /// Writes what is new or different; removes nothing.
    async fn put(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        self.write(task, patience).await?;
        self.await_enforcement(task, patience).await?;
        let differences = self.unwritten(task, patience).await?;
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
    }

    async fn write(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        for item in items(task, Side::After) {
            self.peer.put(&item.policy, patience).await.map_err(|error| named(&item.policy, error))?;
        }
        Ok(())
    }

    /// What of the task's policies the RIC does not hold as ordered, removals aside.
    async fn unwritten(&mut self, task: &Task, patience: &Patience) -> Result<Vec<Difference>, DriverError> {
        let known = task.known(Side::After);
        let seen = self.observe(&task.query(&known), patience).await?;
        let stays: BTreeSet<_> =
            task.changes.iter().filter(|change| change.after.is_some()).map(|change| &change.address).collect();
        let mut differences = task.differences(Side::After, &seen.reading);
        differences.retain(|difference| stays.contains(&difference.address));
        Ok(differences)
    }

    /// Asks for statuses until each policy is enforced or time is up. A RIC that never can is a failure; one that has
    /// not said so in time is one only where the intent requires it.
    async fn await_enforcement(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let mut open = items(task, Side::After);
        let required = open.iter().any(|item| item.resource.require_enforced);
        let limit = match self.peer.dialect() {
            // Its RICs have no status to tell.
            Dialect::StandardV1 => Duration::ZERO,
            _ => patience.left().saturating_sub(RESERVE),
        };
        let waiting = patience.at_most(if required { limit } else { limit.min(STATUS_LIMIT) });
        loop {
            let mut still = Vec::new();
            for item in open {
                let status = match self.peer.status(&item.policy.type_id, &item.policy.id, patience).await {
                    Ok(status) => status,
                    // A RIC that cannot tell now may tell later; the read-back tells whether the policy is there.
                    Err(error) if error.is_passing() || error.status().is_some() => Default::default(),
                    Err(error) => return Err(named(&item.policy, error)),
                };
                match status.verdict() {
                    Verdict::Enforced => {}
                    Verdict::Never => {
                        let text = format!("the RIC does not enforce policy `{}`: {status}", item.policy.id);
                        return Err(DriverError::Failed(text));
                    }
                    Verdict::Open => still.push((item, status)),
                }
            }
            // What is only hoped for does not hold up what is required longer than its own limit.
            if still.is_empty() || waiting.left() <= PAUSE {
                return self.judge(still.into_iter().map(|(item, status)| (item, status.to_string())));
            }
            if waiting.wait(tokio::time::sleep(PAUSE)).await == Err(crate::patience::Impatience::Cancelled) {
                return Err(DriverError::Failed("called off".to_owned()));
            }
            open = still.into_iter().map(|(item, _)| item).collect();
        }
    }

    fn judge<'a>(&mut self, open: impl Iterator<Item = (Item<'a>, String)>) -> Result<(), DriverError> {
        for (item, status) in open {
            let id = &item.policy.id;
            if item.resource.require_enforced {
                let text = format!(
                    "the RIC does not say in time that it enforces policy `{id}`, as required: it says {status}"
                );
                return Err(DriverError::Failed(text));
            }
            self.notes.push(format!(
                "policy `{id}` is written, but the RIC does not say that it enforces it: it says {status}"
            ));
        }
        Ok(())
    }

    /// Removes what the task removes. A RIC that lost our policies since the commit gets them anew.
    async fn settle(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        if !self.unwritten(task, patience).await?.is_empty() {
            self.write(task, patience).await?;
        }
        let stays: BTreeSet<String> = items(task, Side::After).into_iter().map(|item| item.path).collect();
        for item in items(task, Side::Before).iter().rev().filter(|item| !stays.contains(&item.path)) {
            let Policy { type_id, id, .. } = &item.policy;
            let done = self.peer.delete(type_id, id, patience).await.map_err(|error| named(&item.policy, error))?;
            if done == Change::Forgotten {
                self.notes.push(format!(
                    "the management service could not reach the RIC to delete policy `{id}`: it takes it away at its next check, within a minute"
                ));
            }
        }
        let differences = self.differences(task, Side::After, patience).await?;
        self.peer.close();
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
    }

    /// Writes back what was there and removes what is new, the last first. Only what shows our own edit is taken back.
    async fn restore(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let before = items(task, Side::Before);
        let was_there: BTreeSet<&str> = before.iter().map(|item| item.path.as_str()).collect();
        for item in items(task, Side::After).iter().rev().filter(|item| !was_there.contains(item.path.as_str())) {
            let Policy { type_id, id, body, .. } = &item.policy;
            let held = self.peer.held(type_id, id, patience).await.map_err(|error| named(&item.policy, error))?;
            match held {
                Some(held) if format::same(&held.body, body) => {
                    self.peer.delete(type_id, id, patience).await.map_err(|error| named(&item.policy, error))?;
                }
                Some(_) => {
                    let text =
                        format!("policy `{id}` holds what neither the plan nor state says; somebody else wrote it");
                    return Err(DriverError::Failed(text));
                }
                None => {}
            }
        }
        let ours: BTreeMap<String, Value> =
            items(task, Side::After).into_iter().map(|item| (item.path, item.policy.body)).collect();
        for item in before.iter().rev() {
            let mut policy = item.policy.clone();
            let held = self.peer.held(&policy.type_id, &policy.id, patience).await;
            if let Some(held) = held.map_err(|error| named(&policy, error))? {
                let known = [Some(&policy.body), self.former.get(&item.path), ours.get(&item.path)];
                if !known.into_iter().flatten().any(|body| format::same(body, &held.body)) {
                    let text = format!(
                        "policy `{}` holds what neither the plan nor state says; somebody else wrote it",
                        policy.id
                    );
                    return Err(DriverError::Failed(text));
                }
            }
            if let Some(former) = self.former.get(&item.path) {
                policy.body = former.clone();
            }
            self.peer.put(&policy, patience).await.map_err(|error| named(&policy, error))?;
        }
        let differences = self.differences(task, Side::Before, patience).await?;
        self.peer.close();
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotRestored(differences)) }
    }
}

/// An error with the policy that it is about.
fn named(policy: &Policy, error: Error) -> DriverError {
    match DriverError::from(error) {
        DriverError::Failed(text) => DriverError::Failed(format!("policy `{}`: {text}", policy.id)),
        other => other,
    }
}

fn as_policy(resource: &Resource) -> Option<&PolicyResource> {
    match resource {
        Resource::Policy(policy) => Some(policy),
        _ => None,
    }
}

/// The id of a policy's type at its RIC.
fn type_id(policy: &PolicyResource) -> String {
    policy.type_number.map_or_else(|| policy.policy_type.to_string(), |number| number.to_string())
}

/// Where a policy is: type, id and document.
fn place(resource: &Resource, device_id: &str) -> Option<(String, String, String)> {
    let policy = as_policy(resource)?;
    let id = policy_id(device_id, policy.policy_type);
    let path = format::path(policy.policy_type, &id);
    Some((type_id(policy), id, path))
}

/// The policies of a task's changes, as they are before or after, in address order.
fn items(task: &Task, side: Side) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for change in &task.changes {
        let resource = match side {
            Side::Before => change.before.as_ref(),
            Side::After => change.after.as_ref(),
        };
        let Some(resource) = resource else { continue };
        let (Some((type_id, id, path)), Some(policy)) = (place(resource, &change.device_id), as_policy(resource))
        else {
            continue;
        };
        let order = Policy { type_id, id, body: format::body::to_body(policy), transient: policy.transient };
        items.push(Item { policy: order, resource: policy, path });
    }
    items
}

impl Driver for A1 {
    fn read<'a>(&'a mut self, query: Query<'a>, patience: &'a Patience) -> Verb<'a, Observation> {
        Box::pin(async move {
            let seen = self.observe(&query, patience).await;
            self.peer.close();
            seen
        })
    }

    fn prepare<'a>(&'a mut self, task: &'a Task, step: Prepare, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move {
            match step {
                Prepare::Check => self.check(task, patience).await,
                // There is nowhere at a RIC where a policy could lie without effect.
                Prepare::Stage => Ok(()),
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

    fn release<'a>(&'a mut self, _patience: &'a Patience) -> Verb<'a, ()> {
        self.peer.close();
        Box::pin(std::future::ready(Ok(())))
    }

    fn confirm_removes(&self) -> bool {
        true
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

impl From<Error> for DriverError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match &error {
            Error::Access(_) => Self::Credential(text),
            _ if error.is_handshake_refusal() => Self::Login(text),
            // rustls names what is wrong with the certificate that the peer shows.
            Error::Connect { reason, .. } if reason.contains("certificate") => Self::HostKey(text),
            _ if matches!(error.status(), Some(401 | 403)) => Self::Login(text),
            _ if error.is_unreachable() => Self::Unreachable(text),
            _ => Self::Failed(text),
        }
    }
}
