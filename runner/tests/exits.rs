//! How commands end: every exit code, what an interruption leaves, wrong use, and what programs are told of it all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use std::path::Path;
use std::time::Duration;

use ranform::state::{Kind, State, Step};
use ranform_network::Address;
use ranform_network::bundle::Bundle;
use scene::*;

#[test]
fn every_exit_code_has_its_cause() {
    let folder = applied();
    let folder = folder.path();
    assert_eq!(run(folder, "plan -detailed-exitcode").0, 0);
    assert_eq!(run(folder, "plan -no-such-flag").0, 1);
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    assert_eq!(run(folder, "plan -detailed-exitcode -out p.ranplan").0, 2);
    assert_eq!(run(folder, "diff -detailed-exitcode p.ranplan").0, 2);
    edit(folder, "main.intent", "red 70%, blue 30%", "red 82%, blue 18%");
    assert_eq!(run(folder, "plan").0, 3);
    edit(folder, "main.intent", "red 82%, blue 18%", "red 70%, blue 30%");
    append(folder, "main.intent", "limit { cells 0 }");
    assert_eq!(run(folder, "plan").0, 4);
    edit(folder, "main.intent", "limit { cells 0 }", "");
    let (ours, theirs) = ("<weight>65</weight>", "<weight>64</weight>");
    edit(folder, "devices/ap-1/config.xml", ours, theirs);
    assert_eq!(run(folder, "apply p.ranplan").0, 5);
    assert_eq!(run(folder, "drift").0, 6);
    edit(folder, "devices/ap-1/config.xml", theirs, ours);
    let mut state = State::open(&folder.join(".ranform")).unwrap();
    state.lock("apply by-somebody.ranplan", Duration::ZERO).unwrap();
    let told = fails(folder, 8, "apply p.ranplan");
    assert!(told.contains("apply by-somebody.ranplan"), "{told}");
    fails(folder, 8, "apply p.ranplan -lock-timeout=200ms");
    fails(folder, 8, "rollback -auto-approve -lock-timeout=200ms");
}

#[test]
fn a_failed_apply_ends_with_7_and_one_that_needs_a_person_with_9() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    // Where a document is to go stands a folder.
    std::fs::create_dir_all(folder.join("devices/enb-1/config.xml")).unwrap();
    let told = fails(folder, 7, "apply -auto-approve");
    assert!(told.contains("everything was put back") && told.contains("node.enb-1"), "{told}");
    assert_eq!(files(&folder.join("devices")), Vec::new());

    // A device whose key is not at hand cannot be taken back.
    let mut bundle = bundle_of(folder);
    for device in bundle.devices.values_mut() {
        let management = device.management.as_mut().unwrap();
        management.protocol = ranform_network::network::Protocol::Netconf;
        management.endpoint.value = "127.0.0.1:1".into();
    }
    interrupted(folder, &bundle);
    let told = fails(folder, 9, "rollback -auto-approve");
    assert!(told.contains("next: ranform rollback") && told.contains("node.enb-1"), "{told}");
}

/// The bundle of the project in a folder.
fn bundle_of(folder: &Path) -> Bundle {
    ok(folder, "plan -out p.ranplan");
    Bundle::decode(&std::fs::read(folder.join("p.ranplan")).unwrap()).unwrap().0
}

/// Leaves the state that a program leaves which is killed while it commits.
fn interrupted(folder: &Path, bundle: &Bundle) {
    let mut state = State::open(&folder.join(".ranform")).unwrap();
    state.begin(Kind::Apply, bundle, "ranform-interrupted-1", &[]).unwrap();
    let devices: Vec<Address> = bundle.devices.keys().cloned().collect();
    state.journal("ranform-interrupted-1", Step::Commit, &devices).unwrap();
}

#[test]
fn an_interrupted_transaction_is_named_and_nothing_is_written() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    interrupted(folder, &bundle_of(folder));
    let before = files(folder);
    let state_files = |found: &[(std::path::PathBuf, Vec<u8>)]| {
        found.iter().filter(|(path, _)| !path.starts_with(folder.join(".ranform"))).cloned().collect::<Vec<_>>()
    };
    for line in ["plan", "plan -refresh", "plan -json", "observe", "drift", "drift -json", "diff", "explain node.ap-1"]
    {
        let told = fails(folder, 8, line);
        assert!(told.contains("interrupted") && told.contains("ranform rollback"), "{line}: {told}");
    }
    let document: serde_json::Value = serde_json::from_str(&run(folder, "drift -json").1).unwrap();
    assert_eq!((&document["exit_code"], &document["errored"]), (&8.into(), &true.into()));
    // Nobody said yes, so what was interrupted is not touched either.
    assert!(fails(folder, 1, "rollback").contains("nobody is there to ask"));
    assert!(fails(folder, 1, "apply").contains("nobody to ask"));
    assert_eq!(state_files(&before), state_files(&files(folder)));
    assert!(fails(folder, 8, "plan").contains("interrupted"));
    assert!(!folder.join(".ranform/snapshot.json").exists());
    ok(folder, "rollback -auto-approve");
    ok(folder, "plan");
    ok(folder, "apply -auto-approve");
}

