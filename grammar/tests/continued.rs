//! What the parser says where a statement ends before its author meant it to: in a list, at its end, in a condition.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_grammar::parse;
use ranform_network::SourceId;

/// Holds each finding as `code | text at its place | message | advice`.
fn check(text: &str, wanted: &[&str]) {
    let parsed = parse(SourceId(0), text);
    let line = |finding: &ranform_network::Diagnostic| {
        let span = finding.span.unwrap();
        let place = &text[span.start as usize..span.end as usize];
        format!("{} | {place} | {} | {}", finding.code.id, finding.message, finding.help.join("; "))
    };
    let found: Vec<String> = parsed.diagnostics.iter().map(line).collect();
    assert_eq!(found, wanted, "{text}");
}

#[test]
fn a_mistake_in_a_list_is_told_where_it_stands() {
    let share = "`share` wants tenants and percentages such as `red 60%, blue 40%`, found";
    let unit = "a number needs its unit here, without a blank between";
    check("sla s { share red 60%, blue 40 floor 4% }", &[&format!("RF107 | 40 | {share} `40` | {unit}")]);
    check(
        "sla s { share red 60%, blue 40MHz }",
        &[&format!(
            "RF110 | 40MHz | {share} `40MHz` | `MHz` is a frequency: write for example `share red 60%, blue 40%`"
        )],
    );
    let name = "a name is written in lower case letters, digits and `-`; any other name in quotes";
    check("sla s { share red 60%, blue 20%, Green 20% }", &[&format!("RF107 | Green | {share} `Green` | {name}")]);
    let example = "write for example `share red 60%, blue 40%`";
    check("sla s { share red 60%, blue }", &[&format!("RF107 | }} | {share} `}}` | {example}")]);
    check(
        "node x : gnb { cell c { sharing passive expect red 50%, blue 50 } }",
        &[&format!(
            "RF107 | 50 | `sharing` wants `prb`, `prb-policy`, `airtime` or `passive` such as `prb dl grid 1% smallest 2%`, found `50` | {unit}"
        )],
    );
    check(
        "node x : compute { capacity cpu 4, memory 64Gb, storage 1TB  tier 2 }",
        &[
            "RF301 | 64Gb | `capacity` wants resources and amounts such as `cpu 32, memory 64GB, storage 256GB`, found `64Gb` | there is no unit `Gb`: did you mean `64GB`?",
        ],
    );
    check(
        "model m { demand cpu 1, memory 2Gb }",
        &[
            "RF301 | 2Gb | `demand` wants resources and amounts such as `cpu 1`, found `2Gb` | there is no unit `Gb`: did you mean `2GB`?",
        ],
    );
    check(
        "node x : compute { capacity cpu 4, memory 64 GB }",
        &[
            "RF107 | 64 | `capacity` wants resources and amounts such as `cpu 32, memory 64GB, storage 256GB`, found `64` | write the number and the unit together: `64GB`",
        ],
    );
}

#[test]
fn what_ends_a_statement_and_goes_on_is_told_where_it_stands() {
    let unit = "a number needs its unit here, without a blank between";
    check(
        "sla s { window 100s every 10  floor 4 }",
        &[
            &format!(
                "RF107 | 10 | `window` wants a duration, and how often such as `100s every 10s`, found `10` | {unit}"
            ),
            &format!("RF107 | 4 | `floor` wants a percentage such as `4%`, found `4` | {unit}"),
        ],
    );
    check(
        "node x : gnb { cell c { pci 1%  tac 7 } }",
        &["RF110 | 1% | `pci` wants a number such as `1`, found `1%` | `%` is a percentage: write for example `pci 1`"],
    );
    check(
        "table t from \"a.csv\" { column carrier \"Freq\" Mhz  key \"Cell\" }",
        &[
            "RF301 | Mhz | `column` wants an attribute, the file's column, and a unit where its numbers have none such as `carrier \"Freq_MHz\" MHz`, found `Mhz` | there is no unit `Mhz`: did you mean `MHz`?",
        ],
    );
}

#[test]
fn what_is_no_list_is_told_as_before() {
    let separator = "remove it: statements need no separator";
    check(
        "site x { tier 1, region \"a\" }",
        &[&format!("RF101 | , | an attribute of `site` is wanted here, found `,` | {separator}")],
    );
    check(
        "sla s { share red 60%, window 10s }",
        &[&format!("RF101 | , | an attribute of `sla` is wanted here, found `,` | {separator}")],
    );
    check(
        "node x : gnb { profile 3gpp-r18  bandwith 3 }",
        &["RF103 | bandwith | `node` has no attribute `bandwith` | did you mean `bandwidth`, an attribute of `cell`?"],
    );
}

