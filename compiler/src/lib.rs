//! From intent files to a [`Network`]: what was written becomes what was meant.
//!
//! [`compile`] reads the files through a [`World`], parses them and resolves every name and unit; the checks hold
//! the rules that need the whole network. Neither opens a file or reads a clock.
//!
//! | module | does |
//! |---|---|
//! | [`project`] | files, modules, overlays: which blocks there are |
//! | `resolve` | one function per noun, from a block or table row to the entity |
//! | [`expression`] | selections' conditions and guards |
//! | `damage` | what the rules are not judged of, beside other errors |
//! | [`check`] | the rules that need the whole network, one function each |
//! | [`radio_tables`] | what 3GPP and IEEE say of bands and channels |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod check;
mod damage;
pub mod expression;
mod network_json;
pub mod project;
pub mod radio_tables;
pub(crate) mod resolve;
pub(crate) mod tables;

pub use damage::Damage;
pub use network_json::network_json;
pub use project::{CompileOptions, Compiled, compile, overlays};

#[cfg(doc)]
use ranform_network::{Network, World};
