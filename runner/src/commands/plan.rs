//! `ranform plan`: solve, prove, show what would change, write the bundle.

use std::path::Path;

use ranform_network::NoControl;
use ranform_network::bundle::Bundle;
use ranform_network::diagnostic::{Diagnostic, codes, has_errors};

use crate::cli::{ExplainArgs, ObserveArgs, PlanArgs, Session, fail, say};
use crate::display::events;
use crate::exit::Exit;
use crate::pipeline::{self, Inputs, Planned};
use crate::project::Project;
use crate::selection::Selection;
use crate::{failure, guard, plan};

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
    events::plan(&planned, bundle.as_ref(), stopped(&planned));
    if !args.json {
        show(session, &planned, bundle.as_ref(), args.concise);
    }
    let Some(bundle) = bundle else { return stopped(&planned) };
    if let Some(path) = &args.out
        && let Err(error) = write(path, &bundle)
    {
        return fail(failure::file(path, &error));
    }
    let changes = !plan::is_empty(&bundle, &project.memory);
    if !args.json {
        say(&closing(args.out.as_deref(), &bundle, changes));
    }
    if args.detailed_exitcode && changes { Exit::Changes } else { Exit::Ok }
}

/// Runs the pipeline; a bundle where it went through.
pub fn make(session: &Session, project: &Project, selection: &Selection) -> (Planned, Option<Bundle>) {
    let today = crate::clock::today();
    let inputs = Inputs {
        world: &project.world,
        compile: &session.compile_options(),
        memory: &project.memory,
        snapshot: project.snapshot.as_ref(),
        telemetry: project.telemetry.as_ref(),
        observation: &project.observation,
        selection,
        today: Some(&today),
        control: &NoControl,
    };
    let planned = pipeline::plan(&inputs);
    let bundle = planned.complete.then(|| plan::bundle(&planned, &inputs));
    (planned, bundle)
}

/// The findings on stderr, the plan on stdout.
pub fn show(session: &Session, planned: &Planned, bundle: Option<&Bundle>, concise: bool) {
    session.tell_findings(&planned.diagnostics, &planned.sources);
    if let Some(bundle) = bundle {
        say(&super::show::human(bundle, concise));
    }
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

/// Writes beside the file and renames.
fn write(path: &Path, bundle: &Bundle) -> std::io::Result<()> {
    let (bytes, _) = bundle.encode();
    let beside = path.with_extension("ranplan.tmp");
    std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path))
}

fn closing(out: Option<&Path>, bundle: &Bundle, changes: bool) -> String {
    match out {
        Some(path) => {
            let digest = bundle.encode().1;
            format!("Bundle {} ({})\nNext: ranform apply {}\n", path.display(), &digest[..16], path.display())
        }
        None if changes => "Next: ranform plan -out=FILE.ranplan, then ranform apply FILE.ranplan\n".to_owned(),
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
        show(session, &planned, None, true);
        return stopped(&planned);
    }
    match crate::display::explain::address(&planned, &args.subject, &NoControl) {
        Ok(text) if args.json => {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let document = serde_json::json!({ "format_version": "1.0", "address": args.subject, "lines": lines });
            say(&format!("{document:#}\n"));
            Exit::Ok
        }
        Ok(text) => {
            say(&text);
            Exit::Ok
        }
        Err(message) => fail(failure::nothing_decided(message)),
    }
}
