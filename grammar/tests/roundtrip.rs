//! Tree to text and back: nothing is lost, and printing twice changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod generate;

use proptest::prelude::*;
use ranform_grammar::{parse, print};
use ranform_network::SourceId;

#[test]
fn small_blocks_share_a_line_where_their_author_had_it_so() {
    let printed = |text: &str| {
        let parsed = parse(SourceId(0), text);
        assert_eq!(parsed.diagnostics, Vec::new(), "{text}");
        print(&parsed.file)
    };
    let long = "x".repeat(60);
    for (text, wanted) in [
        ("chunk a for red {cells}   service b on a\n", "chunk a for red { cells }  service b on a\n"),
        ("site a site b\nsite c", "site a  site b\nsite c\n"),
        ("language 1 site a", "language 1\nsite a\n"),
        ("site a # here\nsite b", "site a  # here\nsite b\n"),
        ("site a { region \"x\"\n} site b", "site a {\n  region \"x\"\n}\nsite b\n"),
        (&format!("site {long} site {long}b"), &format!("site {long}\nsite {long}b\n")),
        (
            "node a : ap { radio r radio s\n manage directory \"d\" }",
            "node a : ap {\n  radio r  radio s\n  manage directory \"d\"\n}\n",
        ),
    ] {
        assert_eq!(printed(text), wanted, "{text}");
        assert_eq!(printed(wanted), wanted, "twice");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_back_as_it_was(seed in any::<u64>()) {
        let file = generate::file(seed);
        let text = print(&file);
        let parsed = parse(SourceId(0), &text);
        prop_assert!(parsed.diagnostics.is_empty(), "{text}\n{:#?}", parsed.diagnostics);
        let again = print(&parsed.file);
        prop_assert_eq!(&again, &text);
        prop_assert_eq!(parsed.file.plain(), file.plain(), "{}", text);
    }
}

/// What `text` is formatted to; formatting that again must change nothing.
fn formatted(text: &str) -> String {
    let parsed = parse(SourceId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{text}\n{:#?}", parsed.diagnostics);
    let printed = print(&parsed.file);
    let again = parse(SourceId(0), &printed);
    assert_eq!(print(&again.file), printed);
    assert_eq!(again.file.plain(), parsed.file.plain());
    printed
}

#[test]
fn blanks_are_made_uniform_and_small_blocks_stay_on_their_line() {
    let text =
        "language   1\n\n\n\ntenant red{plmn 001-01 slice 1:000001}\ntenant blue\n{\nplmn 001-02\n\n\n  vlan 7 }";
    let wanted =
        "language 1\n\ntenant red { plmn 001-01  slice 1:000001 }\ntenant blue {\n  plmn 001-02\n\n  vlan 7\n}\n";
    assert_eq!(formatted(text), wanted);
}

#[test]
fn statements_stay_together_on_a_line_where_they_fit() {
    let text = "request storm-guard {\n  want f on cu-cp\n  within 10ms   accuracy >= 90% value 10\n}\n";
    let wanted = "request storm-guard {\n  want f on cu-cp\n  within 10ms  accuracy >= 90%  value 10\n}\n";
    assert_eq!(formatted(text), wanted);
    let wide = format!("tenant red {{\n{}\n}}", "contact \"0123456789\" ".repeat(9));
    assert!(formatted(&wide).lines().all(|line| line.chars().count() <= 100));
    assert_eq!(formatted(&wide).lines().count(), 5);
}

#[test]
fn a_block_that_does_not_fit_its_line_is_broken() {
    let text = format!("tenant red {{ contact \"{}\"  contact \"{}\" }}", "a".repeat(40), "b".repeat(40));
    let printed = formatted(&text);
    assert_eq!(printed.lines().count(), 4, "{printed}");
}

#[test]
fn long_lists_and_conditions_are_broken_at_commas_and_words() {
    let cells: Vec<_> = (0..40).map(|number| format!("gnb-{number}/nr-1")).collect();
    let text =
        format!("area x {{\n  cells {}\n  cells where {}\n}}\n", cells.join(", "), ["power > 30dBm"; 12].join(" and "));
    let printed = formatted(&text);
    assert!(printed.lines().all(|line| line.chars().count() <= ranform_grammar::WIDTH), "{printed}");
    assert!(printed.contains(",\n      gnb-"), "{printed}");
    assert!(printed.contains("\n      and power"), "{printed}");
}

#[test]
fn every_comment_is_kept() {
    let text = "# 1\n\n# 2\nlanguage 1 # 3\n// 4\ntenant red { # 5\n  # 6\n  plmn 001-01 # 7\n  share-nothing-here\n"
        .replace("  share-nothing-here\n", "")
        + "  # 8\n} // 9\n# 10\nsla x { share red 60%, # 11\n    blue 40%\n}\nsite #12\n x # 13\n#14";
    let printed = formatted(&text);
    for number in 1..=14 {
        assert!(printed.lines().any(|line| line.ends_with(&format!("# {number}"))), "{number}: {printed}");
    }
}

#[test]
fn names_that_are_words_of_the_language_are_quoted_where_they_must_be() {
    let printed = formatted("area x { nodes \"share\", edge-1 }");
    assert_eq!(printed, "area x { nodes \"share\", edge-1 }\n");
}

#[test]
fn the_examples_of_the_project_are_in_the_canonical_format() {
    let mut count = 0;
    for folder in std::fs::read_dir(format!("{}/../intents", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "intent") {
                let text = std::fs::read_to_string(&file).unwrap();
                assert_eq!(formatted(&text), text, "{}", file.display());
                count += 1;
            }
        }
    }
    assert!(count > 1);
}

#[test]
fn an_empty_file_stays_empty() {
    assert_eq!(formatted(""), "");
    assert_eq!(formatted(" \n\n"), "");
    assert_eq!(formatted("\n# only a comment\n\n"), "# only a comment\n");
}
