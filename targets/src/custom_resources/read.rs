//! Custom resources from YAML: every object is checked against the shape of its kind, with the place of what is wrong.
//!
//! What the API server adds (uid, resourceVersion, managedFields, status) is read over. Rules over several fields (CEL)
//! are the server's; here they are those of the language, when the intents made of the objects are checked.

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::source::{Source, Span};
use serde_json::{Map, Value, json};

use super::kinds::{GROUP, KINDS, Kind, api_version};
use super::names::{Steps, object_name, steps};
use super::schema::{Field, Order, Shape, Type, is_decimal};
use super::tree::{self, Node, Tree};
use crate::kubernetes::ADDRESS;

/// The largest file of custom resources in bytes.
pub const LARGEST: usize = 64 << 20;

/// An object that follows the shape of its kind.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its kind.
    pub kind: &'static Kind,
    /// The modules it is of, outermost first.
    pub modules: Vec<String>,
    /// The name of the thing in the intents.
    pub name: String,
    /// What it says.
    pub spec: Value,
    /// Where it stands.
    pub span: Span,
}

/// The objects of a text, sorted by kind and name, and what is wrong with it.
pub fn read(source: &Source) -> (Vec<Resource>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let start = Span::new(source.id, 0, 0);
    if source.text.len() > LARGEST {
        let message = format!("`{}` is larger than {} MiB", source.path, LARGEST >> 20);
        let finding = Diagnostic::error(&codes::RESOURCES_UNREADABLE, start, message);
        return (Vec::new(), vec![finding.help("give the objects in several files, one after the other")]);
    }
    let documents = match tree::read(source.id, &source.text) {
        Ok(documents) => documents,
        Err((span, message)) => {
            let finding = Diagnostic::error(&codes::RESOURCES_UNREADABLE, span, format!("this is no YAML: {message}"));
            return (Vec::new(), vec![finding.help("`kubectl get chunks -o yaml` shows how objects are written")]);
        }
    };
    let mut resources: Vec<Resource> = Vec::new();
    let mut seen: BTreeMap<(usize, Vec<String>, String), Span> = BTreeMap::new();
    for document in objects(&documents) {
        let Some(resource) = object(document, &mut findings) else { continue };
        let noun = KINDS.iter().position(|kind| kind.noun == resource.kind.noun).unwrap_or(0);
        let key = (noun, resource.modules.clone(), resource.name.clone());
        match seen.get(&key) {
            Some(first) => {
                let message = format!("{} `{}` is there twice", resource.kind.noun, resource.name);
                let finding =
                    Diagnostic::error(&codes::RESOURCE_NAME, resource.span, message).and(*first, "first here");
                findings.push(finding.help("keep one of the two objects"));
            }
            None => {
                seen.insert(key, resource.span);
                resources.push(resource);
            }
        }
    }
    if resources.is_empty() && findings.is_empty() {
        let message = format!("`{}` holds no objects", source.path);
        let help = "`ranform export custom-resources` writes those of a project";
        findings.push(Diagnostic::error(&codes::RESOURCES_UNREADABLE, start, message).help(help));
    }
    let place = |resource: &Resource| KINDS.iter().position(|kind| kind.name == resource.kind.name);
    resources.sort_by(|a, b| (place(a), &a.modules, &a.name).cmp(&(place(b), &b.modules, &b.name)));
    ranform_network::diagnostic::sort(&mut findings);
    (resources, findings)
}

/// The objects of all documents, those of lists (`kubectl get -o yaml`) one by one.
fn objects(documents: &[Node]) -> Vec<&Node> {
    let mut found = Vec::new();
    for document in documents {
        let is_list = document.get("kind").and_then(Node::text).is_some_and(|kind| kind.ends_with("List"));
        match document.get("items").map(|items| &items.value) {
            Some(Tree::List(items)) if is_list => found.extend(items),
            _ => found.push(document),
        }
    }
    found
}

fn object(document: &Node, findings: &mut Vec<Diagnostic>) -> Option<Resource> {
    let kind = kind(document, findings)?;
    let metadata = document.get("metadata");
    let (modules, name) = named(kind, document, metadata, findings)?;
    let Some(spec) = document.get("spec") else {
        let message = format!("{} `{name}` has no `spec`", kind.name);
        findings.push(
            Diagnostic::error(&codes::RESOURCE_FIELD, document.span, message)
                .help("say what is intended below `spec:`"),
        );
        return None;
    };
    let before = findings.len();
    let mut reader = Reader { title: format!("{} `{name}`", kind.name), findings };
    let value = reader.object(kind.spec, spec, "spec");
    (findings.len() == before).then_some(Resource { kind, modules, name, spec: value, span: document.span })
}

