//! One folder for the nodes of a cluster, as a repository for a GitOps tool has it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::fs;
use std::path::{Path, PathBuf};

use ranform::apply::{Options, Outcome, Silent, apply, recover};
use ranform::patience::Patience;
use ranform::state::{State, Step};
use ranform_network::bundle::Bundle;
use rig::plan::{OnEvent, options};
use rig::victim::{self, Tally, killed_at};
use scene::*;
use tempfile::TempDir;

const CLASSES: &str = "deploy/priority-classes.yaml";
const METRO: &str = "deploy/ric-metro.yaml";
const PLAZA: &str = "deploy/ric-plaza.yaml";

/// A node of the cluster.
fn node(name: &str) -> String {
    format!(
        "node {name} : compute {{ capacity cpu 16, memory 64GB  profile kubernetes  manage directory \"deploy\" }}
         link gnb-1 -- {name} {{ latency 1ms  rate 10Gbps }}\n"
    )
}

/// A RIC with its termination on one node and everything else on another.
fn ric(name: &str, serves: &str, on: &str, e2t_on: &str, cpu: u32) -> String {
    let component = |kind: &str, cpu: u32| {
        format!("component {kind} {{ demand cpu {cpu}, memory 1GB  image \"registry.example/{kind}:1.0\" }}\n")
    };
    let components = [component("management", 1), component("e2t", cpu), component("sdl", 1), component("nib", 1)];
    format!(
        "ric {name} {{ serves {serves}  candidates compute-nodes\n{} pin e2t on {e2t_on}  pin management on {on}  pin sdl on {on}  pin nib on {on} }}\n",
        components.concat()
    )
}

/// The intents with these blocks.
fn intents(blocks: &[String]) -> String {
    let stations = "language 1
        node gnb-1 : gnb { gnb-id 411/22  plmn 001-01  manage directory \"devices/gnb-1\" }
        limit { deletions 1000 }\n";
    stations.to_owned() + &blocks.concat()
}

fn write(folder: &Path, blocks: &[String]) {
    fs::write(folder.join("main.intent"), intents(blocks)).unwrap();
}

/// Both nodes, and a RIC on both; its termination has so many processors.
fn on_two(cpu: u32) -> [String; 3] {
    [node("edge-1"), node("edge-2"), ric("metro", "e2-nodes", "edge-1", "edge-2", cpu)]
}

/// Takes out what stands in the way of a destruction of everything that runs.
fn without_software() -> [String; 2] {
    [node("edge-1"), node("edge-2")]
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let held = files(&folder.join("deploy"));
    held.into_iter().map(|(path, _)| path.strip_prefix(folder).unwrap().to_owned()).collect()
}

/// Applies, and then there is nothing left to do, nothing has drifted, and nothing of the transaction is left over.
fn settle(folder: &Path) {
    ok(folder, "apply -auto-approve");
    at_rest(folder);
}

fn at_rest(folder: &Path) {
    let plan = ok(folder, "plan");
    assert!(plan.contains("No changes."), "{plan}");
    let plan = ok(folder, "plan -refresh");
    assert!(plan.contains("No changes."), "{plan}");
    ok(folder, "drift");
    let left: Vec<PathBuf> =
        paths(folder).into_iter().filter(|path| path.display().to_string().contains(".ranform-")).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

#[test]
fn the_nodes_of_a_cluster_share_one_folder_from_the_first_apply_to_the_last() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    settle(folder);
    let first = files(&folder.join("deploy"));
    let names: Vec<String> = paths(folder).iter().map(|path| path.display().to_string()).collect();
    assert_eq!(
        names,
        [
            CLASSES,
            "deploy/ric-metro/metro-e2t-edge-2.yaml",
            "deploy/ric-metro/metro-management-edge-1.yaml",
            "deploy/ric-metro/metro-nib-edge-1.yaml",
            "deploy/ric-metro/metro-sdl-edge-1.yaml",
            METRO,
        ]
    );
    // One node changes, and nothing else is touched.
    write(folder, &on_two(2));
    settle(folder);
    let second = files(&folder.join("deploy"));
    let changed: Vec<&PathBuf> = first.iter().zip(&second).filter(|(a, b)| a != b).map(|((path, _), _)| path).collect();
    assert_eq!(changed, [&folder.join("deploy/ric-metro/metro-e2t-edge-2.yaml")]);
    ok(folder, "rollback -auto-approve");
    assert_eq!(files(&folder.join("deploy")), first);
    ok(folder, "drift");
    // What is shared stays as long as one node needs it.
    write(folder, &[node("edge-1"), node("edge-2"), ric("metro", "e2-nodes", "edge-1", "edge-1", 1)]);
    settle(folder);
    assert!(folder.join(METRO).exists() && folder.join(CLASSES).exists());
    assert!(!folder.join("deploy/ric-metro/metro-e2t-edge-2.yaml").exists());
    write(folder, &on_two(1));
    settle(folder);
    assert_eq!(files(&folder.join("deploy")), first);
    write(folder, &without_software());
    settle(folder);
    assert_eq!(paths(folder), Vec::<PathBuf>::new());
    ok(folder, "rollback -auto-approve");
    assert_eq!(files(&folder.join("deploy")), first);
}

#[test]
fn a_node_that_goes_takes_its_files_and_what_no_other_node_needs() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    let second = "node gnb-2 : gnb { gnb-id 412/22  plmn 001-01  manage directory \"devices/gnb-2\" }
        link gnb-2 -- edge-2 { latency 1ms  rate 10Gbps }\n";
    let metro = ric("metro", "gnb where name = \"gnb-1\"", "edge-1", "edge-1", 1);
    let plaza = ric("plaza", "gnb where name = \"gnb-2\"", "edge-2", "edge-2", 1);
    write(folder, &[node("edge-1"), node("edge-2"), second.to_owned(), metro.clone(), plaza]);
    settle(folder);
    let classes = fs::read(folder.join(CLASSES)).unwrap();
    assert!(folder.join(METRO).exists() && folder.join(PLAZA).exists());
    write(folder, &[node("edge-1"), metro]);
    settle(folder);
    assert!(folder.join(METRO).exists() && !folder.join(PLAZA).exists());
    assert_eq!(fs::read(folder.join(CLASSES)).unwrap(), classes, "the other node needs the same classes");
    assert!(paths(folder).iter().all(|path| !path.display().to_string().contains("edge-2")));
}

