//! What goes wrong between ranform and a real API server: busy servers, broken connections, admission, quotas, a namespace
//! that somebody deletes, a token that runs out, objects that others edit. Either it is tried again, or it fails with a
//! reason in the intents' words and everything is as before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::time::{Duration, Instant};

use ranform::apply::{Event, Outcome, Silent, apply};
use ranform::drivers::DriverError;
use ranform::state::Step;
use ranform_network::deployment::RicPart;
use rig::cluster::{Cluster, shared};
use rig::cluster_scene::Scene;
use rig::faults::{ALWAYS, Answer, Faults};
use rig::plan::*;
use rig::software::Part;

#[tokio::test]
async fn busy_servers_and_broken_connections_are_tried_again() {
    let Some(cluster) = shared("busy_servers_and_broken_connections_are_tried_again") else { return };
    let mut scene = Scene::new(cluster, "busy", "edge-0").await;
    let faults = [
        ("PATCH", "", 3, Answer::Status(503, "stopping")),
        ("PATCH", "", 1, Answer::RetryAfter(429, 1)),
        ("GET", "", 2, Answer::Status(500, "etcd has no leader")),
        ("GET", "", 1, Answer::Status(504, "late")),
        ("PATCH", "/deployments/", 1, Answer::CutBefore),
        ("PATCH", "/deployments/", 1, Answer::CutAfter),
        ("GET", "/pods", 1, Answer::CutAfter),
        ("PATCH", "/deployments/", 1, Answer::Late(Duration::from_secs(1))),
    ];
    let mut number = 60;
    for (method, path, times, answer) in faults {
        for from_the_start in [true, false] {
            number = 130 - number;
            let begun = Instant::now();
            let outcome = if from_the_start {
                scene.faults.add(method, path, times, answer.clone());
                scene.apply(number).await
            } else {
                let (bundle, options) = (scene.plan(number), scene.options(30));
                let faults = &scene.faults;
                let events = OnEvent(|event: &Event<'_>| {
                    if matches!(event, Event::Step(Step::Commit, _)) {
                        faults.add(method, path, times, answer.clone());
                    }
                });
                apply(&mut scene.state, &bundle, &options, &events).await.unwrap()
            };
            let why = format!("{method} {path} {answer:?}, from the start: {from_the_start}");
            assert!(matches!(outcome, Outcome::Applied { .. }), "{why}: {outcome:?}");
            assert_eq!(scene.faults.clear(), times, "{why}");
            scene.holds(number, &why).await;
            if let Answer::RetryAfter(_, seconds) = answer {
                assert!(begun.elapsed() >= Duration::from_secs(seconds), "{why}: {:?}", begun.elapsed());
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_stays_busy_fails_in_time_and_everything_is_as_before() {
    let Some(cluster) = shared("a_server_that_stays_busy_fails_in_time_and_everything_is_as_before") else { return };
    let mut scene = Scene::new(cluster, "stuck", "edge-1").await;
    // It wants to be left alone for longer than anybody waits: nothing is written, and nobody waits.
    scene.faults.add("GET", "", ALWAYS, Answer::RetryAfter(429, 600));
    let begun = Instant::now();
    let reason = scene.apply(70).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(matches!(&reason, Outcome::Refused { .. }), "{reason:?}");
    assert!(scene.reason(&reason).contains("Too many requests"), "{reason:?}");
    scene.faults.clear();
    scene.holds(60, "too busy to be asked").await;

    let faults = Faults::before(cluster);
    std::fs::write(scene.root().join("kubeconfig"), faults.kubeconfig(None)).unwrap();
    let busy = || faults.add("PATCH", "", ALWAYS, Answer::Status(503, "the server stops"));
    let outcome = scene.apply_while(70, 6, busy, || assert!(faults.clear() > 0)).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    assert!(reason.contains("`ric.stuck/e2t.edge-1`") && reason.contains("the server stops"), "{reason}");
    scene.holds(60, "busy for ever").await;
}

/// Nobody may run this version.
const POLICY: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-new-versions}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
  validations:
    - expression: "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':70'))"
      message: "no new versions on Fridays"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-new-versions}
spec: {policyName: no-new-versions, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ric-denied}}}}
"#;

