//! Custom resources on a real API server: definitions, strict validation, every rule, columns, status.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod resources;
mod rig;
mod scene;

use std::path::{Path, PathBuf};

use ranform::custom_resources::intents;
use ranform_compiler::{CompileOptions, compile};
use ranform_network::source::{MemoryWorld, Sources};
use ranform_network::{Diagnostic, Network, Severity};
use ranform_targets::custom_resources::{Field, KINDS, Rule, Shape, Type, objects, read, yaml};
use resources::{ric, wrong};
use rig::cluster::{Cluster, shared};
use rig::resources::serving;
use scene::*;
use serde_json::{Value, json};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cluster with the definitions, and a namespace where ranform has the shipped role.
fn cluster(test: &str, namespace: &str) -> Option<&'static Cluster> {
    Some(serving(shared(test)?, namespace))
}

#[test]
fn definitions_are_brought_and_served_before_any_object_is_written() {
    // One of its own: the cluster that the others share has the definitions.
    let Some(cluster) = Cluster::start(1) else { return };
    let cluster = &cluster;
    let folder = project("cosmo-testbed");
    let at = folder.path();
    std::fs::write(at.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    std::fs::copy(cluster.file("admin.conf"), at.join("admin")).unwrap();
    let role = root().join("targets/kubernetes/resources-role.yaml").display().to_string();
    cluster.kubectl(&["apply", "-f", &role]);
    cluster.kubectl(&["create", "namespace", "radio"]);
    let bind = ["rolebinding", "ranform-resources", "--clusterrole=ranform-resources", "--user=ranform"];
    cluster.kubectl(&[&["-n", "radio", "create"], &bind[..]].concat());
    let objects = "export custom-resources -namespace=radio -apply -kubeconfig kubeconfig -context test";
    let definitions = "export crds -apply -kubeconfig admin";
    // Without definitions nothing is written, and whoever has no right to bring them is told so.
    let said = fails(at, 1, objects);
    assert!(said.contains("the cluster does not serve objects of this kind; nothing was written"), "{said}");
    assert!(said.contains("`ranform export crds -apply` brings the definitions"), "{said}");
    let said = fails(at, 1, "export crds -apply -kubeconfig kubeconfig -context test");
    assert!(said.contains("customresourcedefinitions") && said.contains("forbidden"), "{said}");
    assert!(cluster.get(&["crd"]).iter().all(|one| one["spec"]["group"] != "ranform.dev"));
    // Brought, and established when the command ends: objects can be applied at once.
    assert_eq!(ok(at, definitions), format!("{} definitions applied and served.\n", KINDS.len()));
    let all = || -> Vec<Value> {
        cluster.get(&["crd"]).into_iter().filter(|one| one["spec"]["group"] == "ranform.dev").collect()
    };
    let there = all();
    assert_eq!(there.len(), KINDS.len());
    for one in &there {
        let conditions = one["status"]["conditions"].as_array().unwrap();
        assert!(conditions.iter().any(|one| one["type"] == "Established" && one["status"] == "True"), "{one:#}");
    }
    assert_eq!(ok(at, objects), "8 objects applied.\n");
    // kubectl remembers for a while which categories there are, but asks again for a kind that it does not know.
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("{}.ranform.dev", kind.plural)).collect();
    assert_eq!(cluster.get(&[&kinds.join(","), "-n", "radio"]).len(), 8);
    // Again is not a change.
    let generations = |all: &[Value]| all.iter().map(|one| one["metadata"]["generation"].clone()).collect::<Vec<_>>();
    let document: Value = serde_json::from_str(&ok(at, &format!("{definitions} -json"))).unwrap();
    assert_eq!(document["applied"], KINDS.len());
    assert_eq!(generations(&all()), generations(&there));
    // What somebody else made of one is refused by name.
    let patch = r#"[{"op": "replace", "path": "/spec/names/shortNames", "value": ["mine"]}]"#;
    cluster.kubectl(&["patch", "crd", "services.ranform.dev", "--type=json", "-p", patch]);
    let said = fails(at, 1, definitions);
    assert!(said.contains("RF929") && said.contains("services.ranform.dev") && said.contains("shortNames"), "{said}");
    // Definitions that somebody brings meanwhile are waited for.
    cluster.kubectl(&["delete", "crd", "services.ranform.dev"]);
    let late = std::thread::scope(|scope| {
        let run = scope.spawn(|| run(at, objects));
        std::thread::sleep(std::time::Duration::from_millis(500));
        let crds = root().join("targets/kubernetes/crds.yaml").display().to_string();
        cluster.kubectl(&["apply", "--server-side", "-f", &crds]);
        run.join().unwrap()
    });
    assert_eq!((late.0, late.1.as_str()), (0, "8 objects applied.\n"), "{}", late.2);
}

