//! What a table says twice, or of a file that is not like that: told once, instead of once for every row or column.

use std::collections::BTreeMap;

use ranform_grammar::ast::{Block, Statement, Value};
use ranform_grammar::vocabulary;
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Located, Span};

use super::rows::Rows;
use super::{LISTS, RowNoun, file_of};

/// Where an attribute, or a part of one, is given first.
pub(super) type Given = BTreeMap<(String, Option<String>), Span>;

/// Reports a column or value for what another gives already. Attributes that may stand several times are given as often.
pub(super) fn given_twice(
    noun: RowNoun,
    keyword: &str,
    part: &Option<Located<Value>>,
    statement: &Statement,
    seen: &mut Given,
    findings: &mut Vec<Diagnostic>,
) {
    let part = part.as_ref().and_then(|part| part.value.name()).map(|part| part.to_string());
    let repeats = match noun {
        RowNoun::Noun(noun) => vocabulary::attribute(noun, keyword).is_some_and(|attribute| attribute.repeats),
        RowNoun::Latency => false,
    };
    // Latitude and longitude are two columns of one attribute.
    if part.is_none() && (repeats || keyword == "location" || LISTS.contains(&keyword)) {
        return;
    }
    let whole = part.as_ref().map_or_else(|| keyword.to_owned(), |part| format!("{keyword}.{part}"));
    if let Some(first) = seen.insert((keyword.to_owned(), part), statement.span) {
        let message = format!("`{whole}` is given twice by this table");
        findings.push(
            Diagnostic::error(&codes::DUPLICATE_ATTRIBUTE, statement.span, message)
                .and(first, "first given here")
                .help("keep one of the two lines"),
        );
    }
}

/// Reports what a table says twice of its file.
pub(super) fn twice(block: &Block, findings: &mut Vec<Diagnostic>) {
    for keyword in ["as", "key", "delimiter", "rows at"] {
        let mut statements = block.statements(keyword);
        if let (Some(first), Some(second)) = (statements.next(), statements.next()) {
            findings.push(
                Diagnostic::error(&codes::DUPLICATE_ATTRIBUTE, second.span, format!("`{keyword}` is given twice"))
                    .and(first.span, "first given here")
                    .help("keep one of the two lines"),
            );
        }
    }
}

/// Warns of what says nothing of a file of this form.
pub(super) fn without_effect(block: &Block, path: &str, findings: &mut Vec<Diagnostic>) {
    let tree = matches!(path.rsplit('.').next(), Some("json" | "yaml" | "yml"));
    let (keyword, why) = match tree {
        true => ("delimiter", "only CSV files have delimiters"),
        false => ("rows at", "a CSV file is one list"),
    };
    for statement in block.statements(keyword) {
        let message = format!("`{keyword}` changes nothing here: {why}");
        findings.push(Diagnostic::warning(&codes::WITHOUT_EFFECT, statement.span, message).help("leave the line out"));
    }
}

/// The finding about a file that is empty, or that another character parts: told once instead of for every column.
pub(super) fn other_delimiter(block: &Block, rows: &Rows) -> Option<Diagnostic> {
    let [only] = &rows.columns[..] else { return None };
    let named = file_of(block)?;
    if only.is_empty() {
        let message = format!("`{}` is empty: its first line names the columns", named.value);
        return Some(
            Diagnostic::error(&codes::TABLE_SYNTAX, named.span, message)
                .help("export it again, with a line of column names"),
        );
    }
    if block.statements("delimiter").nth(1).is_some() {
        return None;
    }
    let delimiter = [';', '\t', '|', ','].into_iter().find(|delimiter| only.contains(*delimiter))?;
    let wants = |column: &str| {
        let statements = block.statements("key").chain(block.statements("column"));
        statements
            .flat_map(|statement| &statement.values)
            .any(|value| value.value.name().is_some_and(|name| name.as_str() == column))
    };
    if wants(only) || !only.split(delimiter).any(|column| wants(column.trim())) {
        return None;
    }
    let shown = if delimiter == '\t' { "\\t".to_owned() } else { delimiter.to_string() };
    let message = format!("`{}` has the one column `{only}`", named.value);
    let place = block.statement("delimiter").map_or(named.span, |statement| statement.span);
    Some(Diagnostic::error(&codes::UNKNOWN_COLUMN, place, message).help(format!("write `delimiter \"{shown}\"`")))
}
