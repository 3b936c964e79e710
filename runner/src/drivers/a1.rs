//! Policies at a near-RT RIC, straight or through its management service.
//!
//! A1 has no candidate and no confirmed commit: `commit` writes what is new or different and takes nothing away,
//! `confirm` removes, `abort` writes back what was there. Everything is read before it is written; a policy that is
//! there already is not sent again; policies of others are seen and never touched. [`orders`] writes, [`enforcement`]
//! waits for what the RIC says of it.

mod enforcement;
mod items;
mod orders;
mod placed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ranform_network::deployment::{Device, policy_prefix};
use ranform_network::network::{A1Access, Dialect, Protocol};
use ranform_targets::{Document, Query, Reading, a1 as format};
use serde_json::Value;

use self::items::{Item, Key, Place, items, keys, place};
use super::compare::unlike;
use super::task::Side;
use super::{Difference, Driver, DriverError, Observation, Prepare, Task, Verb};
use crate::a1::{Error, Held, Peer, access, http::Http, several};
use crate::order::Turn;
use crate::patience::Patience;

/// A near-RT RIC that takes policies.
#[derive(Debug)]
pub struct A1 {
    peer: Peer,
    /// The objects that were there before, as they were: what an abort puts back.
    former: BTreeMap<Key, Value>,
    /// Whether policies may vanish as the peer knows it, by state or by our own orders: version 3 of the management
    /// service does not tell.
    transient: BTreeMap<Key, bool>,
    /// Policies of which a management service could not say whether the RIC took them.
    adrift: BTreeSet<Key>,
    /// Policies that were said to be enforced before they were changed.
    enforced: BTreeSet<Key>,
    /// Whether the RIC did not answer when it was to be checked, as it was not deployed yet or goes.
    was_away: bool,
    notes: Vec<String>,
}

/// What the RIC holds of the types that concern us.
struct Seen {
    /// The documents of known ids.
    documents: Vec<Document>,
    /// All ids, by type.
    ids: BTreeSet<Key>,
    /// What it holds under known ids.
    held: BTreeMap<Key, Held>,
    /// The types that it lists; none where it has none.
    listed: Option<BTreeSet<String>>,
}

impl A1 {
    /// The RIC behind a device's `manage` line; nothing is opened yet. `root` is the project's folder.
    ///
    /// # Errors
    /// A credential or a URL that cannot be used.
    pub async fn new(device: &Device, root: &Path, patience: &Patience) -> Result<Self, DriverError> {
        let missing = || DriverError::Unreachable("no way to it is written; write `manage a1 ...`".to_owned());
        let management = device.management.as_ref().ok_or_else(missing)?;
        let endpoint = access::endpoint(management, root, patience).await?;
        let service = management.user.as_deref().unwrap_or("ranform").to_owned();
        let access: A1Access = management.a1.clone().unwrap_or_default();
        Ok(Self {
            peer: Peer::new(Http::new(endpoint), access, service),
            former: BTreeMap::new(),
            transient: BTreeMap::new(),
            adrift: BTreeSet::new(),
            enforced: BTreeSet::new(),
            was_away: false,
            notes: Vec::new(),
        })
    }

    /// The types that the RIC lists, and the ids of all policies of those types that one of `of` is of: one list each.
    async fn ids(
        &self,
        of: &BTreeSet<Key>,
        patience: &Patience,
    ) -> Result<(Option<BTreeSet<String>>, BTreeSet<Key>), DriverError> {
        let listed = self.peer.types(patience).await?;
        // Of a type that is not listed there are no policies; but an O-RAN SC mediator without its database lists none,
        // and says only when it is asked for policies that it cannot tell.
        let lists_all = self.peer.dialect() != Dialect::Osc;
        let types: BTreeSet<&String> = of.iter().map(|(type_id, _)| type_id).collect();
        let mut ids = BTreeSet::new();
        for type_id in types {
            if lists_all && listed.as_ref().is_some_and(|listed| !listed.contains(type_id)) {
                continue;
            }
            ids.extend(self.peer.ids(type_id, patience).await?.into_iter().map(|id| (type_id.clone(), id)));
        }
        Ok((listed, ids))
    }

    /// Reads the policies of every type that one of `known` is of.
    async fn look(&self, known: &[Place], patience: &Patience) -> Result<Seen, DriverError> {
        self.peer.ready(patience).await?;
        let (listed, ids) = self.ids(&known.iter().map(|place| place.key.clone()).collect(), patience).await?;
        let present: Vec<&Place> = known.iter().filter(|place| ids.contains(&place.key)).collect();
        let peer = &self.peer;
        let read = async |(type_id, id): &Key| peer.held(type_id, id, patience).await.map_err(|error| named(id, error));
        let all = first_failure(several(&present, |place| read(&place.key)).await)?;
        let mut seen = Seen { documents: Vec::new(), ids, held: BTreeMap::new(), listed };
        for (place, held) in present.into_iter().zip(all) {
            let Some(held) = held else { continue };
            seen.documents.push(Document { path: place.path.clone(), bytes: format::to_bytes(&held.body) });
            seen.held.insert(place.key.clone(), held);
        }
        seen.documents.sort_by(|a, b| a.path.cmp(&b.path));
        seen.documents.dedup();
        Ok(seen)
    }

