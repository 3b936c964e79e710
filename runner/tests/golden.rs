//! Golden folders: `golden/<case>/` holds intents and what must come out of them.
//!
//! A case is a project (its `*.intent` files and tables), or a file `project` with the path of one; `observation.json` and
//! `overlay` (a name) go into the plan where they are there. Its outputs are
//! `errors.txt` where anything is found, and without errors `network.json`, `plan.txt` and `artifacts/`.
//! `RANFORM_BLESS=1` rewrites them; then the difference is read, never waved through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ranform::display::{diagnostics, plan as plan_text};
use ranform::pipeline::{self, Inputs, Planned};
use ranform::world::DiskWorld;
use ranform_network::diagnostic::{codes, has_errors};
use ranform_network::{NoControl, Telemetry};
use rayon::prelude::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden")
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("there is a golden folder");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// The outputs of a case by file name.
fn outputs(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let project = match std::fs::read_to_string(case.join("project")) {
        Ok(path) => case.join(path.trim()),
        Err(_) => case.to_owned(),
    };
    let world = DiskWorld::new(&project).expect("the project exists");
    let telemetry: Option<Telemetry> = std::fs::read(case.join("observation.json"))
        .ok()
        .map(|bytes| serde_json::from_slice(&bytes).expect("observation.json is an observation"));
    let planned = pipeline::plan(&Inputs {
        world: &world,
        compile: &ranform_compiler::CompileOptions { overlay: overlay(case), ..Default::default() },
        recorded: &BTreeMap::new(),
        devices: &BTreeMap::new(),
        telemetry: telemetry.as_ref(),
        selection: &Default::default(),
        causes: &Default::default(),
        protected: &Default::default(),
        unreachable: &Default::default(),
        control: &NoControl,
    });
    let mut outputs = BTreeMap::new();
    if !planned.diagnostics.is_empty() {
        let shown = diagnostics::capped(&planned.diagnostics);
        let text = diagnostics::text(&shown, &planned.sources, diagnostics::Style::Plain);
        outputs.insert("errors.txt".to_owned(), text.into_bytes());
    }
    // Cases about errors and warnings show just those; worked examples show all that comes out.
    let worked = case.join("project").exists() || case.join("plan.txt").exists();
    if !has_errors(&planned.diagnostics) && worked {
        shown(&planned, &mut outputs);
    }
    outputs
}

/// The overlay that a case is planned with: the text of its file `overlay`.
fn overlay(case: &Path) -> Option<String> {
    std::fs::read_to_string(case.join("overlay")).ok().map(|name| name.trim().to_owned())
}

fn shown(planned: &Planned, outputs: &mut BTreeMap<String, Vec<u8>>) {
    let network = ranform_compiler::network_json(&planned.network);
    // A network of thousands of cells is its table; its JSON is not for people to review.
    if planned.network.cells.len() <= 100 {
        outputs.insert("network.json".to_owned(), format!("{network:#}\n").into_bytes());
    }
    let view = plan_text::View {
        summary: &planned.summary,
        changes: &planned.changes,
        certificates: &planned.certificates,
        concise: false,
    };
    outputs.insert("plan.txt".to_owned(), plan_text::text(&view).into_bytes());
    if planned.artifacts.len() <= 200 {
        for artifact in &planned.artifacts {
            let device = ranform_network::address::slug(artifact.device.last().1);
            outputs.insert(format!("artifacts/{device}/{}", artifact.path), artifact.bytes.clone());
        }
    }
}

/// What a case expects now, by file name.
fn expected(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for name in ["errors.txt", "network.json", "plan.txt"] {
        if let Ok(bytes) = std::fs::read(case.join(name)) {
            files.insert(name.to_owned(), bytes);
        }
    }
    collect(&case.join("artifacts"), "artifacts", &mut files);
    files
}

