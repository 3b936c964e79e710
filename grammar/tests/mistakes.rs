//! What the parser says of text that does not follow the grammar: the code, the place, the words and the
//! advice, one finding per mistake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_grammar::ast::{Item, Noun};
use ranform_grammar::{DEPTH_LIMIT, decode, parse};
use ranform_network::SourceId;

/// Each finding as `code | text at its place | message | advice`.
fn findings(text: &str) -> Vec<String> {
    let parsed = parse(SourceId(0), text);
    let line = |finding: &ranform_network::Diagnostic| {
        let span = finding.span.unwrap();
        let place = &text[span.start as usize..span.end as usize];
        format!("{} | {place} | {} | {}", finding.code.id, finding.message, finding.help.join("; "))
    };
    parsed.diagnostics.iter().map(line).collect()
}

fn check(text: &str, wanted: &[&str]) {
    assert_eq!(findings(text), wanted, "{text}");
}

#[test]
fn an_unknown_noun_is_named_with_what_was_meant() {
    check("nod gnb-1 : gnb { site plaza }", &["RF102 | nod | unknown noun `nod` | did you mean `node`?"]);
    check(
        "cell nr-1 { band n77 }",
        &["RF102 | cell | `cell` stands inside `node`, not at top level | write `node .. { cell NAME { .. } }`"],
    );
    check(
        "plmn 001-01",
        &["RF102 | plmn | unknown noun `plmn` | `plmn` is an attribute of `tenant`: is a `}` too early before it?"],
    );
}

#[test]
fn a_reserved_noun_is_told_apart_from_an_unknown_one() {
    check(
        "telemetry prometheus { every 1s }\ntenant red { plmn 001-01 }",
        &[
            "RF104 | telemetry | `telemetry` is reserved for a later version of the language | remove the block: it could have no effect",
        ],
    );
}

#[test]
fn an_unknown_attribute_is_named_with_what_was_meant() {
    check(
        "node x : gnb { cell c { carier 4.05GHz } }",
        &["RF103 | carier | `cell` has no attribute `carier` | did you mean `carrier`?"],
    );
    check(
        "site x { carrier 4.05GHz }",
        &["RF103 | carrier | `site` has no attribute `carrier` | `carrier` is an attribute of `cell`"],
    );
    check(
        "site x { cell c { band n77 } }",
        &["RF103 | cell | `site` has no attribute `cell` | `cell` stands inside `node`"],
    );
    check(
        "overlay staging { unset node.gnb-1.site }",
        &[
            "RF103 | unset | `overlay` has no attribute `unset` | blocks of `set` stand inside it, for example `set node.gnb-1/cell.nr-1 { power 20dBm }`",
        ],
    );
    check(
        "keep placement { colour blue }",
        &["RF103 | colour | `keep` has no attribute `colour` | it has `pin`, `churn`"],
    );
}

#[test]
fn a_slice_that_is_none_is_told_as_one() {
    let help = "a slice is a slice type, and after `:` a slice differentiator in hexadecimal digits: `1:000001`";
    for text in ["1:zz", "1:00zz", "1:"] {
        let wanted = format!("RF305 | {text} | `{text}` is no slice | {help}");
        check(&format!("tenant red {{ plmn 001-01  slice {text} }}"), &[&wanted]);
    }
}

#[test]
fn a_wrong_value_is_named_with_what_is_wanted() {
    check(
        "node x : gnb { cell c { duplex half } }",
        &["RF107 | half | `duplex` wants `tdd` or `fdd`, found `half` | write for example `duplex tdd`"],
    );
    check(
        "tenant x { plmn 00101 }",
        &[
            "RF107 | 00101 | `plmn` wants a PLMN such as `001-01`, found `00101` | `-` stands after the country code: `001-01`",
        ],
    );
    check(
        "sla x { share red 60, blue 40% }",
        &[
            "RF107 | 60 | `share` wants tenants and percentages such as `red 60%, blue 40%`, found `60` | a number needs its unit here, without a blank between",
        ],
    );
    check(
        "chunk x for y { ratio 40 % }",
        &[
            "RF107 | 40 | `ratio` wants a percentage such as `40%`, found `40` | write the number and the unit together: `40%`",
        ],
    );
    check(
        "site x { owner Team-A }",
        &[
            "RF107 | Team-A | `owner` wants the name of an owner such as `team-a`, found `Team-A` | a name is written in lower case letters, digits and `-`; any other name in quotes",
        ],
    );
}

