//! What `ranform render` writes, given to Kustomize and Helm themselves: they make the objects of the plan of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;
#[path = "../../targets/tests/common/skipped.rs"]
mod skipped;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use ranform_network::bundle::Bundle;
use ranform_targets::Document;
use ranform_targets::kubernetes::{Shown, values};
use scene::*;
use serde_json::Value;
use tempfile::TempDir;

/// The folder with `kustomize` and `helm`, built once per machine; none where Go is missing, which is said by the test's name.
fn packagers(test: &str) -> Option<PathBuf> {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/rigs/packagers/build");
    let built = Command::new(build).output().expect("bash runs");
    if built.status.code() == Some(3) {
        skipped::skipped(&format!("{test} (no Kustomize and Helm: they need Go 1.26 or later)"));
        return None;
    }
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Some(PathBuf::from(String::from_utf8(built.stdout).unwrap().trim()))
}

/// Objects by API version, kind, namespace and name.
type Objects = BTreeMap<String, Value>;

fn by_name(all: Vec<Value>) -> Objects {
    let named = |object: Value| {
        let shown = Shown::of(&object);
        let name =
            format!("{} {} {}/{}", shown.api_version, shown.kind, shown.namespace.unwrap_or_default(), shown.name);
        (name, object)
    };
    all.into_iter().map(named).collect()
}

fn objects(yaml: &str) -> Objects {
    let document = Document { path: "rendered".to_owned(), bytes: yaml.as_bytes().to_vec() };
    by_name(values(&document).unwrap().into_iter().filter(|object| !object.is_null()).collect())
}

/// The objects that the plan of an environment would apply to clusters, from its bundle.
fn planned(folder: &Path, environment: &str) -> Objects {
    ok(folder, format!("plan -out plan.ranplan {environment}").trim());
    let (bundle, _) = Bundle::decode(&std::fs::read(folder.join("plan.ranplan")).unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, bytes) in bundle.artifacts.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        all.extend(values(&Document { path: path.clone(), bytes: bytes.clone() }).unwrap());
    }
    by_name(all)
}

fn same(found: &Objects, wanted: &Objects) {
    assert!(wanted.len() > 10, "{:?}", wanted.keys());
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (name, object) in wanted {
        assert_eq!(&found[name], object, "{name}");
    }
}

/// Runs a program that must succeed; what it prints.
fn tool(program: &Path, arguments: &[&str]) -> String {
    let (done, out, err) = try_tool(program, arguments);
    assert!(done, "{} {arguments:?}: {err}", program.display());
    out
}