/// A webhook that nobody answers for.
const WEBHOOK: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: away}
webhooks:
  - name: away.example.org
    clientConfig: {url: "https://127.0.0.1:1/", caBundle: ""}
    rules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}]
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ric-denied}}
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 1
"#;

/// Waits until admission says no to, or lets through, another version of a deployment.
fn until_admission(cluster: &Cluster, scene: &str, admits: bool) {
    let patch = r#"{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"registry.example/e2t:70"}]}}}}"#;
    let line = ["-n", "ric-denied", "patch", "deployment", scene, "--dry-run=server", "-p", patch];
    for _ in 0..100 {
        if cluster.try_kubectl(&line).0 == admits {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("admission does not change its mind");
}

#[tokio::test]
async fn admission_that_says_no_is_told_at_the_address_concerned() {
    let Some(cluster) = shared("admission_that_says_no_is_told_at_the_address_concerned") else { return };
    let mut scene = Scene::new(cluster, "denied", "edge-2").await;
    let (object, file) = (scene.part(0).object(), scene.root().join("admission.yaml"));
    let file = file.display().to_string();
    // From the start: found by the dry-run, nothing is written.
    std::fs::write(&file, POLICY).unwrap();
    let begin = || {
        cluster.kubectl(&["apply", "-f", &file]);
        until_admission(cluster, &object, false);
    };
    let end = || {
        cluster.kubectl(&["delete", "-f", &file]);
        until_admission(cluster, &object, true);
    };
    begin();
    let outcome = scene.apply(70).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    let told = |reason: String| {
        let whose = reason.contains("`ric.denied/e2t.edge-2` (Deployment `denied-e2t-edge-2`) is refused: ");
        assert!(whose && reason.contains("no new versions on Fridays"), "{reason}");
    };
    told(scene.reason(&outcome));
    end();
    scene.holds(60, "refused").await;
    // From the commit on: taken back.
    let outcome = scene.apply_while(70, 20, begin, end).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    told(scene.reason(&outcome));
    scene.holds(60, "taken back").await;

    // A webhook that is away is waited for, and named where it stays away.
    std::fs::write(&file, WEBHOOK).unwrap();
    begin();
    let outcome = scene.apply(70).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert!(scene.reason(&outcome).contains("away.example.org"), "{outcome:?}");
    end();
    scene.holds(60, "webhook away").await;
    let commit = || {
        begin();
        let file = file.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(2));
            cluster.kubectl(&["delete", "-f", &file]);
        });
    };
    let back = scene.apply_while(70, 30, commit, || {}).await;
    assert!(matches!(back, Outcome::Applied { .. }), "{back:?}");
    scene.holds(70, "webhook back").await;
}

