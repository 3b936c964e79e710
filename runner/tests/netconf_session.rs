//! The NETCONF client against a real server: netconfd behind sshd.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::time::Duration;

use ranform::netconf::ssh::{self, ExpectedHostKey, Secret};
use ranform::netconf::{Confirmed, Datastore, Error};
use ranform::patience::Patience;
use rig::{Flavour, Modules, Rig};

const FILTER: &str = "<filter type=\"subtree\"><network xmlns=\"urn:ranform:test\"/></filter>";

fn cell(name: &str, leaves: &str) -> String {
    format!("<config><network xmlns=\"urn:ranform:test\"><cell><name>{name}</name>{leaves}</cell></network></config>")
}

fn patience() -> Patience {
    Patience::seconds(30)
}

#[tokio::test]
async fn a_confirmed_commit_outlives_its_session_and_is_cancelled_or_confirmed_by_name() {
    let rig = Rig::start(Flavour::CandidateAndStartup, Modules::test());
    let p = patience();
    let persist = Confirmed { timeout_seconds: 120, persist: "plan-1".to_owned(), extends: false };
    let mut first = rig.connect().await;
    assert!(first.capabilities.base_1_1 && first.capabilities.confirmed_commit && first.capabilities.startup);
    first.lock(Datastore::Candidate, &p).await.unwrap();
    first.edit_config(Datastore::Candidate, &cell("a", "<pci>7</pci>"), &p).await.unwrap();
    first.commit_confirmed(&persist, &p).await.unwrap();
    drop(first);

    let mut second = rig.connect().await;
    let held = second.get_config(Datastore::Running, FILTER, &p).await.unwrap();
    assert_eq!(held.child("network").unwrap().child("cell").unwrap().child_text("pci"), Some("7"));
    assert!(second.confirm("other", &p).await.unwrap_err().has_tag("invalid-value"));
    second.cancel_commit("plan-1", &p).await.unwrap();
    let empty = second.get_config(Datastore::Running, FILTER, &p).await.unwrap();
    assert!(empty.child("network").is_none_or(|network| network.children.is_empty()));

    second.edit_config(Datastore::Candidate, &cell("a", "<pci>8</pci>"), &p).await.unwrap();
    second.commit_confirmed(&persist, &p).await.unwrap();
    second.commit_confirmed(&Confirmed { extends: true, ..persist }, &p).await.unwrap();
    second.confirm("plan-1", &p).await.unwrap();
    second.copy_config(Datastore::Running, Datastore::Startup, &p).await.unwrap();
    assert!(rig.startup().contains("<pci>8</pci>"), "{}", rig.startup());
    second.close_session(&p).await.unwrap();
}

#[tokio::test]
async fn refusals_carry_every_error_and_the_holder_of_a_lock() {
    let rig = Rig::start(Flavour::Candidate, Modules::test());
    let p = patience();
    let (mut first, mut second) = (rig.connect().await, rig.connect().await);
    first.lock(Datastore::Running, &p).await.unwrap();
    let Error::Rpc { errors, .. } = second.lock(Datastore::Running, &p).await.unwrap_err() else { panic!() };
    assert_eq!((errors[0].tag.as_str(), errors[0].session.clone()), ("lock-denied", Some(first.id.to_string())));
    second.kill_session(first.id, &p).await.unwrap();
    second.lock(Datastore::Running, &p).await.unwrap();

    let bad = cell("b", "<pci>2000</pci><power>x</power>");
    let Error::Rpc { errors, .. } = second.edit_config(Datastore::Candidate, &bad, &p).await.unwrap_err() else {
        panic!()
    };
    assert!(errors.len() >= 2, "{errors:?}");
    let dangling = cell("c", "<neighbour>nobody</neighbour>");
    assert!(second.edit_config(Datastore::Candidate, &dangling, &p).await.is_err());
    second.discard_changes(&p).await.unwrap();
    second.unlock(Datastore::Running, &p).await.unwrap();
    // A large edit goes through the chunked framing in several reads.
    let many: String = (0..2000).map(|index| format!("<cell><name>cell-{index}</name><pci>1</pci></cell>")).collect();
    let many = format!("<config><network xmlns=\"urn:ranform:test\">{many}</network></config>");
    second.edit_config(Datastore::Candidate, &many, &p).await.unwrap();
    second.commit(&p).await.unwrap();
    let held = second.get_config(Datastore::Running, FILTER, &p).await.unwrap();
    assert_eq!(held.child("network").unwrap().children.len(), 2000);
}

