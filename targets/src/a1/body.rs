//! A policy resource as the JSON object that a RIC takes; [`super::read`] is the way back.
//!
//! One table says where each objective stands in each type; the rest are the identities of A1TD: PLMNs as strings of
//! digits, SDs as six hexadecimal digits, cells as numbers.

use ranform_network::a1::PolicyKind;
use ranform_network::deployment::*;
use ranform_network::network::{GroupId, Guami, Gummei, QosId, Spared, UeInterface};
use ranform_network::radio::Plmn;
use serde_json::{Map, Value, json};

use super::tables::*;

/// The policy object.
pub fn to_body(policy: &PolicyResource) -> Value {
    let kind = policy.policy_type.kind;
    let mut body = Map::new();
    let mut scope = scope(&policy.scope);
    if kind == PolicyKind::EnergySaving {
        scope.extend(places(policy));
    }
    body.insert("scope".to_owned(), Value::Object(scope));
    let objectives = objectives(policy);
    // Energy may be saved without an aim; every other type has at least one objective.
    if let Some(member) = member_of(kind).filter(|_| !objectives.is_empty() || kind != PolicyKind::EnergySaving) {
        body.insert(member.to_owned(), Value::Object(objectives));
    }
    let resources = places(policy);
    if let Some(member) = resources_of(kind).filter(|_| !resources.is_empty()) {
        body.insert(member.to_owned(), Value::Object(resources));
    }
    if !policy.steering.is_empty() {
        body.insert("tspResources".to_owned(), policy.steering.iter().map(steering).collect());
    }
    if !policy.spares.is_empty() {
        body.insert("esResources".to_owned(), policy.spares.iter().map(spares).collect());
    }
    Value::Object(body)
}

fn objectives(policy: &PolicyResource) -> Map<String, Value> {
    let mut objectives = Map::new();
    for (objective, name, inner) in places_of(policy.policy_type) {
        let Some(value) = policy.objectives.get(objective) else { continue };
        if inner.is_empty() {
            objectives.insert((*name).to_owned(), number(*value));
        } else if let Value::Object(below) = objectives.entry(*name).or_insert_with(|| json!({})) {
            below.insert((*inner).to_owned(), number(*value));
        }
    }
    objectives
}

/// The cells or tracking areas that a policy is about, or where load may go.
fn places(policy: &PolicyResource) -> Map<String, Value> {
    let mut object = Map::new();
    if !policy.cells.is_empty() {
        object.insert("cellIdList".to_owned(), cell_list(&policy.cells));
    }
    if !policy.tracking_areas.is_empty() {
        let areas = policy.tracking_areas.iter();
        let list = areas.map(|area| json!({ "plmnId": plmn(area.plmn), "tac": format!("{:06X}", area.tac) }));
        object.insert("taIList".to_owned(), list.collect());
    }
    object
}

fn steering(entry: &SteeringEntry) -> Value {
    let mut object = json!({ "cellIdList": cell_list(&entry.cells), "preference": entry.preference });
    // Absent means false.
    if entry.primary {
        object["primary"] = Value::Bool(true);
    }
    object
}

fn spares(entry: &SparesEntry) -> Value {
    let (cells, preference) = match entry.what {
        Spared::Operation => ("operationalCells", "operationalPreference"),
        Spared::Coverage => ("coverageCells", "coveragePreference"),
    };
    let mut object = json!({
        cells: cell_list(&entry.cells), preference: if entry.forbidden { "FORBID" } else { "AVOID" },
    });
    for (member, percent) in [("dlPrbUsage", entry.while_dl), ("ulPrbUsage", entry.while_ul)] {
        if let Some(percent) = percent {
            object[member] = Value::from(percent);
        }
    }
    object
}

fn scope(scope: &PolicyScope) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    };
    put("ueId", scope.ue.as_ref().map(user_equipment));
    put(
        "groupId",
        scope.group.map(|group| match group {
            GroupId::Spid(id) => json!({ "spId": id }),
            GroupId::Rfsp(id) => json!({ "rfspIndex": id }),
        }),
    );
    put("sliceId", scope.slice.map(slice));
    put(
        "qosId",
        scope.flow.map(|flow| match flow {
            QosId::FiveQi(id) => json!({ "5qI": id }),
            QosId::Qci(id) => json!({ "qcI": id }),
        }),
    );
    put("cellId", scope.cell.map(cell));
    object
}

