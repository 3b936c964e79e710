//! The command line: what is asked, in which style, and how the program ends.
//!
//! Flags may be written with one dash or two. Usage errors end with 1, as all errors do.

mod args;

pub use args::*;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Parser;
use ranform_network::Sources;
use ranform_network::diagnostic::{Diagnostic, codes};

use crate::apply::exit_of;
use crate::display::diagnostics::{self, Folding, Style};
use crate::display::events;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::state::StateError;
use crate::{commands, failure};

/// What every command needs to know.
pub struct Session {
    /// The project folder.
    pub folder: PathBuf,
    /// How text looks.
    pub style: Style,
    /// Whether questions may be asked.
    pub interactive: bool,
    /// Values for parameters.
    pub variables: Vec<(String, String)>,
    /// The overlay chosen.
    pub overlay: Option<String>,
    /// Which findings of one code are told as one.
    pub folding: Folding,
}

/// Runs the program on these arguments (the first is its name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = rewrite(with_environment(arguments.into_iter().collect()));
    let output = Output::of(&arguments);
    let _ = OUTPUT.set(output);
    let into = events_file(&arguments);
    if let Err(error) = events::open(output == Output::Events, into.as_deref()) {
        return fail(failure::file(&into.unwrap_or_default(), &error));
    }
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) if error.use_stderr() => return fail(usage_finding(&error)),
        Err(error) => {
            // Help and version go to stdout; clap's own exit code 2 means changes here.
            let _ = error.print();
            return Exit::Ok;
        }
    };
    let session = match Session::new(&line.global) {
        Ok(session) => session,
        Err(finding) => return fail(finding),
    };
    commands::dispatch(&session, line.command)
}

/// How findings leave the program beside the text on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    /// Not at all.
    Text,
    /// As the one document that the command prints.
    Document,
    /// As events, one a line.
    Events,
}

/// Decided once from the arguments, before they are known to make sense: even a usage error is JSON where JSON is asked for.
static OUTPUT: OnceLock<Output> = OnceLock::new();

impl Output {
    fn of(arguments: &[OsString]) -> Self {
        let says = |word: &str| arguments.iter().any(|argument| argument == word);
        match says("--json") {
            false => Self::Text,
            true if ["plan", "apply", "rollback"].into_iter().any(says) => Self::Events,
            true => Self::Document,
        }
    }
}

/// The file of `-json-into`, before the arguments are known to make sense.
fn events_file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter().filter_map(|argument| argument.to_str()).skip_while(|text| !text.starts_with(INTO));
    let (flag, next) = (rest.next()?, rest.next());
    match flag.strip_prefix(INTO)?.strip_prefix('=') {
        Some(file) => Some(file.into()),
        None => next.map(PathBuf::from),
    }
}

const INTO: &str = "--json-into";

/// Says why the command cannot go on: as text on stderr, and as JSON on stdout where that was asked for.
pub fn fail(finding: impl Into<Failure>) -> Exit {
    report(std::slice::from_ref(&*finding.into()));
    Exit::Error
}

/// As [`fail`] for what state refuses; somebody else's lock has an exit code of its own.
pub fn fail_state(error: &StateError) -> Exit {
    report(&[error.into()]);
    exit_of(error)
}

/// Says several reasons why the command cannot go on.
pub fn report(findings: &[Diagnostic]) {
    eprint_findings(findings);
    let sources = Sources::new();
    if OUTPUT.get() == Some(&Output::Document) {
        let mut document = diagnostics::json(findings, &sources);
        document["errored"] = true.into();
        say(&format!("{document}\n"));
    }
    for finding in findings {
        let shown = diagnostics::json_one(finding, &sources);
        events::emit("diagnostic", &finding.message, serde_json::json!({ "diagnostic": shown }));
    }
    let first = findings.first().map_or("", |finding| finding.message.as_str());
    events::emit("errored", first, serde_json::json!({}));
}

