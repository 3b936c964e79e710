//! Transactions over several real NETCONF servers: all confirmed or all as before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "netconf_scene/called_off.rs"]
mod called_off;
mod rig;

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ranform::apply::{Event, Options, Outcome, Silent, apply, recover, rollback};
use ranform::drivers::DriverError;
use ranform::exit::Exit;
use ranform::netconf::ssh::{self, SshStream};
use ranform::netconf::{Datastore, Session};
use ranform::patience::Patience;
use ranform::state::{State, Step};
use ranform_network::network::Management;
use rig::plan::*;
use rig::skipped::skipped;
use rig::victim::{self, Tally, killed_at};
use rig::{Flavour, Modules, Rig};

struct Scene {
    folder: tempfile::TempDir,
    rigs: Vec<Rig>,
    ways: Vec<Management>,
    state: State,
}

impl Scene {
    fn new(flavours: &[Flavour]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rigs: Vec<Rig> = flavours.iter().map(|flavour| Rig::start(*flavour, Modules::lte())).collect();
        let ways = rigs.iter().map(netconf).collect();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        Self { folder, rigs, ways, state }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    async fn apply(&mut self, shares: &[(&str, u32)]) -> Outcome {
        let bundle = plan(&self.state, &network(&self.ways, shares));
        let options = options(self.folder.path());
        apply(&mut self.state, &bundle, &options, &Silent).await.unwrap()
    }

    /// The shares once every device can be read: a server whose session was killed may refuse the next for a moment.
    async fn settled_shares(&self, name: &str) -> Vec<Option<u32>> {
        for _ in 0..20 {
            let shares = self.shares(name).await;
            if shares.iter().all(Option::is_some) {
                return shares;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        self.shares(name).await
    }

    async fn shares(&self, name: &str) -> Vec<Option<u32>> {
        shares(&self.state, &network(&self.ways, &[]), self.root(), name).await
    }
}

const EDIT_NOTE: &str = "<config><enb xmlns=\"urn:ranform:lte\"><cell><id>lte-1</id><note xmlns=\"urn:ranform:foreign\">keep me</note></cell></enb></config>";
const SHARES: &[(&str, u32)] = &[("blue", 40), ("red", 60)];

async fn edit(rig: &Rig, config: &str) {
    let patience = Patience::seconds(20);
    let mut session = rig.connect().await;
    let store = if session.capabilities.candidate { Datastore::Candidate } else { Datastore::Running };
    session.edit_config(store, config, &patience).await.unwrap();
    if store == Datastore::Candidate {
        session.commit(&patience).await.unwrap();
    }
    session.close_session(&patience).await.unwrap();
}

async fn running(rig: &Rig) -> String {
    let filter = "<filter type=\"subtree\"><enb xmlns=\"urn:ranform:lte\"/></filter>";
    rig.connect().await.get_config(Datastore::Running, filter, &Patience::seconds(20)).await.unwrap().to_text()
}

#[tokio::test]
async fn a_network_is_applied_changed_renamed_rolled_back_and_torn_down_beside_leaves_of_others() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::CandidateAndStartup, Flavour::Running]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    assert_eq!(scene.shares("red").await, vec![Some(60); 3]);
    assert!(scene.rigs.iter().all(|rig| rig.startup().contains("red")), "what is confirmed survives a restart");
    let seen = look(&scene.state, &network(&scene.ways, SHARES), scene.root()).await;
    let no_auto_revert: Vec<bool> = seen.values().map(|seen| seen.as_ref().unwrap().no_auto_revert).collect();
    assert_eq!(no_auto_revert, [false, false, true]);
    let again = plan(&scene.state, &network(&scene.ways, SHARES));
    assert!(again.changes.is_empty() && again.artifacts.is_empty());

    for rig in &scene.rigs {
        edit(rig, EDIT_NOTE).await;
    }
    assert_eq!(scene.apply(&[("blue", 30), ("red", 70)]).await, Outcome::Applied { serial: 2 });
    assert_eq!(scene.shares("red").await, vec![Some(70); 3]);

    // A rename changes rows, not devices: it succeeds with every device hanging.
    let mut renamed = plan(&scene.state, &network(&scene.ways, &[("blue", 30), ("red", 70)]));
    renamed.state.renamed = (0..3).map(|index| (tenant(index, "red"), tenant(index, "crimson"))).collect();
    scene.rigs.iter().for_each(|rig| rig.signal_server("-STOP"));
    let options = options(scene.folder.path());
    let outcome = apply(&mut scene.state, &renamed, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 3 });
    scene.rigs.iter().for_each(|rig| rig.signal_server("-CONT"));
    assert_eq!(scene.shares("crimson").await, vec![Some(70); 3]);
    let outcome = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 4 });
    assert!(scene.state.recorded().unwrap().contains_key(&tenant(0, "red")));
    assert_eq!(rollback(&mut scene.state, Some(2), &options, &Silent).await.unwrap(), Outcome::Nothing);

    assert_eq!(scene.apply(&[("blue", 20), ("green", 20), ("red", 60)]).await, Outcome::Applied { serial: 5 });
    let outcome = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 6 });
    assert_eq!(scene.shares("red").await, vec![Some(70); 3]);
    assert_eq!(scene.shares("green").await, vec![None; 3]);

    // The bundle was planned without knowing of the note, so it would take the whole entry: refused, nothing written.
    let mut empty = network(&scene.ways, &[]);
    empty.placed.clear();
    let blind = plan(&scene.state, &empty);
    let outcome = apply(&mut scene.state, &blind, &options, &Silent).await.unwrap();
    assert_eq!(outcome.exit(), Exit::Stale, "{outcome:?}");
    // Documents made from what the devices hold leave it alone.
    let mut seeing = blind.clone();
    seeing.artifacts.clear();
    let outcome = apply(&mut scene.state, &seeing, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 7 });
    for rig in &scene.rigs {
        let text = running(rig).await;
        assert!(text.contains("keep me") && !text.contains("red") && !text.contains("2680000000"), "{text}");
    }
    assert!(scene.state.records().unwrap().is_empty() && scene.state.devices().unwrap().is_empty());
}

