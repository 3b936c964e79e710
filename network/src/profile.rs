//! What a device type can do, as data: `network/profiles/*.toml`, one file per device.
//!
//! A profile decides containment, encodings, knobs and their effects, grids and how the device is reached.
//! Nothing in the code branches on a profile's name.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::network::{NodeKind, Protocol, SharingMode};

/// A device type and software version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// Its name in the language, e.g. `3gpp-r18`.
    pub name: String,
    /// One line for people.
    pub summary: String,
    /// The node kinds it is for.
    pub kinds: Vec<NodeKind>,
    /// The format its configuration is rendered in, a name of `targets::TARGETS`.
    pub target: String,
    /// How it can be reached.
    pub protocols: Vec<Protocol>,
    /// Where RRM policies stand.
    #[serde(default)]
    pub containment: Containment,
    /// How a slice differentiator is written.
    #[serde(default)]
    pub sd: SdStyle,
    /// How shares are enforced; none for a device without shares (a switch).
    #[serde(default)]
    pub sharing: Option<SharingCapability>,
    /// The transmit powers that its format holds; none where any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<PowerRange>,
    /// How its cells are taken out of service before a change that restarts them; none for a device without a leaf
    /// for it, which takes such a change as it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// The leaves it has (named as the leaves of a `Resource`), each with the effect of changing it.
    /// A leaf that is not here cannot be carried.
    pub knobs: BTreeMap<String, Effect>,
    /// Whether the tenants' PLMNs and slices are configured on the device by other means: it is a scheduler, told of
    /// shares only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identities_elsewhere: bool,
    /// The YANG modules that must be implemented, in load order, for NETCONF targets.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Further options of its target, e.g. the shape of a document.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// Where RRM policies stand in a device's tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Containment {
    /// Inside each cell (3GPP from release 18).
    #[default]
    Cell,
    /// Once per managed element, bound to no cell (release 16 shape): all cells of the node share one policy set.
    TopLevel,
}

/// How a slice differentiator is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SdStyle {
    /// Six hexadecimal digits, `FFFFFF` for none.
    #[default]
    Hex,
    /// Colon-separated octets, `ff:ff:ff` for none.
    Octets,
    /// An integer, left out for none.
    Integer,
    /// The technology has no slices.
    None,
}

/// How a device enforces shares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SharingCapability {
    /// The modes it offers, the default first.
    pub modes: Vec<SharingMode>,
    /// How it turns a share into resources.
    pub grid: GridKind,
    /// The smallest share it enforces, in percent; 0 where any.
    #[serde(default)]
    pub smallest_percent: f64,
    /// Whether downlink and uplink can have different shares.
    #[serde(default)]
    pub directions: bool,
    /// Whether it has a dedicated ratio.
    #[serde(default)]
    pub dedicated: bool,
    /// Whether unused resources go to others.
    #[serde(default)]
    pub work_conserving: bool,
}

/// Transmit powers that a device's format holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PowerRange {
    /// The lowest, in dBm.
    pub lowest: f64,
    /// The highest, in dBm.
    pub highest: f64,
    /// Whether only whole dBm can be written.
    #[serde(default)]
    pub whole: bool,
}

/// How a device takes a cell out of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lock {
    /// The states to go through, in order.
    pub states: Vec<AdministrativeState>,
    /// Seconds left to the users of a cell that is shutting down.
    #[serde(default)]
    pub drain_seconds: u32,
}

/// The administrative state of a managed object (ITU-T X.731 8.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdministrativeState {
    /// Serves users.
    Unlocked,
    /// Serves those who are there and takes no others.
    ShuttingDown,
    /// Serves nobody.
    Locked,
}

/// The grid of a device's shares and its own arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GridKind {
    /// Whole percent; PRBs = floor(N_RB * percent / 100) (NRM, srsRAN).
    PercentFloor,
    /// Whole percent of airtime or weight.
    Percent,
    /// Resource block groups of the bandwidth, edges excluded (FlexRAN static).
    ResourceBlockGroups,
    /// Thousandths, as a fraction (FlexRIC NVS).
    Permille,
}

/// What changing a leaf does to users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nobody notices.
    #[default]
    Hitless,
    /// Connected user equipments are released.
    UeRelease,
    /// The cell or radio restarts.
    CellRestart,
    /// The node restarts.
    NodeRestart,
}

impl Effect {
    /// The words printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hitless => "hitless",
            Self::UeRelease => "ue-release",
            Self::CellRestart => "cell-restart",
            Self::NodeRestart => "node-restart",
        }
    }
}

impl Profile {
    /// Whether the device has this leaf, named as the leaves of a `Resource`.
    pub fn has(&self, leaf: &str) -> bool {
        self.knobs.contains_key(leaf)
    }

    /// Whether it is told of software to run and of nothing that it radiates or carries.
    pub fn only_runs_software(&self) -> bool {
        !self.knobs.is_empty()
            && self.knobs.keys().all(|leaf| leaf.starts_with("ric-instance.") || leaf.starts_with("model-instance."))
    }

    /// Whether an E2 node of this profile can be told its E2 termination; one that cannot stays with the one it has.
    pub fn moves_e2(&self) -> bool {
        self.has("node.e2_endpoint")
    }
}

macro_rules! shipped {
    ($($file:literal)*) => {
        /// The shipped profile files: name and text.
        pub const FILES: &[(&str, &str)] = &[$(($file, include_str!(concat!("../profiles/", $file, ".toml")))),*];
    };
}
shipped!("directory" "3gpp-r16" "3gpp-r17" "3gpp-r18" "3gpp-r18-e2" "ranform-lte" "openconfig-ap" "openconfig-ap-plain" "hostapd" "srsran" "flexran" "flexran-percentage" "flexric" "o-ran-vlan" "openconfig-vlan" "ietf-vlan" "compute" "kubernetes" "a1-2" "a1-r004");

/// All shipped profiles by name. A shipped file that does not parse is left out here and fails a test.
pub static PROFILES: LazyLock<BTreeMap<String, Arc<Profile>>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|(_, text)| toml::from_str::<Profile>(text).ok())
        .map(|profile| (profile.name.clone(), Arc::new(profile)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_parses_under_its_file_name() {
        for (file, text) in FILES {
            let profile: Profile = toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(profile.name, *file);
            assert!(!profile.kinds.is_empty(), "{file} is for no node kind");
        }
    }
}