/// What a project exports.
fn exported(project: &str, namespace: &str) -> Vec<Value> {
    let folder = root().join("intents").join(project);
    let world = files(&folder).into_iter().fold(MemoryWorld::default(), |world, (path, bytes)| {
        world.with(path.strip_prefix(&folder).unwrap().to_str().unwrap(), bytes)
    });
    objects(&compile(&world, &CompileOptions::default()).network, namespace)
}

fn written(folder: &TempDir, name: &str, documents: &[Value]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, yaml(documents)).unwrap();
    path.display().to_string()
}

#[test]
fn the_server_takes_every_exported_object_and_gives_it_back_as_it_was() {
    let test = "the_server_takes_every_exported_object_and_gives_it_back_as_it_was";
    let Some(cluster) = cluster(test, "radio-all") else { return };
    let folder = TempDir::new().unwrap();
    for project in ["cosmo-testbed", "smo-slice", "a1-policies", "rico-testbed", "quickstart", "metro"] {
        let mut all = exported(project, "radio-all");
        // Of hundreds of nodes only what names them all, which is what may be too large.
        all.retain(|object| project != "metro" || object["kind"] != "GnbNode");
        assert!(!all.is_empty(), "{project}");
        let file = written(&folder, &format!("{project}.yaml"), &all);
        let told = cluster.kubectl(&["apply", "--server-side", "--validate=strict", "-f", &file]);
        assert_eq!(told.lines().count(), all.len(), "{project}: {told}");
        let back = cluster.kubectl(&["get", "ranform", "-n", "radio-all", "-o", "yaml"]);
        let mut sources = Sources::new();
        let id = sources.add("cluster.yaml", back);
        let (found, findings) = read(sources.get(id).unwrap());
        assert!(findings.is_empty(), "{project}: {:?}", &findings[..1]);
        let (was, _) = {
            let id = sources.add("export.yaml", yaml(&all));
            read(sources.get(id).unwrap())
        };
        assert_eq!(intents(&found).unwrap(), intents(&was).unwrap(), "{project}");
        cluster.kubectl(&["delete", "ranform", "--all", "-n", "radio-all"]);
    }
}

/// One network with this SLA, and what the language finds of it.
fn judged(sla: &str) -> (Network, Vec<&'static str>) {
    let text = format!(
        "language 1\ntenant red {{ plmn 001-01  slice 1:000001 }}\ntenant blue {{ plmn 001-02  slice 1:000002 }}\n\
         node gnb-1 : gnb {{ plmn 001-01  gnb-id 411/22\n\
         cell nr-1 {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 1  pci 1  tac 7 }}\n\
         cell nr-2 {{ band n77  carrier 3.54GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 2  pci 2  tac 7 }} }}\n\
         chunk red-all for red {{ cells gnb-1/nr-1 }}\nchunk blue-all for blue {{ cells gnb-1/nr-2 }}\n\
         service red-data on red-all\nservice blue-data on blue-all\nsla fair {{ over cells  {sla} }}\n"
    );
    let compiled = compile(&MemoryWorld::default().with("main.intent", &text), &CompileOptions::default());
    let errors = |all: &[Diagnostic]| {
        let errors = all.iter().filter(|found| found.severity == Severity::Error);
        errors.map(|found| found.code.id).collect::<Vec<_>>()
    };
    let parsed = errors(&compiled.diagnostics);
    assert!(parsed.is_empty(), "{sla}: {:?}", compiled.diagnostics);
    let found = errors(&ranform_compiler::check::run(&compiled.network));
    (compiled.network, found)
}

