//! RICs whose software the same transaction places: not there yet, made anew, or about to go.

use std::time::Duration;

use super::items::{Item, item, items, keys, places};
use super::{A1, failure};
use crate::a1::Error;
use crate::drivers::task::Side;
use crate::drivers::{DriverError, Task};
use crate::order::{Turn, kept};
use crate::patience::{Impatience, Patience};

/// How long a RIC that may not be there is asked whether it is.
const LOOK: Duration = Duration::from_secs(5);
/// The pause between two looks at a RIC that is about to answer.
const PAUSE: Duration = Duration::from_millis(500);

impl A1 {
    /// Why there is no RIC to ask, where the transaction deploys or removes it; none where it answers, well or badly.
    pub(super) async fn absence(&self, patience: &Patience) -> Option<Error> {
        let answer = self.peer.answers(&patience.at_most(LOOK)).await;
        answer.err().filter(|error| error.is_absence(self.peer.dialect().is_service()))
    }

    /// Whether the check can wait until the RIC is there, or need not be as it goes.
    pub(super) async fn is_for_later(&mut self, task: &Task, patience: &Patience) -> bool {
        if task.turn == Turn::Stays {
            return false;
        }
        let Some(error) = self.absence(patience).await else { return false };
        self.was_away = true;
        self.notes.push(match task.turn {
            Turn::Ends => format!("no RIC answers ({error}); it goes, and its policies with it"),
            _ => format!(
                "no RIC answers yet ({error}); this apply deploys it: policy types, schemas and ids are checked once it is there"
            ),
        });
        true
    }

    /// What the RIC that is there does not take, the one that the transaction makes of it may: it judges, once it is there.
    pub(super) fn unless_renewed(&mut self, task: &Task, judged: Result<(), DriverError>) -> Result<(), DriverError> {
        match judged {
            Err(DriverError::Failed(reason)) if task.turn == Turn::Renews => {
                self.notes.push(format!("{reason}; this apply makes the RIC anew, which is asked once it is there"));
                Ok(())
            }
            judged => judged,
        }
    }

    /// Waits until the RIC that the transaction has deployed answers, for at most half of what is left of the time.
    pub(super) async fn await_answer(&self, patience: &Patience) -> Result<(), DriverError> {
        let limit = patience.left() / 2;
        let waiting = patience.at_most(limit);
        loop {
            let Err(error) = self.peer.answers(&waiting).await else { return Ok(()) };
            if matches!(error, Error::Impatient(Impatience::Cancelled)) {
                return failure("called off".to_owned());
            }
            let starting = error.is_absence(false) || error.status().is_some_and(|status| status >= 500);
            if !starting {
                return Err(error.into());
            }
            if waiting.left() <= PAUSE {
                let text = format!("the RIC is deployed and does not answer within {} s: {error}", limit.as_secs());
                return Err(DriverError::Unreachable(text));
            }
            if waiting.wait(tokio::time::sleep(PAUSE)).await == Err(Impatience::Cancelled) {
                return failure("called off".to_owned());
            }
        }
    }

    /// What was left out while the RIC was not there, and what a new one may judge otherwise than the old one did.
    pub(super) async fn check_deployed(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        self.await_answer(patience).await?;
        if let Some(trap) = self.peer.keep_alive_trap(patience).await? {
            return failure(trap);
        }
        let mut wanted = items(task, Side::After);
        wanted.extend(kept_items(task));
        self.check_ids(task, patience).await?;
        self.check_types(&wanted, patience).await
    }

    /// Puts back what nothing changes and a new RIC does not hold; what it holds, as whatever, stays as it is. Gives what was
    /// put back.
    pub(super) async fn reinstate<'a>(
        &mut self,
        task: &'a Task,
        patience: &Patience,
    ) -> Result<Vec<Item<'a>>, DriverError> {
        let mut missing = kept_items(task);
        if missing.is_empty() {
            return Ok(missing);
        }
        let seen = self.look(&places(&missing), patience).await?;
        missing.retain(|item| !seen.held.contains_key(&item.place.key));
        let keys = keys(&missing);
        self.order(task, missing, &seen, patience).await?;
        let mut put_back = kept_items(task);
        put_back.retain(|item| keys.contains(&item.place.key));
        let told = put_back.iter().map(|item| item.policy.id.as_str());
        self.notes.extend(told.map(|id| format!("policy `{id}` was not there any more and is put back")));
        Ok(put_back)
    }

    /// Whether nothing is left to take back, since there is no RIC to take it back from: it goes again, or it was not
    /// there before.
    pub(super) async fn is_gone_again(&self, task: &Task, patience: &Patience) -> bool {
        let may_be = match task.turn {
            Turn::Starts => true,
            Turn::Ends => self.was_away || items(task, Side::After).is_empty(),
            Turn::Renews => self.was_away,
            Turn::Stays => false,
        };
        may_be && self.absence(patience).await.is_some()
    }

    /// Whether the policies need not be removed, since the RIC that goes does not answer any more.
    pub(super) async fn goes_with_its_ric(&mut self, task: &Task, patience: &Patience) -> bool {
        if task.turn != Turn::Ends || !items(task, Side::After).is_empty() {
            return false;
        }
        let Some(error) = self.absence(patience).await else { return false };
        self.notes.push(format!("no RIC answers ({error}): its policies go with it"));
        true
    }
}

/// The policies that nothing changes, of a RIC that is made anew.
fn kept_items(task: &Task) -> Vec<Item<'_>> {
    let kept = kept(task.turn, &task.address, &task.changes, &task.known);
    kept.into_iter().filter_map(|(_, known)| item(&known.resource, &known.device_id)).collect()
}
