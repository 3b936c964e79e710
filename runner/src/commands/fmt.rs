//! `ranform fmt`: intent files in the one canonical format.

use std::io::Read;
use std::path::{Path, PathBuf};

use ranform_grammar::{decode, parse, print};
use ranform_network::diagnostic::{Diagnostic, has_errors};
use ranform_network::{Sources, World};
use serde_json::json;
use similar::TextDiff;

use crate::cli::{FmtArgs, Session, fail, hand_over, say, say_json};
use crate::display::diagnostics;
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::replace::replace;
use crate::world::DiskWorld;

/// What became of the files.
#[derive(Default)]
struct Report {
    /// Files that differ from the canonical form, each with its difference.
    changed: Vec<(String, String)>,
    /// What keeps files from being formatted.
    findings: Vec<Diagnostic>,
    /// The texts that the findings are about.
    sources: Sources,
}

/// Formats files, folders or stdin.
pub fn run(session: &Session, args: &FmtArgs) -> Exit {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return standard_input(session, args);
    }
    let files = match files(session, args) {
        Ok(files) => files,
        Err(finding) => return fail(finding),
    };
    let mut report = Report::default();
    for file in files {
        if let Err(findings) = one(args, &file, &mut report) {
            report.findings.extend(findings);
        }
    }
    let exit = match (report.findings.is_empty(), !report.changed.is_empty() && args.check) {
        (false, _) => Exit::Error,
        (true, true) => Exit::Changes,
        (true, false) => Exit::Ok,
    };
    told(session, args, &report, exit);
    exit
}

/// The findings, and which files differ.
fn told(session: &Session, args: &FmtArgs, report: &Report, exit: Exit) {
    session.tell_findings(&report.findings, &report.sources);
    if args.json {
        let changed = report.changed.iter().map(|(name, diff)| match args.diff {
            true => json!({ "file": name, "diff": diff }),
            false => json!({ "file": name }),
        });
        let mut document = diagnostics::json(&report.findings, &report.sources);
        document["changed"] = changed.collect();
        document["exit_code"] = (exit as u8).into();
        say_json(&document);
        return;
    }
    for (name, diff) in &report.changed {
        if args.diff {
            say(diff);
        } else if args.list {
            say(&format!("{name}\n"));
        }
    }
}

/// Formats one file. One with errors is left as it is.
fn one(args: &FmtArgs, file: &Path, report: &mut Report) -> Result<(), Vec<Diagnostic>> {
    // The folder that one is in has no name of its own here.
    let name = file.strip_prefix(".").unwrap_or(file).display().to_string();
    let unusable = |error| vec![failure::file(file, &error)];
    let bytes = std::fs::read(file).map_err(unusable)?;
    let (text, formatted) = formatted(&name, &bytes, &mut report.sources)?;
    if text == formatted {
        return Ok(());
    }
    if args.write && !args.check {
        replace(file, formatted.as_bytes()).map_err(unusable)?;
    }
    let diff = if args.diff { difference(&name, &text, &formatted) } else { String::new() };
    report.changed.push((name, diff));
    Ok(())
}

fn difference(name: &str, text: &str, formatted: &str) -> String {
    TextDiff::from_lines(text, formatted).unified_diff().context_radius(3).header(name, name).to_string()
}

/// The text and its canonical form, or what is wrong with it.
fn formatted(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<(String, String), Vec<Diagnostic>> {
    let text = decode(name, bytes).map_err(|finding| vec![finding])?;
    let source = sources.add(name, text.as_str());
    let parsed = parse(source, &text);
    if has_errors(&parsed.diagnostics) {
        return Err(parsed.diagnostics);
    }
    let formatted = print(&parsed.file);
    Ok((text, formatted))
}

fn standard_input(session: &Session, args: &FmtArgs) -> Exit {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().take(crate::world::LARGEST_FILE).read_to_end(&mut bytes) {
        return fail(failure::file(Path::new("-"), &error));
    }
    let mut sources = Sources::new();
    match formatted("<stdin>", &bytes, &mut sources) {
        Ok((_, text)) if args.json => {
            say_json(&json!({ "format_version": "1.0", "text": text, "exit_code": 0 }));
            Exit::Ok
        }
        Ok((_, text)) => {
            hand_over(text.as_bytes());
            Exit::Ok
        }
        Err(findings) => session.stop(&findings, &sources, Exit::Error),
    }
}

/// The files named, those below the folders named, or all of the project.
fn files(session: &Session, args: &FmtArgs) -> Result<Vec<PathBuf>, Failure> {
    let starts = if args.paths.is_empty() { vec![session.folder.clone()] } else { args.paths.clone() };
    let mut files = Vec::new();
    for start in starts {
        if start.is_file() {
            files.push(start);
            continue;
        }
        let world = DiskWorld::new(&start).map_err(|error| failure::file(&start, &error))?;
        let below = world.intents("").map_err(|error| failure::world(&error))?;
        files.extend(below.into_iter().map(|path| start.join(path)));
    }
    Ok(files)
}
