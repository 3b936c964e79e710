//! Interfaces whose shares are not for this plan to decide: their device is held as it is.

use std::collections::BTreeMap;

use ranform_network::ids::TenantId;
use ranform_network::network::{Direction, Interface};

/// The shares that stay, by interface; an interface with none carries nobody yet and counts in no SLA.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    shares: BTreeMap<Interface, BTreeMap<(TenantId, Direction), f64>>,
}

impl Held {
    /// Nothing is held.
    pub const NONE: &'static Held = &Held { shares: BTreeMap::new() };

    /// Holds an interface, with no shares yet.
    pub fn hold(&mut self, interface: Interface) {
        self.shares.entry(interface).or_default();
    }

    /// Holds a tenant's share of an interface, a fraction, in `Dl` or `Ul`.
    pub fn hold_share(&mut self, interface: Interface, tenant: TenantId, direction: Direction, share: f64) {
        self.shares.entry(interface).or_default().insert((tenant, direction), share);
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// Whether the interface is held.
    pub fn holds(&self, interface: Interface) -> bool {
        self.shares.contains_key(&interface)
    }

    /// Whether the interface is held and carries nobody.
    pub fn is_idle(&self, interface: Interface) -> bool {
        self.shares.get(&interface).is_some_and(BTreeMap::is_empty)
    }

    /// The share of a tenant on an interface that is held.
    pub fn share(&self, interface: Interface, tenant: TenantId, direction: Direction) -> Option<f64> {
        self.shares.get(&interface)?.get(&(tenant, direction)).copied()
    }
}
