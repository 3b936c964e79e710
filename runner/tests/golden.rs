//! Golden folders: `golden/<case>/` holds intents and what must come out of them.
//!
//! A case is a project (its `*.intent` files and tables), or a file `project` with the path of one; `observation.json`,
//! `overlay` (a name) and `parameters` (`NAME=VALUE`, one a line) go into the plan where they are there. Its outputs are
//! `errors.txt` where anything is found, and without errors `network.json`, `plan.txt` and `artifacts/` (of a network of
//! hundreds of nodes `digests.txt` instead of the first, and of the last where they are many).
//!
//! A case that starts from recorded state has the folder `before`: a project, planned and applied in memory first (it may
//! have a `before` of its own). `observation.json` is the observation; `case.json` gives flags and what was found on the
//! devices (see `Circumstances`).
//! `RANFORM_BLESS=1` rewrites them; then the difference is read, never waved through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ranform::commands::show::human;
use ranform::display::diagnostics;
use ranform::memory::Memory;
use ranform::pipeline::{self, Inputs, Planned};
use ranform::plan::bundle as bundle_of;
use ranform::project::Snapshot;
use ranform::selection::Selection;
use ranform::world::DiskWorld;
use ranform_compiler::CompileOptions;
use ranform_network::bundle::{Bundle, sha256};
use ranform_network::diagnostic::{codes, has_errors};
use ranform_network::source::{World, WorldError};
use ranform_network::{Address, NoControl, Telemetry};
use ranform_targets::SetBy;
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

/// A case as a project: its own files, or those of the project it names; the folder `before` is another project.
struct CaseWorld(DiskWorld);

impl CaseWorld {
    fn new(case: &Path) -> Self {
        let project = match std::fs::read_to_string(case.join("project")) {
            Ok(path) => case.join(path.trim()),
            Err(_) => case.to_owned(),
        };
        Self(DiskWorld::new(&project).expect("the project exists"))
    }
}

impl World for CaseWorld {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        self.0.read(path)
    }

    fn intents(&self, folder: &str) -> Result<Vec<String>, WorldError> {
        let mut paths = self.0.intents(folder)?;
        paths.retain(|path| !path.starts_with("before/"));
        Ok(paths)
    }
}

/// What `case.json` says beside the files: the day, flags, and what was found on the devices.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Circumstances {
    today: Option<String>,
    target: Vec<String>,
    exclude: Vec<String>,
    /// Leaves that others changed: by address the leaf and its value, null for not there.
    changed: BTreeMap<Address, BTreeMap<String, serde_json::Value>>,
    /// Things of ours that others took away.
    removed: Vec<Address>,
    /// Things that the intents ask for and the devices already hold, with the leaves that differ.
    present: BTreeMap<Address, BTreeMap<String, serde_json::Value>>,
    /// Devices that could not be reached, and why.
    unreachable: BTreeMap<Address, String>,
    /// Who else set leaves, where devices keep that.
    set_by: BTreeMap<Address, Vec<SetBy>>,
    /// The policy types that near-RT RICs list.
    policy_types: BTreeMap<Address, Vec<String>>,
}

