//! `ranform apply FILE.ranplan | -auto-approve`: all devices or none.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::time::Duration;

use ranform_network::Sources;
use ranform_network::bundle::{Bundle, Crossing};

use crate::apply::{self, Events, Options, Outcome};
use crate::cli::{ApplyArgs, Session, eprint_findings, fail, fail_state, fail_with, say, stop, tell};
use crate::clock;
use crate::commands::{interrupt, plan, show};
use crate::display::events;
use crate::display::events::emit;
use crate::display::progress::{Both, People, Programs};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::project::Project;
use crate::selection::Selection;
use crate::state::State;

/// Applies a reviewed bundle, or plans and applies.
pub fn run(session: &Session, args: &ApplyArgs) -> Exit {
    let bundle = match bundle(session, args) {
        Ok(Some(bundle)) => bundle,
        Ok(None) => return Exit::Ok,
        Err(exit) => return exit,
    };
    if let Err(exit) = permitted(&bundle, args) {
        return exit;
    }
    let name = args.file.as_ref().map_or_else(|| "-auto-approve".to_owned(), |file| file.display().to_string());
    let mut options = Options::new(&session.folder, format!("apply {name}"));
    options.parallelism = args.parallelism.clamp(1, 64);
    options.lock_patience = args.lock_timeout.unwrap_or(Duration::ZERO);
    options.takes_over.clone_from(&args.take_over);
    if let Some(limit) = args.device_timeout {
        options.limit_devices(limit);
    }
    options.approvals.clone_from(&args.approved_by);
    execute(session, args.json, |state, events| {
        interrupt::run(options, async |options| apply::apply(state, &bundle, options, events).await)
    })
}

/// Whether the days that the plan counts on are not over, and every owner concerned has approved.
fn permitted(bundle: &Bundle, args: &ApplyArgs) -> Result<(), Exit> {
    if let Some(day) = bundle.origin.valid_until.as_ref().filter(|day| clock::today() > **day) {
        return Err(fail_with(failure::day_over(day), Exit::Stale));
    }
    let missing: Vec<&Crossing> =
        bundle.state.crossings.iter().filter(|crossing| !args.approved_by.contains(&crossing.owner)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let exit = stop(&missing.iter().map(|crossing| failure::crossing(crossing)).collect::<Vec<_>>(), Exit::Denied);
    let owners: BTreeSet<&str> = missing.iter().map(|crossing| crossing.owner.as_str()).collect();
    let flags: String = owners.iter().map(|owner| format!(" -approved-by={owner}")).collect();
    let file = args.file.as_ref().map_or_else(|| "-auto-approve".to_owned(), |file| file.display().to_string());
    tell(&format!("next, when they have: ranform apply {file}{flags}\n"));
    Err(exit)
}

/// The bundle to apply; none where there is nothing to do.
fn bundle(session: &Session, args: &ApplyArgs) -> Result<Option<Bundle>, Exit> {
    if let Some(file) = &args.file {
        return show::read(file).map(|(bundle, _)| Some(bundle)).map_err(fail);
    }
    if !args.auto_approve && !session.interactive {
        let message = "there is no bundle to apply, and nobody to ask";
        let help = "name one: `ranform apply FILE.ranplan`, or say -auto-approve to plan and apply at once";
        return Err(fail(failure::usage(message, help)));
    }
    finish_interrupted(session)?;
    let project = Project::open(session, args.plan.observation.as_ref())?;
    let selection = Selection::new(&args.plan.target, &args.plan.exclude);
    let (planned, bundle) = plan::make(session, &project, &selection);
    session.tell_findings(&planned.diagnostics, &planned.sources);
    let Some(bundle) = bundle else {
        events::stopped(&planned, plan::stopped(&planned));
        return Err(plan::stopped(&planned));
    };
    let empty = crate::plan::is_empty(&bundle, &project.memory);
    events::plan(&planned, &bundle, empty.then_some(Exit::Ok));
    if !args.json {
        say(&show::human(&bundle, false));
    }
    if empty {
        return Ok(None);
    }
    if !args.auto_approve && !asked("Apply this? Only `yes` is taken for yes: ") {
        return Err(fail(failure::not_approved("nothing was applied")));
    }
    Ok(Some(bundle))
}

/// A transaction that was interrupted comes first; a plan against a half-done network would be wrong.
fn finish_interrupted(session: &Session) -> Result<(), Exit> {
    let Ok(Some(mut state)) = State::open_existing(&session.data_folder()) else { return Ok(()) };
    if !matches!(state.pending(), Ok(Some(_))) {
        return Ok(());
    }
    let options = Options::new(&session.folder, "apply (recovery)");
    let recovered =
        interrupt::run(options, async |options| apply::recover(&mut state, options, &People::default()).await);
    match recovered {
        Ok(Ok(Some(outcome @ Outcome::Partly { .. }))) => {
            emit_outcome(&outcome);
            Err(told(&outcome))
        }
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(fail_state(&error)),
        Err(finding) => Err(fail(finding)),
    }
}

/// Asks on the terminal.
pub fn asked(question: &str) -> bool {
    say(question);
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

/// The one runtime of the program.
///
/// # Errors
/// The system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failure::system(format!("the system gives no threads: {error}")).into())
}

/// Opens state, runs the work, and tells how it ended.
pub fn execute(
    session: &Session,
    json: bool,
    work: impl FnOnce(&mut State, &dyn Events) -> Result<crate::state::Result<Outcome>, Failure>,
) -> Exit {
    let mut state = match State::open(&session.data_folder()) {
        Ok(state) => state,
        Err(error) => return fail_state(&error),
    };
    let people = People::default();
    let both = Both(&people);
    let events: &dyn Events = if json { &Programs } else { &both };
    let worked = work(&mut state, events);
    tell(&people.times());
    match worked {
        Ok(Ok(outcome)) => {
            emit_outcome(&outcome);
            if json && outcome.exit() == Exit::Ok { Exit::Ok } else { told(&outcome) }
        }
        Ok(Err(error)) => fail_state(&error),
        Err(finding) => fail(finding),
    }
}

/// Says to programs how it ended.
pub fn emit_outcome(outcome: &Outcome) {
    for finding in failure::outcome(outcome) {
        events::diagnostic(&finding, &Sources::new());
    }
    let extra = serde_json::json!({ "exit_code": outcome.exit() as u8, "next": outcome.next_commands() });
    let kind = if outcome.exit() == Exit::Ok { "apply_complete" } else { "errored" };
    emit(kind, &words(outcome), extra);
}

/// Says how it ended and what to do next.
fn told(outcome: &Outcome) -> Exit {
    match outcome.exit() {
        Exit::Ok => say(&format!("{}\n", words(outcome))),
        _ => eprint_findings(&failure::outcome(outcome)),
    }
    for command in outcome.next_commands() {
        tell(&format!("next: {command}\n"));
    }
    outcome.exit()
}

/// How it ended, in one line.
fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied { serial } => format!("Applied. State serial {serial}."),
        Outcome::Nothing => "Nothing to take back.".to_owned(),
        Outcome::TakenBack => "Taken back; every device shows its former configuration.".to_owned(),
        Outcome::Refused { .. } => "nothing was written".to_owned(),
        other => failure::outcome(other).first().map(|finding| finding.message.clone()).unwrap_or_default(),
    }
}
