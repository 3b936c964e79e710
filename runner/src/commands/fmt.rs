//! `ranform fmt`: intent files in the one canonical format.

use std::io::Read;
use std::path::{Path, PathBuf};

use ranform_grammar::{decode, parse, print};
use ranform_network::diagnostic::has_errors;
use ranform_network::{Sources, World};
use similar::TextDiff;

use crate::cli::{FmtArgs, Session, fail, say};
use crate::display::diagnostics;
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::world::DiskWorld;

/// Formats files, folders or stdin.
pub fn run(session: &Session, args: &FmtArgs) -> Exit {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return standard_input(session);
    }
    let files = match files(session, args) {
        Ok(files) => files,
        Err(finding) => return fail(finding),
    };
    let mut changed = false;
    let mut failed = false;
    for file in files {
        match one(session, args, &file) {
            Ok(different) => changed |= different,
            Err(message) => {
                eprint!("{message}");
                failed = true;
            }
        }
    }
    match (failed, changed && args.check) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Changes,
        (false, false) => Exit::Ok,
    }
}

/// Formats one file; whether it differed. A file with errors is left as it is.
fn one(session: &Session, args: &FmtArgs, file: &Path) -> Result<bool, String> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| unusable(session, file, &error))?;
    let (text, formatted) = formatted(session, &name, &bytes)?;
    if text == formatted {
        return Ok(false);
    }
    if args.diff {
        let diff = TextDiff::from_lines(text.as_str(), formatted.as_str());
        say(&diff.unified_diff().context_radius(3).header(&name, &name).to_string());
    }
    if args.list && !args.diff {
        say(&format!("{name}\n"));
    }
    if args.write && !args.check {
        replace(file, &formatted).map_err(|error| unusable(session, file, &error))?;
    }
    Ok(true)
}

fn unusable(session: &Session, file: &Path, error: &std::io::Error) -> String {
    diagnostics::one(&failure::file(file, error), &Sources::new(), session.style)
}

/// Writes beside the file and renames, so that a full disk or a crash never leaves half a file.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let beside = file.with_extension("intent.tmp");
    std::fs::write(&beside, text)?;
    std::fs::set_permissions(&beside, std::fs::metadata(file)?.permissions())?;
    std::fs::rename(&beside, file)
}

/// The text and its canonical form, or the findings as text.
fn formatted(session: &Session, name: &str, bytes: &[u8]) -> Result<(String, String), String> {
    let mut sources = Sources::new();
    let text = match decode(name, bytes) {
        Ok(text) => text,
        Err(finding) => return Err(diagnostics::text(&[finding], &sources, session.style)),
    };
    let source = sources.add(name, text.as_str());
    let parsed = parse(source, &text);
    if has_errors(&parsed.diagnostics) {
        return Err(diagnostics::text(&parsed.diagnostics, &sources, session.style));
    }
    let formatted = print(&parsed.file);
    Ok((text, formatted))
}

fn standard_input(session: &Session) -> Exit {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().take(crate::world::LARGEST_FILE).read_to_end(&mut bytes) {
        return fail(failure::file(Path::new("-"), &error));
    }
    match formatted(session, "<stdin>", &bytes) {
        Ok((_, text)) => {
            say(&text);
            Exit::Ok
        }
        Err(message) => {
            eprint!("{message}");
            Exit::Error
        }
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
