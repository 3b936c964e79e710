//! What is asked of the radio: tenants, chunks, services, SLAs.

use serde::Serialize;

use super::{Direction, Entity, Interface, Name, Technology};
use crate::ids::*;
use crate::radio::{Plmn, Snssai};
use crate::source::{Located, Span};
use crate::units::*;

/// An operator or enterprise that shares the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tenant {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// Its PLMN.
    pub plmn: Option<Located<Plmn>>,
    /// Its slice.
    pub snssai: Option<Located<Snssai>>,
    /// Its Wi-Fi network name.
    pub ssid: Option<Located<Name>>,
    /// Its transport VLAN, 1..=4094.
    pub vlan: Option<Located<u16>>,
    /// Its core endpoints by role (`amf`, `mme`, `upf`, or empty for all), in order.
    pub cores: Vec<(Name, Located<Name>)>,
    /// People to ask.
    pub contacts: Vec<Name>,
}

/// A tenant's group of interfaces.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chunk {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// Whose it is.
    pub tenant: Located<TenantId>,
    /// The interfaces, sorted, each once.
    pub interfaces: Vec<Interface>,
    /// Where they are selected.
    pub interfaces_span: Span,
    /// A fixed share, where no SLA covers the interfaces.
    pub ratio: Option<Located<Share>>,
}

/// A connectivity service radiated on a chunk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The chunk it is on.
    pub chunk: Located<ChunkId>,
    /// The PLMN radiated; the tenant's by default.
    pub plmn: Option<Located<Plmn>>,
    /// The slice; the tenant's by default.
    pub snssai: Option<Located<Snssai>>,
    /// The SSID radiated; the tenant's by default.
    pub ssid: Option<Located<Name>>,
    /// The transport VLAN; the tenant's by default.
    pub vlan: Option<Located<u16>>,
    /// Fixed shares per technology, where no SLA covers the interface.
    pub ratios: Vec<(Technology, Located<Share>)>,
    /// Wanted throughput per slice, downlink.
    pub throughput_dl: Option<Located<BitsPerSecond>>,
    /// Wanted throughput per slice, uplink.
    pub throughput_ul: Option<Located<BitsPerSecond>>,
    /// Wanted packet delay.
    pub latency: Option<Located<Nanoseconds>>,
    /// Wanted number of user equipments.
    pub ues: Option<Located<u32>>,
}

/// Shares of the resources of an area between tenants over a window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sla {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The interfaces it covers (cells and radios), sorted, each once.
    pub interfaces: Vec<Interface>,
    /// Where the area is named.
    pub over_span: Span,
    /// Tenants and their shares; sums to 1.
    pub shares: Vec<SlaShare>,
    /// Where the shares stand.
    pub shares_span: Span,
    /// T_SLA: the window of the average.
    pub window: Located<Nanoseconds>,
    /// T_loop: the control period.
    pub period: Located<Nanoseconds>,
    /// The floor of every tenant on every node.
    pub floor: Option<Located<Share>>,
    /// Directions.
    pub direction: Direction,
    /// How nodes of unequal size count.
    pub weight: Weighting,
    /// Minimum shares.
    pub guarantees: Vec<Bound>,
    /// Maximum shares.
    pub caps: Vec<Bound>,
    /// What tenants that are present but not named get: none means that is an error.
    pub others: Option<Located<Share>>,
    /// D8: the weight of equal ratios against the goal, 0.1 by default.
    pub theta: f64,
    /// Whether the best that can be had is enough.
    pub best_effort: bool,
}

/// One tenant's share of an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SlaShare {
    /// The tenant.
    pub tenant: TenantId,
    /// Its share, where written.
    pub share: Located<Share>,
}

/// A guarantee or cap of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// The tenant.
    pub tenant: Located<TenantId>,
    /// The share.
    pub share: Located<Share>,
    /// The interfaces it holds on, each; none means the average over the SLA's area.
    pub on: Option<Vec<Interface>>,
}

/// How nodes of unequal size count in an SLA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// All the same.
    #[default]
    Equal,
    /// By bandwidth.
    Bandwidth,
    /// By capacity: bandwidth times efficiency.
    Capacity,
}
