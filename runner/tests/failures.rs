//! What goes wrong at run time, by the command line: the code, the exit code, and JSON where JSON was asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../targets/tests/common/skipped.rs"]
mod skipped;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use ranform::state::{Kind, State};
use ranform_network::bundle::Bundle;
use tempfile::TempDir;

/// The quickstart in a fresh folder.
fn quickstart() -> TempDir {
    let folder = TempDir::new().unwrap();
    let intent = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents/quickstart/main.intent");
    std::fs::copy(intent, folder.path().join("main.intent")).unwrap();
    folder
}

fn run(folder: &TempDir, line: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ranform").unwrap();
    let output = command.current_dir(folder.path()).args(line.split(' ')).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The command ends with this exit code and tells of this code, as text and as JSON.
#[track_caller]
fn fails(folder: &TempDir, line: &str, exit: i32, code: &str) -> String {
    let (status, out, err) = run(folder, line);
    assert_eq!(status, exit, "{line}: {out}{err}");
    assert!(err.contains(&format!("error[{code}]: ")), "{line}: {err}");
    let (status, out, _) = run(folder, &format!("{line} -json"));
    assert_eq!(status, exit, "{line} -json: {out}");
    assert!(json(&out).contains(&code.to_owned()), "{line} -json: {out}");
    err
}

/// The codes of every diagnostic in a document or in events; panics where a line is no JSON.
fn json(out: &str) -> Vec<String> {
    let mut codes = Vec::new();
    let texts: Vec<&str> = if out.contains("\"@level\"") { out.lines().collect() } else { vec![out] };
    for text in texts {
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let many = value["diagnostics"].as_array().cloned().unwrap_or_default();
        codes
            .extend(many.iter().chain([&value["diagnostic"]]).filter_map(|one| Some(one["code"].as_str()?.to_owned())));
    }
    codes
}

#[test]
fn usage_errors_have_a_code_and_say_what_was_meant() {
    let folder = quickstart();
    let err = fails(&folder, "plan -refrehs", 1, "RF903");
    assert!(err.contains("--refresh"), "{err}");
    fails(&folder, "paln", 1, "RF903");
    fails(&folder, "plan -var floor", 1, "RF903");
    fails(&folder, "apply", 1, "RF903");
    fails(&folder, "-chdir=nowhere check", 1, "RF903");
}

#[test]
fn files_of_the_command_line_that_cannot_be_used() {
    let folder = quickstart();
    fails(&folder, "show absent.ranplan", 1, "RF904");
    fails(&folder, "plan -observation absent.json", 1, "RF904");
    fails(&folder, "plan -out nowhere/plan.ranplan", 1, "RF904");
    std::fs::write(folder.path().join("loads.csv"), "interface,tenant,load\nx,red,60\n").unwrap();
    fails(&folder, "plan -observation loads.csv", 1, "RF906");
    std::fs::write(folder.path().join("notes.ranplan"), "no bundle").unwrap();
    fails(&folder, "show notes.ranplan", 1, "RF905");
    // What a file holds that is none of ours is nobody's business.
    std::fs::write(folder.path().join("secrets.ranplan"), format!("root:hunter2:{}", "x".repeat(2000))).unwrap();
    let (status, out, err) = run(&folder, "show secrets.ranplan");
    assert!(status == 1 && err.contains("RF905") && !format!("{out}{err}").contains("hunter2"), "{out}{err}");
    // It answers in words only.
    let (status, _, err) = run(&folder, "explain node.gnb-7");
    assert!(status == 1 && err.contains("error[RF915]: "), "{err}");
}

/// Who may only look may look: state that cannot be written is read.
#[test]
fn what_only_reads_needs_no_leave_to_write() {
    let folder = quickstart();
    for line in ["apply -auto-approve", "plan -out p.ranplan"] {
        let (code, out, err) = run(&folder, line);
        assert_eq!(code, 0, "{line}: {out}{err}");
    }
    let folder = folder.path();
    let allow = |path: &str, mode: u32| {
        std::fs::set_permissions(folder.join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for (path, mode) in [(".ranform/state.db", 0o444), (".ranform", 0o555), ("", 0o555)] {
        allow(path, mode);
    }
    // Root may write everything, so the program runs as nobody then.
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut told = Vec::new();
    for line in ["check", "plan", "drift", "history", "show p.ranplan", "diff p.ranplan"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ranform"));
        command.current_dir(folder).args(line.split(' '));
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        match command.output() {
            Ok(output) => told.push((line, output)),
            Err(error) => skipped::skipped(&format!("{line} by who may only read ({error})")),
        }
    }
    allow("", 0o755);
    allow(".ranform", 0o755);
    for (line, output) in told {
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.join(".ranform")).unwrap().count(), 1, "nothing was left beside it");
}

#[test]
fn a_bundle_that_was_altered_applied_or_overtaken() {
    let folder = quickstart();
    assert_eq!(run(&folder, "plan -out first.ranplan").0, 0);
    assert_eq!(run(&folder, "plan -out same.ranplan").0, 0);
    let path = folder.path().join("first.ranplan");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(6).position(|window| window == b"\"min\":").unwrap() + 6;
    bytes[at] ^= 1;
    std::fs::write(folder.path().join("altered.ranplan"), bytes).unwrap();
    fails(&folder, "apply altered.ranplan", 1, "RF905");
    assert_eq!(run(&folder, "apply first.ranplan").0, 0);
    fails(&folder, "apply first.ranplan", 5, "RF907");
    let text = std::fs::read_to_string(folder.path().join("main.intent")).unwrap();
    std::fs::write(folder.path().join("main.intent"), text.replace("red 60%, blue 40%", "red 70%, blue 30%")).unwrap();
    assert_eq!(run(&folder, "plan -out second.ranplan").0, 0);
    assert_eq!(run(&folder, "rollback -auto-approve").0, 0);
    fails(&folder, "apply second.ranplan", 5, "RF901");
}

#[test]
fn state_that_cannot_be_used() {
    let folder = quickstart();
    let data = folder.path().join(".ranform");
    std::fs::write(&data, "a file where the folder should be").unwrap();
    fails(&folder, "apply -auto-approve", 1, "RF910");
    std::fs::remove_file(&data).unwrap();
    assert_eq!(run(&folder, "apply -auto-approve").0, 0);
    std::fs::write(data.join("snapshot.json"), "{").unwrap();
    fails(&folder, "plan", 1, "RF911");
    std::fs::remove_file(data.join("snapshot.json")).unwrap();
    let database = rusqlite::Connection::open(data.join("state.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    fails(&folder, "plan", 1, "RF912");
}

#[test]
fn somebody_else_is_at_work_or_was_interrupted() {
    let folder = quickstart();
    assert_eq!(run(&folder, "plan -out plan.ranplan").0, 0);
    let mut state = State::open(&folder.path().join(".ranform")).unwrap();
    state.lock("apply other.ranplan", Duration::ZERO).unwrap();
    let err = fails(&folder, "apply plan.ranplan", 8, "RF913");
    assert!(err.contains("apply other.ranplan"), "{err}");
    state.begin(Kind::Apply, &Bundle::default(), "ranform-x", &[]).unwrap();
    drop(state);
    for verb in ["plan", "observe", "drift"] {
        fails(&folder, verb, 8, "RF914");
    }
}

#[test]
fn devices_that_cannot_be_worked_on_get_no_write() {
    let folder = quickstart();
    std::fs::create_dir(folder.path().join("devices")).unwrap();
    let device = folder.path().join("devices/gnb-1");
    std::fs::write(&device, "a file where the device should be").unwrap();
    fails(&folder, "apply -auto-approve", 1, "RF902");
    std::fs::remove_file(&device).unwrap();
    std::fs::create_dir(&device).unwrap();
    std::fs::write(device.join("node.json"), "no JSON").unwrap();
    fails(&folder, "apply -auto-approve", 1, "RF927");
    std::fs::remove_file(device.join("node.json")).unwrap();
    let lock = std::fs::File::open(&device).unwrap();
    lock.try_lock().unwrap();
    fails(&folder, "apply -auto-approve", 8, "RF920");
    drop(lock);
    assert_eq!(std::fs::read_dir(&device).unwrap().count(), 0);
    let text = std::fs::read_to_string(folder.path().join("main.intent")).unwrap();
    let reached = "profile 3gpp-r18  manage netconf \"127.0.0.1:1\" as \"ranform\" key env RANFORM_TEST_NO_SUCH_KEY host-key \"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\"";
    // Its profile needs more than a folder does.
    let text = text.replace("manage directory \"devices/gnb-1\"", reached).replace("pci 1", "local-id 1  pci 1  tac 7");
    std::fs::write(folder.path().join("main.intent"), text).unwrap();
    fails(&folder, "apply -auto-approve", 1, "RF921");
}

#[test]
fn a_plan_that_deletes_what_is_protected_or_too_much_is_denied() {
    let folder = quickstart();
    let intents = folder.path().join("main.intent");
    let text = std::fs::read_to_string(&intents).unwrap();
    std::fs::write(&intents, format!("{text}protect node.gnb-1\n")).unwrap();
    assert_eq!(run(&folder, "apply -auto-approve").0, 0);
    let without_red: String =
        text.lines().filter(|line| !line.contains("red")).map(|line| format!("{line}\n")).collect();
    // The protection outlives its line.
    let alone = format!("{without_red}sla fair {{ over cells  share blue 100%  window 100s every 10s }}\n");
    std::fs::write(&intents, &alone).unwrap();
    fails(&folder, "plan", 4, "RF620");
    std::fs::write(&intents, format!("{alone}limit {{ deletions 0 }}\n")).unwrap();
    fails(&folder, "plan", 4, "RF621");
}

#[test]
fn what_was_not_read_is_never_called_unchanged() {
    let folder = TempDir::new().unwrap();
    fails(&folder, "drift", 1, "RF127");
    let folder = quickstart();
    let (exit, out, _) = run(&folder, "drift");
    assert_eq!((exit, out.as_str()), (0, "No drift.\n"), "nothing was ever applied");
    assert_eq!(run(&folder, "apply -auto-approve").0, 0);
    let node = folder.path().join("devices/gnb-1/node.json");
    let kept = std::fs::read(&node).unwrap();
    std::fs::write(&node, "no JSON").unwrap();
    let (exit, out, err) = run(&folder, "plan -refresh");
    assert!(out.contains("No changes on what was read; `node.gnb-1` was not read."), "{out}");
    assert!(err.contains("warning[RF902]: `node.gnb-1` was unreachable"), "{err}");
    assert_eq!(exit, 0);
    let (_, out, _) = run(&folder, "plan -json");
    assert!(json(&out).contains(&"RF902".to_owned()) && out.contains("No changes on what was read"), "{out}");
    fails(&folder, "drift", 1, "RF927");
    assert_eq!(run(&folder, "drift").1, "No drift on what was read; 1 device could not be read.\n");
    std::fs::remove_file(&node).unwrap();
    assert!(run(&folder, "drift").1.contains("~ `node.gnb-1` is gone\n"));
    std::fs::write(&node, kept).unwrap();
    assert_eq!(run(&folder, "drift").1, "No drift.\n");
}
