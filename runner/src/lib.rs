//! The `ranform` command and everything with effects: files, clock, terminal, devices, state.
//!
//! [`cli::run`] is the entry; `pipeline.rs` is the whole flow as one function.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod a1;
pub mod apply;
pub mod cause;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod control;
pub mod credential;
pub mod custom_resources;
pub mod display;
pub mod doubled;
pub mod drivers;
pub mod exit;
pub mod failure;
pub mod folders;
pub mod forgets;
pub mod guard;
pub mod hold;
pub mod identity;
pub mod interruption;
pub mod kubernetes;
pub mod left;
pub mod limits;
pub mod memory;
pub mod moves;
pub mod netconf;
pub mod objectives;
pub mod observation;
pub mod order;
pub mod outside;
pub mod owners;
pub mod patience;
pub mod pipeline;
pub mod plan;
pub mod policies;
pub mod present;
pub mod project;
pub mod reach;
pub mod renames;
pub mod render;
pub mod replace;
pub mod rules;
pub mod scope;
pub mod secrets;
pub mod selection;
pub mod software;
pub mod state;
pub mod summary;
pub mod unreachable;
pub mod world;
