//! What a value of a custom resource is, said once: the OpenAPI schema of the API server and our own reader come from it.

use serde_json::{Map, Value, json};

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A text of one to so many characters.
    Text(u32),
    /// A text of a form of its own.
    Form(&'static Form),
    /// A number and a unit, as in the language.
    Quantity(&'static Dimension),
    /// A number that may have a fraction: a whole number, or a text. The API conventions want no floating point.
    Decimal,
    /// A whole number of this range.
    Integer(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// True or false.
    Flag,
    /// Named fields.
    Object(&'static Shape),
    /// Several of one type, at most so many.
    List(&'static Type, u32, Order),
    /// Names with a value of one type each, at most so many.
    Map(&'static Type, u32),
}

/// How the server merges lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As a whole.
    Atomic,
    /// Each value once.
    Set,
    /// By these fields, which are unique together.
    Keys(&'static [&'static str]),
}

/// A text of a form of its own.
#[derive(Debug)]
pub struct Form {
    /// In words: `three digits`.
    pub words: &'static str,
    /// How it may look.
    pub example: &'static str,
    /// As a regular expression (RE2) for the API server.
    pub pattern: &'static str,
    /// The most characters.
    pub most: u32,
    /// The same for our own reader.
    pub is: fn(&str) -> bool,
}

/// What a quantity measures.
#[derive(Debug)]
pub struct Dimension {
    /// In words: `a duration`.
    pub words: &'static str,
    /// How it may look.
    pub example: &'static str,
    /// The units it is written in.
    pub units: &'static [&'static str],
    /// Whether it may be below zero.
    pub signed: bool,
}

/// An object's fields and what must hold between them.
#[derive(Debug)]
pub struct Shape {
    /// The fields, in reading order.
    pub fields: &'static [Field],
    /// Rules over several fields.
    pub rules: &'static [Rule],
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub of: Type,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, one line.
    pub about: &'static str,
    /// Rules over its value.
    pub rules: &'static [Rule],
}

/// What the API server refuses, in its expression language (CEL), with what it says then.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The expression that must hold.
    pub rule: &'static str,
    /// What is wrong where it does not, in the words of the language's own checks.
    pub message: &'static str,
}

/// The longest text of a quantity.
pub const LONGEST_QUANTITY: u32 = 32;
/// The longest text of a decimal number.
const LONGEST_DECIMAL: u32 = 32;
const DECIMAL: &str = r"^-?[0-9]+(\.[0-9]+)?$";

/// A field that must be there.
pub const fn required(name: &'static str, of: Type, about: &'static str) -> Field {
    Field { name, of, required: true, about, rules: &[] }
}

/// A field that may be left out.
pub const fn optional(name: &'static str, of: Type, about: &'static str) -> Field {
    Field { name, of, required: false, about, rules: &[] }
}

impl Field {
    /// The same with rules over its value.
    pub const fn with(self, rules: &'static [Rule]) -> Self {
        Self { rules, ..self }
    }
}

/// A rule and its message.
pub const fn rule(rule: &'static str, message: &'static str) -> Rule {
    Rule { rule, message }
}

/// Whether a text is a decimal number without an exponent.
pub fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let positive = text.strip_prefix('-').unwrap_or(text);
    text.len() <= LONGEST_DECIMAL as usize
        && positive.split_once('.').map_or_else(|| digits(positive), |(whole, part)| digits(whole) && digits(part))
}

impl Dimension {
    /// Whether a text is a quantity of this dimension.
    pub fn is(&self, text: &str) -> bool {
        let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit() || matches!(digit, '.' | '-'));
        let number = &text[..text.len() - unit.len()];
        text.len() <= LONGEST_QUANTITY as usize
            && is_decimal(number)
            && (self.signed || !number.starts_with('-'))
            && self.units.contains(&unit)
    }

    fn pattern(&self) -> String {
        let sign = if self.signed { "-?" } else { "" };
        format!(r"^{sign}[0-9]+(\.[0-9]+)?({})$", self.units.join("|"))
    }
}

impl Type {
    /// As an OpenAPI v3 structural schema.
    pub fn schema(&self) -> Value {
        match self {
            Self::Text(most) => json!({ "type": "string", "minLength": 1, "maxLength": most }),
            Self::Form(form) => {
                json!({ "type": "string", "minLength": 1, "maxLength": form.most, "pattern": form.pattern })
            }
            Self::Quantity(dimension) => {
                json!({ "type": "string", "maxLength": LONGEST_QUANTITY, "pattern": dimension.pattern() })
            }
            Self::Decimal => json!({
                "x-kubernetes-int-or-string": true,
                "anyOf": [{ "type": "integer" }, { "type": "string" }],
                "maxLength": LONGEST_DECIMAL,
                "pattern": DECIMAL,
            }),
            Self::Integer(least, most) => {
                json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most })
            }
            Self::Choice(words) => json!({ "type": "string", "enum": words }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Object(shape) => shape.schema(),
            Self::List(of, most, order) => {
                let mut schema = json!({ "type": "array", "maxItems": most, "items": of.schema() });
                match order {
                    Order::Atomic => schema["x-kubernetes-list-type"] = "atomic".into(),
                    Order::Set => schema["x-kubernetes-list-type"] = "set".into(),
                    Order::Keys(keys) => {
                        schema["x-kubernetes-list-type"] = "map".into();
                        schema["x-kubernetes-list-map-keys"] = json!(keys);
                    }
                }
                schema
            }
            Self::Map(of, most) => {
                json!({ "type": "object", "maxProperties": most, "additionalProperties": of.schema() })
            }
        }
    }
}

impl Shape {
    /// As an OpenAPI v3 structural schema.
    pub fn schema(&self) -> Value {
        let field = |field: &Field| {
            let mut schema = field.of.schema();
            schema["description"] = field.about.into();
            with_rules(&mut schema, field.rules);
            (field.name.to_owned(), schema)
        };
        let properties: Map<String, Value> = self.fields.iter().map(field).collect();
        let required: Vec<&str> = self.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        with_rules(&mut schema, self.rules);
        schema
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Adds rules beside those that are there.
fn with_rules(schema: &mut Value, rules: &[Rule]) {
    if rules.is_empty() {
        return;
    }
    let list = &mut schema["x-kubernetes-validations"];
    let mut all = list.as_array().cloned().unwrap_or_default();
    all.extend(rules.iter().map(|rule| json!({ "rule": rule.rule, "message": rule.message })));
    *list = Value::Array(all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_a_number_and_a_unit_of_their_own() {
        let time = Dimension { words: "a duration", example: "`10ms`", units: &["ms", "s"], signed: false };
        for (text, right) in [
            ("10ms", true),
            ("1.5s", true),
            ("10", false),
            ("ms", false),
            ("-1s", false),
            ("1.s", false),
            ("1MHz", false),
        ] {
            assert_eq!(time.is(text), right, "{text}");
        }
        assert!(is_decimal("-0.5") && !is_decimal("1e3") && !is_decimal("") && !is_decimal("--1"));
    }
}
