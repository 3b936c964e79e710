//! The `ranform` command and everything with effects: files, clock, terminal, devices, state.
//!
//! [`cli::run`] is the entry; `pipeline.rs` is the whole flow as one function.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod apply;
pub mod cli;
pub mod commands;
pub mod control;
pub mod display;
pub mod drivers;
pub mod exit;
pub mod netconf;
pub mod patience;
pub mod state;
pub mod world;
