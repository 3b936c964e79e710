//! Slicing of a [`Network`]: problems from it, answers back to it, and what its lines make impossible.
//!
//! [`solve`] is what a plan calls: [`build`] makes the problems, the strategies answer them, [`answer`] turns consumption
//! into addressed shares on each device's grid, [`reach`] explains in intent lines what cannot be reached.

pub mod answer;
pub mod build;
pub mod reach;

use ranform_network::answers::SliceShares;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Direction, Network};
use ranform_network::telemetry::Telemetry;
use ranform_network::{Certificate, Control};

use crate::exchange::DocumentError;
use crate::slicing::fixed_point::fixed_point;
use crate::slicing::{Answer, Options, Problem};

pub use build::{NetworkProblem, PassiveUse, Row};

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
/// With `telemetry` a problem that was observed is one loop step; the others are iterated to the fixed point.
pub fn solve(network: &Network, telemetry: Option<&Telemetry>, control: &dyn Control) -> Slicing {
    let mut slicing = Slicing::default();
    let mut sharer = answer::Sharer::new(network);
    for direction in [Direction::Dl, Direction::Ul] {
        match Problem::from_network(network, telemetry, direction) {
            Ok(problems) => {
                for problem in problems {
                    solve_one(network, problem, control, &mut sharer, &mut slicing);
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

fn solve_one(
    network: &Network,
    built: NetworkProblem,
    control: &dyn Control,
    sharer: &mut answer::Sharer,
    slicing: &mut Slicing,
) {
    let answer = match answer_of(&built, control) {
        Ok(answer) => answer,
        Err(error) => {
            slicing.findings.push(unsolved(&error).maybe_span(network, &built));
            return;
        }
    };
    let unreachable = reach::findings(network, &built);
    match &answer.decision {
        Some(decision) => {
            if unreachable.is_empty() {
                slicing.findings.extend(reach::shortfalls(network, &built, &decision.consumption));
            }
            sharer.add(&built, &decision.share);
        }
        None if unreachable.is_empty() => slicing.findings.push(reach::contradiction(network, &built)),
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
