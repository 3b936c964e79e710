//! The vocabulary as a page of the docs.

use std::fmt::Write;

use super::{Attribute, NODE_KINDS, RESERVED, SELECTION, attributes_of, nouns};
use crate::ast::{Noun, Unit};

/// `docs/src/language/reference.md`: every noun with its attributes, in Markdown.
pub fn reference() -> String {
    let mut page = String::from(
        "# Reference\n\nEvery noun and attribute of version 1. This page is written from the vocabulary that the parser and its \
         error messages use\n(`RANFORM_BLESS=1 cargo test -p ranform-grammar --test docs`); `grammar/src/intent.pest` has the exact rules.\n\
         An attribute marked * may be given several times.\n",
    );
    for entry in nouns() {
        let place = entry.noun.parent().map_or(String::new(), |parent| format!(" It stands inside `{parent}`."));
        let meaning = capital(entry.meaning);
        let _ = write!(page, "\n## {}\n\n{meaning}.{place}\n\n    {}\n", entry.noun, entry.shape);
        let attributes: Vec<_> = attributes_of(entry.noun).collect();
        if !attributes.is_empty() {
            page.push_str("\n| attribute | wants | example | meaning |\n|---|---|---|---|\n");
            attributes.iter().for_each(|attribute| row(&mut page, attribute));
        }
        if entry.noun == Noun::Node {
            page.push_str("\nKinds of nodes:\n\n| kind | is |\n|---|---|\n");
            for (kind, meaning) in NODE_KINDS {
                let _ = writeln!(page, "| `{kind}` | {meaning} |");
            }
        }
    }
    let units: Vec<_> = Unit::ALL.iter().map(|unit| format!("`{}`", unit.as_str())).collect();
    let _ = write!(page, "\n## Units\n\n{}. Upper and lower case matter.\n", units.join(" "));
    let reserved: Vec<_> = RESERVED.iter().map(|word| format!("`{word}`")).collect();
    let _ = write!(
        page,
        "\n## Reserved nouns\n\n{}: for later versions; free as names and attributes.\n",
        reserved.join(" ")
    );
    page
}

fn row(page: &mut String, attribute: &Attribute) {
    let keyword =
        if attribute.keyword == SELECTION { "(a selection)".to_owned() } else { format!("`{}`", attribute.keyword) };
    let star = if attribute.repeats { " *" } else { "" };
    let cell = |text: &str| text.replace('|', "\\|");
    let _ = writeln!(
        page,
        "| {keyword}{star} | {} | `{}` | {} |",
        cell(attribute.wants),
        cell(attribute.example),
        cell(attribute.meaning)
    );
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}