#[test]
fn what_others_change_of_one_node_is_told_of_that_node_alone() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    settle(folder);
    edit(folder, "deploy/ric-metro/metro-e2t-edge-2.yaml", "registry.example/e2t:1.0", "registry.example/e2t:6.6");
    let told = fails(folder, 6, "drift");
    assert!(told.contains("e2t") && !told.contains("component.nib") && !told.contains("sdl"), "{told}");
    edit(folder, "deploy/ric-metro/metro-e2t-edge-2.yaml", "registry.example/e2t:6.6", "registry.example/e2t:1.0");
    ok(folder, "drift");
    // A shared file that is gone is put back.
    fs::remove_file(folder.join(METRO)).unwrap();
    fails(folder, 6, "drift");
    append(folder, "main.intent", "outside change on ric.metro/** restore");
    ok(folder, "plan -refresh -out plan.ranplan");
    ok(folder, "apply plan.ranplan");
    at_rest(folder);
}

#[test]
fn a_folder_is_shared_by_nodes_of_a_cluster_only() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    edit(folder, "main.intent", "devices/gnb-1", "deploy");
    let told = fails(folder, 1, "check");
    assert!(told.contains("RF710") && told.contains("`deploy`"), "{told}");
}

const THEIRS: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n";

/// Puts an object of somebody else into a file: what is told of it, once, and what the file was.
fn intrude(folder: &Path, path: &str) -> Vec<u8> {
    let ours = fs::read(folder.join(path)).unwrap();
    fs::write(folder.join(path), [&ours, "---\n".as_bytes(), THEIRS.as_bytes()].concat()).unwrap();
    let (code, out, err) = run(folder, "drift");
    assert!(code == 6 && out.contains("1 object of others"), "{out}{err}");
    assert_eq!(err.matches("RF935").count(), 1, "{err}");
    assert!(err.contains(&format!("`{path}` holds Service `shop/web`")), "{err}");
    ours
}

