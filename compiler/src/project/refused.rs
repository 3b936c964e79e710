//! What is refused, each mistake once and where it is written.

use ranform_network::source::MemoryWorld;

use super::tests::{TESTBED, compile_text, messages};
use super::*;

fn found(text: &str) -> Vec<String> {
    messages(&compile_text(text))
}

#[test]
fn names_that_cannot_stand_in_addresses_are_refused_where_they_are_written() {
    let long = "x".repeat(64);
    for (name, what) in [
        ("\"gnb\\\"1\"", "holds `\"`"),
        ("\"gnb\\u{1b}[31m\"", "holds the character U+001B"),
        ("\"gnb\\n1\"", "holds the character U+000A"),
        ("\"\"", "is empty"),
        (long.as_str(), "has 64 characters, a plain name has 63 at most"),
    ] {
        let text =
            format!("tenant red {{ plmn 001-01 }}\nnode {name} : gnb {{ cell c {{ band n77 }} }}\nprotect node.x");
        assert_eq!(found(&text), [format!("RF107: the name of this node {what}")]);
        let text = format!("tenant {name} {{ plmn 001-01 }}\nchunk c for {name} {{ cells }}");
        assert_eq!(found(&text)[0], format!("RF107: the name of this tenant {what}"), "{text}");
    }
    // What is named after it is not told twice.
    let text = "site \"a\\\"b\" {}\nnode n : gnb { site \"a\\\"b\" }\nnode m : gnb { cell \"c\\\"1\" { band n77 } }";
    assert_eq!(found(text).len(), 2, "{:?}", found(text));
    let world = MemoryWorld::default()
        .with("main.intent", "table t from \"t.csv\" { as site  key \"n\" }\nnode n : gnb { site \"a\\\"b\" }")
        .with("t.csv", "n\n\"a\"\"b\"\n");
    let compiled = compile(&world, &CompileOptions::default());
    assert_eq!(messages(&compiled), ["RF107: the name of this site holds `\"`"]);
}

#[test]
fn control_characters_are_refused_in_every_text() {
    for (line, keyword, code) in [
        ("core \"10.1.0.5\\u{1b}\"", "core", "U+001B"),
        ("contact \"a\\nb\"", "contact", "U+000A"),
        ("ssid \"a\\u{0}b\"", "ssid", "U+0000"),
        ("label x \"\\u{7}\"", "label", "U+0007"),
    ] {
        let expected = format!("RF107: `{keyword}` cannot hold the character {code}");
        assert_eq!(found(&format!("tenant red {{ plmn 001-01  {line} }}")), [expected]);
    }
    assert_eq!(found("tenant red {} # \u{1b}[2J"), ["RF101: there is the control character U+001B here"]);
    // A message never brings one to the terminal.
    let raw = found("node a : gnb {}\nnode b : gnb {}\nlink a -- \"\\u{1b}[2J\" { latency 1ms }");
    assert!(raw.iter().all(|message| !message.contains('\u{1b}')) && raw.len() == 1, "{raw:?}");
}

#[test]
fn nodes_stand_for_what_is_on_them_in_chunks_and_slas() {
    for word in ["nodes", "gnb", "nodes gnb-1", "interfaces"] {
        let text = TESTBED.replace(
            "chunk red-plaza  for red  { interfaces in site plaza }",
            &format!("chunk red-plaza for red {{ {word} }}"),
        );
        let compiled = compile_text(&text);
        assert!(
            compiled
                .network
                .chunks
                .iter()
                .any(|(_, chunk)| chunk.entity.address.as_str() == "chunk.red-plaza" && !chunk.interfaces.is_empty()),
            "{word}"
        );
        let text = TESTBED.replace("over site plaza", &format!("over {word}"));
        let compiled = compile_text(&text);
        assert!(compiled.network.slas.iter().all(|(_, sla)| !sla.interfaces.is_empty()), "{word}");
    }
    let text = "tenant red {}\nnode c : compute {}\nchunk x for red { compute-nodes }";
    assert_eq!(found(text), ["RF204: this selection yields 1 node and no cell, radio or port"]);
    let text = "tenant red {}\nnode c : compute {}\nchunk x for red { gnb }";
    assert_eq!(found(text), ["RF204: this selection yields nothing: none is declared"]);
}

