//! Leaf by leaf: what a device shows against what it should show.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::Recorded;
use ranform_network::{Address, Artifact, Change, Resource};
use ranform_targets::{Reading, SetBy};
use serde::Serialize;
use serde_json::Value;

use super::DriverError;
use super::task::Side;
use crate::display::values;

/// A leaf that is not as it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The address.
    pub address: Address,
    /// The leaf's path; empty where the whole resource is there or not there.
    pub leaf: String,
    /// What it should be; none for not there.
    pub expected: Option<Value>,
    /// What it is; none for not there.
    pub found: Option<Value>,
    /// Who set it, where the device keeps that.
    #[serde(rename = "changed_by", skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<SetBy>,
}

impl Difference {
    /// One of a leaf of which nobody keeps who set it.
    pub fn new(address: Address, leaf: String, expected: Option<Value>, found: Option<Value>) -> Self {
        Self { address, leaf, expected, found, by: Vec::new() }
    }

    /// Whether it is that a cell is out of service, as it is while it is being changed.
    pub fn is_lock(&self) -> bool {
        self.leaf == "cell.unlocked" && self.found == Some(Value::Bool(false))
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |value: &Option<Value>| values::words_or(value.as_ref(), "not there");
        write!(f, "`{}`", self.address)?;
        match self.leaf.as_str() {
            "" if self.found.is_none() => return f.write_str(" is gone"),
            "" if self.expected.is_none() => return f.write_str(" is there, and should not be"),
            "" => {}
            leaf => write!(f, " {leaf}")?,
        }
        write!(f, " is {}, not {}{}", show(&self.found), show(&self.expected), self.signed())
    }
}

impl Difference {
    /// The leaf and both values, without the address.
    pub fn leaf_words(&self) -> String {
        let show = |value: &Option<Value>| values::words_or(value.as_ref(), "not there");
        match self.leaf.as_str() {
            "" if self.found.is_none() => "it is gone".to_owned(),
            "" => "it is there".to_owned(),
            leaf => {
                format!("{leaf} is {}, {} was applied{}", show(&self.found), show(&self.expected), self.signed())
            }
        }
    }

