//! Policies for near-RT RICs, and how their RICs are reached.

use ranform_network::Located;
use ranform_network::ids::CellId;
use ranform_network::network::{
    A1Access, Balance, Directed, Energy, EnergyAim, GroupId, Policy, QosId, Rates, Steering, UeInterface, UserEquipment,
};
use serde_json::{Value, json};

use super::inventory::reference;
use super::{Object, Writer, entity_object, text};

impl Writer<'_> {
    pub(super) fn policies(self, object: Object) -> Object {
        let all = self.network.policies.as_slice().iter().map(|policy| self.policy(policy)).collect();
        object.list("policies", all)
    }

    fn cell_list(self, cells: &[CellId]) -> Vec<Value> {
        cells.iter().map(|cell| text(&self.network.cells[*cell].entity)).collect()
    }

    fn policy(self, policy: &Policy) -> Value {
        let subject = &policy.subject;
        let flow = subject.flow.map(|flow| match flow.value {
            QosId::FiveQi(id) => json!({"5qi": id}),
            QosId::Qci(id) => json!({"qci": id}),
        });
        let group = subject.group.map(|group| match group.value {
            GroupId::Spid(id) => json!({"spid": id}),
            GroupId::Rfsp(id) => json!({"rfsp": id}),
        });
        let rics = self.network.rics_of(policy);
        let rics = rics.into_iter().map(|ric| text(self.network.ric_entity(ric))).collect();
        let object = entity_object(&policy.entity)
            .maybe("type", policy.kind().map(|kind| kind.word()))
            .list("rics", rics)
            .maybe("tenant", subject.tenant.map(|tenant| text(&self.network.tenants[tenant.value].entity)))
            .maybe("flow", flow)
            .maybe("ue", subject.ue.as_ref().map(|ue| self.user_equipment(&ue.value)))
            .maybe("group", group)
            .list("cells", self.cell_list(policy.cells.as_deref().unwrap_or_default()))
            .flag("by_tracking_area", policy.by_tracking_area)
            .list("steering", policy.steering.iter().map(|line| self.steering(line)).collect());
        packets(self.wanted(object, policy), policy)
            .maybe("balance", policy.balance.as_ref().map(|balance| self.balance(balance)))
            .maybe("energy", policy.energy.as_ref().map(|energy| self.energy(energy)))
            .flag("require_enforced", policy.require_enforced)
            .flag("transient", policy.transient)
            .into()
    }

    fn wanted(self, object: Object, policy: &Policy) -> Object {
        let quality = &policy.quality;
        rates(
            rates(rates(object, "guarantee", &policy.guarantee), "at_most", &policy.at_most),
            "at_most_per_ue",
            &policy.at_most_per_ue,
        )
        .maybe("ues", policy.ues.map(|ues| ues.value))
        .maybe("sessions", policy.sessions.map(|sessions| sessions.value))
        .maybe("delay_ns", policy.delay.both.map(|delay| delay.value.0))
        .maybe("delay_dl_ns", policy.delay.dl.map(|delay| delay.value.0))
        .maybe("delay_ul_ns", policy.delay.ul.map(|delay| delay.value.0))
        .maybe("priority", policy.priority.map(|priority| priority.value))
        .maybe("quality_score", quality.score.map(|score| score.value))
        .maybe("quality_buffering_ns", quality.buffering.map(|time| time.value.0))
        .maybe("quality_rebuffering", quality.rebuffering.map(|often| often.value))
        .maybe("quality_stalls", quality.stalls.map(|part| part.value.0))
    }

    fn user_equipment(self, ue: &UserEquipment) -> Value {
        match ue {
            UserEquipment::Ran(id, None) => Value::from(&**id),
            UserEquipment::Ran(id, Some(gnb)) => json!({ "ran": &**id, "at": self.node(*gnb) }),
            UserEquipment::Amf(guami, id) => json!({ "amf": id, "at": guami }),
            UserEquipment::Mme(gummei, id) => json!({ "mme": id, "at": gummei }),
            UserEquipment::Gnb(interface, node, id) => {
                let word = UeInterface::ALL.iter().find(|(other, _)| other == interface).map_or("", |(_, word)| word);
                json!({ word: id, "at": self.node(*node) })
            }
            UserEquipment::Enb(node, id) => json!({ "x2ap": id, "at": self.node(*node) }),
        }
    }

    fn energy(self, energy: &Energy) -> Value {
        let spares = energy.spares.iter().map(|line| {
            let how = if line.forbidden { "forbid" } else { "avoid" };
            Object::default().put(how, line.what.word()).list("cells", self.cell_list(&line.cells)).into()
        });
        let aim = energy.aim.map(|aim| match aim.value {
            EnergyAim::Less(share) => json!({ "less": share.0 }),
            EnergyAim::DownTo(kwh) => json!({ "down_to_kwh": kwh }),
        });
        Object::default()
            .maybe("aim", aim)
            .maybe("while_dl", energy.while_dl.map(|share| share.value.0))
            .maybe("while_ul", energy.while_ul.map(|share| share.value.0))
            .list("spares", spares.collect())
            .into()
    }

    fn steering(self, line: &Steering) -> Value {
        Object::default()
            .put("preference", line.preference.word())
            .flag("primary", line.primary)
            .list("cells", self.cell_list(&line.cells))
            .into()
    }

    fn balance(self, balance: &Balance) -> Value {
        Object::default()
            .maybe("dl", balance.dl.map(|share| share.value.0))
            .maybe("ul", balance.ul.map(|share| share.value.0))
            .flag("peak", balance.peak)
            .list("onto", self.cell_list(&balance.onto))
            .into()
    }
}

fn packets(object: Object, policy: &Policy) -> Object {
    let object = directed(object, "loss", &policy.loss, |share| Value::from(share.0));
    let object = directed(object, "jitter_ns", &policy.jitter, |time| Value::from(time.0));
    let object = directed(object, "packet_bytes", &policy.packet, |size| Value::from(size.0));
    directed(
        object,
        "reliability",
        &policy.reliability,
        |said| json!({ "success": said.success.0, "packet_bytes": said.packet.0, "within_ns": said.within.0 }),
    )
}

fn directed<T: Copy>(object: Object, word: &str, directed: &Directed<T>, write: impl Fn(T) -> Value) -> Object {
    let value = |said: Option<Located<T>>| said.map(|said| write(said.value));
    object.maybe(&format!("{word}_dl"), value(directed.dl)).maybe(&format!("{word}_ul"), value(directed.ul))
}

fn rates(object: Object, word: &str, rates: &Rates) -> Object {
    object
        .maybe(&format!("{word}_dl_bps"), rates.dl.map(|rate| rate.value.0))
        .maybe(&format!("{word}_ul_bps"), rates.ul.map(|rate| rate.value.0))
}

/// How an A1 peer is spoken to; references, never secrets.
pub(super) fn access(access: &A1Access) -> Value {
    let types = access.types.iter().map(|(kind, number)| match number {
        Some(number) => json!({"type": kind.to_string(), "number": number}),
        None => Value::from(kind.to_string()),
    });
    Object::default()
        .put("dialect", access.dialect.word())
        .maybe("ric", access.ric.as_deref())
        .maybe("certificate", access.certificate.as_ref().map(reference))
        .maybe("key", access.key.as_ref().map(reference))
        .maybe("token", access.token.as_ref().map(reference))
        .maybe("authority", access.authority.as_deref())
        .list("types", types.collect())
        .into()
}