/// What the language takes the server takes, and where the one refuses shares so does the other.
#[test]
fn the_server_judges_an_sla_as_the_language_does() {
    let Some(cluster) = cluster("the_server_judges_an_sla_as_the_language_does", "radio-judged") else { return };
    let folder = TempDir::new().unwrap();
    for (sla, code) in [
        ("share red 60%, blue 40%", None),
        ("share red 60%  others 40%", None),
        ("share red 100%  others 0%", None),
        ("share red 100%  others 40%", Some("RF401")),
        ("share red 60%, blue 40%  others 40%", Some("RF401")),
        // Each tenant is alone on its cell.
        ("share red 60%, blue 40%  floor 60%", None),
        // An average over the area, where red is on half of it.
        ("share red 60%, blue 40%  floor 20%  cap blue 10%", None),
        ("share red 60%, blue 40%  floor 20%  cap blue 10% on gnb-1/nr-2", Some("RF4")),
    ] {
        let (network, errors) = judged(sla);
        match code {
            None => assert!(errors.is_empty(), "{sla}: {errors:?}"),
            Some(code) => assert!(errors.iter().any(|found| found.starts_with(code)), "{sla}: {errors:?}"),
        }
        let mut all = objects(&network, "radio-judged");
        all.retain(|object| object["kind"] == "ServiceSla");
        assert_eq!(all.len(), 1, "{sla}");
        let file = written(&folder, "sla.yaml", &all);
        let (taken, _, why) = cluster.try_kubectl(&["create", "--dry-run=server", "-f", &file]);
        assert_eq!(taken, code.is_none(), "{sla}: {why}");
    }
}

/// A pinned image is one to the server, as it is one to the language.
#[test]
fn the_server_takes_images_that_are_pinned() {
    let Some(cluster) = cluster("the_server_takes_images_that_are_pinned", "radio-images") else { return };
    let folder = TempDir::new().unwrap();
    let digest = format!("@sha256:{}", "0".repeat(64));
    let images =
        ["a:1", "registry.example:5000/a:main", "a:latest-2", &format!("a{digest}"), &format!("a:latest{digest}")];
    let object = |(at, image): (usize, &&str)| {
        assert!(ranform_network::image::is_pinned(image), "{image}");
        let (kind, spec) = ric(
            json!({"components": [{"kind": "e2t", "image": image, "pullSecrets": ["registry-login", "mirror.eu"]}]}),
        );
        json!({"apiVersion": "ranform.dev/v1alpha1", "kind": kind, "metadata": {"name": format!("pinned-{at}"), "namespace": "radio-images"}, "spec": spec})
    };
    let file = written(&folder, "images.yaml", &images.iter().enumerate().map(object).collect::<Vec<_>>());
    let told = cluster.kubectl(&["create", "--dry-run=server", "-f", &file]);
    assert_eq!(told.lines().count(), images.len(), "{told}");
}

/// Every rule below a type.
fn rules(of: &Type, found: &mut Vec<Rule>) {
    match of {
        Type::Object(shape) => of_shape(shape, found),
        Type::List(of, ..) | Type::Map(of, _) => rules(of, found),
        _ => {}
    }
}

