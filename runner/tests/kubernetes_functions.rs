//! O-RAN SC RICs, models with connectors and functions that need more of their node, on a real Kubernetes API server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;
use std::sync::Mutex;

use rig::cluster::{Cluster, shared};
use scene::*;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A golden case as a project on a node of the cluster.
fn project(cluster: &Cluster, case: &str, node: &str, edits: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(case).join("main.intent");
    std::fs::copy(from, folder.path().join("main.intent")).unwrap();
    std::fs::write(folder.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
    for (from, to) in edits {
        edit(folder.path(), "main.intent", from, to);
    }
    let text = std::fs::read_to_string(folder.path().join("main.intent")).unwrap();
    let managed = |line: &str| match line.trim_start().starts_with("manage kubernetes") {
        true => format!("  manage kubernetes config file \"kubeconfig\" context \"test\" node \"{node}\""),
        false => line.to_owned(),
    };
    std::fs::write(folder.path().join("main.intent"), text.lines().map(managed).collect::<Vec<_>>().join("\n"))
        .unwrap();
    folder
}

/// Who holds it has the namespace of dApps for itself.
static DAPPS: Mutex<()> = Mutex::new(());

fn teardown(folder: &Path) {
    std::fs::write(folder.join("main.intent"), "language 1\nlimit { deletions 20 }\n").unwrap();
    ok(folder, "apply -auto-approve");
}

/// Applied as it is, there is neither drift nor a second change.
fn settled(folder: &Path) {
    ok(folder, "apply -auto-approve");
    let again = ok(folder, "plan -refresh -detailed-exitcode");
    assert!(again.contains("No changes"), "{again}");
    assert!(ok(folder, "drift").contains("No drift"));
}

#[test]
fn the_api_server_takes_the_artifacts_of_osc_rics_and_of_dapps_as_they_are() {
    let Some(cluster) = shared("the_api_server_takes_the_artifacts_of_osc_rics_and_of_dapps_as_they_are") else {
        return;
    };
    let _alone = DAPPS.lock();
    let devices = [
        "kubernetes-osc/artifacts/edge-1",
        "kubernetes-dapp/artifacts/du-1",
        "kubernetes-rapp/artifacts/smo",
        "kubernetes-secrets/artifacts/edge-1",
    ];
    for device in devices {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(device);
        let all = files(&folder);
        let (shared, instances): (Vec<_>, Vec<_>) = all.iter().partition(|(path, _)| path.parent() == Some(&folder));
        assert!(!instances.is_empty(), "{device}");
        for (path, bytes) in shared.iter().chain(&instances) {
            let namespace = path.parent() == Some(&folder) && !path.ends_with("priority-classes.yaml");
            let how: &[&str] = if namespace { &[] } else { &["--dry-run=server"] };
            let path = path.display().to_string();
            let told = cluster.kubectl(&[&["apply", "--validate=strict", "-f", &path], how].concat());
            let documents = String::from_utf8_lossy(bytes).split("\n---\n").count();
            assert_eq!(told.lines().count(), documents, "{path}: {told}");
        }
        for (path, _) in shared.iter().filter(|(path, _)| !path.ends_with("priority-classes.yaml")) {
            cluster.kubectl(&["delete", "-f", &path.display().to_string()]);
        }
    }
}

#[test]
fn an_osc_ric_is_applied_read_back_changed_and_torn_down() {
    let Some(cluster) = shared("an_osc_ric_is_applied_read_back_changed_and_torn_down") else { return };
    let project = project(cluster, "kubernetes-osc", "edge-1", &[("ric metro", "ric ocean")]);
    let folder = project.path();
    settled(folder);
    let namespace = "ric-ocean";
    let names = cluster.ours(namespace);
    for name in [
        "StatefulSet/ocean-sdl-edge-1",
        "Service/service-ric-ocean-dbaas-tcp-edge-1",
        "Service/service-ric-ocean-steering-edge-1-rmr",
        "Service/service-ric-ocean-e2term-sctp-edge-1",
        "ConfigMap/configmap-ric-ocean-steering-edge-1-appconfig",
        "ConfigMap/configmap-ric-ocean-steering-edge-1-appenv",
    ] {
        assert!(names.contains(&name.to_owned()), "no {name} in {names:?}");
    }
    assert_eq!(cluster.get(&["persistentvolumeclaims", "-n", namespace]).len(), 1);
    let pods = cluster.get(&["pods", "-n", namespace]);
    assert_eq!(pods.len(), 6);
    let forecast =
        pods.iter().find(|pod| pod["metadata"]["labels"]["app.kubernetes.io/name"] == "load-forecast").unwrap();
    let containers: Vec<&Value> = forecast["spec"]["containers"].as_array().unwrap().iter().collect();
    assert_eq!((&containers[0]["name"], &containers[1]["name"]), (&"main".into(), &"connector-e2".into()));

    // Who changes the descriptor or the connector's image is found, and so is the way back.
    let patch = r#"{"data":{"config-file.json":"{}"}}"#;
    let descriptor = "configmap-ric-ocean-steering-edge-1-appconfig";
    cluster.kubectl(&["-n", namespace, "patch", "configmap", descriptor, "--type=merge", "-p", patch]);
    let image = r#"{"spec":{"template":{"spec":{"containers":[{"name":"connector-e2","image":"registry.example/e2-connector:9.9"}]}}}}"#;
    cluster.kubectl(&["-n", namespace, "patch", "deployment", "load-forecast-edge-1", "-p", image]);
    let found = fails(folder, 6, "drift");
    assert!(found.contains(descriptor) && found.contains("config-file.json"), "{found}");
    assert!(found.contains("containers[connector-e2].image"), "{found}");
    append(folder, "main.intent", "\noutside change on ric.ocean/** restore\noutside change on node.edge-1/** restore");
    ok(folder, "plan -refresh -out mend.ranplan");
    ok(folder, "apply mend.ranplan");
    assert!(ok(folder, "drift").contains("No drift"));
    teardown(folder);
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn a_function_that_needs_more_of_its_node_runs_in_a_namespace_of_its_own_and_speaks_with_its_ric() {
    let name = "a_function_that_needs_more_of_its_node_runs_in_a_namespace_of_its_own_and_speaks_with_its_ric";
    let Some(cluster) = shared(name) else { return };
    let privileged = ("xapp steering {\n", "xapp steering {\n    pod-security baseline\n");
    let store = ("component sdl {", "component sdl { pod-security baseline ");
    let project = project(cluster, "kubernetes-osc", "edge-2", &[("ric metro", "ric delta"), privileged, store]);
    settled(project.path());
    let level = |namespace: &str| {
        let found = cluster.get(&["namespace", namespace]);
        found[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"].as_str().map(str::to_owned)
    };
    assert_eq!(level("ric-delta").as_deref(), Some("restricted"));
    assert_eq!(level("ric-delta-steering").as_deref(), Some("baseline"));
    assert_eq!(cluster.get(&["pods", "-n", "ric-delta-steering"]).len(), 1);
    // It finds the store where that is.
    let environment = ["configmap", "configmap-ric-delta-steering-steering-edge-2-appenv", "-n", "ric-delta-steering"];
    let host = &cluster.get(&environment)[0]["data"]["DBAAS_SERVICE_HOST"];
    assert_eq!(host, "service-ric-delta-sdl-dbaas-tcp-edge-2.ric-delta-sdl");
    assert_eq!(cluster.get(&["service", "service-ric-delta-sdl-dbaas-tcp-edge-2", "-n", "ric-delta-sdl"]).len(), 1);
    // Both namespaces say who may speak with whom; what somebody takes away of it is found.
    let beside = cluster.ours("ric-delta");
    assert!(beside.contains(&"NetworkPolicy/delta-steering-edge-2-e2t".to_owned()), "{beside:?}");
    cluster.kubectl(&["-n", "ric-delta", "delete", "networkpolicy", "delta-steering-edge-2-e2t"]);
    assert!(fails(project.path(), 6, "drift").contains("NetworkPolicy `delta-steering-edge-2-e2t` is gone"));
    append(project.path(), "main.intent", "\noutside change on ric.delta/** restore");
    ok(project.path(), "plan -refresh -out mend.ranplan");
    ok(project.path(), "apply mend.ranplan");
    // No longer: it goes back to the others, and its namespace goes.
    edit(project.path(), "main.intent", privileged.1, privileged.0);
    settled(project.path());
    assert!(cluster.get(&["namespace", "ric-delta-steering"]).is_empty());
    assert!(!cluster.ours("ric-delta").contains(&"NetworkPolicy/delta-steering-edge-2-e2t".to_owned()));
    teardown(project.path());
    for namespace in ["ric-delta", "ric-delta-sdl"] {
        assert!(cluster.get(&["namespace", namespace]).is_empty(), "{namespace}");
    }
}

#[test]
fn a_du_is_configured_in_one_apply_with_its_dapps_and_they_move_to_another_machine_without_it() {
    let name = "a_du_is_configured_in_one_apply_with_its_dapps_and_they_move_to_another_machine_without_it";
    let Some(cluster) = shared(name) else { return };
    let _alone = DAPPS.lock();
    let way = "manage kubernetes config env KUBECONFIG_SITE context \"site-1\" node \"worker-9\"";
    let cloud = (
        format!("  {way}"),
        "  label tier far  manage kubernetes config file \"kubeconfig\" context \"test\" node \"edge-0\"",
    );
    let project = project(
        cluster,
        "kubernetes-hosted",
        "edge-5",
        &[("ric metro", "ric creek"), ("demand cpu 2", "demand cpu 1"), (&cloud.0, cloud.1)],
    );
    let folder = project.path();
    settled(folder);
    let du = || std::fs::read_to_string(folder.join("devices/du-2/node.json")).unwrap();
    let configured = du();
    let places = || -> Vec<(String, String)> {
        let pods = cluster.get(&["pods", "-n", "ranform-dapps"]);
        let going = |pod: &&Value| !pod["metadata"]["deletionTimestamp"].is_null();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = |pod: &Value| {
            (text(&pod["metadata"]["labels"]["app.kubernetes.io/instance"]), text(&pod["spec"]["nodeName"]))
        };
        let mut found: Vec<_> = pods.iter().filter(|pod| !going(pod)).map(place).collect();
        found.sort();
        found
    };
    let place = |instance: &str, node: &str| (format!("{instance}-{node}"), node.to_owned());
    let du_1 = [place("du-1-mcs-choice", "edge-5"), place("tilt-choice-du-1-1", "edge-5")];
    let of_both = [&du_1[0], &place("du-2-mcs-choice", "edge-5"), &du_1[1], &place("tilt-choice-du-2-1", "edge-5")];
    assert_eq!(places().iter().collect::<Vec<_>>(), of_both);

    let hosted = "manage directory \"devices/du-2\"\n  hosted on ";
    edit(folder, "main.intent", &format!("{hosted}site-host"), &format!("{hosted}cloud"));
    settled(folder);
    let moved = [&du_1[0], &place("du-2-mcs-choice", "edge-0"), &du_1[1], &place("tilt-choice-du-2-1", "edge-0")];
    assert_eq!(places().iter().collect::<Vec<_>>(), moved);
    assert_eq!(du(), configured);
    ok(folder, "rollback -auto-approve");
    assert_eq!(places().iter().collect::<Vec<_>>(), of_both);
    teardown(folder);
    assert!(cluster.get(&["namespace", "ranform-dapps"]).is_empty());
    assert!(!folder.join("devices/du-2/node.json").exists());
}

#[test]
fn images_are_pulled_by_secrets_that_are_there_before_anything_is_written() {
    let Some(cluster) = shared("images_are_pulled_by_secrets_that_are_there_before_anything_is_written") else {
        return;
    };
    let project = project(cluster, "kubernetes-pull-secrets", "edge-4", &[("ric metro", "ric bay")]);
    let (folder, namespace) = (project.path(), "ric-bay");
    let refused = |reason: &str| {
        let said = fails(folder, 1, "apply -auto-approve");
        assert!(said.contains(reason), "{said}");
        assert_eq!(cluster.ours(namespace), Vec::<String>::new());
    };
    // The shipped role does not see Secrets at all; the role for them, those that it names.
    refused("its user may not list secret `mirror.eu` in `ric-bay`");
    let role = "--clusterrole=ranform-secrets";
    cluster.kubectl(&["create", "clusterrolebinding", "ranform-secrets", role, "--user=ranform"]);
    refused("its user may not list secret `mirror.eu` in `ric-bay`");
    edit(folder, "main.intent", "    pull-secret \"mirror.eu\"\n", "");
    refused("`ric-bay/registry-login` is not there, for `ric.bay/nib.edge-1`");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
    // A namespace that is made for the Secret and is ranform's all the same.
    cluster.kubectl(&["create", "namespace", namespace]);
    cluster.kubectl(&["label", "namespace", namespace, "app.kubernetes.io/managed-by=ranform"]);
    let secret = ["secret", "registry-login", "-n", namespace];
    cluster.kubectl(&["-n", namespace, "create", "secret", "generic", "registry-login", "--from-literal=a=hunter2"]);
    refused("`ric-bay/registry-login` is of another type");
    cluster.kubectl(&[&["delete"], &secret[..]].concat());
    let login = ["--docker-server=private.example", "--docker-username=ran", "--docker-password=hunter2"];
    cluster
        .kubectl(&[&["create", "secret", "docker-registry", "registry-login", "-n", namespace], &login[..]].concat());

    settled(folder);
    let labels = &cluster.get(&["namespace", namespace])[0]["metadata"]["labels"];
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    let pods = cluster.get(&["pods", "-n", namespace]);
    let by = |pod: &Value| pod["spec"]["imagePullSecrets"][0]["name"].as_str().map(str::to_owned);
    assert_eq!(pods.len(), 6);
    assert_eq!(pods.iter().filter(|pod| by(pod).as_deref() == Some("registry-login")).count(), 4);
    // Who takes it away is found; and once it is no longer named, the Secret is nobody's business.
    let patch = r#"[{"op": "remove", "path": "/spec/template/spec/imagePullSecrets"}]"#;
    cluster.kubectl(&["-n", namespace, "patch", "deployment", "bay-steering-edge-4", "--type=json", "-p", patch]);
    assert!(fails(folder, 6, "drift").contains("spec.template.spec.imagePullSecrets"));
    append(folder, "main.intent", "\noutside change on ric.bay/** restore");
    ok(folder, "plan -refresh -out mend.ranplan");
    ok(folder, "apply mend.ranplan");
    edit(folder, "main.intent", "  pull-secret \"registry-login\"", "");
    cluster.kubectl(&[&["delete"], &secret[..]].concat());
    settled(folder);
    let pods = cluster.get(&["pods", "-n", namespace]);
    assert!(pods.iter().all(|pod| pod["metadata"]["deletionTimestamp"].is_string() || by(pod).is_none()), "{pods:?}");
    teardown(folder);
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn software_is_given_secrets_that_are_there_with_their_entries_before_anything_is_written() {
    let name = "software_is_given_secrets_that_are_there_with_their_entries_before_anything_is_written";
    let Some(cluster) = shared(name) else { return };
    let project = project(cluster, "kubernetes-secrets", "edge-6", &[("ric metro", "ric quarry")]);
    let (folder, namespace) = (project.path(), "ric-quarry");
    let refused = |reason: &str| {
        let said = fails(folder, 1, "apply -auto-approve");
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(cluster.ours(namespace), Vec::<String>::new());
    };
    let names = ["a1-tls", "nib-login", "steering-db", "steering-tls", "metro-ca.eu", "forecast-features"];
    // The shipped role names others; one that names these sees that they are there, and nothing of them.
    refused("its user may not list secret `a1-tls` in `ric-quarry`");
    let named: Vec<String> = names.iter().map(|name| format!("--resource-name={name}")).collect();
    let role: Vec<&str> = ["create", "clusterrole", "secrets-of-quarry", "--verb=list", "--resource=secrets"]
        .into_iter()
        .chain(named.iter().map(String::as_str))
        .collect();
    cluster.kubectl(&role);
    let of = "--clusterrole=secrets-of-quarry";
    cluster.kubectl(&["create", "clusterrolebinding", "secrets-of-quarry", of, "--user=ranform"]);
    refused("`ric-quarry/a1-tls` is not there, for `ric.quarry/management.edge-1`");
    cluster.kubectl(&["create", "namespace", namespace]);
    cluster.kubectl(&["label", "namespace", namespace, "app.kubernetes.io/managed-by=ranform"]);
    let make = |name: &str, entries: &[&str]| {
        let entries: Vec<String> = entries.iter().map(|entry| format!("--from-literal={entry}=hunter2")).collect();
        let command = ["-n", namespace, "create", "secret", "generic", name].into_iter();
        cluster.kubectl(&command.chain(entries.iter().map(String::as_str)).collect::<Vec<_>>());
    };
    make("a1-tls", &["tls.crt", "tls.key"]);
    make("nib-login", &["password"]);
    make("steering-db", &["user", "pass"]);
    make("steering-tls", &["tls.crt"]);
    make("metro-ca.eu", &["ca.crt"]);
    refused("`ric-quarry/steering-db` has no entry `password`, only `pass`, `user`");
    refused("`ric-quarry/forecast-features` is not there");
    // Server-side apply with text, as people write it in files, names its fields otherwise.
    let text = serde_json::json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "forecast-features", "namespace": namespace},
        "stringData": {"token": "hunter2"},
    });
    std::fs::write(folder.join("secret.json"), text.to_string()).unwrap();
    let path = folder.join("secret.json").display().to_string();
    cluster.kubectl(&["apply", "--server-side", "-f", &path]);
    let patch = r#"{"stringData": {"password": "hunter2"}}"#;
    cluster.kubectl(&["-n", namespace, "patch", "secret", "steering-db", "-p", patch]);

    settled(folder);
    let pods = cluster.get(&["pods", "-n", namespace]);
    assert_eq!(pods.len(), 6);
    let of_name =
        |part: &str| pods.iter().find(|pod| pod["metadata"]["name"].as_str().unwrap().contains(part)).unwrap();
    let steering = &of_name("steering")["spec"];
    assert_eq!(steering["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["name"], "steering-db");
    assert_eq!(steering["securityContext"]["fsGroup"], 10001);
    // What a container sees of a Secret is its alone.
    let mounted = |container: &Value| container["volumeMounts"].to_string().matches("metro-ca").count();
    let containers = of_name("load-forecast")["spec"]["containers"].as_array().unwrap();
    assert_eq!(containers.iter().map(mounted).collect::<Vec<_>>(), [1, 1]);
    // A mount that somebody takes away is found.
    let patch = r#"[{"op": "remove", "path": "/spec/template/spec/containers/0/env"}]"#;
    cluster.kubectl(&["-n", namespace, "patch", "statefulset", "quarry-nib-edge-6", "--type=json", "-p", patch]);
    assert!(fails(folder, 6, "drift").contains("spec.template.spec.containers[main].env"));
    append(folder, "main.intent", "\noutside change on ric.quarry/** restore");
    ok(folder, "plan -refresh -out mend.ranplan");
    ok(folder, "apply mend.ranplan");
    teardown(folder);
    assert_eq!(cluster.ours(namespace), Vec::<String>::new());
    cluster.kubectl(&["delete", "namespace", namespace]);
}

#[test]
fn an_xapp_is_scaled_in_place_and_what_runs_goes_on() {
    let Some(cluster) = shared("an_xapp_is_scaled_in_place_and_what_runs_goes_on") else { return };
    let project =
        project(cluster, "replan-scaled/before", "edge-7", &[("ric metro", "ric knoll"), ("cpu 16", "cpu 8")]);
    let (folder, namespace) = (project.path(), "ric-knoll");
    let steering = || -> Vec<Value> {
        let pods = cluster.get(&["pods", "-n", namespace, "-l", "app.kubernetes.io/name=steering"]);
        pods.into_iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()).collect()
    };
    let uids = || -> Vec<String> {
        steering().iter().map(|pod| pod["metadata"]["uid"].as_str().unwrap().to_owned()).collect()
    };
    let budget = |bound: &str| {
        cluster.get(&["poddisruptionbudget", "knoll-steering-edge-7", "-n", namespace])[0]["spec"][bound].clone()
    };
    let since = std::time::Instant::now();
    settled(folder);
    let took = since.elapsed();
    let first = uids();
    assert_eq!((first.len(), budget("maxUnavailable"), budget("minAvailable")), (1, 1.into(), Value::Null));

    // Room is asked for all of them: six are more than the node has left, and the intents say so.
    edit(folder, "main.intent", "loop 10ms", "loop 10ms  replicas 6");
    assert!(fails(folder, 3, "plan").contains("`ric.knoll` fits nowhere"));
    // Three are no more than what the intents give it, and more than what others leave of it.
    edit(folder, "main.intent", "replicas 6", "replicas 3");
    let demand = r#"{"spec": {"nodeSelector": {"kubernetes.io/hostname": "edge-7"}, "containers": [{"name": "c", "image": "pause:1", "resources": {"requests": {"cpu": "3"}}}]}}"#;
    cluster.kubectl(&["-n", "default", "run", "heavy", "--image=pause:1", "--overrides", demand]);
    let said = fails(folder, 1, "apply -auto-approve");
    assert!(said.contains("node `edge-7` has too little left beside what others run there"), "{said}");
    assert_eq!(uids(), first);
    cluster.kubectl(&["-n", "default", "delete", "pod", "heavy", "--force", "--grace-period=0"]);

    // Of pods that are ready the cluster takes those away first that are younger by a factor of two.
    std::thread::sleep(took + std::time::Duration::from_secs(3));
    let plan = ok(folder, "plan");
    assert!(plan.contains("~ ric.knoll/steering.edge-1  update  scale 1 -> 3 replicas"), "{plan}");
    assert!(!plan.contains("Service interrupted"), "{plan}");
    settled(folder);
    let three = uids();
    assert_eq!((three.len(), budget("minAvailable"), budget("maxUnavailable")), (3, 1.into(), Value::Null));
    assert!(three.contains(&first[0]), "{three:?} {first:?}");
    assert!(steering().iter().all(|pod| pod["spec"]["nodeName"] == "edge-7"));

    edit(folder, "main.intent", "  replicas 3", "");
    settled(folder);
    assert_eq!(uids(), first);
    teardown(folder);
    assert_eq!(cluster.ours(namespace), Vec::<String>::new());
}

#[test]
fn a_dapp_with_a_tap_of_the_fronthaul_runs_where_its_level_is_stated() {
    let Some(cluster) = shared("a_dapp_with_a_tap_of_the_fronthaul_runs_where_its_level_is_stated") else { return };
    let _alone = DAPPS.lock();
    // The nodes of the rig have no huge pages.
    let without = [(", hugepages-1gi 2GiB", ""), (", hugepages-1gi 4GiB", "")];
    let project = project(cluster, "kubernetes-dapp", "edge-3", &without);
    settled(project.path());
    let pods = cluster.get(&["pods", "-n", "ranform-dapps-interference-map"]);
    assert_eq!(pods.len(), 1);
    assert_eq!(pods[0]["spec"]["hostNetwork"], true);
    assert_eq!(pods[0]["spec"]["nodeName"], "edge-3");
    assert_eq!(cluster.get(&["pods", "-n", "ranform-dapps"]).len(), 1);
    teardown(project.path());
    for namespace in ["ranform-dapps", "ranform-dapps-interference-map"] {
        assert!(cluster.get(&["namespace", namespace]).is_empty(), "{namespace}");
    }
}

#[test]
fn what_keeps_software_from_running_as_written_is_told_and_a_plan_takes_it_back() {
    let Some(cluster) = shared("what_keeps_software_from_running_as_written_is_told_and_a_plan_takes_it_back") else {
        return;
    };
    let project =
        project(cluster, "replan-scaled/before", "edge-6", &[("ric metro", "ric heath"), ("cpu 16", "cpu 8")]);
    let (folder, namespace) = (project.path(), "ric-heath");
    settled(folder);
    append(folder, "main.intent", "outside change on ric.heath/** restore");
    let edit = |kind: &str, name: &str, how: Value| {
        let how = how.to_string();
        let by = "--field-manager=kubectl-edit";
        cluster.kubectl(&["patch", kind, name, "-n", namespace, by, "--type=json", "-p", &how]);
    };
    let get = |kind: &str, name: &str| cluster.get(&[kind, name, "-n", namespace]).pop().unwrap();
    let restored = |told: &str| {
        let found = fails(folder, 6, "drift");
        assert!(found.contains(told), "{told}: {found}");
        ok(folder, "plan -refresh -out mend.ranplan");
        ok(folder, "apply mend.ranplan");
        assert!(ok(folder, "drift").contains("No drift"), "{told}");
    };

    // The number of a port in place: the server takes it for another port, which has the name of ours.
    let services = cluster.get(&["services", "-n", namespace, "-l", "app.kubernetes.io/managed-by=ranform"]);
    let service = services[0]["metadata"]["name"].as_str().unwrap();
    let before = get("service", service)["spec"]["ports"].clone();
    let port = before[0]["name"].as_str().unwrap();
    let debug = json!({"op": "add", "path": "/spec/ports/-", "value": {"name": "debug", "port": 9999}});
    let number = json!({"op": "replace", "path": "/spec/ports/0/port", "value": 9998});
    edit("service", service, json!([number, debug]));
    restored(&format!("Service `{service}` spec.ports[{port}]"));
    let after = get("service", service);
    let numbers = |ports: &Value| -> Vec<(String, u64)> {
        let all = ports.as_array().unwrap().iter();
        let mut all: Vec<_> =
            all.map(|one| (one["name"].as_str().unwrap().to_owned(), one["port"].as_u64().unwrap())).collect();
        all.sort();
        all
    };
    let mut wanted = numbers(&before);
    wanted.push(("debug".to_owned(), 9999));
    wanted.sort();
    assert_eq!(numbers(&after["spec"]["ports"]), wanted, "what others added beside ours stays");

    let name = "heath-steering-edge-6";
    let main = "/spec/template/spec/containers/0";
    edit("deployment", name, json!([{"op": "add", "path": "/spec/paused", "value": true}]));
    restored(&format!("Deployment `{name}` spec.paused"));
    assert!(get("deployment", name)["spec"]["paused"].as_bool() != Some(true));
    for key in ["command", "args"] {
        edit("deployment", name, json!([{"op": "add", "path": format!("{main}/{key}"), "value": ["sleep", "9"]}]));
        restored(&format!("Deployment `{name}` spec.template.spec.containers[main].{key}"));
        assert!(get("deployment", name).pointer(&format!("{main}/{key}")).is_none());
    }
    let maps = cluster.get(&["configmaps", "-n", namespace, "-l", "app.kubernetes.io/instance=heath-steering-edge-6"]);
    let map = maps.iter().find(|map| map["data"].get("config-file.json").is_some()).unwrap();
    let map = map["metadata"]["name"].as_str().unwrap();
    let data = get("configmap", map)["data"].clone();
    edit("configmap", map, json!([{"op": "replace", "path": "/data/config-file.json", "value": "{}"}]));
    restored(&format!("ConfigMap `{map}` data.config-file.json"));
    assert_eq!(get("configmap", map)["data"], data);
    teardown(folder);
    assert_eq!(cluster.ours(namespace), Vec::<String>::new());
}
