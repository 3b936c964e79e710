//! Transactions over folders that play devices.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::fs;
use std::path::Path;

use ranform::apply::{Event, Outcome, Silent, apply, exit_of, rollback};
use ranform::exit::Exit;
use ranform::state::{State, Step};
use ranform_network::network::Management;
use ranform_network::{Address, bundle::Bundle};
use rig::plan::*;

struct Scene {
    folder: tempfile::TempDir,
    ways: Vec<Management>,
    state: State,
}

impl Scene {
    fn new() -> Self {
        let project = tempfile::tempdir().unwrap();
        let ways = vec![folder("devices/enb-0"), folder("devices/enb-1")];
        let state = State::open(&project.path().join(".ranform")).unwrap();
        Self { folder: project, ways, state }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn plan(&self, shares: &[(&str, u32)]) -> Bundle {
        plan(&self.state, &network(&self.ways, shares))
    }

    async fn run(&mut self, bundle: &Bundle) -> Outcome {
        let options = options(self.folder.path());
        apply(&mut self.state, bundle, &options, &Silent).await.unwrap()
    }

    async fn shares(&self, name: &str) -> Vec<Option<u32>> {
        shares(&self.state, &network(&self.ways, &[]), self.root(), name).await
    }

    /// Every file below the devices' folders.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.root().join("devices")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => files.push(entry.path().strip_prefix(self.root()).unwrap().display().to_string()),
                }
            }
        }
        files.sort();
        files
    }
}

const SHARES: &[(&str, u32)] = &[("blue", 40), ("red", 60)];

#[tokio::test]
async fn a_network_is_applied_changed_rolled_back_and_torn_down() {
    let mut scene = Scene::new();
    let bundle = scene.plan(SHARES);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    assert_eq!(scene.shares("red").await, vec![Some(60); 2]);
    let files = scene.files();
    assert!(files.iter().all(|file| !file.contains(".ranform-")), "{files:?}");
    assert!(scene.plan(SHARES).changes.is_empty());

    let bundle = scene.plan(&[("blue", 20), ("green", 20), ("red", 60)]);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
    let options = options(scene.folder.path());
    assert_eq!(rollback(&mut scene.state, None, &options, &Silent).await.unwrap(), Outcome::Applied { serial: 3 });
    assert_eq!(scene.shares("blue").await, vec![Some(40); 2]);
    assert_eq!(scene.files(), files);

    let mut empty = network(&scene.ways, &[]);
    empty.placed.clear();
    let teardown = plan(&scene.state, &empty);
    assert_eq!(scene.run(&teardown).await, Outcome::Applied { serial: 4 });
    assert_eq!(scene.files(), Vec::<String>::new());
    assert_eq!(scene.state.history().unwrap().entries.len(), 4);
}

#[tokio::test]
async fn a_failure_in_one_folder_puts_the_other_back() {
    let mut scene = Scene::new();
    let bundle = scene.plan(SHARES);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let before = scene.files();
    let bundle = scene.plan(&[("blue", 70), ("red", 30)]);
    let root = scene.root().to_owned();
    // What is staged in the second folder disappears before it can be put in place.
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            for entry in fs::read_dir(root.join("devices/enb-1")).unwrap().map(Result::unwrap) {
                if entry.path().display().to_string().ends_with(".new") {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }
    });
    let options = options(scene.folder.path());
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    assert_eq!(scene.shares("red").await, vec![Some(60); 2]);
    assert_eq!(scene.files(), before);
}

#[tokio::test]
async fn a_bundle_cannot_lead_out_of_the_project() {
    let mut scene = Scene::new();
    for outside in ["../elsewhere", "/tmp/elsewhere", "a/../../b", ""] {
        scene.ways = vec![folder(outside)];
        let bundle = scene.plan(SHARES);
        let outcome = scene.run(&bundle).await;
        assert!(matches!(outcome, Outcome::Refused { .. }), "{outside}: {outcome:?}");
    }
    assert_eq!(scene.state.pending().unwrap(), None);
}

#[tokio::test]
async fn altered_documents_are_not_written() {
    let mut scene = Scene::new();
    let mut bundle = scene.plan(SHARES);
    for bytes in bundle.artifacts.values_mut() {
        *bytes = String::from_utf8(bytes.clone()).unwrap().replace("2680000000", "2690000000").into_bytes();
    }
    let outcome = scene.run(&bundle).await;
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert_eq!(scene.files(), Vec::<String>::new());
}

#[tokio::test]
async fn the_lock_names_its_holder_and_a_pending_transaction_is_named() {
    let mut scene = Scene::new();
    let bundle = scene.plan(SHARES);
    scene.state.lock("apply other.ranplan", std::time::Duration::ZERO).unwrap();
    let mut second = State::open(scene.state.folder()).unwrap();
    let error = apply(&mut second, &bundle, &options(scene.root()), &Silent).await.unwrap_err();
    assert_eq!(exit_of(&error), Exit::Locked);
    assert!(error.to_string().contains("apply other.ranplan"), "{error}");
    scene.state.unlock().unwrap();
    second.begin(ranform::state::Kind::Apply, &bundle, "ranform-x-1", &[]).unwrap();
    let reader = State::open_existing(scene.state.folder()).unwrap().unwrap();
    assert!(reader.pending().unwrap().unwrap().to_string().contains("will be taken back"));
    assert_eq!(reader.serial().unwrap(), 0);
    // The next apply deals with it first.
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    assert!(scene.state.records().unwrap().contains_key(&Address::new("node", "enb-0")));
}
