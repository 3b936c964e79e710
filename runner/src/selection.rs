//! `-target` and `-exclude`: which changes of a plan are kept.

use std::collections::BTreeSet;

use ranform_network::address::Address;
use ranform_network::deployment::Change;

/// Addresses named on the command line; each stands for itself and what is below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Only these, and the things above them.
    pub targets: Vec<Address>,
    /// Not these.
    pub excludes: Vec<Address>,
}

impl Selection {
    /// From the texts of the flags.
    pub fn new(targets: &[String], excludes: &[String]) -> Self {
        let addresses = |texts: &[String]| texts.iter().map(|text| Address::from_text(text.as_str())).collect();
        Self { targets: addresses(targets), excludes: addresses(excludes) }
    }

    /// The flags as they are written into a bundle.
    pub fn words(&self) -> Vec<String> {
        let targets = self.targets.iter().map(|address| format!("-target={address}"));
        targets.chain(self.excludes.iter().map(|address| format!("-exclude={address}"))).collect()
    }

    /// The changes that are kept. A target brings the creations above it, which it cannot do without.
    pub fn keep(&self, changes: Vec<Change>) -> Vec<Change> {
        let above: BTreeSet<Address> = self.targets.iter().flat_map(ancestors).collect();
        let wanted = |address: &Address| {
            self.targets.is_empty()
                || self.targets.iter().any(|target| address.is_within(target))
                || above.contains(address)
        };
        let left_out = |address: &Address| self.excludes.iter().any(|exclude| address.is_within(exclude));
        changes.into_iter().filter(|change| wanted(&change.address) && !left_out(&change.address)).collect()
    }

    /// Named addresses that are neither decided nor recorded.
    pub fn unknown<'a>(&'a self, exists: impl Fn(&Address) -> bool + 'a) -> impl Iterator<Item = &'a Address> {
        self.targets.iter().chain(&self.excludes).filter(move |address| !exists(address))
    }
}

fn ancestors(address: &Address) -> Vec<Address> {
    std::iter::successors(address.parent(), Address::parent).collect()
}
