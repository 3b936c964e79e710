//! A policy resource as the JSON object that a RIC takes, and back.
//!
//! One table says where each objective stands in each type; the rest are the identities of A1TD: PLMNs as strings of
//! digits, SDs as six hexadecimal digits, cells as numbers.

use std::collections::BTreeMap;

use ranform_network::a1::{PolicyKind, PolicyType};
use ranform_network::deployment::*;
use ranform_network::network::{GroupId, Preference, QosId};
use ranform_network::radio::{Plmn, Snssai};
use serde_json::{Map, Value, json};

use Objective::*;
use PolicyKind::*;

/// Where the objectives of a type stand: objective, member, and the member inside that one.
type Place = (Objective, &'static str, &'static str);

const SLICE: &[Place] = &[
    (GuaranteeDlKbps, "guaDlThptPerSlice", ""),
    (GuaranteeUlKbps, "guaUlThptPerSlice", ""),
    (AtMostDlKbps, "maxDlThptPerSlice", ""),
    (AtMostUlKbps, "maxUlThptPerSlice", ""),
    (AtMostPerUeDlKbps, "maxDlThptPerUe", ""),
    (AtMostPerUeUlKbps, "maxUlThptPerUe", ""),
    (AtMostUes, "maxNumberOfUes", ""),
    (AtMostSessions, "maxNumberOfPduSessions", ""),
    (DelayDlMs, "maxDlPacketDelayPerUe", ""),
    (DelayUlMs, "maxUlPacketDelayPerUe", ""),
    (PriorityDl, "dlSlicePriority", ""),
    (PriorityUl, "ulSlicePriority", ""),
];
const FLOW: &[Place] =
    &[(GuaranteeDlKbps, "gfbr", ""), (AtMostDlKbps, "mfbr", ""), (Priority, "priorityLevel", ""), (DelayMs, "pdb", "")];
const EXPERIENCE: &[Place] = &[
    (QualityScore, "qoeScore", ""),
    (QualityBufferingSeconds, "initialBuffering", ""),
    (QualityRebuffering, "reBuffFreq", ""),
    (QualityStallRatio, "stallRatio", ""),
];
const USER: &[Place] = &[
    (GuaranteeDlKbps, "dlThroughput", ""),
    (GuaranteeUlKbps, "ulThroughput", ""),
    (DelayDlMs, "dlPacketDelay", ""),
    (DelayUlMs, "ulPacketDelay", ""),
];
const LOAD: &[Place] = &[
    (PrbUsageDlPercent, "dlLbObjective", "dlTargetPrbUsg"),
    (PrbUsageDlType, "dlLbObjective", "dlPrbUsgType"),
    (PrbUsageUlPercent, "ulLbObjective", "ulTargetPrbUsg"),
    (PrbUsageUlType, "ulLbObjective", "ulPrbUsgType"),
];
const ENERGY: &[Place] = &[(EnergyPercent, "esPercentage", "")];

/// The member that holds the objectives of a type, and their places.
fn objectives_of(kind: PolicyKind) -> Option<(&'static str, &'static [Place])> {
    match kind {
        SliceSLATarget => Some(("sliceSlaObjectives", SLICE)),
        QoSTarget | QoSandTSP => Some(("qosObjectives", FLOW)),
        QoETarget | QoEandTSP => Some(("qoeObjectives", EXPERIENCE)),
        UELevelTarget => Some(("ueLevelObjectives", USER)),
        LoadBalancing => Some(("lbObjectives", LOAD)),
        EnergySaving => Some(("esObjectives", ENERGY)),
        TrafficSteeringPreference => None,
    }
}

/// The member that holds a list of cells, where it is not the scope.
fn resources_of(kind: PolicyKind) -> Option<&'static str> {
    match kind {
        SliceSLATarget => Some("sliceSlaResources"),
        LoadBalancing => Some("lbResources"),
        _ => None,
    }
}