    /// Who set it and when, in words; empty where nobody keeps that.
    fn signed(&self) -> String {
        let words = |by: &SetBy| match &by.at {
            Some(at) => format!("`{}` at {at}", by.manager),
            None => format!("`{}`", by.manager),
        };
        match self.by.is_empty() {
            true => String::new(),
            false => format!(" (set by {})", self.by.iter().map(words).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// Adds to differences who set what is found.
pub fn sign(differences: &mut [Difference], set_by: &BTreeMap<Address, Vec<SetBy>>) {
    for difference in differences {
        let hands = set_by.get(&difference.address).into_iter().flatten();
        difference.by = hands.filter(|by| by.leaf == difference.leaf).cloned().collect();
    }
}

/// Why documents are not written: they do not say what the changes say. Those that this program has just made are wrong
/// by its own fault, and planning again makes the same ones; others were altered, or made by another version.
pub fn unlike(documents: &[Artifact], differences: &[Difference], just_made: bool) -> DriverError {
    let paths: Vec<String> = documents.iter().take(3).map(|document| format!("`{}`", document.path)).collect();
    let first = differences.first().map(|first| format!(" ({first})")).unwrap_or_default();
    let (paths, verb) = (paths.join(", "), if documents.len() == 1 { "does" } else { "do" });
    let what = match just_made {
        true => format!(
            "{paths} as ranform writes it {verb} not read back as planned{first}: a defect of ranform, not of the device \
             or the intents"
        ),
        false => format!(
            "{paths} of the bundle {verb} not say what its changes say{first}: altered, or made by another version"
        ),
    };
    DriverError::Unlike { what, just_made }
}

/// What a reading shows otherwise than the changes' before or after. `known` is what the reading was made with.
pub fn differences(
    changes: &[Change],
    side: Side,
    known: &BTreeMap<Address, Recorded>,
    reading: &Reading,
) -> Vec<Difference> {
    let one = |change: &Change| {
        let expected = match side {
            Side::Before => change.before.as_ref(),
            Side::After => change.after.as_ref(),
        };
        // Leaves that the change neither found nor leaves are others'.
        let concerned = change.before.iter().chain(&change.after).flat_map(|side| side.leaves().into_keys()).collect();
        match reading.resources.get(&change.address) {
            None if expected.is_none() => {
                compare(&change.address, None, under_another_name(change, known, reading), &concerned)
            }
            found => compare(&change.address, expected, found, &concerned),
        }
    };
    changes.iter().flat_map(one).collect()
}

/// A thing that should not be there but is, under the address that follows from its id on the device.
fn under_another_name<'a>(
    change: &Change,
    known: &BTreeMap<Address, Recorded>,
    reading: &'a Reading,
) -> Option<&'a Resource> {
    let kind = change.before.as_ref().or(change.after.as_ref())?.kind();
    let same = |address: &Address, resource: &Resource| {
        !known.contains_key(address)
            && address.parent() == change.address.parent()
            && resource.kind() == kind
            && reading.device_ids.get(address) == Some(&change.device_id)
    };
    reading.resources.iter().find(|(address, resource)| same(address, resource)).map(|(_, resource)| resource)
}

/// What a reading of a device shows otherwise than state records: what others did to what we own.
pub fn drift(device: &Address, recorded: &BTreeMap<Address, Recorded>, reading: &Reading) -> Vec<Difference> {
    let ours = recorded.iter().filter(|(_, recorded)| recorded.device == *device);
    ours.flat_map(|(address, known)| changed_by_others(address, &known.resource, reading.resources.get(address)))
        .collect()
}

/// What is found otherwise than it was applied. Leaves that we do not own are no matter.
pub fn changed_by_others(address: &Address, ours: &Resource, found: Option<&Resource>) -> Vec<Difference> {
    compare(address, Some(ours), found, &ours.leaves().into_keys().collect())
}

fn compare(
    address: &Address,
    expected: Option<&Resource>,
    found: Option<&Resource>,
    concerned: &BTreeSet<String>,
) -> Vec<Difference> {
    let difference = |leaf: &str, expected, found| Difference::new(address.clone(), leaf.to_owned(), expected, found);
    let (want, have) = match (expected, found) {
        (None, None) => return Vec::new(),
        (Some(_), None) => return vec![difference("", Some(Value::from("there")), None)],
        (None, Some(_)) => return vec![difference("", None, Some(Value::from("there")))],
        (Some(expected), Some(found)) => (expected.leaves(), found.leaves()),
    };
    concerned
        .iter()
        .filter(|path| want.get(*path) != have.get(*path))
        .map(|path| difference(path, want.get(path).cloned(), have.get(path).cloned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use ranform_network::ArtifactKind;

    use super::*;

    #[test]
    fn a_document_of_ours_that_does_not_read_back_is_our_defect_and_names_the_leaf() {
        let cell = Address::from_text("node.a/cell.b");
        let document = Artifact {
            target: "config".to_owned(),
            device: Address::from_text("node.a"),
            path: "config.xml".to_owned(),
            kind: ArtifactKind::Whole,
            bytes: Vec::new(),
        };
        let (expected, found) = (Some(Value::from(1)), Some(Value::from(2)));
        let difference = Difference::new(cell, "cell.pci".to_owned(), expected, found);
        let documents = [document];
        let told = unlike(&documents, std::slice::from_ref(&difference), true).to_string();
        for part in ["`config.xml`", "`node.a/cell.b` cell.pci is 2, not 1", "a defect of ranform"] {
            assert!(told.contains(part), "{told}");
        }
        let told = unlike(&documents, &[difference], false).to_string();
        assert!(told.contains("altered") && !told.contains("defect"), "{told}");
    }
}