/// Findings that have no place in a text, on stderr.
pub fn eprint_findings(findings: &[Diagnostic]) {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !std::io::stderr().is_terminal();
    let style = if plain { Style::Plain } else { Style::Colour };
    let text: String = findings
        .iter()
        .map(|finding| diagnostics::one(finding, &Sources::new(), style).trim_end().to_owned() + "\n")
        .collect();
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// What clap found wrong: its first line, and its advice as help.
fn usage_finding(error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines.next().unwrap_or_default().trim_start_matches("error: ").replace('\'', "`");
    let mut finding = Diagnostic::error_nowhere(&codes::WRONG_USAGE, message.trim_end_matches(':'));
    for line in lines {
        finding = finding.help(line.trim_start_matches("tip: ").replace('\'', "`"));
    }
    finding
}

/// Writes to stdout; a reader that went away is not an error.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

impl Session {
    fn new(global: &Global) -> Result<Self, Failure> {
        let folder = global.chdir.clone().unwrap_or_else(|| PathBuf::from("."));
        if !folder.is_dir() {
            let message = format!("there is no folder `{}`", folder.display());
            return Err(failure::usage(message, "-chdir names the folder of the project").into());
        }
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let plain = global.no_color || set("NO_COLOR") || !std::io::stdout().is_terminal();
        let silent =
            set("CI") || set("RANFORM_IN_AUTOMATION") || std::env::var("RANFORM_INPUT").is_ok_and(|v| v == "0");
        Ok(Self {
            variables: variables(&folder, global)?,
            folder,
            style: if plain { Style::Plain } else { Style::Colour },
            interactive: global.input.unwrap_or(true) && !silent && std::io::stdin().is_terminal(),
            overlay: global.overlay.clone(),
            folding: Folding { warnings: global.compact_warnings, errors: global.consolidate_errors },
        })
    }

    /// Findings on stderr, so that stdout stays what was asked for; no more than a person reads.
    pub fn tell_findings(&self, findings: &[Diagnostic], sources: &Sources) {
        let text = diagnostics::told(findings, sources, self.style, self.folding);
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// The folder where state and journal live.
    pub fn data_folder(&self) -> PathBuf {
        std::env::var_os("RANFORM_DATA_DIR").map_or_else(|| self.folder.join(".ranform"), PathBuf::from)
    }

    /// What the compiler is told.
    pub fn compile_options(&self) -> ranform_compiler::CompileOptions {
        ranform_compiler::CompileOptions {
            folder: String::new(),
            variables: self.variables.clone(),
            overlay: self.overlay.clone(),
        }
    }
}

/// Parameter values: from files, then the environment, then flags; later ones win.
fn variables(folder: &Path, global: &Global) -> Result<Vec<(String, String)>, Failure> {
    let mut variables = Vec::new();
    for file in &global.var_file {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| failure::file(&path, &error))?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            variables.push(assignment(line)?);
        }
    }
    for (name, value) in std::env::vars() {
        if let Some(name) = name.strip_prefix("RANFORM_VAR_") {
            variables.push((name.to_owned(), value));
        }
    }
    for text in &global.var {
        variables.push(assignment(text)?);
    }
    Ok(variables)
}

fn assignment(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err(failure::usage(format!("`{text}` gives no parameter a value"), "write NAME=VALUE").into()),
    }
}

/// Adds the arguments of `RANFORM_CLI_ARGS` and `RANFORM_CLI_ARGS_<verb>` behind the verb.
fn with_environment(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let verb = arguments.iter().skip(1).position(|argument| !argument.to_string_lossy().starts_with('-'));
    let Some(at) = verb.map(|index| index + 1) else { return arguments };
    let own = format!("RANFORM_CLI_ARGS_{}", arguments[at].to_string_lossy());
    let extra = ["RANFORM_CLI_ARGS".to_owned(), own].into_iter().filter_map(|name| std::env::var(name).ok());
    let words: Vec<OsString> =
        extra.flat_map(|text| text.split_whitespace().map(OsString::from).collect::<Vec<_>>()).collect();
    arguments.splice(at + 1..at + 1, words);
    arguments
}

/// Rewrites `-word` to `--word` for words of two letters and more, which clap refuses. What follows `--` stays.
fn rewrite(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut raw = false;
    let long = |text: &str| {
        let mut letters = text.chars().skip(1);
        text.starts_with('-')
            && letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.next().is_some_and(|second| second.is_ascii_alphanumeric() || second == '-')
    };
    arguments
        .into_iter()
        .map(|argument| {
            raw |= argument == "--";
            match argument.to_str() {
                Some(text) if !raw && long(text) => OsString::from(format!("-{text}")),
                _ => argument,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dash_is_as_good_as_two() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            rewrite(words("ranform plan -out=x.ranplan -v --json -- -raw")),
            words("ranform plan --out=x.ranplan -v --json -- -raw")
        );
        assert_eq!(rewrite(words("ranform solve slicing -")), words("ranform solve slicing -"));
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
    }
}
