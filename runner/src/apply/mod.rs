//! Several devices as one transaction: all confirmed or all as before, whatever crashes in between.
//!
//! | step | devices | on failure |
//! |---|---|---|
//! | check | locks, stale check | let go, nothing was written |
//! | stage | edits handed over without effect | take back |
//! | commit | takes effect, read back | take back in reverse order, proved by reading |
//! | decide | one record, after all have read back | |
//! | confirm | permanent, in order, removals last | repeat until the deadline, then a person is needed |
//!
//! Each step is journaled before it is taken. [`recover`] reads the journal: before the decision it takes back,
//! after it it carries forward. Formats and protocols are in [`crate::drivers`].

mod artifacts;
mod crew;
mod inverse;
mod means;
mod outcome;
mod times;

pub use artifacts::{pack, unpack};
pub use outcome::{Failures, Outcome, exit_of};
pub use times::Timing;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::Action;

use crate::drivers::DriverError;
use crate::patience::Patience;
use crate::software::words::some;
use crate::state::{Kind, Pending, Result, State, Step};
use crew::{Crew, Verb};

/// How an apply goes about its work.
#[derive(Clone, Debug)]
pub struct Options {
    /// The project's folder.
    pub root: PathBuf,
    /// The command as others see it in the lock, e.g. `apply plan.ranplan`.
    pub command: String,
    /// How long to wait for the lock.
    pub lock_patience: Duration,
    /// Devices worked on at once, at most 64.
    pub parallelism: usize,
    /// The longest that one verb may take on one device, beside what many A1 policies are allowed: a hung device delays
    /// the verdict by no more.
    pub device_limit: Duration,
    /// The same for a node of a cluster, whose pods pull images and start; where it is longer.
    pub software_limit: Duration,
    /// How long taking back, and confirming after the decision, is repeated on a device that does not answer.
    pub settle_limit: Duration,
    /// The owners whose approval was stated, for history.
    pub approvals: Vec<String>,
    /// The id of another project's state whose things are ours from now on: that state is lost, or has given them up.
    pub takes_over: Option<String>,
    /// Devices that an interrupted transaction is ended without, as they will not come back: they take no further step.
    pub without: BTreeSet<Address>,
    /// Calls the whole off: before the decision everything is then taken back, after it nothing is called off.
    pub patience: Patience,
}

impl Options {
    /// One limit for everything that is done on a device.
    pub fn limit_devices(&mut self, limit: Duration) {
        (self.device_limit, self.software_limit, self.settle_limit) = (limit, limit, limit);
    }

    /// The defaults for a project folder.
    pub fn new(root: impl Into<PathBuf>, command: impl Into<String>) -> Self {
        Self {
            root: root.into(),
            command: command.into(),
            lock_patience: Duration::ZERO,
            parallelism: 16,
            device_limit: Duration::from_secs(60),
            software_limit: Duration::from_secs(300),
            settle_limit: Duration::from_secs(60),
            approvals: Vec::new(),
            takes_over: None,
            without: BTreeSet::new(),
            patience: Patience::seconds(24 * 3600),
        }
    }
}

