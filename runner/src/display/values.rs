//! Values of leaves as people read them.

use serde_json::{Number, Value};

/// A value as JSON, whole numbers without `.0`.
pub fn words(value: &Value) -> String {
    whole(value).to_string()
}

/// The same, or what stands for none.
pub fn words_or(value: Option<&Value>, none: &str) -> String {
    value.map_or_else(|| none.to_owned(), words)
}

fn whole(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(shortest(number)),
        Value::Array(items) => items.iter().map(whole).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), whole(value))).collect(),
        other => other.clone(),
    }
}

/// Doubles hold every whole number below 2⁵³ exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn shortest(number: &Number) -> Number {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < EXACT => Number::from(value as i64),
        _ => number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction() {
        assert_eq!(words(&json!(40.0)), "40");
        assert_eq!(words(&json!(50_000_000_000.0)), "50000000000");
        assert_eq!(words(&json!(-0.5)), "-0.5");
        assert_eq!(words(&json!(1e300)), "1e+300");
        assert_eq!(words(&json!({ "max": 60.0, "names": ["a", 1] })), r#"{"max":60,"names":["a",1]}"#);
        assert_eq!(words_or(None, "nothing"), "nothing");
    }
}