fn collect(at: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(at) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &name, files);
        } else {
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

fn bless(case: &Path, outputs: &BTreeMap<String, Vec<u8>>) {
    for name in expected(case).keys().filter(|name| !outputs.contains_key(*name)) {
        std::fs::remove_file(case.join(name)).unwrap();
    }
    for (name, bytes) in outputs {
        let path = case.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn difference(case: &Path, expected: &BTreeMap<String, Vec<u8>>, found: &BTreeMap<String, Vec<u8>>) -> String {
    let mut text = String::new();
    let names: std::collections::BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    for name in names {
        let side = |files: &BTreeMap<String, Vec<u8>>| {
            files.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
        };
        let (old, new) = (side(expected), side(found));
        if old != new {
            let label = format!("{}/{name}", case.file_name().unwrap().to_string_lossy());
            let diff = similar::TextDiff::from_lines(old.as_str(), new.as_str());
            text.push_str(&diff.unified_diff().context_radius(2).header(&label, &label).to_string());
        }
    }
    text
}

#[test]
fn every_case_gives_what_its_folder_says() {
    let blessing = std::env::var("RANFORM_BLESS").is_ok_and(|value| value == "1");
    let cases = cases();
    assert!(cases.len() > 5, "the golden folders are gone");
    let differences: Vec<String> = cases
        .par_iter()
        .map(|case| {
            let found = outputs(case);
            if blessing {
                bless(case, &found);
                return String::new();
            }
            difference(case, &expected(case), &found)
        })
        .filter(|difference| !difference.is_empty())
        .collect();
    assert!(
        differences.is_empty(),
        "{} cases differ (RANFORM_BLESS=1 rewrites them, then read the difference):\n{}",
        differences.len(),
        differences.concat()
    );
}

#[test]
fn an_error_case_has_an_error_and_the_code_it_is_named_for_is_documented() {
    for case in cases().into_iter().filter(|case| case.file_name().unwrap().to_string_lossy().starts_with("error-")) {
        let text = std::fs::read_to_string(case.join("errors.txt")).unwrap_or_default();
        assert!(text.contains("error[") || text.contains("warning["), "{} shows nothing", case.display());
    }
}

#[test]
fn every_code_has_a_page() {
    let docs = folder().join("../docs/src/codes");
    let missing: Vec<&str> =
        codes::all().map(|code| code.id).filter(|id| !docs.join(format!("{id}.md")).exists()).collect();
    assert!(missing.is_empty(), "codes without a page in docs/src/codes: {missing:?}");
}

/// Codes that no intents can show, with the test that does: a file and a function of it.
const SHOWN_ELSEWHERE: &[(&str, &str, &str)] = &[
    // A file of more than 64 MiB.
    ("RF122", "grammar/tests/mistakes.rs", "bytes_that_are_no_text_are_refused"),
    // What was applied before.
    ("RF620", "runner/tests/failures.rs", "a_plan_that_deletes_what_is_protected_or_too_much_is_denied"),
    ("RF621", "runner/tests/failures.rs", "a_plan_that_deletes_what_is_protected_or_too_much_is_denied"),
    ("RF630", "runner/src/identity.rs", "a_changed_identity_is_denied_unless_a_limit_allows_it"),
    // What a device holds.
    ("RF762", "targets/tests/others.rs", "an_entry_that_cannot_stay_for_others_is_an_error"),
    // A solver that gives up.
    ("RF806", "optimizers/src/slicing/tests/networks.rs", "a_problem_that_is_not_solved_is_told_with_its_code"),
];

/// Where every RF9xx is raised: at run time, by the machine, state and devices.
const RUN_TIME: (&str, &str) = ("runner/src/failure/tests.rs", "every_error_of_the_run_time_is_told_with_its_code");

#[test]
fn every_code_has_a_golden_case_or_a_named_test() {
    let mut shown = String::new();
    for case in cases() {
        shown.push_str(&std::fs::read_to_string(case.join("errors.txt")).unwrap_or_default());
    }
    let elsewhere = |id: &str| SHOWN_ELSEWHERE.iter().any(|(code, ..)| *code == id) || id.starts_with("RF9");
    let missing: Vec<&str> =
        codes::all().map(|code| code.id).filter(|id| !shown.contains(&format!("[{id}]")) && !elsewhere(id)).collect();
    assert!(missing.is_empty(), "codes that no golden case shows: {missing:?}");
    let needless: Vec<&str> = SHOWN_ELSEWHERE
        .iter()
        .map(|(code, ..)| *code)
        .filter(|id| codes::find(id).is_none() || shown.contains(&format!("[{id}]")))
        .collect();
    assert!(needless.is_empty(), "codes that a golden case shows, or that do not exist: {needless:?}");
}

#[test]
fn the_named_tests_are_there_and_name_their_code() {
    let root = folder().join("..");
    let text = |file: &str| std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    for (code, file, test) in SHOWN_ELSEWHERE {
        let text = text(file);
        let body = text.split(&format!("fn {test}(")).nth(1).unwrap_or_else(|| panic!("{file} has no test `{test}`"));
        let body = body.split("#[test]").next().unwrap_or_default();
        let named = body.contains(code) || codes::find(code).is_some_and(|code| body.contains(&constant(code.name)));
        assert!(named, "{test} in {file} does not speak of {code}");
    }
    assert!(text(RUN_TIME.0).contains(&format!("fn {}(", RUN_TIME.1)));
}

/// The constant of a code: `EMPTY_KEY` of `empty-key`.
fn constant(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
