//! Whom a policy is for: `for tenant red  for 5qi 7`, `for ue "00000000000000A1" at gnb-1`, `for group spid 3`

use ranform_grammar::ast::Value;
use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{GroupId, Guami, Gummei, QosId, Subject, UeInterface, UserEquipment};
use ranform_network::{Located, Span};

use super::argument::Argument;
use super::body::{Body, Line};
use super::names::Kind;
use super::node::twice;
use super::select::Selector;

/// `for tenant red`, `for 5qi 7`, `for ue "00000000000000A1"`, `for group spid 3`
pub(super) fn subject(body: &Body<'_>, selector: Selector<'_>) -> Subject {
    let mut subject = Subject::default();
    for line in body.all("for") {
        let Some(what) = line.values().first().and_then(|value| value.value.name().cloned()) else { continue };
        let first = match what.as_str() {
            "tenant" => {
                let tenant = line.at(1).and_then(|tenant| selector.lookup.bind(Kind::Tenant, &tenant));
                keep(&mut subject.tenant, tenant)
            }
            "ue" => keep(&mut subject.ue, user_equipment(line, selector)),
            "group" => keep(&mut subject.group, group(line)),
            word => {
                let number = line.at(1).and_then(|number| number.whole(1, 256));
                let flow = number.map(|number| {
                    number.map(|id| if word == "qci" { QosId::Qci(id as u16) } else { QosId::FiveQi(id as u16) })
                });
                keep(&mut subject.flow, flow)
            }
        };
        if let Some(first) = first {
            body.report(twice(&format!("for {what}"), line.span(), first));
        }
    }
    subject
}

/// Sets what was not set before; else gives the place of what was.
pub(super) fn keep<T>(slot: &mut Option<Located<T>>, found: Option<Located<T>>) -> Option<Span> {
    match (&slot, found) {
        (Some(first), Some(_)) => Some(first.span),
        (None, found) => {
            *slot = found;
            None
        }
        (Some(_), None) => None,
    }
}

/// `"00000000000000A1" at gnb-1`, `amf 17 at 001-01 region "02" set "001" pointer "03"`, `f1ap 17 at gnb-1`
fn user_equipment(line: Line<'_, '_>, selector: Selector<'_>) -> Option<Located<UserEquipment>> {
    let first = line.at(1)?;
    let node = || line.after("at").map(|node| selector.lookup.bind::<NodeId>(Kind::Node, &node));
    let word = match first.value {
        Value::Word(word) => word.as_str(),
        _ => return ran_ue_id(&first, node()),
    };
    let number = line.at(2)?;
    let found = match word {
        "amf" => {
            let plmn = line.after("at")?.plmn();
            let (region, set) = (hexadecimal(line, "region", 2, 0xFF), hexadecimal(line, "set", 3, 0x3FF));
            let pointer = hexadecimal(line, "pointer", 2, 0x3F);
            let (plmn, region, set, pointer) = (plmn?.value, region? as u8, set?, pointer? as u8);
            UserEquipment::Amf(Guami { plmn, region, set, pointer }, number.large((1 << 40) - 1)?.value)
        }
        "mme" => {
            let plmn = line.after("at")?.plmn();
            let (group, code) = (hexadecimal(line, "group", 4, 0xFFFF), hexadecimal(line, "code", 2, 0xFF));
            let (plmn, group, code) = (plmn?.value, group?, code? as u8);
            UserEquipment::Mme(Gummei { plmn, group, code }, number.whole(0, u32::MAX)?.value)
        }
        "x2ap" => UserEquipment::Enb(node()??.value, number.whole(0, 4095)?.value),
        word => {
            let (interface, _) = UeInterface::ALL.iter().find(|(_, other)| *other == word)?;
            UserEquipment::Gnb(*interface, node()??.value, number.whole(0, u32::MAX)?.value)
        }
    };
    Some(Located::new(found, first.span))
}

#[allow(
    clippy::option_option,
    reason = "the outer option is none where no node was asked for, the inner where it cannot be read"
)]
fn ran_ue_id(value: &Argument<'_, '_>, at: Option<Option<Located<NodeId>>>) -> Option<Located<UserEquipment>> {
    let text = value.text()?;
    if text.value.len() != 16 || !text.value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        value.wrong("the id of a user equipment", "its 16 hexadecimal digits, such as `\"00000000000000A1\"`");
        return None;
    }
    let gnb = match at {
        // A node that is not there has been reported.
        Some(None) => return None,
        Some(Some(node)) => Some(node.value),
        None => None,
    };
    Some(text.map(|text| UserEquipment::Ran(text.to_ascii_uppercase().as_str().into(), gnb)))
}

/// The number after a word, written as this many hexadecimal digits.
fn hexadecimal(line: Line<'_, '_>, word: &str, digits: usize, most: u16) -> Option<u16> {
    let value = line.after(word)?;
    let text = value.text()?.value;
    let number = u16::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits && !text.starts_with('+'));
    if number.is_none_or(|number| number > most) {
        let message = format!("`{word}` cannot be `{text}`");
        let help = format!("write its {digits} hexadecimal digits, at most `\"{most:0digits$X}\"`");
        value.report(&codes::WRONG_VALUE, message, help);
        return None;
    }
    number
}

/// `for group spid 3`
fn group(line: Line<'_, '_>) -> Option<Located<GroupId>> {
    let by_profile = line.says("spid");
    let number = line.at(2)?.whole(1, 256)?;
    Some(number.map(|id| if by_profile { GroupId::Spid(id as u16) } else { GroupId::Rfsp(id as u16) }))
}
