//! A table of numbers in one flat array, one row per node: `[[..], [..]]` in JSON.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Rows of equal length, stored one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix<T = f64> {
    columns: usize,
    values: Vec<T>,
    /// The first row read from JSON whose length differs from the first, with that length.
    ragged: Option<(usize, usize)>,
}

impl<T: Copy> Matrix<T> {
    /// The table whose rows of `columns` numbers follow each other in `values`; a last partial row makes it ragged.
    pub fn new(columns: usize, values: Vec<T>) -> Self {
        let partial = if columns == 0 { values.len() } else { values.len() % columns };
        let ragged = (partial != 0).then(|| (values.len() / columns.max(1), partial));
        Self { columns, values, ragged }
    }

    /// `rows` x `columns` times `value`.
    pub fn filled(rows: usize, columns: usize, value: T) -> Self {
        Self { columns, values: vec![value; rows.saturating_mul(columns)], ragged: None }
    }

    /// The table with these rows; the first sets the length.
    pub fn from_rows(rows: &[Vec<T>]) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        let ragged =
            rows.iter().enumerate().find(|(_, row)| row.len() != columns).map(|(index, row)| (index, row.len()));
        Self { columns, values: rows.concat(), ragged }
    }

    /// Row `index`.
    #[inline]
    pub fn row(&self, index: usize) -> &[T] {
        &self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// Row `index`, to be changed.
    #[inline]
    pub fn row_mut(&mut self, index: usize) -> &mut [T] {
        &mut self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[T]> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    /// The length of a row.
    pub fn width(&self) -> usize {
        self.columns
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All numbers, row by row, to be changed.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The first row (and its length) that is not as long as the first one.
    pub fn ragged(&self) -> Option<(usize, usize)> {
        self.ragged
    }
}

impl<T: Copy + Serialize> Serialize for Matrix<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.height()))?;
        for row in self.rows() {
            sequence.serialize_element(row)?;
        }
        sequence.end()
    }
}

impl<'de, T: Copy + Deserialize<'de>> Deserialize<'de> for Matrix<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowsVisitor(std::marker::PhantomData))
    }
}

struct RowsVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Copy + Deserialize<'de>> Visitor<'de> for RowsVisitor<T> {
    type Value = Matrix<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Matrix<T>, A::Error> {
        let mut matrix = Matrix { columns: 0, values: Vec::new(), ragged: None };
        let mut index = 0;
        while let Some(row) = rows.next_element::<Vec<T>>()? {
            if index == 0 {
                matrix.columns = row.len();
            } else if row.len() != matrix.columns && matrix.ragged.is_none() {
                matrix.ragged = Some((index, row.len()));
            }
            matrix.values.extend_from_slice(&row);
            index += 1;
        }
        // Rows without numbers cannot be counted later, so they are ragged unless there are none at all.
        if matrix.columns == 0 && index > 0 {
            matrix.ragged = Some((0, 0));
        }
        Ok(matrix)
    }
}
