//! What peers of A1 do wrong, and how they are reached: busy and lying ones, the traps of the management service, tokens, TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rig/a1/mod.rs"]
mod peer;
#[path = "rig/a1_scene.rs"]
mod scene;

use std::time::{Duration, Instant};

use peer::schemas::{any_schema, slice_schema};
use peer::tls::Authority;
use peer::{Enforces, HANGS, Speaks};
use ranform::apply::{Outcome, Silent, apply, rollback};
use ranform::drivers;
use ranform::patience::Patience;
use ranform_network::diagnostic::codes;
use scene::*;

#[tokio::test]
async fn busy_and_lying_peers_are_looked_at_before_anything_is_repeated() {
    // Method, how often, status (0: the connection breaks), whether it takes effect, how many writes then go out.
    let lies = [
        ("PUT", 1, 503, false, 2),
        ("PUT", 2, 429, false, 3),
        ("PUT", 1, 423, false, 2),
        ("PUT", 1, 500, true, 1),
        ("PUT", 1, 507, true, 1),
        ("PUT", 1, 0, true, 1),
        ("PUT", 1, 0, false, 2),
    ];
    for (method, times, status, effect, writes) in lies {
        let mut scene = Scene::new(Speaks::Standard).await;
        scene.peer.lie(method, times, status, effect);
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 }, "{status} {effect}");
        assert_eq!(scene.peer.writes(), writes, "{status} {effect}");
    }
    // Questions are asked again too.
    for (times, status) in [(1, 503), (3, 429), (1, 0)] {
        let mut scene = Scene::new(Speaks::Standard).await;
        scene.peer.lie("GET", times, status, false);
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 }, "{status}");
        assert_eq!(scene.peer.writes(), 1, "{status}");
    }
    for (status, effect, writes) in [(503, true, 1), (503, false, 2), (0, true, 1), (502, false, 2)] {
        let mut scene = Scene::new(Speaks::OscMediator).await;
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
        scene.peer.writes();
        scene.peer.lie("DELETE", 1, status, effect);
        let bundle = scene.plan("");
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 }, "{status} {effect}");
        assert_eq!(scene.peer.ids(), ["somebody-elses"]);
        assert_eq!(scene.peer.writes(), writes, "{status} {effect}");
    }
    // Version 3 hides the code in the text of a 500.
    let mut scene = Scene::new(Speaks::PmsV3).await;
    scene.peer.lie("POST", 1, 500, false);
    scene.peer.with(|inside| {
        inside.lies[0].body =
            r#"{"status":500,"detail":"WebClientResponseException$TooManyRequests: 429 Too Many Requests"}"#
    });
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    assert_eq!(scene.peer.writes(), 2);
}

#[tokio::test]
async fn a_policy_that_is_there_under_our_id_is_not_overwritten() {
    let mut scene = Scene::new(Speaks::PmsV3).await;
    let bundle = scene.plan(GOLD);
    let (path, _) = bundle.artifacts.iter().find(|(path, _)| path.contains("policies/")).unwrap();
    let id = path.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned();
    scene.peer.foreign(SLICE, &id);
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert_eq!(scene.peer.writes(), 0);
}

