//! The typed things that devices hold. One variant per kind; leaves are named once, here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::software::{Amounts, ClusterPlace, ModelInstanceResource, RicInstanceResource};
use crate::network::{Duplex, SharingMode, Technology};
use crate::radio::{Plmn, Snssai, WifiBand};

/// A thing that a device holds, with everything that is decided about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Resource {
    /// The base station or access point itself.
    Node(NodeResource),
    /// An NR or LTE cell, without its tenants.
    Cell(CellResource),
    /// A tenant on a cell: identifiers and quota.
    CellTenant(CellTenantResource),
    /// A Wi-Fi radio, without its tenants.
    Radio(RadioResource),
    /// A tenant on a radio: SSID and airtime.
    RadioTenant(RadioTenantResource),
    /// An Ethernet port.
    Port(PortResource),
    /// A VLAN on a port.
    PortVlan(PortVlanResource),
    /// An instance of a component or xApp of a near-RT RIC on a compute node.
    RicInstance(RicInstanceResource),
    /// An instance of a model on the node that hosts it.
    ModelInstance(ModelInstanceResource),
    /// An A1 policy at a near-RT RIC.
    Policy(Box<super::PolicyResource>),
}

/// Identity and core endpoints of a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeResource {
    /// gNB or eNB identity.
    pub id: Option<u32>,
    /// Length of the identity in bits.
    pub id_length: Option<u8>,
    /// Identity of a DU within its gNB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub du_id: Option<u64>,
    /// Name of a DU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub du_name: Option<String>,
    /// Core endpoints: PLMN, role (`amf`, `mme`), address; in tenant order.
    pub cores: Vec<CoreEndpoint>,
    /// Country of an access point.
    pub country: Option<String>,
    /// Address and port of its E2 termination.
    pub e2_endpoint: Option<String>,
}

/// A core network endpoint of a PLMN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreEndpoint {
    /// The PLMN it serves.
    pub plmn: Plmn,
    /// `amf` or `mme`.
    pub role: String,
    /// Its address.
    pub address: String,
}

/// Day-0 attributes of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellResource {
    /// NR or LTE.
    pub technology: Technology,
    /// Cell local identity.
    pub local_id: Option<u32>,
    /// Band number.
    pub band: u16,
    /// Downlink carrier in Hz.
    pub carrier_hz: u64,
    /// Uplink carrier in Hz.
    pub uplink_carrier_hz: u64,
    /// Downlink ARFCN (NR-ARFCN or EARFCN).
    pub arfcn_dl: u32,
    /// Uplink ARFCN.
    pub arfcn_ul: u32,
    /// Channel bandwidth in Hz.
    pub bandwidth_hz: u64,
    /// Subcarrier spacing in Hz.
    pub scs_hz: u64,
    /// Resource blocks.
    pub prbs: u32,
    /// Duplex mode.
    pub duplex: Duplex,
    /// TDD pattern as D, S, U.
    pub tdd_pattern: Option<String>,
    /// Physical cell identity.
    pub pci: Option<u32>,
    /// Tracking area code.
    pub tac: Option<u32>,
    /// SSB frequency as NR-ARFCN.
    pub ssb_arfcn: Option<u32>,
    /// Power in dBm.
    pub power_dbm: Option<f64>,
    /// Azimuth in degrees.
    pub azimuth_deg: Option<f64>,
    /// Down-tilt in degrees.
    pub tilt_deg: Option<f64>,
    /// In service or not.
    pub unlocked: bool,
    /// The operator's own PLMN, first in the list.
    pub host_plmn: Option<Plmn>,
    /// How its resource is shared.
    pub sharing: SharingMode,
}

/// What a tenant has on a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellTenantResource {
    /// The PLMN radiated.
    pub plmn: Plmn,
    /// The slice; none on LTE.
    pub snssai: Option<Snssai>,
    /// Its quota; none on a passive cell.
    pub quota: Option<Quotas>,
    /// Place in the cell's ordered PLMN list, the host being 0.
    pub order: u32,
    /// Scheduling priority, where one is asked for.
    pub priority: Option<u32>,
}

/// Quotas of one tenant on one cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Quotas {
    /// One value for both directions.
    Both {
        /// The quota.
        both: Quota,
    },
    /// One per controlled direction.
    Each {
        /// Downlink.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        dl: Option<Quota>,
        /// Uplink.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        ul: Option<Quota>,
    },
}

/// An RRM policy ratio in percent on the device's grid (TS 28.541 4.3.36).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quota {
    /// Never given to others.
    pub dedicated: f64,
    /// Given to others only while unused.
    pub min: f64,
    /// Never exceeded.
    pub max: f64,
    /// Resource blocks that the device makes of `min`.
    pub prbs: u32,
}

/// Day-0 attributes of a Wi-Fi radio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RadioResource {
    /// Band of the channel number.
    pub band: WifiBand,
    /// Channel number.
    pub channel: u32,
    /// Channel width in Hz.
    pub width_hz: u64,
    /// IEEE standard.
    pub standard: String,
    /// Power in dBm.
    pub power_dbm: Option<f64>,
    /// Country.
    pub country: Option<String>,
    /// The interface's name on the device, where it is stated.
    pub interface: Option<String>,
    /// In service or not, where it is stated.
    pub unlocked: Option<bool>,
    /// How its airtime is shared.
    pub sharing: SharingMode,
}

/// What a tenant has on a radio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RadioTenantResource {
    /// The SSID radiated.
    pub ssid: String,
    /// The VLAN it is bridged to.
    pub vlan: Option<u16>,
    /// Airtime weight in percent; none on a passive radio.
    pub weight: Option<f64>,
    /// Whether it may not exceed its share.
    pub limit: bool,
}

