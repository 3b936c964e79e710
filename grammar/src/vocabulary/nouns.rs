//! The nouns, in reading order.

use super::Entry;
use crate::ast::Noun;
use crate::parse::rules::Rule;

const fn noun(
    noun: Noun,
    rule: Rule,
    body: Option<Rule>,
    shape: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Entry {
    Entry { noun, shape, example, meaning, rule, body }
}

#[rustfmt::skip]
pub(super) const NOUNS: &[Entry] = &[
    noun(Noun::Site, Rule::site, Some(Rule::site_body), "site NAME { .. }", r#"site plaza { region "metro"  tier 1 }"#, "a place where nodes stand"),
    noun(Noun::Area, Rule::area, Some(Rule::area_body), "area NAME { SELECTION .. }", r#"area downtown { cells where site.region = "metro" }"#, "a named selection of nodes and interfaces"),
    noun(Noun::Tenant, Rule::tenant, Some(Rule::tenant_body), "tenant NAME { .. }", r#"tenant red { plmn 001-01  slice 1:000001 }"#, "someone who shares the network"),
    noun(Noun::Node, Rule::node, Some(Rule::node_body), "node NAME : KIND { .. }", r#"node gnb-1 : gnb { site plaza  profile 3gpp-r18 }"#, "a network element or a computer"),
    noun(Noun::Cell, Rule::cell, Some(Rule::cell_body), "cell NAME { .. }", r#"cell nr-1 { band n77  carrier 4.05GHz }"#, "an NR or LTE cell of a node"),
    noun(Noun::Radio, Rule::radio, Some(Rule::radio_body), "radio NAME { .. }", r#"radio r1 { channel 149  width 20MHz }"#, "a Wi-Fi radio of an access point"),
    noun(Noun::Port, Rule::port, Some(Rule::port_body), "port NAME { .. }", r#"port p1 { rate 1Gbps }"#, "an Ethernet port of a node"),
    noun(Noun::Link, Rule::link, Some(Rule::link_body), "link NODE -- NODE { .. }", r#"link gnb-1 -- edge-1 { latency 2ms }"#, "a connection of two nodes"),
    noun(Noun::Table, Rule::table, Some(Rule::table_body), r#"table NAME from "FILE" { .. }"#, r#"table cells from "cells.csv" { as cell on node  key "Cell" }"#, "an inventory in a CSV, YAML or JSON file"),
    noun(Noun::Chunk, Rule::chunk, Some(Rule::chunk_body), "chunk NAME for TENANT { SELECTION .. }", r#"chunk red-plaza for red { interfaces in site plaza }"#, "a tenant's group of interfaces"),
    noun(Noun::Service, Rule::service, Some(Rule::service_body), "service NAME on CHUNK { .. }", r#"service red-broadband on red-plaza { vlan 101 }"#, "what is radiated and carried on a chunk"),
    noun(Noun::Sla, Rule::sla, Some(Rule::sla_body), "sla NAME { .. }", r#"sla plaza { over site plaza  share red 60%, blue 40% }"#, "the shares promised to tenants over an area"),
    noun(Noun::Ric, Rule::ric, Some(Rule::ric_body), "ric NAME { .. }", r#"ric metro { serves e2-nodes in area downtown }"#, "a near-RT RIC to place"),
    noun(Noun::Component, Rule::component, Some(Rule::component_body), "component management|e2t|sdl|nib { .. }", r#"component e2t { demand cpu 2, memory 4GB }"#, "a platform component of a RIC"),
    noun(Noun::Xapp, Rule::xapp, Some(Rule::xapp_body), "xapp NAME { .. }", r#"xapp steering { demand cpu 1  loop 10ms }"#, "an xApp of a RIC"),
    noun(Noun::Model, Rule::model, Some(Rule::model_body), "model NAME { .. }", r#"model storm-v2 { offers storm-protection  demand cpu 1 }"#, "an entry of the model catalog"),
    noun(Noun::Request, Rule::request, Some(Rule::request_body), "request NAME { .. }", r#"request storm-guard { want storm-protection on cu-cp  within 10ms }"#, "functions wanted on nodes"),
    noun(Noun::Target, Rule::target, Some(Rule::target_body), "target NAME { .. }", r#"target slow { want forecast on du  within 1s }"#, "a part of a request with limits of its own"),
    noun(Noun::Policy, Rule::policy, Some(Rule::policy_body), "policy NAME { .. }", r#"policy red-video { for tenant red  for 5qi 7  guarantee dl 20Mbps }"#, "what near-RT RICs should do for somebody on some cells (A1)"),
    noun(Noun::Guard, Rule::guard, Some(Rule::guard_body), "guard NAME deny|warn { .. }", r#"guard small-steps deny { over changes where kind = cell  require share.delta <= 20% }"#, "a rule that a plan must (deny) or should (warn) keep"),
    noun(Noun::Limit, Rule::limit, Some(Rule::limit_body), "limit { .. }", r#"limit { deletions 10 or 5%  cells 100 }"#, "how much one plan may touch"),
    noun(Noun::Keep, Rule::keep, Some(Rule::keep_body), "keep placement|models { .. }", r#"keep placement { pin e2t on edge-3  churn price 5 }"#, "what should stay where it is"),
    noun(Noun::Owner, Rule::owner_block, Some(Rule::owner_body), "owner NAME { .. }", r#"owner team-a { contact "team-a@acme.example"  owns tenant red }"#, "a team and what it owns"),
    noun(Noun::Protect, Rule::protect, None, "protect ADDRESS, ..", r#"protect node.gnb-1"#, "things that no plan may delete, even after the line is gone"),
    noun(Noun::Forget, Rule::forget, None, "forget ADDRESS, ..", r#"forget node.gnb-9"#, "things to stop managing, left on their devices as they are"),
    noun(Noun::Moved, Rule::moved, None, "moved ADDRESS -> ADDRESS", r#"moved tenant.red -> tenant.crimson"#, "a new name for a thing, without touching the network"),
    noun(Noun::Outside, Rule::outside_change, None, "outside change [of NOUN.ATTRIBUTE, ..] on PATTERN restore|accept|stop|ignore until DATE", r#"outside change on node.gnb-1/** ignore until 2026-12-31"#, "what happens to leaves that others changed"),
    noun(Noun::Module, Rule::module, Some(Rule::module_body), r#"module NAME from "FOLDER" { parameter NAME VALUE .. }"#, r#"module north from "modules/metro" { parameter sites 3 }"#, "a folder of intents, used under a name"),
    noun(Noun::Parameter, Rule::parameter, None, "parameter NAME = DEFAULT", r#"parameter floor = 4%"#, "a value that a module or the project takes"),
    noun(Noun::Overlay, Rule::overlay, Some(Rule::overlay_body), "overlay NAME { set ADDRESS { .. } }", r#"overlay staging { set node.gnb-1/cell.nr-1 { power 20dBm } }"#, "changes for one environment"),
    noun(Noun::Set, Rule::set, None, "set ADDRESS { .. }", r#"set node.gnb-1/cell.nr-1 { power 20dBm }"#, "what an overlay changes of one thing"),
];
