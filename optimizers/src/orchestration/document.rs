//! The door for documents: bytes of a `ranform.orchestration/1` problem in, one JSON object out.

use ranform_network::{AnswerKind, AnswerStatus, Certificate, Control};
use serde_json::{Value, json};

use super::answer::Answer;
use super::impossible::conflict;
use super::problem::{Assignment, Exclusion, Model, Node, Pin, Problem, Request, Target, Uplink};
use super::strategy::solve;
use super::validate::validate;
use crate::conflict::Conflict;
use crate::exchange::{DocumentError, Exit, SolveOptions, SolveOutcome, read_document};
use crate::ignored::Shape;
use crate::strategy::Strategy;

/// The fields of a document.
pub(crate) fn shape() -> Shape {
    Shape::of::<Problem>()
        .with("nodes", Shape::of::<Node>().with("uplink", Shape::of::<Uplink>()))
        .with("models", Shape::of::<Model>())
        .with("requests", Shape::of::<Request>().with("targets", Shape::of::<Target>()))
        .with("current", Shape::of::<Assignment>())
        .with("pinned", Shape::of::<Pin>())
        .with("excluded", Shape::of::<Exclusion>())
}

/// Reads, validates, solves and verifies one document.
pub fn solve_document(
    document: &[u8],
    options: &SolveOptions,
    control: &dyn Control,
) -> Result<SolveOutcome, DocumentError> {
    let strategy = Strategy::from_option(options.strategy.as_deref(), "orchestration")?;
    let before = control.seconds_left();
    let problem: Problem = read_document(AnswerKind::Orchestration, document)?;
    validate(&problem)?;
    let (answer, certificate) = solve(&problem, strategy, options.seed, control)?;
    let conflict = (answer.status == AnswerStatus::Infeasible).then(|| conflict(&problem, control));
    let seconds = before.zip(control.seconds_left()).map(|(before, after)| before - after);
    Ok(SolveOutcome { exit: Exit::from(answer.status), json: print(&answer, &certificate, conflict, seconds) })
}

/// The answer document. `seconds` is known only where the caller has set a time limit.
fn print(answer: &Answer, certificate: &Certificate, conflict: Option<Conflict>, seconds: Option<f64>) -> Value {
    let mut json = json!({
        "format": answer.format,
        "status": answer.status,
        "value": answer.value,
        "bound": answer.bound,
        "accepted": answer.accepted,
        "assignment": answer.assignment,
        "seconds": seconds,
        "certificate": certificate,
    });
    if let (false, Some(object)) = (answer.partly.is_empty(), json.as_object_mut()) {
        object.insert("partly".to_owned(), json!(answer.partly));
    }
    if let (Some(started), Some(object)) = (answer.started, json.as_object_mut()) {
        object.insert("started".to_owned(), json!(started));
    }
    if let (Some(conflict), Some(object)) = (conflict, json.as_object_mut()) {
        object.insert("conflict".to_owned(), json!(conflict));
    }
    json
}