/// An Ethernet port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PortResource {
    /// The interface's name on the device.
    pub interface: String,
    /// MTU in bytes.
    pub mtu: Option<u32>,
    /// In service or not, where it is stated.
    pub unlocked: Option<bool>,
}

/// A VLAN on a port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PortVlanResource {
    /// The parent interface's name on the device.
    pub interface: String,
    /// The VLAN.
    pub vlan: u16,
    /// What it is for.
    pub description: String,
}

/// A leaf of a resource: dotted path and value. Paths are the names of profile knobs
/// (`cell.carrier_hz`, `cell-tenant.quota.both.min`) and the unit of ownership.
pub type Leaves = BTreeMap<String, serde_json::Value>;

impl Resource {
    /// The words of [`Self::kind`].
    pub const KINDS: [&str; 10] = [
        "node",
        "cell",
        "cell-tenant",
        "radio",
        "radio-tenant",
        "port",
        "port-vlan",
        "ric-instance",
        "model-instance",
        "policy",
    ];

    /// The kind's word, as in its serialized form.
    pub fn kind(&self) -> &'static str {
        // INVARIANT: every word is in `KINDS`.
        match self {
            Self::Node(_) => "node",
            Self::Cell(_) => "cell",
            Self::CellTenant(_) => "cell-tenant",
            Self::Radio(_) => "radio",
            Self::RadioTenant(_) => "radio-tenant",
            Self::Port(_) => "port",
            Self::PortVlan(_) => "port-vlan",
            Self::RicInstance(_) => "ric-instance",
            Self::ModelInstance(_) => "model-instance",
            Self::Policy(_) => "policy",
        }
    }

    /// What each replica of an instance of software needs; none for anything else.
    pub fn demand(&self) -> Option<&Amounts> {
        match self {
            Self::RicInstance(instance) => Some(&instance.demand),
            Self::ModelInstance(instance) => Some(&instance.demand),
            _ => None,
        }
    }

    /// How many of an instance of software run on its node; one of anything else.
    pub fn replicas(&self) -> u32 {
        let said = match self {
            Self::RicInstance(instance) => instance.replicas,
            Self::ModelInstance(instance) => instance.replicas,
            _ => None,
        };
        self.cluster().map(|place| place.replicas).or(said).unwrap_or(1)
    }

    /// Where a cluster runs it; none where no cluster does.
    pub fn cluster(&self) -> Option<&ClusterPlace> {
        match self {
            Self::RicInstance(instance) => instance.cluster.as_ref(),
            Self::ModelInstance(instance) => instance.cluster.as_ref(),
            _ => None,
        }
    }

    /// The same, to be set.
    pub fn cluster_mut(&mut self) -> Option<&mut ClusterPlace> {
        match self {
            Self::RicInstance(instance) => instance.cluster.as_mut(),
            Self::ModelInstance(instance) => instance.cluster.as_mut(),
            _ => None,
        }
    }

    /// All leaves that are set. Lists are one leaf, since their order may matter.
    pub fn leaves(&self) -> Leaves {
        let mut leaves = Leaves::new();
        // A resource is plain data; serialization of plain data does not fail.
        if let Ok(serde_json::Value::Object(object)) = serde_json::to_value(self) {
            for (name, value) in object {
                if name != "kind" {
                    flatten(format!("{}.{name}", self.kind()), value, &mut leaves);
                }
            }
        }
        leaves
    }

    /// The same with one leaf set otherwise, or not set; none where there is no such leaf or it cannot be that.
    pub fn with_leaf(&self, path: &str, value: Option<&serde_json::Value>) -> Option<Self> {
        let path = path.strip_prefix(self.kind())?.strip_prefix('.')?;
        let mut whole = serde_json::to_value(self).ok()?;
        let mut place = &mut whole;
        for step in path.split('.') {
            if place.is_null() {
                *place = serde_json::Value::Object(serde_json::Map::new());
            }
            place = place.as_object_mut()?.entry(step).or_insert(serde_json::Value::Null);
        }
        *place = value.cloned().unwrap_or_default();
        let changed: Self = serde_json::from_value(whole).ok()?;
        // A name that no leaf has is read over; then nothing was set.
        (changed.leaves().get(&format!("{}.{path}", self.kind())) == value).then_some(changed)
    }
}

fn flatten(path: String, value: serde_json::Value, leaves: &mut Leaves) {
    match value {
        serde_json::Value::Null => {}
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                flatten(format!("{path}.{name}"), value, leaves);
            }
        }
        value => {
            leaves.insert(path, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_set_by_its_path_or_not_at_all() {
        let quota = Quota { dedicated: 0.0, min: 60.0, max: 60.0, prbs: 60 };
        let tenant = Resource::CellTenant(CellTenantResource {
            plmn: Plmn::parse("001-01").unwrap(),
            snssai: None,
            quota: Some(Quotas::Both { both: quota }),
            order: 1,
            priority: None,
        });
        let thirty = serde_json::json!(30.0);
        let changed = tenant.with_leaf("cell-tenant.quota.both.min", Some(&thirty)).unwrap();
        assert_eq!(changed.leaves()["cell-tenant.quota.both.min"], thirty);
        assert_eq!(changed.with_leaf("cell-tenant.quota.both.min", Some(&60.0.into())), Some(tenant.clone()));
        assert_eq!(tenant.with_leaf("cell-tenant.quota.both.mni", Some(&thirty)), None);
        assert_eq!(tenant.with_leaf("cell-tenant.plmn", None), None, "a leaf that must be there cannot go");
        assert_eq!(tenant.with_leaf("radio-tenant.ssid", Some(&thirty)), None);
        let five = tenant.with_leaf("cell-tenant.priority", Some(&5.into())).unwrap();
        assert_eq!(five.with_leaf("cell-tenant.priority", None), Some(tenant));
    }
}
