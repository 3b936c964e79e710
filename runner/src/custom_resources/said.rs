//! Fields of a checked object, and the words that say them.

use ranform_grammar::ast::{Word, name_text};
use ranform_grammar::vocabulary::ends_selection;
use ranform_targets::custom_resources::{Steps, steps};
use serde_json::Value;

pub use ranform_grammar::ast::quoted;

/// The fields of an object.
#[derive(Clone, Copy)]
pub struct Said<'v> {
    value: &'v Value,
}

impl<'v> Said<'v> {
    /// Of this object.
    pub fn new(value: &'v Value) -> Self {
        Self { value }
    }

    /// The object in a field.
    pub fn inner(self, field: &str) -> Option<Said<'v>> {
        self.value.get(field).map(Said::new)
    }

    /// A text.
    pub fn text(self, field: &str) -> Option<&'v str> {
        self.value.get(field)?.as_str()
    }

    /// A text in quotes.
    pub fn quoted(self, field: &str) -> Option<String> {
        self.text(field).map(quoted)
    }

    /// A name: of something in a module, its last one.
    pub fn name(self, field: &str) -> Option<String> {
        self.text(field).map(reference_name)
    }

    /// A word or number as it stands.
    pub fn plain(self, field: &str) -> Option<String> {
        match self.value.get(field)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// True or false.
    pub fn flag(self, field: &str) -> Option<bool> {
        self.value.get(field)?.as_bool()
    }

    /// Several objects.
    pub fn list(self, field: &str) -> impl Iterator<Item = Said<'v>> {
        self.value.get(field).and_then(Value::as_array).into_iter().flatten().map(Said::new)
    }

    /// Several texts.
    pub fn texts(self, field: &str) -> Vec<&'v str> {
        self.list(field).filter_map(|item| item.value.as_str()).collect()
    }

    /// Names with values: `cpu 2, memory 4GB`.
    pub fn amounts(self, field: &str) -> Option<String> {
        let pairs = self.value.get(field)?.as_object()?.iter();
        let pairs = pairs.map(|(name, value)| {
            let amount = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{} {amount}", self::name(name))
        });
        Some(pairs.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
    }

    /// Tenants with a share each: `red 60%, blue 40%`.
    pub fn shares(self, field: &str) -> Option<String> {
        let one = |said: Said<'_>| Some(format!("{} {}", said.name("tenant")?, said.text("share")?));
        Some(self.list(field).filter_map(one).collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
    }

    /// The PLMN in a field: `001-01`.
    pub fn plmn(self) -> Option<String> {
        let plmn = self.inner("plmn")?;
        Some(format!("{}-{}", plmn.text("mcc")?, plmn.text("mnc")?))
    }

    /// The slice: `1:000001`.
    pub fn slice(self) -> Option<String> {
        let slice = self.inner("slice")?;
        let service = slice.plain("sst")?;
        Some(slice.text("sd").map_or_else(|| service.clone(), |sd| format!("{service}:{sd}")))
    }
}

/// The lines of a block.
#[derive(Default)]
pub struct Lines(String);

impl Lines {
    /// A keyword with its values, where they are there.
    pub fn say(mut self, keyword: &str, values: Option<String>) -> Self {
        if let Some(values) = values {
            self.0.push_str(&format!("{keyword} {values}\n"));
        }
        self
    }

    /// The same on a line of its own each.
    pub fn each(self, keyword: &str, values: impl IntoIterator<Item = String>) -> Self {
        values.into_iter().fold(self, |lines, values| lines.say(keyword, Some(values)))
    }

    /// A text as it is, such as a block in the block.
    pub fn text(mut self, text: &str) -> Self {
        self.0.push_str(text);
        self.0.push('\n');
        self
    }

    /// Whose it is, and its labels.
    pub fn entity(self, said: Said<'_>) -> Self {
        let labels = said.inner("labels").and_then(|labels| labels.value.as_object());
        let label =
            |(key, value): (&String, &Value)| format!("{} {}", name(key), quoted(value.as_str().unwrap_or_default()));
        let labels: Vec<String> = labels.into_iter().flatten().map(label).collect();
        self.say("owner", said.name("owner")).each("label", labels)
    }

    /// The block that they make.
    pub fn block(self, header: &str) -> String {
        format!("{header} {{\n{}}}", self.0)
    }
}

/// A name, bare where it is a label.
pub fn name(text: &str) -> String {
    name_text(&Word::from(text))
}

/// The name of what a reference means; an address of a module's thing is meant inside of the module.
pub fn reference_name(text: &str) -> String {
    match steps(text) {
        Some(Steps { modules, steps }) if !modules.is_empty() => {
            steps.last().map_or_else(|| name(text), |step| name(&step.name))
        }
        _ => name(text),
    }
}

/// A node in a selection.
pub fn node(text: &str) -> String {
    match steps(text) {
        Some(parts) if !parts.modules.is_empty() => text.to_owned(),
        _ if ends_selection(text) => quoted(text),
        _ => name(text),
    }
}

/// An interface by its address, in a selection or as a reference: cells are meant where no noun stands.
pub fn interface(address: &str) -> String {
    let Some(Steps { modules, steps }) = steps(address) else { return quoted(address) };
    let [node, leaf] = &steps[..] else { return address.to_owned() };
    if !modules.is_empty() {
        return address.to_owned();
    }
    let noun = if leaf.noun == "cell" { String::new() } else { format!("{}.", leaf.noun) };
    format!("{}/{noun}{}", name(&node.name), name(&leaf.name))
}

/// Several, with commas.
pub fn listed(items: impl IntoIterator<Item = String>) -> Option<String> {
    Some(items.into_iter().collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}
