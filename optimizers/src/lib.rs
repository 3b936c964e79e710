//! Network -> decisions: the only crate that names solvers.
//!
//! Three problems, each a folder with the same files: [`slicing`] (shares of tenants on nodes),
//! [`placement`] (near-RT RIC components) and [`orchestration`] (models for requests). Each turns plain
//! numbers into a typed decision that is verified by code that shares nothing with the solver.
//! [`exchange`] is the door for documents: `ranform solve KIND FILE`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod conflict;
pub mod exchange;
pub mod highs_model;
pub mod ignored;
pub mod orchestration;
pub mod placement;
pub mod slicing;
pub mod strategy;
mod ways;
