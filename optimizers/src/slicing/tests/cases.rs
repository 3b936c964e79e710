//! The cases with known optima, by every strategy.

use super::support::{answer, cases, distance, flat};
use crate::slicing::Strategy;

#[test]
fn every_strategy_reaches_the_known_optimum_of_every_case() {
    for (name, problem, optimum) in cases() {
        for (_, strategy) in Strategy::ALL {
            let answer = answer(&problem, strategy);
            let decision = answer.decision.unwrap();
            let close = if strategy == Strategy::Reference { 1e-6 } else { 1e-7 };
            let u = distance(decision.consumption.values(), &flat(&optimum["consumption"]));
            let share = distance(decision.share.values(), &flat(&optimum["share"]));
            let expected = optimum["objective"].as_f64().unwrap();
            let objective = (decision.objective - expected).abs() / expected.abs().max(1e-12);
            println!(
                "{name} {strategy:?}: steps {} residual {:.1e} u {u:.1e} share {share:.1e} objective {objective:.1e} gap {:.1e}",
                answer.certificate.steps,
                decision.residual,
                answer.certificate.gap.unwrap()
            );
            assert!(u <= close && share <= close && objective <= 1e-7, "{name} {strategy:?}: {u} {share} {objective}");
        }
    }
}
