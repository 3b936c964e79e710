//! The reference strategy: the same program given to Clarabel, a general interior point solver.
//!
//! It shares the normal form with the structured solver and nothing else. The data is scaled (areas in share units
//! times the root of the node count, objective by A/ε²), without which general solvers lose most digits; the status is
//! mapped exhaustively.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::{NonnegativeConeT, ZeroConeT};
use clarabel::solver::{DefaultSettings, DefaultSolution, DefaultSolver, IPSolver, SolverStatus};
use ranform_network::Control;

use crate::exchange::{DocumentCode, DocumentError};
use crate::slicing::Unverified;
use crate::slicing::normal::{NodeKind, NormalForm};

/// Solves `form` with Clarabel.
pub fn solve(form: &NormalForm, control: &dyn Control) -> Result<Unverified, DocumentError> {
    let model = Model::new(form);
    if model.pairs.is_empty() && model.area_rows.is_empty() {
        return Ok(Unverified::Found { consumption: form.lower.clone(), area_multiplier: Vec::new(), steps: 0 });
    }
    let solution = model.run(control)?;
    let steps = u64::from(solution.iterations);
    match solution.status {
        SolverStatus::Solved | SolverStatus::AlmostSolved => Ok(Unverified::Found {
            consumption: model.consumption(form, &solution.x),
            area_multiplier: model.area_prices(form, &solution.z, model.scale),
            steps,
        }),
        SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => {
            Ok(Unverified::Infeasible { prices: model.separating_prices(form, &solution.z), steps })
        }
        SolverStatus::MaxTime | SolverStatus::CallbackTerminated => {
            Err(failed("the time limit was reached before the reference solver ended"))
        }
        SolverStatus::Unsolved
        | SolverStatus::DualInfeasible
        | SolverStatus::AlmostDualInfeasible
        | SolverStatus::MaxIterations
        | SolverStatus::NumericalError
        | SolverStatus::InsufficientProgress => Err(failed("the reference solver gave up")),
    }
}

/// A bound on one weighted mean.
#[derive(Clone, Copy, Debug)]
struct AreaRow {
    /// The mean: SLA * S + tenant.
    mean: usize,
    /// 1 for an upper bound, -1 for a lower one.
    sign: f64,
    /// sign * bound, in scaled units.
    bound: f64,
}

/// The program as Clarabel reads it: pairs that are decided, then one scaled mean per SLA and tenant.
struct Model {
    /// (node, tenant) of each variable that is a pair.
    pairs: Vec<(usize, usize)>,
    /// The contended nodes, in order: one equality each.
    nodes: Vec<usize>,
    area_rows: Vec<AreaRow>,
    means: usize,
    /// Factor of the objective.
    scale: f64,
    /// Factor of the means.
    stretch: f64,
    quadratic: CscMatrix<f64>,
    linear: Vec<f64>,
    rows: CscMatrix<f64>,
    right: Vec<f64>,
}

impl Model {
    fn new(form: &NormalForm) -> Self {
        let tenants = form.tenants();
        let nodes: Vec<usize> = (0..form.kind.len()).filter(|&node| form.kind[node] == NodeKind::Contended).collect();
        let decided =
            |node: usize, tenant: usize| form.lower[node * tenants + tenant] < form.upper[node * tenants + tenant];
        let pairs: Vec<(usize, usize)> = nodes
            .iter()
            .flat_map(|&node| (0..tenants).map(move |tenant| (node, tenant)))
            .filter(|&(node, tenant)| decided(node, tenant))
            .collect();
        let epsilon = form.slas.iter().map(|sla| sla.epsilon).fold(0.0, f64::max);
        let count = nodes.len().max(1) as f64;
        let empty = CscMatrix::zeros((0, 0));
        let mut model = Self {
            pairs,
            nodes,
            area_rows: Vec::new(),
            means: form.slas.len() * tenants,
            scale: count / (epsilon * epsilon),
            stretch: count.sqrt(),
            quadratic: empty.clone(),
            linear: Vec::new(),
            rows: empty,
            right: Vec::new(),
        };
        model.add_area_rows(form);
        model.add_objective(form);
        model.add_right_side(form);
        model.add_columns(form);
        model
    }

