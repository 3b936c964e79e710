//! One worker per device, and verbs taken by all of them with bounded parallelism.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::network::Protocol;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::times::{Times, Timing};
use super::{Event, Events, Failures, Options, Outcome, unpack};
use crate::drivers::{Driver, DriverError, Prepare, Progress, Task, allowance, open, way};
use crate::folders;
use crate::order::{self, Part};
use crate::patience::Patience;
use crate::state::{Kind, Result, State, Step};

/// The pause between two tries of a verb that is repeated.
const PAUSE: Duration = Duration::from_millis(300);

/// What all workers are told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Check,
    Stage,
    Commit,
    Confirm,
    Abort,
    Release,
}

impl Verb {
    pub(super) fn step(self) -> Step {
        match self {
            Self::Check => Step::Check,
            Self::Stage => Step::Stage,
            Self::Commit => Step::Commit,
            Self::Confirm => Step::Confirm,
            Self::Abort | Self::Release => Step::Abort,
        }
    }

    /// Whether it is repeated until its deadline, and not called off.
    fn is_stubborn(self) -> bool {
        matches!(self, Self::Confirm | Self::Abort)
    }
}

struct Worker {
    driver: Box<dyn Driver>,
    task: Arc<Task>,
    /// What it is in the order of the transaction.
    part: Part,
    /// How much longer a verb may take than usual.
    allowance: Duration,
}

/// The workers, in address order of their devices.
pub(super) struct Crew {
    workers: Vec<Worker>,
    parallelism: usize,
    device_limit: Duration,
    settle_limit: Duration,
    patience: Patience,
    times: Times,
    /// The devices on which the last verb has succeeded.
    done: BTreeSet<Address>,
}

type Opened = (Task, Part, Duration, std::result::Result<Box<dyn Driver>, DriverError>);

/// The drivers of tasks: some credentials are read from clusters.
async fn opened(tasks: Vec<(Task, Part, Duration)>, parallelism: usize, options: &Options) -> Vec<Opened> {
    let patience = options.patience.at_most(options.device_limit);
    let opening = tasks.into_iter().map(async |(task, part, allowance)| {
        let driver = open(&task.device, &options.root, task.folder.as_ref(), &patience).await;
        (task, part, allowance, driver)
    });
    futures_util::stream::iter(opening).buffered(parallelism).collect().await
}

impl Crew {
    /// A worker for each device that changes and can be configured; the inner error names those that cannot.
    pub(super) async fn new(
        state: &State,
        kind: Kind,
        bundle: &Bundle,
        persist: &str,
        options: &Options,
    ) -> Result<std::result::Result<Self, Failures>> {
        let (known, devices) = (state.recorded_under(kind, bundle)?, state.devices_under(kind, bundle)?);
        let changes = order::by_device(&bundle.changes, &known);
        let folders = folders::of_transaction(&devices, &known, &bundle.changes);
        let own = state.id()?;
        let turns = order::turns(&bundle.changes, &known);
        let parallelism = options.parallelism.clamp(1, 64);
        let software = options.software_limit.saturating_sub(options.device_limit);
        let allowed = |address: &Address, count| {
            devices.get(address).map_or(Duration::ZERO, |device| match way(device) {
                Some((Protocol::Kubernetes, _)) => software,
                _ => allowance(device, count),
            })
        };
        let most = changes.iter().map(|(address, changes)| allowed(address, changes.len())).max().unwrap_or_default();
        let confirm_timeout = confirm_timeout(changes.len(), parallelism, most, options);
        let (mut tasks, mut failures) = (Vec::new(), Failures::new());
        for (address, changes) in changes.into_iter().filter(|(address, _)| !options.without.contains(address)) {
            let Some(device) = devices.get(&address) else {
                // Of a RIC of which nothing changes, nothing is known only where nothing of it is recorded.
                if !changes.is_empty() {
                    let text = "the bundle does not say how it is reached; plan again".to_owned();
                    failures.insert(address, DriverError::Failed(text));
                }
                continue;
            };
            if !order::takes_part(device, &changes) {
                continue;
            }
            let turn = turns.get(&address).copied().unwrap_or_default();
            let part = order::part(device, &changes, turn);
            let things = changes.len().max(order::kept(turn, &address, &changes, &known).len());
            let allowance = allowed(&address, things);
            let task = Task {
                address: address.clone(),
                device: device.clone(),
                known: known.iter().filter(|(_, known)| known.device == address).map(cloned).collect(),
                changes,
                turn,
                artifacts: unpack(bundle, &address),
                persist: persist.to_owned(),
                state: own.clone(),
                takes_over: options.takes_over.clone(),
                confirm_timeout,
                folder: folders.get(&address).cloned(),
            };
            tasks.push((task, part, allowance));
        }
        let mut workers = Vec::new();
        for (task, part, allowance, driver) in opened(tasks, parallelism, options).await {
            match driver {
                Ok(driver) => workers.push(Worker { driver, task: Arc::new(task), part, allowance }),
                Err(error) => drop(failures.insert(task.address, error)),
            }
        }
        if !failures.is_empty() {
            return Ok(Err(failures));
        }
        let (device_limit, settle_limit) = (options.device_limit, options.settle_limit);
        let (patience, times, done) = (options.patience.clone(), Times::default(), BTreeSet::new());
        Ok(Ok(Self { workers, parallelism, device_limit, settle_limit, patience, times, done }))
    }

