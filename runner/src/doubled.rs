//! Findings that the checks and the plan both have about one place: the one that says more stays.

use std::collections::BTreeSet;

use ranform_network::Span;
use ranform_network::diagnostic::{Code, Diagnostic, codes};

/// What a plan finds where a check has found the cause already: the plan's finding goes.
const PAIRS: [(&Code, &Code); 3] = [
    (&codes::GUARD_OVER_NOTHING, &codes::GUARD_MATCHES_NOTHING),
    (&codes::WRONG_EXCEPTION, &codes::EXCEPTION_UNUSED),
    (&codes::PASSIVE_WITHOUT_USE, &codes::PASSIVE_USE_UNKNOWN),
];

/// Drops the findings of a plan that say again what a check said.
pub fn drop_repeats(diagnostics: &mut Vec<Diagnostic>) {
    let places = |code: &Code| -> BTreeSet<Option<Span>> {
        diagnostics.iter().filter(|found| found.code == code).map(|found| found.span).collect()
    };
    // A check cannot know of an observation; where the plan misses nothing, the check's warning is out of date.
    let unknown_use = !places(&codes::PASSIVE_USE_UNKNOWN).is_empty();
    let told: Vec<(&Code, BTreeSet<Option<Span>>)> = PAIRS.iter().map(|(said, again)| (*again, places(said))).collect();
    diagnostics.retain(|found| {
        let repeated = told.iter().any(|(again, places)| found.code == *again && places.contains(&found.span));
        let answered = found.code == &codes::PASSIVE_WITHOUT_USE && !unknown_use;
        !repeated && !answered
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(code: &'static Code, start: u32) -> Diagnostic {
        Diagnostic::warning(code, Span { start, end: start + 1, ..Span::default() }, "x")
    }

    #[test]
    fn what_a_check_said_is_not_said_again_and_an_observation_answers_it() {
        let mut found = vec![
            at(&codes::GUARD_OVER_NOTHING, 1),
            at(&codes::GUARD_MATCHES_NOTHING, 1),
            at(&codes::GUARD_MATCHES_NOTHING, 2),
            at(&codes::PASSIVE_WITHOUT_USE, 3),
        ];
        drop_repeats(&mut found);
        let left: Vec<(&str, u32)> = found.iter().map(|one| (one.code.id, one.span.unwrap().start)).collect();
        assert_eq!(left, [("RF607", 1), ("RF623", 2)]);
    }
}