#[test]
fn units_of_kubernetes_are_told_as_ours() {
    let help = |what: &str| {
        let found = findings(&format!("ric r {{ component e2t {{ demand {what} }} }}"));
        found.iter().map(|finding| finding.rsplit(" | ").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (what, wanted) in [
        ("memory 1Gi", "there is no unit `Gi`: did you mean `1GiB`?"),
        ("cpu 0.5, memory 512Mi", "there is no unit `Mi`: did you mean `512MiB`?"),
        ("storage 100Ki", "there is no unit `Ki`: did you mean `100KiB`?"),
        ("storage 2Ti", "there is no unit `Ti`: did you mean `2TiB`?"),
        ("memory 64M", "there is no unit `M`: did you mean `64MB`?"),
        ("memory 64G", "there is no unit `G`: did you mean `64GB`?"),
        ("memory 64g", "there is no unit `g`: did you mean `64GB`?"),
        ("memory 64x", "there is no unit `x`"),
        ("cpu 500m", "there is no unit `m`: did you mean `0.5`?"),
        ("cpu 1500m", "there is no unit `m`: did you mean `1.5`?"),
        ("memory 1GB, cpu 50m", "there is no unit `m`: did you mean `0.05`?"),
        ("cpu 2000m", "there is no unit `m`: did you mean `2`?"),
        ("cpu 2x", "there is no unit `x`: processors are counted in whole ones and parts, `2` or `0.5`"),
    ] {
        assert_eq!(help(what), [wanted], "{what}");
    }
    let connector = "connector e2 \"registry.example/e2:1.0\" demand cpu 100m, memory 64MB";
    let found = findings(&format!("model m {{ {connector} }}"));
    assert!(found[0].ends_with("there is no unit `m`: did you mean `0.1`?"), "{found:?}");
}

#[test]
fn an_unknown_unit_and_a_wrong_dimension_have_their_own_codes() {
    check(
        "node x : gnb { cell c { carrier 4.05GGHz } }",
        &[
            "RF301 | 4.05GGHz | `carrier` wants a frequency such as `4.05GHz`, found `4.05GGHz` | there is no unit `GGHz`: did you mean `4.05GHz`?",
        ],
    );
    check(
        "node x : gnb { cell c { bandwidth 50Mhz } }",
        &[
            "RF301 | 50Mhz | `bandwidth` wants a frequency such as `50MHz`, found `50Mhz` | there is no unit `Mhz`: did you mean `50MHz`?",
        ],
    );
    check(
        "node x : gnb { cell c { carrier 10ms } }",
        &[
            "RF110 | 10ms | `carrier` wants a frequency such as `4.05GHz`, found `10ms` | `ms` is a duration: write for example `carrier 4.05GHz`",
        ],
    );
}

#[test]
fn a_broken_first_line_is_told_how_it_is_written_and_its_body_is_still_read() {
    check(
        "node gnb-1 gnb {\n  sit plaza\n}\ntenant red { vlna 1 }",
        &[
            "RF101 | gnb | `node` is written `node NAME : KIND { .. }`, found `gnb` | write for example `node gnb-1 : gnb { site plaza  profile 3gpp-r18 }`",
            "RF103 | sit | `node` has no attribute `sit` | did you mean `site`?",
            "RF103 | vlna | `tenant` has no attribute `vlna` | did you mean `vlan`?",
        ],
    );
}

#[test]
fn every_mistake_of_a_block_and_of_a_line_is_told_once() {
    check(
        "node x : gnb {\n  cell a { bnad n77  carrier 1ms  bandwidth 50MHz }\n  sit plaza\n  tier one\n}\nfoo",
        &[
            "RF103 | bnad | `cell` has no attribute `bnad` | did you mean `band`?",
            "RF110 | 1ms | `carrier` wants a frequency such as `4.05GHz`, found `1ms` | `ms` is a duration: write for example `carrier 4.05GHz`",
            "RF103 | sit | `node` has no attribute `sit` | did you mean `site`?",
            "RF107 | one | `tier` wants a number such as `2`, found `one` | write for example `tier 2`",
            "RF102 | foo | unknown noun `foo` | the nouns are `site`, `area`, `tenant`, `node`, `link`, `table`, `chunk`, `service`, `sla`, \
             `ric`, `model`, `request`, `policy`, `guard`, `limit`, `keep`, `owner`, `protect`, `forget`, `moved`, `outside change`, `module`, \
             `parameter`, `overlay`",
        ],
    );
}

#[test]
fn what_can_be_read_beside_a_mistake_is_in_the_tree() {
    let parsed =
        parse(SourceId(0), "node x : gnb {\n  sit plaza\n  cell a { bnad n77  pci 3 }\n}\ntenant red { plmn 001-01 }");
    let [node, tenant] = parsed.file.blocks.as_slice() else { panic!("{:?}", parsed.file.blocks) };
    let Item::Broken(broken) = &node.items()[0] else { panic!() };
    assert_eq!(&*broken.keyword, "sit");
    let cell = node.blocks(Noun::Cell).next().unwrap();
    assert!(cell.statement("pci").is_some());
    assert!(cell.is_broken("bnad"));
    assert!(tenant.statement("plmn").is_some());
}

#[test]
fn a_separator_is_named_and_the_rest_is_read() {
    check(
        "tenant red { plmn 001-01; vlan 7 }",
        &["RF101 | ; | an attribute of `tenant` is wanted here, found `;` | remove it: statements need no separator"],
    );
}

#[test]
fn a_brace_that_is_never_closed_is_shown_where_it_opened() {
    let text = "node x : gnb {\n  site plaza\ntenant red { vlna 1 }\n";
    let parsed = parse(SourceId(0), text);
    assert_eq!(findings(text)[0], "RF101 | { | this `{` is never closed | write the missing `}`");
    assert_eq!(parsed.diagnostics[0].span.unwrap().start, 13);
    assert_eq!(parsed.diagnostics[0].labels[0].span.start, text.find("tenant").unwrap() as u32);
    assert_eq!(findings(text)[1], "RF103 | vlna | `tenant` has no attribute `vlna` | did you mean `vlan`?");
    assert_eq!(&*parsed.file.broken[0].keyword, "node");
    let text = "node x : gnb {\n  cell a { band n77\n}\n\ntenant red { vlan 1 }\n";
    let parsed = parse(SourceId(0), text);
    assert_eq!(parsed.diagnostics[0].span.unwrap().start, text.find("a {").unwrap() as u32 + 2);
    assert_eq!(parsed.diagnostics[0].labels[1].span.start, text.find('}').unwrap() as u32);
    assert_eq!(parsed.file.blocks.len(), 1);
    check("site x {", &["RF101 | { | this `{` is never closed | write the missing `}`"]);
}

#[test]
fn a_brace_too_many_is_shown_and_the_next_block_is_read() {
    check(
        "site x { tier 1 } }\nsite y { teir 1 }",
        &[
            "RF101 | } | this `}` closes nothing | remove it, or look for a `{` that is missing before it",
            "RF103 | teir | `site` has no attribute `teir` | did you mean `tier`?",
        ],
    );
}

#[test]
fn a_text_that_is_not_closed_is_shown_where_it_opened() {
    check(
        "tenant x { ssid \"red }\n}\nsite y { teir 1 }",
        &[
            "RF101 | \"red } | this text is not closed on its line | write `\"` at its end; a line break in it is `\\n`",
            "RF103 | teir | `site` has no attribute `teir` | did you mean `tier`?",
        ],
    );
}

#[test]
fn nesting_is_bounded_before_it_is_parsed() {
    let deep = "(".repeat(DEPTH_LIMIT + 9) + "a" + &")".repeat(DEPTH_LIMIT + 9);
    let found = findings(&format!("guard g deny {{ require {deep} }}\nsite y {{ teir 1 }}"));
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("RF108 | ( | this is nested deeper than 32 levels"), "{found:?}");
    let bearable = "(".repeat(DEPTH_LIMIT - 1) + "a" + &")".repeat(DEPTH_LIMIT - 1);
    check(&format!("guard g deny {{ require {bearable} }}"), &[]);
}

#[test]
fn the_language_version_stands_first_and_is_known() {
    check("language 1\nsite x", &[]);
    check(
        "language 2",
        &[
            "RF109 | 2 | this program does not know version 2 of the language | write `language 1`, or use a newer program",
        ],
    );
    check(
        "site x\nlanguage 1",
        &["RF101 | 1 | `language` is said once, before all blocks | move the line to the beginning of the file"],
    );
}

#[test]
fn an_escape_that_is_no_character_is_shown() {
    check(
        r#"tenant x { ssid "a\u{d800}" }"#,
        &[
            r"RF107 | \u{d800} | `\u{d800}` is no character | write the hexadecimal number of a Unicode character, e.g. `\u{e9}` for `é`",
        ],
    );
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_told_once_and_the_text_is_read() {
    let text = "\u{feff}tenant red {\r\n  plmn 001-01\r\n}\r\n";
    let codes: Vec<_> = parse(SourceId(0), text).diagnostics.iter().map(|finding| finding.code.id).collect();
    assert_eq!(codes, ["RF124", "RF125"]);
    assert_eq!(parse(SourceId(0), text).file.blocks.len(), 1);
    assert!(findings(text)[1].contains("this and 2 more"));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = decode("north/a.intent", b"site x\n\xff").unwrap_err();
    assert_eq!(error.code.id, "RF123");
    assert_eq!(error.message, "`north/a.intent` is not UTF-8 text: line 2 has a byte that belongs to no character");
    assert_eq!(decode("a", &vec![b' '; ranform_grammar::SIZE_LIMIT + 1]).unwrap_err().code.id, "RF122");
    assert!(decode("a", b"\xff\xfes\0").unwrap_err().help[0].contains("UTF-16"));
}

#[test]
fn places_are_those_of_the_file_and_not_of_the_piece() {
    let text = "site a\nsite b { tier 1 }\nsite c {\n  tier 1\n}\nprotect site.c, site.b forget site.a\n";
    let parsed = parse(SourceId(3), text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let pieces: Vec<_> =
        parsed.file.blocks.iter().map(|block| &text[block.span.start as usize..block.span.end as usize]).collect();
    assert_eq!(
        pieces,
        ["site a", "site b { tier 1 }", "site c {\n  tier 1\n}", "protect site.c, site.b", "forget site.a"]
    );
    assert!(parsed.file.blocks.iter().all(|block| block.span.source == SourceId(3)));
    let names: Vec<_> = parsed
        .file
        .blocks
        .iter()
        .filter_map(|block| block.name.as_ref())
        .map(|name| &text[name.span.start as usize..name.span.end as usize])
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn equal_blocks_have_equal_hashes_wherever_they_stand() {
    let one = parse(SourceId(0), "site a { tier 1 }\nsite b { tier 2 }");
    let two = parse(SourceId(0), "# moved\nsite b { tier 2 }\n\nsite a { tier 1 }");
    assert_eq!(one.file.blocks[0].hash, two.file.blocks[1].hash);
    assert_eq!(one.file.blocks[1].hash, two.file.blocks[0].hash);
    assert_ne!(one.file.blocks[0].hash, one.file.blocks[1].hash);
}

#[test]
fn a_node_kind_that_does_not_exist_is_named_with_what_was_meant() {
    let written = "`node` is written `node NAME : KIND { .. }`, found `gnbb`";
    check(
        "node g : gnbb { site s }",
        &[&format!(
            "RF101 | gnbb | {written} | did you mean `gnb`?; write for example `node gnb-1 : gnb {{ site plaza  profile 3gpp-r18 }}`"
        )],
    );
    check("model m { runs 1ms on swich }", &["RF107 | swich | `swich` is no kind of node | did you mean `switch`?"]);
}

#[test]
fn an_escape_that_does_not_exist_is_told_where_it_stands() {
    let advice = r#"a backslash is written `\\`; escapes are `\"`, `\n`, `\t` and `\u{e9}`"#;
    check(r#"node "\x" : gnb {}"#, &[&format!(r"RF107 | \x | there is no escape `\x` | {advice}")]);
    check(r#"tenant red { ssid "a\qb" }"#, &[&format!(r"RF107 | \q | there is no escape `\q` | {advice}")]);
}

#[test]
fn small_slips_have_their_advice() {
    check(
        "sla s { share red 60% blue 40% }",
        &[
            "RF103 | blue | `sla` has no attribute `blue` | is a comma missing before it? pairs are parted by commas: `, blue ..`",
        ],
    );
    check(
        "site s { tier 1, region metro }",
        &["RF101 | , | an attribute of `site` is wanted here, found `,` | remove it: statements need no separator"],
    );
    check(
        "parameter floor 4%",
        &["RF101 | 4% | the default of a parameter stands after `=`, found `4%` | write `parameter floor = 4%`"],
    );
    let help = findings("node gnb_1 : gnb { site s }");
    assert!(help.len() == 1 && help[0].contains("any other name in quotes"), "{help:?}");
}

#[test]
fn a_text_that_is_not_closed_is_one_mistake() {
    check(
        "tenant red { ssid \"red }\ntenant blue {}",
        &["RF101 | \"red } | this text is not closed on its line | write `\"` at its end; a line break in it is `\\n`"],
    );
}

#[test]
fn control_characters_are_told() {
    check(
        "site s {} # \u{1b}[2J",
        &["RF101 | \u{1b} | there is the control character U+001B here | remove it: no name and no text holds one"],
    );
    check("site \"é\" {} # ünïcödé and \ttabs", &[]);
}