#[tokio::test]
async fn management_service_traps_are_seen() {
    // Our name is registered with a keep-alive: whatever we write would be deleted.
    let mut scene = Scene::new(Speaks::PmsV2).await;
    scene.peer.with(|inside| {
        inside.services.insert("smo".to_owned(), 20);
    });
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures.values().any(|why| why.to_string().contains("keep-alive of 20 s")), "{failures:?}");
    assert_eq!(scene.peer.writes(), 0);
    // Without it all goes through; a policy that version 3 wrote last is read by version 3.
    scene.peer.with(|inside| inside.services.clear());
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let ours = |inside: &mut peer::Inside| {
        inside.policies.iter_mut().find(|(id, _)| id.starts_with("smo-gold")).unwrap().1.clone()
    };
    assert_eq!(scene.peer.with(ours).service, "smo");
    scene.peer.with(|inside| inside.policies.values_mut().for_each(|stored| stored.service.clear()));
    assert_eq!(scene.drift().await, []);
    // A change by version 2 makes it ours again.
    let bundle = scene.plan(&LESS.replace('}', " transient }"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
    assert_eq!(scene.peer.with(ours).service, "smo");
    assert!(scene.peer.with(ours).transient);

    // Version 3 would make a transient policy lasting by an update: it is made anew.
    let mut scene = Scene::new(Speaks::PmsV3).await;
    let bundle = scene.plan(&GOLD.replace('}', " transient }"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let bundle = scene.plan(&LESS.replace('}', " transient }"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
    assert!(scene.peer.with(ours).transient);
}

#[tokio::test]
async fn a_token_is_shown_and_never_told() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.with(|inside| inside.token = Some("s3cret".to_owned()));
    std::fs::write(scene.folder.path().join("token"), "wrong-one\n").unwrap();
    scene.manage.push_str(" token file \"token\"");
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("wrong-one"));
    std::fs::write(scene.folder.path().join("token"), "s3cret\n").unwrap();
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });

    // A peer that tells what it was sent tells nobody through us.
    std::fs::write(scene.folder.path().join("token"), "an/expired+one\n").unwrap();
    scene.peer.with(|inside| inside.echoes = true);
    let bundle = scene.plan(LESS);
    let told = format!("{:?}", scene.run(&bundle).await);
    assert!(told.contains("not let in with Bearer ***") && !told.contains("expired"), "{told}");
}

/// The types of all policies of ours.
fn kinds(scene: &Scene) -> Vec<String> {
    let ours = |inside: &mut peer::Inside| {
        inside.policies.iter().filter(|(id, _)| id.contains("gold")).map(|(_, held)| held.kind.clone()).collect()
    };
    scene.peer.with(ours)
}

#[tokio::test]
async fn a_type_that_gets_another_number_leaves_no_policy_under_the_old_one() {
    // The one has one space of ids over all types, the other has one for each.
    for speaks in [Speaks::Osc, Speaks::OscMediator] {
        let mut scene = Scene::new(speaks).await;
        scene.peer.with(|inside| drop(inside.types.insert("20010".to_owned(), slice_schema())));
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
        scene.manage = scene.manage.replace("20008", "20010");
        // Taken back, it is under the old number again.
        scene.peer.with(|inside| inside.enforces = Enforces::Never("SCOPE_NOT_APPLICABLE"));
        let bundle = scene.plan(GOLD);
        let outcome = scene.run(&bundle).await;
        assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{speaks:?}: {outcome:?}");
        assert_eq!(kinds(&scene), ["20008"], "{speaks:?}");
        scene.peer.with(|inside| inside.enforces = Enforces::Soon);
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 }, "{speaks:?}");
        assert_eq!(kinds(&scene), ["20010"], "{speaks:?}");
        assert_eq!(scene.drift().await, []);
        let options = scene.options();
        let back = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
        assert_eq!((back, kinds(&scene)), (Outcome::Applied { serial: 3 }, vec!["20008".to_owned()]), "{speaks:?}");
    }
}

#[tokio::test]
async fn many_policies_go_out_several_at_a_time_and_have_the_time_that_they_take() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.with(|inside| {
        inside.types.insert("ORAN_QoSTarget_2.0.0".to_owned(), any_schema());
        inside.delay = Duration::from_millis(30);
    });
    let mut more = "policy v { for tenant red  for 5qi 7  on cells  guarantee dl 20Mbps }".to_owned();
    for node in 0..5 {
        more.push_str(&format!(" node more-{node} : gnb {{ parent ric-1  plmn 001-01  gnb-id {}/22", 500 + node));
        for cell in 0..12 {
            more.push_str(&format!(
                " cell c{cell} {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id {cell}  pci {}  tac 7 }}",
                100 + 12 * node + cell
            ));
        }
        more.push_str(" }");
    }
    let mut options = scene.options();
    // One after the other, the writes alone would take twice that.
    options.device_limit = Duration::from_secs(1);
    options.settle_limit = Duration::from_secs(1);
    for _ in 0..2 {
        // None is enforced: all are taken back.
        scene.peer.with(|inside| inside.enforces = Enforces::Never("STATEMENT_NOT_APPLICABLE"));
        let bundle = scene.plan(&more);
        let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
        assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
        assert_eq!(scene.peer.ids(), ["somebody-elses"]);
    }
    scene.peer.with(|inside| inside.enforces = Enforces::Soon);
    let bundle = scene.plan(&more);
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 1 });
    assert_eq!(scene.peer.ids().len(), 63);
    scene.peer.writes();
    let bundle = scene.plan_of("language 1\nlimit { deletions 1000 }");
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    assert_eq!(scene.peer.ids(), ["somebody-elses"]);
    let lists = scene.peer.with(|inside| inside.log.iter().filter(|line| line.ends_with("/policies")).count());
    assert!((1..10).contains(&lists), "{lists} lists");
    let [now, most] = scene.peer.with(|inside| inside.at_once);
    assert_eq!((now, most), (0, 8));
}