    /// Reads the policies that are asked for.
    async fn read_known(&self, query: &Query<'_>, patience: &Patience) -> Result<(Seen, Reading), DriverError> {
        let known: Vec<Place> =
            query.things().values().filter_map(|thing| place(thing.resource, thing.device_id)).collect();
        let seen = self.look(&known, patience).await?;
        let target = ranform_targets::find(&query.profile.target);
        let target = target.ok_or_else(|| DriverError::Failed(format!("no format `{}`", query.profile.target)))?;
        let reading = query.ask(target, &seen.documents).map_err(|error| DriverError::Failed(error.to_string()))?;
        Ok((seen, reading))
    }

    async fn observe(&self, query: &Query<'_>, patience: &Patience) -> Result<Observation, DriverError> {
        let (seen, mut reading) = self.read_known(query, patience).await?;
        let ours: BTreeSet<Key> =
            query.things().values().filter_map(|thing| Some(place(thing.resource, thing.device_id)?.key)).collect();
        for (type_id, id) in seen.ids.difference(&ours) {
            reading.foreign.insert(format!("policies/{type_id}/{id}"), id.clone());
        }
        let degraded = self.unenforced(query, &seen.ids, patience).await?;
        let operations = self.peer.operations();
        let policy_types = seen.listed.into_iter().flatten().collect();
        let documents = seen.documents;
        let seen = Observation { documents, reading, operations, no_auto_revert: true, ..Observation::default() };
        Ok(Observation { policy_types, degraded, ..seen })
    }

    /// What the RIC holds of what the task changes, as it is known on that side.
    async fn read_changed(&self, task: &Task, side: Side, patience: &Patience) -> Result<(Seen, Reading), DriverError> {
        let changed: BTreeSet<_> = task.changes.iter().map(|change| &change.address).collect();
        let mut known = task.known(side);
        known.retain(|address, _| changed.contains(address));
        self.read_known(&task.query(&known), patience).await
    }

    /// What differs on a side of the task, and what is held there; a policy that should not be there is looked for under
    /// its id too.
    async fn differences(
        &self,
        task: &Task,
        side: Side,
        patience: &Patience,
    ) -> Result<(Vec<Difference>, Seen), DriverError> {
        let (seen, reading) = self.read_changed(task, side, patience).await?;
        let mut differences = task.differences(side, &reading);
        let other = if side == Side::Before { Side::After } else { Side::Before };
        let here = keys(&items(task, side));
        let mut absent = keys(&items(task, other));
        absent.retain(|key| !here.contains(key));
        if absent.is_empty() {
            return Ok((differences, seen));
        }
        let (_, ids) = self.ids(&absent, patience).await?;
        for (_, id) in absent.intersection(&ids) {
            let leaf = format!("policy {id}");
            let (expected, found) = (None, Some(Value::from("there")));
            differences.push(Difference::new(task.address.clone(), leaf, expected, found));
        }
        Ok((differences, seen))
    }

    async fn check(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        self.agree_with_review(task)?;
        if self.is_for_later(task, patience).await {
            return Ok(());
        }
        if let Some(trap) = self.peer.keep_alive_trap(patience).await? {
            return failure(trap);
        }
        let (differences, mut seen) = self.differences(task, Side::Before, patience).await?;
        if !differences.is_empty() {
            return Err(DriverError::Stale(differences));
        }
        for item in items(task, Side::Before) {
            let Some(held) = seen.held.remove(&item.place.key) else { continue };
            if let Some(other) = held.service.filter(|service| !self.is_ours(&item, service)) {
                return failure(format!("policy `{}` was taken over by service `{other}`", item.policy.id));
            }
            self.transient.insert(item.place.key.clone(), item.policy.transient);
            self.former.insert(item.place.key, held.body);
        }
        self.check_ids(task, patience).await?;
        let judged = self.check_types(&items(task, Side::After), patience).await;
        self.unless_renewed(task, judged)?;
        self.remember_enforced(task, patience).await
    }

    /// Whether a policy that this service holds is ours: it is the present name of the owner, or the one under which
    /// the policy was written, which its id begins with where state does not say it.
    fn is_ours(&self, item: &Item<'_>, service: &str) -> bool {
        match &item.policy.service {
            _ if service == self.peer.service() => true,
            Some(written) => written == service,
            None => item.policy.id.starts_with(&format!("{}-", policy_prefix(service))),
        }
    }

