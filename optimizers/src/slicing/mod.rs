//! Slicing: the multi-RAT SLA quadratic program.
