//! `ranform drift`: what others changed of what is ours. Uses no write operation at all.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::Sources;
use ranform_network::address::Address;
use ranform_network::deployment::Recorded;
use ranform_network::diagnostic::{Diagnostic, codes, has_errors};
use ranform_network::units::count;
use ranform_targets::Stranger;
use serde_json::{Value, json};

use crate::cli::{DriftArgs, Session, eprint_findings, fail_state, say, say_json, stop, tell};
use crate::clock;
use crate::commands::observe::read;
use crate::display::diagnostics::json_one;
use crate::display::events::changed_by;
use crate::display::plain::one_line;
use crate::drivers::{Difference, DriverError, sign};
use crate::exit::Exit;
use crate::failure;
use crate::memory::Memory;
use crate::moves;
use crate::outside::{self, Rules, Verdict};
use crate::pipeline;
use crate::project::refuse_pending;
use crate::state::State;
use crate::world::DiskWorld;

/// What was found, for people and programs.
#[derive(Default)]
pub(super) struct Report {
    /// Leaves that differ, and what the intents say about it.
    pub(super) differences: Vec<(Difference, Verdict)>,
    /// Devices that could not be read, and why.
    pub(super) unread: BTreeMap<Address, DriverError>,
    /// What is there as applied and yet not in effect, and why.
    pub(super) degraded: BTreeMap<Address, String>,
    /// Objects of others in files of ours.
    pub(super) strangers: BTreeSet<Stranger>,
}

/// Compares the devices with what was applied.
pub fn run(session: &Session, args: &DriftArgs) -> Exit {
    let state = match State::open_existing(&session.data_folder()) {
        Ok(Some(state)) => state,
        Ok(None) => return nothing_applied(session, args),
        Err(error) => return fail_state(&error),
    };
    if let Err(exit) = refuse_pending(&state) {
        return exit;
    }
    let memory = match state.memory() {
        Ok(memory) => memory,
        Err(error) => return fail_state(&error),
    };
    match report(session, &memory, args.parallelism) {
        Ok(report) => told(args, &report),
        Err(exit) => exit,
    }
}

/// Where nothing was ever applied nothing can have drifted; a folder that is no project is another matter.
fn nothing_applied(session: &Session, args: &DriftArgs) -> Exit {
    let found = match DiskWorld::new(&session.folder) {
        Ok(world) => pipeline::check(&world, &session.compile_options()).diagnostics,
        Err(_) => Vec::new(),
    };
    match found.iter().find(|finding| *finding.code == codes::NO_INTENTS) {
        Some(finding) => stop(std::slice::from_ref(finding), Exit::Error),
        None => told(args, &Report::default()),
    }
}

/// Reads the devices and compares; no write operation is used.
pub(super) fn report(session: &Session, memory: &Memory, parallelism: Option<usize>) -> Result<Report, Exit> {
    let recorded = memory.recorded();
    let mut found: BTreeMap<Address, Recorded> = recorded.clone();
    let (mut report, mut set_by) = (Report::default(), BTreeMap::new());
    for (device, seen) in read(session, memory.devices.clone(), &recorded, parallelism)? {
        match seen {
            Ok(seen) => {
                found.retain(|_, known| known.device != device);
                set_by.extend(seen.reading.set_by);
                report.degraded.extend(seen.degraded);
                report.strangers.extend(seen.strangers);
                found.extend(seen.reading.resources.into_iter().filter_map(|(address, resource)| {
                    let known = memory.records.get(&address)?.recorded.clone();
                    Some((address, Recorded { resource, ..known }))
                }));
            }
            Err(error) => drop(report.unread.insert(device, error)),
        }
    }
    let network = rules_of(session);
    let today = clock::today();
    let records = moves::after(&network, memory.records.clone(), |record| &mut record.recorded);
    let found = moves::after(&network, found, |found| found);
    let rules = Rules::new(&network, &found, Some(&today));
    report.degraded = report.degraded.into_iter().map(|(at, why)| (moves::now(&network, memory, &at), why)).collect();
    let mut differences = outside::differences(&records, Some(&found));
    let set_by = set_by.into_iter().map(|(address, by)| (moves::now(&network, memory, &address), by));
    sign(&mut differences, &set_by.collect());
    // What was accepted and is still so is no drift: state has it.
    let accepted = |found: &Difference, verdict: &Verdict| {
        let mark = records.get(&found.address).and_then(|record| record.outside.get(&found.leaf));
        *verdict == Verdict::Accept && mark.is_some_and(|mark| mark.theirs == found.found)
    };
    let judged = differences.into_iter().map(|found| (rules.verdict(&found.address, &found.leaf), found));
    report.differences = judged.filter(|(verdict, found)| !accepted(found, verdict)).map(|(a, b)| (b, a)).collect();
    Ok(report)
}