fn kind(document: &Node, findings: &mut Vec<Diagnostic>) -> Option<&'static Kind> {
    let mut wrong = |span: Span, message: String, help: String| {
        findings.push(Diagnostic::error(&codes::RESOURCE_KIND, span, message).help(help));
    };
    let (version, kind) = (document.get("apiVersion"), document.get("kind"));
    let (Some(version), Some(kind)) = (version, kind) else {
        let message = "this is no object: it has no `apiVersion` and `kind`".to_owned();
        wrong(
            document.span,
            message,
            format!("an object begins with `apiVersion: {}` and `kind: Chunk`", api_version()),
        );
        return None;
    };
    let (text, name) = (version.text().unwrap_or_default(), kind.text().unwrap_or_default());
    if text != api_version() {
        let message = format!("`{text}` is not `{}`", api_version());
        let help = if text.starts_with(&format!("{GROUP}/")) {
            "this program knows no other version of its resources".to_owned()
        } else {
            format!("only objects of `{GROUP}` become intents: leave out the others")
        };
        wrong(version.span, message, help);
        return None;
    }
    let found = Kind::find(name);
    if found.is_none() {
        let all: Vec<String> = KINDS.iter().map(|kind| format!("`{}`", kind.name)).collect();
        wrong(
            kind.span,
            format!("there is no kind `{name}` in {}", api_version()),
            format!("the kinds are {}", all.join(", ")),
        );
    }
    found
}

/// The modules and the name of the thing: those of the address where there is one, else the object's own name.
fn named(
    kind: &Kind,
    document: &Node,
    metadata: Option<&Node>,
    findings: &mut Vec<Diagnostic>,
) -> Option<(Vec<String>, String)> {
    let mut wrong = |span: Span, message: String, help: &str| {
        findings.push(Diagnostic::error(&codes::RESOURCE_NAME, span, message).help(help));
    };
    let Some(own) = metadata.and_then(|metadata| metadata.get("name")).filter(|own| own.text().is_some()) else {
        wrong(
            metadata.unwrap_or(document).span,
            format!("this {} has no name", kind.name),
            "write `metadata: {name: red-plaza}`",
        );
        return None;
    };
    let text = own.text().unwrap_or_default();
    if text.is_empty() || text.len() > 253 || text.contains(char::is_control) {
        wrong(own.span, format!("`{}` is no name of an object", text.escape_debug()), "a name has 1 to 253 characters");
        return None;
    }
    let address = metadata.and_then(|metadata| metadata.get("annotations")).and_then(|all| all.get(ADDRESS));
    let Some(address) = address else { return Some((Vec::new(), text.to_owned())) };
    let parts = address.text().and_then(steps);
    let Some(Steps { modules, steps }) = parts else {
        wrong(
            address.span,
            format!("the annotation `{ADDRESS}` is no address"),
            "remove it: then the object's own name counts",
        );
        return None;
    };
    match &steps[..] {
        [only] if only.noun == kind.noun && object_name(&modules, &only.name) == text => {
            Some((modules, only.name.clone()))
        }
        [only] if only.noun == kind.noun => {
            let message =
                format!("the object is called `{text}`, and its annotation `{ADDRESS}` speaks of `{}`", only.name);
            wrong(address.span, message, "a copy under another name is another thing: remove the annotation");
            None
        }
        _ => {
            let message = format!(
                "a {} is a `{}`, and the annotation `{ADDRESS}` speaks of something else",
                kind.name, kind.noun
            );
            wrong(address.span, message, "remove the annotation: then the object's own name counts");
            None
        }
    }
}

