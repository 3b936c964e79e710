//! A policy object against the schema that the RIC itself gives for its type (JSON Schema drafts 07 and 2020-12).
//!
//! The schema comes from outside: it is bounded in size and depth, never fetches another one, and its patterns run in
//! linear time.

use serde_json::{Map, Value};

/// The largest schema that is used, in bytes of JSON.
pub const LARGEST: usize = 4 << 20;
/// How many findings are told.
const TOLD: usize = 8;

/// Why an object was not checked, or does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The RIC's schema cannot be used.
    #[error("its schema cannot be used: {0}")]
    Unusable(String),
    /// The object is not as the schema wants it: place and reason of each finding.
    #[error("{}", .0.join("; "))]
    Refused(Vec<String>),
}

/// Checks `body` against `schema`.
///
/// # Errors
/// The schema cannot be used, or the object does not pass.
pub fn check(schema: &Value, body: &Value) -> Result<(), SchemaError> {
    if schema.to_string().len() > LARGEST {
        return Err(SchemaError::Unusable(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    let unusable = |error: jsonschema::ValidationError<'_>| SchemaError::Unusable(error.to_string());
    let validator = jsonschema::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(&plain(schema))
        .map_err(unusable)?;
    let findings: Vec<String> = validator
        .iter_errors(body)
        .take(TOLD)
        .map(|error| {
            let place = error.instance_path().to_string();
            if place.is_empty() { error.to_string() } else { format!("`{place}`: {error}") }
        })
        .collect();
    if findings.is_empty() { Ok(()) } else { Err(SchemaError::Refused(findings)) }
}

/// The value with whole numbers written as such: the management service writes `"maximum":255.0`, `"minItems":1.0`.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(object) => {
            Value::Object(object.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
        }
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => Value::from(float as i64),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}
