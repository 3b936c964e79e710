//! Slicing: the shares of tenants on nodes of several technologies, as one convex quadratic program.
//!
//! Source: COSMO, section VI, equations 1-9, made precise by decisions D1-D12 (docs/src/optimizers/slicing.md).
//!
//! | | |
//! |---|---|
//! | sets | nodes a (A), tenants s (S), agreements j (J) over nodes; M_j: pairs of j that are decided |
//! | data | load λ, previous shares ρ', mean use e, agreed share σ, ε, γ, floor, capacity, weights w |
//! | variables | u_as: the part of node a that tenant s consumes |
//! | minimize | Σ_j Σ_s (Σ_a k_ja u_as - g_js)² + Σ_j γ_j Σ_(M_j) (u_as/λ_as - m_js)², k_ja = ε_j w_a/Σw, g = σ - (1-ε) e |
//! | (1) node sums | Σ_s u_as = total_a |
//! | (2) boxes | lower_as <= u_as <= upper_as |
//! | (3) area rows | least_js <= Σ_a k_ja u_as <= most_js |
//!
//! Where to look: [`normal`] applies the decisions; [`component`] is the dual problem, [`newton`] climbs it,
//! [`interior`] helps where it stalls, [`reference`] is the general solver that checks both; [`verify`] measures
//! every answer; [`share`] and [`round`] go from consumption to a device's knobs.

pub mod component;
pub mod dense;
pub mod document;
pub mod evaluation;
pub mod explain;
pub mod fixed_point;
pub mod interior;
pub mod matrix;
pub mod network;
pub mod newton;
pub mod normal;
pub mod problem;
pub mod project;
pub mod reference;
pub mod round;
pub mod separate;
pub mod share;
pub mod verify;

#[cfg(test)]
mod tests;

use ranform_network::{AnswerKind, AnswerStatus, Certificate, Control};

use crate::exchange::{DocumentCode, DocumentError};
use crate::strategy;
use component::Component;
use evaluation::Evaluation;
use matrix::Matrix;
use newton::{Ending, Search};
use normal::NormalForm;

pub use problem::{Problem, ProblemParts, Sla};

/// How to find the answer; what is found is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Newton on the dual, the interior point method where it stalls.
    #[default]
    Structured,
    /// The structured interior point method, finished by Newton.
    InteriorPoint,
    /// Clarabel, a general solver: slow, and less exact.
    Reference,
}

impl Strategy {
    /// The strategies with their names.
    pub const ALL: [(&'static str, Self); 3] =
        [("structured", Self::Structured), ("interior-point", Self::InteriorPoint), ("reference", Self::Reference)];

    /// The strategy asked for; none asks for the default.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn from_option(name: Option<&str>) -> Result<Self, DocumentError> {
        strategy::named(&Self::ALL, name, "slicing")
    }

    /// The natural residual that the strategy promises, in share units.
    pub fn residual_limit(self) -> f64 {
        match self {
            Self::Structured | Self::InteriorPoint => 1e-9,
            Self::Reference => 1e-5,
        }
    }
}

/// How to solve.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The strategy.
    pub strategy: Strategy,
}

/// A verified answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is decided; none where nothing obeys every limit.
    pub decision: Option<Decision>,
    /// What it is worth.
    pub certificate: Certificate,
}

/// The decided numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// A x S consumption u.
    pub consumption: Matrix,
    /// A x S shares to enforce.
    pub share: Matrix,
    /// The objective, recomputed by the verification.
    pub objective: f64,
    /// The natural residual, measured by the verification, in share units.
    pub residual: f64,
}

/// What a strategy hands over, before anything is verified.
#[derive(Clone, Debug)]
pub enum Unverified {
    /// Consumption (A x S, flat), multipliers of the area rows (J x S, or empty) and counted steps.
    Found {
        /// A x S, flat.
        consumption: Vec<f64>,
        /// J x S, or empty.
        area_multiplier: Vec<f64>,
        /// Counted steps.
        steps: u64,
    },
    /// Nothing obeys every limit; prices of the weighted means that prove it, or empty where one node's limits
    /// contradict each other.
    Infeasible {
        /// J x S, or empty.
        prices: Vec<f64>,
        /// Counted steps.
        steps: u64,
    },
}

/// Solves `problem`, verifies the answer and certifies it.
///
/// # Errors
/// `not-solved` where the strategy gives up, is stopped, or its answer does not pass the verification.
pub fn solve(problem: &Problem, options: &Options, control: &dyn Control) -> Result<Answer, DocumentError> {
    let form = match NormalForm::new(problem) {
        Ok(form) => form,
        Err(_) => return certify_infeasible(problem, &[], 0),
    };
    match decide(&form, options.strategy, control)? {
        Unverified::Infeasible { prices, steps } => certify_infeasible(problem, &prices, steps),
        Unverified::Found { consumption, area_multiplier, steps } => {
            let share = share::enforced_shares(&form, &consumption);
            let consumption = Matrix::new(problem.tenant_count(), consumption);
            let residual_limit = options.strategy.residual_limit();
            let claim = verify::Claim {
                consumption: &consumption,
                share: &share,
                area_multiplier: &area_multiplier,
                residual_limit,
            };
            let mut certificate = verify::verify(problem, claim);
            certificate.steps = steps;
            accept(certificate, consumption, share)
        }
    }
}

