//! The door for placement documents: bytes in, one JSON object out, every answer verified first.

use ranform_network::{AnswerStatus, Control};

use super::exact::{self, Race, Settings};
use super::problem::Problem;
use super::{Answer, explain, format, paper, textbook, verify};
use crate::exchange::{DocumentCode, DocumentError, Exit, SolveOptions, SolveOutcome};
use crate::highs_model::SolverError;

/// How to solve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Proven optimal, with our heuristic beside.
    #[default]
    Exact,
    /// Our heuristic alone: no bound.
    Heuristic,
    /// Algorithm 1 of RIC-O as written: no bound.
    Paper,
    /// The paper's full model, for tiny instances.
    Textbook,
}

impl Strategy {
    /// All strategies.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Heuristic, Self::Paper, Self::Textbook];

    /// The name in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Heuristic => "heuristic",
            Self::Paper => "paper",
            Self::Textbook => "textbook",
        }
    }

    /// The strategy with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == name)
    }
}

/// Solves one document.
pub fn solve_document(
    document: &[u8],
    options: &SolveOptions,
    control: &dyn Control,
) -> Result<SolveOutcome, DocumentError> {
    let strategy = match options.strategy.as_deref() {
        None => Strategy::default(),
        Some(name) => Strategy::from_name(name).ok_or_else(|| unknown(name))?,
    };
    let before = control.seconds_left();
    let problem = format::read(document)?;
    let mut answer = solve(&problem, strategy, options.seed, Race::On, control)?;
    if answer.status == AnswerStatus::Infeasible {
        answer.conflict = Some(explain::explain(&problem, control));
    }
    let seconds = before.zip(control.seconds_left()).map(|(before, after)| before - after);
    Ok(SolveOutcome { exit: exit(answer.status), json: format::write(&answer, seconds) })
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

fn exit(status: AnswerStatus) -> Exit {
    match status {
        AnswerStatus::Optimal | AnswerStatus::Feasible => Exit::Solved,
        AnswerStatus::Infeasible => Exit::Infeasible,
        AnswerStatus::Unknown => Exit::Failed,
    }
}

fn unknown(name: &str) -> DocumentError {
    let names = Strategy::ALL.map(Strategy::name).join("`, `");
    let shown: String = name.chars().take(80).collect();
    DocumentError::new(DocumentCode::UnknownStrategy, format!("unknown strategy `{shown}`, there are `{names}`"))
}

fn not_solved(error: &SolverError) -> DocumentError {
    DocumentError::new(DocumentCode::NotSolved, error.to_string())
}
