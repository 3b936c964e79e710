//! Software on a real Kubernetes API server, with its scheduler, controllers and admission; nodes are fake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;

use rig::cluster::{Cluster, shared};
use rig::cluster_project::{Project, intents};
use scene::*;
use serde_json::{Value, json};

#[test]
fn a_placed_ric_is_applied_read_back_changed_rolled_back_and_torn_down() {
    let Some(cluster) = shared("a_placed_ric_is_applied_read_back_changed_rolled_back_and_torn_down") else { return };
    let project = Project::new(cluster, "metro", &["edge-0"]);
    ok(project.root(), "apply -auto-approve");
    let names = cluster.ours(&project.namespace);
    assert!(names.contains(&"Deployment/metro-e2t-edge-0".to_owned()), "{names:?}");
    assert!(names.contains(&"StatefulSet/metro-nib-edge-0".to_owned()), "{names:?}");
    let pods = cluster.get(&["pods", "-n", &project.namespace]);
    assert_eq!(pods.len(), 5);
    assert!(pods.iter().all(|pod| pod["spec"]["nodeName"] == "edge-0"), "{pods:?}");
    let again = ok(project.root(), "plan -refresh -detailed-exitcode");
    assert!(again.contains("No changes"), "{again}");
    assert!(ok(project.root(), "drift").contains("No drift"));

    edit(project.root(), "main.intent", "steering:1.0", "steering:1.1");
    ok(project.root(), "apply -auto-approve");
    let deployment = &cluster.get(&["deployment", "metro-steering-edge-0", "-n", &project.namespace])[0];
    let image = |object: &Value| object["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    assert_eq!(image(deployment), "registry.example/steering:1.1");
    ok(project.root(), "rollback -auto-approve");
    let deployment = &cluster.get(&["deployment", "metro-steering-edge-0", "-n", &project.namespace])[0];
    assert_eq!(image(deployment), "registry.example/steering:1.0");

    std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
    ok(project.root(), "apply -auto-approve");
    assert!(cluster.get(&["namespace", &project.namespace]).is_empty());
}

/// The workloads and pods of a namespace: by kind and name what tells one from another of the same name.
fn identities(cluster: &Cluster, namespace: &str) -> Vec<(String, String, String)> {
    let all = cluster.get(&["deployments,statefulsets,pods", "-n", namespace]).into_iter();
    let mut all: Vec<_> = all
        .map(|object| {
            let at = |path: &str| object.pointer(path).map(ToString::to_string).unwrap_or_default();
            let name = format!("{}/{}", at("/kind"), at("/metadata/name"));
            let generation = if object["kind"] == "Pod" { String::new() } else { at("/metadata/generation") };
            (name, at("/metadata/uid"), generation)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_move_of_ric_node_and_xapp_touches_no_object_and_the_next_change_touches_only_what_changes() {
    let Some(cluster) =
        shared("a_move_of_ric_node_and_xapp_touches_no_object_and_the_next_change_touches_only_what_changes")
    else {
        return;
    };
    let project = Project::new(cluster, "ferry", &["edge-1"]);
    let (root, namespace) = (project.root(), project.namespace.as_str());
    ok(root, "apply -auto-approve");
    let (before, names) = (identities(cluster, namespace), cluster.ours(namespace));
    assert_eq!(before.len(), 10, "five workloads and their pods: {before:?}");
    let versions = || {
        let all = cluster.get(&["all,configmaps,serviceaccounts,networkpolicies", "-n", namespace]).into_iter();
        let all = all.filter(|object| object["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "ranform");
        let told =
            |object: Value| (object["metadata"]["name"].to_string(), object["metadata"]["resourceVersion"].clone());
        all.filter(|object| object.get("spec").is_none() || object["kind"] == "NetworkPolicy")
            .map(told)
            .collect::<Vec<_>>()
    };
    let written = versions();
    for (from, to) in [
        ("ric ferry {", "ric tram {"),
        ("xapp steering", "xapp guide"),
        ("edge-1-ferry", "a-node"),
        ("gnb-2", "z-gnb"),
        ("devices/z-gnb", "devices/gnb-2"),
    ] {
        edit(root, "main.intent", from, to);
    }
    let lines = "moved ric.ferry -> ric.tram\nmoved ric.tram/xapp.steering -> ric.tram/xapp.guide\n\
                 moved node.edge-1-ferry -> node.a-node\nmoved node.gnb-2 -> node.z-gnb\n";
    append(root, "main.intent", lines.trim_end());
    let plan = ok(root, "plan -refresh");
    assert!(plan.contains("Renamed without a write") && plan.contains("No changes."), "{plan}");
    ok(root, "apply -auto-approve");
    assert_eq!(identities(cluster, namespace), before);
    assert_eq!(versions(), written, "not an annotation is written");
    assert!(ok(root, "drift").contains("No drift"));
    edit(root, "main.intent", lines.trim_end(), "");
    assert!(ok(root, "plan -refresh -detailed-exitcode").contains("No changes"));

    edit(root, "main.intent", "steering:1.0", "steering:1.1");
    ok(root, "apply -auto-approve");
    assert_eq!(cluster.ours(namespace), names, "the same objects as before");
    let after = identities(cluster, namespace);
    let stays = |one: &&(String, String, String)| !one.0.contains("steering");
    assert_eq!(after.iter().filter(stays).collect::<Vec<_>>(), before.iter().filter(stays).collect::<Vec<_>>());
    let address = |name: &str| {
        let object = &cluster.get(&["deployment", name, "-n", namespace])[0];
        object["metadata"]["annotations"]["ranform.dev/address"].as_str().unwrap().to_owned()
    };
    assert_eq!(address("ferry-steering-edge-1"), "ric.tram/guide.a-node", "rewritten with the change");
    assert_eq!(address("ferry-e2t-edge-1"), "ric.ferry/e2t.edge-1-ferry", "never alone");
    assert!(ok(root, "drift").contains("No drift"));
    ok(root, "rollback -to 1 -auto-approve");
    assert!(ok(root, "drift").contains("No drift"));
    let after = identities(cluster, namespace);
    assert_eq!(after.iter().filter(stays).collect::<Vec<_>>(), before.iter().filter(stays).collect::<Vec<_>>());

    std::fs::write(root.join("main.intent"), "language 1\n").unwrap();
    ok(root, "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn kubectl_takes_the_artifacts_as_they_are() {
    let Some(cluster) = shared("kubectl_takes_the_artifacts_as_they_are") else { return };
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/smo-slice/artifacts/centre");
    let take = |file: &Path, how: &[&str]| {
        let path = file.display().to_string();
        let told = cluster.kubectl(&[&["apply", "--validate=strict", "-f", &path], how].concat());
        let documents = std::fs::read_to_string(file).unwrap().split("\n---\n").count();
        assert_eq!(told.lines().count(), documents, "{path}: {told}");
    };
    take(&artifacts.join("ric-plaza.yaml"), &[]);
    take(&artifacts.join("priority-classes.yaml"), &["--dry-run=server"]);
    let files = std::fs::read_dir(artifacts.join("ric-plaza")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.collect();
    assert!(files.len() >= 7, "{files:?}");
    files.iter().for_each(|file| take(file, &["--dry-run=server"]));
    cluster.kubectl(&["delete", "namespace", "ric-plaza"]);
}

#[test]
fn what_is_in_the_way_is_refused_before_anything_is_written() {
    let Some(cluster) = shared("what_is_in_the_way_is_refused_before_anything_is_written") else { return };
    let project = Project::new(cluster, "harbour", &["edge-1"]);
    let refused = |reason: &str| {
        let said = fails(project.root(), 1, "apply -auto-approve");
        assert!(said.contains(reason), "{said}");
        assert_eq!(cluster.ours(&project.namespace), Vec::<String>::new());
    };
    // Somebody else's object of a name that is needed; the namespace is theirs as well.
    cluster.kubectl(&["create", "namespace", &project.namespace]);
    cluster.kubectl(&["-n", &project.namespace, "create", "configmap", "harbour-e2t-edge-1"]);
    refused("ConfigMap `ric-harbour/harbour-e2t-edge-1`");
    cluster.kubectl(&["-n", &project.namespace, "delete", "configmap", "harbour-e2t-edge-1"]);

    // Nor does the inventory go over anybody's ConfigMap of its name.
    let inventory = ["configmap", "ranform-inventory-edge-1", "-n", &project.namespace];
    cluster.kubectl(&[&["create"], &inventory[..], &["--from-literal=plan=theirs"]].concat());
    let theirs = cluster.get(&inventory);
    refused(
        "the cluster holds what is not ours under names that are needed: ConfigMap `ric-harbour/ranform-inventory-edge-1`",
    );
    assert_eq!(cluster.get(&inventory), theirs);
    cluster.kubectl(&[&["delete"], &inventory[..]].concat());

    // Admission says no.
    let quota = ["-n", &project.namespace, "create", "quota", "none", "--hard=count/deployments.apps=0"];
    cluster.kubectl(&quota);
    refused("exceeded quota");
    cluster.kubectl(&["-n", &project.namespace, "delete", "quota", "none"]);

    // Others have what the plan needs.
    let pod = "{\"spec\":{\"nodeName\":\"edge-1\",\"containers\":[{\"name\":\"x\",\"image\":\"x:1\",\"resources\":{\"requests\":{\"cpu\":\"6\"}}}]}}";
    cluster.kubectl(&["run", "greedy", "--image=x:1", "--overrides", pod]);
    refused("too little left beside what others run there");
    cluster.kubectl(&["delete", "pod", "greedy", "--force", "--grace-period=0"]);

    // They ask for little, and there are as many pods as the node takes; those that are over do not count.
    let pods = |most: u32| {
        let status = format!("{{\"status\":{{\"allocatable\":{{\"pods\":\"{most}\"}}}}}}");
        cluster.kubectl(&["patch", "node", "edge-1", "--subresource=status", "-p", &status]);
    };
    let run = |name: &str| {
        let pod = "{\"spec\":{\"nodeName\":\"edge-1\",\"containers\":[{\"name\":\"x\",\"image\":\"x:1\"}]}}";
        cluster.kubectl(&["run", name, "--image=x:1", "--restart=Never", "--overrides", pod]);
    };
    ["idle-1", "idle-2", "idle-3"].iter().for_each(|name| run(name));
    let over = "{\"status\":{\"phase\":\"Succeeded\"}}";
    cluster.kubectl(&["patch", "pod", "idle-3", "--subresource=status", "-p", over]);
    pods(6);
    refused("the plan needs 5 pods of the 4 left");
    pods(110);
    cluster.kubectl(&["delete", "pod", "idle-1", "idle-2", "idle-3", "--force", "--grace-period=0"]);

    // A node that takes nothing, and one that is not there.
    cluster.kubectl(&["cordon", "edge-1"]);
    refused("it is cordoned");
    cluster.kubectl(&["uncordon", "edge-1"]);
    cluster.kubectl(&["taint", "node", "edge-1", "team=core:NoSchedule"]);
    refused(
        "node `edge-1` takes no new pods: it has the taint `team=core:NoSchedule`, which no pod of the plan tolerates",
    );
    cluster.kubectl(&["taint", "node", "edge-1", "team:NoSchedule-"]);
    edit(project.root(), "main.intent", "node \"edge-1\"", "node \"edge-99\"");
    refused("no node of the cluster is called `edge-99`");
    edit(project.root(), "main.intent", "node \"edge-99\"", "node \"edge-1\"");

    // A user without rights.
    let nobody = cluster.kubeconfig().replace("user: {client-certificate", "user: {as: nobody, client-certificate");
    let nobody = nobody.replace("ranform.crt", "admin.crt").replace("ranform.key", "admin.key");
    std::fs::write(project.root().join("kubeconfig"), nobody).unwrap();
    refused("its user may not");
    std::fs::write(project.root().join("kubeconfig"), cluster.kubeconfig()).unwrap();

    // Their namespace is used, and left when ours goes. A taint that the node is said to have is borne by all that is placed
    // there, and by nothing once it is not said any more.
    cluster.kubectl(&["taint", "node", "edge-1", "team=core:NoSchedule"]);
    let (plain, tolerant) =
        ("edge-1-harbour : compute {", "edge-1-harbour : compute { tolerates \"team=core:NoSchedule\"");
    edit(project.root(), "main.intent", plain, tolerant);
    ok(project.root(), "apply -auto-approve");
    assert!(ok(project.root(), "plan -refresh").contains("No changes"));
    edit(project.root(), "main.intent", tolerant, plain);
    let said = fails(project.root(), 1, "apply -auto-approve");
    assert!(said.contains("write `tolerates \"team=core:NoSchedule\"` into the node"), "{said}");
    cluster.kubectl(&["taint", "node", "edge-1", "team:NoSchedule-"]);
    std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
    ok(project.root(), "apply -auto-approve");
    assert_eq!(cluster.ours(&project.namespace), Vec::<String>::new());
    assert_eq!(cluster.get(&["namespace", &project.namespace]).len(), 1);
}

#[test]
fn what_others_change_is_drift_and_their_fields_are_taken_only_where_the_intents_say_so() {
    let Some(cluster) = shared("what_others_change_is_drift_and_their_fields_are_taken_only_where_the_intents_say_so")
    else {
        return;
    };
    let project = Project::new(cluster, "quay", &["edge-2"]);
    ok(project.root(), "apply -auto-approve");
    let steering = ["deployment", "quay-steering-edge-2", "-n", &project.namespace];
    cluster.kubectl(&[&["scale", "--replicas=2"], &steering[..]].concat());
    cluster.kubectl(&["delete", "networkpolicy", "quay-e2t-edge-2", "-n", &project.namespace]);
    let selector =
        "[{\"op\":\"replace\",\"path\":\"/spec/selector/app.kubernetes.io~1instance\",\"value\":\"nobody\"}]";
    let how = ["--field-manager=kubectl-edit", "--type=json", "-p", selector];
    let service = ["patch", "service", "quay-e2t-edge-2", "-n", &project.namespace];
    cluster.kubectl(&[&service[..], &how[..]].concat());
    // Who did it is told: what is gone tells nobody.
    let found = fails(project.root(), 6, "drift");
    assert!(found.contains("ric-instance.cluster.replicas is 2, not 1 (set by `kubectl`)"), "{found}");
    assert!(found.contains("NetworkPolicy `quay-e2t-edge-2` is gone"), "{found}");
    assert!(found.contains("(set by `kubectl-edit` at 20") && found.contains("2 leaves differ"), "{found}");
    let (_, json, _) = run(project.root(), "drift -json");
    let json: Value = serde_json::from_str(&json).unwrap();
    let by: Vec<&Value> = json["resource_drift"].as_array().unwrap().iter().map(|one| &one["changed_by"][0]).collect();
    assert_eq!((&by[0]["manager"], &by[1]["manager"]), (&"kubectl-edit".into(), &"kubectl".into()), "{json}");
    // Of a change by way of `scale` the server keeps no time.
    assert!(by[0]["at"].as_str().is_some_and(|at| at.ends_with('Z')) && by[1]["at"].is_null(), "{json}");
    // By default that stops a plan; said to be restored, it is.
    let stopped = fails(project.root(), 6, "plan -refresh");
    assert!(stopped.contains("replicas is 2, 1 was applied (set by `kubectl`)"), "{stopped}");
    append(project.root(), "main.intent", "outside change on ric.quay/** restore");
    ok(project.root(), "plan -refresh -out mend.ranplan");
    ok(project.root(), "apply mend.ranplan");
    assert!(ok(project.root(), "drift").contains("No drift"));
    let deployment = &cluster.get(&steering)[0];
    assert_eq!(deployment["spec"]["replicas"], 1);

    // A field that another manager holds as we do is theirs too: no change of ours goes over it, unless the intents say so.
    edit(project.root(), "main.intent", "outside change on ric.quay/** restore", "");
    let image = "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"quay-steering-edge-2\"},\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"registry.example/steering:1.0\"}]}}}}";
    std::fs::write(project.root().join("theirs.json"), image).unwrap();
    let theirs = project.root().join("theirs.json").display().to_string();
    let namespace = project.namespace.as_str();
    cluster.kubectl(&["apply", "--server-side", "--field-manager=image-bot", "-n", namespace, "-f", &theirs]);
    edit(project.root(), "main.intent", "steering:1.0", "steering:2.0");
    let said = fails(project.root(), 1, "apply -auto-approve");
    assert!(said.contains("RF929") && said.contains("image-bot") && said.contains(".image"), "{said}");
    let line = "outside change on ric.quay/steering.edge-2-quay restore";
    assert!(said.contains(&format!("write `{line}`")) && !said.contains("next:"), "{said}");
    assert_eq!(cluster.get(&steering)[0]["metadata"]["generation"], deployment["metadata"]["generation"]);
    // What is let be is not a word to take anything, whatever else of it others changed.
    cluster.kubectl(&[&["scale", "--replicas=2"], &steering[..]].concat());
    let let_be = line.replace("restore", "ignore until 2999-12-31");
    append(project.root(), "main.intent", &let_be);
    let plan = ok(project.root(), "plan -refresh -out edited.ranplan");
    assert!(!plan.contains("(drift)") && plan.contains("steering.edge-2-quay  update"), "an edit is no drift: {plan}");
    let said = fails(project.root(), 1, "apply edited.ranplan");
    assert!(said.contains("RF929") && said.contains("image-bot"), "{said}");
    // Said to be restored it is taken, whether or not the value is another one today.
    edit(project.root(), "main.intent", &let_be, line);
    ok(project.root(), "plan -refresh -out taken.ranplan");
    ok(project.root(), "apply taken.ranplan");
    let taken = cluster.get(&steering).remove(0);
    let container = &taken["spec"]["template"]["spec"]["containers"][0];
    assert_eq!((&container["image"], &taken["spec"]["replicas"]), (&"registry.example/steering:2.0".into(), &1.into()));
    std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
    ok(project.root(), "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn what_instances_share_is_taken_only_where_a_plan_showed_what_others_made_of_it() {
    let Some(cluster) = shared("what_instances_share_is_taken_only_where_a_plan_showed_what_others_made_of_it") else {
        return;
    };
    let project = Project::new(cluster, "lock", &["edge-0"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    ok(folder, "apply -auto-approve");
    // Somebody else holds the policy of the namespace, which all instances share, and takes one of steering's own away.
    let theirs = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "deny-all"},
        "spec": {"podSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "nobody"}}}});
    std::fs::write(folder.join("theirs.json"), theirs.to_string()).unwrap();
    let file = folder.join("theirs.json").display().to_string();
    let how =
        ["apply", "--server-side", "--force-conflicts", "--field-manager=policy-bot", "-n", namespace, "-f", &file];
    cluster.kubectl(&how);
    let own = ["networkpolicy", "lock-steering-edge-0", "-n", namespace];
    cluster.kubectl(&[&["delete"], &own[..]].concat());
    let deny_all = || cluster.get(&["networkpolicy", "deny-all", "-n", namespace]).remove(0);
    let selected = || deny_all()["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/managed-by"].clone();
    let found = fails(folder, 6, "drift");
    assert!(found.contains("ric.lock/e2t.edge-0-lock") && found.contains("NetworkPolicy `deny-all`"), "{found}");

    // It is told at the first instance of the namespace. Restoring another one does not take it.
    append(folder, "main.intent", "outside change on ric.lock/e2t.edge-0-lock ignore until 2999-12-31");
    append(folder, "main.intent", "outside change on ric.lock/steering.edge-0-lock restore");
    ok(folder, "plan -refresh -out other.ranplan");
    let before = deny_all();
    let said = fails(folder, 1, "apply other.ranplan");
    assert!(said.contains("RF929") && said.contains("policy-bot") && said.contains("podSelector"), "{said}");
    assert_eq!(deny_all(), before);
    assert!(cluster.get(&own).is_empty(), "nothing is written");

    // Restored at the address where it is told, it is taken, and the field is ours alone again.
    edit(folder, "main.intent", "ignore until 2999-12-31", "restore");
    ok(folder, "plan -refresh -out mend.ranplan");
    ok(folder, "apply mend.ranplan");
    assert_eq!(selected(), "ranform");
    assert_eq!(cluster.get(&own).len(), 1);
    let managers =
        cluster.kubectl(&["get", "networkpolicy", "deny-all", "-n", namespace, "-o", "json", "--show-managed-fields"]);
    let managers: Value = serde_json::from_str(&managers).unwrap();
    let entries = managers["metadata"]["managedFields"].as_array().unwrap();
    let holds = |one: &&Value| one.pointer("/fieldsV1/f:spec/f:podSelector").is_some();
    let holders: Vec<&Value> = entries.iter().filter(holds).map(|one| &one["manager"]).collect();
    assert_eq!(holders, ["ranform"], "{managers}");
    assert!(ok(folder, "drift").contains("No drift"));
    std::fs::write(folder.join("main.intent"), "language 1\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn another_size_of_storage_makes_the_store_anew_and_room_is_counted_for_old_and_new_together() {
    let Some(cluster) =
        shared("another_size_of_storage_makes_the_store_anew_and_room_is_counted_for_old_and_new_together")
    else {
        return;
    };
    let project = Project::new(cluster, "depot", &["edge-4"]);
    let claims = || -> Vec<String> {
        let claims = cluster.get(&["pvc", "-n", &project.namespace]);
        claims
            .iter()
            .map(|claim| claim["spec"]["resources"]["requests"]["storage"].as_str().unwrap().to_owned())
            .collect()
    };
    ok(project.root(), "apply -auto-approve");
    assert_eq!(claims(), ["50G"]);
    edit(project.root(), "main.intent", "storage 50GB", "storage 80GB");
    let planned = ok(project.root(), "plan -out bigger.ranplan");
    assert!(planned.contains("rebuild: 50GB storage on node.edge-4-depot become 80GB storage"), "{planned}");
    ok(project.root(), "apply bigger.ranplan");
    assert_eq!(claims(), ["80G"]);
    assert!(ok(project.root(), "plan -refresh").contains("No changes"));
    ok(project.root(), "rollback -auto-approve");
    assert_eq!(claims(), ["50G"]);

    // More than any volume of the node holds, though its capacity says otherwise.
    edit(project.root(), "main.intent", "storage 80GB", "storage 200GB");
    edit(project.root(), "main.intent", "storage 100GB  cost", "storage 1TB  cost");
    let said = fails(project.root(), 1, "apply -auto-approve");
    assert!(said.contains("has no volume of 200GB left for `ric.depot/nib.edge-4-depot`"), "{said}");
    assert_eq!(claims(), ["50G"]);
    edit(project.root(), "main.intent", "storage 200GB", "storage 50GB");

    // Others leave room for what runs, and not for a new version beside the old one.
    let pod = "{\"spec\":{\"nodeName\":\"edge-4\",\"containers\":[{\"name\":\"x\",\"image\":\"x:1\",\"resources\":{\"requests\":{\"cpu\":\"4800m\"}}}]}}";
    cluster.kubectl(&["run", "large", "--image=x:1", "--overrides", pod]);
    edit(project.root(), "main.intent", "steering:1.0", "steering:1.1");
    let said = fails(project.root(), 1, "apply -auto-approve");
    assert!(said.contains("while old and new run together the plan needs 3.5 cpu of the 3.2 left"), "{said}");
    cluster.kubectl(&["delete", "pod", "large", "--force", "--grace-period=0"]);
    ok(project.root(), "apply -auto-approve");
    std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
    ok(project.root(), "apply -auto-approve");
    assert_eq!(cluster.ours(&project.namespace), Vec::<String>::new());
}

#[test]
fn a_claim_that_somebody_filled_before_is_taken_with_what_is_in_it() {
    let Some(cluster) = shared("a_claim_that_somebody_filled_before_is_taken_with_what_is_in_it") else { return };
    let project = Project::new(cluster, "barge", &["edge-2"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    cluster.kubectl(&["create", "namespace", namespace]);
    let claim = ["pvc", "data-barge-nib-edge-2-0", "-n", namespace];
    let make = |size: &str| {
        let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}});
        let object = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": claim[1], "namespace": namespace}, "spec": spec});
        std::fs::write(folder.join("claim.json"), object.to_string()).unwrap();
        cluster.kubectl(&["create", "-f", &folder.join("claim.json").display().to_string()]);
    };
    make("10G");
    let said = fails(folder, 1, "apply -auto-approve");
    let small = "claim `ric-barge/data-barge-nib-edge-2-0` is there already, which `ric.barge/nib.edge-2-barge` would take, with 10GB of the 50GB";
    assert!(said.contains(small), "{said}");
    assert_eq!(cluster.ours(namespace), Vec::<String>::new());
    cluster.kubectl(&[&["delete"], &claim[..]].concat());
    make("60G");
    let uid = cluster.get(&claim)[0]["metadata"]["uid"].clone();
    let (code, _, told) = run(folder, "apply -auto-approve");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("`ric.barge/nib.edge-2-barge` starts with what is in it"), "{told}");
    let taken = &cluster.get(&claim)[0];
    assert_eq!((&taken["metadata"]["uid"], &taken["status"]["phase"]), (&uid, &"Bound".into()));
    assert_eq!(cluster.get(&["pvc", "-n", namespace]).len(), 1);
    assert!(ok(folder, "plan -refresh").contains("No changes"));
    std::fs::write(folder.join("main.intent"), "language 1\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&claim).is_empty(), "with its store it goes");
}

#[test]
fn a_namespace_that_holds_what_is_not_ours_stays_and_is_told() {
    let Some(cluster) = shared("a_namespace_that_holds_what_is_not_ours_stays_and_is_told") else { return };
    let project = Project::new(cluster, "jetty", &["edge-5"]);
    let namespace = project.namespace.as_str();
    let intents = intents("jetty", &["edge-5"]);
    let tear_down = || {
        std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
        let (code, _, told) = run(project.root(), "apply -auto-approve");
        assert_eq!(code, 0, "{told}");
        assert_eq!(cluster.ours(namespace), Vec::<String>::new(), "of ours nothing is left");
        assert!(cluster.get(&["resourcequota", "-n", namespace]).is_empty());
        std::fs::write(project.root().join("main.intent"), &intents).unwrap();
        told
    };
    ok(project.root(), "apply -auto-approve");
    cluster.kubectl(&["-n", namespace, "create", "secret", "generic", "pull", "--from-literal=password=hunter2"]);
    let cron = ["create", "cronjob", "backup", "--image=x:1", "--schedule=0 3 * * *"];
    cluster.kubectl(&[&["-n", namespace], &cron[..]].concat());
    // Under the shipped role Secrets are counted, not read.
    let told = tear_down();
    assert!(told.contains("namespace `ric-jetty` stays: it holds what is not ours, CronJob `backup`"), "{told}");
    assert!(told.contains("it holds what we may not list, 1 secrets"), "{told}");
    assert!(told.contains("kubectl delete namespace ric-jetty"), "{told}");
    assert_eq!(cluster.get(&["secret", "pull", "-n", namespace]).len(), 1);

    // Whoever may list more is told names.
    cluster.kubectl(&["-n", namespace, "delete", "cronjob", "backup"]);
    std::fs::write(project.root().join("kubeconfig"), administrator(cluster)).unwrap();
    ok(project.root(), "apply -auto-approve");
    let told = tear_down();
    assert!(told.contains("it holds what is not ours, Secret `pull`;"), "{told}");
    assert_eq!(cluster.get(&["secret", "pull", "-n", namespace]).len(), 1);

    // Empty again, it goes, with the shipped role too.
    cluster.kubectl(&["-n", namespace, "delete", "secret", "pull"]);
    std::fs::write(project.root().join("kubeconfig"), cluster.kubeconfig()).unwrap();
    ok(project.root(), "apply -auto-approve");
    let told = tear_down();
    assert!(!told.contains("stays"), "{told}");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

/// The kubeconfig of one who may do everything.
fn administrator(cluster: &Cluster) -> String {
    cluster.kubeconfig().replace("ranform.crt", "admin.crt").replace("ranform.key", "admin.key")
}
