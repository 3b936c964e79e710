//! Policies written, taken away and put back, several at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ranform_network::network::Dialect;
use ranform_targets::a1 as format;
use serde_json::Value;

use super::items::{Item, Key, items, keys, places, turned};
use super::{A1, Seen, failure, named};
use crate::a1::{Change, Manner, several};
use crate::drivers::task::Side;
use crate::drivers::{DriverError, Task};
use crate::order::Turn;
use crate::patience::{Impatience, Patience};

/// How long a RIC that has accepted a deletion (202) may take to carry it out before it is asked for it again.
const LINGERS: Duration = Duration::from_secs(10);
/// The first pause between two looks at whether it has; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl A1 {
    /// Writes what is new or different; takes away only what stands under the same id with another number of its type,
    /// as an id is one over all types of a RIC.
    pub(super) async fn write(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let after = items(task, Side::After);
        let types: BTreeMap<&str, &str> =
            after.iter().map(|item| (item.policy.id.as_str(), item.policy.type_id.as_str())).collect();
        let mut in_the_way = items(task, Side::Before);
        in_the_way
            .retain(|item| types.get(item.policy.id.as_str()).is_some_and(|type_id| *type_id != item.policy.type_id));
        self.take_away(in_the_way, patience).await?;
        let seen = self.look(&places(&after), patience).await?;
        self.order(task, after, &seen, patience).await
    }

    /// Sees to it that the peer holds these; `seen` is what it holds now.
    pub(super) async fn order(
        &mut self,
        task: &Task,
        items: Vec<Item<'_>>,
        seen: &Seen,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let turned = if self.peer.dialect() == Dialect::PmsV3 { turned(task) } else { BTreeSet::new() };
        let manner = |item: &Item<'_>| match &item.place.key {
            key if turned.contains(key) && self.transient.get(key) != Some(&item.policy.transient) => Manner::Anew,
            key if self.adrift.contains(key) => Manner::Always,
            _ => Manner::Needed,
        };
        let orders: Vec<_> =
            items.into_iter().map(|item| (seen.held.get(&item.place.key), manner(&item), item)).collect();
        let outcomes =
            several(&orders, |(held, manner, item)| self.peer.put(&item.policy, held.cloned(), *manner, patience))
                .await;
        let mut failed = Ok(());
        for ((_, _, item), outcome) in orders.into_iter().zip(outcomes) {
            match outcome {
                Ok(_) => {
                    self.adrift.remove(&item.place.key);
                    self.transient.insert(item.place.key, item.policy.transient);
                }
                Err(error) => {
                    self.transient.remove(&item.place.key);
                    // The service does not know what the RIC has made of it.
                    if self.peer.dialect().is_service() && error.leaves_the_ric_unknown() {
                        self.adrift.insert(item.place.key);
                    }
                    failed = failed.and(Err(named(&item.policy.id, error)));
                }
            }
        }
        failed
    }

    /// Removes these where they are there, and waits until they are gone.
    pub(super) async fn take_away(&mut self, mut items: Vec<Item<'_>>, patience: &Patience) -> Result<(), DriverError> {
        if items.is_empty() {
            return Ok(());
        }
        let (_, ids) = self.ids(&keys(&items), patience).await?;
        items.retain(|item| ids.contains(&item.place.key));
        let outcomes = several(&items, |item| self.peer.delete(&item.policy.type_id, &item.policy.id, patience)).await;
        let mut failed = Ok(());
        for (item, outcome) in items.iter().zip(outcomes) {
            let id = &item.policy.id;
            match outcome {
                Err(error) => failed = failed.and(Err(named(id, error))),
                Ok(change) => {
                    self.adrift.remove(&item.place.key);
                    self.transient.remove(&item.place.key);
                    if change == Change::Forgotten {
                        self.notes.push(format!(
                            "the management service could not reach the RIC to delete policy `{id}`: it takes it away at its next check, within a minute"
                        ));
                    }
                }
            }
        }
        failed?;
        self.await_gone(&keys(&items), patience).await
    }

    /// Waits, within bounds, until the RIC lists none of these any more; what is still there then, the read-back tells.
    async fn await_gone(&self, gone: &BTreeSet<Key>, patience: &Patience) -> Result<(), DriverError> {
        if gone.is_empty() {
            return Ok(());
        }
        let waiting = patience.at_most(LINGERS.min(patience.left() / 2));
        let mut pause = FIRST_PAUSE;
        loop {
            let (_, ids) = self.ids(gone, patience).await?;
            if ids.is_disjoint(gone) || waiting.left() <= pause {
                return Ok(());
            }
            if waiting.wait(tokio::time::sleep(pause)).await == Err(Impatience::Cancelled) {
                return failure("called off".to_owned());
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Removes what the task removes. A RIC that lost our policies since the commit gets them anew.
    pub(super) async fn settle(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        if self.goes_with_its_ric(task, patience).await {
            self.peer.close();
            return Ok(());
        }
        if task.turn.is_new() {
            self.await_answer(patience).await?;
        }
        self.reinstate(task, patience).await?;
        let is_written = self.unwritten(task, patience).await?.is_empty();
        if !is_written {
            self.write(task, patience).await?;
        }
        let stays = keys(&items(task, Side::After));
        let mut gone = items(task, Side::Before);
        gone.retain(|item| !stays.contains(&item.place.key));
        if is_written && gone.is_empty() {
            self.peer.close();
            return Ok(());
        }
        gone.reverse();
        self.take_away(gone, patience).await?;
        let (differences, _) = self.differences(task, Side::After, patience).await?;
        self.peer.close();
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
    }

    /// Writes back what was there and removes what is new, the last first. Only what shows our own edit is taken back.
    pub(super) async fn restore(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        if self.is_gone_again(task, patience).await {
            self.peer.close();
            return Ok(());
        }
        if task.turn == Turn::Renews {
            self.await_answer(patience).await?;
        }
        self.reinstate(task, patience).await?;
        let (mut before, mut new) = (items(task, Side::Before), items(task, Side::After));
        let written: BTreeMap<Key, Value> =
            new.iter().map(|item| (item.place.key.clone(), item.policy.body.clone())).collect();
        let was_there = keys(&before);
        new.retain(|item| !was_there.contains(&item.place.key));
        new.reverse();
        let seen = self.look(&places(&new), patience).await?;
        for item in &new {
            if seen.held.get(&item.place.key).is_some_and(|held| !format::same(&held.body, &item.policy.body)) {
                return failure(somebody_elses(&item.policy.id));
            }
        }
        let new_keys = keys(&new);
        self.take_away(new, patience).await?;

        let seen = self.look(&places(&before), patience).await?;
        before.reverse();
        for item in &mut before {
            let former = self.former.get(&item.place.key);
            if let Some(held) = seen.held.get(&item.place.key) {
                let known = [Some(&item.policy.body), former, written.get(&item.place.key)];
                if !known.into_iter().flatten().any(|body| format::same(body, &held.body)) {
                    return failure(somebody_elses(&item.policy.id));
                }
            }
            if let Some(former) = former {
                item.policy.body = former.clone();
            }
        }
        self.order(task, before, &seen, patience).await?;
        let (differences, _) = self.differences(task, Side::Before, patience).await?;
        self.peer.close();
        if !differences.is_empty() {
            return Err(DriverError::NotRestored(differences));
        }
        for (_, id) in self.adrift.iter().filter(|key| new_keys.contains(key)) {
            self.notes.push(format!(
                "the management service could not say whether the RIC took policy `{id}`: if it did, the RIC enforces it until the service's next check takes it away, within a minute"
            ));
        }
        self.adrift.clear();
        Ok(())
    }
}

fn somebody_elses(id: &str) -> String {
    format!("policy `{id}` holds what neither the plan nor state says; somebody else wrote it")
}