#[tokio::test]
async fn a_quota_that_lets_no_pod_be_made_and_a_namespace_that_is_deleted_take_everything_back() {
    let Some(cluster) = shared("a_quota_that_lets_no_pod_be_made_and_a_namespace_that_is_deleted_take_everything_back")
    else {
        return;
    };
    let mut scene = Scene::new(cluster, "small", "edge-3").await;
    let namespace = scene.namespace();
    let quota = || drop(cluster.kubectl(&["-n", &namespace, "create", "quota", "little", "--hard=requests.cpu=100m"]));
    let lifted = || drop(cluster.kubectl(&["-n", &namespace, "delete", "quota", "little"]));
    let outcome = scene.apply_while(70, 10, quota, lifted).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    assert!(reason.contains("`ric.small/e2t.edge-3`") && reason.contains("exceeded quota"), "{reason}");
    scene.holds(60, "no pods").await;
    // The controller of a store says so in an Event only.
    let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 40), ("red", 60)]);
    let store = Part::new("small", RicPart::Nib, "edge-3", 1);
    [scene.part(60), store].iter().for_each(|part| part.add(&mut wanted));
    let bundle = plan(&scene.state, &wanted);
    let outcome = scene.carry_out_while(&bundle, 10, quota, lifted).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    assert!(reason.contains("`ric.small/nib.edge-3`") && reason.contains("exceeded quota"), "{reason}");
    scene.holds(60, "no store").await;

    // Somebody deletes the namespace while the commits begin: it is there again, with all that was in it.
    let delete = || drop(cluster.kubectl(&["delete", "namespace", &namespace, "--wait=true"]));
    let before = cluster.ours(&namespace);
    let outcome = scene.apply_while(70, 20, delete, || {}).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    assert!(reason.contains("namespace `ric-small` is gone"), "{reason}");
    scene.holds(60, "the namespace is back").await;
    assert_eq!(cluster.ours(&namespace), before);
    // The same while it is on its way out.
    let delete = || drop(cluster.kubectl(&["delete", "namespace", &namespace, "--wait=false"]));
    let outcome = scene.apply_while(70, 20, delete, || {}).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    scene.holds(60, "the namespace is back again").await;
    assert_eq!(cluster.ours(&namespace), before);
}

#[tokio::test]
async fn a_pod_that_cannot_be_scheduled_takes_everything_back_with_the_scheduler_s_reason() {
    let Some(cluster) = shared("a_pod_that_cannot_be_scheduled_takes_everything_back_with_the_scheduler_s_reason")
    else {
        return;
    };
    cluster.add_node("edge-9");
    let mut scene = Scene::new(cluster, "pier", "edge-9").await;
    // After the check, which would have seen it. The old pod is gone, and comes back when the node takes pods again.
    let taint = |how: &str| drop(cluster.kubectl(&["taint", "node", "edge-9", how]));
    let outcome = scene.apply_while(70, 10, || taint("maintenance=yes:NoSchedule"), || taint("maintenance-")).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    assert!(reason.contains("node `edge-9` takes no new pods; the scheduler says: "), "{reason}");
    assert!(reason.contains("`ric.pier/e2t.edge-9`"), "{reason}");
    scene.holds(60, "taken back").await;

    // A node whose kubelet is lost, as its cluster would show it: nothing is written.
    scene.faults.add("GET", "/api/v1/nodes", ALWAYS, Answer::Status(200, LOST));
    let outcome = scene.apply(70).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    let told =
        "node `edge-9` takes no new pods: it is not ready (NodeStatusUnknown: Kubelet stopped posting node status.)";
    assert_eq!(scene.reason(&outcome), told);
    // Nor do pods stop there, so that what goes would never be gone.
    let bundle = plan(&scene.state, &network(&[folder("devices/enb-0")], &[("blue", 40), ("red", 60)]));
    let outcome = scene.carry_out_while(&bundle, 20, || {}, || {}).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    assert!(reason.contains("stops no pods") && reason.contains("-exclude=node.pier-edge-9"), "{reason}");
    scene.faults.clear();
    scene.holds(60, "lost for a while").await;

    // What goes needs no room, and a node that takes no new pods lets it go.
    taint("maintenance=yes:NoSchedule");
    let outcome = scene.carry_out_while(&bundle, 30, || {}, || {}).await;
    taint("maintenance-");
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    assert!(scene.deployment().is_none());
}

/// A node that has been silent for longer than its cluster waits.
const LOST: &str = r#"{"apiVersion": "v1", "kind": "NodeList", "metadata": {}, "items": [{
    "metadata": {"name": "edge-9", "labels": {"kubernetes.io/hostname": "edge-9"}},
    "spec": {"taints": [{"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"}]},
    "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "conditions": [
        {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}]}}]}"#;