/// The policy object.
pub fn to_body(policy: &PolicyResource) -> Value {
    let kind = policy.policy_type.kind;
    let mut body = Map::new();
    let mut scope = scope(&policy.scope);
    if kind == EnergySaving && !policy.cells.is_empty() {
        scope.insert("cellIdList".to_owned(), cell_list(&policy.cells));
    }
    body.insert("scope".to_owned(), Value::Object(scope));
    if let Some((member, places)) = objectives_of(kind) {
        let mut objectives = Map::new();
        for (objective, name, inner) in places {
            let Some(value) = policy.objectives.get(objective) else { continue };
            if inner.is_empty() {
                objectives.insert((*name).to_owned(), number(*value));
            } else if let Value::Object(below) = objectives.entry(*name).or_insert_with(|| json!({})) {
                below.insert((*inner).to_owned(), number(*value));
            }
        }
        body.insert(member.to_owned(), Value::Object(objectives));
    }
    if let Some(member) = resources_of(kind).filter(|_| !policy.cells.is_empty()) {
        body.insert(member.to_owned(), json!({ "cellIdList": cell_list(&policy.cells) }));
    }
    if !policy.steering.is_empty() {
        let entries = policy.steering.iter().map(|entry| {
            let mut object = json!({ "cellIdList": cell_list(&entry.cells), "preference": entry.preference });
            // Absent means false.
            if entry.primary {
                object["primary"] = Value::Bool(true);
            }
            object
        });
        body.insert("tspResources".to_owned(), entries.collect());
    }
    Value::Object(body)
}

fn scope(scope: &PolicyScope) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    };
    put("ueId", scope.ue.as_ref().map(|ue| Value::from(ue.as_str())));
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

/// The resource in a policy object. What has no place in it is kept as unexplained, by path.
///
/// # Errors
/// It is no object.
pub fn from_body(policy_type: PolicyType, type_number: Option<u32>, body: &Value) -> Result<PolicyResource, String> {
    let Value::Object(body) = body else { return Err("a policy is a JSON object".to_owned()) };
    let mut resource = PolicyResource {
        policy_type,
        type_number,
        scope: PolicyScope::default(),
        objectives: BTreeMap::new(),
        steering: Vec::new(),
        cells: Vec::new(),
        transient: false,
        require_enforced: false,
        unexplained: BTreeMap::new(),
    };
    let kind = policy_type.kind;
    for (name, value) in body {
        let taken = match name.as_str() {
            "scope" => read_scope(kind, value, &mut resource),
            "tspResources" => read_steering(value, &mut resource),
            other if objectives_of(kind).is_some_and(|(member, _)| member == other) => {
                read_objectives(kind, other, value, &mut resource)
            }
            other if resources_of(kind) == Some(other) => read_resources(other, value, &mut resource),
            _ => None,
        };
        if taken.is_none() {
            resource.unexplained.insert(name.clone(), value.clone());
        }
    }
    Ok(resource)
}

/// Notes a member that is not understood.
fn note(resource: &mut PolicyResource, path: String, value: &Value) {
    resource.unexplained.insert(path, value.clone());
}

fn read_scope(kind: PolicyKind, value: &Value, resource: &mut PolicyResource) -> Option<()> {
    for (name, value) in value.as_object()? {
        let scope = &mut resource.scope;
        let taken = match name.as_str() {
            "ueId" => value.as_str().map(|ue| scope.ue = Some(ue.to_ascii_uppercase())),
            "groupId" => read_group(value).map(|group| scope.group = Some(group)),
            "sliceId" => read_slice(value).map(|slice| scope.slice = Some(slice)),
            "qosId" => read_flow(value).map(|flow| scope.flow = Some(flow)),
            "cellId" => read_cell(value).map(|cell| scope.cell = Some(cell)),
            "cellIdList" if kind == EnergySaving => read_cells(value).map(|cells| resource.cells = cells),
            _ => None,
        };
        if taken.is_none() {
            note(resource, format!("scope.{name}"), value);
        }
    }
    Some(())
}

/// The only member of an object, if it has this name.
fn only<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(name)
}

/// A whole number, written as one or as `1.0`.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        (float.fract() == 0.0 && (0.0..9e15).contains(&float)).then_some(float as u64)
    })
}

fn read_group(value: &Value) -> Option<GroupId> {
    let id = |name| only(value, name).and_then(whole).and_then(|id| u16::try_from(id).ok());
    id("spId").map(GroupId::Spid).or_else(|| id("rfspIndex").map(GroupId::Rfsp))
}