#[test]
fn an_object_of_somebody_else_in_a_file_of_several_nodes_is_told_once_and_never_taken() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    settle(folder);
    let e2t = "deploy/ric-metro/metro-e2t-edge-2.yaml";
    for path in [CLASSES, METRO, e2t] {
        let ours = intrude(folder, path);
        // All goes, and that file would go with it.
        write(folder, &without_software());
        let before = files(&folder.join("deploy"));
        let told = fails(folder, 5, "apply -auto-approve");
        assert!(told.contains("RF924") && told.contains(&format!("{path}: Service `shop/web`")), "{told}");
        assert_eq!(files(&folder.join("deploy")), before);
        write(folder, &on_two(1));
        fs::write(folder.join(path), ours).unwrap();
        at_rest(folder);
    }
}

#[test]
fn a_node_that_moves_out_of_a_shared_folder_leaves_what_no_other_node_needs() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    settle(folder);
    let before = files(&folder.join("deploy"));
    let [edge_1, edge_2, metro] = on_two(1);
    write(folder, &[edge_1, edge_2.replace("\"deploy\"", "\"other\""), metro]);
    let (code, out, err) = run(folder, "plan -refresh -out plan.ranplan");
    assert!(code == 0 && err.contains("warning[RF719]"), "{out}{err}");
    let e2t = "deploy/ric-metro/metro-e2t-edge-2.yaml";
    assert!(err.contains(&format!("goes on applying them: `{e2t}`\n")), "{err}");
    ok(folder, "apply plan.ranplan");
    assert_eq!(files(&folder.join("deploy")), before, "nothing there is touched");
    assert!(
        folder.join("other/ric-metro/metro-e2t-edge-2.yaml").exists() && folder.join("other/ric-metro.yaml").exists()
    );
    at_rest(folder);
    fs::remove_file(folder.join(e2t)).unwrap();
    at_rest(folder);
}

/// A second node with a GPU.
fn gpu_node() -> String {
    node("edge-2").replace("memory 64GB", "memory 64GB, gpu 1")
}

/// A model that runs with that GPU, in a namespace of its own.
fn model(cpu: u32) -> String {
    let model = "model beam-choice { offers beam-selection performance 93%  controls beam  input metrics 400B
            demand cpu CPU, memory 4GB, gpu 1  runs 2ms on compute  image \"registry.example/beam:5.1\"
            connector e2 \"registry.example/e2-connector:1.0\" demand cpu 0.5, memory 256MB
            pod-security restricted  version \"5.1\" }
        request beams { want beam-selection on gnb  within 100ms  value 2 }\n";
    model.replace("CPU", &cpu.to_string())
}

#[test]
fn a_ric_and_models_are_in_one_folder_and_each_goes_with_its_own_files() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    let metro = || ric("metro", "e2-nodes", "edge-1", "edge-2", 1);
    let beam = "deploy/ric-metro-beam-choice/beam-choice-edge-2.yaml";
    let space = "deploy/ric-metro-beam-choice.yaml";
    write(folder, &[node("edge-1"), gpu_node(), model(2), metro()]);
    settle(folder);
    let first = files(&folder.join("deploy"));
    for path in [beam, space, METRO, CLASSES, "deploy/ric-metro/metro-e2t-edge-2.yaml"] {
        assert!(folder.join(path).exists(), "{path}: {:?}", paths(folder));
    }
    // More for the model is a matter of its file alone.
    write(folder, &[node("edge-1"), gpu_node(), model(3), metro()]);
    settle(folder);
    let second = files(&folder.join("deploy"));
    let changed: Vec<&PathBuf> = first.iter().zip(&second).filter(|(a, b)| a != b).map(|((path, _), _)| path).collect();
    assert_eq!(changed, [&folder.join(beam)]);
    for path in [beam, space] {
        let ours = intrude(folder, path);
        write(folder, &[node("edge-1"), gpu_node(), model(4), metro()]);
        let told = run(folder, "plan -refresh").2;
        assert!(told.contains("warning[RF935]"), "{told}");
        fs::write(folder.join(path), ours).unwrap();
        write(folder, &[node("edge-1"), gpu_node(), model(3), metro()]);
    }
    edit(folder, beam, "registry.example/beam:5.1", "registry.example/beam:6.6");
    let told = fails(folder, 6, "drift");
    assert!(told.contains("beam-choice") && !told.contains("e2t"), "{told}");
    edit(folder, beam, "registry.example/beam:6.6", "registry.example/beam:5.1");
    // The model goes, and the RIC stays as it is.
    write(folder, &[node("edge-1"), gpu_node(), metro()]);
    settle(folder);
    assert!(!folder.join(beam).exists() && !folder.join(space).exists(), "{:?}", paths(folder));
    ok(folder, "rollback -auto-approve");
    assert_eq!(files(&folder.join("deploy")), second);
    write(folder, &[node("edge-1"), gpu_node()]);
    settle(folder);
    assert_eq!(paths(folder), Vec::<PathBuf>::new());
}