    /// The devices, in order.
    pub(super) fn addresses(&self) -> Vec<Address> {
        self.workers.iter().map(|worker| worker.task.address.clone()).collect()
    }

    /// What the last verb came to where it failed on some devices.
    pub(super) fn partly(&self, failures: Failures, decided: bool) -> Outcome {
        let waits = |address: &Address| !self.done.contains(address) && !failures.contains_key(address);
        let waiting = self.addresses().into_iter().filter(waits).collect();
        Outcome::Partly { settled: self.done.iter().cloned().collect(), waiting, failures, decided }
    }

    /// Takes a verb on every device, rank by rank ([`order::rank`]), an abort in reverse order within each.
    pub(super) async fn go(&mut self, verb: Verb, events: &dyn Events) -> Failures {
        let mut ranks: BTreeMap<u8, Vec<Worker>> = BTreeMap::new();
        for worker in std::mem::take(&mut self.workers) {
            let rank = if verb == Verb::Release { 0 } else { order::rank(verb.step(), worker.part) };
            ranks.entry(rank).or_default().push(worker);
        }
        let mut failures = Failures::new();
        self.done.clear();
        for workers in ranks.into_values() {
            // What depends on a failure is not begun; taking back goes through to the end.
            if failures.is_empty() || verb == Verb::Abort {
                failures.extend(self.take(verb, workers, events).await);
            } else {
                self.workers.extend(workers);
            }
        }
        self.sort();
        failures
    }

    /// How long what was done since the last call took.
    pub(super) fn times(&mut self) -> Vec<Timing> {
        self.times.take()
    }

    fn sort(&mut self) {
        self.workers.sort_by(|a, b| a.task.address.cmp(&b.task.address));
    }

