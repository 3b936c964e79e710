//! Chunks, services, SLAs.

use ranform_network::network::{Bound, Chunk, Direction, Interface, Service, Sla, Technology, Weighting};
use ranform_network::radio::{Plmn, Snssai};
use serde_json::{Value, json};

use super::{Object, Writer, decimal, percent};

impl Writer<'_> {
    pub(super) fn chunk(self, chunk: &Chunk) -> Object {
        Object::default()
            .put("tenant", self.tenant(chunk.tenant.value))
            .put("interfaces", self.interfaces(&chunk.interfaces))
            .maybe("ratio", chunk.ratio.map(|ratio| percent(ratio.value)))
    }

    pub(super) fn service(self, service: &Service) -> Object {
        let chunk = &self.network.chunks[service.chunk.value];
        let ratio = |(technology, share): &(Technology, ranform_network::Located<_>)| {
            let word = match technology {
                Technology::Nr => "nr",
                Technology::Lte => "lte",
                Technology::Wifi => "wifi",
            };
            json!({ "technology": word, "share": percent(share.value) })
        };
        Object::default()
            .put("chunk", super::name(&chunk.entity))
            .maybe("plmn", service.plmn.map(|plmn| written_plmn(plmn.value)))
            .maybe("slice", service.snssai.map(|snssai| slice(snssai.value)))
            .maybe("ssid", service.ssid.as_ref().map(|ssid| &*ssid.value))
            .maybe("vlan", service.vlan.map(|vlan| vlan.value))
            .list("ratios", service.ratios.iter().map(ratio).collect())
            .maybe("throughputDownlink", service.throughput_dl.map(|rate| rate.value.to_string()))
            .maybe("throughputUplink", service.throughput_ul.map(|rate| rate.value.to_string()))
            .maybe("latency", service.latency.map(|latency| latency.value.to_string()))
            .maybe("userEquipments", service.ues.map(|ues| ues.value))
    }

    pub(super) fn sla(self, sla: &Sla) -> Object {
        let share = |share: &ranform_network::network::SlaShare| json!({ "tenant": self.tenant(share.tenant), "share": percent(share.share.value) });
        let weight = match sla.weight {
            Weighting::Equal => None,
            Weighting::Bandwidth => Some("bandwidth"),
            Weighting::Capacity => Some("capacity"),
        };
        let bounds = |bounds: &[Bound]| bounds.iter().map(|bound| self.bound(bound)).collect();
        Object::default()
            .put("interfaces", self.interfaces(&sla.interfaces))
            .put("shares", sla.shares.iter().map(share).collect::<Vec<_>>())
            .put("window", sla.window.value.to_string())
            .put("period", sla.period.value.to_string())
            .maybe("floor", sla.floor.map(|floor| percent(floor.value)))
            .maybe("direction", direction(sla.direction))
            .maybe("weight", weight)
            .list("guarantees", bounds(&sla.guarantees))
            .list("caps", bounds(&sla.caps))
            .maybe("others", sla.others.map(|share| percent(share.value)))
            // What the language says where nothing is said.
            .maybe("theta", Some(sla.theta).filter(|theta| *theta != 0.1).map(decimal))
            .flag("bestEffort", sla.best_effort)
    }

    fn bound(self, bound: &Bound) -> Value {
        Object::default()
            .put("tenant", self.tenant(bound.tenant.value))
            .put("share", percent(bound.share.value))
            .maybe("on", bound.on.as_ref().and_then(|on| self.place(on)))
            .into()
    }

    /// The place that holds just these cells and radios, as an intent can name it: one of them, a node, a site, an area.
    fn place(self, on: &[Interface]) -> Option<Value> {
        let network = self.network;
        if let [only] = on {
            return Some(self.interface(*only));
        }
        let of_node = |node: &ranform_network::network::Node| {
            let cells = node.cells.iter().copied().map(Interface::Cell);
            cells.chain(node.radios.iter().copied().map(Interface::Radio)).collect::<Vec<_>>()
        };
        let is = |mut held: Vec<Interface>| {
            held.sort_unstable();
            held == on
        };
        let node = network.nodes.as_slice().iter().find(|node| is(of_node(node)));
        let site = || {
            network.sites.iter().find(|(id, _)| {
                let here = network.nodes.as_slice().iter().filter(|node| node.site == Some(*id));
                is(here.flat_map(of_node).collect())
            })
        };
        let area = || {
            network.areas.as_slice().iter().find(|area| {
                let shared = area.interfaces.iter().copied().filter(|one| !matches!(one, Interface::Port(_)));
                is(shared.collect())
            })
        };
        let entity = node.map(|node| &node.entity).or_else(|| site().map(|(_, site)| &site.entity));
        entity.or_else(|| area().map(|area| &area.entity)).map(|entity| entity.address.as_str().into())
    }
}

/// A PLMN; codes are texts, since `01` and `001` differ.
pub(super) fn written_plmn(plmn: Plmn) -> Value {
    json!({ "mcc": plmn.mcc(), "mnc": plmn.mnc() })
}

fn slice(snssai: Snssai) -> Value {
    match snssai.sd {
        Some(sd) => json!({ "sst": snssai.sst, "sd": format!("{sd:06x}") }),
        None => json!({ "sst": snssai.sst }),
    }
}

/// The word of a direction, where it is not both.
pub(super) fn direction(direction: Direction) -> Option<&'static str> {
    match direction {
        Direction::Dl => Some("dl"),
        Direction::Ul => Some("ul"),
        Direction::Both => None,
    }
}