/// The bundle of a plan of what stands in the intents.
fn bundle(folder: &Path) -> Bundle {
    ok(folder, "plan -out plan.ranplan");
    Bundle::decode(&fs::read(folder.join("plan.ranplan")).unwrap()).unwrap().0
}

fn open(folder: &Path) -> State {
    State::open(&folder.join(".ranform")).unwrap()
}

#[tokio::test]
async fn killed_at_any_event_the_folder_is_old_or_new() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    let (old, new) = (without_software(), on_two(1));
    write(folder, &old);
    settle(folder);
    write(folder, &new);
    settle(folder);
    let (all, nothing) = (files(&folder.join("deploy")), Vec::new());
    let (mut tally, mut is_new) = (Tally::default(), true);
    for at in 1.. {
        write(folder, if is_new { &old[..] } else { &new[..] });
        let bundle = bundle(folder);
        let killed = killed_at(folder, &bundle, at).await;
        let mut state = open(folder);
        let pending = state.pending().unwrap();
        let recovered = recover(&mut state, &options(folder), &Silent).await.unwrap();
        drop(state);
        if tally.is_new(at, pending.as_ref(), recovered) {
            is_new = !is_new;
        }
        assert_eq!(files(&folder.join("deploy")), if is_new { all.clone() } else { nothing.clone() }, "at event {at}");
        write(folder, if is_new { &new[..] } else { &old[..] });
        at_rest(folder);
        if !killed {
            break;
        }
    }
    tally.check(4, 2);
}

#[tokio::test]
async fn called_off_at_any_event_the_folder_is_old_or_new() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    let all = bundle(folder);
    let mut taken_back = 0;
    for at in 0.. {
        let (patience, canceller) = Patience::new(std::time::Duration::from_secs(600));
        let options = Options { patience, ..options(folder) };
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let events = OnEvent(|_: &ranform::apply::Event<'_>| {
            if seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == at {
                canceller.cancel();
            }
        });
        match apply(&mut open(folder), &all, &options, &events).await.unwrap() {
            Outcome::RolledBack { .. } => {
                taken_back += 1;
                assert_eq!(paths(folder), Vec::<PathBuf>::new(), "called off at event {at}");
            }
            Outcome::Applied { .. } => break,
            other => panic!("called off at event {at}: {other:?}"),
        }
    }
    assert!(taken_back >= 8, "{taken_back}");
    at_rest(folder);
}

#[tokio::test]
async fn what_others_write_between_the_check_and_the_write_is_not_taken() {
    let project = TempDir::new().unwrap();
    let folder = project.path();
    write(folder, &on_two(1));
    settle(folder);
    let path = folder.join("deploy/ric-metro/metro-e2t-edge-2.yaml");
    let before = fs::read_to_string(&path).unwrap();
    write(folder, &on_two(2));
    let bundle = bundle(folder);
    let events = OnEvent(|event: &ranform::apply::Event<'_>| {
        if matches!(event, ranform::apply::Event::Step(Step::Commit, _)) {
            fs::write(&path, format!("{before}---\n{THEIRS}")).unwrap();
        }
    });
    match apply(&mut open(folder), &bundle, &options(folder), &events).await.unwrap() {
        Outcome::RolledBack { causes } => {
            let told = causes.values().map(ToString::to_string).collect::<Vec<_>>().concat();
            assert!(told.contains("Service `shop/web`"), "{told}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{before}---\n{THEIRS}"));
}

#[tokio::test]
async fn plays_the_victim() {
    victim::play(options).await;
}
