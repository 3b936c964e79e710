//! Sites, areas, nodes, cells, radios, ports, links.

use ranform_network::network::{
    Cell, Direction, HostKey, Management, Node, OnUnreachable, Port, Radio, Reference, Sharing,
};
use serde_json::{Value, json};

use super::{Object, Writer, entity_object, text, word};

impl Writer<'_> {
    pub(super) fn inventory(self, object: Object) -> Object {
        let network = self.network;
        let site = |site: &ranform_network::network::Site| {
            entity_object(&site.entity)
                .maybe("region", site.region.as_deref())
                .maybe("tier", site.tier)
                .maybe("location_deg", site.location.map(|(north, east)| json!([north, east])))
                .into()
        };
        let area = |area: &ranform_network::network::Area| {
            entity_object(&area.entity)
                .list("interfaces", self.interfaces(&area.interfaces))
                .list("nodes", self.nodes(&area.nodes))
                .into()
        };
        let link = |link: &ranform_network::network::Link| {
            entity_object(&link.entity)
                .put("from", self.node(link.from.value))
                .put("to", self.node(link.to.value))
                .put("latency_ns", link.latency.0)
                .maybe("rate_bps", link.rate.map(|rate| rate.0))
                .into()
        };
        let latency = |latency: &ranform_network::network::Latency| json!({"from": self.node(latency.from), "to": self.node(latency.to), "latency_ns": latency.latency.0});
        object
            .list("sites", network.sites.as_slice().iter().map(site).collect())
            .list("nodes", network.nodes.as_slice().iter().map(|node| self.one_node(node)).collect())
            .list("cells", network.cells.as_slice().iter().map(|cell| self.cell(cell)).collect())
            .list("radios", network.radios.as_slice().iter().map(|radio| self.radio(radio)).collect())
            .list("ports", network.ports.as_slice().iter().map(port).collect())
            .list("links", network.links.as_slice().iter().map(link).collect())
            .list("latencies", network.latencies.iter().map(latency).collect())
            .list("areas", network.areas.as_slice().iter().map(area).collect())
    }

    fn one_node(self, node: &Node) -> Value {
        let amounts = |list: &[(ranform_network::network::Name, f64)]| {
            list.iter().map(|(name, amount)| (name.to_string(), Value::from(*amount))).collect()
        };
        let capacity: Vec<_> = node.capacity.iter().map(|(name, amount)| (name.clone(), amount.value)).collect();
        entity_object(&node.entity)
            .put("kind", node.kind.word())
            .maybe("site", node.site.map(|site| text(&self.network.sites[site].entity)))
            .maybe("parent", node.parent.map(|parent| self.node(parent.value)))
            .put("profile", node.profile.name.as_str())
            .maybe("version", node.version.as_deref())
            .maybe("tier", node.tier)
            .flag("no_xapps", !node.runs_xapps)
            .maybe("management", node.management.as_ref().map(management))
            .maybe("hosted_on", node.hosted_on.map(|host| self.node(host.value)))
            .list("tolerates", node.tolerates.iter().map(|taint| taint.to_string().into()).collect())
            .flag("defer_unreachable", node.on_unreachable == OnUnreachable::Defer)
            .maybe("plmn", node.host_plmn.map(|plmn| plmn.value.to_string()))
            .maybe("gnb_id", node.gnb_id.map(|id| id.value.to_string()))
            .maybe("gnb_du_id", node.gnb_du_id.map(|id| id.value))
            .maybe("gnb_du_name", node.gnb_du_name.as_ref().map(|name| name.value.as_ref()))
            .maybe("enb_id", node.enb_id.map(|id| id.value))
            .flag("home", node.home)
            .object("capacity", amounts(&capacity))
            .maybe("fixed_cost", node.fixed_cost)
            .object("component_cost", amounts(&node.component_cost))
            .maybe("e2", node.e2_endpoint.as_deref())
            .maybe("location_deg", node.location.map(|(north, east)| json!([north, east])))
            .into()
    }

    fn cell(self, cell: &Cell) -> Value {
        let cells = |cells: &[ranform_network::Located<ranform_network::ids::CellId>]| {
            cells.iter().map(|cell| text(&self.network.cells[cell.value].entity)).collect()
        };
        entity_object(&cell.entity)
            .put("band", cell.band.value.to_string())
            .put("carrier_hz", cell.carrier.value.0)
            .maybe("uplink_carrier_hz", cell.uplink_carrier.map(|carrier| carrier.value.0))
            .put("bandwidth_hz", cell.bandwidth.value.0)
            .put("scs_hz", cell.scs.value.0)
            .put("duplex", word(cell.duplex.value))
            .maybe("tdd_pattern", cell.tdd_pattern.as_ref().map(|pattern| &*pattern.value))
            .maybe("tdd_offset_ns", Some(cell.tdd_offset.0).filter(|offset| *offset > 0))
            .put("prbs", cell.prbs.0)
            .put("arfcn_dl", cell.arfcn_dl)
            .put("arfcn_ul", cell.arfcn_ul)
            .maybe("local_id", cell.local_id.map(|id| id.value))
            .maybe("pci", cell.pci.map(|pci| pci.value))
            .maybe("tac", cell.tac.map(|tac| tac.value))
            .maybe("power_dbm", cell.power.map(|power| power.value.0))
            .maybe("ssb_hz", cell.ssb.map(|ssb| ssb.value.0))
            .maybe("azimuth_deg", cell.azimuth.map(|angle| angle.0))
            .maybe("tilt_deg", cell.tilt.map(|angle| angle.0))
            .maybe("layers", cell.layers)
            .maybe("modulation", cell.modulation.as_deref())
            .maybe("efficiency", cell.efficiency)
            .list("neighbours", cells(&cell.neighbours))
            .list("aggregates_with", cells(&cell.aggregates_with))
            .maybe("anchor", cell.anchor.map(|anchor| text(&self.network.cells[anchor.value].entity)))
            .maybe("network_sharing", cell.network_sharing.map(word))
            .flag("locked", !cell.unlocked)
            .put("sharing", self.sharing(&cell.sharing))
            .into()
    }

    fn radio(self, radio: &Radio) -> Value {
        entity_object(&radio.entity)
            .maybe("band", radio.band.map(|band| word(band.value)))
            .put("channel", radio.channel.value)
            .put("width_hz", radio.width.value.0)
            .put("standard", &*radio.standard.value)
            .maybe("power_dbm", radio.power.map(|power| power.value.0))
            .maybe("country", radio.country.as_ref().map(|country| &*country.value))
            .maybe("interface", radio.interface.as_ref().map(|interface| &*interface.value))
            .flag("locked", radio.unlocked == Some(false))
            .maybe("efficiency", radio.efficiency)
            .put("sharing", self.sharing(&radio.sharing))
            .into()
    }

    fn sharing(self, sharing: &Sharing) -> Value {
        let tenant = |tenant| self.network.tenants[tenant].entity.address.to_string();
        let expect = sharing.expect.iter().map(|(id, share)| (tenant(*id), Value::from(share.value.0))).collect();
        let plain = Object::default()
            .put("mode", sharing.mode.word())
            .maybe("direction", Some(sharing.direction).filter(|direction| *direction != Direction::Both).map(word))
            .maybe("grid", sharing.grid.map(|grid| grid.0))
            .maybe("smallest", sharing.smallest.map(|smallest| smallest.0));
        plain.object("expect", expect).into()
    }
}

fn port(port: &Port) -> Value {
    entity_object(&port.entity)
        .put("interface", &*port.interface.value)
        .maybe("rate_bps", port.rate.map(|rate| rate.0))
        .maybe("mtu", port.mtu.map(|mtu| mtu.value))
        .flag("locked", port.unlocked == Some(false))
        .into()
}

pub(super) fn management(management: &Management) -> Value {
    let credential = management.credential.as_ref().map(reference);
    let host_key = management.host_key.as_ref().map(|key| match key {
        HostKey::Fingerprint(fingerprint) => fingerprint.to_string(),
        HostKey::File(file) => format!("file {file}"),
    });
    Object::default()
        .put("protocol", word(management.protocol))
        .put("endpoint", &*management.endpoint.value)
        .maybe("user", management.user.as_deref())
        .maybe("credential", credential)
        .maybe("host_key", host_key)
        .maybe("a1", management.a1.as_ref().map(super::policies::access))
        .into()
}

/// Where a secret is found, as it is written.
pub(super) fn reference(reference: &Reference) -> String {
    match reference {
        Reference::Environment(name) => format!("env {name}"),
        Reference::File(name) => format!("file {name}"),
        Reference::Secret(name) => format!("secret {name}"),
    }
}
