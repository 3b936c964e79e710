//! The door for placement documents: bytes in, one JSON object out, every answer verified first.

use ranform_network::{AnswerStatus, Control};

use super::exact::{self, Race, Settings};
use super::problem::Problem;
use super::{Answer, explain, format, paper, textbook, verify};
use crate::exchange::{DocumentCode, DocumentError, Exit, SolveOptions, SolveOutcome};
use crate::highs_model::SolverError;
use crate::strategy::Strategy;

/// Solves one document.
pub fn solve_document(
    document: &[u8],
    options: &SolveOptions,
    control: &dyn Control,
) -> Result<SolveOutcome, DocumentError> {
    let strategy = Strategy::from_option(options.strategy.as_deref(), "placement")?;
    let before = control.seconds_left();
    let problem = format::read(document)?;
    let mut answer = solve(&problem, strategy, options.seed, Race::On, control)?;
    if answer.status == AnswerStatus::Infeasible {
        answer.conflict = Some(explain::explain(&problem, control));
    }
    let seconds = before.zip(control.seconds_left()).map(|(before, after)| before - after);
    Ok(SolveOutcome { exit: Exit::from(answer.status), json: format::write(&answer, seconds) })
}

/// Solves a problem by a strategy and verifies the answer.
pub fn solve(
    problem: &Problem,
    strategy: Strategy,
    seed: u64,
    race: Race,
    control: &dyn Control,
) -> Result<Answer, DocumentError> {
    let settings = Settings { seed, race, ..Settings::default() };
    let answer = match strategy {
        Strategy::Exact => exact::solve(problem, &settings, control).map_err(|error| not_solved(&error))?,
        Strategy::Heuristic => exact::heuristic(problem, &settings, control),
        Strategy::Paper => paper::solve(problem, control),
        Strategy::Textbook => textbook::solve(problem, control)?,
    };
    if verify::verify(problem, &answer).holds() {
        return Ok(answer);
    }
    Err(DocumentError::new(DocumentCode::NotSolved, "the answer found did not pass the verification"))
}

fn not_solved(error: &SolverError) -> DocumentError {
    DocumentError::new(DocumentCode::NotSolved, error.to_string())
}
