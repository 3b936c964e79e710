//! The program as its users meet it: verbs, exit codes, files. Each scene has a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use std::path::Path;

use assert_cmd::Command;
use scene::*;
use tempfile::TempDir;

/// A golden case of one file in a fresh folder.
fn golden(case: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(case).join("main.intent");
    std::fs::copy(from, folder.path().join("main.intent")).unwrap();
    folder
}

#[test]
fn the_testbed_lives() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    ok(folder, "check");
    let plan = ok(folder, "plan -out first.ranplan");
    assert!(plan.contains("sla.plaza: blue 40 %, red 60 %") && plan.contains("65 PRB"), "{plan}");
    assert!(!folder.join("devices").exists(), "a plan writes to no device");
    ok(folder, "apply first.ranplan");
    assert!(ok(folder, "plan").contains("No changes."), "a second plan is empty");
    assert_eq!(run(folder, "apply first.ranplan").0, 5, "a bundle applies once");

    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    assert_eq!(run(folder, "plan -detailed-exitcode -out second.ranplan").0, 2);
    let shown = ok(folder, "show second.ranplan");
    assert!(shown.contains("65 % -> 80 %") && shown.contains("follows from sla.plaza"), "{shown}");
    ok(folder, "apply second.ranplan");

    edit(folder, "devices/ap-1/config.xml", "<weight>80</weight>", "<weight>50</weight>");
    let before = files(&folder.join("devices"));
    let (code, out, _) = run(folder, "drift");
    assert_eq!(code, 6, "{out}");
    assert!(out.contains("radio-tenant.weight is 50, not 80"), "{out}");
    assert_eq!(before, files(&folder.join("devices")), "drift writes nothing");
    edit(folder, "devices/ap-1/config.xml", "<weight>50</weight>", "<weight>80</weight>");

    ok(folder, "rollback -auto-approve");
    assert_eq!(run(folder, "drift").0, 0);
    assert!(ok(folder, "plan").contains("80 %"), "the rollback went back to 60/40, the intents say 70/30");
}

#[test]
fn a_node_that_left_the_intents_is_emptied_in_its_own_format() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    ok(folder, "apply -auto-approve");
    let text = std::fs::read_to_string(folder.join("main.intent")).unwrap();
    let (start, end) = (text.find("node ap-1").unwrap(), text.find("chunk red-plaza").unwrap());
    std::fs::write(folder.join("main.intent"), format!("{}{}", &text[..start], &text[end..])).unwrap();
    append(folder, "main.intent", "limit { acknowledge chunk.blue-plaza 2, chunk.red-plaza 2, sla.plaza 2 }");
    let plan = ok(folder, "plan");
    assert!(plan.contains("- node.ap-1") && plan.contains("4 to destroy"), "{plan}");
    ok(folder, "apply -auto-approve");
    let left: Vec<u8> = files(&folder.join("devices/ap-1")).into_iter().flat_map(|(_, bytes)| bytes).collect();
    assert!(!String::from_utf8(left).unwrap().contains("<ssid>"), "nothing of ours stays on the device");
    assert!(ok(folder, "plan").contains("No changes."));
}

#[test]
fn a_stale_bundle_writes_nothing() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    ok(folder, "apply -auto-approve");
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "plan -out next.ranplan");
    edit(folder, "devices/enb-1/config.xml", "<minimum>65</minimum>", "<minimum>64</minimum>");
    let before = files(&folder.join("devices"));
    assert_eq!(run(folder, "apply next.ranplan").0, 5);
    assert_eq!(before, files(&folder.join("devices")));
}

#[test]
fn five_thousand_cells_read_in_sixty_lines() {
    let folder = project("metro");
    let folder = folder.path();
    let table = std::fs::read_to_string(folder.join("cells.csv")).unwrap();
    let mut twice = table.clone();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split(';').collect();
        let [node, cell, band, carrier, width, local, pci, area] = columns[..] else { panic!("{row}") };
        let (local, pci): (u32, u32) = (local.parse().unwrap(), pci.parse().unwrap());
        twice += &format!("{node};{cell}b;{band};{carrier};{width};{};{};{area}\n", local + 100, (pci + 504) % 1008);
    }
    std::fs::write(folder.join("cells.csv"), twice).unwrap();
    let plan = ok(folder, "plan");
    assert!(plan.contains("Plan: 20860 to add, 0 to change, 0 to destroy."), "{plan}");
    assert!(plan.lines().count() <= 60, "{} lines\n{plan}", plan.lines().count());
}

