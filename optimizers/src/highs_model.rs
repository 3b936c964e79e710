//! The one file that calls the HiGHS solver through its C interface, and so the one file with `unsafe`.
//!
//! It is a thin, checked layer: a [`Model`] of columns and rows, a [`Session`] that keeps it loaded
//! (rows and bounds may change between runs; linear programs then start warm), an [`Outcome`] whose
//! status is mapped exhaustively. It knows nothing of placements or models. One session uses one
//! thread and a fixed seed, so equal input gives equal output; parallelism is many sessions.
#![expect(unsafe_code, reason = "the safe crate offers neither callbacks nor cut rounds on a loaded model")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};

use highs_sys::*;

mod model;
#[cfg(test)]
mod tests;

pub use model::{Kind, Model, Rows};

/// Which algorithm solves linear programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinearMethod {
    /// The solver's choice.
    #[default]
    Choose,
    /// Dual simplex: warm starts after cuts.
    Simplex,
    /// Interior point: far faster on large set covers.
    InteriorPoint,
}

/// When to stop and how to search.
#[derive(Clone, Debug)]
pub struct Options {
    /// Wall-clock seconds for this run.
    pub seconds: Option<f64>,
    /// Branch-and-bound nodes for this run: the repeatable limit.
    pub nodes: Option<u64>,
    /// Seed of the solver's random choices.
    pub seed: u32,
    /// Stop at `(objective - bound) / |objective|` of at most this.
    pub relative_gap: f64,
    /// Stop at `objective - bound` of at most this.
    pub absolute_gap: f64,
    /// Algorithm for linear programs (the root of a mixed integer program too).
    pub linear_method: LinearMethod,
    /// Whether interior point ends with a basis; without, no warm start and no vertex.
    pub crossover: bool,
    /// Whether to reduce the model first.
    pub presolve: bool,
    /// Give up once the bound exceeds this objective.
    pub cutoff: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seconds: None,
            nodes: None,
            seed: 0,
            relative_gap: 0.0,
            absolute_gap: 1e-6,
            linear_method: LinearMethod::Choose,
            crossover: true,
            presolve: true,
            cutoff: None,
        }
    }
}

/// What happens during a mixed integer solve.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A new best solution of the model as passed.
    Solution {
        /// Its objective.
        objective: f64,
        /// Its column values.
        columns: &'a [f64],
    },
    /// Time to look around.
    Progress {
        /// The best objective so far; infinite without one.
        objective: f64,
        /// The proven lower bound.
        bound: f64,
        /// Branch-and-bound nodes so far.
        nodes: u64,
    },
}

/// Whether the solver goes on after an [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop at the next occasion.
    Stop,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Solved within the gaps asked for.
    Optimal,
    /// Proven to have no solution.
    Infeasible,
    /// Proven to have no solution, or none of finite cost.
    Unbounded,
    /// A limit, a cutoff or the caller ended it; there may be a solution and a bound.
    Stopped,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Objective of `columns`; meaningful if there are any.
    pub objective: f64,
    /// Proven lower bound on the objective; minus infinity where none is known.
    pub bound: f64,
    /// Column values; `None` without a solution.
    pub columns: Option<Vec<f64>>,
    /// Dual value per row, for linear programs only.
    pub row_duals: Vec<f64>,
    /// Reduced cost per column, for linear programs only.
    pub reduced_costs: Vec<f64>,
    /// Branch-and-bound nodes used.
    pub nodes: u64,
}

/// What went wrong inside the solver. A model that is merely infeasible is no error.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SolverError {
    /// The solver refused a call.
    #[error("the solver refused `{0}`")]
    Call(&'static str),
    /// The solver ended in a state that proves nothing.
    #[error("the solver ended with status {0}")]
    Status(i32),
}

/// A model loaded into the solver.
pub struct Session {
    highs: *mut c_void,
    linear: bool,
    cost: Vec<f64>,
    /// What the solver's costs are to be multiplied by: a power of two, since it fails on costs beyond [`LARGEST_COST`].
    scale: f64,
}

/// The largest cost that the solver is given: with a million million it was seen to end in an error on models of a dozen columns.
const LARGEST_COST: f64 = (1_u64 << 30) as f64;

// SAFETY: a HiGHS object may be used from any one thread at a time, and `Session` is not `Sync`.
unsafe impl Send for Session {}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: `highs` came from `Highs_create` and is destroyed once.
        unsafe { Highs_destroy(self.highs) };
    }
}

