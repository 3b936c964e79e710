//! What other projects run on the same node: each keeps an inventory of its own, labelled with the id of its state.

use std::collections::{BTreeMap, BTreeSet};

use ranform_targets::kubernetes::Shown;
use serde_json::Value;

use super::list::{Id, Listed};
use crate::drivers::kubernetes::orders::{Orders, is_shared};
use crate::drivers::kubernetes::{Kubernetes, address, words};
use crate::drivers::{DriverError, Task};

/// The label that says whose an inventory is: the id of the state that it goes with ([`crate::state::State::id`]).
pub(super) const STATE: &str = "ranform.dev/state";
/// So many digits of a state's id are in names and told to people.
const DIGITS: usize = 12;

/// What the inventories of other projects list in a namespace.
#[derive(Debug, Default)]
pub(in super::super) struct Others {
    /// The state that lists each object.
    listed: BTreeMap<Id, String>,
    /// The names that their ConfigMaps have.
    names: BTreeSet<String>,
}

impl Others {
    /// Of these ConfigMaps in a namespace.
    pub(super) fn of(inventories: &[Value], namespace: &str) -> Self {
        let mut others = Self::default();
        for inventory in inventories {
            let shown = Shown::of(inventory);
            let state = short(shown.label(STATE).unwrap_or_default());
            others.names.insert(shown.name.to_owned());
            let rows = Listed::of(std::slice::from_ref(inventory), namespace).rows;
            others.listed.extend(rows.into_keys().map(|id| (id, state.to_owned())));
        }
        others
    }

    /// Whether the ConfigMap of that name is another project's.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// As much of a state's id as people are told.
pub(super) fn short(state: &str) -> &str {
    state.get(..DIGITS).unwrap_or(state)
}

/// Whether an inventory goes with the state of a task, or with one that the task is told to take over. Those of earlier
/// versions do not say whose they are.
pub(super) fn is_of(inventory: &Value, task: &Task) -> bool {
    let Some(state) = Shown::of(inventory).label(STATE) else { return true };
    state == task.state || task.takes_over.as_deref().is_some_and(|taken| short(state) == short(taken))
}

impl Kubernetes {
    /// Refuses to touch what another project's inventory lists.
    pub(in super::super) fn refuse_other_projects(&self, orders: &Orders) -> Result<(), DriverError> {
        let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for object in orders.all().filter(|object| !is_shared(object)) {
            let id = Id::of(object);
            let state = self.others.get(&id.0).and_then(|others| others.listed.get(&id));
            if let Some(state) = state {
                let word = address(object).map_or_else(|| words(object), |address| format!("`{address}`"));
                found.entry(state).or_default().insert(word);
            }
        }
        match found.into_iter().next() {
            None => Ok(()),
            Some((state, objects)) => {
                Err(DriverError::OtherProject { state: state.to_owned(), objects: objects.into_iter().collect() })
            }
        }
    }
}
