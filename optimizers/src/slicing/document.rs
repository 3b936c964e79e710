//! The exchange formats `ranform.slicing/1` and `ranform.slicing.answer/1`: JSON in, JSON out.

use ranform_network::{AnswerKind, Control};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::exchange::{DocumentCode, DocumentError, Exit, SolveOptions, SolveOutcome, answer_format, read_document};
use crate::ignored::Shape;
use crate::slicing::matrix::Matrix;
use crate::slicing::{Answer, Options, Problem, ProblemParts, Sla, Strategy, solve};

/// A problem as it is written. `slas` stands instead of the four fields of the single agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProblemDocument {
    /// `ranform.slicing/1`.
    pub format: String,
    /// Names of the A nodes.
    pub nodes: Vec<String>,
    /// Names of the S tenants.
    pub tenants: Vec<String>,
    /// A x S offered loads.
    pub load: Matrix,
    /// A x S shares now enforced.
    pub previous_share: Matrix,
    /// S means of the observed use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ewma: Option<Vec<f64>>,
    /// S agreed shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla_share: Option<Vec<f64>>,
    /// Loop period over window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// Weight of evenness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// One floor, or one per node.
    pub floor: OneOrEach,
    /// One capacity, or one per node.
    pub capacity: OneOrEach,
    /// A flags.
    pub passive: Vec<bool>,
    /// A x S observed uses.
    pub observed: Matrix,
    /// A x S: whether the tenant is on the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Matrix<bool>>,
    /// A x S guarantees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Matrix>,
    /// A x S caps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Matrix>,
    /// A weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Vec<f64>>,
    /// S guarantees over the area of the single agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_minimum: Option<Vec<f64>>,
    /// S caps over the area of the single agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_maximum: Option<Vec<f64>>,
    /// Several agreements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slas: Option<Vec<SlaDocument>>,
}

/// One number for all nodes, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or a list of one for each node")]
pub enum OneOrEach {
    /// The same everywhere.
    One(f64),
    /// One per node.
    Each(Vec<f64>),
}

/// One agreement as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlaDocument {
    /// Indices of its nodes.
    pub nodes: Vec<usize>,
    /// S agreed shares.
    pub sla_share: Vec<f64>,
    /// S means of the observed use.
    pub ewma: Vec<f64>,
    /// Loop period over window.
    pub epsilon: f64,
    /// Weight of evenness.
    pub gamma: f64,
    /// S guarantees over the area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_minimum: Option<Vec<f64>>,
    /// S caps over the area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_maximum: Option<Vec<f64>>,
}

/// The fields of a document.
pub(crate) fn shape() -> Shape {
    Shape::of::<ProblemDocument>().with("slas", Shape::of::<SlaDocument>())
}

/// Reads, solves, verifies and answers one document.
pub fn solve_json(
    document: &[u8],
    options: &SolveOptions,
    control: &dyn Control,
) -> Result<SolveOutcome, DocumentError> {
    let strategy = Strategy::from_option(options.strategy.as_deref())?;
    let document: ProblemDocument = read_document(AnswerKind::Slicing, document)?;
    let problem = document.problem()?;
    let started = control.seconds_left();
    let answer = solve(&problem, &Options { strategy }, control)?;
    let seconds = started.zip(control.seconds_left()).map(|(before, after)| (before - after).max(0.0));
    Ok(SolveOutcome { json: answer_json(&answer, seconds), exit: Exit::from(answer.certificate.status) })
}

/// The answer as it is written. `seconds` is null where the caller keeps no clock.
pub fn answer_json(answer: &Answer, seconds: Option<f64>) -> Value {
    let format = answer_format(AnswerKind::Slicing);
    let Some(decision) = &answer.decision else {
        return json!({
            "format": format, "status": "infeasible", "objective": null, "consumption": null, "share": null,
            "residual": null, "steps": null, "seconds": null,
        });
    };
    json!({
        "format": format,
        "status": answer.certificate.status,
        "objective": decision.objective,
        "consumption": decision.consumption,
        "share": decision.share,
        "residual": decision.residual,
        "steps": answer.certificate.steps,
        "seconds": seconds,
    })
}

impl ProblemDocument {
    /// The checked problem.
    pub fn problem(self) -> Result<Problem, DocumentError> {
        let count = self.nodes.len();
        let slas = self.agreements()?;
        Problem::new(ProblemParts {
            floor: self.floor.each(count),
            capacity: self.capacity.each(count),
            weight: self.weight.unwrap_or_else(|| vec![1.0; count]),
            nodes: self.nodes,
            tenants: self.tenants,
            load: self.load,
            previous_share: self.previous_share,
            passive: self.passive,
            observed: self.observed,
            member: self.member,
            minimum: self.minimum,
            maximum: self.maximum,
            slas,
        })
    }

    /// The document of a problem; [`ProblemDocument::problem`] gives the same problem back.
    pub fn new(problem: &Problem) -> Self {
        let parts = problem.parts().clone();
        Self {
            format: "ranform.slicing/1".into(),
            nodes: parts.nodes,
            tenants: parts.tenants,
            load: parts.load,
            previous_share: parts.previous_share,
            ewma: None,
            sla_share: None,
            epsilon: None,
            gamma: None,
            floor: OneOrEach::Each(parts.floor),
            capacity: OneOrEach::Each(parts.capacity),
            passive: parts.passive,
            observed: parts.observed,
            member: parts.member,
            minimum: parts.minimum,
            maximum: parts.maximum,
            weight: Some(parts.weight),
            area_minimum: None,
            area_maximum: None,
            slas: Some(parts.slas.into_iter().map(SlaDocument::from).collect()),
        }
    }

    /// `slas` where it is given, else the single agreement over all nodes.
    fn agreements(&self) -> Result<Vec<Sla>, DocumentError> {
        if let Some(slas) = &self.slas {
            return Ok(slas.iter().cloned().map(Sla::from).collect());
        }
        let missing = |field: &str| {
            DocumentError::new(
                DocumentCode::NotReadable,
                format!("missing field `{field}` (or `slas` with one in each)"),
            )
        };
        Ok(vec![Sla {
            nodes: (0..self.nodes.len()).collect(),
            sla_share: self.sla_share.clone().ok_or_else(|| missing("sla_share"))?,
            ewma: self.ewma.clone().ok_or_else(|| missing("ewma"))?,
            epsilon: self.epsilon.ok_or_else(|| missing("epsilon"))?,
            gamma: self.gamma.ok_or_else(|| missing("gamma"))?,
            area_minimum: self.area_minimum.clone(),
            area_maximum: self.area_maximum.clone(),
        }])
    }
}

impl OneOrEach {
    fn each(self, count: usize) -> Vec<f64> {
        match self {
            Self::One(value) => vec![value; count],
            Self::Each(values) => values,
        }
    }
}

impl From<SlaDocument> for Sla {
    fn from(sla: SlaDocument) -> Self {
        let SlaDocument { nodes, sla_share, ewma, epsilon, gamma, area_minimum, area_maximum } = sla;
        Self { nodes, sla_share, ewma, epsilon, gamma, area_minimum, area_maximum }
    }
}

impl From<Sla> for SlaDocument {
    fn from(sla: Sla) -> Self {
        let Sla { nodes, sla_share, ewma, epsilon, gamma, area_minimum, area_maximum } = sla;
        Self { nodes, sla_share, ewma, epsilon, gamma, area_minimum, area_maximum }
    }
}
