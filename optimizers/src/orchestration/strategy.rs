//! The one function that runs any strategy and checks what comes out.

use std::collections::BTreeSet;

use ranform_network::answers::{ModelMapping, RicPlacement};
use ranform_network::ids::NodeId;
use ranform_network::network::Network;
use ranform_network::{Certificate, Control};

use super::answer::Answer;
use super::branching::solve_branched;
use super::from_network::NetworkProblem;
use super::heuristic::solve_heuristic;
use super::limits::Limits;
use super::problem::Problem;
use super::solve::solve_exact;
use super::textbook::solve_textbook;
use super::validate::validate;
use super::verify::verify;
use crate::exchange::{DocumentCode, DocumentError};
use crate::strategy::Strategy;

/// What a pipeline needs: the problem made of a network, its verified answer, and what that means there.
#[derive(Clone, Debug)]
pub struct Orchestration {
    /// The problem and what its nodes stand for.
    pub problem: NetworkProblem,
    /// The answer in numbers.
    pub answer: Answer,
    /// The answer in the network's terms.
    pub mapping: ModelMapping,
    /// What it is worth and how that is known.
    pub certificate: Certificate,
}

/// Orchestrates the models of `network` after its RICs are placed: builds the problem, solves it exactly
/// within the counted work of a plan and verifies the answer.
///
/// # Errors
/// Numbers of the network that overflow, or a solver that gave up.
pub fn orchestrate(
    network: &Network,
    previous: Option<&ModelMapping>,
    placement: &RicPlacement,
    held: &BTreeSet<NodeId>,
    control: &dyn Control,
) -> Result<Orchestration, DocumentError> {
    let problem = NetworkProblem::new(network, previous, placement, held);
    validate(&problem.problem)?;
    let (answer, certificate) = solve_within(&problem.problem, Strategy::Exact, 0, Limits::counted(control))?;
    let mapping = problem.mapping(&answer);
    Ok(Orchestration { problem, answer, mapping, certificate })
}

/// Solves a valid problem and verifies the answer; one that fails the check is an error, never an answer.
pub fn solve(
    problem: &Problem,
    strategy: Strategy,
    seed: u64,
    control: &dyn Control,
) -> Result<(Answer, Certificate), DocumentError> {
    solve_within(problem, strategy, seed, Limits::of(control))
}

/// As [`solve`], within these limits.
///
/// # Errors
/// A solver that gave up, or an answer that did not pass the verification.
pub fn solve_within(
    problem: &Problem,
    strategy: Strategy,
    seed: u64,
    limits: Limits<'_>,
) -> Result<(Answer, Certificate), DocumentError> {
    let (answer, steps) = match strategy {
        Strategy::Exact => solve_exact(problem, limits)?,
        Strategy::Heuristic => (solve_heuristic(problem, seed, limits.control)?, 0),
        Strategy::Paper => solve_branched(problem, limits)?,
        Strategy::Textbook => (solve_textbook(problem, limits.control)?, 0),
    };
    let proved_by = match strategy {
        Strategy::Exact if steps == 0 => "presolve and linear relaxation",
        Strategy::Exact | Strategy::Textbook => "branch and bound",
        Strategy::Heuristic | Strategy::Paper => "the sum of all values that are possible",
    };
    let certificate = verify(problem, &answer, proved_by, steps);
    if certificate.holds() {
        return Ok((answer, certificate));
    }
    let broken: Vec<&str> = certificate.violations().map(|residual| residual.name.as_str()).collect();
    let message = format!("the answer failed its verification: {}", broken.join(", "));
    Err(DocumentError::new(DocumentCode::NotSolved, message))
}