#[test]
fn costs_and_resources_are_known_and_measured() {
    let node = |line: &str| {
        let ric = "ric r { serves e2-nodes  candidates compute-nodes  xapp steering { demand cpu 1 } }";
        let text = format!("node g : gnb {{}}\nnode c : compute {{ {line} }}\n{ric}");
        messages(&compile_text(&text)).into_iter().collect::<Vec<_>>().join("; ")
    };
    assert_eq!(node("cost fixed 1, management 2, e2t 1, sdl 1, nib 1, xapp 1, steering 4"), "");
    assert_eq!(
        node("cost fixd 10, managment 4"),
        "RF201: there is no component or xApp `fixd`; RF201: there is no component or xApp `managment`"
    );
    assert_eq!(node("cost fixed 10GB"), "RF110: `cost` wants a plain number, but `10GB` is an amount of data");
    assert_eq!(
        node("cost fixed 10PRB"),
        "RF110: `cost` wants a plain number, but `10PRB` is a number of resource blocks"
    );
    assert_eq!(node("capacity cpu 1GB"), "RF110: `cpu` wants a number of cores, but `1GB` is an amount of data");
    assert_eq!(node("capacity memory 1"), "RF301: `memory 1` has no unit");
    assert_eq!(node("capacity memroy 1GB"), "RF201: there is no resource `memroy`");
    assert_eq!(node("capacity cpu 4cores, gpu 1, hugepages-1gi 2GiB"), "");
}

#[test]
fn a_module_that_nobody_uses_is_not_read() {
    let module = "parameter lid = 9\nsite inner {}";
    let world = MemoryWorld::default().with("main.intent", "site outer {}").with("modules/m/main.intent", module);
    let compiled = compile(&world, &CompileOptions::default());
    assert_eq!(messages(&compiled), ["RF214: nobody uses the module in `modules/m`: nothing in it is read"]);
    assert_eq!(compiled.network.sites.len(), 1);
    // A folder without parameters is part of the project.
    let world = MemoryWorld::default().with("main.intent", "site outer {}").with("north/main.intent", "site inner {}");
    assert_eq!(compile(&world, &CompileOptions::default()).network.sites.len(), 2);
}

#[test]
fn a_mistaken_use_of_a_module_is_one_error() {
    let module = "parameter region\nsite s { region $region }";
    for (line, message) in [
        ("module n from \"modules/q\" { parameter region \"x\" }", "RF212: there are no intent files in `modules/q`"),
        ("module n from \"../m\" { parameter region \"x\" }", "RF121: `../m` is outside the project"),
        ("module n from \".\" { parameter region \"x\" }", "RF206: module `n` uses itself"),
        ("module n from \"modules/m\"", "RF211: module `n` is not given its parameter `region`"),
        (
            "module n from \"modules/m/main.intent\"",
            "RF212: `modules/m/main.intent` is a file, and a module is a folder",
        ),
    ] {
        let world = MemoryWorld::default().with("main.intent", line).with("modules/m/main.intent", module);
        assert_eq!(messages(&compile(&world, &CompileOptions::default())), [message], "{line}");
    }
    let line = "module n from \"x\"\ntenant red {}\nchunk c for red { cells }";
    assert_eq!(found(line), ["RF212: there are no intent files in `x`"]);
}

