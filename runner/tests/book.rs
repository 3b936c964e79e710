//! The book: every `intent` example compiles, every page is listed, every link inside it leads somewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use ranform::pipeline;
use ranform_network::diagnostic::Severity;
use ranform_network::source::MemoryWorld;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages(at: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The bodies of fenced blocks whose info string is exactly `wanted`.
fn blocks(text: &str, wanted: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut inside: Option<(bool, String)> = None;
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut inside, fence) {
            (None, Some(info)) => inside = Some((info.trim() == wanted, String::new())),
            (Some((keep, body)), Some(_)) => {
                if *keep {
                    blocks.push(body.clone());
                }
                inside = None;
            }
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// What is wrong with an example: `intent` compiles, `intent,error` shows the code of its page, `intent,fragment` parses.
fn example(page: &Path, kind: &str, text: &str) -> Option<String> {
    let findings = if kind == "intent,fragment" {
        ranform_grammar::parse(ranform_network::SourceId(0), text).diagnostics
    } else {
        let world = MemoryWorld::default().with("main.intent", text);
        pipeline::check(&world, &Default::default()).diagnostics
    };
    let told: Vec<String> = findings.iter().map(|found| format!("{} {}", found.code.id, found.message)).collect();
    let wrong = if kind == "intent,error" {
        let code = page.file_stem().unwrap().to_string_lossy().into_owned();
        code.starts_with("RF") && !findings.iter().any(|found| found.code.id == code)
    } else {
        findings.iter().any(|found| found.severity == Severity::Error)
    };
    wrong.then(|| format!("{} ({kind}): {}\n{text}", page.display(), told.join("; ")))
}

#[test]
fn every_intent_example_of_the_book_and_the_readme_does_what_its_page_says() {
    let mut found = vec![root().join("README.md")];
    pages(&root().join("docs/src"), &mut found);
    let mut failures = Vec::new();
    let mut examples = 0;
    for page in found {
        let text = std::fs::read_to_string(&page).unwrap();
        for kind in ["intent", "intent,error", "intent,fragment"] {
            for block in blocks(&text, kind) {
                examples += 1;
                failures.extend(example(&page, kind, &block));
            }
        }
    }
    assert!(examples > 50, "the book has lost its examples: {examples}");
    assert!(failures.is_empty(), "{} of {examples}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_page_is_listed_and_every_listed_page_is_there() {
    let source = root().join("docs/src");
    let summary = std::fs::read_to_string(source.join("SUMMARY.md")).unwrap();
    let mut found = Vec::new();
    pages(&source, &mut found);
    let listed: Vec<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| link.ends_with(".md"))
        .collect();
    for link in &listed {
        assert!(source.join(link).exists(), "SUMMARY.md lists {link}, which is not there");
    }
    for page in found {
        let name = page.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        if name != "SUMMARY.md" {
            assert!(
                listed.contains(&name.as_str()),
                "docs/src/{name} is not listed in SUMMARY.md, so the book does not have it (RANFORM_BLESS=1 writes the codes)"
            );
        }
    }
}

#[test]
fn the_readme_shows_what_comes_out_of_its_intent() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let readme = read("README.md");
    let shows = |kind: &str, path: &str| {
        let found = blocks(&readme, kind).contains(&read(path));
        assert!(found, "README.md shows no `{kind}` block with what is in {path}");
    };
    shows("intent", "intents/quickstart/main.intent");
    shows("text", "golden/quickstart/plan.txt");
    shows("json", "golden/quickstart/artifacts/gnb-1/cell/nr-1/tenant/red.json");
    assert_eq!(read("intents/quickstart/main.intent").lines().count(), 10);
}

/// Whether outputs are rewritten; then the difference is read.
fn blessing() -> bool {
    std::env::var("RANFORM_BLESS").is_ok_and(|value| value == "1")
}

/// The book has the pages that its summary lists, and no others.
#[test]
fn the_summary_lists_every_code_below_their_index() {
    const INDEX: &str = "- [Diagnostics](codes/index.md)\n";
    let path = root().join("docs/src/SUMMARY.md");
    let summary = std::fs::read_to_string(&path).unwrap();
    let (before, after) = summary.split_once(INDEX).expect("the index is listed, and last");
    let wanted: String = ranform_network::diagnostic::codes::all()
        .map(|code| format!("  - [{0} {1}](codes/{0}.md)\n", code.id, code.name))
        .collect();
    if blessing() {
        return std::fs::write(path, format!("{before}{INDEX}{wanted}")).unwrap();
    }
    assert_eq!(after, wanted, "docs/src/SUMMARY.md is not up to date (RANFORM_BLESS=1 rewrites it)");
}

#[test]
fn the_index_of_codes_lists_every_code() {
    let index = std::fs::read_to_string(root().join("docs/src/codes/index.md")).unwrap_or_default();
    let lines: Vec<String> = ranform_network::diagnostic::codes::all()
        .map(|code| format!("| [{0}]({0}.md) | {1} | {2} |", code.id, code.name, code.summary))
        .collect();
    let wanted = format!(
        "# Diagnostics\n\n`ranform explain CODE` prints these pages.\n\n| code | name | means |\n|---|---|---|\n{}\n",
        lines.join("\n")
    );
    if blessing() {
        std::fs::write(root().join("docs/src/codes/index.md"), &wanted).unwrap();
        return;
    }
    assert_eq!(index, wanted, "docs/src/codes/index.md is not up to date (RANFORM_BLESS=1 rewrites it)");
}
