//! What leaves the program: nothing is lost unseen, nothing of others steers a terminal, programs get their document.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;
#[path = "../../targets/tests/common/skipped.rs"]
mod skipped;

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt;
use ranform_network::Address;
use ranform_network::bundle::Bundle;
use scene::*;
use serde_json::Value;
use tempfile::TempDir;

/// A disk on which nothing has room.
const FULL: &str = "/dev/full";

fn program(folder: &Path, line: &str) -> Command {
    let mut command = Command::cargo_bin("ranform").unwrap();
    command.current_dir(folder).args(line.split(' '));
    command
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = project("quickstart");
    for line in ["completion bash", "completion zsh", "graph", "explain RF801"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program(folder.path(), line).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn what_could_not_be_written_is_told_and_ends_with_1() {
    if !Path::new(FULL).exists() {
        skipped::skipped(&format!("what cannot be written (this system has no {FULL})"));
        return;
    }
    let folder = project("quickstart");
    ok(folder.path(), "plan -out p.ranplan");
    let lines = [
        "check -json",
        "plan",
        "plan -detailed-exitcode",
        "plan -json",
        "show -json p.ranplan",
        "history",
        "export custom-resources",
        "solve slicing nothing.json",
        "completion bash",
        "version",
        "--help",
    ];
    for line in lines {
        let full = OpenOptions::new().write(true).open(FULL).unwrap();
        let output = program(folder.path(), line).stdout(full).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line}: {told}");
        assert!(told.contains("error[RF904]: `stdout` cannot be written: no space left"), "{line}: {told}");
    }
    // Nobody has to read stderr.
    let full = OpenOptions::new().write(true).open(FULL).unwrap();
    assert_eq!(program(folder.path(), "plan").stderr(full).output().unwrap().status.code(), Some(0));
}

#[test]
fn whoever_cannot_go_on_prints_the_document_with_its_exit_code() {
    let folder = project("quickstart");
    let folder = folder.path();
    edit(folder, "main.intent", "language 1", "language 1\nchunk lost for nobody { cells }");
    let lines = [
        "check -json",
        "graph -json",
        "graph -json -overlay=nope",
        "observe -json",
        "observe -json -overlay=nope",
        "explain -json node.gnb-1",
        "export custom-resources -json",
        "diff -json",
        "render -as helm -json chart",
    ];
    for line in lines {
        let (code, out, err) = run(folder, line);
        let document = document(&out);
        assert_eq!((code, &document["exit_code"]), (1, &1.into()), "{line}: {out}");
        assert_eq!(document["valid"], Value::Bool(false), "{line}: {out}");
        assert!(document["diagnostics"][0]["summary"].is_string(), "{line}: {out}");
        let message = document["diagnostics"][0]["summary"].as_str().unwrap();
        assert!(err.contains(message), "{line}: the same text stands on stderr: {err}");
    }
    let (code, out, _) = run(folder, "plan -json");
    let events: Vec<Value> = out.lines().map(document).collect();
    let finding = events.iter().find(|event| event["type"] == "diagnostic").unwrap();
    assert_eq!((code, &finding["@level"]), (1, &"error".into()), "{out}");
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["exit_code"]), (&"errored".into(), &1.into()), "{out}");
    let (_, out, _) = run(folder, "plan -json -no-such-flag");
    assert_eq!(document(out.lines().last().unwrap())["exit_code"], 1, "{out}");
}

#[test]
fn how_long_each_step_took_is_told_per_device() {
    let folder = project("cosmo-testbed");
    let (code, out, err) = run(folder.path(), "apply -auto-approve -json");
    assert_eq!(code, 0, "{out}{err}");
    let events: Vec<Value> = out.lines().map(document).collect();
    let of = |kind: &'static str| events.iter().filter(move |event| event["type"] == kind);
    let steps: Vec<&str> = of("timing").map(|event| event["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["check", "stage", "commit", "confirm"]);
    for event in of("timing") {
        let way = &event["ways"][0];
        let targets = way["targets"].as_array().unwrap();
        assert_eq!((way["way"].as_str(), way["devices"].as_u64()), (Some("directory"), Some(targets.len() as u64)));
        assert!(targets.len() > 1 && targets[0]["address"] == way["slowest"] && targets[0]["ms"] == way["longest_ms"]);
        let times: Vec<u64> = targets.iter().map(|target| target["ms"].as_u64().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b) && way["sum_ms"].as_u64().unwrap() >= times.iter().sum(), "{way}");
    }
    let ended = of("apply_progress").chain(of("apply_complete")).filter(|event| event["address"].is_string());
    assert!(ended.clone().count() >= 8 && ended.into_iter().all(|event| event["ms"].is_u64()), "{out}");

    // In the text, of each way the slowest three.
    let folder = project("cosmo-testbed");
    let (_, _, text) = run(folder.path(), "apply -auto-approve");
    let line = text.lines().find(|line| line.contains("directory")).unwrap();
    assert_eq!(line.matches(" s (node.").count(), 3, "{text}");
}

#[test]
fn every_document_says_how_the_command_ended() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let wrote = document(&ok(folder, "init -json"));
    assert_eq!((&wrote["wrote"][0], &wrote["exit_code"]), (&"main.intent".into(), &0.into()));
    assert_eq!(document(&ok(folder, "check -json"))["exit_code"], 0);
    let last = |out: String| document(out.lines().last().unwrap());
    assert_eq!(last(run(folder, "plan -json -detailed-exitcode").1)["exit_code"], 2);
    let changes = document(&run(folder, "diff -json -detailed-exitcode").1);
    assert_eq!(changes["exit_code"], 2);
    assert_eq!(changes["resource_changes"][0]["change"]["actions"][0], "create");
    assert!(changes["artifacts"].as_object().is_some_and(|texts| !texts.is_empty()), "{changes}");
    append(folder, "main.intent", "tenant   wide {  plmn 001-09 }");
    let (code, out, _) = run(folder, "fmt -check -diff -json");
    let formatted = document(&out);
    assert_eq!((code, &formatted["exit_code"]), (2, &2.into()), "{out}");
    assert_eq!(formatted["changed"][0]["file"], "main.intent", "{out}");
    assert!(formatted["changed"][0]["diff"].as_str().unwrap().contains("-tenant   wide"), "{out}");
    assert_eq!(run(folder, "fmt -check").1, "main.intent\n", "the folder that one is in has no name");
}