#[test]
fn wrong_use_says_what_is_right() {
    let folder = applied();
    let folder = folder.path();
    for (line, part) in [
        ("apply", "-auto-approve"),
        ("apply nothing.ranplan", "nothing.ranplan"),
        ("apply main.intent", "no bundle"),
        ("show main.intent", "no bundle"),
        ("plan -target", "--target"),
        ("plan -observation nothing.json", "nothing.json"),
        ("plan -lock-timeout=30s", "lock-timeout"),
        ("apply p.ranplan -lock-timeout=soon", "soon"),
        ("apply p.ranplan -parallelism=many", "many"),
        ("rollback -to last", "last"),
        ("explain RF999", "RF999"),
        ("plann", "plan"),
        ("plan -chdir nowhere", "nowhere"),
        ("solve slicing", "FILE"),
    ] {
        let told = fails(folder, 1, line);
        assert!(told.contains(part), "{line}: {told}");
    }
}

#[test]
fn programs_get_json_lines_whatever_happens() {
    let folder = tampered();
    let folder = folder.path();
    let (_, out, _) = run(folder, "observe -json");
    assert!(serde_json::from_str::<serde_json::Value>(&out).unwrap().is_object());
    let (code, out, _) = run(folder, "plan -json");
    assert_eq!(code, 6);
    let events: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert!(
        types.contains(&"version") && types.contains(&"diagnostic") && types.contains(&"resource_drift"),
        "{types:?}"
    );
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["exit_code"]), (&"errored".into(), &6.into()));
    rule(folder, "restore");
    let (code, out, _) = run(folder, "apply -auto-approve -json");
    assert_eq!(code, 0, "{out}");
    let events: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    for wanted in ["planned_change", "change_summary", "apply_start", "apply_progress", "apply_complete"] {
        assert!(types.contains(&wanted), "{wanted}: {types:?}");
    }
    assert!(!out.contains('\u{1b}'), "no colours in JSON or where there is no terminal");
}

#[test]
fn what_cannot_be_read_is_not_taken_for_nothing() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = project("quickstart");
    let folder = folder.path();
    // A pipe is not waited for, whoever names it.
    let pipe =
        |name: &str| assert!(std::process::Command::new("mkfifo").arg(folder.join(name)).status().unwrap().success());
    pipe("a.intent");
    assert!(fails(folder, 1, "check").contains("error[RF126]: `a.intent` cannot be read: it is no plain file"));
    std::fs::remove_file(folder.join("a.intent")).unwrap();
    pipe("cells.csv");
    std::fs::write(folder.join("b.intent"), "table cells from \"cells.csv\" { as cell on node  key \"Cell\" }\n")
        .unwrap();
    assert!(fails(folder, 1, "check").contains("`cells.csv` cannot be read: it is no plain file"));
    std::fs::remove_file(folder.join("b.intent")).unwrap();
    // A file that nobody can name.
    let name = folder.join(OsStr::from_bytes(b"c\xff.intent"));
    std::fs::write(&name, "site plaza\n").unwrap();
    let told = fails(folder, 1, "check");
    assert!(told.contains("cannot be read: its name is not UTF-8") && !told.contains("RF127"), "{told}");
    std::fs::remove_file(name).unwrap();
    std::fs::create_dir_all(folder.join(["d"; 66].join("/"))).unwrap();
    assert!(fails(folder, 1, "check").contains("it is nested deeper than 64 folders"));
    std::fs::remove_dir_all(folder.join("d")).unwrap();
    ok(folder, "check");

    // State that is there in another way is not the state of a network that was never applied.
    std::fs::create_dir_all(folder.join(".ranform/state.db")).unwrap();
    for line in ["plan", "drift", "history"] {
        assert!(fails(folder, 1, line).contains("error[RF910]"), "{line}");
    }
    std::fs::remove_dir_all(folder.join(".ranform")).unwrap();
    std::fs::write(folder.join(".ranform"), "").unwrap();
    assert!(fails(folder, 1, "plan").contains("error[RF910]"));
    std::fs::remove_file(folder.join(".ranform")).unwrap();
    ok(folder, "apply -auto-approve");
    std::fs::write(folder.join(".ranform/state.db"), "no data base\n".repeat(99)).unwrap();
    assert!(fails(folder, 1, "plan").contains("error[RF911]"));
}

#[test]
fn what_others_say_in_the_environment_is_theirs() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = project("quickstart");
    let with = |name: &str| {
        let mut command = assert_cmd::Command::cargo_bin("ranform").unwrap();
        let output = command.current_dir(&folder).arg("check").env(name, OsStr::from_bytes(b"\xff")).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(with("OTHER").0, 0);
    let (code, told) = with("RANFORM_VAR_floor");
    assert_eq!(code, 1);
    assert!(told.contains("the variable `RANFORM_VAR_floor` is not UTF-8"), "{told}");
}

#[test]
fn a_bundle_goes_where_it_is_told() {
    let folder = project("quickstart");
    let folder = folder.path();
    ok(folder, "plan -out=/dev/null");
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    assert!(
        fails(folder, 1, "plan -out=/dev/full").contains("error[RF904]: `/dev/full` cannot be used: no space left")
    );
    std::os::unix::fs::symlink("kept.ranplan", folder.join("latest.ranplan")).unwrap();
    std::fs::write(folder.join("kept.ranplan"), "").unwrap();
    ok(folder, "plan -out=latest.ranplan");
    assert!(std::fs::symlink_metadata(folder.join("latest.ranplan")).unwrap().is_symlink());
    ok(folder, "apply kept.ranplan");
}
