//! What a policy object calls a user equipment, read.

use ranform_network::deployment::{EnbIdentity, GnbIdentity, UeIdentity};
use ranform_network::network::{Guami, Gummei, UeInterface};
use serde_json::{Map, Value};

use super::read::{only, read_plmn, whole};
use super::tables::*;

/// A user equipment: 16 digits in generation 2.0.0, an object with one member in the current one.
pub(super) fn read(value: &Value) -> Option<UeIdentity> {
    if let Some(digits) = value.as_str() {
        return Some(UeIdentity::Ran(digits.to_ascii_uppercase(), None));
    }
    let at_gnb = |interface: UeInterface, names: (&str, &str)| {
        let (node, id) = members(value, names, "globalGnbId")?;
        Some(UeIdentity::Gnb(interface, gnb(node)?, small(id)?))
    };
    let ran = || {
        let (node, id) = members(value, UE_RAN, "globalGnbId")?;
        Some(UeIdentity::Ran(id.as_str()?.to_ascii_uppercase(), Some(gnb(node)?)))
    };
    let core = || {
        let (node, id) = members(value, UE_AMF, "guAmI")?;
        Some(UeIdentity::Amf(amf(node)?, whole(id).filter(|id| *id < 1 << 40)?))
    };
    let mobility = || {
        let (node, id) = members(value, UE_MME, "guMmeI")?;
        Some(UeIdentity::Mme(mme(node)?, small(id)?))
    };
    let lte = || {
        let (node, id) = members(value, UE_X2AP, "globalEnbId")?;
        Some(UeIdentity::Enb(enb(node)?, small(id)?))
    };
    ran()
        .or_else(core)
        .or_else(mobility)
        .or_else(|| at_gnb(UeInterface::F1ap, UE_F1AP))
        .or_else(|| at_gnb(UeInterface::E1ap, UE_E1AP))
        .or_else(lte)
        .or_else(|| xnap(value))
}

/// The two members of the only member of an object: the node, and the number at it.
fn members<'a>(value: &'a Value, (outer, inner): (&str, &str), node: &str) -> Option<(&'a Value, &'a Value)> {
    let object = only(value, outer)?.as_object().filter(|object| object.len() == 2)?;
    Some((object.get(node)?, object.get(inner)?))
}

fn xnap(value: &Value) -> Option<UeIdentity> {
    let (node, id) = members(value, UE_XNAP, NG_RAN_NODE)?;
    if let Some(node) = only(node, "globalGnbId") {
        return Some(UeIdentity::Gnb(UeInterface::Xnap, gnb(node)?, small(id)?));
    }
    let object = object_of(only(node, "globalNgEnbId")?, 2)?;
    let number = small(only(object.get("ngEnbId")?, "macroNgEnbId")?)?;
    let node = EnbIdentity { plmn: read_plmn(object.get("plmnId")?)?, value: number, home: false };
    Some(UeIdentity::NgEnb(node, small(id)?))
}

fn object_of(value: &Value, members: usize) -> Option<&Map<String, Value>> {
    value.as_object().filter(|object| object.len() == members)
}

fn small(value: &Value) -> Option<u32> {
    whole(value).and_then(|number| u32::try_from(number).ok())
}

fn gnb(value: &Value) -> Option<GnbIdentity> {
    let object = object_of(value, 2)?;
    let id = object_of(object.get("gnbId")?, 2)?;
    let length = u8::try_from(small(id.get("gnbIdLength")?)?).ok()?;
    Some(GnbIdentity { plmn: read_plmn(object.get("plmnId")?)?, value: small(id.get("gnbIdValue")?)?, length })
}

fn enb(value: &Value) -> Option<EnbIdentity> {
    let object = object_of(value, 2)?;
    let (plmn, id) = (read_plmn(object.get("plmnId")?)?, object.get("enbId")?);
    if let Some(value) = only(id, "homeEnbId") {
        return Some(EnbIdentity { plmn, value: hexadecimal(value, 7)?, home: true });
    }
    Some(EnbIdentity { plmn, value: hexadecimal(only(id, "macroEnbId")?, 5)?, home: false })
}

fn hexadecimal(value: &Value, digits: usize) -> Option<u32> {
    let text = value.as_str().filter(|text| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    u32::from_str_radix(text?, 16).ok()
}

fn amf(value: &Value) -> Option<Guami> {
    let object = object_of(value, 4)?;
    Some(Guami {
        plmn: read_plmn(object.get("plmnId")?)?,
        region: u8::try_from(hexadecimal(object.get("amfRegionId")?, 2)?).ok()?,
        set: u16::try_from(hexadecimal(object.get("amfSetId")?, 3)?).ok()?,
        pointer: u8::try_from(hexadecimal(object.get("amfPointer")?, 2)?).ok()?,
    })
}

fn mme(value: &Value) -> Option<Gummei> {
    let object = object_of(value, 3)?;
    Some(Gummei {
        plmn: read_plmn(object.get("plmnId")?)?,
        group: u16::try_from(hexadecimal(object.get("mmeGroupId")?, 4)?).ok()?,
        code: u8::try_from(hexadecimal(object.get("mmeCode")?, 2)?).ok()?,
    })
}
