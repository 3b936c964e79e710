//! Time and patience, without a clock: how long work may go on is the caller's business.

use serde::Serialize;

/// What a long computation tells its caller while it runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// What is being done, e.g. `placement`.
    pub stage: &'static str,
    /// A sentence for people, e.g. `bound 458, best 462`.
    pub message: String,
    /// The best objective so far, where there is one.
    pub objective: Option<f64>,
    /// The proven bound so far, where there is one.
    pub bound: Option<f64>,
}

/// Lets the caller of a computation stop it and follow it. The runner implements it with a clock and
/// a terminal; `plan` with counted work only, so that its answers repeat.
pub trait Control: Sync {
    /// Whether the work should end now with the best answer so far.
    fn should_stop(&self) -> bool {
        false
    }

    /// The wall-clock seconds left, where the caller has set a time limit. Only `solve` and `watch` do.
    fn seconds_left(&self) -> Option<f64> {
        None
    }

    /// Takes note of progress.
    fn report(&self, _progress: Progress) {}
}

/// Never stops, tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoControl;

impl Control for NoControl {}