    /// (3) area rows.
    fn add_area_rows(&mut self, form: &NormalForm) {
        let tenants = form.tenants();
        for (index, sla) in form.slas.iter().enumerate() {
            for tenant in 0..tenants {
                let mean = index * tenants + tenant;
                let unit = self.stretch / sla.epsilon;
                if sla.most[tenant].is_finite() {
                    self.area_rows.push(AreaRow { mean, sign: 1.0, bound: sla.most[tenant] * unit });
                }
                if sla.least[tenant].is_finite() {
                    self.area_rows.push(AreaRow { mean, sign: -1.0, bound: -sla.least[tenant] * unit });
                }
            }
        }
    }

    /// Evenness of each pair, then the distance of each mean from its goal.
    fn add_objective(&mut self, form: &NormalForm) {
        let mut diagonal = Vec::with_capacity(self.pairs.len() + self.means);
        for &(node, tenant) in &self.pairs {
            let load = form.problem.parts().load.row(node)[tenant];
            let (mut curvature, mut slope) = (0.0, 0.0);
            for &(sla, _) in form.cover.of(node) {
                let sla = &form.slas[sla as usize];
                curvature += 2.0 * sla.gamma / (load * load);
                slope -= 2.0 * sla.gamma * sla.mean[tenant] / load;
            }
            diagonal.push(self.scale * curvature);
            self.linear.push(self.scale * slope);
        }
        for sla in &form.slas {
            for goal in &sla.goal {
                let unit = sla.epsilon / self.stretch;
                diagonal.push(2.0 * self.scale * unit * unit);
                self.linear.push(-2.0 * self.scale * unit * goal);
            }
        }
        let count = diagonal.len();
        self.quadratic = CscMatrix::new(count, count, (0..=count).collect(), (0..count).collect(), diagonal);
    }

    /// Right sides: node sums, means, upper and lower bounds of pairs, area rows.
    fn add_right_side(&mut self, form: &NormalForm) {
        let tenants = form.tenants();
        let mut decided = vec![false; form.lower.len()];
        self.pairs.iter().for_each(|&(node, tenant)| decided[node * tenants + tenant] = true);
        let mut base = vec![0.0; self.means];
        for node in 0..form.kind.len() {
            for tenant in (0..tenants).filter(|&tenant| !decided[node * tenants + tenant]) {
                for &(sla, k) in form.cover.of(node) {
                    let part = k / form.slas[sla as usize].epsilon * self.stretch;
                    base[sla as usize * tenants + tenant] += part * form.lower[node * tenants + tenant];
                }
            }
        }
        let left = |&node: &usize| {
            let fixed = (0..tenants).filter(|&tenant| !decided[node * tenants + tenant]);
            form.total[node] - fixed.map(|tenant| form.lower[node * tenants + tenant]).sum::<f64>()
        };
        self.right = self.nodes.iter().map(left).chain(base).collect();
        let bound = |bounds: &[f64], sign: f64| -> Vec<f64> {
            self.pairs.iter().map(|&(node, tenant)| sign * bounds[node * tenants + tenant]).collect()
        };
        let (upper, lower) = (bound(&form.upper, 1.0), bound(&form.lower, -1.0));
        self.right.extend(upper);
        self.right.extend(lower);
        self.right.extend(self.area_rows.iter().map(|row| row.bound));
    }

