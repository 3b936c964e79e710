//! The vocabulary against the grammar: every example is a sentence of the language, every attribute of
//! the grammar is in the vocabulary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use ranform_grammar::ast::{Item, Noun};
use ranform_grammar::{parse, vocabulary};
use ranform_network::SourceId;

const GRAMMAR: &str = include_str!("../src/intent.pest");

/// A block of `noun` with `body` in its braces, inside what it must stand in.
fn block(noun: Noun, body: &str) -> String {
    match noun {
        Noun::Site => format!("site x {{ {body} }}"),
        Noun::Area => format!("area x {{ {body} }}"),
        Noun::Tenant => format!("tenant x {{ {body} }}"),
        Noun::Node => format!("node x : gnb {{ {body} }}"),
        Noun::Cell | Noun::Radio | Noun::Port => block(Noun::Node, &format!("{noun} x {{ {body} }}")),
        Noun::Link => format!("link x -- y {{ {body} }}"),
        Noun::Table => format!("table x from \"x.csv\" {{ {body} }}"),
        Noun::Chunk => format!("chunk x for y {{ {body} }}"),
        Noun::Service => format!("service x on y {{ {body} }}"),
        Noun::Component => block(Noun::Ric, &format!("component e2t {{ {body} }}")),
        Noun::Xapp => block(Noun::Ric, &format!("xapp x {{ {body} }}")),
        Noun::Target => block(Noun::Request, &format!("target x {{ {body} }}")),
        Noun::Guard => format!("guard x deny {{ {body} }}"),
        Noun::Limit => format!("limit {{ {body} }}"),
        Noun::Keep => format!("keep placement {{ {body} }}"),
        Noun::Module => format!("module x from \"y\" {{ {body} }}"),
        other => format!("{other} x {{ {body} }}"),
    }
}

fn in_its_place(noun: Noun, example: &str) -> String {
    match noun.parent() {
        Some(Noun::Overlay) => format!("overlay x {{ {example} }}"),
        Some(parent) => block(parent, example),
        None => example.to_owned(),
    }
}

#[test]
fn every_example_of_an_attribute_is_one_statement_with_its_keyword() {
    for attribute in vocabulary::attributes() {
        let text = block(attribute.noun, attribute.example);
        let parsed = parse(SourceId(0), &text);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        let outer = &parsed.file.blocks[0];
        let body = if attribute.noun.parent().is_some() { outer.items()[0].block().unwrap() } else { outer };
        assert_eq!(body.noun.value, attribute.noun);
        let [Item::Statement(statement)] = body.items() else { panic!("{text}: {body:?}") };
        assert_eq!(statement.keyword.value, attribute.keyword);
        let start = text.find(attribute.example).unwrap();
        assert_eq!(&text[statement.span.start as usize..statement.span.end as usize], attribute.example);
        assert_eq!(statement.span.start as usize, start);
    }
}

#[test]
fn every_example_of_a_noun_is_one_block() {
    for entry in vocabulary::nouns() {
        let text = in_its_place(entry.noun, entry.example);
        let parsed = parse(SourceId(0), &text);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        assert_eq!(parsed.file.blocks.len(), 1, "{text}");
    }
    assert_eq!(vocabulary::nouns().len(), Noun::ALL.len());
}

/// The alternatives of every `.._item` rule of the grammar, but for `unknown_item`.
fn grammar_items() -> BTreeSet<(String, String)> {
    let mut items = BTreeSet::new();
    for (at, _) in GRAMMAR.match_indices("_item = _{") {
        let noun = GRAMMAR[..at].rsplit(['\n', ' ']).next().unwrap();
        let rest = &GRAMMAR[at + "_item = _{".len()..];
        for word in rest[..rest.find('}').unwrap()].split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            // Single letters are the ranges that tell which items are tried.
            if word.len() > 1 && word != "unknown_item" {
                items.insert((noun.to_owned(), word.to_owned()));
            }
        }
    }
    items
}

#[test]
fn every_attribute_of_the_grammar_is_in_the_vocabulary() {
    let items = grammar_items();
    let attributes = vocabulary::attributes().count();
    let nested = vocabulary::nouns().iter().filter(|entry| entry.noun.parent().is_some()).count();
    assert_eq!(items.len(), attributes + nested, "{items:#?}");
}

#[test]
fn every_construct_of_the_grammar_has_an_example_above_it() {
    let lines: Vec<_> = GRAMMAR.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some((name, rest)) = line.split_once('=') else { continue };
        let is_rule = !line.starts_with([' ', '/']) && rest.trim_start().starts_with("${");
        let name = name.trim();
        let helper = ["_body", "blocks_at_start"].iter().any(|end| name.ends_with(end));
        let inside = ["conjunction", "negation", "comparison", "sum", "product", "list", "one_of"].contains(&name);
        if is_rule && !helper && !inside {
            assert!(lines[index - 1].starts_with("//"), "{name} has no example");
        }
    }
}

#[test]
fn a_selection_without_names_ends_before_every_word_that_may_follow_it() {
    let rule = GRAMMAR.split("after_selection = _{").nth(1).unwrap();
    let listed = &rule[..rule.find('}').unwrap()];
    for noun in [Noun::Area, Noun::Chunk, Noun::Sla, Noun::Ric, Noun::Request, Noun::Policy, Noun::Guard] {
        let words = vocabulary::attributes_of(noun).map(|attribute| attribute.keyword);
        let nested = vocabulary::nouns_in(Some(noun)).map(|entry| entry.noun.as_str());
        for keyword in words.chain(nested).filter(|keyword| *keyword != vocabulary::SELECTION) {
            let first = keyword.split(' ').next().unwrap();
            assert!(listed.contains(&format!("\"{first}\"")), "{first} may follow a selection in {noun}");
        }
    }
}

#[test]
fn near_misses_are_found_and_far_words_are_not() {
    let nouns = || vocabulary::nouns_in(None).map(|entry| entry.noun.as_str());
    assert_eq!(vocabulary::near_miss("nod", nouns()), Some("node"));
    assert_eq!(vocabulary::near_miss("Tenants", nouns()), Some("tenant"));
    assert_eq!(vocabulary::near_miss("cake", nouns()), None);
}
