//! What ranform does in a cluster is what it asked for before, and what the shipped role allows: every request of whole
//! applies, as it reaches the API server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use ranform::apply::{Event, Outcome, apply};
use ranform::state::{State, Step};
use ranform_network::Resource;
use ranform_network::deployment::{Deployment, RicPart};
use rig::cluster::{Cluster, shared};
use rig::faults::{Faults, Seen};
use rig::plan::*;
use rig::software::Part;
use serde_json::Value;

/// A verb on a resource: verb, group, plural.
type Right = [String; 3];

/// What a request takes, and where; none of what everybody may (reviews of one's own rights, discovery).
fn rights(seen: &Seen) -> Option<(Vec<Right>, String)> {
    let path = seen.path.split('?').next().unwrap();
    let mut words: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let group = match words.first() {
        Some(&"api") => words.drain(..2).next().map(|_| ""),
        Some(&"apis") if words.len() > 3 => words.drain(..3).nth(1),
        _ => None,
    }?;
    let mut namespace = "";
    if words.first() == Some(&"namespaces") && words.len() > 2 {
        namespace = words[1];
        words.drain(..2);
    }
    let plural = *words.first()?;
    assert!(words.len() <= 2, "a subresource: {path}");
    let verb = match (seen.method.as_str(), words.len()) {
        ("GET", 1) => "list",
        ("GET", _) => "get",
        ("POST", _) => "create",
        ("PATCH", _) => "patch",
        ("DELETE", 2) => "delete",
        other => panic!("{other:?} {path}"),
    };
    let right = |verb: &str| [verb, group, plural].map(str::to_owned);
    // What is applied and was not there is created.
    let verbs = if verb == "patch" && seen.status == 201 { vec!["patch", "create"] } else { vec![verb] };
    (plural != "selfsubjectaccessreviews").then(|| (verbs.into_iter().map(right).collect(), namespace.to_owned()))
}

/// What a review asked for, and where.
fn reviewed(seen: &Seen) -> Option<(Right, String)> {
    if !seen.path.contains("/selfsubjectaccessreviews") {
        return None;
    }
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let text = |name: &str| body["spec"]["resourceAttributes"][name].as_str().unwrap_or_default().to_owned();
    Some((["verb", "group", "resource"].map(text), text("namespace")))
}

/// What the requests took; each of it was asked for before, there or for the whole cluster.
fn taken(all: &[Seen]) -> BTreeSet<Right> {
    let (mut asked, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for seen in all {
        asked.extend(reviewed(seen));
        let Some((rights, namespace)) = rights(seen) else { continue };
        assert_ne!(seen.status, 403, "{} {}", seen.method, seen.path);
        for right in rights {
            let known = [namespace.clone(), String::new()].into_iter().any(|at| asked.contains(&(right.clone(), at)));
            assert!(known, "{right:?} in `{namespace}` was not asked for before");
            taken.insert(right);
        }
    }
    taken
}

/// What a role allows.
fn allowed(cluster: &Cluster, role: &str) -> BTreeSet<Right> {
    let role = cluster.get(&["clusterrole", role]).remove(0);
    let list = |rule: &Value, name: &str| -> Vec<String> {
        rule[name].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let mut allowed = BTreeSet::new();
    for rule in role["rules"].as_array().unwrap() {
        for group in list(rule, "apiGroups") {
            for plural in list(rule, "resources") {
                allowed.extend(list(rule, "verbs").into_iter().map(|verb| [verb, group.clone(), plural.clone()]));
            }
        }
    }
    allowed
}

/// An E2 termination, and a store of so many bytes, in a version; with a Secret that its image is pulled by, where named.
fn wanted(version: u32, storage: Option<f64>, secret: Option<&str>) -> Deployment {
    let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 100 - version), ("red", version)]);
    let part = |part: RicPart| Part::new("rights", part, "edge-0", version);
    part(RicPart::E2t).add(&mut wanted);
    if storage.is_some() {
        Part { storage, ..part(RicPart::Nib) }.add(&mut wanted);
    }
    let e2t = part(RicPart::E2t).address();
    if let Some(Resource::RicInstance(instance)) = wanted.placed.get_mut(&e2t).map(|placed| &mut placed.resource) {
        instance.pull_secrets = secret.into_iter().map(str::to_owned).collect();
    }
    wanted
}

