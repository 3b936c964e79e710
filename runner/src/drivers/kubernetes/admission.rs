//! What admission says to what is to be written: policies, quotas and webhooks of the cluster's owner. They may refuse it,
//! or make something else of it.

use std::collections::BTreeSet;

use ranform_network::deployment::ClusterPlace;
use ranform_targets::kubernetes::Shown;
use ranform_targets::{Document, Query};
use serde_json::Value;

use super::orders::Orders;
use super::{Kubernetes, address, document, words};
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::Error;

/// What the server would make of the objects of a task.
#[derive(Debug, Default)]
pub(super) struct Foreseen {
    /// Objects as the server answered to a dry-run, and those that are lent.
    pub(super) objects: Vec<Value>,
    /// Whether an object that several addresses share could not be asked for.
    pub(super) is_partial: bool,
    /// Addresses with an object that could not be asked for.
    pub(super) unasked: BTreeSet<String>,
}

impl Foreseen {
    /// Notes that this object could not be asked for.
    pub(super) fn lacks(&mut self, object: &Value) {
        match address(object) {
            Some(address) => drop(self.unasked.insert(address.to_owned())),
            None => self.is_partial = true,
        }
    }
}

impl Kubernetes {
    /// Refuses what admission would change: it would be found not as ordered after the write, or change back for ever.
    /// What it adds beside ours is its own business.
    pub(super) fn refuse_mutation(
        &mut self,
        task: &Task,
        orders: &Orders,
        foreseen: &Foreseen,
    ) -> Result<(), DriverError> {
        if foreseen.is_partial {
            return Ok(());
        }
        let known = task.known(Side::After);
        let places = known.values().filter_map(|known| known.resource.cluster());
        let spaces: BTreeSet<&str> = places.flat_map(ClusterPlace::namespaces).collect();
        let answered: Vec<Document> = foreseen.objects.iter().map(document).collect();
        let paths: BTreeSet<&str> = answered.iter().map(|document| document.path.as_str()).collect();
        // What goes is there until everything is confirmed, in another namespace too.
        let stays = |document: &&Document| {
            let space = document.path.split('/').rev().nth(2);
            !paths.contains(document.path.as_str()) && space.is_none_or(|space| spaces.contains(space))
        };
        let documents: Vec<Document> = self.seen.iter().filter(stays).chain(&answered).cloned().collect();
        let query: Query<'_> = task.query(&known);
        let Some(target) = ranform_targets::find(&query.profile.target) else { return Ok(()) };
        let reading = query.ask(target, &documents).map_err(|error| DriverError::Failed(error.to_string()))?;
        let mut differences = task.differences(Side::After, &reading);
        let asked: BTreeSet<&str> = foreseen.objects.iter().filter_map(address).collect();
        let later: BTreeSet<&str> = orders.rebuild.iter().filter_map(address).collect();
        let stays: BTreeSet<_> =
            task.changes.iter().filter(|change| change.after.is_some()).map(|change| &change.address).collect();
        differences.retain(|difference| {
            let address = difference.address.as_str();
            let whole = asked.contains(address) && !later.contains(address) && !foreseen.unasked.contains(address);
            whole && stays.contains(&difference.address)
        });
        if differences.is_empty() {
            return Ok(());
        }
        let text = differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Err(DriverError::Failed(format!(
            "admission of the cluster (a mutating webhook or policy) makes something else of what is ordered: {text}; write it \
             so into the intents, or have its owner leave these objects alone"
        )))
    }
}

/// Why an object is not taken, at the address that it is for.
pub(super) fn refused(object: &Value, error: Error) -> DriverError {
    let shown = Shown::of(object);
    let namespace = shown.namespace.unwrap_or_default();
    match error {
        Error::Refused { status: 404, message, .. } if message.starts_with("namespaces ") => {
            DriverError::Failed(format!("namespace `{namespace}` is gone: somebody deleted it"))
        }
        Error::Refused { status, message, .. } if status != 401 => {
            let help = help(&message, namespace);
            DriverError::Failed(format!("{} is refused: {message}{help}", words(object)))
        }
        Error::Held(_) => DriverError::Held { what: error.to_string(), address: address(object).map(str::to_owned) },
        Error::Denied { message, .. } => DriverError::Failed(format!("{} is refused: {message}", words(object))),
        error => error.into(),
    }
}

/// What is to be done about a webhook that cannot be asked.
fn help(message: &str, namespace: &str) -> String {
    if message.contains("does not support dry run") {
        return format!(
            "; everything is tried by a dry-run before it is written: have that webhook declare `sideEffects: None` or \
             `NoneOnDryRun`, or leave namespace `{namespace}` alone"
        );
    }
    if message.contains("failed calling webhook") {
        return format!(
            "; the API server writes nothing that it cannot ask that webhook about: mend the webhook, or have its \
             `failurePolicy` or selectors leave namespace `{namespace}` alone"
        );
    }
    String::new()
}
