//! Inventories kept in files: `table cells from "cells.csv" { as cell on node  key "Cell"  column band "Band" }`.
//!
//! A [`Table`] turns a row into the [`Body`] that a block would have given, so that each noun is read by one
//! function. How columns map to attributes is worked out once per table; a row only picks fields.
//! [`rows`] hold the file's content; [`csv`], [`yaml`] and [`json`] fill them.

pub(crate) mod csv;
pub(crate) mod json;
mod management;
mod nonsense;
pub(crate) mod rows;
pub(crate) mod yaml;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use ranform_grammar::ast::{Block, Mark, Noun, Number, Statement, Unit, Value, Word};
use ranform_grammar::vocabulary;
use ranform_network::diagnostic::codes;
use ranform_network::network::NodeKind;
use ranform_network::{Diagnostic, Located, SourceId, Span};

use crate::resolve::body::{Body, Stated};
use crate::resolve::naming;
use crate::resolve::scope::Scope;
use crate::resolve::suggest;
use nonsense::{Given, given_twice, other_delimiter, twice, without_effect};
use rows::Rows;

/// What rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowNoun {
    /// A thing that blocks declare as well.
    Noun(Noun),
    /// A one-way latency between two nodes.
    Latency,
}

/// What rows can become, with the words of `as` and the names of tables that say so by themselves.
const NOUNS: [(RowNoun, &str, &str); 8] = [
    (RowNoun::Noun(Noun::Site), "site", "sites"),
    (RowNoun::Noun(Noun::Tenant), "tenant", "tenants"),
    (RowNoun::Noun(Noun::Node), "node", "nodes"),
    (RowNoun::Noun(Noun::Cell), "cell", "cells"),
    (RowNoun::Noun(Noun::Radio), "radio", "radios"),
    (RowNoun::Noun(Noun::Port), "port", "ports"),
    (RowNoun::Noun(Noun::Link), "link", "links"),
    (RowNoun::Latency, "latency", "latencies"),
];

/// How a message about a file without a list ends.
const NO_LIST: &str = "is no list";

/// Attributes whose field may hold several values, parted by commas, semicolons or blanks.
const LISTS: [&str; 3] = ["neighbours", "aggregates with", "controls"];

/// A table: its rows, and what their columns mean.
#[derive(Clone, Debug)]
pub(crate) struct Table<'a> {
    /// Its block.
    pub block: &'a Block,
    /// Where the names in its rows are looked up.
    pub scope: &'a Scope,
    /// What a row becomes.
    pub noun: RowNoun,
    /// The node kind of every row, where the table says one.
    pub kind: Option<NodeKind>,
    /// The rows.
    pub rows: Rows,
    keys: Vec<usize>,
    columns: Vec<Mapped>,
    sets: Vec<Set>,
    /// What an overlay says of single rows.
    laid: BTreeMap<usize, Vec<Statement>>,
}

/// A column and the attribute it gives.
#[derive(Clone, Debug)]
struct Mapped {
    keyword: String,
    /// `vendor` of `label.vendor`.
    part: Option<Located<Value>>,
    column: usize,
    unit: Option<Unit>,
}

/// A value that every row has.
#[derive(Clone, Debug)]
struct Set {
    keyword: String,
    values: Vec<Located<Value>>,
    span: Span,
}

/// The file that a table block names.
pub(crate) fn file_of(block: &Block) -> Option<Located<&Word>> {
    let value = block.after("from")?;
    Some(Located::new(value.value.name()?, value.span))
}

impl<'a> Table<'a> {
    /// The table of a block, from the text of its file.
    pub fn new(
        block: &'a Block,
        scope: &'a Scope,
        source: SourceId,
        text: Arc<str>,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let path = file_of(block)?.value.to_lowercase();
        let (noun, on) = row_noun(block, findings)?;
        let mut rows = Rows::new(source, text);
        let at: Vec<&str> = block
            .statement("rows at")
            .and_then(|statement| statement.value(0)?.value.name())
            .map(|path| path.split('.').collect())
            .unwrap_or_default();
        let mistakes = match path.rsplit('.').next() {
            Some("json") => json::read(&mut rows, &at),
            Some("yaml" | "yml") => yaml::read(&mut rows, &at),
            _ => csv::read(&mut rows, delimiter(block, &path, findings)),
        };
        for (span, message) in &mistakes {
            let help = match message.ends_with(NO_LIST) {
                true => "say where the list is: `rows at \"network.cells\"`",
                false => "mend the file, or export it again as CSV, YAML or JSON",
            };
            findings.push(Diagnostic::error(&codes::TABLE_SYNTAX, *span, message.as_str()).help(help));
        }
        twice(block, findings);
        without_effect(block, &path, findings);
        if !mistakes.is_empty() && rows.columns.is_empty() {
            return None;
        }
        if let Some(finding) = other_delimiter(block, &rows) {
            findings.push(finding);
            return None;
        }
        let kind = block.statement("as").and_then(|statement| statement.after(":")).or(None);
        let kind = kind.and_then(|kind| NodeKind::parse(kind.value.name()?.as_str()));
        let (keys, columns, sets, laid) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
        let mut table = Self { block, scope, noun, kind, rows, keys, columns, sets, laid };
        table.map_keys(findings);
        table.map_columns(on, findings);
        Some(table)
    }

