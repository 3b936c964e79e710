//! 20,000 broken texts: the parser ends, never panics, and says where. What it reads without a finding is
//! printed and read back unchanged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod generate;

use generate::Random;
use ranform_grammar::{decode, parse, print, vocabulary};
use ranform_network::SourceId;

const MUTATIONS: u64 = 20_000;

fn seeds() -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = ["quickstart", "cosmo-testbed"]
        .iter()
        .map(|name| std::fs::read(format!("{}/../intents/{name}/main.intent", env!("CARGO_MANIFEST_DIR"))).unwrap())
        .collect();
    for entry in vocabulary::nouns().iter().filter(|entry| entry.noun.parent().is_none()) {
        let head = entry.example.split('{').next().unwrap();
        let body: Vec<_> = vocabulary::attributes_of(entry.noun).map(|attribute| attribute.example).collect();
        let nested: Vec<_> = vocabulary::nouns_in(Some(entry.noun)).map(|nested| nested.example).collect();
        texts.push(format!("{head}{{\n  {}\n  {} # end\n}}\n", body.join("\n  "), nested.join("\n  ")).into_bytes());
        texts.push(entry.example.as_bytes().to_vec());
    }
    texts
}

/// One to four changes: a flipped bit, bytes left out, doubled, put elsewhere, or of another text.
fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let piece = other[from..(from + random.below(60)).min(other.len())].to_vec();
                bytes.splice(at..end, piece);
            }
            4 => {
                let marks = b"{}()[]\"#;,:$%\n\\/-=\xff\xc3";
                bytes.insert(at, marks[random.below(marks.len())]);
            }
            _ => {
                let mark = [b"(".as_slice(), b"{", b"not ", b"[", b"\"", b"count(", b"a.", b"-"][random.below(8)];
                let piece = mark.repeat(1 + random.below(50));
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

#[test]
fn no_text_makes_the_parser_panic_or_lose_its_place() {
    let seeds = seeds();
    let mut sound = 0;
    for seed in 0..MUTATIONS {
        let bytes = mutate(&mut Random::new(seed), &seeds);
        let text = match decode("mutated.intent", &bytes) {
            Ok(text) => text,
            Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        let parsed = parse(SourceId(0), &text);
        for finding in &parsed.diagnostics {
            let span = finding.span.unwrap();
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "seed {seed}: {finding:?}");
        }
        if parsed.diagnostics.is_empty() {
            sound += 1;
            let printed = print(&parsed.file);
            let again = parse(SourceId(0), &printed);
            assert!(again.diagnostics.is_empty(), "seed {seed}\n{text}\n{printed}\n{:?}", again.diagnostics);
            assert_eq!(print(&again.file), printed, "seed {seed}");
            assert_eq!(again.file.plain(), parsed.file.plain(), "seed {seed}\n{text}\n{printed}");
        }
    }
    // A good part of the mutations hits a comment or a text: the other half of the test is no empty loop.
    assert!(sound > MUTATIONS / 50, "{sound}");
}

#[test]
fn deep_nesting_is_refused_in_little_time() {
    for mark in ["(", "[", "{", "not (", "count(cells where ", "a + (", "{ (", "node x : gnb {", "[["] {
        for wrap in ["guard g deny { require ", "", "area x { cells where ", "parameter x = "] {
            let text = format!("{wrap}{}", mark.repeat(20_000));
            let parsed = parse(SourceId(0), &text);
            assert!(!parsed.diagnostics.is_empty(), "{wrap}{mark}");
        }
    }
}

#[test]
fn findings_are_bounded_on_any_text() {
    for line in ["}\n", "\"\n", "site {}\n", "foo\n", "x {}\n"] {
        for (head, tail) in [("", ""), ("node x : gnb {\n", "}\n")] {
            let text = format!("{head}{}{tail}", line.repeat(200_000));
            let parsed = parse(SourceId(0), &text);
            assert!((1..50_000).contains(&parsed.diagnostics.len()), "{line}: {}", parsed.diagnostics.len());
        }
    }
    let broken_nested = format!("node x : gnb {{\n{}}}", "  cell ? { pci 1 }\n".repeat(20_000));
    assert_eq!(parse(SourceId(0), &broken_nested).diagnostics.len(), 101);
}

#[test]
fn long_chains_need_no_stack() {
    let sum = vec!["1"; 100_000].join(" + ");
    let text = format!("guard g deny {{ require {sum} < 2 and {} }}", vec!["a = b"; 50_000].join(" or "));
    let parsed = parse(SourceId(0), &text);
    assert!(parsed.diagnostics.is_empty());
    assert_eq!(parse(SourceId(0), &print(&parsed.file)).file.plain(), parsed.file.plain());
}
