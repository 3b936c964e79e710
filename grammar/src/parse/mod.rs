//! Text to tree.
pub mod rules;