#[tokio::test]
async fn what_was_not_ready_before_is_put_back_and_not_waited_for() {
    let Some(cluster) = shared("what_was_not_ready_before_is_put_back_and_not_waited_for") else { return };
    let mut scene = Scene::new(cluster, "lame", "edge-1").await;
    let namespace = scene.namespace();
    let sdl = |number: u32| Part::new("lame", RicPart::Sdl, "edge-1", number);
    let both = |scene: &Scene<'_>, number: u32| {
        let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 100 - number), ("red", number)]);
        [scene.part(number), sdl(number)].iter().for_each(|part| part.add(&mut wanted));
        plan(&scene.state, &wanted)
    };
    let first = both(&scene, 65);
    let outcome = scene.carry_out_while(&first, 20, || {}, || {}).await;
    assert_eq!(outcome, Outcome::Applied { serial: 2 });

    // The data layer's pod goes, and no other may come.
    cluster.deny_pods(&namespace, &sdl(0).object());
    let bundle = both(&scene, 70);
    let (options, notes) = (scene.options(10), std::sync::Mutex::new(Vec::new()));
    let events = OnEvent(|event: &Event<'_>| {
        if let Event::Note(_, note) = event {
            notes.lock().unwrap().push((*note).to_owned());
        }
    });
    let begun = Instant::now();
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    // The commit has its ten seconds; the way back waits for nothing that it cannot have.
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    let reason = scene.reason(&outcome);
    assert!(reason.contains("`ric.lame/sdl.edge-1`") && reason.contains("no pods of it"), "{reason}");
    scene.holds(65, "as before").await;
    let image = &cluster.get(&["deployment", &sdl(0).object(), "-n", &namespace])[0]["spec"]["template"]["spec"]["containers"]
        [0]["image"];
    assert_eq!(image, "registry.example/sdl:65");
    let notes = notes.into_inner().unwrap();
    let told = "`ric.lame/sdl.edge-1` (Deployment `lame-sdl-edge-1`) is put back as it was and not waited for: it was not ready before (";
    assert!(matches!(notes.as_slice(), [note] if note.starts_with(told)), "{notes:?}");
    cluster.allow_pods(&sdl(0).object());
    let outcome = scene.carry_out_while(&bundle, 20, || {}, || {}).await;
    assert_eq!(outcome, Outcome::Applied { serial: 3 });
}

#[tokio::test]
async fn many_objects_are_told_wave_by_wave_and_then_how_many_are_ready() {
    let Some(cluster) = shared("many_objects_are_told_wave_by_wave_and_then_how_many_are_ready") else { return };
    let mut scene = Scene::new(cluster, "many", "edge-1").await;
    let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 40), ("red", 60)]);
    scene.part(60).add(&mut wanted);
    (0..12).for_each(|at| Part::xapp("many", &format!("xapp-{at}"), "edge-2", 1).add(&mut wanted));
    let (bundle, options) = (plan(&scene.state, &wanted), scene.options(60));
    let told = std::sync::Mutex::new(Vec::new());
    let events = OnEvent(|event: &Event<'_>| {
        if let Event::Progress(device, step, text) = event {
            told.lock().unwrap().push(format!("{device} {} {text}", step.word()));
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    let told = told.into_inner().unwrap();
    let words: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix("node.many-edge-2 commit ")).collect();
    assert_eq!(words.len(), told.len(), "{told:?}");
    let (waves, ready): (Vec<&str>, Vec<&str>) = words.iter().partition(|text| text.contains("applied"));
    assert_eq!(
        ready,
        ["2 of 12 ready", "4 of 12 ready", "6 of 12 ready", "8 of 12 ready", "10 of 12 ready", "12 of 12 ready"]
    );
    let kinds: Vec<&str> = waves.iter().filter_map(|text| text.rsplit(' ').next()).collect();
    let order = [
        "priorityclasses",
        "namespaces",
        "networkpolicies",
        "serviceaccounts",
        "configmaps",
        "services",
        "poddisruptionbudgets",
        "deployments",
    ];
    assert_eq!(kinds, order, "{waves:?}");
    assert!(words.last() == Some(&"12 of 12 ready") && words.first().is_some_and(|text| text.starts_with("1 of ")));
}

