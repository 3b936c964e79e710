//! The answer, as the exchange format has it: `ranform.orchestration.answer/1`.

use ranform_network::AnswerStatus;
use serde::{Deserialize, Serialize};

use super::problem::Assignment;

/// The `format` of an answer document.
pub const ANSWER_FORMAT: &str = "ranform.orchestration.answer/1";

/// Which requests are accepted and which instance serves each of their targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Always [`ANSWER_FORMAT`].
    pub format: String,
    /// What is known about it.
    pub status: AnswerStatus,
    /// Values of the accepted requests less the price of moves; none without an answer.
    pub value: Option<i64>,
    /// No answer is worth more.
    pub bound: Option<i64>,
    /// Accepted requests, ascending.
    pub accepted: Vec<usize>,
    /// One entry per target of an accepted request, ascending.
    pub assignment: Vec<Assignment>,
    /// Targets served of requests that are not accepted whole (the `paper` strategy only).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partly: Vec<Assignment>,
    /// How few instances it starts (the `exact` strategy only; our addition to the format).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Started>,
}

/// Instances to start, of those that requests share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// How many: places (model and node) in use that are not in force.
    pub instances: usize,
    /// No answer that accepts the same requests, moves the same targets and leaves alone what controllers compete for
    /// starts fewer.
    pub at_least: usize,
}