#[test]
fn parameters_may_speak_of_each_other_in_any_order() {
    let tier = |text: &str| {
        let compiled = compile_text(text);
        let tier = compiled.network.sites.iter().next().and_then(|(_, site)| site.tier);
        (messages(&compiled), tier)
    };
    assert_eq!(tier("parameter a = $b + 1\nparameter b = 3\nsite q { tier $a }"), (vec![], Some(4)));
    assert_eq!(
        tier("parameter a = $b\nparameter b = $c\nparameter c = $a\nparameter d = $a\nsite q { tier $d }").0,
        ["RF206: parameter `a` is defined by itself"]
    );
    assert_eq!(tier("parameter a = 1 / (1 - 1)\nsite q { tier $a }").0, ["RF231: this computation has no result"]);
    assert_eq!(tier("parameter a\nparameter b = $a\nsite q { tier $b }").0, ["RF211: parameter `a` has no value"]);
    let world = MemoryWorld::default()
        .with("0.intent", "parameter b = 3")
        .with("a.intent", "parameter a = $b\nsite q { tier $a }");
    assert!(compile(&world, &CompileOptions::default()).diagnostics.is_empty());
}

#[test]
fn what_an_overlay_sets_twice_is_told() {
    let text =
        "tenant red { vlan 1 }\noverlay o { set tenant.red { vlan 2 }  set tenant.red { vlan 3 } }\noverlay o {}";
    assert_eq!(found(text), ["RF105: `vlan` of `tenant.red` is set twice", "RF202: `overlay.o` is declared twice"]);
    let text =
        "node g : gnb { port p {} }\noverlay o { set node.g { port p { mtu 900 } }  set node.g/port.p { mtu 901 } }";
    assert_eq!(found(text), ["RF105: `mtu` of `node.g/port.p` is set twice"]);
}

/// What compiling and checking find.
fn checked(text: &str) -> Vec<String> {
    let mut compiled = compile_text(text);
    if !has_errors(&compiled.diagnostics) {
        let findings = crate::check::run(&compiled.network);
        compiled.diagnostics.extend(findings);
    }
    messages(&compiled)
}

fn with_tables(main: &str, files: &[(&str, &str)]) -> Vec<String> {
    let world = files
        .iter()
        .fold(MemoryWorld::default().with("main.intent", main), |world, (path, text)| world.with(*path, text));
    messages(&compile(&world, &CompileOptions::default()))
}

#[test]
fn what_no_device_can_take_is_refused() {
    let ap = |radios: &str| format!("node ap-1 : ap {{ profile hostapd  manage directory \"d\"  {radios} }}");
    let radio =
        |name: &str, more: &str| format!("radio {name} {{ channel 149  width 20MHz  standard 802.11n  {more} }}");
    assert_eq!(
        found(&ap(&radio("r", "interface \"wlan0 x\""))),
        ["RF107: `wlan0 x` is no name of a network interface"]
    );
    assert_eq!(
        found(&ap(&radio("r", "interface \"wlan0\\nfoo=bar\""))),
        ["RF107: `interface` cannot hold the character U+000A"]
    );
    assert_eq!(checked(&ap(&radio("r", "country XX"))), ["RF373: `XX` is no country code"]);
    let both = format!("{} {}", radio("r1", "interface \"wlan0\""), radio("r2", "interface \"wlan0\""));
    assert_eq!(
        checked(&ap(&both)),
        ["RF202: `node.ap-1/radio.r1` and `node.ap-1/radio.r2` are one interface, `wlan0`"]
    );
    let ports = "node s : switch { port p1 { interface \"eth1\" } port p2 { interface \"eth1\" } }";
    assert_eq!(checked(ports), ["RF202: `node.s/port.p1` and `node.s/port.p2` are one interface, `eth1`"]);
    assert_eq!(found("tenant red { ssid \" a\\n\" }"), ["RF107: `ssid` cannot hold the character U+000A"]);
    assert_eq!(found("tenant red { ssid \" a\" }"), ["RF307: the SSID ` a` begins or ends with a blank"]);
    for (core, message) in [
        ("not an address: {}", "`not an address` is no host name or address"),
        ("10.1.0.555", "`10.1.0.555` is no host name or address"),
        ("10.1.0.5:99999", "`99999` is no port: ports are 1 to 65535"),
    ] {
        assert_eq!(checked(&format!("tenant red {{ core \"{core}\" }}")), [format!("RF708: {message}")]);
    }
    for core in ["10.1.0.5", "amf.example", "2001:db8::1", "[2001:db8::1]:38412", "10.1.0.5:38412"] {
        assert_eq!(checked(&format!("tenant red {{ core \"{core}\" }}")), Vec::<String>::new(), "{core}");
    }
    let model = |more: &str| format!("model m {{ offers f  input metrics 1B  demand cpu 1  runs 1ms on du  {more} }}");
    let first = |more: &str| found(&model(more)).swap_remove(0);
    assert!(first("image \"A/b:c:d\"").starts_with("RF107: `A/b:c:d` is no image"));
    assert!(first("pull-secret \"ric/login\"").starts_with("RF107: `ric/login` is no name of a Secret"));
    assert!(first("pull-secret \"a\"  pull-secret \"a\"").starts_with("RF105: `a` is given twice"));
    let request = "node d : du {}\nrequest r { want f on du  within 0ms }";
    assert!(found(request).contains(&"RF303: `within 0ms` is out of range".to_owned()), "{:?}", found(request));
}

