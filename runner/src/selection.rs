//! `-target` and `-exclude` as they are given; what they mean for a plan is in [`crate::hold`].

use ranform_network::address::Address;

/// Addresses named on the command line; each stands for itself and what is below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Only these, and the things above them that are not there yet.
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
}
