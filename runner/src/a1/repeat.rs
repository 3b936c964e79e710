//! Orders that are carried through: repeated within bounds where the peer is busy, and never blindly.
//!
//! A failed order may have taken effect (a 500 that keeps the policy, a broken connection, a service that forgets before
//! it asks the RIC), so before each repetition, and before giving up, the peer is asked what it holds.

use std::time::Duration;

use ranform_network::network::Dialect;

use super::{Error, Held, Peer, Policy, Result};
use crate::patience::Patience;

/// How often an order is sent at most.
const TRIES: u32 = 6;
/// The first pause; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What an order came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was so already: nothing was sent.
    None,
    /// It was sent and is so now.
    Made,
    /// It was sent, and a management service that could not reach the RIC has forgotten the policy: the RIC may hold it
    /// until the service's next check, a minute at most.
    Forgotten,
}

/// How a policy is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Only where the peer holds it otherwise: an order resets its status.
    Needed,
    /// Once in any case: the RIC may hold another body than its management service, which compares ids only.
    Always,
    /// Deleted and created: version 3 changes `transient` in no other way, and does not tell it.
    Anew,
}

impl Peer {
    /// Sees to it that the peer holds this policy. `seen` is what it was just seen to hold under its id.
    ///
    /// # Errors
    /// It is refused, or not so after the bounded number of tries.
    pub async fn put(
        &self,
        policy: &Policy,
        seen: Option<Held>,
        manner: Manner,
        patience: &Patience,
    ) -> Result<Change> {
        let mut held = Ok(seen);
        if manner == Manner::Anew && matches!(held, Ok(Some(_))) {
            self.delete(&policy.type_id, &policy.id, patience).await?;
            held = Ok(None);
        }
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let outcome = match held {
                Ok(Some(held)) if held.is(policy) && manner != Manner::Always => {
                    return Ok(if attempt == 1 { Change::None } else { Change::Made });
                }
                Ok(Some(_)) => self.give_anew(policy, patience).await,
                Ok(None) => self.create(policy, patience).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => return Ok(Change::Made),
                // Somebody, or our own lost order, was faster: the next look compares.
                Err(error) if error.status() == Some(409) && self.dialect() == Dialect::PmsV3 && attempt < TRIES => {
                    if self.look(policy, patience).await?.is_none() {
                        return Err(error);
                    }
                }
                // That the service holds it is no proof that the RIC was told.
                Err(error) if manner == Manner::Always && attempt >= TRIES => return Err(error),
                Err(error) => pause = self.after(error, attempt, pause, patience, policy).await?,
            }
            held = self.look(policy, patience).await;
        }
        Ok(Change::Made)
    }

    /// Whether to go on after a failed order: its error where not; else waits, and gives the next pause.
    async fn after(
        &self,
        error: Error,
        attempt: u32,
        pause: Duration,
        patience: &Patience,
        policy: &Policy,
    ) -> Result<Duration> {
        if error.is_passing() && attempt < TRIES && patience.left() > pause {
            patience.wait(tokio::time::sleep(pause)).await?;
            return Ok((pause * 2).min(LONGEST_PAUSE));
        }
        // A last look: a refusal of 5xx may have kept the policy.
        if error.is_doubtful() && !matches!(error, Error::Impatient(_)) {
            let held = self.look(policy, patience).await;
            if matches!(held, Ok(Some(held)) if held.is(policy)) {
                // The next round finds it there and ends.
                return Ok(pause);
            }
        }
        Err(error)
    }

    /// What the peer holds under the policy's id.
    async fn look(&self, policy: &Policy, patience: &Patience) -> Result<Option<Held>> {
        self.held(&policy.type_id, &policy.id, patience).await
    }

    /// Another body for a policy that is there. Version 3 would make a transient one lasting by it, so it is made anew.
    async fn give_anew(&self, policy: &Policy, patience: &Patience) -> Result<()> {
        if self.dialect() == Dialect::PmsV3 && policy.transient {
            self.delete(&policy.type_id, &policy.id, patience).await?;
            return self.create(policy, patience).await;
        }
        self.replace(policy, patience).await
    }

    /// Sees to it that the peer holds no policy of this id. It is known to be at our RIC: to a management service an id
    /// is enough, whichever RIC it is at.
    ///
    /// # Errors
    /// It is refused, or still there after the bounded number of tries.
    pub async fn delete(&self, type_id: &str, id: &str, patience: &Patience) -> Result<Change> {
        let (mut pause, mut rewritten) = (FIRST_PAUSE, false);
        for attempt in 1.. {
            let error = match self.remove(type_id, id, patience).await {
                Ok(()) => return Ok(Change::Made),
                Err(error) if error.says_that_the_ric_has_none() && !rewritten => {
                    rewritten = true;
                    self.write_again(type_id, id, patience).await?;
                    continue;
                }
                Err(error) if error.is_doubtful() || error.is_passing() => error,
                Err(error) => return Err(error),
            };
            // Gone all the same (the O-RAN SC mediator says 503 of what is not there)?
            if matches!(self.ids(type_id, patience).await, Ok(ids) if !ids.contains(id)) {
                let forgets = self.dialect() == Dialect::PmsV2;
                return Ok(if forgets { Change::Forgotten } else { Change::Made });
            }
            if !error.is_passing() || attempt >= TRIES || patience.left() <= pause {
                return Err(error);
            }
            patience.wait(tokio::time::sleep(pause)).await?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(Change::Made)
    }

    /// Version 3 cannot delete a policy that its RIC has lost, keeps it, and would give it to the RIC at its next check:
    /// the RIC gets it now, so that it can be taken away at both.
    async fn write_again(&self, type_id: &str, id: &str, patience: &Patience) -> Result<()> {
        let Some(Held { body, .. }) = self.held(type_id, id, patience).await? else { return Ok(()) };
        let (type_id, id) = (type_id.to_owned(), id.to_owned());
        self.replace(&Policy { type_id, id, body, transient: false, service: None }, patience).await
    }
}
