//! `ranform observe`: the devices' present configuration as a snapshot that `plan` reads. Writes to no device.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ranform_network::NoControl;
use ranform_network::address::Address;
use ranform_network::deployment::{Deployment, Device, Recorded};
use ranform_network::diagnostic::has_errors;
use ranform_network::units;
use serde_json::json;

use crate::cli::{ObserveArgs, Session, eprint_findings, fail, fail_state, say, say_json};
use crate::commands::apply::runtime;
use crate::display::plain::one_line;
use crate::drivers::{self, Observed};
use crate::exit::Exit;
use crate::failure;
use crate::left;
use crate::moves;
use crate::patience::Patience;
use crate::pipeline;
use crate::project::{SNAPSHOT, Snapshot, refuse_pending};
use crate::reach::Reach;
use crate::state::State;
use crate::world::DiskWorld;

/// How long one device may take.
pub const DEVICE_LIMIT: Duration = Duration::from_secs(30);

/// Devices read at once.
pub const AT_ONCE: usize = 32;

/// Reads the devices and writes the snapshot.
pub fn run(session: &Session, args: &ObserveArgs) -> Exit {
    let tell_strangers = |snapshot: &Snapshot| {
        eprint_findings(&snapshot.strangers.iter().map(failure::stranger).collect::<Vec<_>>());
    };
    taken(session, args, tell_strangers)
}

/// As [`run`]; what `plan -refresh` does first. The plan tells what it finds in the snapshot.
pub fn refresh(session: &Session, args: &ObserveArgs) -> Exit {
    taken(session, args, |_| ())
}

fn taken(session: &Session, args: &ObserveArgs, tell_more: impl FnOnce(&Snapshot)) -> Exit {
    match look(session, args.parallelism) {
        Ok((snapshot, devices)) => {
            if let Err((path, error)) = save(session, &snapshot) {
                return fail(failure::file(&path, &error));
            }
            tell_more(&snapshot);
            tell(args, &snapshot, devices)
        }
        Err(exit) => exit,
    }
}

/// Reads all devices of intents and state.
fn look(session: &Session, parallelism: Option<usize>) -> Result<(Snapshot, usize), Exit> {
    let world = DiskWorld::new(&session.folder).map_err(|error| fail(failure::file(&session.folder, &error)))?;
    let checked = pipeline::check(&world, &session.compile_options());
    if has_errors(&checked.diagnostics) {
        return Err(session.stop(&checked.diagnostics, &checked.sources, Exit::Error));
    }
    let mut devices = Deployment::devices_of(&checked.network);
    let (mut serial, mut recorded, mut applied) = (0, BTreeMap::new(), BTreeMap::new());
    if let Some(state) = State::open_existing(&session.data_folder()).map_err(|error| fail_state(&error))? {
        refuse_pending(&state)?;
        let problem = |error: crate::state::StateError| fail_state(&error);
        serial = state.serial().map_err(problem)?;
        recorded = state.recorded().map_err(problem)?;
        // What is called otherwise now is one thing, not two.
        recorded = moves::after(&checked.network, recorded, |recorded| recorded);
        applied = state.devices().map_err(problem)?;
        for (address, device) in &applied {
            devices.entry(moves::renamed(&checked.network, address)).or_insert_with(|| device.clone());
        }
    }
    let decided = pipeline::known(&checked.network, &recorded, &NoControl);
    let observed = read(session, devices.clone(), &decided, parallelism)?;
    let mut snapshot = snapshot(serial, observed, &decided, &recorded);
    let read = devices.iter().filter(|(address, _)| !snapshot.unreachable.contains_key(*address));
    snapshot.reached = read.filter_map(|(address, device)| Some((address.clone(), device.reach(address)?))).collect();
    snapshot.left = left::behind(&Reach::new(&checked.network, &applied), &recorded, &session.folder);
    Ok((snapshot, devices.len()))
}

