//! What leaves the program: what was asked for on stdout, findings and progress on stderr.
//!
//! A reader that went away is no error. A full disk is one: it is told once, at the end, and ends with 1.

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use ranform_network::Sources;
use ranform_network::diagnostic::Diagnostic;
use serde_json::Value;

use crate::apply::exit_of;
use crate::display::diagnostics::{self, Style};
use crate::display::{events, plain};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::state::StateError;

/// How findings leave the program beside the text on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Not at all.
    Text,
    /// As the one document that the command prints.
    Document,
    /// As events, one a line.
    Events,
}

/// Decided once from the arguments, before they are known to make sense: even a usage error is JSON where JSON is asked for.
static OUTPUT: OnceLock<Output> = OnceLock::new();

/// The first error of writing that tells of more than a reader who went away, as a finding.
static LOST: OnceLock<Failure> = OnceLock::new();

impl Output {
    /// Decides for the whole run.
    pub(super) fn choose(arguments: &[OsString]) -> Self {
        let output = Self::of(arguments);
        let _ = OUTPUT.set(output);
        output
    }

    fn of(arguments: &[OsString]) -> Self {
        let says = |word: &str| arguments.iter().any(|argument| argument == word);
        match says("--json") {
            false => Self::Text,
            true if ["plan", "apply", "rollback"].into_iter().any(says) => Self::Events,
            true => Self::Document,
        }
    }
}

/// Writes to stdout what people read: of control characters only line breaks and tabs.
pub fn say(text: &str) {
    hand_over(plain::several_lines(text).as_bytes());
}

/// Writes to stdout what programs read, byte for byte.
pub fn hand_over(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    keep(Path::new("stdout"), written);
}

/// Writes one JSON document to stdout.
pub fn say_json(document: &Value) {
    hand_over(format!("{document:#}\n").as_bytes());
}

/// Writes to stderr what people read beside what they asked for; nobody has to be there.
pub fn tell(text: &str) {
    let _ = io::stderr().write_all(plain::several_lines(text).as_bytes());
}

/// Writes findings to stderr, which may have our colours.
pub(super) fn tell_coloured(text: &str) {
    let _ = io::stderr().write_all(plain::coloured(text).as_bytes());
}

/// Keeps in mind that something could not be written; a reader that went away is not an error.
pub fn keep(name: &Path, written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(failure::lost(name, &error).into());
    }
}

/// The end of the program: done is only what was told as well.
pub(super) fn ended(exit: Exit) -> Exit {
    match LOST.get() {
        None => exit,
        Some(finding) => {
            eprint_findings(std::slice::from_ref(finding));
            if matches!(exit, Exit::Ok | Exit::Changes) { Exit::Error } else { exit }
        }
    }
}

/// Says why the command cannot go on: as text on stderr, and as JSON on stdout where that was asked for.
pub fn fail(finding: impl Into<Failure>) -> Exit {
    fail_with(finding, Exit::Error)
}

/// As [`fail`], with an exit code of its own.
pub fn fail_with(finding: impl Into<Failure>, exit: Exit) -> Exit {
    stop(std::slice::from_ref(&*finding.into()), exit)
}

/// As [`fail`] for what state refuses; somebody else's lock has an exit code of its own.
pub fn fail_state(error: &StateError) -> Exit {
    stop(&[error.into()], exit_of(error))
}

/// Says several reasons why the command cannot go on.
pub fn stop(findings: &[Diagnostic], exit: Exit) -> Exit {
    eprint_findings(findings);
    stop_programs(findings, &Sources::new(), exit)
}

/// Says to programs alone why the command cannot go on.
pub(super) fn stop_programs(findings: &[Diagnostic], sources: &Sources, exit: Exit) -> Exit {
    if OUTPUT.get() == Some(&Output::Document) {
        say_json(&refusal(findings, sources, exit));
    }
    for finding in findings {
        events::diagnostic(finding, sources);
    }
    let first = findings.first().map_or("", |finding| finding.message.as_str());
    events::emit("errored", first, serde_json::json!({ "exit_code": exit as u8 }));
    exit
}

/// The document of a command that cannot go on.
fn refusal(findings: &[Diagnostic], sources: &Sources, exit: Exit) -> Value {
    let mut document = diagnostics::json(findings, sources);
    document["errored"] = true.into();
    document["exit_code"] = (exit as u8).into();
    document
}

/// Whether the command line asked for plain text.
static ASKED_PLAIN: AtomicBool = AtomicBool::new(false);

/// Takes note that the command line asks for plain text.
pub fn ask_plain() {
    ASKED_PLAIN.store(true, Ordering::Relaxed);
}

/// Whether text on stderr has no colours: where that is asked for, or is no terminal that shows them.
pub fn is_plain() -> bool {
    let no_colour = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    ASKED_PLAIN.load(Ordering::Relaxed) || no_colour() || dumb() || !io::stderr().is_terminal()
}

/// Findings that have no place in a text, on stderr.
pub fn eprint_findings(findings: &[Diagnostic]) {
    let style = if is_plain() { Style::Plain } else { Style::Colour };
    let text: String = findings
        .iter()
        .map(|finding| diagnostics::one(finding, &Sources::new(), style).trim_end().to_owned() + "\n")
        .collect();
    tell_coloured(&text);
}