impl Session {
    /// Loads `model`.
    pub fn new(model: &Model) -> Result<Self, SolverError> {
        // SAFETY: no preconditions.
        let highs = unsafe { Highs_create() };
        let largest = model.cost.iter().fold(0.0_f64, |largest, cost| largest.max(cost.abs()));
        let scale = (largest / LARGEST_COST).max(1.0).log2().ceil().exp2();
        let mut session = Self { highs, linear: model.is_linear(), cost: model.cost.clone(), scale };
        session.set_bool(c"output_flag", false)?;
        session.set_int(c"threads", 1)?;
        session.set_string(c"parallel", "off")?;
        session.load(model)?;
        Ok(session)
    }

    fn load(&mut self, model: &Model) -> Result<(), SolverError> {
        let kinds: Vec<HighsInt> = model
            .kind
            .iter()
            .map(|kind| match kind {
                Kind::Continuous => VAR_TYPE_CONTINUOUS,
                Kind::Integer => VAR_TYPE_INTEGER,
            })
            .collect();
        let rows = &model.rows;
        let cost: Vec<f64> = model.cost.iter().map(|cost| cost / self.scale).collect();
        // SAFETY: every pointer is to a vector of the length that the counts before it state; the
        // solver copies all of them before returning.
        let status = unsafe {
            Highs_passMip(
                self.highs,
                index(model.columns()),
                index(rows.len()),
                index(rows.columns.len()),
                MATRIX_FORMAT_ROW_WISE,
                OBJECTIVE_SENSE_MINIMIZE,
                0.0,
                cost.as_ptr(),
                model.lower.as_ptr(),
                model.upper.as_ptr(),
                rows.lower.as_ptr(),
                rows.upper.as_ptr(),
                rows.starts.as_ptr(),
                rows.columns.as_ptr(),
                rows.values.as_ptr(),
                kinds.as_ptr(),
            )
        };
        accepted(status, "pass model")?;
        if self.linear {
            // Integrality, even if all continuous, would send the model to the mixed integer solver.
            // SAFETY: the object is alive.
            accepted(unsafe { Highs_clearIntegrality(self.highs) }, "clear integrality")?;
        }
        Ok(())
    }

    /// Adds rows to the loaded model.
    pub fn add_rows(&mut self, rows: &Rows) -> Result<(), SolverError> {
        if rows.is_empty() {
            return Ok(());
        }
        // SAFETY: lengths match the counts passed; the solver copies.
        let status = unsafe {
            Highs_addRows(
                self.highs,
                index(rows.len()),
                rows.lower.as_ptr(),
                rows.upper.as_ptr(),
                index(rows.columns.len()),
                rows.starts.as_ptr(),
                rows.columns.as_ptr(),
                rows.values.as_ptr(),
            )
        };
        accepted(status, "add rows")
    }

