//! Schemas of our own for the types that a peer lists.

use serde_json::{Value, json};

/// A schema of our own for slice SLA targets of generation 2.0.0, draft 07.
pub fn slice_schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": false,
        "required": ["scope", "sliceSlaObjectives"],
        "properties": {
            "scope": { "type": "object", "required": ["sliceId"], "additionalProperties": false,
                       "properties": { "sliceId": { "$ref": "#/definitions/slice" } } },
            "sliceSlaObjectives": { "type": "object", "minProperties": 1, "additionalProperties": false, "properties": {
                "guaDlThptPerSlice": { "type": "number" }, "maxDlThptPerSlice": { "type": "number", "maximum": 1_000_000 },
                "maxNumberOfUes": { "type": "number" } } },
            "sliceSlaResources": { "type": "object", "properties": { "cellIdList": { "type": "array", "minItems": 1 } } }
        },
        "definitions": { "slice": {
            "type": "object", "required": ["sst", "plmnId"], "additionalProperties": false,
            "properties": { "sst": { "type": "integer", "minimum": 0, "maximum": 255 },
                            "sd": { "type": "string", "pattern": "^[A-Fa-f0-9]{6}$" }, "plmnId": { "type": "object" } } } }
    })
}

/// A schema of our own for traffic steering, draft 2020-12.
pub fn steering_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["scope", "tspResources"],
        "additionalProperties": false,
        "properties": {
            "scope": { "type": "object" },
            "tspResources": { "type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["cellIdList", "preference"], "additionalProperties": false, "properties": {
                    "cellIdList": { "type": "array" }, "primary": { "type": "boolean" },
                    "preference": { "enum": ["SHALL", "PREFER", "AVOID", "FORBID"] } } } }
        }
    })
}

/// A schema that wants what every policy has.
pub fn any_schema() -> Value {
    json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["scope"] })
}

/// A schema of our own for energy saving, shaped as compound documents of the current generation are: what is common has
/// an `$id` of its own and is referred to by it.
pub fn energy_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://peer.example/types/energysaving_3.0.1",
        "type": "object",
        "required": ["scope"],
        "anyOf": [{ "required": ["esObjectives"] }, { "required": ["esResources"] }],
        "additionalProperties": false,
        "properties": {
            "scope": { "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                       "properties": { "cellIdList": { "$ref": "/types/common_3.0.0#/$defs/Cells" },
                                       "taIList": { "type": "array", "minItems": 1 } } },
            "esObjectives": { "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                              "properties": { "esPercentage": { "type": "integer", "minimum": 0, "maximum": 100 },
                                              "targetPeeEnergy": { "type": "integer" } } },
            "esResources": { "type": "array", "minItems": 1 }
        },
        "$defs": {
            "common": {
                "$id": "https://peer.example/types/common_3.0.0",
                "$defs": { "Cells": { "type": "array", "minItems": 1, "items": { "type": "object" } } }
            }
        }
    })
}
