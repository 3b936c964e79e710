//! Which line of the language decides a leaf of a [`Resource`](super::Resource).

use crate::address::Address;
use crate::network::ComponentKind;

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
    ("model-instance.annotations", &["model.annotation"]),
    ("model-instance.args", &["model.args"]),
    ("model-instance.cluster.replicas", &["model.replicas"]),
    ("model-instance.connector_containers", &["model.connector"]),
    ("model-instance.controls", &["model.controls"]),
    ("model-instance.demand", &["model.demand", "model.connector"]),
    ("model-instance.env", &["model.env"]),
    ("model-instance.functions", &["model.offers"]),
    ("model-instance.image", &["model.image"]),
    ("model-instance.input", &["model.input"]),
    ("model-instance.input_bytes", &["model.input"]),
    ("model-instance.login", &["model.login"]),
    ("model-instance.pod_security", &["model.pod-security"]),
    ("model-instance.pull_secrets", &["model.pull-secret"]),
    ("model-instance.replicas", &["model.replicas"]),
    ("model-instance.secrets", &["model.secret"]),
    ("model-instance.version", &["model.version"]),
    ("policy.cells", &["policy.on", "policy.onto"]),
    ("policy.require_enforced", &["policy.require"]),
    ("policy.scope.cell", &["policy.on"]),
    ("policy.scope", &["policy.for"]),
    ("policy.spares", &["policy.avoid", "policy.forbid", "policy.save-energy"]),
    ("policy.steering", &["policy.prefer", "policy.avoid", "policy.forbid", "policy.require"]),
    ("policy.tracking_areas", &["policy.on"]),
    ("policy.transient", &["policy.transient"]),
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
    ("ric-instance.annotations", &["component.annotation", "xapp.annotation"]),
    ("ric-instance.args", &["component.args", "xapp.args"]),
    ("ric-instance.chain", &["xapp.chain"]),
    ("ric-instance.cluster.replicas", &["xapp.replicas"]),
    ("ric-instance.demand", DEMANDS),
    ("ric-instance.endpoint", &["node.e2"]),
    ("ric-instance.env", &["component.env", "xapp.env"]),
    ("ric-instance.image", &["component.image", "xapp.image"]),
    ("ric-instance.pod_security", &["component.pod-security", "xapp.pod-security"]),
    ("ric-instance.profile", &["ric.profile"]),
    ("ric-instance.pull_secrets", &["component.pull-secret", "xapp.pull-secret"]),
    ("ric-instance.reads_sdl", &["xapp.sdl"]),
    ("ric-instance.replicas", &["xapp.replicas"]),
    ("ric-instance.secrets", &["component.secret", "xapp.secret"]),
    ("ric-instance.tightest_loop.budget_ns", &["xapp.loop"]),
    ("ric-instance.version", &["xapp.version"]),
];

/// What decides how much an instance of a RIC needs.
const DEMANDS: &[&str] =
    &["component.demand", "component.demand-per-e2-node", "xapp.demand", "xapp.demand-per-e2-node"];

/// How the objectives of a policy begin, and the lines that say them.
const OBJECTIVES: &[(&str, &[&str])] = &[
    ("at_most", &["policy.at-most"]),
    ("delay", &["policy.delay"]),
    ("energy", &["policy.save-energy"]),
    ("guarantee", &["policy.guarantee"]),
    ("jitter", &["policy.jitter"]),
    ("loss", &["policy.loss"]),
    ("packet", &["policy.at-most"]),
    ("prb_usage", &["policy.balance"]),
    ("priority", &["policy.priority"]),
    ("quality", &["policy.quality"]),
    ("reliability", &["policy.reliability"]),
];

/// What decides a tenant's part of an interface.
const SHARES: &[&str] =
    &["chunk.ratio", "service.ratio", "sla.cap", "sla.floor", "sla.guarantee", "sla.share", "sla.theta", "sla.weight"];