#[test]
fn names_and_texts_of_others_steer_no_terminal() {
    let folder = project("quickstart");
    let folder = folder.path();
    ok(folder, "plan -out p.ranplan");
    // A bundle that somebody hands over may hold anything.
    let path = folder.join("p.ranplan");
    let mut bundle = Bundle::decode(&std::fs::read(&path).unwrap()).unwrap().0;
    bundle.changes[0].address = Address::from_text("node.\"a\u{1b}[31m\n+ node.fake  create\"");
    std::fs::write(&path, bundle.encode().0).unwrap();
    for line in ["show p.ranplan", "diff p.ranplan"] {
        let out = ok(folder, line);
        assert!(out.contains("node.\"a\\u{1b}[31m\\n+ node.fake  create\""), "{line}: {out}");
        assert!(!out.contains('\u{1b}') && !out.contains("\n+ node.fake"), "{line}: {out}");
    }
    append(folder, "main.intent", "chunk x for \"\\u{1b}[2Jred\" { cells }");
    let told = fails(folder, 1, "plan");
    assert!(told.contains("\\u{1b}[2Jred") && !told.contains('\u{1b}'), "{told}");
}

#[test]
fn what_a_device_holds_is_shown_and_not_sent() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    ok(folder, "apply -auto-approve");
    edit(folder, "devices/ap-1/config.xml", ">802.11n</standard>", ">802.11n\u{9b}31m\n~ node.fake</standard>");
    let (code, out, err) = run(folder, "drift");
    assert_eq!(code, 6, "{out}{err}");
    assert!(out.contains("\\u{9b}31m") && !out.contains('\u{9b}') && !out.contains("\n~ node.fake"), "{out}");
    let told = fails(folder, 6, "plan -refresh");
    assert!(told.contains("\\u{9b}31m") && !told.contains('\u{9b}') && !told.contains("\n~ node.fake"), "{told}");
}

#[test]
fn documents_that_say_something_else_than_the_changes_are_told_leaf_by_leaf() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    ok(folder, "plan -out p.ranplan");
    let path = folder.join("p.ranplan");
    let mut bundle = Bundle::decode(&std::fs::read(&path).unwrap()).unwrap().0;
    for bytes in bundle.artifacts.values_mut() {
        *bytes = String::from_utf8(bytes.clone()).unwrap().replace("<weight>65<", "<weight>64<").into_bytes();
    }
    std::fs::write(&path, bundle.encode().0).unwrap();
    let told = fails(folder, 1, "apply p.ranplan");
    for part in ["error[RF932]", "of the bundle does not say what its changes say", "radio-tenant.weight is 64, not 65"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!folder.join("devices").exists(), "nothing is written");
}

#[test]
fn help_is_text_and_apostrophes_stay() {
    let folder = TempDir::new().unwrap();
    let output = Command::cargo_bin("ranform").unwrap().current_dir(folder.path()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("Usage: ranform") && told.contains("the devices' present") && !told.contains("RF903"),
        "{told}"
    );
    let told = fails(folder.path(), 1, "paln");
    assert!(told.contains("error[RF903]: unrecognized subcommand `paln`"), "{told}");
}

#[test]
fn nobody_is_asked_whether_to_do_nothing() {
    let folder = project("quickstart");
    let folder = folder.path();
    assert_eq!(ok(folder, "rollback"), "Nothing to take back.\n");
    ok(folder, "apply -auto-approve");
    assert_eq!(ok(folder, "rollback -to=1"), "Nothing to take back.\n");
    assert!(fails(folder, 1, "rollback -to=7").contains("there is no serial 7"));
    assert!(fails(folder, 1, "rollback").contains("nobody is there to ask"));
}
