//! `export custom-resources -apply` on a real API server: what the intents no longer say is removed by the inventory of what was
//! applied, what others made stays, and nothing is removed that was not listed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;

use rig::cluster::{Cluster, shared};
use rig::resources::serving;
use scene::*;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A namespace with the shipped role, and a project that exports into it.
struct Scene {
    cluster: &'static Cluster,
    folder: TempDir,
    namespace: &'static str,
}

impl Scene {
    fn new(test: &str, namespace: &'static str, example: &str) -> Option<Self> {
        let cluster = serving(shared(test)?, namespace);
        let folder = project(example);
        std::fs::write(folder.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
        Some(Self { cluster, folder, namespace })
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn line(&self, flags: &str) -> String {
        let namespace = self.namespace;
        let line = format!(
            "export custom-resources -namespace={namespace} -apply -kubeconfig kubeconfig -context test {flags}"
        );
        line.trim().to_owned()
    }

    fn export(&self, flags: &str) -> String {
        ok(self.root(), &self.line(flags))
    }

    /// Exit code and what is said on both ways.
    fn said(&self, flags: &str) -> (i32, String) {
        let (code, out, err) = run(self.root(), &self.line(flags));
        (code, out + &err)
    }

    /// Kind and name of everything that is there.
    fn there(&self) -> Vec<String> {
        let all = self.cluster.get(&["ranform", "-n", self.namespace]);
        let name =
            |one: &Value| format!("{}/{}", one["kind"].as_str().unwrap(), one["metadata"]["name"].as_str().unwrap());
        let mut names: Vec<String> = all.iter().map(name).collect();
        names.sort();
        names
    }

    /// The lines of an inventory: kind, name, uid, address.
    fn listed(&self, name: &str) -> Vec<Vec<String>> {
        let found = self.cluster.get(&["configmap", name, "-n", self.namespace]).pop().unwrap_or_default();
        let lines = found["data"]["objects"].as_str().unwrap_or_default().lines();
        lines.map(|line| line.splitn(4, ' ').map(str::to_owned).collect()).collect()
    }

    fn create(&self, object: &Value) {
        let file = self.root().join("theirs.json");
        std::fs::write(&file, object.to_string()).unwrap();
        self.cluster.kubectl(&["create", "-f", &file.display().to_string()]);
        std::fs::remove_file(file).unwrap();
    }

    fn chunk(&self, name: &str) -> Value {
        json!({"apiVersion": "ranform.dev/v1alpha1", "kind": "Chunk", "metadata": {"name": name, "namespace": self.namespace},
            "spec": {"tenant": "red", "interfaces": ["node.gnb-9/cell.nr-1"]}})
    }
}

/// The testbed without what is blue's on a chunk.
fn without_blue(folder: &Path) {
    edit(folder, "main.intent", "chunk blue-plaza for blue { interfaces in site plaza }\n", "");
    edit(folder, "main.intent", "service blue-broadband on blue-plaza { vlan 102 }\n", "");
    edit(folder, "main.intent", "share red 60%, blue 40%", "share red 100%");
    edit(folder, "main.intent", "expect red 50%, blue 50%", "expect red 100%");
}

#[test]
fn what_the_intents_no_longer_say_is_removed_and_what_others_made_stays() {
    let test = "what_the_intents_no_longer_say_is_removed_and_what_others_made_stays";
    let Some(scene) = Scene::new(test, "orphans", "cosmo-testbed") else { return };
    scene.create(&scene.chunk("theirs"));
    assert_eq!(scene.export("-dry-run").lines().filter(|line| line.starts_with("+ ")).count(), 8);
    assert_eq!(scene.there(), ["Chunk/theirs"], "nothing is written as if");
    assert!(scene.listed("ranform-resources").is_empty());
    assert_eq!(scene.export(""), "8 objects applied.\n");
    // Each with the uid that it has, and what it is in the intents.
    let listed = scene.listed("ranform-resources");
    assert_eq!(listed.len(), 8);
    for row in &listed {
        let kind = if row[0] == "Service" { "services.ranform.dev" } else { &row[0] };
        let found = scene.cluster.get(&[kind, &row[1], "-n", "orphans"]).remove(0);
        assert_eq!(found["metadata"]["uid"], row[2].as_str());
        assert_eq!(found["metadata"]["annotations"]["ranform.dev/address"], row[3].as_str());
    }

    without_blue(scene.root());
    let said = scene.export("-dry-run");
    let goes = "- Chunk `blue-plaza`\n- Service `blue-broadband`\n";
    assert!(said.starts_with(goes) && said.contains("~ ServiceSla `plaza`\n") && !said.contains('+'), "{said}");
    assert!(said.ends_with("Nothing was written.\n"), "{said}");
    let document: Value = serde_json::from_str(&scene.export("-dry-run -json")).unwrap();
    assert_eq!(document["removed"], json!(["Chunk/blue-plaza", "Service/blue-broadband"]));
    assert_eq!((scene.there().len(), scene.listed("ranform-resources").len()), (9, 8), "nothing is written as if");

    let said = scene.export("");
    assert_eq!(said, "6 objects applied, 2 removed: Chunk `blue-plaza`, Service `blue-broadband`.\n");
    let there = scene.there();
    assert!(
        there.len() == 7 && there.contains(&"Chunk/theirs".to_owned()) && !there.join(" ").contains("blue"),
        "{there:?}"
    );
    assert_eq!(scene.listed("ranform-resources").len(), 6);
    assert_eq!(scene.export(""), "6 objects applied.\n");
    assert_eq!(scene.export("-dry-run"), "Nothing would change.\n");
}

#[test]
fn what_somebody_made_under_a_listed_name_or_before_us_stays() {
    let test = "what_somebody_made_under_a_listed_name_or_before_us_stays";
    let Some(scene) = Scene::new(test, "strangers", "cosmo-testbed") else { return };
    // One that was there before says what the intents say: it is shared, and its maker's.
    let text = ok(scene.root(), "export custom-resources -namespace=strangers -json");
    let all: Value = serde_json::from_str(&text).unwrap();
    let service =
        all["items"].as_array().unwrap().iter().find(|one| one["metadata"]["name"] == "blue-broadband").unwrap();
    scene.create(service);
    scene.export("");
    assert_eq!(scene.listed("ranform-resources").len(), 7);
    // One that was listed is made anew by somebody.
    scene.cluster.kubectl(&["delete", "chunk", "blue-plaza", "-n", "strangers"]);
    scene.create(&scene.chunk("blue-plaza"));
    without_blue(scene.root());
    let (code, said) = scene.said("");
    assert!(code == 0 && said.contains("6 objects applied.\n"), "{said}");
    assert!(
        said.contains("note: left as it is: Chunk `blue-plaza`, which somebody else made under that name"),
        "{said}"
    );
    let there = scene.there();
    for stays in ["Chunk/blue-plaza", "Service/blue-broadband"] {
        assert!(there.contains(&stays.to_owned()), "{there:?}");
    }
    assert_eq!(scene.listed("ranform-resources").len(), 6, "neither is listed any more");
}

#[test]
fn an_export_that_breaks_off_leaves_a_list_by_which_the_next_removes() {
    let test = "an_export_that_breaks_off_leaves_a_list_by_which_the_next_removes";
    let Some(scene) = Scene::new(test, "broken-off", "cosmo-testbed") else { return };
    // The server refuses the SLA, after chunks and before the last objects.
    let mut theirs = scene.chunk("plaza");
    theirs["kind"] = "ServiceSla".into();
    theirs["spec"] = json!({"interfaces": ["node.gnb-9/cell.nr-1"], "shares": [{"tenant": "red", "share": "100%"}]});
    scene.create(&theirs);
    let (code, said) = scene.said("");
    assert!(code == 1 && said.contains("RF929") && said.contains("ServiceSla"), "{said}");
    let (there, listed) = (scene.there(), scene.listed("ranform-resources"));
    assert!(there.contains(&"Chunk/blue-plaza".to_owned()) && there.len() < 9, "{there:?}");
    assert!(listed.len() == 7 && listed.iter().all(|row| row[2] == "-"), "{listed:?}");
    without_blue(scene.root());
    scene.cluster.kubectl(&["delete", "servicesla", "plaza", "-n", "broken-off"]);
    let said = scene.export("");
    assert!(said.contains("removed: Chunk `blue-plaza`"), "{said}");
    assert!(!scene.there().join(" ").contains("blue"), "{:?}", scene.there());
}

#[test]
fn two_projects_in_one_namespace_take_nothing_from_each_other() {
    let test = "two_projects_in_one_namespace_take_nothing_from_each_other";
    let Some(mut scene) = Scene::new(test, "both", "cosmo-testbed") else { return };
    scene.export("");
    let first = std::mem::replace(&mut scene.folder, project("quickstart"));
    std::fs::write(scene.root().join("kubeconfig"), scene.cluster.kubeconfig()).unwrap();
    let text = std::fs::read_to_string(scene.root().join("main.intent")).unwrap();
    // Other names, as those of another network are.
    std::fs::write(scene.root().join("main.intent"), other_names(&text)).unwrap();
    let names =
        ["--resource-name=other-resources", "--resource-name=mine", "--verb=get,patch", "--resource=configmaps"];
    scene.cluster.kubectl(&[&["-n", "both", "create", "role", "others"], &names[..]].concat());
    scene.cluster.kubectl(&["-n", "both", "create", "rolebinding", "others", "--role=others", "--user=ranform"]);
    let before = scene.there();
    let (code, said) = scene.said("");
    assert!(code == 1 && said.contains("RF903") && said.contains("none of them is of these intents"), "{said}");
    assert!(said.contains("`-inventory=NAME`"), "{said}");
    assert_eq!(scene.there(), before);
    let said = scene.export("-inventory=other-resources");
    assert!(!said.contains("removed"), "{said}");
    assert!(before.iter().all(|name| scene.there().contains(name)));
    assert_eq!(scene.listed("ranform-resources").len(), 8);
    // Each removes its own alone.
    let count = scene.there().len();
    scene.folder = first;
    without_blue(scene.root());
    assert!(scene.export("").contains("2 removed"));
    assert_eq!(scene.there().len(), count - 2);
    // A ConfigMap of somebody else is no inventory.
    scene.cluster.kubectl(&["create", "configmap", "mine", "-n", "both", "--from-literal=objects=Chunk red-plaza - x"]);
    let (code, said) = scene.said("-inventory=mine");
    assert!(code == 1 && said.contains("ConfigMap `both/mine` is no inventory of ranform"), "{said}");
}

fn other_names(text: &str) -> String {
    let names = ["gnb-1", "plaza", "everywhere", "red-plaza", "blue-plaza"];
    names.into_iter().fold(text.to_owned(), |text, name| text.replace(name, &format!("other-{name}")))
}

#[test]
fn too_many_or_forgotten_or_without_the_right_nothing_is_removed() {
    let test = "too_many_or_forgotten_or_without_the_right_nothing_is_removed";
    let Some(scene) = Scene::new(test, "kept", "cosmo-testbed") else { return };
    let more: String = (0..12).map(|at| format!("chunk more-{at} for red {{ cells gnb-1/nr-1 }}\n")).collect();
    let text = std::fs::read_to_string(scene.root().join("main.intent")).unwrap();
    std::fs::write(scene.root().join("main.intent"), format!("{text}{more}")).unwrap();
    scene.export("");
    assert_eq!(scene.listed("ranform-resources").len(), 20);
    std::fs::write(scene.root().join("main.intent"), &text).unwrap();
    for flags in ["", "-dry-run"] {
        let (code, said) = scene.said(flags);
        assert!(code == 1 && said.contains("RF621") && said.contains("the export deletes 12 things"), "{said}");
    }
    assert_eq!(scene.there().len(), 20);
    // What is forgotten stays, and is nobody's from then on.
    std::fs::write(scene.root().join("main.intent"), format!("{text}limit {{ deletions 20 }}\nforget chunk.more-0\n"))
        .unwrap();
    let (code, said) = scene.said("");
    assert!(
        code == 0 && said.contains("11 removed") && said.contains("left as it is: Chunk `more-0`, as `forget` says"),
        "{said}"
    );
    assert_eq!((scene.there().len(), scene.listed("ranform-resources").len()), (9, 8));
    // Whoever may not remove is told so before anything is written.
    scene.cluster.kubectl(&["delete", "rolebinding", "ranform-resources", "-n", "kept"]);
    let rights = [
        "--verb=get,list,create,patch",
        "--resource=chunks.ranform.dev,services.ranform.dev,serviceslas.ranform.dev,gnbnodes.ranform.dev,enbnodes.ranform.dev,accesspoints.ranform.dev,configmaps",
    ];
    scene.cluster.kubectl(&[&["-n", "kept", "create", "role", "writer"], &rights[..]].concat());
    scene.cluster.kubectl(&["-n", "kept", "create", "rolebinding", "writer", "--role=writer", "--user=ranform"]);
    without_blue(scene.root());
    let (code, said) = scene.said("");
    assert!(code == 1 && said.contains("RF927") && said.contains("its user may not; nothing was written"), "{said}");
    let sla = scene.cluster.get(&["servicesla", "plaza", "-n", "kept"]).remove(0);
    assert_eq!(sla["spec"]["shares"].as_array().unwrap().len(), 2);
    assert_eq!(scene.there().len(), 9);
}
