//! Fields of a problem document that its format does not have. They are ignored, so that documents may carry names and
//! remarks; they are named all the same, since one of them may be a field that is spelled wrongly.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::value::Error as NoValue;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How many different ones are named.
const MOST: usize = 20;

/// A field that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Where it stands, e.g. `slas[].ewmaa`.
    pub path: String,
    /// Its name.
    pub field: String,
    /// In how many places it stands.
    pub places: usize,
    /// The fields that there are in such a place.
    pub known: &'static [&'static str],
}

/// The fields that an object of a document has, and those of the objects in them.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    fields: &'static [&'static str],
    nested: Vec<(&'static str, Shape)>,
    /// Whether the keys are names of the document's own, and each value has these fields.
    by_name: bool,
}

impl Shape {
    /// That of a type, by the names that it is read by.
    pub fn of<'de, T: Deserialize<'de>>() -> Self {
        let mut fields: &'static [&'static str] = &[];
        // It always ends with an error: only the names are asked for.
        let _ = T::deserialize(FieldNames(&mut fields));
        Self { fields, nested: Vec::new(), by_name: false }
    }

    /// With an object, or a list of objects, in a field.
    pub fn with(mut self, field: &'static str, shape: Self) -> Self {
        self.nested.push((field, shape));
        self
    }

    /// An object of such objects, by name.
    pub fn by_name(self) -> Self {
        Self { by_name: true, ..self }
    }

    /// What a document of this shape has beyond it, as far as it can be read.
    pub fn ignored(&self, document: &[u8]) -> Vec<Ignored> {
        let mut found = BTreeMap::new();
        let mut reader = serde_json::Deserializer::from_slice(document);
        // What cannot be read is told by the reader of the problem itself.
        let walk = Walk { shape: self, path: String::new(), by_name: self.by_name, found: &mut found };
        let _ = walk.deserialize(&mut reader);
        found.into_values().collect()
    }
}

/// Asks a type for the names of its fields.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = NoValue;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoValue> {
        Err(NoValue::custom("no object"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, NoValue> {
        *self.0 = fields;
        Err(NoValue::custom("no value"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// A place in a document.
struct Walk<'a> {
    shape: &'a Shape,
    path: String,
    by_name: bool,
    found: &'a mut BTreeMap<String, Ignored>,
}

impl Walk<'_> {
    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn keep(&mut self, field: String) {
        let path = self.below(&field);
        if let Some(known) = self.found.get_mut(&path) {
            known.places += 1;
        } else if self.found.len() < MOST {
            self.found.insert(path.clone(), Ignored { path, field, places: 1, known: self.shape.fields });
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<(), A::Error> {
        let shape = self.shape;
        while let Some(key) = access.next_key::<String>()? {
            let nested = shape.nested.iter().find(|(field, _)| *field == key).map(|(_, nested)| nested);
            let path = self.below(&key);
            if self.by_name {
                access.next_value_seed(Walk { shape, path, by_name: false, found: &mut *self.found })?;
            } else if let Some(shape) = nested {
                access.next_value_seed(Walk { shape, path, by_name: shape.by_name, found: &mut *self.found })?;
            } else {
                if !shape.fields.contains(&key.as_str()) {
                    self.keep(key);
                }
                access.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let Self { shape, path, by_name, found } = self;
        let path = format!("{path}[]");
        while access.next_element_seed(Walk { shape, path: path.clone(), by_name, found: &mut *found })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ranform_network::AnswerKind;

    use crate::exchange::ignored_fields;

    fn named(kind: AnswerKind, document: &str) -> Vec<(String, usize)> {
        let ignored = ignored_fields(kind, document.as_bytes());
        assert!(ignored.iter().all(|one| one.known.contains(&"format") != one.path.contains('.')), "{ignored:?}");
        ignored.into_iter().map(|one| (one.path, one.places)).collect()
    }

    #[test]
    fn what_a_format_does_not_have_is_named_once_with_its_places() {
        let slicing = r#"{"format": "ranform.slicing/1", "load": [[1, 2]], "minimun": [{"load": 1}],
            "slas": [{"ewma": [1], "note": "a"}, {"note": "b"}], "floor": 0.1}"#;
        let wanted = [("minimun".to_owned(), 1), ("slas[].note".to_owned(), 2)];
        assert_eq!(named(AnswerKind::Slicing, slicing), wanted);
        let placement = r#"{"components": {"e2t": {"cost": [1], "costs": 2}, "sdl": {}}, "xapps": [{"name": "a"}],
            "current": {"anything": 1}, "pinned": [{"compute": 1, "why": ""}], "move_costs": 1}"#;
        let paths: Vec<String> = named(AnswerKind::Placement, placement).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["components.e2t.costs", "move_costs", "pinned[].why", "xapps[].name"]);
        let orchestration = r#"{"nodes": [{"kind": "du", "uplink": {"ps_per_byte": 1, "ns": 2}}],
            "requests": [{"targets": [{"source": [1]}], "worth": 2}], "models": [{"execution_ns": {"du": 1}}]}"#;
        let paths: Vec<String> =
            named(AnswerKind::Orchestration, orchestration).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["nodes[].uplink.ns", "requests[].targets[].source", "requests[].worth"]);
    }

    #[test]
    fn what_cannot_be_read_names_nothing_and_many_are_cut() {
        assert_eq!(ignored_fields(AnswerKind::Slicing, b"[1, {"), []);
        assert_eq!(ignored_fields(AnswerKind::Slicing, b"\xff"), []);
        let many: Vec<String> = (0..1000).map(|index| format!("\"x{index}\": 1")).collect();
        assert_eq!(named(AnswerKind::Slicing, &format!("{{{}}}", many.join(","))).len(), super::MOST);
    }
}