/// Runs a strategy on the normal form; nothing is verified yet.
pub fn decide(form: &NormalForm, strategy: Strategy, control: &dyn Control) -> Result<Unverified, DocumentError> {
    if form.kind.len() < evaluation::MANY_NODES {
        return search(form, strategy, control);
    }
    // Inside the pool of threads from the start, so that its many short runs need not be handed over one by one.
    rayon::scope(|_| search(form, strategy, control))
}

fn search(form: &NormalForm, strategy: Strategy, control: &dyn Control) -> Result<Unverified, DocumentError> {
    if strategy == Strategy::Reference {
        return reference::solve(form, control);
    }
    let mut consumption = form.lower.clone();
    let mut area_multiplier = Vec::new();
    let mut steps = 0u64;
    for component in Component::split(form) {
        let mut state = Evaluation::new(&component);
        let Some(search) = find_prices(&component, strategy, &mut state, control)? else {
            // Rare and marginal: guarantees that only just cannot be met together.
            return reference::solve(form, control);
        };
        steps = steps.saturating_add(search.steps);
        if search.ending == Ending::Infeasible {
            return Ok(Unverified::Infeasible { prices: scatter(form, &component, &search.prices), steps });
        }
        component.write_consumption(&search.prices, &mut state, &mut consumption);
        if component.is_bounded() {
            area_multiplier.resize(form.slas.len() * form.tenants(), 0.0);
            let found = component.area_multipliers(&search.prices);
            scatter_into(&mut area_multiplier, &component, &found);
        }
    }
    Ok(Unverified::Found { consumption, area_multiplier, steps })
}

/// Prices of one component: Newton, and where it stalls the interior point method finished by Newton; none where
/// both stall.
fn find_prices(
    component: &Component,
    strategy: Strategy,
    state: &mut Evaluation,
    control: &dyn Control,
) -> Result<Option<Search>, DocumentError> {
    let mut steps = 0;
    if strategy == Strategy::Structured {
        let search = newton::climb(component, newton::first_prices(component, control), state, control);
        if matches!(search.ending, Ending::Converged | Ending::Infeasible) {
            return Ok(Some(search));
        }
        steps = search.steps;
    }
    let path = interior::follow(component, control);
    steps += path.steps;
    if path.ending == Ending::Infeasible {
        return Ok(Some(Search { steps, ..path }));
    }
    let search = newton::climb(component, path.prices, state, control);
    match search.ending {
        Ending::Converged | Ending::Infeasible => Ok(Some(Search { steps: steps + search.steps, ..search })),
        Ending::Stopped => Err(not_solved("the time limit was reached before the prices were right")),
        Ending::Stalled => Ok(None),
    }
}

fn accept(certificate: Certificate, consumption: Matrix, share: Matrix) -> Result<Answer, DocumentError> {
    if let Some(worst) = certificate.violations().next() {
        let message = format!("the answer found does not hold: {} {} exceeds {}", worst.name, worst.value, worst.limit);
        return Err(not_solved(&message));
    }
    let objective = certificate.objective.unwrap_or(f64::NAN);
    let natural = certificate.residuals.iter().find(|residual| residual.name == "natural residual");
    let residual = natural.map_or(f64::NAN, |residual| residual.value);
    Ok(Answer { decision: Some(Decision { consumption, share, objective, residual }), certificate })
}

/// Certifies that nothing obeys every limit: by a node's own contradiction, or by separating prices.
fn certify_infeasible(problem: &Problem, prices: &[f64], steps: u64) -> Result<Answer, DocumentError> {
    let (proof, proved) = if prices.is_empty() {
        ("limits contradict each other", verify::contradiction(problem))
    } else {
        ("prices separate what the nodes give from what the area rows ask", verify::separation(problem, prices) > 0.0)
    };
    if !proved {
        return Err(not_solved("the proof that nothing obeys every limit does not hold"));
    }
    let mut certificate = Certificate::new(AnswerKind::Slicing, AnswerStatus::Infeasible, proof);
    certificate.steps = steps;
    Ok(Answer { decision: None, certificate })
}

/// Prices of a component in the order of the problem's SLAs; 0 elsewhere.
fn scatter(form: &NormalForm, component: &Component, prices: &[f64]) -> Vec<f64> {
    let mut all = vec![0.0; form.slas.len() * form.tenants()];
    scatter_into(&mut all, component, prices);
    // The problem's area rows are in share units, the component's in ε times those.
    for (prices, sla) in all.chunks_exact_mut(form.tenants()).zip(&form.slas) {
        prices.iter_mut().for_each(|price| *price *= sla.epsilon);
    }
    all
}

fn scatter_into(all: &mut [f64], component: &Component, values: &[f64]) {
    let tenants = component.tenants;
    for (&sla, values) in component.slas.iter().zip(values.chunks_exact(tenants)) {
        all[sla * tenants..(sla + 1) * tenants].copy_from_slice(values);
    }
}

fn not_solved(message: &str) -> DocumentError {
    DocumentError::new(DocumentCode::NotSolved, message)
}
