//! `ranform solve KIND FILE|-`: one problem document in, exactly one answer document on stdout.
//!
//! Needs no project and reads any path. Progress and everything else goes to stderr.

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use clap::CommandFactory;
use ranform_grammar::vocabulary::near_miss;
use ranform_network::AnswerKind;
use ranform_network::diagnostic::Diagnostic;
use ranform_optimizers::exchange::{self, DocumentCode, DocumentError, Reading, SolveOptions};
use ranform_optimizers::ignored::Ignored;

use crate::cli::{CommandLine, Problem, Session, SolveArgs, eprint_findings, hand_over, tell};
use crate::control::ClockControl;
use crate::display::plain::one_line;
use crate::exit::Exit;

/// Bytes read at once.
const CHUNK: usize = 1 << 16;

/// Solves the document.
pub fn run(_session: &Session, args: &SolveArgs) -> Exit {
    let kind = match args.kind {
        Problem::Slicing => AnswerKind::Slicing,
        Problem::Placement => AnswerKind::Placement,
        Problem::Orchestration => AnswerKind::Orchestration,
    };
    let start = Instant::now();
    let control = ClockControl::start(args.time_limit.map(|limit| limit - reserve(limit)));
    let options = SolveOptions { time_limit: args.time_limit, strategy: args.strategy.clone(), seed: args.seed };
    let document = read(kind, &args.file);
    let outcome = match &document {
        Ok(bytes) => exchange::solve_document(kind, bytes, &options, &control),
        Err(error) => error.outcome(kind),
    };
    let mut answer = outcome.json;
    fill_seconds(&mut answer, start.elapsed().as_secs_f64());
    hand_over(format!("{answer}\n").as_bytes());
    tell(&warnings(kind, document.as_deref().unwrap_or_default()));
    match outcome.exit {
        exchange::Exit::Solved => Exit::Ok,
        exchange::Exit::Infeasible => Exit::Infeasible,
        exchange::Exit::Failed => Exit::Error,
    }
}

/// The fields that the document's format does not have, which had no effect.
fn warnings(kind: AnswerKind, document: &[u8]) -> String {
    let line = |ignored: Ignored| {
        let path = one_line(&ignored.path);
        let places = if ignored.places > 1 { format!(" (in {} places)", ignored.places) } else { String::new() };
        let near = near_miss(&ignored.field, ignored.known.iter().copied());
        let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("warning: `{path}` is no field of `ranform.{}/1` and is ignored{places}{help}\n", kind.name())
    };
    exchange::ignored_fields(kind, document).into_iter().map(line).collect()
}

/// Whether these arguments ask to solve something, as far as they make sense; then even a mistake in them is an answer.
pub fn is_asked(arguments: &[OsString]) -> bool {
    let verbs = CommandLine::command();
    let is_verb = |argument: &OsString| argument.to_str().is_some_and(|text| verbs.find_subcommand(text).is_some());
    arguments.iter().skip(1).find(|argument| is_verb(argument)).is_some_and(|verb| verb == "solve")
}

/// The answer to arguments that make no sense: one object, as to everything else.
pub fn misused(arguments: &[OsString], finding: &Diagnostic) -> Exit {
    let kinds = [AnswerKind::Slicing, AnswerKind::Placement, AnswerKind::Orchestration];
    let kind = kinds.into_iter().find(|kind| arguments.iter().any(|argument| argument == kind.name()));
    let words: Vec<&str> = std::iter::once(&finding.message).chain(&finding.help).map(String::as_str).collect();
    let answer = serde_json::json!({
        "format": kind.map_or_else(|| "ranform.answer/1".to_owned(), exchange::answer_format),
        "status": "error", "code": DocumentCode::WrongUsage.name(), "message": words.join("; "), "seconds": 0.0,
    });
    hand_over(format!("{answer}\n").as_bytes());
    eprint_findings(std::slice::from_ref(finding));
    Exit::Error
}

/// What is kept of a time limit for the end: solvers look at the clock now and then only, and answers are verified.
fn reserve(limit: Duration) -> Duration {
    (limit / 20).min(Duration::from_secs(1))
}

/// The optimizers have no clock; the time of an answer is filled in here.
fn fill_seconds(answer: &mut serde_json::Value, elapsed: f64) {
    if let Some(seconds) = answer.get_mut("seconds").filter(|seconds| seconds.is_null()) {
        *seconds = elapsed.into();
    }
}

/// The bytes of a file or stdin, refused as soon as they are too many or nested too deep.
fn read(kind: AnswerKind, path: &Path) -> Result<Vec<u8>, DocumentError> {
    let failed = |error: std::io::Error| {
        DocumentError::new(DocumentCode::NotReadable, format!("`{}` cannot be read: {error}", path.display()))
    };
    let mut source: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(std::fs::File::open(path).map_err(failed)?),
    };
    let mut reading = Reading::new(kind);
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(reading.document()),
            Ok(count) => reading.take(&chunk[..count])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

/// A duration such as `60s`, `500ms`, `1.5min` or `2h`; a bare number is seconds.
///
/// # Errors
/// The text is no duration, or one beyond 10 years.
pub fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|character: char| !(character.is_ascii_digit() || character == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("`{unit}` is no unit of time; write ms, s, min or h")),
    };
    let seconds = number.parse::<f64>().map_err(|_| format!("`{text}` is no duration; write for example 60s"))? * scale;
    if seconds.is_finite() && seconds <= 3.2e8 {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(format!("`{text}` is too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("1.5min"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        assert!(duration("5 fortnights").is_err() && duration("1e9h").is_err() && duration("s").is_err());
    }
}