fn read_flow(value: &Value) -> Option<QosId> {
    let id = |name| only(value, name).and_then(whole).and_then(|id| u16::try_from(id).ok());
    id("5qI").map(QosId::FiveQi).or_else(|| id("qcI").map(QosId::Qci))
}

fn read_plmn(value: &Value) -> Option<Plmn> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    Plmn::new(object.get("mcc")?.as_str()?, object.get("mnc")?.as_str()?)
}

fn read_slice(value: &Value) -> Option<SliceIdentity> {
    let object = value.as_object()?;
    let known = ["sst", "sd", "plmnId"];
    if object.keys().any(|name| !known.contains(&name.as_str())) {
        return None;
    }
    let sd = match object.get("sd") {
        None => None,
        Some(sd) => {
            let text = sd.as_str().filter(|text| text.len() == 6)?;
            // `FFFFFF` stands for none in other formats; here it would be another policy than ours.
            Some(u32::from_str_radix(text, 16).ok().filter(|sd| *sd != 0xFF_FFFF)?)
        }
    };
    let sst = u8::try_from(whole(object.get("sst")?)?).ok()?;
    Some(SliceIdentity { plmn: read_plmn(object.get("plmnId")?)?, snssai: Snssai { sst, sd } })
}

fn read_cell(value: &Value) -> Option<CellIdentity> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    let (plmn, id) = (read_plmn(object.get("plmnId")?)?, object.get("cId")?);
    let nci = only(id, "ncI").and_then(whole).filter(|nci| *nci < 1 << 36).map(CellNumber::Nci);
    let eci = || only(id, "ecI").and_then(whole).and_then(|eci| u32::try_from(eci).ok()).map(CellNumber::Eci);
    Some(CellIdentity { plmn, id: nci.or_else(eci)? })
}

fn read_cells(value: &Value) -> Option<Vec<CellIdentity>> {
    value.as_array()?.iter().map(read_cell).collect()
}

fn read_resources(member: &str, value: &Value, resource: &mut PolicyResource) -> Option<()> {
    for (name, value) in value.as_object()? {
        match Some(value).filter(|_| name == "cellIdList").and_then(read_cells) {
            Some(cells) => resource.cells = cells,
            None => note(resource, format!("{member}.{name}"), value),
        }
    }
    Some(())
}

fn read_steering(value: &Value, resource: &mut PolicyResource) -> Option<()> {
    for (index, entry) in value.as_array()?.iter().enumerate() {
        match read_entry(entry) {
            Some(entry) => resource.steering.push(entry),
            None => note(resource, format!("tspResources.{index}"), entry),
        }
    }
    Some(())
}

fn read_entry(entry: &Value) -> Option<SteeringEntry> {
    let object = entry.as_object()?;
    let known = ["cellIdList", "preference", "primary"];
    if object.keys().any(|name| !known.contains(&name.as_str())) {
        return None;
    }
    let preference: Preference = serde_json::from_value(object.get("preference")?.clone()).ok()?;
    let primary = match object.get("primary") {
        None => false,
        Some(primary) => primary.as_bool()?,
    };
    Some(SteeringEntry { preference, primary, cells: read_cells(object.get("cellIdList")?)? })
}

fn read_objectives(kind: PolicyKind, member: &str, value: &Value, resource: &mut PolicyResource) -> Option<()> {
    let (_, places) = objectives_of(kind)?;
    let find = |name: &str, inner: &str| {
        places.iter().find(|(_, place, below)| *place == name && *below == inner).map(|(objective, ..)| *objective)
    };
    for (name, value) in value.as_object()? {
        if let (Some(objective), Some(number)) = (find(name, ""), value.as_f64()) {
            resource.objectives.insert(objective, number);
            continue;
        }
        let nested = places.iter().any(|(_, place, below)| place == name && !below.is_empty());
        match value.as_object().filter(|_| nested) {
            Some(object) => {
                for (inner, value) in object {
                    match (find(name, inner), value.as_f64()) {
                        (Some(objective), Some(number)) => drop(resource.objectives.insert(objective, number)),
                        _ => note(resource, format!("{member}.{name}.{inner}"), value),
                    }
                }
            }
            None => note(resource, format!("{member}.{name}"), value),
        }
    }
    Some(())
}