#[tokio::test]
async fn whatever_an_apply_does_was_asked_for_and_the_shipped_role_allows_that_and_no_more() {
    let test = "whatever_an_apply_does_was_asked_for_and_the_shipped_role_allows_that_and_no_more";
    let Some(cluster) = shared(test) else { return };
    let folder_of = tempfile::tempdir().unwrap();
    let faults = Faults::before(cluster);
    std::fs::write(folder_of.path().join("kubeconfig"), faults.kubeconfig(None)).unwrap();
    let mut state = State::open(&folder_of.path().join(".ranform")).unwrap();
    let mut options = options(folder_of.path());
    options.device_limit = Duration::from_secs(15);
    drop(faults.seen());
    let all = Mutex::new(BTreeSet::new());
    let mut carry_out = async |wanted: Deployment, commit: &(dyn Fn() + Send + Sync)| {
        let bundle = plan(&state, &wanted);
        let events = OnEvent(|event: &Event<'_>| {
            if matches!(event, Event::Step(Step::Commit, _)) {
                commit();
            }
        });
        let outcome = apply(&mut state, &bundle, &options, &events).await.unwrap();
        all.lock().unwrap().extend(taken(&faults.seen()));
        outcome
    };
    let namespace = ["-n", "ric-rights"];
    let kubectl = |line: &[&str]| drop(cluster.kubectl(&[&namespace, line].concat()));

    // The namespace, its classes, both kinds of workloads, a volume.
    let made = carry_out(wanted(60, Some(5e9), None), &|| {}).await;
    assert_eq!(made, Outcome::Applied { serial: 1 });
    // A Secret, and a store that is made anew.
    kubectl(&[
        "create",
        "secret",
        "docker-registry",
        "registry-login",
        "--docker-server=r",
        "--docker-username=u",
        "--docker-password=p",
    ]);
    let bind = ["create", "rolebinding", "pull", "--clusterrole=ranform-secrets", "--user=ranform"];
    kubectl(&bind);
    let made = carry_out(wanted(61, Some(6e9), Some("registry-login")), &|| {}).await;
    assert_eq!(made, Outcome::Applied { serial: 2 });
    // A store of which no pod is made, and everything taken back: it was not ready, and its controller said why.
    let gone = carry_out(wanted(62, None, Some("registry-login")), &|| {}).await;
    assert_eq!(gone, Outcome::Applied { serial: 3 });
    let quota = || kubectl(&["create", "quota", "little", "--hard=count/pods=1"]);
    let failed = carry_out(wanted(62, Some(6e9), Some("registry-login")), &quota).await;
    assert!(matches!(failed, Outcome::RolledBack { .. }), "{failed:?}");
    // Everything goes.
    kubectl(&["delete", "quota", "little"]);
    kubectl(&["delete", "secret", "registry-login"]);
    kubectl(&["delete", "rolebinding", "pull"]);
    let stations = network(&[folder("devices/enb-0")], &[("blue", 40), ("red", 60)]);
    assert_eq!(carry_out(stations, &|| {}).await, Outcome::Applied { serial: 4 });
    assert!(cluster.get(&["namespace", "ric-rights"]).is_empty());

    let mut taken = all.into_inner().unwrap();
    let secrets = ["list", "", "secrets"].map(str::to_owned);
    assert!(taken.remove(&secrets), "Secrets are looked at under a role of their own");
    assert_eq!(allowed(cluster, "ranform-secrets"), BTreeSet::from([secrets]));
    let role = allowed(cluster, "ranform");
    let refused: Vec<&Right> = taken.difference(&role).collect();
    assert!(refused.is_empty(), "not in the role: {refused:?}");
    let idle: Vec<&Right> = role.difference(&taken).collect();
    assert!(idle.is_empty(), "in the role for nothing: {idle:?}");
    // The role for one namespace is what the first allows there for what is written.
    assert!(allowed(cluster, "ranform-namespace").is_subset(&role));
}