    /// Sets the bounds of one column.
    pub fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) -> Result<(), SolverError> {
        // SAFETY: the solver checks the column index.
        accepted(unsafe { Highs_changeColBounds(self.highs, index(column), lower, upper) }, "change bounds")
    }

    /// Offers a solution to start from; the solver checks it itself.
    pub fn set_start(&mut self, columns: &[f64]) -> Result<(), SolverError> {
        if columns.len() != self.cost.len() {
            return Err(SolverError::Call("set solution"));
        }
        let none = std::ptr::null();
        // SAFETY: `columns` has one value per column; the others are absent.
        accepted(unsafe { Highs_setSolution(self.highs, columns.as_ptr(), none, none, none) }, "set solution")
    }

    /// Solves, telling `watch` of every event (mixed integer programs only).
    pub fn run(&mut self, options: &Options, watch: &mut dyn FnMut(Event<'_>) -> Flow) -> Result<Outcome, SolverError> {
        self.apply(options)?;
        let mut watcher = Watcher { watch, stopped: false, scale: self.scale };
        let data = (&raw mut watcher).cast::<c_void>();
        let status = if self.linear {
            // SAFETY: the object is alive.
            unsafe { Highs_run(self.highs) }
        } else {
            // SAFETY: `watcher` outlives the run, and the callback is removed right after it.
            unsafe {
                Highs_setCallback(self.highs, Some(on_event), data);
                Highs_startCallback(self.highs, kHighsCallbackMipInterrupt);
                Highs_startCallback(self.highs, kHighsCallbackMipImprovingSolution);
                let status = Highs_run(self.highs);
                Highs_stopCallback(self.highs, kHighsCallbackMipInterrupt);
                Highs_stopCallback(self.highs, kHighsCallbackMipImprovingSolution);
                status
            }
        };
        accepted(status, "run")?;
        self.outcome()
    }

    fn apply(&mut self, options: &Options) -> Result<(), SolverError> {
        // SAFETY: the object is alive. The time limit counts from zero for each run.
        accepted(unsafe { Highs_zeroAllClocks(self.highs) }, "zero clocks")?;
        self.set_int(c"random_seed", index(options.seed as usize))?;
        self.set_double(c"time_limit", options.seconds.unwrap_or(f64::INFINITY).max(0.01))?;
        self.set_string(c"presolve", if options.presolve { "on" } else { "off" })?;
        let method = match options.linear_method {
            LinearMethod::Choose => "choose",
            LinearMethod::Simplex => "simplex",
            LinearMethod::InteriorPoint => "ipx",
        };
        if self.linear {
            self.set_string(c"solver", method)?;
            return self.set_string(c"run_crossover", if options.crossover { "on" } else { "off" });
        }
        self.set_string(c"mip_lp_solver", method)?;
        self.set_double(c"mip_rel_gap", options.relative_gap)?;
        self.set_double(c"mip_abs_gap", options.absolute_gap / self.scale)?;
        self.set_double(c"objective_bound", options.cutoff.unwrap_or(f64::INFINITY) / self.scale)?;
        let nodes = options.nodes.and_then(|nodes| HighsInt::try_from(nodes).ok()).unwrap_or(HighsInt::MAX);
        self.set_int(c"mip_max_nodes", nodes)
    }

    fn outcome(&self) -> Result<Outcome, SolverError> {
        // SAFETY: the object is alive.
        let raw = unsafe { Highs_getModelStatus(self.highs) };
        let status = match raw {
            MODEL_STATUS_OPTIMAL | MODEL_STATUS_MODEL_EMPTY => Status::Optimal,
            MODEL_STATUS_INFEASIBLE => Status::Infeasible,
            MODEL_STATUS_UNBOUNDED | MODEL_STATUS_UNBOUNDED_OR_INFEASIBLE => Status::Unbounded,
            MODEL_STATUS_OBJECTIVE_BOUND
            | MODEL_STATUS_OBJECTIVE_TARGET
            | MODEL_STATUS_REACHED_TIME_LIMIT
            | MODEL_STATUS_REACHED_ITERATION_LIMIT
            | MODEL_STATUS_REACHED_SOLUTION_LIMIT
            | MODEL_STATUS_REACHED_INTERRUPT => Status::Stopped,
            MODEL_STATUS_NOTSET
            | MODEL_STATUS_LOAD_ERROR
            | MODEL_STATUS_MODEL_ERROR
            | MODEL_STATUS_PRESOLVE_ERROR
            | MODEL_STATUS_SOLVE_ERROR
            | MODEL_STATUS_POSTSOLVE_ERROR
            | MODEL_STATUS_UNKNOWN
            | MODEL_STATUS_REACHED_MEMORY_LIMIT => return Err(SolverError::Status(raw)),
            other => return Err(SolverError::Status(other)),
        };
        let has_solution = self.int_info(c"primal_solution_status")? == SOLUTION_STATUS_FEASIBLE;
        let (columns, reduced_costs, row_duals) = self.solution();
        let objective: f64 = columns.iter().zip(&self.cost).map(|(value, cost)| value * cost).sum();
        let bound = match (self.linear, status) {
            (_, Status::Infeasible) => f64::INFINITY,
            (true, Status::Optimal) => objective,
            (true, _) => f64::NEG_INFINITY,
            (false, _) => self.double_info(c"mip_dual_bound")? * self.scale,
        };
        let nodes = if self.linear { 0 } else { self.long_info(c"mip_node_count")? };
        Ok(Outcome {
            status,
            objective,
            bound,
            columns: has_solution.then_some(columns),
            row_duals: if self.linear { row_duals } else { Vec::new() },
            reduced_costs: if self.linear { reduced_costs } else { Vec::new() },
            nodes,
        })
    }

    fn solution(&self) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        // SAFETY: the object is alive.
        let rows = usize::try_from(unsafe { Highs_getNumRow(self.highs) }).unwrap_or(0);
        let columns = self.cost.len();
        let (mut values, mut reduced) = (vec![0.0; columns], vec![0.0; columns]);
        let (mut activity, mut duals) = (vec![0.0; rows], vec![0.0; rows]);
        // SAFETY: the solver writes one value per column and per row into vectors of that length.
        unsafe {
            Highs_getSolution(
                self.highs,
                values.as_mut_ptr(),
                reduced.as_mut_ptr(),
                activity.as_mut_ptr(),
                duals.as_mut_ptr(),
            );
        }
        reduced.iter_mut().chain(&mut duals).for_each(|dual| *dual *= self.scale);
        (values, reduced, duals)
    }

    fn set_bool(&mut self, name: &CStr, value: bool) -> Result<(), SolverError> {
        // SAFETY: `name` ends in a zero byte.
        accepted(unsafe { Highs_setBoolOptionValue(self.highs, name.as_ptr(), c_int::from(value)) }, "set option")
    }

    fn set_int(&mut self, name: &CStr, value: HighsInt) -> Result<(), SolverError> {
        // SAFETY: `name` ends in a zero byte.
        accepted(unsafe { Highs_setIntOptionValue(self.highs, name.as_ptr(), value) }, "set option")
    }

    fn set_double(&mut self, name: &CStr, value: f64) -> Result<(), SolverError> {
        // SAFETY: `name` ends in a zero byte.
        accepted(unsafe { Highs_setDoubleOptionValue(self.highs, name.as_ptr(), value) }, "set option")
    }

    fn set_string(&mut self, name: &CStr, value: &str) -> Result<(), SolverError> {
        let value = CString::new(value).map_err(|_| SolverError::Call("set option"))?;
        // SAFETY: both texts end in a zero byte.
        accepted(unsafe { Highs_setStringOptionValue(self.highs, name.as_ptr(), value.as_ptr()) }, "set option")
    }

    fn int_info(&self, name: &CStr) -> Result<HighsInt, SolverError> {
        let mut value = 0;
        // SAFETY: `value` is one integer, which is what this information has.
        accepted(unsafe { Highs_getIntInfoValue(self.highs, name.as_ptr(), &raw mut value) }, "get information")?;
        Ok(value)
    }

    fn long_info(&self, name: &CStr) -> Result<u64, SolverError> {
        let mut value = 0_i64;
        // SAFETY: `value` is one 64-bit integer, which is what this information has.
        accepted(unsafe { Highs_getInt64InfoValue(self.highs, name.as_ptr(), &raw mut value) }, "get information")?;
        Ok(u64::try_from(value).unwrap_or(0))
    }

    fn double_info(&self, name: &CStr) -> Result<f64, SolverError> {
        let mut value = 0.0;
        // SAFETY: `value` is one double, which is what this information has.
        accepted(unsafe { Highs_getDoubleInfoValue(self.highs, name.as_ptr(), &raw mut value) }, "get information")?;
        Ok(value)
    }
}

