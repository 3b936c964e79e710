//! A1 policies as things that near-RT RICs hold. How they are made from what was meant is in `place_policies`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::a1::PolicyType;
use crate::address::slug;
use crate::network::*;
use crate::radio::{Plmn, Snssai};

/// A policy at a near-RT RIC, with everything that is decided about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyResource {
    /// Its type at the RIC.
    pub policy_type: PolicyType,
    /// The integer that the RIC has for the type; none where its types have names.
    pub type_number: Option<u32>,
    /// Whom and which cells it is for.
    pub scope: PolicyScope,
    /// What is wanted, by objective.
    #[serde(default)]
    pub objectives: BTreeMap<Objective, f64>,
    /// Cells to steer to and from, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steering: Vec<SteeringEntry>,
    /// The cells that it is about (slice SLA, energy saving), or where load may go (load balancing).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellIdentity>,
    /// The tracking areas that it is about, instead of cells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking_areas: Vec<TrackingArea>,
    /// What saving energy leaves as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spares: Vec<SparesEntry>,
    /// Whether it may vanish with a restart of the RIC or of the management service.
    #[serde(default)]
    pub transient: bool,
    /// The service under which a management service keeps it, where it shows that (version 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether the apply fails unless the RIC reports that it is enforced.
    #[serde(default)]
    pub require_enforced: bool,
    /// Members found at the RIC that no objective of ours explains, by their path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unexplained: BTreeMap<String, serde_json::Value>,
}

impl PolicyResource {
    /// A policy of this type that says nothing yet.
    pub fn new(policy_type: PolicyType, type_number: Option<u32>) -> Self {
        Self {
            policy_type,
            type_number,
            scope: PolicyScope::default(),
            objectives: BTreeMap::new(),
            steering: Vec::new(),
            cells: Vec::new(),
            tracking_areas: Vec::new(),
            spares: Vec::new(),
            transient: false,
            service: None,
            require_enforced: false,
            unexplained: BTreeMap::new(),
        }
    }
}

/// Whom and which cell a policy is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyScope {
    /// One user equipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ue: Option<UeIdentity>,
    /// A group of user equipments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// A slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<SliceIdentity>,
    /// A kind of QoS flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<QosId>,
    /// One cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<CellIdentity>,
}

/// A slice of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceIdentity {
    /// The network.
    pub plmn: Plmn,
    /// The slice.
    pub snssai: Snssai,
}

/// A user equipment, as one of those who serve it numbers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UeIdentity {
    /// A RAN UE id, 16 upper-case hexadecimal digits, and the gNB that gave it (none in generation 2.0.0).
    Ran(String, Option<GnbIdentity>),
    /// A number at an access and mobility management function.
    Amf(Guami, u64),
    /// A number at a mobility management entity.
    Mme(Gummei, u32),
    /// A number at a gNB, for one of its interfaces.
    Gnb(UeInterface, GnbIdentity, u32),
    /// A number at an ng-eNB, towards other NG-RAN nodes.
    NgEnb(EnbIdentity, u32),
    /// A number at an eNB, towards others.
    Enb(EnbIdentity, u32),
}

/// A gNB of a network (TS 38.413 9.3.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GnbIdentity {
    /// The network.
    pub plmn: Plmn,
    /// Its number.
    pub value: u32,
    /// The bits of its number, 22..=32.
    pub length: u8,
}

/// An eNB of a network (TS 36.413 9.2.1.37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnbIdentity {
    /// The network.
    pub plmn: Plmn,
    /// Its number: 20 bits, 28 of a home eNB.
    pub value: u32,
    /// Whether it is a home eNB.
    pub home: bool,
}

/// A tracking area of a network (TS 23.003 19.4.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrackingArea {
    /// The network.
    pub plmn: Plmn,
    /// Its code, 24 bits.
    pub tac: u32,
}

/// A cell of a network (TS 38.413 9.3.1.7, TS 36.413 9.2.1.38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellIdentity {
    /// The network: the host's.
    pub plmn: Plmn,
    /// The cell in it.
    pub id: CellNumber,
}

/// A cell within a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellNumber {
    /// NR cell identity, 36 bits.
    Nci(u64),
    /// E-UTRA cell identity, 28 bits.
    Eci(u32),
}

/// Cells to steer to or from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteeringEntry {
    /// How strongly.
    pub preference: Preference,
    /// Whether primary cells only are meant.
    pub primary: bool,
    /// The cells, the strongest first.
    pub cells: Vec<CellIdentity>,
}

/// Cells that saving energy leaves as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparesEntry {
    /// What of them.
    pub what: Spared,
    /// Whether in any case; where it can be avoided otherwise.
    pub forbidden: bool,
    /// The cells, those to spare most first.
    pub cells: Vec<CellIdentity>,
    /// Cells save only while this percentage of their downlink resource blocks, or less, is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub while_dl: Option<u8>,
    /// The same, uplink.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub while_ul: Option<u8>,
}

/// Something wanted, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say what is wanted, in which direction and in which unit")]
pub enum Objective {
    GuaranteeDlKbps,
    GuaranteeUlKbps,
    AtMostDlKbps,
    AtMostUlKbps,
    AtMostPerUeDlKbps,
    AtMostPerUeUlKbps,
    AtMostUes,
    AtMostSessions,
    DelayMs,
    DelayDlMs,
    DelayUlMs,
    LossDl,
    LossUl,
    JitterDlMs,
    JitterUlMs,
    PacketDlBytes,
    PacketUlBytes,
    ReliabilityDl,
    ReliabilityDlBytes,
    ReliabilityDlMs,
    ReliabilityUl,
    ReliabilityUlBytes,
    ReliabilityUlMs,
    Priority,
    PriorityDl,
    PriorityUl,
    QualityScore,
    QualityBufferingSeconds,
    QualityRebuffering,
    QualityStallRatio,
    PrbUsageDlPercent,
    /// 1 mean and 2 peak of the cell, 3 mean and 4 peak of the slice.
    PrbUsageDlType,
    PrbUsageUlPercent,
    /// As downlink.
    PrbUsageUlType,
    EnergyPercent,
    EnergyKwh,
}

/// What the ids of an owner's policies begin with: short enough that the name of a document fits into a bundle.
pub fn policy_prefix(owner: &str) -> String {
    let prefix: String = slug(owner).chars().take(16).collect();
    prefix.trim_end_matches('-').to_owned()
}

/// The id of a policy at a RIC: unique over all types, so that it never comes back under another one.
pub fn policy_id(device_id: &str, policy_type: PolicyType) -> String {
    format!("{device_id}.{}", policy_type.suffix())
}
