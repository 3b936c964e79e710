//! Problem documents of the three kinds, solved by a caller that has no time: any bytes give one answer, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform_network::{AnswerKind, Control};
use ranform_optimizers::exchange::{SolveOptions, solve_document};

struct NoTime;

impl Control for NoTime {
    fn should_stop(&self) -> bool {
        true
    }

    fn seconds_left(&self) -> Option<f64> {
        Some(0.0)
    }
}

fuzz_target!(|document: &[u8]| {
    for kind in [AnswerKind::Slicing, AnswerKind::Placement, AnswerKind::Orchestration] {
        let outcome = solve_document(kind, document, &SolveOptions::default(), &NoTime);
        assert!(outcome.json["status"].is_string());
    }
});
