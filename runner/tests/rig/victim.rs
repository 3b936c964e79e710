//! Transactions that end by SIGKILL, as `kill -9` would: a process of its own plays the one that is killed.
//!
//! A test file has a test `plays_the_victim` that calls [`play`]; a loop over events calls [`killed_at`], recovers, and
//! lets a [`Tally`] judge what recovery did.
#![allow(dead_code)]

use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use ranform::apply::{Event, Events, Options, Outcome, apply};
use ranform::state::{Pending, State};
use ranform_network::bundle::Bundle;

/// Where the victim finds its folder and the event at which it is killed.
const VICTIM: &str = "RANFORM_TEST_KILL_AT";

/// Kills this process at an event.
struct Kills {
    at: usize,
    seen: Mutex<usize>,
}

impl Events for Kills {
    fn event(&self, _: &Event<'_>) {
        let mut seen = self.seen.lock().unwrap();
        *seen += 1;
        if *seen == self.at {
            let me = std::process::id().to_string();
            std::process::Command::new("kill").args(["-9", &me]).status().unwrap();
            std::thread::sleep(Duration::from_secs(60));
        }
    }
}

/// Applies the bundle of a folder until the event; does nothing in a process that is no victim.
pub async fn play(options: impl Fn(&Path) -> Options) {
    let Ok(at) = std::env::var(VICTIM) else { return };
    let (folder, at) = at.split_once(' ').unwrap();
    let folder = Path::new(folder);
    let (bundle, _) = Bundle::decode(&std::fs::read(folder.join("plan")).unwrap()).unwrap();
    let mut state = State::open(&folder.join(".ranform")).unwrap();
    let kills = Kills { at: at.parse().unwrap(), seen: Mutex::new(0) };
    apply(&mut state, &bundle, &options(folder), &kills).await.unwrap();
}

/// Applies the bundle in a process that is killed at the event; false where it came to its end before.
pub async fn killed_at(folder: &Path, bundle: &Bundle, at: usize) -> bool {
    std::fs::write(folder.join("plan"), bundle.encode().0).unwrap();
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "plays_the_victim"]).env(VICTIM, format!("{} {at}", folder.display()));
    !child.stdout(Stdio::null()).status().await.unwrap().success()
}

/// What recovery did, over all events.
#[derive(Debug, Default)]
pub struct Tally {
    backward: usize,
    forward: usize,
}

impl Tally {
    /// Whether the network is new now: before the decision the way is back, after it forward, and after the end nothing
    /// is pending.
    pub fn is_new(&mut self, at: usize, pending: Option<&Pending>, recovered: Option<Outcome>) -> bool {
        let decided = pending.is_some_and(|pending| pending.decided);
        match recovered {
            Some(Outcome::RolledBack { .. }) if !decided => self.backward += 1,
            Some(Outcome::Applied { .. }) if decided => self.forward += 1,
            None if pending.is_none() => return true,
            other => panic!("at event {at}: {other:?} of {pending:?}"),
        }
        decided
    }

    /// Events were met on both sides of the decision, at least so many.
    pub fn check(&self, backward: usize, forward: usize) {
        println!("{} times back, {} times forward", self.backward, self.forward);
        assert!(self.backward >= backward && self.forward >= forward, "{self:?}");
    }
}
