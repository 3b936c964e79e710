//! A transaction over many devices at once: bounded time, and one that hangs does not delay the verdict.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::time::{Duration, Instant};

use ranform::apply::{Event, Outcome, Silent, apply, recover};
use ranform::drivers::DriverError;
use ranform::state::{State, Step};
use ranform_network::network::Management;
use rig::plan::*;
use rig::{Flavour, Modules, Rig};

const DEVICES: usize = 20;
const SHARES: &[(&str, u32)] = &[("blue", 40), ("red", 60)];

#[tokio::test]
async fn twenty_devices_are_one_transaction_and_one_that_hangs_costs_its_deadline() {
    let rigs = Rig::several(DEVICES, Flavour::Candidate, &Modules::lte());
    let ways: Vec<Management> = rigs.iter().map(netconf).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut state = State::open(&folder.path().join(".ranform")).unwrap();
    let mut options = options(folder.path());

    let bundle = plan(&state, &network(&ways, SHARES));
    let begun = Instant::now();
    let outcome = apply(&mut state, &bundle, &options, &Silent).await.unwrap();
    println!("{DEVICES} devices applied in {:?}", begun.elapsed());
    assert_eq!(outcome, Outcome::Applied { serial: 1 });

    // One hangs when the commits begin: all others go back within its limits, and it is named.
    let bundle = plan(&state, &network(&ways, &[("blue", 10), ("red", 90)]));
    options.device_limit = Duration::from_secs(30);
    options.settle_limit = Duration::from_secs(12);
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            rigs[7].signal_server("-STOP");
        }
    });
    let begun = Instant::now();
    let outcome = apply(&mut state, &bundle, &options, &events).await.unwrap();
    let verdict = begun.elapsed();
    println!("the verdict over {DEVICES} devices, one of them hung, took {verdict:?}");
    let Outcome::Partly { failures, decided: false, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(failures.keys().collect::<Vec<_>>(), [&device(7)]);
    assert!(matches!(&failures[&device(7)], DriverError::Failed(_) | DriverError::Unreachable(_)), "{failures:?}");
    rigs[7].signal_server("-CONT");
    options.settle_limit = Duration::from_secs(20);
    let recovered = recover(&mut state, &options, &Silent).await.unwrap();
    assert!(matches!(recovered, Some(Outcome::RolledBack { .. })), "{recovered:?}");
    let held = shares(&state, &network(&ways, &[]), folder.path(), "red").await;
    assert_eq!(held, vec![Some(60); DEVICES]);
}
