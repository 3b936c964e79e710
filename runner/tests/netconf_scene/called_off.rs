//! An apply that is called off at each of its events in turn: all as before up to the decision, all as planned after it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ranform::apply::{Event, Outcome, apply};
use ranform::patience::Patience;

use super::Scene;
use super::rig::Flavour;
use super::rig::plan::*;

/// What came of it: the outcome, how many events there were, and whether it was decided by then.
struct Called {
    outcome: Outcome,
    events: usize,
    decided: bool,
}

/// Applies a share of `red`, and calls that off at the event with this number.
async fn called_off(scene: &mut Scene, red: u32, at: usize) -> Called {
    let bundle = plan(&scene.state, &network(&scene.ways, &[("blue", 100 - red), ("red", red)]));
    let mut options = options(scene.root());
    let (patience, canceller) = Patience::new(Duration::from_secs(600));
    options.patience = patience;
    let (seen, decided) = (AtomicUsize::new(0), AtomicBool::new(false));
    let events = OnEvent(|event: &Event<'_>| {
        decided.fetch_or(matches!(event, Event::Decided), Ordering::SeqCst);
        if seen.fetch_add(1, Ordering::SeqCst) == at {
            canceller.cancel();
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    Called { outcome, events: seen.into_inner(), decided: decided.into_inner() }
}

#[tokio::test]
async fn called_off_at_any_event_the_network_is_old_or_new() {
    let mut scene = Scene::new(&[Flavour::Candidate]);
    scene.ways.push(folder("devices/enb-1"));
    let first = called_off(&mut scene, 60, usize::MAX).await;
    assert_eq!((first.outcome, first.decided), (Outcome::Applied { serial: 1 }, true));
    let (mut now, mut taken_back, mut applied) = (60, 0, 0);
    for at in 0..first.events {
        let next = 130 - now;
        let called = called_off(&mut scene, next, at).await;
        match &called.outcome {
            Outcome::RolledBack { .. } => taken_back += 1,
            Outcome::Applied { .. } => (applied, now) = (applied + 1, next),
            other => panic!("called off at event {at}: {other:?}"),
        }
        assert_eq!(called.decided, matches!(called.outcome, Outcome::Applied { .. }), "{at}: {:?}", called.outcome);
        assert_eq!(
            scene.settled_shares("red").await,
            vec![Some(now); 2],
            "called off at event {at}: {:?}",
            called.outcome
        );
        assert!(scene.state.pending().unwrap().is_none(), "called off at event {at}");
    }
    assert!(taken_back >= 8 && applied >= 4, "of {} events {taken_back} took it back, {applied} did not", first.events);
}