    /// The noun that rows become, as in messages.
    pub fn word(&self) -> &'static str {
        NOUNS.iter().find(|(noun, ..)| *noun == self.noun).map_or("row", |(_, word, _)| word)
    }

    fn column(&self, name: &Located<&Word>, findings: &mut Vec<Diagnostic>) -> Option<usize> {
        let found = self.rows.column(name.value.as_str());
        if found.is_none() && !self.rows.columns.is_empty() {
            let columns = self.rows.columns.iter().map(String::as_str);
            let help = suggest::or_say(suggest::nearest(name.value, columns), || {
                let shown: Vec<_> = self.rows.columns.iter().take(12).map(|name| format!("`{name}`")).collect();
                format!("the file has {}", shown.join(", "))
            });
            let message = format!("the file has no column `{}`", name.value);
            findings.push(Diagnostic::error(&codes::UNKNOWN_COLUMN, name.span, message).help(help));
        }
        if self.rows.columns.iter().filter(|column| *column == name.value.as_str()).nth(1).is_some() {
            let message = format!("the file has two columns `{}`", name.value);
            findings.push(
                Diagnostic::error(&codes::TABLE_MAPPING, name.span, message)
                    .help("give one of them another name in the file: nothing says which is meant"),
            );
        }
        found
    }

    fn map_keys(&mut self, findings: &mut Vec<Diagnostic>) {
        let keyless = matches!(self.noun, RowNoun::Latency | RowNoun::Noun(Noun::Link));
        let Some(statement) = self.block.statement("key") else {
            if !keyless && !self.block.is_broken("key") {
                let span = self.block.name.as_ref().map_or(self.block.span, |name| name.span);
                findings.push(
                    Diagnostic::error(&codes::MISSING_ATTRIBUTE, span, "the table has no `key`")
                        .help("say which columns name a row: `key \"Cell\"`"),
                );
            }
            return;
        };
        let names = statement
            .groups()
            .filter_map(|group| Some(Located::new(group.first()?.value.name()?, group.first()?.span)));
        self.keys = names.filter_map(|name| self.column(&name, findings)).collect();
    }

    fn map_columns(&mut self, on: Option<String>, findings: &mut Vec<Diagnostic>) {
        let on = on.unwrap_or_else(|| "node".to_owned());
        let mut seen = Given::new();
        for statement in self.block.statements("column") {
            let Some((keyword, part)) = self.attribute(statement, &on, findings) else { continue };
            given_twice(self.noun, &keyword, &part, statement, &mut seen, findings);
            let Some(name) = statement.value(1).and_then(|value| Some(Located::new(value.value.name()?, value.span)))
            else {
                continue;
            };
            let unit = statement.value(2).and_then(|unit| Unit::find(unit.value.name()?.as_str()));
            if let Some(column) = self.column(&name, findings) {
                self.columns.push(Mapped { keyword, part, column, unit });
            }
        }
        let mut seen = Given::new();
        for statement in self.block.statements("set") {
            let Some((keyword, part)) = self.attribute(statement, &on, findings) else { continue };
            given_twice(self.noun, &keyword, &part, statement, &mut seen, findings);
            let values = part.into_iter().chain(statement.values.iter().skip(1).cloned()).collect();
            self.sets.push(Set { keyword, values, span: statement.span });
        }
    }

    /// The attribute that a `column` or `set` gives: `label.vendor` is `label` with the part `vendor`.
    fn attribute(
        &self,
        statement: &Statement,
        on: &str,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<(String, Option<Located<Value>>)> {
        let path = statement.value(0)?;
        let text = path.value.name()?.as_str();
        let (word, part) = text.split_once('.').map_or((text, None), |(word, part)| (word, Some(part)));
        let keyword = if word == on { "node".to_owned() } else { word.replace('_', "-") };
        let part = part.map(|part| Located::new(Value::Word(Word::from(part)), path.span));
        let phrases = [
            ("uplink-carrier", "uplink carrier"),
            ("aggregates-with", "aggregates with"),
            ("on-unreachable", "on unreachable"),
        ];
        let keyword =
            phrases.iter().find(|(one, _)| *one == keyword).map_or(keyword, |(_, phrase)| (*phrase).to_owned());
        let known = self.attributes();
        if known.iter().any(|known| *known == keyword) {
            let advice = management::unknown_part(part.as_ref().and_then(|part| part.value.name()).map(Word::as_str));
            if let Some(advice) = advice.filter(|_| keyword == management::KEYWORD) {
                let message = format!("`{text}` is no part of how a node is managed");
                findings.push(Diagnostic::error(&codes::UNKNOWN_ATTRIBUTE, path.span, message).help(advice));
                return None;
            }
            return Some((keyword, part));
        }
        let message = format!("a {} has no attribute `{word}`", self.word());
        let help = suggest::or_say(suggest::nearest(word, known.iter().copied()), || {
            format!("it has {}", known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        });
        findings.push(Diagnostic::error(&codes::UNKNOWN_ATTRIBUTE, path.span, message).help(help));
        None
    }

    /// What a column can give.
    fn attributes(&self) -> Vec<&'static str> {
        let (noun, more): (_, &[&str]) = match self.noun {
            RowNoun::Latency => return vec!["from", "to", "latency"],
            RowNoun::Noun(noun @ Noun::Link) => (noun, &["from", "to"]),
            RowNoun::Noun(noun @ (Noun::Cell | Noun::Radio | Noun::Port)) => (noun, &["node"]),
            RowNoun::Noun(noun @ Noun::Node) => (noun, &["kind"]),
            RowNoun::Noun(noun) => (noun, &[]),
        };
        vocabulary::attributes_of(noun).map(|attribute| attribute.keyword).chain(more.iter().copied()).collect()
    }

    /// Whether rows give any of these attributes.
    pub fn maps(&self, keywords: &[&str]) -> bool {
        self.columns.iter().any(|mapped| keywords.contains(&mapped.keyword.as_str()))
            || self.sets.iter().any(|set| keywords.contains(&set.keyword.as_str()))
            || self.laid.values().flatten().any(|statement| keywords.contains(&statement.keyword.value))
    }

    /// The name of a row; none where a key column is empty.
    pub fn name(&self, row: usize) -> Option<Word> {
        let mut fields = self.keys.iter().map(|key| Some(self.rows.field(row, *key)?.0));
        let first = Word::from(fields.next()??);
        fields.try_fold(first, |name, field| Some(Word::from(format!("{name}-{}", field?))))
    }

    /// The node that a row is on, as it is written.
    pub fn node(&self, row: usize) -> Option<&str> {
        let column = self.columns.iter().find(|mapped| mapped.keyword == "node");
        let field = column.and_then(|mapped| Some(self.rows.field(row, mapped.column)?.0));
        let set = || self.sets.iter().find(|set| set.keyword == "node")?.values.first()?.value.name().map(Word::as_str);
        field.or_else(set)
    }

    /// What these say of a row is in the place of what its fields say.
    pub fn lay_over(&mut self, row: usize, statements: impl Iterator<Item = Statement>) {
        self.laid.entry(row).or_default().extend(statements);
    }

    /// What a row says; none, reported, for a row without a key.
    pub fn body<'t>(&'t self, row: usize, findings: &mut Vec<Diagnostic>) -> Option<Body<'t>> {
        let mut name = Word::default();
        let mut span = None;
        for key in &self.keys {
            let Some((text, place)) = self.rows.field(row, *key) else {
                let column = self.rows.columns.get(*key).map_or("", String::as_str);
                let message = format!("row {} has nothing in its key column `{column}`", row + 1);
                findings.push(
                    Diagnostic::error(&codes::EMPTY_KEY, self.rows.row_span(row), message)
                        .help("give the row a name, or remove it"),
                );
                return None;
            };
            name = if name.is_empty() { Word::from(text) } else { Word::from(format!("{name}-{text}")) };
            span.get_or_insert(place);
        }
        let span = span.unwrap_or_else(|| self.rows.row_span(row));
        if let Some(finding) = naming::refused(self.word(), &name, span).filter(|_| !self.keys.is_empty()) {
            findings.push(finding);
            return None;
        }
        Some(Body::of_row(self.word(), name, span, self.scope, self.statements(row)))
    }

    fn statements(&self, row: usize) -> Vec<Stated<'_>> {
        let mut statements: Vec<Stated<'_>> = Vec::with_capacity(self.columns.len() + self.sets.len());
        let mut manage: Vec<(Word, Located<Value>)> = Vec::new();
        for mapped in &self.columns {
            let Some((text, span)) = self.rows.field(row, mapped.column) else { continue };
            if let Some(part) = mapped.part.as_ref().filter(|_| mapped.keyword == management::KEYWORD) {
                let value = Located::new(Value::Text(Word::from(text)), span);
                manage.extend(part.value.name().map(|part| (part.clone(), value)));
                continue;
            }
            let values = field_values(mapped, text, span);
            // Latitude and longitude are two columns of one attribute.
            let open =
                statements.iter_mut().find(|stated| mapped.keyword == "location" && stated.keyword == "location");
            match open {
                Some(stated) => stated.values.to_mut().extend(values),
                None => statements.push(Stated { keyword: &mapped.keyword, values: Cow::Owned(values), span }),
            }
        }
        for set in &self.sets {
            if set.keyword == management::KEYWORD {
                // The part, then its value.
                let (Some(part), Some(value)) = (set.values.first(), set.values.get(1)) else { continue };
                let Some(part) = part.value.name() else { continue };
                if !manage.iter().any(|(given, _)| given == part) {
                    manage.push((part.clone(), value.clone()));
                }
                continue;
            }
            let given = |stated: &Stated<'_>| {
                stated.keyword == set.keyword && !matches!(set.keyword.as_str(), "label" | "capacity" | "cost" | "core")
            };
            if !statements.iter().any(given) {
                statements.push(Stated { keyword: &set.keyword, values: Cow::Borrowed(&set.values), span: set.span });
            }
        }
        if !manage.is_empty() {
            let (values, span) = management::line(manage);
            statements.push(Stated { keyword: management::KEYWORD, values: Cow::Owned(values), span });
        }
        if let Some(laid) = self.laid.get(&row) {
            statements.retain(|stated| laid.iter().all(|over| over.keyword.value != stated.keyword));
            statements.extend(laid.iter().map(|over| Stated {
                keyword: over.keyword.value,
                values: Cow::Borrowed(&over.values),
                span: over.span,
            }));
        }
        statements
    }
}

