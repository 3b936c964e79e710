//! Slicing beside general QP solvers: time, natural residual and ratio from 3x2 to 100000x10, one thread.
//! Usage: `slicing [LARGEST [SECONDS]]` (nodes of the largest instance, limit per peer); prints a Markdown table.

mod instance;
mod peers;

use std::time::Instant;

use ranform_network::NoControl;
use ranform_optimizers::slicing::matrix::Matrix;
use ranform_optimizers::slicing::normal::NormalForm;
use ranform_optimizers::slicing::share::enforced_shares;
use ranform_optimizers::slicing::verify::{Claim, verify};
use ranform_optimizers::slicing::{Problem, Strategy, Unverified, decide};

const SIZES: [(usize, usize); 5] = [(3, 2), (100, 5), (1000, 10), (10_000, 10), (100_000, 10)];
const TARGET_SECONDS: [f64; 5] = [5e-6, 50e-6, 0.5e-3, 5e-3, 50e-3];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let largest: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let seconds: f64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60.0);
    println!("| A x S | solver | time | target | natural residual | steps | times structured |");
    println!("|---|---|---|---|---|---|---|");
    for ((nodes, tenants), target) in SIZES.into_iter().zip(TARGET_SECONDS).filter(|((nodes, _), _)| *nodes <= largest)
    {
        let problem = instance::instance(nodes, tenants, 1);
        let own = measure(&problem, Strategy::Structured);
        row(nodes, tenants, "structured", &own, Some(target), 1.0);
        for (name, strategy) in
            [("interior-point", Strategy::InteriorPoint), ("Clarabel, scaled (reference)", Strategy::Reference)]
        {
            if strategy == Strategy::Reference && nodes > 10_000 && seconds < 60.0 {
                continue;
            }
            let peer = measure(&problem, strategy);
            let ratio = peer.seconds / own.seconds;
            row(nodes, tenants, name, &peer, None, ratio);
        }
        for (name, result) in peers::run(&problem, seconds) {
            let ratio = result.seconds / own.seconds;
            row(nodes, tenants, name, &result, None, ratio);
        }
    }
}

/// One measured solver.
pub struct Measured {
    /// Seconds, the best of several runs where they are short.
    pub seconds: f64,
    /// The natural residual in share units by the verification; none without an answer.
    pub residual: Option<f64>,
    /// Steps, or why there is no answer.
    pub steps: String,
}

fn row(nodes: usize, tenants: usize, name: &str, measured: &Measured, target: Option<f64>, ratio: f64) {
    let target = target.map_or(String::new(), show_seconds);
    let residual = measured.residual.map_or("none".to_owned(), |residual| format!("{residual:.1e}"));
    let time = show_seconds(measured.seconds);
    println!("| {nodes}x{tenants} | {name} | {time} | {target} | {residual} | {} | {ratio:.1} |", measured.steps);
}

fn show_seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// Normal form, solve and shares: everything but the verification.
fn measure(problem: &Problem, strategy: Strategy) -> Measured {
    let once = || {
        let start = Instant::now();
        let form = NormalForm::new(problem).expect("the instance has no contradictions");
        let found = decide(&form, strategy, &NoControl);
        let share = match &found {
            Ok(Unverified::Found { consumption, .. }) => Some(enforced_shares(&form, consumption)),
            _ => None,
        };
        (start.elapsed().as_secs_f64(), found, share)
    };
    let (mut seconds, found, share) = once();
    let started = Instant::now();
    let mut runs = 1;
    while runs < 2000 && started.elapsed().as_secs_f64() < 1.5 {
        seconds = seconds.min(once().0);
        runs += 1;
    }
    match (found, share) {
        (Ok(Unverified::Found { consumption, steps, .. }), Some(share)) => {
            let residual = residual(problem, consumption, &share);
            Measured { seconds, residual: Some(residual), steps: steps.to_string() }
        }
        (Err(error), _) => Measured { seconds, residual: None, steps: error.to_string() },
        _ => Measured { seconds, residual: None, steps: "infeasible".to_owned() },
    }
}

/// The natural residual of `consumption` by the verification.
pub fn residual(problem: &Problem, consumption: Vec<f64>, share: &Matrix) -> f64 {
    let consumption = Matrix::new(problem.tenant_count(), consumption);
    let claim = Claim { consumption: &consumption, share, area_multiplier: &[], residual_limit: 1e-9 };
    let certificate = verify(problem, claim);
    let natural = certificate.residuals.iter().find(|residual| residual.name == "natural residual");
    natural.map_or(f64::NAN, |natural| natural.value)
}
