//! The attributes of chunks, services and SLAs.

use super::{Attribute, many, once};
use crate::ast::Noun;
use crate::parse::rules::Rule;

#[rustfmt::skip]
pub(super) const ATTRIBUTES: &[Attribute] = &[
    many(Noun::Chunk, super::SELECTION, Rule::selection_item, "a selection", "interfaces in site plaza", "the interfaces that belong to it; several selections are united"),
    once(Noun::Chunk, "ratio", Rule::chunk_ratio, "a percentage", "ratio 40%", "its share of each interface; needed where an interface is in several chunks and no SLA decides"),
    many(Noun::Chunk, "label", Rule::label, "a key and a value", r#"label vendor "acme""#, "a key and a value to select by"),
    once(Noun::Chunk, "owner", Rule::owner, "the name of an owner", "owner team-a", "the team that answers for it"),
    once(Noun::Service, "plmn", Rule::plmn, "a PLMN", "plmn 001-01", "the PLMN, if not the tenant's"),
    once(Noun::Service, "slice", Rule::slice, "an S-NSSAI", "slice 1:000001", "the slice, if not the tenant's"),
    once(Noun::Service, "ssid", Rule::ssid, "a text", r#"ssid "red""#, "the Wi-Fi network, if not the tenant's"),
    once(Noun::Service, "vlan", Rule::vlan, "a number", "vlan 101", "the VLAN, if not the tenant's"),
    many(Noun::Service, "ratio", Rule::service_ratio, "technologies and percentages", "ratio nr 40%, lte 30%, wifi 50%", "its part of the chunk's share, per technology"),
    many(Noun::Service, "throughput", Rule::throughput, "directions and bit rates", "throughput dl 100Mbps, ul 10Mbps", "what it should carry"),
    once(Noun::Service, "latency", Rule::latency, "a duration", "latency 20ms", "the delay it can bear"),
    once(Noun::Service, "ues", Rule::ues, "a number", "ues 64", "how many devices it should serve"),
    many(Noun::Service, "label", Rule::label, "a key and a value", r#"label vendor "acme""#, "a key and a value to select by"),
    once(Noun::Service, "owner", Rule::owner, "the name of an owner", "owner team-a", "the team that answers for it"),
    once(Noun::Sla, "over", Rule::over, "a selection", "over site plaza", "the interfaces it speaks of"),
    once(Noun::Sla, "share", Rule::share, "tenants and percentages", "share red 60%, blue 40%", "what each tenant was promised; they add up to 100 %"),
    once(Noun::Sla, "window", Rule::window, "a duration, and how often", "window 100s every 10s", "over how long it is measured, and how often it is steered"),
    once(Noun::Sla, "floor", Rule::floor, "a percentage", "floor 4%", "the least share of each tenant on each interface"),
    once(Noun::Sla, "direction", Rule::sla_direction, "`dl`, `ul` or `both`", "direction dl", "the direction it speaks of; both, if it says nothing"),
    once(Noun::Sla, "weight", Rule::weight, "`bandwidth`, `capacity` or `equal`", "weight bandwidth", "how much each interface counts; equal, if it says nothing"),
    many(Noun::Sla, "guarantee", Rule::guarantee, "a tenant and a percentage", "guarantee red 20% on gnb-1/nr-1", "the least a tenant gets, on one interface or in an area"),
    many(Noun::Sla, "cap", Rule::cap, "a tenant and a percentage", "cap blue 70%", "the most a tenant gets, on one interface or in an area"),
    once(Noun::Sla, "others", Rule::others, "a percentage or `best-effort`", "others best-effort", "what tenants get that are there but not named"),
    once(Noun::Sla, "theta", Rule::theta, "a number", "theta 0.1", "how strongly shares are kept even between interfaces"),
    once(Noun::Sla, "best effort", Rule::best_effort, "nothing more", "best effort", "out of reach is a warning, not an error"),
    many(Noun::Sla, "label", Rule::label, "a key and a value", r#"label vendor "acme""#, "a key and a value to select by"),
    once(Noun::Sla, "owner", Rule::owner, "the name of an owner", "owner team-a", "the team that answers for it"),
];
