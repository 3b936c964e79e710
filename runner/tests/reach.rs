//! Nodes that are renamed, moved to another device, or gone with their files; and where a rollback leads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use scene::*;

const MAIN: &str = "main.intent";
const DEVICE: &str = "devices/gnb-1/cell/nr-1.json";

fn applied() -> tempfile::TempDir {
    let folder = project("quickstart");
    ok(folder.path(), "apply -auto-approve");
    folder
}

#[test]
fn a_device_is_never_emptied_under_its_old_name_and_configured_under_its_new_one() {
    let folder = applied();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    edit(folder, MAIN, "node gnb-1 :", "node gnb-one :");
    for line in ["plan", "apply -auto-approve", "plan -refresh"] {
        let said = fails(folder, 1, line);
        assert!(said.contains("error[RF718]") && said.contains("`moved node.gnb-1 -> node.gnb-one`"), "{said}");
    }
    append(folder, MAIN, "moved node.gnb-1 -> node.gnb-one");
    ok(folder, "apply -auto-approve");
    assert_eq!(files(&folder.join("devices")), before, "a name alone writes nothing");
    assert!(ok(folder, "plan -refresh").contains("No changes."));
    assert!(ok(folder, "drift").contains("No drift."));
}

#[test]
fn a_node_that_is_another_device_is_read_before_it_is_planned() {
    let folder = applied();
    let folder = folder.path();
    let old = std::fs::read(folder.join(DEVICE)).unwrap();
    edit(folder, MAIN, "devices/gnb-1", "devices/other");
    let said = fails(folder, 1, "apply -auto-approve");
    assert!(said.contains("error[RF719]") && said.contains("`ranform plan -refresh`"), "{said}");

    let (code, plan, said) = run(folder, "plan -refresh -out there.ranplan");
    assert_eq!(code, 0, "{said}");
    assert!(plan.contains("Plan: 4 to add, 0 to change, 0 to destroy."), "{plan}");
    assert!(said.contains("warning[RF719]: what was put on `directory \"devices/gnb-1\", "), "{said}");
    assert!(!said.contains("RF613"), "nobody changed anything: {said}");
    ok(folder, "apply there.ranplan");
    assert_eq!(std::fs::read(folder.join(DEVICE)).unwrap(), old);
    assert!(folder.join("devices/other/node.json").is_file());
    for line in ["plan", "plan -refresh"] {
        assert!(ok(folder, line).contains("No changes."));
    }
    assert!(ok(folder, "drift").contains("No drift."));
}

#[test]
fn a_device_under_a_new_address_is_taken_as_it_is() {
    let folder = applied();
    let folder = folder.path();
    std::fs::rename(folder.join("devices"), folder.join("moved")).unwrap();
    edit(folder, MAIN, "devices/gnb-1", "moved/gnb-1");
    assert!(ok(folder, "plan -refresh -out there.ranplan").contains("No changes."));
    let before = files(&folder.join("moved"));
    ok(folder, "apply there.ranplan");
    assert_eq!(files(&folder.join("moved")), before);
    let (code, out, said) = run(folder, "plan -detailed-exitcode");
    assert!(code == 0 && out.contains("No changes.") && !said.contains("RF719"), "{out}{said}");
    assert!(ok(folder, "drift").contains("No drift."));
}

/// A node of a cluster in a folder, applied.
fn gitops() -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    let main = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/kubernetes-gitops/main.intent");
    std::fs::copy(main, folder.path().join(MAIN)).unwrap();
    ok(folder.path(), "apply -auto-approve");
    folder
}

/// The files below a folder by their paths in it.
fn below(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let all = files(folder).into_iter();
    all.map(|(path, bytes)| (path.strip_prefix(folder).unwrap().display().to_string(), bytes)).collect()
}

#[test]
fn what_a_node_of_a_cluster_leaves_in_its_former_folder_is_named() {
    let project = gitops();
    let folder = project.path();
    let before = below(&folder.join("deploy/edge-1"));
    edit(folder, MAIN, "deploy/edge-1", "clusters/metro");
    assert!(fails(folder, 1, "plan").contains("error[RF719]"));
    let (code, plan, said) = run(folder, "plan -refresh -out there.ranplan");
    assert!(
        code == 0 && said.contains("warning[RF719]") && said.contains("when this is applied, remove"),
        "{plan}{said}"
    );
    for (path, _) in &before {
        assert!(said.contains(&format!("`deploy/edge-1/{path}`")), "{path}: {said}");
    }
    ok(folder, "apply there.ranplan");
    assert_eq!(below(&folder.join("clusters/metro")), before);
    assert_eq!(below(&folder.join("deploy/edge-1")), before);
    std::fs::remove_dir_all(folder.join("deploy")).unwrap();
    for line in ["plan", "plan -refresh"] {
        let (_, plan, said) = run(folder, line);
        assert!(plan.contains("No changes.") && !said.contains("RF719"), "{plan}{said}");
    }
    assert!(ok(folder, "drift").contains("No drift."));
}

