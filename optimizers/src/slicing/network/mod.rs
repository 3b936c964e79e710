//! Slicing of a [`Network`]: problems from it, answers back to it, and what its lines make impossible.
//!
//! [`solve`] is what a plan calls: [`build`] makes the problems, the strategies answer them, [`answer`] turns consumption
//! into addressed shares on each device's grid, [`reach`] explains in intent lines what cannot be reached.

pub mod answer;
pub mod build;
pub mod held;
pub mod reach;
pub mod together;

use ranform_network::answers::SliceShares;
use ranform_network::diagnostic::{Diagnostic, codes, has_errors};
use ranform_network::network::{Direction, Network};
use ranform_network::telemetry::Telemetry;
use ranform_network::{Certificate, Control};

use crate::exchange::DocumentError;
use crate::slicing::fixed_point::fixed_point;
use crate::slicing::{Answer, Options, Problem};

pub use build::{NetworkProblem, PassiveUse, Row};
pub use held::Held;

/// What is decided for a network's interfaces.
#[derive(Clone, Debug, Default)]
pub struct Slicing {
    /// The share of each tenant on each interface.
    pub shares: SliceShares,
    /// One per problem, downlink first.
    pub certificates: Vec<Certificate>,
    /// What is out of reach (an error unless best effort is enough), what does not fit a device's grid.
    pub findings: Vec<Diagnostic>,
}

/// Solves every SLA of `network` in both directions; interfaces outside them get the ratios that their lines state.
///
/// With `telemetry` a problem that was observed is one loop step; the others are iterated to the fixed point. What is
/// `held` keeps the shares it has, and the rest makes the best of it; whether an SLA can be reached is judged without.
pub fn solve(network: &Network, telemetry: Option<&Telemetry>, held: &Held, control: &dyn Control) -> Slicing {
    let mut slicing = Slicing::default();
    let mut sharer = answer::Sharer::new(network, held);
    for direction in [Direction::Dl, Direction::Ul] {
        match problems(network, telemetry, held, direction) {
            Ok(problems) => {
                for (problem, whole) in &problems {
                    solve_one(network, problem, whole.as_ref(), control, &mut sharer, &mut slicing);
                }
            }
            Err(error) => slicing.findings.push(unsolved(&error)),
        }
        sharer.add_fixed(direction);
    }
    slicing.findings.extend(sharer.findings());
    ranform_network::diagnostic::sort(&mut slicing.findings);
    slicing.shares = sharer.into_shares();
    slicing
}

/// The problems of a direction; where something is held beside each the one in which nothing is.
type Problems = Vec<(NetworkProblem, Option<NetworkProblem>)>;

fn problems(
    network: &Network,
    telemetry: Option<&Telemetry>,
    held: &Held,
    direction: Direction,
) -> Result<Problems, DocumentError> {
    let problems = Problem::from_network(network, telemetry, held, direction)?;
    if held.is_empty() {
        return Ok(problems.into_iter().map(|problem| (problem, None)).collect());
    }
    // What is held splits no group, and leaves out those of which nothing is in service.
    let wholes = Problem::from_network(network, telemetry, Held::NONE, direction)?;
    let whole = |problem: &NetworkProblem| wholes.iter().find(|whole| whole.slas.contains(&problem.slas[0])).cloned();
    Ok(problems
        .into_iter()
        .map(|problem| (whole(&problem), problem))
        .map(|(whole, problem)| (problem, whole))
        .collect())
}

fn solve_one(
    network: &Network,
    built: &NetworkProblem,
    whole: Option<&NetworkProblem>,
    control: &dyn Control,
    sharer: &mut answer::Sharer,
    slicing: &mut Slicing,
) {
    let answer = match answer_of(built, control) {
        Ok(answer) => answer,
        Err(error) => {
            slicing.findings.push(unsolved(&error).maybe_span(network, built));
            return;
        }
    };
    let whole = whole.unwrap_or(built);
    let mut unreachable = reach::findings(network, whole);
    if !has_errors(&unreachable) {
        unreachable.extend(together::findings(network, whole));
    }
    match &answer.decision {
        Some(decision) => {
            if unreachable.is_empty() {
                slicing.findings.extend(reach::shortfalls(network, built, &decision.consumption));
                slicing.findings.extend(reach::held_back(network, built, &decision.consumption));
            }
            sharer.add(built, &decision.share);
        }
        None if unreachable.is_empty() => slicing.findings.push(together::contradiction(network, built)),
        None => {}
    }
    slicing.findings.extend(unreachable);
    slicing.certificates.push(answer.certificate);
}

/// One loop step where the problem was observed, else the fixed point.
fn answer_of(built: &NetworkProblem, control: &dyn Control) -> Result<Answer, DocumentError> {
    let options = Options::default();
    if built.observed {
        crate::slicing::solve(&built.problem, &options, control)
    } else {
        fixed_point(built.problem.clone(), &options, control).map(|limit| limit.answer)
    }
}

fn unsolved(error: &DocumentError) -> Diagnostic {
    Diagnostic::error_nowhere(&codes::SLICING_UNSOLVED, format!("the shares could not be decided: {error}"))
        .help("`ranform solve slicing` on the same numbers tells more; a longer time limit may be enough")
}

trait AtSla {
    fn maybe_span(self, network: &Network, built: &NetworkProblem) -> Self;
}

impl AtSla for Diagnostic {
    /// Points at the first SLA of the problem.
    fn maybe_span(mut self, network: &Network, built: &NetworkProblem) -> Self {
        self.span = built.slas.first().map(|&sla| network.slas[sla].entity.span);
        self
    }
}
