//! What RICs say of the policies that they were given: waited for, and judged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ranform_network::Address;
use ranform_network::deployment::Device;
use ranform_network::network::Dialect;
use ranform_targets::Query;

use super::items::{Item, Key, item, items, keys};
use super::{A1, failure, first_failure, named};
use crate::a1::{NOT_ENFORCED, Policy, Status, Verdict, several};
use crate::drivers::task::Side;
use crate::drivers::{DriverError, Task, allowance};
use crate::patience::{Impatience, Patience};

/// How long a RIC may take to say that it enforces a policy where the intent does not require it.
const STATUS_LIMIT: Duration = Duration::from_secs(10);
/// What is kept of a verb's time to read back, beside what many policies take.
const RESERVE: Duration = Duration::from_secs(5);
/// The pause between two looks at statuses.
const PAUSE: Duration = Duration::from_millis(300);

impl A1 {
    /// Notes which policies are said to be enforced before they change: an O-RAN SC mediator never takes that back.
    pub(super) async fn remember_enforced(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        if self.peer.dialect() != Dialect::Osc {
            return Ok(());
        }
        let before = keys(&items(task, Side::Before));
        let mut stay = items(task, Side::After);
        stay.retain(|item| before.contains(&item.place.key));
        let statuses = self.statuses(&stay, patience).await?;
        let enforced = stay.into_iter().zip(statuses).filter(|(_, status)| status.verdict() == Verdict::Enforced);
        self.enforced = enforced.map(|(item, _)| item.place.key).collect();
        Ok(())
    }

    /// What the RIC says of each; nothing where it cannot tell now: it may later, and the read-back tells whether the
    /// policy is there.
    async fn statuses(&self, of: &[Item<'_>], patience: &Patience) -> Result<Vec<Status>, DriverError> {
        let peer = &self.peer;
        let ask = async |policy: &Policy| match peer.status(&policy.type_id, &policy.id, patience).await {
            Err(error) if error.is_passing() || error.status().is_some() => Ok(Status::default()),
            outcome => outcome.map_err(|error| named(&policy.id, error)),
        };
        first_failure(several(of, |item| ask(&item.policy)).await)
    }

    /// Asks for statuses until each policy is enforced or time is up. A RIC that never can is a failure; one that has
    /// not said so in time is one only where the intent requires it. What is only hoped for holds nothing up longer
    /// than its own limit.
    pub(super) async fn await_enforcement(
        &mut self,
        device: &Device,
        mut open: Vec<Item<'_>>,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let reserve = RESERVE + allowance(device, open.len()) / 4;
        let limit = match self.peer.dialect() {
            // Its RICs have no status to tell.
            Dialect::StandardV1 => Duration::ZERO,
            _ => patience.left().saturating_sub(reserve),
        };
        let (required, hoped) = (patience.at_most(limit), patience.at_most(limit.min(STATUS_LIMIT)));
        let mut told = Vec::new();
        for round in 0.. {
            let statuses = self.statuses(&open, patience).await?;
            let mut still = Vec::new();
            for (item, status) in open.into_iter().zip(statuses) {
                let (id, waiting) = (&item.policy.id, if item.resource.require_enforced { &required } else { &hoped });
                match status.verdict() {
                    Verdict::Enforced if round == 0 && self.enforced.contains(&item.place.key) => {
                        self.notes.push(format!(
                            "the RIC said before the change that it enforces policy `{id}`, and an O-RAN SC mediator does not take that back when a policy changes: that it says so now is no proof"
                        ));
                    }
                    Verdict::Enforced => {}
                    Verdict::Never => {
                        return failure(format!("the RIC does not enforce policy `{id}`: {status}"));
                    }
                    Verdict::Open if waiting.left() > PAUSE => still.push(item),
                    Verdict::Open => told.push((item, status.to_string())),
                }
            }
            // Once time is up for what is required, it fails: nothing else is waited for.
            if still.is_empty() || told.iter().any(|(item, _)| item.resource.require_enforced) {
                break;
            }
            if required.wait(tokio::time::sleep(PAUSE)).await == Err(Impatience::Cancelled) {
                return failure("called off".to_owned());
            }
            open = still;
        }
        self.judge(told)
    }

    /// The known policies of which the RIC says that it does not enforce them, or does not say that it does although the
    /// intent requires it.
    pub(super) async fn unenforced(
        &self,
        query: &Query<'_>,
        present: &BTreeSet<Key>,
        patience: &Patience,
    ) -> Result<BTreeMap<Address, String>, DriverError> {
        if self.peer.dialect() == Dialect::StandardV1 {
            return Ok(BTreeMap::new());
        }
        let known = query.things().into_iter();
        let ours = known.filter_map(|(address, thing)| Some((address, item(thing.resource, thing.device_id)?)));
        let (addresses, ours): (Vec<&Address>, Vec<Item<'_>>) =
            ours.filter(|(_, item)| present.contains(&item.place.key)).unzip();
        let statuses = self.statuses(&ours, patience).await?;
        let told = addresses.into_iter().zip(ours).zip(statuses).filter(|((_, item), status)| match status.verdict() {
            Verdict::Enforced => false,
            Verdict::Never => true,
            Verdict::Open => item.resource.require_enforced || status.enforce_status == NOT_ENFORCED,
        });
        Ok(told.map(|((address, _), status)| (address.clone(), format!("the RIC says of it: {status}"))).collect())
    }

    fn judge(&mut self, mut open: Vec<(Item<'_>, String)>) -> Result<(), DriverError> {
        open.sort_by(|(a, _), (b, _)| a.place.key.cmp(&b.place.key));
        for (item, status) in open {
            let id = &item.policy.id;
            if item.resource.require_enforced {
                return failure(format!(
                    "the RIC does not say in time that it enforces policy `{id}`, as required: it says {status}"
                ));
            }
            self.notes.push(format!(
                "policy `{id}` is written, but the RIC does not say that it enforces it: it says {status}"
            ));
        }
        Ok(())
    }
}
