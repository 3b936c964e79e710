//! Which line of the language decides a leaf of a [`Resource`](super::Resource).

/// Leaves without their resource's kind where one line decides several, and `NOUN.ATTRIBUTE` of the lines that decide
/// them. Attributes of several words are written with hyphens.
const TABLE: &[(&str, &[&str])] = &[
    ("cell.azimuth_deg", &["cell.azimuth"]),
    ("cell.arfcn_dl", &["cell.carrier"]),
    ("cell.arfcn_ul", &["cell.carrier", "cell.uplink-carrier"]),
    ("cell.band", &["cell.band"]),
    ("cell.bandwidth_hz", &["cell.bandwidth"]),
    ("cell.carrier_hz", &["cell.carrier"]),
    ("cell.duplex", &["cell.duplex"]),
    ("cell.host_plmn", &["node.plmn"]),
    ("cell.local_id", &["cell.local-id"]),
    ("cell.pci", &["cell.pci"]),
    ("cell.power_dbm", &["cell.power"]),
    ("cell.prbs", &["cell.bandwidth", "cell.prbs"]),
    ("cell.scs_hz", &["cell.scs"]),
    ("cell.sharing", &["cell.sharing"]),
    ("cell.ssb_arfcn", &["cell.ssb"]),
    ("cell.tac", &["cell.tac"]),
    ("cell.tdd_pattern", &["cell.tdd"]),
    ("cell.tilt_deg", &["cell.tilt"]),
    ("cell.unlocked", &["cell.state"]),
    ("cell.uplink_carrier_hz", &["cell.carrier", "cell.uplink-carrier"]),
    ("cell-tenant.plmn", &["tenant.plmn", "service.plmn"]),
    ("cell-tenant.quota", SHARES),
    ("cell-tenant.snssai", &["tenant.slice", "service.slice"]),
    ("node.cores", &["tenant.core"]),
    ("node.country", &["radio.country"]),
    ("node.du_id", &["node.gnb-du-id"]),
    ("node.du_name", &["node.gnb-du-name"]),
    ("node.e2_endpoint", &["node.e2"]),
    ("node.id", &["node.gnb-id", "node.enb-id"]),
    ("node.id_length", &["node.gnb-id"]),
    ("port.interface", &["port.interface"]),
    ("port.mtu", &["port.mtu"]),
    ("port.unlocked", &["port.state"]),
    ("port-vlan.vlan", &["tenant.vlan", "service.vlan"]),
    ("radio.band", &["radio.band"]),
    ("radio.channel", &["radio.channel"]),
    ("radio.country", &["radio.country"]),
    ("radio.interface", &["radio.interface"]),
    ("radio.power_dbm", &["radio.power"]),
    ("radio.sharing", &["radio.sharing"]),
    ("radio.standard", &["radio.standard"]),
    ("radio.unlocked", &["radio.state"]),
    ("radio.width_hz", &["radio.width"]),
    ("radio-tenant.limit", &["sla.cap"]),
    ("radio-tenant.ssid", &["tenant.ssid", "service.ssid"]),
    ("radio-tenant.vlan", &["tenant.vlan", "service.vlan"]),
    ("radio-tenant.weight", SHARES),
];

/// What decides a tenant's part of an interface.
const SHARES: &[&str] =
    &["chunk.ratio", "service.ratio", "sla.cap", "sla.floor", "sla.guarantee", "sla.share", "sla.theta", "sla.weight"];

/// The attributes, as `NOUN.ATTRIBUTE`, that decide a leaf such as `cell-tenant.quota.both.min`; none where the leaf
/// follows from something else.
pub fn attributes_of_leaf(leaf: &str) -> &'static [&'static str] {
    let covers = |name: &str| leaf.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    TABLE.iter().find(|(name, _)| covers(name)).map_or(&[], |(_, attributes)| attributes)
}

/// Every attribute, as `NOUN.ATTRIBUTE`, that decides a leaf of a device; some several times.
pub fn deciding_attributes() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|(_, attributes)| attributes.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_found_whole_not_by_a_part_of_its_name() {
        assert_eq!(attributes_of_leaf("radio-tenant.ssid"), ["tenant.ssid", "service.ssid"]);
        assert_eq!(attributes_of_leaf("cell-tenant.quota.dl.min"), SHARES);
        assert_eq!(attributes_of_leaf("node.id_length"), ["node.gnb-id"]);
        assert!(attributes_of_leaf("cell.bandwidth").is_empty() && attributes_of_leaf("cell-tenant.order").is_empty());
        let decides = |attribute: &str| deciding_attributes().any(|decides| decides == attribute);
        assert!(decides("cell.pci") && !decides("cell.efficiency"));
    }
}