    /// No id that is to be created is in use for another RIC of the same management service: an order would change that
    /// RIC's policy, or be refused for ever.
    async fn check_ids(&self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let (before, after) = (items(task, Side::Before), items(task, Side::After));
        let ours: BTreeSet<&str> = before.iter().map(|item| item.policy.id.as_str()).collect();
        let new = after.iter().map(|item| item.policy.id.as_str()).filter(|id| !ours.contains(id)).collect();
        match self.peer.elsewhere(&new, patience).await?.first_key_value() {
            None => Ok(()),
            Some((id, there)) => failure(format!(
                "the management service holds policy `{id}` {there}, for another project or somebody else: an id is one over all its RICs and types; give another name to the policy, or to its owner (`as \"..\"` in the `manage` line)"
            )),
        }
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
        Err(unlike(&task.artifacts, &[], false))
    }

    /// The RIC lists each type, and its own schema accepts each policy, before anything is written.
    async fn check_types(&self, wanted: &[Item<'_>], patience: &Patience) -> Result<(), DriverError> {
        if wanted.is_empty() {
            return Ok(());
        }
        let listed = self.peer.types(patience).await?;
        let mut schemas: BTreeMap<String, Option<Value>> = BTreeMap::new();
        for item in wanted {
            let type_id = &item.policy.type_id;
            if let Some(listed) = listed.as_ref().filter(|listed| !listed.contains(type_id)) {
                return failure(unlisted(type_id, listed, self.peer.dialect()));
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

    /// Writes what is new or different, and proves that it is there.
    async fn put(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        if task.turn.is_new() {
            self.check_deployed(task, patience).await?;
        }
        let mut wanted = items(task, Side::After);
        // What only goes is asked for when it goes: a RIC that goes too need not be there.
        if wanted.is_empty() && task.turn == Turn::Ends {
            return Ok(());
        }
        self.write(task, patience).await?;
        wanted.extend(self.reinstate(task, patience).await?);
        self.await_enforcement(&task.device, wanted, patience).await?;
        let differences = self.unwritten(task, patience).await?;
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
    }

    /// What of the task's policies the RIC does not hold as ordered, removals aside.
    async fn unwritten(&self, task: &Task, patience: &Patience) -> Result<Vec<Difference>, DriverError> {
        let (_, reading) = self.read_changed(task, Side::After, patience).await?;
        let stays: BTreeSet<_> =
            task.changes.iter().filter(|change| change.after.is_some()).map(|change| &change.address).collect();
        let mut differences = task.differences(Side::After, &reading);
        differences.retain(|difference| stays.contains(&difference.address));
        Ok(differences)
    }
}

/// That a RIC does not list a type, and what to do about it: its list tells who wrote the wrong dialect.
fn unlisted(type_id: &str, listed: &BTreeSet<String>, dialect: Dialect) -> String {
    let lists: Vec<&str> = listed.iter().take(20).map(String::as_str).collect();
    let numbers = listed.iter().filter(|id| id.parse::<u32>().is_ok()).count();
    let advice = match dialect {
        _ if listed.is_empty() => {
            return format!(
                "the RIC does not list policy type `{type_id}`; it lists none: whoever runs it has to load its types first"
            );
        }
        _ if listed.contains("") => {
            return "policies have no types at this RIC (A1-P version 1), which is not spoken through a management service"
                .to_owned();
        }
        Dialect::Standard if numbers == listed.len() => {
            format!("types are numbers at RICs of O-RAN SC: write `dialect osc types \"{type_id}\" NUMBER`")
        }
        Dialect::Osc if numbers == 0 => "types are no numbers there: write `dialect standard`".to_owned(),
        _ => "say so with `types \"..\"` in its `manage` line, or choose the profile of its generation".to_owned(),
    };
    format!("the RIC does not list policy type `{type_id}`; it lists {}: {advice}", lists.join(", "))
}

fn failure<T>(text: String) -> Result<T, DriverError> {
    Err(DriverError::Failed(text))
}

/// All that came out, or the first failure in order.
fn first_failure<T>(outcomes: Vec<Result<T, DriverError>>) -> Result<Vec<T>, DriverError> {
    outcomes.into_iter().collect()
}

/// An error with the policy that it is about.
fn named(id: &str, error: Error) -> DriverError {
    match DriverError::from(error) {
        DriverError::Failed(text) => DriverError::Failed(format!("policy `{id}`: {text}")),
        other => other,
    }
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

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

impl From<Error> for DriverError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match &error {
            Error::Access(_) => Self::Credential { protocol: Protocol::A1, why: text },
            _ if error.is_handshake_refusal() => Self::Login(text),
            // rustls names what is wrong with the certificate that the peer shows.
            Error::Connect { reason, .. } if reason.contains("certificate") => Self::HostKey(text),
            _ if matches!(error.status(), Some(401 | 403)) => Self::Login(text),
            _ if error.is_unreachable() => Self::Unreachable(text),
            _ => Self::Failed(text),
        }
    }
}