#[tokio::test]
async fn what_is_only_hoped_for_does_not_wait_for_what_is_required() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.with(|inside| inside.enforces = Enforces::These("gold"));
    let mut options = scene.options();
    options.device_limit = Duration::from_secs(60);
    let (bundle, notes) =
        (scene.plan(&format!("{} {STEER}", GOLD.replace('}', " require enforced }"))), Notes::default());
    let begun = Instant::now();
    let outcome = apply(&mut scene.state, &bundle, &options, &notes).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 1 });
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let told = notes.0.into_inner().unwrap();
    assert!(told.len() == 1 && told[0].contains("steer"), "{told:?}");
}

#[tokio::test]
async fn an_old_word_of_a_mediator_is_told_to_be_no_proof() {
    for (speaks, notes_wanted) in [(Speaks::OscMediator, 1), (Speaks::Osc, 0)] {
        let mut scene = Scene::new(speaks).await;
        let bundle = scene.plan(&GOLD.replace('}', " require enforced }"));
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
        let bundle = scene.plan(&LESS.replace('}', " require enforced }"));
        let (options, notes) = (scene.options(), Notes::default());
        let outcome = apply(&mut scene.state, &bundle, &options, &notes).await.unwrap();
        assert_eq!(outcome, Outcome::Applied { serial: 2 });
        let told = notes.0.into_inner().unwrap();
        assert_eq!(told.len(), notes_wanted, "{speaks:?}: {told:?}");
        assert!(told.iter().all(|note| note.contains("is no proof")), "{told:?}");
    }
}

#[tokio::test]
async fn a_ric_that_deletes_a_little_later_is_looked_at_and_not_asked_again() {
    for speaks in [Speaks::Osc, Speaks::OscMediator] {
        let mut scene = Scene::new(speaks).await;
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
        scene.peer.with(|inside| inside.lingers = 5);
        scene.peer.writes();
        let bundle = scene.plan("");
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
        assert_eq!((scene.peer.writes(), scene.peer.ids()), (1, vec!["somebody-elses".to_owned()]), "{speaks:?}");
    }
}

#[tokio::test]
async fn a_service_that_forgets_before_it_deletes_is_told() {
    let mut scene = Scene::new(Speaks::PmsV2).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    // It forgets the policy, then cannot reach the RIC.
    scene.peer.lie("DELETE", 1, 502, true);
    let (bundle, options, notes) = (scene.plan(""), scene.options(), Notes::default());
    let outcome = apply(&mut scene.state, &bundle, &options, &notes).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    let told = notes.0.into_inner().unwrap();
    assert!(told.len() == 1 && told[0].contains("at its next check"), "{told:?}");
}

#[tokio::test]
async fn a_policy_that_another_service_took_over_is_not_written() {
    let mut scene = Scene::new(Speaks::PmsV2).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    scene.peer.with(|inside| {
        let (_, gold) = inside.policies.iter_mut().find(|(id, _)| id.contains("gold")).unwrap();
        gold.service = "somebody".to_owned();
    });
    scene.peer.writes();
    let bundle = scene.plan(LESS);
    let outcome = scene.run(&bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures.values().any(|why| why.to_string().contains("taken over by service `somebody`")), "{failures:?}");
    assert_eq!(scene.peer.writes(), 0);
}

#[tokio::test]
async fn a_ric_that_its_service_is_getting_to_know_is_waited_for() {
    let mut scene = Scene::new(Speaks::PmsV3).await;
    scene.peer.with(|inside| inside.settles_after = 2);
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
}

#[tokio::test]
async fn a_peer_that_never_answers_delays_the_verdict_by_its_deadline_only() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.lie("GET", 1000, HANGS, false);
    let mut options = scene.options();
    options.device_limit = Duration::from_secs(2);
    options.settle_limit = Duration::from_secs(2);
    let bundle = scene.plan(GOLD);
    let begun = Instant::now();
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(!scene.node_is_there());
}

