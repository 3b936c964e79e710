//! The command line: what is asked, in which style, and how the program ends.
//!
//! Flags may be written with one dash or two. Usage errors end with 1, as all errors do.

mod args;

pub use args::*;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::commands;
use crate::display::diagnostics::Style;
use crate::exit::Exit;

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
}

/// Runs the program on these arguments (the first is its name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = with_environment(arguments.into_iter().collect());
    let line = match CommandLine::try_parse_from(rewrite(arguments)) {
        Ok(line) => line,
        Err(error) => {
            // clap prints help and version on stdout and usage errors on stderr; its own exit code 2 means changes here.
            let _ = error.print();
            return if error.use_stderr() { Exit::Error } else { Exit::Ok };
        }
    };
    let session = match Session::new(&line.global) {
        Ok(session) => session,
        Err(message) => return fail(&message),
    };
    commands::dispatch(&session, line.command)
}

/// Says on stderr why the command cannot go on.
pub fn fail(message: &str) -> Exit {
    let _ = writeln!(std::io::stderr(), "error: {message}");
    Exit::Error
}

/// Writes to stdout; a reader that went away is not an error.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

impl Session {
    fn new(global: &Global) -> Result<Self, String> {
        let folder = global.chdir.clone().unwrap_or_else(|| PathBuf::from("."));
        if !folder.is_dir() {
            return Err(format!("there is no folder `{}`", folder.display()));
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
        })
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
fn variables(folder: &Path, global: &Global) -> Result<Vec<(String, String)>, String> {
    let mut variables = Vec::new();
    for file in &global.var_file {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
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

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err(format!("`{text}` is no assignment; write name=value")),
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