fn try_tool(program: &Path, arguments: &[&str]) -> (bool, String, String) {
    let home = TempDir::new().unwrap();
    let output = Command::new(program).env("HOME", home.path()).args(arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// The slice over radios, a cluster and policies, with an environment that has other images and one that has more.
fn environments() -> TempDir {
    let project = project("smo-slice");
    let image = "image \"registry.example/steering:1.0\"";
    let secrets = "replicas 2  secret \"tls\" at \"/etc/tls\"  secret \"db\" key \"password\" as DB_PASSWORD";
    edit(project.path(), "main.intent", image, &format!("{image}  pull-secret \"registry-login\"  {secrets}"));
    append(
        project.path(),
        "main.intent",
        "overlay staging { set ric.plaza/xapp.steering { image \"registry.example/steering:1.1-rc\" } }\n\
         overlay small {\n  set ric.plaza/component.e2t { demand cpu 0.5, memory 512MB }\n  set request.guard { within 1us }\n}",
    );
    project
}

#[test]
fn kustomize_makes_the_objects_of_the_plan_of_the_base_and_those_of_each_environment_of_its_overlay() {
    let name = "kustomize_makes_the_objects_of_the_plan_of_the_base_and_those_of_each_environment_of_its_overlay";
    let Some(packagers) = packagers(name) else { return };
    let project = environments();
    let said = ok(project.path(), "render -as kustomize deploy");
    assert!(said.contains("kubectl apply -k deploy/base"), "{said}");
    let kustomize = packagers.join("kustomize");
    let build = |path: &str| tool(&kustomize, &["build", &project.path().join(path).display().to_string()]);
    let base = planned(project.path(), "");
    same(&objects(&build("deploy/base")), &base);
    for environment in ["staging", "small"] {
        let wanted = planned(project.path(), &format!("-overlay {environment}"));
        assert_ne!(wanted, base, "{environment} is no environment of its own");
        same(&objects(&build(&format!("deploy/overlays/{environment}"))), &wanted);
    }
    let small = planned(project.path(), "-overlay small");
    assert!(base.keys().any(|name| !small.contains_key(name)), "nothing is left out in `small`");
}

#[test]
fn helm_makes_the_objects_of_the_plan_and_lets_an_operator_change_what_the_values_name_and_nothing_else() {
    let name = "helm_makes_the_objects_of_the_plan_and_lets_an_operator_change_what_the_values_name_and_nothing_else";
    let Some(packagers) = packagers(name) else { return };
    let project = environments();
    let said = ok(project.path(), "render -as helm chart");
    assert!(said.contains("Environment small differs in more than values"), "{said}");
    let helm = packagers.join("helm");
    let chart = project.path().join("chart").display().to_string();
    let base = planned(project.path(), "");
    same(&objects(&tool(&helm, &["template", "plaza", &chart])), &base);
    assert!(tool(&helm, &["lint", &chart]).contains("0 chart(s) failed"));

    let staging = project.path().join("chart/values-staging.yaml").display().to_string();
    let staged = objects(&tool(&helm, &["template", "plaza", &chart, "-f", &staging]));
    same(&staged, &planned(project.path(), "-overlay staging"));
    assert!(!project.path().join("chart/values-small.yaml").exists());
    ok(project.path(), "render -as helm small -overlay small");
    let small = objects(&tool(&helm, &["template", "plaza", &project.path().join("small").display().to_string()]));
    same(&small, &planned(project.path(), "-overlay small"));

    let set = "registry=mirror.example:5000,imagePullSecrets[0].name=regcred,nodes.centre=spare-7,storageClassName=fast,loadBalancer.class=metal,loadBalancer.annotations.pool=e2";
    let changed = objects(&tool(&helm, &["template", "plaza", &chart, "--set", set]));
    let steering = &changed["apps/v1 Deployment ric-plaza/plaza-steering-edge-1"]["spec"]["template"]["spec"];
    assert_eq!(steering["containers"][0]["image"], "mirror.example:5000/steering:1.0");
    // The descriptor names the image that runs.
    let descriptor = &changed["v1 ConfigMap ric-plaza/configmap-ric-plaza-steering-edge-1-appconfig"]["data"];
    let descriptor: Value = serde_json::from_str(descriptor["config-file.json"].as_str().unwrap()).unwrap();
    let image = serde_json::json!({"registry": "mirror.example:5000", "name": "steering", "tag": "1.0"});
    assert_eq!(descriptor["containers"][0]["image"], image);
    // The operator's come after those of the plan.
    let by = |pod: &Value| pod["imagePullSecrets"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    let secrets: Vec<Value> = by(steering);
    assert_eq!(secrets, ["registry-login", "regcred"]);
    let e2t: Vec<Value> = by(&changed["apps/v1 Deployment ric-plaza/plaza-e2t-edge-1"]["spec"]["template"]["spec"]);
    assert_eq!(e2t, ["regcred"]);
    let rule = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/values/0";
    assert_eq!(steering.pointer(rule).unwrap(), "spare-7");
    let nib = &changed["apps/v1 StatefulSet ric-plaza/plaza-nib-edge-1"];
    assert_eq!(nib["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"], "fast");
    let e2 = &changed["v1 Service ric-plaza/plaza-e2t-edge-1-e2"];
    assert_eq!(
        (&e2["spec"]["loadBalancerClass"], &e2["metadata"]["annotations"]["pool"]),
        (&"metal".into(), &"e2".into())
    );

    // Nothing but what the values name, no image that can become another one, no function without an image or a node.
    let image = "images.ric-plaza-steering";
    let refused = [
        "replicas=3".to_owned(),
        "images.ric-plaza-other=x:1".to_owned(),
        "resources.cpu=9".to_owned(),
        format!("{image}=registry.example/steering:latest"),
        format!("{image}=registry.example/steering:LATEST"),
        format!("{image}=registry.example:5000/steering"),
        format!("{image}=null"),
        "images=null".to_owned(),
        "nodes.centre=null".to_owned(),
        "nodes.centre=".to_owned(),
    ];
    for refused in &refused {
        let (done, _, why) = try_tool(&helm, &["template", "plaza", &chart, "--set", refused]);
        assert!(!done && why.contains("schema"), "{refused}: {why}");
    }
    let digest = format!("@sha256:{}", "0".repeat(64));
    for taken in ["steering:1.1", "registry.example:5000/steering:main", &format!("steering:latest{digest}")] {
        let (done, _, why) = try_tool(&helm, &["template", "plaza", &chart, "--set", &format!("{image}={taken}")]);
        assert!(done, "{taken}: {why}");
    }
}

/// The slice with environments that differ in what an operator may change and in what plans decide of amounts: images
/// without a version, other nodes, more replicas, other demands.
fn alike() -> TempDir {
    let project = project("smo-slice");
    let folder = project.path();
    edit(
        folder,
        "main.intent",
        "image \"registry.example/steering:1.0\"  version \"1.0\"",
        "image \"registry.example/steering:1.0\"",
    );
    let digest = "0123456789abcdef".repeat(4);
    let steering = |name: &str, what: &str| format!("overlay {name} {{ set ric.plaza/xapp.steering {{ {what} }} }}");
    append(folder, "main.intent", &steering("staging", "image \"registry.example/steering:1.1-rc.2\""));
    append(folder, "main.intent", &steering("pinned", &format!("image \"registry.example/steering@sha256:{digest}\"")));
    append(folder, "main.intent", &steering("wide", "replicas 2  demand cpu 0.5, memory 512MB"));
    let on = |node: &str| format!("kubernetes config file \"kubeconfig\" context \"lab\" node \"{node}\"");
    append(folder, "main.intent", &managed("lab", &on("lab-a"), &on("lab-a-2")));
    project
}

#[test]
fn environments_that_differ_in_images_nodes_and_amounts_are_one_chart_and_one_base() {
    let name = "environments_that_differ_in_images_nodes_and_amounts_are_one_chart_and_one_base";
    let Some(packagers) = packagers(name) else { return };
    let project = alike();
    let folder = project.path();
    let said = ok(folder, "render -as helm chart");
    assert!(!said.contains("differs in more"), "{said}");
    ok(folder, "render -as kustomize deploy");
    let (helm, kustomize) = (packagers.join("helm"), packagers.join("kustomize"));
    let at = |path: &str| folder.join(path).display().to_string();
    let chart = at("chart");
    assert!(tool(&helm, &["lint", &chart]).contains("0 chart(s) failed"));
    let base = planned(folder, "");
    same(&objects(&tool(&helm, &["template", "plaza", &chart])), &base);
    for environment in ["staging", "pinned", "wide", "lab"] {
        let wanted = planned(folder, &format!("-overlay {environment}"));
        assert_ne!(wanted, base, "{environment}");
        let values = at(&format!("chart/values-{environment}.yaml"));
        same(&objects(&tool(&helm, &["template", "plaza", &chart, "-f", &values])), &wanted);
        let overlay = at(&format!("deploy/overlays/{environment}"));
        same(&objects(&tool(&kustomize, &["build", &overlay])), &wanted);
        assert!(tool(&helm, &["lint", &chart, "-f", &values]).contains("0 chart(s) failed"));
    }
    // A version is what the image says, whatever the image is: in labels, and in the descriptor of an xApp.
    let set = "images.ric-plaza-steering=registry.example/steering:2.3";
    let changed = objects(&tool(&helm, &["template", "plaza", &chart, "--set", set]));
    let steering = &changed["apps/v1 Deployment ric-plaza/plaza-steering-edge-1"];
    for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
        assert_eq!(steering.pointer(labels).unwrap()["app.kubernetes.io/version"], "2.3");
    }
    let descriptor = &changed["v1 ConfigMap ric-plaza/configmap-ric-plaza-steering-edge-1-appconfig"]["data"];
    let descriptor: Value = serde_json::from_str(descriptor["config-file.json"].as_str().unwrap()).unwrap();
    assert_eq!(descriptor["version"], "2.3.0");
    // A node that is replaced has another name; what is called after it stays.
    let (lab, set) = (at("chart/values-lab.yaml"), "nodes.centre=lab-spare");
    let changed = objects(&tool(&helm, &["template", "plaza", &chart, "-f", &lab, "--set", set]));
    let pod = &changed["apps/v1 Deployment ric-plaza/plaza-steering-lab-a-2"]["spec"]["template"]["spec"];
    assert!(pod["affinity"].to_string().contains("lab-spare"), "{}", pod["affinity"]);
    // What plans decided is what one of them decided.
    let values = std::fs::read_to_string(folder.join("chart/values.yaml")).unwrap();
    assert!(values.contains("  plaza-steering-centre:\n"), "{values}");
    for refused in [
        "decided.plaza-steering-centre.replicas=9",
        "decided.plaza-steering-centre.cpu=4",
        "decided.plaza-steering-centre.cpu=null",
        "decided.plaza-steering-centre.gpu=1",
        "decided=null",
        "names.centre=Not a name",
        "names.centre=null",
        "nodes.edge-1=edge-1",
    ] {
        let (done, _, why) = try_tool(&helm, &["template", "plaza", &chart, "--set", refused]);
        assert!(!done && why.contains("schema"), "{refused}: {why}");
        let (done, out, _) = try_tool(&helm, &["lint", &chart, "--set", refused]);
        assert!(!done, "{refused}: {out}");
    }
}

#[test]
fn a_later_run_replaces_its_own_files_and_touches_no_other() {
    let project = environments();
    let at = |path: &str| project.path().join("deploy").join(path);
    ok(project.path(), "render -as kustomize deploy");
    let first = files(&project.path().join("deploy"));
    ok(project.path(), "render -as kustomize deploy");
    assert_eq!(files(&project.path().join("deploy")), first, "the same text gives the same bytes");
    std::fs::write(at("base/theirs.yaml"), "kind: Other\n").unwrap();
    edit(project.path(), "main.intent", "overlay small", "overlay little");
    ok(project.path(), "render -as kustomize deploy");
    assert!(at("overlays/little/kustomization.yaml").exists() && !at("overlays/small/kustomization.yaml").exists());
    assert!(at("base/theirs.yaml").exists());
    // A file of others in the way of one of ours: nothing is written.
    std::fs::write(at("base/ric-plaza.yaml"), "kind: Namespace\n").unwrap();
    edit(project.path(), "main.intent", "overlay little", "overlay tiny");
    let said = fails(project.path(), 1, "render -as kustomize deploy");
    assert!(said.contains("was not written by `ranform render`"), "{said}");
    assert!(!at("overlays/tiny").exists());
    let said = fails(project.path(), 1, "render -as tar deploy");
    assert!(said.contains("RF903"), "{said}");
}

#[test]
fn what_no_cluster_runs_is_no_package() {
    let project = project("quickstart");
    let said = fails(project.path(), 1, "render -as helm chart");
    assert!(said.contains("no function that a cluster runs"), "{said}");
    assert!(!project.path().join("chart").exists());
}

/// Where both nodes are managed, in an environment.
fn managed(environment: &str, edge: &str, centre: &str) -> String {
    format!("overlay {environment} {{ set node.edge {{ manage {edge} }}  set node.centre {{ manage {centre} }} }}")
}

#[test]
fn an_environment_on_another_cluster_is_rendered_or_named_and_never_left_out() {
    let project = project("smo-slice");
    let folder = project.path();
    let on = |context: &str, node: &str| {
        format!("kubernetes config file \"kubeconfig\" context \"{context}\" node \"{node}\"")
    };
    edit(folder, "main.intent", "candidates compute-nodes", "candidates compute-nodes  pin steering on edge");
    append(folder, "main.intent", &managed("lab", &on("lab", "edge-0"), &on("lab", "edge-1")));
    append(folder, "main.intent", &managed("split", &on("east", "edge-0"), &on("west", "edge-1")));
    append(folder, "main.intent", &managed("bare", "directory \"devices/edge\"", "directory \"devices/centre\""));
    for (form, file) in [("kustomize", "overlays/lab/kustomization.yaml"), ("helm", "values-lab.yaml")] {
        let said = ok(folder, &format!("render -as {form} {form}"));
        for part in [
            "Environment lab is cluster lab".to_owned(),
            format!(
                "Environment split has other clusters (east, west): `ranform render -as {form} -overlay split FOLDER`"
            ),
            "Environment bare has no function that a cluster runs".to_owned(),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        assert!(folder.join(form).join(file).exists(), "{said}");
        let told: Value = serde_json::from_str(&ok(folder, &format!("render -json -as {form} {form}"))).unwrap();
        assert_eq!(told["environments_apart"], serde_json::json!(["split"]), "{told}");
        assert_eq!(told["environments_empty"], serde_json::json!(["bare"]), "{told}");
        assert!(told["files"].as_array().unwrap().contains(&file.into()), "{told}");
        let said = ok(folder, &format!("render -as {form} -overlay split {form}-split"));
        assert!(said.contains(&format!("{form}-split/east")) && said.contains(&format!("{form}-split/west")), "{said}");
    }
    let name = "an_environment_on_another_cluster_is_rendered_or_named_and_never_left_out";
    let Some(packagers) = packagers(name) else { return };
    let lab = folder.join("kustomize/overlays/lab").display().to_string();
    same(&objects(&tool(&packagers.join("kustomize"), &["build", &lab])), &planned(folder, "-overlay lab"));
}
