//! Instances that get a namespace of their own, or go back into that of the others: all of their objects are made there,
//! and those of before go when everything is confirmed. What they name in their namespace has to be there too.

use std::collections::BTreeSet;

use ranform_network::Address;
use ranform_network::deployment::{Change, Resource};
use serde::{Deserialize, Serialize};

use super::rollout::is_moved;

/// An instance whose objects are all made anew in another namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// The instance.
    pub address: Address,
    /// The namespace of its objects before.
    pub from: String,
    /// The one after.
    pub to: String,
    /// The Secrets that have to be in that namespace before an apply, sorted: ranform makes none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
}

/// The replacements of a plan, in address order.
pub fn of(changes: &[Change]) -> Vec<Replacement> {
    let namespace = |side: &Option<Resource>| Some(side.as_ref()?.cluster()?.namespace.clone());
    let one = |change: &Change| {
        let (from, to) = (namespace(&change.before)?, namespace(&change.after)?);
        let secrets = change.after.as_ref().map(secrets).unwrap_or_default();
        Some(Replacement { address: change.address.clone(), from, to, secrets: secrets.into_iter().collect() })
    };
    changes.iter().filter(|change| is_moved(change)).filter_map(one).collect()
}

/// The Secrets of its namespace that an instance names.
fn secrets(resource: &Resource) -> BTreeSet<String> {
    let (pulls, given) = match resource {
        Resource::RicInstance(one) => (&one.pull_secrets, &one.secrets),
        Resource::ModelInstance(one) => (&one.pull_secrets, &one.secrets),
        _ => return BTreeSet::new(),
    };
    let given = given.iter().map(|one| one.secret.clone());
    pulls.iter().cloned().chain(given).collect()
}

impl Replacement {
    /// What happens, in words, a line or two.
    pub fn lines(&self) -> Vec<String> {
        let Self { from, to, .. } = self;
        let mut lines = vec![format!("made in namespace `{to}`; what is in `{from}` goes when all else is confirmed")];
        if !self.secrets.is_empty() {
            let names: Vec<String> = self.secrets.iter().map(|name| format!("`{to}/{name}`")).collect();
            let plural = if names.len() == 1 { "" } else { "s" };
            lines.push(format!("before the apply, by you or an operator: Secret{plural} {}", names.join(", ")));
        }
        lines
    }
}
