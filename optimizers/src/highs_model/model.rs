//! Models as plain columns and rows, before any solver sees them.

use highs_sys::HighsInt;

use super::index;

/// Whether a column may take any value or whole numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any value within the bounds.
    Continuous,
    /// A whole number within the bounds.
    Integer,
}

/// A linear or mixed integer program: minimize cost over columns within bounds, subject to rows.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub(super) cost: Vec<f64>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) kind: Vec<Kind>,
    pub(super) rows: Rows,
}

/// A block of rows `lower <= Σ value·column <= upper`, stored row by row.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) starts: Vec<HighsInt>,
    pub(super) columns: Vec<HighsInt>,
    pub(super) values: Vec<f64>,
}

impl Rows {
    /// Adds one row. Each column may appear once.
    pub fn push(&mut self, lower: f64, upper: f64, terms: impl IntoIterator<Item = (usize, f64)>) {
        self.lower.push(lower);
        self.upper.push(upper);
        self.starts.push(index(self.columns.len()));
        for (column, value) in terms {
            self.columns.push(index(column));
            self.values.push(value);
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.lower.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lower.is_empty()
    }
}

impl Model {
    /// Adds a column and gives its index.
    pub fn column(&mut self, cost: f64, lower: f64, upper: f64, kind: Kind) -> usize {
        self.cost.push(cost);
        self.lower.push(lower);
        self.upper.push(upper);
        self.kind.push(kind);
        self.cost.len() - 1
    }

    /// Adds a zero-one column and gives its index.
    pub fn binary(&mut self, cost: f64) -> usize {
        self.column(cost, 0.0, 1.0, Kind::Integer)
    }

    /// Adds the row `lower <= Σ value·column <= upper`. Each column may appear once.
    pub fn row(&mut self, lower: f64, upper: f64, terms: impl IntoIterator<Item = (usize, f64)>) {
        self.rows.push(lower, upper, terms);
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.cost.len()
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The same model without integrality.
    pub fn relaxed(&self) -> Self {
        Self { kind: vec![Kind::Continuous; self.kind.len()], ..self.clone() }
    }

    /// A lower bound on the objective that any row duals prove (of the wrong sign they count as 0), and the
    /// reduced cost of every column: bound plus reduced cost is what a solution with that column at 1 costs
    /// at least, for a column that the bound has at 0.
    pub fn dual_bound(&self, duals: &[f64]) -> (f64, Vec<f64>) {
        let mut reduced = self.cost.clone();
        let mut bound = 0.0;
        let rows = &self.rows;
        for (row, dual) in duals.iter().enumerate().take(rows.len()) {
            let side = if *dual > 0.0 { rows.lower[row] } else { rows.upper[row] };
            if *dual == 0.0 || !side.is_finite() {
                continue;
            }
            bound += dual * side;
            let from = rows.starts[row] as usize;
            let to = rows.starts.get(row + 1).map_or(rows.columns.len(), |end| *end as usize);
            for (column, value) in rows.columns[from..to].iter().zip(&rows.values[from..to]) {
                reduced[*column as usize] -= dual * value;
            }
        }
        for ((cost, lower), upper) in reduced.iter().zip(&self.lower).zip(&self.upper) {
            bound += if *cost > 0.0 { cost * lower } else { cost * upper };
        }
        (bound, reduced)
    }

    /// The same model with these columns at 0.
    pub fn without(&self, dropped: &[bool]) -> Self {
        let mut model = self.clone();
        for (upper, dropped) in model.upper.iter_mut().zip(dropped) {
            if *dropped {
                *upper = 0.0;
            }
        }
        model
    }

    pub(super) fn is_linear(&self) -> bool {
        self.kind.iter().all(|kind| *kind == Kind::Continuous)
    }
}
