//! What an optimizer's answer is worth, and how that is known.
//!
//! Every answer carries one [`Certificate`], made by the `verify` code of its optimizer, which shares
//! nothing with the solver: it rebuilds the constraints and the objective from the problem and writes
//! down what it measured. The answers themselves are in the crate that decides.

use serde::{Deserialize, Serialize};

/// The problem an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerKind {
    /// Shares of tenants on nodes: the multi-RAT SLA quadratic program.
    Slicing,
    /// Places of the components of a near-RT RIC.
    Placement,
    /// Models, where they run, and which requests they serve.
    Orchestration,
}

impl AnswerKind {
    /// The word used in formats, commands and messages, e.g. `slicing`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slicing => "slicing",
            Self::Placement => "placement",
            Self::Orchestration => "orchestration",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Slicing, Self::Placement, Self::Orchestration].into_iter().find(|kind| kind.name() == name)
    }
}

/// What is known about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerStatus {
    /// No better answer exists (within the stated gap).
    Optimal,
    /// The answer obeys every constraint; a better one may exist.
    Feasible,
    /// No answer obeys every constraint.
    Infeasible,
    /// Nothing was found and nothing was proved in the time or work allowed.
    Unknown,
}

/// One measured distance from what is claimed: a constraint family, the optimality conditions, a sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Residual {
    /// What was measured, e.g. `node sums` or `cpu capacity`; the names are documented per optimizer.
    pub name: String,
    /// The largest violation found, >= 0, in the unit of the constraint.
    pub value: f64,
    /// The largest violation accepted.
    pub limit: f64,
}

/// What an answer is worth and how that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// The problem the answer belongs to.
    pub kind: AnswerKind,
    /// What is claimed of it.
    pub status: AnswerStatus,
    /// The objective, recomputed from the answer by the verifying code; none where there is no answer.
    pub objective: Option<f64>,
    /// A proven bound on the best objective there can be (below when minimizing, above when maximizing).
    pub bound: Option<f64>,
    /// `|objective - bound| / max(|objective|, 1e-12)`, 0 where both are 0; none without a bound.
    pub gap: Option<f64>,
    /// What was measured, in the order of the formulation.
    pub residuals: Vec<Residual>,
    /// Counted work of the solver (iterations, nodes): never time, so that equal inputs give equal bytes.
    pub steps: u64,
    /// What proves the claim, in a few words, e.g. `optimality conditions`, `branch and bound`, `enumeration`.
    pub proved_by: String,
}

impl Certificate {
    /// A certificate that has measured nothing yet.
    pub fn new(kind: AnswerKind, status: AnswerStatus, proved_by: impl Into<String>) -> Self {
        Self {
            kind,
            status,
            objective: None,
            bound: None,
            gap: None,
            residuals: Vec::new(),
            steps: 0,
            proved_by: proved_by.into(),
        }
    }

    /// Notes an objective and a proven bound on the best there can be, and the gap between them.
    pub fn bounded(mut self, objective: f64, bound: f64) -> Self {
        self.objective = Some(objective);
        self.bound = Some(bound);
        let distance = (objective - bound).abs();
        self.gap = Some(if distance == 0.0 { 0.0 } else { distance / objective.abs().max(1e-12) });
        self
    }

    /// Notes a measured residual and what is accepted.
    pub fn residual(mut self, name: impl Into<String>, value: f64, limit: f64) -> Self {
        self.residuals.push(Residual { name: name.into(), value, limit });
        self
    }

    /// The residuals that exceed their limit (or are not a number): empty means the claim stands.
    pub fn violations(&self) -> impl Iterator<Item = &Residual> {
        self.residuals.iter().filter(|residual| residual.value.is_nan() || residual.value > residual.limit)
    }

    /// Whether every residual is within its limit.
    pub fn holds(&self) -> bool {
        self.violations().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_holds_until_a_residual_exceeds_its_limit() {
        let certificate = Certificate::new(AnswerKind::Slicing, AnswerStatus::Optimal, "optimality conditions")
            .bounded(2.0, 1.5)
            .residual("node sums", 1e-12, 1e-9);
        assert!(certificate.holds());
        assert_eq!(certificate.gap, Some(0.25));
        assert!(!certificate.clone().residual("boxes", 2e-9, 1e-9).holds());
        assert!(!certificate.residual("boxes", f64::NAN, 1e-9).holds());
    }

    #[test]
    fn names_round_trip() {
        for kind in [AnswerKind::Slicing, AnswerKind::Placement, AnswerKind::Orchestration] {
            assert_eq!(AnswerKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(AnswerKind::from_name("routing"), None);
    }
}