#[test]
fn a_tenant_is_renamed_without_a_write() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    ok(folder, "apply -auto-approve");
    let before = files(&folder.join("devices"));
    let pairs = [("tenant red {", "tenant crimson {"), ("for red", "for crimson"), ("expect red", "expect crimson")];
    for (from, to) in pairs
        .into_iter()
        .chain([("share red", "share crimson"), ("language 1", "language 1\nmoved tenant.red -> tenant.crimson")])
    {
        edit(folder, "main.intent", from, to);
    }
    assert!(ok(folder, "plan").contains("Renamed without a write"));
    ok(folder, "apply -auto-approve");
    assert_eq!(before, files(&folder.join("devices")));
    assert_eq!(run(folder, "drift").0, 0);
}

#[test]
fn the_same_plan_is_the_same_bundle() {
    let (one, two) = (project("cosmo-testbed"), project("cosmo-testbed"));
    ok(one.path(), "plan -out p.ranplan -observation observation.json");
    ok(two.path(), "plan -out p.ranplan -observation observation.json");
    let bytes = |folder: &TempDir| std::fs::read(folder.path().join("p.ranplan")).unwrap();
    assert_eq!(bytes(&one), bytes(&two));
}

#[test]
fn what_cannot_be_has_its_own_exit_code() {
    let folder = project("cosmo-testbed");
    edit(folder.path(), "main.intent", "red 60%, blue 40%", "red 82%, blue 18%");
    let (code, _, err) = run(folder.path(), "plan -out no.ranplan");
    assert_eq!(code, 3);
    assert!(err.contains("80.67 %") && err.contains("proven minimal"), "{err}");
    assert!(!folder.path().join("no.ranplan").exists());
    assert_eq!(run(folder.path(), "paln").0, 1, "usage errors are errors");
    assert_eq!(run(project("overcommitted").path(), "check").0, 1);
}

#[test]
fn check_speaks_json() {
    let folder = project("overcommitted");
    let (code, out, _) = run(folder.path(), "check -json");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["valid"]), (1, &serde_json::json!(false)));
    assert_eq!(document["diagnostics"][0]["range"]["filename"], "main.intent");
}

#[test]
fn check_looks_at_every_overlay() {
    let folder = TempDir::new().unwrap();
    let text =
        "language 1\ntenant red { vlan 1 }\noverlay lab { set tenant.red { vlan 4095 }  set tenant.redd { vlan 5 } }\n";
    std::fs::write(folder.path().join("main.intent"), text).unwrap();
    for command in ["check", "check -overlay=lab"] {
        let (code, _, told) = run(folder.path(), command);
        assert_eq!((code, told.matches("error[").count()), (1, 2), "{command}: {told}");
        assert!(told.contains("RF306") && told.contains("there is no `tenant.redd` to lay over"), "{told}");
        assert_eq!(told.contains("this is with `-overlay lab`"), command == "check", "{told}");
    }
    assert_eq!(run(folder.path(), "plan").0, 0, "a plan is of the environment that is chosen");
}

#[cfg(unix)]
#[test]
fn linked_intents_are_read_inside_the_project_and_told_outside() {
    use std::os::unix::fs::symlink;
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::fs::write(folder.path().join("shared"), "node gnb-1 : gnb {}\n").unwrap();
    std::fs::write(elsewhere.path().join("x.intent"), "node gnb-2 : gnb {}\n").unwrap();
    symlink("shared", folder.path().join("main.intent")).unwrap();
    assert!(ok(folder.path(), "check").contains("1 node"));
    symlink(elsewhere.path().join("x.intent"), folder.path().join("x.intent")).unwrap();
    let (code, _, told) = run(folder.path(), "check");
    assert!(code == 1 && told.contains("RF121") && told.contains("`x.intent` is outside the project"), "{told}");
}

#[test]
fn fmt_finds_and_mends() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.intent"), "language 1\ntenant   red {plmn 001-01}\n").unwrap();
    assert_eq!(run(folder.path(), "fmt -check").0, 2);
    assert_eq!(run(folder.path(), "fmt").0, 0);
    assert_eq!(run(folder.path(), "fmt -check").0, 0);
    let intents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents");
    assert!(std::fs::read_dir(&intents).unwrap().count() >= 4);
    assert_eq!(run(&intents, "fmt -check -diff"), (0, String::new(), String::new()), "the examples are canonical");
}

