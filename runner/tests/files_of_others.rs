//! A folder that plays a device may hold what others wrote: it is never taken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use std::fs;
use std::path::Path;

use scene::*;
use tempfile::TempDir;

const THEIRS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: theirs\n  namespace: shop\n";
const E2T: &str = "deploy/edge-1/ric-metro/metro-e2t-edge-1.yaml";
const NAMESPACE: &str = "deploy/edge-1/ric-metro.yaml";

/// A folder that a GitOps tool applies to a cluster, nothing in it yet.
fn gitops() -> TempDir {
    let folder = TempDir::new().unwrap();
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/kubernetes-gitops/main.intent");
    fs::copy(main, folder.path().join("main.intent")).unwrap();
    folder
}

fn put(folder: &Path, path: &str, text: &str) {
    fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
    fs::write(folder.join(path), text).unwrap();
}

/// What the devices of the project hold.
fn held(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    [files(&folder.join("deploy")), files(&folder.join("devices"))].concat()
}

/// The command is refused because of this, and no folder is touched.
fn refused(folder: &Path, line: &str, because: &[&str]) {
    let before = held(folder);
    let told = fails(folder, 5, line);
    for part in [&["RF924", "move it to a file of its own"], because].concat() {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(held(folder), before, "{line}: {told}");
}

#[test]
fn a_file_of_somebody_else_in_the_place_of_a_new_one_is_refused_and_stays() {
    for path in [E2T, NAMESPACE, "deploy/edge-1/priority-classes.yaml"] {
        let project = gitops();
        let folder = project.path();
        put(folder, path, THEIRS);
        refused(folder, "apply -auto-approve", &[path, "Deployment `shop/theirs`"]);
        // Out of the way it is no matter.
        fs::rename(folder.join(path), folder.join("deploy/edge-1/theirs.yaml")).unwrap();
        ok(folder, "apply -auto-approve");
        ok(folder, "rollback -auto-approve");
        assert_eq!(fs::read_to_string(folder.join("deploy/edge-1/theirs.yaml")).unwrap(), THEIRS);
    }
    // One of the very name of ours, which is not ours.
    let project = gitops();
    let text = THEIRS.replace("theirs", "metro-e2t-edge-1").replace("shop", "ric-metro");
    put(project.path(), E2T, &text);
    refused(project.path(), "apply -auto-approve", &[E2T, "Deployment `ric-metro/metro-e2t-edge-1`"]);
}

#[test]
fn a_document_of_somebody_else_in_a_file_of_ours_does_not_go_with_it() {
    let project = gitops();
    let folder = project.path();
    ok(folder, "apply -auto-approve");
    let ours = [E2T, NAMESPACE].map(|path| fs::read_to_string(folder.join(path)).unwrap());
    for (path, ours) in [E2T, NAMESPACE].into_iter().zip(&ours) {
        put(folder, path, &format!("{ours}---\n{THEIRS}"));
        refused(folder, "rollback -auto-approve", &[path, "Deployment `shop/theirs`"]);
        put(folder, path, ours);
    }
    // What is not rewritten may hold what it likes; what is rewritten may not.
    put(folder, NAMESPACE, &format!("{}---\n{THEIRS}", ours[1]));
    edit(folder, "main.intent", "component e2t { demand cpu 1", "component e2t { demand cpu 2");
    ok(folder, "apply -auto-approve");
    let e2t = fs::read_to_string(folder.join(E2T)).unwrap();
    put(folder, E2T, &format!("{e2t}---\n{THEIRS}"));
    edit(folder, "main.intent", "component e2t { demand cpu 2", "component e2t { demand cpu 3");
    refused(folder, "apply -auto-approve", &[E2T, "Deployment `shop/theirs`"]);
    put(folder, E2T, &e2t);
    ok(folder, "apply -auto-approve");
    assert!(fs::read_to_string(folder.join(NAMESPACE)).unwrap().ends_with(THEIRS));
}

/// What `drift` tells of these objects in this file, and nothing else.
fn told(folder: &Path, path: &str, objects: &[&str]) {
    let (code, out, err) = run(folder, "drift");
    assert_eq!(code, 6, "{out}{err}");
    assert!(out.contains("Nothing of what was applied differs."), "{out}{err}");
    assert_eq!(err.matches("warning[RF935]").count(), objects.len(), "{err}");
    for object in objects {
        assert!(err.contains(&format!("`{path}` holds {object}, which ranform did not write there")), "{err}");
    }
    assert!(err.contains("move it to a file of its own"), "{err}");
}

#[test]
fn an_object_of_somebody_else_in_a_file_of_ours_is_told_before_anything_is_applied() {
    let project = gitops();
    let folder = project.path();
    ok(folder, "apply -auto-approve");
    for path in [E2T, NAMESPACE, "deploy/edge-1/priority-classes.yaml"] {
        let ours = fs::read_to_string(folder.join(path)).unwrap();
        put(folder, path, &format!("{THEIRS}---\n{ours}---\n"));
        told(folder, path, &["Deployment `shop/theirs`"]);
        let (_, out, _) = run(folder, "drift -json");
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        let theirs = serde_json::json!({"file": path, "kind": "Deployment", "namespace": "shop", "name": "theirs"});
        assert_eq!(document["foreign_objects"], serde_json::json!([theirs]));
        assert_eq!((&document["exit_code"], &document["resource_drift"]), (&6.into(), &serde_json::json!([])));
        for line in ["plan -refresh", "plan", "observe"] {
            let (code, out, err) = run(folder, line);
            assert_eq!((code, err.matches("warning[RF935]").count()), (0, 1), "{line}: {out}{err}");
        }
        put(folder, path, &ours);
        assert!(ok(folder, "drift").contains("No drift."));
    }
    // An apply that does not touch the file leaves it, and says so.
    let ours = fs::read_to_string(folder.join(NAMESPACE)).unwrap();
    put(folder, NAMESPACE, &format!("{ours}---\n{THEIRS}"));
    edit(folder, "main.intent", "component e2t { demand cpu 1", "component e2t { demand cpu 2");
    let (code, out, err) = run(folder, "apply -auto-approve");
    assert!(code == 0 && err.contains(&format!("note     node.edge-1: `{NAMESPACE}` holds")), "{out}{err}");
    assert!(fs::read_to_string(folder.join(NAMESPACE)).unwrap().ends_with(THEIRS));
}

#[test]
fn a_copy_of_an_object_of_ours_is_of_whoever_made_it() {
    let project = gitops();
    let folder = project.path();
    ok(folder, "apply -auto-approve");
    let ours = fs::read_to_string(folder.join(E2T)).unwrap();
    let workload = ours.split("---\n").find(|object| object.contains("kind: Deployment")).unwrap();
    let another = workload.replacen("  name: metro-e2t-edge-1\n", "  name: copy\n", 1);
    let again = workload.replace("registry.example/e2t:6.0", "registry.example/e2t:6.6");
    // Under labels of its own it is an instance of nobody.
    let elsewhere = workload.replace("metro-e2t-edge-1", "zz-copy");
    edit(folder, "main.intent", "component e2t { demand cpu 1", "component e2t { demand cpu 2");
    for (copy, name) in [(another, "ric-metro/copy"), (elsewhere, "ric-metro/zz-copy")] {
        assert_ne!(copy, workload);
        let object = format!("Deployment `{name}`");
        put(folder, E2T, &format!("{ours}---\n{copy}"));
        told(folder, E2T, &[&object]);
        refused(folder, "apply -auto-approve", &[E2T, &object]);
    }
    // Of two of one name whoever applies the file takes the last: ours is changed, and the second is theirs.
    put(folder, E2T, &format!("{ours}---\n{again}"));
    let all = fails(folder, 6, "drift");
    assert!(
        all.contains("registry.example/e2t:6.6") && all.contains("RF935") && all.contains("metro-e2t-edge-1`, which"),
        "{all}"
    );
    assert!(fails(folder, 5, "apply -auto-approve").contains("RF901"));
    put(folder, E2T, &ours);
    ok(folder, "apply -auto-approve");
}

#[test]
fn what_ranform_wrote_is_its_own_also_under_the_labels_of_somebody_else() {
    let project = gitops();
    let folder = project.path();
    ok(folder, "apply -auto-approve");
    let before = held(folder);
    edit(folder, E2T, "app.kubernetes.io/managed-by: ranform", "app.kubernetes.io/managed-by: shop");
    append(folder, "main.intent", "outside change on ric.metro/** restore");
    ok(folder, "plan -refresh -out plan.ranplan");
    ok(folder, "apply plan.ranplan");
    assert_eq!(held(folder), before);
}

#[test]
fn keys_of_others_in_a_json_document_are_kept_and_not_taken() {
    let node = "devices/gnb-1/node.json";
    let project = gitops();
    let folder = project.path();
    put(folder, node, "{\"id\": 99, \"owner\": \"shop\"}");
    refused(folder, "apply -auto-approve", &["devices/gnb-1/node.json#id"]);
    put(folder, node, "{\"owner\": \"shop\"}");
    ok(folder, "apply -auto-approve");
    ok(folder, "rollback -auto-approve");
    let left: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(node)).unwrap()).unwrap();
    assert_eq!(left, serde_json::json!({"owner": "shop"}));
}