/// A token of a service account that ends when its Secret is deleted.
fn token(cluster: &Cluster, secret: &str) -> String {
    cluster.kubectl(&["create", "secret", "generic", secret]);
    let bound = ["--bound-object-kind=Secret", "--bound-object-name", secret];
    cluster.kubectl(&[&["create", "token", "operator"], &bound[..]].concat()).trim().to_owned()
}

#[tokio::test]
async fn a_token_that_runs_out_is_read_anew() {
    let Some(cluster) = shared("a_token_that_runs_out_is_read_anew") else { return };
    let mut scene = Scene::new(cluster, "token", "edge-4").await;
    let file = scene.root().join("token");
    cluster.kubectl(&["create", "serviceaccount", "operator"]);
    let account = "--serviceaccount=default:operator";
    cluster.kubectl(&["create", "clusterrolebinding", "operator", "--clusterrole=ranform", account]);
    let real = cluster.kubeconfig();
    let user = real.find("user: {client-certificate").unwrap();
    let end = user + real[user..].find('}').unwrap();
    let real = format!("{}user: {{tokenFile: \"{}\"{}", &real[..user], file.display(), &real[end..]);
    std::fs::write(scene.root().join("kubeconfig"), &real).unwrap();
    std::fs::write(&file, token(cluster, "first")).unwrap();
    assert_eq!(scene.apply(70).await, Outcome::Applied { serial: 2 });

    // It ends: nothing is written, and it is said why. The server remembers a token for some seconds.
    cluster.kubectl(&["delete", "secret", "first"]);
    tokio::time::sleep(Duration::from_secs(12)).await;
    let outcome = scene.apply(60).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert!(scene.reason(&outcome).contains("does not know its token"), "{outcome:?}");
    scene.holds(70, "without a token").await;
    std::fs::write(&file, token(cluster, "second")).unwrap();
    assert_eq!(scene.apply(60).await, Outcome::Applied { serial: 3 });

    // It ends in the middle and is renewed in the middle.
    let faults = Faults::before(cluster);
    std::fs::write(scene.root().join("kubeconfig"), faults.kubeconfig(Some(&file))).unwrap();
    std::fs::write(&file, "one").unwrap();
    faults.know("one");
    let renewed = || {
        faults.know("two");
        let file = file.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(2));
            std::fs::write(file, "two").unwrap();
        });
    };
    let outcome = scene.apply_while(70, 20, renewed, || {}).await;
    assert_eq!(outcome, Outcome::Applied { serial: 4 });
    scene.holds(70, "renewed in the middle").await;
    // It ends in the middle and is renewed when everything is taken back.
    let ended = || faults.know("three");
    let outcome = scene.apply_while(60, 20, ended, || std::fs::write(&file, "three").unwrap()).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert!(scene.reason(&outcome).contains("does not know its token"), "{outcome:?}");
    scene.holds(70, "renewed for the way back").await;
}

#[tokio::test]
async fn what_others_edit_between_plan_and_apply_is_refused_with_zero_writes() {
    let Some(cluster) = shared("what_others_edit_between_plan_and_apply_is_refused_with_zero_writes") else { return };
    let mut scene = Scene::new(cluster, "stale", "edge-5").await;
    let (bundle, options) = (scene.plan(70), scene.options(30));
    let (object, namespace) = (scene.part(0).object(), scene.namespace());
    cluster.kubectl(&["-n", &namespace, "scale", "deployment", &object, "--replicas=2"]);
    let generation = scene.deployment().unwrap()["metadata"]["generation"].clone();
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures.values().any(|one| matches!(one, DriverError::Stale(found) if found.len() == 1)), "{failures:?}");
    assert_eq!(scene.deployment().unwrap()["metadata"]["generation"], generation);
    cluster.kubectl(&["-n", &namespace, "scale", "deployment", &object, "--replicas=1"]);
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    scene.holds(70, "as it was planned for").await;
}