#[test]
fn solve_has_one_contract() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../optimizers/tests/cases");
    for kind in ["slicing", "placement", "orchestration"] {
        let folder = TempDir::new().unwrap();
        let entry = std::fs::read_dir(cases.join(kind)).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
        let case: serde_json::Value = serde_json::from_slice(&std::fs::read(entry).unwrap()).unwrap();
        std::fs::write(folder.path().join("p.json"), case["problem"].to_string()).unwrap();
        let answer: serde_json::Value =
            serde_json::from_str(&ok(folder.path(), &format!("solve {kind} p.json -time-limit 60s"))).unwrap();
        assert_eq!(answer["status"], "optimal", "{kind}");
        assert!(answer["seconds"].as_f64().unwrap() > 0.0);
        std::fs::write(folder.path().join("p.json"), "{\"format\":").unwrap();
        let (code, out, _) = run(folder.path(), &format!("solve {kind} p.json"));
        assert_eq!(code, 1);
        assert!(serde_json::from_str::<serde_json::Value>(&out).unwrap().is_object(), "one object, whatever comes in");
    }
}

#[test]
fn solve_answers_wrong_usage_with_one_object_too() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("p.json"), "{}").unwrap();
    for (line, format) in [
        ("solve", "ranform.answer/1"),
        ("solve foo -", "ranform.answer/1"),
        ("solve slicing", "ranform.slicing.answer/1"),
        ("solve slicing p.json --time-limit abc", "ranform.slicing.answer/1"),
        ("solve placement p.json --seed -1", "ranform.placement.answer/1"),
        ("solve orchestration p.json more", "ranform.orchestration.answer/1"),
        ("-chdir=nowhere solve slicing p.json", "ranform.slicing.answer/1"),
    ] {
        let (code, out, err) = run(folder.path(), line);
        let answer: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|error| panic!("{line}: {error}: {out}"));
        assert_eq!((code, &answer["format"], &answer["status"]), (1, &format.into(), &"error".into()), "{line}: {err}");
        assert!(
            answer["code"].is_string() && answer["message"].is_string() && answer["seconds"].is_number(),
            "{line}: {out}"
        );
        assert!(line == "solve" || err.contains("error["), "{line}: {err}");
    }
    assert!(run(folder.path(), "solve -help").1.contains("Usage"), "help that is asked for is no mistake");
}

#[test]
fn solve_names_what_it_ignores_and_solves_all_the_same() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../optimizers/tests/cases");
    for (kind, field, near) in [
        ("slicing", "minimun", "minimum"),
        ("placement", "move_costs", "move_cost"),
        ("orchestration", "excludd", "excluded"),
    ] {
        let folder = TempDir::new().unwrap();
        let entry = std::fs::read_dir(cases.join(kind)).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
        let case: serde_json::Value = serde_json::from_slice(&std::fs::read(entry).unwrap()).unwrap();
        let mut problem = case["problem"].clone();
        problem["comment"] = "made by hand".into();
        problem[field] = 1.into();
        std::fs::write(folder.path().join("p.json"), problem.to_string()).unwrap();
        let (code, out, err) = run(folder.path(), &format!("solve {kind} p.json"));
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &answer["status"]), (0, &"optimal".into()), "{kind}: {out}{err}");
        let wanted = format!(
            "warning: `comment` is no field of `ranform.{kind}/1` and is ignored\n\
             warning: `{field}` is no field of `ranform.{kind}/1` and is ignored; did you mean `{near}`?\n"
        );
        // On a machine that has much to do, progress is told as well.
        let warned: String = err.split_inclusive('\n').filter(|line| line.starts_with("warning")).collect();
        assert_eq!(warned, wanted);
    }
}

#[test]
fn a_gigabyte_of_nesting_is_refused_where_it_shows() {
    for kind in ["slicing", "placement", "orchestration"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ranform"));
        let (stdin, stdout) = (std::process::Stdio::piped(), std::process::Stdio::piped());
        let mut child = command.args(["solve", kind, "-"]).stdin(stdin).stdout(stdout).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let chunk = vec![b'['; 1 << 20];
        let mut written = 0;
        while written < 1 << 30 && std::io::Write::write_all(&mut pipe, &chunk).is_ok() {
            written += chunk.len();
        }
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (output.status.code(), answer["code"].as_str()),
            (Some(1), Some("not-readable")),
            "{kind}: {answer}"
        );
        assert!(written < 4 << 20, "{kind}: {written} bytes were taken before it showed");
    }
}

