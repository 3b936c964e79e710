//! The data of a slicing problem: plain numbers, checked once. The exchange document is in `document.rs`,
//! what the numbers mean to the solver in `normal.rs`.

use crate::exchange::{DocumentCode, DocumentError};
use crate::slicing::matrix::Matrix;

/// How far a share, load or sum may stray from its range before it is refused.
const RANGE_TOLERANCE: f64 = 1e-6;

/// The numbers of a problem with A nodes and S tenants; [`Problem::new`] checks them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProblemParts {
    /// The names of the nodes; A of them.
    pub nodes: Vec<String>,
    /// The names of the tenants; S of them.
    pub tenants: Vec<String>,
    /// A x S: forecast offered load, in 0..=1 of the node.
    pub load: Matrix,
    /// A x S: the shares now enforced.
    pub previous_share: Matrix,
    /// A: the smallest share of every member of the node.
    pub floor: Vec<f64>,
    /// A: what the node can give in all, in 0..=1.
    pub capacity: Vec<f64>,
    /// A: the node takes no orders; what its tenants use is observed.
    pub passive: Vec<bool>,
    /// A x S: the observed use; read on passive nodes only.
    pub observed: Matrix,
    /// A x S: whether the tenant is on the node at all; none means everywhere.
    pub member: Option<Matrix<bool>>,
    /// A x S: guarantees.
    pub minimum: Option<Matrix>,
    /// A x S: caps.
    pub maximum: Option<Matrix>,
    /// A: how much the node counts in its areas.
    pub weight: Vec<f64>,
    /// The agreements, one or more; each node is in at least one.
    pub slas: Vec<Sla>,
}

/// One agreement over an area: who should get which part of the weighted mean use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sla {
    /// The nodes of the area, by index.
    pub nodes: Vec<usize>,
    /// S: the agreed shares; they add up to 1.
    pub sla_share: Vec<f64>,
    /// S: the exponentially weighted mean of the observed use.
    pub ewma: Vec<f64>,
    /// The loop period over the window, in (0, 1].
    pub epsilon: f64,
    /// The weight of evenness against the agreement, above 0.
    pub gamma: f64,
    /// S: guarantees over the area.
    pub area_minimum: Option<Vec<f64>>,
    /// S: caps over the area.
    pub area_maximum: Option<Vec<f64>>,
}

/// A checked problem: sizes fit, every number is finite and in its range, every node is in an SLA.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(ProblemParts);

impl Problem {
    /// Checks `parts`; the first thing wrong is the error.
    pub fn new(parts: ProblemParts) -> Result<Self, DocumentError> {
        check_sizes(&parts)?;
        check_numbers(&parts)?;
        for (index, sla) in parts.slas.iter().enumerate() {
            check_sla(&parts, index, sla)?;
        }
        check_coverage(&parts)?;
        Ok(Self(parts))
    }

    /// The checked numbers.
    pub fn parts(&self) -> &ProblemParts {
        &self.0
    }

    /// The numbers, to be changed and checked again.
    pub fn into_parts(self) -> ProblemParts {
        self.0
    }

    /// The number of nodes.
    pub fn node_count(&self) -> usize {
        self.0.nodes.len()
    }

    /// The number of tenants.
    pub fn tenant_count(&self) -> usize {
        self.0.tenants.len()
    }

    /// Whether `tenant` is on `node`.
    pub fn is_member(&self, node: usize, tenant: usize) -> bool {
        self.0.member.as_ref().is_none_or(|member| member.row(node)[tenant])
    }

    /// The same problem from other shares now enforced (A x S, each finite and not negative).
    pub fn with_previous_share(mut self, share: &Matrix) -> Self {
        self.0.previous_share.values_mut().copy_from_slice(share.values());
        self
    }
}

fn check_sizes(parts: &ProblemParts) -> Result<(), DocumentError> {
    let (nodes, tenants) = (parts.nodes.len(), parts.tenants.len());
    if nodes == 0 || tenants == 0 || nodes > u32::MAX as usize || tenants > u32::MAX as usize {
        return Err(wrong_size("`nodes` and `tenants` must each hold at least one name".into()));
    }
    matrix_size("load", &parts.load, nodes, tenants)?;
    matrix_size("previous_share", &parts.previous_share, nodes, tenants)?;
    matrix_size("observed", &parts.observed, nodes, tenants)?;
    optional_size("member", parts.member.as_ref(), nodes, tenants)?;
    optional_size("minimum", parts.minimum.as_ref(), nodes, tenants)?;
    optional_size("maximum", parts.maximum.as_ref(), nodes, tenants)?;
    vector_size("floor", parts.floor.len(), nodes)?;
    vector_size("capacity", parts.capacity.len(), nodes)?;
    vector_size("passive", parts.passive.len(), nodes)?;
    vector_size("weight", parts.weight.len(), nodes)
}

fn check_numbers(parts: &ProblemParts) -> Result<(), DocumentError> {
    matrix_range("load", &parts.load, 1.0)?;
    matrix_range("previous_share", &parts.previous_share, f64::MAX)?;
    matrix_range("observed", &parts.observed, 1.0)?;
    parts.minimum.as_ref().map_or(Ok(()), |minimum| matrix_range("minimum", minimum, 1.0))?;
    parts.maximum.as_ref().map_or(Ok(()), |maximum| matrix_range("maximum", maximum, 1.0))?;
    vector_range("floor", &parts.floor, 1.0)?;
    vector_range("capacity", &parts.capacity, 1.0)?;
    vector_range("weight", &parts.weight, 1e12)
}

