//! What a plan means to people: shares and PRBs per tenant and interface, and what each SLA gets.
//!
//! Plain numbers, part of the bundle, so that `show` needs no project. Mbps are estimates: share times bandwidth
//! times the efficiency that the intent states, times the downlink part of a TDD pattern.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::answers::{Decisions, SliceShare, SliceShares};
use ranform_network::deployment::{Quotas, Recorded, Resource};
use ranform_network::network::*;
use serde::{Deserialize, Serialize};

use crate::hold::HeldThing;
use crate::identity::IdentityChange;
use crate::interruption::Interruption;
use crate::order::OrderLine;
use crate::outside::KeptLeaf;
use crate::software::replacement::Replacement;
use crate::software::report::SoftwareReport;
use crate::software::storage::StorageLine;

/// Shares and SLAs, before and after, and placed software.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// One per SLA, direction and tenant.
    pub slas: Vec<SlaLine>,
    /// One per interface, tenant and direction.
    pub shares: Vec<ShareLine>,
    /// RICs and requests: where what runs, and what was refused.
    #[serde(default, skip_serializing_if = "SoftwareReport::is_empty")]
    pub software: SoftwareReport,
    /// What stops serving users while the plan is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interruptions: Vec<Interruption>,
    /// Instances whose objects are all made anew in another namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replacements: Vec<Replacement>,
    /// What becomes of what is stored on nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<StorageLine>,
    /// Policies that nothing changes, put back where a RIC that is made anew does not hold them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_back: Vec<Address>,
    /// The order in which an apply takes its steps; empty where fewer than two devices take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<OrderLine>,
    /// Cells that would be others to the world.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_changes: Vec<IdentityChange>,
    /// What stays as it is, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldThing>,
    /// What stays as others made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptLeaf>,
    /// Devices that were not read when the devices were observed: how they are is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Address>,
}

/// What a tenant gets of an SLA's area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlaLine {
    /// The SLA.
    pub sla: Address,
    /// The tenant's name.
    pub tenant: String,
    /// The direction.
    pub direction: Direction,
    /// The share that the SLA asks for, in percent.
    pub target: f64,
    /// The share that the plan gives, after rounding, in percent.
    pub reached: f64,
}

/// A tenant's share of one interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareLine {
    /// The cell or radio.
    pub interface: Address,
    /// The region of its site, for folding.
    pub region: Option<String>,
    /// The tenant's name.
    pub tenant: String,
    /// The direction.
    pub direction: Direction,
    /// `prb`, `prb-policy`, `airtime` or `passive`.
    pub sharing: String,
    /// What is there now; none where the tenant is new.
    pub before: Option<Level>,
    /// What will be there.
    pub after: Level,
}

/// A share in the units people think in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Percent of the interface.
    pub percent: f64,
    /// Resource blocks, by the device's own arithmetic; none on Wi-Fi.
    pub prbs: Option<u32>,
    /// Estimated throughput in Mbit/s; none where no efficiency is stated.
    pub mbps: Option<f64>,
}

impl Summary {
    /// The summary of what is decided against what is recorded.
    pub fn new(
        network: &Network,
        decisions: &Decisions,
        software: SoftwareReport,
        recorded: &BTreeMap<Address, Recorded>,
    ) -> Self {
        let lines = decisions.shares.shares.iter().map(|share| share_line(network, share, recorded)).collect();
        Self {
            slas: sla_lines(network, &decisions.shares),
            shares: merge_directions(lines),
            software,
            ..Self::default()
        }
    }
}

fn tenant_name(network: &Network, tenant: ranform_network::ids::TenantId) -> String {
    network.tenants[tenant].entity.address.last().1.trim_matches('"').to_owned()
}

fn share_line(network: &Network, share: &SliceShare, recorded: &BTreeMap<Address, Recorded>) -> ShareLine {
    let entity = network.entity_of(share.interface);
    let node = &network.nodes[network.node_of(share.interface)];
    let region = node.site.and_then(|site| network.sites[site].region.as_ref()).map(|region| region.to_string());
    let tenant = tenant_name(network, share.tenant);
    let capacity = network.estimated_mbps(share.interface, share.direction);
    let is_cell = matches!(share.interface, Interface::Cell(_));
    let level = |percent: f64, prbs: u32| Level {
        percent,
        prbs: is_cell.then_some(prbs),
        mbps: capacity.map(|capacity| round_to(capacity * percent / 100.0, 1)),
    };
    let address = entity.address.child("tenant", &tenant);
    let before = recorded.get(&address).and_then(|recorded| recorded_level(&recorded.resource, share.direction));
    let before = if share.enforced { before } else { recorded.get(&address).map(|_| (share.percent, share.prbs)) };
    ShareLine {
        interface: entity.address.clone(),
        region,
        tenant,
        direction: share.direction,
        sharing: network.sharing_of(share.interface).map_or("", |sharing| sharing.mode.word()).to_owned(),
        before: before.map(|(percent, prbs)| level(percent, prbs)),
        after: level(share.percent, share.prbs),
    }
}

