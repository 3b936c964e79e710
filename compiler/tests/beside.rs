//! One mistake in a sound project is told as one: what the rules say beside it is true of the project, and nothing of it
//! follows from the mistake alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use ranform_compiler::{CompileOptions, check, compile};
use ranform_grammar::ast::{Block, Item};
use ranform_network::source::MemoryWorld;
use ranform_network::{Diagnostic, Severity, SourceId, Span};
use rayon::prelude::*;

/// Projects without errors, each of one file.
const PROJECTS: [&str; 6] =
    ["quickstart", "cosmo-testbed", "a1-policies", "smo-slice", "rico-testbed", "orchestran-colosseum"];

/// What the resolver and the rules say of a project.
fn findings(text: &str) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let compiled = compile(&MemoryWorld::default().with("main.intent", text), &CompileOptions::default());
    let judged = check::run_beside(&compiled.network, &compiled.damage);
    (compiled.diagnostics, judged)
}

fn errors(found: &[Diagnostic]) -> Vec<String> {
    let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error;
    found.iter().filter(is_error).map(|finding| format!("{}: {}", finding.code.id, finding.message)).collect()
}

/// The places of all statements, of all names, and of all blocks.
fn places(block: &Block, into: &mut Vec<Span>) {
    into.push(block.span);
    into.extend(block.name.as_ref().map(|name| name.span));
    for item in block.items() {
        match item {
            Item::Statement(statement) => {
                into.push(statement.span);
                into.extend(statement.values.iter().map(|value| value.span));
            }
            Item::Block(inner) => places(inner, into),
            Item::Broken(broken) => panic!("{broken:?}"),
        }
    }
}

#[test]
fn nothing_is_told_that_only_follows_from_a_mistake() {
    let intents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents");
    let mut cases = Vec::new();
    for project in PROJECTS {
        let text = std::fs::read_to_string(intents.join(project).join("main.intent")).unwrap();
        let (resolved, judged) = findings(&text);
        assert_eq!((errors(&resolved), errors(&judged)), (Vec::new(), Vec::new()), "{project}");
        let mut found = Vec::new();
        ranform_grammar::parse(SourceId(0), &text).file.blocks.iter().for_each(|block| places(block, &mut found));
        cases.extend(found.into_iter().map(|place| (project, text.clone(), place)));
    }
    assert!(cases.len() > 1_000, "{}", cases.len());
    let untrue: Vec<String> = cases
        .par_iter()
        .filter_map(|(project, text, place)| {
            let (before, rest) = text.split_at(place.start as usize);
            let (written, after) = rest.split_at((place.end - place.start) as usize);
            let (resolved, judged) = findings(&format!("{before}?!{after}"));
            let (resolved, judged) = (errors(&resolved), errors(&judged));
            assert!(!resolved.is_empty(), "{project}: `{written}` can be `?!`");
            (!judged.is_empty()).then(|| format!("{project}: `{written}` as `?!`: {resolved:?} and {judged:?}"))
        })
        .collect();
    assert!(untrue.is_empty(), "{}\n{}", untrue.len(), untrue.join("\n"));
}

#[test]
fn a_mistake_hides_no_rule_of_another_block() {
    let text = "site plaza { regoin \"a\" }\n\
        node gnb-1 : gnb { gnb-id 1/22  cell c { band n77  carrier 4.19GHz  bandwidth 50MHz  scs 30kHz  pci 1008 } }\n\
        tenant red { plmn 001-01  slice 1 }\ntenant blue { plmn 001-02  slice 1 }\n\
        sla s { over cells  share red 60%, blue 41%  window 10s every 100s }\n\
        chunk c for red { cells }\nservice r on c\n";
    let (resolved, judged) = findings(text);
    assert_eq!(errors(&resolved), ["RF103: `site` has no attribute `regoin`"]);
    let codes: Vec<&str> = judged.iter().map(|finding| finding.code.id).collect();
    for code in ["RF321", "RF347", "RF401", "RF412"] {
        assert!(codes.contains(&code), "{code}: {judged:?}");
    }
}