    /// Columns: each pair in its node's sum, in its means and in its two bounds; each mean in its definition and rows.
    fn add_columns(&mut self, form: &NormalForm) {
        let tenants = form.tenants();
        let (first_mean, first_bound) = (self.nodes.len(), self.nodes.len() + self.means);
        let first_area = first_bound + 2 * self.pairs.len();
        let mut position = vec![0; form.kind.len()];
        self.nodes.iter().enumerate().for_each(|(index, &node)| position[node] = index);
        let (mut start, mut rows, mut values) = (vec![0], Vec::new(), Vec::new());
        for (index, &(node, tenant)) in self.pairs.iter().enumerate() {
            rows.push(position[node]);
            values.push(1.0);
            for &(sla, k) in form.cover.of(node) {
                rows.push(first_mean + sla as usize * tenants + tenant);
                values.push(-k / form.slas[sla as usize].epsilon * self.stretch);
            }
            rows.extend([first_bound + index, first_bound + self.pairs.len() + index]);
            values.extend([1.0, -1.0]);
            start.push(rows.len());
        }
        for mean in 0..self.means {
            rows.push(first_mean + mean);
            values.push(1.0);
            for (index, row) in self.area_rows.iter().enumerate().filter(|(_, row)| row.mean == mean) {
                rows.push(first_area + index);
                values.push(row.sign);
            }
            start.push(rows.len());
        }
        self.rows = CscMatrix::new(self.right.len(), self.pairs.len() + self.means, start, rows, values);
    }

    fn run(&self, control: &dyn Control) -> Result<DefaultSolution<f64>, DocumentError> {
        let equalities = self.nodes.len() + self.means;
        let cones = [ZeroConeT(equalities), NonnegativeConeT(self.right.len() - equalities)];
        let settings = DefaultSettings {
            verbose: false,
            max_threads: 1,
            time_limit: control.seconds_left().unwrap_or(f64::INFINITY),
            tol_gap_abs: 1e-12,
            tol_gap_rel: 1e-12,
            tol_feas: 1e-12,
            reduced_tol_gap_abs: 1e-9,
            reduced_tol_gap_rel: 1e-9,
            reduced_tol_feas: 1e-10,
            ..DefaultSettings::default()
        };
        let mut solver = DefaultSolver::new(&self.quadratic, &self.linear, &self.rows, &self.right, &cones, settings)
            .map_err(|_| failed("the reference solver refused the program"))?;
        solver.solve();
        Ok(solver.solution)
    }

    /// The pairs' values in place, inside their boxes.
    fn consumption(&self, form: &NormalForm, found: &[f64]) -> Vec<f64> {
        let mut consumption = form.lower.clone();
        for (&(node, tenant), &value) in self.pairs.iter().zip(found) {
            let index = node * form.tenants() + tenant;
            consumption[index] = value.max(form.lower[index]).min(form.upper[index]);
        }
        consumption
    }

    /// Multipliers of the area rows per unit of Σ k u, for an objective that was multiplied by `scale`.
    fn area_prices(&self, form: &NormalForm, found: &[f64], scale: f64) -> Vec<f64> {
        if self.area_rows.is_empty() {
            return Vec::new();
        }
        let mut prices = vec![0.0; self.means];
        let first_area = self.nodes.len() + self.means + 2 * self.pairs.len();
        for (row, &multiplier) in self.area_rows.iter().zip(&found[first_area..]) {
            let epsilon = form.slas[row.mean / form.tenants()].epsilon;
            prices[row.mean] += row.sign * multiplier * self.stretch / (scale * epsilon);
        }
        prices
    }

    /// The prices of a proof that nothing obeys the area rows, per unit of share.
    fn separating_prices(&self, form: &NormalForm, found: &[f64]) -> Vec<f64> {
        let mut prices = self.area_prices(form, found, 1.0);
        for (prices, sla) in prices.chunks_exact_mut(form.tenants()).zip(&form.slas) {
            prices.iter_mut().for_each(|price| *price *= sla.epsilon);
        }
        prices
    }
}

fn failed(message: &str) -> DocumentError {
    DocumentError::new(DocumentCode::NotSolved, message)
}