#[test]
fn two_tenants_have_two_vlans_behind_an_access_point() {
    let text = "tenant red { ssid \"red\"  vlan 101 }\ntenant blue { ssid \"blue\"  vlan 101 }\n\
        node ap-1 : ap { profile hostapd  manage directory \"d\"\n\
          radio r1 { channel 149  width 20MHz  standard 802.11n }\n\
          radio r2 { channel 36  width 20MHz  standard 802.11n } }\n\
        chunk r for red { interfaces on node ap-1  ratio 50% }\nchunk b for blue { interfaces on node ap-1  ratio 50% }\n\
        service rs on r\nservice bs on b";
    let expected = "RF382: tenants `blue` and `red` have one VLAN, `101`, on `node.ap-1/radio.r1` and 1 more";
    assert_eq!(checked(text), [expected]);
}

#[test]
fn folders_of_devices_stand_beside_each_other() {
    let nodes = |one: &str, two: &str| {
        checked(&format!(
            "node a : gnb {{ manage directory \"{one}\" }}\nnode b : gnb {{ manage directory \"{two}\" }}"
        ))
    };
    assert_eq!(nodes("d/a", "d/b"), Vec::<String>::new());
    assert_eq!(nodes("d/a", "d/a/b/c"), ["RF710: the folder of `node.b` lies in that of `node.a`, `d/a`"]);
    assert_eq!(nodes("d/a", ".ranform"), ["RF709: `.ranform` is where this program keeps its own data"]);
}

#[test]
fn cells_are_told_of_what_they_are_not() {
    let cell = |more: &str| {
        let cell = "band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  local-id 1  pci 1  tac 7  sharing prb";
        let tenants = "tenant red { plmn 001-01  slice 1:000001 }\ntenant blue { plmn 001-02  slice 1:000002 }";
        let chunks = "chunk r for red { cells }\nchunk b for blue { cells }\nservice rs on r\nservice bs on b";
        let sla = "sla s { over cells  share red 60%, blue 40%  floor 4% }";
        let (from, to) = more.split_once(" => ").unwrap_or(("sharing prb", more));
        let node = format!("node g : gnb {{ plmn 001-01  gnb-id 1/22  cell c {{ {} }} }}", cell.replace(from, to));
        checked(&format!("{tenants}\n{node}\n{chunks}\n{sla}"))
    };
    assert_eq!(cell("sharing prb"), Vec::<String>::new());
    assert_eq!(cell("50MHz => 55MHz"), ["RF324: band `n77` has no 55MHz channel at 30kHz"]);
    assert_eq!(cell("30kHz => 120kHz"), ["RF324: band `n77` has no subcarrier spacing of 120kHz"]);
    assert_eq!(cell("4.05GHz => 4.19GHz").len(), 1, "{:?}", cell("4.05GHz => 4.19GHz"));
    assert_eq!(cell("4.05GHz => 4.05ghz").len(), 1, "{:?}", cell("4.05GHz => 4.05ghz"));
    assert_eq!(cell("modulation 128qam"), ["RF107: `modulation` cannot be `128qam`"]);
    let offset = cell("tdd \"DDDSU\" offset 3ms");
    assert_eq!(offset, ["RF327: the offset of 3ms is not shorter than the pattern, 2500us"]);
}