#[test]
fn other_spellings_are_known() {
    let latency = "`latency` wants a duration such as `2ms`, found";
    for (written, meant) in [("2msec", "2ms"), ("2sec", "2s"), ("2µs", "2us"), ("2minutes", "2min")] {
        let unit = written.trim_start_matches('2');
        let wanted =
            format!("RF301 | {written} | {latency} `{written}` | there is no unit `{unit}`: did you mean `{meant}`?");
        check(&format!("link a -- b {{ latency {written} }}"), &[&wanted]);
    }
    check(
        "link a -- b { rate 10Gbit/s }",
        &[
            "RF301 | 10Gbit/s | `rate` wants a bit rate such as `10Gbps`, found `10Gbit/s` | there is no unit `Gbit/s`: did you mean `10Gbps`?",
        ],
    );
    check(
        "sla s { weight bandwith }",
        &[
            "RF107 | bandwith | `weight` wants `bandwidth`, `capacity` or `equal`, found `bandwith` | did you mean `bandwidth`?",
        ],
    );
    check(
        "tenant red { plmn 310410 }",
        &[
            "RF107 | 310410 | `plmn` wants a PLMN such as `001-01`, found `310410` | `-` stands after the country code: `310-410`",
        ],
    );
}

#[test]
fn conditions_of_other_languages_are_recognized() {
    let operator =
        |other: &str, here: &str| format!("RF101 | {other} | there is no operator `{other}` | write `{here}`");
    check("area a { cells where band == n77 }", &[&operator("==", "=")]);
    check("area a { cells where band = n77 && power > 3dBm }", &[&operator("&&", "and")]);
    check("guard g deny { over cells  require band == n77  because \"a\" }", &[&operator("==", "=")]);
    check(
        "area a { cells where band in (n77, n78) }",
        &[
            "RF101 | ( | a list in brackets stands after `in`, found `(` | values are parted by commas: `band in [n77, n78]`",
        ],
    );
    check(
        "area a { cells in plaza }",
        &[
            "RF101 | plaza | `site` or `area` and a name stand after `in`, found `plaza` | write for example `in site plaza`",
        ],
    );
    check(
        "area a { cells where name matches c* }",
        &[
            "RF101 | c* | a text with `*` stands after `matches`, found `c*` | write for example `name matches \"gnb-*\"`",
        ],
    );
    check(
        "area a { cells where power > 30 dBm }",
        &["RF107 | 30 dBm | a number and its unit stand together, found `30 dBm` | write `30dBm`"],
    );
    check(
        "area a { cells where (band = n77 }",
        &[
            "RF101 | ( | a condition stands after `where`, found `(` | write for example `where band = n77`; each `(` has its `)`",
        ],
    );
}

#[test]
fn a_kind_of_node_in_capitals_is_recognized() {
    check(
        "node a : gNB",
        &[
            "RF101 | gNB | `node` is written `node NAME : KIND { .. }`, found `gNB` | did you mean `gnb`?; write for example `node gnb-1 : gnb { site plaza  profile 3gpp-r18 }`",
        ],
    );
}

#[test]
fn what_stands_in_the_wrong_place_is_told_there() {
    check(
        "protect tenant.red, Tenant.blue",
        &[
            "RF101 | Tenant.blue | `protect` is written `protect ADDRESS, ..`, found `Tenant.blue` | write each step with its noun: `node.gnb-1/cell.nr-1`",
        ],
    );
}

#[test]
fn the_words_of_a_manage_line_stand_in_any_order() {
    for line in [
        "netconf \"a:830\" key env KEY as \"b\"",
        "netconf \"a:830\" host-key file \"k\" context \"smo\" password secret \"a/b/c\" as \"b\"",
        "kubernetes context \"test\" config file \"k\"",
        "kubernetes node \"edge\" context env CONTEXT",
        "a1 \"https://r\" types \"ORAN_SliceSLATarget_1.0.0\" 20008 dialect osc",
        "a1 \"https://r\" types a1-2, \"A_1.0.0\" token env T as \"b\" dialect osc key env K certificate file \"c\"",
    ] {
        check(&format!("node a : gnb {{ manage {line}  plmn 001-01 }}"), &[]);
    }
    check("ric a { manage directory \"d\" types a1-r004  profile osc }", &[]);
}