/// The attributes, as `NOUN.ATTRIBUTE`, that decide a leaf such as `cell-tenant.quota.both.min`; none where the leaf
/// follows from something else.
pub fn attributes_of_leaf(leaf: &str) -> &'static [&'static str] {
    let after = |text: &str, name: &str, mark: char| {
        text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(mark))
    };
    let found = match leaf.strip_prefix("policy.objectives.") {
        Some(objective) => OBJECTIVES.iter().find(|(name, _)| after(objective, name, '_')),
        None => TABLE.iter().find(|(name, _)| after(leaf, name, '.')),
    };
    found.map_or(&[], |(_, attributes)| attributes)
}

/// The same of a leaf at an address: where components and xApps have the same leaf, the lines of what stands there.
pub fn attributes_at(address: &Address, leaf: &str) -> impl Iterator<Item = &'static str> {
    let is_component = ComponentKind::ALL.iter().any(|(_, word)| *word == address.last().0);
    let other = if is_component { "xapp." } else { "component." };
    attributes_of_leaf(leaf).iter().copied().filter(move |attribute| !attribute.starts_with(other))
}

/// Every attribute, as `NOUN.ATTRIBUTE`, that decides a leaf of a device; some several times.
pub fn deciding_attributes() -> impl Iterator<Item = &'static str> {
    TABLE.iter().chain(OBJECTIVES).flat_map(|(_, attributes)| attributes.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::policy::Objective;

    #[test]
    fn a_leaf_is_found_whole_not_by_a_part_of_its_name() {
        assert_eq!(attributes_of_leaf("radio-tenant.ssid"), ["tenant.ssid", "service.ssid"]);
        assert_eq!(attributes_of_leaf("cell-tenant.quota.dl.min"), SHARES);
        assert_eq!(attributes_of_leaf("node.id_length"), ["node.gnb-id"]);
        assert!(attributes_of_leaf("cell.bandwidth").is_empty() && attributes_of_leaf("cell-tenant.order").is_empty());
        let decides = |attribute: &str| deciding_attributes().any(|decides| decides == attribute);
        assert!(decides("cell.pci") && !decides("cell.efficiency"));
        assert!(decides("xapp.replicas") && decides("policy.guarantee") && !decides("xapp.cost"));
    }

    #[test]
    fn leaves_of_software_and_policies_are_decided_by_their_lines() {
        assert_eq!(attributes_of_leaf("ric-instance.cluster.replicas"), ["xapp.replicas"]);
        assert!(attributes_of_leaf("ric-instance.cluster.node").is_empty());
        assert_eq!(attributes_of_leaf("model-instance.demand.cpu"), ["model.demand", "model.connector"]);
        assert_eq!(attributes_of_leaf("policy.objectives.guarantee_dl_kbps"), ["policy.guarantee"]);
        assert_eq!(attributes_of_leaf("policy.objectives.priority"), ["policy.priority"]);
        assert_eq!(attributes_of_leaf("policy.scope.cell"), ["policy.on"]);
        assert_eq!(attributes_of_leaf("policy.scope.slice"), ["policy.for"]);
        let at = |noun: &str| {
            let address = Address::new("ric", "metro").child(noun, "edge-1");
            attributes_at(&address, "ric-instance.image").collect::<Vec<_>>()
        };
        assert_eq!(at("e2t"), ["component.image"]);
        assert_eq!(at("steering"), ["xapp.image"]);
        assert_eq!(at("xapp-e2t"), ["xapp.image"]);
    }

    /// The reader names all objectives to who writes one that there is not.
    #[test]
    fn every_objective_is_decided_by_a_line() {
        let error = serde_json::from_str::<Objective>("\"none\"").unwrap_err().to_string();
        let (_, known) = error.split_once("expected one of ").unwrap();
        let objectives: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        assert!(objectives.contains(&"guarantee_dl_kbps") && objectives.len() > 30, "{error}");
        for objective in objectives {
            assert_eq!(attributes_of_leaf(&format!("policy.objectives.{objective}")).len(), 1, "{objective}");
        }
    }
}