/// What happens during an apply, for those who show it.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// An interrupted transaction is dealt with first.
    Recovering(&'a Pending),
    /// A step was journaled and begins on this many devices.
    Step(Step, usize),
    /// A step begins on a device.
    Begins(&'a Address, Step),
    /// How far a device is with a step that takes long, e.g. `12 of 50 ready`.
    Progress(&'a Address, Step, &'a str),
    /// A step ended on a device, and how long it took there, waiting for its turn left out.
    Ended(&'a Address, Step, std::result::Result<(), &'a DriverError>, Duration),
    /// A step has ended on all devices: how long it took in all, and on those that are reached the same way.
    Took(Step, Duration, &'a [Timing]),
    /// A device has something to tell although its step succeeded.
    Note(&'a Address, &'a str),
    /// All devices have read back and the decision is written: from here on only forward.
    Decided,
    /// State is written; its serial.
    Recorded(u64),
}

/// Takes note of events as they happen, from any thread.
pub trait Events: Send + Sync {
    /// Takes note of one.
    fn event(&self, event: &Event<'_>);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Events for Silent {
    fn event(&self, _event: &Event<'_>) {}
}

/// Applies a reviewed bundle, once.
///
/// # Flow
/// Lock state; finish or take back what was interrupted; refuse a bundle that was applied or was made from another
/// serial; then the steps of the [module](self).
/// # Guarantees
/// `Refused` and `Stale` mean that no device got a write. `RolledBack` means that every device was read and shows
/// its former configuration.
/// # Errors
/// State cannot be read or written, or is locked by somebody else.
pub async fn apply(state: &mut State, bundle: &Bundle, options: &Options, events: &dyn Events) -> Result<Outcome> {
    state.lock(&options.command, options.lock_patience)?;
    let outcome = apply_locked(state, bundle, options, events).await;
    state.unlock()?;
    outcome
}

/// Takes back the last applied bundle that is not taken back yet, or goes to what was there at serial `to`, under the
/// same rules as [`apply`]. What was interrupted is taken back first, and that is all where no serial is named, or where
/// it is ended [without](Options::without) some devices.
///
/// # Errors
/// As of [`apply`].
pub async fn rollback(state: &mut State, to: Option<u64>, options: &Options, events: &dyn Events) -> Result<Outcome> {
    state.lock(&options.command, options.lock_patience)?;
    let outcome = rollback_locked(state, to, options, events).await;
    state.unlock()?;
    outcome
}

/// Finishes or takes back the transaction that was interrupted; none if there is none.
///
/// # Errors
/// As of [`apply`].
pub async fn recover(state: &mut State, options: &Options, events: &dyn Events) -> Result<Option<Outcome>> {
    state.lock(&options.command, options.lock_patience)?;
    let outcome = recover_locked(state, options, events).await;
    state.unlock()?;
    Ok(outcome?.map(|(outcome, _)| outcome))
}

async fn apply_locked(state: &mut State, bundle: &Bundle, options: &Options, events: &dyn Events) -> Result<Outcome> {
    let (_, digest) = bundle.encode();
    match recover_locked(state, options, events).await? {
        Some((outcome @ Outcome::Partly { .. }, _)) => return Ok(outcome),
        // The interrupted apply was of this very bundle and is now finished.
        Some((outcome @ Outcome::Applied { .. }, recovered)) if recovered == digest => return Ok(outcome),
        _ => {}
    }
    if let Some(serial) = state.was_applied(&digest)? {
        return Ok(Outcome::AppliedBefore { serial });
    }
    let (made_from, now) = (bundle.origin.state_serial, state.serial()?);
    if made_from != now {
        return Ok(Outcome::OldState { made_from, now });
    }
    run(state, Kind::Apply, bundle, options, events).await
}

async fn rollback_locked(
    state: &mut State,
    to: Option<u64>,
    options: &Options,
    events: &dyn Events,
) -> Result<Outcome> {
    let recovered = recover_locked(state, options, events).await?;
    if !options.without.is_empty() {
        return Ok(match recovered {
            Some((Outcome::RolledBack { .. }, _)) => Outcome::TakenBack,
            Some((outcome, _)) => outcome,
            None => Outcome::Nothing,
        });
    }
    if let Some((outcome, _)) = recovered {
        // Taking back what was interrupted is what was asked for; what went forward is now the last applied.
        match outcome {
            Outcome::RolledBack { .. } if to.is_none() => return Ok(Outcome::TakenBack),
            Outcome::Applied { .. } | Outcome::RolledBack { .. } => {}
            outcome => return Ok(outcome),
        }
    }
    match way_back(state, to)? {
        Ok((goal, bundle)) => run(state, Kind::Rollback { to: goal }, &bundle, options, events).await,
        Err(outcome) => Ok(outcome),
    }
}

/// Where a rollback leads, as the serial of the apply that made it, and the bundle that leads there; else why not.
///
/// # Errors
/// State cannot be read.
pub fn way_back(state: &State, to: Option<u64>) -> Result<std::result::Result<(u64, Bundle), Outcome>> {
    let history = state.history()?;
    let (here, now) = (history.content(history.serial()), history.serial());
    let goal = match to {
        Some(asked) if asked > now => return Ok(Err(Outcome::NoSuchSerial { asked, now })),
        Some(asked) => history.content(asked),
        None => history.before(here),
    };
    if goal == here {
        return Ok(Err(Outcome::Nothing));
    }
    let bundle = inverse::bundle(state, &history.way(goal), to.map(|_| goal))?;
    Ok(bundle.map(|bundle| (goal, bundle)).ok_or(Outcome::NoSuchSerial { asked: goal, now }))
}

async fn run(
    state: &mut State,
    kind: Kind,
    bundle: &Bundle,
    options: &Options,
    events: &dyn Events,
) -> Result<Outcome> {
    let persist = persist_of(&bundle.encode().1);
    let mut crew = match Crew::new(state, kind, bundle, &persist, options).await? {
        Ok(crew) => crew,
        Err(failures) => return Ok(Outcome::Refused { failures }),
    };
    state.begin(kind, bundle, &persist, &options.approvals)?;
    let failures = step(state, &mut crew, Verb::Check, &persist, events).await?;
    let called_off = options.patience.is_cancelled();
    if called_off || !failures.is_empty() {
        crew.go(Verb::Release, events).await;
        state.end_unchanged()?;
        return Ok(if called_off {
            Outcome::RolledBack { causes: Failures::new() }
        } else {
            Outcome::Refused { failures }
        });
    }
    for verb in [Verb::Stage, Verb::Commit] {
        let failures = step(state, &mut crew, verb, &persist, events).await?;
        if options.patience.is_cancelled() {
            // Whatever failed by that has one cause, which whoever called it off knows.
            return take_back(state, &mut crew, &persist, Some(verb), Failures::new(), events).await;
        }
        if !failures.is_empty() {
            return take_back(state, &mut crew, &persist, Some(verb), failures, events).await;
        }
    }
    state.decide(&persist)?;
    events.event(&Event::Decided);
    carry_forward(state, &mut crew, &persist, events).await
}

/// Journals a step and takes it on all devices.
async fn step(state: &mut State, crew: &mut Crew, verb: Verb, persist: &str, events: &dyn Events) -> Result<Failures> {
    let devices = crew.addresses();
    state.journal(persist, verb.step(), &devices)?;
    events.event(&Event::Step(verb.step(), devices.len()));
    let begun = Instant::now();
    let failures = crew.go(verb, events).await;
    events.event(&Event::Took(verb.step(), begun.elapsed(), &crew.times()));
    Ok(failures)
}

/// Confirms everywhere, then records. What cannot be confirmed in time stays pending.
async fn carry_forward(state: &mut State, crew: &mut Crew, persist: &str, events: &dyn Events) -> Result<Outcome> {
    let failures = step(state, crew, Verb::Confirm, persist, events).await?;
    if !failures.is_empty() {
        return Ok(crew.partly(failures, true));
    }
    let Some(pending) = state.pending()? else { return Ok(Outcome::Nothing) };
    let taking_part = crew.addresses();
    let given_up = pending.bundle.changes.iter().map(|change| &change.device);
    let given_up = given_up.filter(|device| !taking_part.contains(device)).cloned().collect();
    let serial = state.end_applied(&pending, &given_up)?;
    events.event(&Event::Recorded(serial));
    Ok(Outcome::Applied { serial })
}

/// Takes back everywhere and proves it. `reached` is the verb that failed; none after a crash.
async fn take_back(
    state: &mut State,
    crew: &mut Crew,
    persist: &str,
    reached: Option<Verb>,
    causes: Failures,
    events: &dyn Events,
) -> Result<Outcome> {
    let unproved = step(state, crew, Verb::Abort, persist, events).await?;
    // Before the first commit nothing took effect anywhere, so a device that died meanwhile is as it was.
    if unproved.is_empty() || reached == Some(Verb::Stage) {
        state.end_unchanged()?;
        return Ok(Outcome::RolledBack { causes });
    }
    Ok(crew.partly(unproved, false))
}

/// The outcome of dealing with what was interrupted, and the digest of its bundle.
async fn recover_locked(
    state: &mut State,
    options: &Options,
    events: &dyn Events,
) -> Result<Option<(Outcome, String)>> {
    let Some(pending) = state.pending()? else { return Ok(None) };
    events.event(&Event::Recovering(&pending));
    let decided = pending.decided;
    for device in &options.without {
        events.event(&Event::Note(device, &left_behind(&pending, device)));
    }
    let outcome = match Crew::new(state, pending.kind, &pending.bundle, &pending.persist, options).await? {
        Err(failures) => Outcome::Partly { settled: Vec::new(), waiting: Vec::new(), failures, decided },
        Ok(mut crew) if decided => carry_forward(state, &mut crew, &pending.persist, events).await?,
        // Nothing was handed over yet: the locks went with their sessions.
        Ok(_) if pending.step.is_none_or(|step| step == Step::Check) => {
            state.end_unchanged()?;
            Outcome::RolledBack { causes: Failures::new() }
        }
        Ok(mut crew) => take_back(state, &mut crew, &pending.persist, None, Failures::new(), events).await?,
    };
    Ok(Some((outcome, pending.digest)))
}

/// What a device that is given up may hold that is nowhere else, and what is done about it.
fn left_behind(pending: &Pending, device: &Address) -> String {
    let changes = pending.bundle.changes.iter().filter(|change| change.device == *device);
    let action = if pending.decided { Action::Delete } else { Action::Create };
    let odd = changes.filter(|change| change.action == action).map(|change| change.address.to_string());
    let odd = some(&odd.collect::<Vec<_>>(), 3);
    let given_up = "given up: what it holds is not known";
    match (odd.as_str(), pending.decided) {
        ("", _) => format!("{given_up}; `ranform drift` looks when it is back"),
        (odd, true) => format!("{given_up}; what it was to lose stays in state and is planned to go again: {odd}"),
        (odd, false) => format!(
            "{given_up}; it may hold what was new, which `ranform plan -refresh` finds when it is back, as long as the intents have it: {odd}"
        ),
    }
}

/// A name for the commits of one transaction, unlike that of any other.
fn persist_of(digest: &str) -> String {
    let instant = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis());
    format!("{}{}-{instant:x}", crate::drivers::directory::PERSIST_PREFIX, digest.get(..12).unwrap_or(digest))
}
