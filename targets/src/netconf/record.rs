//! Typed structs shaped like a schema: one declaration writes and reads.
//!
//! [`record!`] declares a container or list entry with the names of its schema. `Option` is a leaf or container that
//! may be absent, `Vec` a list or leaf-list, [`Filler`] a mandatory leaf that says nothing of ours.

use crate::xml::Element;

/// A node that one element holds: a leaf's value or a record.
pub trait Node: Sized {
    /// Its own namespace, where it differs from its parent's.
    const NAMESPACE: Option<&'static str> = None;
    /// As an element of this name.
    fn element(&self, namespace: &str, name: &str) -> Element;
    /// From an element.
    fn parse(element: &Element) -> Result<Self, String>;
}

/// A field of a record: any number of nodes of one name.
pub trait Field: Sized {
    /// Appends its elements.
    fn write(&self, namespace: &str, name: &str, out: &mut Vec<Element>);
    /// Finds its elements among the children of `parent`.
    fn read(parent: &Element, namespace: &str, name: &str) -> Result<Self, String>;
}

impl<T: Node> Field for Option<T> {
    fn write(&self, namespace: &str, name: &str, out: &mut Vec<Element>) {
        let element = self.iter().map(|node| node.element(T::NAMESPACE.unwrap_or(namespace), name));
        // A container without content says nothing.
        out.extend(element.filter(|element| T::NAMESPACE.is_none() || !element.children.is_empty()));
    }
    fn read(parent: &Element, namespace: &str, name: &str) -> Result<Self, String> {
        parent.child(T::NAMESPACE.unwrap_or(namespace), name).map(T::parse).transpose()
    }
}

impl<T: Node> Field for Vec<T> {
    fn write(&self, namespace: &str, name: &str, out: &mut Vec<Element>) {
        out.extend(self.iter().map(|node| node.element(T::NAMESPACE.unwrap_or(namespace), name)));
    }
    fn read(parent: &Element, namespace: &str, name: &str) -> Result<Self, String> {
        let namespace = T::NAMESPACE.unwrap_or(namespace);
        let mut found = parent.children.iter().filter(|child| child.name == name && child.namespace == namespace);
        found.try_fold(Vec::new(), |mut all, child| {
            all.push(T::parse(child)?);
            Ok(all)
        })
    }
}

/// A field whose elements only satisfy the schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filler<F>(pub F);

impl<F: Field> Field for Filler<F> {
    fn write(&self, namespace: &str, name: &str, out: &mut Vec<Element>) {
        let start = out.len();
        self.0.write(namespace, name, out);
        for element in &mut out[start..] {
            element.filler = true;
        }
    }
    fn read(parent: &Element, namespace: &str, name: &str) -> Result<Self, String> {
        F::read(parent, namespace, name).map(Filler)
    }
}

/// A filler leaf with this value.
pub fn filler<T>(value: impl Into<T>) -> Filler<Option<T>> {
    Filler(Some(value.into()))
}

macro_rules! leaves {
    ($($type:ty)*) => {$(
        impl Node for $type {
            fn element(&self, namespace: &str, name: &str) -> Element {
                Element::leaf(namespace, name, self.to_string())
            }
            fn parse(element: &Element) -> Result<Self, String> {
                element.text.parse().map_err(|_| format!("`{}` is no value of `{}`", element.text, element.name))
            }
        }
    )*};
}
leaves!(String u8 u16 u32 u64 i64 bool);

/// A decimal64 in canonical form (RFC 7950 9.3.2), at most three digits after the point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal(pub f64);

impl Node for Decimal {
    fn element(&self, namespace: &str, name: &str) -> Element {
        let text = ranform_network::units::decimal(self.0, 3);
        let text = if text.contains('.') { text } else { format!("{text}.0") };
        Element::leaf(namespace, name, text)
    }
    fn parse(element: &Element) -> Result<Self, String> {
        let value: Option<f64> = element.text.parse().ok().filter(|value: &f64| value.is_finite());
        value.map(Self).ok_or_else(|| format!("`{}` is no value of `{}`", element.text, element.name))
    }
}

/// The value of an identityref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The namespace of the module that defines it.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Identity {
    /// The identity `name` of the module with this namespace.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), name: name.to_owned() }
    }
}

impl Node for Identity {
    fn element(&self, namespace: &str, name: &str) -> Element {
        // An identity of the element's own module stands without prefix: servers disagree about the other form.
        let identity = (self.namespace != namespace).then(|| self.namespace.clone());
        Element { identity, ..Element::leaf(namespace, name, self.name.clone()) }
    }
    fn parse(element: &Element) -> Result<Self, String> {
        let namespace = element.identity.clone().unwrap_or_else(|| element.namespace.clone());
        Ok(Self { namespace, name: element.text.clone() })
    }
}

/// Declares a record: `record! { /// doc  Name in NAMESPACE { field: Type = "xml-name", leaf: Type = "name" in OTHER } }`.
macro_rules! record {
    ($($(#[$meta:meta])* $name:ident in $namespace:path {
        $($field:ident: $type:ty = $xml:literal $(in $other:path)?),* $(,)?
    })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[allow(missing_docs, reason = "fields are named by their schema names beside them")]
        pub struct $name { $(pub $field: $type),* }

        impl $crate::netconf::record::Node for $name {
            const NAMESPACE: Option<&'static str> = Some($namespace);
            fn element(&self, namespace: &str, name: &str) -> $crate::xml::Element {
                let mut children = Vec::new();
                $($crate::netconf::record::Field::write(
                    &self.$field, record!(@ns $namespace $(, $other)?), $xml, &mut children);)*
                $crate::xml::Element::container(namespace, name, children)
            }
            fn parse(element: &$crate::xml::Element) -> Result<Self, String> {
                Ok(Self { $($field: $crate::netconf::record::Field::read(
                    element, record!(@ns $namespace $(, $other)?), $xml)?),* })
            }
        }
    )*};
    (@ns $own:path) => { $own };
    (@ns $own:path, $other:path) => { $other };
}
pub(crate) use record;