struct Reader<'f> {
    title: String,
    findings: &'f mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn wrong(&mut self, span: Span, message: String, help: impl Into<String>) -> Value {
        let message = format!("{}: {message}", self.title);
        self.findings.push(Diagnostic::error(&codes::RESOURCE_FIELD, span, message).help(help));
        Value::Null
    }

    fn object(&mut self, shape: &Shape, node: &Node, path: &str) -> Value {
        let Tree::Map(pairs) = &node.value else {
            return self.wrong(node.span, format!("`{path}` is no object"), "write its fields below it");
        };
        let mut object = Map::new();
        for (key, value) in pairs {
            let at = format!("{path}.{}", key.name);
            match shape.field(&key.name) {
                // Nothing is what a field says that is not there.
                Some(_) if value.value == Tree::Null => {}
                Some(field) => {
                    let read = self.value(&field.of, value, &at);
                    object.insert(key.name.clone(), read);
                }
                None => {
                    let help = near(&key.name, shape);
                    self.wrong(key.span, format!("there is no field `{at}`"), help);
                }
            }
        }
        for field in shape.fields.iter().filter(|field| field.required && !object.contains_key(field.name)) {
            self.wrong(node.span, format!("`{path}.{}` is missing", field.name), format!("it says {}", field.about));
        }
        Value::Object(object)
    }

    fn value(&mut self, of: &Type, node: &Node, path: &str) -> Value {
        match (of, &node.value) {
            (Type::Object(shape), _) => self.object(shape, node, path),
            (Type::List(of, most, order), Tree::List(items)) => self.list(of, *most, *order, node, items, path),
            (Type::Map(of, most), Tree::Map(pairs)) if pairs.len() <= *most as usize => {
                let one = |(key, value): &(tree::Key, Node)| {
                    let read = self.value(of, value, &format!("{path}.{}", key.name));
                    (key.name.clone(), read)
                };
                Value::Object(pairs.iter().map(one).collect())
            }
            (Type::Flag, Tree::Flag(flag)) => (*flag).into(),
            (Type::Integer(least, most), Tree::Whole(number)) if (least..=most).contains(&number) => (*number).into(),
            (Type::Decimal, Tree::Whole(number)) => (*number).into(),
            (Type::Decimal, Tree::Text(text)) if is_decimal(text) => text.as_str().into(),
            (Type::Choice(words), Tree::Text(text)) if words.contains(&text.as_str()) => text.as_str().into(),
            (Type::Text(most), Tree::Text(text)) if (1..=*most as usize).contains(&text.chars().count()) => {
                text.as_str().into()
            }
            (Type::Form(form), Tree::Text(text)) if text.chars().count() <= form.most as usize && (form.is)(text) => {
                text.as_str().into()
            }
            (Type::Quantity(dimension), Tree::Text(text)) if dimension.is(text) => text.as_str().into(),
            _ => self.wrong(node.span, format!("`{path}` cannot be {}", shown(node)), wanted(of)),
        }
    }

    fn list(&mut self, of: &Type, most: u32, order: Order, node: &Node, items: &[Node], path: &str) -> Value {
        if items.len() > most as usize {
            let message = format!("`{path}` has {} values", items.len());
            return self.wrong(node.span, message, format!("it has at most {most}"));
        }
        let mut values: Vec<Value> = Vec::with_capacity(items.len());
        let mut keys = std::collections::BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let value = self.value(of, item, &format!("{path}[{index}]"));
            let key = match order {
                Order::Atomic => None,
                Order::Set => Some(value.to_string()),
                Order::Keys(names) => {
                    Some(names.iter().map(|name| value[*name].to_string()).collect::<Vec<_>>().join(" "))
                }
            };
            if let Some(first) = key.and_then(|key| keys.insert(key, index)) {
                let message = format!("`{path}[{index}]` is there already as `{path}[{first}]`");
                self.wrong(item.span, message, "keep one of the two");
            }
            values.push(value);
        }
        json!(values)
    }
}

/// What was written, short.
fn shown(node: &Node) -> String {
    match &node.value {
        Tree::Null => "nothing".to_owned(),
        Tree::Flag(flag) => format!("`{flag}`"),
        Tree::Whole(number) => format!("`{number}`"),
        Tree::Fraction(number) => format!("`{number}`"),
        Tree::Text(text) => {
            let short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
            let more = if text.chars().count() > 40 { ".." } else { "" };
            format!("the text `{short}{more}`")
        }
        Tree::List(_) => "a list".to_owned(),
        Tree::Map(_) => "an object".to_owned(),
    }
}

/// What would be right.
fn wanted(of: &Type) -> String {
    match of {
        Type::Text(most) => format!("write a text of 1 to {most} characters, in quotes where it looks like a number"),
        Type::Form(form) => format!("write {}, such as {}", form.words, form.example),
        Type::Quantity(dimension) => format!("write {}, such as {}", dimension.words, dimension.example),
        Type::Decimal => "write a whole number, or one with a fraction in quotes: `\"0.5\"`".to_owned(),
        Type::Integer(least, _) if *least == i64::from(i32::MIN) => "write a whole number, without quotes".to_owned(),
        Type::Integer(least, most) => format!("write a whole number of {least} to {most}"),
        Type::Choice(words) => {
            format!("write one of {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        }
        Type::Flag => "write `true` or `false`".to_owned(),
        Type::Object(_) => "write its fields below it".to_owned(),
        Type::List(_, most, _) => format!("write a list of at most {most} values"),
        Type::Map(_, most) => format!("write names with values, at most {most}"),
    }
}

/// Advice on a field that is not there.
fn near(name: &str, shape: &Shape) -> String {
    let lower = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let wanted = lower(name);
    let distance = |field: &Field| {
        let known = lower(field.name);
        let is_part = wanted.len() > 3 && (known.starts_with(&wanted) || wanted.starts_with(&known));
        if is_part { 1 } else { strsim::damerau_levenshtein(&known, &wanted) }
    };
    let nearest = shape.fields.iter().map(|field| (distance(field), field)).min_by_key(|(distance, _)| *distance);
    match nearest.filter(|(distance, _)| *distance <= wanted.len() / 3) {
        Some((_, field)) => format!("did you mean `{}`?", field.name),
        None => {
            let all: Vec<String> = shape.fields.iter().map(|field| format!("`{}`", field.name)).collect();
            format!("the fields are {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::near;
    use crate::custom_resources::kinds::Kind;

    #[test]
    fn a_field_that_is_nearly_one_is_named() {
        let Some(chunk) = Kind::find("Chunk") else { panic!("there is a kind Chunk") };
        assert_eq!(near("tennant", chunk.spec), "did you mean `tenant`?");
        assert_eq!(near("interface", chunk.spec), "did you mean `interfaces`?");
        assert!(near("colour", chunk.spec).starts_with("the fields are `tenant`, "));
    }
}
