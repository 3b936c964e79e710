//! `ranform apply FILE.ranplan | -auto-approve`: all devices or none.

use std::io::{BufRead, Write};
use std::time::Duration;

use ranform_network::bundle::Bundle;

use crate::apply::{self, Events, Options, Outcome, exit_of};
use crate::cli::{ApplyArgs, Session, fail, say};
use crate::commands::{plan, show};
use crate::display::progress::{People, Programs};
use crate::exit::Exit;
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
    let name = args.file.as_ref().map_or_else(|| "-auto-approve".to_owned(), |file| file.display().to_string());
    let mut options = Options::new(&session.folder, format!("apply {name}"));
    options.parallelism = args.parallelism.clamp(1, 64);
    options.lock_patience = args.lock_timeout.unwrap_or(Duration::ZERO);
    execute(session, args.json, |state, events| {
        runtime().map(|runtime| runtime.block_on(apply::apply(state, &bundle, &options, events)))
    })
}

/// The bundle to apply; none where there is nothing to do.
fn bundle(session: &Session, args: &ApplyArgs) -> Result<Option<Bundle>, Exit> {
    if let Some(file) = &args.file {
        return show::read(file).map(|(bundle, _)| Some(bundle)).map_err(|message| fail(&message));
    }
    if !args.auto_approve && !session.interactive {
        return Err(fail("name a bundle to apply, or say -auto-approve to plan and apply at once"));
    }
    finish_interrupted(session)?;
    let project = Project::open(session, args.plan.observation.as_ref())?;
    let selection = Selection::new(&args.plan.target, &args.plan.exclude);
    let (planned, bundle) = plan::make(session, &project, &selection);
    plan::show(session, &planned, false);
    let Some(bundle) = bundle else { return Err(plan::stopped(&planned)) };
    if crate::plan::is_empty(&bundle, &project.recorded.keys().cloned().collect()) {
        return Ok(None);
    }
    if !args.auto_approve && !asked("Apply this? Only `yes` is taken for yes: ") {
        return Err(fail("not applied"));
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
    let recovered = runtime().map(|runtime| runtime.block_on(apply::recover(&mut state, &options, &People::default())));
    match recovered {
        Ok(Ok(Some(outcome @ Outcome::Partly { .. }))) => Err(told(&outcome)),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            fail(&error.to_string());
            Err(exit_of(&error))
        }
        Err(message) => Err(fail(&message)),
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
pub fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| format!("no threads: {error}"))
}

/// Opens state, runs the work, and tells how it ended.
pub fn execute(
    session: &Session,
    json: bool,
    work: impl FnOnce(&mut State, &dyn Events) -> Result<crate::state::Result<Outcome>, String>,
) -> Exit {
    let mut state = match State::open(&session.data_folder()) {
        Ok(state) => state,
        Err(error) => return fail(&error.to_string()),
    };
    let people = People::default();
    let events: &dyn Events = if json { &Programs } else { &people };
    match work(&mut state, events) {
        Ok(Ok(outcome)) if json => {
            let message = words(&outcome);
            let extra = serde_json::json!({ "exit_code": outcome.exit() as u8, "next": outcome.next_commands() });
            let kind = if outcome.exit() == Exit::Ok { "apply_complete" } else { "errored" };
            crate::display::events::emit(kind, &message, extra);
            outcome.exit()
        }
        Ok(Ok(outcome)) => told(&outcome),
        Ok(Err(error)) => {
            fail(&error.to_string());
            exit_of(&error)
        }
        Err(message) => fail(&message),
    }
}

/// Says how it ended and what to do next.
fn told(outcome: &Outcome) -> Exit {
    let text = words(outcome);
    match outcome.exit() {
        Exit::Ok => say(&format!("{text}\n")),
        _ => {
            let _ = writeln!(std::io::stderr(), "error: {text}");
        }
    }
    for command in outcome.next_commands() {
        let _ = writeln!(std::io::stderr(), "next: {command}");
    }
    outcome.exit()
}

fn words(outcome: &Outcome) -> String {
    let list = |failures: &apply::Failures| {
        failures.iter().map(|(address, error)| format!("\n  {address}: {error}")).collect::<String>()
    };
    match outcome {
        Outcome::Applied { serial } => format!("Applied. State serial {serial}."),
        Outcome::Nothing => "Nothing to take back.".to_owned(),
        Outcome::AppliedBefore { serial } => {
            format!("this bundle was applied before (state serial {serial}); nothing was written")
        }
        Outcome::OldState { made_from, now } => {
            format!("the plan was made from state serial {made_from}, which is now {now}; nothing was written")
        }
        Outcome::Refused { failures } => format!("nothing was written:{}", list(failures)),
        Outcome::RolledBack { causes } => {
            format!("everything was put back; every device shows its former configuration{}", list(causes))
        }
        Outcome::Partly { failures, decided } => {
            let way = if *decided { "forward" } else { "back" };
            format!("some devices could not be brought {way}; the transaction stays pending:{}", list(failures))
        }
    }
}
