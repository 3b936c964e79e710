//! JSON for people: objects whose absent and empty parts are left out.

use serde_json::{Map, Value};

/// A JSON object under construction; what is absent or empty is left out.
#[derive(Default)]
pub struct Object(Map<String, Value>);

impl Object {
    /// With this value.
    pub fn put(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// With this value, where there is one.
    pub fn maybe(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    /// With `true`; left out where it is not so.
    pub fn flag(self, key: &str, value: bool) -> Self {
        if value { self.put(key, true) } else { self }
    }

    /// With these values, where there are any.
    pub fn list(self, key: &str, values: Vec<Value>) -> Self {
        if values.is_empty() { self } else { self.put(key, values) }
    }

    /// With an object of these values, where there are any.
    pub fn object(self, key: &str, values: Map<String, Value>) -> Self {
        if values.is_empty() { self } else { self.put(key, values) }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Object(object.0)
    }
}