fn of_shape(shape: &Shape, found: &mut Vec<Rule>) {
    found.extend(shape.rules);
    for field @ Field { of, .. } in shape.fields {
        found.extend(field.rules);
        rules(of, found);
    }
}

#[test]
fn every_rule_refuses_an_object_with_its_message() {
    let Some(cluster) = cluster("every_rule_refuses_an_object_with_its_message", "radio-wrong") else { return };
    let folder = TempDir::new().unwrap();
    let mut all = Vec::new();
    KINDS.iter().for_each(|kind| of_shape(kind.spec, &mut all));
    let mut of_status = Vec::new();
    KINDS.iter().for_each(|kind| of_shape(kind.status, &mut of_status));
    let wrong = wrong();
    for rule in &all {
        assert!(wrong.iter().any(|(_, message)| rule.message.contains(message)), "no object breaks: {}", rule.message);
    }
    let object = |(at, ((kind, spec), _)): (usize, &((&str, Value), &str))| json!({"apiVersion": "ranform.dev/v1alpha1", "kind": kind, "metadata": {"name": format!("wrong-{at}"), "namespace": "radio-wrong"}, "spec": spec});
    let documents: Vec<Value> = wrong.iter().enumerate().map(object).collect();
    let file = written(&folder, "wrong.yaml", &documents);
    let (_, out, all_errors) = cluster.try_kubectl(&["create", "--dry-run=server", "-f", &file]);
    assert_eq!(out, "", "none of them is taken");
    for (at, ((_, spec), message)) in wrong.iter().enumerate() {
        // What the server says of one object, up to the next.
        let err = all_errors
            .split("Error from server")
            .find(|told| told.contains(&format!("\"wrong-{at}\" is invalid")))
            .unwrap_or_default();
        assert!(err.contains(message), "{message}: {spec}: {err}\n{all_errors}");
        // It breaks that rule and no other, so that the rule alone is what refuses it.
        let others = all.iter().filter(|rule| !rule.message.contains(message) && err.contains(rule.message));
        let others: Vec<&str> = others.map(|rule| rule.message).collect();
        assert!(others.is_empty(), "{message}: also {others:?}");
    }
    // The rules of the status, on the status subresource.
    let chunk = json!({"apiVersion": "ranform.dev/v1alpha1", "kind": "Chunk", "metadata": {"name": "red", "namespace": "radio-wrong"}, "spec": {"tenant": "red", "interfaces": ["node.a/cell.b"]}});
    let file = written(&folder, "chunk.yaml", std::slice::from_ref(&chunk));
    cluster.kubectl(&["apply", "-f", &file]);
    let share = |share: (&str, &str, &str)| {
        json!({"status": {"shares": [{"interface": "node.a/cell.b", "tenant": "red", "direction": "both", "dedicated": share.0, "minimum": share.1, "maximum": share.2}]}}).to_string()
    };
    let patch = |patch: &str| {
        cluster.try_kubectl(&[
            "patch",
            "chunks.ranform.dev",
            "red",
            "-n",
            "radio-wrong",
            "--subresource=status",
            "--type=merge",
            "-p",
            patch,
        ])
    };
    for (shares, message) in [
        (("60%", "50%", "70%"), "dedicated <= minimum <= maximum"),
        (("10%", "50%", "40%"), "dedicated <= minimum <= maximum"),
        (("0%", "50%", "101%"), "a share is 0% to 100%"),
    ] {
        let (done, _, err) = patch(&share(shares));
        assert!(!done && err.contains(message), "{err}");
    }
    assert!(patch(&share(("40%", "50%", "60%"))).0);
    assert!(
        of_status.iter().all(
            |rule| ["dedicated <= minimum <= maximum (TS 28.541)", "a share is 0% to 100%"].contains(&rule.message)
        )
    );
}