#[test]
fn software_is_placed_applied_moved_and_taken_back() {
    let folder = golden("ric-placed");
    let folder = folder.path();
    let plan = ok(folder, "plan -out first.ranplan");
    assert!(plan.contains("Placement") && plan.contains("loop of steering") && plan.contains("Requests"), "{plan}");
    ok(folder, "apply first.ranplan");
    let e2t = folder.join("devices/edge-1/e2t/metro-e2t.json");
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&e2t).unwrap()).unwrap();
    assert_eq!(document["kind"], "ric-instance");
    assert_eq!(document["e2_nodes"].as_array().unwrap().len(), 3);
    let gnb = std::fs::read_to_string(folder.join("devices/gnb-3/node.json")).unwrap();
    assert!(gnb.contains("10.0.1.1:36421"), "each E2 node is told its E2 termination: {gnb}");
    assert!(ok(folder, "plan").contains("No changes."), "a second plan is empty");
    assert_eq!(run(folder, "drift").0, 0);

    edit(folder, "devices/edge-1/e2t/metro-e2t.json", "registry.example/e2t:6.0", "registry.example/e2t:5.9");
    let (code, out, _) = run(folder, "drift");
    assert!(code == 6 && out.contains("ric-instance.image"), "{code}: {out}");
    edit(folder, "devices/edge-1/e2t/metro-e2t.json", "registry.example/e2t:5.9", "registry.example/e2t:6.0");

    let why = ok(folder, "explain ric.metro/e2t.edge-1");
    assert!(why.contains("serves 3 E2 nodes") && why.contains("node.edge-2 would cost the same"), "{why}");
    let why = ok(folder, "explain ric.metro/management.cloud");
    assert!(why.contains("costs 4 here") && why.contains("node.edge-1: it would cost 8 more"), "{why}");
    let why = ok(folder, "explain request.storm-guard");
    assert!(why.contains("served, worth 10") && why.contains("model.storm-v2 on"), "{why}");

    edit(folder, "main.intent", "candidates compute-nodes", "candidates compute-nodes  exclude edge-1");
    let moved = ok(folder, "plan -out second.ranplan");
    assert!(moved.contains("moved: e2t starts on") && moved.contains("follows from ric.metro"), "{moved}");
    assert!(ok(folder, "show second.ranplan").contains("moved: e2t"), "a bundle shows it without the project");
    ok(folder, "apply second.ranplan");
    assert!(!e2t.exists(), "what moved away is gone");
    assert!(ok(folder, "plan").contains("No changes."));
    ok(folder, "rollback -auto-approve");
    assert!(e2t.exists());
}

#[test]
fn what_is_kept_stays_and_what_is_pinned_goes() {
    let folder = golden("ric-placed");
    let folder = folder.path();
    ok(folder, "apply -auto-approve");
    // A cheaper place for the E2 termination appears; a move that costs more than it gains is not made.
    edit(folder, "main.intent", "language 1", "language 1\nkeep placement { churn price 100 }");
    edit(
        folder,
        "main.intent",
        "cost fixed 30, management 16, e2t 16, sdl 8, nib 8, xapp 4\n  e2 \"10.0.2.1",
        "cost fixed 20, management 4, e2t 4, sdl 2, nib 2, xapp 1\n  e2 \"10.0.2.1",
    );
    assert!(ok(folder, "plan").contains("No changes."), "the price of the moves is above what they gain");
    edit(folder, "main.intent", "churn price 100", "churn price 1");
    let moved = ok(folder, "plan");
    assert!(moved.contains("moved: e2t starts on node.edge-2") && moved.contains("at 1 each"), "{moved}");
    edit(folder, "main.intent", "churn price 1", "churn price 1  pin e2t on edge-1");
    let pinned = ok(folder, "plan");
    assert!(!pinned.contains("moved: e2t"), "{pinned}");

    edit(folder, "main.intent", "churn price 1  pin e2t on edge-1", "churn budget 0");
    assert!(ok(folder, "plan").contains("No changes."), "no move is allowed");
    edit(folder, "main.intent", "candidates compute-nodes", "candidates compute-nodes  exclude edge-1");
    let (code, _, err) = run(folder, "plan");
    assert!(
        code == 3 && err.contains("at most 0 instances may start") && err.contains("`churn budget "),
        "{code}: {err}"
    );
    edit(folder, "main.intent", "candidates compute-nodes  exclude edge-1", "candidates compute-nodes");

    edit(folder, "main.intent", "language 1", "language 1\nkeep models { pin storm-v2 on edge-2 }");
    assert!(
        ok(folder, "plan").contains("model.storm-v2 as xApp on node.edge-2"),
        "a pinned model runs where it is pinned"
    );
}

