//! `ranform plan`: solve, prove, show what would change, write the bundle.

use std::collections::BTreeSet;
use std::path::Path;

use ranform_network::NoControl;
use ranform_network::bundle::Bundle;
use ranform_network::diagnostic::{Diagnostic, codes, has_errors};

use crate::cli::{ExplainArgs, ObserveArgs, PlanArgs, Session, fail, say, say_json};
use crate::display::events;
use crate::exit::Exit;
use crate::pipeline::{self, Inputs, Planned};
use crate::project::Project;
use crate::replace::replace;
use crate::selection::Selection;
use crate::state::State;
use crate::{failure, forgets, guard, plan};

/// Plans.
pub fn run(session: &Session, args: &PlanArgs) -> Exit {
    if args.refresh {
        let observed = crate::commands::observe::refresh(session, &ObserveArgs::default());
        if observed != Exit::Ok {
            return observed;
        }
    }
    let selection = Selection::new(&args.target, &args.exclude);
    let project = match Project::open(session, args.observation.as_ref()) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let (planned, bundle) = make(session, &project, &selection);
    session.tell_findings(&planned.diagnostics, &planned.sources);
    let Some(bundle) = bundle else {
        events::stopped(&planned, stopped(&planned));
        return stopped(&planned);
    };
    let changes = !plan::is_empty(&bundle, &project.memory);
    let exit = if args.detailed_exitcode && changes { Exit::Changes } else { Exit::Ok };
    if !args.json {
        say(&super::show::human(&bundle, args.concise));
    }
    if let Some(path) = &args.out
        && let Err(error) = replace(path, &bundle.encode().0)
    {
        return fail(failure::file(path, &error));
    }
    events::plan(&planned, &bundle, Some(exit));
    if !args.json {
        say(&closing(args.out.as_deref(), &bundle, changes));
    }
    exit
}

/// Runs the pipeline; a bundle where it went through.
pub fn make(session: &Session, project: &Project, selection: &Selection) -> (Planned, Option<Bundle>) {
    let today = crate::clock::today();
    let inputs = Inputs {
        world: &project.world,
        compile: &session.compile_options(),
        memory: &project.memory,
        snapshot: project.snapshot.as_ref(),
        telemetry: project.observed.as_ref().map(|observed| &observed.telemetry),
        observation: &project.observation,
        selection,
        today: Some(&today),
        control: &NoControl,
    };
    let mut planned = pipeline::plan(&inputs);
    // Without errors in the intents it is known what an observation may speak of.
    if let Some(observed) = project.observed.as_ref().filter(|_| !planned.certificates.is_empty() || planned.complete) {
        planned.diagnostics.extend(observed.findings(&planned.network));
    }
    if planned.complete && !planned.network.forgotten.is_empty() {
        let state = State::open_existing(&session.data_folder()).unwrap_or_default();
        planned.diagnostics.extend(forgets::findings(&planned.network, &project.memory, state.as_ref()));
    }
    let bundle = planned.complete.then(|| plan::bundle(&planned, &inputs));
    (planned, bundle)
}

/// Why there is no bundle, as an exit code.
pub fn stopped(planned: &Planned) -> Exit {
    let errors = || planned.diagnostics.iter().filter(|found| has_errors(std::slice::from_ref(found)));
    if errors().all(|found| *found.code == codes::OUTSIDE_CHANGED) {
        Exit::Drift
    } else if errors().all(|found| *found.code == codes::OUTSIDE_CHANGED || guard::denies(found)) {
        Exit::Denied
    } else if errors().all(|found| is_infeasible(found) || guard::denies(found)) {
        Exit::Infeasible
    } else {
        Exit::Error
    }
}

/// Whether a finding says that no configuration does what the intents ask.
fn is_infeasible(found: &Diagnostic) -> bool {
    [&codes::SLA_UNREACHABLE, &codes::PLACEMENT_IMPOSSIBLE].iter().any(|code| *found.code == **code)
}

fn closing(out: Option<&Path>, bundle: &Bundle, changes: bool) -> String {
    let owners: BTreeSet<&str> = bundle.state.crossings.iter().map(|crossing| crossing.owner.as_str()).collect();
    let approved: String = owners.iter().map(|owner| format!(" -approved-by={owner}")).collect();
    match out {
        Some(path) => {
            let (name, digest) = (path.display(), bundle.encode().1);
            format!("Bundle {name} ({})\nNext: ranform apply {name}{approved}\n", &digest[..16])
        }
        None if changes => {
            format!("Next: ranform plan -out=FILE.ranplan, then ranform apply FILE.ranplan{approved}\n")
        }
        None => String::new(),
    }
}

/// Why something at an address is as it is: what it is, which line asks for it, what the optimizer decided.
pub fn explain_address(session: &Session, args: &ExplainArgs) -> Exit {
    let project = match Project::open(session, None) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let (planned, _) = make(session, &project, &Selection::default());
    if !planned.complete {
        return session.stop(&planned.diagnostics, &planned.sources, stopped(&planned));
    }
    match crate::display::explain::address(&planned, &args.subject, &NoControl) {
        Ok(text) if args.json => {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let document = serde_json::json!({ "format_version": "1.0", "address": args.subject, "lines": lines });
            say_json(&document);
            Exit::Ok
        }
        Ok(text) => {
            say(&text);
            Exit::Ok
        }
        Err(message) => fail(failure::nothing_decided(message)),
    }
}
