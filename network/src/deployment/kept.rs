//! Names that software is known by where it runs. They are derived once and then kept, like ids on devices, so that a
//! rename starts nothing anew; what comes later and is called as another was before its rename gets another name.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::namespace_of;
use super::{Recorded, Resource, ric_instance_noun};
use crate::address::{Address, slug};

/// The names that state knows.
#[derive(Debug, Default)]
pub(super) struct Kept<'a> {
    /// The namespace of each RIC.
    namespaces: BTreeMap<Address, &'a str>,
    /// What xApps are called in their RIC, by that and the noun of their instances.
    xapps: BTreeMap<(Address, &'a str), &'a str>,
    /// What each model is called.
    models: BTreeMap<&'a Address, &'a str>,
    /// The RIC that a model's instance is an xApp of.
    rics: BTreeMap<&'a Address, &'a Address>,
    /// Who has an id on a device; those that serve one request have theirs within their model.
    ids: BTreeMap<(&'a Address, &'a str, &'a str), BTreeSet<&'a Address>>,
    /// The node of a cluster that a device is.
    nodes: BTreeMap<&'a Address, &'a str>,
}

impl<'a> Kept<'a> {
    /// Of what is recorded.
    pub(super) fn new(recorded: &'a BTreeMap<Address, Recorded>) -> Self {
        let mut kept = Self::default();
        for (address, known) in recorded {
            let mut within = "";
            match &known.resource {
                Resource::RicInstance(one) => {
                    let ric = address.parent().unwrap_or_default();
                    if let Some(place) = &one.cluster {
                        kept.namespaces.entry(ric.clone()).or_insert(place.system());
                    }
                    if let Some(name) = &one.xapp {
                        kept.xapps.entry((ric, address.last().0)).or_insert(name);
                    }
                }
                Resource::ModelInstance(one) => {
                    kept.models.entry(&one.model).or_insert(one.called());
                    within = if one.shared { "" } else { one.called() };
                    kept.rics.extend(one.ric.as_ref().map(|ric| (address, ric)));
                }
                _ => continue,
            }
            kept.ids.entry((&known.device, within, &known.device_id)).or_default().insert(address);
            if let Some(place) = known.resource.cluster() {
                kept.nodes.entry(&known.device).or_insert(&place.node);
            }
        }
        kept
    }

    /// The namespace of a RIC's objects.
    pub(super) fn namespace(&self, ric: &Address) -> String {
        let renamed = |(other, name): (&Address, &&str)| *other != *ric && **name != namespace_of(other);
        let taken = |name: &str| self.namespaces.iter().any(|one| *one.1 == name && renamed(one));
        self.namespaces.get(ric).map_or_else(|| free(namespace_of(ric), taken), |name| (*name).to_owned())
    }

    /// What an xApp is called in its RIC.
    pub(super) fn xapp(&self, ric: &Address, name: &str) -> String {
        let noun = ric_instance_noun(name, true);
        if let Some(known) = self.xapps.get(&(ric.clone(), noun.as_str())) {
            return (*known).to_owned();
        }
        let taken = |name: &str| self.xapps.iter().any(|((of, _), known)| of == ric && *known == name);
        free(name.to_owned(), taken)
    }

    /// What a model is called.
    pub(super) fn model(&self, model: &Address) -> String {
        let own = |model: &Address| model.last().1.trim_matches('"').to_owned();
        let renamed = |(other, name): (&&Address, &&str)| **other != *model && **name != own(other);
        let taken = |name: &str| self.models.iter().any(|one| *one.1 == name && renamed(one));
        self.models.get(model).map_or_else(|| free(own(model), taken), |name| (*name).to_owned())
    }

    /// The RIC that an instance of a model was an xApp of.
    pub(super) fn ric(&self, instance: &Address) -> Option<&'a Address> {
        self.rics.get(instance).copied()
    }

    /// An id for something new on a device: this one, unless another thing has it; `within` a model, where it serves one
    /// request.
    pub(super) fn id(&self, device: &Address, within: &str, address: &Address, id: String) -> String {
        let taken = |id: &str| {
            let holders = self.ids.get(&(device, within, id));
            holders.is_some_and(|holders| holders.iter().any(|holder| *holder != address))
        };
        free(id, taken)
    }

    /// The node of a cluster that a device is known as.
    pub(super) fn node(&self, device: &Address) -> Option<&'a str> {
        self.nodes.get(device).copied()
    }
}

/// This name, or one made of it that is not taken.
fn free(name: String, taken: impl Fn(&str) -> bool) -> String {
    if !taken(&name) {
        return name;
    }
    let others = (2u32..).map(|number| slug(&format!("{name} {number}")));
    others.into_iter().find(|other| !taken(other)).unwrap_or(name)
}