/// Reads the devices, in parallel, each within its limit.
///
/// # Errors
/// The system gives no threads.
pub fn read(
    session: &Session,
    devices: BTreeMap<Address, Device>,
    known: &BTreeMap<Address, Recorded>,
    parallelism: Option<usize>,
) -> Result<Observed, Exit> {
    let runtime = runtime().map_err(fail)?;
    Ok(runtime.block_on(async {
        let patience = Patience::seconds(3600);
        let at_once = parallelism.map_or(AT_ONCE, |wanted| wanted.clamp(1, 64));
        drivers::observe(&devices, known, &session.folder, at_once, DEVICE_LIMIT, &patience).await
    }))
}

/// What was read, of what is ours. `known` is what may be there, `applied` what was: that is what a device that was not
/// read is taken to hold.
fn snapshot(
    state_serial: u64,
    observed: Observed,
    known: &BTreeMap<Address, Recorded>,
    applied: &BTreeMap<Address, Recorded>,
) -> Snapshot {
    let mut snapshot = Snapshot { format: "ranform.snapshot/1".to_owned(), state_serial, ..Snapshot::default() };
    for (device, seen) in observed {
        match seen {
            Ok(seen) => {
                // What was never applied need not be in effect.
                snapshot
                    .degraded
                    .extend(seen.degraded.into_iter().filter(|(address, _)| applied.contains_key(address)));
                snapshot.strangers.extend(seen.strangers);
                if !seen.policy_types.is_empty() {
                    snapshot.policy_types.insert(device.clone(), seen.policy_types);
                }
                for (address, resource) in seen.reading.resources {
                    let found = seen.reading.device_ids.get(&address).cloned();
                    let old = known.get(&address);
                    let Some(device_id) = found.or_else(|| old.map(|old| old.device_id.clone())) else { continue };
                    let (tenant, owner) =
                        (old.and_then(|old| old.tenant.clone()), old.and_then(|old| old.owner.clone()));
                    let former = old.map(|old| old.former.clone()).unwrap_or_default();
                    let recorded = Recorded { resource, device: device.clone(), device_id, tenant, owner, former };
                    // Things that neither state nor the intents know are others' and no concern of a plan.
                    if old.is_some() {
                        let hands = seen.reading.set_by.get(&address).cloned();
                        snapshot.set_by.extend(hands.map(|hands| (address.clone(), hands)));
                        snapshot.resources.insert(address, recorded);
                    }
                }
            }
            Err(error) => {
                snapshot.unreachable.insert(device.clone(), error.to_string());
                let ours = applied.iter().filter(|(_, recorded)| recorded.device == device);
                snapshot.resources.extend(ours.map(|(address, recorded)| (address.clone(), recorded.clone())));
            }
        }
    }
    snapshot
}

fn save(session: &Session, snapshot: &Snapshot) -> Result<(), (PathBuf, std::io::Error)> {
    let folder = session.data_folder();
    let path = folder.join(SNAPSHOT);
    // A snapshot is plain data; serialization of plain data does not fail.
    let bytes = serde_json::to_vec_pretty(snapshot).unwrap_or_default();
    let beside = folder.join("snapshot.json.tmp");
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&beside, bytes))
        .and_then(|()| std::fs::rename(&beside, &path));
    written.map_err(|error| (path, error))
}

fn tell(args: &ObserveArgs, snapshot: &Snapshot, devices: usize) -> Exit {
    let degraded = snapshot.degraded.iter().map(|(address, why)| failure::degraded(address, why));
    eprint_findings(&degraded.collect::<Vec<_>>());
    if args.json {
        say_json(&json!({
            "format_version": "1.0", "devices": devices, "unreachable": snapshot.unreachable,
            "resources": snapshot.resources.len(), "state_serial": snapshot.state_serial,
            "degraded": snapshot.degraded, "foreign_objects": snapshot.strangers,
            "left_behind": snapshot.left,
        }));
    } else {
        say(&format!(
            "Observed {} of {}, {} of ours.\n",
            devices - snapshot.unreachable.len(),
            units::count(devices, "device"),
            units::count(snapshot.resources.len(), "thing")
        ));
        for (device, reason) in &snapshot.unreachable {
            say(&format!("  {}\n", one_line(&format!("unreachable: {device}: {reason}"))));
        }
    }
    Exit::Ok
}