#[test]
fn what_is_broken_is_not_missed_a_second_time() {
    assert_eq!(found("sitee s { region \"x\" }\nnode g : gnb { site s }").len(), 1);
    let node = "node GNB-1 : gnb { cell c { band n77 } }\ntenant red {}\nchunk c for red { cells }";
    assert_eq!(found(node).len(), 1, "{:?}", found(node));
    let model = "node d : du {}\nmodel m { offers f performance 192%  input metrics 1B  demand cpu 1  runs 1ms on du }\n\
        request r { want f on du  within 1s }";
    assert_eq!(found(model), ["RF303: `offers 192%` is out of range"]);
    assert_eq!(found("tenant red { ssid \"red }\ntenant blue {}").len(), 1);
    let kind = "node g : gnbb { cell c { band n77 } }";
    assert_eq!(found(kind), ["RF101: `node` is written `node NAME : KIND { .. }`, found `gnbb`"]);
}

#[test]
fn tables_are_told_once_what_is_wrong_with_their_file() {
    let table = |more: &str| {
        format!(
            "table sites from \"s.csv\" {{ key \"Name\"  column region \"Region\"  {more} }}\nnode g : gnb {{ site plaza }}"
        )
    };
    let csv = |more: &str, text: &str| with_tables(&table(more), &[("s.csv", text)]);
    let good = "Name,Region,Tier\nplaza,metro,1\n";
    assert_eq!(csv("", good), Vec::<String>::new());
    assert_eq!(csv("", "Name;Region\nplaza;metro\n"), ["RF221: `s.csv` has the one column `Name;Region`"]);
    assert_eq!(csv("delimiter \";\"", good), ["RF221: `s.csv` has the one column `Name,Region,Tier`"]);
    assert_eq!(csv("", ""), ["RF220: `s.csv` is empty: its first line names the columns"]);
    assert_eq!(csv("", "Name,Region,Region\nplaza,a,b\n"), ["RF223: the file has two columns `Region`"]);
    assert_eq!(csv("column region \"Tier\"", good), ["RF105: `region` is given twice by this table"]);
    assert_eq!(csv("set tier 1  set tier 2", good), ["RF105: `tier` is given twice by this table"]);
    assert_eq!(csv("delimiter \",\"  delimiter \";\"", good), ["RF105: `delimiter` is given twice"]);
    assert_eq!(csv("rows at \"a\"", good), ["RF111: `rows at` changes nothing here: a CSV file is one list"]);
    assert_eq!(
        csv("column tier \"Tier\" MHz", good),
        ["RF110: `tier` wants a plain number, but `1MHz` is a frequency"]
    );
}

#[test]
fn trees_are_told_in_the_words_of_tables() {
    let tree =
        |file: &str, text: &str| with_tables(&format!("table sites from \"{file}\" {{ key \"n\" }}"), &[(file, text)]);
    assert_eq!(tree("s.json", "[{\"n\": 1, \"n\": 2}]"), ["RF220: the key `n` stands twice in this object"]);
    assert_eq!(tree("s.json", "{\"n\": 1}"), ["RF220: the document is no list"]);
    assert_eq!(tree("s.yaml", "- {n: a, n: b}\n"), ["RF220: the key `n` stands twice in this mapping"]);
    assert_eq!(
        tree("s.yaml", "- {n: a}\n---\n- {n: b}\n"),
        ["RF220: the file holds several documents, a table is one"]
    );
    assert_eq!(tree("s.yaml", "n: a\n"), ["RF220: what stands here is no list"]);
}

