//! A project in a folder of its own, and the program run in it as its users do.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A copy of a shipped example in a fresh folder.
pub fn project(example: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents").join(example);
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// Exit code, stdout and stderr of a command line.
pub fn run(folder: &Path, line: &str) -> (i32, String, String) {
    run_on(folder, None, line)
}

/// As [`run`], on a day given in seconds since 1970.
pub fn run_on(folder: &Path, day: Option<u64>, line: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ranform").unwrap();
    if let Some(day) = day {
        command.env("SOURCE_DATE_EPOCH", day.to_string());
    }
    let output = command.current_dir(folder).args(line.split(' ')).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The stdout of a command line that ends with 0.
pub fn ok(folder: &Path, line: &str) -> String {
    let (code, out, err) = run(folder, line);
    assert_eq!(code, 0, "{line}: {out}{err}");
    out
}

/// What a command line that ends with `code` says, on both streams.
pub fn fails(folder: &Path, code: i32, line: &str) -> String {
    let (found, out, err) = run(folder, line);
    assert_eq!(found, code, "{line}: {out}{err}");
    format!("{out}{err}")
}

/// Replaces text that must be there.
pub fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// Adds a line to a file.
pub fn append(folder: &Path, file: &str, line: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}{line}\n")).unwrap();
}

/// Every file below a folder with its bytes, sorted.
pub fn files(at: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(at).into_iter().flatten().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), std::fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

/// The power of the testbed's access point, ours and what somebody sets it to by hand.
pub const POWER: &str = "<transmit-power>20</transmit-power>";
pub const THEIRS: &str = "<transmit-power>17</transmit-power>";

/// The testbed, applied.
pub fn applied() -> TempDir {
    let folder = project("cosmo-testbed");
    ok(folder.path(), "apply -auto-approve");
    folder
}

/// The testbed, applied, after somebody turned the power of the radio down by hand.
pub fn tampered() -> TempDir {
    let folder = applied();
    edit(folder.path(), "devices/ap-1/config.xml", POWER, THEIRS);
    folder
}

/// Adds a line that says what is done with what others change on the access point.
pub fn rule(folder: &Path, action: &str) {
    append(folder, "main.intent", &format!("outside change on node.ap-1/** {action}"));
}