#[test]
fn placed_software_is_the_same_with_one_thread_or_many() {
    let bundle = |threads: &str| {
        let folder = golden("ric-placed");
        let mut command = Command::cargo_bin("ranform").unwrap();
        command.current_dir(folder.path()).env("RAYON_NUM_THREADS", threads).args(["plan", "-out", "p.ranplan"]);
        assert!(command.output().unwrap().status.success());
        std::fs::read(folder.path().join("p.ranplan")).unwrap()
    };
    assert!(bundle("1") == bundle("4"), "equal input, equal bytes");
}

#[test]
fn a_ric_that_fits_nowhere_has_its_own_exit_code() {
    let folder = golden("error-placement-budget");
    let (code, _, err) = run(folder.path(), "plan -out no.ranplan");
    assert!(code == 3 && err.contains("RF810") && err.contains("proven minimal"), "{code}: {err}");
    assert!(!folder.path().join("no.ranplan").exists());
}

#[test]
fn init_writes_a_network_that_plans_and_overwrites_nothing() {
    let folder = TempDir::new().unwrap();
    let ranform = |line: &str| {
        let mut command = Command::cargo_bin("ranform").unwrap();
        let output = command.current_dir(folder.path()).args(line.split(' ')).output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.code().unwrap(), text)
    };
    let (code, said) = ranform("init");
    assert!(code == 0 && said.contains("wrote main.intent"), "{said}");
    let (code, said) = ranform("plan");
    assert!(code == 0 && said.contains("Plan: 4 to add"), "{said}");
    let (code, said) = ranform("init");
    assert!(code == 1 && said.contains("this is a project already"), "{said}");
    let (code, page) = ranform("explain RF102 -json");
    let document: serde_json::Value = serde_json::from_str(&page).unwrap();
    assert_eq!((code, document["code"].as_str()), (0, Some("RF102")));
    let (code, why) = ranform("explain node.gnb-1/cell.nr-1/tenant.red -json");
    let document: serde_json::Value = serde_json::from_str(&why).unwrap();
    assert!(code == 0 && document["lines"].as_array().unwrap().len() > 3, "{why}");
}

#[test]
fn compact_warnings_are_one_line_each() {
    let folder = TempDir::new().unwrap();
    let text = "node gnb-1 : gnb { plmn 001-01  gnb-id 1/22  runs-xapps no }\nnode gnb-2 : gnb { plmn 001-01  gnb-id 2/22  runs-xapps no }\n";
    std::fs::write(folder.path().join("main.intent"), text).unwrap();
    let mut command = Command::cargo_bin("ranform").unwrap();
    let output = command.current_dir(folder.path()).args(["check", "-compact-warnings"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("(main.intent:1, and 1 more of this code)") && !said.contains("-->"), "{said}");
}

#[test]
fn errors_of_one_code_are_one_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let text: String = (1..=9).map(|at| format!("tenant t{at} {{ plmn 001-0{at}  slice 256 }}\n")).collect();
    std::fs::write(folder.path().join("main.intent"), text + "tenant last { plnm 001-10 }\n").unwrap();
    let mut command = Command::cargo_bin("ranform").unwrap();
    let output = command.current_dir(folder.path()).args(["check", "-consolidate-errors"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let others = "8 more of this code: main.intent:2, main.intent:3, main.intent:4, main.intent:5, main.intent:6, ...";
    assert!(said.contains(others) && said.contains("10 errors"), "{said}");
    assert_eq!(said.matches("error[").count(), 2, "{said}");
}

#[test]
fn events_go_into_a_file_beside_what_people_read() {
    let folder = TempDir::new().unwrap();
    let events = folder.path().join("events.ndjson");
    let ranform = |line: &str| {
        let mut command = Command::cargo_bin("ranform").unwrap();
        let output = command.current_dir(folder.path()).args(line.split(' ')).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let kinds = || {
        let text = std::fs::read_to_string(&events).unwrap();
        let events = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        events.map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    ranform("init");
    let (code, said) = ranform("apply -auto-approve -json-into=events.ndjson");
    assert!(code == 0 && said.contains("Plan: 4 to add") && said.contains("Applied. State serial 1."), "{said}");
    let all = kinds();
    for kind in ["version", "planned_change", "change_summary", "apply_start", "timing", "apply_complete"] {
        assert!(all.iter().any(|found| found == kind), "{kind}: {all:?}");
    }
    let (code, said) = ranform("plan -json-into events.ndjson -no-such-flag");
    assert_eq!((code, said.as_str()), (1, ""));
    assert_eq!(kinds(), ["diagnostic", "errored"]);
    let (code, _) = ranform("plan -json-into=nowhere/events.ndjson");
    assert_eq!(code, 1);
}