/// Percent and PRBs that a recorded resource holds in one direction.
fn recorded_level(resource: &Resource, direction: Direction) -> Option<(f64, u32)> {
    match resource {
        Resource::CellTenant(tenant) => {
            let quota = match tenant.quota? {
                Quotas::Both { both } => both,
                Quotas::Each { dl, ul } => (if direction == Direction::Ul { ul } else { dl })?,
            };
            Some((quota.min, quota.prbs))
        }
        Resource::RadioTenant(tenant) => Some((tenant.weight?, 0)),
        _ => None,
    }
}

fn round_to(value: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    (value * scale).round() / scale
}

/// Where downlink and uplink say the same, one line says it for both.
fn merge_directions(lines: Vec<ShareLine>) -> Vec<ShareLine> {
    let mut merged: Vec<ShareLine> = Vec::with_capacity(lines.len());
    for mut line in lines {
        if let Some(last) = merged.last_mut() {
            let percent = |level: &Option<Level>| level.map(|level| level.percent);
            if last.interface == line.interface
                && last.tenant == line.tenant
                && last.direction == Direction::Dl
                && line.direction == Direction::Ul
                && percent(&last.before) == percent(&line.before)
                && last.after.percent == line.after.percent
            {
                last.direction = Direction::Both;
                continue;
            }
        }
        line.after.mbps = line.after.mbps.map(|mbps| round_to(mbps, 1));
        merged.push(line);
    }
    merged
}

/// The weighted mean share of each tenant over each SLA's interfaces.
fn sla_lines(network: &Network, shares: &SliceShares) -> Vec<SlaLine> {
    let by_place: BTreeMap<_, f64> =
        shares.shares.iter().map(|share| ((share.interface, share.tenant, share.direction), share.percent)).collect();
    // What is left out and was never applied has no shares: it counts in no SLA.
    let there: BTreeSet<Interface> = shares.shares.iter().map(|share| share.interface).collect();
    let mut lines = Vec::new();
    for (_, sla) in network.slas.iter() {
        let interfaces: Vec<Interface> = sla.interfaces.iter().copied().filter(|at| there.contains(at)).collect();
        for direction in [Direction::Dl, Direction::Ul] {
            if !sla.direction.covers(direction) {
                continue;
            }
            let weights: Vec<f64> = interfaces.iter().map(|at| weight(network, *at, sla.weight)).collect();
            let total: f64 = weights.iter().sum();
            for share in &sla.shares {
                let got = interfaces
                    .iter()
                    .zip(&weights)
                    .map(|(at, weight)| by_place.get(&(*at, share.tenant, direction)).copied().unwrap_or(0.0) * weight);
                lines.push(SlaLine {
                    sla: sla.entity.address.clone(),
                    tenant: tenant_name(network, share.tenant),
                    direction,
                    target: round_to(share.share.value.percent(), 6),
                    reached: round_to(got.sum::<f64>() / total.max(f64::MIN_POSITIVE), 6),
                });
            }
        }
    }
    merge_sla_directions(lines)
}

fn merge_sla_directions(lines: Vec<SlaLine>) -> Vec<SlaLine> {
    let uplink: BTreeMap<(Address, String), SlaLine> = lines
        .iter()
        .filter(|line| line.direction == Direction::Ul)
        .map(|line| ((line.sla.clone(), line.tenant.clone()), line.clone()))
        .collect();
    let same = |line: &SlaLine| {
        let other = uplink.get(&(line.sla.clone(), line.tenant.clone()));
        other.is_some_and(|other| other.target == line.target && other.reached == line.reached)
    };
    let downlink_same: BTreeSet<(Address, String)> = lines
        .iter()
        .filter(|line| line.direction == Direction::Dl && same(line))
        .map(|line| (line.sla.clone(), line.tenant.clone()))
        .collect();
    let merged = lines.into_iter().filter_map(|mut line| {
        if !downlink_same.contains(&(line.sla.clone(), line.tenant.clone())) {
            return Some(line);
        }
        if line.direction == Direction::Ul {
            return None;
        }
        line.direction = Direction::Both;
        Some(line)
    });
    merged.collect()
}

/// The weight of an interface in an SLA (slicing.md D10).
fn weight(network: &Network, interface: Interface, weighting: Weighting) -> f64 {
    let (bandwidth, efficiency) = match interface {
        Interface::Cell(cell) => (network.cells[cell].bandwidth.value.0, network.cells[cell].efficiency),
        Interface::Radio(radio) => (network.radios[radio].width.value.0, network.radios[radio].efficiency),
        Interface::Port(_) => return 0.0,
    };
    match weighting {
        Weighting::Equal => 1.0,
        Weighting::Bandwidth => bandwidth as f64 / 1e6,
        Weighting::Capacity => bandwidth as f64 / 1e6 * efficiency.unwrap_or(1.0),
    }
}
