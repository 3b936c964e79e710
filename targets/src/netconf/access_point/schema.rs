//! `openconfig-access-points` and `ranform-airtime`, as far as we own leaves in them.

use crate::netconf::record::{Filler, Identity, record};
use crate::xml::List;

/// `openconfig-access-points`
pub const POINTS: &str = "http://openconfig.net/yang/wifi/access-points";
/// `openconfig-wifi-types`
pub const TYPES: &str = "http://openconfig.net/yang/wifi/wifi-types";
/// `openconfig-ap-manager`
pub const MANAGER: &str = "http://openconfig.net/yang/ap-manager";
/// Our augment, targets/yang.
pub const AIRTIME: &str = "urn:ranform:airtime";

const fn list(namespace: &'static str, name: &'static str, keys: &'static [&'static str]) -> List {
    List { namespace, name, keys, ordered: false, mandatory: false }
}

/// The lists of these modules.
pub const LISTS: &[List] = &[
    list(MANAGER, "provision-ap", &["mac"]),
    list(POINTS, "access-point", &["hostname"]),
    list(POINTS, "radio", &["id", "operating-frequency"]),
    list(POINTS, "ssid", &["name"]),
    list(POINTS, "vlan-list", &[]),
    list(AIRTIME, "airtime", &["radio"]),
];

record! {
    /// `provision-aps`: the host name of an access point refers to an entry here.
    Provision in MANAGER { all: Filler<Vec<ProvisionAp>> = "provision-ap" }
    /// An access point by hardware address.
    ProvisionAp in MANAGER { mac: Option<String> = "mac", config: Option<ProvisionConfig> = "config" }
    /// Its configuration.
    ProvisionConfig in MANAGER { mac: Option<String> = "mac", host: Option<String> = "hostname" }
    /// `access-points`.
    Points in POINTS { all: Vec<Point> = "access-point" }
    /// An access point.
    Point in POINTS {
        host: Option<String> = "hostname",
        config: Option<PointConfig> = "config",
        radios: Option<Radios> = "radios",
        ssids: Option<Ssids> = "ssids",
        country: Option<String> = "country-code" in AIRTIME,
    }
    /// Its configuration. Here as below keys refer to leaves of `config`, which stay as long as the entry.
    PointConfig in POINTS { host: Filler<Option<String>> = "hostname" }
    /// `radios`.
    Radios in POINTS { all: Vec<Radio> = "radio" }
    /// A radio.
    Radio in POINTS {
        id: Option<u8> = "id",
        frequency: Option<Identity> = "operating-frequency",
        config: Option<RadioConfig> = "config",
        standard: Option<String> = "standard" in AIRTIME,
        sharing: Option<String> = "sharing" in AIRTIME,
    }
    /// Its configuration: channel, width in MHz, power in dBm.
    RadioConfig in POINTS {
        id: Filler<Option<u8>> = "id",
        frequency: Filler<Option<Identity>> = "operating-frequency",
        enabled: Filler<Option<bool>> = "enabled",
        state: Option<bool> = "enabled",
        channel: Option<u32> = "channel",
        width: Option<u32> = "channel-width",
        power: Option<i64> = "transmit-power",
    }
    /// `ssids`.
    Ssids in POINTS { all: Vec<Ssid> = "ssid" }
    /// An SSID.
    Ssid in POINTS {
        name: Option<String> = "name",
        config: Option<SsidConfig> = "config",
        airtime: Vec<Airtime> = "airtime",
    }
    /// Its configuration.
    SsidConfig in POINTS {
        name: Filler<Option<String>> = "name",
        enabled: Filler<Option<bool>> = "enabled",
        hidden: Filler<Option<bool>> = "hidden",
        vlan: Option<u16> = "default-vlan",
        vlans: Vec<u16> = "vlan-list",
        frequency: Option<Identity> = "operating-frequency",
    }
    /// What a radio has of an SSID.
    Airtime in AIRTIME {
        radio: Option<u8> = "radio",
        weight: Option<u8> = "weight",
        limit: Option<bool> = "limit",
    }
}