fn check_sla(parts: &ProblemParts, index: usize, sla: &Sla) -> Result<(), DocumentError> {
    let place = |field: &str| format!("slas[{index}].{field}");
    let tenants = parts.tenants.len();
    vector_size(&place("sla_share"), sla.sla_share.len(), tenants)?;
    vector_size(&place("ewma"), sla.ewma.len(), tenants)?;
    vector_range(&place("sla_share"), &sla.sla_share, 1.0)?;
    vector_range(&place("ewma"), &sla.ewma, 1.0)?;
    for (field, bounds) in [("area_minimum", &sla.area_minimum), ("area_maximum", &sla.area_maximum)] {
        if let Some(bounds) = bounds {
            vector_size(&place(field), bounds.len(), tenants)?;
            vector_range(&place(field), bounds, 1.0)?;
        }
    }
    let sum: f64 = sla.sla_share.iter().sum();
    if (sum - 1.0).abs() > RANGE_TOLERANCE {
        let message = format!("{} adds up to {sum}, expected 1", place("sla_share"));
        return Err(DocumentError::new(DocumentCode::Inconsistent, message));
    }
    if !(sla.epsilon > 1e-9 && sla.epsilon <= 1.0) {
        return Err(out_of_range(&place("epsilon"), sla.epsilon, "above 0 and at most 1"));
    }
    if !(sla.gamma > 1e-30 && sla.gamma <= 1e12) {
        return Err(out_of_range(
            &place("gamma"),
            sla.gamma,
            "above 0 (without it the answer is not unique) and at most 1e12",
        ));
    }
    check_sla_nodes(parts, index, sla)
}

fn check_sla_nodes(parts: &ProblemParts, index: usize, sla: &Sla) -> Result<(), DocumentError> {
    let mut seen = vec![false; parts.nodes.len()];
    for &node in &sla.nodes {
        match seen.get_mut(node) {
            Some(seen) if !*seen => *seen = true,
            Some(_) => {
                let message = format!("slas[{index}].nodes names node {node} twice");
                return Err(DocumentError::new(DocumentCode::Inconsistent, message));
            }
            None => {
                let message = format!("slas[{index}].nodes names node {node}, there are {}", parts.nodes.len());
                return Err(DocumentError::new(DocumentCode::OutOfRange, message));
            }
        }
    }
    let weight: f64 = sla.nodes.iter().map(|&node| parts.weight[node]).sum();
    if weight > 0.0 && weight.is_finite() {
        return Ok(());
    }
    let message = format!("the weights of the nodes of slas[{index}] add up to {weight}, expected a positive number");
    Err(DocumentError::new(DocumentCode::Inconsistent, message))
}

fn check_coverage(parts: &ProblemParts) -> Result<(), DocumentError> {
    let mut covered = vec![false; parts.nodes.len()];
    for &node in parts.slas.iter().flat_map(|sla| &sla.nodes) {
        covered[node] = true;
    }
    let Some(node) = covered.iter().position(|&covered| !covered) else { return Ok(()) };
    let name: String = parts.nodes[node].chars().take(80).collect();
    Err(DocumentError::new(DocumentCode::Inconsistent, format!("node {node} (`{name}`) is in no SLA")))
}

fn matrix_size<T: Copy>(field: &str, matrix: &Matrix<T>, nodes: usize, tenants: usize) -> Result<(), DocumentError> {
    if let Some((row, found)) = matrix.ragged() {
        return Err(wrong_size(format!(
            "`{field}` row {row} holds {found} values, expected {tenants}, one per tenant"
        )));
    }
    let (height, width) = (matrix.height(), matrix.width());
    if (height, width) == (nodes, tenants) {
        return Ok(());
    }
    Err(wrong_size(format!(
        "`{field}` is {height} x {width}, expected {nodes} x {tenants}: a row per node, a column per tenant"
    )))
}

fn optional_size<T: Copy>(
    field: &str,
    matrix: Option<&Matrix<T>>,
    nodes: usize,
    tenants: usize,
) -> Result<(), DocumentError> {
    matrix.map_or(Ok(()), |matrix| matrix_size(field, matrix, nodes, tenants))
}

fn vector_size(field: &str, found: usize, expected: usize) -> Result<(), DocumentError> {
    if found == expected {
        return Ok(());
    }
    Err(wrong_size(format!("`{field}` holds {found} values, expected {expected}")))
}

fn matrix_range(field: &str, matrix: &Matrix, most: f64) -> Result<(), DocumentError> {
    let Some(index) = first_outside(matrix.values(), most) else { return Ok(()) };
    let (row, column) = (index / matrix.width(), index % matrix.width());
    Err(out_of_range(&format!("{field}[{row}][{column}]"), matrix.values()[index], &range_words(most)))
}

fn vector_range(field: &str, values: &[f64], most: f64) -> Result<(), DocumentError> {
    let Some(index) = first_outside(values, most) else { return Ok(()) };
    Err(out_of_range(&format!("{field}[{index}]"), values[index], &range_words(most)))
}

fn first_outside(values: &[f64], most: f64) -> Option<usize> {
    let most = if most == f64::MAX { most } else { most + RANGE_TOLERANCE };
    // The comparison is written so that a NaN fails it.
    values.iter().position(|&value| !(value >= 0.0 && value <= most))
}

fn range_words(most: f64) -> String {
    if most == f64::MAX { "at least 0".into() } else { format!("between 0 and {most}") }
}

fn wrong_size(message: String) -> DocumentError {
    DocumentError::new(DocumentCode::WrongSize, message)
}

fn out_of_range(place: &str, found: f64, expected: &str) -> DocumentError {
    DocumentError::new(DocumentCode::OutOfRange, format!("`{place}` is {found}, expected {expected}"))
}
