//! What an operator may change in a chart, as it is in the plan, and the schema that refuses everything else.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::HEADER;
use super::openings::Openings;
use super::roles::Roles;
use crate::kubernetes::HOSTNAME;

/// The values of an environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Values {
    /// The image of each function.
    pub images: BTreeMap<String, String>,
    /// What the chosen nodes are called in the cluster.
    pub nodes: Roles,
    /// What they were called when it was planned, where the environments differ in that.
    pub names: Roles,
    /// What each plan decided where the environments differ, by instance.
    pub decided: BTreeMap<String, BTreeMap<String, Value>>,
}

fn yaml(name: &str, of: &impl serde::Serialize) -> String {
    serde_yaml::to_string(&BTreeMap::from([(name, of)])).unwrap_or_default()
}

impl Values {
    /// The file, with explanations.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "{HEADER}# The image of each function; a tag that can become another image is refused by the next plan.\n{}\
             # A registry that mirrors all of them: takes the place of the part before the first `/`.\nregistry: \"\"\n\
             # Secrets to pull them with, beside those of the plan: [{{name: regcred}}].\nimagePullSecrets: []\n\
             # What the chosen nodes, by their names in the intents, are called in this cluster (their label {HOSTNAME}): for\n\
             # hardware that is replaced.\n{}\
             # The class of the storage of what keeps state; the cluster's default where it is empty.\nstorageClassName: \"\"\n\
             # How E2 nodes reach the E2 terminations.\nloadBalancer:\n  class: \"\"\n  annotations: {{}}\n",
            yaml("images", &self.images),
            yaml("nodes", &self.nodes)
        );
        if !self.names.is_empty() {
            text +=
                "# What those nodes were called when it was planned: objects are called after them, and keep that.\n";
            text += &yaml("names", &self.names);
        }
        if !self.decided.is_empty() {
            text += "# What the plan of each environment decided: another environment's has its own, and no other is taken.\n";
            text += &yaml("decided", &self.decided);
        }
        text
    }

    /// The file of an environment: its images, and what it has otherwise than the base.
    pub(super) fn beside(&self, base: &Self) -> String {
        let mut text = HEADER.to_owned() + &yaml("images", &self.images);
        if self.nodes != base.nodes {
            text += &yaml("nodes", &self.nodes);
        }
        if self.names != base.names {
            text += &yaml("names", &self.names);
        }
        if self.decided != base.decided {
            text += &yaml("decided", &self.decided);
        }
        text
    }

    /// Their schema (JSON Schema draft-07): any other value is refused by Helm.
    pub(super) fn schema(&self, openings: &Openings) -> String {
        let label = json!({"type": "string", "pattern": "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", "maxLength": 253});
        let mut properties = json!({
            "global": {"type": "object"},
            "images": each(&self.images, &pinned()),
            "nodes": each(&self.nodes, &json!({"type": "string", "minLength": 1})),
            "registry": {"type": "string"},
            "imagePullSecrets": {"type": "array", "items": {"type": "object"}},
            "storageClassName": {"type": "string"},
            "loadBalancer": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "class": {"type": "string"},
                    "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
        });
        let mut required = vec!["images", "nodes"];
        if !self.names.is_empty() {
            properties["names"] = each(&self.names, &label);
            required.push("names");
        }
        if !openings.decided.is_empty() {
            properties["decided"] = decided(openings);
            required.push("decided");
        }
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "description": "Written by `ranform render`. Replicas, resources, places and policies are decided in the plan.",
            "type": "object",
            "additionalProperties": false,
            "required": required,
            "properties": properties,
        });
        format!("{schema:#}\n")
    }
}

/// Members of these names and no other. What is required cannot be taken away with `null`: a function without an image or a
/// node would be rendered.
fn object(members: Map<String, Value>) -> Value {
    let required: Vec<&String> = members.keys().collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": members})
}

fn each(of: &BTreeMap<String, String>, schema: &Value) -> Value {
    object(of.keys().map(|name| (name.clone(), schema.clone())).collect())
}

/// A leaf is what one of the plans decided.
fn decided(openings: &Openings) -> Value {
    let leaves = |leaves: &BTreeMap<String, Vec<Value>>| {
        object(leaves.iter().map(|(name, values)| (name.clone(), json!({ "enum": values }))).collect())
    };
    object(openings.decided.iter().map(|(instance, all)| (instance.clone(), leaves(all))).collect())
}

/// The schema of an image that is always the same one ([`ranform_network::image::is_pinned`]). Helm's regular expressions
/// have no look-ahead.
fn pinned() -> Value {
    json!({
        "type": "string",
        "description": "an image by digest, or by a tag that is not `latest`",
        "anyOf": [
            {"pattern": "@"},
            {"pattern": ":[^:/]+$", "not": {"pattern": ":[lL][aA][tT][eE][sS][tT]$"}},
        ],
    })
}
