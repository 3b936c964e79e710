//! Network elements with their cells, radios and ports.

use ranform_network::network::{Cell, Duplex, NetworkSharing, Node, NodeKind, OnUnreachable, Port, Radio, Sharing};
use ranform_network::radio::WifiBand;
use ranform_network::units::decimal as short;
use serde_json::{Map, Value, json};

use super::access::management;
use super::radio::{direction, written_plmn};
use super::{Object, Writer, amounts, decimal, entity_object, name, percent};

impl Writer<'_> {
    pub(super) fn node(self, node: &Node) -> Object {
        let network = self.network;
        let function = !matches!(node.kind, NodeKind::Enb | NodeKind::Ap);
        let costs: Map<String, Value> =
            node.component_cost.iter().map(|(part, cost)| (part.to_string(), decimal(*cost))).collect();
        let capacity = node.capacity.iter().map(|(name, amount)| (name.clone(), amount.value));
        Object::default()
            .maybe("function", function.then(|| node.kind.word()))
            .maybe("site", node.site.map(|site| name(&network.sites[site].entity)))
            .maybe("parent", node.parent.map(|parent| self.node_name(parent.value)))
            .put("profile", node.profile.name.as_str())
            .maybe("version", node.version.as_deref())
            .maybe("tier", node.tier)
            .maybe("management", node.management.as_ref().map(management))
            .maybe("hostedOn", node.hosted_on.map(|host| self.node_name(host.value)))
            .maybe("onUnreachable", (node.on_unreachable == OnUnreachable::Defer).then_some("defer"))
            .maybe("plmn", node.host_plmn.map(|plmn| written_plmn(plmn.value)))
            .maybe("gnbId", node.gnb_id.map(|id| json!({ "value": id.value.value, "length": id.value.length })))
            .maybe("gnbDuId", node.gnb_du_id.map(|id| id.value))
            .maybe("gnbDuName", node.gnb_du_name.as_ref().map(|name| &*name.value))
            .maybe("enbId", node.enb_id.map(|id| id.value))
            .flag("home", node.home)
            .object("capacity", amounts(capacity))
            .maybe("fixedCost", node.fixed_cost.map(decimal))
            .object("componentCosts", costs)
            .maybe("e2", node.e2_endpoint.as_deref())
            .maybe(
                "location",
                node.location.map(|(north, east)| json!({ "north": decimal(north), "east": decimal(east) })),
            )
            .maybe("runsXapps", (!node.runs_xapps).then_some(false))
            .list("cells", node.cells.iter().map(|cell| self.cell(&network.cells[*cell])).collect())
            .list("radios", node.radios.iter().map(|radio| self.radio(&network.radios[*radio])).collect())
            .list("ports", node.ports.iter().map(|port| written_port(&network.ports[*port])).collect())
    }

    fn cell(self, cell: &Cell) -> Value {
        let cells = |cells: &[ranform_network::Located<ranform_network::ids::CellId>]| {
            cells
                .iter()
                .map(|cell| self.network.cells[cell.value].entity.address.as_str().into())
                .collect::<Vec<Value>>()
        };
        let duplex = match cell.duplex.value {
            Duplex::Tdd => Some("tdd"),
            Duplex::Fdd => Some("fdd"),
            // These two are said by the band alone.
            Duplex::Sdl | Duplex::Sul => None,
        };
        let uplink = cell.uplink_carrier.filter(|uplink| uplink.value != cell.carrier.value);
        let offset = (cell.tdd_offset.0 > 0).then(|| cell.tdd_offset.to_string());
        let tdd = cell
            .tdd_pattern
            .as_ref()
            .map(|pattern| Object::default().put("pattern", &*pattern.value).maybe("offset", offset));
        let sharing = match cell.network_sharing {
            Some(NetworkSharing::Mocn) => Some("mocn"),
            Some(NetworkSharing::Moran) => Some("moran"),
            None => None,
        };
        entity_object(&cell.entity)
            .put("band", cell.band.value.to_string())
            .put("carrier", cell.carrier.value.to_string())
            .maybe("uplinkCarrier", uplink.map(|carrier| carrier.value.to_string()))
            .put("bandwidth", cell.bandwidth.value.to_string())
            .put("scs", cell.scs.value.to_string())
            .maybe("duplex", duplex)
            .maybe("tdd", tdd)
            .maybe("prbs", cell.prbs_span.map(|_| cell.prbs.0))
            .maybe("localId", cell.local_id.map(|id| id.value))
            .maybe("pci", cell.pci.map(|pci| pci.value))
            .maybe("tac", cell.tac.map(|tac| tac.value))
            .maybe("power", cell.power.map(|power| unit(power.value.0, "dBm")))
            .maybe("ssb", cell.ssb.map(|ssb| ssb.value.to_string()))
            .maybe("azimuth", cell.azimuth.map(|angle| unit(angle.0, "deg")))
            .maybe("tilt", cell.tilt.map(|angle| unit(angle.0, "deg")))
            .maybe("layers", cell.layers)
            .maybe("modulation", cell.modulation.as_deref())
            .maybe("efficiency", cell.efficiency.map(decimal))
            .list("neighbours", cells(&cell.neighbours))
            .list("aggregatesWith", cells(&cell.aggregates_with))
            .maybe("anchor", cell.anchor.map(|anchor| self.network.cells[anchor.value].entity.address.as_str()))
            .maybe("networkSharing", sharing)
            .maybe("state", (!cell.unlocked).then_some("locked"))
            .put("sharing", self.sharing(&cell.sharing))
            .into()
    }

    fn radio(self, radio: &Radio) -> Value {
        let band = radio.band.map(|band| match band.value {
            WifiBand::Low => "2.4GHz",
            WifiBand::Middle => "5GHz",
            WifiBand::High => "6GHz",
        });
        entity_object(&radio.entity)
            .put("channel", radio.channel.value)
            .put("width", radio.width.value.to_string())
            .put("standard", &*radio.standard.value)
            .maybe("band", band)
            .maybe("power", radio.power.map(|power| unit(power.value.0, "dBm")))
            .maybe("country", radio.country.as_ref().map(|country| &*country.value))
            .maybe("interface", radio.interface.as_ref().map(|interface| &*interface.value))
            .maybe("efficiency", radio.efficiency.map(decimal))
            .maybe("state", state(radio.unlocked))
            .put("sharing", self.sharing(&radio.sharing))
            .into()
    }

    fn sharing(self, sharing: &Sharing) -> Value {
        let expect = sharing.expect.iter();
        let expect =
            expect.map(|(tenant, share)| json!({ "tenant": self.tenant(*tenant), "share": percent(share.value) }));
        Object::default()
            .put("mode", sharing.mode.word())
            .maybe("direction", direction(sharing.direction))
            .maybe("grid", sharing.grid.map(percent))
            .maybe("smallest", sharing.smallest.map(percent))
            .list("expect", expect.collect())
            .into()
    }
}

fn written_port(port: &Port) -> Value {
    let own = port.entity.address.last().1.trim_matches('"');
    entity_object(&port.entity)
        .maybe("interface", Some(&*port.interface.value).filter(|interface| *interface != own))
        .maybe("rate", port.rate.map(|rate| rate.to_string()))
        .maybe("mtu", port.mtu.map(|mtu| mtu.value))
        .maybe("state", state(port.unlocked))
        .into()
}

fn state(unlocked: Option<bool>) -> Option<&'static str> {
    unlocked.map(|unlocked| if unlocked { "unlocked" } else { "locked" })
}

/// A number with its unit, every digit of it.
fn unit(number: f64, unit: &str) -> String {
    let plain = number.to_string();
    let number = if plain.contains(['e', 'E']) { short(number, 12) } else { plain };
    format!("{number}{unit}")
}