/// The values of one field.
fn field_values(mapped: &Mapped, text: &str, span: Span) -> Vec<Located<Value>> {
    let mut values = Vec::with_capacity(2);
    if mapped.keyword != "location" {
        values.extend(mapped.part.clone());
    }
    if LISTS.contains(&mapped.keyword.as_str()) {
        let parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
        for part in parts {
            if !values.is_empty() {
                values.push(Located::new(Value::Mark(Mark::Comma), span));
            }
            values.push(Located::new(Value::Text(Word::from(part)), span));
        }
        return values;
    }
    let value = match (mapped.unit, Number::new(text)) {
        (Some(unit), Some(number)) => Value::Quantity(number, unit),
        _ => Value::Text(Word::from(text)),
    };
    values.push(Located::new(value, span));
    values
}

/// What rows become, and the attribute that says on which node: as `as cell on node` says, else as the table's name does.
fn row_noun(block: &Block, findings: &mut Vec<Diagnostic>) -> Option<(RowNoun, Option<String>)> {
    if let Some(statement) = block.statement("as") {
        let word = statement.value(0)?.value.name()?.as_str();
        let on = statement.after("on").and_then(|on| on.value.name()).map(|on| on.to_string());
        return NOUNS.iter().find(|(_, known, _)| *known == word).map(|(noun, ..)| (*noun, on));
    }
    let name = block.name.as_ref()?;
    let found = NOUNS.iter().find(|(.., plural)| name.value == *plural).map(|(noun, ..)| (*noun, None));
    if found.is_none() && !block.is_broken("as") {
        let message = format!("table `{}` does not say what its rows become", name.value);
        findings.push(
            Diagnostic::error(&codes::TABLE_MAPPING, name.span, message).help("add a line such as `as cell on node`"),
        );
    }
    found
}

/// What the rows of a table would have been.
pub(crate) fn noun_of(block: &Block) -> Option<Noun> {
    match row_noun(block, &mut Vec::new())? {
        (RowNoun::Noun(noun), _) => Some(noun),
        (RowNoun::Latency, _) => None,
    }
}

fn delimiter(block: &Block, path: &str, findings: &mut Vec<Diagnostic>) -> u8 {
    let Some(value) = block.statement("delimiter").and_then(|statement| statement.value(0)) else {
        return if path.ends_with(".tsv") { b'\t' } else { b',' };
    };
    match value.value.name().map(|text| text.as_bytes()) {
        Some([byte]) if !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r') => *byte,
        _ => {
            let message = "a delimiter is one character that is no letter, digit or quotation mark";
            findings.push(Diagnostic::error(&codes::WRONG_VALUE, value.span, message).help("write `delimiter \";\"`"));
            b','
        }
    }
}
