//! Small dense symmetric systems: S·J unknowns.

/// Solves `matrix x = right` in place (`right` becomes x) by Cholesky factors, for a symmetric positive semidefinite
/// matrix; directions without curvature get the small one `floor`.
pub fn solve_symmetric(matrix: &mut [f64], right: &mut [f64], floor: f64) {
    let size = right.len();
    for column in 0..size {
        let (above, below) = matrix.split_at_mut((column + 1) * size);
        let pivot_row = &mut above[column * size..];
        let known: f64 = pivot_row[..column].iter().map(|value| value * value).sum();
        let pivot = (pivot_row[column] - known).max(floor).sqrt();
        pivot_row[column] = pivot;
        for row in below.chunks_exact_mut(size) {
            let product: f64 = row[..column].iter().zip(&pivot_row[..column]).map(|(a, b)| a * b).sum();
            row[column] = (row[column] - product) / pivot;
        }
    }
    for index in 0..size {
        let row = &matrix[index * size..];
        let product: f64 = row[..index].iter().zip(&right[..index]).map(|(a, b)| a * b).sum();
        right[index] = (right[index] - product) / row[index];
    }
    for index in (0..size).rev() {
        let product: f64 = (index + 1..size).map(|below| matrix[below * size + index] * right[below]).sum();
        right[index] = (right[index] - product) / matrix[index * size + index];
    }
}

/// The inner product.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let mut matrix = vec![4.0, 1.0, 0.5, 1.0, 3.0, 0.2, 0.5, 0.2, 2.0];
        let original = matrix.clone();
        let mut x = vec![1.0, 2.0, 3.0];
        solve_symmetric(&mut matrix, &mut x, 1e-300);
        for (row, right) in original.chunks_exact(3).zip([1.0, 2.0, 3.0]) {
            assert!((dot(row, &x) - right).abs() < 1e-14);
        }
    }
}