    async fn take(&mut self, verb: Verb, mut workers: Vec<Worker>, events: &dyn Events) -> Failures {
        if matches!(verb, Verb::Abort | Verb::Release) {
            workers.reverse();
        }
        let gate = Arc::new(Semaphore::new(self.parallelism));
        let device_limit = self.device_limit;
        let (begins, mut begun) = mpsc::unbounded_channel();
        let (listener, mut progress) = mpsc::unbounded_channel();
        let mut under_way = JoinSet::new();
        for mut worker in workers {
            let (gate, begins) = (gate.clone(), begins.clone());
            worker.driver.tells(Progress::new(worker.task.address.clone(), listener.clone()));
            let (limit, settle_limit) = (device_limit + worker.allowance, self.settle_limit + worker.allowance);
            let patience = self.patience.clone();
            under_way.spawn(async move {
                let _turn = gate.acquire_owned().await;
                // After the decision, and while taking back, nobody calls anything off half way; what a device waited for
                // its turn, behind one that hangs perhaps, is not taken from its time.
                let patience = if verb.is_stubborn() { Patience::new(settle_limit).0 } else { patience };
                // Whoever listens has gone only if the transaction has.
                let _ = begins.send(worker.task.address.clone());
                let begun = Instant::now();
                let outcome = unbroken(work(&mut worker, verb, limit, &patience)).await;
                (worker, outcome, begun.elapsed())
            });
        }
        drop(begins);
        let mut failures = Failures::new();
        loop {
            tokio::select! {
                biased;
                Some(address) = begun.recv() => events.event(&Event::Begins(&address, verb.step())),
                Some((address, text)) = progress.recv() => events.event(&Event::Progress(&address, verb.step(), &text)),
                done = under_way.join_next() => match done {
                    None => break,
                    Some(Err(_)) => {}
                    Some(Ok((mut worker, outcome, took))) => {
                        let notes = worker.driver.notes();
                        let address = &worker.task.address;
                        self.times.add(way(&worker.task.device).map_or("", |(way, _)| way.word()), address, took);
                        notes.iter().for_each(|note| events.event(&Event::Note(address, note)));
                        events.event(&Event::Ended(address, verb.step(), outcome.as_ref().copied(), took));
                        match outcome {
                            Ok(()) => drop(self.done.insert(address.clone())),
                            Err(error) => drop(failures.insert(address.clone(), error)),
                        }
                        self.workers.push(worker);
                    }
                },
            }
        }
        self.sort();
        failures
    }
}

/// A driver that breaks off half way has failed: its device is taken back with the others.
async fn unbroken(
    work: impl Future<Output = std::result::Result<(), DriverError>>,
) -> std::result::Result<(), DriverError> {
    let broken = "its driver broke off, which is a mistake in ranform; please report what stands above";
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(DriverError::Failed(broken.to_owned())))
}

/// One verb on one device, repeated until it succeeds or patience ends where the verb is stubborn.
async fn work(
    worker: &mut Worker,
    verb: Verb,
    limit: Duration,
    patience: &Patience,
) -> std::result::Result<(), DriverError> {
    if patience.is_cancelled() && !verb.is_stubborn() && verb != Verb::Release {
        return Err(DriverError::Failed("called off before it began".to_owned()));
    }
    let mut before = None;
    loop {
        let outcome = once(worker, verb, &patience.at_most(limit)).await;
        match outcome {
            Err(error) if verb.is_stubborn() && patience.left() > PAUSE => {
                before = Some(error);
                tokio::time::sleep(PAUSE).await;
            }
            // A last try that only ran out of time says less than the one before it.
            Err(error) if patience.left().is_zero() => return Err(before.unwrap_or(error)),
            outcome => return outcome,
        }
    }
}

async fn once(worker: &mut Worker, verb: Verb, patience: &Patience) -> std::result::Result<(), DriverError> {
    let Worker { driver, task, .. } = worker;
    match verb {
        Verb::Check => driver.prepare(task, Prepare::Check, patience).await,
        Verb::Stage => driver.prepare(task, Prepare::Stage, patience).await,
        Verb::Commit => driver.commit(task, patience).await,
        Verb::Confirm => driver.confirm(task, patience).await,
        Verb::Abort => driver.abort(task, patience).await,
        Verb::Release => driver.release(patience).await,
    }
}

/// Longer than staging, committing, reading back and confirming can take in all rounds, so that no device takes a
/// commit back by itself while the transaction is still on its way.
fn confirm_timeout(devices: usize, parallelism: usize, allowance: Duration, options: &Options) -> u32 {
    let rounds = u64::try_from(devices.div_ceil(parallelism).max(1)).unwrap_or(u64::MAX);
    let (device, settle) = (options.device_limit + allowance, options.settle_limit + allowance);
    let round = device.as_secs().saturating_mul(2).saturating_add(settle.as_secs());
    u32::try_from(rounds.saturating_mul(round).saturating_add(60)).unwrap_or(u32::MAX)
}

fn cloned<A: Clone, B: Clone>((a, b): (&A, &B)) -> (A, B) {
    (a.clone(), b.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_driver_that_breaks_off_has_failed() {
        let error = unbroken(async { panic!("no such index") }).await.unwrap_err();
        assert!(matches!(&error, DriverError::Failed(why) if why.contains("broke off")), "{error:?}");
        assert_eq!(unbroken(async { Ok(()) }).await, Ok(()));
    }
}
