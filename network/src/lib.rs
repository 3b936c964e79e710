//! The shared nouns of ranform: what every other crate points at and nothing else.
//!
//! No parser, no solver, no I/O lives here. Start with [`network`] (what an operator meant), then
//! [`deployment`] (every decision made for it) and [`diagnostic`] (what a user is told).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod a1;
pub mod address;
pub mod answers;
pub mod artifact;
pub mod bundle;
pub mod certificate;
pub mod control;
pub mod deployment;
pub mod diagnostic;
pub mod ids;
pub mod image;
pub mod json;
pub mod network;
pub mod profile;
pub mod radio;
pub mod source;
pub mod telemetry;
pub mod units;

pub use address::Address;
pub use artifact::{Artifact, ArtifactKind};
pub use certificate::{AnswerKind, AnswerStatus, Certificate, Residual};
pub use control::{Control, NoControl};
pub use deployment::{Change, Deployment, Resource};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use network::Network;
pub use source::{Located, Source, SourceId, Sources, Span, World};
pub use telemetry::Telemetry;
