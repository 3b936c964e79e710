//! General QP solvers that the product does not carry for this: OSQP and the QP solver of HiGHS, on scaled data.
//!
//! Both read the same sparse program: the decided pairs and one weighted mean per tenant as variables, node sums and the
//! definitions of the means as equalities. Objective times A/ε², means times √A, as the reference strategy has it.

use std::ffi::{CString, c_void};
use std::time::Instant;

use ranform_optimizers::slicing::Problem;
use ranform_optimizers::slicing::normal::{NodeKind, NormalForm};
use ranform_optimizers::slicing::share::enforced_shares;

use crate::{Measured, residual};

/// Every peer with its result; those that are hopeless at the size are left out.
pub fn run(problem: &Problem, seconds: f64) -> Vec<(&'static str, Measured)> {
    let form = NormalForm::new(problem).expect("the instance has no contradictions");
    let program = Program::new(&form);
    let mut results = Vec::new();
    if problem.node_count() <= 10_000 {
        results.push(("OSQP, scaled, polished", measure(problem, &form, &program, |program| osqp(program, seconds))));
    }
    if problem.node_count() <= 1000 {
        results.push(("HiGHS QP, scaled", measure(problem, &form, &program, |program| highs(program, seconds))));
    }
    results
}

fn measure(
    problem: &Problem,
    form: &NormalForm,
    program: &Program,
    solve: impl Fn(&Program) -> Result<(Vec<f64>, String), String>,
) -> Measured {
    let start = Instant::now();
    let found = solve(program);
    let seconds = start.elapsed().as_secs_f64();
    match found {
        Ok((values, steps)) => {
            let mut consumption = form.lower.clone();
            program.pairs.iter().zip(&values).for_each(|(&pair, &value)| consumption[pair] = value);
            let share = enforced_shares(form, &consumption);
            Measured { seconds, residual: Some(residual(problem, consumption, &share)), steps }
        }
        Err(why) => Measured { seconds, residual: None, steps: why },
    }
}

/// minimize ½ Σ diagonal x² + linear x subject to rows x = right, lower <= x <= upper; columns are compressed.
struct Program {
    pairs: Vec<usize>,
    diagonal: Vec<f64>,
    linear: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    right: Vec<f64>,
    start: Vec<usize>,
    rows: Vec<usize>,
    values: Vec<f64>,
}

impl Program {
    fn new(form: &NormalForm) -> Self {
        let tenants = form.tenants();
        let sla = &form.slas[0];
        let nodes: Vec<usize> = (0..form.kind.len()).filter(|&node| form.kind[node] == NodeKind::Contended).collect();
        let (count, epsilon) = (nodes.len() as f64, sla.epsilon);
        let (scale, stretch) = (count / (epsilon * epsilon), count.sqrt());
        let mut program = Self {
            pairs: Vec::new(),
            diagonal: Vec::new(),
            linear: Vec::new(),
            lower: Vec::new(),
            upper: Vec::new(),
            right: nodes.iter().map(|&node| form.total[node]).chain(vec![0.0; tenants]).collect(),
            start: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
        };
        let mut row_of = vec![None; form.kind.len()];
        nodes.iter().enumerate().for_each(|(row, &node)| row_of[node] = Some(row));
        for (node, row) in row_of.iter().enumerate() {
            let k = form.cover.of(node)[0].1 / epsilon * stretch;
            for tenant in 0..tenants {
                let pair = node * tenants + tenant;
                match row {
                    Some(row) if form.lower[pair] < form.upper[pair] => {
                        let load = form.problem.parts().load.row(node)[tenant];
                        program.pairs.push(pair);
                        program.diagonal.push(scale * 2.0 * sla.gamma / (load * load));
                        program.linear.push(-scale * 2.0 * sla.gamma * sla.mean[tenant] / load);
                        program.lower.push(form.lower[pair]);
                        program.upper.push(form.upper[pair]);
                        program.rows.extend([*row, nodes.len() + tenant]);
                        program.values.extend([1.0, -k]);
                        program.start.push(program.rows.len());
                    }
                    _ => {
                        program.right[nodes.len() + tenant] += k * form.lower[pair];
                        row.iter().for_each(|row| program.right[*row] -= form.lower[pair]);
                    }
                }
            }
        }
        for (tenant, goal) in sla.goal.iter().enumerate() {
            let unit = epsilon / stretch;
            program.diagonal.push(2.0 * scale * unit * unit);
            program.linear.push(-2.0 * scale * unit * goal);
            program.lower.push(f64::NEG_INFINITY);
            program.upper.push(f64::INFINITY);
            program.rows.push(nodes.len() + tenant);
            program.values.push(1.0);
            program.start.push(program.rows.len());
        }
        program
    }
}

