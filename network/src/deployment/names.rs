//! Names of other things in what a device holds, and what becomes of them when those are renamed.
//!
//! A rename writes nothing, so a device goes on saying the names that it was told. State holds today's, and beside them
//! those that the device was told instead ([`Recorded::former`]): a reading is understood by them until the next real
//! change tells the device today's.

use std::collections::{BTreeMap, BTreeSet};

use super::{PortVlanResource, Recorded, Resource};
use crate::address::Address;

/// Names that a device was told and that are others now: old, new.
pub type Former = BTreeMap<Address, Address>;

impl Resource {
    /// The addresses of other things that it says.
    pub fn names(&self) -> BTreeSet<Address> {
        match self {
            Self::RicInstance(one) => {
                let reached = one.reaches.iter().map(|reached| &reached.node);
                let serves = one.e2_nodes.iter().chain(&one.stands_by_for);
                std::iter::once(&one.ric).chain(serves).chain(reached).cloned().collect()
            }
            Self::ModelInstance(one) => {
                let served = one.consumers.iter();
                let served = served.flat_map(|one| [&one.request, &one.target].into_iter().chain(&one.sources));
                let reached = one.reaches.iter().map(|reached| &reached.node);
                let of = std::iter::once(&one.model).chain(&one.ric).chain(&one.hosted);
                of.chain(served).chain(reached).cloned().collect()
            }
            Self::PortVlan(vlan) => vlan.tenant().into_iter().collect(),
            _ => BTreeSet::new(),
        }
    }

    /// The same where other things have other names. What it is called itself in a cluster stays: that is derived once.
    pub fn renamed(&self, rename: impl Fn(&Address) -> Address) -> Self {
        let mut renamed = self.clone();
        let all = |names: &mut Vec<Address>| {
            names.iter_mut().for_each(|name| *name = rename(name));
            names.sort();
        };
        match &mut renamed {
            Self::RicInstance(one) => {
                one.ric = rename(&one.ric);
                all(&mut one.e2_nodes);
                all(&mut one.stands_by_for);
                one.reaches.iter_mut().for_each(|reached| reached.node = rename(&reached.node));
                one.reaches.sort();
            }
            Self::ModelInstance(one) => {
                let called = one.called().to_owned();
                one.model = rename(&one.model);
                one.called = None;
                one.called = (one.called() != called).then_some(called);
                one.ric = one.ric.as_ref().map(&rename);
                one.hosted = one.hosted.as_ref().map(&rename);
                for consumer in &mut one.consumers {
                    consumer.request = rename(&consumer.request);
                    consumer.target = rename(&consumer.target);
                    all(&mut consumer.sources);
                }
                one.consumers.sort();
                one.reaches.iter_mut().for_each(|reached| reached.node = rename(&reached.node));
                one.reaches.sort();
            }
            Self::PortVlan(vlan) => {
                if let Some(tenant) = vlan.tenant() {
                    vlan.description = PortVlanResource::describes(called(&rename(&tenant)));
                }
            }
            _ => {}
        }
        renamed
    }

    /// What a device shows, under today's names, as far as it was told former ones. Of the two ways to understand it the
    /// one is meant that leaves less to differ from `known`: a device may have been told today's since.
    pub fn today(self, former: &Former, known: &Self) -> Self {
        if former.is_empty() {
            return self;
        }
        let today = self.renamed(|name| former.get(name).unwrap_or(name).clone());
        let known = known.leaves();
        let apart = |one: &Self| {
            let leaves = one.leaves();
            let paths: BTreeSet<&String> = leaves.keys().chain(known.keys()).collect();
            paths.into_iter().filter(|path| leaves.get(*path) != known.get(*path)).count()
        };
        if apart(&today) < apart(&self) { today } else { self }
    }
}

impl PortVlanResource {
    /// What a VLAN of a tenant says of itself.
    pub(super) fn describes(tenant: &str) -> String {
        format!("tenant {tenant}")
    }

    /// The tenant that it says it is for.
    fn tenant(&self) -> Option<Address> {
        self.description.strip_prefix("tenant ").map(|name| Address::new("tenant", name))
    }
}

/// The name of a thing, without quotation marks.
fn called(address: &Address) -> &str {
    address.last().1.trim_matches('"')
}

impl Recorded {
    /// Gives other things other names, and itself this address: the device that carries it, the tenant it is for, and
    /// those that it says. What the device was told stays known.
    pub fn rename(&mut self, address: &Address, rename: impl Fn(&Address) -> Address) {
        self.device = rename(&self.device);
        if let Some(tenant) = &mut self.tenant {
            let top = rename(&Address::new("tenant", tenant));
            let now = if address.last().0 == "tenant" { address } else { &top };
            *tenant = called(now).to_owned();
        }
        let told_as_now = self.resource.names();
        let told_as_now = told_as_now.into_iter().filter(|name| !self.former.values().any(|now| now == name));
        let mut former: Former = told_as_now.map(|name| (name.clone(), rename(&name))).collect();
        former.extend(self.former.iter().map(|(told, now)| (told.clone(), rename(now))));
        former.retain(|told, now| told != now);
        self.resource = self.resource.renamed(rename);
        self.former = former;
    }
}