impl Circumstances {
    fn of(case: &Path) -> Self {
        match std::fs::read(case.join("case.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes).expect("case.json says what is known"),
            Err(_) => Self::default(),
        }
    }

    /// What an `observe` would have found, where anything was found otherwise than recorded.
    fn snapshot(&self, world: &dyn World, memory: &Memory) -> Option<Snapshot> {
        let as_recorded = self.changed.is_empty() && self.removed.is_empty() && self.present.is_empty();
        if as_recorded && self.unreachable.is_empty() && self.policy_types.is_empty() {
            return None;
        }
        let mut resources = memory.recorded();
        let network = pipeline::check(world, &Default::default()).network;
        let known = pipeline::known(&network, &resources, &NoControl);
        for (address, leaves) in self.changed.iter().chain(&self.present) {
            let mut found = known.get(address).expect("the address is decided or recorded").clone();
            for (leaf, value) in leaves {
                let value = Some(value).filter(|value| !value.is_null());
                found.resource = found.resource.with_leaf(leaf, value).expect("the leaf can be that");
            }
            resources.insert(address.clone(), found);
        }
        resources.retain(|address, _| !self.removed.contains(address));
        let (state_serial, unreachable) = (memory.serial, self.unreachable.clone());
        let format = "ranform.snapshot/1".to_owned();
        let policy_types = self.policy_types.clone();
        let digest = "snapshot".to_owned();
        let set_by = self.set_by.clone();
        let seen = Snapshot { format, state_serial, resources, unreachable, policy_types, ..Snapshot::default() };
        Some(Snapshot { set_by, digest, ..seen })
    }
}

/// Plans a case on top of what state holds after its `before` (which may have a `before` of its own).
fn plan_of(case: &Path) -> (Planned, Bundle, Memory) {
    let memory = match case.join("before") {
        before if before.is_dir() => {
            let (planned, bundle, memory) = plan_of(&before);
            let text = diagnostics::text(&planned.diagnostics, &planned.sources, diagnostics::Style::Plain);
            assert!(planned.complete, "{} does not apply:\n{text}", before.display());
            memory.after(&bundle)
        }
        _ => Memory::default(),
    };
    let (planned, bundle) = plan_on(case, &memory);
    (planned, bundle, memory)
}

/// Plans a case on top of this state.
fn plan_on(case: &Path, memory: &Memory) -> (Planned, Bundle) {
    let world = CaseWorld::new(case);
    let observation = std::fs::read(case.join("observation.json")).ok();
    let telemetry: Option<Telemetry> =
        observation.as_ref().map(|bytes| serde_json::from_slice(bytes).expect("observation.json is an observation"));
    let circumstances = Circumstances::of(case);
    let snapshot = circumstances.snapshot(&world, memory);
    let inputs = Inputs {
        world: &world,
        compile: &options(case),
        memory,
        snapshot: snapshot.as_ref(),
        telemetry: telemetry.as_ref(),
        observation: &observation.map(|bytes| sha256(&bytes)).unwrap_or_default(),
        selection: &Selection::new(&circumstances.target, &circumstances.exclude),
        today: circumstances.today.as_deref(),
        control: &NoControl,
    };
    let planned = pipeline::plan(&inputs);
    let bundle = bundle_of(&planned, &inputs);
    (planned, bundle)
}

/// The outputs of a case by file name.
fn outputs(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let (planned, bundle, _) = plan_of(case);
    let mut outputs = BTreeMap::new();
    if !planned.diagnostics.is_empty() {
        let (style, folding) = (diagnostics::Style::Plain, diagnostics::Folding::default());
        let text = diagnostics::told(&planned.diagnostics, &planned.sources, style, folding);
        outputs.insert("errors.txt".to_owned(), text.into_bytes());
    }
    // Cases about errors and warnings show just those; worked examples show all that comes out.
    let worked = case.join("project").exists() || case.join("plan.txt").exists();
    if !has_errors(&planned.diagnostics) && (worked || case.join("before").exists()) {
        shown(case, &planned, &bundle, &mut outputs);
    }
    outputs
}

/// What the command line would say: the texts of the files `overlay` and `parameters`.
fn options(case: &Path) -> CompileOptions {
    let text = |name: &str| std::fs::read_to_string(case.join(name)).ok();
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').expect("a parameter is given as NAME=VALUE");
        (name.to_owned(), value.to_owned())
    };
    CompileOptions {
        overlay: text("overlay").map(|name| name.trim().to_owned()),
        variables: text("parameters").unwrap_or_default().lines().map(pair).collect(),
        ..CompileOptions::default()
    }
}

/// The artifacts of a large network that are shown; of more there is a digest.
const MOST_ARTIFACTS: usize = 40;

