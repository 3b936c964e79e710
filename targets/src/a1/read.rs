//! The way back from the JSON object that a RIC holds to a policy resource: nothing of it is lost.

use ranform_network::a1::{PolicyKind, PolicyType};
use ranform_network::deployment::*;
use ranform_network::network::{GroupId, Preference, QosId, Spared};
use ranform_network::radio::{Plmn, Snssai};
use serde_json::Value;

use super::tables::*;
use super::ue;

/// The resource in a policy object. What has no place in it is kept as unexplained, by path.
///
/// # Errors
/// It is no object.
pub fn from_body(policy_type: PolicyType, type_number: Option<u32>, body: &Value) -> Result<PolicyResource, String> {
    let Value::Object(body) = body else { return Err("a policy is a JSON object".to_owned()) };
    let mut resource = PolicyResource::new(policy_type, type_number);
    let kind = policy_type.kind;
    for (name, value) in body {
        let taken = match name.as_str() {
            "scope" => read_scope(kind, value, &mut resource),
            "tspResources" => read_list(name, value, &mut resource, |resource, entry| {
                read_entry(entry).map(|entry| resource.steering.push(entry))
            }),
            "esResources" if kind == PolicyKind::EnergySaving => {
                read_list(name, value, &mut resource, |resource, entry| {
                    read_spares(entry).map(|entry| resource.spares.push(entry))
                })
            }
            other if member_of(kind) == Some(other) => read_objectives(other, value, &mut resource),
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
            "ueId" => ue::read(value).map(|ue| scope.ue = Some(ue)),
            "groupId" => read_group(value).map(|group| scope.group = Some(group)),
            "sliceId" => read_slice(value).map(|slice| scope.slice = Some(slice)),
            "qosId" => read_flow(value).map(|flow| scope.flow = Some(flow)),
            "cellId" => read_cell(value).map(|cell| scope.cell = Some(cell)),
            "cellIdList" | "taIList" if kind == PolicyKind::EnergySaving => read_place(name, value, resource),
            _ => None,
        };
        if taken.is_none() {
            note(resource, format!("scope.{name}"), value);
        }
    }
    Some(())
}

/// The only member of an object, if it has this name.
pub(super) fn only<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(name)
}

/// A whole number, written as one or as `1.0`.
pub(super) fn whole(value: &Value) -> Option<u64> {
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

pub(super) fn read_plmn(value: &Value) -> Option<Plmn> {
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

/// `cellIdList` or `taIList`.
fn read_place(name: &str, value: &Value, resource: &mut PolicyResource) -> Option<()> {
    match name {
        "cellIdList" => read_cells(value).map(|cells| resource.cells = cells),
        "taIList" => {
            let areas: Option<Vec<_>> = value.as_array()?.iter().map(read_area).collect();
            areas.map(|areas| resource.tracking_areas = areas)
        }
        _ => None,
    }
}

fn read_area(value: &Value) -> Option<TrackingArea> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    let tac = object.get("tac")?.as_str().filter(|text| text.len() == 6)?;
    Some(TrackingArea { plmn: read_plmn(object.get("plmnId")?)?, tac: u32::from_str_radix(tac, 16).ok()? })
}

fn read_resources(member: &str, value: &Value, resource: &mut PolicyResource) -> Option<()> {
    for (name, value) in value.as_object()? {
        if read_place(name, value, resource).is_none() {
            note(resource, format!("{member}.{name}"), value);
        }
    }
    Some(())
}

/// Reads each entry of a list; those that are not understood are noted.
fn read_list(
    member: &str,
    value: &Value,
    resource: &mut PolicyResource,
    read: impl Fn(&mut PolicyResource, &Value) -> Option<()>,
) -> Option<()> {
    for (index, entry) in value.as_array()?.iter().enumerate() {
        if read(resource, entry).is_none() {
            note(resource, format!("{member}.{index}"), entry);
        }
    }
    Some(())
}

fn read_spares(entry: &Value) -> Option<SparesEntry> {
    let object = entry.as_object()?;
    let kinds = [
        (Spared::Operation, "operationalCells", "operationalPreference"),
        (Spared::Coverage, "coverageCells", "coveragePreference"),
    ];
    let (what, cells, preference) = kinds.into_iter().find(|(_, cells, _)| object.contains_key(*cells))?;
    if object.keys().any(|name| ![cells, preference, "dlPrbUsage", "ulPrbUsage"].contains(&name.as_str())) {
        return None;
    }
    let forbidden = match object.get(preference)?.as_str()? {
        "FORBID" => true,
        "AVOID" => false,
        _ => return None,
    };
    // The outer option is none where there is a percentage that is none.
    let percent = |name: &str| match object.get(name) {
        None => Some(None),
        Some(value) => whole(value).filter(|percent| *percent <= 100).map(|percent| Some(percent as u8)),
    };
    let (while_dl, while_ul) = (percent("dlPrbUsage")?, percent("ulPrbUsage")?);
    Some(SparesEntry { what, forbidden, cells: read_cells(object.get(cells)?)?, while_dl, while_ul })
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

fn read_objectives(member: &str, value: &Value, resource: &mut PolicyResource) -> Option<()> {
    let places: Vec<_> = places_of(resource.policy_type).collect();
    // Peers write with and without the blanks that the schemas have in some names.
    let find = |name: &str, inner: &str| {
        let same = |place: &str, other: &str| place.trim() == other.trim();
        places
            .iter()
            .find(|(_, place, below)| same(place, name) && same(below, inner))
            .map(|(objective, ..)| *objective)
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