#[test]
fn rules_that_can_never_be_met_are_told() {
    assert_eq!(
        found("guard g deny { over changes where kind = \"cel\"  require share.delta <= 20% }"),
        ["RF107: `kind` is never `cel`"]
    );
    assert_eq!(found("guard g deny { over cells  require pci / 0 < 1 }"), ["RF231: this divides by 0"]);
    assert_eq!(
        found("keep placement { churn price 3  churn budget 3  churn price 5 }"),
        ["RF105: `churn price` is given twice"]
    );
    assert_eq!(
        checked("node gnb-1 : gnb {}\nmoved tenant.old -> node.gnb-1"),
        ["RF203: `tenant.old` is a tenant, and `node.gnb-1` is a node"]
    );
    assert_eq!(
        checked("moved tenant.a -> tenant.b\nmoved tenant.b -> tenant.a")[0],
        "RF206: `tenant.a` is moved in a circle"
    );
}

#[test]
fn owners_and_links_are_held_against_what_is_declared() {
    let owners = "owner team-a { contact \"x\" }\nsite q { owner team-b }";
    assert_eq!(found(owners), ["RF201: there is no owner `team-b` of `site.q`"]);
    assert_eq!(found("site q { owner team-b }"), Vec::<String>::new());
    let folder = "owner team-a { contact \"x\"  owns folder \"nort/\" }";
    assert_eq!(found(folder), ["RF120: no file of the project is in the folder `nort`"]);
    let links = "node a : gnb {}\nnode b : gnb {}\nlink a -- b { latency 1ms }\nlink b -- a { latency 2ms }";
    assert_eq!(found(links), ["RF202: `link.b--a` is `link.a--b` from its other end, with other values"]);
    assert_eq!(found(&links.replace("2ms", "1ms")), Vec::<String>::new());
}

#[test]
fn passwords_in_addresses_are_secrets_in_clear() {
    let node = |manage: &str| format!("node a : gnb {{ manage {manage} }}");
    for address in ["https://u:pw@192.0.2.11:830", "u:pw@192.0.2.11:830"] {
        let text = node(&format!("netconf \"{address}\" as \"ranform\" key env KEY"));
        assert_eq!(found(&text), ["RF311: the password of a device stands in clear"], "{address}");
    }
    assert_eq!(found(&node("a1 \"https://u:pw@ric.example\"")), ["RF311: the token of a device stands in clear"]);
    let text = node("netconf \"https://192.0.2.11:830\" as \"ranform\" key env KEY host-key file \"known_hosts\"");
    assert!(checked(&text).contains(&"RF708: `https://192.0.2.11:830` is a URL: leave `https://` out".to_owned()));
}

#[test]
fn one_mistake_of_a_guard_is_one() {
    assert_eq!(
        found("guard g deny { over cellz  require power <= 40dBm }"),
        ["RF107: `over` wants a selection such as `changes where kind = cell`, found `cellz`"]
    );
    assert_eq!(
        found("guard g deny { over cells  require powr <= 40dBm  require pci > 1MHz }"),
        ["RF230: there is no attribute `powr` here", "RF231: a number is compared with a frequency"]
    );
    assert_eq!(
        found("guard g deny { over cells  require carrier > 3Ghz }"),
        ["RF301: `3Ghz` has a unit that there is not"]
    );
}

#[test]
fn a_circle_of_nodes_is_told_once() {
    let circle = "node a : cu { parent b }\nnode b : cu { parent a }\nnode c : cu { parent c }";
    assert_eq!(
        checked(circle),
        ["RF520: nodes are above each other in a circle: `node.a` and `node.b`", "RF520: `node.c` is its own parent"]
    );
}