fn user_equipment(ue: &UeIdentity) -> Value {
    let at =
        |(outer, inner): (&str, &str), node: (&str, Value), id: Value| json!({ outer: { node.0: node.1, inner: id } });
    match ue {
        UeIdentity::Ran(id, None) => Value::from(id.as_str()),
        UeIdentity::Ran(id, Some(node)) => at(UE_RAN, ("globalGnbId", gnb(node)), Value::from(id.as_str())),
        UeIdentity::Amf(guami, id) => at(UE_AMF, ("guAmI", amf(guami)), Value::from(*id)),
        UeIdentity::Mme(gummei, id) => at(UE_MME, ("guMmeI", mme(gummei)), Value::from(*id)),
        UeIdentity::Gnb(UeInterface::F1ap, node, id) => at(UE_F1AP, ("globalGnbId", gnb(node)), Value::from(*id)),
        UeIdentity::Gnb(UeInterface::E1ap, node, id) => at(UE_E1AP, ("globalGnbId", gnb(node)), Value::from(*id)),
        UeIdentity::Gnb(UeInterface::Xnap, node, id) => {
            at(UE_XNAP, (NG_RAN_NODE, json!({ "globalGnbId": gnb(node) })), Value::from(*id))
        }
        UeIdentity::NgEnb(node, id) => {
            let node = json!({ "plmnId": plmn(node.plmn), "ngEnbId": { "macroNgEnbId": node.value } });
            at(UE_XNAP, (NG_RAN_NODE, json!({ "globalNgEnbId": node })), Value::from(*id))
        }
        UeIdentity::Enb(node, id) => at(UE_X2AP, ("globalEnbId", enb(node)), Value::from(*id)),
    }
}

fn gnb(gnb: &GnbIdentity) -> Value {
    json!({ "plmnId": plmn(gnb.plmn), "gnbId": { "gnbIdLength": gnb.length, "gnbIdValue": gnb.value } })
}

fn enb(enb: &EnbIdentity) -> Value {
    let id = match enb.home {
        true => json!({ "homeEnbId": format!("{:07X}", enb.value) }),
        false => json!({ "macroEnbId": format!("{:05X}", enb.value) }),
    };
    json!({ "plmnId": plmn(enb.plmn), "enbId": id })
}

fn amf(guami: &Guami) -> Value {
    json!({
        "plmnId": plmn(guami.plmn), "amfRegionId": format!("{:02X}", guami.region),
        "amfSetId": format!("{:03X}", guami.set), "amfPointer": format!("{:02X}", guami.pointer),
    })
}

fn mme(gummei: &Gummei) -> Value {
    json!({
        "plmnId": plmn(gummei.plmn), "mmeGroupId": format!("{:04X}", gummei.group),
        "mmeCode": format!("{:02X}", gummei.code),
    })
}

fn plmn(plmn: Plmn) -> Value {
    json!({ "mcc": plmn.mcc(), "mnc": plmn.mnc() })
}

fn slice(slice: SliceIdentity) -> Value {
    let mut object = json!({ "sst": slice.snssai.sst, "plmnId": plmn(slice.plmn) });
    // Without a differentiator the member is left out; it is never `FFFFFF`.
    if slice.snssai.sd.is_some() {
        object["sd"] = Value::from(slice.snssai.sd_hex());
    }
    object
}

fn cell(cell: CellIdentity) -> Value {
    let id = match cell.id {
        CellNumber::Nci(nci) => json!({ "ncI": nci }),
        CellNumber::Eci(eci) => json!({ "ecI": eci }),
    };
    json!({ "plmnId": plmn(cell.plmn), "cId": id })
}

fn cell_list(cells: &[CellIdentity]) -> Value {
    cells.iter().map(|one| cell(*one)).collect()
}

/// A number without a fraction where it has none.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}