struct Watcher<'a> {
    watch: &'a mut dyn FnMut(Event<'_>) -> Flow,
    stopped: bool,
    scale: f64,
}

unsafe extern "C" fn on_event(
    kind: c_int,
    _message: *const c_char,
    out: *const HighsCallbackDataOut,
    answer: *mut HighsCallbackDataIn,
    data: *mut c_void,
) {
    // SAFETY: `data` is the `Watcher` that `run` keeps alive; the solver passes valid structures and
    // calls from the thread that runs it, since it was given one thread.
    let (watcher, out) = unsafe { (&mut *data.cast::<Watcher<'_>>(), &*out) };
    let event = if kind == kHighsCallbackMipImprovingSolution {
        let length = usize::try_from(out.mip_solution_size).unwrap_or(0);
        if out.mip_solution.is_null() || length == 0 {
            return;
        }
        // SAFETY: the solver says how long the array is.
        let columns = unsafe { std::slice::from_raw_parts(out.mip_solution, length) };
        Event::Solution { objective: out.objective_function_value * watcher.scale, columns }
    } else {
        Event::Progress {
            objective: out.mip_primal_bound * watcher.scale,
            bound: out.mip_dual_bound * watcher.scale,
            nodes: u64::try_from(out.mip_node_count).unwrap_or(0),
        }
    };
    if (watcher.watch)(event) == Flow::Stop {
        watcher.stopped = true;
    }
    if watcher.stopped && kind == kHighsCallbackMipInterrupt && !answer.is_null() {
        // SAFETY: checked for null; the solver reads it after this call.
        unsafe { (*answer).user_interrupt = 1 };
    }
}

fn accepted(status: HighsInt, call: &'static str) -> Result<(), SolverError> {
    if status == STATUS_ERROR { Err(SolverError::Call(call)) } else { Ok(()) }
}

/// Models beyond two billion entries do not fit memory either; the solver refuses the clamped count.
fn index(value: usize) -> HighsInt {
    HighsInt::try_from(value).unwrap_or(HighsInt::MAX)
}
