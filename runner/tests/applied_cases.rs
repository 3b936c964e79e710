//! Every golden case whose devices are folders is applied, and then there is nothing more to do, nothing has drifted, and
//! it can be taken back: what is rendered reads back as it was meant, whatever the case is about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rayon::prelude::*;
use tempfile::TempDir;

/// What a case has that starts from more than its files.
const MORE: [&str; 6] = ["before", "case.json", "observation.json", "overlay", "parameters", "project"];

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(root.join("golden")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.extend(cases.clone().iter().map(|case| case.join("before")).filter(|before| before.is_dir()));
    cases.extend(["quickstart", "cosmo-testbed"].map(|name| root.join("intents").join(name)));
    cases.retain(|case| {
        let text = |name: &str| std::fs::read_to_string(case.join(name)).unwrap_or_default();
        let (main, found) = (text("main.intent"), text("errors.txt"));
        let elsewhere = ["manage netconf", "manage kubernetes", "manage a1", "module "];
        main.contains("manage directory")
            && !elsewhere.iter().any(|other| main.contains(other))
            && !found.contains("error[")
            && MORE.iter().all(|name| !case.join(name).exists())
    });
    cases.sort();
    cases
}

/// A copy of a case's files.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(std::fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}

/// The exit code and what was told.
fn ranform(folder: &Path, line: &str) -> (i32, String) {
    let output = Command::cargo_bin("ranform").unwrap().current_dir(folder).args(line.split(' ')).output().unwrap();
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.code().unwrap_or(-1), told)
}

#[test]
fn what_is_applied_reads_back_as_it_was_meant_and_is_taken_back() {
    let cases = cases();
    assert!(cases.len() > 20, "{cases:?}");
    cases.par_iter().for_each(|case| {
        let folder = TempDir::new().unwrap();
        copy(case, folder.path());
        for line in [
            "apply -auto-approve",
            "plan -detailed-exitcode",
            "plan -refresh -detailed-exitcode",
            "drift",
            "rollback -auto-approve",
        ] {
            let (code, told) = ranform(folder.path(), line);
            assert_eq!(code, 0, "{}: {line}\n{told}", case.display());
        }
    });
}

/// Every file of the devices.
fn devices(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for path in std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            let ours = path.file_name().is_some_and(|name| name == ".ranform")
                || path.extension().is_some_and(|kind| kind == "ranplan");
            match path.is_dir() {
                _ if ours => {}
                true => folders.push(path),
                false => found.push((path.clone(), std::fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_runs_is_taken_into_state_again_where_that_is_lost_and_nothing_is_written() {
    cases().par_iter().for_each(|case| {
        let folder = TempDir::new().unwrap();
        copy(case, folder.path());
        let ok = |line: &str| {
            let (code, told) = ranform(folder.path(), line);
            assert_eq!(code, 0, "{}: {line}\n{told}", case.display());
        };
        ok("apply -auto-approve");
        let before = devices(folder.path());
        std::fs::remove_dir_all(folder.path().join(".ranform")).unwrap();
        for line in ["plan -refresh -out again.ranplan", "apply again.ranplan", "plan -detailed-exitcode", "drift"] {
            ok(line);
        }
        assert_eq!(devices(folder.path()), before, "{}", case.display());
    });
}
