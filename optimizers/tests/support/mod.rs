//! Instances from seeds, for tests and examples here and, by path, for the benches.
//!
//! Equal parameters give equal instances on every machine. They are no part of the library.
#![allow(dead_code, reason = "each user needs another part")]

pub mod intents;
pub mod orchestration;
pub mod placement;
pub mod random;
