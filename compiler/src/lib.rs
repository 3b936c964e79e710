//! From syntax trees to the network that was meant, and what is wrong with it.
//!
//! [`radio_tables`] holds the facts of 3GPP and IEEE; `check` judges a resolved network against them.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod radio_tables;