#[test]
fn each_mistake_of_a_manage_line_is_told_by_its_protocol() {
    let a1 = "`manage a1` has `dialect`, `ric`, `as`, `certificate`, `key`, `token`, `authority`, `types`, `context`";
    let dialect =
        "`dialect` wants `standard`, `standard-v1`, `osc`, `pms-v2` or `pms-v3` such as `dialect pms-v3`, found";
    let in_ric = |line: &str, wanted: &[&str]| check(&format!("ric a {{ manage a1 \"https://r\" {line} }}"), wanted);
    in_ric("tokn env T", &["RF103 | tokn | `manage a1` has no word `tokn` | did you mean `token`?"]);
    in_ric("dialect pms-v4", &[&format!("RF107 | pms-v4 | {dialect} `pms-v4` | did you mean `pms-v2`?")]);
    in_ric("colour red", &[&format!("RF103 | colour | `manage a1` has no word `colour` | {a1}")]);
    in_ric(
        "config file \"k\" as b  pinn e2t on x",
        &[
            &format!(
                "RF103 | config | `manage a1` has no word `config` | `config` is a word of `manage kubernetes`; {a1}"
            ),
            "RF107 | b | `as` wants a text such as `as \"ranform\"`, found `b` | write for example `manage a1 \"https://ric.example:8443\" token env TOKEN`",
            "RF103 | pinn | `ric` has no attribute `pinn` | did you mean `pin`?",
        ],
    );
    check(
        "node e : compute { manage kubernetes confg file \"a\" contxt \"b\" node 3  site s  tir 1 }",
        &[
            "RF103 | confg | `manage kubernetes` has no word `confg` | did you mean `config`?",
            "RF103 | contxt | `manage kubernetes` has no word `contxt` | did you mean `context`?",
            "RF107 | 3 | `node` wants a text such as `node \"edge-3\"`, found `3` | write for example `manage kubernetes config file \"kubeconfig\" context \"metro\" node \"edge-3\"`",
            "RF103 | tir | `node` has no attribute `tir` | did you mean `tier`?",
        ],
    );
    let config = "`config` wants `env` and a variable, `file` and a path, or `secret` and an entry such as `config file \"kubeconfig\"`, found";
    check(
        "node e : compute { manage kubernetes config fil \"a\" context \"b\" }",
        &[&format!("RF107 | fil | {config} `fil` | did you mean `file`?")],
    );
    let kubernetes = "kubernetes config file \"kubeconfig\" context \"metro\" node \"edge-3\"";
    check(
        "node e : compute { manage kubernets config file \"a\"  site s }",
        &[&format!(
            "RF107 | kubernets | `manage` wants `netconf`, `directory`, `kubernetes` or `a1` and where it is such as `{kubernetes}`, found `kubernets` | did you mean `kubernetes`?"
        )],
    );
    // What stands after the line is no word of it.
    check(
        "node e : gnb { manage directory \"d\" plnm 001-01 }",
        &["RF103 | plnm | `node` has no attribute `plnm` | did you mean `plmn`?"],
    );
}

#[test]
fn near_misses_of_words_that_stand_in_the_middle() {
    check(
        "ric a { serves e2nodes }",
        &[
            "RF107 | e2nodes | `serves` wants a selection such as `e2-nodes in area downtown`, found `e2nodes` | did you mean `e2-nodes`?",
        ],
    );
    check(
        "ric a { candidates compute-node }",
        &[
            "RF107 | compute-node | `candidates` wants a selection such as `compute-nodes where tier = 2`, found `compute-node` | did you mean `compute-nodes`?",
        ],
    );
    check(
        "ric a { component sld { demand cpu 1 } }",
        &[
            "RF101 | sld | `component` is written `component management|e2t|sdl|nib { .. }`, found `sld` | did you mean `sdl`?",
        ],
    );
    check(
        "ric a { pin e2t to edge }",
        &[
            "RF107 | to | `pin` wants a component or xApp and a node such as `e2t on edge-3`, found `to` | write for example `pin e2t on edge-3`",
        ],
    );
    check(
        "policy p { for tenant red on cells garantee dl 20Mbps }",
        &["RF103 | garantee | `policy` has no attribute `garantee` | did you mean `guarantee`?"],
    );
    check(
        "sla p { over cells\n  garantee red 20%\n  share red 60% }",
        &["RF103 | garantee | `sla` has no attribute `garantee` | did you mean `guarantee`?"],
    );
}
