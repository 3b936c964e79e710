//! Admission webhooks, as owners of clusters have them: real HTTPS servers that a real API server asks before it writes. They
//! refuse, lie, are silent, or make something else of what they are asked about.
#![allow(clippy::single_match, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ranform::apply::{Event, Outcome, apply};
use ranform::state::Step;
use ranform_network::deployment::RicPart;
use rig::cluster::{Cluster, shared};
use rig::cluster_scene::Scene;
use rig::plan::*;
use rig::software::Part;
use rig::webhook::{Registration, Verdict, Webhook};
use serde_json::Value;

/// What a webhook says in its own words.
const WORDS: &str = "plant 7 is in production: ask for ticket CHG-41";

fn image(request: &Value) -> String {
    let image = &request["object"]["spec"]["template"]["spec"]["containers"][0]["image"];
    image.as_str().unwrap_or_default().to_owned()
}

fn is_new(request: &Value) -> bool {
    image(request).ends_with(":70")
}

fn is_dry(request: &Value) -> bool {
    request["dryRun"] == true
}

fn no() -> Verdict {
    Verdict::Deny(403, WORDS.to_owned())
}

/// Every object of a namespace that ranform manages, with the version that tells whether anybody wrote it.
fn versions(cluster: &Cluster, namespace: &str) -> Vec<(String, String)> {
    let kinds = "deployments,statefulsets,services,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets";
    let found = cluster.get(&[kinds, "-n", namespace, "-l", "app.kubernetes.io/managed-by=ranform"]);
    let text = |object: &Value, path: &str| object.pointer(path).map(ToString::to_string).unwrap_or_default();
    let version = |object: &Value| match object["kind"].as_str() {
        // Its controller writes the status whenever it likes.
        Some("Deployment" | "StatefulSet") => text(object, "/metadata/generation"),
        _ => text(object, "/metadata/resourceVersion"),
    };
    found.iter().map(|one| (text(one, "/kind") + &text(one, "/metadata/name"), version(one))).collect()
}

#[tokio::test]
async fn a_webhook_that_says_no_to_the_dry_run_costs_no_write_on_any_target() {
    let Some(cluster) = shared("a_webhook_that_says_no_to_the_dry_run_costs_no_write_on_any_target") else { return };
    let mut scene = Scene::new(cluster, "gate", "edge-0").await;
    let (namespace, hook) = (scene.namespace(), Webhook::start(cluster));
    let registration = Registration::new("gate.example.org", &namespace);
    hook.register(&registration);
    let before = versions(cluster, &namespace);
    // It is a verdict, whatever status the webhook gives to it: asked once, and told as such.
    for status in [403, 401, 409, 429, 500, 503] {
        hook.judges(
            move |request| if is_new(request) { Verdict::Deny(status, WORDS.to_owned()) } else { Verdict::Allow },
        );
        let outcome = scene.apply(70).await;
        let Outcome::Refused { failures } = &outcome else { panic!("{status}: {outcome:?}") };
        let codes: Vec<&str> = failures.values().map(|failure| failure.code().id).collect();
        assert_eq!(codes, ["RF927"], "{status}: {outcome:?}");
        let reason = scene.reason(&outcome);
        let told = "`ric.gate/e2t.edge-0` (Deployment `gate-e2t-edge-0`) is refused: admission webhook \"gate.example.org\" denied the request";
        assert!(reason.starts_with(told) && reason.contains(WORDS), "{status}: {reason}");
        let asked = hook.asked();
        assert!(asked.len() == 1 && is_dry(&asked[0]), "{status}: {asked:?}");
        scene.holds(60, "refused").await;
        assert_eq!(versions(cluster, &namespace), before, "{status}");
    }
    hook.forget(&registration);
    assert_eq!(scene.apply(70).await, Outcome::Applied { serial: 2 });

    // In a namespace that the same plan makes it is asked once that is there; nothing of it is left.
    cluster.kubectl(&["create", "namespace", "ric-lock"]);
    let elsewhere = Registration::new("lock.example.org", "ric-lock");
    hook.register(&elsewhere);
    cluster.kubectl(&["delete", "namespace", "ric-lock"]);
    hook.judges(|_| no());
    let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 40), ("red", 60)]);
    [scene.part(70), Part::new("lock", RicPart::E2t, "edge-0", 1)].iter().for_each(|part| part.add(&mut wanted));
    let bundle = plan(&scene.state, &wanted);
    let outcome = scene.carry_out_while(&bundle, 30, || panic!("nothing is committed"), || {}).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. } | Outcome::Refused { .. }), "{outcome:?}");
    assert!(
        format!("{outcome:?}").contains("`ric.lock/e2t.edge-0` (Deployment `lock-e2t-edge-0`) is refused"),
        "{outcome:?}"
    );
    assert!(hook.asked().iter().all(is_dry));
    assert!(cluster.get(&["namespace", "ric-lock"]).is_empty());
    scene.holds(70, "as before").await;
    cluster.kubectl(&["delete", "validatingwebhookconfiguration", "lock.example.org"]);
}

