//! The ways to a device, behind one trait with five verbs: read, prepare, commit, confirm, abort.
//!
//! A driver carries out what a [`Task`] says and chooses nothing; formats belong to `targets`, the order of devices
//! and the one decision to [`crate::apply`]. The smallest driver, and the one to imitate, is [`directory`].

pub mod a1;
mod compare;
pub mod directory;
pub mod kubernetes;
pub mod netconf;
mod observe;
mod reach;
mod task;

pub use compare::{Difference, changed_by_others, differences, drift, sign};
pub use observe::{Observation, Observed, observe};
pub use reach::{allowance, ssh_endpoint, way};
pub use task::{Side, Task};

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use ranform_network::Address;
use ranform_network::deployment::Device;
use ranform_network::diagnostic::{Code, codes};
use ranform_network::network::Protocol;
use ranform_targets::Query;
use tokio::sync::mpsc::UnboundedSender;

use crate::folders::SharedFolder;
use crate::patience::Patience;

/// A verb under way.
pub type Verb<'a, T> = Pin<Box<dyn Future<Output = Result<T, DriverError>> + Send + 'a>>;

/// The five verbs. Each waits no longer than its patience. `confirm` and `abort` work on a fresh driver too, after
/// a crash of ours or of the device, and may be repeated.
pub trait Driver: Send {
    /// The present configuration, as resources. Writes nothing and takes no lock.
    fn read<'a>(&'a mut self, query: Query<'a>, patience: &'a Patience) -> Verb<'a, Observation>;

    /// Gets ready, in two steps; nothing takes effect.
    fn prepare<'a>(&'a mut self, task: &'a Task, step: Prepare, patience: &'a Patience) -> Verb<'a, ()>;

    /// Lets it take effect in a way that can be taken back, and proves by reading that it did.
    fn commit<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()>;

    /// Makes it permanent. A device that has gone back by itself gets the same edit anew.
    fn confirm<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()>;

    /// Takes it back, whatever step it reached, and proves by reading that it is gone.
    fn abort<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()>;

    /// Lets go after a check that led to nothing: locks and sessions, no write.
    fn release<'a>(&'a mut self, patience: &'a Patience) -> Verb<'a, ()>;

    /// Where to say how far a verb is that takes long, while it is under way.
    fn tells(&mut self, _progress: Progress) {}

    /// What the operator should know although the verb succeeded; told once.
    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// Says how far a device is with a verb.
#[derive(Clone, Debug)]
pub struct Progress {
    device: Address,
    listener: UnboundedSender<(Address, String)>,
}

impl Progress {
    /// Of a device, to a listener.
    pub fn new(device: Address, listener: UnboundedSender<(Address, String)>) -> Self {
        Self { device, listener }
    }

    /// So many of all are ready: told at every tenth part of many, and of few not at all.
    pub fn ready(&self, done: usize, of: usize) {
        const MANY: usize = 10;
        if of >= MANY && (done == of || done.is_multiple_of(of.div_ceil(10))) {
            self.say(format!("{done} of {of} ready"));
        }
    }

    /// So many objects of all are applied, and this wave of them is done: told where they are many.
    pub fn applied(&self, wave: &str, done: usize, of: usize) {
        const MANY: usize = 50;
        if of >= MANY {
            self.say(format!("{done} of {of} objects applied, with all {wave}"));
        }
    }

    fn say(&self, text: String) {
        // Whoever listened has gone only if the transaction has.
        let _ = self.listener.send((self.device.clone(), text));
    }
}

/// The two steps of getting ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepare {
    /// Locks, then the stale check. Nothing at all is written, so that one device's difference costs no write on any.
    Check,
    /// The edit is handed over where it can lie without effect (candidate, a file beside).
    Stage,
}

