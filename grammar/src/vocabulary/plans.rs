//! The attributes of guards, limits, keep, owners and modules.

use super::{Attribute, many, once};
use crate::ast::Noun;
use crate::parse::rules::Rule;

#[rustfmt::skip]
pub(super) const ATTRIBUTES: &[Attribute] = &[
    once(Noun::Guard, "over", Rule::over, "a selection", "over changes where kind = cell", "the things it speaks of; without one, everything that changes"),
    many(Noun::Guard, "require", Rule::require, "a condition", "require share.delta <= 20%", "what must hold of each"),
    many(Noun::Guard, "except", Rule::except, "an address, a day and a reason", r#"except node.gnb-1/cell.nr-1 until 2026-12-31 because "migration""#, "what it does not speak of, until when and why"),
    once(Noun::Guard, "because", Rule::because, "a text", r#"because "large steps drop calls""#, "why it is there, told to whom it stops"),
    once(Noun::Guard, "owner", Rule::owner, "the name of an owner", "owner team-a", "the team that answers for it"),
    once(Noun::Limit, "deletions", Rule::deletions, "a number, a percentage, or both", "deletions 10 or 5%", "the most a plan may delete: the larger of the two"),
    once(Noun::Limit, "cells", Rule::cells_touched, "a number", "cells 100", "the most cells a plan may touch"),
    once(Noun::Limit, "identities", Rule::identities, "a number", "identities 1", "the most cells whose first PLMN, base station id or local id a plan may change; none unless written"),
    many(Noun::Limit, "share-moved", Rule::share_moved, "a tenant and a percentage", "share-moved red 10%", "the most of a tenant's share that a plan may move"),
    many(Noun::Limit, "acknowledge", Rule::acknowledge, "addresses of tables and selections, each with a number", "acknowledge chunk.red-plaza 40", "they yield as few things as that now, and it is meant"),
    many(Noun::Keep, "pin", Rule::pin, "what and a node", "pin e2t on edge-3", "what must stay where it is"),
    many(Noun::Keep, "churn", Rule::churn, "`price` or `budget` and a number", "churn price 5", "what a move costs, or how many are allowed"),
    many(Noun::Owner, "contact", Rule::contact, "a text", r#"contact "team-a@acme.example""#, "whom to call"),
    many(Noun::Owner, "owns", Rule::owns, "tenants, sites, areas, nodes, folders or fields", r#"owns tenant red, site plaza, folder "north/", field tenant.ssid"#, "what it answers for"),
    many(Noun::Module, "parameter", Rule::argument, "a name and a value", "parameter sites 3", "the value of a parameter of the module"),
];
