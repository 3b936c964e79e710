//! What people and programs read: one renderer per kind of thing, no decisions.

pub mod changes;
pub mod diagnostics;
pub mod events;
mod excerpt;
pub mod explain;
pub mod notes;
pub mod plain;
pub mod plan;
pub mod progress;
pub mod service;
pub mod software;
pub mod values;