fn osqp(program: &Program, seconds: f64) -> Result<(Vec<f64>, String), String> {
    let (columns, equalities) = (program.diagonal.len(), program.right.len());
    let quadratic = osqp::CscMatrix {
        nrows: columns,
        ncols: columns,
        indptr: (0..=columns).collect::<Vec<_>>().into(),
        indices: (0..columns).collect::<Vec<_>>().into(),
        data: program.diagonal.clone().into(),
    };
    // Bounds are rows of an identity below the equalities.
    let (mut start, mut rows, mut values) = (vec![0], Vec::new(), Vec::new());
    for column in 0..columns {
        let own = program.start[column]..program.start[column + 1];
        rows.extend_from_slice(&program.rows[own.clone()]);
        values.extend_from_slice(&program.values[own]);
        rows.push(equalities + column);
        values.push(1.0);
        start.push(rows.len());
    }
    let matrix = osqp::CscMatrix {
        nrows: equalities + columns,
        ncols: columns,
        indptr: start.into(),
        indices: rows.into(),
        data: values.into(),
    };
    let lower: Vec<f64> = program.right.iter().chain(&program.lower).copied().collect();
    let upper: Vec<f64> = program.right.iter().chain(&program.upper).copied().collect();
    let settings = osqp::Settings::default().verbose(false).polish(true).eps_abs(1e-9).eps_rel(1e-9).max_iter(100_000);
    let settings = settings.time_limit(Some(std::time::Duration::from_secs_f64(seconds)));
    let mut solver = osqp::Problem::new(quadratic, &program.linear, matrix, &lower, &upper, &settings)
        .map_err(|error| error.to_string())?;
    match solver.solve() {
        osqp::Status::Solved(solution) => Ok((solution.x().to_vec(), "solved".into())),
        osqp::Status::SolvedInaccurate(solution) => Ok((solution.x().to_vec(), "inaccurate".into())),
        other => Err(format!("{other:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()),
    }
}

fn highs(program: &Program, seconds: f64) -> Result<(Vec<f64>, String), String> {
    let columns = program.diagonal.len();
    let index = |values: &[usize]| -> Vec<i32> { values.iter().map(|&value| value as i32).collect() };
    let (start, rows) = (index(&program.start), index(&program.rows));
    let diagonal: Vec<i32> = (0..columns as i32).collect();
    let mut values = vec![0.0; columns];
    let mut row_values = vec![0.0; program.right.len()];
    let (mut duals, mut row_duals) = (values.clone(), row_values.clone());
    // SAFETY: every pointer is to a live array of the length that its count states; the handle is destroyed once.
    let status = unsafe {
        let solver: *mut c_void = highs_sys::Highs_create();
        let text = |text: &str| CString::new(text).unwrap_or_default();
        highs_sys::Highs_setBoolOptionValue(solver, text("output_flag").as_ptr(), 0);
        highs_sys::Highs_setDoubleOptionValue(solver, text("time_limit").as_ptr(), seconds);
        highs_sys::Highs_passModel(
            solver,
            columns as i32,
            program.right.len() as i32,
            rows.len() as i32,
            columns as i32,
            1,
            1,
            1,
            0.0,
            program.linear.as_ptr(),
            program.lower.as_ptr(),
            program.upper.as_ptr(),
            program.right.as_ptr(),
            program.right.as_ptr(),
            start.as_ptr(),
            rows.as_ptr(),
            program.values.as_ptr(),
            diagonal.as_ptr(),
            diagonal.as_ptr(),
            program.diagonal.as_ptr(),
            std::ptr::null(),
        );
        highs_sys::Highs_run(solver);
        let status = highs_sys::Highs_getModelStatus(solver);
        highs_sys::Highs_getSolution(
            solver,
            values.as_mut_ptr(),
            duals.as_mut_ptr(),
            row_values.as_mut_ptr(),
            row_duals.as_mut_ptr(),
        );
        highs_sys::Highs_destroy(solver);
        status
    };
    // 7 is optimal in the C interface.
    if status == 7 { Ok((values, "optimal".into())) } else { Err(format!("gave up, model status {status}")) }
}