/// Why a verb failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DriverError {
    /// The device cannot be reached.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// What it takes to log in is not written, or cannot be had.
    #[error("no way in: {why}")]
    Credential {
        /// How the device is reached.
        protocol: Protocol,
        /// What is missing, in the operator's words.
        why: String,
    },
    /// It shows another host key than the one it must show.
    #[error("not the device it should be: {0}")]
    HostKey(String),
    /// It does not let the user in.
    #[error("not let in: {0}")]
    Login(String),
    /// No driver speaks its protocol.
    #[error("no driver: {0}")]
    NoDriver(String),
    /// Somebody else is changing it.
    #[error("locked: {0}")]
    Locked(String),
    /// It is not as the plan saw it.
    #[error("changed since the plan: {}", join(.0))]
    Stale(Vec<Difference>),
    /// The edit would take away what is not ours: leaves of an entry, objects in a file, an object of a cluster.
    #[error("what others wrote would go: {}", .0.join(", "))]
    Endangered(Vec<String>),
    /// It took the edit and does not show it.
    #[error("not as ordered: {}", join(.0))]
    NotTaken(Vec<Difference>),
    /// It does not show the former configuration after taking back.
    #[error("not as before: {}", join(.0))]
    NotRestored(Vec<Difference>),
    /// What is to be changed is listed as what another project runs.
    #[error("another project runs {}, by the inventories of state {state}", some(.objects, ", "))]
    OtherProject {
        /// The first digits of the id of that project's state.
        state: String,
        /// What of it would be changed, in the intents' words.
        objects: Vec<String>,
    },
    /// Others hold fields that are to be set.
    #[error("held by others: {what}")]
    Held {
        /// Which fields of what, and who holds them.
        what: String,
        /// The address that the object is for, where it is for one.
        address: Option<String>,
    },
    /// Documents do not say what the changes of their plan say.
    #[error("{what}")]
    Unlike {
        /// Which documents, and what they say otherwise.
        what: String,
        /// Whether this program has just made them, so that it is at fault.
        just_made: bool,
    },
    /// Anything else, in the device's or the system's words.
    #[error("{0}")]
    Failed(String),
}

impl DriverError {
    /// Its code for the user.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Unreachable(_) => &codes::DEVICE_UNREACHABLE,
            Self::Credential { .. } => &codes::DEVICE_CREDENTIAL,
            Self::HostKey(_) => &codes::DEVICE_HOST_KEY,
            Self::Login(_) => &codes::DEVICE_LOGIN,
            Self::NoDriver(_) => &codes::NO_DRIVER,
            Self::Locked(_) => &codes::DEVICE_LOCKED,
            Self::Stale(_) => &codes::STALE_PLAN,
            Self::Endangered(_) => &codes::FOREIGN_LEAVES,
            Self::NotTaken(_) => &codes::NOT_TAKEN,
            Self::NotRestored(_) => &codes::NOT_RESTORED,
            Self::OtherProject { .. } => &codes::OTHER_PROJECT,
            Self::Held { .. } => &codes::FIELDS_HELD,
            Self::Unlike { .. } => &codes::DOCUMENTS_DIFFER,
            Self::Failed(_) => &codes::DEVICE_REFUSED,
        }
    }

    /// Whether there was no session with the device at all, so that a plan may leave it out.
    pub fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Credential { .. } | Self::HostKey(_) | Self::Login(_) | Self::NoDriver(_)
        )
    }
}

fn join(differences: &[Difference]) -> String {
    some(&differences.iter().map(ToString::to_string).collect::<Vec<_>>(), "; ")
}

/// The first of many, and how many more there are.
fn some(all: &[String], between: &str) -> String {
    const SHOWN: usize = 4;
    let mut text = all[..all.len().min(SHOWN)].join(between);
    if all.len() > SHOWN {
        text.push_str(&format!("{between}and {} more", all.len() - SHOWN));
    }
    text
}

/// The driver for a device. `root` is the project's folder, `shared` the folder that it shares with other nodes.
///
/// # Errors
/// A protocol without a driver, or a way that cannot be used (no key, a folder outside of the project).
pub async fn open(
    device: &Device,
    root: &Path,
    shared: Option<&Arc<SharedFolder>>,
    patience: &Patience,
) -> Result<Box<dyn Driver>, DriverError> {
    match way(device) {
        Some((Protocol::Directory, folder)) => Ok(Box::new(directory::Directory::new(folder, root, shared.cloned())?)),
        Some((Protocol::Netconf, _)) => {
            Ok(Box::new(netconf::Netconf::new(ssh_endpoint(device, root, patience).await?)))
        }
        Some((Protocol::A1, _)) => Ok(Box::new(a1::A1::new(device, root, patience).await?)),
        Some((Protocol::Kubernetes, _)) => Ok(Box::new(kubernetes::Kubernetes::new(device, root)?)),
        None => Err(DriverError::NoDriver("no way to it is written; write `manage ...`".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_every_tenth_part_is_told_and_of_few_nothing() {
        let told = |of: usize| {
            let (listener, mut heard) = tokio::sync::mpsc::unbounded_channel();
            let progress = Progress::new(Address::new("node", "edge"), listener);
            (1..=of).for_each(|done| progress.ready(done, of));
            std::iter::from_fn(|| heard.try_recv().ok()).map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(told(9), [""; 0]);
        assert_eq!(told(25)[..2], ["3 of 25 ready", "6 of 25 ready"]);
        assert_eq!(told(1000).len(), 10);
        assert_eq!(told(1001).last().map(String::as_str), Some("1001 of 1001 ready"));
    }
}