#[test]
fn what_no_field_holds_is_refused() {
    let Some(cluster) = cluster("what_no_field_holds_is_refused", "radio-strict") else { return };
    let folder = TempDir::new().unwrap();
    let refused = |spec: Value, message: &str| {
        let object = json!({"apiVersion": "ranform.dev/v1alpha1", "kind": "Service", "metadata": {"name": "s", "namespace": "radio-strict"}, "spec": spec});
        let file = written(&folder, "strict.yaml", &[object]);
        let (done, _, err) = cluster.try_kubectl(&["create", "--dry-run=server", "--validate=strict", "-f", &file]);
        assert!(!done && err.contains(message), "{message}: {err}");
    };
    refused(json!({"chunk": "red", "colour": "red"}), "unknown field \"spec.colour\"");
    refused(json!({"vlan": 101}), "spec.chunk: Required value");
    refused(json!({"chunk": "red", "latency": "10"}), "spec.latency");
    refused(json!({"chunk": "red", "throughputDownlink": "10MHz"}), "spec.throughputDownlink");
    refused(
        json!({"chunk": "red", "ratios": [{"technology": "nr", "share": "1%"}, {"technology": "nr", "share": "2%"}]}),
        "Duplicate value",
    );
}

#[test]
fn objects_and_their_status_are_applied_by_the_command_and_shown_by_kubectl() {
    let test = "objects_and_their_status_are_applied_by_the_command_and_shown_by_kubectl";
    let Some(cluster) = cluster(test, "radio-status") else { return };
    let folder = project("cosmo-testbed");
    let at = folder.path();
    std::fs::write(at.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    let flags = "-namespace=radio-status -apply -kubeconfig kubeconfig -context test";
    let run = |what: &str| ok(at, &format!("export {what} {flags}"));
    let get =
        |kind: &str, name: &str| cluster.get(&[&format!("{kind}.ranform.dev"), name, "-n", "radio-status"]).remove(0);
    let condition = |object: &Value, kind: &str| {
        let all = object["status"]["conditions"].as_array().unwrap();
        all.iter().find(|one| one["type"] == kind).unwrap().clone()
    };
    // Nothing is there yet.
    let said = fails(at, 1, &format!("export status {flags}"));
    assert!(said.contains("the cluster has no Chunk `blue-plaza` and 7 more"), "{said}");
    assert_eq!(run("custom-resources"), "8 objects applied.\n");
    run("status");
    let gnb = get("gnbnodes", "gnb-1");
    assert_eq!(condition(&gnb, "Ready")["status"], "False");
    assert_eq!(condition(&gnb, "Applied")["reason"], "NotApplied");
    assert_eq!(gnb["status"]["observedGeneration"], gnb["metadata"]["generation"]);

    // Applied to the devices: all of it is as intended.
    ok(at, "apply -auto-approve");
    run("status");
    for (kind, name) in [
        ("gnbnodes", "gnb-1"),
        ("enbnodes", "enb-1"),
        ("accesspoints", "ap-1"),
        ("chunks", "red-plaza"),
        ("services", "red-broadband"),
        ("serviceslas", "plaza"),
    ] {
        let object = get(kind, name);
        assert_eq!(condition(&object, "Ready")["status"], "True", "{object:#}");
        assert_eq!(condition(&object, "Drifted")["reason"], "AsApplied");
        assert_eq!(object["status"]["appliedSerial"], 1);
    }
    let enb = get("enbnodes", "enb-1");
    let shares = enb["status"]["shares"].as_array().unwrap();
    assert_eq!(shares.len(), 2, "{shares:?}");
    let before = condition(&enb, "Drifted");

    // Somebody changes a device: its node, and what is radiated on it, say so; the others do not.
    let device = at.join("devices/enb-1");
    let changed = files(&device).into_iter().find_map(|(path, bytes)| {
        let text = String::from_utf8(bytes).ok()?;
        text.contains("<pci>2</pci>")
            .then(|| std::fs::write(&path, text.replace("<pci>2</pci>", "<pci>3</pci>")).unwrap())
    });
    assert!(changed.is_some(), "{:?}", files(&device));
    run("status");
    let enb = get("enbnodes", "enb-1");
    assert_eq!(condition(&enb, "Drifted")["status"], "True");
    assert_eq!(condition(&enb, "Ready")["reason"], "ChangedByOthers");
    assert_eq!(enb["status"]["driftCount"], 1);
    assert_eq!(enb["status"]["drift"][0]["leaf"], "cell.pci");
    assert_eq!(
        (&enb["status"]["drift"][0]["expected"], &enb["status"]["drift"][0]["found"]),
        (&json!("2"), &json!("3"))
    );
    let gnb = get("gnbnodes", "gnb-1");
    assert_eq!(condition(&gnb, "Ready")["status"], "True");
    // A condition that stays keeps its time, one field manager holds it all.
    assert!(
        before["lastTransitionTime"].as_str().unwrap()
            <= condition(&enb, "Drifted")["lastTransitionTime"].as_str().unwrap()
    );
    let managers: Value = serde_json::from_str(&cluster.kubectl(&[
        "get",
        "enbnodes.ranform.dev",
        "enb-1",
        "-n",
        "radio-status",
        "-o",
        "json",
        "--show-managed-fields",
    ]))
    .unwrap();
    let managers = managers["metadata"]["managedFields"].as_array().unwrap().clone();
    let of_status = managers.iter().find(|one| one["subresource"] == "status").unwrap();
    assert_eq!((&of_status["manager"], &of_status["operation"]), (&json!("ranform"), &json!("Apply")));

    // Somebody changes an object: it says what the intents do not.
    cluster.kubectl(&[
        "patch",
        "services.ranform.dev",
        "red-broadband",
        "-n",
        "radio-status",
        "--type=merge",
        "-p",
        "{\"spec\":{\"vlan\":105}}",
    ]);
    run("status");
    let service = get("services", "red-broadband");
    assert_eq!(condition(&service, "Applied")["reason"], "SpecDiffers");
    let message = condition(&service, "Applied")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("`spec.vlan` is 105, not 101"), "{message}");
    assert_eq!(service["status"]["observedGeneration"], 2);
    // Import takes it over; applying over somebody else's field is refused by name.
    let yaml = cluster.kubectl(&["get", "services.ranform.dev", "red-broadband", "-n", "radio-status", "-o", "yaml"]);
    std::fs::write(at.join("service.yaml"), yaml).unwrap();
    assert!(ok(at, "import custom-resources service.yaml").contains("vlan 105"));
    let said = fails(at, 1, &format!("export custom-resources {flags}"));
    assert!(said.contains("RF929") && said.contains("kubectl-patch"), "{said}");

    // Columns, as the server makes them (kubectl asks for a table).
    let table = cluster.kubectl(&["get", "ranform", "-n", "radio-status"]);
    insta::assert_snapshot!(without_age(&table));
}

#[test]
fn what_a_plan_decides_on_requests_and_rics_is_shown_by_kubectl() {
    let test = "what_a_plan_decides_on_requests_and_rics_is_shown_by_kubectl";
    let Some(cluster) = cluster(test, "radio-decided") else { return };
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    std::fs::copy(root().join("golden/warning-request-rejected/main.intent"), at.join("main.intent")).unwrap();
    std::fs::write(at.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    let flags = "-namespace=radio-decided -apply -kubeconfig kubeconfig -context test";
    ok(at, "apply -auto-approve");
    ok(at, &format!("export custom-resources {flags}"));
    ok(at, &format!("export status {flags}"));
    let table = cluster.kubectl(&["get", "mreq,ricd", "-n", "radio-decided"]);
    insta::assert_snapshot!(without_age(&table));
}

/// A table of kubectl with single blanks and without the last column, the age.
fn without_age(table: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words[..words.len().saturating_sub(1)].join(" ")
    };
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}