#[test]
fn a_folder_that_was_moved_with_its_files_leaves_nothing() {
    let project = gitops();
    let folder = project.path();
    std::fs::rename(folder.join("deploy"), folder.join("clusters")).unwrap();
    edit(folder, MAIN, "deploy/edge-1", "clusters/edge-1");
    let (code, plan, said) = run(folder, "plan -refresh -out there.ranplan");
    assert!(code == 0 && plan.contains("No changes.") && !said.contains("RF719"), "{plan}{said}");
    ok(folder, "apply there.ranplan");
    assert!(ok(folder, "plan").contains("No changes.") && ok(folder, "drift").contains("No drift."));
}

#[test]
fn a_rollback_of_a_move_goes_back_to_the_former_folder() {
    let project = gitops();
    let folder = project.path();
    let before = below(&folder.join("deploy/edge-1"));
    edit(folder, MAIN, "deploy/edge-1", "clusters/metro");
    ok(folder, "plan -refresh -out there.ranplan");
    ok(folder, "apply there.ranplan");
    ok(folder, "rollback -auto-approve");
    assert!(below(&folder.join("clusters/metro")).is_empty());
    assert_eq!(below(&folder.join("deploy/edge-1")), before);
    assert!(ok(folder, "drift").contains("No drift."), "what was applied there is known again");
    assert!(fails(folder, 1, "plan").contains("error[RF719]"), "the intents have it elsewhere");
    edit(folder, MAIN, "clusters/metro", "deploy/edge-1");
    for line in ["plan", "plan -refresh"] {
        assert!(ok(folder, line).contains("No changes."), "{line}");
    }
}

#[test]
fn a_device_under_a_new_address_stays_there_when_what_was_added_is_taken_back() {
    let folder = applied();
    let folder = folder.path();
    std::fs::rename(folder.join("devices"), folder.join("moved")).unwrap();
    edit(folder, MAIN, "devices/gnb-1", "moved/gnb-1");
    edit(folder, MAIN, "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "plan -refresh -out there.ranplan");
    ok(folder, "apply there.ranplan");
    ok(folder, "rollback -auto-approve");
    assert!(ok(folder, "drift").contains("No drift."));
    assert!(files(&folder.join("devices")).is_empty() && folder.join("moved/gnb-1/node.json").is_file());
}

#[test]
fn a_project_without_files_is_no_empty_network() {
    let folder = applied();
    let folder = folder.path();
    std::fs::remove_file(folder.join(MAIN)).unwrap();
    for line in ["check", "plan", "apply -auto-approve"] {
        let said = fails(folder, 1, line);
        assert!(said.contains("error[RF127]"), "{said}");
    }
    assert!(folder.join(DEVICE).is_file());
    std::fs::write(folder.join(MAIN), "language 1\nlimit { deletions 100 }\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(!folder.join(DEVICE).is_file());
}

#[test]
fn a_rollback_leads_to_what_was_applied_and_not_to_what_others_made_of_it() {
    let folder = applied();
    let folder = folder.path();
    let first = std::fs::read_to_string(folder.join(DEVICE)).unwrap();
    edit(folder, MAIN, "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "apply -auto-approve");
    append(folder, MAIN, "outside change on node.gnb-1/** restore");
    edit(folder, DEVICE, "\"pci\": 1,", "\"pci\": 9,");
    let plan = ok(folder, "plan -refresh -out mend.ranplan");
    assert!(plan.contains("(drift)"), "{plan}");
    ok(folder, "apply mend.ranplan");
    edit(folder, MAIN, "red 70%, blue 30%", "red 50%, blue 50%");
    ok(folder, "apply -auto-approve");

    ok(folder, "rollback -to=1 -auto-approve");
    assert_eq!(std::fs::read_to_string(folder.join(DEVICE)).unwrap(), first);
    assert!(ok(folder, "drift").contains("No drift."));
    ok(folder, "rollback -to=0 -auto-approve");
    assert!(!folder.join(DEVICE).is_file());
}

#[test]
fn what_was_never_applied_and_is_left_out_counts_in_no_sla() {
    let folder = project("cosmo-testbed");
    let plan = ok(folder.path(), "plan -target=node.enb-1");
    let targets = plan.lines().find(|line| line.contains("sla.plaza")).unwrap();
    assert!(targets.contains("red 60 %") && !targets.contains("wants"), "{plan}");
}
