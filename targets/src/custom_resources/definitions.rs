//! Custom resource definitions, from the kinds.

use serde_json::{Value, json};

use super::kinds::{CONDITIONS, Column, GROUP, KINDS, Kind, VERSION};
use crate::kubernetes::{MANAGED_BY, MANAGER};

/// The definitions of all kinds as one YAML file, with a line that says where it comes from.
pub fn definitions_yaml() -> String {
    let heading = "# The custom resources of ranform, made by `ranform export crds`. Do not edit.\n";
    heading.to_owned() + &super::yaml(&KINDS.iter().map(definition).collect::<Vec<_>>())
}

/// The definition of a kind.
pub fn definition(kind: &Kind) -> Value {
    let mut spec = kind.spec.schema();
    spec["description"] = "what is intended".into();
    let mut status = kind.status.schema();
    status["description"] = "what is so".into();
    let columns: Vec<Value> = kind.columns.iter().chain(CONDITIONS).map(shown).collect();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": format!("{}.{GROUP}", kind.plural),
            "labels": { MANAGED_BY: MANAGER },
        },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind.name,
                "listKind": format!("{}List", kind.name),
                "plural": kind.plural,
                "singular": kind.name.to_lowercase(),
                "shortNames": kind.short,
                "categories": ["ranform"],
            },
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "additionalPrinterColumns": columns,
                "schema": { "openAPIV3Schema": {
                    "type": "object",
                    "description": kind.about,
                    "required": ["spec"],
                    "properties": {
                        "apiVersion": { "type": "string" },
                        "kind": { "type": "string" },
                        "metadata": { "type": "object" },
                        "spec": spec,
                        "status": status,
                    },
                } },
            }],
        },
    })
}

fn shown(column: &Column) -> Value {
    let mut shown = json!({ "name": column.name, "type": column.of, "jsonPath": column.path });
    if column.priority > 0 {
        shown["priority"] = column.priority.into();
    }
    shown
}
