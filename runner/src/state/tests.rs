//! What the state file promises by itself; transactions over it are tested in `tests/transaction_*.rs`.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use ranform_network::bundle::Bundle;

use super::*;

fn fresh() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(&folder.path().join(".ranform")).unwrap();
    (folder, state)
}

#[test]
fn the_file_is_for_its_owner_only_and_reading_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(State::open_existing(&folder.path().join(".ranform")).unwrap().is_none());
    assert!(!folder.path().join(".ranform").exists());
    let mut state = State::open(&folder.path().join(".ranform")).unwrap();
    state.begin(Kind::Apply, &Bundle::default(), "p", &[]).unwrap();
    for entry in std::fs::read_dir(folder.path().join(".ranform")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_dead_holder_gives_way_and_a_living_one_does_not() {
    let (_folder, mut state) = fresh();
    state.lock("apply a", Duration::ZERO).unwrap();
    let mut other = State::open(state.folder()).unwrap();
    assert!(matches!(other.lock("apply b", Duration::from_millis(150)), Err(StateError::Locked(_))));
    let mut dead = Holder::this("apply a");
    dead.started += 1;
    assert!(dead.is_dead() && !Holder::this("x").is_dead());
    let record = serde_json::to_string(&dead).unwrap();
    state.connection.execute("UPDATE holder SET record = ?1", [record]).unwrap();
    assert_eq!(state.holder().unwrap(), None);
    other.lock("apply b", Duration::ZERO).unwrap();
    assert_eq!(other.holder().unwrap().unwrap().command, "apply b");
}

#[test]
fn a_holder_that_has_ended_is_dead_before_its_parent_asks() {
    let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let holder =
        Holder { process: child.id(), started: lock::start_of(child.id()).unwrap(), ..Holder::this("apply a") };
    assert!(!holder.is_dead());
    child.kill().unwrap();
    let begun = std::time::Instant::now();
    while !holder.is_dead() && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    assert!(stat.contains(") Z "), "it is a zombie, whose id is still taken: {stat}");
    assert!(holder.is_dead());
    child.wait().unwrap();
}

#[test]
fn a_transaction_is_pending_from_its_beginning_to_its_end() {
    let (_folder, mut state) = fresh();
    let bundle = Bundle::default();
    state.begin(Kind::Apply, &bundle, "p-1", &[]).unwrap();
    assert!(state.begin(Kind::Apply, &bundle, "p-2", &[]).is_err(), "one at a time");
    state.journal("p-1", Step::Check, &[Address::new("node", "a")]).unwrap();
    let again = State::open(state.folder()).unwrap();
    let pending = again.pending().unwrap().unwrap();
    assert_eq!((pending.decided, pending.step, pending.bundle.clone()), (false, Some(Step::Check), bundle));
    assert!(pending.to_string().ends_with("(the locks are let go; nothing was written)"), "{pending}");
    state.decide("p-1").unwrap();
    let pending = state.pending().unwrap().unwrap();
    assert!(pending.decided && pending.step == Some(Step::Decide));
    assert_eq!(state.end_applied(&pending, &Default::default()).unwrap(), 1);
    assert_eq!((state.serial().unwrap(), state.pending().unwrap()), (1, None));
    assert_eq!(state.was_applied(&pending.digest).unwrap(), Some(1));
}

#[test]
fn a_file_of_a_later_program_is_left_alone() {
    let (_folder, state) = fresh();
    state.connection.execute_batch("PRAGMA user_version = 7").unwrap();
    assert!(matches!(State::open(state.folder()), Err(StateError::Version { found: 7, known: 3 })));
}

#[test]
fn a_file_of_version_2_gets_the_column_that_says_what_undoes_a_step() {
    let (_folder, mut state) = fresh();
    state.begin(Kind::Apply, &Bundle::default(), "p-1", &[]).unwrap();
    state.journal("p-1", Step::Stage, &[]).unwrap();
    state.connection.execute_batch("ALTER TABLE journal DROP COLUMN undone_by; PRAGMA user_version = 2").unwrap();
    let again = State::open(state.folder()).unwrap();
    let pending = again.pending().unwrap().unwrap();
    assert_eq!((pending.step, pending.undone_by.as_str()), (Some(Step::Stage), ""));
}