#[tokio::test]
async fn a_webhook_that_says_yes_to_the_dry_run_and_no_to_the_write_takes_everything_back() {
    let name = "a_webhook_that_says_yes_to_the_dry_run_and_no_to_the_write_takes_everything_back";
    let Some(cluster) = shared(name) else { return };
    let mut scene = Scene::new(cluster, "liar", "edge-1").await;
    let (namespace, hook) = (scene.namespace(), Webhook::start(cluster));
    let other = |version: u32| Part::new("liar", RicPart::Sdl, "edge-2", version);
    let both = |scene: &Scene<'_>, number: u32| {
        let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 100 - number), ("red", number)]);
        [scene.part(number), other(number)].iter().for_each(|part| part.add(&mut wanted));
        plan(&scene.state, &wanted)
    };
    let first = both(&scene, 60);
    assert_eq!(scene.carry_out_while(&first, 30, || {}, || {}).await, Outcome::Applied { serial: 2 });
    let registration = Registration::new("liar.example.org", &namespace);
    hook.register(&registration);
    // The E2 termination's Deployment is never written; the first is, and is taken back. In the second round it refuses even
    // to have it written as it was, which it is.
    for refuses_always in [false, true] {
        hook.judges(move |request| {
            let concerned = request["name"] == "liar-e2t-edge-1" && !is_dry(request);
            if concerned && (refuses_always || is_new(request)) { no() } else { Verdict::Allow }
        });
        let (bundle, options) = (both(&scene, 70), scene.options(30));
        let steps = Mutex::new(Vec::new());
        let events = OnEvent(|event: &Event<'_>| match event {
            Event::Begins(device, step @ (Step::Commit | Step::Abort)) => {
                steps.lock().unwrap().push(format!("{} {device}", step.word()));
            }
            _ => {}
        });
        let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
        assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{refuses_always}: {outcome:?}");
        let reason = scene.reason(&outcome);
        let told =
            "`ric.liar/e2t.edge-1` (Deployment `liar-e2t-edge-1`) is refused: admission webhook \"liar.example.org\"";
        assert!(reason.starts_with(told) && reason.contains(WORDS), "{reason}");
        scene.holds(60, "taken back").await;
        let sdl = &cluster.get(&["deployment", &other(0).object(), "-n", &namespace])[0];
        assert_eq!(sdl["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/sdl:60");
        // The radio would have come last, and is looked at first; then both nodes.
        let mut steps = steps.into_inner().unwrap();
        assert_eq!(steps.iter().position(|step| step == "abort node.enb-0"), Some(2), "{steps:?}");
        steps.sort();
        let nodes =
            ["abort node.liar-edge-1", "abort node.liar-edge-2", "commit node.liar-edge-1", "commit node.liar-edge-2"];
        steps.retain(|step| step != "abort node.enb-0");
        assert_eq!(steps, nodes);
    }
    hook.forget(&registration);
    let bundle = both(&scene, 70);
    assert_eq!(scene.carry_out_while(&bundle, 30, || {}, || {}).await, Outcome::Applied { serial: 3 });
}

#[tokio::test]
async fn a_silent_webhook_is_asked_again_within_bounds_and_then_named_or_passed_over() {
    let name = "a_silent_webhook_is_asked_again_within_bounds_and_then_named_or_passed_over";
    let Some(cluster) = shared(name) else { return };
    let mut scene = Scene::new(cluster, "mute", "edge-3").await;
    let (namespace, hook) = (scene.namespace(), Webhook::start(cluster));
    let fails = Registration::new("mute.example.org", &namespace);
    hook.register(&fails);
    for verdict in [Verdict::Late(Duration::from_secs(20)), Verdict::Gone] {
        // All the time: nothing is written.
        let (silence, before) = (verdict.clone(), versions(cluster, &namespace));
        hook.judges(move |request| if is_new(request) { silence.clone() } else { Verdict::Allow });
        let outcome = scene.apply(70).await;
        assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
        let reason = scene.reason(&outcome);
        let told = "`ric.mute/e2t.edge-3` (Deployment `mute-e2t-edge-3`) is refused: Internal error occurred: failed calling webhook \"mute.example.org\"";
        assert!(reason.starts_with(told) && reason.contains("`failurePolicy`"), "{reason}");
        let asked = hook.asked().len();
        // An API server asks anew itself where a connection breaks.
        assert!((2..=60).contains(&asked), "{verdict:?}: {asked} times");
        assert_eq!(versions(cluster, &namespace), before);
        scene.holds(60, "silent").await;
        // Once the commits have begun, for a while: it is waited for.
        let (silence, writes) = (verdict.clone(), AtomicUsize::new(0));
        hook.judges(move |request| {
            let silent = !is_dry(request) && writes.fetch_add(1, Ordering::Relaxed) < 2;
            if silent { silence.clone() } else { Verdict::Allow }
        });
        let outcome = scene.apply(70).await;
        assert!(matches!(&outcome, Outcome::Applied { .. }), "{outcome:?}");
        scene.holds(70, "silent for a while").await;
        // For as long as the step may take: everything is taken back.
        let silence = verdict.clone();
        hook.judges(move |request| {
            let silent = !is_dry(request) && image(request).ends_with(":60");
            if silent { silence.clone() } else { Verdict::Allow }
        });
        let outcome = scene.apply_while(60, 6, || {}, || {}).await;
        assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
        assert!(scene.reason(&outcome).contains("mute.example.org"), "{outcome:?}");
        scene.holds(70, "silent for ever").await;
        hook.judges(|_| Verdict::Allow);
        assert!(matches!(scene.apply(60).await, Outcome::Applied { .. }));
    }
    hook.forget(&fails);
    // Whom its owner lets be passed over is passed over.
    let ignored = Registration { failure_policy: "Ignore", ..fails };
    hook.register(&ignored);
    for (number, verdict) in [(70, Verdict::Late(Duration::from_secs(20))), (60, Verdict::Gone)] {
        hook.judges(move |_| verdict.clone());
        let outcome = scene.apply(number).await;
        assert!(matches!(&outcome, Outcome::Applied { .. }), "{outcome:?}");
        assert!(hook.asked().iter().any(|request| !is_dry(request)));
        scene.holds(number, "passed over").await;
    }
    hook.forget(&ignored);
}
