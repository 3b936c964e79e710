//! Tests of slicing: the cases with known optima, closed forms, brute force, agreement of the strategies.

mod agreement;
mod cases;
mod explanations;
mod fixed_points;
mod limits;
mod networks;
mod support;
mod together;