#[tokio::test]
async fn a_hanging_server_costs_its_deadline_and_no_more() {
    let mut rig = Rig::start(Flavour::Running, Modules::test());
    let mut session = rig.connect().await;
    assert!(session.capabilities.writable_running && !session.capabilities.candidate);
    session.edit_config(Datastore::Running, &cell("a", "<pci>3</pci>"), &patience()).await.unwrap();
    rig.signal_server("-STOP");
    let short = Patience::new(Duration::from_millis(300)).0;
    let begun = std::time::Instant::now();
    let error = session.get_config(Datastore::Running, "", &short).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { during: "get-config" }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert!(!session.is_usable());
    rig.signal_server("-CONT");
    let mut session = rig.connect().await;
    rig.kill_server();
    let error = session.get_config(Datastore::Running, "", &patience()).await.unwrap_err();
    assert!(matches!(error, Error::Closed { during: "get-config" }), "{error}");
}

#[tokio::test]
async fn the_host_and_the_user_are_verified() {
    let rig = Rig::start(Flavour::Candidate, Modules::test());
    let good = rig.endpoint();
    let try_with = async |host_key: ExpectedHostKey| {
        let endpoint = ssh::Endpoint { host_key, ..good.clone() };
        ssh::connect(&endpoint, &patience()).await.map(drop)
    };
    try_with(ExpectedHostKey::KnownHosts(rig.known_hosts())).await.unwrap();
    // As `ssh-keyscan` writes it: without a comment, after a comment line.
    let scanned = rig.known_hosts().with_file_name("scanned");
    let line = std::fs::read_to_string(rig.known_hosts()).unwrap();
    let line: Vec<&str> = line.split(' ').take(3).collect();
    std::fs::write(&scanned, format!("# a device\n{}\n", line.join(" "))).unwrap();
    try_with(ExpectedHostKey::KnownHosts(scanned)).await.unwrap();
    let other = ExpectedHostKey::Fingerprint("SHA256:AAAA".to_owned());
    let stranger = Rig::start(Flavour::Candidate, Modules::test());
    // The known_hosts file of a host that had another key: what a reinstalled device, or an impostor, looks like.
    let changed = rig.known_hosts().with_file_name("changed");
    let text = std::fs::read_to_string(stranger.known_hosts()).unwrap();
    std::fs::write(&changed, text.replace(&stranger.port.to_string(), &rig.port.to_string())).unwrap();
    for (wrong, advice) in [
        (other, "compare the key on its console and write the new fingerprint"),
        (ExpectedHostKey::Unwritten, "verify it and write `host-key"),
        (ExpectedHostKey::KnownHosts("/nonexistent".into()), "cannot be read"),
        (ExpectedHostKey::KnownHosts(stranger.known_hosts()), "does not list this host"),
        (ExpectedHostKey::KnownHosts(changed), "compare the key on its console and mend the line"),
    ] {
        let error = try_with(wrong).await.unwrap_err();
        assert!(matches!(&error, Error::HostKey { shown, .. } if *shown == rig.fingerprint()), "{error}");
        assert!(error.to_string().contains(advice), "{error}");
    }
    let wrong_key = ssh::Endpoint { key: stranger.endpoint().key, ..good.clone() };
    let refused = ssh::connect(&wrong_key, &patience()).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("with the key `SHA256:"), "{refused}");
    let no_key = ssh::Endpoint { key: Secret::new("no key"), ..good.clone() };
    assert!(matches!(ssh::connect(&no_key, &patience()).await, Err(Error::Credential { .. })));
    let nobody = ssh::Endpoint { port: 1, ..good };
    assert!(ssh::connect(&nobody, &patience()).await.unwrap_err().is_unreachable());
}