fn shown(case: &Path, planned: &Planned, bundle: &Bundle, outputs: &mut BTreeMap<String, Vec<u8>>) {
    let network = ranform_compiler::network_json(&planned.network);
    let network = format!("{network:#}\n").into_bytes();
    let artifacts = planned.artifacts.iter().map(|artifact| {
        let device = ranform_network::address::slug(artifact.device.last().1);
        (format!("artifacts/{device}/{}", artifact.path), artifact.bytes.clone())
    });
    outputs.insert("plan.txt".to_owned(), human(bundle, false).into_bytes());
    // A network of hundreds of nodes is its table: its JSON and its artifacts are not for people to review, so their
    // digests stand for them. A plan on top of another shows what it changes.
    let large = planned.network.cells.len().max(planned.network.nodes.len()) > 100;
    let artifacts: BTreeMap<String, Vec<u8>> = artifacts.collect();
    let mut unseen = BTreeMap::new();
    match (large, case.join("before").exists()) {
        (true, _) => drop(unseen.insert("network.json".to_owned(), network)),
        (false, false) => drop(outputs.insert("network.json".to_owned(), network)),
        (false, true) => {}
    }
    match large && artifacts.len() > MOST_ARTIFACTS {
        true => unseen.extend(artifacts),
        false => outputs.extend(artifacts),
    }
    if !unseen.is_empty() {
        outputs.insert("digests.txt".to_owned(), digests(&unseen).into_bytes());
    }
}

/// How many files of each kind there are, how many bytes, and one digest of all of them by path.
fn digests(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut kinds: BTreeMap<String, (usize, usize, String)> = BTreeMap::new();
    for (path, bytes) in files {
        // `artifacts/gnb-7/cell/a.json` is of the kind `artifacts/*/cell/*`.
        let kind: Vec<&str> =
            path.split('/').enumerate().map(|(at, word)| if at % 2 == 1 { "*" } else { word }).collect();
        let (count, size, digests) = kinds.entry(kind.join("/")).or_default();
        *count += 1;
        *size += bytes.len();
        *digests += &format!("{path} {}\n", sha256(bytes));
    }
    let line = |(kind, (count, size, digests)): (String, (usize, usize, String))| {
        let files = ranform_network::units::count(count, "file");
        format!("{kind}  {files}  {size} bytes  {}\n", sha256(digests.as_bytes()))
    };
    kinds.into_iter().map(line).collect()
}

/// What a case expects now, by file name.
fn expected(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for name in ["errors.txt", "network.json", "plan.txt", "digests.txt"] {
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

/// Cases of which each plan may only move so much: the next one goes on.
const STEP_BY_STEP: [&str; 1] = ["replan-ric-churn-priced"];

/// What is decided does not depend on what was there before so far that a second plan decides otherwise.
#[test]
fn a_second_plan_of_every_case_that_applies_is_empty() {
    let all = cases();
    let again: Vec<(PathBuf, String)> = all
        .par_iter()
        .filter(|case| !case.join("case.json").exists() && !STEP_BY_STEP.iter().any(|name| case.ends_with(name)))
        .filter_map(|case| {
            let (planned, bundle, memory) = plan_of(case);
            if !planned.complete || has_errors(&planned.diagnostics) {
                return None;
            }
            let (second, bundle) = plan_on(case, &memory.after(&bundle));
            (!second.changes.is_empty()).then(|| (case.clone(), human(&bundle, false)))
        })
        .collect();
    assert!(again.is_empty(), "{again:#?}");
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
    // Objects of a cluster are no intents.
    ("RF240", "targets/tests/custom_resources.rs", "what_is_no_file_of_objects_is_told"),
    ("RF241", "targets/tests/custom_resources.rs", "objects_that_are_none_of_ours_are_told"),
    ("RF242", "targets/tests/custom_resources.rs", "fields_that_are_wrong_are_told_each_with_its_place"),
    ("RF243", "targets/tests/custom_resources.rs", "names_that_do_not_fit_are_told"),
    // What was applied before.
    ("RF626", "runner/tests/operations.rs", "an_owner_must_approve_what_anothers_line_does_to_what_is_his"),
    ("RF630", "runner/src/identity.rs", "a_changed_identity_is_denied_unless_a_limit_allows_it"),
    // What a device holds.
    ("RF762", "targets/tests/others.rs", "an_entry_that_cannot_stay_for_others_is_an_error"),
    ("RF764", "targets/tests/findings.rs", "slices_that_do_not_fit_are_told"),
    // A check finds the cause before a plan is made.
    ("RF804", "optimizers/src/slicing/tests/networks.rs", "a_passive_cell_of_which_nothing_is_known_makes_no_claim"),
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
