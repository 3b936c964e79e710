//! What people and programs read: one renderer per kind of thing, no decisions.

pub mod diagnostics;
