//! Tenants, chunks, services, SLAs.

use ranform_network::network::{Bound, Chunk, Direction, Service, Sla, Tenant, Weighting};
use serde_json::{Map, Value, json};

use super::{Object, Writer, entity_object, text, word};

impl Writer<'_> {
    pub(super) fn intents(self, object: Object) -> Object {
        let network = self.network;
        object
            .list("tenants", network.tenants.as_slice().iter().map(tenant).collect())
            .list("chunks", network.chunks.as_slice().iter().map(|chunk| self.chunk(chunk)).collect())
            .list("services", network.services.as_slice().iter().map(|service| self.service(service)).collect())
            .list("slas", network.slas.as_slice().iter().map(|sla| self.sla(sla)).collect())
    }

    fn chunk(self, chunk: &Chunk) -> Value {
        entity_object(&chunk.entity)
            .put("tenant", text(&self.network.tenants[chunk.tenant.value].entity))
            .list("interfaces", self.interfaces(&chunk.interfaces))
            .maybe("ratio", chunk.ratio.map(|ratio| ratio.value.0))
            .into()
    }

    fn service(self, service: &Service) -> Value {
        let ratio = |(technology, share): &(_, ranform_network::Located<ranform_network::units::Share>)| {
            (word(technology).as_str().unwrap_or("").to_owned(), Value::from(share.value.0))
        };
        let ratios: Map<String, Value> = service.ratios.iter().map(ratio).collect();
        entity_object(&service.entity)
            .put("chunk", text(&self.network.chunks[service.chunk.value].entity))
            .maybe("plmn", service.plmn.map(|plmn| plmn.value.to_string()))
            .maybe("snssai", service.snssai.map(|snssai| snssai.value.to_string()))
            .maybe("ssid", service.ssid.as_ref().map(|ssid| &*ssid.value))
            .maybe("vlan", service.vlan.map(|vlan| vlan.value))
            .object("ratios", ratios)
            .maybe("throughput_dl_bps", service.throughput_dl.map(|rate| rate.value.0))
            .maybe("throughput_ul_bps", service.throughput_ul.map(|rate| rate.value.0))
            .maybe("latency_ns", service.latency.map(|latency| latency.value.0))
            .maybe("ues", service.ues.map(|ues| ues.value))
            .into()
    }

    fn sla(self, sla: &Sla) -> Value {
        let tenant = |tenant| self.network.tenants[tenant].entity.address.to_string();
        let shares = sla.shares.iter().map(|share| (tenant(share.tenant), Value::from(share.share.value.0))).collect();
        let bounds = |bounds: &[Bound]| bounds.iter().map(|bound| self.bound(bound)).collect();
        entity_object(&sla.entity)
            .list("interfaces", self.interfaces(&sla.interfaces))
            .object("shares", shares)
            .put("window_ns", sla.window.value.0)
            .put("period_ns", sla.period.value.0)
            .maybe("floor", sla.floor.map(|floor| floor.value.0))
            .maybe("direction", Some(sla.direction).filter(|direction| *direction != Direction::Both).map(word))
            .maybe("weight", Some(sla.weight).filter(|weight| *weight != Weighting::Equal).map(word))
            .list("guarantees", bounds(&sla.guarantees))
            .list("caps", bounds(&sla.caps))
            .maybe("others", sla.others.map(|share| share.value.0))
            .put("theta", sla.theta)
            .flag("best_effort", sla.best_effort)
            .into()
    }

    fn bound(self, bound: &Bound) -> Value {
        Object::default()
            .put("tenant", text(&self.network.tenants[bound.tenant.value].entity))
            .put("share", bound.share.value.0)
            .maybe("on", bound.on.as_ref().map(|on| self.interfaces(on)))
            .into()
    }
}

fn tenant(tenant: &Tenant) -> Value {
    let core = |(role, endpoint): &(ranform_network::network::Name, ranform_network::Located<_>)| -> Value {
        let endpoint: &ranform_network::network::Name = &endpoint.value;
        if role.is_empty() { Value::from(&**endpoint) } else { json!({ &**role: &**endpoint }) }
    };
    entity_object(&tenant.entity)
        .maybe("plmn", tenant.plmn.map(|plmn| plmn.value.to_string()))
        .maybe("snssai", tenant.snssai.map(|snssai| snssai.value.to_string()))
        .maybe("ssid", tenant.ssid.as_ref().map(|ssid| &*ssid.value))
        .maybe("vlan", tenant.vlan.map(|vlan| vlan.value))
        .list("cores", tenant.cores.iter().map(core).collect())
        .list("contacts", tenant.contacts.iter().map(|contact| Value::from(&**contact)).collect())
        .into()
}