/// The code of the only failure of an apply that was refused.
async fn refused(scene: &mut Scene) -> (String, String) {
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(!scene.node_is_there());
    let why = failures.values().next().unwrap();
    (why.code().id.to_owned(), why.to_string())
}

#[tokio::test]
async fn a_wrong_dialect_is_told_with_the_right_one() {
    for (written, speaks, below, told_wanted) in [
        (Speaks::Standard, Speaks::StandardV1, "", "A1-P version 1 answers there: write `dialect standard-v1`"),
        (Speaks::Standard, Speaks::Osc, "", "A1-P of O-RAN SC answers there: write `dialect osc`"),
        (Speaks::Standard, Speaks::OscMediator, "", "write `dialect osc types \"ORAN_SliceSLATarget_1.0.0\" NUMBER`"),
        (Speaks::Standard, Speaks::PmsV3, "", "of an A1 policy management service answers there: write `dialect pms-v"),
        (Speaks::Standard, Speaks::Standard, "/A1-P/v1", "answers there: leave `/A1-P/v1` out of its URL"),
        (Speaks::Standard, Speaks::Standard, "/x", "look at its URL, and at the `dialect` of its `manage` line"),
        (Speaks::StandardV1, Speaks::Standard, "", "A1-P version 2 answers there: write `dialect standard`"),
        (Speaks::Osc, Speaks::Standard, "", "types are no numbers there: write `dialect standard`"),
        (Speaks::Osc, Speaks::StandardV1, "", "write `dialect standard-v1`"),
        (Speaks::PmsV2, Speaks::Standard, "", "A1-P version 2 answers there: write `dialect standard`"),
    ] {
        let mut scene = Scene::new(speaks).await;
        scene.manage = manage(written, &format!("{}{below}", scene.peer.url));
        let (bundle, mut options) = (scene.plan(GOLD), scene.options());
        options.device_limit = Duration::from_secs(2);
        let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
        let Outcome::Refused { failures } = &outcome else { panic!("{written:?} {speaks:?}: {outcome:?}") };
        let told: Vec<String> = failures.values().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(told_wanted), "{written:?} {speaks:?}: {told:?}");
        assert_eq!((scene.peer.writes(), scene.node_is_there()), (0, false));
    }
    // A RIC of version 1 behind a management service has one type without a name.
    let mut scene = Scene::new(Speaks::PmsV3).await;
    scene.peer.with(|inside| inside.types = [(String::new(), any_schema())].into());
    let (code, told) = refused(&mut scene).await;
    assert!(code == codes::DEVICE_REFUSED.id && told.contains("not spoken through a management service"), "{told}");
    // A RIC that a management service does not have is told with those that it has.
    let mut scene = Scene::new(Speaks::PmsV2).await;
    scene.manage = scene.manage.replace("ric1", "ric7");
    let (bundle, mut options) = (scene.plan(GOLD), scene.options());
    options.device_limit = Duration::from_secs(2);
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert!(
        format!("{outcome:?}").contains("RIC `ric7` is not known at")
            && format!("{outcome:?}").contains("which knows ric1, ric2"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn policies_are_not_gone_where_the_interface_is_not_there() {
    let mut scene = Scene::new(Speaks::StandardV1).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    // A gateway that lost the way to it answers 404 to everything.
    scene.peer.lie("GET", 1000, 404, false);
    let why = unread(&scene).await;
    assert!(why.contains("A1-P version 1 is not at"), "{why}");
}

#[tokio::test]
async fn policies_are_not_gone_where_a_mediator_has_lost_its_database() {
    let mut scene = Scene::new(Speaks::OscMediator).await;
    let bundle = scene.plan(&format!("{GOLD} {STEER}"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let ids = scene.peer.ids();
    scene.peer.with(|inside| inside.database_is_down = true);
    let why = unread(&scene).await;
    assert!(why.contains("/policies was answered 503"), "{why}");
    // Nor are they taken for deleted.
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    scene.peer.with(|inside| inside.database_is_down = false);
    assert_eq!((scene.peer.ids(), scene.drift().await), (ids, Vec::new()));
}

/// Why the RIC cannot be read.
async fn unread(scene: &Scene) -> String {
    let (recorded, devices) = (scene.state.recorded().unwrap(), scene.state.devices().unwrap());
    let limit = Duration::from_secs(9);
    let seen = drivers::observe(&devices, &recorded, scene.folder.path(), 8, limit, &Patience::seconds(9)).await;
    seen.into_values().find_map(Result::err).expect("the RIC cannot be read").to_string()
}

#[tokio::test]
async fn both_sides_show_certificates_and_a_wrong_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ca");
    Authority::new(folder.path(), "stranger");
    authority.sign("server", "IP:127.0.0.1");
    authority.sign("elsewhere", "DNS:ric.example");
    authority.sign("client", "DNS:client");
    let mut scene = Scene::behind(Speaks::Standard, Some(authority.acceptor("server"))).await;
    assert!(scene.peer.url.starts_with("https://127.0.0.1:"));
    for file in ["ca.pem", "stranger.pem", "stranger.key", "client.pem", "client.key"] {
        std::fs::copy(folder.path().join(file), scene.folder.path().join(file)).unwrap();
    }
    let plain = scene.manage.clone();
    let ours = "certificate file \"client.pem\" key file \"client.key\"";
    let trust = "authority file \"ca.pem\"";

    // A certificate of another authority, and none at all.
    scene.manage = format!("{plain} certificate file \"stranger.pem\" key file \"stranger.key\" {trust}");
    let (code, told) = refused(&mut scene).await;
    assert_eq!(code, codes::DEVICE_LOGIN.id, "{told}");
    scene.manage = format!("{plain} {trust}");
    let (code, told) = refused(&mut scene).await;
    assert_eq!(code, codes::DEVICE_LOGIN.id, "{told}");
    // We do not trust who signed the peer's; by default that is the system's authorities.
    for trust in ["authority file \"stranger.pem\"", ""] {
        scene.manage = format!("{plain} {ours} {trust}");
        let (code, told) = refused(&mut scene).await;
        assert_eq!(code, codes::DEVICE_HOST_KEY.id, "{told}");
        assert!(told.contains("UnknownIssuer"), "{told}");
    }
    // What is not there is told by name.
    scene.manage = format!("{plain} certificate file \"no.pem\" key file \"client.key\" {trust}");
    let (code, told) = refused(&mut scene).await;
    assert!(code == codes::DEVICE_CREDENTIAL.id && told.contains("no.pem"), "{told}");

    // With all in place policies are written, and the token goes over TLS too; an expired one is refused.
    std::fs::write(scene.folder.path().join("token"), "expired\n").unwrap();
    scene.peer.with(|inside| inside.token = Some("fresh".to_owned()));
    scene.manage = format!("{plain} {ours} token file \"token\" {trust}");
    let (code, told) = refused(&mut scene).await;
    assert_eq!(code, codes::DEVICE_LOGIN.id, "{told}");
    assert!(told.contains("401") && !told.contains("expired"), "{told}");
    std::fs::write(scene.folder.path().join("token"), "fresh\n").unwrap();
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });

    // A certificate that the peer has signed itself is trusted where it is written itself; another of its name is not.
    let mut scene = Scene::behind(Speaks::Standard, Some(authority.acceptor("ca"))).await;
    for file in ["ca.pem", "client.pem", "client.key"] {
        std::fs::copy(folder.path().join(file), scene.folder.path().join(file)).unwrap();
    }
    scene.manage = format!("{} {ours} {trust}", scene.manage);
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let twin = tempfile::tempdir().unwrap();
    Authority::new(twin.path(), "ca");
    std::fs::copy(twin.path().join("ca.pem"), scene.folder.path().join("ca.pem")).unwrap();
    let bundle = scene.plan(LESS);
    let outcome = scene.run(&bundle).await;
    let told = format!("{outcome:?}");
    assert!(matches!(&outcome, Outcome::Refused { .. }) && told.contains("certificate"), "{told}");

    // The right authority, another host.
    let mut scene = Scene::behind(Speaks::Standard, Some(authority.acceptor("elsewhere"))).await;
    for file in ["ca.pem", "client.pem", "client.key"] {
        std::fs::copy(folder.path().join(file), scene.folder.path().join(file)).unwrap();
    }
    scene.manage = format!("{} {ours} {trust}", scene.manage);
    let (code, told) = refused(&mut scene).await;
    assert_eq!(code, codes::DEVICE_HOST_KEY.id, "{told}");
    assert!(told.to_lowercase().contains("not valid for name"), "{told}");
}