/// The intents, for their lines about outside changes. Where they have errors drift is told without them.
fn rules_of(session: &Session) -> Network {
    let Ok(world) = DiskWorld::new(&session.folder) else { return Network::default() };
    let checked = pipeline::check(&world, &session.compile_options());
    if has_errors(&checked.diagnostics) {
        tell("warning: the intents have errors, so their `outside change` lines are not heeded (ranform check)\n");
        return Network::default();
    }
    checked.network
}

fn told(args: &DriftArgs, report: &Report) -> Exit {
    let ignored = report.differences.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Ignore(_)));
    let ignored: Vec<&(Difference, Verdict)> = ignored.collect();
    let open = report.differences.iter().filter(|(_, verdict)| !matches!(verdict, Verdict::Ignore(_)));
    let open: Vec<&(Difference, Verdict)> = open.collect();
    let exit = match (open.is_empty() && report.strangers.is_empty(), report.unread.is_empty()) {
        (false, _) => Exit::Drift,
        (true, true) => Exit::Ok,
        (true, false) => Exit::Error,
    };
    let unread = report.unread.iter().map(|(device, error)| failure::device(device, error));
    let degraded = report.degraded.iter().map(|(address, why)| failure::degraded(address, why));
    let strangers = report.strangers.iter().map(failure::stranger);
    let findings: Vec<Diagnostic> = unread.chain(degraded).chain(strangers).collect();
    eprint_findings(&findings);
    if args.json {
        let list = |some: &[&(Difference, Verdict)]| some.iter().map(|one| shown(one)).collect::<Vec<Value>>();
        let document = json!({
            "format_version": "1.0",
            "resource_drift": list(&open),
            "ignored": list(&ignored),
            "unreachable": report.unread.iter().map(|(at, error)| (at, error.to_string())).collect::<BTreeMap<_, _>>(),
            "degraded": report.degraded,
            "foreign_objects": report.strangers,
            "exit_code": exit as u8,
            "diagnostics": findings.iter().map(|found| json_one(found, &Sources::new())).collect::<Vec<Value>>(),
        });
        say_json(&document);
    } else {
        people(&open, ignored.len(), report);
    }
    exit
}

fn people(open: &[&(Difference, Verdict)], ignored: usize, report: &Report) {
    for (found, verdict) in open {
        say(&format!("~ {}{}\n", one_line(&found.to_string()), remark(verdict)));
    }
    if ignored > 0 {
        say(&format!(
            "{ignored} differing {} let be by `outside change ... ignore`.\n",
            if ignored == 1 { "leaf is" } else { "leaves are" }
        ));
    }
    let (unread, strangers) = (report.unread.len(), report.strangers.len());
    if strangers > 0 {
        say(&format!("{} of others in files that ranform writes.\n", count(strangers, "object")));
    }
    match open.len() {
        0 if strangers > 0 && unread == 0 => say("Nothing of what was applied differs.\n"),
        0 if unread > 0 => say(&format!("No drift on what was read; {} could not be read.\n", count(unread, "device"))),
        0 => say("No drift.\n"),
        1 => say("1 leaf differs. `ranform plan -refresh` shows what would be done about it.\n"),
        many => say(&format!("{many} leaves differ. `ranform plan -refresh` shows what would be done about them.\n")),
    }
}

/// What the intents say about a leaf that differs.
fn remark(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Stop(None) => String::new(),
        Verdict::Stop(Some(day)) => format!(" (let be until {day}, which is over)"),
        Verdict::Restore => " (the next plan puts ours back)".to_owned(),
        Verdict::Accept => " (the next plan accepts it)".to_owned(),
        Verdict::Ignore(day) => format!(" (let be until {day})"),
    }
}

fn shown((found, verdict): &(Difference, Verdict)) -> Value {
    let until = match verdict {
        Verdict::Stop(day) => day.as_deref(),
        Verdict::Restore | Verdict::Accept => None,
        Verdict::Ignore(day) => Some(day.as_str()),
    };
    json!({
        "address": found.address, "leaf": found.leaf, "expected": found.expected, "found": found.found,
        "outside_change": action(verdict), "until": until, "changed_by": changed_by(found),
    })
}

/// The word of what the intents say about a leaf that differs.
pub(super) fn action(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Stop(_) => "stop",
        Verdict::Restore => "restore",
        Verdict::Accept => "accept",
        Verdict::Ignore(_) => "ignore",
    }
}
