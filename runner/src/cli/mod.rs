//! The command line: what is asked, in which style, and how the program ends.
//!
//! Flags may be written with one dash or two. Usage errors end with 1, as all errors do.

mod args;
mod output;

pub use args::*;
use output::{Output, ask_plain, is_plain};
pub use output::{eprint_findings, fail, fail_state, fail_with, hand_over, keep, say, say_json, stop, tell};

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;
use ranform_network::Sources;
use ranform_network::diagnostic::{Diagnostic, codes};

use crate::display::diagnostics::{self, Folding, Style};
use crate::display::events;
use crate::exit::Exit;
use crate::failure::Failure;
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
    output::ended(started(arguments))
}

fn started(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = rewrite(with_environment(arguments.into_iter().collect()));
    let output = Output::choose(&arguments);
    let into = events_file(&arguments);
    if let Err(error) = events::open(output == Output::Events, into.as_deref()) {
        return fail(failure::file(&into.unwrap_or_default(), &error));
    }
    let line = match CommandLine::try_parse_from(arguments.clone()) {
        Ok(line) => line,
        Err(error) if error.use_stderr() && commands::solve::is_asked(&arguments) => {
            return commands::solve::misused(&arguments, &usage_finding(&error));
        }
        Err(error) => return unparsed(&error, output),
    };
    let session = match Session::new(&line.global) {
        Ok(session) => session,
        Err(finding) if commands::solve::is_asked(&arguments) => return commands::solve::misused(&arguments, &finding),
        Err(finding) => return fail(finding),
    };
    commands::dispatch(&session, line.command)
}

/// Help and version that were asked for, help for who asked for nothing, and mistakes. Clap's own exit code 2 means
/// changes here.
fn unparsed(error: &clap::Error, output: Output) -> Exit {
    let nothing = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && output == Output::Text;
    if error.use_stderr() && !nothing {
        return fail(usage_finding(error));
    }
    keep(Path::new("stdout"), error.print());
    if error.use_stderr() { Exit::Error } else { Exit::Ok }
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

/// What clap found wrong: its first line, and its advice as help.
fn usage_finding(error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = backticks(lines.next().unwrap_or_default().trim_start_matches("error: "));
    let mut finding = Diagnostic::error_nowhere(&codes::WRONG_USAGE, message.trim_end_matches(':'));
    for line in lines {
        finding = finding.help(backticks(line.trim_start_matches("tip: ")));
    }
    finding
}

/// The text with `'quoted words'` in backticks, as everywhere; apostrophes stay.
fn backticks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut before, mut open) = (None, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let inside = |next: Option<char>| next.is_some_and(char::is_alphanumeric);
        let quotes = character == '\'' && if open { !inside(characters.peek().copied()) } else { !inside(before) };
        open ^= quotes;
        out.push(if quotes { '`' } else { character });
        before = Some(character);
    }
    out
}

impl Session {
    fn new(global: &Global) -> Result<Self, Failure> {
        if global.no_color {
            ask_plain();
        }
        let folder = global.chdir.clone().unwrap_or_else(|| PathBuf::from("."));
        if !folder.is_dir() {
            let message = format!("there is no folder `{}`", folder.display());
            return Err(failure::usage(message, "-chdir names the folder of the project").into());
        }
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let silent =
            set("CI") || set("RANFORM_IN_AUTOMATION") || std::env::var("RANFORM_INPUT").is_ok_and(|v| v == "0");
        Ok(Self {
            variables: variables(&folder, global)?,
            folder,
            style: if is_plain() { Style::Plain } else { Style::Colour },
            interactive: global.input.unwrap_or(true) && !silent && std::io::stdin().is_terminal(),
            overlay: global.overlay.clone(),
            folding: Folding { warnings: global.compact_warnings, errors: global.consolidate_errors },
        })
    }

    /// Findings on stderr, so that stdout stays what was asked for; no more than a person reads.
    pub fn tell_findings(&self, findings: &[Diagnostic], sources: &Sources) {
        output::tell_coloured(&diagnostics::told(findings, sources, self.style, self.folding));
    }

    /// Says why the command cannot go on: the findings with their lines on stderr, and as JSON where that was asked for.
    pub fn stop(&self, findings: &[Diagnostic], sources: &Sources, exit: Exit) -> Exit {
        self.tell_findings(findings, sources);
        output::stop_programs(findings, sources, exit)
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
    // Other variables of the environment may hold anything.
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix("RANFORM_VAR_")) else { continue };
        let Ok(value) = value.into_string() else {
            let message = format!("the variable `RANFORM_VAR_{name}` is not UTF-8");
            return Err(
                failure::usage(message, "give it the value of a parameter, as an intent file would say it").into()
            );
        };
        variables.push((name.to_owned(), value));
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
    fn quoted_words_are_in_backticks_and_apostrophes_stay() {
        assert_eq!(
            backticks("invalid value 'x' for '--to <SERIAL>': bad"),
            "invalid value `x` for `--to <SERIAL>`: bad"
        );
        assert_eq!(backticks("the devices' present state, 'it's'"), "the devices' present state, `it's`");
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
    }
}