#[test]
fn a_policy_of_somebody_else_in_the_place_of_a_new_one_is_refused() {
    let first = project("a1-policies");
    ok(first.path(), "apply -auto-approve");
    let policies = files(&first.path().join("devices/ric-1/policies"));
    let path = policies.first().unwrap().0.strip_prefix(first.path()).unwrap().display().to_string();
    let second = project("a1-policies");
    put(second.path(), &path, "{}");
    refused(second.path(), "apply -auto-approve", &[&path]);
    // One that says the same is as good as ours.
    put(second.path(), &path, &String::from_utf8(policies[0].1.clone()).unwrap());
    ok(second.path(), "apply -auto-approve");
}

#[test]
fn a_leaf_of_software_that_is_let_be_stays_while_the_rest_of_the_instance_changes() {
    let project = gitops();
    let folder = project.path();
    let model = "deploy/edge-1/ric-metro-beam-choice/beam-choice-edge-1.yaml";
    ok(folder, "apply -auto-approve");
    edit(folder, model, "replicas: 1", "replicas: 2");
    let told = fails(folder, 6, "drift");
    assert!(told.contains("model-instance.cluster.replicas"), "{told}");
    append(folder, "main.intent", "outside change of model.replicas on node.edge-1/** ignore until 2999-12-31");
    ok(folder, "drift");
    assert!(ok(folder, "plan -refresh").contains("No changes"));
    edit(folder, "main.intent", "registry.example/beam:5.1", "registry.example/beam:5.2");
    ok(folder, "plan -refresh -out plan.ranplan");
    ok(folder, "apply plan.ranplan");
    let text = fs::read_to_string(folder.join(model)).unwrap();
    assert!(text.contains("replicas: 2") && text.contains("registry.example/beam:5.2"), "{text}");
    // Only that leaf is let be.
    edit(folder, model, "registry.example/beam:5.2", "registry.example/beam:5.3");
    let told = fails(folder, 6, "drift");
    assert!(told.contains("model-instance.image") && !told.contains("cluster.replicas"), "{told}");
}