#[tokio::test]
async fn reading_sends_no_operation_that_writes() {
    let mut scene = Scene::new(&[Flavour::CandidateAndStartup]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let wanted = network(&scene.ways, SHARES);
    let seen = look(&scene.state, &wanted, scene.root()).await;
    let observation = seen[&device(0)].as_ref().unwrap();
    let sent: Vec<_> = observation.operations.keys().copied().collect();
    assert_eq!(sent, ["get-config"]);
    let recorded = scene.state.recorded().unwrap();
    assert!(ranform::drivers::drift(&device(0), &recorded, &observation.reading).is_empty());
    edit(
        &scene.rigs[0],
        "<config><enb xmlns=\"urn:ranform:lte\"><cell><id>lte-1</id><tac>77</tac></cell></enb></config>",
    )
    .await;
    let seen = look(&scene.state, &wanted, scene.root()).await;
    let drift = ranform::drivers::drift(&device(0), &recorded, &seen[&device(0)].as_ref().unwrap().reading);
    assert_eq!(drift.len(), 1);
    assert_eq!(drift[0].to_string(), "`node.enb-0/cell.lte-1` cell.tac is 77, not 9");
}

#[tokio::test]
async fn one_difference_on_one_device_costs_no_write_on_any() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::Candidate, Flavour::Running]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 50), ("red", 50)]));
    let quota = "<config><enb xmlns=\"urn:ranform:lte\"><cell><id>lte-1</id><pci>8</pci></cell></enb></config>";
    let plan_cell = plan(&scene.state, &{
        let mut wanted = network(&scene.ways, SHARES);
        for index in 0..3 {
            if let ranform_network::Resource::Cell(cell) = &mut wanted.placed.get_mut(&cell(index)).unwrap().resource {
                cell.pci = Some(11);
            }
        }
        wanted
    });
    edit(&scene.rigs[1], quota).await;
    let before: Vec<String> = vec![running(&scene.rigs[0]).await, running(&scene.rigs[2]).await];
    let options = options(scene.folder.path());
    let wrote = Mutex::new(false);
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Begins(_, Step::Stage | Step::Commit)) {
            *wrote.lock().unwrap() = true;
        }
    });
    let outcome = apply(&mut scene.state, &plan_cell, &options, &events).await.unwrap();
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(matches!(failures[&device(1)], DriverError::Stale(_)) && failures.len() == 1);
    assert_eq!(outcome.exit(), Exit::Stale);
    assert!(!*wrote.lock().unwrap());
    assert_eq!(before, vec![running(&scene.rigs[0]).await, running(&scene.rigs[2]).await]);
    assert_eq!(scene.state.pending().unwrap(), None);

    // What is not touched may differ; a bundle is applied once, and only to the state it was made from.
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!((outcome.exit(), outcome), (Exit::Stale, Outcome::AppliedBefore { serial: 2 }));
    let outcome = apply(&mut scene.state, &plan_cell, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::OldState { made_from: 1, now: 2 });
}

