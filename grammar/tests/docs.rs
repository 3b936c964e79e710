//! The docs against the language: every example parses, every page of a code of this crate has an example
//! that raises it, every golden case of a mistake raises its code, and the reference is that of the vocabulary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use ranform_grammar::{decode, parse, vocabulary};
use ranform_network::{Diagnostic, SourceId};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(pages(&entry.path()));
        } else if entry.path().extension().is_some_and(|extension| extension == "md") {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// The fenced examples of a page with what stands after the fence.
fn examples(page: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(page).unwrap();
    let fences: Vec<_> = text.split("\n```").skip(1).step_by(2).collect();
    fences
        .iter()
        .filter_map(|fence| fence.split_once('\n'))
        .map(|(kind, body)| (kind.to_owned(), body.to_owned()))
        .collect()
}

fn findings(bytes: &[u8]) -> Vec<Diagnostic> {
    match decode("main.intent", bytes) {
        Ok(text) => parse(SourceId(0), &text).diagnostics,
        Err(finding) => vec![finding],
    }
}

#[test]
fn every_intent_in_the_docs_parses() {
    let mut count = 0;
    for page in pages(&project().join("docs/src")) {
        for (_, text) in examples(&page).iter().filter(|(kind, _)| kind == "intent" || kind == "intent,fragment") {
            let found = findings(text.as_bytes());
            assert!(found.is_empty(), "{}: {text}\n{found:#?}", page.display());
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn every_page_of_a_syntax_code_has_an_example_that_raises_it() {
    for id in ["RF101", "RF102", "RF103", "RF104", "RF107", "RF108", "RF109", "RF110", "RF301"] {
        let page = project().join(format!("docs/src/codes/{id}.md"));
        let wrong: Vec<_> = examples(&page).into_iter().filter(|(kind, _)| kind == "intent,error").collect();
        assert!(!wrong.is_empty(), "{id}");
        for (_, text) in wrong {
            assert!(findings(text.as_bytes()).iter().any(|finding| finding.code.id == id), "{id}: {text}");
        }
    }
}

#[test]
fn every_golden_case_of_a_mistake_raises_its_code() {
    let cases = [
        ("error-syntax", "RF101"),
        ("error-unclosed-brace", "RF101"),
        ("error-unclosed-text", "RF101"),
        ("error-unknown-noun", "RF102"),
        ("error-unknown-attribute", "RF103"),
        ("error-reserved-noun", "RF104"),
        ("error-wrong-value", "RF107"),
        ("error-nested-too-deep", "RF108"),
        ("error-unsupported-language", "RF109"),
        ("error-wrong-dimension", "RF110"),
        ("error-not-utf8", "RF123"),
        ("error-byte-order-mark", "RF124"),
        ("error-carriage-return", "RF125"),
        ("error-unknown-unit", "RF301"),
    ];
    for (case, id) in cases {
        let bytes = std::fs::read(project().join("golden").join(case).join("main.intent")).unwrap();
        assert!(findings(&bytes).iter().any(|finding| finding.code.id == id), "{case}");
    }
}

#[test]
fn the_reference_is_that_of_the_vocabulary() {
    let path = project().join("docs/src/language/reference.md");
    if std::env::var_os("RANFORM_BLESS").is_some() {
        std::fs::write(&path, vocabulary::reference()).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == vocabulary::reference(),
        "docs/src/language/reference.md is out of date: RANFORM_BLESS=1 rewrites it"
    );
}
