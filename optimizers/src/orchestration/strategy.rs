//! The named strategies, and the one function that runs any of them and checks what comes out.

use ranform_network::{Certificate, Control};

use super::answer::Answer;
use super::problem::Problem;
use super::solve::solve_exact;
use super::verify::verify;
use crate::exchange::{DocumentCode, DocumentError};

/// How to look for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Projection, presolve, components, and a proof of the bound.
    #[default]
    Exact,
}

impl Strategy {
    /// All strategies, the default first.
    pub const ALL: [Self; 1] = [Self::Exact];

    /// The name used in commands and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
        }
    }

    /// The strategy of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == name)
    }
}

/// Solves a valid problem and verifies the answer; one that fails the check is an error, never an answer.
pub fn solve(
    problem: &Problem,
    strategy: Strategy,
    _seed: u64,
    control: &dyn Control,
) -> Result<(Answer, Certificate), DocumentError> {
    let (answer, steps) = match strategy {
        Strategy::Exact => solve_exact(problem, control)?,
    };
    let proved_by = if steps == 0 { "presolve and linear relaxation" } else { "branch and bound" };
    let certificate = verify(problem, &answer, proved_by, steps);
    if certificate.holds() {
        return Ok((answer, certificate));
    }
    let broken: Vec<&str> = certificate.violations().map(|residual| residual.name.as_str()).collect();
    let message = format!("the answer failed its verification: {}", broken.join(", "));
    Err(DocumentError::new(DocumentCode::NotSolved, message))
}