#[tokio::test]
async fn a_locked_and_an_unreachable_device_stop_everything_before_any_write() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::Candidate]);
    let mut other = scene.rigs[1].connect().await;
    other.lock(Datastore::Running, &Patience::seconds(20)).await.unwrap();
    let outcome = scene.apply(SHARES).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures[&device(1)].to_string().contains(&format!("session {}", other.id)), "{failures:?}");
    assert_eq!(outcome.exit(), Exit::Locked);
    other.close_session(&Patience::seconds(20)).await.unwrap();

    // Edits that somebody left in candidate would go out with ours.
    let mut careless = scene.rigs[1].connect().await;
    careless.edit_config(Datastore::Candidate, EDIT_NOTE, &Patience::seconds(20)).await.unwrap();
    let outcome = scene.apply(SHARES).await;
    assert_eq!(outcome.exit(), Exit::Locked, "{outcome:?}");
    careless.discard_changes(&Patience::seconds(20)).await.unwrap();

    scene.rigs[1].stop();
    let outcome = scene.apply(SHARES).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(matches!(failures[&device(1)], DriverError::Unreachable(_)), "{failures:?}");
    assert_eq!(outcome.exit(), Exit::Error);
    assert_eq!(outcome.next_commands()[0], "ranform plan -exclude=node.enb-1 -out=FILE.ranplan");
    assert!(!running(&scene.rigs[0]).await.contains("lte-1"));
}

#[tokio::test]
async fn a_server_killed_at_commit_reverts_the_others() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::Candidate, Flavour::Running]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 10), ("red", 90)]));
    let mut options = options(scene.folder.path());
    options.settle_limit = Duration::from_secs(4);
    // It stays dead: what it holds is not proved, so a person is told and the transaction stays pending.
    let victim = Mutex::new(scene.rigs.remove(1));
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            victim.lock().unwrap().kill_server();
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    let Outcome::Partly { failures, decided: false, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(failures.keys().collect::<Vec<_>>(), [&device(1)]);
    assert!(scene.state.pending().unwrap().unwrap().to_string().contains("will be taken back"));
    scene.rigs.insert(1, victim.into_inner().unwrap());
    scene.rigs[1].start_server();
    let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
    assert!(matches!(recovered, Some(Outcome::RolledBack { .. })), "{recovered:?}");
    assert_eq!(scene.shares("red").await, vec![Some(60); 3]);

    // It comes back at once: everything is proved to be as before.
    let victim = Mutex::new(scene.rigs.remove(1));
    let events = OnEvent(|event: &Event<'_>| match event {
        Event::Step(Step::Commit, _) => victim.lock().unwrap().kill_server(),
        Event::Step(Step::Abort, _) => victim.lock().unwrap().start_server(),
        _ => {}
    });
    options.settle_limit = Duration::from_secs(20);
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    scene.rigs.insert(1, victim.into_inner().unwrap());
    assert_eq!(scene.shares("red").await, vec![Some(60); 3]);
    assert_eq!(scene.state.pending().unwrap(), None);
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
}

#[tokio::test]
async fn after_the_decision_a_device_that_restarts_gets_the_same_edit_anew() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::CandidateAndStartup]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 10), ("red", 90)]));
    let options = options(scene.folder.path());
    let rigs = Mutex::new(std::mem::take(&mut scene.rigs));
    let restart = |rigs: &mut Vec<Rig>| {
        for rig in rigs {
            rig.kill_server();
            rig.start_server();
        }
    };
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Decided) {
            restart(&mut rigs.lock().unwrap());
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    assert_eq!(scene.shares("red").await, vec![Some(90); 2]);
    restart(&mut rigs.lock().unwrap());
    assert_eq!(scene.shares("red").await, vec![Some(90); 2], "confirmed survives a restart");
}

#[tokio::test]
async fn a_hung_device_delays_the_verdict_by_its_deadline_only() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::Candidate]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 10), ("red", 90)]));
    let mut options = options(scene.folder.path());
    options.device_limit = Duration::from_secs(3);
    options.settle_limit = Duration::from_secs(3);
    scene.rigs[0].signal_server("-STOP");
    let begun = Instant::now();
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    scene.rigs[0].signal_server("-CONT");
    assert_eq!(scene.shares("red").await, vec![Some(60); 2]);
}

/// What somebody else has not finished.
const UNFINISHED: &str = "<config><e2 xmlns=\"urn:ranform:e2\"><node><id>unfinished</id></node></e2></config>";
/// The event after which everything is committed and nothing is decided, on one device; the next is the decision.
const COMMITTED: usize = 12;

#[tokio::test]
async fn what_others_left_in_candidate_goes_out_with_no_commit_of_a_recovery() {
    for flavour in [Flavour::Candidate, Flavour::CandidateAndStartup] {
        let mut answered = false;
        for _ in 0..3 {
            answered = answered || a_recovery_beside_an_unfinished_edit(flavour).await.is_some();
        }
        if !answered {
            let why = "the server stopped answering, three times";
            skipped(&format!("a recovery beside an unfinished edit, {flavour:?} ({why})"));
        }
    }
}

/// None where the server is slow or stops answering: this one was seen to do so for minutes, after the session that had committed was
/// killed and while somebody else's edit was in candidate.
async fn a_recovery_beside_an_unfinished_edit(flavour: Flavour) -> Option<()> {
    let mut scene = Scene::new(&[flavour]);
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let mut options = options(scene.folder.path());
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 10), ("red", 90)]));
    // A note of a server that is slow moves the event by one.
    let killed = killed_at(scene.root(), &bundle, COMMITTED + 1).await;
    if !killed || !scene.state.pending().unwrap()?.decided {
        return None;
    }
    let _careless = somebody(&scene.rigs[0], Some(UNFINISHED)).await?;

    options.settle_limit = Duration::from_secs(6);
    let outcome = recovered(&mut scene, &options).await?;
    let Outcome::Partly { failures, decided: true, .. } = &outcome else { panic!("{outcome:?}") };
    let DriverError::Locked(why) = &failures[&device(0)] else { panic!("{failures:?}") };
    assert!(why.contains("(/e2/node[unfinished])"), "{why}");
    assert_eq!(outcome.next_commands(), ["ranform apply FILE.ranplan"]);
    assert!(!all_of(&scene.rigs[0], Datastore::Running).await?.contains("unfinished"));
    assert!(all_of(&scene.rigs[0], Datastore::Candidate).await?.contains("unfinished"), "it stays theirs");
    // They take it back; then the way out that was told is one.
    let _tidy = somebody(&scene.rigs[0], None).await?;
    options.settle_limit = Duration::from_secs(20);
    assert_eq!(recovered(&mut scene, &options).await?, Outcome::Applied { serial: 2 });
    assert_eq!(scene.red().await?, 90);

    // The same before the decision: taking back commits nothing.
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 20), ("red", 80)]));
    let killed = killed_at(scene.root(), &bundle, COMMITTED).await;
    if !killed || scene.state.pending().unwrap()?.decided {
        return None;
    }
    let _careless = somebody(&scene.rigs[0], Some(UNFINISHED)).await?;
    let outcome = recovered(&mut scene, &options).await?;
    assert!(matches!(outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.red().await?, 90);
    assert!(!all_of(&scene.rigs[0], Datastore::Running).await?.contains("unfinished"));
    Some(())
}

impl Scene {
    /// The share of `red` on the first device; none while it gives no answer.
    async fn red(&self) -> Option<u32> {
        self.shares("red").await[0]
    }
}

/// How a recovery ends; it is begun anew while the server gives no answer.
async fn recovered(scene: &mut Scene, options: &Options) -> Option<Outcome> {
    for _ in 0..3 {
        let outcome = recover(&mut scene.state, options, &Silent).await.unwrap().unwrap();
        match &outcome {
            Outcome::Partly { failures, .. } if failures.values().all(|why| !matches!(why, DriverError::Locked(_))) => {
            }
            _ => return Some(outcome),
        }
    }
    None
}

/// Somebody edits in candidate and leaves it there, or discards what is there.
async fn somebody(rig: &Rig, edit: Option<&str>) -> Option<Session<SshStream>> {
    for _ in 0..4 {
        let patience = Patience::seconds(4);
        let Ok(mut session) = ssh::connect(&rig.endpoint(), &Patience::seconds(20)).await else { continue };
        let done = match edit {
            Some(config) => session.edit_config(Datastore::Candidate, config, &patience).await,
            None => session.discard_changes(&patience).await,
        };
        if done.is_ok() {
            return Some(session);
        }
    }
    None
}

async fn all_of(rig: &Rig, store: Datastore) -> Option<String> {
    let mut session = ssh::connect(&rig.endpoint(), &Patience::seconds(20)).await.ok()?;
    Some(session.get_config(store, "", &Patience::seconds(20)).await.ok()?.to_text())
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(options).await;
}

#[tokio::test]
async fn killed_at_any_event_the_next_run_finds_the_network_old_or_new_and_never_mixed() {
    let mut scene = Scene::new(&[Flavour::Candidate, Flavour::Running]);
    scene.ways.push(folder("devices/enb-2"));
    assert_eq!(scene.apply(SHARES).await, Outcome::Applied { serial: 1 });
    let (mut percent, mut tally) = (60, Tally::default());
    let options = options(scene.folder.path());
    for at in 1.. {
        let next = 130 - percent;
        let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 100 - next), ("red", next)]));
        if !killed_at(scene.root(), &bundle, at).await {
            break;
        }
        let pending = scene.state.pending().unwrap();
        let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
        let old = percent;
        if tally.is_new(at, pending.as_ref(), recovered) {
            percent = next;
        }
        let shares = scene.settled_shares("red").await;
        assert_eq!(shares, vec![Some(percent); 3], "at event {at}, from {old} to {next}");
    }
    tally.check(12, 7);
}
